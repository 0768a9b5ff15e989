# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_run: what a replacement does with options of the old container that the task does not give."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sampled
from container_run_rows import ROWS, Row
from hypothesis import HealthCheck, assume, example, given, seed, settings
from hypothesis import strategies as st
from test_container_run_options import at as strictly_at
from test_container_run_options import filled, identify
from test_container_run_pairs import BY_OPTION, EXCLUSIVE, comparable

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}
OTHER = {"command": ["sleep", "1001"], "stop_signal": "KILL"}
TRIPLES = 20  # per test
SPECIAL = ("command", "stop_signal", "auto_remove")
# Rows whose first value is the engine's default.
DEFAULTS = ("volume_driver", "isolation")


def at(document: Any, row: Row) -> Any:
    """The value of a row in the inspect document; None if it is missing or a value of the engine itself."""
    try:
        value = strictly_at(document, row.path)
    except KeyError:
        return None
    return None if value in ("", "no", document["Id"][:12]) else value


def usable(row: Row) -> bool:
    return row.declined is None and row.option not in (*SPECIAL, *DEFAULTS) and row.first not in ("", [], {})


@pytest.mark.one_engine("what each engine makes of an option is shown by test_container_run_options.py")
@pytest.mark.parametrize("row", sampled.some(filter(usable, ROWS), sample=20), ids=identify)
def test_row(row: Row, run: Any, client: Any, image: str, name: str) -> None:
    """Each option: reported when it is dropped, refused with fail, and carried over with keep."""
    if "-other" in repr(row.first):
        shared = {"ipc_mode": "shareable"} if row.option == "ipc_mode" else {}
        run("container_run", name=name + "-other", image=image, **SLEEP, **shared)
    also = {key: value for key, value in filled(row.also, name).items() if key != "state"}
    base = {"name": name, "image": image, "state": "present", "warnings": True, **also}
    first = {**SLEEP, **base, row.option: filled(row.first, name)}
    task = {**OTHER, **base}
    if "command" in also:
        task = {**task, "labels": {"another": "one"}}
    run("container_run", **first)
    before = client.inspect_container(name)
    run("container_run", **{**task, "name": name + "-bare"})
    known = at(client.inspect_container(name + "-bare"), row) if row.path else None
    differs = at(before, row) != known if row.path else True
    expected = {"device_requests" if row.option == "gpus" else row.option} if differs else set()

    foreseen = run("container_run", check=True, expect="changed", **task)
    assert set(foreseen.get("dropped", {})) - {"entrypoint"} == expected - {"entrypoint"}
    for option in expected:
        assert option in foreseen["diff"]["before"]
        assert any(option in words for words in foreseen["warnings"])
    failed = run("container_run", expect="failed" if expected else "any", check=True, unspecified="fail", **task)
    assert all(option in failed["msg"] for option in expected)
    run("container_run", expect="failed" if expected else "any", unspecified="fail", **task)
    if not expected:
        return
    assert client.inspect_container(name)["Id"] == before["Id"]

    kept = {**task, "unspecified": "keep"}
    foreseen = run("container_run", check=True, expect="changed", **kept)
    done = run("container_run", expect="changed", **kept)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert "dropped" not in done
    after = client.inspect_container(name)
    assert after["Id"] != before["Id"]
    assert at(after, row) == at(before, row)
    run("container_run", expect="ok", **kept)
    run("container_run", expect="ok", **{**first, **{key: task[key] for key in ("command", "labels") if key in task}})

    run("container_run", expect="changed", **{**task, "recreate": True})
    assert not row.path or at(client.inspect_container(name), row) == known


@pytest.mark.parametrize("changes", [[], None], ids=["no settings", "all settings"])
@pytest.mark.parametrize(
    "mode", [{}, {"network_mode": "host"}, {"network_mode": "none"}, {"networks": [{"name": "{name}-net"}]}], ids=str
)
def test_nothing_is_dropped_of_a_bare_container(
    mode: Any, changes: Any, run: Any, client: Any, rootfs_tar: Any, image: str, name: str
) -> None:
    """Nothing that comes from the image, from the engine itself, or from the task."""
    # It exits at once on SIGTERM: not every engine imports STOPSIGNAL.
    command = 'CMD ["sh", "-c", "trap exit TERM; sleep 1000 & wait"]'
    if changes is None:
        changes = [
            "ENV A=1 B=2",
            "LABEL x=y",
            "USER 1000",
            "WORKDIR /tmp",
            "EXPOSE 80 81/udp",
            "VOLUME /data /more",
            'ENTRYPOINT ["/bin/busybox"]',
            command,
            'HEALTHCHECK --interval=1s CMD ["true"]',
        ]
    else:
        changes = [command]
    if client.api_version != "1.41":
        changes = [*changes, "STOPSIGNAL SIGKILL"]
    own = "wharf-test/" + name
    run("container_import", src=str(rootfs_tar), repository=own, tag="1", changes=changes)
    run("container_import", src=str(rootfs_tar), repository=own, tag="2", changes=[*changes, "LABEL n=2"])
    client.create_network(name + "-net")
    spec = {"name": name, **filled(mode, name)}
    run("container_run", image=own + ":1", **spec)
    for fail in (True, False):
        more = {"unspecified": "fail"} if fail else {}
        done = run("container_run", expect="changed", check=fail, image=own + ":2", **more, **spec)
        assert "dropped" not in done
    kept = run("container_run", expect="changed", image=own + ":1", unspecified="keep", **spec)
    assert "dropped" not in kept
    run("container_run", name=name + "-fresh", image=own + ":1", **{key: spec[key] for key in spec if key != "name"})
    fresh = client.inspect_container(name + "-fresh")
    assert comparable(client.inspect_container(name)) == comparable(fresh)
    for tag in ("1", "2"):
        client.remove_image("%s:%s" % (own, tag), force=True)


def test_an_upgrade_in_one_line(run: Any, client: Any, rootfs_tar: Any, image: str, name: str) -> None:
    """The whole spec is carried over to the next image, except variables of the old image."""
    own = "wharf-test/" + name
    for tag in ("1", "2"):
        changes = ['CMD ["sleep", "100%s"]' % tag, "ENV VERSION=%s" % tag, "EXPOSE 8%s" % tag]
        run("container_import", src=str(rootfs_tar), repository=own, tag=tag, changes=changes)
    for number in (1, 2):
        client.create_network("%s-%d" % (name, number), ipam={"Config": [{"Subnet": "10.21%d.0.0/24" % number}]})
    given = {
        "published_ports": ["127.0.0.1:18080:80"],
        "volumes": [name + "-data:/data", "/more"],
        "env": {"A": "1", "B": "two words"},
        "labels": {"app": "web"},
        "memory": "64m",
        "cpus": 0.5,
        "restart_policy": "always",
        "hostname": "web",
        "stop_signal": "KILL",
        "networks": [
            {"name": name + "-1", "aliases": ["www"], "ipv4_address": "10.211.0.7"},
            {"name": name + "-2", "aliases": ["x"]},
        ],
        "ulimits": ["nofile=1024:2048"],
        "log_options": {"max-size": "10m"},
        "healthcheck": {"test": ["CMD", "true"], "interval": "1s"},
    }
    run("container_run", name=name, image=own + ":1", **given)
    task = {"name": name, "image": own + ":2", "unspecified": "keep"}
    foreseen = run("container_run", check=True, expect="changed", **task)
    done = run("container_run", expect="changed", **task)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert list(done["diff"]["after"]) == ["image"]
    run("container_run", expect="ok", **task)
    run("container_run", expect="ok", image=own + ":2", name=name, **given)
    container = client.inspect_container(name)
    assert sorted(container["Config"]["Env"]) == ["A=1", "B=two words", "VERSION=2"]
    assert container["Config"]["Cmd"] == ["sleep", "1002"]
    assert sorted(container["Config"]["ExposedPorts"]) == ["80/tcp", "82/tcp"]
    assert container["NetworkSettings"]["Networks"][name + "-1"]["IPAddress"] == "10.211.0.7"
    run("container_run", name=name, state="absent")
    for tag in ("1", "2"):
        client.remove_image("%s:%s" % (own, tag), force=True)


MERGED = [
    # option, value of the old container, of the task, result of keep, items that drop reports
    ("env", {"A": "1", "B": "2"}, {"B": "3"}, {"A": "1", "B": "3"}, {"A": "1"}),
    ("published_ports", ["8080:80", "8443:443"], ["8081:80"], ["8081:80", "8443:443"], [":8443:443/tcp"]),
    ("volumes", ["{name}-a:/a", "{name}-b:/b"], ["{name}-c:/b"], ["{name}-a:/a", "{name}-c:/b"], ["{name}-a:/a"]),
    ("ulimits", ["nofile=1:2", "nproc=5"], ["nofile=2"], ["nofile=2", "nproc=5"], ["nproc:5:5"]),
    ("capabilities", ["NET_ADMIN"], ["SYS_TIME"], ["NET_ADMIN", "SYS_TIME"], ["NET_ADMIN"]),
    ("healthcheck", {"test": ["CMD", "a"], "interval": "1s"}, {"test": ["NONE"]}, {"test": ["NONE"]}, None),
]


@pytest.mark.parametrize(("option", "old", "new", "both", "lost"), MERGED, ids=[one[0] for one in MERGED])
def test_items(
    option: str, old: Any, new: Any, both: Any, lost: Any, run: Any, client: Any, image: str, name: str
) -> None:
    """Items of the task replace items for the same key or place; the others are dropped, or kept."""
    base = {"name": name, "image": image, "state": "present", **SLEEP}
    old, new, both, lost = (filled(value, name) for value in (old, new, both, lost))
    run("container_run", **base, **{option: old})
    foreseen = run("container_run", check=True, expect="changed", warnings=True, **base, **{option: new})
    shown = foreseen.get("dropped", {}).get(option)
    assert [one.replace(":rw", "") for one in shown] == lost if isinstance(shown, list) else shown == lost
    done = run("container_run", expect="changed", unspecified="keep", **base, **{option: new})
    assert "dropped" not in done
    run("container_run", expect="ok", **base, **{option: both}, comparisons={option: "strict"})


def test_what_the_task_rules_out(run: Any, client: Any, image: str, name: str) -> None:
    """Ports can't be published in the host's network: they are reported as dropped, even with keep."""
    base = {"name": name, "image": image, **SLEEP}
    run("container_run", published_ports=["127.0.0.1:18090:80"], memory="64m", **base)
    task = {**base, "network_mode": "host", "unspecified": "keep"}
    foreseen = run("container_run", check=True, expect="changed", warnings=True, **task)
    done = run("container_run", expect="changed", warnings=True, **task)
    assert foreseen["dropped"] == done["dropped"] == {"published_ports": ["127.0.0.1:18090:80/tcp"]}
    assert client.inspect_container(name)["HostConfig"]["Memory"] == 64 << 20
    run("container_run", expect="ok", **task)


def test_networks(run: Any, client: Any, image: str, name: str) -> None:
    """Networks in addition to those of the task."""
    for number in (1, 2, 3):
        client.create_network("%s-%d" % (name, number))
    one, two, three = ({"name": "%s-%d" % (name, number)} for number in (1, 2, 3))
    base = {"name": name, "image": image, "warnings": True, **SLEEP}
    run("container_run", networks=[one, {**two, "aliases": ["x"]}], **base)
    foreseen = run("container_run", check=True, networks=[three], **base)
    assert set(foreseen["dropped"]["networks"]) == {one["name"], two["name"]}
    foreseen = run("container_run", check=True, **{**base, **OTHER})
    assert set(foreseen["dropped"]) == {"network_mode", "networks"}
    strict = {"comparisons": {"networks": "strict"}}
    assert "dropped" not in run("container_run", check=True, networks=[three], **strict, **base)
    done = run("container_run", networks=[three], unspecified="keep", **base)
    assert "dropped" not in done
    networks = client.inspect_container(name)["NetworkSettings"]["Networks"]
    assert sorted(networks) == [one["name"], two["name"], three["name"]]
    assert "x" in networks[two["name"]]["Aliases"]


def test_a_secret_that_is_dropped(run: Any, image: str, name: str) -> None:
    base = {"name": name, "image": image, "state": "present", "warnings": True}
    run("container_run", env={"DB_PASSWORD": "marker-one", "PLAIN": "seen"}, **SLEEP, **base)
    foreseen = run("container_run", check=True, expect="changed", **OTHER, **base)
    assert "marker-one" not in json.dumps(foreseen)
    assert foreseen["dropped"]["env"]["PLAIN"] == "seen"
    failed = run("container_run", check=True, expect="failed", unspecified="fail", **OTHER, **base)
    assert "DB_PASSWORD" in failed["msg"] and "seen" not in failed["msg"]


def test_contradictions_of_what_is_kept(run: Any, client: Any, image: str, name: str) -> None:
    base = {"name": name, "image": image, "state": "present", **SLEEP}
    run("container_run", memory="64m", memory_swap="80m", hostname="a", **base)
    before = client.inspect_container(name)["Id"]
    task = {**base, "hostname": "b", "memory": "128m", "unspecified": "keep"}
    for check in (True, False):
        failed = run("container_run", check=check, expect="failed", **task)
        assert "memory_swap" in failed["msg"] and "nothing was touched" in failed["msg"]
    assert client.inspect_container(name)["Id"] == before


@st.composite
def specs(draw: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A (some options), A' (the same options, at least one with another value) and B (other options)."""
    options = draw(st.lists(st.sampled_from(sorted({*BY_OPTION} - {"command"})), min_size=2, max_size=7, unique=True))
    first: dict[str, Any] = {}
    second: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for option in options:
        row = draw(st.sampled_from(BY_OPTION[option]))
        needed = {key: value for key, value in row.also.items() if key not in ("comparisons", "state")}
        values = draw(st.permutations([row.first, row.second]))
        if draw(st.booleans()):
            others.update({**needed, option: values[0]})
        else:
            first.update({**needed, option: values[0]})
            second.update({**needed, option: values[1]})
    others = {key: value for key, value in others.items() if key not in second and key != "command"}
    return first, second, others


# A, A' and B, with merged options, options that depend on each other, and volumes of both kinds.
KNOWN: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"memory": "64m"}, {"memory": "96m"}, {"memory_swap": "120m", "cpu_shares": 512}),
    ({"env": {"A": "1"}}, {"env": {"A": "2"}}, {"labels": {"a": "1"}, "ulimits": ["nofile=1024:2048"]}),
    ({"user": "1000"}, {"user": "0"}, {"volumes": ["/data", "{name}-data:/more"], "tmpfs": ["/run:size=1m"]}),
]


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("drawn_by", sampled.seeds(sampled.number(1, exhaustive=5)))
def test_triples(drawn_by: int, run: Any, client: Any, image: str, name: str, tell: Any) -> None:
    """The old container has A and B, the task gives A': the result equals a new container with A' and B."""
    seen = 0

    @seed(drawn_by)
    @settings(max_examples=TRIPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @example(KNOWN[0])
    @example(KNOWN[1])
    @example(KNOWN[2])
    @given(specs())
    def one(drawn: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]) -> None:
        nonlocal seen
        base = {"name": name, "image": image, "state": "present", "command": ["sleep", "1000"], "warnings": True}
        base["comparisons"] = {"*": "strict"}
        first, second, others = (filled(spec, name) for spec in drawn)
        # Twice the memory is the engine's default for swap if no limit is given.
        assume((first.get("memory"), others.get("memory_swap")) != ("64m", "128m"))
        # Options of another log driver are not kept: they are dropped, which is reported.
        assume("log_options" not in others or first.get("log_driver") == second.get("log_driver"))
        for former in (name, name + "-fresh"):
            run("container_run", name=former, state="absent", keep_volumes=False)
        for spec in ({**base, **first, **others}, {**base, **second, **others}):
            checked = run("container_run", check=True, expect="any", **spec)
            assume(not any(words in checked.get("msg", "") for words in EXCLUSIVE))
        run("container_run", **{**base, **first, **others})
        task = {**base, **second, "recreate": True, "unspecified": "keep"}
        foreseen = run("container_run", check=True, **task)
        done = run("container_run", **task)
        assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
        assert "dropped" not in done
        run("container_run", **{**base, **second, **others, "name": name + "-fresh"})
        fresh = client.inspect_container(name + "-fresh")
        assert comparable(client.inspect_container(name)) == comparable(fresh)
        seen += 1

    one()
    for former in (name, name + "-fresh"):
        run("container_run", name=former, state="absent", keep_volumes=False)
    assert seen >= len(KNOWN) + TRIPLES // 2
    tell("Random triples of specs of container_run, with unspecified: keep", seen, "equal to a fresh one")


def test_a_secret_of_an_earlier_task(run: Any, image: str, name: str) -> None:
    """The task that drops, keeps or refuses it does not know that it is a secret: the container's label does."""
    base = {"name": name, "image": image, "state": "present", "warnings": True}
    run("container_run", env_secret={"PLAIN_NAME": "marker-two"}, **SLEEP, **base)
    for unspecified in ("fail", "drop", "keep"):
        for check in (True, False):
            result = run("container_run", check=check, expect="any", unspecified=unspecified, **OTHER, **base)
            assert "marker-two" not in json.dumps(result)
            if check and unspecified == "drop":
                assert list(result["dropped"]["env"]) == ["PLAIN_NAME"]
        if unspecified == "drop":
            run("container_run", env_secret={"PLAIN_NAME": "marker-two"}, **SLEEP, **base)
    again = run("container_run", name=name)
    assert "PLAIN_NAME=********" in again["container"]["Config"]["Env"] and "marker-two" not in json.dumps(again)
