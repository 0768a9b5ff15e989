# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inspecting the writable layer of a container that is going to be removed or replaced."""

from __future__ import annotations

from typing import Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.plan_writable_layer import written
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    Api,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine, segment


def files_written(engine: Engine, wanted: Wanted, container: Api) -> Tuple[str, ...]:
    """The files in the writable layer of an inspected container. One call.

    Failure: they are to be exported, and the archive can't be written: this is reported before anything is changed.
    """
    tried = "look at the writable layer of the container %s" % wanted.name
    changes = engine.get("/containers/%s/changes" % segment(container["Id"]), tried=tried) or []
    files = written(container, changes, wanted.writable_layer_ignore)
    if files and wanted.writable_layer == "export":
        from ansible_collections.wharf.docker.plugins.module_utils._archive.destination import find_place

        tried = "export the container %s to %s" % (wanted.name, wanted.writable_layer_to)
        with find_place(wanted.writable_layer_to, None, tried):
            pass
    return files
