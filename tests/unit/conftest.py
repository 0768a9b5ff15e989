# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures for tasks that must fail before any request to an engine."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from outcome import held

from ansible_collections.wharf.docker.plugins.module_utils._flow.task import call
from ansible_collections.wharf.docker.plugins.module_utils._tasks.registry import task


@pytest.fixture(scope="session")
def nobody() -> Iterator[tuple[str, list[str]]]:
    """The address of a listener in place of an engine, and its callers: each connection is closed without an answer."""
    callers: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def send_away() -> None:
            with contextlib.suppress(OSError):  # The listener is closed at the end.
                while True:
                    connection, address = door.accept()
                    callers.append("%s:%d" % address)
                    connection.close()

        threading.Thread(target=send_away, daemon=True).start()
        yield "tcp://127.0.0.1:%d" % door.getsockname()[1], callers
        # close() alone does not wake a thread in accept().
        door.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def refused(nobody: tuple[str, list[str]]) -> Callable[..., str]:
    """``refused(module, **arguments)`` → the message of the failed task, the same in check mode and without it.

    The test fails if the task doesn't fail, if it connects to an engine before that, or if both messages differ.
    """
    address, callers = nobody

    def fail(module: str, /, **arguments: Any) -> str:
        given = json.loads(json.dumps({"docker_host": address, **arguments}, default=str))
        messages = []
        for check in (True, False):
            before = len(callers)
            result = call(task(module), given, check_mode=check, diff_mode=True)
            result = json.loads(json.dumps(result))
            assert len(callers) == before, "%s asked the engine, and then: %s" % (module, result.get("msg"))
            held(module, result, check, True, "failed", False)
            assert result["changed"] is False, result
            messages.append(result["msg"])
        assert messages[0] == messages[1]
        return str(messages[0])

    return fail
