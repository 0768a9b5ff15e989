# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries of trees of files: of this host, and of a tar that comes from an engine. In constant memory per file."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tarfile
from dataclasses import dataclass, replace
from typing import IO, Callable, Dict, Iterable, Iterator, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._archive.copied import (
    DIRECTORY,
    FILE,
    LINK,
    Entry,
    shown,
    text,
)
from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import Archive, ArchiveError
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure

CHUNK = 1024 * 1024
SPECIAL = {
    stat.S_IFIFO: "FIFO",
    stat.S_IFSOCK: "socket",
    stat.S_IFBLK: "block device",
    stat.S_IFCHR: "character device",
}
_OTHER = {tarfile.FIFOTYPE: "FIFO", tarfile.CHRTYPE: "character device", tarfile.BLKTYPE: "block device"}


@dataclass(frozen=True)
class Source:
    """An entry of this host, at ``path``, or with this ``content``. ``known``: a file that changes has it otherwise."""

    entry: Entry
    path: bytes = b""
    content: Optional[bytes] = None
    mtime: int = 0
    known: Tuple[int, ...] = ()

    @contextlib.contextmanager
    def chunks(self, tried: str) -> Iterator[Iterator[bytes]]:
        """Its content. Failure: it can't be read, or is not what it was."""
        if self.content is not None:
            yield iter([self.content])
            return
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            raise unreadable(tried, self.path, error) from None
        with open(descriptor, "rb", buffering=0) as file:
            yield self._read(file, tried)

    def _read(self, file: IO[bytes], tried: str) -> Iterator[bytes]:
        left = self.entry.size
        try:
            _refuse_change(self, os.fstat(file.fileno()), tried)
            while left:
                chunk = file.read(min(left, CHUNK))
                if not chunk:
                    raise changed(tried, self.path)
                left -= len(chunk)
                yield chunk
            more = file.read(1)
            _refuse_change(self, os.fstat(file.fileno()), tried)
            if more:
                raise Failure(
                    "Cannot %s: %s has more content than the %d bytes of its size, as the files in /proc. Nothing was "
                    "copied. Write its content to another file first, and copy that one."
                    % (tried, shown(text(self.path)), self.entry.size)
                )
        except OSError as error:
            raise unreadable(tried, self.path, error) from None

    def with_digest(self, tried: str) -> Source:
        import hashlib

        sha256 = hashlib.sha256()
        with self.chunks(tried) as chunks:
            for chunk in chunks:
                sha256.update(chunk)
        return replace(self, entry=replace(self.entry, digest="sha256:" + sha256.hexdigest()))


def changed(tried: str, path: bytes) -> Failure:
    return Failure(
        "Cannot %s: %s changed while it was read. Nothing was copied. Run the task again when nothing writes there."
        % (tried, shown(text(path)))
    )


def unreadable(tried: str, path: bytes, error: OSError) -> Failure:
    return Failure(
        "Cannot %s: %s can't be read on the host where the task runs: %s. Use become, or change its permissions, if "
        "this user may not read it." % (tried, shown(text(path)), error.strerror or error)
    )


def walk(root: bytes, follow: bool, excluded: Callable[[str], bool], tried: str) -> Dict[str, Source]:
    """The entries below ``root``, which is there, by their names; that of ``root`` itself is "".

    ``follow``: links are what they lead to. Failure: something can't be copied.
    """
    found: Dict[str, Source] = {}
    try:
        _walk(root, "", follow, excluded, tried, found, ())
    except RecursionError:
        raise Failure(
            "Cannot %s: the directories in %s are nested too deeply. Exclude what is not needed, or copy it in parts."
            % (tried, shown(text(root)))
        ) from None
    return found


def _walk(
    path: bytes,
    name: str,
    follow: bool,
    excluded: Callable[[str], bool],
    tried: str,
    found: Dict[str, Source],
    around: Tuple[Tuple[int, int], ...],
) -> None:
    try:
        attributes = os.stat(path, follow_symlinks=follow)
        source = _source(path, attributes, follow, tried)
        found[name] = source
        if source.entry.kind != DIRECTORY:
            return
        here = (attributes.st_dev, attributes.st_ino)
        if here in around:
            raise Failure(
                "Cannot %s: the link %s leads to a directory that it is in. Set local_follow to false, or exclude it."
                % (tried, shown(text(path)))
            )
        names = sorted(os.listdir(path))
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ELOOP):
            raise unreadable(tried, path, error) from None
        what = (
            "leads to nothing, or the file was removed meanwhile" if error.errno == errno.ENOENT else "leads to itself"
        )
        raise Failure(
            "Cannot %s: the link %s %s. Set local_follow to false to copy links themselves, or exclude it."
            % (tried, shown(text(path)), what)
        ) from None
    for one in names:
        inner = (name + "/" if name else "") + text(one)
        if not excluded(inner):
            _walk(os.path.join(path, one), inner, follow, excluded, tried, found, (*around, here))


def _source(path: bytes, attributes: os.stat_result, follow: bool, tried: str) -> Source:
    kind, mode = stat.S_IFMT(attributes.st_mode), stat.S_IMODE(attributes.st_mode)
    mtime = int(attributes.st_mtime)
    if kind == stat.S_IFREG:
        entry = Entry(FILE, mode, attributes.st_uid, attributes.st_gid, attributes.st_size)
        # The kernel opens what a link leads to only by its own name.
        real = os.path.realpath(path) if follow else path
        return Source(entry, real, None, mtime, _known(attributes))
    if kind == stat.S_IFDIR:
        return Source(Entry(DIRECTORY, mode, attributes.st_uid, attributes.st_gid), path, None, mtime)
    if kind == stat.S_IFLNK:
        target = text(os.readlink(path))
        return Source(Entry(LINK, 0o777, attributes.st_uid, attributes.st_gid, target=target), path, None, mtime)
    raise Failure(
        "Cannot %s: %s is a %s, which can't be copied. Exclude it, or give another path."
        % (tried, shown(text(path)), SPECIAL.get(kind, "special file"))
    )


def _known(attributes: os.stat_result) -> Tuple[int, ...]:
    return attributes.st_dev, attributes.st_ino, attributes.st_size, attributes.st_mtime_ns


def _refuse_change(source: Source, attributes: os.stat_result, tried: str) -> None:
    if _known(attributes) != source.known:
        raise changed(tried, source.path)


class Members:
    """The members of a tar of one tree, as an engine sends it, from ``chunks``. ArchiveError: it is not such a tar.

    Iterated once: (name, entry, content), with content for files, to be read before the next iteration.
    A hard link has none: ``same_as`` is then the name of the file whose content it shares, and else None.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""
        self._archive = Archive()
        self.same_as: Optional[str] = None

    def read(self, size: int) -> bytes:
        """For tarfile, as it reads any stream."""
        if not self._rest:
            self._rest = next(self._chunks, b"")
            self._archive.feed(self._rest)
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def __iter__(self) -> Iterator[Tuple[str, Entry, Optional[IO[bytes]]]]:
        prefix: Optional[str] = None
        try:
            with tarfile.open(
                fileobj=self,  # type: ignore[call-overload]  # It needs nothing but read().
                mode="r|",
                bufsize=CHUNK,
                encoding="utf-8",
                errors="surrogateescape",
            ) as archive:
                for member in archive:
                    # It keeps them all.
                    archive.members.clear()
                    archive.pax_headers.clear()
                    if member.issparse():
                        raise ArchiveError("has the sparse file %s, which engines do not send" % shown(member.name))
                    prefix = member.name.rstrip("/") if prefix is None else prefix
                    name, entry = _relative(member.name, prefix), _entry(member)
                    self.same_as = _relative(member.linkname, prefix) if member.islnk() else None
                    yield name, entry, archive.extractfile(member) if member.isreg() else None
        except ArchiveError:
            raise
        except (tarfile.TarError, ValueError, OverflowError) as error:
            raise ArchiveError("is damaged: %s" % error) from None
        self._rest = b""
        for chunk in self._chunks:
            self._archive.feed(chunk)
        self._archive.finish()


def _relative(name: str, prefix: str) -> str:
    """The name of a member relative to the root of the tree; no name leads out of it."""
    name = name.rstrip("/")
    if name == prefix:
        return ""
    rest = name[len(prefix) + 1 :]
    if not name.startswith(prefix + "/") or any(part in ("", ".", "..") for part in rest.split("/")) or "\0" in rest:
        raise ArchiveError("has a member with the name %r, which is not below its root" % shown(name))
    return rest


def _entry(member: tarfile.TarInfo) -> Entry:
    mode, size = member.mode & 0o7777, 0
    if member.isreg() or member.islnk():
        kind, size = FILE, member.size
    elif member.isdir():
        kind = DIRECTORY
    elif member.issym():
        kind, mode = LINK, 0o777
    else:
        kind = _OTHER.get(member.type, "special file")
    target = member.linkname if kind == LINK else ""
    return Entry(kind, mode, member.uid, member.gid, size, "", target)


def digest_of(file: IO[bytes]) -> str:
    import hashlib

    sha256 = hashlib.sha256()
    for chunk in iter(lambda: file.read(CHUNK), b""):
        sha256.update(chunk)
    return "sha256:" + sha256.hexdigest()


def pack(file: IO[bytes], sources: Dict[str, Source], prefix: str, tried: str) -> None:
    """Write a tar of these entries. Names can have any bytes, and ids any size: GNU's form has both."""
    form = {"format": tarfile.GNU_FORMAT, "encoding": "utf-8", "errors": "surrogateescape"}
    with tarfile.open(fileobj=file, mode="w", copybufsize=CHUNK, **form) as archive:  # type: ignore[call-overload]
        for name, source in sources.items():
            member = tarfile.TarInfo("/".join(part for part in (prefix, name) if part))
            entry = source.entry
            member.mode, member.uid, member.gid, member.mtime = entry.mode, entry.uid, entry.gid, source.mtime
            if entry.kind == DIRECTORY:
                member.type = tarfile.DIRTYPE
            elif entry.kind == LINK:
                member.type, member.linkname = tarfile.SYMTYPE, entry.target
            else:
                member.size = entry.size
            if entry.kind != FILE:
                archive.addfile(member)
                continue
            with source.chunks(tried) as chunks:
                archive.addfile(member, _Reader(chunks, source, tried))
                for _nothing in chunks:  # Of an empty file, tarfile reads nothing: it is only looked at.
                    pass
            archive.members.clear()


class _Reader:
    """What tarfile reads a file's content from. Content that is known to be other than it was is not sent."""

    def __init__(self, chunks: Iterator[bytes], source: Source, tried: str) -> None:
        import hashlib

        self._chunks, self._rest = chunks, b""
        self._left, self._sha256 = source.entry.size, hashlib.sha256()
        self._source, self._tried = source, tried

    def read(self, size: int) -> bytes:
        if not self._rest:
            self._rest = next(self._chunks, b"")
            self._sha256.update(self._rest)
        data, self._rest = self._rest[:size], self._rest[size:]
        self._left -= len(data)
        if not self._left:
            self._finish()
        return data

    def _finish(self) -> None:
        for _nothing in self._chunks:  # Only the last look at the file is left.
            pass
        digest = self._source.entry.digest
        if digest and digest != "sha256:" + self._sha256.hexdigest():
            raise changed(self._tried, self._source.path)


def source_of_content(content: bytes, mtime: int) -> Source:
    import hashlib

    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    return Source(Entry(FILE, 0o644, size=len(content), digest=digest), b"", content, mtime)
