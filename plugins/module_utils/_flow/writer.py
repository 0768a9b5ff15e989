# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The writer of something half-made: a name for this thread of this process, and whether it is still alive.

The name is part of the half-made object's own name, or a label, so that another task can find out whether the object
was abandoned or is still being worked on.
"""

from __future__ import annotations

import os
import re
import threading
from typing import Optional

NAME = r"([0-9a-f]{12})-([0-9]+)-([0-9]+)-([0-9]+)"


def this_writer() -> str:
    """The name of this thread, valid as long as it lives."""
    return "%s-%d-%d-%d" % (_place(), os.getpid(), _started(os.getpid()) or 0, threading.get_native_id())


def is_at_work(writer: str) -> Optional[bool]:
    """Whether the writer of this name can still be at work; None if it can't be seen from here, as on another host."""
    if re.fullmatch(NAME, writer) is None or not writer.startswith(_place() + "-"):
        return None
    process, started, thread = (int(number) for number in writer.split("-")[1:])
    if process == os.getpid():
        # A thread works on one thing at a time, so this thread is not at work on the other one.
        return thread != threading.get_native_id() and thread in {one.native_id for one in threading.enumerate()}
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # It exists, and belongs to another user.
    since = _started(process)
    # Its number may have been reused by another process.
    return since == started if since is not None and started else None


def _place() -> str:
    """Identifies the processes that this one can see: the host since its last boot, and the PID namespace."""
    import hashlib

    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            words = file.read() + os.readlink("/proc/self/ns/pid")
    except OSError:
        # A system without /proc, such as macOS. Host names are not unique, hence the hardware address; if there is
        # none, uuid picks a random one, and every other process counts as one on another host.
        import uuid

        words = "%s %x" % (os.uname().nodename, uuid.getnode())
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def _started(process: int) -> Optional[int]:
    """When a process started, in clock ticks since boot; 0: it has ended; None: it can't be seen."""
    try:
        with open("/proc/%d/stat" % process, "rb") as file:
            # The name, in brackets, may contain anything.
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return 0 if fields[0] in (b"Z", b"X") else int(fields[19])
