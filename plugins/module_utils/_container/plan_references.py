# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a spec refers to on the engine, and what prevents it: networks, containers, volumes, ports, addresses. Pure.

The engine checks much of it only when a container starts, and by then the old one has been stopped.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Set, Tuple, Union

from ansible_collections.wharf.docker.plugins.module_utils._container.endpoints import (
    WITHOUT_ALIASES,
    refused_endpoints,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    Api,
    listed_name,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import IGNORE, STRICT
from ansible_collections.wharf.docker.plugins.module_utils._values.mounts import mounts_to_api

# Network modes that don't name a network: the engine's own, and those of Podman.
NO_NETWORKS = ("bridge", "default", "host", "none", "nat", "private", "slirp4netns", "pasta")
ALONE = ("host", "none")
BESIDE = ".wharf-"  # follows the name in the names of leftovers, see _replacement/recovery.py
# Options that may name another container, and what they use of it.
MODES = {"network_mode": "network", "ipc_mode": "IPC", "pid_mode": "processes"}

Port = Tuple[str, int, str]  # address ("" for all), number, protocol


class Found(NamedTuple):
    """The objects that a spec refers to, by their names; None: there is no such object.

    ``holders``: the running containers that publish one of the ports, as ``GET /containers/json`` lists them.
    """

    networks: Mapping[str, Optional[Api]] = {}
    containers: Mapping[str, Optional[Api]] = {}
    volumes: Mapping[str, Optional[Api]] = {}
    holders: Tuple[Api, ...] = ()


class Problems(NamedTuple):
    """Messages. ``wrong``: what can't work. ``now``: what can't work at present, which an earlier task may change.

    ``missing``: (option, name) of networks that don't exist, which an earlier task may create.
    """

    wrong: Tuple[str, ...] = ()
    now: Tuple[str, ...] = ()
    warnings: Tuple[str, ...] = ()
    missing: Tuple[Tuple[str, str], ...] = ()

    def all(self) -> Tuple[str, ...]:
        """Messages for all of them, without the warnings."""
        return (*self.wrong, *("%s: there is no network %s" % found for found in self.missing), *self.now)


class Situation(NamedTuple):
    """``container``: the existing container; None: a new one is created. ``starts``: the new one is started.

    ``replaced``: a new container is created; False: only the networks of the existing one change.
    """

    container: Optional[Api]
    starts: bool
    replaced: bool


def networks_of(wanted: Wanted) -> Dict[str, str]:
    """The networks that a spec names, each with the option that names it."""
    found = {name: "networks" for name in wanted.endpoints or {} if name not in ALONE}
    mode = str(wanted.normal.get("network_mode", ""))
    if mode and mode not in NO_NETWORKS and not mode.startswith(("container:", "ns:", "slirp4netns:", "pasta:")):
        found.setdefault(mode, "network_mode")
    return found


def containers_of(wanted: Wanted) -> Dict[str, List[str]]:
    """The containers that a spec names, by name or id, each with the options that name it."""
    found: Dict[str, List[str]] = {}
    for option in MODES:
        mode = str(wanted.normal.get(option, ""))
        if mode.startswith("container:"):
            found.setdefault(mode[len("container:") :], []).append(option)
    for option in ("volumes_from", "links"):
        for entry in wanted.normal.get(option) or ():
            found.setdefault(str(entry).partition(":")[0], []).append(option)
    return found


def volumes_of(wanted: Wanted) -> List[str]:
    """The named volumes of a spec."""
    binds = (str(volume).partition(":") for volume in wanted.normal.get("volumes") or ())
    found = {source for source, colon, _target in binds if colon and not source.startswith("/")}
    found |= {str(mount["Source"]) for mount in _volume_mounts(wanted.normal.get("mounts"))}
    return sorted(found)


def ports_of(wanted: Wanted) -> List[Port]:
    """The host ports that a spec publishes, except ranges and ports that the engine chooses."""
    mode = str(wanted.normal.get("network_mode", ""))
    if mode in ALONE or mode.startswith("container:"):
        return []
    found = []
    for entry in wanted.normal.get("published_ports") or ():
        rest, _colon, inside = str(entry).rpartition(":")
        address, _colon, host = rest.rpartition(":")
        if host.isdigit():
            found.append((address.strip("[]"), int(host), inside.partition("/")[2] or "tcp"))
    return found


def problems(wanted: Wanted, situation: Situation, found: Found) -> Problems:
    """What prevents a container from being as ``wanted``."""
    wrong, now, missing = list(_of_endpoints(wanted)), [], []
    for name, option in networks_of(wanted).items():
        word = wanted.words.get(option, name) if option == "network_mode" else name
        network = found.networks.get(name)
        if network is None:
            missing.append((option, word))
            continue
        permanent, passing = _of_network(wanted, situation, option, word, name, network)
        wrong += permanent
        now += passing
    warnings: List[str] = []
    if situation.replaced:
        wrong += _of_own_ports(wanted)
        for name, options in containers_of(wanted).items():
            for option in options:
                now += _of_container(wanted, situation, option, name, found.containers.get(name))
        now += _of_ports(wanted, situation, found.holders)
        differ = list(_of_volumes(wanted, found.volumes))
        # If the old container has the same mounts, they work no worse than before: a warning is enough.
        new = not situation.container or _mounts_differ(wanted, situation.container)
        if new and wanted.modes["mounts"] != IGNORE:
            now += differ
        else:
            warnings += differ
    return Problems(tuple(wrong), tuple(now), tuple(warnings), tuple(missing))


def used_by(container: Api) -> Dict[str, List[str]]:
    """The containers that an inspected one needs to start, by name or id, each with the options that name it."""
    host = container.get("HostConfig") or {}
    found: Dict[str, List[str]] = {}
    for option, key in (("network_mode", "NetworkMode"), ("ipc_mode", "IpcMode"), ("pid_mode", "PidMode")):
        mode = str(host.get(key) or "")
        if mode.startswith("container:"):
            found.setdefault(mode[len("container:") :], []).append(option)
    for link in host.get("Links") or []:
        found.setdefault(str(link).lstrip("/").partition(":")[0], []).append("links")
    return found


def restart_problems(container: Api, used: Mapping[str, Optional[Api]]) -> Iterator[str]:
    """Messages: what prevents a running container from starting again once it is stopped."""
    for name, options in used_by(container).items():
        other = used.get(name)
        for option in options:
            if other is None:
                yield "%s: the container %s, which it uses, is gone" % (option, name[:12])
            elif not other["State"].get("Running"):
                word = str(other["Name"]).lstrip("/")
                yield "%s: the container %s, which it uses, is not running" % (option, word)
    for name in sorted(refused_endpoints(container)):
        yield "networks: the engine refused to connect it to the network %s, and would try that again" % name


def _of_endpoints(wanted: Wanted) -> Iterator[str]:
    """Messages: what is wrong with the networks of a spec, whatever the engine has."""
    endpoints = wanted.endpoints or {}
    mode = str(wanted.normal.get("network_mode") or next(iter(endpoints), ""))
    shared = mode in ALONE or mode.startswith("container:")
    others = [name for name in endpoints if name != mode]
    if shared and others:
        yield "networks: %s can't be joined together with the network mode %s" % (
            ", ".join(others),
            wanted.words.get("network_mode", mode),
        )
    elif any(name in ALONE for name in others):
        yield "networks: %s can't be joined together with other networks" % ", ".join(
            one for one in others if one in ALONE
        )
    for name, endpoint in endpoints.items():
        if name in WITHOUT_ALIASES and endpoint.get("aliases"):
            yield "networks: the network %s resolves no names, so that it has no aliases (%s)" % (
                name,
                ", ".join(endpoint["aliases"]),
            )
        if name in WITHOUT_ALIASES and (endpoint.get("ipv4_address") or endpoint.get("ipv6_address")):
            yield "networks: the network %s has no fixed addresses (%s)" % (
                name,
                endpoint.get("ipv4_address") or endpoint.get("ipv6_address"),
            )


def _of_network(
    wanted: Wanted, situation: Situation, option: str, word: str, name: str, network: Api
) -> Tuple[List[str], List[str]]:
    """Messages about a network, which the task calls ``word``: as Problems' ``wrong`` and ``now``."""
    if network.get("ConfigOnly"):
        return ["%s: the network %s only holds a configuration for others" % (option, word)], []
    if network.get("Ingress"):
        return ["%s: the network %s is the swarm's own, for published ports" % (option, word)], []
    if network.get("Scope") == "swarm" and not network.get("Attachable"):
        return ["%s: the network %s is a swarm's, and not attachable" % (option, word)], []
    pools = [pool for pool in (network.get("IPAM") or {}).get("Config") or [] if pool.get("Subnet")]
    endpoint = (wanted.endpoints or {}).get(name, {})
    others = list(_others(network, wanted, situation))
    wrong, now = [], []
    for key in ("ipv4_address", "ipv6_address"):
        address = endpoint.get(key)
        if not address:
            continue
        if pools and not any(_is_in(address, pool["Subnet"]) for pool in pools):
            subnets = ", ".join(str(pool["Subnet"]) for pool in pools)
            wrong.append("%s: the address %s is in no subnet of the network %s (%s)" % (option, address, word, subnets))
        elif _has_usual_addresses(network) and any(_is_reserved(address, pool["Subnet"]) for pool in pools):
            wrong.append("%s: the address %s stands for the whole network %s" % (option, address, word))
        else:
            holder = _holder(address, pools, others)
            if not holder and any(address == _own_gateway(network, pool) for pool in pools):
                holder = "its gateway"
            if holder:
                now.append("%s: the address %s in the network %s belongs to %s" % (option, address, word, holder))
    if not endpoint.get("ipv4_address") and situation.starts and _is_full(network, pools, others):
        now.append("%s: the network %s has no free address" % (option, word))
    return wrong, now


def _of_container(wanted: Wanted, situation: Situation, option: str, name: str, other: Optional[Api]) -> Iterator[str]:
    word = wanted.words.get(option, name).replace("container:", "")
    if other is None:
        yield "%s: there is no container %s" % (option, word)
        return
    if situation.container is not None and other["Id"] == situation.container["Id"]:
        yield "%s: %s is the container itself" % (option, word)
        return
    state = other["State"]
    needs = option in MODES or (option == "links" and _in_default_network(wanted))
    if situation.starts and needs and (not state.get("Running") or state.get("Restarting")):
        yield "%s: the container %s is not running (it is %s)" % (option, word, state.get("Status"))
    if option == "ipc_mode" and (other.get("HostConfig") or {}).get("IpcMode") in ("private", "none"):
        yield "%s: the container %s does not share its IPC: it needs the ipc_mode shareable" % (option, word)


def _in_default_network(wanted: Wanted) -> bool:
    mode = str(wanted.normal.get("network_mode") or next(iter(wanted.endpoints or {}), "bridge"))
    return mode in ("bridge", "default")


def _of_own_ports(wanted: Wanted) -> Iterator[str]:
    """Host ports that a spec publishes twice: the engine reports them only when the container starts."""
    seen: List[Port] = []
    for address, number, protocol in ports_of(wanted):
        if any((number, protocol) == other[1:] and _overlap(address, other[0]) for other in seen):
            yield "published_ports: the port %d/%s of the host is published twice" % (number, protocol)
        seen.append((address, number, protocol))


def _of_ports(wanted: Wanted, situation: Situation, holders: Tuple[Api, ...]) -> Iterator[str]:
    if not situation.starts:
        return
    for address, number, protocol in ports_of(wanted):
        names = {
            name
            for one in holders
            for name in [listed_name(one)]
            if not _is_own(one["Id"], name, wanted, situation)
            for port in one.get("Ports") or []
            if port.get("PublicPort") == number
            and port.get("Type") == protocol
            and _overlap(address, str(port.get("IP") or ""))
        }
        if names:
            shown = ":".join(filter(None, ("[%s]" % address if ":" in address else address, str(number))))
            yield "published_ports: the port %s/%s of the host is published by %s" % (
                shown,
                protocol,
                ", ".join(sorted(names)),
            )


def _of_volumes(wanted: Wanted, volumes: Mapping[str, Optional[Api]]) -> Iterator[str]:
    """The engine never changes the driver, options and labels of an existing volume, whatever a mount gives."""
    for mount in _volume_mounts(wanted.normal.get("mounts")):
        volume = volumes.get(str(mount["Source"]))
        if volume is None:
            continue
        options = mount.get("VolumeOptions") or {}
        driver = options.get("DriverConfig") or {}
        differ = []
        if driver.get("Name") and driver["Name"] != volume.get("Driver"):
            differ.append("volume_driver %s, not %s" % (volume.get("Driver"), driver["Name"]))
        for what, given, has in (
            ("volume_options", driver.get("Options"), volume.get("Options") or {}),
            ("labels", options.get("Labels"), volume.get("Labels") or {}),
        ):
            strict = what == "volume_options" and wanted.modes["mounts"] == STRICT
            if given and (given != has if strict else any(has.get(key) != value for key, value in given.items())):
                names = sorted(key for key in {**given, **has} if given.get(key) != has.get(key))
                differ.append("other %s (%s)" % (what, ", ".join(names)))
        if differ:
            yield (
                "mounts: the volume %s is there and has %s. The engine keeps these: give them, remove the volume, "
                "or ignore mounts in comparisons" % (mount["Source"], ", ".join(differ))
            )


def _volume_mounts(mounts: Optional[List[Dict[str, Any]]]) -> List[Dict[str, Any]]:
    return [mount for mount in mounts or [] if mount.get("Type") == "volume" and mount.get("Source")]


def _mounts_differ(wanted: Wanted, container: Api) -> bool:
    had = {
        mount.get("Source"): mount.get("VolumeOptions") or {}
        for mount in (container.get("HostConfig") or {}).get("Mounts") or []
    }
    given = mounts_to_api(_volume_mounts(wanted.normal.get("mounts")))
    return any((mount.get("VolumeOptions") or {}) != had.get(mount["Source"], {}) for mount in given)


def _overlap(one: str, other: str) -> bool:
    """Whether the same port can't be published on both host addresses; "": all of IPv4 and IPv6."""
    if not one or not other:
        return True
    if (":" in one) != (":" in other):
        return False
    return one == other or one in ("0.0.0.0", "::") or other in ("0.0.0.0", "::")


def _is_in(address: str, subnet: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(subnet, strict=False)
    except ValueError:
        return False


def _has_usual_addresses(network: Api) -> bool:
    """Whether the engine itself assigns the addresses of a network."""
    return (network.get("IPAM") or {}).get("Driver") in ("default", None, "")


def _own_gateway(network: Api, pool: Api) -> str:
    """The address that a bridge chose as its gateway, if it was given none: the engine does not report it."""
    modes = any("gateway_mode" in option for option in network.get("Options") or {})
    if network.get("Driver") != "bridge" or pool.get("Gateway") or modes or not _has_usual_addresses(network):
        return ""
    try:
        within = ipaddress.ip_network(pool.get("IPRange") or pool["Subnet"], strict=False)
    except ValueError:
        return ""
    usable = (str(one) for one in within if not _is_reserved(str(one), pool["Subnet"]))
    return next(usable, "") if within.version == 4 else ""


def _is_reserved(address: str, subnet: str) -> bool:
    """Whether an address is the first or the last one of an IPv4 subnet, which the engine never assigns."""
    try:
        found = ipaddress.ip_network(subnet, strict=False)
        return found.version == 4 and found.prefixlen < 31 and ipaddress.ip_address(address) in (found[0], found[-1])
    except ValueError:
        return False


def _is_own(container_id: str, name: str, wanted: Wanted, situation: Situation) -> bool:
    """Whether this is the described container, or a leftover of its replacement, which is removed first."""
    own = (situation.container or {}).get("Id")
    return container_id == own or name == wanted.name or name.startswith(wanted.name + BESIDE)


def _others(network: Api, wanted: Wanted, situation: Situation) -> Iterator[Tuple[str, Api]]:
    """The other containers in a network: name and endpoint."""
    for container_id, endpoint in (network.get("Containers") or {}).items():
        name = str(endpoint.get("Name") or container_id[:12])
        if not _is_own(container_id, name, wanted, situation):
            yield name, endpoint


def _holder(address: str, pools: List[Api], others: List[Tuple[str, Api]]) -> str:
    """A message: what has an address in a network; "": nothing, or only the container itself."""
    for pool in pools:
        if address == _bare(pool.get("Gateway")):
            return "its gateway"
        if address in map(_bare, (pool.get("AuxiliaryAddresses") or {}).values()):
            return "its aux_addresses"
    for name, endpoint in others:
        if address in (_bare(endpoint.get("IPv4Address")), _bare(endpoint.get("IPv6Address"))):
            return "the container %s" % name
    return ""


def _is_full(network: Api, pools: List[Api], others: List[Tuple[str, Api]]) -> bool:
    """Whether a network with one IPv4 subnet has no address left for a container in addition to the ``others``."""
    subnets = [pool for pool in pools if ":" not in str(pool["Subnet"])]
    if len(subnets) != 1 or not _has_usual_addresses(network):
        return False
    pool = subnets[0]
    try:
        subnet = ipaddress.ip_network(pool["Subnet"], strict=False)
        within = ipaddress.ip_network(pool.get("IPRange") or pool["Subnet"], strict=False)
    except ValueError:
        return False
    if within.num_addresses > 4096:
        return False
    taken: Set[Union[ipaddress.IPv4Address, ipaddress.IPv6Address]] = {
        subnet.network_address,
        subnet.broadcast_address,
    }
    given = [pool.get("Gateway"), *(pool.get("AuxiliaryAddresses") or {}).values()]
    given += [endpoint.get("IPv4Address") for _name, endpoint in others]
    taken |= {ipaddress.ip_address(_bare(one)) for one in given if one}
    free = sum(address not in taken for address in within)
    # A bridge always has a gateway; the engine does not report one that it chose by itself.
    return free <= (1 if network.get("Driver") == "bridge" and not pool.get("Gateway") else 0)


def _bare(address: Any) -> str:
    return str(address or "").partition("/")[0]
