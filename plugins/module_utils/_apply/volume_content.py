# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading what is in a volume, and what the step of an import into one does: see _archive/helper_containers.py."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, Iterator, List, Mapping, Type

from ansible_collections.wharf.docker.plugins.module_utils._apply import create_only as _create_only
from ansible_collections.wharf.docker.plugins.module_utils._apply import helper_container as _helper
from ansible_collections.wharf.docker.plugins.module_utils._apply.helper_container import Helper
from ansible_collections.wharf.docker.plugins.module_utils._apply.images import Source
from ansible_collections.wharf.docker.plugins.module_utils._archive import helper_containers as _helpers
from ansible_collections.wharf.docker.plugins.module_utils._archive.compression import CHUNK
from ansible_collections.wharf.docker.plugins.module_utils._archive.entries import (
    Comparison,
    Entries,
    read_entries,
    root_archive,
)
from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import ArchiveError
from ansible_collections.wharf.docker.plugins.module_utils._archive.volume_content import ImportContent, ReplaceContent
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine, segment
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Ended, EngineError, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step
from ansible_collections.wharf.docker.plugins.module_utils._objects.create_only import RemoveObject

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor, Operation


@contextlib.contextmanager
def content_of(engine: Engine, volume: str, tried: str, warnings: List[str]) -> Iterator[Iterator[bytes]]:
    """The tar of a volume's content, with paths relative to its root."""
    with Helper(engine, volume, tried, warnings) as helper, _sent(helper, tried) as chunks:
        yield chunks


def compared(engine: Engine, volume: str, entries: Entries, tried: str, warnings: List[str]) -> Comparison:
    """How a volume's content differs from these entries."""
    with Helper(engine, volume, tried, warnings) as helper:
        return _compared(helper, entries, tried)


def _compared(helper: Helper, entries: Entries, tried: str) -> Comparison:
    found = Comparison(entries)
    with _sent(helper, tried) as chunks:
        try:
            read_entries(chunks, found.take)
        except ArchiveError as error:
            raise Failure("Cannot %s: what the engine sent %s. Look at the engine's log." % (tried, error)) from None
    found.finish()
    return found


@contextlib.contextmanager
def _sent(helper: Helper, tried: str) -> Iterator[Iterator[bytes]]:
    stream = helper.engine.stream(
        "GET",
        "/containers/%s/archive" % segment(helper.id),
        tried=tried,
        query={"path": _helpers.MOUNTED + "/."},
    )
    try:
        yield stream.chunks(CHUNK)
    finally:
        stream.close()


class _UntouchedError(Failure):
    """Nothing has been sent."""


def _import(executor: Executor, step: ImportContent) -> None:
    is_undone = executor.can_undo
    if is_undone:
        executor.restored = step.undone
    try:
        _fill(executor, step, step.archive.volume)
    except (Failure, Ended) as failure:
        if not is_undone and not isinstance(failure, _UntouchedError):
            failure.message += " " + step.undone
        raise
    executor.forget()


def _replace(executor: Executor, step: ReplaceContent) -> None:
    """Import the archive into a trial volume first, so that its errors appear before the old volume is removed.

    The engine can't rename a volume, so the archive is sent twice.
    """
    engine, archive, body = executor.engine, step.new.archive, dict(step.body)
    trial, name = _helpers.new_name(), archive.volume
    executor.restored = step.new.undone
    labels = {**(body.get("Labels") or {}), _helpers.TRIAL: name}
    executor.push(RemoveObject(trial, step.causes, "volume"))
    _create_only.create(engine, "volume", trial, {**body, "Name": trial, "Labels": labels})
    _fill(executor, step.new, trial)
    try:
        _create_only.remove(engine, "volume", name, name)
    except EngineError as error:
        if not error.status:
            executor.forget()
            error.message += (
                " Whether the old content is still there is not known. The volume %s has the new one. Run the task "
                "again: it also removes that volume." % trial
            )
        raise
    executor.pass_point_of_no_return()
    try:
        _create_only.create(engine, "volume", name, body)
        _fill(executor, step.new, name, to_the_end=True)
    except Failure as failure:
        failure.message += (
            " The old content of the volume %s is gone, and the new one is not complete there. The volume %s has all "
            "of it. Run the task again: it also removes that volume." % (name, trial)
        )
        raise
    try:
        _create_only.remove(engine, "volume", trial, trial)
    except Failure as failure:
        executor.warnings.append("The content of %s is replaced, but a volume is left: %s" % (name, failure.message))


def _fill(executor: Executor, step: ImportContent, volume: str, to_the_end: bool = False) -> None:
    """Send the archive to the volume, and see that it is there."""
    archive = step.archive
    with Helper(executor.engine, volume, archive.tried, executor.warnings, False, to_the_end) as helper:
        if step.exact and _compared(helper, step.entries, archive.tried).count:
            # What the task had created was there, and somebody else's.
            executor.forget()
            raise _UntouchedError(
                "Cannot %s: something else wrote to the volume %s meanwhile. It was left unchanged. Run the task again."
                % (archive.tried, volume)
            )
        _send(helper, step)
        found = _compared(helper, step.entries, archive.tried)
    if not found.same or (step.exact and found.extra.count):
        raise Failure(
            "Cannot %s: the engine unpacked it, and the volume has other content then: %s. Something else may write to "
            "the volume, or the engine can't keep an attribute." % (archive.tried, found.words(step.exact))
        )


def _send(helper: Helper, step: ImportContent) -> None:
    archive, path = step.archive, "/containers/%s/archive" % segment(helper.id)
    source = Source(archive.src, step.content)
    try:
        helper.engine.put_archive(path, tried=archive.tried, query={"path": _helpers.MOUNTED}, data=source)
    except EngineError:
        if source.sent:
            source.refuse_change(archive)
        raise
    source.refuse_change(archive)
    if step.root is not None:
        # Last: what comes into a directory changes its time.
        data = io.BytesIO(root_archive(_helpers.MOUNTED.lstrip("/"), step.root))
        helper.engine.put_archive(path, tried=archive.tried, query={"path": "/"}, data=data)


OPERATIONS: Mapping[Type[Step], Operation] = {
    **_helper.OPERATIONS,
    **_create_only.OPERATIONS,
    ImportContent: _import,
    ReplaceContent: _replace,
}
