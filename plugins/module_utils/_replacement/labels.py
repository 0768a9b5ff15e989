# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names and labels by which the containers of a replacement are known. Pure."""

from __future__ import annotations

import re
from typing import Any, Dict, Optional

from ansible_collections.wharf.docker.plugins.module_utils._container.status import Api, is_paused, is_running, status
from ansible_collections.wharf.docker.plugins.module_utils._values.core import BESIDE, OWN_LABELS, PREVIOUS

REPLACES = OWN_LABELS + "replaces"  # the id of the container that this one replaces
WAS = OWN_LABELS + "replaces.was"  # running, paused, or stopped
POLICY = OWN_LABELS + "replaces.restart"  # its restart policy, as docker run --restart has it
WRITER = OWN_LABELS + "writer"  # who makes it, see _flow/writer.py
WITHIN = OWN_LABELS + "writer.within"  # how many seconds after its creation its writer is done at the latest
INTERRUPTED = "a replacement was interrupted"

STOP_SECONDS = 10  # what the engine waits after a stop signal, unless told otherwise
MARGIN = 60  # for all that is not waited for
A_DAY = 86400  # for what has no limit


def labels_of_successor(old: Api) -> Dict[str, str]:
    """What the new container remembers of the ``old`` one that it replaces."""
    policy = old["HostConfig"].get("RestartPolicy") or {}
    words = str(policy.get("Name") or "no")
    if policy.get("MaximumRetryCount"):
        words += ":%d" % policy["MaximumRetryCount"]
    was = "paused" if is_paused(old) else "running" if is_running(old) else "stopped"
    return {REPLACES: str(old["Id"]), WAS: was, POLICY: words}


def longest(stop_timeout: Optional[float], container: Optional[Api], proof: float) -> float:
    """How many seconds a replacement of ``container`` takes at the most, as far as that can be told.

    ``stop_timeout``: what the task says of it. ``proof``: how long the new one has to prove itself; 0 or less: for
    ever.
    """
    stop = stop_timeout
    if stop is None:
        stop = ((container or {}).get("Config") or {}).get("StopTimeout")
    stop = STOP_SECONDS if stop is None else stop
    # Going back takes as much again.
    return A_DAY if stop < 0 or proof <= 0 else 2 * (stop + MARGIN) + proof


def policy_of(label: str) -> Dict[str, Any]:
    """A restart policy as the API has it, of "no", "always", "unless-stopped", "on-failure" or "on-failure:3"."""
    name, _colon, retries = label.partition(":")
    return {"Name": name, "MaximumRetryCount": int(retries or 0)}


def replaced_by(new: Optional[Api]) -> Optional[str]:
    """The id of the container that ``new`` was made to replace; None where it is no successor at all."""
    labels = ((new or {}).get("Config") or {}).get("Labels") or {}
    return str(labels[REPLACES]) if REPLACES in labels else None


def is_given_up(new: Optional[Api], container: Optional[Api]) -> bool:
    """Whether ``new`` had the place that the ``container`` which it replaced has again: then it has run."""
    if new is None or container is None or replaced_by(new) != container["Id"]:
        return False
    return not is_running(new) and status(new) != "created"


def number_of(name: str, other: str) -> Optional[int]:
    """Which of the kept ones of the container ``name`` bears the name ``other``; None where it is none of them."""
    found = re.fullmatch(re.escape(name + PREVIOUS) + "([0-9]+)", other)
    return int(found.group(1)) if found else None


def role_of(name: str) -> str:
    """What a container of this name is for another one, in words; "" where it is none that stands beside one."""
    found = re.fullmatch("(.+)" + BESIDE, name)
    if found is None:
        return ""
    of, what = found.group(1), found.group(2)
    if what.startswith("previous-"):
        return "kept as the previous container of %s" % of
    if what == "turn":
        return "what a roll back of %s needs while it lasts" % of
    if what == "old":
        return "the old container of %s, whose replacement was interrupted" % of
    return "a new container of %s, whose replacement was interrupted or undone" % of
