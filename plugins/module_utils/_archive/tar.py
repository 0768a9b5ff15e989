# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a tar stream safely: whether it is one, and whether it is complete, in constant memory.

Engines treat an empty stream, and one that is cut between two members, as a complete archive; Python's ``tarfile``
treats a damaged header as the end. So the chain of headers is followed here: each header's checksum, each member's
data, the mark at the end, and nothing but zeros after it.
Format: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Dict, Iterable, NamedTuple, Optional

from ansible_collections.wharf.docker.plugins.module_utils._archive.atomic_file import Hashed

BLOCK = 512
# Types of members without data, whatever size their header has: links, devices, directories, pipes.
_WITHOUT_DATA = frozenset(b"123456")
# The longest extended header or name that is kept in memory to be read, in bytes (Go's limit, and so the engine's).
_EXTENDED = 1024 * 1024
# The most extended headers in a row, before their member. Programs write at most four.
_MOST_EXTENDED = 16
_ZEROS = bytes(BLOCK)
# Octal digits, with spaces before and spaces or zero bytes after them. A field that begins with a zero byte is read as
# 0 by some programs, and by others (such as the engine) as the number that follows: so it is invalid.
_OCTAL = re.compile(rb" *([0-7]+)(?: *\0.*| *)", re.DOTALL)
_BLANK = re.compile(rb"[ \0]*")
# Sizes are signed 64-bit numbers, also if they are written as decimal digits.
_LARGEST = 2**63 - 1
_DIGITS = re.compile(rb"[0-9]{1,19}")
# The keys, in a pax header, of a sparse file's size including its holes.
_WITH_HOLES = (b"GNU.sparse.realsize", b"GNU.sparse.size")


class ArchiveError(ValueError):
    """A problem with an archive; the message follows the archive's name ("is empty")."""


@dataclass(frozen=True)
class Content:
    """The digest ("sha256:...") and the size of an archive's uncompressed bytes, and its number of members."""

    digest: str
    size: int
    members: int


class Member(NamedTuple):
    """One member: its ``name`` as in the archive, its type (``ord("0")``: a file), and its unpacked size."""

    name: bytes
    kind: int
    size: int


def read_archive(chunks: Iterable[bytes], see: Optional[Callable[[Member], None]] = None) -> Content:
    """Read an uncompressed tar to its end. ArchiveError: it is damaged or incomplete.

    ``see`` is called with each member as soon as its header has been read.
    """
    hashed, archive = Hashed(chunks), Archive(see)
    for chunk in hashed:
        archive.feed(chunk)
    archive.finish()
    return Content(hashed.digest, hashed.size, archive.members)


class Archive:
    """Follows a tar stream that is fed to it piece by piece; ``members`` is the number of members so far."""

    def __init__(self, see: Optional[Callable[[Member], None]] = None) -> None:
        self.members = 0
        self._see = see
        self._position = 0  # of the next byte, for messages
        self._block = bytearray()  # the beginning of a block whose rest has not come yet
        self._data = 0  # the number of bytes of the member's data, with its padding, that have not come yet
        self._extended = bytearray()  # the part of an extended header's data that has come
        self._extended_size = 0  # 0: the data is not that of an extended header
        self._extended_kind = 0
        self._records: Dict[bytes, bytes] = {}  # the extended header of the next member
        self._long_name = b""  # the next member's name from a header of GNU tar
        self._expects_member = False  # an extended header or a long name has come, and its member has not
        self._in_a_row = 0  # the number of extended headers before the next member
        self._expects_map = False  # the next block continues the map of a sparse file
        self._sparse_data = 0  # the data after that map
        self._ended = False

    def feed(self, chunk: bytes) -> None:
        """The next bytes. ArchiveError: an archive can't continue with them."""
        at, end = 0, len(chunk)
        while at < end:
            if self._ended:
                self._expect_zeros(chunk[at:])
                at_next = end
            elif self._data:
                at_next = min(end, at + self._data)
                self._take_data(chunk, at, at_next)
            else:
                at_next = min(end, at + BLOCK - len(self._block))
                self._block += chunk[at:at_next]
            self._position += at_next - at
            at = at_next
            if len(self._block) == BLOCK:
                block = bytes(self._block)
                self._block.clear()
                self._take_block(block)

    def finish(self) -> None:
        """The end of the bytes. ArchiveError: the archive is incomplete."""
        if self._position == 0:
            raise ArchiveError("is empty")
        if self._ended:
            if not self.members:
                raise ArchiveError("is an archive without members")
            return
        if self._position < BLOCK:
            raise ArchiveError("is not a tar archive")
        where = "inside a member's data" if self._data else "inside a header" if self._block else "between two members"
        raise ArchiveError("is cut off %s, at byte %d: the mark at the end is missing" % (where, self._position))

    def _take_block(self, block: bytes) -> None:
        if self._expects_map:
            self._expects_map = bool(block[504])
            if not self._expects_map:
                self._data = self._sparse_data
            return
        if block == _ZEROS:
            if self._expects_member:
                raise ArchiveError("is damaged: it ends after an extended header, at byte %d" % self._position)
            self._ended = True
            return
        if not _checksum_holds(block):
            if self._position == BLOCK:
                raise ArchiveError("is not a tar archive")
            raise ArchiveError("is damaged: there is no header at byte %d" % (self._position - BLOCK))
        self._take_header(block)

    def _take_header(self, block: bytes) -> None:
        kind = block[156]
        size = self._number(block[124:136])
        if kind in b"xgLK":
            if kind == ord("g") and self._expects_member:
                # Programs differ in whether the member's extended header still applies then.
                raise ArchiveError("is damaged: a member's extended header is followed by a global one")
            if size > _EXTENDED:
                raise ArchiveError("has an extended header of %d bytes: that is too large" % size)
            self._in_a_row += 1
            if self._in_a_row > _MOST_EXTENDED:
                raise ArchiveError("is damaged: it has too many extended headers before byte %d" % self._position)
            self._expects_member = kind != ord("g")
            if kind in b"xL":
                self._extended_size, self._extended_kind = size, kind
            self._data = _padded(size)
            return
        self.members += 1
        self._in_a_row = 0
        self._expects_member = False
        records, self._records = self._records, {}
        long_name, self._long_name = self._long_name, b""
        name = long_name or records.get(b"path") or _name(block)
        if b"size" in records:
            size = self._decimal(records[b"size"])
        if kind == 0 and size and name.endswith(b"/"):
            # Programs differ in whether this is a directory, without data, or a file, with data.
            raise self._bad_field()
        if self._see is not None:
            self._see(Member(name, kind, 0 if kind in _WITHOUT_DATA else self._unpacked(block, size, records)))
        if kind in _WITHOUT_DATA:
            return
        if kind == ord("S") and block[482]:
            self._expects_map, self._sparse_data = True, _padded(size)
            return
        self._data = _padded(size)

    def _take_data(self, chunk: bytes, at: int, end: int) -> None:
        self._data -= end - at
        if not self._extended_size:
            return
        self._extended += chunk[at:end]
        if not self._data:
            data = bytes(self._extended[: self._extended_size])
            if self._extended_kind == ord("x"):
                self._records = self._records_in(data)
            else:
                self._long_name = data.partition(b"\0")[0]
            self._extended.clear()
            self._extended_size = 0

    def _records_in(self, data: bytes) -> Dict[bytes, bytes]:
        """The records of an extended header: "LENGTH KEY=VALUE\\n", one after the other."""
        found, at = {}, 0
        while at < len(data):
            length = data[at : at + 20].partition(b" ")[0]
            end = at + self._decimal(length)
            key, equals, value = data[at + len(length) + 1 : end - 1].partition(b"=")
            if not at + 5 <= end <= len(data) or data[end - 1 : end] != b"\n" or not equals:
                raise self._bad_field()
            if key == b"size" or key in _WITH_HOLES:
                self._decimal(value)
            found[key] = value
            at = end
        return found

    def _unpacked(self, block: bytes, size: int, records: Dict[bytes, bytes]) -> int:
        """The size of a member's file after unpacking: a sparse file has less data in the archive."""
        if block[156] == ord("S"):
            size = max(size, self._number(block[483:495]))
        return max([size, *(self._decimal(records[key]) for key in _WITH_HOLES if key in records)])

    def _number(self, field: bytes) -> int:
        """A number in a header: octal digits, or binary if the first bit is set. Blank is 0."""
        if field[0] & 0x80:
            number = int.from_bytes(bytes([field[0] & 0x3F]) + field[1:], "big")
            if field[0] & 0x40 or number > _LARGEST:
                raise self._bad_field()
            return number
        if _BLANK.fullmatch(field):
            return 0
        found = _octal(field)
        if found is None:
            raise self._bad_field()
        return found

    def _decimal(self, digits: bytes) -> int:
        if not _DIGITS.fullmatch(digits) or int(digits) > _LARGEST:
            raise self._bad_field()
        return int(digits)

    def _bad_field(self) -> ArchiveError:
        return ArchiveError("is damaged: the header before byte %d has an invalid value" % self._position)

    def _expect_zeros(self, rest: bytes) -> None:
        if rest.count(0) != len(rest):
            raise ArchiveError("has something after its end, before byte %d" % (self._position + len(rest)))


def _checksum_holds(block: bytes) -> bool:
    """Whether a header has the correct checksum: the sum of its bytes, with the checksum field itself as spaces.

    Old programs added the bytes up as signed numbers; their archives are valid as well.
    """
    expected = _octal(block[148:156])
    rest = block[:148] + block[156:]
    total = sum(rest) + 8 * 32
    return expected == total or expected == total - 256 * sum(byte > 127 for byte in rest)


def _padded(size: int) -> int:
    return (size + BLOCK - 1) // BLOCK * BLOCK


def _octal(field: bytes) -> Optional[int]:
    found = _OCTAL.fullmatch(field)
    return int(found.group(1), 8) if found else None


def _name(block: bytes) -> bytes:
    """The name in a header; in the POSIX format, another field may have the beginning of it."""
    name, prefix = block[:100].partition(b"\0")[0], block[345:500].partition(b"\0")[0]
    return prefix + b"/" + name if prefix and block[257:263] == b"ustar\0" else name
