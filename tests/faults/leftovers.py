# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The leftover and kept containers of one container, by the suffix of its name."""

from __future__ import annotations

from typing import Any


def standing(client: Any, name: str) -> dict[str, str]:
    found = client.containers(all=True, filters={"name": name})
    return {one["Names"][0][1 + len(name) :]: one["State"] for one in found}
