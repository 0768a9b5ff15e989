# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directories and files of other users, for the tests of where an archive may be written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

ROOT, MALLORY, ALICE = 0, 65534, 54321
STICKY, OPEN, GROUP, STICKY_GROUP, CLOSED = 0o1777, 0o777, 0o775, 0o1775, 0o755
MINE, PRECIOUS = b"what is there", b"precious"


def reached_by_all(tmp_path: Path) -> Path:
    """A directory that all users can reach."""
    for above in (tmp_path, *tmp_path.parents):
        if above == Path(tempfile.gettempdir()):
            break
        above.chmod(0o755)
    found = tmp_path / "shared"
    found.mkdir()
    return found


def shared(directory: Path, mode: int, owner: int = ROOT) -> Path:
    directory.chmod(mode)
    os.chown(directory, owner, owner)
    return directory


def put(path: Path, owner: int, data: bytes = MINE) -> Path:
    path.write_bytes(data)
    os.chown(path, owner, owner)
    return path


def snapshot(*paths: Path) -> list[Any]:
    found = []
    for path in paths:
        of = path.lstat()
        found.append((of.st_ino, of.st_mode, of.st_uid, of.st_gid, of.st_nlink, of.st_mtime_ns, of.st_ctime_ns))
        found.append(sorted(os.listdir(path)) if path.is_dir() else path.read_bytes() if path.is_file() else "")
    return found
