# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A callback of the benchmark: a line of JSON for each result, into the file $WHARF_TIMES.

``number`` counts the tasks of the run, ``seconds`` are those since the task began, ``changed`` has an entry an item.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: task_times
type: aggregate
short_description: How long tasks take, as lines of JSON
description:
  - Writes each result's time as a line of JSON into the file that the environment variable E(WHARF_TIMES) names.
requirements:
  - The environment variable E(WHARF_TIMES).
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_times"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._began = 0.0

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._number += 1
        self._began = time.monotonic()

    def v2_runner_on_ok(self, result: Any) -> None:
        seconds = time.monotonic() - self._began
        answer = result._result
        line = {
            "number": self._number,
            "task": result._task.get_name(),
            "host": result._host.get_name(),
            "seconds": seconds,
            "changed": [bool(item.get("changed")) for item in answer.get("results", [answer])],
        }
        with open(os.environ["WHARF_TIMES"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
