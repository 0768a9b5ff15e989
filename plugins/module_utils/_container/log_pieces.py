# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pieces in which an engine stores a container's output, each with its time. Pure."""

from __future__ import annotations

import re
from typing import List, Optional

# How a piece begins if the engine is requested to add its time.
STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|[+-]\d\d:\d\d) ")
# A longer line is stored in pieces of this size and a last one, which the log driver local returns without its newline.
PIECE = 16384
# The log drivers that keep that newline; the engine reads the others from a copy in the format of local.
KEEP_NEWLINE = ("json-file", "journald")
# What the log driver json-file replaces each byte with, if a character is split between two pieces.
SPOILED = "\ufffd".encode()


def content_of(piece: bytes) -> bytes:
    """What was written, without the time in front of it."""
    found = STAMP.match(piece)
    return piece if found is None else piece[found.end() :]


class TerminalPieces:
    """The pieces of a terminal's log with times, from bytes that may be cut anywhere, since it has no frames.

    A piece ends with a line, or at its maximum size if the next one begins there with its time.
    """

    def __init__(self, driver: str) -> None:
        self._loses_newline = driver not in KEEP_NEWLINE
        self._data = bytearray()
        self._long = False  # the previous piece did not end its line

    def feed(self, chunk: bytes) -> List[bytes]:
        """The pieces that this chunk completes."""
        self._data += chunk
        pieces: List[bytes] = []
        while True:
            end = self._end()
            if end is None:
                return pieces
            pieces.append(bytes(self._data[:end]))
            del self._data[:end]

    def rest(self) -> bytes:
        """At the end of the stream: what has arrived of the last piece."""
        rest = bytes(self._data)
        self._data.clear()
        self._long = False
        return rest

    def _end(self) -> Optional[int]:
        stamp = STAMP.match(self._data)
        begin = stamp.end() if stamp is not None else 0
        newline = self._data.find(b"\n", begin)
        full = begin + PIECE
        if self._long and self._loses_newline:
            following = STAMP.search(self._data, begin, full if newline < 0 else min(newline, full))
            if following is not None:
                self._long = False
                return following.start()
        if 0 <= newline < full:
            self._long = False
            return newline + 1
        if len(self._data) <= full:
            return None
        # Each replaced byte makes the piece two bytes longer.
        for at in range(full, full + 2 * self._data.count(SPOILED, begin) + 1, 2):
            if STAMP.match(self._data, at) is not None:
                self._long = True
                return at
        self._long = self._long and newline < 0
        return newline + 1 if newline >= 0 else None
