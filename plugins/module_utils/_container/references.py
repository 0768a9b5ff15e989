# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking up what a spec refers to, before anything is changed; see _container/plan_references.py."""

from __future__ import annotations

import json
from typing import List, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import (
    about_id,
    find_container,
    find_network,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.plan_references import (
    Found,
    Problems,
    Situation,
    containers_of,
    networks_of,
    ports_of,
    problems,
    restart_problems,
    used_by,
    volumes_of,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    Api,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import (
    Engine,
    segment,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    EngineError,
    Failure,
)


def find(engine: Engine, wanted: Wanted, situation: Situation) -> Found:
    """The objects that ``wanted`` refers to. A call for each, and one for all published ports."""
    networks = {name: find_network(engine, name) for name in networks_of(wanted)}
    if not situation.replaced:
        return Found(networks)
    return Found(
        networks,
        {name: find_container(engine, name) for name in containers_of(wanted)},
        {
            name: engine.find("/volumes/%s" % segment(name), tried="look at the volume %s" % name)
            for name in volumes_of(wanted)
        },
        _holders(engine, wanted) if situation.starts and situation.container is not None else (),
    )


def check(engine: Engine, wanted: Wanted, situation: Situation, found: Found, check_mode: bool) -> List[str]:
    """Failure: something prevents the container from being as wanted. Returns warnings.

    In check mode, what an earlier task may still create or change is only a warning.
    """
    seen = problems(wanted, situation, found)
    if seen.wrong or ((seen.now or seen.missing) and not check_mode):
        about = [about_id(engine, name) for name, document in found.containers.items() if document is None]
        about += [about_id(engine, name, "network") for name, document in found.networks.items() if document is None]
        raise Failure(" ".join(filter(None, (_in_words(wanted, situation, seen), *about))))
    warnings = ["The container %s: %s." % (wanted.name, words) for words in seen.warnings]
    # Without the container's name: so Ansible shows one warning for all containers of a network.
    warnings += [
        "%s: there is no network %s. That is not an error in check mode, since an earlier task may create it." % found
        for found in seen.missing
    ]
    if seen.now:
        warnings.append(
            "As things are, the container %s could not be as described: %s. That is not an error in check mode, since "
            "an earlier task may change it." % (wanted.name, "; ".join(seen.now))
        )
    return warnings


def check_restart(engine: Engine, container: Api, check_mode: bool) -> List[str]:
    """Failure: a running container could not start again after a stop. Returns warnings, as ``check()`` does.

    A call for each container that it uses: none for most containers.
    """
    used = {name: find_container(engine, name) for name in used_by(container)}
    words = "; ".join(restart_problems(container, used))
    if not words:
        return []
    name = str(container["Name"]).lstrip("/")
    if not check_mode:
        raise Failure(
            "Cannot restart the container %s: once it is stopped, it could not start again: %s. Correct that first, or "
            "recreate it with container_run; nothing was touched." % (name, words)
        )
    return [
        "As things are, the container %s could not be restarted: %s. That is not an error in check mode, since an "
        "earlier task may change it." % (name, words)
    ]


def _in_words(wanted: Wanted, situation: Situation, seen: Problems) -> str:
    action = "create" if situation.container is None else "replace" if situation.replaced else "change"
    return "Cannot %s the container %s: %s. Correct that first; nothing was touched." % (
        action,
        wanted.name,
        "; ".join(seen.all()),
    )


def _holders(engine: Engine, wanted: Wanted) -> Tuple[Api, ...]:
    """The running containers that publish one of the wanted host ports."""
    ports = ["%d/%s" % (number, protocol) for _address, number, protocol in ports_of(wanted)]
    if not ports:
        return ()
    query = {"filters": json.dumps({"publish": ports})}
    try:
        return tuple(engine.get("/containers/json", tried="list who publishes the ports", query=query))
    except EngineError as error:
        if not error.status:
            raise
        return ()  # Podman before version 5 has no such filter: it reports a taken port at the start.


def new_volumes(found: Optional[Found]) -> Tuple[str, ...]:
    """The named volumes that the engine is going to create for the container."""
    return tuple(name for name, volume in (found or Found()).volumes.items() if volume is None)
