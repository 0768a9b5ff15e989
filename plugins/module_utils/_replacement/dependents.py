# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Observing which containers depend on one that is going to be replaced."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_container, find_image
from ansible_collections.wharf.docker.plugins.module_utils._container.observed import (
    Dependent,
    Interrupted,
    Observed,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    Api,
    listed_name,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import replaced_by, role_of
from ansible_collections.wharf.docker.plugins.module_utils._replacement.plan_dependents import (
    MODES,
    all_of,
    links_to,
    uses,
)
from ansible_collections.wharf.docker.plugins.module_utils._values.core import NEW


def with_dependents(engine: Engine, wanted: Wanted, observed: Observed) -> Observed:
    """``observed`` with the dependents of a container that is going to be replaced."""
    if observed.interrupted is not None:
        return observed._replace(dependents=all_of(observed.interrupted)[1])
    deep = wanted.dependents == "restart"
    return observed._replace(dependents=dependents_of(engine, str((observed.container or {})["Id"]), deep))


def dependents_of(engine: Engine, container_id: str, deep: bool) -> Tuple[Dependent, ...]:
    """The containers that use the one with this id. ``deep``: with their images and their own dependents.

    One call, and one for each container created later. The modes of those are cached with the connection, since they
    never change: a loop inspects each container once.
    """
    listed = engine.get("/containers/json", tried="list the containers", query={"all": True})
    others = [one for one in listed if one["Id"] != container_id]
    own = [one for one in listed if one["Id"] == container_id]
    linked = set(links_to(own[0]["Names"])) if own else set()
    since = own[0]["Created"] if own else 0
    found = []
    for one in others:
        if role_of(listed_name(one)):
            continue  # Leftovers of another container are handled together with it.
        by = ["links"] if listed_name(one) in linked else []
        if one["Created"] >= since:
            by = [*_modes(engine, one, container_id), *by]
        if by:
            found.append((listed_name(one), one["Id"], tuple(by)))
    return tuple(
        Dependent(
            document,
            by,
            find_image(engine, document["Config"]["Image"]) if deep else None,
            dependents_of(engine, other, deep) if deep else (),
        )
        for _its_name, other, by in sorted(found)
        for document in [find_container(engine, other)]
        if document is not None
    )


def interrupted(engine: Engine, container: Api, new: Api, replaces: str) -> Interrupted:
    """The dependents of both containers of an interrupted replacement: of ``new``, and of the one with id ``replaces``.

    ``container``: whichever of the two has the name after the recovery.
    """
    own = str(container["Id"])
    other = replaces if own == new["Id"] else str(new["Id"])
    half_made = []
    for one in engine.get("/containers/json", tried="list the containers", query={"all": True}):
        if listed_name(one).endswith(NEW) and set(_modes(engine, one, own) + _modes(engine, one, other)):
            document = find_container(engine, one["Id"])
            former = replaced_by(document)
            if document is not None and former is not None:
                half_made.append((document, find_container(engine, former)))
    using = (dependents_of(engine, own, True), dependents_of(engine, other, True))
    taken = {(old or {}).get("Id") for _new, old in half_made}
    left, left_other = (tuple(one for one in found if one.container["Id"] not in taken) for found in using)
    return Interrupted((own, other), (left, left_other), tuple(half_made), str(new.get("Created")))


def _modes(engine: Engine, listed: Dict[str, Any], container_id: str) -> List[str]:
    """The options of MODES with which a listed container uses another one."""
    if listed["Id"] not in engine.modes:
        document = find_container(engine, listed["Id"]) or {}
        host = document.get("HostConfig") or {}
        engine.modes[listed["Id"]] = {key: host.get(key) for key in MODES.values()}
    return list(uses({"HostConfig": engine.modes[listed["Id"]]}, container_id))
