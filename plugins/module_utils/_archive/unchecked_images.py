# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The temporary names of imported images that are not checked yet, and names that killed imports left.

A name identifies the process of its import. If that can be seen from here, the name is left over exactly if the process
has ended. Processes of other hosts can't be seen, so there the age of the image decides: a running import removes the
temporary name in the moment after its image was created.
"""

from __future__ import annotations

import os
import re
from typing import List

from ansible_collections.wharf.docker.plugins.module_utils._engine.again import list_images
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._flow.writer import is_at_work, this_writer
from ansible_collections.wharf.docker.plugins.module_utils._values import time as _values_time

TAG = "unchecked"
CAUSE = "an import that was killed left it"
# The age, in seconds, from which an image is treated as left over if the process of its import can't be seen.
OLD = 3600
_BEGINNING = "wharf-import-"
_NAME = re.compile(
    r"(?:localhost/|docker\.io/library/)?%s(?:([0-9a-f]{12}-[0-9]+-[0-9]+-[0-9]+)-)?[0-9a-f]+:%s" % (_BEGINNING, TAG)
)


def new_name() -> str:
    """A name for one import of this thread."""
    return _BEGINNING + this_writer() + "-" + os.urandom(8).hex()


def may_be_needed(name: str) -> bool:
    """Whether an image has this name of an import that may be at work yet."""
    found = _NAME.fullmatch(name)
    return found is not None and is_at_work(found.group(1) or "") is not False


def left_names(engine: Engine) -> List[str]:
    """The full names that killed imports left. One call, and one more if an age decides."""
    query = {"filters": {"reference": ["*%s*:%s" % (_BEGINNING, TAG)]}}
    left, unsure = [], []
    for image in list_images(engine, "look for images of imports that were killed", query):
        for name in image["RepoTags"] or []:
            found = _NAME.fullmatch(name)
            if found is None:
                continue
            at_work = is_at_work(found.group(1) or "")
            if at_work is None:
                unsure.append((name, int(image["Created"])))
            elif not at_work:
                left.append(name)
    if unsure:
        time = _values_time.read(str(engine.get("/info", tried="ask the engine's clock")["SystemTime"]))
        now = _values_time.nanoseconds(*time) / _values_time.SECOND if time else 0
        left += [name for name, created in unsure if now - created > OLD]
    return sorted(left)
