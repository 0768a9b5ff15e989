# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a container has written to its writable layer, and how it is saved before the container is removed. Pure."""

from __future__ import annotations

import fnmatch
import posixpath
from typing import Any, Dict, Iterable, List, Mapping, Sequence, Set, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    Api,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import Commit, Export
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step

ADDED, DELETED = 1, 2  # The API's numbers of the kinds of change; 0: modified.
SHOWN = 20  # paths that a result shows


def written(container: Api, changes: Sequence[Mapping[str, Any]], ignore: Iterable[str]) -> Tuple[str, ...]:
    """The files that an inspected container has added, changed or deleted, of ``GET /containers/{id}/changes``.

    A directory counts only if nothing in it is listed: the engine also lists every directory above a change. What the
    engine creates itself does not count, nor do the paths of ``ignore`` (shell patterns) with all that is below them.
    """
    made = _made_by_engine(container)
    patterns = [pattern.rstrip("/") or "/" for pattern in ignore]
    paths = [
        str(change["Path"])
        for change in changes
        if not (change["Path"] in made and change["Kind"] != DELETED)
        and not any(fnmatch.fnmatchcase(part, pattern) for part in _above(change["Path"]) for pattern in patterns)
    ]
    parents = {parent for path in paths for parent in _above(path)[1:]}
    return tuple(sorted(path for path in paths if path not in parents))


def told(paths: Sequence[str]) -> Dict[str, Any]:
    """The written files as a task's result has them."""
    return {"files": len(paths), "paths": list(paths[:SHOWN])}


def saving_steps(wanted: Wanted, container: Api, paths: Sequence[str]) -> List[Step]:
    """The steps that save what was written. Failure: the task says that it must not be lost."""
    if not paths or wanted.writable_layer == "ignore":
        return []
    what = "%d file%s in its writable layer" % (len(paths), "" if len(paths) == 1 else "s")
    if wanted.writable_layer == "fail":
        shown = ", ".join(paths[:5]) + (" and others" if len(paths) > 5 else "")
        raise Failure(
            "Cannot replace or remove the container %s: it has %s, which would be lost: %s. Set writable_layer to "
            "commit or export to keep them, or to ignore, or name them in writable_layer_ignore; nothing was touched."
            % (wanted.name, what, shown)
        )
    place = wanted.writable_layer_to
    kind = Commit if wanted.writable_layer == "commit" else Export
    return [kind(wanted.name, ("%s → %s" % (what, place),), container["Id"], to=place)]


def _made_by_engine(container: Api) -> Set[str]:
    config, host = container.get("Config") or {}, container.get("HostConfig") or {}
    points = [str(mount["Destination"]) for mount in container.get("Mounts") or []]
    points += [str(target) for target in host.get("Tmpfs") or {}]
    points += [str(mount["Target"]) for mount in host.get("Mounts") or []]
    if config.get("WorkingDir"):
        points.append(str(config["WorkingDir"]))
    if host.get("Init"):
        points.append("/sbin/docker-init")
    return {part for point in points for part in _above(posixpath.normpath(point))}


def _above(path: str) -> List[str]:
    """A path, and each directory above it except the root."""
    found = []
    while path not in ("/", ""):
        found.append(path)
        path = posixpath.dirname(path)
    return found
