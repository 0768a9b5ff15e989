# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The name and the state of a container. Pure."""

from __future__ import annotations

from typing import Any, Mapping, Optional

Api = Mapping[str, Any]


def status(container: Optional[Api]) -> str:
    """Either "absent" or the engine's word: created, running, paused, restarting, removing, exited, dead."""
    return str(container["State"]["Status"]) if container is not None else "absent"


def is_running(container: Api) -> bool:
    return bool(container["State"]["Running"])


def is_paused(container: Api) -> bool:
    return bool(container["State"].get("Paused"))


def state_cause(container: Api, after: str) -> str:
    return "state %s → %s" % (status(container), after)


def own_name(container: Api) -> str:
    return str(container["Name"]).lstrip("/")


def listed_name(entry: Api) -> str:
    """The name of a container in the engine's list, which has further names for the links of other containers."""
    names = sorted((str(name) for name in entry.get("Names") or []), key=lambda name: name.count("/"))
    return names[0].lstrip("/") if names else str(entry["Id"])[:12]


def has_health_check(container: Api) -> bool:
    """Whether the container has a health check, its own or its image's. (``["NONE"]`` disables the image's.)"""
    if container["State"].get("Health"):
        return True
    test = (container["Config"].get("Healthcheck") or {}).get("Test") or ["NONE"]
    return bool(test[0] != "NONE")


def state_of(container: Api) -> str:
    """Either "running", "paused" or "stopped": the state to restore if the replacement of the container fails."""
    return "paused" if is_paused(container) else "running" if is_running(container) else "stopped"
