# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Archives that no engine sends, as a copy from a container reads them: nothing of them gets out of its destination."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._apply.host_copies import operations
from ansible_collections.wharf.docker.plugins.module_utils._archive import copied_out as _copied_out
from ansible_collections.wharf.docker.plugins.module_utils._archive.comparing import Comparison, Rules
from ansible_collections.wharf.docker.plugins.module_utils._archive.copied import DIRECTORY, FILE, LINK, Entry
from ansible_collections.wharf.docker.plugins.module_utils._archive.copied_out import CopyOut, Found, Order, on_host
from ansible_collections.wharf.docker.plugins.module_utils._archive.destination import find_place
from ansible_collections.wharf.docker.plugins.module_utils._archive.host_tree import HostTree
from ansible_collections.wharf.docker.plugins.module_utils._archive.spool import Spool
from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import ArchiveError
from ansible_collections.wharf.docker.plugins.module_utils._archive.tree import Members
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure

IDS = (os.geteuid(), os.getegid())
Header = Tuple[str, Dict[str, Any]]

ROOT: Header = ("root", {"type": tarfile.DIRTYPE, "mode": 0o755})
DIR: Dict[str, Any] = {"type": tarfile.DIRTYPE, "mode": 0o755}
TEXT: Dict[str, Any] = {"content": b"escaped"}


def link(target: str, kind: bytes = tarfile.SYMTYPE) -> Dict[str, Any]:
    return {"type": kind, "linkname": target}


def archive(members: List[Header], form: int = tarfile.PAX_FORMAT) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=form, errors="surrogateescape") as tar:
        for name, attributes in members:
            given = dict(attributes)
            member = tarfile.TarInfo(name)
            content = given.pop("content", b"")
            member.size = len(content)
            for key, value in given.items():
                setattr(member, key, value)
            tar.addfile(member, io.BytesIO(content))
    return data.getvalue()


def extended(records: Dict[str, bytes], kind: bytes = b"x", size: int = -1) -> bytes:
    """An extended header, with whatever is in it."""
    body = b""
    for key, value in records.items():
        rest = b" " + key.encode() + b"=" + value + b"\n"
        length = len(rest) + 1
        while len(str(length)) + len(rest) != length:
            length += 1
        body += str(length).encode() + rest
    member = tarfile.TarInfo("header")
    member.type = kind
    member.size = len(body) if size < 0 else size
    return member.tobuf(tarfile.USTAR_FORMAT) + body + bytes(-len(body) % 512)


def with_header(header: bytes, members: List[Header]) -> bytes:
    """The root, and then a header that is about the first of the members."""
    return archive([ROOT])[:512] + header + archive(members, tarfile.USTAR_FORMAT)


def cut(data: bytes, size: int = 1000) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def copy(data: bytes, dest: Path) -> int:
    """What the task does with what an engine sends for a directory. Returns how many entries were written."""
    with find_place(str(dest), None, "copy", itself=True) as place, Spool("copy") as store, Spool("copy") as later:
        rules = Rules(str(dest), IDS, None, None, False, 1000, 0, "copy")
        with HostTree(place.descriptor, place.name) as tree:
            comparison = Comparison(rules, tree, store, True)
            order, members = Order(), Members(cut(data))
            for name, entry, content in members:
                order.take(name, entry.kind)
                if members.same_as is None:
                    comparison.take(name, entry, content)
        if comparison.found.conflicts:
            raise Failure("conflicts: %s" % comparison.found.conflicts)
        operation = operations(store, later, place, "copy")[CopyOut]
        operation(None, CopyOut("", (), comparison.found.count))  # type: ignore[arg-type]
        return comparison.found.count


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with an empty one in it, to which is copied, and a file outside of it."""
    (tmp_path / "victim").write_text("precious", encoding="utf-8")
    (tmp_path / "around" / "dest").mkdir(parents=True)
    return tmp_path


def outside(place: Path) -> List[str]:
    return sorted(str(path.relative_to(place)) for path in place.rglob("*") if "around/dest/" not in str(path))


BAD_NAMES = [
    "../victim",
    "root/../../../victim",
    "root/..",
    "root/.",
    "root/./x",
    "root//x",
    "root/x/../../y",
    "/etc/victim",
    "rootx",
    "other",
    "root2/x",
]
HOSTILE: Dict[str, bytes] = {
    **{"name %r" % name: archive([ROOT, (name, TEXT)]) for name in BAD_NAMES},
    "a name of the second member with ..": archive([ROOT, ("root/a", DIR), ("root/a/../../x", TEXT)]),
    "a root that is a link": archive([("root", link("..")), ("root/victim", TEXT)]),
    "a root that is a file": archive([("root", TEXT), ("root/victim", TEXT)]),
    "a root that is a hard link": archive([("root", link("../victim", tarfile.LNKTYPE))]),
    "root twice": archive([ROOT, ROOT]),
    "no root": archive([("root/x", TEXT), ("root/y", TEXT)]),
    "below a link": archive([ROOT, ("root/a", link("..")), ("root/a/victim", TEXT)]),
    "below an absolute link": archive([ROOT, ("root/a", link("/tmp")), ("root/a/victim", TEXT)]),
    "below a link, later": archive([ROOT, ("root/a", link("..")), ("root/b", DIR), ("root/a/victim", TEXT)]),
    "below a link to a link": archive([ROOT, ("root/a", link("..")), ("root/b", link("a")), ("root/b/victim", TEXT)]),
    "below a file": archive([ROOT, ("root/a", TEXT), ("root/a/victim", TEXT)]),
    "below nothing": archive([ROOT, ("root/a/b", TEXT)]),
    "a directory that becomes a link": archive(
        [ROOT, ("root/a", DIR), ("root/a/x", TEXT), ("root/a", link("..")), ("root/a/victim", TEXT)]
    ),
    "a directory that becomes a link to it": archive(
        [ROOT, ("root/a", DIR), ("root/a", link("..")), ("root/a/v", TEXT)]
    ),
    "a hard link to ..": archive([ROOT, ("root/a", link("../victim", tarfile.LNKTYPE))]),
    "a hard link to an absolute path": archive([ROOT, ("root/a", link("/etc/passwd", tarfile.LNKTYPE))]),
    "a hard link with .. in it": archive([ROOT, ("root/a", link("root/../../victim", tarfile.LNKTYPE))]),
    "a block device": archive([ROOT, ("root/a", {"type": tarfile.BLKTYPE, "devmajor": 8})]),
    "a character device": archive([ROOT, ("root/a", {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 1})]),
    "a FIFO": archive([ROOT, ("root/a", {"type": tarfile.FIFOTYPE})]),
    "an unknown type": archive([ROOT, ("root/a", {"type": b"Z"})]),
    "a link to nothing": archive([ROOT, ("root/a", link(""))]),
    "a link to a long path": archive([ROOT, ("root/a", link("x/" * 3000))]),
    "a path in a header with ..": with_header(extended({"path": b"root/../../victim"}), [("root/x", TEXT)]),
    "an absolute path in a header": with_header(extended({"path": b"/etc/victim"}), [("root/x", TEXT)]),
    "a path in a header with a zero byte": with_header(extended({"path": b"root/a\0/../../x"}), [("root/x", TEXT)]),
    "an empty path in a header": with_header(extended({"path": b""}), [("root/x", TEXT)]),
    "a link in a header with a zero byte": with_header(extended({"linkpath": b"a\0b"}), [("root/x", link("y"))]),
    "a hard link in a header": with_header(
        extended({"linkpath": b"../../victim"}), [("root/x", link("root/y", tarfile.LNKTYPE))]
    ),
    "a size in a header that is larger": with_header(extended({"size": b"99999"}), [("root/x", TEXT)]),
    "a size in a header that is negative": with_header(extended({"size": b"-512"}), [("root/x", TEXT)]),
    "a size in a header that is huge": with_header(extended({"size": b"9" * 30}), [("root/x", TEXT)]),
    "a header without an end": with_header(extended({"comment": b"x"}, size=2**32), [("root/x", TEXT)]),
    "a header of 2 MB": with_header(extended({"comment": b"x" * 2**21}), [("root/x", TEXT)]),
    "too many headers": with_header(extended({"comment": b"x"}) * 2000, [("root/x", TEXT)]),
    "too many global headers": with_header(extended({"comment": b"x"}, b"g") * 2000, [("root/x", TEXT)]),
    "a path in a global header": with_header(extended({"path": b"root/../../victim"}, b"g"), [("root/x", TEXT)]),
    "a sparse file of a year": with_header(
        extended({"GNU.sparse.major": b"1", "GNU.sparse.minor": b"0", "GNU.sparse.realsize": b"%d" % 2**60}),
        [("root/x", {"content": b"1\n0\n%d\n" % 2**60 + bytes(600)})],
    ),
    "a sparse file of GNU tar": archive([ROOT, ("root/x", {"type": tarfile.GNUTYPE_SPARSE})], tarfile.GNU_FORMAT),
    "cut in a file": archive([ROOT, ("root/x", {"content": b"x" * 5000})])[:3000],
    "cut between two members": archive([ROOT, ("root/x", TEXT)])[:1536],
    "nothing": b"",
    "no tar": b"x" * 2048,
    "only the end": bytes(1024),
    "something after the end": archive([ROOT]) + b"x" * 512,
    "a damaged checksum": archive([ROOT, ("root/x", TEXT)]).replace(b"root/x", b"root/y"),
    "too deep": archive([ROOT, *[("root" + "/d" * depth, DIR) for depth in range(1, 500)]]),
    "a file where the host has a directory": archive([ROOT, ("root/there", TEXT)]),
    "a directory where the host has a link": archive([ROOT, ("root/up", DIR), ("root/up/victim", TEXT)]),
    "a directory where the host has a file": archive([ROOT, ("root/file", DIR), ("root/file/victim", TEXT)]),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_archives(case: str, place: Path) -> None:
    """Each is refused, and nothing is touched."""
    dest = place / "around" / "dest"
    (dest / "there").mkdir()
    (dest / "up").symlink_to("../..")
    (dest / "file").write_text("mine", encoding="utf-8")
    before, inside = outside(place), sorted(os.listdir(dest))
    with pytest.raises((ArchiveError, Failure)) as caught:
        copy(HOSTILE[case], dest)
    assert "defect" not in str(caught.value)
    assert outside(place) == before and (place / "victim").read_text() == "precious"
    assert sorted(os.listdir(dest)) == inside and (dest / "file").read_text() == "mine"
    assert os.listdir(dest / "there") == []


def test_there_are_enough() -> None:
    assert len(HOSTILE) >= 60


HARMLESS = {
    "links that lead out": [
        ROOT,
        ("root/a", link("../../victim")),
        ("root/b", link("/etc/passwd")),
        ("root/c", link("c")),
    ],
    "a name of an option": [ROOT, ("root/-rf", TEXT), ("root/*", TEXT), ("root/ ", TEXT)],
    "names with line breaks and other bytes": [
        ROOT,
        ("root/a\nb", TEXT),
        ("root/\udcff", TEXT),
        ("root/\x1b[31m", TEXT),
    ],
    "a long name": [ROOT, ("root/" + "n" * 255, TEXT), ("root/" + "d" * 200, DIR), ("root/" + "d" * 200 + "/x", TEXT)],
    "the same file twice": [ROOT, ("root/a", TEXT), ("root/b", TEXT), ("root/a", TEXT)],
    "a link instead of a file": [ROOT, ("root/a", TEXT), ("root/a", link("../../victim"))],
    "a file instead of a link": [ROOT, ("root/a", link("../../victim")), ("root/a", TEXT)],
    "another user's": [ROOT, ("root/a", {**TEXT, "uid": 2**31, "gid": 77})],
}


@pytest.mark.parametrize("case", HARMLESS)
def test_odd_archives(case: str, place: Path) -> None:
    """They are copied, to where they belong."""
    dest, before = place / "around" / "dest", outside(place)
    assert copy(archive(HARMLESS[case]), dest) == len(HARMLESS[case]) - 1
    assert outside(place) == before and (place / "victim").read_text() == "precious"
    assert {os.fsencode(path.name) for path in dest.rglob("*")} == {
        os.path.basename(name).encode("utf-8", "surrogateescape") for name, _attributes in HARMLESS[case][1:]
    }
    for path in dest.rglob("*"):
        assert path.lstat().st_uid == IDS[0] and not path.lstat().st_mode & 0o6000
        if path.is_file() and not path.is_symlink():
            assert path.read_bytes() == b"escaped"


def test_a_directory_that_is_in_the_way_when_it_is_written(place: Path) -> None:
    """An archive that has a name twice, as a directory and as a file: what was written by then is said."""
    dest = place / "around" / "dest"
    members = [ROOT, ("root/a", DIR), ("root/a/x", TEXT), ("root/a", TEXT), ("root/b", TEXT)]
    with pytest.raises(Failure) as caught:
        copy(archive(members), dest)
    assert "2 of 4 entries were copied. As before, or missing: a, b. Run the task again" in str(caught.value.message)
    assert sorted(str(path.relative_to(dest)) for path in dest.rglob("*")) == ["a", "a/x"]


@pytest.mark.parametrize(
    ("entry", "mode", "wanted"),
    [
        (Entry(FILE, 0o6755, 5, 6, 3), None, Entry(FILE, 0o755, 1, 2, 3)),
        (Entry(FILE, 0o1644, 5, 6, 3), None, Entry(FILE, 0o644, 1, 2, 3)),
        (Entry(FILE, 0o644, 5, 6, 3), 0o4700, Entry(FILE, 0o4700, 1, 2, 3)),
        (Entry(DIRECTORY, 0o7777, 5, 6), 0o600, Entry(DIRECTORY, 0o1777, 1, 2)),
        (Entry(LINK, 0o777, 5, 6, target="x"), 0o600, Entry(LINK, 0o777, 1, 2, target="x")),
    ],
)
def test_what_the_host_gets(entry: Entry, mode: Any, wanted: Entry) -> None:
    assert on_host(entry, (1, 2), mode) == wanted


def test_many_differences_are_counted() -> None:
    found = Found(True)
    for number in range(_copied_out.MOST_SHOWN + 500):
        found.add("f%d" % number, [], True)
    plan = found.plan("here to there")
    assert plan.steps[0].causes[-1] == "%d more" % (_copied_out.MOST_SHOWN + 480)
    assert len(plan.differences) == _copied_out.MOST_SHOWN + 1
    assert plan.differences[-1].after == "500 more entries"
    assert Found(True).plan("here to there").steps == ()
