# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Comparing what a container has with what is on this host, while it comes; what differs is kept to be written.

A file is read once and in pieces. Up to the first difference its content is that of the file on this host, so that
nothing is written for a file that is the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tarfile
from dataclasses import dataclass, replace
from typing import IO, Any, Dict, Iterator, List, Optional, Tuple, Union

from ansible_collections.wharf.docker.plugins.module_utils._archive.copied import (
    DIRECTORY,
    FILE,
    LINK,
    Entry,
    differences,
    shown,
)
from ansible_collections.wharf.docker.plugins.module_utils._archive.copied_out import Found, on_host, refusal
from ansible_collections.wharf.docker.plugins.module_utils._archive.host_tree import HostTree
from ansible_collections.wharf.docker.plugins.module_utils._archive.spool import CHUNK, Kept, NextToIt, Spool
from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import ArchiveError
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure


@dataclass(frozen=True)
class Rules:
    """How entries are compared. ``root``: the path of the copy on this host. ``small``: see ``texts``, in bytes."""

    root: str
    ids: Tuple[int, int]
    mode: Optional[int]
    force: Optional[bool]
    with_texts: bool
    small: int
    all_text: int
    tried: str


class Comparison:
    """``take()`` gets the entries of a container, in their order. ``found``: what differs.

    ``store``: where what differs is kept; None: nowhere. ``texts``: of small files that differ, their contents on
    this host and in the container, by their names.
    """

    def __init__(self, rules: Rules, tree: HostTree, store: Union[Spool, NextToIt, None], is_tree: bool) -> None:
        self.found = Found(is_tree)
        self.texts: Dict[str, Tuple[bytes, bytes]] = {}
        self._rules, self._tree, self._store = rules, tree, store
        self._room = rules.all_text

    def take(self, name: str, theirs: Entry, content: Optional[IO[bytes]]) -> bool:
        """Compare an entry. Returns whether it is going to be written. ArchiveError: the archive ends in it."""
        problem = refusal(theirs)
        if problem:
            raise Failure(
                "Cannot %s: in the container, %s %s, which can't be copied. Exclude it, or give another path."
                % (self._rules.tried, shown(name) or "it", problem)
            )
        wanted = on_host(theirs, self._rules.ids, self._rules.mode)
        with self._explained(name):
            attributes = self._tree.look(name)
            before = None if attributes is None else self._tree.entry(name, attributes)
            if before is not None and (
                (before.kind == DIRECTORY) != (wanted.kind == DIRECTORY) or before.kind not in (FILE, DIRECTORY, LINK)
            ):
                self.found.conflicts.append(name)
                del self.found.conflicts[20:]
                return False
            if before is not None and (self._rules.force is False or (not name and wanted.kind == DIRECTORY)):
                return False
            if wanted.kind == FILE and content is None:
                raise ArchiveError("has the file %s without its content" % shown(name or "."))
            if content is not None:
                return self._take_file(name, wanted, before, content)
            differing = differences(wanted, before)
            if not differing and not self._rules.force:
                return False
            self._note(name, wanted, before)
            self._begin(name, wanted, before)
            if before is not None and wanted.kind == DIRECTORY:
                self._tree.expect_change(name)
            return True

    def postpone(self) -> None:
        """An entry comes later, whose place is here."""
        if isinstance(self._store, Spool):
            self._store.postpone()

    def read_later(self, store: Optional[Spool]) -> None:
        """From here on, ``take_later()`` gets the entries that were postponed, in their order."""
        self._store = store

    def take_later(self, name: str, theirs: Entry, content: Optional[IO[bytes]]) -> None:
        if not self.take(name, theirs, content):
            self.postpone()

    def _take_file(self, name: str, wanted: Entry, before: Optional[Entry], content: IO[bytes]) -> bool:
        reading = _Reading(self, name, wanted, before)
        with contextlib.ExitStack() as opened:
            reading.open(opened)
            if not reading.is_needed:
                self._note(name, wanted, reading.before)
                return True
            for chunk in _pieces(content, wanted.size):
                reading.take(chunk)
            reading.finish()
        if not reading.differs:
            return False
        self._note(name, reading.wanted, reading.before)
        if self._rules.with_texts and reading.text is not None and len(reading.text) <= self._room:
            self._room -= len(reading.text)
            self.texts[name] = (reading.text_before, reading.text)
        return True

    def _note(self, name: str, wanted: Entry, before: Optional[Entry]) -> None:
        self.found.add(name, differences(wanted, before), before is None)

    def _refuse_unwritable(self, name: str, wanted: Entry, before: Optional[Entry]) -> None:
        own = os.geteuid()
        place = os.path.join(self._rules.root, shown(name)) if name else self._rules.root
        if before is not None and before.kind == wanted.kind == DIRECTORY:
            if own not in (0, before.uid):
                raise Failure(
                    "Cannot %s: the directory %s belongs to another user, and its mode, owner or group differs. Use "
                    "become, or exclude it." % (self._rules.tried, place)
                )
        elif not self._tree.is_writable(name):
            raise Failure(
                "Cannot %s: this user can't write to the directory %s on the host where the task runs. Use become, "
                "change its permissions, or give another path." % (self._rules.tried, os.path.dirname(place))
            )

    def _begin(self, name: str, wanted: Entry, before: Optional[Entry]) -> None:
        self._refuse_unwritable(name, wanted, before)
        if self._store is not None:
            self._store.begin(Kept(name, wanted, before is not None))

    @contextlib.contextmanager
    def _explained(self, name: str) -> Iterator[None]:
        """Turn the errors of this host inside into failures."""
        try:
            yield
        except OSError as error:
            place = os.path.join(self._rules.root, shown(name)) if name else self._rules.root
            raise Failure(
                "Cannot %s: %s can't be read on the host where the task runs: %s. Use become, or change its "
                "permissions, if this user may not read it." % (self._rules.tried, place, error.strerror or error)
            ) from None


class _Reading:
    """One file of the container, compared piece by piece with the one on this host.

    ``wanted`` and ``before`` have their digests at the end, if they are known without reading more than is needed.
    """

    def __init__(self, comparison: Comparison, name: str, wanted: Entry, before: Optional[Entry]) -> None:
        self.wanted, self.before = wanted, before
        self.text: Optional[bytes] = None
        self.text_before = b""
        self._of, self._name = comparison, name
        self._rules, self._store = comparison._rules, comparison._store
        self._is_same_size = before is not None and before.kind == FILE and before.size == wanted.size
        self._is_small = wanted.size <= self._rules.small
        self._stored = False
        self._at = 0
        self._sha256: Any = hashlib.sha256()
        # None: so far, both are the same.
        self._other: Any = None
        self._mine: Optional[IO[bytes]] = None
        self._parts: List[bytes] = []

    @property
    def is_needed(self) -> bool:
        """Whether its content has to be read at all."""
        return self._is_same_size or self._is_small or self._stored

    @property
    def differs(self) -> bool:
        if self._rules.force or not self._is_same_size or self._other is not None:
            return True
        before = self.before
        return before is None or (before.mode, before.uid, before.gid) != (
            self.wanted.mode,
            self.wanted.uid,
            self.wanted.gid,
        )

    def open(self, opened: contextlib.ExitStack) -> None:
        before = self.before
        if before is not None and before.kind == FILE and (self._is_same_size or before.size <= self._rules.small):
            self._mine = opened.enter_context(self._of._tree.open_file(self._name))
            if not self._is_same_size:
                self.text_before = self._mine.read(self._rules.small)
                self.before = replace(before, digest=_digest(hashlib.sha256(self.text_before)))
        if self.differs:
            self._begin()

    def take(self, chunk: bytes) -> None:
        if self._is_same_size and self._mine is not None:
            mine = _read(self._mine, len(chunk))
            if self._other is None and mine != chunk:
                self._other = self._sha256.copy()
                if not self._stored:
                    self._begin()
                    self._keep_beginning(self._mine)
            if self._other is not None:
                self._other.update(mine)
            if self._is_small:
                self.text_before += mine
        self._sha256.update(chunk)
        self._at += len(chunk)
        if self._store is not None and self._stored:
            self._store.write(chunk)
        if self._is_small:
            self._parts.append(chunk)

    def finish(self) -> None:
        if self._is_same_size or self._is_small:
            self.wanted = replace(self.wanted, digest=_digest(self._sha256))
        if self._is_same_size and self.before is not None:
            self.before = replace(self.before, digest=_digest(self._other or self._sha256))
        if self._is_small:
            self.text = b"".join(self._parts)

    def _begin(self) -> None:
        self._of._begin(self._name, self.wanted, self.before)
        self._stored = self._store is not None

    def _keep_beginning(self, mine: IO[bytes]) -> None:
        """Keep what both have, from this host's file."""
        if self._store is None:
            return
        place, left, seen = mine.tell(), self._at, hashlib.sha256()
        mine.seek(0)
        while left:
            piece = _read(mine, min(left, CHUNK))
            if not piece:
                break
            seen.update(piece)
            self._store.write(piece)
            left -= len(piece)
        mine.seek(place)
        if seen.digest() != self._sha256.digest():
            raise Failure(
                "Cannot %s: %s changed on the host where the task runs while it was read. Nothing was copied. Run the "
                "task again when nothing writes there." % (self._rules.tried, shown(self._name) or self._rules.root)
            )


def _pieces(content: IO[bytes], size: int) -> Iterator[bytes]:
    """The content of a member. ArchiveError: the archive ends in it."""
    left = size
    while left:
        try:
            chunk = content.read(min(left, CHUNK))
        except tarfile.TarError:
            chunk = b""
        if not chunk:
            raise ArchiveError("is cut off inside a member's data")
        left -= len(chunk)
        yield chunk


def _read(file: IO[bytes], size: int) -> bytes:
    """So many bytes, or fewer at the end of the file."""
    parts = []
    while size:
        part = file.read(size)
        if not part:
            break
        size -= len(part)
        parts.append(part)
    return b"".join(parts)


def _digest(sha256: Any) -> str:
    return "sha256:" + str(sha256.hexdigest())
