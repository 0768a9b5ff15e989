# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the steps of containers do on the engine: each is one call, or a call and the wait for its effect."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, List, Mapping, Optional, Type

from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_container, inspect_container
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    is_paused,
    is_running,
    own_name,
    state_of,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import (
    NO_RESTART,
    Check,
    Commit,
    Confirm,
    Connect,
    ContainerStep,
    Create,
    Disconnect,
    Kill,
    Pause,
    Prove,
    Proven,
    Pull,
    Remove,
    RemoveVolumes,
    Rename,
    ResetLimits,
    Restart,
    Run,
    SetRestartPolicy,
    Start,
    Stop,
    Unpause,
    Update,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.again import again
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import (
    Engine,
    segment,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    Busy,
    EngineError,
    Failure,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import (
    Step,
)
from ansible_collections.wharf.docker.plugins.module_utils._values.core import NEW, TURN

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor, Operation

# For how long, in seconds, a stop is repeated on Podman: because of its restart policy, Podman starts a container again
# if the stop comes between the end of the process and the end of the container, which is most of a crash loop.
STOPPED_WITHIN = 30

# An engine's messages if it refuses an update because the process has just ended, and for how long, in seconds, the
# update is retried.
PROCESS_GONE = (
    "a stopped container",
    "a deleted process",
    "not found",
    "not running",
    "no such process",
    "ttrpc: closed",
)
GONE_WITHIN = 5

# How long after the end of a process, in seconds, Podman may still restart its container.
AGAIN = 0.3

# Podman refuses to remove a container while it restarts it. For how long, in seconds, the removal is retried.
REMOVED_WITHIN = 10


def remove_container(
    engine: Engine,
    container_id: str,
    name: str,
    volumes: bool = False,
    within: Optional[float] = None,
    force: bool = True,
) -> None:
    """Remove a container. No error if it does not exist. ``volumes``: its anonymous volumes as well.

    ``within``: the maximum number of seconds for a removal that the engine has begun by itself; None: no limit.
    ``force``: a running container is killed.
    """
    path, tried = "/containers/%s" % segment(container_id), "remove the container %s" % name

    def restarts(error: EngineError) -> bool:
        return engine.podman and "could not be stopped" in error.answer

    try:
        again(
            lambda: engine.delete(path, tried=tried, query={"force": force, "v": volumes}, accept=(404,)),
            restarts,
            REMOVED_WITHIN,
        )
    except EngineError as error:
        if "already in progress" not in error.answer:
            raise
        _wait_until_gone(engine, container_id, name, within)


def _wait_until_gone(engine: Engine, container_id: str, name: str, within: Optional[float]) -> None:
    """Wait for the removal that the engine begins by itself after the end of a container with auto_remove."""
    if within is None:
        path, tried = "/containers/%s/wait" % segment(container_id), "wait for the removal of the container %s" % name
        engine.post(path, tried=tried, query={"condition": "removed"}, accept=(404,), patient=True)
        return

    end = time.monotonic() + within
    while find_container(engine, container_id) is not None:
        if time.monotonic() >= end:
            raise Failure("The engine still removes the container %s after %g seconds." % (name, within))
        time.sleep(0.1)


def start_container(engine: Engine, container_id: str, name: str) -> None:
    path, tried = "/containers/%s/start" % segment(container_id), "start the container %s" % name
    engine.post(path, tried=tried, accept=(304,), patient=True)


def stop_container(
    engine: Engine,
    container_id: str,
    name: str,
    paused: bool = False,
    gone: bool = False,
    how: Optional[Mapping[str, Any]] = None,
) -> None:
    """Stop a container. ``paused``: it is unpaused first, since a paused process can't receive its stop signal.

    ``gone``: no error if it does not exist any more. ``how``: ``kill``, a signal instead of a stop ("": none), and
    ``timeout``, the number of seconds it has to end (None: the container's own).
    """
    kill, timeout = (how or {}).get("kill") or "", (how or {}).get("timeout")
    if paused:
        engine.post("/containers/%s/unpause" % segment(container_id), tried="unpause the container %s" % name)
    if kill:
        _kill(engine, container_id, name, kill, timeout)
        return
    end = time.monotonic() + STOPPED_WITHIN
    while True:
        engine.post(
            "/containers/%s/stop" % segment(container_id),
            tried="stop the container %s" % name,
            query=None if timeout is None else {"t": timeout},
            accept=(304, 404) if gone else (304,),
            patient=True,
        )
        if not engine.podman:
            return
        from ansible_collections.wharf.docker.plugins.module_utils._container.wait import is_down

        if is_down(engine, container_id):
            return
        if time.monotonic() > end:
            raise Failure(
                "The container %s does not stay stopped: in %d seconds, Podman restarted it after each stop."
                % (name, STOPPED_WITHIN)
            )


def _kill(engine: Engine, container_id: str, name: str, signal: str, timeout: Optional[int]) -> None:
    """Send a signal, and wait until the container has ended."""
    from ansible_collections.wharf.docker.plugins.module_utils._container.wait import STOP_SECONDS, has_ended

    path = "/containers/%s/kill" % segment(container_id)
    engine.post(path, tried="kill the container %s" % name, query={"signal": signal}, accept=(409,))
    # SIGKILL is never ignored, but the kernel may need more time than a short timeout.
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

    The engine refuses this between the end of a process and its own notice of that, which happens again and again if a
    restart policy keeps restarting the container: so the call is retried.
    """
    path, tried = "/containers/%s/update" % segment(container_id), "update the container %s" % name

    def gone(error: EngineError) -> bool:
        return error.status == 500 and any(words in error.answer for words in PROCESS_GONE)

    answer = again(lambda: engine.post(path, tried=tried, body=body), gone, GONE_WITHIN)
    return [str(words) for words in answer.get("Warnings") or []]


def set_restart_policy(engine: Engine, container_id: str, name: str, policy: Mapping[str, Any]) -> None:
    """Change the restart policy of an existing container. Podman can't, and does not restart a stopped container."""
    if not engine.podman:
        update_container(engine, container_id, name, {"RestartPolicy": policy})


def connect_network(engine: Engine, container_id: str, name: str, network: str, endpoint: Mapping[str, Any]) -> None:
    """Connect a container to a network. If the engine refuses, what it keeps of the endpoint is removed."""
    try:
        _connect_network(engine, container_id, name, network, endpoint)
    except EngineError as error:
        if error.status:
            error.message += forget_endpoint(engine, container_id, name, network)
        raise


def forget_endpoint(engine: Engine, container_id: str, name: str, network: str) -> str:
    """Remove the configuration that the engine keeps of a refused endpoint: with it, the container could not restart.

    A disconnect, even a forced one, is refused for an endpoint that was never connected. So the container is connected,
    with an address chosen by the engine, and disconnected. Returns a message if that is refused, too; "" if nothing is
    left.
    """
    from ansible_collections.wharf.docker.plugins.module_utils._container.endpoints import refused_endpoints

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


def refuse_discarded(name: str, discarded: List[Difference], warnings: List[str]) -> None:
    """Failure if a container that was just created differs from its spec: the engine discarded a value."""
    if discarded:
        what = ", ".join(
            difference.option
            if difference.quiet
            # The difference has the engine's value as before, and the wanted one as after.
            else "%s (it is %r, not %r)" % (difference.option, difference.before, difference.after)
            for difference in discarded
        )
        said = "".join(" It said: %s." % words.rstrip(".") for words in warnings)
        raise Failure(
            "The engine took the spec of the container %s, but discarded %s.%s Leave the option out, or give it "
            "another value." % (name, what, said)
        )


def _create(executor: Executor, step: Create) -> None:
    engine, body = executor.engine, step.body
    if engine.podman:
        from ansible_collections.wharf.docker.plugins.module_utils._engine.podman import under_own_name

        body = under_own_name(body)
    query = {"name": step.target, **({"platform": step.platform} if step.platform else {})}
    tried = "create the container %s" % step.target
    try:
        answer = engine.post("/containers/create", tried=tried, query=query, body=body)
    except EngineError as error:
        if is_taken(error):
            # Another task was quicker: its container has to be examined first.
            raise Busy(id_of(engine, step.target)) from None
        _push_volumes(executor, step)
        raise
    executor.warnings += [str(words) for words in answer.get("Warnings") or []]
    created = str(answer["Id"])
    executor.created[step.target] = created
    _push_volumes(executor, step)
    executor.push(Remove(step.target, step.causes, created, volumes=True))


def is_taken(error: EngineError) -> bool:
    """Whether the engine refused a name because another container has it."""
    return error.status == 409 and "is already in use" in error.answer


def id_of(engine: Engine, *names: str) -> str:
    """The id of the first of these containers that exists; "" if none does."""
    for name in names:
        found = find_container(engine, name)
        if found is not None:
            return str(found["Id"])
    return ""


def _push_volumes(executor: Executor, step: Create) -> None:
    """The engine may have created them although it refused the container."""
    if step.new_volumes:
        executor.push(RemoveVolumes(step.target, step.causes, step.new_volumes))


def _confirm(executor: Executor, step: Confirm) -> None:
    document = find_container(executor.engine, step.container)
    if document is None or own_name(document) != step.target or state_of(document) != step.was:
        raise Busy


def _check(executor: Executor, step: Check) -> None:
    if step.wanted is None:
        return
    from ansible_collections.wharf.docker.plugins.module_utils._container.comparison import discarded

    document = inspect_container(executor.engine, executor.container(step), step.target)
    found = discarded(step.wanted, executor.image or step.image, document)
    refuse_discarded(step.wanted.name, found, executor.warnings)


def _start(executor: Executor, step: Start) -> Optional[bool]:
    container = executor.container(step)
    if executor.going_back and is_running(inspect_container(executor.engine, container, step.target)):
        return False
    try:
        start_container(executor.engine, container, step.people_call_it)
    except EngineError as error:
        if not step.tolerated or not error.status:
            raise
        executor.failures.append(error.message)
    return None


def _run(executor: Executor, step: Run) -> None:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.run_to_end import run_to_end

    document = inspect_container(executor.engine, executor.container(step), step.target)
    executor.facts.update(run_to_end(executor.engine, document, step.people_call_it))
    executor.forget()  # The effects of its process can't be undone, and its container is evidence.


def _stop(executor: Executor, step: Stop) -> Optional[bool]:
    engine, container = executor.engine, executor.container(step)
    if executor.going_back:
        document = find_container(engine, container)
        # A container with a restart policy may be between two of its runs: it has to stay down.
        if document is None or (not is_running(document) and not _starts_again(document)):
            return False
    how = {"kill": step.kill, "timeout": step.timeout}
    stop_container(engine, container, step.people_call_it, step.paused, step.missing_ok or step.auto_remove, how)
    if executor.going_back and engine.podman:
        # Podman ignores a stop if it is about to restart the container.
        time.sleep(AGAIN)
        stop_container(engine, container, step.people_call_it, gone=True)
    if step.auto_remove:
        _wait_until_gone(engine, container, step.people_call_it, step.within)
    return None


def _restart(executor: Executor, step: Restart) -> None:
    path, tried = "/containers/%s/restart" % segment(executor.container(step)), "restart the container %s" % step.target
    executor.engine.post(path, tried=tried, query={"t": step.timeout}, patient=True)


def _send_signal(executor: Executor, step: Kill) -> None:
    path, tried = "/containers/%s/kill" % segment(executor.container(step)), "kill the container %s" % step.target
    executor.engine.post(path, tried=tried, query={"signal": step.signal}, patient=True)


def _starts_again(document: Mapping[str, Any]) -> bool:
    return (document["HostConfig"].get("RestartPolicy") or {}).get("Name") not in (None, "", "no")


def _remove(executor: Executor, step: Remove) -> None:
    engine = executor.engine
    if step.by_name:
        _remove_by_name(executor, step)
    else:
        remove_container(engine, executor.container(step), step.target, step.volumes, step.within, step.force)
    for volume in step.moved:
        # Other containers may use it (409), and it may have been removed already.
        tried = "remove the volume %s of the container %s" % (volume, step.target)
        engine.delete("/volumes/%s" % segment(volume), tried=tried, accept=(404, 409))
    executor.forget()


def _remove_by_name(executor: Executor, step: Remove) -> None:
    """The engine finds the container by name and removes it in one call: no other task can get the name in between."""
    engine, name = executor.engine, step.target
    path, tried = "/containers/%s" % segment(name), "remove the container %s" % name
    try:
        engine.delete(path, tried=tried, query={"force": step.force, "v": step.volumes})
    except EngineError as error:
        if "already in progress" in error.answer:
            _wait_until_gone(engine, step.container, name, step.within)
            return
        if error.status not in (404, 409):
            raise
        document = find_container(engine, step.container)
        if document is None:
            return
        if own_name(document) == name and not is_running(document):
            raise
        # It has been renamed, or is running again: another task is changing it, so nothing of it must be undone here.
        executor.forget()
        raise Busy(id_of(engine, name + NEW, name + TURN)) from None


def _remove_volumes(executor: Executor, step: RemoveVolumes) -> bool:
    """It is an error if another container uses one by then. Returns whether any volume existed."""
    engine = executor.engine
    found = [
        name for name in step.names if engine.find("/volumes/" + segment(name), tried="look at the volume " + name)
    ]
    for name in found:
        engine.delete("/volumes/" + segment(name), tried="remove the volume %s" % name, accept=(404,))
    return bool(found)


def _update(executor: Executor, step: Update) -> None:
    engine, container, name = executor.engine, executor.container(step), step.target
    for number, body in enumerate(step.bodies):
        executor.warnings += update_container(engine, container, name, body)
        if number == 0:
            executor.push(*step.back)
    observed = inspect_container(engine, container, name)
    for key, value in step.wanted.items():
        if observed["HostConfig"].get(key) != value:
            raise Failure(
                "The engine took the update of the container %s, but discarded %s: it is still %r, not %r.%s"
                % (name, key, observed["HostConfig"].get(key), value, "".join(" " + w for w in executor.warnings))
            )


def _reset_limits(executor: Executor, step: ResetLimits) -> None:
    for body in step.bodies:
        update_container(executor.engine, executor.container(step), step.target, body)
    if step.stays:
        raise Failure("the engine can't take back what had no limit before: %s" % ", ".join(step.stays))


def _set_restart_policy(executor: Executor, step: SetRestartPolicy) -> None:
    set_restart_policy(executor.engine, executor.container(step), step.people_call_it, step.policy)


def _connect(executor: Executor, step: Connect) -> None:
    connect_network(executor.engine, executor.container(step), step.target, step.network, step.endpoint)


def _disconnect(executor: Executor, step: Disconnect) -> None:
    engine, container = executor.engine, executor.container(step)
    if not step.refused:
        disconnect_network(engine, container, step.target, step.network)
        return
    left = forget_endpoint(engine, container, step.target, step.network)
    if left:
        raise Failure("Cannot disconnect the container %s from the network %s.%s" % (step.target, step.network, left))


def _rename(executor: Executor, step: Rename) -> Optional[bool]:
    engine, container = executor.engine, executor.container(step)
    if executor.going_back or step.missing_ok:
        document = find_container(engine, container)
        # The engine may have renamed it although its answer was interrupted.
        if document is None or own_name(document) == step.new_name:
            return False
    try:
        rename_container(engine, container, step.target, step.new_name)
    except EngineError as error:
        if error.status == 404 and step.missing_ok and find_container(engine, container) is None:
            return False
        # Engine 20.10 looks up its network sandbox, which a container in a crash loop does not have at the moment.
        if error.status == 404 and executor.going_back and "sandbox" in error.answer:
            _rename_while_stopped(engine, container, step)
            return None
        if error.status == 404 and not executor.going_back and (step.undone or "sandbox" in error.answer):
            raise Busy from None
        if step.undone and not executor.going_back and is_taken(error):
            raise Busy(id_of(engine, step.new_name)) from None
        raise
    if step.target in executor.created:
        executor.created[step.new_name] = executor.created[step.target]
    return None


def _rename_while_stopped(engine: Engine, container: str, step: Rename) -> None:
    """Rename a container that is in a crash loop: it is stopped, renamed, and started again."""
    policy = inspect_container(engine, container, step.target)["HostConfig"].get("RestartPolicy") or NO_RESTART
    name = step.target
    set_restart_policy(engine, container, name, NO_RESTART)
    try:
        stop_container(engine, container, name)
        rename_container(engine, container, name, step.new_name)
        name = step.new_name
    finally:
        set_restart_policy(engine, container, name, policy)
        start_container(engine, container, name)


def _pause(executor: Executor, step: Pause) -> Optional[bool]:
    if executor.going_back and is_paused(inspect_container(executor.engine, executor.container(step), step.target)):
        return False
    _freeze(executor, step, "pause")
    return None


def _unpause(executor: Executor, step: Unpause) -> None:
    _freeze(executor, step, "unpause")


def _freeze(executor: Executor, step: ContainerStep, verb: str) -> None:
    path = "/containers/%s/%s" % (segment(executor.container(step)), verb)
    executor.engine.post(path, tried="%s the container %s" % (verb, step.people_call_it), patient=True)


def _prove(executor: Executor, step: Prove) -> None:
    from ansible_collections.wharf.docker.plugins.module_utils._container.wait import becomes_healthy, stays_up

    engine, container = executor.engine, executor.container(step)
    checked = bool(inspect_container(engine, container, step.target)["State"].get("Health"))
    if step.required or (checked and step.was_running and not step.was_unhealthy):
        becomes_healthy(engine, container, step.people_call_it, step.within)
    elif step.was_running:
        stays_up(engine, container, step.people_call_it)


def _proven(executor: Executor, _step: Proven) -> None:
    executor.pass_point_of_no_return()


def _pull(executor: Executor, step: Pull) -> None:
    if step.pulled is None:
        from ansible_collections.wharf.docker.plugins.module_utils._apply.pull import pull_image

        executor.image, executor.pulled = pull_image(executor.engine, step.target, step.platform)
        return
    image, pulled = step.pulled
    executor.image, executor.pulled = dict(image) if image is not None else None, dict(pulled)


def _commit(executor: Executor, step: Commit) -> None:
    """The engine names the image only when it is complete."""
    from ansible_collections.wharf.docker.plugins.module_utils._values.core import image_reference

    repository, tag = image_reference(step.to)
    query = {"container": executor.container(step), "repo": repository, "tag": tag, "pause": True}
    tried = "commit the container %s to the image %s" % (step.target, step.to)
    executor.engine.post("/commit", tried=tried, query=query, body={}, patient=True)


OPERATIONS: Mapping[Type[Step], Operation] = {
    Pull: _pull,
    Create: _create,
    Check: _check,
    Confirm: _confirm,
    Start: _start,
    Run: _run,
    Prove: _prove,
    Proven: _proven,
    Stop: _stop,
    Restart: _restart,
    Kill: _send_signal,
    Pause: _pause,
    Unpause: _unpause,
    Rename: _rename,
    SetRestartPolicy: _set_restart_policy,
    Update: _update,
    ResetLimits: _reset_limits,
    Connect: _connect,
    Disconnect: _disconnect,
    Commit: _commit,
    Remove: _remove,
    RemoveVolumes: _remove_volumes,
}
