# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The output of the demo, and the packages that are installed for it."""

from __future__ import annotations

from pathlib import Path

import demo
import pytest

TESTS = Path(__file__).resolve().parents[1]


def requirements(name: str) -> set[str]:
    lines = (TESTS / name).read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def test_the_demo_needs_a_part_of_what_the_tests_need() -> None:
    """In the same versions, and without packages for linting or documentation."""
    assert requirements("requirements-demo.txt") < requirements("requirements.txt")
    assert {line.split()[0] for line in requirements("requirements-demo.txt")} == {"ansible-core", "docker"}


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [
        ("as it is", 8, "as it is"),
        ("too long", 7, "too lo…"),
        ("too long", 1, "…"),
        ("too long", 0, ""),
        ("clears\x1b[2J\r\n", 20, "clears?[2J??"),
    ],
)
def test_cut(text: str, room: int, shown: str) -> None:
    assert demo.cut(text, room) == shown


def test_lines_of_the_story(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the rows contain, no line has more than 80 columns."""
    row = {
        "chapter": "A chapter " * 20,
        "title": "A title " * 20,
        "docker": "docker run " * 20,
        "module": "container_run",
        "check": "change",
        "done": "changed",
        "again": "unchanged",
        "why": ["recreate web: " + "env GREETING, " * 20, "x" * 200],
    }
    story = demo.Story(demo.Screen(), quiet=False)
    story.begin()
    story.take({"row": row})
    story.table()
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) == 80
    assert len([line for line in lines if "changed   unchanged recreate web" in line]) == 1
