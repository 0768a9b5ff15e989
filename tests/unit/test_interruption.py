# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A signal or a time limit in the middle of a plan: no step is left half done, and steps are undone, or reported."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Dict, Iterator, List, Tuple

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Ended, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import AFTER, BEFORE, BY_ITSELF, Series, Step
from ansible_collections.wharf.docker.plugins.module_utils._flow.time_limit import within

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Note(Step):
    """It records its target. ``sends``: the signals that the process gets before that, in the step."""

    ACTION: ClassVar[str] = "note"
    WAY_BACK: ClassVar[str] = AFTER

    sends: Tuple[int, ...] = ()
    undo: Tuple[Step, ...] = ()
    fails: bool = False

    @property
    def back(self) -> Tuple[Step, ...]:
        return self.undo


class NoteBefore(Note):
    WAY_BACK: ClassVar[str] = BEFORE


class NoteByItself(Note):
    WAY_BACK: ClassVar[str] = BY_ITSELF


class NoReturn(Note):
    WAY_BACK: ClassVar[str] = BY_ITSELF


class Notes:
    def __init__(self) -> None:
        self.written: List[str] = []

    def executor(self) -> Executor:
        operations: Dict[Any, Any] = dict.fromkeys((Note, NoteBefore), self.write)
        operations.update({NoteByItself: self.write_by_itself, NoReturn: self.no_return})
        return Executor(None, operations)  # type: ignore[arg-type]  # None of these steps asks an engine.

    def outcome(self, *steps: Step) -> BaseException:
        """The exception that ends carrying out the steps."""
        try:
            with self.executor() as executor:
                executor.carry_out(Plan(steps))
        except (Failure, Ended, KeyboardInterrupt) as error:
            return error
        raise AssertionError("it was not ended")

    def write(self, _executor: Executor, step: Note) -> None:
        for number in step.sends:
            os.kill(os.getpid(), number)
        self.written.append(step.target)
        if step.fails:
            raise Failure("%s failed." % step.target)

    def write_by_itself(self, executor: Executor, step: Note) -> None:
        self.write(executor, step)
        executor.push(*step.undo)

    def no_return(self, executor: Executor, _step: Note) -> None:
        executor.pass_point_of_no_return()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Set signal handlers as in a module, and check that they are the same afterwards."""
    former = {number: signal.signal(number, signal.SIG_DFL) for number in (*SIGNALS, signal.SIGALRM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    found = {number: signal.signal(number, handler) for number, handler in former.items()}
    assert found == {
        signal.SIGINT: signal.default_int_handler,
        **dict.fromkeys((signal.SIGTERM, signal.SIGHUP, signal.SIGALRM), signal.SIG_DFL),
    }


def note(kind: type[Note], target: str, *sends: int, **options: Any) -> Note:
    return kind(target, ("a test",), tuple(sends), (Note("no " + target, ("a test",)),), **options)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(
    ("kind", "written"),
    [
        # A step that can be undone at any point is interrupted at once.
        (NoteBefore, ["a", "no b", "no a"]),
        # The others are completed first, so that their undo action is right.
        (Note, ["a", "b", "no b", "no a"]),
        (NoteByItself, ["a", "b", "no b", "no a"]),
    ],
)
def test_in_a_step(notes: Notes, number: int, kind: type[Note], written: List[str]) -> None:
    error = notes.outcome(note(Note, "a"), note(kind, "b", number), note(Note, "c"))
    assert notes.written == written
    if number == signal.SIGINT:
        # Python's own handler still raises KeyboardInterrupt.
        assert isinstance(error, KeyboardInterrupt)
        return
    assert isinstance(error, Ended)
    assert error.message == "The task was ended by %s. What had been done was undone." % signal.Signals(number).name


@pytest.mark.parametrize("first", (signal.SIGTERM, signal.SIGALRM))
def test_twice_and_while_it_is_undone(notes: Notes, first: int) -> None:
    def run() -> Dict[str, Any]:
        with notes.executor() as executor:
            back = Note("no a", ("a test",), (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM))
            executor.do(Note("a", ("a test",), (), (back,)))
            executor.do(note(NoteBefore, "b", first, signal.SIGTERM))
        return {}

    with suppress(Ended):
        within(9, 9, run)
    assert notes.written == ["a", "no b", "no a"]


def test_while_a_failure_is_undone(notes: Notes) -> None:
    back = Note("no a", ("a test",), (signal.SIGTERM,))
    error = notes.outcome(Note("a", ("a test",), (), (back,)), note(Note, "b", fails=True))
    assert isinstance(error, Failure) and error.message == "b failed. What had been done was undone."
    assert notes.written == ["a", "b", "no a"]


def test_after_the_point_of_no_return(notes: Notes) -> None:
    """It is completed, which takes little time; the series for other containers are no longer begun."""
    other = Series("other", ("a test",), "recreate", (note(Note, "other"),), apart=True)
    rest = (Note("b", ("a test",), (signal.SIGTERM,)), other, Note("c", ("a test",)))
    steps = (note(Note, "a"), NoReturn("", ()), *rest)
    error = notes.outcome(Series("web", ("a test",), "recreate", steps, incomplete="Not all that depend on it:"))
    assert isinstance(error, Failure)
    assert error.message == "Not all that depend on it: The task was ended by SIGTERM."
    assert notes.written == ["a", "b", "c"]


def test_after_the_last_wait(notes: Notes) -> None:
    error = notes.outcome(note(Note, "a", signal.SIGTERM))
    assert isinstance(error, Ended)
    assert error.message == "The task was ended by SIGTERM. What it had to do was done by then."
    assert notes.written == ["a"] and error.facts == {"changed": True}


def test_what_has_no_way_back_is_told(notes: Notes) -> None:
    error = notes.outcome(Note("a", ("a test",)), Note("b", ("a test",), (signal.SIGTERM,)))
    assert isinstance(error, Ended)
    assert error.message.endswith(" What was done by then stays: run the task again to bring it to its end.")
    assert notes.written == ["a"]


def test_a_time_limit(notes: Notes) -> None:
    def run() -> Dict[str, Any]:
        with notes.executor() as executor:
            executor.carry_out(Plan((note(Note, "a"), note(NoteBefore, "b", signal.SIGALRM), note(Note, "c"))))
        return {}

    assert within(4, 9, run) == {
        "changed": False,
        "failed": True,
        "msg": "Timed out after 4 seconds, the time limit (timeout) of the task. What had been done was undone.",
        "timedout": {"period": 4},
    }
    assert notes.written == ["a", "no b", "no a"]
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_one_that_is_ignored_stays_so(notes: Notes) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with notes.executor() as executor:
        executor.carry_out(Plan((note(NoteBefore, "a", signal.SIGHUP), note(Note, "b", signal.SIGHUP))))
    assert notes.written == ["a", "b"]
    assert signal.signal(signal.SIGHUP, signal.SIG_DFL) == signal.SIG_IGN


def test_a_caller_that_is_gone(notes: Notes) -> None:
    """Like a module whose output nobody reads any more: nothing is begun, even if SIGHUP is ignored."""
    reading, writing = os.pipe()
    kept = os.dup(1)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.dup2(writing, 1)
    os.close(reading)
    try:
        error = notes.outcome(note(Note, "a"))
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(writing)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    assert isinstance(error, Ended)
    assert error.message == "The task was ended, since the program that began it is gone."
    assert not notes.written
