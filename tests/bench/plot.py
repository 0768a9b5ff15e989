# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plot of the benchmark: how long each task takes, with the time of community.docker as 1. Pure.

The scale is linear and begins at 0: a bar of half the length is half the time.
"""

from __future__ import annotations

import math
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "tools")]

import figures  # noqa: E402  (found through the line above)
import pictures_svg as svg  # noqa: E402

KINDS = {figures.DIRECT: "a", figures.MODULE: "light", figures.PEER: "c", figures.PING: "pale", figures.FLOOR: "pale"}
# The beginning of the bars, the greatest length of 1, and the ends of both columns of figures.
LEFT, LONGEST, SECONDS, TIMES = 172, 178, 420, 504
ROW, HEADING = 20, 34
CHARACTERS = 68  # in a line of small text


def about(report: figures.Report) -> list[str]:
    """The machine, the versions and the date, in lines that fit."""
    facts = ["%s %s" % ((value, name) if name == "cores" else (name, value)) for name, value in report.facts.items()]
    words = "%s. Medians of %d rounds%s." % (
        ", ".join(facts),
        report.rounds,
        ", measured on %s" % report.date if report.date else "",
    )
    return textwrap.wrap(words.replace(" ", "\xa0").replace(",\xa0", ", ").replace(".\xa0", ". "), CHARACTERS)


def times_as_fast(ours: float, theirs: float) -> str:
    ratio = theirs / ours
    return "%.*f ×" % (0 if ratio >= 10 else 1, ratio)


def picture(report: figures.Report) -> str:
    """The medians of a report as SVG: a bar for everyone who does a work."""
    middle = report.middle
    most = max(value / middle[name, figures.PEER] for (name, _who), value in middle.items())
    unit = LONGEST / most
    lines = about(report)
    top = 90 + 17 * len(lines)
    drawn: list[str] = []
    y = top + 16.0
    for name, work in figures.WORKS.items():
        drawn.append(svg.text(16, y + 20, work.title[0].upper() + work.title[1:], "strong"))
        y += HEADING
        drawn += grid(most, unit, y - 3, y + ROW * len(work.who) - 1)
        for who in work.who:
            drawn += row(who, middle[name, who], middle[name, figures.PEER], unit, y)
            y += ROW
    parts = [
        svg.text(16, 34, "Time of a task, with community.docker as 1", "large strong"),
        svg.text(16, 58, "Shorter is faster. The scale is linear.", "small"),
        *(svg.text(16, 80 + 17 * at, words, "small quiet") for at, words in enumerate(lines)),
        svg.text(SECONDS, top + 10, "seconds", "small quiet", "end"),
        svg.text(TIMES, top + 10, "times as fast", "small quiet", "end"),
        *(svg.text(x, top + 10, words, "small quiet", "middle") for x, words in scale(most, unit)),
        *drawn,
    ]
    described = "; ".join(
        "%s: %s"
        % (
            work.title,
            ", ".join("%s %s s" % (figures.WHO[who], figures.seconds(middle[name, who])) for who in work.who),
        )
        for name, work in figures.WORKS.items()
    )
    return svg.document("How long tasks take, compared with community.docker", described + ".", y + 18, parts)


def scale(most: float, unit: float) -> list[tuple[float, str]]:
    """Position and label of each half unit of the scale."""
    return [(LEFT + unit * half / 2, "%g" % (half / 2)) for half in range(math.floor(most * 2) + 1)]


def grid(most: float, unit: float, y: float, bottom: float) -> Iterator[str]:
    """The grid lines behind the bars of one work."""
    for x, _words in scale(most, unit):
        yield svg.line(x, y, x, bottom)


def row(who: str, ours: float, theirs: float, unit: float, y: float) -> Iterator[str]:
    own = who in (figures.DIRECT, figures.MODULE)
    yield svg.text(LEFT - 8, y + 13, figures.WHO[who], "small" if own else "small quiet", "end")
    yield svg.rectangle(LEFT, y + 1, round(max(ours / theirs * unit, 1), 1), ROW - 6, KINDS[who], 0)
    yield svg.text(SECONDS, y + 13, figures.seconds(ours), "small" if own else "small quiet", "end")
    yield svg.text(TIMES, y + 13, times_as_fast(ours, theirs), "small strong" if own else "small quiet", "end")
