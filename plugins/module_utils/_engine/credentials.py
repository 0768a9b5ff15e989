# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials for a registry, as "docker login" stores them: in the file config.json, or with a credential helper."""

from __future__ import annotations

import base64
import json
import warnings
from typing import Any, Dict

from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import sentence


def credentials(sdk: Any, image: str) -> Dict[str, str]:
    """The header with the credentials for the registry of an image; {} if none are stored.

    The engine passes them on only to that registry. Failure: they can't be read.
    """
    tried = "read the credentials for the registry of the image %s" % image
    try:
        registry = sdk.auth.resolve_repository_name(image)[0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # The SDK warns of a missing helper, and also raises an error.
            found = sdk.auth.load_config().resolve_authconfig(registry)
    except (sdk.errors.DockerException, sdk.credentials.errors.StoreError) as error:
        # A helper's output may contain a secret: the SDK reports only how the helper ended.
        raise Failure(
            "Cannot %s: %s Check config.json in the directory that DOCKER_CONFIG names, or in ~/.docker, and the "
            "helper docker-credential-... that it names." % (tried, sentence(str(error)))
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failure("Cannot %s: config.json is damaged: %s" % (tried, sentence(repr(error)))) from None
    if not found:
        return {}
    text = json.dumps({str(key): value for key, value in found.items()})
    return {"X-Registry-Auth": base64.urlsafe_b64encode(text.encode()).decode()}
