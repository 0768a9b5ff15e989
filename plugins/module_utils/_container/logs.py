# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a container wrote to stdout and stderr."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from typing import TYPE_CHECKING, Iterator, List, Optional, Tuple, Union

from ansible_collections.wharf.docker.plugins.module_utils._engine.client import (
    Engine,
    segment,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    EngineError,
    Failure,
)

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._engine.response import Stream

# How many characters of a container's output a message shows.
MOST_SHOWN = 2000


def output(stream: Stream, tty: bool) -> Iterator[Tuple[int, bytes]]:
    """(1 for stdout or 2 for stderr, bytes) as they arrive. A terminal has one stream for both: stdout."""
    if tty:
        return ((1, chunk) for chunk in stream.chunks())
    return stream.frames()


def apart(pieces: Iterator[Tuple[int, bytes]]) -> Tuple[str, str]:
    """(stdout, stderr) of ``output()``, joined once; bytes that are not valid UTF-8 become U+FFFD."""
    parts: Tuple[List[bytes], List[bytes]] = ([], [])
    for number, piece in pieces:
        parts[1 if number == 2 else 0].append(piece)
    return b"".join(parts[0]).decode("utf-8", "replace"), b"".join(parts[1]).decode("utf-8", "replace")


def last_lines(
    engine: Engine,
    container_id: str,
    tty: bool,
    count: int = 10,
    within: Optional[float] = None,
    most: Optional[int] = MOST_SHOWN,
) -> str:
    """The last lines of a container for an error message; "": the engine has none, or no such container.

    ``within``: how many seconds each part of the response may take (None: as the option timeout says); ``most``: as in
    ``shortened()``.
    """
    query = {"stdout": True, "stderr": True, "tail": count, "follow": False}
    path = "/containers/%s/logs" % segment(container_id)
    within = engine.timeout if within is None else within
    try:
        stream = engine.stream("GET", path, tried="read its last lines", query=query, within=within, idle=within)
        try:
            text = b"".join(piece for _number, piece in output(stream, tty)).decode("utf-8", "replace").strip()
        finally:
            stream.close()
    except EngineError:
        return ""
    return shortened(text, most)


def shortened(text: str, most: Optional[int] = MOST_SHOWN) -> str:
    """At most so many characters of the end of a text (None: all): a line of a log may be of any length."""
    return text if most is None or len(text) <= most else "... " + text[-most:]


class Following:
    """A stream that is read in a separate thread, so that its consumer can stop waiting.

    A read with a time limit is not enough: not every transport has one (the ssh client has none).
    """

    # The most pieces that wait here to be read: more stay with the engine.
    WAITING = 100

    def __init__(self, stream: Stream, tty: bool) -> None:
        self._stream = stream
        self._pieces: queue.Queue[Union[Tuple[int, bytes], Failure, None]] = queue.Queue(self.WAITING)
        self._closed = False
        self._thread = threading.Thread(target=self._read, args=(tty,), daemon=True)
        self._thread.start()

    def next(self, seconds: Optional[float]) -> Optional[Tuple[int, bytes]]:
        """The next piece of ``output()``; None at the end. queue.Empty: ``seconds`` (None: no limit) are over."""
        piece = self._pieces.get(timeout=None if seconds is None else max(seconds, 0.001))
        if isinstance(piece, Failure):
            raise piece
        return piece

    def close(self) -> None:
        self._closed = True
        self._stream.interrupt()
        began = time.monotonic()
        while self._thread.is_alive() and time.monotonic() - began < 2:
            with contextlib.suppress(queue.Empty):
                self._pieces.get_nowait()
            self._thread.join(0.01)
        if not self._thread.is_alive():
            self._stream.close()

    def _read(self, tty: bool) -> None:
        last: Optional[Failure] = Failure("Cannot follow the log: reading it ended in a way that is not known.")
        try:
            for piece in output(self._stream, tty):
                if self._closed:
                    return
                self._pieces.put(piece)
            last = None
        except Failure as failure:
            last = failure
        finally:
            self._pieces.put(last)
