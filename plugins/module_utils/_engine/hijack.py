# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An upgraded connection, which carries bytes both ways at once: a process's input and its output.

One thread does both, so that neither side blocks the other: a process that writes while it reads fills one direction,
and a client that only sent would never finish.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import time
from typing import Any, Optional

CHUNK = 65536
# How long to wait, in seconds, before sending more over a channel that does not report when it accepts more.
PAUSE = 0.02
LONGEST = 86400.0
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class SocketWay:
    """The bytes of a socket (unix, TCP, or TLS), which is read and written without blocking."""

    def __init__(self, sock: Any) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._notice = b""  # the unsent part of the message that ends a TLS connection's sending direction
        self.reads = self.writes = int(sock.fileno())

    def receive(self) -> Optional[bytes]:
        """Bytes, b"" at the end, None if there are none yet."""
        try:
            return bytes(self._socket.recv(CHUNK))
        except _NOT_NOW:
            return None
        except ssl.SSLZeroReturnError:
            return b""

    def send(self, data: Any) -> int:
        """The number of bytes that were accepted."""
        try:
            return int(self._socket.send(data))
        except _NOT_NOW:
            return 0

    def end(self) -> bool:
        """End the sending direction; data can still be received. False: not completely sent yet, call again."""
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
        """Nothing to do: closing the answer closes the socket."""


class ChannelWay:
    """The bytes of a channel of paramiko, which reports when there is data to read, but not when it accepts more."""

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
        """Nothing to do: closing the answer closes the channel."""


class Duplex:
    """``to_send`` is sent while data is received; ``end``: end the sending direction afterwards.

    ``early``: data that was already received. ``close``: closes the connection. ``lost``: the error that broke the
    connection, if any; ``refused``: not all data was accepted. A process that ends without having read all of its input
    breaks the connection: with both, that may have been an orderly end.
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
        """The next bytes; b"" at the end; None if nothing was received within ``seconds`` (None: no limit)."""
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
        """Send what can be sent without blocking. False: nothing."""
        try:
            if self._unsent:
                sent = self._way.send(self._unsent[: 4 * CHUNK])
                self._unsent = self._unsent[sent:]
                return bool(sent)
            if self._to_end and self._way.end():
                self._to_end = False
                return True
        except OSError:
            # The other side does not read any more. What it wrote before can still be read.
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
        # read() calls this in a loop, so a shorter wait than requested does no harm.
        poll.poll(None if seconds is None else max(1, int(min(seconds, LONGEST) * 1000)))


def below(answer: Any, to_send: bytes, end: bool) -> Duplex:
    """The connection below an answer. Bytes that the reader of its headers has already read come first."""
    reader = answer.raw._fp.fp
    channel = getattr(reader, "channel", None)
    if channel is not None:
        return Duplex(ChannelWay(channel), reader.read(len(reader._rbuffer)), to_send, end, answer.close)
    way = SocketWay(reader.raw._sock)
    try:
        early = reader.read1(65536)
    except OSError:
        early = b""  # TLS raises this if nothing has been received.
    return Duplex(way, early, to_send, end, answer.close)


def _close_notify(sock: ssl.SSLSocket) -> bytes:
    """The message that ends the sending direction of a TLS connection, to be sent unencrypted by the caller.

    Python produces it only in ``unwrap()``, which also reads, and discards what it reads. So for that moment the
    socket's descriptor is replaced by one end of a pair: the message is taken from the other end, and there is nothing
    to read.
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
            pass  # It expects the other side's close_notify, which has not come.
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
