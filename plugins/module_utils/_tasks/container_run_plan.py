# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of container_run: one pure function from the wanted and the observed state to all steps."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container import spec as fields
from ansible_collections.wharf.docker.plugins.module_utils._container.comparison import (
    Comparison,
    refuse_labels,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.endpoints import EndpointChange, create_networking
from ansible_collections.wharf.docker.plugins.module_utils._container.observed import Observed
from ansible_collections.wharf.docker.plugins.module_utils._container.options import FIELDS
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    is_paused,
    is_running,
    own_name,
    state_cause,
    status,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import (
    Connect,
    Disconnect,
    Pause,
    Pull,
    Remove,
    Run,
    Start,
    Stop,
    Unpause,
    Update,
    renamed,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import Wanted
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import STRICT, Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan, joined
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Series, Step
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import INTERRUPTED
from ansible_collections.wharf.docker.plugins.module_utils._replacement.recovery import recover, removal
from ansible_collections.wharf.docker.plugins.module_utils._replacement.successor import Successor, creation, image_of
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values
from ansible_collections.wharf.docker.plugins.module_utils._values.core import OLD, TURN

Api = Mapping[str, Any]


def plan_container(wanted: Wanted, observed: Observed, comparison: Comparison) -> Plan:
    """All steps that bring the container ``wanted.name`` from observed to wanted. ``comparison`` is of these two."""
    first = _plan_recovery(wanted, observed, comparison)
    pull = Plan()
    if observed.pull:
        step = _pull_step(wanted, observed, observed.pull)
        pull = Plan((step,), (Difference("pulled", None, wanted.image),))
    return joined((first, pull, _plan(wanted, observed, comparison)))


def _plan_recovery(wanted: Wanted, observed: Observed, comparison: Comparison) -> Plan:
    """The steps that have to come first; ``observed.container`` is the container as it is after them."""
    if observed.renamed is not None:
        former = own_name(observed.renamed)
        lone = former == wanted.name + OLD
        causes = (INTERRUPTED,) if lone else ("rename_from %s → %s" % (former, wanted.name),)
        step = renamed(former, causes, observed.renamed, wanted.name, undone=True)
        return Plan((step,), (Difference("name", former, wanted.name),))
    turn: Tuple[Step, ...] = ()
    if observed.turn is not None:
        turn = (removal(wanted.name + TURN, observed.turn, "a roll back was interrupted", volumes=True),)
    if observed.half_way is None:
        return Plan(turn)
    plan, _container = recover(wanted.name, observed.half_way)
    plan = plan._replace(steps=(*plan.steps, *turn))
    if observed.interrupted is None:
        return plan
    from ansible_collections.wharf.docker.plugins.module_utils._replacement import plan_dependents

    steps = (
        plan_dependents.all_of(observed.interrupted)[0]
        if comparison.replaced
        else plan_dependents.mending_steps(wanted, observed, observed.interrupted)
    )
    return plan._replace(steps=(*plan.steps, *steps))


def _plan(wanted: Wanted, observed: Observed, comparison: Comparison) -> Plan:
    container = observed.container
    if container is None:
        return _plan_new(wanted, observed)
    if comparison.same:
        return Plan()
    if comparison.stops:
        return _plan_stopped(wanted, container)
    return _plan_change(wanted, observed, comparison, container)


def _pull_step(wanted: Wanted, observed: Observed, cause: str) -> Step:
    return Pull(str(wanted.image), (cause,), platform=wanted.platform, pulled=observed.pulled)


def _plan_stopped(wanted: Wanted, container: Api) -> Plan:
    gone = bool(container["HostConfig"].get("AutoRemove"))  # The engine removes it as soon as it has stopped.
    after = "absent, by its auto_remove" if gone else "exited"
    step = _stop(wanted, container, (state_cause(container, after),), gone)
    return Plan((step,), (Difference("state", status(container), after),))


def _stop(wanted: Wanted, container: Api, causes: Tuple[str, ...], gone: bool = False) -> Stop:
    name, identity, paused = wanted.name, str(container["Id"]), is_paused(container)
    again: Tuple[Step, ...] = (Start(name, causes, identity),)
    if paused:
        again += (Pause(name, causes, identity),)
    return Stop(
        name,
        causes,
        identity,
        paused=paused,
        kill=wanted.kill,
        timeout=wanted.stop_timeout,
        auto_remove=gone,
        within=wanted.removal_within,
        way_back=() if gone else again,
    )


def _plan_new(wanted: Wanted, observed: Observed) -> Plan:
    """The plan for a container that does not exist."""
    if wanted.image is None:
        raise Failure(
            "Cannot create the container %s: there is none of this name, and no image is given. "
            "Give the option image." % wanted.name
        )
    if wanted.image_label_mismatch == "fail":
        refuse_labels(wanted, observed.image)
    steps = _pull_steps(wanted, observed, "create the container %s" % wanted.name)
    causes = ("no container of this name",)
    new = _successor(wanted, observed, wanted.image)
    if wanted.runs and not wanted.detach:
        # Its output is read from its start on, so it has to be checked before.
        new = new._replace(check=wanted)
    made = creation(wanted.name, new, causes, observed)
    steps += made if len(made) == 1 else [Series(wanted.name, causes, "create", tuple(made))]
    after = "created"
    if wanted.runs:
        steps.append(_start_step(wanted, "created"))
        after = "running" if wanted.detach else "exited"
        if wanted.paused and wanted.detach:
            steps.append(Pause(wanted.name, ("state running → paused",)))
            after = "paused"
    if wanted.runs and not wanted.detach and wanted.cleanup:
        steps.append(_cleanup_step(wanted))
        after = "absent"
    options = [
        Difference(field.option, None, field.show(wanted.normal[field.option]), quiet=field.quiet)
        for field in FIELDS
        if field.option in wanted.normal
    ]
    if wanted.endpoints:
        options.append(Difference("networks", None, dict(wanted.endpoints)))
    return Plan(
        tuple(steps),
        (Difference("state", "absent", after), Difference("image", None, wanted.image), *options),
    )


def _plan_change(wanted: Wanted, observed: Observed, comparison: Comparison, container: Api) -> Plan:
    """The plan for an existing container that differs."""
    steps: List[Step] = []
    found, changes = _quiet(wanted, list(comparison.differences)), comparison.endpoints
    networks = [change.difference() for change in changes]
    if comparison.replaced:
        steps += _pull_steps(wanted, observed, "replace the container %s" % wanted.name)
        steps += _replacement(wanted, observed, container, list(_merged([*found, *networks])))
        if wanted.recreate and not found:
            found = [Difference("container", container["Id"][:12], "a new one")]
        running = is_running(container) or wanted.runs
        state = _state_difference(container, running)
        if wanted.paused and wanted.runs:
            steps.append(Pause(wanted.name, ("state running → paused",)))
            state = [Difference("state", status(container), "paused")] if not is_paused(container) else []
        return Plan((*steps, *_cleanup_steps(wanted)), _merged([*state, *found, *networks, *observed.dropped]))
    # Endpoints come first: their steps can be undone, which is not always possible for limits.
    steps += [_endpoint_step(wanted, container, change, kind) for change in changes for kind in change.kinds()]
    if found:
        steps.append(_update_step(wanted, container, found))
    state = []
    if wanted.runs and not is_running(container):
        steps.append(_start_step(wanted, status(container), container["Id"]))
        steps += _cleanup_steps(wanted)
        state = _state_difference(container, True)
    elif wanted.runs and wanted.restart:
        causes = ("restart is requested",)
        again = (
            Stop(
                wanted.name,
                causes,
                container["Id"],
                paused=is_paused(container),
                kill=wanted.kill,
                timeout=wanted.stop_timeout,
            ),
            Start(wanted.name, causes, container["Id"]),
        )
        steps.append(Series(wanted.name, causes, "restart", again))
        state = [Difference("restarted", False, True)]
    if wanted.runs and wanted.paused is not None:
        now = is_paused(container) and not (wanted.restart and is_running(container))
        if now != wanted.paused:
            kind = Pause if wanted.paused else Unpause
            after = "paused" if wanted.paused else "running"
            cause = "state %s → %s" % ("paused" if now else "running", after)
            steps.append(kind(wanted.name, (cause,), container["Id"]))
            if after != status(container):
                state = [one for one in state if one.option != "state"]
                state.append(Difference("state", status(container), after))
    return Plan(tuple(steps), _merged([*state, *found, *networks]))


def _quiet(wanted: Wanted, found: List[Difference]) -> List[Difference]:
    """The differences. That of labels is quiet if the name of a differing label marks it as secret."""
    names = {name for one in found if one.option == "labels" for name in {**one.before, **one.after}}
    if not names or not wanted.secret_patterns:
        return found
    from ansible_collections.wharf.docker.plugins.module_utils._flow.mask import Mask

    mask = Mask(wanted.secret_patterns)
    if not any(mask.is_secret(name) for name in names):
        return found
    return [one._replace(quiet=True) if one.option == "labels" else one for one in found]


def _pull_steps(wanted: Wanted, observed: Observed, tried: str) -> List[Step]:
    if wanted.image is None:
        return []
    if observed.newer:
        return [_pull_step(wanted, observed, observed.newer)]
    if observed.image is None:
        if wanted.pull == "never":
            why = "and pull is never. Import, build or pull it first, or set pull to missing."
        else:
            why = "and an image given by its id can't be pulled. Give a name, or load the image first."
        raise Failure("Cannot %s: the image %s is not on the engine, %s" % (tried, wanted.image, why))
    if not values.is_for(observed.image, wanted.platform):
        raise Failure(
            "Cannot %s: the image %s on the engine is for %s, not for %s, and pull is never. Bring it for that "
            "platform, or set pull to missing."
            % (tried, wanted.image, values.platform_of(observed.image), wanted.platform)
        )
    return []


def _replacement(wanted: Wanted, observed: Observed, container: Api, found: List[Difference]) -> List[Step]:
    from ansible_collections.wharf.docker.plugins.module_utils._replacement.plan_replacement import plan_replacement

    causes = tuple(difference.cause() for difference in found) or ("recreate is requested",)
    image = wanted.image or image_of(container, observed.image)
    new = _successor(wanted, observed, image, alias=wanted.name)._replace(check=wanted)
    following: Tuple[Series, ...] = ()
    restarts: Tuple[Series, ...] = ()
    if observed.dependents:
        from ansible_collections.wharf.docker.plugins.module_utils._replacement import plan_dependents

        if wanted.dependents == "fail":
            plan_dependents.refuse(wanted.name, observed.dependents)
        if wanted.dependents == "restart":
            following = plan_dependents.following(wanted, observed, wanted.name, observed.dependents)
            restarts = plan_dependents.restarts(wanted.name, observed.dependents)
    return plan_replacement(wanted, observed, container, causes, new, following, restarts)


def _successor(wanted: Wanted, observed: Observed, image: str, alias: str = "") -> Successor:
    """``alias``: a further name in its networks, in addition to its own."""
    body = fields.create_body(wanted.normal)
    body["Image"] = image
    if wanted.masked:
        body["Labels"] = {**(body.get("Labels") or {}), values.MASKED_LABEL: wanted.masked}
    if wanted.endpoints == {} and wanted.modes["networks"] == STRICT:
        body["HostConfig"].setdefault("NetworkMode", "none")
    if wanted.default_network:
        body["HostConfig"].setdefault("NetworkMode", "default")
    connect = tuple(create_networking(body, wanted.endpoints, alias))
    return Successor(body, connect, _leave(wanted), wanted.platform, observed.new_volumes, image=observed.image)


def _leave(wanted: Wanted) -> Tuple[str, ...]:
    """Networks to disconnect a new container from: it is created in the default one, which strict does not allow."""
    strict = wanted.default_network and wanted.modes["networks"] == STRICT
    return ("bridge",) if strict and "bridge" not in (wanted.endpoints or {}) else ()


def _start_step(wanted: Wanted, before: str, container: str = "") -> Step:
    """``container``: the id of an existing container; "" for one that is going to be created."""
    if not wanted.detach:
        return Run(wanted.name, ("state %s → run to its end" % before,), container)
    return Start(wanted.name, ("state %s → running" % before,), container, undone=bool(container))


def _cleanup_steps(wanted: Wanted) -> List[Step]:
    if not wanted.cleanup or wanted.detach or not wanted.runs:
        return []
    return [_cleanup_step(wanted)]


def _cleanup_step(wanted: Wanted) -> Step:
    return Remove(wanted.name, ("cleanup after its end",), volumes=True)


def _update_step(wanted: Wanted, container: Api, found: List[Difference]) -> Step:
    options = [difference.option for difference in found]
    body = fields.update_body(options, wanted.normal, container)
    former = {key: container["HostConfig"].get(key) for key in body}
    if "PidsLimit" in former:
        former["PidsLimit"] = former["PidsLimit"] or 0
    # The engine ignores a zero in an update, except for PidsLimit: the absence of a limit can't be restored.
    stays = tuple(sorted(key for key, value in former.items() if not value and key != "PidsLimit"))
    back = {key: value for key, value in former.items() if key not in stays}
    causes = tuple(difference.cause() for difference in found)
    return Update(
        wanted.name,
        causes,
        container["Id"],
        bodies=_in_order(body),
        wanted=body,
        former=_in_order(back),
        stays=stays,
    )


def _in_order(body: Dict[str, Any]) -> Tuple[Dict[str, Any], ...]:
    """An update, in the order in which the engine accepts it.

    It refuses a Memory above a MemorySwap of -1, and the kernel refuses both in one call: so both first get a finite
    limit.
    """
    if not body:
        return ()
    if body.get("MemorySwap") == -1 and body.get("Memory"):
        return {**body, "MemorySwap": 2 * body["Memory"]}, {"MemorySwap": -1}
    return (body,)


def _endpoint_step(wanted: Wanted, container: Api, change: EndpointChange, kind: str) -> Step:
    name, causes, identity = wanted.name, (change.cause(),), str(container["Id"])
    if kind == "connect":
        return Connect(name, causes, identity, network=change.network, endpoint=change.wanted_api)
    return Disconnect(
        name, causes, identity, network=change.network, endpoint=change.observed_api, refused=change.refused
    )


def _state_difference(container: Api, running: bool) -> List[Difference]:
    if not running or is_running(container):
        return []
    return [Difference("state", status(container), "running")]


def _merged(found: List[Difference]) -> Tuple[Difference, ...]:
    """The differences, with several of one option (networks, or its dropped values) merged into one."""
    merged: Dict[str, Difference] = {}
    for difference in found:
        known = merged.get(difference.option)
        if known is not None:
            before, after = _both(known.before, difference.before), _both(known.after, difference.after)
            quiet = known.quiet or difference.quiet
            difference = Difference(difference.option, before, after, difference.live, quiet)
        merged[difference.option] = difference
    return tuple(merged.values())


def _both(first: Any, second: Any) -> Any:
    if isinstance(first, dict):
        return {**first, **second}
    return [*first, *(item for item in second if item not in first)]
