# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_run: the options that describe the task, states, running to the end, and what it reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}


def names(client: Any) -> list[str]:
    return sorted(name for found in client.containers(all=True) for name in found["Names"])


@pytest.mark.parametrize(
    ("wanted", "before", "actions", "after"),
    [
        ("present", None, ["create"], "created"),
        ("started", None, ["create", "start"], "running"),
        ("stopped", None, ["create"], "created"),
        ("absent", None, [], None),
        ("present", "created", [], "created"),
        ("started", "created", ["start"], "running"),
        ("stopped", "created", [], "created"),
        ("absent", "created", ["remove"], None),
        ("present", "running", [], "running"),
        ("started", "running", [], "running"),
        ("stopped", "running", ["stop"], "exited"),
        ("absent", "running", ["remove"], None),
        ("present", "exited", [], "exited"),
        ("started", "exited", ["start"], "running"),
        ("stopped", "exited", [], "exited"),
        ("absent", "exited", ["remove"], None),
        ("stopped", "paused", ["stop"], "exited"),
        ("absent", "paused", ["remove"], None),
    ],
)
def test_states(
    wanted: str, before: str, actions: list[str], after: str, run: Any, client: Any, image: str, name: str
) -> None:
    spec = {"name": name, "image": image, **SLEEP}
    if before is not None:
        client.create_container(image, ["sleep", "1000"], name=name, stop_signal="KILL")
    if before in ("running", "exited", "paused"):
        client.start(name)
    if before == "exited":
        client.stop(name)
    if before == "paused":
        client.pause(name)

    foreseen = run("container_run", check=True, state=wanted, **spec)
    assert [action.split()[0] for action in foreseen["actions"]] == actions
    assert status(client, name) == before
    done = run("container_run", state=wanted, **spec)
    for key in ("changed", "actions", "diff"):
        assert done[key] == foreseen[key]
    assert done["changed"] is bool(actions)
    assert status(client, name) == after
    assert run("container_run", expect="ok", state=wanted, **spec)["actions"] == []


@pytest.mark.parametrize("state", ["stopped", "absent"])
def test_stopping_and_removing_need_no_image_and_recreate_nothing(
    state: str, run: Any, client: Any, image: str, name: str
) -> None:
    run("container_run", name=name, image=image, **SLEEP)
    result = run(
        "container_run",
        expect="changed",
        name=name,
        image="nowhere/nothing",
        state=state,
        pull="never",
        env={"A": "other"},
    )
    assert len(result["actions"]) == 1


def status(client: Any, name: str) -> Any:
    found = client.containers(all=True, filters={"name": "^/%s$" % name})
    return found[0]["State"] if found else None


def test_healthy(run: Any, client: Any, image: str, name: str) -> None:
    spec = {
        "name": name,
        "image": image,
        **SLEEP,
        "state": "healthy",
        "healthcheck": {"test": "test -e /tmp/ok", "interval": "200ms", "retries": 100},
    }
    slow = {**spec, "command": ["sh", "-c", "sleep 1; touch /tmp/ok; sleep 1000"]}
    foreseen = run("container_run", check=True, expect="changed", **slow)
    done = run("container_run", expect="changed", **slow)
    assert done["actions"] == foreseen["actions"]
    assert done["container"]["State"]["Health"]["Status"] == "healthy"
    run("container_run", expect="ok", **slow)
    client.remove_container(name, force=True)

    never = run("container_run", expect="failed", healthy_wait_timeout=0.5, **spec)
    assert "did not become healthy within 0.5 seconds" in never["msg"]
    assert "left as it is" in never["msg"]
    assert never["changed"] is True
    assert never["container"]["State"]["Health"]["Status"] == "starting"
    assert [action.split()[0] for action in never["actions"]] == ["create", "start"]


def test_healthy_without_a_check_fails_at_once(run: Any, image: str, name: str) -> None:
    result = run("container_run", expect="failed", name=name, image=image, state="healthy", **SLEEP)
    assert "has no health check" in result["msg"]


def test_healthy_ends_when_the_container_ends(run: Any, image: str, name: str) -> None:
    result = run(
        "container_run",
        expect="failed",
        name=name,
        image=image,
        state="healthy",
        command=["sh", "-c", "echo out of milk; exit 3"],
        healthcheck={"test": "true", "interval": "30s"},
    )
    assert "exit code 3" in result["msg"]
    assert "out of milk" in result["msg"]
    assert result["container"]["State"]["ExitCode"] == 3


def test_a_new_container_that_has_failed_already(
    run: Any, client: Any, image: str, name: str, monkeypatch: Any
) -> None:
    """A warning with its exit code and its last lines; none if it succeeded."""
    from ansible_collections.wharf.docker.plugins.module_utils._apply import containers as _apply

    start = _apply.start_container

    def and_wait(*arguments: Any) -> None:
        start(*arguments)
        client.wait(name)

    monkeypatch.setattr(_apply, "start_container", and_wait)
    spec = {"name": name, "image": image}
    done = run("container_run", expect="changed", warnings=True, command=["sh", "-c", "echo no milk; exit 3"], **spec)
    assert len(done["warnings"]) == 1
    assert all(words in done["warnings"][0] for words in (name, "exited", "exit code 3", "no milk"))
    client.remove_container(name)
    run("container_run", expect="changed", command=["true"], **spec)


def test_stopped_with_auto_remove(run: Any, client: Any, image: str, name: str) -> None:
    """The engine removes it as soon as it has stopped: this is reported, and waited for."""
    spec = {"name": name, "image": image, "auto_remove": True, **SLEEP}
    run("container_run", **spec)
    foreseen = run("container_run", check=True, expect="changed", state="stopped", **spec)
    done = run("container_run", expect="changed", state="stopped", **spec)
    assert done["actions"] == foreseen["actions"] == ["stop %s: state running → absent, by its auto_remove" % name]
    assert done["diff"] == foreseen["diff"]
    assert (done["container"], client.containers(all=True)) == ({}, [])


@pytest.mark.parametrize("tty", [False, True])
def test_run_to_its_end(tty: bool, run: Any, client: Any, image: str, name: str) -> None:
    spec = {
        "name": name,
        "image": image,
        "detach": False,
        "tty": tty,
        "command": ["sh", "-c", "echo out; echo err >&2; echo after"],
    }
    foreseen = run("container_run", check=True, expect="changed", **spec)
    assert names(client) == []
    done = run("container_run", expect="changed", **spec)
    assert done["actions"] == foreseen["actions"]
    assert done["rc"] == 0
    if tty:
        assert (done["stdout"], done["stderr"]) == ("out\r\nerr\r\nafter\r\n", "")
    else:
        assert (done["stdout"], done["stderr"]) == ("out\nafter\n", "err\n")
    again = run("container_run", expect="changed", **spec)
    assert [action.split()[0] for action in again["actions"]] == ["start"]


def test_run_to_its_end_with_auto_remove(run: Any, client: Any, image: str, name: str) -> None:
    done = run(
        "container_run",
        expect="changed",
        name=name,
        image=image,
        detach=False,
        auto_remove=True,
        command=["echo", "Hello world"],
    )
    assert (done["rc"], done["stdout"]) == (0, "Hello world\n")
    assert names(client) == []


def test_a_command_that_fails(run: Any, client: Any, image: str, name: str) -> None:
    result = run(
        "container_run",
        expect="failed",
        name=name,
        image=image,
        detach=False,
        cleanup=True,
        command=["sh", "-c", "echo before; echo no luck >&2; exit 7"],
    )
    assert (result["rc"], result["stdout"], result["stderr"]) == (7, "before\n", "no luck\n")
    assert "exit code 7" in result["msg"] and "no luck" in result["msg"]


def test_waiting_for_one_that_runs_already(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, "command": ["sh", "-c", "echo one; sleep 2; echo two"]}
    run("container_run", expect="changed", **spec)
    done = run("container_run", expect="ok", detach=False, **spec)
    assert (done["rc"], done["stdout"]) == (0, "one\ntwo\n")


def test_cleanup(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, "detach": False, "cleanup": True, "command": ["echo", "gone"]}
    foreseen = run("container_run", check=True, expect="changed", **spec)
    done = run("container_run", expect="changed", **spec)
    assert done["actions"] == foreseen["actions"]
    assert [action.split()[0] for action in done["actions"]] == ["create", "start", "remove"]
    assert done["stdout"] == "gone\n"
    assert names(client) == []


def test_large_output(run: Any, image: str, name: str) -> None:
    done = run(
        "container_run",
        expect="changed",
        name=name,
        image=image,
        detach=False,
        cleanup=True,
        command=["sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; echo; seq 100000 >&2"],
    )
    assert len(done["stdout"]) == 3000001
    assert done["stderr"] == "".join("%d\n" % number for number in range(1, 100001))


def test_recreate(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", **spec)
    before = client.inspect_container(name)["Id"]
    foreseen = run("container_run", check=True, expect="changed", recreate=True, **spec)
    assert client.inspect_container(name)["Id"] == before
    done = run("container_run", expect="changed", recreate=True, **spec)
    assert done["actions"] == foreseen["actions"] == ["recreate %s: recreate is requested" % name]
    assert client.inspect_container(name)["Id"] != before
    assert names(client) == ["/" + name]


def test_present_keeps_a_replaced_container_running(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", **spec)
    run("container_run", expect="changed", state="present", env={"A": "1"}, **spec)
    assert client.inspect_container(name)["State"]["Running"] is True


@pytest.mark.parametrize(
    ("comparisons", "env", "changed"),
    [
        ({}, {"A": "1"}, False),
        ({"env": "strict"}, {"A": "1"}, True),
        ({"env": "ignore"}, {"A": "2"}, False),
        ({"*": "ignore"}, {"A": "2"}, False),
        ({"*": "ignore", "env": "allow_more_present"}, {"A": "2"}, True),
        ({"*": "strict"}, {"A": "1"}, True),
        ({"env": "allow_more_present"}, {"A": "1"}, False),
    ],
)
def test_comparisons(comparisons: Any, env: Any, changed: bool, run: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", env={"A": "1", "B": "2"}, **spec)
    expect = "changed" if changed else "ok"
    for check in (True, False):
        done = run("container_run", check=check, expect=expect, env=env, comparisons=comparisons, warnings=True, **spec)
        # Additional items are dropped with the container; with a strict comparison this is intended.
        lost = {"env": {"B": "2"}} if changed and "strict" not in comparisons.values() else None
        assert done.get("dropped") == lost
    run("container_run", expect="ok", env=env, comparisons=comparisons, **spec)


def test_a_seccomp_profile(run: Any, client: Any, image: str, name: str, tmp_path: Path) -> None:
    """A file of the managed host is read; its content is sent to the engine and compared."""
    file = tmp_path / "profile.json"
    file.write_text('{\n  "defaultAction": "SCMP_ACT_ALLOW",\n  "syscalls": []\n}\n')
    spec = {"name": name, "image": image, **SLEEP, "security_opts": ["seccomp=%s" % file, "no-new-privileges"]}
    foreseen = run("container_run", check=True, expect="changed", **spec)
    done = run("container_run", expect="changed", **spec)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    profile = 'seccomp={"defaultAction":"SCMP_ACT_ALLOW","syscalls":[]}'
    assert profile in client.inspect_container(name)["HostConfig"]["SecurityOpt"]
    run("container_run", expect="ok", **spec)
    file.write_text(
        '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["acct"], "action": "SCMP_ACT_ERRNO"}]}'
    )
    done = run("container_run", expect="changed", **spec)
    assert "seccomp=(profile " in done["actions"][0] and "SCMP" not in done["actions"][0]


def test_label_file(run: Any, client: Any, image: str, name: str, tmp_path: Path) -> None:
    """Several files, of which the last one takes precedence; labels of the task take precedence over all."""
    one, two = tmp_path / "one.labels", tmp_path / "two.labels"
    one.write_text("# labels\na=1\nb=1\nempty\n")
    two.write_text("b=2\nc=two words\n")
    spec = {"name": name, "image": image, **SLEEP, "label_file": [str(one), str(two)], "labels": {"c": "task"}}
    foreseen = run("container_run", check=True, expect="changed", **spec)
    done = run("container_run", expect="changed", **spec)
    assert done["actions"] == foreseen["actions"]
    assert client.inspect_container(name)["Config"]["Labels"] == {"a": "1", "b": "2", "c": "task", "empty": ""}
    run("container_run", expect="ok", **spec)
    two.write_text("b=3\n")
    foreseen = run("container_run", check=True, expect="changed", **spec)
    done = run("container_run", expect="changed", **spec)
    assert done["actions"] == foreseen["actions"] == ["recreate %s: labels.b 2 → 3" % name]


def test_several_env_files(run: Any, client: Any, image: str, name: str, tmp_path: Path) -> None:
    one, two = tmp_path / "one.env", tmp_path / "two.env"
    one.write_text("A=1\nB=1\nC=1\n")
    two.write_text("B=2\nC=2\n")
    spec = {"name": name, "image": image, **SLEEP, "env_file": [str(one), str(two)], "env": {"C": "3"}}
    run("container_run", expect="changed", **spec)
    assert client.inspect_container(name)["Config"]["Env"] == ["A=1", "B=2", "C=3"]
    run("container_run", expect="ok", **spec)


def test_env_file(run: Any, client: Any, image: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / "web.env"
    file.write_text("# two variables\nA=from the file\nB=2\n")
    spec = {"name": name, "image": image, **SLEEP, "env_file": str(file), "env": {"A": "from the task"}}
    foreseen = run("container_run", check=True, expect="changed", **spec)
    done = run("container_run", expect="changed", **spec)
    assert done["actions"] == foreseen["actions"]
    assert client.inspect_container(name)["Config"]["Env"] == ["A=from the task", "B=2"]
    run("container_run", expect="ok", **spec)
    file.write_text("A=from the file\nB=3\n")
    foreseen = run("container_run", check=True, expect="changed", **spec)
    done = run("container_run", expect="changed", **spec)
    assert done["actions"] == foreseen["actions"] == ["recreate %s: env B" % name]
    assert done["diff"] == {"before": {"env": {"B": "2"}}, "after": {"env": {"B": "3"}}}


def test_image(run: Any, client: Any, image: str, name: str) -> None:
    """Another name, another image under the same name, and an image by its id."""
    spec = {"name": name, **SLEEP}
    run("container_run", image=image, **spec)
    run("container_run", expect="ok", image="docker.io/" + image if "/" in image else image, **spec)
    client.tag(image, "wharf-test/other", "1")
    try:
        foreseen = run("container_run", check=True, expect="changed", image="wharf-test/other:1", **spec)
        done = run("container_run", expect="changed", image="wharf-test/other:1", **spec)
        assert done["actions"] == foreseen["actions"]
        assert set(done["diff"]["after"]) == {"image"}
        run("container_run", expect="ok", image="wharf-test/other:1", **spec)

        made = client.commit(name, "wharf-test/other", "1", conf={"Labels": {"made": "anew"}})
        foreseen = run("container_run", check=True, expect="changed", image="wharf-test/other:1", **spec)
        done = run("container_run", expect="changed", image="wharf-test/other:1", **spec)
        assert done["actions"] == foreseen["actions"]
        assert client.inspect_container(name)["Image"] == made["Id"]
        run("container_run", expect="ok", image=made["Id"], **spec)
        run("container_run", expect="ok", **spec)
    finally:
        client.remove_container(name, force=True)
        client.remove_image("wharf-test/other:1", force=True)


def test_stopping_before_a_removal(run: Any, client: Any, image: str, name: str) -> None:
    """A container gets its stop signal and time to end before it is removed."""
    say = "trap 'echo bye > /data/last; exit 0' TERM; while :; do sleep 0.1; done"
    run("container_run", name=name, image=image, command=["sh", "-c", say], volumes=[name + "-data:/data"])
    run("container_run", expect="changed", name=name, state="absent")
    done = run(
        "container_run",
        name=name,
        image=image,
        command="cat /data/last",
        volumes=[name + "-data:/data"],
        detach=False,
        cleanup=True,
    )
    assert done["stdout"] == "bye\n"


@pytest.mark.parametrize("state", ["stopped", "absent"])
def test_a_paused_container_ends_by_its_stop_signal(state: str, run: Any, client: Any, image: str, name: str) -> None:
    say = "trap 'echo bye > /data/last; exit 0' TERM; while :; do sleep 0.1; done"
    run("container_run", name=name, image=image, command=["sh", "-c", say], volumes=[name + "-data:/data"])
    client.pause(name)
    run("container_run", expect="changed", name=name, state=state)
    done = run(
        "container_run",
        name=name + "-look",
        image=image,
        command="cat /data/last",
        volumes=[name + "-data:/data"],
        detach=False,
        cleanup=True,
    )
    assert done["stdout"] == "bye\n"


def test_removing_a_container_with_auto_remove(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP, "auto_remove": True}
    for _time in range(5):
        run("container_run", expect="changed", **spec)
        run("container_run", expect="changed", name=name, state="absent")
        assert names(client) == []


def test_found_by_its_id(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"image": image, **SLEEP}
    run("container_run", name=name, **spec)
    short = client.inspect_container(name)["Id"][:12]
    run("container_run", expect="ok", name=short, **spec)
    done = run("container_run", expect="changed", name=short, env={"A": "1"}, **spec)
    assert done["actions"] == ["recreate %s: env A" % name]
    assert names(client) == ["/" + name]


def test_creating_needs_an_image(run: Any, name: str) -> None:
    result = run("container_run", expect="failed", name=name, **SLEEP)
    assert "Give the option image" in result["msg"]


def test_a_name_that_begins_an_id(run: Any, client: Any, image: str, name: str) -> None:
    """A container whose id begins with the wanted name is another container."""
    run("container_run", name=name, image=image, **SLEEP)
    beginning = client.inspect_container(name)["Id"][:6]
    foreseen = run("container_run", check=True, expect="changed", name=beginning, image=image, **SLEEP)
    assert foreseen["actions"][0].startswith("create ")
    run("container_run", expect="ok", check=True, name=beginning, state="absent")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"image": "wharf-test/missing:1", "pull": "never"}, "the image wharf-test/missing:1 is not on the engine"),
        ({"image": "sha256:" + "0" * 64}, "can't be pulled"),
        ({"network_mode": "container:nobody-here"}, "there is no container nobody-here"),
        ({"networks": [{"name": "no-such-network"}]}, "no-such-network"),
    ],
)
def test_what_the_engine_does_not_have(options: Any, words: str, run: Any, client: Any, image: str, name: str) -> None:
    """One clear message, and nothing is left of a new container."""
    result = run("container_run", expect="failed", **{"name": name, "image": image, **SLEEP, **options})
    assert words in result["msg"]
    assert "exception" not in result
    assert name in result["msg"]
    assert names(client) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"command": ["/no/such/program"]}, "/no/such/program"),
        (
            {
                "mounts": [{"target": "/m", "type": "bind", "source": "/nonexistent/x"}],
            },
            "/nonexistent/x",
        ),
        ({"mounts": [{"target": "/m", "type": "npipe", "source": "//./pipe/x"}]}, "npipe"),
        # An engine looks for the driver for 15 seconds.
        pytest.param({"log_driver": "carrier-pigeon"}, "carrier-pigeon", marks=pytest.mark.exhaustive),
        ({"sysctls": {"kernel.hostname": "x"}}, "kernel.hostname"),
    ],
)
def test_what_the_engine_refuses_at_a_start(
    options: Any, words: str, run: Any, client: Any, image: str, name: str
) -> None:
    """A container that can't be created or started is not left behind."""
    result = run("container_run", expect="failed", **{"name": name, "image": image, **SLEEP, **options})
    assert words in result["msg"]
    assert "the engine answered" in result["msg"]
    assert names(client) == []


def test_calls(run: Any, image: str, name: str, calls: Any) -> None:
    """The requests of an unchanged run, and of creating and starting."""
    spec = {"name": name, "image": image, **SLEEP, "env": {"A": "1"}, "published_ports": ["18099:80"]}
    with calls() as made:
        run("container_run", expect="changed", **spec)
    assert len(made) <= 8, made
    with calls() as unchanged:
        run("container_run", expect="ok", **spec)
    assert len(unchanged) <= 3, unchanged
    with calls() as known:
        run("container_run", expect="ok", api_version="1.41", **spec)
    assert len(known) <= 2, known
    assert not any(call.startswith("GET /containers/json") for call in [*made, *unchanged, *known])
