# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each option of container_run on Podman: a second run changes nothing, or the task says why it is not available."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from container_run_rows import ROWS, Row
from test_container_run_options import filled, identify

# The default ulimits of this Podman differ from those of other installations: see tools/private_podman.py.
ULIMITS = ["nofile:1000:2000", "nproc:1000:2000"]
# Options that Podman's API lacks, and a part of the message.
NOT_THERE = {
    "annotations": "annotations needs API 1.43",
    "cgroupns_mode": "discarded cgroupns_mode",
    "device_cgroup_rules": "discarded device_cgroup_rules",
    "device_requests": "discarded device_requests",
    "domainname": "discarded domainname",
    "gpus": "discarded gpus",
    "gpus started": "discarded gpus",
    "healthcheck start_interval": "discarded healthcheck",
    "kernel_memory": "discarded kernel_memory",
    "links": "link is not supported",
    "mounts image": "mounts.type image needs API 1.48",
    "mounts read_only_force_recursive": "mounts.read_only_force_recursive needs API 1.44",
    "mounts read_only_non_recursive": "mounts.read_only_non_recursive needs API 1.44",
    "mounts subpath": "mounts.subpath needs API 1.45",
    "mounts tmpfs_options": "mounts.tmpfs_options needs API 1.46",
    "runtime": "discarded runtime",
}
# Options that some kernels or file systems lack.
NOT_HERE = {
    "blkio_weight": "discarded blkio_weight",
    "storage_opts": "--storage-opt is supported only for overlay over xfs",
}
# The same, for the second value only.
NO_SECOND = {
    "healthcheck without a test": "discarded healthcheck",
    "log_driver": "invalid log driver",
    "memory_swap unlimited": "discarded memory_swap",
}
# Options that Podman has but does not report: a changed value can't be noticed.
UNTOLD = ("devices", "ipc_mode", "log_options", "mac_address present", "mounts bind options", "sysctls")


@pytest.mark.parametrize("row", ROWS, ids=identify)
def test_option(row: Row, run: Any, client: Any, image: str, name: str) -> None:
    run = functools.partial(run, "container_run", warnings=row.warns or isinstance(row.second, (list, dict)))
    # Starting is covered by another test: here it would only take time.
    state = "started" if row.also.get("state") == "started" or identify(row) == "mac_address started" else "present"
    base = {"name": name, "image": image, "command": ["sleep", "1000"], "stop_signal": "KILL", "ulimits": ULIMITS}
    also = {**filled(row.also, name), "state": state}
    first = {**base, **also, row.option: filled(row.first, name)}
    second = {**base, **also, row.option: filled(row.second, name)}
    if "-other" in repr((row.first, row.second)):
        shared = {"ipc_mode": "shareable"} if row.option == "ipc_mode" else {}
        run(**{**base, **shared, "name": name + "-other"})

    if identify(row) in NOT_THERE:
        result = run(expect="failed", **first)
        assert NOT_THERE[identify(row)] in result["msg"]
        assert name in result["msg"]
        assert client.containers(all=True, filters={"name": "^%s$" % name}) == []
        return
    if identify(row) in NOT_HERE:
        result = run(expect="any", **first)
        if result.get("failed"):
            assert NOT_HERE[identify(row)] in result["msg"]
            return
        run(expect="changed", name=name, state="absent")
    foreseen = run(check=True, expect="changed", **first)
    assert run(expect="changed", **first)["actions"] == foreseen["actions"]
    assert run(expect="ok", **first)["actions"] == []
    assert run(check=True, expect="ok", **first)["actions"] == []

    if row.second is None:
        return
    if identify(row) in UNTOLD:
        run(expect="ok", **second)
        run(expect="changed", recreate=True, **second)
        run(expect="ok", **second)
        return
    before = client.inspect_container(name)["Id"]
    foreseen = run(check=True, expect="changed", **second)
    assert set(foreseen["diff"]["after"]) == {row.option}
    if not isinstance(row.second, (list, dict)):
        assert "dropped" not in foreseen
    # Podman can't change an existing container.
    assert foreseen["actions"][0].startswith("recreate " + name)
    if identify(row) in NO_SECOND:
        assert NO_SECOND[identify(row)] in run(expect="failed", **second)["msg"]
        assert client.inspect_container(name)["Id"] == before
        return
    assert run(expect="changed", **second)["actions"] == foreseen["actions"]
    assert run(expect="ok", **second)["actions"] == []
    # Podman does not remove a container that another one uses.
    run(expect="changed", name=name, state="absent")
