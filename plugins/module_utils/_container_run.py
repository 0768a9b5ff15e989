# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task container_run: one container as described, or a command run to its end."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils import _fields as fields
from ansible_collections.wharf.docker.plugins.module_utils import _image, _values
from ansible_collections.wharf.docker.plugins.module_utils._container import container_id, find_container, find_image
from ansible_collections.wharf.docker.plugins.module_utils._errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._plan import (
    Observed,
    Plan,
    Wanted,
    discarded,
    is_running,
    plan_container,
)
from ansible_collections.wharf.docker.plugins.module_utils._task import SECRET_PATTERNS, Call, Result, Task

NETWORK_OPTIONS: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "aliases": {"type": "list", "elements": "str"},
    "links": {"type": "list", "elements": "str"},
    "ipv4_address": {"type": "str"},
    "ipv6_address": {"type": "str"},
    "mac_address": {"type": "str"},
    "driver_opts": {"type": "dict"},
    "gw_priority": {"type": "int"},
    "link_local_ips": {"type": "list", "elements": "str"},
}

OPTIONS: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "state": {
        "type": "str",
        "default": "started",
        "choices": ["absent", "present", "healthy", "stopped", "started"],
    },
    "image": {"type": "str"},
    "pull": {"type": "raw", "choices": ["never", "missing", "always", True, False], "default": "missing"},
    "platform": {"type": "str"},
    "detach": {"type": "bool"},
    "cleanup": {"type": "bool", "default": False},
    "recreate": {"type": "bool", "default": False},
    "comparisons": {"type": "dict"},
    "healthy_wait_timeout": {"type": "float", "default": 300},
    "env_file": {"type": "list", "elements": "path"},
    "label_file": {"type": "list", "elements": "path"},
    "env_secret": {"type": "dict", "no_log": True},
    "secret_patterns": SECRET_PATTERNS,
    "networks": {"type": "list", "elements": "dict", "options": NETWORK_OPTIONS},
    "replace": {"type": "str", "default": "stop_first", "choices": ["stop_first", "start_first", "no_undo"]},
    "keep_previous": {"type": "int", "default": 0},
    "renew_anonymous_volumes": {"type": "bool", "default": False},
    "rename_from": {"type": "str"},
    **fields.argument_spec(),
}


def run(call: Call) -> Result:
    wanted = normalise(call.params)
    call.seen.append({"env": wanted.normal.get("env"), "labels": wanted.normal.get("labels")})
    if wanted.state == "absent":
        return _make_absent(call, wanted)
    wanted, observed = observe(call, wanted)
    call.seen += [observed.container, observed.image]
    plan = plan_container(wanted, observed)
    if plan.changed and observed.container is not None:
        observed, plan = _look_aside(call, wanted, observed, plan)
    if call.check_mode:
        return call.report(plan, container=observed.container or {})
    return _carry_out(call, wanted, observed, plan)


def normalise(params: Mapping[str, Any]) -> Wanted:
    """What the task wants, with all shorthand gone. Failure: a value that is wrong, before an engine is asked."""
    try:
        name = _values.container_name(params["name"])
    except ValueError as error:
        raise Failure("name: %s" % error) from None
    try:
        normal = {} if params["state"] == "absent" else fields.parse(_with_secrets(_with_files(params), params["env"]))
        wanted = Wanted(
            name=name,
            state=params["state"],
            image=_image_name(params["image"]),
            pull=_pull(params["pull"]),
            platform=_platform(params["platform"]),
            recreate=params["recreate"],
            detach=params["detach"] is not False,
            cleanup=params["cleanup"],
            healthy_within=params["healthy_wait_timeout"],
            normal=normal,
            modes=fields.comparison_modes(params["comparisons"] or {}),
            endpoints=_endpoints(params["networks"]),
            replace=params["replace"],
            keep_previous=params["keep_previous"],
            renew_volumes=params["renew_anonymous_volumes"],
            rename_from=params["rename_from"],
            secret_patterns=tuple(params["secret_patterns"] or ()),
        )
        _refuse_contradictions(wanted)
    except ValueError as error:
        raise Failure("Cannot describe the container %s: %s." % (name, str(error).rstrip("."))) from None
    return wanted


def observe(call: Call, wanted: Wanted) -> Tuple[Wanted, Observed]:
    """What the engine has: the container, and the image that is wanted or in use. Names in ``wanted`` become ids."""
    lacks = fields.too_new(wanted.normal, call.engine.version)
    if wanted.endpoints:
        from ansible_collections.wharf.docker.plugins.module_utils import _values_network

        lacks = ", ".join(filter(None, (lacks, _values_network.too_new(wanted.endpoints, call.engine.version))))
    if lacks:
        raise Failure(
            "Cannot describe the container %s: %s, and the engine speaks API %d.%d. Leave the option out, or use a "
            "newer engine." % (wanted.name, lacks, *call.engine.version)
        )
    observed = Observed(find_container(call.engine, wanted.name))
    if observed.container is not None:
        wanted = _under_own_name(wanted, observed.container)
    else:
        from ansible_collections.wharf.docker.plugins.module_utils import _aside

        observed = _aside.missing(call.engine, wanted)
    container = observed.container
    if wanted.state == "stopped" and container is not None:
        return wanted, observed
    name = wanted.image or (str(container["Image"]) if container else None)
    image = find_image(call.engine, name) if name else None
    newer = _image.why_pull(call.engine, wanted.image, wanted.pull, image, wanted.platform) if wanted.image else ""
    return _with_ids(call, wanted), observed._replace(image=image, newer=newer)


def _under_own_name(wanted: Wanted, container: Mapping[str, Any]) -> Wanted:
    return wanted._replace(name=str(container["Name"]).lstrip("/"))  # It may have been found by its id.


def _look_aside(call: Call, wanted: Wanted, observed: Observed, plan: Plan) -> Tuple[Observed, Plan]:
    """What a change has to know beside: what an interrupted replacement left, and what earlier ones kept."""
    from ansible_collections.wharf.docker.plugins.module_utils import _aside

    if observed.before is None:
        observed = _aside.half_way(call.engine, wanted, observed)
    plan = plan_container(wanted, observed)
    if any(step.action == "recreate" for step in plan.steps):
        observed = _aside.kept(call.engine, wanted, observed)
        plan = plan_container(wanted, observed)
    return observed, plan


def _make_absent(call: Call, wanted: Wanted) -> Result:
    from ansible_collections.wharf.docker.plugins.module_utils import _aside
    from ansible_collections.wharf.docker.plugins.module_utils._plan_aside import plan_absent

    container, beside = _aside.to_be_absent(call.engine, wanted.name)
    call.seen += [container, beside]
    if container is not None:
        wanted = _under_own_name(wanted, container)
    plan = plan_absent(wanted, container, beside)
    if call.check_mode or not plan.changed:
        return call.report(plan, container=container or {})
    from ansible_collections.wharf.docker.plugins.module_utils._apply import Undo, apply

    with Undo() as undo:
        call.warnings += apply(call.engine, plan, undo).warnings
    return call.report(plan, container={})


def _carry_out(call: Call, wanted: Wanted, observed: Observed, plan: Plan) -> Result:
    document: Optional[Dict[str, Any]] = dict(observed.container) if observed.container is not None else None
    facts: Dict[str, Any] = {}
    if plan.changed:
        document, facts = _change(call, wanted, observed, plan)
    if not wanted.detach and wanted.runs and not facts and document is not None and is_running(document):
        from ansible_collections.wharf.docker.plugins.module_utils._run_to_end import run_to_end

        if document["State"].get("Paused"):
            raise Failure("The container %s is paused, so that it won't end: unpause it first." % wanted.name)
        facts = run_to_end(call.engine, document, wanted.name, start=False)
        document = find_container(call.engine, wanted.name)
    if wanted.state == "healthy" and document is not None:
        document = _wait_until_healthy(call, wanted, plan, document)
    result = call.report(plan, container=document or {}, **facts)
    if facts.get("rc"):
        result.update(failed=True, msg=_non_zero(wanted, facts))
    return result


def _change(
    call: Call, wanted: Wanted, observed: Observed, plan: Plan
) -> Tuple[Optional[Dict[str, Any]], Dict[str, Any]]:
    """Carry out the steps; returns the container as it is then (None: there is none), and facts for the result."""
    from ansible_collections.wharf.docker.plugins.module_utils._apply import Undo, apply, refuse_discarded

    with Undo() as undo:
        applied = apply(call.engine, plan, undo)
        document = find_container(call.engine, applied.created.get(wanted.name) or wanted.name)
        if observed.container is None and document is not None:
            refuse_discarded(wanted.name, discarded(wanted, applied.image or observed.image, document), applied)
    call.warnings += applied.warnings
    return document, applied.facts


def _wait_until_healthy(call: Call, wanted: Wanted, plan: Plan, document: Dict[str, Any]) -> Dict[str, Any]:
    from ansible_collections.wharf.docker.plugins.module_utils._wait import becomes_healthy

    try:
        return becomes_healthy(call.engine, document["Id"], wanted.name, wanted.healthy_within)
    except Failure as failure:
        if plan.changed:
            failure.facts.update(changed=True, actions=plan.actions())
            failure.message += " It is left as it is, to be looked at; what was done: %s." % "; ".join(plan.actions())
        raise


def _non_zero(wanted: Wanted, facts: Mapping[str, Any]) -> str:
    said = str(facts["stderr"] or facts["stdout"]).strip().splitlines()[-10:]
    text = "The container %s ended with exit code %d" % (wanted.name, facts["rc"])
    return text + (". Its last lines: %s" % "\n".join(said) if said else ", and wrote nothing.")


def _with_files(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters with what ``env_file`` and ``label_file`` have, below what ``env`` and ``labels`` have."""
    given: Dict[str, Any] = {}
    for option, below, parse in (
        ("env_file", "env", lambda text: _values.env_file(text, os.environ)),
        ("label_file", "labels", _values.label_file),
    ):
        if params[option]:
            found: Dict[str, Any] = {}
            for path in params[option]:
                found.update(_of_file(option, path, parse))
            given[below] = {**found, **(params[below] or {})}
    if any(str(word).startswith("seccomp=") for word in params["security_opts"] or []):
        given["security_opts"] = [_with_profile(str(word)) for word in params["security_opts"]]
    return {**params, **given} if given else params


def _with_profile(word: str) -> str:
    """One of security_opts, with the content of the file that seccomp=FILE names, as the engine wants it."""
    name, _equals, path = word.partition("=")
    if name != "seccomp" or path in ("unconfined", "builtin", "") or path.startswith("{"):
        return word
    import json

    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:
            profile = json.load(file)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError("security_opts: can't read %s on this host: %s" % (path, error)) from None
    except ValueError as error:
        raise ValueError("security_opts: %s has no profile of seccomp in JSON: %s" % (path, error)) from None
    return "seccomp=" + json.dumps(profile, separators=(",", ":"))


def _of_file(option: str, path: str, parse: Callable[[str], Dict[str, str]]) -> Dict[str, str]:
    try:
        with open(path, encoding="utf-8") as file:
            return parse(file.read())
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError("%s: can't read %s on this host: %s" % (option, path, error)) from None
    except ValueError as error:
        raise ValueError("%s: %s: %s" % (option, path, error)) from None


def _with_secrets(params: Mapping[str, Any], given: Optional[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The parameters with the variables of ``env_secret``, above those of files. ``given``: the option ``env``."""
    secret = params["env_secret"]
    if not secret:
        return params
    both = sorted(str(name) for name in set(secret) & set(given or {}))
    if both:
        raise ValueError("env and env_secret: both have %s. Give each variable once" % ", ".join(both))
    try:
        _values.environment(secret)
    except ValueError as error:
        raise ValueError("env_secret: %s" % error) from None
    return {**params, "env": {**(params["env"] or {}), **secret}}


def _image_name(name: Optional[str]) -> Optional[str]:
    if name is not None and not _values.is_image_id(name):
        try:
            _values.image_reference(name)
        except ValueError as error:
            raise ValueError("image: %s" % error) from None
    return name


def _pull(value: Any) -> str:
    if isinstance(value, bool) or value in ("true", "false", "True", "False"):
        return "always" if str(value).lower() == "true" else "missing"
    return str(value)


def _platform(value: Optional[str]) -> str:
    try:
        return _values.platform(value) if value else ""
    except ValueError as error:
        raise ValueError("platform: %s" % error) from None


def _endpoints(networks: Optional[List[Dict[str, Any]]]) -> Optional[Dict[str, Dict[str, Any]]]:
    if networks is None:
        return None
    from ansible_collections.wharf.docker.plugins.module_utils import _values_network

    try:
        return _values_network.networks(networks)
    except ValueError as error:
        raise ValueError("networks: %s" % error) from None


def _refuse_contradictions(wanted: Wanted) -> None:
    normal = wanted.normal
    if wanted.keep_previous < 0:
        raise ValueError("keep_previous: %d is negative: use 0 or more" % wanted.keep_previous)
    if wanted.rename_from is not None:
        try:
            _values.container_name(wanted.rename_from)
        except ValueError as error:
            raise ValueError("rename_from: %s" % error) from None
    if any(option in normal for option in ("volumes", "mounts", "tmpfs")):
        _refuse_shared_targets(normal)
    if "gpus" in normal and "device_requests" in normal:
        raise ValueError("gpus and device_requests: both stand for the same: give one of them")
    if normal.get("auto_remove") and normal.get("restart_policy", "no") != "no":
        raise ValueError("auto_remove and restart_policy: a container is either removed or restarted when it ends")
    if normal.get("restart_retries") and normal.get("restart_policy") != "on-failure":
        raise ValueError("restart_retries: only with the restart_policy on-failure are restarts counted")


def _refuse_shared_targets(normal: Mapping[str, Any]) -> None:
    from ansible_collections.wharf.docker.plugins.module_utils._values_mounts import duplicate_target

    target = duplicate_target(normal.get("volumes", []), normal.get("mounts", []), normal.get("tmpfs", {}))
    if target is not None:
        raise ValueError("volumes, mounts and tmpfs: the target %r is given twice" % target)


def _with_ids(call: Call, wanted: Wanted) -> Wanted:
    """The engine stores the container of ``network_mode: container:NAME`` (ipc, pid) as an id: so it is compared."""
    normal = dict(wanted.normal)
    for option, what in (("network_mode", "network"), ("ipc_mode", "IPC"), ("pid_mode", "processes")):
        mode = normal.get(option, "")
        if mode.startswith("container:"):
            tried = "use the %s of another container for the container %s" % (what, wanted.name)
            normal[option] = "container:" + container_id(call.engine, mode[len("container:") :], tried)
    return wanted if normal == wanted.normal else wanted._replace(normal=normal)


TASK = Task(name="container_run", options=OPTIONS, run=run)
