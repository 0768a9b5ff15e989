# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps that change containers, each with its undo steps. Pure; _apply/containers.py carries them out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Dict, Iterator, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import BEFORE, BY_ITSELF, Series, Step

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import Wanted

Api = Mapping[str, Any]

NO_RESTART: Api = {"Name": "no", "MaximumRetryCount": 0}


@dataclass(frozen=True)
class ContainerStep(Step):
    """``container``: its id; "": an earlier step of the plan creates it with the name ``target``.

    ``called``: its name in messages, if not ``target``.
    """

    container: str = ""
    called: str = ""

    @property
    def people_call_it(self) -> str:
        return self.called or self.target

    def words(self) -> str:
        return "%s the container %s" % (self.action, self.people_call_it)


@dataclass(frozen=True)
class Create(ContainerStep):
    """``new_volumes``: the named volumes that the engine creates for it; an undo removes them as well."""

    ACTION: ClassVar[str] = "create"
    WAY_BACK: ClassVar[str] = BY_ITSELF

    body: Api = field(default_factory=dict)
    platform: str = ""
    new_volumes: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Check(ContainerStep):
    """Check that a container that was just created has all of its spec: an engine may discard a value.

    ``image``: the image that it was created from, if none was pulled.
    """

    ACTION: ClassVar[str] = "check"

    wanted: Optional[Wanted] = None
    image: Optional[Api] = None


@dataclass(frozen=True)
class Confirm(ContainerStep):
    """Check that a container still has its name, and is as it ``was``: another task may have been quicker."""

    ACTION: ClassVar[str] = "check"

    was: str = ""


@dataclass(frozen=True)
class TakeTurn(ContainerStep):
    """Create the container ``target``, which never runs, from the first of ``images`` that exists.

    The engine gives a name only once: as long as it exists, no other task starts on the container it belongs to.
    """

    ACTION: ClassVar[str] = "create"
    WAY_BACK: ClassVar[str] = BY_ITSELF

    images: Tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GiveTurn(ContainerStep):
    """Remove what TakeTurn created. It is not reported: ``actions`` has no line for it."""

    ACTION: ClassVar[str] = "remove"

    def lines(self) -> Iterator[str]:
        return iter(())


@dataclass(frozen=True)
class Start(ContainerStep):
    """``tolerated``: its failure is reported at the end, and the steps go on. ``undone``: a stop undoes it."""

    ACTION: ClassVar[str] = "start"
    WAY_BACK: ClassVar[str] = BEFORE

    undone: bool = False
    tolerated: bool = False

    @property
    def back(self) -> Tuple[Step, ...]:
        return (Stop(self.target, self.causes, self.container, self.called, missing_ok=True),) if self.undone else ()


@dataclass(frozen=True)
class Run(ContainerStep):
    """Start it, and read all its output until it ends. What it did can't be undone."""

    ACTION: ClassVar[str] = "start"


@dataclass(frozen=True)
class Stop(ContainerStep):
    """``paused``: unpause it first, since a paused process can't react to its stop signal. ``kill``: a signal instead
    of a stop. ``timeout``: how many seconds it has to end; None: its own. ``missing_ok``: it may not exist any more.
    ``auto_remove``: the engine removes it then, within ``within`` seconds if given. ``way_back``: the undo steps.
    """

    ACTION: ClassVar[str] = "stop"
    WAY_BACK: ClassVar[str] = BEFORE

    paused: bool = False
    kill: str = ""
    timeout: Optional[int] = None
    missing_ok: bool = False
    auto_remove: bool = False
    within: Optional[float] = None
    way_back: Tuple[Step, ...] = ()

    @property
    def back(self) -> Tuple[Step, ...]:
        return self.way_back


@dataclass(frozen=True)
class Restart(ContainerStep):
    """Stop it and start it again. ``timeout``: as in Stop."""

    ACTION: ClassVar[str] = "restart"

    timeout: Optional[int] = None


@dataclass(frozen=True)
class Kill(ContainerStep):
    """Send a ``signal``, such as "SIGHUP"."""

    ACTION: ClassVar[str] = "kill"

    signal: str = "SIGKILL"


@dataclass(frozen=True)
class WaitFor(ContainerStep):
    """Wait for its end."""

    ACTION: ClassVar[str] = "wait for"


@dataclass(frozen=True)
class Pause(ContainerStep):
    ACTION: ClassVar[str] = "pause"

    @property
    def back(self) -> Tuple[Step, ...]:
        return (Unpause(self.target, self.causes, self.container),)


@dataclass(frozen=True)
class Unpause(ContainerStep):
    ACTION: ClassVar[str] = "unpause"

    @property
    def back(self) -> Tuple[Step, ...]:
        return (Pause(self.target, self.causes, self.container),)


@dataclass(frozen=True)
class Rename(ContainerStep):
    """``undone``: an undo restores the old name. ``missing_ok``: the container may not exist any more."""

    ACTION: ClassVar[str] = "rename"
    WAY_BACK: ClassVar[str] = BEFORE

    new_name: str = ""
    undone: bool = False
    missing_ok: bool = False

    @property
    def back(self) -> Tuple[Step, ...]:
        if not self.undone:
            return ()
        return (Rename(self.new_name, self.causes, self.container, new_name=self.target, missing_ok=True),)

    def words(self) -> str:
        return "rename the container %s to %s" % (self.target, self.new_name)


@dataclass(frozen=True)
class SetRestartPolicy(ContainerStep):
    """``policy``: in the API's form. ``way_back``: the undo steps, which restore the former one."""

    ACTION: ClassVar[str] = "update"
    WAY_BACK: ClassVar[str] = BEFORE

    policy: Api = field(default_factory=dict)
    way_back: Tuple[Step, ...] = ()

    @property
    def back(self) -> Tuple[Step, ...]:
        return self.way_back

    def words(self) -> str:
        return "set the restart policy of the container %s to %s" % (self.people_call_it, self.policy.get("Name"))


@dataclass(frozen=True)
class Update(ContainerStep):
    """Change limits. ``bodies``: of the calls, in this order; ``wanted``: what the container must have after them;
    ``former``: the bodies that undo them. ``stays``: what can't be undone.
    """

    ACTION: ClassVar[str] = "update"
    WAY_BACK: ClassVar[str] = BY_ITSELF

    bodies: Tuple[Dict[str, Any], ...] = ()
    wanted: Api = field(default_factory=dict)
    former: Tuple[Dict[str, Any], ...] = ()
    stays: Tuple[str, ...] = ()

    @property
    def back(self) -> Tuple[Step, ...]:
        return (ResetLimits(self.target, self.causes, self.container, bodies=self.former, stays=self.stays),)


@dataclass(frozen=True)
class ResetLimits(ContainerStep):
    """Undo an update."""

    ACTION: ClassVar[str] = "update"

    bodies: Tuple[Dict[str, Any], ...] = ()
    stays: Tuple[str, ...] = ()

    def words(self) -> str:
        return "give the container %s all its former limits back" % self.people_call_it


@dataclass(frozen=True)
class Connect(ContainerStep):
    """``undone``: a disconnect undoes it; not needed for a container whose own creation is undone."""

    ACTION: ClassVar[str] = "connect"

    network: str = ""
    endpoint: Api = field(default_factory=dict)
    undone: bool = True

    @property
    def back(self) -> Tuple[Step, ...]:
        if not self.undone:
            return ()
        return (Disconnect(self.target, self.causes, self.container, network=self.network),)

    def words(self) -> str:
        return "connect the container %s to the network %s" % (self.target, self.network)


@dataclass(frozen=True)
class Disconnect(ContainerStep):
    """``endpoint``: what the connection had, for the undo. ``refused``: the engine has only the configuration of an
    endpoint that it refused to connect.
    """

    ACTION: ClassVar[str] = "disconnect"

    network: str = ""
    endpoint: Optional[Api] = None
    refused: bool = False

    @property
    def back(self) -> Tuple[Step, ...]:
        if self.refused or self.endpoint is None:
            return ()
        return (Connect(self.target, self.causes, self.container, network=self.network, endpoint=self.endpoint),)

    def words(self) -> str:
        return "disconnect the container %s from the network %s" % (self.target, self.network)


@dataclass(frozen=True)
class Remove(ContainerStep):
    """``volumes``: with the anonymous volumes, and with ``moved``: the volumes taken over from containers before it.

    ``within``: how many seconds a removal may take that the engine has begun by itself; None: no limit. ``force``: it
    is killed if it runs. ``by_name``: only a container that has the name ``target`` is removed: if another task has
    taken the name from the container meanwhile, the container belongs to that task.
    """

    ACTION: ClassVar[str] = "remove"

    volumes: bool = False
    force: bool = True
    by_name: bool = False
    within: Optional[float] = None
    moved: Tuple[str, ...] = ()


@dataclass(frozen=True)
class RemoveVolumes(Step):
    """Undo the creation of volumes that the engine created for a container."""

    ACTION: ClassVar[str] = "remove"

    names: Tuple[str, ...] = ()

    def words(self) -> str:
        return "remove the volumes that the engine made for it (%s)" % ", ".join(self.names)


@dataclass(frozen=True)
class Prove(ContainerStep):
    """Wait until a container that was just started is ``healthy``, or, if it has no health check, has stayed up for a
    moment. ``within``: seconds. ``required``: it must have a health check. ``was_running``, ``was_unhealthy``: the old
    container's state: the new one need not be better.
    """

    ACTION: ClassVar[str] = "wait for"

    within: float = 0
    required: bool = False
    was_running: bool = True
    was_unhealthy: bool = False


@dataclass(frozen=True)
class Proven(Step):
    """The point of no return: from here on, a failure undoes nothing, and the next run completes the replacement."""


@dataclass(frozen=True)
class Pull(Step):
    """``pulled``: already pulled: its inspect document, and what is reported of it."""

    ACTION: ClassVar[str] = "pull"

    platform: str = ""
    pulled: Optional[Tuple[Optional[Api], Api]] = None


@dataclass(frozen=True)
class Commit(ContainerStep):
    """Commit the container to the image ``to``."""

    ACTION: ClassVar[str] = "commit"

    to: str = ""


@dataclass(frozen=True)
class Export(ContainerStep):
    """Write the container's file system to the archive ``to``, on the host where the task runs."""

    ACTION: ClassVar[str] = "export"

    to: str = ""


@dataclass(frozen=True)
class Exec(ContainerStep):
    """Run a command in the container; the causes name it.

    ``tried``: the action that errors name. ``stdin`` None: it reads nothing. ``detach``: don't wait for it. ``limit``:
    the seconds after which it is ended; None: no limit. ``most``: how many bytes of each stream are kept.
    """

    ACTION: ClassVar[str] = "exec"

    argv: Tuple[str, ...] = ()
    tried: str = ""
    chdir: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: Optional[bytes] = None
    user: str = ""
    privileged: bool = False
    tty: bool = False
    detach: bool = False
    limit: Optional[float] = None
    most: Optional[int] = None


def renamed(name: str, causes: Tuple[str, ...], container: Api, new_name: str, undone: bool = False) -> Step:
    """The step that renames an inspected container.

    A container in a restart loop is stopped for that: Engine 20.10 can't rename a container that has no network at the
    moment.
    """
    identity = str(container["Id"])
    rename = Rename(name, causes, identity, new_name=new_name, undone=undone)
    if container["State"]["Status"] != "restarting":
        return rename
    policy = container["HostConfig"].get("RestartPolicy") or NO_RESTART
    again: Tuple[Step, ...] = (SetRestartPolicy(name, causes, identity, policy=policy), Start(name, causes, identity))
    down = (
        SetRestartPolicy(name, causes, identity, policy=NO_RESTART, way_back=again),
        Stop(name, causes, identity),
    )
    up = (
        SetRestartPolicy(new_name, causes, identity, policy=policy),
        Start(new_name, causes, identity),
    )
    return Series(name, causes, "rename", (*down, rename, *up))
