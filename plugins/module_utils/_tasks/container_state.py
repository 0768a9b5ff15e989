# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task container_state: start, stop, rename, remove ... existing containers, many at once.

Each container is independent: a failure of one does not affect the others, and nothing is undone.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container import selection as _select
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import ASSUMED, about_id, find_container
from ansible_collections.wharf.docker.plugins.module_utils._container.state import STATES, WantedState, is_as_wanted
from ansible_collections.wharf.docker.plugins.module_utils._container.status import is_running, own_name, status
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Busy, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan, joined
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import SECRET_PATTERNS, Call, Result, Task
from ansible_collections.wharf.docker.plugins.module_utils._tasks.container_state_outcome import (
    Outcome,
    as_left,
    differences,
    prove,
    settle,
)
from ansible_collections.wharf.docker.plugins.module_utils._values import core as _values

OPTIONS: Dict[str, Dict[str, Any]] = {
    "name": {"type": "list", "elements": "str"},
    "filters": {"type": "dict"},
    "all": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": list(STATES)},
    "new_name": {"type": "str"},
    "signal": {"type": "str", "default": "KILL"},
    "stop_timeout": {"type": "int"},
    "force": {"type": "bool", "default": False},
    "volumes": {"type": "bool", "default": False},
    "wait_timeout": {"type": "float", "default": 300},
    "parallel": {"type": "int", "default": _select.PARALLEL},
    "secret_patterns": SECRET_PATTERNS,
}


def run(call: Call) -> Result:
    wanted = normalise(call.params)
    names, filters = _selection(call.params, wanted)
    engine = call.engine  # Connected to here, once, since the threads share it.
    warnings = list(call.warnings)
    try:
        return _run(call, wanted, names, filters)
    except Busy as busy:
        from ansible_collections.wharf.docker.plugins.module_utils._replacement.turn import in_turn

        def anew() -> Result:
            call.warnings[:] = warnings
            return _run(call, wanted, names, filters)

        return in_turn(engine, _select.in_words(names or []), anew, busy, call.params["wait_timeout"])


def _run(
    call: Call, wanted: WantedState, names: Optional[List[str]], filters: Optional[Dict[str, List[str]]]
) -> Result:
    if wanted.state == "rolled_back":
        from ansible_collections.wharf.docker.plugins.module_utils._tasks import roll_back as _roll_back

        return _roll_back.run(call, names or [])
    engine = call.engine
    documents, missing = _observe(engine, call.params, wanted, names, filters)
    recovered: List[Outcome] = []
    if names is not None and (missing or wanted.state == "absent"):
        known = {own_name(document) for document in documents} | {str(document["Id"]) for document in documents}
        gone = [name for name in names if name in missing or (name not in known and wanted.state == "absent")]
        if gone:
            from ansible_collections.wharf.docker.plugins.module_utils._tasks.container_state_change import recover

            recovered = [found for name in gone for found in recover(engine, wanted, name, call.check_mode)]
        missing = [name for name in missing if name not in {outcome.name for outcome in recovered}]
    call.about = _select.in_words([*(own_name(document) for document in documents), *missing])
    try:
        if missing and not call.check_mode:
            raise _not_found(engine, wanted, missing)
        plans = _plans(wanted, documents)
        if wanted.state == "restarted":
            from ansible_collections.wharf.docker.plugins.module_utils._container.references import check_restart

            for document in filter(is_running, documents):
                call.warnings += check_restart(engine, document, call.check_mode)
    except Failure as failure:
        failure.facts.update(call.report(Plan(), **_select.containers_in(names, documents, failed=True)))
        raise
    call.warnings += [ASSUMED % name for name in missing]
    outcomes = [
        Outcome(wanted.new_name or own_name(document), document, plan, document)
        for document, plan in zip(documents, plans)
    ] + recovered
    if call.check_mode:
        for outcome in outcomes:
            _foresee(engine, wanted, outcome)
    else:
        changing = {str(outcome.before["Id"]): own_name(outcome.before) for outcome in outcomes if outcome.plan.changed}
        if changing:
            from ansible_collections.wharf.docker.plugins.module_utils._replacement.turn import wait_for_replacements

            wait_for_replacements(engine, changing)
        limit = call.params["wait_timeout"]
        _select.each(
            lambda outcome: _bring(engine, wanted, outcome, limit, named=names is not None),
            outcomes,
            call.params["parallel"],
        )
    return _result(call, wanted, names, outcomes, _assumed(wanted, missing))


def normalise(params: Mapping[str, Any]) -> WantedState:
    """Normalise the task's options. Failure: a value is invalid; reported before any call to the engine."""
    try:
        signal = _values.signal_name(params["signal"])
    except ValueError as error:
        raise Failure("signal: %s." % str(error).rstrip(".")) from None
    new_name = params["new_name"]
    if new_name is not None:
        if params["state"] == "rolled_back":
            raise Failure("new_name and state: a container that is rolled back keeps its name. Leave one out.")
        if params["state"] == "absent":
            raise Failure("new_name and state: a container that is removed can't have a new name. Leave one out.")
        try:
            new_name = _values.container_name(new_name)
        except ValueError as error:
            raise Failure("new_name: %s." % str(error).rstrip(".")) from None
    if params["parallel"] < 1:
        raise Failure("parallel: it is %d, but at least one container at a time is needed." % params["parallel"])
    if params["stop_timeout"] is not None and params["stop_timeout"] < -1:
        raise Failure(
            "stop_timeout: it is %d. Give a number of seconds, or -1 to wait without a limit." % params["stop_timeout"]
        )
    return WantedState(
        state=params["state"],
        signal=signal,
        force=params["force"],
        volumes=params["volumes"],
        stop_timeout=params["stop_timeout"],
        within=params["wait_timeout"] if params["wait_timeout"] > 0 else None,
        new_name=new_name,
    )


def _selection(
    params: Mapping[str, Any], wanted: WantedState
) -> Tuple[Optional[List[str]], Optional[Dict[str, List[str]]]]:
    """(names, None) or (None, filters); empty filters select all containers."""
    given = [option for option in ("name", "filters") if params[option] is not None]
    given += ["all"] if params["all"] else []
    if len(given) != 1:
        found = "%s are given" % " and ".join(given) if given else "none of them is given"
        raise Failure("Give exactly one of name, filters and all: %s." % found)
    names, filters = _select.names_from(params["name"]), _select.filters_from(params["filters"])
    if wanted.new_name is not None and (names is None or len(names) != 1):
        raise Failure("new_name: only one container can have it. Give one name.")
    if wanted.state == "rolled_back" and names is None:
        raise Failure("state: only containers that are named can be rolled back. Give name.")
    if filters is not None and not filters:
        raise Failure("filters: it is empty, which every container would match. Set all to true if that is meant.")
    return names, {} if names is None and filters is None else filters


def _observe(
    engine: Engine,
    params: Mapping[str, Any],
    wanted: WantedState,
    names: Optional[List[str]],
    filters: Optional[Dict[str, List[str]]],
) -> Tuple[List[Dict[str, Any]], List[str]]:
    """(the inspect documents of the selected containers, the required names that no container has)"""
    if names is None:
        return _select.find_by_filters(engine, filters or {}, parallel=params["parallel"]), []
    documents, missing = _select.find_by_names(engine, names, params["parallel"])
    if wanted.new_name is not None:
        documents, missing = _with_new_name(engine, wanted.new_name, documents, missing)
    return documents, [] if wanted.state == "absent" else missing


def _not_found(engine: Engine, wanted: WantedState, missing: List[str]) -> Failure:
    what = "there are no containers" if len(missing) > 1 else "there is no container"
    verb = "bring it into the state %s" % wanted.state if wanted.state else "rename it"
    advice = [about_id(engine, name) for name in missing]
    return Failure(
        "Cannot %s: %s %s. %s Nothing was changed."
        % (
            verb if len(missing) == 1 else verb.replace("it", "them", 1),
            what,
            ", ".join(missing),
            " ".join(filter(None, advice)) or "Check the names with the container_info module.",
        )
    )


def _with_new_name(
    engine: Engine, new_name: str, documents: List[Dict[str, Any]], missing: List[str]
) -> Tuple[List[Dict[str, Any]], List[str]]:
    """The container to be renamed; if it does not exist, the container that already has the new name."""
    if documents and own_name(documents[0]) == new_name:
        return documents, missing
    owner = find_container(engine, new_name)
    if owner is None or own_name(owner) != new_name:
        return documents, missing
    if documents:
        raise Failure(
            "Cannot rename the container %s: there is a container %s already. Remove or rename that one, or choose "
            "another name. Nothing was changed." % (own_name(documents[0]), new_name)
        )
    return [owner], []


def _plans(wanted: WantedState, documents: List[Dict[str, Any]]) -> List[Plan]:
    """The plan of each container. Failure: some can't have one, with a reason for each."""
    plans, reasons = [Plan() for _document in documents], []
    for number, document in enumerate(documents):
        if is_as_wanted(wanted, document):
            continue
        from ansible_collections.wharf.docker.plugins.module_utils._container.plan_state import plan_state

        try:
            plans[number] = plan_state(wanted, document)
        except Failure as failure:
            reasons.append(failure.message)
    if reasons:
        raise Failure(" ".join([*reasons, "Nothing was changed."]))
    return plans


def _assumed(wanted: WantedState, missing: List[str]) -> List[Plan]:
    """In check mode, the plans of containers that do not exist yet."""
    if not missing:
        return []
    from ansible_collections.wharf.docker.plugins.module_utils._container.plan_state import plan_assumed

    return [plan_assumed(wanted, name) for name in missing]


def _bring(engine: Engine, wanted: WantedState, outcome: Outcome, limit: float, named: bool) -> None:
    """Bring one container to the wanted state, or check that it is in it. ``named``: as in container_state_change."""
    if outcome.plan.changed or outcome.first.changed:
        from ansible_collections.wharf.docker.plugins.module_utils._tasks.container_state_change import change

        change(engine, wanted, outcome, limit, named)
        return
    try:
        settle(engine, wanted, outcome, limit)
    except Failure as failure:
        outcome.failure = failure.message
        outcome.document = as_left(engine, outcome)


def _foresee(engine: Engine, wanted: WantedState, outcome: Outcome) -> None:
    """Check mode: predict the outcome for a container that needs no step."""
    try:
        if not outcome.plan.changed:
            prove(engine, wanted, outcome)
    except Failure as failure:
        outcome.failure = failure.message
    if wanted.state == "exited" and status(outcome.before) in ("exited", "dead"):
        outcome.exit_code = int(outcome.before["State"]["ExitCode"])


def _result(
    call: Call, wanted: WantedState, names: Optional[List[str]], outcomes: List[Outcome], assumed: List[Plan]
) -> Result:
    """``assumed``: in check mode, the plans of containers that do not exist yet."""
    failed = [outcome for outcome in outcomes if outcome.failure]
    if call.check_mode:
        plan = joined([*(plan for outcome in outcomes for plan in (outcome.first, outcome.plan)), *assumed])
    else:
        plan = joined([Plan(tuple(outcome.done), differences(outcome)) for outcome in outcomes])
    documents = [outcome.document for outcome in outcomes if outcome.document is not None]
    facts = _select.containers_in(names, documents, bool(failed))
    codes = {outcome.name: outcome.exit_code for outcome in outcomes if outcome.exit_code is not None}
    if wanted.state == "exited":
        facts["exit_codes"] = codes
        if "container" in facts:
            facts["exit_code"] = outcomes[0].exit_code if outcomes else None
    result = call.report(plan, **facts)
    if not failed:
        return result
    message = " ".join(outcome.failure for outcome in failed)
    if len(outcomes) > 1:
        message = "%d of %d containers failed. %s" % (len(failed), len(outcomes), message)
    if plan.changed and not call.check_mode:
        message += " What was done stays: %s." % "; ".join(plan.actions())
    raise Failure(message, **result)


TASK = Task(
    name="container_state",
    options=OPTIONS,
    run=run,
    required_one_of=[("state", "new_name")],
    required_by={"new_name": ("name",)},
)
