# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_run: networks and endpoints."""

from __future__ import annotations

from typing import Any

import pytest

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}


@pytest.fixture
def two(client: Any, name: str) -> tuple[str, str]:
    """Two networks."""
    for number in (1, 2):
        subnet = {"Config": [{"Subnet": "10.21%d.0.0/24" % number}]}
        client.create_network("%s-%d" % (name, number), driver="bridge", ipam=subnet)
    return name + "-1", name + "-2"


def endpoints(client: Any, name: str) -> dict[str, Any]:
    return dict(client.inspect_container(name)["NetworkSettings"]["Networks"])


STEPS = [
    # first networks, second networks, comparisons, actions of the change, networks after it
    ([{"name": "1"}], [{"name": "1"}, {"name": "2"}], {}, ["connect"], ["1", "2"]),
    ([{"name": "1"}, {"name": "2"}], [{"name": "1"}], {}, [], ["1", "2"]),
    ([{"name": "1"}, {"name": "2"}], [{"name": "1"}], {"networks": "strict"}, ["disconnect"], ["1"]),
    ([{"name": "1"}], [{"name": "2"}], {}, ["recreate"], ["2"]),
    ([{"name": "1"}], [{"name": "2"}], {"networks": "ignore"}, [], ["1"]),
    ([{"name": "1"}], [{"name": "1", "aliases": ["www"]}], {}, ["disconnect", "connect"], ["1"]),
    ([{"name": "1", "aliases": ["www", "x"]}], [{"name": "1", "aliases": ["www"]}], {}, [], ["1"]),
    (
        [{"name": "1", "aliases": ["www", "x"]}],
        [{"name": "1", "aliases": ["www"]}],
        {"networks": "strict"},
        ["disconnect", "connect"],
        ["1"],
    ),
    (
        [{"name": "1", "ipv4_address": "10.211.0.5"}],
        [{"name": "1", "ipv4_address": "10.211.0.6"}],
        {},
        ["disconnect", "connect"],
        ["1"],
    ),
    ([{"name": "1", "ipv4_address": "10.211.0.5"}], [{"name": "1"}], {}, [], ["1"]),
    (
        [{"name": "1", "driver_opts": {"a": "1", "b": "1"}}],
        [{"name": "1", "driver_opts": {"a": "2"}}],
        {},
        ["disconnect", "connect"],
        ["1"],
    ),
    ([{"name": "1", "driver_opts": {"a": "1", "b": "1"}}], [{"name": "1", "driver_opts": {"a": 1}}], {}, [], ["1"]),
    (
        [{"name": "1", "driver_opts": {"a": "1", "b": "1"}}],
        [{"name": "1", "driver_opts": {"a": "1"}}],
        {"networks": "strict"},
        ["disconnect", "connect"],
        ["1"],
    ),
    (
        [{"name": "1", "link_local_ips": ["169.254.0.5"]}],
        [{"name": "1", "link_local_ips": ["169.254.0.6"]}],
        {"networks": "strict"},
        ["disconnect", "connect"],
        ["1"],
    ),
]


@pytest.mark.parametrize(("first", "then", "comparisons", "actions", "after"), STEPS)
def test_networks(
    first: Any,
    then: Any,
    comparisons: Any,
    actions: Any,
    after: Any,
    two: Any,
    run: Any,
    client: Any,
    image: str,
    name: str,
) -> None:
    def named(networks: Any) -> Any:
        return [{**network, "name": "%s-%s" % (name, network["name"])} for network in networks]

    spec = {"name": name, "image": image, **SLEEP, "comparisons": comparisons}
    foreseen = run("container_run", check=True, expect="changed", networks=named(first), **spec)
    done = run("container_run", expect="changed", networks=named(first), **spec)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    before = endpoints(client, name)
    assert sorted(before) == sorted(network["name"] for network in named(first))
    for network in named(first):
        assert set(network.get("aliases", [])) <= set(before[network["name"]]["Aliases"] or [])
        if "ipv4_address" in network:
            assert before[network["name"]]["IPAddress"] == network["ipv4_address"]
    run("container_run", expect="ok", networks=named(first), **spec)

    expect = "changed" if actions else "ok"
    lost = actions == ["recreate"]
    foreseen = run("container_run", check=True, expect=expect, networks=named(then), warnings=lost, **spec)
    assert endpoints(client, name) == before
    done = run("container_run", expect=expect, networks=named(then), warnings=lost, **spec)
    assert list(done.get("dropped", {}).get("networks", {})) == (
        [first[0]["name"].join([name + "-", ""])] if lost else []
    )
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert [action.split()[0] for action in done["actions"]] == actions
    assert set(done["diff"]["after"]) == ({"networks"} if actions else set())
    now = endpoints(client, name)
    assert sorted(now) == ["%s-%s" % (name, number) for number in after]
    if "ipv4_address" in then[0]:
        assert now[name + "-1"]["IPAddress"] == then[0]["ipv4_address"]
    run("container_run", expect="ok", networks=named(then), **spec)


@pytest.mark.parametrize("digits", [12, 20, 64])
@pytest.mark.parametrize("state", ["present", "started"])
def test_networks_by_id(digits: int, state: str, two: Any, run: Any, client: Any, image: str, name: str) -> None:
    """By name or by id: there is one endpoint in each, and none of them is lost."""
    first, second = (client.inspect_network(one)["Id"][:digits] for one in two)
    base = {"name": name, "image": image, "state": state, **SLEEP}
    aliases = {"aliases": ["www"]}
    by_id = {**base, "networks": [{"name": first, **aliases}, {"name": second}]}
    by_name = {**base, "networks": [{"name": two[0], **aliases}, {"name": two[1]}]}
    foreseen = run("container_run", check=True, expect="changed", **by_id)
    done = run("container_run", expect="changed", **by_id)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert sorted(endpoints(client, name)) == sorted(two)
    for spec in (by_id, by_name):
        run("container_run", expect="ok", **spec)
        run("container_run", expect="ok", comparisons={"networks": "strict"}, **spec)
        run("container_run", expect="ok", network_mode=spec["networks"][0]["name"], **spec)
    alone = {**base, "networks": [{"name": first}], "comparisons": {"networks": "strict"}}
    run("container_run", expect="changed", **alone)
    assert sorted(endpoints(client, name)) == [two[0]]
    run("container_run", expect="changed", **by_id)
    assert sorted(endpoints(client, name)) == sorted(two)
    run("container_run", expect="ok", **by_name)
    run("container_run", expect="changed", recreate=True, **by_id)
    assert sorted(endpoints(client, name)) == sorted(two)
    assert "www" in endpoints(client, name)[two[0]]["Aliases"]


@pytest.mark.parametrize("digits", [12, 64])
@pytest.mark.parametrize("state", ["present", "started"])
def test_a_network_mode_by_id(digits: int, state: str, two: Any, run: Any, client: Any, image: str, name: str) -> None:
    found = client.inspect_network(two[0])["Id"][:digits]
    base = {"name": name, "image": image, "state": state, **SLEEP}
    run("container_run", expect="changed", network_mode=found, **base)
    assert sorted(endpoints(client, name)) == [two[0]]
    for word in (found, two[0]):
        run("container_run", expect="ok", network_mode=word, **base)
        run("container_run", expect="ok", networks=[{"name": word}], comparisons={"networks": "strict"}, **base)
        run("container_run", expect="ok", network_mode=word, networks=[{"name": two[0]}], **base)
    # A foreign container, for which the engine keeps the id.
    host = client.create_host_config(network_mode=found)
    other = client.create_container(image, ["sleep", "1000"], name=name + "-o", host_config=host, stop_signal="KILL")
    if state == "started":
        client.start(other)
    run("container_run", expect="ok", **{**base, "name": name + "-o"}, network_mode=two[0])
    run("container_run", expect="ok", **{**base, "name": name + "-o"}, networks=[{"name": two[0]}])
    run(
        "container_run",
        expect="changed",
        check=True,
        warnings=True,
        **{**base, "name": name + "-o"},
        network_mode=two[1],
    )


def test_a_network_that_stands_there_twice(two: Any, run: Any, client: Any, image: str, name: str) -> None:
    """The engine keeps both the id and the name if a client configured an endpoint by id."""
    found = client.inspect_network(two[0])["Id"][:12]
    config = client.create_container_config(
        image,
        ["sleep", "1000"],
        stop_signal="KILL",
        host_config=client.create_host_config(network_mode=found),
        networking_config=client.create_networking_config({found: client.create_endpoint_config(aliases=["x"])}),
    )
    client.start(client.create_container_from_config(config, name))
    spec = {"name": name, "image": image, **SLEEP, "networks": [{"name": two[0]}]}
    run("container_run", expect="ok", **spec)
    run("container_run", expect="ok", comparisons={"networks": "strict"}, **spec)
    assert endpoints(client, name)[two[0]]["IPAddress"]


def test_networks_by_id_that_are_wrong(two: Any, run: Any, client: Any, image: str, name: str) -> None:
    found = client.inspect_network(two[0])["Id"]
    base = {"name": name, "image": image, **SLEEP}
    twice = run("container_run", expect="failed", networks=[{"name": two[0]}, {"name": found[:12]}], **base)
    assert "networks: %s is given twice (as %s and %s)" % (two[0], two[0], found[:12]) in twice["msg"]
    for option in (
        {"networks": [{"name": found[:6]}]},
        {"network_mode": found[:6]},
        {"networks": [{"name": "ab" * 6}]},
    ):
        failed = run("container_run", expect="failed", **option, **base)
        assert "there is no network" in failed["msg"], failed["msg"]
    assert client.containers(all=True, filters={"name": name}) == []


def test_a_network_that_is_to_be_made(run: Any, client: Any, image: str, name: str) -> None:
    """In check mode an earlier task may create it: all its containers have the same warning, which is shown once."""
    missing = "networks: there is no network %s-n. " % name
    spec = {"image": image, **SLEEP, "networks": [{"name": name + "-n"}]}
    for container in (name, name + "-2"):
        foreseen = run("container_run", expect="changed", check=True, warnings=True, name=container, **spec)
        assert foreseen["warnings"] == [
            missing + "That is not an error in check mode, since an earlier task may create it."
        ]
        failed = run("container_run", expect="failed", name=container, **spec)
        assert ("Cannot create the container %s: %s" % (container, missing)) in failed["msg"]
    assert client.containers(all=True, filters={"name": name}) == []


def test_names_of_networks_cost_no_call(two: Any, run: Any, client: Any, image: str, name: str, calls: Any) -> None:
    """A short id costs one."""
    cafe = client.create_network("cafe")["Id"]
    base = {"name": name, "image": image, **SLEEP}
    run("container_run", expect="changed", networks=[{"name": two[0]}, {"name": "cafe"}], **base)
    for word, more in ((two[0], 0), ("cafe", 0), (cafe, 0), (cafe[:12], 1)):
        networks = [{"name": two[0]}] + ([{"name": word}] if word != two[0] else [])
        with calls() as made:
            run("container_run", expect="ok", networks=networks, **base)
        assert len([one for one in made if "/networks/" in one]) == more, (word, made)


def test_networks_as_plain_words(two: Any, ansible: Any, client: Any, image: str, name: str) -> None:
    """In both executions, and as text on the command line."""
    base = {"name": name, "image": image, **SLEEP}
    ansible("container_run", expect="changed", networks=[two[0], {"name": two[1], "aliases": "www,db"}], **base)
    found = endpoints(client, name)
    assert sorted(found) == sorted(two) and {"www", "db"} <= set(found[two[1]]["Aliases"])
    for networks in (
        [two[0], two[1]],
        "%s,%s" % two,
        [two[0], {"name": two[1]}],
        ['{"name": "%s"}' % two[0], "name=%s aliases=www" % two[1]],
    ):
        ansible("container_run", expect="ok", networks=networks, **base)
    ansible("container_run", expect="changed", networks=two[0], comparisons={"networks": "strict"}, **base)
    assert sorted(endpoints(client, name)) == [two[0]]


def test_its_own_name_as_an_alias(two: Any, run: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP, "networks": [{"name": two[0], "aliases": [name, "www"]}]}
    run("container_run", expect="changed", **spec)
    run("container_run", expect="ok", **spec)
    run("container_run", expect="ok", **{**spec, "comparisons": {"networks": "strict"}})


def test_links_in_a_network(two: Any, run: Any, client: Any, image: str, name: str) -> None:
    run("container_run", name=name + "-db", image=image, networks=[{"name": two[0]}], **SLEEP)
    spec = {"name": name, "image": image, **SLEEP}
    linked = [{"name": two[0], "links": [name + "-db:db"]}]
    run("container_run", expect="changed", networks=linked, **spec)
    assert endpoints(client, name)[two[0]]["Links"] == [name + "-db:db"]
    run("container_run", expect="ok", networks=linked, **spec)
    other = [{"name": two[0], "links": [name + "-db:store"]}]
    foreseen = run("container_run", check=True, expect="changed", networks=other, **spec)
    done = run("container_run", expect="changed", networks=other, **spec)
    assert done["actions"] == foreseen["actions"]
    run("container_run", expect="ok", networks=other, **spec)


def test_ipv6_address(client: Any, run: Any, image: str, name: str) -> None:
    client.create_network(
        name + "-6",
        driver="bridge",
        enable_ipv6=True,
        ipam={"Config": [{"Subnet": "10.213.0.0/24"}, {"Subnet": "fd00:213::/64"}]},
    )
    spec = {"name": name, "image": image, **SLEEP}
    first = [{"name": name + "-6", "ipv6_address": "fd00:213::5"}]
    run("container_run", expect="changed", networks=first, **spec)
    assert endpoints(client, name)[name + "-6"]["GlobalIPv6Address"] == "fd00:213::5"
    run("container_run", expect="ok", networks=first, **spec)
    run("container_run", expect="changed", networks=[{**first[0], "ipv6_address": "fd00:213::6"}], **spec)
    assert endpoints(client, name)[name + "-6"]["GlobalIPv6Address"] == "fd00:213::6"


def test_network_of_another_container(run: Any, client: Any, image: str, name: str) -> None:
    run("container_run", name=name + "-a", image=image, **SLEEP)
    spec = {"name": name, "image": image, **SLEEP, "network_mode": "container:%s-a" % name}
    run("container_run", expect="changed", **spec)
    run("container_run", expect="ok", **spec)
    other = client.inspect_container(name + "-a")["Id"]
    run("container_run", expect="ok", **{**spec, "network_mode": "container:" + other})


@pytest.mark.parametrize("mode", ["default", "bridge"])
def test_the_default_network_has_two_names(mode: str, run: Any, client: Any, image: str, name: str) -> None:
    client.create_container(image, ["sleep", "1000"], name=name, stop_signal="KILL")
    client.start(name)
    run("container_run", expect="ok", name=name, image=image, network_mode=mode, **SLEEP)
    run("container_run", expect="ok", name=name, image=image, networks=[{"name": "bridge"}], **SLEEP)


def test_a_network_that_does_not_exist_leaves_the_container_connected(
    two: Any, run: Any, client: Any, image: str, name: str
) -> None:
    """A live change is not begun if a part of it is impossible."""
    spec = {"name": name, "image": image, **SLEEP, "networks": [{"name": two[0]}, {"name": two[1]}]}
    run("container_run", expect="changed", **spec)
    wrong = [{"name": two[0]}, {"name": two[1], "aliases": ["www"]}, {"name": name + "-none"}]
    result = run("container_run", expect="failed", **{**spec, "networks": wrong})
    assert name + "-none" in result["msg"]
    assert "nothing was touched" in result["msg"]
    assert sorted(endpoints(client, name)) == [two[0], two[1]]
    run("container_run", expect="ok", **spec)


NEWER = {
    "mac_address": ("02:42:0A:00:00:11", "02-42-0a-00-00-12", "MacAddress", "02:42:0a:00:00:12", "1.44"),
    "gw_priority": (1, 5, "GwPriority", 5, "1.48"),
}


@pytest.mark.parametrize("option", NEWER)
def test_what_newer_engines_have(option: str, two: Any, run: Any, client: Any, image: str, name: str) -> None:
    """Refused by name if the engine would ignore it."""
    first, second, key, value, since = NEWER[option]
    spec = {"name": name, "image": image, **SLEEP}
    api = tuple(int(part) for part in client.version()["ApiVersion"].split("."))
    if api < tuple(int(part) for part in since.split(".")):
        result = run("container_run", expect="failed", **spec, networks=[{"name": two[0], option: first}])
        assert "networks.%s needs API %s" % (option, since) in result["msg"]
        assert client.containers(all=True, filters={"name": name}) == []
        return
    run("container_run", expect="changed", **spec, networks=[{"name": two[0], option: first}])
    run("container_run", expect="ok", **spec, networks=[{"name": two[0], option: first}])
    then = {**spec, "networks": [{"name": two[0], option: second}]}
    foreseen = run("container_run", check=True, expect="changed", **then)
    done = run("container_run", expect="changed", **then)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert endpoints(client, name)[two[0]][key] == value
    run("container_run", expect="ok", **then)


def test_mac_addresses_in_two_networks(two: Any, run: Any, client: Any, image: str, name: str) -> None:
    if tuple(int(part) for part in client.version()["ApiVersion"].split(".")) < (1, 44):
        return  # See test_what_newer_engines_have.
    macs = ["02:42:0a:00:00:21", "02:42:0a:00:00:22"]
    networks = [{"name": two[number], "mac_address": mac} for number, mac in enumerate(macs)]
    spec = {"name": name, "image": image, **SLEEP, "networks": networks}
    run("container_run", expect="changed", **spec)
    found = endpoints(client, name)
    assert [found[network]["MacAddress"] for network in two] == macs
    run("container_run", expect="ok", **spec)


@pytest.fixture
def holder(two: Any, client: Any, image: str, name: str) -> str:
    """A container with the address 10.212.0.9 in the second network."""
    config = client.create_networking_config({two[1]: client.create_endpoint_config(ipv4_address="10.212.0.9")})
    host = client.create_host_config(network_mode=two[1])
    found = client.create_container(
        image, ["sleep", "1000"], name=name + "-holder", networking_config=config, host_config=host, stop_signal="KILL"
    )
    client.start(found)
    return name + "-holder"


def poison(client: Any, name: str, network: str, address: str) -> None:
    """Make the engine refuse to connect a running container: it keeps the configuration of the endpoint."""
    with pytest.raises(Exception, match="Address already in use"):
        client.connect_container_to_network(name, network, ipv4_address=address)


@pytest.mark.parametrize("first", [{"name": "bridge"}, {"name": "1"}], ids=["default network", "another one"])
def test_a_refused_connect_leaves_nothing(
    first: Any, two: Any, holder: str, run: Any, client: Any, image: str, name: str, monkeypatch: Any
) -> None:
    """The engine keeps the configuration of a refused endpoint, and could then not restart the container."""
    first = {"name": two[0]} if first["name"] == "1" else first
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", networks=[first], **spec)
    before = endpoints(client, name)
    taken = {"networks": [first, {"name": two[1], "ipv4_address": "10.212.0.9"}]}
    # No earlier check helps if the address is taken just before the connect.
    client.stop(holder)
    planned = run("container_run", check=True, expect="changed", **taken, **spec)
    from ansible_collections.wharf.docker.plugins.module_utils._apply import containers as _apply

    connect = _apply._connect_network

    def late(*arguments: Any) -> None:
        client.start(holder)
        connect(*arguments)

    monkeypatch.setattr(_apply, "_connect_network", late)
    failed = run("container_run", expect="failed", **taken, **spec)
    assert "10.212.0.9" in str(planned["diff"]) and two[1] in failed["msg"]
    assert {key: one["EndpointID"] for key, one in endpoints(client, name).items()} == {
        key: one["EndpointID"] for key, one in before.items()
    }
    monkeypatch.undo()
    run("container_run", expect="failed", **taken, **spec)
    client.restart(name)
    client.stop(holder)
    run("container_run", check=True, expect="changed", **taken, **spec)
    run("container_run", expect="changed", **taken, **spec)
    assert endpoints(client, name)[two[1]]["IPAddress"] == "10.212.0.9"
    run("container_run", expect="ok", **taken, **spec)


def test_an_endpoint_without_a_connection_is_none(
    two: Any, holder: str, run: Any, client: Any, image: str, name: str
) -> None:
    """An endpoint that an earlier refusal left in a running container is connected once the address is free."""
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", networks=[{"name": "bridge"}], **spec)
    poison(client, name, two[1], "10.212.0.9")
    client.stop(holder)
    taken = {"networks": [{"name": "bridge"}, {"name": two[1], "ipv4_address": "10.212.0.9"}]}
    foreseen = run("container_run", check=True, expect="changed", **taken, **spec)
    done = run("container_run", expect="changed", **taken, **spec)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert endpoints(client, name)[two[1]]["IPAddress"] == "10.212.0.9"
    run("container_run", expect="ok", **taken, **spec)
    client.restart(name)


def test_an_endpoint_without_a_connection_goes(
    two: Any, holder: str, run: Any, client: Any, image: str, name: str
) -> None:
    spec = {"name": name, "image": image, **SLEEP, "networks": [{"name": "bridge"}]}
    run("container_run", **spec)
    poison(client, name, two[1], "10.212.0.9")
    run("container_run", expect="ok", **spec)
    strict = {**spec, "comparisons": {"networks": "strict"}}
    run("container_run", check=True, expect="changed", **strict)
    run("container_run", expect="changed", **strict)
    assert list(endpoints(client, name)) == ["bridge"]
    run("container_run", expect="ok", **strict)
    client.restart(name)


def test_another_first_network_where_the_mode_is_ignored(
    two: Any, run: Any, client: Any, image: str, name: str
) -> None:
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", networks=[{"name": two[0]}], **spec)
    container = client.inspect_container(name)["Id"]
    other = {"networks": [{"name": two[1]}], "comparisons": {"network_mode": "ignore"}}
    foreseen = run("container_run", check=True, expect="changed", **other, **spec)
    done = run("container_run", expect="changed", **other, **spec)
    assert done["actions"] == foreseen["actions"] == ["connect %s: networks.%s (none) → {}" % (name, two[1])]
    assert client.inspect_container(name)["Id"] == container
    assert sorted(endpoints(client, name)) == sorted(two)
    run("container_run", expect="ok", **other, **spec)


def test_a_difference_stands_once_in_an_action(two: Any, run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP}
    mac = {"name": two[0], "mac_address": "02:42:00:00:00:01"}
    other = {**mac, "mac_address": "02:42:00:00:00:02"}
    if tuple(map(int, client.api_version.split("."))) < (1, 44):
        refused = run("container_run", networks=[mac], expect="failed", **spec)
        assert "networks.mac_address needs API 1.44" in refused["msg"]
        return
    run("container_run", networks=[mac], expect="changed", **spec)
    foreseen = run("container_run", check=True, networks=[other], expect="changed", **spec)
    assert "".join(foreseen["actions"]).count("02:42:00:00:00:02") == 1
