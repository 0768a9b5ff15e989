# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dockerfile instructions as the engine reads them. The accepted cases are also tested with an engine."""

from __future__ import annotations

from typing import Any

import pytest
from instruction_cases import REFUSED, TAKEN

from ansible_collections.wharf.docker.plugins.module_utils._values import instructions as _instructions


@pytest.mark.parametrize(("changes", "config"), TAKEN)
def test_taken(changes: Any, config: dict[str, Any]) -> None:
    assert _instructions.configuration(_instructions.split(changes)) == config


@pytest.mark.parametrize(("changes", "words"), REFUSED)
def test_refused(changes: Any, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        _instructions.configuration(_instructions.split(changes))
    assert words in str(caught.value)


@pytest.mark.parametrize("changes", ["ENV A='s3cret", "ENV A=1 s3cret", "ENV A=${s3cret:-s3cret}", 'LABEL A="s3cret'])
def test_no_error_shows_a_value(changes: str) -> None:
    with pytest.raises(ValueError) as caught:
        _instructions.configuration(_instructions.split(changes))
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "instructions"),
    [
        (None, []),
        ("", []),
        ([], []),
        ("CMD a", ["CMD a"]),
        ('CMD ["a", "b"]', ['CMD ["a", "b"]']),
        ("CMD a\nUSER b\n", ["CMD a", "USER b"]),
        (["CMD a", "USER b"], ["CMD a", "USER b"]),
        ('["CMD a", "USER b"]', ["CMD a", "USER b"]),
        (["CMD a\nUSER b", "ENV c=d"], ["CMD a", "USER b", "ENV c=d"]),
        ("# one\n\n  CMD a  \n  # two\n", ["CMD a"]),
        ("ENV a=b \\\n  c=d \\\n# comment\n\n  e=f\nUSER x", ["ENV a=b   c=d   e=f", "USER x"]),
        ("CMD a \\", ["CMD a"]),
    ],
)
def test_split(changes: Any, instructions: list[str]) -> None:
    assert _instructions.split(changes) == instructions


@pytest.mark.parametrize("changes", [5, {"CMD": "a"}, ["CMD a", 5], [["CMD a"]], '["CMD a"', [None]])
def test_what_is_no_list_of_strings(changes: Any) -> None:
    with pytest.raises(ValueError):
        _instructions.split(changes)
