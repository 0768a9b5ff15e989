# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_logs with dest: the log is written to a file (``docker logs web > file``).

An engine does not report a log's digest beforehand. So each run reads the log once, into a temporary file that is
discarded if the file at dest has this content.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._archive.atomic_file import AtomicFile, Hashed
from ansible_collections.wharf.docker.plugins.module_utils._archive.compression import CHUNK, NONE
from ansible_collections.wharf.docker.plugins.module_utils._archive.destination import Place, find_place
from ansible_collections.wharf.docker.plugins.module_utils._archive.export_steps import ChangeFile, WriteLog
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import (
    ASSUMED,
    find_container,
    not_found,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.log_pieces import TerminalPieces
from ansible_collections.wharf.docker.plugins.module_utils._container.log_text import stamped
from ansible_collections.wharf.docker.plugins.module_utils._container.logs import output
from ansible_collections.wharf.docker.plugins.module_utils._container.status import own_name
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Call, Result
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_export as _export

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._engine.response import Stream

# Opens the log of the container with this inspect document.
Open = Callable[[Mapping[str, Any]], "Stream"]
_CONTENT = "content"


@dataclass(frozen=True)
class Content:
    """A log's content. ``lines``: with an unfinished last one."""

    digest: str
    size: Optional[int]
    lines: Optional[int]


# In check mode, of a container that does not exist yet.
UNKNOWN = Content("not known yet", None, None)


class Counted:
    """Passes chunks on, and counts their lines."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._breaks = 0
        self._unfinished = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._breaks += chunk.count(b"\n")
            self._unfinished = not chunk.endswith(b"\n")
            yield chunk

    @property
    def lines(self) -> int:
        return self._breaks + self._unfinished


@dataclass(frozen=True)
class Source:
    """The log of one container: its text, as often as it is read. ``driver``: the container's log driver."""

    open: Callable[[], Stream]
    tty: bool
    timestamps: bool
    driver: str

    @contextlib.contextmanager
    def chunks(self) -> Iterator[Iterator[bytes]]:
        stream = self.open()
        try:
            pieces = output(stream, self.tty)
            if self.timestamps:
                yield _blocks(stamped(pieces, TerminalPieces(self.driver) if self.tty else None))
            else:
                yield _blocks(piece for _number, piece in pieces)
        finally:
            stream.close()


def normalise(params: Mapping[str, Any], name: str) -> _export.Wanted:
    """Normalise the options of the file. Failure: a value is invalid; reported before any call to the engine."""
    for option, advice in (
        ("wait_for", "Wait in a task of its own"),
        ("max_output", "A file may be of any size: use tail or since for a part of the log"),
    ):
        if params[option] is not None:
            raise Failure("%s can't be given together with dest. %s." % (option, advice))
    dest = params["dest"]
    if not dest or dest.endswith("/") or "\0" in dest:
        raise Failure("dest: %r is not the path of a file. Give one such as /srv/web.log." % dest)
    mode = "0600" if params["mode"] is None else params["mode"]
    fixed = {"compression": NONE, "compression_level": None, "mode": mode}
    return _export.normal_file({**params, **fixed}, name)


def run(call: Call, wanted: _export.Wanted, timestamps: bool, open_log: Open) -> Result:
    """The result of the task. ``open_log`` fails if the engine has no log of the container."""
    tried = "write the log of the container %s to %s" % (wanted.container, wanted.dest)
    known: Dict[str, Any] = {}
    try:
        with find_place(wanted.dest, wanted.uid, tried) as place:
            return _run(call, wanted, place, known, tried, timestamps, open_log)
    except Failure as failure:
        failure.facts = {**known, **failure.facts}
        raise


def _run(
    call: Call,
    wanted: _export.Wanted,
    place: Place,
    known: Dict[str, Any],
    tried: str,
    timestamps: bool,
    open_log: Open,
) -> Result:
    """The result; ``known`` collects the facts that are known so far."""
    document = find_container(call.engine, wanted.container)
    if document is None and not call.check_mode:
        raise not_found(call.engine, wanted.container, tried)
    if place.is_owned_anew(wanted.uid):
        wanted = replace(wanted, uid=os.geteuid())
    # Not "dest": if a result has this key, AnsibleModule overwrites size and mode with those of the file.
    known["file"] = wanted.dest
    if document is None:
        call.warnings.append(ASSUMED % wanted.container)
        known["container"] = {"id": None, "name": wanted.container}
        before, _content = _read_before(place, tried)
        return _result(call, wanted, before, known, UNKNOWN, plan_log(wanted, before, _content, UNKNOWN))
    call.about = own_name(document)
    known["container"] = {"id": document["Id"], "name": own_name(document)}
    wanted = replace(wanted, container=own_name(document))
    found = document
    driver = str((document["HostConfig"].get("LogConfig") or {}).get("Type") or "")
    source = Source(lambda: open_log(found), bool(document["Config"].get("Tty")), timestamps, driver)
    before, old = _read_before(place, tried)
    if call.check_mode:
        with source.chunks() as chunks:
            new = _content_of(chunks)
        return _result(call, wanted, before, known, new, plan_log(wanted, before, old, new))
    file = AtomicFile(place.path, place.descriptor)
    try:
        # The log is opened first: an engine that has none refuses it here, before there is a file.
        with source.chunks() as chunks, _export.told(tried, place), file:
            _export.give(file, wanted, before, place, tried)
            counted = Counted(chunks)
            for chunk in counted:
                file.write(chunk)
            new = Content("sha256:" + file.checksum, file.size, counted.lines)
            plan = plan_log(wanted, before, old, new)
            _apply(call, file, place, plan)
    except Failure as failure:
        if not file.committed:
            failure.message += " The file that is there is untouched." if before else " No file was created."
        raise
    return _result(call, wanted, before, known, new, plan)


def plan_log(wanted: _export.Wanted, before: Optional[_export.Before], old: Optional[Content], new: Content) -> Plan:
    """One step; no step if the file matches. Pure. ``old``: the content of the existing file."""
    found = differences(wanted, before, old, new)
    if not found:
        return Plan()
    causes = ("no such file",) if before is None else tuple(_export.cause(difference) for difference in found)
    mode = _export.mode_of(wanted, before)
    if before is None or before.foreign or any(one.option == _CONTENT for one in found):
        step: Step = WriteLog("log of %s to %s" % (wanted.container, wanted.dest), causes, mode)
    else:
        step = ChangeFile(wanted.dest, causes, mode, wanted.uid, wanted.gid, before.inode)
    return Plan((step,), tuple(found))


def differences(
    wanted: _export.Wanted, before: Optional[_export.Before], old: Optional[Content], new: Content
) -> List[Difference]:
    """The differences between the file at dest and the log: of its content, size and lines, and of its attributes."""
    found: List[Difference] = []
    for difference in _export.differences(wanted, before, new.digest):
        if difference.option == _CONTENT:
            found.append(difference)
            found += [
                Difference(option, count, now)
                for option, count, now in (
                    ("size", None if old is None else old.size, new.size),
                    ("lines", None if old is None else old.lines, new.lines),
                )
                if count != now and now is not None
            ]
        elif difference.option != "compression":
            found.append(difference)
    return found


def _result(
    call: Call,
    wanted: _export.Wanted,
    before: Optional[_export.Before],
    known: Mapping[str, Any],
    content: Content,
    plan: Plan,
) -> Result:
    checksum = None if content is UNKNOWN else content.digest.partition(":")[2]
    mode = _export.octal(_export.mode_of(wanted, before))
    return call.report(plan, **known, size=content.size, lines=content.lines, checksum=checksum, mode=mode)


def _apply(call: Call, file: AtomicFile, place: Place, plan: Plan) -> None:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.archives import operations
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor

    with Executor(call.engine, operations(file, place)) as executor:
        executor.carry_out(plan)
    call.warnings += executor.warnings


def _read_before(place: Place, tried: str) -> Tuple[Optional[_export.Before], Optional[Content]]:
    """The existing file at dest, read to its end; None if there is none."""
    if place.attributes is None:
        return None, None
    try:
        with open(place.open_file(), "rb") as file:
            found = os.fstat(file.fileno())
            content = _content_of(iter(lambda: file.read(CHUNK), b""))
    except OSError as error:
        raise _export.unreadable(tried, error) from None
    return _export.before_of(place, found, content.digest), content


def _content_of(chunks: Iterable[bytes]) -> Content:
    counted = Counted(chunks)
    hashed = Hashed(counted)
    for _chunk in hashed:
        pass
    return Content(hashed.digest, hashed.size, counted.lines)


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks: most pieces are short lines, and none is hashed and written alone."""
    waiting: List[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if size:
        yield b"".join(waiting)
