# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook of a container's life, and the demo that plays it, as a person runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import private_engine
import pytest
import sampled
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
ARCHIVE = "wharf-docker-%s.tar.gz" % yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]


def everything(client: Any) -> dict[str, list[str]]:
    """All objects of the engine by their ids or names."""
    return {
        "containers": sorted(found["Id"] for found in client.containers(all=True)),
        "networks": sorted(found["Id"] for found in client.networks()),
        "volumes": sorted(found["Name"] for found in client.volumes()["Volumes"] or []),
        "images": sorted(found["Id"] for found in client.images(all=True)),
    }


NAMES = yaml.safe_load((ROOT / "playbooks" / "vars" / "lifecycle_names.yml").read_text(encoding="utf-8"))["names"]

# Parts of the table, in its order.
TABLE = (
    "Import an archive            change     changed    unchanged  import wharf-demo/base:latest: no such image",
    "it said: Hello world",
    "update wharf-demo-web: memory 64m → 128m",
    "recreate wharf-demo-web: env GREETING",
    "Go back, on purpose          change     changed    unchanged  roll_back wharf-demo-web: wharf-demo/base",
    "Replace it once more         change     changed    unchanged  remove wharf-demo-web.wharf-new: it was given up",
    "recreate wharf-demo-web: env GREETING",
    "the old container is back and serves the page",
    "pause wharf-demo-web: state running → paused",
    "Read the end of its log      no change  unchanged  unchanged  it wrote: ",
    "Run a command in it          change     changed    changed    exec wharf-demo-web: sh -c 'echo \"$GREETING\"'",
    "it said: good evening",
    "Make a file in it, once      change     changed    unchanged  exec wharf-demo-web: ",
    "changed: /tmp/started",
    "changed: /var/note",
    "Export it to an archive      change     changed    unchanged  export wharf-demo-web to",
    "Import it as a second image  change     changed    unchanged  import wharf-demo/copy:latest: no such image",
    "Run one that removes itself  change     changed    changed    create wharf-demo-reader: no container of this name",
    "it said: Written by exec",
    "Wait until it writes a line  no change  unchanged  unchanged  it wrote: ready after 2 seconds",
    "Import it with another CMD   change     changed    unchanged  import wharf-demo/copy:latest: cmd [",
    "Prune what is not used       change     changed    unchanged  remove container wharf-demo-worker: exited (",
    "remove network wharf-demo-spare: no container uses it",
    "remove volume wharf-demo-spare: no container uses it",
    "remove image ",
    "Remove it                    change     changed    unchanged  remove wharf-demo-web: state running → absent",
    "What is left of the demo on this engine: nothing.",
)
PREVIEW = "Show what it would remove, why, and how much room that makes"


def parts_in_order(parts: tuple[str, ...], text: str) -> list[str]:
    """Those of ``parts`` that ``text`` lacks, or does not have after the ones before."""
    missing, at = [], 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            missing.append(part)
        else:
            at = found + len(part)
    return missing


def demo(engine: Any, url: str) -> subprocess.CompletedProcess[str]:
    """Run the demo as ``make demo`` does, beside an engine that is at ``url``."""
    return subprocess.run(
        engine.enter([sys.executable, str(ROOT / "tools" / "demo.py")]),
        env={**os.environ, "DOCKER_HOST": url},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.timeout(1200)  # A demo is about two hundred tasks, some minutes on a busy host.
def test_demo_on_an_engine_that_was_there(engine: Any, client: Any, image: str) -> None:
    """What is foreign survives, also where a prune would take it, and nothing stays of the demo, nor of another one."""
    foreign = client.create_container(image, ["true"], name="foreign-container", volumes=["/data"])["Id"]
    client.start(foreign)
    client.wait(foreign)
    client.create_network("foreign-network")
    client.create_volume("foreign-volume", labels={"wharf.demo": "false"})
    client.commit(foreign)
    before = everything(client)
    for _time in range(sampled.number(1, exhaustive=2)):
        done = demo(engine, engine.url)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Found an engine at %s" % engine.url in done.stdout
        output, _title, table = done.stdout.partition("What was done, on the engine at")
        assert parts_in_order(TABLE, table) == []
        assert [line for line in table.splitlines()[1:] if len(line) > 120] == []
        assert "foreign" not in done.stdout
        assert "WARNING" not in done.stdout + done.stderr
        preview = output.partition(PREVIEW)[2].partition("TASK [")[0]
        assert [line.split()[2] for line in preview.splitlines() if "remove " in line] == [
            "container",
            "network",
            "volume",
            "image",
        ]
        assert everything(client) == before


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of collections of who has built this one and installed it, as README.md says."""
    folder = tmp_path_factory.mktemp("installed")
    copy = shutil.copytree(ROOT, folder / "copy", ignore=shutil.ignore_patterns(".*", "__pycache__", "output"))
    home = {"HOME": str(folder), "PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    galaxy = [str(Path(sys.executable).parent / "ansible-galaxy"), "collection"]
    for argv in (["build", "--output-path", str(folder)], ["install", "-p", str(folder), str(folder / ARCHIVE)]):
        done = subprocess.run([*galaxy, *argv], cwd=copy, env=home, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    shutil.rmtree(copy)
    return folder


@pytest.fixture
def lifecycle(
    installed: Path, play: Any, engine: Any, image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """The playbook of the installed collection, by its name, from an empty folder."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)

    def run(*argv: str) -> Any:
        settings = {"ANSIBLE_COLLECTIONS_PATH": str(installed), "ANSIBLE_INJECT_FACT_VARS": "false", "PWD": str(here)}
        return play(["ansible-playbook", "wharf.docker.lifecycle", *argv], **settings)

    return run


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("given", ["archive", pytest.param("image", marks=pytest.mark.exhaustive)])
def test_lifecycle_of_an_installed_collection(
    given: str, lifecycle: Any, engine: Any, client: Any, image: str, rootfs_tar: Path
) -> None:
    """With an archive in the current folder, or without any."""
    before = everything(client)
    shutil.copy(rootfs_tar, "rootfs.tar")
    chosen = "lifecycle_archive=rootfs.tar" if given == "archive" else "lifecycle_image=" + image
    # An engine that is unpacked for the tests has no ps.
    processes = "lifecycle_processes=%s" % str(engine.version == private_engine.INSTALLED).lower()
    played = lifecycle("-e", chosen, "-e", processes)
    assert played.code == 0, played.output
    assert "WARNING" not in played.output
    assert played.result("What was shown before is gone, of each kind something, and nothing else")
    for left in NAMES["images"].values():
        client.remove_image(left, force=True)
    assert everything(client) == before


def test_lifecycle_that_can_not_begin(lifecycle: Any, client: Any, image: str) -> None:
    """In check mode, and where its names are taken, it says so and touches nothing."""
    played = lifecycle("--check", "-e", "lifecycle_image=" + image)
    assert played.code != 0 and "Run it without --check" in played.output
    client.create_container(image, name=NAMES["containers"]["web"])
    client.create_network(NAMES["networks"]["web"], labels={"wharf.demo": "false"})
    client.create_volume(NAMES["volumes"]["spare"])
    before = everything(client)
    played = lifecycle("-e", "lifecycle_image=" + image)
    assert played.code != 0
    message = " ".join(played.result("Are they the demo's own?")["msg"].split())
    for thing in ("container wharf-demo-web", "network wharf-demo-net", "volume wharf-demo-spare"):
        assert "the " + thing in message
    assert everything(client) == before


def test_demo_leaves_foreign_objects_of_its_names_alone(engine: Any, client: Any, image: str) -> None:
    """All of its names are looked for, and told at once; nothing begins."""
    for name in NAMES["containers"].values():
        client.create_container(image, ["true"], name=name)
    for name in NAMES["networks"].values():
        client.create_network(name)
    for name in NAMES["volumes"].values():
        client.create_volume(name)
    for name in NAMES["images"].values():
        client.tag(image, name)
    before = everything(client)
    done = demo(engine, engine.url)
    assert done.returncode != 0
    assert "without its label, wharf.demo=true" in done.stderr
    told = ["the %s %s" % (kind[:-1], name) for kind, names in NAMES.items() for name in names.values()]
    assert [name for name in told if name not in done.stderr] == []
    assert "PLAY [" not in done.stdout
    assert everything(client) == before


def test_demo_leaves_a_foreign_image_of_its_name_alone(engine: Any, client: Any, image: str) -> None:
    client.tag(image, "wharf-demo/copy")
    done = demo(engine, engine.url)
    assert done.returncode != 0
    assert "without its label, wharf.demo=true: the image wharf-demo/copy." in done.stderr
    assert client.inspect_image("wharf-demo/copy")["Id"] == client.inspect_image(image)["Id"]


def test_demo_that_fails_leaves_nothing(engine: Any, client: Any, image: str) -> None:
    """Here its port is taken, so that it ends where it runs its web server."""
    ports = client.create_host_config(port_bindings={80: ("127.0.0.1", 18080)})
    foreign = client.create_container(image, ["sleep", "600"], ports=[80], host_config=ports)["Id"]
    client.start(foreign)
    before = everything(client)
    done = demo(engine, engine.url)
    assert done.returncode != 0
    assert "port is already allocated" in done.stdout
    assert "What was done" not in done.stdout
    assert "What is left of the demo on this engine: nothing." in done.stdout
    assert everything(client) == before


@pytest.mark.timeout(1200)  # A demo is about two hundred tasks, some minutes on a busy host.
def test_demo_without_an_engine(engine: Any) -> None:
    """It says so, and starts one of its own."""
    done = demo(engine, "unix:///nonexistent/docker.sock")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing answers at unix:///nonexistent/docker.sock" in done.stdout
    assert "A replacement that fails" in done.stdout
