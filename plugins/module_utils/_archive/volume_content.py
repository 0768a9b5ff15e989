# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A volume whose content is made of an archive: what a task wants of it, and the step. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Mapping, Optional

from ansible_collections.wharf.docker.plugins.module_utils._archive.entries import Entries, Root
from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import Content
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import BY_ITSELF, Step


@dataclass(frozen=True)
class Archive:
    """A file, and the volume that it is imported into. ``max_size``: the most bytes that are unpacked."""

    src: str
    volume: str
    max_size: Optional[int] = None

    @property
    def name(self) -> str:
        return "the content of the volume %s" % self.volume

    @property
    def tried(self) -> str:
        return "import %s as %s" % (self.src, self.name)


@dataclass(frozen=True)
class ImportContent(Step):
    """Send the archive with these ``entries`` to the volume, and verify them there.

    ``exact``: the volume is empty before, and must have nothing else afterwards. ``undone``: the message about what is
    left if this fails. ``root``: the attributes of its root directory.
    """

    ACTION: ClassVar[str] = "import"
    WAY_BACK: ClassVar[str] = BY_ITSELF

    archive: Archive
    content: Content
    entries: Entries
    exact: bool
    undone: str
    root: Optional[Root] = None


@dataclass(frozen=True)
class ReplaceContent(Step):
    """Replace a volume that no container has by one with only this archive's content.

    ``body``: the body of the create call for the same volume. A trial volume gets the content before the old volume is
    removed.
    """

    ACTION: ClassVar[str] = "replace"
    WAY_BACK: ClassVar[str] = BY_ITSELF

    body: Mapping[str, Any]
    new: ImportContent
