# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The decisions of make release and make package: whether all versions agree, and what counts as a warning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import package
import pytest
import release

ROOT = Path(__file__).resolve().parents[2]
READY: dict[str, Any] = {
    "version": "1.1.0",
    "galaxy": {"version": "1.1.0"},
    "changelog": {
        "releases": {
            "1.0.0": {"modules": [{"name": "volume", "description": "Create a volume."}]},
            "1.1.0": {"changes": {}},
        }
    },
    "rst": "Release Notes\n\nv1.1.0\n======\n\nv1.0.0\n======\n",
    "modules": {"volume": "Create a volume"},
    "fragments": [],
    "changed": [],
}
MAKE = "run make changelog."


def test_a_release_that_is_ready() -> None:
    assert release.disagreements(**READY) == []


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"galaxy": {"version": "1.0.0"}}, "galaxy.yml has the version 1.0.0."),
        (
            {"changelog": {"releases": {"1.0.0": READY["changelog"]["releases"]["1.0.0"]}}},
            "changelogs/changelog.yaml has no release 1.1.0: " + MAKE,
        ),
        ({"rst": "v1.0.0\n======\n"}, "CHANGELOG.rst has no section v1.1.0: " + MAKE),
        ({"rst": "\nv1.1.0-rc1\n==========\n"}, "CHANGELOG.rst has no section v1.1.0: " + MAKE),
        ({"fragments": ["a.yml"]}, "These fragments are not in the changelog: a.yml. Run make changelog."),
        ({"modules": {"volume": "Remove a volume"}}, "The changelog describes the module volume otherwise: " + MAKE),
        (
            {"modules": {**READY["modules"], "network": "Create a network"}},
            "The changelog describes the module network otherwise: " + MAKE,
        ),
        ({"changed": ["README.md"]}, "These files are not committed: README.md."),
    ],
    ids=[
        "galaxy.yml",
        "changelog.yaml",
        "CHANGELOG.rst",
        "another version",
        "fragment",
        "module",
        "new module",
        "tree",
    ],
)
def test_what_does_not_agree(other: dict[str, Any], said: str) -> None:
    assert release.disagreements(**{**READY, **other}) == [said]


def test_the_first_playbook() -> None:
    assert "\n    - name: " in release.first_playbook((ROOT / "README.md").read_text(encoding="utf-8"))
    with pytest.raises(release.ReleaseError):
        release.first_playbook("```yaml\n- hosts: all\n```\n")


def test_warnings_of_the_importer() -> None:
    told = "INFO: Running ansible-lint\nWARNING: a.yml:1: yaml\n  more\nERROR: no tags\nINFO: WARNING is a word\n"
    assert package.warnings(told) == ["WARNING: a.yml:1: yaml", "ERROR: no tags"]
