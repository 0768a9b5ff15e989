# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_info: options that are refused without asking an engine."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"name": "web", "filters": {"label": "a"}}, "Give either name or filters"),
        ({"filters": {"labels": "a"}}, "filters: labels is unknown. The known filters are"),
        ({"filters": {"label": ""}}, "label has an empty value"),
        ({"name": "no/name"}, "name: name 'no/name'"),
    ],
)
def test_wrong_values(arguments: dict[str, Any], reason: str, refused: Any) -> None:
    assert reason in refused("container_info", **arguments)
