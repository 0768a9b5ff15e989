# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_run: equivalent values are not a difference, and explicitly given values are compared."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import pytest
import sampled
from test_container_run_options import filled

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}
TMPFS = [{"target": "/t", "type": "tmpfs"}]
BIND = [{"target": "/t", "type": "bind", "source": "/etc"}]
VOLUME = [{"target": "/t", "source": "{name}-v"}]


def also(mounts: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    return [{**mounts[0], **more}]


# Equivalent values of an option. None: the task does not give it.
SAME: list[tuple[str, list[Any]]] = [
    ("command", ["", [], None]),
    ("command", ["sleep 1000", ["sleep", "1000"], ["sleep", 1000]]),
    ("entrypoint", [[], None]),
    ("user", ["", None]),
    ("working_dir", ["/tmp", "/tmp/", "//tmp/."]),
    ("working_dir", ["", None]),
    ("hostname", ["", None]),
    ("domainname", ["", None]),
    ("stop_signal", ["15", "TERM", "SIGTERM", "sigterm", "", None]),
    ("stop_signal", ["POLL", "IO", "29"]),
    ("healthcheck", [{"test": "true", "interval": "1m"}, {"test": ["CMD-SHELL", "true"], "interval": "60s"}]),
    ("healthcheck", [{"test": "true"}, {"test": "true", "interval": "0", "timeout": "0s", "retries": 0}]),
    ("healthcheck", [{"test": "true"}, {"test": "true", "start_period": "", "interval": ""}]),
    ("healthcheck", [None, {}, {"test": ["NONE"]}, {"test": ""}, {"test": []}, {"test": [""]}]),
    ("exposed_ports", [["80"], ["80/tcp"], ["80/TCP"], ["80", "80"]]),
    ("published_ports", [["80:80"], ["80:80/tcp"], ["080:80/TCP"]]),
    ("published_ports", [["80"], [":80"], ["0:80"], ["80/tcp"]]),
    ("published_ports", [["[::1]:80:80"], ["[0:0::1]:80:80"]]),
    ("published_ports", [["8000-8001:80-81"], ["8001:81", "8000:80"]]),
    ("volumes", [["/etc:/x"], ["/etc:/x:rw"], ["/etc/:/x/"], ["/etc:/x:rprivate"], ["/usr/../etc:/x:rw,rprivate"]]),
    ("volumes", [["/etc:/x:ro,z"], ["/etc:/x:z,ro"], ["/etc:/x:ro,z,rprivate"]]),
    ("volumes", [["{name}-v:/x"], ["{name}-v:/x:rw"]]),
    ("volumes", [["/x"], ["/x/"]]),
    ("mounts", [BIND, also(BIND, source="/etc/", target="/t/", read_only=False, propagation="rprivate")]),
    ("mounts", [BIND, also(BIND, consistency="default", non_recursive=False, create_mountpoint=False)]),
    ("mounts", [BIND, also(BIND, read_only_non_recursive=False, read_only_force_recursive=False)]),
    ("mounts", [VOLUME, also(VOLUME, type="volume", no_copy=False, labels={}, volume_options={}, subpath="")]),
    ("mounts", [VOLUME, also(VOLUME, volume_driver="local"), also(VOLUME, volume_driver="")]),
    ("mounts", [[{"target": "/t"}], [{"target": "/t", "source": ""}]]),
    ("mounts", [TMPFS, also(TMPFS, tmpfs_size="0", tmpfs_mode="1777", tmpfs_options=[])]),
    ("mounts", [TMPFS, also(TMPFS, tmpfs_size="", tmpfs_mode="")]),
    ("mounts", [also(TMPFS, tmpfs_size="1m", tmpfs_mode="700"), also(TMPFS, tmpfs_size="1024k", tmpfs_mode="0700")]),
    (
        "tmpfs",
        [
            ["/run:size=1m,mode=1777,uid=1"],
            ["/run:uid=1,mode=01777,size=1024k"],
            ["/run/:rw,size=5m,size=1048576,noexec,uid=1,mode=1777"],
        ],
    ),
    ("tmpfs", [["/run"], ["/run:"], ["/run:rw,noexec,nosuid,nodev"], ["/run:exec,noexec"]]),
    ("devices", [["/dev/null"], ["/dev/null:/dev/null"], ["/dev/null:rwm"], ["/dev/null:/dev/null:mrw"]]),
    ("network_mode", ["default", "bridge", "", None]),
    ("mac_address", ["02:42:ac:11:00:02", "02-42-AC-11-00-02"]),
    ("links", [["{name}-other"], ["{name}-other:{name}-other"], ["/{name}-other"]]),
    ("dns_servers", [["127.0.0.1", "::1"], ["127.0.0.1", "0:0::1", "127.0.0.1"]]),
    ("dns_servers", [[], "", None]),
    ("dns_opts", [["ndots:2", "rotate"], ["rotate", "ndots:2", "rotate"]]),
    ("dns_search_domains", [["a.example", "b.example"], ["a.example", "b.example", "a.example"]]),
    ("etc_hosts", [{"a": "::1"}, {"a": "[::1]"}, {"a": "0:0::1"}]),
    ("volumes_from", [["{name}-other"], ["{name}-other:rw"], ["{name}-other", "{name}-other:rw"]]),
    ("volumes_from", [["{name}-other:ro,z"], ["{name}-other:z,ro"]]),
    ("volume_driver", ["", "local", None]),
    ("storage_opts", [{}, None]),
    ("device_cgroup_rules", [["c 1:3 rwm", "c 1:5 r"], ["c 1:3 mrw", "c  1:5 r"]]),
    ("gpus", ["", None]),
    ("gpus", ["all", '"capabilities=gpu",count=all']),
    ("restart_policy", ["no", None]),
    ("memory", ["64m", "65536k", "64MiB", "67108864"]),
    ("memory", ["0", "", None]),
    ("memory_reservation", ["0", "", None]),
    ("memory_swap", ["0", "", None]),
    ("cpus", [0.5, "0.50"]),
    ("cpuset_cpus", ["0-1", "0,1", "1,0", "0-1,1"]),
    ("cpuset_cpus", ["", None]),
    ("cpuset_mems", ["", None]),
    ("pids_limit", [0, -1, None]),
    ("device_read_bps", [[], [{"path": "/dev/null", "rate": "0"}], None]),
    ("device_write_iops", [[], [{"path": "/dev/null", "rate": 0}], None]),
    ("blkio_weight_device", [[], [{"path": "/dev/null", "weight": 0}], None]),
    ("device_read_bps", [[{"path": "/dev/null", "rate": "1mb"}], [{"path": "/dev/null", "rate": "1024k"}]]),
    ("ulimits", [["nofile=1024"], ["nofile:1024"], ["nofile=1024:1024"], ["NOFILE=1024"]]),
    ("sysctls", [{"net.ipv4.ip_forward": 1}, {"net.ipv4.ip_forward": "1"}]),
    ("capabilities", [["NET_ADMIN"], ["cap_net_admin"], ["CAP_NET_ADMIN", "net_admin"]]),
    ("cap_drop", [["ALL"], ["all"], ["CAP_ALL"]]),
    ("groups", [["1000"], [1000], ["1000", "1000"]]),
    ("cgroup_parent", ["", None]),
    ("ipc_mode", ["", None]),
    ("pid_mode", ["", None]),
    ("userns_mode", ["", None]),
    ("uts", ["", None]),
    ("isolation", ["", "default", "Default", None]),
    ("security_opts", [["no-new-privileges"], ["no-new-privileges:true"], ["no-new-privileges=true"]]),
    ("security_opts", [["no-new-privileges:false"], ["no-new-privileges=false"]]),
    ("security_opts", [["seccomp=unconfined"], ["seccomp:unconfined"]]),
    ("security_opts", [["label=type:y", "label=user:x"], ["label:user:x", "label:type:y"]]),
    ("shm_size", ["64m", "65536k"]),
    ("shm_size", ["", "0", None]),
    ("runtime", ["", None]),
    ("log_driver", ["", None]),
    ("log_options", [{"max-file": 3, "compress": False}, {"max-file": "3", "compress": "false"}]),
    ("labels", [{"a": 1, "b": True, "c": None}, {"a": "1", "b": "true", "c": ""}]),
    ("env", [{"A": "1"}, {"A": "1"}]),
    ("image", ["", None]),
    ("platform", ["", "linux", "{architecture}", "linux/{architecture}", None]),
]


def given(option: str, value: Any) -> dict[str, Any]:
    return {} if value is None else {option: value}


def identify(case: tuple[Any, ...]) -> str:
    return "%s %s" % (case[0], str(case[1])[:40])


@pytest.mark.parametrize("case", sampled.some(SAME, sample=30), ids=identify)
def test_the_same_in_other_words(case: Any, run: Any, client: Any, image: str, name: str) -> None:
    """With whichever the container was created, none of the others is a difference, with any comparison."""
    option, values = case
    run = functools.partial(run, warnings=option == "blkio_weight_device")
    needs = {"log_driver": "json-file"} if option == "log_options" else {}
    base = {"name": name, "image": image, "state": "present", **SLEEP, **needs}
    for replaced in ("command", "stop_signal"):
        if option == replaced:
            del base[replaced]
    architecture = client.inspect_image(image)["Architecture"]
    values = [filled(value, name) for value in values]
    if option == "platform":
        values = [value and value.replace("{architecture}", architecture) for value in values]
    if "-other" in repr(values):
        run("container_run", **{**base, "name": name + "-other"})
    for one in values:
        spec = {**base, **given(option, one)} if option != "image" else base
        foreseen = run("container_run", check=True, expect="changed", **spec)
        done = run("container_run", expect="changed", **spec)
        assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
        for other, mode in itertools.product(values, ("", "strict")):
            compared = {"comparisons": {option: "strict"}} if mode and option not in ("platform",) else {}
            again = run("container_run", expect="ok", **{**base, **compared, **given(option, other)})
            assert again["actions"] == [], (one, other, mode)
        run("container_run", name=name, state="absent", keep_volumes=False)


# The value of the existing container, and another one that the task gives explicitly although it is the default.
EXPLICIT: list[tuple[str, Any, Any]] = [
    ("mounts", also(BIND, read_only=True), also(BIND, read_only=False)),
    ("mounts", also(VOLUME, read_only=True), also(VOLUME, read_only=False)),
    ("mounts", also(TMPFS, read_only=True), also(TMPFS, read_only=False)),
    ("mounts", also(VOLUME, no_copy=True), also(VOLUME, no_copy=False)),
    ("mounts", also(BIND, non_recursive=True), also(BIND, non_recursive=False)),
    ("mounts", also(BIND, create_mountpoint=True), also(BIND, create_mountpoint=False)),
    ("mounts", also(BIND, consistency="cached"), also(BIND, consistency="default")),
    ("mounts", also(BIND, propagation="rslave"), also(BIND, propagation="rprivate")),
    ("mounts", also(VOLUME, labels={"a": "1"}), also(VOLUME, labels={})),
    ("mounts", also(VOLUME, labels={"a": "1", "b": "2"}), also(VOLUME, labels={"a": "1"})),
    ("mounts", VOLUME, [{"target": "/t", "source": ""}]),
    ("mounts", also(TMPFS, tmpfs_size="1m"), also(TMPFS, tmpfs_size="0")),
    ("mounts", also(TMPFS, tmpfs_size="1m"), also(TMPFS, tmpfs_size="")),
    ("mounts", also(TMPFS, tmpfs_mode="700"), also(TMPFS, tmpfs_mode="1777")),
    ("healthcheck", {"test": "true", "interval": "5s"}, {"test": "true", "interval": "0s"}),
    ("healthcheck", {"test": "true", "timeout": "5s"}, {"test": "true", "timeout": ""}),
    ("healthcheck", {"test": "true", "retries": 5}, {"test": "true", "retries": 0}),
    ("healthcheck", {"test": "true", "start_period": "5s"}, {"test": "true", "start_period": "0s"}),
    ("healthcheck", {"test": "true"}, {"test": ""}),
    ("healthcheck", {"test": "true"}, {}),
    ("devices", ["/dev/null:/dev/x:r"], ["/dev/null:/dev/x:rwm"]),
    ("devices", ["/dev/null:/dev/x:r"], ["/dev/null:/dev/x"]),
    ("ulimits", ["nofile=1024:2048"], ["nofile=1024"]),
    ("device_read_bps", [{"path": "/dev/null", "rate": "1mb"}], [{"path": "/dev/null", "rate": "0"}]),
    ("device_write_iops", [{"path": "/dev/null", "rate": 10}], [{"path": "/dev/null", "rate": 0}]),
    ("device_requests", [{"count": 2, "capabilities": [["gpu"]]}], [{"count": 0, "capabilities": [["gpu"]]}]),
    ("device_requests", [{"driver": "x", "capabilities": [["gpu"]]}], [{"driver": "", "capabilities": [["gpu"]]}]),
    ("published_ports", ["127.0.0.1:8080:80"], ["8080:80"]),
    ("published_ports", ["8080:80"], ["0.0.0.0:8080:80"]),
    ("published_ports", ["8080:80"], ["80"]),
    ("tmpfs", ["/run:size=1m"], ["/run"]),
    ("tmpfs", ["/run:exec"], ["/run:noexec"]),
    ("tmpfs", ["/run:ro"], ["/run:rw"]),
    ("volumes", ["/etc:/x:ro"], ["/etc:/x:rw"]),
    ("volumes", ["/etc:/x:rslave"], ["/etc:/x:rprivate"]),
    ("volumes_from", ["{name}-other:ro"], ["{name}-other:rw"]),
    ("log_options", {"max-file": "3"}, {"max-file": "1"}),
    ("security_opts", ["no-new-privileges:true"], ["no-new-privileges:false"]),
    ("restart_policy", "always", "no"),
    ("memory_swappiness", 10, -1),
    ("oom_score_adj", 10, 0),
    ("pids_limit", 10, 0),
    ("cpu_shares", 10, 0),
    ("init", True, False),
    ("etc_hosts", {"a": "127.0.0.2"}, {"a": "host-gateway"}),
    # An empty string means the engine's default.
    ("user", "1000", ""),
    ("working_dir", "/tmp", ""),
    ("hostname", "web", ""),
    ("domainname", "example", ""),
    ("stop_signal", "KILL", ""),
    ("network_mode", "none", ""),
    ("volume_driver", "local", None),
    ("gpus", "all", ""),
    ("memory", "64m", ""),
    ("memory_reservation", "64m", ""),
    ("cpuset_cpus", "0", ""),
    ("cpuset_mems", "0", ""),
    ("cgroup_parent", "/{name}", ""),
    ("ipc_mode", "host", ""),
    ("ipc_mode", "none", ""),
    ("pid_mode", "host", ""),
    ("userns_mode", "host", ""),
    ("uts", "host", ""),
    ("isolation", "default", None),
    # If the default can't be known, an empty string means not given.
    ("runtime", "io.containerd.runc.v2", None),
    ("log_driver", "local", None),
    ("shm_size", "1m", None),
    ("mac_address", "02:42:ac:11:00:09", None),
    ("memory_swap", "unlimited", None),
]


@pytest.mark.parametrize("case", sampled.some(EXPLICIT, sample=25), ids=identify)
def test_what_is_said_is_compared(case: Any, run: Any, client: Any, image: str, name: str) -> None:
    option, before, after = case
    # Device requests have no names: another one replaces the first.
    run = functools.partial(run, warnings=option == "device_requests")
    base = {"name": name, "image": image, "state": "present", **SLEEP}
    if option == "stop_signal":
        del base["stop_signal"]
    if option == "memory_swap":
        base["memory"] = "64m"
    if option == "log_options":
        base["log_driver"] = "json-file"
    if "-other" in repr(case):
        run("container_run", **{**base, "name": name + "-other"})
    first = {**base, **given(option, filled(before, name))}
    second = {**base, option: filled("" if after is None else after, name)}
    made = run("container_run", expect="any", **first)
    if made.get("failed"):
        assert "discarded %s" % option in made["msg"], made["msg"]  # An engine without this option.
        return
    run("container_run", expect="ok", **first)
    run("container_run", expect="ok", **base)
    expect = "ok" if after is None else "changed"
    foreseen = run("container_run", check=True, expect=expect, **second)
    done = run("container_run", expect=expect, **second)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    if after is not None:
        assert set(done["diff"]["after"]) | set(done["diff"]["before"]) == {option}
    assert run("container_run", expect="ok", **second)["actions"] == []


@pytest.fixture
def made_image(client: Any, image: str, name: str) -> str:
    """An image with every kind of setting."""
    changes = [
        'ENTRYPOINT ["/bin/echo"]',
        'CMD ["of", "image"]',
        "ENV A=image B=image",
        "LABEL a=image b=image",
        "USER 1000",
        "WORKDIR /tmp",
        "HEALTHCHECK --interval=7s --retries=4 CMD true",
    ]
    container = client.create_container(image, ["true"], name=name + "-for-image", stop_signal="SIGQUIT")
    made = client.commit(container, repository=name, tag="1", changes=changes)
    client.remove_container(container)
    assert made["Id"]
    return name + ":1"


# The first value of a container of that image, the second value of the task, and the path and value of the image's own.
OF_IMAGE: list[tuple[str, Any, Any, str, Any]] = [
    ("entrypoint", ["/bin/true"], [], "Entrypoint", ["/bin/echo"]),
    ("entrypoint", [""], [], "Entrypoint", ["/bin/echo"]),
    ("command", ["mine"], [], "Cmd", ["of", "image"]),
    ("command", ["mine"], "", "Cmd", ["of", "image"]),
    ("user", "0", "", "User", "1000"),
    ("working_dir", "/etc", "", "WorkingDir", "/tmp"),
    ("stop_signal", "KILL", "", "StopSignal", "SIGQUIT"),
    ("labels", {"a": "mine"}, {"c": "3"}, "Labels.a", "image"),
    ("labels", {"a": "mine"}, {}, "Labels.a", "image"),
    ("env", {"A": "mine", "C": "3"}, {"C": "3"}, "Env", ["A=image", "B=image", "C=3"]),
    ("env", {"A": ""}, {}, "Env", ["A=image", "B=image"]),
    (
        "healthcheck",
        {"test": "false", "interval": "1s"},
        {"test": "false", "interval": "0"},
        "Healthcheck.Interval",
        7 * 10**9,
    ),
    ("healthcheck", {"test": "false", "retries": 1}, {"test": "false"}, "Healthcheck.Retries", 4),
    ("healthcheck", {"test": "false"}, {"test_cli_compatible": True}, "Healthcheck.Test", ["CMD-SHELL", "true"]),
]


@pytest.mark.parametrize("case", OF_IMAGE, ids=identify)
def test_what_the_image_has(case: Any, run: Any, client: Any, made_image: str, name: str) -> None:
    """The image's value is effective again once the task no longer overrides it."""
    option, before, after, path, expected = case
    run = functools.partial(run, warnings=True)  # It drops what overrode the image's values.
    base = {"name": name, "image": made_image, "state": "present"}
    if before == [""]:
        base["command"] = ["true"]
    first, second = {**base, option: before}, {**base, option: after}
    run("container_run", expect="changed", **second)
    run("container_run", expect="ok", **second)
    assert found(client, name, path) == expected
    run("container_run", expect="changed", **first)
    run("container_run", expect="ok", **first)
    foreseen = run("container_run", check=True, expect="changed", **second)
    assert set(foreseen["diff"]["after"]) == {option}
    done = run("container_run", expect="changed", **second)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert found(client, name, path) == expected
    run("container_run", expect="ok", **second)
    run("container_run", expect="ok", **{**second, "comparisons": {"*": "strict"}})


def found(client: Any, name: str, path: str) -> Any:
    value = client.inspect_container(name)["Config"]
    for key in path.split("."):
        value = value[key]
    return sorted(one for one in value if not one.startswith("PATH=")) if path == "Env" else value


def test_an_entrypoint_of_one_empty_word(run: Any, client: Any, made_image: str, name: str) -> None:
    base = {"name": name, "image": made_image, "state": "present", "command": ["/bin/sleep", "1000"]}
    spec = {**base, "entrypoint": [""]}
    run("container_run", expect="changed", **spec)
    config = client.inspect_container(name)["Config"]
    assert (config["Entrypoint"] or [], config["Cmd"]) == ([], ["/bin/sleep", "1000"])
    run("container_run", expect="ok", **spec)
    run("container_run", expect="changed", **{**spec, "entrypoint": []})
    assert client.inspect_container(name)["Config"]["Entrypoint"] == ["/bin/echo"]


def test_an_entrypoint_without_a_command(run: Any, client: Any, made_image: str, name: str) -> None:
    """The image's command belongs to its entrypoint: with another entrypoint the engine uses no command."""
    spec = {"name": name, "image": made_image, "state": "present", "entrypoint": ["/bin/true"], "command": []}
    run("container_run", expect="changed", **spec)
    assert client.inspect_container(name)["Config"]["Cmd"] in (None, [])
    run("container_run", expect="ok", **spec)


def test_a_command_of_one_empty_word(run: Any, client: Any, made_image: str, name: str) -> None:
    """It is an argument like any other."""
    spec = {"name": name, "image": made_image, "state": "present", "command": [""]}
    run("container_run", expect="changed", **spec)
    assert client.inspect_container(name)["Config"]["Cmd"] == [""]
    run("container_run", expect="ok", **spec)


def test_another_image_that_is_ignored(run: Any, client: Any, image: str, made_image: str, name: str) -> None:
    """The values of an image count only for containers created from it."""
    spec = {"name": name, "state": "present", "labels": {"c": "3"}, "env": {"C": "3"}}
    run("container_run", expect="changed", image=image, **spec)
    run("container_run", expect="ok", image=made_image, comparisons={"image": "ignore"}, **spec)


# The values sent at create: spelled as in the task, and as docker_container sends them.
WRITTEN: list[tuple[str, Any, str, Any]] = [
    ("volumes", ["/etc:/x"], "Binds", ["/etc:/x:rw"]),
    ("volumes", ["/etc/:/x/"], "Binds", ["/etc/:/x/:rw"]),
    ("volumes", ["{name}-v:/x"], "Binds", ["{name}-v:/x:rw"]),
    ("volumes", ["/etc:/x:z,ro"], "Binds", ["/etc:/x:z,ro"]),
    ("volumes", ["/etc:/x:z"], "Binds", ["/etc:/x:z"]),
    ("security_opts", ["no-new-privileges:true"], "SecurityOpt", ["no-new-privileges:true"]),
    ("volumes_from", ["{name}-other:rw"], "VolumesFrom", ["{name}-other:rw"]),
    ("tmpfs", ["/run:mode=1777,size=1024k"], "Tmpfs", {"/run": "mode=1777,size=1024k"}),
    ("capabilities", ["cap_net_admin"], "CapAdd", ["cap_net_admin"]),
]


@pytest.mark.parametrize("case", WRITTEN, ids=identify)
def test_what_is_written(case: Any, run: Any, client: Any, image: str, name: str) -> None:
    option, value, key, expected = case
    base = {"name": name, "image": image, "state": "present", **SLEEP}
    if "-other" in repr(value):
        run("container_run", **{**base, "name": name + "-other"})
    run("container_run", expect="changed", **{**base, option: filled(value, name)})
    assert client.inspect_container(name)["HostConfig"][key] == filled(expected, name)


def test_a_bind_without_a_mode_stays(run: Any, client: Any, image: str, name: str) -> None:
    """Containers from other tools have binds without a mode."""
    host = client.create_host_config(binds=["/etc:/x", name + "-v:/y"])
    config = client.create_container_config(image, ["sleep", "1000"], stop_signal="KILL", host_config=host)
    container = client.create_container_from_config(config, name)
    volumes = ["/etc:/x", name + "-v:/y:rw"]
    spec = {"name": name, "image": image, "state": "present", **SLEEP, "volumes": volumes}
    run("container_run", expect="ok", **spec)
    run("container_run", expect="ok", comparisons={"volumes": "strict"}, **spec)
    assert client.inspect_container(name)["Id"] == container["Id"]


def test_anonymous_volumes_move_along_under_another_spelling(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, "state": "present", **SLEEP, "volumes": ["/data/", "/etc/:/x/"]}
    run("container_run", expect="changed", **spec)
    (before,) = [mount["Name"] for mount in client.inspect_container(name)["Mounts"] if mount["Type"] == "volume"]
    run("container_run", expect="changed", **{**spec, "env": {"A": "1"}})
    mounts = client.inspect_container(name)["Mounts"]
    assert [mount["Name"] for mount in mounts if mount["Type"] == "volume"] == [before]
    assert len(mounts) == 2
    run("container_run", expect="ok", **{**spec, "env": {"A": "1"}})


def test_what_overrides_the_image_is_kept(run: Any, client: Any, made_image: str, name: str) -> None:
    """With unspecified: keep, values that override the image's are not a difference."""
    spec = {"name": name, "image": made_image, "state": "present", "unspecified": "keep"}
    run("container_run", expect="changed", **spec, env={"A": "mine"}, labels={"a": "mine"})
    run("container_run", expect="changed", **spec, env={"C": "3"}, labels={"c": "3"})
    assert found(client, name, "Env") == ["A=mine", "B=image", "C=3"]
    assert found(client, name, "Labels.a") == "mine"
    run("container_run", expect="ok", **spec, env={"C": "3"}, labels={"c": "3"})
