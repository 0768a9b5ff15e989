# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of docker_container (community.docker) that change what other options mean. Pure."""

from __future__ import annotations

import ipaddress
import shlex
from typing import Any, Dict, List, Mapping

# The defaults that docker_container had before version 3.0.0.
DEFAULTS: Mapping[str, Any] = {
    "auto_remove": False,
    "detach": True,
    "init": False,
    "interactive": False,
    "memory": "0",
    "paused": False,
    "privileged": False,
    "read_only": False,
    "tty": False,
}


def as_before(params: Mapping[str, Any]) -> Dict[str, Any]:
    """The parameters, changed as the compatibility options say. ValueError names the option."""
    result = dict(params)
    if params["container_default_behavior"] == "compatibility":
        result.update({option: value for option, value in DEFAULTS.items() if result.get(option) is None})
    if params["command_handling"] == "compatibility":
        for option in ("command", "entrypoint"):
            if isinstance(params[option], list):
                result[option] = shlex.split(" ".join(str(word) for word in params[option])) or None
            elif params[option] == "":
                result[option] = None
    if params["default_host_ip"] and params["published_ports"]:
        result["published_ports"] = _at(params["default_host_ip"], params["published_ports"])
    return result


def _at(address: str, ports: List[str]) -> List[str]:
    """Published ports, each with a host address: ``address``, unless it has another one."""
    try:
        version = ipaddress.ip_address(address.strip("[]")).version
    except ValueError:
        raise ValueError(
            "default_host_ip: %r is not a valid address: use one of IPv4 or IPv6, or leave it out" % address
        ) from None
    prefix = address if version == 4 else "[%s]" % address.strip("[]")
    found = []
    for port in ports:
        parts = str(port).rpartition("]")[2].count(":")
        if str(port).startswith("[") or parts > 1:
            found.append(str(port))
        elif parts == 1:
            found.append("%s:%s" % (prefix, port))
        else:
            found.append("%s::%s" % (prefix, port))
    return found
