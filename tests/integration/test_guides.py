# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides, run as they stand: each code block of a page, in its order, and what the page says of it."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import guides
import pytest
import world

pytestmark = pytest.mark.one_engine("the guides are the same for all engines")

# Paths of a host in the examples are below the folder of the test.
PATHS = re.compile(r"(?<![\w/.:])/(?:srv|etc)/[\w./-]*")
PROGRAMS = {
    "bin/pg_isready": "test -e /var/lib/postgresql/data",
    "bin/pg_dump": "echo '-- the tables of the shop'",
}


class Reader:
    """Somebody who reads a guide, saves its files and runs its commands in a folder of their own."""

    def __init__(self, folder: Path, play: Callable[..., Any], client: Any, **places: str) -> None:
        self.folder, self.play, self.client, self.places = folder, play, client, places
        self.environment: dict[str, str] = {}

    def put(self, text: str) -> str:
        """A text of a guide with what is here in the place of what it names."""
        for name, here in self.places.items():
            text = text.replace(name, here)
        return PATHS.sub(lambda found: str(self.folder) + found[0], text)

    def save(self, name: str, text: str) -> Path:
        path = self.folder / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.put(text), encoding="utf-8")
        return path

    def command(self, line: str, failed: bool = False, **environment: str) -> Any:
        """A command line of Ansible."""
        environment = {
            **self.environment,
            **environment,
            "ANSIBLE_INVENTORY": environment.get("INVENTORY", "localhost,"),
        }
        done = self.play(shlex.split(self.put(line)), **environment)
        assert (done.code != 0) == failed, line + "\n" + done.output
        return done

    def tasks(self, *tasks: str, failed: bool = False, options: str = "", **environment: str) -> Any:
        """Tasks of a guide, as a play on localhost."""
        self.save("tasks.yml", guides.play_of(*tasks))
        return self.command("ansible-playbook tasks.yml " + options, failed, **environment)

    def standing(self) -> dict[str, tuple[str, str]]:
        """Name → image and state."""
        return {found["Names"][0][1:]: (found["Image"], found["State"]) for found in self.client.containers(all=True)}


@pytest.fixture
def reader(tmp_path: Path, play: Callable[..., Any], client: Any, monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.chdir(tmp_path)
    return Reader(tmp_path, play, client)


@pytest.fixture(scope="session")
def image_tar(rootfs_tar: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs that the examples run, as the file system of an image."""
    path = tmp_path_factory.mktemp("guides") / "image.tar"
    shutil.copy(rootfs_tar, path)
    world.add_programs(path, PROGRAMS)
    return path


@pytest.fixture
def images(client: Any, image_tar: Path) -> Callable[..., None]:
    """``images(name, ..., name=command, ...)``: images with these names; without a command, it is the server."""

    def make(*names: str, **commands: str) -> None:
        for name, command in [*((name, "server") for name in names), *commands.items()]:
            repository, _colon, tag = name.rpartition(":")
            client.import_image_from_file(str(image_tar), repository=repository, tag=tag, changes=["CMD " + command])

    return make


def changed(played: Any) -> int:
    return sum(int(host["changed"]) for host in played.stats.values())


def has(text: str, lines: str) -> None:
    """Each line of a block of a guide is in a text, wherever that breaks its lines."""
    text = " ".join(text.split())
    for line in lines.splitlines():
        assert " ".join(line.split()) in text, line


def without_ids(text: str) -> str:
    return re.sub(r"\b[0-9a-f]{12}\b", "ID", text)


def actions(played: Any) -> list[str]:
    """What the role service has done."""
    [found] = [
        entry["result"]["msg"]
        for entry in played.results
        if entry["task"].endswith(("Say what was done", "Say what would be done")) and entry["status"] == "ok"
    ]
    return list(found)


def test_three_services(reader: Reader, images: Callable[..., None]) -> None:
    shop, foresee, run, done, upgrade, replaced, failing, message, back, backup, save, remove = (
        text for _kind, text in guides.blocks("three_services")
    )
    images("postgres:17", "nginx:1.29", "shop/api:1.0", "shop/api:2.0")
    images(**{"shop/api:2.1": "echo cannot read the configuration; exit 1"})
    reader.save("shop.yml", shop)

    assert actions(reader.command(foresee)) == done.splitlines()
    assert reader.standing() == {}
    first = reader.command(run)
    assert actions(first) == done.splitlines() and "secret" not in first.output
    assert changed(reader.command(run)) == 0

    assert without_ids("\n".join(actions(reader.command(upgrade)))) == without_ids(replaced.strip())
    second = reader.standing()
    assert second["shop-api"] == ("shop/api:2.0", "running")
    assert second["shop-api.wharf-previous-1"] == ("shop/api:1.0", "exited")

    failed = reader.command(failing, failed=True)
    has(failed.output.replace("\\n", " "), message)
    assert reader.standing() == second

    reader.command(back)
    assert reader.standing()["shop-api"] == ("shop/api:1.0", "running")

    reader.save("backup.yml", backup)
    (reader.folder / "srv" / "backup").mkdir(parents=True, mode=0o700)
    reader.command(save)
    assert (reader.folder / "srv/backup/shop.sql").read_text(encoding="utf-8") == "-- the tables of the shop"
    for name in ("shop-api", "shop-web"):
        assert (reader.folder / "srv/backup" / name / (name + ".tar.gz")).exists()

    reader.command(remove)
    assert reader.standing() == {}
    assert "shop-data" in [volume["Name"] for volume in reader.client.volumes()["Volumes"]]
