# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Observing containers and images: inspect documents as plain data."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Optional, TypeVar, cast

from ansible_collections.wharf.docker.plugins.module_utils._container.status import own_name
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import (
    Engine,
    reference,
    segment,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    EngineError,
    Failure,
)
from ansible_collections.wharf.docker.plugins.module_utils._values.core import NEW, OLD

Document = TypeVar("Document")


def find_container(engine: Engine, name: str, within: Optional[float] = None) -> Optional[Dict[str, Any]]:
    """The inspect document of the container with this name or id; None: there is none. One call.

    ``within``: as in ``Engine.get()``.

    The engine also accepts the beginning of an id. A name such as "cafe" must not find a container whose id begins with
    it, so an id needs at least the 12 characters that ``docker ps`` shows.
    """
    name = name[1:] if name.startswith("/") else name  # The engine's own form of names, which it accepts.
    try:
        limit = {} if within is None else {"within": within}
        path, tried = "/containers/%s/json" % segment(name), "look at the container %s" % name
        document = _look(engine, lambda: engine.find(path, tried=tried, **limit))
    except EngineError as error:
        if "multiple ids found" in error.answer.lower():
            return None  # No container has this name: the engine found several ids that begin with it.
        raise
    if document is not None and engine.podman:
        document = _like_docker(document)
    if document is None or document["Name"].lstrip("/") == name:
        return document
    return document if len(name) >= 12 and document["Id"].startswith(name) else None


# The message in check mode if a container that the task needs does not exist.
ASSUMED = "There is no container %s. In check mode, it is assumed that an earlier task would create it."


def not_found(engine: Engine, name: str, tried: str) -> Failure:
    """The failure of a task whose container does not exist. ``tried``: what the task was to do with it."""
    advice = (
        about_id(engine, name) or _about_leftovers(engine, name) or "Check its name with the container_info module."
    )
    return Failure("Cannot %s: there is no such container. %s" % (tried, advice))


def _about_leftovers(engine: Engine, name: str) -> str:
    """Advice if the missing container is or was being replaced, or its replacement was interrupted; "": neither."""
    for suffix in (NEW, OLD):
        found = find_container(engine, name + suffix)
        if found is not None:
            return (
                "There is %s: another task is replacing it, or was interrupted. Wait until that one is done, or run it "
                "again." % own_name(found)
            )
    if find_container(engine, name) is not None:
        return "There is one now: another task has just replaced or created it. Run the task again."
    return ""


def about_id(engine: Engine, name: str, kind: str = "container") -> str:
    """Why ``name``, which no container (or network: ``kind``) has, is not accepted as the beginning of an id.

    "": no id begins with it. One call, if it may be the beginning of an id at all.
    """
    if not re.fullmatch("[0-9a-f]{1,64}", name):
        return ""
    # The engine's filter for ids finds nothing if several begin with it.
    tried = "look for %ss whose ids begin with %s" % (kind, name)
    path, query = ("/networks", None) if kind == "network" else ("/containers/json", {"all": True})
    listed = engine.get(path, tried=tried, query=query)
    found = sorted(
        "%s (%s)"
        % (
            ", ".join(each.lstrip("/") for each in entry.get("Names") or [entry.get("Name", "")]),
            entry["Id"][: len(name) + 12],
        )
        for entry in listed
        if entry["Id"].startswith(name)
    )
    if not found:
        return ""
    if len(found) > 1:
        return "The ids of several begin with %s: %s. Give more characters of the id, or the name." % (
            name,
            ", ".join(found),
        )
    return "The id of the %s %s begins with %s, but an id needs at least 12 characters: give them, or the name." % (
        kind,
        found[0],
        name,
    )


def inspect_container(engine: Engine, container_id: str, name: str) -> Dict[str, Any]:
    """The inspect document of an existing container. One call."""
    path, tried = "/containers/%s/json" % segment(container_id), "look at the container %s" % name
    document = cast("Dict[str, Any]", _look(engine, lambda: engine.get(path, tried=tried)))
    return _like_docker(document) if engine.podman else document


def _look(engine: Engine, look: Callable[[], Document]) -> Document:
    """The result of ``look``; Podman can't inspect a container at the moment when its process ends: it is retried."""

    def is_ending(error: EngineError) -> bool:
        return engine.podman and error.status == 500 and "no such process" in error.answer

    try:
        return look()
    except EngineError as error:
        if not is_ending(error):
            raise
    from ansible_collections.wharf.docker.plugins.module_utils._engine.again import again

    return again(look, is_ending)


def _like_docker(document: Dict[str, Any]) -> Dict[str, Any]:
    from ansible_collections.wharf.docker.plugins.module_utils._engine.podman import like_docker

    return like_docker(document)


def find_network(engine: Engine, name: str) -> Optional[Dict[str, Any]]:
    """The inspect document of the network with this name or id; None: there is none. One call.

    The engine also accepts the beginning of an id: as for containers, at least 12 characters are needed.
    """
    try:
        document = engine.find("/networks/%s" % segment(name), tried="look at the network %s" % name)
    except EngineError as error:
        if "is ambiguous" in error.answer.lower():
            return None
        raise
    if document is None or document["Name"] == name or (len(name) >= 12 and document["Id"].startswith(name)):
        return document
    return None


def find_image(engine: Engine, name: str) -> Optional[Dict[str, Any]]:
    """The inspect document of an image; None: the engine has none of this name. One call."""
    return engine.find("/images/%s/json" % reference(name), tried="look at the image %s" % name)
