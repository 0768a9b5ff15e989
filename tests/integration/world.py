# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs and files of the image behind all image names in the documentation. Its command is "server"."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

# A server whose processes stay the same, and which logs what it does. After SIGHUP it reads its configuration again.
PROGRAMS = {
    "bin/server": "trap 'exit 0' INT TERM; trap 'echo reading the configuration again' HUP\n"
    "for port in 80 8000; do httpd -p $port -h /var/www; done\n"
    "echo ready to accept connections; echo listening on port 8000; while :; do sleep 1000 & wait $!; done",
    "bin/bash": 'exec sh "$@"',
    "bin/curl": 'exec wget -q -O - "$2"',
    "bin/initialise": '>"$2/VERSION"',
    "bin/nginx": 'test "$1" = -g && exec server; test "$1" != -t && exec kill -HUP 1\n'
    "echo the configuration is right; echo no warnings >&2",
    "bin/printenv": 'eval "echo \\$$1"',
    "bin/psql": 'test "$PGPASSWORD" = secret && grep -q CREATE',
    "bin/tcpdump": '>"$4" && exec server',
    "bin/warm-up": "sleep 1",
    "manage.py": 'echo "$*: done"',
}
FILES = {
    "srv/state": "ready\n",
    "var/cache/web/": "",
    "var/lib/db/": "",
    "var/log/web.log": "A line\n",
    "var/www/health": "healthy\n",
}


def add_programs(path: Path, more: Mapping[str, str] | None = None) -> None:
    """Add the programs, ``more`` programs, and the files to a tar archive with a root file system."""
    programs = {**PROGRAMS, **(more or {})}
    with tarfile.open(path, "a") as archive:
        for name, text in [*FILES.items(), *((name, "#!/bin/sh\n" + text) for name, text in programs.items())]:
            member = tarfile.TarInfo(name)
            member.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            member.mode, member.size = 0o777, len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
