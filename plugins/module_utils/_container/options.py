# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option table of a container: one row per option, named nowhere else except in its documentation.

A row's ``paths`` say where the value is in ``docker inspect`` ("HostConfig.Memory"); the create body has the same
paths, without "Config.". What is done with the rows is in _container/spec.py. Pure: no file here talks to an engine.
"""

from __future__ import annotations

import json
import posixpath
from types import ModuleType
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import (
    DEFAULT_MODES,
    DICT,
    IGNORE,
    LIST,
    MOUNTS,
    SET,
    VALUE,
)
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values

Api = Mapping[str, Any]


class Later:
    """The functions of a file that few tasks need, which is imported when the first of them is called."""

    def __init__(self, file: Callable[[], ModuleType]) -> None:
        self._file = file

    def __getattr__(self, function: str) -> Callable[..., Any]:
        def call(*values: Any) -> Any:
            return getattr(self._file(), function)(*values)

        return call


def _limits() -> ModuleType:
    from ansible_collections.wharf.docker.plugins.module_utils._values import limits as _values_limits

    return _values_limits


def _mounts() -> ModuleType:
    from ansible_collections.wharf.docker.plugins.module_utils._values import mounts as _values_mounts

    return _values_mounts


def _network() -> ModuleType:
    from ansible_collections.wharf.docker.plugins.module_utils._values import network as _values_network

    return _values_network


limits = Later(_limits)
mounts = Later(_mounts)
network = Later(_network)


def at(document: Any, path: str) -> Any:
    for key in path.split("."):
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document


def of_podman(container: Api) -> bool:
    """Whether an inspected container is Podman's, which always reports this runtime, whichever it uses."""
    return bool(at(container, "HostConfig.Runtime") == "oci")


def put(document: Dict[str, Any], path: str, value: Any) -> None:
    *directories, last = path.split(".")
    for directory in directories:
        document = document.setdefault(directory, {})
    document[last] = value


def _as_given(value: Any) -> Any:
    return value


def _never(_value: Any) -> bool:
    return False


def _always(_value: Any) -> bool:
    return True


def _not_zero(value: Any) -> bool:
    """The engine ignores a zero (or an empty set of CPUs) in an update, and reports success."""
    return bool(value)


def _sorted(value: Optional[List[str]]) -> List[str]:
    return sorted(set(value or []))


def _list(value: Optional[List[str]]) -> List[str]:
    return list(value or [])


def _word(value: Optional[str]) -> str:
    return value or ""


def _number(value: Optional[int]) -> int:
    return value or 0


def _dict(value: Optional[Dict[str, str]]) -> Dict[str, str]:
    return dict(value or {})


def _once(value: List[str]) -> List[str]:
    """Without duplicates, in the same order."""
    return list(dict.fromkeys(value))


def _observed(observed: Any, _wanted: Any) -> Any:
    return observed


def _pids(value: Optional[int]) -> int:
    """0, -1 and no value all mean no limit to the number of processes; an update turns all of them into 0."""
    return value if value and value > 0 else 0


def _first_of_several(value: Any) -> Tuple[Any]:
    """The value is written at the first of several paths; the others are only read."""
    return (value,)


def _mac_from_api(parts: Tuple[Any, Any, Any]) -> str:
    """The container's own address, or from API 1.44 on that of its first network."""
    own, mode, networks = parts
    first = "bridge" if mode in (None, "", "default") else str(mode)
    return str(own or ((networks or {}).get(first) or {}).get("MacAddress") or "")


def _security_shown(value: List[str]) -> List[str]:
    """A seccomp profile is some hundred lines long: its digest is shown instead."""
    import hashlib

    shown = []
    for word in value:
        if word.startswith("seccomp={"):
            word = "seccomp=(profile %s)" % hashlib.sha256(word.encode()).hexdigest()[:12]
        shown.append(word)
    return shown


def _swappiness(value: Optional[int]) -> int:
    """-1 and no value mean the kernel's default; zero is a value."""
    return -1 if value is None else value


def _volume_driver(value: str) -> str:
    """The engine's default is its own driver, "local"."""
    return "" if value == "local" else value


def _isolation(value: str) -> str:
    return value.lower() or "default"


def _log_options(value: Dict[str, str]) -> Dict[str, str]:
    """Log drivers accept booleans in capitals too, which other clients write."""
    words = ("true", "false")
    return {name: text.lower() if text.lower() in words else text for name, text in value.items()}


def _policy(value: Optional[str]) -> str:
    return value or "no"


def _signal_as_given(value: str) -> str:
    values.signal_name(value)
    return value.strip()


def _signal(value: str) -> str:
    """The default is SIGTERM. A container of other origin may have a signal without a name."""
    try:
        return values.signal_name(value or "TERM")
    except ValueError:
        return value


def _directory(value: Optional[str]) -> str:
    """A path as the engine stores it: "/tmp/" is "/tmp"."""
    return "/" + posixpath.normpath(value).lstrip("/") if value and value.startswith("/") else value or ""


def _swap(value: str) -> Any:
    return limits.size(value, True)


def _size_shown(value: int) -> str:
    """Bytes in human-readable form: 64m."""
    if value == -1:
        return "unlimited"
    for unit, size in (("g", 1 << 30), ("m", 1 << 20), ("k", 1 << 10)):
        if value and value % size == 0:
            return "%d%s" % (value // size, unit)
    return str(value)


def _cpus_shown(value: int) -> float:
    return value / 10**9


_TIMES = ("Interval", "Timeout", "StartPeriod", "StartInterval")


def _healthcheck_shown(value: Dict[str, Any]) -> Dict[str, Any]:
    """Times in seconds: the API counts nanoseconds."""
    return {key: "%gs" % (part / 10**9) if key in _TIMES else part for key, part in value.items()}


def _key_of_port(port: str) -> str:
    """The container's port, which "127.0.0.1:8080:80/tcp" publishes."""
    return port.rpartition(":")[2]


def _key_of_volume(volume: str) -> str:
    return _directory(volume.split(":")[1] if ":" in volume else volume)


def _key_of_mount(mount: Mapping[str, Any]) -> str:
    return _directory(mount["Target"])


def _second(item: str) -> str:
    return item.split(":")[1]


def _first(item: str) -> str:
    return item.split(":", maxsplit=1)[0]


def _key_of_device(item: str) -> str:
    """The path of "/dev/sda:100"."""
    return item.rpartition(":")[0]


def _key_of_request(request: str) -> str:
    """The driver that devices are requested from."""
    return str(json.loads(request).get("Driver") or "")


def _key_of_security(word: str) -> str:
    """There is one value each for apparmor, seccomp and others; labels have several kinds: label=user:x."""
    name, _equals, rest = word.replace(":", "=", 1).partition("=")
    return "label=" + rest.partition(":")[0] if name == "label" else name


def _volumes_from_api(parts: Tuple[Any, Any, Any]) -> Any:
    """Without anonymous volumes that were taken over from a replaced container: no task requested them."""
    binds, anonymous, labels = parts
    moved = (labels or {}).get(values.VOLUMES_LABEL, "").split(",")
    return mounts.volumes_from_api([bind for bind in binds or [] if bind.split(":")[0] not in moved], anonymous)


class Field(NamedTuple):
    """One option.

    ``parse``: what the argument spec returns → the normalised value (ValueError: what is wrong with it).
    ``to_api`` and ``from_api``: normalised value ↔ what the API has at ``paths`` (a tuple, if there are several).
    ``kind``: how two normalised values compare; ``mode``: the default comparison.
    ``live``: whether the engine can change an existing container to this value.
    ``inherits``: the engine adds what the image has at the same path. ``flag``: of ``docker run``, or several of them.
    ``quiet``: its values may be secret. ``show``: a normalised value as a diff shows it. ``since``: its API version.
    ``defaults``: the values that the engine may set by itself, in addition to the empty one. ``key``: identifies an
    item of several: an item of the task replaces the one with the same key.
    ``compared``: a normalised value in the one spelling that is compared; the task's own spelling is written.
    ``alike``: (observed, wanted) → the observed value, with what means the same written as in the wanted one.
    ``unset``: the values that the engine may have chosen for an empty word; empty: unknown.
    """

    option: str
    spec: Mapping[str, Any]
    paths: Tuple[str, ...]
    flag: str
    kind: str = VALUE
    parse: Callable[[Any], Any] = _as_given
    to_api: Callable[[Any], Any] = _as_given
    from_api: Callable[[Any], Any] = _as_given
    live: Callable[[Any], bool] = _never
    mode: str = ""
    inherits: bool = False
    quiet: bool = False
    show: Callable[[Any], Any] = _as_given
    since: Tuple[int, int] = (1, 41)
    defaults: Tuple[Any, ...] = ()
    key: Callable[[Any], Any] = _as_given
    compared: Callable[[Any], Any] = _as_given
    alike: Callable[[Any, Any], Any] = _observed
    unset: Tuple[str, ...] = ("",)

    def default_mode(self) -> str:
        return self.mode or DEFAULT_MODES[self.kind]

    def stored(self, document: Api) -> Any:
        """The normalised value of an inspect document, as the engine stores it."""
        found = tuple(at(document, path) for path in self.paths)
        return self.from_api(found if len(found) > 1 else found[0])

    def read(self, document: Api) -> Any:
        """The normalised value of an inspect document, as it is compared."""
        return self.compared(self.stored(document))

    def write(self, body: Dict[str, Any], value: Any) -> None:
        """Put a normalised value into a create body."""
        parts = self.to_api(value)
        for path, part in zip(self.paths, parts if len(self.paths) > 1 else (parts,)):
            put(body, path[len("Config.") :] if path.startswith("Config.") else path, part)


STR = {"type": "str"}
INT = {"type": "int"}
BOOL = {"type": "bool"}
WORDS = {"type": "list", "elements": "str"}

MOUNT_OPTIONS: Dict[str, Dict[str, Any]] = {
    "target": {"type": "str", "required": True},
    "source": STR,
    "type": {"type": "str", "default": "volume", "choices": ["bind", "cluster", "image", "npipe", "tmpfs", "volume"]},
    "read_only": BOOL,
    "consistency": {"type": "str", "choices": ["cached", "consistent", "default", "delegated"]},
    "propagation": {
        "type": "str",
        "choices": ["private", "rprivate", "shared", "rshared", "slave", "rslave"],
    },
    "no_copy": BOOL,
    "non_recursive": BOOL,
    "labels": {"type": "dict"},
    "volume_driver": STR,
    "volume_options": {"type": "dict"},
    "tmpfs_size": STR,
    "tmpfs_mode": STR,
    "tmpfs_options": {"type": "list", "elements": "dict"},
    "create_mountpoint": BOOL,
    "read_only_non_recursive": BOOL,
    "read_only_force_recursive": BOOL,
    "subpath": STR,
}

DEVICE_REQUEST_OPTIONS: Dict[str, Dict[str, Any]] = {
    "capabilities": {"type": "list", "elements": "list"},
    "count": INT,
    "device_ids": WORDS,
    "driver": STR,
    "options": {"type": "dict"},
}


def device_options(what: str, kind: str) -> Dict[str, Any]:
    """The argument spec of a list of devices, each with a path and the option ``what``."""
    required = {"path": {"type": "str", "required": True}, what: {"type": kind, "required": True}}
    return {"type": "list", "elements": "dict", "options": required}


HEALTHCHECK_OPTIONS: Dict[str, Dict[str, Any]] = {
    "test": {"type": "raw"},
    "test_cli_compatible": {"type": "bool", "default": False},
    "interval": STR,
    "timeout": STR,
    "retries": INT,
    "start_period": STR,
    "start_interval": STR,
}

_OWN = ("", "private")  # a separate namespace, which Podman calls private

# fmt: off
FIELDS: Tuple[Field, ...] = (
    Field("command", {"type": "raw"}, ("Config.Cmd",), "COMMAND", LIST, values.command, from_api=_list,
          inherits=True),
    Field("entrypoint", WORDS, ("Config.Entrypoint",), "--entrypoint", LIST, values.command, from_api=_list,
          inherits=True),
    Field("env", {"type": "dict"}, ("Config.Env",), "--env", DICT, values.environment, values.environment_to_api,
          values.environment_from_api, inherits=True, quiet=True),
    Field("labels", {"type": "dict"}, ("Config.Labels",), "--label", DICT, values.labels,
          from_api=values.labels_from_api, inherits=True),
    Field("annotations", {"type": "dict"}, ("HostConfig.Annotations",), "--annotation", DICT, values.strings,
          from_api=_dict, since=(1, 43)),
    Field("user", STR, ("Config.User",), "--user", from_api=_word, inherits=True),
    Field("working_dir", STR, ("Config.WorkingDir",), "--workdir", parse=_directory, from_api=_directory,
          inherits=True),
    Field("hostname", STR, ("Config.Hostname",), "--hostname", parse=values.hostname, from_api=_word),
    Field("domainname", STR, ("Config.Domainname",), "--domainname", from_api=_word),
    Field("tty", BOOL, ("Config.Tty",), "--tty", from_api=bool),
    Field("interactive", BOOL, ("Config.OpenStdin",), "--interactive", from_api=bool),
    Field("stop_signal", STR, ("Config.StopSignal",), "--stop-signal", parse=_signal_as_given, from_api=_word,
          inherits=True, compared=_signal),
    Field("stop_timeout", INT, ("Config.StopTimeout",), "--stop-timeout", mode=IGNORE),
    Field("healthcheck", {"type": "dict", "options": HEALTHCHECK_OPTIONS}, ("Config.Healthcheck",),
          "--health-cmd --health-interval --health-timeout --health-retries --health-start-period "
          "--health-start-interval --no-healthcheck",
          DICT, limits.healthcheck, limits.healthcheck_to_api, limits.healthcheck_from_api, inherits=True,
          show=_healthcheck_shown, alike=limits.with_zeros),
    Field("exposed_ports", {**WORDS, "aliases": ["exposed", "expose"]}, ("Config.ExposedPorts",), "--expose", SET,
          network.exposed_ports, network.exposed_ports_to_api, network.exposed_ports_from_api, inherits=True),
    Field("published_ports", {**WORDS, "aliases": ["ports"]}, ("HostConfig.PortBindings",), "--publish", SET,
          network.published_ports, network.published_ports_to_api, network.published_ports_from_api,
          alike=network.without_address, key=_key_of_port),
    Field("publish_all_ports", BOOL, ("HostConfig.PublishAllPorts",), "--publish-all", from_api=bool),
    Field("volumes", WORDS, ("HostConfig.Binds", "Config.Volumes", "Config.Labels"), "--volume", SET, mounts.volumes,
          mounts.volumes_to_api, _volumes_from_api, inherits=True, compared=mounts.volumes_compared,
          key=_key_of_volume),
    Field("mounts", {"type": "list", "elements": "dict", "options": MOUNT_OPTIONS}, ("HostConfig.Mounts",),
          "--mount", MOUNTS, mounts.mounts, mounts.mounts_to_api, mounts.mounts_from_api,
          compared=mounts.mounts_compared, alike=mounts.with_nothing, key=_key_of_mount),
    Field("tmpfs", WORDS, ("HostConfig.Tmpfs",), "--tmpfs", DICT, mounts.tmpfs,
          from_api=_dict, compared=mounts.tmpfs_compared),
    Field("devices", WORDS, ("HostConfig.Devices",), "--device", SET, mounts.devices, mounts.devices_to_api,
          mounts.devices_from_api, compared=mounts.devices_compared, key=_second),
    Field("network_mode", STR, ("HostConfig.NetworkMode", "NetworkSettings.Networks"), "--network --net", VALUE,
          network.network_mode, _first_of_several, network.network_mode_from_api),
    Field("mac_address", STR, ("Config.MacAddress", "HostConfig.NetworkMode", "NetworkSettings.Networks"),
          "--mac-address", VALUE, network.mac_address, _first_of_several, _mac_from_api, unset=()),
    Field("links", WORDS, ("HostConfig.Links",), "--link", SET, network.links, from_api=network.links_from_api,
          key=_second),
    Field("dns_servers", WORDS, ("HostConfig.Dns",), "--dns", LIST, network.dns_servers, from_api=_list,
          compared=network.addresses),
    Field("dns_opts", WORDS, ("HostConfig.DnsOptions",), "--dns-option --dns-opt", SET, _sorted, from_api=_sorted,
          key=_first),
    Field("dns_search_domains", WORDS, ("HostConfig.DnsSearch",), "--dns-search", LIST, from_api=_list,
          compared=_once),
    Field("etc_hosts", {"type": "dict"}, ("HostConfig.ExtraHosts",), "--add-host", DICT, network.etc_hosts,
          network.etc_hosts_to_api, network.etc_hosts_from_api, compared=network.etc_hosts_compared),
    Field("volumes_from", WORDS, ("HostConfig.VolumesFrom",), "--volumes-from", SET, _sorted, from_api=_sorted,
          compared=mounts.volumes_from_compared, key=_first),
    Field("volume_driver", STR, ("HostConfig.VolumeDriver",), "--volume-driver", from_api=_word,
          compared=_volume_driver),
    Field("storage_opts", {"type": "dict"}, ("HostConfig.StorageOpt",), "--storage-opt", DICT, values.strings,
          from_api=_dict),
    Field("device_cgroup_rules", WORDS, ("HostConfig.DeviceCgroupRules",), "--device-cgroup-rule", LIST,
          limits.device_cgroup_rules, from_api=_list, compared=limits.device_rules),
    Field("device_requests", {"type": "list", "elements": "dict", "options": DEVICE_REQUEST_OPTIONS},
          ("HostConfig.DeviceRequests",), "", SET, limits.device_requests, limits.device_requests_to_api,
          limits.device_requests_from_api, key=_key_of_request),
    Field("gpus", STR, ("HostConfig.DeviceRequests",), "--gpus", SET, limits.gpus, limits.device_requests_to_api,
          limits.device_requests_from_api, key=_key_of_request),
    Field("restart_policy", {"type": "str", "choices": ["no", "on-failure", "always", "unless-stopped"]},
          ("HostConfig.RestartPolicy.Name",), "--restart", from_api=_policy, live=_always),
    Field("restart_retries", INT, ("HostConfig.RestartPolicy.MaximumRetryCount",), "--restart", from_api=_number,
          live=_always),
    Field("memory", STR, ("HostConfig.Memory",), "--memory", VALUE, limits.size, from_api=_number, live=_not_zero,
          show=_size_shown),
    Field("memory_reservation", STR, ("HostConfig.MemoryReservation",), "--memory-reservation", VALUE, limits.size,
          from_api=_number, live=_not_zero, show=_size_shown),
    Field("memory_swap", STR, ("HostConfig.MemorySwap",), "--memory-swap", VALUE, _swap, from_api=_number,
          live=_not_zero, show=_size_shown),
    Field("cpus", {"type": "float"}, ("HostConfig.NanoCpus",), "--cpus", VALUE, limits.cpus, from_api=_number,
          live=_not_zero, show=_cpus_shown),
    Field("cpu_shares", INT, ("HostConfig.CpuShares",), "--cpu-shares", from_api=_number, live=_not_zero),
    Field("cpuset_cpus", STR, ("HostConfig.CpusetCpus",), "--cpuset-cpus", VALUE, limits.cpuset, from_api=_word,
          live=_not_zero, compared=limits.cpuset_compared),
    Field("kernel_memory", STR, ("HostConfig.KernelMemory",), "--kernel-memory", VALUE, limits.size, from_api=_number,
          show=_size_shown),
    Field("memory_swappiness", INT, ("HostConfig.MemorySwappiness",), "--memory-swappiness", VALUE, limits.swappiness,
          from_api=_swappiness),
    Field("oom_killer", BOOL, ("HostConfig.OomKillDisable",), "--oom-kill-disable", from_api=bool),
    Field("oom_score_adj", INT, ("HostConfig.OomScoreAdj",), "--oom-score-adj", from_api=_number),
    Field("cpu_period", INT, ("HostConfig.CpuPeriod",), "--cpu-period", from_api=_number, live=_not_zero),
    Field("cpu_quota", INT, ("HostConfig.CpuQuota",), "--cpu-quota", from_api=_number, live=_not_zero),
    Field("cpu_rt_period", INT, ("HostConfig.CpuRealtimePeriod",), "--cpu-rt-period", from_api=_number),
    Field("cpu_rt_runtime", INT, ("HostConfig.CpuRealtimeRuntime",), "--cpu-rt-runtime", from_api=_number),
    Field("cpuset_mems", STR, ("HostConfig.CpusetMems",), "--cpuset-mems", VALUE, limits.cpuset, from_api=_word,
          live=_not_zero, compared=limits.cpuset_compared),
    Field("blkio_weight", INT, ("HostConfig.BlkioWeight",), "--blkio-weight", from_api=_number, live=_not_zero),
    Field("blkio_weight_device", device_options("weight", "int"), ("HostConfig.BlkioWeightDevice",),
          "--blkio-weight-device", SET, limits.device_weights, limits.device_weights_to_api,
          limits.device_weights_from_api, alike=limits.with_zero_rates, key=_key_of_device),
    Field("device_read_bps", device_options("rate", "str"), ("HostConfig.BlkioDeviceReadBps",), "--device-read-bps",
          SET, limits.device_bytes, limits.device_rates_to_api, limits.device_rates_from_api,
          alike=limits.with_zero_rates, key=_key_of_device),
    Field("device_write_bps", device_options("rate", "str"), ("HostConfig.BlkioDeviceWriteBps",),
          "--device-write-bps", SET, limits.device_bytes, limits.device_rates_to_api, limits.device_rates_from_api,
          alike=limits.with_zero_rates, key=_key_of_device),
    Field("device_read_iops", device_options("rate", "int"), ("HostConfig.BlkioDeviceReadIOps",),
          "--device-read-iops", SET, limits.device_operations, limits.device_rates_to_api,
          limits.device_rates_from_api, alike=limits.with_zero_rates, key=_key_of_device),
    Field("device_write_iops", device_options("rate", "int"), ("HostConfig.BlkioDeviceWriteIOps",),
          "--device-write-iops", SET, limits.device_operations, limits.device_rates_to_api,
          limits.device_rates_from_api, alike=limits.with_zero_rates, key=_key_of_device),
    Field("pids_limit", INT, ("HostConfig.PidsLimit",), "--pids-limit", VALUE, _pids, from_api=_pids, live=_always),
    Field("ulimits", WORDS, ("HostConfig.Ulimits",), "--ulimit", SET, limits.ulimits, limits.ulimits_to_api,
          limits.ulimits_from_api, key=_first),
    Field("sysctls", {"type": "dict"}, ("HostConfig.Sysctls",), "--sysctl", DICT, values.strings, from_api=_dict),
    Field("capabilities", WORDS, ("HostConfig.CapAdd",), "--cap-add", SET, limits.capabilities,
          from_api=_list, compared=limits.capabilities_compared),
    Field("cap_drop", WORDS, ("HostConfig.CapDrop",), "--cap-drop", SET, limits.capabilities,
          from_api=_list, compared=limits.capabilities_compared),
    Field("groups", WORDS, ("HostConfig.GroupAdd",), "--group-add", SET, _sorted, from_api=_sorted),
    Field("cgroup_parent", STR, ("HostConfig.CgroupParent",), "--cgroup-parent", from_api=_word),
    Field("cgroupns_mode", {"type": "str", "choices": ["private", "host"]}, ("HostConfig.CgroupnsMode",), "--cgroupns",
          from_api=_word),
    Field("ipc_mode", STR, ("HostConfig.IpcMode",), "--ipc", parse=values.ipc_mode, from_api=_word,
          unset=("", "private", "shareable"), defaults=("private",)),
    Field("pid_mode", STR, ("HostConfig.PidMode",), "--pid", parse=values.host_mode, from_api=_word,
          unset=_OWN),
    Field("userns_mode", STR, ("HostConfig.UsernsMode",), "--userns", parse=values.userns_mode, from_api=_word,
          unset=_OWN),
    Field("uts", STR, ("HostConfig.UTSMode",), "--uts", parse=values.host_mode, from_api=_word, unset=_OWN),
    Field("isolation", STR, ("HostConfig.Isolation",), "--isolation", from_api=_word, compared=_isolation,
          unset=("default",)),
    Field("privileged", BOOL, ("HostConfig.Privileged",), "--privileged", from_api=bool),
    Field("read_only", BOOL, ("HostConfig.ReadonlyRootfs",), "--read-only", from_api=bool),
    Field("security_opts", WORDS, ("HostConfig.SecurityOpt",), "--security-opt", SET, _sorted, from_api=_sorted,
          show=_security_shown, compared=limits.security_options, key=_key_of_security),
    Field("init", BOOL, ("HostConfig.Init",), "--init", from_api=bool),
    Field("runtime", STR, ("HostConfig.Runtime",), "--runtime", from_api=_word, unset=()),
    Field("log_driver", STR, ("HostConfig.LogConfig.Type",), "--log-driver", from_api=_word, unset=()),
    Field("log_options", {"type": "dict", "aliases": ["log_opt"]}, ("HostConfig.LogConfig.Config",), "--log-opt",
          DICT, values.strings, from_api=_dict, compared=_log_options),
    Field("shm_size", STR, ("HostConfig.ShmSize",), "--shm-size", VALUE, limits.size, from_api=_number,
          show=_size_shown, unset=(), defaults=(64 << 20,)),
    Field("auto_remove", BOOL, ("HostConfig.AutoRemove",), "--rm", from_api=bool),
)
# fmt: on
