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
WRITER = OWN_LABELS + "writer"  # the thread that creates it, see _flow/writer.py
WITHIN = OWN_LABELS + "writer.within"  # the seconds after its creation within which its writer is done
INTERRUPTED = "a replacement was interrupted"

STOP_SECONDS = 10  # how long the engine waits after a stop signal by default
MARGIN = 60  # for everything other than waits
A_DAY = 86400  # if there is no limit


def labels_of_successor(old: Api) -> Dict[str, str]:
    """The labels that record in a new container what the ``old`` one was that it replaces."""
    policy = old["HostConfig"].get("RestartPolicy") or {}
    words = str(policy.get("Name") or "no")
    if policy.get("MaximumRetryCount"):
        words += ":%d" % policy["MaximumRetryCount"]
    was = "paused" if is_paused(old) else "running" if is_running(old) else "stopped"
    return {REPLACES: str(old["Id"]), WAS: was, POLICY: words}


def longest(stop_timeout: Optional[float], container: Optional[Api], proof: float) -> float:
    """The most seconds that a replacement of ``container`` takes, as far as is known.

    ``stop_timeout``: that of the task. ``proof``: the seconds that the new container has to prove itself; 0 or less:
    no limit.
    """
    stop = stop_timeout
    if stop is None:
        stop = ((container or {}).get("Config") or {}).get("StopTimeout")
    stop = STOP_SECONDS if stop is None else stop
    # An undo takes as long again.
    return A_DAY if stop < 0 or proof <= 0 else 2 * (stop + MARGIN) + proof


def policy_of(label: str) -> Dict[str, Any]:
    """The API's form of a restart policy: of "no", "always", "unless-stopped", "on-failure" or "on-failure:3"."""
    name, _colon, retries = label.partition(":")
    return {"Name": name, "MaximumRetryCount": int(retries or 0)}


def replaced_by(new: Optional[Api]) -> Optional[str]:
    """The id of the container that ``new`` was created to replace; None if it was not created for a replacement."""
    labels = ((new or {}).get("Config") or {}).get("Labels") or {}
    return str(labels[REPLACES]) if REPLACES in labels else None


def is_given_up(new: Optional[Api], container: Optional[Api]) -> bool:
    """Whether a roll back from ``new`` restored ``container``, which it had replaced: then ``new`` has run."""
    if new is None or container is None or replaced_by(new) != container["Id"]:
        return False
    return not is_running(new) and status(new) != "created"


def number_of(name: str, other: str) -> Optional[int]:
    """The number of ``other`` among the kept previous containers of ``name``; None: it is not one of them."""
    found = re.fullmatch(re.escape(name + PREVIOUS) + "([0-9]+)", other)
    return int(found.group(1)) if found else None


def role_of(name: str) -> str:
    """A message: what a container of this name is to the one it is a leftover of; "" if it is not a leftover."""
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
