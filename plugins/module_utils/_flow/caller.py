# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who began this task, and whether that one is still there: nobody is told what a task does after that."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
from typing import Callable, Iterator, Optional

EVERY = 0.2  # how often is looked, in seconds


# In which process this file was imported, and by whom that one was begun.
_IMPORTED, _BEGUN_BY = os.getpid(), os.getppid()


def parent_of_worker() -> Optional[int]:
    """The process that forked this one to share its work, as Ansible does with its workers; None: this is none."""
    process = sys.modules.get("multiprocessing.process")
    parent = process.parent_process() if process is not None else None
    # One that forks for others, as multiprocessing has it too, is another one, and the only one that can be watched.
    known = _BEGUN_BY if os.getpid() == _IMPORTED else _IMPORTED
    return known if parent is not None and parent.pid == known else None


def caller_is_gone() -> bool:
    parent = parent_of_worker()
    if parent is not None:
        return os.getppid() != parent
    # Between a module and who waits for its result there are a shell, and a program for ssh or another user. Whichever
    # of them goes, nobody reads what the module writes any more.
    poll = select.poll()
    poll.register(1, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _file, event in poll.poll(0))


@contextlib.contextmanager
def watched(on_gone: Callable[[], None]) -> Iterator[None]:
    """Call ``on_gone`` once, in another thread, if the caller goes meanwhile."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(EVERY):
            if caller_is_gone():
                if not done.is_set():
                    on_gone()
                return

    # A signal that the kernel gives to this thread does not wake the main one, which Python has its handlers run in. A
    # thread has the mask of the one that starts it.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        threading.Thread(target=watch, name="caller", daemon=True).start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    try:
        yield
    finally:
        done.set()
