# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages that the guide troubleshooting quotes exist in the code.

tests/integration/test_troubleshooting.py shows when they occur.
"""

from __future__ import annotations

import ast
import re
import textwrap
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    name: (ROOT / "docs" / "docsite" / "rst" / (name + ".rst")).read_text(encoding="utf-8")
    for name in ("troubleshooting", "execution")
}
MESSAGES = [
    textwrap.dedent(block).strip()
    for text in PAGES.values()
    for block in re.findall(r"^\.\. code-block:: text\n\n((?: +.*\n|\n)+)", text, re.MULTILINE)
]
# Names and values: as formatted into a message in the code, and as left out in a guide.
VALUES = re.compile(r"%(?:\(\w+\))?[sdgr]|\.\.\.|\bssh\b|<\S+>|wharf\.docker\.\w+|\b\d+\b|\bsince\b")
# One string of the code may end here, and the next one begin.
END = re.compile(r"[.:;,]\s")


@cache
def code() -> tuple[str, ...]:
    """The parts between values of all strings in the code."""
    texts = [
        node.value
        for path in sorted((ROOT / "plugins").rglob("*.py"))
        if path.parent.name not in ("modules", "doc_fragments")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return tuple(" ".join(part.split()) for text in texts for part in VALUES.split(text) if " " in part)


def fragments(message: str) -> list[str]:
    """The parts between values of a message; in many messages, "Cannot" is followed by the action."""
    parts = [" ".join(part.split()) for value in VALUES.split(message) for part in END.split(value + " ")]
    stripped = [part.strip(" :;,.()'").removeprefix("Cannot ") for part in parts]
    return [part for part in stripped if " " in part]


@pytest.mark.parametrize("message", [line for text in MESSAGES for line in text.splitlines()])
def test_the_code_has_it(message: str) -> None:
    assert fragments(message)
    for fragment in fragments(message):
        assert any(fragment in text for text in code()), fragment


def test_each_section_has_messages() -> None:
    assert len(MESSAGES) > 30
