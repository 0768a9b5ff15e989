# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which archives have the same content, and how others differ, without an engine."""

from __future__ import annotations

import contextlib
import io
import random
import tarfile
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._archive.entries import (
    Comparison,
    Entries,
    Root,
    read_entries,
    root_archive,
)
from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import ArchiveError


def entry(name: str, data: bytes = b"", **attributes: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.mtime = len(data), 10**9
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info, data


def directory(name: str, **attributes: Any) -> tuple[tarfile.TarInfo, bytes]:
    return entry(name, **{"type": tarfile.DIRTYPE, "mode": 0o755, **attributes})


def link(name: str, to: str) -> tuple[tarfile.TarInfo, bytes]:
    return entry(name, type=tarfile.LNKTYPE, linkname=to)


def packed(entries: Any, form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for info, data in entries:
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def compared(archive: Any, volume: Any, form: int = tarfile.PAX_FORMAT) -> Comparison:
    entries = Entries()
    read_entries([packed(archive, form)], entries.take)
    found = Comparison(entries)
    data = packed(volume)
    read_entries([data[at : at + 700] for at in range(0, len(data), 700)], found.take)
    found.finish()
    return found


A, B = entry("a", b"one"), entry("d/b", b"two")
SAME: dict[str, tuple[Any, Any]] = {
    "the order": ([A, B], [B, A]),
    "how names are written": ([entry("./a//")], [entry("a")]),
    "which hard link is the file": ([A, link("z", "a")], [entry("z", b"one"), link("a", "z")]),
    "three hard links": (
        [A, link("y", "a"), link("z", "a")],
        [entry("z", b"one"), link("y", "z"), link("a", "y")],
    ),
    "a directory without an entry": ([B], [directory("d", mode=0o700), B]),
    "a root without an entry": ([A], [directory("."), A]),
    "fractions of seconds": ([entry("a", mtime=10**9 + 0.9375)], [entry("a")]),
    "before 1970": ([entry("a", mtime=-5)], [entry("a", mtime=0)]),
    "names of users": ([entry("a", uname="alice")], [entry("a", uname="bob")]),
    "what is read of the mode": ([entry("a", mode=0o100644)], [entry("a", mode=0o644)]),
    "the mode of a symbolic link": (
        [entry("a", type=tarfile.SYMTYPE, linkname="x", mode=0o777)],
        [entry("a", type=tarfile.SYMTYPE, linkname="x", mode=0o644)],
    ),
}
DIFFERENT: dict[str, tuple[Any, Any, str]] = {
    "content": ([A], [entry("a", b"two")], "1 entry is different (a)"),
    "mode": ([entry("a", mode=0o600)], [entry("a")], "1 entry is different (a)"),
    "owner": ([entry("a", uid=5)], [entry("a")], "1 entry is different (a)"),
    "group": ([entry("a", gid=5)], [entry("a")], "1 entry is different (a)"),
    "time": ([entry("a", mtime=5)], [entry("a")], "1 entry is different (a)"),
    "kind": ([entry("a")], [entry("a", type=tarfile.FIFOTYPE)], "1 entry is different (a)"),
    "device": (
        [entry("a", type=tarfile.CHRTYPE, devmajor=1, devminor=3)],
        [entry("a", type=tarfile.CHRTYPE, devmajor=1, devminor=5)],
        "1 entry is different (a)",
    ),
    "target": (
        [entry("a", type=tarfile.SYMTYPE, linkname="x")],
        [entry("a", type=tarfile.SYMTYPE, linkname="y")],
        "1 entry is different (a)",
    ),
    "capability": (
        [entry("a", pax_headers={"SCHILY.xattr.security.capability": "\x01"})],
        [entry("a")],
        "1 entry is different (a)",
    ),
    "root": ([directory(".", mode=0o700)], [directory(".")], "1 entry is different (.)"),
    "missing": ([A, B], [A], "1 entry is missing (d/b)"),
    "extra": ([A], [A, B, entry("c\n")], "2 entries are only in the volume (d/b, c\n)"),
    "more than are shown": (
        [],
        [entry(str(n)) for n in range(7)],
        "7 entries are only in the volume (0, 1, 2, 3, 4, ...)",
    ),
    "hard links that are two files": ([A, link("z", "a")], [A, entry("z", b"one")], "2 entries are different (a, z)"),
    "two files that are hard links": ([A, entry("z", b"one")], [A, link("z", "a")], "2 entries are different (a, z)"),
}


@pytest.mark.parametrize("what", SAME)
def test_the_same(what: str) -> None:
    archive, volume = SAME[what]
    found = compared(archive, volume)
    assert found.same and not found.extra.count and not found.words()


@pytest.mark.parametrize("what", DIFFERENT)
def test_different(what: str) -> None:
    archive, volume, words = DIFFERENT[what]
    found = compared([*archive, entry("same")], [*volume, entry("same")])
    assert found.words() == words
    assert found.same == (what in ("extra", "more than are shown"))


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_forms_of_archives(form: int) -> None:
    names = ["a" * 90, "b" * 90 + "/" + "c" * 60]
    entries = [entry(name, name.encode()) for name in names]
    assert compared(entries, entries, form).same


@pytest.mark.parametrize(
    ("archive", "volume", "conflicts"),
    [
        ([entry("a")], [directory("a"), entry("a/x")], "a"),
        ([directory("a")], [entry("a")], "a"),
        ([entry("a/x")], [entry("a", type=tarfile.SYMTYPE, linkname="/")], "a"),
        ([entry("a/b/x")], [directory("a"), entry("a/b")], "a/b"),
        ([entry("a")], [entry("a", type=tarfile.SYMTYPE, linkname="/")], ""),
    ],
)
def test_conflicts(archive: Any, volume: Any, conflicts: str) -> None:
    assert str(compared(archive, volume).conflicts) == conflicts


def test_what_the_root_gets() -> None:
    root = Root(0o2750, 70, 2**31, 10**9)
    entries = Entries()
    read_entries([root_archive("volume", root)], entries.take)
    with tarfile.open(fileobj=io.BytesIO(root_archive("volume", root))) as tar:
        (info,) = tar.getmembers()
        assert (info.name, info.mode, info.uid, info.gid, info.mtime) == ("volume", *root)
    read_entries([packed([directory(".", mode=0o2750, uid=70, gid=2**31)])], entries.take)
    assert entries.root == root


def test_damage_is_seen() -> None:
    """Whatever a byte becomes: it is an archive that differs, or none, and never an unknown error."""
    data = packed([directory("."), A, B, link("z", "a"), entry("n" * 120, b"x", pax_headers={"a": "b"})])
    draw = random.Random(19)
    for _number in range(3000):
        at = draw.randrange(len(data))
        changed = data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :]
        entries = Entries()
        with contextlib.suppress(ArchiveError):
            read_entries([changed], entries.take)
