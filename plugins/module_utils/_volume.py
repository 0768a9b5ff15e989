# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task volume: one volume as described.

The engine can't change a volume: another driver, option or label takes a new one, and the data goes with the old one.
So that is done only where ``recreate`` says so, and not before the engine has taken the new description.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils import _values as values
from ansible_collections.wharf.docker.plugins.module_utils._apply import Applied, Undo, apply
from ansible_collections.wharf.docker.plugins.module_utils._compare import (
    ALLOW_MORE,
    DICT,
    VALUE,
    Difference,
    same,
    shown,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine import Engine, EngineError, segment
from ansible_collections.wharf.docker.plugins.module_utils._errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._plan import Plan, Step
from ansible_collections.wharf.docker.plugins.module_utils._task import Call, Result, Task

Api = Mapping[str, Any]

OPTIONS: Dict[str, Dict[str, Any]] = {
    "volume_name": {"type": "str", "required": True, "aliases": ["name"]},
    "state": {"type": "str", "default": "present", "choices": ["absent", "present"]},
    "driver": {"type": "str", "default": "local"},
    "driver_options": {"type": "dict", "default": {}},
    "labels": {"type": "dict"},
    "recreate": {"type": "str", "default": "never", "choices": ["always", "never", "options-changed"]},
}

# The options that the API's document shows: the keys that create and inspect have for each, and how two values compare.
ROWS: Mapping[str, Tuple[str, str, str]] = {
    "driver": ("Driver", "Driver", VALUE),
    "driver_options": ("DriverOpts", "Options", DICT),
    "labels": ("Labels", "Labels", DICT),
}
# What the driver "local" takes for a name; it makes a folder of this name.
LOCAL_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}")


@dataclass(frozen=True)
class Wanted:
    """A volume as a task describes it. ``normal``: the normal value of each option that is managed."""

    name: str
    state: str = "present"
    recreate: str = "never"
    normal: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Observed:
    """The volume's inspect document, None where there is none.

    ``users``: the containers that have it, as "web (running)", looked up where it has to be removed.
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
        document = _carry_out(call, wanted, plan)
    return call.report(plan, volume=document or {})


def normalise(params: Mapping[str, Any]) -> Wanted:
    """What the task wants, with all shorthand gone. Failure: a value that is wrong, before an engine is asked."""
    name, driver = params["volume_name"], params["driver"]
    if not name or not name.isprintable() or (driver == "local" and not LOCAL_NAME.fullmatch(name)):
        raise Failure(
            "volume_name: %r can't be a volume's: use 2 to 255 characters, a letter or digit first, then letters, "
            "digits, '_', '.' and '-'." % name
        )
    normal: Dict[str, Any] = {"driver": driver}
    option = ""
    try:
        for option in ("driver_options", "labels"):
            if params[option]:
                normal[option] = values.strings(params[option])
    except ValueError as error:
        raise Failure("Cannot describe the volume %s: %s: %s." % (name, option, str(error).rstrip("."))) from None
    return Wanted(name, params["state"], params["recreate"], normal)


def observe(engine: Engine, wanted: Wanted) -> Observed:
    """The volume, and who uses it if it has to be removed."""
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
        "%s (%s)" % (container["Names"][0].lstrip("/"), container["State"])
        for container in listed
        if any(mount.get("Name") == wanted.name for mount in container.get("Mounts") or [])
    ]
    return Observed(volume, tuple(sorted(users)))


def has_to_go(wanted: Wanted, volume: Api) -> bool:
    """Whether the volume has to be removed: for good, or to be made anew."""
    if wanted.state == "absent" or wanted.recreate == "always":
        return True
    return wanted.recreate == "options-changed" and bool(differences(wanted, volume))


def differences(wanted: Wanted, volume: Api) -> List[Difference]:
    """What the volume has otherwise than the task wants it."""
    found = []
    for option, (_create_key, key, kind) in ROWS.items():
        value, observed = wanted.normal.get(option), volume.get(key) or ({} if kind == DICT else "")
        if value is not None and not same(kind, ALLOW_MORE, value, observed):
            found.append(Difference(option, *shown(kind, ALLOW_MORE, value, observed)))
    return found


def left_as_it_is(wanted: Wanted, volume: Api) -> List[str]:
    """The warning about a volume that is not as described, and stays so for the sake of its data."""
    found = differences(wanted, volume)
    if not found:
        return []
    what = ", ".join(difference.cause() for difference in found)
    return [
        "The volume %s is not as described (%s), and is left as it is: only a new one could be, and the data would be "
        "lost. Describe it as it is, or set recreate to options-changed to lose the data." % (wanted.name, what)
    ]


def plan_volume(wanted: Wanted, observed: Observed) -> Plan:
    """One step, or none where the volume is as wanted or may not be made anew. Pure."""
    volume = observed.volume
    if volume is None:
        return Plan() if wanted.state == "absent" else _plan_new(wanted)
    if not has_to_go(wanted, volume):
        return Plan()
    if wanted.state == "absent":
        _refuse_used("remove the volume %s" % wanted.name, observed)
        return Plan(
            (Step("remove", wanted.name, ("state present → absent",)),), (Difference("state", "present", "absent"),)
        )
    _refuse_used("make the volume %s anew" % wanted.name, observed)
    found = differences(wanted, volume)
    causes = tuple(difference.cause() for difference in found) or ("recreate is asked for",)
    step = Step(
        "recreate", wanted.name, causes, {"body": _body_anew(wanted, volume, found), "before": _body_of(volume)}
    )
    return Plan((step,), tuple(found or [Difference("volume", "the old one", "a new, empty one")]))


def _plan_new(wanted: Wanted) -> Plan:
    options = [Difference(option, None, value) for option, value in wanted.normal.items()]
    step = Step("create", wanted.name, ("no volume of this name",), {"body": _body(wanted)})
    return Plan((step,), (Difference("state", "absent", "present"), *options))


def _refuse_used(tried: str, observed: Observed) -> None:
    if observed.users:
        raise Failure(
            "Cannot %s: containers use it: %s. Remove them first (a stopped one uses it too)."
            % (tried, ", ".join(observed.users))
        )


def _body(wanted: Wanted) -> Dict[str, Any]:
    """What creates the volume: only what the task manages."""
    options = {key: wanted.normal[option] for option, (key, _key, _kind) in ROWS.items() if option in wanted.normal}
    return {"Name": wanted.name, **options}


def _body_of(volume: Api) -> Dict[str, Any]:
    """What creates a volume that is like ``volume``."""
    options = {create_key: volume[key] for create_key, key, _kind in ROWS.values() if volume.get(key)}
    return {"Name": volume["Name"], **options}


def _body_anew(wanted: Wanted, volume: Api, found: List[Difference]) -> Dict[str, Any]:
    """What the task manages, and the rest as it was: the diff is the whole of it.

    Options of another driver mean nothing to the new one.
    """
    body, new = _body_of(volume), _body(wanted)
    if any(difference.option == "driver" for difference in found):
        body["DriverOpts"] = {}
    for key in ("DriverOpts", "Labels"):
        new[key] = {**body.get(key, {}), **new.get(key, {})}
    return {**body, **new}


def _carry_out(call: Call, wanted: Wanted, plan: Plan) -> Optional[Dict[str, Any]]:
    """Apply the plan; returns the volume's new inspect document, None where it is removed."""
    path, tried = "/volumes/%s" % segment(wanted.name), "look at the volume %s" % wanted.name
    with Undo() as undo:
        apply(call.engine, plan, undo, {"create": _create, "recreate": _recreate, "remove": _remove})
        if wanted.state == "absent":
            return None
        document = call.engine.get(path, tried=tried)
        discarded = differences(wanted, document)
        if discarded:
            # An engine answers "created" where a volume of the name is there, whatever its options.
            undo.forget()
            raise Failure(
                "The volume %s was made otherwise than wanted (it has → was wanted): %s. Something else made it at the "
                "same time, or the engine discarded an option." % (wanted.name, ", ".join(d.cause() for d in discarded))
            )
    return dict(document)


def _create(engine: Engine, step: Step, undo: Undo, _applied: Applied) -> None:
    _create_volume(engine, step.target, step.data["body"])
    undo.push("remove the new volume", lambda: _remove_volume(engine, step.target))


def _recreate(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    """Remove the old volume and create the new one, once the engine has taken its description for another name."""
    trial = "wharf-trial-%s" % os.urandom(8).hex()
    _create_volume(engine, step.target, {**step.data["body"], "Name": trial})
    _remove_volume(engine, trial)
    _remove_volume(engine, step.target)
    undo.restored = "There is a volume %s as it was described before, but an empty one: the data is gone." % step.target
    undo.push("make an empty one as it was", lambda: _create_volume(engine, step.target, step.data["before"]))
    _create(engine, step, undo, applied)


def _remove(engine: Engine, step: Step, _undo: Undo, _applied: Applied) -> None:
    _remove_volume(engine, step.target)


def _create_volume(engine: Engine, name: str, body: Mapping[str, Any]) -> None:
    try:
        engine.post("/volumes/create", tried="create the volume %s" % name, body=body)
    except EngineError as error:
        if re.search(r"plugin .* not found", error.answer):
            error.message += " Give the option driver one of the engine's drivers: 'docker info' lists them."
        raise


def _remove_volume(engine: Engine, name: str) -> None:
    """Remove a volume. No error where it is gone already."""
    engine.delete("/volumes/%s" % segment(name), tried="remove the volume %s" % name, accept=(404,))


TASK = Task(name="volume", options=OPTIONS, run=run)
