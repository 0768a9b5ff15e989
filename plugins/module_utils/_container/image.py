# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images from a registry: whether it has a newer one, and pulling it."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_image
from ansible_collections.wharf.docker.plugins.module_utils._container.observed import (
    Observed,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import (
    Engine,
    reference,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    EngineError,
)
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values


def why_pull(
    engine: Engine,
    name: str,
    pull: str,
    image: Optional[Mapping[str, Any]],
    platform: str = "",
    warnings: Optional[List[str]] = None,
) -> str:
    """Why ``name`` has to be pulled, or "". ``image``: its inspect document, None where the engine has none.

    ``platform``: the one that it has to be for, as os/architecture/variant; "" is any. With pull "always" and "newer"
    the engine asks the registry for the manifest's digest (one call, nothing is transferred), so that check mode
    foresees what a pull would do. A registry that does not answer is an error with "always", and one of ``warnings``
    with "newer".
    """
    if pull == "never" or values.is_image_id(name):
        return ""
    if image is None:
        return "not on the engine"
    if not values.is_for(image, platform):
        return "on the engine it is for %s, not for %s" % (values.platform_of(image), platform)
    if pull not in ("always", "newer"):
        return ""
    try:
        digest = registry_digest(engine, name)
    except EngineError as error:
        if pull == "always" or not error.status or warnings is None:
            raise
        warnings.append("%s The image that the engine has is used." % error.message)
        return ""
    return "" if _has_digest(image, digest) else "the registry has another: %s" % digest.replace("sha256:", "")[:12]


def registry_digest(engine: Engine, name: str) -> str:
    """The digest of the manifest that the registry has for ``name``. One call, nothing is transferred."""
    tried = "ask the registry for the image %s" % name
    path = "/distribution/%s/json" % reference(name)
    document = engine.get(path, tried=tried, headers=engine.credentials(name))
    return str(document["Descriptor"]["digest"])


def _has_digest(image: Mapping[str, Any], digest: str) -> bool:
    return digest in {str(entry).rpartition("@")[2] for entry in image.get("RepoDigests") or []}


def after_pull(engine: Engine, name: str, platform: str, observed: Observed, check_mode: bool) -> Observed:
    """``observed``, where ``name`` has to be pulled, with what comes: it may be the image that the container has.

    In check mode nothing is pulled: the image is the same if the container's has the digest that the registry tells.
    """
    container = observed.container or {}
    if check_mode:
        former = find_image(engine, str(container["Image"]))
        try:
            digest = registry_digest(engine, name)
        except EngineError:
            return observed  # A pull will tell why.
        if former is None or not _has_digest(former, digest):
            return observed
        return observed._replace(image=former, newer="", pull=observed.newer)
    image, told = pull_image(engine, name, platform)
    observed = observed._replace(pulled=(image, told))
    if image is None or image["Id"] != container["Image"]:
        return observed
    return observed._replace(image=image, newer="", pull=observed.newer)


def pull_image(engine: Engine, name: str, platform: str = "") -> Tuple[Optional[Dict[str, Any]], Dict[str, Any]]:
    """Pull ``name``. ``platform``: "" leaves the choice to the engine.

    Returns the inspect document of what came, and what is to be told of it: ``image``, ``digest``, ``layers`` (how many
    were transferred) and ``status`` (the engine's last words).
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
