# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Volumes, as tables: differences, and the request that creates one."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._objects.create_only import CreateObject
from ansible_collections.wharf.docker.plugins.module_utils._tasks import volume as _volume

VOLUME = {"Name": "data", "Driver": "local", "Labels": None, "Options": {"type": "tmpfs"}}


@pytest.mark.parametrize(
    ("normal", "found"),
    [
        ({}, []),
        ({"driver": "local", "driver_options": {"type": "tmpfs"}}, []),
        ({"driver": "other"}, [Difference("driver", "local", "other")]),
        ({"labels": {"a": "1"}}, [Difference("labels", {}, {"a": "1"})]),
        ({"driver_options": {"o": "1"}}, [Difference("driver_options", {}, {"o": "1"})]),
    ],
)
def test_differences(normal: Any, found: Any) -> None:
    assert _volume.differences(_volume.Wanted("data", normal=normal), VOLUME) == found


@pytest.mark.parametrize(
    ("normal", "body"),
    [
        ({"labels": {"a": "1"}}, {"Driver": "local", "DriverOpts": {"type": "tmpfs"}, "Labels": {"a": "1"}}),
        (
            {"driver": "other", "driver_options": {"b": "1"}},
            {"Driver": "other", "DriverOpts": {"b": "1"}, "Labels": {}},
        ),
    ],
)
def test_what_a_new_one_is_made_of(normal: Any, body: dict[str, Any]) -> None:
    wanted = _volume.Wanted("data", recreate="options-changed", normal=normal)
    (step,) = _volume.plan_volume(wanted, _volume.Observed(VOLUME)).steps
    _trial, _no_trial, gone, made = step.single()
    assert isinstance(made, CreateObject) and made.body == {"Name": "data", **body}
    (back,) = gone.back
    assert isinstance(back, CreateObject)
    assert back.body == {"Name": "data", "Driver": "local", "DriverOpts": {"type": "tmpfs"}}
