# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation compared with the code, without an engine."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Tuple

import house
import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.wharf.docker.plugins.module_utils._container import options as _rows
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import CONNECTION_OPTIONS
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "wharf.docker."
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
# Allowed actions in tasks in addition to the modules of the collection.
OTHERS = ("ansible.builtin.", "community.")
LISTS_OF_TASKS = ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always")


def constants(path: Path) -> Dict[str, str]:
    """The string constants that a file assigns, including those in classes."""
    return {
        target.id: node.value.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def part(module: str, name: str) -> Any:
    """DOCUMENTATION, EXAMPLES or RETURN of a module, parsed as YAML."""
    return yaml.safe_load(constants(ROOT / "plugins" / "modules" / (module + ".py")).get(name, "{}"))


def fragments(module: str) -> List[Dict[str, Any]]:
    """The documentation fragments that a module extends."""
    found = []
    for name in part(module, "DOCUMENTATION")["extends_documentation_fragment"]:
        assert name.startswith(PREFIX), name
        file, _dot, constant = name[len(PREFIX) :].partition(".")
        texts = constants(ROOT / "plugins" / "doc_fragments" / (file + ".py"))
        found.append(yaml.safe_load(texts[constant.upper() or "DOCUMENTATION"]))
    return found


def documented_options(module: str) -> Dict[str, Any]:
    """The documented options of a module, including those of the fragments."""
    options: Dict[str, Any] = {}
    for document in [*fragments(module), part(module, "DOCUMENTATION")]:
        options.update(document.get("options") or {})
    return options


def documented_attributes(module: str) -> Dict[str, Any]:
    attributes: Dict[str, Any] = {}
    for document in [*fragments(module), part(module, "DOCUMENTATION")]:
        for name, attribute in (document.get("attributes") or {}).items():
            attributes[name] = {**attributes.get(name, {}), **attribute}
    return attributes


def comparable(options: Mapping[str, Any], suboptions: str) -> Dict[str, Any]:
    """What both documentation and argument spec contain for options, with defaults filled in."""
    return {
        name: {
            "type": option.get("type", "str"),
            "elements": option.get("elements"),
            "choices": list(option.get("choices") or []),
            "default": option.get("default"),
            "required": option.get("required", False),
            "aliases": sorted(option.get("aliases") or []),
            "options": comparable(option.get(suboptions) or {}, suboptions),
        }
        for name, option in options.items()
    }


def description(option: Mapping[str, Any]) -> str:
    given = option.get("description") or ""
    return given if isinstance(given, str) else "\n".join(given)


def with_suboptions(options: Mapping[str, Any]) -> Iterator[Tuple[str, Dict[str, Any]]]:
    for name, option in options.items():
        yield name, option
        for inner, suboption in with_suboptions(option.get("suboptions") or {}):
            yield "%s.%s" % (name, inner), suboption


def tasks_in(entries: Any) -> Iterator[Dict[str, Any]]:
    """The tasks of a list of plays, blocks and tasks."""
    for entry in entries or []:
        lists = [key for key in LISTS_OF_TASKS if isinstance(entry.get(key), list)]
        for key in lists:
            yield from tasks_in(entry[key])
        if not lists:
            yield entry


def actions_of(task: Mapping[str, Any]) -> List[str]:
    """The module of a task: no keyword of a task contains a dot."""
    return [key for key in task if "." in key or key in MODULES]


def literal(task: Task, arguments: Mapping[str, Any]) -> Dict[str, Any]:
    """Arguments without templates as values of options that are not strings: only a run knows their type."""
    spec = task.argument_spec()
    names = {alias: name for name, option in spec.items() for alias in option.get("aliases", ())}
    return {
        name: value
        for name, value in arguments.items()
        if not ("{{" in str(value) and isinstance(value, str))
        or spec.get(names.get(name, name), {}).get("type", "str") in ("str", "path", "raw")
    }


def examples() -> List[Any]:
    return [
        pytest.param(module, task, id="%s: %s" % (module, task.get("name")))
        for module in MODULES
        for task in tasks_in(part(module, "EXAMPLES"))
    ]


def test_the_action_group_is_all_modules() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["action_groups"]["docker"] == MODULES
    assert sorted(_registry.TASKS) == MODULES


@pytest.mark.parametrize("name", sorted(_registry.TASKS))
def test_a_task_has_the_name_it_is_known_by(name: str) -> None:
    assert _registry.task(name).name == name


@pytest.mark.parametrize("module", MODULES)
def test_options_are_those_of_the_argument_spec(module: str) -> None:
    documented = comparable(documented_options(module), "suboptions")
    spec = comparable(_registry.task(module).argument_spec(), "options")
    assert sorted(documented) == sorted(spec)
    for name, option in spec.items():
        assert documented[name] == option, name


@pytest.mark.parametrize("module", MODULES)
def test_each_option_says_what_it_is(module: str) -> None:
    for name, option in with_suboptions(documented_options(module)):
        assert description(option), name
        assert "type" in option, name


@pytest.mark.parametrize("module", MODULES)
def test_rules_name_options_that_there_are(module: str) -> None:
    task = _registry.task(module)
    options = set(task.argument_spec())
    named = {
        name for rule in (*task.mutually_exclusive, *task.required_one_of, *task.required_together) for name in rule
    }
    named |= {name for rule in task.required_if for name in (rule[0], *rule[2])}
    named |= set(task.required_by)
    assert named <= options


@pytest.mark.parametrize("module", MODULES)
def test_documentation_has_all_its_parts(module: str) -> None:
    document = part(module, "DOCUMENTATION")
    assert document["module"] == module
    assert document["short_description"] and not document["short_description"].endswith(".")
    assert document["version_added"] == "1.0.0"
    assert document["author"]
    assert "action_group" in documented_attributes(module)
    for attribute in ("check_mode", "diff_mode", "idempotent"):
        assert documented_attributes(module)[attribute]["support"] in ("full", "partial", "none", "N/A"), attribute


@pytest.mark.parametrize("module", MODULES)
def test_returned_values_are_documented(module: str) -> None:
    returned = part(module, "RETURN")
    assert returned["actions"]["type"] == "list"
    assert returned["actions"]["elements"] == "str"
    for name, value in returned.items():
        assert description(value) and value.get("returned") and value.get("type"), name
        assert "sample" in value or "contains" in value, name


@pytest.mark.parametrize("module", MODULES)
def test_no_returned_value_means_something_to_ansible(module: str) -> None:
    """Ansible ignores changed_when for a result with "skipped"; the others it renames, or treats as its own."""
    own = {"ansible_facts", "deprecations", "dest", "path", "results", "skip_reason", "skipped", "unreachable"}
    assert not own & set(part(module, "RETURN"))


@pytest.mark.parametrize("module", MODULES)
def test_examples_use_the_module(module: str) -> None:
    tasks = list(tasks_in(part(module, "EXAMPLES")))
    assert len([task for task in tasks if PREFIX + module in task]) >= 3
    text = constants(ROOT / "plugins" / "modules" / (module + ".py"))["EXAMPLES"]
    assert "ansible localhost -m %s%s" % (PREFIX, module) in text, "an ad-hoc line"


@pytest.mark.parametrize(("module", "task"), examples())
def test_an_example_is_a_task_that_can_be_run(module: str, task: Dict[str, Any]) -> None:
    assert task.get("name"), "a task has a name"
    names = actions_of(task)
    assert len(names) == 1, "a task has one action, and names it in full"
    name = names[0]
    if not name.startswith(PREFIX):
        assert name.startswith(OTHERS), name
        return
    used = _registry.task(name[len(PREFIX) :])
    arguments = literal(used, task[name] or {})
    found = ArgumentSpecValidator(used.argument_spec(), **used.rules()).validate(arguments)
    assert not found.error_messages
    for warning in getattr(found, "_warnings", []):
        raise AssertionError(warning)


def test_connection_options_are_in_their_fragment() -> None:
    texts = constants(ROOT / "plugins" / "doc_fragments" / "_engine.py")
    options = yaml.safe_load(texts["DOCUMENTATION"])["options"]
    assert comparable(options, "suboptions") == comparable(CONNECTION_OPTIONS, "options")
    for name, option in CONNECTION_OPTIONS.items():
        for variable in option["fallback"][1] if "fallback" in option else ():
            assert "E(%s)" % variable in description(options[name]), name


@pytest.mark.parametrize("field", _rows.FIELDS, ids=lambda field: str(field.option))
def test_a_row_of_the_option_table_is_explained(field: Any) -> None:
    text = description(documented_options("container_run")[field.option])
    flag = field.flag.partition(" ")[0]
    assert not flag or "C(docker run %s" % flag in text or "C(%s)" % flag in text, "the flag it stands for"
    assert re.search(r"Comparison: %s[.,]" % field.default_mode(), text), "how it is compared"
    # Each row that can be changed live accepts the value 1 live; none of the others does.
    assert bool(re.search(r"\blive\b", text)) == field.live(1), "whether it changes live"


def test_the_options_of_container_run_are_in_groups() -> None:
    """The description names each option in one group, and the options are documented in the order of the groups."""
    document = part("container_run", "DOCUMENTATION")
    groups = [text.partition(" - ")[2] for text in document["description"] if text.startswith("B(")]
    named = [option for group in groups for option in re.findall(r"\bO\((\w+)\)", group)]
    assert named == [*document["options"], "docker_host"]


@pytest.mark.parametrize("module", MODULES)
def test_the_readme_names_each_module(module: str) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "| `%s` |" % module in text, "in the table of modules"
    assert "-m %s%s " % (PREFIX, module) in text, "as an ad-hoc line"


def test_the_readme_has_playbooks_that_can_be_run() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = [block.partition("```")[0] for block in text.split("```yaml\n")[1:]]
    plays = [play for play in map(yaml.safe_load, blocks) if isinstance(play, list)]
    tasks = [task for play in plays for task in tasks_in(play)]
    assert tasks
    for task in tasks:
        test_an_example_is_a_task_that_can_be_run("README", task)


def test_the_page_on_connections_names_each_connection_option() -> None:
    text = (ROOT / "docs" / "docsite" / "rst" / "connections.rst").read_text(encoding="utf-8")
    for name, option in CONNECTION_OPTIONS.items():
        for word in (name, *(option["fallback"][1] if "fallback" in option else ())):
            assert "``%s``" % word in text, word


def test_links_of_the_pages_lead_to_files() -> None:
    """Links of README.md and other top-level pages; make docs checks those of the site."""
    for path in ROOT.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8")):
            assert "://" in target or (ROOT / target).exists(), "%s: %s" % (path.name, target)


def test_each_guide_is_on_the_site() -> None:
    sections = yaml.safe_load((ROOT / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    listed = [name for section in sections for name in section["toctree"]]
    assert sorted(listed) == sorted(path.stem for path in (ROOT / "docs" / "docsite" / "rst").glob("*.rst"))


def test_the_architecture_names_each_file() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = re.findall(r"### `(_\w+)`\n(.*?)(?=\n##)", text, re.DOTALL)
    named = {(room, name) for room, table in rooms for name in re.findall(r"^\| `(\w+\.py)` \|", table, re.MULTILINE)}
    files = (ROOT / "plugins" / "module_utils").glob("*/*.py")
    assert named == {(path.parent.name, path.name) for path in files if path.name != "__init__.py"}


def test_the_picture_of_the_house_is_as_the_house_is() -> None:
    assert house.PICTURE.read_text(encoding="utf-8") == house.picture(), "run: make house"
