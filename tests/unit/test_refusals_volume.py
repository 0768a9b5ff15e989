# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""volume: options that are refused without asking an engine."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": ""}, "volume_name: '' can't be a volume's"),
        ({"name": "v"}, "volume_name: 'v' can't be a volume's: use 2 to 255 characters"),
        ({"name": "a b"}, "can't be a volume's"),
        ({"name": "/srv/data"}, "can't be a volume's"),
        ({"name": "-data"}, "can't be a volume's"),
        ({"name": "v" * 256}, "can't be a volume's"),
        ({"name": "data\n"}, "can't be a volume's"),
        ({"name": "", "driver": "nothing"}, "can't be a volume's"),
        ({"labels": {"a": {}}}, "labels: the value of 'a' is a dict: use a string, a number, true or false."),
        ({"driver_options": {"": 1}}, "driver_options: key '' is not a name"),
        ({"recreate": "sometimes"}, "value of recreate must be one of: always, never, options-changed"),
    ],
)
def test_wrong_values(arguments: dict[str, Any], message: str, refused: Any) -> None:
    assert message in refused("volume", **{"name": "data", **arguments})
