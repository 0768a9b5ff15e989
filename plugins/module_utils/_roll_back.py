# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Going back on purpose: the last replaced container, which keep_previous kept, takes its place again.

That is the way back of its replacement, gone later. The container that has the place becomes NAME.wharf-new first, and
its labels say which one it replaced: so a task that dies half way leaves what an interrupted replacement leaves, and
the next one brings the old container back (see _plan_aside.py). At the end it becomes NAME.wharf-undone, stopped: by
that a second run knows that all is done, and the next replacement removes it.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.wharf.docker.plugins.module_utils import _aside
from ansible_collections.wharf.docker.plugins.module_utils._apply import (
    Applied,
    Undo,
    apply,
    rename_container,
    run_again,
    start_container,
    stop_container,
    update_container,
)
from ansible_collections.wharf.docker.plugins.module_utils._compare import Difference
from ansible_collections.wharf.docker.plugins.module_utils._container import find_container, inspect_container
from ansible_collections.wharf.docker.plugins.module_utils._engine import Engine
from ansible_collections.wharf.docker.plugins.module_utils._errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._plan import Api, Plan, Step, is_paused, is_running, status
from ansible_collections.wharf.docker.plugins.module_utils._plan_aside import (
    INTERRUPTED,
    NEW,
    POLICY,
    UNDONE,
    number_of,
    own_name,
    policy_of,
    removal,
    replaced_by,
)
from ansible_collections.wharf.docker.plugins.module_utils._replace import NO_RESTART, prove
from ansible_collections.wharf.docker.plugins.module_utils._task import Call, Result


def run(call: Call, names: Sequence[str]) -> Result:
    """Roll back the named containers, one after the other. Nothing is done where one of them can't be."""
    engine, limit = call.engine, call.params["wait_timeout"]
    plans = [_plan(engine, name, limit) for name in names]
    if not call.check_mode:
        for plan in plans:
            with Undo() as undo:
                call.warnings += apply(engine, plan, undo, {"roll_back": _roll_back}).warnings
    joined = Plan(
        tuple(step for plan in plans for step in plan.steps),
        tuple(difference for plan in plans for difference in plan.differences),
    )
    documents = [document for document in (find_container(engine, name) for name in names) if document is not None]
    facts: Dict[str, Any] = {"containers": documents}
    if len(names) == 1:
        facts["container"] = documents[0] if documents else {}
    return call.report(joined, **facts)


def _plan(engine: Engine, name: str, limit: float) -> Plan:
    """The plan that brings back the last replaced container of ``name``. Failure: there is none."""
    given = find_container(engine, name)
    name = own_name(given) if given is not None else name
    found = _aside.beside(engine, name)
    undone = _document(engine, name + UNDONE, found)
    if given is not None and undone is not None and replaced_by(undone) == given["Id"]:
        return Plan()
    new = _document(engine, name + NEW, found)
    if given is not None and new is not None and replaced_by(new) == given["Id"] and status(new) != "created":
        # It was interrupted before its last step. (One that was created only is an interrupted replacement's.)
        return Plan(tuple(_put_aside(name, new, undone)), (Difference(name, {"beside": NEW}, {"beside": UNDONE}),))
    current: Optional[Api] = given
    if current is None:
        current = new
        if replaced_by(current) is None:
            raise Failure(
                "Cannot roll back the container %s: there is no such container. Check the name with the "
                "container_info module. Nothing was changed." % name
            )
    previous = _previous(engine, name, current, found)
    if current is None or previous is None:
        raise Failure(
            "Cannot roll back the container %s: no container that it replaced was kept. Set keep_previous in the task "
            "that replaces it. Nothing was changed." % name
        )
    plan = _steps(name, current, previous, undone, limit)
    if given is None or new is None:
        return plan
    if replaced_by(new) is None:
        raise Failure(
            "Cannot roll back the container %s: there is a container %s, a name that is needed for a moment. Remove or "
            "rename that one; nothing was touched." % (name, name + NEW)
        )
    return Plan((removal(name + NEW, new, INTERRUPTED, volumes=True), *plan.steps), plan.differences)


def _steps(name: str, current: Api, previous: Api, undone: Optional[Api], limit: float) -> Plan:
    current_name = own_name(current)
    labels: Mapping[str, str] = current["Config"].get("Labels") or {}
    data = {
        "current": current["Id"],
        "current_name": current_name,
        "was_running": is_running(current),
        "was_paused": is_paused(current),
        "was_policy": current["HostConfig"].get("RestartPolicy") or NO_RESTART["RestartPolicy"],
        "previous": previous["Id"],
        "previous_name": own_name(previous),
        "policy": policy_of(labels.get(POLICY, "no")),
        "within": limit,
    }
    causes = ("%s → %s" % (_words(current), _words(previous)), *([INTERRUPTED] if current_name != name else []))
    steps = [Step("roll_back", name, causes, data)]
    steps += _put_aside(name, current, undone)
    return Plan(tuple(steps), (Difference(name, _shown(current), _shown(previous)),))


def _put_aside(name: str, current: Api, undone: Optional[Api]) -> List[Step]:
    """The steps that keep the container that was given up, in the place of one that was given up earlier."""
    steps = [] if undone is None else [removal(name + UNDONE, undone, "%s is rolled back again" % name)]
    data = {"id": current["Id"], "name": name + UNDONE}
    return [*steps, Step("rename", name + NEW, ("it is kept as %s" % (name + UNDONE),), data)]


def _previous(engine: Engine, name: str, current: Optional[Api], found: Mapping[str, str]) -> Optional[Api]:
    """The kept container that ``current`` replaced; where it is gone, the last one that was kept at all."""
    replaced = replaced_by(current)
    kept: List[Tuple[int, str]] = []
    for other, container_id in found.items():
        if container_id == replaced:
            return inspect_container(engine, container_id, other)
        number = number_of(name, other)
        if number is not None:
            kept.append((number, other))
    return _document(engine, min(kept)[1], found) if kept else None


def _document(engine: Engine, name: str, found: Mapping[str, str]) -> Optional[Api]:
    return inspect_container(engine, found[name], name) if name in found else None


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
        former = {"RestartPolicy": data["was_policy"]}
        undo.push("give the container its restart policy back", lambda: update_container(engine, current, name, former))
        update_container(engine, current, aside, NO_RESTART)
    if data["was_running"]:
        stop_container(engine, current, aside, data["was_paused"])
    undo.push("stop the previous container", lambda: stop_container(engine, previous, data["previous_name"]))
    if data["policy"]["Name"] != "no":
        undo.push(
            "take the restart policy from the previous container",
            lambda: update_container(engine, previous, data["previous_name"], NO_RESTART),
        )
        update_container(engine, previous, data["previous_name"], {"RestartPolicy": data["policy"]})
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
