# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""volume_export and volume_import when their process is killed after any of their calls: the next run clears it all."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path
from typing import Any

import dies_after
import pytest
import sampled
import volume_content

from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry


def run(module: str, arguments: dict[str, Any], check: bool = False) -> dict[str, Any]:
    result = _task.call(_registry.task(module), arguments, check_mode=check)
    assert not result.get("failed") and not result.get("warnings"), result
    return result


def archive(path: Path, text: str) -> str:
    with tarfile.open(path, "w") as tar:
        info = tarfile.TarInfo("file")
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text.encode()))
    return str(path)


def left(client: Any) -> list[str]:
    containers, images = volume_content.helpers(client)
    volumes = [one["Name"] for one in client.volumes()["Volumes"] or [] if one["Name"].startswith("wharf-")]
    return sorted({*containers, *(name.partition(":")[0] for name in images), *volumes})


def text(client: Any, volume: str) -> str:
    return (Path(os.fsdecode(volume_content.root(client, volume))) / "file").read_text()


@pytest.mark.parametrize("after", sampled.some([1, 2, 3], sample=1))
def test_an_export(after: int, engine: Any, client: Any, tmp_path: Path, name: str) -> None:
    """It is killed when there is the image, the container, and when the container is removed."""
    run("volume_import", {"docker_host": engine.url, "name": name, "src": archive(tmp_path / "x.tar", "one")})
    arguments = {"docker_host": engine.url, "name": name, "dest": str(tmp_path / "y.tar")}
    assert dies_after.dies(after, "volume_export", arguments)
    (helper,) = left(client)
    assert not (tmp_path / "y.tar").exists()
    actions = [
        "remove %s: a task that was killed left it" % helper,
        "export %s to %s: no such file" % (name, tmp_path / "y.tar"),
    ]
    assert run("volume_export", arguments, check=True)["actions"] == actions
    assert left(client) == [helper]
    assert run("volume_export", arguments)["actions"] == actions
    assert left(client) == [] and sorted(os.listdir(tmp_path)) == ["x.tar", "y.tar"]
    assert run("volume_export", arguments)["changed"] is False


# How many calls that change something an import has, into a new volume and into one whose content is replaced.
CALLS = {"new": 6, "replace": 20}
MOMENTS = [(content, after) for content, calls in CALLS.items() for after in range(1, calls + 1)]


@pytest.mark.parametrize(("content", "after"), sampled.some(MOMENTS, sample=3))
def test_an_import(content: str, after: int, engine: Any, client: Any, tmp_path: Path, name: str) -> None:
    """The next run ends with the archive's content, and nothing is left.

    Whenever the old content is gone, all of the new one is in one volume or the other.
    """
    arguments = {
        "docker_host": engine.url,
        "name": name,
        "src": archive(tmp_path / "x.tar", "one"),
        "content": "replace",
    }
    if content == "replace":
        run("volume_import", {**arguments, "src": archive(tmp_path / "old.tar", "old")})
    assert dies_after.dies(after, "volume_import", arguments)
    if content == "replace":
        assert [volume for volume in [name, *left(client)] if holds(client, volume)], "both are lost"
    run("volume_import", arguments)
    assert left(client) == [] and text(client, name) == "one"
    assert run("volume_import", arguments)["changed"] is False


def holds(client: Any, volume: str) -> bool:
    """Whether the whole old or new content is in a volume."""
    found = [one["Name"] for one in client.volumes()["Volumes"] or []]
    file = Path(os.fsdecode(volume_content.root(client, volume))) / "file" if volume in found else None
    return file is not None and file.exists() and file.read_text() in ("old", "one")
