# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of a prune: reading what a task gives, and whether an object passes them. Pure.

No listing of the engine accepts all filters of its prunes, so they are applied here, to unfiltered listings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._values import limits
from ansible_collections.wharf.docker.plugins.module_utils._values.time import SECOND, nanoseconds, read

# The filters of each kind; for build cache, "unused-for" is an older name of "until".
KNOWN: Mapping[str, Tuple[str, ...]] = {
    "containers_filters": ("label", "label!", "until"),
    "images_filters": ("dangling", "label", "label!", "until"),
    "networks_filters": ("label", "label!", "until"),
    "volumes_filters": ("all", "label", "label!"),
    "builder_cache_filters": (
        "description",
        "id",
        "inuse",
        "parent",
        "private",
        "shared",
        "type",
        "unused-for",
        "until",
    ),
}
LABELS = ("label", "label!")
FLAGS = ("all", "dangling", "inuse", "private", "shared")
# What the engine's filters don't accept in a date: other characters, or a zone without a colon.
FOREIGN = re.compile(r"[^0-9TZ:.+-]|[+-]\d{4}$")
UNIX = re.compile(r"(\d{1,12})(?:\.(\d{1,9}))?", re.ASCII)
# Words for a boolean that Ansible accepts.
TRUE = ("1", "on", "t", "true", "y", "yes")
FALSE = ("0", "f", "false", "n", "no", "off")
# The part before "=", if a label is given as text.
NAME = re.compile(r"[^\s,=]+")


@dataclass(frozen=True)
class Clock:
    """The engine's time, and the offset of its time zone from UTC. Both in nanoseconds."""

    now: int = 0
    offset: int = 0


@dataclass(frozen=True)
class Until:
    """A point in time, in nanoseconds: since 1970 ("unix"), the same in the engine's zone, or before now ("ago")."""

    kind: str
    value: int

    def at(self, clock: Clock) -> int:
        if self.kind == "ago":
            return clock.now - self.value
        return self.value - (clock.offset if self.kind == "local" else 0)


@dataclass(frozen=True)
class Filters:
    """The filters of one kind. ``flags``: filters that are true or false; ``texts``: filters of build cache records."""

    labels: Tuple[str, ...] = ()
    without: Tuple[str, ...] = ()
    until: Optional[Until] = None
    flags: Mapping[str, bool] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def pass_labels(self, labels: Optional[Mapping[str, str]]) -> bool:
        """Whether an object has all of the wanted labels, and none of the unwanted ones."""
        has = labels or {}
        return all(_has(has, text) for text in self.labels) and not any(_has(has, text) for text in self.without)

    def pass_time(self, created: int, clock: Clock) -> bool:
        """``created`` in nanoseconds since 1970."""
        return self.until is None or created <= self.until.at(clock)


def filters(option: str, given: Optional[Mapping[str, Any]]) -> Filters:
    """The filters of one option. ValueError: what is wrong with them."""
    given = given or {}
    known = KNOWN[option]
    unknown = sorted(str(key) for key in given if key not in known)
    if unknown:
        raise ValueError("%s is unknown. The known filters are %s" % (", ".join(unknown), ", ".join(known)))
    texts: Dict[str, List[str]] = {key: _texts(key, value) for key, value in given.items()}
    for key, found in texts.items():
        if not found or not all(found):
            raise ValueError("%s has an empty value. Give it one, or leave the filter out" % key)
        if len(found) > 1 and key not in LABELS:
            raise ValueError("%s has %d values, and takes one" % (key, len(found)))
    if "until" in texts and "unused-for" in texts:
        raise ValueError("until and unused-for are the same: give one of them")
    limit = texts.get("until") or texts.get("unused-for")
    if "id" in texts:
        _refuse_pattern(texts["id"][0])
    return Filters(
        labels=tuple(texts.get("label", ())),
        without=tuple(texts.get("label!", ())),
        until=until(limit[0]) if limit else None,
        flags={key: _flag(key, texts[key][0]) for key in FLAGS if key in texts},
        texts={key: texts[key][0] for key in ("description", "id", "parent", "type") if key in texts},
    )


def until(text: str) -> Until:
    """A point in time in a form that the engine's filters accept. ValueError: it is not one.

    "0" is not a duration, but the beginning of 1970: nothing is older. "0s" is now.
    """
    text = text.strip()
    unix = UNIX.fullmatch(text)
    if unix is not None:
        return Until("unix", int(unix.group(1)) * SECOND + int((unix.group(2) or "").ljust(9, "0")))
    try:
        found = None if FOREIGN.search(text) else read(text)
    except ValueError:
        raise ValueError("until: there is no such time as %r" % text) from None
    if found is not None:
        return Until("unix" if found[0].tzinfo else "local", nanoseconds(*found))
    try:
        return Until("ago", limits.duration(text))
    except ValueError:
        raise ValueError(
            "until: %r is not a valid time: use a duration such as 24h or 1h30m, a time such as 2026-01-31T12:00:00Z, "
            "or the seconds since 1970" % text
        ) from None


def instant(text: str) -> int:
    """Nanoseconds since 1970 of a time in a response of the engine."""
    return nanoseconds(*_answered(text))


def clock(system_time: str) -> Clock:
    """The clock of an engine with this SystemTime."""
    date, fraction = _answered(system_time)
    offset = date.utcoffset() or timedelta()
    return Clock(nanoseconds(date, fraction), offset // timedelta(seconds=1) * SECOND)


def _answered(text: str) -> Tuple[datetime, int]:
    found = read(text)
    if found is None:
        raise ValueError("%r is not a valid time" % text)
    return found


def _has(labels: Mapping[str, str], text: str) -> bool:
    name, equals, value = text.partition("=")
    return name in labels and (not equals or labels[name] == value)


def _refuse_pattern(text: str) -> None:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError("id: %r is not a valid regular expression: %s" % (text, error)) from None


def _texts(key: str, value: Any) -> List[str]:
    if isinstance(value, Mapping):
        if key not in LABELS:
            raise ValueError("%s takes a text, not a dictionary" % key)
        return [_label(key, name, given) for name, given in value.items()]
    items = value if isinstance(value, (list, tuple)) else [value]
    if any(isinstance(item, (list, tuple, Mapping)) for item in items):
        raise ValueError("%s takes a text or a list of texts, not %r" % (key, value))
    if key in LABELS:
        for item in items:
            _refuse_name(key, item)
    elif key not in FLAGS and any(isinstance(item, bool) for item in items):
        raise ValueError("%s takes a text, not %r" % (key, value))
    return [_text(item) for item in items]


def _label(key: str, name: Any, value: Any) -> str:
    """A label of a dictionary, in which its name may have any characters except "="."""
    if isinstance(name, bool) or name is None or not str(name).strip() or "=" in str(name):
        raise ValueError("%s: %r is not the name of a label" % (key, name))
    if isinstance(value, (list, tuple, Mapping)):
        kind = "dict" if isinstance(value, Mapping) else "list"
        raise ValueError("%s: the value of %r is a %s: use a text" % (key, name, kind))
    return str(name) if value is None else "%s=%s" % (name, _text(value))


def _refuse_name(key: str, given: Any) -> None:
    """Refuse what can't be the name of a label: no object has it, so all objects would pass ``label!``."""
    if given is None or given == "":
        return  # It is empty, which the caller refuses for every filter.
    name = given.partition("=")[0] if isinstance(given, str) else given
    if isinstance(name, str) and NAME.fullmatch(name) and given.lower() not in ("true", "false"):
        return
    raise ValueError(
        "%s: %r is not the name of a label: use name or name=value, and for several labels a list or a dictionary"
        % (key, name)
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _flag(key: str, text: str) -> bool:
    word = text.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ValueError("%s: %r is neither true nor false" % (key, text))
