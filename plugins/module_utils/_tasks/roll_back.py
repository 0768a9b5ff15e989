# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rolling back: the last replaced container, which keep_previous kept, takes the place of its replacement again.

This is the undo of a replacement, only later, and it leaves what such an undo leaves midway: the container that is
given up becomes NAME.wharf-new, and its labels name the container that it replaced. So if the task is killed, the next
one completes it (see _replacement/recovery.py), and a second run recognises that everything is done. The next
replacement removes the given-up container. While a roll back lasts, NAME.wharf-turn signals that to other tasks (see
_replacement/turn.py).
"""

from __future__ import annotations

import contextlib
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor
from ansible_collections.wharf.docker.plugins.module_utils._apply.turn import OPERATIONS
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_container
from ansible_collections.wharf.docker.plugins.module_utils._container.selection import containers_in, in_words
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    Api,
    is_paused,
    is_running,
    own_name,
    state_of,
    status,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import (
    NO_RESTART,
    Confirm,
    GiveTurn,
    Pause,
    Prove,
    Proven,
    Rename,
    SetRestartPolicy,
    Start,
    Stop,
    TakeTurn,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Busy, Ended, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan, joined
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Series, Step
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Call, Result
from ansible_collections.wharf.docker.plugins.module_utils._replacement import leftovers as _aside
from ansible_collections.wharf.docker.plugins.module_utils._replacement.dependents import dependents_of
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import (
    INTERRUPTED,
    POLICY,
    is_given_up,
    longest,
    policy_of,
    replaced_by,
)
from ansible_collections.wharf.docker.plugins.module_utils._replacement.plan_dependents import given_up_warning, told
from ansible_collections.wharf.docker.plugins.module_utils._replacement.recovery import (
    removal,
)
from ansible_collections.wharf.docker.plugins.module_utils._replacement.turn import (
    in_turn,
    turn_labels,
    turn_of,
    warning,
    writer_at_work,
)
from ansible_collections.wharf.docker.plugins.module_utils._values.core import NEW, PREVIOUS, TURN


def run(call: Call, names: Sequence[str]) -> Result:
    """Roll back the named containers, one after the other. If that is not possible for one, nothing is done."""
    call.about = in_words(names)
    done: List[Plan] = []
    try:
        facts = _roll_back_all(call, names, done)
    except (Failure, Ended) as failure:
        with contextlib.suppress(Failure):  # The engine may be unreachable.
            failure.facts.update(call.report(joined(done), **_containers(call.engine, names, failed=True)))
        if done and not call.check_mode:
            failure.message += " What was done stays: %s." % "; ".join(joined(done).actions())
        raise
    return call.report(joined(done), **facts, **_containers(call.engine, names))


def _roll_back_all(call: Call, names: Sequence[str], done: List[Plan]) -> Dict[str, Any]:
    """Plan all of them, and carry the plans out; ``done`` collects the completed plans (in check mode: all of them)."""
    limit = call.params["wait_timeout"]
    plans = [_plan(call, name, limit) for name in names]
    facts = _cut_off(
        call, [step for plan in plans for step in plan.steps if isinstance(step, Series) and step.container]
    )
    for name, plan in zip(names, plans):
        done.append(plan if call.check_mode else _carry_out(call, name, plan, limit))
    return facts


def _carry_out(call: Call, name: str, plan: Plan, limit: float) -> Plan:
    """Carry out ``plan``, or a new plan when another task is done with the container. Returns the completed plan."""
    engine = call.engine

    def carry_out(planned: Plan) -> Plan:
        with Executor(engine, OPERATIONS) as executor:
            executor.carry_out(planned)
        call.warnings += executor.warnings
        return planned

    try:
        return carry_out(plan)
    except Busy as busy:
        return in_turn(engine, name, lambda: carry_out(_plan(call, name, limit)), busy, limit)


def _containers(engine: Engine, names: Sequence[str], failed: bool = False) -> Dict[str, Any]:
    """The result's keys with the containers in their current state; as in _tasks/container_state.py."""
    documents = [document for document in (find_container(engine, name) for name in names) if document is not None]
    return containers_in(list(names), documents, failed)


def _cut_off(call: Call, steps: Sequence[Series]) -> Dict[str, Any]:
    """Warn of containers that use one that is given up; returns the result's facts about them."""
    cut_off: List[Dict[str, Any]] = []
    for step in steps:
        found = dependents_of(call.engine, step.container, deep=False)
        if found:
            call.warnings.append(given_up_warning(step.target, found))
            cut_off += told(found)
    return {"dependents": cut_off} if cut_off else {}


def _plan(call: Call, name: str, limit: float) -> Plan:
    """The plan that brings back the last replaced container of ``name``. Failure: there is none."""
    engine = call.engine
    given = find_container(engine, name)
    name = own_name(given) if given is not None else name
    new = find_container(engine, name + NEW)
    turn = turn_of(engine, name)
    foreign = turn is None and find_container(engine, name + TURN) is not None
    if given is None and new is None:
        _aside.still_missing(engine, name)
    for other in (turn, None if is_given_up(new, given) else new):
        if other is not None and writer_at_work(engine, other):
            if not call.check_mode:
                raise Busy(str(other["Id"]))
            call.warnings.append(warning(engine, name, other))
            turn = None
    plan = _plan_found(engine, name, given, new, limit)
    if turn is None:
        if foreign and plan.changed:
            raise _needed(name, TURN)
        return plan
    left = removal(name + TURN, turn, "a roll back was interrupted", volumes=True)
    differences = plan.differences or (Difference(name, {"roll back": "interrupted"}, {"roll back": "done"}),)
    return Plan((left, *plan.steps), differences)


def _plan_found(engine: Engine, name: str, given: Optional[Api], new: Optional[Api], limit: float) -> Plan:
    """``given``: the container with this name; ``new``: NAME.wharf-new. None: there is no such container."""
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
        raise _needed(name, NEW)
    return Plan((removal(name + NEW, new, INTERRUPTED, volumes=True), *plan.steps), plan.differences)


def _needed(name: str, suffix: str) -> Failure:
    return Failure(
        "Cannot roll back the container %s: there is a container %s, a name that is needed for a moment. Remove or "
        "rename that one; nothing was touched." % (name, name + suffix)
    )


def _steps(name: str, current: Api, kept: Sequence[Api], limit: float) -> Plan:
    """``kept``: the container that comes back, and the older ones, which move up."""
    current_name, previous = own_name(current), kept[0]
    causes = ("%s → %s" % (_words(current), _words(previous)), *([INTERRUPTED] if current_name != name else []))
    images = tuple(dict.fromkeys((str(current["Image"]), str(previous["Image"]))))
    steps = (
        TakeTurn(name + TURN, causes, images=images, labels=turn_labels(longest(None, current, limit))),
        Confirm(current_name, causes, current["Id"], was=state_of(current)),
        *_give_up(name, current, causes),
        *_bring_back(name, current, previous, causes, limit),
        Proven(name, causes),
    )
    series = Series(
        name,
        causes,
        "roll_back",
        steps,
        container=current["Id"],
        was=state_of(current),
        restored="The container %s is as it was." % name,
    )
    done = (*_moves(name, kept[1:]), GiveTurn(name + TURN, causes))
    return Plan((series, *done), (Difference(name, _shown(current), _shown(previous)),))


def _give_up(name: str, current: Api, causes: Tuple[str, ...]) -> List[Step]:
    """The current container loses its name, its restart policy, and its state; see _replacement/recovery.py."""
    identity, paused = str(current["Id"]), is_paused(current)
    policy = current["HostConfig"].get("RestartPolicy") or NO_RESTART
    renamed: List[Step] = []
    if own_name(current) != name + NEW:
        renamed.append(Rename(name, causes, identity, new_name=name + NEW, undone=True))
    again: Tuple[Step, ...] = ()
    if is_running(current):
        again = (Start(name, causes, identity), *([Pause(name, causes, identity)] if paused else []))
    first = status(current) == "restarting"
    now = own_name(current) if first else name + NEW
    down: List[Step] = []
    if policy.get("Name") not in ("", "no"):
        # Undo steps, too, set a policy before they start its container: with it, an engine that is restarted in the
        # meantime starts the container itself.
        again = (SetRestartPolicy(name, causes, identity, policy=policy), *again)
        down.append(SetRestartPolicy(now, causes, identity, name, policy=NO_RESTART, way_back=again))
        again = ()
    if is_running(current):
        down.append(Stop(now, causes, identity, paused=paused, way_back=again))
    return [*down, *renamed] if first else [*renamed, *down]


def _bring_back(name: str, current: Api, previous: Api, causes: Tuple[str, ...], limit: float) -> List[Step]:
    identity, now = str(previous["Id"]), own_name(previous)
    labels: Mapping[str, str] = current["Config"].get("Labels") or {}
    policy = policy_of(labels.get(POLICY, "no"))
    stopped: Tuple[Step, ...] = (Stop(now, causes, identity, missing_ok=True),)
    steps: List[Step] = []
    if policy["Name"] != "no":
        stopped = (SetRestartPolicy(now, causes, identity, policy=NO_RESTART), *stopped)
        steps.append(SetRestartPolicy(now, causes, identity, policy=policy, way_back=stopped))
    return [
        *steps,
        Start(now, causes, identity, undone=not steps),
        Prove(now, causes, identity, name, within=limit),
        Rename(now, causes, identity, new_name=name, undone=True),
    ]


def _moves(name: str, kept: Sequence[Api]) -> Tuple[Step, ...]:
    """The steps that move the kept containers to their places, from the first place on."""
    return tuple(
        Rename(
            own_name(container),
            ("the one after it is back",),
            container["Id"],
            new_name="%s%s%d" % (name, PREVIOUS, number),
            # A replacement that is complete removes the oldest ones after it has given the name away.
            missing_ok=True,
        )
        for number, container in enumerate(kept, 1)
    )


def _beyond_the_gap(engine: Engine, name: str, given: Api) -> List[Api]:
    """The containers that should have moved up after a roll back, but have not, since it was interrupted."""
    found: List[Api] = []
    if replaced_by(given) is None or find_container(engine, name + PREVIOUS + "1") is not None:
        return found
    while True:
        document = find_container(engine, "%s%s%d" % (name, PREVIOUS, len(found) + 2))
        if document is None:
            return found
        found.append(document)


def _previous(engine: Engine, name: str, current: Api) -> List[Api]:
    """The container that ``current`` replaced, whatever its name is, and the older ones that are kept."""
    kept: List[Api] = [*_aside.previous_of(engine, name, current)]
    replaces = replaced_by(current)
    replaced = find_container(engine, replaces) if replaces is not None else None
    if replaced is None:
        return kept
    return [replaced, *(container for container in kept if container["Id"] != replaced["Id"])]


def _words(container: Api) -> str:
    return "%s (%s)" % (container["Config"]["Image"], container["Id"][:12])


def _shown(container: Api) -> Dict[str, Any]:
    return {"container": container["Id"][:12], "image": container["Config"]["Image"]}
