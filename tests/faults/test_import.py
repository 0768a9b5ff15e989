# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_import if its process is killed or stopped, or others run meanwhile: nothing is lost, no name is left."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

import dies_after
import private_engine
import pytest

from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

# Runs one task in a new process, and prints its result. It stops itself after call number ``sys.argv[2]``.
PROGRAM = """
import json, os, signal, sys
from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
request, made = _engine.Engine._request, []
def counted(engine, method, path, **rest):
    answer = request(engine, method, path, **rest)
    if method in ("POST", "DELETE"):
        made.append(path)
        if len(made) == int(sys.argv[2]):
            if rest.get("stream"):
                answer.content
            os.kill(os.getpid(), signal.SIGSTOP)
    return answer
_engine.Engine._request = counted
print(json.dumps(_task.call(_registry.task("container_import"), json.loads(sys.argv[1]))))
"""


def archive(path: Path, text: str) -> str:
    with tarfile.open(path, "w") as tar:
        info = tarfile.TarInfo("file")
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text.encode()))
    return str(path)


def process(arguments: dict[str, Any], stops_after: int = 0) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PROGRAM, json.dumps(arguments), str(stops_after)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)


def wait_until_stopped(task: subprocess.Popen[bytes]) -> None:
    _pid, status = os.waitpid(task.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status), "the process ended"


def unchecked(client: Any) -> list[str]:
    return [name for image in client.images() for name in image["RepoTags"] or [] if name.startswith("wharf-import-")]


def run(arguments: dict[str, Any], check: bool = False) -> dict[str, Any]:
    result = _task.call(_registry.task("container_import"), arguments, check_mode=check)
    assert not result.get("failed") and not result.get("warnings"), result
    return result


@pytest.mark.parametrize("after", [1, 2, 3])
def test_what_a_killed_process_leaves_is_cleared(
    after: int, engine: Any, client: Any, tmp_path: Path, name: str
) -> None:
    """It is killed after the image was created, after it was tagged, and after its temporary name was removed."""
    arguments = {"docker_host": engine.url, "src": archive(tmp_path / "x.tar", "one"), "repository": name}
    assert dies_after.dies(after, "container_import", arguments)
    left = unchecked(client)
    assert len(left) == (after < 3)
    foreseen = run(arguments, check=True)
    assert unchecked(client) == left
    done = run(arguments)
    wanted = ["remove %s: an import that was killed left it" % found for found in left]
    assert done["actions"] == foreseen["actions"] == wanted + ["import %s:latest: no such image" % name] * (after < 2)
    assert unchecked(client) == []
    assert run(arguments)["changed"] is False
    assert client.inspect_image(name)["RepoTags"] == [name + ":latest"]


def test_a_process_that_is_killed_while_it_sends(engine: Any, client: Any, tmp_path: Path, name: str) -> None:
    path = tmp_path / "large.tar"
    with open(path, "wb") as file:
        info = tarfile.TarInfo("zeros")
        info.size = 512 * 2**20
        file.write(info.tobuf())
        file.truncate(512 + info.size + 1024)
    arguments = {"docker_host": engine.url, "src": str(path), "repository": name}
    before = client.images()
    with process(arguments) as task:
        # It reads the archive twice: the second time to send it.
        limit, positions = time.monotonic() + 60, [0]
        while time.monotonic() < limit and not (max(positions) > 400 * 2**20 and 0 < positions[-1] < 200 * 2**20):
            positions.append(position(task.pid, str(path)) or positions[-1])
        task.kill()
    assert unchecked(client) == [] and len(client.images()) == len(before)
    small = {**arguments, "src": archive(tmp_path / "x.tar", "one")}
    assert run(small)["actions"] == ["import %s:latest: no such image" % name]


def position(pid: int, path: str) -> int:
    """The position of a process in a file that it reads; 0 if it has not opened it."""
    directory = "/proc/%d/fd" % pid
    try:
        for number in os.listdir(directory):
            if os.readlink(os.path.join(directory, number)) == path:
                words = Path("/proc/%d/fdinfo/%s" % (pid, number)).read_text(encoding="ascii")
                return int(words.split()[1])
    except FileNotFoundError:
        pass
    return 0


@pytest.mark.parametrize("after", [1, 2])
def test_one_that_is_stopped_keeps_its_name(after: int, engine: Any, client: Any, tmp_path: Path, name: str) -> None:
    """Another import leaves the stopped one's image alone, and both succeed."""
    first = {"docker_host": engine.url, "src": archive(tmp_path / "one.tar", "one"), "repository": name, "tag": "1"}
    second = {**first, "src": archive(tmp_path / "two.tar", "two"), "tag": "2"}
    with process(first, stops_after=after) as task:
        wait_until_stopped(task)
        (own,) = unchecked(client)
        assert run(second)["actions"] == ["import %s:2: no such image" % name]
        assert run(second)["changed"] is False
        assert unchecked(client) == [own]
        os.kill(task.pid, signal.SIGCONT)
        output, _error = task.communicate(timeout=120)
    assert json.loads(output)["actions"] == ["import %s:1: no such image" % name]
    assert unchecked(client) == []


def test_two_of_the_same_name_at_once(engine: Any, client: Any, tmp_path: Path, name: str) -> None:
    """The last one to end has the name; none fails, and nothing is left."""
    for turn in range(4):
        tasks = []
        for number in range(6):
            src = archive(tmp_path / ("%d.tar" % number), "%d of turn %d" % (number, turn))
            tasks.append(process({"docker_host": engine.url, "src": src, "repository": name}))
        results = [json.loads(task.communicate(timeout=120)[0]) for task in tasks]
        assert not [result for result in results if result.get("failed") or result.get("warnings")], results
        # The task's own image, or that of another task which took the name before this one inspected the image.
        assert all(result["image_id"] for result in results), results
        assert unchecked(client) == []
        assert client.inspect_image(name)["RootFS"]["Layers"][0] in [result["digest"] for result in results]


def small_images(url: str) -> list[Any]:
    import docker

    with contextlib.closing(docker.APIClient(base_url=url, version="auto")) as client:
        return list(client.images(all=True))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
def test_a_full_disk_of_the_engine(engine: Any, tmp_path: Path) -> None:
    """The engine removes what it has unpacked so far, and the message says whose disk is full."""
    path, size = tmp_path / "large.tar", 200 * 2**20
    with open(path, "wb") as file:
        info = tarfile.TarInfo("random")
        info.size = size
        file.write(info.tobuf())
        for _mebibyte in range(size // 2**20):
            file.write(os.urandom(2**20))
        file.write(bytes(1024))
    # The path of the engine's socket must be short.
    directory = Path(tempfile.mkdtemp(prefix="wharf-small-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100m", "tmpfs", str(directory)], check=True)
    try:
        with private_engine.running(directory / "e", engine.version, engine.store) as small:
            arguments = {"docker_host": small.url, "src": str(path), "repository": "base"}
            result = _task.call(_registry.task("container_import"), arguments)
            assert "no space left on device" in result["msg"] and "Make room on the disk" in result["msg"], result
            assert "Nothing of it stays, and the name base:latest is untouched." in result["msg"]
            assert result["size"] == size + 1536
            assert not small_images(small.url)
            if engine.store != "containerd":  # containerd frees the room later, by itself.
                little = {**arguments, "src": archive(tmp_path / "x.tar", "one")}
                assert run(little)["actions"] == ["import base:latest: no such image"]
    finally:
        subprocess.run(["umount", str(directory)], check=True)
        shutil.rmtree(directory)
