# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role backup with volumes: which ones it exports, where to, and what it does if something is in the way."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sampled
from backups import changes, checked, dated, note, plays, result, tree

Playbook = Callable[..., Any]


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "archives"


@pytest.fixture
def container(client: Any, image: str) -> Callable[..., str]:
    """``container(name, "data:/data", ...)``: a running container with these mounts, and a file in the first one."""

    def make(name: str, *mounts: str, running: bool = True, **options: Any) -> str:
        host = client.create_host_config(binds=list(mounts), auto_remove=options.pop("auto_remove", False))
        command = ["sh", "-c", "trap exit TERM; while :; do sleep 0.1; done"]
        client.create_container(image, command, name=name, host_config=host, **options)
        if running or mounts:
            client.start(name)
        if mounts:
            write(client, name, mounts[0].split(":")[1] + "/note", "one")
        if mounts and not running:
            client.kill(name)
        return name

    return make


def write(client: Any, name: str, path: str, text: str) -> None:
    command = client.exec_create(name, ["sh", "-c", "echo %s > %s" % (text, path)])
    client.exec_start(command["Id"])
    assert client.exec_inspect(command["Id"])["ExitCode"] == 0


def failed(played: Any, step: int) -> str:
    """The message of the role that failed in this step."""
    return str(played.result("Failed %d" % step)["msg"])


def test_foresees_makes_and_leaves_alone(
    playbook: Playbook, container: Any, client: Any, dest: Path, name: str
) -> None:
    """Check mode, done, again with one change, check mode again; named volumes, anonymous ones, one without a user."""
    alone = name + "-alone"
    container(name, name + ":/data", volumes=["/anonymous"])
    client.create_volume(alone)
    client.create_volume(name + "-other")
    [anonymous] = [
        mount["Name"] for mount in client.inspect_container(name)["Mounts"] if mount["Destination"] == "/anonymous"
    ]
    volumes = sorted([name, anonymous, alone])
    step = {"backup_dest": str(dest), "backup_containers": [name], "backup_volumes": [alone, name, name]}
    without = {**step, "backup_container_volumes": False}
    forecast = playbook(plays(step, without, {**without, "backup_containers": []}), check=True, diff=True)
    assert not dest.exists()
    expected = {"archive": None, "sha256": None, "changed": True, "removed": []}
    for number, (containers, found) in enumerate([([name], volumes), ([name], [alone, name]), ([], [alone, name])]):
        task = "Result %d" % number
        assert result(forecast, task=task) == dict.fromkeys(containers, expected)
        assert result(forecast, "volumes", task) == dict.fromkeys(found, expected)

    done = playbook(plays(step, "%s: echo two > /data/note" % name, step))
    first, second = (result(done, "volumes", "Result %d" % number) for number in (0, 2))
    assert sorted(path.name for path in dest.iterdir()) == sorted(["_volumes", name])
    assert sorted(path.name for path in (dest / "_volumes").iterdir()) == sorted(first) == volumes
    for each in volumes:
        directory = dest / "_volumes" / each
        newest = directory / (each + ".tar.gz")
        assert oct(directory.stat().st_mode & 0o7777) == oct(directory.parent.stat().st_mode & 0o7777) == "0o700"
        assert {oct(path.stat().st_mode & 0o7777) for path in directory.iterdir()} == {"0o600"}
        archive = Path(first[each]["archive"])
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        assert first[each] == {"archive": str(archive), "sha256": digest, "changed": True, "removed": []}
        assert second[each] == {**first[each], "changed": False} or each == name
        assert newest.samefile(second[each]["archive"])
        checked(directory)
    assert second[name]["changed"]
    assert [note(path) for path in dated(dest / "_volumes" / name)] == ["one", "two"]
    with tarfile.open(dest / "_volumes" / alone / (alone + ".tar.gz")) as archive_of_nothing:
        assert archive_of_nothing.getnames() in (["."], ["./"])
    with tarfile.open(dest / name / (name + ".tar.gz")) as archive_of_container:
        assert "data/note" not in archive_of_container.getnames()

    before = tree(dest)
    again = playbook(plays(step), check=True, diff=True)
    assert changes(again) == 0 and tree(dest) == before
    assert not any(each["changed"] for each in result(again, "volumes", "Result 0").values())


def test_what_is_in_the_way(playbook: Playbook, container: Any, client: Any, dest: Path, name: str) -> None:
    """A missing volume, a damaged archive, a file instead of the directory: reported, after the others are made."""
    container(name, name + ":/data")
    (dest / "b").mkdir(parents=True)
    (dest / "b" / "_volumes").write_text("not a directory", encoding="utf-8")
    steps = [
        {"backup_dest": str(dest / "a"), "backup_volumes": ["no-such-" + name, name]},
        {"backup_dest": str(dest / "b"), "backup_containers": [name]},
    ]
    played = playbook(plays(*steps))
    assert "1 of 2 backups failed. backup_volumes: there is no volume no-such-%s." % name in failed(played, 0)
    assert "The others succeeded: volume %s." % name in failed(played, 0)
    assert [path.name for path in (dest / "a" / "_volumes").iterdir()] == [name]
    assert "no-such-" + name not in [volume["Name"] for volume in client.volumes()["Volumes"]]
    assert "volume %s: %s is not a directory" % (name, dest / "b" / "_volumes") in failed(played, 1)
    assert "The others succeeded: %s." % name in failed(played, 1)
    assert (dest / "b" / "_volumes").read_text(encoding="utf-8") == "not a directory"
    checked(dest / "b" / name)

    [archive] = dated(dest / "a" / "_volumes" / name)
    damaged = bytearray(archive.read_bytes())
    damaged[-1] ^= 1
    archive.write_bytes(damaged)
    before = tree(dest / "a")
    played = playbook(plays({**steps[0], "backup_volumes": [name]}))
    assert "volume %s: %s does not match its checksum" % (name, archive) in failed(played, 0)
    assert archive.exists() and before.keys() <= tree(dest / "a").keys()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("check", sampled.some([False, True], sample=1))
def test_what_another_user_has_put_in_the_way(
    check: bool, playbook: Playbook, client: Any, tmp_path: Path, name: str
) -> None:
    """The directory of all volumes, the one of a volume, links, and an archive: nothing is written there or below."""
    client.create_volume(name)
    shared, elsewhere = tmp_path / "shared", tmp_path / "elsewhere"
    elsewhere.mkdir()
    places = {what: shared / what for what in ("all", "link", "one", "one link", "archive")}
    theirs = {}
    for what, place in places.items():
        place.mkdir(parents=True)
        place.chmod(0o1777)
        volumes = place / "_volumes"
        if what == "link":
            volumes.symlink_to(elsewhere)
        else:
            volumes.mkdir()
        theirs[what] = volumes
        if what not in ("all", "link"):
            volumes.chmod(0o1777)
            theirs[what] = volumes / name
        if what == "one link":
            theirs[what].symlink_to(elsewhere)
        elif what in ("one", "archive"):
            theirs[what].mkdir()
        if what == "archive":
            theirs[what].chmod(0o1777)
            theirs[what] = volumes / name / (name + "-20260101T000000Z.tar.gz")
            theirs[what].write_bytes(b"")
        os.chown(theirs[what], 65534, 65534, follow_symlinks=False)
    before = tree(shared)
    steps = [{"backup_dest": str(place), "backup_volumes": [name]} for place in places.values()]
    played = playbook(plays(*steps), check=check)
    for number, what in enumerate(places):
        words = "%s belongs to another user, and others can write to its parent directory" % theirs[what]
        assert words in failed(played, number), what
    assert tree(shared) == before and not list(elsewhere.iterdir())
