# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""community.docker, which the benchmark compares with and from whose docker_container people migrate, and
containers.podman, which the README compares as well."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "peer"
REQUIREMENTS = ROOT / "tests" / "requirements-peer.txt"
# The parts of the package that their modules need, including the collections themselves.
PARTS = (
    "ansible_collections/community/docker/",
    "ansible_collections/community/library_inventory_filtering_v1/",
    "ansible_collections/containers/podman/",
)
# The package requires a newer Python than its collections do: it is unpacked, not installed.
PYTHON = "3.13"


class PeerError(Exception):
    """Why the collections are not available."""


def collections() -> Path:
    """The directory that contains both collections, from the package that tests/requirements-peer.txt names."""
    CACHE.mkdir(parents=True, exist_ok=True)
    stamp, wanted = CACHE / "stamp", "\n".join([REQUIREMENTS.read_text(encoding="utf-8"), *PARTS])
    with (CACHE / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return CACHE
        print("Getting community.docker and containers.podman, once (some 50 MB)", flush=True)
        shutil.rmtree(CACHE / "ansible_collections", ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as directory:
            pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input", "download"]
            pip += ["--no-deps", "--only-binary", ":all:", "--python-version", PYTHON, "--dest", directory]
            done = subprocess.run([*pip, "--requirement", str(REQUIREMENTS)], check=False)
            if done.returncode:
                raise PeerError("Cannot get the package of %s: see above." % REQUIREMENTS.name)
            (wheel,) = Path(directory).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(CACHE, [name for name in archive.namelist() if name.startswith(PARTS)])
        stamp.write_text(wanted, encoding="utf-8")
    return CACHE
