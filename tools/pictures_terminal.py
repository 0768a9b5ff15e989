# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A picture of a terminal: the output of a command, with its colours, as SVG.

    pictures_terminal.py docs/images/NAME.svg --title TITLE [--columns 80] [--from TEXT] [--last LINES] -- COMMAND...

Paths of this machine, ids and durations are replaced, so that a second run makes the same picture.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools")]

import packages  # noqa: E402  (found through the line above)
import pictures_svg as svg  # noqa: E402

# Size of a character, as in rich.
HIGH, WIDE = 20, 12.2
MARGIN = 22
ROWS = 200  # of the terminal: nothing asks whether to go on
SHOWN = 0.68  # the scale at which a picture is shown, if there is room
GROUND, TEXT = ("ffffff", "0d1117"), ("1f2328", "e6edf3")
# Black, red, green, yellow, blue, magenta, cyan and white, normal and bright, for light and for dark: each one can be
# read, and no two are the same.
COLOURS = (
    (
        "24292f b3131f 116329 7a4b00 0550ae 6f32c2 0a6470 57606a",
        "59636e cf222e 1a7f37 855300 0969da 8250df 1b7c83 32383f",
    ),
    (
        "8b949e ff7b72 56d364 e3b341 79c0ff d2a8ff 56d4dd c9d1d9",
        "9aa4ae ffa198 7ee787 f2cc60 a5d6ff e2c5ff 76e3ea f0f6fc",
    ),
)
SEPARATOR, PARTS = "\f", ("{styles}", "{backgrounds}", "{matrix}")
REPLACED = (
    (r"\r+\n", "\n"),
    (r"[^\n]*\r", ""),  # text that was overwritten
    (r"\x1b\[[0-9;?]*[A-HJKSTfhlsu]", ""),  # cursor movements
    (r"/tmp/wharf-([a-z]+)-\w+", r"/tmp/wharf-\1"),
    (r"\n{3,}", "\n\n"),
    (r"\bUp (Less than a second|\d+ \w+)", "Up 2 seconds"),
    (r"\b\d+(\.\d+)? seconds ago", "2 seconds ago"),
    (r" operations in \d+ seconds\b", " operations"),
)
STARS = re.compile(r"^(.*?) \*{3,}$", re.MULTILINE)
IMAGE = re.compile(r"(\S+) \([0-9a-f]{12}\)")


def library() -> Path:
    """The directory with rich."""
    return packages.fetched("pictures")


def output(
    argv: Sequence[str], columns: int, directory: Path | None = None, environment: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """(exit code, all output) of a command in a terminal of that width."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    with subprocess.Popen(
        argv, cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux reports in this way that no process has the terminal open any more.
                break
            if not piece:
                break
            written += piece
        os.close(ours)
    return process.returncode, written.decode(errors="replace")


def normalised(words: str, directory: Path | None = None, columns: int = 80) -> str:
    """``words`` without what differs between two runs or two machines. ``directory``: that of the command."""
    for path in (directory, ROOT, Path.home()):
        if path is not None:
            words = words.replace("%s/" % path, "")
    for pattern, replacement in REPLACED:
        words = re.sub(pattern, replacement, words)
    # The id of an image that was just created is different each time.
    words = IMAGE.sub(lambda found: "%s (%s)" % (found[1], hashlib.sha256(found[1].encode()).hexdigest()[:12]), words)
    # Ansible fills its headings up to 79 characters at least.
    return STARS.sub(lambda found: "%s %s" % (found[1], "*" * max(3, columns - len(found[1]) - 1)), words)


def prompt(command: str) -> str:
    """A line that somebody typed."""
    return "\x1b[90m$\x1b[0m \x1b[1m%s\x1b[0m\n" % command


def between(words: str, start: str = "", end: str = "") -> str:
    """The lines from the first line with ``start`` up to the next one with ``end``, which a line "[...]" replaces."""
    lines = words.splitlines()
    first = next((at for at, line in enumerate(lines) if start in line), 0)
    last = next((at for at, line in enumerate(lines) if end and end in line and at > first), len(lines))
    cut = [] if last == len(lines) else ["\x1b[90m[...]\x1b[0m"]
    return "\n".join([*lines[first:last], *cut, ""])


def last_part(words: str, most: int) -> str:
    """The last heading, "-- Words ---", and what follows it; of these lines the last ``most`` at most."""
    lines = words.rstrip().splitlines()
    headings = [at for at, line in enumerate(lines) if re.match(r"(\x1b\[[0-9;]*m)*-- ", line)]
    return "\n".join(lines[max([len(lines) - most, 0, *headings]) :])


def picture(words: str, title: str, description: str, columns: int = 80) -> str:
    """``words``, with their colours, in a terminal of that width, as SVG."""
    sys.path[:0] = [str(library())]
    from rich.console import Console
    from rich.terminal_theme import TerminalTheme
    from rich.text import Text

    def drawn(mode: int) -> tuple[list[str], list[str], list[str]]:
        normal, bright = ([colour(one) for one in row.split()] for row in COLOURS[mode])
        theme = TerminalTheme(colour(GROUND[mode]), colour(TEXT[mode]), normal, bright)
        console = Console(
            record=True,
            width=columns,
            file=io.StringIO(),
            force_terminal=True,
            color_system="truecolor",
            highlight=False,
        )
        for line in Text.from_ansi(words.strip("\n")).split("\n", allow_blank=True):
            line.expand_tabs(8)
            indent = len(line.plain) - len(line.plain.lstrip())
            within = columns - indent - 2 if indent and line.cell_len > columns else columns
            for number, part in enumerate(line.wrap(console, within)):
                # What does not fit continues on the next line, with the same indentation.
                console.print(Text(" " * (indent + 2) if number and indent else "") + part, soft_wrap=True)
        parts = console.export_svg(
            theme=theme, code_format=SEPARATOR.join(PARTS), unique_id="t", font_aspect_ratio=0.61
        )
        styles, backgrounds, matrix = parts.split(SEPARATOR)
        matrix = re.sub(r' clip-path="[^"]*"', "", matrix)
        return (
            styles.split("\n"),
            re.findall(r"<rect [^>]*>", backgrounds),
            re.findall(r"<text [^>]*>[^<\n]+</text>", matrix),
        )

    (light, under_light, matrix), (dark, under_dark, _same) = drawn(0), drawn(1)
    height = max(float(found) for found in re.findall(r' y="([\d.]+)"', "".join(matrix))) + 8
    # rich writes the colour of a background into the element: it becomes a class, with a colour for each mode.
    grounds = list(dict.fromkeys(zip(map(fill, under_light), map(fill, under_dark), strict=True)))
    for number, (one, other) in enumerate(grounds):
        light.append(".u%d { fill: %s; }" % (number, one))
        dark.append(".u%d { fill: %s; }" % (number, other))
    under = [
        re.sub('fill="#[0-9a-f]+"', 'class="u%d"' % grounds.index((fill(one), fill(other))), one)
        for one, other in zip(under_light, under_dark, strict=True)
    ]
    width = columns * WIDE + 2 * MARGIN
    group = '<g class="screen" xml:space="preserve" transform="translate(%d %d)">' % (MARGIN, MARGIN)
    screen = ".screen text { font: %dpx %s; white-space: pre; }" % (HIGH, svg.MONO)
    return svg.document(
        title,
        description,
        round(height + 2 * MARGIN),
        [group, *under, *matrix, "</g>"],
        width=round(width),
        scale=SHOWN,
        styles=([screen, *light], dark),
    )


def fill(rectangle: str) -> str:
    return str(re.search('fill="(#[0-9a-f]+)"', rectangle)[1])  # type: ignore[index]


def colour(digits: str) -> tuple[int, int, int]:
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def main() -> int:
    parser = argparse.ArgumentParser(description="Draw what a command writes to a terminal.")
    parser.add_argument("picture", type=Path, help="the SVG file to write")
    parser.add_argument("--title", required=True)
    parser.add_argument("--description", default="")
    parser.add_argument("--columns", type=int, default=80)
    parser.add_argument("--from", dest="start", default="", help="begin with the first line that has this text")
    parser.add_argument("--last", type=int, default=0, help="only so many lines at the end")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    code, words = output(given.command, given.columns)
    words = between(normalised(words, columns=given.columns), given.start)
    if given.last:
        words = "\n".join(words.rstrip().splitlines()[-given.last :])
    words = prompt(" ".join(given.command)) + words
    if code:
        print(words)
        print("%s ended with %d: no picture was made." % (given.command[0], code), file=sys.stderr)
        return 1
    given.picture.write_text(picture(words, given.title, given.description or given.title, given.columns), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
