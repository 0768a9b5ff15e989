# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out the steps of a plan, in order. No decision is made here.

``Undo`` is how a failure half way leaves things as they were: each operation that displaces something pushes its way
back, and a failure goes all the ways back in reverse.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, Type

from ansible_collections.wharf.docker.plugins.module_utils._compare import Difference
from ansible_collections.wharf.docker.plugins.module_utils._container import find_container, inspect_container
from ansible_collections.wharf.docker.plugins.module_utils._engine import Engine, EngineError, segment
from ansible_collections.wharf.docker.plugins.module_utils._errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._plan import Plan, Step, is_running


class Undo:
    """The ways back, newest last. As a context: a failure inside goes them all, and says how that went."""

    def __init__(self) -> None:
        self._ways: List[Tuple[str, Callable[[], Any]]] = []
        self.restored = ""

    def push(self, words: str, way: Callable[[], Any]) -> None:
        """``words`` say what ``way`` does ("start web again"), for the message when it fails.

        A way that returns False found nothing to do.
        """
        self._ways.append((words, way))

    def drop(self) -> None:
        """The newest way back is none any more."""
        self._ways.pop()

    def forget(self) -> None:
        """From here on there is no way back."""
        self._ways.clear()

    def __enter__(self) -> Undo:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], _trace: Optional[TracebackType]
    ) -> None:
        if error is None:
            return
        done, left = self._go_back()
        if isinstance(error, Failure):
            if left:
                error.message += " Not everything could be undone: %s" % " ".join(left)
            elif done:
                error.message += " " + (self.restored or "What had been done was undone.")

    def _go_back(self) -> Tuple[int, List[str]]:
        done, left = 0, []
        while self._ways:
            words, way = self._ways.pop()
            try:
                if way() is not False:
                    done += 1
            except Failure as failure:
                left.append("could not %s (%s)" % (words, failure.message))
                if isinstance(failure, EngineError) and not failure.status and self._ways:
                    # The engine is away. What is half undone must stay so: a later run sees it, and ends it.
                    rest = ", ".join(words for words, _way in reversed(self._ways))
                    left.append("It is still to be done: %s." % rest)
                    self._ways.clear()
        return done, left


class Applied:
    """What carrying out a plan brought.

    ``facts`` for the result (``rc``, ``stdout``, ...), the engine's ``warnings``, the ids of ``created`` containers by
    their names, and the inspect document of an ``image`` that was pulled, with what is to be told of that.
    """

    def __init__(self) -> None:
        self.facts: Dict[str, Any] = {}
        self.warnings: List[str] = []
        self.created: Dict[str, str] = {}
        self.image: Optional[Dict[str, Any]] = None
        self.pulled: Dict[str, Any] = {}

    def container(self, step: Step) -> str:
        """The id of the container a step is about: an observed one, or one that an earlier step created."""
        return str(step.data.get("id") or self.created.get(step.target) or step.target)


# How often a container is stopped that Podman starts again by its restart policy. It does so where the stop comes
# between the end of the process and the end of its container.
STOPS = 3

# What an engine says of an update that meets a process which has just ended, and how long, in seconds, it may say so.
PROCESS_GONE = (
    "a stopped container",
    "a deleted process",
    "not found",
    "not running",
    "no such process",
    "ttrpc: closed",
)
GONE_WITHIN = 5

Operation = Callable[[Engine, Step, Undo, Applied], None]


def apply(engine: Engine, plan: Plan, undo: Undo, further: Optional[Mapping[str, Operation]] = None) -> Applied:
    """Carry out all steps of ``plan``. ``further``: operations beside the ones every task has."""
    applied = Applied()
    operations = {**OPERATIONS, **(further or {})}
    for step in plan.steps:
        operations[step.action](engine, step, undo, applied)
    return applied


def create_container(engine: Engine, name: str, data: Mapping[str, Any], applied: Applied) -> str:
    """Create a container and connect it to its further networks; returns its id. Nothing of it stays on a failure.

    ``data``: the ``body``, the networks to ``connect`` and to ``leave``, and the ``platform``, of a step.
    """
    body, query = data["body"], {"name": name, **({"platform": data["platform"]} if data["platform"] else {})}
    tried = "create the container %s" % name
    connect = data["connect"]
    if "MacAddress" in body and (engine.podman or engine.version >= (1, 44)):
        body = _with_mac_of_endpoint(body)
    if engine.podman:
        from ansible_collections.wharf.docker.plugins.module_utils._podman import under_own_name

        body = under_own_name(body)
    if engine.version >= (1, 44) and any("MacAddress" in endpoint for _network, endpoint in connect):
        # Only who is created with it has a MAC address of its own, and only from this API on in several networks.
        body, connect = _with_endpoints(body, connect), []
    answer = engine.post("/containers/create", tried=tried, query=query, body=body)
    applied.warnings += [str(words) for words in answer.get("Warnings") or []]
    created = str(answer["Id"])
    with Undo() as undo:
        undo.push("remove the half-made container", lambda: remove_container(engine, created, name, True))
        for network, endpoint in connect:
            connect_network(engine, created, name, network, endpoint)
        for network in data["leave"]:
            disconnect_network(engine, created, name, network)
        undo.forget()
    return created


def undo_new_volumes(engine: Engine, volumes: Tuple[str, ...], undo: Undo) -> None:
    """The way back from volumes that the engine makes for a container: it comes after the removal of that one."""
    if volumes:
        words = "remove the volumes that the engine made for it (%s)" % ", ".join(volumes)
        undo.push(words, lambda: _remove_volumes(engine, volumes))


def _remove_volumes(engine: Engine, names: Tuple[str, ...]) -> bool:
    """Remove volumes; returns whether there was one. It is an error where another container uses it meanwhile."""
    found = [name for name in names if engine.find("/volumes/" + segment(name), tried="look at the volume " + name)]
    for name in found:
        engine.delete("/volumes/" + segment(name), tried="remove the volume %s" % name, accept=(404,))
    return bool(found)


def _with_mac_of_endpoint(body: Mapping[str, Any]) -> Dict[str, Any]:
    """From API 1.44 on, and for Podman, a MAC address belongs to the first network, not to the container."""
    moved = {key: value for key, value in body.items() if key != "MacAddress"}
    first = body["HostConfig"].get("NetworkMode") or "default"
    endpoints = dict((body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {})
    endpoints[first] = {"MacAddress": body["MacAddress"], **(endpoints.get(first) or {})}
    return {**moved, "NetworkingConfig": {"EndpointsConfig": endpoints}}


def _with_endpoints(body: Mapping[str, Any], further: List[Tuple[str, Dict[str, Any]]]) -> Dict[str, Any]:
    first = (body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {body["HostConfig"]["NetworkMode"]: {}}
    return {**body, "NetworkingConfig": {"EndpointsConfig": {**first, **dict(further)}}}


def refuse_discarded(name: str, discarded: List[Difference], applied: Applied) -> None:
    """Failure where a container that was just created differs from its spec: the engine discarded a value."""
    if discarded:
        what = ", ".join(
            difference.option
            if difference.quiet
            # The difference leads from what the engine has to what was wanted.
            else "%s (it is %r, not %r)" % (difference.option, difference.before, difference.after)
            for difference in discarded
        )
        said = "".join(" It said: %s." % words.rstrip(".") for words in applied.warnings)
        raise Failure(
            "The engine took the spec of the container %s, but discarded %s.%s Leave the option out, or give it "
            "another value." % (name, what, said)
        )


def remove_container(
    engine: Engine, container_id: str, name: str, volumes: bool = False, within: Optional[float] = None
) -> None:
    """Remove a container, running or not. No error where it is gone already. ``volumes``: the anonymous ones too.

    ``within``: how many seconds a removal may take that the engine has begun by itself; None: as many as it needs.
    """
    path, tried = "/containers/%s" % segment(container_id), "remove the container %s" % name
    try:
        engine.delete(path, tried=tried, query={"force": True, "v": volumes}, accept=(404,))
    except EngineError as error:
        if "already in progress" not in error.answer:
            raise
        _wait_until_gone(engine, container_id, name, within)


def _wait_until_gone(engine: Engine, container_id: str, name: str, within: Optional[float]) -> None:
    """Wait for the removal that the engine begins by itself when a container with auto_remove has ended."""
    if within is None:
        path, tried = "/containers/%s/wait" % segment(container_id), "wait for the removal of the container %s" % name
        engine.post(path, tried=tried, query={"condition": "removed"}, accept=(404,), patient=True)
        return
    import time

    end = time.monotonic() + within
    while find_container(engine, container_id) is not None:
        if time.monotonic() >= end:
            raise Failure("The engine still removes the container %s after %g seconds." % (name, within))
        time.sleep(0.1)


def start_container(engine: Engine, container_id: str, name: str) -> None:
    engine.post("/containers/%s/start" % segment(container_id), tried="start the container %s" % name, accept=(304,))


def start_again(engine: Engine, container_id: str, name: str, paused: bool) -> None:
    """The way back from ``stop_container()``."""
    start_container(engine, container_id, name)
    if paused:
        engine.post("/containers/%s/pause" % segment(container_id), tried="pause the container %s again" % name)


def run_again(engine: Engine, container_id: str, name: str, paused: bool) -> None:
    """Have a container run, or be ``paused``, as it was before: whether it was stopped meanwhile is not known."""
    document = inspect_container(engine, container_id, name)
    if not is_running(document):
        start_again(engine, container_id, name, paused)


def stop_container(
    engine: Engine,
    container_id: str,
    name: str,
    paused: bool = False,
    gone: bool = False,
    how: Optional[Mapping[str, Any]] = None,
) -> None:
    """Stop a container. ``paused``: it goes on first, since a paused process can't see its stop signal.

    ``gone``: it is no error where it is gone already. ``how``: ``kill``, a signal instead of a stop ("": none), and
    ``timeout``, how many seconds it has to end (None: as many as it was created with).
    """
    kill, timeout = (how or {}).get("kill") or "", (how or {}).get("timeout")
    if paused:
        engine.post("/containers/%s/unpause" % segment(container_id), tried="unpause the container %s" % name)
    if kill:
        _kill(engine, container_id, name, kill, timeout)
        return
    for _attempt in range(STOPS if engine.podman else 1):
        engine.post(
            "/containers/%s/stop" % segment(container_id),
            tried="stop the container %s" % name,
            query=None if timeout is None else {"t": timeout},
            accept=(304, 404) if gone else (304,),
            patient=True,
        )
        if engine.podman:
            from ansible_collections.wharf.docker.plugins.module_utils._wait import is_down

            if is_down(engine, container_id):
                return


def _kill(engine: Engine, container_id: str, name: str, signal: str, timeout: Optional[int]) -> None:
    """Send a signal, and wait until the container has ended."""
    from ansible_collections.wharf.docker.plugins.module_utils._wait import STOP_SECONDS, has_ended

    path = "/containers/%s/kill" % segment(container_id)
    engine.post(path, tried="kill the container %s" % name, query={"signal": signal}, accept=(409,))
    # A SIGKILL is never ignored: however little time a stop has, the kernel's work may take more.
    limit = has_ended(engine, container_id, STOP_SECONDS if signal == "SIGKILL" else timeout)
    if limit is not None:
        raise Failure(
            "The container %s has not ended %g seconds after the signal %s, and is still running. Set kill_signal to "
            "one that ends it, or stop_timeout to more seconds." % (name, limit, signal)
        )


def rename_container(engine: Engine, container_id: str, before: str, after: str) -> None:
    engine.post(
        "/containers/%s/rename" % segment(container_id),
        tried="rename the container %s to %s" % (before, after),
        query={"name": after},
    )


def update_container(engine: Engine, container_id: str, name: str, body: Mapping[str, Any]) -> List[str]:
    """Change limits or the restart policy; returns the engine's warnings.

    The engine refuses this in the moment between the end of a process and its notice of it, which comes again and again
    where a restart policy starts the container each time: so it is asked again.
    """
    import time

    end = time.monotonic() + GONE_WITHIN
    while True:
        try:
            path, tried = "/containers/%s/update" % segment(container_id), "update the container %s" % name
            answer = engine.post(path, tried=tried, body=body)
        except EngineError as error:
            gone = any(words in error.answer for words in PROCESS_GONE)
            if error.status != 500 or not gone or time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return [str(words) for words in answer.get("Warnings") or []]


def set_restart_policy(engine: Engine, container_id: str, name: str, policy: Mapping[str, Any]) -> None:
    """Change the restart policy of a container that exists. Podman can't, and starts none again that was stopped."""
    if not engine.podman:
        update_container(engine, container_id, name, {"RestartPolicy": policy})


def connect_network(engine: Engine, container_id: str, name: str, network: str, endpoint: Mapping[str, Any]) -> None:
    """Connect a container to a network. If the engine refuses, nothing is left of it."""
    try:
        _connect_network(engine, container_id, name, network, endpoint)
    except EngineError as error:
        if error.status:
            error.message += forget_endpoint(engine, container_id, name, network)
        raise


def forget_endpoint(engine: Engine, container_id: str, name: str, network: str) -> str:
    """Take away what the engine keeps of an endpoint that it refused: with it, the container could not restart.

    A disconnect, by force too, is refused for what was never connected. So the container is connected, with an
    address of the engine's choice, and disconnected. Returns what is left if that is refused too; "" if nothing is.
    """
    from ansible_collections.wharf.docker.plugins.module_utils._endpoints import refused_endpoints

    document = find_container(engine, container_id) or {"State": {}}
    for key in refused_endpoints(document):
        if network in (key, _network_id(engine, key)):
            try:
                _connect_network(engine, container_id, name, key, {})
                disconnect_network(engine, container_id, name, key)
            except EngineError as error:
                return (
                    " The engine keeps the configuration of the refused connection, and can't restart the container "
                    "with it (%s). Disconnect it from the network %s while it is stopped." % (error.message, key)
                )
    return ""


def _network_id(engine: Engine, name: str) -> str:
    found = engine.find("/networks/%s" % segment(name), tried="look at the network %s" % name)
    return str((found or {}).get("Id"))


def _connect_network(engine: Engine, container_id: str, name: str, network: str, endpoint: Mapping[str, Any]) -> None:
    engine.post(
        "/networks/%s/connect" % segment(network),
        tried="connect the container %s to the network %s" % (name, network),
        body={"Container": container_id, "EndpointConfig": endpoint},
    )


def disconnect_network(engine: Engine, container_id: str, name: str, network: str) -> None:
    engine.post(
        "/networks/%s/disconnect" % segment(network),
        tried="disconnect the container %s from the network %s" % (name, network),
        body={"Container": container_id, "Force": False},
    )


def _create(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    undo_new_volumes(engine, step.data["new_volumes"], undo)
    created = create_container(engine, step.target, step.data, applied)
    applied.created[step.target] = created
    undo.push("remove the container", lambda: remove_container(engine, created, step.target, True))


def _start(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    container_id = applied.container(step)
    if step.data.get("attach"):
        from ansible_collections.wharf.docker.plugins.module_utils._run_to_end import run_to_end

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
    from ansible_collections.wharf.docker.plugins.module_utils._image import pull_image

    applied.image, applied.pulled = pull_image(engine, step.target, step.data["platform"])


def _recreate(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    if step.data.get("within"):
        return  # The replacement of the container that it depends on has done it.
    from ansible_collections.wharf.docker.plugins.module_utils._replace import replace_container

    replace_container(engine, step, undo, applied)


def _restore(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    from ansible_collections.wharf.docker.plugins.module_utils._replace import restore

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
    from ansible_collections.wharf.docker.plugins.module_utils._written import commit

    commit(engine, step, undo, applied)


def _export(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    from ansible_collections.wharf.docker.plugins.module_utils._written import export

    export(engine, step, undo, applied)


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
    "export": _export,
    "pause": _pause,
    "unpause": _unpause,
}
