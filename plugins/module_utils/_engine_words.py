# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a failure of an engine means, in words for people. Pure; only a task that fails needs it."""

from __future__ import annotations

import re
from typing import Any, Tuple

# What to do about an answer of the engine, by its words. The first that matches is used.
_ADVICE: Tuple[Tuple[str, str], ...] = (
    (r"No such image|reference does not exist", "Import, build or pull it first."),
    (
        r"pull access denied|repository does not exist|manifest unknown|not found: manifest",
        "Check the image's name and tag.",
    ),
    (
        r"port is already allocated|address already in use",
        "Choose another host port, or stop what uses it.",
    ),
    (r"Conflict\. The container name", "Remove or rename that container, or choose another name."),
    (r"network .* not found", "Create the network first."),
    (
        r"[Uu]nknown or invalid runtime name|[Uu]nknown runtime",
        "Set the option runtime to one that 'docker info' lists.",
    ),
    # So begins what the engine says of the program that it lists processes with, which is none of an image.
    (r"^ps: exec: ", "Install ps on the engine's host (package procps), or leave the option processes out."),
    (r"executable file not found|exec: .*no such file or directory", "Check the command and its path in the image."),
    (r"No such container", "Check its name with the container_info module."),
    (r"is not running", "Start it first."),
    (
        r"no space left on device|disk quota exceeded",
        "Make room on the disk of the engine's host that has its data ('docker info' names the folder), for example "
        "with the prune module.",
    ),
    (r"invalid mount config|bind source path does not exist", "Check the mount's source and target."),
    (
        r"unable to find user|no matching entries in passwd",
        "Correct the option user: give one that the image has, or a number.",
    ),
    (r"gathering device information", "Correct the option devices: give a device that the engine's host has."),
    (r"unknown log opt", "Correct the option log_options: look up which ones that log driver has."),
    (
        r"dial tcp|no such host|network is unreachable|server gave HTTP response",
        "Check that the engine's host reaches the registry, or bring the image there by other means.",
    ),
)
# The option of container_run whose value an engine refuses, by its words.
_OPTIONS: Tuple[Tuple[str, str], ...] = (
    (r"[Mm]inimum kernel memory", "kernel_memory"),
    (
        r"[Mm]inimum memory reservation|memory limit should be larger than (already set )?memory reservation",
        "memory_reservation",
    ),
    (r"memory ?swap", "memory_swap"),
    (r"[Mm]inimum memory limit", "memory"),
    (r"swappiness", "memory_swappiness"),
    (r"[Rr]ange of CPUs", "cpus"),
    (r"[Rr]equested CPUs|cpuset[. ]cpus", "cpuset_cpus"),
    (r"[Rr]equested memory nodes|cpuset[. ]mems", "cpuset_mems"),
    (r"cfs period", "cpu_period"),
    (r"cfs quota", "cpu_quota"),
    (r"real-?time|cpu\.rt_", "cpu_rt_period or cpu_rt_runtime"),
    (r"oom score adj", "oom_score_adj"),
    (r"[Bb]lkio weight|Block I/O weight", "blkio_weight"),
    (r"CapAdd", "capabilities"),
    (r"CapDrop", "cap_drop"),
    (r"IPC mode|non-shareable IPC", "ipc_mode"),
    (r"PID mode", "pid_mode"),
    (r"UTS mode", "uts"),
    (r"[Uu]serns mode|user namespace", "userns_mode"),
    (r"cgroup namespace", "cgroupns_mode"),
    (r"[Ii]solation", "isolation"),
    (r"security-opt|seccomp|apparmor", "security_opts"),
    (r"logging plugin|no log driver", "log_driver"),
    (r"unknown log opt", "log_options"),
    (r"storage-opt|^Unknown option", "storage_opts"),
    (r"working directory", "working_dir"),
    (r"nameserver", "dns_servers"),
    (r"sethostname|[Ii]nvalid hostname|hostname and the network mode", "hostname"),
    (r"sysctl", "sysctls"),
    (r"device cgroup rule", "device_cgroup_rules"),
    (r"find group", "groups"),
    (r"tmpfs option", "tmpfs"),
    (r"restart policy|retry count", "restart_policy or restart_retries"),
    (r"mac-address|MAC address", "mac_address"),
    (r"network-scoped alias|IP address|endpoint settings", "networks"),
    (r"port publishing|[Ii]nvalid (host|container|publish)\w* ?port|[Ii]nvalid port", "published_ports"),
    (r"port exposing", "exposed_ports"),
    (r"format for links|[Cc]annot link|get container for", "links"),
    (r"[Hh]ealthcheck", "healthcheck"),
    (r"stop signal|[Ii]nvalid signal", "stop_signal"),
    (r"[Ii]nvalid volume specification|[Ii]nvalid bind|volume name", "volumes"),
    (r"[Ii]nvalid mount|mount config", "mounts"),
    (r"cgroup[- ]parent", "cgroup_parent"),
    (r"reference format", "image"),
    (r"select device driver", "gpus or device_requests"),
)


def sentence(words: str) -> str:
    """``words`` ending in a full stop."""
    words = words.strip()
    return words if words.endswith((".", "!", "?")) else words + "."


def advice(words: str, status: int, tried: str = "") -> str:
    """What to do about an engine's words, with a leading space; "" where nothing is known.

    ``tried``: what was asked of it. The options are those that describe a container.
    """
    for pattern, what_to_do in _ADVICE:
        if re.search(pattern, words):
            return " " + what_to_do
    for pattern, option in _OPTIONS if re.match("(create|start|update|connect) the container", tried) else ():
        if re.search(pattern, words):
            return " Correct the option %s." % option
    return " Correct the value that it names." if status == 400 else ""


def unreachable(tried: str, url: str, error: BaseException) -> str:
    """Why nothing answers at an address, and what to do."""
    words = str(error)
    if "Permission denied" in words or "PermissionError" in words:
        return (
            "Cannot %s: the engine's socket %s may not be used by this user. "
            "Use become, or add the user to the group that owns the socket (often docker)." % (tried, url)
        )
    if "FileNotFoundError" in words or "No such file or directory" in words:
        why = "there is no such socket"
    elif "Connection refused" in words or "ConnectionRefusedError" in words:
        why = "nothing listens there"
    else:
        why = words
    return (
        "Cannot %s: nothing answers at %s: %s. Start the engine (systemctl start docker), "
        "or set docker_host or DOCKER_HOST to its address." % (tried, url, why)
    )


def late(tried: str, url: str, seconds: float, option: str) -> str:
    """That an answer did not come in time, and what to do. ``option``: what sets that time, if anything does."""
    return "Cannot %s: the engine at %s did not answer within %s seconds. Look at the engine's log%s." % (
        tried,
        url,
        "%g" % round(seconds, 1),
        ", or give the option %s a larger value" % option if option else "",
    )


def own_words(answer: Any) -> str:
    """The engine's own words in an answer that is no success."""
    try:
        document = answer.json()
    except ValueError:
        return str(answer.text).strip() or str(answer.reason)
    if isinstance(document, dict) and "message" in document:
        return str(document["message"])
    return str(document)
