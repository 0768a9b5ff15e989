# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the step Exec does: it starts a process in a running container, follows it to its end, and can end it.

The API starts such a process and reports its exit code, but can't end it. The process id that it reports is the one on
the engine's host, which is unknown inside the container.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional, Sequence, Type, cast

from ansible_collections.wharf.docker.plugins.module_utils._container.exec_paths import typed
from ansible_collections.wharf.docker.plugins.module_utils._container.output import Output
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import Exec
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import (
    Engine,
    segment,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.documents import strange
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    EngineError,
    EngineTimeout,
    Failure,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import (
    advice,
    no_frame,
    sentence,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor, Operation
    from ansible_collections.wharf.docker.plugins.module_utils._engine.hijack import Duplex

# The environment variable that identifies a process, so that it can be ended from inside the container.
MARK = "WHARF_EXEC"
# How long a process may take to end, in seconds, after each of the signals.
GRACE = 5.0
SIGNALS = ("TERM", "KILL")
# How long, in seconds, the engine may take after a lost connection to notice the end of the process.
MOMENT = 1.0
# The time limit, in seconds, of each call that only adds details to a failure.
AFTER = 2.0
UNKNOWN = "What became of it is not known. Look at the engine's log."
# Sends the signal $2 to each process whose environment has the variable $1. Exit code 1: no such process exists, or
# this user may not signal it. It needs cat, and a shell that has kill built in, as all known shells have.
SCRIPT = """sent=1
for process in /proc/[0-9]*; do
  case "$(cat "$process/environ")" in
    *"$1"*) kill "-$2" "${process#/proc/}" && sent=0 ;;
  esac
done 2>/dev/null
exit $sent
"""
# The exit codes of engines for a process that could not be started. The first is what ``docker exec`` returns if the
# engine reports none.
NOT_STARTED = (126, 127, 128)


@dataclass(frozen=True)
class Ended:
    """How a process ended. ``late``: a message if it took too long; ``rc`` is None and ``pid`` set if it runs on."""

    rc: Optional[int]
    late: str = ""
    pid: Optional[int] = None


class Process:
    """A command in a container. ``tried`` names its purpose, for the beginning of error messages."""

    def __init__(
        self,
        engine: Engine,
        container_id: str,
        argv: Sequence[str],
        tried: str,
        user: str = "",
        privileged: bool = False,
        tty: bool = False,
    ) -> None:
        self._engine = engine
        self._container_id = container_id
        self._argv = argv
        self._tried = tried
        self._user = user
        self._privileged = privileged
        self._tty = tty
        self.started = False

    def start(self, env: Mapping[str, str], chdir: str) -> str:
        """Start it without waiting for its end. Returns its exec id."""
        exec_id = self._create(env, chdir, attach=())
        try:
            self._engine.post(_path(exec_id, "start"), tried=self._tried, body={"Detach": True, "Tty": self._tty})
        except EngineError as error:
            if error.status in (400, 500):
                error.facts["rc"] = NOT_STARTED[0]
                with contextlib.suppress(EngineError):
                    error.facts["rc"] = int(self._look(exec_id)["ExitCode"] or NOT_STARTED[0])
            raise
        return exec_id

    def run(
        self, env: Mapping[str, str], chdir: str, stdin: Optional[bytes], limit: Optional[float], output: Output
    ) -> Ended:
        """Start it, and read its output into ``output`` until it ends, for at most ``limit`` seconds.

        Failure: it could not be started. The limit also applies to each answer of the engine.
        """
        deadline = None if limit is None else time.monotonic() + limit
        mark = secrets.token_hex(16)
        if limit is not None:
            env = {**env, MARK: mark}
        streams = ("Stdin", "Stdout", "Stderr") if stdin is not None else ("Stdout", "Stderr")
        exec_id, connection = "", None
        try:
            exec_id = self._create(env, chdir, streams, _left(deadline))
            connection = self._connect(exec_id, stdin, _left(deadline))
        except EngineTimeout as error:
            if limit is None or deadline is None or time.monotonic() < deadline:
                raise
            if not exec_id:
                error.facts.update(rc=None, timed_out=True, pid=None)
                raise
        self.started = True
        if connection is None:
            return self._unanswered(exec_id, limit or 0, mark)
        try:
            document = self._follow(connection, exec_id, output, deadline)
            if document is None and limit is not None:
                return self._end(connection, exec_id, output, limit, mark)
        finally:
            connection.close()
        if document is None:
            return Ended(None)
        self._refuse_not_started(document, output)
        if output.no_frame:
            raise strange(self._tried, self._engine.url, no_frame(output.no_frame))
        return Ended(_exit_code(document))

    def _connect(self, exec_id: str, stdin: Optional[bytes], within: Optional[float]) -> Duplex:
        # After the end of the sending direction, an engine closes a terminal at once, before all of its output is read.
        return self._engine.duplex(
            _path(exec_id, "start"),
            tried=self._tried,
            body={"Detach": False, "Tty": self._tty},
            to_send=b"" if stdin is None else typed(stdin) if self._tty else stdin,
            end=stdin is not None and not self._tty,
            within=self._engine.timeout if within is None else within,
        )

    def _create(self, env: Mapping[str, str], chdir: str, attach: Sequence[str], within: Optional[float] = None) -> str:
        body: Dict[str, Any] = {
            "Cmd": list(self._argv),
            "Env": values.environment_to_api(env),
            "WorkingDir": chdir,
            "User": self._user,
            "Privileged": self._privileged,
            "Tty": self._tty,
            **{"Attach" + stream: stream in attach for stream in ("Stdin", "Stdout", "Stderr")},
        }
        path = "/containers/%s/exec" % segment(self._container_id)
        try:
            return str(self._engine.post(path, tried=self._tried, body=body, within=within)["Id"])
        except EngineError as error:
            if error.status == 400:  # Newer engines look up the user here, older ones when they start the process.
                error.facts["rc"] = NOT_STARTED[0]
            raise

    def _follow(
        self, connection: Any, exec_id: str, output: Output, deadline: Optional[float]
    ) -> Optional[Dict[str, Any]]:
        """Read the output to its end, and wait for the end of the process, which may close its output earlier.

        Returns the exec's inspect document; None if the ``deadline`` has passed.
        """
        while True:
            left = _left(deadline)
            received = connection.read(left)
            if received == b"":
                break
            if received is None or left == 0:
                return None
            output.feed(received)
        if not output.whole and not output.no_frame:
            connection.lost, connection.refused = connection.lost or "it ended in the middle of the output", False
        pause, began = 0.01, time.monotonic()
        while True:
            try:
                document = self._look(exec_id, _left(deadline))
            except EngineTimeout:
                if deadline is None or time.monotonic() < deadline:
                    raise
                return None
            if not document["Running"]:
                if connection.lost and not connection.refused:
                    raise self._lost(connection, "It has ended with exit code %s." % document["ExitCode"])
                return document
            if connection.lost and time.monotonic() - began > MOMENT:
                raise self._lost(connection, "It runs on, as process %s of the engine's host." % document["Pid"])
            if deadline is not None and time.monotonic() >= deadline:
                return None
            time.sleep(pause)
            pause = min(pause * 1.5, 1.0)

    def _lost(self, connection: Any, what_became_of_it: str) -> Failure:
        return Failure(
            "Cannot %s to its end: the connection to the engine at %s was lost: %s. %s Not all of its output is known."
            % (self._tried, self._engine.url, connection.lost, what_became_of_it)
        )

    def _end(self, connection: Any, exec_id: str, output: Output, limit: float, mark: str) -> Ended:
        """End it from inside the container, since the API can't. ``Ended`` reports that, or why it is still running."""
        what = "Cannot %s to its end: it took longer than %g seconds" % (self._tried, limit)
        why = ""
        for signal in SIGNALS:
            why = self._signal(mark, signal, GRACE)
            document = self._follow(connection, exec_id, output, time.monotonic() + (0 if why else GRACE))
            if document is not None:
                how = "It was ended with SIG%s" % signal if not why else "It ended by itself just then"
                return Ended(
                    _exit_code(document), "%s. %s. What it wrote until then is in stdout and stderr." % (what, how)
                )
            if why:
                break
        try:
            document = self._look(exec_id, AFTER)
        except EngineError:
            return Ended(None, "%s. %s" % (what, UNKNOWN))
        if not document["Running"]:
            return Ended(
                _exit_code(document), "%s. It ended by itself just then. Not all that it wrote is known." % what
            )
        pid = int(document["Pid"])
        return Ended(
            None,
            "%s. It runs on, as process %d of the engine's host, since %s. End it there, or restart the container. "
            "What it wrote so far is in stdout and stderr." % (what, pid, why or "not even SIGKILL has ended it"),
            pid,
        )

    def _unanswered(self, exec_id: str, limit: float, mark: str) -> Ended:
        """The engine did not confirm the start in time. If the process runs, it is ended as well."""
        what = "Cannot %s: the engine at %s did not answer within %g seconds" % (self._tried, self._engine.url, limit)
        document: Dict[str, Any] = {}
        with contextlib.suppress(EngineError):
            document = self._look(exec_id, AFTER)
            if document["Running"]:
                self._signal(mark, SIGNALS[0], AFTER)
                document = self._look(exec_id, AFTER)
        if not document:
            return Ended(None, "%s. %s" % (what, UNKNOWN))
        if document["Running"]:
            pid = int(document["Pid"])
            return Ended(
                None,
                "%s. It runs all the same, as process %d of the engine's host: end it there, or restart the container."
                % (what, pid),
                pid,
            )
        if document["ExitCode"] is None:
            return Ended(None, "%s. It has not been started so far. Look at the engine's log." % what)
        return Ended(_exit_code(document), "%s. It has run all the same, and has ended." % what)

    def _signal(self, mark: str, signal: str, seconds: float) -> str:
        """Send a signal to the process and to the processes that it started. Returns why that failed, or "".

        ``seconds``: the time limit.
        """
        helper = Process(
            self._engine,
            self._container_id,
            ("sh", "-c", SCRIPT, "sh", "%s=%s" % (MARK, mark), signal),
            "end a process with sh",
            self._user,
            self._privileged,
        )
        try:
            ended = helper._briefly(time.monotonic() + seconds)
        except EngineTimeout:
            return "the engine does not answer"
        except EngineError as error:
            return "the engine answered %s" % sentence(error.answer or error.message).rstrip(".")
        except Failure:
            return "the container has no sh to end it with"
        if ended is None:
            return "the sh that was to end it did not come to an end"
        return "" if ended == 0 else "from inside the container no process of it was found that its user may end"

    def _briefly(self, deadline: float) -> Optional[int]:
        """Run it without input, and discard its output. Returns its exit code; None if it took longer."""
        output = Output(False, 1024)
        exec_id = self._create({}, "/", ("Stdout", "Stderr"), _left(deadline))
        connection = self._connect(exec_id, None, _left(deadline))
        try:
            document = self._follow(connection, exec_id, output, deadline)
        finally:
            connection.close()
        if document is None:
            return None
        self._refuse_not_started(document, output)
        return _exit_code(document)

    def _refuse_not_started(self, document: Mapping[str, Any], output: Output) -> None:
        """Failure if no process was started. The engine then writes the reason to the output."""
        if document["ExitCode"] not in NOT_STARTED or document.get("Pid"):
            return
        words, errors = output.stdout.text().strip(), output.stderr.text().strip()
        if self._engine.podman:
            # Podman forgets each process id, and reports the reason as an error in its own format.
            if not re.match("Error: .*: OCI ", errors):
                return
            words, errors = errors.splitlines()[0][len("Error: ") :], ""
        if errors:
            return
        self.started = False
        if "chdir" in words or "Cwd" in words:
            what_to_do = " Give a chdir that the container has."
        elif words:
            what_to_do = advice(words + ": unknown", 0)
        else:
            # Engine 20.10 gives no reason at all if it can't find the user.
            words = "it could not be started"
            what_to_do = " Check that the container has the user %s." % self._user if self._user else ""
        raise Failure(
            "Cannot %s: the engine answered: %s%s" % (self._tried, sentence(words), what_to_do),
            rc=int(document["ExitCode"]),
        )

    def _look(self, exec_id: str, within: Optional[float] = None) -> Dict[str, Any]:
        found = self._engine.get(_path(exec_id, "json"), tried=self._tried + " to its end", within=within)
        return cast("Dict[str, Any]", found)


def _left(deadline: Optional[float]) -> Optional[float]:
    """The seconds until ``deadline``; None: no limit."""
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _path(exec_id: str, verb: str) -> str:
    return "/exec/%s/%s" % (segment(exec_id), verb)


def _exit_code(document: Mapping[str, Any]) -> int:
    return int(document["ExitCode"] or 0)


def _exec(executor: Executor, step: Exec) -> None:
    """Add the output to the facts whenever a process was started, even if it took too long or the connection broke."""
    process = Process(
        executor.engine, executor.container(step), step.argv, step.tried, step.user, step.privileged, step.tty
    )
    if step.detach:
        executor.facts["exec_id"] = process.start(step.env, step.chdir)
        return
    output = Output(step.tty, step.most)
    ended = Ended(None)
    try:
        ended = process.run(step.env, step.chdir, step.stdin, step.limit, output)
    finally:
        if process.started:
            executor.facts["rc"] = ended.rc
            for name, kept in (("stdout", output.stdout), ("stderr", output.stderr)):
                executor.facts.update({name: kept.text(), name + "_cut": kept.cut})
    if ended.late:
        raise Failure(ended.late, timed_out=True, pid=ended.pid)


OPERATIONS: Mapping[Type[Step], Operation] = {Exec: _exec}
