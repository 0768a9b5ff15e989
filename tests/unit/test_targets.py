# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The targets of ansible-test integration: one for each file of tests/integration, identical except for their names."""

from __future__ import annotations

import os
from pathlib import Path

INTEGRATION = Path(__file__).resolve().parents[1] / "integration"
TARGETS = INTEGRATION / "targets"


def test_each_file_is_a_target() -> None:
    names = {path.stem.removeprefix("test_") for path in INTEGRATION.glob("test_*.py")}
    assert {path.name for path in TARGETS.iterdir()} == names


def test_they_are_the_same() -> None:
    for name in ("aliases", "runme.sh"):
        assert len({path.read_bytes() for path in TARGETS.glob("*/" + name)}) == 1
    for target in TARGETS.iterdir():
        assert sorted(path.name for path in target.iterdir()) == ["aliases", "runme.sh"]
        assert os.access(target / "runme.sh", os.X_OK)
