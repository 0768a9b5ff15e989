# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the comparison table of README.md, of this collection and two others: the same four tasks with each."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TABLE = re.search(r"^\| +\| wharf\.docker .*\n(?:\|.*\n)+", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
LINES = [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLE[0].splitlines()] if TABLE else []
# Line → collection → the claim of the table.
CLAIMS = {line[0]: dict(zip(LINES[0][1:], line[1:], strict=True)) for line in LINES[2:]}

AGAIN = "A second run changes nothing"
FORESEEN = "Check mode foresees another memory limit"
SHOWN = "`--check --diff` shows the old limit and the new one"
KEPT = "The container keeps running when its limit changes"
RESTORED = "The old container runs again if its replacement does not start"
TRIED = {AGAIN, FORESEEN, SHOWN, KEPT, RESTORED}


def tried(
    module: str, options: dict[str, str], play: Callable[..., Any], look: Callable[[], dict[str, Any] | None]
) -> dict[str, str]:
    """Line → "yes" or "no". ``options``: of each task. ``look`` returns the container's inspect document, or None."""

    def task(*flags: str, failing: bool = False, **more: str) -> dict[str, Any]:
        arguments = " ".join("%s=%s" % item for item in {**options, **more}.items())
        played = play(["ansible", "localhost", "-c", "local", "-m", module, "-a", arguments, *flags])
        [entry] = played.results
        assert (entry["status"] == "failed") == failing, played.output
        return dict(entry["result"])

    found = {}
    task(memory="64m")
    first = look()
    assert first and first["State"]["Running"]
    found[AGAIN] = not task(memory="64m")["changed"]
    foreseen = task("--check", "--diff", memory="128m")
    found[FORESEEN] = foreseen["changed"]
    found[SHOWN] = foreseen["changed"] and "mem" in str(foreseen.get("diff"))
    assert task(memory="128m")["changed"]
    second = look()
    assert second and second["State"]["Running"]
    found[KEPT] = (second["Id"], second["State"]["StartedAt"]) == (first["Id"], first["State"]["StartedAt"])
    task(failing=True, memory="128m", command="/no/such/program")
    third = look()
    found[RESTORED] = third is not None and (third["Id"], third["State"]["Running"]) == (second["Id"], True)
    return {line: "yes" if outcome else "no" for line, outcome in found.items()}
