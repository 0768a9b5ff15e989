# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_state: each state from each start, each option, many containers at once, and failures."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task

STARTS = ("created", "running", "paused", "exited 0", "exited 1", "absent")

# State → for each start the actions and the final status; a string is the reason of a failure.
START, STOP, RESTART, KILL, PAUSE, UNPAUSE, REMOVE = "start", "stop", "restart", "kill", "pause", "unpause", "remove"
MISSING = "there is no container"
ASSUMED = "There is no container %s. In check mode, it is assumed that an earlier task would create it."
TABLE: dict[str, list[Any]] = {
    "started": [
        ([START], "running"),
        ([], "running"),
        ([UNPAUSE], "running"),
        ([START], "running"),
        ([START], "running"),
        MISSING,
    ],
    "stopped": [
        ([], "created"),
        ([STOP], "exited"),
        ([UNPAUSE, STOP], "exited"),
        ([], "exited"),
        ([], "exited"),
        MISSING,
    ],
    "restarted": [
        ([START], "running"),
        ([RESTART], "running"),
        ([UNPAUSE, RESTART], "running"),
        ([START], "running"),
        ([START], "running"),
        MISSING,
    ],
    "killed": [([], "created"), ([KILL], "exited"), ([KILL], "exited"), ([], "exited"), ([], "exited"), MISSING],
    "paused": [
        "it is not running, but created",
        ([PAUSE], "paused"),
        ([], "paused"),
        "it is not running, but exited",
        "it is not running, but exited",
        MISSING,
    ],
    "unpaused": [
        "it is not paused, but created",
        ([], "running"),
        ([UNPAUSE], "running"),
        "it is not paused, but exited",
        "it is not paused, but exited",
        MISSING,
    ],
    "healthy": [
        ([START], "running"),
        ([], "running"),
        ([UNPAUSE], "running"),
        ([START], "running"),
        ([START], "running"),
        MISSING,
    ],
    # A running or paused container is ended, or unpaused and ended, while the task waits.
    "exited": [
        "was never started",
        ([], "exited"),
        ([], "exited"),
        ([], "exited"),
        ([], "exited"),
        MISSING,
    ],
    "absent": [
        ([REMOVE], None),
        ([STOP, REMOVE], None),
        ([UNPAUSE, STOP, REMOVE], None),
        ([REMOVE], None),
        ([REMOVE], None),
        ([], None),
    ],
}
# These change something in every run.
NOT_IDEMPOTENT = ("restarted",)

ENDS = "trap 'exit %d' TERM; touch /ready; while true; do sleep 0.05; done"
CHECK = {"test": ["CMD", "test", "-e", "/ready"], "interval": 100_000_000, "retries": 100}


def create(client: Any, image: str, name: str, start: str = "running", **options: Any) -> None:
    """Create a container that exits on SIGTERM with 0 or, for "exited 1", with 1."""
    if start == "absent":
        return
    script = options.pop("script", ENDS % (1 if start == "exited 1" else 0))
    host = client.create_host_config(**options.pop("host", {}))
    client.create_container(
        image, ["sh", "-c", script], name=name, healthcheck=CHECK, host_config=host, **{"labels": {}, **options}
    )
    if start == "created":
        return
    client.start(name)
    if start == "running" or "script" in options:
        return
    eventually(lambda: client.inspect_container(name)["State"]["Health"]["Status"] == "healthy")
    if start == "paused":
        client.pause(name)
    elif start.startswith("exited"):
        client.kill(name, "TERM")
        client.wait(name)


def eventually(what: Any, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)


@contextlib.contextmanager
def events(client: Any, *names: str) -> Iterator[list[str]]:
    """The engine's events of these containers, in order: "kill 15", "die 137", "stop"."""
    since, found = time.time(), list[str]()
    yield found
    times = {"since": "%.9f" % since, "until": "%.9f" % time.time()}
    for event in client.events(decode=True, filters={"container": list(names)}, **times):
        attributes = event["Actor"]["Attributes"]
        more = {"kill": "signal", "die": "exitCode"}.get(event["Action"])
        found.append("%s %s" % (event["Action"], attributes[more]) if more else event["Action"])


def inspect(client: Any, name: str) -> Any:
    found = [entry for entry in client.containers(all=True) if "/" + name in entry["Names"]]
    return client.inspect_container(name) if found else None


def status(client: Any, name: str) -> Any:
    document = inspect(client, name)
    return document and document["State"]["Status"]


def lasting(document: Any) -> Any:
    """An inspect document without the effects of its health check, which continues by itself."""
    if not document:
        return document
    state = {key: value for key, value in document["State"].items() if key != "Health"}
    return {**document, "State": state, "ExecIDs": None}


def verbs(result: dict[str, Any]) -> list[str]:
    return [action.split()[0] for action in result["actions"]]


def shown_state(result: dict[str, Any], name: str, when: str) -> Any:
    return result["diff"][when].get(name, {}).get("state")


@pytest.fixture
def meanwhile() -> Iterator[Any]:
    """``meanwhile(seconds, function)``: call the function after this time, in another thread."""
    timers: list[threading.Timer] = []

    def later(seconds: float, function: Any) -> None:
        timers.append(threading.Timer(seconds, function))
        timers[-1].start()

    yield later
    for timer in timers:
        timer.join()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Any:
    """``with asked() as made:``: the calls of tasks inside to the engine's API, in order."""
    engines: list[Any] = []

    def connect(options: Any) -> Any:
        engines.append(_engine.connect(options))
        return engines[-1]

    monkeypatch.setattr(_task, "connect", connect)

    @contextlib.contextmanager
    def recording() -> Iterator[list[str]]:
        made: list[str] = []
        engines.clear()
        yield made
        made += [call for engine in engines for call in engine.calls]

    return recording


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("state", TABLE)
def test_states(state: str, start: str, run: Any, client: Any, image: str, name: str, meanwhile: Any) -> None:
    """Check mode, the run, a second run, and the diff: all from one plan."""
    expected = TABLE[state][STARTS.index(start)]
    create(client, image, name, start)
    before = inspect(client, name)
    options = {"name": name, "state": state, "stop_timeout": 5}

    if isinstance(expected, str):
        if expected is MISSING:
            foreseen = run("container_state", check=True, expect="changed", warnings=True, **options)
            assert foreseen["warnings"] == [ASSUMED % name]
            assert (foreseen["container"], foreseen["containers"]) == ({}, [])
            assert shown_state(foreseen, name, "before") == "absent"
        for check in (False,) if expected is MISSING else (True, False):
            failed = run("container_state", check=check, expect="failed", **options)
            assert expected in failed["msg"] and name in failed["msg"]
            assert failed["changed"] is False and failed["actions"] == []
            assert failed["diff"] == {"before": {}, "after": {}}
            assert lasting(failed["container"] or None) == lasting(before) and "containers" not in failed
            assert lasting(inspect(client, name)) == lasting(before)
        return

    actions, after = expected
    foreseen = run("container_state", check=True, **options)
    assert verbs(foreseen) == actions
    assert lasting(inspect(client, name)) == lasting(before)

    if state == "exited":
        if start == "paused":
            meanwhile(0.3, lambda: client.unpause(name))
        if start in ("running", "paused"):
            meanwhile(0.6, lambda: client.kill(name, "TERM"))
    done = run("container_state", **options)
    for key in ("changed", "actions", "diff"):
        assert done[key] == foreseen[key]
    assert done["changed"] is bool(actions)
    assert status(client, name) == after

    assert (done["diff"]["before"] != done["diff"]["after"]) is done["changed"]
    if done["changed"]:
        assert shown_state(done, name, "before") == before["State"]["Status"]
        assert shown_state(done, name, "after") == (after or "absent")

    documents = [] if after is None else [lasting(inspect(client, name))]
    assert [lasting(document) for document in done["containers"]] == documents
    assert lasting(done["container"]) == (documents[0] if documents else {})

    again = run("container_state", **options)
    if state in NOT_IDEMPOTENT:
        assert verbs(again) == [RESTART]
    else:
        assert again["actions"] == [] and again["changed"] is False
        assert status(client, name) == after
        assert run("container_state", check=True, **options)["actions"] == []


@pytest.mark.parametrize(("start", "code"), [("exited 0", 0), ("exited 1", 1), ("running", 0), ("paused", 0)])
def test_exit_code(start: str, code: int, run: Any, client: Any, image: str, name: str, meanwhile: Any) -> None:
    create(client, image, name, start)
    foreseen = run("container_state", check=True, name=name, state="exited")
    assert foreseen["exit_codes"] == ({name: code} if start.startswith("exited") else {})
    if start == "paused":
        client.unpause(name)
    if not start.startswith("exited"):
        eventually(lambda: inspect(client, name)["State"]["Health"]["Status"] == "healthy")
        meanwhile(0.4, lambda: client.kill(name, "TERM"))
    done = run("container_state", expect="ok", name=name, state="exited")
    assert (done["exit_code"], done["exit_codes"]) == (code, {name: code})
    assert done["container"]["State"]["ExitCode"] == code


def test_exit_code_of_one_that_is_removed_at_its_end(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, script="sleep 1; exit 7", host={"auto_remove": True})
    done = run("container_state", expect="ok", name=name, state="exited")
    assert done["exit_code"] == 7
    assert done["containers"] == [] and done["container"] == {}


def test_exit_codes_of_several(run: Any, client: Any, image: str, name: str) -> None:
    names = [name + "-%d" % number for number in range(3)]
    for number, each in enumerate(names):
        create(client, image, each, script="sleep 0.%d; exit %d" % (9 - number, number))
    done = run("container_state", expect="ok", name=names, state="exited")
    assert done["exit_codes"] == dict(zip(names, range(3), strict=True))
    assert "exit_code" not in done and "container" not in done


def test_wait_timeout(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, script="sleep 1000")
    late = run("container_state", expect="failed", name=name, state="exited", wait_timeout=0.4)
    assert "%s did not end within 0.4 seconds" % name in late["msg"]
    sick = run("container_state", expect="failed", name=name, state="healthy", wait_timeout=0.4)
    assert "%s did not become healthy within 0.4 seconds" % name in sick["msg"]
    assert status(client, name) == "running", "it would have gone on"
    client.remove_container(name, force=True)
    create(client, image, name, script="sleep 1000", host={"auto_remove": True})
    late = run("container_state", expect="failed", name=name, state="exited", wait_timeout=0.4)
    assert "%s did not end after 0.4 seconds" % name in late["msg"]


def test_waiting_without_a_limit(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, script="sleep 0.5; exit 3")
    assert run("container_state", name=name, state="exited", wait_timeout=0)["exit_code"] == 3


@pytest.mark.parametrize("signal", ["USR1", "SIGUSR1", "usr1", "10"])
def test_a_signal_that_ends_nothing_is_always_a_change(
    signal: str, run: Any, client: Any, image: str, name: str
) -> None:
    """Not with SIGHUP: some engines start some containers with SIGHUP ignored, which a shell can't change."""
    create(client, image, name, script="trap 'echo got it' USR1; touch /ready; while true; do sleep 0.05; done")
    eventually(lambda: inspect(client, name)["State"]["Health"]["Status"] == "healthy")
    options = {"name": name, "state": "killed", "signal": signal}
    foreseen = run("container_state", check=True, expect="changed", **options)
    assert client.logs(name) == b""
    for count in (1, 2):
        done = run("container_state", expect="changed", **options)
        assert done["actions"] == foreseen["actions"] == ["kill %s: signal SIGUSR1" % name]
        assert done["diff"] == foreseen["diff"]
        assert done["diff"]["after"] == {name: {"state": "running", "signal": "SIGUSR1"}}
        eventually(lambda count=count: client.logs(name) == b"got it\n" * count)
    assert status(client, name) == "running"


def test_a_signal_that_ends_it(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "running")
    eventually(lambda: inspect(client, name)["State"]["Health"]["Status"] == "healthy")
    run("container_state", expect="changed", name=name, state="killed", signal="TERM")
    assert run("container_state", name=name, state="exited")["exit_code"] == 0
    for check in (True, False):
        failed = run("container_state", check=check, expect="failed", name=name, state="killed", signal="TERM")
        assert "Cannot send SIGTERM to the container %s: it is not running, but exited" % name in failed["msg"]
    run("container_state", expect="ok", name=name, state="killed", signal=9)


def test_stop_timeout(run: Any, client: Any, image: str, name: str) -> None:
    """With the container's own limit, each of these would time out."""
    script = "trap '' TERM; touch /ready; while true; do sleep 0.05; done"
    create(client, image, name, script=script, stop_timeout=36_000)
    for state in ("restarted", "stopped"):
        eventually(lambda: inspect(client, name)["State"]["Health"]["Status"] == "healthy")
        began = time.monotonic()
        run("container_state", expect="changed", name=name, state=state, stop_timeout=1)
        assert time.monotonic() - began >= 1
    assert inspect(client, name)["State"]["ExitCode"] == 137
    client.start(name)
    run("container_state", expect="changed", name=name, state="absent", stop_timeout=0)
    assert inspect(client, name) is None


@pytest.mark.parametrize("state", ["stopped", "restarted", "absent"])
def test_a_paused_one_can_end_by_itself(state: str, run: Any, client: Any, image: str, name: str) -> None:
    """The engine alone would wait for the whole timeout, since a frozen process can't react, and then kill it."""
    create(client, image, name, "paused")
    with events(client, name) as seen:
        run("container_state", expect="changed", name=name, state=state, stop_timeout=36_000)
    assert [event for event in seen if event.startswith("die")] == ["die 0"]


@pytest.mark.parametrize("start", ["running", "paused", "exited 0"])
def test_force(start: str, run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, start)
    options = {"name": name, "state": "absent", "force": True, "stop_timeout": 36_000}
    foreseen = run("container_state", check=True, expect="changed", **options)
    with events(client, name) as seen:
        done = run("container_state", expect="changed", **options)
    # It gets no SIGTERM, on which it would exit with 0.
    assert "kill 15" not in seen and "die 0" not in seen
    assert ("die 137" in seen) is (start != "exited 0")
    assert done["actions"] == foreseen["actions"] and verbs(done) == [REMOVE]
    assert ("by force" in done["actions"][0]) is (start != "exited 0")
    assert inspect(client, name) is None


@pytest.mark.parametrize("volumes", [False, True])
def test_volumes(volumes: bool, run: Any, client: Any, image: str, name: str) -> None:
    client.create_volume(name)
    create(client, image, name, "created", volumes=["/data", "/named"], host={"binds": ["%s:/named" % name]})
    mounts = {mount["Destination"]: mount["Name"] for mount in inspect(client, name)["Mounts"]}
    done = run("container_state", expect="changed", name=name, state="absent", volumes=volumes)
    assert ("with its anonymous volumes" in done["actions"][0]) is volumes
    left = {volume["Name"] for volume in client.volumes()["Volumes"] or []}
    assert (mounts["/data"] in left) is not volumes
    assert name in left
    client.remove_volume(name)
    if not volumes:
        client.remove_volume(mounts["/data"])


@pytest.mark.parametrize("state", ["stopped", "killed", "absent"])
def test_auto_remove(state: str, run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, script="sleep 1000", host={"auto_remove": True}, stop_signal="KILL")
    foreseen = run("container_state", check=True, expect="changed", name=name, state=state)
    done = run("container_state", expect="changed", name=name, state=state)
    assert done["actions"] == foreseen["actions"] and done["diff"] == foreseen["diff"]
    assert shown_state(done, name, "after") == "absent"
    assert done["containers"] == [] and done["container"] == {}
    assert inspect(client, name) is None


def test_new_name(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name)
    options = {"name": name, "new_name": name + "-new"}
    before = inspect(client, name)
    foreseen = run("container_state", check=True, expect="changed", **options)
    assert lasting(inspect(client, name)) == lasting(before)
    done = run("container_state", expect="changed", **options)
    assert done["actions"] == foreseen["actions"] == ["rename %s: name %s → %s-new" % (name, name, name)]
    assert done["diff"] == foreseen["diff"]
    assert done["container"]["Id"] == before["Id"] and done["container"]["Name"] == "/%s-new" % name
    assert status(client, name + "-new") == "running" and inspect(client, name) is None
    run("container_state", expect="ok", **options)
    run("container_state", expect="ok", name=before["Id"], new_name=name + "-new")
    run("container_state", expect="ok", name=name + "-new", new_name=name + "-new")


def test_new_name_and_state(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name)
    options = {"name": name, "new_name": name + "-new", "state": "killed"}
    foreseen = run("container_state", check=True, expect="changed", **options)
    done = run("container_state", expect="changed", **options)
    assert done["actions"] == foreseen["actions"] and verbs(done) == ["rename", "kill"]
    assert done["diff"] == foreseen["diff"]
    assert status(client, name + "-new") == "exited"
    run("container_state", expect="ok", **options)
    assert run("container_state", expect="ok", **{**options, "state": "exited"})["exit_codes"] == {name + "-new": 137}


def test_new_name_that_is_taken(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name)
    create(client, image, name + "-new", "created")
    for check in (True, False):
        failed = run(
            "container_state", check=check, expect="failed", name=name, new_name=name + "-new", state="stopped"
        )
        assert "Cannot rename the container %s: there is a container %s-new already" % (name, name) in failed["msg"]
    assert (status(client, name), status(client, name + "-new")) == ("running", "created")


def test_new_name_of_nothing(run: Any, client: Any, name: str) -> None:
    failed = run("container_state", expect="failed", name=name, new_name=name + "-new")
    assert "Cannot rename it: there is no container %s." % name in failed["msg"]
    options = {"name": name, "new_name": name + "-new", "state": "started"}
    foreseen = run("container_state", check=True, expect="changed", warnings=True, **options)
    assert foreseen["warnings"] == [ASSUMED % name]
    assert foreseen["actions"] == [
        "rename %s: name %s → %s-new" % (name, name, name),
        "start %s-new: no container of this name yet" % name,
    ]
    assert foreseen["diff"]["after"] == {name: {"name": name + "-new", "state": "running"}}


@pytest.mark.parametrize("length", [12, 64])
def test_ids(length: int, run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name)
    container_id = inspect(client, name)["Id"]
    done = run("container_state", expect="changed", name=container_id[:length], state="killed")
    assert done["actions"] == ["kill %s: state running → exited" % name]
    twice = run("container_state", expect="changed", name=[name, container_id], state="started")
    assert len(twice["actions"]) == len(twice["containers"]) == 1
    failed = run("container_state", expect="failed", name=container_id[:11], state="killed")
    assert failed["msg"] == (
        "Cannot bring it into the state killed: there is no container %s. The id of the container %s (%s) begins with "
        "%s, but an id needs at least 12 characters: give them, or the name. Nothing was changed."
        % (container_id[:11], name, container_id[:23], container_id[:11])
    )


def test_missing_names_are_all_told_and_nothing_is_touched(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name)
    options = {"name": [name + "-a", name, name + "-b"], "state": "stopped"}
    failed = run("container_state", expect="failed", **options)
    assert "there are no containers %s-a, %s-b" % (name, name) in failed["msg"]
    assert "Nothing was changed." in failed["msg"]
    assert [container["Name"] for container in failed["containers"]] == ["/" + name]
    foreseen = run("container_state", check=True, warnings=True, expect="changed", **options)
    assert foreseen["warnings"] == [ASSUMED % (name + "-a"), ASSUMED % (name + "-b")]
    assert foreseen["actions"] == [
        "stop %s: state running → exited" % name,
        "stop %s-a: no container of this name yet" % name,
        "stop %s-b: no container of this name yet" % name,
    ]
    assert status(client, name) == "running"
    done = run("container_state", expect="changed", name=[name + "-a", name], state="absent", force=True)
    assert verbs(done) == [REMOVE]


def test_no_names_are_no_containers(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name)
    assert run("container_state", expect="ok", name=[], state="absent")["containers"] == []
    assert status(client, name) == "running"


def test_what_can_not_be_done_for_one_touches_none(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name + "-a")
    create(client, image, name + "-b", "created")
    create(client, image, name + "-c", "created")
    for check in (True, False):
        failed = run(
            "container_state",
            check=check,
            expect="failed",
            name=[name + "-a", name + "-b", name + "-c"],
            state="paused",
        )
        assert name + "-b" in failed["msg"] and name + "-c" in failed["msg"]
        assert status(client, name + "-a") == "running"


def test_order_and_diff_of_several(run: Any, client: Any, image: str, name: str) -> None:
    names = [name + letter for letter in "cab"]
    for each in names:
        create(client, image, each, "created")
    done = run("container_state", expect="changed", name=names, state="started")
    assert [action.split()[1] for action in done["actions"]] == [each + ":" for each in names]
    assert [container["Name"] for container in done["containers"]] == ["/" + each for each in names]
    assert done["diff"]["before"] == {each: {"state": "created"} for each in names}
    assert done["diff"]["after"] == {each: {"state": "running"} for each in names}
    assert "container" not in done


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({"label": "app=shop"}, "ab"),
    ({"label": ["app=shop", "tier"]}, "b"),
    ({"label": {"app": "shop", "tier": "db"}}, "b"),
    ({"label": {"app": "shop", "tier": "web"}}, ""),
    ({"label": {"tier": None}}, "b"),
    ({"name": "^NAMEa$"}, "a"),
    ({"name": ["NAMEa", "NAMEc"]}, "ac"),
    ({"status": "created"}, "c"),
    ({"status": ["running", "exited"], "name": "NAME"}, "abd"),
    ({"status": "exited", "exited": 1}, "d"),
    ({"exited": [1, "2"], "name": "NAME"}, "d"),
    ({"exited": 7}, ""),
    ({"ancestor": "IMAGE", "label": "app"}, "ab"),
    ({"ancestor": "nowhere/nothing"}, ""),
    ({"network": "none", "name": "NAME"}, "d"),
    ({"volume": "/data"}, "b"),
    ({"id": "ID", "name": "NAME"}, "c"),
    ({"before": "NAMEb"}, "a"),
    ({"since": "NAMEb"}, "cd"),
    ({"health": "starting", "name": "NAME"}, "a"),
    ({"health": "healthy", "name": "NAME"}, "b"),
    ({"publish": "18377"}, "a"),
    ({"expose": "9999/tcp"}, "a"),
    ({"is-task": True}, ""),
    ({"is-task": "false", "label": "app"}, "ab"),
]


def test_filters(run: Any, zoo: dict[str, str]) -> None:
    """Each filter, alone or with others, and the letters of the matching containers."""
    found = []
    for filters, _expected in FILTERS:
        result = run("container_state", check=True, state="absent", filters=filled(filters, zoo), force=True)
        names = [container["Name"].lstrip("/") for container in result["containers"]]
        assert [action.split()[1] for action in result["actions"]] == [name + ":" for name in names]
        found.append((filters, "".join(name[len(zoo["NAME"]) :] for name in names)))
    assert found == FILTERS


def filled(filters: dict[str, Any], words: dict[str, str]) -> dict[str, Any]:
    def one(value: Any) -> Any:
        for word, text in words.items():
            value = value.replace(word, text) if isinstance(value, str) else value
        return value

    return {
        key: [one(item) for item in value] if isinstance(value, list) else one(value) for key, value in filters.items()
    }


@pytest.fixture
def zoo(client: Any, image: str, name: str) -> dict[str, str]:
    """Four containers: a and b are running, c is created, d exited with 1. b is healthy."""
    port = {"9999/tcp": 18377}
    a: dict[str, Any] = {"labels": {"app": "shop"}, "ports": [9999]}
    b: dict[str, Any] = {"labels": {"app": "shop", "tier": "db"}, "volumes": ["/data"]}
    create(client, image, name + "a", host={"port_bindings": port}, script="sleep 1000", **a)
    create(client, image, name + "b", **b)
    create(client, image, name + "c", "created")
    create(client, image, name + "d", "exited 1", host={"network_mode": "none"})
    eventually(lambda: inspect(client, name + "b")["State"]["Health"]["Status"] == "healthy")
    return {"NAME": name, "IMAGE": image, "ID": inspect(client, name + "c")["Id"][:14]}


def test_a_value_that_the_engine_refuses(run: Any) -> None:
    failed = run("container_state", expect="failed", filters={"status": "sleepy"}, state="absent")
    assert "Cannot list the containers: the engine answered 400" in failed["msg"]
    assert "sleepy" in failed["msg"]


def test_filters_act(run: Any, client: Any, image: str, name: str) -> None:
    for letter, label in (("a", "one"), ("b", "two"), ("c", "one")):
        create(client, image, name + letter, "created", labels={name: label})
    options = {"filters": {"label": {name: "one"}}, "state": "absent"}
    foreseen = run("container_state", check=True, expect="changed", **options)
    done = run("container_state", expect="changed", **options)
    assert done["actions"] == foreseen["actions"] and len(done["actions"]) == 2
    assert [status(client, name + letter) for letter in "abc"] == [None, "created", None]
    run("container_state", expect="ok", **options)


def test_all(run: Any, client: Any, image: str, name: str) -> None:
    for letter, start in (("a", "created"), ("b", "running"), ("c", "exited 0")):
        create(client, image, name + letter, start)
    foreseen = run("container_state", check=True, expect="changed", all=True, state="absent", force=True)
    assert len(client.containers(all=True)) == 3
    done = run("container_state", expect="changed", all=True, state="absent", force=True)
    assert done["actions"] == foreseen["actions"] and len(done["actions"]) == 3
    assert client.containers(all=True) == []
    assert run("container_state", expect="ok", all=True, state="absent")["containers"] == []


@pytest.mark.parametrize("state", ["started", "restarted"])
def test_a_start_that_does_not_last(state: str, run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "created", script="echo out of milk; exit 3")
    failed = run("container_state", expect="failed", name=name, state=state)
    assert "The container %s is not %s: it is exited, with exit code 3" % (name, state) in failed["msg"]
    assert "Its last lines: out of milk" in failed["msg"]
    assert "What was done stays: start %s" % name in failed["msg"]
    assert failed["changed"] is True and verbs(failed) == [START]
    assert failed["diff"]["before"] == {name: {"state": "created"}}
    assert failed["diff"]["after"] == {name: {"state": "exited"}}
    assert failed["container"]["State"]["ExitCode"] == 3


def test_a_start_that_ends_well(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "created", script="exit 0")
    run("container_state", expect="changed", name=name, state="started")
    assert status(client, name) == "exited"


def test_a_start_that_the_engine_refuses(run: Any, client: Any, image: str, name: str) -> None:
    client.create_container(image, ["/no/such/program"], name=name)
    failed = run("container_state", expect="failed", name=name, state="started")
    assert "Cannot start the container %s: the engine answered 400" % name in failed["msg"]
    assert failed["changed"] is False and failed["actions"] == []
    assert "What was done" not in failed["msg"]


def test_one_that_is_restarted_again_and_again(run: Any, client: Any, image: str, name: str) -> None:
    script, policy = "echo out of milk; exit 3", {"Name": "always", "MaximumRetryCount": 0}
    create(client, image, name, script=script, host={"restart_policy": policy})
    # The engine waits longer before each restart: after a few, it waits most of the time.
    eventually(lambda: inspect(client, name)["RestartCount"] > 4 and status(client, name) == "restarting")
    for check in (True, False):
        failed = run("container_state", check=check, expect="failed", name=name, state="started")
        assert "it is restarting, with exit code 3" in failed["msg"] and "out of milk" in failed["msg"]
    paused = run("container_state", expect="failed", name=name, state="paused")
    assert "it is not running, but restarting" in paused["msg"]
    run("container_state", expect="changed", name=name, state="stopped")
    assert status(client, name) == "exited"
    run("container_state", expect="changed", name=name, state="absent")
    assert inspect(client, name) is None


@pytest.mark.parametrize("state", ["stopped", "killed"])
def test_a_restart_policy_does_not_undo_it(state: str, run: Any, client: Any, image: str, name: str) -> None:
    policy = {"Name": "always", "MaximumRetryCount": 0}
    create(client, image, name, script="sleep 1000", host={"restart_policy": policy}, stop_signal="KILL")
    run("container_state", expect="changed", name=name, state=state)
    assert status(client, name) == "exited"
    run("container_state", expect="ok", name=name, state=state)


def test_healthy_fails_as_soon_as_it_is_known(run: Any, client: Any, image: str, name: str) -> None:
    """There is no time limit that could end the wait."""
    create(client, image, name + "-ends", "created", script="echo out of milk; exit 3")
    failed = run("container_state", expect="failed", name=name + "-ends", state="healthy", wait_timeout=0)
    assert "exit code 3" in failed["msg"] and "out of milk" in failed["msg"]
    client.create_container(
        image,
        ["sleep", "1000"],
        name=name + "-sick",
        healthcheck={"test": ["CMD-SHELL", "echo no milk; exit 1"], "interval": 100_000_000, "retries": 2},
    )
    failed = run("container_state", expect="failed", name=name + "-sick", state="healthy", wait_timeout=0)
    assert "The container %s-sick is unhealthy" % name in failed["msg"] and "no milk" in failed["msg"]
    assert "What was done stays: start" in failed["msg"] and failed["changed"] is True
    client.create_container(image, ["sleep", "1000"], name=name + "-none")
    failed = run("container_state", expect="failed", name=name + "-none", state="healthy")
    assert "has no health check" in failed["msg"] and failed["changed"] is False
    assert status(client, name + "-none") == "created"


def test_a_failure_of_some(run: Any, client: Any, image: str, name: str) -> None:
    """Each failed container is named with its reason, the others are changed, and completed steps are kept."""
    create(client, image, name + "-a", "created")
    client.create_container(image, ["/no/such/program"], name=name + "-b")
    create(client, image, name + "-c", "created", script="echo out of milk; exit 3")
    create(client, image, name + "-d", "created")
    names = [name + "-" + letter for letter in "abcd"]
    failed = run("container_state", expect="failed", name=names, state="started")
    assert failed["msg"].startswith("2 of 4 containers failed. ")
    assert "Cannot start the container %s-b: " % name in failed["msg"]
    assert "The container %s-c is not started: it is exited, with exit code 3" % name in failed["msg"]
    assert [action.split()[1] for action in failed["actions"]] == [name + "-a:", name + "-c:", name + "-d:"]
    assert failed["changed"] is True
    assert [container["State"]["Status"] for container in failed["containers"]] == [
        "running",
        "created",
        "exited",
        "running",
    ]
    assert failed["diff"]["after"] == {
        name + "-a": {"state": "running"},
        name + "-c": {"state": "exited"},
        name + "-d": {"state": "running"},
    }


def test_a_failure_half_way(run: Any, client: Any, image: str, name: str, meanwhile: Any) -> None:
    """The step before the failed one is reported, and kept."""
    client.create_container(image, ["/no/such/program"], name=name)
    options = {"name": name, "new_name": name + "-new", "state": "started"}
    failed = run("container_state", expect="failed", **options)
    assert "What was done stays: rename %s" % name in failed["msg"]
    assert failed["changed"] is True and verbs(failed) == ["rename"]
    assert failed["diff"]["after"] == {name: {"state": "created", "name": name + "-new"}}
    assert failed["container"]["Name"] == "/%s-new" % name


# The SDK forgets to close a socket on which nothing listens.


def test_one_after_another(run: Any, client: Any, image: str, name: str) -> None:
    names = [name + "-%d" % number for number in range(3)]
    for each in names:
        create(client, image, each, script="trap '' TERM; touch /ready; while true; do sleep 0.05; done")
        eventually(lambda each=each: inspect(client, each)["State"]["Health"]["Status"] == "healthy")
    with events(client, *names) as seen:
        run("container_state", expect="changed", name=names, state="stopped", stop_timeout=1, parallel=1)
    assert [event for event in seen if event.startswith(("kill", "die"))] == ["kill 15", "kill 9", "die 137"] * 3


def test_parallel(run: Any, client: Any, image: str, name: str) -> None:
    """All get the signal before any of them ends."""
    client.create_volume(name)
    names = [name + "-%d" % number for number in range(3)]
    for each in names:
        script = "trap 'touch /asked/%s' TERM; touch /ready; until [ $(ls /asked | wc -l) = 3 ]; do sleep 0.05; done"
        create(client, image, each, script=script % each, host={"binds": [name + ":/asked"]})
        eventually(lambda each=each: inspect(client, each)["State"]["Health"]["Status"] == "healthy")
    run("container_state", expect="changed", name=names, state="stopped", stop_timeout=36_000, parallel=8)
    assert [inspect(client, each)["State"]["ExitCode"] for each in names] == [0, 0, 0]


def test_calls(run: Any, client: Any, image: str, name: str, asked: Any) -> None:
    """One inspect per name; one listing, and no second inspect of unchanged containers."""
    names = [name + "-%d" % number for number in range(5)]
    for each in names:
        create(client, image, each, "created", labels={"calls": name})
    with asked() as one:
        run("container_state", expect="ok", name=names[0], state="stopped", api_version="1.41")
    assert one == ["GET /containers/%s/json" % names[0]]
    with asked() as several:
        run("container_state", expect="ok", name=names, state="stopped", api_version="1.41")
    assert sorted(several) == ["GET /containers/%s/json" % each for each in names]
    filters = {"label": "calls=" + name}
    with asked() as listed:
        run("container_state", expect="ok", filters=filters, state="stopped", api_version="1.41")
    assert listed[0] == "GET /containers/json"
    assert len(listed) == 1 + 5 and listed.count("GET /containers/json") == 1
    with asked() as checked:
        run("container_state", check=True, expect="changed", filters=filters, state="started", api_version="1.41")
    assert sorted(checked) == sorted(listed)
    with asked() as started:
        run("container_state", expect="changed", filters=filters, state="started", api_version="1.41")
    assert len(started) == 2 + 5 * 3, "a look for replacements, and an inspect, a start and an inspect each"
    with asked() as removed:
        run("container_state", expect="changed", name=names, state="absent", force=True, api_version="1.41")
    assert len(removed) == 1 + 5 * 3, "a look for replacements; an inspect, a removal and a look after it each"
    with asked() as pinged:
        run("container_state", expect="ok", name=names[0], state="absent")
    # The last look: it may have got its name back in between.
    gone = [names[0], names[0] + ".wharf-new", names[0] + ".wharf-old", names[0]]
    assert pinged == ["GET /_ping", *("GET /containers/%s/json" % one for one in gone)]


def test_through_ansible(ansible: Any, client: Any, image: str, name: str) -> None:
    """The module, run by Ansible."""
    create(client, image, name, "paused")
    options = {"name": name, "state": "stopped"}
    foreseen = ansible("container_state", check=True, diff=True, expect="changed", **options)
    assert status(client, name) == "paused"
    done = ansible("container_state", diff=True, expect="changed", **options)
    assert done["actions"] == foreseen["actions"] and verbs(done) == [UNPAUSE, STOP]
    assert done["diff"] == foreseen["diff"]
    assert ansible("container_state", expect="ok", **options)["actions"] == []
    failed = ansible("container_state", expect="failed", name=[name, name + "-no"], state="paused")
    assert "there is no container %s-no" % name in failed["msg"]


def test_ad_hoc(play: Any, client: Any, image: str, name: str) -> None:
    """The command lines of the documentation."""
    for letter in "ab":
        create(client, image, name + letter, "created", labels={"app": name})
    argv = ["ansible", "localhost", "-i", "localhost,", "-c", "local", "-m", "wharf.docker.container_state", "-a"]
    started = play([*argv, "name=%sa,%sb state=started stop_timeout=1" % (name, name)]).results[0]["result"]
    assert verbs(started) == [START, START]
    killed = play([*argv, "name=%sa state=killed signal=9" % name]).results[0]["result"]
    assert verbs(killed) == [KILL]
    removed = play([*argv, "filters='label=app=%s,status=exited' state=absent" % name]).results[0]["result"]
    assert removed["actions"] == ["remove %sa: state exited → absent" % name]
    started = play([*argv, "filters=label=app=%s state=restarted stop_timeout=0" % name]).results[0]["result"]
    assert verbs(started) == [RESTART]


def test_the_beginning_of_several_ids(run: Any, client: Any, image: str, name: str, calls: Any) -> None:
    """Each task with a name explains an ambiguous id; it costs no request if the container is found."""
    ids: dict[str, list[str]] = {}
    while not any(len(found) > 1 for found in ids.values()):
        made = client.create_container(image, ["true"], name="%s-%d" % (name, sum(map(len, ids.values()))))["Id"]
        ids.setdefault(made[:2], []).append(made)
    letters = next(letters for letters, found in ids.items() if len(found) > 1)
    names = sorted(client.inspect_container(one)["Name"][1:] for one in ids[letters])
    for module, options in (
        ("container_state", {"name": letters, "state": "started"}),
        ("container_exec", {"container": letters, "command": "true"}),
        ("container_logs", {"name": letters}),
        ("container_export", {"name": letters, "dest": "/tmp/x.tar"}),
        ("container_run", {"name": name, "image": image, "network_mode": "container:" + letters}),
    ):
        words = run(module, expect="failed", **options)["msg"]
        assert "The ids of several begin with %s: " % letters in words
        assert "Give more characters of the id, or the name." in words
        assert all(one in words for one in names)
    with calls() as made:
        run("container_state", expect="ok", name=name + "-0", state="stopped", api_version="1.41")
        run("container_state", expect="ok", name=name, state="absent", api_version="1.41")
    gone = [name, name + ".wharf-new", name + ".wharf-old", name]
    assert made == ["GET /containers/%s/json" % one for one in (name + "-0", *gone)]


@pytest.mark.parametrize("start", ["running", "paused", "created"])
def test_absent_and_somebody_else_is_faster(
    start: str, run: Any, client: Any, image: str, name: str, just_before: Any
) -> None:
    create(client, image, name, start)
    create(client, image, name + "-b")
    identity = inspect(client, name)["Id"]
    call = {"running": "POST /containers/%s/stop", "paused": "POST /containers/%s/unpause"}
    just_before(call.get(start, "DELETE /containers/%s") % identity, lambda: client.remove_container(name, force=True))
    done = run("container_state", name=[name, name + "-b"], state="absent")
    assert done["containers"] == []
    assert [action.split()[1] for action in done["actions"] if name + ":" not in action] == [name + "-b:"] * 2
    assert set(done["diff"]["before"]) >= {name + "-b"}
    run("container_state", expect="ok", name=[name, name + "-b"], state="absent")


@pytest.mark.parametrize("state", ["stopped", "killed"])
def test_one_that_removes_itself_is_faster(
    state: str, run: Any, client: Any, image: str, name: str, just_before: Any
) -> None:
    create(client, image, name, host={"auto_remove": True})
    just_before("POST /containers/%s/" % inspect(client, name)["Id"], lambda: client.remove_container(name, force=True))
    done = run("container_state", expect="ok", name=name, state=state)
    assert done["container"] == {} and done["diff"] == {"before": {}, "after": {}}


@pytest.mark.parametrize("state", ["started", "restarted", "paused", "healthy", "exited", "stopped", "unpaused"])
def test_one_of_two_vanishes(
    state: str, run: Any, client: Any, image: str, name: str, just_before: Any, meanwhile: Any
) -> None:
    start = {"started": "created", "healthy": "created", "unpaused": "paused"}.get(state, "running")
    for letter in "ab":
        create(client, image, name + letter, start)
    identity = inspect(client, name + "a")["Id"]
    call = "GET /containers/%s/json" if state == "exited" else "POST /containers/%s/"
    just_before(call % identity, lambda: client.remove_container(name + "a", force=True))
    if state == "exited":
        meanwhile(0.5, lambda: client.kill(name + "b", "TERM"))
    failed = run("container_state", expect="failed", name=[name + "a", name + "b"], state=state)
    assert failed["msg"].startswith("1 of 2 containers failed. ") and name + "a" in failed["msg"]
    assert [container["Name"] for container in failed["containers"]] == ["/%sb" % name]
    assert failed["changed"] is (state != "exited")
    if state == "exited":
        assert set(failed["exit_codes"]) == {name + "b"}


@pytest.mark.parametrize("state", ["healthy", "exited"])
def test_a_wait_that_takes_too_long(state: str, run: Any, client: Any, image: str, name: str) -> None:
    """The result has the same keys as a successful one."""
    check = {"test": ["CMD", "false"], "interval": 100_000_000_000, "retries": 100}
    client.create_container(image, ["sleep", "1000"], name=name, healthcheck=check, stop_signal="KILL")
    client.start(name)
    options = {"name": name, "state": state, "wait_timeout": 0.2}
    foreseen = run("container_state", check=True, expect="ok", **options)
    failed = run("container_state", expect="failed", **options)
    assert " 0.2 seconds" in failed["msg"] and failed["msg"].count(name) == 1
    assert lasting(failed["container"]) == lasting(inspect(client, name))
    assert set(failed) - {"failed", "msg"} == set(foreseen) - {"containers"}
    several = run("container_state", expect="failed", **{**options, "name": [name, name]})
    assert lasting(several["container"]) == lasting(inspect(client, name))
    filtered = {"state": state, "filters": {"name": name}, "wait_timeout": 0.2}
    several = run("container_state", expect="failed", **filtered)
    assert len(several["containers"]) == 1 and "container" not in several


def test_headers_of_a_diff(play: Any, run: Any, client: Any, image: str, name: str) -> None:
    """They show the object's name, even if the task gives an id."""
    run("container_run", name=name, image=image, command="sleep 1000", stop_signal="KILL")
    identity = inspect(client, name)["Id"][:12]
    argv = ["ansible", "localhost", "-i", "localhost,", "-c", "local", "--diff", "-m"]
    for module, options, header in (
        ("container_state", "name=%s,%s state=stopped" % (identity, name), name),
        ("container_state", "filters=name=%s state=started" % name, name),
        ("container_run", "name=%s memory=64m" % identity, name),
        ("container_exec", "name=%s command=true" % identity, name),
        ("container_run", "name=%s state=absent" % identity, name),
        ("network", "name=%s-n" % name, name + "-n"),
        ("volume", "name=%s-v" % name, name + "-v"),
        ("prune", "networks=true", "what is not used"),
    ):
        played = play([*argv, "wharf.docker." + module, "-a", options])
        diff = played.results[0]["result"]["diff"]
        assert (diff["before_header"], diff["after_header"]) == (header, header)
        if diff["before"] != diff["after"]:
            assert "--- before: %s\n" % header in played.output and "+++ after: %s\n" % header in played.output


def test_a_restart_that_could_not_come_back(run: Any, client: Any, image: str, name: str) -> None:
    """If the container whose network it uses is stopped, it keeps running, and so do the task's other containers."""
    base = {"image": image, "command": ["sleep", "1000"], "stop_signal": "KILL"}
    run("container_run", name=name + "-used", **base)
    run("container_run", name=name, network_mode="container:%s-used" % name, **base)
    run("container_run", name=name + "-other", **base)
    client.stop(name + "-used", timeout=0)
    before = {one: client.inspect_container(one)["State"] for one in (name, name + "-other")}
    task = {"name": [name + "-other", name], "state": "restarted"}
    foreseen = run("container_state", check=True, expect="changed", warnings=True, **task)
    assert name in foreseen["warnings"][0]
    failed = run("container_state", expect="failed", **task)
    assert "network_mode" in failed["msg"] and "nothing was touched" in failed["msg"]
    assert {one: client.inspect_container(one)["State"] for one in before} == before
    client.start(name + "-used")
    run("container_state", expect="changed", **task)
