# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task container_exec: run a command in a container (``docker exec``), unless a path makes it unnecessary."""

from __future__ import annotations

import math
import posixpath
import shlex
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.exec_paths import (
    HiddenError,
    is_there,
    mounts_of,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import (
    ASSUMED,
    find_container,
    not_found,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    is_paused,
    is_running,
    own_name,
    status,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import Exec
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine, segment
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import (
    LONG_SECRET,
    SECRET_PATTERNS,
    Call,
    Result,
    Task,
)
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values
from ansible_collections.wharf.docker.plugins.module_utils._values import limits

OPTIONS: Dict[str, Dict[str, Any]] = {
    "container": {"type": "str", "required": True, "aliases": ["name"]},
    "argv": {"type": "list", "elements": "str"},
    "command": {"type": "str"},
    "chdir": {"type": "str"},
    "creates": {"type": "str"},
    "removes": {"type": "str"},
    "detach": {"type": "bool", "default": False},
    "env": {"type": "dict"},
    "max_output": {"type": "str"},
    "privileged": {"type": "bool", "default": False},
    "stdin": {"type": "str"},
    "stdin_add_newline": {"type": "bool", "default": True},
    "strip_empty_ends": {"type": "bool", "default": True},
    "tty": {"type": "bool", "default": False},
    "user": {"type": "str"},
    "wait_timeout": {"type": "float"},
    "secret_patterns": SECRET_PATTERNS,
}

# The bit of a file mode that marks a symbolic link, as the API encodes modes.
LINK = 1 << 27
# The result if nothing was run.
NOTHING: Mapping[str, Any] = {"rc": 0, "stdout": "", "stderr": "", "stdout_cut": 0, "stderr_cut": 0}


@dataclass(frozen=True)
class Wanted:
    """A command, and where and how to run it. ``limit``: seconds, None for no limit; ``most``: bytes per stream."""

    container: str
    argv: Tuple[str, ...]
    chdir: str = ""
    creates: Optional[str] = None
    removes: Optional[str] = None
    detach: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    most: Optional[int] = None
    privileged: bool = False
    stdin: Optional[bytes] = None
    strip: bool = True
    tty: bool = False
    user: str = ""
    limit: Optional[float] = None

    @property
    def tried(self) -> str:
        """The action in error messages. It has only the program, since arguments may be secret."""
        return "run %s in the container %s" % (shlex.quote(self.argv[0]), self.container)


@dataclass(frozen=True)
class Seen:
    """Whether the paths of ``creates`` and ``removes`` exist in the container; None if the option is not given."""

    creates: Optional[bool] = None
    removes: Optional[bool] = None


def run(call: Call) -> Result:
    wanted = normalise(call.params)
    container = find_container(call.engine, wanted.container, within=wanted.limit)
    if container is None:
        if not call.check_mode:
            raise not_found(call.engine, wanted.container, wanted.tried)
        call.warnings.append(ASSUMED % wanted.container)
        plan = Plan((_step(wanted, wanted.container, ""),))
        return call.report(plan, msg="It would be run.", **_nothing(wanted))
    call.about = own_name(container)
    seen = observe(call.engine, wanted, container)
    plan = plan_exec(wanted, container, seen)
    facts = _nothing(wanted)
    if not plan.changed:
        return call.report(plan, msg="It was not run: %s." % why_not(wanted, seen), **facts)
    if call.check_mode:
        return call.report(plan, **facts)
    return _carry_out(call, wanted, plan)


def normalise(params: Mapping[str, Any]) -> Wanted:
    """Normalise the task's options. Failure: a value is invalid; reported before any call to the engine."""
    option = "container"
    try:
        container = values.container_name(params["container"])
        option = "command" if params["argv"] is None else "argv"
        if params["command"] is not None:
            _refuse_list(params["command"])
        argv = _argv(params["command"] if params["argv"] is None else params["argv"])
        option = "env"
        env = values.environment(params["env"] or {})
        option = "max_output"
        most = None if params["max_output"] is None else limits.size(params["max_output"])
        for option in ("creates", "removes"):
            _refuse_pattern(params[option])
    except ValueError as error:
        raise Failure("%s: %s." % (option, str(error).rstrip("."))) from None
    if params["chdir"] and not params["chdir"].startswith("/"):
        raise Failure("chdir: %s is not an absolute path. Give one that begins with a slash." % params["chdir"])
    limit = params["wait_timeout"]
    if limit is not None and math.isnan(limit):
        raise Failure("wait_timeout: nan is not a valid time to wait: give seconds, or 0 for no limit.")
    for option, given in (("stdin", params["stdin"] is not None), ("wait_timeout", limit is not None and limit > 0)):
        if params["detach"] and given:
            raise Failure(
                "detach and %s: nobody stays with a command that is detached. Leave one of the two out." % option
            )
    return Wanted(
        container=container,
        argv=argv,
        chdir=params["chdir"] or "",
        creates=params["creates"],
        removes=params["removes"],
        detach=params["detach"],
        env=env,
        most=most,
        privileged=params["privileged"],
        stdin=_stdin(params),
        strip=params["strip_empty_ends"],
        tty=params["tty"],
        user=params["user"] or "",
        limit=limit if limit is not None and 0 < limit < limits.FOREVER else None,
    )


def observe(engine: Engine, wanted: Wanted, container: Mapping[str, Any]) -> Seen:
    """Ask the engine for the paths of ``creates`` and ``removes``, without running anything in the container."""
    return Seen(
        *(
            None if path is None else _is_there(engine, wanted, container, option, path)
            for option, path in (("creates", wanted.creates), ("removes", wanted.removes))
        )
    )


def plan_exec(wanted: Wanted, container: Mapping[str, Any], seen: Seen) -> Plan:
    """One step; no step if a path makes it unnecessary. Pure. Failure: the container can't run a command."""
    if why_not(wanted, seen):
        return Plan()
    state = container["State"]
    if not is_running(container) or is_paused(container) or state.get("Restarting"):
        what = {"paused": "Unpause it first", "restarting": "Wait until it stays up"}
        raise Failure(
            "Cannot %s: it is not running, it is %s. %s, for example with the container_state module."
            % (wanted.tried, status(container), what.get(status(container), "Start it first"))
        )
    return Plan((_step(wanted, own_name(container), str(container["Id"])),))


def _step(wanted: Wanted, name: str, container_id: str) -> Exec:
    causes = [shlex.join(wanted.argv)]
    causes += ["%s is not there" % wanted.creates] if wanted.creates is not None else []
    causes += ["%s is there" % wanted.removes] if wanted.removes is not None else []
    return Exec(
        name,
        tuple(causes),
        container_id,
        argv=wanted.argv,
        tried=wanted.tried,
        chdir=wanted.chdir,
        env=wanted.env,
        stdin=wanted.stdin,
        user=wanted.user,
        privileged=wanted.privileged,
        tty=wanted.tty,
        detach=wanted.detach,
        limit=wanted.limit,
        most=wanted.most,
    )


def _nothing(wanted: Wanted) -> Dict[str, Any]:
    """The facts if nothing was run."""
    return {"exec_id": None} if wanted.detach else dict(NOTHING)


def why_not(wanted: Wanted, seen: Seen) -> str:
    """Why the command is not to be run; "" if it is."""
    if seen.creates:
        return "%s is there" % wanted.creates
    return "%s is not there" % wanted.removes if seen.removes is False else ""


def _carry_out(call: Call, wanted: Wanted, plan: Plan) -> Result:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.exec import OPERATIONS
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor

    executor = Executor(call.engine, OPERATIONS)
    try:
        executor.carry_out(plan)
    except Failure as failure:
        if executor.facts:
            failure.facts.update(call.report(plan, **_facts(wanted, executor.facts)))
        elif "rc" in failure.facts:
            failure.facts = {**_nothing(wanted), **failure.facts}
        raise
    result = call.report(plan, **_facts(wanted, executor.facts))
    if result.get("rc"):
        # Whether that is a failure is up to failed_when. Without it, Ansible treats the task as failed.
        program, name = shlex.quote(wanted.argv[0]), wanted.container
        result["msg"] = "The command %s in the container %s ended with exit code %d." % (program, name, result["rc"])
    return result


def _facts(wanted: Wanted, facts: Mapping[str, Any]) -> Dict[str, Any]:
    """The facts from carrying out the plan, as the result has them."""
    stripped = {name: facts[name].rstrip("\r\n") for name in ("stdout", "stderr") if wanted.strip and name in facts}
    return {**facts, **stripped}


def _argv(value: Any) -> Tuple[str, ...]:
    words = values.command(value)
    if not words or not words[0]:
        raise ValueError("it is empty: give a program, and its arguments if it takes any")
    if any("\0" in word for word in words):
        raise ValueError("there is a NUL in it: no process can have such an argument")
    return tuple(words)


def _refuse_list(command: str) -> None:
    """ValueError: the command was a list, which Ansible has converted to a string, or is a list written as a string.

    A command may also begin with the programs [ and [[, as separate words, if there is no comma after the next word.
    """
    text = command.strip()
    words = text.split()
    is_program = len(words) > 1 and words[0] in ("[", "[[") and not words[1].endswith(",")
    if text.startswith("[") and text.endswith("]") and not is_program:
        raise ValueError("it is a list: give it with the option argv, or write it as one string")


def _refuse_pattern(path: Optional[str]) -> None:
    if path is None:
        return
    if not path:
        raise ValueError("it is empty: give a path, or leave it out")
    if any(letter in path for letter in "*?["):
        raise ValueError("%r is a pattern, which an engine can't look for: give one path" % path)


def _stdin(params: Mapping[str, Any]) -> Optional[bytes]:
    """The command's input; None if there is none.

    A process without a stdin reads its end at once. With a stdin that is attached and empty, Docker 28 loses the end in
    one of some hundred runs, and the process waits for ever. On a terminal, a character signals the end.
    """
    text = params["stdin"]
    if text is None:
        return None
    data = (text + "\n" if params["stdin_add_newline"] else text).encode("utf-8", "surrogateescape")
    return data if data or params["tty"] else None


def _is_there(engine: Engine, wanted: Wanted, container: Mapping[str, Any], option: str, path: str) -> bool:
    directory = wanted.chdir or str(container["Config"].get("WorkingDir") or "")
    if not path.startswith("/") and not directory:
        raise Failure(
            "%s: %s is a relative path, and neither the task nor the container says to which directory. Give an "
            "absolute path, or chdir." % (option, path)
        )
    whole = "/" + posixpath.normpath(posixpath.join(directory, path)).lstrip("/")
    try:
        return is_there(whole, mounts_of(container), lambda part: _look(engine, container, option, part))
    except HiddenError as error:
        raise Failure(
            "%s: whether the container %s has %s can't be determined: %s, and the engine sees nothing of what is in "
            "it. Give another path, or let the command itself look." % (option, wanted.container, path, error)
        ) from None


def _look(engine: Engine, container: Mapping[str, Any], option: str, path: str) -> Optional[str]:
    """The target of a link; "" if the path is not a link; None if it does not exist."""
    tried = "look for %s in the container %s" % (path, own_name(container))
    code, headers = engine.head(
        "/containers/%s/archive" % segment(container["Id"]), tried=tried, query={"path": path}, accept=(404, 500)
    )
    if code == 500:
        raise Failure(
            "%s: whether the container %s has %s can't be determined: the engine can't follow that path. A part of it "
            "is a file, or its links lead in a circle. Give another path." % (option, own_name(container), path)
        )
    told = headers.get("X-Docker-Container-Path-Stat")
    if code == 404 and not told:
        return None
    # Podman reports the location of each path, not only of links, and also of a link that leads nowhere.
    stat = engine.in_header(headers, "X-Docker-Container-Path-Stat", tried=tried)
    if stat.get("mode", 0) & LINK:
        return str(stat.get("linkTarget") or "")
    return None if code == 404 else ""


TASK = Task(
    name="container_exec",
    options=OPTIONS,
    run=run,
    mutually_exclusive=[("argv", "command")],
    required_one_of=[("argv", "command")],
    shortest=LONG_SECRET,
)
