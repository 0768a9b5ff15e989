# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pure parts of container_copy, as tables: patterns, differences, users, and archives that an engine may send."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._apply.copies import batches
from ansible_collections.wharf.docker.plugins.module_utils._archive import copied as _copied
from ansible_collections.wharf.docker.plugins.module_utils._archive.copied import DIRECTORY, FILE, LINK, Entry
from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import ArchiveError
from ansible_collections.wharf.docker.plugins.module_utils._archive.text_diff import text_diff
from ansible_collections.wharf.docker.plugins.module_utils._archive.tree import Members, source_of_content
from ansible_collections.wharf.docker.plugins.module_utils._container.copy_paths import ids_of_user


@pytest.mark.parametrize(
    ("pattern", "excluded", "others"),
    [
        ("*.log", ["a.log", "x/a.log", "x.log/y"], ["a.logs", "log"]),
        ("cache", ["cache", "x/cache", "cache/x/y"], ["caches", "x/cached"]),
        ("/cache", ["cache", "cache/x"], ["x/cache"]),
        ("data/*.db", ["data/a.db", "data/a.db/x"], ["a.db", "data/x/a.db", "data", "x/data/a.db"]),
        ("cache/", ["cache", "x/cache/y"], ["cach"]),
        ("[ab]", ["a", "x/b"], ["c", "ab"]),
        ("\udcff*", ["\udcff", "x/\udcffy"], ["x"]),
    ],
)
def test_exclusion(pattern: str, excluded: list[str], others: list[str]) -> None:
    matches = _copied.exclusion([pattern])
    assert [name for name in excluded if not matches(name)] == []
    assert [name for name in others if matches(name)] == []
    assert not matches("")


WANTED = Entry(FILE, 0o644, 1, 2, 3, "sha256:a")


@pytest.mark.parametrize(
    ("wanted", "observed", "options"),
    [
        (WANTED, WANTED, []),
        (WANTED, Entry(FILE, 0o600, 1, 2, 3, "sha256:a"), ["mode"]),
        (WANTED, Entry(FILE, 0o644, 1, 2, 3, "sha256:b"), ["content"]),
        (WANTED, Entry(FILE, 0o644, 1, 2, 4, ""), ["content"]),
        (WANTED, Entry(FILE, 0o644, 5, 6, 3, "sha256:a"), ["owner_id", "group_id"]),
        (WANTED, Entry(DIRECTORY, 0o644, 1, 2), ["type", "content", "mode", "owner_id", "group_id"]),
        (Entry(LINK, target="a"), Entry(LINK, 0o755, target="a"), []),
        (Entry(LINK, target="a"), Entry(LINK, target="b"), ["target"]),
        (Entry(DIRECTORY, 0o755), Entry(DIRECTORY, 0o700), ["mode"]),
        (Entry(DIRECTORY, 0o755), None, ["mode", "owner_id", "group_id"]),
    ],
)
def test_differences(wanted: Entry, observed: Any, options: list[str]) -> None:
    assert [difference.option for difference in _copied.differences(wanted, observed)] == options


@pytest.mark.parametrize(
    ("name", "target", "climbs"),
    [
        ("link", "../x", True),
        ("link", "x", False),
        ("link", "/x", False),
        ("a/link", "../x", False),
        ("a/link", "../../x", True),
        ("a/link", "b/../../..", True),
        ("a/link", "..x", False),
    ],
)
def test_climbs(name: str, target: str, climbs: bool) -> None:
    assert _copied.climbs(name, Entry(LINK, target=target)) is climbs
    assert not _copied.climbs(name, Entry(FILE))


def test_what_is_left() -> None:
    new = Entry(FILE, 0o644, 1, 2, 4, "sha256:new")
    wanted = dict.fromkeys(("a", "b", "c", "d"), new)
    before = {"a": WANTED, "b": WANTED, "c": WANTED}
    assert _copied.what_is_left(list(wanted), wanted, before, before) == "Nothing in the container was changed."
    now = {"a": new, "b": Entry(FILE, 0o644, 1, 2, 1, "sha256:cut"), "c": WANTED}
    assert _copied.what_is_left(list(wanted), wanted, before, now) == (
        "What is there now: 1 of 4 entries were copied. Missing or incomplete: b. As before: c, d. Run the task again "
        "to complete the copy."
    )


def test_many_names() -> None:
    names = ["n%d" % number for number in range(30)]
    assert _copied.listed(names).endswith("n19 and 10 more")
    found: Any = {name: [] for name in names}
    causes = _copied.causes(found, {"": Entry(DIRECTORY)}, True, None)
    assert len(causes) == 21 and causes[-1] == "10 more"
    assert [list(batch) for batch in batches(["a", "b", "\udcff", "c"])] == [["a", "b"], ["\udcff"], ["c"]]
    large = ["n" * 250 + str(number) for number in range(1000)]
    parts = list(batches(large))
    assert len(parts) > 5 and [name for part in parts for name in part] == large
    assert list(batches([])) == []


@pytest.mark.parametrize(
    ("user", "ids"),
    [
        ("", (0, 0)),
        ("root", (0, 0)),
        ("5", (5, 0)),
        ("33", (33, 44)),
        ("www", (33, 44)),
        ("www:7", (33, 7)),
        ("www:staff", (33, 50)),
        ("9:staff", (9, 50)),
        ("0:staff", (0, 50)),
    ],
)
def test_ids_of_user(user: str, ids: tuple[int, int]) -> None:
    files = {"/etc/passwd": b"\xff\nx:y\nwww:x:z:1\nwww:x:33:44:::\n", "/etc/group": b"staff:x:50:\n"}
    assert ids_of_user(user, files.__getitem__) == ids


@pytest.mark.parametrize("user", ["gone", "1:gone", "www:gone"])
def test_users_that_are_not_there(user: str) -> None:
    with pytest.raises(ValueError, match="gone"):
        ids_of_user(user, lambda path: b"www:x:33:44:::\n" if path == "/etc/passwd" else b"")


def archive(*members: tuple[str, dict[str, Any]]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.GNU_FORMAT, errors="surrogateescape") as made:
        for name, attributes in members:
            member = tarfile.TarInfo(name)
            content = attributes.get("content", b"")
            member.size = len(content)
            for key, value in attributes.items():
                if key != "content":
                    setattr(member, key, value)
            made.addfile(member, io.BytesIO(content))
    return data.getvalue()


TREE = ("a", {"type": tarfile.DIRTYPE})


def names(data: bytes, size: int = 7) -> list[str]:
    return [name for name, _entry, _file in Members(data[at : at + size] for at in range(0, len(data), size))]


def test_members() -> None:
    data = archive(TREE, ("a/x", {"content": b"123"}), ("a/h", {"type": tarfile.LNKTYPE, "linkname": "a/x"}))
    found = []
    members = Members([data])
    for name, entry, file in members:
        found.append((name, entry.kind, entry.size, file.read() if file else None, members.same_as))
    assert found == [("", DIRECTORY, 0, None, None), ("x", FILE, 3, b"123", None), ("h", FILE, 0, None, "x")]
    assert names(data) == ["", "x", "h"]
    assert names(archive(("a", {"content": b"123" * 9999}))) == [""]


@pytest.mark.parametrize(
    "member",
    [
        ("b", {}),
        ("/a", {}),
        ("ab", {}),
        ("a/../b", {}),
        ("../a", {}),
        ("a/./b", {}),
        ("a//b", {}),
        ("/etc/passwd", {}),
        ("a/h", {"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"}),
        ("a/h", {"type": tarfile.LNKTYPE, "linkname": "a/../../etc/passwd"}),
    ],
)
def test_members_that_lead_elsewhere(member: tuple[str, dict[str, Any]]) -> None:
    with pytest.raises(ArchiveError, match="which is not below its root"):
        names(archive(TREE, member))


def test_text_diff() -> None:
    sources = {
        "\x1b[31m\n": source_of_content(b"a\n", 0),
        "escapes": source_of_content(b"\x1b[31m\n", 0),
        "same": source_of_content(b"b", 0),
    }
    shown = text_diff(list(sources), sources, {"same": b"b"}, "copy", 100)
    assert shown == "--- before: \\x1b[31m\\n\n+++ after: \\x1b[31m\\n\n@@ -0,0 +1 @@\n+a\n"
    many = {"x": source_of_content(b"line\n" * 5000, 0)}
    assert text_diff(["x"], many, {}, "copy", 100_000).endswith("(more lines are not shown)\n")
    assert text_diff(["x"], many, {}, "copy", 100) == ""


def test_damaged_archives() -> None:
    data = archive(TREE, ("a/x", {"content": b"1" * 2000}), ("a/y", {}))
    for size in (0, 100, 512, 700, 1024, 1100, 2000, 3072, 3584):
        with pytest.raises(ArchiveError):
            names(data[:size], 100)
    for at in (0, 148, 600, 3090):
        with pytest.raises(ArchiveError):
            names(data[:at] + b"\xff\xff" + data[at + 2 :], 512)
    with pytest.raises(ArchiveError):
        names(b"no archive" * 100)
