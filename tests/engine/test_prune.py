# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""prune: exactly the predicted objects are removed.

A prune affects a whole engine, therefore these tests have a separate one, emptied before each test.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import re
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import private_engine
import pytest
import sampled

from ansible_collections.wharf.docker.plugins.module_utils._apply.prune import _REMOVERS
from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import plan_prune as _plan_prune
from ansible_collections.wharf.docker.plugins.module_utils._tasks import prune as _prune
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

BASE = "wharf-test/base:latest"
ALL = {"containers": True, "networks": True, "volumes": True, "images": True, "builder_cache": True}
PREDEFINED = {"bridge", "host", "none"}
REPLACES = "wharf.docker.replaces"
# The number of sets of objects that are always the same, and of sets that are random in each run.
KNOWN, SETS = 5, sampled.number(6, exhaustive=45)

Objects = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def engine() -> Iterator[private_engine.Engine]:
    version = os.environ.get("ENGINE") or private_engine.INSTALLED
    with private_engine.running(version=version, store=os.environ.get("STORE") or "overlay2") as found:
        yield found


@pytest.fixture(scope="module")
def client(engine: private_engine.Engine) -> Iterator[Any]:
    import docker

    with contextlib.closing(docker.APIClient(base_url=engine.url, version="auto", timeout=60)) as found:
        yield found


@pytest.fixture
def made(client: Any, rootfs_tar: Path) -> Made:
    """An engine with only the base image, and methods to create objects on it."""
    made = Made(client, rootfs_tar)
    made.empty()
    if not client.images(BASE):
        made.image(BASE)
    return made


class Made:
    """Creates what a test needs, and reports what exists."""

    def __init__(self, client: Any, rootfs_tar: Path) -> None:
        self.client = client
        self.rootfs_tar = rootfs_tar

    def empty(self) -> None:
        for container in self.client.containers(all=True):
            if container["State"] == "paused":
                self.client.unpause(container)
            self.client.remove_container(container, force=True, v=True)
        for network in self.client.networks():
            if network["Name"] not in PREDEFINED:
                self.client.remove_network(network["Id"])
        for volume in self.client.volumes()["Volumes"] or []:
            self.client.remove_volume(volume["Name"], force=True)
        # Children first: an image can't be removed before images built from it.
        for image in sorted(self.client.images(), key=lambda image: not image["ParentId"]):
            if BASE not in (image["RepoTags"] or []):
                self.client.remove_image(image["Id"], force=True)
        self.call("POST", "/build/prune", all="true")

    def call(self, method: str, path: str, data: Any = None, **query: Any) -> Any:
        url = "%s/v%s%s" % (self.client.base_url, self.client.api_version, path)
        answer = self.client.request(method, url, params=query, data=data, timeout=60)
        assert answer.status_code < 300, answer.text
        return answer

    def image(self, *names: str, content: str = "", **labels: str) -> str:
        """Create an image with these names, or without any; ``content`` makes its layer unique."""
        source: Any = self.rootfs_tar.open("rb") if not content else io.BytesIO(archive({"content": content}))
        changes = ['CMD ["sh"]', *("LABEL %s=%s" % label for label in labels.items())]
        with source:
            answer = self.call("POST", "/images/create", data=source, fromSrc="-", changes=changes)
        found = str(json.loads(answer.text.strip().splitlines()[-1])["status"])
        for name in names:
            repository, _colon, tag = name.rpartition(":")
            self.client.tag(found, repository, tag)
        return found

    def container(self, name: str, state: str = "exited", image: str = BASE, **options: Any) -> str:
        command = ["sleep", "1000"] if state in ("running", "paused") else options.pop("command", ["true"])
        host = {key: options.pop(key) for key in ("binds", "network_mode", "restart_policy") if key in options}
        if state == "restarting":
            command, host["restart_policy"] = ["false"], {"Name": "always"}
        made = self.client.create_container(
            image, command, name=name, host_config=self.client.create_host_config(**host), **options
        )["Id"]
        if state != "created":
            self.client.start(made)
        if state == "exited":
            self.client.wait(made)
            # The engine's listing may show it as running for a moment.
            limit = time.monotonic() + 10
            while not self.client.containers(all=True, filters={"id": made, "status": "exited"}):
                assert time.monotonic() < limit, "%s does not end" % name
                time.sleep(0.01)
        if state == "paused":
            self.client.pause(made)
        if state == "restarting":
            limit = time.monotonic() + 20
            while self.client.inspect_container(made)["RestartCount"] < 4 and time.monotonic() < limit:
                time.sleep(0.05)
        return str(made)

    def network(self, name: str, **options: Any) -> str:
        return str(self.client.create_network(name, **options)["Id"])

    def volume(self, name: str, content: int = 0, **options: Any) -> str:
        self.client.create_volume(name, **options)
        if content:
            filler = self.container(
                "filler",
                binds=["%s:/data" % name],
                command=["dd", "if=/dev/zero", "of=/data/f", "bs=%d" % content, "count=1"],
            )
            self.client.remove_container(filler)
        return name

    def build(self, tag: str, dockerfile: str) -> None:
        """Build an image with BuildKit, without network access: from the base image, or from scratch."""
        answer = self.call(
            "POST",
            "/build",
            data=archive({"Dockerfile": dockerfile, "data": tag * 100}),
            version="2",
            t=tag,
            networkmode="none",
        )
        assert "errorDetail" not in answer.text, answer.text

    def wait_for_builder(self) -> None:
        """Wait until the records stay the same: some time after a build, BuildKit gives some of them other ids."""
        before, limit = None, time.monotonic() + 20
        while before != (now := set(self.records())):
            assert time.monotonic() < limit, "the records of the builder keep changing"
            before = now
            time.sleep(0.3)

    def records(self) -> dict[str, Any]:
        # Without the type, Engine 28.5 fails if a snapshot is removed while it measures the images (moby issue 51978).
        usage = self.call("GET", "/system/df", type="build-cache").json()
        return {record["ID"]: record for record in usage["BuildCache"] or []}

    def objects(self) -> Objects:
        """All objects, by kind and id; images with their names."""
        return {
            "container": {found["Id"]: found for found in self.client.containers(all=True)},
            "network": {found["Id"]: found for found in self.client.networks()},
            "volume": {found["Name"]: found for found in self.client.volumes()["Volumes"] or []},
            "image": {found["Id"]: found for found in self.client.images(all=True)},
            "build cache": self.records(),
        }

    def ids(self) -> set[tuple[str, str]]:
        return {(kind, found) for kind, objects in self.objects().items() for found in objects}

    def tags(self) -> set[str]:
        return {tag for image in self.client.images() for tag in image["RepoTags"] or [] if tag != "<none>:<none>"}


def archive(files: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content.encode())
            tar.addfile(entry, io.BytesIO(content.encode()))
    return stream.getvalue()


def names(result: dict[str, Any]) -> list[str]:
    return ["%s %s" % (item["kind"], item["name"]) for item in result["removed"]]


@pytest.fixture
def prune(run: Any, made: Made) -> Callable[..., dict[str, Any]]:
    """Prune in check mode, for real, and again: the results agree with each other and with the engine's listings."""

    def pruned(expect: str | None = None, again: bool = True, **arguments: Any) -> dict[str, Any]:
        before = made.ids()
        tags = made.tags()
        foreseen = run("prune", check=True, expect=expect, **arguments)
        assert made.ids() == before and made.tags() == tags
        done = run("prune", **arguments)
        gone = before - made.ids()
        assert {(item["kind"], item["id"]) for item in done["removed"]} == gone
        assert done == foreseen
        assert not done["left"]
        assert done["space_reclaimed"] == sum(item["size"] or 0 for item in done["removed"])
        if again:
            second = run("prune", expect="ok", **arguments)
            assert second["diff"] == {"before": {}, "after": {}} and not second["removed"]
        return done

    return pruned


def test_nothing_is_asked_for(run: Any, made: Made) -> None:
    made.container("one")
    result = run("prune", expect="ok")
    assert result["removed"] == [] and result["space_reclaimed"] == 0
    assert "containers" not in result


def test_containers(made: Made, prune: Any) -> None:
    ids = {state: made.container(state, state) for state in ("created", "exited", "running", "paused", "restarting")}
    wrote = made.container("wrote", command=["sh", "-c", "printf 1234567 > /f"])
    result = prune("changed", containers=True)
    assert result["containers"] == [ids["created"], ids["exited"], wrote]
    assert result["containers_space_reclaimed"] >= 7
    assert result["removed"][0]["reason"] == "created"
    assert [line.partition(" (")[0] for line in result["actions"]] == [
        "remove container created: created",
        "remove container exited: exited",
        "remove container wrote: exited",
    ]
    assert result["diff"] == {"before": {"containers": ["created", "exited", "wrote"]}, "after": {"containers": []}}
    assert set(result) & {"images", "networks", "volumes"} == set()


@pytest.mark.parametrize(
    ("filters", "gone"),
    [
        ({"label": "a"}, ["a1", "a2", "ab"]),
        ({"label": "a=1"}, ["a1", "ab"]),
        ({"label": ["a=1", "b"]}, ["ab"]),
        ({"label": {"a": 1, "b": None}}, ["ab"]),
        ({"label!": "a"}, ["none"]),
        ({"label!": ["a=2", "b=1"]}, ["a1", "none"]),
        ({"label": "a", "label!": {"a": "1"}}, ["a2"]),
        ({"until": "24h"}, []),
        ({"until": "2020-01-01"}, []),
        ({"until": "2199-01-01T00:00:00Z"}, ["a1", "a2", "ab", "none"]),
        ({"until": 7000000000, "label": "b"}, ["ab"]),
    ],
)
def test_containers_filters(made: Made, prune: Any, filters: dict[str, Any], gone: list[str]) -> None:
    made.container("a1", "created", labels={"a": "1"})
    made.container("a2", "created", labels={"a": "2"})
    made.container("ab", "created", labels={"a": "1", "b": "1"})
    made.container("none", "created")
    result = prune(containers=True, containers_filters=filters)
    assert names(result) == ["container " + name for name in gone]


def test_until_is_the_engines_clock(made: Made, prune: Any) -> None:
    made.container("old", "created")
    time.sleep(2.1)
    made.container("new", "created")
    assert names(prune(containers=True, containers_filters={"until": "1s"})) == ["container old"]


def test_containers_leftovers(made: Made, prune: Any) -> None:
    """Kept and leftover containers are known by their names, one being replaced by the label of its successor."""
    made.network("net")
    for end in ("old", "new", "previous-1", "previous-12"):
        made.container("web.wharf-" + end, "created", network_mode="net")
    replaced = made.container("shop", "exited", network_mode="net")
    made.container("shop.wharf-new", "created", labels={REPLACES: replaced})
    # None of these belongs to a replacement.
    foreign = ["plain", "web.wharf-older", "web.wharf-previous", "web-wharf-old"]
    for other in foreign:
        made.container(other, "created", labels={REPLACES: "0" * 64})
    options = {"containers": True, "networks": True, "networks_of_stopped": True}
    assert names(prune("changed", **options)) == ["container " + other for other in sorted(foreign)]
    result = prune("changed", **options, containers_leftovers=True)
    assert names(result)[0] == "container shop" and names(result)[-1] == "network net" and len(names(result)) == 7
    prune("ok", **options)


@pytest.mark.parametrize("call", ["POST /containers/.*/rename", "POST /containers/.*/start", "DELETE /containers/.*"])
def test_a_prune_beside_a_replacement(made: Made, run: Any, before: Any, call: str) -> None:
    """At each step of it: a failed replacement restores the old container, and a successful one has all it needs."""
    spec = {"name": "web", "image": BASE, "command": ["sleep", "1000"], "stop_signal": "KILL", "keep_previous": 1}
    run("container_run", **spec, env={"N": "1"})
    old = made.client.inspect_container("web")["Id"]
    options = {"containers": True, "networks": True, "networks_of_stopped": True, "volumes": True}
    pruned: list[dict[str, Any]] = []
    before(*call.split(), lambda: pruned.append(run("prune", expect="ok", **options)))
    run("container_run", expect="failed", **{**spec, "command": ["/no/such/program"], "env": {"N": "1"}})
    assert len(pruned) == 1
    found = made.client.inspect_container("web")
    assert (found["Id"], found["State"]["Status"]) == (old, "running")
    pruned.clear()
    if "DELETE" not in call:
        before(*call.split(), lambda: pruned.append(run("prune", expect="ok", **options)))
    run("container_run", expect="changed", **spec, env={"N": "2"})
    assert len(pruned) == ("DELETE" not in call)
    run("container_state", expect="changed", name="web", state="rolled_back")
    assert made.client.inspect_container("web")["Id"] == old


def test_a_replacement_that_begins_beside_a_prune(made: Made, apart: Any) -> None:
    """After the listing, the replacement of a stopped container begins."""
    replaced = made.container("web", "created")
    call, wanted, steps = apart(containers=True)
    made.container("web.wharf-new", "created", labels={REPLACES: replaced})
    result = _prune._report(call, wanted, _prune.carry_out(call.engine, steps))
    assert left(result) == {"container web": "a replacement needs it by then"} and not names(result)


def test_images(made: Made, prune: Any) -> None:
    loose = made.image(content="loose")
    used = made.image(content="used")
    made.container("user", "created", image=used, command=["x"])
    made.image("named:1", content="named")
    result = prune("changed", images=True)
    assert result["images"] == [loose]
    assert result["images_space_reclaimed"] > 0
    assert result["actions"][0].startswith("remove image %s: dangling (" % loose[7:19])


@pytest.mark.parametrize(
    ("filters", "gone"),
    [
        ({}, ["loose"]),
        ({"dangling": True}, ["loose"]),
        ({"dangling": "true", "label": "x"}, []),
        ({"dangling": False}, ["loose", "one:1", "two:1, two:2, twice:1"]),
        ({"dangling": "false", "label": "a=1"}, ["two:1, two:2, twice:1"]),
        ({"dangling": False, "label!": "a"}, ["loose", "one:1"]),
        ({"dangling": False, "until": "1h"}, []),
        ({"dangling": False, "until": "2199-01-01"}, ["loose", "one:1", "two:1, two:2, twice:1"]),
    ],
)
def test_images_filters(made: Made, prune: Any, filters: dict[str, Any], gone: list[str]) -> None:
    loose = made.image(content="loose")
    made.image("one:1", content="one")
    made.image("two:1", "two:2", "twice:1", content="two", a="1")
    made.image("used:1", "used:2", content="used")
    made.container("user", "created", image="used:1", command=["x"])
    made.container("base", "created")
    result = prune(images=True, images_filters=filters)
    found = ["loose" if item["id"] == loose else item["name"] for item in result["removed"]]
    assert sorted(", ".join(sorted(name.split(", "))) for name in found) == sorted(
        ", ".join(sorted(name.split(", "))) for name in gone
    )
    assert {"used:1", "used:2", BASE} <= made.tags()


def test_an_image_that_another_was_made_of(made: Made, prune: Any) -> None:
    made.image("parent:1", content="parent")
    container = made.container("maker", "created", image="parent:1", command=["x"])
    made.client.commit(container, "child", "1")
    made.client.remove_container(container)
    made.container("user", "created", image="child:1")
    made.container("base", "created")
    prune("ok", images=True, images_filters={"dangling": False})
    made.client.remove_container("user")
    # The parent loses its name, and only exists for its child.
    made.client.remove_image("parent:1", noprune=True)
    result = prune("changed", images=True, images_filters={"dangling": False})
    assert result["removed"][0]["name"] == "child:1"
    assert made.tags() == {BASE}
    assert len(made.objects()["image"]) == 1


def test_networks(made: Made, prune: Any) -> None:
    free = made.network("free")
    for state in ("running", "exited", "created"):
        made.network(state)
        made.container(state, state, network_mode=state)
    connected = made.network("connected")
    made.client.connect_container_to_network("exited", connected)
    result = prune("changed", networks=True)
    assert result["networks"] == [free]
    assert result["actions"] == ["remove network free: no container uses it"]
    assert result["removed"][0]["size"] is None


@pytest.mark.parametrize(
    ("filters", "gone"),
    [
        ({"label": "a"}, ["labelled"]),
        ({"label!": "a=1"}, ["plain"]),
        ({"until": "1h"}, []),
        ({"until": "2199-01-01T12:00"}, ["labelled", "plain"]),
    ],
)
def test_networks_filters(made: Made, prune: Any, filters: dict[str, Any], gone: list[str]) -> None:
    made.network("labelled", labels={"a": "1"})
    made.network("plain")
    assert names(prune(networks=True, networks_filters=filters)) == ["network " + name for name in gone]


def test_networks_of_stopped(made: Made, prune: Any) -> None:
    for state in ("running", "paused", "restarting", "exited", "created"):
        made.network(state)
        made.container(state, state, network_mode=state)
    prune("ok", networks=True)
    result = prune("changed", networks=True, networks_of_stopped=True)
    assert result["actions"] == [
        "remove network created: only stopped containers use it",
        "remove network exited: only stopped containers use it",
    ]


def test_volumes(made: Made, prune: Any) -> None:
    for name in ("left", "kept"):
        made.container(name, volumes=["/data"], command=["dd", "if=/dev/zero", "of=/data/f", "bs=5000", "count=1"])
    left = made.client.inspect_container("left")["Mounts"][0]["Name"]
    made.client.remove_container("left", v=False)
    made.volume("named")
    result = prune("changed", volumes=True)
    assert result["volumes"] == [left]
    assert result["volumes_space_reclaimed"] >= 5000
    assert result["actions"][0].startswith("remove volume %s: no container uses it, anonymous (" % left)


@pytest.mark.parametrize(
    ("filters", "gone"),
    [
        ({}, ["f" * 64]),
        ({"all": False}, ["f" * 64]),
        ({"all": True}, ["f" * 64, "labelled", "named"]),
        ({"all": "true", "label": "a"}, ["labelled"]),
        ({"all": 1, "label!": "a"}, ["f" * 64, "named"]),
    ],
)
def test_volumes_filters(made: Made, prune: Any, filters: dict[str, Any], gone: list[str]) -> None:
    made.volume("f" * 64)
    made.volume("named", 100)
    made.volume("labelled", labels={"a": "1"})
    made.volume("used")
    made.volume("share", driver_opts={"type": "tmpfs", "device": "tmpfs"})
    made.container("user", "created", binds=["used:/data"])
    assert names(prune(volumes=True, volumes_filters=filters)) == ["volume " + name for name in gone]


@pytest.fixture
def built(made: Made) -> Made:
    """Build cache of an existing image, and of one that was removed."""
    made.build("stays:1", "FROM scratch\nCOPY data /one\nCOPY data /two\n")
    made.build("goes:1", "FROM scratch\nCOPY data /a\nCOPY data /b\nCOPY data /c\n")
    made.client.remove_image("goes:1")
    made.wait_for_builder()
    return made


def test_builder_cache(built: Made, prune: Any) -> None:
    private = {key for key, record in built.records().items() if not record["Shared"]}
    result = prune("changed", again=False, builder_cache=True)
    assert set(result["builder_cache_caches_deleted"]) == private
    assert result["builder_cache_space_reclaimed"] > 0
    assert "remove build cache " in result["actions"][0]
    assert built.tags() >= {"stays:1"}


def test_builder_cache_all(built: Made, prune: Any) -> None:
    everything = set(built.records())
    result = prune("changed", builder_cache=True, builder_cache_all=True)
    assert set(result["builder_cache_caches_deleted"]) == everything
    assert not built.records()


@pytest.mark.parametrize(
    ("filters", "choose"),
    [
        ({"until": "1h"}, lambda record: False),
        ({"unused-for": "2199-01-01"}, lambda record: True),
        ({"type": "regular"}, lambda record: record["Type"] == "regular"),
        ({"type": "exec.cachemount"}, lambda record: False),
        ({"shared": False}, lambda record: not record["Shared"]),
        ({"private": True}, lambda record: not record["Shared"]),
        ({"inuse": True}, lambda record: False),
        ({"id": "^no-such"}, lambda record: False),
        ({"description": "nothing"}, lambda record: False),
        ({"parent": "nothing"}, lambda record: False),
    ],
)
def test_builder_cache_filters(
    built: Made, prune: Any, filters: dict[str, Any], choose: Callable[[dict[str, Any]], bool]
) -> None:
    chosen = {key for key, record in built.records().items() if choose(record)}
    result = prune(again=False, builder_cache=True, builder_cache_all=True, builder_cache_filters=filters)
    assert set(result["builder_cache_caches_deleted"]) == chosen


def test_builder_cache_by_id_and_parent(built: Made, prune: Any) -> None:
    """A record is kept if its child is kept."""
    records = built.records()
    parents = {key: _plan_prune._parents(record) for key, record in records.items()}
    child = next(key for key, found in parents.items() if found and not any(key in of for of in parents.values()))
    parent = parents[child][0]
    prune("ok", builder_cache=True, builder_cache_all=True, builder_cache_filters={"id": parent})
    result = prune(builder_cache=True, builder_cache_all=True, builder_cache_filters={"parent": parent})
    assert result["builder_cache_caches_deleted"] == [child]
    prune("changed", builder_cache=True, builder_cache_all=True, builder_cache_filters={"id": "^%s$" % parent})


def test_builder_cache_keep_storage(built: Made, prune: Any) -> None:
    prune("ok", builder_cache=True, builder_cache_keep_storage="1G")
    total = sum(record["Size"] for record in built.records().values() if not record["Shared"])
    result = prune("changed", builder_cache=True, builder_cache_keep_storage=str(total // 2))
    left = sum(record["Size"] for key, record in built.records().items() if not record["Shared"])
    assert result["builder_cache_space_reclaimed"] >= total - total // 2
    assert left > 0
    prune("changed", again=False, builder_cache=True, builder_cache_keep_storage="0")


def test_what_goes_frees_what_it_used(made: Made, prune: Any) -> None:
    made.image("app:1", content="app")
    made.network("back")
    made.volume("data")
    made.container("app", "created", image="app:1", network_mode="back", binds=["data:/data"], command=["x"])
    made.container("anonymous", volumes=["/v"])
    made.container("base", "running")
    arguments = {"images_filters": {"dangling": False}, "volumes_filters": {"all": True}}
    # As long as the container exists, nothing is unused.
    prune("ok", networks=True, images=True, volumes=True, **arguments)
    result = prune("changed", **ALL, **arguments)
    assert [item["kind"] for item in result["removed"]] == [
        "container",
        "container",
        "network",
        "volume",
        "volume",
        "image",
    ]
    assert made.tags() == {BASE}


@pytest.mark.parametrize(
    "given",
    [
        {
            "containers": {"until": 0},
            "images": {"until": "0"},
            "networks": {"until": 0.0},
            "builder_cache": {"until": 0},
        },
        {"builder_cache": {"unused-for": "0\n"}},
        {kind: {"until": "00"} for kind in ("containers", "images", "networks", "builder_cache")},
    ],
)
def test_until_zero_removes_nothing(built: Made, prune: Any, run: Any, given: dict[str, Any]) -> None:
    built.container("exited")
    built.network("free")
    built.image(content="loose")
    options: dict[str, Any] = {kind + "_filters": found for kind, found in given.items()}
    prune("ok", **dict.fromkeys(given, True), builder_cache_all="builder_cache" in given, **options)
    now = {kind + "_filters": {"until": "0s"} for kind in given}
    assert run("prune", check=True, expect="changed", **dict.fromkeys(given, True), **now)["removed"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"containers_filters": {"until": "24h"}}, "containers_filters is given, but containers is not true: no cont"),
        ({"images_filters": {"dangling": False}}, "images_filters is given, but images is not true: no images are"),
        ({"volumes_filters": {"all": True}}, "volumes_filters is given, but volumes is not true: no volumes are"),
        (
            {"networks_filters": {"label": "a"}, "networks_of_stopped": True},
            "networks_filters and networks_of_stopped are given, but networks is not true",
        ),
        ({"containers_leftovers": True}, "containers_leftovers is given, but containers is not true"),
        ({"networks_of_stopped": True}, "networks_of_stopped is given, but networks is not true: no networks are"),
        ({"builder_cache_filters": {"until": "1h"}}, "builder_cache_filters is given, but builder_cache is not true"),
        ({"builder_cache_keep_storage": "0"}, "but builder_cache is not true: no build cache is removed"),
        ({"builder_cache_all": True}, "builder_cache_all is given, but builder_cache is not true"),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_what_has_no_effect(made: Made, run: Any, options: dict[str, Any], words: str, check: bool) -> None:
    """A warning, and nothing of that kind is removed; another kind is turned on."""
    made.container("exited")
    made.network("free")
    other = "volumes" if next(iter(options)).startswith("containers") else "containers"
    result = run("prune", check=check, warnings=True, **{other: True}, **options)
    assert len(result["warnings"]) == 1 and words in result["warnings"][0]
    assert [item["kind"] for item in result["removed"]] == (["container"] if other == "containers" else [])


def test_empty_filters_are_none(made: Made, run: Any) -> None:
    run("prune", expect="ok", containers_filters={}, networks_of_stopped=False, builder_cache_all=False)


def test_listings(made: Made, run: Any, calls: Any) -> None:
    """One listing per kind, however many objects there are."""
    for number in range(3):
        made.network("n%d" % number)
        made.container("c%d" % number, "running")
    with calls() as asked:
        run("prune", check=True, **ALL)
    assert sorted(asked) == sorted(
        [
            "GET /_ping",
            "GET /containers/json",
            "GET /networks",
            "GET /volumes",
            "GET /images/json",
            "GET /system/df",
        ]
    )


# --- Between the list and the removal ---


@pytest.fixture
def apart(engine: private_engine.Engine) -> Iterator[Callable[..., tuple[_task.Call, _prune.Wanted, Any]]]:
    """A prune in two parts: the plan, and its steps for the removal."""
    opened: list[_task.Call] = []

    def planned(**arguments: Any) -> tuple[_task.Call, _prune.Wanted, Any]:
        task = _registry.task("prune")
        defaults = {name: spec.get("default") for name, spec in task.argument_spec().items()}
        call = _task.Call({**defaults, "docker_host": engine.url, **arguments}, check_mode=False, diff_mode=True)
        opened.append(call)
        wanted = _prune.normalise(call.params)
        return call, wanted, _plan_prune.plan_prune(wanted, _prune.observe(call.engine, wanted))

    yield planned
    for call in opened:
        call.close()


def test_gone_by_then(made: Made, apart: Any) -> None:
    made.container("one", "created")
    made.container("two", "created")
    made.network("net")
    made.volume("vol")
    image = made.image("img:1", content="img")
    made.container("base", "running")
    call, wanted, steps = apart(
        **{**ALL, "builder_cache": False}, images_filters={"dangling": False}, volumes_filters={"all": True}
    )
    assert len(steps) == 5
    made.client.remove_container("one")
    made.client.remove_network("net")
    made.client.remove_volume("vol")
    made.client.remove_image(image, force=True)
    result = _prune._report(call, wanted, _prune.carry_out(call.engine, steps))
    assert result["actions"] == ["remove container two: created (%s)" % _plan_prune.human(steps[1].item.size)]
    # The engine also reports an error for removing a missing volume.
    assert {(item["kind"], item["name"], item["reason"]) for item in result["left"]} == {
        ("container", "one", "gone by then"),
        ("network", "net", "gone by then"),
        ("volume", "vol", "gone by then"),
        ("image", "img:1", "gone by then"),
    }


def test_used_by_then(made: Made, apart: Any) -> None:
    made.container("base", "running")
    made.container("stopped")
    made.container("sleeper", command=["sleep", "1000"], state="created")
    for name in ("run", "stop"):
        made.network(name)
        made.volume("v-" + name)
        made.image("i-%s:1" % name, "i-%s:2" % name)
    made.image("moved:1", content="first")
    call, wanted, steps = apart(
        **{**ALL, "builder_cache": False}, images_filters={"dangling": False}, volumes_filters={"all": True}
    )
    made.client.start("sleeper")
    for name, state in (("run", "running"), ("stop", "exited")):
        made.container("by-" + name, state, image="i-%s:1" % name, network_mode=name, binds=["v-%s:/data" % name])
    made.image("moved:1", content="second")
    result = _prune._report(call, wanted, _prune.carry_out(call.engine, steps))
    assert names(result) == ["container stopped"]
    reasons = {"%s %s" % (item["kind"], item["name"]): item["reason"] for item in result["left"]}
    assert reasons["network stop"] == "used by then by by-stop"
    assert reasons["image i-run:1, i-run:2"] == "used by then by by-run"
    assert reasons["image moved:1"] == "its names changed meanwhile"
    assert reasons["container sleeper"].startswith("not removable by then: ")
    assert reasons["volume v-run"].startswith("not removable by then: ")
    assert len(reasons) == 8
    assert {"i-run:1", "i-run:2", "i-stop:1", "i-stop:2", "moved:1"} <= made.tags()


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``before(method, path, change)``: call ``change`` right before the first such call to the engine."""
    request = _engine.Engine._request

    def hook(method: str, path: str, change: Callable[[], object]) -> None:
        left = [change]

        def changing(engine: _engine.Engine, how: str, where: str, **rest: Any) -> Any:
            if how == method and re.fullmatch(path, where) and left:
                left.pop()()
            return request(engine, how, where, **rest)

        monkeypatch.setattr(_engine.Engine, "_request", changing)

    return hook


def left(result: dict[str, Any]) -> dict[str, str]:
    return {"%s %s" % (item["kind"], item["name"]): item["reason"] for item in result["left"]}


@pytest.mark.parametrize("state", ["created", "exited"])
def test_a_network_gets_a_container_that_does_not_run(made: Made, run: Any, before: Any, name: str, state: str) -> None:
    """While another one is removed. The engine would allow it, and the container could no longer start."""
    for end in "abc":
        made.network("net-" + end)

    def take() -> None:
        made.container("user", state, network_mode="net-b")
        # One with the network's id, for which the engine's listing differs before the first start.
        found = next(network["Id"] for network in made.client.networks() if network["Name"] == "net-c")
        made.container("second", state, network_mode=found[:12])

    before("DELETE", "/networks/.*", take)
    result = run("prune", expect="changed", networks=True)
    assert names(result) == ["network net-a"]
    assert left(result) == {"network net-b": "used by then by user", "network net-c": "used by then by second"}
    made.client.start("user")
    made.client.start("second")


@pytest.mark.parametrize("state", ["created", "exited"])
def test_networks_of_stopped_that_are_taken(made: Made, run: Any, before: Any, state: str) -> None:
    """If requested, networks that stopped containers got meanwhile are removed; networks of running ones are not."""
    made.network("net-a")
    made.network("net-b")
    made.network("net-c")

    def take() -> None:
        made.container("stopped", state, network_mode="net-b")
        made.container("runs", "running", network_mode="net-c")

    before("DELETE", "/networks/.*", take)
    result = run("prune", expect="changed", networks=True, networks_of_stopped=True)
    assert names(result) == ["network net-a", "network net-b"]
    assert left(result) == {"network net-c": "used by then by runs"}


@pytest.mark.parametrize("when", ["GET /images/.*/json", "DELETE /images/.*"])
def test_a_tag_is_moved(made: Made, run: Any, before: Any, when: str) -> None:
    """Before the image is inspected, or between that and its removal: the other image keeps the name."""
    made.container("base", "created")
    made.image("moved:1", content="first")
    other: list[str] = []
    before(*when.split(), lambda: other.append(made.image("moved:1", content="second")))
    run("prune", expect="any", images=True, images_filters={"dangling": False})
    assert made.client.inspect_image("moved:1")["Id"] == other[0]


@pytest.mark.parametrize("which", ["one:2", "two:1"])
def test_one_of_several_tags_is_moved(made: Made, run: Any, before: Any, which: str) -> None:
    """After the first tag is removed."""
    made.container("base", "created")
    image = made.image("one:1", "one:2", "two:1", content="first")
    other: list[str] = []
    before("DELETE", "/images/one:1", lambda: other.append(made.image(which, content="second")))
    result = run("prune", expect="ok", images=True, images_filters={"dangling": False})
    assert made.client.inspect_image(which)["Id"] == other[0]
    assert left(result) == {
        "image one:1, one:2, two:1": "its names changed meanwhile. It has lost one:1 already",
    }
    assert image in made.objects()["image"]


@pytest.mark.parametrize("when", ["GET /images/.*/json", "DELETE /images/one:1", "DELETE /images/one:2"])
def test_an_image_of_several_tags_is_used(made: Made, run: Any, before: Any, when: str) -> None:
    made.container("base", "created")
    image = made.image("one:1", "one:2", "two:1", content="first")
    before(*when.split(), lambda: made.container("user", "created", image=image, command=["x"]))
    result = run("prune", expect="ok", images=True, images_filters={"dangling": False})
    reason = left(result)["image one:1, one:2, two:1"]
    assert reason.startswith("used by then by user")
    lost = [] if "GET" in when else ["one:1"] if when.endswith("one:1") else ["one:1", "one:2"]
    assert reason.endswith(". It has lost %s already" % ", ".join(lost)) or not lost
    assert set(lost).isdisjoint(made.tags()) and {"one:1", "one:2", "two:1"} - set(lost) <= made.tags()


def test_a_volume_is_made_anew(made: Made, run: Any, before: Any) -> None:
    """It gets another label, while another volume is removed."""
    made.volume("vol-a")
    made.volume("vol-b")
    pruned = {"volumes": True, "volumes_filters": {"all": True, "label!": "keep"}}

    def anew() -> None:
        made.client.remove_volume("vol-b")
        made.volume("vol-b", labels={"keep": ""})

    before("GET", "/volumes/vol-b", anew)
    result = run("prune", expect="changed", **pruned)
    assert names(result) == ["volume vol-a"]
    assert left(result) == {"volume vol-b": "another volume has its name by then"}
    run("prune", expect="ok", **pruned)


@pytest.mark.parametrize("when", ["GET /volumes/.*", "DELETE /volumes/.*"])
def test_a_volume_is_taken(made: Made, run: Any, before: Any, when: str) -> None:
    made.volume("vol")
    before(*when.split(), lambda: made.container("user", "created", binds=["vol:/data"]))
    result = run("prune", expect="ok", volumes=True, volumes_filters={"all": True})
    assert left(result)["volume vol"].startswith("not removable by then: ")
    made.client.start("user")


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("start", "not removable by then: "),
        ("run", "not removable by then: it is exited now, and was created"),
        ("pause", "not removable by then: "),
        ("rename", "it was renamed to other meanwhile"),
        ("remove", "gone by then"),
    ],
)
@pytest.mark.parametrize("when", ["look", "removal"])
def test_a_container_is_taken(made: Made, apart: Any, before: Any, what: str, reason: str, when: str) -> None:
    """One of several; the others are removed."""
    command = ["true"] if what == "run" else ["sleep", "1000"]
    taken = made.container("c-taken", "created", command=command)
    made.container("c-other", "created")

    def take() -> None:
        if what == "remove":
            made.client.remove_container(taken)
        elif what == "rename":
            made.client.rename(taken, "other")
        else:
            made.client.start(taken)
            if what == "pause":
                made.client.pause(taken)
            if what == "run":
                made.client.wait(taken)
                while not made.client.containers(all=True, filters={"id": taken, "status": "exited"}):
                    time.sleep(0.01)

    call, wanted, steps = apart(containers=True)
    if when == "look":
        take()
    else:
        before("DELETE", "/containers/%s" % taken, take)
    result = _prune._report(call, wanted, _prune.carry_out(call.engine, steps))
    if when == "removal" and what in ("rename", "run"):
        # Nothing prevents the engine from removing it.
        assert names(result) == ["container c-other", "container c-taken"]
        return
    assert names(result) == ["container c-other"]
    assert left(result)["container c-taken"].startswith(reason)
    assert what == "remove" or taken in made.objects()["container"]


def test_build_cache_that_is_gone(built: Made, apart: Any) -> None:
    call, wanted, steps = apart(builder_cache=True)
    built.call("POST", "/build/prune", all="true")
    result = _prune._report(call, wanted, _prune.carry_out(call.engine, steps))
    assert not result["changed"] and result["builder_cache_caches_deleted"] == []
    assert {item["reason"] for item in result["left"]} == {"gone or used by then"}


def test_a_failure_tells_what_is_gone(made: Made, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made.container("one", "created")
    made.network("net")
    made.volume("f" * 64)

    def fails(engine: Any, step: Any) -> str:
        raise _engine.EngineError("Cannot remove the network net: the engine answered 500: broken.", 500, "broken")

    monkeypatch.setitem(_REMOVERS, "network", fails)  # type: ignore[arg-type]
    result = run("prune", expect="failed", containers=True, networks=True, volumes=True)
    assert (
        "the engine answered 500: broken. What was removed before is gone: remove container one: created"
        in (result["msg"])
    )
    assert result["changed"] and len(result["actions"]) == 1
    assert "f" * 64 in made.objects()["volume"], "what follows is left alone"


# --- Random sets of objects ---


def scatter(made: Made, seed: int) -> None:
    """Create random objects of all kinds."""
    chance = random.Random(seed)

    def labels() -> dict[str, str]:
        return {name: chance.choice("12") for name in ("a", "b") if chance.random() < 0.4}

    networks = ["n%d" % number for number in range(chance.randint(0, 2))]
    for name in networks:
        made.network(name, labels=labels())
    volumes = ["v%d" % number for number in range(chance.randint(0, 3))]
    for name in volumes:
        made.volume(name, labels=labels())
    for _number in range(chance.randint(0, 2)):
        made.volume("%064x" % chance.getrandbits(256))
    images = [BASE]
    for number in range(chance.randint(0, 4)):
        tags = ["i%d:%d" % (number, tag) for tag in range(chance.randint(0, 3))]
        if tags and chance.random() < 0.3:
            tags.append("other%d:1" % number)
        content = "" if chance.random() < 0.5 else "content %d %d" % (seed, chance.randint(0, 2))
        found = made.image(*tags, content=content, number=str(number), **labels())
        if not content:
            images += tags or [found]
    if len(images) > 1 and chance.random() < 0.4:
        made.client.commit(made.container("maker", "created", image=chance.choice(images)), "child", "1")
        made.client.remove_container("maker")
        images.append("child:1")
    states = ["created", "exited", "created", "exited", "running", "paused"]
    for number in range(chance.randint(0, 4)):
        options: dict[str, Any] = {"labels": labels(), "binds": []}
        if networks and chance.random() < 0.5:
            options["network_mode"] = chance.choice(networks)
        if volumes and chance.random() < 0.5:
            options["binds"] = [chance.choice(volumes) + ":/named"]
        if chance.random() < 0.4:
            options["volumes"] = ["/anonymous"]
        made.container("c%d" % number, chance.choice(states), image=chance.choice(images), **options)
    for image in images[1:]:
        if ":" in image and not image.startswith("sha256:") and chance.random() < 0.2:
            made.image(image, content="moved to %s" % image)


def arguments_for(seed: int) -> dict[str, Any]:
    chance = random.Random(-seed - 1)
    found: dict[str, Any] = {kind: chance.random() < 0.8 for kind in ("containers", "networks", "volumes", "images")}
    for kind in ("containers", "networks", "volumes", "images"):
        filters: dict[str, Any] = {}
        if chance.random() < 0.3:
            filters[chance.choice(["label", "label!"])] = chance.choice(["a", "b", "a=1", ["a=2", "b"]])
        if kind == "images" and chance.random() < 0.7:
            filters["dangling"] = False
        if kind == "volumes" and chance.random() < 0.5:
            filters["all"] = True
        if filters and found[kind]:
            found[kind + "_filters"] = filters
    found["networks_of_stopped"] = chance.random() < 0.3 and found["networks"]
    return found


@pytest.mark.parametrize("seed", [*range(KNOWN), *sampled.seeds(SETS)])
def test_the_preview_is_the_outcome(made: Made, prune: Any, seed: int) -> None:
    scatter(made, seed)
    before = made.objects()
    arguments = arguments_for(seed)
    result = prune(**arguments)
    after = made.objects()
    hold_what_never_goes(before, after, arguments)
    assert all(
        line.startswith("remove %s: " % name) for line, name in zip(result["actions"], names(result), strict=True)
    )


def hold_what_never_goes(before: Objects, after: Objects, arguments: dict[str, Any]) -> None:
    running = {key for key, found in before["container"].items() if found["State"] in ("running", "paused")}
    assert running <= set(after["container"])
    for container in after["container"].values():
        image = container["ImageID"]
        assert sorted(before["image"][image]["RepoTags"] or []) == sorted(after["image"][image]["RepoTags"] or [])
        for mount in container["Mounts"]:
            assert mount["Name"] in after["volume"]
        if container["Id"] in running or not arguments["networks_of_stopped"]:
            for name in container["NetworkSettings"]["Networks"]:
                assert name in {network["Name"] for network in after["network"].values()}
    assert {network["Name"] for network in after["network"].values()} >= PREDEFINED
    for kind, option in (("container", "containers"), ("network", "networks"), ("volume", "volumes")):
        if not arguments[option]:
            assert set(before[kind]) == set(after[kind])
    # Kept images keep their names.
    for key, image in after["image"].items():
        assert sorted(image["RepoTags"] or []) == sorted(before["image"][key]["RepoTags"] or [])
    if not (arguments.get("volumes_filters") or {}).get("all"):
        named = {name for name in before["volume"] if len(name) != 64}
        assert named <= set(after["volume"])


# A task that is at work: it lives until its input ends.
AT_WORK = (
    "import sys; from ansible_collections.wharf.docker.plugins.module_utils._flow.writer import this_writer; "
    "print(this_writer(), flush=True); sys.stdin.read()"
)


def test_what_another_task_has_created_for_itself(made: Made, prune: Any, run: Any) -> None:
    """As long as the task is at work: a volume's helper container with its image, a trial volume, an imported image."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    made.container("user", "running")  # of the base image
    with subprocess.Popen(
        [sys.executable, "-c", AT_WORK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as task:
        assert task.stdout is not None
        writer = task.stdout.readline().strip()
        helper, trial = ("wharf-volume-%s-%016x" % (writer, number) for number in (1, 2))
        made.image(helper + ":helper", content="helper")
        made.image("wharf-import-%s-%016x:unchecked" % (writer, 3), content="import")
        made.volume(trial)
        made.container(helper, "created", helper + ":helper", binds=["data:/volume"])
        arguments = {**ALL, "images_filters": {"dangling": False}, "volumes_filters": {"all": True}}
        kept = made.ids()
        run("prune", expect="ok", **arguments)
        assert made.ids() == kept
    assert {name.partition(" ")[0] for name in names(prune(**arguments))} == {"container", "volume", "image"}
    assert len(made.client.containers(all=True)) == 1 and made.tags() == {BASE}


def test_as_a_module(made: Made, ansible: Any, play: Any) -> None:
    made.container("one", "created")
    foreseen = ansible("prune", check=True, diff=True, expect="changed", containers=True)
    done = ansible("prune", diff=True, expect="changed", containers=True)
    assert done == foreseen and names(done) == ["container one"]
    ansible("prune", expect="ok", containers=True)
    made.container("two", "created")
    played = play(["ansible", "localhost", "-m", "wharf.docker.prune", "-a", "containers=true"])
    assert names(played.results[0]["result"]) == ["container two"], played.output
