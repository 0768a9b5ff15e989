# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task: an argument spec, and a function from a call to a result. It does not depend on how it is executed.

A module's ``main()`` (see ``_flow/module.py``) and a caller in the same process (``call()`` below) run the same task.
"""

from __future__ import annotations

import re
import traceback
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._engine.client import CONNECTION_OPTIONS, Engine, connect
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Ended, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._values.core import MASKED_LABEL, SECRET_PLACES

Result = Dict[str, Any]
Connect = Callable[[Mapping[str, Any]], Engine]

# The argument that passes the task's time limit to a module: [its seconds, how many of them are left].
TIME_LIMIT = "_ansible_wharf_docker_time_limit"

# What Ansible writes to a terminal as it is. Everything else in a result (stdout, an inspect document) is data.
SHOWN = ("msg", "warnings", "actions", "exception")
SHOWN_IN_DIFF = ("before_header", "after_header")

# The option of tasks whose results contain the environment of containers.
SECRET_PATTERNS: Dict[str, Any] = {
    "type": "list",
    "elements": "str",
    # Because of its name, Ansible would treat this option as a secret.
    "no_log": False,
    "default": [
        "*PASSWORD*",
        "*PASSWD*",
        "*PASSPHRASE*",
        "*_PASS",
        "*SECRET*",
        "*TOKEN*",
        "*CREDENTIAL*",
        "*APIKEY*",
        "*API_KEY*",
        "*_KEY",
        "!*_FILE",
    ],
}

# The minimum length of a value to be masked in a process's output, if a variable's name marks it as secret.
LONG_SECRET = 12


class Call:
    """One run of a task: its validated parameters, its modes, and the engine it talks to."""

    def __init__(
        self, params: Mapping[str, Any], check_mode: bool, diff_mode: bool, kept: Optional[Connect] = None
    ) -> None:
        """``kept``: returns an engine whose connection outlives the call; None: the call opens and closes its own."""
        self.params = params
        self.check_mode = check_mode
        self.diff_mode = diff_mode
        self.warnings: List[str] = []
        # What a diff is about: the name in the task's options, unless the task finds the object under another name.
        self.about = ""
        # Values with secrets that the result might show, in addition to the options and the inspected documents.
        self.seen: List[Any] = []
        self._kept = kept
        self._engine: Optional[Engine] = None

    @property
    def engine(self) -> Engine:
        """The engine. It is connected to at the first use, so that invalid values are reported before any call."""
        if self._engine is None:
            self._engine = (self._kept or connect)(self.params)
            self._engine.inspected = {}
            self.warnings += self._engine.warnings
        return self._engine

    def inspected(self) -> List[Any]:
        """The inspect documents of containers and images that this call has read."""
        return [] if self._engine is None else list(self._engine.inspected.values())

    def close(self) -> None:
        if self._engine is not None and self._kept is None:
            self._engine.close()

    def report(self, plan: Plan, **facts: Any) -> Result:
        """The task's result: ``changed``, ``actions`` and ``diff`` all come from the plan."""
        result: Result = {"changed": plan.changed, "actions": plan.actions(), "steps": plan.single_steps()}
        if self.diff_mode:
            about = self.about or _about(self.params)
            result["diff"] = {**plan.diff(), "before_header": about, "after_header": about}
        result.update(facts)
        return result


def _about(params: Mapping[str, Any]) -> str:
    """The name of the object that a task is about, from its options."""
    found = next((params[option] for option in ("name", "container", "volume_name") if params.get(option)), "")
    return ", ".join(str(name) for name in found) if isinstance(found, list) else str(found)


class Task(NamedTuple):
    """``options`` is an Ansible argument spec without the connection options; the rest is as in AnsibleModule.

    ``shortest``: the minimum length of a value to be masked in text because its name marks it as secret; None: the
    default. The output of a process is data for the next task, so common words in it must not be masked.
    ``other_names``: further names of options that can't be aliases, because Ansible reserves them; see ``arguments()``.
    """

    name: str
    options: Mapping[str, Any]
    run: Callable[[Call], Result]
    mutually_exclusive: Sequence[Sequence[str]] = ()
    required_one_of: Sequence[Sequence[str]] = ()
    required_together: Sequence[Sequence[str]] = ()
    required_if: Sequence[Tuple[Any, ...]] = ()
    required_by: Mapping[str, Sequence[str]] = {}
    shortest: Optional[int] = None
    other_names: Mapping[str, str] = {}

    def arguments(self, given: Mapping[str, Any]) -> Dict[str, Any]:
        """``given`` with ``other_names`` replaced by the options' names, unless both are given: that stays an error."""
        return {
            self.other_names.get(name, name) if self.other_names.get(name) not in given else name: value
            for name, value in given.items()
        }

    def argument_spec(self) -> Dict[str, Any]:
        return {**CONNECTION_OPTIONS, **self.options}

    def rules(self) -> Dict[str, Any]:
        """The rules about options that go together, as keyword arguments of AnsibleModule."""
        return {
            "mutually_exclusive": list(self.mutually_exclusive),
            "required_one_of": list(self.required_one_of),
            "required_together": list(self.required_together),
            "required_if": list(self.required_if),
            "required_by": dict(self.required_by),
        }


def guarded(
    task: Task, params: Mapping[str, Any], check_mode: bool, diff_mode: bool, kept: Optional[Connect] = None
) -> Result:
    """Run ``task`` and return its result; a failure becomes a result with ``failed`` and ``msg``.

    ``kept``: as in Call.
    """
    call = Call(params, check_mode, diff_mode, kept)
    try:
        result = task.run(call)
    except (Failure, Ended) as failure:
        result = {"changed": False, "failed": True, "msg": failure.message, **failure.facts}
    except (Exception, SystemExit) as error:
        # Every execution must end with a result: in Ansible's worker, anything else loses a loop's other results, and
        # SystemExit ends the whole run. Exceptions outside these classes (a time limit) are not the task's to handle.
        result = {
            "changed": False,
            "failed": True,
            "msg": "%s: unexpected error, a defect of the collection: %r. Please report it" % (task.name, error),
            "exception": traceback.format_exc(),
        }
    finally:
        call.close()
    if call.warnings:
        result["warnings"] = call.warnings
    # In this order: a secret is recognised by its exact text, with any control characters in it.
    return finished(without_secrets(params, result, [*call.seen, *call.inspected()], task.shortest))


def finished(result: Mapping[str, Any]) -> Result:
    """``result`` ready to be shown: control characters in the texts that go to a terminal are made visible.

    Every result and every failure of both executions comes through here.
    """
    result = dict(result)
    _show(result, SHOWN)
    if isinstance(result.get("diff"), dict):
        result["diff"] = dict(result["diff"])
        _show(result["diff"], SHOWN_IN_DIFF)
    return result


def _show(texts: Dict[str, Any], keys: Sequence[str]) -> None:
    for key in keys:
        value = texts.get(key)
        if value and not all(str(text).isprintable() for text in (value if isinstance(value, list) else [value])):
            from ansible_collections.wharf.docker.plugins.module_utils._flow.visible import visible

            texts[key] = visible(value)


def without_secrets(
    params: Mapping[str, Any], value: Any, seen: Sequence[Any] = (), shortest: Optional[int] = None
) -> Any:
    """``value``, from a task with these parameters, with its secrets masked.

    ``seen``: other sources of secrets that ``value`` may contain. ``shortest``: as in Task. Most tasks have no secrets:
    a quick check of the names finds that out.
    """
    given, patterns = params.get("env_secret"), params.get("secret_patterns")
    # With an empty list of patterns a task wants all values unmasked, except those of env_secret.
    guesses = patterns is None or bool(patterns)
    patterns = patterns.split(",") if isinstance(patterns, str) else patterns or []
    known = [params, *seen, *([] if value is params else [value])]
    if not given and not _may_be_secret(patterns, guesses, known):
        return value
    from ansible_collections.wharf.docker.plugins.module_utils._flow.mask import SHORTEST_GUESSED, Mask

    mask = Mask(patterns, given, shortest or SHORTEST_GUESSED, guesses)
    # A process may write a value that it was given by the task itself: the task is to return that output.
    mask.learn(known if shortest is None else known[1:])
    return mask.masked(value)


def _may_be_secret(patterns: Sequence[str], guesses: bool, values: Sequence[Any]) -> bool:
    """Whether ``values`` may contain a secret: false if no name can match a pattern, and no URL can have a password."""
    words = [word for word in (str(pattern).strip().strip("*").upper() for pattern in patterns) if word[:1] != "!"]
    if any(special in word for word in words for special in "*?[") or (patterns and "" in words):
        words = [""]
    words.append(MASKED_LABEL.upper())
    looked_at = set()
    todo = list(values)
    while todo:
        value = todo.pop()
        if isinstance(value, str):
            if guesses and "://" in value and re.search(r"://[^\s@]*:\S*@", value):
                return True
        elif isinstance(value, Mapping):
            if id(value) in looked_at:
                continue
            looked_at.add(id(value))
            for place in SECRET_PLACES:
                if value.get(place):
                    text = repr(value[place]).upper()
                    if any(word in text for word in words):
                        return True
            todo += value.values()
        elif isinstance(value, (list, tuple)):
            todo += value
    return False


def call(task: Task, arguments: Mapping[str, Any], check_mode: bool = False, diff_mode: bool = False) -> Result:
    """Validate raw ``arguments`` as AnsibleModule does, and run ``task`` in this process."""
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
    from ansible.module_utils.errors import UnsupportedError

    validated = ArgumentSpecValidator(task.argument_spec(), **task.rules()).validate(task.arguments(arguments))
    if validated.error_messages:
        words = str(without_secrets(arguments, "; ".join(validated.error_messages)))
        if isinstance(validated.errors[0], UnsupportedError):
            words = "Unsupported parameters for (%s) module: %s" % (task.name, words)
        return finished({"changed": False, "failed": True, "msg": words})
    return guarded(task, validated.validated_parameters, check_mode, diff_mode)
