# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_run: containers that depend on a replaced one."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine
from ansible_collections.wharf.docker.plugins.module_utils._replacement import dependents as _dependents

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}
NAMESPACES = {"net": "network_mode", "pid": "pid_mode", "ipc": "ipc_mode"}


def inside(client: Any, name: str, command: list[str]) -> str:
    made = client.exec_create(name, command)
    return client.exec_start(made["Id"]).decode()


def namespace(client: Any, name: str, kind: str) -> str:
    return inside(client, name, ["/bin/busybox", "readlink", "/proc/self/ns/" + kind]).strip()


@pytest.fixture
def web(run: Any, image: str, name: str) -> dict[str, Any]:
    spec = {"name": name, "image": image, "ipc_mode": "shareable", **SLEEP}
    run("container_run", **spec)
    return spec


@pytest.fixture
def users(run: Any, web: dict[str, Any], image: str, name: str) -> dict[str, dict[str, Any]]:
    """Name → spec: a dependent of each kind, and one that depends on a dependent."""
    base = {"image": image, **SLEEP, "env": {"KEPT": "yes"}}
    specs = {
        "%s-%s" % (name, kind): {option: "container:" + name, "volumes": ["/data"]}
        for kind, option in NAMESPACES.items()
    }
    specs[name + "-net"]["exposed_ports"] = []
    specs[name + "-link"] = {"links": [name + ":db"]}
    specs[name + "-turn"] = {"pid_mode": "container:" + name + "-net"}
    specs = {user: {"name": user, **base, **spec} for user, spec in specs.items()}
    for spec in specs.values():
        run("container_run", expect="changed", **spec)
    for user in (name + "-net", name + "-pid"):
        run("container_exec", name=user, argv=["sh", "-c", "echo written > /data/kept"])
    return specs


def expected(name: str, running: bool = True) -> list[dict[str, Any]]:
    return [
        {"name": name + "-ipc", "by": ["ipc_mode"], "running": running},
        {"name": name + "-link", "by": ["links"], "running": running},
        {"name": name + "-net", "by": ["network_mode"], "running": running},
        {"name": name + "-pid", "by": ["pid_mode"], "running": running},
    ]


def test_report(run: Any, client: Any, web: dict[str, Any], users: dict[str, Any], name: str) -> None:
    before = {user: client.inspect_container(user)["Id"] for user in users}
    warned = functools.partial(run, warnings=True)
    foreseen = warned("container_run", check=True, expect="changed", **web, env={"A": "2"})
    done = warned("container_run", expect="changed", **web, env={"A": "2"})
    assert foreseen["dependents"] == done["dependents"] == expected(name)
    assert foreseen["actions"] == done["actions"] and len(done["actions"]) == 1
    for result in (foreseen, done):
        assert "%s-net (network_mode)" % name in result["warnings"][0]
    assert {user: client.inspect_container(user)["Id"] for user in users} == before
    assert "dependents" not in run("container_run", expect="ok", **web, env={"A": "2"})


@pytest.mark.parametrize("change", [{"env": {"A": "2"}}, {"state": "absent"}])
def test_fail(run: Any, client: Any, web: dict[str, Any], users: dict[str, Any], name: str, change: Any) -> None:
    before = client.inspect_container(name)
    for check in (True, False):
        msg = run("container_run", check=check, expect="failed", **web, **change, dependents="fail")["msg"]
        assert "%s-pid (pid_mode)" % name in msg and "nothing was touched" in msg
    assert client.inspect_container(name)["State"] == before["State"]
    run("container_run", expect="changed", **web, cpu_shares=512, dependents="fail")
    for user in users:
        run("container_run", name=user, state="absent")
    run("container_run", expect="changed", **web, **change, cpu_shares=512, dependents="fail")


@pytest.mark.parametrize("keep", [0, 1])
def test_restart(
    run: Any, client: Any, web: dict[str, Any], users: dict[str, Any], name: str, engine: Any, keep: int
) -> None:
    client.stop(name + "-ipc")
    spec = {**web, "env": {"A": "2"}, "dependents": "restart", "keep_previous": keep}
    foreseen = run("container_run", check=True, expect="changed", **spec)
    done = run("container_run", expect="changed", **spec)
    assert foreseen["actions"] == done["actions"]
    assert "recreate %s-net: it uses network_mode of %s, which is replaced" % (name, name) in done["actions"]
    assert "recreate %s-turn: it uses pid_mode of %s-net, which is replaced" % (name, name) in done["actions"]
    run("container_run", expect="ok", **spec)
    now = client.inspect_container(name)["Id"]
    for kind, option in NAMESPACES.items():
        found = client.inspect_container("%s-%s" % (name, kind))
        key = {"network_mode": "NetworkMode", "pid_mode": "PidMode", "ipc_mode": "IpcMode"}[option]
        assert found["HostConfig"][key] == "container:" + now
    assert client.inspect_container(name + "-ipc")["State"]["Status"] == "created"
    client.start(name + "-ipc")
    for kind in NAMESPACES:
        assert namespace(client, "%s-%s" % (name, kind), kind) == namespace(client, name, kind)
    assert namespace(client, name + "-turn", "pid") == namespace(client, name + "-net", "pid")
    assert inside(client, name + "-net", ["cat", "/data/kept"]) == "written\n"
    assert "\tdb " in inside(client, name + "-link", ["cat", "/etc/hosts"])
    assert client.inspect_container(name + "-link")["HostConfig"]["Links"] == ["/%s:/%s-link/db" % (name, name)]
    for user in users.values():
        run("container_run", expect="ok", **user)
    kept = {name + ".wharf-previous-1"} if keep else set()
    assert {found["Names"][0][1:] for found in client.containers(all=True)} >= kept
    assert not [found for found in client.containers(all=True) if ".wharf-old" in found["Names"][0]]


def test_restart_when_it_comes_back(
    run: Any, client: Any, web: dict[str, Any], users: dict[str, Any], name: str
) -> None:
    """Running dependents use it again: without a restart, a shared network would stay unavailable."""
    before = {user: client.inspect_container(user)["Id"] for user in users}
    spec = {**web, "command": ["/no/such/program"], "dependents": "restart"}
    assert "is back" in run("container_run", expect="failed", **spec)["msg"]
    assert {user: client.inspect_container(user)["Id"] for user in users} == before
    for user in users:
        assert client.inspect_container(user)["State"]["Running"] is True
    for kind in NAMESPACES:
        assert namespace(client, "%s-%s" % (name, kind), kind) == namespace(client, name, kind)


def test_one_that_can_not_be_made_again(run: Any, client: Any, web: dict[str, Any], image: str, name: str) -> None:
    """The container is replaced nevertheless, and the error names the remaining dependents."""
    program = name + "-v:/program"
    run(
        "container_run",
        name=name + "-make",
        image=image,
        detach=False,
        cleanup=True,
        volumes=[program],
        command=["sh", "-c", "printf '#!/bin/sh\\nexec sleep 1000\\n' > /program/run; chmod +x /program/run"],
    )
    user = {"name": name + "-net", "image": image, "network_mode": "container:" + name, "stop_signal": "KILL"}
    run("container_run", **user, command=["/program/run"], volumes=[program])
    run("container_exec", name=name + "-net", argv=["rm", "/program/run"])
    result = run("container_run", expect="failed", **web, env={"A": "2"}, dependents="restart")
    assert "The container %s is replaced, but not all that depend on it" % name in result["msg"]
    assert name + "-net" in result["msg"] and result["changed"] is True
    assert client.inspect_container(name)["State"]["Running"] is True
    run("container_run", expect="ok", **web, env={"A": "2"})


def test_calls(client: Any, engine: Any, web: dict[str, Any], image: str, name: str) -> None:
    """Only containers created later are inspected, and each only once per connection."""
    others = [client.create_container(image, ["true"], name="%s-%d" % (name, number))["Id"] for number in range(5)]
    options = {option: spec.get("default") for option, spec in _engine.CONNECTION_OPTIONS.items()}
    connected = _engine.connect({**options, "docker_host": engine.url})
    for container, looks in ((others[2], 2), (client.inspect_container(name)["Id"], 3), (others[0], 0)):
        before = len(connected.calls)
        assert _dependents.dependents_of(connected, container, False) == ()
        # Times in a listing are in seconds: containers of the same second are inspected as well.
        assert len(connected.calls) - before <= 1 + looks + 3
    assert len([call for call in connected.calls if call.startswith("GET /containers/json")]) == 3
    assert len(connected.calls) <= 1 + 3 + 6
    connected.close()
