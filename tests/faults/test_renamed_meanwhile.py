# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A container that gets its name back while a task looks for it, name by name, is not reported as missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from between import Proxy, between
from leftovers import standing

from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

pytestmark = pytest.mark.one_engine("a proxy decides when the container is renamed")


@pytest.fixture(params=[".wharf-new", ".wharf-old"])
def proxy(request: Any, engine: Any, client: Any, image: str, name: str) -> Iterator[Proxy]:
    """After the first look at the name, which finds nothing, what stands in for the container is renamed to it."""
    container = client.create_container(image, ["sleep", "1000"], name=name + request.param, stop_signal="KILL")["Id"]
    client.start(container)

    def rename(answer: bytes) -> bytes:
        found.honest()
        assert answer.startswith(b"HTTP/1.1 404"), answer
        client.rename(container, name)
        return answer

    with between(engine.url) as found:
        found.lie("GET .*/containers/%s/json" % re.escape(name), rename)
        yield found


def call(module: str, url: str, check: bool = False, **options: Any) -> dict[str, Any]:
    return _task.call(_registry.task(module), {"docker_host": url, **options}, check_mode=check)


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("module", ["container_run", "container_state"])
def test_absent(module: str, check: bool, proxy: Proxy, client: Any, name: str) -> None:
    result = call(module, proxy.url, check, name=name, state="absent")
    assert result["changed"], result
    assert result["actions"][-1].startswith("remove %s: state " % name)
    assert standing(client, name) == ({"": "running"} if check else {})


@pytest.mark.parametrize("module", ["container_run", "container_state"])
def test_stopped(module: str, proxy: Proxy, client: Any, image: str, name: str) -> None:
    options = {} if module == "container_state" else {"image": image}
    result = call(module, proxy.url, name=name, state="stopped", **options)
    assert result.get("actions") == ["stop %s: state running → exited" % name], result
    assert standing(client, name) == {"": "exited"}


def test_rolled_back(proxy: Proxy, client: Any, name: str) -> None:
    """It has replaced none: that is what the task reports, not that it is missing."""
    result = call("container_state", proxy.url, name=name, state="rolled_back")
    assert "no container that it replaced was kept" in result["msg"], result["msg"]


@pytest.mark.parametrize(("module", "also"), [("container_exec", {"argv": ["true"]}), ("container_logs", {})])
def test_a_reader(module: str, also: dict[str, Any], proxy: Proxy, name: str) -> None:
    result = call(module, proxy.url, name=name, **also)
    assert "Run the task again" in result["msg"], result["msg"]
