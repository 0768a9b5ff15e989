# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner of containers that exist: from an inspect document and a wanted state to steps with causes.

Pure: nothing here talks to an engine, so it is tested with tables.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Tuple, Type

from ansible_collections.wharf.docker.plugins.module_utils._container.state import KILL, WantedState, has_state
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    has_health_check,
    is_running,
    own_name,
    status,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import (
    ContainerStep,
    Kill,
    Pause,
    Remove,
    Rename,
    Restart,
    Start,
    Stop,
    Unpause,
    WaitFor,
    renamed,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Series, Step

Api = Mapping[str, Any]

# The state of a container after a step, by default.
_AFTER: Mapping[Type[Step], str] = {Start: "running", Unpause: "running", Pause: "paused"}


def plan_state(wanted: WantedState, container: Api) -> Plan:
    """The steps that bring an inspected container into the wanted state. Failure: there are none."""
    name = own_name(container)
    target = wanted.new_name or name
    steps: List[Step] = []
    before: Dict[str, Any] = {"state": status(container)}
    after: Dict[str, Any] = {}
    if target != name:
        steps.append(renamed(name, ("name %s → %s" % (name, target),), container, target))
        before["name"], after["name"] = name, target
    if wanted.state is not None and not has_state(wanted, container):
        steps += _PLANNERS[wanted.state](wanted, container, target)
    if not steps:
        return Plan()
    after = {**_after(steps, container), **after}
    return Plan(tuple(steps), (Difference(name, before, after),))


def plan_assumed(wanted: WantedState, name: str) -> Plan:
    """The plan of check mode for a container that does not exist, and that an earlier task would create."""
    after: Dict[str, Any] = {"name": wanted.new_name} if wanted.new_name is not None else {}
    steps: List[Step] = []
    if wanted.new_name is not None:
        steps.append(Rename(name, ("name %s → %s" % (name, wanted.new_name),), new_name=wanted.new_name))
    if wanted.state is not None:
        kind, state = _ASSUMED[wanted.state]
        steps.append(kind(wanted.new_name or name, ("no container of this name yet",)))
        after["state"] = state
    return Plan(tuple(steps), (Difference(name, {"state": "absent"}, after),))


def _plan_started(wanted: WantedState, container: Api, name: str) -> List[Step]:
    if status(container) == "paused":
        return [_step(Unpause, container, name)]
    _refuse_ended_for_good(container, name, "start")
    return [_step(Start, container, name)]


def _plan_stopped(wanted: WantedState, container: Api, name: str) -> List[Step]:
    after = "absent, by its auto_remove" if _auto_remove(container) else "exited"
    return _gracefully(container, _stop(wanted, container, name, after))


def _plan_restarted(wanted: WantedState, container: Api, name: str) -> List[Step]:
    if not is_running(container):
        _refuse_ended_for_good(container, name, "restart")
        return [_step(Start, container, name)]
    causes = ("restarted is requested",)
    return _gracefully(container, Restart(name, causes, container["Id"], timeout=wanted.stop_timeout))


def _plan_killed(wanted: WantedState, container: Api, name: str) -> List[Step]:
    if not is_running(container):
        raise Failure(
            "Cannot send %s to the container %s: it is not running, but %s. Start it first."
            % (wanted.signal, name, status(container))
        )
    if wanted.signal != KILL:
        return [Kill(name, ("signal %s" % wanted.signal,), container["Id"], signal=wanted.signal)]
    after = "absent, by its auto_remove" if _auto_remove(container) else "exited"
    return [Kill(name, ("state %s → %s" % (status(container), after),), container["Id"], signal=wanted.signal)]


def _plan_paused(wanted: WantedState, container: Api, name: str) -> List[Step]:
    now = status(container)
    if now != "running":
        raise Failure("Cannot pause the container %s: it is not running, but %s. Start it first." % (name, now))
    return [_step(Pause, container, name)]


def _plan_unpaused(wanted: WantedState, container: Api, name: str) -> List[Step]:
    if status(container) == "paused":
        return [_step(Unpause, container, name)]
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
    raise Failure("Cannot wait until the container %s exits: it was never started. Start it first." % name)


def _plan_absent(wanted: WantedState, container: Api, name: str) -> List[Step]:
    now = status(container)
    how = [*(["with its anonymous volumes"] if wanted.volumes else [])]
    running = is_running(container)
    if not running or wanted.force:
        causes = ("state %s → absent" % now, *(["by force"] if running else []), *how)
        return [_remove(wanted, container, name, causes)]
    steps = _gracefully(container, _stop(wanted, container, name, "exited"))
    return [*steps, _remove(wanted, container, name, ("state exited → absent", *how))]


def _step(kind: Type[ContainerStep], container: Api, name: str) -> Step:
    return kind(name, ("state %s → %s" % (status(container), _AFTER[kind]),), container["Id"])


def _stop(wanted: WantedState, container: Api, name: str, after: str) -> Step:
    causes = ("state %s → %s" % (_thawed(container), after),)
    return Stop(name, causes, container["Id"], timeout=wanted.stop_timeout)


def _remove(wanted: WantedState, container: Api, name: str, causes: Tuple[str, ...]) -> Step:
    return Remove(
        name,
        causes,
        container["Id"],
        volumes=wanted.volumes,
        force=wanted.force,
        within=wanted.within,
        by_name=True,
    )


def _thawed(container: Api) -> str:
    return "running" if status(container) == "paused" else status(container)


def _gracefully(container: Api, step: Step) -> List[Step]:
    """``step``, which asks the process to end; a paused container is unpaused first.

    A paused process can't react to the signal: the engine would wait for the whole timeout, and then kill it.
    """
    if status(container) != "paused":
        return [step]
    return [Unpause(step.target, ("state paused → running",), container["Id"]), step]


def _auto_remove(container: Api) -> bool:
    return bool((container.get("HostConfig") or {}).get("AutoRemove"))


def _refuse_ended_for_good(container: Api, name: str, tried: str) -> None:
    if status(container) in ("dead", "removing"):
        raise Failure(
            "Cannot %s the container %s: it is %s. Remove it with the state absent, and create it again."
            % (tried, name, status(container))
        )


def _after(steps: List[Step], container: Api) -> Dict[str, Any]:
    """A container after its steps, for a diff, which mentions a restart and a signal since the state shows neither."""
    last = steps[-1]
    if isinstance(last, (Rename, Series)):
        return {"state": status(container)}
    if isinstance(last, Remove):
        return {"state": "absent"}
    if isinstance(last, Kill) and last.signal != KILL:
        return {"state": status(container), "signal": last.signal}
    if isinstance(last, (Kill, Stop)):
        return {"state": "absent" if _auto_remove(container) else "exited"}
    if isinstance(last, Restart):
        return {"state": "running", "restarted": True}
    return {"state": _AFTER[type(last)]}


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

# For a container that does not exist yet, in check mode: the action, and the state it leads to.
_ASSUMED: Mapping[str, Tuple[Type[ContainerStep], str]] = {
    "started": (Start, "running"),
    "stopped": (Stop, "exited"),
    "restarted": (Restart, "running"),
    "killed": (Kill, "exited"),
    "paused": (Pause, "paused"),
    "unpaused": (Unpause, "running"),
    "healthy": (Start, "running"),
    "exited": (WaitFor, "exited"),
}
