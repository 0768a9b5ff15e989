# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the pictures in docs/images: pictures.py [NAME...]. Without names: all of them.

Most are drawn from the code, the roles and the figures of the last benchmark. The pictures of terminals show real runs
on a private engine, and need root.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
BENCH = ROOT / "tests" / "bench"
sys.path[:0] = [str(ROOT / "tools"), str(BENCH)]

import pictures_execution  # noqa: E402  (found through the line above)
import pictures_service  # noqa: E402
import pictures_timeline  # noqa: E402


def benchmarks() -> str:
    """The plot of the figures that the last "make bench BENCH_OUT=docs" wrote."""
    kept = json.loads((IMAGES / "benchmarks.json").read_text(encoding="utf-8"))
    figures, plot = (importlib.import_module(name) for name in ("figures", "plot"))
    return str(plot.picture(figures.restored(kept)))


# The pictures that need no engine.
DRAWN: Mapping[str, Callable[[], str]] = {
    "benchmarks": benchmarks,
    "execution": pictures_execution.picture,
    "service": pictures_service.picture,
    "timeline": pictures_timeline.picture,
}
TERMINALS = ("came_back", "check_diff", "demo")


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - {*DRAWN, *TERMINALS})
    if unknown:
        print("There is no picture %s: choose from %s." % (", ".join(unknown), ", ".join([*DRAWN, *TERMINALS])))
        return 1
    names = names or [*DRAWN, *TERMINALS]
    pictures = {name: draw() for name, draw in DRAWN.items() if name in names}
    if set(names) & set(TERMINALS):
        import pictures_runs

        wanted = [name for name in TERMINALS if name in names]
        try:
            pictures |= dict(pictures_runs.pictures(wanted))
        except pictures_runs.ERRORS as error:
            print(error, file=sys.stderr)
            return 1
    for name, picture in sorted(pictures.items()):
        path = IMAGES / (name + ".svg")
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(picture, encoding="utf-8")
        print("docs/images/%s.svg%s" % (name, "" if picture != before else " (as before)"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
