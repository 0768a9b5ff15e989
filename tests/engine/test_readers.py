# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs that only read a playbook reach no engine: linters, syntax checks, task lists, documentation, imports.

A proxy in front of a reachable engine gets no connection, and the engine reports no event.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from between import Proxy, between

from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

pytestmark = pytest.mark.one_engine("no engine is reached")

ROOT = Path(__file__).resolve().parents[2]
COLLECTIONS = ROOT / ".cache" / "collections"
PROGRAMS = Path(sys.executable).parent
MODULES = sorted(_registry.TASKS)
VICTIM = "t-victim"
# Starts ansible-lint in a process that has imported the collection's action plugins.
LINT_AFTER_IMPORT = """
import sys
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader()
import ansible_collections.wharf.docker.plugins.action
assert "ansible_collections.wharf.docker.plugins.module_utils._flow.module" in sys.modules
from ansiblelint.__main__ import _run_cli_entrypoint
sys.argv[0] = "ansible-lint"
_run_cli_entrypoint()
"""
IMPORTS = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
"""
# The options that each module requires.
GIVEN: dict[str, dict[str, Any]] = {
    "container_copy": {
        "container": VICTIM,
        "container_path": "/seen",
        "path": "/etc/hostname",
        "owner_id": 0,
        "group_id": 0,
    },
    "container_exec": {"container": VICTIM, "command": "touch /seen"},
    "container_export": {"name": VICTIM, "dest": "/tmp/nothing.tar"},
    "container_import": {"src": "/etc/hostname", "repository": "t-lint"},
    "container_info": {"name": [VICTIM]},
    "container_logs": {"name": VICTIM},
    "container_run": {"name": VICTIM, "image": "wharf-test/base:latest"},
    "container_state": {"name": [VICTIM], "state": "absent"},
    "network": {"name": "t-lint-net"},
    "prune": {"containers": True, "networks": True, "volumes": True, "images": True, "builder_cache": True},
    "volume": {"name": "t-lint-volume"},
    "volume_export": {"name": "t-lint-volume", "dest": "/tmp/nothing.tar"},
    "volume_import": {"name": "t-lint-volume", "src": "/etc/hostname"},
}


@pytest.fixture
def proxy(engine: Any) -> Iterator[Proxy]:
    with between(engine.url) as found:
        yield found


@pytest.fixture
def read(proxy: Proxy, client: Any, image: str, tmp_path: Path) -> Callable[..., str]:
    """``read(argv, tasks, code=0)`` → the output of a program that reads a playbook, and must not reach an engine."""
    client.start(client.create_container(image, ["sleep", "1000"], name=VICTIM))
    began = time.time()

    def run(argv: list[str], tasks: list[dict[str, Any]], code: int | None = 0) -> str:
        file = tmp_path / "playbook.yml"
        play = [{"name": "Read", "hosts": "localhost", "gather_facts": False, "tasks": tasks}]
        file.write_text("---\n" + yaml.safe_dump(play, sort_keys=False), encoding="utf-8")
        done = subprocess.run(
            [*argv, str(file)] if tasks else argv,
            cwd=tmp_path,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "DOCKER_"))},
                "ANSIBLE_HOME": str(tmp_path / "home"),
                "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
                "ANSIBLE_LOCALHOST_WARNING": "false",
                "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
                "DOCKER_HOST": proxy.url,
                "PATH": "%s:%s" % (PROGRAMS, os.environ["PATH"]),
                "PYTHONPATH": str(COLLECTIONS),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        output = done.stdout + done.stderr
        assert code is None or done.returncode == code, output
        assert (proxy.connections, proxy.asked) == (0, []), output
        assert not events(client, began)
        assert "exception" not in done.stderr, output
        return done.stdout

    return run


def events(client: Any, since: float) -> list[Any]:
    answer = client.get("%s/events?since=%.6f&until=%.6f" % (client.base_url, since, time.time()), timeout=60)
    return [json.loads(line) for line in answer.iter_lines()]


def findings(read: Callable[..., str], tasks: list[dict[str, Any]], imported: bool = False) -> list[str]:
    """The findings of ansible-lint about options, a line each; without a profile, all rules apply.

    The last task is wrong and must be found, which shows that all tasks were checked.
    """
    program = [sys.executable, "-c", LINT_AFTER_IMPORT] if imported else [str(PROGRAMS / "ansible-lint")]
    wrong = {"name": "Wrong", "wharf.docker.volume": {"name": "a", "nosuch": 1}}
    output = read([*program, "--offline", "--nocolor", "--format", "pep8"], [*tasks, wrong], None)
    found = [line for line in output.splitlines() if "args[module]" in line or "syntax" in line or "load-fail" in line]
    assert found and "nosuch" in found[-1], output
    return found[:-1]


def tasks_of(module: str) -> Iterator[dict[str, Any]]:
    """A task of the module for each of its states."""
    states = _registry.task(module).options.get("state", {}).get("choices", [None])
    for state in states:
        options = {**GIVEN[module], **({"state": state} if state else {})}
        yield {"name": "%s %s" % (module.capitalize(), state or ""), "wharf.docker." + module: options}


def templated(spec: dict[str, Any], given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """``given`` with a template as the value of one option, for every option at every depth."""
    for name, option in spec.items():
        aliases = {name, *option.get("aliases", ())}
        rest = {key: value for key, value in given.items() if key not in aliases}
        yield {**rest, name: "{{ item }}"}
        if option.get("type") == "list":
            yield {**rest, name: ["{{ item }}", "{% if item %}b{% endif %}"]}
        if option.get("type") == "dict" and not option.get("options"):
            yield {**rest, name: {"a": "{{ item }}"}}
        if option.get("options"):
            inner = {
                key: given_to(one) for key, one in option["options"].items() if one.get("required") and key != "options"
            }
            for value in templated(option["options"], inner):
                yield {**rest, name: [value, value] if option["type"] == "list" else value}


def given_to(option: dict[str, Any]) -> Any:
    return {"int": 5, "str": "5"}.get(option.get("type", "str"), "/five")


@pytest.mark.parametrize("imported", [False, True], ids=["alone", "after the import of the action plugins"])
def test_lint(imported: bool, read: Any, client: Any) -> None:
    """One task of every module for each state."""
    tasks = [task for module in MODULES for task in tasks_of(module)]
    assert len(tasks) > 20
    assert not findings(read, tasks, imported)
    assert client.inspect_container(VICTIM)["State"]["Running"]


@pytest.mark.parametrize("module", MODULES)
def test_lint_of_templates(module: str, read: Any) -> None:
    """No value with a template is checked: not a port, a size or a date, not at any depth."""
    task = _registry.task(module)
    tasks: list[dict[str, Any]] = []
    for number, options in enumerate(templated(task.argument_spec(), GIVEN[module])):
        tasks.append({"name": "%s %d" % (module.capitalize(), number), "wharf.docker." + module: options})
    assert not findings(read, tasks)


@pytest.mark.parametrize(
    ("module", "options", "words"),
    [
        ("container_run", {"name": "{{ item }}", "iamge": "a"}, "iamge"),
        ("container_run", {"name": "{{ item }}", "replace": "stop"}, "replace"),
        ("container_run", {"name": "{{ item }}", "healthcheck": {"retires": 3, "test": "{{ a }}"}}, "retires"),
        ("container_run", {"name": "a", "mounts": [{"target": "{{ a }}", "type": "bind"}, {"type": "band"}]}, "target"),
        ("container_run", {"image": "{{ a }}"}, "name"),
        ("volume", {"name": "{{ item }}", "state": "gone"}, "state"),
    ],
)
def test_lint_still_judges_the_rest(module: str, options: dict[str, Any], words: str, read: Any) -> None:
    (found,) = findings(read, [{"name": "Also wrong", "wharf.docker." + module: options}])
    assert words in found


@pytest.mark.parametrize("option", ["--syntax-check", "--list-tasks", "--list-hosts", "--list-tags"])
def test_ansible_playbook_without_a_run(option: str, read: Any) -> None:
    tasks = [task for module in MODULES for task in tasks_of(module)]
    read([str(PROGRAMS / "ansible-playbook"), "-i", "localhost,", "-c", "local", option], tasks)


def test_documentation(read: Any) -> None:
    names = ["wharf.docker." + module for module in MODULES]
    program = str(PROGRAMS / "ansible-doc")
    assert "OPTIONS" in read([program, *names], [])
    assert "container_run" in read([program, "--list", "wharf.docker"], [])
    assert set(json.loads(read([program, "--json", *names], []))) == set(names)


def test_imports(read: Any) -> None:
    """Import every Python file of the collection."""
    files = sorted((ROOT / "plugins").rglob("*.py"))
    names = [
        "ansible_collections.wharf.docker." + file.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for file in files
    ]
    read([sys.executable, "-c", IMPORTS, *[name.removesuffix(".__init__") for name in names]], [])
