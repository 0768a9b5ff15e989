# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Releases of ansible-core, each in its own virtual environment below .cache/cores, together with the Docker SDK."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "cores"

# Release → the versions of Python that it runs on, see
# https://docs.ansible.com/ansible/latest/reference_appendices/release_and_maintenance.html
RELEASES: Mapping[str, Sequence[str]] = {
    "2.17": ("3.10", "3.11", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
}


class MissingError(Exception):
    """No Python that the release runs on is installed here."""


def programs(release: str) -> Path:
    """The directory with the programs of a release ("2.17"), which is installed first if it is missing."""
    directory, stamp = CACHE / release, CACHE / release / ".stamp"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / (release + ".lock")).open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = ["ansible-core==%s.*" % release, "docker>=7,<8", "zstandard>=0.22,<1"]
        # The programs of a virtual environment contain its path: it can't be moved.
        stamped = " ".join([*wanted, str(directory.resolve())])
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != stamped:
            shutil.rmtree(directory, ignore_errors=True)
            subprocess.run([python_for(release), "-m", "venv", str(directory)], check=True)
            pip = [str(directory / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
            subprocess.run(pip + wanted, check=True)
            stamp.write_text(stamped, encoding="utf-8")
    return directory / "bin"


def python_for(release: str) -> str:
    """The newest installed Python that the release runs on. MissingError if there is none."""
    for version in reversed(RELEASES[release]):
        for path in interpreters(version):
            told = subprocess.run(
                [path, "-c", "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"],
                capture_output=True,
                text=True,
                check=False,
            )
            if told.stdout.strip() == version:
                return path
    raise MissingError("ansible-core %s needs Python %s" % (release, " or ".join(RELEASES[release])))


def interpreters(version: str) -> Iterator[str]:
    """Where to look for a version of Python: in PATH, among the versions of pyenv, and the Python that runs this."""
    found = shutil.which("python" + version)
    if found:
        yield found
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    yield from (str(path) for path in sorted(pyenv.glob(version + ".*/bin/python")))
    yield str(getattr(sys, "_base_executable", sys.executable))
