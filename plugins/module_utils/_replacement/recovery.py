# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The containers beside one container that its replacements make: fixed names, labels, and how each comes to an end.

From its first step to its last, a replacement keeps its new container under the name NAME.wharf-new, with labels that
say which container it replaces, in which state that one was, and its restart policy. So whoever finds a container of
that name with those labels knows that a replacement did not end, and what is to be done. A successful one ends with the
renaming of the new container, one that is undone with its removal. Pure.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple

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
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
    stopping,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan, Step
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import (
    INTERRUPTED,
    NEW,
    POLICY,
    WAS,
    number_of,
    policy_of,
)
from ansible_collections.wharf.docker.plugins.module_utils._values.core import VOLUMES_LABEL


def recover(name: str, half_way: HalfWay) -> Tuple[Plan, Dict[str, Any]]:
    """How a replacement of the container ``name`` that was interrupted is brought to an end.

    Returns the plan, and the inspect document of the container ``name`` as it is after it. The old container comes back
    wherever it is still there: whether the new one had proved itself nobody knows.
    """
    new, old, container = half_way
    if old is not None and old["State"]["Status"] not in ("removing", "dead"):
        if container is not None and container["Id"] == old["Id"]:
            # Its name is the first thing that a replacement takes from the old container, and the last it gives back.
            steps: Tuple[Step, ...] = (removal(name + NEW, new, INTERRUPTED, volumes=True),)
            return Plan(steps, (_difference("as it was"),)), dict(container)
        _refuse_another(name, container, own_name(old), name + NEW)
        return _go_back(name, new, old)
    _refuse_another(name, container, name + NEW)
    cause = "%s, and the old container is gone" % INTERRUPTED
    steps = (Step("rename", name + NEW, (cause,), {"id": new["Id"], "name": name}),)
    if old is not None:
        steps = (removal(own_name(old), old, INTERRUPTED), *steps)
    return Plan(steps, (_difference("the new one"),)), {**new, "Name": "/" + name}


def plan_absent(
    wanted: Wanted, container: Optional[Api], beside: Mapping[str, Api], written: Tuple[str, ...] = ()
) -> Plan:
    """The plan that removes a container, and what stands ``beside`` it (inspect documents by their names).

    What was kept on purpose stays where the task says keep_previous.
    """
    kept = {other for other in beside if wanted.keep_previous and number_of(wanted.name, other) is not None}
    steps = [
        removal(other, beside[other], "it stands beside %s" % wanted.name, volumes=other == wanted.name + NEW)
        for other in sorted(set(beside) - kept)
    ]
    found = [Difference("beside", [step.target for step in steps], [])] if steps else []
    if container is not None:
        steps = [*saving_steps(wanted, container, written), *steps]
        # The process gets its stop signal and its time to end: a removal by force would kill it.
        step = removal(wanted.name, container, state_cause(container, "absent"), not wanted.keep_volumes)
        data = {**stopping(wanted), "within": wanted.removal_within}
        if not wanted.keep_volumes:
            moved = ((container.get("Config") or {}).get("Labels") or {}).get(VOLUMES_LABEL, "")
            data["moved"] = [volume for volume in moved.split(",") if volume]
        steps.append(step._replace(data={**step.data, **data}))
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
    """``volumes``: its anonymous ones too, which a new container has of its own until it takes its place."""
    data = {"id": container["Id"], "stop": is_running(container), "paused": is_paused(container), "volumes": volumes}
    return Step("remove", name, (cause,), data)


def _go_back(name: str, new: Api, old: Api) -> Tuple[Plan, Dict[str, Any]]:
    labels: Mapping[str, str] = new["Config"]["Labels"]
    was, policy = labels.get(WAS, "stopped"), policy_of(labels.get(POLICY, "no"))
    runs = was in ("running", "paused")
    data = {
        "new": new["Id"],
        "new_runs": is_running(new),
        "old": old["Id"],
        "old_name": own_name(old),
        "start": runs and not is_running(old),
        "pause": was == "paused" and not is_paused(old),
        "policy": policy,
    }
    step = Step("restore", name, (INTERRUPTED,), data)
    state = {
        **old["State"],
        "Running": runs or is_running(old),
        "Paused": was == "paused",
        "Status": was if runs else old["State"]["Status"],
    }
    host = {**old["HostConfig"], "RestartPolicy": policy}
    after = {**old, "Name": "/" + name, "State": state, "HostConfig": host}
    return Plan((step,), (_difference("the old one"),)), after
