# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the steps of networks and volumes do: each is created or removed with one call."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Mapping, Optional, Tuple, Type

from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor, Operation
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine, segment
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import EngineError
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Call
from ansible_collections.wharf.docker.plugins.module_utils._objects.create_only import (
    Api,
    CreateObject,
    RemoveObject,
    Wanted,
)


def carry_out(
    call: Call, wanted: Wanted, kind: str, plan: Plan, refuse: Callable[[Any, Api, Executor], None]
) -> Optional[Dict[str, Any]]:
    """Carry out the plan. Returns the object's new inspect document; None if it was removed.

    ``refuse`` is called with ``wanted``, that document, and the executor: it raises if the object does not match.
    """
    with Executor(call.engine, OPERATIONS) as executor:
        executor.carry_out(plan)
        call.warnings += executor.warnings
        if wanted.state == "absent":
            return None
        path = "/%ss/%s" % (kind, segment(executor.created.get(wanted.name, wanted.name)))
        document = call.engine.get(path, tried="look at the %s %s" % (kind, wanted.name))
        refuse(wanted, document, executor)
    return dict(document)


def create(engine: Engine, kind: str, name: str, body: Api, advice: Tuple[Tuple[str, str], ...] = ()) -> Dict[str, Any]:
    """Create an object. ``advice``: as in CreateObject."""
    try:
        return engine.post("/%ss/create" % kind, tried="create the %s %s" % (kind, name), body=body)
    except EngineError as error:
        missing = (
            r"plugin .* not found",
            "Give the option driver one of the engine's drivers: 'docker info' lists them.",
        )
        for pattern, what_to_do in (missing, *advice):
            if re.search(pattern, error.answer):
                error.message += " " + what_to_do
                break
        raise


def remove(engine: Engine, kind: str, identity: str, name: str) -> None:
    """Remove an object. No error if it does not exist."""
    engine.delete("/%ss/%s" % (kind, segment(identity)), tried="remove the %s %s" % (kind, name), accept=(404,))


def _create(executor: Executor, step: CreateObject) -> None:
    body = {**step.body, "Name": step.trial} if step.trial else step.body
    answer = create(executor.engine, step.kind, step.target, body, step.advice)
    identity = str(answer.get("Id") or step.target)
    executor.created[step.target] = identity
    if step.undone:
        executor.push(RemoveObject(step.target, step.causes, step.kind, identity))
    if answer.get("Warning"):
        executor.warnings.append(str(answer["Warning"]))


def _remove(executor: Executor, step: RemoveObject) -> None:
    remove(executor.engine, step.kind, step.identity or step.target, step.target)


OPERATIONS: Mapping[Type[Step], Operation] = {CreateObject: _create, RemoveObject: _remove}
