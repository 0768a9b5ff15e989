# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pulling an image, before a plan that depends on the result, or as a step of a plan."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.image import has_digest, registry_digest
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_image
from ansible_collections.wharf.docker.plugins.module_utils._container.observed import Observed
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import EngineError
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values


def after_pull(engine: Engine, name: str, platform: str, observed: Observed, check_mode: bool) -> Observed:
    """``observed`` after the pull of ``name``: the pulled image may be the same as the container's.

    In check mode nothing is pulled: the image is the same if the container's has the digest that the registry reports.
    """
    container = observed.container or {}
    if check_mode:
        former = find_image(engine, str(container["Image"]))
        try:
            digest = registry_digest(engine, name)
        except EngineError:
            return observed  # The pull itself will report the reason.
        if former is None or not has_digest(former, digest):
            return observed
        return observed._replace(image=former, newer="", pull=observed.newer)
    image, told = pull_image(engine, name, platform)
    observed = observed._replace(pulled=(image, told))
    if image is None or image["Id"] != container["Image"]:
        return observed
    return observed._replace(image=image, newer="", pull=observed.newer)


def pull_image(engine: Engine, name: str, platform: str = "") -> Tuple[Optional[Dict[str, Any]], Dict[str, Any]]:
    """Pull ``name``. ``platform``: "" leaves the choice to the engine.

    Returns the inspect document of the pulled image, and the report of the pull: ``image``, ``digest``, ``layers`` (how
    many were transferred) and ``status`` (the engine's last message).
    """
    repository, tag = values.image_reference(name)
    query = {"fromImage": repository, "tag": tag, **({"platform": platform} if platform else {})}
    headers = engine.credentials(name)
    messages = engine.messages("/images/create", tried="pull the image %s" % name, query=query, headers=headers)
    said = [str(message.get("status") or "") for message in messages]
    digests = [words.partition(" ")[2] for words in said if words.startswith("Digest: ")]
    told = {
        "image": name,
        "digest": digests[-1] if digests else "",
        "layers": said.count("Pull complete"),
        "status": said[-1] if said else "",
    }
    return find_image(engine, name), told
