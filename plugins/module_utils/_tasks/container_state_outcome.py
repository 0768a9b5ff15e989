# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcome for one container in the task container_state: the wait for its new state, and the last check."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_container
from ansible_collections.wharf.docker.plugins.module_utils._container.state import WantedState, shortfall
from ansible_collections.wharf.docker.plugins.module_utils._container.status import own_name, status
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine, segment
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step

# The engine answers a start before it notices that the process ended at once: so this is the pause, in seconds, before
# the last check of a container that was started.
MOMENT = 0.1


@dataclass
class Outcome:
    """The outcome for one container: the steps that were done, its document (None: it was removed), and the failure.

    ``first``: completes an interrupted replacement, before the container's own plan.
    """

    name: str
    before: Mapping[str, Any]
    plan: Plan
    document: Optional[Mapping[str, Any]]
    done: List[Step] = field(default_factory=list)
    exit_code: Optional[int] = None
    failure: str = ""
    first: Plan = field(default_factory=Plan)


def settle(engine: Engine, wanted: WantedState, outcome: Outcome, limit: float) -> None:
    """Wait for the effect of a container's steps, and check it. Failure: the container is in another state."""
    container_id, name = str(outcome.before["Id"]), outcome.name
    if wanted.state == "healthy":
        from ansible_collections.wharf.docker.plugins.module_utils._container.wait import becomes_healthy

        outcome.document = becomes_healthy(engine, container_id, name, limit)
        return
    if outcome.plan.changed and outcome.plan.differences[0].after.get("state") == "absent":
        _gone(engine, container_id, name, limit)
        outcome.document = None
        return
    if wanted.state == "exited" and status(outcome.before) not in ("exited", "dead"):
        outcome.exit_code = _exit_code(engine, outcome.before, name, limit)
        outcome.document = find_container(engine, container_id)
        return
    if outcome.done:
        if outcome.done[-1].action in ("start", "restart"):
            time.sleep(MOMENT)
        outcome.document = find_container(engine, container_id)
    if wanted.state == "exited":
        outcome.exit_code = int(outcome.before["State"]["ExitCode"])
    prove(engine, wanted, outcome)


def prove(engine: Engine, wanted: WantedState, outcome: Outcome) -> None:
    """Failure if the container is not in the wanted state."""
    document = outcome.document
    if document is None:
        if wanted.state in ("started", "restarted", "paused", "unpaused"):
            raise Failure(
                "The container %s ended and is gone: its option auto_remove is set, or somebody removed it."
                % outcome.name
            )
        return
    short = shortfall(wanted, document)
    if not short:
        return
    text = "The container %s is not %s: %s" % (outcome.name, wanted.state, short)
    if document["State"].get("Error"):
        text += " (%s)" % document["State"]["Error"]
    if wanted.state in ("started", "restarted"):
        from ansible_collections.wharf.docker.plugins.module_utils._container.logs import last_lines

        lines = last_lines(engine, document["Id"], bool(document["Config"].get("Tty")))
        text += ". Its last lines: %s" % lines if lines else ". It wrote nothing."
        raise Failure(text)
    raise Failure("%s. Somebody else, or its restart policy, changed it meanwhile." % text)


def _exit_code(engine: Engine, container: Mapping[str, Any], name: str, limit: float) -> int:
    """The exit code of a running container, once it has ended."""
    from ansible_collections.wharf.docker.plugins.module_utils._container.wait import exit_code

    if not container["HostConfig"].get("AutoRemove"):
        return exit_code(engine, container["Id"], name, limit)
    # A container with auto_remove is removed at its end, and only a wait that began before gets its exit code.
    path = "/containers/%s" % segment(container["Id"])
    waiting = engine.stream("POST", path + "/wait", tried="wait for the end of the container %s" % name)
    try:
        _gone(engine, container["Id"], name, limit, "did not end")
        return int(waiting.json()["StatusCode"])
    finally:
        waiting.close()


def _gone(engine: Engine, container_id: str, name: str, limit: float, what: str = "is not gone") -> None:
    """Wait until the container does not exist. ``limit``: seconds; 0 or less: no limit."""
    pause, began = 0.05, time.monotonic()
    while find_container(engine, container_id) is not None:
        if 0 < limit <= time.monotonic() - began:
            raise Failure("The container %s %s after %g seconds." % (name, what, limit))
        time.sleep(min(pause, limit) if limit > 0 else pause)
        pause = min(pause * 1.5, 1.0)


def as_left(engine: Engine, outcome: Outcome) -> Optional[Mapping[str, Any]]:
    """The container after a failure; as it was before, if the engine does not answer."""
    try:
        return find_container(engine, str(outcome.before["Id"]))
    except Failure:
        return outcome.document


def differences(outcome: Outcome) -> Tuple[Difference, ...]:
    """The differences that the steps made: as planned, or as a failure left them."""
    if not outcome.done:
        return ()
    if not outcome.failure:
        return outcome.first.differences + outcome.plan.differences
    name = own_name(outcome.before)
    before, after = {"state": status(outcome.before)}, {"state": status(outcome.document)}
    if outcome.document is not None and own_name(outcome.document) != name:
        before["name"], after["name"] = name, own_name(outcome.document)
    return (Difference(name, before, after),)
