# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_import: options that are refused without asking an engine."""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from archives import large, sparse, tar, with_tar

from ansible_collections.wharf.docker.plugins.module_utils._flow.task import call
from ansible_collections.wharf.docker.plugins.module_utils._tasks.registry import task


@pytest.fixture
def src(tmp_path: Path) -> str:
    return tar(tmp_path / "rootfs.tar")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"repository": "Capital"}, "upper-case letters"),
        ({"repository": "a b"}, "not the name of an image"),
        ({"repository": ""}, "not the name of an image"),
        ({"repository": "sha256:abc"}, "how the id of an image begins"),
        ({"repository": "a:b c"}, "wrong tag"),
        ({"repository": "a", "tag": "-x"}, "wrong tag"),
        ({"repository": "a", "tag": ""}, "the tag is empty"),
        ({"repository": "a:1", "tag": "2"}, "give the tag once"),
        ({"repository": "a@sha256:" + "0" * 64}, "has a digest"),
        (
            {"repository": "a", "changes": ["RUN x"]},
            "RUN is not an instruction for the configuration of an image; there are",
        ),
        ({"repository": "a", "changes": ["CMD a", "ENV A=${B:-c}"]}, "instruction 2, ENV: "),
        ({"repository": "a", "changes": {"CMD": "a"}}, "neither a string nor a list"),
        ({"repository": "a", "max_size": "much"}, "max_size: size 'much' is not a number with a unit"),
        ({"repository": "a", "max_size": "-1"}, "max_size: size '-1' is negative"),
        ({"repository": "a", "max_size": "0"}, "max_size: it is 0"),
    ],
)
def test_wrong_values(options: dict[str, Any], words: str, refused: Any, src: str) -> None:
    assert words in refused("container_import", src=src, **options)


def cut(path: str, size: int) -> None:
    os.truncate(path, size)


def instead(path: str, make: Callable[[str], None]) -> None:
    os.unlink(path)
    make(path)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(os.unlink, "there is no such file on the host where the task runs", id="missing"),
        pytest.param(lambda path: instead(path, os.mkdir), "it is a directory", id="directory"),
        pytest.param(lambda path: instead(path, os.mkfifo), "not a regular file", id="pipe"),
        pytest.param(lambda path: cut(path, 0), "the file is empty", id="empty"),
        pytest.param(lambda path: Path(path).write_text("text\n" * 1000), "is not a tar archive", id="text"),
        pytest.param(lambda path: Path(path).write_bytes(bytes(10240)), "without members", id="no members"),
        pytest.param(lambda path: cut(path, 600), "cut off inside a member's data", id="cut in data"),
        pytest.param(lambda path: cut(path, 1024), "cut off between two members", id="cut between members"),
        pytest.param(lambda path: cut(path, 1100), "cut off inside a header", id="cut in a header"),
        pytest.param(
            lambda path: Path(path).write_bytes(gzip.compress(Path(path).read_bytes())[:-9]),
            "cut off: its gzip compression has no end",
            id="cut gzip",
        ),
        pytest.param(
            lambda path: Path(path).write_bytes(gzip.compress(Path(path).read_bytes()[:1024])),
            "cut off between two members",
            id="gzip of a cut archive",
        ),
    ],
)
def test_bad_files(spoil: Any, words: str, refused: Any, tmp_path: Path) -> None:
    bad = tar(tmp_path / "bad.tar", "two", members=3)
    spoil(bad)
    message = refused("container_import", src=bad, repository="web")
    assert "Cannot import %s as web:latest: " % bad in message
    assert words in message


def test_a_file_of_the_controller_that_is_not_there(refused: Any, src: str) -> None:
    message = refused("container_import", src=src + ".gone", remote_src=False, repository="web")
    assert "delegate the task to localhost" in message


def layout(path: Path) -> str:
    """An archive of images in the OCI layout."""
    directory = path.parent / (path.name + ".of")
    (directory / "blobs" / "sha256").mkdir(parents=True)
    (directory / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (directory / "index.json").write_text('{"schemaVersion": 2, "manifests": []}')
    (directory / "blobs" / "sha256" / hashlib.sha256(b"x").hexdigest()).write_text("x")
    subprocess.run(["tar", "-cf", str(path), "-C", str(directory), "."], check=True)
    return str(path)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(lambda path: with_tar(path, "--format=gnu", "-S"), "--sparse (-S)", id="sparse"),
        pytest.param(lambda path: with_tar(path, "--format=gnu", "-V", "disk"), "--label (-V)", id="label"),
        pytest.param(layout, "OCI layout", id="OCI layout"),
    ],
)
def test_archives_that_no_file_system_can_be_made_of(make: Any, words: str, refused: Any, tmp_path: Path) -> None:
    src = make(tmp_path / "x.tar")
    message = refused("container_import", src=src, repository="web")
    assert "Cannot import %s as web:latest: the file " % src in message
    assert words in message


def test_a_size_that_begins_with_a_zero_byte(refused: Any, src: str) -> None:
    """The engine reads the digits after it, other programs read 0."""
    data = bytearray(Path(src).read_bytes())
    data[124:136] = b"\0" + bytes(data[124:135])
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    Path(src).write_bytes(data)
    words = "the file is damaged: the header before byte 512 has an invalid value"
    assert words in refused("container_import", src=src, repository="web")


def test_max_size(refused: Any, tmp_path: Path) -> None:
    size = 20 * 2**20
    src = large(tmp_path / "bomb.tar.gz", size)
    whole = 512 + size + 1024
    for most in ("1m", 2**20, "19.5 MB", str(whole - 1), "10k"):
        message = refused("container_import", src=src, repository="web", max_size=most)
        assert "Cannot import %s as web:latest: it is larger than max_size (" % src in message


def test_max_size_counts_holes(refused: Any, tmp_path: Path) -> None:
    """A small archive that contains a large file."""
    src = sparse(tmp_path / "x.tar", 50 * 2**20)
    assert "larger than max_size" in refused("container_import", src=src, repository="web", max_size="49m")


@pytest.mark.skipif(os.geteuid() != 0, reason="root gives up its rights here")
def test_an_unreadable_file(nobody: Any, src: str) -> None:
    os.chmod(src, 0)
    arguments = {"docker_host": nobody[0], "src": src, "repository": "web"}
    # Root may read anything: it becomes another user for a moment, who can access the directories above.
    for directory in (Path(src).parent, Path(src).parent.parent, Path(src).parent.parent.parent):
        directory.chmod(0o755)
    os.seteuid(65534)
    try:
        result = call(task("container_import"), arguments)
    finally:
        os.seteuid(0)
    assert "can't be read on the host where the task runs: Permission denied" in result["msg"]
