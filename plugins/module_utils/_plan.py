# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Step and Plan, and the planner of one container: from what is wanted and observed to steps with causes.

Pure: no file here talks to an engine or knows of Ansible's module class, so the planner is tested with tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils import _fields as fields
from ansible_collections.wharf.docker.plugins.module_utils import _values as values
from ansible_collections.wharf.docker.plugins.module_utils._compare import IGNORE, STRICT, Difference
from ansible_collections.wharf.docker.plugins.module_utils._endpoints import (
    EndpointChange,
    create_networking,
    endpoint_changes,
    first_network_difference,
)
from ansible_collections.wharf.docker.plugins.module_utils._errors import Failure

Api = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """One thing to be done: ``action`` on ``target`` because of ``causes``; ``data`` is what carrying it out needs."""

    action: str
    target: str
    causes: Tuple[str, ...]
    data: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        return "%s %s: %s" % (self.action, self.target, ", ".join(self.causes))


@dataclass(frozen=True)
class Plan:
    """What a task is going to do; empty: nothing. ``differences`` explain it as a diff."""

    steps: Tuple[Step, ...] = ()
    differences: Tuple[Difference, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.steps)

    def actions(self) -> List[str]:
        return [step.text() for step in self.steps]

    def diff(self) -> Dict[str, Any]:
        """Ansible's diff: of each option that differs the value before and after; None is no value."""
        found = self.differences
        return {
            "before": {difference.option: difference.before for difference in found if difference.before is not None},
            "after": {difference.option: difference.after for difference in found if difference.after is not None},
        }


@dataclass(frozen=True)
class Wanted:
    """A container as a task describes it, after all shorthand is gone.

    ``normal``: the normal value of each row of the option table that is managed. ``modes``: how each is compared.
    ``endpoints``: network → endpoint, in the order given; None: networks are not managed.
    """

    name: str
    state: str = "started"
    image: Optional[str] = None
    pull: str = "missing"
    recreate: bool = False
    detach: bool = True
    cleanup: bool = False
    healthy_within: float = 300
    normal: Mapping[str, Any] = field(default_factory=dict)
    modes: Mapping[str, str] = field(default_factory=lambda: fields.comparison_modes({}))
    endpoints: Optional[Mapping[str, Mapping[str, Any]]] = None

    @property
    def runs(self) -> bool:
        return self.state in ("started", "healthy")


@dataclass(frozen=True)
class Observed:
    """What the engine has: inspect documents, None where there is no such thing.

    ``newer``: why the image has to be pulled, "" where it has not.
    """

    container: Optional[Api] = None
    image: Optional[Api] = None
    newer: str = ""


def plan_container(wanted: Wanted, observed: Observed) -> Plan:
    """The steps that bring the container ``wanted.name`` from observed to wanted."""
    container = observed.container
    if wanted.state == "absent":
        return _plan_absent(wanted, container)
    if container is None:
        return _plan_new(wanted, observed)
    if wanted.state == "stopped":
        return _plan_stopped(wanted, container)
    return _plan_existing(wanted, observed, container)


def discarded(wanted: Wanted, image: Optional[Api], container: Api) -> List[Difference]:
    """What an inspected container that was just created from ``image`` lacks of its spec."""
    return fields.differences(wanted.normal, wanted.modes, container, image)


def status(container: Optional[Api]) -> str:
    """Either "absent" or the engine's word: created, running, paused, restarting, removing, exited, dead."""
    return str(container["State"]["Status"]) if container is not None else "absent"


def is_running(container: Api) -> bool:
    return bool(container["State"]["Running"])


def is_paused(container: Api) -> bool:
    return bool(container["State"].get("Paused"))


def state_cause(container: Api, after: str) -> str:
    return "state %s → %s" % (status(container), after)


def _plan_absent(wanted: Wanted, container: Optional[Api]) -> Plan:
    if container is None:
        return Plan()
    # The process gets its stop signal and its time to end: a removal by force would kill it.
    data = {"id": container["Id"], "stop": is_running(container), "paused": is_paused(container)}
    step = Step("remove", wanted.name, (state_cause(container, "absent"),), data)
    return Plan((step,), (Difference("state", status(container), "absent"),))


def _plan_stopped(wanted: Wanted, container: Api) -> Plan:
    if not is_running(container):
        return Plan()
    data = {"id": container["Id"], "paused": is_paused(container)}
    step = Step("stop", wanted.name, (state_cause(container, "exited"),), data)
    return Plan((step,), (Difference("state", status(container), "exited"),))


def _plan_new(wanted: Wanted, observed: Observed) -> Plan:
    if wanted.image is None:
        raise Failure(
            "Cannot create the container %s: there is none of this name, and no image is given. "
            "Give the option image." % wanted.name
        )
    steps = _pull_steps(wanted, observed, "create the container %s" % wanted.name)
    body, connect = _bodies(wanted, wanted.image)
    steps.append(Step("create", wanted.name, ("no container of this name",), {"body": body, "connect": connect}))
    after = "created"
    if wanted.runs:
        steps.append(_start_step(wanted, "created", check=_check(wanted, observed)))
        after = "running" if wanted.detach else "exited"
    if wanted.runs and not wanted.detach and wanted.cleanup:
        steps.append(_cleanup_step(wanted))
        after = "absent"
    options = [
        Difference(field.option, None, field.show(wanted.normal[field.option]), quiet=field.quiet)
        for field in fields.FIELDS
        if field.option in wanted.normal
    ]
    if wanted.endpoints:
        options.append(Difference("networks", None, dict(wanted.endpoints)))
    return Plan(
        tuple(steps),
        (Difference("state", "absent", after), Difference("image", None, wanted.image), *options),
    )


def _plan_existing(wanted: Wanted, observed: Observed, container: Api) -> Plan:
    steps: List[Step] = []
    found = fields.differences(wanted.normal, wanted.modes, container, observed.image)
    found += _image_differences(wanted, observed, container)
    found += first_network_difference(wanted.normal, wanted.endpoints, wanted.modes, container)
    changes = endpoint_changes(wanted.normal, wanted.endpoints, wanted.modes, container)
    networks = [change.difference() for change in changes]
    if wanted.recreate or any(not difference.live for difference in found):
        steps += _pull_steps(wanted, observed, "replace the container %s" % wanted.name)
        steps.append(_recreate_step(wanted, observed, container, [*found, *networks]))
        if wanted.recreate and not found:
            found = [Difference("container", container["Id"][:12], "a new one")]
        running = is_running(container) or wanted.runs
        state = _state_difference(container, running)
        return Plan((*steps, *_cleanup_steps(wanted)), _merged([*state, *found, *networks]))
    # Endpoints come first: their steps can be undone, which those of limits can't always.
    steps += [_endpoint_step(wanted, container, change, kind) for change in changes for kind in change.kinds()]
    if found:
        steps.append(_update_step(wanted, container, found))
    state = []
    if wanted.runs and not is_running(container):
        steps.append(_start_step(wanted, status(container), container["Id"]))
        steps += _cleanup_steps(wanted)
        state = _state_difference(container, True)
    return Plan(tuple(steps), _merged([*state, *found, *networks]))


def _pull_steps(wanted: Wanted, observed: Observed, tried: str) -> List[Step]:
    if wanted.image is None:
        return []
    if observed.newer:
        return [Step("pull", wanted.image, (observed.newer,))]
    if observed.image is None:
        if wanted.pull == "never":
            why = "and pull is never. Import, build or pull it first, or set pull to missing."
        else:
            why = "and an image given by its id can't be pulled. Give a name, or load the image first."
        raise Failure("Cannot %s: the image %s is not on the engine, %s" % (tried, wanted.image, why))
    return []


def _image_differences(wanted: Wanted, observed: Observed, container: Api) -> List[Difference]:
    if wanted.image is None or wanted.modes["image"] == IGNORE:
        return []
    name, short = str(container["Config"]["Image"]), _short(container["Image"])
    if observed.newer:
        return [Difference("image", "%s (%s)" % (name, short), "%s (%s)" % (wanted.image, observed.newer))]
    if observed.image is not None and observed.image["Id"] != container["Image"]:
        after = "%s (%s)" % (wanted.image, _short(observed.image["Id"]))
        return [Difference("image", "%s (%s)" % (name, short), after)]
    if not values.is_image_id(wanted.image) and not values.same_image_name(wanted.image, name):
        return [Difference("image", name, wanted.image)]
    return []


def _recreate_step(wanted: Wanted, observed: Observed, container: Api, found: List[Difference]) -> Step:
    image = wanted.image or _image_of(container, observed.image)
    body, connect = _bodies(wanted, image, alias=wanted.name)
    causes = tuple(difference.cause() for difference in found)
    policy = container["HostConfig"].get("RestartPolicy") or {}
    return Step(
        "recreate",
        wanted.name,
        causes or ("recreate is asked for",),
        {
            "id": container["Id"],
            "body": body,
            "connect": connect,
            "was_running": is_running(container),
            "was_paused": is_paused(container),
            "policy": policy if policy.get("Name") not in (None, "", "no") else None,
            "auto_remove": bool(container["HostConfig"].get("AutoRemove")),
            "run": is_running(container) or wanted.runs,
            "attach": wanted.runs and not wanted.detach,
            "healthy": wanted.state == "healthy",
            "healthy_within": wanted.healthy_within,
            "check": _check(wanted, observed),
            "was_unhealthy": (container["State"].get("Health") or {}).get("Status") == "unhealthy",
        },
    )


def _check(wanted: Wanted, observed: Observed) -> Callable[[Api, Optional[Api]], List[Difference]]:
    """What a container that was just created lacks, from its inspect document and the image that was pulled for it."""
    return lambda document, pulled: discarded(wanted, pulled or observed.image, document)


def _bodies(wanted: Wanted, image: str, alias: str = "") -> Tuple[Dict[str, Any], List[Tuple[str, Dict[str, Any]]]]:
    body = fields.create_body(wanted.normal)
    body["Image"] = image
    if wanted.endpoints == {} and wanted.modes["networks"] == STRICT:
        body["HostConfig"].setdefault("NetworkMode", "none")
    return body, create_networking(body, wanted.endpoints, alias)


def _image_of(container: Api, image: Optional[Api]) -> str:
    """The image of a container whose task names none: its name, where the image still bears it, or else its id."""
    name = str(container["Config"]["Image"])
    tags = (image or {}).get("RepoTags") or []
    return name if any(values.same_image_name(name, tag) for tag in tags) else str(container["Image"])


def _start_step(wanted: Wanted, before: str, container_id: Optional[str] = None, check: Any = None) -> Step:
    after = "running" if wanted.detach else "run to its end"
    data = {"id": container_id, "attach": not wanted.detach, "check": check}
    return Step("start", wanted.name, ("state %s → %s" % (before, after),), data)


def _cleanup_steps(wanted: Wanted) -> List[Step]:
    if not wanted.cleanup or wanted.detach or not wanted.runs:
        return []
    return [_cleanup_step(wanted)]


def _cleanup_step(wanted: Wanted) -> Step:
    return Step("remove", wanted.name, ("cleanup after its end",), {"volumes": True})


def _update_step(wanted: Wanted, container: Api, found: List[Difference]) -> Step:
    options = [difference.option for difference in found]
    body = fields.update_body(options, wanted.normal, container)
    former = {key: container["HostConfig"].get(key) for key in body}
    if "PidsLimit" in former:
        former["PidsLimit"] = former["PidsLimit"] or 0
    # The engine ignores a zero in an update, but for the number of processes: no limit can't be brought back.
    stays = sorted(key for key, value in former.items() if not value and key != "PidsLimit")
    back = {key: value for key, value in former.items() if key not in stays}
    data = {"id": container["Id"], "bodies": _in_order(body), "wanted": body, "back": _in_order(back), "stays": stays}
    return Step("update", wanted.name, tuple(difference.cause() for difference in found), data)


def _in_order(body: Dict[str, Any]) -> List[Dict[str, Any]]:
    """An update in the order the engine takes it.

    It refuses memory above a limit of -1 for memory and swap, and the kernel refuses both in one call: a finite
    limit of both goes first.
    """
    if not body:
        return []
    if body.get("MemorySwap") == -1 and body.get("Memory"):
        return [{**body, "MemorySwap": 2 * body["Memory"]}, {"MemorySwap": -1}]
    return [body]


def _endpoint_step(wanted: Wanted, container: Api, change: EndpointChange, kind: str) -> Step:
    api = change.wanted_api if kind == "connect" else change.observed_api
    data = {"id": container["Id"], "network": change.network, "endpoint": api}
    return Step(kind, wanted.name, (change.cause(),), data)


def _state_difference(container: Api, running: bool) -> List[Difference]:
    if not running or is_running(container):
        return []
    return [Difference("state", status(container), "running")]


def _merged(found: List[Difference]) -> Tuple[Difference, ...]:
    """The differences, with several of one option (networks) as one."""
    merged: Dict[str, Difference] = {}
    for difference in found:
        known = merged.get(difference.option)
        if known is not None:
            before, after = {**known.before, **difference.before}, {**known.after, **difference.after}
            difference = Difference(difference.option, before, after, difference.live)
        merged[difference.option] = difference
    return tuple(merged.values())


def _short(image_id: str) -> str:
    return image_id.replace("sha256:", "")[:12]
