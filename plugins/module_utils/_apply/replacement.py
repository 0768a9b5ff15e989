# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replacing a container: the new one lives before the old one goes, and no death on the way loses either.

The order: the new one is created as NAME.wharf-new, with labels that remember the old one; the old one is renamed to
NAME.wharf-old, its restart policy goes to "no" (it must not come up beside the new one after a restart of the engine),
and it is stopped; the new one starts and proves itself; then the old one is removed, or kept under a name of its own,
and the new one takes the name. Only a start proves that a published port or a fixed address is free. Where none of
them is shared the new one can also start first.

A failure at any step goes all the way back, and the new one goes last. So NAME.wharf-new is there exactly as long as
the replacement is neither done nor undone, and NAME itself is missing from the first thing that is taken from the old
container to the last one that is given back: _replacement/recovery.py has what a later run does then.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Dict, List

from ansible_collections.wharf.docker.plugins.module_utils._apply.operations import (
    Applied,
    create_container,
    refuse_discarded,
    remove_container,
    rename_container,
    run_again,
    set_restart_policy,
    start_again,
    start_container,
    stop_container,
    undo_new_volumes,
)
from ansible_collections.wharf.docker.plugins.module_utils._apply.undo import Undo
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import inspect_container
from ansible_collections.wharf.docker.plugins.module_utils._container.status import own_name
from ansible_collections.wharf.docker.plugins.module_utils._container.wait import becomes_healthy, stays_up
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import (
    Engine,
    segment,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    EngineError,
    Failure,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Step
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import (
    NEW,
    OLD,
    PREVIOUS,
)

NO_RESTART = {"Name": "no"}


def replace_container(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    """Carry out the step "recreate"; its data is made by the planner."""
    name, data = step.target, step.data
    undo.restored = _restored(step)
    new = _create_new(engine, step, undo, applied)
    if data["start_first"]:
        _prove_new(engine, new, step, undo)
    gone = _displace_old(engine, step, undo)
    if data["attach"]:
        _run_new(engine, new, step, applied)
    elif data["run"] and not data["start_first"]:
        _prove_new(engine, new, step, undo)
    # The new one has proved itself: from here on there is no way back, but only one to the end.
    undo.forget()
    try:
        if data["keep"]:
            rename_container(engine, data["id"], name + OLD, name + PREVIOUS + "1")
        elif not gone:
            remove_container(engine, data["id"], name + OLD, data["old_volumes"])
        left = _make_dependents_again(engine, step, new, applied)
        # The name comes last: who finds it missing looks for what a replacement left.
        rename_container(engine, new, name + NEW, name)
    except EngineError as error:
        if not (data["attach"] and error.status == 404):  # With auto_remove it is gone after its end.
            error.message += " The new container is complete, as %s. Run the task again to end the replacement." % (
                name + NEW
            )
            raise
    applied.created[name] = new
    if left:
        raise Failure(
            "The container %s is replaced, but not all that depend on it: %s" % (name, " ".join(left)), changed=True
        )


def _make_dependents_again(engine: Engine, step: Step, new: str, applied: Applied) -> List[str]:
    """Replace those that used the old container by such as use the ``new`` one; returns what went wrong."""
    left = []
    for dependent in step.data["dependents"]:
        from ansible_collections.wharf.docker.plugins.module_utils._replacement.plan_dependents import for_new

        try:
            with Undo() as undo:
                replace_container(engine, for_new(dependent, step.target, new, step.target + NEW), undo, applied)
        except Failure as failure:
            left.append(failure.message)
    return left


def restore(engine: Engine, step: Step, undo: Undo, _applied: Applied) -> None:
    """Carry out the step "restore": the old container of a replacement that was interrupted comes back."""
    name, data = step.target, step.data
    if data["new_runs"]:
        stop_container(engine, data["new"], name + NEW, gone=True)
    if data["policy"]["Name"] != "no":
        set_restart_policy(engine, data["old"], name, data["policy"])
    kept_down = None
    if data["start"]:
        try:
            run_again(engine, data["old"], data["old_name"], data["pause"])
        except EngineError as error:
            if not error.status:
                raise
            kept_down = error
    elif data["pause"]:
        engine.post("/containers/%s/pause" % segment(data["old"]), tried="pause the container %s again" % name)
    rename_container(engine, data["old"], data["old_name"], name)
    remove_container(engine, data["new"], name + NEW, True)
    undo.forget()
    if kept_down is not None:
        raise Failure(
            "A replacement of the container %s was interrupted. The old container has its name again, but does not "
            "start: %s" % (name, kept_down.message)
        )


def _create_new(engine: Engine, step: Step, undo: Undo, applied: Applied) -> str:
    name = step.target + NEW
    undo_new_volumes(engine, step.data["new_volumes"], undo)
    new = create_container(engine, name, step.data, applied)
    undo.push("remove the new container %s" % name, lambda: remove_container(engine, new, name, True))
    refuse_discarded(step.target, step.data["check"](inspect_container(engine, new, name), applied.image), applied)
    return new


def _displace_old(engine: Engine, step: Step, undo: Undo) -> bool:
    """Take its name from the old container, and stop it; returns whether that was its end (with auto_remove)."""
    old, name, data = step.data["id"], step.target, step.data
    undo.push("give the old container its name back", lambda: _name_again(engine, old, name))
    rename_container(engine, old, name, name + OLD)
    if not data["was_running"]:
        return False
    if data["auto_remove"]:
        # The engine removes it when it has stopped, and there is no way back.
        waiting = engine.stream(
            "POST",
            "/containers/%s/wait" % segment(old),
            tried="wait for the end of the container %s" % name,
            query={"condition": "removed"},
        )
        stop_container(engine, old, name, data["was_paused"], how=data)
        undo.drop()
        undo.restored = "The old container had the option auto_remove, so that it was gone when it stopped."
        waiting.json()
        return True
    for dependent in data["dependents"]:
        undo.push("restart the container %s" % dependent.target, partial(_restart_again, engine, dependent))
    # Going back, the policy comes first: with it, an engine that goes down meanwhile starts the container itself.
    undo.push("start the old container again", lambda: run_again(engine, old, name, data["was_paused"]))
    if data["policy"]:
        undo.push(
            "give the old container its restart policy back",
            lambda: set_restart_policy(engine, old, name, data["policy"]),
        )
        set_restart_policy(engine, old, name, NO_RESTART)
    stop_container(engine, old, name, data["was_paused"], how=data)
    return False


def _restart_again(engine: Engine, dependent: Step) -> None:
    """A container that ran, and used another one that was stopped, gets what it used again with a restart."""
    if dependent.data["was_running"] and tuple(dependent.data["by"]) != ("links",):
        stop_container(engine, dependent.data["id"], dependent.target)
        start_again(engine, dependent.data["id"], dependent.target, dependent.data["was_paused"])
        for further in dependent.data["dependents"]:
            _restart_again(engine, further)


def _name_again(engine: Engine, old: str, name: str) -> None:
    """Rename the old container back, where it was renamed: an engine that broke off its answer may have done it."""
    if own_name(inspect_container(engine, old, name)) != name:
        rename_container(engine, old, name + OLD, name)


def _run_new(engine: Engine, new: str, step: Step, applied: Applied) -> None:
    from ansible_collections.wharf.docker.plugins.module_utils._container.run_to_end import run_to_end

    document = inspect_container(engine, new, step.target)
    applied.facts.update(run_to_end(engine, document, step.target))


def _prove_new(engine: Engine, new: str, step: Step, undo: Undo) -> None:
    name, data = step.target, step.data
    # It needs its port and its address no longer when the old one comes back; it is removed at the very end.
    undo.push("stop the new container", lambda: stop_container(engine, new, name + NEW, gone=True))
    start_container(engine, new, name)
    document = inspect_container(engine, new, name)
    if data["healthy"] or _should_be_healthy(document, data):
        becomes_healthy(engine, new, name, data["healthy_within"])
    elif data["was_running"]:
        stays_up(engine, new, name)


def prove(engine: Engine, container_id: str, name: str, limit: float) -> None:
    """See that a container that was just started is healthy, or without a health check stays up for a moment."""
    if inspect_container(engine, container_id, name)["State"].get("Health"):
        becomes_healthy(engine, container_id, name, limit)
    else:
        stays_up(engine, container_id, name)


def _should_be_healthy(document: Dict[str, Any], data: Any) -> bool:
    """A new container with a health check must be healthy, unless the old one was not so either."""
    return data["was_running"] and bool(document["State"].get("Health")) and not data["was_unhealthy"]


def _restored(step: Step) -> str:
    state = "running" if step.data["was_running"] else "as it was"
    return "The old container %s is back under its name and %s; the new one is removed." % (step.target, state)
