# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Observing what a container that is going to be replaced has, and its task does not give.

See _replacement/plan_unspecified.py.
"""

from __future__ import annotations

from typing import Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.arguments import refuse_contradictions
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_image
from ansible_collections.wharf.docker.plugins.module_utils._container.observed import (
    Observed,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    Api,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._replacement.plan_unspecified import (
    carried,
    dropped,
    in_words,
    ruled_out,
    settings_of,
    unspecified,
)
from ansible_collections.wharf.docker.plugins.module_utils._values.core import MASKED_LABEL


def carry_over(engine: Engine, wanted: Wanted, observed: Observed) -> Tuple[Wanted, Observed]:
    """``wanted`` with what ``unspecified`` carries over, and ``observed`` with what is dropped. Two calls."""
    container = observed.container or {}
    former = observed.image
    if former is None or former["Id"] != container["Image"]:
        former = find_image(engine, str(container["Image"]))
    settings = settings_of(engine.get("/info", tried="look at the settings of the engine"))
    found = unspecified(wanted, container, former, settings)
    out = ruled_out(wanted, container, found)
    lost = out if wanted.unspecified == "keep" else frozenset((*found.normal, "networks"))
    differences = dropped(wanted, found, lost, None if observed.newer else observed.image)
    if wanted.unspecified == "fail" and differences:
        raise Failure(
            "Cannot replace the container %s: it has what the task does not give, and unspecified is fail: %s. Give "
            "it, or set unspecified to keep or drop; nothing was touched." % (wanted.name, in_words(differences))
        )
    if wanted.unspecified == "keep":
        try:
            wanted = _with_note(carried(wanted, found, out), container)
            refuse_contradictions(wanted)
        except ValueError as error:
            raise Failure(
                "Cannot replace the container %s with what is carried over from it: %s. Give the option in the task; "
                "nothing was touched." % (wanted.name, str(error).rstrip("."))
            ) from None
    return wanted, observed._replace(dropped=tuple(differences))


def _with_note(wanted: Wanted, container: Api) -> Wanted:
    """What is carried over stays secret for later tasks: see note() in _flow/mask.py."""
    noted = ((container.get("Config") or {}).get("Labels") or {}).get(MASKED_LABEL)
    if not noted:
        return wanted
    from ansible_collections.wharf.docker.plugins.module_utils._flow.mask import joined

    return wanted._replace(masked=joined(wanted.masked, str(noted)))


def warning(name: str, observed: Observed) -> str:
    """The warning about options that are dropped."""
    return (
        "The replacement of the container %s drops what the task does not give: %s. Give it, or set unspecified to "
        "keep." % (name, in_words(list(observed.dropped)))
    )
