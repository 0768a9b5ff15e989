# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task network: one network as described.

The engine can't change a network: it is removed and recreated, with everything that the task does not manage unchanged.
That disconnects its containers, including stopped ones, so it is only done if there are none or with ``force``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.status import listed_name
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import (
    Engine,
    segment,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    EngineError,
    Failure,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import DICT, VALUE, Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Series, Step
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Call, Result, Task
from ansible_collections.wharf.docker.plugins.module_utils._objects import create_only as named
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values
from ansible_collections.wharf.docker.plugins.module_utils._values import ipam

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor

Api = Mapping[str, Any]

OPTIONS: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True, "aliases": ["network_name"]},
    "state": {"type": "str", "default": "present", "choices": ["absent", "present"]},
    "driver": {"type": "str", "default": "bridge"},
    "driver_options": {"type": "dict", "default": {}},
    "internal": {"type": "bool"},
    "attachable": {"type": "bool"},
    "enable_ipv6": {"type": "bool"},
    "labels": {"type": "dict", "default": {}},
    "ipam_config": {
        "type": "list",
        "elements": "dict",
        "options": {
            "subnet": {"type": "str", "required": True},
            "iprange": {"type": "str"},
            "gateway": {"type": "str"},
            "aux_addresses": {"type": "dict"},
        },
    },
    "force": {"type": "bool", "default": False},
}

# The options that have one place in the API's documents.
ROWS: named.Rows = {
    "driver": ("Driver", "Driver", VALUE),
    "driver_options": ("Options", "Options", DICT),
    "internal": ("Internal", "Internal", VALUE),
    "attachable": ("Attachable", "Attachable", VALUE),
    "enable_ipv6": ("EnableIPv6", "EnableIPv6", VALUE),
    "labels": ("Labels", "Labels", DICT),
}
# The engine creates these itself, and nobody else can create or remove them.
PREDEFINED = ("bridge", "default", "host", "none")
# The parts of an endpoint that come from its container's description; the engine derives the rest.
ENDPOINT_KEYS = ("IPAMConfig", "Links", "Aliases", "DriverOpts", "GwPriority")
# What to do about the engine's message if it can't create a network.
ADVICE = (
    ("among the defaults", "Give ipam_config a subnet."),
    ("overlap", "Another network has addresses of that subnet: give ipam_config another one."),
)


@dataclass(frozen=True)
class Wanted(named.Wanted):
    """A network as a task describes it."""

    force: bool = False


@dataclass(frozen=True)
class Member:
    """A container in the network. ``state``: as the engine names it. ``endpoint``: the settings to reconnect it."""

    id: str
    name: str
    state: str
    endpoint: Api = field(default_factory=dict)


@dataclass(frozen=True)
class Observed:
    """The network's inspect document, None if it does not exist, and the containers in it (if they matter)."""

    network: Optional[Api] = None
    members: Tuple[Member, ...] = ()


def run(call: Call) -> Result:
    wanted = normalise(call.params)
    observed = observe(call.engine, wanted)
    plan = plan_network(wanted, observed)
    document = observed.network
    if plan.changed and not call.check_mode:
        from ansible_collections.wharf.docker.plugins.module_utils._apply.create_only import carry_out

        document = carry_out(call, wanted, "network", plan, _refuse_discarded)
    return call.report(plan, network=document or {})


def normalise(params: Mapping[str, Any]) -> Wanted:
    """Expand shorthand, validate the options. Failure: a value is invalid; reported before any call to the engine."""
    name = params["name"]
    if not name or name != name.strip() or not name.isprintable():
        raise Failure("name: %r can't be a network's: use letters, digits, '_', '.' and '-'." % name)
    normal: Dict[str, Any] = {"driver": params["driver"]}
    normal.update({key: params[key] for key in ("internal", "attachable", "enable_ipv6") if params[key] is not None})
    functions: named.Functions = {
        "driver_options": values.strings,
        "labels": values.strings,
        "ipam_config": ipam.pools,
    }
    normal.update(named.normal_values("network", name, params, functions))
    return Wanted(name, params["state"], normal, force=params["force"])


def observe(engine: Engine, wanted: Wanted) -> Observed:
    """The network, and its containers if it has to be removed."""
    network = find_network(engine, wanted.name)
    if network is None or not has_to_go(wanted, network):
        return Observed(network)
    return Observed(network, tuple(_members(engine, wanted, network)))


def find_network(engine: Engine, name: str) -> Optional[Dict[str, Any]]:
    """The inspect document of the network with exactly this name; None if there is none. One call.

    The engine also accepts an id, or the beginning of one, as a name. Failure: several networks have the name, or it is
    the id of one.
    """
    try:
        document = engine.find("/networks/%s" % segment(name), tried="look at the network %s" % name)
    except EngineError as error:
        if "ID prefix" in error.answer:  # Several ids begin like this, and no network has the name.
            return None
        if "ambiguous" in error.answer:
            error.message += " Remove all but one of them by their ids."
        raise
    if document is None or document["Name"] == name:
        return document
    if len(name) >= 12:  # As many characters as "docker network ls" shows of an id.
        raise Failure("name: %s is the id of the network %s: give its name." % (name, document["Name"]))
    return None


def has_to_go(wanted: Wanted, network: Api) -> bool:
    """Whether the network has to be removed: for good, or to be recreated."""
    return wanted.state == "absent" or wanted.force or bool(differences(wanted, network))


def differences(wanted: Wanted, network: Api) -> List[Difference]:
    """The differences between the network and the task's description."""
    found = named.differences(ROWS, wanted, network)
    pools, observed_pools = wanted.normal.get("ipam_config", []), _pools_of(network)
    missing = [pool for pool in pools if not any(ipam.fits(pool, other) for other in observed_pools)]
    if missing:
        rest = [other for other in observed_pools if not any(ipam.fits(pool, other) for pool in pools)]
        found.append(Difference("ipam_config", rest, [ipam.completed(pool, observed_pools) for pool in missing]))
    return found


def plan_network(wanted: Wanted, observed: Observed) -> Plan:
    """The steps that bring the network from observed to wanted. Pure."""
    network = observed.network
    if network is None:
        return Plan() if wanted.state == "absent" else _plan_new(wanted)
    if not has_to_go(wanted, network):
        return Plan()
    from ansible_collections.wharf.docker.plugins.module_utils._container.steps import Connect, Disconnect

    tried, causes, found = named.why_it_goes("network", wanted, differences(wanted, network), "force")
    _refuse(wanted, observed, tried, causes)
    # Fixed addresses first: otherwise the engine could give them to another container.
    members = sorted(observed.members, key=lambda member: (not member.endpoint.get("IPAMConfig"), member.name))
    steps: List[Step] = [
        Disconnect(member.name, ("to %s" % tried,), member.id, network=wanted.name, endpoint=member.endpoint)
        for member in reversed(members)
    ]
    if wanted.state == "absent":
        steps.append(named.RemoveObject(wanted.name, causes, "network", network["Id"]))
        return Plan(tuple(steps), tuple(found))
    former = named.CreateObject(wanted.name, causes, "network", _body_of(network), undone=False)
    again = (
        named.RemoveObject(wanted.name, causes, "network", network["Id"], (former,)),
        named.CreateObject(wanted.name, causes, "network", _body_anew(wanted, network, found), advice=ADVICE),
    )
    restored = "The network %s is there again as it was." % wanted.name
    steps.append(Series(wanted.name, causes, "recreate", again, restored=restored))
    steps += [
        Connect(member.name, ("to %s" % tried,), member.id, network=wanted.name, endpoint=member.endpoint)
        for member in members
    ]
    return Plan(tuple(steps), tuple(found or [Difference("network", network["Id"][:12], "a new one")]))


def _plan_new(wanted: Wanted) -> Plan:
    if wanted.name in PREDEFINED:
        raise Failure(
            "Cannot create the network %s: the engine keeps this name for itself. Choose another." % wanted.name
        )
    return named.plan_new("network", wanted, _body(wanted), ADVICE)


def _refuse(wanted: Wanted, observed: Observed, tried: str, causes: Tuple[str, ...]) -> None:
    """Failure if the network must not be removed."""
    network = observed.network or {}
    why = "" if wanted.state == "absent" else " (%s; a network can't be changed)" % ", ".join(causes)
    if wanted.name in PREDEFINED:
        raise Failure("Cannot %s%s: it is the engine's own. Choose another network." % (tried, why))
    shared = network.get("Scope", "local") != "local" or network.get("ConfigOnly")
    if wanted.state != "absent" and (shared or (network.get("ConfigFrom") or {}).get("Network")):
        raise Failure(
            "Cannot %s%s: it is a swarm's, or one with a configuration that networks share, and might not come back "
            "as it is. Remove it first." % (tried, why)
        )
    if observed.members and not wanted.force:
        names = ", ".join("%s (%s)" % (member.name, member.state) for member in observed.members)
        raise Failure(
            "Cannot %s%s: containers are connected to it: %s. Disconnect or remove them first (a stopped one can't "
            "start without its network), or set force to true to have them disconnected%s."
            % (tried, why, names, "" if wanted.state == "absent" else " and connected again")
        )


def _body(wanted: Wanted) -> Dict[str, Any]:
    """The body of the create call: only what the task manages."""
    body = {**named.body(ROWS, wanted), "CheckDuplicate": True}
    if "ipam_config" in wanted.normal:
        body["IPAM"] = {"Config": ipam.pools_to_api(wanted.normal["ipam_config"])}
    return body


def _body_of(network: Api) -> Dict[str, Any]:
    """The body that creates a network like ``network``."""
    body = {**named.body_of(ROWS, network), "CheckDuplicate": True}
    config = network.get("IPAM") or {}
    body["IPAM"] = {
        "Driver": config.get("Driver") or "default",
        "Options": config.get("Options"),
        "Config": ipam.pools_to_api(_pools_of(network)),
    }
    if network.get("EnableIPv4") is False:
        body["EnableIPv4"] = False
    return body


def _body_anew(wanted: Wanted, network: Api, found: List[Difference]) -> Dict[str, Any]:
    """The body that recreates the network. With another driver, the former driver's address pools are dropped."""
    body, changed = _body_of(network), {difference.option for difference in found}
    if "driver" in changed:
        body["IPAM"] = {}
    observed, pools = _pools_of({"IPAM": body["IPAM"]}), []
    if "ipam_config" in changed or "driver" in changed:
        pools = [ipam.completed(pool, observed) for pool in wanted.normal.get("ipam_config", [])]
    versions = {ipam.version(pool) for pool in pools}
    pools += [pool for pool in observed if ipam.version(pool) not in versions]
    if wanted.normal.get("enable_ipv6") is False:
        given = {pool["subnet"] for pool in wanted.normal.get("ipam_config", [])}
        pools = [pool for pool in pools if ipam.version(pool) == 4 or pool["subnet"] in given]
    body.update(named.body_anew(ROWS, wanted, network, found))
    return {**body, "IPAM": {**body["IPAM"], "Config": ipam.pools_to_api(pools)}}


def _pools_of(network: Api) -> List[ipam.Pool]:
    return ipam.pools_from_api((network.get("IPAM") or {}).get("Config"))


def _members(engine: Engine, wanted: Wanted, network: Api) -> List[Member]:
    """The containers in the network. One call, and one per container if they have to be reconnected.

    The network's own document lists only running ones. A container that was never started is only found by the
    network's name; and a name that is the beginning of an id also finds the containers in that network.
    """
    listed = engine.get(
        "/containers/json",
        tried="find the containers in the network %s" % wanted.name,
        query={"all": True, "filters": {"network": [network["Id"], wanted.name]}},
    )
    members = []
    for container in listed:
        networks = (container.get("NetworkSettings") or {}).get("Networks") or {}
        if wanted.name not in networks and network["Id"] not in [api.get("NetworkID") for api in networks.values()]:
            continue
        name, endpoint = listed_name(container), {}
        if wanted.force:
            inspected = engine.find("/containers/%s/json" % container["Id"], tried="look at the container %s" % name)
            if inspected is None:
                continue
            endpoint = _endpoint(inspected, wanted.name)
        members.append(Member(container["Id"], name, container["State"], endpoint))
    return sorted(members, key=lambda member: member.name)


def _endpoint(container: Api, network: str) -> Dict[str, Any]:
    """The settings to reconnect the container unchanged; the engine itself adds the short id as an alias."""
    api = ((container.get("NetworkSettings") or {}).get("Networks") or {}).get(network) or {}
    endpoint = {key: api[key] for key in ENDPOINT_KEYS if api.get(key)}
    if "Aliases" in endpoint:
        endpoint["Aliases"] = [alias for alias in endpoint["Aliases"] if alias != container["Id"][:12]]
    return endpoint


def _refuse_discarded(wanted: Wanted, document: Api, _executor: Executor) -> None:
    """Failure if the new network does not match."""
    discarded = differences(wanted, document)
    if discarded:
        raise Failure(
            "The engine created the network %s, but discarded part of its description (actual → expected): %s. Leave "
            "the option out, or give it another value."
            % (wanted.name, ", ".join(difference.cause() for difference in discarded))
        )


TASK = Task(name="network", options=OPTIONS, run=run)
