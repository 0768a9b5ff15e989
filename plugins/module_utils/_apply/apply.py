# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out the steps of a plan, in order. No decision is made here.

``Undo`` is how a failure half way leaves things as they were: each operation that displaces something pushes its way
back, and a failure goes all the ways back in reverse.
"""

from __future__ import annotations

from typing import Callable, Mapping, Optional

from ansible_collections.wharf.docker.plugins.module_utils._apply.operations import (
    Applied,
    _wait_until_gone,
    connect_network,
    create_container,
    disconnect_network,
    forget_endpoint,
    refuse_discarded,
    remove_container,
    rename_container,
    start_again,
    start_container,
    stop_container,
    undo_new_volumes,
    update_container,
)
from ansible_collections.wharf.docker.plugins.module_utils._apply.undo import Undo
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import inspect_container
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine, segment
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan, Step

Operation = Callable[[Engine, Step, Undo, Applied], None]


def apply(engine: Engine, plan: Plan, undo: Undo, further: Optional[Mapping[str, Operation]] = None) -> Applied:
    """Carry out all steps of ``plan``. ``further``: operations beside the ones every task has."""
    applied = Applied()
    operations = {**OPERATIONS, **(further or {})}
    for step in plan.steps:
        operations[step.action](engine, step, undo, applied)
    return applied


def _create(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    undo_new_volumes(engine, step.data["new_volumes"], undo)
    created = create_container(engine, step.target, step.data, applied)
    applied.created[step.target] = created
    undo.push("remove the container", lambda: remove_container(engine, created, step.target, True))


def _start(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    container_id = applied.container(step)
    if step.data.get("attach"):
        from ansible_collections.wharf.docker.plugins.module_utils._container.run_to_end import run_to_end

        document = inspect_container(engine, container_id, step.target)
        if step.data["check"]:
            refuse_discarded(step.target, step.data["check"](document, applied.image), applied)
        applied.facts.update(run_to_end(engine, document, step.target))
        undo.forget()  # The process ran to its end: what it did can't be undone, and its container is evidence.
        return
    start_container(engine, container_id, step.target)
    if step.data.get("id"):
        undo.push("stop the container again", lambda: stop_container(engine, container_id, step.target))


def _stop(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    container_id, paused = applied.container(step), bool(step.data.get("paused"))
    gone = bool(step.data.get("gone"))
    if not gone:
        undo.push("start the container again", lambda: start_again(engine, container_id, step.target, paused))
    stop_container(engine, container_id, step.target, paused, gone, how=step.data)
    if gone:
        _wait_until_gone(engine, container_id, step.target, step.data["within"])


def _remove(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    container_id = applied.container(step)
    if step.data.get("stop"):
        _stop(engine, step, undo, applied)
    if step.data.get("stopped"):
        step.data["stopped"]()
    remove_container(engine, container_id, step.target, bool(step.data.get("volumes")), step.data.get("within"))
    for volume in step.data.get("moved") or []:
        # Others may have it too (409), and it may be gone already.
        tried = "remove the volume %s of the container %s" % (volume, step.target)
        engine.delete("/volumes/%s" % segment(volume), tried=tried, accept=(404, 409))
    undo.forget()


def _update(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    container_id, name = step.data["id"], step.target
    for number, body in enumerate(step.data["bodies"]):
        applied.warnings += update_container(engine, container_id, name, body)
        if number == 0:
            undo.push("give it all its former limits back", lambda: _update_back(engine, step))
    observed = engine.get("/containers/%s/json" % segment(container_id), tried="look at the container %s" % name)
    for key, value in step.data["wanted"].items():
        if observed["HostConfig"].get(key) != value:
            raise Failure(
                "The engine took the update of the container %s, but discarded %s: it is still %r, not %r.%s"
                % (name, key, observed["HostConfig"].get(key), value, "".join(" " + w for w in applied.warnings))
            )


def _update_back(engine: Engine, step: Step) -> None:
    for body in step.data["back"]:
        update_container(engine, step.data["id"], step.target, body)
    if step.data["stays"]:
        raise Failure("the engine can't take back what had no limit before: %s" % ", ".join(step.data["stays"]))


def _connect(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    container_id, network = applied.container(step), step.data["network"]
    connect_network(engine, container_id, step.target, network, step.data["endpoint"])
    undo.push("disconnect it from %s" % network, lambda: disconnect_network(engine, container_id, step.target, network))


def _disconnect(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    container_id, network, endpoint = applied.container(step), step.data["network"], step.data["endpoint"]
    if step.data.get("refused"):
        left = forget_endpoint(engine, container_id, step.target, network)
        if left:
            raise Failure("Cannot disconnect the container %s from the network %s.%s" % (step.target, network, left))
        return  # There was no connection that could come back.
    disconnect_network(engine, container_id, step.target, network)
    undo.push(
        "connect it to %s again" % network,
        lambda: connect_network(engine, container_id, step.target, network, endpoint),
    )


def _pull(engine: Engine, step: Step, _undo: Undo, applied: Applied) -> None:
    if step.data["pulled"] is not None:
        applied.image, applied.pulled = step.data["pulled"]
        return
    from ansible_collections.wharf.docker.plugins.module_utils._container.image import pull_image

    applied.image, applied.pulled = pull_image(engine, step.target, step.data["platform"])


def _recreate(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    if step.data.get("within"):
        return  # The replacement of the container that it depends on has done it.
    from ansible_collections.wharf.docker.plugins.module_utils._apply.replacement import replace_container

    replace_container(engine, step, undo, applied)


def _restore(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.replacement import restore

    restore(engine, step, undo, applied)


def _rename(engine: Engine, step: Step, undo: Undo, _applied: Applied) -> None:
    container_id, former, name = step.data["id"], step.target, step.data["name"]
    rename_container(engine, container_id, former, name)
    if step.data.get("undo"):
        undo.push("rename %s back to %s" % (name, former), lambda: rename_container(engine, container_id, name, former))


def _restart(engine: Engine, step: Step, _undo: Undo, applied: Applied) -> None:
    container_id = applied.container(step)
    stop_container(engine, container_id, step.target, bool(step.data.get("paused")), how=step.data)
    start_container(engine, container_id, step.target)


def _pause(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    _freeze(engine, applied.container(step), step.target, "pause")
    undo.push("unpause the container", lambda: _freeze(engine, applied.container(step), step.target, "unpause"))


def _unpause(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    _freeze(engine, applied.container(step), step.target, "unpause")
    undo.push("pause the container again", lambda: _freeze(engine, applied.container(step), step.target, "pause"))


def _freeze(engine: Engine, container_id: str, name: str, verb: str) -> None:
    engine.post("/containers/%s/%s" % (segment(container_id), verb), tried="%s the container %s" % (verb, name))


def _commit(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.writable_layer import commit

    commit(engine, step, undo, applied)


OPERATIONS: Mapping[str, Operation] = {
    "pull": _pull,
    "create": _create,
    "start": _start,
    "stop": _stop,
    "remove": _remove,
    "update": _update,
    "connect": _connect,
    "disconnect": _disconnect,
    "recreate": _recreate,
    "restore": _restore,
    "rename": _rename,
    "restart": _restart,
    "commit": _commit,
    "pause": _pause,
    "unpause": _unpause,
}
