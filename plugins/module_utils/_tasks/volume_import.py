# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task volume_import: a tar archive becomes the content of a volume.

The archive is read twice: first to see that it is whole and what it has, then to send it. Whether there is something to
do is known by comparing its entries with those of the volume, see _archive/entries.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._archive import helper_containers as _helpers
from ansible_collections.wharf.docker.plugins.module_utils._archive.entries import Comparison, Entries, read_entries
from ansible_collections.wharf.docker.plugins.module_utils._archive.root_filesystem import Use
from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import Content, Member
from ansible_collections.wharf.docker.plugins.module_utils._archive.volume_content import (
    Archive,
    ImportContent,
    ReplaceContent,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import segment
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan, joined
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Call, Result, Task
from ansible_collections.wharf.docker.plugins.module_utils._objects import create_only as _objects
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_import as _import
from ansible_collections.wharf.docker.plugins.module_utils._tasks import volume as _volume
from ansible_collections.wharf.docker.plugins.module_utils._values import limits

REFUSE, ADD, REPLACE = "refuse", "add", "replace"
OPTIONS: Dict[str, Dict[str, Any]] = {
    "src": {"type": "path", "required": True},
    "remote_src": {"type": "bool", "default": True},
    "name": {"type": "str", "required": True, "aliases": ["volume", "volume_name"]},
    "content": {"type": "str", "default": REFUSE, "choices": [ADD, REFUSE, REPLACE]},
    "driver": _volume.OPTIONS["driver"],
    "driver_options": _volume.OPTIONS["driver_options"],
    "labels": _volume.OPTIONS["labels"],
    "max_size": {"type": "str"},
}


@dataclass(frozen=True)
class Wanted:
    """``volume``: what it is created as if there is none. ``content``: what becomes of other content."""

    archive: Archive
    volume: _volume.Wanted
    content: str


@dataclass(frozen=True)
class Observed:
    """``comparison``: of the volume's content with that of the archive; None if there is no ``volume``.

    ``users``: the containers that have it, looked up if the content may have to be replaced.
    """

    content: Content
    entries: Entries
    comparison: Optional[Comparison] = None
    volume: Mapping[str, Any] = field(default_factory=dict)
    users: Tuple[str, ...] = ()


def run(call: Call) -> Result:
    wanted = normalise(call.params)
    call.about = wanted.volume.name
    known: Dict[str, Any] = {}
    try:
        return _run(call, wanted, known)
    except Failure as failure:
        failure.facts = {**known, **failure.facts}
        raise


def _run(call: Call, wanted: Wanted, known: Dict[str, Any]) -> Result:
    """The result; ``known`` is what it is known to have so far."""
    archive, entries = wanted.archive, Entries()
    content = read_source(archive, bool(call.params["remote_src"]), entries)
    known.update(digest=content.digest, size=content.size)
    path = "/volumes/%s" % segment(archive.volume)
    tried = "look at the volume %s" % archive.volume
    volume = call.engine.find(path, tried=tried)
    known["volume"] = volume or {}
    _helpers.refuse_podman(call.engine, archive.tried, "import")
    left = _helpers.left_helpers(call.engine)
    observed = Observed(content, entries)
    if volume is not None:
        from ansible_collections.wharf.docker.plugins.module_utils._apply.volume_content import compared

        call.warnings += left_as_it_is(wanted.volume, volume)
        comparison = compared(call.engine, archive.volume, entries, archive.tried, call.warnings)
        users: Tuple[str, ...] = ()
        if wanted.content == REPLACE:
            users = _volume.observe(call.engine, replace(wanted.volume, recreate="always")).users
            users = tuple(user for user in users if user.partition(" ")[0] not in left)
        observed = replace(observed, comparison=comparison, volume=volume, users=users)
    trials = _helpers.left_trials(call.engine, archive.volume)
    plan = joined([_helpers.plan_cleared(left), plan_import(wanted, observed), plan_trials(trials)])
    if plan.changed and not call.check_mode:
        from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor
        from ansible_collections.wharf.docker.plugins.module_utils._apply.volume_content import OPERATIONS

        with Executor(call.engine, OPERATIONS) as executor:
            executor.carry_out(plan)
        call.warnings += executor.warnings
        known["volume"] = call.engine.find(path, tried=tried) or {}
    return call.report(plan, **known)


def normalise(params: Mapping[str, Any]) -> Wanted:
    """What the task wants. Failure: a value that is wrong, before anything is read or asked."""
    try:
        volume = _volume.normalise({**params, "volume_name": params["name"], "state": "present", "recreate": "never"})
    except Failure as failure:
        failure.message = failure.message.replace("volume_name: ", "name: ", 1)
        raise
    try:
        most = None if params["max_size"] is None else limits.size(params["max_size"])
    except ValueError as error:
        raise Failure("max_size: %s." % error) from None
    if most == 0:
        raise Failure("max_size: it is 0, and nothing could be imported: give for example 2g, or leave it out.")
    return Wanted(Archive(params["src"], volume.name, most), volume, params["content"])


def read_source(archive: Archive, remote_src: bool, entries: Entries) -> Content:
    """Read the archive to its end into ``entries``. Failure: what is wrong with it."""
    use = Use()

    def see(member: Member) -> None:
        use.see(member)
        if archive.max_size is not None and use.unpacked > archive.max_size:
            raise _import.too_large(archive)  # Before holes are read.

    content = _import.read_whole(archive, remote_src, use, lambda chunks: read_entries(chunks, entries.take, see))
    if use.refused:
        raise Failure("Cannot %s: the file %s." % (archive.tried, use.refused))
    return content


def left_as_it_is(wanted: _volume.Wanted, volume: Mapping[str, Any]) -> List[str]:
    """The warning about a volume that is there and is not as described: only a new one could be."""
    found = ", ".join(difference.cause() for difference in _volume.differences(wanted, volume))
    if not found:
        return []
    return [
        "The volume %s is not as described (%s), and only its content is changed. Describe it as it is, or see the "
        "option recreate of the module volume." % (wanted.name, found)
    ]


def plan_import(wanted: Wanted, observed: Observed) -> Plan:
    """The steps, none where the volume has the archive's content. Failure: it has other content. Pure."""
    archive, found = wanted.archive, observed.comparison
    name = archive.volume
    content = Difference("content", None, observed.content.digest)
    if found is None:
        new = _objects.plan_new("volume", wanted.volume, _objects.body(_volume.ROWS, wanted.volume))
        undone = "The volume %s, which the task had created, is removed again." % name
        step = _step(wanted, observed, ("no volume of this name",), True, undone)
        return Plan((*new.steps, step), (*new.differences, content))
    extra = found.extra.count if wanted.content != ADD else 0
    if found.same and not extra:
        return Plan()
    if not found.count:
        undone = (
            "The volume %s was empty before, and can have a part of the archive now: run the task again with "
            "content=add, or remove the volume." % name
        )
        return Plan((_step(wanted, observed, ("the volume is empty",), True, undone),), (content,))
    if wanted.content == REFUSE:
        raise Failure(
            "Cannot %s: the volume has other content: %s. Nothing was changed. Give another volume, or set content to "
            "replace or add." % (archive.tried, found.words())
        )
    if wanted.content == REPLACE:
        return _plan_replacement(wanted, observed, found)
    if found.conflicts.count:
        raise Failure(
            "Cannot %s: the archive or the volume has a directory where the other has something else: %s. Nothing was "
            "changed. Remove or rename them in the volume first." % (archive.tried, found.conflicts)
        )
    undone = (
        "The volume %s can have a part of the archive now, and all that the archive does not have is as before: run "
        "the task again." % name
    )
    words = found.words(with_extra=False)
    step = _step(wanted, observed, (words,), False, undone)
    return Plan((step,), (content._replace(before=words),))


def plan_trials(left: Sequence[str]) -> Plan:
    """A step for each volume that is left of a replacement. They come last: one may have the only complete content."""
    return Plan(tuple(_objects.RemoveObject(name, (_helpers.CAUSE,), "volume") for name in left))


def _plan_replacement(wanted: Wanted, observed: Observed, found: Comparison) -> Plan:
    archive, volume = wanted.archive, observed.volume
    if volume["Driver"] != "local" or volume.get("Options"):
        raise Failure(
            "Cannot %s: content can be replaced only in volumes of the driver local without driver options, since the "
            "volume is removed and created, and the data of others may outlive that. Nothing was changed. Remove what "
            "is in the volume yourself, and import then." % archive.tried
        )
    if observed.users:
        raise Failure(
            "Cannot %s: its content can't be replaced as long as containers have it: %s. Nothing was changed. Remove "
            "them first (a stopped one has it too)." % (archive.tried, ", ".join(observed.users))
        )
    undone = "The old content of the volume %s is untouched." % archive.volume
    causes = (found.words(),)
    new = _step(wanted, observed, causes, True, undone)
    if new.root is None:
        # The archive says nothing of the root: it stays as it is.
        new = replace(new, root=found.root)
    step = ReplaceContent(new.target, causes, _objects.body_of(_volume.ROWS, volume), new)
    return Plan((step,), (Difference("content", found.words(), observed.content.digest),))


def _step(wanted: Wanted, observed: Observed, causes: Tuple[str, ...], exact: bool, undone: str) -> ImportContent:
    target = "%s of %s" % (wanted.archive.volume, wanted.archive.src)
    entries = observed.entries
    return ImportContent(target, causes, wanted.archive, observed.content, entries, exact, undone, entries.root)


TASK = Task(name="volume_import", options=OPTIONS, run=run)
