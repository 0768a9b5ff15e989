# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each flag of ``docker run`` has an option of container_run, or a reason why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.wharf.docker.plugins.module_utils._container import arguments as _wanted
from ansible_collections.wharf.docker.plugins.module_utils._container import options as _rows

FLAGS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("docker_run_flags.yml").read_text(encoding="utf-8"))
REASONS = ("of the client only", "Windows only")


def test_the_rows_carry_their_flags() -> None:
    carried = [flag for field in _rows.FIELDS for flag in field.flag.split() if flag.startswith("--")]
    assert sorted(set(carried)) == FLAGS["rows"]


def test_no_flag_stands_twice() -> None:
    everything = [*FLAGS["rows"], *FLAGS["options"], *FLAGS["none"]]
    assert len(everything) == len(set(everything)) > 100


@pytest.mark.parametrize("flag", FLAGS["options"])
def test_the_others_are_options(flag: str) -> None:
    option, _dot, suboption = FLAGS["options"][flag].partition(".")
    spec = _wanted.OPTIONS[option]
    assert not suboption or suboption in spec["options"]


def test_the_rest_has_a_reason() -> None:
    assert set(FLAGS["none"].values()) == set(REASONS)
