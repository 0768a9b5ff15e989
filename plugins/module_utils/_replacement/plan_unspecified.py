# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a replacement does not carry over: options that the old container has, and the task does not give. Pure.

An option counts if the old container's value is neither its image's nor the engine's default.
"""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, List, Mapping, NamedTuple, Optional, Set, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.endpoints import refused_endpoints
from ansible_collections.wharf.docker.plugins.module_utils._container.options import FIELDS, Field, at, of_podman
from ansible_collections.wharf.docker.plugins.module_utils._container.spec import unlabelled
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    Api,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import (
    DICT,
    LIST,
    STRICT,
    VALUE,
    Difference,
)
from ansible_collections.wharf.docker.plugins.module_utils._values.network import container_ports, endpoint_from_api

# Modes in which a container has no networks of its own.
WITHOUT_NETWORKS = ("host", "none")
# Options that the engine refuses or discards in such a mode, and options for which it does so only if the container
# uses another container's network.
OF_NETWORKS = frozenset(("published_ports", "publish_all_ports", "links", "mac_address"))
OF_A_NAME = frozenset(
    ("hostname", "domainname", "dns_servers", "dns_opts", "dns_search_domains", "etc_hosts", "exposed_ports")
)


class Settings(NamedTuple):
    """The engine's defaults, as far as it reports them.

    ``runtime`` and ``log_driver``; ``cgroupns_mode``; ``host``: the name of its host.
    """

    runtime: str = "runc"
    log_driver: str = "json-file"
    cgroupns_mode: str = "host"
    host: str = ""


class Unspecified(NamedTuple):
    """What the old container has and the task does not give: options (normalised), and networks with endpoints."""

    normal: Mapping[str, Any]
    endpoints: Mapping[str, Mapping[str, Any]]


def settings_of(info: Mapping[str, Any]) -> Settings:
    """The settings in the document of ``GET /info``."""
    return Settings(
        str(info.get("DefaultRuntime") or "runc"),
        str(info.get("LoggingDriver") or "json-file"),
        "host" if str(info.get("CgroupVersion") or "1") == "1" else "private",
        str(info.get("Name") or ""),
    )


def unspecified(wanted: Wanted, container: Api, image: Optional[Api], settings: Settings) -> Unspecified:
    """What ``container`` has and ``wanted`` does not give. ``image``: the image that it was created from."""
    if of_podman(container):
        from ansible_collections.wharf.docker.plugins.module_utils._engine.podman import unowned

        container = unowned(wanted.normal, container, image)
    found: Dict[str, Any] = {}
    paths: Set[Tuple[str, ...]] = {field.paths for field in FIELDS if field.option in wanted.normal}
    for field in FIELDS:
        given = wanted.normal.get(field.option)
        # gpus and device_requests set the same value.
        if field.option == "network_mode" or (given is None and field.paths in paths):
            continue
        if field.option == "mac_address" and any(one.get("mac_address") for one in (wanted.endpoints or {}).values()):
            continue  # From API 1.44 on it is that of the first network.
        whole = field.kind in (VALUE, LIST) or field.spec.get("type") == "str"
        if given is not None and (whole or wanted.modes[field.option] == STRICT):
            continue
        own = _own(field, container, image, settings)
        if given is not None and own is not None:
            own = _beside(field, own, given)
        if own is not None:
            found[field.option] = own
            paths.add(field.paths)
    mode = _mode(container)
    endpoints = {} if wanted.modes["networks"] == STRICT and wanted.endpoints is not None else _endpoints(container)
    if mode != "bridge" and wanted.endpoints is None and "network_mode" not in wanted.normal:
        found["network_mode"] = mode
    if mode == "bridge" and (wanted.endpoints is not None or "network_mode" in wanted.normal):
        endpoints.pop("bridge", None)  # The default network was not requested.
    endpoints = {name: one for name, one in endpoints.items() if name not in (wanted.endpoints or {})}
    if "network_mode" in wanted.normal:
        endpoints.pop(mode, None)  # The task gives another one instead.
    if not any(endpoints.values()) and set(endpoints) <= {mode} and wanted.endpoints is None:
        endpoints = {}  # The network mode implies them.
    return Unspecified(found, endpoints)


def ruled_out(wanted: Wanted, container: Api, found: Unspecified) -> FrozenSet[str]:
    """The options found that conflict with what the task gives."""
    normal, out = wanted.normal, set()
    mode = str(normal.get("network_mode") or found.normal.get("network_mode") or "")
    if mode in WITHOUT_NETWORKS or mode.startswith("container:"):
        out |= {"networks", *OF_NETWORKS}
    if mode.startswith("container:"):
        out |= OF_A_NAME
    if normal.get("cpus"):
        out |= {"cpu_period", "cpu_quota"}
    if normal.get("cpu_period") or normal.get("cpu_quota"):
        out.add("cpus")
    if normal.get("auto_remove"):
        out |= {"restart_policy", "restart_retries"}
    if normal.get("restart_policy", "no") != "no":
        out.add("auto_remove")
    if normal.get("restart_policy", "on-failure") != "on-failure":
        out.add("restart_retries")
    if normal.get("log_driver") not in (None, at(container, "HostConfig.LogConfig.Type")):
        out.add("log_options")
    return frozenset(out & {*found.normal, *(["networks"] if found.endpoints else [])})


def carried(wanted: Wanted, found: Unspecified, out: FrozenSet[str]) -> Wanted:
    """``wanted`` with the options found, except those ruled ``out``."""
    normal = dict(wanted.normal)
    for field in FIELDS:
        own = found.normal.get(field.option)
        if own is None or field.option in out:
            continue
        given = normal.get(field.option)
        if given is None:
            normal[field.option] = own
        elif field.kind == DICT:
            normal[field.option] = {**own, **given}
        else:
            normal[field.option] = sorted([*own, *given], key=_order)
    endpoints = wanted.endpoints
    if found.endpoints and "networks" not in out:
        endpoints = {**(wanted.endpoints or {}), **found.endpoints}
    return _without_shared_targets(wanted, wanted._replace(normal=normal, endpoints=endpoints))


def dropped(wanted: Wanted, found: Unspecified, options: FrozenSet[str], image: Optional[Api]) -> List[Difference]:
    """The differences in ``options``, if they were found: from the old container's value to the new one's.

    ``image``: the new container's; None: not known yet.
    """
    result = []
    for field in FIELDS:
        if field.option not in options or field.option not in found.normal:
            continue
        own = found.normal[field.option]
        after = None if field.kind == DICT else _given_by(field, image)
        if field.kind not in (VALUE, LIST):
            after = type(own)()
        shown = None if after is None else field.show(after)
        result.append(Difference(field.option, field.show(field.compared(own)), shown, quiet=field.quiet))
    if found.endpoints and "networks" in options:
        result.append(Difference("networks", dict(found.endpoints), dict.fromkeys(found.endpoints)))
    return result


def in_words(differences: List[Difference]) -> str:
    """Options as text for messages: of variables, labels, networks and such only the names, as values may be secret."""
    words = []
    for one in differences:
        if isinstance(one.before, dict):
            words.append("%s (%s)" % (one.option, ", ".join(sorted(one.before))))
        elif one.quiet:
            words.append(one.option)
        else:
            words.append(one._replace(after=[] if isinstance(one.before, list) else one.after).cause())
    return ", ".join(words)


def _own(field: Field, container: Api, image: Optional[Api], settings: Settings) -> Any:
    """What of the value, in the engine's form, comes from neither the image nor the engine; None: nothing."""
    value = field.stored(container)
    if field.option == "mac_address":
        value = at(container, "Config.MacAddress") or ""  # Elsewhere is the address that the engine assigned.
    if field.option == "security_opts" and unlabelled(container):
        value = [word for word in value if word not in ("label=disable", "label:disable")]
    if field.option == "exposed_ports":
        published = container_ports(_published(container))
        value = [port for port in value if port not in published]
    given = _given_by(field, image)
    if field.kind == DICT:
        return {key: part for key, part in value.items() if not _is_given(field, {key: part}, given)} or None
    if field.kind not in (VALUE, LIST):
        return [item for item in value if any(one not in given for one in field.compared([item]))] or None
    if field.option == "command" and not value:
        return None  # Another entrypoint discards the image's command; a task can't request that.
    compared = field.compared(value)
    if compared == given or compared in field.defaults or compared in _by_engine(field.option, container, settings):
        return None
    # An empty entrypoint that overrides the image's is requested with one empty word.
    return [""] if field.option == "entrypoint" and value == [] else value


def _is_given(field: Field, part: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether a part of a dictionary is the same as in ``given``, however it is written."""
    return all(name in given and given[name] == value for name, value in field.compared(part).items())


def _given_by(field: Field, image: Optional[Api]) -> Any:
    """The normalised value of a container that is created without the option."""
    config = (image or {}).get("Config") or {}
    return field.read({"Config": config} if field.inherits else {})


def _by_engine(option: str, container: Api, settings: Settings) -> Tuple[Any, ...]:
    """The values that an engine with these settings gives this container by default."""
    if option == "hostname":
        mode = str(at(container, "HostConfig.NetworkMode") or "")
        own = (str(container["Id"])[:12],)
        if mode == "host" or at(container, "HostConfig.UTSMode") == "host":
            return (*own, settings.host)
        return (at(container, "Config.Hostname"),) if mode.startswith("container:") else own
    if option == "memory_swap":
        return (2 * (at(container, "HostConfig.Memory") or 0),)
    if option in ("runtime", "log_driver", "cgroupns_mode"):
        return (getattr(settings, option),)
    return ()


def _published(container: Api) -> List[str]:
    return list(_row("published_ports").read(container))


def _mode(container: Api) -> str:
    return str(_row("network_mode").read(container))


def _row(option: str) -> Field:
    return next(field for field in FIELDS if field.option == option)


def _beside(field: Field, own: Any, given: Any) -> Any:
    """The part of an old container's value that the given value neither has nor replaces; None: nothing."""
    if field.option == "healthcheck" and given.get("Test") == ["NONE"]:
        return None  # A disabled health check has no other parts.
    taken = _keys(field, given)
    if field.kind == DICT:
        return {key: part for key, part in own.items() if not taken & _keys(field, {key: part})} or None
    return [item for item in own if not taken & _keys(field, [item])] or None


def _keys(field: Field, value: Any) -> Set[Any]:
    """The keys that identify the items of a value, however they are written."""
    return {field.key(item) for item in field.compared(value)}


def _endpoints(container: Api) -> Dict[str, Dict[str, Any]]:
    """The networks of a container, that of its network mode first, each with what was requested for it."""
    mode = _mode(container)
    networks = at(container, "NetworkSettings.Networks") or {}
    found = {}
    for name in sorted(set(networks) - refused_endpoints(container), key=lambda one: (one != mode, one)):
        if name in WITHOUT_NETWORKS:
            continue
        own = str(container["Name"]).lstrip("/")
        endpoint = endpoint_from_api(networks[name], str(container["Id"]), own)
        # The engine does not report whether the MAC address was requested.
        found[name] = {key: part for key, part in endpoint.items() if part and key != "mac_address"}
    return found


def _without_shared_targets(task: Wanted, wanted: Wanted) -> Wanted:
    """``wanted`` without the carried volumes, mounts and tmpfs for whose target the task gives another one."""
    fields = [field for field in FIELDS if field.option in ("volumes", "mounts", "tmpfs")]
    taken = {key for field in fields for key in _keys(field, task.normal.get(field.option) or _type(field)())}
    normal = dict(wanted.normal)
    for field in fields:
        given = task.normal.get(field.option) or ()
        value = normal.get(field.option)
        if value is None:
            continue
        items = [{key: value[key]} for key in value] if field.kind == DICT else [[item] for item in value]
        kept = [item for item in items if next(iter(item)) in given or not taken & _keys(field, item)]
        taken |= {key for item in kept for key in _keys(field, item)}
        if kept or field.option in task.normal:
            normal[field.option] = _type(field)(one for item in kept for one in _parts(item))
        else:
            del normal[field.option]
    return wanted._replace(normal=normal)


def _type(field: Field) -> Any:
    return dict if field.kind == DICT else list


def _parts(item: Any) -> Any:
    return item.items() if isinstance(item, dict) else item


def _order(item: Any) -> str:
    return str(item["Target"]) if isinstance(item, dict) and "Target" in item else str(item)
