# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Observing containers and images: inspect documents as plain data."""

from __future__ import annotations

from typing import Any, Dict, Optional

from ansible_collections.wharf.docker.plugins.module_utils._engine import Engine, EngineError, reference, segment


def find_container(engine: Engine, name: str, within: Optional[float] = None) -> Optional[Dict[str, Any]]:
    """The inspect document of the container with this name or id; None where there is none. One call.

    ``within``: as in ``Engine.get()``.

    The engine takes the beginning of an id for the whole: a name such as "cafe" must not find a container whose id
    begins so, so that ids count from their 12 characters that ``docker ps`` shows.
    """
    try:
        limit = {} if within is None else {"within": within}
        document = engine.find("/containers/%s/json" % segment(name), tried="look at the container %s" % name, **limit)
    except EngineError as error:
        if "multiple ids found" in error.answer.lower():
            return None  # No container has this name: the engine looked for ids that begin so, and found several.
        raise
    if document is None or document["Name"].lstrip("/") == name:
        return document
    return document if len(name) >= 12 and document["Id"].startswith(name) else None


def inspect_container(engine: Engine, container_id: str, name: str) -> Dict[str, Any]:
    """The inspect document of a container that is there. One call."""
    return dict(engine.get("/containers/%s/json" % segment(container_id), tried="look at the container %s" % name))


def find_image(engine: Engine, name: str) -> Optional[Dict[str, Any]]:
    """The inspect document of an image; None where the engine has none of this name. One call."""
    return engine.find("/images/%s/json" % reference(name), tried="look at the image %s" % name)
