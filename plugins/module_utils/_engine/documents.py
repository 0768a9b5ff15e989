# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documents in an engine's answers: parsing JSON, and what is wrong with an invalid document."""

from __future__ import annotations

import json
from typing import Any, Dict, Tuple, Type

from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import EngineError


def document_class(tried: str, url: str) -> Type[Dict[str, Any]]:
    """The class of the objects in an answer: reading a missing key raises the error that ``strange`` makes."""

    class Document(Dict[str, Any]):
        def __missing__(self, key: str) -> Any:
            raise strange(tried, url, 'it has no "%s"' % key)

    return Document


def strange(tried: str, url: str, what: str, answer: Any = None) -> EngineError:
    """The error for an answer that can't be an engine's; ``what`` it is instead."""
    from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import strange as words

    status = 0 if answer is None else int(answer.status_code)
    return EngineError(words(tried, url, what, status, "" if answer is None else str(answer.headers.get("Server"))))


def document(text: bytes, tried: str, url: str, kinds: Tuple[type, ...] = (dict,), answer: Any = None) -> Any:
    """The JSON document in ``text``, which must be one of ``kinds``; of a list, all must be objects."""
    try:
        found = json.loads(text, object_pairs_hook=document_class(tried, url))
    except ValueError:
        from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import no_json

        raise strange(tried, url, no_json(text), answer) from None
    if not isinstance(found, kinds) or (isinstance(found, list) and not all(isinstance(one, dict) for one in found)):
        from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import other_kind

        raise strange(tried, url, other_kind(found, kinds), answer)
    return found
