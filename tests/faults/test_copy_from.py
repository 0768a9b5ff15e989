# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_copy with direction from if something breaks midway, or somebody interferes: nothing old is lost, nothing
is written elsewhere, and what is left is said.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from between import answers, between

from ansible_collections.wharf.docker.plugins.module_utils._apply import host_copies as _host_copies
from ansible_collections.wharf.docker.plugins.module_utils._archive import comparing as _comparing
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_copy_from as _copy_from
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

FILES = {"a": b"a new", "conf/b": b"b new", "conf/inner/c": b"c new", "conf/z": b"z new", "d": b"d new"}
ALL = ["", "a", "conf", "conf/b", "conf/inner", "conf/inner/c", "conf/z", "d"]
SIZE = 20 * 2**20
# One task in a process of its own, which sends itself a signal in the middle of a write.
PROGRAM = """
import json, os, signal, sys
from ansible_collections.wharf.docker.plugins.module_utils._apply import host_copies
from ansible_collections.wharf.docker.plugins.module_utils._archive.host_tree import TreeFile
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry
arguments, number, after, inside = json.loads(sys.argv[1])
real, write, made = host_copies._write, TreeFile.write, []
def counted(tree, kept, content):
    made.append(kept.name)
    if len(made) > after and not inside:
        os.kill(os.getpid(), number)
    real(tree, kept, content)
def half(file, data):
    write(file, data[:2])
    if len(made) > after and inside:
        os.kill(os.getpid(), number)
    write(file, data[2:])
host_copies._write, TreeFile.write = counted, half
print(json.dumps(_task.call(_registry.task("container_copy"), arguments)))
"""


def copy(url: str, name: str, source: str, dest: Path, **options: Any) -> dict[str, Any]:
    given = {"docker_host": url, "container": name, "direction": "from", "container_path": source, "path": str(dest)}
    result = _task.call(_registry.task("container_copy"), {**given, **options})
    assert "exception" not in result, result
    return result


def inside(client: Any, container: str, path: str = "/srv") -> Path:
    return Path("/proc/%d/root%s" % (client.inspect_container(container)["State"]["Pid"], path))


@pytest.fixture(scope="module")
def one(client: Any, image: str) -> Iterator[str]:
    name = "t-faults-" + os.urandom(4).hex()
    client.start(client.create_container(image, ["sleep", "1000"], name=name))
    inside(client, name).mkdir(exist_ok=True)
    fill(inside(client, name, "/srv/site"), FILES)
    (inside(client, name, "/srv/site/conf/inner")).chmod(0o750)
    with open(inside(client, name, "/srv/big"), "wb") as file:
        file.truncate(SIZE)
    yield name
    client.remove_container(name, force=True)


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    """A copy of the tree from before, in which all files are old, with one that only the host has."""
    place = tmp_path / "host" / "site"
    old = {name: content.replace(b"new", b"OLD") for name, content in FILES.items()}
    fill(place, {**old, "mine": b"mine"})
    return place


def fill(root: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def read(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def untouched(dest: Path) -> bool:
    old = {name: content.replace(b"new", b"OLD") for name, content in FILES.items()}
    return read(dest) == {**old, "mine": b"mine"} and os.listdir(dest.parent) == ["site"]


def complete(engine: Any, one: str, dest: Path, changed: bool = True) -> None:
    """The next run brings everything to its end, and leaves nothing of the last one."""
    assert copy(engine.url, one, "/srv/site", dest)["changed"] is changed
    assert read(dest) == {**FILES, "mine": b"mine"}
    assert os.listdir(dest.parent) == ["site"]
    assert (dest / "conf" / "inner").stat().st_mode & 0o777 == 0o750
    assert not copy(engine.url, one, "/srv/site", dest)["changed"]


@contextlib.contextmanager
def small_disk(path: Path, size: str) -> Iterator[Path]:
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


# --- No room ---


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
def test_a_full_disk_and_a_file(engine: Any, one: str, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "1m") as directory:
        for old in (None, b"old"):
            dest = directory / "big"
            if old is not None:
                dest.write_bytes(old)
            message = copy(engine.url, one, "/srv/big", dest)["msg"]
            assert message.startswith("Cannot copy %s:/srv/big to %s: it can't be written on the host" % (one, dest))
            assert "No space left on device" in message
            assert os.listdir(directory) == ([] if old is None else ["big"])
        assert dest.read_bytes() == b"old"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
def test_a_full_disk_in_the_middle_of_a_tree(
    engine: Any, client: Any, one: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = inside(client, one, "/srv/full")
    fill(source, {"a": b"new", "b/c": b"x" * 2**21, "d": b"new", "e": b"new"})
    with small_disk(tmp_path / "small", "1m") as directory:
        dest = directory / "full"
        fill(dest, {"a": b"OLD", "b/c": b"OLD", "d": b"OLD"})
        message = copy(engine.url, one, "/srv/full", dest)["msg"]
        assert "Cannot copy %s:/srv/full to %s: b/c: it can't be written" % (one, dest) in message
        assert "No space left on device" in message
        assert message.endswith(
            "What is there now: 1 of 4 entries were copied. As before, or missing: b/c, d, e. Run the task again to "
            "complete the copy."
        )
        assert read(dest) == {"a": b"new", "b/c": b"OLD", "d": b"OLD"}
        # Where what differs is kept meanwhile, there is no room either.
        dest = tmp_path / "full"
        monkeypatch.setattr(tempfile, "tempdir", str(directory))
        message = copy(engine.url, one, "/srv/full", dest)["msg"]
        assert "what differs can't be written to %s" % directory in message and "Nothing was copied." in message
        assert "No space left on device" in message and "TMPDIR" in message
        assert not dest.exists()
        assert sorted(os.listdir(directory)) == ["full"]


# --- What comes from the engine ---


@pytest.mark.parametrize(
    "size", [300, 900, 5000, *(pytest.param(size, marks=pytest.mark.exhaustive) for size in (0, 100, 700, 2500, 7000))]
)
@pytest.mark.one_engine("it is the same tar")
def test_a_cut_connection(size: int, engine: Any, one: str, dest: Path) -> None:
    for source, place in (("/srv/site", dest), ("/srv/site/a", dest / "a")):
        if size > 2000 and place == dest / "a":
            continue  # The whole answer is not longer.
        with between(engine.url) as proxy:
            proxy.lie("^GET .*/archive", lambda answer: answer[:size])
            message = copy(proxy.url, one, source, place)["msg"]
        assert message.startswith("Cannot copy %s:%s to %s: " % (one, source, place)), message
        assert untouched(dest)


@pytest.mark.parametrize(
    "size", [0, 900, 1536, *(pytest.param(size, marks=pytest.mark.exhaustive) for size in (100, 512, 1024, 1500, 3000))]
)
@pytest.mark.one_engine("it is the same tar")
def test_a_tar_that_ends_early(size: int, engine: Any, one: str, dest: Path) -> None:
    """As an engine sends it that can't read on: its answer is whole."""
    for source, place in (("/srv/site", dest), ("/srv/site/a", dest / "a")):
        with between(engine.url) as proxy:

            def shorten(answer: bytes) -> bytes:
                head, _blank, body = answer.partition(b"\r\n\r\n")
                tar = body if b"chunked" not in head.lower() else unchunked(body)
                return answers(tar[:size], kind="application/x-tar")(b"")

            proxy.lie("^GET .*/archive", shorten)
            if size >= 1024 and place == dest / "a":
                continue  # It has come as a whole, but for the end.
            message = copy(proxy.url, one, source, place)["msg"]
        assert "what the engine sent " in message and "Nothing was copied." in message, message
        assert untouched(dest)


def unchunked(body: bytes) -> bytes:
    found = b""
    while body:
        size, _line, body = body.partition(b"\r\n")
        found, body = found + body[: int(size, 16)], body[int(size, 16) + 2 :]
    return found


def tar_of(*members: tuple[str, bytes, str]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, kind, target in members:
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.mode = kind, target, 0o755
            archive.addfile(member)
    return data.getvalue()


LIES = {
    "/srv/site": [
        tar_of(("site", tarfile.DIRTYPE, ""), ("../victim", tarfile.REGTYPE, "")),
        tar_of(("site", tarfile.DIRTYPE, ""), ("site/up", tarfile.SYMTYPE, ".."), ("site/up/x", tarfile.REGTYPE, "")),
        tar_of(("site", tarfile.SYMTYPE, ".."), ("site/x", tarfile.REGTYPE, "")),
        tar_of(("site", tarfile.REGTYPE, "")),
        tar_of(("site", tarfile.DIRTYPE, ""), ("site/x", tarfile.LNKTYPE, "../../victim")),
        b"",
        b"x" * 10000,
    ],
    "/srv/site/a": [
        tar_of(("a", tarfile.DIRTYPE, ""), ("a/x", tarfile.REGTYPE, "")),
        tar_of(("a", tarfile.SYMTYPE, "/etc/passwd")),
        tar_of(("a", tarfile.LNKTYPE, "../victim")),
        tar_of(("a", tarfile.REGTYPE, ""), ("../b", tarfile.REGTYPE, "")),
        tar_of(("a", tarfile.CHRTYPE, "")),
        b"",
    ],
}


@pytest.mark.parametrize("source", LIES)
@pytest.mark.one_engine("the engine does not answer")
def test_what_an_engine_never_sends(source: str, engine: Any, one: str, dest: Path) -> None:
    place = dest if source == "/srv/site" else dest / "a"
    for lie in LIES[source]:
        with between(engine.url) as proxy:
            proxy.lie("^GET .*/archive", answers(lie, kind="application/x-tar"))
            message = copy(proxy.url, one, source, place)["msg"]
        assert "what the engine sent" in message, message
        assert untouched(dest)


def test_a_container_that_changes_meanwhile(
    engine: Any, client: Any, image: str, name: str, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.start(client.create_container(image, ["sleep", "1000"], name=name))
    fill(inside(client, name), {"a": b"x", "b/c": b"x"})
    real = _copy_from.find_source

    def meanwhile(action: Any) -> None:
        def find(*given: Any) -> Any:
            found = real(*given)
            action()
            return found

        monkeypatch.setattr(_copy_from, "find_source", find)

    def become_directory() -> None:
        inside(client, name, "/srv/a").unlink()
        inside(client, name, "/srv/a").mkdir()

    meanwhile(become_directory)
    message = copy(engine.url, name, "/srv/a", dest / "a")["msg"]
    assert "what the engine sent is of a directory, which was a file a moment ago. Nothing was copied." in message
    monkeypatch.undo()
    meanwhile(lambda: client.remove_container(name, force=True))
    message = copy(engine.url, name, "/srv/b", dest)["msg"]
    assert message.startswith("Cannot copy %s:/srv/b to %s: " % (name, dest)) and name in message
    assert untouched(dest)


# --- Somebody else on this host ---


def exchanging(dest: Path, number: int, name: str, outside: Path) -> Any:
    """Before this write, the entry becomes a link that leads out."""
    real = _host_copies._write
    made: list[str] = []

    def exchange(tree: Any, kept: Any, content: Any) -> None:
        if len(made) == number:
            (dest / name).rename(dest.with_name("away"))
            (dest / name).symlink_to(outside)
        made.append(kept.name)
        real(tree, kept, content)

    return exchange


def test_links_that_are_exchanged_in_the_middle(
    engine: Any, one: str, dest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between any two writes, a directory becomes a link that leads out, or the root, or a file becomes one."""
    outside = tmp_path / "outside"
    real = _host_copies._write
    for number, name in ((0, "conf"), (2, "conf"), (2, "conf/inner"), (0, ""), (3, "conf"), (4, "conf/inner")):
        fill(outside, {"b": b"precious", "inner/c": b"precious", "z": b"precious", "c": b"precious"})
        before = read(outside)
        monkeypatch.setattr(_host_copies, "_write", exchanging(dest, number, name, outside))
        result = copy(engine.url, one, "/srv/site", dest)
        monkeypatch.setattr(_host_copies, "_write", real)
        assert read(outside) == before
        assert result.get("failed") is None or "entries were copied" in result["msg"] or "Nothing on" in result["msg"]
        (dest / name).unlink()
        dest.with_name("away").rename(dest / name)
        for path in (dest / name for name in FILES):
            path.write_bytes(path.read_bytes().replace(b"new", b"OLD"))
    complete(engine, one, dest)


def test_a_race_with_somebody_who_exchanges_directories(engine: Any, one: str, dest: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    fill(outside, {"b": b"precious", "z": b"precious"})
    stop = threading.Event()

    away = tmp_path / "away"
    away.symlink_to(outside)
    libc = ctypes.CDLL(None)

    def exchange() -> None:
        while not stop.is_set():
            # AT_FDCWD, and RENAME_EXCHANGE: both have a name at any moment.
            assert libc.renameat2(-100, os.fsencode(dest / "conf"), -100, os.fsencode(away), 2) == 0
            time.sleep(0.0005)

    thread = threading.Thread(target=exchange)
    thread.start()
    try:
        for _round in range(8):
            # It may fail: what matters is where it writes.
            copy(engine.url, one, "/srv/site", dest, force=True)
    finally:
        stop.set()
        thread.join()
    if (dest / "conf").is_symlink():
        (dest / "conf").unlink()
        away.rename(dest / "conf")
    assert read(outside) == {"b": b"precious", "z": b"precious"}
    assert sorted(os.listdir(outside)) == ["b", "z"]
    copy(engine.url, one, "/srv/site", dest)
    complete(engine, one, dest, changed=False)


def test_a_file_of_this_host_that_changes_while_it_is_compared(
    engine: Any, client: Any, one: str, tmp_path: Path
) -> None:
    """Its beginning was equal, and is taken from it: that it is still the same is checked."""
    dest = tmp_path / "host" / "large"
    content = b"x" * (3 * 2**20)
    inside(client, one, "/srv/large").write_bytes(content + b"end")
    dest.parent.mkdir()
    dest.write_bytes(content + b"END")
    begin = _comparing._Reading._begin

    def spoil(reading: Any) -> None:
        begin(reading)
        with open(dest, "r+b") as file:
            file.write(b"y")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_comparing._Reading, "_begin", spoil)
        message = copy(engine.url, one, "/srv/large", dest)["msg"]
    assert "changed on the host where the task runs while it was read. Nothing was copied." in message
    assert os.listdir(dest.parent) == ["large"] and dest.read_bytes()[:2] == b"yx"
    assert copy(engine.url, one, "/srv/large", dest)["changed"]
    assert dest.read_bytes() == content + b"end"


# --- A task that ends early ---


def process(arguments: dict[str, Any], number: int, after: int, within: bool) -> subprocess.Popen[str]:
    given = json.dumps([{"direction": "from", **arguments}, number, after, within])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-c", PROGRAM, given], env=environment, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("within", "after"),
    [
        (True, 0),
        (False, 3),
        *(
            pytest.param(within, after, marks=pytest.mark.exhaustive)
            for within in (True, False)
            for after in range(6)
            if (within, after) not in ((True, 0), (False, 3))
        ),
    ],
)
@pytest.mark.one_engine("it is about this host")
def test_a_killed_task(within: bool, after: int, engine: Any, one: str, dest: Path) -> None:
    given = {"docker_host": engine.url, "container": one, "container_path": "/srv/site", "path": str(dest)}
    with process(given, signal.SIGKILL, after, within) as task:
        output, _error = task.communicate(timeout=100)
    assert task.returncode == -signal.SIGKILL and not output
    for name, content in read(dest).items():
        if name.endswith(".tmp"):
            assert within
        elif name != "mine":
            assert content in (FILES[name], FILES[name].replace(b"new", b"OLD"))
    complete(engine, one, dest)


@pytest.mark.one_engine("it is about this host")
def test_an_ended_task(engine: Any, one: str, dest: Path, tmp_path: Path) -> None:
    given = {"docker_host": engine.url, "container": one, "container_path": "/srv/site", "path": str(dest)}
    for place, after, left in (
        (
            dest,
            2,
            "3 of 6 entries were copied. As before, or missing: conf/inner/c, conf/z, d. What was done",
        ),
        (
            tmp_path / "host" / "new",
            4,
            "5 of 8 entries were copied. As before, or missing: conf/inner/c, conf/z, d. What was done",
        ),
    ):
        with process({**given, "path": str(place)}, signal.SIGTERM, after, True) as task:
            output, _error = task.communicate(timeout=100)
        result = json.loads(output)
        assert "The task was ended by SIGTERM. What is there now: " in result["msg"], result["msg"]
        assert left in result["msg"], result["msg"]
        assert not [path for path in place.rglob("*") if path.name.endswith(".tmp")]
    assert copy(engine.url, one, "/srv/site", tmp_path / "host" / "new")["changed"]
    assert read(tmp_path / "host" / "new") == FILES
    (tmp_path / "host" / "new").rename(tmp_path / "new")
    complete(engine, one, dest)


@pytest.mark.one_engine("it is about this host")
def test_a_killed_task_with_a_single_file(engine: Any, one: str, tmp_path: Path) -> None:
    dest = tmp_path / "host" / "big"
    dest.parent.mkdir()
    dest.write_bytes(b"old")
    given = {"docker_host": engine.url, "container": one, "container_path": "/srv/big", "path": str(dest)}
    with process(given, signal.SIGKILL, 0, False) as task:
        limit = time.monotonic() + 60
        while len(os.listdir(dest.parent)) < 2 and time.monotonic() < limit:
            time.sleep(0.005)
        task.kill()
    assert dest.read_bytes() == b"old" or dest.stat().st_size == SIZE
    copy(engine.url, one, "/srv/big", dest, force=True)
    assert os.listdir(dest.parent) == ["big"] and dest.stat().st_size == SIZE


def test_two_at_once(engine: Any, one: str, dest: Path) -> None:
    """Both end as if one had run after the other."""
    results: list[dict[str, Any]] = []
    threads = [
        threading.Thread(target=lambda: results.append(copy(engine.url, one, "/srv/site", dest, force=True)))
        for _number in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.get("msg") for result in results] == [None] * 3
    complete(engine, one, dest, changed=False)
