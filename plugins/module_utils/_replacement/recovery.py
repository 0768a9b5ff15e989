# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The leftovers of a container's replacements: their fixed names, their labels, and what becomes of each.

From its first step to its last, a replacement keeps its new container under the name NAME.wharf-new, with labels that
say which container it replaces, in which state that one was, and its restart policy. So a container with that name and
those labels shows that a replacement did not end, and what is to be done. A successful replacement ends by renaming the
new container, one that is undone by removing it. Pure.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.observed import HalfWay
from ansible_collections.wharf.docker.plugins.module_utils._container.plan_writable_layer import saving_steps
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    Api,
    is_paused,
    is_running,
    own_name,
    state_cause,
    status,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import (
    Pause,
    Remove,
    Rename,
    SetRestartPolicy,
    Start,
    Stop,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Series, Step
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import (
    INTERRUPTED,
    POLICY,
    WAS,
    number_of,
    policy_of,
)
from ansible_collections.wharf.docker.plugins.module_utils._values.core import NEW, TURN, VOLUMES_LABEL


def recover(name: str, half_way: HalfWay) -> Tuple[Plan, Dict[str, Any]]:
    """The recovery of an interrupted replacement of the container ``name``.

    Returns the plan, and the inspect document of the container ``name`` as it is after it. The old container is
    restored if it still exists, since it is not known whether the new one had proved itself.
    """
    new, old, container = half_way
    if old is not None and old["State"]["Status"] not in ("removing", "dead"):
        if container is not None and container["Id"] == old["Id"]:
            return _as_it_was(name, new, container)
        _refuse_another(name, container, own_name(old), name + NEW)
        return _go_back(name, new, old)
    _refuse_another(name, container, name + NEW)
    cause = "%s, and the old container is gone" % INTERRUPTED
    steps: Tuple[Step, ...] = (Rename(name + NEW, (cause,), new["Id"], new_name=name),)
    if old is not None:
        steps = (removal(own_name(old), old, INTERRUPTED), *steps)
    return Plan(steps, (_difference("the new one"),)), {**new, "Name": "/" + name}


def _as_it_was(name: str, new: Api, container: Api) -> Tuple[Plan, Dict[str, Any]]:
    """The old container still has its name, which most replacements take first and an undo gives back last."""
    gone = removal(name + NEW, new, INTERRUPTED, volumes=True)
    restored, after = _restored(name, new, container)
    if not restored:
        return Plan((gone,), (_difference("as it was"),)), dict(container)
    series = Series(name, (INTERRUPTED,), "restore", tuple(restored), incomplete=_incomplete(name))
    return Plan((gone, series), (_difference("the old one"),)), after


def plan_absent(
    wanted: Wanted, container: Optional[Api], beside: Mapping[str, Api], written: Tuple[str, ...] = ()
) -> Plan:
    """The plan that removes a container and its leftovers (``beside``: inspect documents by their names).

    If the task says keep_previous, the kept previous containers stay.
    """
    kept = {other for other in beside if wanted.keep_previous and number_of(wanted.name, other) is not None}
    # A container that never took over has its own anonymous volumes.
    own = (wanted.name + NEW, wanted.name + TURN)
    steps: List[Step] = [
        removal(other, beside[other], "it is a leftover of %s" % wanted.name, volumes=other in own)
        for other in sorted(set(beside) - kept)
    ]
    found = [Difference("leftovers", [step.target for step in steps], [])] if steps else []
    if container is not None:
        moved: Tuple[str, ...] = ()
        if not wanted.keep_volumes:
            labels = (container.get("Config") or {}).get("Labels") or {}
            moved = tuple(volume for volume in labels.get(VOLUMES_LABEL, "").split(",") if volume)
        cause = (state_cause(container, "absent"),)
        remove = Remove(
            wanted.name,
            cause,
            container["Id"],
            volumes=not wanted.keep_volumes,
            force=False,
            by_name=True,
            within=wanted.removal_within,
            moved=moved,
        )
        # The process gets its stop signal and its time to end: a removal by force would kill it.
        last = _stopped_first(remove, container, wanted.kill, wanted.stop_timeout)
        steps = [*saving_steps(wanted, container, written), *steps, last]
        found.insert(0, Difference("state", status(container), "absent"))
    return Plan(tuple(steps), tuple(found))


def _difference(after: str) -> Difference:
    return Difference("replacement", "interrupted", after)


def _refuse_another(name: str, container: Optional[Api], *left: str) -> None:
    if container is not None:
        raise Failure(
            "Cannot change the container %s: an earlier replacement of it was interrupted and left %s, but %s is "
            "another container now. Remove or rename what is not needed; nothing was touched."
            % (name, " and ".join(left), name)
        )


def removal(name: str, container: Api, cause: str, volumes: bool = False) -> Step:
    """``volumes``: with its anonymous volumes; a new container has its own ones until it takes over."""
    return _stopped_first(Remove(name, (cause,), container["Id"], volumes=volumes), container)


def _stopped_first(remove: Remove, container: Api, kill: str = "", timeout: Optional[int] = None) -> Step:
    """The removal of a container, which is stopped first if it runs."""
    if not is_running(container):
        return remove
    target, causes, identity = remove.target, remove.causes, remove.container
    again: Tuple[Step, ...] = (Start(target, causes, identity),)
    if is_paused(container):
        again += (Pause(target, causes, identity),)
    paused = is_paused(container)
    stop = Stop(target, causes, identity, paused=paused, kill=kill, timeout=timeout, way_back=again)
    return Series(target, causes, "remove", (stop, remove))


def _go_back(name: str, new: Api, old: Api) -> Tuple[Plan, Dict[str, Any]]:
    """Restore the old container, and remove the new one last: until then it marks the recovery as unfinished."""
    causes = (INTERRUPTED,)
    restored, after = _restored(name, new, old)
    steps: List[Step] = [
        *([Stop(name + NEW, causes, new["Id"], missing_ok=True)] if is_running(new) else []),
        *restored,
        Rename(own_name(old), causes, old["Id"], new_name=name),
        Remove(name + NEW, causes, new["Id"], volumes=True),
    ]
    series = Series(name, causes, "restore", tuple(steps), incomplete=_incomplete(name))
    return Plan((series,), (_difference("the old one"),)), after


def _restored(name: str, new: Api, old: Api) -> Tuple[List[Step], Dict[str, Any]]:
    """The steps that restore the old container's restart policy and state, and its document after them."""
    labels: Mapping[str, str] = new["Config"]["Labels"]
    was, policy = labels.get(WAS, "stopped"), policy_of(labels.get(POLICY, "no"))
    runs, causes, identity = was in ("running", "paused"), (INTERRUPTED,), str(old["Id"])
    present = old["HostConfig"].get("RestartPolicy") or {}
    steps: List[Step] = []
    # The policy is set first: with it, an engine that is restarted meanwhile starts the container itself.
    if policy["Name"] != "no" and policy["Name"] != present.get("Name"):
        steps.append(SetRestartPolicy(own_name(old), causes, identity, name, policy=policy))
    if runs and not is_running(old):
        steps.append(Start(own_name(old), causes, identity, tolerated=True))
    if was == "paused" and not is_paused(old):
        steps.append(Pause(own_name(old), causes, identity, name))
    state = {
        **old["State"],
        "Running": runs or is_running(old),
        "Paused": was == "paused",
        "Status": was if runs else old["State"]["Status"],
    }
    host = {**old["HostConfig"], "RestartPolicy": policy}
    return steps, {**old, "Name": "/" + name, "State": state, "HostConfig": host}


def _incomplete(name: str) -> str:
    return (
        "A replacement of the container %s was interrupted. The old container has its name again, but does not start:"
        % name
    )
