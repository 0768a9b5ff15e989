# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Observing what stands beside a container: what a replacement left, and what earlier ones kept.

Only what changes something looks here, and where the container is missing: see _plan_aside.py for why that is enough.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._compare import Difference
from ansible_collections.wharf.docker.plugins.module_utils._container import find_container, inspect_container
from ansible_collections.wharf.docker.plugins.module_utils._engine import Engine
from ansible_collections.wharf.docker.plugins.module_utils._plan import Api, Observed, Plan, Step, Wanted
from ansible_collections.wharf.docker.plugins.module_utils._plan_aside import (
    BESIDE,
    NEW,
    OLD,
    UNDONE,
    Aside,
    number_of,
    own_name,
    recover,
    replaced_by,
)


def missing(engine: Engine, wanted: Wanted) -> Observed:
    """What there is in the place of a container that is missing: one that is left half way, or one to be renamed."""
    before, container = _interrupted(engine, wanted.name, None)
    if container is None and wanted.rename_from is not None:
        container = find_container(engine, wanted.rename_from)
        if container is not None:
            former = own_name(container)
            data = {"id": container["Id"], "name": wanted.name, "undo": True}
            step = Step("rename", former, ("rename_from %s → %s" % (former, wanted.name),), data)
            before = Plan((step,), (Difference("name", former, wanted.name),))
            container = {**container, "Name": "/" + wanted.name}
    return Observed(container, before=before)


def half_way(engine: Engine, wanted: Wanted, observed: Observed) -> Observed:
    """``observed`` with what an interrupted replacement left beside a container that is there. One call, or two."""
    before, container = _interrupted(engine, wanted.name, observed.container)
    return observed._replace(before=before, container=container)


def kept(engine: Engine, wanted: Wanted, observed: Observed) -> Observed:
    """``observed`` with what stands beside a container that is going to be replaced. One call."""
    previous: Dict[int, str] = {}
    undone, foreign = None, []
    own = (observed.container or {}).get("Id")
    for name, container_id in sorted(beside(engine, wanted.name).items()):
        number = number_of(wanted.name, name)
        if container_id == own:
            continue  # It is the old one of an interrupted replacement, and gets its name back first.
        if number is not None:
            previous[number] = container_id
        elif name == wanted.name + UNDONE:
            undone = container_id
        elif observed.before is None:
            foreign.append(name)
    return observed._replace(aside=Aside(tuple(foreign), previous, undone))


def beside(engine: Engine, name: str, itself: bool = False) -> Dict[str, str]:
    """Names and ids of the containers beside ``name`` (and of ``itself``). One call, and a short answer."""
    pattern = "^/?%s%s$" % (re.escape(name), "(%s)?" % BESIDE if itself else BESIDE)
    query = {"all": True, "filters": {"name": [pattern]}}
    found = engine.get("/containers/json", tried="look for the container %s" % name, query=query)
    # The names of a container that others link to are more than one: its own has a single slash.
    return {own[1:]: str(entry["Id"]) for entry in found for own in entry["Names"] if own.count("/") == 1}


def to_be_absent(engine: Engine, name: str) -> Tuple[Optional[Dict[str, Any]], Dict[str, Api]]:
    """The container ``name`` that is to be absent (None: there is none), and what stands beside it, by names.

    One call where there is nothing. What is given by its id is found by that.
    """
    given = find_container(engine, name) if re.fullmatch("[0-9a-f]{12,64}", name) else None
    name = own_name(given) if given is not None else name
    found = beside(engine, name, itself=True)
    documents = {other: inspect_container(engine, container_id, other) for other, container_id in found.items()}
    container = documents.pop(name, None)
    replaces = replaced_by(documents.get(name + NEW))
    if replaces is None:
        documents.pop(name + NEW, None)  # It is none of a replacement.
    if documents.get(name + OLD, {}).get("Id") != replaces:
        documents.pop(name + OLD, None)
    return container, dict(documents)


def _interrupted(
    engine: Engine, name: str, container: Optional[Api]
) -> Tuple[Optional[Plan], Optional[Dict[str, Any]]]:
    """The plan that ends an interrupted replacement (None: there is none), and the container as it is after it."""
    new = find_container(engine, name + NEW)
    replaces = replaced_by(new)
    if new is None or replaces is None:
        return None, None if container is None else dict(container)
    return recover(name, container, new, find_container(engine, replaces))
