# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How container_logs joins the pieces of a log, however an engine splits them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._container.log_pieces import TerminalPieces
from ansible_collections.wharf.docker.plugins.module_utils._tasks.container_logs import Reading, Wanted


def reading(
    pattern: str | None = None, stamped: bool = False, timestamps: bool = False, most: int | None = None
) -> Any:
    compiled = None if pattern is None else re.compile(pattern)
    return Reading(Wanted("web", {}, timestamps, most, compiled, 1), stamped)


def stamp(number: int) -> bytes:
    return b"2026-01-31T08:00:00.%09dZ" % number


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 100])
def test_lines_are_put_together(size: int) -> None:
    """However the bytes are split, even within a character."""
    text = "erste\nzweite Zeile: größer als 5 €\ndritte\n".encode()
    found = reading("größer als (?P<number>[0-9]+) €$")
    ended = False
    for position in range(0, len(text), size):
        ended = found.take(1, text[position : position + size])
        if ended:
            break
    facts = found.facts()
    assert ended and facts["matched"] is True
    assert facts["line"] == "zweite Zeile: größer als 5 €"
    assert (facts["groups"], facts["groupdict"]) == (["5"], {"number": "5"})
    assert facts["stdout"] == "erste\nzweite Zeile: größer als 5 €\n"


def test_the_streams_do_not_mix() -> None:
    found = reading("^ready$")
    assert not found.take(1, b"rea")
    assert not found.take(2, b"dy\n")
    assert not found.take(2, b"rea")
    assert found.take(1, b"") is False
    assert found.take(2, b"dy\n")
    assert (found.facts()["stdout"], found.facts()["stderr"]) == ("rea", "dy\nready\n")


def test_an_unfinished_line_at_the_end() -> None:
    found = reading("^login: $")
    assert not found.take(1, b"login: ")
    assert found.facts()["matched"] is False
    assert found.end()
    assert found.facts()["line"] == "login: "


def test_the_end_of_a_line_of_a_terminal() -> None:
    found = reading("^ready$")
    assert found.take(1, b"a\r\nready\r\nmore")
    assert found.facts()["line"] == "ready"
    assert found.facts()["stdout"] == "a\r\nready\r\n"


def test_a_group_that_matched_nothing() -> None:
    found = reading("a(b)?(?P<c>c)?")
    assert found.take(1, b"a\n")
    assert (found.facts()["groups"], found.facts()["groupdict"]) == ([None, None], {"c": None})


def test_without_a_pattern_there_are_no_lines() -> None:
    found = reading()
    assert not found.take(1, b"ready\n") and not found.end()
    assert found.facts() == {"stdout": "ready\n", "stderr": ""}


@pytest.mark.parametrize("timestamps", [False, True])
def test_times(timestamps: bool) -> None:
    """A time that was not requested is removed, also within a long line, which comes in several pieces."""
    found, long = reading("^x+y$", stamped=True, timestamps=timestamps), b"x" * 16384
    assert not found.take(1, stamp(1) + b" x z\n")
    assert not found.take(1, stamp(2) + b" " + long)
    assert found.take(1, stamp(2) + b" y\n")
    assert found.facts()["line"] == long.decode() + "y"
    with_times = stamp(1) + b" x z\n" + stamp(2) + b" " + long + b"y\n"
    assert found.facts()["stdout"] == (with_times.decode() if timestamps else "x z\n%sy\n" % long.decode())


def test_a_long_line_without_its_end() -> None:
    """The log driver local leaves out the newline after the last piece of a long line."""
    found = reading("^x+end$", stamped=True)
    assert not found.take(1, stamp(1) + b" " + b"x" * 16384)
    assert found.take(1, stamp(1) + b" end")
    found = reading("^next$", stamped=True)
    for piece in (b"x" * 16384, b"end"):
        assert not found.take(1, stamp(1) + b" " + piece)
    assert found.take(1, stamp(2) + b" next\n")


LONG = b"x" * 16384


@pytest.mark.parametrize(
    ("contents", "text"),
    [
        ([b"a\n", b"b\n"], "1 a\n2 b\n"),
        ([b"\n", b"b\n"], "1 \n2 b\n"),
        ([b"", b"b\n"], "1 2 b\n"),
        ([LONG, b"a\n", b"b\n"], "1 %sa\n3 b\n"),
        ([LONG, LONG, b"a\n", LONG, b"b"], "1 %s%sa\n4 %sb"),
        ([LONG, b"\n", b"b\n"], "1 %s\n3 b\n"),
        # The log driver local has no newline after the last piece of a long line.
        ([LONG, b"a", b"b\n"], "1 %sa\n3 b\n"),
        ([LONG, b"", b"b\n"], "1 %s\n3 b\n"),
        ([LONG, b"a", LONG, b"b", b"c\n"], "1 %sa\n3 %sb\n5 c\n"),
        # A process that ended in the middle of a line, and was restarted.
        ([b"a", b"b\n"], "1 a\n2 b\n"),
        # Output that looks like a time.
        ([LONG, b"2026-01-31T08:00:00.5Z a\n"], "1 %s2026-01-31T08:00:00.5Z a\n"),
    ],
    ids=lambda value: repr(value).replace("x" * 16384, "…")[:60],
)
@pytest.mark.parametrize("pattern", [None, "^never$"])
def test_a_time_stands_at_the_beginning_of_a_line(pattern: str | None, contents: list[bytes], text: str) -> None:
    found = reading(pattern, stamped=True, timestamps=True)
    for number, content in enumerate(contents, 1):
        found.take(1, stamp(number) + b" " + content)
        assert not found.take(2, stamp(number) + b" other\n")
    wanted = text.replace("%s", LONG.decode())
    wanted = re.sub(r"(?m)^(\d) |(?<= )2 (?=b)", lambda match: stamp(int(match[0])).decode() + " ", wanted)
    assert found.facts()["stdout"] == wanted


def pieces(driver: str, data: bytes, size: int) -> list[bytes]:
    found, taken = TerminalPieces(driver), []
    for at in range(0, len(data), size):
        taken += found.feed(data[at : at + size])
    return [*taken, *filter(None, [found.rest()])]


SPOILED = "\ufffd".encode()
# (log driver, contents of the pieces that the engine writes, which have to be recognised)
TERMINAL = [
    ("json-file", [b"a\r\n", b"b\r\n", b"unfinished"]),
    ("json-file", [LONG, b"end\r\n", b"next\r\n"]),
    ("json-file", [LONG, LONG, b"\r\n", b"next\r\n"]),
    ("json-file", [LONG, LONG]),
    # A character split between two pieces: the engine has replaced each of its bytes by three bytes.
    ("json-file", [b"x" * 16382 + SPOILED * 2, SPOILED + b"end\r\n"]),
    ("json-file", [SPOILED + b"x" * 16381 + SPOILED * 2, SPOILED + b"end\r\n"]),
    # A replacement character that the process itself wrote.
    ("json-file", [b"x" * 16381 + SPOILED, b"end\r\n"]),
    ("json-file", [LONG, b"end " + stamp(7) + b" is a time\r\n", b"next\r\n"]),
    ("local", [LONG, b"end", b"next\r\n"]),
    ("local", [LONG, b"", b"next\r\n"]),
    ("local", [LONG, b"end", LONG, b"end", b"next\r\n"]),
    ("local", [b"a " + stamp(7) + b" is a time\r\n", b"next\r\n"]),
]


@pytest.mark.parametrize("size", [1, 7, 1000, 16384, 70000])
@pytest.mark.parametrize(("driver", "contents"), TERMINAL, ids=lambda value: repr(value).replace("x" * 16000, "…")[:60])
def test_the_pieces_of_a_terminal(driver: str, contents: list[bytes], size: int) -> None:
    """Wherever the connection, or a proxy, splits them."""
    if size == 1:
        size = 64 if len(contents[0]) > 1000 else 1
    whole = [stamp(number) + b" " + content for number, content in enumerate(contents, 1)]
    assert pieces(driver, b"".join(whole), size) == whole


def test_what_has_come_of_the_last_piece() -> None:
    found = reading("^never", stamped=True, timestamps=True)
    found.terminal = TerminalPieces("json-file")
    assert not found.take(1, stamp(1) + b" a\r\n" + stamp(2) + b" login: ")
    facts = found.facts()
    assert facts["stdout"] == "%s a\r\n%s login: " % (stamp(1).decode(), stamp(2).decode())
    assert found.facts() == facts and not facts["matched"]


def test_an_exact_number_of_pieces() -> None:
    """The log driver local ends such a line with an empty piece."""
    found = reading("^next$", stamped=True)
    for content in (LONG, b"", b"next\n"):
        ended = found.take(1, stamp(1) + b" " + content)
    assert ended and found.facts()["line"] == "next"


def test_times_of_a_terminal() -> None:
    found = reading("^ready", timestamps=True)
    assert found.take(1, stamp(1) + b" ready\r\n")
    assert found.facts()["line"] == "ready"
    assert found.facts()["stdout"] == stamp(1).decode() + " ready\r\n"


def test_going_on() -> None:
    """Repeated pieces after a restart are recognised; with equal times, as many as had come before."""
    found = reading("^never$", stamped=True)
    assert found.go_on() is None
    for number, time, text in [(1, 5, b"a\n"), (2, 4, b"e\n"), (1, 6, b"b\n"), (1, 6, b"b\n")]:
        found.take(number, stamp(time) + b" " + text)
    assert found.go_on() == "1769846399.000000006"
    again = [
        (1, 5, b"a\n"),
        (2, 4, b"e\n"),
        (2, 5, b"f\n"),
        (1, 6, b"b\n"),
        (1, 6, b"b\n"),
        (1, 6, b"c\n"),
        (1, 7, b"d\n"),
    ]
    for number, time, text in again:
        found.take(number, stamp(time) + b" " + text)
    assert found.facts()["stdout"] == "a\nb\nb\nc\nd\n"
    assert found.facts()["stderr"] == "e\nf\n"
    assert list(found.last) == ["a", "e", "b", "b", "f", "c", "d"]
