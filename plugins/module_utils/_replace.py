# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replacing a container: the new one lives before the old one goes.

The order: the new one is created beside the old one under a temporary name; the old one's restart policy goes to
"no" (it must not come up beside the new one after a restart of the engine), it is stopped and renamed aside; the new
one starts and proves itself; then the old one is removed, and the new one takes the name. A failure at any step goes
all the way back. Only a start proves that a published port or a fixed address is free.
"""

from __future__ import annotations

from typing import Any, Dict

from ansible_collections.wharf.docker.plugins.module_utils._apply import (
    Applied,
    Undo,
    create_container,
    refuse_discarded,
    remove_container,
    start_again,
    start_container,
    stop_container,
    update_container,
)
from ansible_collections.wharf.docker.plugins.module_utils._container import find_container, inspect_container
from ansible_collections.wharf.docker.plugins.module_utils._engine import Engine, EngineError, segment
from ansible_collections.wharf.docker.plugins.module_utils._errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._plan import Step
from ansible_collections.wharf.docker.plugins.module_utils._wait import becomes_healthy, stays_up

NEW = ".wharf-new"
OLD = ".wharf-old"


def replace_container(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    """Carry out the step "recreate"; its data is made by the planner."""
    name, old, data = step.target, step.data["id"], step.data
    undo.restored = _restored(step)
    new = _create_new(engine, step, undo, applied)
    if data["was_running"]:
        _stop_old(engine, step, undo)
    gone = data["auto_remove"] and data["was_running"]
    if not gone:
        _rename(engine, old, name, name + OLD)
        undo.push("give the old container its name back", lambda: _rename(engine, old, name + OLD, name))
    if data["attach"]:
        _run_new(engine, new, step, applied)
    elif data["run"]:
        _prove_new(engine, new, step, undo)
    if not gone:
        remove_container(engine, old, name + OLD)
    undo.forget()
    try:
        _rename(engine, new, name + NEW, name)
    except EngineError as error:
        if not (data["attach"] and error.status == 404):  # With auto_remove it is gone after its end.
            error.message += " The new container is complete and stays as %s; the old one is removed." % (name + NEW)
            raise
    applied.created[name] = new


def _create_new(engine: Engine, step: Step, undo: Undo, applied: Applied) -> str:
    name = step.target + NEW
    if find_container(engine, name) is not None:
        raise Failure(
            "Cannot replace the container %s: there is a container %s, the name that its successor needs for a "
            "moment. Remove or rename that one; nothing was touched." % (step.target, name)
        )
    new = create_container(engine, name, step.data["body"], step.data["connect"], applied)
    undo.push("remove the new container %s" % name, lambda: remove_container(engine, new, name, True))
    refuse_discarded(step.target, step.data["check"](inspect_container(engine, new, name), applied.image), applied)
    return new


def _stop_old(engine: Engine, step: Step, undo: Undo) -> None:
    old, name, data = step.data["id"], step.target, step.data
    if data["policy"] and not data["auto_remove"]:
        update_container(engine, old, name, {"RestartPolicy": {"Name": "no"}})
        undo.push(
            "give the old container its restart policy back",
            lambda: update_container(engine, old, name, {"RestartPolicy": data["policy"]}),
        )
    if data["auto_remove"]:
        # The engine removes it when it has stopped: the name must be free, and there is no way back.
        waiting = engine.stream(
            "POST",
            "/containers/%s/wait" % segment(old),
            tried="wait for the end of the container %s" % name,
            query={"condition": "removed"},
        )
        undo.restored = "The old container had the option auto_remove, so that it was gone when it stopped."
        stop_container(engine, old, name, data["was_paused"])
        waiting.json()
        return
    undo.push("start the old container again", lambda: start_again(engine, old, name, data["was_paused"]))
    stop_container(engine, old, name, data["was_paused"])


def _run_new(engine: Engine, new: str, step: Step, applied: Applied) -> None:
    from ansible_collections.wharf.docker.plugins.module_utils._run_to_end import run_to_end

    document = inspect_container(engine, new, step.target)
    applied.facts.update(run_to_end(engine, document, step.target))


def _prove_new(engine: Engine, new: str, step: Step, undo: Undo) -> None:
    name, data = step.target, step.data
    undo.push("stop the new container", lambda: remove_container(engine, new, name + NEW, True))
    start_container(engine, new, name)
    document = inspect_container(engine, new, name)
    if data["healthy"] or _should_be_healthy(document, data):
        becomes_healthy(engine, new, name, data["healthy_within"])
    elif data["was_running"]:
        stays_up(engine, new, name)


def _should_be_healthy(document: Dict[str, Any], data: Any) -> bool:
    """A new container with a health check must be healthy, unless the old one was not so either."""
    return data["was_running"] and bool(document["State"].get("Health")) and not data["was_unhealthy"]


def _rename(engine: Engine, container_id: str, before: str, after: str) -> None:
    engine.post(
        "/containers/%s/rename" % segment(container_id),
        tried="rename the container %s to %s" % (before, after),
        query={"name": after},
    )


def _restored(step: Step) -> str:
    state = "running" if step.data["was_running"] else "as it was"
    return "The old container %s is back under its name and %s; the new one is removed." % (step.target, state)
