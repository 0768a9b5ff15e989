# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as they are after a round trip through JSON, which a module's arguments and result make."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

# Most values already have one of these exact types and need no conversion.
_EXACT = frozenset((str, int, float, bool, type(None)))


def plain(value: Any) -> Any:
    """``value`` with exact types: Ansible's own strings, numbers and containers are tagged, and some are encrypted.

    TypeError: JSON can't represent a key.
    """
    if type(value) in _EXACT:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return str(value)


def _key(key: Any) -> str:
    """A key as JSON writes it: a string."""
    if key.__class__ is str:
        return key
    if isinstance(key, str):
        return str.__str__(key)
    if key is None:
        return "null"
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, (int, float)):
        return str(key)
    raise TypeError("a key is a %s" % type(key).__name__)
