# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner of a replacement: what the new container takes over from the old one, and what becomes of that. Pure."""

from __future__ import annotations

from typing import Any, Iterator, List, Mapping, Set, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.observed import (
    Leftovers,
    Observed,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.plan_writable_layer import saving_steps
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    Api,
    is_running,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Step
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import (
    NEW,
    PREVIOUS,
)
from ansible_collections.wharf.docker.plugins.module_utils._replacement.recovery import (
    removal,
)
from ansible_collections.wharf.docker.plugins.module_utils._replacement.successor import prepare


def plan_replacement(
    wanted: Wanted, observed: Observed, container: Api, causes: Tuple[str, ...], data: Mapping[str, Any]
) -> List[Step]:
    """The steps of a replacement. ``data``: the new container's ``body``, its further networks, and its check."""
    beside = observed.leftovers or Leftovers()
    _refuse(wanted, container, data, beside)
    following: List[Step] = []
    if observed.dependents:
        from ansible_collections.wharf.docker.plugins.module_utils._replacement import (
            plan_dependents as _plan_dependents,
        )

        if wanted.dependents == "fail":
            _plan_dependents.refuse(wanted.name, observed.dependents)
        if wanted.dependents == "restart":
            following = _plan_dependents.following_steps(wanted, wanted.name, observed.dependents)
    prepared = {**prepare(wanted, observed, container, data), "dependents": following}
    keeps = wanted.keep_previous > 0
    steps = [Step("recreate", wanted.name, causes, {**prepared, "keep": keeps})]
    if following:
        steps += _plan_dependents.shown(following)
    saving = saving_steps(wanted, container, observed.written) if not keeps else []
    return [*saving, *_make_room(wanted, beside), *steps, *_clear_away(wanted, beside, keeps)]


def _refuse(wanted: Wanted, container: Api, data: Mapping[str, Any], beside: Leftovers) -> None:
    tried = "Cannot replace the container %s: " % wanted.name
    if beside.foreign:
        raise Failure(
            "%sthere is a container %s, a name that its replacement needs for a moment. Remove or rename that one; "
            "nothing was touched." % (tried, beside.foreign[0])
        )
    if container["HostConfig"].get("AutoRemove") and is_running(container) and wanted.replace != "no_undo":
        raise Failure(
            "%sit has the option auto_remove, so that the engine removes it as soon as it stops, and it could not come "
            "back if its successor fails. Set replace to no_undo to replace it all the same; nothing was touched."
            % tried
        )
    if wanted.replace == "start_first" and is_running(container):
        shared = _shared(data, container)
        if shared:
            raise Failure(
                "%sreplace is start_first, but two containers can't have the same %s at one time. Set replace to "
                "stop_first; nothing was touched." % (tried, ", ".join(shared))
            )


def _shared(data: Mapping[str, Any], container: Api) -> List[str]:
    """What the new container must have for itself and the running one holds: host ports, addresses, MAC addresses."""
    body = data["body"]
    taken = set(_host_ports(container["HostConfig"].get("PortBindings") or {}))
    ports = taken & set(_host_ports(body["HostConfig"].get("PortBindings") or {}))
    found = ["published port %s" % port for port in sorted(ports)]
    wanted = {**(body.get("NetworkingConfig") or {}).get("EndpointsConfig", {}), **dict(data["connect"])}
    for key, endpoint in sorted((container.get("NetworkSettings") or {}).get("Networks", {}).items()):
        held = _fixed(endpoint)
        for new in (wanted.get(key), wanted.get(endpoint.get("NetworkID"))):
            found += ["address %s" % address for address in sorted(_fixed(new or {}) & held)]
    mac = body.get("MacAddress")
    if mac and mac == container["Config"].get("MacAddress"):
        found.append("MAC address %s" % mac)
    return found


def _fixed(endpoint: Api) -> Set[str]:
    given = endpoint.get("IPAMConfig") or {}
    found = {given.get("IPv4Address"), given.get("IPv6Address"), endpoint.get("MacAddress")}
    return {str(address) for address in found if address}


def _host_ports(bindings: Mapping[str, Any]) -> Iterator[str]:
    """All host ports of a container's port bindings, as "8080/tcp"."""
    for port, hosts in bindings.items():
        protocol = port.partition("/")[2] or "tcp"
        for host in hosts or []:
            first, _dash, last = str(host.get("HostPort") or "").partition("-")
            if first and first != "0":
                yield from ("%d/%s" % (number, protocol) for number in range(int(first), int(last or first) + 1))


def _make_room(wanted: Wanted, beside: Leftovers) -> List[Step]:
    """The one that was given up goes; the kept ones each move on by one, the oldest first: the first place is free."""
    steps = []
    if beside.given_up is not None:
        steps.append(removal(wanted.name + NEW, beside.given_up, "it was given up, and %s is replaced" % wanted.name))
    if not wanted.keep_previous:
        return steps
    cause = "keep_previous %d" % wanted.keep_previous
    for number in sorted(beside.previous, reverse=True):
        former, after = (wanted.name + PREVIOUS + str(n) for n in (number, number + 1))
        data = {"id": beside.previous[number], "name": after, "undo": True}
        steps.append(Step("rename", former, (cause,), data))
    return steps


def _clear_away(wanted: Wanted, beside: Leftovers, keeps: bool) -> List[Step]:
    """The kept ones that are too many go, when the replacement is done."""
    cause = "keep_previous %d" % wanted.keep_previous
    steps = []
    for number in sorted(beside.previous):
        place = number + 1 if keeps else number
        if place > wanted.keep_previous:
            steps.append(_removal(wanted.name + PREVIOUS + str(place), beside.previous[number], cause))
    return steps


def _removal(name: str, container_id: str, cause: str) -> Step:
    return Step("remove", name, (cause,), {"id": container_id, "volumes": False})
