# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner of one container, as a table: wanted and observed state in, the texts of the steps out."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._container import spec as _fields
from ansible_collections.wharf.docker.plugins.module_utils._container.comparison import compare
from ansible_collections.wharf.docker.plugins.module_utils._container.observed import (
    Observed,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import Update
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._tasks.container_run_plan import (
    plan_container,
)

MIB = 1024 * 1024
IMAGE = {"Id": "sha256:" + "1" * 64, "Config": {"Env": ["PATH=/bin"], "Labels": {"vendor": "x"}}}
NEWER = {"Id": "sha256:" + "2" * 64, "Config": {}}


def container(status: str = "running", config: Any = None, host: Any = None, networks: Any = None) -> dict[str, Any]:
    return {
        "Id": "c" * 64,
        "Name": "/web",
        "Image": IMAGE["Id"],
        "State": {"Status": status, "Running": status in ("running", "paused"), "Paused": status == "paused"},
        "Config": {"Image": "base", "Env": ["PATH=/bin"], "Labels": {"vendor": "x"}, **(config or {})},
        "HostConfig": {"NetworkMode": "default", **(host or {})},
        "NetworkSettings": {"Networks": networks or {"bridge": {"NetworkID": "b" * 64, "EndpointID": "e"}}},
    }


def wanted(comparisons: Any = None, options: Any = None, **fields: Any) -> Wanted:
    normal = _fields.parse(options or {})
    return Wanted(
        "web",
        image=fields.pop("image", "base"),
        normal=normal,
        modes=_fields.comparison_modes(comparisons or {}),
        **fields,
    )


def planned(want: Wanted, observed: Observed) -> Plan:
    return plan_container(want, observed, compare(want, observed))


LIMITS = {"Memory": 64 * MIB, "MemorySwap": 128 * MIB}
NETS = {"one": {"NetworkID": "1" * 64, "EndpointID": "e1"}, "two": {"NetworkID": "2" * 64, "EndpointID": "e2"}}

CASES = [
    # case, wanted, observed, steps
    (
        "new",
        wanted(),
        Observed(None, IMAGE),
        ["create web: no container of this name", "start web: state created → running"],
    ),
    (
        "new and missing",
        wanted(),
        Observed(None, None, "not on the engine"),
        ["pull base: not on the engine", "create web: no container of this name", "start web: state created → running"],
    ),
    ("new, present", wanted(state="present"), Observed(None, IMAGE), ["create web: no container of this name"]),
    (
        "new, to its end",
        wanted(detach=False, cleanup=True),
        Observed(None, IMAGE),
        [
            "create web: no container of this name",
            "start web: state created → run to its end",
            "remove web: cleanup after its end",
        ],
    ),
    (
        "stopped",
        wanted(state="stopped", options={"memory": "1g"}),
        Observed(container()),
        ["stop web: state running → exited"],
    ),
    ("as wanted", wanted(options={"env": {"PATH": "/bin"}}), Observed(container(), IMAGE), []),
    ("start", wanted(), Observed(container("exited"), IMAGE), ["start web: state exited → running"]),
    (
        "dead weight of the image",
        wanted(comparisons={"env": "strict", "labels": "strict"}, options={"env": {}, "labels": {}}),
        Observed(container(), IMAGE),
        [],
    ),
    ("env", wanted(options={"env": {"TOKEN": "s3cret"}}), Observed(container(), IMAGE), ["recreate web: env TOKEN"]),
    (
        "several causes",
        wanted(options={"user": "1000", "labels": {"a": "1"}, "memory": "64m"}),
        Observed(container(), IMAGE),
        ["recreate web: labels.a (none) → 1, user (none) → 1000, memory 0 → 64m"],
    ),
    (
        "entries without a value",
        wanted(options={"labels": {"a": ""}, "tmpfs": ["/run"]}),
        Observed(container(), IMAGE),
        ['recreate web: labels.a (none) → "", tmpfs./run (none) → ""'],
    ),
    (
        "memory",
        wanted(options={"memory": "128m"}),
        Observed(container(host=LIMITS), IMAGE),
        ["update web: memory 64m → 128m"],
    ),
    (
        "memory and start",
        wanted(options={"memory": "128m"}),
        Observed(container("exited", host=LIMITS), IMAGE),
        ["update web: memory 64m → 128m", "start web: state exited → running"],
    ),
    (
        "unlimited again",
        wanted(options={"memory": "0"}),
        Observed(container(host=LIMITS), IMAGE),
        ["recreate web: memory 64m → 0"],
    ),
    (
        "newer image",
        wanted(),
        Observed(container(), NEWER),
        ["recreate web: image base (111111111111) → base (222222222222)"],
    ),
    ("newer image ignored", wanted(comparisons={"image": "ignore"}), Observed(container(), NEWER), []),
    (
        "to be pulled",
        wanted(),
        Observed(container(), IMAGE, "the registry has another: abc"),
        [
            "pull base: the registry has another: abc",
            "recreate web: image base (111111111111) → base (the registry has another: abc)",
        ],
    ),
    ("another name", wanted(image="other:1"), Observed(container(), IMAGE), ["recreate web: image base → other:1"]),
    ("the same name in full", wanted(image="docker.io/library/base:latest"), Observed(container(), IMAGE), []),
    ("recreate", wanted(recreate=True), Observed(container(), IMAGE), ["recreate web: recreate is requested"]),
    (
        "no image named",
        wanted(image=None, options={"user": "1"}),
        Observed(container(), IMAGE),
        ["recreate web: user (none) → 1"],
    ),
    (
        "connect",
        wanted(endpoints={"one": {}, "two": {"aliases": ["www"]}}),
        Observed(container(host={"NetworkMode": "one"}, networks={"one": NETS["one"]}), IMAGE),
        ["connect web: networks.two (none) → {aliases: [www]}"],
    ),
    (
        "disconnect",
        wanted(endpoints={"one": {}}, comparisons={"networks": "strict"}),
        Observed(container(host={"NetworkMode": "one"}, networks=NETS), IMAGE),
        ["disconnect web: networks.two {} → (none)"],
    ),
    (
        "another first network",
        wanted(endpoints={"two": {}}),
        Observed(container(host={"NetworkMode": "one"}, networks=NETS), IMAGE),
        ["recreate web: networks.(first) one → two"],
    ),
]


@pytest.mark.parametrize(("case", "want", "observed", "steps"), CASES, ids=[case[0] for case in CASES])
def test_plan(case: str, want: Wanted, observed: Observed, steps: list[str]) -> None:
    plan = planned(want, observed)
    assert plan.actions() == steps
    assert plan.changed is bool(steps)
    assert bool(plan.diff()["after"]) is bool(steps)


def test_a_secret_stands_in_no_action() -> None:
    plan = planned(wanted(options={"env": {"TOKEN": "s3cret"}}), Observed(container(), IMAGE))
    assert "s3cret" not in "".join(plan.actions())


@pytest.mark.parametrize(
    ("want", "observed", "words"),
    [
        (wanted(image=None), Observed(), "Give the option image"),
        (wanted(pull="never"), Observed(), "the image base is not on the engine, and pull is never"),
        (wanted(image="sha256:" + "3" * 64), Observed(), "can't be pulled"),
        (wanted(pull="never", options={"user": "1"}), Observed(container()), "Cannot replace the container web"),
    ],
)
def test_what_can_not_be_planned(want: Wanted, observed: Observed, words: str) -> None:
    with pytest.raises(Failure, match=words):
        planned(want, observed)


@pytest.mark.parametrize(
    ("options", "host", "bodies"),
    [
        ({"memory": "128m"}, LIMITS, [{"Memory": 128 * MIB, "MemorySwap": 256 * MIB}]),
        (
            {"memory": "128m"},
            {"Memory": 64 * MIB, "MemorySwap": -1},
            [{"Memory": 128 * MIB, "MemorySwap": 256 * MIB}, {"MemorySwap": -1}],
        ),
        ({"memory": "96m"}, {"Memory": 64 * MIB, "MemorySwap": 100 * MIB}, [{"Memory": 96 * MIB}]),
        (
            {"memory": "1g", "memory_swap": "-1"},
            LIMITS,
            [{"Memory": 1024 * MIB, "MemorySwap": 2048 * MIB}, {"MemorySwap": -1}],
        ),
        (
            {"restart_policy": "always"},
            {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}},
            [{"RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}}],
        ),
        (
            {"restart_policy": "on-failure", "restart_retries": 5},
            {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}},
            [{"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 5}}],
        ),
    ],
)
def test_update_bodies(options: Any, host: Any, bodies: Any) -> None:
    plan = planned(wanted(options=options), Observed(container(host=host), IMAGE))
    (step,) = plan.steps
    assert isinstance(step, Update) and step.bodies == tuple(bodies)


def test_nothing() -> None:
    assert Plan().actions() == []
    assert Plan().diff() == {"before": {}, "after": {}}


def test_a_replacement_is_a_list_of_single_steps() -> None:
    always = {"RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}}
    plan = planned(wanted(options={"env": {"A": "1"}}), Observed(container(host=always), IMAGE))
    assert plan.actions() == ["recreate web: env A"]
    assert ["%(action)s %(target)s" % step for step in plan.single_steps()] == [
        "create web.wharf-new",
        "check web.wharf-new",
        "check web",
        "rename web",
        "update web.wharf-old",
        "stop web.wharf-old",
        "start web.wharf-new",
        "wait for web.wharf-new",
        "remove web.wharf-old",
        "rename web.wharf-new",
    ]
    assert {tuple(step["causes"]) for step in plan.single_steps()} == {("env A",)}


def test_the_ways_back_of_a_replacement() -> None:
    """Each step that changes the old container has an undo action; its restart policy is restored before its start."""
    always = {"RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}}
    plan = planned(wanted(options={"env": {"A": "1"}}), Observed(container("paused", host=always), IMAGE))
    single = [step for series in plan.steps for step in series.single()]
    back = {step.text().partition(":")[0]: [one.words() for one in step.back] for step in single}
    assert {key: words for key, words in back.items() if words} == {
        "rename web": ["rename the container web.wharf-old to web"],
        "update web.wharf-old": [
            "set the restart policy of the container web to always",
            "start the container web",
            "pause the container web",
        ],
        "start web.wharf-new": ["stop the container web"],
    }


def test_one_in_a_crash_loop_is_down_before_it_is_renamed() -> None:
    observed = Observed(container("restarting"), IMAGE)
    observed.container["State"]["Running"] = True  # type: ignore[index]
    plan = planned(wanted(options={"env": {"A": "1"}}), observed)
    actions = ["%(action)s %(target)s" % step for step in plan.single_steps()]
    assert actions.index("stop web") < actions.index("rename web")
