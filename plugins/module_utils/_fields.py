# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done with the option table of a container (_rows.py).

Argument spec, create body, comparison and live update all come from its rows. Pure: no file here talks to an engine.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._compare import (
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
from ansible_collections.wharf.docker.plugins.module_utils._rows import FIELDS, Api, Field, at, mounts, network

# Options that a comparison may be given for although they are no rows: an image and its endpoints in networks are
# more than a value at a path.
COMPARED = ("image", "networks")


def argument_spec() -> Dict[str, Any]:
    """The rows as an Ansible argument spec."""
    return {field.option: dict(field.spec) for field in FIELDS}


def parse(params: Mapping[str, Any]) -> Dict[str, Any]:
    """The normal value of each row that the task gives; None is not managed. ValueError names the option."""
    normal = {}
    for field in FIELDS:
        given = params.get(field.option)
        if given is None or (given == "" and field.spec.get("type") == "str"):
            continue  # An empty word leaves the choice to the engine, as leaving the option out does.
        try:
            normal[field.option] = field.parse(given)
        except ValueError as error:
            raise ValueError("%s: %s" % (field.option, error)) from None
    # Zero means for both that the engine chooses: twice the memory, and 64 MiB.
    if normal.get("memory") and normal.get("memory_swap") == 0:
        del normal["memory_swap"]
    if normal.get("shm_size") == 0:
        del normal["shm_size"]
    return normal


def too_new(normal: Mapping[str, Any], version: Tuple[int, int]) -> str:
    """What is given that this API does not have, in words; "" where it has all of it."""
    found = [field for field in FIELDS if field.option in normal and field.since > version]
    words = ["%s needs API %d.%d" % (field.option, *field.since) for field in found]
    if "mounts" in normal:
        words += mounts.too_new(normal["mounts"], version)
    return ", ".join(words)


def comparison_modes(comparisons: Mapping[str, str]) -> Dict[str, str]:
    """How each row (and image and networks) is compared: the defaults, with what the task says on top."""
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
            raise ValueError("comparisons: %r is no option that describes a container" % given)
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
        if field.option in normal:
            field.write(body, normal[field.option])
    # A published port is exposed too; the engine leaves that to its client.
    for port in network.container_ports(normal["published_ports"]) if "published_ports" in normal else ():
        body.setdefault("ExposedPorts", {}).setdefault(port, {})
    return body


def differences(
    normal: Mapping[str, Any], modes: Mapping[str, str], container: Api, image: Optional[Api]
) -> List[Difference]:
    """The rows whose wanted value an inspected container does not have.

    ``image`` is the inspected image of the wanted spec (None: not known); a strict comparison expects what the
    engine adds from it.
    """
    found = []
    for field in FIELDS:
        if field.option not in normal:
            continue
        mode = modes[field.option]
        wanted, observed = normal[field.option], field.read(container)
        if field.kind == LIST:
            wanted = _list_or_inherited(field, wanted, image)
        elif mode == STRICT and field.inherits:
            wanted = _with_inherited(field, wanted, image)
            if field.option == "exposed_ports":
                published = network.container_ports(normal.get("published_ports", []))
                wanted = sorted({*wanted, *published})
        if field.option == "published_ports":
            observed = network.without_address(observed, wanted)
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
        # The engine takes the policy as a whole, and refuses a number of retries for any but on-failure.
        policy = {**(at(container, "HostConfig.RestartPolicy") or {}), **body["RestartPolicy"]}
        if policy.get("Name") != "on-failure":
            policy["MaximumRetryCount"] = 0
        body["RestartPolicy"] = policy
    observed = container.get("HostConfig", {})
    if "Memory" in body and "MemorySwap" not in body:
        memory, swap = (observed.get("Memory") or 0), (observed.get("MemorySwap") or 0)
        # Not told otherwise, the engine allows as much swap as memory; it refuses memory above the limit of both.
        if swap < 0:
            body["MemorySwap"] = swap
        elif swap == 2 * memory or swap < body["Memory"]:
            body["MemorySwap"] = 2 * body["Memory"]
    return body


def _fixed(option: str, container: Api) -> bool:
    """What the engine refuses to update: a restart policy beside auto_remove; cpus and its parts beside each other."""
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


def _list_or_inherited(field: Field, wanted: List[str], image: Optional[Api]) -> List[str]:
    """An empty command or entrypoint is the image's; an entrypoint of one empty word is none at all."""
    if wanted == [""]:
        return []
    if not wanted and field.inherits and image is not None:
        return list(field.read({"Config": image.get("Config") or {}}))
    return wanted


def _with_inherited(field: Field, wanted: Any, image: Optional[Api]) -> Any:
    if image is None:
        return wanted
    inherited = field.read({"Config": image.get("Config") or {}})
    if field.kind == DICT:
        return {**inherited, **wanted}
    if field.option == "volumes":
        taken = {_target(volume) for volume in wanted}
        inherited = [volume for volume in inherited if _target(volume) not in taken]
    return sorted({*inherited, *wanted})


def _target(volume: str) -> str:
    parts = volume.split(":")
    return parts[1] if len(parts) > 1 else parts[0]
