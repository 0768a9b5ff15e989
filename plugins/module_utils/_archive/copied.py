# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a copy compares and does: the entries of two trees, how they differ, and the steps. Pure.

An entry is known by its name, relative to the root of its tree, whose own name is "". A single file is a tree that is
only a root. Names are text; bytes that are not UTF-8 are surrogates.
"""

from __future__ import annotations

import fnmatch
import posixpath
from dataclasses import dataclass
from typing import Any, Callable, ClassVar, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step

FILE = "file"
DIRECTORY = "directory"
LINK = "link"

# How many entries of a tree causes and messages name.
NAMED = 20
# What a diff has for content that may be secret.
HIDDEN = "(hidden)"


@dataclass(frozen=True)
class Entry:
    """A file, a directory, a symbolic link with its ``target``, or something else, such as a "device".

    ``digest`` ("sha256:..."): "" if it was not needed, since sizes or kinds say enough.
    """

    kind: str
    mode: int = 0
    uid: int = 0
    gid: int = 0
    size: int = 0
    digest: str = ""
    target: str = ""


@dataclass(frozen=True)
class CopyInto(Step):
    """Put the entries with these ``names`` into the container, below the directory ``point``.

    ``prefix``: the name of the tree's root below ``point``; "" if it is ``point`` itself.
    """

    ACTION: ClassVar[str] = "copy"

    container: str
    names: Tuple[str, ...]
    point: str
    prefix: str


@dataclass(frozen=True)
class RemoveInside(Step):
    """Remove entries below ``root``: ``files`` of any kind but directories, and ``directories``, inner ones first."""

    ACTION: ClassVar[str] = "remove"

    container: str
    root: str
    files: Tuple[str, ...]
    directories: Tuple[str, ...]


def text(name: bytes) -> str:
    """A file name as text, whatever the locale of this process is."""
    return name.decode("utf-8", "surrogateescape")


def raw(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def shown(name: str) -> str:
    """A name as results can have it, which are JSON."""
    return raw(name).decode("utf-8", "backslashreplace")


def listed(names: Sequence[str], most: int = NAMED) -> str:
    """Names for people, and how many more there are."""
    words = ", ".join(shown(name) for name in names[:most])
    return words + (" and %d more" % (len(names) - most) if len(names) > most else "")


def exclusion(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether an entry is excluded by a pattern, or is below one that is.

    A pattern without a slash is one of a name at any depth; with a slash, it is one of the whole path.
    """
    parts = [pattern.strip("/").split("/") for pattern in patterns]
    anchored = ["/" in pattern.rstrip("/") for pattern in patterns]

    def excluded(name: str) -> bool:
        names = name.split("/")
        for wanted, whole in zip(parts, anchored):
            if not whole and any(fnmatch.fnmatchcase(one, wanted[0]) for one in names):
                return True
            if whole and len(names) >= len(wanted) and all(map(fnmatch.fnmatchcase, names, wanted)):
                return True
        return False

    return excluded if patterns else lambda _name: False


def is_same_content(wanted: Entry, observed: Entry) -> bool:
    if wanted.kind != observed.kind:
        return False
    if wanted.kind == LINK:
        return wanted.target == observed.target
    return wanted.kind != FILE or (wanted.size == observed.size and wanted.digest == observed.digest)


def differences(wanted: Entry, observed: Optional[Entry], secret: bool = False) -> List[Difference]:
    """How an entry differs from the wanted one. ``observed`` None: it is missing. ``secret``: content is not shown."""
    found = []
    if observed is not None and observed.kind != wanted.kind:
        found.append(Difference("type", observed.kind, wanted.kind))
    before = observed if observed is not None and observed.kind == wanted.kind else None
    if wanted.kind == LINK:
        if before is None or before.target != wanted.target:
            found.append(Difference("target", before and shown(before.target), shown(wanted.target)))
    elif wanted.kind == FILE and (before is None or not is_same_content(wanted, before)):
        found.append(Difference("content", before and _content(before, secret), _content(wanted, secret, before)))
    if wanted.kind != LINK and (before is None or before.mode != wanted.mode):
        found.append(Difference("mode", before and octal(before.mode), octal(wanted.mode)))
    for option, old, new in (
        ("owner_id", before and before.uid, wanted.uid),
        ("group_id", before and before.gid, wanted.gid),
    ):
        if old != new:
            found.append(Difference(option, old, new))
    return found


def octal(mode: int) -> str:
    return "%04o" % mode


def cause(difference: Difference) -> str:
    if difference.option != "content":
        return difference.cause()
    if difference.after.startswith(HIDDEN):
        return "content differs"
    return "content %s → %s" % (_short(difference.before), _short(difference.after))


def all_differences(
    wanted: Mapping[str, Entry], observed: Mapping[str, Entry], force: Optional[bool], secret: bool = False
) -> Dict[str, List[Difference]]:
    """Of each entry that is to be copied, by its name, how it differs. ``force``: as the option."""
    found: Dict[str, List[Difference]] = {}
    for name, entry in wanted.items():
        before = observed.get(name)
        if force is False and before is not None:
            continue
        # The directory that a tree is copied into is the container's own.
        own = not name and entry.kind == DIRECTORY and before is not None and before.kind == DIRECTORY
        differing = [] if own else differences(entry, before, secret)
        if differing or (force and not own):
            found[name] = differing
    return found


def causes(
    found: Mapping[str, Sequence[Difference]], observed: Mapping[str, Entry], is_tree: bool, force: Optional[bool]
) -> Tuple[str, ...]:
    """The causes of a copy of these entries, for people."""
    if not is_tree:
        if "" not in observed:
            return ("no such file",)
        return tuple(cause(one) for one in found[""]) or ("force is true",)
    if "" not in observed:
        return ("no such directory",)
    words = []
    for name, differing in list(found.items())[:NAMED]:
        what = ", ".join(_brief(one) for one in differing) if name in observed else "missing"
        words.append("%s (%s)" % (shown(name), what or "force is true"))
    if len(found) > NAMED:
        words.append("%d more" % (len(found) - NAMED))
    return tuple(words)


def tree_differences(
    found: Mapping[str, Sequence[Difference]], observed: Mapping[str, Entry]
) -> Tuple[Difference, ...]:
    """The differences of a tree, an entry each."""
    return tuple(
        Difference(
            shown(name) or ".",
            {one.option: one.before for one in differing if one.before is not None} if name in observed else None,
            {one.option: one.after for one in differing},
        )
        for name, differing in found.items()
    )


def conflicts(wanted: Mapping[str, Entry], observed: Mapping[str, Entry]) -> List[str]:
    """The names that are a directory on one side and none on the other: engines replace neither."""
    return [
        name
        for name, entry in wanted.items()
        if name in observed and (entry.kind == DIRECTORY) != (observed[name].kind == DIRECTORY)
    ]


def below(names: Sequence[str], observed: Mapping[str, Entry]) -> List[str]:
    """These names, and those of all that is below them."""
    given = set(names)
    return [name for name in observed if any(part in given for part in (name, *parents(name)))]


def parents(name: str) -> List[str]:
    """The names of the directories around an entry, without the root."""
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def climbs(name: str, entry: Entry) -> bool:
    """Whether a link leads out of the tree, so that engines before 28 refuse it unless they unpack at the root."""
    if entry.kind != LINK or entry.target.startswith("/"):
        return False
    place = posixpath.normpath(posixpath.join(posixpath.dirname(name), entry.target))
    return place == ".." or place.startswith("../")


def removal(
    container: str, container_id: str, root: str, names: Sequence[str], observed: Mapping[str, Entry], why: str
) -> Tuple[Step, ...]:
    """The step that removes these entries, if there are any."""
    if not names:
        return ()
    directories = sorted((name for name in names if observed[name].kind == DIRECTORY), reverse=True)
    files = tuple(name for name in names if observed[name].kind != DIRECTORY)
    target = "%s:%s" % (container, posixpath.join(root, listed(sorted(names), 1)))
    words = (why,) if len(names) < 2 else (why, "%d in all: %s" % (len(names), listed(sorted(names))))
    return (RemoveInside(target, words, container_id, root, files, tuple(directories)),)


def what_is_left(
    names: Sequence[str], wanted: Mapping[str, Entry], before: Mapping[str, Entry], now: Mapping[str, Entry]
) -> str:
    """What a copy that failed has left of the entries that it was to copy."""
    done, untouched, broken = [], [], []
    for name in names:
        found = now.get(name)
        if found is not None and not differences(wanted[name], found):
            done.append(name)
        elif found == before.get(name) or (
            found is not None and before.get(name) is not None and is_same_content(found, before[name])
        ):
            untouched.append(name)
        else:
            broken.append(name)
    if not done and not broken:
        return "Nothing in the container was changed."
    words = ["What is there now: %d of %d entries were copied." % (len(done), len(names))]
    if broken:
        words.append("Missing or incomplete: %s." % listed([name or "the file itself" for name in broken]))
    if untouched:
        words.append("As before: %s." % listed(untouched))
    return " ".join([*words, "Run the task again to complete the copy."])


def planned(steps: Sequence[Step], differing: Sequence[Difference]) -> Plan:
    return Plan(tuple(steps), tuple(differing) if steps else ())


def _content(entry: Entry, secret: bool, before: Any = None) -> str:
    if not secret:
        return entry.digest or "%d bytes" % entry.size
    return HIDDEN + (" differs" if before is not None else "")


def _brief(difference: Difference) -> str:
    return "content" if difference.option == "content" else difference.cause()


def _short(value: Optional[str]) -> str:
    if value is None:
        return "(none)"
    return value[: len("sha256:") + 12] if value.startswith("sha256:") else value
