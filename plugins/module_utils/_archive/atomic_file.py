# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are whole or absent, and hashed while they are written."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from typing import Iterable, Iterator, Optional, Tuple

# The names of temporary files, whatever they are for.
_TEMPORARY = re.compile(r"\..+\.wharf-[0-9a-f]{16}\.tmp", re.DOTALL)


class Hashed:
    """Passes chunks on; ``digest`` ("sha256:...") and ``size`` (bytes) are those of all chunks so far."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        import hashlib

        self._chunks = chunks
        self._sha256 = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._sha256.update(chunk)
            self.size += len(chunk)
            yield chunk

    @property
    def digest(self) -> str:
        return "sha256:" + self._sha256.hexdigest()


class AtomicFile:
    """A new file that is moved to ``path`` only when it is complete: until ``commit()``, an existing file stays.

    ``directory``: a descriptor of its directory, if that must be the opened one, even after it has been renamed.

    A context manager. Inside, the file is written next to its path under a name such as
    ``.web.tar.wharf-0f3a5b7c.tmp``, readable only by its owner, and locked for as long as its writer lives. Files of
    killed writers are removed by the next writer. Each method may raise OSError.
    """

    def __init__(self, path: str, directory: Optional[int] = None) -> None:
        import hashlib

        self._path = path
        self._directory = directory
        self._temporary = ""
        self._descriptor = -1
        self._sha256 = hashlib.sha256()
        self.size = 0
        self.committed = False

    @property
    def checksum(self) -> str:
        """The SHA-256 of the written bytes, as ``sha256sum`` prints it."""
        return self._sha256.hexdigest()

    def __enter__(self) -> AtomicFile:
        remove_abandoned(self._path, self._directory)
        while self._descriptor < 0:
            self._open()
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            if not self.committed:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self._temporary, dir_fd=self._directory)
        finally:
            os.close(self._descriptor)

    def give(self, uid: int, gid: int) -> None:
        """Change its owner and group."""
        found = os.fstat(self._descriptor)
        if (found.st_uid, found.st_gid) != (uid, gid):
            os.fchown(self._descriptor, uid, gid)

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        self._sha256.update(data)
        self.size += len(data)

    def commit(self, mode: int) -> None:
        """Make sure that all bytes are in the file and on the disk, and move it to its path."""
        os.fchmod(self._descriptor, mode)
        os.fsync(self._descriptor)
        own = os.fstat(self._descriptor)
        if own.st_size != self.size:
            raise OSError(errno.EIO, "%d bytes were written, and the file has %d" % (self.size, own.st_size))
        found = os.stat(self._temporary, dir_fd=self._directory, follow_symlinks=False)
        if (found.st_dev, found.st_ino) != (own.st_dev, own.st_ino):
            raise OSError(errno.EIO, "another file took the place of the temporary one")
        directory, name = os.path.split(self._path)
        target = name if self._directory is not None else self._path
        os.replace(self._temporary, target, src_dir_fd=self._directory, dst_dir_fd=self._directory)
        self.committed = True
        _flush_directory(directory or ".", self._directory)

    def _open(self) -> None:
        """Create the file and lock it. If another task removes it as abandoned in between, the caller tries again."""
        import fcntl

        directory, beginning = _beside(self._path, self._directory)
        path = os.path.join(directory, "%s%s.tmp" % (beginning, os.urandom(8).hex()))
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        descriptor = os.open(path, flags, 0o600, dir_fd=self._directory)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return
        except OSError:  # The file system has no locks, so no other task can treat the file as abandoned either.
            pass
        if os.fstat(descriptor).st_nlink == 0:
            os.close(descriptor)
            return
        self._temporary, self._descriptor = path, descriptor


def _flush_directory(path: str, at: Optional[int]) -> None:
    """A new name is on the disk only when its directory is."""
    try:
        directory = os.open(path if at is None else ".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=at)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        # A writable directory need not be readable, and some network file systems can't flush directories.
        if error.errno not in (errno.EACCES, errno.EINVAL, errno.ENOTSUP):
            raise


def remove_abandoned(path: str, at: Optional[int] = None) -> None:
    """Remove the files of killed writers of an ``AtomicFile`` for ``path``. Those of living writers are locked."""
    directory, beginning = _beside(path, at)
    pattern = re.compile(re.escape(beginning) + r"[0-9a-f]{16}\.tmp")
    try:
        names = [name for name in os.listdir(directory if at is None else at) if pattern.fullmatch(name)]
    except OSError:
        return
    for name in names:
        _remove_unlocked(os.path.join(directory, name), at)


def remove_all_abandoned(directory: int) -> None:
    """Remove the files of killed writers of any ``AtomicFile`` in an open directory."""
    try:
        names = [name for name in os.listdir(directory) if _TEMPORARY.fullmatch(name)]
    except OSError:
        return
    for name in names:
        _remove_unlocked(name, directory)


def _remove_unlocked(found: str, at: Optional[int]) -> None:
    import fcntl

    with contextlib.suppress(OSError):  # It is locked, or already removed, or another user's.
        # Over NFS only a file that is open for writing can be locked.
        descriptor = os.open(found, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.unlink(found, dir_fd=at)
        finally:
            os.close(descriptor)


def _beside(path: str, at: Optional[int]) -> Tuple[str, str]:
    """The directory of ``path``, and the beginning of its temporary files' names, which have at most 255 bytes in all.

    The directory is "" if names are relative to the directory that is open as ``at``.
    """
    directory, name = os.path.split(path)
    return "" if at is not None else directory or ".", ".%s.wharf-" % os.fsdecode(os.fsencode(name)[:200])
