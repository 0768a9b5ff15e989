# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role service on a real engine: check mode, done, done again, changed, refused and removed."""

from __future__ import annotations

import io
import re
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sampled

PLAY = """---
- hosts: localhost
  gather_facts: false
  roles:
    - role: wharf.docker.service
  post_tasks:
    - name: The result
      ansible.builtin.debug:
        var: service_result
"""
NO_ENGINE = """gather_facts: false
  environment:
    DOCKER_HOST: unix:///nonexistent/docker.sock"""
ROOT = Path(__file__).resolve().parents[2]
LABEL = "wharf.service"
ROLE = "wharf.docker.service : "
IDLE = "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done"

Everything = dict[str, Any]


@pytest.fixture
def service(name: str, image: str) -> dict[str, Any]:
    """The variables of a service: a web server with a health check, and a client that needs it under its name."""
    return {
        "service_name": name,
        "service_networks": [{"name": name + "-net", "labels": {"team": "a"}}],
        "service_volumes": [{"name": name + "-data"}],
        "service_containers": [
            {
                "name": name + "-web",
                "image": image,
                # The page is only available after a moment: a client that doesn't wait gets none.
                "command": ["sh", "-c", "sleep 1; exec httpd -f -p 80 -h /var/www"],
                "stop_signal": "KILL",
                "networks": [{"name": name + "-net", "aliases": ["web"]}],
                "volumes": [name + "-data:/data"],
                "healthcheck": {"test": "wget -q -O /dev/null http://127.0.0.1/", "interval": "300ms", "retries": 30},
            },
            {
                "name": name + "-client",
                "image": image,
                "command": ["sh", "-c", "wget -q -O /page http://web/ || exit 1; " + IDLE],
                "networks": [{"name": name + "-net"}],
                "env": {"GREETING": "hello"},
                "labels": {"team": "a"},
            },
        ],
    }


@pytest.fixture
def role(playbook: Callable[..., Any]) -> Callable[..., Any]:
    """``role(variables, check=..., diff=..., expect=..., **more)`` runs the role with them."""

    def run(variables: dict[str, Any], **more: Any) -> Any:
        options = {key: more.pop(key) for key in ("check", "diff", "expect") if key in more}
        return playbook(PLAY, **options, **variables, **more)

    return run


def everything(client: Any) -> Everything:
    """The state of all containers, and all networks and volumes."""
    return {
        "containers": {
            found["Names"][0].lstrip("/"): (found["Id"], found["State"]) for found in client.containers(all=True)
        },
        "networks": {found["Name"]: found["Id"] for found in client.networks()},
        "volumes": {found["Name"]: found["CreatedAt"] for found in client.volumes()["Volumes"] or []},
    }


def outcome(played: Any) -> dict[str, Any]:
    return dict(played.result("The result")["service_result"])


def changed(played: Any) -> int:
    """How many tasks, and items of loops, have changed something."""
    found = [entry["result"] for entry in played.results if entry["status"] == "ok"]
    return sum(bool(part.get("changed")) for result in found for part in result.get("results", [result]))


def failure(played: Any) -> str:
    """The messages of failed tasks and loop items."""
    found = [entry["result"] for entry in played.results if entry["status"] == "failed"]
    return "\n".join(str(part.get("msg", "")) for result in found for part in [result, *result.get("results", [])])


def test_the_life_of_a_service(service: dict[str, Any], role: Callable[..., Any], client: Any) -> None:
    name = service["service_name"]
    blank = everything(client)
    foreseen = role(service, check=True, diff=True)
    assert everything(client) == blank
    assert "Show what would be done" in foreseen.output

    made = role(service)
    assert outcome(made) == outcome(foreseen)
    assert [action.split(":")[0] for action in outcome(made)["actions"]] == [
        "create %s-net" % name,
        "create %s-data" % name,
        "create %s-web" % name,
        "start %s-web" % name,
        "create %s-client" % name,
        "start %s-client" % name,
    ]
    web, other = (client.inspect_container(name + end) for end in ("-web", "-client"))
    assert web["State"]["Health"]["Status"] == "healthy"
    assert [change["Path"] for change in client.diff(other["Id"]) if change["Path"] == "/page"]
    assert other["Config"]["Labels"] == {LABEL: name, "team": "a"}
    assert client.inspect_network(name + "-net")["Labels"] == {LABEL: name, "team": "a"}
    assert client.inspect_volume(name + "-data")["Labels"] == {LABEL: name}

    there = everything(client)
    for check in (False, True):
        again = role(service, check=check)
        assert (changed(again), outcome(again)) == (0, {"changed": False, "actions": [], "orphans": []})
        assert ROLE + "Show what was done" not in [entry["task"] for entry in again.results if entry["status"] == "ok"]
        assert "WARNING" not in again.output
    assert everything(client) == there

    # One variable of one container: only that one is replaced.
    service["service_containers"][1]["env"] = {"GREETING": "good evening"}
    foreseen = role(service, check=True, diff=True)
    assert everything(client) == there
    assert "good evening" in foreseen.output
    replaced = role(service)
    assert outcome(foreseen) == outcome(replaced)
    assert outcome(replaced)["actions"] == ["recreate %s-client: env GREETING" % name]
    now = everything(client)
    assert now["containers"].pop(name + "-client") != there["containers"].pop(name + "-client")
    assert now == there

    # A container that is no longer described.
    orphan = service["service_containers"].pop()["name"]
    ignored = role(service)
    assert (changed(ignored), outcome(ignored)["orphans"]) == (0, [orphan])
    assert orphan in ignored.result(ROLE + "Show the orphans")["msg"]
    foreseen = role(service, check=True, service_orphans="remove")
    assert orphan in everything(client)["containers"]
    removed = role(service, service_orphans="remove")
    assert orphan not in everything(client)["containers"]
    assert outcome(foreseen) == outcome(removed)
    assert removed.stats["localhost"]["failures"] == 0 and changed(removed) == changed(foreseen) == 1

    # All removed except the volume; already removed; then the volume as well.
    there = everything(client)
    foreseen = role(service, check=True, service_state="absent", service_remove_volumes=True)
    assert everything(client) == there
    assert [action.split(":")[0] for action in outcome(foreseen)["actions"] if "stop" not in action] == [
        "remove %s-%s" % (name, end) for end in ("web", "net", "data")
    ]
    foreseen = role(service, check=True, service_state="absent")
    gone = role(service, service_state="absent")
    assert outcome(foreseen) == outcome(gone)
    assert changed(foreseen) == changed(gone) == 2
    assert everything(client) == {**blank, "volumes": {**blank["volumes"], **there["volumes"]}}
    assert name + "-data" in there["volumes"]
    assert changed(role(service, service_state="absent")) == 0
    foreseen = role(service, check=True, service_state="absent", service_remove_volumes=True)
    assert name + "-data" in everything(client)["volumes"]
    assert outcome(role(service, service_state="absent", service_remove_volumes=True)) == outcome(foreseen)
    assert everything(client) == blank
    assert changed(role(service, service_state="absent", service_remove_volumes=True)) == 0


def test_absent_removes_the_last_first(service: dict[str, Any], role: Callable[..., Any], client: Any) -> None:
    """Also a container that is no longer described, and the volumes, in one run as predicted."""
    name, blank = service["service_name"], everything(client)
    second = {**service["service_containers"][1], "name": name + "-second"}
    role({**service, "service_containers": [*service["service_containers"], second]})
    more = {"service_state": "absent", "service_remove_volumes": True}
    foreseen = role(service, check=True, **more)
    gone = role(service, **more)
    assert outcome(foreseen) == outcome(gone)
    assert [action.split(":")[0] for action in outcome(gone)["actions"] if "stop" not in action] == [
        "remove %s-%s" % (name, end) for end in ("second", "client", "web", "net", "data")
    ]
    assert everything(client) == blank


def test_an_unhealthy_container_stops_the_rollout(
    service: dict[str, Any], role: Callable[..., Any], client: Any
) -> None:
    web = service["service_containers"][0]
    web.update(command=["sh", "-c", "echo no pages today; " + IDLE])
    web["healthcheck"] = {"test": "echo nobody listens; exit 1", "interval": "300ms", "retries": 2}
    played = role(service, expect="failed")
    message = failure(played)
    assert "The container %s is unhealthy" % web["name"] in message
    assert "nobody listens" in message and "no pages today" in message
    names = everything(client)["containers"]
    assert names[web["name"]][1] == "running"
    assert service["service_containers"][1]["name"] not in names
    assert "start %s" % web["name"] in str(played.result(ROLE + "Show what was done")["msg"])


def test_no_waiting(service: dict[str, Any], role: Callable[..., Any], client: Any) -> None:
    web, other = service["service_containers"]
    web.update(command=["sh", "-c", IDLE], healthcheck={"test": "exit 1", "interval": "300ms", "retries": 2})
    other["command"] = ["sh", "-c", IDLE]
    role(service, service_healthy=False)
    assert {web["name"], other["name"]} <= set(everything(client)["containers"])
    played = role(service, expect="failed")
    assert "The container %s is unhealthy" % web["name"] in failure(played)


def test_the_time_limit(service: dict[str, Any], role: Callable[..., Any]) -> None:
    web = service["service_containers"][0]
    web.update(healthcheck={"test": "exit 1", "interval": "20s"})
    played = role(service, expect="failed", service_healthy_timeout=1)
    assert "%s did not become healthy within 1 seconds" % web["name"] in failure(played)


def test_a_container_that_does_not_stay_up(service: dict[str, Any], role: Callable[..., Any]) -> None:
    """Without a health check, this is noticed after all have been started."""
    web, other = service["service_containers"]
    other.update(command=["sh", "-c", "printf 'nothing to do here\\033[2J\\n'; exit 3"])
    service["service_containers"] = [other, web]
    played = role(service, expect="failed")
    assert "The container %s does not stay up" % other["name"] in failure(played)
    assert "nothing to do here?[2J" in failure(played), "nothing reaches a terminal that clears its screen"


def test_the_first_container_exits(service: dict[str, Any], role: Callable[..., Any], client: Any) -> None:
    """As in the role's README.md: the others run, unless the first one has a health check or is run to its end."""
    web, other = service["service_containers"]
    first = {"name": service["service_name"] + "-first", "image": web["image"], "command": ["sh", "-c", "exit 3"]}
    for container in (web, other):
        container.update(command=["sh", "-c", IDLE])
        container.pop("healthcheck", None)
    for more in ({"detach": False}, {"healthcheck": {"test": "true", "interval": "300ms"}}):
        role({**service, "service_containers": [{**first, **more}, web, other]}, expect="failed")
        assert set(everything(client)["containers"]) == {first["name"]}
        client.remove_container(first["name"])
    played = role({**service, "service_containers": [first, web, other]}, expect="failed")
    assert "The container %s does not stay up" % first["name"] in failure(played)
    found = everything(client)["containers"]
    assert {found[end["name"]][1] for end in (web, other)} == {"running"}


def test_a_run_of_many_containers_can_be_read(service: dict[str, Any], role: Callable[..., Any], client: Any) -> None:
    """In an unchanged run each is one line, and if one is changed, it and the following ones are run."""
    web, other = service["service_containers"]
    other["command"] = ["sh", "-c", IDLE]
    more = [{**other, "name": "%s-%d" % (service["service_name"], number)} for number in range(4)]
    service["service_containers"] = [web, *more]
    role(service)
    lines = role(service).output.splitlines()
    # The task that shows the result belongs to the test.
    result = lines.index(next(line for line in lines if "The result" in line))
    assert len(lines[:result]) <= 23 + len(service["service_containers"]), "\n".join(lines)
    more[2]["env"] = {"GREETING": "good evening"}
    played = role(service)
    assert outcome(played)["actions"] == ["recreate %s: env GREETING" % more[2]["name"]]
    assert [
        len(entry["result"]["results"]) for entry in played.results if entry["task"] == ROLE + "Run the containers"
    ] == [2]


def test_a_health_check_of_the_image(service: dict[str, Any], role: Callable[..., Any], client: Any, name: str) -> None:
    """The role waits for it as well before the next container is run: otherwise the client would find no page."""
    web, other = service["service_containers"]
    check = "HEALTHCHECK --interval=300ms --retries=30 CMD " + web.pop("healthcheck")["test"]
    container = client.create_container(web["image"])["Id"]
    client.commit(container, repository=name, changes=[check])
    client.remove_container(container)
    web["image"] = name
    second = {**web, "name": name + "-second", "networks": [{"name": name + "-net"}]}
    service["service_containers"] = [web, other, second, {**other, "name": name + "-last"}]
    foreseen = role(service, check=True)
    made = role(service)
    assert outcome(made) == outcome(foreseen)
    assert len(outcome(made)["actions"]) == 10
    assert [client.inspect_container(end["name"])["State"]["Health"]["Status"] for end in (web, second)] == 2 * [
        "healthy"
    ]
    assert [change["Path"] for change in client.diff(other["name"]) if change["Path"] == "/page"]
    assert changed(role(service)) == 0


def test_a_failure_ends_the_run_and_shows_no_secret(
    service: dict[str, Any], role: Callable[..., Any], client: Any
) -> None:
    web, other = service["service_containers"]
    web.update(command=["/no/such/program"], env_secret={"PASSWORD": "open sesame"})
    played = role(service, expect="failed")
    assert "no/such/program" in failure(played)
    assert other["name"] not in everything(client)["containers"]
    assert "open sesame" not in played.output + str(played.results)
    web["memory"] = "much"
    played = role(service, expect="failed")
    assert "memory" in failure(played)
    assert "open sesame" not in played.output + str(played.results)


TWO_SERVICES = """---
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        name: wharf.docker.service
      vars:
        service_name: "{{ first }}"
        service_containers: "{{ containers }}"
    - block:
        - ansible.builtin.include_role:
            name: wharf.docker.service
          vars:
            service_name: a shop
      rescue:
        - name: The result
          ansible.builtin.debug:
            var: service_result
"""


def test_two_services_in_one_play(name: str, image: str, playbook: Callable[..., Any], client: Any) -> None:
    """The actions of the first one are not reported for the second one, not even if that can't begin."""
    containers = [{"name": name + "-web", "image": image, "command": ["sh", "-c", IDLE]}]
    played = playbook(TWO_SERVICES, first=name, containers=containers)
    assert name + "-web" in everything(client)["containers"]
    assert outcome(played) == {"changed": False, "actions": [], "orphans": []}


def test_what_replacements_keep_is_no_orphan(
    service: dict[str, Any], role: Callable[..., Any], client: Any, run: Any, image: str
) -> None:
    """Kept, given-up and leftover containers don't count as orphans; they are removed together with their container."""
    web, other = service["service_containers"]
    web.update(command=["sh", "-c", IDLE], keep_previous=2)
    other.update(command=["sh", "-c", IDLE], keep_previous=1)
    del web["healthcheck"]
    role(service)
    for number in "12":
        for container in (web, other):
            container["env"] = {"N": number}
        role(service)
    name, second = web["name"], other["name"]
    # Leftovers of an interrupted replacement, of described containers and of one that is not described.
    left = {}
    for of in (name, second, service["service_name"] + "-gone"):
        left[of] = of + ".wharf-new"
        client.create_container(image, name=left[of], labels={LABEL: service["service_name"]})
    gone = left[service["service_name"] + "-gone"]
    kept = {name + ".wharf-previous-1", name + ".wharf-previous-2", second + ".wharf-previous-1"}
    before = everything(client)
    assert kept | set(left.values()) | {name, second} == set(before["containers"])

    ignored = role(service, check=True)
    assert outcome(ignored)["orphans"] == [gone]
    # The second one is no longer described: it is removed with all its kept and leftover containers.
    service["service_containers"] = [web]
    foreseen = role(service, check=True, service_orphans="remove")
    assert everything(client) == before
    removed = role(service, service_orphans="remove")
    assert outcome(removed) == outcome(foreseen)
    assert sorted(outcome(removed)["orphans"]) == sorted([second, gone])
    assert set(everything(client)["containers"]) == {name, left[name], *(end for end in kept if end.startswith(name))}
    assert outcome(role(service, service_orphans="remove"))["orphans"] == []
    client.remove_container(left[name])
    assert run("container_state", expect="changed", name=name, state="rolled_back")["containers"]
    foreseen = role(service, check=True, service_state="absent")
    assert outcome(role(service, service_state="absent")) == outcome(foreseen)
    assert everything(client)["containers"] == {}


def test_a_command_run_to_its_end(service: dict[str, Any], role: Callable[..., Any], client: Any) -> None:
    name = service["service_name"]
    job = {
        "name": name + "-job",
        "image": service["service_containers"][0]["image"],
        "command": ["sh", "-c", "wget -q -O /page http://web/"],
        "networks": [{"name": name + "-net"}],
        "detach": False,
        # This one would never become healthy.
        "healthcheck": {"test": "exit 1", "interval": "300ms", "retries": 1},
    }
    service["service_containers"].insert(1, job)
    assert changed(role(service)) == 5
    assert client.inspect_container(job["name"])["State"]["ExitCode"] == 0
    assert outcome(role(service))["actions"] == ["start %s: state exited → run to its end" % job["name"]]


@pytest.mark.parametrize(
    ("state", "owner"),
    sampled.some([("present", None), ("present", "another"), ("absent", None), ("absent", "another")], sample=2),
)
def test_foreign_things_are_refused(
    state: str, owner: str | None, service: dict[str, Any], role: Callable[..., Any], client: Any, name: str
) -> None:
    """Before anything is touched; objects of another service even if foreign objects may be adopted."""
    labels = {LABEL: owner} if owner else {}
    image = service["service_containers"][1]["image"]
    client.create_network(name + "-net", labels=labels)
    client.create_volume(name + "-data", labels=labels)
    # It is in the network, and uses the volume: that does not change the message.
    config = client.create_host_config(network_mode=name + "-net", binds=[name + "-data:/data"])
    client.create_container(image, name=name + "-client", labels=labels, host_config=config)
    before = everything(client)
    more = {"service_adopt": owner is not None, "service_remove_volumes": True, "service_state": state}
    played = role(service, expect="failed", **more)
    assert everything(client) == before
    missing = "exists without the label" if state == "present" else "has no label"
    reason = "belongs to the service another" if owner else missing
    for thing in ("network %s-net", "volume %s-data", "container %s-client"):
        assert "The %s %s" % (thing % name, reason) in failure(played)


def test_adopting(service: dict[str, Any], role: Callable[..., Any], client: Any) -> None:
    name = service["service_name"]
    client.create_network(name + "-net")
    client.create_volume(name + "-data")
    client.create_container(service["service_containers"][0]["image"], name=name + "-web", command=["sh"])
    foreseen = role(service, check=True, service_adopt=True)
    assert outcome(role(service, service_adopt=True)) == outcome(foreseen)
    assert client.inspect_container(name + "-web")["Config"]["Labels"][LABEL] == name
    assert client.inspect_network(name + "-net")["Labels"][LABEL] == name
    assert changed(role(service, service_adopt=True)) == 0
    # The volume is kept in any case, since it still does not belong to the service.
    played = role(service, expect="failed", service_state="absent", service_remove_volumes=True)
    assert "The volume %s-data has no label" % name in failure(played)
    role(service, service_state="absent")
    assert name + "-data" in everything(client)["volumes"]


@pytest.mark.parametrize("kind", sampled.some(["network", "volume"], sample=1))
def test_what_others_use_is_not_taken_away(
    kind: str, service: dict[str, Any], role: Callable[..., Any], client: Any, name: str
) -> None:
    role(service)
    image = service["service_containers"][0]["image"]
    if kind == "network":
        config = client.create_host_config(network_mode=name + "-net")
    else:
        config = client.create_host_config(binds=[name + "-data:/there"])
    client.create_container(image, name=name + "-guest", host_config=config)
    before = everything(client)
    more = {"service_state": "absent", "service_remove_volumes": kind == "volume"}
    played = role(service, expect="failed", **more)
    assert everything(client) == before
    user = "The container %s-guest, which does not belong to this service, uses the %s %s-" % (name, kind, name)
    assert user in failure(played)


def test_a_paused_container_is_refused(service: dict[str, Any], role: Callable[..., Any], client: Any) -> None:
    role(service)
    web = service["service_containers"][0]["name"]
    client.pause(web)
    service["service_containers"][1]["env"] = {"GREETING": "good evening"}
    before = everything(client)
    played = role(service, expect="failed")
    assert everything(client) == before
    assert "The container %s is paused" % web in failure(played)


def test_mistakes_are_told_together(service: dict[str, Any], role: Callable[..., Any], client: Any) -> None:
    """Mistakes that no module would notice, or only too late, are reported before anything is touched."""
    service["service_name"] = "a shop"
    service["service_networks"] += [{"driver": "bridge"}, {"name": "net", "state": "absent"}]
    service["service_volumes"] += [{"volume_name": "data"}]
    service["service_containers"] += [
        {"name": None},
        service["service_containers"][0],
        {"name": "labelled", "labels": "a=1"},
        {"name": "gone", "state": "absent"},
    ]
    before = everything(client)
    lines = failure(role(service, expect="failed")).splitlines()
    assert everything(client) == before
    for line, beginning in zip(
        lines,
        [
            "service_name: 'a shop' is not a valid name: use letters",
            "service_networks, entry 2: it has no name",
            "service_networks, entry 3 (net): state can't be given",
            "service_volumes, entry 2: it has no name",
            "service_containers, entry 3: it has no name",
            "service_containers, entry 4 (%s): an earlier entry" % service["service_containers"][0]["name"],
            "service_containers, entry 5 (labelled): its labels",
            "service_containers, entry 6 (gone): state can't be absent",
        ],
        strict=True,
    ):
        assert line.startswith(beginning)


def test_wrong_types_and_choices_are_told_together(
    service: dict[str, Any], role: Callable[..., Any], client: Any
) -> None:
    del service["service_name"]
    service.update(service_containers=3, service_state="running", service_orphans="kill", service_healthy="perhaps")
    before = everything(client)
    played = role(service, expect="failed")
    assert everything(client) == before
    message = failure(played) + str([entry["result"] for entry in played.results])
    assert "missing required arguments: service_name" in message
    assert "value of service_state must be one of: present, absent" in message
    assert "value of service_orphans must be one of: ignore, remove" in message
    assert "service_containers" in message and "service_healthy" in message
    assert len(played.results) == 1


@pytest.mark.parametrize(
    ("kind", "option", "value"),
    sampled.some(
        [("network", "colour", "blue"), ("volume", "colour", "blue"), ("container", "memory", "much")], sample=1
    ),
)
def test_what_a_module_refuses_is_told_before_anything_is_touched(
    kind: str, option: str, value: str, service: dict[str, Any], role: Callable[..., Any], client: Any
) -> None:
    """The last entry is wrong."""
    service["service_%ss" % kind][-1][option] = value
    before = everything(client)
    played = role(service, expect="failed")
    assert option in failure(played)
    assert everything(client) == before


@pytest.fixture
def shop_images(client: Any, rootfs_tar: Path, tmp_path: Path) -> None:
    """Images with the names in README.md, which do what its example needs."""
    path = tmp_path / "image.tar"
    shutil.copy(rootfs_tar, path)
    with tarfile.open(path, "a") as archive:
        # The database is ready once it has written to its volume.
        for name, text in {
            "bin/pg_isready": "test -e /var/lib/postgresql/data/ready",
            "bin/server": "mkdir -p /var/lib/postgresql/data; sleep 1; touch /var/lib/postgresql/data/ready\n"
            "httpd -p 80 -h /var/www; %s" % IDLE,
        }.items():
            member = tarfile.TarInfo(name)
            member.mode, member.size = 0o755, len("#!/bin/sh\n" + text)
            archive.addfile(member, io.BytesIO(("#!/bin/sh\n" + text).encode()))
    for name in ("postgres:17", "nginx:1.29", "redis:8"):
        repository, _colon, tag = name.partition(":")
        client.import_image_from_file(str(path), repository=repository, tag=tag, changes=['CMD ["server"]'])


@pytest.mark.usefixtures("shop_images")
def test_the_examples_of_the_readme(engine: Any, playbook: Callable[..., Any], client: Any) -> None:
    text = (ROOT / "roles" / "service" / "README.md").read_text(encoding="utf-8")
    shop, cache = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    playbook(shop, check=True, diff=True, shop_password="secret")
    assert client.containers(all=True, filters={"label": LABEL + "=shop"}) == []
    assert changed(playbook(shop, shop_password="secret")) == 4
    assert client.inspect_container("shop-db")["State"]["Health"]["Status"] == "healthy"
    assert changed(playbook(shop, shop_password="secret")) == 0
    # Only module_defaults names the engine.
    assert "ssh://admin@host.example.com" in cache
    elsewhere = cache.replace("ssh://admin@host.example.com", engine.url).replace("use_ssh_client: true", "timeout: 50")
    played = playbook(elsewhere.replace("gather_facts: false", NO_ENGINE))
    assert changed(played) == 1
    assert client.inspect_container("cache")["Config"]["Labels"][LABEL] == "cache"
