# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two ways to run a task of the collection against the private engine: in this process, and as Ansible runs a module.

The engine itself, its client, the image and names come from tests/conftest.py.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import private_engine
import pytest

from ansible_collections.wharf.docker.plugins.module_utils import _engine, _registry, _task


def shown(result: Any) -> str:
    """A result for a person to read."""
    return json.dumps(result, indent=2, sort_keys=True, default=str)


def held(what: str, result: dict[str, Any], check: bool, diff: bool, expect: str | None, warnings: bool) -> None:
    """See that a result is one that was expected, and that its parts agree."""
    assert "exception" not in result, "%s met a defect:\n%s\n%s" % (what, result.get("msg"), result["exception"])
    failed = bool(result.get("failed"))
    outcome = "failed" if failed else "changed" if result.get("changed") else "ok"
    wanted = ("ok", "changed") if expect is None else ("ok", "changed", "failed") if expect == "any" else (expect,)
    words = "%s%s: expected %s, and it is %s:\n%s" % (
        what,
        " in check mode" if check else "",
        " or ".join(wanted),
        outcome,
        shown(result),
    )
    assert outcome in wanted, words
    assert not failed or result.get("msg"), "%s failed and does not say why:\n%s" % (what, shown(result))
    assert warnings or not result.get("warnings"), "%s warned:\n%s" % (what, shown(result["warnings"]))
    if "actions" in result and not failed:
        assert result["changed"] == bool(result["actions"]), "changed and actions disagree:\n%s" % shown(result)
        assert ("diff" in result) == diff, "%s: a diff was %sasked for:\n%s" % (
            what,
            "" if diff else "not ",
            shown(result),
        )


@pytest.fixture
def run(engine: private_engine.Engine) -> Callable[..., dict[str, Any]]:
    """``run(module, check=False, diff=True, expect=None, warnings=False, **arguments)`` → the result.

    The task of the module ``module`` ("container_run") in this process. ``expect``: "ok" (nothing changed), "changed",
    "failed", None (anything but failed), "any". A result with warnings fails the test, unless it says
    ``warnings=True``; so does an unknown error in a task, whatever is expected.
    """

    def run_task(
        module: str,
        /,
        check: bool = False,
        diff: bool = True,
        expect: str | None = None,
        warnings: bool = False,
        **arguments: Any,
    ) -> dict[str, Any]:
        given = json.loads(json.dumps({"docker_host": engine.url, **arguments}, default=str))
        result = _task.call(_registry.task(module), given, check_mode=check, diff_mode=diff)
        # What a result holds must get through JSON, as Ansible passes it on.
        result = json.loads(json.dumps(result))
        held(module, result, check, diff, expect, warnings)
        return result  # type: ignore[no-any-return]

    return run_task


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Callable[[], contextlib.AbstractContextManager[list[str]]]:
    """``with calls() as made:`` lists the calls to the engine that tasks make inside, as "GET /containers/web/json"."""
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


@pytest.fixture(params=["module", "direct"])
def ansible(
    request: pytest.FixtureRequest, engine: private_engine.Engine, play: Callable[..., Any]
) -> Callable[..., dict[str, Any]]:
    """``ansible(module, check=False, diff=False, expect=None, warnings=False, **arguments)`` → the result.

    The same as ``run``, as Ansible runs it: once as a module that it packs, sends and starts, and once inside its own
    process. The result is without ``invocation``.
    """
    return through_ansible(request.param, engine, play)


@pytest.fixture
def ansible_module(engine: private_engine.Engine, play: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """``ansible``, only as a module; ``python=...`` is the interpreter that it is started with."""
    return through_ansible("module", engine, play)


def through_ansible(
    face: str, engine: private_engine.Engine, play: Callable[..., Any]
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
        settings = {"ANSIBLE_PYTHON_INTERPRETER": python, "WHARF_DOCKER_EXECUTION": face}
        played = play(argv + ["--check"] * check + ["--diff"] * diff, **settings)
        assert len(played.results) == 1, "ansible ended with %d:\n%s" % (played.code, played.output)
        result = dict(played.results[0]["result"])
        result.pop("invocation", None)
        # ansible-core 2.19 moves the one key, and fills in the other.
        if played.results[0]["status"] == "failed":
            result["failed"] = True
        if result.get("exception") == "(traceback unavailable)":
            del result["exception"]
        held(module, result, check, diff, expect, warnings)
        return result

    return run_module
