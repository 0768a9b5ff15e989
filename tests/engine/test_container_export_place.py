# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_export to directories that others may write to: existing files decide neither the place nor the owner."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from places import (
    ALICE,
    CLOSED,
    GROUP,
    MALLORY,
    MINE,
    OPEN,
    PRECIOUS,
    ROOT,
    STICKY,
    STICKY_GROUP,
    put,
    reached_by_all,
    shared,
    snapshot,
)

from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away and mounts"),
    pytest.mark.one_engine("it is about directories and files where Ansible runs"),
]


@pytest.fixture(scope="module")
def created(client: Any, image: str) -> Iterator[str]:
    """A container for tests that only read it; it was never started."""
    found = client.create_container(image, ["true"])["Id"]
    yield found
    client.remove_container(found)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory that all users can reach."""
    return reached_by_all(tmp_path)


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


@contextlib.contextmanager
def as_user(number: int) -> Iterator[None]:
    os.setegid(number)
    os.seteuid(number)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def refused(run: Any, created: str, dest: Path, *words: str, **options: Any) -> None:
    """Refused both in check mode and for real, and nothing is touched."""
    before = snapshot(dest.parent)
    for check in (True, False):
        result = run("container_export", check=check, expect="failed", name=created, dest=str(dest), **options)
        assert "Cannot export the container %s to %s: " % (created, dest) in result["msg"]
        for word in words:
            assert word in result["msg"]
        assert snapshot(dest.parent) == before


def taken(run: Any, created: str, dest: Path, **options: Any) -> dict[str, Any]:
    """Accepted: check mode, done, and done again."""
    given = {"name": created, "dest": str(dest), **options}
    foreseen = run("container_export", check=True, expect="changed", **given)
    done = run("container_export", expect="changed", **given)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert set(done) == set(foreseen)
    run("container_export", expect="ok", **given)
    assert not [found for found in os.listdir(dest.parent) if "wharf-" in found]
    return dict(done)


# The directory's mode and owner, and the owner of the existing file: root may overwrite it.
WHOSE = [
    (STICKY, ROOT, ROOT),
    (OPEN, ROOT, ROOT),
    (STICKY, ALICE, ALICE),
    (GROUP, ALICE, ALICE),
    (CLOSED, ROOT, MALLORY),
    (CLOSED, ALICE, MALLORY),
]


@pytest.mark.parametrize(("mode", "owner", "whose"), WHOSE)
def test_a_file_that_is_there(mode: int, owner: int, whose: int, run: Any, created: str, directory: Path) -> None:
    dest = put(shared(directory, mode, owner) / "web.tar", whose)
    done = taken(run, created, dest)
    anew = bool(mode & stat.S_ISVTX)
    assert dest.stat().st_uid == (ROOT if anew else whose)
    assert ("owner" in done["diff"]["after"]) == (anew and whose != ROOT)
    assert stat.S_IMODE(dest.stat().st_mode) == 0o600


@pytest.mark.parametrize(("mode", "owner", "whose"), WHOSE)
def test_a_link_that_is_there(
    mode: int, owner: int, whose: int, run: Any, created: str, directory: Path, tmp_path: Path
) -> None:
    for name in ("precious", "not-there"):
        target = tmp_path / name
        if name == "precious":
            target.write_bytes(PRECIOUS)
        dest = shared(directory, mode, owner) / ("to-%s.tar" % name)
        dest.symlink_to(target)
        os.chown(dest, whose, whose, follow_symlinks=False)
        taken(run, created, dest)
        assert dest.is_symlink() and target.stat().st_uid == ROOT


@pytest.mark.parametrize(("mode", "owner", "whose"), WHOSE)
def test_a_directory_that_is_a_link(
    mode: int, owner: int, whose: int, run: Any, created: str, directory: Path, tmp_path: Path
) -> None:
    target = tmp_path / "elsewhere"
    (target / "below").mkdir(parents=True)
    link = shared(directory, mode, owner) / "backup"
    link.symlink_to("../elsewhere")
    os.chown(link, whose, whose, follow_symlinks=False)
    for dest in (link / "web.tar", link / "below" / "web.tar"):
        taken(run, created, dest)
        assert target.joinpath(*dest.relative_to(link).parts).exists()


@pytest.mark.parametrize("mode", [GROUP, CLOSED])
def test_a_directory_of_another_user(mode: int, run: Any, created: str, directory: Path) -> None:
    theirs = shared(directory, mode) / "backup"
    theirs.mkdir()
    os.chown(theirs, MALLORY, MALLORY)
    taken(run, created, theirs / "web.tar")


@pytest.mark.parametrize("mode", [STICKY, OPEN, STICKY_GROUP])
@pytest.mark.parametrize("change", ["content", "mode"])
def test_a_hard_link_of_a_file_elsewhere(mode: int, change: str, run: Any, created: str, directory: Path) -> None:
    """The file's other name keeps the content and, in a sticky directory, the attributes."""
    precious = directory.parent / "precious"
    if change == "content":
        precious.write_bytes(PRECIOUS)
    else:
        run("container_export", name=created, dest=str(precious))
    dest = shared(directory, mode) / "web.tar"
    os.link(precious, dest)
    before = (precious.read_bytes(), precious.stat().st_mode)
    taken(run, created, dest, mode="0644")
    assert precious.read_bytes() == before[0]
    assert stat.S_IMODE(dest.stat().st_mode) == 0o644
    if change == "content" or mode & stat.S_ISVTX:
        assert precious.stat().st_mode == before[1]


def test_the_owner_that_the_task_names(run: Any, created: str, directory: Path) -> None:
    """A file that a task gave to a user counts as its own in the next run; a file of another user does not."""
    dest = shared(directory, STICKY) / "web.tar"
    taken(run, created, dest, owner=str(MALLORY))
    assert dest.stat().st_uid == MALLORY
    put(dest, MALLORY)
    taken(run, created, dest, owner=str(MALLORY), mode="0640")
    assert (dest.stat().st_uid, stat.S_IMODE(dest.stat().st_mode)) == (MALLORY, 0o640)
    put(dest, ALICE)
    refused(run, created, dest, "the file %s belongs to " % dest, owner=str(MALLORY))
    # Links are refused nevertheless: they could lead anywhere.
    dest.unlink()
    dest.symlink_to(directory.parent / "elsewhere")
    os.chown(dest, MALLORY, MALLORY, follow_symlinks=False)
    refused(run, created, dest, "the symbolic link", owner=str(MALLORY))


def test_a_new_file_in_such_a_directory(run: Any, created: str, directory: Path) -> None:
    dest = shared(directory, STICKY) / "web.tar"
    done = taken(run, created, dest)
    assert done["actions"] == ["export %s to %s: no such file" % (done["container"]["name"], dest)]
    assert (dest.stat().st_uid, stat.S_IMODE(dest.stat().st_mode)) == (ROOT, 0o600)


@pytest.mark.parametrize(
    ("mode", "owner", "whose", "words"),
    [
        (STICKY, ROOT, ALICE, "the file {} belongs to "),
        (STICKY, ROOT, ROOT, "who alone may replace it in the directory {0.parent} (sticky bit)"),
        (OPEN, ROOT, ALICE, "the file {} belongs to "),
        (STICKY, ROOT, MALLORY, ""),
        (STICKY, MALLORY, MALLORY, ""),
    ],
)
def test_a_user_who_is_not_root(
    mode: int, owner: int, whose: int, words: str, reachable: str, created: str, directory: Path
) -> None:
    dest = put(shared(directory, mode, owner) / "web.tar", whose)
    dest.chmod(0o666)
    arguments = {"docker_host": reachable, "name": created, "dest": str(dest)}
    task = _registry.task("container_export")
    before = snapshot(directory, dest)
    with as_user(MALLORY):
        foreseen = _task.call(task, arguments, check_mode=True)
        assert snapshot(directory, dest) == before
        done = _task.call(task, arguments)
    if words:
        assert words.format(dest) in done["msg"]
        assert foreseen["msg"] == done["msg"]
        assert snapshot(directory, dest) == before
    else:
        assert done["changed"] and foreseen["actions"] == done["actions"]
        assert dest.stat().st_uid == MALLORY


@pytest.mark.parametrize("how", ["file", "link", "directory"])
def test_what_container_run_exports_itself(
    how: str, run: Any, client: Any, image: str, name: str, directory: Path
) -> None:
    """Refused before the container is touched, also in check mode."""
    spec = {"name": name, "image": image, "command": ["sleep", "1000"], "stop_signal": "KILL"}
    run("container_run", **spec)
    client.exec_start(client.exec_create(name, ["sh", "-c", "echo x >/written"]))
    place = shared(directory, STICKY) / "saved.tar"
    if how == "file":
        put(place, MALLORY)
    elif how == "link":
        place.symlink_to(directory.parent / "elsewhere")
        os.chown(place, MALLORY, MALLORY, follow_symlinks=False)
    else:
        place.mkdir()
    before, container = snapshot(directory), client.inspect_container(name)
    more = {"writable_layer": "export", "writable_layer_path": str(place)}
    for wanted in ({"env": {"A": "1"}}, {"state": "absent"}):
        for check in (True, False):
            result = run("container_run", check=check, expect="failed", **{**spec, **wanted, **more})
            assert "Cannot export the container %s to %s: " % (name, place) in result["msg"]
            found = client.inspect_container(name)
            assert (found["Id"], found["State"]) == (container["Id"], container["State"])
            assert snapshot(directory) == before
    assert not (directory.parent / "elsewhere").exists()
    place = directory / "other.tar"
    more["writable_layer_path"] = str(place)
    run("container_run", expect="changed", **{**spec, "env": {"A": "1"}, **more})
    assert (place.stat().st_uid, stat.S_IMODE(place.stat().st_mode)) == (ROOT, 0o600)


@contextlib.contextmanager
def mounted(directory: Path, *options: str) -> Iterator[Path]:
    directory.mkdir(exist_ok=True)
    subprocess.run(["mount", *options, str(directory)], check=True)
    try:
        yield directory
    finally:
        subprocess.run(["umount", str(directory)], check=True)


@pytest.mark.parametrize("there", [False, True])
def test_a_read_only_file_system(there: bool, run: Any, created: str, tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "-t", "tmpfs", "tmpfs") as directory:
        dest = directory / "web.tar"
        if there:
            run("container_export", name=created, dest=str(dest))
        subprocess.run(["mount", "-o", "remount,ro", str(directory)], check=True)
        words = "Read-only file system. The file system of %s is mounted read-only" % directory
        refused(run, created, dest, words)
        refused(run, created, dest, words, mode="0644")


def test_a_read_only_mount_of_a_directory(run: Any, created: str, directory: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "again", "--bind", str(directory)) as again:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(again)], check=True)
        refused(run, created, again / "web.tar", "The file system of %s is mounted read-only" % again)
        taken(run, created, directory / "web.tar")


def test_a_file_that_is_a_mount_point(run: Any, created: str, directory: Path) -> None:
    dest, other = put(directory / "web.tar", ROOT), put(directory / "other", ROOT)
    subprocess.run(["mount", "--bind", str(other), str(dest)], check=True)
    try:
        result = run("container_export", expect="failed", name=created, dest=str(dest))
        assert "Device or resource busy. The file in %s is a mount point" % directory in result["msg"]
        assert dest.read_bytes() == other.read_bytes() == MINE
        assert sorted(os.listdir(directory)) == ["other", "web.tar"]
    finally:
        subprocess.run(["umount", str(dest)], check=True)


def test_paths_with_links_and_dots(run: Any, created: str, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (directory / "a" / "b").mkdir(parents=True)
    (directory / "to-b").symlink_to(directory / "a" / "b")
    (directory / "chain").symlink_to("to-b/../web.tar")
    run("container_export", expect="changed", name=created, dest="%s/to-b/.././/web.tar" % directory)
    assert (directory / "a" / "web.tar").is_file()
    run("container_export", expect="ok", name=created, dest="%s/chain" % directory)
    monkeypatch.chdir(directory)
    run("container_export", expect="ok", name=created, dest="a/web.tar")
    run("container_export", expect="ok", name=created, dest="chain")


def test_a_directory_that_may_only_be_written_to(reachable: str, created: str, directory: Path) -> None:
    os.chown(directory, MALLORY, MALLORY)
    directory.chmod(0o300)
    arguments = {"docker_host": reachable, "name": created, "dest": str(directory / "web.tar")}
    task = _registry.task("container_export")
    with as_user(MALLORY):
        assert _task.call(task, arguments)["changed"]
        assert not _task.call(task, arguments)["changed"]
    assert os.listdir(directory) == ["web.tar"]


def test_no_descriptor_stays_open(run: Any, created: str, directory: Path) -> None:
    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    (directory / "file").touch()
    run("container_export", name=created, dest=str(directory / "web.tar"))
    before = descriptors()
    run("container_export", expect="ok", name=created, dest=str(directory / "web.tar"))
    for dest in ("file/x", "no/such/x", "."):
        run("container_export", expect="failed", name=created, dest="%s/%s" % (directory, dest))
    run("container_export", expect="failed", name="no-such-container", dest=str(directory / "web.tar"))
    assert descriptors() <= before


def test_a_failed_task_returns_what_it_knows(run: Any, created: str, tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=512k", "tmpfs") as directory:
        dest = str(directory / "web.tar.gz")
        result = run("container_export", expect="failed", name=created[:12], dest=dest)
        assert "No space left on device. The file system of %s is full" % directory in result["msg"]
    assert (result["archive"], result["compression"]) == (dest, "gzip")
    assert result["container"]["id"] == created
