# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A container whose process exits at once and is restarted by its policy: replaced, renamed, and restored.

LOOPS times each: only by chance does a step fall between two of its runs.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
import sampled
from leftovers import standing

from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor
from ansible_collections.wharf.docker.plugins.module_utils._container import wait as _wait
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import Rename
from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure

LOOPS = sampled.number(4, 50)
CRASHES = {"command": ["false"], "restart_policy": "always", "stop_signal": "KILL"}
SLEEPS = {"command": ["sleep", "1000"], "restart_policy": "always", "stop_signal": "KILL"}
WAY_BACK = {"command": ["/no/such/program"], "restart_policy": "always", "stop_signal": "KILL"}


@pytest.fixture(autouse=True)
def shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wait, "MOMENT", 0.2)


def crashing(client: Any, image: str, name: str) -> str:
    """A container in a crash loop, in one of the short pauses between its first runs."""
    host = client.create_host_config(restart_policy={"Name": "always"})
    made = client.create_container(image, ["false"], name=name, stop_signal="KILL", host_config=host)
    client.start(name)
    limit = time.monotonic() + 20
    while not client.inspect_container(name)["RestartCount"] and time.monotonic() < limit:
        time.sleep(0.02)
    return str(made["Id"])


def gone(client: Any, name: str) -> None:
    for found in standing(client, name):
        client.remove_container(name + found, force=True)


@pytest.mark.parametrize("what", ["replaced", "renamed", "new name", "a way back"])
def test_in_a_crash_loop(what: str, run: Any, client: Any, image: str, name: str) -> None:
    wrong = []
    for number in range(LOOPS):
        own = "%s-%d" % (name, number)
        made, expected = crashing(client, image, own), {"": "running"}
        if what == "replaced":
            result = run("container_run", expect="any", warnings=True, name=own, image=image, **SLEEPS)
            right = not result.get("failed")
        elif what == "renamed":
            arguments = {"name": own + "x", "rename_from": own, "image": image, **CRASHES}
            result = run("container_run", expect="any", warnings=True, **arguments)
            right, own = not result.get("failed"), own + "x"
        elif what == "new name":
            result = run("container_state", expect="any", warnings=True, name=own, new_name=own + "x")
            right, own = not result.get("failed"), own + "x"
        else:
            result = run("container_run", expect="any", warnings=True, name=own, image=image, **WAY_BACK)
            right = bool(result.get("failed")) and "Not everything" not in result["msg"]
            right = right and "and running" not in result["msg"]
        left = standing(client, own)
        if what != "replaced":
            found = client.inspect_container(own) if "" in left else {"Id": "", "HostConfig": {}}
            right = right and found["Id"] == made and found["HostConfig"]["RestartPolicy"]["Name"] == "always"
            # Its process keeps restarting: any state is right.
            expected = {"": left.get("", "")}
        if not right or left != expected:
            wrong.append("%d: %s %s" % (number, left, result.get("msg")))
        gone(client, "%s-%d" % (name, number))
    assert not wrong, "%d of %d\n%s" % (len(wrong), LOOPS, "\n".join(wrong))


def connected(engine: Any) -> _engine.Engine:
    options = {option: spec.get("default") for option, spec in _engine.CONNECTION_OPTIONS.items()}
    return _engine.connect({**options, "docker_host": engine.url})


def test_a_name_that_comes_back(client: Any, engine: Any, image: str, name: str) -> None:
    """Undoing a rename in the pause between two runs, which gets longer each time."""
    old = name + ".wharf-old"
    made = crashing(client, image, old)
    limit = time.monotonic() + 30
    while (seen := client.inspect_container(made))["RestartCount"] < 4 or seen["State"]["Status"] != "restarting":
        assert time.monotonic() < limit, seen["State"]
        time.sleep(0.02)
    with pytest.raises(Failure) as failed, Executor(connected(engine)) as executor:
        executor.push(Rename(old, ("a test",), made, new_name=name, missing_ok=True))
        raise Failure("It fails.")
    assert "Not everything" not in failed.value.message
    found = client.inspect_container(name)
    assert (found["Id"], found["HostConfig"]["RestartPolicy"]["Name"]) == (made, "always")
    assert found["State"]["Status"] in ("running", "restarting")
    gone(client, name)
