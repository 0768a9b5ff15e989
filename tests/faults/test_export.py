# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_export if something breaks midway: the existing archive stays byte for byte, and nothing else is left.

Each fault is real: a full file system, a killed engine, a cut connection, a process that is killed or has to wait.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import private_engine
import pytest
from between import between

from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

OLD = b"an archive of yesterday\n" * 1000
SIZE = 200 * 1024 * 1024
# Runs one task in a new process, and prints its result with its peak memory, in KiB. (The peak that getrusage reports
# begins with the memory of the parent process.)
PROGRAM = """
import json, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # A shell has it ignored by what runs in its background.
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
task, arguments = _registry.task("container_export"), json.loads(sys.argv[1])
result = _task.call(task, arguments)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
result["peak"] = int(status["VmHWM"].split()[0])
print(json.dumps(result))
"""


def export(url: str, name: str, dest: Path, **options: Any) -> dict[str, Any]:
    arguments = {"docker_host": url, "name": name, "dest": str(dest), **options}
    result = _task.call(_registry.task("container_export"), arguments)
    assert "exception" not in result, result
    return result


def process(url: str, name: str, dest: Path, **options: Any) -> subprocess.Popen[bytes]:
    arguments = json.dumps({"docker_host": url, "name": name, "dest": str(dest), **options})
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-c", PROGRAM, arguments], env=environment, stdout=subprocess.PIPE)


def temporary(directory: Path) -> list[Path]:
    return [found for found in directory.iterdir() if found.name.startswith(".") and found.name.endswith(".tmp")]


def wait_for_temporary(directory: Path, size: int = 1, besides: int = 0) -> list[Path]:
    """Wait until there are more than ``besides`` temporary files, each with at least ``size`` bytes."""
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        found = temporary(directory)
        if len(found) > besides and all(path.stat().st_size >= size for path in found):
            return found
        time.sleep(0.005)
    raise AssertionError("no temporary file came to be in %s" % directory)


def untouched(dest: Path, before: os.stat_result) -> None:
    assert dest.read_bytes() == OLD
    found = dest.stat()
    assert (found.st_ino, found.st_mtime_ns, found.st_ctime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )


def big(client: Any, image: str, name: str) -> str:
    """A container with a sparse file of SIZE zeros, which takes no room on disk; its export does."""
    client.create_container(image, ["sh", "-c", "dd if=/dev/zero of=/big bs=1 count=0 seek=%d" % SIZE], name=name)
    client.start(name)
    assert client.wait(name)["StatusCode"] == 0
    return name


@pytest.fixture
def container(client: Any, image: str, name: str) -> str:
    return big(client, image, name)


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    path = tmp_path / "web.tar"
    path.write_bytes(OLD)
    return path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
@pytest.mark.parametrize("form", ["none", "gzip"])
def test_a_full_disk(form: str, engine: Any, client: Any, image: str, name: str, tmp_path: Path) -> None:
    client.create_container(image, ["true"], name=name)
    directory = tmp_path / "small"
    directory.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=%s" % ("1m" if form == "none" else "512k"), "tmpfs", str(directory)],
        check=True,
    )
    try:
        dest = directory / "web.tar"
        result = export(engine.url, name, dest, compression=form)
        assert "Cannot export the container %s to %s: it can't be written" % (name, dest) in result["msg"]
        assert "No space left on device" in result["msg"] and "No file was created." in result["msg"]
        assert os.listdir(directory) == []
        dest.write_bytes(OLD)
        before = dest.stat()
        result = export(engine.url, name, dest, compression=form)
        assert "No space left on device" in result["msg"]
        assert result["msg"].endswith("The file that is there is untouched.")
        untouched(dest, before)
        assert os.listdir(directory) == ["web.tar"]
        # Check mode writes nothing.
        arguments = {"docker_host": engine.url, "name": name, "dest": str(dest)}
        assert _task.call(_registry.task("container_export"), arguments, check_mode=True)["changed"]
    finally:
        subprocess.run(["umount", str(directory)], check=True)


@contextlib.contextmanager
def cutting(url: str, size: int) -> Iterator[str]:
    """The address of a proxy to the engine that cuts each connection after ``size`` bytes of the answer."""
    target = url[len("unix://") :]
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, sink: socket.socket, limit: float) -> None:
        with contextlib.suppress(OSError):
            while limit > 0:
                data = source.recv(65536)
                if not data:
                    break
                sink.sendall(data[: int(min(limit, len(data)))])
                limit -= len(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(target)
                pumps = [
                    threading.Thread(target=pump, args=(near, far, float("inf"))),
                    threading.Thread(target=pump, args=(far, near, size)),
                ]
                for thread in pumps:
                    thread.start()
                for thread in pumps:
                    thread.join()
                near.close()
                far.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield "tcp://127.0.0.1:%d" % listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.mark.parametrize("size", [20_000, 1_000_000, 50_000_000])
@pytest.mark.parametrize("form", ["none", "zstd"])
def test_a_cut_connection(size: int, form: str, engine: Any, container: str, dest: Path) -> None:
    before = dest.stat()
    with cutting(engine.url, size) as url:
        result = export(url, container, dest, compression=form)
    assert "Cannot export the container %s to %s: the connection " % (container, dest) in result["msg"]
    assert " broke in the middle of its answer: " in result["msg"]
    assert result["msg"].endswith("The file that is there is untouched.")
    untouched(dest, before)
    assert os.listdir(dest.parent) == ["web.tar"]


def test_an_engine_that_is_killed(engine: Any, rootfs_tar: Path, dest: Path) -> None:
    import docker

    before = dest.stat()
    with private_engine.running(version=engine.version, store=engine.store) as other:
        made = {"docker_host": other.url, "src": str(rootfs_tar), "repository": "base"}
        assert not _task.call(_registry.task("container_import"), made).get("failed")
        with contextlib.closing(docker.APIClient(base_url=other.url, version="auto")) as client:
            name = big(client, "base", "big")
        with process(other.url, name, dest, compression="gzip", compression_level=9) as task:
            wait_for_temporary(dest.parent, 10_000)
            os.kill(other.pid, signal.SIGKILL)
            output, _error = task.communicate(timeout=60)
    result = json.loads(output)
    assert "Cannot export the container big to %s: the connection " % dest in result["msg"]
    assert " broke in the middle of its answer: " in result["msg"]
    assert "The file that is there is untouched." in result["msg"]
    untouched(dest, before)
    assert os.listdir(dest.parent) == ["web.tar"]


def test_an_engine_that_is_not_there(dest: Path, tmp_path: Path) -> None:
    before = dest.stat()
    result = export("unix://%s/none.sock" % tmp_path, "web", dest)
    assert result["failed"] and "none.sock" in result["msg"]
    untouched(dest, before)


def test_a_killed_process(engine: Any, client: Any, container: str, dest: Path) -> None:
    """SIGKILL leaves the temporary file. The next run removes it, and writes the archive."""
    before = dest.stat()
    with process(engine.url, container, dest) as task:
        (left,) = wait_for_temporary(dest.parent, 1_000_000)
        assert left.stat().st_mode & 0o777 == 0o600
        task.kill()
    untouched(dest, before)
    assert temporary(dest.parent) == [left]
    # Other files stay: temporary files for another path, and files with similar names.
    others = [".web.tar.gz.wharf-0123456789abcdef.tmp", ".web.tar.wharf-x.tmp", ".web.tar.wharf-0123456789abcdef.tmpx"]
    for other in others:
        (dest.parent / other).touch()
    arguments = {"docker_host": engine.url, "name": container, "dest": str(dest)}
    assert _task.call(_registry.task("container_export"), arguments, check_mode=True)["changed"]
    assert left.exists(), "check mode touches nothing"
    result = export(engine.url, container, dest)
    assert result["changed"], result
    assert sorted(os.listdir(dest.parent)) == sorted([*others, "web.tar"])
    assert dest.stat().st_size == result["size"] > SIZE


def test_two_at_once(engine: Any, container: str, dest: Path) -> None:
    """Neither treats the temporary file of the other as abandoned, whether the other works or is stopped."""
    with process(engine.url, container, dest) as first:
        (of_first,) = wait_for_temporary(dest.parent, 1_000_000)
        os.kill(first.pid, signal.SIGSTOP)
        result = export(engine.url, container, dest)
        assert result["changed"], result
        assert temporary(dest.parent) == [of_first]
        os.kill(first.pid, signal.SIGCONT)
        output, _error = first.communicate(timeout=120)
    assert json.loads(output)["checksum"] == result["checksum"]
    assert os.listdir(dest.parent) == ["web.tar"]
    assert not export(engine.url, container, dest)["changed"]


def test_an_interrupted_process(engine: Any, container: str, dest: Path) -> None:
    """Ctrl-C is an exception, and everything is cleaned up."""
    before = dest.stat()
    with between(engine.url) as proxy:
        proxy.stall("/export", lambda answer: answer[:2_000_000])
        with process(proxy.url, container, dest) as task:
            wait_for_temporary(dest.parent, 1_000_000)
            task.send_signal(signal.SIGINT)
    assert task.returncode != 0
    untouched(dest, before)
    assert os.listdir(dest.parent) == ["web.tar"]


@pytest.mark.parametrize("form", ["none", "gzip", "xz", "zstd"])
def test_memory_does_not_grow_with_the_container(form: str, engine: Any, container: str, tmp_path: Path) -> None:
    """200 MB, written, and compared in the second run."""
    for changed in (True, False):
        with process(engine.url, container, tmp_path / "big.tar", compression=form) as task:
            output, _error = task.communicate(timeout=250)
        result = json.loads(output)
        assert result["changed"] == changed, result
        assert result["size"] > SIZE
        assert result["peak"] < 80 * 1024, "%d KiB of memory" % result["peak"]
