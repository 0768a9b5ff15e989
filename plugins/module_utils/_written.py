# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at the writable layer of a container that is going to go, and keeping what it has."""

from __future__ import annotations

from typing import Mapping, Tuple

from ansible_collections.wharf.docker.plugins.module_utils import _values as values
from ansible_collections.wharf.docker.plugins.module_utils._apply import Applied, Undo
from ansible_collections.wharf.docker.plugins.module_utils._engine import Engine, segment
from ansible_collections.wharf.docker.plugins.module_utils._plan import Api, Step, Wanted
from ansible_collections.wharf.docker.plugins.module_utils._plan_written import written


def files_written(engine: Engine, wanted: Wanted, container: Api) -> Tuple[str, ...]:
    """The files in the writable layer of an inspected container. One call.

    Failure: they are to be exported, and there can't be an archive. So it is known before anything is touched.
    """
    tried = "look at the writable layer of the container %s" % wanted.name
    changes = engine.get("/containers/%s/changes" % segment(container["Id"]), tried=tried) or []
    files = written(container, changes, wanted.writable_layer_ignore)
    if files and wanted.writable_layer == "export":
        from ansible_collections.wharf.docker.plugins.module_utils._place import find_place

        tried = "export the container %s to %s" % (wanted.name, wanted.writable_layer_to)
        with find_place(wanted.writable_layer_to, None, tried):
            pass
    return files


def commit(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    """Make an image of the container. The engine gives it its name when it is complete."""
    repository, tag = values.image_reference(step.data["to"])
    query = {"container": step.data["id"], "repo": repository, "tag": tag, "pause": True}
    tried = "commit the container %s to the image %s" % (step.target, step.data["to"])
    engine.post("/commit", tried=tried, query=query, body={}, patient=True)


def export(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    """Write the container's file system to a tar on this host, complete before anything is destroyed."""
    from ansible_collections.wharf.docker.plugins.module_utils import _container_export
    from ansible_collections.wharf.docker.plugins.module_utils._task import Call

    options: Mapping[str, Mapping[str, object]] = _container_export.OPTIONS
    params = {option: spec.get("default") for option, spec in options.items()}
    params.update(name=step.data["id"], dest=step.data["to"])
    _container_export.run(Call(params, False, False, lambda _options: engine))
