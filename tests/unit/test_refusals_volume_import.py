# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""volume_import: values and archives that are refused before an engine is asked."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

# What is wrong, and what the message says of it. {} is the test's own directory.
BAD: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name: '' can't be a volume's: use 2 to 255 characters"),
    ({"name": "x"}, "name: 'x' can't be a volume's: use 2 to 255 characters"),
    ({"name": "a/b"}, "name: 'a/b' can't be a volume's"),
    ({"src": "{}/none.tar"}, "there is no such file on the host where the task runs. Copy it there first."),
    ({"src": "{}"}, "it is a directory. Give a tar archive of it."),
    ({"src": "{}/pipe"}, "it is not a regular file, and it has to be read twice. Give a file."),
    ({"src": "{}/text"}, "the file is not a tar archive. Give a whole tar archive."),
    ({"src": "{}/empty"}, "the file is empty. Give a whole tar archive."),
    ({"src": "{}/cut.tar"}, "the file is cut off between two members, at byte 512"),
    ({"src": "{}/cut.tar.gz"}, "the file is cut off: its gzip compression has no end"),
    ({"src": "{}/up.tar"}, "the file has the entry ../up, which is not a path in the volume. Give"),
    ({"src": "{}/twice.tar"}, "the file has the entry file twice. Give"),
    ({"content": "keep"}, "value of content must be one of: add, refuse, replace, got: keep"),
    ({"driver_options": {"a": []}}, "driver_options: "),
    ({"labels": {"a": {}}}, "labels: "),
    ({"max_size": "much"}, "max_size: "),
    ({"max_size": "0"}, "max_size: it is 0, and nothing could be imported"),
    ({"max_size": "1k"}, "it is larger than max_size (1024 bytes) when it is uncompressed"),
]


def packed(*names: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in names:
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    return out.getvalue()


@pytest.mark.parametrize(("options", "words"), BAD)
def test_refusals(options: dict[str, Any], words: str, refused: Any, tmp_path: Path) -> None:
    whole = packed("file")
    files = {
        "good.tar": whole,
        "text": b"text\n" * 500,
        "empty": b"",
        "cut.tar": whole[:512],
        "cut.tar.gz": gzip.compress(whole)[:-9],
        "up.tar": packed("../up"),
        "twice.tar": packed("file", "file"),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    os.mkfifo(tmp_path / "pipe")
    given = {key: value.format(tmp_path) if key == "src" else value for key, value in options.items()}
    message = refused("volume_import", **{"name": "data", "src": str(tmp_path / "good.tar"), **given})
    assert words in message
    assert "src" not in given or message.startswith(
        "Cannot import %s as the content of the volume data: " % given["src"]
    )
