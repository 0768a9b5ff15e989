# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the guides of docs/docsite/rst: their code blocks, and the messages that they quote."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import packages

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "docsite" / "rst"
BLOCK = re.compile(r"^( *)\.\. code-block:: (\S+)\n\n((?:\1 +.*\n|\n)+)", re.MULTILINE)


def blocks(name: str) -> list[tuple[str, str]]:
    """The code blocks of a guide, in their order: (language, text)."""
    text = (FOLDER / (name + ".rst")).read_text(encoding="utf-8")
    found = [(kind, textwrap.dedent(block).strip() + "\n") for _indent, kind, block in BLOCK.findall(text)]
    assert len(found) == text.count("code-block::") and "::\n\n  " not in text.replace("code-block::", "")
    return found


def of_kind(name: str, kind: str) -> list[str]:
    return [text for found, text in blocks(name) if found == kind]


def play_of(*tasks: str) -> str:
    """Tasks of a guide as a play on localhost."""
    return "- hosts: localhost\n  gather_facts: false\n  tasks:\n" + textwrap.indent("\n".join(tasks), "    ")


def pattern(message: str) -> re.Pattern[str]:
    """A pattern for a message as quoted in a guide, in which "..." stands for names and values."""
    parts = [r"\s+".join(map(re.escape, part.split())) for part in message.split("...")]
    return re.compile(r".*?".join(r"\s*%s\s*" % part for part in parts), re.DOTALL)


def navigator() -> Path:
    """The directory with ansible-navigator. Its dependencies are in .venv, because ansible-lint needs them."""
    return packages.fetched("navigator", "--no-deps")


def molecule() -> Path:
    """The directory with Molecule. Its dependencies are in .venv, because ansible-lint needs them."""
    return packages.fetched("molecule", "--no-deps")
