# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compression, and files that are either complete or absent. Decompression is in test_archive.py."""

from __future__ import annotations

import errno
import fcntl
import gzip
import hashlib
import lzma
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._archive import atomic_file as _atomic
from ansible_collections.wharf.docker.plugins.module_utils._archive import compression as _stream

zstandard = pytest.importorskip("zstandard")

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda data: data,
    "gzip": gzip.decompress,
    "xz": lzma.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}
DATA = [b"", b"a", b"text " * 1000, bytes(1000), os.urandom(300_000), bytes(1_000_000)]


def pack(name: str, level: int | None = None) -> bytes:
    return b"".join(_stream.packed(iter(DATA), _stream.packer(name, level)))


@pytest.mark.parametrize("name", UNPACK)
def test_packing(name: str, tmp_path: Path) -> None:
    whole = b"".join(DATA)
    packed = pack(name)
    assert UNPACK[name](packed) == whole
    assert _stream.compression(packed[:10]) == name
    path = tmp_path / "x"
    path.write_bytes(packed)
    assert b"".join(_stream.plain_chunks(str(path))) == whole
    assert pack(name) == packed, "the same bytes each time, whatever the time and the file's name"


@pytest.mark.parametrize("name", UNPACK)
def test_packing_nothing(name: str) -> None:
    assert UNPACK[name](b"".join(_stream.packed([], _stream.packer(name)))) == b""


# The limits of each range; the highest levels of xz and zstd would need most of a gigabyte.
ENDS = {**_stream.LEVELS, "xz": (_stream.LEVELS["xz"][0], 6), "zstd": (_stream.LEVELS["zstd"][0], 19)}


@pytest.mark.parametrize(("name", "level"), [(name, level) for name, ends in ENDS.items() for level in ends])
def test_levels(name: str, level: int) -> None:
    assert UNPACK[name](pack(name, level)) == b"".join(DATA)


@pytest.mark.parametrize("name", ["gzip", "xz", "zstd"])
def test_damage_is_found(name: str, tmp_path: Path) -> None:
    """Compressed data has a checksum, also with zstd, for which it is optional."""
    packed = bytearray(pack(name))
    packed[150_000] ^= 1
    path = tmp_path / "x"
    path.write_bytes(packed)
    with pytest.raises(_stream.StreamError):
        list(_stream.plain_chunks(str(path)))


def test_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "web.tar"
    with _atomic.AtomicFile(str(path)) as file:
        for chunk in DATA:
            file.write(chunk)
        assert not path.exists()
        (temporary,) = tmp_path.iterdir()
        assert temporary.name.startswith(".web.tar.wharf-") and temporary.name.endswith(".tmp")
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
        file.commit(0o4644)
        assert path.exists()
    whole = b"".join(DATA)
    assert path.read_bytes() == whole
    assert (file.size, file.checksum) == (len(whole), hashlib.sha256(whole).hexdigest())
    assert stat.S_IMODE(path.stat().st_mode) == 0o4644
    assert os.listdir(tmp_path) == ["web.tar"]


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_without_commit_nothing_happens(error: type[BaseException] | None, tmp_path: Path) -> None:
    path = tmp_path / "web.tar"
    path.write_text("old")
    before = path.stat()
    try:
        with _atomic.AtomicFile(str(path)) as file:
            file.write(b"new")
            if error is not None:
                raise error
    except (ValueError, KeyboardInterrupt):
        pass
    assert path.read_text() == "old"
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert os.listdir(tmp_path) == ["web.tar"]


def test_a_file_with_fewer_bytes_than_were_written(tmp_path: Path) -> None:
    """As after an error of the file system."""
    path = tmp_path / "web.tar"
    path.write_text("old")
    words = "5 bytes were written, and the file has 2"
    with pytest.raises(OSError, match=words), _atomic.AtomicFile(str(path)) as file:
        file.write(b"12345")
        (temporary,) = tmp_path.glob(".*")
        os.truncate(temporary, 2)
        file.commit(0o600)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["web.tar"]


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), _atomic.AtomicFile(str(tmp_path / "no" / "web.tar")):
        pass


def test_a_path_without_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with _atomic.AtomicFile("web.tar") as file:
        file.write(b"x")
        file.commit(0o600)
    assert os.listdir(tmp_path) == ["web.tar"]


@pytest.mark.parametrize("name", ["x" * 255, "ü" * 127])
def test_a_long_name(name: str, tmp_path: Path) -> None:
    with _atomic.AtomicFile(str(tmp_path / name)) as file:
        file.commit(0o600)
    assert os.listdir(tmp_path) == [name]


def abandoned(directory: Path, name: str) -> Path:
    path = directory / (".%s.wharf-%s.tmp" % (name, os.urandom(8).hex()))
    path.write_text("half")
    return path


def test_what_is_abandoned_is_removed(tmp_path: Path) -> None:
    abandoned(tmp_path, "web.tar")
    other = abandoned(tmp_path, "web.tar.gz")
    locked = abandoned(tmp_path, "web.tar")
    directory, link, pipe = (Path(str(abandoned(tmp_path, "web.tar"))) for _number in range(3))
    for path in (directory, link, pipe):
        path.unlink()
    directory.mkdir()
    link.symlink_to(other)
    os.mkfifo(pipe)
    with locked.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        _atomic.remove_abandoned(str(tmp_path / "web.tar"))
        assert set(tmp_path.iterdir()) == {other, locked, directory, link, pipe}
    _atomic.remove_abandoned(str(tmp_path / "web.tar"))
    assert set(tmp_path.iterdir()) == {other, directory, link, pipe}
    _atomic.remove_abandoned(str(tmp_path / "no" / "web.tar"))


def test_a_living_writer_keeps_its_file(tmp_path: Path) -> None:
    path = tmp_path / "web.tar"
    with _atomic.AtomicFile(str(path)) as first:
        first.write(b"first")
        with _atomic.AtomicFile(str(path)) as second:
            second.write(b"second")
            second.commit(0o600)
        assert path.read_text() == "second"
        first.commit(0o600)
    assert path.read_text() == "first" and os.listdir(tmp_path) == ["web.tar"]


def test_a_file_taken_away_before_it_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a cleanup of abandoned files comes between its creation and its locking, it is recreated."""
    real, times = fcntl.flock, []

    def late(descriptor: int, operation: int) -> None:
        times.append(descriptor)
        if len(times) == 1:
            raise BlockingIOError
        if len(times) == 2:
            os.unlink(os.readlink("/proc/self/fd/%d" % descriptor))
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with _atomic.AtomicFile(str(tmp_path / "web.tar")) as file:
        file.write(b"x")
        file.commit(0o600)
    assert len(times) == 3
    assert (tmp_path / "web.tar").read_text() == "x"


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is known to be abandoned: therefore nothing is removed, and files are still written."""
    left = abandoned(tmp_path, "web.tar")

    def refuse(_descriptor: int, _operation: int) -> None:
        raise OSError(errno.ENOTSUP, "not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with _atomic.AtomicFile(str(tmp_path / "web.tar")) as file:
        file.commit(0o600)
    assert set(tmp_path.iterdir()) == {left, tmp_path / "web.tar"}


def test_a_directory_that_can_not_be_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def refuse(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, "no")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", refuse)
    number = errno.EINVAL
    with _atomic.AtomicFile(str(tmp_path / "web.tar")) as file:
        file.commit(0o600)
    number = errno.EIO
    with pytest.raises(OSError, match="no"), _atomic.AtomicFile(str(tmp_path / "web.tar")) as file:
        file.commit(0o600)
    assert file.committed
