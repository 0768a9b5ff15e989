# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Converting Podman's documents to those of Docker, and to the spelling of a task."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._engine import podman as _podman

ANONYMOUS = "ad" * 32
DEFAULT_CAPABILITIES = sorted(_podman._OWN_CAPABILITIES)


def container(config: dict[str, Any] | None = None, running: bool = True, **host: Any) -> dict[str, Any]:
    state = {"Status": "running" if running else "created", "Running": running, "Health": {"Status": "", "Log": None}}
    return {
        "State": state,
        "Config": {"StopTimeout": 0, **(config or {})},
        "HostConfig": {"Runtime": "oci", "NetworkMode": "bridge", "PidMode": "private", "UTSMode": "private", **host},
        "NetworkSettings": {"Networks": {"podman": {"NetworkID": "podman", "IPAddress": "10.88.0.2"}}},
    }


def test_like_docker() -> None:
    found = _podman.like_docker(container(Ulimits=[{"Name": "RLIMIT_NOFILE", "Soft": 1, "Hard": 2}]))
    assert "Health" not in found["State"]
    assert found["Config"]["StopTimeout"] is None
    assert found["HostConfig"]["Ulimits"] == [{"Name": "nofile", "Soft": 1, "Hard": 2}]
    assert (found["HostConfig"]["PidMode"], found["HostConfig"]["UTSMode"]) == ("", "")
    assert list(found["NetworkSettings"]["Networks"]) == ["bridge"]
    assert found["NetworkSettings"]["Networks"]["bridge"]["IPAMConfig"] == {"IPv4Address": "10.88.0.2"}


def test_a_health_check_stays() -> None:
    document = container()
    document["State"]["Health"] = {"Status": "starting", "Log": None}
    assert _podman.like_docker(document)["State"]["Health"]["Status"] == "starting"


def test_under_own_name() -> None:
    body = {"NetworkingConfig": {"EndpointsConfig": {"bridge": {"a": 1}, "one": {}}}}
    assert _podman.under_own_name(body)["NetworkingConfig"]["EndpointsConfig"] == {"podman": {"a": 1}, "one": {}}
    assert _podman.under_own_name({"Image": "base"}) == {"Image": "base"}


@pytest.mark.parametrize(
    ("normal", "told", "expected"),
    [
        ({"volumes": ["v:/d"]}, {"Binds": ["v:/d:rw,rprivate,nosuid,nodev,rbind"]}, {"Binds": ["v:/d:"]}),
        ({"volumes": ["/e:/d:ro,z"]}, {"Binds": ["/e:/d:ro,rprivate,rbind"]}, {"Binds": ["/e:/d:ro,z"]}),
        ({"volumes": ["/e:/d:rprivate"]}, {"Binds": ["/e:/d:rw,rprivate,rbind"]}, {"Binds": ["/e:/d:rprivate"]}),
        ({"volumes": ["/e:/d"]}, {"Binds": ["/e:/d:rw,rslave,rbind"]}, {"Binds": ["/e:/d:rslave"]}),
        ({"volumes": ["/d"]}, {"Binds": [ANONYMOUS + ":/d:rw"]}, {"Binds": []}),
        (
            {"mounts": [{"Target": "/d", "Source": "v", "Type": "volume", "ReadOnly": True}]},
            {"Binds": ["v:/d:ro,rprivate,nosuid,nodev,rbind"]},
            {"Binds": [], "Mounts": [{"Target": "/d", "Source": "v", "Type": "volume", "ReadOnly": True}]},
        ),
        (
            {"mounts": [{"Target": "/d", "Source": "v", "Type": "volume"}]},
            {"Binds": ["w:/d:ro"]},
            {"Mounts": [{"Target": "/d", "Source": "w", "Type": "volume", "ReadOnly": True}]},
        ),
        (
            {"mounts": [{"Target": "/t", "Type": "tmpfs", "TmpfsOptions": {"SizeBytes": 7, "Mode": 0o700}}]},
            {"Tmpfs": {"/t": "size=8,mode=700,rw"}},
            {
                "Mounts": [
                    {
                        "Target": "/t",
                        "Type": "tmpfs",
                        "ReadOnly": False,
                        "TmpfsOptions": {"SizeBytes": 8, "Mode": 0o700},
                    }
                ],
                "Tmpfs": {},
            },
        ),
        (
            {"tmpfs": {"/run": "size=1m,mode=700"}},
            {"Tmpfs": {"/run": "mode=700,size=1m,rw,rprivate,nosuid,nodev,tmpcopyup"}},
            {"Tmpfs": {"/run": "size=1m,mode=700"}},
        ),
        (
            {"tmpfs": {}},
            {"ReadonlyRootfs": True, "Tmpfs": {"/run": "rw", "/mine": "rw"}},
            {"Tmpfs": {"/mine": ""}},
        ),
        (
            {"cap_drop": ["ALL"], "capabilities": ["NET_RAW"]},
            {"CapDrop": [name for name in DEFAULT_CAPABILITIES if name != "NET_RAW"]},
            {"CapDrop": ["ALL"], "CapAdd": ["NET_RAW"]},
        ),
        ({"cap_drop": ["ALL"]}, {"CapDrop": DEFAULT_CAPABILITIES[1:]}, {"CapDrop": DEFAULT_CAPABILITIES[1:]}),
        ({"capabilities": ["CHOWN"], "cap_drop": ["SYS_TIME"]}, {}, {"CapAdd": ["CHOWN"], "CapDrop": ["SYS_TIME"]}),
        ({"capabilities": ["SYS_TIME"]}, {}, {"CapAdd": []}),
        (
            {"published_ports": [":80:80/tcp", "::81/tcp"]},
            {
                "PortBindings": {
                    "80/tcp": [{"HostIp": "", "HostPort": "80"}],
                    "81/tcp": [{"HostIp": "", "HostPort": "4711"}],
                }
            },
            {
                "PortBindings": {
                    "80/tcp": [{"HostIp": "", "HostPort": "80"}],
                    "81/tcp": [{"HostIp": "", "HostPort": ""}],
                },
                "PublishAllPorts": False,
            },
        ),
        (
            {"ulimits": ["nproc:1048576:1048576"]},
            {"Ulimits": [{"Name": name, "Soft": 1048576, "Hard": 1048576} for name in ("nofile", "nproc")]},
            {"Ulimits": [{"Name": "nproc", "Soft": 1048576, "Hard": 1048576}]},
        ),
        ({"sysctls": {"a": "1"}}, {"Sysctls": None}, {"Sysctls": {"a": "1"}}),
        ({"ipc_mode": "host"}, {"IpcMode": "shareable"}, {"IpcMode": "host"}),
        ({"ipc_mode": "host"}, {"IpcMode": "container:x"}, {"IpcMode": "container:x"}),
        (
            {"devices": ["/dev/null:/dev/one:r"]},
            {"Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/one", "CgroupPermissions": ""}]},
            {"Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/one", "CgroupPermissions": "r"}]},
        ),
    ],
)
def test_told_as(normal: dict[str, Any], told: dict[str, Any], expected: dict[str, Any]) -> None:
    host = _podman.told_as(normal, container(**told), None)["HostConfig"]
    assert {key: host[key] for key in expected} == expected


def test_variables_and_health_checks_of_its_own() -> None:
    config = {
        "Env": ["PATH=/bin", "TERM=xterm", "container=podman", "A=1", "HOME=/root", "HOSTNAME=web"],
        "Healthcheck": {"Test": ["CMD", "true"], "Interval": 30 * 10**9, "Timeout": 10**9, "Retries": 3},
    }
    found = _podman.told_as({"env": {"TERM": "xterm"}}, container(config), {"Config": {"Env": ["PATH=/bin"]}})
    assert found["Config"]["Env"] == ["PATH=/bin", "TERM=xterm", "A=1"]
    assert found["Config"]["Healthcheck"] == {"Test": ["CMD", "true"], "Timeout": 10**9}


def test_unowned() -> None:
    own = {"IpcMode": "shareable", "PidsLimit": 2048, "ShmSize": 65536000, "NanoCpus": 5, "CpuPeriod": 1, "CpuQuota": 2}
    found = _podman.unowned({}, container({"WorkingDir": "/"}, **own), None)
    assert not {"IpcMode", "PidsLimit", "ShmSize", "Runtime"} & set(found["HostConfig"])
    assert (found["HostConfig"]["CpuPeriod"], found["HostConfig"]["CpuQuota"]) == (0, 0)
    assert "WorkingDir" not in found["Config"]
    assert found["NetworkSettings"]["Networks"]["podman"]["IPAMConfig"] is None
