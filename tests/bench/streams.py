# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long tasks take that move data, next to the docker command and community.docker, and how much memory.

    make bench-streams [ROUNDS=5] [BENCH_SIZE=200]
    .venv/bin/python tests/bench/streams.py --only logs export

It starts a private engine (ENGINE selects its version). In each round, each task and the command that does the same
take turns; what is compared is the median of the rounds' ratios, so that a load on the machine hits both. A task runs
in a new process, which reports its own time without Python's start and the client's import, and its peak memory. It
exits with 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COLLECTIONS = ROOT / ".cache" / "collections"
sys.path[:0] = [str(COLLECTIONS), str(ROOT / "tools"), str(HERE)]

import peer  # noqa: E402  (found through the line above)
import private_engine  # noqa: E402
import rootfs  # noqa: E402

from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry  # noqa: E402

MEMORY = 80  # MB, of each task
TREE = 10_000  # files
ITEMS = 20  # of the loop that copies one file
LINE = 100  # bytes of each line of the log
# Runs one task, and prints its result, its time, that of its processor, and its peak memory in KiB.
PROGRAM = """
import json, sys, time
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
task, arguments = _registry.task(sys.argv[1]), json.loads(sys.argv[2])
# Ansible's worker has imported the client before, for direct execution.
_task.call(_registry.task("container_info"), {"docker_host": arguments["docker_host"], "name": "there-is-none"})
began = time.perf_counter()
result = _task.call(task, arguments)
took = time.perf_counter() - began
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps([result, took, time.process_time(), int(status["VmHWM"].split()[0])]))
"""


@dataclass(frozen=True)
class Work:
    """A task, and the command line that does the same. ``most``: the most that the task's time is of the command's.

    ``reset``: what is done before each of both. ``changed``: whether the task has to change something.
    """

    part: str
    name: str
    module: str
    arguments: Mapping[str, Any]
    command: str
    most: float
    reset: Callable[[], None] = field(default=lambda: None)
    changed: bool = True


class Bench:
    """An engine with a container, a volume and a log to move; ``size`` is theirs, in MB."""

    def __init__(self, engine: private_engine.Engine, directory: Path, size: int) -> None:
        self.engine, self.directory, self.size = engine, directory, size
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "DOCKER_"))},
            "DOCKER_HOST": engine.url,
            "DOCKER_CONFIG": str(directory),
            "PYTHONPATH": str(COLLECTIONS),
        }

    def call(self, module: str, **arguments: Any) -> dict[str, Any]:
        result = _task.call(_registry.task(module), {"docker_host": self.engine.url, **arguments})
        if result.get("failed"):
            sys.exit("%s: %s" % (module, result["msg"]))
        return result

    def task(self, work: Work) -> tuple[float, float]:
        """(seconds, MB of memory) of the task."""
        given = json.dumps({"docker_host": self.engine.url, **work.arguments})
        argv = [sys.executable, "-c", PROGRAM, work.module, given]
        done = subprocess.run(argv, env=self.environment, stdout=subprocess.PIPE, check=True)
        result, seconds, _processor, peak = json.loads(done.stdout)
        if result.get("failed") or result["changed"] != work.changed:
            sys.exit("%s: %s" % (work.name, result.get("msg") or result["actions"] or "nothing changed"))
        return seconds, peak * 1024 / 1e6

    def command(self, line: str) -> float:
        began = time.perf_counter()
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-ec", line],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        took = time.perf_counter() - began
        if done.returncode:
            sys.exit("%s\n%s" % (line, done.stderr))
        return took

    def prepare(self, parts: set[str]) -> None:
        content, base = self.directory / "content.tar", self.directory / "rootfs.tar"
        rootfs.write(str(base))
        self.call("container_import", src=str(base), repository="base")
        if parts & {"export", "import", "volume"}:
            shutil.copy(base, content)
            with tarfile.open(content, "a", format=tarfile.USTAR_FORMAT) as archive:
                for name, data in contents(self.size):
                    member = tarfile.TarInfo(name)
                    member.size = len(data)
                    archive.addfile(member, io.BytesIO(data))
            self.call("container_import", src=str(content), repository="content")
            self.call("container_run", name="content", image="content", command=["sleep", "1"], state="present")
        if "volume" in parts:
            self.call("volume_import", src=str(content), name="data")
        if "logs" in parts:
            count = self.size * 1_000_000 // 2 // LINE
            command = ["sh", "-c", "yes %s | head -n %d" % ("x" * (LINE - 1), count)]
            self.call("container_run", name="talker", image="base", command=command, detach=False)
        if "copy" in parts:
            tree = self.directory / "tree"
            for number in range(TREE):
                path = tree / ("%02d" % (number % 100)) / ("%d.txt" % number)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"%d\n" % number * 200)
            self.call("container_run", name="holder", image="base", command=["sleep", "100000"])
            self.call("container_copy", container="holder", path=str(tree), container_path="/tree")

    def works(self) -> Iterator[Work]:
        at = str(self.directory)
        file, image = at + "/out", "again:1"

        def no_file() -> None:
            Path(file).unlink(missing_ok=True)

        def no_image() -> None:
            self.command("docker rmi -f %s || true" % image)

        def no_volume() -> None:
            self.command("docker volume rm -f again")

        exported = {"name": "content", "dest": file}
        yield Work("export", "export", "container_export", exported, "docker export -o %s content" % file, 1.1, no_file)
        for form, packed in (("gzip", "gzip -6"), ("zstd", "zstd -3 -q")):
            given = {**exported, "compression": form}
            line = "docker export content | %s > %s" % (packed, file)
            yield Work("export", "export, " + form, "container_export", given, line, 1.0, no_file)
        given = {"src": at + "/content.tar", "repository": "again", "tag": "1"}
        line = "docker import %s/content.tar %s" % (at, image)
        yield Work("import", "import", "container_import", given, line, 1.1, no_image)
        by_container = "c=$(docker create -v %s:/v base true) && docker cp %s && docker rm $c"
        line = by_container % ("data", "$c:/v - > " + file)
        yield Work("volume", "volume export", "volume_export", {"name": "data", "dest": file}, line, 1.1, no_file)
        given = {"name": "again", "src": at + "/content.tar"}
        line = by_container % ("again", "- $c:/v < %s/content.tar" % at)
        yield Work("volume", "volume import", "volume_import", given, line, 1.1, no_volume)
        given = {"name": "talker", "dest": file}
        yield Work("logs", "logs", "container_logs", given, "docker logs talker > " + file, 1.2, no_file)
        given = {"container": "holder", "path": at + "/tree", "container_path": "/tree"}
        line = "docker cp %s/tree/. holder:/tree2" % at
        name = "%d unchanged files" % TREE
        yield Work("copy", name, "container_copy", given, line, 1.5, changed=False)

    def loops(self, rounds: int) -> list[float]:
        """The peer's time for one unchanged file, divided by that of container_copy in direct execution; each round."""
        (self.directory / "ansible.cfg").touch()
        (self.directory / "file").write_bytes(b"a line of 20 bytes.\n" * 1000)
        lines = self.directory / "times"
        environment = {
            **self.environment,
            "ANSIBLE_HOME": str(self.directory / "home"),
            "ANSIBLE_CONFIG": str(self.directory / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": "%s:%s" % (COLLECTIONS, peer.collections()),
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "task_times",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "BENCH_FILE": str(self.directory / "file"),
            "BENCH_ITEMS": str(ITEMS),
            "WHARF_TIMES": str(lines),
        }
        argv = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", "-c", "local"]
        done = subprocess.run(
            [*argv, *[str(HERE / "copy.yml")] * (rounds + 1)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(done.stdout)
        found = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
        # The first round writes the file.
        ours, others = ([one for one in found if one["task"] == name][1:] for name in ("direct", "community.docker"))
        if any(any(one["changed"]) for one in (*ours, *others)) or not len(ours) == len(others) == rounds:
            sys.exit("The file is not unchanged:\n" + done.stdout)
        return [other["seconds"] / our["seconds"] for our, other in zip(ours, others, strict=True)]


def contents(size: int) -> Iterator[tuple[str, bytes]]:
    """The names and contents of files of ``size`` MB in all: bytes that can't be packed, text, and small files."""
    draw = random.Random(1)
    for number in range(size // 2):
        yield "data/random/%d" % number, draw.randbytes(900_000)
        yield "data/text/%d" % number, b"".join(b"%d: line %d\n" % (draw.getrandbits(20), n) for n in range(52_000))
        for one in range(100):
            yield "data/small/%d/%d" % (number, one), b"%d\n" % one * 250


def verdict(words: str, held: bool) -> bool:
    print("%s: %s" % (words, "held" if held else "MISSED"), flush=True)
    return held


def measure(bench: Bench, works: list[Work], rounds: int) -> bool:
    """Whether all bars are held."""
    ratios: dict[str, list[float]] = {work.name: [] for work in works}
    seconds: dict[str, list[tuple[float, float]]] = {work.name: [] for work in works}
    memory: dict[str, float] = dict.fromkeys(ratios, 0.0)
    for number in range(rounds):
        for work in works:

            def ours(work: Work = work) -> float:
                work.reset()
                took, peak = bench.task(work)
                memory[work.name] = max(memory[work.name], peak)
                return took

            def theirs(work: Work = work) -> float:
                work.reset()
                return bench.command(work.command)

            # Who is first changes with the round: the second one finds warm caches.
            pair = (ours(), theirs()) if number % 2 else (theirs(), ours())[::-1]
            seconds[work.name].append(pair)
            ratios[work.name].append(pair[0] / pair[1])
        print("Round %d of %d" % (number + 1, rounds), flush=True)
    held = True
    for work in works:
        task, command = (statistics.median(pair[at] for pair in seconds[work.name]) for at in (0, 1))
        found = sorted(ratios[work.name])
        ratio = statistics.median(found)
        words = "%-22s task %6.2f s, command %6.2f s, ratio %.2f (%.2f to %.2f), at most %.2f" % (
            *(work.name, task, command, ratio, found[0], found[-1], work.most),
        )
        held &= verdict(words, ratio <= work.most)
        held &= verdict(
            "%-22s memory %d MB, at most %d" % (work.name, memory[work.name], MEMORY), memory[work.name] <= MEMORY
        )
    return held


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parts = ("export", "import", "volume", "logs", "copy")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts, help="the parts to measure (default: all)")
    parser.add_argument("--size", type=int, default=int(os.environ.get("BENCH_SIZE") or 200), help="in MB")
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS") or 5))
    given = parser.parse_args()
    version = os.environ.get("ENGINE") or private_engine.INSTALLED
    with (
        private_engine.running(version=version, store=os.environ.get("STORE") or "overlay2") as engine,
        tempfile.TemporaryDirectory(prefix="wharf-bench-") as directory,
    ):
        bench = Bench(engine, Path(directory), given.size)
        bench.prepare(set(given.only))
        print("engine %s, %d MB" % (version, given.size), flush=True)
        held = measure(bench, [work for work in bench.works() if work.part in given.only], given.rounds)
        if "copy" in given.only:
            found = sorted(bench.loops(given.rounds))
            times = statistics.median(found)
            words = "%-22s %.1f times as fast as community.docker (%.1f to %.1f), at least %d"
            held &= verdict(words % ("one unchanged file", times, found[0], found[-1], 25), times >= 25)
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main())
