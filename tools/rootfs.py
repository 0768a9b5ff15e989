# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small root file system as a tar archive, made from the distribution's busybox-static. The same bytes each time."""

from __future__ import annotations

import io
import shutil
import sys
import tarfile

APPLETS = (
    "awk cat chmod cp date dd df du echo env false find grep head hostname httpd id ip kill ln ls mkdir mount mv nc "
    "nslookup ping printf ps pwd rm sed seq sh sleep sort stat tail tar test top touch tr true uname wc wget which"
)
FOLDERS = ("bin", "dev", "etc", "proc", "root", "sys", "tmp", "var", "var/www")
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "var/www/index.html": "It works\n",
}


def write(path: str) -> None:
    """Write the tar to ``path``."""
    busybox = shutil.which("busybox", path="/bin:/usr/bin")
    if busybox is None:
        sys.exit("There is no busybox here: install the package busybox-static.")
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for directory in FOLDERS:
            member = tarfile.TarInfo(directory)
            member.type, member.mode = tarfile.DIRTYPE, 0o1777 if directory == "tmp" else 0o755
            archive.addfile(member)
        with open(busybox, "rb") as file:
            member = tarfile.TarInfo("bin/busybox")
            member.mode = 0o755
            member.size = file.seek(0, io.SEEK_END)
            file.seek(0)
            archive.addfile(member, file)
        for applet in APPLETS.split():
            member = tarfile.TarInfo("bin/" + applet)
            member.type, member.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(member)
        for name, text in sorted(FILES.items()):
            member = tarfile.TarInfo(name)
            member.mode, member.size = 0o644, len(text)
            archive.addfile(member, io.BytesIO(text.encode()))


if __name__ == "__main__":
    write(sys.argv[1])
