# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_run: files that a replaced or removed container has written into its own file system."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}


def inside(client: Any, name: str, command: str) -> None:
    made = client.exec_create(name, ["sh", "-c", command])
    client.exec_start(made["Id"])
    assert client.exec_inspect(made["Id"])["ExitCode"] == 0


@pytest.fixture
def spec(run: Any, client: Any, image: str, name: str) -> dict[str, Any]:
    """A container with mounts of all kinds, and nothing in its writable layer yet."""
    found = {
        "name": name,
        "image": image,
        **SLEEP,
        "volumes": [name + "-v:/deep/down/data", "/anonymous", "/etc/hostname:/made/file:ro"],
        "tmpfs": ["/run/app"],
        "mounts": [{"target": "/long/form", "type": "tmpfs"}],
        "working_dir": "/not/there",
        "init": True,
    }
    run("container_run", **found)
    inside(
        client, name, "echo x > /deep/down/data/a; echo x > /anonymous/a; echo x > /run/app/a; echo x > /long/form/a"
    )
    return found


def four(run: Any, spec: dict[str, Any], **more: Any) -> dict[str, Any]:
    foreseen = run("container_run", check=True, expect="changed", **{**spec, **more})
    done = run("container_run", expect="changed", **{**spec, **more})
    assert done["actions"] == foreseen["actions"]
    assert done.get("writable_layer") == foreseen.get("writable_layer")
    run("container_run", expect="ok", **{**spec, **more})
    return dict(done)


def test_noise_does_not_count(spec: dict[str, Any], run: Any) -> None:
    """Mount points and files that the engine creates do not count as the container's files."""
    done = four(run, spec, env={"A": "1"}, writable_layer="fail")
    assert "writable_layer" not in done


@pytest.mark.parametrize("way", ["replaced", "removed"])
def test_ignore(way: str, spec: dict[str, Any], run: Any, client: Any, name: str) -> None:
    inside(client, name, "mkdir -p /srv/app/empty; echo 1 > /srv/app/one; echo 2 > /srv/two; rm /etc/passwd")
    done = four(run, spec, **({"env": {"A": "1"}} if way == "replaced" else {"state": "absent"}))
    assert done["writable_layer"] == {
        "files": 4,
        "paths": ["/etc/passwd", "/srv/app/empty", "/srv/app/one", "/srv/two"],
    }


@pytest.mark.parametrize("way", ["replaced", "removed"])
def test_fail(way: str, spec: dict[str, Any], run: Any, client: Any, name: str) -> None:
    inside(client, name, "echo 1 > /srv-file; mkdir /cache; echo 2 > /cache/a")
    before = client.inspect_container(name)
    more = {"env": {"A": "1"}} if way == "replaced" else {"state": "absent"}
    for check in (True, False):
        result = run("container_run", check=check, expect="failed", **{**spec, **more}, writable_layer="fail")
        assert "2 files" in result["msg"] and "/srv-file" in result["msg"] and "/cache/a" in result["msg"]
    after = client.inspect_container(name)
    assert (after["Id"], after["State"]) == (before["Id"], before["State"])
    ignore = ["/srv-*", "/cache"]
    four(run, spec, **more, writable_layer="fail", writable_layer_ignore=ignore)


def test_commit(spec: dict[str, Any], run: Any, client: Any, name: str) -> None:
    inside(client, name, "echo kept > /srv-file")
    more = {"env": {"A": "1"}, "writable_layer": "commit", "writable_layer_image": name + ":kept"}
    done = four(run, spec, **more)
    assert done["actions"][0] == "commit %s: 1 file in its writable layer → %s:kept" % (name, name)
    made = client.create_container(name + ":kept", ["true"])["Id"]
    stream, _stat = client.get_archive(made, "/srv-file")
    assert b"kept" in b"".join(stream)
    client.remove_container(made)
    client.remove_image(name + ":kept", force=True)


def test_export(spec: dict[str, Any], run: Any, client: Any, name: str, tmp_path: Path) -> None:
    inside(client, name, "echo kept > /srv-file")
    place = tmp_path / "web.tar"
    done = four(run, spec, state="absent", writable_layer="export", writable_layer_path=str(place))
    assert done["actions"][0] == "export %s: 1 file in its writable layer → %s" % (name, place)
    with tarfile.open(place) as archive:
        assert archive.extractfile("srv-file").read() == b"kept\n"


def test_an_export_that_fails(spec: dict[str, Any], run: Any, client: Any, name: str, tmp_path: Path) -> None:
    """Nothing is destroyed before the archive is complete."""
    inside(client, name, "echo kept > /srv-file")
    before = client.inspect_container(name)
    more = {"state": "absent", "writable_layer": "export", "writable_layer_path": str(tmp_path / "no" / "web.tar")}
    result = run("container_run", expect="failed", **{**spec, **more})
    assert str(tmp_path) in result["msg"]
    after = client.inspect_container(name)
    assert (after["Id"], after["State"]) == (before["Id"], before["State"])


def test_one_that_is_kept_loses_nothing(spec: dict[str, Any], run: Any, client: Any, name: str) -> None:
    inside(client, name, "echo kept > /srv-file")
    four(run, spec, env={"A": "1"}, keep_previous=1, writable_layer="fail")
