# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_run: images of a registry with authentication, with the credentials that "docker login" stores."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.one_engine("what stored credentials mean is decided before an engine gets them")

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}
PASSWORD = "open sesame"
HELPER = """#!/bin/sh
test "$1" = get || exit 1
read -r registry
test "$registry" = "%s" || { echo "credentials not found in native keychain"; exit 1; }
echo '{"ServerURL": "'$registry'", "Username": "ali", "Secret": "open sesame"}'
"""


@pytest.fixture
def locked(client: Any, image: str, locked_registry: str, name: str) -> Iterator[str]:
    """The name of an image in the locked registry, which the engine does not have."""
    reference = "%s/%s:1" % (locked_registry, name)
    push(client, image, reference)
    client.remove_image(reference)
    yield reference


def push(client: Any, image: str, reference: str, **config: Any) -> None:
    repository, _colon, tag = reference.rpartition(":")
    if config:
        made = client.create_container(image, ["true"])["Id"]
        client.commit(made, repository, tag, conf=config)
        client.remove_container(made)
    else:
        client.tag(image, repository, tag)
    auth = {"username": "ali", "password": PASSWORD}
    for line in client.push(repository, tag, stream=True, decode=True, auth_config=auth):
        assert "error" not in line, line


@pytest.fixture
def login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``login(**config)`` writes a config.json of the docker command, and makes tasks use it."""

    def write(text: str = "", **config: Any) -> None:
        (tmp_path / "config.json").write_text(text or json.dumps(config), encoding="utf-8")
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))

    return write


def entry(password: str = PASSWORD) -> dict[str, str]:
    return {"auth": base64.b64encode(("ali:" + password).encode()).decode()}


def told(result: Any) -> str:
    return json.dumps(result)


def test_stored_credentials(
    locked: str, locked_registry: str, login: Any, run: Any, client: Any, image: str, name: str
) -> None:
    login(auths={locked_registry: entry()})
    spec = {"name": name, "image": locked, **SLEEP}
    foreseen = run("container_run", check=True, expect="changed", **spec)
    done = run("container_run", expect="changed", **spec)
    assert done["actions"] == foreseen["actions"]
    assert done["pulled"]["image"] == locked
    assert done["pulled"]["digest"].startswith("sha256:")
    for pull in ("always", "newer"):
        run("container_run", expect="ok", **spec, pull=pull)
        run("container_run", check=True, expect="ok", **spec, pull=pull)
    push(client, image, locked, Labels={"version": "2"})
    client.tag(client.inspect_container(name)["Image"], *locked.rsplit(":", 1), force=True)
    for pull in ("always", "newer"):
        assert run("container_run", check=True, expect="changed", **spec, pull=pull)["actions"]
    done = run("container_run", expect="changed", **spec, pull="newer")
    assert done["container"]["Config"]["Labels"]["version"] == "2"
    assert PASSWORD not in told(done) and entry()["auth"] not in told(done)


def test_without_credentials(locked: str, login: Any, run: Any, name: str) -> None:
    login(auths={})
    result = run("container_run", expect="failed", name=name, image=locked, **SLEEP)
    assert "Cannot pull the image %s" % locked in result["msg"]


def test_a_wrong_password(locked: str, locked_registry: str, login: Any, run: Any, name: str) -> None:
    login(auths={locked_registry: entry("open barley")})
    result = run("container_run", expect="failed", name=name, image=locked, **SLEEP)
    assert "Cannot pull the image %s" % locked in result["msg"]
    assert "barley" not in told(result)


@pytest.mark.parametrize("way", ["credsStore", "credHelpers"])
def test_a_credential_helper(
    way: str,
    locked: str,
    locked_registry: str,
    login: Any,
    run: Any,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    helper = tmp_path / "docker-credential-cave"
    helper.write_text(HELPER % locked_registry)
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", "%s:%s" % (tmp_path, os.environ["PATH"]))
    login(**({"credsStore": "cave"} if way == "credsStore" else {"credHelpers": {locked_registry: "cave"}}))
    done = run("container_run", expect="changed", name=name, image=locked, **SLEEP)
    assert PASSWORD not in told(done)
    run("container_run", expect="ok", name=name, image=locked, **SLEEP, pull="always")
    helper.unlink()
    result = run("container_run", expect="failed", name=name, image=locked, **SLEEP, pull="always")
    assert "docker-credential-cave" in result["msg"]


def test_a_damaged_config(locked: str, login: Any, run: Any, name: str) -> None:
    """As in the docker command: an invalid file counts as no login."""
    login(text='{"auths": {')
    result = run("container_run", expect="failed", name=name, image=locked, **SLEEP)
    assert "Cannot" in result["msg"]


def test_newer_goes_on_without_the_registry(run: Any, client: Any, image: str, name: str) -> None:
    """Nothing listens there: always fails, newer warns and uses the local image."""
    reference = "127.0.0.1:5009/%s:1" % name
    client.tag(image, *reference.rsplit(":", 1))
    spec = {"name": name, "image": reference, **SLEEP}
    assert "Cannot ask the registry" in run("container_run", expect="failed", **spec, pull="always")["msg"]
    done = run("container_run", expect="changed", warnings=True, **spec, pull="newer")
    assert "The image that the engine has is used." in done["warnings"][0]
    run("container_run", expect="ok", warnings=True, **spec, pull="newer")
    client.remove_image(reference, force=True)
