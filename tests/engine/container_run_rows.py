# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of container_run as data: a row per option, with two values and what ``docker inspect`` shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping

MIB = 1024 * 1024


@dataclass(frozen=True)
class Row:
    """``first`` and ``second`` are values of the option, ``shows`` the values at ``path`` of the inspect document.

    ``second`` None: there is only one value. ``live``: the change from first to second needs no new container.
    ``also``: further options of both runs. ``warns``: the engine warns of the value. ``declined``: a part of the
    message with which some kernels or engines decline the first value.
    """

    option: str
    first: Any
    second: Any
    path: str
    shows: tuple[Any, Any]
    live: bool = False
    also: Mapping[str, Any] = field(default_factory=dict)
    declined: str | None = None
    name: str = ""
    warns: bool = False


def row(option: str, first: Any, second: Any, path: str, one: Any, two: Any, **more: Any) -> Row:
    return Row(option, first, second, path, (one, two), **more)


def bindings(**ports: str) -> dict[str, Any]:
    return {port.replace("_", "/"): [{"HostIp": "", "HostPort": host}] for port, host in ports.items()}


HOST = "HostConfig."

ROWS = [
    row("command", ["sleep", "1001"], "sleep 1002", "Config.Cmd", ["sleep", "1001"], ["sleep", "1002"]),
    row(
        "entrypoint",
        ["/bin/sh", "-c"],
        ["/bin/busybox", "sh", "-c"],
        "Config.Entrypoint",
        ["/bin/sh", "-c"],
        ["/bin/busybox", "sh", "-c"],
        also={"command": ["sleep 1000"]},
    ),
    row("env", {"A": "1"}, {"A": "two words"}, "Config.Env", ["A=1"], ["A=two words"]),
    row("env", {"A": "1"}, {}, "Config.Env", ["A=1"], None, also={"comparisons": {"env": "strict"}}, name="removed"),
    row("labels", {"app": "one"}, {"app": "two", "n": 3}, "Config.Labels", {"app": "one"}, {"app": "two", "n": "3"}),
    row(
        "labels",
        {"app": "one", "b": "x"},
        {"app": "one"},
        "Config.Labels",
        {"app": "one", "b": "x"},
        {"app": "one"},
        also={"comparisons": {"*": "strict"}},
        name="removed",
    ),
    row("user", "1000", "1000:1000", "Config.User", "1000", "1000:1000"),
    row("working_dir", "/tmp", "/etc", "Config.WorkingDir", "/tmp", "/etc"),
    row("hostname", "one", "two", "Config.Hostname", "one", "two"),
    row("domainname", "one.example", "two.example", "Config.Domainname", "one.example", "two.example"),
    row("tty", False, True, "Config.Tty", False, True),
    row("interactive", True, False, "Config.OpenStdin", True, False),
    row("stop_signal", "KILL", "SIGQUIT", "Config.StopSignal", "KILL", "SIGQUIT"),
    row("stop_timeout", 0, 5, "Config.StopTimeout", 0, 5, also={"comparisons": {"stop_timeout": "strict"}}),
    row(
        "healthcheck",
        {"test": ["CMD", "true"], "interval": "1s"},
        {"test": "true", "interval": "500ms", "timeout": "5s", "retries": 2, "start_period": "1m"},
        "Config.Healthcheck",
        {"Test": ["CMD", "true"], "Interval": 10**9},
        {
            "Test": ["CMD-SHELL", "true"],
            "Interval": 5 * 10**8,
            "Timeout": 5 * 10**9,
            "Retries": 2,
            "StartPeriod": 60 * 10**9,
        },
    ),
    row(
        "healthcheck",
        {"test": "true", "interval": "200ms"},
        {"test_cli_compatible": True, "interval": "300ms"},
        "Config.Healthcheck",
        {"Test": ["CMD-SHELL", "true"], "Interval": 2 * 10**8},
        {"Interval": 3 * 10**8},
        name="without a test",
    ),
    row(
        "healthcheck",
        {"test": "true", "interval": "1s", "start_interval": "200ms", "start_period": "10s"},
        {"test": "true", "interval": "1s", "start_interval": "300ms", "start_period": "10s"},
        "Config.Healthcheck",
        {"Test": ["CMD-SHELL", "true"], "Interval": 10**9, "StartPeriod": 10**10, "StartInterval": 2 * 10**8},
        {"Test": ["CMD-SHELL", "true"], "Interval": 10**9, "StartPeriod": 10**10, "StartInterval": 3 * 10**8},
        declined="discarded healthcheck",
        name="start_interval",
    ),
    row("exposed_ports", ["80"], ["80", "90/udp"], "Config.ExposedPorts", {"80/tcp": {}}, {"80/tcp": {}, "90/udp": {}}),
    row(
        "published_ports",
        ["18080:80"],
        ["18081:80"],
        HOST + "PortBindings",
        bindings(**{"80_tcp": "18080"}),
        bindings(**{"80_tcp": "18081"}),
    ),
    row("publish_all_ports", False, True, HOST + "PublishAllPorts", False, True, also={"exposed_ports": ["80"]}),
    row(
        "volumes",
        ["{name}-v:/data"],
        ["{name}-v:/data:ro", "/etc:/hostetc:ro"],
        HOST + "Binds",
        ["{name}-v:/data:rw"],
        ["/etc:/hostetc:ro", "{name}-v:/data:ro"],
    ),
    row(
        "volumes",
        ["/one"],
        ["/one", "/two"],
        "Config.Volumes",
        {"/one": {}},
        {"/one": {}, "/two": {}},
        name="anonymous",
    ),
    row(
        "mounts",
        [{"target": "/data", "source": "{name}-v"}],
        [{"target": "/data", "source": "{name}-v", "read_only": True}],
        HOST + "Mounts",
        [{"Type": "volume", "Source": "{name}-v", "Target": "/data"}],
        [{"Type": "volume", "Source": "{name}-v", "Target": "/data", "ReadOnly": True}],
    ),
    row(
        "mounts",
        [{"target": "/t", "type": "tmpfs", "tmpfs_size": "1m"}],
        [{"target": "/t", "type": "tmpfs", "tmpfs_size": "2m", "tmpfs_mode": "1700"}],
        HOST + "Mounts",
        [{"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"SizeBytes": MIB}}],
        [{"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"SizeBytes": 2 * MIB, "Mode": 0o1700}}],
        name="tmpfs",
    ),
    row(
        "mounts",
        [{"target": "/t", "type": "bind", "source": "/etc", "read_only": True}],
        [{"target": "/t", "type": "bind", "source": "/usr", "read_only": True, "propagation": "rprivate"}],
        HOST + "Mounts",
        [{"Type": "bind", "Source": "/etc", "Target": "/t", "ReadOnly": True}],
        [
            {
                "Type": "bind",
                "Source": "/usr",
                "Target": "/t",
                "ReadOnly": True,
                "BindOptions": {"Propagation": "rprivate"},
            }
        ],
        name="bind",
    ),
    row(
        "mounts",
        [{"target": "/v", "source": "{name}-w", "no_copy": True, "labels": {"a": "1"}}],
        [
            {
                "target": "/v",
                "source": "{name}-x",
                "labels": {"a": "2"},
                "volume_driver": "local",
                "volume_options": {"type": "tmpfs", "device": "tmpfs"},
            }
        ],
        HOST + "Mounts",
        [
            {
                "Type": "volume",
                "Source": "{name}-w",
                "Target": "/v",
                "VolumeOptions": {"NoCopy": True, "Labels": {"a": "1"}},
            }
        ],
        [
            {
                "Type": "volume",
                "Source": "{name}-x",
                "Target": "/v",
                "VolumeOptions": {
                    "Labels": {"a": "2"},
                    "DriverConfig": {"Name": "local", "Options": {"type": "tmpfs", "device": "tmpfs"}},
                },
            }
        ],
        name="volume options",
    ),
    row(
        "mounts",
        [{"target": "/t", "type": "bind", "source": "/etc", "consistency": "cached"}],
        [{"target": "/t", "type": "bind", "source": "/etc", "non_recursive": True}],
        HOST + "Mounts",
        [{"Type": "bind", "Source": "/etc", "Target": "/t", "Consistency": "cached"}],
        [{"Type": "bind", "Source": "/etc", "Target": "/t", "BindOptions": {"NonRecursive": True}}],
        name="bind options",
    ),
    row(
        "mounts",
        [{"target": "/t", "type": "bind", "source": "/tmp/{name}", "create_mountpoint": True}],
        [{"target": "/t", "type": "bind", "source": "/etc", "create_mountpoint": True}],
        HOST + "Mounts",
        [{"Type": "bind", "Source": "/tmp/{name}", "Target": "/t", "BindOptions": {"CreateMountpoint": True}}],
        [{"Type": "bind", "Source": "/etc", "Target": "/t", "BindOptions": {"CreateMountpoint": True}}],
        declined="bind source path does not exist",
        name="create_mountpoint",
    ),
    *(
        row(
            "mounts",
            [{"target": "/t", "type": "bind", "source": "/etc", "read_only": True, option: True}],
            [{"target": "/t", "type": "bind", "source": "/usr", "read_only": True, option: True}],
            HOST + "Mounts",
            [{"Type": "bind", "Source": "/etc", "Target": "/t", "ReadOnly": True, "BindOptions": {key: True}}],
            [{"Type": "bind", "Source": "/usr", "Target": "/t", "ReadOnly": True, "BindOptions": {key: True}}],
            also={"state": "present"},
            declined=declined,
            name=option,
        )
        for option, key, declined in (
            ("read_only_non_recursive", "ReadOnlyNonRecursive", "needs API 1.44"),
            ("read_only_force_recursive", "ReadOnlyForceRecursive", ""),
        )
    ),
    row(
        "mounts",
        [{"target": "/t", "type": "tmpfs", "tmpfs_options": [{"noexec": ""}]}],
        [{"target": "/t", "type": "tmpfs", "tmpfs_options": [{"exec": ""}]}],
        HOST + "Mounts",
        [{"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"Options": [["noexec"]]}}],
        [{"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"Options": [["exec"]]}}],
        declined="needs API 1.46",
        name="tmpfs_options",
    ),
    row(
        "mounts",
        [{"target": "/t", "source": "{name}-v", "subpath": "one"}],
        [{"target": "/t", "source": "{name}-v", "subpath": "two"}],
        HOST + "Mounts",
        [{"Type": "volume", "Source": "{name}-v", "Target": "/t", "VolumeOptions": {"Subpath": "one"}}],
        [{"Type": "volume", "Source": "{name}-v", "Target": "/t", "VolumeOptions": {"Subpath": "two"}}],
        also={"state": "present"},
        declined="needs API 1.45",
        name="subpath",
    ),
    row(
        "mounts",
        [{"target": "/t", "type": "image", "source": "wharf-test/base:latest"}],
        [{"target": "/t", "type": "image", "source": "wharf-test/base:latest", "subpath": "etc"}],
        HOST + "Mounts",
        [{"Type": "image", "Source": "wharf-test/base:latest", "Target": "/t"}],
        [{"Type": "image", "Source": "wharf-test/base:latest", "Target": "/t", "ImageOptions": {"Subpath": "etc"}}],
        also={"state": "present"},
        declined="needs API 1.48",
        warns=True,
        name="image",
    ),
    row(
        "tmpfs",
        ["/run:size=1m"],
        ["/run:size=2m,mode=1777"],
        HOST + "Tmpfs",
        {"/run": "size=1m"},
        {"/run": "size=2m,mode=1777"},
    ),
    row(
        "devices",
        ["/dev/null:/dev/one"],
        ["/dev/null:/dev/one:r"],
        HOST + "Devices",
        [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/one", "CgroupPermissions": "rwm"}],
        [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/one", "CgroupPermissions": "r"}],
    ),
    row("network_mode", "none", "host", HOST + "NetworkMode", "none", "host"),
    row(
        "links",
        ["{name}-other:db"],
        ["{name}-other:cache"],
        HOST + "Links",
        ["/{name}-other:/{name}/db"],
        ["/{name}-other:/{name}/cache"],
    ),
    row(
        "dns_servers",
        ["127.0.0.53"],
        ["127.0.0.53", "127.0.0.54"],
        HOST + "Dns",
        ["127.0.0.53"],
        ["127.0.0.53", "127.0.0.54"],
    ),
    row("etc_hosts", {"db": "127.0.0.2"}, {"db": "127.0.0.3"}, HOST + "ExtraHosts", ["db:127.0.0.2"], ["db:127.0.0.3"]),
    row("restart_policy", "no", "always", HOST + "RestartPolicy.Name", "no", "always", live=True),
    row(
        "restart_policy",
        "on-failure",
        "unless-stopped",
        HOST + "RestartPolicy.Name",
        "on-failure",
        "unless-stopped",
        live=True,
        name="from on-failure",
    ),
    row(
        "restart_retries",
        3,
        5,
        HOST + "RestartPolicy.MaximumRetryCount",
        3,
        5,
        live=True,
        also={"restart_policy": "on-failure"},
    ),
    row("memory", "64m", "128m", HOST + "Memory", 64 * MIB, 128 * MIB, live=True),
    row("memory", "64m", "512m", HOST + "Memory", 64 * MIB, 512 * MIB, live=True, name="above the swap limit"),
    row("memory", "512m", "64m", HOST + "Memory", 512 * MIB, 64 * MIB, live=True, name="down"),
    row("memory", "64m", "0", HOST + "Memory", 64 * MIB, 0, name="back to unlimited"),
    row("memory_reservation", "16m", "32m", HOST + "MemoryReservation", 16 * MIB, 32 * MIB, live=True),
    row("memory_swap", "128m", "256m", HOST + "MemorySwap", 128 * MIB, 256 * MIB, live=True, also={"memory": "64m"}),
    row(
        "memory_swap",
        "128m",
        "unlimited",
        HOST + "MemorySwap",
        128 * MIB,
        -1,
        live=True,
        also={"memory": "64m"},
        name="unlimited",
    ),
    row("cpus", 0.5, 1.5, HOST + "NanoCpus", 5 * 10**8, 15 * 10**8, live=True),
    row("cpus", 0.5, 0, HOST + "NanoCpus", 5 * 10**8, 0, name="back to unlimited"),
    row("cpu_shares", 512, 256, HOST + "CpuShares", 512, 256, live=True),
    row("cpuset_cpus", "0", "0-1", HOST + "CpusetCpus", "0", "0-1", live=True),
    row("pids_limit", 50, 100, HOST + "PidsLimit", 50, 100, live=True),
    row("pids_limit", 50, -1, HOST + "PidsLimit", 50, 0, live=True, name="back to unlimited"),
    row(
        "ulimits",
        ["nofile:1024:2048"],
        ["nofile:1024:4096", "nproc=100"],
        HOST + "Ulimits",
        [{"Name": "nofile", "Soft": 1024, "Hard": 2048}],
        [{"Name": "nofile", "Soft": 1024, "Hard": 4096}, {"Name": "nproc", "Soft": 100, "Hard": 100}],
    ),
    row(
        "sysctls",
        {"net.ipv4.ip_forward": 0},
        {"net.ipv4.ip_forward": 1},
        HOST + "Sysctls",
        {"net.ipv4.ip_forward": "0"},
        {"net.ipv4.ip_forward": "1"},
    ),
    row(
        "capabilities",
        ["NET_ADMIN"],
        ["net_admin", "CAP_SYS_TIME"],
        HOST + "CapAdd",
        ["NET_ADMIN"],
        ["CAP_SYS_TIME", "net_admin"],
    ),
    row("cap_drop", ["MKNOD"], ["CAP_ALL"], HOST + "CapDrop", ["MKNOD"], ["ALL"]),
    row("privileged", False, True, HOST + "Privileged", False, True, also={"state": "present"}, name="created"),
    row(
        "privileged",
        True,
        False,
        HOST + "Privileged",
        True,
        False,
        declined="operation not permitted",
    ),
    row("read_only", True, False, HOST + "ReadonlyRootfs", True, False),
    row(
        "security_opts",
        ["no-new-privileges"],
        ["no-new-privileges", "seccomp=unconfined"],
        HOST + "SecurityOpt",
        ["no-new-privileges"],
        ["no-new-privileges", "seccomp=unconfined"],
    ),
    row("init", True, False, HOST + "Init", True, False),
    row("runtime", "runc", "io.containerd.runc.v2", HOST + "Runtime", "runc", "io.containerd.runc.v2"),
    row("log_driver", "json-file", "local", HOST + "LogConfig.Type", "json-file", "local"),
    row(
        "log_options",
        {"max-size": "1m"},
        {"max-size": "2m", "max-file": 3},
        HOST + "LogConfig.Config",
        {"max-size": "1m"},
        {"max-size": "2m", "max-file": "3"},
        also={"log_driver": "json-file"},
    ),
    row("shm_size", "1m", "2m", HOST + "ShmSize", MIB, 2 * MIB),
    row("auto_remove", False, True, HOST + "AutoRemove", False, True),
    row("annotations", {"a": "1"}, {"a": "2"}, HOST + "Annotations", {"a": "1"}, {"a": "2"}, declined="needs API 1.43"),
    *(
        row(
            "mac_address",
            "02:42:0A:00:00:01",
            "02-42-0a-00-00-02",
            "",
            "02:42:0a:00:00:01",
            "02:42:0a:00:00:02",
            also={"state": state},
            name=state,
        )
        for state in ("started", "present")
    ),
    row("dns_opts", ["ndots:2"], ["ndots:3", "rotate"], HOST + "DnsOptions", ["ndots:2"], ["ndots:3", "rotate"]),
    row(
        "dns_search_domains",
        ["one.example"],
        ["two.example", "one.example"],
        HOST + "DnsSearch",
        ["one.example"],
        ["two.example", "one.example"],
    ),
    row(
        "volumes_from",
        ["{name}-other"],
        ["{name}-other:ro"],
        HOST + "VolumesFrom",
        ["{name}-other"],
        ["{name}-other:ro"],
    ),
    row("volume_driver", "local", None, HOST + "VolumeDriver", "local", "local"),
    row(
        "storage_opts",
        {"size": "1G"},
        {"size": "2G"},
        HOST + "StorageOpt",
        {"size": "1G"},
        {"size": "2G"},
        declined="storage-opt",
    ),
    row(
        "device_cgroup_rules",
        ["c 1:3 r"],
        ["c 1:3 rwm", "c 1:5 r"],
        HOST + "DeviceCgroupRules",
        ["c 1:3 r"],
        ["c 1:3 rwm", "c 1:5 r"],
    ),
    row(
        "device_requests",
        [{"count": 1, "capabilities": [["gpu"]]}],
        [{"count": -1, "capabilities": [["gpu", "utility"]], "driver": "nvidia"}],
        HOST + "DeviceRequests",
        [{"Driver": "", "Count": 1, "DeviceIDs": None, "Capabilities": [["gpu"]], "Options": None}],
        [{"Driver": "nvidia", "Count": -1, "DeviceIDs": None, "Capabilities": [["gpu", "utility"]], "Options": None}],
        also={"state": "present"},
    ),
    row(
        "gpus",
        "all",
        "device=0",
        HOST + "DeviceRequests",
        [{"Driver": "", "Count": -1, "DeviceIDs": None, "Capabilities": [["gpu"]], "Options": None}],
        [{"Driver": "", "Count": 0, "DeviceIDs": ["0"], "Capabilities": [["gpu"]], "Options": None}],
        also={"state": "present"},
    ),
    row("gpus", "all", "2", HOST + "DeviceRequests", [], [], declined="could not select device driver", name="started"),
    row(
        "kernel_memory",
        "16m",
        "32m",
        HOST + "KernelMemory",
        16 * MIB,
        32 * MIB,
        declined="kernel_memory",
        warns=True,
        also={"memory": "64m"},
    ),
    row("memory_swappiness", 0, 60, HOST + "MemorySwappiness", 0, 60, also={"memory": "64m"}),
    row(
        "memory_swappiness",
        60,
        -1,
        HOST + "MemorySwappiness",
        60,
        None,
        also={"memory": "64m"},
        name="as the kernel has it",
    ),
    row("oom_killer", False, True, HOST + "OomKillDisable", False, True, also={"memory": "64m"}),
    row("oom_score_adj", 100, 0, HOST + "OomScoreAdj", 100, 0),
    row("cpu_period", 50000, 100000, HOST + "CpuPeriod", 50000, 100000, live=True),
    row("cpu_quota", 50000, 60000, HOST + "CpuQuota", 50000, 60000, live=True),
    row("cpu_quota", 50000, 0, HOST + "CpuQuota", 50000, 0, name="back to unlimited"),
    row("cpu_rt_period", 500000, 600000, HOST + "CpuRealtimePeriod", 500000, 600000, declined="cpu.rt_"),
    row("cpu_rt_runtime", 1000, 2000, HOST + "CpuRealtimeRuntime", 1000, 2000, declined="cpu.rt_"),
    row("cpuset_mems", "0", None, HOST + "CpusetMems", "0", "0", live=True),
    row("blkio_weight", 300, 400, HOST + "BlkioWeight", 300, 400, live=True, declined="blkio_weight"),
    row(
        "blkio_weight_device",
        [{"path": "/dev/vda", "weight": 300}],
        [{"path": "/dev/vda", "weight": 400}],
        HOST + "BlkioWeightDevice",
        [{"Path": "/dev/vda", "Weight": 300}],
        [{"Path": "/dev/vda", "Weight": 400}],
        declined="blkio_weight_device",
    ),
    *(
        row(
            "device_%s_%s" % (way, what),
            [{"path": "/dev/null", "rate": one}],
            [{"path": "/dev/null", "rate": two}, {"path": "/dev/zero", "rate": one}],
            HOST + "BlkioDevice%s%s" % (way.title(), key),
            [{"Path": "/dev/null", "Rate": first}],
            [{"Path": "/dev/null", "Rate": second}, {"Path": "/dev/zero", "Rate": first}],
            also={"state": "present"},
        )
        for way in ("read", "write")
        for what, key, one, two, first, second in (
            ("bps", "Bps", "1mb", "2mb", MIB, 2 * MIB),
            ("iops", "IOps", 10, 20, 10, 20),
        )
    ),
    row("groups", ["1000"], ["1000", "1001"], HOST + "GroupAdd", ["1000"], ["1000", "1001"]),
    row("cgroup_parent", "/{name}-one", "/{name}-two", HOST + "CgroupParent", "/{name}-one", "/{name}-two"),
    row("cgroupns_mode", "private", "host", HOST + "CgroupnsMode", "private", "host"),
    row("ipc_mode", "private", "host", HOST + "IpcMode", "private", "host"),
    row(
        "ipc_mode",
        "shareable",
        "container:{name}-other",
        HOST + "IpcMode",
        "shareable",
        "container:{id}",
        name="shared",
    ),
    row("pid_mode", "host", "container:{name}-other", HOST + "PidMode", "host", "container:{id}"),
    row("userns_mode", "host", None, HOST + "UsernsMode", "host", "host"),
    row("uts", "host", None, HOST + "UTSMode", "host", "host"),
    row("isolation", "default", None, HOST + "Isolation", "default", "default"),
]
