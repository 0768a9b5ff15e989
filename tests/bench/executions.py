# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long tasks take: direct and module execution, compared with community.docker and ansible.builtin.ping.

    make bench [ROUNDS=5] [BENCH_OUT=docs]

It starts a private engine and runs one ansible-playbook, in which the tasks to compare take turns. It prints a report,
and exits with 1 if a bar of figures.py is missed. With BENCH_OUT it also updates the figures of benchmarks.rst below
that directory, and images/benchmarks.json and the plot images/benchmarks.svg there.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COLLECTIONS = ROOT / ".cache" / "collections"
sys.path[:0] = [str(COLLECTIONS), str(ROOT / "tools"), str(HERE)]

import figures  # noqa: E402  (found through the line above)
import peer  # noqa: E402
import plot  # noqa: E402
import private_engine  # noqa: E402
import rootfs  # noqa: E402

from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry  # noqa: E402

PROGRAM_RUNS = 4  # of each module's own process, per round
# The container that the playbooks describe.
UNCHANGED = {
    "name": "bench-01",
    "image": "wharf-bench/base:latest",
    "command": ["sleep", "100000"],
    "env": {"WORKERS": "4"},
    "labels": {"purpose": "bench"},
    "restart_policy": "unless-stopped",
    "stop_signal": "SIGKILL",
}
PLUGIN_IMPORT = """
import time
import ansible.plugins.action, ansible.plugins.loader
began = time.perf_counter()
import ansible_collections.wharf.docker.plugins.action
print(time.perf_counter() - began)
"""


class Bench:
    """An engine with an image, and a directory for the files of Ansible."""

    def __init__(self, engine: private_engine.Engine, directory: Path) -> None:
        self.engine = engine
        self.directory = directory
        self.lines = directory / "times"
        (directory / "ansible.cfg").touch()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "DOCKER_"))},
            "ANSIBLE_HOME": str(directory / "home"),
            "ANSIBLE_CONFIG": str(directory / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": "%s:%s" % (COLLECTIONS, peer.CACHE),
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "task_times",
            "ANSIBLE_FORKS": "5",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "DOCKER_HOST": engine.url,
            "DOCKER_CONFIG": str(directory),
            "PYTHONPATH": str(COLLECTIONS),
            "WHARF_TIMES": str(self.lines),
        }

    def done(self, module: str, **arguments: Any) -> None:
        result = _task.call(_registry.task(module), {"docker_host": self.engine.url, **arguments})
        if result.get("failed"):
            sys.exit(result["msg"])

    def play(self, *playbooks: str, **environment: str) -> None:
        """One run of ansible-playbook. Its output is only shown if it fails; otherwise the rounds show the progress."""
        argv = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(HERE / "hosts.yml"), "-c", "local"]
        said, rounds = [], 0
        with subprocess.Popen(
            [*argv, *(str(HERE / name) for name in playbooks)],
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            for line in process.stdout or ():
                said.append(line)
                if line.startswith("PLAY [Round, one host]"):
                    rounds += 1
                    print("Round %d of %d" % (rounds, playbooks.count("round.yml")), flush=True)
        if process.returncode:
            sys.exit("ansible-playbook ended with %d:\n%s" % (process.returncode, "".join(said[-40:])))

    def programs(self) -> dict[str, Path]:
        """The program that Ansible sends to a host, for each module of programs.yml."""
        place = self.directory / "programs"
        self.play("programs.yml", ANSIBLE_KEEP_REMOTE_FILES="true", ANSIBLE_REMOTE_TMP=str(place))
        modules = {"container_run": figures.MODULE, "docker_container": figures.PEER, "ping": figures.PING}
        found = {}
        for path in place.glob("*/AnsiballZ_*.py"):
            module = path.stem.partition("_")[2]
            if module in modules:
                found[modules[module]] = path
        if len(found) != len(modules):
            sys.exit("Ansible kept the programs of %s only." % ", ".join(sorted(found)))
        return found

    def run(self, program: Path, *options: str) -> tuple[float, str]:
        """(seconds, stderr) of a program, which must not change its container."""
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *options, str(program)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.perf_counter() - began
        if done.returncode or json.loads(done.stdout).get("changed"):
            sys.exit("%s ended with %d:\n%s%s" % (program.name, done.returncode, done.stdout, done.stderr))
        return took, done.stderr

    def calls(self) -> list[str]:
        """The requests of one task without a change to the engine."""
        engines: list[_engine.Engine] = []

        def connect(options: Any) -> _engine.Engine:
            engines.append(_engine.connect(options))
            return engines[-1]

        spec = {name: option.get("default") for name, option in _registry.task("container_run").argument_spec().items()}
        params = {**spec, **UNCHANGED, "docker_host": self.engine.url}
        result = _task.guarded(_registry.task("container_run"), params, False, False, connect)
        if result.get("failed") or result["changed"]:
            sys.exit("The container bench-01 is not unchanged: %s" % (result.get("msg") or result["actions"]))
        made = list(engines[0].calls)
        engines[0].close()
        return made

    def facts(self) -> dict[str, str]:
        options = {name: option.get("default") for name, option in _engine.CONNECTION_OPTIONS.items()}
        engine = _engine.connect({**options, "docker_host": self.engine.url})
        version = engine.get("/version", tried="ask for the engine's version")["Version"]
        engine.close()
        manifest = json.loads((peer.CACHE / peer.PARTS[0] / "MANIFEST.json").read_text(encoding="utf-8"))
        return {
            "cores": str(len(os.sched_getaffinity(0))),
            "Python": "%d.%d.%d" % sys.version_info[:3],
            "ansible-core": importlib.metadata.version("ansible-core"),
            "Docker SDK": importlib.metadata.version("docker"),
            "community.docker": manifest["collection_info"]["version"],
            "engine": version,
        }


def measure(bench: Bench, rounds: int) -> figures.Report:
    source = bench.directory / "rootfs.tar"
    rootfs.write(str(source))
    bench.done("container_import", src=str(source), repository="wharf-bench/base")
    bench.play("prepare.yml", *["round.yml"] * rounds)
    found = figures.times((json.loads(line) for line in bench.lines.read_text("utf-8").splitlines()), rounds)
    print("The modules' own processes", flush=True)
    programs = bench.programs()
    for _run in range(PROGRAM_RUNS * rounds):
        for who, program in programs.items():
            found.setdefault(("program", who), []).append(bench.run(program)[0])
    profiles = [figures.imports(bench.run(programs[figures.MODULE], "-X", "importtime")[1]) for _run in range(rounds)]
    return figures.Report(
        rounds=rounds,
        facts=bench.facts(),
        middle=figures.medians(found),
        imports=min(profiles, key=lambda profile: sum(one.alone for one in profile)),
        calls=bench.calls(),
        once=min(
            float(subprocess.check_output([sys.executable, "-c", PLUGIN_IMPORT], env=bench.environment))
            for _run in range(rounds)
        ),
        date=dt.datetime.now(tz=dt.timezone.utc).date().isoformat(),
    )


@contextlib.contextmanager
def running(version: str) -> Iterator[Bench]:
    with (
        private_engine.running(version=version) as engine,
        tempfile.TemporaryDirectory(prefix="wharf-bench-") as directory,
    ):
        yield Bench(engine, Path(directory))


def write(report: figures.Report, place: Path) -> None:
    """Update the page below ``place``, and the figures and their plot in its directory images."""
    pages = sorted(place.rglob("benchmarks.rst"))
    if len(pages) != 1:
        sys.exit("There is not one benchmarks.rst below %s, but %d. Give the directory docs." % (place, len(pages)))
    pages[0].write_text(figures.page(pages[0].read_text(encoding="utf-8"), report), encoding="utf-8")
    images = place / "images"
    images.mkdir(exist_ok=True)
    kept = json.dumps(figures.stored(report), indent=2, ensure_ascii=False)
    (images / "benchmarks.json").write_text(kept + "\n", encoding="utf-8")
    (images / "benchmarks.svg").write_text(plot.picture(figures.restored(json.loads(kept))), encoding="utf-8")


def main() -> int:
    given = os.environ.get("ROUNDS") or "5"
    if not given.isdigit() or int(given) < 1:
        sys.exit("ROUNDS is %r: give a number, 5 or more for figures that mean something." % given)
    out = os.environ.get("BENCH_OUT")
    if out and not Path(out).is_dir():
        sys.exit("BENCH_OUT is %r, and there is no such directory: give the directory docs." % out)
    try:
        peer.collections()
        with running(os.environ.get("ENGINE") or private_engine.INSTALLED) as bench:
            report = measure(bench, int(given))
    except (figures.UnexpectedError, private_engine.EngineError, peer.PeerError) as error:
        sys.exit(str(error))
    print("\n" + figures.text(report))
    if out:
        write(report, Path(out))
    missed = [verdict for verdict in figures.verdicts(report.middle) if not verdict.held]
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
