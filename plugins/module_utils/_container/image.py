# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images from a registry: whether the registry has a newer one."""

from __future__ import annotations

from typing import Any, List, Mapping, Optional

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
    """Why ``name`` has to be pulled, or "". ``image``: its inspect document; None: the engine does not have it.

    ``platform``: what it has to be for, as os/architecture/variant; "": any. With pull "always" and "newer" the engine
    asks the registry for the manifest's digest (one call, nothing is transferred), so that check mode foresees what a
    pull would do. A registry that does not answer is an error with "always", and one of ``warnings`` with "newer".
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
    return "" if has_digest(image, digest) else "the registry has another: %s" % digest.replace("sha256:", "")[:12]


def registry_digest(engine: Engine, name: str) -> str:
    """The digest of the manifest that the registry has for ``name``. One call, nothing is transferred."""
    tried = "ask the registry for the image %s" % name
    path = "/distribution/%s/json" % reference(name)
    document = engine.get(path, tried=tried, headers=engine.credentials(name))
    return str(document["Descriptor"]["digest"])


def has_digest(image: Mapping[str, Any], digest: str) -> bool:
    """Whether this is the digest of an image's manifest in a registry."""
    return digest in {str(entry).rpartition("@")[2] for entry in image.get("RepoDigests") or []}
