# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw the rooms of module_utils from their own imports: house.py writes docs/house.svg.

The rooms stand one above the other, with their files. An arrow leads from a room to a lower one that it imports from;
the more imports, the thicker the arrow.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
MODULE_UTILS = ROOT / "plugins" / "module_utils"
PICTURE = ROOT / "docs" / "house.svg"
OURS = "ansible_collections.wharf.docker.plugins.module_utils."
# Ground floor first; what each is for.
ROOMS = {
    "_values": "shorthand to values and back",
    "_engine": "the client of an engine",
    "_flow": "how every task goes",
    "_archive": "archives and files",
    "_container": "one container",
    "_replacement": "replacing a container, and recovery",
    "_objects": "networks, volumes, what is not used",
    "_apply": "the executor, and what steps do",
    "_tasks": "one file a module",
}
WIDTH, LEFT, LINE, CHARACTER, GAP = 980, 150, 20, 6.6, 26


def files_of(room: str) -> list[str]:
    return sorted(path.stem for path in (MODULE_UTILS / room).glob("*.py") if path.name != "__init__.py")


def imports() -> Counter[tuple[str, str]]:
    """(room, another room that it imports from) → number of imports. Imports for types only are not counted."""
    found: Counter[tuple[str, str]] = Counter()
    for room in ROOMS:
        for path in (MODULE_UTILS / room).glob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            tree.body = [node for node in tree.body if not isinstance(node, ast.If)]
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OURS):
                    other = str(node.module)[len(OURS) :].partition(".")[0]
                    if other != room:
                        found[room, other] += 1
    return found


def rows_of(names: list[str]) -> list[str]:
    """The names, wrapped to lines that fit into a room."""
    rows = [""]
    for name in names:
        longer = (rows[-1] + "   " + name).strip()
        if len(longer) * CHARACTER > WIDTH - LEFT - 30:
            rows.append(name)
        else:
            rows[-1] = longer
    return rows


def picture() -> str:
    """The picture, as SVG."""
    tops: dict[str, tuple[int, int]] = {}
    parts: list[str] = []
    y = 10
    for room in reversed(ROOMS):
        rows = rows_of(files_of(room))
        height = LINE * (len(rows) + 1) + 14
        tops[room] = (y, y + height)
        parts += box(room, rows, y, height)
        y += height + GAP
    parts += arrows(tops)
    size = 'viewBox="0 0 %d %d" width="%d" height="%d"' % (WIDTH, y, WIDTH, y)
    head = '<svg xmlns="http://www.w3.org/2000/svg" %s role="img" font-family="monospace" font-size="11">' % size
    style = '<rect width="100%" height="100%" fill="white"/>'
    title = "<title>The rooms of module_utils, and which imports from which</title>"
    marker = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" fill="#57606a"/></marker></defs>'
    )
    return "\n".join([head, title, marker, style, *parts, "</svg>", ""])


def box(room: str, rows: list[str], y: int, height: int) -> Iterator[str]:
    yield '<rect x="%d" y="%d" width="%d" height="%d" rx="4" fill="#f6f8fa" stroke="#8c959f"/>' % (
        LEFT,
        y,
        WIDTH - LEFT - 10,
        height,
    )
    text = '<text x="%d" y="%d" fill="%s"%s>%s</text>'
    yield text % (LEFT + 10, y + LINE, "#0a3069", ' font-weight="bold"', escape("%s: %s" % (room, ROOMS[room])))
    for number, row in enumerate(rows, 2):
        yield text % (LEFT + 10, y + LINE * number, "#24292f", ' xml:space="preserve"', escape(row))


def arrows(tops: dict[str, tuple[int, int]]) -> Iterator[str]:
    """The arrows, each on its own line left of the rooms: the longer, the further out."""
    counted = imports()
    order = list(ROOMS)
    for (room, other), times in sorted(counted.items()):
        above, below = tops[room], tops[other]
        floors = order.index(room) - order.index(other)
        x = LEFT - 16 * abs(floors) - 8
        start = within(above, len(order) - order.index(other))
        end = within(below, len(order) - order.index(room))
        yield '<path d="M%d %d H%d V%d H%d" fill="none" stroke="%s" stroke-width="%.1f" marker-end="url(#tip)"/>' % (
            LEFT,
            start,
            x,
            end,
            LEFT,
            "#57606a" if floors > 0 else "#cf222e",
            min(0.6 + times / 20, 3),
        )


def within(place: tuple[int, int], number: int) -> int:
    """The y coordinate of one of the places where arrows end in a room."""
    return place[0] + number * (place[1] - place[0]) // (len(ROOMS) + 1)


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
