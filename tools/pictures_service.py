# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order in which the role service works: what it checks, and what it then does one after another.

The order is the one of the role's own task files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pictures_svg as svg
import yaml

ROOT = Path(__file__).resolve().parents[1]
TASKS = ROOT / "roles" / "service" / "tasks"
RUN = "wharf.docker.container_run"
# A task of the role: its module with the file that it includes or "check" → what is called so in the picture.
LOOK, CHECK, NETWORKS, VOLUMES, CONTAINER, HEALTHY, REST, RUNNING, ORPHANS = (
    "look.yml",
    RUN + ", check",
    "wharf.docker.network",
    "wharf.docker.volume",
    RUN,
    "wharf.docker.container_state, healthy",
    "rest.yml",
    "running.yml",
    "wharf.docker.container_state, absent",
)
ORDER = (LOOK, CHECK, NETWORKS, VOLUMES, CONTAINER, HEALTHY, RUNNING, ORPHANS)
WITHIN = ("container.yml", REST)  # files whose own tasks count


class UnknownError(Exception):
    """The role has another order than the picture."""


def tasks(name: str = "present.yml") -> Iterator[str]:
    """What the role does, in its order, as keys of the picture. Notes, reports and looks are left out."""
    for task in yaml.safe_load((TASKS / name).read_text(encoding="utf-8")):
        included = task.get("ansible.builtin.include_tasks")
        if included in WITHIN:
            yield from tasks(included)
        yield from (key for key in keys(task) if key in ORDER)


def keys(task: dict[str, Any]) -> Iterator[str]:
    yield str(task.get("ansible.builtin.include_tasks"))
    for module, options in task.items():
        state = options.get("state") if isinstance(options, dict) else None
        yield (
            "%s, check" % module
            if task.get("check_mode") is True
            else module
            if not state
            else "%s, %s" % (module, state)
        )


def check() -> None:
    found = list(tasks())
    if found != list(ORDER):
        raise UnknownError("The role does %s, and the picture shows %s." % (found, list(ORDER)))


# The service of the picture: its containers, and whether each has a health check.
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
    """What happens if something fails, beside it."""
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
