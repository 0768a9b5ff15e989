# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reaching an engine: options, environment, docker context, and one clear message if it is unreachable."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import by_ssh
import pytest
from through import through

from ansible_collections.wharf.docker.plugins.module_utils._engine import cache as _kept_engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import CONNECTION_OPTIONS
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

pytestmark = pytest.mark.one_engine("an engine is reached before it matters which one it is")

# The connection options, and the test here that covers each.
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
    "use_ssh_client": "test_the_program_ssh",
    "debug": "test_debug",
}


def info(**arguments: Any) -> dict[str, Any]:
    return _task.call(_registry.task("container_run"), {"name": "nobody-here", "state": "absent", **arguments})


def test_every_connection_option_is_shown() -> None:
    assert set(SHOWN) == set(CONNECTION_OPTIONS)
    assert all(callable(globals()[name]) for name in SHOWN.values())


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment that names no engine. Returns the directory of the docker client's configuration."""
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
    directory = bare / "contexts" / "meta" / hashlib.sha256(b"quay").hexdigest()
    directory.mkdir(parents=True)
    meta = {"Name": "quay", "Metadata": {}, "Endpoints": {"docker": {"Host": engine.url, "SkipTLSVerify": False}}}
    (directory / "meta.json").write_text(json.dumps(meta))
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
    """A socket that listens and never answers."""
    path = str(tmp_path / "mute.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(5)
        result = info(docker_host="unix://" + path, timeout=1)
    assert "did not answer within 1 seconds" in result["msg"]


def test_tls(bare: Path) -> None:
    """A missing file is named before the engine gets any request."""
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


def test_debug(engine: Any, bare: Path) -> None:
    """It is accepted, and changes nothing."""
    assert info(docker_host=engine.url, debug=True) == info(docker_host=engine.url)


@pytest.mark.parametrize(
    "name", ["HOST", "CONTEXT", "TLS", "TLS_VERIFY", "TLS_HOSTNAME", "TIMEOUT", "API_VERSION", "CERT_PATH"]
)
def test_an_empty_variable(name: str, engine: Any, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts as not set: the environment of a task can't unset a variable."""
    monkeypatch.setenv("DOCKER_HOST", engine.url)
    expected = info()
    assert expected["changed"] is False
    monkeypatch.setenv("DOCKER_" + name, "")
    given = {"docker_host": engine.url} if name == "HOST" else {}
    assert info(**given) == expected


# --- TLS, and variables that must not affect it ---


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Authorities right.pem and wrong.pem; server.pem and server.key, for 127.0.0.1, signed by the right one."""
    directory = tmp_path_factory.mktemp("authorities")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    for name in ("right", "wrong"):
        request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + name]
        openssl(*request, "-keyout", name + ".key", "-out", name + ".pem")
    openssl(
        "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=engine", "-keyout", "server.key", "-out", "server.csr"
    )
    (directory / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    sign = ["x509", "-req", "-in", "server.csr", "-CA", "right.pem", "-CAkey", "right.key", "-CAcreateserial"]
    openssl(*sign, "-days", "2", "-extfile", "names", "-out", "server.pem")
    return directory


@pytest.fixture
def tls(engine: Any, authorities: Path) -> Iterator[str]:
    """The address of the engine over TCP, with TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authorities / "server.pem", authorities / "server.key")
    with through(engine.url, context) as way:
        yield way.url


@pytest.mark.parametrize("bundle", ["", "right", "wrong", "missing"])
@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_options_alone_say_whom_to_trust(
    variable: str, bundle: str, tls: str, authorities: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    if bundle:
        monkeypatch.setenv(variable, str(authorities / (bundle + ".pem")))
    trusted = info(docker_host=tls, validate_certs=True, ca_path=str(authorities / "right.pem"))
    assert trusted["changed"] is False and "warnings" not in trusted, trusted
    for given in ({"ca_path": str(authorities / "wrong.pem")}, {}):
        refused = info(docker_host=tls, validate_certs=True, **given)
        assert "CERTIFICATE_VERIFY_FAILED" in refused["msg"], refused
    unchecked = info(docker_host=tls, tls=True, ca_path=str(authorities / "wrong.pem"))
    assert unchecked["changed"] is False, unchecked


def test_no_proxy_and_no_password_file(
    tls: str, engine: Any, authorities: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert info(docker_host=tls, validate_certs=True, ca_path=str(authorities / "right.pem"))["changed"] is False
    (bare / "netrc").write_text("machine 127.0.0.1\nlogin somebody\npassword secret\n")
    monkeypatch.setenv("NETRC", str(bare / "netrc"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heard: list[bytes] = []

        def listen() -> None:
            connection = listener.accept()[0]
            heard.append(connection.recv(65536))
            connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        refused = info(docker_host="tcp://127.0.0.1:%d" % listener.getsockname()[1])
        thread.join(10)
    assert b"GET /_ping" in heard[0] and b"uthorization" not in heard[0]
    assert "closed the connection without an answer" in refused["msg"]


def test_a_way_that_is_not_safe(tls: str, engine: Any, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning if the connection is encrypted to an unchecked peer, or not encrypted and not to this host."""
    unchecked = info(docker_host=tls, tls=True)
    (warning,) = unchecked.get("warnings", [unchecked])
    assert tls.removeprefix("tcp://") in warning and "validate_certs" in warning
    monkeypatch.setenv("DOCKER_TLS", "1")
    assert info(docker_host=tls)["warnings"] == [warning]
    monkeypatch.delenv("DOCKER_TLS")
    found = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **named: Any) -> Any:
        return found("127.0.0.1" if host == "engine.example" else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with through(engine.url) as way:
        port = way.url.rpartition(":")[2]
        for host in ("127.0.0.1", "localhost", "127.0.0.2"):
            assert "warnings" not in info(docker_host="tcp://%s:%s" % (host, port)), host
        for address in ("tcp://engine.example:%s", "http://engine.example:%s", "engine.example:%s"):
            (warning,) = info(docker_host=address % port)["warnings"]
            assert "engine.example:%s is neither encrypted nor" % port in warning
    assert "warnings" not in info(docker_host=engine.url, tls=True)


@pytest.mark.parametrize("execution", ["module", "direct"])
def test_a_warning_once_a_run(execution: str, tls: str, play: Any, tmp_path: Path) -> None:
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(
        """
- hosts: localhost, other
  gather_facts: false
  module_defaults:
    group/wharf.docker.docker: {docker_host: "%s", tls: true}
  tasks:
    - wharf.docker.container_info:
    - wharf.docker.container_state: {name: "nobody-{{ item }}", state: absent}
      loop: [1, 2, 3]
    - wharf.docker.container_info: {all: true}
"""
        % tls
    )
    argv = ["ansible-playbook", "-i", "localhost,other,", "-c", "local", str(playbook)]
    played = play(argv, inside=False, WHARF_DOCKER_EXECUTION=execution)
    assert played.code == 0, played.output
    assert played.output.replace("\n", " ").count("certificate is not checked") == 1, played.output


# --- ssh ---


@pytest.fixture
def ssh(engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """``ssh(script)``: replace the program ssh by a script. Returns its directory; the file "said" has the arguments.

    In the script, ENGINE leads to the engine.
    """

    def put(script: str) -> Path:
        directory = tmp_path / "programs"
        directory.mkdir(exist_ok=True)
        engine_way = "%s %s %s" % (sys.executable, Path(__file__).with_name("through.py"), engine.url)
        program = directory / "ssh"
        program.write_text(
            "#!/bin/sh\nprintf '%%s\\n' \"$@\" >%s/said\n%s\n" % (directory, script.replace("ENGINE", engine_way))
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", "%s:%s" % (directory, os.environ["PATH"]))
        return directory

    return put


@pytest.mark.parametrize(
    ("address", "arguments"),
    [
        ("ssh://engine.example", ["--", "engine.example"]),
        ("ssh://Quay", ["--", "Quay"]),
        ("ssh://admin@engine.example", ["-l", "admin", "--", "engine.example"]),
        ("ssh://admin@engine.example:2222", ["-l", "admin", "-p", "2222", "--", "engine.example"]),
        ("ssh://[::1]:22", ["-p", "22", "--", "::1"]),
    ],
)
def test_the_program_ssh(address: str, arguments: list[str], ssh: Any, bare: Path, run: Any) -> None:
    """It needs no library, and gets only arguments from the address."""
    assert importlib.util.find_spec("paramiko") is None
    directory = ssh("exec ENGINE")
    assert info(docker_host=address, use_ssh_client=True)["changed"] is False
    assert (directory / "said").read_text().splitlines() == [*arguments, "docker system dial-stdio"]
    found = run("container_info", docker_host=address, use_ssh_client=True)
    assert found["containers"] == run("container_info")["containers"]
    assert not left_behind()


def left_behind() -> list[str]:
    """The remaining child processes of this one with ssh's command."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = re.search(r"^PPid:\s*(\d+)", (directory / "status").read_text(), re.MULTILINE)
            command = (directory / "cmdline").read_bytes()
            if (
                parent
                and int(parent.group(1)) == os.getpid()
                and (b"dial-stdio" in command or b"through.py" in command)
            ):
                found.append(command.decode())
    return found


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            "echo 'admin@engine.example: Permission denied (publickey).' >&2; exit 255",
            "ssh ended with exit code 255: admin@engine.example: Permission denied (publickey).",
        ),
        ("echo 'ssh: connect to host x port 22: Connection refused' >&2; exit 255", "port 22: Connection refused."),
        ("echo 'sh: 1: docker: not found' >&2; exit 127", "ssh ended with exit code 127: sh: 1: docker: not found."),
        ("exit 3", "ssh ended with exit code 3."),
        ("echo Welcome; exec sleep 5", "does not speak HTTP"),
    ],
)
def test_what_ssh_says(script: str, words: str, ssh: Any, bare: Path) -> None:
    ssh(script)
    wrong = info(docker_host="ssh://admin@engine.example", use_ssh_client=True)
    assert words in wrong["msg"] and "ssh://admin@engine.example" in wrong["msg"], wrong
    assert "RemoteDisconnected" not in wrong["msg"] and "exception" not in wrong
    assert not left_behind()


def test_ssh_that_does_not_answer(ssh: Any, bare: Path) -> None:
    ssh("exec sleep 30")
    wrong = info(docker_host="ssh://admin@engine.example", use_ssh_client=True, timeout=1)
    assert "ssh://admin@engine.example did not answer within 1 seconds" in wrong["msg"], wrong
    assert not left_behind()


def test_openssh(engine: Any, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    """The real program with its configuration of the port, the user and the keys; and its error messages."""
    program = shutil.which("ssh")
    if program is None:
        pytest.skip("There is no ssh here.")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(by_ssh.library()), *sys.path])}
    with by_ssh.server(engine.url, tmp_path, environment) as port:
        keys = tmp_path / ".ssh"
        (keys / "config").write_text(
            "Host quay\n  HostName 127.0.0.1\n  Port %d\n  User %s\n  IdentityFile %s/id_ecdsa\n"
            "  UserKnownHostsFile %s/known_hosts\n" % (port, by_ssh.USER, keys, keys)
        )
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "ssh").write_text('#!/bin/sh\nexec %s -F %s/config "$@"\n' % (program, keys))
        (tmp_path / "bin" / "ssh").chmod(0o755)
        monkeypatch.setenv("PATH", "%s:%s" % (tmp_path / "bin", os.environ["PATH"]))
        found = run("container_info", docker_host="ssh://quay", use_ssh_client=True)
        assert found["containers"] == run("container_info")["containers"]
        wrong = info(docker_host="ssh://stranger@quay", use_ssh_client=True)
        assert "stranger@127.0.0.1: Permission denied (publickey)" in wrong["msg"], wrong
    refused = info(docker_host="ssh://quay", use_ssh_client=True)
    assert "port %d: Connection refused" % port in refused["msg"], refused


# --- connections that a process caches ---


def test_kept_engines(engine: Any, bare: Path) -> None:
    """The least recently used one is closed: the number of a process's open files is limited."""

    def options(timeout: int) -> dict[str, Any]:
        found = {name: option.get("default") for name, option in CONNECTION_OPTIONS.items()}
        return {**found, "docker_host": engine.url, "timeout": timeout}

    _kept_engine.forget_engines()
    before = len(os.listdir("/proc/self/fd"))
    first = _kept_engine.kept_engine(options(100))
    for timeout in range(101, 160):
        _kept_engine.kept_engine(options(timeout)).get("/info", tried="look at the engine")
        assert _kept_engine.kept_engine(options(100)) is first
    assert len(os.listdir("/proc/self/fd")) - before <= _kept_engine.MOST
    second = _kept_engine.kept_engine(options(159))
    assert _kept_engine.kept_engine(options(159)) is second
    _kept_engine.forget_engines()
    assert len(os.listdir("/proc/self/fd")) == before


def test_many_connections_in_one_loop(engine: Any, play: Any, tmp_path: Path) -> None:
    """Each item has different options, and one worker runs them all."""
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(
        """
- hosts: localhost
  gather_facts: false
  tasks:
    - wharf.docker.container_state: {name: nobody, state: absent, timeout: "{{ item }}"}
      loop: "{{ range(100, 250) | list }}"
"""
    )
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, limits[1]))
    try:
        argv = ["ansible-playbook", "-i", "localhost,", "-c", "local", str(playbook)]
        played = play(argv, inside=False, WHARF_DOCKER_EXECUTION="direct")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert played.code == 0, played.output[-3000:]
