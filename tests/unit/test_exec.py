# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of container_exec without an engine: input, paths, and the plan."""

from __future__ import annotations

import socket
import threading
from typing import Any, Dict, List, Optional

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._container.exec_paths import (
    HiddenError,
    hidden_by,
    is_there,
    mounts_of,
    typed,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import Exec
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._engine.hijack import Duplex, SocketWay
from ansible_collections.wharf.docker.plugins.module_utils._tasks.container_exec import Seen, Wanted, plan_exec


@pytest.mark.parametrize(
    ("stdin", "keys"),
    [(b"", b"\x04"), (b"a\n", b"a\n\x04"), (b"a", b"a\x04\x04"), (b"a\nb", b"a\nb\x04\x04")],
)
def test_typed(stdin: bytes, keys: bytes) -> None:
    assert typed(stdin) == keys


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/", None),
        ("/data", None),
        ("/proc", None),
        ("/proc/1", "/proc"),
        ("/process", None),
        ("/dev/shm/x", "/dev"),
        ("/dev/kept", None),
        ("/dev/kept/x", None),
        ("/run", None),
        ("/run/x", "/run"),
        ("/runner/x", None),
        ("/run/kept/x", None),
        ("/run/kept/fast/x", "/run/kept/fast"),
        ("/run/kept/fast", None),
    ],
)
def test_hidden_by(path: str, place: Optional[str]) -> None:
    mounts = {"/run": True, "/run/kept": False, "/run/kept/fast": True, "/dev/kept": False, "/data": False}
    assert hidden_by(path, mounts) == place


def test_mounts_of() -> None:
    container = {
        "Mounts": [{"Type": "volume", "Destination": "/data/"}, {"Type": "tmpfs", "Destination": "/a"}],
        "HostConfig": {"Tmpfs": {"/b/": "size=1m"}},
    }
    assert mounts_of(container) == {"/data": False, "/a": True, "/b": True}
    assert mounts_of({"Mounts": None, "HostConfig": {"Tmpfs": None}}) == {}


# Existing paths: path → the target if it is a link.
FILES: Dict[str, str] = {"/a": "", "/a/b": "", "/a/link": "/run", "/loose": "/none", "/more": "/a", "/kernel": "/proc"}


@pytest.mark.parametrize(
    ("path", "mounts", "expected", "looks"),
    [
        ("/a", {}, True, 1),
        ("/a/b", {}, True, 1),
        ("/a/b", {"/run": True}, True, 2),
        ("/a/none", {}, False, 2),
        ("/none/none/none", {}, False, 2),
        ("/a/link", {"/run": True}, True, 2),
        ("/a/link/x", {"/run": True}, "/run/x is below /run, a tmpfs", 3),
        ("/a/link/x", {}, False, 3),
        ("/more/link/x", {"/run": True}, "/run/x is below /run, a tmpfs", 3),
        ("/kernel/x", {}, "/proc/x is below /proc, which the kernel makes", 2),
        ("/run/x", {"/run": True}, "/run/x is below /run, a tmpfs", 0),
        ("/loose/x", {}, False, 2),
    ],
)
def test_is_there(path: str, mounts: Dict[str, bool], expected: Any, looks: int) -> None:
    looked: List[str] = []

    def look(asked: str) -> Optional[str]:
        looked.append(asked)
        first = "/a" + asked[len("/more") :] if asked.startswith("/more/") else asked
        return FILES.get(first)

    try:
        found: Any = is_there(path, mounts, look)
    except HiddenError as error:
        found = str(error)
    assert found == expected
    assert len(looked) == looks, looked


def container(status: str) -> Dict[str, Any]:
    return {
        "Id": "c" * 64,
        "Name": "/web",
        "State": {
            "Status": status,
            "Running": status in ("running", "paused", "restarting"),
            "Paused": status == "paused",
            "Restarting": status == "restarting",
        },
    }


@pytest.mark.parametrize(
    ("creates", "removes", "actions"),
    [
        (None, None, ["exec web: echo 'a b'"]),
        (False, None, ["exec web: echo 'a b', /c is not there"]),
        (True, None, []),
        (None, True, ["exec web: echo 'a b', /r is there"]),
        (None, False, []),
        (False, True, ["exec web: echo 'a b', /c is not there, /r is there"]),
        (False, False, []),
        (True, True, []),
    ],
)
def test_plan(creates: Optional[bool], removes: Optional[bool], actions: List[str]) -> None:
    wanted = Wanted(
        "web",
        ("echo", "a b"),
        creates=None if creates is None else "/c",
        removes=None if removes is None else "/r",
        env={"SECRET": "hush"},
        stdin=b"hush",
    )
    plan = plan_exec(wanted, container("running"), Seen(creates, removes))
    assert plan.actions() == actions
    assert plan.diff() == {"before": {}, "after": {}}


def test_the_step_has_all_that_the_process_needs() -> None:
    given: Dict[str, Any] = {
        "argv": ("echo", "a b"),
        "chdir": "/tmp",
        "env": {"SECRET": "hush"},
        "stdin": b"hush",
        "user": "nobody",
        "privileged": True,
        "tty": True,
        "limit": 5.0,
        "most": 10,
    }
    wanted = Wanted("web", **given)
    plan = plan_exec(wanted, container("running"), Seen())
    tried = "run echo in the container web"
    assert plan.steps == (Exec("web", ("echo 'a b'",), "c" * 64, tried=tried, **given),)
    assert plan.single_steps() == [{"action": "exec", "target": "web", "causes": ["echo 'a b'"]}]
    (step,) = plan_exec(Wanted("web", ("echo",), detach=True), container("running"), Seen()).steps
    assert step == Exec("web", ("echo",), "c" * 64, argv=("echo",), tried=tried, detach=True)


@pytest.mark.parametrize("status", ["created", "exited", "paused", "restarting", "dead", "removing"])
def test_a_container_that_can_run_nothing(status: str) -> None:
    wanted = Wanted("web", ("echo",), creates="/c")
    assert not plan_exec(wanted, container(status), Seen(creates=True)).changed
    with pytest.raises(Failure, match="it is not running, it is %s" % status):
        plan_exec(wanted, container(status), Seen(creates=False))


def duplex(to_send: bytes, end: bool = True, early: bytes = b"") -> Any:
    ours, other = socket.socketpair()
    return Duplex(SocketWay(ours), early, to_send, end, ours.close), other


def test_both_directions_at_once() -> None:
    """An echo that stops reading while its output is not read."""
    data = bytes(range(256)) * 20_000
    connection, other = duplex(data, early=b"early")

    def echo() -> None:
        while chunk := other.recv(1000):
            other.sendall(chunk)
        other.close()

    thread = threading.Thread(target=echo)
    thread.start()
    received = bytearray()
    while chunk := connection.read(20):
        received += chunk
    thread.join()
    assert received == b"early" + data
    assert connection.read(1) == b""
    assert not connection.lost
    connection.close()


def test_time_is_limited() -> None:
    connection, other = duplex(b"", end=False)
    assert connection.read(0) is None
    assert connection.read(0.05) is None
    other.send(b"x")
    assert connection.read(5) == b"x"
    other.close()
    assert connection.read(None) == b""
    connection.close()


def test_a_side_that_does_not_read() -> None:
    """It ends without having read everything: its output is read, and the connection does not count as lost."""
    connection, other = duplex(bytes(3_000_000))
    other.send(b"bye")
    assert connection.read(5) == b"bye"
    other.close()
    assert connection.read(5) == b""
    assert connection.refused
    connection.close()
