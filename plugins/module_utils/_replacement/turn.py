# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two tasks on one container at the same time: one waits for the other, and starts over.

NAME.wharf-new exists from the first step of a replacement to its last, and an engine gives a name only once. So the
task that creates it has the container for that time, and its labels name the writer. Another task that finds it waits
as long as that writer lives on this host, or, if it is on another one, as long as it said it would take at most. Then
it looks again: what is left by then was left by a writer that died, and recovery.py has what becomes of it.

A roll back creates no new container. Its NAME.wharf-new is the container that it gives up, whose labels can't be
changed: so its writer is named by a container NAME.wharf-turn, which never runs, and exists until the roll back ends.
"""

from __future__ import annotations

import re
import time
from typing import Any, Callable, Dict, Iterable, Mapping, Optional, Set, TypeVar

from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_container
from ansible_collections.wharf.docker.plugins.module_utils._container.status import listed_name, own_name
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Busy, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.writer import is_at_work, this_writer
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import (
    REPLACES,
    WITHIN,
    WRITER,
    is_given_up,
)
from ansible_collections.wharf.docker.plugins.module_utils._values.core import BESIDE, NEW, TURN

Api = Mapping[str, Any]
Made = TypeVar("Made")

TURNS = 20  # how often a task starts over, because others were quicker each time
PAUSE = 0.05  # seconds before it does, if there is nothing to wait for


def in_turn(engine: Engine, name: str, attempt: Callable[[], Made], busy: Busy, within: float) -> Made:
    """The result of ``attempt``, once another task is done with the container ``name`` that was found ``busy``.

    ``within``: how many seconds to wait; 0 or less: as long as the other task needs.
    """
    began = time.monotonic()
    for _turn in range(TURNS):
        if busy.half_made:
            _wait(engine, name, busy.half_made, began, within)
        else:
            time.sleep(PAUSE)
        try:
            return attempt()
        except Busy as again:
            busy = again
    raise Failure(
        "Cannot change the container %s: other tasks keep changing it. Run the task again; nothing was touched." % name
    )


def turn_labels(seconds: float) -> Dict[str, str]:
    """The labels of a container that marks this thread as being at work, for at most so many seconds."""
    return {WRITER: this_writer(), WITHIN: "%d" % seconds}


def writer_at_work(engine: Engine, new: Api) -> bool:
    """Whether the task that creates the container ``new`` (an inspect document) is still at work on it."""
    labels = _labels(new)
    writer = labels.get(WRITER)
    if not writer:
        return False
    if is_at_work(str(writer)) is False:
        return False
    # It said how long it takes at most. On this host it is alive; on another one that can't be seen.
    since = seconds_since(engine, str(new.get("Created")))
    return since is not None and since < float(labels.get(WITHIN) or 0)


def seconds_since(engine: Engine, created: str) -> Optional[float]:
    """How many seconds ago ``created`` was, by the engine's clock; None: not a date. One call."""
    from ansible_collections.wharf.docker.plugins.module_utils._values.time import SECOND, nanoseconds, read

    now = read(str(engine.get("/info", tried="ask the engine's clock")["SystemTime"]))
    then = read(created)
    if now is None or then is None:
        return None
    return (nanoseconds(*now) - nanoseconds(*then)) / SECOND


def turn_of(engine: Engine, name: str) -> Optional[Dict[str, Any]]:
    """The container that marks a roll back of ``name``, by a task that may have died. One call."""
    turn = find_container(engine, name + TURN)
    return turn if turn is not None and WRITER in _labels(turn) else None


def _labels(container: Api) -> Mapping[str, Any]:
    return (container.get("Config") or {}).get("Labels") or {}


def _wait(engine: Engine, name: str, half_made: str, began: float, within: float) -> None:
    """Return when the other task is done with the container, or has died. Failure: not ``within`` the time."""
    pause = 0.05
    while True:
        new = find_container(engine, half_made)
        if new is None or not _is_at_work_on(engine, new):
            return
        waited = time.monotonic() - began
        if 0 < within < waited:
            raise Failure(
                "Cannot change the container %s: another task is changing it, and was not done after %d seconds "
                "(%s, by %s). Run the task again later; nothing was touched."
                % (name, waited, own_name(new), _labels(new)[WRITER])
            )
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)


def _is_at_work_on(engine: Engine, half_made: Api) -> bool:
    """Whether a task is at work on the container that ``half_made`` belongs to. Up to four calls."""
    found = re.fullmatch("(.+)(%s|%s)" % (re.escape(NEW), re.escape(TURN)), own_name(half_made))
    if found is None:
        return False
    name = found.group(1)
    turn = half_made if found.group(2) == TURN else turn_of(engine, name)
    if turn is not None and writer_at_work(engine, turn):
        return True
    # The labels of a given-up container date from its creation.
    given_up = turn is half_made or is_given_up(half_made, find_container(engine, name))
    return not given_up and writer_at_work(engine, half_made)


def needed_by_others(engine: Engine, listed: Iterable[Api]) -> Set[str]:
    """The ids of the ``listed`` containers (all that the engine has) that another task is at work on."""
    listed = list(listed)
    needed: Set[str] = set()
    for container in listed:
        name, labels = listed_name(container), container.get("Labels") or {}
        if not name.endswith((NEW, TURN)) or is_at_work(str(labels.get(WRITER) or "")) is False:
            continue
        document = find_container(engine, str(container["Id"]))
        if document is None or WRITER not in labels or not _is_at_work_on(engine, document):
            continue
        needed |= {str(container["Id"]), str(labels.get(REPLACES) or "")}
        if name.endswith(TURN):
            own = name[: -len(TURN)]
            beside = re.compile(re.escape(own) + "(%s)?" % BESIDE)
            needed |= {str(one["Id"]) for one in listed if beside.fullmatch(listed_name(one))}
    return needed


def warning(engine: Engine, name: str, new: Api) -> str:
    """Check mode's warning about a container that another task is at work on. One call."""
    since = seconds_since(engine, str(new.get("Created")))
    return "Another task %s the container %s%s: check mode assumes that it succeeds." % (
        "rolls back" if own_name(new).endswith(TURN) else "replaces",
        name,
        "" if since is None else " since %d s" % since,
    )


def wait_for_replacements(engine: Engine, containers: Mapping[str, str]) -> None:
    """Busy: another task replaces one of the containers (id → name). One call, and one for each that is half-made."""
    query = {"all": True, "filters": {"name": [re.escape(suffix) + "$" for suffix in (NEW, TURN)]}}
    held = {name + TURN for name in containers.values()}
    for listed in engine.get("/containers/json", tried="look for replacements in progress", query=query):
        replaced = containers.get((listed.get("Labels") or {}).get(REPLACES) or "")
        if replaced is not None or listed_name(listed) in held:
            found = find_container(engine, str(listed["Id"]))
            names = held if replaced is None else {replaced + NEW}
            if found is not None and own_name(found) in names and writer_at_work(engine, found):
                raise Busy(str(found["Id"]))
