# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task says of answers that don't come, are cut, or are no engine's, by way of a proxy between the two."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from between import Proxy, between

from ansible_collections.wharf.docker.plugins.module_utils import _engine

SHORT = 0.6


@pytest.fixture
def proxy(engine: Any) -> Iterator[Proxy]:
    with between(engine.url) as found:
        yield found


def connected(proxy: Proxy) -> _engine.Engine:
    options = {name: option.get("default") for name, option in _engine.CONNECTION_OPTIONS.items()}
    return _engine.connect({**options, "docker_host": proxy.url})


@pytest.fixture
def talker(client: Any, image: str, name: str) -> str:
    """The id of a container that says something after a while."""
    made = client.create_container(image, ["sh", "-c", "sleep 2; echo late; sleep 100"], name=name)
    client.start(made)
    return str(made["Id"])


# --- answers that don't come ---


def test_a_stream_that_does_not_begin(proxy: Proxy, talker: str) -> None:
    engine = connected(proxy)
    proxy.mute("/wait")
    began = time.monotonic()
    with pytest.raises(_engine.EngineTimeout) as wrong:
        engine.stream("POST", "/containers/%s/wait" % talker, tried="wait for the container x", within=SHORT)
    assert SHORT <= time.monotonic() - began < SHORT + 2
    assert "Cannot wait for the container x: the engine at unix://" in wrong.value.message
    assert " did not answer within 0.6 seconds" in wrong.value.message
    engine.close()


def test_an_upgrade_that_does_not_come(proxy: Proxy, client: Any, talker: str) -> None:
    engine = connected(proxy)
    exec_id = client.exec_create(talker, ["true"])["Id"]
    proxy.mute("/exec/.*/start")
    began = time.monotonic()
    with pytest.raises(_engine.EngineTimeout, match=r"Cannot run true: .*did not answer within 0.6 seconds"):
        engine.duplex("/exec/%s/start" % exec_id, tried="run true", body={"Detach": False}, end=False, within=SHORT)
    assert SHORT <= time.monotonic() - began < SHORT + 2
    engine.close()


@pytest.mark.parametrize("within", [0, -1])
def test_no_time_at_all(proxy: Proxy, within: float) -> None:
    engine = connected(proxy)
    proxy.mute("/events")
    with pytest.raises(_engine.EngineTimeout):
        engine.stream("GET", "/events", tried="read the events", within=within)
    engine.close()


def test_the_limit_is_for_the_beginning_alone(proxy: Proxy, client: Any, talker: str) -> None:
    """What is said later than that is still read."""
    engine = connected(proxy)
    query = {"stdout": True, "follow": True}
    stream = engine.stream("GET", "/containers/%s/logs" % talker, tried="read the log", query=query, within=SHORT)
    assert next(stream.frames()) == (1, b"late\n")
    stream.close()
    exec_id = client.exec_create(talker, ["sh", "-c", "sleep 1.5; echo here"], tty=True)["Id"]
    connection = engine.duplex(
        "/exec/%s/start" % exec_id, tried="run sh", body={"Detach": False, "Tty": True}, end=False, within=SHORT
    )
    assert connection.read(10) == b"here\r\n"
    connection.close()
    engine.close()
