# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Step and Plan, and the planner of one container: whether it is as wanted.

Where it is not, _plan_change.py has the steps: a container that is unchanged needs none of them.

Pure: no file here talks to an engine or knows of Ansible's module class, so the planner is tested with tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils import _fields as fields
from ansible_collections.wharf.docker.plugins.module_utils import _values as values
from ansible_collections.wharf.docker.plugins.module_utils._compare import IGNORE, Difference

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._endpoints import EndpointChange
    from ansible_collections.wharf.docker.plugins.module_utils._plan_aside import Aside
    from ansible_collections.wharf.docker.plugins.module_utils._plan_dependents import Dependent, Interrupted

Api = Mapping[str, Any]


class Step(NamedTuple):
    """One thing to be done: ``action`` on ``target`` because of ``causes``; ``data`` is what carrying it out needs."""

    action: str
    target: str
    causes: Tuple[str, ...]
    data: Mapping[str, Any] = {}

    def text(self) -> str:
        return "%s %s: %s" % (self.action, self.target, ", ".join(self.causes))


class Plan(NamedTuple):
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


class Wanted(NamedTuple):
    """A container as a task describes it, after all shorthand is gone.

    ``normal``: the normal value of each row of the option table that is managed. ``modes``: how each is compared.
    ``endpoints``: network → endpoint, in the order given; None: networks are not managed. ``secret_patterns``: names of
    labels whose values no cause shows. ``masked``: what a new container's label says of its secrets, "" for nothing.
    ``kill``: the signal that ends it instead of a stop, "" for none.
    ``removal_within``: seconds, None without a limit. ``default_network``: it is in the default network beside those
    that are given. ``words``: the task's own word for an option whose normal value has an id. The others are the
    options of these names.
    """

    name: str
    state: str = "started"
    image: Optional[str] = None
    pull: str = "missing"
    platform: str = ""
    recreate: bool = False
    detach: bool = True
    cleanup: bool = False
    healthy_within: float = 300
    normal: Mapping[str, Any] = {}
    modes: Mapping[str, str] = fields.comparison_modes({})
    endpoints: Optional[Mapping[str, Mapping[str, Any]]] = None
    replace: str = "stop_first"
    keep_previous: int = 0
    renew_volumes: bool = False
    unspecified: str = "drop"
    rename_from: Optional[str] = None
    secret_patterns: Tuple[str, ...] = ()
    masked: str = ""
    kill: str = ""
    stop_timeout: Optional[int] = None
    keep_volumes: bool = True
    removal_within: Optional[float] = None
    restart: bool = False
    paused: Optional[bool] = None
    image_comparison: str = "desired-image"
    image_label_mismatch: str = "ignore"
    image_name_mismatch: str = "recreate"
    default_network: bool = False
    dependents: str = "report"
    writable_layer: str = "ignore"
    writable_layer_to: str = ""
    writable_layer_ignore: Tuple[str, ...] = ()
    words: Mapping[str, str] = {}

    @property
    def runs(self) -> bool:
        return self.state in ("started", "healthy")


class Observed(NamedTuple):
    """What the engine has: inspect documents, None where there is no such thing.

    ``newer``: why the image has to be pulled, "" where it has not. ``before``: what has to be done first, after which
    ``container`` is as it stands here. ``written``: the files in its writable layer. ``compared``: the image whose
    variables, labels, ports and volumes a strict comparison expects, where it is not ``image``. ``aside``: the
    containers beside this one that a replacement finds (see _plan_aside.py); None: nobody looked.
    ``dependents``: those that use one that is going to be replaced; ``interrupted``: those of a replacement that was.
    ``dropped``: what a replacement does not carry over, although the task says nothing of it. ``new_volumes``: the
    named ones that the engine is going to make for it. ``pull``: why the image is pulled that the container has all
    the same. ``pulled``: the image that was pulled, and what is reported of it; None: nothing was.
    """

    container: Optional[Api] = None
    image: Optional[Api] = None
    newer: str = ""
    before: Optional[Plan] = None
    compared: Optional[Api] = None
    written: Tuple[str, ...] = ()
    dependents: Tuple[Dependent, ...] = ()
    interrupted: Optional[Interrupted] = None
    aside: Optional[Aside] = None
    dropped: Tuple[Difference, ...] = ()
    new_volumes: Tuple[str, ...] = ()
    pull: str = ""
    pulled: Optional[Tuple[Optional[Api], Api]] = None


def plan_container(wanted: Wanted, observed: Observed) -> Plan:
    """The steps that bring the container ``wanted.name`` from observed to wanted."""
    plan = _plan(wanted, observed)
    if observed.pull:
        step = pull_step(wanted, observed, observed.pull)
        plan = Plan((step, *plan.steps), (Difference("pulled", None, wanted.image), *plan.differences))
    before = observed.before
    return plan if before is None else Plan(before.steps + plan.steps, before.differences + plan.differences)


def _plan(wanted: Wanted, observed: Observed) -> Plan:
    container = observed.container
    if container is None:
        from ansible_collections.wharf.docker.plugins.module_utils._plan_change import plan_new

        return plan_new(wanted, observed)
    if wanted.state == "stopped":
        return _plan_stopped(wanted, container)
    return _plan_existing(wanted, observed, container)


def pull_step(wanted: Wanted, observed: Observed, cause: str) -> Step:
    data = {"platform": wanted.platform, "pulled": observed.pulled}
    return Step("pull", str(wanted.image), (cause,), data)


def discarded(wanted: Wanted, image: Optional[Api], container: Api) -> List[Difference]:
    """What an inspected container that was just created from ``image`` lacks of its spec."""
    return fields.differences(wanted.normal, wanted.modes, container, image, wanted.unspecified == "keep")


def status(container: Optional[Api]) -> str:
    """Either "absent" or the engine's word: created, running, paused, restarting, removing, exited, dead."""
    return str(container["State"]["Status"]) if container is not None else "absent"


def is_running(container: Api) -> bool:
    return bool(container["State"]["Running"])


def is_paused(container: Api) -> bool:
    return bool(container["State"].get("Paused"))


def state_cause(container: Api, after: str) -> str:
    return "state %s → %s" % (status(container), after)


def _plan_stopped(wanted: Wanted, container: Api) -> Plan:
    if not is_running(container):
        return Plan()
    gone = bool(container["HostConfig"].get("AutoRemove"))  # The engine removes it as soon as it has stopped.
    data = {"id": container["Id"], "paused": is_paused(container), "gone": gone, "within": wanted.removal_within}
    after = "absent, by its auto_remove" if gone else "exited"
    step = Step("stop", wanted.name, (state_cause(container, after),), {**data, **stopping(wanted)})
    return Plan((step,), (Difference("state", status(container), after),))


def stopping(wanted: Wanted) -> Dict[str, Any]:
    """How a container is stopped, as the data of a step."""
    return {"kill": wanted.kill, "timeout": wanted.stop_timeout}


def _plan_existing(wanted: Wanted, observed: Observed, container: Api) -> Plan:
    expected = observed.compared or observed.image
    if wanted.image_label_mismatch == "fail":
        from ansible_collections.wharf.docker.plugins.module_utils._plan_change import refuse_labels

        refuse_labels(wanted, expected)
    found = fields.differences(wanted.normal, wanted.modes, container, expected, wanted.unspecified == "keep")
    found += _image_differences(wanted, observed, container)
    changes: List[EndpointChange] = []
    if wanted.endpoints is not None:
        from ansible_collections.wharf.docker.plugins.module_utils._endpoints import (
            endpoint_changes,
            lasting_difference,
        )

        first_too = not wanted.default_network
        found += lasting_difference(wanted.normal, wanted.endpoints, wanted.modes, container, first_too)
        changes = endpoint_changes(wanted.normal, wanted.endpoints, wanted.modes, container)
    moves = wanted.runs and (
        not is_running(container) or wanted.restart or wanted.paused not in (None, is_paused(container))
    )
    if not (found or changes or moves or wanted.recreate):
        return Plan()
    from ansible_collections.wharf.docker.plugins.module_utils._plan_change import plan_change

    return plan_change(wanted, observed, container, found, changes)


def _image_differences(wanted: Wanted, observed: Observed, container: Api) -> List[Difference]:
    if wanted.image is None or wanted.modes["image"] == IGNORE:
        return []
    name, short = str(container["Config"]["Image"]), _short(container["Image"])
    if observed.newer:
        return [Difference("image", "%s (%s)" % (name, short), "%s (%s)" % (wanted.image, observed.newer))]
    if observed.image is not None and not values.is_for(observed.image, wanted.platform):
        return [Difference("platform", values.platform_of(observed.image), wanted.platform)]
    if observed.image is not None and observed.image["Id"] != container["Image"]:
        after = "%s (%s)" % (wanted.image, _short(observed.image["Id"]))
        return [Difference("image", "%s (%s)" % (name, short), after)]
    if wanted.image_name_mismatch == "ignore":
        return []
    if not values.is_image_id(wanted.image) and not values.same_image_name(wanted.image, name):
        return [Difference("image", name, wanted.image)]
    return []


def _short(image_id: str) -> str:
    return image_id.replace("sha256:", "")[:12]
