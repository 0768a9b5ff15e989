# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the steps for an archive or the file of a log do: a written file is moved into place, or a file is changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Mapping, Type

from ansible_collections.wharf.docker.plugins.module_utils._apply.helper_container import (
    OPERATIONS as HELPER_OPERATIONS,
)
from ansible_collections.wharf.docker.plugins.module_utils._archive.atomic_file import AtomicFile
from ansible_collections.wharf.docker.plugins.module_utils._archive.destination import Place
from ansible_collections.wharf.docker.plugins.module_utils._archive.export_steps import (
    ChangeFile,
    WriteArchive,
    WriteLog,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor, Operation


def operations(file: AtomicFile, place: Place) -> Mapping[Type[Step], Operation]:
    """For one export, whose ``file`` is already completely written and only needs to be moved to its ``place``."""

    def write(_executor: Executor, step: WriteArchive) -> None:
        file.commit(step.mode)

    def change(_executor: Executor, step: ChangeFile) -> None:
        _change(place, step)

    return {**HELPER_OPERATIONS, WriteArchive: write, WriteLog: write, ChangeFile: change}


def _change(place: Place, step: ChangeFile) -> None:
    uid, gid = step.uid, step.gid
    try:
        with open(place.open_file(), "rb") as file:
            found = os.fstat(file.fileno())
            if (found.st_dev, found.st_ino) != step.inode:
                raise Failure("Cannot change %s: it is another file now. Run the task again." % step.target)
            if uid is not None or gid is not None:
                os.fchown(file.fileno(), -1 if uid is None else uid, -1 if gid is None else gid)
            os.fchmod(file.fileno(), step.mode)  # After the owner: changing the owner can clear bits.
    except OSError as error:
        raise Failure(
            "Cannot change %s (%s): %s. Use become, or leave these options as they are."
            % (step.target, ", ".join(step.causes), error.strerror or error)
        ) from None
