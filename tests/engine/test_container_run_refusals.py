# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_run: values that an engine refuses. The message names the option, and nothing is left behind."""

from __future__ import annotations

from typing import Any

import pytest

REFUSED: list[dict[str, Any]] = [
    {"memory": "1m"},
    {"memory_reservation": "1m"},
    {"cpus": 1000},
    {"cpuset_cpus": "99"},
    {"cpuset_mems": "99"},
    {"cpu_period": 1},
    {"cpu_quota": 1},
    {"oom_score_adj": 5000},
    {"capabilities": ["X"]},
    {"cap_drop": ["X"]},
    {"hostname": "a" * 70},
    {"ipc_mode": "bad"},
    {"security_opts": ["foo"]},
    {"log_driver": "nope"},
    {"log_options": {"nope": 1}},
    {"working_dir": "relative"},
    {"user": "nobody-there"},
    {"sysctls": {"foo.bar": "x"}},
    {"devices": ["/dev/none"]},
    {"runtime": "none"},
    {"storage_opts": {"foo": "1g"}},
    {"isolation": "bad"},
    {"groups": ["nope"]},
    {"device_cgroup_rules": ["bad"]},
    {"tmpfs": ["/x:bad"]},
    {"restart_policy": "on-failure", "restart_retries": -1},
    {"mac_address": "02:42:00:00:00:01", "network_mode": "host"},
]


@pytest.mark.parametrize("options", REFUSED, ids=str)
def test_the_option_is_named(options: Any, run: Any, client: Any, image: str, name: str) -> None:
    result = run("container_run", expect="any", name=name, image=image, command=["sleep", "1000"], **options)
    if not result.get("failed"):  # Not every engine refuses all of these.
        assert set(options) & {"mac_address", "storage_opts"}
        return
    assert next(iter(options)) in result["msg"] and name in result["msg"], result["msg"]
    assert client.containers(all=True) == []
