# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Retrying calls that an engine refuses only because something else is changing at that moment."""

from __future__ import annotations

import random
import time
from typing import Any, Callable, Dict, List, Mapping, Optional, TypeVar

from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import EngineError

Answer = TypeVar("Answer")

# How long, in seconds, such a refusal is treated as temporary.
WITHIN = 10.0
# The pauses between attempts, in seconds; random, so that two tasks that collided do not collide again.
SHORTEST, LONGEST = 0.01, 0.04


def again(call: Callable[[], Answer], passes: Callable[[EngineError], bool], within: float = WITHIN) -> Answer:
    """The result of ``call``, retried for up to ``within`` seconds while it raises an error that ``passes`` accepts."""
    end = time.monotonic() + within
    while True:
        try:
            return call()
        except EngineError as error:
            if not passes(error) or time.monotonic() > end:
                raise
        time.sleep(random.uniform(SHORTEST, LONGEST))


def list_images(engine: Engine, tried: str, query: Optional[Mapping[str, Any]] = None) -> List[Dict[str, Any]]:
    """The images: one call, or more if an image is removed in the meantime.

    With the containerd image store the engine then answers 404: it can't find the content of an image that it lists.
    """

    def call() -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = engine.get("/images/json", tried=tried, query=query)
        return found

    return again(call, lambda error: error.status == 404)
