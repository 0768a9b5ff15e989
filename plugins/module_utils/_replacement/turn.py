# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two tasks at one container at the same time: one waits for the other, and begins anew.

NAME.wharf-new is there from the first thing that a replacement does to its last, and an engine gives a name once. So
who makes it has the container for that time, and its labels say who that is. Another task that finds it waits for as
long as its writer lives on this host, or, if it is on another one, for as long as it said it would take at most. Then
it looks anew: what is left by then was left by a writer that died, and recovery.py has what becomes of it.
"""

from __future__ import annotations

import re
import time
from typing import Any, Callable, Mapping, Optional, TypeVar

from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_container
from ansible_collections.wharf.docker.plugins.module_utils._container.status import own_name
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Busy, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.writer import is_at_work
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import REPLACES, WITHIN, WRITER
from ansible_collections.wharf.docker.plugins.module_utils._values.core import NEW

Api = Mapping[str, Any]
Made = TypeVar("Made")

TURNS = 20  # how often a task begins anew, because others were quicker each time


def in_turn(engine: Engine, name: str, attempt: Callable[[], Made], busy: Busy) -> Made:
    """What ``attempt`` makes, once another task is done with the container ``name`` that was found ``busy``."""
    for _turn in range(TURNS):
        if busy.half_made:
            _wait(engine, name, busy.half_made)
        try:
            return attempt()
        except Busy as again:
            busy = again
    raise Failure(
        "Cannot change the container %s: other tasks change it all the time. Run the task again; nothing was touched."
        % name
    )


def writer_at_work(engine: Engine, new: Api) -> bool:
    """Whether the task that makes the container ``new`` (an inspect document) is still at work on it."""
    labels = (new.get("Config") or {}).get("Labels") or {}
    writer = labels.get(WRITER)
    if not writer:
        return False
    if is_at_work(str(writer)) is False:
        return False
    # It said itself how long it takes at the most. On this host it lives; of another one nobody knows.
    since = seconds_since(engine, str(new.get("Created")))
    return since is not None and since < float(labels.get(WITHIN) or 0)


def seconds_since(engine: Engine, created: str) -> Optional[float]:
    """How long ago a point in time was, by the engine's clock. One call."""
    from ansible_collections.wharf.docker.plugins.module_utils._values.time import SECOND, nanoseconds, read

    now = read(str(engine.get("/info", tried="ask the engine's clock")["SystemTime"]))
    then = read(created)
    if now is None or then is None:
        return None
    return (nanoseconds(*now) - nanoseconds(*then)) / SECOND


def _wait(engine: Engine, name: str, half_made: str) -> None:
    """Return when the other task is done with the container, or is no more."""
    pause, began = 0.05, time.monotonic()
    limit: Optional[float] = None
    while True:
        new = find_container(engine, half_made)
        if new is None or own_name(new) != name + NEW or not writer_at_work(engine, new):
            return
        if limit is None:
            labels = (new.get("Config") or {}).get("Labels") or {}
            limit = float(labels.get(WITHIN) or 0)
        if time.monotonic() - began > limit:
            raise Failure(
                "Cannot change the container %s: another task has been replacing it for %d seconds, and is still at "
                "work (%s). Run the task again later; nothing was touched."
                % (name, time.monotonic() - began, new["Config"]["Labels"][WRITER])
            )
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)


def warning(engine: Engine, name: str, new: Api) -> str:
    """What check mode says of a container that another task is at work on. One call."""
    since = seconds_since(engine, str(new.get("Created")))
    return "Another task replaces the container %s%s: it is taken for done." % (
        name,
        "" if since is None else " since %d s" % since,
    )


def wait_for_replacements(engine: Engine, containers: Mapping[str, str]) -> None:
    """Busy: another task replaces one of the containers (id → name). One call, and one for each that is half-made."""
    query = {"all": True, "filters": {"name": [re.escape(NEW) + "$"]}}
    for listed in engine.get("/containers/json", tried="look for replacements in progress", query=query):
        labels = listed.get("Labels") or {}
        if labels.get(REPLACES) in containers:
            new = find_container(engine, str(listed["Id"]))
            name = containers[labels[REPLACES]]
            if new is not None and own_name(new) == name + NEW and writer_at_work(engine, new):
                raise Busy(str(new["Id"]))
