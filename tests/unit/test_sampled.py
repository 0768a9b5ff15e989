# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A second engine runs a sample of the rows of a test, with at least one row of each test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import sampled


@dataclass(frozen=True)
class Item:
    """The part of a test collected by pytest that is used."""

    nodeid: str
    marker: str = ""
    callspec: Any = None

    def get_closest_marker(self, name: str) -> Any:
        return self.marker == name or None


ITEMS: list[Any] = [
    Item("test_a.py::test_alone"),
    *(Item("test_a.py::test_rows[%d-[x]]" % number) for number in range(10)),
    *(Item("test_b.py::test_rows[%d]" % number) for number in range(2)),
    *(Item("test_b.py::test_each[%d]" % number, "each_row") for number in range(5)),
]


@pytest.mark.parametrize(
    ("one_of", "left"), [(1, [1, 10, 2, 5]), (3, [1, 4, 1, 5]), (1.5, [1, 7, 2, 5]), (100, [1, 1, 1, 5])]
)
def test_rows(one_of: float, left: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampled, "ROWS", one_of)
    found = sampled.rows(ITEMS)
    assert found == sorted(found, key=ITEMS.index)
    assert [
        len([item for item in found if item.nodeid.startswith(test)])
        for test in ("test_a.py::test_alone", "test_a.py::test_rows", "test_b.py::test_rows", "test_b.py::test_each")
    ] == left
    assert sampled.rows(ITEMS) == found


def test_another_seed_draws_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampled, "ROWS", 3)
    drawn = set()
    for seed in range(200):
        monkeypatch.setattr(sampled, "SEED", seed)
        drawn.update(sampled.rows(ITEMS))
    assert drawn == set(ITEMS)


class Call:
    def __init__(self, **params: Any) -> None:
        self.params = params


def both(test: str, **params: Any) -> list[Any]:
    """The items of a test that a fixture runs in both executions."""
    return [
        Item("%s[%s]" % (test, "-".join([*map(str, params.values()), way])), "", Call(**params, ansible=way))
        for way in ("module", "direct")
    ]


def test_executions(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the two, for each row of a test; nothing else is left out."""
    others = [*ITEMS, Item("test_c.py::test_x[module]", "", Call(way="module")), Item("test_c.py::test_x[direct]")]
    items = [
        *others,
        *both("test_d.py::test_one"),
        *both("test_d.py::test_rows", row=1),
        *both("test_d.py::test_rows", row=2),
    ]
    monkeypatch.setattr(sampled, "EXHAUSTIVE", False)
    found = sampled.executions(items)
    assert found[: len(others)] == others
    assert [item.nodeid.rpartition("-")[0] for item in found[len(others) :]] == [
        "",
        "test_d.py::test_rows[1",
        "test_d.py::test_rows[2",
    ]
    monkeypatch.setattr(sampled, "EXHAUSTIVE", True)
    assert sampled.executions(items) == items
