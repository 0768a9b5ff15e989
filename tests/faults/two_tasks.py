# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks in separate processes, with the requests of each to the engine, and the engine's events meanwhile.

A task is forked from a process that has imported all that it needs: starting Python takes longer than a replacement.
"""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from ansible_collections.wharf.docker.plugins.module_utils._container import wait as _wait
from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._replacement import turn as _turn
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_run_change, roll_back
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__, "docker", container_run_change.__name__, roll_back.__name__])
LIMIT = 120
MOMENT = 0.2  # These tests are about steps, not about how long a container has to stay up.


class Done(NamedTuple):
    """``asked``: (time, method, path, the engine's answer)."""

    result: dict[str, Any]
    began: float
    ended: float
    asked: list[tuple[float, str, str, str]]

    @property
    def outcome(self) -> str:
        return "failed" if self.result.get("failed") else "changed" if self.result.get("changed") else "ok"


class Task:
    """The task of ``module``, which begins ``delay`` seconds from now.

    ``protected``: whether it recognises a replacement in progress; if not, as a control, it treats it as interrupted.
    """

    def __init__(self, module: str, arguments: dict[str, Any], delay: float = 0, protected: bool = True) -> None:
        self._receiver, sender = FORKS.Pipe(duplex=False)
        self.process = FORKS.Process(target=_run, args=(sender, time.time() + delay, module, arguments, protected))
        self.process.start()
        sender.close()

    def end(self) -> Done:
        try:
            assert self._receiver.poll(LIMIT), "A task has not ended after %d seconds." % LIMIT
            return Done(*self._receiver.recv())
        finally:
            self.process.kill()
            self.process.join()
            self._receiver.close()


def _run(sender: Any, start: float, module: str, arguments: dict[str, Any], protected: bool) -> None:
    request = _engine.Engine._request
    asked: list[tuple[float, str, str, str]] = []

    def noted(engine: _engine.Engine, method: str, path: str, **rest: Any) -> Any:
        when, answer = time.time(), "ok"
        try:
            return request(engine, method, path, **rest)
        except _engine.EngineError as error:
            answer = "%s %s" % (error.status, error.message[:200])
            raise
        finally:
            query = rest.get("query") or {}
            asked.append((when, method, path + (" → " + query["name"] if "name" in query else ""), answer))

    _wait.MOMENT = MOMENT
    if not protected:
        _turn.is_at_work = lambda _writer: False
    _engine.Engine._request = noted  # type: ignore[method-assign]
    task = _registry.task(module)
    time.sleep(max(0, start - time.time()))
    began = time.time()
    result = json.loads(json.dumps(_task.call(task, arguments)))
    sender.send((result, began, time.time(), asked))


class Span(NamedTuple):
    """The time from ``begin`` to ``end``, which is infinite if the span has not ended."""

    container: str
    begin: float
    end: float


class History:
    """The engine's events about containers whose names begin with ``name``."""

    def __init__(self, client: Any, name: str, since: float, until: float) -> None:
        found = client.events(since=int(since), until="%.9f" % until, filters={"type": "container"}, decode=True)
        self._name = name
        self.events: list[tuple[float, str, str, dict[str, str]]] = [
            (event["timeNano"] / 1e9, event["Action"], event["Actor"]["ID"], event["Actor"]["Attributes"])
            for event in found
            if event["Actor"]["Attributes"].get("name", "").startswith(name)
            and not event["Action"].startswith(("exec_", "resize"))
        ]

    def running(self) -> list[Span]:
        return self._spans(
            lambda action, _names: True if action == "start" else False if action in ("die", "destroy") else None
        )

    def named(self) -> list[Span]:
        """Which container had exactly this name, and when."""

        def has(action: str, names: dict[str, str]) -> bool | None:
            if action in ("create", "rename"):
                return names["name"] == self._name
            return False if action == "destroy" else None

        return self._spans(has)

    def doubled(self) -> list[str]:
        """The pairs of containers that ran at the same time, a line each."""
        spans = self.running()
        return [
            "%s and %s ran at once, for %.2f s" % (one.container[:6], other.container[:6], shared)
            for number, one in enumerate(spans)
            for other in spans[number + 1 :]
            for shared in [min(one.end, other.end, time.time()) - max(one.begin, other.begin)]
            if one.container != other.container and shared > 0
        ]

    def _spans(self, says: Any) -> list[Span]:
        spans: list[Span] = []
        since: dict[str, float] = {}
        for when, action, container, names in self.events:
            now = says(action, names)
            if now is True:
                since.setdefault(container, when)
            elif now is False and container in since:
                spans.append(Span(container, since.pop(container), when))
        return spans + [Span(container, when, float("inf")) for container, when in since.items()]


def overlap(spans: Iterable[Span], others: Iterable[Span], begin: float, end: float) -> bool:
    """Whether a container has spans in both lists that overlap between ``begin`` and ``end``."""
    return any(
        one.container == other.container and max(one.begin, other.begin, begin) <= min(one.end, other.end, end)
        for one in spans
        for other in others
    )


def told(history: History, tasks: dict[str, Done], also: str = "") -> str:
    """Events and requests in the order of time, as a readable text."""
    lines = [
        (when, "  engine   %-8s %s %s" % (action, container[:6], names["name"]))
        for when, action, container, names in history.events
    ]
    for who, task in tasks.items():
        lines += [
            (when, "%s        %s %s: %s" % (who, method, path, answer))
            for when, method, path, answer in task.asked
            if method != "GET" or "/json" in path
        ]
        result = task.result
        words = {key: result[key] for key in ("msg", "actions", "warnings") if result.get(key)}
        lines.append((task.ended, "%s        ends: %s %s" % (who, task.outcome, words)))
    first = min(when for when, _line in lines) if lines else 0
    return "\n".join([also, *("%7.3f %s" % (when - first, line) for when, line in sorted(lines))])
