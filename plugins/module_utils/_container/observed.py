# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is observed of a container, and of the objects that belong to it: plain data."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.status import own_name
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference

Api = Mapping[str, Any]


class HalfWay(NamedTuple):
    """What an interrupted replacement left: the successor ``new``, the ``old`` container that it replaces (None: it no
    longer exists), and the container ``named`` that has the name (None: none has).
    """

    new: Api
    old: Optional[Api]
    named: Optional[Api]


class Leftovers(NamedTuple):
    """The leftovers of a container that is going to be replaced.

    ``foreign``: names that the replacement needs for a time, and that other containers have. ``previous``: number → id
    of the replaced containers that are kept. ``given_up``: the successor of this container, after a roll back.
    """

    foreign: Tuple[str, ...] = ()
    previous: Mapping[int, str] = {}
    given_up: Optional[Api] = None


class Dependent(NamedTuple):
    """A container that uses another one: its inspect document, the options that do so, and its own dependents.

    ``image``: the inspect document of its image.
    """

    container: Api
    by: Tuple[str, ...]
    image: Optional[Api] = None
    dependents: Tuple[Dependent, ...] = ()

    @property
    def name(self) -> str:
        return own_name(self.container)


class Interrupted(NamedTuple):
    """The dependents of a container whose replacement was interrupted.

    ``ids``: of the container that has the name after the recovery, and of the other one of the two. ``using``: the
    dependents of each. ``half_made``: dependents that were being replaced: the new one and the old one (None: it no
    longer exists). ``since``: when the replacement began, in the API's form.
    """

    ids: Tuple[str, str]
    using: Tuple[Tuple[Dependent, ...], Tuple[Dependent, ...]]
    half_made: Tuple[Tuple[Api, Optional[Api]], ...]
    since: str


class Observed(NamedTuple):
    """What the engine has: inspect documents; None: there is no such object.

    ``newer``: why the image has to be pulled; "": it has not. ``half_way``: what an interrupted replacement left.
    ``renamed``: the container that is to get this name. With either, ``container`` is as it will be after the recovery
    or renaming. ``busy``: in check mode, the container on which another task is at work. ``turn``: what an interrupted
    roll back left. ``compared``: the image whose variables, labels, ports and volumes a strict comparison expects, if
    it is not ``image``. ``written``: the files in its writable layer. ``dependents``: of a container that is going to
    be replaced; ``interrupted``: of one whose replacement was interrupted. ``leftovers``: of its replacements (see
    _replacement/recovery.py); None: not looked for. ``dropped``: options that the task does not give, and that a
    replacement does not carry over. ``new_volumes``: the named volumes that the engine is going to create for it.
    ``pull``: why an image is pulled although the container already has it. ``pulled``: the image that was pulled, and
    what is reported of it; None: nothing was pulled. ``version``, ``podman``: of the engine. ``writer``: the name of
    this thread, see _flow/writer.py.
    """

    container: Optional[Api] = None
    image: Optional[Api] = None
    newer: str = ""
    half_way: Optional[HalfWay] = None
    renamed: Optional[Api] = None
    busy: Optional[Api] = None
    turn: Optional[Api] = None
    compared: Optional[Api] = None
    written: Tuple[str, ...] = ()
    dependents: Tuple[Dependent, ...] = ()
    interrupted: Optional[Interrupted] = None
    leftovers: Optional[Leftovers] = None
    dropped: Tuple[Difference, ...] = ()
    new_volumes: Tuple[str, ...] = ()
    pull: str = ""
    pulled: Optional[Tuple[Optional[Api], Api]] = None
    version: Tuple[int, int] = (1, 41)
    podman: bool = False
    writer: str = ""
