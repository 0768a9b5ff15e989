# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The content of volumes as tests make it and look at it: the files themselves, below the engine's directory."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from typing import Any

# The capability to open ports below 1024, as the kernel keeps it.
CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")


def root(client: Any, volume: str) -> bytes:
    """The directory that a volume's content is in."""
    return os.fsencode(client.inspect_volume(volume)["Mountpoint"])


def fill(at: bytes) -> None:
    """All that a volume may have: kinds, owners, modes, times, links, holes, capabilities, and odd names."""

    def put(name: bytes, data: bytes = b"", mode: int = 0o644, owner: tuple[int, int] = (0, 0)) -> bytes:
        path = os.path.join(at, name)
        with open(path, "wb") as file:
            file.write(data)
        os.chown(path, *owner)
        os.chmod(path, mode)
        return path

    os.makedirs(os.path.join(at, b"sub", b"deep" * 40))
    os.mkdir(os.path.join(at, b"empty"), 0o700)
    put(b"text", b"one\n", 0o640, (999, 998))
    put(b"sub/program", b"#!/bin/sh\n", 0o4755, (1000, 1000))
    put(b"not \xff\xfe UTF-8\n", b"x")
    put(b"sub/" + b"deep" * 40 + b"/" + b"n" * 200, b"long")
    put(b"large", bytes(range(256)) * 4096)
    with open(put(b"holes"), "r+b") as file:
        file.seek(8 * 2**20)
        file.write(b"end")
    os.setxattr(put(b"capable", b"c", 0o755), "security.capability", CAPABILITY)
    os.link(os.path.join(at, b"text"), os.path.join(at, b"a hard link"))
    os.symlink(b"/etc/passwd", os.path.join(at, b"absolute"))
    os.symlink(b"sub/program", os.path.join(at, b"relative"))
    os.symlink(b"nowhere\xff", os.path.join(at, b"dangling"))
    os.mkfifo(os.path.join(at, b"pipe"))
    os.mknod(os.path.join(at, b"null"), stat.S_IFCHR | 0o666, os.makedev(1, 3))
    os.chown(os.path.join(at, b"sub"), 33, 33)
    os.chmod(os.path.join(at, b"sub"), 0o2775)
    os.chmod(at, 0o700)
    os.chown(at, 70, 70)
    for number, path in enumerate([*found(at), at]):
        os.utime(path, (10**9, 10**9 + 1000 * number), follow_symlinks=False)


def found(at: bytes) -> Iterable[bytes]:
    """The paths of all that is there, what is in a directory before it."""
    for directory, directories, files in os.walk(at, topdown=False):
        yield from (os.path.join(directory, name) for name in sorted(directories + files))


def looks(at: bytes) -> dict[bytes, Any]:
    """What there is, file by file; the root is ".". Hard links show by their first names."""
    first: dict[tuple[int, int], bytes] = {}
    all_of_it: dict[bytes, Any] = {}
    for path in sorted([at, *found(at)]):
        of, name = os.lstat(path), os.path.relpath(path, at)
        kind = stat.S_IFMT(of.st_mode)
        content: Any = None
        if kind == stat.S_IFREG:
            with open(path, "rb") as file:
                content = (of.st_size, hashlib.sha256(file.read()).hexdigest())
        elif kind == stat.S_IFLNK:
            content = os.readlink(path)
        elif kind in (stat.S_IFCHR, stat.S_IFBLK):
            content = of.st_rdev
        capability = b""
        if kind == stat.S_IFREG and "security.capability" in os.listxattr(path):
            capability = os.getxattr(path, "security.capability")
        link = first.setdefault((of.st_dev, of.st_ino), name)
        all_of_it[name] = (of.st_mode, of.st_uid, of.st_gid, int(of.st_mtime), content, capability, link)
    return all_of_it


def helpers(client: Any) -> tuple[list[str], list[str]]:
    """The helper containers and their images."""
    return (
        sorted(one["Names"][0][1:] for one in client.containers(all=True) if "wharf-volume-" in one["Names"][0]),
        sorted(name for one in client.images() for name in one["RepoTags"] or [] if "wharf-volume-" in name),
    )
