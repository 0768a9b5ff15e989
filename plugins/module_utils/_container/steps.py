# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps that are taken with containers, each with its way back. Pure; _apply/containers.py carries them out."""

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
    """``container``: its id, or "" for the one that an earlier step of the plan creates with the name ``target``.

    ``called``: what it is called for people, if not ``target``.
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
    """``new_volumes``: the named ones that the engine makes for it, and that go with it if it is undone."""

    ACTION: ClassVar[str] = "create"
    WAY_BACK: ClassVar[str] = BY_ITSELF

    body: Api = field(default_factory=dict)
    platform: str = ""
    new_volumes: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Check(ContainerStep):
    """See that a container that was just created has all of its spec: an engine may discard a value.

    ``image``: the one that it was made of, if none was pulled.
    """

    ACTION: ClassVar[str] = "check"

    wanted: Optional[Wanted] = None
    image: Optional[Api] = None


@dataclass(frozen=True)
class Confirm(ContainerStep):
    """See that a container still has its name, and is as it ``was``: another task may have been quicker."""

    ACTION: ClassVar[str] = "check"

    was: str = ""


@dataclass(frozen=True)
class TakeTurn(ContainerStep):
    """Create the container ``target``, which never runs, of the first of ``images`` that is there.

    The engine gives a name once: as long as it is there, no other task begins on the container that it stands beside.
    """

    ACTION: ClassVar[str] = "create"
    WAY_BACK: ClassVar[str] = BY_ITSELF

    images: Tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GiveTurn(ContainerStep):
    """Remove what TakeTurn created. People are not told of it: ``actions`` has no line for it."""

    ACTION: ClassVar[str] = "remove"

    def lines(self) -> Iterator[str]:
        return iter(())


@dataclass(frozen=True)
class Start(ContainerStep):
    """``tolerated``: its failure is reported at the end, and the steps go on. ``undone``: a stop is its way back."""

    ACTION: ClassVar[str] = "start"
    WAY_BACK: ClassVar[str] = BEFORE

    undone: bool = False
    tolerated: bool = False

    @property
    def back(self) -> Tuple[Step, ...]:
        return (Stop(self.target, self.causes, self.container, self.called, missing_ok=True),) if self.undone else ()


@dataclass(frozen=True)
class Run(ContainerStep):
    """Start it, and read all that it writes until it ends. There is no way back from what it did."""

    ACTION: ClassVar[str] = "start"


@dataclass(frozen=True)
class Stop(ContainerStep):
    """``paused``: it goes on first, since a paused process can't see its stop signal. ``kill``: a signal instead of a
    stop. ``timeout``: how many seconds it has to end; None: its own. ``missing_ok``: it may be gone already.
    ``auto_remove``: the engine removes it then, within ``within`` seconds if that is given. ``way_back``: as its name.
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
    """Send a ``signal``, as "SIGHUP"."""

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
    """``undone``: the old name is its way back. ``missing_ok``: the container may be gone already."""

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
    """``policy``: as the API has it. ``way_back``: what leads back to the former one."""

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
    """Change limits. ``bodies``: what the API is given, in this order; ``wanted``: what it must have then; ``former``:
    what leads back. ``stays``: what can't be taken back.
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
    """The way back from an update."""

    ACTION: ClassVar[str] = "update"

    bodies: Tuple[Dict[str, Any], ...] = ()
    stays: Tuple[str, ...] = ()

    def words(self) -> str:
        return "give the container %s all its former limits back" % self.people_call_it


@dataclass(frozen=True)
class Connect(ContainerStep):
    """``undone``: a disconnect is its way back; that of a container that goes if it is undone needs none."""

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
    """``endpoint``: what a connection had, for the way back. ``refused``: the engine has only the configuration of an
    endpoint that it once refused.
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
    """``volumes``: the anonymous ones too, and ``moved``, those that moved along from containers before it.

    ``within``: how many seconds a removal may take that the engine has begun by itself; None: as many as it needs.
    ``force``: it is killed if it runs. ``by_name``: what has the name ``target`` is removed, and nothing else: where
    another task has taken the name from the container meanwhile, the container is that task's.
    """

    ACTION: ClassVar[str] = "remove"

    volumes: bool = False
    force: bool = True
    by_name: bool = False
    within: Optional[float] = None
    moved: Tuple[str, ...] = ()


@dataclass(frozen=True)
class RemoveVolumes(Step):
    """The way back from volumes that the engine made for a container."""

    ACTION: ClassVar[str] = "remove"

    names: Tuple[str, ...] = ()

    def words(self) -> str:
        return "remove the volumes that the engine made for it (%s)" % ", ".join(self.names)


@dataclass(frozen=True)
class Prove(ContainerStep):
    """Wait until a container that was just started is ``healthy``, or, if it has no health check, has stayed up for a
    moment. ``within``: seconds. ``required``: it must have a health check. ``was_running``, ``was_unhealthy``: what the
    one before it was: the new one has to be no better.
    """

    ACTION: ClassVar[str] = "wait for"

    within: float = 0
    required: bool = False
    was_running: bool = True
    was_unhealthy: bool = False


@dataclass(frozen=True)
class Proven(Step):
    """The point of no return: from here on, a failure leaves what was done, and the next run ends it."""


@dataclass(frozen=True)
class Pull(Step):
    """``pulled``: it was pulled already: its inspect document, and what is told of it."""

    ACTION: ClassVar[str] = "pull"

    platform: str = ""
    pulled: Optional[Tuple[Optional[Api], Api]] = None


@dataclass(frozen=True)
class Commit(ContainerStep):
    """Make the image ``to`` of the container."""

    ACTION: ClassVar[str] = "commit"

    to: str = ""


@dataclass(frozen=True)
class Export(ContainerStep):
    """Write the container's file system to the archive ``to``, on the host where the task runs."""

    ACTION: ClassVar[str] = "export"

    to: str = ""


@dataclass(frozen=True)
class Exec(ContainerStep):
    """Run a command in the container; the causes tell which.

    ``tried``: what errors say was tried. ``stdin`` None: it reads nothing. ``detach``: nobody stays with it. ``limit``:
    the seconds after which it is ended, None for no limit. ``most``: how many bytes of each stream are kept.
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
    """What gives an inspected container a new name.

    One that ends and is restarted again and again is stopped for that: Engine 20.10 can't rename a container whose
    network is gone for the moment.
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
