# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both executions of the modules on each release of ansible-core: equal results, and signals and time limits.

Prints a table. A release without a suitable Python on this machine is "missing", not "passed": the exit code is 1 if a
release failed, and 0 if some are missing and the others passed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import cores  # noqa: E402  (found through the line above)

TESTS = ("tests/engine/test_executions.py", "tests/faults/test_interrupted.py")


def row(release: str) -> tuple[str, str, str, str]:
    """(release, ansible-core, Python, outcome)."""
    try:
        programs = cores.programs(release)
    except cores.MissingError as error:
        return release, "-", "-", "missing: %s" % error
    told = subprocess.run([str(programs / "ansible"), "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"core ([\d.]+)", told)
    python = re.search(r"python version = ([\d.]+)", told)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--numprocesses", "2", *TESTS],
        cwd=ROOT,
        env={**os.environ, "CORES": release},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    summary = re.findall(r"\d+ (?:passed|failed|error)", done.stdout)
    if done.returncode:
        print(done.stdout)
    outcome = ("passed" if done.returncode == 0 else "FAILED") + " (%s)" % ", ".join(summary)
    return release, version[1] if version else "?", python[1] if python else "?", outcome


def main() -> int:
    rows = []
    for release in cores.RELEASES:
        rows.append(row(release))
        print("ansible-core %s: %s" % (release, rows[-1][3]), flush=True)
    widths = [max(len(cells[index]) for cells in rows) for index in range(3)]
    print()
    for cells in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=False)), "", cells[3])
    return 1 if any("FAILED" in cells[3] for cells in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
