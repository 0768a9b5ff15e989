# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the pictures of the documentation have in common: colours for light and dark, text, boxes, arrows.

A page shows a picture as an image, which follows the setting of the reader's system and not a switch of the site.
Therefore a picture has its own background, and can be read on any page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

WIDTH = 520  # Not more: on a phone a picture is some 360 pixels wide.
SIZE = 15
LINE = 20
SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace'

# The licence header of this file.
LICENCE = "\n".join(one[2:] for one in Path(__file__).read_text(encoding="utf-8").splitlines()[:3])

# Class → its properties, each with a colour for light and one for dark.
COLOURS: dict[str, dict[str, tuple[str, str]]] = {
    "text": {"fill": ("#1f2328", "#e6edf3")},
    "quiet": {"fill": ("#59636e", "#9aa4ae")},
    "good": {"fill": ("#1a7f37", "#57d36b")},
    "bad": {"fill": ("#c0182a", "#ff7b72")},
    "link": {"fill": ("#0759b5", "#79b8ff")},
    "on": {"fill": ("#ffffff", "#0d1117")},
    "ground": {"fill": ("#ffffff", "#0d1117"), "stroke": ("#d0d7de", "#3d444d")},
    "box": {"fill": ("#f6f8fa", "#161b22"), "stroke": ("#8c959f", "#6e7681")},
    "goodbox": {"fill": ("#e3f8e8", "#10301a"), "stroke": ("#1a7f37", "#3fb950")},
    "badbox": {"fill": ("#ffebe9", "#3c1418"), "stroke": ("#c0182a", "#f85149")},
    "linkbox": {"fill": ("#e2f1ff", "#10294a"), "stroke": ("#0759b5", "#4493f8")},
    "grid": {"stroke": ("#d8dee4", "#30363d")},
    "arrow": {"stroke": ("#59636e", "#9aa4ae")},
    "tip": {"fill": ("#59636e", "#9aa4ae")},
    "a": {"fill": ("#0969da", "#4493f8"), "stroke": ("#0969da", "#4493f8")},
    "b": {"fill": ("#1a7f37", "#3fb950"), "stroke": ("#1a7f37", "#3fb950")},
    "light": {"fill": ("#6cb6ff", "#a5d0ff"), "stroke": ("#6cb6ff", "#a5d0ff")},
    "pale": {"fill": ("#c4ccd4", "#4a525b"), "stroke": ("#c4ccd4", "#4a525b")},
    "c": {"fill": ("#8c959f", "#7d8590"), "stroke": ("#8c959f", "#7d8590")},
}
FIXED = """text { font: %dpx %s; }
.mono { font-family: %s; } .strong { font-weight: 600; } .small { font-size: 13px; } .large { font-size: 18px; }
.none { fill: none !important; } .way { stroke-width: 4; }
.arrow { fill: none; stroke-width: 1.5; }""" % (SIZE, SANS, MONO)
TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
    'markerUnits="userSpaceOnUse" orient="auto"><path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>'
)


def rules(mode: int) -> list[str]:
    """The colours of a mode: 0 is light, 1 is dark."""
    return [
        ".%s { %s }" % (name, " ".join("%s: %s;" % (key, pair[mode]) for key, pair in properties.items()))
        for name, properties in COLOURS.items()
    ] + [".hollow { fill: %s; }" % COLOURS["ground"]["fill"][mode]]


def document(
    title: str,
    description: str,
    height: float,
    parts: Iterable[str],
    width: float = WIDTH,
    scale: float = 1,
    styles: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> str:
    """A picture as SVG. ``description`` describes it for readers who can't see it.

    ``scale``: the size at which it is shown if there is room. ``styles``: further rules, for light and for dark.
    """
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%g" height="%g" role="img" '
            'aria-labelledby="title desc">' % (width, height, round(width * scale), round(height * scale)),
            "<!-- %s -->" % LICENCE,
            '<title id="title">%s</title>' % escape(title),
            '<desc id="desc">%s</desc>' % escape(description),
            "<style>",
            FIXED,
            *rules(0),
            *styles[0],
            "@media (prefers-color-scheme: dark) {",
            *rules(1),
            *styles[1],
            "}",
            "</style>",
            TIP,
            rectangle(0.5, 0.5, width - 1, height - 1, "ground", 8),
            *parts,
            "</svg>",
            "",
        ]
    )


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    """``kind``: classes, with "text" as the colour if there is none of COLOURS."""
    if not set(kind.split()) & set(COLOURS):
        kind = ("text " + kind).strip()
    where = "" if anchor == "start" else ' text-anchor="%s"' % anchor
    return '<text class="%s" x="%g" y="%g"%s>%s</text>' % (kind, x, y, where, escape(words))


def rectangle(x: float, y: float, width: float, height: float, kind: str, radius: float = 4) -> str:
    return '<rect class="%s" x="%g" y="%g" width="%g" height="%g" rx="%g"/>' % (kind, x, y, width, height, radius)


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "grid", more: str = "") -> str:
    return '<line class="%s" x1="%g" y1="%g" x2="%g" y2="%g"%s/>' % (kind, x1, y1, x2, y2, more)


def arrow(*points: tuple[float, float]) -> str:
    """An arrow along the points, with its tip at the last one."""
    path = " ".join("%s%g %g" % ("L" if at else "M", x, y) for at, (x, y) in enumerate(points))
    return '<path class="arrow" d="%s" marker-end="url(#tip)"/>' % path


def box(
    x: float, y: float, width: float, height: float, lines: Iterable[tuple[str, str]], kind: str = "box"
) -> list[str]:
    """A box with centred lines, each with its classes."""
    lines = list(lines)
    first = y + height / 2 - (len(lines) - 1) * LINE / 2 + SIZE * 0.36
    return [
        rectangle(x, y, width, height, kind),
        *(text(x + width / 2, first + at * LINE, words, also, "middle") for at, (words, also) in enumerate(lines)),
    ]
