# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP's chunks and a log's frames, however the bytes arrive."""

from __future__ import annotations

import random
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._engine import chunked as _chunked


class Arriving:
    """A connection's file that has at most ``most`` bytes at a time."""

    def __init__(self, data: bytes, most: int) -> None:
        self._data, self._most = data, most

    def read1(self, size: int) -> bytes:
        part, self._data = self._data[: min(size, self._most)], self._data[min(size, self._most) :]
        return part


def chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def frame(kind: int, payload: bytes) -> bytes:
    return bytes([kind, 0, 0, 0]) + len(payload).to_bytes(4, "big") + payload


def read(data: bytes, most: int) -> bytes:
    return b"".join(_chunked.body(Arriving(data, most)))


PARTS = [b"a", b"\r\n", b"0\r\n\r\n", b"x" * 15, b"y" * 300, b"1f\r\n"]


@pytest.mark.parametrize("most", [1, 2, 3, 5, 8, 13, 100, 10**6])
def test_a_body(most: int) -> None:
    assert read(chunks(*PARTS), most) == b"".join(PARTS)
    assert read(chunks(), most) == b""
    assert read(b"3;name=value\r\nabc\r\n0\r\nTrailer: x\r\n\r\n", most) == b"abc"
    assert read(b"0003\r\nabc\r\n0\r\n\r\n", most) == b"abc"


def test_a_large_chunk_takes_what_arrives() -> None:
    data = bytes(3_000_000)
    blocks = list(_chunked.body(Arriving(chunks(data), 10**9)))
    assert b"".join(blocks) == data and max(map(len, blocks)) <= _chunked.READ


@pytest.mark.parametrize("most", [1, 7, 10**6])
def test_a_body_that_is_cut_anywhere(most: int) -> None:
    whole = chunks(*PARTS)
    for end in range(len(whole) - len("\r\n")):
        with pytest.raises(_chunked.ChunkError):
            read(whole[:end], most)


@pytest.mark.parametrize(
    "data",
    [
        b"x\r\nabc\r\n0\r\n\r\n",
        b"-3\r\nabc",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"\r\n\r\n",
        b"1" * 100,
        b"HTTP/1.1 200 OK\r\n",
    ],
)
@pytest.mark.parametrize("most", [1, 10**6])
def test_what_has_no_chunks(data: bytes, most: int) -> None:
    with pytest.raises(_chunked.ChunkError):
        read(data, most)


def cut(data: bytes, most: int) -> list[bytes]:
    return [data[at : at + most] for at in range(0, len(data), most)]


FRAMES = [(1, b"out\n"), (2, b""), (2, b"x" * 300), (1, frame(2, b"not a frame")), (3, b"message")]
SENT = b"".join(frame(*one) for one in FRAMES)


@pytest.mark.parametrize("most", [1, 2, 7, 8, 9, 100, 10**6])
def test_frames(most: int) -> None:
    assert list(_chunked.frames(cut(SENT, most))) == FRAMES
    assert list(_chunked.frames([])) == []
    ends = {sum(len(frame(*one)) for one in FRAMES[:count]) for count in range(len(FRAMES) + 1)}
    for end in range(len(SENT)):
        if end in ends:
            assert list(_chunked.frames(cut(SENT[:end], most)))[-1:] != [FRAMES[-1]]
            continue
        with pytest.raises(_chunked.ChunkError):
            list(_chunked.frames(cut(SENT[:end], most)))


@pytest.mark.parametrize("header", [b"\x04\0\0\0\0\0\0\0", b"\x01\0\0\x01\0\0\0\0", b"2026-01-"])
def test_what_is_no_frame(header: bytes) -> None:
    with pytest.raises(_chunked.FrameError) as found:
        list(_chunked.frames([frame(1, b"x") + header + b"more"]))
    assert found.value.header == header


def test_any_cuts() -> None:
    draw = random.Random(7)
    for _round in range(200):
        sent = [(draw.choice((1, 2)), draw.randbytes(draw.randrange(40))) for _one in range(draw.randrange(20))]
        data = b"".join(frame(*one) for one in sent)
        parts, at = [], 0
        while at < len(data):
            size = draw.randrange(1, 60)
            parts.append(data[at : at + size])
            at += size
        file: Any = Arriving(chunks(*parts), draw.randrange(1, 50))
        assert list(_chunked.frames(_chunked.body(file))) == sent
