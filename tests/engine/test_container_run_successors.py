# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a replacement takes over and keeps, its other order, and renaming a container."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}


def standing(client: Any, name: str) -> dict[str, str]:
    """Suffix → state: the container of this name, and others whose names begin with it."""
    found = client.containers(all=True, filters={"name": "^/" + re.escape(name)})
    return {entry["Names"][0][1 + len(name) :]: entry["State"] for entry in found}


def volumes(client: Any) -> set[str]:
    return {volume["Name"] for volume in client.volumes()["Volumes"] or []}


def inside(client: Any, name: str, command: str) -> str:
    made = client.exec_create(name, ["sh", "-c", command])
    return client.exec_start(made["Id"]).decode()


def four(run: Any, **spec: Any) -> dict[str, Any]:
    """Check mode, done, done again."""
    foreseen = run("container_run", check=True, expect="changed", **spec)
    done = run("container_run", expect="changed", **spec)
    assert done["actions"] == foreseen["actions"]
    assert done["diff"] == foreseen["diff"]
    assert run("container_run", expect="ok", **spec)["actions"] == []
    return done


def test_start_first(run: Any, client: Any, image: str, name: str) -> None:
    """The new container runs before the old one ends: a running container is always available."""
    spec = {"name": name, "image": image, **SLEEP, "restart_policy": "always", "replace": "start_first"}
    began = int(time.time())
    run("container_run", **spec)
    old = client.inspect_container(name)["Id"]
    four(run, **spec, env={"A": "1"})
    new = client.inspect_container(name)
    assert standing(client, name) == {"": "running"}
    events = [
        (event["Action"], event["Actor"]["ID"])
        for event in client.events(since=began, until=time.time() + 1, decode=True, filters={"type": "container"})
        if event["Actor"]["ID"] in (old, new["Id"]) and event["Action"] in ("start", "die")
    ]
    assert events.index(("start", new["Id"])) < events.index(("die", old))


def test_start_first_that_fails(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP, "restart_policy": "always", "replace": "start_first"}
    run("container_run", **spec)
    before = client.inspect_container(name)
    result = run("container_run", expect="failed", **{**spec, "command": ["sh", "-c", "echo oh; exit 3"]})
    assert "oh" in result["msg"]
    after = client.inspect_container(name)
    assert (after["Id"], after["State"]["StartedAt"]) == (before["Id"], before["State"]["StartedAt"])
    assert standing(client, name) == {"": "running"}


SHARED = {
    "a port": ({"published_ports": ["18110-18111:80-81"]}, {"published_ports": ["127.0.0.1:18111:90"]}, "18111/tcp"),
    "an address": (
        {"networks": [{"name": "{name}-net", "ipv4_address": "10.211.0.9"}]},
        {"networks": [{"name": "{name}-net", "ipv4_address": "10.211.0.9"}], "env": {"A": "1"}},
        "10.211.0.9",
    ),
}


@pytest.mark.parametrize("case", SHARED)
def test_start_first_is_refused(case: str, run: Any, client: Any, image: str, name: str) -> None:
    """Refused if both containers would need the same resource: nothing is touched, and the message names it."""
    client.create_network(name + "-net", driver="bridge", ipam={"Config": [{"Subnet": "10.211.0.0/24"}]})
    first, second, words = SHARED[case]
    for options in (first, second):
        for network in options.get("networks", []):
            network["name"] = network["name"].replace("{name}", name)
    base = {"name": name, "image": image, **SLEEP}
    run("container_run", **base, **first)
    before = client.inspect_container(name)
    for check in (True, False):
        result = run("container_run", check=check, expect="failed", **base, **second, replace="start_first")
        assert words in result["msg"]
        assert "stop_first" in result["msg"]
    assert client.inspect_container(name) == before


def test_keep_previous(run: Any, client: Any, image: str, name: str) -> None:
    """The last replaced containers are kept, stopped, under fixed names; older ones are removed."""
    spec = {"name": name, "image": image, **SLEEP, "restart_policy": "always", "keep_previous": 2}
    ids = []
    for number in range(4):
        four(run, **spec, env={"N": str(number)})
        ids.insert(0, client.inspect_container(name)["Id"])
    assert standing(client, name) == {"": "running", ".wharf-previous-1": "exited", ".wharf-previous-2": "exited"}
    kept = [client.inspect_container("%s.wharf-previous-%d" % (name, number)) for number in (1, 2)]
    assert [container["Id"] for container in kept] == ids[1:3]
    assert {container["HostConfig"]["RestartPolicy"]["Name"] for container in kept} == {"no"}

    done = four(run, **{**spec, "keep_previous": 1}, env={"N": "5"})
    assert done["actions"][0].startswith("rename %s.wharf-previous-2: keep_previous 1" % name)
    assert standing(client, name) == {"": "running", ".wharf-previous-1": "exited"}
    done = four(run, **{**spec, "keep_previous": 0}, env={"N": "6"})
    assert "remove %s.wharf-previous-1: keep_previous 0" % name in done["actions"]
    assert standing(client, name) == {"": "running"}


def test_what_is_kept_survives_a_replacement_that_fails(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP, "keep_previous": 1}
    run("container_run", **spec)
    run("container_run", **spec, env={"N": "1"})
    before = standing(client, name), client.inspect_container(name + ".wharf-previous-1")["Id"]
    run("container_run", expect="failed", **{**spec, "env": {"N": "1"}, "command": ["/no/such/program"]})
    assert (standing(client, name), client.inspect_container(name + ".wharf-previous-1")["Id"]) == before


def test_absent_takes_along_what_was_kept(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP, "keep_previous": 1}
    run("container_run", **spec)
    run("container_run", **spec, env={"N": "1"})
    foreseen = run("container_run", check=True, expect="changed", name=name, state="absent")
    done = run("container_run", expect="changed", name=name, state="absent")
    assert done["actions"] == foreseen["actions"]
    assert done["diff"] == foreseen["diff"]
    assert standing(client, name) == {}
    run("container_run", expect="ok", name=name, state="absent")


def test_absent_leaves_what_is_to_be_kept(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP, "keep_previous": 1}
    run("container_run", **spec)
    run("container_run", **spec, env={"N": "1"})
    run("container_run", expect="changed", name=name, state="absent", keep_previous=1)
    assert standing(client, name) == {".wharf-previous-1": "exited"}


def test_anonymous_volumes(run: Any, client: Any, image: str, name: str) -> None:
    """The data of an anonymous volume is taken over repeatedly, and a strict comparison finds no difference."""
    spec = {
        "name": name,
        "image": image,
        **SLEEP,
        "volumes": ["/data"],
        "comparisons": {"volumes": "strict", "labels": "strict"},
    }
    before = volumes(client)
    run("container_run", **spec)
    inside(client, name, "echo mine > /data/file")
    made = volumes(client) - before
    for number in ("1", "2"):
        four(run, **spec, env={"N": number})
        assert inside(client, name, "cat /data/file") == "mine\n"
        assert volumes(client) - before == made
    four(run, **spec, env={"N": "3"}, renew_anonymous_volumes=True)
    assert inside(client, name, "cat /data/file 2>&1 || true") != "mine\n"
    assert len(volumes(client) - before) == 2


def test_an_anonymous_volume_that_is_wanted_no_longer(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", **spec, volumes=["/data"])
    four(run, **spec, volumes=[name + "-v:/data"])
    mounts = client.inspect_container(name)["Mounts"]
    assert [mount["Name"] for mount in mounts] == [name + "-v"]


def test_rename_from(run: Any, client: Any, image: str, name: str) -> None:
    """A running container is renamed; if the task changes more, the container is changed as well."""
    spec = {"image": image, **SLEEP, "memory": "64m"}
    run("container_run", name=name, **spec)
    before = client.inspect_container(name)
    done = four(run, name=name + "-b", rename_from=name, **spec)
    assert done["actions"] == ["rename %s: rename_from %s → %s-b" % (name, name, name)]
    after = client.inspect_container(name + "-b")
    assert (after["Id"], after["State"]) == (before["Id"], before["State"])
    assert standing(client, name) == {"-b": "running"}

    done = four(run, name=name + "-c", rename_from=name + "-b", **{**spec, "memory": "128m"})
    assert [action.split()[0] for action in done["actions"]] == ["rename", "update"]
    done = four(run, name=name + "-d", rename_from=name + "-c", **{**spec, "memory": "128m"}, env={"A": "1"})
    assert [action.split()[0] for action in done["actions"]] == ["rename", "recreate"]
    assert standing(client, name) == {"-d": "running"}


def test_rename_from_goes_back_with_the_rest(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"image": image, **SLEEP}
    run("container_run", name=name, **spec)
    run("container_run", expect="failed", name=name + "-b", rename_from=name, **{**spec, "command": ["/no/such"]})
    assert standing(client, name) == {"": "running"}


def test_rename_from_that_is_not_there(run: Any, client: Any, image: str, name: str) -> None:
    done = four(run, name=name, rename_from=name + "-never", image=image, **SLEEP)
    assert done["actions"][0].startswith("create " + name)


def test_a_long_name(run: Any, client: Any, image: str, name: str) -> None:
    """The engine does not limit the length of names, hence there is always room for a temporary suffix."""
    long = name + "-" + "x" * 300
    spec = {"name": long, "image": image, **SLEEP}
    run("container_run", **spec)
    four(run, **spec, env={"A": "1"})
    run("container_run", name=long, state="absent")
    assert standing(client, name) == {}
