# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_run: objects that a spec refers to are checked before anything is touched."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sampled

from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}


@pytest.fixture
def world(client: Any, image: str, run: Any, name: str) -> str:
    make_world(client, image, run, name)
    return name


def make_world(client: Any, image: str, run: Callable[..., Any], name: str) -> None:
    """Create a running container NAME, others to refer to, and networks."""
    client.create_network(name + "-net", ipam={"Config": [{"Subnet": "10.221.0.0/24", "Gateway": "10.221.0.1"}]})
    client.create_network(name + "-tiny", ipam={"Config": [{"Subnet": "10.222.0.0/30"}]})
    run("container_run", name=name + "-stopped", image=image, ipc_mode="shareable", state="stopped", **SLEEP)
    run("container_run", name=name + "-private", image=image, ipc_mode="private", **SLEEP)
    run(
        "container_run",
        name=name + "-holder",
        image=image,
        published_ports=["127.0.0.1:18180:80", "18181:81/udp"],
        networks=[{"name": name + "-net", "ipv4_address": "10.221.0.9"}, {"name": name + "-tiny"}],
        **SLEEP,
    )
    client.create_volume(name + "-data", driver_opts={"type": "tmpfs", "device": "tmpfs"}, labels={"a": "1"})
    run("container_run", name=name, image=image, **SLEEP)


def filled(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return value.replace("{name}", name)
    if isinstance(value, dict):
        return {key: filled(item, name) for key, item in value.items()}
    return [filled(item, name) for item in value] if isinstance(value, list) else value


MOUNT = {"type": "volume", "target": "/data", "source": "{name}-data"}
# Refused options, parts of the message, and whether check mode fails as well (otherwise it warns).
REFUSED: list[tuple[dict[str, Any], list[str], bool]] = [
    ({"networks": [{"name": "{name}-typo"}]}, ["networks", "no network {name}-typo"], False),
    ({"networks": [{"name": "bridge"}, {"name": "{name}-typo"}]}, ["networks", "no network {name}-typo"], False),
    ({"network_mode": "{name}-typo"}, ["network_mode", "no network {name}-typo"], False),
    ({"network_mode": "service:vpn"}, ["network_mode", "no network service:vpn"], False),
    ({"network_mode": "container:{name}-typo"}, ["network_mode", "no container {name}-typo"], False),
    ({"network_mode": "container:{name}-stopped"}, ["network_mode", "{name}-stopped is not running"], False),
    ({"pid_mode": "container:{name}-stopped"}, ["pid_mode", "{name}-stopped is not running"], False),
    ({"ipc_mode": "container:{name}-stopped"}, ["ipc_mode", "{name}-stopped is not running"], False),
    ({"ipc_mode": "container:{name}-private"}, ["ipc_mode", "{name}-private does not share"], False),
    ({"network_mode": "container:{name}"}, ["network_mode", "{name} is the container itself"], False),
    ({"volumes_from": ["{name}-typo:ro"]}, ["volumes_from", "no container {name}-typo"], False),
    ({"links": ["{name}-typo:db"]}, ["links", "no container {name}-typo"], False),
    ({"links": ["{name}-stopped:db"]}, ["links", "{name}-stopped is not running"], False),
    ({"networks": [{"name": "bridge", "aliases": ["www"]}]}, ["networks", "bridge", "www"], True),
    ({"networks": [{"name": "bridge", "ipv4_address": "172.17.0.9"}]}, ["networks", "172.17.0.9"], True),
    ({"networks": [{"name": "{name}-net"}, {"name": "host"}]}, ["networks", "host"], True),
    ({"network_mode": "host", "networks": [{"name": "{name}-net"}]}, ["networks", "{name}-net"], True),
    (
        {"networks": [{"name": "{name}-net", "ipv4_address": "10.99.0.9"}]},
        ["networks", "10.99.0.9", "10.221.0.0/24"],
        True,
    ),
    (
        {"networks": [{"name": "{name}-net", "ipv4_address": "10.221.0.9"}]},
        ["networks", "10.221.0.9", "{name}-holder"],
        False,
    ),
    (
        {"networks": [{"name": "bridge"}, {"name": "{name}-net", "ipv4_address": "10.221.0.1"}]},
        ["networks", "10.221.0.1", "gateway"],
        False,
    ),
    (
        {"networks": [{"name": "bridge"}, {"name": "{name}-net", "ipv4_address": "10.221.0.255"}]},
        ["networks", "10.221.0.255", "whole network"],
        True,
    ),
    ({"networks": [{"name": "{name}-tiny"}]}, ["networks", "{name}-tiny", "no free address"], False),
    ({"networks": [{"name": "bridge"}, {"name": "{name}-tiny"}]}, ["networks", "no free address"], False),
    ({"published_ports": ["18180:80"]}, ["published_ports", "18180/tcp", "{name}-holder"], False),
    ({"published_ports": ["18182:80", "18182:81"]}, ["published_ports", "18182/tcp", "twice"], True),
    ({"published_ports": ["127.0.0.1:18180:80"]}, ["published_ports", "127.0.0.1:18180/tcp"], False),
    ({"published_ports": ["127.0.0.1:18181:80/udp"]}, ["published_ports", "18181/udp", "{name}-holder"], False),
    ({"mounts": [{**MOUNT, "volume_options": {"type": "nfs"}}]}, ["mounts", "{name}-data", "volume_options"], False),
    ({"mounts": [{**MOUNT, "volume_driver": "other"}]}, ["mounts", "{name}-data", "volume_driver local"], False),
    ({"mounts": [{**MOUNT, "labels": {"a": "2"}}]}, ["mounts", "{name}-data", "labels (a)"], False),
]


@pytest.fixture(scope="class")
def untouched(engine: Any, client: Any, image: str) -> Iterator[str]:
    def run(module: str, **arguments: Any) -> None:
        result = _task.call(_registry.task(module), {"docker_host": engine.url, **arguments})
        assert not result.get("failed"), result

    name = "t-" + secrets.token_hex(4)
    make_world(client, image, run, name)
    yield name
    for found in client.containers(all=True):
        client.remove_container(found, force=True, v=True)
    for network in (name + "-net", name + "-tiny"):
        client.remove_network(network)
    client.remove_volume(name + "-data")


class TestRefused:
    """These share one set of objects, since nothing is touched."""

    @pytest.mark.parametrize(("options", "words", "always"), REFUSED, ids=[str(one[0]) for one in REFUSED])
    def test_refused(
        self, options: Any, words: Any, always: bool, untouched: str, run: Any, client: Any, image: str
    ) -> None:
        """The old container keeps running, even if only its networks were to be changed."""
        name = untouched
        before = client.inspect_container(name)
        spec = {"name": name, "image": image, **SLEEP, **filled(options, name)}
        foreseen = run(
            "container_run", check=True, expect="failed" if always else "changed", warnings=not always, **spec
        )
        said = foreseen["msg"] if always else " ".join(foreseen["warnings"])
        assert all(word in said for word in filled(words, name))
        failed = run("container_run", expect="failed", **spec)
        assert all(word in failed["msg"] for word in filled(words, name)), failed["msg"]
        assert "nothing was touched" in failed["msg"]
        after = client.inspect_container(name)
        assert (after["Id"], after["State"]["StartedAt"]) == (before["Id"], before["State"]["StartedAt"])
        assert list(after["NetworkSettings"]["Networks"]) == ["bridge"]
        assert len(client.containers(all=True)) == 4

        # A new container is refused with the same message.
        new = {**spec, "name": name + "-new"}
        if "container:%s'" % name not in str(options).replace("{name}", name):
            failed = run("container_run", expect="failed", **new)
            assert filled(words[-1], name) in failed["msg"] or "published_ports" in words, failed["msg"]
        assert len(client.containers(all=True)) == 4


WORDS: list[dict[str, Any]] = [
    {"hostname": "h" * 65},
    {"ipc_mode": "bogus"},
    {"pid_mode": "bogus"},
    {"uts": "bogus"},
    {"userns_mode": "bogus"},
    {"dns_servers": ["127.0.0.1", "dns.example"]},
    {"device_cgroup_rules": ["c 1:3"]},
]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("options", WORDS, ids=str)
def test_a_wrong_word(options: Any, check: bool, run: Any, client: Any, image: str, name: str) -> None:
    """Refused without asking the engine: some ignore it, or notice it only after the old container was stopped."""
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", expect="changed", **spec)
    before = client.inspect_container(name)
    failed = run("container_run", check=check, expect="failed", **{**spec, **options})
    assert failed["msg"].startswith("Cannot describe the container %s: %s: " % (name, next(iter(options))))
    after = client.inspect_container(name)
    assert (after["Id"], after["State"]["StartedAt"]) == (before["Id"], before["State"]["StartedAt"])


ACCEPTED: list[dict[str, Any]] = [
    {"network_mode": "container:{name}-private"},
    {"pid_mode": "container:{name}-private"},
    {"volumes_from": ["{name}-stopped"]},
    {"links": ["{name}-private:db"]},
    {"published_ports": ["127.0.0.2:18180:80"]},
    {"published_ports": ["18181:81"]},
    {"networks": [{"name": "{name}-net", "ipv4_address": "10.221.0.8", "aliases": ["www"]}]},
    {"networks": [{"name": "bridge"}, {"name": "{name}-net"}]},
    {"networks": [{"name": "none"}]},
    {"network_mode": "host"},
    {"network_mode": "none", "networks": []},
    {"mounts": [{**MOUNT, "volume_options": {"type": "tmpfs", "device": "tmpfs"}, "labels": {"a": "1"}}]},
    {"mounts": [{**MOUNT, "source": "{name}-fresh", "labels": {"a": "2"}}]},
]


@pytest.mark.parametrize("options", sampled.some(ACCEPTED, sample=6), ids=str)
def test_accepted(options: Any, world: str, run: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP, **filled(options, name)}
    foreseen = run("container_run", check=True, expect="changed", **spec)
    done = run("container_run", expect="changed", **spec)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    run("container_run", expect="ok", **spec)
    again = run("container_run", expect="changed", recreate=True, **spec)
    assert again["actions"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("links", ["{id}:db"]),
        ("links", ["{whole}:db"]),
        ("volumes_from", ["/{name}-private:ro"]),
        ("network_mode", "container:/{name}-private"),
        ("pid_mode", "container:/{name}-private"),
    ],
)
def test_other_words_for_a_container(
    option: str, value: Any, world: str, run: Any, client: Any, image: str, name: str
) -> None:
    """An id, or a name with the slash that the engine shows, means the same as the name."""
    found = client.inspect_container(name + "-private")["Id"]
    words = json.loads(json.dumps(value).replace("{id}", found[:12]).replace("{whole}", found).replace("{name}", name))
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", expect="changed", **spec, **{option: words})
    run("container_run", expect="ok", **spec, **{option: words})
    named = json.loads(json.dumps(words).replace(found, found[:12]).replace(found[:12], name + "-private"))
    plain = json.loads(json.dumps(named).replace("/", ""))
    run("container_run", expect="ok", **spec, **{option: plain})


def test_a_network_by_too_short_an_id(world: str, run: Any, client: Any, image: str, name: str) -> None:
    short = client.inspect_network(name + "-net")["Id"][:11]
    failed = run("container_run", expect="failed", name=name, image=image, networks=[short], **SLEEP)
    assert "no network %s" % short in failed["msg"] and "at least 12 characters" in failed["msg"]
    assert "The id of the network %s-net" % name in failed["msg"]


def test_an_unchanged_run_asks_nothing_more(world: str, run: Any, client: Any, image: str, name: str) -> None:
    """Later problems do not matter to a task that changes nothing."""
    spec = {"name": name, "image": image, **SLEEP, "volumes_from": [name + "-stopped"]}
    run("container_run", expect="changed", **spec)
    client.remove_container(name + "-stopped")
    run("container_run", expect="ok", **spec)


def test_stopped_ones_need_nothing_that_runs(world: str, run: Any, image: str, name: str) -> None:
    spec = {"name": name + "-new", "image": image, "state": "present", **SLEEP}
    run("container_run", expect="changed", network_mode="container:%s-stopped" % name, **spec)
    run("container_run", expect="changed", recreate=True, network_mode="container:%s-stopped" % name, **spec)


def test_mounts_that_are_ignored(world: str, run: Any, image: str, name: str) -> None:
    """Only a warning if mounts are not compared, or another option causes the replacement."""
    mounts = filled([{**MOUNT, "volume_options": {"type": "nfs"}}], name)
    spec = {"name": name, "image": image, **SLEEP, "env": {"A": "1"}, "mounts": mounts}
    ignored = {**spec, "comparisons": {"mounts": "ignore"}}
    for check in (True, False):
        result = run("container_run", check=check, expect="changed", warnings=True, **ignored)
        assert [name + "-data" in words for words in result["warnings"]] == [True]
    result = run("container_run", expect="changed", warnings=True, **{**spec, "env": {"A": "2"}})
    assert [name + "-data" in words for words in result["warnings"]] == [True]


def test_two_networks_where_one_is_wrong(world: str, run: Any, client: Any, image: str, name: str) -> None:
    """No endpoint is removed if the next one is impossible."""
    net = {"name": name + "-net", "ipv4_address": "10.221.0.5"}
    run("container_run", name=name, image=image, networks=[{"name": "bridge"}, net], **SLEEP)
    before = client.inspect_container(name)["NetworkSettings"]["Networks"]
    wanted = [{"name": "bridge"}, {**net, "ipv4_address": "10.221.0.6"}, {"name": name + "-typo"}]
    failed = run("container_run", expect="failed", name=name, image=image, networks=wanted, **SLEEP)
    assert "nothing was touched" in failed["msg"]
    assert client.inspect_container(name)["NetworkSettings"]["Networks"] == before


@pytest.mark.parametrize("replaced", [False, True], ids=["new", "replaced"])
def test_volumes_of_a_container_that_fails(replaced: bool, run: Any, client: Any, image: str, name: str) -> None:
    """Volumes that the engine created for it are removed; existing ones stay."""
    client.create_volume(name + "-there")
    if replaced:
        run("container_run", name=name, image=image, **SLEEP)
    volumes = ["%s-%s:/%s" % (name, one, one) for one in ("there", "new")]
    mounts = [{"type": "volume", "source": name + "-mounted", "target": "/mounted"}]
    spec = {"name": name, "image": image, "volumes": volumes, "mounts": mounts, "command": ["/no/such/program"]}
    spec["stop_signal"] = "KILL"
    failed = run("container_run", expect="failed", **spec)
    assert "undone" in failed["msg"] or "is back" in failed["msg"]
    assert [one["Name"] for one in client.volumes()["Volumes"]] == [name + "-there"]
    assert len(client.containers(all=True)) == replaced


def test_volumes_of_a_container_that_is_refused(run: Any, client: Any, image: str, name: str) -> None:
    """If nothing was done, nothing is reported as undone."""
    failed = run("container_run", expect="failed", name=name, image=image, volumes=[name + "-v:/v"], runtime="none")
    assert "undone" not in failed["msg"] or client.volumes()["Volumes"] in (None, [])
    assert not client.volumes()["Volumes"]


def test_a_volume_that_another_one_uses_meanwhile(
    run: Any, client: Any, image: str, name: str, monkeypatch: Any
) -> None:
    from ansible_collections.wharf.docker.plugins.module_utils._apply import containers as _apply

    start = _apply.start_container

    def late(*arguments: Any) -> None:
        host = client.create_host_config(binds=[name + "-v:/v"])
        client.create_container(image, ["true"], name=name + "-other", host_config=host)
        start(*arguments)

    monkeypatch.setattr(_apply, "start_container", late)
    failed = run(
        "container_run", expect="failed", name=name, image=image, volumes=[name + "-v:/v"], command=["/no/such"]
    )
    assert "Not everything could be undone" in failed["msg"] and name + "-v" in failed["msg"]
    assert [one["Name"] for one in client.volumes()["Volumes"]] == [name + "-v"]


@pytest.mark.parametrize("mode", ["network_mode", "links", "networks"])
def test_a_restart_that_could_not_come_back(
    mode: str, world: str, run: Any, client: Any, image: str, name: str
) -> None:
    """A container that it uses has been stopped: it keeps running, but would not start again."""
    run("container_run", name=name + "-used", image=image, **SLEEP)
    options: dict[str, Any] = {mode: "container:%s-used" % name}
    if mode == "links":
        options = {"links": [name + "-used:db"]}
    elif mode == "networks":
        options = {}
    spec = {"name": name, "image": image, **SLEEP, **options}
    if options:
        run("container_run", expect="changed", **spec)
    if mode == "networks":
        with pytest.raises(Exception, match="Address already in use"):
            client.connect_container_to_network(name, name + "-net", ipv4_address="10.221.0.9")
    client.stop(name + "-used", timeout=0)
    before = client.inspect_container(name)["State"]
    foreseen = run("container_run", check=True, expect="changed", warnings=True, restart=True, **spec)
    assert name in foreseen["warnings"][0]
    failed = run("container_run", expect="failed", restart=True, **spec)
    assert mode in failed["msg"] and "nothing was touched" in failed["msg"]
    assert client.inspect_container(name)["State"] == before
