# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Engines that a process stays connected to, for callers that run several tasks in one process."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._engine import CONNECTION_OPTIONS, Engine, connect

_engines: Dict[Tuple[Any, ...], Engine] = {}


def kept_engine(options: Mapping[str, Any]) -> Engine:
    """The engine of these connection options: the one that this process is connected to already, or a new one.

    A connection belongs to one process: two that share one over a fork read each other's answers. The environment
    takes part in where an engine is found and how (DOCKER_CONTEXT, DOCKER_CERT_PATH, proxies).
    """
    environment = tuple(sorted(os.environ.items()))
    key = (os.getpid(), environment, *(options[name] for name in sorted(CONNECTION_OPTIONS)))
    if key not in _engines:
        _engines[key] = connect(options)
    return _engines[key]


def forget_engines() -> None:
    """Connect anew from here on: a connection that was interrupted may have half an answer in it."""
    _engines.clear()
