# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option of container_run: check mode, done, done again, and the causes."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from container_run_rows import ROWS, Row

from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_run as _container_run

# Heading for the options that this kernel or engine declined in this run.
DECLINED = "Options of container_run that are declined here"

# Options that describe the task and not the container: the test that covers each, here or in the named file.
ELSEWHERE = {
    "name": "test_container_run.py::test_found_by_its_id",
    "state": "test_container_run.py::test_states",
    "image": "test_container_run.py::test_image",
    "pull": "test_container_run_pull.py::test_pull",
    "platform": "test_container_run_pull.py::test_platform",
    "detach": "test_container_run.py::test_run_to_its_end",
    "cleanup": "test_container_run.py::test_cleanup",
    "recreate": "test_container_run.py::test_recreate",
    "comparisons": "test_container_run.py::test_comparisons",
    "healthy_wait_timeout": "test_container_run.py::test_healthy",
    "env_file": "test_container_run.py::test_env_file",
    "label_file": "test_container_run.py::test_label_file",
    "env_secret": "test_secrets.py::test_env_secret",
    "secret_patterns": "test_secrets.py::test_secret_patterns",
    "networks": "test_container_run_networks.py::test_networks",
    "restart": "test_container_run_semantics.py::test_restart",
    "paused": "test_container_run_semantics.py::test_paused",
    "force_kill": "test_container_run_semantics.py::test_force_kill",
    "kill_signal": "test_container_run_semantics.py::test_kill_signal",
    "keep_volumes": "test_container_run_semantics.py::test_keep_volumes",
    "removal_wait_timeout": "test_container_run_semantics.py::test_removal_wait_timeout",
    "image_comparison": "test_container_run_semantics.py::test_image_comparison",
    "image_label_mismatch": "test_container_run_semantics.py::test_image_label_mismatch",
    "image_name_mismatch": "test_container_run_semantics.py::test_image_name_mismatch",
    "networks_cli_compatible": "test_container_run_semantics.py::test_networks_cli_compatible",
    "default_host_ip": "test_container_run_semantics.py::test_default_host_ip",
    "command_handling": "test_container_run_semantics.py::test_command_handling",
    "container_default_behavior": "test_container_run_semantics.py::test_container_default_behavior",
    "output_logs": "test_container_run_semantics.py::test_detach_false",
    "pull_check_mode_behavior": "test_container_run_semantics.py::test_pull_check_mode_behavior",
    "dependents": "test_dependents.py::test_restart",
    "writable_layer": "test_writable_layer.py::test_fail",
    "writable_layer_image": "test_writable_layer.py::test_commit",
    "writable_layer_path": "test_writable_layer.py::test_export",
    "writable_layer_ignore": "test_writable_layer.py::test_fail",
    "replace": "test_container_run_successors.py::test_start_first",
    "keep_previous": "test_container_run_successors.py::test_keep_previous",
    "renew_anonymous_volumes": "test_container_run_successors.py::test_anonymous_volumes",
    "unspecified": "test_container_run_unspecified.py::test_row",
    "rename_from": "test_container_run_successors.py::test_rename_from",
}


def test_every_option_has_a_row(request: pytest.FixtureRequest) -> None:
    assert {row.option for row in ROWS} | set(ELSEWHERE) == set(_container_run.OPTIONS)
    here = request.path.parent
    for place in ELSEWHERE.values():
        file, _colons, function = place.partition("::")
        assert "def %s(" % function in (here / file).read_text(encoding="utf-8"), place


def identify(row: Row) -> str:
    return "%s %s" % (row.option, row.name) if row.name else row.option


@pytest.mark.each_row("each option is another one of the engine")
@pytest.mark.parametrize("row", ROWS, ids=identify)
def test_option(row: Row, run: Any, client: Any, image: str, name: str, tell: Any) -> None:
    run = functools.partial(run, warnings=row.warns)
    base = {"name": name, "image": image, "command": ["sleep", "1000"], "stop_signal": "KILL"}
    also = filled(row.also, name)
    first = {**base, **also, row.option: filled(row.first, name)}
    second = {**base, **also, row.option: filled(row.second, name)}
    if "-other" in repr((row.first, row.second)):
        shared = {"ipc_mode": "shareable"} if row.option == "ipc_mode" else {}
        run("container_run", **{**base, **shared, "name": name + "-other"})

    if row.declined is not None:
        result = run("container_run", expect="any", **first)
        if result.get("failed"):
            assert row.declined in result["msg"] and name in result["msg"]
            assert client.containers(all=True, filters={"name": name}) == []
            tell(DECLINED, 1, "%s: %s" % (identify(row), result["msg"]))
            return
        run("container_run", expect="changed", name=name, state="absent")

    foreseen = run("container_run", check=True, expect="changed", **first)
    assert client.containers(all=True, filters={"name": "^/%s$" % name}) == []
    done = run("container_run", expect="changed", **first)
    assert done["actions"] == foreseen["actions"]
    assert done["diff"] == foreseen["diff"]
    assert row.option in done["diff"]["after"]
    before = client.inspect_container(name)
    assert at(before, row.path) == filled(row.shows[0], name)
    assert run("container_run", expect="ok", **first)["actions"] == []
    assert run("container_run", check=True, expect="ok", **first)["actions"] == []

    if row.second is None:
        return
    # Items of the first value that the second one lacks are dropped, which is reported.
    run = functools.partial(run, warnings=row.warns or isinstance(row.second, (list, dict)))
    foreseen = run("container_run", check=True, expect="changed", **second)
    told = foreseen.get("warnings", [])
    assert row.warns or all("drops what the task does not give: " in words for words in told)
    assert bool(told) >= ("dropped" in foreseen)
    assert set(foreseen["diff"]["after"]) == {row.option}
    untouched = client.inspect_container(name)
    for document in (before, untouched):
        document["State"].pop("Health", None)  # Its health checks continue.
    assert (untouched["Id"], untouched["State"]) == (before["Id"], before["State"])
    changed = run("container_run", expect="changed", **second)
    assert changed["actions"] == foreseen["actions"]
    assert changed["diff"] == foreseen["diff"]
    after = client.inspect_container(name)
    assert at(after, row.path) == with_id(filled(row.shows[1], name), client, name)
    assert after["State"]["Running"] is (row.also.get("state") != "present")
    assert (after["Id"] == before["Id"]) is row.live
    assert changed["actions"][0].startswith(("update " if row.live else "recreate ") + name)
    assert run("container_run", expect="ok", **second)["actions"] == []


def filled(value: Any, name: str) -> Any:
    """``value`` with {name} replaced everywhere."""
    if isinstance(value, str):
        return value.replace("{name}", name)
    if isinstance(value, dict):
        return {key: filled(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, name) for item in value]
    return value


def with_id(value: Any, client: Any, name: str) -> Any:
    """``value`` with {id} replaced: the engine keeps the id of a container that an option names."""
    if not isinstance(value, str) or "{id}" not in value:
        return value
    return value.replace("{id}", client.inspect_container(name + "-other")["Id"])


def at(document: Any, path: str) -> Any:
    if not path:  # The place of a MAC address depends on the engine.
        endpoint = document["NetworkSettings"]["Networks"]["bridge"]
        return document["Config"].get("MacAddress") or endpoint["MacAddress"]
    for key in path.split("."):
        document = document[key]
    if path == "Config.Labels":  # A replacement records in labels what it replaced.
        return {name: text for name, text in document.items() if not name.startswith("wharf.docker.")}
    return document
