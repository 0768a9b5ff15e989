# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task container_logs: read a container's log, wait for a line in it, or write it to a file.

The last one is in container_logs_file.py. The others change nothing.
"""

from __future__ import annotations

import collections
import contextlib
import queue
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Deque, Dict, Iterator, List, Mapping, Match, Optional, Pattern, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import (
    ASSUMED,
    find_container,
    not_found,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.log_pieces import (
    PIECE,
    TerminalPieces,
    content_of,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.logs import (
    Following,
    last_lines,
    output,
    shortened,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.output import Kept
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import (
    Engine,
    segment,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    EngineError,
    EngineTimeout,
    Failure,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import (
    LONG_SECRET,
    SECRET_PATTERNS,
    Call,
    Result,
    Task,
)
from ansible_collections.wharf.docker.plugins.module_utils._values import core as _values
from ansible_collections.wharf.docker.plugins.module_utils._values import limits as _values_limits
from ansible_collections.wharf.docker.plugins.module_utils._values.time import before, moment

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._engine.response import Stream

OPTIONS: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True, "aliases": ["container"]},
    "tail": {"type": "str", "default": "all"},
    "since": {"type": "str"},
    "until": {"type": "str"},
    "timestamps": {"type": "bool", "default": False},
    "stdout": {"type": "bool", "default": True},
    "stderr": {"type": "bool", "default": True},
    "max_output": {"type": "str"},
    "wait_for": {"type": "str"},
    "wait_timeout": {"type": "float", "default": 60},
    "dest": {"type": "path"},
    "mode": {"type": "raw"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "secret_patterns": SECRET_PATTERNS,
}

# The beginning of Docker's zero time, for an event that has not happened yet.
NEVER = "0001-"
# How many of the last lines a failure shows.
LAST = 10
# The time limit, in seconds, of each call that only adds details to a failure.
AFTER = 5.0


@dataclass(frozen=True)
class Wanted:
    """``query``: the requested part of the log, in the API's parameters. ``limit``: seconds; 0 or less: no limit."""

    name: str
    query: Mapping[str, Any]
    timestamps: bool
    most: Optional[int]
    pattern: Optional[Pattern[str]]
    limit: float


def run(call: Call) -> Result:
    wanted = normalise(call.params, time.time())
    if call.params["dest"] is not None:
        return _write(call, wanted)
    engine = call.engine
    waits = wanted.pattern is not None and not call.check_mode
    document = find_container(engine, wanted.name, within=wanted.limit if waits and wanted.limit else None)
    if document is None:
        if not call.check_mode:
            raise not_found(engine, wanted.name, "read the log of the container %s" % wanted.name)
        if wanted.pattern is None:
            call.warnings.append(ASSUMED % wanted.name)
    tty = document is not None and bool(document["Config"].get("Tty"))
    reading = Reading(wanted, stamped=wanted.timestamps or (wanted.pattern is not None and not tty))
    if document is not None:
        driver = _driver(document)
        if tty and reading.stamped:
            reading.terminal = TerminalPieces(driver)
        if driver == "none":
            raise _nothing_kept(wanted, document)
        if waits:
            _wait(engine, wanted, document, reading)
        else:
            _read(engine, wanted, document, reading)
    return call.report(Plan(), **reading.facts())


def _write(call: Call, wanted: Wanted) -> Result:
    """Write the log to a file, instead of returning it."""
    from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_logs_file as _file

    file = _file.normalise(call.params, wanted.name)
    engine, query = call.engine, {**wanted.query, "timestamps": wanted.timestamps, "follow": False}

    def open_log(document: Mapping[str, Any]) -> Stream:
        if _driver(document) == "none":
            raise _nothing_kept(wanted, document)
        return _open(engine, wanted, document, query, engine.timeout, engine.timeout)

    return _file.run(call, file, wanted.timestamps, open_log)


def normalise(params: Mapping[str, Any], now: float) -> Wanted:
    """Normalise the task's options. Failure: a value is invalid; reported before any call to the engine."""
    name = _checked("name", _values.container_name, params["name"])
    if not params["stdout"] and not params["stderr"]:
        raise Failure("Give stdout or stderr, or both: with neither there is nothing to read.")
    for option in ("mode", "owner", "group"):
        if params[option] is not None and params["dest"] is None:
            raise Failure("%s is only used together with dest, the file that the log is written to." % option)
    query: Dict[str, Any] = {"stdout": params["stdout"], "stderr": params["stderr"]}
    query["tail"] = _checked("tail", _tail, params["tail"])
    for option in ("since", "until"):
        if params[option] is not None:
            query[option] = _checked(option, lambda text: moment(text, now), params[option])
    pattern = None
    if params["wait_for"] is not None:
        if params["until"] is not None:
            raise Failure("until can't be given together with wait_for: wait_timeout says how long to wait.")
        try:
            pattern = re.compile(params["wait_for"])
        except re.error as error:
            raise Failure(
                "wait_for: %r is not a valid regular expression of Python: %s." % (params["wait_for"], error)
            ) from None
    most = None
    if params["max_output"] is not None:
        most = _checked("max_output", _values_limits.size, params["max_output"])
        if not most:
            raise Failure("max_output: it is 0, and nothing would be kept: give for example 64k, or leave it out.")
    if not params["wait_timeout"] >= 0:
        raise Failure(
            "wait_timeout: %g is not a valid time to wait: give seconds, or 0 for no limit." % params["wait_timeout"]
        )
    limit = params["wait_timeout"] if params["wait_timeout"] < _values_limits.FOREVER else 0
    return Wanted(name, query, params["timestamps"], most, pattern, limit)


class Reading:
    """The output that has been read so far, and whether the awaited line was in it.

    ``stamped``: each piece begins with its time, even if the task does not request times: after a restart they show
    where to continue. ``terminal``: splits a terminal's bytes into pieces.
    """

    def __init__(self, wanted: Wanted, stamped: bool = False) -> None:
        self._wanted = wanted
        self.stamped = stamped
        self.terminal: Optional[TerminalPieces] = None
        # For each stream, the length of the last piece of an unfinished line; None: the line has ended.
        self._open: Dict[int, Optional[int]] = {1: None, 2: None}
        self._kept = {1: Kept(wanted.most), 2: Kept(wanted.most)}
        self._unfinished: Dict[int, List[bytes]] = {1: [], 2: []}
        # For each stream, the time of its last piece, and how many pieces had this time.
        self._marks: Dict[int, Tuple[bytes, int]] = {}
        self._known: Dict[int, Tuple[bytes, int]] = {}
        self._latest = b""
        self.runs = 0  # how many streams have ended
        self.last: Deque[str] = collections.deque(maxlen=LAST)
        self.line: Optional[str] = None
        self.match: Optional[Match[str]] = None

    def take(self, number: int, piece: bytes) -> bool:
        """Add a piece of the stream. True: it completes the awaited line."""
        if self.terminal is not None:
            return any(self._take(number, part) for part in self.terminal.feed(piece))
        return self._take(number, piece)

    def _take(self, number: int, piece: bytes) -> bool:
        content = content_of(piece) if self.stamped else piece
        prefix = piece[: len(piece) - len(content)]
        if prefix:
            stamp = prefix.rstrip()
            if self._is_known(number, stamp):
                return False
            last, count = self._marks.get(number, (b"", 0))
            self._marks[number] = (stamp, count + 1 if stamp == last else 1)
            self._latest = max(self._latest, stamp)
        behind = self._search(number, content) if self._wanted.pattern is not None else 0
        # The bytes after the matching line in the same piece are left out, as if they had come later.
        self._keep(number, prefix, content[: len(content) - behind])
        return self.match is not None

    def _keep(self, number: int, stamp: bytes, content: bytes) -> None:
        """Add a piece, with its time only at the beginning of a line."""
        if self._wanted.timestamps:
            begun = self._open[number]
            if begun is not None and begun < PIECE and stamp:
                self._kept[number].add(b"\n")  # The log has lost the line break.
            if begun is None or begun < PIECE:
                self._kept[number].add(stamp)
            ended = content.endswith(b"\n") or (begun is None and not content)
            self._open[number] = None if ended else len(content)
        self._kept[number].add(content)

    def end(self) -> bool:
        """The end of the stream, which also ends an unfinished line. True: that is the awaited line."""
        self.runs += 1
        last = self.terminal.rest() if self.terminal is not None else b""
        if last and self._take(1, last):
            return True
        self._open = {key: None if begun is None else 0 for key, begun in self._open.items()}
        rest, self._unfinished = self._unfinished, {1: [], 2: []}
        return any(self._matches(b"".join(pieces)) for pieces in rest.values() if pieces)

    def go_on(self) -> Optional[str]:
        """Prepare for reading the stream once more. Returns the API's ``since`` for that; None if it is unknown.

        The times of the two streams may overlap a little. Pieces that are already known are left out when they come
        again.
        """
        self._known = dict(self._marks)
        try:
            return before(self._latest.decode("ascii", "replace"), 1)
        except ValueError:
            return None

    def facts(self) -> Dict[str, Any]:
        if self.terminal is not None and self.match is None:
            rest = self.terminal.rest()
            content = content_of(rest)
            self._keep(1, rest[: len(rest) - len(content)], content)
        facts: Dict[str, Any] = {"stdout": self._kept[1].text(), "stderr": self._kept[2].text()}
        if self._wanted.most is not None:
            facts["stdout_cut"], facts["stderr_cut"] = self._kept[1].cut, self._kept[2].cut
        if self._wanted.pattern is not None:
            facts["matched"] = self.match is not None
            facts["line"] = self.line
            facts["groups"] = list(self.match.groups()) if self.match is not None else []
            facts["groupdict"] = self.match.groupdict() if self.match is not None else {}
        return facts

    def _is_known(self, number: int, stamp: bytes) -> bool:
        if number not in self._known:
            return False
        last, count = self._known[number]
        if stamp < last:
            return True
        if stamp == last and count > 0:
            self._known[number] = (last, count - 1)
            return True
        del self._known[number]
        return False

    def _search(self, number: int, content: bytes) -> int:
        """Search the lines that end here. Returns the number of bytes after the matching line; 0 if none matches."""
        *lines, rest = content.split(b"\n")
        behind = len(content)
        for line in lines:
            behind -= len(line) + 1
            begun, self._unfinished[number] = self._unfinished[number], []
            if self._matches(b"".join([*begun, line])):
                return behind
        if rest:
            self._unfinished[number].append(rest)
        if self.stamped and len(content) < PIECE and self._unfinished[number]:
            begun, self._unfinished[number] = self._unfinished[number], []
            self._matches(b"".join(begun))
        return 0

    def _matches(self, line: bytes) -> bool:
        if self._wanted.timestamps and not self.stamped:
            line = content_of(line)
        text = line.decode("utf-8", "replace").rstrip("\r")
        self.last.append(text)
        self.match = self._wanted.pattern.search(text) if self._wanted.pattern is not None else None
        self.line = text if self.match is not None else None
        return self.match is not None


def _read(engine: Engine, wanted: Wanted, document: Mapping[str, Any], reading: Reading) -> None:
    """Read the log; with a pattern, up to the matching line."""
    query = {**wanted.query, "timestamps": reading.stamped, "follow": False}
    stream = _open(engine, wanted, document, query, engine.timeout, engine.timeout)
    try:
        for number, piece in output(stream, bool(document["Config"].get("Tty"))):
            if reading.take(number, piece):
                return
        reading.end()
    finally:
        stream.close()


def _wait(engine: Engine, wanted: Wanted, document: Mapping[str, Any], reading: Reading) -> None:
    """Follow the log until a line matches. Failure: the container ended before, or the time limit has passed."""
    began = time.monotonic()
    try:
        _follow(engine, wanted, document, reading, began)
    except EngineTimeout as error:
        left = _left(wanted, began)
        # Between two runs of the container, little time may be left for the last call.
        if left is not None and left <= 0 and reading.runs:
            raise _too_late(engine, wanted, document, reading) from None
        error.facts.update(reading.facts())
        raise


def _follow(engine: Engine, wanted: Wanted, document: Mapping[str, Any], reading: Reading, began: float) -> None:
    tty = bool(document["Config"].get("Tty"))
    query = {**wanted.query, "timestamps": reading.stamped, "follow": True}
    pause = 0.05
    while True:
        following = Following(_open(engine, wanted, document, query, _left(wanted, began, engine.timeout)), tty)
        try:
            for number, piece in _until(following, wanted, began):
                if reading.take(number, piece):
                    return
        except queue.Empty:
            raise _too_late(engine, wanted, document, reading) from None
        finally:
            following.close()
        if reading.end():
            return
        # The log stream ends with each run of the container; the engine may have restarted the container.
        now = find_container(engine, str(document["Id"]), within=_left(wanted, began))
        if now is None:
            raise _ended(engine, wanted, None, reading)
        if not now["State"]["Running"] and now["State"]["StartedAt"] == document["State"]["StartedAt"]:
            raise _ended(engine, wanted, now, reading)
        finished = str(now["State"].get("FinishedAt") or NEVER)
        since = reading.go_on() or (None if finished.startswith(NEVER) else before(finished, 0))
        if since is not None:
            query.update(since=since, tail="all")
        document = now
        left = _left(wanted, began)
        time.sleep(pause if left is None else max(min(pause, left), 0))
        pause = min(pause * 2, 0.5)


def _until(following: Following, wanted: Wanted, began: float) -> Iterator[Tuple[int, bytes]]:
    """The pieces as they arrive. queue.Empty: the time limit has passed."""
    while True:
        left = _left(wanted, began)
        if left is not None and left <= 0:  # Also if the container never stops writing.
            raise queue.Empty
        piece = following.next(left)
        if piece is None:
            return
        yield piece


def _left(wanted: Wanted, began: float, otherwise: Optional[float] = None) -> Optional[float]:
    """The seconds that are left of the limit; ``otherwise`` if there is no limit."""
    return wanted.limit - (time.monotonic() - began) if wanted.limit > 0 else otherwise


def _open(
    engine: Engine,
    wanted: Wanted,
    document: Mapping[str, Any],
    query: Mapping[str, Any],
    within: Optional[float],
    idle: Optional[float] = None,
) -> Stream:
    try:
        return engine.stream(
            "GET",
            "/containers/%s/logs" % segment(str(document["Id"])),
            tried="read the log of the container %s" % wanted.name,
            query=query,
            within=within,
            idle=idle,
        )
    except EngineError as error:
        if error.status == 501:
            raise _nothing_kept(wanted, document) from None
        raise


def _driver(document: Mapping[str, Any]) -> str:
    return str((document["HostConfig"].get("LogConfig") or {}).get("Type") or "")


def _nothing_kept(wanted: Wanted, document: Mapping[str, Any]) -> Failure:
    driver = _driver(document) or "none"
    return Failure(
        "Cannot read the log of the container %s: the engine keeps no log of it: log driver %s. Run it with another "
        "log driver, such as local or json-file." % (wanted.name, driver)
    )


def _too_late(engine: Engine, wanted: Wanted, document: Mapping[str, Any], reading: Reading) -> Failure:
    now = document
    with contextlib.suppress(EngineTimeout):
        now = find_container(engine, str(document["Id"]), within=AFTER) or document
    paused = " It is paused: unpause it." if now["State"].get("Paused") else ""
    return Failure(
        "The container %s wrote no line that matches %s within %g seconds.%s %s"
        % (wanted.name, _shown(wanted), wanted.limit, paused, _last_words(engine, wanted, now, reading)),
        **reading.facts(),
    )


def _ended(engine: Engine, wanted: Wanted, now: Optional[Mapping[str, Any]], reading: Reading) -> Failure:
    facts = reading.facts()
    if now is None:
        how = "ended and is gone (its option auto_remove is set, or somebody removed it)"
    elif now["State"]["Status"] == "created":
        how = "was never started (start it first)"
    else:
        how = "ended with exit code %s" % now["State"].get("ExitCode")
        facts["exit_code"] = now["State"].get("ExitCode")
        if now["State"].get("Error"):
            how += " (%s)" % now["State"]["Error"]
    return Failure(
        "The container %s %s, and wrote no line that matches %s. %s"
        % (wanted.name, how, _shown(wanted), _last_words(engine, wanted, now, reading)),
        **facts,
    )


def _shown(wanted: Wanted) -> str:
    return repr(wanted.pattern.pattern) if wanted.pattern is not None else "anything"


def _last_words(engine: Engine, wanted: Wanted, now: Optional[Mapping[str, Any]], reading: Reading) -> str:
    """The last lines that were searched; if there are none, the last lines of the log that do not match."""
    lines, text = list(reading.last), ""
    if not lines and now is not None:
        tty = bool(now["Config"].get("Tty"))
        found = last_lines(engine, str(now["Id"]), tty, LAST, within=AFTER, most=None).splitlines()
        lines = [line for line in found if wanted.pattern is None or not wanted.pattern.search(line)]
        if len(lines) < len(found):
            text = (
                "A line of its log does match, and was not looked at: it came too late, or tail, since, stdout or "
                "stderr leave it out. "
            )
            if not lines:
                return text.rstrip()
    if not lines:
        return "It wrote nothing."
    return "%sIts last lines: %s" % (text, shortened("\n".join(lines)))


def _tail(value: str) -> str:
    text = value.strip()
    if text.lower() == "all":
        return "all"
    if not re.fullmatch("[0-9]+", text):
        wrong = "is negative" if re.fullmatch("-[0-9]+", text) else "is not a valid number of lines"
        raise ValueError("%r %s: use for example 100, or all" % (value, wrong))
    return text


def _checked(option: str, function: Any, value: Any) -> Any:
    """The result of ``function`` for the option's value. Failure: its ValueError."""
    try:
        return function(value)
    except ValueError as error:
        raise Failure("%s: %s." % (option, str(error).rstrip("."))) from None


TASK = Task(name="container_logs", options=OPTIONS, run=run, shortest=LONG_SECRET)
