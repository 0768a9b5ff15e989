# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ends a task early: a signal, its time limit, or the end of the process that started it.

Each is noted when it arrives, and raises Ended only in a step that can be abandoned at any point, such as a wait, or
before the next step. So it is always known whether a step was done, and an undo is never abandoned midway, even if
Ctrl-C is pressed twice.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from typing import Any, Dict, List, Optional

from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Ended
from ansible_collections.wharf.docker.plugins.module_utils._flow.caller import (
    caller_is_gone,
    parent_of_worker,
    watched,
)

DONE = " What it had to do was done by then."


class Interruption:
    """The interruption of one thread; only a process's main thread gets signals. ``came``: the one ending the task."""

    def __init__(self) -> None:
        self.came: Optional[int] = None
        self._former: Dict[int, Any] = {}
        self._open = False
        self._around: List[bool] = []
        self._gone = False
        self._watch = contextlib.ExitStack()

    def enter(self) -> None:
        """Install the signal handlers. Calls can be nested."""
        self._around.append(self._open)
        self._open = False
        if len(self._around) > 1 or threading.current_thread() is not threading.main_thread():
            return
        self._gone = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
            former = signal.getsignal(number)
            # SIGHUP also reports that the caller is gone. An alarm is taken over only if it has a handler.
            wanted = callable(former) if number == signal.SIGALRM else former != signal.SIG_IGN
            if former is not None and (wanted or number == signal.SIGHUP):
                self._former[number] = former
                signal.signal(number, self._arrived)
        if caller_is_gone():
            self._on_gone()
        else:
            self._watch.enter_context(watched(self._on_gone))

    def leave(self, error: Optional[BaseException]) -> None:
        """Restore the signal handlers. Raises Ended if a signal came and the task would end without an ``error``."""
        self._open = self._around.pop()
        if self._around:
            if error is None and self._open:
                self.check()
            return
        self._watch.close()
        former, self._former = self._former, {}
        for number, handler in former.items():
            signal.signal(number, handler)
        came, self.came = self.came, None
        if came is None:
            return
        if came != signal.SIGALRM:
            _pass_on(came, former.get(came))
        if error is None:
            try:
                self._raise(came, former)
            except Ended as ended:
                ended.message += DONE
                ended.facts.setdefault("changed", True)
                raise

    def open(self) -> None:
        """Until close(), Ended can be raised at any point."""
        self._open = True
        self.check()

    def close(self) -> None:
        self._open = False

    def check(self) -> None:
        """Raise Ended if the task must not go on."""
        if self.came is not None:
            self._raise(self.came, self._former)

    def _on_gone(self) -> None:
        """Called in another thread: the signal makes the main thread abandon what it waits for."""
        self._gone = True
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGHUP)

    def _arrived(self, number: int, _frame: Any) -> None:
        if number == signal.SIGHUP and self._former.get(number) == signal.SIG_IGN and not self._gone:
            return
        first = self.came is None
        if first or self.came == signal.SIGALRM:
            self.came = number
        if first and self._open:
            self._raise(number, self._former)

    def _raise(self, number: int, former: Dict[int, Any]) -> None:
        if number == signal.SIGALRM:
            former[number](number, None)  # The former handler raises, and reports which limit it is.
            self.came = None
            return
        if self._gone:
            raise Ended("The task was ended, since the program that began it is gone.")
        raise Ended("The task was ended by %s." % signal.Signals(number).name)


def _pass_on(number: int, handler: Any) -> None:
    """Do what the process would do with the signal, since everything is undone.

    A worker of Ansible exits: otherwise it would process the other items of a loop, for nobody. A module returns its
    result.
    """
    if callable(handler):
        handler(number, None)
    if parent_of_worker() is not None:
        os._exit(1)


_OF_MAIN_THREAD = Interruption()


def interruption() -> Interruption:
    """The interruption of this thread."""
    return _OF_MAIN_THREAD if threading.current_thread() is threading.main_thread() else Interruption()
