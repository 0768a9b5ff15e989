# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many of endlessly many cases a run tries, and which ones.

By default a sample, with EXHAUSTIVE=1 in the environment as many as are worth their time. Random cases differ in each
run; SEED=123 in the environment draws the same cases as the run with that seed. With ROWS=4 a quarter of the rows of a
test are run, and one at least: see rows.
"""

from __future__ import annotations

import math
import os
import random
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

EXHAUSTIVE = bool(os.environ.get("EXHAUSTIVE"))
# The processes that share a run find the seed of the first one in the environment.
SEED = int(os.environ.get("SEED") or secrets.randbelow(10**9))
os.environ["SEED"] = str(SEED)
# One in so many rows of a test is run.
ROWS = 1.0 if EXHAUSTIVE else float(os.environ.get("ROWS") or 1)
# The fixtures that run a task as a module, and in Ansible's own process.
IN_BOTH = ("ansible", "told")
# A sample has every fifth step of a task.
STRIDE = 1 if EXHAUSTIVE else 5


def number(sample: int, exhaustive: int) -> int:
    return exhaustive if EXHAUSTIVE else sample


def some(values: Iterable[Any], sample: int) -> list[Any]:
    """All values, or a random choice of ``sample`` values."""
    found = list(values)
    chosen = set(random.Random(SEED).sample(range(len(found)), sample))
    return [value for index, value in enumerate(found) if EXHAUSTIVE or index in chosen]


def seeds(count: int) -> list[Any]:
    """``count`` seeds, as parameters of a test. The first one is that of the run, so ``SEED`` repeats any of them."""
    return [pytest.param(SEED + index, id="SEED=%d" % (SEED + index)) for index in range(count)]


def steps(most: int) -> list[int]:
    """The numbers of a task's steps, below ``most``; a sample has step 1 and each fifth one, from a random one on."""
    return sorted({1, *range(1 + SEED % STRIDE, most, STRIDE)})


def executions(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Of a test that a fixture has run in both executions, one of the two, chosen at random."""
    if EXHAUSTIVE:
        return list(items)
    pairs: dict[tuple[str, str], list[pytest.Item]] = {}
    for item in items:
        params = {name: value for name, value in _parameters(item).items() if name not in IN_BOTH}
        both = len(params) < len(_parameters(item))
        pairs.setdefault((item.nodeid.partition("[")[0] if both else item.nodeid, repr(params)), []).append(item)
    chosen = {random.Random("%d %s" % (SEED, test)).choice(found) for test, found in pairs.items()}
    return [item for item in items if item in chosen]


def _parameters(item: pytest.Item) -> dict[str, Any]:
    call = getattr(item, "callspec", None)
    return {} if call is None else dict(call.params)


def rows(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """One in ``ROWS`` rows of each test, chosen at random; all rows of a test marked each_row."""
    tests: dict[str, list[pytest.Item]] = {}
    for item in items:
        alone = item.nodeid if item.get_closest_marker("each_row") else item.nodeid.partition("[")[0]
        tests.setdefault(alone, []).append(item)
    chosen: set[pytest.Item] = set()
    for test, found in tests.items():
        chosen.update(random.Random("%d %s" % (SEED, test)).sample(found, math.ceil(len(found) / ROWS)))
    return [item for item in items if item in chosen]
