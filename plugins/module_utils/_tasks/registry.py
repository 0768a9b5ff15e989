# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All tasks by the name of their module."""

from __future__ import annotations

from typing import Dict

from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_copy as _container_copy
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_exec as _container_exec
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_export as _container_export
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_import as _container_import
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_info as _container_info
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_logs as _container_logs
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_run as _container_run
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_state as _container_state
from ansible_collections.wharf.docker.plugins.module_utils._tasks import network as _network
from ansible_collections.wharf.docker.plugins.module_utils._tasks import prune as _prune
from ansible_collections.wharf.docker.plugins.module_utils._tasks import volume as _volume
from ansible_collections.wharf.docker.plugins.module_utils._tasks import volume_export as _volume_export
from ansible_collections.wharf.docker.plugins.module_utils._tasks import volume_import as _volume_import

TASKS: Dict[str, Task] = {
    task.name: task
    for task in (
        _container_copy.TASK,
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
        _volume_export.TASK,
        _volume_import.TASK,
    )
}


def task(name: str) -> Task:
    """The task of the module ``name`` ("container_run")."""
    return TASKS[name]
