# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors of a task if no engine is reachable."""

from __future__ import annotations

import gc
import os
import socket
import tempfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._flow.task import call
from ansible_collections.wharf.docker.plugins.module_utils._tasks.registry import task

SECRET, MASK = "correct-horse", "********"


def info(**arguments: Any) -> dict[str, Any]:
    return call(task("container_run"), {"name": "nobody-here", "state": "absent", **arguments})


def test_no_engine() -> None:
    result = info(docker_host="unix:///nonexistent/docker.sock")
    assert result["failed"]
    assert "cannot connect to the engine at unix:///nonexistent/docker.sock: there is no such socket" in result["msg"]
    assert "set docker_host or DOCKER_HOST" in result["msg"]
    assert "exception" not in result


def test_nothing_listens() -> None:
    result = info(docker_host="tcp://127.0.0.1:1")
    assert "nothing listens there" in result["msg"]


@pytest.mark.parametrize("wrong", ["gopher://127.0.0.1", "tcp://127.0.0.1:port", "unix://"])
def test_a_wrong_address(wrong: str) -> None:
    result = info(docker_host=wrong)
    assert result["failed"] and "exception" not in result
    assert wrong in result["msg"]


@pytest.mark.skipif(os.geteuid() != 0, reason="root gives up its rights here")
def test_a_socket_without_permission() -> None:
    """A socket that exists and belongs to another user."""
    with tempfile.TemporaryDirectory(prefix="wharf-") as directory, socket.socket(socket.AF_UNIX) as listener:
        os.chmod(directory, 0o755)
        path = directory + "/closed.sock"
        listener.bind(path)
        os.chmod(path, 0o600)
        os.seteuid(65534)
        try:
            message = info(docker_host="unix://" + path)["msg"]
        finally:
            os.seteuid(0)
    assert "may not be used by this user" in message and "become" in message


def test_no_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    wrong = info(docker_host="ssh://admin@engine.example", use_ssh_client=True)
    assert "the program ssh cannot be run: No such file or directory" in wrong["msg"], wrong
    wrong = info(docker_host="ssh://admin@engine.example")
    assert "paramiko is missing" in wrong["msg"] and "use_ssh_client" in wrong["msg"], wrong


@pytest.mark.parametrize("wrong", ["ssh://", "ssh://a@", "ssh://a:b@host", "ssh://host/path", "ssh://host:port"])
def test_a_wrong_address_of_ssh(wrong: str) -> None:
    result = info(docker_host=wrong, use_ssh_client=True)
    assert "docker_host is not a valid address for ssh" in result["msg"] and "a:b" not in result["msg"]


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("container_info", {}),
        ("container_state", {"name": ["web", "other"], "state": "started"}),
    ],
)
def test_no_engine_to_look_at_several(module: str, arguments: dict[str, Any]) -> None:
    result = call(task(module), {"docker_host": "unix:///nonexistent/s.sock", **arguments}, diff_mode=True)
    assert result["failed"] and "exception" not in result
    assert "cannot connect to the engine at unix:///nonexistent/s.sock" in result["msg"]
    gc.collect()


def test_the_password_in_an_address() -> None:
    address = "tcp://u:%s@127.0.0.1:1"
    arguments = {"name": "web", "state": "started", "docker_host": address % SECRET}
    result = call(task("container_state"), arguments, diff_mode=True)
    assert result["failed"] and "exception" not in result
    assert address % MASK in result["msg"] and SECRET not in result["msg"]
