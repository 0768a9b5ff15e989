# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to do about an engine's words, where two of them are much alike."""

from __future__ import annotations

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import advice


@pytest.mark.parametrize(
    ("words", "what_to_do"),
    [
        (
            'ps: exec: "ps": executable file not found in $PATH',
            " Install ps on the engine's host (package procps), or leave the option processes out.",
        ),
        (
            'OCI runtime exec failed: exec failed: unable to start container process: exec: "ps": executable file not '
            "found in $PATH: unknown",
            " Check the command and its path in the image.",
        ),
        ("ps: error: unknown user-defined format specifier", ""),
    ],
)
def test_a_program_that_is_missing(words: str, what_to_do: str) -> None:
    assert advice(words, 500) == what_to_do
