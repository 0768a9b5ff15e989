# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_exec: options that are refused without asking an engine."""

from __future__ import annotations

from typing import Any

import pytest

WRONG = [
    ({"command": ""}, "command: it is empty: give a program, and its arguments if it takes any."),
    ({"command": "  "}, "command: it is empty"),
    ({"command": "echo 'a"}, "has a quote or a backslash that nothing closes"),
    ({"command": ["echo", "a"]}, "command: it is a list: give it with the option argv, or write it as one string."),
    ({"command": ["echo", 1, True]}, "command: it is a list: give it with the option argv"),
    ({"command": ["echo"]}, "command: it is a list: give it with the option argv"),
    ({"command": []}, "command: it is a list: give it with the option argv"),
    ({"command": '["echo", "a"]'}, "command: it is a list: give it with the option argv"),
    ({"command": '[ "echo", "a" ]'}, "command: it is a list: give it with the option argv"),
    ({"command": "[echo, it's]"}, "command: it is a list: give it with the option argv"),
    ({"argv": []}, "argv: it is empty"),
    ({"argv": ["", "a"]}, "argv: it is empty"),
    ({"argv": ["a\0b"]}, "argv: there is a NUL in it"),
    ({"argv": ["a"], "command": "a"}, "parameters are mutually exclusive: argv|command"),
    ({}, "one of the following is required: argv, command"),
    ({"command": "a", "container": "-"}, "container: name '-' is not a container's"),
    ({"command": "a", "env": {"A": 1}}, "env: variable 'A' has a value that is not a string, but a number: quote it"),
    ({"command": "a", "env": {"A": True}}, "env: variable 'A' has a value that is not a string"),
    ({"command": "a", "env": {"A=B": "1"}}, "env: variable 'A=B' has a wrong name"),
    ({"command": "a", "max_output": "many"}, "max_output: size 'many' is not a number with a unit"),
    ({"command": "a", "max_output": "-1"}, "max_output: size '-1' is negative"),
    ({"command": "a", "creates": ""}, "creates: it is empty"),
    ({"command": "a", "removes": "/a/*.b"}, "removes: '/a/*.b' is a pattern"),
    ({"command": "a", "wait_timeout": "soon"}, "wait_timeout"),
    (
        {"command": "a", "wait_timeout": "nan"},
        "wait_timeout: nan is not a valid time to wait: give seconds, or 0 for no limit.",
    ),
    ({"command": "a", "chdir": "www"}, "chdir: www is not an absolute path. Give one that begins with a slash."),
    ({"command": "a", "detach": True, "stdin": "a"}, "detach and stdin: nobody stays with a command that is detached."),
    ({"command": "a", "detach": True, "wait_timeout": 5}, "detach and wait_timeout: nobody stays with a command"),
]


@pytest.mark.parametrize(("options", "words"), WRONG, ids=lambda value: str(value)[:40])
def test_wrong_values(options: dict[str, Any], words: str, refused: Any) -> None:
    assert words in refused("container_exec", **{"container": "nobody", **options})
