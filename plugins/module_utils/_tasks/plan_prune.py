# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of a prune: from the engine's listings to a list of objects, each with its reason and its size. Pure.

The kinds are planned in the order of their removal, since the removal of a container frees its networks, volumes and
image.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, Mapping, Optional, Set, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.status import listed_name
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._objects.unused import (
    SAME_VOLUME,
    STOPPED,
    Item,
    RemoveItem,
    image_users,
    leftovers,
    network_users,
    tags,
)
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import role_of
from ansible_collections.wharf.docker.plugins.module_utils._values.prune_filters import Clock, Filters, instant
from ansible_collections.wharf.docker.plugins.module_utils._values.time import SECOND

Api = Mapping[str, Any]

# Each kind with the option that enables it, in the order of removal.
KINDS: Mapping[str, str] = {
    "container": "containers",
    "network": "networks",
    "volume": "volumes",
    "image": "images",
    "build cache": "builder_cache",
}
# Networks that an engine creates for itself.
PREDEFINED = ("bridge", "docker_gwbridge", "host", "ingress", "none")
ANONYMOUS = re.compile(r"[0-9a-f]{64}")
ANONYMOUS_LABEL = "com.docker.volume.anonymous"
# Records that BuildKit keeps for itself and only removes if all records are requested.
OWN_RECORDS = ("frontend", "internal")


@dataclass(frozen=True)
class Wanted:
    """What a task requests. ``filters``: of each requested kind. ``keep``: the bytes of build cache that stay."""

    filters: Mapping[str, Filters] = field(default_factory=dict)
    leftovers: bool = False
    of_stopped: bool = False
    all_records: bool = False
    keep: Optional[int] = None


@dataclass(frozen=True)
class Observed:
    """The engine's listings; except for containers, only those of requested kinds are needed.

    ``networks``: only networks without a running container. ``sizes``: volumes with their usage, by name. ``own``: the
    bytes that only this image has, by its id. ``needed``: the ids of the containers that another task is at work on.
    ``temporary``: the names of what another task has created for itself, an export for example.
    """

    containers: Tuple[Api, ...] = ()
    networks: Tuple[Api, ...] = ()
    volumes: Tuple[Api, ...] = ()
    images: Tuple[Api, ...] = ()
    records: Tuple[Api, ...] = ()
    sizes: Mapping[str, Api] = field(default_factory=dict)
    own: Mapping[str, int] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    needed: FrozenSet[str] = frozenset()
    temporary: FrozenSet[str] = frozenset()


def plan_prune(wanted: Wanted, observed: Observed) -> List[RemoveItem]:
    """A step for each object to be removed, in the order of their removal."""
    items: List[Item] = []
    if "container" in wanted.filters:
        items += _containers(wanted, observed)
    gone = {item.id for item in items}
    staying = [container for container in observed.containers if container["Id"] not in gone]
    if "network" in wanted.filters:
        items += _networks(wanted, observed, staying)
    if "volume" in wanted.filters:
        items += _volumes(wanted.filters["volume"], observed, staying)
    if "image" in wanted.filters:
        items += _images(wanted.filters["image"], observed, staying)
    if "build cache" in wanted.filters:
        items += _records(wanted, observed)
    return [_step(item, wanted) for item in items]


def _step(item: Item, wanted: Wanted) -> RemoveItem:
    size = "" if item.size is None else " (%s)" % human(item.size)
    target, causes = "%s %s" % (item.kind, item.name), (item.reason + size,)
    return RemoveItem(target, causes, item, leftovers=wanted.leftovers, of_stopped=wanted.of_stopped)


def plan_of(steps: Iterable[RemoveItem]) -> Plan:
    """A plan with these steps, and a difference for each kind."""
    found = tuple(steps)
    names: Dict[str, List[str]] = {}
    for step in found:
        names.setdefault(KINDS[step.item.kind], []).append(step.item.name)
    return Plan(found, tuple(Difference(option, before, []) for option, before in names.items()))


def human(size: int) -> str:
    """A human-readable size, in the units of the docker command."""
    if size < 1000:
        return "%d B" % size
    amount, units = size / 1000, ["PB", "TB", "GB", "MB", "kB"]
    while amount >= 999.95 and len(units) > 1:
        amount /= 1000
        units.pop()
    return "%.1f %s" % (amount, units[-1])


def _containers(wanted: Wanted, observed: Observed) -> List[Item]:
    filters = wanted.filters["container"]
    needed = observed.needed if wanted.leftovers else leftovers(observed.containers)
    items = [
        Item(
            "container",
            container["Id"],
            listed_name(container),
            _why(container),
            container.get("SizeRw") or 0,
            seen={"State": container["State"]},
        )
        for container in observed.containers
        if container["State"] in STOPPED
        and container["Id"] not in needed
        and listed_name(container) not in observed.temporary
        and filters.pass_labels(container.get("Labels"))
        and filters.pass_time(_end_of(container["Created"]), observed.clock)
    ]
    return sorted(items, key=lambda item: item.name)


def _why(container: Api) -> str:
    role = role_of(listed_name(container))
    return "%s, %s" % (container["State"], role) if role else str(container["State"])


def _networks(wanted: Wanted, observed: Observed, staying: List[Api]) -> List[Item]:
    filters = wanted.filters["network"]
    items = []
    for network in observed.networks:
        if _is_kept_network(network) or not filters.pass_labels(network.get("Labels")):
            continue
        if filters.until is not None and not filters.pass_time(instant(network["Created"]), observed.clock):
            continue
        if network_users(network, staying, wanted.of_stopped):
            continue
        stopped = network_users(network, staying, of_stopped=False)
        reason = "only stopped containers use it" if stopped else "no container uses it"
        items.append(Item("network", network["Id"], network["Name"], reason))
    return sorted(items, key=lambda item: (item.name, item.id))


def _is_kept_network(network: Api) -> bool:
    """Predefined networks; configurations for other networks; networks of a swarm, whose services are not listed."""
    return bool(
        network["Name"] in PREDEFINED
        or network.get("Ingress")
        or network.get("ConfigOnly")
        or network.get("Scope") == "swarm"
    )


def _volumes(filters: Filters, observed: Observed, staying: List[Api]) -> List[Item]:
    users: Dict[str, Set[str]] = {}
    for container in observed.containers:
        for name in _mounted(container):
            users.setdefault(name, set()).add(container["Id"])
    used = {name for container in staying for name in _mounted(container)}
    items = []
    for volume in observed.volumes:
        name, labels = volume["Name"], volume.get("Labels")
        anonymous = bool(ANONYMOUS.fullmatch(name)) or ANONYMOUS_LABEL in (labels or {})
        usage = (observed.sizes.get(name) or {}).get("UsageData") or {}
        # If the engine counts more users than the listed containers, there is one that is not listed.
        hidden = usage.get("RefCount", 0) > len(users.get(name, ()))
        if name in used or hidden or _is_kept_volume(volume) or not filters.pass_labels(labels):
            continue
        if name in observed.temporary:
            continue
        if not anonymous and not filters.flags.get("all"):
            continue
        reason = "no container uses it, %s" % ("anonymous" if anonymous else "named")
        seen = {key: volume.get(key) for key in SAME_VOLUME}
        items.append(Item("volume", name, name, reason, _known(usage.get("Size")), seen=seen))
    return sorted(items, key=lambda item: item.name)


def _is_kept_volume(volume: Api) -> bool:
    """Volumes whose data is elsewhere: of another driver, of a cluster, or with options (a share, a device)."""
    return bool(volume.get("Driver") != "local" or volume.get("Options") or volume.get("ClusterVolume"))


def _mounted(container: Api) -> Set[str]:
    return {str(mount["Name"]) for mount in container.get("Mounts") or [] if mount.get("Name")}


def _images(filters: Filters, observed: Observed, staying: List[Api]) -> List[Item]:
    """Children before their parents, and a parent only if all its children are removed."""
    dangling = filters.flags.get("dangling", True)

    def candidate(image: Api) -> bool:
        names = tags(image)
        return (
            not (names and dangling)
            and not observed.temporary.intersection(names)
            and filters.pass_labels(image.get("Labels"))
            and filters.pass_time(_end_of(image["Created"]), observed.clock)
            and not image_users(image["Id"], names, staying)
        )

    images = {image["Id"]: image for image in sorted(observed.images, key=lambda image: (tags(image), image["Id"]))}
    parents = {image_id: [image.get("ParentId") or ""] for image_id, image in images.items()}
    items = []
    for image_id in _leaves_first(images, parents, candidate):
        image = images[image_id]
        names = tags(image)
        digests = tuple(sorted(name for name in image.get("RepoDigests") or [] if not name.startswith("<none>")))
        reason = "no container uses it" if names else "dangling"
        name = ", ".join(names) or image_id.replace("sha256:", "")[:12]
        items.append(Item("image", image_id, name, reason, _known(observed.own.get(image_id)), names, digests))
    return items


def _leaves_first(
    nodes: Mapping[str, Api], parents: Mapping[str, List[str]], candidate: Callable[[Api], bool]
) -> List[str]:
    """The candidates that have no remaining child, each after its children, otherwise in the given order."""
    children: Dict[str, int] = {}
    for node in nodes:
        for parent in parents[node]:
            children[parent] = children.get(parent, 0) + 1
    left = [node for node in nodes if candidate(nodes[node])]
    found: List[str] = []
    while True:
        free = [node for node in left if not children.get(node)]
        if not free:
            return found
        for node in free:
            for parent in parents[node]:
                children[parent] -= 1
        found += free
        left = [node for node in left if node not in set(free)]


def _records(wanted: Wanted, observed: Observed) -> List[Item]:
    """Build cache, the least recently used first, if its children are removed, and until little enough is left."""
    filters = wanted.filters["build cache"]
    nodes = {record["ID"]: record for record in sorted(observed.records, key=_used)}
    parents = {record_id: _parents(record) for record_id, record in nodes.items()}

    def candidate(record: Api) -> bool:
        if record.get("InUse") or not _passes(record, filters):
            return False
        if not wanted.all_records and (record.get("Shared") or record.get("Type") in OWN_RECORDS):
            return False
        return filters.until is None or filters.pass_time(_used(record), observed.clock)

    # Layers that an image has as well do not count towards the cache's size: the image keeps them on the disk.
    total = sum(record["Size"] for record in nodes.values() if not record.get("Shared"))
    items = []
    for record_id in _leaves_first(nodes, parents, candidate):
        record = nodes[record_id]
        if wanted.keep is not None and total <= wanted.keep:
            break
        total -= 0 if record.get("Shared") else record["Size"]
        reason = "shared with an image" if record.get("Shared") else "unused"
        seen = {"all": wanted.all_records}
        items.append(Item("build cache", record_id, record_id, reason, record["Size"], seen=seen))
    return items


def _passes(record: Api, filters: Filters) -> bool:
    shared = bool(record.get("Shared"))
    facts = {"inuse": bool(record.get("InUse")), "shared": shared, "private": not shared}
    if any(facts[key] != value for key, value in filters.flags.items()):
        return False
    texts = filters.texts
    return (
        ("id" not in texts or re.search(texts["id"], record["ID"]) is not None)
        and ("parent" not in texts or texts["parent"] in _parents(record))
        and all(record.get(name) == texts[key] for key, name in _TEXTS.items() if key in texts)
    )


_TEXTS = {"description": "Description", "type": "Type"}


def _parents(record: Api) -> List[str]:
    """One parent up to API 1.41, a list from 1.42 on, whose key has a leading space on some engines."""
    several = record.get("Parents") or record.get(" Parents")
    return list(several) if several else [record["Parent"]] if record.get("Parent") else []


def _used(record: Api) -> int:
    return instant(record.get("LastUsedAt") or record["CreatedAt"])


def _end_of(seconds: int) -> int:
    """The end of a second: the listing has whole seconds only, an object that may be newer must not count as older."""
    return int(seconds) * SECOND + SECOND - 1


def _known(size: Optional[int]) -> Optional[int]:
    """None instead of the engine's -1 for an unknown size."""
    return None if size is None or size < 0 else size
