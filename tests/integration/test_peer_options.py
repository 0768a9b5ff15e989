# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each module has the options of its counterpart in community.docker; intended differences are listed here.

Both sides are read from their documentation, the counterpart's from its published package.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peer
import pytest
import yaml

from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

SISTERS = {
    "container_copy": "docker_container_copy_into",
    "container_exec": "docker_container_exec",
    "container_info": "docker_container_info",
    "container_run": "docker_container",
    "network": "docker_network",
    "prune": "docker_prune",
    "volume": "docker_volume",
}
# Modules without a counterpart in community.docker.
WITHOUT = {
    "container_export",
    "container_import",
    "container_logs",
    "container_state",
    "volume_export",
    "volume_import",
}
OF_SWARM = "it is about networks of a swarm, which the collection does not manage"
# (module, option and possibly its property) → why it differs from that of the counterpart.
ON_PURPOSE = {
    ("network", "connected"): "which networks a container is in is said where it is described, in container_run",
    ("network", "appends"): "it has a meaning with connected only",
    ("network", "scope"): OF_SWARM,
    ("network", "ingress"): OF_SWARM,
    ("network", "config_only"): OF_SWARM,
    ("network", "config_from"): OF_SWARM,
    (
        "network",
        "ipam_driver",
    ): "drivers for addresses come with plugins of the engine, which nothing here is tried with",
    ("network", "ipam_driver_options"): "it has a meaning with ipam_driver only",
    ("network", "enable_ipv4"): "it needs API 1.48, and older engines ignore it without a word",
    ("network", "ipam_config.subnet required"): "the engine refuses a gateway or a range without the subnet it is in",
    ("container_run", "env_file type"): "several files may be given; one path is a list of one",
    ("container_run", "env_file elements"): "several files may be given; one path is a list of one",
    ("container_run", "networks elements"): "a network may be a plain name; a dictionary is taken as it was",
    ("container_info", "name type"): "several containers may be given; one name is a list of one",
    ("container_info", "name elements"): "several containers may be given; one name is a list of one",
    ("container_info", "name required"): "without a name it is about all containers",
    ("", "docker_host default"): "without an address the docker context says which engine is meant",
}


def documented(path: Path, name: str) -> dict[str, Any]:
    """The options in the YAML that is assigned to the constant ``name``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            return dict(yaml.safe_load(ast.literal_eval(node.value))["options"])
    raise AssertionError("%s has no %s" % (path, name))


def differences(theirs: dict[str, Any], ours: dict[str, Any], at: str = "") -> Iterator[str]:
    """Options, and properties of options, that are possible in their tasks and missing or different in ours."""
    names = {name: key for key, option in ours.items() for name in (key, *option.get("aliases", ()))}
    for name, option in theirs.items():
        if name not in names:
            yield at + name
            continue
        same = ours[names[name]]
        yield from ("%s%s alias %s" % (at, name, alias) for alias in option.get("aliases", ()) if alias not in names)
        for key, default in (("type", "str"), ("elements", None), ("default", None), ("required", False)):
            if option.get(key, default) != same.get(key, default):
                yield "%s%s %s" % (at, name, key)
        choices = [str(choice) for choice in same.get("choices") or option.get("choices") or ()]
        for choice in option.get("choices") or ():
            if str(choice) not in choices:
                yield "%s%s choice %s" % (at, name, choice)
        if option.get("suboptions"):
            yield from differences(option["suboptions"], same.get("options") or {}, "%s%s." % (at, name))


@pytest.fixture(scope="module")
def plugins() -> Path:
    return peer.collections() / "ansible_collections" / "community" / "docker" / "plugins"


@pytest.mark.parametrize("module", SISTERS)
def test_options(module: str, plugins: Path) -> None:
    theirs = documented(plugins / "modules" / (SISTERS[module] + ".py"), "DOCUMENTATION")
    found = set(differences(theirs, dict(_registry.task(module).options)))
    assert found == {what for of, what in ON_PURPOSE if of == module}


@pytest.mark.parametrize("fragment", ["DOCUMENTATION", "API_DOCUMENTATION"])
def test_connection_options(fragment: str, plugins: Path) -> None:
    theirs = documented(plugins / "doc_fragments" / "_docker.py", fragment)
    assert "debug" in theirs
    found = set(differences(theirs, _engine.CONNECTION_OPTIONS))
    assert found == {what for of, what in ON_PURPOSE if not of}


def test_every_module_is_looked_at() -> None:
    assert set(SISTERS) | WITHOUT == set(_registry.TASKS)
    assert all(ON_PURPOSE.values())
