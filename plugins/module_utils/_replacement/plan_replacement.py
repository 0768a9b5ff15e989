# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner of a replacement: the new container lives before the old one goes, and no death on the way loses either.

The order: the new one is created as NAME.wharf-new, with labels that remember the old one; the old one is renamed to
NAME.wharf-old, its restart policy goes to "no" (it must not come up beside the new one after a restart of the engine),
and it is stopped; the new one starts and proves itself; then the old one is removed, or kept under a name of its own,
and the new one takes the name. Only a start proves that a published port or a fixed address is free. Where none of
them is shared the new one can also start first.

A failure at any step goes all the way back, and the new one goes last. So NAME.wharf-new is there exactly as long as
the replacement is neither done nor undone, and NAME itself is missing from the first thing that is taken from the old
container to the last one that is given back: recovery.py has what a later run does then. Pure.
"""

from __future__ import annotations

from typing import Any, Iterator, List, Mapping, Set, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.observed import Leftovers, Observed
from ansible_collections.wharf.docker.plugins.module_utils._container.plan_writable_layer import saving_steps
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    is_paused,
    is_running,
    state_of,
    status,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import (
    NO_RESTART,
    Confirm,
    Pause,
    Prove,
    Proven,
    Remove,
    Rename,
    Run,
    SetRestartPolicy,
    Start,
    Stop,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import Wanted
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Series, Step
from ansible_collections.wharf.docker.plugins.module_utils._replacement.recovery import removal
from ansible_collections.wharf.docker.plugins.module_utils._replacement.successor import (
    Successor,
    creation,
    in_place_of,
)
from ansible_collections.wharf.docker.plugins.module_utils._values.core import NEW, OLD, PREVIOUS

Api = Mapping[str, Any]


def plan_replacement(
    wanted: Wanted,
    observed: Observed,
    container: Api,
    causes: Tuple[str, ...],
    new: Successor,
    following: Tuple[Series, ...],
    restarts: Tuple[Series, ...],
) -> List[Step]:
    """The steps of a replacement of ``container``, with what is done about those beside it. As ``replace()``."""
    beside = observed.leftovers or Leftovers()
    _refuse(wanted, container, new, beside)
    replacement = replace(wanted, observed, container, causes, new, following, restarts)
    saving = saving_steps(wanted, container, observed.written) if not wanted.keep_previous else []
    return [*saving, *_make_room(wanted, beside), replacement, *_clear_away(wanted, beside)]


def replace(
    wanted: Wanted,
    observed: Observed,
    container: Api,
    causes: Tuple[str, ...],
    new: Successor,
    following: Tuple[Series, ...] = (),
    restarts: Tuple[Series, ...] = (),
    apart: bool = False,
    alone: bool = True,
) -> Series:
    """The replacement itself.

    ``following``: those of the containers that depend on it. ``restarts``: what gives them back what they use, if the
    old one comes back. ``apart``: as in Series. ``alone``: nothing else that the plan does changes the container.
    """
    name, identity, running = wanted.name, str(container["Id"]), is_running(container)
    attached = wanted.runs and not wanted.detach
    start_first = wanted.replace == "start_first" and wanted.detach and wanted.runs and running
    gone = running and bool(container["HostConfig"].get("AutoRemove"))
    proof: List[Step] = [
        # It needs its port and its address no longer when the old one comes back; it is removed at the very end.
        Start(name + NEW, causes, called=name, undone=True),
        Prove(
            name + NEW,
            causes,
            called=name,
            within=wanted.healthy_within,
            required=wanted.state == "healthy",
            was_running=running,
            was_unhealthy=(container["State"].get("Health") or {}).get("Status") == "unhealthy",
        ),
    ]
    steps = creation(name + NEW, in_place_of(container, new, wanted, observed), causes, observed)
    # The name of the new one is given once: who has it has the container, if that is still the one that was observed.
    # Those that depend on another one change with it.
    steps += [Confirm(name, causes, identity, was=state_of(container))] if alone else []
    steps += proof if start_first else []
    steps += _displace(wanted, container, causes, restarts)
    if attached:
        steps.append(Run(name + NEW, causes, called=name))
    elif (running or wanted.runs) and not start_first:
        steps += proof
    # The new one has proved itself: from here on there is no way back, but only one to the end.
    steps.append(Proven(name, causes))
    if wanted.keep_previous:
        steps.append(Rename(name + OLD, causes, identity, new_name=name + PREVIOUS + "1"))
    elif not gone:
        steps.append(Remove(name + OLD, causes, identity, volumes=not wanted.keep_volumes))
    steps += following
    # The name comes last: who finds it missing looks for what a replacement left. With auto_remove it is gone after its
    # end.
    steps.append(Rename(name + NEW, causes, new_name=name, missing_ok=attached))
    return Series(
        name,
        causes,
        "recreate",
        tuple(steps),
        apart=apart,
        container=identity,
        was=state_of(container),
        restored="The old container %s is back under its name and %s; the new one is removed."
        % (name, "running" if running and not container.get("RestartCount") else "as it was"),
        gone="The old container had the option auto_remove, so that it was gone when it stopped." if gone else "",
        unfinished="The new container is complete, as %s. Run the task again to end the replacement." % (name + NEW),
        incomplete="The container %s is replaced, but not all that depend on it:" % name,
    )


def _displace(wanted: Wanted, container: Api, causes: Tuple[str, ...], restarts: Tuple[Series, ...]) -> List[Step]:
    """Take its name from the old container, and stop it.

    One that ends and is restarted again and again has to be down before it is renamed: Engine 20.10 can't rename a
    container whose network is gone for the moment.
    """
    name, identity = wanted.name, str(container["Id"])
    renamed = Rename(name, causes, identity, new_name=name + OLD, undone=True)
    if not is_running(container):
        return [renamed]
    paused = is_paused(container)
    if container["HostConfig"].get("AutoRemove"):
        # The engine removes it when it has stopped, and there is no way back.
        stopped = Stop(name + OLD, causes, identity, name, paused, wanted.kill, wanted.stop_timeout, auto_remove=True)
        return [renamed, stopped]
    policy = container["HostConfig"].get("RestartPolicy") or {}
    again: Tuple[Step, ...] = (
        Start(name, causes, identity),
        *([Pause(name, causes, identity)] if paused else []),
        *restarts,
    )
    first = status(container) == "restarting"
    now = name if first else name + OLD
    down: List[Step] = []
    if policy.get("Name") not in (None, "", "no"):
        # Going back, the policy comes first: with it, an engine that goes down meanwhile starts the container itself.
        again = (SetRestartPolicy(name, causes, identity, policy=policy), *again)
        down.append(SetRestartPolicy(now, causes, identity, name, policy=NO_RESTART, way_back=again))
        again = ()
    down.append(Stop(now, causes, identity, name, paused, wanted.kill, wanted.stop_timeout, way_back=again))
    return [*down, renamed] if first else [renamed, *down]


def _refuse(wanted: Wanted, container: Api, new: Successor, beside: Leftovers) -> None:
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
        shared = _shared(new, container)
        if shared:
            raise Failure(
                "%sreplace is start_first, but two containers can't have the same %s at one time. Set replace to "
                "stop_first; nothing was touched." % (tried, ", ".join(shared))
            )


def _shared(new: Successor, container: Api) -> List[str]:
    """What the new container must have for itself and the running one holds: host ports, addresses, MAC addresses."""
    body = new.body
    taken = set(_host_ports(container["HostConfig"].get("PortBindings") or {}))
    ports = taken & set(_host_ports(body["HostConfig"].get("PortBindings") or {}))
    found = ["published port %s" % port for port in sorted(ports)]
    wanted = {**(body.get("NetworkingConfig") or {}).get("EndpointsConfig", {}), **dict(new.connect)}
    for key, endpoint in sorted((container.get("NetworkSettings") or {}).get("Networks", {}).items()):
        held = _fixed(endpoint)
        for one in (wanted.get(key), wanted.get(endpoint.get("NetworkID"))):
            found += ["address %s" % address for address in sorted(_fixed(one or {}) & held)]
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
    steps: List[Step] = []
    if beside.given_up is not None:
        steps.append(removal(wanted.name + NEW, beside.given_up, "it was given up, and %s is replaced" % wanted.name))
    if not wanted.keep_previous:
        return steps
    cause = "keep_previous %d" % wanted.keep_previous
    for number in sorted(beside.previous, reverse=True):
        former, after = (wanted.name + PREVIOUS + str(n) for n in (number, number + 1))
        steps.append(Rename(former, (cause,), beside.previous[number], new_name=after, undone=True))
    return steps


def _clear_away(wanted: Wanted, beside: Leftovers) -> List[Step]:
    """The kept ones that are too many go, when the replacement is done."""
    cause = "keep_previous %d" % wanted.keep_previous
    steps: List[Step] = []
    for number in sorted(beside.previous):
        place = number + 1 if wanted.keep_previous else number
        if place > wanted.keep_previous:
            steps.append(Remove(wanted.name + PREVIOUS + str(place), (cause,), beside.previous[number]))
    return steps
