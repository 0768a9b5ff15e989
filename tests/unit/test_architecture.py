# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of docs/architecture.md that a program can see: who imports what, what is private, how long a file is.

The text of the files is read; a process of its own imports what a run without a change imports.
"""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import Dict, Iterator, List, Set

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
MODULE_UTILS = PLUGINS / "module_utils"
FILES = sorted(PLUGINS.rglob("*.py"))
MODULES = sorted((PLUGINS / "modules").glob("*.py"))
PRIVATE = sorted(MODULE_UTILS.rglob("*.py"))

OURS = "ansible_collections.wharf.docker.plugins.module_utils"
SDK = ("docker", "requests", "urllib3")
# The files that decide: what they decide depends on what they are given, and on nothing else.
PURE = sorted(
    path
    for pattern in (
        *("_plan*.py", "_compare.py", "_fields.py", "_rows.py", "_endpoints.py", "_values*.py", "_instructions.py"),
        "_mask.py",
        "_templates.py",
    )
    for path in MODULE_UTILS.glob(pattern)
)
# What only a task needs that reads or writes a stream: every other run would compile it for nothing.
STREAMING = (OURS + "._answer", OURS + "._duplex")
# What container_run imports where nothing changes. A file more costs each run the time to compile it.
UNCHANGED = {
    "_compare",
    "_container",
    "_container_run",
    "_engine",
    "_errors",
    "_fields",
    "_image",
    "_plan",
    "_rows",
    "_task",
    "_values",
    "_wanted",
}
# Described by words alone, and found as it is described.
UNCHANGED_RUN = """
import json, sys
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.wharf.docker.plugins.module_utils import _container_run, _plan, _wanted

given = {"name": "web", "image": "base", "command": ["sleep", "9"], "env": {"A": "1"}, "labels": {"b": "2"}}
given.update(json.loads(sys.argv[1]))
options = ArgumentSpecValidator(_container_run.TASK.argument_spec()).validate(given).validated_parameters
image = {"Id": "sha256:" + "a" * 64, "Config": {}}
container = {
    "Id": "c" * 64,
    "Name": "/web",
    "Image": image["Id"],
    "State": {"Status": "running", "Running": True},
    "Config": {"Image": "base", "Cmd": ["sleep", "9"], "Env": ["A=1"], "Labels": {"b": "2"}},
    "HostConfig": {"RestartPolicy": {"Name": "always"}, "Memory": 1 << 20, "Binds": ["v1:/data"]},
    "NetworkSettings": {"Networks": {}},
}
plan = _plan.plan_container(_wanted.normalise(options), _plan.Observed(container, image))
prefix = _plan.__name__.rpartition(".")[0] + "."
files = sorted(name[len(prefix):] for name in sys.modules if name.startswith(prefix))
print(json.dumps({"actions": plan.actions(), "files": files}))
"""
NOT_PURE = (*SDK, "ansible.module_utils.basic", OURS + "._engine")
MOST_LINES = 450


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(tree: ast.AST) -> Iterator[str]:
    """The full name of each imported module, those imported inside functions too.

    Of "from a import b" both "a" and "a.b": b may be a module.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield module
            yield from ("%s.%s" % (module, alias.name) for alias in node.names)


def is_part_of(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


def reached(path: Path) -> Dict[str, str]:
    """What a file of module_utils imports, itself or through files of the collection: name → the way there."""
    found: Dict[str, str] = {}
    waiting = [(path, path.name)]
    seen: Set[Path] = {path}
    while waiting:
        file, way = waiting.pop()
        for name in imports(tree_of(file)):
            found.setdefault(name, "%s → %s" % (way, name))
            if is_part_of(name, OURS):
                next_file = MODULE_UTILS / (name[len(OURS) + 1 :].replace(".", "/") + ".py")
                if next_file.is_file() and next_file not in seen:
                    seen.add(next_file)
                    waiting.append((next_file, "%s → %s" % (way, next_file.name)))
    return found


def lines_of_code(text: str) -> int:
    """Lines with code on them: no comments, no blank lines, no docstrings and no constants of several lines of text."""
    lines: Set[int] = set()
    silent = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in silent:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        value = getattr(node, "value", None)
        if not isinstance(node, (ast.Expr, ast.Assign)) or not isinstance(value, ast.Constant):
            continue
        if isinstance(value.value, str) and (isinstance(node, ast.Expr) or "\n" in value.value):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def statements(function: ast.FunctionDef) -> List[ast.stmt]:
    """The statements of a function without its docstring."""
    return [
        node
        for node in function.body
        if not (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        )
    ]


def test_there_is_something_to_look_at() -> None:
    assert MODULES and PRIVATE
    assert {"_plan.py", "_compare.py", "_fields.py", "_endpoints.py", "_values.py"} <= {path.name for path in PURE}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_one_file_imports_the_sdk(path: Path) -> None:
    if path == MODULE_UTILS / "_engine.py":
        return
    found = [name for name in imports(tree_of(path)) if any(is_part_of(name, module) for module in SDK)]
    assert not found, "only _engine.py talks to the SDK"


@pytest.mark.parametrize("path", PURE, ids=name_of)
def test_what_decides_is_pure(path: Path) -> None:
    found = [way for name, way in reached(path).items() if any(is_part_of(name, module) for module in NOT_PURE)]
    assert not found, "planning knows neither the SDK, nor AnsibleModule, nor the engine"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_streams_are_imported_where_they_are_used(path: Path) -> None:
    """Not at the top of a file, where only what stands below TYPE_CHECKING is not imported."""
    top = [node for node in tree_of(path).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert not [name for node in top for name in imports(node) if name in STREAMING]


@pytest.mark.parametrize(
    ("given", "actions", "more"),
    [
        ({"restart_policy": "always"}, 0, set()),
        ({"memory": "1m"}, 0, {"_values_limits"}),
        ({"volumes": ["v1:/data"]}, 0, {"_values_mounts"}),
        ({"networks": []}, 0, {"_values_network", "_endpoints"}),
        ({"restart_policy": "no"}, 1, {"_plan_change", "_endpoints", "_values_network"}),
    ],
    ids=["words", "a limit", "a volume", "networks", "a change"],
)
def test_what_a_run_imports(given: Dict[str, object], actions: int, more: Set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNCHANGED_RUN, json.dumps(given)],
        env={"PYTHONPATH": str(ROOT / ".cache" / "collections")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    found = json.loads(done.stdout)
    assert len(found["actions"]) == actions
    assert set(found["files"]) == UNCHANGED | more


def test_what_the_table_names_is_there() -> None:
    """The types of a function that is imported later are not checked: a wrong name is found here."""
    files = {"limits": "_values_limits", "mounts": "_values_mounts", "network": "_values_network"}
    used = {
        (files[node.value.id], node.attr)
        for node in ast.walk(tree_of(MODULE_UTILS / "_rows.py"))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in files
    }
    assert {file for file, _name in used} == set(files.values())
    for file, name in sorted(used):
        functions = [node.name for node in tree_of(MODULE_UTILS / (file + ".py")).body if hasattr(node, "name")]
        assert name in functions, file


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_relative_imports(path: Path) -> None:
    assert not [name for name in imports(tree_of(path)) if name.startswith(".")]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_is_too_long(path: Path) -> None:
    lines = lines_of_code(path.read_text(encoding="utf-8"))
    assert lines <= MOST_LINES, "%d lines of code are two ideas: part them" % lines


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_assert(path: Path) -> None:
    found = [node.lineno for node in ast.walk(tree_of(path)) if isinstance(node, ast.Assert)]
    assert not found, "python -O leaves assert out: raise Failure"


@pytest.mark.parametrize("path", PRIVATE, ids=name_of)
def test_module_utils_are_private(path: Path) -> None:
    assert path.name.startswith("_")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_licence_comes_first(path: Path) -> None:
    head = path.read_text(encoding="utf-8")[:600]
    assert "Copyright (c)" in head
    assert "# SPDX-License-Identifier: GPL-3.0-or-later\n" in head


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_main_names_its_task_and_nothing_else(path: Path) -> None:
    mains = [node for node in tree_of(path).body if isinstance(node, ast.FunctionDef) and node.name == "main"]
    assert len(mains) == 1
    found = statements(mains[0])
    assert len(found) == 1, "main() is one statement"
    assert ast.unparse(found[0]) == "run_module(_%s.TASK)" % path.stem


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_nothing_but_documentation_and_main(path: Path) -> None:
    functions = [node for node in ast.walk(tree_of(path)) if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    assert [node.name for node in functions] == ["main"]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_each_module_is_tried_with_an_engine(path: Path) -> None:
    assert (ROOT / "tests" / "engine" / ("test_%s.py" % path.stem)).is_file()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", 0),
        ("# a comment\n\n", 0),
        ('"""A docstring."""\n\nx = 1  # one\n', 1),
        ('DOCUMENTATION = r"""\na\nb\n"""\n', 0),
        ('def f():\n    """One.\n\n    Two.\n    """\n    return [\n        1,\n\n        2,\n    ]\n', 5),
        ('x = "short"\n', 1),
        ('f("""a\nb""")\n', 2),
    ],
)
def test_lines_of_code(text: str, lines: int) -> None:
    assert lines_of_code(text) == lines
