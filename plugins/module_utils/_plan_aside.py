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

import re
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._compare import Difference
from ansible_collections.wharf.docker.plugins.module_utils._errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._plan import (
    Api,
    Plan,
    Step,
    Wanted,
    is_paused,
    is_running,
    state_cause,
    status,
    stopping,
)
from ansible_collections.wharf.docker.plugins.module_utils._plan_written import saving_steps
from ansible_collections.wharf.docker.plugins.module_utils._values import OWN_LABELS, VOLUMES_LABEL

NEW = ".wharf-new"  # the new container, until it takes the name; after a roll back, the one that was given up
OLD = ".wharf-old"  # the old one, until it goes
PREVIOUS = ".wharf-previous-"  # with a number: the replaced ones that are kept, 1 is the last
BESIDE = r"\.wharf-(new|old|previous-[0-9]+)"

REPLACES = OWN_LABELS + "replaces"  # the id of the container that this one replaces
WAS = OWN_LABELS + "replaces.was"  # running, paused, or stopped
POLICY = OWN_LABELS + "replaces.restart"  # its restart policy, as docker run --restart has it

INTERRUPTED = "a replacement was interrupted"


class Aside(NamedTuple):
    """What stands beside a container that is going to be replaced.

    ``foreign``: what has the names that a replacement needs for a time, and is none of one. ``previous``: number → id
    of the replaced containers that are kept. ``given_up``: the successor of this container, after a roll back.
    """

    foreign: Tuple[str, ...] = ()
    previous: Mapping[int, str] = {}
    given_up: Optional[Api] = None


def labels_of_successor(old: Api) -> Dict[str, str]:
    """What the new container remembers of the ``old`` one that it replaces."""
    policy = old["HostConfig"].get("RestartPolicy") or {}
    words = str(policy.get("Name") or "no")
    if policy.get("MaximumRetryCount"):
        words += ":%d" % policy["MaximumRetryCount"]
    was = "paused" if is_paused(old) else "running" if is_running(old) else "stopped"
    return {REPLACES: str(old["Id"]), WAS: was, POLICY: words}


def policy_of(label: str) -> Dict[str, Any]:
    """A restart policy as the API has it, of "no", "always", "unless-stopped", "on-failure" or "on-failure:3"."""
    name, _colon, retries = label.partition(":")
    return {"Name": name, "MaximumRetryCount": int(retries or 0)}


def replaced_by(new: Optional[Api]) -> Optional[str]:
    """The id of the container that ``new`` was made to replace; None where it is no successor at all."""
    labels = ((new or {}).get("Config") or {}).get("Labels") or {}
    return str(labels[REPLACES]) if REPLACES in labels else None


def is_given_up(new: Optional[Api], container: Optional[Api]) -> bool:
    """Whether ``new`` had the place that the ``container`` which it replaced has again: then it has run."""
    if new is None or container is None or replaced_by(new) != container["Id"]:
        return False
    return not is_running(new) and status(new) != "created"


def number_of(name: str, other: str) -> Optional[int]:
    """Which of the kept ones of the container ``name`` bears the name ``other``; None where it is none of them."""
    found = re.fullmatch(re.escape(name + PREVIOUS) + "([0-9]+)", other)
    return int(found.group(1)) if found else None


def role_of(name: str) -> str:
    """What a container of this name is for another one, in words; "" where it is none that stands beside one."""
    found = re.fullmatch("(.+)" + BESIDE, name)
    if found is None:
        return ""
    of, what = found.group(1), found.group(2)
    if what.startswith("previous-"):
        return "kept as the previous container of %s" % of
    if what == "old":
        return "the old container of %s, whose replacement was interrupted" % of
    return "a new container of %s, whose replacement was interrupted or undone" % of


def recover(name: str, container: Optional[Api], new: Api, old: Optional[Api]) -> Tuple[Plan, Optional[Dict[str, Any]]]:
    """How a replacement of the container ``name`` that was interrupted is brought to an end.

    ``container`` bears the name (None: nothing does), ``new`` is the successor, and ``old`` the one that it replaces
    (None: it is gone). Returns the plan, and the inspect document of the container ``name`` as it is after it. The old
    container comes back wherever it is still there: whether the new one had proved itself nobody knows.
    """
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


def own_name(container: Api) -> str:
    return str(container["Name"]).lstrip("/")


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
