# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long container_exec takes for 20 MB and for 40 MB of output, and the ratio: 2 is linear, above 2.5 it fails.

    .venv/bin/python tests/bench/exec_output.py

It starts a private engine (ENGINE selects its version). Each size is measured several times in turn, in one run; the
medians count. Two kinds of output: large pieces, and lines of 100 bytes that are written one by one.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / ".cache" / "collections"), str(ROOT / "tools")]

import private_engine  # noqa: E402
import rootfs  # noqa: E402

from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry  # noqa: E402

ROUNDS = 5
MEGABYTES = (20, 40)
LIMIT = 2.5  # the time of the larger size, divided by that of the smaller one
KINDS = {
    "pieces of 1 MB": "dd if=/dev/zero bs=1000000 count=%d",
    "pieces of 1000 bytes": "dd if=/dev/zero bs=1000 count=%d000",
}


def done(module: str, **arguments: Any) -> dict[str, Any]:
    result = _task.call(_registry.task(module), arguments)
    if result.get("failed"):
        sys.exit("%s: %s" % (module, result["msg"]))
    return result


def main() -> int:
    missed = False
    version = os.environ.get("ENGINE") or private_engine.INSTALLED
    with private_engine.running(version=version) as engine, tempfile.TemporaryDirectory() as directory:
        common = {"docker_host": engine.url}
        rootfs.write(directory + "/rootfs.tar")
        done("container_import", src=directory + "/rootfs.tar", repository="bench", **common)
        done("container_run", name="bench", image="bench", command=["sleep", "1000"], **common)
        for kind, command in KINDS.items():
            seconds: dict[int, list[float]] = {size: [] for size in MEGABYTES}
            for _round in range(ROUNDS):
                for size in MEGABYTES:
                    began = time.perf_counter()
                    result = done("container_exec", container="bench", command=command % size, **common)
                    seconds[size].append(time.perf_counter() - began)
                    if len(result["stdout"]) != size * 1_000_000:
                        sys.exit("%d bytes of %d MB came" % (len(result["stdout"]), size))
            small, large = (statistics.median(seconds[size]) for size in MEGABYTES)
            held = large / small <= LIMIT
            missed |= not held
            print(
                "engine %s, %s: %d MB %.3f s, %d MB %.3f s, ratio %.2f, at most %.1f: %s"
                % (
                    *(version, kind, MEGABYTES[0], small, MEGABYTES[1], large),
                    *(large / small, LIMIT, "held" if held else "MISSED"),
                ),
                flush=True,
            )
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
