# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The helper containers through which the content of a volume is read and written, and leftovers of killed tasks.

An engine reads and writes files of a volume only through a container that has it. Such a container is created, never
started, and removed again, together with its empty image. Both have the same name, which identifies the task that
created them, as in _archive/unchecked_images.py.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import ClassVar, Dict, List, Mapping, Sequence

from ansible_collections.wharf.docker.plugins.module_utils._engine.again import list_images
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step
from ansible_collections.wharf.docker.plugins.module_utils._flow.writer import is_at_work, this_writer
from ansible_collections.wharf.docker.plugins.module_utils._values import time as _values_time

TAG = "helper"
# Where the helper container has the volume.
MOUNTED = "/volume"
# The label of a volume that the engine made for a helper container, since there was none any more.
MADE = "wharf.docker.made-for-helper"
# The label of a trial volume, created to see whether the engine accepts an archive: the name of the real volume.
TRIAL = "wharf.docker.trial-of"
CAUSE = "a task that was killed left it"
# The age in seconds from which a helper counts as left if its task runs on another host: a large volume takes hours.
OLD = 24 * 3600
_BEGINNING = "wharf-volume-"
_NEVER = 2**62
_NAME = re.compile(r"%s(?:([0-9a-f]{12}-[0-9]+-[0-9]+-[0-9]+)-)?[0-9a-f]{16}" % _BEGINNING)


@dataclass(frozen=True)
class RemoveHelper(Step):
    """Remove a helper container and its image, whichever of the two is there."""

    ACTION: ClassVar[str] = "remove"

    def words(self) -> str:
        return "remove the helper container %s" % self.target


def new_name() -> str:
    """A name for one helper container of this thread."""
    return _BEGINNING + this_writer() + "-" + os.urandom(8).hex()


def image_of(name: str) -> str:
    return "%s:%s" % (name, TAG)


def may_be_needed(name: str) -> bool:
    """Whether a container, volume or image of this name was created by such a task, which may be at work yet."""
    found = _NAME.fullmatch(name.rpartition("/")[2].partition(":")[0])
    return found is not None and is_at_work(found.group(1) or "") is not False


def left_helpers(engine: Engine) -> List[str]:
    """The names of the helper containers that tasks left which were killed. Two calls, and one more for an age."""
    created: Dict[str, int] = {}
    tried = "look for helper containers of tasks that were killed"
    for image in list_images(engine, tried, {"filters": {"reference": ["*%s*:%s" % (_BEGINNING, TAG)]}}):
        for name in image["RepoTags"] or []:
            created[name.rpartition(":")[0].rpartition("/")[2]] = int(image["Created"])
    query = {"all": True, "filters": {"name": [_BEGINNING]}}
    for container in engine.get("/containers/json", tried=tried, query=query):
        for name in container["Names"] or []:
            created[name.lstrip("/")] = int(container["Created"])
    return _left(engine, created)


def left_trials(engine: Engine, volume: str) -> List[str]:
    """The names of the volumes that tasks left which were killed while they replaced the content of this one."""
    tried = "look for volumes of tasks that were killed"
    listed = engine.get("/volumes", tried=tried, query={"filters": {"label": ["%s=%s" % (TRIAL, volume)]}})
    created = {}
    for one in listed.get("Volumes") or []:
        time = _values_time.read(str(one.get("CreatedAt") or ""))
        created[str(one["Name"])] = _values_time.nanoseconds(*time) // _values_time.SECOND if time else _NEVER
    return _left(engine, created)


def _left(engine: Engine, created: Mapping[str, int]) -> List[str]:
    found = [(name, _NAME.fullmatch(name)) for name in created]
    at_work = {name: is_at_work(match.group(1) or "") for name, match in found if match is not None}
    left = [name for name, alive in at_work.items() if alive is False]
    unsure = [name for name, alive in at_work.items() if alive is None]
    if unsure:
        time = _values_time.read(str(engine.get("/info", tried="ask the engine's clock")["SystemTime"]))
        now = _values_time.nanoseconds(*time) / _values_time.SECOND if time else 0
        left += [name for name in unsure if now - created[name] > OLD]
    return sorted(left)


def refuse_podman(engine: Engine, tried: str, command: str) -> None:
    """Failure if the engine is Podman, according to its answers so far: there, a container needs to have run."""
    if engine.podman:
        raise Failure(
            "Cannot %s: the engine is Podman, which does not read and write volumes in this way. Run 'podman volume "
            "%s' on its host instead." % (tried, command)
        )


def plan_cleared(left: Sequence[str]) -> Plan:
    """A step for each name. Pure."""
    steps = tuple(RemoveHelper(name, (CAUSE,)) for name in left)
    return Plan(steps, (Difference("unfinished", list(left), []),) if left else ())


def body(image: str, volume: str, read_only: bool) -> Mapping[str, object]:
    """What creates a helper container. The engine would make a volume that is not there: such a one has the label."""
    mount = {
        "Type": "volume",
        "Source": volume,
        "Target": MOUNTED,
        "ReadOnly": read_only,
        # Nothing of the image comes into the volume.
        "VolumeOptions": {"NoCopy": True, "Labels": {MADE: image}},
    }
    return {
        "Image": image,
        # An engine creates none without a command. It is never started.
        "Cmd": ["never-started"],
        "NetworkDisabled": True,
        "HostConfig": {"NetworkMode": "none", "Mounts": [mount]},
    }
