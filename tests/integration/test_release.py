# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The artefact of a release, built from the last commit: its files, that it is the same each time, and that it works
after installation.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tarfile
from pathlib import Path

import private_engine
import pytest
import release

ROOT = Path(__file__).resolve().parents[2]
# The top level of an artefact. Anything more is a mistake, or has to be added here.
TOP = {
    ".ansible-lint", "CHANGELOG.rst", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "FILES.json", "LICENSE", "LICENSES",
    "MANIFEST.json", "README.md", "REUSE.toml", "SECURITY.md", "bindep.txt", "changelogs", "docs", "meta", "playbooks",
    "plugins", "requirements.txt", "roles",
}  # fmt: skip
# Files that a checkout may contain in addition to those of the repository.
RUBBISH = (
    ".ansible/tmp/file",
    ".cache/engines/file",
    ".coverage",
    ".git/HEAD",
    ".mypy_cache/file",
    ".pytest_cache/file",
    ".ruff_cache/file",
    ".venv/bin/python",
    "changelogs/.plugin-cache.yaml",
    "plugins/modules/__pycache__/volume.cpython-311.pyc",
    "plugins/modules/volume.pyc",
    "tests/output/file",
    "wharf-docker-0.9.0.tar.gz",
)


@pytest.fixture(scope="module")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release.build(tmp_path_factory.mktemp("artefact"))


def names(artefact: Path) -> set[str]:
    with tarfile.open(artefact) as archive:
        return set(archive.getnames())


def test_what_is_in_it(artefact: Path) -> None:
    """Galaxy's list has each file with its checksum, and all files have the time of the commit."""
    with tarfile.open(artefact) as archive:
        contents = {member.name: archive.extractfile(member) for member in archive}
        read = {name: file.read() for name, file in contents.items() if file}
        times = {member.mtime for member in archive}
        owners = {(member.uid, member.gid, member.uname, member.gname) for member in archive}
    assert {name.partition("/")[0] for name in contents} == TOP
    listed = {entry["name"]: entry["chksum_sha256"] for entry in json.loads(read["FILES.json"])["files"]}
    assert set(listed) - {"."} == set(contents) - {"FILES.json", "MANIFEST.json"}
    assert {name: hashlib.sha256(read[name]).hexdigest() for name in read if name in listed} == {
        name: checksum for name, checksum in listed.items() if checksum
    }
    manifest = json.loads(read["MANIFEST.json"])
    assert manifest["file_manifest_file"]["chksum_sha256"] == hashlib.sha256(read["FILES.json"]).hexdigest()
    assert times == {int(release.git("log", "-1", "--format=%ct"))}
    assert owners == {(0, 0, "", "")}
    assert artefact.stat().st_size < 2**22


def test_it_is_the_same_each_time(artefact: Path, tmp_path: Path) -> None:
    umask = os.umask(0o077)
    try:
        again = release.build(tmp_path)
    finally:
        os.umask(umask)
    assert again.read_bytes() == artefact.read_bytes()


def test_what_a_checkout_has_beside_is_not_in_it(artefact: Path, tmp_path: Path) -> None:
    """Built with ansible-galaxy alone, without make release."""
    source = tmp_path / "source"
    source.mkdir()
    packed = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "--extract", "--directory", source], input=packed, check=True)
    for name in RUBBISH:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("rubbish\n", encoding="utf-8")
    release.run(
        ["ansible-galaxy", "collection", "build", "--output-path", tmp_path, source], release.clean_place(tmp_path)
    )
    assert names(tmp_path / artefact.name) == names(artefact)


def test_it_works_where_it_is_installed(artefact: Path, engine: private_engine.Engine, tmp_path: Path) -> None:
    environment = release.install(artefact, tmp_path)
    release.play(environment, tmp_path, engine.url, engine.enter)
