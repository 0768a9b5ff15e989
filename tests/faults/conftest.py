# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A replacement that was killed midway."""

from __future__ import annotations

from typing import Any

import dies_after
import pytest
from leftovers import standing

# How a replacement was interrupted decides what an engine answers next: each row is a case by itself.
EACH_ROW = ("test_crash_loop.py", "test_interrupted.py", "test_leftovers.py", "test_two_tasks.py")
SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL", "restart_policy": "always"}


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.path.name in EACH_ROW:
        item.add_marker(pytest.mark.each_row("what stands there half-made is another in each"))


@pytest.fixture(scope="session")
def known() -> list[int]:
    """The step after which ``interrupted`` found the state it needs: the same in each test, hence tried first."""
    return []


@pytest.fixture
def spec(image: str, name: str) -> dict[str, Any]:
    return {"name": name, "image": image, **SLEEP}


@pytest.fixture
def interrupted(spec: dict[str, Any], run: Any, client: Any, engine: Any, name: str, known: list[int]) -> str:
    """A replacement, killed while its new container runs and no container has the name. Returns the old one's id."""
    for after in (*known, *range(1, 20)):
        old = str(run("container_run", **spec, env={"N": "1"})["container"]["Id"])
        assert dies_after.dies(after, "container_run", {"docker_host": engine.url, **spec, "env": {"N": "2"}})
        left = standing(client, name)
        if left == {".wharf-old": "exited", ".wharf-new": "running"}:
            known[:] = [after]
            return old
        for found in left:
            client.remove_container(name + found, force=True)
    raise AssertionError("no step leaves a running NAME.wharf-new without NAME")
