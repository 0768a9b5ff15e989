# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is at work on something half-made: a name for this thread of this process, and whether such a one still lives.

What is half-made bears the name, as a part of its own name or as a label, so that who finds it knows whether it was
left, or is being worked on.
"""

from __future__ import annotations

import os
import re
import threading
from typing import Optional

NAME = r"([0-9a-f]{12})-([0-9]+)-([0-9]+)-([0-9]+)"


def this_writer() -> str:
    """The name of this thread, for as long as it lives."""
    return "%s-%d-%d-%d" % (_place(), os.getpid(), _started(os.getpid()) or 0, threading.get_native_id())


def is_at_work(writer: str) -> Optional[bool]:
    """Whether the writer of this name can still be at work; None: it can't be seen from here, as on another host."""
    if re.fullmatch(NAME, writer) is None or not writer.startswith(_place() + "-"):
        return None
    process, started, thread = (int(number) for number in writer.split("-")[1:])
    if process == os.getpid():
        # A thread does one thing after the other: what it works on now is not that.
        return thread != threading.get_native_id() and thread in {one.native_id for one in threading.enumerate()}
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # It is there, and another user's.
    since = _started(process)
    # Another process may have its number by now.
    return since == started if since is not None and started else None


def _place() -> str:
    """What tells the processes from others that this one can see: its host since it was started, and its namespace."""
    import hashlib

    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            words = file.read() + os.readlink("/proc/self/ns/pid")
    except OSError:
        # A system without /proc, such as macOS. Hosts may have one name; where there is no address either, uuid draws
        # one at random, and what is not seen then is another host's.
        import uuid

        words = "%s %x" % (os.uname().nodename, uuid.getnode())
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def _started(process: int) -> Optional[int]:
    """When a process started, in the kernel's ticks; 0: it has ended; None: it can't be seen."""
    try:
        with open("/proc/%d/stat" % process, "rb") as file:
            # The name, in brackets, may have anything in it.
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return 0 if fields[0] in (b"Z", b"X") else int(fields[19])
