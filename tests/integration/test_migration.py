# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A playbook written for docker_container runs with only the module's name changed, and does the same.

It is run once with community.docker and once with container_run, each on a separate engine. For each task the test
compares whether it changed something, whether it failed, and the returned container; and at the end all containers of
both engines. Then each module checks the containers of the other one. Intended differences are listed in
tests/migration/differences.yml, and in the docs.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import peer
import private_engine
import pytest
import sampled
import yaml

ROOT = Path(__file__).resolve().parents[2]
COLLECTIONS = ROOT / ".cache" / "collections"
FOLDER = ROOT / "tests" / "migration"
PAGE = (ROOT / "docs" / "docsite" / "rst" / "moving_over.rst").read_text(encoding="utf-8")
CODE = re.findall(r"^\.\. code-block:: yaml\n\n((?:  .*\n|\n)+)", PAGE, re.MULTILINE)
WHOLE = yaml.safe_load((FOLDER / "docker_container.yml").read_text(encoding="utf-8"))
DIFFERENCES = yaml.safe_load((FOLDER / "differences.yml").read_text(encoding="utf-8"))
THEIRS, OURS = "community.docker.docker_container", "wharf.docker.container_run"
ANSIBLE = ["ansible-playbook", "-i", "localhost,", "-c", "local"]
OTHER = "wharf-test/other:1"


def group(task: str) -> str:
    """The topic of a task: "Env" of "Env: some variables" and of "Back: Env: some variables"."""
    return re.sub("^(Back|Taken over): ", "", task).partition(":")[0]


GROUPS = list(dict.fromkeys(group(task["name"]) for task in WHOLE[0]["tasks"]))
# A sample has some groups of tasks; "Networks" links to a container of "Env".
CHOSEN = sampled.some(GROUPS, sample=6)
CHOSEN += ["Env"] * ("Networks" in CHOSEN)
PLAYBOOK = yaml.safe_dump(
    [{**WHOLE[0], "tasks": [task for task in WHOLE[0]["tasks"] if group(task["name"]) in CHOSEN]}],
    sort_keys=False,
    width=200,
)
# docker_container sets these, as if it were attached to the container.
ATTACHED = (".AttachStdin", ".AttachStdout", ".AttachStderr", ".StdinOnce")
# Values that differ in each container, by their place in the inspect document.
OWN = {
    "": "Created Id LogPath HostnamePath HostsPath ResolvConfPath SizeRw SizeRootFs GraphDriver Storage Output ExecIDs",
    "State": "Pid StartedAt FinishedAt Health",
    "NetworkSettings": "SandboxID SandboxKey EndpointID IPAddress MacAddress Gateway GlobalIPv6Address IPv6Gateway",
    "endpoint": "EndpointID NetworkID IPAddress MacAddress GlobalIPv6Address DNSNames",
}


@pytest.fixture
def second_engine(engine: private_engine.Engine) -> Iterator[private_engine.Engine]:
    with private_engine.running(version=engine.version, store=engine.store) as found:
        yield found


def prepare(client: Any, rootfs_tar: Path) -> None:
    for name in ("a", "b"):
        subnet = {"Subnet": "10.213.%d.0/24" % (1 + (name == "b"))}
        client.create_network("migration-" + name, driver="bridge", ipam={"Config": [subnet]})
    changes = [
        "CMD trap exit TERM; sleep 1000 & wait",
        "ENV OF_IMAGE=1",
        "LABEL of.image=1",
        "EXPOSE 90",
        "VOLUME /made",
    ]
    client.import_image_from_file(str(rootfs_tar), repository="wharf-test/other", tag="1", changes=changes)
    client.import_image_from_file(str(rootfs_tar), repository="wharf-test/base", tag="latest", changes=['CMD ["sh"]'])
    client.tag("wharf-test/base:latest", "wharf-test/alias", "1")


def comparable(container: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    """An inspect document without what differs in each container. ``ids``: id → name, of containers and images."""
    found = _named(container, ids)
    for place, keys in OWN.items():
        for part in _parts(found, place):
            for key in keys.split():
                part.pop(key, None)
    config, host = found["Config"], found["HostConfig"]
    if re.fullmatch("[0-9a-f]{12}", config.get("Hostname", "")):
        del config["Hostname"]
    for endpoint in _parts(found, "endpoint"):
        endpoint["Aliases"] = sorted(
            one
            for one in endpoint.get("Aliases") or []
            if not re.fullmatch("[0-9a-f]{12}", one) and one != found["Name"][1:]
        )
    for mount in found["Mounts"]:
        if re.fullmatch("[0-9a-f]{64}", mount.get("Name", "")):
            mount.update(Name="(anonymous)", Source="(anonymous)")
    found["Mounts"].sort(key=lambda mount: str(mount["Destination"]))
    host["Binds"] = sorted(re.sub("^[0-9a-f]{64}:", "(anonymous):", bind) for bind in host.get("Binds") or [])
    config["StopSignal"] = "SIG" + config["StopSignal"].replace("SIG", "") if config.get("StopSignal") else ""
    config["Env"] = sorted(config.get("Env") or [])
    config["Labels"] = {key: text for key, text in (config["Labels"] or {}).items() if not key.startswith("wharf.")}
    return dict(_without_empty(found))


def _parts(document: dict[str, Any], place: str) -> list[dict[str, Any]]:
    if place == "endpoint":
        return list(document["NetworkSettings"]["Networks"].values())
    return [document[place]] if place else [document]


def _named(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _named(part, ids) for key, part in value.items()}
    if isinstance(value, list):
        return [_named(part, ids) for part in value]
    if isinstance(value, str):
        for identity, name in ids.items():
            value = value.replace(identity, name)
    return value


def _without_empty(value: Any) -> Any:
    """False or empty values mean the same as missing ones."""
    if isinstance(value, dict):
        return {key: part for key, part in ((key, _without_empty(part)) for key, part in value.items()) if part}
    return value


def names_of_ids(client: Any, engine: private_engine.Engine) -> dict[str, str]:
    found = {str(engine.directory): "(engine)"}
    found.update({one["Id"]: one["Names"][0] for one in client.containers(all=True)})
    found.update({one["Id"]: (one["RepoTags"] or ["none"])[0] for one in client.images()})
    return found


def differing(theirs: Any, ours: Any, path: str = "") -> dict[str, tuple[Any, Any]]:
    """The differences of two documents: path → both values."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        found = {}
        for key in {**theirs, **ours}:
            found.update(differing(theirs.get(key), ours.get(key), "%s.%s" % (path, key) if path else key))
        return found
    return {} if theirs == ours else {path: (theirs, ours)}


def test_migration(
    engine: private_engine.Engine,
    second_engine: private_engine.Engine,
    client: Any,
    image: str,
    rootfs_tar: Path,
    play: Callable[..., Any],
    tmp_path: Path,
    tell: Any,
) -> None:
    import docker

    (tmp_path / "env").write_text("B=from the file\nC=3\n", encoding="utf-8")
    ours_playbook = PLAYBOOK.replace(THEIRS, OURS)
    assert len(WHOLE[0]["tasks"]) >= 61 and set(CHOSEN) <= set(GROUPS)
    with contextlib.closing(docker.APIClient(base_url=second_engine.url, version="auto", timeout=60)) as other:
        for one in (client, other):
            prepare(one, rootfs_tar)
        for file, text in (("theirs.yml", PLAYBOOK), ("ours.yml", ours_playbook)):
            (tmp_path / file).write_text(text, encoding="utf-8")
        variables = json.dumps({"image": image, "other_image": OTHER, "directory": str(tmp_path)})

        def played(file: str, on: private_engine.Engine) -> Any:
            return play([*ANSIBLE, "-e", variables, str(tmp_path / file)], on=on, ANSIBLE_COLLECTIONS_PATH=paths())

        with concurrent.futures.ThreadPoolExecutor() as both:
            theirs, ours = both.map(played, ["theirs.yml", "ours.yml"], [second_engine, engine])
        found = outcomes(theirs, ours)
        ends = [
            {
                one["Names"][0]: comparable(its.inspect_container(one["Id"]), names_of_ids(its, on))
                for one in its.containers(all=True)
            }
            for on, its in ((second_engine, other), (engine, client))
        ]
        end = differing(*ends)
        assert any(path.endswith(ATTACHED) for path in end)
        found["The end"] = {path: values for path, values in end.items() if not path.endswith(ATTACHED)}
        (tmp_path / "over.yml").write_text(taken_over(yaml.safe_load(ours_playbook), OURS, ours), encoding="utf-8")
        for entry in played("over.yml", second_engine).results:
            found["Taken over: " + entry["task"]] = differing(
                {"changed": False, "actions": []}, {key: entry["result"].get(key) for key in ("changed", "actions")}
            )
        (tmp_path / "back.yml").write_text(taken_over(yaml.safe_load(PLAYBOOK), THEIRS, ours), encoding="utf-8")
        for entry in played("back.yml", engine).results:
            found["Back: " + entry["task"]] = differing({"changed": False}, {"changed": entry["result"].get("changed")})
        client.remove_image(OTHER, force=True)
    report(found, tell)
    expected = {entry["task"]: set(entry["differs"]) for entry in DIFFERENCES if group(entry.get("task", "")) in CHOSEN}
    assert {task: set(differs) for task, differs in found.items() if differs} == expected


def test_the_page(client: Any, rootfs_tar: Path, play: Callable[..., Any], tmp_path: Path) -> None:
    """Its example finds the containers of the same example with docker_container, and changes nothing."""
    client.import_image_from_file(str(rootfs_tar), repository="shop/web", tag="1", changes=["CMD sleep 1000"])
    example, _defaults = CODE
    book = tmp_path / "example.yml"
    changed = []
    for module in (THEIRS, OURS):
        tasks = textwrap.indent(textwrap.dedent(example.replace(OURS, module)), "    ")
        book.write_text("- hosts: localhost\n  gather_facts: false\n  tasks:\n" + tasks, encoding="utf-8")
        played = play([*ANSIBLE, str(book)], ANSIBLE_COLLECTIONS_PATH=paths())
        assert played.code == 0, played.output
        changed.append(played.result("Run the shop")["changed"])
    assert changed == [True, False]


def test_the_way_back(client: Any, image: str, play: Callable[..., Any], tmp_path: Path) -> None:
    """With the defaults on the page, docker_container changes nothing in a container of container_run."""
    _example, defaults = CODE
    (head,) = yaml.safe_load(defaults)
    spec = {
        "name": "back",
        "image": image,
        "command": ["sleep", "1000"],
        "stop_signal": "KILL",
        "published_ports": ["8081:80", "53/udp"],
        "volumes": ["/etc:/one", "/etc/:/two/", "back:/three", "/usr:/four:ro", "/five/"],
        "mounts": [{"target": "/six/", "type": "bind", "source": "/etc/", "read_only": False}],
        "tmpfs": ["/run/:mode=1777,size=1024k"],
        "devices": ["/dev/null:/dev/seven:mrw"],
        "capabilities": ["cap_net_admin"],
        "cap_drop": ["mknod"],
        "security_opts": ["no-new-privileges:true", "label:disable"],
        "etc_hosts": {"eight": "0:0::8"},
        "dns_servers": ["127.0.0.1", "127.0.0.1"],
        "ulimits": ["nofile:1024"],
    }
    changed = []
    for number, module in enumerate((OURS, THEIRS, OURS)):
        task = {"name": "Run it", module: spec, "check_mode": number > 0}
        book = tmp_path / ("%d.yml" % number)
        book.write_text(yaml.safe_dump([{**head, "hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
        played = play([*ANSIBLE, str(book)], ANSIBLE_COLLECTIONS_PATH=paths())
        assert played.code == 0, played.output
        changed.append(played.result("Run it")["changed"])
    assert changed == [True, False, False]


def paths() -> str:
    return "%s:%s" % (COLLECTIONS, peer.collections())


def taken_over(playbook: Any, module: str, results: Any) -> str:
    """A playbook with the last task for each remaining container, in check mode: it has nothing to change.

    ``results``: those of the tasks with the module that created the containers.
    """
    last = {}
    for task, entry in zip(playbook[0]["tasks"], results.results, strict=True):
        arguments = task[module]
        if entry["status"] == "ok" and "check_mode" not in task:
            last[arguments["name"]] = {**task, "check_mode": True}
            if arguments.get("state") == "absent" or arguments.get("detach") is False:
                del last[arguments["name"]]
    return yaml.safe_dump([{**playbook[0], "tasks": list(last.values())}], width=200)


def outcomes(theirs: Any, ours: Any) -> dict[str, dict[str, Any]]:
    """Task → its differences."""
    found = {}
    assert [entry["task"] for entry in theirs.results] == [entry["task"] for entry in ours.results]
    for one, another in zip(theirs.results, ours.results, strict=True):
        told = [
            {"changed": bool(entry["result"].get("changed")), "failed": entry["status"] != "ok"}
            for entry in (one, another)
        ]
        found[one["task"]] = differing(*told)
        if told[0]["failed"] is not one["task"].endswith(" fails"):
            found[one["task"]]["unmeant"] = (one["result"].get("msg"), another["result"].get("msg"))
    return found


def report(found: dict[str, dict[str, Any]], tell: Any) -> None:
    heading = "Tasks compared with docker_container"
    tell(heading, len(found) - 1, "tasks")
    for task, differs in found.items():
        for path, (theirs, ours) in differs.items():
            tell(heading, 0, "%s: %s is %r, and here %r" % (task, path, theirs, ours))
