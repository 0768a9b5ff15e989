# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the documentation, run verbatim on a private engine.

Only their surroundings are simulated: files below a temporary directory replace files of a host, a private registry
replaces another one, and one image of shell scripts has all image names of the examples.
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

# The objects on the engine before each module's examples. The command lines of container_state need other containers:
# with a failed service, waiting until the shop is healthy would fail.
PREPARED = {
    "container_copy": "web db",
    "container_exec": "web db",
    "container_export": "web",
    "container_info": "web db payment broken",
    "container_logs": "web db api",
    "container_run": "frontend backend",
    "container_state": "web worker db cart nightly-report tested",
    "prune": "web tested frontend",
    "volume_export": "data",
}
PREPARED_FOR_COMMANDS = {**PREPARED, "container_state": "web db cart broken"}
VOLUMES = ("data",)
NETWORKS = {"frontend": "172.30.0.0/24", "backend": "172.30.1.0/24"}
STOPPED = "cart"
CONTAINERS: dict[str, dict[str, Any]] = {
    STOPPED: {"labels": {"app": "shop"}, "healthcheck": {"test": ["CMD", "true"], "interval": 10**9}},
    "payment": {"labels": {"app": "shop"}},
    "broken": {"labels": {"app": "shop"}, "command": ["false"]},
    "nightly-report": {"command": ["sleep", "1"]},
    "tested": {"labels": {"test": ""}, "command": ["true"]},
}

# The examples of a module are run twice. Some undo others: these tasks change something again. The examples of
# container_state remove what they need: they are run in check mode, and then for real.
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
    "volume_export": [],
    "volume_import": [],
}

LOOKING = ("container_info", "container_logs")

# Paths of a host in the examples: they are replaced by paths below the temporary directory.
HOST_FOLDERS = ("/etc/app", "/srv/backup", "/srv/dumps", "/srv/images", "/srv/incoming", "/srv/site")
HOST_PATHS = (
    *HOST_FOLDERS,
    "/srv/base.tar",
    "/srv/rootfs.tar.gz",
    "/srv/web.tar.gz",
    "/srv/web.conf",
    "/srv/web.log",
    "/srv/start.sh",
    "/srv/db.conf",
)
ARCHIVES = (
    "rootfs.tar.gz",
    "base.tar",
    "images/rootfs.tar.gz",
    "images/web.tar.xz",
    "images/db.tar",
    "backup/data.tar.gz",
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

# The commands in CONTRIBUTING.md, and where they are run. test_getting_started.py follows README.md.
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
    """The code blocks of a Markdown text: each fenced block, and each line of indented blocks."""
    found = re.findall(r"^```.*\n((?:.*\n)*?)```$|^ {4,}(\S.*)", text, re.MULTILINE)
    return [fenced or line for fenced, line in found]


def is_playbook(block: str) -> bool:
    return "\n  hosts: " in block


# The command lines of a module are comments in its examples.
COMMANDS = {module: re.findall(r"^ *# +(ansible .*)", text, re.MULTILINE) for module, text in EXAMPLES.items()}
BLOCKS = {name: blocks(text) for name, text in TEXTS.items()}


@pytest.fixture(scope="module")
def directory(rootfs_tar: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory with the files that the examples need on their host and next to their playbook."""
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
    """A function that replaces names of the examples in a text by local ones. The images that they name exist."""
    places = {
        **{path: str(directory) + path for path in HOST_PATHS},
        "/dev/ttyUSB0": "/dev/null",
        "user: db\n": "user: nobody\n",
        "registry.example.com": registry,
        "ssh://admin@host.example.com": engine.url,
    }
    if engine.version != private_engine.INSTALLED:
        # An engine runs the ps of its host: engines that are unpacked for the tests have none.
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
    """Create one image with all these names from a tar archive with the programs, and push those of the registry."""
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
        elif name in VOLUMES:
            client.create_volume(name)
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
    """The EXAMPLES, as the tasks of one play."""
    prepare(client, PREPARED.get(module, ""))
    path = directory / (module + ".yml")
    tasks = textwrap.indent(place(EXAMPLES[module]).replace("---\n", ""), "    ")
    path.write_text("- hosts: localhost\n  gather_facts: false\n  tasks:\n" + tasks, encoding="utf-8")
    playbook(path, check=module not in CHANGED_AGAIN, app_password="secret", vault_database_password="secret")
    found = changed(playbook(path, app_password="secret", vault_database_password="secret"))
    assert found == CHANGED_AGAIN.get(module, found)


@pytest.mark.parametrize("name", MODULES)
def test_command_lines(name: str, directory: Path, place: Placed, client: Any, play: Callable[..., Any]) -> None:
    """In reverse order: the last one removes containers that can't be started again."""
    prepare(client, PREPARED_FOR_COMMANDS.get(name, ""))
    for example in map(place, reversed(COMMANDS[name])):
        played = play(shlex.split(example), ANSIBLE_INVENTORY=str(directory / "hosts"))
        outcome = played.code, len(played.results), bool(changed(played))
        assert outcome == (0, 1, not any(name in example for name in LOOKING)), example + "\n" + played.output


def test_the_first_playbook(place: Placed, playbook: Callable[..., Any]) -> None:
    """The second run changes nothing; with another port and image, check mode reports the change."""
    text = place(next(filter(is_playbook, BLOCKS["README.md"])))
    playbook(text)
    assert changed(playbook(text)) == []
    other = text.replace("8080:80", "8081:80").replace("nginx:1.29", "haproxy:3.2")
    forecast = playbook(other, check=True, diff=True).result("Run a web server")
    assert forecast["changed"] and forecast["actions"] and forecast["diff"]


def test_no_example_is_left_out() -> None:
    """The commands of CONTRIBUTING.md and README.md are run elsewhere; every module has tasks and command lines."""
    everything = BLOCKS["CONTRIBUTING.md"]
    assert [block for block in everything if not block.startswith((*ELSEWHERE,))] == []
    assert [start for start in ELSEWHERE if not any(block.startswith(start) for block in everything)] == []
    for module, text in EXAMPLES.items():
        comments = [line for line in text.splitlines() if "wharf.docker" in line and line.lstrip().startswith("#")]
        assert yaml.safe_load(text) and COMMANDS[module] and len(COMMANDS[module]) == len(comments), module
