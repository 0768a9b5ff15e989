# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_logs with dest if something breaks midway: the existing file stays byte for byte, and nothing else is left.

Each fault is real: a full file system, a killed engine, a cut connection, a container that is removed, a process that
is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import private_engine
import pytest
from between import between
from test_export import OLD, cutting, temporary, untouched, wait_for_temporary

from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

LINES = 5_000
LINE = "x" * 999
WHOLE = ((LINE + "\n") * LINES).encode()
PROGRAM = """
import json, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # A shell has it ignored by what runs in its background.
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
print(json.dumps(_task.call(_registry.task("container_logs"), json.loads(sys.argv[1]))))
"""


def write(url: str, name: str, dest: Path, check: bool = False, **options: Any) -> dict[str, Any]:
    arguments = {"docker_host": url, "name": name, "dest": str(dest), **options}
    result = _task.call(_registry.task("container_logs"), arguments, check_mode=check)
    assert "exception" not in result, result
    return result


def process(url: str, name: str, dest: Path) -> subprocess.Popen[bytes]:
    arguments = json.dumps({"docker_host": url, "name": name, "dest": str(dest)})
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-c", PROGRAM, arguments], env=environment, stdout=subprocess.PIPE)


def talk(client: Any, image: str, name: str, lines: int = LINES) -> str:
    """Run a container that has written ``lines`` lines of 1000 bytes."""
    client.create_container(image, ["sh", "-c", "yes %s | head -n %d" % (LINE, lines)], name=name)
    client.start(name)
    assert client.wait(name)["StatusCode"] == 0
    return name


@pytest.fixture(scope="module")
def talker(client: Any, image: str) -> Any:
    """A container with a log of 5 MB, for tests that only read it."""
    yield talk(client, image, "log-talker")
    client.remove_container("log-talker")


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    path = tmp_path / "web.log"
    path.write_bytes(OLD)
    return path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
def test_a_full_disk(engine: Any, talker: str, tmp_path: Path) -> None:
    directory = tmp_path / "small"
    directory.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(directory)], check=True)
    try:
        dest = directory / "web.log"
        result = write(engine.url, talker, dest)
        words = "Cannot write the log of the container %s to %s: it can't be written on the host" % (talker, dest)
        assert result["msg"].startswith(words) and "No space left on device" in result["msg"]
        assert result["msg"].endswith("No file was created.")
        assert os.listdir(directory) == []
        dest.write_bytes(OLD)
        before = dest.stat()
        result = write(engine.url, talker, dest)
        assert "No space left on device" in result["msg"]
        assert result["msg"].endswith("The file that is there is untouched.")
        untouched(dest, before)
        assert os.listdir(directory) == ["web.log"]
        # Check mode writes nothing.
        assert write(engine.url, talker, dest, check=True)["size"] == len(WHOLE)
    finally:
        subprocess.run(["umount", str(directory)], check=True)


@pytest.mark.parametrize("size", [20_000, 500_000, 5_000_000])
@pytest.mark.parametrize("options", [{}, {"timestamps": True}], ids=["plain", "timestamps"])
def test_a_cut_connection(size: int, options: dict[str, Any], engine: Any, talker: str, dest: Path) -> None:
    before = dest.stat()
    with cutting(engine.url, size) as url:
        for check in (True, False):
            result = write(url, talker, dest, check=check, **options)
            assert result.get("failed"), result
            assert " broke in the middle of its answer: " in result["msg"]
            assert check or result["msg"].endswith("The file that is there is untouched.")
    untouched(dest, before)
    assert os.listdir(dest.parent) == ["web.log"]


@pytest.mark.parametrize("tty", [False, True])
def test_an_answer_that_is_cut_anywhere(tty: bool, engine: Any, client: Any, image: str, name: str, dest: Path) -> None:
    """In a header of a frame, in a frame, between two, in the size of a chunk: never is a part taken for the whole."""
    client.create_container(image, ["sh", "-c", "echo begun; echo bb >&2; printf rest"], name=name, tty=tty)
    client.start(name)
    client.wait(name)
    before = dest.stat()
    with between(engine.url) as proxy:
        whole: list[bytes] = []
        proxy.lie("/logs", lambda answer: whole.append(answer) or answer)  # type: ignore[func-returns-value]
        assert write(proxy.url, name, dest, check=True)["changed"]
        start = whole[0].index(b"\r\n\r\n") + 4
        for end in range(start, len(whole[0])):
            proxy.honest()
            proxy.lie("/logs", lambda answer, end=end: answer[:end])  # type: ignore[misc]
            result = write(proxy.url, name, dest)
            if end >= len(whole[0]) - len(b"\r\n\r\n"):
                continue  # The last chunk is there, and says that it is the last one. Its line breaks are missing.
            assert result.get("failed"), (end - start, whole[0][start:], result)
            assert "broke in the middle of its answer" in result["msg"], (end - start, result["msg"])
            untouched(dest, before)
    assert temporary(dest.parent) == []


def test_a_message_of_the_engine_that_it_cannot_read_on(engine: Any, talker: str, dest: Path) -> None:
    """It comes as a frame of its own kind, in an answer that is complete."""
    words = b"error from daemon in stream: Error grabbing logs: unexpected EOF"
    frame = b"\3\0\0\0" + len(words).to_bytes(4, "big") + words
    before = dest.stat()
    with between(engine.url) as proxy:
        proxy.lie("/logs", lambda answer: answer[: -len(b"0\r\n\r\n")] + b"%x\r\n%s\r\n0\r\n\r\n" % (len(frame), frame))
        result = write(proxy.url, talker, dest)
    assert "the engine answered: error from daemon in stream: Error grabbing logs: unexpected EOF" in result["msg"]
    assert result["msg"].endswith("The file that is there is untouched.")
    untouched(dest, before)
    assert os.listdir(dest.parent) == ["web.log"]


def test_an_engine_that_is_killed(engine: Any, rootfs_tar: Path, dest: Path) -> None:
    import docker

    before = dest.stat()
    with private_engine.running(version=engine.version, store=engine.store) as other:
        made = {"docker_host": other.url, "src": str(rootfs_tar), "repository": "base"}
        assert not _task.call(_registry.task("container_import"), made).get("failed")
        with contextlib.closing(docker.APIClient(base_url=other.url, version="auto")) as client:
            name = talk(client, "base", "talker", 20 * LINES)
        with process(other.url, name, dest) as task:
            wait_for_temporary(dest.parent, 1_000)
            os.kill(other.pid, signal.SIGKILL)
            output, _error = task.communicate(timeout=60)
    result = json.loads(output)
    assert "Cannot read the log of the container talker: the connection " in result["msg"]
    assert result["msg"].endswith("The file that is there is untouched.")
    untouched(dest, before)
    assert os.listdir(dest.parent) == ["web.log"]


def test_a_container_that_is_removed_meanwhile(engine: Any, client: Any, image: str, name: str, dest: Path) -> None:
    """The engine has opened the log, and sends all of it."""
    talk(client, image, name, 5 * LINES)
    with process(engine.url, name, dest) as task:
        wait_for_temporary(dest.parent, 1_000)
        task.send_signal(signal.SIGSTOP)
        client.remove_container(name, force=True)
        task.send_signal(signal.SIGCONT)
        output, _error = task.communicate(timeout=60)
    result = json.loads(output)
    assert result.get("changed"), result
    assert dest.read_bytes() == WHOLE * 5
    assert os.listdir(dest.parent) == ["web.log"]


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGINT])
def test_a_process_that_is_ended(way: signal.Signals, engine: Any, talker: str, dest: Path) -> None:
    """SIGKILL leaves the temporary file; the next run removes it. Ctrl-C leaves nothing."""
    before = dest.stat()
    with between(engine.url) as proxy:
        proxy.stall("/logs", lambda answer: answer[:2_000_000])
        with process(proxy.url, talker, dest) as task:
            (left,) = wait_for_temporary(dest.parent, 1_000_000)
            assert left.stat().st_mode & 0o777 == 0o600
            task.send_signal(way)
    assert task.returncode != 0
    untouched(dest, before)
    assert temporary(dest.parent) == ([left] if way == signal.SIGKILL else [])
    assert write(engine.url, talker, dest)["changed"]
    assert os.listdir(dest.parent) == ["web.log"]
    assert dest.read_bytes() == WHOLE


def test_the_place_is_exchanged_meanwhile(engine: Any, talker: str, tmp_path: Path) -> None:
    """A directory that becomes a link to another one: the file stays in the directory that was checked."""
    directory, elsewhere = tmp_path / "logs", tmp_path / "elsewhere"
    directory.mkdir()
    elsewhere.mkdir()
    (elsewhere / "web.log").write_bytes(OLD)
    with process(engine.url, talker, directory / "web.log") as task:
        wait_for_temporary(directory, 1)
        task.send_signal(signal.SIGSTOP)
        directory.rename(tmp_path / "moved")
        directory.symlink_to(elsewhere)
        task.send_signal(signal.SIGCONT)
        output, _error = task.communicate(timeout=60)
    assert json.loads(output)["changed"]
    assert (elsewhere / "web.log").read_bytes() == OLD and os.listdir(elsewhere) == ["web.log"]
    assert (tmp_path / "moved" / "web.log").read_bytes() == WHOLE


def test_two_at_once(engine: Any, talker: str, dest: Path) -> None:
    """Neither treats the temporary file of the other as abandoned."""
    results: list[dict[str, Any]] = []
    threads = [threading.Thread(target=lambda: results.append(write(engine.url, talker, dest))) for _one in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.get("checksum") for result in results] == [results[0]["checksum"]] * 2
    assert os.listdir(dest.parent) == ["web.log"]
    assert dest.read_bytes() == WHOLE
