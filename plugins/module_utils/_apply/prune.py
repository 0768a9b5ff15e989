# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the step of a prune does: an object is checked once more, and removed if it has not changed since the listing.

The engine's own prunes remove whatever they find at that moment, and can't predict what that is. So each object is
removed individually, and the engine still refuses to remove one that is in use by then.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Callable, Iterable, List, Mapping, Optional, Type

from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_image
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine, reference, segment
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import EngineError
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step
from ansible_collections.wharf.docker.plugins.module_utils._objects.unused import RemoveItem, why_left

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor, Operation

# The statuses of the engine's answer for an object that has been removed, and for one that is in use by then.
GONE, IN_USE = (404,), (403, 409)


def _remove(executor: Executor, step: RemoveItem) -> Optional[bool]:
    """False: the object was left, and the fact ``left`` has the reason.

    It is checked right before. If it changes between this check and the removal, the engine refuses the removal in most
    cases, but not if a network gets a container that is not running, or if one of several names of an image is moved.
    """
    try:
        left = _look(executor.engine, step) or _REMOVERS[step.item.kind](executor.engine, step)
    except EngineError as error:
        if error.status in GONE:
            left = "gone by then"
        elif error.status in IN_USE:
            left = _refused(error)
        else:
            raise
    if not left:
        return None
    executor.facts["left"] = left
    return False


def _look(engine: Engine, step: RemoveItem) -> str:
    """Why the object has to be left; "" if it has not changed since the list was made."""
    item = step.item
    if item.kind == "build cache":
        return ""  # The engine's prune checks that by itself.
    found = None
    if item.kind == "volume":
        found = engine.find("/volumes/%s" % segment(item.id), tried=_tried(step))
    elif item.kind == "image":
        found = find_image(engine, item.id)
    containers = engine.get("/containers/json", tried="list the containers", query={"all": True, "size": False})
    left = why_left(step, containers, found)
    if not left and item.kind == "container" and step.leftovers:
        from ansible_collections.wharf.docker.plugins.module_utils._replacement.turn import needed_by_others

        left = "another task needs it by then" if item.id in needed_by_others(engine, containers) else ""
    return left


def _remove_container(engine: Engine, step: RemoveItem) -> str:
    engine.delete("/containers/%s" % segment(step.item.id), tried=_tried(step), query={"force": False, "v": False})
    return ""


def _remove_network(engine: Engine, step: RemoveItem) -> str:
    engine.delete("/networks/%s" % segment(step.item.id), tried=_tried(step))
    return ""


def _remove_volume(engine: Engine, step: RemoveItem) -> str:
    engine.delete("/volumes/%s" % segment(step.item.id), tried=_tried(step), query={"force": False})
    return ""


def _remove_image(engine: Engine, step: RemoveItem) -> str:
    """Remove it by its id, which also removes its last name unless that has moved. Its parents are in the list.

    The engine removes an image by its id only if all its names are of one repository, with one tag: so the other names
    are removed first, each followed by a check.
    """
    query = {"force": False, "noprune": True}
    item = step.item
    names = list(item.names)
    gone: List[str] = []
    digests = item.digests
    repository = names[-1].rpartition(":")[0] if names else digests[0].partition("@")[0] if digests else ""
    try:
        while len(names) > 1:
            engine.delete("/images/%s" % reference(names[0]), tried=_tried(step), query=query)
            gone.append(names.pop(0))
            left = _look(engine, replace(step, item=replace(item, names=tuple(names))))
            if left:
                return left + _without(gone)
        for name in digests:
            if name.partition("@")[0] != repository:
                engine.delete("/images/%s" % reference(name), tried=_tried(step), query=query, accept=(404,))
        engine.delete("/images/%s" % reference(item.id), tried=_tried(step), query=query)
    except EngineError as error:
        if error.status in IN_USE and gone:
            return _refused(error) + _without(gone)
        raise
    return ""


def _without(names: Iterable[str]) -> str:
    return ". It has lost %s already" % ", ".join(names)


def _refused(error: EngineError) -> str:
    return "not removable by then: %s" % error.answer.rstrip(".").strip()


def _remove_record(engine: Engine, step: RemoveItem) -> str:
    """The engine's prune with a filter that matches one record. It reports what it removed, and nothing else."""
    item = step.item
    answer = engine.post(
        "/build/prune",
        tried=_tried(step),
        query={"all": item.seen["all"], "filters": {"id": ["^%s$" % re.escape(item.id)]}},
        patient=True,
    )
    return "" if item.id in (answer.get("CachesDeleted") or ()) else "gone or used by then"


_REMOVERS: Mapping[str, Callable[[Engine, RemoveItem], str]] = {
    "container": _remove_container,
    "network": _remove_network,
    "volume": _remove_volume,
    "image": _remove_image,
    "build cache": _remove_record,
}


def _tried(step: RemoveItem) -> str:
    return "remove the %s %s" % (step.item.kind, step.item.name)


OPERATIONS: Mapping[Type[Step], Operation] = {RemoveItem: _remove}
