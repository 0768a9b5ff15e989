# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stdout and stderr of a container as one text, in the order in which the engine has them. Pure."""

from __future__ import annotations

from typing import Iterable, Iterator, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.log_pieces import (
    PIECE,
    TerminalPieces,
    content_of,
)


class StampedText:
    """Joins pieces with their times to a text in which a line begins with its time, and nothing else has one.

    Docker's own command puts a time in front of each piece of a long line, and two lines become one if the first one
    was left without a line break.
    """

    def __init__(self) -> None:
        # The stream and the length of the last piece, if that did not end its line.
        self._open: Optional[Tuple[int, int]] = None

    def add(self, number: int, piece: bytes) -> bytes:
        content = content_of(piece)
        stamp = piece[: len(piece) - len(content)]
        text = content
        if self._open is None:
            text = piece
        elif stamp and (self._open[0] != number or self._open[1] < PIECE):
            text = b"\n" + piece
        if piece:
            self._open = None if piece.endswith(b"\n") else (number, len(content))
        return text


def stamped(pieces: Iterable[Tuple[int, bytes]], terminal: Optional[TerminalPieces]) -> Iterator[bytes]:
    """The text of the pieces of a log with times. ``terminal``: splits the bytes of a terminal into pieces."""
    text = StampedText()
    for number, piece in pieces:
        for part in terminal.feed(piece) if terminal is not None else (piece,):
            yield text.add(number, part)
    if terminal is not None:
        yield text.add(1, terminal.rest())
