# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""network: every option four ways, connected containers, undoing a failed change, and wrong values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._apply import create_only as _create_only
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import network as _network
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

IPV6 = [{"subnet": "10.201.0.0/24"}, {"subnet": "fd00:201::/64"}]
ICC = "com.docker.network.bridge.enable_icc"


@dataclass(frozen=True)
class Row:
    """An option with two values, and those at ``path`` of the inspect document. ``also``: further options."""

    option: str
    first: Any
    second: Any
    path: str
    shows: tuple[Any, Any]
    also: dict[str, Any] = field(default_factory=dict)
    name: str = ""


ROWS = (
    # The engine allows the driver null only for its own network: the second driver is in test_driver.
    Row("driver_options", {ICC: True}, {ICC: False}, "Options", ({ICC: "true"}, {ICC: "false"})),
    Row("internal", True, False, "Internal", (True, False)),
    Row("attachable", True, False, "Attachable", (True, False)),
    Row("enable_ipv6", True, False, "EnableIPv6", (True, False), {"ipam_config": IPV6}),
    Row("labels", {"a": 1, "b": None}, {"a": "two"}, "Labels", ({"a": "1", "b": ""}, {"a": "two", "b": ""})),
    Row(
        "ipam_config",
        [{"subnet": "10.201.0.0/24", "gateway": "10.201.0.1"}],
        [{"subnet": "10.201.0.0/24", "gateway": "10.201.0.9"}],
        "IPAM.Config",
        (
            [{"Subnet": "10.201.0.0/24", "Gateway": "10.201.0.1"}],
            [{"Subnet": "10.201.0.0/24", "Gateway": "10.201.0.9"}],
        ),
        name="gateway",
    ),
    Row(
        "ipam_config",
        [{"subnet": "10.201.0.0/24", "gateway": "10.201.0.1"}],
        [{"subnet": "10.202.0.0/24", "gateway": "10.202.0.1"}],
        "IPAM.Config",
        (
            [{"Subnet": "10.201.0.0/24", "Gateway": "10.201.0.1"}],
            [{"Subnet": "10.202.0.0/24", "Gateway": "10.202.0.1"}],
        ),
        name="subnet",
    ),
    Row(
        "ipam_config",
        [{"subnet": "10.201.0.0/24", "gateway": "10.201.0.1", "iprange": "10.201.0.64/26"}],
        [{"subnet": "10.201.0.0/24", "gateway": "10.201.0.1", "iprange": "10.201.0.128/25"}],
        "IPAM.Config",
        (
            [{"Subnet": "10.201.0.0/24", "IPRange": "10.201.0.64/26", "Gateway": "10.201.0.1"}],
            [{"Subnet": "10.201.0.0/24", "IPRange": "10.201.0.128/25", "Gateway": "10.201.0.1"}],
        ),
        name="iprange",
    ),
    Row(
        "ipam_config",
        [{"subnet": "10.201.0.0/24", "gateway": "10.201.0.1", "aux_addresses": {"host": "10.201.0.7"}}],
        [{"subnet": "10.201.0.0/24", "gateway": "10.201.0.1", "aux_addresses": {"host": "10.201.0.8"}}],
        "IPAM.Config",
        (
            [{"Subnet": "10.201.0.0/24", "Gateway": "10.201.0.1", "AuxiliaryAddresses": {"host": "10.201.0.7"}}],
            [{"Subnet": "10.201.0.0/24", "Gateway": "10.201.0.1", "AuxiliaryAddresses": {"host": "10.201.0.8"}}],
        ),
        name="aux_addresses",
    ),
)

# Options without a row: the test that covers each.
ELSEWHERE = {
    "name": "test_the_name_is_exact",
    "state": "test_states",
    "driver": "test_driver",
    "force": "test_force",
}


def test_every_option_has_a_row() -> None:
    assert {row.option for row in ROWS} | set(ELSEWHERE) == set(_network.OPTIONS)
    assert set(ELSEWHERE.values()) <= set(globals())


def networks(client: Any, name: str) -> list[dict[str, Any]]:
    """The inspect documents of the networks with exactly this name."""
    return [client.inspect_network(found["Id"]) for found in client.networks() if found["Name"] == name]


def the_network(client: Any, name: str) -> dict[str, Any]:
    (found,) = networks(client, name)
    return found


def start(client: Any, image: str, name: str, network: str, **endpoint: Any) -> str:
    """Start a container in ``network``. Returns its id."""
    container = create(client, image, name, network, **endpoint)
    client.start(container)
    return container


def create(client: Any, image: str, name: str, network: str, **endpoint: Any) -> str:
    made = client.create_container(
        image,
        ["sleep", "1000"],
        name=name,
        stop_signal="KILL",
        host_config=client.create_host_config(network_mode=network),
        networking_config=client.create_networking_config({network: client.create_endpoint_config(**endpoint)}),
    )
    return str(made["Id"])


def endpoint(client: Any, container: str, network: str) -> dict[str, Any]:
    """The configuration of a container's endpoint, and the id of its network."""
    document = client.inspect_container(container)
    api = document["NetworkSettings"]["Networks"][network]
    return {
        "aliases": sorted(set(api["Aliases"] or []) - {document["Id"][:12]}),
        "links": api["Links"],
        "address": (api["IPAMConfig"] or {}).get("IPv4Address"),
        "network": api["NetworkID"],
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: ("%s %s" % (row.option, row.name)).strip())
def test_option(row: Row, run: Any, client: Any, name: str) -> None:
    first = {"name": name, **row.also, row.option: row.first}
    second = {"name": name, **row.also, row.option: row.second}

    foreseen = run("network", check=True, expect="changed", **first)
    assert foreseen["network"] == {}
    assert networks(client, name) == []
    done = run("network", expect="changed", **first)
    assert done["actions"] == foreseen["actions"] == ["create %s: no network of this name" % name]
    assert done["diff"] == foreseen["diff"]
    assert done["diff"]["before"]["state"] == "absent"
    assert row.option in done["diff"]["after"]
    before = the_network(client, name)
    assert done["network"] == before
    assert shown(before, row) == row.shows[0]
    assert run("network", expect="ok", **first)["network"] == before
    assert run("network", check=True, expect="ok", **first)["actions"] == []
    assert run("network", expect="ok", name=name)["actions"] == []

    foreseen = run("network", check=True, expect="changed", **second)
    assert set(foreseen["diff"]["after"]) == {row.option}
    assert foreseen["network"] == before == the_network(client, name)
    changed = run("network", expect="changed", **second)
    assert changed["actions"] == foreseen["actions"]
    assert len(changed["actions"]) == 1
    assert changed["actions"][0].startswith("recreate %s: %s" % (name, row.option))
    assert changed["diff"] == foreseen["diff"]
    after = the_network(client, name)
    assert after["Id"] != before["Id"]
    assert shown(after, row) == row.shows[1]
    assert run("network", expect="ok", **second)["actions"] == []


def shown(document: dict[str, Any], row: Row) -> Any:
    found: Any = document
    for key in row.path.split("."):
        found = found[key]
    return found


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("there", [True, False])
def test_states(state: str, there: bool, run: Any, client: Any, name: str) -> None:
    if there:
        client.create_network(name)
    changes = there != (state == "present")
    expect = "changed" if changes else "ok"
    foreseen = run("network", check=True, expect=expect, name=name, state=state)
    assert bool(networks(client, name)) is there
    done = run("network", expect=expect, name=name, state=state)
    for key in ("changed", "actions", "diff"):
        assert done[key] == foreseen[key]
    if changes:
        assert done["diff"]["after"]["state"] == state
    assert bool(networks(client, name)) is (state == "present")
    assert bool(done["network"]) is (state == "present")
    assert run("network", expect="ok", name=name, state=state)["actions"] == []


def test_driver(run: Any, client: Any, name: str) -> None:
    """Another driver takes over none of the old driver's options and addresses. (This kernel may lack the driver.)"""
    given = {"name": name, "labels": {"a": "1"}, "ipam_config": [{"subnet": "10.201.0.0/24"}]}
    run("network", expect="changed", driver="bridge", driver_options={ICC: False}, **given)
    before = the_network(client, name)
    foreseen = run("network", check=True, expect="changed", name=name, driver="macvlan")
    assert foreseen["actions"] == ["recreate %s: driver bridge → macvlan" % name]
    assert the_network(client, name) == before
    result = run("network", expect="any", name=name, driver="macvlan")
    after = the_network(client, name)
    if result.get("failed"):
        assert "The network %s is there again as it was." % name in result["msg"]
        assert alike(after, before)
    else:
        assert result["actions"] == foreseen["actions"]
        assert after["Driver"] == "macvlan"
        assert after["Labels"] == {"a": "1"}
        assert ICC not in after["Options"]


def alike(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether two networks are the same except for values that the engine assigns."""
    ours = ("Id", "Created", "Containers", "Status")
    return {key: value for key, value in first.items() if key not in ours} == {
        key: value for key, value in second.items() if key not in ours
    }


def test_what_is_not_given_stays(run: Any, client: Any, name: str) -> None:
    client.create_network(
        name,
        internal=True,
        attachable=True,
        labels={"a": "1", "b": "2"},
        options={ICC: "false"},
        ipam={"Driver": "default", "Config": [{"Subnet": "10.201.0.0/24", "IPRange": "10.201.0.128/25"}]},
    )
    before = the_network(client, name)
    done = run("network", expect="changed", name=name, labels={"b": "3"})
    assert done["diff"] == {"before": {"labels": {"b": "2"}}, "after": {"labels": {"b": "3"}}}
    after = the_network(client, name)
    assert after["Labels"] == {"a": "1", "b": "3"}
    assert alike({**after, "Labels": before["Labels"]}, before)


def test_addresses_the_engine_chose_stay(run: Any, client: Any, name: str) -> None:
    run("network", name=name)
    before = the_network(client, name)["IPAM"]["Config"]
    run("network", expect="changed", name=name, labels={"a": "1"})
    assert the_network(client, name)["IPAM"]["Config"] == before


def test_ipv6_beside_addresses_the_engine_chose(run: Any, client: Any, name: str) -> None:
    spec = {
        "name": name,
        "enable_ipv6": True,
        "ipam_config": [{"subnet": "FD00:201:0:0::/64", "gateway": "fd00:201::0001"}],
    }
    run("network", expect="changed", **spec)
    assert len(the_network(client, name)["IPAM"]["Config"]) == 2
    run("network", expect="ok", **spec)
    run("network", expect="changed", name=name, enable_ipv6=False)
    assert len(the_network(client, name)["IPAM"]["Config"]) == 1


def test_the_alias_of_name(run: Any, client: Any, name: str) -> None:
    run("network", expect="changed", network_name=name)
    assert the_network(client, name)


def test_the_name_is_exact(run: Any, client: Any, name: str) -> None:
    """The engine accepts the beginning of an id as a name, and fails if several ids begin with it."""
    first = the_id(client, name)
    for state, expect in (("absent", "ok"), ("present", "changed"), ("absent", "changed")):
        run("network", expect=expect, name=first[:5], state=state)
    assert the_network(client, name)["Id"] == first

    letters = {found["Id"][0] for found in client.networks()}
    ids = [found["Id"] for found in client.networks()]
    for number in range(20):
        if len(letters) < len(ids):
            break
        made = client.create_network("%s-%d" % (name, number), ipam=subnet("10.203.%d.0/29" % number), internal=True)
        ids.append(made["Id"])
        letters.add(made["Id"][0])
    twice = next(identity[0] for identity in ids if [other[0] for other in ids].count(identity[0]) > 1)
    run("network", expect="ok", name=twice, state="absent")
    run("network", expect="changed", check=True, name=twice)
    assert {found["Id"] for found in client.networks()} == set(ids)

    for identity in (first, first[:12]):
        for state in ("present", "absent"):
            result = run("network", expect="failed", name=identity, state=state)
            assert result["msg"] == "name: %s is the id of the network %s: give its name." % (identity, name)


def the_id(client: Any, name: str) -> str:
    return str(client.create_network(name)["Id"])


def subnet(text: str) -> dict[str, Any]:
    return {"Driver": "default", "Config": [{"Subnet": text}]}


def test_a_container_of_another_network_is_not_in_the_way(run: Any, client: Any, image: str, name: str) -> None:
    """The engine's filter also accepts the beginning of an id as a name."""
    other = the_id(client, name)
    start(client, image, name, name)
    short = other[:5]
    client.create_network(short)
    run("network", expect="changed", name=short, labels={"a": "1"})
    run("network", expect="changed", name=short, state="absent")
    assert client.inspect_container(name)["NetworkSettings"]["Networks"][name]["NetworkID"] == other


def test_several_networks_of_one_name(run: Any, client: Any, name: str) -> None:
    import docker.errors

    client.create_network(name)
    try:
        client.create_network(name)
    except docker.errors.APIError:
        pytest.skip("this engine has one network of a name")
    for state in ("present", "absent"):
        result = run("network", expect="failed", name=name, state=state)
        assert "ambiguous" in result["msg"]
        assert "by their ids" in result["msg"]
    assert len(networks(client, name)) == 2


@pytest.mark.parametrize("kind", ["running", "paused", "exited", "created"])
def test_connected_containers_are_in_the_way(kind: str, run: Any, client: Any, image: str, name: str) -> None:
    client.create_network(name)
    container = create(client, image, name, name)
    if kind != "created":
        client.start(container)
    if kind == "paused":
        client.pause(container)
    if kind == "exited":
        client.stop(container)
    before = the_network(client, name)
    for arguments in ({"state": "absent"}, {"labels": {"a": "1"}}):
        for check in (True, False):
            result = run("network", check=check, expect="failed", name=name, **arguments)
            assert "containers are connected to it: %s (%s)." % (name, kind) in result["msg"]
            assert "set force to true" in result["msg"]
    assert the_network(client, name) == before
    assert run("network", expect="ok", name=name)["actions"] == []
    if kind == "paused":
        client.unpause(container)
    if kind != "running":
        client.start(container)


def test_a_member_that_others_have_links_to(run: Any, client: Any, image: str, name: str) -> None:
    """The engine lists the names of links as well, and not always after the container's own name."""
    run("network", name=name)
    member = create(client, image, name + "-member", "bridge")
    client.connect_container_to_network(member, name)
    link = client.create_host_config(links={name + "-member": "db"})
    linked = client.create_container(image, name=name + "-a", host_config=link)["Id"]
    message = run("network", expect="failed", name=name, state="absent")["msg"]
    assert "containers are connected to it: %s-member (created)." % name in message
    actions = run("network", expect="changed", name=name, state="absent", force=True)["actions"]
    assert actions[0] == "disconnect %s-member: to remove the network %s" % (name, name)
    for container in (linked, member):
        client.remove_container(container)


def test_force(run: Any, client: Any, image: str, name: str) -> None:
    """Containers in every state are reconnected, with the configuration of their endpoints, and can start again."""
    run("network", name=name, ipam_config=[{"subnet": "10.201.0.0/24"}])
    web = start(client, image, name + "-web", name, aliases=["web"], ipv4_address="10.201.0.50")
    first = start(client, image, name + "-first", name, links={name + "-web": "other"})
    old = start(client, image, name + "-old", name, aliases=["old"], ipv4_address="10.201.0.60")
    client.stop(old)
    new = create(client, image, name + "-new", name, aliases=["new"])
    side = create(client, image, name + "-side", "bridge")
    client.connect_container_to_network(side, name, aliases=["side"])
    client.start(side)
    everything = (web, first, old, new, side)
    before = the_network(client, name)
    given = {container: endpoint(client, container, name) for container in everything}
    pids = {container: client.inspect_container(container)["State"]["Pid"] for container in (web, first, side)}

    arguments = {"name": name, "force": True, "labels": {"a": "1"}}
    foreseen = run("network", check=True, expect="changed", **arguments)
    assert the_network(client, name) == before
    done = run("network", expect="changed", **arguments)
    for key in ("actions", "diff"):
        assert done[key] == foreseen[key]
    assert done["diff"] == {"before": {"labels": {}}, "after": {"labels": {"a": "1"}}}
    verbs = [action.split()[0] for action in done["actions"]]
    assert verbs == ["disconnect"] * 5 + ["recreate"] + ["connect"] * 5
    assert "recreate %s: labels.a (none) → 1" % name in done["actions"]
    assert "connect %s-web: to recreate the network %s" % (name, name) in done["actions"]

    after = the_network(client, name)
    assert after["Id"] != before["Id"]
    assert alike({**after, "Labels": {}}, {**before, "Labels": {}})
    for container in (old, new):
        client.start(container)
    for container in everything:
        found = endpoint(client, container, name)
        assert found["network"] == after["Id"]
        for key in ("aliases", "links", "address"):
            assert found[key] == given[container][key]
    for container, pid in pids.items():
        assert client.inspect_container(container)["State"]["Pid"] == pid
    assert client.inspect_container(old)["NetworkSettings"]["Networks"][name]["IPAddress"] == "10.201.0.60"


def test_force_with_a_published_port(run: Any, engine: Any, client: Any, image: str, name: str) -> None:
    run("network", name=name)
    run(
        "container_run",
        name=name,
        image=image,
        command=["httpd", "-f", "-p", "80", "-h", "/etc"],
        published_ports=["18080:80"],
        networks=[{"name": name}],
    )
    run("network", expect="changed", name=name, force=True, labels={"a": "1"})
    assert fetches(engine)


def fetches(engine: Any) -> bool:
    import subprocess

    argv = ["curl", "-s", "-m", "5", "http://127.0.0.1:18080/passwd"]
    return subprocess.run(engine.enter(argv), capture_output=True, check=False).returncode == 0


def test_force_is_always_a_new_one(run: Any, client: Any, name: str) -> None:
    run("network", name=name, labels={"a": "1"})
    before = the_network(client, name)
    foreseen = run("network", check=True, expect="changed", name=name, force=True)
    done = run("network", expect="changed", name=name, force=True)
    assert done["actions"] == foreseen["actions"] == ["recreate %s: force is requested" % name]
    assert (
        done["diff"]
        == foreseen["diff"]
        == {"before": {"network": before["Id"][:12]}, "after": {"network": "a new one"}}
    )
    after = the_network(client, name)
    assert after["Id"] != before["Id"]
    assert alike(after, before)


def test_force_removes(run: Any, client: Any, image: str, name: str) -> None:
    client.create_network(name)
    container = start(client, image, name, name)
    foreseen = run("network", check=True, expect="changed", name=name, state="absent", force=True)
    done = run("network", expect="changed", name=name, state="absent", force=True)
    assert done["actions"] == foreseen["actions"]
    assert [action.split()[0] for action in done["actions"]] == ["disconnect", "remove"]
    assert networks(client, name) == []
    assert client.inspect_container(container)["State"]["Running"] is True
    run("network", expect="ok", name=name, state="absent", force=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"ipam_config": [{"subnet": "10.204.0.0/24"}]}, "overlap"),
        # It does not contain the fixed address of a container: the last step but one fails.
        ({"ipam_config": [{"subnet": "10.205.0.0/24"}]}, "connect the container"),
    ],
    ids=["create", "connect"],
)
def test_the_way_back(arguments: Any, words: str, run: Any, client: Any, image: str, name: str) -> None:
    client.create_network(name + "-other", ipam=subnet("10.204.0.0/24"))
    run("network", name=name, labels={"a": "1"}, ipam_config=[{"subnet": "10.201.0.0/24"}])
    web = start(client, image, name + "-web", name, aliases=["web"], ipv4_address="10.201.0.50")
    other = start(client, image, name + "-other", name)
    old = start(client, image, name + "-old", name)
    client.stop(old)
    before, given = the_network(client, name), endpoint(client, web, name)

    result = run("network", expect="failed", name=name, force=True, labels={"a": "2"}, **arguments)
    assert words in result["msg"]
    assert result["msg"].endswith("The network %s is there again as it was." % name)
    after = the_network(client, name)
    assert alike(after, before)
    assert set(after["Containers"]) == {web, other}
    client.start(old)
    for container in (web, other, old):
        assert endpoint(client, container, name)["network"] == after["Id"]
    assert {**endpoint(client, web, name), "network": given["network"]} == given


def test_the_way_back_can_be_closed(
    run: Any, engine: Any, client: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something takes the addresses while the network does not exist: what could not be undone is reported."""
    run("network", name=name, ipam_config=[{"subnet": "10.201.0.0/24"}])
    remove = _create_only.remove

    def remove_and_lose(*arguments: Any) -> None:
        remove(*arguments)
        client.create_network(name + "-thief", ipam=subnet("10.201.0.0/24"))

    monkeypatch.setattr(_create_only, "remove", remove_and_lose)
    arguments = {"docker_host": engine.url, "name": name, "labels": {"a": "1"}}
    result = _task.call(_registry.task("network"), arguments)
    assert result["failed"]
    assert "Not everything could be undone: could not create the network %s as it was" % name in result["msg"]
    assert "give ipam_config another one" in result["msg"]


@pytest.mark.parametrize("name", ["bridge", "host", "none"])
def test_the_networks_of_the_engine(name: str, run: Any, client: Any) -> None:
    before = the_network(client, name)
    for arguments in ({"state": "absent"}, {"labels": {"a": "1"}}, {"force": True}):
        for check in (True, False):
            result = run("network", check=check, expect="failed", name=name, **arguments)
            assert "it is the engine's own" in result["msg"]
    run("network", expect="ok", name=name, driver=before["Driver"])
    assert the_network(client, name) == before


def test_the_name_that_the_engine_keeps_for_itself(run: Any, client: Any) -> None:
    before = {found["Id"] for found in client.networks()}
    for check in (True, False):
        message = run("network", check=check, expect="failed", name="default")["msg"]
        assert "the engine keeps this name for itself" in message
    assert {found["Id"] for found in client.networks()} == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"driver": "nothing"}, ["create the network", "'docker info' lists them"]),
        (
            {"ipam_config": [{"subnet": "10.204.0.0/25"}]},
            ["create the network", "overlap", "give ipam_config another one."],
        ),
    ],
    ids=["driver", "subnet"],
)
def test_what_the_engine_refuses(arguments: Any, words: list[str], run: Any, client: Any, name: str) -> None:
    client.create_network(name + "-other", ipam=subnet("10.204.0.0/24"))
    message = run("network", expect="failed", name=name, **arguments)["msg"]
    for word in [name, *words]:
        assert word in message
    assert networks(client, name) == []


def test_calls(run: Any, client: Any, image: str, name: str, engine: Any) -> None:
    """A run without a change costs a ping and an inspect of the network: containers cost nothing."""
    spec = {"name": name, "labels": {"a": "1"}, "ipam_config": [{"subnet": "10.201.0.0/24"}]}
    run("network", **spec)
    start(client, image, name, name)
    assert calls_of(engine, **spec) == ["GET /_ping", "GET /networks/" + name]
    assert calls_of(engine, name=name + "-none", state="absent") == ["GET /_ping", "GET /networks/%s-none" % name]


def calls_of(engine: Any, **arguments: Any) -> list[str]:
    task = _registry.task("network")
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

    validated = ArgumentSpecValidator(task.argument_spec()).validate({"docker_host": engine.url, **arguments})
    call = _task.Call(validated.validated_parameters, check_mode=False, diff_mode=False)
    assert task.run(call)["changed"] is False
    return call.engine.calls


def test_both_executions(run: Any, ansible: Any, client: Any, image: str, name: str) -> None:
    """The results with Ansible are the same in both executions."""
    run("network", name=name, labels={"a": "1"})
    foreseen = run("network", check=True, name=name, labels={"a": "2"})
    for check in (True, False):
        done = ansible("network", check=check, diff=True, expect="changed", name=name, labels={"a": "2"})
        for key in ("actions", "diff", "changed"):
            assert done[key] == foreseen[key]
    assert ansible("network", expect="ok", name=name, labels={"a": "2"})["network"] == the_network(client, name)
    start(client, image, name, name)
    refused = run("network", expect="failed", name=name, state="absent")
    assert ansible("network", expect="failed", name=name, state="absent")["msg"] == refused["msg"]
