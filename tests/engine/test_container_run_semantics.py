# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_run: options of docker_container that are not in the option table, each with both outcomes."""

from __future__ import annotations

import time
from typing import Any

import pytest

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}
SLOW = {"command": ["sh", "-c", "trap 'exit 5' USR1; while :; do sleep 0.1; done"]}


def four(run: Any, again: str = "ok", **spec: Any) -> dict[str, Any]:
    """Check mode, done, done again."""
    foreseen = run("container_run", check=True, expect="changed", **spec)
    done = run("container_run", expect="changed", **spec)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    run("container_run", expect=again, **spec)
    return dict(done)


def signals(client: Any, name: str, since: float) -> list[str]:
    """The numbers of the signals that the first container of this name received."""
    times = {"since": "%.9f" % since, "until": "%.9f" % time.time()}
    found = list(client.events(decode=True, filters={"container": name, "event": ["kill"]}, **times))
    return [event["Actor"]["Attributes"]["signal"] for event in found if event["id"] == found[0]["id"]]


def made(client: Any, image: str, reference: str, **config: Any) -> None:
    """Create an image with this name from ``image``, with another configuration."""
    container = client.create_container(image, ["true"])["Id"]
    client.commit(container, *reference.rsplit(":", 1), conf=config)
    client.remove_container(container)


def test_restart(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", **spec)
    before = client.inspect_container(name)
    done = four(run, again="changed", **spec, restart=True)
    assert done["actions"] == ["restart %s: restart is requested" % name]
    after = client.inspect_container(name)
    assert after["Id"] == before["Id"]
    assert after["State"]["StartedAt"] != before["State"]["StartedAt"]
    run("container_run", expect="ok", **spec, restart=False)
    client.stop(name)
    done = run("container_run", expect="changed", **spec, restart=True)
    assert [action.split()[0] for action in done["actions"]] == ["start"]
    done = run("container_run", expect="changed", **spec, restart=True, env={"A": "1"})
    assert [action.split()[0] for action in done["actions"]] == ["recreate"]


def test_paused(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP}
    four(run, **spec, paused=True)
    assert client.inspect_container(name)["State"]["Status"] == "paused"
    run("container_run", expect="ok", **spec)
    done = four(run, **spec, paused=False)
    assert done["actions"] == ["unpause %s: state paused → running" % name]
    assert client.inspect_container(name)["State"]["Status"] == "running"
    done = four(run, **spec, paused=True)
    assert done["actions"] == ["pause %s: state running → paused" % name]
    four(run, **spec, paused=True, env={"A": "1"})
    assert client.inspect_container(name)["State"]["Status"] == "paused"
    run("container_run", expect="ok", name=name, state="present", paused=False)


@pytest.mark.parametrize("state", ["stopped", "absent", "started"])
def test_force_kill(state: str, run: Any, client: Any, image: str, name: str) -> None:
    """The signal is sent at once: a stop would send another one first, and give the process time to end."""
    spec = {"name": name, "image": image, **SLOW}
    run("container_run", **spec)
    began = time.time()
    more = {"env": {"A": "1"}} if state == "started" else {}
    four(run, **spec, **more, state=state, force_kill=True)
    assert signals(client, name, began) == ["9"]
    if state == "stopped":
        assert client.inspect_container(name)["State"]["ExitCode"] == 137
    if state == "absent":
        assert client.containers(all=True, filters={"name": name}) == []


def test_kill_signal(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLOW}
    run("container_run", **spec)
    time.sleep(0.3)  # The shell needs a moment to set the trap.
    four(run, **spec, state="stopped", force_kill=True, kill_signal="USR1")
    assert client.inspect_container(name)["State"]["ExitCode"] == 5


def test_a_signal_that_is_ignored(run: Any, client: Any, image: str, name: str) -> None:
    """If the process does not end, this is an error, and not an endless wait."""
    spec = {"name": name, "image": image, "command": ["sleep", "1000"]}
    run("container_run", **spec)
    how = {"force_kill": True, "kill_signal": "INT", "stop_timeout": 1}
    for change in ({"state": "stopped"}, {"env": {"A": "1"}}):
        msg = run("container_run", expect="failed", **spec, **change, **how)["msg"]
        assert "has not ended 1 seconds after the signal SIGINT" in msg
        assert [one["Names"] for one in client.containers(all=True)] == [["/" + name]]
        run("container_run", expect="ok", **spec)
    four(run, **spec, state="stopped", force_kill=True, stop_timeout=0)


def test_stop_timeout(run: Any, client: Any, image: str, name: str) -> None:
    """It applies to the stop as well, and 0 means 0: with the container's own limit the test would time out."""
    spec = {"name": name, "image": image, "command": ["sleep", "1000"]}
    run("container_run", **spec, stop_timeout=36_000)
    four(run, **spec, state="stopped", stop_timeout=0)
    assert client.inspect_container(name)["State"]["ExitCode"] == 137


@pytest.mark.parametrize("keep", [True, False])
def test_keep_volumes(keep: bool, run: Any, client: Any, image: str, name: str) -> None:
    """Anonymous volumes, even those taken over, stay or are removed with the container; named ones stay."""
    spec = {"name": name, "image": image, **SLEEP, "volumes": ["/data", name + "-v:/named"]}
    before = volumes(client)
    run("container_run", **spec)
    run("container_run", expect="changed", **spec, env={"A": "1"}, keep_volumes=keep)
    run("container_run", expect="changed", **spec, env={"A": "2"}, keep_volumes=keep)
    assert len(volumes(client) - before) == 2
    four(run, name=name, state="absent", keep_volumes=keep)
    left = volumes(client) - before
    assert name + "-v" in left
    assert len(left) == (2 if keep else 1)


def volumes(client: Any) -> set[str]:
    return {volume["Name"] for volume in client.volumes()["Volumes"] or []}


def test_image_comparison(run: Any, client: Any, image: str, name: str) -> None:
    """The image whose variables a strict comparison expects."""
    made(client, image, name + ":1", Env=["A=1"])
    made(client, image, name + ":2", Env=["A=2"])
    spec = {"name": name, **SLEEP, "env": {"B": "1"}, "comparisons": {"env": "strict", "image": "ignore"}}
    run("container_run", image=name + ":1", **spec)
    run("container_run", expect="ok", image=name + ":2", **spec, image_comparison="current-image")
    for check in (True, False):
        done = run("container_run", check=check, expect="changed", image=name + ":2", **spec)
        assert done["actions"][0].startswith("recreate %s: env" % name)
    for tag in "12":
        client.remove_image("%s:%s" % (name, tag), force=True)


def test_image_label_mismatch(run: Any, client: Any, image: str, name: str) -> None:
    made(client, image, name + ":1", Labels={"vendor": "x"})
    spec = {"name": name, "image": name + ":1", **SLEEP, "labels": {"a": "1"}, "comparisons": {"labels": "strict"}}
    for check in (True, False):
        refused = run("container_run", check=check, expect="failed", **spec, image_label_mismatch="fail")
        assert "vendor" in refused["msg"]
    assert client.containers(all=True, filters={"name": name}) == []
    four(run, **spec)
    refused = run("container_run", expect="failed", **spec, image_label_mismatch="fail")
    assert "vendor" in refused["msg"]
    named = {**spec, "labels": {"a": "1", "vendor": "x"}}
    run("container_run", expect="ok", **named, image_label_mismatch="fail")
    run("container_run", expect="ok", **{**spec, "comparisons": {}}, image_label_mismatch="fail")
    client.remove_image(name + ":1", force=True)


def test_image_name_mismatch(run: Any, client: Any, image: str, name: str) -> None:
    client.tag(image, name, "other")
    spec = {"name": name, **SLEEP}
    run("container_run", image=image, **spec)
    run("container_run", expect="ok", image=name + ":other", **spec, image_name_mismatch="ignore")
    done = four(run, image=name + ":other", **spec)
    assert done["actions"][0].startswith("recreate %s: image " % name)
    client.remove_image(name + ":other", force=True)


@pytest.mark.parametrize(("strict", "expected"), [(False, ["bridge", "net"]), (True, ["net"])])
def test_networks_cli_compatible(
    strict: bool, expected: list[str], run: Any, client: Any, image: str, name: str
) -> None:
    client.create_network(name + "-net")
    spec = {"name": name, "image": image, **SLEEP, "networks": [{"name": name + "-net"}]}
    spec["comparisons"] = {"networks": "strict"} if strict else {}
    four(run, **spec, networks_cli_compatible=False)
    found = client.inspect_container(name)["NetworkSettings"]["Networks"]
    assert sorted(found) == [("%s-net" % name if network == "net" else network) for network in expected]
    run("container_run", name=name, state="absent")
    four(run, **spec)
    assert sorted(client.inspect_container(name)["NetworkSettings"]["Networks"]) == [name + "-net"]


@pytest.mark.parametrize(
    ("port", "address"),
    [("18130:80", "127.0.0.1"), ("80", "127.0.0.1"), ("127.0.0.2:18131:80", "127.0.0.2"), ("[::1]:18132:80", "::1")],
)
def test_default_host_ip(port: str, address: str, run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP, "published_ports": [port], "state": "present"}
    four(run, **spec, default_host_ip="127.0.0.1")
    assert client.inspect_container(name)["HostConfig"]["PortBindings"]["80/tcp"][0]["HostIp"] == address


def test_command_handling(run: Any, client: Any, image: str, name: str) -> None:
    """Lists are joined and split again, and an empty list means none."""
    words = ["sleep", "'1000'"]
    spec = {"name": name, "image": image, "stop_signal": "KILL", "state": "present"}
    four(run, **spec, command=words, entrypoint=["env -i"], command_handling="compatibility")
    found = client.inspect_container(name)["Config"]
    assert (found["Entrypoint"], found["Cmd"]) == (["env", "-i"], ["sleep", "1000"])
    run("container_run", expect="ok", **spec, command=[], entrypoint=[], command_handling="compatibility")
    four(run, **spec, command=words, warnings=True)
    assert client.inspect_container(name)["Config"]["Cmd"] == words


def test_container_default_behavior(run: Any, client: Any, image: str, name: str) -> None:
    """Options that are not given are turned off, and not just left alone."""
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", **spec, tty=True, memory="64m")
    run("container_run", expect="ok", **spec)
    done = four(run, **spec, container_default_behavior="compatibility")
    assert "tty true → false" in done["actions"][0]
    assert "memory 64m → 0" in done["actions"][0]


def test_detach_false(run: Any, image: str, name: str) -> None:
    """The result additionally has the keys of docker_container."""
    command = ["sh", "-c", "echo out; echo err >&2"]
    done = run("container_run", name=name, image=image, command=command, detach=False, output_logs=True)
    assert (done["status"], done["rc"]) == (0, 0)
    assert sorted(done["container"]["Output"].splitlines()) == ["err", "out"]
    command = ["sh", "-c", "echo no; exit 3"]
    failed = run("container_run", expect="failed", name=name, image=image, command=command, detach=False)
    assert (failed["status"], failed["rc"]) == (3, 3)
    assert failed["container"]["Output"] == "no\n"


@pytest.mark.parametrize("options", [{}, {"cleanup": True}, {"auto_remove": True}, {"tty": True}], ids=str)
def test_detach_false_in_check_mode(options: dict[str, Any], run: Any, client: Any, image: str, name: str) -> None:
    """The same keys as in a real run: later tasks find them, even on the first deployment."""
    spec = {"name": name, "image": image, "command": "echo a", "detach": False, **options}
    foreseen = run("container_run", check=True, expect="changed", **spec)
    assert (foreseen["rc"], foreseen["status"], foreseen["stdout"], foreseen["stderr"]) == (0, 0, "", "")
    assert foreseen["container"] == {"Output": ""}
    done = run("container_run", expect="changed", **spec)
    assert set(done) == set(foreseen)
    again = run("container_run", check=True, expect="changed", **spec)
    assert set(again) == set(done) and again["container"]["Output"] == ""
    # If it isn't run, it has no output.
    assert "rc" not in run("container_run", check=True, **{**spec, "state": "present"})
    # A running container is only waited for.
    run("container_run", name=name + "b", image=image, command="sleep 0.5")
    waited = {**spec, "name": name + "b", "command": "sleep 0.5"}
    assert set(run("container_run", check=True, **waited)) == set(run("container_run", **waited))


def test_removal_wait_timeout(run: Any, client: Any, image: str, name: str) -> None:
    run("container_run", name=name, image=image, **SLEEP, auto_remove=True)
    four(run, name=name, state="absent", removal_wait_timeout=20)
    assert client.containers(all=True, filters={"name": name}) == []


@pytest.mark.parametrize("behaviour", ["image_not_present", "always"])
def test_pull_check_mode_behavior(behaviour: str, run: Any, image: str, name: str) -> None:
    """Check mode is accurate: an existing image is not pulled."""
    spec = {"name": name, "image": image, **SLEEP, "pull_check_mode_behavior": behaviour}
    run("container_run", **spec)
    run("container_run", check=True, expect="ok", **spec)
