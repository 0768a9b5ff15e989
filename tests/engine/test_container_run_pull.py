# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_run: pulling from a real registry that the private engine can reach."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}


@pytest.fixture
def pushed(client: Any, image: str, registry: str, name: str) -> Iterator[str]:
    """The name of an image in the registry, which the engine does not have."""
    reference = "%s/%s:1" % (registry, name)
    push(client, image, reference)
    client.remove_image(reference)
    yield reference


def push(client: Any, image: str, reference: str, **config: Any) -> None:
    """Push a new version of ``image`` to the registry as ``reference``."""
    repository, _colon, tag = reference.rpartition(":")
    if config:
        made = client.create_container(image, ["true"])["Id"]
        client.commit(made, repository, tag, conf=config)
        client.remove_container(made)
    else:
        client.tag(image, repository, tag)
    for line in client.push(repository, tag, stream=True, decode=True):
        assert "error" not in line, line


def for_arm64(saved: bytes) -> bytes:
    """A saved image, with another architecture in its configuration."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(saved)) as old, tarfile.open(fileobj=out, mode="w") as new:
        config = json.load(old.extractfile("manifest.json"))[0]["Config"]
        for member in old:
            data = old.extractfile(member).read() if member.isfile() else b""
            if member.name == config:
                data = data.replace(b'"architecture":"amd64"', b'"architecture":"arm64"')
                member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return out.getvalue()


def missing(client: Any, reference: str) -> bool:
    return not client.images(reference)


@pytest.mark.parametrize("pull", ["missing", "always", True, False, None])
def test_pull(pull: Any, pushed: str, run: Any, client: Any, name: str) -> None:
    """A missing image is pulled with any value of pull except never."""
    spec = {"name": name, "image": pushed, **SLEEP, **({} if pull is None else {"pull": pull})}
    foreseen = run("container_run", check=True, expect="changed", **spec)
    assert missing(client, pushed)
    done = run("container_run", expect="changed", **spec)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert [action.split()[0] for action in done["actions"]] == ["pull", "create", "start"]
    assert not missing(client, pushed)
    run("container_run", expect="ok", **spec)
    run("container_run", check=True, expect="ok", **spec)


@pytest.mark.parametrize("pull", ["missing", "always"])
def test_several_pull_one_image_at_once(pull: str, registry: str, run: Any, client: Any, image: str, name: str) -> None:
    """As many hosts of an inventory do that are containers of one engine: first a new image, then a newer one."""
    reference = "%s/%s:1" % (registry, name)
    names = ["%s-%d" % (name, number) for number in range(6)]
    for version in range(3):
        push(client, image, reference, Labels={"version": str(version)})
        if pull == "missing":
            client.remove_image(reference)
        with ThreadPoolExecutor(6) as pool:
            done = list(
                pool.map(
                    lambda container: run("container_run", name=container, image=reference, pull=pull, **SLEEP), names
                )
            )
        assert all(result["container"]["Config"]["Labels"]["version"] == str(version) for result in done)


def test_never(pushed: str, run: Any, client: Any, name: str) -> None:
    for check in (True, False):
        result = run("container_run", check=check, expect="failed", name=name, image=pushed, pull="never", **SLEEP)
        assert "%s is not on the engine, and pull is never" % pushed in result["msg"]
    assert missing(client, pushed)


@pytest.mark.parametrize("platform", ["linux/arm64", "aarch64"])
def test_platform(platform: str, registry: str, rootfs_tar: Path, run: Any, client: Any, image: str, name: str) -> None:
    """The engine has the image for its own platform, and the registry for another one: the latter is pulled."""
    reference = "%s/%s:1" % (registry, name)
    query = {"fromSrc": "-", "repo": reference.rpartition(":")[0], "tag": "1", "platform": "linux/arm64"}
    with rootfs_tar.open("rb") as data:
        client._post(client._url("/images/create"), data=data, params=query, timeout=60).content  # noqa: B018
    if client.inspect_image(reference)["Architecture"] != "arm64":  # An older engine ignores the platform.
        list(client.load_image(for_arm64(b"".join(client.get_image(reference)))))  # It is done when its answer ends.
    assert client.inspect_image(reference)["Architecture"] == "arm64"
    for line in client.push(*reference.rsplit(":", 1), stream=True, decode=True):
        assert "error" not in line, line
    client.remove_image(reference)
    client.tag(image, *reference.rsplit(":", 1))

    spec = {"name": name, "image": reference, **SLEEP, "state": "present"}
    run("container_run", expect="changed", **spec)
    run("container_run", expect="ok", **spec, platform="linux/amd64")
    for check in (True, False):
        refused = run("container_run", check=check, expect="failed", **spec, platform=platform, pull="never")
        assert "is for linux/amd64, not for linux/arm64" in refused["msg"]
    foreseen = run("container_run", check=True, expect="changed", **spec, platform=platform)
    done = run("container_run", expect="changed", **spec, platform=platform)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert done["actions"][0].startswith("pull %s: on the engine it is for linux/amd64" % reference)
    assert client.inspect_image(done["container"]["Image"])["Architecture"] == "arm64"
    run("container_run", expect="ok", **spec, platform=platform)


def test_always_notices_a_newer_image(pushed: str, run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": pushed, **SLEEP}
    run("container_run", expect="changed", **spec)
    old = client.inspect_container(name)
    push(client, image, pushed, Labels={"version": "2"})
    client.tag(old["Image"], *pushed.rsplit(":", 1), force=True)

    run("container_run", expect="ok", **spec)
    foreseen = run("container_run", check=True, expect="changed", pull="always", **spec)
    assert client.inspect_container(name)["Id"] == old["Id"]
    done = run("container_run", expect="changed", pull="always", **spec)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert [action.split()[0] for action in done["actions"]] == ["pull", "recreate"]
    assert set(done["diff"]["after"]) == {"image"}
    assert client.inspect_container(name)["Config"]["Labels"]["version"] == "2"
    run("container_run", expect="ok", pull="always", **spec)
    run("container_run", check=True, expect="ok", pull="always", **spec)


def test_strict_comparison_with_what_a_pulled_image_brings(
    registry: str, run: Any, client: Any, image: str, name: str
) -> None:
    """Values that the engine adds from an image pulled in the same task are not a difference."""
    reference = "%s/%s:1" % (registry, name)
    push(client, image, reference, Env=["FROM=image"], Labels={"vendor": "x"})
    client.remove_image(reference)
    spec = {"name": name, "image": reference, **SLEEP, "env": {"A": "1"}, "labels": {}, "comparisons": {"*": "strict"}}
    run("container_run", expect="changed", **spec)
    run("container_run", expect="ok", **spec)


def test_an_image_the_registry_does_not_have(registry: str, run: Any, client: Any, image: str, name: str) -> None:
    run("container_run", name=name, image=image, **SLEEP)
    before = client.inspect_container(name)
    result = run("container_run", expect="failed", name=name, image="%s/nothing:1" % registry, **SLEEP)
    assert "Cannot pull the image %s/nothing:1" % registry in result["msg"]
    assert client.inspect_container(name)["State"] == before["State"]


def test_a_registry_that_is_not_there(run: Any, client: Any, name: str) -> None:
    result = run("container_run", expect="failed", name=name, image="127.0.0.1:1/nothing:1", **SLEEP)
    assert "Cannot pull the image 127.0.0.1:1/nothing:1" in result["msg"]
    assert client.containers(all=True) == []


def test_a_pull_that_brings_the_image_that_the_container_has(
    pushed: str, registry: str, run: Any, client: Any, image: str, name: str
) -> None:
    """Under another name, which the task ignores: predicted by the digest."""
    spec = {"name": name, "image": pushed, **SLEEP}
    run("container_run", **spec)
    before = client.inspect_container(name)
    other = "%s/%s-other:1" % (registry, name)
    push(client, pushed, other)
    client.remove_image(other)
    run("container_run", check=True, expect="changed", **{**spec, "image": other})

    spec = {**spec, "image": other, "image_name_mismatch": "ignore"}
    foreseen = run("container_run", check=True, expect="changed", **spec)
    assert missing(client, other)
    done = run("container_run", expect="changed", **spec)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert done["actions"] == ["pull %s: not on the engine" % other]
    assert done["pulled"]["image"] == other and not missing(client, other)
    assert client.inspect_container(name)["State"] == before["State"]
    run("container_run", expect="ok", **spec)
    run("container_run", expect="ok", pull="always", **spec)


def test_a_live_change_pulls_nothing(pushed: str, run: Any, client: Any, image: str, name: str) -> None:
    """If the image is not compared, a change without a new container does not need it."""
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", **spec)
    before = client.inspect_container(name)["Id"]
    spec = {**spec, "image": pushed, "comparisons": {"image": "ignore"}, "memory": "64m"}
    foreseen = run("container_run", check=True, expect="changed", **spec)
    done = run("container_run", expect="changed", **spec)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert client.inspect_container(name)["Id"] == before and missing(client, pushed)
    run("container_run", expect="ok", **spec)


def test_always_brings_the_image_that_the_container_has(
    pushed: str, run: Any, client: Any, image: str, name: str
) -> None:
    """The engine did not know that it has the image of the registry: only the pull shows it."""
    client.tag(image, *pushed.rsplit(":", 1))
    spec = {"name": name, "image": pushed, "pull": "always", **SLEEP}
    run("container_run", **{**spec, "pull": "missing"})
    before = client.inspect_container(name)
    foreseen = run("container_run", check=True, expect="any", **spec)
    done = run("container_run", expect="any", **spec)
    # With the containerd store, an image is its manifest: nothing has to be pulled.
    assert done["changed"] == foreseen["changed"]
    assert [action.split()[0] for action in done["actions"]] == (["pull"] if done["changed"] else [])
    assert client.inspect_container(name)["State"] == before["State"]
    run("container_run", expect="ok", **spec)
    # If the change is refused afterwards, the message says that the image was pulled.
    client.remove_image(pushed, force=True)
    client.tag(image, *pushed.rsplit(":", 1))
    failed = run("container_run", expect="failed", **spec, networks=[{"name": name + "-typo"}])
    assert "no network %s-typo" % name in failed["msg"]
    assert ("The image %s was pulled before." % pushed in failed["msg"]) is done["changed"]
    # Together with another difference, there is one replacement.
    client.remove_image(pushed, force=True)
    client.tag(image, *pushed.rsplit(":", 1))
    done = run("container_run", expect="changed", **spec, env={"A": "1"})
    assert set(done["diff"]["after"]) - {"pulled"} == {"env"}
