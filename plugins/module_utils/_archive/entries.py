# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an archive makes of a volume, entry by entry, and how a volume's own archive differs from it. Pure.

Two archives of the same files differ in the order of their entries, in which of two hard links is the file, and in what
an engine does not keep, such as fractions of seconds. So what is compared is what an engine makes of each entry.
"""

from __future__ import annotations

import hashlib
import tarfile
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Set, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._archive.atomic_file import Hashed
from ansible_collections.wharf.docker.plugins.module_utils._archive.compression import CHUNK
from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import (
    Archive,
    ArchiveError,
    Content,
    Member,
)

ROOT = b"."
DIRECTORY, FILE, LINK, SYMLINK, OTHER = b"d", b"-", b"h", b"l", b"o"
_KINDS = {tarfile.DIRTYPE: DIRECTORY, tarfile.LNKTYPE: LINK, tarfile.SYMTYPE: SYMLINK}
_CAPABILITY = "SCHILY.xattr.security.capability"
# The holes of a file are read as zeros, here and by an engine: a few bytes could be years of them.
_LARGEST_SPARSE = 2**40
# How many names a message shows.
_SHOWN = 5


class Root(NamedTuple):
    """What an archive says of the volume's root directory itself."""

    mode: int
    uid: int
    gid: int
    mtime: int


class Entry(NamedTuple):
    """``name`` is relative to the root. ``digest``: of all that is compared. ``target``: what a link is to."""

    name: bytes
    kind: bytes
    digest: bytes
    target: bytes = b""
    root: Optional[Root] = None


def read_entries(
    chunks: Iterable[bytes], take: Callable[[Entry], None], see: Optional[Callable[[Member], None]] = None
) -> Content:
    """Read an uncompressed tar to its end, as ``read_archive()`` does; ``take`` gets each entry. ArchiveError: as it.

    Memory is constant here: it is up to ``take`` what is kept.
    """
    hashed, archive = Hashed(chunks), Archive(see)
    reader: Any = _Reader(hashed, archive)
    count = 0
    try:
        with tarfile.open(None, "r|", reader, CHUNK, encoding="utf-8", errors="surrogateescape") as tar:
            kept: Any = tar
            while True:
                info = tar.next()
                if info is None:
                    break
                kept.members = []  # It would keep all of them.
                count += 1
                take(_entry(tar, info))
        for _rest in reader:
            pass
    except tarfile.TarError as error:
        # What is wrong is known better there, if it is the archive's end, or its headers.
        for _rest in reader:
            pass
        archive.finish()
        raise ArchiveError("has an entry that can't be read (%s)" % error) from None
    except (OverflowError, UnicodeError) as error:
        raise ArchiveError("has an entry that can't be read (%s)" % error) from None
    archive.finish()
    if count != archive.members:
        raise ArchiveError("has an entry after the first %d that can't be read" % count)
    return Content(hashed.digest, hashed.size, archive.members)


class _Reader:
    """The bytes of an archive for the module tarfile, while ``archive`` sees that they are whole."""

    def __init__(self, chunks: Iterable[bytes], archive: Archive) -> None:
        self._chunks = iter(chunks)
        self._archive = archive

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._archive.feed(chunk)
            yield chunk

    def read(self, _size: int) -> bytes:
        """The next bytes, as many as there are: whoever reads a stream takes any number."""
        return next(iter(self), b"")


class Entries:
    """The entries of one archive: some 250 bytes of memory for each."""

    def __init__(self) -> None:
        # Kind and digest by name. A hard link has those of its file.
        self.found: Dict[bytes, bytes] = {}
        self.links = _Links()
        # Directories that have no entry of their own: an engine makes them.
        self.implied: Set[bytes] = set()
        self.root: Optional[Root] = None
        self._symlinks: Set[bytes] = set()

    def take(self, entry: Entry) -> None:
        if entry.root is not None:
            self.root = entry.root
            return
        for parent in _parents(entry.name):
            if parent in self._symlinks:
                raise ArchiveError("has the entry %s below a symbolic link" % shown([entry.name]))
            if parent in self.implied:
                break
            if self.found.get(parent, DIRECTORY)[:1] != DIRECTORY:
                raise ArchiveError("has the entry %s below a file" % shown([entry.name]))
            if parent not in self.found:
                self.implied.add(parent)
        if entry.name in self.implied:
            if entry.kind != DIRECTORY:
                raise ArchiveError("has entries below %s, which is not a directory" % shown([entry.name]))
            self.implied.discard(entry.name)
        if entry.name in self.found:
            raise ArchiveError("has the entry %s twice" % shown([entry.name]))
        if entry.kind == SYMLINK:
            if _leads_out(entry):
                raise ArchiveError(
                    "has the symbolic link %s to %s, which leads out of the volume, and engines don't unpack that"
                    % (shown([entry.name]), shown([entry.target]))
                )
            self._symlinks.add(entry.name)
        if entry.kind == LINK:
            if entry.target not in self.found:
                raise ArchiveError("has the hard link %s to a file that is not before it" % shown([entry.name]))
            self.links.take(entry)
            self.found[entry.name] = self.found[entry.target]
        else:
            self.found[entry.name] = entry.kind + entry.digest


class Comparison:
    """How the content of a volume differs from that of an archive; ``take`` gets the volume's entries.

    ``extra``: what only the volume has. ``conflicts``: what can't stay if the archive is added: a directory that would
    replace something else, or the other way round. Of each, the number and at most some names are kept.
    """

    def __init__(self, archive: Entries) -> None:
        self._archive = archive
        self._left = dict(archive.found)
        self._links = _Links()
        self.count = 0
        self.root: Optional[Root] = None
        self.extra, self.different, self.conflicts = _Names(), _Names(), _Names()
        self.missing = _Names()

    def take(self, entry: Entry) -> None:
        if entry.root is not None:
            self.root = entry.root
            if self._archive.root not in (None, entry.root):
                self.different.add(ROOT)
            return
        self.count += 1
        if entry.kind == LINK:
            self._links.take(entry)
        known = self._left.pop(entry.name, None)
        if known is None:
            if entry.name not in self._archive.implied:
                self.extra.add(entry.name)
            elif entry.kind != DIRECTORY:
                self.conflicts.add(entry.name)
            return
        observed = self._archive.found.get(entry.target) if entry.kind == LINK else entry.kind + entry.digest
        if known != observed:
            self.different.add(entry.name)
        if (known[:1] == DIRECTORY) != (entry.kind == DIRECTORY):
            self.conflicts.add(entry.name)

    def finish(self) -> None:
        """There are no more entries."""
        for name in self._left:
            self.missing.add(name)
        wanted, observed = self._archive.links.first(), self._links.first()
        for name in sorted(set(wanted) | set(observed)):
            if name in self._archive.found and wanted.get(name) != observed.get(name) and name not in self._left:
                self.different.add(name)

    @property
    def same(self) -> bool:
        """Whether all that is in the archive is in the volume, as the archive has it."""
        return not self.missing.count and not self.different.count

    def words(self, with_extra: bool = True) -> str:
        """What differs, with some names: "2 entries are missing (a, b), 1 is different (c)"."""
        parts = [("missing", self.missing), ("different", self.different)]
        parts += [("only in the volume", self.extra)] if with_extra else []
        return ", ".join(
            "%d %s %s (%s)" % (names.count, "entry is" if names.count == 1 else "entries are", what, names)
            for what, names in parts
            if names.count
        )


class _Names:
    """How many names there are, and the first of them."""

    def __init__(self) -> None:
        self.count = 0
        self._first: List[bytes] = []

    def add(self, name: bytes) -> None:
        self.count += 1
        if len(self._first) < _SHOWN:
            self._first.append(name)

    def __str__(self) -> str:
        return shown(self._first) + (", ..." if self.count > len(self._first) else "")


class _Links:
    """Which names are hard links of one file."""

    def __init__(self) -> None:
        self._groups: Dict[bytes, List[bytes]] = {}
        self._group_of: Dict[bytes, bytes] = {}

    def take(self, entry: Entry) -> None:
        target = self._group_of.get(entry.target, entry.target)
        self._group_of[entry.name] = target
        self._groups.setdefault(target, [target]).append(entry.name)

    def first(self) -> Dict[bytes, bytes]:
        """Of each name that has others the first of all of them."""
        return {name: min(names) for names in self._groups.values() for name in names}


def shown(names: Iterable[bytes]) -> str:
    return ", ".join(name.decode("utf-8", "backslashreplace") for name in names)


def root_archive(name: str, root: Root) -> bytes:
    """A tar that says of the directory ``name`` what ``root`` says: an engine skips an entry of the root itself."""
    info = tarfile.TarInfo(name)
    info.type = tarfile.DIRTYPE
    info.mode, info.uid, info.gid, info.mtime = root.mode, root.uid, root.gid, root.mtime
    return info.tobuf(tarfile.PAX_FORMAT) + bytes(1024)


def _entry(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Entry:
    name = _path(_bytes(info.name), "the entry")
    kind = _KINDS.get(info.type, FILE if info.isreg() else OTHER)
    seconds = int(str(info.pax_headers.get("mtime", info.mtime)).partition(".")[0] or 0)
    root = Root(info.mode & 0o7777, info.uid, info.gid, max(seconds, 0))
    if name == ROOT:
        if kind != DIRECTORY:
            raise ArchiveError("has an entry for its root that is not a directory")
        return Entry(name, kind, b"", root=root)
    if kind == LINK:
        return Entry(name, kind, b"", _path(_bytes(info.linkname), "a link to"))
    parts: Tuple[object, ...] = tuple(root)
    if info.type == tarfile.GNUTYPE_SPARSE:
        return Entry(name, kind, b"")  # Engines don't know it: such an archive is refused.
    if info.issparse() and info.size > _LARGEST_SPARSE:
        raise ArchiveError("has the sparse file %s of %d bytes, which is too large" % (shown([name]), info.size))
    if kind == FILE:
        parts += (info.size, _digest(tar, info), _bytes(str(info.pax_headers.get(_CAPABILITY, ""))))
    elif kind == SYMLINK:
        parts = (*parts[1:], _bytes(info.linkname))
    elif kind == OTHER:
        device = (info.devmajor, info.devminor) if info.isblk() or info.ischr() else ()
        parts += (info.type, *device)
    target = _bytes(info.linkname) if kind == SYMLINK else b""
    return Entry(name, kind, hashlib.blake2b(repr(parts).encode(), digest_size=16).digest(), target)


def _leads_out(link: Entry) -> bool:
    """Whether a symbolic link has too many "..". Engines count an absolute path from the link's directory, too."""
    depth = link.name.count(b"/")
    for part in link.target.split(b"/"):
        depth += -1 if part == b".." else part not in (b"", b".")
        if depth < 0:
            return True
    return False


def _digest(tar: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    found, size = hashlib.blake2b(digest_size=16), 0
    file = tar.extractfile(info)
    while file is not None:
        chunk = file.read(CHUNK)
        if not chunk:
            break
        found.update(chunk)
        size += len(chunk)
    if size != info.size:
        raise ArchiveError("has the file %s with %d bytes instead of %d" % (info.name, size, info.size))
    return found.digest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _path(name: bytes, what: str) -> bytes:
    """A path relative to the root. ArchiveError: it may lead out of the volume."""
    parts = [part for part in name.split(b"/") if part not in (b"", b".")]
    if name.startswith(b"/") or b".." in parts or b"\0" in name:
        raise ArchiveError("has %s %s, which is not a path in the volume" % (what, shown([name])))
    return b"/".join(parts) or ROOT


def _parents(name: bytes) -> Iterator[bytes]:
    """The directories above it, the nearest one first."""
    while b"/" in name:
        name = name.rpartition(b"/")[0]
        yield name
