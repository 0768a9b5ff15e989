# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of container_run, and the Wanted that they describe, with all shorthand expanded.

Files of the managed host that the options name are read here. The engine is not contacted.
"""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Optional

from ansible_collections.wharf.docker.plugins.module_utils._container import spec as fields
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import SECRET_PATTERNS
from ansible_collections.wharf.docker.plugins.module_utils._values import core as _values

NETWORK_OPTIONS: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "aliases": {"type": "list", "elements": "str"},
    "links": {"type": "list", "elements": "str"},
    "ipv4_address": {"type": "str"},
    "ipv6_address": {"type": "str"},
    "mac_address": {"type": "str"},
    "driver_opts": {"type": "dict"},
    "gw_priority": {"type": "int"},
    "link_local_ips": {"type": "list", "elements": "str"},
}

OPTIONS: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "state": {
        "type": "str",
        "default": "started",
        "choices": ["absent", "present", "healthy", "stopped", "started"],
    },
    "image": {"type": "str"},
    "pull": {"type": "raw", "choices": ["never", "missing", "always", "newer", True, False], "default": "missing"},
    "platform": {"type": "str"},
    "detach": {"type": "bool"},
    "cleanup": {"type": "bool", "default": False},
    "recreate": {"type": "bool", "default": False},
    "comparisons": {"type": "dict"},
    "healthy_wait_timeout": {"type": "float", "default": 300},
    "env_file": {"type": "list", "elements": "path"},
    "label_file": {"type": "list", "elements": "path"},
    "env_secret": {"type": "dict", "no_log": True},
    "secret_patterns": SECRET_PATTERNS,
    # An entry is a name or a dictionary with these options: they are checked in _network_entry().
    "networks": {"type": "list", "elements": "raw", "options": NETWORK_OPTIONS},
    "replace": {"type": "str", "default": "stop_first", "choices": ["stop_first", "start_first", "no_undo"]},
    "keep_previous": {"type": "int", "default": 0},
    "unspecified": {"type": "str", "default": "drop", "choices": ["drop", "keep", "fail"]},
    "renew_anonymous_volumes": {"type": "bool", "default": False},
    "rename_from": {"type": "str"},
    "dependents": {"type": "str", "default": "report", "choices": ["report", "restart", "fail"]},
    "writable_layer": {"type": "str", "default": "ignore", "choices": ["ignore", "fail", "commit", "export"]},
    "writable_layer_image": {"type": "str"},
    "writable_layer_path": {"type": "path"},
    "writable_layer_ignore": {"type": "list", "elements": "str"},
    "restart": {"type": "bool", "default": False},
    "paused": {"type": "bool"},
    "force_kill": {"type": "bool", "default": False, "aliases": ["forcekill"]},
    "kill_signal": {"type": "str"},
    "keep_volumes": {"type": "bool", "default": True},
    "removal_wait_timeout": {"type": "float"},
    "image_comparison": {"type": "str", "default": "desired-image", "choices": ["desired-image", "current-image"]},
    "image_label_mismatch": {"type": "str", "default": "ignore", "choices": ["ignore", "fail"]},
    "image_name_mismatch": {"type": "str", "default": "recreate", "choices": ["recreate", "ignore"]},
    "networks_cli_compatible": {"type": "bool", "default": True},
    "default_host_ip": {"type": "str"},
    "command_handling": {"type": "str", "default": "correct", "choices": ["compatibility", "correct"]},
    "container_default_behavior": {
        "type": "str",
        "default": "no_defaults",
        "choices": ["compatibility", "no_defaults"],
    },
    "output_logs": {"type": "bool", "default": False},
    "pull_check_mode_behavior": {
        "type": "str",
        "default": "image_not_present",
        "choices": ["image_not_present", "always"],
    },
    **fields.argument_spec(),
}


def normalise(params: Mapping[str, Any]) -> Wanted:
    """What the task wants, with all shorthand expanded. Failure: an invalid value."""
    try:
        name = _values.container_name(params["name"])
    except ValueError as error:
        raise Failure("name: %s" % error) from None
    try:
        if (
            params["command_handling"] == "compatibility"
            or params["container_default_behavior"] == "compatibility"
            or params["default_host_ip"]
        ):
            from ansible_collections.wharf.docker.plugins.module_utils._container.compatibility import as_before

            params = as_before(params)
        normal = {}
        if params["state"] != "absent":
            normal = fields.parse(_with_files_and_secrets(params))
        wanted = Wanted(
            name=name,
            state=params["state"],
            image=_image_name(params["image"]),
            pull=_pull(params["pull"]),
            platform=_platform(params["platform"]),
            recreate=params["recreate"],
            detach=params["detach"] is not False,
            cleanup=params["cleanup"],
            healthy_within=params["healthy_wait_timeout"],
            normal=normal,
            modes=fields.comparison_modes(params["comparisons"] or {}),
            endpoints=_endpoints(params["networks"]),
            replace=params["replace"],
            keep_previous=params["keep_previous"],
            unspecified=params["unspecified"],
            renew_volumes=params["renew_anonymous_volumes"],
            rename_from=params["rename_from"] or None,
            secret_patterns=tuple(params["secret_patterns"] or ()),
            masked=_masked(params),
            kill=_kill(params),
            stop_timeout=params["stop_timeout"],
            keep_volumes=params["keep_volumes"],
            removal_within=params["removal_wait_timeout"],
            dependents=params["dependents"],
            writable_layer=params["writable_layer"],
            writable_layer_to=_writable_layer_to(params),
            writable_layer_ignore=tuple(params["writable_layer_ignore"] or ()),
            restart=params["restart"],
            paused=params["paused"],
            image_comparison=params["image_comparison"],
            image_label_mismatch=params["image_label_mismatch"],
            image_name_mismatch=params["image_name_mismatch"],
            default_network=not params["networks_cli_compatible"] and bool(params["networks"]),
        )
        refuse_contradictions(wanted)
    except ValueError as error:
        raise Failure("Cannot describe the container %s: %s." % (name, str(error).rstrip("."))) from None
    return wanted


def _with_files_and_secrets(params: Mapping[str, Any]) -> Mapping[str, Any]:
    if not any(params[option] for option in ("env_file", "label_file", "security_opts", "env_secret")):
        return params
    from ansible_collections.wharf.docker.plugins.module_utils._container.files import with_files, with_secrets

    return with_secrets(with_files(params), params["env"])


def _masked(params: Mapping[str, Any]) -> str:
    """The note on a new container that names its secrets to tasks which don't know them; "": none."""
    given, patterns = params["env_secret"] or {}, params["secret_patterns"] or []
    if patterns == SECRET_PATTERNS["default"]:
        patterns = []
    if not given and not patterns:
        return ""
    from ansible_collections.wharf.docker.plugins.module_utils._flow.mask import note

    return note(given, patterns)


def _writable_layer_to(params: Mapping[str, Any]) -> str:
    """The image or the file to which a writable layer is saved."""
    option = {"commit": "writable_layer_image", "export": "writable_layer_path"}.get(params["writable_layer"])
    if option is None:
        return ""
    if not params[option]:
        raise ValueError("writable_layer: with %s, %s has to be given" % (params["writable_layer"], option))
    if option == "writable_layer_path":
        return str(os.path.abspath(params[option]))
    try:
        _values.image_reference(params[option])
    except ValueError as error:
        raise ValueError("writable_layer_image: %s" % error) from None
    return str(params[option])


def _kill(params: Mapping[str, Any]) -> str:
    if not params["force_kill"]:
        return ""
    try:
        return _values.signal_name(params["kill_signal"] or "KILL")
    except ValueError as error:
        raise ValueError("kill_signal: %s" % error) from None


def _image_name(name: Optional[str]) -> Optional[str]:
    if not name:
        return None
    if not _values.is_image_id(name):
        try:
            _values.image_reference(name)
        except ValueError as error:
            raise ValueError("image: %s" % error) from None
    return name


def _pull(value: Any) -> str:
    if isinstance(value, bool) or value in ("true", "false", "True", "False"):
        return "always" if str(value).lower() == "true" else "missing"
    return str(value)


def _platform(value: Optional[str]) -> str:
    try:
        return _values.platform(value) if value else ""
    except ValueError as error:
        raise ValueError("platform: %s" % error) from None


def _endpoints(networks: Optional[List[Any]]) -> Optional[Dict[str, Dict[str, Any]]]:
    if networks is None:
        return None
    from ansible_collections.wharf.docker.plugins.module_utils._values import network as _values_network

    if networks == [""]:
        networks = []  # Ansible's conversion of an empty string.
    try:
        return _values_network.networks([_network_entry(given) for given in networks])
    except (TypeError, ValueError) as error:
        raise ValueError("networks: %s" % error) from None


def _network_entry(given: Any) -> Dict[str, Any]:
    """An entry as a dictionary: from a name, from text in one of Ansible's forms of a dictionary, or from one."""
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
    from ansible.module_utils.common.validation import check_type_dict

    if isinstance(given, str):
        given = check_type_dict(given) if given.startswith("{") or "=" in given else {"name": given}
    if not isinstance(given, dict):
        raise ValueError("%r is not a network: use its name, or a dictionary with name and other options" % (given,))
    unknown = sorted(set(given) - set(NETWORK_OPTIONS))
    if unknown or not given.get("name"):
        what = "has %s, which is unknown" % ", ".join(map(repr, unknown)) if unknown else "has no name"
        raise ValueError("network %r %s: use %s" % (given, what, ", ".join(sorted(NETWORK_OPTIONS))))
    checked = ArgumentSpecValidator(NETWORK_OPTIONS).validate(given)
    if checked.error_messages:
        raise ValueError("network %r: %s" % (given["name"], "; ".join(checked.error_messages)))
    return dict(checked.validated_parameters)


def refuse_contradictions(wanted: Wanted) -> None:
    """ValueError: options that contradict each other."""
    normal = wanted.normal
    if wanted.keep_previous < 0:
        raise ValueError("keep_previous: %d is negative: use 0 or more" % wanted.keep_previous)
    if wanted.rename_from is not None:
        try:
            _values.container_name(wanted.rename_from)
        except ValueError as error:
            raise ValueError("rename_from: %s" % error) from None
    if any(option in normal for option in ("volumes", "mounts", "tmpfs")):
        _refuse_shared_targets(normal)
    if normal.get("cpus") and (normal.get("cpu_period") or normal.get("cpu_quota")):
        raise ValueError("cpus and cpu_period or cpu_quota: cpus stands for both: give it, or the two others")
    if 0 < normal.get("memory_swap", 0) < normal.get("memory", 0):
        raise ValueError("memory_swap: this limit of memory and swap together is below that of memory alone")
    if normal.get("memory") == 0 and normal.get("memory_swap", 0) > 0:
        raise ValueError("memory_swap: a limit of memory and swap together needs a limit of memory")
    if 0 < normal.get("memory", 0) < normal.get("memory_reservation", 0):
        raise ValueError("memory_reservation: it is above the limit of memory")
    if "gpus" in normal and "device_requests" in normal:
        raise ValueError("gpus and device_requests: both mean the same: give one of them")
    if normal.get("auto_remove") and normal.get("restart_policy", "no") != "no":
        raise ValueError("auto_remove and restart_policy: a container is either removed or restarted when it ends")
    if normal.get("restart_retries") and normal.get("restart_policy") != "on-failure":
        raise ValueError("restart_retries: only with the restart_policy on-failure are restarts counted")


def _refuse_shared_targets(normal: Mapping[str, Any]) -> None:
    from ansible_collections.wharf.docker.plugins.module_utils._values.mounts import duplicate_target

    target = duplicate_target(normal.get("volumes", []), normal.get("mounts", []), normal.get("tmpfs", {}))
    if target is not None:
        raise ValueError("volumes, mounts and tmpfs: the target %r is given twice" % target)
