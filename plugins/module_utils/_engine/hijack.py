# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection that carries bytes both ways at once: what a process is given to read, and what it writes.

One thread does both, so that neither side waits for the other: a process that writes while it reads fills one
direction, and whoever only sent would never end.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import time
from typing import Any, Optional

CHUNK = 65536
# How long to wait, in seconds, before more is sent by a way that doesn't tell when it takes more.
PAUSE = 0.02
LONGEST = 86400.0
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class SocketWay:
    """The bytes of a socket (unix, TCP, or TLS), which is read and written without blocking."""

    def __init__(self, sock: Any) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._notice = b""  # the end of a TLS connection's sending direction, as far as it is not sent yet
        self.reads = self.writes = int(sock.fileno())

    def receive(self) -> Optional[bytes]:
        """Bytes, b"" at the end, None where there are none now."""
        try:
            return bytes(self._socket.recv(CHUNK))
        except _NOT_NOW:
            return None
        except ssl.SSLZeroReturnError:
            return b""

    def send(self, data: Any) -> int:
        """How many of the bytes were taken."""
        try:
            return int(self._socket.send(data))
        except _NOT_NOW:
            return 0

    def end(self) -> bool:
        """Say that nothing more is sent; what comes can still be read. False: not all of that could be said yet."""
        if not isinstance(self._socket, ssl.SSLSocket):
            self._socket.shutdown(socket.SHUT_WR)
            return True
        self._notice = self._notice or _close_notify(self._socket)
        try:
            self._notice = self._notice[os.write(self.writes, self._notice) :]
        except BlockingIOError:
            return False
        return not self._notice

    def close(self) -> None:
        """What whoever gives the connection back does not do."""


class ChannelWay:
    """The bytes of a channel of paramiko, which tells when there is something to read, but not when it takes more."""

    writes = None

    def __init__(self, channel: Any) -> None:
        channel.setblocking(False)
        self._channel = channel
        self.reads = int(channel.fileno())

    def receive(self) -> Optional[bytes]:
        try:
            return bytes(self._channel.recv(CHUNK))
        except socket.timeout:
            return None

    def send(self, data: Any) -> int:
        try:
            return int(self._channel.send(bytes(data)))
        except socket.timeout:
            return 0

    def end(self) -> bool:
        self._channel.shutdown_write()
        return True

    def close(self) -> None:
        """What whoever gives the connection back does not do."""


class Duplex:
    """``to_send`` goes out while what comes is read; ``end``: say afterwards that nothing more is sent.

    ``early``: what came already. ``close``: gives the connection back. ``lost`` says in words what broke the
    connection, if anything did; ``refused``: not all was taken. Whoever is ended without having read what it was sent
    breaks the connection: with both, that may have been its orderly end.
    """

    def __init__(self, way: Any, early: bytes, to_send: bytes, end: bool, close: Any) -> None:
        self._way = way
        self._early = early
        self._unsent = memoryview(to_send)
        self._to_end = end
        self._close = close
        self.lost = ""
        self.refused = False

    def read(self, seconds: Optional[float]) -> Optional[bytes]:
        """The next bytes; b"" at the end; None where nothing came for so many ``seconds`` (None: no limit)."""
        if self._early:
            early, self._early = self._early, b""
            return early
        began = time.monotonic()
        while True:
            sent = self._send()
            try:
                received: Optional[bytes] = self._way.receive()
            except OSError as error:
                self.lost = str(error)
                self.refused = self.refused or bool(self._unsent)
                return b""
            if received is not None:
                return received
            left = None if seconds is None else seconds - (time.monotonic() - began)
            if left is not None and left <= 0:
                return None
            if not sent:
                self._wait(left)

    def close(self) -> None:
        self._unsent.release()
        self._way.close()
        self._close()

    def _send(self) -> bool:
        """Send what can be sent now. False: nothing could be."""
        try:
            if self._unsent:
                sent = self._way.send(self._unsent[: 4 * CHUNK])
                self._unsent = self._unsent[sent:]
                return bool(sent)
            if self._to_end and self._way.end():
                self._to_end = False
                return True
        except OSError:
            # Nobody reads any more. What was written before is still to be read.
            self._unsent, self._to_end, self.refused = self._unsent[:0], False, True
        return False

    def _wait(self, seconds: Optional[float]) -> None:
        poll = select.poll()
        poll.register(self._way.reads, select.POLLIN)
        if self._unsent or self._to_end:
            if self._way.writes is None:
                seconds = PAUSE if seconds is None else min(PAUSE, seconds)
            else:
                both = self._way.reads == self._way.writes
                poll.register(self._way.writes, select.POLLOUT | (select.POLLIN if both else 0))
        # As whoever waits comes back here, the most that poll() takes will do.
        poll.poll(None if seconds is None else max(1, int(min(seconds, LONGEST) * 1000)))


def below(answer: Any, to_send: bytes, end: bool) -> Duplex:
    """The connection below an answer. The reader of its headers may have read further: that comes first."""
    reader = answer.raw._fp.fp
    channel = getattr(reader, "channel", None)
    if channel is not None:
        return Duplex(ChannelWay(channel), reader.read(len(reader._rbuffer)), to_send, end, answer.close)
    way = SocketWay(reader.raw._sock)
    try:
        early = reader.read1(65536)
    except OSError:
        early = b""  # TLS says so where nothing has come.
    return Duplex(way, early, to_send, end, answer.close)


def _close_notify(sock: ssl.SSLSocket) -> bytes:
    """The message that ends the sending direction of a TLS connection, to be sent as it is.

    Python has it in ``unwrap()`` only, which reads as well, and throws away what it reads. So for that moment the
    socket's descriptor is one end of a pair: the message is taken from the other end, and nothing is there to be read.
    """
    ours, other = socket.socketpair()
    other.setblocking(False)
    number = sock.fileno()
    kept = os.dup(number)
    try:
        os.dup2(other.fileno(), number, inheritable=False)
        try:
            sock.unwrap()
        except ssl.SSLError:
            pass  # It wants to read the other side's end, which has not come.
        finally:
            os.dup2(kept, number, inheritable=False)
        ours.setblocking(False)
        try:
            return ours.recv(CHUNK)
        except BlockingIOError:
            return b""
    finally:
        os.close(kept)
        ours.close()
        other.close()
