# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of docs/architecture.md that a program can check: who imports what, what is private, how long a file is.

The source of the files is read; a separate process imports what a run without a change imports.
"""

from __future__ import annotations

import ast
import functools
import io
import json
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import Dict, Iterator, List, Set

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
MODULE_UTILS = PLUGINS / "module_utils"
FILES = sorted(
    path
    for path in PLUGINS.rglob("*.py")
    if path.parent.parent != PLUGINS / "module_utils" or path.name != "__init__.py"
)
MODULES = sorted((PLUGINS / "modules").glob("*.py"))
PRIVATE = sorted(path for path in MODULE_UTILS.rglob("*.py") if path.name != "__init__.py")

OURS = "ansible_collections.wharf.docker.plugins.module_utils"
SDK = ("docker", "requests", "urllib3")
# The rooms, ground floor first: a file imports from its own room and from those below it.
ROOMS = ("_values", "_engine", "_flow", "_archive", "_container", "_replacement", "_objects", "_apply", "_tasks")
# The files with decisions, which depend on their input only.
PURE = sorted(
    path
    for pattern in (
        "_values/*.py",
        "_engine/errors.py",
        "_engine/messages.py",
        "_engine/podman.py",
        "_flow/difference.py",
        "_flow/mask.py",
        "_flow/plan.py",
        "_flow/templates.py",
        "_flow/visible.py",
        "_archive/copied.py",
        "_archive/copied_out.py",
        "_archive/entries.py",
        "_archive/export_steps.py",
        "_archive/imported_image.py",
        "_archive/root_filesystem.py",
        "_archive/tar.py",
        "_archive/volume_content.py",
        "_container/comparison.py",
        "_container/endpoints.py",
        "_container/exec_paths.py",
        "_container/log_pieces.py",
        "_container/observed.py",
        "_container/options.py",
        "_container/output.py",
        "_container/plan_*.py",
        "_container/spec.py",
        "_container/state.py",
        "_container/status.py",
        "_container/wanted.py",
        "_objects/[!_]*.py",
        "_replacement/labels.py",
        "_replacement/plan_*.py",
        "_replacement/recovery.py",
        "_replacement/successor.py",
        "_tasks/container_run_plan.py",
        "_tasks/plan_prune.py",
    )
    for path in MODULE_UTILS.glob(pattern)
)
# Only tasks that read or write a stream need these: every other run would compile them for nothing.
STREAMING = (OURS + "._engine.response", OURS + "._engine.hijack")
# The imports of container_run if nothing changes. Another file costs each run the time to compile it.
UNCHANGED = {
    "_container",
    "_container.arguments",
    "_container.comparison",
    "_container.image",
    "_container.inspect",
    "_container.observed",
    "_container.options",
    "_container.spec",
    "_container.status",
    "_container.wanted",
    "_engine",
    "_engine.client",
    "_engine.documents",
    "_engine.errors",
    "_flow",
    "_flow.difference",
    "_flow.plan",
    "_flow.task",
    "_tasks",
    "_tasks.container_run",
    "_values",
    "_values.core",
}
# A container described by plain options only, which matches.
UNCHANGED_RUN = """
import json, sys
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.wharf.docker.plugins.module_utils._container import arguments, comparison, observed
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_run

given = {"name": "web", "image": "base", "command": ["sleep", "9"], "env": {"A": "1"}, "labels": {"b": "2"}}
given.update(json.loads(sys.argv[1]))
options = ArgumentSpecValidator(container_run.TASK.argument_spec()).validate(given).validated_parameters
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
found = comparison.compare(arguments.normalise(options), observed.Observed(container, image))
prefix = "ansible_collections.wharf.docker.plugins.module_utils."
files = sorted(name[len(prefix):] for name in sys.modules if name.startswith(prefix))
print(json.dumps({"differences": len(found.differences), "files": files}))
"""
CLIENT = MODULE_UTILS / "_engine" / "client.py"
# Only the steps of a plan change something on an engine, and only these rooms carry them out.
APPLYING = ("_engine", "_apply")
READING = {"GET", "HEAD"}
# POSTs that change nothing, by file, each with the reason why the API has only a POST for it.
READS_BY_POST: Dict[str, str] = {
    "_tasks/container_state_outcome.py": "/wait: it tells the exit code of a container that is gone with its end",
}
NOT_PURE = (*SDK, "ansible.module_utils.basic", OURS + "._engine.client")
MOST_LINES = 450


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(tree: ast.AST) -> Iterator[str]:
    """The full name of each imported module, including imports inside functions.

    For "from a import b" both "a" and "a.b": b may be a module.
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
    """What a file of module_utils imports, directly or through files of the collection: name → the chain of imports."""
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


def verbs_of(function: ast.AST) -> Set[str]:
    """The HTTP methods that a method of the client sends; "" means that it is an argument."""
    return {
        str(node.args[0].value) if isinstance(node.args[0], ast.Constant) else ""
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "self._request"
    }


@functools.cache
def client_methods() -> Dict[str, Set[str]]:
    """Each method of the client that sends requests, with its HTTP methods."""
    (engine,) = (node for node in tree_of(CLIENT).body if isinstance(node, ast.ClassDef) and node.name == "Engine")
    found = {node.name: verbs_of(node) for node in engine.body if isinstance(node, ast.FunctionDef)}
    return {**{name: verbs for name, verbs in found.items() if verbs}, "_request": {""}}


def changing_calls(tree: ast.AST) -> List[int]:
    """The lines with a method of the client that changes something, or may change it.

    Not only its calls: code with a reference to such a method could call it as well.
    """
    methods = client_methods()
    reading = {
        id(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value in READING
    }
    return sorted(
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and not methods.get(node.attr, set()) <= READING
        and not ("" in methods[node.attr] and id(node) in reading)
    )


def lines_of_code(text: str) -> int:
    """The number of lines with code: without comments, blank lines, docstrings and multi-line string constants."""
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
    assert {path.relative_to(MODULE_UTILS).parts[0] for path in PRIVATE} == set(ROOMS)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_one_file_imports_the_sdk(path: Path) -> None:
    if path == MODULE_UTILS / "_engine" / "client.py":
        return
    found = [name for name in imports(tree_of(path)) if any(is_part_of(name, module) for module in SDK)]
    assert not found, "only _engine/client.py talks to the SDK"


@pytest.mark.parametrize("path", PURE, ids=name_of)
def test_what_decides_is_pure(path: Path) -> None:
    found = [way for name, way in reached(path).items() if any(is_part_of(name, module) for module in NOT_PURE)]
    assert not found, "planning knows neither the SDK, nor AnsibleModule, nor the engine"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_streams_are_imported_where_they_are_used(path: Path) -> None:
    """Not at the top of a file, except below TYPE_CHECKING."""
    top = [node for node in tree_of(path).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert not [name for node in top for name in imports(node) if name in STREAMING]


@pytest.mark.parametrize(
    ("given", "differences", "more"),
    [
        ({"restart_policy": "always"}, 0, set()),
        ({"memory": "1m"}, 0, {"_values.limits"}),
        ({"volumes": ["v1:/data"]}, 0, {"_values.mounts"}),
        ({"networks": []}, 0, {"_values.network", "_container.endpoints"}),
        ({"restart_policy": "no"}, 1, set()),
    ],
    ids=["words", "a limit", "a volume", "networks", "a difference"],
)
def test_what_a_run_imports(given: Dict[str, object], differences: int, more: Set[str]) -> None:
    found = json.loads(output_of(UNCHANGED_RUN, json.dumps(given)))
    assert found["differences"] == differences
    assert set(found["files"]) == UNCHANGED | more


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_other_tasks_compile_no_option_table(path: Path) -> None:
    """Other modules don't compile what only container_run needs, nor what only a change needs."""
    program = "import sys, %s._tasks.%s\nprint('\\n'.join(sys.modules))" % (OURS, path.stem)
    loaded = output_of(program).splitlines()
    table = {OURS + "._container." + name for name in ("options", "spec", "wanted", "comparison", "arguments")}
    assert bool(table & set(loaded)) is (path.stem == "container_run")
    assert not [name for name in loaded if name.startswith(OURS + "._apply.")]
    # Creating the classes of the steps takes longer than the requests of a run without a change.
    assert path.stem == "container_exec" or OURS + "._container.steps" not in loaded


def output_of(program: str, *arguments: str) -> str:
    """The output of a program in a new Python that finds the collection."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={"PYTHONPATH": str(ROOT / ".cache" / "collections")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", PRIVATE, ids=name_of)
def test_a_file_imports_from_its_room_and_those_below(path: Path) -> None:
    own = ROOMS.index(path.relative_to(MODULE_UTILS).parts[0])
    found = {name for name in imports(tree_of(path)) if name.startswith(OURS + "._")}
    above = [name for name in found if ROOMS.index(name[len(OURS) + 1 :].split(".")[0]) > own]
    assert not above, "the rooms stand in this order: " + ", ".join(ROOMS)


def test_there_is_no_circle() -> None:
    """Not even with imports inside functions."""
    below: Dict[str, Set[str]] = {}
    for path in PRIVATE:
        name = ".".join((OURS, *path.relative_to(MODULE_UTILS).with_suffix("").parts))
        tree = tree_of(path)
        types = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
        tree.body = [node for node in tree.body if node not in types]
        below[name] = {other for other in imports(tree) if other.startswith(OURS + "._")}
    left = {name: found & set(below) for name, found in below.items()}
    while True:
        ends = {name for name, found in left.items() if not found}
        if not ends:
            break
        left = {name: found - ends for name, found in left.items() if name not in ends}
    assert not left


@pytest.mark.parametrize("path", PRIVATE, ids=name_of)
def test_only_steps_that_are_carried_out_change_something(path: Path) -> None:
    """Reading, planning and reporting change nothing: each change is a step, implemented in one room."""
    name = path.relative_to(MODULE_UTILS).as_posix()
    if path.parent.name in APPLYING:
        assert name not in READS_BY_POST
        return
    found = changing_calls(tree_of(path))
    if name in READS_BY_POST:
        assert found, "it changes nothing any more: take it off the list"
    else:
        assert not found, "move it into _apply"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("engine.get('/info')", []),
        ("engine.find('/info')", []),
        ("engine.head('/info')", []),
        ("engine.stream('GET', '/info')", []),
        ("queue.put(1)", []),
        ("engine.post('/build/prune')", [1]),
        ("engine.put_archive('/containers/a/archive')", [1]),
        ("engine.delete('/images/a')", [1]),
        ("engine.messages('/images/create')", [1]),
        ("engine.duplex('/exec/1/start')", [1]),
        ("engine.stream('POST', '/containers/a/wait')", [1]),
        ("engine.stream(method, '/info')", [1]),
        ("engine._request('DELETE', '/images/a')", [1]),
        ("a = 1\nself._call.engine.post('/a')", [2]),
        ("functools.partial(engine.delete, '/a')", [1]),
        ("send = engine.stream\nsend('POST', '/a')", [1]),
    ],
)
def test_what_changes_something(text: str, lines: List[int]) -> None:
    assert changing_calls(ast.parse(text)) == lines


def test_each_module_is_routed() -> None:
    """A missing module would always use module execution, and nothing would report that."""
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    names = [path.stem for path in MODULES]
    assert sorted(runtime["action_groups"]["docker"]) == names
    routed = {name: entry["action_plugin"] for name, entry in runtime["plugin_routing"]["modules"].items()}
    assert routed == dict.fromkeys(names, "wharf.docker.direct")


def test_what_the_table_names_is_there() -> None:
    """Type checkers don't check functions that are imported later: this test finds wrong names."""
    files = {"limits", "mounts", "network"}
    used = {
        (node.value.id, node.attr)
        for node in ast.walk(tree_of(MODULE_UTILS / "_container" / "options.py"))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in files
    }
    assert {file for file, _name in used} == files
    for file, name in sorted(used):
        functions = [
            node.name for node in tree_of(MODULE_UTILS / "_values" / (file + ".py")).body if hasattr(node, "name")
        ]
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
    room = path.parent
    assert room.parent == MODULE_UTILS and room.name.startswith("_")
    assert not (room / "__init__.py").read_text(encoding="utf-8")


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
