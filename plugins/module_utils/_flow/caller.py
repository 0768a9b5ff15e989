# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process that started this task, and whether it still exists: without it, nobody reads the task's result."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
from typing import Callable, Iterator, Optional

EVERY = 0.2  # the interval between two checks, in seconds


# The process that imported this file, and its parent.
_IMPORTED, _BEGUN_BY = os.getpid(), os.getppid()


def parent_of_worker() -> Optional[int]:
    """The process that forked this one as a worker, as Ansible does; None if this is not such a worker."""
    process = sys.modules.get("multiprocessing.process")
    parent = process.parent_process() if process is not None else None
    # Only this process's own parent can be watched. multiprocessing may have forked it through a helper process (its
    # fork server), which is not the process that waits for the result.
    known = _BEGUN_BY if os.getpid() == _IMPORTED else _IMPORTED
    return known if parent is not None and parent.pid == known else None


def caller_is_gone() -> bool:
    parent = parent_of_worker()
    if parent is not None:
        return os.getppid() != parent
    # Between a module and the process that waits for its result are a shell and perhaps ssh or become. If any of them
    # ends, nobody reads what the module writes.
    poll = select.poll()
    poll.register(1, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _file, event in poll.poll(0))


@contextlib.contextmanager
def watched(on_gone: Callable[[], None]) -> Iterator[None]:
    """Call ``on_gone`` once, in another thread, if the caller ends in the meantime."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(EVERY):
            if caller_is_gone():
                if not done.is_set():
                    on_gone()
                return

    # A signal that the kernel delivers to this thread would not wake the main thread, where Python runs signal
    # handlers. A thread inherits the mask of the thread that starts it.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        threading.Thread(target=watch, name="caller", daemon=True).start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    try:
        yield
    finally:
        done.set()
