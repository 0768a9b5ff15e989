# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options whose values are still templates, as a linter sees them: their final values are unknown. Pure."""

from __future__ import annotations

import re
from typing import Any, Dict, Mapping

_TEMPLATE = re.compile(r"{[{%#].*[%#}]}", re.DOTALL)
# What is kept of an option that accepts any type and any value.
_KEPT = ("aliases", "default", "no_log", "required")


def not_judged(spec: Mapping[str, Mapping[str, Any]], values: Mapping[str, Any]) -> Dict[str, Dict[str, Any]]:
    """The argument spec ``spec``, in which options whose values (from ``values``) have a template accept any value.

    Suboptions are still checked if they have no template themselves.
    """
    return {
        name: _one(dict(option), [values[key] for key in (name, *option.get("aliases", ())) if key in values])
        for name, option in spec.items()
    }


def _one(option: Dict[str, Any], values: Any) -> Dict[str, Any]:
    for value in values:
        if not has_template(value):
            continue
        inside = value if isinstance(value, list) else [value]
        if not option.get("options") or not all(
            isinstance(one, dict) and not has_template(list(one)) for one in inside
        ):
            return {"type": "raw", **{key: option[key] for key in _KEPT if key in option}}
        for one in inside:
            option["options"] = not_judged(option["options"], one)
    return option


def has_template(value: Any) -> bool:
    """Whether ``value`` has a template anywhere, keys included."""
    if isinstance(value, str):
        return bool(_TEMPLATE.search(value))
    if isinstance(value, dict):
        return has_template(list(value)) or has_template(list(value.values()))
    return isinstance(value, (list, tuple)) and any(has_template(one) for one in value)
