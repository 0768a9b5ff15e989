# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The states of containers that exist: what a task wants of one, and whether an inspected one is as wanted. Pure.

The steps to a state are in plan_state.py, which a run without a change does not import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    has_health_check,
    is_running,
    own_name,
    status,
)

Api = Mapping[str, Any]

# The signal that no process can catch: the engine responds once the container has ended.
KILL = "SIGKILL"


@dataclass(frozen=True)
class WantedState:
    """What a task wants of each container. ``state`` None: only the new name is wanted.

    ``signal``: such as "SIGHUP". ``stop_timeout``: seconds; None: the container's own, or the engine's. ``within``: how
    many seconds a removal may take that the engine has begun by itself; None: no limit.
    """

    state: Optional[str] = None
    signal: str = KILL
    force: bool = False
    volumes: bool = False
    stop_timeout: Optional[int] = None
    within: Optional[float] = None
    new_name: Optional[str] = None


def is_as_wanted(wanted: WantedState, container: Api) -> bool:
    """Whether an inspected container has the wanted name and state, so that there is nothing to do."""
    return wanted.new_name in (None, own_name(container)) and has_state(wanted, container)


def has_state(wanted: WantedState, container: Api) -> bool:
    """Whether an inspected container is in the wanted state. False also if it can't get to that state."""
    return wanted.state is None or _IS_IN[wanted.state](wanted, container)


def shortfall(wanted: WantedState, container: Api) -> str:
    """Why an inspected container did not stay as the task left it ("it is exited, with exit code 1"); "": it did."""
    now, state = status(container), container["State"]
    if wanted.state in ("started", "restarted"):
        # A process that has ended without an error was started as well.
        fine = now == "running" or (now == "exited" and state["ExitCode"] == 0)
        return "" if fine else "it is %s, with exit code %s" % (now, state["ExitCode"])
    if wanted.state == "stopped" or (wanted.state == "killed" and wanted.signal == KILL):
        return "it is %s" % now if is_running(container) else ""
    if wanted.state in ("paused", "unpaused"):
        return "it is %s" % now if (now == "paused") != (wanted.state == "paused") else ""
    return ""


def _is_up(wanted: WantedState, container: Api) -> bool:
    return is_running(container) and status(container) != "paused"


def _is_healthy_or_may_become_so(wanted: WantedState, container: Api) -> bool:
    return has_health_check(container) and _is_up(wanted, container)


def _is_down(wanted: WantedState, container: Api) -> bool:
    return not is_running(container)


def _is_killed(wanted: WantedState, container: Api) -> bool:
    return wanted.signal == KILL and not is_running(container)


def _is_paused(wanted: WantedState, container: Api) -> bool:
    return status(container) == "paused"


def _was_started(wanted: WantedState, container: Api) -> bool:
    return status(container) != "created"


def _never(wanted: WantedState, container: Api) -> bool:
    return False


_IS_IN: Mapping[str, Callable[[WantedState, Api], bool]] = {
    "started": _is_up,
    "stopped": _is_down,
    "restarted": _never,
    "killed": _is_killed,
    "paused": _is_paused,
    "unpaused": _is_up,
    # The task then only waits.
    "healthy": _is_healthy_or_may_become_so,
    "exited": _was_started,
    "absent": _never,
}

# A roll back needs more than one container: _tasks/roll_back.py handles that state.
STATES: Tuple[str, ...] = (*_IS_IN, "rolled_back")
