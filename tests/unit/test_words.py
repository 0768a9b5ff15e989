# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts for users contain no coined nouns, and no connectives that Docker's and Ansible's documentation does not use.

BANNED has a line for each word, READ a line for each kind of text to check.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Set, Tuple

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]

# A regular expression, and what to write instead. Case is ignored, and a line break counts as a space. Each paragraph
# is searched separately (^ is its beginning).
BANNED: Tuple[Tuple[str, str], ...] = (
    # Coined nouns
    (r"\bfaces?\b", "execution: module execution, direct execution"),
    (r"\baside\b", "leftovers (of a replacement), recovery; for later"),
    (r"\bbeside\b", "in addition to, next to, with"),
    (r"\bways? back\b", "undo action, undo stack; can be undone"),
    (r"\bwanted as before\b|\bas_before\b", "compatibility (with docker_container)"),
    (r"\banswers? that (is|are) read as (it|they) comes?\b", "response stream"),
    (r"\bplain values?\b", "JSON-safe values"),
    (r"\bkept engines?\b", "connection cache"),
    (r"\bin the words of\b|\bin words for people\b", "as named by; messages"),
    (r"\btoo new\b", "unsupported by this API version"),
    (r"\bwhat was tried\b", "action"),
    (r"\bfolders?\b", "directory"),
    # Verbs
    (r"\banew\b|\bmade (again|once more)\b|\bmakes? (it|them|one|each of them) again\b", "recreated, again"),
    (r"\bremake\b", "recreate"),
    (r"\bhas to go\b|\bhave to go\b|\bwhy (it|they) goe?s?\b", "needs removal, cause of the removal"),
    (
        r"\b(it|one|that|which|what|container|network|volume|image|archive|file|data) goes\b(?! wrong)"
        r"|\b(that|which) (is|are) gone\b|\bgoe?s? (first|too|as well|away)\b|\blets? them go\b",
        "is removed, is lost",
    ),
    (r"\b(is|are|was|were|be|been) told\b|\btold (apart|from|by|beforehand|in)\b", "is reported, is distinguished"),
    (r"\btells? (what|which|whether|that|of|it|its|them|their)\b", "reports, shows"),
    (r"\b(is|are|was|were|be|been) asked for\b|\basked for that\b", "is requested"),
    (r"\bcan't be asked\b|\bcould not be asked\b", "is unreachable"),
    (r"\b(is|are) seen to\b|\bwas seen to\b|\bsee to it\b", "is handled; has been observed to; make sure"),
    (r"\bheld against\b|\bhold (the \w+|them|it) against\b", "checked against, compared with"),
    (r"\bpacked hard\b", "at high compression"),
    (r"\bturns? out to be\b", "is"),
    (r"\b(takes?|took) (\S+ ){1,4}for (failed|success|none|empty)\b|\b(taken|took) for\b", "treats as"),
    # Connectives
    (r"(^|[.:;] )Where [^.?]*,", "If, when"),
    (r"\bwhere (there|nothing|none|nobody|something|neither|both|no) \w+", "if, when"),
    (r"\bwhere (it|that|they|this|that one) (is|are|was|were|has|have|does|do|can|can't|isn't|had)\b", "if, when"),
    (r"\bwhere the (engine|registry|task|kernel|host|driver|image|command) (has|is|can|does|keeps|itself)\b", "if"),
    (r"\bin the place of\b|\bin whose place\b", "instead of"),
    (r"(?<!time )\bat which\b", "with, when"),
    (r"(?<!there )\b(is|are|was|were) no (?!longer\b|more\b|need\b|different\b)", "is not a; means no"),
    (r"\bthat (is|are) none\b|\bor none\b", "invalid value; is not a ..."),
    (r"\bthose (that|which|who)\b|\bthe ones? that\b", "the noun: containers that"),
    (r"(^|[.:;] )Who [^.?]*[.,]", "Anyone who"),
    (r"\bcompared V\(", '"Comparison: strict."'),
    (r"\bhas (a|no) meaning (in|with|where)\b|\bhave no meaning\b", "Only used with; Ignored with"),
    (r"\b(is|are) right already\b", "is not an error"),
    (r"\bits own affair\b", "the module does not wait for a reaction"),
    (r"\bdies on the way\b|\bhalf way\b", "midway"),
    (r"\bdoe?s? too\b", "are accepted too"),
    (r"\bat no time\b", "always, never"),
    (r"\botherwise than\b", "does not match: actual → expected"),
    (r"\bdoes not know, a defect\b", "unexpected error; please report it"),
    (r"\bnothing answers at\b", "Cannot connect to the engine at"),
    (r"\bbut for\b", "except"),
    (r"\bof late\b", "recently"),
    (r"\bof one's own\b", "user-defined"),
    (r"\bwhat there is\b", "features, what exists"),
)

Text = Tuple[int, str]  # The line it is on, and one paragraph.
Reader = Callable[[str], Iterator[Text]]

DOCUMENTED = ("DOCUMENTATION", "EXAMPLES", "RETURN")
# Keys of documentation, argument specs and tasks whose values are text for users.
TEXTS_OF_YAML = ("description", "short_description", "details", "fail_msg", "msg", "name", "notes", "returned")


def paragraphs(text: str) -> Iterator[Text]:
    """The paragraphs of Markdown, reStructuredText and the like, without text in backquotes."""
    for block in re.finditer(r"(?:.*\S.*\n?)+", text):
        yield text.count("\n", 0, block.start()) + 1, re.sub(r"``.*?``|`[^`]*`", "`...`", block[0], flags=re.DOTALL)


def strings(text: str) -> Iterator[Text]:
    """The string literals of a Python file, such as its messages, without docstrings and a module's documentation."""
    tree = ast.parse(text)
    others = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in DOCUMENTED):
            others.add(node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in others:
            yield node.lineno, node.value


def comments(text: str) -> Iterator[Text]:
    """The comments of a Python file and its docstrings, each paragraph as one text."""
    for block in re.finditer(r"(?:^ *#.*\n)+", text, re.MULTILINE):
        yield text.count("\n", 0, block.start()) + 1, re.sub(r"^ *#", "", block[0], flags=re.MULTILINE)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip():
            yield token.start[0], token.string[1:]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(
            node
        ):
            yield from (
                (node.body[0].lineno + line - 1, found) for line, found in paragraphs(ast.get_docstring(node) or "")
            )


def scalars(node: Any, key: str = "") -> Iterator[Text]:
    """The texts for users in a YAML document."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from scalars(value, "" if isinstance(value, yaml.MappingNode) else str(name.value))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from scalars(value, key)
    elif isinstance(node, yaml.ScalarNode) and key in TEXTS_OF_YAML:
        yield node.start_mark.line + 1, str(node.value)


def yaml_texts(text: str) -> Iterator[Text]:
    """Descriptions, names and messages of a YAML file, and its comments."""
    for document in yaml.compose_all(text, Loader=yaml.SafeLoader):
        yield from scalars(document)
    for comment in re.finditer(r"(?:^ *#.*\n)+", text, re.MULTILINE):
        yield text.count("\n", 0, comment.start()) + 1, re.sub(r"^ *#", "", comment[0], flags=re.MULTILINE)


def documentation(text: str) -> Iterator[Text]:
    """The YAML in the constants of a module or of a documentation fragment."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            for line, found in yaml_texts(node.value.value):
                yield node.lineno + line - 1, found


# Texts for users: files below the root, and how to read them. A line adds further texts, such as
# ("docs/docsite/rst/*.rst", paragraphs), ("plugins/module_utils/**/*.py", strings), ("playbooks/**/*.yml", yaml_texts).
READ: Tuple[Tuple[str, Reader], ...] = (
    ("plugins/modules/*.py", documentation),
    ("plugins/doc_fragments/*.py", documentation),
    ("roles/*/README.md", paragraphs),
    ("roles/*/meta/*.yml", yaml_texts),
    ("roles/*/defaults/*.yml", yaml_texts),
    ("roles/*/tasks/*.yml", yaml_texts),
    ("roles/*/vars/*.yml", yaml_texts),
    ("*.md", paragraphs),
    ("docs/docsite/rst/*.rst", paragraphs),
    ("docs/docsite/site/*.rst", paragraphs),
    ("plugins/**/*.py", strings),
    ("plugins/**/*.py", comments),
    ("playbooks/**/*.yml", yaml_texts),
    ("tools/demo.py", strings),
)

FILES = [
    pytest.param(path, read, id=str(path.relative_to(ROOT))) for glob, read in READ for path in sorted(ROOT.glob(glob))
]
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))


def found_in(texts: Iterator[Text]) -> List[str]:
    """Each banned word with its line, the surrounding text, and what to write instead."""
    found = []
    for line, text in texts:
        flat = " ".join(text.split())
        for pattern, instead in BANNED:
            for hit in re.finditer(pattern, flat, re.IGNORECASE):
                around = flat[max(0, hit.start() - 30) : hit.end() + 30]
                found.append("%d: %r in %r, write: %s" % (line, hit[0], around, instead))
    return found


@pytest.mark.parametrize(("path", "read"), FILES)
def test_no_banned_word(path: Path, read: Reader) -> None:
    found = found_in(read(path.read_text(encoding="utf-8")))
    assert not found, "\n" + "\n".join(found)


def test_what_all_modules_return_is_described_alike() -> None:
    """One description for modules that change something, and another one for modules that only read."""
    found: Dict[str, Set[str]] = {"actions": set(), "steps": set()}
    for name in MODULES:
        text = (ROOT / "plugins" / "modules" / (name + ".py")).read_text(encoding="utf-8")
        returned = yaml.safe_load(text.partition('RETURN = r"""')[2].partition('"""')[0])
        for value, first in found.items():
            first.add(returned[value]["description"][0])
    assert [len(first) for first in found.values()] == [2, 2]


@pytest.mark.parametrize("glob", [glob for glob, _read in READ])
def test_there_are_texts(glob: str) -> None:
    assert list(ROOT.glob(glob))


@pytest.mark.parametrize(
    ("read", "text", "lines"),
    [
        (paragraphs, "Fine.\n\nThe direct\nface.\n", [3]),
        (paragraphs, "In `face`, ``two faces`` and\n`a\nface`.\n", []),
        (paragraphs, "| a | folder |\n", [1]),
        (strings, 'raise Failure("Its folder is missing")\n', [1]),
        (strings, '"""A folder."""\n\n\ndef f() -> None:\n    """A folder."""\n', []),
        (strings, 'f(\n    "one of the "\n    "folders",\n    folder,\n)\n', [2]),
        (strings, 'f("%s is no path" % path)\n', [1]),
        (comments, '"""A folder."""\n\n\ndef f() -> None:\n    """Fine.\n\n    A folder.\n    """\n', [1, 7]),
        (comments, "# One\n# folder\nx = 'folder'  # A folder\n", [1, 3]),
        (documentation, 'DOCUMENTATION = r"""\noptions:\n  a:\n    description:\n      - A folder.\n"""\n', [5]),
        (documentation, 'DOCUMENTATION = r"""\noptions:\n  folder:\n    default: folder\n"""\n', []),
        (documentation, 'EXAMPLES = r"""\n# A folder\n- name: A folder\n  copy:\n    dest: folder\n"""\n', [3, 2]),
        (yaml_texts, "- name: Make the\n    folder\n- debug:\n    msg: A folder\n", [1, 4]),
        (yaml_texts, "key: folder\n# One\n# folder\nfolder: key\n", [2]),
    ],
)
def test_texts_are_found(read: Reader, text: str, lines: List[int]) -> None:
    assert [int(found.partition(":")[0]) for found in found_in(read(text))] == lines


@pytest.mark.parametrize(
    ("text", "banned"),
    [
        ("Where nobody knows, it waits.", True),
        ("Where a task runs", False),
        ("It fails where there is nothing to do.", True),
        ("The host where it runs.", False),
        ("There is no such name, and it is no longer used.", False),
        ("80 is no name.", True),
        ("An id does too.", True),
        ("The interface of an address", False),
    ],
)
def test_connectives(text: str, banned: bool) -> None:
    assert bool(found_in(iter([(1, text)]))) == banned
