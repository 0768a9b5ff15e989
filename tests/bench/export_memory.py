# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The memory that container_export takes for a container of 1 GB: ``python tests/bench/export_memory.py``.

It starts a private engine (as root) with a container whose file of that size is sparse, exports it twice with each
compression, each time in a new process, and prints the largest resident memory and the time of each: first the archive
is written, then it exists already. It exits with 1 if a process takes more than 80 MB.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / ".cache" / "collections"), str(ROOT / "tools")]

import private_engine  # noqa: E402  (found through the line above)
import rootfs  # noqa: E402

from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry  # noqa: E402

LIMIT = 80  # MB
COMPRESSIONS = ("none", "gzip", "zstd", "xz")
# Runs one task, and prints its result and its peak memory, in KiB.
PROGRAM = """
import json, sys
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task  # noqa: E402
result = _task.call(_registry.task("container_export"), json.loads(sys.argv[1]))
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
result["peak"] = int(status["VmHWM"].split()[0])
print(json.dumps(result))
"""


def call(module: str, **arguments: Any) -> dict[str, Any]:
    result = _task.call(_registry.task(module), arguments)
    if result.get("failed"):
        raise SystemExit(result["msg"])
    return result


def export(**arguments: Any) -> tuple[dict[str, Any], float]:
    """(result, seconds) of the task in a new process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / ".cache" / "collections")}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(arguments)], env=environment, stdout=subprocess.PIPE, check=True
    )
    result = json.loads(done.stdout)
    if result.get("failed"):
        raise SystemExit(result["msg"])
    return result, time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--size", type=int, default=1000, help="of the container, in MB (default: 1000)")
    size = parser.parse_args().size
    most = 0
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="wharf-bench-"))
        engine = stack.enter_context(private_engine.running())
        src = os.path.join(directory, "rootfs.tar")
        rootfs.write(src)
        call("container_import", docker_host=engine.url, src=src, repository="base")
        command = ["sh", "-c", "dd if=/dev/zero of=/big bs=1000000 count=0 seek=%d" % size]
        call("container_run", docker_host=engine.url, name="big", image="base", command=command, detach=False)
        print("%-12s %-10s %10s %10s %8s" % ("compression", "", "content", "archive", "memory"))
        for compression in COMPRESSIONS:
            dest = os.path.join(directory, "big." + compression)
            for words, changed in (("written", True), ("unchanged", False)):
                result, seconds = export(docker_host=engine.url, name="big", dest=dest, compression=compression)
                if result["changed"] != changed:
                    raise SystemExit("It is not %s: %s" % (words, result["actions"]))
                peak = round(result["peak"] * 1024 / 1e6)
                most = max(most, peak)
                sizes = (result["size"] / 1e6, result["archive_size"] / 1e6)
                print("%-12s %-10s %7.1f MB %7.1f MB %5d MB %6.1f s" % (compression, words, *sizes, peak, seconds))
            os.unlink(dest)
    held = most <= LIMIT
    print("most memory %d MB, at most %d: %s" % (most, LIMIT, "held" if held else "MISSED"))
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main())
