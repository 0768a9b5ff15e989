# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Response streams: an answer of the engine is read while it arrives, as frames, as bytes, or as one document.

Imported only by code that reads a response stream.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from typing import Any, Dict, Iterator, List, Optional, Tuple, Type, cast

from ansible_collections.wharf.docker.plugins.module_utils._engine import chunked as _chunked
from ansible_collections.wharf.docker.plugins.module_utils._engine.documents import (
    document,
    strange,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    EngineError,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import (
    no_frame,
    sentence,
)


class Stream:
    """The body of an answer. ``broken``: the exceptions that reading it raises if the connection breaks.

    ``idle``: the maximum number of seconds between two parts of it; None: no limit.
    """

    def __init__(
        self, answer: Any, tried: str, url: str, broken: Tuple[Type[Exception], ...], idle: Optional[float] = None
    ) -> None:
        self._answer = answer
        self._tried = tried
        self._url = url
        self._breaks = broken
        self._idle = idle
        # An attached container without a terminal sends frames, one with a terminal raw bytes. Engines before API 1.42
        # give both the same content type, so the reader must know which to expect.

    def frames(self) -> Iterator[Tuple[int, bytes]]:
        """(1 for stdout or 2 for stderr, bytes) of a container or exec without a terminal.

        Each frame has a header of 8 bytes: the stream, three zeros, and the length of what follows.
        """
        try:
            for kind, payload in _chunked.frames(self._blocks()):
                if kind == 3:  # A message of the engine itself, which can't read on.
                    words = payload.decode("utf-8", "replace")
                    raise EngineError("Cannot %s: the engine answered: %s" % (self._tried, sentence(words)))
                yield kind, payload
        except _chunked.FrameError as error:
            raise strange(self._tried, self._url, no_frame(error.header), self._answer) from None
        except _chunked.ChunkError as error:
            raise self._broken(error) from None
        except self._breaks as error:
            raise self._broken(error) from None

    def chunks(self, size: int = 65536) -> Iterator[bytes]:
        """The bytes as they arrive. ``size``: the most at a time if the answer has a length."""
        file = self._connection()
        try:
            if file is not None:
                yield from _chunked.body(file)
                return
            for chunk in self._answer.iter_content(size):
                yield bytes(chunk)
        except _chunked.ChunkError as error:
            raise self._broken(error) from None
        except self._breaks as error:
            raise self._broken(error) from None

    def json(self) -> Dict[str, Any]:
        """The whole body as a JSON document; waits for its end."""
        return self._object(b"".join(self.chunks()))

    def documents(self) -> Iterator[Dict[str, Any]]:
        """JSON documents, one per line."""
        rest = b""
        for chunk in self.chunks():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                if line.strip():
                    yield self._object(line)
        if rest.strip():
            yield self._object(rest)

    def _object(self, text: bytes) -> Dict[str, Any]:
        return cast("Dict[str, Any]", document(text, self._tried, self._url, answer=self._answer))

    def close(self) -> None:
        self._answer.close()

    def interrupt(self) -> None:
        """End another thread's reading at once. Closing would wait until more data arrives."""
        raw = self._answer.raw
        with contextlib.suppress(OSError, AttributeError):
            if stat.S_ISSOCK(os.fstat(raw.fileno()).st_mode):
                with socket.socket(fileno=os.dup(raw.fileno())) as connection:
                    connection.shutdown(socket.SHUT_RDWR)
                return
        # With ssh there is no socket, but the SDK's substitute for one.
        with contextlib.suppress(OSError, AttributeError):
            raw.connection.sock.close()

    def _blocks(self) -> Iterator[bytes]:
        """The bytes as they arrive, for ``frames()``."""
        return self.chunks() if getattr(self._answer.raw, "chunked", False) else self._frame_by_frame()

    def _frame_by_frame(self) -> Iterator[bytes]:
        """The bytes of an answer without chunks, of which reading more than a frame would wait for the next one."""
        while True:
            header = self._exactly(8)
            if not header:
                return
            yield header
            if len(header) == 8:
                yield self._exactly(int.from_bytes(header[4:], "big"))

    def _exactly(self, size: int) -> bytes:
        parts: List[bytes] = []
        while size > 0:
            part = self._answer.raw.read(size)
            if not part:
                break
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _connection(self) -> Any:
        """The open file of the connection, if the body has chunks; None: something else has to read the body."""
        raw = self._answer.raw
        if not getattr(raw, "chunked", False) or self._answer.headers.get("Content-Encoding", "identity") != "identity":
            return None
        file = getattr(getattr(raw, "_fp", None), "fp", None)
        return file if hasattr(file, "read1") else None  # With paramiko it has none.

    def _broken(self, error: BaseException) -> EngineError:
        words = sentence(str(error))
        if self._idle is not None and "timed out" in words:
            return EngineError(
                "Cannot %s: the engine began to answer, and then nothing came for %g seconds. Look at the engine's "
                "log, or give the option timeout a larger value." % (self._tried, self._idle)
            )
        return EngineError(
            "Cannot %s: the connection to the engine at %s broke in the middle of its answer: %s Look at the engine's "
            "log, and at what stands in between." % (self._tried, self._url, words)
        )


def limit(answer: Any, seconds: Optional[float]) -> None:
    """Set the time limit of each further read, instead of the limit for the answer's beginning; None: no limit."""
    reader = getattr(answer.raw._fp, "fp", None)
    # With paramiko there is a channel instead of a socket. An answer without a body has neither.
    below = getattr(reader, "channel", None) or getattr(getattr(reader, "raw", None), "_sock", None)
    if below is not None:
        below.settimeout(seconds)
