# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masking the secrets in a task's result. Pure.

A secret is the value of an environment variable or of a label: one that the task gives as secret, one whose name
matches a pattern, or one that was noted as secret when its container was created. As the value of its name, it is
always masked. In other text (a command, a line of a log, an error) it is masked unless it is so short or so common that
the mask would hide text that is not secret. The password in a URL is always a secret.
"""

from __future__ import annotations

import fnmatch
import json
import re
from typing import Any, Dict, FrozenSet, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Pattern, Set, Tuple
from urllib.parse import unquote

from ansible_collections.wharf.docker.plugins.module_utils._values.core import MASKED_LABEL, OWN_LABELS, SECRET_PLACES

MASK = "********"
# In a diff, if both values are masked.
ANOTHER = " (another value)"
OTHER = MASK + ANOTHER

# Keys whose values a result has to show: a secret with the same value can't be protected by masking them.
SHOWN = ("name", "image", "Name", "Image")

# The minimum length of a value to be masked in other text: if it is given as secret, and if it is secret only by its
# name (values such as "true", "root" and "none" are too common).
SHORTEST_GIVEN, SHORTEST_GUESSED = 4, 6
# Shorter values are masked only as whole words: "1234" in the middle of an id, and "postgres" in "postgresql", are
# something else.
LONG = 12

# The beginning of a URL up to its password, and the password. An unescaped password may have any character: it ends at
# the last @ before the path, or else at the last @ of the word, unless a port stands there.
URL = re.compile(r"(\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@:\"'<>\[\]]*:)([^\s/?#\"'<>\\]+|(?!\d{1,5}(?![\w%]))\S+)(?=@)")


class Names(NamedTuple):
    """The names of secrets: ``given`` ones, and those matched by ``guessed`` and not by ``excepted``."""

    given: FrozenSet[str]
    guessed: Pattern[str]
    excepted: Pattern[str]

    def says_so(self, name: str) -> bool:
        lower = name.lower()
        return bool(self.guessed.match(lower) and not self.excepted.match(lower)) and not name.startswith(OWN_LABELS)


class Mask:
    """``patterns`` of the names of secrets, and the variables that were ``given`` as secret.

    ``shortest``: the minimum length of a value to be masked in other text, if its name matches a pattern. ``guesses``
    False: only what was given as secret is masked.
    """

    def __init__(
        self, patterns: Iterable[str], given: Any = None, shortest: int = SHORTEST_GUESSED, guesses: bool = True
    ) -> None:
        patterns = [str(pattern) for pattern in patterns]
        self._names = _names(patterns, given if isinstance(given, Mapping) else ())
        self._guesses = guesses
        self._shortest = shortest
        self._given: Dict[str, Set[str]] = {}
        self._guessed: Dict[str, Set[str]] = {}
        self._shown: Set[str] = set()
        self._text: Optional[Pattern[str]] = None
        self._noted: Dict[str, Names] = {}
        self.learn({"env_secret": given})

    def is_secret(self, name: str, noted: Optional[Names] = None) -> bool:
        return self._is_given(name, noted) or any(
            names.says_so(name) for names in (self._names, noted) if names is not None and self._guesses
        )

    def learn(self, value: Any) -> None:
        """Learn the secrets in options and inspect documents, at any depth of ``value``."""
        for mapping in _mappings(value):
            noted = self._note_of(mapping)
            for key, part in mapping.items():
                if key in SHOWN:
                    words = part if isinstance(part, list) else [part]
                    self._shown.update(word for word in words if word and isinstance(word, str))
                if key in SECRET_PLACES:
                    self._learn_pairs(key, part, noted)
        self._text = None

    def masked(self, value: Any) -> Any:
        """``value`` with all known secrets masked."""
        if isinstance(value, str):
            return self._without(value)
        if isinstance(value, (list, tuple)):
            return [self.masked(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        noted = self._note_of(value)
        result = {
            key: self._place(key, part, noted) if key in SECRET_PLACES else self.masked(part)
            for key, part in value.items()
        }
        if isinstance(value.get("before"), Mapping) and isinstance(value.get("after"), Mapping):
            result["after"] = _told_apart(value["before"], value["after"], result["before"], result["after"])
        return result

    def _is_given(self, name: str, noted: Optional[Names]) -> bool:
        return name in self._names.given or (noted is not None and name in noted.given)

    def _note_of(self, mapping: Mapping[Any, Any]) -> Optional[Names]:
        """What was noted about the variables and labels in ``mapping``; see ``note()``."""
        labels = mapping.get("Labels")
        text = labels.get(MASKED_LABEL) if isinstance(labels, Mapping) else None
        if not isinstance(text, str):
            return None
        if text not in self._noted:
            self._noted[text] = _read_note(text)
        return self._noted[text]

    def _learn_pairs(self, key: str, part: Any, noted: Optional[Names]) -> None:
        for name, text in _pairs(part):
            if key == "env_secret" or self._is_given(name, noted):
                self._given.setdefault(text, set()).add(name)
            elif self.is_secret(name, noted):
                self._guessed.setdefault(text, set()).add(name)
            if self._guesses and "://" in text:
                for _before, password in URL.findall(text):
                    for form in (password, unquote(password)):
                        self._guessed.setdefault(form, set())

    def _place(self, key: str, value: Any, noted: Optional[Names]) -> Any:
        everything = key == "env_secret"
        if isinstance(value, Mapping):
            return {
                name: self._value(everything or self.is_secret(str(name), noted), part) for name, part in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._entry(everything, entry, noted) for entry in value]
        # An invalid value, which an error shows as it was given.
        return MASK if value and isinstance(value, str) else value

    def _entry(self, everything: bool, entry: Any, noted: Optional[Names]) -> Any:
        if not isinstance(entry, str):
            return MASK if everything else self.masked(entry)
        name, separator, value = entry.partition("=")
        if not separator:
            return MASK if everything else self._without(entry)
        return "%s=%s" % (name, self._value(everything or self.is_secret(name, noted), value))

    def _value(self, secret: bool, value: Any) -> Any:
        if not secret:
            return self.masked(value)
        return value if value is None or value == "" else MASK

    def _without(self, text: str) -> str:
        if self._text is None:
            self._text = self._expression()
        text = self._text.sub(MASK, text)
        return URL.sub(r"\g<1>" + MASK, text) if self._guesses and "://" in text else text

    def _expression(self) -> Pattern[str]:
        forms: Set[str] = set()
        named: Set[str] = set()
        for secrets, shortest in ((self._given, SHORTEST_GIVEN), (self._guessed, self._shortest)):
            for value, names in secrets.items():
                if secrets is self._given or not any(value.strip() in word for word in self._shown):
                    forms.update(form for form in _forms(value) if len(form) >= shortest)
                # In NAME=value, as env and set print it, a value is masked whatever its length.
                named.update(_named(name, value) for name in names)
        # The longest first: one secret may be the beginning of another.
        found = [_found(form) for form in sorted(forms, key=len, reverse=True)]
        return re.compile("|".join([*found, *sorted(named, key=len, reverse=True)]) or r"(?!)")


def note(given: Iterable[str], patterns: Iterable[str]) -> str:
    """The text of the label that records a container's secrets for later tasks: names and patterns, no values.

    "" if there is nothing to note.
    """
    found = {"names": sorted(given), "patterns": [str(pattern) for pattern in patterns]}
    return json.dumps({key: value for key, value in found.items() if value}) if any(found.values()) else ""


def joined(first: str, second: str) -> str:
    """A note with the contents of both: for a container that also has variables and labels of another one."""
    notes = [_parts_of(text) for text in (first, second)]
    names = {name for given, _patterns in notes for name in given}
    patterns = dict.fromkeys(pattern for _names, found in notes for pattern in found)
    return note(names, patterns)


def _parts_of(text: str) -> Tuple[List[str], List[str]]:
    """(names, patterns) from a text of ``note()``; both empty if the label has been written by something else."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, Mapping):
        found = {}
    lists = [found.get(key) for key in ("names", "patterns")]
    names, patterns = ([str(item) for item in part] if isinstance(part, list) else [] for part in lists)
    return names, patterns


def _read_note(text: str) -> Names:
    names, patterns = _parts_of(text)
    return _names(patterns, names)


def for_core(values: Iterable[str], given: Any) -> Set[str]:
    """The ``no_log`` values for Ansible to mask itself, without the short ones of the variables ``given`` as secret.

    Ansible masks a value inside every word and number, even "1" or "true".
    """
    ours = {text for _name, text in _pairs(given)}
    return {value for value in values if value not in ours or (len(value) >= LONG and not value.isdigit())}


def _names(patterns: Iterable[str], given: Iterable[Any]) -> Names:
    patterns = [pattern.strip().lower() for pattern in patterns]
    guessed = _any_of(pattern for pattern in patterns if not pattern.startswith("!"))
    excepted = _any_of(pattern[1:] for pattern in patterns if pattern.startswith("!"))
    return Names(frozenset(str(name) for name in given), guessed, excepted)


def _any_of(patterns: Iterable[str]) -> Pattern[str]:
    return re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns) or r"(?!)")


def _forms(value: str) -> Iterator[str]:
    """The forms of a secret in text: verbatim, as JSON and Python escape it, and each line of a multi-line one."""
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
        text = r"(?:(?<!\w)|(?<=\\[nrt]))" + text  # The n of an escaped newline is not part of a word.
    if re.search(r"\w\Z", form):
        text += r"(?!\w)"
    return text


def _named(name: str, value: str) -> str:
    """The regular expression that finds the value of ``name`` in NAME=value."""
    return r"(?<=(?<!\w)%s=)%s(?!\w)" % (re.escape(name), re.escape(value))


def _mappings(value: Any) -> Iterator[Mapping[Any, Any]]:
    """Each mapping, at every depth."""
    if isinstance(value, Mapping):
        yield value
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return
    for item in value:
        yield from _mappings(item)


def _pairs(value: Any) -> List[Tuple[str, str]]:
    """Names and values from a dictionary or from ["NAME=value"]."""
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


def _told_apart(before: Any, after: Any, masked_before: Any, masked_after: Any) -> Any:
    """``masked_after`` of a diff, with different values distinguished even if their masks are the same."""
    if isinstance(masked_before, Mapping) and isinstance(masked_after, Mapping):
        return {
            key: _told_apart(before[key], after[key], masked_before[key], part) if key in masked_before else part
            for key, part in masked_after.items()
        }
    if before == after or masked_before != masked_after:
        return masked_after
    if isinstance(masked_after, list):
        return [_told_apart(*parts) for parts in zip(before, after, masked_before, masked_after)]
    return masked_after + ANOTHER if isinstance(masked_after, str) else masked_after
