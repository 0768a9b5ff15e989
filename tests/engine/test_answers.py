# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of tasks about answers that don't come, are cut, or don't come from an engine, with a proxy between both."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import sampled
from between import Proxy, answers, between

from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine

pytestmark = pytest.mark.one_engine("its answers are made up by a proxy")

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
    """The id of a container that writes something after a while."""
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
    assert time.monotonic() - began >= SHORT
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
    assert time.monotonic() - began >= SHORT
    engine.close()


@pytest.mark.parametrize("within", [0, -1])
def test_no_time_at_all(proxy: Proxy, within: float) -> None:
    engine = connected(proxy)
    proxy.mute("/events")
    with pytest.raises(_engine.EngineTimeout):
        engine.stream("GET", "/events", tried="read the events", within=within)
    engine.close()


def test_the_limit_is_for_the_beginning_alone(proxy: Proxy, client: Any, talker: str) -> None:
    """Output after that limit is still read."""
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


def test_an_answer_that_stops_in_the_middle(proxy: Proxy, run: Any) -> None:
    """The option timeout limits the whole answer to a short call."""
    proxy.stall("/containers/json")
    wrong = run("container_info", expect="failed", docker_host=proxy.url, timeout=1)
    assert " did not answer within 1 seconds" in wrong["msg"] and "option timeout" in wrong["msg"]


# --- answers that no engine gives ---

PAGE = "<html>\n<head><title>502 Bad\nGateway</title></head>\n<body><h1>nginx/1.25</h1></body></html>\n"


def halved(answer: bytes) -> bytes:
    """Half of a body, with a matching Content-Length."""
    head, _blank, body = answer.partition(b"\r\n\r\n")
    if b"chunked" in head.lower():
        body = joined(body)
    return answers(body[: len(body) // 2])(b"")


def broken_off(answer: bytes) -> bytes:
    """Half of a body, less than its Content-Length."""
    head, blank, body = answer.partition(b"\r\n\r\n")
    return head + blank + body[: len(body) // 2]


def garbled(answer: bytes) -> bytes:
    """The headers of an upgrade, followed by something else."""
    return answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + PAGE.encode()


def cut(answer: bytes) -> bytes:
    return answer[:-2]


@pytest.mark.parametrize(
    ("lie", "words"),
    [(garbled, "it is not the output of a process, but begins with '<html>"), (cut, "it ended in the middle of")],
)
def test_output_of_a_command(lie: Any, words: str, proxy: Proxy, run: Any, talker: str) -> None:
    proxy.lie("/exec/.*/start", lie)
    result = run("container_exec", expect="failed", docker_host=proxy.url, container=talker, command="echo hello")
    assert words in result["msg"] and proxy.url in result["msg"], result["msg"]


def test_a_header_that_is_cut(proxy: Proxy, run: Any, talker: str) -> None:
    for broken in (rb"\1\2e30", rb"\1e3", rb"\1!!", rb"\1"):
        proxy.honest()
        proxy.lie("HEAD", lambda answer, b=broken: re.sub(rb"(?i)(path-stat: )(.{40}).*", b, answer))
        given = {"container": talker, "command": "true", "creates": "/etc/passwd"}
        result = run("container_exec", expect="failed", docker_host=proxy.url, **given)
        assert proxy.url in result["msg"], result["msg"]


def joined(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _line, rest = body.partition(b"\r\n")
        whole, body = whole + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return whole


LIES: dict[str, Any] = {
    "HTML": answers(PAGE, kind="text/html"),
    "HTML of 404": answers(PAGE, status="404 Not Found", kind="text/html"),
    "HTML of 502": answers(PAGE, status="502 Bad Gateway", kind="text/html"),
    "words of 404": answers("404 page not found\n", status="404 Not Found", kind="text/plain"),
    "a redirect": lambda _answer: b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    "half": halved,
    "broken off": broken_off,
    "a list": answers("[]"),
    "a list of numbers": answers("[1, 2]"),
    "an object": answers("{}"),
    "null": answers("null"),
    "a number": answers("3"),
    "nothing": answers(""),
    "no HTTP": lambda _answer: b"SSH-2.0-OpenSSH_9.2\r\n",
    "a hang-up": lambda _answer: b"",
}
# Uses of each method of the client: a module, its options, and a pattern of the request with a false answer.
VERBS: dict[str, tuple[str, dict[str, Any], str]] = {
    "ping": ("container_info", {}, "/_ping"),
    "list": ("container_info", {}, "/containers/json"),
    "find": ("container_run", {"name": "NAME", "state": "stopped", "image": "IMAGE"}, "GET .*/containers/NAME/json"),
    "find an image": ("container_run", {"name": "NEW", "image": "IMAGE"}, "/images/.*/json"),
    "get": ("container_info", {"name": ["NAME"], "processes": True}, "/top"),
    "changes": ("container_info", {"name": ["NAME"], "changes": True}, "/changes"),
    "stats": ("container_info", {"name": ["NAME"], "stats": True}, "/stats"),
    "usage": ("prune", {"volumes": True, "volumes_filters": {"label": "nobody"}}, "/system/df|GET .*/volumes"),
    "networks": ("prune", {"networks": True, "networks_filters": {"label": "nobody"}}, "/networks"),
    "post": ("volume", {"name": "NEW"}, "POST .*/volumes/create"),
    "post a container": ("container_run", {"name": "NEW", "image": "IMAGE"}, "/containers/create"),
    "post without an answer": ("container_state", {"name": ["NAME"], "state": "paused"}, "/pause"),
    "messages": ("container_import", {"src": "ROOTFS", "repository": "NEW"}, "/images/create"),
    "head": ("container_exec", {"container": "NAME", "command": "true", "creates": "/nothing"}, "HEAD"),
    "exec": ("container_exec", {"container": "NAME", "command": "true"}, "POST .*/containers/.*/exec"),
    "exec start": ("container_exec", {"container": "NAME", "command": "true"}, "/exec/.*/start"),
    "exec detached": ("container_exec", {"container": "NAME", "command": "true", "detach": True}, "/exec/.*/start"),
    "exec end": ("container_exec", {"container": "NAME", "command": "true"}, "/exec/.*/json"),
    "logs": ("container_logs", {"name": "NAME"}, "/logs"),
    "logs followed": ("container_logs", {"name": "NAME", "wait_for": "late", "wait_timeout": 1}, "/logs"),
    "attach": ("container_run", {"name": "NEW", "image": "IMAGE", "detach": False, "command": "true"}, "/attach"),
    "wait": ("container_run", {"name": "NEW", "image": "IMAGE", "detach": False, "command": "true"}, "/wait"),
    "export": ("container_export", {"name": "NAME", "dest": "DEST"}, "/export"),
    "delete": ("container_state", {"name": ["NAME"], "state": "absent", "force": True}, "DELETE"),
}
# Lies that may be true, or that only a later request reveals: the answer itself looks right.
PLAUSIBLE = {
    "a list": {"list", "networks", "changes"},
    "null": {"changes"},
    "an object": {"find an image", "post", "post without an answer", "messages", "exec detached", "stats", "delete"},
    "nothing": {"post", "post without an answer", "messages", "exec detached", "logs", "logs followed", "attach"},
    "words of 404": set(VERBS) - {"find", "find an image"},
}
# Requests with an answer that can't be halved, or has no end.
WHOLE = {"logs followed", "wait", "attach", "exec start", "post without an answer", "exec detached", "delete", "head"}
# Lies that a HEAD request does not notice.
IN_THE_BODY = {"half", "a list", "a list of numbers", "an object", "null", "a number", "nothing"}


@pytest.mark.parametrize("verb", sampled.some(VERBS, sample=12))
def test_lies(
    verb: str, proxy: Proxy, run: Any, client: Any, image: str, name: str, rootfs_tar: Any, tmp_path: Any
) -> None:
    """No lie leads to an unexpected error: the message names the engine's address, and what is wrong."""
    module, given, pattern = VERBS[verb]
    places = {"NAME": name, "IMAGE": image, "ROOTFS": str(rootfs_tar), "DEST": str(tmp_path / "a.tar")}
    client.start(client.create_container(image, ["sh", "-c", "echo late; sleep 100"], name=name))

    def placed(value: Any) -> Any:
        if isinstance(value, list):
            return [placed(one) for one in value]
        if isinstance(value, dict):
            return {key: placed(one) for key, one in value.items()}
        for place, word in places.items():
            value = value.replace(place, word) if isinstance(value, str) else value
        return value

    for number, (lie, answer) in enumerate(LIES.items()):
        places["NEW"] = "%s-%d" % (name, number)
        forward = lie in ("half", "broken off")
        if (forward and verb in WHOLE) or (verb == "head" and lie in IN_THE_BODY):
            continue
        proxy.honest()
        proxy.lie(placed(pattern), answer, forward)
        result = run(module, expect="any", warnings=True, docker_host=proxy.url, timeout=20, **placed(given))
        words = "%s: %s" % (lie, result.get("msg"))
        assert "defect of the collection" not in words and "exception" not in result, words
        if verb == "export":
            assert result["failed"] and "engine" in words, words
        elif verb not in PLAUSIBLE.get(lie, ()):
            assert result.get("failed") and proxy.url in words, words
        elif result.get("failed"):
            assert "engine" in words or "container" in words, words
        if verb == "delete":
            assert client.inspect_container(name)["State"]["Running"]
