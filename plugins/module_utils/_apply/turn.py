# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starting and ending a task's turn at a container: see _replacement/turn.py."""

from __future__ import annotations

from typing import Mapping, Type

from ansible_collections.wharf.docker.plugins.module_utils._apply.containers import id_of, is_taken, remove_container
from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor, Operation
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import GiveTurn, Remove, TakeTurn
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Busy, EngineError
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step


def _take_turn(executor: Executor, step: TakeTurn) -> None:
    engine, tried = executor.engine, "create the container %s" % step.target
    host = {"NetworkMode": "none"}
    for image in step.images:
        body = {"Image": image, "Entrypoint": ["true"], "Labels": step.labels, "HostConfig": host}
        try:
            answer = engine.post("/containers/create", tried=tried, query={"name": step.target}, body=body)
        except EngineError as error:
            if is_taken(error):
                raise Busy(id_of(engine, step.target)) from None
            # The image of an existing container has been removed by force.
            if error.status != 404:
                raise
        else:
            executor.created[step.target] = str(answer["Id"])
            executor.push(Remove(step.target, step.causes, str(answer["Id"]), volumes=True))
            return


def _give_turn(executor: Executor, step: GiveTurn) -> None:
    remove_container(executor.engine, executor.container(step), step.target, volumes=True)


OPERATIONS: Mapping[Type[Step], Operation] = {TakeTurn: _take_turn, GiveTurn: _give_turn}
