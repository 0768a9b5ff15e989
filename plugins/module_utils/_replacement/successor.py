# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A new container: how it is created, and what it takes over from the container that it replaces. Pure."""

from __future__ import annotations

import posixpath
import re
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.observed import Observed
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import Check, Connect, Create, Disconnect
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import Wanted
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import (
    A_DAY,
    WITHIN,
    WRITER,
    labels_of_successor,
    longest,
)
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values

Api = Mapping[str, Any]
Endpoints = Tuple[Tuple[str, Dict[str, Any]], ...]

ANONYMOUS = r"[0-9a-f]{64}"  # The name that the engine gives an unnamed volume.


class Successor(NamedTuple):
    """What a new container is created from.

    ``body``: of the create call. ``connect``: its further networks, ``leave``: networks it is disconnected from again.
    ``new_volumes``: the named volumes that the engine creates for it. ``check``: what it is compared with once created;
    None: no check. ``image``: its image, if none is pulled.
    """

    body: Dict[str, Any]
    connect: Endpoints = ()
    leave: Tuple[str, ...] = ()
    platform: str = ""
    new_volumes: Tuple[str, ...] = ()
    check: Optional[Wanted] = None
    image: Optional[Api] = None


def creation(name: str, new: Successor, causes: Tuple[str, ...], observed: Observed) -> List[Step]:
    """The steps that create a container, with the check that it matches its spec."""
    body, connect = _with_addresses(new, observed)
    return [
        Create(name, causes, body=body, platform=new.platform, new_volumes=new.new_volumes),
        *(Connect(name, causes, network=network, endpoint=endpoint, undone=False) for network, endpoint in connect),
        *(Disconnect(name, causes, network=network) for network in new.leave),
        *([Check(name, causes, wanted=new.check, image=new.image)] if new.check is not None else []),
    ]


def _with_addresses(new: Successor, observed: Observed) -> Tuple[Dict[str, Any], Endpoints]:
    """The create body and the further networks, with MAC addresses in the places where this engine accepts them.

    From API 1.44 on, and for Podman, the address belongs to the first network, not to the container. From API 1.44 on,
    one in a further network has to be in the create body.
    """
    body, connect = new.body, new.connect
    host = body["HostConfig"]
    networking = dict((body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {})
    newer = observed.version >= (1, 44)
    if "MacAddress" in body and (observed.podman or newer):
        first = host.get("NetworkMode") or "default"
        networking[first] = {"MacAddress": body["MacAddress"], **(networking.get(first) or {})}
        body = {key: value for key, value in body.items() if key != "MacAddress"}
        body["NetworkingConfig"] = {"EndpointsConfig": networking}
    if newer and any("MacAddress" in endpoint for _network, endpoint in connect):
        networking = networking or {host["NetworkMode"]: {}}
        body = {**body, "NetworkingConfig": {"EndpointsConfig": {**networking, **dict(connect)}}}
        connect = ()
    return body, connect


def in_place_of(container: Api, new: Successor, wanted: Wanted, observed: Observed) -> Successor:
    """``new`` with labels that record what it replaces and who creates it, and with the old anonymous volumes."""
    labels = {**(new.body.get("Labels") or {}), **labels_of_successor(container)}
    if observed.writer:
        attached = wanted.runs and not wanted.detach
        within = A_DAY if attached else longest(wanted.stop_timeout, container, wanted.healthy_within)
        labels.update({WRITER: observed.writer, WITHIN: "%d" % within})
    body = {**new.body, "Labels": labels}
    if not wanted.renew_volumes:
        body = _with_volumes(body, container, observed)
    return new._replace(body=body)


def image_of(container: Api, image: Optional[Api]) -> str:
    """The image of a container whose task names none: its name, if the image still has it, or else its id."""
    name = str(container["Config"]["Image"])
    tags = (image or {}).get("RepoTags") or []
    return name if any(values.same_image_name(name, tag) for tag in tags) else str(container["Image"])


def anonymous_volumes(container: Api) -> Dict[str, Api]:
    """The anonymous volumes among an inspected container's Mounts, by their targets."""
    return {
        str(mount["Destination"]): mount
        for mount in container.get("Mounts") or []
        if mount.get("Type") == "volume" and re.fullmatch(ANONYMOUS, str(mount.get("Name", "")))
    }


def _with_volumes(body: Dict[str, Any], container: Api, observed: Observed) -> Dict[str, Any]:
    """The create body with the old container's anonymous volumes at the targets where the new one has one too."""
    declared = {_clean(target) for target in body.get("Volumes") or {}}
    image = observed.image
    # Which volumes an image declares is not known before it is pulled.
    if image is None or observed.newer:
        declared |= set(anonymous_volumes(container))
    else:
        declared |= {_clean(target) for target in (image.get("Config") or {}).get("Volumes") or {}}
    host = dict(body["HostConfig"])
    targets = [bind.split(":")[1] for bind in host.get("Binds") or [] if ":" in bind]
    targets += [mount["Target"] for mount in host.get("Mounts") or []] + list(host.get("Tmpfs") or {})
    taken = {_clean(target) for target in targets}
    moved = []
    for target, mount in sorted(anonymous_volumes(container).items()):
        if target in declared and target not in taken:
            read_only = "" if mount.get("RW", True) else ":ro"
            host["Binds"] = [*(host.get("Binds") or []), "%s:%s%s" % (mount["Name"], target, read_only)]
            moved.append(str(mount["Name"]))
    if not moved:
        return body
    labels = {**body["Labels"], values.VOLUMES_LABEL: ",".join(moved)}
    return {**body, "HostConfig": host, "Labels": labels}


def _clean(path: str) -> str:
    """A target in the engine's form: a create body has it as the task writes it."""
    return "/" + posixpath.normpath(path).lstrip("/")
