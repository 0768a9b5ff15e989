# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images from a registry: whether it has a newer one, and pulling it."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils import _values as values
from ansible_collections.wharf.docker.plugins.module_utils._container import find_image
from ansible_collections.wharf.docker.plugins.module_utils._engine import Engine, EngineError, reference


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
    tried = "ask the registry for the image %s" % name
    try:
        headers = engine.credentials(name)
        document = engine.get("/distribution/%s/json" % reference(name), tried=tried, headers=headers)
    except EngineError as error:
        if pull == "always" or not error.status or warnings is None:
            raise
        warnings.append("%s The image that the engine has is used." % error.message)
        return ""
    digest = str(document["Descriptor"]["digest"])
    known = {str(entry).rpartition("@")[2] for entry in image.get("RepoDigests") or []}
    return "" if digest in known else "the registry has another: %s" % digest.replace("sha256:", "")[:12]


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
