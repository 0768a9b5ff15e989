# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects that a spec refers to, and problems with them, as tables without an engine."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._container import spec as _fields
from ansible_collections.wharf.docker.plugins.module_utils._container.plan_references import (
    Found,
    Situation,
    containers_of,
    networks_of,
    ports_of,
    problems,
    restart_problems,
    volumes_of,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._values import network as _values_network


def wanted(networks: Any = None, words: Any = None, **options: Any) -> Wanted:
    normal = _fields.parse(options)
    for option in ("network_mode", "ipc_mode", "pid_mode"):
        if option in options:
            normal[option] = options[option]
    spec = [{"name": one} if isinstance(one, str) else one for one in networks or []]
    endpoints = None if networks is None else _values_network.networks(spec)
    return Wanted("web", normal=normal, endpoints=endpoints, words=words or {})


def network(*pools: dict[str, Any], containers: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "Driver": "bridge",
        "IPAM": {"Driver": "default", "Config": list(pools)},
        "Containers": containers or {},
        **more,
    }


POOL = {"Subnet": "10.0.0.0/29", "Gateway": "10.0.0.1"}
OWN = {"Id": "own", "Name": "/web", "State": {"Status": "running", "Running": True}, "HostConfig": {}}
RUNS = {"Id": "other", "Name": "/other", "State": {"Status": "running", "Running": True}, "HostConfig": {}}
DOWN = {**RUNS, "State": {"Status": "exited", "Running": False}}


def holder(address: str, number: int, protocol: str = "tcp") -> dict[str, Any]:
    port = {"IP": address, "PrivatePort": 80, "PublicPort": number, "Type": protocol}
    return {"Id": "h", "Names": ["/other/alias", "/h"], "Ports": [port]}


REFERENCES = [
    # options, networks, containers, volumes, ports
    ({}, {}, {}, [], []),
    ({"network_mode": "n"}, {"n": "network_mode"}, {}, [], []),
    ({"network_mode": "n", "networks": ["n", "m"]}, {"n": "networks", "m": "networks"}, {}, [], []),
    ({"network_mode": "slirp4netns:port_handler=x"}, {}, {}, [], []),
    ({"network_mode": "container:a", "pid_mode": "container:a"}, {}, {"a": ["network_mode", "pid_mode"]}, [], []),
    ({"volumes_from": ["a:ro"], "links": ["b:db"]}, {}, {"a": ["volumes_from"], "b": ["links"]}, [], []),
    ({"volumes": ["vol:/v", "/a:/b", "/c"]}, {}, {}, ["vol"], []),
    ({"mounts": [{"target": "/m", "source": "mnt"}, {"target": "/t", "type": "tmpfs"}]}, {}, {}, ["mnt"], []),
    (
        {"published_ports": ["80", "8080:80", "[::1]:53:53/udp", "9000-9001:90"]},
        {},
        {},
        [],
        [("", 8080, "tcp"), ("::1", 53, "udp")],
    ),
    ({"published_ports": ["8080:80"], "network_mode": "host"}, {}, {}, [], []),
]


@pytest.mark.parametrize(("options", "networks", "containers", "volumes", "ports"), REFERENCES)
def test_references(options: Any, networks: Any, containers: Any, volumes: Any, ports: Any) -> None:
    given = wanted(**options)
    assert networks_of(given) == networks
    assert containers_of(given) == containers
    assert volumes_of(given) == volumes
    assert sorted(ports_of(given)) == sorted(ports)


CASES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    # case, options, objects on the engine, a part of the message ("": none)
    ("a network", {"networks": ["n"]}, {"networks": {"n": network()}}, ""),
    ("none of the name", {"networks": ["n"]}, {"networks": {"n": None}}, "networks: there is no network n"),
    ("of a swarm", {"networks": ["n"]}, {"networks": {"n": network(Scope="swarm")}}, "not attachable"),
    ("attachable", {"networks": ["n"]}, {"networks": {"n": network(Scope="swarm", Attachable=True)}}, ""),
    ("configuration", {"networks": ["n"]}, {"networks": {"n": network(ConfigOnly=True)}}, "only holds a config"),
    ("ingress", {"networks": ["n"]}, {"networks": {"n": network(Ingress=True)}}, "swarm's own"),
    (
        "an address",
        {"networks": [{"name": "n", "ipv4_address": "10.0.0.5"}]},
        {"networks": {"n": network(POOL)}},
        "",
    ),
    (
        "an address elsewhere",
        {"networks": [{"name": "n", "ipv4_address": "10.0.1.5"}]},
        {"networks": {"n": network(POOL)}},
        "10.0.1.5 is in no subnet",
    ),
    (
        "the first address",
        {"networks": [{"name": "n", "ipv4_address": "10.0.0.0"}]},
        {"networks": {"n": network(POOL)}},
        "10.0.0.0 stands for the whole network n",
    ),
    (
        "the last address",
        {"networks": [{"name": "n", "ipv4_address": "10.0.0.7"}]},
        {"networks": {"n": network(POOL)}},
        "10.0.0.7 stands for the whole network n",
    ),
    (
        "the first address of two",
        {"networks": [{"name": "n", "ipv4_address": "10.0.0.0"}]},
        {"networks": {"n": network({"Subnet": "10.0.0.0/31"}, Driver="macvlan")}},
        "",
    ),
    (
        "the address that the bridge has taken",
        {"networks": [{"name": "n", "ipv4_address": "10.0.0.1"}]},
        {"networks": {"n": network({"Subnet": "10.0.0.0/29"})}},
        "10.0.0.1 in the network n belongs to its gateway",
    ),
    (
        "the first of a range that the bridge has taken",
        {"networks": [{"name": "n", "ipv4_address": "10.0.0.8"}]},
        {"networks": {"n": network({"Subnet": "10.0.0.0/24", "IPRange": "10.0.0.8/29"})}},
        "10.0.0.8 in the network n belongs to its gateway",
    ),
    (
        "the first address beside another gateway",
        {"networks": [{"name": "n", "ipv4_address": "10.0.0.1"}]},
        {"networks": {"n": network({"Subnet": "10.0.0.0/29", "Gateway": "10.0.0.2"})}},
        "",
    ),
    (
        "the first address without a bridge",
        {"networks": [{"name": "n", "ipv4_address": "10.0.0.1"}]},
        {"networks": {"n": network({"Subnet": "10.0.0.0/29"}, Driver="ipvlan")}},
        "",
    ),
    (
        "an address of IPv6",
        {"networks": [{"name": "n", "ipv6_address": "fd00::5"}]},
        {"networks": {"n": network(POOL, {"Subnet": "fd00::/64"})}},
        "",
    ),
    (
        "its own address",
        {"networks": [{"name": "n", "ipv4_address": "10.0.0.5"}]},
        {"networks": {"n": network(POOL, containers={"own": {"IPv4Address": "10.0.0.5/29"}})}},
        "",
    ),
    (
        "another's address",
        {"networks": [{"name": "n", "ipv4_address": "10.0.0.5"}]},
        {"networks": {"n": network(POOL, containers={"x": {"Name": "x", "IPv4Address": "10.0.0.5/29"}})}},
        "belongs to the container x",
    ),
    (
        "full",
        {"networks": ["n"]},
        {"networks": {"n": network({"Subnet": "10.0.0.0/30"}, containers={"x": {"IPv4Address": "10.0.0.2/30"}})}},
        "no free address",
    ),
    (
        "full, but for the gateway that is told",
        {"networks": ["n"]},
        {"networks": {"n": network({"Subnet": "10.0.0.0/30", "Gateway": "10.0.0.1"})}},
        "",
    ),
    (
        "full range",
        {"networks": ["n"]},
        {
            "networks": {
                "n": network(
                    {**POOL, "IPRange": "10.0.0.4/31"},
                    containers={"x": {"IPv4Address": "10.0.0.4/29"}, "y": {"IPv4Address": "10.0.0.5/29"}},
                )
            }
        },
        "no free address",
    ),
    ("a port", {"published_ports": ["8080:80"]}, {"holders": (holder("0.0.0.0", 8080),)}, "8080/tcp of the host"),
    ("its name", {"published_ports": ["8080:80"]}, {"holders": (holder("0.0.0.0", 8080),)}, "published by h"),
    ("twice", {"published_ports": ["8080:80", "8080:81"]}, {}, "8080/tcp of the host is published twice"),
    ("twice at one address", {"published_ports": ["8080:80", "127.0.0.1:8080:81"]}, {}, "8080/tcp of the host"),
    ("twice in a range", {"published_ports": ["8080:80", "8079-8081:90-92"]}, {}, "8080/tcp of the host"),
    ("at two addresses", {"published_ports": ["127.0.0.2:8080:80", "127.0.0.1:8080:81"]}, {}, ""),
    ("of two kinds", {"published_ports": ["8080:80", "8080:80/udp"]}, {}, ""),
    ("one of several", {"published_ports": ["8080-8082:80", "8080-8082:81"]}, {}, ""),
    ("of another kind", {"published_ports": ["8080:80"]}, {"holders": (holder("0.0.0.0", 8080, "udp"),)}, ""),
    ("at another address", {"published_ports": ["127.0.0.1:8080:80"]}, {"holders": (holder("127.0.0.2", 8080),)}, ""),
    (
        "what a replacement has left",
        {"networks": [{"name": "n", "ipv4_address": "10.0.0.5"}], "published_ports": ["8080:80"]},
        {
            "networks": {"n": network(POOL, containers={"x": {"Name": "web.wharf-new", "IPv4Address": "10.0.0.5/29"}})},
            "holders": ({**holder("", 8080), "Names": ["/web.wharf-new"]},),
        },
        "",
    ),
    ("at all addresses", {"published_ports": ["127.0.0.1:8080:80"]}, {"holders": (holder("0.0.0.0", 8080),)}, "h"),
    ("IPv6 beside IPv4", {"published_ports": ["[::1]:8080:80"]}, {"holders": (holder("127.0.0.1", 8080),)}, ""),
    ("uses one that runs", {"network_mode": "container:a"}, {"containers": {"a": RUNS}}, ""),
    ("that is down", {"network_mode": "container:a"}, {"containers": {"a": DOWN}}, "a is not running (it is exited)"),
    ("that is gone", {"pid_mode": "container:a"}, {"containers": {"a": None}}, "pid_mode: there is no container a"),
    ("itself", {"ipc_mode": "container:own"}, {"containers": {"own": OWN}}, "is the container itself"),
    ("volumes of one that is down", {"volumes_from": ["a"]}, {"containers": {"a": DOWN}}, ""),
    ("link in the default network", {"links": ["a:a"]}, {"containers": {"a": DOWN}}, "links: the container a"),
    ("elsewhere", {"links": ["a:a"], "networks": ["n"]}, {"containers": {"a": DOWN}, "networks": {"n": network()}}, ""),
]


@pytest.mark.parametrize(("what", "options", "has", "said"), CASES, ids=[case[0] for case in CASES])
def test_problems(what: str, options: Any, has: Any, said: str) -> None:
    seen = problems(wanted(**options), Situation(OWN, True, True), Found(**has))
    words = "; ".join(seen.all())
    assert said in words and bool(said) == bool(words)


def test_one_that_is_not_started() -> None:
    """Problems that affect only a start don't affect a container that is only created."""
    given = wanted(network_mode="container:a", published_ports=["8080:80"])
    found = Found(containers={"a": DOWN}, holders=(holder("", 8080),))
    assert problems(given, Situation(None, False, True), found).now == ()


def test_the_own_word() -> None:
    given = wanted(network_mode="container:0123", words={"network_mode": "container:vpn"})
    assert (
        "the container vpn is not running"
        in problems(given, Situation(OWN, True, True), Found(containers={"0123": DOWN})).now[0]
    )


RESTARTS = [
    ({}, {}, {}, ""),
    ({"NetworkMode": "container:x"}, {"x": RUNS}, {}, ""),
    ({"NetworkMode": "container:x"}, {"x": DOWN}, {}, "network_mode: the container other"),
    ({"PidMode": "container:x"}, {"x": None}, {}, "pid_mode: the container x, which it uses, is gone"),
    ({"Links": ["/db:/web/db"]}, {"db": DOWN}, {}, "links: the container other"),
    ({}, {}, {"n": {"EndpointID": ""}}, "the network n"),
    ({}, {}, {"n": {"EndpointID": "e"}}, ""),
]


@pytest.mark.parametrize(("host", "used", "networks", "said"), RESTARTS)
def test_restart(host: Any, used: Any, networks: Any, said: str) -> None:
    container = {**OWN, "HostConfig": host, "NetworkSettings": {"Networks": networks}}
    words = "; ".join(restart_problems(container, used))
    assert said in words and bool(said) == bool(words)
