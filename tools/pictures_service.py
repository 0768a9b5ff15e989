# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order in which the role service works: its checks, and then its steps.

The order is taken from the role's own task files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pictures_svg as svg
import yaml

ROOT = Path(__file__).resolve().parents[1]
TASKS = ROOT / "roles" / "service" / "tasks"
# What identifies a part of the picture in the role: a module, with "in check mode" or the state of container_state.
REFUSE, CHECK = "ansible.builtin.assert", "wharf.docker.container_run in check mode"
STEPS = (
    "wharf.docker.network",
    "wharf.docker.volume",
    "wharf.docker.container_run",
    "wharf.docker.container_state healthy",
    "wharf.docker.container_logs",  # of containers that have ended
    "wharf.docker.container_state absent",
)
FILES = ("ansible.builtin.include_tasks", "ansible.builtin.import_tasks")


class UnknownError(Exception):
    """The order in the role differs from the picture."""


def order() -> list[str]:
    """The steps of the role for a service with service_state "present", in their order, each once."""
    return [key for key in dict.fromkeys(keys(*files("main.yml"))) if key in (REFUSE, CHECK, *STEPS)]


def files(name: str, *around: str) -> Iterator[dict[str, Any]]:
    """The tasks of a file of the role; an include is followed by the tasks of the included file."""
    if name not in around:
        for task in parts_of(yaml.safe_load((TASKS / name).read_text(encoding="utf-8"))):
            yield task
            for included in [task[word] for word in FILES if word in task]:
                yield from files(included.replace("{{ service_state }}", "present"), name, *around)


def parts_of(tasks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Single tasks: a block is replaced by its tasks."""
    for task in tasks:
        yield from parts_of(task["block"] + task.get("always", [])) if "block" in task else [task]


def keys(*tasks: dict[str, Any]) -> Iterator[str]:
    for task in tasks:
        for module, options in task.items():
            if task.get("check_mode") is True:
                yield module + " in check mode"
            elif module == "wharf.docker.container_state":
                yield "%s %s" % (module, options["state"])
            else:
                yield module


def check() -> None:
    found = order()
    if {REFUSE, CHECK} != set(found[:2]) or tuple(found[2:]) != STEPS:
        raise UnknownError("The role does %s, and the picture shows checks and %s." % (found, list(STEPS)))


# The service in the picture: its containers, and whether each has a health check.
CONTAINERS = {"shop-db": True, "shop-api": True, "shop-web": False}
LEFT, WIDE, NOTES, GAP = 16, 332, 366, 26


def picture() -> str:
    """The picture, as SVG."""
    check()
    middle = LEFT + WIDE / 2
    parts = [svg.text(16, 34, "How the role service runs an application", "large strong")]
    y = 56.0
    checks = (
        "The description is valid",
        "Existing names belong to the service",
        "The options are correct (check mode)",
    )
    parts += [svg.rectangle(LEFT, y, WIDE, 114, "box"), svg.text(LEFT + 16, y + 27, "Checks", "strong")]
    parts += [svg.text(LEFT + 16, y + 52 + 23 * at, "• " + words) for at, words in enumerate(checks)]
    parts += note(y + 48, "One fails:", "nothing has", "been changed")
    y += 114
    for kind, name in (("Networks", "shop"), ("Volumes", "shop-data")):
        parts.append(svg.arrow((middle, y), (middle, y + GAP)))
        parts += svg.box(LEFT, y + GAP, WIDE, 40, [("%s: %s" % (kind, name), "")])
        y += GAP + 40
    parts.append(svg.arrow((middle, y), (middle, y + GAP)))
    y += GAP
    high = 44 + 66 * len(CONTAINERS)
    parts += [
        svg.rectangle(LEFT, y, WIDE, high, "box"),
        svg.text(LEFT + 16, y + 27, "Containers, one after another", "strong"),
    ]
    parts += note(y + 96, "One fails or", "does not become", "healthy: the ones", "after it are", "not run")
    parts += containers(y + 44)
    y += high
    for words in ("All containers are still running", "Others of this service: reported or removed"):
        parts.append(svg.arrow((middle, y), (middle, y + GAP)))
        parts += svg.box(LEFT, y + GAP, WIDE, 40, [(words, "")])
        if words.startswith("All"):
            parts += note(y + GAP + 8, "One is not:", "the role fails with", "its last log lines")
        y += GAP + 40
    described = (
        "First the checks: %s. Then the networks, then the volumes, then the containers one after another: one with a "
        "health check has to be healthy before the next one is run. At the end all of them have to be running still. "
        "Containers of the service that are no longer described are reported or removed." % ", ".join(checks).lower()
    )
    return svg.document("The order in which the role service works", described, y + 18, parts)


def note(y: float, *lines: str) -> Iterator[str]:
    """What happens if something fails, next to the steps."""
    for at, words in enumerate(lines):
        yield svg.text(NOTES, y + 17 * at, words, "small bad")


def containers(y: float) -> Iterator[str]:
    first, name_wide, second, state_wide = LEFT + 16, 132, LEFT + WIDE - 16 - 124, 124
    for at, (name, checked) in enumerate(CONTAINERS.items()):
        if at:
            start, end = second + state_wide / 2, first + name_wide / 2
            yield svg.arrow((start, y - 20), (start, y - 10), (end, y - 10), (end, y))
        yield from svg.box(first, y, name_wide, 46, [(name, "mono")], "linkbox")
        yield svg.arrow((first + name_wide, y + 23), (second, y + 23))
        words = [("healthy", "strong")] if checked else [("started", "strong"), ("no health check", "small")]
        yield from svg.box(second, y, state_wide, 46, words, "goodbox")
        y += 66
