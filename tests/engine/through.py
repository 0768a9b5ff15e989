# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other ways to an engine than its socket: a TCP port, with or without TLS, and a replacement for ssh.

Each direction ends separately, as in the engine itself.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from typing import Any

SIZE = 65536
NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Way:
    """``url``: where to reach the engine. ``cut()`` breaks all connections, like a pulled cable."""

    def __init__(self, engine: str, context: ssl.SSLContext | None) -> None:
        self._engine, self._context = engine.removeprefix("unix://"), context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = "tcp://127.0.0.1:%d" % self._listener.getsockname()[1]
        self._open: list[Any] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                # shutdown() alone would end the connection in an orderly way.
                os.close(connection.detach())
        self._open.clear()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Any) -> None:
        # A cut connection ends here with various errors.
        with contextlib.suppress(OSError, ValueError):
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            self._open.append(connection)
            with socket.socket(socket.AF_UNIX) as engine:
                engine.connect(self._engine)
                exchange(connection, engine)
            connection.close()


def exchange(outer: Any, engine: socket.socket) -> None:
    """Relay bytes until both directions have ended. In one thread: two can't share a TLS connection."""
    buffers: dict[Any, bytes] = {outer: b"", engine: b""}  # bytes still to be sent to this side
    ended: set[Any] = set()  # sides that send no more
    for side in buffers:
        side.setblocking(False)
    while ended != {engine} | ({outer} & ended) or buffers[outer]:
        busy = False
        for source, target in ((outer, engine), (engine, outer)):
            if source not in ended and len(buffers[target]) < SIZE:
                try:
                    chunk = source.recv(SIZE)
                except NOT_NOW:
                    pass
                else:
                    busy = True
                    buffers[target] += chunk
                    if not chunk:
                        ended.add(source)
            if buffers[target]:
                with contextlib.suppress(*NOT_NOW):
                    sent = target.send(buffers[target])
                    buffers[target] = buffers[target][sent:]
                    busy = True
            if target is engine and outer in ended and not buffers[engine]:
                with contextlib.suppress(OSError):
                    engine.shutdown(socket.SHUT_WR)
        if not busy:
            reading = [side for side in buffers if side not in ended]
            writing = [side for side in buffers if buffers[side]]
            select.select(reading, writing, [], 1)


@contextlib.contextmanager
def through(engine: str, context: ssl.SSLContext | None = None) -> Iterator[Way]:
    """A TCP address of the engine, with TLS if a ``context`` is given."""
    way = Way(engine, context)
    try:
        yield way
    finally:
        way.cut()
        way.close()


def main(engine: str) -> None:
    """Connect stdin and stdout to the engine, like ``docker system dial-stdio`` at the other end of ssh."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(engine.removeprefix("unix://"))

    def send() -> None:
        while chunk := os.read(0, SIZE):
            connection.sendall(chunk)
        connection.shutdown(socket.SHUT_WR)

    threading.Thread(target=send, daemon=True).start()
    while chunk := connection.recv(SIZE):
        os.write(1, chunk)


if __name__ == "__main__":
    main(sys.argv[1])
