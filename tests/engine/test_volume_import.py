# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""volume_import: what is in the volume then, what makes a difference, and that nothing else is touched or left."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import volume_content

zstandard = pytest.importorskip("zstandard")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root looks into a volume")

NEW = "create {0}: no volume of this name", "import {0} of {1}: no volume of this name"
PACK: dict[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
}
MEMORY = """
import sys
import memory
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry
def run(name, src):
    result = _task.call(_registry.task("volume_import"), {"docker_host": sys.argv[1], "name": name, "src": src})
    assert not result.get("failed"), result
run(sys.argv[2] + "-small", sys.argv[3])
before = memory.peak()
run(sys.argv[2] + "-large", sys.argv[4])
print(memory.peak() - before)
"""


@pytest.fixture(autouse=True)
def _nothing_is_left(client: Any) -> Iterator[None]:
    images = client.images(all=True)
    yield
    assert volume_content.helpers(client) == ([], [])
    assert len(client.images(all=True)) == len(images)
    assert not [name for name in volumes(client) if name.startswith("wharf-")]


def volumes(client: Any) -> list[str]:
    return [found["Name"] for found in client.volumes()["Volumes"] or []]


def entry(name: str, kind: bytes = tarfile.REGTYPE, data: bytes = b"", **attributes: Any) -> tuple[Any, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.mtime = kind, len(data), 10**9
    info.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info, data


def archive(path: Path, *entries: tuple[Any, bytes], pack: Callable[[bytes], bytes] = bytes) -> str:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, data in entries:
            tar.addfile(info, io.BytesIO(data))
    path.write_bytes(pack(out.getvalue()))
    return str(path)


@pytest.fixture
def src(tmp_path: Path) -> str:
    """An archive with a file in the root, and one in a directory that has no entry."""
    return archive(tmp_path / "x.tar", entry("file", data=b"one\n"), entry("sub/other", data=b"two\n"))


def looks(client: Any, volume: str) -> dict[bytes, Any]:
    return volume_content.looks(volume_content.root(client, volume))


def texts(client: Any, volume: str) -> dict[str, str]:
    root = Path(os.fsdecode(volume_content.root(client, volume)))
    return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


def four_ways(run: Any, client: Any, actions: list[str], **options: Any) -> dict[str, Any]:
    """Check mode foresees what is done, touching nothing; and afterwards there is nothing to do. Returns the result."""
    name = options["name"]
    before = looks(client, name) if name in volumes(client) else None
    foreseen = run("volume_import", check=True, expect="changed", **options)
    assert (looks(client, name) if name in volumes(client) else None) == before
    done = run("volume_import", expect="changed", **options)
    for key in ("changed", "actions", "steps", "diff", "digest", "size"):
        assert done[key] == foreseen[key], key
    assert done["actions"] == actions
    assert done["volume"] == client.inspect_volume(name)
    after = looks(client, name)
    for check in (False, True):
        again = run("volume_import", check=check, expect="ok", **options)
        assert again["actions"] == [] and again["diff"] == {"before": {}, "after": {}}
        assert again["volume"] == done["volume"] and again["digest"] == done["digest"]
    assert looks(client, name) == after
    return dict(done)


def new(name: str, src: str) -> list[str]:
    return [line.format(name, src) for line in NEW]


def test_a_new_volume(run: Any, client: Any, name: str, src: str) -> None:
    done = four_ways(run, client, new(name, src), name=name, src=src)
    assert texts(client, name) == {"file": "one\n", "sub/other": "two\n"}
    assert done["diff"]["after"] == {"state": "present", "driver": "local", "content": done["digest"]}
    assert done["volume"]["Labels"] in (None, {})


@as_root
@pytest.mark.each_row("each engine unpacks in its own way")
@pytest.mark.parametrize("writer", ["engine", "GNU tar"])
def test_all_that_a_volume_may_have(writer: str, run: Any, client: Any, name: str, tmp_path: Path) -> None:
    """What volume_export or GNU tar packs comes back with all attributes, those of the root too."""
    client.create_volume(name)
    content = volume_content.root(client, name)
    volume_content.fill(content)
    path = str(tmp_path / "x.tar")
    if writer == "engine":
        run("volume_export", name=name, dest=path)
    else:
        tar = ["tar", "--create", "--xattrs", "--xattrs-include=*", "--format=pax"]
        subprocess.run([*tar, "-f", path, "-C", os.fsdecode(content), "."], check=True)
    copy = name + "-copy"
    four_ways(run, client, new(copy, path), name=copy, src=path)
    assert looks(client, copy) == volume_content.looks(content)
    run("volume_import", expect="ok", name=name, src=path)
    exported = run("volume_export", name=copy, dest=str(tmp_path / "copy.tar"))
    assert writer != "engine" or exported["checksum"] == run("volume_export", name=name, dest=path)["checksum"]


@pytest.mark.one_engine("an archive is unpacked where Ansible runs")
def test_compressions(run: Any, client: Any, name: str, src: str, tmp_path: Path) -> None:
    path = tmp_path / "packed"
    path.write_bytes(PACK["bzip2"](Path(src).read_bytes()))
    done = run("volume_import", expect="changed", name=name, src=str(path))
    assert texts(client, name) == {"file": "one\n", "sub/other": "two\n"}
    for form, pack in PACK.items():
        path.write_bytes(pack(Path(src).read_bytes()))
        assert run("volume_import", expect="ok", name=name, src=str(path))["digest"] == done["digest"], form


def test_what_the_volume_is_created_as(run: Any, client: Any, name: str, src: str, tmp_path: Path) -> None:
    """One with driver options is a directory of the host here: that stays, and is never replaced."""
    (tmp_path / "data").mkdir()
    options = {"type": "none", "o": "bind", "device": str(tmp_path / "data")}
    done = run("volume_import", expect="changed", name=name, src=src, driver_options=options)
    assert done["volume"]["Options"] == options
    assert (tmp_path / "data" / "sub" / "other").read_text() == "two\n"
    (tmp_path / "data" / "more").write_text("mine\n")
    for check in (True, False):
        message = run("volume_import", check=check, expect="failed", name=name, src=src, content="replace")["msg"]
        assert "only in volumes of the driver local without driver options" in message
    assert (tmp_path / "data" / "more").read_text() == "mine\n"
    other = name + "-2"
    done = four_ways(run, client, new(other, src), name=other, src=src, driver="local", labels={"a": 1})
    assert done["volume"]["Labels"] == {"a": "1"}
    warned = run("volume_import", expect="ok", warnings=True, name=other, src=src, labels={"a": 2})
    assert warned["warnings"] == [
        "The volume %s is not as described (labels.a 1 → 2), and only its content is changed. Describe it as it is, or "
        "see the option recreate of the module volume." % other
    ]


@pytest.mark.exhaustive  # An engine looks for the driver for 15 seconds.
def test_a_driver_that_there_is_not(run: Any, client: Any, name: str, src: str) -> None:
    message = run("volume_import", expect="failed", name=name, src=src, driver="no-such-driver")["msg"]
    assert "no-such-driver" in message and name not in volumes(client)


def test_an_empty_volume(run: Any, client: Any, name: str, src: str) -> None:
    client.create_volume(name, labels={"kept": "yes"})
    actions = ["import %s of %s: the volume is empty" % (name, src)]
    done = four_ways(run, client, actions, name=name, src=src)
    assert done["volume"]["Labels"] == {"kept": "yes"} and texts(client, name) == {
        "file": "one\n",
        "sub/other": "two\n",
    }


@as_root
@pytest.mark.parametrize("content", ["refuse", "add", "replace"])
def test_other_content(content: str, run: Any, client: Any, name: str, src: str) -> None:
    client.create_volume(name, labels={"kept": "yes"})
    root = Path(os.fsdecode(volume_content.root(client, name)))
    (root / "file").write_text("mine\n")
    (root / "more").write_text("mine too\n")
    root.chmod(0o750)
    os.chown(root, 70, 71)
    before = looks(client, name)
    options = {"name": name, "src": src, "content": content}
    lacks = "1 entry is missing (sub/other), 1 entry is different (file)"
    extra = ", 1 entry is only in the volume (more)"
    if content == "refuse":
        for check in (True, False):
            message = run("volume_import", check=check, expect="failed", **options)["msg"]
            assert "the volume has other content: %s%s. Nothing was changed." % (lacks, extra) in message
        assert looks(client, name) == before
        return
    verb, words = ("import", lacks) if content == "add" else ("replace", lacks + extra)
    done = four_ways(run, client, ["%s %s of %s: %s" % (verb, name, src, words)], **options)
    assert done["diff"] == {"before": {"content": words}, "after": {"content": done["digest"]}}
    kept = {"more": "mine too\n"} if content == "add" else {}
    assert texts(client, name) == {"file": "one\n", "sub/other": "two\n", **kept}
    assert client.inspect_volume(name)["Labels"] == {"kept": "yes"}
    # The archive says nothing of the root.
    of = Path(os.fsdecode(volume_content.root(client, name))).stat()
    assert (of.st_mode & 0o7777, of.st_uid, of.st_gid) == (0o750, 70, 71)


@as_root
@pytest.mark.parametrize(
    ("there", "words"),
    [("file/in a directory", "file"), ("sub", "sub")],
)
def test_what_can_not_be_added(there: str, words: str, run: Any, client: Any, name: str, src: str) -> None:
    """An engine would remove a whole directory for a file."""
    client.create_volume(name)
    path = Path(os.fsdecode(volume_content.root(client, name))) / there
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine\n")
    before = looks(client, name)
    for check in (True, False):
        message = run("volume_import", check=check, expect="failed", name=name, src=src, content="add")["msg"]
        assert "a directory where the other has something else: %s. Nothing was changed" % words in message
    assert looks(client, name) == before


def test_a_volume_that_is_used_is_not_replaced(run: Any, client: Any, image: str, name: str, src: str) -> None:
    client.create_volume(name)
    (Path(os.fsdecode(volume_content.root(client, name))) / "mine").write_text("mine\n")
    host = client.create_host_config(binds=[name + ":/data"])
    client.create_container(image, ["true"], name=name, volumes=["/data"], host_config=host)
    for check in (True, False):
        message = run("volume_import", check=check, expect="failed", name=name, src=src, content="replace")["msg"]
        assert "as long as containers have it: %s (created). Nothing was changed" % name in message
    assert texts(client, name) == {"mine": "mine\n"}


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([entry("../x")], "has the entry ../x, which is not a path in the volume"),
        ([entry("a/../../x")], "has the entry a/../../x, which is not a path in the volume"),
        ([entry("/etc/passwd")], "has the entry /etc/passwd, which is not a path in the volume"),
        ([entry("x", tarfile.LNKTYPE, linkname="../../etc/passwd")], "has a link to ../../etc/passwd, which is not"),
        ([entry("x", tarfile.LNKTYPE, linkname="/etc/passwd")], "has a link to /etc/passwd, which is not"),
        ([entry("x", tarfile.LNKTYPE, linkname="later"), entry("later")], "has the hard link x to a file that is not"),
        ([entry("l", tarfile.SYMTYPE, linkname="/etc"), entry("l/x")], "has the entry l/x below a symbolic link"),
        ([entry("l", tarfile.SYMTYPE, linkname="/etc"), entry("l/x/y")], "has the entry l/x/y below a symbolic link"),
        ([entry("d/l", tarfile.SYMTYPE, linkname="../../x")], "has the symbolic link d/l to ../../x, which leads out"),
        ([entry("l", tarfile.SYMTYPE, linkname="/a/../..")], "has the symbolic link l to /a/../.., which leads out"),
        ([entry("f"), entry("f/x")], "has the entry f/x below a file"),
        ([entry("d/x"), entry("d")], "has entries below d, which is not a directory"),
        ([entry("d/x"), entry("d", tarfile.SYMTYPE, linkname="/etc")], "has entries below d, which is not"),
        ([entry("x"), entry("./x")], "has the entry x twice"),
        ([entry("."), entry("x")], "has an entry for its root that is not a directory"),
        ([entry("x", b"V")], "has a volume label, which tar writes with --label"),
        ([entry("x", b"Q")], "has a member of the type 'Q'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.one_engine("it is refused where Ansible runs")
def test_hostile_archives(entries: Any, words: str, run: Any, client: Any, name: str, tmp_path: Path) -> None:
    path = archive(tmp_path / "x.tar", *entries)
    message = run("volume_import", expect="failed", name=name, src=path)["msg"]
    start = "Cannot import %s as the content of the volume %s: the file " % (path, name)
    assert message.startswith(start + words), message
    assert name not in volumes(client)


@pytest.mark.parametrize("cut", [0, 100, 700, 1024, -1024])
@pytest.mark.one_engine("it is refused where Ansible runs")
def test_a_file_that_is_not_whole(cut: int, run: Any, client: Any, name: str, src: str) -> None:
    data = Path(src).read_bytes()
    Path(src).write_bytes(data[: cut if cut >= 0 else data.rindex(b"two\n") + 508])
    message = run("volume_import", expect="failed", name=name, src=src)["msg"]
    assert ": the file is " in message and "Give a whole tar archive." in message
    assert name not in volumes(client)


@as_root
@pytest.mark.each_row("each engine unpacks in its own way")
def test_what_stays_inside(run: Any, client: Any, engine: Any, name: str, tmp_path: Path) -> None:
    """Links and devices are as the archive has them, and nothing is written by way of them."""
    src = archive(
        tmp_path / "x.tar",
        entry("link", tarfile.SYMTYPE, linkname="/etc/passwd"),
        entry("d", tarfile.DIRTYPE),
        entry("d/up", tarfile.SYMTYPE, linkname="../x/../setuid"),
        entry("device", tarfile.BLKTYPE, devmajor=8, devminor=0),
        entry("setuid", data=b"x", mode=0o6755),
        entry("new\nline \x1b[31m", data=b"x"),
    )
    before = Path("/etc/passwd").read_bytes()
    four_ways(run, client, new(name, src), name=name, src=src)
    found = looks(client, name)
    assert found[b"d/up"][4] == b"../x/../setuid" and found[b"setuid"][0] & 0o7777 == 0o6755
    assert Path("/etc/passwd").read_bytes() == before


@pytest.mark.parametrize(
    ("form", "size", "options", "words"),
    [
        ("gnu", 2**41, {}, "the file has files with holes as tar writes them with --sparse (-S)"),
        ("pax", 2**41, {}, "the file has the sparse file holes of 2199023255552 bytes, which is too large"),
        ("pax", 2**39, {"max_size": "1g"}, "it is larger than max_size (1073741824 bytes)"),
    ],
)
@pytest.mark.one_engine("it is refused where Ansible runs")
def test_holes(form: str, size: int, options: Any, words: str, run: Any, name: str, tmp_path: Path) -> None:
    """They are not read: that would take hours."""
    with open(tmp_path / "holes", "wb") as file:
        file.truncate(size)
    path = str(tmp_path / "x.tar")
    subprocess.run(["tar", "--sparse", "--format=" + form, "-cf", path, "-C", str(tmp_path), "holes"], check=True)
    assert words in run("volume_import", expect="failed", name=name, src=path, **options)["msg"]


def test_max_size(run: Any, client: Any, name: str, src: str, tmp_path: Path) -> None:
    large = archive(tmp_path / "large.tar", entry("zeros", data=bytes(2**20)), pack=gzip.compress)
    message = run("volume_import", expect="failed", name=name, src=large, max_size="500k")["msg"]
    assert "it is larger than max_size (512000 bytes) when it is uncompressed" in message
    assert name not in volumes(client)
    run("volume_import", expect="changed", name=name, src=large, max_size="2m")


def test_a_file_of_the_controller(run: Any, client: Any, name: str, src: str) -> None:
    run("volume_import", expect="changed", name=name, src=src, remote_src=False)
    message = run("volume_import", expect="failed", name=name, src=src + ".none", remote_src=False)["msg"]
    assert "With remote_src false it is the controller's file" in message


def test_an_engine_that_keeps_less(run: Any, client: Any, name: str, src: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The volume that the task had created is removed again; of one that was there, what is left is reported."""
    from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine

    real = _engine.Engine.put_archive

    def less(engine: Any, path: str, **rest: Any) -> None:
        data = b"".join(rest["data"])
        real(engine, path, **{**rest, "data": io.BytesIO(data.replace(b"one\n", b"two\n"))})

    monkeypatch.setattr(_engine.Engine, "put_archive", less)
    message = run("volume_import", expect="failed", name=name, src=src)["msg"]
    assert "the volume has other content then: 1 entry is different (file)" in message
    assert message.endswith("The volume %s, which the task had created, is removed again." % name)
    assert name not in volumes(client)
    client.create_volume(name)
    message = run("volume_import", expect="failed", name=name, src=src)["msg"]
    assert "The volume %s was empty before, and can have a part of the archive now" % name in message
    before = looks(client, name)
    message = run("volume_import", expect="failed", name=name, src=src, content="replace")["msg"]
    assert message.endswith("The old content of the volume %s is untouched." % name)
    assert looks(client, name) == before
    message = run("volume_import", expect="failed", name=name, src=src, content="add")["msg"]
    assert "all that the archive does not have is as before: run the task again" in message
    monkeypatch.undo()
    run("volume_import", expect="changed", name=name, src=src, content="add")


def test_a_failure_after_the_old_content_is_gone(
    run: Any, client: Any, name: str, src: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says where all of the new content is, and the next run brings it to its end."""
    from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine
    from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import EngineError

    run("volume_import", name=name, src=archive(Path(src).parent / "old.tar", entry("old", data=b"old")))
    real, calls = _engine.Engine.put_archive, []

    def second(engine: Any, path: str, **rest: Any) -> None:
        calls.append(path)
        if len(set(calls)) > 1:
            raise EngineError("Cannot do it: the disk is full.", 500, "the disk is full")
        real(engine, path, **rest)

    with monkeypatch.context() as patch:
        patch.setattr(_engine.Engine, "put_archive", second)
        message = run("volume_import", expect="failed", name=name, src=src, content="replace")["msg"]
    (trial,) = [found for found in volumes(client) if found.startswith("wharf-volume-")]
    assert "The old content of the volume %s is gone, and the new one is not complete there." % name in message
    assert "The volume %s has all of it." % trial in message
    assert texts(client, trial) == {"file": "one\n", "sub/other": "two\n"}
    actions = [
        "import %s of %s: the volume is empty" % (name, src),
        "remove %s: a task that was killed left it" % trial,
    ]
    four_ways(run, client, actions, name=name, src=src, content="replace")


@pytest.mark.parametrize("change", ["content", "cut", "longer"])
def test_a_file_that_changes(change: str, run: Any, client: Any, name: str, src: str, just_before: Any) -> None:
    """Between the check and the sending: what was made of it is removed, and what was there stays."""
    data = Path(src).read_bytes()
    others = {"content": data.replace(b"one\n", b"two\n"), "cut": data[:1500], "longer": data + bytes(10240)}
    if change == "cut":
        run("volume_import", name=name, src=archive(Path(src).parent / "old.tar", entry("old", data=b"old")))
    before = looks(client, name) if change == "cut" else None
    just_before("PUT", lambda: Path(src).write_bytes(others[change]))
    result = run("volume_import", expect="failed", name=name, src=src, content="replace")
    assert "as the content of the volume %s: the file changed while it was read" % name in result["msg"]
    assert (looks(client, name) if name in volumes(client) else None) == before


def test_someone_else_writes_meanwhile(run: Any, client: Any, name: str, src: str, just_before: Any) -> None:
    """Between the look and the creation: what is somebody else's is not removed."""

    def create() -> None:
        client.create_volume(name)
        (Path(os.fsdecode(volume_content.root(client, name))) / "theirs").write_text("theirs\n")

    just_before("POST /volumes/create", create)
    message = run("volume_import", expect="failed", name=name, src=src)["msg"]
    assert message.endswith(
        "something else wrote to the volume %s meanwhile. It was left unchanged. Run the task again." % name
    )
    assert texts(client, name) == {"theirs": "theirs\n"}


@pytest.mark.one_engine("the memory is that of Ansible's host")
def test_memory(engine: Any, client: Any, name: str, src: str, tmp_path: Path) -> None:
    entries = [entry("zeros", data=bytes(48 * 2**20)), *(entry("d/%d" % number) for number in range(2000))]
    large = archive(tmp_path / "large.tar.gz", *entries, pack=lambda data: gzip.compress(data, 1))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    argv = [sys.executable, "-c", MEMORY, engine.url, name, src, large]
    done = subprocess.run(argv, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    assert int(done.stdout) < 8 * 1024, "%s KiB more" % done.stdout


@pytest.mark.exhaustive
def test_both_executions(ansible: Any, run: Any, client: Any, name: str, src: str) -> None:
    here = run("volume_import", check=True, expect="changed", name=name, src=src)
    there = ansible("volume_import", expect="changed", diff=True, name=name, src=src)
    for key in ("actions", "steps", "diff", "digest", "size"):
        assert there[key] == here[key], key
    run("volume_import", expect="ok", name=name, src=src)
