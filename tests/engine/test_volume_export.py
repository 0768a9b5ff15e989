# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""volume_export: what is in the archive, what makes a difference, and that nothing else is touched or left."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import os
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import volume_content

zstandard = pytest.importorskip("zstandard")
packing = pytest.mark.one_engine("an archive is packed where Ansible runs")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda data: data,
    "gzip": gzip.decompress,
    "xz": lzma.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}
# Reads a large volume, and prints how much memory that took beyond what a small one takes.
MEMORY = """
import json, sys
import memory
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry
def run(name):
    arguments = {"docker_host": sys.argv[1], "name": name, "dest": sys.argv[2]}
    result = _task.call(_registry.task("volume_export"), arguments)
    assert not result.get("failed"), result
run(sys.argv[3])
before = memory.peak()
run(sys.argv[4])
print(memory.peak() - before)
"""


@pytest.fixture
def volume(client: Any, name: str) -> str:
    client.create_volume(name)
    (Path(os.fsdecode(volume_content.root(client, name))) / "file").write_text("one\n")
    return name


@pytest.fixture
def dest(tmp_path: Path) -> str:
    return str(tmp_path / "data.tar")


@pytest.fixture(autouse=True)
def _nothing_is_left(client: Any) -> Iterator[None]:
    images = client.images(all=True)
    yield
    assert volume_content.helpers(client) == ([], [])
    assert len(client.images(all=True)) == len(images)


def state(dest: str) -> Any:
    """All that a file's directory shows."""
    found = sorted((entry, entry.lstat()) for entry in Path(dest).parent.iterdir())
    return [
        (entry.name, entry.read_bytes() if entry.is_file() else b"", of.st_mode, of.st_ino, of.st_uid, of.st_gid)
        + (of.st_mtime_ns, of.st_ctime_ns)
        for entry, of in found
    ]


def four_ways(run: Any, actions: list[str], **options: Any) -> dict[str, Any]:
    """Check mode foresees what is done, touching nothing; and afterwards there is nothing to do. Returns the result."""
    dest = options["dest"]
    before = state(dest)
    foreseen = run("volume_export", check=True, expect="changed", **options)
    assert state(dest) == before
    done = run("volume_export", expect="changed", **options)
    for key in ("changed", "actions", "steps", "diff", "digest", "size", "mode", "volume", "compression"):
        assert done[key] == foreseen[key], key
    assert done["actions"] == actions
    after = state(dest)
    for check in (False, True):
        again = run("volume_export", check=check, expect="ok", **options)
        assert again["actions"] == [] and again["diff"] == {"before": {}, "after": {}}
        for key in ("digest", "size", "archive_size", "checksum", "mode"):
            assert again[key] == done[key], key
    assert state(dest) == after
    return dict(done)


def new(volume: str, dest: str) -> list[str]:
    return ["export %s to %s: no such file" % (volume, dest)]


def test_a_new_archive(run: Any, client: Any, volume: str, dest: str) -> None:
    content = volume_content.root(client, volume)
    before = volume_content.looks(content)
    done = four_ways(run, new(volume, dest), name=volume, dest=dest)
    data = Path(dest).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    assert done["archive"] == dest and done["volume"] == client.inspect_volume(volume)
    assert done["digest"] == "sha256:" + digest and done["checksum"] == digest
    assert done["size"] == done["archive_size"] == len(data)
    assert done["mode"] == "0600" and stat.S_IMODE(os.stat(dest).st_mode) == 0o600
    assert done["diff"]["after"] == {"content": "sha256:" + digest, "compression": "none", "mode": "0600"}
    with tarfile.open(dest) as archive:
        assert archive.getnames() == [".", "./file"]
    assert volume_content.looks(content) == before


@as_root
@pytest.mark.each_row("each engine writes tars in its own way")
def test_all_that_a_volume_may_have(run: Any, client: Any, name: str, dest: str, tmp_path: Path) -> None:
    """GNU tar unpacks the archive to the same files."""
    client.create_volume(name)
    content = volume_content.root(client, name)
    volume_content.fill(content)
    before = volume_content.looks(content)
    four_ways(run, new(name, dest), name=name, dest=dest)
    assert volume_content.looks(content) == before
    (tmp_path / "unpacked").mkdir()
    tar = ["tar", "--extract", "--same-owner", "--same-permissions", "--numeric-owner", "--xattrs"]
    subprocess.run([*tar, "--xattrs-include=*", "-f", dest, "-C", str(tmp_path / "unpacked")], check=True)
    assert volume_content.looks(os.fsencode(tmp_path / "unpacked")) == before


def test_an_empty_volume(run: Any, client: Any, name: str, dest: str) -> None:
    client.create_volume(name)
    four_ways(run, new(name, dest), name=name, dest=dest)
    with tarfile.open(dest) as archive:
        assert archive.getnames() == ["."]


@packing
@pytest.mark.parametrize("alias", ["volume", "volume_name"])
def test_aliases(alias: str, run: Any, volume: str, dest: str) -> None:
    assert run("volume_export", expect="changed", dest=dest, **{alias: volume})["actions"] == new(volume, dest)


@packing
@pytest.mark.parametrize(
    ("ending", "option", "wanted"),
    [
        ("txz", "auto", "xz"),
        ("tar.zst", None, "zstd"),
        ("tar", "gzip", "gzip"),
    ],
)
def test_compressions(
    ending: str, option: str | None, wanted: str, run: Any, volume: str, dest: str, tmp_path: Path
) -> None:
    plain = run("volume_export", name=volume, dest=dest)
    path = str(tmp_path / ("other." + ending))
    done = four_ways(run, new(volume, path), name=volume, dest=path, **({"compression": option} if option else {}))
    assert UNPACK[wanted](Path(path).read_bytes()) == Path(dest).read_bytes()
    assert done["compression"] == wanted and done["digest"] == plain["digest"]
    assert done["checksum"] == hashlib.sha256(Path(path).read_bytes()).hexdigest()


@packing
def test_compression_level(run: Any, client: Any, volume: str, dest: str) -> None:
    (Path(os.fsdecode(volume_content.root(client, volume))) / "text").write_bytes(Path(__file__).read_bytes())
    options = {"name": volume, "dest": dest, "compression": "gzip"}
    large = four_ways(run, new(volume, dest), compression_level=1, **options)
    run("volume_export", expect="ok", compression_level=9, **options)
    os.unlink(dest)
    small = four_ways(run, new(volume, dest), compression_level=9, **options)
    assert small["archive_size"] < large["archive_size"] and small["digest"] == large["digest"]


@pytest.mark.parametrize(
    ("given", "number"),
    [
        pytest.param("0640", 0o640, marks=pytest.mark.exhaustive),
        ("u=rw,g=r,o=", 0o640),
    ],
)
def test_mode(given: Any, number: int, run: Any, volume: str, dest: str) -> None:
    four_ways(run, new(volume, dest), name=volume, dest=dest, mode=given)
    os.chmod(dest, 0o604)
    inode = os.stat(dest).st_ino
    done = four_ways(run, ["change %s: mode 0604 → %04o" % (dest, number)], name=volume, dest=dest, mode=given)
    assert done["diff"] == {"before": {"mode": "0604"}, "after": {"mode": "%04o" % number}}
    assert os.stat(dest).st_ino == inode and stat.S_IMODE(os.stat(dest).st_mode) == number


@as_root
def test_owner_and_group(run: Any, volume: str, dest: str) -> None:
    four_ways(run, new(volume, dest), name=volume, dest=dest, owner="nobody", group="65534")
    assert (os.stat(dest).st_uid, os.stat(dest).st_gid) == (65534, 65534)
    run("volume_export", expect="ok", name=volume, dest=dest)
    actions = ["change %s: owner nobody → root, group nogroup → root" % dest]
    four_ways(run, actions, name=volume, dest=dest, owner="root", group="0")


def test_each_change_of_the_content_is_a_difference(run: Any, client: Any, volume: str, dest: str) -> None:
    file = Path(os.fsdecode(volume_content.root(client, volume))) / "file"
    changes: list[Callable[[], object]] = [
        lambda: file.write_text("two\n"),
        lambda: file.chmod(0o600),
        lambda: os.chown(file, 5, 5),
        lambda: os.utime(file, (1, 1)),
        lambda: file.rename(file.parent / "other"),
        lambda: (file.parent / "another").symlink_to("other"),
        lambda: os.chmod(file.parent, 0o700),
    ]
    digest = run("volume_export", name=volume, dest=dest)["digest"]
    for change in changes:
        of = file.stat() if file.exists() else None
        change()
        if of is not None and file.exists() and file.stat().st_mtime != 1:
            os.utime(file, ns=(of.st_atime_ns, of.st_mtime_ns))
        foreseen = run("volume_export", check=True, expect="changed", name=volume, dest=dest)
        causes = "content %s → %s" % (digest[:19], foreseen["digest"][:19])
        done = run("volume_export", expect="changed", name=volume, dest=dest)
        assert done["actions"] == foreseen["actions"] == ["export %s to %s: %s" % (volume, dest, causes)]
        digest = done["digest"]
        assert digest == foreseen["digest"]


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "content no archive (it is empty) → "),
        (b"text\n" * 500, "content no archive (it is not a tar archive) → "),
    ],
    ids=["empty", "text"],
)
def test_another_file_is_replaced(data: bytes, cause: str, run: Any, volume: str, dest: str) -> None:
    Path(dest).write_bytes(data)
    foreseen = run("volume_export", check=True, expect="changed", name=volume, dest=dest)
    assert cause in foreseen["actions"][0]
    four_ways(run, foreseen["actions"], name=volume, dest=dest)


def test_a_volume_that_is_used(run: Any, client: Any, image: str, name: str, dest: str) -> None:
    """By a container that runs, with something mounted inside the volume: only the volume's own content is exported."""
    client.create_volume(name)
    client.create_volume(name + "-inner")
    host = client.create_host_config(binds=["%s:/data" % name, "%s-inner:/data/inner" % name])
    made = client.create_container(
        image,
        ["sh", "-c", "echo 1 >/data/own; echo 2 >/data/inner/other; exec sleep 1000"],
        volumes=["/data", "/data/inner"],
        host_config=host,
    )
    client.start(made)
    run("container_exec", container=made["Id"], argv=["sh", "-c", "until test -e /data/inner/other; do :; done"])
    four_ways(run, new(name, dest), name=name, dest=dest)
    with tarfile.open(dest) as archive:
        assert archive.getnames() == [".", "./inner", "./own"]
    assert client.inspect_container(made)["State"]["Running"]


def test_no_volume(run: Any, client: Any, dest: str) -> None:
    """Nothing is made of it: neither an archive, nor the volume, which the engine would make with a container."""
    options = {"name": "no-such-volume", "dest": dest}
    message = run("volume_export", expect="failed", **options)["msg"]
    assert message.startswith("Cannot export the volume no-such-volume to %s: there is no such volume" % dest)
    foreseen = run("volume_export", check=True, expect="changed", warnings=True, **options)
    assert foreseen["warnings"] == [
        "There is no volume no-such-volume. In check mode, it is assumed that an earlier task would create it."
    ]
    assert foreseen["actions"] == new("no-such-volume", dest) and foreseen["volume"] == {}
    assert [foreseen[key] for key in ("digest", "size", "archive_size", "checksum")] == [None] * 4
    assert not os.listdir(Path(dest).parent)
    assert "no-such-volume" not in [found["Name"] for found in client.volumes()["Volumes"] or []]


@pytest.mark.parametrize("check", [True, False])
def test_a_volume_that_is_removed_meanwhile(
    check: bool, run: Any, client: Any, volume: str, dest: str, just_before: Any
) -> None:
    """The engine makes an empty one with the container, which is removed again."""
    just_before("POST /containers/create", lambda: client.remove_volume(volume))
    message = run("volume_export", check=check, expect="failed", name=volume, dest=dest)["msg"]
    assert "Cannot export the volume %s to %s: the volume was removed meanwhile." % (volume, dest) in message
    assert volume not in [found["Name"] for found in client.volumes()["Volumes"] or []]
    assert not os.listdir(Path(dest).parent)


def test_a_helper_that_is_removed_meanwhile(run: Any, client: Any, volume: str, dest: str, just_before: Any) -> None:
    """By a prune, for example."""
    Path(dest).write_bytes(b"what is there")
    just_before("/archive", client.prune_containers)
    message = run("volume_export", expect="failed", name=volume, dest=dest)["msg"]
    assert message.startswith("Cannot export the volume %s" % volume) and "No such container" in message
    assert message.endswith("The file that is there is untouched.")
    assert Path(dest).read_bytes() == b"what is there"


def test_a_helper_that_can_not_be_removed(
    run: Any, client: Any, volume: str, dest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive is written, and a warning names what is left. The next run removes it."""
    from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine

    with monkeypatch.context() as patch:
        request = _engine.Engine._request

        def refused(engine: Any, method: str, path: str, **rest: Any) -> Any:
            if method == "DELETE":
                path += "/no-such-path"
            return request(engine, method, path, **rest)

        patch.setattr(_engine.Engine, "_request", refused)
        rest = {"name": volume, "dest": dest}
        done = run("volume_export", expect="changed", warnings=True, **rest)
    (left,), _images = volume_content.helpers(client)
    assert done["warnings"][0].startswith("The helper container %s may be left: " % left)
    # This thread does one thing after the other: what it made earlier is left.
    actions = ["remove %s: a task that was killed left it" % left]
    assert run("volume_export", check=True, expect="changed", **rest)["actions"] == actions
    assert volume_content.helpers(client)[0] == [left]
    done = run("volume_export", expect="changed", **rest)
    assert done["actions"] == actions and done["diff"] == {
        "before": {"unfinished": [left]},
        "after": {"unfinished": []},
    }
    run("volume_export", expect="ok", **rest)


def test_what_another_host_left(run: Any, client: Any, volume: str, dest: str) -> None:
    """Whether its task is at work can't be seen: it stays for a day."""
    run("volume_export", name=volume, dest=dest)
    made = "wharf-volume-" + "0" * 16
    client.import_image_from_data(bytes(1024), repository=made, tag="helper")
    try:
        run("volume_export", expect="ok", name=volume, dest=dest)
        assert volume_content.helpers(client) == ([], [made + ":helper"])
    finally:
        client.remove_image(made + ":helper")


def test_one_reading_of_the_content(run: Any, calls: Any, volume: str, dest: str) -> None:
    """The container is never started."""
    with calls() as made:
        run("volume_export", expect="changed", name=volume, dest=dest)
    assert not [call for call in made if call.endswith("/start")]
    assert len([call for call in made if call.endswith("/archive")]) == 1


@as_root
def test_memory(engine: Any, client: Any, volume: str, name: str, tmp_path: Path) -> None:
    large = name + "-large"
    client.create_volume(large)
    at = volume_content.root(client, large)
    with open(os.path.join(at, b"holes"), "wb") as file:
        file.truncate(96 * 2**20)
    for number in range(2000):
        Path(os.fsdecode(at), "f%d" % number).touch()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    argv = [sys.executable, "-c", MEMORY, engine.url, str(tmp_path / "x.tar.gz"), volume, large]
    done = subprocess.run(argv, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    assert int(done.stdout) < 8 * 1024, "%s KiB more" % done.stdout


@pytest.mark.exhaustive
def test_both_executions(ansible: Any, run: Any, volume: str, dest: str) -> None:
    here = run("volume_export", check=True, expect="changed", name=volume, dest=dest)
    there = ansible("volume_export", expect="changed", diff=True, name=volume, dest=dest)
    for key in ("actions", "steps", "diff", "digest", "size", "volume"):
        assert there[key] == here[key], key
    run("volume_export", expect="ok", name=volume, dest=dest)
