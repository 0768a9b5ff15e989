# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the package with the tools of others: galaxy-importer, reuse and ansible-builder, without a container engine.

Fails if one of them complains: each warning of galaxy-importer counts.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import release
import yaml

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "tests" / "requirements-package.txt"
PLACE = ROOT / ".cache" / "package"
PROGRAMS = PLACE / "bin"


def install() -> None:
    """Install the tools into a virtual environment for them. Nothing is done if they are there already."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    stamp = PLACE / ".stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print("Installing the Python packages of %s ..." % REQUIREMENTS.relative_to(ROOT), flush=True)
    shutil.rmtree(PLACE, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", PLACE], check=True)
    pip: list[str | Path] = [PROGRAMS / "python", "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run([*pip, "--requirement", REQUIREMENTS], check=True)
    stamp.write_text(wanted, encoding="utf-8")


def run(program: str, *arguments: str | Path, directory: Path = ROOT) -> tuple[int, str]:
    """The exit code and the output of one of the tools."""
    environment = {**os.environ, "PATH": "%s:%s" % (PROGRAMS, os.environ["PATH"])}
    done = subprocess.run(
        [str(PROGRAMS / program), *map(str, arguments)],
        cwd=directory, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def warnings(told: str) -> list[str]:
    """The warnings and errors in the output of galaxy-importer."""
    return re.findall(r"^(?:WARNING|ERROR|CRITICAL)\b.*", told, re.MULTILINE)


def galaxy_importer(artefact: Path) -> bool:
    code, told = run("python", "-m", "galaxy_importer.main", artefact.name, directory=artefact.parent)
    found = warnings(told)
    if code and not found:
        found = [told]
    print("galaxy-importer: %d warnings" % len(found), *found, sep="\n  ", flush=True)
    return not found


def reuse() -> bool:
    code, told = run("reuse", "lint")
    print("reuse: %s" % ("each file has its licence" if code == 0 else told), flush=True)
    return code == 0


def execution_environment(artefact: Path, directory: Path) -> bool:
    """Whether ansible-builder finds in the installed collection exactly what requirements.txt and bindep.txt list."""
    release.install(artefact, directory)
    code, told = run("ansible-builder", "introspect", directory / "collections")
    found = yaml.safe_load(told) if code == 0 else {}
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("requirements.txt", "bindep.txt")]
    python, system = ([line for line in text.splitlines() if line and line[0] != "#"] for text in texts)
    # Each line ends with a comment that names its collection.
    as_said = [[str(line).partition("  #")[0] for line in found.get(kind, [])] for kind in ("python", "system")]
    right = as_said == [python, system]
    print("ansible-builder: %s" % (", ".join(python + system) if right else told), flush=True)
    return right


def main() -> int:
    install()
    with tempfile.TemporaryDirectory(prefix="wharf-package-") as work:
        artefact = release.build(Path(work))
        return (
            0 if all([galaxy_importer(artefact), reuse(), execution_environment(artefact, Path(work, "place"))]) else 1
        )


if __name__ == "__main__":
    sys.exit(main())
