# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps for the file of an exported archive, or of a log. Pure; _apply/archives.py carries them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step


@dataclass(frozen=True)
class WriteArchive(Step):
    """Write the archive, with this ``mode``."""

    ACTION: ClassVar[str] = "export"

    mode: int


@dataclass(frozen=True)
class WriteLog(WriteArchive):
    """Write the log of a container, with this ``mode``."""

    ACTION: ClassVar[str] = "write"


@dataclass(frozen=True)
class ChangeFile(Step):
    """Change the mode and owner of the existing file. ``inode``: identifies the file that was inspected."""

    ACTION: ClassVar[str] = "change"

    mode: int
    uid: Optional[int]
    gid: Optional[int]
    inode: Tuple[int, int]
