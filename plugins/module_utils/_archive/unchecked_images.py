# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names under which images are imported until they are known to be right, and those that killed imports left.

A name says which process imports under it: where that can be looked at, a name is left exactly where its process is
gone. Of another host's process it can't be known, so there the age of the image decides: an import that is at work
gives such a name away in the moment after its image was made.
"""

from __future__ import annotations

import os
import re
import threading
from typing import List, Optional

from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._values import time as _values_time

TAG = "unchecked"
CAUSE = "an import that was killed left it"
# From which age on, in seconds, an image is taken for left whose import can't be looked at.
OLD = 3600
_BEGINNING = "wharf-import-"
# Where the process is, its number, when it started, and its thread.
_NAME = re.compile(
    r"(?:localhost/|docker\.io/library/)?%s(?:([0-9a-f]{12})-([0-9]+)-([0-9]+)-([0-9]+)-)?[0-9a-f]+:%s"
    % (_BEGINNING, TAG)
)


def new_name() -> str:
    """A name for one import of this thread."""
    place, started = _place(), _started(os.getpid())
    writer = "%s-%d-%d-%d-" % (place, os.getpid(), started, threading.get_native_id()) if place and started else ""
    return _BEGINNING + writer + os.urandom(8).hex()


def left_names(engine: Engine) -> List[str]:
    """The full names that imports left which were killed. One call, and one more where an age decides."""
    query = {"filters": {"reference": ["*%s*:%s" % (_BEGINNING, TAG)]}}
    images = engine.get("/images/json", tried="look for images of imports that were killed", query=query)
    left, unsure = [], []
    for image in images:
        for name in image["RepoTags"] or []:
            found = _NAME.fullmatch(name)
            if found is None:
                continue
            if found.group(1) and found.group(1) == _place():
                if not _is_importing(*(int(number) for number in found.groups()[1:])):
                    left.append(name)
            else:
                unsure.append((name, int(image["Created"])))
    if unsure:
        time = _values_time.read(str(engine.get("/info", tried="ask the engine's clock")["SystemTime"]))
        now = _values_time.nanoseconds(*time) / _values_time.SECOND if time else 0
        left += [name for name, created in unsure if now - created > OLD]
    return sorted(left)


def _is_importing(process: int, started: int, thread: int) -> bool:
    """Whether the process of a name can still be at work on it."""
    if process == os.getpid():
        # A thread imports one archive after the other.
        return thread != threading.get_native_id() and os.path.exists("/proc/self/task/%d" % thread)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # It is there, and another user's.
    since = _started(process)
    return since is None or since == started


def _place() -> str:
    """What tells the processes from others that this one can see: its host since it was started, and its namespace."""
    import hashlib

    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            words = file.read() + os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""
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
