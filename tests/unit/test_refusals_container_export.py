# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_export: places that are refused before an engine is asked."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from places import (
    ALICE,
    GROUP,
    MALLORY,
    MINE,
    OPEN,
    PRECIOUS,
    ROOT,
    STICKY,
    STICKY_GROUP,
    put,
    reached_by_all,
    shared,
    snapshot,
)

of_others = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return reached_by_all(tmp_path)


@pytest.fixture
def untouched(refused: Any) -> Callable[..., None]:
    """``untouched(dest, *words)``: the task is refused with these words, and nothing beside ``dest`` is touched."""

    def fail(dest: Path, *words: str) -> None:
        before = snapshot(dest.parent)
        message = refused("container_export", name="web", dest=str(dest))
        assert message.startswith("Cannot export the container web to %s: " % dest)
        for word in words:
            assert word in message
        assert snapshot(dest.parent) == before

    return fail


# The folder's mode and owner, and the owner of what is there.
WHOSE = [
    (STICKY, ROOT, MALLORY),
    (STICKY, ALICE, MALLORY),
    (OPEN, ROOT, MALLORY),
    (GROUP, ROOT, MALLORY),
    (STICKY_GROUP, ROOT, MALLORY),
]


@of_others
@pytest.mark.parametrize(("mode", "owner", "whose"), WHOSE)
def test_a_file_that_is_there(mode: int, owner: int, whose: int, untouched: Any, folder: Path) -> None:
    dest = put(shared(folder, mode, owner) / "web.tar", whose)
    untouched(dest, "the file %s belongs to " % dest, "Remove it, or give a path in a folder that")
    assert dest.read_bytes() == MINE and dest.stat().st_uid == whose


@of_others
@pytest.mark.parametrize(("mode", "owner", "whose"), WHOSE)
def test_a_link_that_is_there(mode: int, owner: int, whose: int, untouched: Any, folder: Path, tmp_path: Path) -> None:
    for name in ("precious", "not-there"):
        target = tmp_path / name
        if name == "precious":
            target.write_bytes(PRECIOUS)
        dest = shared(folder, mode, owner) / ("to-%s.tar" % name)
        dest.symlink_to(target)
        os.chown(dest, whose, whose, follow_symlinks=False)
        untouched(dest, "the symbolic link %s belongs to " % dest, "and leads to %s" % target)
        assert target.exists() == (name == "precious")


@of_others
@pytest.mark.parametrize(("mode", "owner", "whose"), WHOSE)
def test_a_folder_that_is_a_link(
    mode: int, owner: int, whose: int, untouched: Any, folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "elsewhere"
    (target / "below").mkdir(parents=True)
    link = shared(folder, mode, owner) / "backup"
    link.symlink_to("../elsewhere")
    os.chown(link, whose, whose, follow_symlinks=False)
    for dest in (link / "web.tar", link / "below" / "web.tar"):
        untouched(dest, "the symbolic link %s belongs to " % link)
        assert not list(target.rglob("*.tar"))


@of_others
@pytest.mark.parametrize("mode", [STICKY, OPEN])
def test_a_folder_of_another_user(mode: int, untouched: Any, folder: Path) -> None:
    """Where everybody makes folders, one of another user may be there before ours."""
    theirs = shared(folder, mode) / "backup"
    theirs.mkdir()
    os.chown(theirs, MALLORY, MALLORY)
    untouched(theirs / "web.tar", "the folder %s belongs to " % theirs)


@of_others
@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_what_is_no_file(kind: int, untouched: Any, folder: Path) -> None:
    dest = shared(folder, STICKY) / "web.tar"
    os.mknod(dest, kind | 0o666, os.makedev(1, 3))
    for whose in (ROOT, MALLORY):
        os.chown(dest, whose, whose)
        untouched(dest, "it is no regular file")


@pytest.mark.parametrize(
    ("dest", "words"),
    [
        ("x" * 256, "File name too long. A name in {} has at most 255 bytes"),
        ("x" * 256 + "/web.tar", "File name too long. A name in {} has at most 255 bytes"),
        ("loop", "Too many levels of symbolic links. A symbolic link on the way"),
        ("folder", "it is a folder"),
        ("folder/..", "it is a folder"),
        ("folder/.", "it is a folder"),
        ("to-folder", "it is a folder"),
        ("file/web.tar", "{}/file is not a folder"),
        ("no/such/web.tar", "there is no folder {}/no/such on the host"),
        ("to-none/web.tar", "there is no folder {}/none on the host"),
    ],
)
def test_places_where_no_file_can_be(dest: str, words: str, refused: Any, folder: Path) -> None:
    (folder / "folder").mkdir()
    (folder / "file").touch()
    for link, target in (("loop", "loop"), ("to-folder", "folder/"), ("to-none", "none")):
        (folder / link).symlink_to(target)
    before = snapshot(folder)
    path = "%s/%s" % (folder, dest)
    message = refused("container_export", name="web", dest=path)
    assert message.startswith("Cannot export the container web to %s: " % path)
    assert words.format(folder) in message
    assert snapshot(folder) == before
