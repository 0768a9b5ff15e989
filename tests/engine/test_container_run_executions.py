# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of the option table in both executions: each change is predicted and done, and both report the same.

Containers are created and not started, so that the containers of many rows can exist at the same time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import sampled
import yaml
from container_run_rows import ROWS, Row
from test_container_run_options import filled, identify

pytestmark = pytest.mark.one_engine("both executions ask the same engine the same")

EXECUTIONS = ("module", "direct")
PARTS = 6
# The keys of results that are compared.
TOLD = ("changed", "failed", "actions", "diff", "msg")


def tasks_of(row: Row, run: Callable[..., Any], image: str, name: str) -> list[dict[str, Any]]:
    """The tasks to run in both executions; the container with the first value exists already."""
    base = {"name": name, "image": image, "state": "present", "command": ["sleep", "1000"], **filled(row.also, name)}
    if "-other" in repr((row.first, row.second)):
        shared = {"ipc_mode": "shareable"} if row.option == "ipc_mode" else {}
        run("container_run", name=name + "-other", image=image, command=["sleep", "1000"], stop_signal="KILL", **shared)
    specs = [{**base, row.option: filled(value, name)} for value in (row.first, row.second) if value is not None]
    made = run("container_run", expect="any", warnings=row.warns, **specs[0])
    if made.get("failed"):
        specs = specs[:1]  # Declined here, and therefore in both executions.
    return [
        {
            "name": "%s %s" % (identify(row), "foreseen" if check else "done"),
            "wharf.docker.container_run": specs[-1],
            "check_mode": check,
        }
        for check in (True, False)
    ]


def told(entry: dict[str, Any], name: str) -> dict[str, Any]:
    found = json.dumps({key: entry["result"].get(key) for key in TOLD}).replace(name, "NAME")
    return dict(json.loads(re.sub("[0-9a-f]{64}", "ID", found)))


@pytest.mark.parametrize("part", sampled.some(range(PARTS), sample=1))
def test_rows_through_both_executions(
    part: int, run: Callable[..., Any], play: Callable[..., Any], image: str, name: str, tmp_path: Any, tell: Any
) -> None:
    rows = ROWS[part::PARTS]
    seen: dict[str, list[dict[str, Any]]] = {}
    for execution in EXECUTIONS:
        prefix = "%s-%s" % (name, execution[0])
        names = ["%s%03d" % (prefix, number) for number in range(len(rows))]
        tasks = [task for row, one in zip(rows, names, strict=True) for task in tasks_of(row, run, image, one)]
        book = tmp_path / (execution + ".yml")
        play_of = {"hosts": "localhost", "gather_facts": False, "ignore_errors": True, "tasks": tasks}
        book.write_text(yaml.safe_dump([play_of], width=300), encoding="utf-8")
        argv = ["ansible-playbook", "-i", "localhost,", "-c", "local", "--diff", str(book)]
        played = play(argv, WHARF_DOCKER_EXECUTION=execution)
        assert len(played.results) == 2 * len(rows), played.output[-3000:]
        seen[execution] = [{"task": entry["task"], **told(entry, prefix)} for entry in played.results]
        for foreseen, done in zip(seen[execution][::2], seen[execution][1::2], strict=True):
            if not done["msg"]:
                assert {**foreseen, "task": ""} == {**done, "task": ""}
        for task in tasks[1::2]:
            again = run("container_run", expect="any", warnings=True, **task["wharf.docker.container_run"])
            assert again["changed"] is False
    assert seen["module"] == seen["direct"]
    tell("Rows of container_run through both executions", len(rows), "rows")
    tell("of which are declined here", sum(bool(entry["msg"]) for entry in seen["direct"][1::2]), "rows")
