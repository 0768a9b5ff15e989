# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine goes down after a step of a replacement, and stays down or restarts at once: each step, or a sample.

After one more run, once the engine is up again, the container runs with its data, and nothing else is left.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import private_engine
import pytest
import sampled
from test_replace import MOST_STEPS, WEB, inside, standing, volumes

from ansible_collections.wharf.docker.plugins.module_utils._container import wait as _wait
from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

IMAGE = "wharf-test/base:latest"


@pytest.fixture(scope="module")
def own() -> Iterator[private_engine.Engine]:
    """An engine that may go down."""
    with private_engine.running() as found:
        yield found


@pytest.fixture
def there(own: private_engine.Engine, rootfs_tar: Path) -> Iterator[Any]:
    with contextlib.closing(docker.APIClient(base_url=own.url, version="auto", timeout=60)) as client:
        client.import_image_from_file(str(rootfs_tar), repository=IMAGE.split(":", maxsplit=1)[0], tag="latest")
        yield client
        for found in client.containers(all=True):
            client.remove_container(found["Id"], force=True, v=True)


@pytest.fixture
def task(own: private_engine.Engine) -> Callable[..., dict[str, Any]]:
    def run(check: bool = False, **arguments: Any) -> dict[str, Any]:
        given = {"docker_host": own.url, **arguments}
        result = _task.call(_registry.task("container_run"), given, check_mode=check)
        assert "exception" not in result, result
        return dict(json.loads(json.dumps(result)))

    return run


@contextlib.contextmanager
def goes_down(
    own: private_engine.Engine, step: int, comes_back: bool, patch: pytest.MonkeyPatch
) -> Iterator[list[int]]:
    """Inside, the engine goes down after changing call number ``step``. Yields the list of changing calls."""
    request, made = _engine.Engine._request, []

    def counted(engine: _engine.Engine, method: str, path: str, **rest: Any) -> Any:
        try:
            return request(engine, method, path, **rest)
        finally:
            if method in ("POST", "DELETE"):
                made.append(len(made) + 1)
                if len(made) == step:
                    private_engine.take_down(own)
                    if comes_back:
                        private_engine.bring_up(own)

    with patch.context() as context:
        context.setattr(_engine.Engine, "_request", counted)
        yield made
    if len(made) >= step and not comes_back:
        private_engine.bring_up(own)


@pytest.mark.parametrize("comes_back", [False, True], ids=["stopped", "restarted"])
@pytest.mark.parametrize("works", [True, False], ids=["a good one", "one that does not start"])
def test_the_engine_goes_down(
    works: bool,
    comes_back: bool,
    own: Any,
    there: Any,
    task: Any,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    tell: Any,
) -> None:
    monkeypatch.setattr(_wait, "MOMENT", 0.2)
    key = "%s, %s" % ("restarted" if comes_back else "stopped", "good" if works else "bad")
    first = {"name": name, "image": IMAGE, **WEB, "volumes": [name + "-data:/data"]}
    second = {**first, "env": {"A": "2"}} if works else {**first, "command": ["/no/such/program"]}
    down = 0
    for step in sampled.steps(MOST_STEPS):
        assert not task(**first).get("failed")
        kept = volumes(there)
        with goes_down(own, step, comes_back, monkeypatch) as made:
            broken = task(**second)
        if len(made) < step:
            break
        down = step
        if not comes_back:
            assert broken["failed"], "the engine was away at step %d" % step
        foreseen, done = task(check=True, **second), task(**second)
        assert bool(done.get("failed")) is not works, done
        if works:
            assert done["actions"] == foreseen["actions"]
        assert standing(there) == {name: "running"}, "step %d: %s" % (step, broken)
        assert inside(there, name, ["cat", "/data/kept"]) == "written\n"
        assert there.inspect_container(name)["HostConfig"]["RestartPolicy"]["Name"] == "always"
        assert volumes(there) == kept
        task(name=name, state="absent")
    tell("Replacements after a step of which the engine went down", down, key)
    assert down > 6 - sampled.STRIDE
