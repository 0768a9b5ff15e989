# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of docs/architecture.md that a program can see: who imports what, what is private, how long a file is.

Only the text of the files is read; nothing of the collection is imported.
"""

from __future__ import annotations

import ast
import io
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
    for pattern in ("_plan*.py", "_compare.py", "_fields.py", "_endpoints.py", "_values*.py", "_instructions.py")
    for path in MODULE_UTILS.glob(pattern)
)
# What only a task needs that reads or writes a stream: every other run would compile it for nothing.
STREAMING = (OURS + "._answer", OURS + "._duplex")
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
