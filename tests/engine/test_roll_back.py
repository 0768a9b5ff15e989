# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state rolled_back: the container that was replaced last is restored."""

from __future__ import annotations

from typing import Any

import pytest
from test_container_run_successors import SLEEP, standing


@pytest.fixture
def spec(run: Any, image: str, name: str) -> dict[str, Any]:
    """A container that has replaced another one, which is kept."""
    first = {"name": name, "image": image, **SLEEP, "restart_policy": "always", "keep_previous": 2}
    run("container_run", **first, env={"N": "1"})
    run("container_run", **first, env={"N": "2"})
    return first


def env(client: Any, name: str) -> list[str]:
    return list(client.inspect_container(name)["Config"]["Env"])


def back(run: Any, name: str) -> dict[str, Any]:
    """Check mode, done, done again."""
    foreseen = run("container_state", check=True, expect="changed", name=name, state="rolled_back")
    done = run("container_state", expect="changed", name=name, state="rolled_back")
    assert done["actions"] == foreseen["actions"]
    assert done["diff"] == foreseen["diff"]
    again = run("container_state", expect="ok", name=name, state="rolled_back")
    assert again["actions"] == []
    assert again["container"]["Id"] == done["container"]["Id"]
    run("container_state", check=True, expect="ok", name=name, state="rolled_back")
    return done


def test_rolled_back(spec: Any, run: Any, client: Any, name: str) -> None:
    previous = client.inspect_container(name + ".wharf-previous-1")["Id"]
    done = back(run, name)
    assert done["actions"][0].startswith("roll_back %s: " % name)
    assert done["container"]["Id"] == previous
    assert done["container"]["HostConfig"]["RestartPolicy"]["Name"] == "always"
    assert env(client, name) == ["N=1"]
    assert standing(client, name) == {"": "running", ".wharf-new": "exited"}
    given_up = client.inspect_container(name + ".wharf-new")
    assert given_up["HostConfig"]["RestartPolicy"]["Name"] == "no"


def test_a_replacement_after_it(spec: Any, run: Any, client: Any, name: str) -> None:
    """The given-up container is removed by the next replacement, and the next roll back restores the right one."""
    back(run, name)
    done = run("container_run", expect="changed", **spec, env={"N": "3"})
    assert "remove %s.wharf-new: it was given up, and %s is replaced" % (name, name) in done["actions"]
    assert standing(client, name) == {"": "running", ".wharf-previous-1": "exited"}
    back(run, name)
    assert env(client, name) == ["N=1"]


def test_further_back(spec: Any, run: Any, client: Any, name: str) -> None:
    """After removing the given-up container, a roll back goes one container further back."""
    run("container_run", expect="changed", **spec, env={"N": "3"})
    back(run, name)
    assert env(client, name) == ["N=2"]
    assert standing(client, name) == {"": "running", ".wharf-new": "exited", ".wharf-previous-1": "exited"}
    run("container_state", name=name + ".wharf-new", state="absent")
    back(run, name)
    assert env(client, name) == ["N=1"]


def test_those_that_use_it(spec: Any, run: Any, client: Any, image: str, name: str) -> None:
    """Dependents of the given-up container are cut off, with a warning. Once recreated they use the restored one."""
    user = {"name": name + "-net", "image": image, "network_mode": "container:" + name, **SLEEP}
    run("container_run", expect="changed", **user)
    task = {"name": name, "state": "rolled_back"}
    foreseen = run("container_state", check=True, expect="changed", warnings=True, **task)
    done = run("container_state", expect="changed", warnings=True, **task)
    for result in (foreseen, done):
        assert result["dependents"] == [{"name": name + "-net", "by": ["network_mode"], "running": True}]
        (warning,) = result["warnings"]
        assert "%s is stopped" % name in warning and "%s-net (network_mode)" % name in warning
    assert "dependents" not in run("container_state", expect="ok", **task)
    run("container_run", expect="changed", **user)
    host = client.inspect_container(name + "-net")["HostConfig"]
    assert host["NetworkMode"] == "container:" + done["container"]["Id"]


def test_a_way_back_that_fails(run: Any, client: Any, image: str, name: str) -> None:
    """The previous container no longer stays up: the current one is restored, running, and the kept one stays kept."""
    spec = {"name": name, "image": image, **SLEEP, "restart_policy": "always", "keep_previous": 1}
    volume = [name + "-v:/data"]
    once = ["sh", "-c", "test ! -e /data/spoilt || exit 7; exec sleep 1000"]
    run("container_run", **{**spec, "command": once}, volumes=volume)
    run("container_run", **{**spec, "command": ["sh", "-c", "touch /data/spoilt; exec sleep 1000"]}, volumes=volume)
    before = client.inspect_container(name)
    kept = client.inspect_container(name + ".wharf-previous-1")["Id"]
    result = run("container_state", expect="failed", name=name, state="rolled_back")
    assert "does not stay up" in result["msg"]
    assert "is as it was" in result["msg"]
    after = client.inspect_container(name)
    assert (after["Id"], after["HostConfig"]) == (before["Id"], before["HostConfig"])
    assert standing(client, name) == {"": "running", ".wharf-previous-1": "exited"}
    assert client.inspect_container(name + ".wharf-previous-1")["Id"] == kept


def test_container_info_shows_them(spec: Any, run: Any, client: Any, name: str) -> None:
    run("container_run", **spec, env={"N": "3"})
    found = run("container_info", name=[name], previous=True)["container"]
    assert [kept["name"] for kept in found["previous"]] == [name + ".wharf-previous-1", name + ".wharf-previous-2"]
    assert {kept["state"] for kept in found["previous"]} == {"exited"}
    assert found["given_up"] == {}
    back(run, name)
    found = run("container_info", name=[name], previous=True)["container"]
    assert [kept["name"] for kept in found["previous"]] == [name + ".wharf-previous-1"]
    assert found["given_up"]["name"] == name + ".wharf-new"
    assert "previous" not in run("container_info", name=[name])["container"]


def test_a_prune_keeps_them(spec: Any, run: Any, client: Any, name: str) -> None:
    """Unless their removal is requested; then the action says what they are."""

    def pruned(**options: Any) -> list[str]:
        foreseen = run("prune", check=True, containers=True, **options)
        done = run("prune", containers=True, **options)
        assert done["actions"] == foreseen["actions"]
        return [action for action in done["actions"] if name in action]

    assert pruned() == []
    back(run, name)
    assert pruned() == []
    words = "remove container %s.wharf-new: exited, a new container of %s, whose replacement was" % (name, name)
    [action] = pruned(containers_leftovers=True)
    assert action.startswith(words)
    assert standing(client, name) == {"": "running"}
    run("container_run", **spec, env={"N": "3"})
    words = "remove container %s.wharf-previous-1: exited, kept as the previous container of %s (" % (name, name)
    [action] = pruned(containers_leftovers=True)
    assert action.startswith(words)
    assert standing(client, name) == {"": "running"}


BAD = {
    "nothing kept": (["{}"], "keep_previous"),
    "no such container": (["{}-never"], "there is no such container"),
    "one of two": (["{}", "{}-never"], "keep_previous"),
}


@pytest.mark.parametrize("case", BAD)
def test_refused(case: str, run: Any, client: Any, image: str, name: str) -> None:
    given, words = BAD[case]
    names = [entry.format(name) for entry in given]
    run("container_run", name=name, image=image, **SLEEP)
    before = client.inspect_container(name)
    for check in (True, False):
        result = run("container_state", check=check, expect="failed", state="rolled_back", name=names)
        assert words in result["msg"]
    assert client.inspect_container(name) == before


def test_a_name_that_it_needs(spec: Any, run: Any, client: Any, image: str, name: str) -> None:
    """A foreign container has the name: everything is left unchanged."""
    client.create_container(image, name=name + ".wharf-turn")
    before = standing(client, name)
    for check in (True, False):
        result = run("container_state", check=check, expect="failed", state="rolled_back", name=name)
        assert "there is a container %s.wharf-turn, a name that is needed" % name in result["msg"]
    assert standing(client, name) == before
    client.remove_container(name + ".wharf-turn")
    back(run, name)
