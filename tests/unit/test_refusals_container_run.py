# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_run: options that are refused without asking an engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SPEC = {"name": "web", "image": "wharf-test/base:latest", "command": ["sleep", "1000"]}
SECRET = "sesame opens it"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"image": "Upper/Case"}, "image:"),
        ({"published_ports": ["eighty:80"]}, "published_ports:"),
        ({"published_ports": ["80:70000"]}, "70000"),
        ({"published_ports": ["example.org:80:80"]}, "example.org"),
        ({"exposed_ports": ["http"]}, "exposed_ports:"),
        ({"memory": "64x"}, "memory: size '64x'"),
        ({"memory": "-5"}, "memory:"),
        ({"shm_size": "big"}, "shm_size:"),
        ({"healthcheck": {"test": "true", "interval": "10"}}, "healthcheck:"),
        ({"healthcheck": {"test": ["true"]}}, "healthcheck:"),
        ({"volumes": ["/a:/b:sideways"]}, "sideways"),
        ({"volumes": ["/a:relative"]}, "relative"),
        ({"volumes": ["/a:/data", "/b:/data"]}, "'/data' is given twice"),
        ({"volumes": ["/a:/data"], "mounts": [{"target": "/data"}]}, "'/data' is given twice"),
        ({"mounts": [{"target": "/data", "type": "bind"}]}, "mounts:"),
        ({"mounts": [{"target": "/data", "type": "tmpfs", "source": "x"}]}, "mounts:"),
        ({"tmpfs": ["run"]}, "tmpfs:"),
        ({"env": {"A": 1}}, "env:"),
        ({"networks": [{"name": "n", "ipv4_address": "10.0.0"}]}, "networks:"),
        ({"ulimits": ["nofile:20:10"]}, "ulimits:"),
        ({"stop_signal": "SIGNOTHING"}, "stop_signal:"),
        ({"devices": ["/dev/null:/dev/x:q"]}, "devices:"),
        ({"etc_hosts": {"db": "nowhere"}}, "etc_hosts:"),
        ({"cpuset_cpus": "all"}, "cpuset_cpus:"),
        ({"command": "sh -c 'oops"}, "command:"),
        ({"restart_retries": 3}, "restart_retries:"),
        ({"memory": "64m", "memory_swap": "32m"}, "memory_swap:"),
        ({"memory": "0", "memory_swap": "32m"}, "memory_swap:"),
        ({"memory": "64m", "memory_reservation": "128m"}, "memory_reservation:"),
        ({"cpus": 1, "cpu_quota": 50000}, "cpus and cpu_period or cpu_quota:"),
        ({"auto_remove": True, "restart_policy": "always"}, "auto_remove and restart_policy:"),
        ({"env_file": "/nonexistent/file.env"}, "env_file: can't read /nonexistent/file.env"),
        ({"volumes": ["/a:/data:ro,rw"]}, "volumes:"),
        ({"platform": "a/b/c/d"}, "platform 'a/b/c/d' is not valid"),
        (
            {"labels": {"wharf.docker.replaces": "x"}},
            "labels: the name 'wharf.docker.replaces' begins with wharf",
        ),
        ({"keep_previous": -1}, "keep_previous: -1 is negative"),
        ({"force_kill": True, "kill_signal": "NONSENSE"}, "kill_signal: signal 'NONSENSE' is unknown"),
        (
            {"published_ports": ["80"], "default_host_ip": "nowhere"},
            "default_host_ip: 'nowhere' is not a valid address",
        ),
        ({"label_file": ["/nonexistent/file.labels"]}, "label_file: can't read /nonexistent/file.labels"),
        ({"security_opts": ["seccomp=/nonexistent/profile"]}, "security_opts: can't read /nonexistent/profile"),
        ({"writable_layer": "commit"}, "writable_layer_image"),
        ({"writable_layer": "export"}, "writable_layer_path"),
        ({"writable_layer": "commit", "writable_layer_image": "A B"}, "writable_layer_image"),
    ],
)
def test_wrong_values(options: dict[str, Any], words: str, refused: Any) -> None:
    message = refused("container_run", **{**SPEC, **options})
    assert message.startswith("Cannot describe the container web: ")
    assert words in message


@pytest.mark.parametrize(
    ("option", "value", "content", "words"),
    [
        ("security_opts", "seccomp=%s", "no json", "security_opts: %s has no profile of seccomp in JSON"),
        ("label_file", "%s", "b 3=4\n", "label_file: %s: line 1: it does not begin with the name of a label"),
    ],
)
def test_wrong_files(option: str, value: str, content: str, words: str, refused: Any, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text(content)
    assert words % file in refused("container_run", **SPEC, **{option: [value % file]})


@pytest.mark.parametrize("wrong", ["-web", "web/1", "x", "ä", "a b"])
def test_names_that_no_container_has(wrong: str, refused: Any) -> None:
    message = refused("container_run", **{**SPEC, "name": wrong})
    assert "name" in message and repr(wrong) in message


@pytest.mark.parametrize(
    ("comparisons", "words"),
    [
        ({"colour": "strict"}, "'colour' is not an option that describes a container"),
        ({"env": "sometimes"}, "env can be strict, ignore or allow_more_present, not 'sometimes'"),
        ({"memory": "allow_more_present"}, "memory has one value: it can be strict or ignore"),
        ({"*": "allow_more_present"}, "'*' can be strict or ignore"),
    ],
)
def test_wrong_comparisons(comparisons: Any, words: str, refused: Any) -> None:
    assert words in refused("container_run", **SPEC, comparisons=comparisons)


@pytest.mark.parametrize(
    ("networks", "message"),
    [
        ([5], "networks: 5 is not a network: use its name, or a dictionary with name"),
        ([True], "networks: True is not a network"),
        ([["a"]], "networks: ['a'] is not a network"),
        ([{"aliases": ["x"]}], "networks: network {'aliases': ['x']} has no name: use "),
        ([{"name": ""}], "has no name"),
        ([{"name": "a", "alias": ["x"]}], "has 'alias', which is unknown: use aliases, driver_opts, "),
        ([{"name": "a", "gw_priority": "x"}], "networks: network 'a': argument 'gw_priority'"),
        ([{"name": "a", "mac_address": "x"}], "networks: network 'a': mac_address: MAC address 'x' is not valid"),
        ([{"name": "a", "links": ["x:y:z"]}], "networks: network 'a': links: link 'x:y:z'"),
        ([{"name": "a", "driver_opts": {"b": []}}], "networks: network 'a': driver_opts: the value of 'b' is a list"),
        (["a", "a"], "networks: network 'a' is given twice"),
    ],
)
def test_wrong_networks(networks: Any, message: str, refused: Any) -> None:
    assert message in refused("container_run", **SPEC, networks=networks)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"env": {"A": "1", "B": "1"}, "env_secret": {"B": SECRET, "A": SECRET}},
            "env and env_secret: both have A, B.",
        ),
        ({"env_secret": {"A": 7}}, "env_secret: variable 'A' has a value that is not a string"),
        ({"env_secret": {"A=": SECRET}}, "env_secret: variable 'A=' has a wrong name"),
    ],
)
def test_wrong_secrets(options: Any, words: str, refused: Any) -> None:
    message = refused("container_run", **SPEC, **options)
    assert "Cannot describe the container web: %s" % words in message
    assert SECRET not in message
