# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the steps of a copy into a container do: one tar is unpacked there, and what is too many is removed."""

from __future__ import annotations

import tempfile
from typing import IO, TYPE_CHECKING, Dict, Iterator, List, Mapping, Sequence, Type

from ansible_collections.wharf.docker.plugins.module_utils._archive.copied import (
    CopyInto,
    RemoveInside,
    listed,
    raw,
    shown,
)
from ansible_collections.wharf.docker.plugins.module_utils._archive.tree import CHUNK, Source, pack
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import segment
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor, Operation


# How many bytes of names, with what stands before each, are arguments of one command: kernels allow 128 KiB and more.
MOST_ARGUMENTS = 64 * 1024
MOST_PATH = 256


def operations(sources: Mapping[str, Source], tried: str) -> Mapping[Type[Step], Operation]:
    """For one copy of ``sources``; ``tried``: what errors say was tried."""

    def copy(executor: Executor, step: CopyInto) -> None:
        chosen = {name: sources[name] for name in step.names}
        with _spool(tried) as file:
            _fill(file, chosen, step.prefix, tried)
            executor.engine.put_archive(
                "/containers/%s/archive" % segment(step.container),
                tried=tried,
                query={"path": raw(step.point), "noOverwriteDirNonDir": "true"},
                data=_Body(file),
            )

    def remove(executor: Executor, step: RemoveInside) -> None:
        for program, names in ((("rm", "-f"), step.files), (("rmdir",), step.directories)):
            for batch in batches(names):
                _run(executor, step, program, batch, tried)

    return {CopyInto: copy, RemoveInside: remove}


class _Body:
    """A file as a body whose length is known (requests asks ``len()``): an engine's early refusal of it can be read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = file.seek(0, 2)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        return iter(lambda: self._file.read(CHUNK), b"")


def _spool(tried: str) -> IO[bytes]:
    try:
        return tempfile.TemporaryFile(prefix="wharf-copy-")
    except OSError as error:
        raise _no_room(tried, error) from None


def _fill(file: IO[bytes], sources: Dict[str, Source], prefix: str, tried: str) -> None:
    try:
        pack(file, sources, prefix, tried)
        file.flush()
    except OSError as error:
        raise _no_room(tried, error) from None


def _no_room(tried: str, error: OSError) -> Failure:
    return Failure(
        "Cannot %s: the archive to send can't be written to %s on the host where the task runs: %s. Nothing was "
        "copied. Make room there, or set the environment variable TMPDIR."
        % (tried, tempfile.gettempdir(), error.strerror or error)
    )


def batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Names in portions for one command each. Names that can't be written as JSON have portions of their own."""
    batch: List[str] = []
    size = 0
    for name in names:
        if batch and (is_text(name) != is_text(batch[0]) or size + len(raw(name)) > MOST_ARGUMENTS):
            yield batch
            batch, size = [], 0
        batch.append(name)
        size += len(raw(name)) + MOST_PATH
    if batch:
        yield batch


def is_text(name: str) -> bool:
    return shown(name) == name


def _run(executor: Executor, step: RemoveInside, program: Sequence[str], names: Sequence[str], tried: str) -> None:
    """Remove these names with a program of the container."""
    from ansible_collections.wharf.docker.plugins.module_utils._apply.exec import Process
    from ansible_collections.wharf.docker.plugins.module_utils._container.output import Output

    paths = ["%s/%s" % (step.root.rstrip("/"), name) for name in names]
    argv, stdin, needed = [*program, "--", *paths], None, program[0]
    if not is_text(names[0]):
        # An argument of the API is text. What a program reads may be any bytes.
        argv, needed = ["xargs", "-0", *program, "--"], "xargs and " + program[0]
        stdin = b"".join(raw(path) + b"\0" for path in paths)
    output = Output(False, 4096)
    what = "remove %s in the container with the program %s" % (listed(names, 3), needed)
    try:
        ended = Process(executor.engine, step.container, argv, tried, user="0").run({}, "/", stdin, None, output)
    except Failure as failure:
        failure.message += " It was to %s." % what
        failure.facts = {}
        raise
    if ended.rc:
        words = shown(output.stderr.text().strip()) or "it ended with exit code %d" % ended.rc
        raise Failure("Cannot %s: could not %s: %s. Run the task again to see what is left." % (tried, what, words))
