# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens to both containers of a replacement, step by step: if the new one works, and if it fails.

The planner plans the replacement of a running container, and the executor of all tasks carries the steps out; here each
step is recorded instead of done on an engine. The picture therefore has the real steps of a task, in their order.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / ".cache" / "collections")]

import pictures_svg as svg  # noqa: E402  (found through the line above)

from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._container import spec, steps  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._container.comparison import compare  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._container.observed import Observed  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import Wanted  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._tasks.container_run_plan import plan_container  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._values.core import NEW, OLD  # noqa: E402

NAME = "web"
OLD_ID, NEW_ID = "a" * 64, "b" * 64
IMAGE = {"Id": "sha256:" + "1" * 64, "Config": {}}
CONTAINER: dict[str, Any] = {
    "Id": OLD_ID,
    "Name": "/" + NAME,
    "Image": IMAGE["Id"],
    "State": {"Status": "running", "Running": True, "Paused": False},
    "Config": {"Image": "base", "Env": [], "Labels": {}},
    "HostConfig": {"NetworkMode": "default", "RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}},
    "NetworkSettings": {"Networks": {"bridge": {"NetworkID": "b" * 64, "EndpointID": "e"}}},
}
# The text for each action, with the old container or the new one.
WORDS = {
    "create": "Create the %s container",
    "check": "Check both containers",
    "rename": "Rename the %s container",
    "update": "Turn off its restart policy",
    "stop": "Stop the %s container",
    "start": "Start the %s container",
    "wait for": "Wait until it is healthy",
    "remove": "Remove the %s container",
}
LANES = (NAME + OLD, NAME, NAME + NEW)


class DoesNotWork(Exception):
    """The failure of the new container in the second half of the picture."""


@dataclass(frozen=True)
class Container:
    """``which`` is "old" or "new". With the name "" it does not exist."""

    which: str
    name: str
    running: bool = False


@dataclass(frozen=True)
class Moment:
    """A step, and both containers after it."""

    action: str
    which: str
    back: bool
    after: tuple[Container, Container]


def planned() -> Plan:
    """The plan of a task whose env differs from that of the running container."""
    wanted = Wanted(NAME, image="base", normal=spec.parse({"env": {"A": "1"}}), modes=spec.comparison_modes({}))
    observed = Observed(CONTAINER, IMAGE)
    return plan_container(wanted, observed, compare(wanted, observed))


def moments(works: bool) -> list[Moment]:
    """The steps of a replacement as the executor takes them, including the undo actions of one that fails."""
    now = {"old": Container("old", NAME, True), "new": Container("new", "")}
    found: list[Moment] = []

    def note(executor: Executor, step: Any) -> None:
        which = "old" if getattr(step, "container", "") == OLD_ID else "new"
        if isinstance(step, steps.Create):
            now[which] = Container(which, step.target)
            executor.created[step.target] = NEW_ID
            executor.push(steps.Remove(step.target, step.causes, NEW_ID, volumes=True))
        elif isinstance(step, steps.Rename):
            now[which] = Container(which, step.new_name, now[which].running)
        elif isinstance(step, (steps.Start, steps.Stop)):
            now[which] = Container(which, now[which].name, isinstance(step, steps.Start))
        elif isinstance(step, steps.Remove):
            now[which] = Container(which, "")
        elif isinstance(step, steps.Proven):
            executor.pass_point_of_no_return()
            return
        if isinstance(step, steps.Confirm):  # Together with the check of the new one.
            return
        found.append(Moment(step.action, which, executor.going_back, (now["old"], now["new"])))
        if isinstance(step, steps.Prove) and not works:
            raise DoesNotWork

    plan = planned()
    classes = {type(one) for step in plan.steps for one in step.single()}
    classes |= {type(back) for step in plan.steps for one in step.single() for back in one.back} | {steps.Remove}
    executor = Executor(None, dict.fromkeys(classes, note))  # type: ignore[arg-type]  # no step asks an engine
    try:
        with executor:
            executor.carry_out(plan)
    except DoesNotWork:
        pass
    return found


# --- drawing ---

TOP, ROW, LABELS, LANE, BAR = 150, 36, 252, 86, 22
KINDS = {"old": "a", "new": "b"}


def picture() -> str:
    """The picture, as SVG."""
    good, bad = moments(works=True), moments(works=False)
    failed = next(at for at, moment in enumerate(bad) if moment.back) - 1
    second = TOP + ROW * (len(good) + 1) + 84
    height = second + ROW * (len(bad) - failed + 1) + 22
    parts = [
        svg.text(16, 34, "Replacing the container %s" % NAME, "large strong"),
        *legend(60),
        *part("If it works", good, 0, TOP),
        *part("If it does not", bad, failed, second),
    ]
    described = "%s. If it does not become healthy, or without a health check does not stay up: %s." % tuple(
        "; ".join(words(moment) for moment in found) for found in (good, [one for one in bad if one.back])
    )
    return svg.document("How a container is replaced, and restored if that fails", described, height, parts)


def words(moment: Moment) -> str:
    if moment.back and moment.action == "update":
        return "Restore the restart policy"
    label = WORDS[moment.action]
    return label % moment.which if "%s" in label else label


def lane(name: str) -> float:
    """The middle of a lane."""
    return LABELS + LANE * (LANES.index(name) + 0.5)


def legend(y: float) -> Iterator[str]:
    for x, kind, label in ((16, "a", "old container"), (146, "b", "new container")):
        yield svg.rectangle(x, y - 12, 14, 14, kind, 2)
        yield svg.text(x + 20, y, label, "small quiet")
    for x, kind, label in ((282, "c", "running"), (374, "c hollow", "not running")):
        yield svg.rectangle(x, y - 12, 14, 14, kind, 2)
        yield svg.text(x + 20, y, label, "small quiet")


def part(heading: str, found: list[Moment], first: int, top: float) -> Iterator[str]:
    """The rows of ``found`` from number ``first`` on, below the state before it."""
    yield svg.text(16, top - 40, heading, "strong")
    for name in LANES:
        stem, dot, rest = name.partition(".")
        yield svg.text(lane(name), top - 40 if rest else top - 31, stem, "small mono", "middle")
        if rest:
            yield svg.text(lane(name), top - 24, dot + rest, "small mono", "middle")
    before = found[first - 1].after if first else (Container("old", NAME, True), Container("new", ""))
    states = [before, *(moment.after for moment in found[first:])]
    bottom = top + ROW * len(states)
    for name in LANES:
        yield svg.line(lane(name), top - 14, lane(name), bottom, "grid")
    for number, moment in enumerate(found[first:], 1):
        y = top + ROW * number - ROW / 2
        at = moment.after if moment.action != "remove" else states[number - 1]
        yield svg.line(LABELS - 16, y, lane(at[moment.which == "new"].name), y, "grid", ' stroke-dasharray="2 3"')
    for index in range(2):
        yield from bars([state[index] for state in states], top)
    for number, moment in enumerate(found[first:], 1):
        y = top + ROW * number - ROW / 2
        fails = first and number == 1
        yield svg.text(16, y + 5, "%d" % (first + number), "small bad" if fails else "small quiet")
        yield svg.text(40, y + 5, "It does not become healthy" if fails else words(moment), "bad" if fails else "")
    good, label = ("good", "The new container is running") if not first else ("link", "The old container is back")
    yield svg.text(40, bottom - ROW / 2 + 5, label, good + " strong")


def bars(states: list[Container], top: float) -> Iterator[str]:
    """A container's bar through the lanes. It changes lanes in the middle of a row, and ends below the last row."""
    y = top - 8.0
    for number, state in enumerate(states):
        end = top + ROW * number + ROW / 2
        after = states[number + 1] if number + 1 < len(states) else None
        if after is not None and (after.name, after.running) == (state.name, state.running):
            continue
        kind = KINDS[state.which]
        if state.name:
            yield svg.rectangle(
                lane(state.name) - BAR / 2, y, BAR, end - y, kind + ("" if state.running else " hollow"), 3
            )
        if after is not None and state.name and after.name and after.name != state.name:
            here, there = lane(state.name), lane(after.name)
            side = BAR / 2 if there > here else -BAR / 2
            yield svg.line(here + side, end, there - side, end, "way " + kind)
        y = end
