# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done with the option table of a container (_container/options.py).

Argument spec, create body, comparison and live update all come from its rows. Pure: no file here talks to an engine.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.options import (
    FIELDS,
    Api,
    Field,
    at,
    mounts,
    network,
    of_podman,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import (
    DEFAULT_MODES,
    DICT,
    IGNORE,
    LIST,
    SET,
    STRICT,
    VALUE,
    Difference,
    same,
    shown,
)

# Options with a comparison that are not rows: the image and the endpoints in networks are more than a value at a path.
COMPARED = ("image", "networks")


def argument_spec() -> Dict[str, Any]:
    """The rows as an Ansible argument spec."""
    return {field.option: dict(field.spec) for field in FIELDS}


def parse(params: Mapping[str, Any]) -> Dict[str, Any]:
    """The normalised value of each row that the task gives; None: not managed. ValueError names the option."""
    normal = {}
    for field in FIELDS:
        given = params.get(field.option)
        if given is None:
            continue
        if given == "" and field.spec.get("type") == "str":
            # An empty word leaves the choice to the engine; it is compared if it is known what the engine chooses.
            if field.unset:
                normal[field.option] = field.from_api(None) if len(field.paths) == 1 else field.parse("")
            continue
        if given == [""] and field.spec.get("elements") == "str" and field.option != "entrypoint":
            given = []  # Ansible's conversion of an empty string.
        try:
            normal[field.option] = field.parse(given)
        except ValueError as error:
            raise ValueError("%s: %s" % (field.option, error)) from None
    # For both, zero means that the engine chooses: twice the memory, and 64 MiB.
    swap_unsaid = params.get("memory_swap") == "" and "memory" not in normal
    if normal.get("memory_swap") == 0 and (normal.get("memory") or swap_unsaid):
        del normal["memory_swap"]
    if normal.get("shm_size") == 0:
        del normal["shm_size"]
    if params.get("network_mode") == "" and params.get("networks") is not None:
        del normal["network_mode"]  # It is the first of the networks.
    return normal


def too_new(normal: Mapping[str, Any], version: Tuple[int, int]) -> str:
    """A message: the given options that this API version does not support; "": it supports all."""
    found = [field for field in FIELDS if normal.get(field.option) and field.since > version]
    words = ["%s needs API %d.%d" % (field.option, *field.since) for field in found]
    if "mounts" in normal:
        words += mounts.too_new(normal["mounts"], version)
    return ", ".join(words)


def comparison_modes(comparisons: Mapping[str, str]) -> Dict[str, str]:
    """How each row (and image and networks) is compared: the defaults, overridden by what the task says."""
    kinds = {field.option: field.kind for field in FIELDS}
    kinds.update(image=VALUE, networks=SET)
    modes = {field.option: field.default_mode() for field in FIELDS}
    modes.update(image=STRICT, networks=DEFAULT_MODES[SET])
    everything = comparisons.get("*")
    if everything is not None:
        if everything not in (STRICT, IGNORE):
            raise ValueError("comparisons: '*' can be strict or ignore, not %r" % everything)
        modes = dict.fromkeys(modes, everything)
    names = {alias: field.option for field in FIELDS for alias in field.spec.get("aliases", ())}
    for given, mode in comparisons.items():
        option = names.get(given, given)
        if option == "*":
            continue
        if option not in modes:
            raise ValueError("comparisons: %r is not an option that describes a container" % given)
        if mode not in (STRICT, IGNORE, "allow_more_present"):
            raise ValueError("comparisons: %s can be strict, ignore or allow_more_present, not %r" % (option, mode))
        if mode == "allow_more_present" and kinds[option] == VALUE:
            raise ValueError("comparisons: %s has one value: it can be strict or ignore" % option)
        modes[option] = mode
    return modes


def create_body(normal: Mapping[str, Any]) -> Dict[str, Any]:
    """The rows' part of the body of ``POST /containers/create``."""
    body: Dict[str, Any] = {"HostConfig": {}}
    for field in FIELDS:
        value = normal.get(field.option)
        # An empty entrypoint would mean none to the engine; if it is left out, the image's is used.
        if field.option in normal and not (field.kind == LIST and field.inherits and not value):
            field.write(body, value)
    # A published port has to be exposed as well; the engine leaves that to its client.
    for port in network.container_ports(normal["published_ports"]) if "published_ports" in normal else ():
        body.setdefault("ExposedPorts", {}).setdefault(port, {})
    return body


def differences(
    normal: Mapping[str, Any],
    modes: Mapping[str, str],
    container: Api,
    image: Optional[Api],
    kept: bool = False,
) -> List[Difference]:
    """The rows whose wanted value an inspected container does not have.

    ``image``: the inspected image of the wanted spec (None: not known). A strict comparison expects what the engine
    adds from it. So do others, if the container was created from that image and overrides what it has, unless what the
    task does not give is ``kept``.
    """
    if of_podman(container):
        from ansible_collections.wharf.docker.plugins.module_utils._engine.podman import told_as

        container = told_as(normal, container, image)
    found = []
    for field in FIELDS:
        if field.option not in normal:
            continue
        mode = modes[field.option]
        if normal[field.option] == [] and field.spec.get("type") == "str" and mode != IGNORE:
            mode = STRICT  # An empty string that stands for a list.
        wanted = _expected(field, normal, mode == STRICT, container, image, kept)
        if wanted is None:
            continue
        observed = field.alike(field.read(container), wanted)
        if field.option == "security_opts" and "label=disable" in observed and unlabelled(container):
            wanted = sorted({*wanted, "label=disable"})
        if not same(field.kind, mode, wanted, observed):
            before, after = (field.show(value) for value in shown(field.kind, mode, wanted, observed))
            live = field.live(normal[field.option]) and not _fixed(field.option, container)
            found.append(Difference(field.option, before, after, live, field.quiet))
    return found


def update_body(changed: List[str], normal: Mapping[str, Any], container: Api) -> Dict[str, Any]:
    """The body of ``POST /containers/{id}/update`` that gives the rows named in ``changed`` their wanted values."""
    document: Dict[str, Any] = {}
    for field in FIELDS:
        if field.option in changed:
            field.write(document, normal[field.option])
    body: Dict[str, Any] = document.get("HostConfig", {})
    if "RestartPolicy" in body:
        # The engine replaces the policy as a whole, and refuses a number of retries for any except on-failure.
        policy = {**(at(container, "HostConfig.RestartPolicy") or {}), **body["RestartPolicy"]}
        if policy.get("Name") != "on-failure":
            policy["MaximumRetryCount"] = 0
        body["RestartPolicy"] = policy
    observed = container.get("HostConfig", {})
    if "Memory" in body and "MemorySwap" not in body:
        memory, swap = (observed.get("Memory") or 0), (observed.get("MemorySwap") or 0)
        # By default the engine allows as much swap as memory; it refuses memory above the limit of both.
        if normal.get("memory_swap") is not None:
            body["MemorySwap"] = normal["memory_swap"]
        elif swap < 0:
            body["MemorySwap"] = swap
        elif swap == 2 * memory or swap < body["Memory"]:
            body["MemorySwap"] = 2 * body["Memory"]
    return body


def _fixed(option: str, container: Api) -> bool:
    """Whether the engine refuses to update it.

    It refuses a restart policy together with auto_remove, and cpus together with cpu_period or cpu_quota.
    With Podman nothing is updated: it can't before 5.1, and later versions lose the restart policy.
    """
    if of_podman(container):
        return True
    host = container.get("HostConfig", {})
    if option in ("restart_policy", "restart_retries"):
        return bool(host.get("AutoRemove"))
    if option in ("cpu_period", "cpu_quota"):
        return bool(host.get("NanoCpus"))
    return option == "cpus" and bool(host.get("CpuQuota") or host.get("CpuPeriod"))


def unlabelled(container: Api) -> bool:
    """Whether the engine adds label=disable to the security options by itself."""
    host = container.get("HostConfig", {})
    return bool(host.get("Privileged")) or "host" in (host.get("IpcMode"), host.get("PidMode"))


def _expected(
    field: Field, normal: Mapping[str, Any], strict: bool, container: Api, image: Optional[Api], kept: bool
) -> Any:
    """What the container is to have: the task's value, with what the image adds to it. None: unknown."""
    given = normal[field.option]
    if given == "":
        return _chosen(field, container, image)
    wanted = field.compared(given)
    if not field.inherits:
        return wanted
    if field.kind == LIST:
        return _list_or_inherited(field, normal, image)
    made_from_it = image is not None and image.get("Id") == container.get("Image")
    if field.kind == VALUE or (not strict and (kept or field.kind != DICT or not made_from_it)):
        return wanted
    inherited = field.read({"Config": (image or {}).get("Config") or {}})
    if field.option == "healthcheck":
        wanted = {key: value for key, value in wanted.items() if value or key not in inherited}
    if field.kind == DICT:
        return {**inherited, **wanted}
    if field.option == "volumes":
        taken = {_target(volume) for volume in wanted}
        inherited = [volume for volume in inherited if _target(volume) not in taken]
    if field.option == "exposed_ports":
        wanted = [*wanted, *network.container_ports(normal.get("published_ports", []))]
    return sorted({*inherited, *wanted})


def _chosen(field: Field, container: Api, image: Optional[Api]) -> Any:
    """The value if the task leaves the choice to the image and the engine with an empty word. None: unknown."""
    if field.inherits:
        return None if image is None else field.read({"Config": image.get("Config") or {}})
    if field.option == "hostname":
        host = container.get("HostConfig", {})
        shared = str(host.get("NetworkMode")).startswith(("host", "container:")) or host.get("UTSMode") == "host"
        return None if shared else container["Id"][:12]
    observed = field.read(container)
    return observed if observed in field.unset else field.unset[0]


def _list_or_inherited(field: Field, normal: Mapping[str, Any], image: Optional[Api]) -> Any:
    """An empty command or entrypoint means the image's; an entrypoint of one empty word means none at all."""
    wanted = normal[field.option]
    if field.option == "entrypoint" and wanted == [""]:
        return []
    if wanted:
        return wanted
    if field.option == "command" and normal.get("entrypoint"):
        return []  # With another entrypoint the engine does not use the image's command.
    return None if image is None else field.read({"Config": image.get("Config") or {}})


def _target(volume: str) -> str:
    parts = volume.split(":")
    return parts[1] if len(parts) > 1 else parts[0]
