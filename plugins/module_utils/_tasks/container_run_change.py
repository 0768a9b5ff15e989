# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the task container_run does if a container does not match, and what it waits for."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple, Type

from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor, Operation
from ansible_collections.wharf.docker.plugins.module_utils._container.comparison import (
    Comparison,
    compare,
    discarded,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_container
from ansible_collections.wharf.docker.plugins.module_utils._container.observed import (
    Observed,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.status import is_running
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import Export
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
    under_own_name,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Ended, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import (
    Plan,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import (
    Step,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Call, Result
from ansible_collections.wharf.docker.plugins.module_utils._flow.writer import this_writer
from ansible_collections.wharf.docker.plugins.module_utils._replacement import leftovers
from ansible_collections.wharf.docker.plugins.module_utils._tasks.container_run_plan import (
    plan_container,
)


def change(call: Call, wanted: Wanted, observed: Observed, comparison: Comparison) -> Result:
    """Observe the rest, plan, carry the plan out or predict its outcome, and wait as the task requires."""
    # A change that needs no new container does not need its image either.
    if comparison.replaced and observed.newer:
        from ansible_collections.wharf.docker.plugins.module_utils._apply.pull import after_pull

        observed = after_pull(call.engine, str(wanted.image), wanted.platform, observed, call.check_mode)
    try:
        wanted, observed, comparison = _observe(call, wanted, observed)
        plan = plan_container(wanted, observed, comparison)
        call.warnings += _warnings(wanted, observed)
    except Failure as failure:
        if observed.pulled is not None:
            failure.message += " The image %s was pulled before." % wanted.image
        raise
    if call.check_mode:
        container, facts = dict(observed.container or {}), _facts(observed)
        if wanted.runs and not wanted.detach:
            container, facts = _with_output(container, {"rc": 0, "stdout": "", "stderr": "", **facts})
        return call.report(plan, container=container, **facts)
    return _carry_out(call, wanted, observed, plan)


def _observe(call: Call, wanted: Wanted, observed: Observed) -> Tuple[Wanted, Observed, Comparison]:
    """Observe the rest of what a plan needs. Failure: the engine lacks something that the spec refers to."""
    engine = call.engine
    comparison = compare(wanted, observed)
    settled = comparison.same and observed.half_way is None and observed.busy is None
    if observed.container is not None and not settled:
        if observed.half_way is None and observed.renamed is None and observed.busy is None:
            observed = leftovers.half_way(engine, wanted, observed, call.check_mode)
            comparison = compare(wanted, observed)
        if observed.busy is not None:
            from ansible_collections.wharf.docker.plugins.module_utils._replacement.turn import warning

            call.warnings.append(warning(engine, wanted.name, observed.busy))
        if comparison.replaced:
            wanted, observed = _observe_old(call, wanted, observed)
            comparison = compare(wanted, observed)
    return wanted, _observe_references(call, wanted, observed, comparison), comparison


def _observe_old(call: Call, wanted: Wanted, observed: Observed) -> Tuple[Wanted, Observed]:
    """Observe what matters of a container before it is replaced."""
    from ansible_collections.wharf.docker.plugins.module_utils._container.writable_layer import files_written
    from ansible_collections.wharf.docker.plugins.module_utils._replacement.dependents import with_dependents
    from ansible_collections.wharf.docker.plugins.module_utils._replacement.unspecified import carry_over

    wanted, observed = carry_over(call.engine, wanted, observed)
    observed = leftovers.kept(call.engine, wanted, observed)
    observed = observed._replace(written=files_written(call.engine, wanted, observed.container or {}))
    return wanted, with_dependents(call.engine, wanted, observed)._replace(writer=this_writer())


def _warnings(wanted: Wanted, observed: Observed) -> List[str]:
    """Warnings about what a replacement drops, and about dependents that it cuts off."""
    found: List[str] = []
    if observed.dropped:
        from ansible_collections.wharf.docker.plugins.module_utils._replacement.unspecified import warning

        found.append(warning(wanted.name, observed))
    if observed.dependents and wanted.dependents == "report":
        from ansible_collections.wharf.docker.plugins.module_utils._replacement.plan_dependents import (
            warning as cut_off,
        )

        found.append(cut_off(wanted.name, observed.dependents))
    return found


def _observe_references(call: Call, wanted: Wanted, observed: Observed, comparison: Comparison) -> Observed:
    container = observed.container
    running = container is not None and is_running(container)
    replaced = comparison.missing or comparison.replaced
    if container is not None and running and comparison.starts and wanted.restart and not replaced:
        from ansible_collections.wharf.docker.plugins.module_utils._container.references import check_restart

        call.warnings += check_restart(call.engine, container, call.check_mode)
    if not replaced and not any("connect" in change.kinds() for change in comparison.endpoints):
        return observed
    from ansible_collections.wharf.docker.plugins.module_utils._container import references
    from ansible_collections.wharf.docker.plugins.module_utils._container.plan_references import Situation

    situation = Situation(container, wanted.runs or running, replaced)
    found = references.find(call.engine, wanted, situation)
    call.warnings += references.check(call.engine, wanted, situation, found, call.check_mode)
    return observed._replace(new_volumes=references.new_volumes(found))


def _facts(observed: Observed) -> Dict[str, Any]:
    """The result's facts in addition to the plan."""
    facts = _told(observed.written, observed.dependents)
    if observed.dropped:
        facts["dropped"] = {one.option: one.before for one in observed.dropped}
    return facts


def make_absent(call: Call, wanted: Wanted) -> Result:
    from ansible_collections.wharf.docker.plugins.module_utils._container.writable_layer import (
        files_written,
    )
    from ansible_collections.wharf.docker.plugins.module_utils._replacement.recovery import plan_absent

    container, beside = leftovers.to_be_absent(call.engine, wanted.name, call.check_mode)
    call.seen += [container, beside]
    if container is not None:
        wanted = under_own_name(wanted, container)
    call.about = wanted.name
    written: Tuple[str, ...] = ()
    meanwhile = False
    if container is not None:
        if wanted.dependents == "fail":
            from ansible_collections.wharf.docker.plugins.module_utils._replacement.dependents import dependents_of
            from ansible_collections.wharf.docker.plugins.module_utils._replacement.plan_dependents import refuse

            refuse(wanted.name, dependents_of(call.engine, str(container["Id"]), deep=False))
        # If nothing depends on the written files, they are counted while the container stops, which takes far longer.
        meanwhile = wanted.writable_layer == "ignore" and is_running(container) and not call.check_mode
        if not meanwhile:
            written = files_written(call.engine, wanted, container)
    plan = plan_absent(wanted, container, beside, written)
    if call.check_mode or not plan.changed:
        return call.report(plan, container=container or {}, **_told(written))
    with Executor(call.engine, OPERATIONS) as executor:
        if meanwhile and container is not None:
            written = _carry_out_counting(executor, wanted, plan, container)
        else:
            executor.carry_out(plan)
    call.warnings += executor.warnings
    return call.report(plan, container={}, **_told(written))


def _carry_out_counting(
    executor: Executor, wanted: Wanted, plan: Plan, container: Mapping[str, Any]
) -> Tuple[str, ...]:
    """Carry out ``plan``, which removes ``container``; returns the files in its writable layer."""
    from concurrent.futures import ThreadPoolExecutor

    from ansible_collections.wharf.docker.plugins.module_utils._container.writable_layer import files_written

    *others, removal = (one for step in plan.steps for one in step.single())
    with ThreadPoolExecutor(1) as pool:
        counted = pool.submit(files_written, executor.engine, wanted, container)
        executor.carry_out(Plan(tuple(others)))
        # The engine must have answered before the container is removed.
        written = counted.result()
    executor.do(removal)
    return written


def _told(written: Tuple[str, ...], dependents: Tuple[Any, ...] = ()) -> Dict[str, Any]:
    """The result's facts about files in the writable layer of a removed container, and about its dependents."""
    facts: Dict[str, Any] = {}
    if written:
        from ansible_collections.wharf.docker.plugins.module_utils._container import (
            plan_writable_layer as _plan_written,
        )

        facts["writable_layer"] = _plan_written.told(written)
    if dependents:
        from ansible_collections.wharf.docker.plugins.module_utils._replacement import (
            plan_dependents as _plan_dependents,
        )

        facts["dependents"] = _plan_dependents.told(dependents)
    return facts


def _carry_out(call: Call, wanted: Wanted, observed: Observed, plan: Plan) -> Result:
    document: Optional[Dict[str, Any]] = dict(observed.container) if observed.container is not None else None
    facts: Dict[str, Any] = {}
    if plan.changed:
        document, facts = _apply(call, wanted, observed, plan)
    if not wanted.detach and wanted.runs and "rc" not in facts and document is not None and is_running(document):
        from ansible_collections.wharf.docker.plugins.module_utils._apply.run_to_end import run_to_end

        if document["State"].get("Paused"):
            raise Failure("The container %s is paused, so that it won't end: unpause it first." % wanted.name)
        facts.update(run_to_end(call.engine, document, wanted.name, start=False))
        document = find_container(call.engine, wanted.name)
    if wanted.state == "healthy" and document is not None:
        document = _wait_until_healthy(call, wanted, plan, document)
    if "rc" in facts:
        document, facts = _with_output(document or {}, facts)
    result = call.report(plan, container=document or {}, **facts, **_facts(observed))
    if facts.get("rc"):
        result.update(failed=True, msg=_non_zero(wanted, facts))
    return result


def _with_output(document: Dict[str, Any], facts: Dict[str, Any]) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """The same with the keys of docker_container in addition."""
    return {**document, "Output": facts["stdout"] + facts["stderr"]}, {**facts, "status": facts["rc"]}


def _apply(
    call: Call, wanted: Wanted, observed: Observed, plan: Plan
) -> Tuple[Optional[Dict[str, Any]], Dict[str, Any]]:
    """Carry out the steps. Returns the container afterwards (None: there is none), and facts for the result."""
    from ansible_collections.wharf.docker.plugins.module_utils._apply.containers import refuse_discarded

    with Executor(call.engine, OPERATIONS) as executor:
        executor.carry_out(plan)
        document = find_container(call.engine, executor.created.get(wanted.name) or wanted.name)
        if observed.container is None and document is not None:
            found = discarded(wanted, executor.image or observed.image, document)
            refuse_discarded(wanted.name, found, executor.warnings)
    call.warnings += executor.warnings
    if wanted.name in executor.created and wanted.state == "started" and wanted.detach and document is not None:
        call.warnings += _ended_early(call, wanted, document)
    return document, {**executor.facts, **({"pulled": executor.pulled} if executor.pulled else {})}


def _ended_early(call: Call, wanted: Wanted, document: Mapping[str, Any]) -> List[str]:
    """A warning if a new container has already failed at the task's last check."""
    state = document["State"]
    if not state.get("ExitCode") or state["Status"] not in ("exited", "dead", "restarting"):
        return []
    from ansible_collections.wharf.docker.plugins.module_utils._container.logs import last_lines

    lines = last_lines(call.engine, document["Id"], bool(document["Config"].get("Tty")))
    return [
        "The container %s was started and is %s, with exit code %s. %s"
        % (
            wanted.name,
            state["Status"],
            state["ExitCode"],
            "Its last lines: %s" % lines if lines else "It wrote nothing.",
        )
    ]


def _wait_until_healthy(call: Call, wanted: Wanted, plan: Plan, document: Dict[str, Any]) -> Dict[str, Any]:
    from ansible_collections.wharf.docker.plugins.module_utils._container.wait import becomes_healthy

    try:
        return becomes_healthy(call.engine, document["Id"], wanted.name, wanted.healthy_within)
    except (Failure, Ended) as failure:
        failure.facts["container"] = find_container(call.engine, document["Id"]) or {}
        if plan.changed:
            failure.facts.update(changed=True, actions=plan.actions(), steps=plan.single_steps())
            failure.message += " It is left as it is, to be looked at; what was done: %s." % "; ".join(plan.actions())
        raise


def _non_zero(wanted: Wanted, facts: Mapping[str, Any]) -> str:
    from ansible_collections.wharf.docker.plugins.module_utils._container.logs import shortened

    said = str(facts["stderr"] or facts["stdout"]).strip().splitlines()[-10:]
    text = "The container %s ended with exit code %d" % (wanted.name, facts["rc"])
    return text + (". Its last lines: %s" % shortened("\n".join(said)) if said else ", and wrote nothing.")


def _export(executor: Executor, step: Export) -> None:
    """Write the container's file system to a tar on this host, which is complete before anything is destroyed."""
    from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_export

    options: Mapping[str, Mapping[str, object]] = container_export.OPTIONS
    params = {option: spec.get("default") for option, spec in options.items()}
    params.update(name=step.container, dest=step.to)
    container_export.run(Call(params, False, False, lambda _options: executor.engine))


OPERATIONS: Mapping[Type[Step], Operation] = {Export: _export}
