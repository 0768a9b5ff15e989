# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task whose process kills itself right after a call that changes something on the engine.

It is forked from a process that has imported all that a task needs: starting Python would take longer than the task.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from typing import Any

from ansible_collections.wharf.docker.plugins.module_utils._container import wait as _wait
from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

ROOM = _registry.__name__.rpartition(".")[0]
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__, "docker", ROOM + ".container_run_change", ROOM + ".roll_back"])

MOMENT = 0.2  # These tests are about steps, not about how long a container has to stay up.


def dies(after: int, module: str, arguments: dict[str, Any]) -> bool:
    """Whether the process of a task was killed after its call number ``after`` (from 1 on).

    That call is the last one that the engine gets, even if the engine refuses it. False: the task needs fewer calls.
    """
    process = FORKS.Process(target=_run, args=(after, module, arguments))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL), "the process ended with %s" % process.exitcode
    return process.exitcode != 0


def _run(last: int, module: str, arguments: dict[str, Any]) -> None:
    request = _engine.Engine._request
    made = 0

    def counted(engine: _engine.Engine, method: str, path: str, **rest: Any) -> Any:
        nonlocal made
        try:
            return request(engine, method, path, **rest)
        finally:
            made += method in ("POST", "DELETE", "PUT") and not path.endswith("/wait")
            if made == last:
                os.kill(os.getpid(), signal.SIGKILL)

    _wait.MOMENT = MOMENT
    _engine.Engine._request = counted  # type: ignore[method-assign]
    _task.call(_registry.task(module), arguments)
