# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Direct or module execution of a task: the decision of plugins/action/direct.py.

The questions are those of its function ``why_not()``, in the same order: a new question there needs its text here.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pictures_svg as svg

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "plugins" / "action" / "direct.py"
# A condition in the code that prevents direct execution → the requirement that the picture shows.
QUESTIONS = {
    "self._task.async_val": "The task does not use async",
    "self._play_context.become or self._connection.become is not None": "The task does not use become",
    "type(self._connection).__module__ != 'ansible.plugins.connection.local'": "The connection is local",
    "constants.config.get_config_value('DEFAULT_KEEP_REMOTE_FILES', variables=task_vars)": (
        "ANSIBLE_KEEP_REMOTE_FILES is not set"
    ),
    "early": "environment does not affect Python's start",
    "interpreter and (not is_own(interpreter))": "No other Python interpreter is configured",
    "SDK_PROBLEM and (not interpreter)": "Ansible's own Python has the Docker SDK",
}
# The last condition is in run().
JSON = "arguments = plain(self._task.args)\n            except TypeError"
SETTING = "wharf_docker_execution"


class UnknownError(Exception):
    """The decision in the code differs from the picture."""


def conditions() -> list[str]:
    """The conditions in the function why_not(), in their order."""
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    [function] = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "why_not"]
    return [ast.unparse(node.test) for node in function.body if isinstance(node, ast.If)]


def questions() -> list[str]:
    found = conditions()
    if found != list(QUESTIONS):
        raise UnknownError("why_not() asks %s, and the picture %s." % (found, list(QUESTIONS)))
    if JSON not in SOURCE.read_text(encoding="utf-8"):
        raise UnknownError("run() does not ask whether the options can be written as JSON: %s" % JSON)
    return [*QUESTIONS.values(), "The options can be written as JSON"]


# Middle and width of the boxes of a column.
COLUMNS = {"module": (60, 88), "auto": (222, 150), "direct": (406, 150)}
OUTCOMES = {"module": (95, 158), "direct": (270, 158), "fails": (434, 138)}
FORK = ((svg.WIDTH / 2, 88), (svg.WIDTH / 2, 112))
LEFT = 124  # of the box with the questions


def picture() -> str:
    """The picture, as SVG."""
    asked = questions()
    values, top = 136, 226
    bottom = top + 44 + 25 * len(asked)
    end = bottom + 62
    parts = [
        svg.text(16, 34, "Direct or module execution", "large strong"),
        *svg.box(130, 54, 260, 34, [(SETTING, "mono small")]),
    ]
    for name, (x, wide) in COLUMNS.items():
        start = (svg.WIDTH / 2, values - 24.0) if name == "direct" else (x, values - 24.0)
        parts.append(svg.arrow(*FORK if name == "module" else (start,), (x, values - 24), (x, values)))
        label = [(name, "mono strong"), *([("(default)", "small quiet")] if name == "auto" else [])]
        parts += svg.box(x - wide / 2, values, wide, 50, label)
        parts.append(svg.arrow((x, values + 50), (x, end if name == "module" else top)))
    parts.append(svg.rectangle(LEFT, top, svg.WIDTH - LEFT - 16, bottom - top, "box"))
    parts.append(svg.text(LEFT + 16, top + 27, "Are all of these true?", "strong"))
    parts += [svg.text(LEFT + 16, top + 54 + 25 * at, "• " + words) for at, words in enumerate(asked)]
    for x, words in ((150, "no, with auto"), (OUTCOMES["direct"][0], "yes"), (OUTCOMES["fails"][0], "no, with direct")):
        parts.append(svg.arrow((x, bottom), (x, end)))
        kind = "small strong good" if words == "yes" else "small quiet"
        parts.append(svg.text(x - (98 if words == "no, with direct" else -8), bottom + 34, words, kind))
    for name, lines, kind in (
        (
            "module",
            (("Module execution", "strong"), ("sent to the host and", "small"), ("started there", "small")),
            "linkbox",
        ),
        (
            "direct",
            (("Direct execution", "strong"), ("inside Ansible's", "small"), ("own process", "small")),
            "goodbox",
        ),
        ("fails", (("The task fails", "strong"), ("and reports which", "small"), ("is not true", "small")), "badbox"),
    ):
        x, wide = OUTCOMES[name]
        parts += svg.box(x - wide / 2, end, wide, 80, lines, kind)
    described = (
        "%s is module: module execution. It is auto, the default: direct execution if all of these are true, otherwise "
        "module execution. It is direct: direct execution if all of these are true, otherwise the task fails. %s."
        % (SETTING, "; ".join(asked))
    )
    return svg.document("Whether a task uses direct or module execution", described, end + 98, parts)
