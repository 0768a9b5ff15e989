# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changing one container in the task container_state: its steps, carried out in turn with other tasks."""

from __future__ import annotations

from typing import List

from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_container
from ansible_collections.wharf.docker.plugins.module_utils._container.plan_state import plan_state
from ansible_collections.wharf.docker.plugins.module_utils._container.state import WantedState
from ansible_collections.wharf.docker.plugins.module_utils._container.status import own_name
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import Remove, Rename
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Busy, EngineError, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._tasks.container_state_outcome import (
    Outcome,
    as_left,
    settle,
)


def recover(engine: Engine, wanted: WantedState, name: str, check_mode: bool) -> List[Outcome]:
    """The outcome for a container that is missing because its replacement was interrupted; [] if it was not."""
    from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import Wanted
    from ansible_collections.wharf.docker.plugins.module_utils._replacement import leftovers, recovery
    from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import INTERRUPTED

    if wanted.state == "absent":
        beside = leftovers.beside_it(engine, name, None, check_mode)
        if not beside:
            return []
        plan = recovery.plan_absent(Wanted(name=name, state="absent", keep_volumes=not wanted.volumes), None, beside)
        return [Outcome(name, next(iter(beside.values())), Plan(), None, first=plan)]
    observed = leftovers.missing(engine, Wanted(name=name), check_mode, creates=False)
    if observed.container is None:
        return []
    first = Plan()
    if observed.half_way is not None:
        first, _container = recovery.recover(name, observed.half_way)
    elif observed.renamed is not None:
        former = own_name(observed.renamed)
        step = Rename(former, (INTERRUPTED,), observed.renamed["Id"], new_name=name)
        first = Plan((step,), (Difference("name", former, name),))
    return [Outcome(name, observed.container, plan_state(wanted, observed.container), observed.container, first=first)]


def change(engine: Engine, wanted: WantedState, outcome: Outcome, limit: float, named: bool) -> None:
    """Carry out the plan of one container. If another task is at work on it, wait for that task and plan again.

    ``named``: the task is about the container that has the name by then; otherwise it is about this container.
    """
    try:
        _carry_out(engine, wanted, outcome, limit)
    except Busy as busy:
        from ansible_collections.wharf.docker.plugins.module_utils._replacement.turn import in_turn

        name = own_name(outcome.before)

        def anew() -> None:
            document = find_container(engine, name if named else str(outcome.before["Id"]))
            outcome.document, outcome.first, outcome.plan = document, Plan(), Plan()
            left = recover(engine, wanted, name, False) if named and document is None else []
            if document is not None:
                outcome.before, outcome.plan = document, plan_state(wanted, document)
            elif left:
                outcome.before, outcome.first, outcome.plan = left[0].before, left[0].first, left[0].plan
                outcome.document = left[0].document
            elif wanted.state == "absent":
                return
            else:
                raise Failure("The container %s is gone: somebody removed it meanwhile." % name)
            _carry_out(engine, wanted, outcome, limit)

        try:
            in_turn(engine, name, anew, busy, limit)
        except Failure as failure:
            outcome.failure = failure.message


def _carry_out(engine: Engine, wanted: WantedState, outcome: Outcome, limit: float) -> None:
    """All steps of one container, in order, and the wait for their effect."""
    executor = Executor(engine)
    try:
        if outcome.first.changed:
            with Executor(engine) as recovery:
                recovery.carry_out(outcome.first)
            outcome.done += outcome.first.steps
        try:
            for step in outcome.plan.steps:
                executor.do(step)
                outcome.done.append(step)
        except EngineError as error:
            # It was removed by someone else, or by its own auto_remove: the steps have the same aim.
            going = error.status == 409 and "already in progress" in error.answer
            if outcome.plan.differences[0].after.get("state") != "absent" or not (going or error.status == 404):
                raise
            if going:
                outcome.done.append(step)
        else:
            if outcome.done and isinstance(outcome.done[-1], Remove):  # It is known to have been removed.
                outcome.document = None
                return
        settle(engine, wanted, outcome, limit)
    except Failure as failure:
        outcome.failure = failure.message
        outcome.document = as_left(engine, outcome)
