# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masking what is secret in what a task tells. Pure.

A secret is the value of a variable of the environment, or of a label: one that the task gives as secret, or one whose
name says so. Where it stands as the value of its name, it is always masked. In other text (a command, a line of a
log, an error) it is masked unless it is so short, or so plain, that the mask would hide what is no secret.
"""

from __future__ import annotations

import fnmatch
import json
import re
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Pattern, Set, Tuple

MASK = "********"
# In a diff, where both values are masked.
OTHER = MASK + " (another value)"

# The keys below which names and values stand, in options and in inspect documents; all values of the last are secret.
PLACES = ("env", "labels", "Env", "Labels", "env_secret")
# The keys of words that a result has to show: a secret that is one of them can't be kept by masking them.
SHOWN = ("name", "image", "Name", "Image")

# From how many characters on a value is masked in other text: one that is given as secret, and one whose name says so
# ("true", "root", "none").
SHORTEST_GIVEN, SHORTEST_GUESSED = 4, 6
# A shorter one is masked where it stands alone: "1234" in the middle of an id, and "postgres" in "postgresql", are
# something else.
LONG = 12


class Mask:
    """``patterns`` of names that say so, and the variables that were ``given`` as secret."""

    def __init__(self, patterns: Iterable[str], given: Any = None) -> None:
        patterns = [str(pattern).strip().lower() for pattern in patterns]
        self._names = _any_of(pattern for pattern in patterns if not pattern.startswith("!"))
        self._not = _any_of(pattern[1:] for pattern in patterns if pattern.startswith("!"))
        self._given: Set[str] = set()
        self._guessed: Set[str] = set()
        self._shown: Set[str] = set()
        self._text: Optional[Pattern[str]] = None
        self._given_names = set(given) if isinstance(given, Mapping) else set()
        self.learn({"env_secret": given})

    def is_secret(self, name: str) -> bool:
        lower = name.lower()
        return name in self._given_names or bool(self._names.match(lower) and not self._not.match(lower))

    def learn(self, value: Any) -> None:
        """Know the secrets that options or inspect documents have, wherever they are in ``value``."""
        for key, part in _entries(value):
            if key in SHOWN:
                self._shown.update(word for word in (part if isinstance(part, list) else [part]) if word)
            if key not in PLACES:
                continue
            for name, text in _pairs(part):
                if key == "env_secret" or name in self._given_names:
                    self._given.add(text)
                elif self.is_secret(name):
                    self._guessed.add(text)
        self._text = None

    def masked(self, value: Any) -> Any:
        """``value`` without the secrets that are known."""
        if isinstance(value, str):
            return self._without(value)
        if isinstance(value, (list, tuple)):
            return [self.masked(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        result = {key: self._place(key, part) if key in PLACES else self.masked(part) for key, part in value.items()}
        if isinstance(value.get("before"), Mapping) and isinstance(value.get("after"), Mapping):
            _tell_apart(value, result)
        return result

    def _place(self, key: str, value: Any) -> Any:
        everything = key == "env_secret"
        if isinstance(value, Mapping):
            return {name: self._value(everything or self.is_secret(str(name)), part) for name, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._entry(everything, entry) for entry in value]
        # A wrong value, which an error shows as it was given.
        return MASK if value and isinstance(value, str) else value

    def _entry(self, everything: bool, entry: Any) -> Any:
        if not isinstance(entry, str):
            return MASK if everything else self.masked(entry)
        name, separator, value = entry.partition("=")
        if not separator:
            return MASK if everything else self._without(entry)
        return "%s=%s" % (name, self._value(everything or self.is_secret(name), value))

    def _value(self, secret: bool, value: Any) -> Any:
        if not secret:
            return self.masked(value)
        return value if value is None or value == "" else MASK

    def _without(self, text: str) -> str:
        if self._text is None:
            self._text = self._expression()
        return self._text.sub(MASK, text)

    def _expression(self) -> Pattern[str]:
        forms: Set[str] = set()
        for value in self._given:
            forms.update(form for form in _forms(value) if len(form) >= SHORTEST_GIVEN)
        for value in self._guessed:
            if not any(value.strip() in str(word) for word in self._shown):
                forms.update(form for form in _forms(value) if len(form) >= SHORTEST_GUESSED)
        # The longest first: one secret may be the beginning of another.
        return re.compile("|".join(_found(form) for form in sorted(forms, key=len, reverse=True)) or r"(?!)")


def for_core(values: Iterable[str], given: Any) -> Set[str]:
    """The ``no_log`` values that Ansible may mask itself: not the short ones among the variables ``given`` as secret.

    It masks each value in the middle of every word and of every number, be it "1" or "true".
    """
    ours = {text for _name, text in _pairs(given)}
    return {value for value in values if value not in ours or (len(value) >= LONG and not value.isdigit())}


def _any_of(patterns: Iterable[str]) -> Pattern[str]:
    return re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns) or r"(?!)")


def _forms(value: str) -> Iterator[str]:
    """How a secret may stand in text: as it is, with what JSON or Python escapes, and each line of several."""
    for part in (value, *(value.splitlines() if len(value.splitlines()) > 1 else ())):
        part = part.strip()
        yield part
        yield json.dumps(part)[1:-1]
        yield json.dumps(part, ensure_ascii=False)[1:-1]
        yield repr(part)[1:-1]


def _found(form: str) -> str:
    """The regular expression that finds ``form``."""
    text = re.escape(form)
    if len(form) >= LONG:
        return text
    if re.match(r"\w", form):
        text = r"(?:(?<!\w)|(?<=\\[nrt]))" + text  # The n of an escaped newline belongs to no word.
    if re.search(r"\w\Z", form):
        text += r"(?!\w)"
    return text


def _entries(value: Any) -> Iterator[Tuple[str, Any]]:
    """Each key with its value, at every depth."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield str(key), part
            yield from _entries(part)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _entries(item)


def _pairs(value: Any) -> List[Tuple[str, str]]:
    """Names and values, of a dictionary or of ["NAME=value"]."""
    if isinstance(value, Mapping):
        return [
            (str(name), str(part))
            for name, part in value.items()
            if not isinstance(part, (bool, Mapping, list)) and part not in (None, "")
        ]
    if isinstance(value, (list, tuple)):
        parts = [str(entry).partition("=") for entry in value]
        return [(name, text) for name, _separator, text in parts if text]
    return []


def _tell_apart(value: Mapping[str, Any], masked: Dict[str, Any]) -> None:
    """Let a diff show that two masked values are not the same."""
    for key in PLACES:
        before, after = value["before"].get(key), value["after"].get(key)
        if not isinstance(before, Mapping) or not isinstance(after, Mapping):
            continue
        for name in set(before) & set(after):
            if before[name] != after[name] and masked["before"][key][name] == masked["after"][key][name]:
                masked["after"][key][name] = OTHER
