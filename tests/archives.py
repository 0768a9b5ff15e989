# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Archives that tests import."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import zlib
from pathlib import Path


def tar(path: Path, text: str = "one", members: int = 1, form: int = tarfile.GNU_FORMAT) -> str:
    """Write a small archive, the same for the same arguments. Returns its path."""
    with tarfile.open(path, "w", format=form) as archive:
        for number in range(members):
            member = tarfile.TarInfo("file%d" % number)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return str(path)


def with_tar(path: Path, *options: str) -> str:
    """Write an archive of a directory with a sparse file, as GNU tar writes it."""
    directory = path.parent / (path.name + ".of")
    directory.mkdir()
    with open(directory / "holes", "wb") as file:
        for at in range(0, 1_000_000, 200_000):
            file.seek(at)
            file.write(b"x" * 5000)
    subprocess.run(["tar", *options, "-cf", str(path), "-C", str(directory), "."], check=True)
    return str(path)


def large(path: Path, size: int) -> str:
    """Write a gzip file of few bytes that unpacks to an archive with a file of ``size`` zeros."""
    info = tarfile.TarInfo("zeros")
    info.size = size
    packer = zlib.compressobj(1, wbits=31)
    with open(path, "wb") as file:
        file.write(packer.compress(info.tobuf()))
        for _mebibyte in range(size // 2**20):
            file.write(packer.compress(bytes(2**20)))
        file.write(packer.compress(bytes(1024)) + packer.flush())
    return str(path)


def sparse(path: Path, size: int) -> str:
    """Write a small archive with a sparse file of that size, which is one hole."""
    directory = path.parent / (path.name + ".of")
    directory.mkdir()
    with open(directory / "holes", "wb") as file:
        file.truncate(size)
    subprocess.run(["tar", "--format=pax", "-S", "-cf", str(path), "-C", str(directory), "."], check=True)
    assert os.path.getsize(path) < 20_000
    return str(path)
