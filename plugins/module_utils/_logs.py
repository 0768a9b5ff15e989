# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a container wrote to stdout and stderr."""

from __future__ import annotations

from typing import Iterator, List, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._engine import Engine, EngineError, Stream, segment


def output(stream: Stream, tty: bool) -> Iterator[Tuple[int, bytes]]:
    """(1 for stdout or 2 for stderr, bytes) as they come. A terminal has one stream for both: stdout."""
    if tty:
        return ((1, chunk) for chunk in stream.chunks())
    return stream.frames()


def apart(pieces: Iterator[Tuple[int, bytes]]) -> Tuple[str, str]:
    """(stdout, stderr) of ``output()``, joined once; bytes that are no UTF-8 become U+FFFD."""
    parts: Tuple[List[bytes], List[bytes]] = ([], [])
    for number, piece in pieces:
        parts[1 if number == 2 else 0].append(piece)
    return b"".join(parts[0]).decode("utf-8", "replace"), b"".join(parts[1]).decode("utf-8", "replace")


def last_lines(engine: Engine, container_id: str, tty: bool, count: int = 10) -> str:
    """The last lines of a container for an error message; "" where the engine keeps none or it is gone."""
    query = {"stdout": True, "stderr": True, "tail": count, "follow": False}
    try:
        stream = engine.stream(
            "GET", "/containers/%s/logs" % segment(container_id), tried="read its last lines", query=query
        )
    except EngineError:
        return ""
    try:
        return b"".join(piece for _number, piece in output(stream, tty)).decode("utf-8", "replace").strip()
    finally:
        stream.close()
