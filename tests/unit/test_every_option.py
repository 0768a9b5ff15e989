# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option of every module has a test on a real engine.

container_run, network and volume have tables with a row per option, whose tests check that themselves; here are the
tests for the options of the other modules.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

ENGINE = Path(__file__).resolve().parents[1] / "engine"
WITH_ROWS = {
    "container_run": "test_container_run_options.py",
    "network": "test_network.py",
    "volume": "test_volume.py",
}
SHOWN = {
    "container_state": {
        "name": "test_states",
        "filters": "test_filters_act",
        "all": "test_all",
        "state": "test_states",
        "new_name": "test_new_name",
        "signal": "test_a_signal_that_ends_it",
        "stop_timeout": "test_stop_timeout",
        "force": "test_force",
        "volumes": "test_volumes",
        "wait_timeout": "test_wait_timeout",
        "parallel": "test_parallel",
        "secret_patterns": "test_secrets.py::test_container_state",
    },
    "container_info": {
        "name": "test_several",
        "filters": "test_filters",
        "all": "test_all",
        "size": "test_size",
        "processes": "test_processes",
        "ps_args": "test_processes",
        "changes": "test_changes",
        "stats": "test_stats",
        "previous": "test_roll_back.py::test_container_info_shows_them",
        "format": "test_brief",
        "secret_patterns": "test_secrets.py::test_container_info",
    },
    "container_logs": {
        "name": "test_streams",
        "tail": "test_tail",
        "since": "test_since_and_until",
        "until": "test_since_and_until",
        "timestamps": "test_timestamps",
        "stdout": "test_streams",
        "stderr": "test_streams",
        "max_output": "test_max_output",
        "wait_for": "test_a_line_that_comes",
        "wait_timeout": "test_a_silent_container",
        "dest": "test_container_logs_file.py::test_a_new_file",
        "mode": "test_container_logs_file.py::test_mode",
        "owner": "test_container_logs_file.py::test_owner_and_group",
        "group": "test_container_logs_file.py::test_owner_and_group",
        "secret_patterns": "test_secrets.py::test_output_is_data",
    },
    "prune": {
        "containers": "test_containers",
        "containers_filters": "test_containers_filters",
        "containers_leftovers": "test_containers_leftovers",
        "images": "test_images",
        "images_filters": "test_images_filters",
        "networks": "test_networks",
        "networks_filters": "test_networks_filters",
        "networks_of_stopped": "test_networks_of_stopped",
        "volumes": "test_volumes",
        "volumes_filters": "test_volumes_filters",
        "builder_cache": "test_builder_cache",
        "builder_cache_all": "test_builder_cache_all",
        "builder_cache_filters": "test_builder_cache_filters",
        "builder_cache_keep_storage": "test_builder_cache_keep_storage",
    },
    "container_copy": {
        "container": "test_by_id_and_by_alias",
        "container_path": "test_a_new_file",
        "path": "test_a_new_file",
        "remote_src": "test_remote_src",
        "content": "test_content",
        "content_is_b64": "test_content",
        "owner_id": "test_what_makes_a_difference",
        "group_id": "test_what_makes_a_difference",
        "mode": "test_what_makes_a_difference",
        "mode_parse": "test_what_makes_a_difference",
        "follow": "test_follow",
        "local_follow": "test_local_follow",
        "force": "test_force",
        "exclude": "test_exclude",
        "delete": "test_delete",
        "direction": "test_container_copy_from.py::test_a_new_file",
    },
    "container_exec": {
        "container": "test_names",
        "argv": "test_argv",
        "command": "test_command",
        "chdir": "test_chdir",
        "creates": "test_creates",
        "removes": "test_removes",
        "detach": "test_detach",
        "env": "test_env",
        "max_output": "test_max_output",
        "privileged": "test_privileged",
        "stdin": "test_stdin",
        "stdin_add_newline": "test_stdin_add_newline",
        "strip_empty_ends": "test_strip_empty_ends",
        "tty": "test_tty",
        "user": "test_user",
        "wait_timeout": "test_wait_timeout",
        "secret_patterns": "test_secrets.py::test_output_is_data",
    },
    "container_export": {
        "name": "test_a_new_archive",
        "dest": "test_a_new_archive",
        "compression": "test_compressions",
        "compression_level": "test_compression_level",
        "mode": "test_mode",
        "owner": "test_owner_and_group",
        "group": "test_owner_and_group",
    },
    "container_import": {
        "src": "test_a_new_image",
        "remote_src": "test_a_file_of_the_controller",
        "repository": "test_names",
        "tag": "test_names",
        "changes": "test_what_makes_a_difference",
        "commit_message": "test_what_makes_a_difference",
        "max_size": "test_max_size",
    },
    "volume_export": {
        "name": "test_a_new_archive",
        "dest": "test_a_new_archive",
        "compression": "test_compressions",
        "compression_level": "test_compression_level",
        "mode": "test_mode",
        "owner": "test_owner_and_group",
        "group": "test_owner_and_group",
    },
    "volume_import": {
        "src": "test_a_new_volume",
        "remote_src": "test_a_file_of_the_controller",
        "name": "test_a_new_volume",
        "content": "test_other_content",
        "driver": "test_what_the_volume_is_created_as",
        "driver_options": "test_what_the_volume_is_created_as",
        "labels": "test_what_the_volume_is_created_as",
        "max_size": "test_max_size",
    },
}


def test_every_module_is_here() -> None:
    assert set(WITH_ROWS) | set(SHOWN) == set(_registry.TASKS)


@pytest.mark.parametrize("module", WITH_ROWS)
def test_rows(module: str) -> None:
    """The table's own test compares its rows with the options of the task."""
    text = (ENGINE / WITH_ROWS[module]).read_text(encoding="utf-8")
    assert "== set(_%s.OPTIONS)" % module in text


@pytest.mark.parametrize("module", SHOWN)
def test_options(module: str) -> None:
    assert set(SHOWN[module]) == set(_registry.task(module).options)
    for option, where in SHOWN[module].items():
        file, _separator, test = where.rpartition("::")
        text = (ENGINE / (file or "test_%s.py" % module)).read_text(encoding="utf-8")
        body = text.partition("def %s(" % test)[2].partition("\ndef ")[0]
        assert body, "%s of %s: there is no %s" % (option, module, test)
