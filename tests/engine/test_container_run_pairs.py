# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pairs of specs, known ones and random ones: from the first to the second, and again.

Check mode predicts it, a repeated run changes nothing, and the container equals a new one of the second spec. The
values are those of the option table's rows. Containers are created and not started: the engine keeps the same of a
spec, and most rows can't be started together. An option that only the first spec has is not managed by the second one,
therefore the second spec has all options of the first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sampled
from container_run_rows import ROWS, Row
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st
from test_container_run_options import filled

PAIRS = 30  # per test
# Values that differ in each container, whatever its spec.
OWN = ("Hostname", "Domainname")
# These need another container, or are not available on every engine and kernel.
APART = ("links", "volumes_from", "privileged", "auto_remove", "network_mode", "runtime", "gpus", "device_requests")
# Messages about options that exclude each other.
EXCLUSIVE = (
    "is given twice",
    "cpus stands for both",
    "only with the restart_policy on-failure",
    "below that of memory alone",
    "needs a limit of memory",
    "above the limit of memory",
)


def usable(row: Row) -> bool:
    other = "-other" in json.dumps([row.first, row.second])
    return row.second is not None and row.declined is None and not other and row.option not in APART and not row.warns


BY_OPTION: dict[str, list[Row]] = {}
for _row in filter(usable, ROWS):
    BY_OPTION.setdefault(_row.option, []).append(_row)
LIVE = sorted({row.option for rows in BY_OPTION.values() for row in rows if row.live})


@st.composite
def pairs(draw: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two specs: some options have two values, others a value only in the second spec."""
    among = draw(st.sampled_from([sorted(BY_OPTION), LIVE]))
    options = draw(st.lists(st.sampled_from(among), min_size=1, max_size=6, unique=True))
    first: dict[str, Any] = {}
    second: dict[str, Any] = {}
    for option in options:
        row = draw(st.sampled_from(BY_OPTION[option]))
        needed = {key: value for key, value in row.also.items() if key not in ("comparisons", "state")}
        values = draw(st.permutations([row.first, row.second]))
        second.update({**needed, option: values[1]})
        if draw(st.booleans()):
            first.update({**needed, option: values[0] if draw(st.booleans()) else values[1]})
    first = {**{key: value for key, value in second.items() if key in first}, **first}
    return first, second


def comparable(container: dict[str, Any]) -> dict[str, Any]:
    """What the engine keeps of a spec, without values that differ in each container."""
    config = {key: value for key, value in container["Config"].items() if key not in OWN}
    labels = config.get("Labels") or {}
    config["Labels"] = {name: text for name, text in labels.items() if not name.startswith("wharf.docker.")}
    host = dict(container["HostConfig"])
    host["RestartPolicy"] = {**host["RestartPolicy"], "Name": host["RestartPolicy"]["Name"] or "no"}
    # A replacement binds the anonymous volume of the old container by its name.
    binds = [bind for bind in host["Binds"] or [] if not re.match("[0-9a-f]{64}:", bind)]
    config.pop("Volumes", None)
    targets = sorted(mount["Destination"] for mount in container["Mounts"])
    return {"Config": given_values(config), "HostConfig": given_values({**host, "Binds": binds}), "targets": targets}


def given_values(part: dict[str, Any]) -> dict[str, Any]:
    """Without values that are off or empty, which mean not given. A swappiness of zero is a value."""
    return {key: value for key, value in part.items() if value or (key == "MemorySwappiness" and value is not None)}


Pair = tuple[dict[str, Any], dict[str, Any]]

# At least one pair for each outcome, and options that depend on each other or are compared as sets, maps and sizes.
KNOWN: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("unchanged", {"env": {"A": "1"}, "memory": "64m"}, {"env": {"A": "1"}, "memory": "65536k"}),
    ("unchanged", {"published_ports": ["18130:80"]}, {"published_ports": ["18130:80/tcp"]}),
    ("live", {"memory": "64m"}, {"memory": "96m", "memory_reservation": "32m"}),
    ("live", {"memory": "64m", "memory_swap": "128m"}, {"memory": "128m", "memory_swap": "128m"}),
    ("live", {"memory": "128m"}, {"memory": "64m", "memory_swap": "256m"}),
    ("live", {"cpu_shares": 512, "restart_policy": "always"}, {"cpu_shares": 256, "restart_policy": "no"}),
    ("replaced", {"memory": "64m", "env": {"A": "1"}}, {"memory": "96m", "env": {"A": "2"}}),
    ("replaced", {"labels": {"a": "1", "b": "2"}}, {"labels": {"b": "2"}}),
    ("replaced", {}, {"ulimits": ["nofile=1024:2048"], "tmpfs": ["/run:size=1m"], "user": "1000"}),
    ("replaced", {"volumes": ["/data"]}, {"volumes": ["/data", "{name}-data:/more:ro"]}),
    ("replaced", {"published_ports": ["18130:80"]}, {"published_ports": ["127.0.0.1:18130:80/udp"]}),
]


@pytest.fixture
def way(run: Any, client: Any, image: str, name: str) -> Iterator[Callable[[Pair], str]]:
    """``way(pair)``: change from the first spec to the second. Returns unchanged, live, replaced, or excluded."""

    def go(pair: Pair) -> str:
        base = {"name": name, "image": image, "state": "present", "command": ["sleep", "1000"]}
        base["comparisons"] = {"*": "strict"}
        first, second = ({**base, **filled(spec, name)} for spec in pair)
        clear()
        for spec in (first, second):
            drawn = run("container_run", check=True, expect="any", **spec)
            if any(words in drawn.get("msg", "") for words in EXCLUSIVE):
                return "excluded"
        run("container_run", **first)
        before = client.inspect_container(name)["Id"]
        foreseen = run("container_run", check=True, **second)
        done = run("container_run", **second)
        assert (done["changed"], done["actions"], done["diff"]) == (
            foreseen["changed"],
            foreseen["actions"],
            foreseen["diff"],
        )
        assert run("container_run", expect="ok", **second)["actions"] == []
        run("container_run", **{**second, "name": name + "-fresh"})
        now = client.inspect_container(name)
        assert comparable(now) == comparable(client.inspect_container(name + "-fresh"))
        return "unchanged" if not done["changed"] else "live" if now["Id"] == before else "replaced"

    def clear() -> None:
        for former in (name, name + "-fresh"):
            run("container_run", name=former, state="absent", keep_volumes=False)

    yield go
    clear()


@pytest.mark.parametrize(("expected", "first", "second"), KNOWN, ids=str)
def test_known_pairs(expected: str, first: dict[str, Any], second: dict[str, Any], way: Callable[[Pair], str]) -> None:
    assert way((first, second)) == expected


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("drawn_by", sampled.seeds(sampled.number(1, exhaustive=10)))
def test_pairs(drawn_by: int, way: Callable[[Pair], str], tell: Any) -> None:
    seen = {"live": 0, "replaced": 0, "unchanged": 0}

    @seed(drawn_by)
    @settings(max_examples=PAIRS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(pairs())
    def one(pair: Pair) -> None:
        found = way(pair)
        assume(found != "excluded")
        seen[found] += 1

    one()
    assert sum(seen.values()) >= PAIRS // 2
    for found, number in seen.items():
        tell("Random pairs of specs of container_run", number, found)
