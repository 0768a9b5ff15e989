# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of tests with an engine: a private engine, an image, a registry, playbooks, and tidying up.

Nothing is started before a test requests it: tests without an engine need none. The environment variables ENGINE
(20.10, 26.1, 28.5) and STORE (overlay2, containerd) select the engine of a run; sampled.py has EXHAUSTIVE and SEED.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import private_engine
import pytest
import rootfs
import sampled
from outcome import held

ROOT = Path(__file__).resolve().parent.parent
COLLECTIONS = ROOT / ".cache" / "collections"
IMAGE = "wharf-test/base:latest"
REGISTRY = "127.0.0.1:5000"
LOCKED_REGISTRY = "127.0.0.1:5001"

# A test that forgets to name its engine must not reach the engine of this machine.
for _variable in [_name for _name in os.environ if _name.startswith("DOCKER_")]:
    del os.environ[_variable]
os.environ["DOCKER_HOST"] = "unix:///nonexistent/a-test-names-its-engine.sock"
os.environ["DOCKER_CONFIG"] = "/nonexistent"


def pytest_report_header() -> str:
    return "seed: %d (SEED=%d draws the same again)" % (sampled.SEED, sampled.SEED)


@pytest.hookimpl(trylast=True)  # The sample is taken of the tests that the markers and -k have selected.
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Check that each marker of a test for a second engine gives a reason, and take the sample of this run."""
    for item in items:
        for name in ("one_engine", "each_row"):
            for marker in item.iter_markers(name):
                if len(marker.args) != 1 or not str(marker.args[0]).strip() or marker.kwargs:
                    raise pytest.UsageError("%s: the marker %s wants a reason, and nothing else" % (item.nodeid, name))
    chosen = sampled.rows(sampled.executions(items))
    if len(chosen) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
        items[:] = chosen


@pytest.fixture(scope="session")
def engine() -> Iterator[private_engine.Engine]:
    """The private engine of this run: url, pid, directory, logfile, enter(argv), version, store."""
    version = os.environ.get("ENGINE") or private_engine.INSTALLED
    store = os.environ.get("STORE") or "overlay2"
    with private_engine.running(version=version, store=store) as found:
        yield found


@pytest.fixture(scope="session")
def client(engine: private_engine.Engine) -> Iterator[Any]:
    """The SDK's low-level client, a ``docker.APIClient``: only to check outcomes, and to set up what a test finds."""
    import docker

    with contextlib.closing(docker.APIClient(base_url=engine.url, version="auto", timeout=60)) as found:
        yield found


@pytest.fixture(scope="session")
def rootfs_tar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tar archive with a small root file system (busybox, users, /tmp, a web page), the same bytes each time."""
    path = tmp_path_factory.mktemp("rootfs") / "rootfs.tar"
    rootfs.write(str(path))
    return path


@pytest.fixture(scope="session")
def image(engine: private_engine.Engine, rootfs_tar: Path) -> str:
    """The name of an image made of ``rootfs_tar``. Its command is a shell."""
    from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
    from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

    repository, _colon, tag = IMAGE.partition(":")
    arguments = {
        "docker_host": engine.url,
        "src": str(rootfs_tar),
        "repository": repository,
        "tag": tag,
        "changes": ['CMD ["sh"]'],
    }
    result = _task.call(_registry.task("container_import"), arguments, check_mode=False, diff_mode=False)
    assert not result.get("failed"), result["msg"]
    return IMAGE


@pytest.fixture
def run(engine: private_engine.Engine) -> Callable[..., dict[str, Any]]:
    """``run(module, check=False, diff=True, expect=None, warnings=False, **arguments)`` → the result.

    It runs the task of the module ``module`` ("container_run") in this process. ``expect``: "ok" (nothing changed),
    "changed", "failed", None (anything but failed), "any". A result with warnings fails the test, except with
    ``warnings=True``; an unexpected exception in a task always fails it.
    """

    def run_task(
        module: str,
        /,
        check: bool = False,
        diff: bool = True,
        expect: str | None = None,
        warnings: bool = False,
        **arguments: Any,
    ) -> dict[str, Any]:
        from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
        from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

        given = json.loads(json.dumps({"docker_host": engine.url, **arguments}, default=str))
        result = _task.call(_registry.task(module), given, check_mode=check, diff_mode=diff)
        # A result must survive JSON, as Ansible passes it on.
        result = json.loads(json.dumps(result))
        held(module, result, check, diff, expect, warnings)
        return result  # type: ignore[no-any-return]

    return run_task


@pytest.fixture(scope="session")
def registry(engine: private_engine.Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address ("127.0.0.1:5000") of an empty image registry that only the engine can reach."""
    with serving(engine, tmp_path_factory.mktemp("registry"), REGISTRY):
        yield REGISTRY


@contextlib.contextmanager
def serving(engine: private_engine.Engine, directory: Path, address: str, **settings: Any) -> Iterator[None]:
    """Run a registry at an address in the engine's network, with further ``settings`` in its configuration."""
    program = shutil.which("docker-registry")
    assert program, "There is no docker-registry here: run tools/setup.sh engine."
    config, log = directory / "config.yml", directory / "log"
    storage = {"filesystem": {"rootdirectory": str(directory / "storage")}, "delete": {"enabled": True}}
    settings = {"version": 0.1, "log": {"level": "info"}, "storage": storage, "http": {"addr": address}, **settings}
    config.write_text(json.dumps(settings), encoding="utf-8")
    with log.open("wb") as output:
        process = subprocess.Popen(
            engine.enter([program, "serve", str(config)]),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=private_engine.die_with_parent,
        )
    try:
        limit = time.monotonic() + 15
        while "listening on" not in private_engine.tail(log):
            assert process.poll() is None, "docker-registry ended: " + private_engine.tail(log)
            assert time.monotonic() < limit, "docker-registry does not listen: " + private_engine.tail(log)
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def locked_registry(engine: private_engine.Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a registry that only the user "ali" with the password "open sesame" may use."""
    directory = tmp_path_factory.mktemp("locked")
    users = directory / "users"
    users.write_text("ali:$2b$05$t277aDeagArPqIQuC4mItOYFXoMmzZrJPbz5tzkLmXS9nLH86llGm\n", encoding="utf-8")
    auth = {"htpasswd": {"realm": "tests", "path": str(users)}}
    with serving(engine, directory, LOCKED_REGISTRY, auth=auth):
        yield LOCKED_REGISTRY


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str, int, str], None]:
    """``tell(heading, count, line)``: print this at the end of the run, whichever process ran the test.

    The heading is printed once, with the sum of the counts, above the lines of all tests.
    """
    return lambda *told: request.node.user_properties.append(("told", told))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    counts: dict[str, int] = {}
    lines: dict[str, list[str]] = {}
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]:
        for heading, count, line in [told for kind, told in report.user_properties if kind == "told"]:
            if report.when == "call":
                counts[heading] = counts.get(heading, 0) + count
                lines.setdefault(heading, []).append("%5d  %s" % (count, line))
    for heading, count in sorted(counts.items()):
        terminalreporter.section("%s: %d" % (heading, count))
        terminalreporter.write("".join(line + "\n" for line in sorted(lines[heading], key=lambda line: line[5:])))


@pytest.fixture
def name() -> str:
    """A name, or the beginning of names, for the objects of a test."""
    return "t-" + secrets.token_hex(4)


@pytest.fixture(autouse=True)
def _tidy(request: pytest.FixtureRequest) -> Iterator[None]:
    """Remove what a test leaves on its engine: containers, networks, volumes and images."""
    if "engine" not in request.fixturenames:
        yield
        return
    client = request.getfixturevalue("client")
    if "image" in request.fixturenames:
        request.getfixturevalue("image")
    before = _objects(client)
    yield
    after = _objects(client)
    removers: dict[str, Callable[[str], object]] = {
        "container": lambda found: client.remove_container(found, force=True, v=True),
        "network": client.remove_network,
        "volume": lambda found: client.remove_volume(found, force=True),
        "image": lambda found: client.remove_image(found, force=True),
    }
    for kind, remove in removers.items():
        for found in sorted(after[kind] - before[kind]):
            with contextlib.suppress(_missing()):
                remove(found)


def _objects(client: Any) -> dict[str, set[str]]:
    """Objects on the engine: ids of containers and networks, names of volumes and images, ids of nameless images."""
    images = client.images()
    return {
        "container": {found["Id"] for found in client.containers(all=True)},
        "network": {found["Id"] for found in client.networks()},
        "volume": {found["Name"] for found in client.volumes()["Volumes"] or []},
        "image": {
            name
            for found in images
            for name in [tag for tag in found["RepoTags"] or [] if tag != "<none>:<none>"] or [found["Id"]]
        },
    }


def _missing() -> type[Exception]:
    import docker.errors

    return docker.errors.NotFound  # type: ignore[no-any-return]


# --- Ansible, as its users run it ---


@dataclass(frozen=True)
class Played:
    """The outcome of a run of Ansible.

    ``results``: in order, ``{"host", "task", "action", "status", "result"}``; ``status`` is ok, failed, ignored,
    unreachable or skipped. ``stats``: host → ``{"ok", "changed", "failures", "unreachable", "skipped", ...}``.
    """

    code: int
    output: str
    results: list[dict[str, Any]]
    stats: dict[str, dict[str, int]]

    def result(self, task: str) -> dict[str, Any]:
        """The result of the last task of that name."""
        found = [entry["result"] for entry in self.results if entry["task"] == task]
        assert found, "no task %r ran:\n%s" % (task, self.output)
        return dict(found[-1])


@pytest.fixture
def play(engine: private_engine.Engine, tmp_path: Path) -> Callable[..., Played]:
    """``play(argv, programs=None, inside=True, on=None, **environment)`` → ``Played``.

    Runs ``argv``, a program of Ansible, with DOCKER_HOST set, the collection, and a separate home. ``programs``: the
    directory of another ansible-core, see tools/cores.py. ``inside``: in the engine's network namespace; otherwise in
    that of the test. ``on``: another engine.
    """

    def run_program(
        argv: list[str],
        programs: Path | None = None,
        inside: bool = True,
        on: private_engine.Engine | None = None,
        **environment: str,
    ) -> Played:
        here = on or engine
        lines = tmp_path / ("results-%s.jsonl" % secrets.token_hex(4))
        programs = programs or Path(sys.executable).parent
        program = programs / argv[0]
        config = tmp_path / "ansible.cfg"
        config.touch()
        done = subprocess.run(
            here.enter([str(program), *argv[1:]]) if inside else [str(program), *argv[1:]],
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
                "ANSIBLE_HOME": str(tmp_path / "ansible-home"),
                "ANSIBLE_CONFIG": str(config),
                "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
                "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "callback"),
                "ANSIBLE_CALLBACKS_ENABLED": "json_lines",
                "ANSIBLE_LOAD_CALLBACK_PLUGINS": "true",
                "ANSIBLE_LOCALHOST_WARNING": "false",
                "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
                "ANSIBLE_NOCOLOR": "true",
                "ANSIBLE_PYTHON_INTERPRETER": str(programs / "python"),
                "DOCKER_HOST": here.url,
                "WHARF_RESULTS": str(lines),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        output = done.stdout.decode(errors="replace")
        entries = (
            [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()] if lines.exists() else []
        )
        stats = [entry["stats"] for entry in entries if "stats" in entry]
        results = [entry for entry in entries if "task" in entry]
        return Played(done.returncode, output, results, stats[-1] if stats else {})

    return run_program


@pytest.fixture
def playbook(engine: private_engine.Engine, play: Callable[..., Played], tmp_path: Path) -> Callable[..., Played]:
    """``playbook(path_or_text, check=False, diff=False, expect="ok", **extra_vars)`` → ``Played``.

    Runs ansible-playbook on localhost like ``play``, with a variable ``docker_host``. ``expect``: "ok", "failed", or
    None for either.
    """

    def run_playbook(
        source: str | Path, check: bool = False, diff: bool = False, expect: str | None = "ok", **extra_vars: Any
    ) -> Played:
        path = Path(source) if isinstance(source, Path) or "\n" not in source else tmp_path / "playbook.yml"
        if isinstance(source, str) and "\n" in source:
            path.write_text(source, encoding="utf-8")
        variables = tmp_path / "variables.json"
        variables.write_text(json.dumps({"docker_host": engine.url, **extra_vars}), encoding="utf-8")
        argv = ["ansible-playbook", "-i", "localhost,", "-c", "local", "-e", "@%s" % variables, str(path)]
        argv += ["--check"] * check + ["--diff"] * diff
        played: Played = play(argv)
        if expect is not None:
            assert (played.code == 0) == (expect == "ok"), "ansible-playbook ended with %d:\n%s" % (
                played.code,
                played.output,
            )
        return played

    return run_playbook
