# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls that an engine refuses only in a moment at which something else changes, and takes in the next one."""

from __future__ import annotations

import random
import time
from typing import Any, Callable, Dict, List, Mapping, Optional, TypeVar

from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import EngineError

Answer = TypeVar("Answer")

# How long, in seconds, such a refusal is taken for one of a moment.
WITHIN = 10.0
# The pauses between, in seconds: two that got into each other's way must not meet again.
SHORTEST, LONGEST = 0.01, 0.04


def again(call: Callable[[], Answer], passes: Callable[[EngineError], bool], within: float = WITHIN) -> Answer:
    """What ``call`` returns. A refusal that ``passes`` is asked again until ``within`` seconds are over."""
    end = time.monotonic() + within
    while True:
        try:
            return call()
        except EngineError as error:
            if not passes(error) or time.monotonic() > end:
                raise
        time.sleep(random.uniform(SHORTEST, LONGEST))


def list_images(engine: Engine, tried: str, query: Optional[Mapping[str, Any]] = None) -> List[Dict[str, Any]]:
    """The images. One call, and more of them where an image goes meanwhile.

    With the containerd image store the engine answers 404 then: it no longer finds the content of an image it lists.
    """

    def call() -> List[Dict[str, Any]]:
        found: List[Dict[str, Any]] = engine.get("/images/json", tried=tried, query=query)
        return found

    return again(call, lambda error: error.status == 404)
