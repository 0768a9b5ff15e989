# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shorthand for how a container is reached: ports, networks, links and host names.

Pure. A parse function returns the normalised value. If the Engine API has another form, ``*_to_api`` returns that, and
``*_from_api`` reads it back (None: not set). An invalid value is a ValueError that says what is wrong and which form is
valid; the caller puts the option's name in front.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Dict, List, Mapping, Optional, Set, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._values import core as values

PROTOCOLS = ("tcp", "udp", "sctp")
PUBLISHED = r"(?:(?:(\[[^\]]*\]|[^:\[\]]*):)?([^:\[\]]*):)?([^:/\[\]]+)(?:/([^:/]*))?"
PUBLISHED_FORM = "use for example 80, 8080:80, 127.0.0.1:8080:80, [::1]:8080:80/udp or 8000-8010:9000-9010"
EXPOSED_FORM = "use for example 80, 53/udp or 8000-8003"

Bindings = Dict[str, List[Dict[str, str]]]

# The API version from which on an endpoint has these; with earlier ones the engine accepts and ignores them.
SINCE: Dict[str, Tuple[int, int]] = {"mac_address": (1, 44), "gw_priority": (1, 48)}


def published_ports(value: List[str]) -> List[str]:
    """Sorted "ADDRESS:HOST:CONTAINER/protocol", address (IPv6 in brackets) and host port empty if not given.

    Ranges are expanded in pairs; a range of host ports for one container port stays: the engine chooses a free one. The
    host port 0 means any free one, the same as none.
    """
    result: Set[str] = set()
    for given in value:
        found = re.fullmatch(PUBLISHED, str(given).strip())
        if found is None:
            raise ValueError(
                f"port {given!r} is not of a known form: {PUBLISHED_FORM} (an IPv6 address stands in brackets)"
            )
        address, host, container, protocol = found.groups()
        what = f"port {given!r}"
        prefix = _bind_address(address, what) if address else ""
        suffix = _protocol(protocol, what, PUBLISHED_FORM)
        inside = _range(container, what, PUBLISHED_FORM)
        outside = (
            [str(port) for port in _range(host, what, PUBLISHED_FORM)]
            if host not in (None, "", "0")
            else [""] * len(inside)
        )
        if len(inside) == 1 and len(outside) > 1:
            outside = ["%s-%s" % (outside[0], outside[-1])]
        if len(inside) != len(outside):
            raise ValueError(f"port {given!r} has ranges of {len(outside)} and {len(inside)} ports: use equal lengths")
        result.update("%s:%s:%d/%s" % (prefix, *both, suffix) for both in zip(outside, inside))
    return sorted(result)


def published_ports_to_api(normal: List[str]) -> Bindings:
    """{"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}."""
    result: Bindings = {}
    for entry in normal:
        rest, _colon, port = entry.rpartition(":")
        address, _colon, host = rest.rpartition(":")
        result.setdefault(port, []).append({"HostIp": address.strip("[]"), "HostPort": host})
    return result


def published_ports_from_api(api: Optional[Mapping[str, Optional[List[Dict[str, str]]]]]) -> List[str]:
    """The normalised value of HostConfig.PortBindings; the host ports "0" and "" both mean any free one."""
    result = set()
    for port, bindings in (api or {}).items():
        for binding in bindings or []:
            address = _same_address(binding.get("HostIp") or "")
            host = re.sub("^0+", "", binding.get("HostPort") or "")
            prefix = "[%s]" % address if ":" in address else address
            result.add("%s:%s:%s" % (prefix, host, _with_protocol(port)))
    return sorted(result)


def without_address(observed: List[str], wanted: List[str]) -> List[str]:
    """The ``observed`` ports; 0.0.0.0 is left out if the port is ``wanted`` without an address.

    The engine publishes a port without an address on all of IPv6 as well; docker_container gives it 0.0.0.0.
    """
    return sorted(port[7:] if port.startswith("0.0.0.0:") and port[7:] in wanted else port for port in observed)


def container_ports(published_normal: List[str]) -> List[str]:
    """The ports of the container ("80/tcp") of published ports, sorted."""
    return sorted({entry.rpartition(":")[2] for entry in published_normal})


def exposed_ports(value: List[str]) -> List[str]:
    """Sorted "80/tcp" of "80", "53/udp" and "8000-8003"."""
    result: Set[str] = set()
    for given in value:
        what = f"port {given!r}"
        ports, slash, protocol = str(given).strip().partition("/")
        suffix = _protocol(protocol if slash else None, what, EXPOSED_FORM)
        result.update("%d/%s" % (port, suffix) for port in _range(ports, what, EXPOSED_FORM))
    return sorted(result)


def exposed_ports_to_api(normal: List[str]) -> Dict[str, Dict[str, Any]]:
    """{"80/tcp": {}}."""
    return {port: {} for port in normal}


def exposed_ports_from_api(api: Optional[Mapping[str, Any]]) -> List[str]:
    """Sorted "80/tcp"."""
    return sorted({_with_protocol(port) for port in api or {}})


def links(value: List[str]) -> List[str]:
    """Sorted "container:alias" of "container" and "container:alias"."""
    result = set()
    for given in value:
        container, colon, alias = given.strip().partition(":")
        container = container[1:] if container.startswith("/") else container
        alias = alias if colon else container
        if not container or not alias or re.search(r"[\s:/]", container + alias):
            raise ValueError(f"link {given!r} is not of a known form: use container or container:alias")
        result.add("%s:%s" % (container, alias))
    return sorted(result)


def links_to_api(normal: List[str]) -> List[str]:
    """The same list."""
    return list(normal)


def links_from_api(api: Optional[List[str]]) -> List[str]:
    """Sorted "container:alias" of the engine's form: "/container:/owner/alias"."""
    result = set()
    for entry in api or []:
        container, _colon, alias = entry.lstrip("/").partition(":")
        result.add("%s:%s" % (container, alias.rpartition("/")[2] or container))
    return sorted(result)


def etc_hosts(value: Mapping[Any, Any]) -> Dict[str, str]:
    """Host name → its address as given, without brackets, or "host-gateway" for the engine's host."""
    result = {}
    for host, given in value.items():
        if not isinstance(host, str) or not host or re.search(r"[\s:=]", host):
            raise ValueError(f"host {host!r} is not a name: use one without whitespace, ':' and '='")
        address = str(given).strip()
        if address != "host-gateway":
            address = address[1:-1] if address.startswith("[") and address.endswith("]") else address
            _address(address, f"address {given!r} of host {host!r}", "or host-gateway")
        result[str(host)] = address
    return result


def etc_hosts_to_api(normal: Mapping[str, str]) -> List[str]:
    """["host:address"], sorted."""
    return ["%s:%s" % (host, normal[host]) for host in sorted(normal)]


def etc_hosts_from_api(api: Optional[List[str]]) -> Dict[str, str]:
    """Name → address of "host:address", or of "host=address", which newer clients write."""
    result = {}
    for entry in api or []:
        host, *rest = re.split(r"[:=]", entry, maxsplit=1)
        address = rest[0] if rest else ""
        result[host] = address.strip("[]")
    return result


def etc_hosts_compared(normal: Mapping[str, str]) -> Dict[str, str]:
    """Name → address in its short form."""
    return {host: _same_address(address) for host, address in normal.items()}


def addresses(normal: List[str]) -> List[str]:
    """Addresses in their short form, each once, in their order."""
    return list(dict.fromkeys(_same_address(address) for address in normal))


def dns_servers(value: List[str]) -> List[str]:
    """Addresses as given. The engine refuses an invalid one only when the container starts. Podman accepts "none"."""
    for given in value:
        if given and given != "none":
            _address(given.partition("%")[0], f"name server {given!r}")
    return list(value)


def networks(value: List[Dict[str, Any]]) -> Dict[str, Dict[str, Any]]:
    """Name or id of a network → endpoint, in the order given.

    The keys of an endpoint, as far as given: aliases, links and link_local_ips (sorted lists), ipv4_address and
    ipv6_address ("": no fixed one), mac_address, driver_opts (strings) and gw_priority. The engine assigns each
    endpoint a MAC address, so an empty one counts as not given.
    """
    result: Dict[str, Dict[str, Any]] = {}
    for given in value:
        name = "bridge" if given["name"] == "default" else given["name"]
        if not name:
            raise ValueError(f"network {name!r} has no name: use a network's name or id")
        if name in result:
            raise ValueError(f"network {name!r} is given twice: use one entry")
        endpoint: Dict[str, Any] = {}
        if given.get("aliases") is not None:
            endpoint["aliases"] = sorted(set(given["aliases"]))
            if any(not alias or re.search(r"\s", alias) for alias in endpoint["aliases"]):
                raise ValueError(f"network {name!r} has an alias that is empty or has whitespace: use names of hosts")
        for key, parse in (("links", links), ("mac_address", mac_address), ("driver_opts", values.strings)):
            if given.get(key) is None or given[key] == "":
                continue
            try:
                endpoint[key] = parse(given[key])
            except ValueError as error:
                raise ValueError(f"network {name!r}: {key}: {error}") from None
        for key, version in (("ipv4_address", 4), ("ipv6_address", 6)):
            if given.get(key) is not None:
                what = f"address {given[key]!r} in network {name!r}"
                endpoint[key] = _address(given[key], what, version=version) if given[key] else ""
        if given.get("link_local_ips") is not None:
            what = "link-local address %r in network " + repr(name)
            endpoint["link_local_ips"] = sorted({_address(one, what % one) for one in given["link_local_ips"]})
        if given.get("gw_priority") is not None:
            endpoint["gw_priority"] = given["gw_priority"]
        result[name] = endpoint
    return result


def endpoint_to_api(normal: Mapping[str, Any]) -> Dict[str, Any]:
    """Aliases, Links, IPAMConfig (with the fixed addresses) and so on, only what is given and not empty."""
    fixed = {
        "IPv4Address": normal.get("ipv4_address"),
        "IPv6Address": normal.get("ipv6_address"),
        "LinkLocalIPs": list(normal.get("link_local_ips") or []),
    }
    api = {
        "Aliases": list(normal.get("aliases") or []),
        "Links": list(normal.get("links") or []),
        "IPAMConfig": {key: address for key, address in fixed.items() if address},
        "MacAddress": normal.get("mac_address"),
        "DriverOpts": dict(normal.get("driver_opts") or {}),
        "GwPriority": normal.get("gw_priority"),
    }
    return {key: part for key, part in api.items() if part}


def endpoint_from_api(api: Mapping[str, Any], container_id: str, container_name: str) -> Dict[str, Any]:
    """The whole endpoint of an entry of NetworkSettings.Networks.

    Its own name, and the first 12 characters of its id, which the engine adds, don't count as aliases.
    """
    fixed = api.get("IPAMConfig") or {}
    return {
        "aliases": sorted(set(api.get("Aliases") or []) - {container_id[:12], container_name}),
        "links": links_from_api(api.get("Links")),
        "ipv4_address": _same_address(fixed.get("IPv4Address") or ""),
        "ipv6_address": _same_address(fixed.get("IPv6Address") or ""),
        "link_local_ips": sorted(_same_address(one) for one in fixed.get("LinkLocalIPs") or []),
        "mac_address": api.get("MacAddress") or "",
        "driver_opts": dict(api.get("DriverOpts") or {}),
        "gw_priority": api.get("GwPriority") or 0,
    }


def too_new(endpoints: Mapping[str, Mapping[str, Any]], version: Tuple[int, int]) -> str:
    """A message: the given options of endpoints that this API version does not support; "": it supports all."""
    given = {option for endpoint in endpoints.values() for option, value in endpoint.items() if value}
    found = [option for option in sorted(given) if SINCE.get(option, version) > version]
    return ", ".join("networks.%s needs API %d.%d" % (option, *SINCE[option]) for option in found)


def mac_address(value: Optional[str]) -> str:
    """Six bytes in lower case, "02:42:ac:11:00:02", of the same with dashes or capitals; "": none."""
    text = (value or "").strip().lower().replace("-", ":")
    if text and not re.fullmatch("[0-9a-f]{2}(?::[0-9a-f]{2}){5}", text):
        raise ValueError(f"MAC address {value!r} is not valid: use for example 02:42:ac:11:00:02")
    return text


def network_mode(value: Optional[str]) -> str:
    """The mode; "default" (and None) becomes "bridge", which is the same network."""
    return "bridge" if value in (None, "", "default") else str(value)


def network_mode_from_api(parts: Tuple[Optional[str], Optional[Mapping[str, Any]]]) -> str:
    """The mode, with a network's name instead of its id.

    If a container never ran, the name of its only network is all that the engine reports.
    """
    mode, networks = network_mode(parts[0]), parts[1] or {}
    if may_be_id(mode) and mode not in networks and len(networks) == 1:
        return next(iter(networks))
    return next((name for name, api in networks.items() if name != mode and is_id_of(mode, api)), mode)


def may_be_id(name: str) -> bool:
    """Whether this may be the id of a network, or its beginning."""
    return re.fullmatch("[0-9a-f]{1,64}", name) is not None


def is_id_of(name: str, api: Mapping[str, Any]) -> bool:
    """Whether an endpoint is in the network with this id, or with an id that begins with it."""
    return may_be_id(name) and str(api.get("NetworkID") or "").startswith(name)


def _address(text: str, what: str, form: str = "", version: int = 0) -> str:
    """An IP address in its short form."""
    kinds = {0: "an IPv4 or IPv6 address", 4: "an IPv4 address", 6: "an IPv6 address"}
    example = "use for example %s" % {0: "192.0.2.1 or 2001:db8::1", 4: "192.0.2.1", 6: "2001:db8::1"}[version]
    try:
        # Python 3.9 and later accept a zone ("%eth0"), the engine does not.
        address = None if "%" in text else ipaddress.ip_address(text)
    except ValueError:
        address = None
    if address is None or version not in (0, address.version):
        raise ValueError(f"{what} is not {kinds[version]}: {example}{form and ', ' + form}")
    return str(address)


def _same_address(text: str) -> str:
    """An address in its short form; anything else unchanged."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


def _bind_address(text: str, what: str) -> str:
    bare = text[1:-1] if text.startswith("[") else text
    try:
        address = _address(bare, what)
    except ValueError:
        raise ValueError(
            f"{what} has {bare!r} for an address: the engine takes no host name here, use an IPv4 address or an IPv6 "
            "address in brackets"
        ) from None
    return "[%s]" % address if ":" in address else address


def _protocol(given: Optional[str], what: str, form: str) -> str:
    protocol = "tcp" if given is None else given.lower()
    if protocol not in PROTOCOLS:
        raise ValueError(f"{what} has the unknown protocol {given!r}: use {', '.join(PROTOCOLS)}; {form}")
    return protocol


def _range(text: str, what: str, form: str) -> range:
    """The ports of "80" or "8000-8010"."""
    found = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", text)
    if found is None:
        raise ValueError(f"{what} has {text!r} for a number or a range of numbers: {form}")
    first, last = int(found.group(1)), int(found.group(2) or found.group(1))
    if first < 1 or last > 65535:
        raise ValueError(f"{what} has a number outside 1 to 65535: {form}")
    if first > last:
        raise ValueError(f"{what} has a range that ends before it begins: {form}")
    return range(first, last + 1)


def _with_protocol(port: str) -> str:
    return port.lower() if "/" in port else port + "/tcp"
