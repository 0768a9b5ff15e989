# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a new container takes over from the one that it replaces. Pure."""

from __future__ import annotations

import posixpath
import re
from typing import Any, Dict, Mapping, Optional

from ansible_collections.wharf.docker.plugins.module_utils._container.observed import Observed
from ansible_collections.wharf.docker.plugins.module_utils._container.status import Api, is_paused, is_running
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import Wanted, stopping
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import (
    labels_of_successor,
)
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values

ANONYMOUS = r"[0-9a-f]{64}"  # The engine gives a volume without a name such a one.


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
