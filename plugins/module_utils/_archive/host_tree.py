# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tree of files on this host, below one open directory: found and entered part by part, and never through a link."""

from __future__ import annotations

import contextlib
import errno
import os
import posixpath
import stat
from typing import IO, Dict, List, NamedTuple, Optional, Set, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._archive.atomic_file import (
    AtomicFile,
    remove_all_abandoned,
)
from ansible_collections.wharf.docker.plugins.module_utils._archive.copied import (
    DIRECTORY,
    FILE,
    LINK,
    Entry,
    raw,
    text,
)
from ansible_collections.wharf.docker.plugins.module_utils._archive.tree import SPECIAL

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# What must be possible with a directory while something is written in it.
_WRITABLE = 0o300


class _Opened(NamedTuple):
    """An open directory; ``descriptor`` None: there is none. ``mode``: what it gets when everything in it is done."""

    name: str
    descriptor: Optional[int]
    mode: Optional[int] = None


class HostTree:
    """A context manager, which closes what it has opened. Names are relative to the root, as in ``copied``.

    ``descriptor``: the open directory that the root is in, under the name ``leaf``. As names come in the order of a
    tree, only the directories on the way to the last one are open.
    """

    def __init__(self, descriptor: int, leaf: str) -> None:
        self._descriptor, self._leaf = descriptor, os.fsencode(leaf)
        self._opened: List[_Opened] = []
        self._writable: Dict[int, bool] = {}
        self._cleaned: Set[int] = set()
        # Only those on the way to the last one.
        self._changing: List[str] = []

    def __enter__(self) -> HostTree:
        return self

    def __exit__(self, *error: object) -> None:
        while self._opened:
            # A failure before this one is the one to report.
            with contextlib.suppress(OSError) if error[0] is not None else contextlib.nullcontext():
                self._leave()

    def locate(self, name: str) -> Tuple[Optional[int], bytes]:
        """(the open directory that an entry is in, None if there is no such directory; its name there)."""
        if not name:
            self._keep(0)
            return self._descriptor, self._leaf
        parts = name.split("/")
        known = 0
        while known < len(self._opened) and known < len(parts) and self._opened[known].name == "/".join(parts[:known]):
            known += 1
        self._keep(known)
        while len(self._opened) < len(parts):
            self._enter("/".join(parts[: len(self._opened)]))
        return self._opened[-1].descriptor, raw(parts[-1])

    def must_locate(self, name: str) -> Tuple[int, bytes]:
        """The same. OSError: there is no such directory, or something else is in its place."""
        directory, leaf = self.locate(name)
        if directory is None:
            raise OSError(errno.ENOTDIR, "it is not in a directory any more")
        return directory, leaf

    def look(self, name: str) -> Optional[os.stat_result]:
        """The attributes of an entry; None: there is none."""
        directory, leaf = self.locate(name)
        try:
            return None if directory is None else os.stat(leaf, dir_fd=directory, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def entry(self, name: str, found: os.stat_result) -> Entry:
        """The entry with these attributes."""
        kind, mode = stat.S_IFMT(found.st_mode), stat.S_IMODE(found.st_mode)
        if kind == stat.S_IFREG:
            return Entry(FILE, mode, found.st_uid, found.st_gid, found.st_size)
        if kind == stat.S_IFDIR:
            return Entry(DIRECTORY, mode, found.st_uid, found.st_gid)
        if kind == stat.S_IFLNK:
            directory, leaf = self.must_locate(name)
            target = text(os.readlink(leaf, dir_fd=directory))
            return Entry(LINK, 0o777, found.st_uid, found.st_gid, target=target)
        return Entry(SPECIAL.get(kind, "special file"), mode, found.st_uid, found.st_gid)

    def open_file(self, name: str) -> IO[bytes]:
        """A regular file, open for reading."""
        directory, leaf = self.must_locate(name)
        descriptor = os.open(leaf, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EBUSY, "it is not a regular file any more")
        return open(descriptor, "rb", buffering=0)

    def is_writable(self, name: str) -> bool:
        """Whether this user can write to the directory that an entry is in; also if it is still to be made."""
        directory, _leaf = self.locate(name)
        if directory is None or posixpath.dirname(name) in self._changing:
            return True
        if directory not in self._writable:
            effective = os.access in os.supports_effective_ids
            can = os.access(".", os.W_OK | os.X_OK, dir_fd=directory, effective_ids=effective)
            self._writable[directory] = can
        return self._writable[directory]

    def expect_change(self, name: str) -> None:
        """An existing directory is going to be changed: ``make_directory()`` can write to it."""
        self._changing = [one for one in self._changing if name.startswith(one + "/")]
        self._changing.append(name)

    def make_directory(self, name: str, wanted: Entry) -> None:
        """Create a directory, or change an existing one. It gets its mode when everything in it is done."""
        directory, leaf = self.must_locate(name)
        made = False
        with contextlib.suppress(FileExistsError):
            os.mkdir(leaf, 0o700, dir_fd=directory)
            made = True
        try:
            descriptor = os.open(leaf, _DIRECTORY, dir_fd=directory)
            self._opened.append(_Opened(name, descriptor, wanted.mode))
            found = os.fstat(descriptor)
            if (found.st_uid, found.st_gid) != (wanted.uid, wanted.gid):
                os.fchown(descriptor, wanted.uid, wanted.gid)
            if found.st_mode & _WRITABLE != _WRITABLE:
                os.fchmod(descriptor, 0o700)
        except OSError:
            if made:
                with contextlib.suppress(OSError):
                    os.rmdir(leaf, dir_fd=directory)
            raise

    def make_link(self, name: str, wanted: Entry) -> None:
        """Create a symbolic link, or replace what is there, unless that is a directory."""
        directory, leaf = self.must_locate(name)
        temporary = b".%s.wharf-%s.tmp" % (leaf[:200], os.urandom(8).hex().encode())
        os.symlink(raw(wanted.target), temporary, dir_fd=directory)
        try:
            found = os.stat(temporary, dir_fd=directory, follow_symlinks=False)
            if (found.st_uid, found.st_gid) != (wanted.uid, wanted.gid):
                os.chown(temporary, wanted.uid, wanted.gid, dir_fd=directory, follow_symlinks=False)
            os.replace(temporary, leaf, src_dir_fd=directory, dst_dir_fd=directory)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=directory)
            raise

    def new_file(self, name: str) -> TreeFile:
        """A file that is going to take the place of an entry, unless that is a directory."""
        directory, leaf = self.must_locate(name)
        if directory not in self._cleaned:
            remove_all_abandoned(directory)
            self._cleaned.add(directory)
        return TreeFile(os.fsdecode(leaf), directory)

    def _keep(self, count: int) -> None:
        while len(self._opened) > count:
            self._leave()

    def _enter(self, name: str) -> None:
        at = self._opened[-1].descriptor if self._opened else self._descriptor
        leaf = raw(posixpath.basename(name)) if name else self._leaf
        self._opened.append(_Opened(name, None if at is None else _open(leaf, at)))

    def _leave(self) -> None:
        opened = self._opened.pop()
        if opened.descriptor is None:
            return
        self._writable.pop(opened.descriptor, None)
        self._cleaned.discard(opened.descriptor)
        try:
            if opened.mode is not None:
                os.fchmod(opened.descriptor, opened.mode)
        finally:
            os.close(opened.descriptor)


class TreeFile(AtomicFile):
    """An atomic file of a tree. What killed tasks left is removed once for a directory, not before each file."""

    def __enter__(self) -> TreeFile:
        while self._descriptor < 0:
            self._open()
        return self

    def finish(self, mode: int, replaces: bool) -> None:
        """As ``commit()``. A new file is not flushed to the disk: if it gets lost, so does nothing that was there."""
        if replaces:
            self.commit(mode)
            return
        os.fchmod(self._descriptor, mode)
        os.replace(self._temporary, self._path, src_dir_fd=self._directory, dst_dir_fd=self._directory)
        self.committed = True


def _open(leaf: bytes, at: int) -> Optional[int]:
    """A descriptor of a directory; None: there is none, or it is a link or a file."""
    try:
        return os.open(leaf, _DIRECTORY, dir_fd=at)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        # One that is not readable may still be writable.
        return os.open(leaf, _DIRECTORY | getattr(os, "O_PATH", 0), dir_fd=at)
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None
        raise
