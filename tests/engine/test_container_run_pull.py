# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_run: pulling from a registry, a real one that the private engine reaches."""

from __future__ import annotations

from collections.abc import Iterator
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
    """Put a new version of ``image`` into the registry under ``reference``."""
    repository, _colon, tag = reference.rpartition(":")
    if config:
        made = client.create_container(image, ["true"])["Id"]
        client.commit(made, repository, tag, conf=config)
        client.remove_container(made)
    else:
        client.tag(image, repository, tag)
    for line in client.push(repository, tag, stream=True, decode=True):
        assert "error" not in line, line


def missing(client: Any, reference: str) -> bool:
    return not client.images(reference)


@pytest.mark.parametrize("pull", ["missing", "always", True, False, None])
def test_pull(pull: Any, pushed: str, run: Any, client: Any, name: str) -> None:
    """An image that the engine does not have is pulled, whatever pull says but never."""
    spec = {"name": name, "image": pushed, **SLEEP, **({} if pull is None else {"pull": pull})}
    foreseen = run("container_run", check=True, expect="changed", **spec)
    assert missing(client, pushed)
    done = run("container_run", expect="changed", **spec)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert [action.split()[0] for action in done["actions"]] == ["pull", "create", "start"]
    assert not missing(client, pushed)
    run("container_run", expect="ok", **spec)
    run("container_run", check=True, expect="ok", **spec)


def test_never(pushed: str, run: Any, client: Any, name: str) -> None:
    for check in (True, False):
        result = run("container_run", check=check, expect="failed", name=name, image=pushed, pull="never", **SLEEP)
        assert "%s is not on the engine, and pull is never" % pushed in result["msg"]
    assert missing(client, pushed)


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
    """What the engine adds from an image that was pulled in the same task is no difference."""
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
