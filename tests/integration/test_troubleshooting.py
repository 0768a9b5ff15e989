# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each message of the guide troubleshooting occurs in the described case, here or in another test."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import guides
import pytest

from ansible_collections.wharf.docker.plugins.module_utils._flow.writer import this_writer
from ansible_collections.wharf.docker.plugins.module_utils._replacement import labels as _labels

pytestmark = pytest.mark.one_engine("the guide is about what tasks say")

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = guides.of_kind("troubleshooting", "text")
SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}
CHECK = {"test": ["CMD-SHELL", "echo no database; exit 1"], "interval": "100ms"}
Run = Callable[..., dict[str, Any]]

# Messages that another test covers, and where.
ELSEWHERE = {
    "the engine's socket": "unit/test_no_engine.py::test_a_socket_without_permission",
    "The Docker SDK for Python": "engine/test_executions.py::",
    "does not speak HTTP": "engine/test_connection.py::",
    "neither encrypted": "engine/test_connection.py::",
    "but discarded": "engine/test_container_run_edges.py::test_a_discarded_value_is_refused_before_the_command_runs",
    "wharf_docker_execution is direct": "engine/test_executions.py::",
    "a defect of the collection": "engine/test_executions.py::",
}


@pytest.fixture
def tools(run: Run, client: Any, image: str, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    return Causes(run, client, image, name, monkeypatch, tmp_path)


class Causes:
    """A function for each cause, which returns a result with its message."""

    def __init__(self, run: Run, client: Any, image: str, name: str, patch: Any, directory: Path) -> None:
        self.client, self.image, self.name, self.patch, self.directory = client, image, name, patch, directory
        self.plain = run

    def run(self, *, module: str = "container_run", **arguments: Any) -> dict[str, Any]:
        """Run the task. The test fails if it neither fails nor warns."""
        spec = {} if "state" in arguments and arguments["state"] == "absent" else {"image": self.image, **SLEEP}
        given = {"name": self.name, **spec, **arguments} if module == "container_run" else arguments
        result = self.plain(module, expect="any", warnings=True, **given)
        assert result.get("failed") or result.get("warnings"), result
        return result

    def no_socket(self) -> Any:
        return self.run(docker_host="unix:///nonexistent/docker.sock")

    def nothing_listens(self) -> Any:
        return self.run(docker_host="tcp://127.0.0.1:1")

    def late(self) -> Any:
        path = str(self.directory / "mute.sock")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(5)
            return self.run(docker_host="unix://" + path, timeout=1)

    def context(self) -> Any:
        self.patch.delenv("DOCKER_HOST")
        self.patch.setenv("DOCKER_CONTEXT", "pier")
        return self.plain("container_info", expect="failed", docker_host=None)

    def pull(self) -> Any:
        return self.run(image="127.0.0.1:5000/nobody/has-it:1")

    def never(self) -> Any:
        return self.run(image="nobody/has-it:1", pull="never")

    def ask(self) -> Any:
        reference = "127.0.0.1:5009/%s" % self.name
        self.client.tag(self.image, reference, "1")
        return self.run(image=reference + ":1", pull="always")

    def helper(self) -> Any:
        (self.directory / "config.json").write_text(json.dumps({"credsStore": "nowhere"}), encoding="utf-8")
        self.patch.setenv("DOCKER_CONFIG", str(self.directory))
        return self.run(image="127.0.0.1:5000/nobody/has-it:1")

    def network(self) -> Any:
        return self.run(networks=[{"name": "nowhere"}])

    def port(self) -> Any:
        self.plain("container_run", name=self.name + "-a", image=self.image, **SLEEP, published_ports=["8099:80"])
        self.plain("container_run", name=self.name, image=self.image, **SLEEP)
        return self.run(published_ports=["8099:80"])

    def port_of_a_program(self) -> Any:
        self.plain("container_run", name=self.name + "-a", image=self.image, **SLEEP, published_ports=["8099:80"])
        return self.run(published_ports=["8099:80"])

    def ends(self) -> Any:
        self.plain("container_run", name=self.name, image=self.image, **SLEEP)
        return self.run(command=["sh", "-c", "echo no database; exit 3"])

    def unhealthy(self) -> Any:
        return self.run(state="healthy", healthcheck={**CHECK, "retries": 1})

    def not_yet_healthy(self) -> Any:
        return self.run(state="healthy", healthcheck={**CHECK, "retries": 99}, healthy_wait_timeout=0.3)

    def no_check(self) -> Any:
        return self.run(state="healthy")

    def no_program(self) -> Any:
        return self.run(command=["serve"])

    def code(self) -> Any:
        return self.run(command=["sh", "-c", "echo no database; exit 3"], detach=False)

    def value(self) -> Any:
        return self.run(memory="much")

    def restored(self) -> Any:
        return self.ends()

    def dropped(self) -> Any:
        self.plain("container_run", name=self.name, image=self.image, **SLEEP, memory="64m")
        return self.run(env={"A": "1"})

    def auto_remove(self) -> Any:
        self.plain("container_run", name=self.name, image=self.image, **SLEEP, auto_remove=True)
        return self.run(auto_remove=True, env={"A": "1"})

    def layer(self) -> Any:
        self.plain("container_run", name=self.name, image=self.image, **SLEEP)
        self.plain("container_exec", container=self.name, argv=["touch", "/mine"])
        return self.run(env={"A": "1"}, writable_layer="fail")

    def dependents(self) -> Any:
        self.plain("container_run", name=self.name, image=self.image, **SLEEP)
        proxy = {"network_mode": "container:" + self.name}
        self.plain("container_run", name=self.name + "-proxy", image=self.image, **SLEEP, **proxy)
        return self.run(env={"A": "1"})

    def another_task(self) -> Any:
        """To a task in another thread it looks as if this thread were replacing the container."""
        old = self.plain("container_run", name=self.name, image=self.image, **SLEEP)["container"]["Id"]
        labels = {_labels.REPLACES: old, _labels.WAS: "running", _labels.POLICY: "no"}
        labels |= {_labels.WRITER: this_writer(), _labels.WITHIN: "60"}
        self.client.create_container(self.image, name=self.name + ".wharf-new", labels=labels)
        given = {"name": self.name, "state": "absent", "wait_timeout": 0.5}
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: self.run(module="container_state", **given)).result()


# A part of each message → the function above that causes it.
CAUSES = {
    "there is no such socket": Causes.no_socket,
    "nothing listens there": Causes.nothing_listens,
    "did not answer within": Causes.late,
    "The docker context": Causes.context,
    "Cannot pull the image": Causes.pull,
    "pull is never": Causes.never,
    "Cannot ask the registry": Causes.ask,
    "Cannot read the credentials": Causes.helper,
    "there is no network": Causes.network,
    "is published by": Causes.port,
    "Choose another host port": Causes.port_of_a_program,
    "does not stay up": Causes.ends,
    "is unhealthy": Causes.unhealthy,
    "did not become healthy": Causes.not_yet_healthy,
    "has no health check": Causes.no_check,
    "Check the command and its path": Causes.no_program,
    "ended with exit code": Causes.code,
    "Cannot describe the container": Causes.value,
    "the new one is removed": Causes.restored,
    "drops what the task does not give": Causes.dropped,
    "it has the option auto_remove": Causes.auto_remove,
    "in its writable layer": Causes.layer,
    "cuts off containers that depend on it": Causes.dependents,
    "another task is changing it": Causes.another_task,
}


def keys(message: str) -> Iterator[str]:
    yield from (key for key in {**CAUSES, **ELSEWHERE} if key in message)


@pytest.mark.parametrize("key", CAUSES)
def test_it_occurs(key: str, tools: Any, registry: str) -> None:
    [message] = [message for message in MESSAGES if key in message]
    result = CAUSES[key](tools)
    texts = [result.get("msg", ""), *result.get("warnings", [])]
    assert any(guides.pattern(message).search(text) for text in texts), texts


def test_all_are_shown() -> None:
    for message in MESSAGES:
        assert len(list(keys(message))) == 1, message
    for key, place in ELSEWHERE.items():
        file, _colons, function = place.partition("::")
        text = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert ("def %s(" % function if function else key) in text, key
