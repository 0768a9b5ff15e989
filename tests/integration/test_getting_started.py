# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""README.md and the page "Getting started", followed word for word with a new home directory.

A file that a page shows is saved under the name that the page gives it, each command is run, and the output that the
page shows has to be in the real output, in this order. The collection comes from a Galaxy on this host, which has the
built artefact, or from a checkout. Only the image is a substitute: a web server of the same name that, like the real
one, needs a directory it can write to.
"""

from __future__ import annotations

import hashlib
import http.server
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import textwrap
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONNECTIONS = (ROOT / "docs/docsite/rst/connections.rst").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs/docsite/rst/getting_started.rst").read_text(encoding="utf-8")
VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
ARTEFACT = "wharf-docker-%s.tar.gz" % VERSION
PROGRAMS = Path(sys.executable).parent

# The command that installs from Galaxy, and its replacement for a checkout.
FROM_GALAXY = "ansible-galaxy collection install wharf.docker"
FROM_CHECKOUT = "ansible-galaxy collection install ."
# Other tests run these commands of the README.
ELSEWHERE = {"make demo": "tests/integration/test_lifecycle.py", "make test": "it runs this file"}
# Files that no command of the README reads.
UNREAD = {"execution-environment.yml": "needs a container engine of its own to build an image"}
MEANT_TO_FAIL = "This command is meant to fail."

NGINX = """#!/bin/sh
test "$1" = -s && exec kill -HUP 1
if ! mkdir -p /var/cache/nginx/client_temp 2>/dev/null; then
    echo 'nginx: [emerg] mkdir() "/var/cache/nginx/client_temp" failed (30: Read-only file system)' >&2
    exit 1
fi
trap 'exit 0' INT TERM
trap 'echo reading the configuration again' HUP
httpd -p 80 -h /var/www
while :; do sleep 1000 & wait $!; done
"""


@dataclass
class Step:
    """One step of a page: a ``file`` to save, a ``command`` to run, or ``output`` of the command before."""

    kind: str
    text: str
    name: str = ""
    fails: bool = False


def steps_of_readme() -> Iterator[Step]:
    """The fenced blocks. The name of a file is the last name in backticks before it."""
    at = 0
    for found in re.finditer(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL):
        if found[1] == "yaml":
            names = re.findall(r"`([\w-]+\.yml)`", README[at : found.start()])
            assert names, "no name for the file:\n" + found[2]
            yield Step("file", found[2], name=names[-1])
        else:
            assert found[1] == "shell", found[1]
            yield from (Step("command", line) for line in found[2].splitlines())
        at = found.end()


def steps_of_guide(page: str) -> Iterator[Step]:
    """The code blocks. The name of a file is its caption."""
    block = r"^\.\. code-block:: (\w+)\n((?:    :.*\n)*)\n((?:    .*\n|\n)+)(?:\.\. (%s))?" % re.escape(MEANT_TO_FAIL)
    for kind, options, body, fails in re.findall(block, page, re.MULTILINE):
        text = textwrap.dedent(body).strip("\n") + "\n"
        if kind == "yaml":
            yield Step("file", text, name=re.findall(r":caption: (\S+)", options)[0])
        elif kind == "shell":
            yield from (Step("command", line, fails=bool(fails)) for line in text.splitlines())
        else:
            assert kind in ("text", "diff"), kind
            yield Step("output", text)


PAGES = {"README.md": list(steps_of_readme()), "getting_started.rst": list(steps_of_guide(GUIDE))}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository without the files that the tools have created in it."""
    directory = tmp_path_factory.mktemp("checkout") / "wharf.docker"
    return Path(shutil.copytree(ROOT, directory, ignore=shutil.ignore_patterns(".*", "__pycache__", "output")))


@pytest.fixture(scope="module")
def galaxy(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Galaxy server with this collection only, built from the checkout."""
    directory = tmp_path_factory.mktemp("galaxy")
    argv = [str(PROGRAMS / "ansible-galaxy"), "collection", "build", "--output-path", str(directory), str(checkout)]
    subprocess.run(argv, env={"HOME": str(directory), "LC_ALL": "C.UTF-8"}, capture_output=True, check=True)
    artefact = (directory / ARTEFACT).read_bytes()

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = "http://%s:%d" % self.server.server_address[:2]  # type: ignore[str-bytes-safe]
            versions = "/api/v3/collections/wharf/docker/versions/"
            one = {
                "version": VERSION,
                "href": versions + VERSION + "/",
                "namespace": {"name": "wharf"},
                "collection": {"name": "docker"},
                "download_url": "%s/download/%s" % (host, ARTEFACT),
                "artifact": {"filename": ARTEFACT, "sha256": hashlib.sha256(artefact).hexdigest()},
                "metadata": {"dependencies": {}},
                "signatures": [],
                "requires_ansible": None,
            }
            documents: dict[str, Any] = {
                "/api/": {"available_versions": {"v3": "v3/"}},
                "/api/v3/collections/wharf/docker/": {**one, "name": "docker", "highest_version": one},
                versions: {"data": [one], "meta": {"count": 1}, "links": {"next": None}},
                versions + VERSION + "/": one,
            }
            path = self.path.partition("?")[0]
            body = artefact if path.startswith("/download/") else json.dumps(documents.get(path, {})).encode()
            self.send_response(200 if path in documents or body is artefact else 404)
            self.send_header("Content-Type", "application/gzip" if body is artefact else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield "http://127.0.0.1:%d/api/" % server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def nginx(client: Any, rootfs_tar: Path, tmp_path: Path) -> None:
    """An image with the name that the pages use."""
    path = Path(shutil.copy(rootfs_tar, tmp_path / "nginx.tar"))
    with tarfile.open(path, "a") as archive:
        cache = tarfile.TarInfo("var/cache/nginx")
        cache.type, cache.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(cache)
        program = tarfile.TarInfo("bin/nginx")
        program.mode, program.size = 0o755, len(NGINX)
        archive.addfile(program, io.BytesIO(NGINX.encode()))
    client.import_image_from_file(str(path), repository="nginx", tag="1.29", changes=['CMD ["nginx"]'])


@pytest.fixture
def terminal(engine: Any, galaxy: str, tmp_path: Path) -> Callable[[str, Path], tuple[int, str]]:
    """``terminal(command, directory)`` → exit code and output, with a home directory that was empty at first.

    Commands for Galaxy run in this host's network, others in the engine's network. No package index is reachable.
    """
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        "ANSIBLE_GALAXY_SERVER": galaxy,
        "DOCKER_HOST": engine.url,
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PATH": "%s:/usr/sbin:/usr/bin:/sbin:/bin" % PROGRAMS,
        "PIP_NO_INDEX": "1",
    }

    def run(command: str, directory: Path) -> tuple[int, str]:
        argv = ["sh", "-c", command]
        done = subprocess.run(
            argv if command.startswith("ansible-galaxy ") else engine.enter(argv),
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return done.returncode, done.stdout.decode()

    return run


def plain(text: str) -> str:
    """Output without the stars after a heading, line breaks, and the escapes of JSON."""
    return " ".join(re.sub(r"\*{3,}", "", text.replace("\\n", "\n").replace('\\"', '"')).split())


def missing(shown: str, output: str) -> list[str]:
    """The lines of a page that are missing in the output, or not in the same order."""
    found, at, everything = [], 0, plain(output)
    for line in [plain(line) for line in shown.splitlines() if line.strip() != "..."]:
        place = everything.find(line, at)
        if place < 0:
            found.append(line)
        at = max(at, place + len(line))
    return found


# A sample has each page, and each source.
@pytest.mark.parametrize(
    ("page", "source"),
    [
        pytest.param(
            page, source, marks=() if (page == "README.md") == (source == "galaxy") else pytest.mark.exhaustive
        )
        for page in PAGES
        for source in ("galaxy", "checkout")
    ],
)
def test_the_page(
    page: str,
    source: str,
    nginx: None,
    client: Any,
    checkout: Path,
    terminal: Callable[[str, Path], tuple[int, str]],
    tmp_path: Path,
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    output = ""
    for step in PAGES[page]:
        if step.kind == "file":
            (here / step.name).write_text(step.text, encoding="utf-8")
        elif step.kind == "output":
            assert missing(step.text, output) == [], output
        elif step.text not in ELSEWHERE:
            place, command = here, step.text
            if source == "checkout" and command == FROM_GALAXY:
                place, command = checkout, FROM_CHECKOUT
            code, output = terminal(command, place)
            assert (code != 0) == step.fails, "%s\n%s" % (command, output)
    assert client.containers(all=True) == []


def test_every_step_is_followed() -> None:
    """Each page installs the collection and uses it; each block is recognised, and each file is used by a command."""
    for page, steps in PAGES.items():
        commands = [step.text for step in steps if step.kind == "command"]
        assert FROM_GALAXY in commands and len(commands) > 8, page
        for step in steps:
            if step.kind == "file" and step.name not in UNREAD:
                assert any(step.name in command.split() for command in commands), step.name
    assert len(PAGES["getting_started.rst"]) == GUIDE.count(".. code-block::")
    assert {step.text for step in PAGES["README.md"]} >= {*ELSEWHERE}
    assert len(re.findall(r"^```\w", README, re.MULTILINE)) * 2 == README.count("```")


def test_an_execution_environment_takes_the_collection_that_is_installed() -> None:
    """ansible-builder would install the same as the requirements file."""
    files = {step.name: yaml.safe_load(step.text) for step in PAGES["README.md"] if step.kind == "file"}
    assert files["execution-environment.yml"]["dependencies"]["galaxy"] == files["requirements.yml"]


def test_another_engine(engine: Any, playbook: Callable[..., Any]) -> None:
    """The play of the page on connections, with the address of this engine."""
    [step] = steps_of_guide(CONNECTIONS)
    assert "docker_host: ssh://admin@host.example.com\n" in step.text
    played = playbook(step.text.replace("ssh://admin@host.example.com", engine.url))
    assert played.result("List what runs there")["containers"] == []
