# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address pools of a network: what a task gives → the value that is compared, and the API's form of it.

Pure. The keys of a pool, as far as given: subnet, iprange, gateway (addresses in their short form) and aux_addresses
(host name → address). An invalid value is a ValueError that says what is wrong and which form is valid.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Dict, List, Mapping, Optional, Union

Pool = Dict[str, Any]
Subnet = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

POOL_KEYS: Mapping[str, str] = {
    "subnet": "Subnet",
    "iprange": "IPRange",
    "gateway": "Gateway",
    "aux_addresses": "AuxiliaryAddresses",
}


def pools(value: List[Dict[str, Any]]) -> List[Pool]:
    """The pools in the order given."""
    return [_pool(given) for given in value]


def pools_to_api(normal: List[Pool]) -> List[Dict[str, Any]]:
    """[{"Subnet", "IPRange", "Gateway", "AuxiliaryAddresses"}], only what is given."""
    return [{POOL_KEYS[option]: value for option, value in pool.items()} for pool in normal]


def pools_from_api(api: Optional[List[Mapping[str, Any]]]) -> List[Pool]:
    """The pools of IPAM.Config, in which the engine leaves addresses as they were written."""
    result = []
    for config in api or []:
        pool = {option: config[key] for option, key in POOL_KEYS.items() if config.get(key)}
        for option in ("subnet", "iprange"):
            if option in pool:
                pool[option] = _plain(pool[option])
        if "gateway" in pool:
            pool["gateway"] = _plain(pool["gateway"].partition("/")[0])
        if "aux_addresses" in pool:
            pool["aux_addresses"] = {host: _plain(address) for host, address in pool["aux_addresses"].items()}
        result.append(pool)
    return result


def fits(wanted: Pool, observed: Pool) -> bool:
    """Whether an observed pool matches a wanted one. It may have more than that."""
    return all(observed.get(option) == value for option, value in wanted.items())


def completed(wanted: Pool, observed: List[Pool]) -> Pool:
    """A wanted pool, merged with the observed one of the same subnet."""
    beside = [pool for pool in observed if pool.get("subnet") == wanted["subnet"]]
    return {**(beside[0] if beside else {}), **wanted}


def version(pool: Pool) -> int:
    """4 or 6."""
    return 6 if ":" in str(pool.get("subnet")) else 4


def _pool(given: Mapping[str, Any]) -> Pool:
    subnet = _subnet(given["subnet"], "subnet")
    pool: Pool = {"subnet": str(subnet)}
    if given.get("iprange") is not None:
        part = _subnet(given["iprange"], "iprange")
        if part.network_address not in subnet or part.broadcast_address not in subnet:
            raise ValueError(f"the iprange {part} is not in the subnet {subnet}: use a part of it")
        pool["iprange"] = str(part)
    if given.get("gateway") is not None:
        pool["gateway"] = _address(given["gateway"], subnet, "gateway")
    if given.get("aux_addresses"):
        pool["aux_addresses"] = {
            str(host): _address(address, subnet, f"aux_addresses.{host}")
            for host, address in given["aux_addresses"].items()
        }
    return pool


def _subnet(text: str, what: str) -> Subnet:
    try:
        found = ipaddress.ip_network(text, strict=False) if "/" in text and "%" not in text else None
    except ValueError:
        found = None
    if found is None:
        form = "use for example 192.0.2.0/24 or 2001:db8::/64"
        raise ValueError(f"the {what} {text!r} is not a valid range of addresses: {form}")
    if ipaddress.ip_address(text.partition("/")[0]) != found.network_address:
        raise ValueError(f"the {what} {text!r} is an address in a range: use {found}")
    return found


def _address(given: Any, subnet: Subnet, what: str) -> str:
    try:
        address = ipaddress.ip_address(str(given))
    except ValueError:
        raise ValueError(f"the {what} {given!r} is not a valid IP address: use one of the subnet {subnet}") from None
    if address not in subnet:
        raise ValueError(f"the {what} {address} is not in the subnet {subnet}: use an address of it")
    return str(address)


def _plain(text: str) -> str:
    """An address, or a range of them, in its short form; anything else unchanged."""
    try:
        return str(ipaddress.ip_network(text, strict=False) if "/" in text else ipaddress.ip_address(text))
    except ValueError:
        return text
