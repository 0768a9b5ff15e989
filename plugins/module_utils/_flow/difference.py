# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When two values are the same, and what differs.

Pure. The values are normalised: options by the parse functions of the option table, and ``docker inspect`` by its
``from_api`` functions.
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Tuple

STRICT = "strict"
IGNORE = "ignore"
ALLOW_MORE = "allow_more_present"
MODES = (STRICT, IGNORE, ALLOW_MORE)

# Kinds of values, and their default comparisons.
VALUE = "value"  # a word or a number
LIST = "list"  # the order matters
SET = "set"  # a list whose order does not matter
DICT = "dict"
MOUNTS = "mounts"  # a list of dictionaries that are identified by their Target
DEFAULT_MODES = {VALUE: STRICT, LIST: STRICT, SET: ALLOW_MORE, DICT: ALLOW_MORE, MOUNTS: ALLOW_MORE}


class Difference(NamedTuple):
    """One option whose observed value does not match the wanted one.

    ``before`` and ``after`` are what a diff shows; for dictionaries only the keys that differ. ``live``: the engine can
    change the option without a new container. ``quiet``: the values may be secret, so only a diff that the task
    requests shows them.
    """

    option: str
    before: Any
    after: Any
    live: bool = False
    quiet: bool = False

    def cause(self) -> str:
        """The difference as a message: the option with both values, or with what was added and removed."""
        if self.quiet:
            return "%s %s" % (self.option, ", ".join(sorted({**(self.before or {}), **(self.after or {})})))
        if isinstance(self.before, list) and isinstance(self.after, list):
            return "%s %s" % (self.option, _list_change(self.before, self.after))
        if isinstance(self.before, dict) and isinstance(self.after, dict):
            return ", ".join(
                "%s.%s %s → %s" % (self.option, key, _entry(self.before, key), _entry(self.after, key))
                for key in sorted({**self.before, **self.after})
            )
        return "%s %s → %s" % (self.option, _words(self.before), _words(self.after))


def same(kind: str, mode: str, wanted: Any, observed: Any) -> bool:
    """Whether ``observed`` matches ``wanted`` under a comparison ``mode``."""
    if mode == IGNORE:
        return True
    if kind == VALUE:
        return bool(wanted == observed)
    if kind == LIST:
        return list(wanted) == list(observed) if mode == STRICT else _in_order(wanted, observed)
    if kind == SET:
        return set(wanted) == set(observed) if mode == STRICT else set(wanted) <= set(observed)
    if kind == DICT:
        return bool(wanted == observed) if mode == STRICT else _contains(observed, wanted)
    return _same_mounts(mode, wanted, observed)


def shown(kind: str, mode: str, wanted: Any, observed: Any) -> Tuple[Any, Any]:
    """What a diff shows of two values that differ: (before, after), for dictionaries only the keys that differ."""
    if kind != DICT:
        return observed, wanted
    before: Dict[str, Any] = {}
    after: Dict[str, Any] = {}
    for key in {**observed, **wanted}:
        if key not in wanted and mode != STRICT:
            continue
        if key in wanted and key in observed and wanted[key] == observed[key]:
            continue
        if key in observed:
            before[key] = observed[key]
        if key in wanted:
            after[key] = wanted[key]
    return before, after


def _in_order(wanted: List[Any], observed: List[Any]) -> bool:
    rest = iter(observed)
    return all(item in rest for item in wanted)


def _contains(observed: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(observed, dict) and all(
            key in observed and _contains(observed[key], value) for key, value in wanted.items()
        )
    return bool(observed == wanted)


def _same_mounts(mode: str, wanted: List[Dict[str, Any]], observed: List[Dict[str, Any]]) -> bool:
    if mode == STRICT:
        return wanted == observed
    by_target = {mount["Target"]: mount for mount in observed}
    return all(_same_mount(mount, by_target.get(mount["Target"])) for mount in wanted)


def _same_mount(wanted: Dict[str, Any], observed: Any) -> bool:
    """Compare only the keys that the wanted mount has; labels and options are compared as a whole."""
    return isinstance(observed, dict) and all(
        key in observed
        and (
            _same_mount(value, observed[key])
            if isinstance(value, dict) and key not in ("Labels", "Options")
            else value == observed[key]
        )
        for key, value in wanted.items()
    )


def _list_change(before: List[Any], after: List[Any]) -> str:
    added = [_words(item) for item in after if item not in before]
    removed = [_words(item) for item in before if item not in after]
    if not added and not removed:
        return "%s → %s" % (_words(before), _words(after))
    return " ".join([*("+" + word for word in added), *("-" + word for word in removed)])


def _entry(values: Dict[str, Any], key: str) -> str:
    """An empty value is shown as "", to distinguish it from a missing one."""
    return '""' if values.get(key) == "" else _words(values.get(key))


def _words(value: Any) -> str:
    if value is None or value == "":
        return "(none)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{%s}" % ", ".join("%s: %s" % (key, _words(value[key])) for key in sorted(value))
    if isinstance(value, list):
        return "[%s]" % ", ".join(_words(item) for item in value)
    return str(value)
