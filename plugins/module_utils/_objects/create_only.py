# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What networks and volumes share: they have a name, a driver, its options and labels, and the engine changes none.

So each is created, removed, or removed and recreated. ``kind`` is the engine's word, "network" or "volume". Pure;
_apply/create_only.py carries the steps out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, ClassVar, Dict, List, Mapping, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import (
    ALLOW_MORE,
    DICT,
    Difference,
    same,
    shown,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import BY_ITSELF, Step

Api = Mapping[str, Any]
# For each option with a place of its own in the API's documents: its key for create, its key in inspect, and how two
# values are compared.
Rows = Mapping[str, Tuple[str, str, str]]
# The function that normalises the value of each option.
Functions = Mapping[str, Callable[[Any], Any]]


@dataclass(frozen=True)
class CreateObject(Step):
    """``body``: of the create call. ``undone``: whether it is removed if a later step fails. ``trial``: the name of a
    trial object, created only to see whether the engine accepts the description. ``advice``: pairs of a pattern and
    what to do about an error of the engine; the first pattern that matches it is used.
    """

    ACTION: ClassVar[str] = "create"
    WAY_BACK: ClassVar[str] = BY_ITSELF

    kind: str
    body: Api
    undone: bool = True
    trial: str = ""
    advice: Tuple[Tuple[str, str], ...] = ()

    def words(self) -> str:
        return "create the %s %s as it was" % (self.kind, self.target)


@dataclass(frozen=True)
class RemoveObject(Step):
    """``identity``: its id, or "" for its name. ``way_back``: the steps that undo the removal."""

    ACTION: ClassVar[str] = "remove"

    kind: str
    identity: str = ""
    way_back: Tuple[Step, ...] = ()

    @property
    def back(self) -> Tuple[Step, ...]:
        return self.way_back

    def words(self) -> str:
        return "remove the %s %s" % (self.kind, self.target)


@dataclass(frozen=True)
class Wanted:
    """An object as a task describes it. ``normal``: the normalised value of each option that is managed."""

    name: str
    state: str = "present"
    normal: Mapping[str, Any] = field(default_factory=dict)


def normal_values(kind: str, name: str, params: Mapping[str, Any], functions: Functions) -> Dict[str, Any]:
    """The normalised value of each option that is given. Failure: one of them is wrong."""
    normal = {}
    for option, function in functions.items():
        if params[option]:
            try:
                normal[option] = function(params[option])
            except ValueError as error:
                raise Failure(
                    "Cannot describe the %s %s: %s: %s." % (kind, name, option, str(error).rstrip("."))
                ) from None
    return normal


def differences(rows: Rows, wanted: Wanted, document: Api) -> List[Difference]:
    """The options in which the object differs from the task. A key that its document lacks is empty or false."""
    found = []
    for option, (_create_key, key, comparison) in rows.items():
        value = wanted.normal.get(option)
        if value is None:
            continue
        observed = document.get(key) or type(value)()
        if not same(comparison, ALLOW_MORE, value, observed):
            found.append(Difference(option, *shown(comparison, ALLOW_MORE, value, observed)))
    return found


def plan_new(kind: str, wanted: Wanted, body: Api, advice: Tuple[Tuple[str, str], ...] = ()) -> Plan:
    """The plan if no object has this name."""
    options = [Difference(option, None, value) for option, value in wanted.normal.items()]
    step = CreateObject(wanted.name, ("no %s of this name" % kind,), kind, body, advice=advice)
    return Plan((step,), (Difference("state", "absent", "present"), *options))


def why_it_goes(
    kind: str, wanted: Wanted, found: List[Difference], asked_by: str
) -> Tuple[str, Tuple[str, ...], List[Difference]]:
    """(the action on an object that needs removal, its causes, the differences that this makes).

    ``found``: its differences from the task. ``asked_by``: the option that requests a new one even without any.
    """
    if wanted.state == "absent":
        tried, found = "remove the %s %s" % (kind, wanted.name), [Difference("state", "present", "absent")]
        return tried, ("state present → absent",), found
    causes = tuple(difference.cause() for difference in found) or ("%s is requested" % asked_by,)
    return "recreate the %s %s" % (kind, wanted.name), causes, found


def body(rows: Rows, wanted: Wanted) -> Dict[str, Any]:
    """The body of the create call, with only what the task manages."""
    options = {key: wanted.normal[option] for option, (key, *_rest) in rows.items() if option in wanted.normal}
    return {"Name": wanted.name, **options}


def body_of(rows: Rows, document: Api) -> Dict[str, Any]:
    """The body of the create call for an object like the one of this document."""
    options = {create_key: document[key] for create_key, key, _comparison in rows.values() if document.get(key)}
    return {"Name": document["Name"], **options}


def body_anew(rows: Rows, wanted: Wanted, document: Api, found: List[Difference]) -> Dict[str, Any]:
    """The body that recreates the object: what the task manages, and everything else unchanged.

    So the diff shows all that changes. Options of another driver are dropped: the new driver does not know them.
    """
    before, new = body_of(rows, document), body(rows, wanted)
    if any(difference.option == "driver" for difference in found):
        before[rows["driver_options"][0]] = {}
    for key, _key, comparison in rows.values():
        if comparison == DICT:
            new[key] = {**before.get(key, {}), **new.get(key, {})}
    return {**before, **new}
