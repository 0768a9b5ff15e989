# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The peak memory of a process, for programs that tests start."""

from __future__ import annotations

from pathlib import Path


def peak() -> int:
    """The peak memory of this program so far, in KiB.

    The peak that ``getrusage`` reports begins with the memory of the parent process, and would hide any growth below
    it.
    """
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines())
    return int(status["VmHWM"].split()[0])
