# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""volume_export: values and places that are refused before an engine is asked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

# What is wrong, and what the message says of it. {} is the test's own directory. The rest is as in container_export.
BAD: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name: '' is not a volume's"),
    ({"name": ".."}, "name: '..' is not a volume's"),
    ({"name": "a/b"}, "name: 'a/b' is not a volume's"),
    ({"name": "a\nb"}, "name: 'a\\nb' is not a volume's"),
    ({"dest": "{}/no/such/data.tar"}, "Cannot export the volume data to {}/no/such/data.tar: the directory {}/no/such"),
    ({"dest": "{}"}, "Cannot export the volume data to {}: it is a directory"),
    ({"dest": "{}/"}, "is not the path of a file"),
    ({"dest": "{}/data.tar.bz2"}, "compression: an archive can't be compressed as the ending"),
    ({"compression": "bzip2"}, "value of compression must be one of: auto, none, gzip, xz, zstd, got: bzip2"),
    ({"compression_level": 6}, "compression_level: the archive is not compressed"),
    ({"compression": "zstd", "compression_level": 23}, "23 is not a valid level of zstd. Give one from 1 to 22"),
    ({"mode": "rw"}, "mode: 'rw' is not a valid file mode"),
    ({"mode": 600}, "mode: 600 is the octal number 1130. Write it with quotes: '0600'"),
    ({"owner": "no-such-user"}, "owner: there is no user 'no-such-user'"),
    ({"group": "no-such-group"}, "group: there is no group 'no-such-group'"),
]


@pytest.mark.parametrize(("options", "words"), BAD)
def test_refusals(options: dict[str, Any], words: str, refused: Any, tmp_path: Path) -> None:
    dest = tmp_path / "data.tar"
    dest.write_text("what is there")
    given = {key: value.format(tmp_path) if key == "dest" else value for key, value in options.items()}
    assert words.format(*[tmp_path] * 3) in refused("volume_export", **{"name": "data", "dest": str(dest), **given})
    assert os.listdir(tmp_path) == ["data.tar"] and dest.read_text() == "what is there"
