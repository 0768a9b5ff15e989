# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of refusals would notice a request to an engine: in every module, valid values lead to one."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._tasks.registry import TASKS

RIGHT: dict[str, dict[str, Any]] = {
    "container_copy": {"container": "web", "container_path": "/etc/x", "path": "{}/rootfs.tar"},
    "container_exec": {"container": "web", "command": "true"},
    "container_export": {"name": "web", "dest": "{}/web.tar"},
    "container_import": {"src": "{}/rootfs.tar", "repository": "web"},
    "container_info": {},
    "container_logs": {"name": "web"},
    "container_run": {"name": "web", "image": "wharf-test/base:latest", "command": ["sleep", "1000"]},
    "container_state": {"name": "web", "state": "started"},
    "network": {"name": "net"},
    "prune": {"containers": True},
    "volume": {"name": "data"},
    "volume_export": {"name": "data", "dest": "{}/data.tar"},
    "volume_import": {"name": "data", "src": "{}/rootfs.tar"},
}


def test_every_module_is_here() -> None:
    assert set(RIGHT) == set(TASKS)


@pytest.mark.parametrize("module", RIGHT)
def test_right_values_ask_the_engine(module: str, refused: Any, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "rootfs.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("file"), io.BytesIO())
    given = {
        option: value.format(tmp_path) if isinstance(value, str) else value for option, value in RIGHT[module].items()
    }
    with pytest.raises(AssertionError, match="%s asked the engine" % module):
        refused(module, **given)
