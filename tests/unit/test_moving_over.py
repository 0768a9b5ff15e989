# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page on moving over lists all differences, and each of them is tested."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "docsite" / "rst" / "moving_over.rst").read_text(encoding="utf-8")
FOLDER = ROOT / "tests" / "migration"
DIFFERENCES = yaml.safe_load((FOLDER / "differences.yml").read_text(encoding="utf-8"))
TASKS = yaml.safe_load((FOLDER / "docker_container.yml").read_text(encoding="utf-8"))[0]["tasks"]


def test_the_page_has_all_and_no_more() -> None:
    bullets = re.findall(r"^\* (.*\n(?:  .*\n)*)", PAGE, re.MULTILINE)
    assert [" ".join(bullet.split()) for bullet in bullets] == [entry["text"] for entry in DIFFERENCES]


@pytest.mark.parametrize("entry", DIFFERENCES, ids=lambda entry: entry["text"][:30])
def test_each_is_shown(entry: dict[str, Any]) -> None:
    if "task" in entry:
        name = entry["task"].replace("Back: ", "")  # docker_container checks a container of container_run.
        assert name in [task["name"] for task in TASKS] and entry["differs"]
    else:
        file, _colons, function = entry["test"].partition("::")
        assert "def %s(" % function in (ROOT / "tests" / file).read_text(encoding="utf-8")


def test_the_playbook_is_long_enough() -> None:
    names = [task["name"] for task in TASKS]
    assert len(names) == len(set(names)) >= 60
