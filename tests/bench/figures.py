# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requirements of the benchmark, and the presentation of its measurements: medians, a table, a page. Pure.

plot.py draws them.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

COUNT = 20  # containers, items of a loop, hosts

DIRECT, MODULE, PEER, PING, FLOOR = "direct", "module", "community.docker", "ping", "debug"
# The names in the report.
WHO = {
    DIRECT: "direct execution",
    MODULE: "module execution",
    PEER: "community.docker",
    PING: "ansible.builtin.ping",
    FLOOR: "ansible.builtin.debug",
}


@dataclass(frozen=True)
class Work:
    """One measured work: who does it, whether it changes something, and on how many items or hosts.

    ``often``: how many times per round direct execution does it. One time says little of a work that takes an instant.
    """

    title: str
    who: tuple[str, ...]
    changed: bool = False
    items: int = 1
    hosts: int = 1
    process: bool = False
    often: int = 1

    def runs(self, who: str) -> int:
        """How many times per round it is done."""
        return self.often if who == DIRECT else 1


WORKS: Mapping[str, Work] = {
    "loop": Work("loop of 20, unchanged", (DIRECT, MODULE, PEER, PING, FLOOR), items=COUNT, often=3),
    "one": Work("one, unchanged", (DIRECT, MODULE, PEER, PING, FLOOR), often=3),
    "hosts": Work("20 hosts with 5 forks, unchanged", (DIRECT, PEER, PING, FLOOR), hosts=COUNT),
    "created": Work("loop of 20, created and started", (DIRECT, PEER), changed=True, items=COUNT),
    "exec": Work("loop of 20, exec", (DIRECT, PEER), changed=True, items=COUNT),
    "removed": Work("loop of 20, removed", (DIRECT, PEER), changed=True, items=COUNT),
    "program": Work("one, unchanged, the module's own process", (MODULE, PEER, PING), process=True),
}


@dataclass(frozen=True)
class Bar:
    """``faster``: how many times faster at least. ``share``: which fraction of the other's time at most."""

    work: str
    who: str
    against: str
    faster: float | None = None
    share: float | None = None


BARS = (
    Bar("loop", DIRECT, PEER, faster=40),
    Bar("loop", DIRECT, PING, faster=15),
    Bar("one", DIRECT, PEER, faster=12),
    Bar("one", DIRECT, PING, faster=6),
    Bar("hosts", DIRECT, PEER, faster=12),
    Bar("loop", MODULE, PEER, share=0.80),
    Bar("program", MODULE, PEER, share=0.80),
    Bar("program", MODULE, PING, share=1.7),
    Bar("created", DIRECT, PEER, faster=2.5),
    Bar("exec", DIRECT, PEER, faster=6),
    Bar("removed", DIRECT, PEER, faster=5),
)

# (work, who) → the seconds of each time
Times = dict[tuple[str, str], list[float]]


class UnexpectedError(Exception):
    """A measured task did not do what it should, and therefore its time says nothing."""


def times(lines: Iterable[Mapping[str, Any]], rounds: int) -> Times:
    """The seconds of each task, from the lines that the callback wrote. A task ends with the last of its hosts.

    UnexpectedError: a task changed something and should not, or the reverse, or did not run as often as it should.
    """
    runs: dict[int, list[Mapping[str, Any]]] = {}
    for line in lines:
        runs.setdefault(line["number"], []).append(line)
    found: Times = {}
    for results in runs.values():
        name, _comma, who = str(results[0]["task"]).partition(", ")
        if name not in WORKS:
            continue
        expected = [WORKS[name].changed] * WORKS[name].items
        wrong = [result for result in results if result["changed"] != expected]
        if wrong:
            raise UnexpectedError(
                "%s, %s: changed is %s on %s, and %s was expected."
                % (name, who, wrong[0]["changed"], wrong[0]["host"], expected)
            )
        if len(results) != WORKS[name].hosts:
            raise UnexpectedError(
                "%s, %s: %d hosts answered, and %d were expected." % (name, who, len(results), WORKS[name].hosts)
            )
        found.setdefault((name, who), []).append(max(result["seconds"] for result in results))
    for name, work in WORKS.items():
        for who in work.who:
            ran = len(found.get((name, who), []))
            expected_runs = rounds * work.runs(who)
            if not work.process and ran != expected_runs:
                raise UnexpectedError(
                    "%s, %s: it ran %d times, and %d were expected." % (name, who, ran, expected_runs)
                )
    return found


@dataclass(frozen=True)
class Verdict:
    """A bar, and the two medians that it compares."""

    limit: Bar
    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        return self.theirs / self.ours if self.limit.faster else self.ours / self.theirs

    @property
    def held(self) -> bool:
        if self.limit.faster:
            return self.ratio >= self.limit.faster
        return self.limit.share is not None and self.ratio <= self.limit.share

    def cells(self) -> tuple[str, ...]:
        """The measured work, its seconds, the other's seconds, how they compare, the bar, and the verdict."""
        limit = self.limit
        return (
            "%s: %s" % (WORKS[limit.work].title, WHO[limit.who]),
            seconds(self.ours),
            "%s %s" % (WHO[limit.against], seconds(self.theirs)),
            "%.1f times faster" % self.ratio if limit.faster else "%.2f of its time" % self.ratio,
            "at least %g" % limit.faster if limit.faster else "at most %.2f" % (limit.share or 0),
            "held" if self.held else "MISSED",
        )


HEADS = ("Work", "Seconds", "Against", "Ratio", "Bar", "")


def medians(found: Mapping[tuple[str, str], Sequence[float]]) -> dict[tuple[str, str], float]:
    return {key: statistics.median(values) for key, values in found.items()}


def verdicts(middle: Mapping[tuple[str, str], float]) -> list[Verdict]:
    return [Verdict(limit, middle[limit.work, limit.who], middle[limit.work, limit.against]) for limit in BARS]


def seconds(value: float) -> str:
    """Seconds with three significant digits: "0.0312", "0.512", "10.4"."""
    digits = 4 if value < 0.1 else 3 if value < 1 else 2 if value < 10 else 1
    return "%.*f" % (digits, value)


def peers(middle: Mapping[tuple[str, str], float]) -> list[tuple[str, ...]]:
    """Rows of all medians: a work, and the seconds of everyone who does it ("" for the others)."""
    return [
        (work.title, *(seconds(middle[name, who]) if who in work.who else "" for who in WHO))
        for name, work in WORKS.items()
    ]


def columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for a terminal."""
    widths = [max(len(row[at]) for row in [heads, *rows]) for at in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [heads, *rows]]
    return "\n".join(line.rstrip() for line in lines)


@dataclass(frozen=True)
class Import:
    """A line of ``python -X importtime``, in milliseconds; ``alone`` is without the time of its own imports."""

    name: str
    alone: float
    whole: float


@dataclass(frozen=True)
class Report:
    """All results of a run of the benchmark."""

    rounds: int
    facts: Mapping[str, str]
    middle: Mapping[tuple[str, str], float]
    imports: Sequence[Import] = ()
    calls: Sequence[str] = field(default_factory=tuple)
    # Seconds that a run with at least one direct task spends once, before its first task.
    once: float = 0.0
    date: str = ""


def stored(report: Report) -> dict[str, Any]:
    """The part of a report that is stored as JSON: all that the page and the plot show."""
    return {
        "date": report.date,
        "rounds": report.rounds,
        "facts": dict(report.facts),
        "once": float("%.4g" % report.once),
        "seconds": {
            name: {who: float("%.4g" % report.middle[name, who]) for who in work.who} for name, work in WORKS.items()
        },
    }


def restored(kept: Mapping[str, Any]) -> Report:
    """The report from its stored part."""
    return Report(
        rounds=kept["rounds"],
        facts=kept["facts"],
        middle={(name, who): value for name, values in kept["seconds"].items() for who, value in values.items()},
        once=kept["once"],
        date=kept["date"],
    )


IMPORT_LINE = re.compile(r"^import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)$", re.MULTILINE)


def imports(text: str) -> list[Import]:
    """The imports in the output of ``-X importtime``, the most expensive first."""
    found = [Import(name, int(alone) / 1000, int(whole) / 1000) for alone, whole, name in IMPORT_LINE.findall(text)]
    return sorted(found, key=lambda one: -one.alone)


MOST_IMPORTS = 15


def text(report: Report) -> str:
    """The report for a terminal."""
    total = sum(one.alone for one in report.imports)
    listed = [(one.name, "%.1f" % one.alone, "%.1f" % one.whole) for one in report.imports[:MOST_IMPORTS]]
    parts = [
        "\n".join("%s: %s" % fact for fact in report.facts.items()),
        columns(HEADS, [verdict.cells() for verdict in verdicts(report.middle)]),
        "Seconds, medians of %d rounds in one run:\n" % report.rounds
        + columns(("Work", *WHO.values()), peers(report.middle)),
        "Once a run, for a playbook that has a direct task: %s s" % seconds(report.once),
        "The most expensive of %d imports of an unchanged task, module execution (%.0f ms together), in ms:\n"
        % (len(report.imports), total)
        + columns(("Import", "alone", "with its own imports"), listed),
        "What an unchanged task asks the engine:\n" + "\n".join(report.calls),
    ]
    return "\n\n".join(parts)


# --- the page ---

BEGIN, END = ".. Written by make bench from here on.\n", ".. Written by make bench up to here.\n"


def page(before: str, report: Report) -> str:
    """The page with updated figures between its two marks."""
    head, begin, rest = before.partition(BEGIN)
    _old, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no place for the figures: the lines %r and %r" % (BEGIN, END))
    rows = [verdict.cells()[:5] for verdict in verdicts(report.middle)]
    parts = [
        "Measured with %s. Medians of %d rounds in one run."
        % (", ".join("%s %s" % fact for fact in report.facts.items()), report.rounds),
        list_table(HEADS[:5], rows, (34, 10, 28, 16, 12)),
        "All medians, in seconds:",
        list_table(("Work", *WHO.values()), peers(report.middle), (30, 14, 14, 14, 14, 14)),
        "Importing for direct execution takes %s seconds, once a run." % seconds(report.once),
    ]
    return head + begin + "\n" + "\n\n".join(parts) + "\n\n" + end + tail


def list_table(heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> str:
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: %s" % " ".join(str(width) for width in widths), ""]
    for row in [heads, *rows]:
        lines += [("   %s - %s" % (" " if at else "*", cell)).rstrip() for at, cell in enumerate(row)]
    return "\n".join(lines)
