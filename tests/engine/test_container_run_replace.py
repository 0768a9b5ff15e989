# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A replacement: if it fails at any step, the old container is restored with its data, and nothing else is left."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._apply import containers as _containers
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_run_change as _container_run_change

WEB = ["sh", "-c", "echo written > /data/kept; echo mine > /layer; exec sleep 1000"]
QUICK = {"stop_signal": "KILL"}


def snapshot(client: Any) -> list[tuple[str, str, str]]:
    """Name, id and state of every container."""
    return sorted((found["Names"][0], found["Id"], found["State"]) for found in client.containers(all=True))


def volumes(client: Any) -> set[str]:
    return {volume["Name"] for volume in client.volumes()["Volumes"]}


def inside(client: Any, name: str, command: list[str]) -> str:
    made = client.exec_create(name, command)
    return client.exec_start(made["Id"]).decode()


@pytest.fixture
def web(run: Any, client: Any, image: str, name: str) -> dict[str, Any]:
    """A running container with data in a volume and in its writable layer, a restart policy and a fixed address."""
    client.create_network(name + "-net", driver="bridge", ipam={"Config": [{"Subnet": "10.210.0.0/24"}]})
    spec = {
        "name": name,
        "image": image,
        "command": WEB,
        "volumes": [name + "-data:/data"],
        "restart_policy": "always",
        "published_ports": ["18090:80"],
        "networks": [{"name": name + "-net", "aliases": ["www"], "ipv4_address": "10.210.0.10"}],
        "comparisons": {"networks": "strict"},
        **QUICK,
    }
    run("container_run", expect="changed", **spec)
    return spec


FAILURES = {
    "unknown runtime": ({"runtime": "steam-engine"}, "steam-engine"),
    "bad command": ({"command": ["/no/such/program"]}, "/no/such/program"),
    "taken port": ({"published_ports": ["18091:80"]}, "18091"),
    "unhealthy": (
        {"healthcheck": {"test": "echo rotten; exit 1", "interval": "200ms", "retries": 2}},
        "rotten",
    ),
    "unhealthy when healthy is asked for": (
        {"state": "healthy", "healthcheck": {"test": "exit 1", "interval": "200ms", "retries": 2}},
        "unhealthy",
    ),
    "exits at once": (
        {"command": ["sh", "-c", "echo famous last words; exit 4"], "restart_policy": "no"},
        "Its last lines: famous last words\nThe old container",
    ),
    "exits again and again": ({"command": ["sh", "-c", "echo famous; exit 4"]}, "famous"),
    "exits with 0": ({"command": ["true"], "restart_policy": "no"}, "exit code 0"),
    "unknown network": ({"networks": [{"name": "no-such-network"}]}, "no-such-network"),
    "unknown second network": (
        {"networks": [{"name": "{name}-net"}, {"name": "no-such-network"}], "env": {"A": "1"}},
        "no-such-network",
    ),
    "taken address": (
        {
            "networks": [{"name": "{name}-net", "ipv4_address": "10.210.0.20"}],
            "env": {"A": "1"},
            "comparisons": {"networks": "ignore"},
        },
        "10.210.0.20",
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_replacement_that_fails(
    case: str, web: Any, run: Any, client: Any, image: str, name: str, monkeypatch: Any
) -> None:
    options, words = FAILURES[case]
    taker = {"name": name + "-taker", "image": image, "command": ["sleep", "1000"], "state": "present"}
    if case == "taken port":
        run("container_run", published_ports=["18091:80"], **taker)
    if case == "taken address":
        run("container_run", networks=[{"name": name + "-net", "ipv4_address": "10.210.0.20"}], **taker)
        words = "Address already in use"
    if case.startswith("taken"):
        # Another container takes it after all checks have found it free.
        stop = _containers.stop_container

        def and_take(*arguments: Any, **more: Any) -> None:
            stop(*arguments, **more)
            client.start(name + "-taker")
            monkeypatch.undo()

        monkeypatch.setattr(_containers, "stop_container", and_take)
    before, old = snapshot(client), client.inspect_container(name)
    kept = volumes(client)

    spec = {**web, **options}
    for network in spec["networks"]:
        network["name"] = network["name"].replace("{name}", name)
    unknown = "network" in case
    foreseen = run("container_run", check=True, expect="changed", warnings=unknown, **spec)
    assert foreseen["actions"][0].startswith("recreate %s: " % name)
    assert unknown is any(words in said for said in foreseen.get("warnings", []))
    result = run("container_run", expect="failed", **spec)

    assert words in result["msg"]
    assert "exception" not in result
    if unknown:
        assert "nothing was touched" in result["msg"]
    elif case != "unknown runtime":
        assert "is back under its name and running" in result["msg"]
    if case.startswith("taken"):
        client.remove_container(name + "-taker", force=True)
        before = [entry for entry in before if entry[0] != "/%s-taker" % name]
    assert snapshot(client) == before
    now = client.inspect_container(name)
    assert now["HostConfig"] == old["HostConfig"]
    assert now["NetworkSettings"]["Networks"][name + "-net"]["IPAddress"] == "10.210.0.10"
    assert inside(client, name, ["cat", "/data/kept", "/layer"]) == "written\nmine\n"
    assert volumes(client) == kept
    run("container_run", expect="ok", **web)


def test_a_replacement_that_works(web: Any, run: Any, client: Any, name: str) -> None:
    done = run("container_run", expect="changed", **{**web, "env": {"A": "1"}})
    assert done["actions"] == ["recreate %s: env A" % name]
    assert [entry[0] for entry in snapshot(client)] == ["/" + name]
    now = client.inspect_container(name)
    assert now["HostConfig"]["RestartPolicy"]["Name"] == "always"
    endpoint = now["NetworkSettings"]["Networks"][name + "-net"]
    assert endpoint["IPAddress"] == "10.210.0.10"
    assert "www" in endpoint["Aliases"]
    run("container_run", expect="ok", **{**web, "env": {"A": "1"}})


def test_a_paused_container_is_paused_again(web: Any, run: Any, client: Any, name: str) -> None:
    client.pause(name)
    run("container_run", expect="failed", **{**web, "command": ["/no/such/program"]})
    assert client.inspect_container(name)["State"]["Status"] == "paused"


def test_a_stopped_container_stays_stopped(web: Any, run: Any, client: Any, name: str) -> None:
    client.stop(name)
    run("container_run", expect="failed", **{**web, "command": ["/no/such/program"]})
    assert client.inspect_container(name)["State"]["Status"] == "exited"
    assert [entry[0] for entry in snapshot(client)] == ["/" + name]


def test_the_temporary_name_is_taken(web: Any, run: Any, client: Any, image: str, name: str) -> None:
    client.create_container(image, ["sleep", "1"], name=name + ".wharf-new")
    before = snapshot(client)
    result = run("container_run", expect="failed", **{**web, "env": {"A": "1"}})
    assert "nothing was touched" in result["msg"]
    assert snapshot(client) == before


def test_auto_remove_has_no_way_back_and_says_so(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, "command": ["sleep", "1000"], "auto_remove": True, **QUICK}
    run("container_run", **spec)
    before = snapshot(client)
    for check in (True, False):
        refused = run("container_run", check=check, expect="failed", **{**spec, "env": {"A": "1"}})
        assert "auto_remove" in refused["msg"]
        assert "no_undo" in refused["msg"]
    assert snapshot(client) == before
    spec["replace"] = "no_undo"
    foreseen = run("container_run", check=True, expect="changed", **{**spec, "env": {"A": "1"}})
    done = run("container_run", expect="changed", **{**spec, "env": {"A": "1"}})
    assert done["actions"] == foreseen["actions"] == ["recreate %s: env A" % name]
    assert [entry[0] for entry in snapshot(client)] == ["/" + name]
    assert done["container"]["Config"]["Env"] == ["A=1"]
    spec["env"] = {"A": "1"}
    result = run("container_run", expect="failed", **{**spec, "command": ["/no/such/program"]})
    assert "had the option auto_remove" in result["msg"]
    assert snapshot(client) == []


def test_a_service_is_reached_under_its_name_while_it_proves_itself(
    web: Any, run: Any, client: Any, image: str, name: str
) -> None:
    """The new container is reachable by the name in the network before it is renamed."""
    check = {"test": "nslookup %s 127.0.0.11 | grep -q 10.210.0.10" % name, "interval": "200ms", "retries": 20}
    done = run("container_run", expect="changed", **{**web, "healthcheck": check})
    assert done["container"]["State"]["Health"]["Status"] == "healthy"


def test_a_live_update_that_the_engine_refuses(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, "command": ["sleep", "1000"], **QUICK, "memory": "64m"}
    run("container_run", **spec)
    before = client.inspect_container(name)["HostConfig"]
    result = run("container_run", expect="failed", **{**spec, "memory": "128m", "memory_swap": "96m"})
    assert "swap" in result["msg"]
    assert client.inspect_container(name)["HostConfig"] == before


@pytest.mark.parametrize("check", [True, False])
def test_it_is_planned_once(check: bool, web: Any, run: Any, name: str, monkeypatch: Any) -> None:
    planned = []
    plan = _container_run_change.plan_container

    def counted(*arguments: Any) -> Any:
        planned.append(plan(*arguments))
        return planned[-1]

    monkeypatch.setattr(_container_run_change, "plan_container", counted)
    run("container_run", check=check, expect="changed", **{**web, "env": {"A": "another"}})
    assert len(planned) == 1
    assert [action.split(":")[0] for action in planned[0].actions()] == ["recreate %s" % name]
