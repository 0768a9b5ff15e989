# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Control characters are made visible, in a text and in a result."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._container.steps import Stop
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("größer → €\u00a0☃\U0001f600", "größer → €\u00a0☃\U0001f600"),
        ("a\n\tb\n", "a\n\tb\n"),
        ("\x1b]0;title\x07\x1b[2J", "\\x1b]0;title\\x07\\x1b[2J"),
        ("a\r\nb\rc", "a\nb\\x0dc"),
        ("\x00\x08\x0b\x0c\x0e\x1f\x7f", "\\x00\\x08\\x0b\\x0c\\x0e\\x1f\\x7f"),
        ("\x80\x85\x9b2J\x9f", "\\x80\\x85\\x9b2J\\x9f"),
        ("\\x1b", "\\x1b"),
        (["a\x1b", "b"], ["a\\x1b", "b"]),
        (None, None),
        (3, 3),
    ],
    ids=repr,
)
def test_visible(text: Any, shown: Any) -> None:
    assert visible(text) == shown
    assert visible(visible(text)) == shown


def test_every_control_character() -> None:
    controls = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
    shown = visible(controls)
    assert [character for character in shown if not character.isprintable()] == ["\t", "\n"]
    assert len(shown) == 2 + 4 * (len(controls) - 2)


BAD = "\x1b[2J\x9b\x7f\r"
GOOD = "\\x1b[2J\\x9b\\x7f\\x0d"


def finish(run: Any, **params: Any) -> dict[str, Any]:
    return _task.guarded(_task.Task("some_task", {}, run), params, check_mode=False, diff_mode=True)


def test_a_result() -> None:
    """Displayed texts are escaped, and data is left unchanged."""

    def run(call: Any) -> Any:
        call.warnings.append("w" + BAD)
        plan = Plan((Stop("web", ("c" + BAD,)),))
        diff = {"before_header": BAD, "after_header": BAD, "before": {"a": BAD}, "after": {}}
        return {**call.report(plan, msg="m" + BAD, stdout=BAD, output=BAD, container={"a": BAD}), "diff": diff}

    result = finish(run)
    assert result["msg"] == "m" + GOOD
    assert result["warnings"] == ["w" + GOOD]
    assert result["actions"] == ["stop web: c" + GOOD]
    assert (result["stdout"], result["output"], result["container"]) == (BAD, BAD, {"a": BAD})
    assert result["diff"] == {"before_header": GOOD, "after_header": GOOD, "before": {"a": BAD}, "after": {}}


@pytest.mark.parametrize("error", [Failure, ValueError, SystemExit])
def test_a_failure(error: type[BaseException]) -> None:
    def run(_call: Any) -> Any:
        raise error("no " + BAD)

    result = finish(run)
    assert result["failed"] is True and "no " in result["msg"]
    for key in ("msg", "exception"):
        assert not [sign for sign in result.get(key, "") if not sign.isprintable() and sign != "\n"]


def test_a_secret_with_a_control_character_is_masked() -> None:
    def run(_call: Any) -> Any:
        raise Failure("it said: correct\x1bhorse")

    assert finish(run, env_secret={"A": "correct\x1bhorse"})["msg"] == "it said: ********"


def test_options_that_are_wrong() -> None:
    task = _task.Task("some_task", {"state": {"type": "str", "choices": ["a"]}}, lambda call: {})
    result = _task.call(task, {"state": BAD})
    assert result["failed"] and GOOD in result["msg"]
