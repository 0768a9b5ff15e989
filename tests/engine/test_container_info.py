# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_info: which containers it finds, what it returns for each, and that it changes nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._container import stats as _stats
from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task


def create(client: Any, image: str, name: str, run: bool = True, script: str = "sleep 1000", **options: Any) -> str:
    host = client.create_host_config(**options.pop("host", {}))
    arguments = {"name": name, "host_config": host, "stop_signal": "KILL", **options}
    created = client.create_container(image, ["sh", "-c", script], **arguments)
    if run:
        client.start(name)
    return str(created["Id"])


def names_in(result: dict[str, Any]) -> list[str]:
    return [container["Name"].lstrip("/") for container in result["containers"]]


def has_ps(client: Any, name: str) -> bool:
    """Whether the engine can list processes, for which it needs ps on its host. The container has to run."""
    import docker.errors

    try:
        client.top(name)
    except docker.errors.APIError as error:
        assert "ps" in str(error)
        return False
    return True


def shape(container: dict[str, Any]) -> dict[str, Any]:
    """A returned container with the engine's keys only."""
    return {key: value for key, value in container.items() if not key[0].islower()}


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("running", [False, True])
def test_one(check: bool, running: bool, run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, run=running)
    before = client.inspect_container(name)
    result = run("container_info", check=check, expect="ok", name=name)
    assert client.inspect_container(name) == before
    assert (result["exists"], result["missing"]) == (True, [])
    assert "containers" not in result, "it is there once"
    # The client's document may be of another API version: the common keys are compared.
    common = set(before) & set(shape(result["container"]))
    assert {"Id", "Name", "State", "Config", "HostConfig", "Mounts"} <= common
    assert {key: result["container"][key] for key in common - {"NetworkSettings", "Config", "HostConfig"}} == {
        key: before[key] for key in common - {"NetworkSettings", "Config", "HostConfig"}
    }
    assert result["container"]["ports"] == []
    assert not {"processes", "changes", "SizeRw"} & set(result["container"])


def test_none(run: Any, image: str, name: str) -> None:
    for check in (True, False):
        result = run("container_info", check=check, expect="ok", name=name)
        assert (result["exists"], result["container"]) == (False, None)
        assert result["missing"] == [name]


@pytest.mark.parametrize("length", [12, 64])
def test_ids(length: int, run: Any, client: Any, image: str, name: str) -> None:
    container_id = create(client, image, name, run=False)
    assert run("container_info", name=container_id[:length])["container"]["Name"] == "/" + name
    assert run("container_info", name=container_id[:11])["exists"] is False
    assert names_in(run("container_info", name=[container_id, name])) == [name]


def test_several(run: Any, client: Any, image: str, name: str) -> None:
    for letter in "abc":
        create(client, image, name + letter, run=letter == "a")
    wanted = [name + letter for letter in "cxab"] + [name + "y"]
    result = run("container_info", expect="ok", name=wanted)
    assert names_in(result) == [name + letter for letter in "cab"]
    assert result["missing"] == [name + "x", name + "y"]
    assert "exists" not in result and "container" not in result
    assert names_in(run("container_info", name=[])) == []


def test_all(run: Any, client: Any, image: str, name: str) -> None:
    for letter in "bca":
        create(client, image, name + letter, run=letter != "c")
    running = run("container_info", expect="ok")
    assert names_in(running) == [name + "a", name + "b"]
    assert running["missing"] == []
    assert names_in(run("container_info", all=False)) == [name + "a", name + "b"]
    assert names_in(run("container_info", all=True)) == [name + "a", name + "b", name + "c"]
    assert run("container_info", name=name + "c", all=False)["container"]["Name"] == "/%sc" % name


def test_filters(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name + "a", labels={"app": name})
    create(client, image, name + "b", labels={"app": name, "tier": "db"}, run=False)
    create(client, image, name + "c", script="exit 7", labels={"app": "other"})
    client.wait(name + "c")
    found = [
        ({"label": "app=" + name}, False, "a"),
        ({"label": "app=" + name}, True, "ab"),
        ({"label": {"app": name, "tier": None}}, True, "b"),
        ({"label": ["app", "tier=db"]}, True, "b"),
        ({"name": "^/?%sb$" % name}, True, "b"),
        ({"status": "created"}, False, "b"),
        ({"status": ["created", "exited"]}, False, "bc"),
        ({"exited": 7}, False, ""),
        ({"exited": [6, 7]}, True, "c"),
        ({"ancestor": image}, True, "abc"),
        ({"since": name + "a"}, True, "bc"),
        ({"before": name + "b"}, True, "a"),
        ({}, False, "a"),
    ]
    seen = []
    for filters, everything, _letters in found:
        result = run("container_info", expect="ok", filters=filters, all=everything)
        seen.append((filters, everything, "".join(each[len(name) :] for each in names_in(result))))
    assert seen == found


def test_brief(run: Any, client: Any, image: str, name: str) -> None:
    """The columns of docker ps, and requested extras."""
    network = client.create_network(name)
    check = {"test": ["CMD", "true"], "interval": 100_000_000}
    host = {"port_bindings": {80: ("127.0.0.1", 18433)}}
    create(client, image, name + "a", healthcheck=check, ports=[80], host=host, script="sleep 1000; true")
    client.connect_container_to_network(name + "a", network["Id"])
    create(client, image, name + "b", run=False)
    until = time.monotonic() + 20
    while client.inspect_container(name + "a")["State"]["Health"]["Status"] != "healthy":
        assert time.monotonic() < until
    listed = {entry["Names"][0][1:]: entry for entry in client.containers(all=True)}
    wanted = [
        {
            "name": name + "a",
            "id": listed[name + "a"]["Id"][:12],
            "image": image,
            "command": listed[name + "a"]["Command"],
            "created": client.inspect_container(name + "a")["Created"],
            "status": "running",
            "health": "healthy",
            "ports": [{"container_port": "80/tcp", "host_ip": "127.0.0.1", "host_port": 18433}],
            "networks": sorted(["bridge", name]),
        },
        {
            "name": name + "b",
            "id": listed[name + "b"]["Id"][:12],
            "image": image,
            "command": "sh -c 'sleep 1000'",
            "created": client.inspect_container(name + "b")["Created"],
            "status": "created",
            "health": None,
            "ports": [],
            "networks": ["bridge"],
        },
    ]
    for mode in (True, False):
        assert run("container_info", check=mode, expect="ok", all=True, format="brief")["containers"] == wanted
    assert run("container_info", name=[name + "b", name + "a"], format="brief")["containers"] == wanted[::-1]
    one = run("container_info", name=name + "a", format="brief")
    assert (one["container"], one["exists"], one["missing"]) == (wanted[0], True, []) and "containers" not in one
    none = run("container_info", name=name + "c", format="brief")
    assert (none["container"], none["exists"], none["missing"]) == (None, False, [name + "c"])
    more = run("container_info", name=name + "b", format="brief", size=True, changes=True, previous=True)["container"]
    # The containerd store also counts one of its own directories.
    sizes = {entry["Id"]: entry.get("SizeRw", 0) for entry in client.containers(all=True, size=True)}
    size = sizes[listed[name + "b"]["Id"]]
    assert more == {**wanted[1], "size": size, "changes": [], "previous": [], "given_up": {}}


def test_a_value_that_the_engine_refuses(run: Any) -> None:
    failed = run("container_info", expect="failed", filters={"status": "sleepy"})
    assert "Cannot list the containers: the engine answered 400" in failed["msg"] and "sleepy" in failed["msg"]


def test_ports(run: Any, client: Any, image: str, name: str) -> None:
    bindings = {"80/tcp": ("127.0.0.1", 18431), 53: ("127.0.0.1", 18432), "53/udp": ("127.0.0.1", 18432)}
    ports = [80, 53, (53, "udp"), 9999]
    create(client, image, name, ports=ports, host={"port_bindings": bindings}, run=False)
    assert run("container_info", name=name)["container"]["ports"] == []
    client.start(name)
    container = run("container_info", name=name)["container"]
    assert container["ports"] == [
        {"container_port": "53/tcp", "host_ip": "127.0.0.1", "host_port": 18432},
        {"container_port": "53/udp", "host_ip": "127.0.0.1", "host_port": 18432},
        {"container_port": "80/tcp", "host_ip": "127.0.0.1", "host_port": 18431},
    ]
    assert container["NetworkSettings"]["Ports"]["80/tcp"] == [{"HostIp": "127.0.0.1", "HostPort": "18431"}]


def test_processes(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, script="sleep 1234 & sleep 1000")
    create(client, image, name + "-paused")
    client.pause(name + "-paused")
    create(client, image, name + "-ended", script="exit 0")
    client.wait(name + "-ended")
    create(client, image, name + "-new", run=False)
    if not has_ps(client, name):
        failed = run("container_info", expect="failed", name=name, processes=True)
        assert failed["msg"] == (
            "Cannot list the processes of the container %s: the engine answered 500: "
            'ps: exec: "ps": executable file not found in $PATH. '
            "Install ps on the engine's host (package procps), or leave the option processes out." % name
        )
        return
    result = run("container_info", expect="ok", all=True, processes=True)
    processes = {container["Name"][1:]: container["processes"] for container in result["containers"]}
    assert any(process["CMD"] == "sleep 1234" for process in processes[name])
    assert {"UID", "PID", "PPID", "CMD"} <= set(processes[name][0])
    assert len(processes[name + "-paused"]) == 1
    assert processes[name + "-ended"] == processes[name + "-new"] == []
    few = run("container_info", name=name, processes=True, ps_args="-o pid,comm")["container"]["processes"]
    assert {tuple(process) for process in few} == {("PID", "COMMAND")}
    wrong = run("container_info", expect="failed", name=name, processes=True, ps_args="-o comm")
    assert "Cannot list the processes of the container %s: the engine answered 500" % name in wrong["msg"]


def test_changes(run: Any, client: Any, image: str, name: str) -> None:
    script = "echo x > /new; rm /etc/group; echo y >> /etc/passwd; mkdir /directory; sleep 1000 & echo ready; wait"
    create(client, image, name, script=script)
    for line in client.logs(name, stream=True, follow=True):
        assert line == b"ready\n"
        break
    create(client, image, name + "-untouched", run=False)
    for stop in (False, True):
        if stop:
            client.stop(name)
        changes = run("container_info", expect="ok", name=name, changes=True)["container"]["changes"]
        kinds = {change["path"]: change["kind"] for change in changes}
        assert kinds == {
            "/new": "added",
            "/directory": "added",
            "/etc": "modified",
            "/etc/group": "deleted",
            "/etc/passwd": "modified",
        }
        assert len(kinds) == len(changes)
    assert run("container_info", name=name + "-untouched", changes=True)["container"]["changes"] == []


def test_size(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, script="head -c 1000000 /dev/zero > /big; echo ready; sleep 1000")
    for line in client.logs(name, stream=True, follow=True):
        assert line == b"ready\n"
        break
    container = run("container_info", expect="ok", name=name, size=True)["container"]
    assert container["SizeRw"] >= 1_000_000
    assert container["SizeRootFs"] > container["SizeRw"]
    assert "SizeRw" not in run("container_info", name=name)["container"]


def test_stats(run: Any, client: Any, image: str, name: str) -> None:
    host = {"mem_limit": "64m", "nano_cpus": 500_000_000}
    create(client, image, name + "-busy", script="while :; do :; done", host=host)
    create(client, image, name + "-idle", script="sleep 1000 & sleep 1000 & wait")
    create(client, image, name + "-paused", script="echo up; exec sleep 1000")
    # Before that, its process may still be the runtime that prepares it, with several threads.
    limit = time.monotonic() + 30
    while not client.logs(name + "-paused"):
        assert time.monotonic() < limit, "it writes nothing"
        time.sleep(0.02)
    client.pause(name + "-paused")
    create(client, image, name + "-host", host={"network_mode": "host"})
    create(client, image, name + "-new", run=False)
    create(client, image, name + "-ended", script="exit 0")
    client.wait(name + "-ended")
    for check in (True, False):
        result = run("container_info", check=check, expect="ok", all=True, stats=True)
        stats = {container["Name"][1 + len(name) :]: container["stats"] for container in result["containers"]}
        busy, idle = stats["-busy"], stats["-idle"]
        assert 2 < busy["cpu_percent"] < 80, "half a CPU, and less on a machine that has other work"
        assert idle["cpu_percent"] < busy["cpu_percent"]
        assert busy["memory_limit"] == 64 * 1024**2 and idle["memory_limit"] > busy["memory_limit"]
        assert 0 < busy["memory_usage"] < 16 * 1024**2
        assert busy["memory_percent"] == round(busy["memory_usage"] / 64 / 1024**2 * 100, 2)
        assert (busy["pids"], idle["pids"]) == (1, 3)
        assert stats["-new"] == stats["-ended"] == {}
        assert stats["-paused"]["cpu_percent"] == 0 and stats["-paused"]["pids"] == 1
        assert (stats["-host"]["network_rx"], stats["-host"]["network_tx"]) == (0, 0)
    assert "stats" not in run("container_info", name=name + "-busy")["container"]


def test_stats_are_those_of_docker_stats(run: Any, client: Any, image: str, name: str) -> None:
    """The same figures as from the engine's document, which has two readings as well."""
    create(client, image, name, script="head -c 3000000 /dev/zero > /big; sync; while :; do sleep 0.01; done")
    network = client.create_network(name)
    client.connect_container_to_network(name, network["Id"])
    found = run("container_info", name=name, stats=True)["container"]["stats"]
    engines = _stats.summary({"cpu_stats": (after := client.stats(name, stream=False))["precpu_stats"]}, after)
    assert set(found) == set(engines)
    for key, value in engines.items():
        assert type(found[key]) is type(value), key
    assert found["memory_limit"] == engines["memory_limit"]
    assert abs(found["memory_usage"] - engines["memory_usage"]) < 2 * 1024**2
    assert abs(found["cpu_percent"] - engines["cpu_percent"]) < 60
    received = sum(network["rx_bytes"] for network in after["networks"].values())
    assert len(after["networks"]) == 2 and 0 <= found["network_rx"] <= received


def test_stats_of_many(run: Any, calls: Any, client: Any, image: str, name: str) -> None:
    """The second between both readings is spent once for all: each is read once before any is read again."""
    for number in range(12):
        create(client, image, name + str(number))
    with calls() as made:
        result = run("container_info", expect="ok", stats=True)
    readings = [call for call in made if call.endswith("/stats")]
    assert len(readings) == 24 and set(readings[:12]) == set(readings[12:]) and len(set(readings)) == 12
    assert all(container["stats"]["pids"] == 1 for container in result["containers"])
    assert len(result["containers"]) == 12


def test_all_extras_of_several(run: Any, client: Any, image: str, name: str) -> None:
    for number in range(10):
        create(client, image, name + str(number), run=number < 3)
    listed = has_ps(client, name + "0")
    result = run("container_info", expect="ok", all=True, size=True, processes=listed, changes=True)
    assert names_in(result) == [name + str(number) for number in range(10)]
    for number, container in enumerate(result["containers"]):
        assert {"ports", "changes", "SizeRw", "SizeRootFs"} <= set(container)
        assert ("processes" in container) is listed
        assert len(container.get("processes", "")) == (1 if number < 3 and listed else 0)


@pytest.mark.parametrize("option", ["size", "processes", "changes"])
def test_one_that_vanishes(option: str, run: Any, client: Any, image: str, name: str, just_before: Any) -> None:
    ids = [create(client, image, name + letter) for letter in "abc"]
    just_before(
        "GET /containers/%s/%s" % (ids[0], {"size": "json", "processes": "top"}.get(option, option)),
        lambda: client.remove_container(ids[0], force=True),
    )
    just_before("GET /containers/%s/json" % ids[1][:12], lambda: client.remove_container(ids[1], force=True))
    if option == "processes" and not has_ps(client, name + "c"):
        return
    result = run("container_info", expect="ok", name=[name + "a", ids[1][:12], name + "c"], **{option: True})
    assert names_in(result) == [name + "c"]
    assert result["missing"] == [name + "a", ids[1][:12]]
    assert run("container_info", name=ids[0], **{option: True})["missing"] == [ids[0]]


def test_calls(run: Any, client: Any, image: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One listing and an inspect for each, or one inspect per name; extras cost requests only if requested."""
    engines: list[Any] = []

    def connect(options: Any) -> Any:
        engines.append(_engine.connect(options))
        return engines[-1]

    monkeypatch.setattr(_task, "connect", connect)
    ids = [create(client, image, name + letter, run=letter == "a") for letter in "abc"]
    run("container_info", name=name + "a", api_version="1.41")
    assert engines[-1].calls == ["GET /containers/%sa/json" % name]
    run("container_info", all=True, api_version="1.41")
    assert engines[-1].calls[0] == "GET /containers/json"
    assert sorted(engines[-1].calls[1:]) == sorted("GET /containers/%s/json" % each for each in ids)
    run("container_info", expect="any", all=True, processes=True, api_version="1.41")
    extra = [call for call in engines[-1].calls if call.endswith("/top")]
    assert extra == ["GET /containers/%s/top" % ids[0]]
    assert len(engines[-1].calls) == 1 + 3 + 1


# The SDK forgets to close a socket on which nothing listens.


def test_through_ansible(ansible: Any, run: Any, client: Any, image: str, name: str) -> None:
    """The module, run by Ansible, returns the same as the task in this process."""
    create(client, image, name, run=False)
    options = {"name": [name, name + "-missing"], "changes": True, "size": True, "processes": True}
    here = run("container_info", diff=False, expect="ok", **options)
    assert ansible("container_info", expect="ok", **options) == here
    failed = ansible("container_info", expect="failed", filters={"labels": "x"})
    assert "filters: labels is unknown" in failed["msg"]


def test_ad_hoc(play: Any, client: Any, image: str, name: str) -> None:
    """The command lines of the documentation."""
    create(client, image, name, labels={"app": name}, run=False)
    argv = ["ansible", "localhost", "-i", "localhost,", "-c", "local", "-m", "wharf.docker.container_info", "-a"]
    found = play([*argv, "filters=label=app=%s all=true" % name]).results[0]["result"]
    assert [container["Name"] for container in found["containers"]] == ["/" + name]
    found = play([*argv, "name=%s,%s-no processes=true" % (name, name)]).results[0]["result"]
    assert found["missing"] == [name + "-no"] and found["containers"][0]["processes"] == []
