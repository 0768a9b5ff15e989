# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All tasks by the name of their module."""

from __future__ import annotations

from typing import Dict

from ansible_collections.wharf.docker.plugins.module_utils import (
    _container_exec,
    _container_export,
    _container_import,
    _container_info,
    _container_logs,
    _container_run,
    _container_state,
    _network,
    _prune,
    _volume,
)
from ansible_collections.wharf.docker.plugins.module_utils._task import Task

TASKS: Dict[str, Task] = {
    task.name: task
    for task in (
        _container_exec.TASK,
        _container_export.TASK,
        _container_import.TASK,
        _container_info.TASK,
        _container_logs.TASK,
        _container_run.TASK,
        _container_state.TASK,
        _network.TASK,
        _prune.TASK,
        _volume.TASK,
    )
}


def task(name: str) -> Task:
    """The task of the module ``name`` ("container_run")."""
    return TASKS[name]
