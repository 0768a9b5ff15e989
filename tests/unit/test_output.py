# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The output of a process, joined from pieces: frames, limits, and split characters."""

from __future__ import annotations

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._container.output import Kept, Output


def frame(stream: int, data: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 100])
def test_frames_wherever_they_are_cut(size: int) -> None:
    whole = frame(1, b"one") + frame(2, b"two") + frame(1, b"") + frame(1, "drei é".encode()) + frame(3, b"!")
    output = Output(False, None)
    for at in range(0, len(whole), size):
        output.feed(whole[at : at + size])
    assert (output.stdout.text(), output.stderr.text()) == ("onedrei é", "two!")


@pytest.mark.parametrize("size", [1, 5, 100])
@pytest.mark.parametrize(
    ("sent", "no_frame", "whole"),
    [
        (frame(1, b"one"), b"", True),
        (frame(1, b"one")[:-1], b"", False),
        (frame(1, b"one") + b"\1\0", b"", False),
        (frame(1, b"one") + b"<html><body>", b"<html><b", False),
        (frame(4, b"x"), frame(4, b"x")[:8], False),
        (b"\1\0\1" + bytes(5), b"\1\0\1" + bytes(5), False),
        (b"", b"", True),
    ],
)
def test_what_is_no_frame(sent: bytes, no_frame: bytes, whole: bool, size: int) -> None:
    output = Output(False, None)
    for at in range(0, len(sent), size):
        output.feed(sent[at : at + size])
    assert (output.no_frame, output.whole) == (no_frame, whole)
    assert output.stdout.text() in ("", "on", "one")


def test_a_terminal_has_no_frames() -> None:
    output = Output(True, None)
    output.feed(frame(2, b"x"))
    assert (output.stdout.text(), output.stderr.text()) == ("\x02\0\0\0\0\0\0\x01x", "")


@pytest.mark.parametrize(
    ("limit", "text", "kept", "cut"),
    [
        (None, "", "", 0),
        (None, "abc", "abc", 0),
        (None, "ä", "ä", 0),
        (4, "abc", "abc", 0),
        (3, "abc", "abc", 0),
        (2, "abc", "bc", 1),
        (1, "one\n", "\n", 3),
        (0, "abc", "", 3),
        (0, "", "", 0),
        (3, "aéé", "é", 3),
        (3, "äöü", "ü", 4),
        (4, "äöü", "öü", 2),
        (2, "€", "", 3),
        (2, "a€", "", 4),
        (5, "€€€", "€", 6),
        (3, "x" * 1000 + "yz", "xyz", 999),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_kept(limit: int | None, text: str, kept: str, cut: int, size: int) -> None:
    found, data = Kept(limit), text.encode()
    for at in range(0, len(data), size):
        found.add(data[at : at + size])
        found.add(b"")
    assert (found.text(), found.cut) == (kept, cut)
    assert (found.text(), found.cut) == (kept, cut), "a second look sees the same"


def test_kept_keeps_little() -> None:
    kept = Kept(1000)
    for _number in range(10_000):
        kept.add(b"x" * 100)
        assert len(kept._data) < 2200
    assert (len(kept.text()), kept.cut) == (1000, 999_000)


@pytest.mark.parametrize(
    ("limit", "data", "text"),
    [(None, b"\xff\n", "\ufffd\n"), (6, b"ab\x80\x81\x82\x83\x84c", "\ufffd" * 5 + "c")],
)
def test_bytes_that_are_no_text(limit: int | None, data: bytes, text: str) -> None:
    found = Kept(limit)
    found.add(data)
    assert found.text() == text
