# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error messages for an engine's failures. Pure; only a task that fails needs it."""

from __future__ import annotations

import re
from ipaddress import ip_address
from socket import timeout
from typing import Any, Iterator, List, Set, Tuple
from urllib.parse import urlsplit

# What to do about an engine's message. The first pattern that matches is used.
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
    (
        r"Conflict\. The container name|the container name .* is already in use",
        "Remove or rename that container, or choose another name.",
    ),
    (r"network .* not found", "Create the network first."),
    (
        r"[Uu]nknown or invalid runtime name|[Uu]nknown runtime",
        "Set the option runtime to one that 'docker info' lists.",
    ),
    # The message about the program that the engine lists processes with; it is not about an image.
    (r"^ps: exec: ", "Install ps on the engine's host (package procps), or leave the option processes out."),
    (
        r"executable file (`.*` )?not found|exec: .*no such file or directory",
        "Check the command and its path in the image.",
    ),
    (r"[Nn]o such container", "Check its name with the container_info module."),
    (r"is not running", "Start it first."),
    (
        r"no space left on device|disk quota exceeded",
        "Make room on the disk of the engine's host that has its data ('docker info' names the directory), for example "
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
# The option of container_run whose value an engine refuses, by its message.
_OPTIONS: Tuple[Tuple[str, str], ...] = (
    (r"^invalid endpoint settings", "networks"),  # First: these messages may contain names of other options.
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
    (r"find group", "groups, or user where it names that group"),
    (r"uids and gids must be", "user or groups"),
    (r"tmpfs option", "tmpfs"),
    (r"restart policy|retry count", "restart_policy or restart_retries"),
    (r"mac-address|MAC address", "mac_address"),
    (r"network-scoped alias|IP address", "networks"),
    (r"port publishing|[Ii]nvalid (host|container|publish)\w* ?port|[Ii]nvalid port", "published_ports"),
    (r"port exposing", "exposed_ports"),
    (r"format for links|[Cc]annot link|get container for", "links"),
    (r"[Hh]ealthcheck", "healthcheck"),
    (r"stop signal|[Ii]nvalid signal", "stop_signal"),
    (r"[Ii]nvalid volume specification|[Ii]nvalid bind|volume name|^invalid mode: ", "volumes"),
    (r"volume plugin", "volume_driver, of the container or of a mount"),
    (r"^create \S+: invalid option|mount(ing)? (local )?volume", "mounts (volume_options)"),
    (r"not a shared or slave mount", "volumes or mounts: that source can have no such propagation"),
    (r"^Cannot mkdir: ", "working_dir"),
    (r'exec: ".*(permission denied|is a directory)', "command or entrypoint: the container can't run that program"),
    (r"^stat /.*: no such file", "devices, or the device of a limit: give one that the engine's host has"),
    (r"cannot assign requested address", "published_ports: give an address that the engine's host has"),
    (r"[Ii]nvalid mount|mount config", "mounts"),
    (r"cgroup[- ]parent", "cgroup_parent"),
    (r"reference format", "image"),
    (r"select device driver", "gpus or device_requests"),
)
# The exceptions of http.client, urllib3 and requests for an answer that ends too early, and for one that is not HTTP.
_CUT = {"IncompleteRead", "ChunkedEncodingError", "ContentDecodingError", "InvalidChunkLength"}
_NO_HTTP = {"BadStatusLine", "UnknownProtocol", "LineTooLong", "HeaderParsingError"}
_WHO = "Check docker_host, what stands between this host and the engine, such as a proxy, and the engine's log."


class SshError(OSError):
    """ssh's own message about a connection that it can't make, or that it lost."""


def sentence(words: str) -> str:
    """``words`` with a full stop at the end."""
    words = words.strip()
    return words if words.endswith((".", "!", "?")) else words + "."


def advice(words: str, status: int, tried: str = "") -> str:
    """What to do about an engine's message, with a leading space; "" if nothing is known.

    ``tried``: the action. The options are those of container_run.
    """
    for pattern, what_to_do in _ADVICE:
        if re.search(pattern, words):
            return " " + what_to_do
    for pattern, option in _OPTIONS if re.match("(create|start|update|connect) the container", tried) else ():
        if re.search(pattern, words):
            return " Correct the option %s." % option
    return " Correct the value that it names." if status == 400 else ""


def unreachable(tried: str, url: str, error: BaseException) -> str:
    """The message if the engine can't be reached, or if its answer can't be read: why, and what to do."""
    causes = list(_causes(error))
    names = {type(cause).__name__ for cause in causes}
    words = str(error)
    for cause in causes:
        if isinstance(cause, SshError):
            return (
                "Cannot %s: the engine at %s cannot be reached by ssh: %s Check that ssh reaches that host without "
                "a question, and that 'docker system dial-stdio' works there." % (tried, url, sentence(str(cause)))
            )
    if names & _CUT:
        return "Cannot %s: the answer from %s is cut short: the connection ended in the middle of it. %s" % (
            tried,
            url,
            _WHO,
        )
    if "RemoteDisconnected" in names:
        return "Cannot %s: what listens at %s closed the connection without an answer. %s" % (tried, url, _WHO)
    if names & _NO_HTTP:
        return "Cannot %s: what answers at %s does not speak HTTP, as an engine does. %s" % (tried, url, _WHO)
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
        "Cannot %s: cannot connect to the engine at %s: %s. Start the engine (systemctl start docker), "
        "or set docker_host or DOCKER_HOST to its address." % (tried, url, why)
    )


def is_late(error: BaseException) -> bool:
    """Whether it is a timeout in the middle of an answer."""
    return any(type(cause).__name__ == "ReadTimeoutError" or isinstance(cause, timeout) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception, and the exceptions that caused it."""
    waiting: List[Any] = [error]
    seen: Set[int] = set()
    while waiting:
        found = waiting.pop(0)
        if isinstance(found, BaseException) and id(found) not in seen:
            seen.add(id(found))
            yield found
            waiting += [*found.args, found.__context__]


def unprotected(address: str, verified: bool) -> List[str]:
    """Warnings about the connection to an engine at a TCP address (http://... or https://...)."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        if verified:
            return []
        return [
            "The connection to the engine at %s is encrypted, but its certificate is not checked: anyone in between "
            "can take the engine's place. Set validate_certs to true, and ca_path to the certificate of its authority."
            % parts.netloc
        ]
    if is_loopback(parts.hostname or ""):
        return []
    return [
        "The connection to the engine at %s is neither encrypted nor authenticated: anyone who reaches that port "
        "controls the engine's host. Use TLS (validate_certs, client_cert and client_key) or an ssh:// address."
        % parts.netloc
    ]


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this host, as far as it can be determined without name resolution."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def strange(tried: str, url: str, what: str, status: int, server: str) -> str:
    """The message about an answer that can't be an engine's. ``server``: the answer's header Server."""
    by = "" if server in ("", "None") or server.startswith(("Docker/", "Libpod/")) else ", from %s" % server
    code = " (status %d%s)" % (status, by) if status else ""
    return "Cannot %s: the answer from %s%s is not an engine's: %s. %s" % (tried, url, code, what, _WHO)


def no_json(text: bytes) -> str:
    """What is wrong with an answer that is not valid JSON."""
    words = text.decode("utf-8", "replace").strip()
    if not words:
        return "it is empty"
    if words.startswith("<"):
        return "it is not JSON but HTML (%s)" % _in_short(words)
    if words.startswith(("{", "[")):
        return "it is not valid JSON, but cut or damaged (%d bytes)" % len(text)
    return "it is not JSON (%s)" % _in_short(words)


def no_frame(header: bytes) -> str:
    """What is wrong with bytes that should be the header of a frame of a process's output."""
    return "it is not the output of a process, but begins with %r" % header.decode("utf-8", "backslashreplace")


def other_kind(found: Any, kinds: Tuple[type, ...]) -> str:
    """What is wrong with JSON of an unexpected kind."""
    names = {dict: "an object", list: "a list", str: "a string", type(None): "null", bool: "true or false"}
    due = names[kinds[0]]
    if isinstance(found, kinds):
        return "it is a list with entries that are not objects"
    return "it is %s instead of %s" % (
        names.get(type(found), "an object" if isinstance(found, dict) else "a number"),
        due,
    )


def between(answer: Any, strictly: bool) -> str:
    """What an unsuccessful answer is, if it can't come from the engine itself; "" if it can.

    ``strictly``: plain text can't come from the engine either.
    """
    if answer.request.method == "HEAD" or answer.status_code == 304:  # These answers have only headers.
        return "" if answer.headers.get("Api-Version") else "it names no version of the API"
    try:
        document = answer.json()
    except ValueError:
        text = answer.content
        return no_json(text) if strictly or not text.strip() or text.lstrip()[:1] in (b"<", b"{", b"[") else ""
    return "" if isinstance(document, dict) else other_kind(document, (dict,))


def _in_short(text: str) -> str:
    """The title of an HTML page, or the beginning of a text."""
    title = re.search(r"(?is)<title[^>]*>(.*?)</title>", text)
    plain = " ".join(re.sub(r"<[^>]*>", " ", title.group(1) if title else text).split()) or "no text"
    return '"%s"' % (plain if len(plain) <= 80 else plain[:77] + "...")


def late(tried: str, url: str, seconds: float, option: str) -> str:
    """The message about an answer that did not come in time, and what to do. ``option``: sets that time; "" if none."""
    return "Cannot %s: the engine at %s did not answer within %s seconds. Look at the engine's log%s." % (
        tried,
        url,
        "%g" % round(seconds, 1),
        ", or give the option %s a larger value" % option if option else "",
    )


def own_words(answer: Any) -> str:
    """The engine's own message in an unsuccessful answer."""
    try:
        document = answer.json()
    except ValueError:
        return str(answer.text).strip() or str(answer.reason)
    if isinstance(document, dict) and "message" in document:
        return str(document["message"])
    return str(document)
