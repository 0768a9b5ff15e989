# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner of containers that exist: from an inspect document and a wanted state to steps with causes.

Pure: nothing here talks to an engine, so it is tested with tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    has_health_check,
    is_running,
    own_name,
    status,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan, Step

Api = Mapping[str, Any]

# The signal that no process can catch: the engine answers when the container has ended.
KILL = "SIGKILL"
# What a container is after a step, where nothing else is known of it.
_AFTER = {"start": "running", "unpause": "running", "restart": "running", "pause": "paused", "stop": "exited"}


@dataclass(frozen=True)
class WantedState:
    """What a task wants of each container. ``state`` None: only the new name is wanted.

    ``signal``: as "SIGHUP". ``stop_timeout``: seconds; None: the container's own, or the engine's.
    """

    state: Optional[str] = None
    signal: str = KILL
    force: bool = False
    volumes: bool = False
    stop_timeout: Optional[int] = None
    new_name: Optional[str] = None


def plan_state(wanted: WantedState, container: Api) -> Plan:
    """The steps that bring an inspected container into the wanted state. Failure: there is no way there."""
    name = own_name(container)
    target = wanted.new_name or name
    steps: List[Step] = []
    before: Dict[str, Any] = {"state": status(container)}
    after: Dict[str, Any] = {}
    if target != name:
        steps.append(Step("rename", name, ("name %s → %s" % (name, target),), {"id": container["Id"], "name": target}))
        before["name"], after["name"] = name, target
    if wanted.state is not None:
        steps += _PLANNERS[wanted.state](wanted, container, target)
    if not steps:
        return Plan()
    after = {**_after(steps, container), **after}
    return Plan(tuple(steps), (Difference(name, before, after),))


def plan_assumed(wanted: WantedState, name: str) -> Plan:
    """What is foreseen for a container that is not there, and that an earlier task would create."""
    after: Dict[str, Any] = {"name": wanted.new_name} if wanted.new_name is not None else {}
    steps = [Step("rename", name, ("name %s → %s" % (name, wanted.new_name),))] if after else []
    if wanted.state is not None:
        action, state = _ASSUMED[wanted.state]
        steps.append(Step(action, wanted.new_name or name, ("no container of this name yet",)))
        after["state"] = state
    return Plan(tuple(steps), (Difference(name, {"state": "absent"}, after),))


def shortfall(wanted: WantedState, container: Api) -> str:
    """Why an inspected container is not what the task left it as ("it is exited, with exit code 1"); "": it is."""
    now, state = status(container), container["State"]
    if wanted.state in ("started", "restarted"):
        # A process that ran to its end without an error was started too.
        fine = now == "running" or (now == "exited" and state["ExitCode"] == 0)
        return "" if fine else "it is %s, with exit code %s" % (now, state["ExitCode"])
    if wanted.state == "stopped" or (wanted.state == "killed" and wanted.signal == KILL):
        return "it is %s" % now if is_running(container) else ""
    if wanted.state in ("paused", "unpaused"):
        return "it is %s" % now if (now == "paused") != (wanted.state == "paused") else ""
    return ""


def _plan_started(wanted: WantedState, container: Api, name: str) -> List[Step]:
    if status(container) == "paused":
        return [_step("unpause", container, name)]
    if is_running(container):
        return []
    _refuse_ended_for_good(container, name, "start")
    return [_step("start", container, name)]


def _plan_stopped(wanted: WantedState, container: Api, name: str) -> List[Step]:
    if not is_running(container):
        return []
    after = "absent, by its auto_remove" if _auto_remove(container) else "exited"
    return _gracefully(Step("stop", name, ("state %s → %s" % (_thawed(container), after),), _timed(wanted, container)))


def _plan_restarted(wanted: WantedState, container: Api, name: str) -> List[Step]:
    if not is_running(container):
        _refuse_ended_for_good(container, name, "restart")
        return [_step("start", container, name)]
    return _gracefully(Step("restart", name, ("restarted is asked for",), _timed(wanted, container)))


def _plan_killed(wanted: WantedState, container: Api, name: str) -> List[Step]:
    if not is_running(container):
        if wanted.signal == KILL:
            return []
        raise Failure(
            "Cannot send %s to the container %s: it is not running, but %s. Start it first."
            % (wanted.signal, name, status(container))
        )
    data = {"id": container["Id"], "signal": wanted.signal}
    if wanted.signal != KILL:
        return [Step("kill", name, ("signal %s" % wanted.signal,), data)]
    after = "absent, by its auto_remove" if _auto_remove(container) else "exited"
    return [Step("kill", name, ("state %s → %s" % (status(container), after),), data)]


def _plan_paused(wanted: WantedState, container: Api, name: str) -> List[Step]:
    now = status(container)
    if now == "paused":
        return []
    if now != "running":
        raise Failure("Cannot pause the container %s: it is not running, but %s. Start it first." % (name, now))
    return [_step("pause", container, name)]


def _plan_unpaused(wanted: WantedState, container: Api, name: str) -> List[Step]:
    if status(container) == "paused":
        return [_step("unpause", container, name)]
    if is_running(container):
        return []
    raise Failure(
        "Cannot unpause the container %s: it is not paused, but %s. Use the state started to start it."
        % (name, status(container))
    )


def _plan_healthy(wanted: WantedState, container: Api, name: str) -> List[Step]:
    if not has_health_check(container):
        raise Failure(
            "Cannot wait until the container %s is healthy: it has no health check. Create it with the option "
            "healthcheck of container_run, or use the state started." % name
        )
    return _plan_started(wanted, container, name)


def _plan_exited(wanted: WantedState, container: Api, name: str) -> List[Step]:
    if status(container) == "created":
        raise Failure("Cannot wait until the container %s exits: it was never started. Start it first." % name)
    return []


def _plan_absent(wanted: WantedState, container: Api, name: str) -> List[Step]:
    now = status(container)
    data = {"id": container["Id"], "force": wanted.force, "volumes": wanted.volumes}
    how = [*(["with its anonymous volumes"] if wanted.volumes else [])]
    if not is_running(container):
        return [Step("remove", name, ("state %s → absent" % now, *how), data)]
    if wanted.force:
        return [Step("remove", name, ("state %s → absent" % now, "by force", *how), data)]
    stop = Step("stop", name, ("state %s → exited" % _thawed(container),), _timed(wanted, container))
    return [*_gracefully(stop), Step("remove", name, ("state exited → absent", *how), data)]


def _step(action: str, container: Api, name: str) -> Step:
    return Step(action, name, ("state %s → %s" % (status(container), _AFTER[action]),), {"id": container["Id"]})


def _timed(wanted: WantedState, container: Api) -> Dict[str, Any]:
    return {"id": container["Id"], "timeout": wanted.stop_timeout, "paused": status(container) == "paused"}


def _thawed(container: Api) -> str:
    return "running" if status(container) == "paused" else status(container)


def _gracefully(step: Step) -> List[Step]:
    """``step``, which asks the process to end; before it a paused one is woken up.

    A frozen process can't answer the signal: the engine waits for the whole timeout, and kills it then.
    """
    if not step.data["paused"]:
        return [step]
    return [Step("unpause", step.target, ("state paused → running",), {"id": step.data["id"]}), step]


def _auto_remove(container: Api) -> bool:
    return bool((container.get("HostConfig") or {}).get("AutoRemove"))


def _refuse_ended_for_good(container: Api, name: str, tried: str) -> None:
    if status(container) in ("dead", "removing"):
        raise Failure(
            "Cannot %s the container %s: it is %s. Remove it with the state absent, and create it again."
            % (tried, name, status(container))
        )


def _after(steps: List[Step], container: Api) -> Dict[str, Any]:
    """What a diff says of a container after its steps. A restart and a signal leave no other trace."""
    last = steps[-1]
    if last.action == "rename":
        return {"state": status(container)}
    if last.action == "remove":
        return {"state": "absent"}
    if last.action == "kill" and last.data["signal"] != KILL:
        return {"state": status(container), "signal": last.data["signal"]}
    if last.action in ("kill", "stop"):
        return {"state": "absent" if _auto_remove(container) else "exited"}
    if last.action == "restart":
        return {"state": "running", "restarted": True}
    return {"state": _AFTER[last.action]}


_PLANNERS: Mapping[str, Callable[[WantedState, Api, str], List[Step]]] = {
    "started": _plan_started,
    "stopped": _plan_stopped,
    "restarted": _plan_restarted,
    "killed": _plan_killed,
    "paused": _plan_paused,
    "unpaused": _plan_unpaused,
    "healthy": _plan_healthy,
    "exited": _plan_exited,
    "absent": _plan_absent,
}

# What is foreseen where a container is not there yet: the action, and what it leads to.
_ASSUMED: Mapping[str, Tuple[str, str]] = {
    "started": ("start", "running"),
    "stopped": ("stop", "exited"),
    "restarted": ("restart", "running"),
    "killed": ("kill", "exited"),
    "paused": ("pause", "paused"),
    "unpaused": ("unpause", "running"),
    "healthy": ("start", "running"),
    "exited": ("wait for", "exited"),
}

# What a container was replaced by is more than one container: _tasks/roll_back.py has that state.
STATES: Tuple[str, ...] = (*_PLANNERS, "rolled_back")
