# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner of a replacement: the old container is removed after the new one runs; an interruption loses neither.

The order: the new one is created as NAME.wharf-new, with labels that record the old one; the old one is renamed to
NAME.wharf-old, its restart policy is set to "no" (a restart of the engine must not start it together with the new one),
and it is stopped; the new one starts and proves itself; then the old one is removed, or kept under another name, and
the new one takes the name. Only a start proves that a published port or a fixed address is free. If the two share none
of these, the new one can also start first.

If any step fails, all are undone, the creation of the new one last. So NAME.wharf-new exists exactly as long as the
replacement is neither done nor undone, and NAME itself is missing from the first change to the old container until the
last one is undone: recovery.py has what a later run does then. Pure.
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
    """The steps of a replacement of ``container``, and those for its leftovers. As ``replace()``."""
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

    ``following``: the replacements of its dependents. ``restarts``: the restarts of its dependents, if the old one is
    restored. ``apart``: as in Series. ``alone``: nothing else in the plan changes the container.
    """
    name, identity, running = wanted.name, str(container["Id"]), is_running(container)
    attached = wanted.runs and not wanted.detach
    start_first = wanted.replace == "start_first" and wanted.detach and wanted.runs and running
    gone = running and bool(container["HostConfig"].get("AutoRemove"))
    proof: List[Step] = [
        # Undone by a stop: its port and address are free when the old one is restored; its removal comes last.
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
    # An engine gives the new one's name to one task only: that task may change the container, if it is still as
    # observed. Dependents change together with the container they use, and need no check.
    steps += [Confirm(name, causes, identity, was=state_of(container))] if alone else []
    steps += proof if start_first else []
    steps += _displace(wanted, container, causes, restarts)
    if attached:
        steps.append(Run(name + NEW, causes, called=name))
    elif (running or wanted.runs) and not start_first:
        steps += proof
    # The new one has proved itself: from here on nothing is undone; a failed replacement is completed later.
    steps.append(Proven(name, causes))
    if wanted.keep_previous:
        steps.append(Rename(name + OLD, causes, identity, new_name=name + PREVIOUS + "1"))
    elif not gone:
        steps.append(Remove(name + OLD, causes, identity, volumes=not wanted.keep_volumes))
    steps += following
    # The name comes last: a task that finds it missing looks for leftovers. An attached container with auto_remove no
    # longer exists here.
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
    """Rename the old container, and stop it.

    A container in a restart loop has to be stopped before it is renamed: Engine 20.10 can't rename a container that
    has no network at the moment.
    """
    name, identity = wanted.name, str(container["Id"])
    renamed = Rename(name, causes, identity, new_name=name + OLD, undone=True)
    if not is_running(container):
        return [renamed]
    paused = is_paused(container)
    if container["HostConfig"].get("AutoRemove"):
        # The engine removes it when it has stopped, which can't be undone.
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
        # The undo sets the policy first: with it, an engine that is restarted meanwhile starts the container itself.
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
    """What only one of the two containers can have at a time: host ports, addresses, MAC addresses."""
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
    """Remove the given-up container, and rename the kept ones, the oldest first, so that number 1 is free."""
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
    """After the replacement, remove the kept containers beyond keep_previous."""
    cause = "keep_previous %d" % wanted.keep_previous
    steps: List[Step] = []
    for number in sorted(beside.previous):
        place = number + 1 if wanted.keep_previous else number
        if place > wanted.keep_previous:
            steps.append(Remove(wanted.name + PREVIOUS + str(place), (cause,), beside.previous[number]))
    return steps
