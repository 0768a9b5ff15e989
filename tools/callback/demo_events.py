# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A callback for the demo: it writes what tools/demo.py needs to know, as lines of JSON.

It is not a plugin of the collection: only tools/demo.py passes its directory to Ansible.
"""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: demo_events
type: aggregate
short_description: The events of the demo as lines of JSON
description:
  - Writes each task that starts, each row of playbooks/lifecycle.yml and each failure to the file descriptor in the
    environment variable E(WHARF_DEMO_EVENTS).
requirements:
  - The environment variable E(WHARF_DEMO_EVENTS).
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "demo_events"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, **event: Any) -> None:
        os.write(int(os.environ["WHARF_DEMO_EVENTS"]), json.dumps(event, default=str).encode() + b"\n")

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._write(task=task.get_name())

    def v2_runner_on_ok(self, result: Any) -> None:
        row = result._result.get("msg")
        if isinstance(row, dict) and "why" in row:
            self._write(row=row)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        # With a loop, the message of the task itself says nothing.
        parts = [part for part in result._result.get("results", []) if part.get("failed")]
        message = next((part["msg"] for part in [*parts, result._result] if part.get("msg")), "")
        self._write(failed=result._task.get_name(), message=str(message))
