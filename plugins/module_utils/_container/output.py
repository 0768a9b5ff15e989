# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The output of a process in a container, joined from pieces that may be cut anywhere. Pure."""

from __future__ import annotations

from typing import Any, Optional

_HEADER = 8
_FOLLOWERS = bytes(range(0x80, 0xC0))


class Kept:
    """The last ``limit`` bytes of one stream (None: all of them). ``cut``: how many bytes before them were dropped.

    They are stored in one growing array: many small pieces take no more memory than a few large ones.
    """

    def __init__(self, limit: Optional[int]) -> None:
        self._limit = limit
        self._data = bytearray()
        self.cut = 0

    def add(self, piece: Any) -> None:
        self._data += piece
        if self._limit is not None and len(self._data) > 2 * self._limit + _HEADER:
            self._trim()

    def text(self) -> str:
        """All as text; bytes that are not valid UTF-8 become U+FFFD, and a character that was cut is left out."""
        if self._limit is not None:
            self._trim()
        if self.cut:
            # The bytes after the first one of a character are 10xxxxxx, and there are three at most.
            lead = len(self._data[:4]) - len(self._data[:4].lstrip(_FOLLOWERS))
            if lead < 4:
                del self._data[:lead]
                self.cut += lead
        return self._data.decode("utf-8", "replace")

    def _trim(self) -> None:
        over = len(self._data) - (self._limit or 0)
        if over > 0:
            del self._data[:over]
            self.cut += over


class Output:
    """stdout and stderr of a process, from the pieces in which they arrive, wherever these are cut.

    Without a terminal the engine puts a header of 8 bytes before each frame: the stream, three zeros, and the frame's
    length. With a terminal, all output is stdout.
    """

    def __init__(self, tty: bool, limit: Optional[int]) -> None:
        self.stdout, self.stderr = Kept(limit), Kept(limit)
        self._tty = tty
        self._header = bytearray()
        self._left = 0  # bytes of the frame that have not arrived yet
        self._stream = self.stdout
        self.no_frame = b""  # invalid bytes instead of a header, if there were any; what follows is dropped

    @property
    def whole(self) -> bool:
        """Whether the last frame is complete."""
        return not self._left and not self._header

    def feed(self, chunk: bytes) -> None:
        if self._tty:
            self.stdout.add(chunk)
            return
        view, at, end = memoryview(chunk), 0, len(chunk)
        while at < end and not self.no_frame:
            if self._left:
                piece = view[at : at + self._left]
                self._stream.add(piece)
                self._left -= len(piece)
                at += len(piece)
                continue
            piece = view[at : at + _HEADER - len(self._header)]
            self._header += piece
            at += len(piece)
            if len(self._header) == _HEADER:
                if self._header[0] > 3 or self._header[1:4].strip(b"\0"):
                    self.no_frame = bytes(self._header)
                    break
                self._stream = self.stderr if self._header[0] in (2, 3) else self.stdout  # 3: the engine itself
                self._left = int.from_bytes(self._header[4:], "big")
                self._header.clear()
