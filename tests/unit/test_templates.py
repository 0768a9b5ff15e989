# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which options are checked for a linter, and which contain templates."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.wharf.docker.plugins.module_utils._flow.templates import has_template, not_judged

SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True, "aliases": ["alias"]},
    "count": {"type": "int", "default": 3},
    "state": {"choices": ["a", "b"], "default": "a"},
    "ports": {"type": "list", "elements": "int"},
    "mounts": {
        "type": "list",
        "elements": "dict",
        "options": {
            "target": {"required": True},
            "size": {"type": "int"},
            "kind": {"choices": ["x", "y"]},
            "inner": {"type": "dict", "options": {"deep": {"type": "int"}, "bool": {"type": "bool"}}},
        },
        "required_if": [("kind", "x", ["size"])],
    },
}


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"name": "{{ a }}", "count": "{{ b }}", "state": "{% if c %}a{% endif %}"}, ""),
        ({"alias": "{{ a }}", "ports": "{{ ports }}"}, ""),
        ({"name": "a", "ports": [1, "{{ b }}", "c"]}, ""),
        ({"name": "a", "mounts": "{{ mounts }}"}, ""),
        ({"name": "a", "mounts": ["{{ mount }}", {"target": "a"}]}, ""),
        ({"name": "a", "mounts": [{"target": "a", "{{ key }}": 1}]}, ""),
        ({"name": "a", "mounts": [{"target": "a", "kind": "{{ b }}", "size": "{{ c }}", "inner": "{{ d }}"}]}, ""),
        ({"name": "a", "mounts": [{"target": "a", "inner": {"deep": "{{ d }}", "bool": "{{ e }}"}}]}, ""),
        ({"name": "a", "mounts": {"target": "{{ a }}"}}, "mounts"),
        ({"name": "a", "count": "{{ b }}", "state": "c"}, "state"),
        ({"name": "a", "mounts": [{"size": "{{ c }}"}]}, "target"),
        ({"name": "a", "mounts": [{"target": "{{ c }}", "size": "many"}]}, "size"),
        ({"name": "a", "mounts": [{"target": "a", "size": "{{ c }}"}, {"target": "b", "kind": "z"}]}, "kind"),
        ({"name": "a", "mounts": [{"target": "{{ c }}", "kind": "x"}]}, "size"),
        ({"name": "a", "mounts": [{"target": "a", "inner": {"deep": "{{ d }}", "bool": "perhaps"}}]}, "bool"),
        ({"count": "{{ b }}"}, "name"),
        ({"name": "a", "nosuch": "{{ b }}"}, "nosuch"),
    ],
)
def test_what_is_judged(values: dict[str, Any], wrong: str) -> None:
    before = repr(SPEC)
    errors = ArgumentSpecValidator(not_judged(SPEC, values)).validate(values).error_messages
    assert bool(errors) == bool(wrong) and wrong in str(errors)
    assert repr(SPEC) == before


@pytest.mark.parametrize(
    "value", ["{{ a }}", "a {{ b }} c", "{%- raw %}", "{# a #}b", "{{\na\n}}", {"{{ a }}": 1}, [{"a": "{{ b }}"}]]
)
def test_a_template(value: Any) -> None:
    assert has_template(value)


@pytest.mark.parametrize("value", ["", "a", "{a}", "}} {{", "{ { a } }", 3, None, True, ["a"], {"a": "b"}])
def test_no_template(value: Any) -> None:
    assert not has_template(value)
