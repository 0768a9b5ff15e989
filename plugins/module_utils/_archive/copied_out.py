# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a copy from a container does: the step, the order in which entries come, and what a task says of them. Pure."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import ClassVar, Dict, List, Optional, Sequence, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._archive.copied import (
    DIRECTORY,
    FILE,
    LINK,
    NAMED,
    Entry,
    cause,
    listed,
    raw,
    shown,
)
from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import ArchiveError
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step

# How many entries of a tree a diff names. Memory does not grow with the number of entries.
MOST_SHOWN = 1000
# How deep directories may be: each one on the way is kept open.
DEEPEST = 400
# The longest target of a link that a kernel takes, in bytes.
_LONGEST_TARGET = 4095


@dataclass(frozen=True)
class CopyOut(Step):
    """Write this number of entries of a container to this host."""

    ACTION: ClassVar[str] = "copy"

    count: int


class Order:
    """The order in which an engine sends a tree: a directory, and then all that is in it.

    So an entry below a link, or below something that never came, is recognised without keeping all names.
    """

    def __init__(self) -> None:
        self._around: List[str] = []
        self._begun = False

    def take(self, name: str, kind: str) -> None:
        """The next entry. ArchiveError: it can't come here."""
        parent = posixpath.dirname(name)
        if name:
            while self._around and self._around[-1] != parent:
                self._around.pop()
        if bool(name) != self._begun or (name and not self._around):
            raise ArchiveError("has the entry %s, which is not in a directory that came before it" % shown(name or "."))
        self._begun = True
        if kind == DIRECTORY:
            self._around.append(name)
            if len(self._around) > DEEPEST:
                raise ArchiveError("has more than %d directories in each other" % DEEPEST)


def refusal(entry: Entry) -> str:
    """Why an entry of a container can't be written to a host; "": it can."""
    if entry.kind not in (FILE, DIRECTORY, LINK):
        return "is a %s" % entry.kind
    if entry.kind == LINK and (not entry.target or "\0" in entry.target or len(raw(entry.target)) > _LONGEST_TARGET):
        return "is a symbolic link with a target that is not a path"
    return ""


def on_host(entry: Entry, ids: Tuple[int, int], mode: Optional[int]) -> Entry:
    """An entry of a container as it is to be on this host. ``mode``: that of files, if the task gives it.

    The setuid and setgid bits are left out: a container is not to decide about the programs of this host.
    """
    bits = 0o777
    if entry.kind == DIRECTORY:
        bits |= 0o1000
    elif entry.kind == FILE and mode is not None:
        return replace(entry, mode=mode, uid=ids[0], gid=ids[1])
    return replace(entry, mode=entry.mode & bits, uid=ids[0], gid=ids[1])


class Found:
    """What differs, entry by entry: ``count`` of them, and what is said of the first ones."""

    def __init__(self, is_tree: bool) -> None:
        self.count = 0
        self.differences: List[Difference] = []
        self.conflicts: List[str] = []
        self._is_tree = is_tree
        self._causes: List[str] = []
        self._root_is_missing = False

    def add(self, name: str, differing: Sequence[Difference], is_missing: bool) -> None:
        """An entry that is going to be written. No differences: it is written because ``force`` says so."""
        self.count += 1
        self._root_is_missing = self._root_is_missing or (is_missing and not name)
        if not self._is_tree:
            self.differences += differing
            self._causes += [cause(one) for one in differing]
            return
        if len(self._causes) < NAMED:
            what = ", ".join("content" if one.option == "content" else one.cause() for one in differing)
            self._causes.append("%s (%s)" % (shown(name), "missing" if is_missing else what or "force is true"))
        if len(self.differences) < MOST_SHOWN:
            before: Optional[Dict[str, object]] = None
            if not is_missing:
                before = {one.option: one.before for one in differing if one.before is not None}
            after = {one.option: one.after for one in differing}
            self.differences.append(Difference(shown(name) or ".", before, after))

    def causes(self) -> Tuple[str, ...]:
        if self._root_is_missing:
            return ("no such directory" if self._is_tree else "no such file",)
        if not self._is_tree:
            return tuple(self._causes) or ("force is true",)
        more = self.count - len(self._causes)
        return (*self._causes, *(["%d more" % more] if more else []))

    def plan(self, target: str) -> Plan:
        if not self.count:
            return Plan()
        differing = tuple(self.differences)
        if self._is_tree and self.count > len(differing):
            more = Difference("(more)", None, "%d more entries" % (self.count - len(differing)))
            differing += (more,)
        return Plan((CopyOut(target, self.causes(), self.count),), differing)


def what_is_left(done: int, count: int, rest: Sequence[str], more: int) -> str:
    """What a copy that failed has left. ``rest``: the first names that were not copied; ``more``: how many follow."""
    if not done:
        return "Nothing on the host was changed."
    names = listed([name or "the copy itself" for name in rest], len(rest)) + (" and %d more" % more if more else "")
    return "What is there now: %d of %d entries were copied. As before, or missing: %s." % (done, count, names)
