# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evaluation of the benchmark's measurements, and that its playbooks and its table have the same tasks."""

from __future__ import annotations

import importlib
import json
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "tests" / "bench"
PAGE = ROOT / "docs" / "docsite" / "rst" / "benchmarks.rst"

sys.path[:0] = [str(BENCH)]
figures: Any = importlib.import_module("figures")
plot: Any = importlib.import_module("plot")


def lines(rounds: int = 1) -> list[dict[str, Any]]:
    """The lines that the callback writes for successful runs."""
    found, number = [], 0
    for _round in range(rounds):
        for name, work in figures.WORKS.items():
            for who in (each for each in work.who for _run in range(work.runs(each))):
                number += 1
                for host in range(0 if work.process else work.hosts):
                    found.append(
                        {
                            "number": number,
                            "task": "%s, %s" % (name, who),
                            "host": "h%d" % host,
                            "seconds": 0.5 + host,
                            "changed": [work.changed] * work.items,
                        }
                    )
    return found


def middle(**seconds: float) -> dict[tuple[str, str], float]:
    """Medians of all works: 1 second, except for those in ``seconds`` ("loop_direct")."""
    return {
        (name, who): seconds.get("%s_%s" % (name, who), 1.0) for name, work in figures.WORKS.items() for who in work.who
    }


def report(**seconds: float) -> Any:
    return figures.Report(rounds=5, facts={"cores": "2"}, middle=middle(**seconds), once=0.25)


def test_a_task_ends_with_its_last_host() -> None:
    found = figures.times(lines(rounds=2), 2)
    assert found["one", "debug"] == [0.5, 0.5]
    assert found["one", "direct"] == [0.5] * 2 * 3
    assert found["hosts", "direct"] == [19.5, 19.5]


def test_other_tasks_do_not_count() -> None:
    other = {"number": 0, "task": "Run the containers", "host": "localhost", "seconds": 9.0, "changed": [True] * 20}
    assert figures.times([other, *lines()], 1) == figures.times(lines(), 1)


@pytest.mark.parametrize(
    ("task", "change", "words"),
    [
        ("loop, direct", {"changed": [False] * 19 + [True]}, "loop, direct: changed is"),
        ("loop, direct", {"changed": [False] * 19}, "loop, direct: changed is"),
        ("exec, community.docker", {"changed": [False] * 20}, "exec, community.docker: changed is"),
        ("one, ping", {"task": "another"}, "one, ping: it ran 0 times, and 1 were expected"),
        ("hosts, debug", {"task": "another"}, "hosts, debug: 19 hosts answered, and 20 were expected"),
    ],
)
def test_what_did_something_else_is_not_measured(task: str, change: dict[str, Any], words: str) -> None:
    measured = lines()
    at = max(at for at, line in enumerate(measured) if line["task"] == task)
    if change.get("task") and task.startswith("hosts"):
        del measured[at]
    else:
        measured[at] = {**measured[at], **change}
    with pytest.raises(figures.UnexpectedError, match=words):
        figures.times(measured, 1)


def test_every_round_counts() -> None:
    with pytest.raises(figures.UnexpectedError, match="ran 6 times, and 9 were expected"):
        figures.times(lines(rounds=2), 3)


@pytest.mark.parametrize(
    ("limit", "ours", "theirs", "held"),
    [
        ({"faster": 40}, 0.25, 10.0, True),
        ({"faster": 40}, 0.26, 10.0, False),
        ({"share": 0.8}, 8.0, 10.0, True),
        ({"share": 0.8}, 8.1, 10.0, False),
        ({"share": 1.7}, 17.0, 10.0, True),
        ({"share": 1.7}, 17.1, 10.0, False),
    ],
)
def test_bars(limit: dict[str, float], ours: float, theirs: float, held: bool) -> None:
    verdict = figures.Verdict(figures.Bar("loop", "direct", "ping", **limit), ours, theirs)
    assert verdict.held is held
    assert verdict.cells()[-1] == ("held" if held else "MISSED")


def test_verdicts_compare_the_two_that_the_bar_names() -> None:
    found = figures.verdicts(middle(loop_direct=0.1, loop_ping=3.0))
    assert [
        (verdict.ours, verdict.theirs, verdict.ratio)
        for verdict in found
        if (verdict.limit.work, verdict.limit.who, verdict.limit.against) == ("loop", "direct", "ping")
    ] == [(0.1, 3.0, pytest.approx(30))]


def test_medians() -> None:
    assert figures.medians({("one", "ping"): [3.0, 1.0, 2.0]}) == {("one", "ping"): 2.0}


@pytest.mark.parametrize(("value", "words"), [(0.03123, "0.0312"), (0.5123, "0.512"), (4.567, "4.57"), (22.71, "22.7")])
def test_seconds(value: float, words: str) -> None:
    assert figures.seconds(value) == words


def test_imports_are_those_that_cost_most_alone() -> None:
    text = (
        "import time: self [us] | cumulative | imported package\n"
        "import time:       100 |        100 |   encodings.aliases\n"
        "a line of something else\n"
        "import time:      2500 |       2600 | encodings\n"
    )
    assert figures.imports(text) == [
        figures.Import("encodings", 2.5, 2.6),
        figures.Import("encodings.aliases", 0.1, 0.1),
    ]


def test_the_report_says_what_was_missed() -> None:
    words = figures.text(report(loop_direct=0.01))
    assert "100.0 times faster" in words
    assert "MISSED" in words
    assert "0.250 s" in words


def test_the_page_is_renewed_between_its_marks() -> None:
    before = "Head\n\n%s\nold\n\n%s\nTail\n" % (figures.BEGIN, figures.END)
    once = figures.page(before, report(loop_direct=0.0321))
    assert once.startswith("Head\n") and once.endswith("\nTail\n")
    assert "0.0321" in once
    assert "\nold\n" not in once
    assert figures.page(once, report(loop_direct=0.0321)) == once


def test_a_page_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the figures"):
        figures.page("Head\n", report())


def test_the_page_has_its_place_and_its_figures() -> None:
    words = PAGE.read_text(encoding="utf-8")
    assert words != figures.page(words, report())
    for work in figures.WORKS.values():
        assert work.title in words


def test_the_plot_has_a_bar_for_each_median_as_long_as_its_ratio() -> None:
    root = ET.fromstring(plot.picture(report(loop_direct=0.1, loop_module=2.0)))
    ground, *bars = [float(rect.attrib["width"]) for rect in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert len(bars) == len(middle()) and ground > sum(bars[:2])
    direct, module, peer, *_others = bars
    assert module == pytest.approx(2 * peer, rel=0.01)
    assert direct == pytest.approx(0.1 * peer, rel=0.05)


def test_the_plot_says_what_was_measured_when() -> None:
    dated = figures.Report(rounds=5, facts={"cores": "2", "Python": "3.11"}, middle=middle(), date="2026-11-26")
    words = " ".join(plot.about(dated)).replace("\xa0", " ")
    assert words == "2 cores, Python 3.11. Medians of 5 rounds, measured on 2026-11-26."


def test_what_is_kept_makes_the_same_page_and_plot() -> None:
    first = report(loop_direct=0.032149)
    again = figures.restored(json.loads(json.dumps(figures.stored(first))))
    before = "Head\n\n%s\nold\n\n%s\nTail\n" % (figures.BEGIN, figures.END)
    assert figures.page(before, again) == figures.page(before, first)
    assert plot.picture(again) == plot.picture(first)


def test_the_page_has_the_figures_that_are_kept() -> None:
    kept = json.loads((ROOT / "docs" / "images" / "benchmarks.json").read_text(encoding="utf-8"))
    words = PAGE.read_text(encoding="utf-8")
    assert figures.page(words, figures.restored(kept)) == words


def tasks(name: str) -> list[dict[str, Any]]:
    plays = yaml.safe_load((BENCH / name).read_text(encoding="utf-8"))
    return [task for play in plays for task in play["tasks"]]


def test_each_work_has_its_task() -> None:
    expected = [
        "%s, %s" % (name, who)
        for name, work in figures.WORKS.items()
        for who in work.who
        for _run in range(0 if work.process else work.runs(who))
    ]
    assert sorted(task["name"] for task in tasks("round.yml")) == sorted(expected)
    assert [task["name"] for task in tasks("programs.yml")] == [
        "program, %s" % who for who in figures.WORKS["program"].who
    ]


def test_all_playbooks_describe_the_same_container() -> None:
    kept = ("image", "command", "env", "labels", "restart_policy", "stop_signal")
    found = [
        {option: task[module].get(option) for option in kept}
        for name in ("prepare.yml", "round.yml", "programs.yml")
        for task in tasks(name)
        for module in ("wharf.docker.container_run", "community.docker.docker_container")
        if module in task and task[module].get("state") != "absent"
    ]
    assert len(found) > 8
    assert all(options == found[0] for options in found)


def test_each_bar_compares_who_did_the_work() -> None:
    for limit in figures.BARS:
        assert {limit.who, limit.against} <= set(figures.WORKS[limit.work].who)
        assert (limit.faster is None) != (limit.share is None)


def test_the_readme_claims_what_the_page_has() -> None:
    """Its only figure matches the median of the page; no other page has such a figure."""
    page = PAGE.read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [median] = set(re.findall(r"loop of 20, unchanged: direct execution\n     - ([\d.]+)\n", page))
    assert "looking at 20 containers that need no change takes less than half a second" in " ".join(readme.split())
    assert float(median) < 0.5
    others = [path for path in ROOT.glob("docs/**/*.*") if path.suffix in (".md", ".rst") and path != PAGE]
    for path in [ROOT / "README.md", ROOT / "galaxy.yml", *others]:
        assert not re.search(r"quarter of a second|third of a second", path.read_text(encoding="utf-8")), path
