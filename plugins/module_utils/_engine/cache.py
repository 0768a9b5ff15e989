# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection cache: engines that a process stays connected to while it runs several tasks."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._engine.client import CONNECTION_OPTIONS, Engine, connect

# Each engine has one or more connections, and a process has a limit of open files. The items of a loop are about one
# engine, or about several in turn.
MOST = 8
# In the order of their last use, the latest last.
_engines: Dict[Tuple[Any, ...], Engine] = {}


def kept_engine(options: Mapping[str, Any]) -> Engine:
    """The engine of these connection options: an existing connection of this process, or a new one.

    A connection belongs to one process: two that share one after a fork read each other's answers. The environment is
    part of the key, since it determines the address and how to connect (DOCKER_CONTEXT, DOCKER_CERT_PATH). An engine is
    in use at least until the next call, so with more than MOST of them the least recently used one is closed.
    """
    environment = tuple(sorted(os.environ.items()))
    key = (os.getpid(), environment, *(options[name] for name in sorted(CONNECTION_OPTIONS)))
    engine = _engines.pop(key, None) or connect(options)
    _engines[key] = engine
    while len(_engines) > MOST:
        _close(next(iter(_engines)))
    return engine


def forget_engines() -> None:
    """Reconnect from here on: a connection that was interrupted may have half an answer in it."""
    while _engines:
        _close(next(iter(_engines)))


def _close(key: Tuple[Any, ...]) -> None:
    engine = _engines.pop(key)
    if key[0] == os.getpid():
        engine.close()
