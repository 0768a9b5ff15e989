# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a prune removes, what needs such an object, and why one is left alone when its turn comes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Dict, Iterable, List, Mapping, Optional, Set, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.status import listed_name
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import replaced_by, role_of
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values
from ansible_collections.wharf.docker.plugins.module_utils._values.core import NEW

Api = Mapping[str, Any]

STOPPED = ("created", "dead", "exited")
# What never changes in the life of a volume: if it differs, this is another volume with the same name.
SAME_VOLUME = ("CreatedAt", "Driver", "Labels", "Options")


@dataclass(frozen=True)
class Item:
    """One object to be removed. ``size`` None: it has none, or the engine does not report it. ``names``: of an image.

    ``seen``: what the listing reported, if that can change or another object can get the same name; for build cache,
    whether all of it was requested, shared or not.
    """

    kind: str
    id: str
    name: str
    reason: str
    size: Optional[int] = None
    names: Tuple[str, ...] = ()
    digests: Tuple[str, ...] = ()
    seen: Api = field(default_factory=dict)

    def fact(self) -> Dict[str, Any]:
        return {"kind": self.kind, "id": self.id, "name": self.name, "reason": self.reason, "size": self.size}


@dataclass(frozen=True)
class RemoveItem(Step):
    """Remove one object that nothing needs; its target has the kind and the name.

    ``leftovers``: also a container that a replacement keeps or has left. ``of_stopped``: also a network that only
    stopped containers use.
    """

    ACTION: ClassVar[str] = "remove"

    item: Item
    leftovers: bool = False
    of_stopped: bool = False


def why_left(step: RemoveItem, containers: Iterable[Api], found: Optional[Api] = None) -> str:
    """Why an object is left alone when its turn comes; "" if it has not changed since the list was made.

    ``containers``: as they are now. ``found``: the volume or image as it is now; None if it no longer exists.
    """
    item, containers = step.item, list(containers)
    if item.kind == "container":
        found = next((container for container in containers if container["Id"] == item.id), None)
    if found is None and item.kind != "network":
        return "gone by then"
    users: List[str] = []
    if item.kind == "container":
        needed = not step.leftovers and item.id in leftovers(containers)
        return _why_container_left(item, found or {}) or ("a replacement needs it by then" if needed else "")
    if item.kind == "network":
        users = network_users({"Id": item.id, "Name": item.name}, containers, step.of_stopped)
    elif item.kind == "image":
        if tags(found or {}) != item.names:
            return "its names changed meanwhile"
        users = image_users(item.id, item.names, containers)
    elif any((found or {}).get(key) != item.seen.get(key) for key in SAME_VOLUME):
        return "another volume has its name by then"
    return "used by then by %s" % ", ".join(users) if users else ""


def leftovers(containers: Iterable[Api]) -> Set[str]:
    """The ids of the containers that a replacement keeps, has left over, or is still working on.

    They are recognised by their names, except the old container between the creation of the new one and its own
    renaming: then a label of the new one names it.
    """
    needed = set()
    for container in containers:
        name = listed_name(container)
        if role_of(name):
            needed.add(str(container["Id"]))
        replaces = replaced_by({"Config": container})
        if name.endswith(NEW) and replaces is not None:
            needed.add(replaces)
    return needed


def network_users(network: Api, containers: Iterable[Api], of_stopped: bool) -> List[str]:
    """The names of the containers that use a network; with ``of_stopped``, without stopped ones that may be removed."""
    containers = list(containers)
    needed = leftovers(containers) if of_stopped else set()
    return [
        listed_name(container)
        for container in containers
        if not (of_stopped and container["State"] in STOPPED and container["Id"] not in needed)
        and _is_connected(container, network)
    ]


def image_users(image_id: str, names: Iterable[str], containers: Iterable[Api]) -> List[str]:
    """The names of the containers that use an image: created from it, or from a name that is now the image's."""
    known = list(names)
    return [
        listed_name(container)
        for container in containers
        if container["ImageID"] == image_id or any(_same_name(name, str(container["Image"])) for name in known)
    ]


def tags(image: Api) -> Tuple[str, ...]:
    return tuple(sorted(tag for tag in image.get("RepoTags") or [] if not tag.endswith("<none>")))


def _why_container_left(item: Item, now: Api) -> str:
    """A container that has run since then may have new data, and one with another name may have another purpose."""
    if listed_name(now) != item.name:
        return "it was renamed to %s meanwhile" % listed_name(now)
    if now["State"] != item.seen["State"]:
        return "not removable by then: it is %s now, and was %s" % (now["State"], item.seen["State"])
    return ""


def _is_connected(container: Api, network: Api) -> bool:
    """By name or id: before its first start, the document of a container has only what it was created with."""
    name, network_id = network["Name"], network["Id"]
    words = {str((container.get("HostConfig") or {}).get("NetworkMode") or "")}
    for key, endpoint in ((container.get("NetworkSettings") or {}).get("Networks") or {}).items():
        words |= {key, str((endpoint or {}).get("NetworkID") or "")}
    return any(word == name or (len(word) >= 12 and network_id.startswith(word)) for word in words)


def _same_name(first: str, second: str) -> bool:
    try:
        return values.same_image_name(first, second)
    except ValueError:
        return first == second
