# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine has of a container, and of what is around it: plain data."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.status import own_name
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference

Api = Mapping[str, Any]


class HalfWay(NamedTuple):
    """What an interrupted replacement left: the successor ``new``, the ``old`` one that it replaces (None: it is gone),
    and the container ``named`` that has the name (None: nothing has).
    """

    new: Api
    old: Optional[Api]
    named: Optional[Api]


class Leftovers(NamedTuple):
    """What stands beside a container that is going to be replaced.

    ``foreign``: what has the names that a replacement needs for a time, and is none of one. ``previous``: number → id
    of the replaced containers that are kept. ``given_up``: the successor of this container, after a roll back.
    """

    foreign: Tuple[str, ...] = ()
    previous: Mapping[int, str] = {}
    given_up: Optional[Api] = None


class Dependent(NamedTuple):
    """A container that uses another one: its inspect document, by which options, and those that depend on it in turn.

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
    """What an interrupted replacement of a container with dependents left of these.

    ``ids``: of the container that has the name now, and of the other one of the two. ``using``: those that use the one
    and the other. ``half_made``: dependents that were being replaced: the new one and the old one (None: it is gone).
    ``since``: when the replacement began, as the API has it.
    """

    ids: Tuple[str, str]
    using: Tuple[Tuple[Dependent, ...], Tuple[Dependent, ...]]
    half_made: Tuple[Tuple[Api, Optional[Api]], ...]
    since: str


class Observed(NamedTuple):
    """What the engine has: inspect documents, None where there is no such thing.

    ``newer``: why the image has to be pulled, "" where it has not. ``half_way``: what an interrupted replacement left,
    and ``renamed``: the container that is to get this name; where one of them is there, ``container`` is as it will be
    when that has been put right. ``busy``: in check mode, what another task makes of it at the moment. ``turn``: what a
    roll back that was interrupted left. ``compared``: the image whose variables, labels, ports and volumes a strict
    comparison expects, where it is not ``image``. ``written``: the files in its writable layer. ``dependents``: those
    that use one that is going to be replaced; ``interrupted``: those of a replacement that was. ``leftovers``: the
    containers beside this one that a replacement finds (see _replacement/recovery.py); None: nobody looked.
    ``dropped``: what a replacement does not carry over, although the task says nothing of it. ``new_volumes``: the
    named ones that the engine is going to make for it. ``pull``: why the image is pulled that the container has all
    the same. ``pulled``: the image that was pulled, and what is reported of it; None: nothing was.
    ``version``, ``podman``: of the engine. ``writer``: the name of this thread, see _flow/writer.py.
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
