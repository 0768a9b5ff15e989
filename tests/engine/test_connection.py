# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reaching an engine: options, environment, docker context, and one clear message where it can't be reached."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import tempfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils import _registry, _task
from ansible_collections.wharf.docker.plugins.module_utils._engine import CONNECTION_OPTIONS

# The connection options, and the test here that shows each.
SHOWN = {
    "docker_host": "test_docker_host",
    "api_version": "test_api_version",
    "timeout": "test_timeout",
    "tls": "test_tls",
    "validate_certs": "test_tls",
    "ca_path": "test_tls",
    "client_cert": "test_tls",
    "client_key": "test_tls",
    "tls_hostname": "test_tls_hostname",
    "use_ssh_client": "test_use_ssh_client",
}


def info(**arguments: Any) -> dict[str, Any]:
    return _task.call(_registry.task("container_run"), {"name": "nobody-here", "state": "absent", **arguments})


def test_every_connection_option_is_shown() -> None:
    assert set(SHOWN) == set(CONNECTION_OPTIONS)
    assert all(callable(globals()[name]) for name in SHOWN.values())


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment that names no engine; the folder of the docker client's configuration."""
    for name in list(os.environ):
        if name.startswith("DOCKER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


def test_docker_host(engine: Any, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert info(docker_host=engine.url)["changed"] is False
    monkeypatch.setenv("DOCKER_HOST", engine.url)
    assert info()["changed"] is False
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/other.sock")
    assert info(docker_host=engine.url)["changed"] is False
    assert "/nonexistent/other.sock" in info()["msg"]


def test_docker_context(engine: Any, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = bare / "contexts" / "meta" / hashlib.sha256(b"quay").hexdigest()
    folder.mkdir(parents=True)
    meta = {"Name": "quay", "Metadata": {}, "Endpoints": {"docker": {"Host": engine.url, "SkipTLSVerify": False}}}
    (folder / "meta.json").write_text(json.dumps(meta))
    monkeypatch.setenv("DOCKER_CONTEXT", "quay")
    assert info()["changed"] is False
    monkeypatch.delenv("DOCKER_CONTEXT")
    (bare / "config.json").write_text(json.dumps({"currentContext": "quay"}))
    assert info()["changed"] is False
    monkeypatch.setenv("DOCKER_CONTEXT", "pier")
    assert "The docker context 'pier' is not known" in info()["msg"]


def test_api_version(engine: Any, bare: Path) -> None:
    assert info(docker_host=engine.url, api_version="1.41")["changed"] is False
    assert info(docker_host=engine.url, api_version="auto")["changed"] is False
    wrong = info(docker_host=engine.url, api_version="9.99")
    assert wrong["failed"] and "9.99" in wrong["msg"]


def test_timeout(bare: Path, tmp_path: Path) -> None:
    """Something that listens and never answers."""
    path = str(tmp_path / "mute.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(5)
        result = info(docker_host="unix://" + path, timeout=1)
    assert "did not answer within 1 seconds" in result["msg"]


def test_no_engine(bare: Path) -> None:
    result = info(docker_host="unix:///nonexistent/docker.sock")
    assert result["failed"]
    assert "nothing answers at unix:///nonexistent/docker.sock: there is no such socket" in result["msg"]
    assert "set docker_host or DOCKER_HOST" in result["msg"]
    assert "exception" not in result


def test_nothing_listens(bare: Path) -> None:
    result = info(docker_host="tcp://127.0.0.1:1")
    assert "nothing listens there" in result["msg"]


@pytest.mark.parametrize("wrong", ["gopher://127.0.0.1", "tcp://127.0.0.1:port", "unix://"])
def test_a_wrong_address(wrong: str, bare: Path) -> None:
    result = info(docker_host=wrong)
    assert result["failed"] and "exception" not in result
    assert wrong in result["msg"]


def test_a_socket_without_permission(bare: Path) -> None:
    """A socket that exists and belongs to somebody else."""
    with tempfile.TemporaryDirectory(prefix="wharf-") as folder, socket.socket(socket.AF_UNIX) as listener:
        os.chmod(folder, 0o755)
        path = folder + "/closed.sock"
        listener.bind(path)
        os.chmod(path, 0o600)
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                os.setgid(65534)
                os.setuid(65534)
                message = info(docker_host="unix://" + path)["msg"]
                good = "may not be used by this user" in message and "become" in message
                status = 0 if good else 1
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_tls(bare: Path) -> None:
    """A file that is not there is named before anything is asked of an engine."""
    for options in (
        {"tls": True, "client_cert": "/nonexistent/cert.pem", "client_key": "/nonexistent/key.pem"},
        {"validate_certs": True, "ca_path": "/nonexistent/ca.pem"},
    ):
        result = info(docker_host="tcp://127.0.0.1:1", **options)
        assert "Cannot use TLS with the engine at tcp://127.0.0.1:1" in result["msg"]
    refused = info(docker_host="tcp://127.0.0.1:1", tls=True)
    assert "nothing listens there" in refused["msg"]


def test_tls_hostname(bare: Path) -> None:
    result = info(docker_host="tcp://127.0.0.1:1", tls=True, tls_hostname="engine.example")
    assert "tls_hostname can't be used with version 7" in result["msg"]


def test_use_ssh_client(bare: Path) -> None:
    """The ssh command is run, and what it can't reach is told."""
    result = info(docker_host="ssh://nobody@127.0.0.1:1", use_ssh_client=True)
    assert result["failed"] and "ssh://nobody@127.0.0.1:1" in result["msg"]
    assert "exception" not in result
