# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running a container's process to its end, with its output."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from ansible_collections.wharf.docker.plugins.module_utils._container.logs import apart, output
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine, segment


def run_to_end(engine: Engine, document: Mapping[str, Any], name: str, start: bool = True) -> Dict[str, Any]:
    """Start the container and read its output until it ends: ``rc``, ``stdout``, ``stderr``.

    ``document``: its inspect document. ``start`` false: it is already running; the contents of its log come first. The
    wait and the attached stream are opened before the start, since a container with auto_remove is removed at its end,
    and a short one ends at once.
    """
    path = "/containers/%s" % segment(document["Id"])
    tried = "run the container %s to its end" % name
    tty = bool(document["Config"].get("Tty"))
    if document["HostConfig"].get("AutoRemove"):
        condition = "removed"
    else:
        condition = "next-exit" if start else "not-running"
    within = engine.timeout
    waiting = engine.stream("POST", path + "/wait", tried=tried, query={"condition": condition}, within=within)
    try:
        attached = engine.stream(
            "POST",
            path + "/attach",
            tried=tried,
            query={"stream": True, "stdout": True, "stderr": True, "logs": not start},
            within=within,
        )
        try:
            if start:
                engine.post(path + "/start", tried="start the container %s" % name)
            stdout, stderr = apart(output(attached, tty))
        finally:
            attached.close()
        return {"rc": int(waiting.json()["StatusCode"]), "stdout": stdout, "stderr": stderr}
    finally:
        waiting.close()
