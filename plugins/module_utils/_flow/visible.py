# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Control characters made visible in what Ansible writes to a terminal. Pure; only text that has some needs it.

Messages include text that a container or an engine wrote: an escape sequence in it could clear the screen, rename the
window, or hide what really happened.
"""

from __future__ import annotations

import re
from typing import Any

# All of C0 except tab and newline, DEL, and C1, which terminals obey as well.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def visible(value: Any) -> Any:
    """A text, or the texts of a list, with each control character written as ``\\x1b``.

    Tabs and line breaks stay; a terminal's line break (CR LF) becomes a newline.
    """
    if isinstance(value, str):
        return _CONTROLS.sub(_written, value.replace("\r\n", "\n"))
    if isinstance(value, (list, tuple)):
        return [visible(item) for item in value]
    return value


def _written(match: Any) -> str:
    return "\\x%02x" % ord(match[0])
