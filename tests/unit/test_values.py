# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shorthand of strings, numbers and small lists, as tables: the given value, the normalised value, the error."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._values import core as values
from ansible_collections.wharf.docker.plugins.module_utils._values import limits, network

KIB, MIB, GIB = 1024, 1024**2, 1024**3
SECOND = 10**9
HEX = "0123456789abcdef" * 4
DIGEST = "sha256:" + HEX


def same(value: Any) -> Any:
    return value


def unlimited(value: Any) -> int:
    return limits.size(value, unlimited=True)


def environment_of_file(text: str) -> dict[str, str]:
    return values.env_file(text, {"HOME": "/root", "EMPTY": ""})


# parse function, given value, normalised value
CASES: list[tuple[Callable[..., Any], Any, Any]] = [
    (values.hostname, "a" * 64, "a" * 64),
    (values.hostname, "", ""),
    *((values.ipc_mode, word, word) for word in ("", "host", "private", "shareable", "none", "container:x", "ns:/x")),
    *((values.host_mode, word, word) for word in ("", "host", "private", "container:x")),
    *((values.userns_mode, word, word) for word in ("", "host", "keep-id", "keep-id:uid=1", "auto", "nomap")),
    (limits.device_cgroup_rules, ["c 1:3 mwr", "b *:* r", "a 1:* w"], ["c 1:3 mwr", "b *:* r", "a 1:* w"]),
    (network.dns_servers, ["127.0.0.1", "0:0::1", "fe80::1%eth0"], ["127.0.0.1", "0:0::1", "fe80::1%eth0"]),
    # size
    (limits.size, "0", 0),
    (limits.size, "1", 1),
    (limits.size, 512, 512),
    (limits.size, "512b", 512),
    (limits.size, "512B", 512),
    (limits.size, "512k", 512 * KIB),
    (limits.size, "512K", 512 * KIB),
    (limits.size, "512kb", 512 * KIB),
    (limits.size, "512KiB", 512 * KIB),
    (limits.size, "64m", 64 * MIB),
    (limits.size, "64M", 64 * MIB),
    (limits.size, "64mb", 64 * MIB),
    (limits.size, "64MiB", 64 * MIB),
    (limits.size, "1g", GIB),
    (limits.size, "1GB", GIB),
    (limits.size, "1gib", GIB),
    (limits.size, "1.5g", GIB + GIB // 2),
    (limits.size, "0.5k", 512),
    (limits.size, "0.1k", 102),
    (limits.size, "1.0000000000000001p", 1024**5),
    (limits.size, "2t", 2 * 1024**4),
    (limits.size, "2TiB", 2 * 1024**4),
    (limits.size, "1p", 1024**5),
    (limits.size, "8191p", 8191 * 1024**5),
    (limits.size, " 64 m ", 64 * MIB),
    (limits.size, "1000000000.0", 10**9),
    (limits.size, "9223372036854775807", 2**63 - 1),
    (unlimited, "unlimited", -1),
    (unlimited, "Unlimited", -1),
    (unlimited, "-1", -1),
    (unlimited, -1, -1),
    (unlimited, "64m", 64 * MIB),
    (unlimited, "0", 0),
    # duration
    (limits.duration, "0", 0),
    (limits.duration, 0, 0),
    (limits.duration, "0s", 0),
    (limits.duration, "1s", SECOND),
    (limits.duration, "1h2m3s", (3600 + 120 + 3) * SECOND),
    (limits.duration, "1m30s", 90 * SECOND),
    (limits.duration, "1h", 3600 * SECOND),
    (limits.duration, "500ms", SECOND // 2),
    (limits.duration, "10us", 10_000),
    (limits.duration, "10\u00b5s", 10_000),
    (limits.duration, "10\u03bcs", 10_000),
    (limits.duration, "100ns", 100),
    (limits.duration, "1.5s", 3 * SECOND // 2),
    (limits.duration, "1.s", SECOND),
    (limits.duration, "1.5h", 5400 * SECOND),
    (limits.duration, "0.1s", SECOND // 10),
    (limits.duration, "1m1m", 120 * SECOND),
    (limits.duration, "1s500ms2us3ns", 1_500_002_003),
    (limits.duration, " 30s ", 30 * SECOND),
    # command
    (values.command, "", []),
    (values.command, [], []),
    (values.command, "sleep 1000", ["sleep", "1000"]),
    (values.command, "sh -c 'echo \"a b\"'", ["sh", "-c", 'echo "a b"']),
    (values.command, "echo a#b # c", ["echo", "a#b", "#", "c"]),
    (values.command, r"echo a\ b", ["echo", "a b"]),
    (values.command, "echo ''", ["echo", ""]),
    (values.command, ["sleep", 1000], ["sleep", "1000"]),
    (values.command, ["sleep", 0.5], ["sleep", "0.5"]),
    (values.command, ["echo", "a b", ""], ["echo", "a b", ""]),
    # environment
    (values.environment, {}, {}),
    (values.environment, {"A": "b", "C": ""}, {"A": "b", "C": ""}),
    (values.environment, {"A": "b=c"}, {"A": "b=c"}),
    (values.environment, {"a.b-c d": "x\ny"}, {"a.b-c d": "x\ny"}),
    # env_file
    (environment_of_file, "", {}),
    (environment_of_file, "A=b", {"A": "b"}),
    (environment_of_file, "A=b\nC=d\n", {"A": "b", "C": "d"}),
    (environment_of_file, "A=b\r\nC=d\r\n", {"A": "b", "C": "d"}),
    (environment_of_file, "\ufeffA=b", {"A": "b"}),
    (environment_of_file, "# comment\n\n   \n  # another\nA=b", {"A": "b"}),
    (environment_of_file, "A=b # no comment", {"A": "b # no comment"}),
    (environment_of_file, "A='b'\nB=\"c\"", {"A": "'b'", "B": '"c"'}),
    (environment_of_file, "  A=b", {"A": "b"}),
    (environment_of_file, "\tA= b ", {"A": " b "}),
    (environment_of_file, "A=", {"A": ""}),
    (environment_of_file, "A=b=c", {"A": "b=c"}),
    (environment_of_file, "A=$HOME", {"A": "$HOME"}),
    (environment_of_file, "A=b\u2028c\x0cd\x85e", {"A": "b\u2028c\x0cd\x85e"}),
    (environment_of_file, "A=1\nA=2", {"A": "2"}),
    (environment_of_file, "HOME", {"HOME": "/root"}),
    (environment_of_file, "EMPTY\nNOTSET", {"EMPTY": ""}),
    # labels and strings
    (values.labels, {}, {}),
    (values.labels, {"a": "b"}, {"a": "b"}),
    (values.labels, {"a": True, "b": False}, {"a": "true", "b": "false"}),
    (values.labels, {"a": 1, "b": 1.5, "c": 0}, {"a": "1", "b": "1.5", "c": "0"}),
    (values.labels, {"a": None, "b": ""}, {"a": "", "b": ""}),
    (values.labels, {1: "x"}, {"1": "x"}),
    (values.strings, {"net.core.somaxconn": 1024}, {"net.core.somaxconn": "1024"}),
    (values.strings, {"max-size": "10m", "max-file": 3}, {"max-size": "10m", "max-file": "3"}),
    (values.strings, {"compress": True, "x": None}, {"compress": "true", "x": ""}),
    # capabilities
    (limits.capabilities, [], []),
    (limits.capabilities, ["SYS_TIME", "NET_ADMIN"], ["NET_ADMIN", "SYS_TIME"]),
    (limits.capabilities, ["net_admin", "CAP_SYS_TIME", "net_admin"], ["CAP_SYS_TIME", "net_admin"]),
    (limits.capabilities, ["all"], ["all"]),
    (limits.capabilities, ["CAP_ALL"], ["ALL"]),
    # ulimits
    (limits.ulimits, [], []),
    (limits.ulimits, ["nofile=1024:2048"], ["nofile:1024:2048"]),
    (limits.ulimits, ["nofile:1024:2048"], ["nofile:1024:2048"]),
    (limits.ulimits, ["nofile:1024"], ["nofile:1024:1024"]),
    (limits.ulimits, ["nofile=1024"], ["nofile:1024:1024"]),
    (limits.ulimits, ["NOFILE=1024"], ["nofile:1024:1024"]),
    (limits.ulimits, ["nproc=5", "core=0:-1", "memlock=-1"], ["core:0:-1", "memlock:-1:-1", "nproc:5:5"]),
    (limits.ulimits, ["core=0"], ["core:0:0"]),
    (limits.ulimits, [" nofile=1:2 "], ["nofile:1:2"]),
    # healthcheck
    (limits.healthcheck, {}, {"Test": ["NONE"]}),
    (limits.healthcheck, {"test": None}, {"Test": ["NONE"]}),
    (limits.healthcheck, {"test": ""}, {"Test": ["NONE"]}),
    (limits.healthcheck, {"test": []}, {"Test": ["NONE"]}),
    (limits.healthcheck, {"test": ["NONE"]}, {"Test": ["NONE"]}),
    (limits.healthcheck, {"test": ["NONE"], "interval": "5s", "retries": 3}, {"Test": ["NONE"]}),
    (limits.healthcheck, {"interval": "5s"}, {"Test": ["NONE"]}),
    (limits.healthcheck, {"test": "curl -f localhost"}, {"Test": ["CMD-SHELL", "curl -f localhost"]}),
    (limits.healthcheck, {"test": ["CMD", "curl", "-m", 1]}, {"Test": ["CMD", "curl", "-m", "1"]}),
    (limits.healthcheck, {"test": ["CMD-SHELL", "true"]}, {"Test": ["CMD-SHELL", "true"]}),
    (limits.healthcheck, {"test_cli_compatible": True}, {}),
    (limits.healthcheck, {"test_cli_compatible": True, "test": []}, {}),
    (limits.healthcheck, {"test_cli_compatible": True, "interval": "1ms"}, {"Interval": 10**6}),
    (
        limits.healthcheck,
        {
            "test_cli_compatible": True,
            "test": "x",
            "timeout": "0",
            "interval": "0s",
            "retries": 0,
            "start_period": None,
        },
        {"Test": ["CMD-SHELL", "x"], "Timeout": 0, "Interval": 0, "Retries": 0},
    ),
    (limits.healthcheck, {"test": [""]}, {"Test": ["NONE"]}),
    (limits.healthcheck, {"test": "x", "interval": ""}, {"Test": ["CMD-SHELL", "x"], "Interval": 0}),
    (
        limits.healthcheck,
        {
            "test": "x",
            "interval": "1m30s",
            "timeout": "10s",
            "retries": 3,
            "start_period": "500ms",
            "start_interval": "1s",
        },
        {
            "Test": ["CMD-SHELL", "x"],
            "Interval": 90 * SECOND,
            "Timeout": 10 * SECOND,
            "Retries": 3,
            "StartPeriod": SECOND // 2,
            "StartInterval": SECOND,
        },
    ),
    # cpus, cpuset, user
    (limits.cpus, 0, 0),
    (limits.cpus, 1.5, 1_500_000_000),
    (limits.cpus, 2, 2_000_000_000),
    (limits.cpus, 0.1, 100_000_000),
    (limits.cpus, 0.29, 290_000_000),
    (limits.cpuset, "", ""),
    (limits.cpuset, "0", "0"),
    (limits.cpuset, "0-3", "0-3"),
    (limits.cpuset, " 1,3 ", "1,3"),
    (limits.cpuset, "0-1,3,5-5", "0-1,3,5-5"),
    (values.user, "", ""),
    (values.user, "1000:1000", "1000:1000"),
    # signal_name
    (values.signal_name, "term", "SIGTERM"),
    (values.signal_name, "TERM", "SIGTERM"),
    (values.signal_name, "SIGTERM", "SIGTERM"),
    (values.signal_name, "sigterm", "SIGTERM"),
    (values.signal_name, "15", "SIGTERM"),
    (values.signal_name, 15, "SIGTERM"),
    (values.signal_name, 1, "SIGHUP"),
    (values.signal_name, "9", "SIGKILL"),
    (values.signal_name, "09", "SIGKILL"),
    (values.signal_name, 17, "SIGCHLD"),
    (values.signal_name, 28, "SIGWINCH"),
    (values.signal_name, 31, "SIGSYS"),
    (values.signal_name, "CLD", "SIGCHLD"),
    (values.signal_name, "IOT", "SIGABRT"),
    (values.signal_name, "SIGPOLL", "SIGIO"),
    (values.signal_name, "RTMIN", "SIGRTMIN"),
    (values.signal_name, "RTMIN+3", "SIGRTMIN+3"),
    (values.signal_name, "sigrtmin+15", "SIGRTMIN+15"),
    (values.signal_name, "37", "SIGRTMIN+3"),
    (values.signal_name, 34, "SIGRTMIN"),
    (values.signal_name, 49, "SIGRTMIN+15"),
    (values.signal_name, 50, "SIGRTMAX-14"),
    (values.signal_name, "RTMAX-1", "SIGRTMAX-1"),
    (values.signal_name, 64, "SIGRTMAX"),
    # container_name
    (values.container_name, "web", "web"),
    (values.container_name, "/web", "web"),
    (values.container_name, "a1", "a1"),
    (values.container_name, "1_.-", "1_.-"),
    (values.container_name, "Web.Site_2-b", "Web.Site_2-b"),
    # image_reference
    (values.image_reference, "busybox", ("busybox", "latest")),
    (values.image_reference, "busybox:1.36", ("busybox", "1.36")),
    (values.image_reference, "team/app", ("team/app", "latest")),
    (values.image_reference, "docker.io/library/busybox", ("docker.io/library/busybox", "latest")),
    (values.image_reference, "localhost:5000/a/b:tag", ("localhost:5000/a/b", "tag")),
    (values.image_reference, "localhost:5000/a/b", ("localhost:5000/a/b", "latest")),
    (values.image_reference, "localhost/a", ("localhost/a", "latest")),
    (values.image_reference, "Registry.Example.com/a:T_1.x-y", ("Registry.Example.com/a", "T_1.x-y")),
    (values.image_reference, "192.0.2.1:5000/a", ("192.0.2.1:5000/a", "latest")),
    (values.image_reference, "[2001:db8::1]:5000/a:b", ("[2001:db8::1]:5000/a", "b")),
    (values.image_reference, "a__b/c-d.e--f", ("a__b/c-d.e--f", "latest")),
    (values.image_reference, "name@" + DIGEST, ("name", DIGEST)),
    (values.image_reference, "localhost:5000/name:tag@" + DIGEST, ("localhost:5000/name", DIGEST)),
    (values.image_reference, "name@sha512:" + HEX * 2, ("name", "sha512:" + HEX * 2)),
    (values.image_reference, "deadbeef", ("deadbeef", "latest")),
    (values.image_reference, "a:" + "t" * 128, ("a", "t" * 128)),
    # is_image_id
    (values.is_image_id, DIGEST, True),
    (values.is_image_id, HEX, True),
    (values.is_image_id, HEX[:12], False),
    (values.is_image_id, HEX[:63], False),
    (values.is_image_id, "sha256:" + HEX[:12], False),
    (values.is_image_id, HEX.upper(), False),
    (values.is_image_id, "name@" + DIGEST, False),
    (values.is_image_id, DIGEST + "\n", False),
    (values.is_image_id, "busybox", False),
    (values.is_image_id, "", False),
]

# to_api and from_api of the parse functions with another form in the API, or that also read the engine's values
BOTH_WAYS: dict[Callable[..., Any], tuple[Callable[..., Any], Callable[..., Any]]] = {
    values.environment: (values.environment_to_api, values.environment_from_api),
    limits.ulimits: (limits.ulimits_to_api, limits.ulimits_from_api),
    values.signal_name: (same, values.signal_name),
    values.container_name: (lambda name: "/" + name, values.container_name),
}

# A normalised value is valid, and normalises to itself.
AGAIN = (
    *(limits.size, unlimited, values.environment, values.labels, values.strings, limits.capabilities, values.command),
    *(limits.ulimits, limits.cpuset, values.user, values.signal_name, values.container_name),
)

SECRET = "s3cret"

ERRORS: list[tuple[Callable[..., Any], Any, str]] = [
    (values.hostname, "a" * 65, "has 65 characters: Linux takes 64 at most"),
    (values.ipc_mode, "bogus", "'bogus' is unknown: use host, private, shareable, none or container:NAME"),
    (values.ipc_mode, "container:", "'container:' is unknown"),
    (values.host_mode, "hosts", "'hosts' is unknown: use host, private or container:NAME"),
    (values.host_mode, "shareable", "'shareable' is unknown"),
    (values.userns_mode, "bogus", "'bogus' is unknown"),
    (limits.device_cgroup_rules, ["c 1:3 rwm", "bogus"], "rule 'bogus' is not of a known form: use for example c 1:3"),
    (limits.device_cgroup_rules, ["d 1:3 rwm"], "rule 'd 1:3 rwm' is not"),
    (limits.device_cgroup_rules, ["c 1:3"], "rule 'c 1:3' is not"),
    (network.dns_servers, ["127.0.0.1", "nope"], "name server 'nope' is not an IPv4 or IPv6 address"),
    (network.dns_servers, ["dns.example"], "name server 'dns.example' is not"),
    (limits.size, "64x", "size '64x' is not a number with a unit: use for example 512k, 64m or 1g"),
    (limits.size, "", "size '' is not a number"),
    (limits.size, "m", "size 'm' is not a number"),
    (limits.size, "1,5g", "size '1,5g' is not a number"),
    (limits.size, "1.g", "size '1.g' is not a number"),
    (limits.size, "64mm", "size '64mm' is not a number"),
    (limits.size, "64i", "size '64i' is not a number"),
    (limits.size, "64m\n1", "is not a number"),
    (limits.size, "\u0663m", "is not a number"),
    (limits.size, True, "size True is not a number"),
    (limits.size, None, "size None is not a number"),
    (limits.size, "nan", "size 'nan' is not a number"),
    (limits.size, "unlimited", "size 'unlimited' is not a number"),
    (limits.size, "-1", "size '-1' is negative: use for example 512k"),
    (limits.size, -5, "size -5 is negative"),
    (limits.size, "-5m", "size '-5m' is negative"),
    (limits.size, "8192p", "size '8192p' is more than the engine can count"),
    (unlimited, "-2", "size '-2' is negative: use for example 512k, 64m or 1g, or unlimited"),
    (unlimited, "x", "size 'x' is not a number with a unit: use for example 512k, 64m or 1g, or unlimited"),
    (limits.duration, "30", "duration '30' has no unit: use for example 500ms, 30s or 1m30s"),
    (limits.duration, 30, "duration 30 has no unit"),
    (limits.duration, "1.5", "duration '1.5' has no unit"),
    (limits.duration, "0.0", "duration '0.0' has no unit"),
    (limits.duration, "-1s", "duration '-1s' is negative: use for example 500ms, 30s or 1m30s"),
    (limits.duration, "", "duration '' is not made of numbers with units"),
    (limits.duration, "s", "duration 's' is not made of numbers with units"),
    (limits.duration, "1d", "duration '1d' is not made of numbers with units"),
    (limits.duration, "1h 2m", "duration '1h 2m' is not made of"),
    (limits.duration, "1h2", "duration '1h2' is not made of"),
    (limits.duration, "1H", "duration '1H' is not made of"),
    (limits.duration, "9999999h", "duration '9999999h' is more than the engine can count"),
    (values.command, "echo 'a", 'command "echo \'a" has a quote or a backslash that nothing closes: close it, or use'),
    (values.command, "echo \\", "has a quote or a backslash that nothing closes"),
    (values.command, 5, "command 5 is neither a string nor a list of strings"),
    (values.command, None, "command None is neither a string nor a list"),
    (values.command, {"a": 1}, "is neither a string nor a list"),
    (values.command, ["a", None], "element None of the command is not a string: quote it"),
    (values.command, ["a", True], "element True of the command is not a string: quote it"),
    (values.command, ["a", {"b": "c"}], "element {'b': 'c'} of the command is not a string: quote it"),
    (values.command, ["a", ["b"]], "element ['b'] of the command is not a string"),
    (values.environment, {"A": True}, "variable 'A' has a value that is not a string, but a boolean: quote it"),
    (values.environment, {"A": 1}, "a string, but a number: quote it, or `| string` if it is a template"),
    (values.environment, {"A": 1.5}, "variable 'A' has a value that is not a string, but a number: quote it"),
    (values.environment, {"A": None}, "variable 'A' has a value that is not a string, but null: use '' for an empty"),
    (values.environment, {"A": [SECRET]}, "variable 'A' has a value that is not a string"),
    (values.environment, {"A": {"b": SECRET}}, "variable 'A' has a value that is not a string"),
    (values.environment, {"A": SECRET + "\0"}, "variable 'A' has a value with a NUL in it"),
    (values.environment, {"": SECRET}, "variable '' has a wrong name: use one that is not empty, without '=' and NUL"),
    (values.environment, {"A=B": SECRET}, "variable 'A=B' has a wrong name"),
    (values.environment, {"A\0": SECRET}, "variable 'A\\x00' has a wrong name"),
    (values.environment, {1: SECRET}, "variable 1 has a name that is not a string: quote it"),
    (values.environment, {True: SECRET}, "variable True has a name that is not a string: quote it"),
    (environment_of_file, "A=b\nexport C=" + SECRET, "line 2: there is whitespace in the name of the variable: use"),
    (environment_of_file, "\n\nC =" + SECRET, "line 3: there is whitespace in the name"),
    (environment_of_file, "words of a " + SECRET, "line 1: there is whitespace in the name"),
    (environment_of_file, "# x\n=" + SECRET, "line 2: there is no name before '=': use NAME=value"),
    (values.labels, {"a": {"b": SECRET}}, "the value of 'a' is a dict: use a string, a number, true or false"),
    (values.labels, {"a": [SECRET]}, "the value of 'a' is a list: use a string"),
    (values.labels, {"": "b"}, "key '' is not a name: use a string that is not empty"),
    (values.labels, {True: "b"}, "key True is not a name"),
    (values.labels, {None: "b"}, "key None is not a name"),
    (values.labels, {1.5: "b"}, "key 1.5 is not a name"),
    (values.strings, {"a": [SECRET]}, "the value of 'a' is a list"),
    (limits.capabilities, [""], "capability '' is not a name: use for example NET_ADMIN or ALL"),
    (limits.capabilities, ["CAP_"], "capability 'CAP_' is not a name"),
    (limits.capabilities, ["NET ADMIN"], "capability 'NET ADMIN' is not a name"),
    (limits.capabilities, ["NET_ADMIN,SYS_TIME"], "capability 'NET_ADMIN,SYS_TIME' is not a name"),
    (limits.ulimits, ["nofile"], "ulimit 'nofile' is not a name with one or two numbers: use for example nofile=1024"),
    (limits.ulimits, ["nofile="], "ulimit 'nofile=' is not a name with"),
    (limits.ulimits, ["nofile=a:b"], "ulimit 'nofile=a:b' is not a name with"),
    (limits.ulimits, ["nofile=1:2:3"], "ulimit 'nofile=1:2:3' is not a name with"),
    (limits.ulimits, ["=1"], "ulimit '=1' is not a name with"),
    (limits.ulimits, [""], "ulimit '' is not a name with"),
    (limits.ulimits, ["files=1"], "ulimit 'files=1' has an unknown name: use one of core, cpu,"),
    (limits.ulimits, ["nofile=2:1"], "ulimit 'nofile=2:1' has a soft limit above the hard one: use nofile=soft:hard"),
    (limits.ulimits, ["nofile=-1:1"], "ulimit 'nofile=-1:1' has a soft limit above the hard one"),
    (limits.ulimits, ["nofile=-2"], "ulimit 'nofile=-2' has a negative number: use -1 for no limit"),
    (limits.ulimits, ["nofile=1:-2"], "ulimit 'nofile=1:-2' has a negative number"),
    (limits.ulimits, ["nofile=1", "nofile:1"], "ulimit 'nofile' is given twice"),
    (limits.healthcheck, {"test": ["curl"]}, "test ['curl'] begins with 'curl': use a string, or a list that begins"),
    (limits.healthcheck, {"test": ["cmd", "a"]}, "begins with 'cmd'"),
    (limits.healthcheck, {"test": ["CMD"]}, "test ['CMD'] has the wrong number of words: NONE stands alone"),
    (limits.healthcheck, {"test": ["CMD-SHELL"]}, "has the wrong number of words"),
    (limits.healthcheck, {"test": ["NONE", "a"]}, "has the wrong number of words"),
    (limits.healthcheck, {"test": ["CMD", None]}, "element None of the command is not a string"),
    (limits.healthcheck, {"test": 5}, "test 5 is neither a string nor a list: use a string, or a list that begins"),
    (limits.healthcheck, {"test": {"a": "b"}}, "is neither a string nor a list"),
    (limits.healthcheck, {"test": "x", "interval": "5"}, "duration '5' has no unit"),
    (limits.healthcheck, {"test": "x", "timeout": "-5s"}, "duration '-5s' is negative"),
    (limits.healthcheck, {"test": "x", "start_period": "100us"}, "duration '100us' is less than 1ms: the engine takes"),
    (limits.healthcheck, {"test": "x", "start_interval": "x"}, "duration 'x' is not made of"),
    (limits.healthcheck, {"test": "x", "retries": -1}, "retries -1 is negative: use 0 or more"),
    (limits.healthcheck, {"test": ["NONE"], "interval": "x"}, "duration 'x' is not made of"),
    (limits.cpus, -0.5, "number of CPUs -0.5 is negative: use for example 0.5 or 2"),
    (limits.cpus, float("nan"), "number of CPUs nan is not a number"),
    (limits.cpus, float("inf"), "number of CPUs inf is not a number"),
    (limits.cpus, "2", "number of CPUs '2' is not a number"),
    (limits.cpus, True, "number of CPUs True is not a number"),
    (limits.cpuset, "a", "set 'a' is not made of numbers and ranges: use for example 0-3 or 1,3"),
    (limits.cpuset, "0, 1", "set '0, 1' is not made of"),
    (limits.cpuset, "0-", "set '0-' is not made of"),
    (limits.cpuset, "-1", "set '-1' is not made of"),
    (limits.cpuset, "0,,1", "set '0,,1' is not made of"),
    (limits.cpuset, "1,3-2", "set '1,3-2' has a range that ends before it begins"),
    (values.signal_name, "", "signal '' is unknown: use for example SIGTERM, HUP or 15"),
    (values.signal_name, "SIG", "signal 'SIG' is unknown"),
    (values.signal_name, "FOO", "signal 'FOO' is unknown"),
    (values.signal_name, 0, "signal 0 is unknown"),
    (values.signal_name, 32, "signal 32 is unknown"),
    (values.signal_name, "65", "signal '65' is unknown"),
    (values.signal_name, -9, "signal -9 is unknown"),
    (values.signal_name, "SIG15", "signal 'SIG15' is unknown"),
    (values.signal_name, "RTMIN+16", "signal 'RTMIN+16' is unknown"),
    (values.signal_name, "RTMAX-15", "signal 'RTMAX-15' is unknown"),
    (values.signal_name, True, "signal True is unknown"),
    (values.container_name, "", "name '' is not a container's: use at least two characters"),
    (values.container_name, "a", "name 'a' is not a container's: use at least two characters"),
    (values.container_name, "/", "name '/' is not a container's"),
    (values.container_name, "//web", "name '//web' is not a container's"),
    (values.container_name, "-web", "name '-web' is not a container's"),
    (values.container_name, "a b", "name 'a b' is not a container's"),
    (values.container_name, "web/a", "name 'web/a' is not a container's"),
    (values.container_name, "web\n", "name 'web\\n' is not a container's"),
    (values.container_name, "w\u00e9b", "is not a container's"),
    (values.image_reference, "", "image '' is not the name of an image: use for example nginx:1.29"),
    (values.image_reference, "Busybox", "image 'Busybox' has upper-case letters in its repository: use lower case"),
    (values.image_reference, "Team/app", "image 'Team/app' has upper-case letters in its repository"),
    (values.image_reference, "localhost/Team/app", "has upper-case letters in its repository"),
    (values.image_reference, "busybox:", "image 'busybox:' has a wrong tag: use letters, digits"),
    (values.image_reference, "busybox:-a", "image 'busybox:-a' has a wrong tag"),
    (values.image_reference, "busybox:a b", "image 'busybox:a b' has a wrong tag"),
    (values.image_reference, "busybox:a:b", "image 'busybox:a:b' has a wrong tag"),
    (values.image_reference, "a:" + "t" * 129, "has a wrong tag"),
    (values.image_reference, "busybox@" + DIGEST[:20], "has a wrong digest: use sha256: and 64 hexadecimal digits"),
    (values.image_reference, "busybox@", "image 'busybox@' has a wrong digest"),
    (values.image_reference, "busybox@latest", "image 'busybox@latest' has a wrong digest"),
    (values.image_reference, "busybox@" + DIGEST.upper(), "has a wrong digest"),
    (values.image_reference, "busy box", "image 'busy box' is not the name of an image"),
    (values.image_reference, " busybox", "image ' busybox' is not the name of an image"),
    (values.image_reference, "busybox\n", "image 'busybox\\n' is not the name of an image"),
    (values.image_reference, "/busybox", "image '/busybox' is not the name of an image"),
    (values.image_reference, "team/", "image 'team/' is not the name of an image"),
    (values.image_reference, "a//b", "image 'a//b' is not the name of an image"),
    (values.image_reference, "a...b", "image 'a...b' is not the name of an image"),
    (values.image_reference, "-a", "image '-a' is not the name of an image"),
    (values.image_reference, "https://example.com/a", "image 'https://example.com/a' is not the name of an image"),
    (values.image_reference, "-x.example.com/a", "is not the name of an image"),
    (values.image_reference, ":latest", "image ':latest' is not the name of an image"),
    (values.image_reference, "<none>", "image '<none>' is not the name of an image"),
    (values.image_reference, DIGEST, "is an id, not a name"),
    (values.image_reference, HEX, "is an id, not a name"),
]


@pytest.mark.parametrize(("parse", "given", "normal"), CASES)
def test_normal_value(parse: Callable[..., Any], given: Any, normal: Any) -> None:
    found = parse(given)
    assert found == normal
    assert type(found) is type(normal)


@pytest.mark.parametrize(("parse", "given"), [(case[0], case[1]) for case in CASES if case[0] in BOTH_WAYS])
def test_there_and_back(parse: Callable[..., Any], given: Any) -> None:
    to_api, from_api = BOTH_WAYS[parse]
    normal = parse(given)
    assert from_api(to_api(normal)) == normal


@pytest.mark.parametrize(("parse", "given"), [(case[0], case[1]) for case in CASES if case[0] in AGAIN])
def test_normal_value_is_its_own_normal_value(parse: Callable[..., Any], given: Any) -> None:
    normal = parse(given)
    assert parse(normal) == normal


@pytest.mark.parametrize(("parse", "given", "message"), ERRORS)
def test_wrong_value(parse: Callable[..., Any], given: Any, message: str) -> None:
    with pytest.raises(ValueError) as error:
        parse(given)
    assert message in str(error.value)
    assert SECRET not in str(error.value)


def test_every_function_has_its_errors() -> None:
    never_wrong = {values.user, values.is_image_id}
    assert {case[0] for case in CASES} - {case[0] for case in ERRORS} == never_wrong


@pytest.mark.parametrize(
    ("function", "api", "expected"),
    [
        (values.environment_to_api, {"B": "2", "A": "1=", "C": ""}, ["A=1=", "B=2", "C="]),
        (values.environment_to_api, {}, []),
        (values.environment_from_api, None, {}),
        (values.environment_from_api, ["A=1=2", "B", "C="], {"A": "1=2", "B": "", "C": ""}),
        (limits.ulimits_to_api, ["core:0:-1"], [{"Name": "core", "Soft": 0, "Hard": -1}]),
        (limits.ulimits_from_api, None, []),
        (
            limits.ulimits_from_api,
            [{"Name": "NPROC", "Soft": 1, "Hard": 2}, {"Name": "core", "Hard": -1, "Soft": -1}],
            ["core:-1:-1", "nproc:1:2"],
        ),
        (limits.healthcheck_from_api, None, {"Test": ["NONE"]}),
        (
            limits.healthcheck_from_api,
            {"Test": ["CMD", "x"], "Interval": 0, "Timeout": 5, "Retries": 0, "StartPeriod": 0},
            {"Test": ["CMD", "x"], "Timeout": 5},
        ),
        (limits.healthcheck_from_api, {"Test": None}, {"Test": ["NONE"]}),
        (limits.healthcheck_to_api, {"Test": ["CMD", "x"], "Interval": 0}, {"Test": ["CMD", "x"]}),
        (limits.capabilities_compared, ["cap_net_admin", "CAP_SYS_TIME", "net_admin"], ["NET_ADMIN", "SYS_TIME"]),
        (limits.capabilities_compared, [], []),
        (limits.cpuset_compared, "", ""),
        (limits.cpuset_compared, "0-2", "0,1,2"),
        (limits.cpuset_compared, "3,0-1,1", "0,1,3"),
        (limits.device_rules, ["c 1:3 mrw", "b  8:* r"], ["c 1:3 rwm", "b 8:* r"]),
        (limits.security_options, ["no-new-privileges"], ["no-new-privileges"]),
        (limits.security_options, ["no-new-privileges:true"], ["no-new-privileges"]),
        (limits.security_options, ["no-new-privileges=1"], ["no-new-privileges"]),
        (limits.security_options, ["no-new-privileges:False"], ["no-new-privileges=false"]),
        (limits.security_options, ["seccomp:unconfined"], ["seccomp=unconfined"]),
        (limits.security_options, ["label:user:x", "label=disable"], ["label=disable", "label=user:x"]),
        (limits.security_options, ['seccomp={"a":1}'], ['seccomp={"a":1}']),
        (values.platform, "linux", "linux"),
        (values.platform, "Linux/AMD64", "linux/amd64"),
        (values.platform, "amd64", "linux/amd64"),
        (values.platform, "x86_64", "linux/amd64"),
        (values.platform, "linux/amd64/v1", "linux/amd64"),
        (values.platform, "aarch64", "linux/arm64"),
        (values.platform, "linux/arm64/v8", "linux/arm64"),
        (values.platform, "linux/arm/7", "linux/arm/v7"),
        (values.platform, "armhf", "linux/arm/v7"),
        (values.platform, "i386", "linux/386"),
        (values.platform, "windows", "windows"),
        (values.platform_of, {"Os": "linux", "Architecture": "arm64", "Variant": "v8"}, "linux/arm64"),
        (values.platform_of, {"Os": "linux", "Architecture": "arm", "Variant": "v7"}, "linux/arm/v7"),
        (values.platform_of, {}, ""),
        (limits.device_rates_from_api, [{"Path": "/dev/a", "Rate": 0}, {"Path": "/dev/b", "Rate": 1}], ["/dev/b:1"]),
    ],
)
def test_api_form(function: Callable[..., Any], api: Any, expected: Any) -> None:
    assert function(api) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("busybox", "busybox", True),
        ("busybox", "busybox:latest", True),
        ("busybox", "docker.io/library/busybox", True),
        ("busybox", "docker.io/busybox", True),
        ("busybox", "library/busybox", True),
        ("busybox", "index.docker.io/library/busybox:latest", True),
        ("index.docker.io/busybox", "docker.io/library/busybox", True),
        ("team/app:1", "docker.io/team/app:1", True),
        ("localhost/app", "localhost/app:latest", True),
        ("a:1@" + DIGEST, "a@" + DIGEST, True),
        (DIGEST, DIGEST, True),
        ("<none>", "<none>", True),
        ("busybox", "busybox:1.36", False),
        ("busybox", "team/busybox", False),
        ("busybox", "localhost/busybox", False),
        ("localhost/busybox", "localhost/library/busybox", False),
        ("busybox", "quay.io/library/busybox", False),
        ("localhost:5000/a", "localhost:5001/a", False),
        ("a:1@" + DIGEST, "a:1", False),
        (DIGEST, HEX, False),
        ("busybox", DIGEST, False),
        ("busybox", "<none>", False),
        ("Busybox", "busybox", False),
    ],
)
def test_same_image_name(one: str, other: str, expected: bool) -> None:
    assert values.same_image_name(one, other) is expected
    assert values.same_image_name(other, one) is expected


def test_signal_numbers_are_those_of_linux() -> None:
    numbers = {values.signal_name(number): number for number in [*range(1, 32), *range(34, 65)]}
    assert len(numbers) == 62
    assert numbers["SIGUSR1"] == 10
    assert numbers["SIGUSR2"] == 12
    assert numbers["SIGCONT"] == 18
    assert numbers["SIGRTMAX"] == 64


def test_nothing_given_is_changed() -> None:
    given = {"test": ["CMD", "a", 1], "retries": 1}
    limits.healthcheck(given)
    assert given == {"test": ["CMD", "a", 1], "retries": 1}
