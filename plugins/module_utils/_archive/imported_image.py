# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image imported from an archive: what a task wants, how another image differs from that, and its steps. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar, List, Mapping, Optional, Protocol, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import Content
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import DICT, STRICT, Difference, shown
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step
from ansible_collections.wharf.docker.plugins.module_utils._values import instructions as _instructions

# The parts of an image's configuration that instructions set: the API's name, and the name in a task's result.
PARTS: Mapping[str, str] = {
    "Cmd": "cmd",
    "Entrypoint": "entrypoint",
    "Env": "env",
    "ExposedPorts": "exposed_ports",
    "Healthcheck": "healthcheck",
    "Labels": "labels",
    "OnBuild": "onbuild",
    "StopSignal": "stop_signal",
    "User": "user",
    "Volumes": "volumes",
    "WorkingDir": "working_dir",
}


class Source(Protocol):
    """An archive, and what is to be made of it."""

    @property
    def src(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def max_size(self) -> Optional[int]: ...


@dataclass(frozen=True)
class Wanted:
    """The image that a task describes. ``config``: the API's image configuration; missing parts are empty.

    ``message`` None: it is not compared. ``max_size``: the maximum number of unpacked bytes; None: no limit.
    """

    src: str
    repository: str
    tag: str
    instructions: Tuple[str, ...]
    config: Mapping[str, Any]
    message: Optional[str]
    max_size: Optional[int] = None

    @property
    def name(self) -> str:
        return "%s:%s" % (self.repository, self.tag)


@dataclass(frozen=True)
class Import(Step):
    """Import the archive with this ``content``, as ``wanted``. ``previous``: the image that has the name, if any."""

    ACTION: ClassVar[str] = "import"

    wanted: Wanted
    content: Content
    previous: Optional[str]


@dataclass(frozen=True)
class RemoveName(Step):
    """Remove a name that an import gave to an image, and the image as well if that is its last name."""

    ACTION: ClassVar[str] = "remove"

    def words(self) -> str:
        return "remove the image %s" % self.target


def differences(wanted: Wanted, digest: str, image: Optional[Mapping[str, Any]]) -> List[Difference]:
    """The differences between an inspected image and the task's description. ``image`` None: there is no image."""
    layers: List[str] = list((image or {}).get("RootFS", {}).get("Layers") or [])
    found = []
    if layers != [digest]:
        before = None if image is None else layers[0] if len(layers) == 1 else "%d layers" % len(layers)
        found.append(Difference("content", before, digest))
    config = (image or {}).get("Config") or {}
    for key, option in PARTS.items():
        before, after = _shown(key, config.get(key)), _shown(key, wanted.config.get(key))
        if before == after:
            continue
        if image is None:
            before = None
        elif isinstance(after, dict):
            before, after = shown(DICT, STRICT, after, before)
        found.append(Difference(option, before, after, quiet=key == "Env"))
    if wanted.message is not None and (image or {}).get("Comment", "") != wanted.message:
        found.append(Difference("message", (image or {}).get("Comment"), wanted.message))
    return found


def cause_of(difference: Difference) -> str:
    if difference.option == "content":
        return "content %s → %s" % (_short(difference.before), _short(difference.after))
    if isinstance(difference.after, list):
        return "%s %s → %s" % (difference.option, json.dumps(difference.before), json.dumps(difference.after))
    return difference.cause()


def changed_meanwhile(wanted: Source, why: str = "") -> Failure:
    return Failure(
        "Cannot import %s as %s: the file changed while it was read%s. Run the task again when nobody writes it."
        % (wanted.src, wanted.name, why)
    )


def _shown(key: str, value: Any) -> Any:
    """A part of a configuration as it is compared and shown. Engines write empty values in different ways."""
    if key == "Env":
        return dict(str(entry).partition("=")[::2] for entry in value or [])
    if key == "Labels":
        return dict(value or {})
    if key in ("ExposedPorts", "Volumes"):
        return sorted(value or {})
    if key == "Healthcheck":
        return {part: setting for part, setting in (value or {}).items() if setting}
    if key == "WorkingDir":
        return _instructions.plain_path(value) if value else ""
    if key in ("User", "StopSignal"):
        return value or ""
    return list(value or [])


def _short(digest: str) -> str:
    return digest[: len("sha256:") + 12] if digest.startswith("sha256:") else digest
