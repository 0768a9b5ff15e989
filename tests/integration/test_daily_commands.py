# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of daily commands, run verbatim: a docker line, its task and its ad-hoc line have the same effect.

Each of the three is run on an engine that is prepared in the same way. Afterwards the objects on the engine have to be
the same, and so has the answer, if there is one. The commands are taken from the page.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import tarfile
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import private_engine
import pytest
import sampled
import world
import yaml

from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

PAGE = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "daily_commands.rst"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCK = re.compile(r"^( *)\.\. code-block:: (\w+)\n\n((?:\1 +.*\n|\n)+)", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A command of the page: titles of its group and section, the docker line, the task as text, the ad-hoc line."""

    group: str
    title: str
    docker: str
    task: str
    line: str

    @property
    def module(self) -> str:
        return str(next(key for key in yaml.safe_load(self.task)[0] if key != "name")).rpartition(".")[2]


def sections() -> Iterator[Section]:
    for group, text in re.findall(r"^(\S[^\n]*)\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", TEXT, re.MULTILINE | re.DOTALL):
        for title, part in re.findall(
            r"^(\S[^\n]*)\n\^+\n(.*?)(?=^\S[^\n]*\n\^+\n|\Z)", text, re.MULTILINE | re.DOTALL
        ):
            found = [textwrap.dedent(block).strip() for _indent, _kind, block in BLOCK.findall(part)]
            assert len(found) == 3, "%s has a docker line, a task and an ad-hoc line" % title
            yield Section(group, title, *found)


SECTIONS = list(sections())
GROUPS = list(dict.fromkeys(section.group for section in SECTIONS))
# The ad-hoc lines that are run: tests/unit/test_daily_commands.py checks that each matches its task.
LINES = [section.title for section in sampled.some(SECTIONS, sample=12)]

# The objects on the engine before a command, see Prepared.make. The default is none.
RUNNING = "web"
UNUSED = "web frontend standby=created tested=exited backend anonymous named=running untagged old:1 cache"
PREPARED = {
    "docker update": RUNNING,
    "docker start": "web=exited",
    "docker stop": RUNNING,
    "docker restart": RUNNING,
    "docker pause": RUNNING,
    "docker unpause": "web=paused",
    "docker kill": RUNNING,
    "docker wait": "job",
    "docker rename": RUNNING,
    "docker rm": "web-old",
    "docker ps": "web tested=exited",
    "docker ps -a": "web cart=exited tested=exited",
    "docker inspect": RUNNING,
    "docker top": RUNNING,
    "docker diff": RUNNING,
    "docker port": RUNNING,
    "docker stats": RUNNING,
    "docker logs": RUNNING,
    "docker logs > file": RUNNING,
    "docker logs -f": "web=talking",
    **{"docker exec" + option: RUNNING for option in ("", " -e", " -w", " -u", " -d", " -i", " -t")},
    "docker cp": RUNNING,
    "docker cp web:/etc/passwd": RUNNING,
    "docker network rm": "backend",
    "docker volume rm": "data",
    "docker export": RUNNING,
    "docker export | gzip": RUNNING,
    "docker container prune": "web cart=exited tested=exited",
    "docker image prune": "web untagged",
    "docker image prune -a": "web untagged old:1",
    "docker network prune": "web backend frontend standby=created",
    "docker volume prune": "anonymous named=running",
    "docker builder prune": "cache",
    "docker system prune": UNUSED,
    "docker system prune --volumes": UNUSED,
}
# The same for groups as plays: their tasks run one after another.
PREPARED_FOR_GROUP = {
    "Starting and stopping containers": "web=exited job",
    "Looking at containers": RUNNING,
    "Working inside containers": RUNNING,
    "Archives": RUNNING,
    "Clearing up": "web cart=exited tested=exited untagged old:1 backend anonymous cache",
}
CONTAINERS: dict[str, dict[str, Any]] = {
    "web": {"ports": {80: 8080}, "volumes": ["/var/lib/web"], "labels": {"app": "shop"}},
    "web-old": {"volumes": ["/var/lib/web"]},
    "cart": {"volumes": ["/var/lib/cart"], "labels": {"app": "shop"}},
    "job": {"command": ["sh", "-c", "sleep 1; exit 3"]},
    "tested": {"labels": {"stage": "test"}},
    "named": {"volumes": ["/data"], "binds": ["kept:/data"]},
    "standby": {"network": "frontend"},
}
TALKING = ["sh", "-c", "echo begins; echo is ready; while :; do sleep 1; echo goes on; done"]
IMAGES = {"busybox:1.37": "sh", "nginx:1.29": "server"}
HOST_FILES = ("/srv/web.tar.gz", "/srv/web.tar", "/srv/web.log", "/srv/setup.sh", "/srv/passwd")

# Commands whose task changes something each time.
EACH_TIME = ["docker run", "docker run --rm", "docker restart", "docker kill"]
EACH_TIME += [section.title for section in SECTIONS if section.module == "container_exec"]
# Commands that never change anything.
LOOKING = ["docker wait"]
LOOKING += [section.title for section in SECTIONS if section.module in ("container_info", "container_logs")]
LOOKING.remove("docker logs > file")


def _processes(container: dict[str, Any]) -> list[str]:
    return sorted(" ".join(process.values()).strip() for process in container["processes"])


def _rows(output: str) -> list[str]:
    return output.strip().splitlines()[1:]


def _names(containers: list[dict[str, Any]]) -> list[str]:
    return [container["Name"].lstrip("/") for container in containers]


def _ports(container: dict[str, Any]) -> list[str]:
    return sorted("%(container_port)s -> %(host_ip)s:%(host_port)s" % port for port in container["ports"])


def _documents(container: dict[str, Any]) -> list[dict[str, Any]]:
    return [{key: value for key, value in container.items() if key != "ports"}]


# The answer of a command: how to read it from docker's stdout and stderr, and how from the task's result.
Answer = tuple[Callable[[str, str], Any], Callable[[dict[str, Any]], Any]]
WRITTEN: Answer = (
    lambda out, err: (out.replace("\r\n", "\n").strip(), err.strip()),
    lambda result: (result["stdout"].replace("\r\n", "\n").strip(), result["stderr"].strip()),
)
ANSWERS: dict[str, Answer] = {
    "docker run": WRITTEN,
    "docker run --rm": WRITTEN,
    "docker wait": (lambda out, err: int(out), lambda result: result["exit_code"]),
    "docker ps": (
        lambda out, err: sorted(row.split()[-1] for row in _rows(out)),
        lambda result: _names(result["containers"]),
    ),
    "docker inspect": (lambda out, err: json.loads(out), lambda result: _documents(result["container"])),
    "docker top": (
        lambda out, err: sorted(" ".join(row.split()) for row in _rows(out)),
        lambda result: _processes(result["container"]),
    ),
    "docker diff": (
        lambda out, err: sorted(out.splitlines()),
        lambda result: sorted(
            {"modified": "C ", "added": "A ", "deleted": "D "}[change["kind"]] + change["path"]
            for change in result["container"]["changes"]
        ),
    ),
    "docker port": (
        lambda out, err: sorted(re.sub(r"[\[\]]", "", out).splitlines()),
        lambda result: _ports(result["container"]),
    ),
    "docker stats": (
        lambda out, err: [(row.split()[1], int(row.split()[-1])) for row in _rows(out)],
        lambda result: [
            (name, container["stats"]["pids"])
            for name, container in zip(_names(result["containers"]), result["containers"], strict=True)
        ],
    ),
    "docker logs": WRITTEN,
    "docker logs -f": (lambda out, err: out.strip(), lambda result: result["line"]),
    **{"docker exec" + option: WRITTEN for option in ("", " -e", " -w", " -u", " -i", " -t")},
}
ANSWERS["docker ps -a"] = ANSWERS["docker ps"]


class Prepared:
    """Creates what a command needs, removes what exists, and reports what exists."""

    def __init__(self, client: Any, directory: Path, rootfs_tar: Path) -> None:
        self.client, self.directory, self.rootfs_tar = client, directory, rootfs_tar
        self.tar = directory / "image.tar"
        shutil.copy(rootfs_tar, self.tar)
        world.add_programs(self.tar)
        self.known: dict[str, dict[str, Any]] = {}

    def make(self, what: str) -> None:
        """Empty the engine, and create containers ("web", "web=paused") and the other objects that the words name."""
        self.empty()
        for name in HOST_FILES:
            Path(self.place(name)).unlink(missing_ok=True)
        Path(self.place("/srv/setup.sh")).write_text("echo set up\ntouch /tmp/set-up\n", encoding="utf-8")
        shutil.copy(self.rootfs_tar, self.place("/srv/web.tar"))
        there = {tag for image in self.client.images() for tag in image["RepoTags"] or []}
        for name, command in IMAGES.items():
            if name not in there:
                self.image(name, command)
        for word in what.split():
            if word in ("backend", "frontend"):
                self.client.create_network(word)
            elif word == "data":
                self.client.create_volume(word)
            elif word == "anonymous":
                self.client.remove_container(self.client.create_container("busybox:1.37", volumes=["/data"]))
            elif word == "untagged":
                self.image(None, "none")
            elif word == "old:1":
                self.image(word, "old")
            elif word == "cache":
                self.build()
            else:
                self.container(*word.split("="))
        self.known = {found["Id"]: self.client.inspect_container(found) for found in self.client.containers(all=True)}

    def container(self, name: str, state: str = "running") -> None:
        options = dict(CONTAINERS.get(name, {}))
        ports = options.pop("ports", {})
        host = self.client.create_host_config(
            port_bindings=ports, binds=options.pop("binds", []), network_mode=options.pop("network", None)
        )
        if state == "talking":
            options["command"] = TALKING
        self.client.create_container("nginx:1.29", name=name, ports=list(ports), host_config=host, **options)
        if state != "created":
            self.client.start(name)
            if "command" not in options:
                self.wait_until(lambda: b"listening" in self.client.logs(name), name + " listens")
        if state == "paused":
            self.client.pause(name)
        elif state == "exited":
            self.client.stop(name)

    def image(self, name: str | None, command: str) -> None:
        """Create an image with this command, and with the same files as the others."""
        repository, tag = name.split(":") if name else (None, None)
        changes = ['CMD ["%s"]' % command]
        self.client.import_image_from_file(str(self.tar), repository=repository, tag=tag, changes=changes)

    def build(self) -> None:
        """Create build cache that no image shares. The image is built without network access."""
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w") as archive:
            for name, text in {"Dockerfile": "FROM scratch\nCOPY data /data\n", "data": "data\n"}.items():
                member = tarfile.TarInfo(name)
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
        answer = self.call("/build", content.getvalue(), version="2", t="built:1", networkmode="none")
        assert "errorDetail" not in answer, answer
        self.client.remove_image("built:1")

    def call(self, path: str, data: Any = None, **query: str) -> str:
        url = "%s/v%s%s" % (self.client.base_url, self.client.api_version, path)
        answer = self.client.request("POST", url, params=query, data=data, timeout=60)
        assert answer.status_code < 300, answer.text
        return str(answer.text)

    def empty(self) -> None:
        for found in self.client.containers(all=True):
            self.client.remove_container(found, force=True, v=True)
        self.client.prune_networks()
        for found in self.client.volumes()["Volumes"] or []:
            self.client.remove_volume(found["Name"])
        for found in self.client.images():
            names = [name for name in found["RepoTags"] or [] if name != "<none>:<none>"]
            for name in set(names or [found["Id"]]) - set(IMAGES):
                self.client.remove_image(name)
        self.call("/build/prune", all="true")

    def place(self, text: str) -> str:
        """``text`` with the paths of a host replaced by paths below the directory."""
        return re.sub("|".join(map(re.escape, HOST_FILES)), lambda found: str(self.directory) + found[0], text)

    def outcome(self) -> dict[str, Any]:
        """The objects on the engine and the files on its host, without what differs each time, such as ids."""
        images = [self.client.inspect_image(found["Id"]) for found in self.client.images()]
        files = [Path(self.place(name)) for name in HOST_FILES]
        return {
            "containers": {
                found["Names"][0]: self.about(self.client.inspect_container(found))
                for found in self.client.containers(all=True)
            },
            "networks": sorted(found["Name"] + " " + found["Driver"] for found in self.client.networks()),
            "volumes": sorted(_nameless(found["Name"]) for found in self.client.volumes()["Volumes"] or []),
            "images": sorted(
                (sorted(found["RepoTags"] or []), found["RootFS"]["Layers"], found["Config"]["Cmd"]) for found in images
            ),
            "cache": len(self.client.df()["BuildCache"] or []),
            "files": {path.name: _content(path) for path in files if path.exists()},
        }

    def about(self, found: dict[str, Any]) -> dict[str, Any]:
        """A container: its state, its configuration, and the changes to its files."""
        before = self.known.get(found["Id"])
        config, host, state = found["Config"], found["HostConfig"], found["State"]
        return {
            "was": before and before["Name"],
            "started since": state["StartedAt"] != (before["State"]["StartedAt"] if before else ""),
            "state": (state["Status"], state["Paused"], state["ExitCode"]),
            **{key: config[key] for key in ("Image", "Cmd", "Env", "Labels", "Tty", "OpenStdin")},
            **{key: host[key] for key in ("Memory", "MemorySwap", "AutoRemove", "NetworkMode")},
            "restart": (host["RestartPolicy"]["Name"] or "no", host["RestartPolicy"]["MaximumRetryCount"]),
            "ports": host["PortBindings"] or {},
            "open": found["NetworkSettings"]["Ports"] or {},
            "mounts": sorted((mount["Destination"], _nameless(mount.get("Name", ""))) for mount in found["Mounts"]),
            "networks": sorted(found["NetworkSettings"]["Networks"]),
            "changes": sorted(change["Path"] for change in self.client.diff(found["Id"]) or []),
            "configured": self.client.logs(found["Id"]).count(b"configuration again"),
        }

    def reaches(self, wanted: dict[str, Any]) -> None:
        """Wait for this outcome: a process in a container may need a moment."""
        limit = time.monotonic() + 30
        while (found := self.outcome()) != wanted and time.monotonic() < limit:
            time.sleep(0.05)
        assert found == wanted

    @staticmethod
    def wait_until(condition: Callable[[], bool], what: str) -> None:
        limit = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < limit, "waited in vain until " + what
            time.sleep(0.02)


def _nameless(name: str) -> str:
    return re.sub("^[0-9a-f]{64}$", "anonymous", name)


def _content(path: Path) -> Any:
    """Members of an archive, without the files that an engine writes for each container; else the file's bytes."""
    data = path.read_bytes()
    if ".tar" not in path.name:
        return data
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {
            member.name: (member.type, member.mode, member.linkname, _digest(archive, member))
            for member in archive
            if member.name not in ("etc/hosts", "etc/hostname")
        }


def _digest(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    file = archive.extractfile(member) if member.isfile() else None
    return hashlib.sha256(file.read()).hexdigest() if file else ""


# Some commands remove everything unused: these tests have a separate engine.
@pytest.fixture(scope="module")
def engine() -> Iterator[private_engine.Engine]:
    version = os.environ.get("ENGINE") or private_engine.INSTALLED
    with private_engine.running(version=version, store=os.environ.get("STORE") or "overlay2") as found:
        yield found


@pytest.fixture(scope="module")
def client(engine: private_engine.Engine) -> Iterator[Any]:
    import docker

    with contextlib.closing(docker.APIClient(base_url=engine.url, version="auto", timeout=60)) as found:
        yield found


@pytest.fixture(scope="module")
def prepared(client: Any, rootfs_tar: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    directory = tmp_path_factory.mktemp("daily")
    (directory / "srv").mkdir()
    found = Prepared(client, directory, rootfs_tar)
    found.make("")
    return found


def run_docker(engine: private_engine.Engine, line: str) -> tuple[str, str]:
    """Run the distribution's docker in a shell, as on the engine's host. Returns stdout and stderr."""
    environment = {"PATH": os.defpath, "DOCKER_HOST": engine.url, "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}
    done = subprocess.run(
        engine.enter(["bash", "-c", line]),
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, line + "\n" + done.stdout + done.stderr
    return done.stdout, done.stderr


def with_files(value: Any) -> Any:
    """The options of a task, with lookups of files replaced by their contents."""
    if isinstance(value, dict):
        return {key: with_files(found) for key, found in value.items()}
    if isinstance(value, str) and (found := re.fullmatch(r"\{\{ lookup\('ansible.builtin.file', '(.*)'\) }}", value)):
        return Path(found[1]).read_text(encoding="utf-8").rstrip()
    return value


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.title)
def test_the_three_are_the_same(
    section: Section, prepared: Prepared, engine: private_engine.Engine, play: Callable[..., Any]
) -> None:
    title = section.title
    if title == "docker top" and engine.version != private_engine.INSTALLED:
        pytest.skip("An engine runs the ps of its host: one that is unpacked for the tests has none.")
    prepared.make(PREPARED.get(title, ""))
    before = prepared.outcome()
    written = run_docker(engine, prepared.place(section.docker))
    if title == "docker kill":
        prepared.wait_until(lambda: prepared.outcome() != before, "the signal has an effect")
    wanted = prepared.outcome()
    assert wanted != before or title in ANSWERS, "this command must have something to do"
    read, told = ANSWERS.get(title, (lambda out, err: None, lambda result: None))
    answer = read(*written)
    changes = title not in LOOKING

    def again() -> None:
        # Commands that change nothing get the same containers: this keeps ids and process ids the same.
        if wanted != before:
            prepared.make(PREPARED.get(title, ""))
        assert prepared.outcome() == before

    (task,) = yaml.safe_load(prepared.place(section.task))
    options = with_files(task["wharf.docker." + section.module] or {})

    def run(check: bool = False) -> dict[str, Any]:
        arguments = {"docker_host": engine.url, **options}
        result = _task.call(_registry.task(section.module), arguments, check_mode=check, diff_mode=True)
        assert not result.get("failed"), result
        return dict(result)

    again()
    foreseen = run(check=True)
    assert prepared.outcome() == before
    result = run()
    assert (foreseen["changed"], foreseen["actions"]) == (result["changed"], result["actions"])
    assert result["changed"] == changes
    prepared.reaches(wanted)
    assert told(result) == answer
    assert run()["changed"] == (title in EACH_TIME)
    if title not in EACH_TIME:
        assert prepared.outcome() == wanted

    if title not in LINES:
        return
    again()
    played = play(shlex.split(prepared.place(section.line)))
    assert played.code == 0 and len(played.results) == 1, played.output
    result = played.results[0]["result"]
    assert bool(result["changed"]) == changes
    prepared.reaches(wanted)
    assert told(result) == answer


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_as_a_play(group: str, prepared: Prepared, playbook: Callable[..., Any]) -> None:
    """The tasks of a group, one after the other, as on the page."""
    found = [section for section in SECTIONS if section.group == group]
    prepared.make(PREPARED_FOR_GROUP.get(group, ""))
    tasks = textwrap.indent(prepared.place("\n".join(section.task for section in found)), "    ")
    played = playbook("- hosts: localhost\n  gather_facts: false\n  tasks:\n" + tasks)
    assert [(entry["task"], bool(entry["result"]["changed"])) for entry in played.results] == [
        (yaml.safe_load(section.task)[0]["name"], section.title not in LOOKING) for section in found
    ]


def test_nothing_is_left_out() -> None:
    """Every code block of the page is in a section, and every section that this file names exists."""
    assert len(BLOCK.findall(TEXT)) == 3 * len(SECTIONS) == TEXT.count("code-block::")
    assert "::\n\n" not in TEXT
    titles = [section.title for section in SECTIONS]
    assert len(titles) == len(set(titles)) == len(re.findall(r"^\^+$", TEXT, re.MULTILINE))
    assert {*PREPARED, *ANSWERS, *EACH_TIME, *LOOKING} <= set(titles)
    assert set(PREPARED_FOR_GROUP) <= set(GROUPS)
    for section in SECTIONS:
        assert section.docker.startswith("docker ") and section.line.startswith("ansible localhost -m "), section.title
