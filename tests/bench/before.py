# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long tasks that change nothing take, compared with an earlier commit of this collection.

    make bench BASE=<commit> [ROUNDS=5]

Both take turns on one engine: whole tasks in both executions, and the modules' own processes. It prints the medians
and their ratios, and exits with 1 if container_run has become slower by more than two runs of the same commit differ.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import executions

NOISE = 1.05
NOW, BEFORE = "now", "before"
PROGRAM_RUNS = 6  # of each module's own process, per round
MODULES = ("container_run", "container_state", "container_info", "network", "volume", "prune")


def unpacked(commit: str, directory: Path) -> Path:
    """The collection at ``commit``, in a directory where Ansible finds it."""
    place = directory / "ansible_collections" / "wharf" / "docker"
    place.mkdir(parents=True)
    with subprocess.Popen(["git", "-C", str(executions.ROOT), "archive", commit], stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "-x", "-C", str(place)], stdin=archive.stdout, check=True)
    if archive.returncode:
        sys.exit("There is no commit %s." % commit)
    return directory


def whole_tasks(bench: executions.Bench) -> Iterator[tuple[str, float]]:
    """(task, seconds) of one run of the playbook."""
    bench.lines.unlink(missing_ok=True)
    bench.play("before.yml")
    for line in map(json.loads, bench.lines.read_text(encoding="utf-8").splitlines()):
        if any(line["changed"]):
            sys.exit("%s is changed, so that nothing can be compared." % line["task"])
        yield line["task"], line["seconds"]


def programs(bench: executions.Bench) -> dict[str, Path]:
    """The program that Ansible sends to a host, for each of MODULES."""
    place = Path(tempfile.mkdtemp(dir=bench.directory))
    bench.play("before_programs.yml", ANSIBLE_KEEP_REMOTE_FILES="true", ANSIBLE_REMOTE_TMP=str(place))
    found = {path.stem.partition("_")[2]: path for path in place.glob("*/AnsiballZ_*.py")}
    return {module: found[module] for module in MODULES}


def measure(bench: executions.Bench, places: dict[str, Path], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Measurement → NOW or BEFORE → the seconds of each time."""
    found: dict[str, dict[str, list[float]]] = {}
    environments = {
        who: {"ANSIBLE_COLLECTIONS_PATH": str(place), "PYTHONPATH": str(place)} for who, place in places.items()
    }
    sent = {}
    for who, environment in environments.items():
        bench.environment.update(environment)
        sent[who] = programs(bench)
    for number in range(rounds):
        print("Round %d of %d" % (number + 1, rounds), flush=True)
        for who, environment in environments.items():
            bench.environment.update(environment)
            for task, seconds in whole_tasks(bench):
                found.setdefault(task, {}).setdefault(who, []).append(seconds)
        for module in MODULES * PROGRAM_RUNS:
            for who in environments:
                took = bench.run(sent[who][module])[0]
                found.setdefault("%s, its own process" % module, {}).setdefault(who, []).append(took)
    return found


def main(commit: str) -> int:
    rounds = int(os.environ.get("ROUNDS") or 5)
    with (
        executions.running(os.environ.get("ENGINE") or executions.private_engine.INSTALLED) as bench,
        tempfile.TemporaryDirectory() as directory,
    ):
        places = {NOW: executions.COLLECTIONS, BEFORE: unpacked(commit, Path(directory))}
        source = bench.directory / "rootfs.tar"
        executions.rootfs.write(str(source))
        bench.done("container_import", src=str(source), repository="wharf-bench/base")
        bench.done("network", name="bench")
        bench.done("volume", name="bench")
        bench.play("prepare.yml")
        found = measure(bench, places, rounds)
    slower = []
    print("\n%-34s %9s %9s  ratio" % ("median, in ms", NOW, commit[:9]))
    for what, seconds in found.items():
        now, before = (statistics.median(seconds[who]) for who in (NOW, BEFORE))
        print("%-34s %9.1f %9.1f  %.2f" % (what, now * 1000, before * 1000, now / before))
        if "container_run" in what and now > before * NOISE:
            slower.append(what)
    if slower:
        print("Slower than before: %s." % "; ".join(slower))
    return 1 if slower else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
