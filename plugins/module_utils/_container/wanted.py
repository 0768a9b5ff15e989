# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A container as a task of container_run describes it. Pure."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container import spec as fields
from ansible_collections.wharf.docker.plugins.module_utils._container.status import own_name


class Wanted(NamedTuple):
    """A container as a task describes it, with all shorthand expanded.

    ``normal``: the normalised value of each row of the option table that is managed. ``modes``: how each is compared.
    ``endpoints``: network → endpoint, in the order given; None: networks are not managed. ``secret_patterns``: names of
    labels whose values no cause shows. ``masked``: the note about its secrets in a new container's label; "": none.
    ``kill``: the signal that ends it instead of a stop; "": none. ``removal_within``: seconds; None: no limit.
    ``default_network``: it is in the default network as well as in the given ones. ``words``: the task's own word for
    an option whose normalised value has an id. The others are the options of these names.
    """

    name: str
    state: str = "started"
    image: Optional[str] = None
    pull: str = "missing"
    platform: str = ""
    recreate: bool = False
    detach: bool = True
    cleanup: bool = False
    healthy_within: float = 300
    normal: Mapping[str, Any] = {}
    modes: Mapping[str, str] = fields.comparison_modes({})
    endpoints: Optional[Mapping[str, Mapping[str, Any]]] = None
    replace: str = "stop_first"
    keep_previous: int = 0
    renew_volumes: bool = False
    unspecified: str = "drop"
    rename_from: Optional[str] = None
    secret_patterns: Tuple[str, ...] = ()
    masked: str = ""
    kill: str = ""
    stop_timeout: Optional[int] = None
    keep_volumes: bool = True
    removal_within: Optional[float] = None
    restart: bool = False
    paused: Optional[bool] = None
    image_comparison: str = "desired-image"
    image_label_mismatch: str = "ignore"
    image_name_mismatch: str = "recreate"
    default_network: bool = False
    dependents: str = "report"
    writable_layer: str = "ignore"
    writable_layer_to: str = ""
    writable_layer_ignore: Tuple[str, ...] = ()
    words: Mapping[str, str] = {}

    @property
    def runs(self) -> bool:
        return self.state in ("started", "healthy")


def under_own_name(wanted: Wanted, container: Mapping[str, Any]) -> Wanted:
    return wanted._replace(name=own_name(container))  # It may have been found by its id.
