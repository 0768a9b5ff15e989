# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_copy with direction from: each option four ways, in each state, and that nothing else changes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from places import ALICE, MALLORY, ROOT, STICKY, reached_by_all, shared

from ansible_collections.wharf.docker.plugins.module_utils._archive import copied_out as _copied_out

PLACE = "/srv"
ONE = b"one\ntwo\n"
KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link", stat.S_IFIFO: "fifo"}
ODD_NAMES = (b"\xff\xfe", b"a\nb", b"-rf", b" ", "söme 港".encode(), b"n" * 255, b"*")


def inside(client: Any, container: str, path: str = PLACE) -> Path:
    """A path of a container that runs, as this process sees it."""
    return Path("/proc/%d/root%s" % (client.inspect_container(container)["State"]["Pid"], path))


def every(root: bytes, name: bytes = b"") -> Iterator[bytes]:
    whole = os.path.join(root, name).rstrip(b"/")
    yield name
    if os.path.isdir(whole) and not os.path.islink(whole):
        for one in sorted(os.listdir(whole)):
            yield from every(root, os.path.join(name, one))


def found(root: Path, with_inode: bool = False) -> dict[bytes, tuple[Any, ...]]:
    """All that is at a path: kind, mode, owner, group, content or target, by names; and what tells a rewritten file."""
    result = {}
    base = os.fsencode(root)
    for name in every(base) if os.path.lexists(base) else ():
        whole = os.path.join(base, name).rstrip(b"/")
        status = os.lstat(whole)
        kind = stat.S_IFMT(status.st_mode)
        content = b""
        if kind == stat.S_IFLNK:
            content = os.readlink(whole)
        elif kind == stat.S_IFREG:
            content = Path(os.fsdecode(whole)).read_bytes()
        entry: tuple[Any, ...] = (KINDS[kind], stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, content)
        if with_inode:
            entry += (status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
        result[name] = entry
    return result


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module")
def one(client: Any, image: str) -> Iterator[str]:
    name = "t-from-" + os.urandom(4).hex()
    client.start(client.create_container(image, ["sleep", "1000"], name=name))
    yield name
    client.remove_container(name, force=True)


@pytest.fixture
def container(client: Any, one: str) -> str:
    """One that runs, with nothing but a file in /srv."""
    place = inside(client, one)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    make(place / "app.conf", ONE, 0o640)
    return one


def make(path: Path, content: bytes = b"", mode: int = 0o644) -> None:
    path.write_bytes(content)
    path.chmod(mode)


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    (tmp_path / "host").mkdir()
    return tmp_path / "host" / "app.conf"


def four_ways(run: Any, dest: Path, actions: list[str], again: bool = True, **options: Any) -> dict[str, Any]:
    """Check mode foresees what is done, touching nothing; and afterwards there is nothing to do. Returns the result."""
    options = {"direction": "from", "path": str(dest), **options}
    place = dest.parent
    before = found(place, True)
    foreseen = run("container_copy", check=True, expect="changed", **options)
    assert found(place, True) == before
    done = run("container_copy", expect="changed", **options)
    assert done == foreseen
    assert done["actions"] == actions
    after = found(place, True)
    assert not [name for name in after if name.endswith(b".tmp")]
    if again:
        for check in (False, True):
            same = run("container_copy", check=check, expect="ok", **options)
            assert same["actions"] == [] and same["diff"] == {"before": {}, "after": {}}
            assert same["copied"] == same["removed"] == 0
        assert found(place, True) == after
    return dict(done)


def test_a_new_file(run: Any, client: Any, container: str, dest: Path) -> None:
    action = "copy %s:/srv/app.conf to %s: no such file" % (container, dest)
    done = four_ways(run, dest, [action], container=container, container_path="/srv/app.conf")
    assert done["container"] == {"id": client.inspect_container(container)["Id"], "name": container}
    assert (done["container_path"], done["copied"], done["removed"]) == ("/srv/app.conf", 1, 0)
    assert done["diff"] == {
        "before": {},
        "after": {"content": digest(ONE), "mode": "0640", "owner_id": 0, "group_id": 0},
        "prepared": "--- before: content\n+++ after: content\n@@ -0,0 +1,2 @@\n+one\n+two\n",
    }
    assert found(dest)[b""] == ("file", 0o640, 0, 0, ONE)


# What the container has then, what is on the host, the options, and the cause.
CHANGES = [
    pytest.param({"content": b"one\nthree\n"}, {}, {}, "content {one} → {three}", id="content"),
    pytest.param({"content": b"ONE\nTWO\n"}, {}, {}, "content {one} → {ONE}", id="content of the same size"),
    pytest.param({"content": b"one\ntwO\n"}, {}, {}, "content {one} → {twO}", id="content that differs at its end"),
    pytest.param({"content": b""}, {}, {}, "content {one} → {}", id="no content"),
    pytest.param({"content": b"\0\xff" * 9}, {}, {}, "content {one} → {binary}", id="binary content"),
    pytest.param({"mode": 0o600}, {}, {}, "mode 0640 → 0600", id="mode of the file"),
    pytest.param({"mode": 0o6755}, {}, {}, "mode 0640 → 0755", id="setuid and setgid are not copied"),
    pytest.param({}, {"mode": 0o4640}, {}, "mode 4640 → 0640", id="setuid on the host"),
    pytest.param({}, {}, {"mode": 0o4600}, "mode 0640 → 4600", id="mode"),
    pytest.param({}, {}, {"mode": "0600", "mode_parse": "modern"}, "mode 0640 → 0600", id="mode_parse modern"),
    pytest.param(
        {}, {}, {"mode": "600", "mode_parse": "octal_string_only"}, "mode 0640 → 0600", id="octal_string_only"
    ),
    pytest.param({}, {}, {"mode": "384"}, "mode 0640 → 0600", id="mode_parse legacy"),
    pytest.param({}, {}, {"owner_id": 7, "group_id": 0}, "owner_id 0 → 7", id="owner_id"),
    pytest.param({}, {}, {"owner_id": 0, "group_id": 4000000000}, "group_id 0 → 4000000000", id="group_id"),
    pytest.param({}, {"owner": (5, 6)}, {}, "owner_id 5 → 0, group_id 6 → 0", id="owner on the host"),
    pytest.param(
        {"content": b"ONE\nTWO\n", "mode": 0o600}, {}, {}, "content {one} → {ONE}, mode 0640 → 0600", id="both"
    ),
]


@pytest.mark.parametrize(("there", "here", "options", "cause"), CHANGES)
def test_what_makes_a_difference(
    there: dict[str, Any],
    here: dict[str, Any],
    options: dict[str, Any],
    cause: str,
    run: Any,
    client: Any,
    container: str,
    dest: Path,
) -> None:
    given = {"container": container, "container_path": "/srv/app.conf"}
    run("container_copy", direction="from", path=str(dest), **given)
    source = inside(client, container, "/srv/app.conf")
    make(source, there.get("content", ONE), there.get("mode", 0o640))
    if "owner" in here:
        os.chown(dest, *here["owner"])
    if "mode" in here:
        dest.chmod(here["mode"])
    words = {"one": ONE, "three": b"one\nthree\n", "ONE": b"ONE\nTWO\n", "twO": b"one\ntwO\n", "": b""}
    for word, data in {**words, "binary": b"\0\xff" * 9}.items():
        cause = cause.replace("{%s}" % word, digest(data)[:19])
    action = "copy %s:/srv/app.conf to %s: %s" % (container, dest, cause)
    done = four_ways(run, dest, [action], **given, **options)
    mode = int(cause[-4:], 8) if "mode" in cause else 0o640
    ids = (options.get("owner_id", 0), options.get("group_id", 0))
    assert found(dest)[b""] == ("file", mode, *ids, there.get("content", ONE))
    assert ("prepared" in done["diff"]) == (there.get("content") not in (None, b"\0\xff" * 9))


def test_times_and_owners_in_the_container_are_no_difference(run: Any, client: Any, container: str, dest: Path) -> None:
    given = {"container": container, "direction": "from", "path": str(dest), "container_path": "/srv/app.conf"}
    run("container_copy", **given)
    before = found(dest, True)
    source = inside(client, container, "/srv/app.conf")
    os.utime(source, (1_000_000_000, 1_000_000_000))
    os.chown(source, 33, 44)
    run("container_copy", expect="ok", **given)
    assert found(dest, True) == before


def test_text_diff(run: Any, client: Any, container: str, dest: Path) -> None:
    given = {"container": container, "direction": "from", "path": str(dest), "container_path": "/srv/app.conf"}
    run("container_copy", **given)
    source = inside(client, container, "/srv/app.conf")
    make(source, b"one\n2\nthree", 0o640)
    shown = run("container_copy", check=True, expect="changed", **given)["diff"]["prepared"]
    assert shown == (
        "--- before: content\n+++ after: content\n@@ -1,2 +1,3 @@\n one\n-two\n+2\n+three  (no newline at the end)\n"
    )
    assert "diff" not in run("container_copy", check=True, diff=False, **given)
    for hidden in (b"\x1b[31m", b"\xff", b"x\n" * 60_000):
        make(source, hidden, 0o640)
        assert "prepared" not in run("container_copy", check=True, expect="changed", **given)["diff"]
    # Nor is the text of a large file that was there, and of which sizes say enough.
    run("container_copy", **given)
    make(source, b"x", 0o640)
    done = run("container_copy", expect="changed", **given)
    assert "content 120000 bytes → %s" % digest(b"x")[:19] in done["actions"][0]
    assert dest.read_bytes() == b"x"


def test_force(run: Any, client: Any, container: str, dest: Path) -> None:
    given = {"container": container, "container_path": "/srv/app.conf"}
    target = "copy %s:/srv/app.conf to %s: " % (container, dest)
    four_ways(run, dest, [target + "no such file"], force=False, **given)
    four_ways(run, dest, [target + "force is true"], again=False, force=True, **given)
    make(inside(client, container, "/srv/app.conf"), b"more", 0o640)
    run("container_copy", expect="ok", force=False, direction="from", path=str(dest), **given)
    assert dest.read_bytes() == ONE
    cause = "content %s → %s" % (digest(ONE)[:19], digest(b"more")[:19])
    four_ways(run, dest, [target + cause], again=False, force=True, **given)
    assert dest.read_bytes() == b"more"


def test_follow(run: Any, client: Any, container: str, dest: Path) -> None:
    inside(client, container, "/srv/link").symlink_to("middle")
    inside(client, container, "/srv/middle").symlink_to("../srv/app.conf")
    given = {"container": container, "container_path": "/srv/link"}
    done = four_ways(run, dest, ["copy %s:/srv/link to %s: no such file" % (container, dest)], **given)
    assert found(dest)[b""] == ("link", 0o777, 0, 0, b"middle")
    assert done["container_path"] == "/srv/link"
    # A link on the host is replaced by the file, and nothing is written where it leads.
    make(dest.parent / "middle", b"mine")
    cause = "type link → file, content (none) → %s, mode (none) → 0640, owner_id (none) → 0, group_id (none) → 0"
    action = "copy %s:/srv/app.conf to %s: %s" % (container, dest, cause % digest(ONE)[:19])
    done = four_ways(run, dest, [action], follow=True, **given)
    assert done["container_path"] == "/srv/app.conf"
    assert found(dest)[b""] == ("file", 0o640, 0, 0, ONE)
    assert (dest.parent / "middle").read_bytes() == b"mine"
    cause = "type file → link, target (none) → middle, owner_id (none) → 0, group_id (none) → 0"
    four_ways(run, dest, ["copy %s:/srv/link to %s: %s" % (container, dest, cause)], **given)
    # With an owner, and to another target.
    link = inside(client, container, "/srv/link")
    link.unlink()
    link.symlink_to(os.fsdecode(b"\xff"))
    cause = "target middle → \\xff, owner_id 0 → 3, group_id 0 → 4"
    ids = {"owner_id": 3, "group_id": 4}
    four_ways(run, dest, ["copy %s:/srv/link to %s: %s" % (container, dest, cause)], **given, **ids)
    assert found(dest)[b""] == ("link", 0o777, 3, 4, b"\xff")


@pytest.mark.parametrize("state", ["created", "running", "paused", "exited"])
def test_states(state: str, run: Any, client: Any, image: str, name: str, dest: Path) -> None:
    client.create_container(image, ["sleep", "1000"], name=name)
    if state != "created":
        client.start(name)
    if state == "paused":
        client.pause(name)
    if state == "exited":
        client.kill(name)
    assert client.inspect_container(name)["State"]["Status"] == state
    action = "copy %s:/etc/passwd to %s: no such file" % (name, dest)
    four_ways(run, dest, [action], container=name, container_path="/etc/passwd")
    assert client.inspect_container(name)["State"]["Status"] == state
    tree = dest.with_name("etc")
    action = "copy %s:/etc to %s: no such directory" % (name, tree)
    done = four_ways(run, tree, [action], container=name, container_path="/etc/")
    assert (tree / "passwd").read_bytes() == dest.read_bytes()
    assert done["copied"] == len(found(tree))


def test_by_id_and_relative(run: Any, client: Any, container: str, dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dest.parent)
    identity = client.inspect_container(container)["Id"]
    given = {"direction": "from", "container_path": "//srv//./app.conf"}
    done = run("container_copy", expect="changed", name=identity[:12], src="./x", **given)
    assert done["actions"] == ["copy %s:/srv/app.conf to %s/x: no such file" % (container, dest.parent)]
    run("container_copy", expect="ok", name="/" + container, path=str(dest.parent / "x"), **given)


def test_a_container_that_is_not_there(run: Any, name: str, dest: Path) -> None:
    given = {"container": name, "direction": "from", "container_path": "/srv/x", "path": str(dest)}
    message = run("container_copy", expect="failed", **given)["msg"]
    assert message.startswith("Cannot copy %s:/srv/x to %s: there is no such container." % (name, dest))
    done = run("container_copy", check=True, expect="changed", warnings=True, **given)
    assert done["actions"] == ["copy %s:/srv/x to %s: no such file" % (name, dest)]
    assert (done["copied"], done["container"]) == (None, {"id": None, "name": name})
    make(dest, b"x")
    done = run("container_copy", check=True, expect="changed", warnings=True, **given)
    assert done["actions"] == ["copy %s:/srv/x to %s: content not known yet" % (name, dest)]
    run("container_copy", check=True, expect="ok", warnings=True, force=False, **given)
    assert dest.read_bytes() == b"x"


# --- What is refused ---


@pytest.fixture(scope="module")
def odd(client: Any, image: str) -> Iterator[str]:
    """A container with all kinds of places and files."""
    name = "t-odd-" + os.urandom(4).hex()
    config = client.create_host_config(tmpfs={"/tmpfs": "", "/v/tree/fast": ""}, binds=["%s-v:/v" % name])
    client.start(client.create_container(image, ["sleep", "1000"], name=name, host_config=config, volumes=["/v"]))
    place = inside(client, name, "/v")
    for directory in ("directory", "kinds", "tree/sub", "socket"):
        (place / directory).mkdir(parents=True)
    make(place / "file", ONE)
    make(place / "tree" / "sub" / "x", ONE)
    os.mkfifo(place / "fifo")
    os.mkfifo(place / "kinds" / "fifo")
    os.mknod(place / "null", 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    os.mknod(place / "disk", 0o600 | stat.S_IFBLK, os.makedev(7, 0))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("/proc/self/fd/%d/s" % os.open(place / "socket", os.O_RDONLY))
    make(inside(client, name, "/tmpfs/x"), ONE)
    for link, target in (("to-tmpfs", "/tmpfs"), ("loop", "loop"), ("here", "directory"), ("gone", "/nowhere")):
        (place / link).symlink_to(target)
    yield name
    client.remove_container(name, force=True, v=True)
    client.remove_volume("%s-v" % name)


REFUSED = [
    ("/gone/x", {}, "there is no /gone/x in the container"),
    ("/v/no", {}, "there is no /v/no in the container"),
    ("/v/gone", {"follow": True}, "there is no /nowhere in the container"),
    ("/v/file/x", {}, "the engine can't follow the path /v/file/x"),
    ("/v/loop", {}, "the engine can't follow the path /v/loop"),
    ("/v/loop", {"follow": True}, "the engine can't follow the path /v/loop"),
    ("/v/fifo", {}, "/v/fifo is a special file"),
    ("/v/null", {}, "/v/null is a special file"),
    ("/v/disk", {}, "/v/disk is a special file"),
    ("/v/socket/s", {}, "/v/socket/s is a special file"),
    ("/v/kinds", {}, "in the container, fifo is a FIFO, which can't be copied. Exclude it"),
    ("/v", {"exclude": ["fifo", "kinds", "tree", "null"]}, "in the container, disk is a block device"),
    ("/v", {"exclude": ["fifo", "kinds", "tree", "disk"]}, "in the container, null is a character device"),
    ("/v/tree", {}, "the engine sees nothing of what is in /v/tree/fast in the container, which is a tmpfs"),
    ("/", {}, "Exclude /"),
    ("/tmpfs/x", {}, "/tmpfs/x is below /tmpfs, a tmpfs, and the engine sees nothing of what is in it"),
    ("/dev/null", {}, "/dev/null is below /dev, which the kernel makes"),
    ("/proc/1/comm", {}, "which the kernel makes"),
    ("/v/file/", {}, "/v/file is not a directory. Leave out the slash."),
    ("/v/here/", {}, "/v/here is not a directory. Set follow to true"),
    ("/v/file", {"exclude": ["x"]}, "exclude: /v/file is not a directory in the container"),
]


@pytest.mark.parametrize(("path", "options", "words"), REFUSED)
def test_what_can_not_be_copied(path: str, options: dict[str, Any], words: str, run: Any, odd: str, dest: Path) -> None:
    for check in (True, False):
        given = {"container": odd, "direction": "from", "path": str(dest), "container_path": path, **options}
        message = run("container_copy", check=check, expect="failed", **given)["msg"]
        assert words in message, message
    assert os.listdir(dest.parent) == []


def test_what_can_be_copied(run: Any, odd: str, dest: Path) -> None:
    """What was refused, without what is in the way; a dangling link; a directory with a socket."""
    for path, options in (
        ("/v/tree", {"exclude": ["/fast"]}),
        ("/v", {"exclude": ["fifo", "null", "disk", "/tree/fast"]}),
        ("/v/gone", {}),
        ("/v/socket", {}),
        ("/v/here", {"follow": True}),
    ):
        place = dest.with_name(os.path.basename(path))
        given = {"container": odd, "direction": "from", "path": str(place), "container_path": path, **options}
        run("container_copy", expect="changed", check=True, **given)
        run("container_copy", expect="changed", **given)
        run("container_copy", expect="ok", **given)
    assert (dest.parent / "v" / "tree" / "sub" / "x").read_bytes() == ONE
    assert os.listdir(dest.parent / "socket") == []


@pytest.mark.one_engine("it is about this host")
def test_where_a_copy_can_not_go(run: Any, odd: str, dest: Path) -> None:
    place = dest.parent
    make(place / "file", b"mine")
    (place / "directory").mkdir()
    (place / "link").symlink_to("directory")
    (place / "mine").mkdir()
    (place / "mine" / "sub").symlink_to("../../..")
    os.mkfifo(place / "fifo")
    (place / "special").mkdir()
    os.mkfifo(place / "special" / "sub")
    before = found(place, True)
    for source, path, words in (
        ("/v/file", place / "directory", "is a directory on the host where the task runs. Give the whole path"),
        ("/v/file", place / "no" / "x", "the directory %s/no does not exist" % place),
        ("/v/file", place / "file" / "x", "%s/file is not a directory" % place),
        ("/v/file", str(place) + "/new/", "new/ is the path of a directory"),
        ("/v/directory", place / "file", "file is not a directory on the host"),
        ("/v/directory", place / "link", "link is a symbolic link on the host where the task runs, and a directory"),
        ("/v/tree", place / "mine", "or special files on the host: sub. Remove what is on"),
        ("/v/tree", place / "special", "or special files on the host: sub. Remove what is on"),
        ("/v/file", place / "fifo", "fifo is a device, a FIFO or a socket on the host where the task runs"),
        ("/v/directory", place / "fifo", "fifo is a device, a FIFO or a socket on the host where the task runs"),
    ):
        for check in (True, False):
            given = {"container": odd, "direction": "from", "path": str(path), "container_path": source}
            given["exclude"] = ["/fast"] if source == "/v/tree" else []
            message = run("container_copy", check=check, expect="failed", **given)["msg"]
            assert words in message, message
    assert found(place, True) == before


# --- Trees ---


@pytest.fixture
def tree(client: Any, container: str) -> Path:
    """A tree in the container with all that can be copied."""
    root = inside(client, container, "/srv/site")
    for name in ("", "conf", "conf/inner", "empty", "d" * 200):
        (root / name).mkdir(mode=0o755)
    for name in ("index", "conf/a", "conf/inner/b", "d" * 200 + "/" + "f" * 200):
        make(root / name, name.encode())
    (root / "conf" / "inner").chmod(0o3750)
    (root / "conf" / "a").chmod(0o4711)
    return root


def expected(root: Path) -> dict[bytes, tuple[Any, ...]]:
    """What the host is to have of a tree."""
    return {
        name: (kind, mode & 0o1777 if kind == "directory" else mode & 0o777, 0, 0, content)
        for name, (kind, mode, _uid, _gid, content) in found(root).items()
    }


def test_a_tree(run: Any, container: str, tree: Path, dest: Path) -> None:
    os.chown(tree / "index", 33, 44)
    given = {"container": container, "container_path": "/srv/site"}
    action = "copy %s:/srv/site to %s: " % (container, dest)
    done = four_ways(run, dest, [action + "no such directory"], **given)
    assert found(dest) == expected(tree)
    assert done["copied"] == len(expected(tree))
    after = {"content": digest(b"conf/a"), "mode": "0711", "owner_id": 0, "group_id": 0}
    assert done["diff"]["after"]["conf/a"] == after

    # The directory itself is the host's own: its attributes are no difference, and what is only there stays.
    dest.chmod(0o700)
    make(dest / "mine", b"mine")
    make(tree / "conf" / "a", b"CONF/A", 0o711)
    (tree / "conf" / "inner").chmod(0o700)
    (tree / "new").mkdir(mode=0o755)
    make(tree / "new" / "x", b"x", 0o600)
    os.chown(dest / "index", 9, 0)
    causes = "conf/a (content), conf/inner (mode 1750 → 0700), index (owner_id 9 → 0), new (missing), new/x (missing)"
    before = (dest / "conf" / "inner" / "b").stat()
    done = four_ways(run, dest, [action + causes], **given)
    assert done["copied"] == 5
    assert done["diff"]["before"]["index"] == {"owner_id": 9}
    assert "-conf/a" in done["diff"]["prepared"] and "+CONF/A" in done["diff"]["prepared"]
    assert (dest / "mine").read_bytes() == b"mine" and dest.stat().st_mode & 0o777 == 0o700
    assert (dest / "conf" / "inner" / "b").stat().st_ino == before.st_ino
    (dest / "mine").unlink()
    dest.chmod(0o755)
    assert found(dest) == expected(tree)


def test_names_and_links(run: Any, container: str, tree: Path, dest: Path) -> None:
    for name in ODD_NAMES:
        Path(os.fsdecode(os.path.join(os.fsencode(tree), name))).write_bytes(name)
    for name, target in (("up", "../../etc"), ("out", "/etc/passwd"), ("gone", "nowhere"), ("self", "self")):
        (tree / name).symlink_to(target)
    given = {"container": container, "container_path": "/srv/site"}
    action = "copy %s:/srv/site to %s: " % (container, dest)
    four_ways(run, dest, [action + "no such directory"], **given)
    assert found(dest) == expected(tree)
    # A link on the host in the place of a file is replaced, and nothing is written where it leads.
    make(dest.parent / "outside", b"outside")
    for name in ("index", "conf/a"):
        (dest / name).unlink()
        (dest / name).symlink_to(dest.parent / "outside")
    # A hard link as well: what else has that content keeps it.
    (dest / "conf/inner/b").unlink()
    (dest / "conf/inner/b").hardlink_to(dest.parent / "outside")
    done = four_ways(
        run,
        dest,
        [
            action
            + "conf/a (type link → file, content, mode (none) → 0711, owner_id (none) → 0, group_id (none) → 0), "
            "conf/inner/b (content), "
            "index (type link → file, content, mode (none) → 0644, owner_id (none) → 0, group_id (none) → 0)"
        ],
        **given,
    )
    assert done["copied"] == 3
    assert found(dest) == expected(tree)
    assert (dest.parent / "outside").read_bytes() == b"outside"


def test_hard_links_of_the_container(run: Any, container: str, tree: Path, dest: Path) -> None:
    (tree / "a").hardlink_to(tree / "index")
    (tree / "conf" / "z").hardlink_to(tree / "index")
    (tree / "zz").hardlink_to(tree / "conf" / "a")
    (tree / "link").symlink_to("index")
    os.link(tree / "link", tree / "to-index", follow_symlinks=False)
    given = {"container": container, "container_path": "/srv/site"}
    action = "copy %s:/srv/site to %s: " % (container, dest)
    done = four_ways(run, dest, [action + "no such directory"], **given)
    assert found(dest) == expected(tree)
    assert done["copied"] == len(found(dest))
    assert {path.stat().st_nlink for path in dest.rglob("*") if path.is_file() and not path.is_symlink()} == {1}
    make(dest / "conf" / "z", b"INDEX")
    (dest / "zz").unlink()
    done = four_ways(run, dest, [action + "conf/z (content), zz (missing)"], **given)
    assert found(dest) == expected(tree)
    # By themselves, they are files.
    action = "copy %s:/srv/site/zz to %s/zz: no such file" % (container, dest.parent)
    four_ways(run, dest.parent / "zz", [action], container=container, container_path="/srv/site/zz")


def test_exclude(run: Any, container: str, tree: Path, dest: Path) -> None:
    for name in ("x.log", "conf/y.log", "cache", "conf/cache"):
        make(tree / name, b"x")
    os.mkfifo(tree / "conf" / "inner" / "fifo")
    given = {"container": container, "container_path": "/srv/site"}
    given["exclude"] = ["*.log", "/cache", "conf/inner", "d" * 200]
    four_ways(run, dest, ["copy %s:/srv/site to %s: no such directory" % (container, dest)], **given)
    assert sorted(found(dest)) == [b"", b"conf", b"conf/a", b"conf/cache", b"empty", b"index"]
    make(dest / "x.log", b"mine")
    run("container_copy", expect="ok", direction="from", path=str(dest), **given)


def test_mode_owner_and_force_of_a_tree(run: Any, container: str, tree: Path, dest: Path) -> None:
    given = {"container": container, "container_path": "/srv/site", "exclude": ["d*"]}
    action = "copy %s:/srv/site to %s: " % (container, dest)
    ids = {"owner_id": 3, "group_id": 4}
    four_ways(run, dest, [action + "no such directory"], mode=0o600, **ids, **given)
    assert {entry[1] for entry in found(dest).values() if entry[0] == "file"} == {0o600}
    assert {entry[2:4] for entry in found(dest).values()} == {(3, 4)}
    assert found(dest)[b"conf/inner"][1] == 0o1750
    # Only what is not there.
    (dest / "index").unlink()
    four_ways(run, dest, [action + "index (missing)"], force=False, mode=0o600, **ids, **given)
    causes = (
        "conf (force is true), conf/a (mode 0600 → 0711), conf/inner (force is true), "
        "conf/inner/b (mode 0600 → 0644), empty (force is true), index (force is true)"
    )
    (tree / "index").chmod(0o600)
    done = four_ways(run, dest, [action + causes], again=False, force=True, **ids, **given)
    assert done["copied"] == 6 and found(dest)[b"conf/a"][1] == 0o711


def test_a_diff_names_the_first_entries(
    run: Any, client: Any, container: str, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = inside(client, container, "/srv/many")
    many.mkdir()
    for number in range(30):
        make(many / ("%03d" % number), b"x")
    monkeypatch.setattr("%s.MOST_SHOWN" % _copied_out.__name__, 10)
    given = {"container": container, "container_path": "/srv/many"}
    done = four_ways(run, dest, ["copy %s:/srv/many to %s: no such directory" % (container, dest)], **given)
    assert len(done["diff"]["after"]) == 11 and done["diff"]["after"]["(more)"] == "21 more entries"
    (many / "000").unlink()
    for number in range(1, 30):
        make(many / ("%03d" % number), b"y")
    done = run("container_copy", expect="changed", direction="from", path=str(dest), **given)
    assert done["actions"][0].endswith("020 (content), 9 more")


# --- Users ---


@pytest.fixture
def reachable(engine: Any) -> Iterator[str]:
    """The engine's address, accessible for other users than root."""
    path = engine.url[len("unix://") :]
    before = stat.S_IMODE(os.stat(path).st_mode)
    os.chmod(path, 0o666)
    try:
        yield engine.url
    finally:
        os.chmod(path, before)


@contextlib.contextmanager
def as_user(number: int) -> Iterator[None]:
    os.setegid(number)
    os.seteuid(number)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.one_engine("it is about this host")
def test_a_user_that_is_not_root(run: Any, reachable: str, container: str, tree: Path, tmp_path: Path) -> None:
    """Whatever can't be written is known before something is: an owner, a directory, a file of another user."""
    place = reached_by_all(tmp_path) / "place"
    place.mkdir()
    os.chown(place, ALICE, ALICE)
    (tree / "conf").chmod(0o555)
    (tree / "conf" / "inner").chmod(0o500)
    count, dest = len(found(tree)), place / "site"
    given = {"container": container, "direction": "from", "container_path": "/srv/site", "path": str(dest)}

    def refused(words: str, **options: Any) -> None:
        before = found(place, True)
        for check in (True, False):
            with as_user(ALICE):
                message = run("container_copy", check=check, expect="failed", **{**given, **options})["msg"]
            assert words in message, message
        assert found(place, True) == before

    refused("this user can't give files to the user 0 and the group 0. Use become", owner_id=0, group_id=0)
    refused("this user can't give files to the user %d and the group 7" % ALICE, owner_id=ALICE, group_id=7)
    with as_user(ALICE):
        assert run("container_copy", check=True, expect="changed", **given)["copied"] == count
        assert run("container_copy", expect="changed", owner_id=ALICE, group_id=ALICE, **given)["copied"] == count
        run("container_copy", check=True, expect="ok", **given)
    assert {entry[2:4] for entry in found(dest).values()} == {(ALICE, ALICE)}
    assert (found(dest)[b"conf"][1], found(dest)[b"conf/inner"][1]) == (0o555, 0o500)
    words = "this user can't write to the directory %s on the host"
    refused(words % tmp_path, container_path="/srv/app.conf", path=str(tmp_path / "x"))
    # The container has it so, and it is not changed.
    refused(words % (dest / "conf"), mode=0o600)
    # If it is changed, it can be written to.
    for directory in (tree / "conf", tree / "conf" / "inner"):
        directory.chmod(0o755)
    with as_user(ALICE):
        run("container_copy", expect="changed", mode=0o600, **given)
    assert found(dest)[b"conf/inner/b"][1] == 0o600 and found(dest)[b"conf"][1] == 0o755
    # What belongs to another user: a file is replaced, a directory can't be changed.
    os.chown(dest / "index", 0, 0)
    (dest / "index").chmod(0o644)
    with as_user(ALICE):
        run("container_copy", expect="changed", mode=0o600, **given)
    os.chown(dest / "empty", 0, 0)
    refused("the directory %s/empty belongs to another user" % dest, mode=0o600)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.one_engine("it is about this host")
def test_what_others_put_into_a_shared_directory(run: Any, container: str, tree: Path, tmp_path: Path) -> None:
    """As the kernel and container_export do: nothing of others is written to, followed, or entered."""
    place = shared(reached_by_all(tmp_path), STICKY, ROOT)
    make(place / "file", b"trap", 0o666)
    (place / "link").symlink_to(tmp_path / "outside")
    (place / "directory").mkdir()
    for name in ("file", "link", "directory"):
        os.chown(place / name, MALLORY, MALLORY, follow_symlinks=False)
    before = found(place, True)
    for path, name in (
        ("/srv/app.conf", "file"),
        ("/srv/app.conf", "link"),
        ("/srv/site", "directory"),
        ("/srv/app.conf", "directory/x"),
        ("/srv/app.conf", "link/x"),
    ):
        for check in (True, False):
            given = {"container": container, "direction": "from", "container_path": path, "path": str(place / name)}
            message = run("container_copy", check=check, expect="failed", **given)["msg"]
            assert "belongs to" in message and "it may have been put there to get hold of what is written" in message
    assert found(place, True) == before
    run("container_copy", direction="from", container=container, container_path="/srv/site", path=str(place / "new"))
    assert found(place / "new") == expected(tree)


def test_on_the_command_line(play: Any, container: str, dest: Path) -> None:
    line = "container=%s direction=from path=%s container_path=/srv/app.conf" % (container, dest)
    played = play(["ansible", "localhost", "-m", "wharf.docker.container_copy", "-a", line, "--diff"])
    assert played.results[0]["result"]["actions"] == ["copy %s:/srv/app.conf to %s: no such file" % (container, dest)]
    assert "+one" in played.output


# --- Large ones ---


@pytest.mark.one_engine("it is about this process")
def test_memory_does_not_grow(engine: Any, client: Any, container: str, tmp_path: Path) -> None:
    """100 MB in one file, and a tree of 1,000 files: copied, and compared, in a process of its own."""
    size = 100 * 2**20
    with open(inside(client, container, "/srv/big"), "wb") as file:
        file.truncate(size)
    many = inside(client, container, "/srv/many")
    for number in range(1000):
        directory = many / str(number % 40)
        directory.mkdir(parents=True, exist_ok=True)
        make(directory / ("n" * 100 + str(number)), b"x" * 100)
    program = (
        "import json, sys\n"
        "from memory import peak\n"
        "from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry\n"
        "from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task\n"
        "task, given = _registry.task('container_copy'), json.loads(sys.argv[1])\n"
        "def copy(name):\n"
        "    result = _task.call(task, {**given, 'container_path': '/srv/' + name, 'path': sys.argv[2] + name})\n"
        "    return result.get('msg') or result['copied']\n"
        "copy('app.conf')\n"
        "copied, grown = [], []\n"
        "for name in ('big', 'big', 'many', 'many'):\n"
        "    before = peak()\n"
        "    copied.append(copy(name))\n"
        "    grown.append(peak() - before)\n"
        "print(json.dumps({'copied': copied, 'grown': grown}))\n"
    )
    arguments = {"docker_host": engine.url, "container": container, "direction": "from"}
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(arguments), str(tmp_path) + "/"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])},
        check=True,
        capture_output=True,
        text=True,
    )
    said = json.loads(done.stdout)
    assert said["copied"] == [1, 0, 1041, 0]
    assert sum(said["grown"]) < 20_000, "%s KiB more memory" % said["grown"]
    assert (tmp_path / "big").stat().st_size == size
    assert expected(many) == found(tmp_path / "many")
