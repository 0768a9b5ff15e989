# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order in which an executor carries out and undoes steps, with operations that only record them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Busy, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Series, Step

CAN_NOT, BUSY = "It can't.", "busy"


@dataclass(frozen=True)
class Do(Step):
    """``ends``: the message if it fails; BUSY: another task is at work. ``undone``: the same for its undo action."""

    ACTION: ClassVar[str] = "do"

    ends: str = ""
    undone: str = ""

    @property
    def back(self) -> tuple[Step, ...]:
        return (Do("un" + self.target, (), ends=self.undone),)


def executor(noted: list[str]) -> Executor:
    def do(_executor: Executor, step: Do) -> None:
        noted.append(step.target)
        if step.ends:
            raise Busy if step.ends == BUSY else Failure(step.ends)

    engine: Any = None
    return Executor(engine, {Do: do})


def a(target: str, **more: Any) -> Do:
    return Do(target, ("why",), **more)


APART = Series("db", ("why",), "recreate", (a("inner"), a("worse", ends=CAN_NOT)), apart=True, restored="Undone.")
TAKEN = Series("db", ("why",), "recreate", (a("inner"), a("taken", ends=BUSY)), apart=True)


@pytest.mark.parametrize(
    ("steps", "noted", "message"),
    [
        ((a("one"), a("two")), ["one", "two"], None),
        (
            (a("one"), a("two"), a("bad", ends=CAN_NOT)),
            ["one", "two", "bad", "untwo", "unone"],
            "It can't. What had been done was undone.",
        ),
        (
            (a("one"), a("two", undone="Nor that."), a("bad", ends=CAN_NOT)),
            ["one", "two", "bad", "untwo", "unone"],
            "It can't. Not everything could be undone: could not do untwo (Nor that.)",
        ),
        # A series marked ``apart`` is undone alone, and reported at the end of the enclosing series.
        (
            (Series("web", ("why",), "recreate", (a("one"), APART, a("two")), incomplete="Not all:"),),
            ["one", "inner", "worse", "uninner", "two", "untwo", "unone"],
            "Not all: It can't. Undone. What had been done was undone.",
        ),
        (
            (Series("web", ("why",), "recreate", (a("one"), TAKEN, a("two")), incomplete="Not all:"),),
            ["one", "inner", "taken", "uninner", "two", "untwo", "unone"],
            "Not all: Another task changes the container db: this one left it alone. What had been done was undone.",
        ),
        (
            (a("one", undone="Nor that."), a("taken", ends=BUSY)),
            ["one", "taken", "unone"],
            "Another task changed the same container meanwhile. Not everything could be undone: could not do unone "
            "(Nor that.)",
        ),
    ],
)
def test_what_is_carried_out_and_undone(steps: tuple[Step, ...], noted: list[str], message: str | None) -> None:
    found: list[str] = []
    own = executor(found)
    try:
        with own:
            own.carry_out(Plan(steps))
    except Failure as failure:
        assert failure.message == message
    else:
        assert message is None
    assert found == noted


def test_one_that_is_busy_is_undone_and_begins_anew() -> None:
    found: list[str] = []
    own = executor(found)
    with pytest.raises(Busy), own:
        own.carry_out(Plan((a("one"), a("taken", ends=BUSY))))
    assert found == ["one", "taken", "unone"]
