# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_export: the contents of the archive, which differences count, and that the file is otherwise left alone."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import stat
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

zstandard = pytest.importorskip("zstandard")
packing = pytest.mark.one_engine("an archive is packed where Ansible runs")

# A user and a group without rights.
OTHER, OTHER_NAME = 65534, "nobody"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda data: data,
    "gzip": gzip.decompress,
    "xz": lzma.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


@pytest.fixture
def container(run: Any, image: str, name: str) -> str:
    run("container_run", name=name, image=image, command=["sleep", "1000"], init=False)
    return name


@pytest.fixture(scope="module")
def created(client: Any, image: str) -> Iterator[str]:
    """A container for tests that only read it; it was never started."""
    found = client.create_container(image, ["true"])["Id"]
    yield found
    client.remove_container(found)


@pytest.fixture
def dest(tmp_path: Path) -> str:
    return str(tmp_path / "web.tar")


def exported(client: Any, container: str) -> bytes:
    return b"".join(client.export(container))


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def state(path: str) -> Any:
    """The state of a file's directory: names, contents, attributes, and times except the access time."""
    found = sorted((entry, entry.lstat()) for entry in Path(path).parent.iterdir())
    return [
        (
            entry.name,
            entry.read_bytes() if entry.is_file() else b"",
            (of.st_mode, of.st_ino, of.st_uid, of.st_gid, of.st_size, of.st_mtime_ns, of.st_ctime_ns),
        )
        for entry, of in found
    ]


def mode(path: str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def four_ways(run: Any, actions: list[str], **options: Any) -> dict[str, Any]:
    """Check mode predicts the change and touches nothing; afterwards there is nothing to do. Returns the result."""
    dest = options["dest"]
    before = state(dest)
    foreseen = run("container_export", check=True, expect="changed", **options)
    assert state(dest) == before
    done = run("container_export", expect="changed", **options)
    for key in ("changed", "actions", "diff", "digest", "size", "mode", "container", "compression"):
        assert done[key] == foreseen[key], key
    assert done["actions"] == actions
    after = state(dest)
    for check in (False, True):
        again = run("container_export", check=check, expect="ok", **options)
        assert again["actions"] == []
        assert again["diff"] == {"before": {}, "after": {}}
        for key in ("digest", "size", "archive_size", "checksum", "mode"):
            assert again[key] == done[key], key
    assert state(dest) == after
    assert not [found for found in os.listdir(Path(dest).parent) if "wharf-" in found]
    return dict(done)


def test_a_new_archive(run: Any, client: Any, container: str, dest: str) -> None:
    foreseen = run("container_export", check=True, name=container, dest=dest)
    assert foreseen["archive_size"] is None and foreseen["checksum"] is None
    done = four_ways(run, ["export %s to %s: no such file" % (container, dest)], name=container, dest=dest)
    data = Path(dest).read_bytes()
    assert data == exported(client, container)
    assert done["archive"] == dest
    assert done["container"] == {"id": client.inspect_container(container)["Id"], "name": container}
    assert done["digest"] == digest(data) == "sha256:" + done["checksum"]
    assert done["size"] == done["archive_size"] == len(data)
    assert done["mode"] == "0600" and mode(dest) == 0o600
    assert done["diff"] == {"before": {}, "after": {"content": digest(data), "compression": "none", "mode": "0600"}}
    with tarfile.open(dest) as archive:
        assert "bin/busybox" in archive.getnames()


def test_by_id_and_by_alias(run: Any, client: Any, container: str, dest: str) -> None:
    found = client.inspect_container(container)["Id"]
    done = run("container_export", expect="changed", name=found[:12], dest=dest)
    assert done["actions"] == ["export %s to %s: no such file" % (container, dest)]
    again = run("container_export", expect="ok", container=container, dest=dest)
    assert again["container"] == {"id": found, "name": container}


@packing
@pytest.mark.parametrize(
    ("ending", "option", "wanted"),
    [
        ("tar", None, "none"),
        ("tar.gz", None, "gzip"),
        ("tgz", None, "gzip"),
        ("TAR.GZ", None, "gzip"),
        ("tar.xz", "auto", "xz"),
        ("txz", None, "xz"),
        ("tar.zst", None, "zstd"),
        ("tzst", None, "zstd"),
        ("tar.gz", "none", "none"),
        ("tar", "gzip", "gzip"),
        ("tar.bz2", "zstd", "zstd"),
        ("tar", "xz", "xz"),
    ],
)
def test_compressions(
    ending: str, option: str | None, wanted: str, run: Any, client: Any, container: str, tmp_path: Path
) -> None:
    dest = str(tmp_path / ("web." + ending))
    options = {} if option is None else {"compression": option}
    action = "export %s to %s: no such file" % (container, dest)
    done = four_ways(run, [action], name=container, dest=dest, **options)
    packed, plain = Path(dest).read_bytes(), exported(client, container)
    assert UNPACK[wanted](packed) == plain
    assert done["compression"] == wanted
    assert done["digest"] == digest(plain) and done["size"] == len(plain)
    assert done["checksum"] == hashlib.sha256(packed).hexdigest() and done["archive_size"] == len(packed)
    assert wanted == "none" or len(packed) < len(plain)


@packing
@pytest.mark.parametrize(("before", "after"), [("none", "gzip"), ("gzip", "zstd"), ("zstd", "xz"), ("xz", "none")])
def test_another_compression_is_a_difference(
    before: str, after: str, run: Any, client: Any, container: str, dest: str
) -> None:
    run("container_export", name=container, dest=dest, compression=before)
    actions = ["export %s to %s: compression %s → %s" % (container, dest, before, after)]
    done = four_ways(run, actions, name=container, dest=dest, compression=after)
    assert done["diff"] == {"before": {"compression": before}, "after": {"compression": after}}
    assert UNPACK[after](Path(dest).read_bytes()) == exported(client, container)


@packing
@pytest.mark.parametrize(("form", "weak", "strong"), [("gzip", 1, 9), ("xz", 0, 6), ("zstd", 1, 19)])
def test_compression_level(form: str, weak: int, strong: int, run: Any, container: str, dest: str) -> None:
    action = "export %s to %s: no such file" % (container, dest)
    options = {"name": container, "dest": dest, "compression": form}
    large = four_ways(run, [action], compression_level=weak, **options)
    run("container_export", expect="ok", compression_level=strong, **options)
    os.unlink(dest)
    small = four_ways(run, [action], compression_level=strong, **options)
    assert small["archive_size"] < large["archive_size"]
    assert small["digest"] == large["digest"]


def test_what_another_program_packed_is_the_same(run: Any, client: Any, container: str, dest: str) -> None:
    Path(dest).write_bytes(gzip.compress(exported(client, container), 1))
    os.chmod(dest, 0o600)
    before = state(dest)
    run("container_export", expect="ok", name=container, dest=dest, compression="gzip")
    assert state(dest) == before


def test_other_content(run: Any, client: Any, container: str, dest: str) -> None:
    first = run("container_export", name=container, dest=dest)
    client.exec_start(client.exec_create(container, ["sh", "-c", "echo more >/tmp/more"]))
    second = digest(exported(client, container))
    causes = "content %s → %s" % (first["digest"][:19], second[:19])
    done = four_ways(run, ["export %s to %s: %s" % (container, dest, causes)], name=container, dest=dest)
    assert done["diff"] == {"before": {"content": first["digest"]}, "after": {"content": second}}
    with tarfile.open(dest) as archive:
        assert archive.extractfile("tmp/more").read() == b"more\n"  # type: ignore[union-attr]


def test_the_same_container_in_all_its_states(run: Any, client: Any, container: str, dest: str) -> None:
    run("container_export", expect="changed", name=container, dest=dest)
    client.pause(container)
    run("container_export", expect="ok", name=container, dest=dest)
    client.unpause(container)
    client.stop(container, timeout=0)
    run("container_export", expect="ok", name=container, dest=dest)
    client.start(container)
    run("container_export", expect="ok", name=container, dest=dest)


def small_archive(size: int = 3) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("x")
        info.size = size
        archive.addfile(info, io.BytesIO(b"x" * size))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "content no archive (it is empty) → "),
        (b"text\n" * 1000, "content no archive (it is not a tar archive) → "),
        (small_archive(900)[:1000], "content no archive (it is cut off inside a member's data, at byte 1000"),
        (small_archive(), "content sha256:%s → " % hashlib.sha256(small_archive()).hexdigest()[:12]),
        (gzip.compress(small_archive())[:-9], "content no archive (it is cut off: its gzip compression has no end) → "),
        (bz2.compress(small_archive()), "compression bzip2 → none"),
    ],
    # gzip writes the time into its data: ids made from them would differ between workers.
    ids=["empty", "text", "cut off", "another archive", "gzip cut off", "bzip2"],
)
def test_another_file_is_replaced(data: bytes, cause: str, run: Any, client: Any, container: str, dest: str) -> None:
    Path(dest).write_bytes(data)
    os.chmod(dest, 0o644)
    options = {"name": container, "dest": dest}
    foreseen = run("container_export", check=True, expect="changed", **options)
    done = four_ways(run, foreseen["actions"], **options)
    assert cause in done["actions"][0] and done["actions"][0].endswith("mode 0644 → 0600")
    assert Path(dest).read_bytes() == exported(client, container)
    assert mode(dest) == 0o600


@pytest.mark.parametrize(
    ("given", "number"),
    [("0644", 0o644), (0o640, 0o640), ("600", 0o600), ("u=rw,g=r,o=", 0o640), ("g+r", 0o640), ("a+rX", 0o644)],
)
def test_mode(given: Any, number: int, run: Any, container: str, dest: str, tmp_path: Path) -> None:
    four_ways(run, ["export %s to %s: no such file" % (container, dest)], name=container, dest=dest, mode=given)
    assert mode(dest) == number
    os.chmod(dest, 0o604)
    os.utime(dest, (1, 1))
    alone = run("container_export", check=True, expect="changed", name=container, dest=dest, mode=given)
    if isinstance(given, str) and given[0] in "ga":
        return
    actions = ["change %s: mode 0604 → %04o" % (dest, number)]
    assert alone["actions"] == actions
    data, inode = Path(dest).read_bytes(), os.stat(dest).st_ino
    done = four_ways(run, actions, name=container, dest=dest, mode=given)
    assert done["diff"] == {"before": {"mode": "0604"}, "after": {"mode": "%04o" % number}}
    assert mode(dest) == number
    assert (Path(dest).read_bytes(), os.stat(dest).st_ino, os.stat(dest).st_mtime) == (data, inode, 1)


def test_a_symbolic_mode_starts_from_what_there_is(run: Any, container: str, dest: str) -> None:
    run("container_export", name=container, dest=dest, mode="0604")
    actions = ["change %s: mode 0604 → 0644" % dest]
    done = four_ways(run, actions, name=container, dest=dest, mode="g+r")
    assert done["mode"] == "0644"


@as_root
def test_owner_and_group(run: Any, client: Any, container: str, dest: str) -> None:
    options = {"name": container, "dest": dest}
    four_ways(run, ["export %s to %s: no such file" % (container, dest)], owner=OTHER_NAME, group=str(OTHER), **options)
    assert (os.stat(dest).st_uid, os.stat(dest).st_gid) == (OTHER, OTHER)
    # Without these options the file keeps its owner and group, even if it is replaced.
    run("container_export", expect="ok", **options)
    client.exec_start(client.exec_create(container, ["sh", "-c", "echo more >/tmp/more"]))
    run("container_export", expect="changed", **options)
    assert (os.stat(dest).st_uid, os.stat(dest).st_gid) == (OTHER, OTHER)
    os.utime(dest, (1, 1))
    actions = ["change %s: owner nobody → root, group nogroup → root" % dest]
    done = four_ways(run, actions, owner="root", group="0", **options)
    assert done["diff"] == {
        "before": {"owner": "nobody", "group": "nogroup"},
        "after": {"owner": "root", "group": "root"},
    }
    assert (os.stat(dest).st_uid, os.stat(dest).st_gid, os.stat(dest).st_mtime) == (0, 0, 1)
    # A user and a group without a name.
    four_ways(
        run, ["change %s: owner root → 54321, group root → 54321" % dest], owner="54321", group="54321", **options
    )


def test_a_link_stays(run: Any, client: Any, container: str, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    link, target = tmp_path / "web.tar", tmp_path / "far" / "real.tar"
    link.symlink_to("far/real.tar")
    run("container_export", expect="changed", name=container, dest=str(link))
    assert link.is_symlink() and target.read_bytes() == exported(client, container)
    target.write_bytes(b"other")
    run("container_export", expect="changed", name=container, dest=str(link))
    assert link.is_symlink() and target.read_bytes() == exported(client, container)
    run("container_export", expect="ok", name=container, dest=str(link))


def test_an_image_of_the_archive(run: Any, client: Any, container: str, tmp_path: Path, name: str) -> None:
    """The archive can be imported, and its digest is that of the image's layer."""
    dest = str(tmp_path / "web.tar.zst")
    done = run("container_export", name=container, dest=dest)
    imported = run("container_import", src=dest, repository=name)
    assert imported["digest"] == done["digest"] == imported["image"]["RootFS"]["Layers"][0]


def test_a_file_with_a_long_name(run: Any, container: str, tmp_path: Path) -> None:
    dest = str(tmp_path / ("ü" * 120 + ".tar.gz"))
    four_ways(run, ["export %s to %s: no such file" % (container, dest)], name=container, dest=dest)


def test_no_container(run: Any, tmp_path: Path) -> None:
    """In check mode an earlier task would create it: the keys are the same, and unknown values are null."""
    options = {"name": "no-such-container", "dest": str(tmp_path / "x.tar.gz")}
    assert "there is no such container" in run("container_export", expect="failed", **options)["msg"]
    foreseen = run("container_export", check=True, expect="changed", warnings=True, **options)
    assert foreseen["warnings"] == [
        "There is no container no-such-container. In check mode, it is assumed that an earlier task would create it."
    ]
    assert foreseen["actions"] == ["export no-such-container to %s: no such file" % options["dest"]]
    assert foreseen["container"] == {"id": None, "name": "no-such-container"}
    assert [foreseen[key] for key in ("digest", "size", "archive_size", "checksum")] == [None] * 4
    assert (foreseen["archive"], foreseen["compression"], foreseen["mode"]) == (options["dest"], "gzip", "0600")
    assert os.listdir(tmp_path) == []


def test_a_missing_library_for_what_is_there(
    run: Any, client: Any, container: str, dest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is replaced nevertheless: the task wants another compression."""
    run("container_export", name=container, dest=dest, compression="xz")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "lzma", None)
        actions = ["export %s to %s: compression xz → none" % (container, dest)]
        four_ways(run, actions, name=container, dest=dest)


class AsNobody:
    """Inside, a task runs without root's rights. The directories above ``path`` are made accessible."""

    def __init__(self, path: Path) -> None:
        for directory in path.parents:
            if directory == Path(tempfile.gettempdir()):
                break
            directory.chmod(0o755)

    def __enter__(self) -> None:
        os.setegid(OTHER)
        os.seteuid(OTHER)

    def __exit__(self, *_error: object) -> None:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def reachable(engine: Any) -> Iterator[str]:
    """The engine's address, accessible for other users than root."""
    socket = engine.url[len("unix://") :]
    before = stat.S_IMODE(os.stat(socket).st_mode)
    os.chmod(socket, 0o666)
    try:
        yield engine.url
    finally:
        os.chmod(socket, before)


@as_root
@pytest.mark.parametrize("check", [True, False])
def test_a_directory_that_may_not_be_written_to(check: bool, reachable: str, container: str, dest: str) -> None:
    Path(dest).write_bytes(b"what is there")
    os.chmod(dest, 0o666)
    arguments = {"docker_host": reachable, "name": container, "dest": dest}
    with AsNobody(Path(dest)):
        result = _task.call(_registry.task("container_export"), arguments, check_mode=check)
    assert "this user can't write to the directory %s" % Path(dest).parent in result["msg"]
    assert Path(dest).read_bytes() == b"what is there"


@as_root
@pytest.mark.parametrize("check", [True, False])
def test_a_file_that_may_not_be_read(check: bool, reachable: str, container: str, dest: str) -> None:
    Path(dest).write_bytes(b"what is there")
    os.chmod(dest, 0o600)
    arguments = {"docker_host": reachable, "name": container, "dest": dest}
    opened = AsNobody(Path(dest))
    Path(dest).parent.chmod(0o777)
    with opened:
        result = _task.call(_registry.task("container_export"), arguments, check_mode=check)
    assert "the file that is there can't be read: Permission denied" in result["msg"]
    assert Path(dest).read_bytes() == b"what is there"
    assert os.listdir(Path(dest).parent) == ["web.tar"]


@as_root
def test_an_owner_that_this_user_can_not_give_it_to(reachable: str, container: str, dest: str) -> None:
    """Nothing is left behind, whether the owner is that of the task or that of the existing file."""
    directory = Path(dest).parent
    task = _registry.task("container_export")
    arguments = {"docker_host": reachable, "name": container, "dest": dest}
    opened = AsNobody(Path(dest))
    directory.chmod(0o777)
    with opened:
        result = _task.call(task, {**arguments, "owner": "root"})
    assert "this user can't give the file to the user root: Operation not permitted" in result["msg"]
    assert result["msg"].endswith("No file was created.")
    assert os.listdir(directory) == []
    Path(dest).write_bytes(b"what is there")
    os.chmod(dest, 0o644)
    with opened:
        result = _task.call(task, arguments)
    assert "this user can't give the file to the user root and the group root" in result["msg"]
    assert result["msg"].endswith("The file that is there is untouched.")
    assert os.listdir(directory) == ["web.tar"] and Path(dest).read_bytes() == b"what is there"
    with opened:
        result = _task.call(task, {**arguments, "owner": OTHER_NAME, "group": str(OTHER)})
    assert "owner root → nobody, group root → nogroup" in result["actions"][0]
    # A user can't change the attributes of another user's file.
    os.chown(dest, 0, 0)
    os.chmod(dest, 0o644)
    with opened:
        result = _task.call(task, arguments)
    assert result["failed"] and "can't give the file" in result["msg"]


def test_one_reading_of_the_export(run: Any, calls: Any, container: str, dest: str) -> None:
    with calls() as made:
        run("container_export", expect="changed", name=container, dest=dest)
        run("container_export", expect="ok", name=container, dest=dest)
        run("container_export", check=True, expect="ok", name=container, dest=dest)
    assert [call.rpartition("/")[2] for call in made if "/containers/" in call] == ["json", "export"] * 3


def test_a_stream_that_is_no_whole_archive(
    run: Any, container: str, dest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that can't read any further may end its answer as usual, at any byte."""
    from ansible_collections.wharf.docker.plugins.module_utils._engine.response import Stream

    real = Stream.chunks
    Path(dest).write_bytes(b"what is there")

    def cut(stream: Any, size: int = 65536) -> Iterator[bytes]:
        whole = b"".join(real(stream, size))
        yield whole[:5120]

    monkeypatch.setattr(Stream, "chunks", cut)
    for check in (True, False):
        result = run("container_export", check=check, expect="failed", name=container, dest=dest)
        assert (
            "Cannot export the container %s to %s: what the engine sent is cut off" % (container, dest) in result["msg"]
        )
    assert result["msg"].endswith("The file that is there is untouched.")
    assert os.listdir(Path(dest).parent) == ["web.tar"] and Path(dest).read_bytes() == b"what is there"


def test_on_the_command_line(play: Any, ansible: Any, run: Any, container: str, dest: str) -> None:
    line = "name=%s dest=%s.gz mode=0640" % (container, dest)
    played = play(["ansible", "localhost", "-m", "wharf.docker.container_export", "-a", line])
    actions = ["export %s to %s.gz: no such file" % (container, dest)]
    assert played.results[0]["result"]["actions"] == actions, played.output
    assert mode(dest + ".gz") == 0o640
    options = {"name": container, "dest": dest + ".gz"}
    run("container_export", expect="ok", mode="0640", **options)
    here = run("container_export", check=True, expect="changed", **options)
    result = ansible("container_export", check=True, expect="changed", diff=True, **options)
    for key in here:
        assert result[key] == here[key], key
    result = ansible("container_export", expect="changed", diff=True, **options)
    assert result["diff"] == here["diff"] == {"before": {"mode": "0640"}, "after": {"mode": "0600"}}
