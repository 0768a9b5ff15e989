# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task container_copy: files and directories of this host are in a container (``docker cp``), running or not.

Whether there is something to do is known before anything is sent: what the container has is read as a tar, and hashed
while it comes. Only what differs is sent, in one tar that was made and checked before.
"""

from __future__ import annotations

import contextlib
import io
import posixpath
from dataclasses import replace
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._archive import copied as _copied
from ansible_collections.wharf.docker.plugins.module_utils._archive.copied import DIRECTORY, FILE, LINK, CopyInto, Entry
from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import ArchiveError
from ansible_collections.wharf.docker.plugins.module_utils._archive.tree import Members, Source, digest_of
from ansible_collections.wharf.docker.plugins.module_utils._container import copy_paths as _paths
from ansible_collections.wharf.docker.plugins.module_utils._container.exec_paths import mounts_of
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
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import EngineError, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Call, Result, Task
from ansible_collections.wharf.docker.plugins.module_utils._tasks.container_copy_options import (
    ALL_TEXT,
    OPTIONS,
    SMALL,
    Wanted,
    normalise,
    read_sources,
    with_attributes,
)


class Observed(NamedTuple):
    """What a container has at the path: ``entries`` by their names, none if there is nothing.

    ``texts``: the content of small files. ``kept``: directories with something in them that the task leaves alone.
    """

    entries: Dict[str, Entry]
    texts: Dict[str, bytes]
    kept: Sequence[str] = ()


def run(call: Call) -> Result:
    if call.params["direction"] == "from":
        from ansible_collections.wharf.docker.plugins.module_utils._tasks.container_copy_from import run_from

        return run_from(call)
    wanted = normalise(call.params)
    if wanted.warning:
        call.warnings.append(wanted.warning)
    sources = read_sources(wanted)
    container = find_container(call.engine, wanted.container)
    if container is None:
        if not call.check_mode:
            raise not_found(call.engine, wanted.container, wanted.tried)
        return _assumed(call, wanted, sources)
    call.about = "%s:%s" % (own_name(container), wanted.container_path.rstrip("/") or "/")
    ids = wanted.ids or _paths.default_ids(call.engine, container, wanted.tried)
    sources = with_attributes(sources, ids, wanted.mode)
    path, stat = find_path(call.engine, wanted, container, sources[""].entry.kind)
    observed = observe(call.engine, wanted, container, path, stat, sources)
    sources = with_digests(sources, observed.entries, wanted)
    plan = plan_copy(call.engine, wanted, container, path, sources, observed)
    facts = {
        "container": {"id": container["Id"], "name": own_name(container)},
        "container_path": path,
        "copied": sum(len(step.names) for step in plan.steps if isinstance(step, CopyInto)),
        "removed": sum(
            len(step.files) + len(step.directories) for step in plan.steps if isinstance(step, _copied.RemoveInside)
        ),
    }
    if not call.check_mode and plan.changed:
        _carry_out(call, wanted, container, path, sources, observed, plan)
    return _report(call, wanted, plan, sources, observed, facts)


def find_path(
    engine: Engine, wanted: Wanted, container: Mapping[str, Any], kind: str
) -> Tuple[str, Optional[_paths.Stat]]:
    """(the path that the copy leads to in the container, what is there). Failure: it can't lead there."""
    path, tried = wanted.container_path.rstrip("/") or "/", wanted.tried
    if path != "/":
        _paths.refuse_hidden(container, path, tried)
    stat = _paths.look(engine, container, path, tried)
    if stat is not None and stat.kind == LINK and wanted.follow:
        path = posixpath.normpath(stat.target)
        _paths.refuse_hidden(container, path, tried)
        stat = _paths.look(engine, container, path, tried)
    if stat is None:
        return path, stat
    if kind == DIRECTORY and stat.kind != DIRECTORY:
        advice = "Give another path, or remove it first."
        if stat.kind == LINK:
            advice = "Set follow to true to copy into %s, where it leads." % stat.target
        raise Failure(
            "Cannot %s: in the container, %s is a %s, and a directory is to be copied. %s"
            % (tried, path, "symbolic link" if stat.kind == LINK else stat.kind, advice)
        )
    if kind != DIRECTORY and stat.kind == DIRECTORY:
        raise Failure(
            "Cannot %s: %s is a directory in the container. Give the whole path of the file, for example %s."
            % (tried, path, posixpath.join(path, posixpath.basename(wanted.path) or "file"))
        )
    return path, stat


def observe(
    engine: Engine,
    wanted: Wanted,
    container: Mapping[str, Any],
    path: str,
    stat: Optional[_paths.Stat],
    sources: Mapping[str, Source],
) -> Observed:
    """Read what the container has at ``path``. Content is hashed if it may be the same, or is small."""
    if stat is None:
        return Observed({}, {})
    is_tree = sources[""].entry.kind == DIRECTORY
    if not is_tree and (wanted.force is not None or stat.kind not in (FILE, LINK)):
        # Whether it is to be replaced depends on nothing else.
        return Observed({"": Entry(stat.kind)}, {})
    sizes = {source.entry.size for source in sources.values() if source.entry.kind == FILE}
    excluded = _copied.exclusion(wanted.exclude)
    entries: Dict[str, Entry] = {}
    texts: Dict[str, bytes] = {}
    kept: List[str] = []
    room = ALL_TEXT
    try:
        with _paths.opened(engine, container, path, wanted.tried) as chunks:
            members = Members(chunks)
            for name, entry, content in members:
                if name and excluded(name):
                    kept += _copied.parents(name)
                    continue
                is_wanted = name in sources or wanted.removes
                if engine.podman and name in sources:
                    # Podman says of everything that it belongs to the container's user.
                    entry = replace(entry, uid=sources[name].entry.uid, gid=sources[name].entry.gid)
                if members.same_as is not None:
                    first = entries.get(members.same_as)
                    entry = replace(entry, size=first.size, digest=first.digest) if first else replace(entry, size=-1)
                elif content is not None and entry.size <= SMALL and name in sources:
                    data = content.read()
                    entry = replace(entry, digest=digest_of(io.BytesIO(data)))
                    if len(data) <= room:
                        room -= len(data)
                        texts[name] = data
                    is_wanted = True
                elif content is not None and entry.size in sizes:
                    entry = replace(entry, digest=digest_of(content))
                    is_wanted = True
                elif content is not None and not is_tree:
                    # It has another size: its content need not come.
                    entries[name] = entry
                    break
                if is_wanted:
                    entries[name] = entry
    except ArchiveError as error:
        raise Failure("Cannot %s: what the engine sent %s. Look at the engine's log." % (wanted.tried, error)) from None
    return Observed(entries, texts, kept)


def with_digests(sources: Mapping[str, Source], observed: Mapping[str, Entry], wanted: Wanted) -> Dict[str, Source]:
    """The sources, with the digests that a comparison needs."""
    found = dict(sources)
    for name, source in sources.items():
        entry = source.entry
        if entry.kind != FILE or entry.digest or (wanted.force is not None and not _is_tree(sources)):
            continue
        before = observed.get(name)
        if not name or (before is not None and before.size == entry.size and before.digest):
            found[name] = source.with_digest(wanted.tried)
    return found


def plan_copy(
    engine: Engine,
    wanted: Wanted,
    container: Mapping[str, Any],
    path: str,
    sources: Mapping[str, Source],
    observed: Observed,
) -> Plan:
    """The plan of removals and copies. Failure: the container can't take them; checked only if there are any."""
    entries = {name: source.entry for name, source in sources.items()}
    is_tree = _is_tree(sources)
    if wanted.force and not is_tree:
        found: Dict[str, List[Difference]] = {"": []}
    else:
        found = _copied.all_differences(entries, observed.entries, wanted.force, wanted.secret)
    clashing = [name for name in _copied.conflicts(entries, observed.entries) if name in found]
    surplus = _surplus(wanted, container, path, entries, observed) if wanted.removes else []
    if clashing and not wanted.removes:
        raise Failure(
            "Cannot %s: these are a directory on one side and something else on the other: %s. Set delete to true to "
            "remove what the container has, or remove it yourself." % (wanted.tried, _copied.listed(clashing))
        )
    if not found and not surplus:
        return Plan()
    name, identity = own_name(container), str(container["Id"])
    clearing = _copied.below(clashing, observed.entries)
    rest = [one for one in surplus if one not in set(clearing)]
    if (clearing or rest) and (not is_running(container) or is_paused(container)):
        raise Failure(
            "Cannot %s: %s would have to be removed, which is only possible in a running container, and it is %s. "
            "Start it first, or set delete to false."
            % (
                wanted.tried,
                _copied.listed([posixpath.join(path, one) for one in clearing + rest], 3),
                status(container),
            )
        )
    before = _copied.removal(name, identity, path, clearing, observed.entries, "in the way of what is copied")
    after = _copied.removal(name, identity, path, rest, observed.entries, "not in %s" % wanted.path)
    copy: Sequence[Step] = ()
    if found:
        point, prefix = find_point(engine, wanted, container, path, [(one, entries[one]) for one in found], observed)
        causes = _copied.causes(found, observed.entries, is_tree, wanted.force)
        target = "%s to %s:%s" % (wanted.path or "content", name, path)
        copy = (CopyInto(target, causes, identity, tuple(found), point, prefix),)
    differing = _copied.tree_differences(found, observed.entries) if is_tree else tuple(found.get("", ()))
    gone = [one for one in (*clearing, *rest) if one not in found]
    differing += tuple(Difference(_copied.shown(one), {"type": observed.entries[one].kind}, None) for one in gone)
    return _copied.planned((*before, *copy, *after), differing)


def find_point(
    engine: Engine,
    wanted: Wanted,
    container: Mapping[str, Any],
    path: str,
    entries: Sequence[Tuple[str, Entry]],
    observed: Observed,
) -> Tuple[str, str]:
    """The directory in which the engine unpacks, and the name of the copy's root below it, "" for the directory."""
    is_inside = "" in observed.entries and observed.entries[""].kind == DIRECTORY
    directory, base = (path, "") if is_inside else posixpath.split(path)
    real = _paths.real_directory(engine, container, directory, wanted.tried)
    _paths.refuse_unwritable(container, real, wanted.tried)
    root = posixpath.join(real, base)
    hidden = _paths.is_tmpfs_below(container, root)
    for name, entry in entries:
        whole = posixpath.join(root, name) if name else root
        if hidden:
            _paths.refuse_hidden(container, whole, wanted.tried)
        if entry.kind != DIRECTORY:
            _paths.refuse_mounted_file(container, whole, wanted.tried)
    if real != "/" and any(
        _copied.climbs("/".join(part for part in (base, name) if part), entry) for name, entry in entries
    ):
        # Engines before 28 take such a link for an attack, unless they unpack at the root.
        return "/", root.lstrip("/")
    return real, base


def _surplus(
    wanted: Wanted, container: Mapping[str, Any], path: str, entries: Mapping[str, Entry], observed: Observed
) -> List[str]:
    """What the container has too many. Directories stay that have something in them that is left alone."""
    kept = set(observed.kept)
    root = path.rstrip("/") + "/"
    for place in mounts_of(container):
        if place.startswith(root):
            name = place[len(root) :]
            kept.update((name, *_copied.parents(name)))
    return [name for name in observed.entries if name and name not in entries and name not in kept]


def _carry_out(
    call: Call,
    wanted: Wanted,
    container: Mapping[str, Any],
    path: str,
    sources: Dict[str, Source],
    observed: Observed,
    plan: Plan,
) -> None:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.copies import operations
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor

    try:
        with Executor(call.engine, operations(sources, wanted.tried)) as executor:
            executor.carry_out(plan)
    except EngineError as failure:
        names = [name for step in plan.steps if isinstance(step, CopyInto) for name in step.names]
        with contextlib.suppress(Failure):
            failure.message += " " + _left(call.engine, wanted, container, path, sources, observed, names)
        raise


def _left(
    engine: Engine,
    wanted: Wanted,
    container: Mapping[str, Any],
    path: str,
    sources: Mapping[str, Source],
    observed: Observed,
    names: Sequence[str],
) -> str:
    """What a copy that the engine did not carry out has left, by another look."""
    whole = replace(wanted, force=None)
    stat = _paths.look(engine, container, path, wanted.tried)
    now = observe(engine, whole, container, path, stat, sources)
    known = with_digests(sources, now.entries, whole)
    entries = {name: source.entry for name, source in known.items()}
    return _copied.what_is_left(names, entries, observed.entries, now.entries)


def _assumed(call: Call, wanted: Wanted, sources: Mapping[str, Source]) -> Result:
    """The result in check mode for a container that an earlier task would create."""
    call.warnings.append(ASSUMED % wanted.container)
    path = wanted.container_path.rstrip("/") or "/"
    target = "%s to %s:%s" % (wanted.path or "content", wanted.container, path)
    cause = "no such directory" if _is_tree(sources) else "no such file"
    plan = Plan((CopyInto(target, (cause,), "", tuple(sources), "", ""),))
    container = {"id": None, "name": wanted.container}
    return call.report(plan, container=container, container_path=path, copied=len(sources), removed=0)


def _report(
    call: Call,
    wanted: Wanted,
    plan: Plan,
    sources: Mapping[str, Source],
    observed: Observed,
    facts: Mapping[str, Any],
) -> Result:
    result = call.report(plan, **facts)
    if call.diff_mode and plan.changed and not wanted.secret:
        from ansible_collections.wharf.docker.plugins.module_utils._archive.text_diff import text_diff

        names = [name for step in plan.steps if isinstance(step, CopyInto) for name in step.names]
        shown = text_diff(names, sources, observed.texts, wanted.tried, SMALL)
        if shown:
            result["diff"]["prepared"] = shown
    return result


def _is_tree(sources: Mapping[str, Source]) -> bool:
    return sources[""].entry.kind == DIRECTORY


TASK = Task(
    name="container_copy",
    options=OPTIONS,
    run=run,
    mutually_exclusive=[("path", "content")],
    required_one_of=[("path", "content")],
    required_together=[("owner_id", "group_id")],
    required_by={"content": ("mode",)},
)
