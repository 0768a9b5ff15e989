# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Observing the leftovers of a container: what an interrupted replacement left, and what earlier ones kept.

Only a task that changes something, or whose container is missing, looks for them: see _replacement/recovery.py for why
that is enough.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_container
from ansible_collections.wharf.docker.plugins.module_utils._container.observed import (
    HalfWay,
    Leftovers,
    Observed,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    Api,
    own_name,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Busy
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import is_given_up, replaced_by
from ansible_collections.wharf.docker.plugins.module_utils._replacement.recovery import (
    recover,
)
from ansible_collections.wharf.docker.plugins.module_utils._replacement.turn import turn_of, writer_at_work
from ansible_collections.wharf.docker.plugins.module_utils._values.core import NEW, OLD, PREVIOUS, TURN


def missing(engine: Engine, wanted: Wanted, check_mode: bool, creates: bool) -> Observed:
    """What is observed of a missing container: leftovers of a replacement, or the container to rename to it.

    ``creates``: the task creates it then, and the engine refuses that if it is not missing any more. Busy: it is not.
    """
    observed = Observed()
    if has_leftovers(engine, wanted.name):
        observed = half_way(engine, wanted, observed, check_mode)
    elif check_mode or not creates:
        still_missing(engine, wanted.name)
    if observed.container is not None or wanted.rename_from is None:
        return observed
    container = find_container(engine, wanted.rename_from)
    if container is None:
        return observed
    return observed._replace(container={**container, "Name": "/" + wanted.name}, renamed=container)


def has_leftovers(engine: Engine, name: str) -> bool:
    """Whether a missing container has leftovers of an interrupted replacement. Two calls."""
    return any(find_container(engine, name + suffix) is not None for suffix in (NEW, OLD))


def still_missing(engine: Engine, name: str) -> None:
    """Busy: a container that was missing and has no leftovers is there now. One call.

    Another task may have given the new container its name, or the old one its name back, before the leftovers were
    looked up: then none of the three names was found, although the container exists.
    """
    if find_container(engine, name) is not None:
        raise Busy


def half_way(engine: Engine, wanted: Wanted, observed: Observed, check_mode: bool) -> Observed:
    """``observed`` with what an interrupted replacement left, and the container as it is after the recovery.

    One call, or two. Busy: the replacement is in progress; check mode assumes that the other task succeeds.
    """
    name = wanted.name
    new = find_container(engine, name + NEW)
    if new is None:
        return observed if observed.container is not None else _lone(engine, name, observed)
    replaces = replaced_by(new)
    if replaces is None:
        return observed._replace(leftovers=Leftovers((name + NEW,)))
    turn = turn_of(engine, name)
    if turn is not None and writer_at_work(engine, turn):
        if not check_mode:
            raise Busy(str(turn["Id"]))
        # A roll back restores the old container, as a recovery does.
        left = HalfWay(new, find_container(engine, replaces), observed.container)
        done = observed.container if is_given_up(new, observed.container) else recover(name, left)[1]
        return observed._replace(container=done, busy=turn)
    observed = observed._replace(turn=turn)
    if is_given_up(new, observed.container):
        return observed._replace(leftovers=Leftovers(given_up=new))
    if writer_at_work(engine, new):
        if not check_mode:
            raise Busy(str(new["Id"]))
        # The outcome of the other task is not known yet; most likely it succeeds.
        state = {**new["State"], "Running": True, "Paused": False, "Status": "running"}
        return observed._replace(container={**new, "Name": "/" + name, "State": state}, busy=new)
    left = HalfWay(new, find_container(engine, replaces), observed.container)
    _plan, container = recover(name, left)
    if wanted.dependents == "restart" and left.named is None:
        from ansible_collections.wharf.docker.plugins.module_utils._replacement.dependents import interrupted

        observed = observed._replace(interrupted=interrupted(engine, container, new, replaces))
    return observed._replace(half_way=left, container=container)


def _lone(engine: Engine, name: str, observed: Observed) -> Observed:
    """``observed`` with the old container, if somebody has removed its unfinished successor: it gets its name back."""
    old = find_container(engine, name + OLD)
    if old is None:
        return observed
    return observed._replace(container={**old, "Name": "/" + name}, renamed=old)


def kept(engine: Engine, wanted: Wanted, observed: Observed) -> Observed:
    """``observed`` with the other leftovers of a container that is going to be replaced. A call each, and three."""
    name, container, known = wanted.name, observed.container or {}, observed.leftovers or Leftovers()
    foreign = list(known.foreign)
    old = find_container(engine, name + OLD)
    if old is not None and old["Id"] != container.get("Id"):
        foreign.append(name + OLD)
    kept_ones = previous_of(engine, name, container)
    previous = {
        number: str(document["Id"])
        for number, document in enumerate(kept_ones, 1)
        if document["Id"] != container.get("Id")  # If equal: the old container of an interrupted replacement.
    }
    if wanted.keep_previous:
        taken = "%s%s%d" % (name, PREVIOUS, len(kept_ones) + 1)
        other = find_container(engine, taken)
        if other is not None and other["Id"] != container.get("Id"):
            foreign.append(taken)
    turn = observed.turn or turn_of(engine, name)
    if turn is not None and observed.turn is None and not writer_at_work(engine, turn):
        observed = observed._replace(turn=turn)
    return observed._replace(leftovers=Leftovers(tuple(foreign), previous, known.given_up))


def previous_of(engine: Engine, name: str, container: Api) -> List[Dict[str, Any]]:
    """The replaced containers that are kept, the latest first. One call for each, and one more.

    ``container`` has replaced the first, the first has replaced the second, and so on. Other containers with such names
    don't count.
    """
    found: List[Dict[str, Any]] = []
    replaced = replaced_by(container)
    while replaced is not None:
        document = find_container(engine, "%s%s%d" % (name, PREVIOUS, len(found) + 1))
        if document is None or document["Id"] != replaced:
            break
        found.append(document)
        replaced = replaced_by(document)
    return found


def to_be_absent(engine: Engine, name: str, check_mode: bool) -> Tuple[Optional[Dict[str, Any]], Dict[str, Api]]:
    """The container ``name`` that is to be absent (None: it is missing), and its leftovers by their names.

    Three calls if it has no leftovers, four if it is missing, too. Busy: another task is at work on it.
    """
    container = find_container(engine, name)
    name = own_name(container) if container is not None else name
    return container, beside_it(engine, name, container, check_mode)


def beside_it(engine: Engine, name: str, container: Optional[Api], check_mode: bool) -> Dict[str, Api]:
    """The leftovers, by their names, of a ``container`` that is to be absent, or is. As ``to_be_absent()``."""
    beside: Dict[str, Api] = {}
    if container is None and not has_leftovers(engine, name):
        still_missing(engine, name)
        return beside
    new, turn = find_container(engine, name + NEW), turn_of(engine, name)
    replaces = replaced_by(new)
    half_made = new if replaces is not None and not is_given_up(new, container) else None
    for other in (turn, half_made):
        if other is not None and not check_mode and writer_at_work(engine, other):
            raise Busy(str(other["Id"]))
    if turn is not None:
        beside[name + TURN] = turn
    if new is not None and replaces is not None:
        beside[name + NEW] = new
        old = find_container(engine, replaces)
        if old is not None and (container is None or old["Id"] != container["Id"]):
            beside[own_name(old)] = old
    for document in previous_of(engine, name, container or beside.get(name + NEW) or {}):
        beside[own_name(document)] = document
    if container is None and not set(beside) - {name + TURN}:
        old = find_container(engine, name + OLD)
        if old is not None:
            beside[name + OLD] = old
    return beside
