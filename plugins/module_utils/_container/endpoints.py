# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A container's endpoints: the networks it is in, and its settings in each. Pure."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Set, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.options import of_podman
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import IGNORE, STRICT, Difference
from ansible_collections.wharf.docker.plugins.module_utils._values import network

Api = Mapping[str, Any]
Endpoint = Mapping[str, Any]

# Networks in which the engine resolves no names: an alias there is an error.
WITHOUT_ALIASES = ("bridge", "default", "host", "none")


class EndpointChange(NamedTuple):
    """One network whose endpoint is not as wanted: None on either side means not connected.

    ``refused``: the engine kept the configuration of an endpoint that it refused to connect. As long as it has it, the
    container can't restart.
    """

    network: str
    observed: Optional[Dict[str, Any]]
    wanted: Optional[Dict[str, Any]]
    refused: bool = False

    @property
    def observed_api(self) -> Dict[str, Any]:
        return network.endpoint_to_api(self.observed or {})

    @property
    def wanted_api(self) -> Dict[str, Any]:
        return network.endpoint_to_api(self.wanted or {})

    def kinds(self) -> List[str]:
        """The steps: an endpoint can't be changed, only removed and recreated."""
        return [
            *(["disconnect"] if self.observed is not None or (self.refused and self.wanted is None) else []),
            *(["connect"] if self.wanted is not None else []),
        ]

    def difference(self) -> Difference:
        before: Optional[Dict[str, Any]]
        before, after = self.observed, self.wanted
        if self.refused:
            before = {"refused": True}
        elif before is not None and after is not None:
            changed = [key for key in after if after[key] != before.get(key)]
            before = {key: before.get(key) for key in changed}
            after = {key: after[key] for key in changed}
        elif before is not None:
            before = {key: value for key, value in before.items() if value}
        return Difference("networks", {self.network: before}, {self.network: after}, live=True)

    def cause(self) -> str:
        return self.difference().cause()


def endpoint_changes(
    normal: Mapping[str, Any],
    wanted: Optional[Mapping[str, Endpoint]],
    modes: Mapping[str, str],
    container: Api,
) -> List[EndpointChange]:
    """What to connect, disconnect and reconnect so that ``container`` is in the networks as wanted.

    ``normal`` has the network mode: the network that it names always stays. So do settings of an endpoint that the task
    does not give.
    """
    mode = modes["networks"]
    if wanted is None or mode == IGNORE:
        return []
    refused = refused_endpoints(container)
    found = {
        name: network.endpoint_from_api(api, container["Id"], container["Name"].lstrip("/"))
        for name, api in _networks(container).items()
        if name not in refused
    }
    changes, kept = [], {"none", "host", str(normal.get("network_mode", ""))}
    for name, endpoint in wanted.items():
        kept.add(name)
        observed = found.get(name)
        endpoint = _without_own_name(endpoint, container)
        if of_podman(container) and not _is_up(container):
            # Podman reports addresses, fixed ones too, only while the container runs.
            endpoint = {key: value for key, value in endpoint.items() if not key.endswith("_address")}
        if observed is None or not _same(endpoint, observed, mode):
            changes.append(EndpointChange(name, observed, _merged(observed or {}, endpoint, mode), name in refused))
    if mode == STRICT:
        left = {*found, *refused} - kept
        changes += [EndpointChange(name, found.get(name), None, name in refused) for name in sorted(left)]
    return changes


def refused_endpoints(container: Api) -> Set[str]:
    """The networks that the engine lists for a running container although it is not connected to them."""
    if not _is_up(container):
        return set()
    signs = ("EndpointID", "IPAddress", "GlobalIPv6Address", "MacAddress")
    return {name for name, api in _networks(container).items() if not any(api.get(sign) for sign in signs)}


def _is_up(container: Api) -> bool:
    return container["State"].get("Status") in ("running", "paused")


def lasting_difference(
    normal: Mapping[str, Any],
    wanted: Optional[Mapping[str, Endpoint]],
    modes: Mapping[str, str],
    container: Api,
    first_too: bool = True,
) -> List[Difference]:
    """What can't be changed later: the network it was created with (``first_too``), and a MAC address in any."""
    if not wanted or modes["networks"] == IGNORE:
        return []
    for name, endpoint in wanted.items():
        mac = _networks(container).get(name, {}).get("MacAddress") or ""
        told = _is_up(container) or not of_podman(container)
        if endpoint.get("mac_address") and endpoint["mac_address"] != mac and told:
            before, after = {"mac_address": mac}, {"mac_address": endpoint["mac_address"]}
            return [Difference("networks", {name: before}, {name: after})]
    # If the network mode is ignored, so is the network that the container was created with.
    if "network_mode" in normal or modes["network_mode"] == IGNORE or not first_too:
        return []
    first = next(iter(wanted))
    observed = network.network_mode_from_api((container["HostConfig"].get("NetworkMode"), _networks(container)))
    # Podman does not know with which of its networks a container was created, and can disconnect it from any.
    if observed == network.network_mode(first) or (of_podman(container) and first in _networks(container)):
        return []
    return [Difference("networks", {"(first)": observed}, {"(first)": first})]


def create_networking(
    body: Dict[str, Any], wanted: Optional[Mapping[str, Endpoint]], alias: str
) -> List[Tuple[str, Dict[str, Any]]]:
    """Put the first network into a create body; returns the others, to be connected before the container starts.

    Engines before API 1.44 accept only one endpoint at create. ``alias``: a further name of the container in each
    network that resolves names ("" for none).
    """
    host = body["HostConfig"]
    endpoints = {name: network.endpoint_to_api(endpoint) for name, endpoint in (wanted or {}).items()}
    if endpoints and "NetworkMode" not in host:
        host["NetworkMode"] = next(iter(endpoints))
    first = str(host.get("NetworkMode", "default"))
    if alias and first not in WITHOUT_ALIASES and not first.startswith("container:"):
        endpoints.setdefault(first, {})
    if alias:
        for name, api in endpoints.items():
            if name not in WITHOUT_ALIASES:
                api["Aliases"] = sorted({*(api.get("Aliases") or []), alias})
    if first in endpoints:
        body["NetworkingConfig"] = {"EndpointsConfig": {first: endpoints.pop(first)}}
    return list(endpoints.items())


def _networks(container: Api) -> Dict[str, Any]:
    """The networks of a container by their names: the engine also lists one under its id, if it was given so."""
    found = dict((container.get("NetworkSettings") or {}).get("Networks") or {})
    twice = {
        word
        for word in filter(network.may_be_id, found)
        if any(name != word and network.is_id_of(word, api) for name, api in found.items())
    }
    return {name: api for name, api in found.items() if name not in twice}


def _merged(observed: Endpoint, wanted: Endpoint, mode: str) -> Dict[str, Any]:
    """The endpoint to recreate: the observed one with what is wanted; lists are extended unless compared strictly."""
    merged = {**observed, **wanted}
    if mode != STRICT:
        for key, value in wanted.items():
            if isinstance(value, list):
                merged[key] = sorted({*value, *(observed.get(key) or [])})
            elif isinstance(value, dict):
                merged[key] = {**(observed.get(key) or {}), **value}
    return merged


def _without_own_name(endpoint: Endpoint, container: Api) -> Endpoint:
    """Without the container's own name among its aliases: it is resolved in any case."""
    if "aliases" not in endpoint:
        return endpoint
    own = container["Name"].lstrip("/")
    return {**endpoint, "aliases": [alias for alias in endpoint["aliases"] if alias != own]}


def _same(wanted: Endpoint, observed: Endpoint, mode: str) -> bool:
    for key, value in wanted.items():
        if isinstance(value, list) and mode != STRICT:
            if not set(value) <= set(observed.get(key) or []):
                return False
        elif isinstance(value, dict) and mode != STRICT:
            if not set(value.items()) <= set((observed.get(key) or {}).items()):
                return False
        elif value != observed.get(key):
            return False
    return True
