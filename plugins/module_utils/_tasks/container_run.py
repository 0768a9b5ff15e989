# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task container_run: check if a container matches the task; if not, see _tasks/container_run_change.py."""

from __future__ import annotations

import re
import time
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container import spec as fields
from ansible_collections.wharf.docker.plugins.module_utils._container.arguments import OPTIONS, normalise
from ansible_collections.wharf.docker.plugins.module_utils._container.comparison import compare
from ansible_collections.wharf.docker.plugins.module_utils._container.image import why_pull
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import (
    find_container,
    find_image,
    find_network,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.observed import (
    Observed,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.status import own_name
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
    under_own_name,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Busy, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Call, Result, Task

# The containerd image store takes a name away before it gives it to another image: how long, in seconds, that lasts.
MOVED_WITHIN = 0.05


def run(call: Call) -> Result:
    wanted = normalise(call.params)
    call.seen.append({"env": wanted.normal.get("env"), "labels": wanted.normal.get("labels")})
    engine = call.engine
    warnings = list(call.warnings)
    try:
        return _run(call, wanted)
    except Busy as busy:
        from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import longest
        from ansible_collections.wharf.docker.plugins.module_utils._replacement.turn import in_turn

        def anew() -> Result:
            call.warnings[:] = warnings
            return _run(call, wanted)

        return in_turn(engine, wanted.name, anew, busy, longest(wanted.stop_timeout, None, wanted.healthy_within))


def _run(call: Call, wanted: Wanted) -> Result:
    if wanted.state == "absent":
        from ansible_collections.wharf.docker.plugins.module_utils._tasks.container_run_change import make_absent

        return make_absent(call, wanted)
    wanted, observed = observe(call.engine, wanted, call.warnings, call.check_mode)
    call.about = wanted.name
    call.seen += [observed.container, observed.image]
    comparison = compare(wanted, observed)
    as_wanted = comparison.same and observed.half_way is None and observed.renamed is None and observed.busy is None
    if as_wanted and wanted.detach and wanted.state != "healthy":
        return call.report(Plan(), container=observed.container or {})
    from ansible_collections.wharf.docker.plugins.module_utils._tasks.container_run_change import change

    return change(call, wanted, observed, comparison)


def observe(engine: Engine, wanted: Wanted, warnings: List[str], check_mode: bool) -> Tuple[Wanted, Observed]:
    """Observe what a run without a change needs: the container, and the image that is wanted or in use.

    In the returned ``wanted``, other containers and networks have the name or the id by which the engine lists them.
    """
    lacks = fields.too_new(wanted.normal, engine.version)
    if wanted.endpoints:
        from ansible_collections.wharf.docker.plugins.module_utils._values import network

        lacks = ", ".join(filter(None, (lacks, network.too_new(wanted.endpoints, engine.version))))
    if lacks:
        raise Failure(
            "Cannot describe the container %s: %s, and the engine speaks API %d.%d. Leave the option out, or use a "
            "newer engine." % (wanted.name, lacks, *engine.version)
        )
    observed = Observed(find_container(engine, wanted.name))
    if observed.container is not None:
        wanted = under_own_name(wanted, observed.container)
    else:
        from ansible_collections.wharf.docker.plugins.module_utils._replacement import leftovers

        observed = leftovers.missing(engine, wanted, check_mode, creates=True)
    container = observed.container
    if wanted.state == "stopped" and container is not None:
        return wanted, observed
    name = wanted.image or (str(container["Image"]) if container else None)
    image = find_image(engine, name) if name else None
    if image is None and name:
        time.sleep(MOVED_WITHIN)
        image = find_image(engine, name)
    newer = ""
    if wanted.image:
        newer = why_pull(engine, wanted.image, wanted.pull, image, wanted.platform, warnings)
    compared = None
    if wanted.image_comparison == "current-image" and container is not None:
        compared = find_image(engine, str(container["Image"]))
    wanted = _with_names(engine, _with_ids(engine, wanted), container)
    return wanted, observed._replace(
        image=image, newer=newer, compared=compared, version=engine.version, podman=engine.podman
    )


def _with_ids(engine: Engine, wanted: Wanted) -> Wanted:
    """Replace the container of ``network_mode: container:NAME`` (ipc, pid) by its id, which the engine stores.

    The engine lists the container of a link by name, so there an id is replaced by the name. A container that does not
    exist keeps its name: see _container/references.py for the consequences.
    """
    normal, words = dict(wanted.normal), dict(wanted.words)
    for option in ("network_mode", "ipc_mode", "pid_mode"):
        mode = normal.get(option, "")
        if mode.startswith("container:"):
            words[option] = mode
            other = find_container(engine, mode[len("container:") :])
            if other is not None:
                normal[option] = "container:" + str(other["Id"])
    for link in normal.get("links") or ():
        name, _colon, alias = link.partition(":")
        other = find_container(engine, name) if re.fullmatch("[0-9a-f]{12,64}", name) else None
        if other is not None:
            link_by_name = "%s:%s" % (own_name(other), alias)
            normal["links"] = sorted({*normal["links"]} - {link} | {link_by_name})
    return wanted._replace(normal=normal, words=words)


def _with_names(engine: Engine, wanted: Wanted, container: Optional[Mapping[str, Any]]) -> Wanted:
    """Replace ids of networks by names, for comparing and creating: the engine lists a container's networks by name.

    The engine treats an id and a name of one network as two networks, and lists both.
    """
    mode = str(wanted.normal.get("network_mode") or "")
    given = [*(wanted.endpoints or {}), *([mode] if mode else [])]
    if not given:
        return wanted
    from ansible_collections.wharf.docker.plugins.module_utils._values.network import is_id_of, may_be_id

    networks = dict(((container or {}).get("NetworkSettings") or {}).get("Networks") or {})
    names: Dict[str, str] = {}
    own_names: Mapping[str, str] = {}
    if engine.podman:
        from ansible_collections.wharf.docker.plugins.module_utils._engine import podman as _podman

        own_names = _podman.OWN_NETWORKS
        names.update((word, own_names[word]) for word in given if word in own_names)
    for word in filter(may_be_id, given):
        own = networks.get(word)
        if own is not None and own.get("NetworkID") and not is_id_of(word, own):
            continue  # It is the name of a network that the container is connected to.
        known = [name for name, api in networks.items() if name != word and api.get("NetworkID") == word]
        document = {"Name": known[0]} if known else find_network(engine, word)
        if document is not None:
            names[word] = own_names.get(document["Name"], str(document["Name"]))
    endpoints = wanted.endpoints
    if endpoints is not None:
        words = {names.get(word, word): word for word in reversed(list(endpoints))}
        twice = [word for word in endpoints if words[names.get(word, word)] != word]
        if twice:
            name = names.get(twice[0], twice[0])
            raise Failure(
                "Cannot describe the container %s: networks: %s is given twice (as %s and %s). Use one entry."
                % (wanted.name, name, words[name], twice[0])
            )
        endpoints = {names.get(word, word): endpoint for word, endpoint in endpoints.items()}
    if mode not in names:
        return wanted._replace(endpoints=endpoints)
    return wanted._replace(
        normal={**wanted.normal, "network_mode": names[mode]},
        endpoints=endpoints,
        words={**wanted.words, "network_mode": mode},
    )


TASK = Task(name="container_run", options=OPTIONS, run=run)
