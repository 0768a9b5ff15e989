# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the step of a copy from a container does: entries that were kept are written to this host, each by a rename."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterator, List, Mapping, Tuple, Type, Union

from ansible_collections.wharf.docker.plugins.module_utils._archive.copied import DIRECTORY, LINK, NAMED
from ansible_collections.wharf.docker.plugins.module_utils._archive.copied_out import CopyOut, what_is_left
from ansible_collections.wharf.docker.plugins.module_utils._archive.destination import Place, unwritable
from ansible_collections.wharf.docker.plugins.module_utils._archive.host_tree import HostTree
from ansible_collections.wharf.docker.plugins.module_utils._archive.spool import Kept, NextToIt, Spool
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Ended, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor, Operation


_AGAIN = " Run the task again to complete the copy."


def operations(store: Union[Spool, NextToIt], later: Spool, place: Place, tried: str) -> Mapping[Type[Step], Operation]:
    """For one copy, whose entries are in ``store``, and its hard links in ``later``."""

    def copy(_executor: Executor, step: CopyOut) -> None:
        if isinstance(store, NextToIt):
            _move(store, place, tried)
        else:
            _write_all(entries(store, later), step.count, place, tried)

    return {CopyOut: copy}


def entries(store: Spool, later: Spool) -> Iterator[Tuple[Kept, Iterator[bytes]]]:
    """All entries in the order of the tree."""
    rest = later.entries()
    for found in store.entries():
        if found is None:
            found = next(rest, None)  # None: it does not differ.
        if found is not None:
            yield found


def _move(store: NextToIt, place: Place, tried: str) -> None:
    file, kept = store.file, store.kept
    if file is None or kept is None:
        return
    try:
        file.give(kept.entry.uid, kept.entry.gid)
        file.commit(kept.entry.mode)
    except OSError as error:
        raise unwritable(tried, error, place.directory) from None


def _write_all(found: Iterator[Tuple[Kept, Iterator[bytes]]], count: int, place: Place, tried: str) -> None:
    done, name = 0, ""
    try:
        with HostTree(place.descriptor, place.name) as tree:
            for kept, content in found:
                name = kept.name
                _write(tree, kept, content)
                done += 1
    except OSError as error:
        failure = unwritable("%s: %s" % (tried, name) if name else tried, error, place.path)
        failure.message += " " + _left(done, count, name, found) + _AGAIN
        raise failure from None
    except Failure as failure:
        failure.message += " " + _left(done, count, name, found) + _AGAIN
        raise
    except Ended as ended:
        ended.message += " " + _left(done, count, name, found)
        raise


def _write(tree: HostTree, kept: Kept, content: Iterator[bytes]) -> None:
    entry = kept.entry
    if entry.kind == DIRECTORY:
        tree.make_directory(kept.name, entry)
    elif entry.kind == LINK:
        tree.make_link(kept.name, entry)
    else:
        with tree.new_file(kept.name) as file:
            for chunk in content:
                file.write(chunk)
            file.give(entry.uid, entry.gid)
            file.finish(entry.mode, kept.replaces)


def _left(done: int, count: int, name: str, found: Iterator[Tuple[Kept, Iterator[bytes]]]) -> str:
    if done >= count:
        return what_is_left(done, count, [name], 0)
    rest: List[str] = [name]
    for kept, _content in found:
        if len(rest) >= NAMED:
            break
        rest.append(kept.name)
    return what_is_left(done, count, rest, count - done - len(rest))
