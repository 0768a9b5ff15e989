# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What running containers use at the moment, as ``docker stats`` counts it."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.selection import each
from ansible_collections.wharf.docker.plugins.module_utils._container.status import own_name
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import (
    Engine,
    segment,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    EngineError,
)

# The seconds between the two readings from which the CPU usage is calculated.
INTERVAL = 1.0


def read_stats(engine: Engine, documents: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """What each of these inspected containers uses; {}: it does not run.

    The engine can take both readings itself, but then each call takes two seconds. If they are taken here, all
    containers share the time between them.
    """
    first = each(lambda document: _reading(engine, document), documents)
    running = [document for document, reading in zip(documents, first) if reading is not None]
    if not running:
        return [{} for _document in documents]
    time.sleep(INTERVAL)
    readings = each(lambda document: _reading(engine, document), running)
    second = {str(document["Id"]): reading for document, reading in zip(running, readings)}
    found = []
    for document, before in zip(documents, first):
        after = second.get(str(document["Id"]))
        found.append(summary(before, after) if before is not None and after is not None else {})
    return found


def summary(before: Mapping[str, Any], after: Mapping[str, Any]) -> Dict[str, Any]:
    """The figures of two readings of a container, in bytes and percent. Pure.

    As in ``docker stats``, 100 percent is one CPU, and for memory the limit.
    """
    memory = after.get("memory_stats") or {}
    usage, limit = _memory(memory), int(memory.get("limit") or 0)
    networks = (after.get("networks") or {}).values()
    read, written = _blocks(after)
    return {
        "cpu_percent": _cpu(before.get("cpu_stats") or {}, after.get("cpu_stats") or {}),
        "memory_usage": usage,
        "memory_limit": limit,
        "memory_percent": round(100.0 * usage / limit, 2) if limit else 0.0,
        "network_rx": sum(int(network.get("rx_bytes") or 0) for network in networks),
        "network_tx": sum(int(network.get("tx_bytes") or 0) for network in networks),
        "block_read": read,
        "block_write": written,
        "pids": int((after.get("pids_stats") or {}).get("current") or 0),
    }


def _reading(engine: Engine, document: Mapping[str, Any]) -> Optional[Dict[str, Any]]:
    """One reading; None: the container does not run (any more)."""
    if not document["State"]["Running"] or document["State"].get("Restarting"):
        return None
    try:
        found = engine.get(
            "/containers/%s/stats" % segment(document["Id"]),
            tried="read what the container %s uses" % own_name(document),
            query={"stream": False, "one-shot": True},
        )
    except EngineError as error:
        if error.status in (404, 409):
            return None
        raise
    # The document of a stopped container has no figures.
    return dict(found) if (found.get("cpu_stats") or {}).get("system_cpu_usage") else None


def _cpu(before: Mapping[str, Any], after: Mapping[str, Any]) -> float:
    used = _total(after) - _total(before)
    passed = int(after.get("system_cpu_usage") or 0) - int(before.get("system_cpu_usage") or 0)
    cpus = int(after.get("online_cpus") or 0) or len((after.get("cpu_usage") or {}).get("percpu_usage") or []) or 1
    return round(100.0 * cpus * used / passed, 2) if used > 0 and passed > 0 else 0.0


def _total(reading: Mapping[str, Any]) -> int:
    return int((reading.get("cpu_usage") or {}).get("total_usage") or 0)


def _memory(memory: Mapping[str, Any]) -> int:
    """The memory used, without the cache that can be freed, which cgroup v1 and v2 name differently."""
    usage, details = int(memory.get("usage") or 0), memory.get("stats") or {}
    for name in ("total_inactive_file", "inactive_file"):
        if name in details and int(details[name]) < usage:
            return usage - int(details[name])
    return usage


def _blocks(reading: Mapping[str, Any]) -> Tuple[int, int]:
    read = written = 0
    for entry in (reading.get("blkio_stats") or {}).get("io_service_bytes_recursive") or []:
        kind = str(entry.get("op") or "").lower()
        read += int(entry.get("value") or 0) if kind == "read" else 0
        written += int(entry.get("value") or 0) if kind == "write" else 0
    return read, written
