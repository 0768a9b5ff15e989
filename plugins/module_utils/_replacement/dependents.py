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
    """``observed`` with those that use a container that is going to be replaced."""
    if observed.interrupted is not None:
        return observed._replace(dependents=all_of(observed.interrupted)[1])
    deep = wanted.dependents == "restart"
    return observed._replace(dependents=dependents_of(engine, str((observed.container or {})["Id"]), deep))


def dependents_of(engine: Engine, container_id: str, deep: bool) -> Tuple[Dependent, ...]:
    """Those that use the container with this id. ``deep``: with their images, and those that depend on them in turn.

    One call, and one for each container that was made later. What is learned of those is kept with the connection,
    so that a loop asks once for each: the id that it was created for never changes.
    """
    listed = engine.get("/containers/json", tried="list the containers", query={"all": True})
    others = [one for one in listed if one["Id"] != container_id]
    own = [one for one in listed if one["Id"] == container_id]
    linked = set(links_to(own[0]["Names"])) if own else set()
    since = own[0]["Created"] if own else 0
    found = []
    for one in others:
        if role_of(listed_name(one)):
            continue  # What stands beside another container goes and comes with that one.
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
    """What the replacement of the container with the id ``replaces`` by ``new`` left of those that use one of the two.

    ``container`` is the one of the two that has the name now.
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
    """By which modes a listed container uses another one."""
    if listed["Id"] not in engine.modes:
        document = find_container(engine, listed["Id"]) or {}
        host = document.get("HostConfig") or {}
        engine.modes[listed["Id"]] = {key: host.get(key) for key in MODES.values()}
    return list(uses({"HostConfig": engine.modes[listed["Id"]]}, container_id))
