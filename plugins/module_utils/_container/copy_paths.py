# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A path in a container: what is there, where links lead, what the engine sees of it, and whom new files belong to.

All of it is read by the archive calls of the API. Nothing is run in the container, which need not be running.
"""

from __future__ import annotations

import contextlib
import posixpath
from typing import Any, Callable, Dict, Iterator, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._archive.copied import DIRECTORY, FILE, LINK, raw
from ansible_collections.wharf.docker.plugins.module_utils._container.exec_paths import (
    KERNEL,
    HiddenError,
    hidden_by,
    mounts_of,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine, segment
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import EngineError, Failure

# Bits of a file mode as the API has it (Go's).
_DIRECTORY, _LINK, _OTHERS = 1 << 31, 1 << 27, (1 << 26) | (1 << 25) | (1 << 24) | (1 << 21)
_SPECIAL = ((1 << 23, 0o4000), (1 << 22, 0o2000), (1 << 20, 0o1000))
# What the engine mounts over files of each container.
_ENGINES_OWN = ("/etc/hosts", "/etc/hostname", "/etc/resolv.conf")
# The most of /etc/passwd and /etc/group that is read, in bytes.
_MOST_USERS = 4 * 1024 * 1024
_STAT = "X-Docker-Container-Path-Stat"


class Stat(NamedTuple):
    """What is at a path. ``target``: where a link leads to in the end."""

    kind: str
    mode: int
    size: int
    target: str


def archive_path(container: Mapping[str, Any]) -> str:
    return "/containers/%s/archive" % segment(str(container["Id"]))


def look(engine: Engine, container: Mapping[str, Any], path: str, tried: str) -> Optional[Stat]:
    """What is at a path; None: nothing. One call."""
    code, headers = engine.head(archive_path(container), tried=tried, query={"path": raw(path)}, accept=(404, 500))
    if code == 500:
        raise Failure(
            "Cannot %s: the engine can't follow the path %s in the container. A part of it is a file, or its links "
            "lead in a circle. Give another path." % (tried, path)
        )
    if code == 404 and not headers.get(_STAT):
        return None
    found = engine.in_header(headers, _STAT, tried=tried)
    bits = int(found.get("mode", 0))
    # Podman describes a link that leads nowhere with a 404, and has a target of each path.
    kind = LINK if bits & _LINK else DIRECTORY if bits & _DIRECTORY else "special file" if bits & _OTHERS else FILE
    if code == 404 and kind != LINK:
        return None
    mode = bits & 0o777 | sum(own for go, own in _SPECIAL if bits & go)
    target = str(found.get("linkTarget") or "") if kind == LINK else ""
    return Stat(kind, mode, int(found.get("size", 0)), target)


def real_directory(engine: Engine, container: Mapping[str, Any], path: str, tried: str) -> str:
    """The path of a directory without links, part by part. Failure: there is none, or the engine doesn't see it."""
    done, rest = "/", [part for part in path.split("/") if part]
    refuse_hidden(container, path, tried)
    while rest:
        here = posixpath.join(done, rest.pop(0))
        found = look(engine, container, here, tried)
        if found is not None and found.kind == LINK:
            here = posixpath.normpath(found.target)
            refuse_hidden(container, here, tried)
            found = look(engine, container, here, tried)
        if found is None:
            raise Failure(
                "Cannot %s: the directory %s does not exist in the container. Create it first, for example with the "
                "container_exec module, or give another path." % (tried, here)
            )
        if found.kind != DIRECTORY:
            raise Failure("Cannot %s: %s is not a directory in the container. Give another path." % (tried, here))
        done = here
    return done


def refuse_hidden(container: Mapping[str, Any], path: str, tried: str) -> None:
    place = hidden_by(path, mounts_of(container))
    if place is None and path in KERNEL:
        place = path
    if place is None and mounts_of(container).get(path):
        place = path
    if place is not None:
        raise Failure(
            "Cannot %s: %s, and the engine sees nothing of what is in it. Give another path, or use the container_exec "
            "module." % (tried, HiddenError(path, place))
        )


def refuse_unwritable(container: Mapping[str, Any], directory: str, tried: str) -> None:
    """Failure: the engine is not going to write in this directory."""
    mounts = {str(mount["Destination"]).rstrip("/") or "/": mount for mount in container.get("Mounts") or []}
    around = [place for place in mounts if directory == place or directory.startswith(place.rstrip("/") + "/")]
    if around:
        place = max(around, key=len)
        if mounts[place].get("RW") is False:
            raise Failure(
                "Cannot %s: %s is mounted read-only in the container. Use a container that may write to it, or change "
                "the mount." % (tried, place)
            )
    elif container["HostConfig"].get("ReadonlyRootfs"):
        raise Failure(
            "Cannot %s: the container's root file system is read-only (read_only). Give a path in a volume." % tried
        )


def refuse_mounted_file(container: Mapping[str, Any], path: str, tried: str) -> None:
    """Failure: a file is mounted at ``path``, and engines replace a file by removing it."""
    if path not in mounts_of(container) and path not in _ENGINES_OWN:
        return
    advice = "Change the file on the engine's host that is mounted there."
    if path in _ENGINES_OWN:
        advice = "The engine writes it: use the options of container_run, such as etc_hosts, hostname and dns_servers."
    raise Failure("Cannot %s: %s is mounted in the container, and can't be replaced. %s" % (tried, path, advice))


@contextlib.contextmanager
def opened(engine: Engine, container: Mapping[str, Any], path: str, tried: str) -> Iterator[Iterator[bytes]]:
    """The tar of what is at a path, as it comes."""
    stream = engine.stream("GET", archive_path(container), tried=tried, query={"path": raw(path)})
    try:
        yield stream.chunks(256 * 1024)
    finally:
        stream.close()


def ids_of_user(user: str, read: Callable[[str], bytes]) -> Tuple[int, int]:
    """The numbers of a container's user and group ("", "1000", "www:www"). ValueError: it has no such user or group.

    As the engine reads them when it starts a process. ``read`` gives /etc/passwd and /etc/group of the container.
    """
    name, _colon, group = user.partition(":")
    uid, gid = (int(name) if name.isdigit() else None), 0
    if name in ("", "0", "root"):
        uid = 0
    elif uid is None or not group:
        for entry in _entries(read("/etc/passwd"), 4):
            if entry[0] == name or (uid is not None and entry[2] == str(uid)):
                uid, gid = int(entry[2]), int(entry[3])
                break
    if uid is None:
        raise ValueError("the user %s of the container is not in its /etc/passwd" % name)
    if group.isdigit():
        return uid, int(group)
    if group:
        found = [entry for entry in _entries(read("/etc/group"), 3) if entry[0] == group]
        if not found:
            raise ValueError("the group %s of the container is not in its /etc/group" % group)
        return uid, int(found[0][2])
    return uid, gid


def default_ids(engine: Engine, container: Mapping[str, Any], tried: str) -> Tuple[int, int]:
    """The numbers of the user and group that the container runs as."""

    def read(path: str) -> bytes:
        return read_small_file(engine, container, path, tried)

    try:
        return ids_of_user(str(container["Config"].get("User") or ""), read)
    except ValueError as error:
        raise Failure("Cannot %s: %s. Set owner_id and group_id." % (tried, error)) from None


def read_small_file(engine: Engine, container: Mapping[str, Any], path: str, tried: str) -> bytes:
    """The content of a file of the container, b"" if there is none."""
    from ansible_collections.wharf.docker.plugins.module_utils._archive.tree import Members

    found = look(engine, container, path, tried)
    if found is not None and found.kind == LINK:
        path = found.target
        found = look(engine, container, path, tried)
    if found is None or found.kind != FILE:
        return b""
    try:
        with opened(engine, container, path, tried) as chunks:
            for _name, _entry, content in Members(chunks):
                return content.read(_MOST_USERS) if content is not None else b""
    except EngineError as error:
        if error.status != 404:
            raise
    return b""


def _entries(data: bytes, fields: int) -> Iterator[Any]:
    for line in data.decode("utf-8", "replace").splitlines():
        entry = line.split(":")
        if len(entry) >= fields and all(number.isdigit() for number in entry[2:fields]):
            yield entry


def is_tmpfs_below(container: Mapping[str, Any], root: str) -> Dict[str, bool]:
    """The places below ``root`` that the engine does not see."""
    places = {**dict.fromkeys(KERNEL, True), **mounts_of(container)}
    return {place: True for place, hidden in places.items() if hidden and place.startswith(root.rstrip("/") + "/")}
