# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both executions of a task give the same result, key by key, and the right one is chosen.

The cases are tasks of executions/cases.yml, which are run as modules and directly, on one engine. The environment
variable CORES names the releases of ansible-core to run them with ("2.17 2.19"; see "make matrix").
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cores
import pytest
import through

pytestmark = pytest.mark.one_engine("both executions ask the same engine the same")

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RELEASES = (os.environ.get("CORES") or "2.17 2.19").split()
SECRET, PASSWORD = "a secret of the vault", "harbour"
DIRECT, MODULE = "direct", "module"
# Ansible's messages about an exceeded time limit: of later releases, and of earlier ones.
OUT_OF_TIME = "Timed out after|in the expected time frame"

# Values that differ between two equal containers: ids, times, addresses, process ids.
DIFFERENT = (
    (r"\b[0-9a-f]{64}\b", "ID"),
    (r"\b[0-9a-f]{12}-\d+-\d+-\d+\b", "WRITER"),
    (r"\b[0-9a-f]{12}\b", "SHORT-ID"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", "TIME"),
    (r"\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b", "MAC"),
    (r"File \"\S+/ansible_collections/", "File ANSIBLE_COLLECTIONS/"),
    # The engine's own pools; it continues with the second while networks of the first still exist.
    (r"\b(172|192\.168)\.\d+\.\d+(\.\d+)?(/\d+)?\b", "ADDRESS"),
)
NUMBERS = {
    "Pid",
    "IPPrefixLen",
    "stats",
    "ansible_job_id",
    "jid",
    "results_file",
    "frame",
    "PID",
    "PPID",
    "STIME",
    "TIME",
    "C",
}
if os.environ.get("STORE") == "containerd":
    # It counts the compressed image with its configuration, in which the time has a varying number of digits.
    NUMBERS |= {"Size", "size", "space_reclaimed", "images_space_reclaimed"}


def same(value: Any, key: str = "") -> Any:
    """``value`` without what differs between two runs of the same task."""
    if isinstance(value, dict):
        return {
            same(name): same(item, "stats" if key == "stats" else name)
            for name, item in value.items()
            # Ansible's own keys, which it removes later.
            if not str(name).startswith("_ansible_")
        }
    if isinstance(value, list):
        return [same(item, key) for item in value]
    if key in NUMBERS:
        return type(value).__name__
    if isinstance(value, str):
        for pattern, word in DIFFERENT:
            value = re.sub(pattern, word, value)
    return value


def executions(output: str) -> dict[str, set[str]]:
    """Task → its executions, from the messages at -vv."""
    found: dict[str, set[str]] = {}
    task = ""
    for line in output.splitlines():
        if heading := re.match(r"(?:TASK|RUNNING HANDLER) \[(?:\w+ : )?(.*?)\] \*", line):
            task = heading[1]
        elif told := re.match(r"<\S+> wharf\.docker\.\w+: (direct|module) execution, since \w+", line):
            found.setdefault(task, set()).add(told[1])
    return found


# test_ad_hoc covers the older releases in every run.
@pytest.fixture(
    scope="module",
    params=[*(pytest.param(release, marks=pytest.mark.exhaustive) for release in RELEASES[:-1]), RELEASES[-1]],
)
def programs(request: pytest.FixtureRequest) -> Path:
    """The programs of one release of ansible-core. A release that can't be installed fails: it has not passed."""
    return cores.programs(request.param)


@pytest.fixture
def directory(tmp_path: Path, programs: Path) -> Path:
    """The directory with the playbook and its files, with an encrypted value."""
    found = shutil.copytree(HERE / "executions", tmp_path / "play")
    (found / "home").mkdir()
    (found / "password").write_text(PASSWORD, encoding="utf-8")
    path = found / "cases.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("@VAULT@", textwrap.indent(encrypted(), " " * 12).strip()), encoding="utf-8")
    return found


def encrypted() -> str:
    from ansible.constants import DEFAULT_VAULT_ID_MATCH
    from ansible.parsing.vault import VaultLib, VaultSecret

    secret = VaultSecret(PASSWORD.encode())
    return VaultLib([(DEFAULT_VAULT_ID_MATCH, secret)]).encrypt(SECRET, secret).decode().strip()


@pytest.fixture
def other_python(tmp_path: Path) -> str:
    """Another Python: the same program in another environment, with the libraries of the tests."""
    venv.create(tmp_path / "other", with_pip=False, symlinks=True, system_site_packages=False)
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    target = next((tmp_path / "other" / "lib").glob("python*/site-packages"))
    (target / "others.pth").write_text(packages + "\n", encoding="utf-8")
    return str(tmp_path / "other" / "bin" / "python")


@pytest.fixture
def both(
    play: Callable[..., Any],
    programs: Path,
    directory: Path,
    tmp_path: Path,
    client: Any,
    image: str,
    other_python: str,
) -> Callable[..., tuple[Any, Any]]:
    """``both(argv, **environment)`` → the runs with modules only, and with direct execution if it is equivalent."""

    def run_both(argv: list[str], **environment: str) -> tuple[Any, Any]:
        played = []
        for execution in (MODULE, "auto"):
            home = tmp_path / "home"
            home.mkdir()
            extra = ["-e", "image=%s other_python=%s" % (image, other_python)]
            argv_here = [*argv, "-vvv", "-i", str(directory / "hosts.yml"), *extra]
            played.append(
                play(
                    argv_here,
                    programs=programs,
                    HOME=str(home),
                    WHARF_DOCKER_EXECUTION=execution,
                    ANSIBLE_CONNECTION_PLUGINS=str(directory / "connection_plugins"),
                    ANSIBLE_VAULT_PASSWORD_FILE=str(directory / "password"),
                    **environment,
                )
            )
            shutil.rmtree(home)
            for left in (*directory.glob("*.tar"), *directory.glob("*.log"), *directory.glob("home/*")):
                left.unlink()
            tidy(client)
        return played[0], played[1]

    return run_both


def tidy(client: Any) -> None:
    for container in client.containers(all=True):
        client.remove_container(container["Id"], force=True, v=True)
    for network in client.networks(names=["face-net"]):
        client.remove_network(network["Id"])
    client.remove_volume("face-volume", force=True) if client.volumes({"name": "face-volume"})["Volumes"] else None


def compare(module: Any, auto: Any) -> list[str]:
    """Assert that the results are the same. Returns the names of the tasks."""

    def ordered(played: Any) -> list[dict[str, Any]]:
        # With the strategies free and host_pinned, hosts end in any order.
        return sorted(played.results, key=lambda entry: (entry["task"], entry["host"]))

    assert [(entry["task"], entry["host"]) for entry in ordered(module)] == [
        (entry["task"], entry["host"]) for entry in ordered(auto)
    ], auto.output[-3000:]
    assert module.results, module.output
    different = [
        "%s (%s):\n  module: %s\n  direct: %s" % (one["task"], path, first, second)
        for one, other in zip(ordered(module), ordered(auto), strict=True)
        for path, first, second in differences(same(one), same(other))
    ]
    assert not different, "\n".join(different)
    assert module.stats == auto.stats
    return [entry["task"] for entry in auto.results]


def differences(one: Any, other: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    """(path, first value, second value) for each difference."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            found
            for key in sorted(set(one) | set(other))
            for found in differences(one.get(key, "(no key)"), other.get(key, "(no key)"), "%s.%s" % (path, key))
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            found
            for index, (first, second) in enumerate(zip(one, other, strict=True))
            for found in differences(first, second, "%s[%d]" % (path, index))
        ]
    return [] if one == other and type(one) is type(other) else [(path, one, other)]


def test_the_same_results(both: Callable[..., tuple[Any, Any]], directory: Path) -> None:
    module, auto = both(["ansible-playbook", str(directory / "cases.yml")])
    tasks = compare(module, auto)
    wanted = {
        entry["task"].split(" : ")[-1]: {MODULE if entry["task"].endswith("[module]") else DIRECT}
        for entry in auto.results
        if entry["action"].startswith(("wharf.docker.", "container_")) and not entry["task"].endswith("[none]")
    }
    assert len(wanted) >= 100 and len(tasks) > len(wanted)
    told = executions(auto.output)
    for task in [task for task in wanted if task.startswith("hosts of the strategy")]:
        # With these strategies, hosts begin a task before or after its heading.
        assert wanted.pop(task) == told.pop(task, {DIRECT})
    assert told == wanted
    assert {execution for told in executions(module.output).values() for execution in told} == {MODULE}
    assert auto.result("a replacement, with a diff")["actions"] == ["recreate face-one: env A"]
    for played in (module, auto):
        assert played.result("an encrypted value")["stdout"].strip() == SECRET
        assert played.result("they are not rendered either")["msg"] == "{{ 1 + 1 }} {% if %} {# #}"
        assert "{{ 1 + 1 }}" in str(played.result("they are never rendered")["msg"])
        assert re.search(OUT_OF_TIME, played.result("a time limit in a task that waits")["msg"])


@pytest.mark.parametrize("programs", RELEASES, indirect=True)
@pytest.mark.parametrize("extra", [[], ["--check", "--diff"]])
def test_ad_hoc(extra: list[str], both: Callable[..., tuple[Any, Any]], client: Any, image: str) -> None:
    words = "name=face-ad-hoc image=%s command='sleep 1000' stop_signal=KILL labels='{\"a\": \"b\"}'" % image
    module, auto = both(["ansible", "localhost", "-m", "wharf.docker.container_run", "-a", words, *extra])
    assert compare(module, auto) == ["wharf.docker.container_run"]
    assert "wharf.docker.container_run: direct execution" in auto.output
    assert "wharf.docker.container_run: module execution, since it is requested" in module.output


# --- which execution runs ---

INFO = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: a look
      wharf.docker.container_info: {name: face-none}
"""


@pytest.fixture
def settings(play: Callable[..., Any], programs: Path, tmp_path: Path) -> Callable[..., Any]:
    """``settings(ini="", words=(), **environment)`` → a run with these settings."""

    def run_with(ini: str = "", words: tuple[str, ...] = (), text: str = INFO, **environment: str) -> Any:
        (tmp_path / "ansible.cfg").write_text(ini, encoding="utf-8")
        (tmp_path / "look.yml").write_text(text, encoding="utf-8")
        argv = ["ansible-playbook", "-vv", "-i", "localhost,", "-c", "local", str(tmp_path / "look.yml"), *words]
        return play(argv, programs=programs, **environment)

    return run_with


@pytest.mark.parametrize(
    ("given", "execution"),
    [
        ({}, "direct execution, since the module would run here"),
        ({"WHARF_DOCKER_EXECUTION": "module"}, "module execution, since it is requested"),
        ({"WHARF_DOCKER_EXECUTION": "direct"}, "direct execution, since it is requested"),
        ({"ini": "[wharf_docker]\nexecution = module\n"}, "module execution, since it is requested"),
        ({"ini": "[wharf_docker]\nexecution = module\n", "WHARF_DOCKER_EXECUTION": "auto"}, "direct execution"),
        ({"words": ("-e", "wharf_docker_execution=module"), "WHARF_DOCKER_EXECUTION": "auto"}, "module execution"),
        ({"words": ("-e", "wharf_docker_execution={{ 'mod' ~ 'ule' }}")}, "module execution"),
        ({"ANSIBLE_KEEP_REMOTE_FILES": "true"}, "module execution, since the module's files are to be kept"),
    ],
)
def test_the_setting(given: dict[str, Any], execution: str, settings: Callable[..., Any], engine: Any) -> None:
    played = settings(**given)
    assert played.code == 0, played.output
    assert "wharf.docker.container_info: %s" % execution in played.output


def test_a_setting_that_there_is_not(settings: Callable[..., Any], engine: Any) -> None:
    played = settings(WHARF_DOCKER_EXECUTION="quick")
    assert played.code != 0
    assert played.result("a look")["msg"].endswith(
        "wharf_docker_execution is 'quick': give one of auto, module, direct."
    )


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--become",), "the task becomes another user"),
        (("-e", "ansible_python_interpreter=/usr/bin/other-python"), "another Python is requested, /usr/bin/other-"),
    ],
)
def test_direct_where_it_can_not_be(words: tuple[str, ...], reason: str, settings: Callable[..., Any]) -> None:
    played = settings(words=words, WHARF_DOCKER_EXECUTION="direct")
    message = played.result("a look")["msg"]
    assert "wharf_docker_execution is direct, and wharf.docker.container_info can't run" in message
    assert reason in message and "Set wharf_docker_execution to auto" in message


def test_no_sdk_where_ansible_runs(
    settings: Callable[..., Any], other_python: str, tmp_path: Path, engine: Any
) -> None:
    """If no interpreter is configured, Ansible discovers one, and the module may find an SDK there."""
    broken = tmp_path / "broken" / "docker"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('no SDK here')\n", encoding="utf-8")
    found = tmp_path / "found-python"
    found.write_text('#!/bin/sh\nunset PYTHONPATH\nexec %s "$@"\n' % other_python, encoding="utf-8")
    found.chmod(0o755)
    words = ("-e", '{"ansible_interpreter_python_fallback": ["%s"]}' % found)
    without = {"PYTHONPATH": str(broken.parent)}
    played = settings(words=words, ANSIBLE_PYTHON_INTERPRETER="auto_silent", **without)
    assert "module execution, since Ansible's own Python can't use the Docker SDK" in played.output
    assert played.code == 0 and played.result("a look")["exists"] is False, played.output
    messages = [
        settings(WHARF_DOCKER_EXECUTION=execution, **without).result("a look")["msg"] for execution in (DIRECT, MODULE)
    ]
    assert messages[0] == messages[1]
    assert "The Docker SDK for Python, version 5.0.3 or newer, is needed on this host" in messages[0]


# --- time limits ---

LIMITED = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: a container
      wharf.docker.container_run: {name: face-limited, image: "{{ image }}", command: sleep 1000, stop_signal: KILL}
    - name: a successor that does not get healthy in time
      wharf.docker.container_run:
        name: face-limited
        command: sleep 1000
        stop_signal: KILL
        state: healthy
        healthcheck: {test: ["CMD", "false"], interval: 1s, retries: 1000}
      timeout: 3
      ignore_errors: true
    - name: what is left
      wharf.docker.container_info: {all: true, filters: {name: face-limited}}
"""


def test_a_time_limit_undoes_what_is_half_done(settings: Callable[..., Any], client: Any, image: str) -> None:
    played = settings(text=LIMITED, words=("-e", "image=" + image), WHARF_DOCKER_EXECUTION=DIRECT)
    limited = played.result("a successor that does not get healthy in time")
    assert re.search(OUT_OF_TIME, limited["msg"])
    before = played.result("a container")["container"]["Id"]
    left = played.result("what is left")["containers"]
    assert [(found["Id"], found["Name"], found["State"]["Status"]) for found in left] == [
        (before, "/face-limited", "running")
    ]


# --- connections ---

MANY = """
- hosts: all
  gather_facts: false
  tasks:
    - name: one for each host
      wharf.docker.container_run:
        name: "face-{{ inventory_hostname }}"
        image: "{{ image }}"
        command: sleep 1000
        stop_signal: KILL
        env: {HOST: "{{ inventory_hostname }}"}
    - name: each sees its own
      wharf.docker.container_info: {name: "face-{{ inventory_hostname }}"}
      loop: "{{ range(20) | list }}"
      loop_control: {label: it}
      register: looks
    - name: nobody gets another's answer
      ansible.builtin.assert:
        that: >-
          looks.results | map(attribute='container.Name') | unique | list == ['/face-' ~ inventory_hostname]
"""


def test_forks_share_no_connection(
    play: Callable[..., Any], programs: Path, tmp_path: Path, engine: Any, image: str
) -> None:
    """Over TCP, two processes with one connection would read each other's answers. The parent has no connection."""
    (tmp_path / "many.yml").write_text(MANY, encoding="utf-8")
    way = through.Way(engine.url, None)
    try:
        argv = ["ansible-playbook", "-vv", "-c", "local", "-f", "5", "-i", ",".join("host-%d" % n for n in range(10))]
        argv += ["-e", "image=" + image, str(tmp_path / "many.yml")]
        played = play(argv, programs=programs, inside=False, DOCKER_HOST=way.url, WHARF_DOCKER_EXECUTION=DIRECT)
    finally:
        way.close()
    assert played.code == 0, played.output
    assert played.output.count("direct execution") == 10 * 21


# --- a module that no collection should have ---

ODD = """
from __future__ import annotations

from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Task

OPTIONS = {
    "what": {"type": "str", "default": "return"},
    "password": {"type": "str", "no_log": True},
    "nested": {"type": "list", "elements": "dict", "options": {"token": {"type": "str", "no_log": True}}},
    "old": {"type": "str", "removed_in_version": "9.0.0", "removed_from_collection": "wharf.docker"},
    "new": {
        "type": "str",
        "aliases": ["former"],
        "deprecated_aliases": [{"name": "former", "version": "9.0.0", "collection_name": "wharf.docker"}],
    },
    "answer": {"type": "raw"},
}


def run(call):
    said = "it is %s and %s" % (call.params["password"], call.params["nested"])
    what = call.params["what"]
    if what == "raise":
        raise RuntimeError(said)
    if what == "exit":
        raise SystemExit(said)
    if what == "fail":
        raise Failure(said)
    if what == "warn":
        call.warnings.append(said)
    return {
        "changed": False, "said": said, "stdout": said, "none": None, "truth": True, "answer": call.params["answer"],
        "deep": [{"said": said, 7: (1, 2.5, None)}],
    }


TASK = Task(name="odd", options=OPTIONS, run=run)
"""
ODD_TASKS = """
- hosts: localhost
  gather_facts: false
  ignore_errors: true
  tasks:
    - name: "{{ item.what | default('return') }}"
      wharf.docker.odd: "{{ secrets | combine(item) }}"
      vars:
        secrets: {password: a-password, nested: [{token: a-token}]}
      loop:
        - {}
        - {answer: {a: [1, 2.5, null, true, "a-password"], 3: 4}}
        - {what: fail}
        - {what: raise}
        - {what: exit}
        - {what: warn}
        - {old: this}
        - {former: this}
        - {former: this, new: that}
        - {nested: [{token: a-token, other: a-password}]}
        - {what: [a-password]}
    - name: alone, a task that exits
      wharf.docker.odd: {what: exit, password: a-password}
    - name: alone, a task that raises
      wharf.docker.odd: {what: raise, password: a-password}
    - name: the play goes on
      wharf.docker.odd: {}
"""


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """The collection with an additional module, whose task does what no task should."""
    collection = tmp_path / "collections" / "ansible_collections" / "wharf" / "docker"
    for name in ("plugins", "meta"):
        shutil.copytree(ROOT / name, collection / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("galaxy.yml",):
        shutil.copy(ROOT / name, collection / name)
    tasks = collection / "plugins" / "module_utils" / "_tasks"
    (tasks / "odd.py").write_text(ODD, encoding="utf-8")
    registry = (tasks / "registry.py").read_text(encoding="utf-8")
    known = next(line for line in registry.splitlines(keepends=True) if "network as _network" in line)
    registry = registry.replace(known, known + known.replace("network", "odd"))
    registry = registry.replace("        _network.TASK,\n", "        _network.TASK,\n        _odd.TASK,\n")
    (tasks / "registry.py").write_text(registry, encoding="utf-8")
    module = (collection / "plugins" / "modules" / "network.py").read_text(encoding="utf-8")
    module = module.replace("network as _network", "odd as _odd").replace("_network.TASK", "_odd.TASK")
    (collection / "plugins" / "modules" / "odd.py").write_text(module, encoding="utf-8")
    runtime = collection / "meta" / "runtime.yml"
    text = runtime.read_text(encoding="utf-8")
    runtime.write_text(text + "    odd:\n      action_plugin: wharf.docker.direct\n", encoding="utf-8")
    return tmp_path / "collections"


def test_exceptions_secrets_and_deprecations(odd: Path, settings: Callable[..., Any], engine: Any) -> None:
    module, auto = (
        settings(
            text=ODD_TASKS,
            words=("-vvv",),
            WHARF_DOCKER_EXECUTION=execution,
            ANSIBLE_COLLECTIONS_PATH=str(odd),
            ANSIBLE_INJECT_INVOCATION="true",
        )
        for execution in (MODULE, "auto")
    )
    tasks = compare(module, auto)
    assert "the play goes on" in tasks and "direct execution" in auto.output and "module execution" not in auto.output
    results = str([without_items(entry["result"]) for entry in auto.results])
    assert re.findall(".{80}a-password.{20}|.{80}a-token.{20}", results) == []
    assert "unexpected error, a defect of the collection" in results
    assert "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in results


def without_items(value: Any) -> Any:
    """A result without the items of its loop, which Ansible shows unmasked."""
    if isinstance(value, dict):
        return {key: without_items(item) for key, item in value.items() if key not in ("item", "_ansible_item_label")}
    return [without_items(item) for item in value] if isinstance(value, list) else value
