# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many of what is endless a run tries, and which ones.

By default a sample, with EXHAUSTIVE=1 in the environment as many as are worth their time. What is drawn by chance is
drawn anew in each run; SEED=123 in the environment draws what a run with that seed has drawn. With ROWS=3 of the rows
of a test every third one is run, and one at least: see rows.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

EXHAUSTIVE = bool(os.environ.get("EXHAUSTIVE"))
# In the environment the processes that share a run find the seed of the first one.
SEED = int(os.environ.get("SEED") or secrets.randbelow(10**9))
os.environ["SEED"] = str(SEED)
# Of so many rows of a test, one is run.
ROWS = 1 if EXHAUSTIVE else int(os.environ.get("ROWS") or 1)
# Of the steps of a task, a sample has every fifth one.
STRIDE = 1 if EXHAUSTIVE else 5


def number(sample: int, exhaustive: int) -> int:
    return exhaustive if EXHAUSTIVE else sample


def some(values: Iterable[Any], sample: int) -> list[Any]:
    """All of the values, or as many of them, chosen by chance."""
    found = list(values)
    chosen = set(random.Random(SEED).sample(range(len(found)), sample))
    return [value for index, value in enumerate(found) if EXHAUSTIVE or index in chosen]


def seeds(count: int) -> list[Any]:
    """As many seeds, as parameters of a test. The first one is the run's own, so ``SEED`` repeats any of them."""
    return [pytest.param(SEED + index, id="SEED=%d" % (SEED + index)) for index in range(count)]


def steps(most: int) -> list[int]:
    """The numbers of the steps of a task, from 1 up to ``most``; of a sample the first, and from then on by chance."""
    return sorted({1, *range(1 + SEED % STRIDE, most, STRIDE)})


def rows(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Of the rows of each test as many as ``ROWS`` says, chosen by chance; all of those that are marked each_row."""
    tests: dict[str, list[pytest.Item]] = {}
    for item in items:
        alone = item.nodeid if item.get_closest_marker("each_row") else item.nodeid.partition("[")[0]
        tests.setdefault(alone, []).append(item)
    chosen: set[pytest.Item] = set()
    for test, found in tests.items():
        chosen.update(random.Random("%d %s" % (SEED, test)).sample(found, -(-len(found) // ROWS)))
    return [item for item in items if item in chosen]
