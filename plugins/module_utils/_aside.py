# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Observing what stands beside a container: what a replacement left, and what earlier ones kept.

Only what changes something looks here, and where the container is missing: see _plan_aside.py for why that is enough.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._compare import Difference
from ansible_collections.wharf.docker.plugins.module_utils._container import find_container
from ansible_collections.wharf.docker.plugins.module_utils._engine import Engine
from ansible_collections.wharf.docker.plugins.module_utils._plan import Api, Observed, Plan, Step, Wanted
from ansible_collections.wharf.docker.plugins.module_utils._plan_aside import (
    NEW,
    OLD,
    PREVIOUS,
    Aside,
    is_given_up,
    own_name,
    recover,
    replaced_by,
)


def missing(engine: Engine, wanted: Wanted) -> Observed:
    """What there is in the place of a container that is missing: one that is left half way, or one to be renamed."""
    observed = _look(engine, wanted, Observed())
    if observed.container is not None or wanted.rename_from is None:
        return observed
    container = find_container(engine, wanted.rename_from)
    if container is None:
        return observed
    former = own_name(container)
    data = {"id": container["Id"], "name": wanted.name, "undo": True}
    step = Step("rename", former, ("rename_from %s → %s" % (former, wanted.name),), data)
    before = Plan((step,), (Difference("name", former, wanted.name),))
    return observed._replace(container={**container, "Name": "/" + wanted.name}, before=before)


def half_way(engine: Engine, wanted: Wanted, observed: Observed) -> Observed:
    """``observed`` with what an interrupted replacement left beside a container that is there. One call, or two."""
    return _look(engine, wanted, observed)


def kept(engine: Engine, wanted: Wanted, observed: Observed) -> Observed:
    """``observed`` with what else stands beside a container that is going to be replaced. A call for each, and two."""
    name, container, aside = wanted.name, observed.container or {}, observed.aside or Aside()
    foreign = list(aside.foreign)
    old = find_container(engine, name + OLD)
    if old is not None and old["Id"] != container.get("Id"):
        foreign.append(name + OLD)
    previous = {
        number: str(document["Id"])
        for number, document in enumerate(previous_of(engine, name, container), 1)
        if document["Id"] != container.get("Id")  # It is the old one of an interrupted replacement.
    }
    return observed._replace(aside=Aside(tuple(foreign), previous, aside.given_up))


def previous_of(engine: Engine, name: str, container: Api) -> List[Dict[str, Any]]:
    """The replaced containers that are kept, the last one first. One call more than there are.

    A ``container`` that replaced none has none.
    """
    found: List[Dict[str, Any]] = []
    while found or replaced_by(container) is not None:
        document = find_container(engine, "%s%s%d" % (name, PREVIOUS, len(found) + 1))
        if document is None:
            break
        found.append(document)
    return found


def to_be_absent(engine: Engine, name: str) -> Tuple[Optional[Dict[str, Any]], Dict[str, Api]]:
    """The container ``name`` that is to be absent (None: there is none), and what stands beside it, by names.

    Two calls where there is nothing.
    """
    container = find_container(engine, name)
    name = own_name(container) if container is not None else name
    new = find_container(engine, name + NEW)
    beside: Dict[str, Api] = {}
    replaces = replaced_by(new)
    if new is not None and replaces is not None:
        beside[name + NEW] = new
        old = find_container(engine, replaces)
        if old is not None and (container is None or old["Id"] != container["Id"]):
            beside[own_name(old)] = old
    for document in previous_of(engine, name, container or beside.get(name + NEW) or {}):
        beside[own_name(document)] = document
    return container, beside


def _look(engine: Engine, wanted: Wanted, observed: Observed) -> Observed:
    """``observed`` with the plan that ends an interrupted replacement, and the container as it is after it."""
    name = wanted.name
    new = find_container(engine, name + NEW)
    if new is None:
        return observed
    replaces = replaced_by(new)
    if replaces is None:
        return observed._replace(aside=Aside((name + NEW,)))
    if is_given_up(new, observed.container):
        return observed._replace(aside=Aside(given_up=new))
    before, container = recover(name, observed.container, new, find_container(engine, replaces))
    if wanted.dependents == "restart" and observed.container is None and container is not None:
        from ansible_collections.wharf.docker.plugins.module_utils._dependents import interrupted

        observed = observed._replace(interrupted=interrupted(engine, container, new, replaces))
    return observed._replace(before=before, container=container)
