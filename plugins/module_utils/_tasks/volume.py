# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task volume: one volume as described.

The engine can't change a volume: another driver, option or label needs a new one, and the data of the old one is lost.
So that is only done if ``recreate`` requests it, and not before the engine has accepted the new description.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.status import listed_name
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine, segment
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import DICT, VALUE, Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Series
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Call, Result, Task
from ansible_collections.wharf.docker.plugins.module_utils._objects import create_only as named
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor

Api = Mapping[str, Any]

OPTIONS: Dict[str, Dict[str, Any]] = {
    "volume_name": {"type": "str", "required": True, "aliases": ["name"]},
    "state": {"type": "str", "default": "present", "choices": ["absent", "present"]},
    "driver": {"type": "str", "default": "local"},
    "driver_options": {"type": "dict", "default": {}},
    "labels": {"type": "dict"},
    "recreate": {"type": "str", "default": "never", "choices": ["always", "never", "options-changed"]},
}

# The options that have one place in the API's documents.
ROWS: named.Rows = {
    "driver": ("Driver", "Driver", VALUE),
    "driver_options": ("DriverOpts", "Options", DICT),
    "labels": ("Labels", "Labels", DICT),
}
# The names that the driver "local" accepts; it creates a directory of this name.
LOCAL_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}")


@dataclass(frozen=True)
class Wanted(named.Wanted):
    """A volume as a task describes it."""

    recreate: str = "never"


@dataclass(frozen=True)
class Observed:
    """The volume's inspect document, None if it does not exist.

    ``users``: the containers that use it, as "web (running)"; only looked up if it has to be removed.
    """

    volume: Optional[Api] = None
    users: Tuple[str, ...] = ()


def run(call: Call) -> Result:
    wanted = normalise(call.params)
    observed = observe(call.engine, wanted)
    plan = plan_volume(wanted, observed)
    document = observed.volume
    if document is not None and wanted.state == "present" and not plan.changed:
        call.warnings += left_as_it_is(wanted, document)
    if plan.changed and not call.check_mode:
        from ansible_collections.wharf.docker.plugins.module_utils._apply.create_only import carry_out

        document = carry_out(call, wanted, "volume", plan, _refuse_other)
    return call.report(plan, volume=document or {})


def normalise(params: Mapping[str, Any]) -> Wanted:
    """Expand shorthand, validate the options. Failure: a value is invalid; reported before any call to the engine."""
    name, driver = params["volume_name"], params["driver"]
    if not name or not name.isprintable() or (driver == "local" and not LOCAL_NAME.fullmatch(name)):
        raise Failure(
            "volume_name: %r can't be a volume's: use 2 to 255 characters, a letter or digit first, then letters, "
            "digits, '_', '.' and '-'." % name
        )
    normal: Dict[str, Any] = {"driver": driver}
    functions = {"driver_options": values.strings, "labels": values.strings}
    normal.update(named.normal_values("volume", name, params, functions))
    return Wanted(name, params["state"], normal, recreate=params["recreate"])


def observe(engine: Engine, wanted: Wanted) -> Observed:
    """The volume, and its users if it has to be removed."""
    volume = engine.find("/volumes/%s" % segment(wanted.name), tried="look at the volume %s" % wanted.name)
    if volume is None or not has_to_go(wanted, volume):
        return Observed(volume)
    # The filter also finds containers that have something mounted at a path of this name.
    listed = engine.get(
        "/containers/json",
        tried="find the containers that use the volume %s" % wanted.name,
        query={"all": True, "filters": {"volume": [wanted.name]}},
    )
    users = [
        "%s (%s)" % (listed_name(container), container["State"])
        for container in listed
        if any(mount.get("Name") == wanted.name for mount in container.get("Mounts") or [])
    ]
    return Observed(volume, tuple(sorted(users)))


def has_to_go(wanted: Wanted, volume: Api) -> bool:
    """Whether the volume has to be removed: for good, or to be recreated."""
    if wanted.state == "absent" or wanted.recreate == "always":
        return True
    return wanted.recreate == "options-changed" and bool(differences(wanted, volume))


def differences(wanted: Wanted, volume: Api) -> List[Difference]:
    """The differences between the volume and the task's description."""
    return named.differences(ROWS, wanted, volume)


def left_as_it_is(wanted: Wanted, volume: Api) -> List[str]:
    """The warning about a volume that does not match, and stays unchanged for the sake of its data."""
    found = differences(wanted, volume)
    if not found:
        return []
    what = ", ".join(difference.cause() for difference in found)
    return [
        "The volume %s is not as described (%s), and is left as it is: only a new one could be, and the data would be "
        "lost. Describe it as it is, or set recreate to options-changed to lose the data." % (wanted.name, what)
    ]


def plan_volume(wanted: Wanted, observed: Observed) -> Plan:
    """One step; no step if the volume matches or may not be recreated. Pure."""
    volume = observed.volume
    if volume is None:
        return Plan() if wanted.state == "absent" else named.plan_new("volume", wanted, named.body(ROWS, wanted))
    if not has_to_go(wanted, volume):
        return Plan()
    tried, causes, found = named.why_it_goes("volume", wanted, differences(wanted, volume), "recreate")
    if observed.users:
        raise Failure(
            "Cannot %s: containers use it: %s. Remove them first (a stopped one uses it too)."
            % (tried, ", ".join(observed.users))
        )
    if wanted.state == "absent":
        return Plan((named.RemoveObject(wanted.name, causes, "volume"),), tuple(found))
    step = _again(wanted.name, causes, named.body_anew(ROWS, wanted, volume, found), named.body_of(ROWS, volume))
    return Plan((step,), tuple(found or [Difference("volume", "the old one", "a new, empty one")]))


def _again(name: str, causes: Tuple[str, ...], body: Mapping[str, Any], before: Mapping[str, Any]) -> Series:
    """Replace the volume by a new one, after the engine has accepted its description under another name."""
    trial = "wharf-trial-%s" % os.urandom(8).hex()
    steps = (
        named.CreateObject(name, causes, "volume", body, undone=False, trial=trial),
        named.RemoveObject(name, causes, "volume", trial),
        named.RemoveObject(
            name, causes, "volume", way_back=(named.CreateObject(name, causes, "volume", before, undone=False),)
        ),
        named.CreateObject(name, causes, "volume", body),
    )
    restored = "There is a volume %s as it was described before, but an empty one: the data is gone." % name
    return Series(name, causes, "recreate", steps, restored=restored)


def _refuse_other(wanted: Wanted, document: Api, executor: Executor) -> None:
    """Failure if the new volume does not match."""
    found = differences(wanted, document)
    if found:
        # An engine answers "created" if a volume of the name exists, whatever its options are.
        executor.forget()
        raise Failure(
            "The volume %s does not match (actual → expected): %s. Something else made it at the "
            "same time, or the engine discarded an option."
            % (wanted.name, ", ".join(difference.cause() for difference in found))
        )


TASK = Task(name="volume", options=OPTIONS, run=run)
