# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook of a container's life, and the demo that runs it, as users run them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import private_engine
import pytest
import sampled
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
ARCHIVE = "wharf-docker-%s.tar.gz" % yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]


def everything(client: Any) -> dict[str, list[str]]:
    """All objects of the engine, by their ids or names."""
    return {
        "containers": sorted(found["Id"] for found in client.containers(all=True)),
        "networks": sorted(found["Id"] for found in client.networks()),
        "volumes": sorted(found["Name"] for found in client.volumes()["Volumes"] or []),
        "images": sorted(found["Id"] for found in client.images(all=True)),
    }


NAMES = yaml.safe_load((ROOT / "playbooks" / "vars" / "lifecycle_names.yml").read_text(encoding="utf-8"))["names"]

# Parts of the demo's output, in their order. Long lines may be wrapped or cut.
STORY = (
    "Found an engine at",
    " check  done      again",
    "-- An image from an archive -----",
    "Import an archive           docker import rootfs.tar wharf-demo/base\n"
    " change changed   unchanged import wharf-demo/base:latest: no such image",
    " change changed   changed   it wrote: Hello world",
    "Run a web server            docker run --detach --name wharf-demo-web",
    " change changed   unchanged create wharf-demo-web: ",
    " -      unchanged -         Hello from the quay",
    " -      unchanged -         wharf-demo-web: running, port 18080",
    "bytes written",
    "Change its memory, live     docker update --memory 128m wharf-demo-web\n"
    " change changed   unchanged update wharf-demo-web: memory 64m → 128m",
    "recreate wharf-demo-web: env GREETING",
    "Go back, on purpose",
    "recreate wharf-demo-web: env GREETING",
    " change failed    -         ",
    "the old container is back, and running",
    " -      unchanged -         Hello from the quay",
    "Pause it                    docker pause wharf-demo-web",
    " none   unchanged unchanged it wrote: response:200",
    "docker exec wharf-demo-web sh -c 'echo $GREETING'\n change changed   changed   it wrote: good evening",
    "changed: /data, /tmp/started, /var/note",
    "docker export wharf-demo-web | gzip >web.tar.gz\n change changed   unchanged export wharf-demo-web to",
    "it wrote: Written by exec; it is gone",
    " none   unchanged unchanged it wrote: ready after 2 seconds",
    "remove container wharf-demo-worker",
    "remove network wharf-demo-spare",
    "remove volume wharf-demo-spare",
    "remove image ",
    "Remove it                   docker rm --force wharf-demo-web",
    "What is left of the demo on this engine: nothing.",
    "-- What was done -----",
    "what                          task               check    done       again\n"
    "Import an archive             container_import   change   changed    unchanged\n",
    "A replacement that fails      container_run      change   failed     -\n",
    "Prune what is not used        prune              change   changed    unchanged\n"
    "Remove it                     container_run      change   changed    unchanged\n",
    "34 operations in ",
)


def parts_in_order(parts: tuple[str, ...], text: str) -> list[str]:
    """The ``parts`` that are missing in ``text``, or not in the same order."""
    missing, at = [], 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            missing.append(part)
        else:
            at = found + len(part)
    return missing


def demo(engine: Any, url: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the demo as ``make demo`` does, with DOCKER_HOST set to ``url``."""
    return subprocess.run(
        engine.enter([sys.executable, str(ROOT / "tools" / "demo.py")]),
        env={**os.environ, "DOCKER_HOST": url, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def on_terminal(engine: Any, url: str, **environment: str) -> tuple[int, str]:
    """The same on a terminal of 80 columns. Returns the exit code, and all output to the terminal."""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(
        engine.enter([sys.executable, str(ROOT / "tools" / "demo.py")]),
        env={**os.environ, "DOCKER_HOST": url, "TERM": "xterm", **environment},
        stdin=subprocess.DEVNULL,
        stdout=other,
        stderr=other,
    ) as process:
        os.close(other)
        output = b""
        with contextlib.suppress(OSError):  # EIO: no process has the terminal open any more.
            while chunk := os.read(main, 65536):
                output += chunk
    os.close(main)
    return process.returncode, output.decode()


def fits(output: str) -> bool:
    """Whether the output fits a terminal: at most 150 lines, none of more than 80 columns."""
    lines = output.splitlines()
    return len(lines) <= 150 and max(map(len, lines)) <= 80


@pytest.mark.timeout(1200)  # A demo is about two hundred tasks, some minutes on a busy host.
def test_demo_on_an_engine_that_was_there(engine: Any, client: Any, image: str) -> None:
    """Foreign objects survive, even if a prune would remove them, and nothing is left of the demo or a second one."""
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
        assert parts_in_order(STORY, done.stdout) == [], done.stdout
        assert fits(done.stdout), done.stdout
        assert done.stderr == ""
        assert "\033" not in done.stdout
        assert "foreign" not in done.stdout
        assert everything(client) == before


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of collections into which this one was built and installed as README.md describes."""
    directory = tmp_path_factory.mktemp("installed")
    copy = shutil.copytree(ROOT, directory / "copy", ignore=shutil.ignore_patterns(".*", "__pycache__", "output"))
    home = {"HOME": str(directory), "PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    galaxy = [str(Path(sys.executable).parent / "ansible-galaxy"), "collection"]
    for argv in (
        ["build", "--output-path", str(directory)],
        ["install", "-p", str(directory), str(directory / ARCHIVE)],
    ):
        done = subprocess.run([*galaxy, *argv], cwd=copy, env=home, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    shutil.rmtree(copy)
    return directory


@pytest.fixture
def lifecycle(
    installed: Path, play: Any, engine: Any, image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Run the playbook of the installed collection, by its name, from an empty directory."""
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
    """With an archive in the current directory, or with an image."""
    before = everything(client)
    shutil.copy(rootfs_tar, "rootfs.tar")
    chosen = "lifecycle_archive=rootfs.tar" if given == "archive" else "lifecycle_image=" + image
    # Engines that are unpacked for the tests have no ps.
    processes = "lifecycle_processes=%s" % str(engine.version == private_engine.INSTALLED).lower()
    played = lifecycle("-e", chosen, "-e", processes)
    assert played.code == 0, played.output
    assert "WARNING" not in played.output
    assert played.result("What was shown before is gone, of each kind something, and nothing else")
    for left in NAMES["images"].values():
        client.remove_image(left, force=True)
    assert everything(client) == before


def test_lifecycle_that_can_not_begin(lifecycle: Any, client: Any, image: str) -> None:
    """In check mode, and if its names are taken, it reports this and touches nothing."""
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
    """All of its names are checked, and reported at once; nothing is started."""
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
    message = " ".join(done.stderr.split())
    assert "without its label, wharf.demo=true" in message
    told = ["the %s %s" % (kind[:-1], name) for kind, names in NAMES.items() for name in names.values()]
    assert [name for name in told if name not in message] == []
    assert fits(done.stderr)
    assert "check mode" not in done.stdout
    assert everything(client) == before


def test_demo_leaves_a_foreign_image_of_its_name_alone(engine: Any, client: Any, image: str) -> None:
    client.tag(image, "wharf-demo/copy")
    done = demo(engine, engine.url)
    assert done.returncode != 0
    assert "without its label, wharf.demo=true: the image wharf-demo/copy." in " ".join(done.stderr.split())
    assert client.inspect_image("wharf-demo/copy")["Id"] == client.inspect_image(image)["Id"]


def test_demo_that_fails_leaves_nothing(engine: Any, client: Any, image: str) -> None:
    """Its port is taken, and therefore it fails to run its web server."""
    ports = client.create_host_config(port_bindings={80: ("127.0.0.1", 18080)})
    foreign = client.create_container(image, ["sleep", "600"], ports=[80], host_config=ports)["Id"]
    client.start(foreign)
    before = everything(client)
    done = demo(engine, engine.url)
    assert done.returncode != 0
    assert "The demo has failed. Run a web server: " in done.stdout
    assert "port is already allocated" in " ".join(done.stdout.split())
    assert "What was done" not in done.stdout
    assert "What is left of the demo on this engine: nothing." in done.stdout
    assert fits(done.stdout)
    assert everything(client) == before


@pytest.mark.timeout(1200)  # A demo is about two hundred tasks, some minutes on a busy host.
def test_demo_without_an_engine(engine: Any) -> None:
    """It reports this, and starts a private one. A terminal shows colours and a last line with the current step."""
    code, output = on_terminal(engine, "unix:///nonexistent/docker.sock")
    assert code == 0, output
    assert "\033[33mchanged" in output
    # A step that takes more than a second.
    assert re.search(r"\r\033\[K\033\[2m  \S.*, \d+ s", output), output
    # Overwritten text does not count as a line.
    lines = [re.sub(r".*\r\033\[K|\033\[[0-9;]+m", "", line) for line in output.replace("\r\n", "\n").split("\n")]
    told = "\n".join(lines)
    assert "cannot connect to the engine at unix:///nonexistent/docker.sock" in " ".join(told.split())
    assert parts_in_order(STORY[1:], told) == [], told
    assert fits(told), told
    over = [re.sub(r"\033\[[0-9;]*[mK]", "", part) for part in re.split(r"[\r\n]", output)]
    assert max(map(len, over)) <= 80


@pytest.mark.exhaustive
@pytest.mark.timeout(1200)
def test_demo_with_all_that_ansible_says(engine: Any, client: Any, image: str) -> None:
    """Also without colours on a terminal, with NO_COLOR."""
    before = everything(client)
    code, output = on_terminal(engine, engine.url, V="1", NO_COLOR="1")
    assert code == 0, output
    assert "TASK [Run a web server, in check mode] [CHECK MODE]" in output
    assert "WARNING" not in output and not re.search(r"\033\[[0-9;]*m", output)
    assert "34 operations in " in output
    assert everything(client) == before
