# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that the result of a task is as expected, and that its parts agree."""

from __future__ import annotations

import json
from typing import Any


def shown(result: Any) -> str:
    """A result in readable form."""
    return json.dumps(result, indent=2, sort_keys=True, default=str)


def held(what: str, result: dict[str, Any], check: bool, diff: bool, expect: str | None, warnings: bool) -> None:
    """Assert that a result is as expected, and that its parts agree."""
    assert "exception" not in result, "%s met a defect:\n%s\n%s" % (what, result.get("msg"), result["exception"])
    failed = bool(result.get("failed"))
    outcome = "failed" if failed else "changed" if result.get("changed") else "ok"
    wanted = ("ok", "changed") if expect is None else ("ok", "changed", "failed") if expect == "any" else (expect,)
    words = "%s%s: expected %s, and it is %s:\n%s" % (
        what,
        " in check mode" if check else "",
        " or ".join(wanted),
        outcome,
        shown(result),
    )
    assert outcome in wanted, words
    assert not failed or result.get("msg"), "%s failed and does not say why:\n%s" % (what, shown(result))
    assert warnings or not result.get("warnings"), "%s warned:\n%s" % (what, shown(result["warnings"]))
    if "diff" in result and "before" in result["diff"]:
        # The headers are removed from the result: tests compare only the differences.
        headers = [result["diff"].pop(key + "_header") for key in ("before", "after")]
        assert headers[0] == headers[1], headers
    if "actions" in result and not failed:
        assert result["changed"] == bool(result["actions"]), "changed and actions disagree:\n%s" % shown(result)
        assert result["changed"] == bool(result["steps"]), "changed and steps disagree:\n%s" % shown(result)
        assert ("diff" in result) == diff, "%s: a diff was %sasked for:\n%s" % (
            what,
            "" if diff else "not ",
            shown(result),
        )
