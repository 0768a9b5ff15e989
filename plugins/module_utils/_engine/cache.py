# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Engines that a process stays connected to, for callers that run several tasks in one process."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._engine.client import CONNECTION_OPTIONS, Engine, connect

# Each has a connection or several, and a process has a limit of open files. The items of a loop are about one engine,
# or about one after another.
MOST = 8
# Those used last stand last.
_engines: Dict[Tuple[Any, ...], Engine] = {}


def kept_engine(options: Mapping[str, Any]) -> Engine:
    """The engine of these connection options: the one that this process is connected to already, or a new one.

    A connection belongs to one process: two that share one over a fork read each other's answers. The environment
    takes part in where an engine is found and how (DOCKER_CONTEXT, DOCKER_CERT_PATH). An engine is in use until the
    next call at the earliest, so that with more than MOST of them the one that was not used for longest is closed.
    """
    environment = tuple(sorted(os.environ.items()))
    key = (os.getpid(), environment, *(options[name] for name in sorted(CONNECTION_OPTIONS)))
    engine = _engines.pop(key, None) or connect(options)
    _engines[key] = engine
    while len(_engines) > MOST:
        _close(next(iter(_engines)))
    return engine


def forget_engines() -> None:
    """Connect anew from here on: a connection that was interrupted may have half an answer in it."""
    while _engines:
        _close(next(iter(_engines)))


def _close(key: Tuple[Any, ...]) -> None:
    engine = _engines.pop(key)
    if key[0] == os.getpid():
        engine.close()
