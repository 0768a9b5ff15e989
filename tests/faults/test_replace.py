# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process of a replacement is killed after each single step, and so is the run that repairs it.

After one more run the container of that name runs with its data, as the task describes it, and nothing else is left. A
sample has every step of one scenario, and some steps of the others (see sampled.py); the number of steps is printed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import dies_after
import pytest
import sampled

from ansible_collections.wharf.docker.plugins.module_utils._container import wait as _wait

pytestmark = pytest.mark.one_engine(
    "the longest of all; what an engine does at each step is shown by test_container_run_replace.py"
)

MOST_STEPS = 40
# The longest tests are split: each part takes every third step, from a different first one on. A sample has one part.
PARTS = 3
BEGINS = sampled.some(range(1, PARTS + 1), sample=1)
# The scenario that is tested with every step: one that succeeds, or one that fails.
WHOLE = sampled.some(("replaced, with a port and an address", "does not start"), sample=1)
TOLD = "Replacements that were killed after a step"

WEB: dict[str, Any] = {
    "command": ["sh", "-c", "test -e /data/kept || echo written > /data/kept; exec sleep 1000"],
    "stop_signal": "KILL",
    "restart_policy": "always",
}
# Options of the existing container, what the next task changes, and its outcome if nothing kills it.
SCENARIOS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "replaced": ({}, {"env": {"A": "2"}}, "changed"),
    "replaced, with a port and an address": (
        {"published_ports": ["18120:80"], "networks": [{"name": "{name}-net", "ipv4_address": "10.212.0.9"}]},
        {"env": {"A": "2"}},
        "changed",
    ),
    "replaced, the new one first": ({"replace": "start_first"}, {"env": {"A": "2"}}, "changed"),
    "replaced, with an anonymous volume": ({"volumes": ["/data"]}, {"env": {"A": "2"}}, "changed"),
    "replaced, two networks": (
        {"networks": [{"name": "{name}-net"}, {"name": "{name}-two"}]},
        {"env": {"A": "2"}},
        "changed",
    ),
    "replaced, the old one is kept": ({"keep_previous": 1}, {"env": {"A": "2"}}, "changed"),
    "does not start": ({}, {"command": ["/no/such/program"]}, "failed"),
    "ends at once": ({}, {"command": ["sh", "-c", "exit 3"]}, "failed"),
    "does not start, first": ({"replace": "start_first"}, {"command": ["/no/such/program"]}, "failed"),
    "no such runtime": ({}, {"runtime": "steam-engine"}, "failed"),
}


def filled(value: Any, name: str) -> Any:
    return json.loads(json.dumps(value).replace("{name}", name))


def standing(client: Any) -> dict[str, str]:
    """All containers of the engine: name → state."""
    return {found["Names"][0][1:]: found["State"] for found in client.containers(all=True)}


def volumes(client: Any) -> set[str]:
    return {volume["Name"] for volume in client.volumes()["Volumes"] or []}


def inside(client: Any, name: str, command: list[str]) -> str:
    """The output of a command in a container. A container that has only just started may not have its files yet."""
    output, limit = "", time.monotonic() + 10
    while time.monotonic() < limit:
        made = client.exec_create(name, command)
        output = client.exec_start(made["Id"]).decode()
        if output and client.exec_inspect(made["Id"])["ExitCode"] == 0:
            break
        time.sleep(0.05)
    return output


@pytest.fixture
def dies(engine: Any) -> Callable[..., bool]:
    """``dies(after, module, **arguments)``: run a task up to its call number ``after``. Whether it was killed there."""

    def until(after: int, module: str = "container_run", /, **arguments: Any) -> bool:
        return dies_after.dies(after, module, {"docker_host": engine.url, **arguments})

    return until


@pytest.fixture(autouse=True)
def shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wait, "MOMENT", dies_after.MOMENT)


@pytest.fixture
def networks(client: Any, name: str) -> None:
    client.create_network(name + "-net", driver="bridge", ipam={"Config": [{"Subnet": "10.212.0.0/24"}]})
    client.create_network(name + "-two", driver="bridge")


def begin(scenario: str, run: Any, image: str, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Create the container of the scenario. Returns its spec, and the spec of the task that is going to be killed."""
    also, change, _outcome = SCENARIOS[scenario]
    first = {"name": name, "image": image, **WEB, "volumes": [name + "-data:/data"], **filled(also, name)}
    run("container_run", expect="changed", **first)
    return first, {**first, **change}


def remove(run: Any, client: Any, name: str) -> None:
    run("container_run", name=name, state="absent")
    assert standing(client) == {}
    for volume in volumes(client):
        client.remove_volume(volume)


def held(run: Any, client: Any, name: str, first: dict[str, Any], second: dict[str, Any], outcome: str) -> None:
    """One more run, predicted exactly, repairs everything: the container has the second spec, or again the first."""
    foreseen = run("container_run", check=True, expect="any", **second)
    done = run("container_run", expect="any", **second)
    assert bool(done.get("failed")) is (outcome == "failed"), done
    if not done.get("failed"):
        assert (done["changed"], done["actions"]) == (foreseen["changed"], foreseen["actions"])
    kept = {name + ".wharf-previous-1": "exited"} if second.get("keep_previous") and outcome != "failed" else {}
    assert standing(client) == {name: "running", **kept}
    assert inside(client, name, ["cat", "/data/kept"]) == "written\n"
    now = client.inspect_container(name)
    assert now["HostConfig"]["RestartPolicy"]["Name"] == "always"
    run("container_run", expect="ok", **(first if outcome == "failed" else second))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_killed_after_each_step(
    scenario: str, dies: Any, run: Any, client: Any, image: str, name: str, networks: None, tell: Any
) -> None:
    outcome = SCENARIOS[scenario][2]
    killed = 0
    for step in range(1, MOST_STEPS) if scenario in WHOLE else sampled.steps(MOST_STEPS):
        before = volumes(client)
        first, second = begin(scenario, run, image, name)
        with_first = volumes(client) - before
        if not dies(step, **second):
            break
        killed = step
        held(run, client, name, first, second, outcome)
        assert volumes(client) - before == with_first
        remove(run, client, name)
    tell(TOLD, killed, scenario)
    assert 1 <= killed < MOST_STEPS - 1


@pytest.mark.parametrize("begins", BEGINS)
def test_the_mending_run_is_killed_too(
    begins: int, dies: Any, run: Any, client: Any, image: str, name: str, networks: None, tell: Any
) -> None:
    """Killed after each step, and the next run after each of its steps: the third run completes the replacement."""
    scenario, number = "replaced, with a port and an address", 0
    for step in range(begins, MOST_STEPS, PARTS):
        for again in sampled.steps(MOST_STEPS):
            first, second = begin(scenario, run, image, name)
            killed = dies(step, **second)
            killed_again = killed and dies(again, **second)
            number += killed_again
            if killed_again:
                held(run, client, name, first, second, "changed")
            remove(run, client, name)
            if not killed_again:
                break
        if not killed:
            break
    tell(TOLD, number, "and the run that mends it after one of its steps")
    assert number >= 10 // sampled.STRIDE


def test_one_that_was_paused(
    dies: Any, run: Any, client: Any, image: str, name: str, networks: None, tell: Any
) -> None:
    """It is paused again, after whichever step its replacement was killed."""
    killed = 0
    for step in sampled.steps(MOST_STEPS):
        first, second = begin("does not start", run, image, name)
        client.pause(name)
        if not dies(step, **second):
            break
        killed = step
        run("container_run", expect="failed", **second)
        assert standing(client) == {name: "paused"}
        run("container_run", expect="ok", **first)
        remove(run, client, name)
    tell(TOLD, killed, "paused before")
    assert killed > 8 - sampled.STRIDE


@pytest.mark.parametrize("state", ["absent", "stopped", "present"])
def test_another_state_is_wanted_afterwards(
    state: str, dies: Any, run: Any, client: Any, image: str, name: str, networks: None, tell: Any
) -> None:
    """The next task may describe another state: no half-done replacement is overlooked."""
    killed = 0
    for step in sampled.steps(MOST_STEPS):
        _first, second = begin("replaced", run, image, name)
        if not dies(step, **second):
            break
        killed = step
        foreseen = run("container_run", check=True, expect="any", **{**second, "state": state})
        done = run("container_run", **{**second, "state": state})
        assert done["actions"] == foreseen["actions"]
        found = standing(client)
        assert found == {"absent": {}, "stopped": {name: "exited"}, "present": {name: "running"}}[state]
        run("container_run", expect="ok", **{**second, "state": state})
        remove(run, client, name)
    tell(TOLD, killed, "then asked to be %s" % state)
    assert killed > 6 - sampled.STRIDE


@pytest.mark.parametrize("then", ["rolled back again", "as it was described first", "as it was described last"])
def test_a_way_back_is_killed(
    then: str, dies: Any, run: Any, client: Any, image: str, name: str, networks: None, tell: Any
) -> None:
    """The state rolled_back, killed after each step, and then several next tasks.

    Kept and given-up containers may be left and, if nothing had to be changed, the container that a roll back needs
    while it lasts: it never runs, and the next replacement removes it.
    """
    killed = 0
    for step in sampled.steps(MOST_STEPS):
        first, second = begin("replaced, the old one is kept", run, image, name)
        run("container_run", expect="changed", **second)
        if not dies(step, "container_state", name=name, state="rolled_back"):
            break
        killed = step
        # The container is not changed yet. The first spec does not give the options that the second one adds.
        untouched = name in standing(client) and name + ".wharf-new" not in standing(client)
        module, arguments = "container_state", {"name": name, "state": "rolled_back"}
        if then != "rolled back again":
            module, arguments = "container_run", first if then.endswith("first") else second
        foreseen = run(module, check=True, **arguments)
        assert run(module, **arguments)["actions"] == foreseen["actions"]
        found = standing(client)
        assert found.pop(name) == "running"
        assert found.pop(name + ".wharf-turn", "created") == "created"
        assert set(found) <= {name + ".wharf-new", name + ".wharf-previous-1"}
        assert set(found.values()) <= {"exited"}
        now = client.inspect_container(name)
        as_before = then.endswith("last") or (untouched and then.endswith("first"))
        assert ("A=2" in (now["Config"]["Env"] or [])) is as_before
        assert now["HostConfig"]["RestartPolicy"]["Name"] == "always"
        assert inside(client, name, ["cat", "/data/kept"]) == "written\n"
        run(module, expect="ok", **arguments)
        run("container_run", expect="changed", **{**second, "env": {"A": "3"}})
        assert set(standing(client)) <= {name, name + ".wharf-previous-1", name + ".wharf-previous-2"}
        remove(run, client, name)
    tell(TOLD, killed, "rolled back, then " + then)
    assert killed > 6 - sampled.STRIDE


@pytest.mark.parametrize("begins", BEGINS)
@pytest.mark.parametrize("keep", sampled.some((0, 1), sample=1))
def test_with_dependents(
    keep: int, begins: int, dies: Any, run: Any, client: Any, image: str, name: str, networks: None, tell: Any
) -> None:
    """Dependents are recreated, or restarted if the old container was restored; a half-recreated one is completed."""
    users = {name + "-net": {"network_mode": "container:" + name}, name + "-pid": {"pid_mode": "container:" + name}}
    killed = 0
    for step in range(begins, 2 * MOST_STEPS, PARTS):
        _first, second = begin("replaced", run, image, name)
        second = {**second, "dependents": "restart", "keep_previous": keep}
        for user, mode in users.items():
            run("container_run", name=user, image=image, command=["sleep", "1000"], stop_signal="KILL", **mode)
        if not dies(step, **second):
            break
        killed += 1
        foreseen = run("container_run", check=True, **second)
        assert run("container_run", **second)["actions"] == foreseen["actions"]
        kept = {name + ".wharf-previous-1": "exited"} if keep else {}
        assert standing(client) == {**dict.fromkeys([name, *users], "running"), **kept}
        for kind in ("net", "pid"):
            shown = [
                inside(client, one, ["/bin/busybox", "readlink", "/proc/self/ns/" + kind])
                for one in (name, name + "-" + kind)
            ]
            assert shown[0] == shown[1]
        run("container_run", expect="ok", **second)
        for user in users:
            client.remove_container(user, force=True)
        remove(run, client, name)
    tell(TOLD, killed, "with dependents, keeping %d" % keep)
    assert 15 // PARTS <= killed < 2 * MOST_STEPS // PARTS - 1
