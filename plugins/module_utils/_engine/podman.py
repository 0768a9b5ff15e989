# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Podman's documents differ from Docker's. Pure; only a task for Podman needs it.

Observed with Podman 4.3.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional

Api = Mapping[str, Any]

# Modes that Podman adds to a container's mounts, requested or not.
_OWN_MODES = {"rw", "rprivate", "nosuid", "nodev", "rbind", "tmpcopyup"}
# Modes that take effect, but are not in the inspect document.
_UNTOLD_MODES = {"z", "Z", "nocopy", "cached", "consistent", "delegated"}
# Directories that are writable in a container with a read-only root, and the variables that each container gets.
_OWN_TMPFS = {"/run", "/tmp", "/var/tmp"}
_OWN_VARIABLES = {"PATH", "TERM", "container", "HOME", "HOSTNAME"}
# The default capabilities of a container.
_OWN_CAPABILITIES = frozenset(
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID "
    "SYS_CHROOT".split()
)
# The default of nofile and nproc, soft and hard.
_OWN_LIMIT = (1048576, 1048576)
_HEALTHCHECK = {"Interval": 30 * 10**9, "Timeout": 30 * 10**9, "Retries": 3}
# The default network has two names. Lists of networks have the one of Docker.
OWN_NETWORKS = {"podman": "bridge"}
_ANONYMOUS = re.compile("[0-9a-f]{64}")


def like_docker(container: Dict[str, Any]) -> Dict[str, Any]:
    """The inspect document of a container, converted to the form of Docker's engine."""
    state, host, config = container["State"], container["HostConfig"], container["Config"]
    # Podman reports a health with an empty status for a container without a health check.
    if not (state.get("Health") or {}).get("Status"):
        state.pop("Health", None)
    for limit in host.get("Ulimits") or []:
        limit["Name"] = limit["Name"].replace("RLIMIT_", "").lower()
    for namespace in ("PidMode", "UTSMode"):
        if host.get(namespace) == "private":
            host[namespace] = ""
    # Podman reports zero if no time was given.
    config["StopTimeout"] = config.get("StopTimeout") or None
    networks = (container.get("NetworkSettings") or {}).get("Networks") or {}
    if networks:
        networks = {OWN_NETWORKS.get(name, name): endpoint for name, endpoint in networks.items()}
        container["NetworkSettings"]["Networks"] = networks
    if networks and host.get("NetworkMode") == "bridge" and "bridge" not in networks:
        host["NetworkMode"] = next(iter(networks))
    for endpoint in networks.values():
        # Podman does not distinguish a fixed address from an assigned one.
        addresses = {"IPv4Address": endpoint.get("IPAddress"), "IPv6Address": endpoint.get("GlobalIPv6Address")}
        endpoint["IPAMConfig"] = {key: address for key, address in addresses.items() if address} or None
    return container


def under_own_name(body: Api) -> Dict[str, Any]:
    """A create body with Podman's own name of the default network: an endpoint under Docker's name is not found."""
    endpoints = (body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
    own = {"podman" if name in ("bridge", "default") else name: endpoint for name, endpoint in endpoints.items()}
    return {**body, "NetworkingConfig": {"EndpointsConfig": own}} if own else dict(body)


def told_as(normal: Mapping[str, Any], container: Api, image: Optional[Api]) -> Dict[str, Any]:
    """The inspect document of a container, with its values written as a task with these options would write them.

    Podman reports some options in another form than it was given, and some not at all, although they take effect. If a
    value may be the wanted one, it is replaced by the wanted one; a value that certainly is not stays unchanged.
    """
    config, host = dict(container["Config"]), dict(container["HostConfig"])
    inherited = (image or {}).get("Config") or {}
    _tell_files(normal, config, host)
    _tell_limits(normal, host)
    _tell_ports(normal, config, host)
    config["Env"] = _without(_OWN_VARIABLES, config.get("Env"), [*_names(inherited.get("Env")), *normal.get("env", ())])
    if config.get("Healthcheck"):
        asked = {**(inherited.get("Healthcheck") or {}), **normal.get("healthcheck", {})}
        config["Healthcheck"] = {
            key: value for key, value in config["Healthcheck"].items() if key in asked or value != _HEALTHCHECK.get(key)
        }
    if not container["State"].get("Running"):
        # Podman reports no address until the container runs.
        config["MacAddress"] = normal.get("mac_address")
    if normal.get("stop_timeout") == 0:
        config["StopTimeout"] = config["StopTimeout"] or 0
    for option, key, word in (
        ("userns_mode", "UsernsMode", "host"),
        ("isolation", "Isolation", "default"),
        ("volume_driver", "VolumeDriver", "local"),
    ):
        if normal.get(option) == word:
            host[key] = host.get(key) or word
    # Podman reports this for any mode except another container's.
    if host.get("IpcMode") == "shareable" and normal.get("ipc_mode") in ("host", "private"):
        host["IpcMode"] = normal["ipc_mode"]
    if normal.get("network_mode") in ((container.get("NetworkSettings") or {}).get("Networks") or {}):
        host["NetworkMode"] = normal["network_mode"]
    log = dict(host.get("LogConfig") or {})
    if normal.get("log_driver") == "k8s-file" and log.get("Type") == "json-file":
        log["Type"] = "k8s-file"
    host["LogConfig"] = {**log, "Config": log.get("Config") or normal.get("log_options")}
    host["Sysctls"] = host.get("Sysctls") or normal.get("sysctls")
    return {**container, "Config": config, "HostConfig": host}


def unowned(normal: Mapping[str, Any], container: Api, image: Optional[Api]) -> Dict[str, Any]:
    """The document of ``told_as`` without Podman's defaults."""
    told = told_as(normal, container, image)
    config, host = told["Config"], told["HostConfig"]
    host.pop("Runtime", None)
    for document, key, value in (
        (config, "WorkingDir", "/"),
        (host, "IpcMode", "shareable"),
        (host, "MemorySwappiness", 0),
        (host, "PidsLimit", 2048),
        (host, "ShmSize", 65536000),
    ):
        if document.get(key) == value:
            del document[key]
    if host.get("NanoCpus"):
        # Podman also reports the value of NanoCpus in these.
        host.update(CpuPeriod=0, CpuQuota=0)
    if host.get("Privileged"):
        # A privileged container may do everything that Podman may.
        host.update(CapAdd=[], CapDrop=[])
    settings = dict(told.get("NetworkSettings") or {})
    # The document does not show whether an address was requested.
    settings["Networks"] = {
        name: {**endpoint, "IPAMConfig": None} for name, endpoint in (settings.get("Networks") or {}).items()
    }
    return {**told, "NetworkSettings": settings}


def _tell_files(normal: Mapping[str, Any], config: Dict[str, Any], host: Dict[str, Any]) -> None:
    """Move mounts that Podman reports in Binds and Tmpfs to Mounts, and anonymous volumes to Volumes."""
    volumes = {(volume.split(":") * 2)[1]: volume for volume in normal.get("volumes", ())}
    mounts = {mount["Target"]: mount for mount in normal.get("mounts", ())}
    binds, found, anonymous = [], [], dict(config.get("Volumes") or {})
    for bind in host.get("Binds") or []:
        source, target, words = [*bind.split(":"), ""][:3]
        modes = words.split(",")
        mount = mounts.get(target)
        wanted = volumes.get(target, "")
        if mount is not None:
            found.append(_mount(mount, source, modes))
        elif _ANONYMOUS.fullmatch(source) and not wanted.startswith(source):
            anonymous[target] = {}
        else:
            binds.append("%s:%s:%s" % (source, target, ",".join(_modes(wanted.split(":")[2:], modes))))
    tmpfs = {}
    for target, words in (host.get("Tmpfs") or {}).items():
        given = normal.get("tmpfs", {}).get(target)
        if target in mounts:
            found.append(_tmpfs_mount(mounts[target], words.split(",")))
        elif given is not None or not (host.get("ReadonlyRootfs") and target in _OWN_TMPFS):
            modes = _modes([given or ""], words.split(","))
            tmpfs[target] = given if given is not None and set(modes) == set(_words(given)) else ",".join(modes)
    config["Volumes"] = anonymous
    host.update(Binds=binds, Mounts=found, Tmpfs=tmpfs)
    devices = {device.rpartition(":")[0]: device.rpartition(":")[2] for device in normal.get("devices", ())}
    host["Devices"] = [
        {
            **device,
            "CgroupPermissions": device.get("CgroupPermissions")
            or devices.get("%s:%s" % (device["PathOnHost"], device["PathInContainer"]), "rwm"),
        }
        for device in host.get("Devices") or []
    ]


def _mount(wanted: Api, source: str, modes: List[str]) -> Dict[str, Any]:
    """A volume or a bind as a Mount; values that Podman never reports are taken from ``wanted``."""
    mount = {**wanted, "Type": "bind" if source.startswith("/") else "volume", "ReadOnly": "ro" in modes}
    if "Source" in wanted or not _ANONYMOUS.fullmatch(source):
        mount["Source"] = source
    bind = dict(wanted.get("BindOptions") or {})
    if "Propagation" in bind:
        bind["Propagation"] = next((mode for mode in modes if mode.lstrip("r") in ("shared", "slave", "private")), "")
        mount["BindOptions"] = bind
    return mount


def _tmpfs_mount(wanted: Api, modes: List[str]) -> Dict[str, Any]:
    told = dict(mode.partition("=")[::2] for mode in modes)
    options = {**(wanted.get("TmpfsOptions") or {})}
    if "SizeBytes" in options:
        options["SizeBytes"] = int(told["size"]) if told.get("size", "").isdigit() else told.get("size")
    if "Mode" in options:
        options["Mode"] = int(told.get("mode") or "1777", 8)
    mount = {**wanted, "Type": "tmpfs", "ReadOnly": "ro" in modes}
    return {**mount, "TmpfsOptions": options} if options else mount


def _modes(wanted: List[str], told: List[str]) -> List[str]:
    """The reported modes without Podman's own, unless wanted, and with the wanted ones that Podman never reports."""
    asked = set(_words(",".join(wanted)))
    return sorted({mode for mode in told if mode not in _OWN_MODES or mode in asked} | (asked & _UNTOLD_MODES))


def _tell_limits(normal: Mapping[str, Any], host: Dict[str, Any]) -> None:
    """Write CapAdd and CapDrop as the task does if they have the same effect, and drop default Ulimits."""
    added, dropped = set(host.get("CapAdd") or []), set(host.get("CapDrop") or [])
    may = (_OWN_CAPABILITIES | added) - dropped
    wanted, unwanted = set(normal.get("capabilities", ())), set(normal.get("cap_drop", ()))
    if "ALL" in unwanted and may <= wanted:
        dropped = {"ALL"}
    elif "ALL" in wanted and len(may) > 2 * len(_OWN_CAPABILITIES):
        added |= {"ALL"}
    dropped |= unwanted - {"ALL"} - may
    host["CapAdd"] = sorted(added | ((wanted - {"ALL"}) & may))
    host["CapDrop"] = sorted(dropped)
    asked = [limit.partition(":")[0] for limit in normal.get("ulimits", ())]
    host["Ulimits"] = [
        limit
        for limit in host.get("Ulimits") or []
        if limit["Name"] in asked or (limit["Soft"], limit["Hard"]) != _OWN_LIMIT
    ]


def _tell_ports(normal: Mapping[str, Any], config: Dict[str, Any], host: Dict[str, Any]) -> None:
    """Report a host port as unspecified if the task let Podman choose it."""
    wanted = normal.get("published_ports", [])
    bindings: Dict[str, Any] = {}
    for port, found in (host.get("PortBindings") or {}).items():
        bindings[port] = [
            {**binding, "HostPort": ""}
            if "%s:%s:%s" % (binding["HostIp"], binding["HostPort"], port) not in wanted
            and "%s::%s" % (binding["HostIp"], port) in wanted
            else binding
            for binding in found or []
        ]
    host["PortBindings"] = bindings
    published = {port.rpartition(":")[2] for port in wanted}
    others = set(config.get("ExposedPorts") or {}) - published
    host["PublishAllPorts"] = bool(others) and all(bindings.get(port) for port in others)


def _without(own: set[str], variables: Optional[List[str]], asked: List[str]) -> List[str]:
    return [entry for entry in variables or [] if entry.partition("=")[0] not in own - set(asked)]


def _names(variables: Optional[List[str]]) -> List[str]:
    return [entry.partition("=")[0] for entry in variables or []]


def _words(text: str) -> List[str]:
    return [word for word in text.split(",") if word]
