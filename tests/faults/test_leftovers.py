# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an interrupted replacement left, as every task that names the container meets it, and foreign ones beside it."""

from __future__ import annotations

from typing import Any

import dies_after
import pytest

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL", "restart_policy": "always"}


def standing(client: Any, name: str) -> dict[str, str]:
    found = client.containers(all=True, filters={"name": name})
    return {one["Names"][0][1 + len(name) :]: one["State"] for one in found}


@pytest.fixture
def spec(image: str, name: str) -> dict[str, Any]:
    return {"name": name, "image": image, **SLEEP}


@pytest.fixture
def interrupted(spec: dict[str, Any], run: Any, client: Any, engine: Any, name: str) -> str:
    """A replacement that was killed while its new container runs and nothing has the name; returns the old one's id."""
    for after in range(1, 20):
        old = str(run("container_run", **spec, env={"N": "1"})["container"]["Id"])
        assert dies_after.dies(after, "container_run", {"docker_host": engine.url, **spec, "env": {"N": "2"}})
        left = standing(client, name)
        if left == {".wharf-old": "exited", ".wharf-new": "running"}:
            return old
        for found in left:
            client.remove_container(name + found, force=True)
    raise AssertionError("no step leaves a running NAME.wharf-new without NAME")


def test_a_prune_leaves_them(interrupted: str, run: Any, client: Any, name: str) -> None:
    before = standing(client, name)
    assert run("prune", expect="ok", containers=True)["removed"] == []
    assert standing(client, name) == before


def test_a_prune_leaves_an_old_one_that_is_alone(interrupted: str, run: Any, client: Any, name: str) -> None:
    client.remove_container(name + ".wharf-new", force=True)
    assert run("prune", expect="ok", containers=True)["removed"] == []
    assert standing(client, name) == {".wharf-old": "exited"}


def test_a_prune_leaves_those_that_are_kept(spec: dict[str, Any], run: Any, client: Any, name: str) -> None:
    for number in "123":
        run("container_run", **spec, keep_previous=2, env={"N": number})
    assert run("prune", expect="ok", containers=True)["removed"] == []
    assert set(standing(client, name)) == {"", ".wharf-previous-1", ".wharf-previous-2"}


@pytest.mark.parametrize("module", ["container_run", "container_state"])
def test_absent_removes_them(module: str, interrupted: str, run: Any, client: Any, name: str) -> None:
    foreseen = run(module, check=True, expect="changed", name=name, state="absent")
    done = run(module, expect="changed", name=name, state="absent")
    assert done["actions"] == foreseen["actions"]
    assert standing(client, name) == {}
    assert run(module, expect="ok", name=name, state="absent")["actions"] == []


@pytest.mark.parametrize("module", ["container_run", "container_state"])
def test_absent_removes_an_old_one_that_is_alone(
    module: str, interrupted: str, run: Any, client: Any, name: str
) -> None:
    client.remove_container(name + ".wharf-new", force=True)
    run(module, check=True, expect="changed", name=name, state="absent")
    run(module, expect="changed", name=name, state="absent")
    assert standing(client, name) == {}


@pytest.mark.parametrize(
    ("state", "status"), [("started", "running"), ("stopped", "exited"), ("restarted", "running"), ("paused", "paused")]
)
def test_a_state_brings_the_old_one_back(
    state: str, status: str, interrupted: str, run: Any, client: Any, name: str
) -> None:
    foreseen = run("container_state", check=True, expect="changed", name=name, state=state)
    done = run("container_state", expect="changed", name=name, state=state)
    assert done["actions"] == foreseen["actions"]
    assert standing(client, name) == {"": status}
    assert client.inspect_container(name)["Id"] == interrupted


@pytest.mark.parametrize(
    ("module", "also"),
    [("container_exec", {"command": ["true"]}), ("container_logs", {}), ("container_export", {"dest": "x.tar"})],
)
def test_a_reader_tells_of_them(
    module: str, also: dict[str, Any], interrupted: str, run: Any, client: Any, name: str, tmp_path: Any
) -> None:
    """It names what is there, instead of saying that there is no such container."""
    if "dest" in also:
        also = {"dest": str(tmp_path / "x.tar")}
    before = standing(client, name)
    result = run(module, expect="failed", name=name, **also)
    assert name + ".wharf-old" in result["msg"] or "interrupted" in result["msg"], result["msg"]
    assert standing(client, name) == before


def test_an_old_one_that_is_alone_comes_back(
    interrupted: str, spec: dict[str, Any], run: Any, client: Any, name: str
) -> None:
    """Its half-made successor was removed by hand: it is the only container of that name."""
    client.remove_container(name + ".wharf-new", force=True)
    foreseen = run("container_run", check=True, expect="changed", **spec, env={"N": "1"})
    done = run("container_run", expect="changed", **spec, env={"N": "1"})
    assert done["actions"] == foreseen["actions"]
    assert standing(client, name) == {"": "running"}
    found = client.inspect_container(name)
    assert (found["Id"], found["HostConfig"]["RestartPolicy"]["Name"]) == (interrupted, "always")
    run("container_run", expect="ok", **spec, env={"N": "1"})


@pytest.fixture
def foreign(client: Any, image: str, name: str) -> str:
    """Another's container that runs under the name of one that is kept."""
    client.create_container(image, ["sleep", "1000"], name=name + ".wharf-previous-1", stop_signal="KILL")
    client.start(name + ".wharf-previous-1")
    return str(client.inspect_container(name + ".wharf-previous-1")["Id"])


def test_a_foreign_previous_one_is_found_beforehand(
    spec: dict[str, Any], foreign: str, run: Any, client: Any, name: str
) -> None:
    old = run("container_run", **spec, env={"N": "1"})["container"]
    for check in (True, False):
        result = run("container_run", check=check, expect="failed", **spec, keep_previous=1, env={"N": "2"})
        assert name + ".wharf-previous-1" in result["msg"]
    found = client.inspect_container(name)
    assert (found["Id"], found["State"]["StartedAt"]) == (old["Id"], old["State"]["StartedAt"])
    assert standing(client, name) == {"": "running", ".wharf-previous-1": "running"}


@pytest.mark.parametrize("module", ["container_run", "container_state"])
def test_absent_leaves_a_foreign_previous_one(
    module: str, spec: dict[str, Any], run: Any, client: Any, image: str, name: str, request: pytest.FixtureRequest
) -> None:
    """Also where the container itself has replaced another one."""
    for number in "12":
        run("container_run", **spec, env={"N": number})
    foreign = request.getfixturevalue("foreign")
    run(module, expect="changed", name=name, state="absent")
    assert standing(client, name) == {".wharf-previous-1": "running"}
    assert client.inspect_container(name + ".wharf-previous-1")["Id"] == foreign
    run(module, expect="ok", name=name, state="absent")
