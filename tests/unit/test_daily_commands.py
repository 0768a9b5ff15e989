# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide daily_commands: each command has a task and an ad-hoc line, and both are valid and equivalent."""

from __future__ import annotations

import importlib
import re
import shlex
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.splitter import parse_kv

from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "daily_commands.rst").read_text("utf-8")
BLOCK = re.compile(r"^\.\. code-block:: (\w+)\n\n((?: {4}.*\n|\n)+)", re.MULTILINE)
# The commands that the guide has to contain at least.
DAILY = (
    "run, run -d, run --rm, run -d -it, create, update, start, stop, restart, kill, pause, unpause, wait, rename, rm, "
    "ps, ps -a, inspect, top, diff, port, stats, logs, logs > file, logs -f, "
    "exec, exec -e, exec -w, exec -u, exec -d, exec -i, exec -t, "
    "network create, network rm, volume create, volume rm, export, export | gzip, import, "
    "container prune, image prune, image prune -a, network prune, volume prune, builder prune, system prune, "
    "system prune --volumes"
)


@dataclass
class Entry:
    """A command of the guide: its title, and its three blocks."""

    title: str
    kinds: list[str]
    blocks: list[str]


def entries() -> list[Entry]:
    found = []
    for part in re.finditer(
        r"^(docker [^\n]*)\n\^+\n(.*?)(?=^docker [^\n]*\n\^+\n|\Z)", TEXT, re.MULTILINE | re.DOTALL
    ):
        blocks = BLOCK.findall(part[2])
        found.append(
            Entry(part[1], [kind for kind, _text in blocks], [textwrap.dedent(text).strip() for _kind, text in blocks])
        )
    return found


ENTRIES = entries()


def validated(module: str, options: dict[str, Any]) -> dict[str, Any]:
    task = _registry.task(module)
    result = ArgumentSpecValidator(task.argument_spec(), **task.rules()).validate(options)
    assert not result.error_messages
    return dict(result.validated_parameters)


def test_all_are_there() -> None:
    titles = [entry.title for entry in ENTRIES]
    assert {"docker " + command for command in DAILY.split(", ")} <= set(titles)
    assert len(titles) == len(set(titles)) == len(re.findall(r"^docker .*\n\^+$", TEXT, re.MULTILINE))


def test_the_table_has_all() -> None:
    """Each command with the module and options of its task."""
    rows = re.findall(r"^   \* - `(.*)`_\n     - ``(\w+)``\n     -(.*)$", TEXT, re.MULTILINE)
    assert [title for title, _module, _options in rows] == [entry.title for entry in ENTRIES]
    for (_title, module, options), entry in zip(rows, ENTRIES, strict=True):
        (task,) = yaml.safe_load(entry.blocks[1])
        given = task["wharf.docker." + module] or {}
        for option in re.findall(r"``(.*?)``", options):
            name, colon, value = option.partition(": ")
            assert name in given and (not colon or str(given[name]).lower() == value), entry.title


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.title)
def test_command(entry: Entry) -> None:
    """The command, the task, and the ad-hoc line, in this order; the command matches the title."""
    assert entry.kinds == ["shell", "yaml", "shell"]
    words, flags = shlex.split(entry.blocks[0]), [word for word in entry.title.split() if word.startswith("-")]
    plain = [word for word in re.split(" [|>] ", entry.title)[0].split() if not word.startswith("-")]
    assert words[: len(plain)] == plain and set(flags) <= set(words)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.title)
def test_the_task_and_the_line_are_the_same(entry: Entry) -> None:
    (task,) = yaml.safe_load(entry.blocks[1])
    (action,) = set(task) - {"name"}
    module = action.rpartition(".")[2]
    line = shlex.split(entry.blocks[2])
    assert line[:4] == ["ansible", "localhost", "-m", action]
    assert line[4:] == [] or (line[4] == "-a" and len(line) == 6)
    short = validated(module, parse_kv(line[5]) if len(line) == 6 else {})
    if isinstance(short.get("changes"), str):
        short["changes"] = [short["changes"]]
    long = validated(module, dict(task[action] or {}))
    assert {option: _text(value) for option, value in short.items()} == {
        option: _text(value) for option, value in long.items()
    }


def _text(value: Any) -> Any:
    """On the command line, values that the option table does not convert remain text."""
    if isinstance(value, dict):
        return {key: _text(found) for key, found in value.items()}
    return [_text(found) for found in value] if isinstance(value, list) else str(value).lower()


def test_what_docker_login_stores_is_used() -> None:
    """The page agrees with the module's documentation and tests/engine/test_container_run_auth.py."""
    module = importlib.import_module("ansible_collections.wharf.docker.plugins.modules.container_run")
    [said] = [
        " ".join(item.split())
        for item in re.findall(r"^\* (.*?)(?=^\* |\Z)", TEXT, re.M | re.S)
        if "docker login" in item
    ]
    assert "The credentials that C(docker login) stores on the managed host are used" in " ".join(
        module.DOCUMENTATION.split()
    )
    assert "``container_run`` uses what it stores" in said
