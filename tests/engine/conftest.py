# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures that run a task with Ansible against the private engine, and record its calls.

The engine, its client, the image, names, and ``run`` (a task in this process) come from tests/conftest.py.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import private_engine
import pytest
from outcome import held

from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Callable[[], contextlib.AbstractContextManager[list[str]]]:
    """``with calls() as made:`` lists the calls of tasks inside to the engine, as "GET /containers/web/json"."""
    request = _engine.Engine._request

    @contextlib.contextmanager
    def watch() -> Iterator[list[str]]:
        made: list[str] = []

        def counted(engine: _engine.Engine, method: str, path: str, **rest: Any) -> Any:
            made.append("%s %s" % (method, path))
            return request(engine, method, path, **rest)

        with monkeypatch.context() as patch:
            patch.setattr(_engine.Engine, "_request", counted)
            yield made

    return watch


@pytest.fixture
def just_before(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], Any]], None]:
    """``just_before(call, action)``: run ``action``, as if by others, right before the first matching call."""

    def arrange(call: str, action: Callable[[], Any]) -> None:
        request, waiting = _engine.Engine._request, [action]

        def later(engine: _engine.Engine, method: str, path: str, **rest: Any) -> Any:
            if waiting and call in "%s %s" % (method, path):
                waiting.pop()()
            return request(engine, method, path, **rest)

        monkeypatch.setattr(_engine.Engine, "_request", later)

    return arrange


@pytest.fixture(params=["module", "direct"])
def ansible(
    request: pytest.FixtureRequest, engine: private_engine.Engine, play: Callable[..., Any]
) -> Callable[..., dict[str, Any]]:
    """``ansible(module, check=False, diff=False, expect=None, warnings=False, **arguments)`` → the result.

    The same as ``run``, but with Ansible: once as a module that it packs, sends and starts, and once inside its own
    process. The result is without ``invocation``.
    """
    return through_ansible(request.param, engine, play)


@pytest.fixture
def ansible_module(engine: private_engine.Engine, play: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """``ansible``, only as a module; ``python=...`` is its interpreter."""
    return through_ansible("module", engine, play)


def through_ansible(
    execution: str, engine: private_engine.Engine, play: Callable[..., Any]
) -> Callable[..., dict[str, Any]]:
    def run_module(
        module: str,
        /,
        check: bool = False,
        diff: bool = False,
        expect: str | None = None,
        warnings: bool = False,
        python: str = sys.executable,
        **arguments: Any,
    ) -> dict[str, Any]:
        given = json.dumps({"docker_host": engine.url, **arguments}, default=str)
        argv = ["ansible", "localhost", "-i", "localhost,", "-c", "local", "-m", "wharf.docker." + module, "-a", given]
        settings = {"ANSIBLE_PYTHON_INTERPRETER": python, "WHARF_DOCKER_EXECUTION": execution}
        played = play(argv + ["--check"] * check + ["--diff"] * diff, **settings)
        assert len(played.results) == 1, "ansible ended with %d:\n%s" % (played.code, played.output)
        result = dict(played.results[0]["result"])
        result.pop("invocation", None)
        # ansible-core 2.19 moves "failed", and fills in "exception".
        if played.results[0]["status"] == "failed":
            result["failed"] = True
        if result.get("exception") == "(traceback unavailable)":
            del result["exception"]
        held(module, result, check, diff, expect, warnings)
        return result

    return run_module
