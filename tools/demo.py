# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo: run playbooks/lifecycle.yml on the local engine, or on a private, throw-away one if there is none.

It prints a row for each task as it runs, in lines of at most 80 columns, and a table of all rows at the end; with V=1
in the environment, Ansible's own output and the table. Nothing else on a local engine is touched: the playbook changes
only objects with the demo's own label and names.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / ".cache" / "collections")]

import private_engine  # noqa: E402  (found through the line above)
import rootfs  # noqa: E402

from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure  # noqa: E402

# All names of the demo, by kind. The playbook reads the same file.
NAMES: dict[str, dict[str, str]] = yaml.safe_load(
    (ROOT / "playbooks" / "vars" / "lifecycle_names.yml").read_text(encoding="utf-8")
)["names"]
LABEL, VALUE = "wharf.demo", "true"
# The collection gives an image such a name while it imports the archive; only a run that is killed leaves it behind.
UNFINISHED = "wharf-import-"


WIDTH = 80
# Where the second column of the output begins: the docker command, and below it the reason of the operation.
SECOND = 28
HEAD = ("check", "done", "again")
TABLE = "%-30s%-19s"
COLOURS = {"heading": "1;36", "bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
COLOUR_OF = {"change": "yellow", "changed": "yellow", "unchanged": "green", "failed": "red"}
# If the output is not a terminal: after how many seconds a slow step is reported, and how often at most in a demo.
REMINDERS = (10, 60, 300)
MOST_REMINDERS = 4


class Screen:
    """What the demo prints: lines of at most 80 columns and, on a terminal, a last line with the current step."""

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self.coloured = self._terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._lock = threading.Lock()
        self._step, self._since, self._reminders = "", 0.0, 0
        threading.Thread(target=self._remind, daemon=True).start()

    def line(self, *parts: str | tuple[str, str]) -> None:
        """Print a line of parts, each a text or a text and its colour. What does not fit is cut off."""
        room, line = WIDTH, ""
        for number, part in enumerate(parts, 1):
            text, colour = (part, "") if isinstance(part, str) else part
            text = cut(text if number < len(parts) else text.rstrip(), room)
            room -= len(text)
            line += "\033[%sm%s\033[0m" % (COLOURS[colour], text) if text and colour and self.coloured else text
        line = line.rstrip()
        with self._lock:
            self._clear()
            print(line, flush=True)

    def text(self, text: str) -> None:
        """Print a text, broken into lines between words."""
        for paragraph in text.splitlines():
            for line in textwrap.wrap(paragraph, WIDTH, break_on_hyphens=False):
                self.line(line)

    def heading(self, text: str) -> None:
        self.line((("-- %s " % text).ljust(WIDTH, "-"), "heading"))

    @contextlib.contextmanager
    def during(self, step: str) -> Iterator[None]:
        self.step(step)
        try:
            yield
        finally:
            self.step("")

    def step(self, step: str) -> None:
        """Set the current step; "" for none."""
        with self._lock:
            self._clear()
            self._step, self._since = step, time.monotonic()

    def _remind(self) -> None:
        told = 0
        while True:
            time.sleep(0.2)
            with self._lock:
                seconds = time.monotonic() - self._since
                if not self._step or seconds < 1:
                    told = 0
                elif self._terminal:
                    text = cut("  %s, %d s" % (self._step, seconds), WIDTH - 1)
                    print("\r\033[K\033[2m%s\033[0m" % text if self.coloured else "\r\033[K" + text, end="", flush=True)
                elif told < len(REMINDERS) and seconds > REMINDERS[told] and self._reminders < MOST_REMINDERS:
                    print(cut("  (%s: %d s so far)" % (self._step, seconds), WIDTH), flush=True)
                    told += 1
                    self._reminders += 1

    def _clear(self) -> None:
        if self._terminal:
            print("\r\033[K", end="", flush=True)


def cut(text: str, room: int) -> str:
    """``text`` without control characters, in at most ``room`` columns."""
    text = re.sub(r"[\x00-\x1f\x7f-\x9f]", "?", text)
    return text if len(text) <= room else text[: max(room - 1, 0)] + "\u2026"[:room]


class Story:
    """The rows of the playbook, printed one after another, and at the end together in a table."""

    def __init__(self, screen: Screen, quiet: bool) -> None:
        self.screen, self.quiet = screen, quiet
        self.rows: list[dict[str, Any]] = []
        self.failure = ""
        self._since = time.monotonic()

    def take(self, event: dict[str, Any]) -> None:
        """Handle an event of the callback demo_events."""
        if "row" in event:
            self.rows.append(event["row"])
            if not self.quiet:
                self._tell(event["row"])
        elif "failed" in event:
            self.failure = "%s: %s" % (event["failed"], event["message"])
        elif not self.quiet:
            self.screen.step(event["task"])

    def begin(self) -> None:
        self.screen.line()
        self.screen.text(
            "The life of a container. Each operation is tried in check mode, done, and done again: "
            "so the second time changes nothing. On the right is the docker command that does the same, "
            "and below it why something is done."
        )
        self.screen.line((" %-7s%-10s%-10s" % HEAD, "dim"))

    def _tell(self, row: dict[str, Any]) -> None:
        if row.get("chapter"):
            self.screen.heading(row["chapter"])
        self.screen.line((cut(row["title"], SECOND - 1).ljust(SECOND), "bold"), (row["docker"], "dim"))
        before: list[str | tuple[str, str]] = [" ", *statuses(row, 7, 10, 10)]
        for why in row["why"] or ["as it is already"]:
            for line in textwrap.wrap(why, WIDTH - SECOND, subsequent_indent="  ", break_on_hyphens=False, max_lines=2):
                self.screen.line(*before, line)
                before = [" " * SECOND]

    def table(self) -> None:
        """All rows together."""
        self.screen.heading("What was done")
        self.screen.line((TABLE % ("what", "task") + "%-9s%-11s%-9s" % HEAD, "dim"))
        for row in self.rows:
            self.screen.line(TABLE % (cut(row["title"], 28), row["module"]), *statuses(row, 9, 11, 9))
        self.screen.line()
        self.screen.line(
            "%d operations in %d seconds. " % (len(self.rows), time.monotonic() - self._since),
            "" if self.quiet else "make demo V=1 shows what Ansible says of them.",
        )


def statuses(row: dict[str, Any], *widths: int) -> list[tuple[str, str]]:
    """The outcomes in check mode, for real, and of the second run: parts of a line, each in its colour."""
    cells = zip((row[key] for key in HEAD), widths, strict=True)
    return [(value.ljust(width), COLOUR_OF.get(value, "dim")) for value, width in cells]


def find_engine(screen: Screen) -> str | None:
    """The address of a reachable local engine, from DOCKER_HOST, the docker context or the default socket."""
    options = {name: spec.get("default") for name, spec in _engine.CONNECTION_OPTIONS.items()}
    options["docker_host"] = os.environ.get("DOCKER_HOST") or None
    try:
        engine = _engine.connect(options)
    except Failure as failure:
        screen.text("No engine was found. %s" % failure.message)
        return None
    if not engine.url.startswith("unix://"):
        screen.text(
            "The engine at %s is not on this host, where the demo serves its page: it is left alone." % engine.url
        )
        return None
    refuse_foreign(engine)
    return engine.url


def refuse_foreign(engine: _engine.Engine) -> None:
    """Exit if something on the engine has one of the demo's names but not its label."""
    paths = {"containers": "/containers/%s/json", "networks": "/networks/%s", "volumes": "/volumes/%s"}
    foreign = []
    for kind, names in NAMES.items():
        for name in names.values():
            path = paths.get(kind, "/images/%s/json") % name
            found = engine.find(path, tried="look for what has a name of the demo")
            if found is not None and not bears_label(found.get("Config", found)):
                foreign.append("the %s %s" % (kind[:-1], name))
    if foreign:
        message = (
            "The engine has something of the demo's name without its label, %s=%s: %s. The demo leaves it alone, and "
            "ends. Rename or remove it." % (LABEL, VALUE, ", ".join(foreign))
        )
        sys.exit(textwrap.fill(message, WIDTH, break_on_hyphens=False))


def bears_label(document: dict[str, Any]) -> bool:
    return (document.get("Labels") or {}).get(LABEL) == VALUE


def own(engine: _engine.Engine) -> list[tuple[str, str]]:
    """The demo's objects on the engine, in the order in which they can be removed: description and path of each."""
    found = []
    for kind, path in (
        ("container", "/containers/json"),
        ("network", "/networks"),
        ("volume", "/volumes"),
        ("image", "/images/json"),
    ):
        query = {"all": True if kind == "container" else None, "filters": {"label": ["%s=%s" % (LABEL, VALUE)]}}
        answer = engine.get(path, tried="look for what is left of the demo", query=query)
        for document in (answer["Volumes"] or []) if kind == "volume" else answer:
            ids = own_names(document) if kind == "image" else [document["Name" if kind == "volume" else "Id"]]
            found += [("%s %s" % (kind, name), "/%ss/%s" % (kind, name)) for name in ids]
    return found


def own_names(image: dict[str, Any]) -> list[str]:
    """The demo's names of an image, or its id if it has no names at all. Names that a user added stay."""
    names = [name for name in image.get("RepoTags") or [] if not name.endswith("<none>")]
    ours = ["%s:latest" % name for name in NAMES["images"].values()]
    return [name for name in names if name in ours or name.startswith(UNFINISHED)] if names else [image["Id"]]


def play(screen: Screen, story: Story, url: str, prefix: list[str]) -> int:
    """Run the playbook against the engine at ``url``, and print its rows. Returns an exit code."""
    verbose = story.quiet
    with tempfile.TemporaryDirectory(prefix="wharf-demo-") as directory:
        archive, output = os.path.join(directory, "rootfs.tar"), os.path.join(directory, "output.txt")
        rootfs.write(archive)
        reading, writing = os.pipe()
        environment = {
            **os.environ,
            "DOCKER_HOST": url,
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
            "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tools" / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "demo_events",
            "ANSIBLE_STDOUT_CALLBACK": "default",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            # Ansible warns of task arguments from a variable if the facts of a host could replace that variable.
            "ANSIBLE_INJECT_FACT_VARS": "false",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
            "ANSIBLE_CHECK_MODE_MARKERS": "true",
            "ANSIBLE_FORCE_COLOR" if screen.coloured else "ANSIBLE_NOCOLOR": "1",
            "WHARF_DEMO_EVENTS": str(writing),
        }
        argv = [
            *prefix,
            os.path.join(os.path.dirname(sys.executable), "ansible-playbook"),
            "-i",
            "localhost,",
            str(ROOT / "playbooks" / "lifecycle.yml"),
            "-e",
            "lifecycle_archive=%s" % archive,
        ]
        try:
            if not verbose:
                story.begin()
                screen.step("Starting Ansible")
            with open(output, "wb") as log:
                ansible = subprocess.Popen(
                    argv,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=None if verbose else log,
                    stderr=None if verbose else log,
                    pass_fds=[writing],
                )
            code = follow(ansible, reading, story)
            screen.step("")
            if code != 0 and not verbose:
                screen.line()
                screen.text("The demo has failed. %s" % (story.failure or "Ansible's last lines:"))
                for line in [] if story.failure else private_engine.tail(Path(output), 15).splitlines():
                    screen.text(line)
                screen.text("Run make demo V=1 to see all that Ansible says.")
        finally:
            os.close(reading)
            os.close(writing)
            # Also after a failure and Ctrl-C.
            screen.line()
            with screen.during("Removing what the demo has made"):
                clean = sweep(screen, url)
    return code or (0 if clean else 1)


def follow(ansible: subprocess.Popen[bytes], reading: int, story: Story) -> int:
    """Handle the events from the pipe until Ansible has ended. Returns its exit code."""
    rest = b""
    try:
        while True:
            ended = ansible.poll() is not None
            while select.select([reading], [], [], 0 if ended else 0.2)[0]:
                *lines, rest = (rest + os.read(reading, 65536)).split(b"\n")
                for line in lines:
                    story.take(json.loads(line))
            if ended:
                return ansible.returncode
    finally:
        if ansible.poll() is None:
            ansible.terminate()
            ansible.wait()


def sweep(screen: Screen, url: str) -> bool:
    """Remove the images, which the playbook leaves, and whatever it could not remove. Report what is still left."""
    options = {name: spec.get("default") for name, spec in _engine.CONNECTION_OPTIONS.items()}
    try:
        engine = _engine.connect({**options, "docker_host": url})
        for what, path in own(engine):
            query = {"force": True, "v": True if what.startswith("container ") else None}
            try:
                engine.delete(path, tried="remove the demo's %s" % what, query=query, accept=(404,))
            except Failure as failure:
                screen.text(failure.message)
        left = [what for what, _path in own(engine)]
    except Failure as failure:
        screen.text("What is left of the demo is unknown. %s" % failure.message)
        return False
    screen.text(
        "What is left of the demo on this engine: %s."
        % (", ".join(left) + "; remove it by hand" if left else "nothing")
    )
    return not left


def main() -> int:
    screen = Screen()
    story = Story(screen, quiet=bool(os.environ.get("V")))
    url = find_engine(screen)
    if url is not None:
        screen.text("Found an engine at %s." % url)
        screen.text("The demo touches only what bears its own label, %s." % LABEL)
        subprocess.run([str(ROOT / "tools" / "setup.sh"), "busybox"], check=True)
        code = play(screen, story, url, [])
    else:
        screen.text("Starting a private, throw-away engine. It is gone when the demo ends.")
        subprocess.run([str(ROOT / "tools" / "setup.sh"), "demo-engine"], check=True)
        with tempfile.TemporaryDirectory(prefix="wharf-engine-") as directory:
            screen.step("Starting the engine")
            with private_engine.running(directory) as engine:
                screen.step("")
                code = play(screen, story, engine.url, engine.enter([]))
                screen.step("Removing the engine")
        screen.step("")
    if code == 0:
        story.table()
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
