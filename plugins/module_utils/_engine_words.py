# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a failure of an engine means, in words for people. Pure; only a task that fails needs it."""

from __future__ import annotations

import re
from typing import Any, Tuple

# What to do about an answer of the engine, by its words. The first that matches is used.
_ADVICE: Tuple[Tuple[str, str], ...] = (
    (r"No such image|reference does not exist", "Import, build or pull it first."),
    (
        r"pull access denied|repository does not exist|manifest unknown|not found: manifest",
        "Check the image's name and tag.",
    ),
    (
        r"port is already allocated|address already in use",
        "Choose another host port, or stop what uses it.",
    ),
    (r"Conflict\. The container name", "Remove or rename that container, or choose another name."),
    (r"network .* not found", "Create the network first."),
    (r"[Uu]nknown or invalid runtime name|unknown runtime", "Name a runtime that 'docker info' lists."),
    # So begins what the engine says of the program that it lists processes with, which is none of an image.
    (r"^ps: exec: ", "Install ps on the engine's host (package procps), or leave the option processes out."),
    (r"executable file not found|no such file or directory: unknown", "Check the command and its path in the image."),
    (r"No such container", "Check its name with the container_info module."),
    (r"is not running", "Start it first."),
    (r"invalid mount config|bind source path does not exist", "Check the mount's source and target."),
    (r"unable to find user|no matching entries in passwd", "Give a user that the image has, or a number."),
    (r"gathering device information", "Give a device that the engine's host has."),
    (r"unknown log opt|log driver", "Look up which options that log driver has."),
    (
        r"dial tcp|no such host|network is unreachable|server gave HTTP response",
        "Check that the engine's host reaches the registry, or bring the image there by other means.",
    ),
)
_REFUSED = "Correct the option that it speaks of."


def sentence(words: str) -> str:
    """``words`` ending in a full stop."""
    words = words.strip()
    return words if words.endswith((".", "!", "?")) else words + "."


def advice(words: str, status: int) -> str:
    """What to do about an engine's words, with a leading space; "" where nothing is known."""
    for pattern, what_to_do in _ADVICE:
        if re.search(pattern, words):
            return " " + what_to_do
    return " " + _REFUSED if status == 400 else ""


def unreachable(tried: str, url: str, error: BaseException) -> str:
    """Why nothing answers at an address, and what to do."""
    words = str(error)
    if "Permission denied" in words or "PermissionError" in words:
        return (
            "Cannot %s: the engine's socket %s may not be used by this user. "
            "Use become, or add the user to the group that owns the socket (often docker)." % (tried, url)
        )
    if "FileNotFoundError" in words or "No such file or directory" in words:
        why = "there is no such socket"
    elif "Connection refused" in words or "ConnectionRefusedError" in words:
        why = "nothing listens there"
    else:
        why = words
    return (
        "Cannot %s: nothing answers at %s: %s. Start the engine (systemctl start docker), "
        "or set docker_host or DOCKER_HOST to its address." % (tried, url, why)
    )


def own_words(answer: Any) -> str:
    """The engine's own words in an answer that is no success."""
    try:
        document = answer.json()
    except ValueError:
        return str(answer.text).strip() or str(answer.reason)
    if isinstance(document, dict) and "message" in document:
        return str(document["message"])
    return str(document)
