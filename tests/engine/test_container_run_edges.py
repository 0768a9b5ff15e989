# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_run: edge cases of values, and difficult undo actions."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}
STRICT = {"comparisons": {"networks": "strict"}}


@pytest.mark.parametrize(
    "options",
    [
        {"working_dir": "/tmp/"},
        {"working_dir": "//var//www/."},
        {"memory": "64m", "memory_swap": "0"},
        {"shm_size": "0"},
        {"command": []},
        {"command": ""},
        {"entrypoint": []},
        {"entrypoint": [""]},
        {"user": "", "working_dir": "", "hostname": "", "runtime": "", "log_driver": "", "stop_signal": ""},
        {"networks": [{"name": "default"}]},
        {"networks": [], **STRICT},
        {"network_mode": "none", "networks": [], **STRICT},
        {"network_mode": "host", "networks": [], **STRICT},
        {"network_mode": "bridge", "networks": [{"name": "{name}-net"}], **STRICT},
        {"network_mode": "{name}-net", "networks": [], **STRICT},
        {"restart_policy": "always", "restart_retries": 0},
    ],
    ids=str,
)
def test_a_second_run_is_unchanged(options: Any, run: Any, client: Any, image: str, name: str) -> None:
    client.create_network(name + "-net")
    spec = {"name": name, "image": image, **SLEEP, **filled(options, name), "state": "present"}
    foreseen = run("container_run", check=True, expect="changed", **spec)
    done = run("container_run", expect="changed", **spec)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    run("container_run", expect="ok", **spec)
    run("container_run", check=True, expect="ok", **spec)


def filled(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return value.replace("{name}", name)
    if isinstance(value, dict):
        return {key: filled(item, name) for key, item in value.items()}
    return [filled(item, name) for item in value] if isinstance(value, list) else value


def test_out_of_all_networks(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", **spec)
    run("container_run", expect="changed", networks=[], **STRICT, **spec)
    assert client.inspect_container(name)["NetworkSettings"]["Networks"] == {}
    run("container_run", expect="ok", networks=[], **STRICT, **spec)


def test_an_endpoint_keeps_what_the_task_does_not_give(run: Any, client: Any, image: str, name: str) -> None:
    net = name + "-net"
    client.create_network(net, ipam={"Config": [{"Subnet": "10.214.0.0/24"}]})
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", networks=[{"name": net, "ipv4_address": "10.214.0.10", "aliases": ["a"]}], **spec)
    done = run("container_run", expect="changed", networks=[{"name": net, "aliases": ["b"]}], **spec)
    assert done["diff"]["after"] == {"networks": {net: {"aliases": ["a", "b"]}}}
    endpoint = client.inspect_container(name)["NetworkSettings"]["Networks"][net]
    assert endpoint["IPAMConfig"]["IPv4Address"] == "10.214.0.10"
    assert {"a", "b"} <= set(endpoint["Aliases"])
    run("container_run", expect="ok", networks=[{"name": net, "aliases": ["b"]}], **spec)


def test_limits_are_given_back(run: Any, client: Any, image: str, name: str) -> None:
    """A start fails after a live update; unlimited swap is restored in the order that the engine accepts."""
    run("container_run", name=name + "-taker", image=image, published_ports=["18095:80"], **SLEEP)
    spec = {"name": name, "image": image, "published_ports": ["18095:80"], **SLEEP}
    run("container_run", state="present", memory="256m", memory_swap="-1", **spec)
    result = run("container_run", expect="failed", memory="64m", memory_swap="128m", **spec)
    assert "was undone" in result["msg"]
    host = client.inspect_container(name)["HostConfig"]
    assert (host["Memory"], host["MemorySwap"]) == (256 * 1024 * 1024, -1)


def test_more_memory_and_unlimited_swap_while_it_runs(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", memory="64m", memory_swap="128m", **spec)
    done = run("container_run", expect="changed", memory="256m", memory_swap="-1", **spec)
    assert done["actions"][0].startswith("update ")
    run("container_run", expect="ok", memory="256m", memory_swap="-1", **spec)
    done = run("container_run", expect="changed", memory="512m", memory_swap="-1", **spec)
    assert done["actions"][0].startswith("update ")


def test_limits_that_can_not_be_given_back_are_told(run: Any, client: Any, image: str, name: str) -> None:
    run("container_run", name=name + "-taker", image=image, published_ports=["18095:80"], **SLEEP)
    spec = {"name": name, "image": image, "published_ports": ["18095:80"], **SLEEP}
    run("container_run", state="present", **spec)
    result = run("container_run", expect="failed", cpu_shares=512, pids_limit=50, **spec)
    assert "the engine can't take back what had no limit before: CpuShares" in result["msg"]
    assert client.inspect_container(name)["HostConfig"]["PidsLimit"] in (0, None)


def test_a_short_name_that_begins_several_ids(run: Any, client: Any, image: str, name: str) -> None:
    seen: set[str] = set()
    found = ""
    for number in itertools.count():
        seen.add(found)
        found = client.create_container(image, ["true"], name="%s-%d" % (name, number))["Id"][:2]
        if found in seen:
            break
    run("container_run", check=True, expect="changed", name=found, image=image)
    run("container_run", expect="ok", name=found, state="absent")


def test_anonymous_volumes_of_what_is_taken_back_go_too(run: Any, client: Any, image: str, name: str) -> None:
    def volumes() -> set[str]:
        return {volume["Name"] for volume in client.volumes()["Volumes"] or []}

    spec = {"name": name, "image": image, "volumes": ["/v"]}
    before = volumes()
    run("container_run", expect="failed", command=["/no/such/program"], **spec)
    assert volumes() == before
    run("container_run", expect="changed", command=["true"], detach=False, cleanup=True, **spec)
    assert volumes() == before
    run("container_run", expect="changed", **SLEEP, **spec)
    kept = volumes()
    run("container_run", expect="failed", **{**spec, **SLEEP, "command": ["/no/such/program"]})
    assert volumes() == kept


def test_a_tag_that_moved_away(run: Any, client: Any, image: str, name: str) -> None:
    """A task without an image keeps the image of the container."""
    client.tag(image, "wharf-test/moving", "1")
    run("container_run", name=name, image="wharf-test/moving:1", **SLEEP)
    old = client.inspect_container(name)["Image"]
    client.commit(name, "wharf-test/moving", "1", conf={"Env": ["B=2"]})
    spec = {"name": name, "env": {"A": "1"}, "comparisons": {"env": "strict"}, **SLEEP}
    run("container_run", expect="changed", **spec)
    assert client.inspect_container(name)["Image"] == old
    run("container_run", expect="ok", **spec)


def test_a_foreign_stop_signal_without_a_name(run: Any, client: Any, image: str, name: str) -> None:
    client.create_container(image, ["sleep", "1000"], name=name, stop_signal="33")
    spec = {"name": name, "image": image, "state": "present", "command": ["sleep", "1000"]}
    run("container_run", expect="changed", stop_signal="TERM", **spec)


def test_a_paused_container_can_not_become_healthy(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, "healthcheck": {"test": "true", "interval": "30s"}, **SLEEP}
    run("container_run", **spec)
    client.pause(name)
    assert "unpause it first" in run("container_run", expect="failed", state="healthy", **spec)["msg"]
    assert "unpause it first" in run("container_run", expect="failed", detach=False, **spec)["msg"]


def test_absent_reads_no_env_file(run: Any, image: str, name: str) -> None:
    run("container_run", expect="ok", name=name, state="absent", env_file="/nonexistent/file.env")


def test_what_can_not_be_updated_is_replaced(run: Any, client: Any, image: str, name: str) -> None:
    client.create_container(
        image,
        ["sleep", "1000"],
        name=name,
        stop_signal="KILL",
        host_config=client.create_host_config(auto_remove=True, cpu_quota=50000),
    )
    client.start(name)
    for options in ({"restart_policy": "always"}, {"restart_policy": "always", "cpus": 0.5}):
        spec = {"name": name, "image": image, **SLEEP, **options, "replace": "no_undo"}
        foreseen = run("container_run", check=True, expect="changed", warnings=True, **spec)
        done = run("container_run", expect="changed", warnings=True, **spec)
        assert done["actions"] == foreseen["actions"]
        run("container_run", expect="ok", **spec)


@pytest.mark.parametrize(
    ("first", "second"), [({"cpus": 1}, {"cpu_quota": 50000}), ({"cpu_period": 50000}, {"cpus": 1})]
)
def test_cpus_takes_turns_with_its_parts(run: Any, image: str, name: str, first: Any, second: Any) -> None:
    """The engine refuses to update one while the other is set."""
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", **spec, **first)
    foreseen = run("container_run", check=True, expect="changed", warnings=True, **spec, **second)
    assert set(foreseen["dropped"]) == set(first)
    done = run("container_run", expect="changed", warnings=True, **spec, **second)
    assert done["actions"] == foreseen["actions"]
    run("container_run", expect="ok", **spec, **second)


def test_a_label_that_the_engine_adds_is_no_difference(run: Any, image: str, name: str) -> None:
    """With the host's processes or shared memory the engine turns SELinux labels off."""
    options = {"ipc_mode": "host", "security_opts": ["no-new-privileges"], "comparisons": {"*": "strict"}}
    spec = {"name": name, "image": image, **SLEEP, **options}
    run("container_run", expect="changed", **spec)
    run("container_run", expect="ok", **spec)
    labelled = {**spec, "security_opts": ["label=disable", "no-new-privileges"]}
    run("container_run", expect="ok", **labelled)
    run("container_run", expect="changed", **{**spec, "ipc_mode": "private"})


def test_a_discarded_value_is_refused_before_the_command_runs(run: Any, engine: Any, image: str, name: str) -> None:
    """An engine that does not know start_interval ignores it."""
    check = {"test": "true", "start_interval": "1s"}
    spec = {"name": name, "image": image, "detach": False, "healthcheck": check, "volumes": [name + "-v:/v"]}
    result = run("container_run", expect="any", command="touch /v/ran", **spec)
    if result.get("failed"):
        assert "discarded healthcheck" in result["msg"]
        look = {"name": name, "image": image, "detach": False, "volumes": [name + "-v:/v"]}
        assert run("container_run", expect="changed", command="ls /v", **look)["stdout"] == ""


def test_updates_of_a_container_that_ends_again_and_again(run: Any, client: Any, image: str, name: str) -> None:
    """The engine refuses an update in the pause between two runs of its process."""
    spec = {"image": image, "command": ["sh", "-c", "exit 3"], "state": "present"}
    for number in range(10):
        one = "%s-%d" % (name, number)
        run("container_run", name=one, restart_policy="always", **spec)
        client.start(one)
        for policy in ("unless-stopped", "on-failure", "always", "unless-stopped", "always"):
            run("container_run", name=one, restart_policy=policy, expect="changed", **spec)
            assert client.inspect_container(one)["HostConfig"]["RestartPolicy"]["Name"] == policy
        client.remove_container(one, force=True)
