# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Python packages that only one part needs, in their own directory below .cache, to keep them out of .venv."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def fetched(name: str, *options: str) -> Path:
    """The directory with the packages of tests/requirements-NAME.txt, fetched once. ``options`` are for pip."""
    requirements, cache = ROOT / "tests" / ("requirements-%s.txt" % name), ROOT / ".cache" / name
    cache.mkdir(parents=True, exist_ok=True)
    stamp, wanted = cache / "stamp", sys.version + requirements.read_text(encoding="utf-8")
    packages = cache / "packages"
    with (cache / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
            shutil.rmtree(packages, ignore_errors=True)
            pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input", "install"]
            subprocess.run([*pip, *options, "--target", str(packages), "--requirement", str(requirements)], check=True)
            stamp.write_text(wanted, encoding="utf-8")
    return packages
