# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_export: options and places that are refused without asking an engine."""

from __future__ import annotations

import os
import stat
import sys
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
def directory(tmp_path: Path) -> Path:
    return reached_by_all(tmp_path)


@pytest.fixture
def untouched(refused: Any) -> Callable[..., None]:
    """``untouched(dest, *words)``: the task is refused with these words, and nothing in dest's directory changes."""

    def fail(dest: Path, *words: str) -> None:
        before = snapshot(dest.parent)
        message = refused("container_export", name="web", dest=str(dest))
        assert message.startswith("Cannot export the container web to %s: " % dest)
        for word in words:
            assert word in message
        assert snapshot(dest.parent) == before

    return fail


# Wrong options, and a part of the message. {} is the test's directory.
BAD = [
    ({"name": "x y"}, "name 'x y' is not a container's"),
    ({"dest": "{}/no/such/web.tar"}, "the directory {}/no/such does not exist on the host where the task runs"),
    ({"dest": "{}/file/web.tar"}, "{}/file is not a directory"),
    ({"dest": "{}/directory"}, "it is a directory"),
    ({"dest": "{}/directory/"}, "is not the path of a file"),
    ({"dest": ""}, "is not the path of a file"),
    ({"dest": "{}/pipe"}, "it is not a regular file"),
    ({"dest": "{}/loop"}, "Too many levels of symbolic links"),
    ({"dest": "{}/web.tar.bz2"}, "compression: an archive can't be compressed as the ending"),
    ({"compression": "bzip2"}, "value of compression must be one of: auto, none, gzip, xz, zstd, got: bzip2"),
    ({"compression_level": 6}, "compression_level: the archive is not compressed"),
    ({"compression": "gzip", "compression_level": 0}, "0 is not a valid level of gzip. Give one from 1 to 9"),
    ({"compression": "gzip", "compression_level": 10}, "10 is not a valid level of gzip. Give one from 1 to 9"),
    ({"compression": "xz", "compression_level": -1}, "-1 is not a valid level of xz. Give one from 0 to 9"),
    ({"compression": "zstd", "compression_level": 23}, "23 is not a valid level of zstd. Give one from 1 to 22"),
    ({"compression": "zstd", "compression_level": "much"}, "compression_level"),
    ({"mode": "rw"}, "mode: 'rw' is not a valid file mode"),
    ({"mode": "u=rwz"}, "mode: 'u=rwz' is not a valid file mode"),
    ({"mode": "z+r"}, "mode: 'z+r' is not a valid file mode"),
    ({"mode": "0999"}, "mode: '0999' is not a valid file mode"),
    ({"mode": "17777"}, "mode: '17777' is not a valid file mode"),
    ({"mode": 600}, "mode: 600 is the octal number 1130. Write it with quotes: '0600'"),
    ({"mode": -1}, "mode: -1 is not a valid file mode"),
    ({"mode": True}, "mode: True is not a valid file mode"),
    ({"mode": ["0600"]}, "mode: ['0600'] is not a valid file mode"),
    ({"owner": "no-such-user"}, "owner: there is no user 'no-such-user'"),
    ({"owner": str(2**32)}, "owner: there is no user '4294967296'"),
    ({"group": "no-such-group"}, "group: there is no group 'no-such-group'"),
]


@pytest.mark.parametrize(("options", "words"), BAD, ids=[str(options) for options, _words in BAD])
def test_wrong_values(options: dict[str, Any], words: str, refused: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "directory").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    dest = tmp_path / "web.tar"
    dest.write_text("what is there")
    names = sorted(os.listdir(tmp_path))
    given = {key: value.format(tmp_path) if key == "dest" else value for key, value in options.items()}
    assert words.format(tmp_path) in refused("container_export", **{"name": "web", "dest": str(dest), **given})
    assert sorted(os.listdir(tmp_path)) == names
    assert dest.read_text() == "what is there"


@pytest.mark.parametrize(
    ("form", "module", "words"),
    [
        ("zstd", "zstandard", "zstd is requested, and the Python library zstandard can't be imported by"),
        ("xz", "lzma", "xz is requested, and Python's module lzma can't be imported by"),
    ],
)
def test_a_missing_library(
    form: str, module: str, words: str, refused: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if form == "zstd" and sys.version_info >= (3, 14):
        pytest.skip("Python 3.14 has zstd itself")
    dest = tmp_path / "web.tar"
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, module, None)
        assert words in refused("container_export", name="web", dest=str(dest), compression=form)
    assert not dest.exists()


# The directory's mode and owner, and the owner of the existing file.
WHOSE = [
    (STICKY, ROOT, MALLORY),
    (STICKY, ALICE, MALLORY),
    (OPEN, ROOT, MALLORY),
    (GROUP, ROOT, MALLORY),
    (STICKY_GROUP, ROOT, MALLORY),
]


@of_others
@pytest.mark.parametrize(("mode", "owner", "whose"), WHOSE)
def test_a_file_that_is_there(mode: int, owner: int, whose: int, untouched: Any, directory: Path) -> None:
    dest = put(shared(directory, mode, owner) / "web.tar", whose)
    untouched(dest, "the file %s belongs to " % dest, "Remove it, or give a path in a directory that")
    assert dest.read_bytes() == MINE and dest.stat().st_uid == whose


@of_others
@pytest.mark.parametrize(("mode", "owner", "whose"), WHOSE)
def test_a_link_that_is_there(
    mode: int, owner: int, whose: int, untouched: Any, directory: Path, tmp_path: Path
) -> None:
    for name in ("precious", "not-there"):
        target = tmp_path / name
        if name == "precious":
            target.write_bytes(PRECIOUS)
        dest = shared(directory, mode, owner) / ("to-%s.tar" % name)
        dest.symlink_to(target)
        os.chown(dest, whose, whose, follow_symlinks=False)
        untouched(dest, "the symbolic link %s belongs to " % dest, "and leads to %s" % target)
        assert target.exists() == (name == "precious")


@of_others
@pytest.mark.parametrize(("mode", "owner", "whose"), WHOSE)
def test_a_directory_that_is_a_link(
    mode: int, owner: int, whose: int, untouched: Any, directory: Path, tmp_path: Path
) -> None:
    target = tmp_path / "elsewhere"
    (target / "below").mkdir(parents=True)
    link = shared(directory, mode, owner) / "backup"
    link.symlink_to("../elsewhere")
    os.chown(link, whose, whose, follow_symlinks=False)
    for dest in (link / "web.tar", link / "below" / "web.tar"):
        untouched(dest, "the symbolic link %s belongs to " % link)
        assert not list(target.rglob("*.tar"))


@of_others
@pytest.mark.parametrize("mode", [STICKY, OPEN])
def test_a_directory_of_another_user(mode: int, untouched: Any, directory: Path) -> None:
    """In a directory that all users can write to, another user may have created ours first."""
    theirs = shared(directory, mode) / "backup"
    theirs.mkdir()
    os.chown(theirs, MALLORY, MALLORY)
    untouched(theirs / "web.tar", "the directory %s belongs to " % theirs)


@of_others
@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_what_is_no_file(kind: int, untouched: Any, directory: Path) -> None:
    dest = shared(directory, STICKY) / "web.tar"
    os.mknod(dest, kind | 0o666, os.makedev(1, 3))
    for whose in (ROOT, MALLORY):
        os.chown(dest, whose, whose)
        untouched(dest, "it is not a regular file")


@pytest.mark.parametrize(
    ("dest", "words"),
    [
        ("x" * 256, "File name too long. A name in {} has at most 255 bytes"),
        ("x" * 256 + "/web.tar", "File name too long. A name in {} has at most 255 bytes"),
        ("loop", "Too many levels of symbolic links. A symbolic link on the way"),
        ("directory", "it is a directory"),
        ("directory/..", "it is a directory"),
        ("directory/.", "it is a directory"),
        ("to-directory", "it is a directory"),
        ("file/web.tar", "{}/file is not a directory"),
        ("no/such/web.tar", "the directory {}/no/such does not exist on the host"),
        ("to-none/web.tar", "the directory {}/none does not exist on the host"),
    ],
)
def test_places_where_no_file_can_be(dest: str, words: str, refused: Any, directory: Path) -> None:
    (directory / "directory").mkdir()
    (directory / "file").touch()
    for link, target in (("loop", "loop"), ("to-directory", "directory/"), ("to-none", "none")):
        (directory / link).symlink_to(target)
    before = snapshot(directory)
    path = "%s/%s" % (directory, dest)
    message = refused("container_export", name="web", dest=path)
    assert message.startswith("Cannot export the container web to %s: " % path)
    assert words.format(directory) in message
    assert snapshot(directory) == before
