# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of small files that a copy changes, as a unified diff."""

from __future__ import annotations

import difflib
from typing import List, Mapping, Optional, Sequence

from ansible_collections.wharf.docker.plugins.module_utils._archive.copied import FILE, shown
from ansible_collections.wharf.docker.plugins.module_utils._archive.tree import Source
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.visible import visible

# The maximum number of lines of a diff.
MOST_LINES = 2000


def text_diff(
    names: Sequence[str], sources: Mapping[str, Source], texts: Mapping[str, bytes], tried: str, most: int
) -> str:
    """The differences of entries that are text on both sides, or new. ``most``: the size of a small file."""
    lines: List[str] = []
    for name in names:
        source = sources[name]
        if source.entry.kind != FILE or source.entry.size > most:
            continue
        try:
            with source.chunks(tried) as chunks:
                after = _lines(b"".join(chunks))
        except Failure:  # It is changed by now, which the copy itself says.
            continue
        before = _lines(texts.get(name, b""))
        if before is not None and after is not None:
            label = visible(shown(name)).replace("\n", "\\n") or "content"
            lines += difflib.unified_diff(before, after, "before: " + label, "after: " + label, lineterm="")
        if len(lines) > MOST_LINES:
            return "\n".join([*lines[:MOST_LINES], "(more lines are not shown)", ""])
    return "\n".join([*lines, ""]) if lines else ""


def _lines(data: bytes) -> Optional[List[str]]:
    """The lines of a text; None: it is none, or has characters that a terminal would act on."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not all(character.isprintable() or character in "\n\t" for character in text):
        return None
    lines = text.split("\n")
    return [*lines[:-1], *([lines[-1] + "  (no newline at the end)"] if lines[-1] else [])]
