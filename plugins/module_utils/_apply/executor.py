# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The executor carries out the steps of every task's plan, in their order, and decides nothing.

On failure the undo stack is unwound: the undo steps of what was carried out, the last one first. The message then
describes the state of the engine after that.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, Type, Union

from ansible_collections.wharf.docker.plugins.module_utils._apply.interruption import interruption
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_container
from ansible_collections.wharf.docker.plugins.module_utils._container.status import own_name, state_of, status
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Busy, Ended, EngineError, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import (
    AFTER,
    BEFORE,
    BY_ITSELF,
    Series,
    Step,
)

# A function that carries out a class of steps. False: there was nothing to do.
Operation = Callable[["Executor", Any], Optional[bool]]


class Executor:
    """Carries out plans. As a context manager: a failure inside unwinds the undo stack and reports how that went.

    ``operations``: functions for the classes of steps that only this task has. What carrying out a plan produces:
    ``facts`` for the result (``rc``, ``stdout``, ...), the engine's ``warnings``, the ids of ``created`` objects by
    their names, the inspect document of an ``image`` that was pulled, and the report of the pull (``pulled``).
    """

    def __init__(self, engine: Engine, operations: Optional[Mapping[Type[Step], Operation]] = None) -> None:
        self.engine = engine
        self.facts: Dict[str, Any] = {}
        self.warnings: List[str] = []
        self.created: Dict[str, str] = {}
        self.image: Optional[Dict[str, Any]] = None
        self.pulled: Dict[str, Any] = {}
        # The message if everything is undone, unless a series has its own.
        self.restored = "What had been done was undone."
        self.failures: List[str] = []
        self.going_back = False
        self._operations: Dict[Type[Step], Operation] = dict(operations or {})
        self._undo: List[Step] = []
        self._series: Optional[Series] = None
        self._past_return = False
        self._begun = False
        self._interruption = interruption()

    def __enter__(self) -> Executor:
        self._interruption.enter()
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], _trace: Optional[TracebackType]
    ) -> None:
        if error is not None:
            done, left = self._go_back()
            if isinstance(error, Busy) and left:
                busy, error = error, Failure("Another task changed the same container meanwhile.")
                error.__cause__ = busy
            if isinstance(error, (Failure, Ended)):
                self._add_words(error, done, left)
        self._interruption.leave(error)
        if error is not None and isinstance(error.__cause__, Busy):
            raise error

    def _add_words(self, error: Union[Failure, Ended], done: int, left: List[str]) -> None:
        if left:
            _add(error, "Not everything could be undone: %s" % " ".join(left))
        elif done:
            _add(error, self._in_words())
        elif isinstance(error, Ended) and self._begun:
            _add(error, "What was done by then stays: run the task again to bring it to its end.")

    def carry_out(self, plan: Plan) -> None:
        for step in plan.steps:
            self.do(step)

    def do(self, step: Step) -> None:
        """Carry out one step, or series of steps."""
        if isinstance(step, Series):
            self._do_all(step)
        else:
            if not self.going_back and not self._past_return:
                self._interruption.check()
            if step.WAY_BACK == BEFORE:
                self.push(*step.back)
            self._begun = True
            self._operate(step)
            if step.WAY_BACK == AFTER:
                self.push(*step.back)

    def push(self, *back: Step) -> None:
        """Put undo steps on the undo stack; they will be carried out in this order."""
        if not self.going_back:
            self._undo += reversed(back)

    def forget(self) -> None:
        """From here on, nothing that was done before can be undone."""
        if not self.going_back:
            self._undo.clear()

    def pass_point_of_no_return(self) -> None:
        """From here on, changes are kept, and a later run completes them."""
        self.forget()
        self._past_return = True

    @property
    def can_undo(self) -> bool:
        """Whether a failure now would undo something."""
        return bool(self._undo)

    def container(self, step: Any) -> str:
        """The id of a step's container: an existing one, or one that an earlier step created."""
        return str(step.container or self.created.get(step.target) or step.target)

    def _operation(self, step: Step) -> Operation:
        found = self._operations.get(type(step))
        if found is None:
            from ansible_collections.wharf.docker.plugins.module_utils._apply.containers import OPERATIONS

            self._operations = {**OPERATIONS, **self._operations}
            found = self._operations[type(step)]
        return found

    def _operate(self, step: Step) -> None:
        operation = self._operation(step)
        by_then = step.WAY_BACK == BY_ITSELF or (step.WAY_BACK == AFTER and bool(step.back))
        if by_then or self.going_back or self._past_return:
            operation(self, step)
            return
        # It has no undo steps, or they are valid whether it was done or not.
        self._interruption.open()
        try:
            operation(self, step)
        finally:
            self._interruption.close()

    def _do_all(self, series: Series) -> None:
        if series.apart and not self.going_back:
            self._do_apart(series)
            return
        if series.restored:
            self._series = series
        try:
            for step in series.steps:
                self.do(step)
        except Failure as failure:
            if series.unfinished and self._past_return:
                _add(failure, series.unfinished)
            raise
        if series.incomplete and self.failures:
            failures, self.failures = self.failures, []
            raise Failure(" ".join((series.incomplete, *failures)), changed=True)

    def _do_apart(self, series: Series) -> None:
        """On failure, undo only this series; the failure is reported at the end of the enclosing series."""
        own = Executor(self.engine, self._operations)
        own.created, own.image, own.warnings, own._series = self.created, self.image, self.warnings, series
        try:
            with own:
                for step in series.steps:
                    own.do(step)
        except (Failure, Ended) as failure:
            if series.unfinished and own._past_return:
                _add(failure, series.unfinished)
            self.failures.append(failure.message)
        except Busy:
            self.failures.append("Another task changes the container %s: this one left it alone." % series.target)

    def _go_back(self) -> Tuple[int, List[str]]:
        """Unwind the undo stack; returns the number of undone steps, and messages about the failures."""
        done, left = 0, []
        self.going_back = True
        while self._undo:
            step = self._undo.pop()
            try:
                if self._one_back(step) is not False:
                    done += 1
            except Failure as failure:
                left.append("could not %s (%s)" % (step.words(), failure.message))
                if isinstance(failure, EngineError) and not failure.status and self._undo:
                    # The engine is unreachable. A later run recognises a half-undone state and completes it, so leave
                    # it as it is.
                    rest = ", ".join(step.words() for step in reversed(self._undo))
                    left.append("It is still to be done: %s." % rest)
                    self._undo.clear()
        return done, left

    def _one_back(self, step: Step) -> Optional[bool]:
        if isinstance(step, Series):
            self._do_all(step)
            return None
        return self._operation(step)(self, step)

    def _in_words(self) -> str:
        """The message about the state of the engine after everything was undone."""
        series = self._series
        if series is None:
            return self.restored
        if not series.container:
            return series.restored
        try:
            document = find_container(self.engine, series.container)
        except Failure:
            return self.restored
        if document is None:
            return series.gone or "The old container %s is gone: somebody removed it meanwhile." % series.target
        if own_name(document) != series.target:
            return "The old container is there, under the name %s: somebody else changed it meanwhile." % (
                own_name(document)
            )
        if state_of(document) == series.was and status(document) != "restarting":
            return series.restored
        return "The old container %s is back under its name, but it is %s." % (series.target, status(document))


def _add(error: Union[Failure, Ended], words: str) -> None:
    """Add a sentence to a message, on a new line if the message ends with the last lines of a container."""
    error.message += (" " if error.message.endswith(".") else "\n") + words
