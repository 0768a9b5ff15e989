# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runs whose terminals the documentation shows: a check with its diff, and a replacement that fails.

Each is a run of ansible-playbook on a private engine. The images are made of busybox: the first two work, the third
one exits like a program that can't reach its database.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COLLECTIONS = ROOT / ".cache" / "collections"
sys.path[:0] = [str(ROOT / "tools"), str(COLLECTIONS)]

import pictures_terminal as terminal  # noqa: E402  (found through the line above)
import private_engine  # noqa: E402
import rootfs  # noqa: E402

from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry  # noqa: E402

COLUMNS = 64  # Not more: on a phone a picture is some 360 pixels wide.
SLEEP = 'CMD ["sleep", "100000"]'
FAIL = 'CMD ["sh", "-c", "echo no database at db:5432 >&2; exit 1"]'
IMAGES = {"1": SLEEP, "2": SLEEP, "3": FAIL}
PLAYBOOK = """---
- name: The web server
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Run web
      wharf.docker.container_run:
        name: web
        image: shop/web:{version}
        env:
          WORKERS: "{workers}"
        memory: {memory}
        stop_signal: SIGKILL
      register: web

    - name: Show the actions
      ansible.builtin.debug:
        var: web.actions
"""
FIRST = {"version": "1", "workers": "4", "memory": "64m"}
NEXT = {"version": "2", "workers": "8", "memory": "128m"}
BROKEN = {**FIRST, "version": "3"}


DEMO_COLUMNS, DEMO_LINES = 80, 44


class RunError(Exception):
    """A run did not go as the picture is to show it."""


ERRORS = (RunError, private_engine.EngineError)


class Shell:
    """A directory with a playbook, and an engine with the images."""

    def __init__(self, directory: Path, engine: private_engine.Engine) -> None:
        self.directory = directory
        self.engine = engine
        self.environment = {
            "PATH": "%s:%s" % (Path(sys.executable).parent, os.environ["PATH"]),
            "HOME": str(directory),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "DOCKER_HOST": engine.url,
            "DOCKER_CONFIG": str(directory),
            "ANSIBLE_HOME": str(directory / "home"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        }
        # Only these columns, so that a line of docker ps fits.
        short = {"psFormat": "table {{.Names}}\t{{.Image}}\t{{.Status}}"}
        (directory / "config.json").write_text(json.dumps(short), encoding="utf-8")

    def import_images(self) -> None:
        source = self.directory / "rootfs.tar"
        rootfs.write(str(source))
        for tag, command in IMAGES.items():
            given = {"src": str(source), "repository": "shop/web", "tag": tag}
            changes = [command, "LABEL version=%s" % tag]
            result = _task.call(
                _registry.task("container_import"), {"docker_host": self.engine.url, "changes": changes, **given}
            )
            if result.get("failed"):
                raise RunError(result["msg"])

    def write(self, values: dict[str, str]) -> None:
        (self.directory / "web.yml").write_text(PLAYBOOK.format(**values), encoding="utf-8")

    def run(self, command: str, succeeds: bool = True) -> str:
        """The output of a command."""
        program, *arguments = command.split()
        path = shutil.which(program, path=self.environment["PATH"])
        if path is None:
            raise RunError("There is no command %s here." % program)
        code, words = terminal.output([path, *arguments], COLUMNS, self.directory, self.environment)
        if (code == 0) != succeeds:
            raise RunError("%s ended with %d:\n%s" % (command, code, words))
        return terminal.normalised(words, self.directory, COLUMNS)


@contextlib.contextmanager
def shell() -> Iterator[Shell]:
    with private_engine.running() as engine, tempfile.TemporaryDirectory(prefix="wharf-pictures-") as directory:
        found = Shell(Path(directory), engine)
        found.import_images()
        yield found


def check_diff(here: Shell) -> str:
    here.write(FIRST)
    here.run("ansible-playbook web.yml")
    here.write(NEXT)
    command = "ansible-playbook web.yml --check --diff"
    words = terminal.prompt(command) + "\n" + terminal.between(here.run(command), "PLAY", "PLAY RECAP")
    return terminal.picture(
        words,
        "What a change would do, in check mode",
        "ansible-playbook with --check and --diff shows the options that differ, and that web would be recreated.",
        COLUMNS,
    )


def came_back(here: Shell) -> str:
    here.write(FIRST)
    here.run("ansible-playbook web.yml")
    here.write(BROKEN)
    command = "ansible-playbook web.yml"
    words = terminal.prompt(command) + "\n"
    words += terminal.between(here.run(command, succeeds=False), "PLAY", "Origin") + "\n"
    words += terminal.prompt("docker ps") + here.run("docker ps")
    return terminal.picture(
        words,
        "A replacement that fails, and the old container is back",
        "The task fails with the last lines that the new container wrote. The old container web is running again.",
        COLUMNS,
    )


def demo() -> str:
    """The last screen of the demo, always on a private engine, even if there is a local one."""
    environment = {**os.environ, "DOCKER_HOST": "unix:///nonexistent", "TERM": "xterm-256color"}
    code, words = terminal.output(["make", "--no-print-directory", "demo"], DEMO_COLUMNS, ROOT, environment)
    if code:
        raise RunError("make demo ended with %d:\n%s" % (code, words))
    words = terminal.last_part(terminal.normalised(words, columns=DEMO_COLUMNS), DEMO_LINES)
    return terminal.picture(
        "%s\x1b[90m[...]\x1b[0m\n%s" % (terminal.prompt("make demo"), words),
        "The end of the demo",
        "The last lines that make demo writes: what it did, and that nothing of it is left on the engine.",
        DEMO_COLUMNS,
    )


def pictures(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The named pictures: "check_diff", "came_back" and "demo"."""
    runs = {"check_diff": check_diff, "came_back": came_back}
    if set(names) & set(runs):
        with shell() as here:
            yield from [(name, runs[name](here)) for name in names if name in runs]
    if "demo" in names:
        yield "demo", demo()
