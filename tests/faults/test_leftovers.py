# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Leftovers of an interrupted replacement in tasks that name the container, and foreign containers with such names."""

from __future__ import annotations

from typing import Any

import pytest
from leftovers import standing


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
    [("container_exec", {"argv": ["true"]}), ("container_logs", {}), ("container_export", {"dest": "x.tar"})],
)
def test_a_reader_tells_of_them(
    module: str, also: dict[str, Any], interrupted: str, run: Any, client: Any, name: str, tmp_path: Any
) -> None:
    """It names the leftovers, instead of reporting that there is no such container."""
    if "dest" in also:
        also = {"dest": str(tmp_path / "x.tar")}
    before = standing(client, name)
    result = run(module, expect="failed", name=name, **also)
    assert name + ".wharf-old" in result["msg"] or "interrupted" in result["msg"], result["msg"]
    assert standing(client, name) == before


def test_an_old_one_that_is_alone_comes_back(
    interrupted: str, spec: dict[str, Any], run: Any, client: Any, name: str
) -> None:
    """Its half-made successor was removed by hand: only the old container is left."""
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
    """A running foreign container with the name of a kept one."""
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
    """Even if the container itself has replaced another one."""
    for number in "12":
        run("container_run", **spec, env={"N": number})
    foreign = request.getfixturevalue("foreign")
    run(module, expect="changed", name=name, state="absent")
    assert standing(client, name) == {".wharf-previous-1": "running"}
    assert client.inspect_container(name + ".wharf-previous-1")["Id"] == foreign
    run(module, expect="ok", name=name, state="absent")
