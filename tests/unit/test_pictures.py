# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pictures of the documentation: each is readable anywhere, and shows what the code does."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pictures
import pictures_execution
import pictures_service
import pictures_svg
import pictures_terminal
import pictures_timeline
import pytest

from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Series

SVG = "{http://www.w3.org/2000/svg}"
FOUND = sorted(pictures.IMAGES.glob("*.svg"))


def test_there_are_all_pictures_and_no_others() -> None:
    assert {path.stem for path in FOUND} == {*pictures.DRAWN, *pictures.TERMINALS}


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_each_picture_can_be_read_anywhere(path: Path) -> None:
    """It has a title and a description, both colour schemes, a background, and no external resources."""
    text = path.read_text(encoding="utf-8")
    root = ET.fromstring(text)
    assert root.tag == SVG + "svg" and root.attrib["role"] == "img"
    named = {element.attrib["id"]: element.text for element in root if element.tag in (SVG + "title", SVG + "desc")}
    assert root.attrib["aria-labelledby"].split() == ["title", "desc"] and all(map(named.get, ("title", "desc")))
    assert "@media (prefers-color-scheme: dark)" in text
    _x, _y, width, height = map(float, root.attrib["viewBox"].split())
    ground = next(root.iter(SVG + "rect"))
    assert float(ground.attrib["width"]) == width - 1 and float(ground.attrib["height"]) == height - 1
    assert not list(root.iter(SVG + "script")) and not re.search(r"@import|@font-face|url\((?!#)|href=", text)


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_no_picture_has_something_of_the_machine_that_made_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for private in (r"/(home|root|work|tmp)\b(?!/wharf-)", re.escape(str(pictures.ROOT)), r"\d\d:\d\d:\d\d"):
        assert not re.search(private, text), private


@pytest.mark.parametrize("name", pictures.DRAWN)
def test_a_drawn_picture_is_what_the_command_draws_now(name: str) -> None:
    path = pictures.IMAGES / (name + ".svg")
    assert path.read_text(encoding="utf-8") == pictures.DRAWN[name](), "run: make pictures PICTURES=%s" % name


@pytest.mark.parametrize("name", pictures.DRAWN)
def test_no_text_of_a_drawn_picture_leaves_it(name: str) -> None:
    root = ET.fromstring(pictures.DRAWN[name]())
    width = float(root.attrib["viewBox"].split()[2])
    for element in root.iter(SVG + "text"):
        words, before = element.text or "", {"start": 0.0, "middle": 0.5, "end": 1.0}
        length = extent(words, element.attrib["class"].split())
        start = float(element.attrib["x"]) - before[element.attrib.get("text-anchor", "start")] * length
        assert start >= 6 and start + length <= width - 6, words


def extent(words: str, kinds: list[str]) -> float:
    """The width of a text in DejaVu Sans, which is wider than most other fonts."""
    size = 13 if "small" in kinds else 18 if "large" in kinds else pictures_svg.SIZE
    if "mono" in kinds:
        return len(words) * size * 0.603
    wide = [0.95 if one in "mwMW" else 0.35 if one in "fijlrtI.,:;'()-\xa0 " else 0.64 for one in words]
    return sum(wide) * size * (1.1 if "strong" in kinds else 1)


def test_the_timeline_ends_with_one_container_under_its_name() -> None:
    for works, survivor in ((True, "new"), (False, "old")):
        last = pictures_timeline.moments(works)[-1].after
        assert [(one.which, one.name, one.running) for one in last if one.name] == [(survivor, "web", True)]


def test_the_timeline_has_the_steps_of_the_plan() -> None:
    """The steps as in a result's ``steps``, except that both checks are one row."""
    planned = [step["action"] for step in pictures_timeline.planned().single_steps()]
    drawn = [moment.action for moment in pictures_timeline.moments(works=True)]
    planned.remove("check")
    assert drawn == planned


def test_the_failed_replacement_ends_with_the_words_of_the_plan() -> None:
    """If this fails, its messages have changed: recreate the pictures of terminals."""
    root = ET.fromstring((pictures.IMAGES / "came_back.svg").read_text(encoding="utf-8"))
    # A line may break with or without its space. split() takes an SVG's non-breaking ones for spaces, too.
    shown = " ".join(" ".join(" ".join(element.itertext()) for element in root.iter(SVG + "text")).split())
    [replacement] = [step for step in pictures_timeline.planned().steps if isinstance(step, Series)]
    assert replacement.restored in shown


def test_a_picture_of_a_decision_that_changed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures_execution, "conditions", lambda: ["self._task.loop"])
    with pytest.raises(pictures_execution.UnknownError):
        pictures_execution.questions()


def test_a_picture_of_a_role_that_changed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures_service, "order", lambda: [*pictures_service.STEPS, pictures_service.REFUSE])
    with pytest.raises(pictures_service.UnknownError):
        pictures_service.check()


@pytest.mark.parametrize(
    "written, expected",
    [
        ("one\r\ntwo\r\r\n", "one\ntwo\n"),
        ("TASK [a] %s\n" % ("*" * 70), "TASK [a] %s\n" % ("*" * 31)),
        ("at unix:///tmp/wharf-engine-x7_a/s.sock\n", "at unix:///tmp/wharf-engine/s.sock\n"),
        ("  working, 3 s\r\x1b[K-- done --\r\n", "-- done --\n"),
        ("2 operations in 31 seconds.\n", "2 operations.\n"),
        ("web   Up 14 seconds\n", "web   Up 2 seconds\n"),
        ("web   Up Less than a second\n", "web   Up 2 seconds\n"),
        ("Origin: %s/web.yml:6\n" % pictures.ROOT, "Origin: web.yml:6\n"),
    ],
)
def test_what_differs_between_two_runs_is_replaced(written: str, expected: str) -> None:
    assert pictures_terminal.normalised(written, columns=40) == expected


def test_an_id_of_an_image_is_the_same_each_time() -> None:
    first, second = (
        pictures_terminal.normalised("image: shop/web:1 (%s)\n" % identity) for identity in ("0" * 12, "a1" * 6)
    )
    assert first == second != "image: shop/web:1\n"


def test_a_part_of_an_output_says_that_it_is_one() -> None:
    words = "a\nPLAY\nb\nPLAY RECAP\nc\n"
    assert pictures_terminal.between(words, "PLAY", "PLAY RECAP") == "PLAY\nb\n\x1b[90m[...]\x1b[0m\n"
    assert pictures_terminal.between(words, "b") == "b\nPLAY RECAP\nc\n"


def test_the_last_part_begins_with_its_heading() -> None:
    words = "-- One ---\na\n\x1b[1m-- Two ---\x1b[0m\nb\nc\n"
    assert pictures_terminal.last_part(words, 9) == "\x1b[1m-- Two ---\x1b[0m\nb\nc"
    assert pictures_terminal.last_part(words, 1) == "c"


def test_a_command_is_run_in_a_terminal() -> None:
    code, words = pictures_terminal.output(["sh", "-c", "test -t 1 && stty size <&1; exit 3"], 64)
    assert (code, words.split()) == (3, ["200", "64"])
