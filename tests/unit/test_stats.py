# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures of container_info's option stats, from documents of engines with both kinds of control groups."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._container.stats import summary


def cpu(used: int, system: int, cpus: int | None = 2, percpu: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = {"cpu_usage": {"total_usage": used}, "system_cpu_usage": system}
    if cpus is not None:
        found["online_cpus"] = cpus
    if percpu:
        found["cpu_usage"]["percpu_usage"] = [0] * percpu
    return {"cpu_stats": found}


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        (cpu(0, 0), cpu(500, 2000), 50.0),
        (cpu(1000, 10_000), cpu(3000, 12_000), 200.0),
        (cpu(1000, 10_000), cpu(1000, 12_000), 0.0),
        (cpu(1000, 10_000), cpu(1001, 10_000), 0.0),
        (cpu(2000, 10_000), cpu(1000, 12_000), 0.0),
        (cpu(0, 0, None, percpu=4), cpu(500, 4000, None, percpu=4), 50.0),
        (cpu(0, 0), cpu(1, 7), 28.57),
        ({}, {}, 0.0),
    ],
)
def test_cpu(before: dict[str, Any], after: dict[str, Any], percent: float) -> None:
    assert summary(before, after)["cpu_percent"] == percent


@pytest.mark.parametrize(
    ("memory", "usage", "limit", "percent"),
    [
        ({"usage": 1000, "limit": 4000, "stats": {"total_inactive_file": 200, "inactive_file": 1}}, 800, 4000, 20.0),
        ({"usage": 1000, "limit": 3000, "stats": {"inactive_file": 100, "anon": 5}}, 900, 3000, 30.0),
        ({"usage": 1000, "limit": 3000, "stats": {"inactive_file": 1000}}, 1000, 3000, 33.33),
        ({"usage": 1000, "limit": 4000}, 1000, 4000, 25.0),
        ({"usage": 1000}, 1000, 0, 0.0),
        ({}, 0, 0, 0.0),
    ],
)
def test_memory(memory: dict[str, Any], usage: int, limit: int, percent: float) -> None:
    found = summary({}, {"memory_stats": memory})
    assert (found["memory_usage"], found["memory_limit"], found["memory_percent"]) == (usage, limit, percent)


def test_networks_are_added() -> None:
    networks = {"eth0": {"rx_bytes": 5, "tx_bytes": 7}, "eth1": {"rx_bytes": 10, "tx_bytes": 20}}
    found = summary({}, {"networks": networks})
    assert (found["network_rx"], found["network_tx"]) == (15, 27)


@pytest.mark.parametrize(
    ("entries", "read", "written"),
    [
        (None, 0, 0),
        ([], 0, 0),
        ([("Read", 5), ("Write", 7), ("Sync", 1), ("Async", 2), ("Discard", 3), ("Total", 12), ("Read", 1)], 6, 7),
        ([("read", 5), ("write", 7), ("write", 8)], 5, 15),
    ],
)
def test_blocks(entries: list[tuple[str, int]] | None, read: int, written: int) -> None:
    listed = None if entries is None else [{"major": 8, "minor": 0, "op": op, "value": value} for op, value in entries]
    found = summary({}, {"blkio_stats": {"io_service_bytes_recursive": listed}})
    assert (found["block_read"], found["block_write"]) == (read, written)


def test_pids() -> None:
    assert summary({}, {"pids_stats": {"current": 3}})["pids"] == 3
    assert summary({}, {"pids_stats": {}})["pids"] == 0
