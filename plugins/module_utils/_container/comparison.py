# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a container is as wanted, and how it differs: all that a run without a change decides. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container import spec as fields
from ansible_collections.wharf.docker.plugins.module_utils._container.status import is_paused, is_running
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import Wanted
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import IGNORE, STRICT, Difference
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._container.endpoints import EndpointChange
    from ansible_collections.wharf.docker.plugins.module_utils._container.observed import Observed

Api = Mapping[str, Any]


class Comparison(NamedTuple):
    """How a container differs from what is wanted.

    ``differences``: of its options; ``endpoints``: of its networks. ``starts``: it has to be started, restarted, paused
    or unpaused; ``stops``: it has to be stopped. ``replaced``: it has to be replaced. ``missing``: there is none.
    """

    differences: Tuple[Difference, ...] = ()
    endpoints: Tuple[EndpointChange, ...] = ()
    starts: bool = False
    stops: bool = False
    replaced: bool = False
    missing: bool = False

    @property
    def same(self) -> bool:
        return not any(self)


def compare(wanted: Wanted, observed: Observed) -> Comparison:
    """Compare ``observed.container`` with what is wanted."""
    container = observed.container
    if container is None:
        return Comparison(missing=True)
    if wanted.state == "stopped":
        return Comparison(stops=is_running(container))
    expected = observed.compared or observed.image
    if wanted.image_label_mismatch == "fail":
        refuse_labels(wanted, expected)
    found = fields.differences(wanted.normal, wanted.modes, container, expected, wanted.unspecified == "keep")
    found += _image_differences(wanted, observed, container)
    changes: List[EndpointChange] = []
    if wanted.endpoints is not None:
        from ansible_collections.wharf.docker.plugins.module_utils._container.endpoints import (
            endpoint_changes,
            lasting_difference,
        )

        first_too = not wanted.default_network
        found += lasting_difference(wanted.normal, wanted.endpoints, wanted.modes, container, first_too)
        changes = endpoint_changes(wanted.normal, wanted.endpoints, wanted.modes, container)
    starts = wanted.runs and (
        not is_running(container) or wanted.restart or wanted.paused not in (None, is_paused(container))
    )
    replaced = wanted.recreate or any(not difference.live for difference in found)
    return Comparison(tuple(found), tuple(changes), starts, False, replaced)


def refuse_labels(wanted: Wanted, image: Optional[Api]) -> None:
    """Failure: labels are compared strictly, and the image has some that the task does not give."""
    if wanted.modes["labels"] != STRICT or image is None or "labels" not in wanted.normal:
        return
    inherited = values.labels_from_api((image.get("Config") or {}).get("Labels"))
    missing = sorted(set(inherited) - set(wanted.normal["labels"]))
    if missing:
        raise Failure(
            "Cannot describe the container %s: its image %s has labels that the task does not give: %s. Give them, or "
            "set image_label_mismatch to ignore; nothing was touched." % (wanted.name, wanted.image, ", ".join(missing))
        )


def discarded(wanted: Wanted, image: Optional[Api], container: Api) -> List[Difference]:
    """What the engine discarded from the spec of a container that was just created from ``image``."""
    return fields.differences(wanted.normal, wanted.modes, container, image, wanted.unspecified == "keep")


def _image_differences(wanted: Wanted, observed: Observed, container: Api) -> List[Difference]:
    if wanted.image is None or wanted.modes["image"] == IGNORE:
        return []
    name, short = str(container["Config"]["Image"]), _short(container["Image"])
    if observed.newer:
        return [Difference("image", "%s (%s)" % (name, short), "%s (%s)" % (wanted.image, observed.newer))]
    if observed.image is not None and not values.is_for(observed.image, wanted.platform):
        return [Difference("platform", values.platform_of(observed.image), wanted.platform)]
    if observed.image is not None and observed.image["Id"] != container["Image"]:
        after = "%s (%s)" % (wanted.image, _short(observed.image["Id"]))
        return [Difference("image", "%s (%s)" % (name, short), after)]
    if wanted.image_name_mismatch == "ignore":
        return []
    if not values.is_image_id(wanted.image) and not values.same_image_name(wanted.image, name):
        return [Difference("image", name, wanted.image)]
    return []


def _short(image_id: str) -> str:
    return image_id.replace("sha256:", "")[:12]
