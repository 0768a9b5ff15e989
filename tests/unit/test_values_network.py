# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shorthand of ports, networks, links and hosts, as tables: the given value, the normalised value, the error."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._values import network

ID = "0123456789ab" + "c" * 52

PUBLISHED: list[tuple[list[str], list[str]]] = [
    ([], []),
    (["80"], ["::80/tcp"]),
    ([80], ["::80/tcp"]),  # type: ignore[list-item]
    (["80/udp"], ["::80/udp"]),
    (["80/TCP"], ["::80/tcp"]),
    (["80/sctp"], ["::80/sctp"]),
    (["8080:80"], [":8080:80/tcp"]),
    ([" 8080:80 "], [":8080:80/tcp"]),
    (["8080:80/udp"], [":8080:80/udp"]),
    ([":80"], ["::80/tcp"]),
    (["127.0.0.1:8080:80"], ["127.0.0.1:8080:80/tcp"]),
    (["127.0.0.1::80"], ["127.0.0.1::80/tcp"]),
    (["0.0.0.0:8080:80"], ["0.0.0.0:8080:80/tcp"]),
    (["[::1]:8080:80/tcp"], ["[::1]:8080:80/tcp"]),
    (["[::1]::80"], ["[::1]::80/tcp"]),
    (["[::]:8080:80"], ["[::]:8080:80/tcp"]),
    (["[2001:DB8:0:0::1]:8080:80"], ["[2001:db8::1]:8080:80/tcp"]),
    (["8000-8002"], ["::8000/tcp", "::8001/tcp", "::8002/tcp"]),
    (["8000-8001:9000-9001"], [":8000:9000/tcp", ":8001:9001/tcp"]),
    (["127.0.0.1:8000-8001:9000-9001/udp"], ["127.0.0.1:8000:9000/udp", "127.0.0.1:8001:9001/udp"]),
    (["127.0.0.1::9000-9001"], ["127.0.0.1::9000/tcp", "127.0.0.1::9001/tcp"]),
    (["8000-8100:9003"], [":8000-8100:9003/tcp"]),
    (["[::1]:8000-8100:9003/udp"], ["[::1]:8000-8100:9003/udp"]),
    (["8080-8080:80-80"], [":8080:80/tcp"]),
    (["8080-8080:80"], [":8080:80/tcp"]),
    (["080:0080"], [":80:80/tcp"]),
    (["1:1", "65535:65535"], [":1:1/tcp", ":65535:65535/tcp"]),
    (["80", "80/tcp", ":80"], ["::80/tcp"]),
    (["8080:80", "8080:80/tcp", "80-80"], [":8080:80/tcp", "::80/tcp"]),
    (["8081:80", "8080:80", "127.0.0.1:8080:80"], ["127.0.0.1:8080:80/tcp", ":8080:80/tcp", ":8081:80/tcp"]),
]

PUBLISHED_ERRORS: list[tuple[str, str]] = [
    ("", "port '' is not of a known form: use for example 80, 8080:80, 127.0.0.1:8080:80, [::1]:8080:80/udp"),
    (":", "port ':' is not of a known form"),
    ("8080:", "port '8080:' is not of a known form"),
    ("/tcp", "port '/tcp' is not of a known form"),
    ("1:2:3:4", "port '1:2:3:4' is not of a known form"),
    ("::1:8080:80", "is not of a known form"),
    ("2001:db8::1:8080:80", "(an IPv6 address stands in brackets)"),
    ("[::1]:80", "port '[::1]:80' is not of a known form"),
    ("[::1:8080:80", "port '[::1:8080:80' is not of a known form"),
    ("80/tcp/udp", "port '80/tcp/udp' is not of a known form"),
    ("8080/tcp:80", "port '8080/tcp:80' has '8080/tcp' for a number or a range of numbers"),
    ("all", "port 'all' has 'all' for a number or a range of numbers"),
    ("127.0.0.1:80", "port '127.0.0.1:80' has '127.0.0.1' for a number"),
    ("http:80", "port 'http:80' has 'http' for a number"),
    ("-80", "port '-80' has '-80' for a number"),
    ("80-", "port '80-' has '80-' for a number"),
    ("80-81-82", "port '80-81-82' has '80-81-82' for a number"),
    ("8 0", "port '8 0' has '8 0' for a number"),
    ("\u0663", "for a number or a range of numbers"),
    ("123456", "port '123456' has '123456' for a number"),
    ("0", "port '0' has a number outside 1 to 65535"),
    ("8080:0", "port '8080:0' has a number outside 1 to 65535"),
    ("65536", "port '65536' has a number outside 1 to 65535"),
    ("65536:80", "port '65536:80' has a number outside 1 to 65535"),
    ("65530-65540", "port '65530-65540' has a number outside 1 to 65535"),
    ("81-80", "port '81-80' has a range that ends before it begins"),
    ("81-80:80", "port '81-80:80' has a range that ends before it begins"),
    ("80/http", "port '80/http' has the unknown protocol 'http': use tcp, udp, sctp; use for example 80"),
    ("80/", "port '80/' has the unknown protocol ''"),
    ("8000-8001:9000-9002", "port '8000-8001:9000-9002' has ranges of 2 and 3 ports: use equal lengths"),
    ("8000:9000-9002", "port '8000:9000-9002' has ranges of 1 and 3 ports: use equal lengths"),
    (
        "localhost:8080:80",
        "port 'localhost:8080:80' has 'localhost' for an address: the engine takes no host name here",
    ),
    ("example.com::80", "has 'example.com' for an address: the engine takes no host name here, use an IPv4 address or"),
    ("127.0.0.256:8080:80", "has '127.0.0.256' for an address"),
    ("127.0.0:8080:80", "has '127.0.0' for an address"),
    ("[fe80::1%eth0]:8080:80", "has 'fe80::1%eth0' for an address"),
    ("[]:8080:80", "has '' for an address"),
    ("[localhost]:8080:80", "has 'localhost' for an address"),
]


@pytest.mark.parametrize(("given", "normal"), PUBLISHED)
def test_published_ports(given: list[str], normal: list[str]) -> None:
    assert network.published_ports(given) == sorted(normal)
    assert network.published_ports_from_api(network.published_ports_to_api(normal)) == sorted(normal)
    assert network.published_ports(normal) == sorted(normal)


@pytest.mark.parametrize(("given", "message"), PUBLISHED_ERRORS)
def test_wrong_published_ports(given: str, message: str) -> None:
    with pytest.raises(ValueError) as error:
        network.published_ports(["1234:1234", given])
    assert message in str(error.value)


def test_published_ports_to_api() -> None:
    normal = ["127.0.0.1:8443:443/tcp", ":8080:80/tcp", ":8081:80/tcp", "::53/udp", "[::1]:8000-8100:90/tcp"]
    assert network.published_ports_to_api(normal) == {
        "443/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8443"}],
        "80/tcp": [{"HostIp": "", "HostPort": "8080"}, {"HostIp": "", "HostPort": "8081"}],
        "53/udp": [{"HostIp": "", "HostPort": ""}],
        "90/tcp": [{"HostIp": "::1", "HostPort": "8000-8100"}],
    }
    assert network.published_ports_to_api([]) == {}


@pytest.mark.parametrize(
    ("api", "normal"),
    [
        (None, []),
        ({}, []),
        ({"80/tcp": None, "81/tcp": []}, []),
        ({"80/tcp": [{"HostIp": "", "HostPort": "0"}]}, ["::80/tcp"]),
        ({"80/tcp": [{"HostIp": "", "HostPort": ""}]}, ["::80/tcp"]),
        ({"80/tcp": [{"HostPort": "8080"}]}, [":8080:80/tcp"]),
        ({"80/tcp": [{}]}, ["::80/tcp"]),
        ({"80": [{"HostIp": "", "HostPort": "8080"}]}, [":8080:80/tcp"]),
        ({"80/tcp": [{"HostIp": "2001:DB8:0::1", "HostPort": "1"}]}, ["[2001:db8::1]:1:80/tcp"]),
        ({"80/tcp": [{"HostIp": "localhost", "HostPort": "1"}]}, ["localhost:1:80/tcp"]),
        (
            {"80/tcp": [{"HostIp": "", "HostPort": "2"}, {"HostIp": "", "HostPort": "1"}], "53/udp": [{}]},
            ["::53/udp", ":1:80/tcp", ":2:80/tcp"],
        ),
    ],
)
def test_published_ports_from_api(api: Any, normal: list[str]) -> None:
    assert network.published_ports_from_api(api) == sorted(normal)


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ([], []),
        (["::80/tcp"], ["80/tcp"]),
        (["127.0.0.1:8080:80/tcp", "[::1]:8080:80/tcp", ":53:53/udp"], ["53/udp", "80/tcp"]),
        ([":8000-8100:9003/tcp"], ["9003/tcp"]),
    ],
)
def test_container_ports(published: list[str], expected: list[str]) -> None:
    assert network.container_ports(published) == expected


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ([], []),
        (["80"], ["80/tcp"]),
        ([" 80 "], ["80/tcp"]),
        (["80/udp", "80/TCP"], ["80/tcp", "80/udp"]),
        (["8000-8003"], ["8000/tcp", "8001/tcp", "8002/tcp", "8003/tcp"]),
        (["8000-8001/sctp"], ["8000/sctp", "8001/sctp"]),
        (["80", "80/tcp", "80-80"], ["80/tcp"]),
    ],
)
def test_exposed_ports(given: list[str], normal: list[str]) -> None:
    assert network.exposed_ports(given) == normal
    assert network.exposed_ports_from_api(network.exposed_ports_to_api(normal)) == normal
    assert network.exposed_ports(normal) == normal


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "port '' has '' for a number or a range of numbers: use for example 80, 53/udp or 8000-8003"),
        ("8080:80", "port '8080:80' has '8080:80' for a number"),
        ("http", "port 'http' has 'http' for a number"),
        ("0", "port '0' has a number outside 1 to 65535"),
        ("65536", "port '65536' has a number outside 1 to 65535"),
        ("81-80", "port '81-80' has a range that ends before it begins"),
        ("80/", "port '80/' has the unknown protocol ''"),
        ("80/icmp", "port '80/icmp' has the unknown protocol 'icmp': use tcp, udp, sctp; use for example 80, 53/udp"),
        ("80/tcp/udp", "port '80/tcp/udp' has the unknown protocol 'tcp/udp'"),
    ],
)
def test_wrong_exposed_ports(given: str, message: str) -> None:
    with pytest.raises(ValueError) as error:
        network.exposed_ports([given])
    assert message in str(error.value)


def test_exposed_ports_from_api() -> None:
    assert network.exposed_ports_from_api(None) == []
    assert network.exposed_ports_from_api({"80/udp": {}, "53": {}}) == ["53/tcp", "80/udp"]
    assert network.exposed_ports_to_api(["80/tcp"]) == {"80/tcp": {}}


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ([], []),
        (["db"], ["db:db"]),
        (["/db"], ["db:db"]),
        (["db:alias"], ["db:alias"]),
        (["z:a", "db", "db:db"], ["db:db", "z:a"]),
    ],
)
def test_links(given: list[str], normal: list[str]) -> None:
    assert network.links(given) == normal
    assert network.links_from_api(network.links_to_api(normal)) == normal
    assert network.links(normal) == normal


@pytest.mark.parametrize("given", ["", ":", "db:", ":alias", "/", "a:b:c", "a b", "db:a b", "a/b", "db:a/b"])
def test_wrong_links(given: str) -> None:
    with pytest.raises(ValueError) as error:
        network.links([given])
    assert str(error.value) == "link %r is not of a known form: use container or container:alias" % given


@pytest.mark.parametrize(
    ("api", "normal"),
    [
        (None, []),
        (["/db:/web/alias"], ["db:alias"]),
        (["/db:/web/b", "/db:/web/a"], ["db:a", "db:b"]),
        (["db:alias"], ["db:alias"]),
        (["db"], ["db:db"]),
    ],
)
def test_links_from_api(api: Any, normal: list[str]) -> None:
    assert network.links_from_api(api) == normal


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ({}, {}),
        ({"db": "192.0.2.1"}, {"db": "192.0.2.1"}),
        ({"db": " 192.0.2.1 "}, {"db": "192.0.2.1"}),
        ({"db": "2001:DB8:0::1", "x": "[::1]"}, {"db": "2001:db8::1", "x": "::1"}),
        ({"engine": "host-gateway"}, {"engine": "host-gateway"}),
        ({"a.b": "::", "z_y": "0.0.0.0"}, {"a.b": "::", "z_y": "0.0.0.0"}),
    ],
)
def test_etc_hosts(given: dict[str, str], normal: dict[str, str]) -> None:
    written = network.etc_hosts(given)
    assert network.etc_hosts_compared(written) == normal
    assert network.etc_hosts_from_api(network.etc_hosts_to_api(written)) == written
    assert network.etc_hosts(written) == written


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"db": ""},
            "address '' of host 'db' is not an IPv4 or IPv6 address: use for example 192.0.2.1 or 2001:db8::1",
        ),
        ({"db": "web"}, "address 'web' of host 'db' is not an IPv4 or IPv6 address"),
        ({"db": "192.0.2.1"[:-2]}, "address '192.0.2' of host 'db' is not"),
        ({"db": "192.0.2.0/24"}, "address '192.0.2.0/24' of host 'db' is not"),
        ({"db": "fe80::1%eth0"}, "address 'fe80::1%eth0' of host 'db' is not"),
        ({"db": None}, "address None of host 'db' is not"),
        ({"db": "Host-Gateway"}, "or 2001:db8::1, or host-gateway"),
        ({"": "192.0.2.1"}, "host '' is not a name: use one without whitespace, ':' and '='"),
        ({"a b": "192.0.2.1"}, "host 'a b' is not a name"),
        ({"a:b": "192.0.2.1"}, "host 'a:b' is not a name"),
        ({"a=b": "192.0.2.1"}, "host 'a=b' is not a name"),
        ({1: "192.0.2.1"}, "host 1 is not a name"),
    ],
)
def test_wrong_etc_hosts(given: dict[Any, Any], message: str) -> None:
    with pytest.raises(ValueError) as error:
        network.etc_hosts(given)
    assert message in str(error.value)


def test_etc_hosts_api_form() -> None:
    assert network.etc_hosts_to_api({"z": "192.0.2.1", "a": "::1"}) == ["a:::1", "z:192.0.2.1"]
    assert network.etc_hosts_from_api(None) == {}
    assert network.etc_hosts_from_api(["a:::1", "b=2001:DB8::1", "c=[::1]", "d:host-gateway", "e=192.0.2.1"]) == {
        "a": "::1",
        "b": "2001:DB8::1",
        "c": "::1",
        "d": "host-gateway",
        "e": "192.0.2.1",
    }
    assert network.etc_hosts_from_api(["odd"]) == {"odd": ""}


NETWORKS: list[tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]] = [
    ([], {}),
    ([{"name": "front"}], {"front": {}}),
    (
        [{"name": "front", "aliases": None, "links": None, "ipv4_address": None, "ipv6_address": None}],
        {"front": {}},
    ),
    ([{"name": "front", "aliases": ["b", "a", "b"]}], {"front": {"aliases": ["a", "b"]}}),
    ([{"name": "front", "aliases": [], "links": []}], {"front": {"aliases": [], "links": []}}),
    ([{"name": "front", "links": ["z", "db:a"]}], {"front": {"links": ["db:a", "z:z"]}}),
    (
        [{"name": "front", "ipv4_address": "192.0.2.9", "ipv6_address": "2001:DB8:0::9"}],
        {"front": {"ipv4_address": "192.0.2.9", "ipv6_address": "2001:db8::9"}},
    ),
    ([{"name": "front", "ipv4_address": "", "ipv6_address": ""}], {"front": {"ipv4_address": "", "ipv6_address": ""}}),
    ([{"name": "z"}, {"name": "a", "aliases": ["x"]}], {"z": {}, "a": {"aliases": ["x"]}}),
]


@pytest.mark.parametrize(("given", "normal"), NETWORKS)
def test_networks(given: list[dict[str, Any]], normal: dict[str, dict[str, Any]]) -> None:
    found = network.networks(given)
    assert found == normal
    assert list(found) == list(normal)
    for endpoint in found.values():
        back = network.endpoint_from_api(network.endpoint_to_api(endpoint), ID, "web")
        assert {key: back[key] for key in endpoint} == endpoint
        assert all(not value for key, value in back.items() if key not in endpoint)
        assert network.endpoint_from_api(network.endpoint_to_api(back), ID, "web") == back


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([{"name": ""}], "network '' has no name: use a network's name or id"),
        ([{"name": "a"}, {"name": "b"}, {"name": "a"}], "network 'a' is given twice: use one entry"),
        ([{"name": "a", "aliases": [""]}], "network 'a' has an alias that is empty or has whitespace"),
        ([{"name": "a", "aliases": ["b c"]}], "network 'a' has an alias that is empty or has whitespace"),
        ([{"name": "a", "links": ["x:"]}], "link 'x:' is not of a known form"),
        (
            [{"name": "a", "ipv4_address": "192.0.2.256"}],
            "address '192.0.2.256' in network 'a' is not an IPv4 address: use for example 192.0.2.1",
        ),
        ([{"name": "a", "ipv4_address": "192.0.2.1/24"}], "address '192.0.2.1/24' in network 'a' is not an IPv4"),
        ([{"name": "a", "ipv4_address": "::1"}], "address '::1' in network 'a' is not an IPv4 address"),
        (
            [{"name": "a", "ipv6_address": "192.0.2.1"}],
            "address '192.0.2.1' in network 'a' is not an IPv6 address: use for example 2001:db8::1",
        ),
        ([{"name": "a", "ipv6_address": "fe80::1%eth0"}], "address 'fe80::1%eth0' in network 'a' is not an IPv6"),
        ([{"name": "a", "ipv6_address": "x"}], "address 'x' in network 'a' is not an IPv6 address"),
    ],
)
def test_wrong_networks(given: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValueError) as error:
        network.networks(given)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("normal", "api"),
    [
        ({}, {}),
        ({"aliases": [], "links": [], "ipv4_address": "", "ipv6_address": ""}, {}),
        ({"aliases": ["a", "b"]}, {"Aliases": ["a", "b"]}),
        ({"links": ["db:a"]}, {"Links": ["db:a"]}),
        ({"ipv4_address": "192.0.2.9"}, {"IPAMConfig": {"IPv4Address": "192.0.2.9"}}),
        (
            {"aliases": ["a"], "links": ["db:a"], "ipv4_address": "192.0.2.9", "ipv6_address": "2001:db8::9"},
            {
                "Aliases": ["a"],
                "Links": ["db:a"],
                "IPAMConfig": {"IPv4Address": "192.0.2.9", "IPv6Address": "2001:db8::9"},
            },
        ),
    ],
)
def test_endpoint_to_api(normal: dict[str, Any], api: dict[str, Any]) -> None:
    assert network.endpoint_to_api(normal) == api


NOTHING = {"aliases": [], "links": [], "ipv4_address": "", "ipv6_address": ""}


@pytest.mark.parametrize(
    ("api", "normal"),
    [
        ({}, NOTHING),
        ({"Aliases": None, "Links": None, "IPAMConfig": None}, NOTHING),
        ({"Aliases": [], "Links": [], "IPAMConfig": {}}, NOTHING),
        ({"Aliases": [ID[:12], "web"]}, NOTHING),
        ({"Aliases": ["z", ID[:12], "a", "web", "a"]}, {**NOTHING, "aliases": ["a", "z"]}),
        ({"Aliases": ["www"], "DNSNames": ["web", ID[:12], "www"]}, {**NOTHING, "aliases": ["www"]}),
        ({"Links": ["db:b", "db:a"]}, {**NOTHING, "links": ["db:a", "db:b"]}),
        (
            {"IPAMConfig": {"IPv4Address": "192.0.2.9"}, "IPAddress": "192.0.2.9"},
            {**NOTHING, "ipv4_address": "192.0.2.9"},
        ),
        ({"IPAMConfig": {"IPv6Address": "2001:DB8:0::9"}}, {**NOTHING, "ipv6_address": "2001:db8::9"}),
        ({"IPAddress": "192.0.2.9", "GlobalIPv6Address": "2001:db8::9"}, NOTHING),
    ],
)
def test_endpoint_from_api(api: dict[str, Any], normal: dict[str, Any]) -> None:
    rest = {"link_local_ips": [], "mac_address": "", "driver_opts": {}, "gw_priority": 0}
    assert network.endpoint_from_api(api, ID, "web") == {**rest, **normal}


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("default", "bridge"),
        ("bridge", "bridge"),
        ("", "bridge"),
        (None, "bridge"),
        ("host", "host"),
        ("none", "none"),
        ("front", "front"),
        ("container:" + ID, "container:" + ID),
    ],
)
def test_network_mode(given: Any, normal: str) -> None:
    assert network.network_mode(given) == normal
