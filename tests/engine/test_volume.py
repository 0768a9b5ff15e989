# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""volume: every option four ways, volumes in use, what happens to the data, and wrong values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._apply import create_only as _create_only
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    EngineError,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry
from ansible_collections.wharf.docker.plugins.module_utils._tasks import volume as _volume

MEMORY = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}


@dataclass(frozen=True)
class Row:
    """An option with two values, and those at ``key`` of the inspect document. ``also``: further options."""

    option: str
    first: Any
    second: Any
    key: str
    shows: tuple[Any, Any]
    also: dict[str, Any] = field(default_factory=dict)


ROWS = (
    Row(
        "driver_options",
        MEMORY,
        {"o": "size=2m"},
        "Options",
        (MEMORY, {**MEMORY, "o": "size=2m"}),
    ),
    Row("labels", {"a": 1, "b": None}, {"a": True}, "Labels", ({"a": "1", "b": ""}, {"a": "true", "b": ""})),
)

# Options without a row: the test that covers each.
ELSEWHERE = {
    "volume_name": "test_the_name",
    "state": "test_states",
    "driver": "test_driver",
    "recreate": "test_recreate",
}


def test_every_option_has_a_row() -> None:
    assert {row.option for row in ROWS} | set(ELSEWHERE) == set(_volume.OPTIONS)
    assert set(ELSEWHERE.values()) <= set(globals())


def volumes(client: Any) -> set[str]:
    return {found["Name"] for found in client.volumes()["Volumes"] or []}


def file_in(client: Any, engine: Any, name: str) -> Path:
    """A file in a volume, through the engine's mount namespace."""
    path = client.inspect_volume(name)["Mountpoint"]
    return Path("/proc/%d/root%s/kept" % (engine.pid, path))


def use(client: Any, image: str, name: str, volume: str) -> str:
    """Create a container with the volume, without starting it. Returns its id."""
    config = client.create_host_config(binds=["%s:/data" % volume])
    made = client.create_container(image, ["sleep", "1000"], name=name, stop_signal="KILL", host_config=config)
    return str(made["Id"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.option)
def test_option(row: Row, run: Any, client: Any, engine: Any, name: str) -> None:
    first = {"name": name, "recreate": "options-changed", **row.also, row.option: row.first}
    second = {"name": name, "recreate": "options-changed", **row.also, row.option: row.second}

    foreseen = run("volume", check=True, expect="changed", **first)
    assert foreseen["volume"] == {}
    assert name not in volumes(client)
    done = run("volume", expect="changed", **first)
    assert done["actions"] == foreseen["actions"] == ["create %s: no volume of this name" % name]
    assert done["diff"] == foreseen["diff"]
    assert done["diff"]["before"]["state"] == "absent"
    assert row.option in done["diff"]["after"]
    before = client.inspect_volume(name)
    assert done["volume"] == before
    assert before[row.key] == row.shows[0]
    file_in(client, engine, name).touch()
    assert run("volume", expect="ok", **first)["volume"] == before
    assert run("volume", check=True, expect="ok", **first)["actions"] == []
    assert run("volume", expect="ok", name=name)["actions"] == []

    kept = run("volume", expect="ok", warnings=True, **{**second, "recreate": "never"})
    assert len(kept["warnings"]) == 1
    assert "The volume %s is not as described (%s." % (name, row.option) in kept["warnings"][0]
    assert kept["diff"] == {"before": {}, "after": {}}
    foreseen = run("volume", check=True, expect="changed", **second)
    assert set(foreseen["diff"]["after"]) == {row.option}
    assert foreseen["volume"] == before == client.inspect_volume(name)
    assert file_in(client, engine, name).exists()
    changed = run("volume", expect="changed", **second)
    assert changed["actions"] == foreseen["actions"]
    assert len(changed["actions"]) == 1
    assert changed["actions"][0].startswith("recreate %s: %s" % (name, row.option))
    assert changed["diff"] == foreseen["diff"]
    assert client.inspect_volume(name)[row.key] == row.shows[1]
    assert not file_in(client, engine, name).exists()
    assert run("volume", expect="ok", **second)["actions"] == []
    assert volumes(client) >= {name}
    assert not [found for found in volumes(client) if found.startswith("wharf-trial")]


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("there", [True, False])
def test_states(state: str, there: bool, run: Any, client: Any, name: str) -> None:
    if there:
        client.create_volume(name)
    changes = there != (state == "present")
    expect = "changed" if changes else "ok"
    foreseen = run("volume", check=True, expect=expect, name=name, state=state)
    assert (name in volumes(client)) is there
    done = run("volume", expect=expect, name=name, state=state)
    for key in ("changed", "actions", "diff"):
        assert done[key] == foreseen[key]
    if changes:
        assert done["diff"]["after"]["state"] == state
    assert (name in volumes(client)) is (state == "present")
    assert bool(done["volume"]) is (state == "present")
    assert run("volume", expect="ok", name=name, state=state)["actions"] == []


@pytest.mark.parametrize("recreate", ["never", "options-changed", "always"])
@pytest.mark.parametrize("differs", [True, False])
def test_recreate(recreate: str, differs: bool, run: Any, client: Any, engine: Any, name: str) -> None:
    client.create_volume(name, labels={"a": "1", "b": "2"})
    file_in(client, engine, name).touch()
    labels = {"a": "2" if differs else "1"}
    spec = {"name": name, "recreate": recreate, "labels": labels}
    anew = recreate == "always" or (recreate == "options-changed" and differs)
    warns = recreate == "never" and differs
    foreseen = run("volume", check=True, warnings=warns, expect="changed" if anew else "ok", **spec)
    assert file_in(client, engine, name).exists()
    done = run("volume", warnings=warns, expect="changed" if anew else "ok", **spec)
    for key in ("actions", "diff"):
        assert done[key] == foreseen[key]
    assert file_in(client, engine, name).exists() is not anew
    assert bool(done.get("warnings")) is warns
    if anew:
        cause = "labels.a 1 → 2" if differs else "recreate is requested"
        assert done["actions"] == ["recreate %s: %s" % (name, cause)]
        assert client.inspect_volume(name)["Labels"] == {**labels, "b": "2"}
    assert volumes(client) >= {name}
    assert not [found for found in volumes(client) if found.startswith("wharf-trial")]


@pytest.mark.exhaustive  # An engine looks for the driver for 15 seconds, twice.
def test_driver(run: Any, client: Any, engine: Any, name: str) -> None:
    """A driver that the engine does not have: nothing is created, and nothing is lost."""
    message = run("volume", expect="failed", name=name, driver="nothing")["msg"]
    for word in ("create the volume %s" % name, 'plugin "nothing" not found', "'docker info' lists them"):
        assert word in message
    assert name not in volumes(client)

    client.create_volume(name, driver_opts=MEMORY)
    file_in(client, engine, name).touch()
    spec = {"name": name, "driver": "nothing"}
    kept = run("volume", expect="ok", warnings=True, **spec)
    assert "driver local → nothing" in kept["warnings"][0]
    foreseen = run("volume", check=True, expect="changed", recreate="options-changed", **spec)
    assert foreseen["actions"] == ["recreate %s: driver local → nothing" % name]
    assert "not found" in run("volume", expect="failed", recreate="options-changed", **spec)["msg"]
    assert file_in(client, engine, name).exists()
    assert client.inspect_volume(name)["Options"] == MEMORY


def test_the_data_stays_where_the_engine_refuses_the_new_one(run: Any, client: Any, engine: Any, name: str) -> None:
    client.create_volume(name)
    file_in(client, engine, name).touch()
    spec = {"name": name, "recreate": "options-changed", "driver_options": {"nothing": "1"}}
    before = volumes(client)
    result = run("volume", expect="failed", **spec)
    assert "Cannot create the volume %s: the engine answered 400" % name in result["msg"]
    assert "nothing" in result["msg"]
    assert file_in(client, engine, name).exists()
    assert volumes(client) == before


def test_the_way_back_is_an_empty_one(engine: Any, client: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine accepts the trial, and then fails: the old volume is recreated, and the data loss is reported."""
    client.create_volume(name, labels={"a": "1"})
    create, made = _create_only.create, []

    def create_all_but_the_second(engine: Any, kind: str, name: str, body: Any, *rest: Any) -> Any:
        made.append(body["Name"])
        if len(made) == 2:
            raise EngineError("Cannot create the volume %s: it is Monday." % name)
        return create(engine, kind, name, body, *rest)

    monkeypatch.setattr(_create_only, "create", create_all_but_the_second)
    arguments = {"docker_host": engine.url, "name": name, "labels": {"a": "2"}, "recreate": "options-changed"}
    result = _task.call(_registry.task("volume"), arguments)
    assert result["msg"] == (
        "Cannot create the volume %s: it is Monday. There is a volume %s as it was described before, but an empty one: "
        "the data is gone." % (name, name)
    )
    assert made[0].startswith("wharf-trial-")
    assert made[1:] == [name, name]
    assert client.inspect_volume(name)["Labels"] == {"a": "1"}


@pytest.mark.parametrize("kind", ["running", "exited", "created"])
def test_a_volume_that_is_used(kind: str, run: Any, client: Any, image: str, name: str) -> None:
    client.create_volume(name)
    container = use(client, image, name + "-user", name)
    # The engine's filter also finds containers with a mount at a path of the volume's name.
    other = client.create_host_config(binds=["%s-other:/%s" % (name, name)])
    client.create_container(image, name=name + "-stranger", host_config=other)
    if kind != "created":
        client.start(container)
    if kind == "exited":
        client.stop(container)
    before = client.inspect_volume(name)
    for arguments, tried in (
        ({"state": "absent"}, "remove the volume %s"),
        ({"recreate": "always"}, "recreate the volume %s"),
        ({"recreate": "options-changed", "labels": {"a": "1"}}, "recreate the volume %s"),
    ):
        for check in (True, False):
            message = run("volume", check=check, expect="failed", name=name, **arguments)["msg"]
            assert message == (
                "Cannot %s: containers use it: %s-user (%s). Remove them first (a stopped one uses it too)."
                % (tried % name, name, kind)
            )
    assert client.inspect_volume(name) == before
    run("volume", expect="ok", name=name)
    client.remove_container(container, force=True)
    run("volume", expect="changed", name=name, state="absent")


def test_a_user_that_others_have_links_to(run: Any, client: Any, image: str, name: str) -> None:
    """The engine lists the names of links as well, and not always after the container's own name."""
    client.create_volume(name)
    used = use(client, image, name + "-user", name)
    link = client.create_host_config(links={name + "-user": "db"})
    linked = client.create_container(image, name=name + "-a", host_config=link)["Id"]
    message = run("volume", expect="failed", name=name, state="absent")["msg"]
    assert "containers use it: %s-user (created)." % name in message
    for container in (linked, used):
        client.remove_container(container)


def test_the_name(run: Any, client: Any, name: str) -> None:
    """The option's name as in docker_volume, and its alias; the beginning of a name does not match."""
    run("volume", expect="changed", volume_name=name)
    run("volume", expect="ok", name=name)
    run("volume", expect="ok", name=name[:5], state="absent")
    assert name in volumes(client)


def test_options_the_driver_refuses(run: Any, client: Any, name: str) -> None:
    message = run("volume", expect="failed", name=name, driver_options={"nothing": "1"})["msg"]
    assert message.startswith("Cannot create the volume %s: the engine answered 400" % name)
    assert name not in volumes(client)


def test_calls(run: Any, engine: Any, name: str) -> None:
    """A run without a change costs a ping and an inspect of the volume."""
    spec = {"volume_name": name, "labels": {"a": "1"}, "recreate": "options-changed"}
    run("volume", **spec)
    assert calls_of(engine, **spec) == ["GET /_ping", "GET /volumes/" + name]
    assert calls_of(engine, volume_name=name + "-none", state="absent") == ["GET /_ping", "GET /volumes/%s-none" % name]


def calls_of(engine: Any, **arguments: Any) -> list[str]:
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

    task = _registry.task("volume")
    validated = ArgumentSpecValidator(task.argument_spec()).validate({"docker_host": engine.url, **arguments})
    call = _task.Call(validated.validated_parameters, check_mode=False, diff_mode=False)
    assert task.run(call)["changed"] is False
    return call.engine.calls


def test_both_executions(run: Any, ansible: Any, client: Any, image: str, name: str) -> None:
    """The results with Ansible are the same in both executions."""
    spec = {"name": name, "labels": {"a": "2"}, "recreate": "options-changed"}
    run("volume", name=name, labels={"a": "1"})
    foreseen = run("volume", check=True, **spec)
    for check in (True, False):
        done = ansible("volume", check=check, diff=True, expect="changed", **spec)
        for key in ("actions", "diff", "changed"):
            assert done[key] == foreseen[key]
    assert ansible("volume", expect="ok", **spec)["volume"] == client.inspect_volume(name)
    use(client, image, name, name)
    refused = run("volume", expect="failed", name=name, state="absent")
    assert ansible("volume", expect="failed", name=name, state="absent")["msg"] == refused["msg"]
