# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_state: options that are refused without asking an engine."""

from __future__ import annotations

import re
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "one of the following is required: state, new_name"),
        ({"state": "started"}, "Give exactly one of name, filters and all: none of them is given."),
        ({"state": "started", "all": False}, "none of them is given"),
        ({"state": "started", "name": "web", "all": True}, "name and all are given"),
        ({"state": "started", "name": "web", "filters": {"label": "a"}}, "name and filters are given"),
        ({"state": "started", "filters": {}}, "Set all to true if that is meant"),
        ({"state": "started", "filters": {"labels": "a"}}, "filters: labels is unknown"),
        ({"state": "gone", "name": "web"}, "value of state must be one of"),
        ({"state": "killed", "name": "web", "signal": "HPU"}, "signal: signal 'HPU' is unknown"),
        ({"state": "killed", "name": "web", "signal": ""}, "signal: "),
        ({"state": "killed", "name": "web", "signal": "0"}, "signal: "),
        ({"state": "stopped", "name": "web", "stop_timeout": -2}, "stop_timeout: it is -2"),
        ({"state": "stopped", "name": "web", "parallel": 0}, "parallel: it is 0"),
        ({"new_name": "other"}, "missing required by 'new_name'|required by 'new_name': name"),
        ({"new_name": "other", "name": ["web", "db"]}, "new_name: only one container can have it"),
        ({"new_name": "no/name", "name": "web"}, "new_name: name 'no/name'"),
        ({"new_name": "other", "name": "web", "state": "absent"}, "new_name and state"),
        ({"name": "no/name", "state": "absent"}, "name: name 'no/name'"),
        ({"state": "rolled_back", "all": True}, "Give name"),
        ({"state": "rolled_back", "name": ["web"], "new_name": "web-b"}, "new_name"),
    ],
)
def test_wrong_values(arguments: dict[str, Any], reason: str, refused: Any) -> None:
    message = refused("container_state", **arguments)
    assert re.search(reason, message), message
