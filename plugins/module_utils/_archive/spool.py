# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the entries of a copy from a container are kept until all of them have come and are checked."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from typing import IO, Iterator, NamedTuple, Optional, Tuple, TypeVar

from ansible_collections.wharf.docker.plugins.module_utils._archive.atomic_file import AtomicFile
from ansible_collections.wharf.docker.plugins.module_utils._archive.copied import FILE, Entry, raw, text
from ansible_collections.wharf.docker.plugins.module_utils._archive.destination import Place, unwritable
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure

CHUNK = 1024 * 1024
# So much stays in memory before a file is needed.
_IN_MEMORY = 1024 * 1024

_Self = TypeVar("_Self", bound="_File")


class Kept(NamedTuple):
    """An entry that is going to be written to ``name``. ``replaces``: something is there."""

    name: str
    entry: Entry
    replaces: bool


class _File:
    """A file without a name in the directory for temporary files. A context manager, which closes it."""

    def __init__(self, tried: str) -> None:
        self._tried = tried
        self._file = _spooled()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            raise Failure(
                "Cannot %s: what differs can't be written to %s on the host where the task runs: %s. Nothing was "
                "copied. Make room there, or set the environment variable TMPDIR."
                % (self._tried, tempfile.gettempdir(), error.strerror or error)
            ) from None


class Names(_File):
    """Names, in constant memory."""

    def add(self, name: str) -> None:
        self.write(b"%d\n%s" % (len(raw(name)), raw(name)))

    def __iter__(self) -> Iterator[str]:
        self._file.seek(0)
        while True:
            size = self._file.readline()
            if not size:
                return
            yield text(self._file.read(int(size)))


class Spool(_File):
    """Entries of a tree, with their content."""

    def begin(self, kept: Kept) -> None:
        """The next entry. For a file, its content follows, with the size of the entry."""
        self.write(json.dumps([kept.name, asdict(kept.entry), kept.replaces]).encode() + b"\n")

    def postpone(self) -> None:
        """The next entry will be the next one of the second spool."""
        self.write(b"null\n")

    def entries(self) -> Iterator[Optional[Tuple[Kept, Iterator[bytes]]]]:
        """The entries from the beginning on, with their content; None: one that was postponed."""
        self._file.seek(0)
        while True:
            line = self._file.readline()
            if not line:
                return
            found = json.loads(line)
            if found is None:
                yield None
                continue
            kept = Kept(found[0], Entry(**found[1]), found[2])
            start = self._file.tell()
            size = kept.entry.size if kept.entry.kind == FILE else 0
            yield kept, self._content(size)
            self._file.seek(start + size)

    def _content(self, size: int) -> Iterator[bytes]:
        while size:
            chunk = self._file.read(min(size, CHUNK))
            size -= len(chunk)
            yield chunk


class NextToIt:
    """A single file, which is written next to its place: it may be larger than the room for temporary files."""

    def __init__(self, place: Place, tried: str) -> None:
        self._place, self._tried = place, tried
        self.file: Optional[AtomicFile] = None
        self.kept: Optional[Kept] = None

    def __enter__(self) -> NextToIt:
        return self

    def __exit__(self, *error: object) -> None:
        if self.file is not None:
            self.file.__exit__(*error)

    def begin(self, kept: Kept) -> None:
        file = AtomicFile(self._place.path, self._place.descriptor)
        try:
            self.file = file.__enter__()
        except OSError as error:
            raise unwritable(self._tried, error, self._place.directory) from None
        self.kept = kept

    def write(self, data: bytes) -> None:
        if self.file is not None:
            try:
                self.file.write(data)
            except OSError as error:
                raise unwritable(self._tried, error, self._place.directory) from None


def _spooled() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, prefix="wharf-copy-")
