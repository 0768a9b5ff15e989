# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role backup with volumes: which ones it exports, where to, and what it does if something is in the way."""

from __future__ import annotations

import concurrent.futures
import contextlib
import datetime as dt
import hashlib
import os
import re
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
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
    forecast = playbook(plays(step, without), check=True, diff=True)
    assert not dest.exists()
    expected = {"archive": None, "sha256": None, "changed": True, "removed": []}
    for task, found in (("Result 0", volumes), ("Result 1", [alone, name])):
        assert result(forecast, task=task) == {name: expected}
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


@pytest.mark.exhaustive
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


@pytest.mark.exhaustive
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("check", [False, True])
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


def test_pauses_or_stops_what_writes(
    playbook: Playbook, container: Any, client: Any, dest: Path, name: str, tmp_path: Path
) -> None:
    """All running containers that can write are held once, and released also after a failure; no others are."""
    data = name + "-data"
    a, reader, other, paused, stopped, temporary = (name + each for each in ("-a", "-ro", "-b", "-p", "-s", "-t"))
    container(a, data + ":/data")
    container(reader, name + ":/mine", data + ":/data:ro")
    container(other, data + ":/data")
    container(paused, data + ":/data")
    client.pause(paused)
    container(stopped, data + ":/data", running=False)
    container(temporary, name + "-t:/data", auto_remove=True)
    broken = tmp_path / "broken" / "_volumes" / data
    broken.parent.mkdir(parents=True)
    broken.symlink_to("nowhere")
    step = {"backup_dest": str(dest), "backup_containers": [a]}
    steps = [
        {**step, "backup_consistency": "stop"},
        {**step, "backup_consistency": "pause", "backup_dest": str(tmp_path / "broken")},
        {**step, "backup_consistency": "stop", "backup_dest": str(tmp_path / "x"), "backup_containers": [a, temporary]},
    ]
    before = states(client)
    forecast, seen = watched(client, lambda: playbook(plays(*steps), check=True))
    assert states(client) == before and not {what for each, what in seen if each in before} & {*HELD} - {"export"}
    played, seen = watched(client, lambda: playbook(plays(*steps)))
    after = states(client)
    assert {each for each in {**before, **after} if after.get(each) != before.get(each)} == {a, other}
    assert {after[each][0] for each in (a, other)} == {"running"}
    assert changed(forecast) == changed(played) == [True] * 3 + [False] * 3  # the containers are started one by one

    # Per step: held, read, released. Reading is the export of a container, or the archive of a helper container.
    order = "".join(
        {"pause": "(", "stop": "[", "export": "c", "archive-path": "v", "unpause": ")", "start": "]"}[what]
        for each, what in seen
        if what in ("pause", "stop", "export", "archive-path", "unpause", "start")
    )
    assert re.fullmatch(r"\[\[(cv+|v+c)\]\]\(\(c\)\)", order), order
    assert not {what for each, what in seen if each in (reader, paused, stopped, temporary)}

    assert note(dest / "_volumes" / data / (data + ".tar.gz")) == "one"
    assert "volume %s: " % data in failed(played, 1) and not (broken.parent / "nowhere").exists()
    assert "The others succeeded: %s." % a in failed(played, 1)
    assert "with stop, the engine would remove %s, because of auto_remove" % temporary in failed(played, 2)
    assert not (tmp_path / "x").exists()


@pytest.mark.exhaustive
def test_a_container_that_does_not_come_back(
    playbook: Playbook, container: Any, client: Any, engine: Any, dest: Path, name: str
) -> None:
    """Removed while it is stopped: reported, and the others are started again."""
    import docker

    a, other = name + "-a", name + "-b"
    container(a, name + ":/data")
    container(other, name + ":/data")
    step = {"backup_dest": str(dest), "backup_volumes": [name], "backup_consistency": "stop"}

    def remove() -> None:
        with contextlib.closing(docker.APIClient(base_url=engine.url, version="auto")) as own:
            while own.inspect_container(a)["State"]["Running"]:
                time.sleep(0.02)
            own.remove_container(a)

    with concurrent.futures.ThreadPoolExecutor() as pool:
        removed = pool.submit(remove)
        played = playbook(plays(step))
        removed.result()
    assert "Containers are not started again." in failed(played, 0) and a in failed(played, 0)
    assert client.inspect_container(other)["State"]["Status"] == "running"
    checked(dest / "_volumes" / name)


HELD = ("pause", "unpause", "stop", "start", "kill", "die", "export")


def states(client: Any) -> dict[str, tuple[str, str]]:
    """Name → status and when it was started."""
    names = [found["Names"][0][1:] for found in client.containers(all=True)]
    found = {each: client.inspect_container(each)["State"] for each in names}
    return {each: (state["Status"], state["StartedAt"]) for each, state in found.items()}


def changed(played: Any) -> list[bool]:
    """Whether the tasks that pause, stop, unpause and start containers report a change, each container on its own."""
    state = [entry["result"] for entry in played.results if entry["action"].endswith("container_state")]
    state = [one for found in state for one in found.get("results", [found]) if not one.get("skipped")]
    return [one["changed"] for one in state]


def watched(client: Any, act: Callable[[], Any]) -> tuple[Any, list[tuple[str, str]]]:
    """The outcome of ``act``, and the events of containers meanwhile: (name, action)."""
    start = str(time.time())
    outcome = act()
    events = client.events(since=start, until=str(time.time()), filters={"type": "container"}, decode=True)
    actions = (*HELD, "archive-path")
    seen = [(event["Actor"]["Attributes"]["name"], event["Action"]) for event in events]
    return outcome, [pair for pair in seen if pair[1] in actions]


@pytest.mark.parametrize("check", [False, pytest.param(True, marks=pytest.mark.exhaustive)])
def test_keeps_days_weeks_and_months(check: bool, playbook: Playbook, client: Any, dest: Path, name: str) -> None:
    """As foreseen, and as restic does it: an archive stays if any of the rules keeps it."""
    client.create_volume(name)
    directory = dest / "_volumes" / name
    directory.mkdir(parents=True)
    now = dt.datetime.now(dt.timezone.utc)
    ages = [0.001, 0.002, 1, 1.002, 2, 3, 8, 9, 15, 30, 33, 40, 62, 63, 100, 364, 365, 366]
    dates = [now - dt.timedelta(days=age) for age in ages]
    made = {date: directory / ("%s-%s.tar.gz" % (name, date.strftime("%Y%m%dT%H%M%SZ"))) for date in dates}
    for path in made.values():
        path.write_bytes(path.name.encode())
        words = "%s  %s\n" % (hashlib.sha256(path.read_bytes()).hexdigest(), path.name)
        path.with_name(path.name + ".sha256").write_text(words, encoding="utf-8")
    rules = {"daily": (3, "%Y%m%d"), "weekly": (3, "%G%V"), "monthly": (4, "%Y%m")}
    numbers = {"backup_keep_" + rule: number for rule, (number, _form) in rules.items()}
    step = {"backup_dest": str(dest), "backup_volumes": [name], "backup_keep": 2, **numbers}

    stay = {dates[0]}  # with the new archive, the latest two
    for number, form in rules.values():
        last = {date.strftime(form): date for date in [*reversed(dates), now]}
        stay |= set([*last.values()][-number:])
    removed = [str(made[date]) for date in reversed(dates) if date not in stay]
    before = tree(dest)
    done = playbook(plays(*[step] * (1 if check else 2)), check=check)
    assert result(done, "volumes", "Result 0")[name]["removed"] == removed
    if check:
        assert tree(dest) == before
        return
    assert not result(done, "volumes", "Result 1")[name]["changed"]
    assert set(dated(directory)) - {made[date] for date in stay - {now}} == {
        Path(result(done, "volumes", "Result 0")[name]["archive"])
    }
    checked(directory)
