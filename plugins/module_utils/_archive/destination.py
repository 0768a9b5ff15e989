# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The destination of a file that is going to be written: its directory, its name, and the existing file.

In a directory that others may write to, such as /tmp, an existing entry may be a trap: a file whose owner wants the new
content, or a link that leads elsewhere. So files and links of other users are refused there, as the kernel's
protected_symlinks and protected_regular do. Each part of a path is checked relative to the directory before it, which
is kept open, so that the place can't be exchanged after the check.
"""

from __future__ import annotations

import errno
import os
import stat
from types import TracebackType
from typing import List, Mapping, Optional, Type

from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure

# As many symbolic links as the kernel follows.
_LINKS = 40
_OTHERS = stat.S_IWGRP | stat.S_IWOTH
# What to do about a system error, by its number.
_ADVICE: Mapping[int, str] = {
    errno.EROFS: "The file system of %s is mounted read-only: mount it read-write, or give another path.",
    errno.ENOSPC: "The file system of %s is full: it needs room for a second file, since the old one stays until then.",
    errno.EDQUOT: "The quota on the file system of %s is used up: it needs room for a second file, since the old "
    "one stays until then.",
    errno.EFBIG: "The file system of %s or a limit of the process (ulimit -f) has no room for a file of this size.",
    errno.ENAMETOOLONG: "A name in %s has at most 255 bytes on most file systems: give a shorter one.",
    errno.ELOOP: "A symbolic link on the way to %s leads back to itself: correct it, or give another path.",
    errno.EBUSY: "The file in %s is a mount point, and no other file can take its place: mount its directory instead, "
    "or give another path.",
}
_UNKNOWN = (
    "It needs a directory that this user may write to: use become, change the permissions of %s, or give another path."
)


class Place:
    """An open directory and a name in it. A context manager, which closes the directory.

    ``attributes``: those of the existing regular file; None if there is none. ``owned_anew``: a file that replaces it
    must not get its owner and group.
    """

    def __init__(self, directory: str, name: str, descriptor: int, attributes: Optional[os.stat_result]) -> None:
        self.directory = directory
        self.name = name
        self.descriptor = descriptor
        self.attributes = attributes
        mode = os.fstat(descriptor).st_mode
        self._shared = bool(mode & _OTHERS)
        self.owned_anew = self._shared and bool(mode & stat.S_ISVTX)

    @property
    def path(self) -> str:
        return os.path.join(self.directory, self.name)

    def is_owned_anew(self, owner: Optional[int]) -> bool:
        """Whether a new file gets another owner than the file that it replaces. ``owner``: the requested one."""
        return (
            owner is None and self.owned_anew and self.attributes is not None and self.attributes.st_uid != os.geteuid()
        )

    def open_file(self) -> int:
        """A descriptor of the existing file, for reading. OSError: it can't be read, or has been replaced."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(self.name, flags, dir_fd=self.descriptor)
        found, known = os.fstat(descriptor), self.attributes
        is_known = known is not None and (known.st_dev, known.st_ino) == (found.st_dev, found.st_ino)
        if not stat.S_ISREG(found.st_mode) or (self._shared and not is_known):
            os.close(descriptor)
            raise OSError(errno.EBUSY, "it is another file now than when the task began")
        return descriptor

    def __enter__(self) -> Place:
        return self

    def __exit__(
        self, _kind: Optional[Type[BaseException]], _error: Optional[BaseException], _trace: Optional[TracebackType]
    ) -> None:
        os.close(self.descriptor)


def find_place(dest: str, owner: Optional[int], tried: str, itself: bool = False) -> Place:
    """The place that ``dest`` leads to. Failure: no file can be created there. ``owner``: the requested owner.

    ``itself``: the place of ``dest`` itself, whatever is there. A link is not followed, a directory is accepted, too,
    and whether something can be created there is not checked.
    """
    walk = _Walk(dest, owner, tried, itself)
    try:
        return walk.go()
    except OSError as error:
        walk.close()
        raise unwritable(tried, error, walk.directory) from None
    except Failure:
        walk.close()
        raise


def unwritable(tried: str, error: OSError, directory: str) -> Failure:
    """The message if a file can't be written in ``directory``: why, and what to do."""
    return Failure(
        "Cannot %s: it can't be written on the host where the task runs: %s. %s"
        % (tried, error.strerror or error, _ADVICE.get(error.errno or 0, _UNKNOWN) % directory)
    )


class _Walk:
    """Follows the path to a place from the root, part by part."""

    def __init__(self, dest: str, owner: Optional[int], tried: str, itself: bool = False) -> None:
        self._owner, self._tried, self._itself = owner, tried, itself
        self._done: List[str] = []
        self._left = dest.split("/")
        self._links = 0
        self._descriptor = -1

    @property
    def directory(self) -> str:
        return "/" + "/".join(self._done)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def go(self) -> Place:
        if self._left[0]:
            self._left[:0] = os.getcwd().split("/")
        self._enter("/")
        while True:
            part = self._left.pop(0)
            if part in ("", "."):
                if not any(self._left):
                    raise self._failure("it is a directory. Give the path of a file in it.")
                continue
            is_last = not self._left
            try:
                found: Optional[os.stat_result] = os.stat(part, dir_fd=self._descriptor, follow_symlinks=False)
            except FileNotFoundError:
                if not is_last:
                    raise self._failure(
                        "the directory %s does not exist on the host where the task runs. Create it first, or give "
                        "another path." % os.path.join(self.directory, part, *self._left[:-1])
                    ) from None
                found = None
            if found is not None and stat.S_ISLNK(found.st_mode) and not (is_last and self._itself):
                self._follow(part, found)
            elif is_last:
                return self._arrive(part, found)
            elif found is not None:
                self._step(part, found)

    def _follow(self, part: str, found: os.stat_result) -> None:
        target = os.readlink(part, dir_fd=self._descriptor)
        self._refuse_foreign(found, "the symbolic link", part, _OTHERS, " and leads to %s" % target)
        self._links += 1
        if self._links > _LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        self._left[:0] = target.split("/")
        if target.startswith("/"):
            self._done = []
            self._enter("/")

    def _step(self, part: str, found: os.stat_result) -> None:
        if not stat.S_ISDIR(found.st_mode):
            raise self._failure("%s is not a directory. Give another path." % os.path.join(self.directory, part))
        if part == "..":
            self._done = self._done[:-1]
        else:
            # A group's directory is meant to have directories of its members.
            self._refuse_foreign(found, "the directory", part, stat.S_IWOTH)
            self._done.append(part)
        self._enter(part)

    def _arrive(self, part: str, found: Optional[os.stat_result]) -> Place:
        if self._itself and part != "..":
            if found is not None:
                is_directory = stat.S_ISDIR(found.st_mode)
                kind = "the directory" if is_directory else "the file or link"
                self._refuse_foreign(found, kind, part, stat.S_IWOTH if is_directory else _OTHERS, owner=self._owner)
            return Place(self.directory, part, self._descriptor, found)
        if part == ".." or (found is not None and stat.S_ISDIR(found.st_mode)):
            raise self._failure("it is a directory. Give the path of a file in it.")
        if found is not None:
            if not stat.S_ISREG(found.st_mode):
                raise self._failure("it is not a regular file. Give another path.")
            self._refuse_foreign(found, "the file", part, _OTHERS, owner=self._owner)
        self._refuse_unwritable(found)
        return Place(self.directory, part, self._descriptor, found)

    def _enter(self, part: str) -> None:
        """Open a directory. One that is not readable may still be writable, and O_PATH is enough for that."""
        before, flags = self._descriptor, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
        at = None if part == "/" else before
        try:
            self._descriptor = os.open(part, flags, dir_fd=at)
        except PermissionError:
            self._descriptor = os.open(part, flags | getattr(os, "O_PATH", 0), dir_fd=at)
        if before >= 0:
            os.close(before)

    def _refuse_foreign(
        self, found: os.stat_result, kind: str, part: str, writers: int, more: str = "", owner: Optional[int] = None
    ) -> None:
        directory = os.fstat(self._descriptor)
        if not directory.st_mode & writers or found.st_uid in (os.geteuid(), 0, directory.st_uid, owner):
            return
        raise self._failure(
            "%s %s belongs to %s%s, and others than the owner of the directory %s may write to it: it may have been "
            "put there to get hold of what is written. Remove it, or give a path in a directory that only "
            "you may write to." % (kind, os.path.join(self.directory, part), _user(found.st_uid), more, self.directory)
        )

    def _refuse_unwritable(self, found: Optional[os.stat_result]) -> None:
        if hasattr(os, "ST_RDONLY") and os.fstatvfs(self._descriptor).f_flag & os.ST_RDONLY:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        effective = os.access in os.supports_effective_ids
        if not os.access(".", os.W_OK | os.X_OK, dir_fd=self._descriptor, effective_ids=effective):
            raise self._failure(
                "this user can't write to the directory %s, and a new file is made there before it takes the old one's "
                "place. Use become, change the directory's permissions, or give another path." % self.directory
            )
        directory = os.fstat(self._descriptor)
        if found is None or not directory.st_mode & stat.S_ISVTX:
            return
        if os.geteuid() not in (0, found.st_uid, directory.st_uid):
            raise self._failure(
                "the file that is there belongs to %s, who alone may replace it in the directory %s (sticky bit). Use "
                "become, or give another path." % (_user(found.st_uid), self.directory)
            )

    def _failure(self, words: str) -> Failure:
        return Failure("Cannot %s: %s" % (self._tried, words))


def _user(number: int) -> str:
    import pwd

    try:
        return "the user %s" % pwd.getpwuid(number).pw_name
    except KeyError:
        return "the user with the number %d" % number
