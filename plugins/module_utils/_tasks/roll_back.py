# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Going back on purpose: the last replaced container, which keep_previous kept, takes its place again.

That is the way back of its replacement, gone later, and it leaves what that leaves half way: the container that is
given up becomes NAME.wharf-new, and its labels say which one it replaced. So a task that dies is ended by the next one
(see _replacement/recovery.py), and a second run knows that all is done. The next replacement removes the one that was
given up.
"""

from __future__ import annotations

import contextlib
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._apply.apply import (
    apply,
)
from ansible_collections.wharf.docker.plugins.module_utils._apply.operations import (
    Applied,
    rename_container,
    run_again,
    set_restart_policy,
    start_container,
    stop_container,
)
from ansible_collections.wharf.docker.plugins.module_utils._apply.replacement import NO_RESTART, prove
from ansible_collections.wharf.docker.plugins.module_utils._apply.undo import Undo
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_container, inspect_container
from ansible_collections.wharf.docker.plugins.module_utils._container.selection import containers_in, in_words
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    Api,
    is_paused,
    is_running,
    own_name,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan, Step
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Call, Result
from ansible_collections.wharf.docker.plugins.module_utils._replacement import leftovers as _aside
from ansible_collections.wharf.docker.plugins.module_utils._replacement.dependents import dependents_of
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import (
    INTERRUPTED,
    NEW,
    POLICY,
    PREVIOUS,
    is_given_up,
    policy_of,
    replaced_by,
)
from ansible_collections.wharf.docker.plugins.module_utils._replacement.plan_dependents import given_up_warning, told
from ansible_collections.wharf.docker.plugins.module_utils._replacement.recovery import (
    removal,
)


def run(call: Call, names: Sequence[str]) -> Result:
    """Roll back the named containers, one after the other. Nothing is done where one of them can't be."""
    call.about = in_words(names)
    done: List[Plan] = []
    try:
        facts = _roll_back_all(call, names, done)
    except Failure as failure:
        with contextlib.suppress(Failure):  # The engine may be away.
            failure.facts.update(call.report(_joined(done), **_containers(call.engine, names, failed=True)))
        if done and not call.check_mode:
            failure.message += " What was done stays: %s." % "; ".join(_joined(done).actions())
        raise
    return call.report(_joined(done), **facts, **_containers(call.engine, names))


def _roll_back_all(call: Call, names: Sequence[str], done: List[Plan]) -> Dict[str, Any]:
    """Plan all of them, and carry that out; ``done`` takes the plans that are (in check mode: all of them)."""
    engine, limit = call.engine, call.params["wait_timeout"]
    plans = [_plan(engine, name, limit) for name in names]
    facts = _cut_off(call, [step for plan in plans for step in plan.steps if step.action == "roll_back"])
    for plan in plans:
        if not call.check_mode:
            with Undo() as undo:
                call.warnings += apply(engine, plan, undo, {"roll_back": _roll_back}).warnings
        done.append(plan)
    return facts


def _joined(plans: Sequence[Plan]) -> Plan:
    return Plan(
        tuple(step for plan in plans for step in plan.steps),
        tuple(difference for plan in plans for difference in plan.differences),
    )


def _containers(engine: Engine, names: Sequence[str], failed: bool = False) -> Dict[str, Any]:
    """The result's keys with the containers, as they are now; as in _tasks/container_state.py."""
    documents = [document for document in (find_container(engine, name) for name in names) if document is not None]
    return containers_in(list(names), documents, failed)


def _cut_off(call: Call, steps: Sequence[Step]) -> Dict[str, Any]:
    """Warn of the containers that use one that is given up; returns what the result says of them."""
    cut_off: List[Dict[str, Any]] = []
    for step in steps:
        found = dependents_of(call.engine, step.data["current"], deep=False)
        if found:
            call.warnings.append(given_up_warning(step.target, found))
            cut_off += told(found)
    return {"dependents": cut_off} if cut_off else {}


def _plan(engine: Engine, name: str, limit: float) -> Plan:
    """The plan that brings back the last replaced container of ``name``. Failure: there is none."""
    given = find_container(engine, name)
    name = own_name(given) if given is not None else name
    new = find_container(engine, name + NEW)
    current: Optional[Api] = given
    if given is None:
        current = new
        if replaced_by(new) is None:
            raise Failure(
                "Cannot roll back the container %s: there is no such container. Check the name with the "
                "container_info module. Nothing was changed." % name
            )
    elif is_given_up(new, given):
        late = _moves(name, _beyond_the_gap(engine, name, given))
        return Plan(late, (Difference(name, {"kept": 2}, {"kept": 1}),) if late else ())
    previous = _previous(engine, name, current or {})
    if current is None or not previous:
        raise Failure(
            "Cannot roll back the container %s: no container that it replaced was kept. Set keep_previous in the task "
            "that replaces it. Nothing was changed." % name
        )
    plan = _steps(name, current, previous, limit)
    if given is None or new is None:
        return plan
    if replaced_by(new) is None:
        raise Failure(
            "Cannot roll back the container %s: there is a container %s, a name that is needed for a moment. Remove or "
            "rename that one; nothing was touched." % (name, name + NEW)
        )
    return Plan((removal(name + NEW, new, INTERRUPTED, volumes=True), *plan.steps), plan.differences)


def _steps(name: str, current: Api, kept: Sequence[Api], limit: float) -> Plan:
    """``kept``: the one that comes back, and those before it, which move up."""
    current_name, previous = own_name(current), kept[0]
    labels: Mapping[str, str] = current["Config"].get("Labels") or {}
    data = {
        "current": current["Id"],
        "current_name": current_name,
        "was_running": is_running(current),
        "was_paused": is_paused(current),
        "was_policy": current["HostConfig"].get("RestartPolicy") or NO_RESTART,
        "previous": previous["Id"],
        "previous_name": own_name(previous),
        "policy": policy_of(labels.get(POLICY, "no")),
        "within": limit,
    }
    causes = ("%s → %s" % (_words(current), _words(previous)), *([INTERRUPTED] if current_name != name else []))
    steps = (Step("roll_back", name, causes, data), *_moves(name, kept[1:]))
    return Plan(steps, (Difference(name, _shown(current), _shown(previous)),))


def _moves(name: str, kept: Sequence[Api]) -> Tuple[Step, ...]:
    """The steps that give the kept ones their places, from the first place on."""
    return tuple(
        Step(
            "rename",
            own_name(container),
            ("the one after it is back",),
            {"id": container["Id"], "name": "%s%s%d" % (name, PREVIOUS, number)},
        )
        for number, container in enumerate(kept, 1)
    )


def _beyond_the_gap(engine: Engine, name: str, given: Api) -> List[Api]:
    """Those that should have moved up after a roll back, and have not: it was interrupted then."""
    found: List[Api] = []
    if replaced_by(given) is None or find_container(engine, name + PREVIOUS + "1") is not None:
        return found
    while True:
        document = find_container(engine, "%s%s%d" % (name, PREVIOUS, len(found) + 2))
        if document is None:
            return found
        found.append(document)


def _previous(engine: Engine, name: str, current: Api) -> List[Api]:
    """The container that ``current`` replaced, wherever it is, and those that are kept from before it."""
    kept: List[Api] = [*_aside.previous_of(engine, name, current)]
    replaces = replaced_by(current)
    replaced = find_container(engine, replaces) if replaces is not None else None
    if replaced is None:
        return kept
    return [replaced, *(container for container in kept if container["Id"] != replaced["Id"])]


def _roll_back(engine: Engine, step: Step, undo: Undo, _applied: Applied) -> None:
    name, data = step.target, step.data
    current, previous, aside = data["current"], data["previous"], name + NEW
    undo.restored = "The container %s is as it was." % name
    if data["current_name"] != aside:
        undo.push("give the container its name back", lambda: _rename_to(engine, current, name))
        rename_container(engine, current, name, aside)
    # Going back, as going there, a policy comes before its container is started: with it, an engine that goes down
    # meanwhile starts the container itself.
    if data["was_running"]:
        undo.push("start the container again", lambda: run_again(engine, current, name, data["was_paused"]))
    if data["was_policy"].get("Name") not in ("", "no"):
        former = data["was_policy"]
        undo.push(
            "give the container its restart policy back", lambda: set_restart_policy(engine, current, name, former)
        )
        set_restart_policy(engine, current, aside, NO_RESTART)
    if data["was_running"]:
        stop_container(engine, current, aside, data["was_paused"])
    undo.push("stop the previous container", lambda: stop_container(engine, previous, data["previous_name"]))
    if data["policy"]["Name"] != "no":
        undo.push(
            "take the restart policy from the previous container",
            lambda: set_restart_policy(engine, previous, data["previous_name"], NO_RESTART),
        )
        set_restart_policy(engine, previous, data["previous_name"], data["policy"])
    start_container(engine, previous, data["previous_name"])
    prove(engine, previous, name, data["within"])
    undo.push("take the name from the previous container", lambda: _rename_to(engine, previous, data["previous_name"]))
    rename_container(engine, previous, data["previous_name"], name)
    undo.forget()


def _rename_to(engine: Engine, container_id: str, name: str) -> None:
    """Rename a container, where it has another name: an engine that broke off its answer may have done it."""
    before = own_name(inspect_container(engine, container_id, name))
    if before != name:
        rename_container(engine, container_id, before, name)


def _words(container: Api) -> str:
    return "%s (%s)" % (container["Config"]["Image"], container["Id"][:12])


def _shown(container: Api) -> Dict[str, Any]:
    return {"container": container["Id"][:12], "image": container["Config"]["Image"]}
