# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner of a replacement: what the new container takes over from the old one, and what becomes of that. Pure."""

from __future__ import annotations

import posixpath
import re
from typing import Any, Dict, Iterator, List, Mapping, Optional, Set, Tuple

from ansible_collections.wharf.docker.plugins.module_utils import _values as values
from ansible_collections.wharf.docker.plugins.module_utils._errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._plan import (
    Api,
    Observed,
    Step,
    Wanted,
    is_paused,
    is_running,
    stopping,
)
from ansible_collections.wharf.docker.plugins.module_utils._plan_aside import (
    NEW,
    PREVIOUS,
    Aside,
    labels_of_successor,
    removal,
)
from ansible_collections.wharf.docker.plugins.module_utils._plan_written import saving_steps

ANONYMOUS = r"[0-9a-f]{64}"  # The engine gives a volume without a name such a one.


def plan_replacement(
    wanted: Wanted, observed: Observed, container: Api, causes: Tuple[str, ...], data: Mapping[str, Any]
) -> List[Step]:
    """The steps of a replacement. ``data``: the new container's ``body``, its further networks, and its check."""
    aside = observed.aside or Aside()
    _refuse(wanted, container, data, aside)
    following: List[Step] = []
    if observed.dependents:
        from ansible_collections.wharf.docker.plugins.module_utils import _plan_dependents

        if wanted.dependents == "fail":
            _plan_dependents.refuse(wanted.name, observed.dependents)
        if wanted.dependents == "restart":
            following = _plan_dependents.following_steps(wanted, wanted.name, observed.dependents)
    prepared = {**prepare(wanted, observed, container, data), "dependents": following}
    keeps = wanted.keep_previous > 0
    steps = [Step("recreate", wanted.name, causes, {**prepared, "keep": keeps})]
    if following:
        steps += _plan_dependents.shown(following)
    saving = saving_steps(wanted, container, observed.written) if not keeps else []
    return [*saving, *_make_room(wanted, aside), *steps, *_clear_away(wanted, aside, keeps)]


def prepare(wanted: Wanted, observed: Observed, container: Api, data: Mapping[str, Any]) -> Dict[str, Any]:
    """The data of the step that replaces ``container``, of what the new one's create step needs; changes its body."""
    body = data["body"]
    body["Labels"] = {**(body.get("Labels") or {}), **labels_of_successor(container)}
    if not wanted.renew_volumes:
        _take_volumes_along(wanted, body, container, observed)
    return {"dependents": [], "keep": False, **data, **_data(wanted, container)}


def image_of(container: Api, image: Optional[Api]) -> str:
    """The image of a container whose task names none: its name, where the image still bears it, or else its id."""
    name = str(container["Config"]["Image"])
    tags = (image or {}).get("RepoTags") or []
    return name if any(values.same_image_name(name, tag) for tag in tags) else str(container["Image"])


def anonymous_volumes(container: Api) -> Dict[str, Api]:
    """The entries of an inspected container's Mounts that are anonymous volumes, by their targets."""
    return {
        str(mount["Destination"]): mount
        for mount in container.get("Mounts") or []
        if mount.get("Type") == "volume" and re.fullmatch(ANONYMOUS, str(mount.get("Name", "")))
    }


def _data(wanted: Wanted, container: Api) -> Dict[str, Any]:
    policy = container["HostConfig"].get("RestartPolicy") or {}
    return {
        "id": container["Id"],
        "was_running": is_running(container),
        "was_paused": is_paused(container),
        "policy": policy if policy.get("Name") not in (None, "", "no") else None,
        "auto_remove": bool(container["HostConfig"].get("AutoRemove")),
        "old_volumes": not wanted.keep_volumes,
        **stopping(wanted),
        "start_first": wanted.replace == "start_first" and wanted.detach and wanted.runs and is_running(container),
        "run": is_running(container) or wanted.runs,
        "attach": wanted.runs and not wanted.detach,
        "healthy": wanted.state == "healthy",
        "healthy_within": wanted.healthy_within,
        "was_unhealthy": (container["State"].get("Health") or {}).get("Status") == "unhealthy",
    }


def _refuse(wanted: Wanted, container: Api, data: Mapping[str, Any], aside: Aside) -> None:
    tried = "Cannot replace the container %s: " % wanted.name
    if aside.foreign:
        raise Failure(
            "%sthere is a container %s, a name that its replacement needs for a moment. Remove or rename that one; "
            "nothing was touched." % (tried, aside.foreign[0])
        )
    if container["HostConfig"].get("AutoRemove") and is_running(container) and wanted.replace != "no_undo":
        raise Failure(
            "%sit has the option auto_remove, so that the engine removes it as soon as it stops, and it could not come "
            "back if its successor fails. Set replace to no_undo to replace it all the same; nothing was touched."
            % tried
        )
    if wanted.replace == "start_first" and is_running(container):
        shared = _shared(data, container)
        if shared:
            raise Failure(
                "%sreplace is start_first, but two containers can't have the same %s at one time. Set replace to "
                "stop_first; nothing was touched." % (tried, ", ".join(shared))
            )


def _shared(data: Mapping[str, Any], container: Api) -> List[str]:
    """What the new container must have for itself and the running one holds: host ports, addresses, MAC addresses."""
    body = data["body"]
    taken = set(_host_ports(container["HostConfig"].get("PortBindings") or {}))
    ports = taken & set(_host_ports(body["HostConfig"].get("PortBindings") or {}))
    found = ["published port %s" % port for port in sorted(ports)]
    wanted = {**(body.get("NetworkingConfig") or {}).get("EndpointsConfig", {}), **dict(data["connect"])}
    for key, endpoint in sorted((container.get("NetworkSettings") or {}).get("Networks", {}).items()):
        held = _fixed(endpoint)
        for new in (wanted.get(key), wanted.get(endpoint.get("NetworkID"))):
            found += ["address %s" % address for address in sorted(_fixed(new or {}) & held)]
    mac = body.get("MacAddress")
    if mac and mac == container["Config"].get("MacAddress"):
        found.append("MAC address %s" % mac)
    return found


def _fixed(endpoint: Api) -> Set[str]:
    given = endpoint.get("IPAMConfig") or {}
    found = {given.get("IPv4Address"), given.get("IPv6Address"), endpoint.get("MacAddress")}
    return {str(address) for address in found if address}


def _host_ports(bindings: Mapping[str, Any]) -> Iterator[str]:
    """All host ports of a container's port bindings, as "8080/tcp"."""
    for port, hosts in bindings.items():
        protocol = port.partition("/")[2] or "tcp"
        for host in hosts or []:
            first, _dash, last = str(host.get("HostPort") or "").partition("-")
            if first and first != "0":
                yield from ("%d/%s" % (number, protocol) for number in range(int(first), int(last or first) + 1))


def _take_volumes_along(wanted: Wanted, body: Dict[str, Any], container: Api, observed: Observed) -> None:
    """Give the new container the old one's anonymous volumes where it is going to have one."""
    declared = {_clean(target) for target in body.get("Volumes") or {}}
    image = observed.image
    # Of an image that is still to be pulled nobody knows what it declares.
    if image is None or observed.newer:
        declared |= set(anonymous_volumes(container))
    else:
        declared |= {_clean(target) for target in (image.get("Config") or {}).get("Volumes") or {}}
    host = body["HostConfig"]
    targets = [bind.split(":")[1] for bind in host.get("Binds") or [] if ":" in bind]
    targets += [mount["Target"] for mount in host.get("Mounts") or []] + list(host.get("Tmpfs") or {})
    taken = {_clean(target) for target in targets}
    moved = []
    for target, mount in sorted(anonymous_volumes(container).items()):
        if target in declared and target not in taken:
            read_only = "" if mount.get("RW", True) else ":ro"
            host["Binds"] = [*(host.get("Binds") or []), "%s:%s%s" % (mount["Name"], target, read_only)]
            moved.append(str(mount["Name"]))
    if moved:
        body["Labels"][values.VOLUMES_LABEL] = ",".join(moved)


def _clean(path: str) -> str:
    """A target as the engine reads it: a create body has the task's own spelling."""
    return "/" + posixpath.normpath(path).lstrip("/")


def _make_room(wanted: Wanted, aside: Aside) -> List[Step]:
    """The one that was given up goes; the kept ones each move on by one, the oldest first: the first place is free."""
    steps = []
    if aside.given_up is not None:
        steps.append(removal(wanted.name + NEW, aside.given_up, "it was given up, and %s is replaced" % wanted.name))
    if not wanted.keep_previous:
        return steps
    cause = "keep_previous %d" % wanted.keep_previous
    for number in sorted(aside.previous, reverse=True):
        former, after = (wanted.name + PREVIOUS + str(n) for n in (number, number + 1))
        data = {"id": aside.previous[number], "name": after, "undo": True}
        steps.append(Step("rename", former, (cause,), data))
    return steps


def _clear_away(wanted: Wanted, aside: Aside, keeps: bool) -> List[Step]:
    """The kept ones that are too many go, when the replacement is done."""
    cause = "keep_previous %d" % wanted.keep_previous
    steps = []
    for number in sorted(aside.previous):
        place = number + 1 if keeps else number
        if place > wanted.keep_previous:
            steps.append(_removal(wanted.name + PREVIOUS + str(place), aside.previous[number], cause))
    return steps


def _removal(name: str, container_id: str, cause: str) -> Step:
    return Step("remove", name, (cause,), {"id": container_id, "volumes": False})
