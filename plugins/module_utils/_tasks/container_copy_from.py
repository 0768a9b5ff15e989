# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task container_copy in its other direction: files and directories of a container are on this host.

The container's archive is read once. What differs from this host is kept until the archive is complete and checked, and
only then written, file by file, each by a rename.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import stat
from dataclasses import dataclass
from typing import Any, List, Mapping, NamedTuple, Optional, Tuple, Union

from ansible_collections.wharf.docker.plugins.module_utils._archive.comparing import Comparison, Rules
from ansible_collections.wharf.docker.plugins.module_utils._archive.copied import (
    DIRECTORY,
    FILE,
    LINK,
    exclusion,
    listed,
    shown,
)
from ansible_collections.wharf.docker.plugins.module_utils._archive.copied_out import CopyOut, Order
from ansible_collections.wharf.docker.plugins.module_utils._archive.destination import Place, find_place
from ansible_collections.wharf.docker.plugins.module_utils._archive.host_tree import HostTree
from ansible_collections.wharf.docker.plugins.module_utils._archive.spool import Names, NextToIt, Spool
from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import ArchiveError
from ansible_collections.wharf.docker.plugins.module_utils._archive.tree import Members
from ansible_collections.wharf.docker.plugins.module_utils._container import copy_paths as _paths
from ansible_collections.wharf.docker.plugins.module_utils._container.exec_paths import mounts_of
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import (
    ASSUMED,
    find_container,
    not_found,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.status import own_name
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Call, Result
from ansible_collections.wharf.docker.plugins.module_utils._tasks.container_copy_options import (
    ALL_TEXT,
    SMALL,
    normalise,
)


@dataclass(frozen=True)
class Wanted:
    """A copy from a container: of what, to where, and as whose. ``is_directory``: what the task says of ``path``."""

    container: str
    container_path: str
    path: str
    is_directory: bool
    ids: Tuple[int, int]
    mode: Optional[int]
    follow: bool
    force: Optional[bool]
    exclude: Tuple[str, ...]
    warning: str

    @property
    def tried(self) -> str:
        return "copy %s:%s to %s" % (self.container, self.container_path, self.path)


class Source(NamedTuple):
    """What is going to be copied: the container that has it, the path that it is at, and its kind."""

    container: Mapping[str, Any]
    path: str
    kind: str


def run_from(call: Call) -> Result:
    wanted = normalise_from(call.params)
    if wanted.warning:
        call.warnings.append(wanted.warning)
    with find_place(wanted.path, wanted.ids[0], wanted.tried, itself=True) as place:
        container = find_container(call.engine, wanted.container)
        if container is None:
            if not call.check_mode:
                raise not_found(call.engine, wanted.container, wanted.tried)
            return _assumed(call, wanted, place)
        call.about = "%s:%s" % (own_name(container), wanted.container_path.rstrip("/") or "/")
        source = find_source(call.engine, wanted, container)
        _refuse_place(wanted, source, place)
        return _copy(call, wanted, source, place)


def normalise_from(params: Mapping[str, Any]) -> Wanted:
    """What the task wants. Failure: a value that is wrong, or not possible in this direction."""
    for option, is_given, advice in (
        ("content", params["content"] is not None, "Give path, where the copy is going to be."),
        (
            "delete",
            params["delete"],
            "Leave it out, and remove files of the host with the module ansible.builtin.file.",
        ),
        (
            "remote_src",
            not params["remote_src"],
            "path is on the host that the task runs on: leave the option out. Bring the copy to the controller with "
            "the module ansible.builtin.fetch, or delegate the task to localhost.",
        ),
    ):
        if is_given:
            value = "" if option == "content" else " %s" % str(params[option]).lower()
            raise Failure("%s:%s is not possible with direction from. %s" % (option, value, advice))
    common = normalise(params)
    path = common.path.rstrip("/") if common.path.strip("/") else ""
    if posixpath.basename(path) in ("", ".", ".."):
        raise Failure("path: %r is not the path of a copy. Give the whole path, such as /srv/app.conf." % common.path)
    own = (os.geteuid(), os.getegid())
    ids = common.ids or own
    if own[0] and (ids[0] != own[0] or ids[1] not in (own[1], *os.getgroups())):
        raise Failure(
            "owner_id: this user can't give files to the user %d and the group %d. Use become, or leave owner_id and "
            "group_id out." % ids
        )
    return Wanted(
        container=common.container,
        container_path=common.container_path,
        path=path,
        is_directory=common.path.endswith("/"),
        ids=ids,
        mode=common.mode,
        follow=common.follow,
        force=common.force,
        exclude=common.exclude,
        warning=common.warning,
    )


def find_source(engine: Engine, wanted: Wanted, container: Mapping[str, Any]) -> Source:
    """What the container has at the path. Failure: nothing, or nothing that can be copied."""
    path, tried = wanted.container_path.rstrip("/") or "/", wanted.tried
    stat_of = _looked(engine, container, path, tried)
    if stat_of.kind == LINK and wanted.follow:
        path = posixpath.normpath(stat_of.target)
        stat_of = _looked(engine, container, path, tried)
    if stat_of.kind == LINK and engine.podman:
        raise Failure(
            "Cannot %s: in the container, %s is a symbolic link, and Podman only copies what one leads to, unless it "
            "is in a directory that is copied. Set follow to true." % (tried, path)
        )
    if stat_of.kind not in (FILE, DIRECTORY, LINK):
        raise Failure("Cannot %s: in the container, %s is a %s. Give another path." % (tried, path, stat_of.kind))
    if stat_of.kind != DIRECTORY:
        if wanted.container_path.endswith("/"):
            advice = "Set follow to true to copy what it leads to" if stat_of.kind == LINK else "Leave out the slash"
            raise Failure("Cannot %s: in the container, %s is not a directory. %s." % (tried, path, advice))
        if wanted.exclude:
            raise Failure("exclude: %s is not a directory in the container. Leave the option out." % path)
    excluded = exclusion(wanted.exclude)
    for hidden in _paths.is_tmpfs_below(container, path) if stat_of.kind == DIRECTORY else ():
        name = hidden[len(path.rstrip("/")) + 1 :]
        if not excluded(name):
            raise Failure(
                "Cannot %s: the engine sees nothing of what is in %s in the container, which is a tmpfs or made by the "
                "kernel. Exclude /%s." % (tried, hidden, name)
            )
    return Source(container, path, stat_of.kind)


def _looked(engine: Engine, container: Mapping[str, Any], path: str, tried: str) -> _paths.Stat:
    if path != "/":
        _paths.refuse_hidden(container, path, tried)
    found = _paths.look(engine, container, path, tried)
    directory = posixpath.dirname(path)
    if found is None:
        raise Failure(
            "Cannot %s: there is no %s in the container, as the engine sees it. Check the path with the container_exec "
            "module." % (tried, path)
        )
    if directory != "/" and any(mounts_of(container).values()):
        # Its links may lead to where the engine sees other files than the container.
        _paths.real_directory(engine, container, directory, tried)
    return found


def _refuse_place(wanted: Wanted, source: Source, place: Place) -> None:
    """Failure: what is at the path on this host can't stay, and can't be replaced."""
    tried, found = "Cannot %s" % wanted.tried, place.attributes
    if source.kind != DIRECTORY and wanted.is_directory:
        raise Failure(
            "path: %s/ is the path of a directory, and %s is not one in the container. Give the whole path of the copy."
            % (wanted.path, source.path)
        )
    if found is None:
        return
    if stat.S_IFMT(found.st_mode) not in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK):
        raise Failure(
            "%s: %s is a device, a FIFO or a socket on the host where the task runs, which a copy does not replace. "
            "Give another path." % (tried, place.path)
        )
    if source.kind == DIRECTORY and stat.S_ISLNK(found.st_mode):
        raise Failure(
            "%s: %s is a symbolic link on the host where the task runs, and a directory is to be copied. Give the path "
            "that it leads to." % (tried, place.path)
        )
    if source.kind == DIRECTORY and not stat.S_ISDIR(found.st_mode):
        raise Failure(
            "%s: %s is not a directory on the host where the task runs, and a directory is to be copied. Remove it, or "
            "give another path." % (tried, place.path)
        )
    if source.kind != DIRECTORY and stat.S_ISDIR(found.st_mode):
        raise Failure(
            "%s: %s is a directory on the host where the task runs. Give the whole path of the copy, for example %s."
            % (tried, place.path, os.path.join(place.path, posixpath.basename(source.path)))
        )


def _copy(call: Call, wanted: Wanted, source: Source, place: Place) -> Result:
    with contextlib.ExitStack() as opened:
        store: Union[Spool, NextToIt, None] = None
        later: Optional[Spool] = None
        if not call.check_mode:
            if source.kind == FILE:
                store = opened.enter_context(NextToIt(place, wanted.tried))
            else:
                store = opened.enter_context(Spool(wanted.tried))
            later = opened.enter_context(Spool(wanted.tried))
        comparison = observe(call.engine, wanted, source, place, (store, later), call.diff_mode)
        found = comparison.found
        if found.conflicts:
            raise Failure(
                "Cannot %s: these are a directory on one side and something else on the other, or special files on the "
                "host: %s. Remove what is on the host, or exclude it." % (wanted.tried, listed(found.conflicts))
            )
        name = own_name(source.container)
        plan = found.plan("%s:%s to %s" % (name, source.path, place.path))
        if store is not None and later is not None and plan.changed:
            _carry_out(call, wanted, place, plan, store, later)
    container = {"id": source.container["Id"], "name": name}
    result = call.report(plan, container=container, container_path=source.path, copied=found.count, removed=0)
    if call.diff_mode and plan.changed:
        _add_texts(result, comparison, wanted)
    return result


def observe(
    engine: Engine,
    wanted: Wanted,
    source: Source,
    place: Place,
    stores: Tuple[Union[Spool, NextToIt, None], Optional[Spool]],
    with_texts: bool,
) -> Comparison:
    """Read what the container has, and compare it. What differs is kept: in the second store, what are hard links."""
    is_tree = source.kind == DIRECTORY
    rules = Rules(
        place.path,
        wanted.ids,
        wanted.mode,
        wanted.force,
        with_texts,
        SMALL,
        ALL_TEXT if with_texts else 0,
        wanted.tried,
    )
    excluded = exclusion(wanted.exclude)
    with contextlib.ExitStack() as opened:
        tree = opened.enter_context(HostTree(place.descriptor, place.name))
        links = opened.enter_context(Names(wanted.tried))
        comparison = Comparison(rules, tree, stores[0], is_tree)
        try:
            order = Order()
            with _paths.opened(engine, source.container, source.path, wanted.tried) as chunks:
                members = Members(chunks)
                for name, entry, content in members:
                    order.take(name, entry.kind)
                    if not name and entry.kind != source.kind:
                        raise ArchiveError("is of a %s, which was a %s a moment ago" % (entry.kind, source.kind))
                    if excluded(name):
                        continue
                    if members.same_as is not None:
                        links.add(name)
                        comparison.postpone()
                    else:
                        comparison.take(name, entry, content)
            comparison.read_later(stores[1])
            for name in links:
                _take_link(engine, wanted, source, comparison, name)
        except ArchiveError as error:
            raise Failure(
                "Cannot %s: what the engine sent %s. Nothing was copied. If a file changed while the engine read it, "
                "run the task again, or pause the container first. Otherwise, look at the engine's log."
                % (wanted.tried, error)
            ) from None
    return comparison


def _take_link(engine: Engine, wanted: Wanted, source: Source, comparison: Comparison, name: str) -> None:
    """Compare a further hard link of a file. Asked for by itself, an engine sends it with its content."""
    path = posixpath.join(source.path, name)
    with _paths.opened(engine, source.container, path, wanted.tried) as chunks:
        for _name, entry, content in Members(chunks):
            if entry.kind == DIRECTORY or _name:
                raise ArchiveError("has a directory %s, which was a file a moment ago" % shown(path))
            comparison.take_later(name, entry, content)


def _carry_out(
    call: Call, wanted: Wanted, place: Place, plan: Plan, store: Union[Spool, NextToIt], later: Spool
) -> None:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor
    from ansible_collections.wharf.docker.plugins.module_utils._apply.host_copies import operations

    with Executor(call.engine, operations(store, later, place, wanted.tried)) as executor:
        executor.carry_out(plan)


def _assumed(call: Call, wanted: Wanted, place: Place) -> Result:
    """The result in check mode for a container that an earlier task would create."""
    call.warnings.append(ASSUMED % wanted.container)
    path = wanted.container_path.rstrip("/") or "/"
    plan = Plan()
    if place.attributes is None or wanted.force is not False:
        cause = "no such file" if place.attributes is None else "content not known yet"
        plan = Plan((CopyOut("%s:%s to %s" % (wanted.container, path, place.path), (cause,), 0),))
    container = {"id": None, "name": wanted.container}
    return call.report(plan, container=container, container_path=path, copied=None, removed=0)


def _add_texts(result: Result, comparison: Comparison, wanted: Wanted) -> None:
    from ansible_collections.wharf.docker.plugins.module_utils._archive.text_diff import text_diff
    from ansible_collections.wharf.docker.plugins.module_utils._archive.tree import source_of_content

    names: List[str] = list(comparison.texts)
    sources = {name: source_of_content(after, 0) for name, (_before, after) in comparison.texts.items()}
    before = {name: texts[0] for name, texts in comparison.texts.items()}
    prepared = text_diff(names, sources, before, wanted.tried, SMALL)
    if prepared:
        result["diff"]["prepared"] = prepared
