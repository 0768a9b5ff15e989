# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Existing containers, as tables: which are selected, the steps to a state, and the state afterwards."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._container import plan_state
from ansible_collections.wharf.docker.plugins.module_utils._container import selection as select
from ansible_collections.wharf.docker.plugins.module_utils._container import state as states
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    Failure,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_info as _container_info
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

CREATED, RUNNING, PAUSED, EXITED, FAILED = "created", "running", "paused", "exited", "failed"
STARTS = (CREATED, RUNNING, PAUSED, EXITED, FAILED)


def container(status: str = "running", host: Any = None, **state: Any) -> dict[str, Any]:
    code = 1 if status == FAILED else 0
    status = "exited" if status == FAILED else status
    return {
        "Id": "c" * 64,
        "Name": "/web",
        "State": {
            "Status": status,
            "Running": status in ("running", "paused", "restarting"),
            "Paused": status == "paused",
            "ExitCode": code,
            **state,
        },
        "Config": {"Healthcheck": {"Test": ["CMD", "true"]}},
        "HostConfig": host or {},
    }


def planned(state: str | None, observed: dict[str, Any], **wanted: Any) -> Plan:
    return plan_state.plan_state(states.WantedState(state, **wanted), observed)


STOP = "stop web: state %s → exited"
UNPAUSE = "unpause web: state paused → running"
REMOVE = "remove web: state %s → absent"
# State → the steps from created, running, paused, exited and failed; a string is the reason of a failure.
TABLE: dict[str, list[Any]] = {
    "started": [
        ["start web: state created → running"],
        [],
        [UNPAUSE],
        ["start web: state exited → running"],
        ["start web: state exited → running"],
    ],
    "stopped": [[], [STOP % "running"], [UNPAUSE, STOP % "running"], [], []],
    "restarted": [
        ["start web: state created → running"],
        ["restart web: restarted is requested"],
        [UNPAUSE, "restart web: restarted is requested"],
        ["start web: state exited → running"],
        ["start web: state exited → running"],
    ],
    "killed": [[], ["kill web: state running → exited"], ["kill web: state paused → exited"], [], []],
    "paused": [
        "it is not running, but created",
        ["pause web: state running → paused"],
        [],
        "it is not running, but exited",
        "it is not running, but exited",
    ],
    "unpaused": ["it is not paused, but created", [], [UNPAUSE], "it is not paused, but exited", "it is not paused"],
    "healthy": [
        ["start web: state created → running"],
        [],
        [UNPAUSE],
        ["start web: state exited → running"],
        ["start web: state exited → running"],
    ],
    "exited": ["it was never started", [], [], [], []],
    "absent": [
        [REMOVE % "created"],
        [STOP % "running", REMOVE % "exited"],
        [UNPAUSE, STOP % "running", REMOVE % "exited"],
        [REMOVE % "exited"],
        [REMOVE % "exited"],
    ],
}


def test_the_table_has_all_states() -> None:
    assert (*TABLE, "rolled_back") == states.STATES


@pytest.mark.parametrize("state", TABLE)
@pytest.mark.parametrize("number", range(len(STARTS)), ids=STARTS)
def test_states(state: str, number: int) -> None:
    expected, observed = TABLE[state][number], container(STARTS[number])
    if isinstance(expected, str):
        with pytest.raises(Failure, match=expected) as caught:
            planned(state, observed)
        assert "web" in caught.value.message
        return
    plan = planned(state, observed)
    assert plan.actions() == expected
    assert plan.changed is bool(expected)
    diff = plan.diff()
    assert (diff["before"] != diff["after"]) is plan.changed
    if plan.changed:
        assert diff["before"] == {"web": {"state": observed["State"]["Status"]}}


@pytest.mark.parametrize(
    ("state", "observed", "wanted", "actions", "after"),
    [
        ("killed", container(), {"signal": "SIGHUP"}, ["kill web: signal SIGHUP"], "running"),
        ("killed", container("paused"), {"signal": "SIGTERM"}, ["kill web: signal SIGTERM"], "paused"),
        ("killed", container("restarting"), {}, ["kill web: state restarting → exited"], "exited"),
        (
            "killed",
            container(host={"AutoRemove": True}),
            {},
            ["kill web: state running → absent, by its auto_remove"],
            "absent",
        ),
        (
            "stopped",
            container(host={"AutoRemove": True}),
            {},
            ["stop web: state running → absent, by its auto_remove"],
            "absent",
        ),
        ("stopped", container("restarting"), {}, [STOP % "restarting"], "exited"),
        ("stopped", container("dead"), {}, [], None),
        ("started", container("restarting"), {}, [], None),
        ("restarted", container("restarting"), {}, ["restart web: restarted is requested"], "running"),
        ("unpaused", container("restarting"), {}, [], None),
        ("exited", container("dead"), {}, [], None),
        ("absent", container("dead"), {}, [REMOVE % "dead"], "absent"),
        ("absent", container("removing"), {}, [REMOVE % "removing"], "absent"),
        ("absent", container("restarting"), {}, [STOP % "restarting", REMOVE % "exited"], "absent"),
        ("absent", container(), {"force": True}, [REMOVE % "running" + ", by force"], "absent"),
        ("absent", container("paused"), {"force": True}, [REMOVE % "paused" + ", by force"], "absent"),
        (
            "absent",
            container("exited"),
            {"force": True, "volumes": True},
            [REMOVE % "exited" + ", with its anonymous volumes"],
            "absent",
        ),
    ],
)
def test_other_containers_and_options(
    state: str, observed: dict[str, Any], wanted: dict[str, Any], actions: list[str], after: Any
) -> None:
    plan = planned(state, observed, **wanted)
    assert plan.actions() == actions
    assert plan.diff()["after"].get("web", {}).get("state") == after


def test_a_restart_and_a_signal_show_in_the_diff() -> None:
    assert planned("restarted", container()).diff() == {
        "before": {"web": {"state": "running"}},
        "after": {"web": {"state": "running", "restarted": True}},
    }
    assert planned("killed", container(), signal="SIGUSR1").diff() == {
        "before": {"web": {"state": "running"}},
        "after": {"web": {"state": "running", "signal": "SIGUSR1"}},
    }


@pytest.mark.parametrize(
    ("state", "observed", "wanted", "reason"),
    [
        ("killed", container("exited"), {"signal": "SIGHUP"}, "Cannot send SIGHUP .* not running, but exited"),
        ("killed", container("created"), {"signal": "SIGTERM"}, "not running, but created"),
        ("started", container("dead"), {}, "it is dead"),
        ("restarted", container("removing"), {}, "it is removing"),
        ("paused", container("restarting"), {}, "it is not running, but restarting"),
        ("healthy", {**container(), "Config": {}}, {}, "has no health check"),
        ("healthy", {**container(), "Config": {"Healthcheck": {"Test": ["NONE"]}}}, {}, "has no health check"),
    ],
)
def test_what_can_not_be_done(state: str, observed: dict[str, Any], wanted: dict[str, Any], reason: str) -> None:
    with pytest.raises(Failure, match=reason):
        planned(state, observed, **wanted)


def test_rename() -> None:
    plan = planned(None, container(), new_name="shop")
    assert plan.actions() == ["rename web: name web → shop"]
    assert plan.diff() == {
        "before": {"web": {"state": "running", "name": "web"}},
        "after": {"web": {"state": "running", "name": "shop"}},
    }
    assert planned(None, container(), new_name="web") == Plan()


def test_rename_comes_before_the_state() -> None:
    plan = planned("stopped", container("paused"), new_name="shop")
    assert plan.actions() == [
        "rename web: name web → shop",
        "unpause shop: state paused → running",
        "stop shop: state running → exited",
    ]
    assert plan.diff()["after"] == {"web": {"state": "exited", "name": "shop"}}
    assert planned("stopped", container("exited"), new_name="web") == Plan()


def test_what_the_steps_carry() -> None:
    stop, remove = planned("absent", container(), stop_timeout=3, volumes=True).steps
    assert (stop.timeout, stop.container) == (3, "c" * 64)
    assert (remove.volumes, remove.force) == (True, False)
    assert planned("restarted", container(), stop_timeout=-1).steps[0].timeout == -1


@pytest.mark.parametrize(
    ("state", "observed", "short"),
    [
        ("started", container(), ""),
        ("started", container("exited"), ""),
        ("started", container(FAILED), "it is exited, with exit code 1"),
        ("started", container("restarting", ExitCode=3), "it is restarting, with exit code 3"),
        ("restarted", container(FAILED), "it is exited, with exit code 1"),
        ("stopped", container("exited"), ""),
        ("stopped", container(), "it is running"),
        ("killed", container(), "it is running"),
        ("killed", container(FAILED), ""),
        ("paused", container("paused"), ""),
        ("paused", container(), "it is running"),
        ("unpaused", container(), ""),
        ("unpaused", container("paused"), "it is paused"),
        ("exited", container(FAILED), ""),
        (None, container(), ""),
    ],
)
def test_shortfall(state: str | None, observed: dict[str, Any], short: str) -> None:
    assert states.shortfall(states.WantedState(state), observed) == short


def test_a_signal_promises_no_end() -> None:
    assert states.shortfall(states.WantedState("killed", signal="SIGTERM"), container()) == ""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, None),
        ({}, {}),
        ({"label": "app=web"}, {"label": ["app=web"]}),
        ({"label": ["app", "tier=front"]}, {"label": ["app", "tier=front"]}),
        ({"label": {"app": "web", "tier": None, "n": 1, "on": True}}, {"label": ["app=web", "tier", "n=1", "on=true"]}),
        ({"exited": [0, 137]}, {"exited": ["0", "137"]}),
        ({"exited": 0, "status": "exited"}, {"exited": ["0"], "status": ["exited"]}),
        ({"is-task": False}, {"is-task": ["false"]}),
    ],
)
def test_filters(given: Any, expected: Any) -> None:
    assert select.filters_from(given) == expected


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"labels": "x"}, r"filters: labels is unknown. The known filters are ancestor, before, .*volume\."),
        ({"label": "x", "b": 1, "a": 1}, "filters: a, b is unknown"),
        ({"label": []}, "label has an empty value"),
        ({"label": {}}, "label has an empty value"),
        ({"name": ""}, "name has an empty value"),
        ({"status": None}, "status has an empty value"),
        ({"status": ["exited", ""]}, "status has an empty value"),
        ({"name": {"a": "b"}}, "name takes a text or a list"),
        ({"name": [{"a": "b"}]}, "name takes a text or a list"),
    ],
)
def test_filters_that_are_wrong(given: Any, reason: str) -> None:
    with pytest.raises(Failure, match=reason):
        select.filters_from(given)


def test_names() -> None:
    assert select.names_from(None) is None
    assert select.names_from([]) == []
    assert select.names_from(["web", "/db", "web"]) == ["web", "db"]
    with pytest.raises(Failure, match="name: name 'no/name'"):
        select.names_from(["web", "no/name"])
    with pytest.raises(Failure, match="name: "):
        select.names_from([""])


def test_each_keeps_the_order_and_the_bound() -> None:
    busy, most, lock = 0, 0, threading.Lock()

    def work(number: int) -> int:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        threading.Event().wait(0.01)
        with lock:
            busy -= 1
        return number * number

    assert select.each(work, range(20), 3) == [number * number for number in range(20)]
    assert most == 3
    assert select.each(work, [2]) == [4]
    assert select.each(work, []) == []


class Listing:
    """An engine with some containers, for finding them only."""

    podman = False

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.calls: list[str] = []

    def get(self, path: str, *, tried: str, query: Any = None) -> Any:
        self.calls.append(path)
        return [{"Id": name, "Names": ["/" + name]} for name in self.names]

    def find(self, path: str, *, tried: str) -> Any:
        self.calls.append(path)
        name = path.split("/")[2]
        name = self.names[0] if name.startswith("0123456789ab") else name
        if name not in self.names or name == "gone":
            return None
        return {"Id": "0123456789ab" + name, "Name": "/" + name, "State": {}}


def test_finding_by_names() -> None:
    engine: Any = Listing("web", "db")
    documents, missing = select.find_by_names(engine, ["db", "no", "web", "0123456789ab", "none"], parallel=1)
    assert [document["Name"] for document in documents] == ["/db", "/web"]
    assert missing == ["no", "none"]
    assert len(engine.calls) == 5


def test_finding_by_filters() -> None:
    engine: Any = Listing("web", "gone", "db")
    assert [document["Name"] for document in select.find_by_filters(engine, {})] == ["/db", "/web"]
    assert engine.calls[0] == "/containers/json"
    assert sorted(engine.calls[1:]) == ["/containers/%s/json" % name for name in ("db", "gone", "web")]


def test_the_ways_of_an_ad_hoc_line() -> None:
    """How Ansible parses filters=label=app=shop,status=exited."""
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

    spec = _registry.task("container_state").argument_spec()
    found = ArgumentSpecValidator(spec).validate({"filters": "label=app=shop,status=exited", "name": "web,db"})
    assert not found.error_messages
    assert found.validated_parameters["filters"] == {"label": "app=shop", "status": "exited"}
    assert found.validated_parameters["name"] == ["web", "db"]


def test_ports() -> None:
    published = {
        "8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "80"}],
        "53/udp": [{"HostIp": "0.0.0.0", "HostPort": "5353"}, {"HostIp": "::", "HostPort": "5353"}],
        "53/tcp": None,
    }
    assert _container_info.ports({"NetworkSettings": {"Ports": published}}) == [
        {"container_port": "53/udp", "host_ip": "0.0.0.0", "host_port": 5353},
        {"container_port": "53/udp", "host_ip": "::", "host_port": 5353},
        {"container_port": "8080/tcp", "host_ip": "127.0.0.1", "host_port": 80},
    ]
    assert _container_info.ports({"NetworkSettings": {"Ports": {}}}) == []
    assert _container_info.ports({}) == []
