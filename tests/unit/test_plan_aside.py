# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recovery from an interrupted replacement, as a table: the found containers in, the texts of the steps out."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._container.comparison import compare
from ansible_collections.wharf.docker.plugins.module_utils._container.observed import (
    HalfWay,
    Observed,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import SetRestartPolicy
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Series
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import (
    labels_of_successor,
    number_of,
    policy_of,
)
from ansible_collections.wharf.docker.plugins.module_utils._replacement.recovery import (
    plan_absent,
    recover,
)
from ansible_collections.wharf.docker.plugins.module_utils._tasks.container_run_plan import (
    plan_container,
)

ALWAYS = {"Name": "always", "MaximumRetryCount": 0}
NO = {"Name": "no", "MaximumRetryCount": 0}


def container(
    name: str, letter: str, status: str = "running", policy: Any = None, labels: Any = None
) -> dict[str, Any]:
    return {
        "Id": letter * 64,
        "Name": "/" + name,
        "Image": "sha256:" + "1" * 64,
        "State": {"Status": status, "Running": status in ("running", "paused"), "Paused": status == "paused"},
        "Config": {"Image": "base", "Labels": labels or {}},
        "HostConfig": {"RestartPolicy": policy or NO},
    }


def successor(of: dict[str, Any], status: str = "created") -> dict[str, Any]:
    return container("web.wharf-new", "b", status, labels=labels_of_successor(of))


RAN = container("web", "a", "running", ALWAYS)
PAUSED = container("web", "a", "paused", {"Name": "on-failure", "MaximumRetryCount": 3})
STOPPED = container("web", "a", "exited")
SET_ASIDE = container("web.wharf-old", "a", "exited")
BACK = "restore web: a replacement was interrupted"

CASES = [
    # case, container with the name, new container, old container, steps, the container afterwards
    ("created", RAN, successor(RAN), RAN, ["remove web.wharf-new: a replacement was interrupted"], RAN),
    ("renamed", None, successor(RAN), container("web.wharf-old", "a", "running", ALWAYS), [BACK], RAN),
    ("stopped", None, successor(RAN), SET_ASIDE, [BACK], RAN),
    ("both are up", None, successor(RAN, "running"), container("web.wharf-old", "a"), [BACK], RAN),
    ("was paused", None, successor(PAUSED), SET_ASIDE, [BACK], PAUSED),
    ("was stopped", None, successor(STOPPED), SET_ASIDE, [BACK], STOPPED),
    (
        "was kept already",
        None,
        successor(RAN, "running"),
        container("web.wharf-previous-1", "a", "exited"),
        [BACK],
        RAN,
    ),
    (
        "the old one is gone",
        None,
        successor(RAN, "running"),
        None,
        ["rename web.wharf-new: a replacement was interrupted, and the old container is gone"],
        {**successor(RAN, "running"), "Name": "/web"},
    ),
    (
        "the old one is going",
        None,
        successor(RAN, "running"),
        container("web.wharf-old", "a", "dead"),
        [
            "remove web.wharf-old: a replacement was interrupted",
            "rename web.wharf-new: a replacement was interrupted, and the old container is gone",
        ],
        {**successor(RAN, "running"), "Name": "/web"},
    ),
]


@pytest.mark.parametrize(("named", "new", "old", "steps", "after"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_recover(named: Any, new: Any, old: Any, steps: Any, after: Any) -> None:
    plan, found = recover("web", HalfWay(new, old, named))
    assert plan.actions() == steps
    assert found == after
    assert plan.diff()["before"] != plan.diff()["after"]


@pytest.mark.parametrize("old", [None, SET_ASIDE])
def test_another_container_has_the_name(old: Any) -> None:
    with pytest.raises(Failure, match="nothing was touched"):
        recover("web", HalfWay(successor(RAN), old, container("web", "f")))


def test_what_comes_before_stands_first() -> None:
    half_way = HalfWay(successor(RAN), SET_ASIDE, None)
    _plan, after = recover("web", half_way)
    want, observed = Wanted("web", recreate=True), Observed(after, {"Id": RAN["Image"]}, half_way=half_way)
    plan = plan_container(want, observed, compare(want, observed))
    assert plan.actions() == [BACK, "recreate web: recreate is requested"]
    series = plan.steps[1]
    assert isinstance(series, Series) and series.was == "running"
    assert [step.policy for step in series.single() if isinstance(step, SetRestartPolicy)] == [NO]


@pytest.mark.parametrize("policy", [ALWAYS, NO, {"Name": "on-failure", "MaximumRetryCount": 3}])
def test_a_policy_survives_its_label(policy: Any) -> None:
    labels = labels_of_successor(container("web", "a", policy=policy))
    assert policy_of(labels["wharf.docker.replaces.restart"]) == policy


@pytest.mark.parametrize(
    ("other", "number"),
    [("web.wharf-previous-1", 1), ("web.wharf-previous-12", 12), ("webxwharf-previous-1", None), ("web", None)],
)
def test_number_of(other: str, number: Any) -> None:
    assert number_of("web", other) == number


def test_absent() -> None:
    beside = {"web.wharf-new": successor(RAN), "web.wharf-previous-1": container("web.wharf-previous-1", "d", "exited")}
    plan = plan_absent(Wanted("web", "absent"), RAN, beside)
    assert plan.actions() == [
        "remove web.wharf-new: it is a leftover of web",
        "remove web.wharf-previous-1: it is a leftover of web",
        "remove web: state running → absent",
    ]
    assert plan_absent(Wanted("web", "absent", keep_previous=1), RAN, beside).actions() == [
        "remove web.wharf-new: it is a leftover of web",
        "remove web: state running → absent",
    ]
    assert not plan_absent(Wanted("web", "absent"), None, {}).changed
