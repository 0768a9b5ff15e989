# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_copy: what is refused before an engine is asked."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

FILE = {"container": "web", "container_path": "/x", "path": "{}/file"}
TREE = {"container": "web", "container_path": "/x", "path": "{}/tree"}
FROM = {**FILE, "direction": "from"}
TEXT = {"container": "web", "container_path": "/x", "content": "x", "mode": 0}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a").write_text("x", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({**FILE, "container": "a b"}, "container: name 'a b' is not a container's"),
        ({**FILE, "container": ""}, "container: name '' is not a container's"),
        ({**FILE, "container_path": "x"}, "container_path: 'x' is not an absolute path"),
        ({**FILE, "container_path": ""}, "container_path: '' is not an absolute path"),
        ({**FILE, "container_path": "/a/../b"}, "has a NUL or '..' in it"),
        ({**FILE, "container_path": "/a\0b"}, "has a NUL or '..' in it"),
        ({**FILE, "container_path": "/"}, "/ is the path of a directory"),
        ({**FILE, "container_path": "/a/"}, "/a/ is the path of a directory"),
        ({**FILE, "container_path": "/a/."}, "/a/ is the path of a directory"),
        ({**FILE, "path": ""}, "path: '' is not a valid path"),
        ({**FILE, "path": "{}/file\0"}, "is not a valid path"),
        ({**FILE, "path": "{}/gone"}, "there is no such file on the host where the task runs. Copy it there first."),
        ({**FILE, "path": "{}/gone", "remote_src": False}, "delegate the task to localhost"),
        ({**FILE, "path": "{}/file/x"}, "Not a directory"),
        ({**FILE, "content": "x", "mode": 0}, "mutually exclusive: path|content"),
        ({"container": "web", "container_path": "/x"}, "one of the following is required: path, content"),
        (
            {"container": "web", "container_path": "/x", "content": "x"},
            "missing parameter(s) required by 'content': mode",
        ),
        ({**FILE, "content_is_b64": True}, "content_is_b64: there is no content"),
        ({**TEXT, "content_is_b64": True}, "content: it is not valid Base64"),
        ({**TEXT, "container_path": "/x/"}, "the given content is not a directory"),
        ({**TEXT, "delete": True}, "delete: the given content is not a directory"),
        ({**FILE, "delete": True}, "is not a directory. Leave the option out."),
        ({**FILE, "exclude": ["*.log"]}, "exclude: "),
        ({**TREE, "exclude": ["/"]}, "exclude: '/' matches nothing"),
        ({**TREE, "exclude": [""]}, "exclude: '' matches nothing"),
        ({**FILE, "owner_id": 1}, "parameters are required together: owner_id, group_id"),
        ({**FILE, "owner_id": -1, "group_id": 0}, "owner_id: -1 is not a valid number"),
        ({**FILE, "owner_id": 0, "group_id": 2**32 - 1}, "group_id: 4294967295 is not a valid number"),
        ({**FILE, "mode": "u=rw"}, "mode: 'u=rw' is not a valid file mode with mode_parse legacy"),
        ({**FILE, "mode": [1]}, "is not a valid file mode with mode_parse legacy"),
        ({**FILE, "mode": -1}, "mode: -1 is not a valid file mode"),
        ({**FILE, "mode": 0o10000}, "is not a valid file mode"),
        ({**FILE, "mode": "0888", "mode_parse": "modern"}, "mode_parse modern"),
        ({**FILE, "mode": True, "mode_parse": "modern"}, "mode: True is not a valid file mode with mode_parse modern"),
        ({**FILE, "mode": 420, "mode_parse": "octal_string_only"}, "mode_parse octal_string_only"),
        ({**FILE, "direction": "out"}, "value of direction must be one of: into, from, got: out"),
        ({**FROM, "container": "a b"}, "container: name 'a b' is not a container's"),
        ({**FROM, "container_path": "x"}, "container_path: 'x' is not an absolute path"),
        ({**FROM, "path": ""}, "path: '' is not a valid path"),
        ({**FROM, "path": "/"}, "path: '/' is not the path of a copy"),
        ({**FROM, "path": "."}, "path: '.' is not the path of a copy"),
        ({**FROM, "path": "{}/.."}, "is not the path of a copy"),
        ({**FROM, "path": "{}/gone/x"}, "/gone does not exist on the host where the task runs. Create it first"),
        ({**FROM, "path": "{}/file/x"}, "/file is not a directory"),
        (
            {**TEXT, "direction": "from"},
            "content: is not possible with direction from. Give path, where the copy is going to be",
        ),
        ({**FROM, "content_is_b64": True}, "content_is_b64: there is no content"),
        ({**FROM, "delete": True}, "delete: true is not possible with direction from. Leave it out, and remove files"),
        ({**FROM, "remote_src": False}, "remote_src: false is not possible with direction from. path is on the host"),
        ({**FROM, "owner_id": 1}, "parameters are required together: owner_id, group_id"),
        ({**FROM, "owner_id": -1, "group_id": 0}, "owner_id: -1 is not a valid number"),
        ({**FROM, "mode": "u=rw"}, "mode: 'u=rw' is not a valid file mode with mode_parse legacy"),
        ({**FROM, "exclude": ["/"]}, "exclude: '/' matches nothing"),
    ],
)
def test_wrong_values(options: dict[str, Any], words: str, refused: Any, place: Path) -> None:
    given = {name: value.format(place) if name == "path" else value for name, value in options.items()}
    assert words in refused("container_copy", **given)


def test_what_can_not_be_copied(refused: Any, place: Path) -> None:
    os.mkfifo(place / "tree" / "fifo")
    message = refused("container_copy", container="web", container_path="/x", path=str(place / "tree"))
    assert "%s/tree/fifo is a FIFO, which can't be copied. Exclude it" % place in message
    message = refused("container_copy", container="web", container_path="/x", path=str(place / "tree" / "fifo"))
    assert "is a FIFO" in message
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(place / "tree" / "fi"))
        (place / "tree" / "fifo").unlink()
        message = refused("container_copy", container="web", container_path="/x", path=str(place / "tree"))
    assert "is a socket" in message
    message = refused("container_copy", container="web", container_path="/x", path="/dev/null")
    assert "/dev/null is a character device" in message


def test_links(refused: Any, place: Path) -> None:
    (place / "tree" / "gone").symlink_to("nowhere")
    message = refused("container_copy", container="web", container_path="/x", path=str(place / "tree"))
    assert "tree/gone leads to nothing" in message and "Set local_follow to false" in message
    (place / "tree" / "gone").unlink()
    (place / "tree" / "inner").mkdir()
    (place / "tree" / "inner" / "up").symlink_to("..")
    message = refused("container_copy", container="web", container_path="/x", path=str(place / "tree"))
    assert "tree/inner/up leads to a directory that it is in" in message
    (place / "loop").symlink_to("loop")
    message = refused("container_copy", container="web", container_path="/x", path=str(place / "loop"))
    assert "this link leads to itself. Set local_follow to false" in message


def test_unreadable(refused: Any, place: Path) -> None:
    (place / "file").chmod(0)
    is_root = os.geteuid() == 0
    if is_root:  # Root may read everything.
        os.seteuid(65534)
    try:
        message = refused("container_copy", container="web", container_path="/x", path=str(place / "file"))
    finally:
        if is_root:
            os.seteuid(0)
    assert "Use become" in message
