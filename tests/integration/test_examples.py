# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the documentation, run as they stand on a private engine.

Only the world around them is made: files below a temporary directory take the place of files of a host, a private
registry that of another one, and one image of shell scripts has all the names that the examples use.
"""

from __future__ import annotations

import gzip
import importlib
import lzma
import re
import shlex
import shutil
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import private_engine
import pytest
import world
import yaml

Placed = Callable[[str], str]
ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
EXAMPLES: dict[str, str] = {
    module: importlib.import_module("ansible_collections.wharf.docker.plugins.modules." + module).EXAMPLES
    for module in MODULES
}
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")}

# What each module's examples find on the engine when they begin. The command lines of container_state need other
# containers: a service that has failed is in the way of waiting until the shop is healthy.
PREPARED = {
    "container_copy": "web db",
    "container_exec": "web db",
    "container_export": "web",
    "container_info": "web db payment broken",
    "container_logs": "web db api",
    "container_run": "frontend backend",
    "container_state": "web worker db cart nightly-report tested",
    "prune": "web tested frontend",
}
PREPARED_FOR_COMMANDS = {**PREPARED, "container_state": "web db cart broken"}
NETWORKS = {"frontend": "172.30.0.0/24", "backend": "172.30.1.0/24"}
STOPPED = "cart"
CONTAINERS: dict[str, dict[str, Any]] = {
    STOPPED: {"labels": {"app": "shop"}, "healthcheck": {"test": ["CMD", "true"], "interval": 10**9}},
    "payment": {"labels": {"app": "shop"}},
    "broken": {"labels": {"app": "shop"}, "command": ["false"]},
    "nightly-report": {"command": ["sleep", "1"]},
    "tested": {"labels": {"test": ""}, "command": ["true"]},
}

# The examples of a module are run twice. Some undo what others do: these tasks change something again. Those of
# container_state remove what they need: they are run in check mode, and then really.
CHANGED_AGAIN = {
    "container_copy": [],
    "container_exec": [
        "Reload the configuration of a web server",
        "Pass input and a secret to a command",
        "Use a shell",
        "Start a command in the background",
    ],
    "container_export": [],
    "container_logs": [],
    "prune": [],
    "container_import": [],
    "container_info": [],
    "container_run": [
        "Run a web server",
        "Show what would change, without changing it",
        "Upgrade a container, and keep all its other options",
        "Change limits and the restart policy without a restart",
        "Run a command to its end, and remove the container",
        "Connect a container to two networks, with a fixed address in one of them",
        "Disconnect a container from all other networks",
        "Use mounts, a read-only root file system and in-memory directories",
        "Allow no other environment variables, and ignore a new image and other labels",
        "Replace a container even if nothing differs",
        "Stop a container",
        "Remove a container",
    ],
    "network": [
        "Create a network",
        "Change an option of a network, and reconnect its containers",
        "Remove a network",
    ],
    "volume": ["Create a volume", "Remove a volume and its data"],
}

LOOKING = ("container_info", "container_logs")

# Paths of a host in the examples: they are below the temporary directory.
HOST_FOLDERS = ("/etc/app", "/srv/backup", "/srv/dumps", "/srv/images", "/srv/incoming", "/srv/site")
HOST_PATHS = (
    *HOST_FOLDERS,
    "/srv/base.tar",
    "/srv/rootfs.tar.gz",
    "/srv/web.tar.gz",
    "/srv/web.conf",
    "/srv/start.sh",
    "/srv/db.conf",
)
ARCHIVES = (
    "rootfs.tar.gz",
    "base.tar",
    "images/rootfs.tar.gz",
    "images/web.tar.xz",
    "images/db.tar",
    "incoming/rootfs.tar.xz",
)
FILES = {
    "etc/app/db.env": "POSTGRES_PASSWORD=secret\n",
    "etc/app/init.sql": "SELECT 1;\n",
    "schema.sql": "CREATE TABLE shop ();\n",
    "site.conf.j2": "name {{ inventory_hostname }}\n",
    "srv/web.conf": "port 80\n",
    "srv/start.sh": "#!/bin/sh\n",
    "srv/db.conf": "port 5432\n",
    "srv/site/index.html": "It works\n",
    "hosts": "localhost ansible_connection=local\n",
}

# What stands in CONTRIBUTING.md, and where it is run. README.md is followed by test_getting_started.py.
ELSEWHERE = {
    "make test": "it runs this file",
    "make test-all": "it runs this file",
    "make bench": "by hand: figures are no tests",
    "make docs": "by hand: it needs packages of its own",
    "make pictures": "tests/unit/test_pictures.py, but for the terminals",
    "make engine-test": "it is make newer-engine-test, which make test runs",
    "make matrix": "tests/engine/test_executions.py, for two of its releases",
    ".venv/bin/python -m pytest": "Makefile",
    "---\nbugfixes:": "no task; make docs-lint checks such files",
}


def blocks(text: str) -> list[str]:
    """The code blocks of a Markdown text: each fenced one as a whole, of the indented ones each line."""
    found = re.findall(r"^```.*\n((?:.*\n)*?)```$|^ {4,}(\S.*)", text, re.MULTILINE)
    return [fenced or line for fenced, line in found]


def is_playbook(block: str) -> bool:
    return "\n  hosts: " in block


# The command lines of a module stand in comments of its examples.
COMMANDS = {module: re.findall(r"^ *# +(ansible .*)", text, re.MULTILINE) for module, text in EXAMPLES.items()}
BLOCKS = {name: blocks(text) for name, text in TEXTS.items()}


@pytest.fixture(scope="module")
def directory(rootfs_tar: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the examples find on their host, and beside their playbook."""
    found = tmp_path_factory.mktemp("examples")
    for name in (*HOST_FOLDERS, "/etc/app/worker", "/files"):
        Path(str(found) + name).mkdir(parents=True)
    for name, text in FILES.items():
        (found / name).write_text(text, encoding="utf-8")
    for name in ARCHIVES:
        pack = {".gz": gzip.compress, ".xz": lzma.compress}.get(Path(name).suffix, bytes)
        (found / "srv" / name).write_bytes(pack(rootfs_tar.read_bytes()))
    for name in ("files/rootfs.tar", "image.tar"):
        shutil.copy(rootfs_tar, found / name)
    return found


@pytest.fixture(scope="module")
def place(engine: Any, client: Any, registry: str, directory: Path) -> Iterator[Placed]:
    """Puts what is here in the place of what the examples name. The images that they name are there."""
    places = {
        **{path: str(directory) + path for path in HOST_PATHS},
        "/dev/ttyUSB0": "/dev/null",
        "user: db\n": "user: nobody\n",
        "registry.example.com": registry,
        "ssh://admin@host.example.com": engine.url,
    }
    if engine.version != private_engine.INSTALLED:
        # An engine runs the ps of its host: one that is unpacked for the tests has none.
        places.update({"processes: true": "processes: false", "processes=true": "processes=false"})

    def put(text: str) -> str:
        return re.sub("|".join(map(re.escape, places)), lambda found: places[found[0]], text)

    everything = put("\n".join([*EXAMPLES.values(), *TEXTS.values()]))
    names = sorted(set(re.findall(r"\bimage[:=] ?([\w./:-]+:[\w.-]+)", everything)))
    make_images(client, names, directory / "image.tar", registry)
    yield put
    for name in names:
        client.remove_image(name, force=True)


def make_images(client: Any, names: list[str], path: Path, registry: str) -> None:
    """Of a tar, to which the programs are added, one image with all these names; the registry has its own, too."""
    world.add_programs(path)
    client.import_image_from_file(str(path), repository="wharf-test/examples", tag="1", changes=['CMD ["server"]'])
    for name in names:
        client.tag("wharf-test/examples:1", *name.rsplit(":", 1))
        if name.startswith(registry):
            assert "errorDetail" not in client.push(name)
    client.remove_image("wharf-test/examples:1")


def prepare(client: Any, names: str) -> None:
    for name in names.split():
        if name in NETWORKS:
            client.create_network(name, ipam={"Config": [{"Subnet": NETWORKS[name]}]})
        else:
            client.create_container("nginx:1.29", name=name, **CONTAINERS.get(name, {}))
            if name != STOPPED:
                client.start(name)


def changed(played: Any) -> list[str]:
    return [entry["task"] for entry in played.results if entry["result"].get("changed")]


@pytest.mark.parametrize("module", MODULES)
def test_tasks_of_a_module(
    module: str, directory: Path, place: Placed, client: Any, playbook: Callable[..., Any]
) -> None:
    """The EXAMPLES as the tasks of one play."""
    prepare(client, PREPARED.get(module, ""))
    path = directory / (module + ".yml")
    tasks = textwrap.indent(place(EXAMPLES[module]).replace("---\n", ""), "    ")
    path.write_text("- hosts: localhost\n  gather_facts: false\n  tasks:\n" + tasks, encoding="utf-8")
    playbook(path, check=module not in CHANGED_AGAIN, app_password="secret", vault_database_password="secret")
    found = changed(playbook(path, app_password="secret", vault_database_password="secret"))
    assert found == CHANGED_AGAIN.get(module, found)


@pytest.mark.parametrize("name", MODULES)
def test_command_lines(name: str, directory: Path, place: Placed, client: Any, play: Callable[..., Any]) -> None:
    """The last one comes first: it removes what can't be started any more."""
    prepare(client, PREPARED_FOR_COMMANDS.get(name, ""))
    for example in map(place, reversed(COMMANDS[name])):
        played = play(shlex.split(example), ANSIBLE_INVENTORY=str(directory / "hosts"))
        outcome = played.code, len(played.results), bool(changed(played))
        assert outcome == (0, 1, not any(name in example for name in LOOKING)), example + "\n" + played.output


def test_the_first_playbook(place: Placed, playbook: Callable[..., Any]) -> None:
    """Once more, it changes nothing; with another port and image, check mode says what would be done."""
    text = place(next(filter(is_playbook, BLOCKS["README.md"])))
    playbook(text)
    assert changed(playbook(text)) == []
    other = text.replace("8080:80", "8081:80").replace("nginx:1.29", "haproxy:3.2")
    forecast = playbook(other, check=True, diff=True).result("Run a web server")
    assert forecast["changed"] and forecast["actions"] and forecast["diff"]


def test_no_example_is_left_out() -> None:
    """What CONTRIBUTING.md has is run elsewhere, as is README.md; every module has tasks and command lines."""
    everything = BLOCKS["CONTRIBUTING.md"]
    assert [block for block in everything if not block.startswith((*ELSEWHERE,))] == []
    assert [start for start in ELSEWHERE if not any(block.startswith(start) for block in everything)] == []
    for module, text in EXAMPLES.items():
        comments = [line for line in text.splitlines() if "wharf.docker" in line and line.lstrip().startswith("#")]
        assert yaml.safe_load(text) and COMMANDS[module] and len(COMMANDS[module]) == len(comments), module
