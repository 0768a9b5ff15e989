# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a replacement drops or keeps, as tables without an engine."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._container import spec as _fields
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._replacement.plan_unspecified import (
    Settings,
    carried,
    dropped,
    in_words,
    ruled_out,
    settings_of,
    unspecified,
)
from ansible_collections.wharf.docker.plugins.module_utils._values import network as _values_network

IMAGE = {"Config": {"Env": ["PATH=/bin"], "Cmd": ["web"], "User": "www", "Labels": {"v": "1"}}}


def container(config: Any = None, networks: Any = None, **host: Any) -> dict[str, Any]:
    return {
        "Id": "0123456789abcdef" * 4,
        "Name": "/web",
        "State": {"Status": "running"},
        "Config": {**IMAGE["Config"], "Hostname": "0123456789ab", **(config or {})},
        "HostConfig": {
            "NetworkMode": "default",
            "ShmSize": 64 << 20,
            "IpcMode": "private",
            "Runtime": "runc",
            "CgroupnsMode": "host",
            "LogConfig": {"Type": "json-file", "Config": {}},
            "RestartPolicy": {"Name": "no"},
            **host,
        },
        "NetworkSettings": {"Networks": networks or {"bridge": {"EndpointID": "e"}}},
    }


def wanted(comparisons: Any = None, networks: Any = None, **options: Any) -> Wanted:
    spec = None if networks is None else _values_network.networks([{"name": one} for one in networks])
    modes = _fields.comparison_modes(comparisons or {})
    return Wanted("web", normal=_fields.parse(options), modes=modes, endpoints=spec)


IN_N = {"n": {"EndpointID": "e", "Aliases": ["www", "0123456789ab"], "IPAMConfig": {"IPv4Address": "10.0.0.9"}}}
N = {"aliases": ["www"], "ipv4_address": "10.0.0.9"}

CASES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    # case, options of the task, the container, its options and networks that the task does not give
    ("bare", {}, container(), {}, {}),
    ("of the image", {"memory": "64m"}, container(), {}, {}),
    ("a variable", {}, container({"Env": ["PATH=/bin", "A=1"]}), {"env": {"A": "1"}}, {}),
    ("another value", {}, container({"Env": ["PATH=/sbin"]}), {"env": {"PATH": "/sbin"}}, {}),
    ("given", {"env": {"B": "2"}}, container({"Env": ["A=1", "B=1"]}), {"env": {"A": "1"}}, {}),
    ("strictly", {"env": {"B": "2"}, "comparisons": {"env": "strict"}}, container({"Env": ["A=1"]}), {}, {}),
    ("a command", {}, container({"Cmd": ["x"]}), {"command": ["x"]}, {}),
    ("no entrypoint", {}, container({"Entrypoint": None}), {}, {}),
    ("a user", {}, container({"User": "root"}), {"user": "root"}, {}),
    ("own labels", {}, container({"Labels": {"v": "1", "wharf.docker.replaces": "x"}}), {}, {}),
    ("a limit", {}, container(Memory=64 << 20, MemorySwap=128 << 20), {"memory": 64 << 20}, {}),
    ("swap", {}, container(Memory=1 << 30, MemorySwap=-1), {"memory": 1 << 30, "memory_swap": -1}, {}),
    ("a name", {}, container({"Hostname": "web"}), {"hostname": "web"}, {}),
    ("a MAC address", {}, container({"MacAddress": "02:42:00:00:00:01"}), {"mac_address": "02:42:00:00:00:01"}, {}),
    (
        "the engine's",
        {},
        container(networks={"bridge": {"EndpointID": "e", "MacAddress": "02:42:ac:11:00:02"}}),
        {},
        {},
    ),
    (
        "host",
        {},
        container({"Hostname": "engine"}, networks={"host": {}}, NetworkMode="host"),
        {"network_mode": "host"},
        {},
    ),
    ("privileged", {}, container(Privileged=True, SecurityOpt=["label=disable"]), {"privileged": True}, {}),
    ("a network", {}, container(networks=IN_N, NetworkMode="n"), {"network_mode": "n"}, {"n": N}),
    ("that is given", {"networks": ["n"]}, container(networks=IN_N, NetworkMode="n"), {}, {}),
    ("another one", {"networks": ["m"]}, container(networks=IN_N, NetworkMode="n"), {}, {"n": N}),
    ("by its mode", {"network_mode": "m"}, container(networks=IN_N, NetworkMode="n"), {}, {}),
    ("the default one", {"networks": ["m"]}, container(), {}, {}),
]


@pytest.mark.parametrize(("what", "options", "old", "normal", "endpoints"), CASES, ids=[case[0] for case in CASES])
def test_unspecified(what: str, options: Any, old: Any, normal: Any, endpoints: Any) -> None:
    image = {"Config": {**IMAGE["Config"], "Entrypoint": None}}
    found = unspecified(wanted(**options), old, image, Settings(host="engine"))
    assert dict(found.normal) == normal
    assert dict(found.endpoints) == endpoints


def test_an_entrypoint_that_was_taken_away() -> None:
    found = unspecified(wanted(), container(), {"Config": {**IMAGE["Config"], "Entrypoint": ["x"]}}, Settings())
    assert dict(found.normal) == {"entrypoint": [""]}


def test_the_engines_settings() -> None:
    info = {"DefaultRuntime": "crun", "LoggingDriver": "journald", "CgroupVersion": "2", "Name": "engine"}
    old = container(
        Runtime="crun", CgroupnsMode="private", LogConfig={"Type": "journald", "Config": {}}, NetworkMode="host"
    )
    assert set(unspecified(wanted(), old, IMAGE, settings_of(info)).normal) == {"network_mode"}
    assert set(unspecified(wanted(), old, IMAGE, Settings()).normal) == {
        "network_mode",
        "runtime",
        "cgroupns_mode",
        "log_driver",
    }


RULED_OUT = [
    ({"cpus": 1.0}, container(CpuQuota=5000, CpuPeriod=10000), {"cpu_quota", "cpu_period"}),
    ({"cpu_quota": 5000}, container(NanoCpus=10**9), {"cpus"}),
    ({"auto_remove": True}, container(RestartPolicy={"Name": "always"}), {"restart_policy"}),
    ({"restart_policy": "always"}, container(AutoRemove=True), {"auto_remove"}),
    (
        {"restart_policy": "always"},
        container(RestartPolicy={"Name": "on-failure", "MaximumRetryCount": 3}),
        {"restart_retries"},
    ),
    ({"log_driver": "none"}, container(LogConfig={"Type": "json-file", "Config": {"max-size": "1m"}}), {"log_options"}),
    ({"log_driver": "json-file"}, container(LogConfig={"Type": "json-file", "Config": {"max-size": "1m"}}), set()),
    (
        {"network_mode": "host"},
        container(networks={**IN_N, "m": {"EndpointID": "e"}}, NetworkMode="n", PortBindings={"80/tcp": [{}]}),
        {"networks", "published_ports"},
    ),
    ({"network_mode": "container:x"}, container({"Hostname": "web"}, Dns=["1.1.1.1"]), {"hostname", "dns_servers"}),
]


@pytest.mark.parametrize(("options", "old", "out"), RULED_OUT, ids=[str(one[0]) for one in RULED_OUT])
def test_ruled_out(options: Any, old: Any, out: set[str]) -> None:
    task = wanted(**options)
    found = unspecified(task, old, IMAGE, Settings())
    assert ruled_out(task, old, found) == out
    kept = carried(task, found, frozenset(out))
    assert not out & (set(kept.normal) - set(task.normal))
    assert {one.option for one in dropped(task, found, frozenset(out), IMAGE)} == out


def test_targets() -> None:
    """Only one volume, mount or tmpfs can have a target: the task's takes precedence."""
    old = container(
        Binds=["aa:/a", "bb:/b"], Tmpfs={"/t": ""}, Mounts=[{"Type": "volume", "Source": "m", "Target": "/m"}]
    )
    task = wanted(mounts=[{"target": "/b", "source": "cc", "type": "volume"}], volumes=["xx:/m"])
    kept = carried(task, unspecified(task, old, IMAGE, Settings()), frozenset())
    assert [volume.replace(":rw", "") for volume in kept.normal["volumes"]] == ["aa:/a", "xx:/m"]
    assert [mount["Target"] for mount in kept.normal["mounts"]] == ["/b"]
    assert kept.normal["tmpfs"] == {"/t": ""}


def test_words() -> None:
    task = wanted()
    old = container({"Env": ["A=secret"]}, NanoCpus=5 * 10**8, networks=IN_N, NetworkMode="n")
    found = unspecified(task, old, IMAGE, Settings())
    words = in_words(dropped(task, found, frozenset((*found.normal, "networks")), IMAGE))
    assert words == "env (A), network_mode n → bridge, cpus 0.5 → 0.0, networks (n)"
