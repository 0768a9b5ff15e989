# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task prune: remove unused objects, one by one, from a list that is known before anything is removed.

The engine's own prunes remove whatever they find at that moment, and can't predict what that is. So each object of the
list is removed individually, and the engine still refuses to remove one that is in use by then.
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple, cast

from ansible_collections.wharf.docker.plugins.module_utils._archive import helper_containers as _helpers
from ansible_collections.wharf.docker.plugins.module_utils._archive import unchecked_images as _unchecked
from ansible_collections.wharf.docker.plugins.module_utils._container.status import listed_name
from ansible_collections.wharf.docker.plugins.module_utils._engine.again import list_images
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    EngineError,
    Failure,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Call, Result, Task
from ansible_collections.wharf.docker.plugins.module_utils._objects.unused import Item, RemoveItem, tags
from ansible_collections.wharf.docker.plugins.module_utils._tasks.plan_prune import (
    KINDS,
    Observed,
    Wanted,
    plan_of,
    plan_prune,
)
from ansible_collections.wharf.docker.plugins.module_utils._values import limits
from ansible_collections.wharf.docker.plugins.module_utils._values.prune_filters import Clock, Filters, clock, filters

OPTIONS: Dict[str, Dict[str, Any]] = {
    "containers": {"type": "bool", "default": False},
    "containers_filters": {"type": "dict"},
    "containers_leftovers": {"type": "bool", "default": False},
    "images": {"type": "bool", "default": False},
    "images_filters": {"type": "dict"},
    "networks": {"type": "bool", "default": False},
    "networks_filters": {"type": "dict"},
    "networks_of_stopped": {"type": "bool", "default": False},
    "volumes": {"type": "bool", "default": False},
    "volumes_filters": {"type": "dict"},
    "builder_cache": {"type": "bool", "default": False},
    "builder_cache_all": {"type": "bool", "default": False},
    "builder_cache_filters": {"type": "dict"},
    "builder_cache_keep_storage": {"type": "str"},
}
# Further options for a kind, by the option that enables it. They have no effect if it is off.
MORE: Dict[str, Tuple[str, ...]] = {
    "containers": ("containers_filters", "containers_leftovers"),
    "images": ("images_filters",),
    "networks": ("networks_filters", "networks_of_stopped"),
    "volumes": ("volumes_filters",),
    "builder_cache": ("builder_cache_all", "builder_cache_filters", "builder_cache_keep_storage"),
}
REMOVED = {**{option: "%s are" % option for option in MORE}, "builder_cache": "build cache is"}
# Images and build cache: a parent can't be removed before its children. Networks: the engine does not protect a network
# of containers that are not running, so the check must come as shortly before the removal as possible.
ONE_BY_ONE = ("network", "image", "build cache")


class Done:
    """The outcome for the objects of a list. ``left``: each with the reason; ``failures``: messages."""

    def __init__(self) -> None:
        self.removed: List[RemoveItem] = []
        self.left: List[Tuple[Item, str]] = []
        self.failures: List[str] = []


def run(call: Call) -> Result:
    wanted = normalise(call.params)
    call.warnings += without_effect(call.params)
    observed = observe(call.engine, wanted)
    steps = plan_prune(wanted, observed)
    if call.check_mode:
        done = Done()
        done.removed = steps
    else:
        done = carry_out(call.engine, steps)
    return _report(call, wanted, done)


def normalise(params: Mapping[str, Any]) -> Wanted:
    """Normalise the task's options. Failure: a value is invalid; reported before any call to the engine."""
    found: Dict[str, Filters] = {}
    option = ""
    try:
        for kind, name in KINDS.items():
            option = name + "_filters"
            given = filters(option, params[option])
            if params[name]:
                found[kind] = given
        option = "builder_cache_keep_storage"
        keep = limits.size(params[option]) if params[option] is not None else None
    except ValueError as error:
        raise Failure("%s: %s." % (option, str(error).rstrip("."))) from None
    return Wanted(
        found, params["containers_leftovers"], params["networks_of_stopped"], params["builder_cache_all"], keep
    )


def without_effect(params: Mapping[str, Any]) -> List[str]:
    """A warning for each kind that is off although the task has further options for it."""
    warnings = []
    for option, more in MORE.items():
        given = [name for name in more if params[name]]
        if given and not params[option]:
            verb, pronoun = ("are", "them") if len(given) > 1 else ("is", "it")
            warnings.append(
                "%s %s given, but %s is not true: no %s removed. Set %s to true, or leave %s out."
                % (" and ".join(given), verb, option, REMOVED[option], option, pronoun)
            )
    return warnings


def observe(engine: Engine, wanted: Wanted) -> Observed:
    """One listing per kind, and one more for sizes: of volumes, of build cache, and on older engines of images."""
    kinds = wanted.filters
    if not kinds:
        return Observed()
    only_records = set(kinds) == {"build cache"}
    networks = volumes = images = ()  # type: Any
    if "network" in kinds:
        networks = engine.get("/networks", tried="list the networks", query={"filters": {"dangling": ["true"]}})
    if "volume" in kinds:
        volumes = engine.get("/volumes", tried="list the volumes")["Volumes"] or ()
    sized = engine.version >= (1, 42)
    if "image" in kinds:
        images = list_images(engine, "list the images", {"all": True, "shared-size": True if sized else None})
    usage = _usage(engine, kinds, sized)
    containers = () if only_records else tuple(_list_containers(engine, size="container" in kinds))
    return Observed(
        containers=containers,
        needed=frozenset(_needed(engine, containers)) if wanted.leftovers and "container" in kinds else frozenset(),
        networks=tuple(networks),
        volumes=tuple(volumes),
        images=tuple(images),
        records=tuple(usage.get("BuildCache") or ()),
        sizes={volume["Name"]: volume for volume in usage.get("Volumes") or ()},
        own=_own_sizes(images if sized else usage.get("Images") or ()),
        clock=_clock(engine) if any(found.until is not None for found in kinds.values()) else Clock(),
        temporary=frozenset(filter(_may_be_needed, _names(containers, volumes, images))),
    )


def _may_be_needed(name: str) -> bool:
    return _helpers.may_be_needed(name) or _unchecked.may_be_needed(name)


def _names(
    containers: Iterable[Mapping[str, Any]], volumes: Iterable[Mapping[str, Any]], images: Iterable[Mapping[str, Any]]
) -> Iterator[str]:
    yield from (listed_name(container) for container in containers)
    yield from (str(volume["Name"]) for volume in volumes)
    for image in images:
        yield from tags(image)


def _needed(engine: Engine, containers: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    from ansible_collections.wharf.docker.plugins.module_utils._replacement.turn import needed_by_others

    return needed_by_others(engine, containers)


def carry_out(engine: Engine, steps: Iterable[RemoveItem]) -> Done:
    """Carry out ``steps``, kind by kind. Objects removed or used by then are left; a failure ends it after its kind."""
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor
    from ansible_collections.wharf.docker.plugins.module_utils._apply.prune import OPERATIONS
    from ansible_collections.wharf.docker.plugins.module_utils._container.selection import each

    def one(step: RemoveItem) -> Tuple[str, str]:
        """(why it was left, the failure); both empty: it is removed."""
        executor = Executor(engine, OPERATIONS)
        try:
            executor.do(step)
        except EngineError as error:
            return "", error.message
        return str(executor.facts.get("left", "")), ""

    done = Done()
    todo = list(steps)
    for kind in KINDS:
        of_kind = [step for step in todo if step.item.kind == kind]
        if not of_kind or done.failures:
            continue
        outcomes = each(one, of_kind, 1) if kind in ONE_BY_ONE else each(one, of_kind)
        for step, (left, failure) in zip(of_kind, outcomes):
            if failure:
                done.failures.append(failure)
            elif left:
                done.left.append((step.item, left))
            else:
                done.removed.append(step)
    return done


def _report(call: Call, wanted: Wanted, done: Done) -> Result:
    plan = plan_of(done.removed)
    gone = [step.item for step in done.removed]
    facts: Dict[str, Any] = {
        "removed": [item.fact() for item in gone],
        "left": [{"kind": item.kind, "id": item.id, "name": item.name, "reason": reason} for item, reason in done.left],
        "space_reclaimed": _space(gone),
    }
    for kind in wanted.filters:
        option = KINDS[kind]
        removed = [item for item in gone if item.kind == kind]
        facts["builder_cache_caches_deleted" if kind == "build cache" else option] = [item.id for item in removed]
        if kind != "network":
            facts[option + "_space_reclaimed"] = _space(removed)
    call.about = "what is not used"
    result = call.report(plan, **facts)
    if done.failures:
        message = " ".join(done.failures)
        if plan.changed:
            message += " What was removed before is gone: %s." % "; ".join(plan.actions())
        raise Failure(message, **result)
    return result


def _space(items: Iterable[Item]) -> int:
    return sum(item.size or 0 for item in items)


def _list_containers(engine: Engine, size: bool = False) -> List[Dict[str, Any]]:
    return list(engine.get("/containers/json", tried="list the containers", query={"all": True, "size": size}))


def _usage(engine: Engine, kinds: Mapping[str, Filters], typed: bool) -> Dict[str, Any]:
    """The disk usage, which the listings lack. Newer engines determine it only for the requested types."""
    types = [name for kind, name in (("volume", "volume"), ("build cache", "build-cache")) if kind in kinds]
    if not types and (typed or "image" not in kinds):
        return {}
    query = {"type": types} if typed else None
    return cast("Dict[str, Any]", engine.get("/system/df", tried="ask what uses the disk", query=query))


def _own_sizes(images: Iterable[Mapping[str, Any]]) -> Dict[str, int]:
    return {image["Id"]: image["Size"] - image["SharedSize"] for image in images if image.get("SharedSize", -1) >= 0}


def _clock(engine: Engine) -> Clock:
    return clock(str(engine.get("/info", tried="ask the engine's clock")["SystemTime"]))


TASK = Task(name="prune", options=OPTIONS, run=run)
