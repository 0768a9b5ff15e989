# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The body of an answer that has no length, from the bytes of its connection: HTTP's chunks, and a log's frames.

An engine sends each line of a log as a chunk with one frame. http.client takes several calls for each chunk, which is
longer than the engine takes for it: so what has arrived is taken apart at once here.
https://www.rfc-editor.org/rfc/rfc9112#section-7.1
"""

from __future__ import annotations

from typing import Any, Iterable, Iterator, List, Tuple

# How much is read at a time, in bytes: what has arrived, up to this.
READ = 256 * 1024
# The longest line with a chunk's size. Engines send up to 8 digits.
_LONGEST = 64
_HEADER = 8
_CUT = "it ended in the middle of what it carried"


class ChunkError(ValueError):
    """The bytes are not those of a complete answer; the message is the reason ("it ended ...")."""


class FrameError(ValueError):
    """There is something else than a frame: ``header``."""

    def __init__(self, header: bytes) -> None:
        super().__init__(repr(header))
        self.header = header


def body(file: Any) -> Iterator[bytes]:
    """The body from the open ``file`` of a connection: what has arrived, each time. ChunkError: it is cut off."""
    rest = b""
    inside, left = False, 0  # whether a chunk's data and line break have not all come yet, and how much of the data
    while True:
        more = file.read1(READ)
        if not more:
            raise ChunkError(_CUT)
        data = rest + more if rest else more
        parts: List[bytes] = []
        at, end, last = 0, len(data), False
        while True:
            if inside:
                part = data[at : at + left]
                parts.append(part)
                at += len(part)
                left -= len(part)
                if left or end - at < 2:
                    break
                if data[at : at + 2] != b"\r\n":
                    raise ChunkError("a chunk of it has no end")
                at += 2
                inside = False
            stop = data.find(b"\r\n", at, at + _LONGEST)
            if stop < 0:
                if end - at >= _LONGEST:
                    raise ChunkError("a chunk of it has no size")
                break
            left = _size(data[at:stop])
            at = stop + 2
            if not left:
                last = True
                break
            inside = True
        rest = data[at:]
        block = parts[0] if len(parts) == 1 else b"".join(parts)
        if block:
            yield block
        if last:
            return


def frames(blocks: Iterable[bytes]) -> Iterator[Tuple[int, bytes]]:
    """(kind, payload) of each frame of a log, or of a process, without a terminal. ChunkError: it is cut off.

    Each has a header of 8 bytes: the kind, three zeros, and the length of what follows. FrameError: it has not.
    """
    rest = b""
    for block in blocks:
        data = rest + block if rest else block
        at, end = 0, len(data)
        while end - at >= _HEADER:
            if data[at] > 3 or data[at + 1] or data[at + 2] or data[at + 3]:
                raise FrameError(data[at : at + _HEADER])
            after = at + _HEADER + int.from_bytes(data[at + 4 : at + _HEADER], "big")
            if after > end:
                break
            yield data[at], data[at + _HEADER : after]
            at = after
        rest = data[at:]
    if rest:
        raise ChunkError(_CUT)


def _size(line: bytes) -> int:
    try:
        size = int(line.partition(b";")[0], 16)
    except ValueError:
        size = -1
    if size < 0:
        raise ChunkError("a chunk of it has no size")
    return size
