# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two controllers on one container: the result is as if one task had run after the other, or failed without a change.

First the outcomes of both tasks one after the other, in either order, and of each task alone are recorded: these are
the allowed ones. Then both run at once, ROUNDS times, and begin at random moments (SEED repeats them).
"""

from __future__ import annotations

import collections
import random
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import sampled
import two_tasks
from two_tasks import Done, History, Task, overlap

ROUNDS = sampled.number(2, 30)
SEED = sampled.SEED
CONTROLS = 30  # how many chances tasks without protection get to go wrong
TOLD = "Rounds of two tasks at one container"
SCRIPT = (
    "for at in /data /anonymous; do test -e $at/kept || cat /proc/sys/kernel/random/uuid > $at/kept; done;"
    "exec sleep 1000"
)
KEPT = {"keep_previous": 1}
HEALTH = {"healthcheck": {"test": ["CMD", "true"], "interval": "300ms", "retries": 20}}


class Scenario(NamedTuple):
    """``also``: options of both specs. ``other``: the second task, which runs at the same time as a replacement."""

    also: dict[str, Any]
    module: str
    other: dict[str, Any]
    replaced_before: bool = False


REPLACED: dict[str, Any] = {"env": {"N": "2"}}
SCENARIOS = {
    "two specs": Scenario({}, "container_run", {"env": {"N": "3"}}),
    "the same spec twice": Scenario({}, "container_run", REPLACED),
    "absent": Scenario({}, "container_run", {"state": "absent"}),
    "absent by container_state": Scenario({}, "container_state", {"state": "absent"}),
    "rolled back": Scenario(KEPT, "container_state", {"state": "rolled_back"}, True),
    "rolled back, with a health check": Scenario({**KEPT, **HEALTH}, "container_state", {"state": "rolled_back"}, True),
    "stopped": Scenario({}, "container_state", {"state": "stopped"}),
    "restarted": Scenario({}, "container_state", {"state": "restarted"}),
    "pruned": Scenario(KEPT, "prune", {"containers": True}, True),
    "pruned, with leftovers": Scenario({}, "prune", {"containers": True, "containers_leftovers": True}),
}

Outcome = tuple[Any, ...]


class Round:
    """A container with a unique name, prepared for both tasks, and its outcome after them."""

    def __init__(self, scenario: Scenario, engine: Any, client: Any, run: Any, image: str, name: str) -> None:
        self.client, self.run, self.name = client, run, name
        spec = {"name": name, "image": image, "command": ["sh", "-c", SCRIPT], "stop_signal": "KILL"}
        spec.update(restart_policy="always", volumes=[name + "-data:/data", "/anonymous"], **scenario.also)
        self.volumes = self._volumes()
        if scenario.replaced_before:
            run("container_run", **spec, env={"N": "0"})
        first = run("container_run", **spec, env={"N": "1"})
        self.first = first["container"]["Id"]
        self.data = {at: self._read(at) for at in ("/data", "/anonymous")}
        where = {"docker_host": engine.url}
        other = dict(scenario.other)
        if scenario.module == "container_run":
            other = {**where, **(spec if "state" not in other else {"name": name}), **other}
        else:
            other = {**where, **({"name": name} if scenario.module == "container_state" else {}), **other}
        self.tasks = {"A": ("container_run", {**where, **spec, **REPLACED}), "B": (scenario.module, other)}
        self.since = time.time()

    def after(self) -> Outcome:
        """The outcome of the container and its leftovers, without ids."""
        found = {}
        for listed in self.client.containers(all=True, filters={"name": self.name}):
            document = self.client.inspect_container(listed["Id"])
            found[document["Name"][1 + len(self.name) :]] = (
                document["State"]["Status"],
                document["HostConfig"]["RestartPolicy"]["Name"],
                [word for word in document["Config"]["Env"] or [] if word.startswith("N=")],
            )
        running = found.get("", ("",))[0] == "running"
        data = {at: running and self._read(at) == before for at, before in self.data.items()}
        return sorted(found.items()), data, len(self._volumes() - self.volumes)

    def remove(self) -> None:
        for listed in self.client.containers(all=True, filters={"name": self.name}):
            self.client.remove_container(listed["Id"], force=True, v=True)
        for volume in self._volumes() - self.volumes:
            self.client.remove_volume(volume)

    def history(self) -> History:
        return History(self.client, self.name, self.since, time.time())

    def _volumes(self) -> set[str]:
        return {volume["Name"] for volume in self.client.volumes()["Volumes"] or []}

    def _read(self, at: str) -> str:
        """What the container wrote to a volume. A container that has only just started may not have written it yet."""
        limit = time.monotonic() + 10
        while time.monotonic() < limit:
            made = self.client.exec_create(self.name, ["cat", at + "/kept"])
            output = self.client.exec_start(made["Id"]).decode()
            if self.client.exec_inspect(made["Id"])["ExitCode"] == 0 and output:
                return str(output)
            time.sleep(0.05)
        return ""


def false_words(one: Round, history: History, tasks: dict[str, Done]) -> list[str]:
    """Statements of a result that the engine's events contradict."""
    found = []
    named, running = history.named(), history.running()
    # There is no event for what was there before both began.
    named += _from_before(one, history, named, ("rename", "destroy"))
    running += _from_before(one, history, running, ("die", "destroy"))
    for who, task in tasks.items():
        result = task.result
        words = str(result.get("msg", ""))
        if "exception" in result:
            found.append("%s: a defect: %s" % (who, result["exception"]))
        if "back under its name and running" in words and not overlap(
            named, running, max(task.began, task.ended - 1), task.ended
        ):
            found.append("%s says that it runs under its name, and nothing does: %s" % (who, words))
        document = result.get("container") or {}
        if task.outcome != "failed" and document.get("Id"):
            spans = [span for span in named if span.container == document["Id"]]
            if not overlap(spans, spans, task.began, task.ended):
                found.append("%s shows %s, which never had the name" % (who, document["Id"][:6]))
            elif document["State"]["Status"] == "running" and not overlap(spans, running, task.began, task.ended):
                found.append("%s shows %s as running, and it was not" % (who, document["Id"][:6]))
        there = {listed["Id"] for listed in one.client.containers(all=True)}
        if kept := there & {one["id"] for one in result.get("removed", [])}:
            found.append("%s says that it removed what is there: %s" % (who, kept))
        changed = [
            (method, path)
            for _when, method, path, answer in task.asked
            if method in ("POST", "DELETE", "PUT") and answer == "ok" and not path.endswith("/wait")
        ]
        if task.outcome == "ok" and changed:
            found.append("%s says that it changed nothing, and did: %s" % (who, changed))
        if task.outcome == "changed" and not changed:
            found.append("%s says that it changed something, and did not" % who)
    return found


def _from_before(one: Round, history: History, spans: list[Any], ends: tuple[str, ...]) -> list[Any]:
    end = min(
        [when for when, action, container, _names in history.events if container == one.first and action in ends],
        default=float("inf"),
    )
    return [two_tasks.Span(one.first, one.since - 10, end)]


def _counted(rounds: list[str]) -> str:
    return ", ".join("%d: %s" % (count, what) for what, count in collections.Counter(rounds).most_common())


class Rounds:
    """The allowed outcomes of a scenario (outcome → order of the tasks), and the rounds with another one."""

    def __init__(self, scenario: str, begin: Callable[[str], Round], protected: bool = True) -> None:
        self.scenario, self.begin, self.protected = scenario, begin, protected
        self.random, self.length = random.Random("%d %s" % (SEED, scenario)), 0.0
        self.allowed: dict[str, str] = {}
        self.wrong: list[str] = []
        self.shown: list[str] = []
        for number, order in enumerate(("AB", "BA", "A", "B", "")):
            self._alone(begin("alone%d" % number), order)

    def _alone(self, alone: Round, order: str) -> None:
        outcomes = {"A": "failed", "B": "failed"}
        for who in order:
            done = Task(*alone.tasks[who]).end()
            outcomes[who] = done.outcome
            self.length = max(self.length, done.ended - done.began) if who == "A" else self.length
        # A task that isn't run stands for a task that fails without a change.
        self.allowed.setdefault(repr((*alone.after(), *outcomes.values())), order or "neither")
        alone.remove()

    def play(self, number: int) -> None:
        """Run both at once, one of them somewhat later."""
        one = self.begin(str(number))
        late, delay = self.random.choice("AB"), self.random.uniform(0, self.length)
        delays = {who: 0.1 + (delay if who == late else 0) for who in "AB"}
        started = {who: Task(*one.tasks[who], delays[who], self.protected) for who in "AB"}
        tasks = {who: task.end() for who, task in started.items()}
        history = one.history()
        outcome = repr((*one.after(), tasks["A"].outcome, tasks["B"].outcome))
        faults = [] if outcome in self.allowed else ["not as one after the other: " + outcome]
        faults += history.doubled() + false_words(one, history, tasks)
        if faults:
            self.wrong.append(outcome if outcome not in self.allowed else faults[0].split(":")[0])
            heading = "round %d, %s %.3f s later:\n%s" % (number, late, delay, "\n".join("  ! " + f for f in faults))
            self.shown.append(two_tasks.told(history, tasks, heading))
        one.remove()

    def told(self, number: int) -> str:
        right = "\n".join("  %s: %s" % (order, outcome) for outcome, order in self.allowed.items())
        what = "%s: %d of %d rounds are wrong, SEED=%d (A replaces, B is the other one)." % (
            self.scenario,
            len(self.wrong),
            number,
            SEED,
        )
        return "\n".join([what, _counted(self.wrong), "Right is:", right, "\n\n".join(self.shown)])


@pytest.fixture
def rounds(
    engine: Any, client: Any, run: Any, image: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Rounds]:
    monkeypatch.setattr(two_tasks._wait, "MOMENT", two_tasks.MOMENT)

    def made(scenario: str, **more: Any) -> Rounds:
        def begin(number: str) -> Round:
            return Round(SCENARIOS[scenario], engine, client, run, image, "%s-%s" % (name, number))

        return Rounds(scenario, begin, **more)

    return made


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_two_tasks(scenario: str, rounds: Callable[..., Rounds], tell: Any) -> None:
    played = rounds(scenario)
    for number in range(ROUNDS):
        played.play(number)
    tell(TOLD, ROUNDS, "%s (SEED=%d)" % (scenario, SEED))
    assert not played.wrong, played.told(ROUNDS)


def test_a_fault_would_be_seen(rounds: Callable[..., Rounds]) -> None:
    """The control: tasks that don't notice that another one is at work."""
    played = rounds("rolled back, with a health check", protected=False)
    for number in range(CONTROLS):
        played.play(number)
        if played.wrong:
            return
    raise AssertionError("%d rounds without protection are as they should be, SEED=%d" % (CONTROLS, SEED))
