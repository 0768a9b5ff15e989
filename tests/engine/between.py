# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy between tasks and their engine: it records the requests, and gives other answers if a test wants them."""

from __future__ import annotations

import contextlib
import re
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

# Turns the engine's answer into the answer that is sent instead. Both are complete, including the status line.
Lie = Callable[[bytes], bytes]
SIZE = 65536


class Proxy:
    """``url``: where the proxy listens. ``asked``: the requests, as "GET /v1.41/containers/web/json".

    ``connections``: their number, including those without a request.
    """

    def __init__(self, engine: str, path: str) -> None:
        self._engine = engine.removeprefix("unix://")
        self._lies: list[tuple[str, Lie | None, bool]] = []
        self._released = threading.Event()
        self._stalling: set[Lie] = set()
        self.asked: list[str] = []
        self.connections = 0
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(50)
        self.url = "unix://" + path
        threading.Thread(target=self._accept, daemon=True).start()

    def lie(self, pattern: str, lie: Lie, forward: bool = True) -> None:
        """Change the answers to requests that match ``pattern``. If not ``forward``, the engine does not get them."""
        self._lies.insert(0, (pattern, lie, forward))

    def mute(self, pattern: str) -> None:
        """Never answer requests that match ``pattern``."""
        self._lies.insert(0, (pattern, None, False))

    def honest(self) -> None:
        self._lies.clear()

    def stall(self, pattern: str, lie: Lie | None = None) -> None:
        """Begin an answer to requests that match ``pattern``, and never end it: with the result of ``lie`` if given."""
        if lie is not None:
            self._stalling.add(lie)
        self._lies.insert(0, (pattern, lie, True))

    def close(self) -> None:
        self._released.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """Handle one request, or all of an upgraded connection."""
        with client, socket.socket(socket.AF_UNIX) as engine, contextlib.suppress(OSError):
            received = b""
            while b"\r\n\r\n" not in received:
                more = client.recv(SIZE)
                if not more:
                    return
                received += more
            head, _blank, rest = received.partition(b"\r\n\r\n")
            asked = head.split(b"\r\n")[0].decode().rpartition(" ")[0]
            self.asked.append(asked)
            found = [(lie, forward) for pattern, lie, forward in self._lies if re.search(pattern, asked)]
            lie, forward = found[0] if found else (bytes, True)
            if lie is None:
                if forward:
                    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n[")
                self._released.wait()
                return
            engine.connect(self._engine)
            if b"\nupgrade:" not in head.lower():
                head = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", head) + b"\r\nConnection: close"
            if forward:
                engine.sendall(head + b"\r\n\r\n" + rest)
                threading.Thread(target=pass_on, args=(client, engine), daemon=True).start()
            if not found:
                pass_on(engine, client)
                return
            if forward:  # Only for requests whose answer has an end.
                answer = b"".join(iter(lambda: engine.recv(SIZE), b""))
            else:
                answer = b""
                read_body(client, head, rest)
            client.sendall(lie(answer))
            if lie in self._stalling:
                self._released.wait()
            client.shutdown(socket.SHUT_WR)


def pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(SIZE):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)


def read_body(source: socket.socket, head: bytes, body: bytes) -> None:
    """Read the body, so that closing the connection does not break it before the client has read the answer."""
    length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
    chunked = b"chunked" in head.lower()
    while (length and len(body) < int(length.group(1))) or (chunked and not body.endswith(b"0\r\n\r\n")):
        more = source.recv(SIZE)
        if not more:
            return
        body += more


def answers(body: bytes | str, status: str = "200 OK", kind: str = "application/json") -> Lie:
    """This answer, whatever the engine answers. JSON gets the headers of an engine, anything else those of nginx."""
    data = body.encode() if isinstance(body, str) else body
    whose = "Api-Version: 1.41" if kind == "application/json" else "Server: nginx/1.25"
    head = "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\nConnection: close\r\n\r\n"
    return lambda _answer: (head % (status, kind, len(data), whose)).encode() + data


@contextlib.contextmanager
def between(engine: str) -> Iterator[Proxy]:
    """A proxy in front of the engine at this address (unix://...)."""
    with tempfile.TemporaryDirectory(prefix="wharf-between-") as directory:
        proxy = Proxy(engine, str(Path(directory) / "docker.sock"))
        try:
            yield proxy
        finally:
            proxy.close()
