# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task volume_export: the content of a volume becomes a tar archive.

The engine reads a volume by way of a container that is created and never started. It sends the same content as the same
bytes each time, so that the rest is as in container_export.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, Dict, Mapping

from ansible_collections.wharf.docker.plugins.module_utils._archive import helper_containers as _helpers
from ansible_collections.wharf.docker.plugins.module_utils._archive.destination import Place, find_place
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import segment
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Call, Result, Task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_export as _export

OPTIONS: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True, "aliases": ["volume", "volume_name"]},
    **{option: spec for option, spec in _export.OPTIONS.items() if option != "name"},
}
ASSUMED = "There is no volume %s. In check mode, it is assumed that an earlier task would create it."


def run(call: Call) -> Result:
    wanted = normalise(call.params)
    call.about = wanted.container
    known: Dict[str, Any] = {}
    try:
        with find_place(wanted.dest, wanted.uid, wanted.tried) as place:
            return _run(call, wanted, place, known)
    except Failure as failure:
        failure.facts = {**known, **failure.facts}
        raise


def normalise(params: Mapping[str, Any]) -> _export.Wanted:
    """What the task wants. Failure: a value that is wrong, before anything is read or asked."""
    return _export.normal_file(params, volume_name(params["name"]), "volume")


def volume_name(name: str) -> str:
    if name in ("", ".", "..") or not name.isprintable() or "/" in name:
        raise Failure("name: %r is not a volume's. 'docker volume ls' lists those of the engine." % name)
    return name


def _run(call: Call, wanted: _export.Wanted, place: Place, known: Dict[str, Any]) -> Result:
    """The result; ``known`` is what it is known to have so far."""
    tried = wanted.tried
    volume = call.engine.find("/volumes/%s" % segment(wanted.container), tried="look at the volume " + wanted.container)
    _helpers.refuse_podman(call.engine, tried, "export")
    if volume is None and not call.check_mode:
        raise Failure("Cannot %s: there is no such volume. 'docker volume ls' lists those of the engine." % tried)
    if place.is_owned_anew(wanted.uid):
        wanted = replace(wanted, uid=os.geteuid())
    known.update(archive=wanted.dest, compression=wanted.compression, volume=volume or {})
    before = _export.read_before(place, tried)
    if volume is None:
        call.warnings.append(ASSUMED % wanted.container)
        return _export.foreseen(call, wanted, before, known)
    from ansible_collections.wharf.docker.plugins.module_utils._apply.volume_content import content_of

    cleared = _helpers.plan_cleared(_helpers.left_helpers(call.engine))
    return _export.export(
        call,
        wanted,
        place,
        before,
        known,
        lambda: content_of(call.engine, wanted.container, tried, call.warnings),
        cleared,
    )


TASK = Task(name="volume_export", options=OPTIONS, run=run)
