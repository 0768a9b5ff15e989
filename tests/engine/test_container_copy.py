# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_copy: what makes a difference and what doesn't, in each state, and that nothing else changes."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import stat
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_copy as _container_copy
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

# What a test copies to, below which everything is looked at.
PLACE = "/srv"
KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link", stat.S_IFIFO: "fifo"}


def inside(client: Any, container: str, path: str) -> Path:
    """A path of a container that runs, as this process sees it: looking there costs nothing."""
    return Path("/proc/%d/root%s" % (client.inspect_container(container)["State"]["Pid"], path))


def read(client: Any, container: str, path: str = PLACE) -> dict[bytes, tuple[Any, ...]]:
    """All that a container has at a path: kind, mode, owner, group, time, content or target, by names."""
    root = os.fsencode(inside(client, container, path))
    found = {}
    for name in (b"", *sorted(every(root))):
        whole = os.path.join(root, name).rstrip(b"/")
        status = os.lstat(whole)
        kind, time = stat.S_IFMT(status.st_mode), int(status.st_mtime)
        if kind == stat.S_IFDIR:
            time = 0
        content = b""
        if kind == stat.S_IFLNK:
            content = os.readlink(whole)
        elif kind == stat.S_IFREG:
            content = Path(os.fsdecode(whole)).read_bytes()
        found[name] = (KINDS[kind], stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, time, content)
    return found


def every(root: bytes, name: bytes = b"") -> Iterator[bytes]:
    whole = os.path.join(root, name)
    for one in os.listdir(whole) if os.path.isdir(whole) and not os.path.islink(whole) else ():
        yield os.path.join(name, one)
        yield from every(root, os.path.join(name, one))


def archived(client: Any, container: str, path: str) -> tuple[Any, ...]:
    """The mode, owner, group and content of a file in a container that need not run."""
    chunks, _stat = client.get_archive(container, path)
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        (member,) = archive.getmembers()
        file = archive.extractfile(member)
        assert file is not None
        return member.mode & 0o7777, member.uid, member.gid, file.read()


def put(client: Any, container: str, members: list[tuple[str, dict[str, Any]]], path: str = "/") -> None:
    """Give a container something, whether it runs or not."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.GNU_FORMAT, errors="surrogateescape") as archive:
        for name, attributes in members:
            member = tarfile.TarInfo(name)
            content = attributes.pop("content", b"")
            member.size = len(content)
            for key, value in attributes.items():
                setattr(member, key, value)
            archive.addfile(member, io.BytesIO(content))
    client.put_archive(container, path, data.getvalue())


@pytest.fixture
def container(client: Any, image: str, name: str) -> str:
    """One that runs, with an empty directory to copy to."""
    client.start(client.create_container(image, ["sleep", "1000"], name=name))
    inside(client, name, PLACE).mkdir()
    return name


@pytest.fixture
def src(tmp_path: Path) -> str:
    path = tmp_path / "app.conf"
    path.write_text("one\ntwo\n", encoding="utf-8")
    path.chmod(0o640)
    return str(path)


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def four_ways(run: Any, client: Any, actions: list[str], again: bool = True, **options: Any) -> dict[str, Any]:
    """Check mode foresees what is done, touching nothing; and afterwards there is nothing to do. Returns the result."""
    name = options["container"]
    before = read(client, name)
    foreseen = run("container_copy", check=True, expect="changed", **options)
    assert read(client, name) == before
    done = run("container_copy", expect="changed", **options)
    assert done == foreseen
    assert done["actions"] == actions
    after = read(client, name)
    if again:
        for check in (False, True):
            same = run("container_copy", check=check, expect="ok", **options)
            assert same["actions"] == [] and same["diff"] == {"before": {}, "after": {}}
            assert same["copied"] == same["removed"] == 0
        assert read(client, name) == after
    return dict(done)


def test_a_new_file(run: Any, client: Any, container: str, src: str) -> None:
    options = {"container": container, "path": src, "container_path": "/srv/app.conf"}
    action = "copy %s to %s:/srv/app.conf: no such file" % (src, container)
    done = four_ways(run, client, [action], **options)
    assert done["container"] == {"id": client.inspect_container(container)["Id"], "name": container}
    assert (done["container_path"], done["copied"], done["removed"]) == ("/srv/app.conf", 1, 0)
    assert done["diff"] == {
        "before": {},
        "after": {"content": digest(b"one\ntwo\n"), "mode": "0640", "owner_id": 0, "group_id": 0},
        "prepared": "--- before: content\n+++ after: content\n@@ -0,0 +1,2 @@\n+one\n+two\n",
    }
    found = read(client, container)[b"app.conf"]
    assert found == ("file", 0o640, 0, 0, int(os.stat(src).st_mtime), b"one\ntwo\n")


def made(src: str, attributes: dict[str, Any]) -> None:
    """Give the file to copy other attributes."""
    if "content" in attributes:
        Path(src).write_bytes(attributes["content"])
    if "mode" in attributes:
        os.chmod(src, attributes["mode"])


# What is copied first, what is changed then of the file or of the options, and the cause.
CHANGES = [
    pytest.param({"content": b"one\nthree\n"}, {}, "content {one} → {three}", id="content"),
    pytest.param({"content": b"ONE\nTWO\n"}, {}, "content {one} → {ONE}", id="content of the same size"),
    pytest.param({"content": b""}, {}, "content {one} → {}", id="no content"),
    pytest.param({"content": b"\0\xff" * 9}, {}, "content {one} → {binary}", id="binary content"),
    pytest.param({"mode": 0o4751}, {}, "mode 0640 → 4751", id="mode of the file"),
    pytest.param({}, {"mode": 0o600}, "mode 0640 → 0600", id="mode"),
    pytest.param({}, {"mode": "0600", "mode_parse": "modern"}, "mode 0640 → 0600", id="mode_parse modern"),
    pytest.param({}, {"mode": "600", "mode_parse": "octal_string_only"}, "mode 0640 → 0600", id="octal_string_only"),
    pytest.param({}, {"mode": "384"}, "mode 0640 → 0600", id="mode_parse legacy"),
    pytest.param({}, {"owner_id": 7, "group_id": 0}, "owner_id 0 → 7", id="owner_id"),
    pytest.param({}, {"owner_id": 0, "group_id": 4000000000}, "group_id 0 → 4000000000", id="group_id"),
]


@pytest.mark.parametrize(("file", "options", "cause"), CHANGES)
def test_what_makes_a_difference(
    file: dict[str, Any], options: dict[str, Any], cause: str, run: Any, client: Any, container: str, src: str
) -> None:
    given = {"container": container, "src": src, "container_path": "/srv/app.conf"}
    run("container_copy", **given)
    made(src, file)
    os.utime(src, (1_000_000_000, 1_000_000_000))
    words = {"one": b"one\ntwo\n", "three": b"one\nthree\n", "ONE": b"ONE\nTWO\n", "": b"", "binary": b"\0\xff" * 9}
    for word, data in words.items():
        cause = cause.replace("{%s}" % word, digest(data)[:19])
    done = four_ways(run, client, ["copy %s to %s:/srv/app.conf: %s" % (src, container, cause)], **{**given, **options})
    found = read(client, container)[b"app.conf"]
    assert found[5] == Path(src).read_bytes()
    if "mode" in cause:
        assert "%04o" % found[1] == cause[-4:]
    if "_id" in options:
        assert found[2:4] == (options["owner_id"], options["group_id"])
    shown = file.get("content") not in (None, b"\0\xff" * 9)
    assert ("prepared" in done["diff"]) == shown


def test_other_times_are_no_difference(run: Any, client: Any, container: str, src: str) -> None:
    given = {"container": container, "path": src, "container_path": "/srv/app.conf"}
    run("container_copy", **given)
    before = read(client, container)
    os.utime(src, (1_000_000_000, 1_000_000_000))
    run("container_copy", expect="ok", **given)
    assert read(client, container) == before


def test_text_diff(run: Any, container: str, src: str) -> None:
    given = {"container": container, "path": src, "container_path": "/srv/app.conf"}
    run("container_copy", **given)
    Path(src).write_text("one\n2\nthree", encoding="utf-8")
    shown = run("container_copy", check=True, expect="changed", **given)["diff"]["prepared"]
    assert shown == (
        "--- before: content\n+++ after: content\n@@ -1,2 +1,3 @@\n one\n-two\n+2\n+three  (no newline at the end)\n"
    )
    assert "diff" not in run("container_copy", check=True, diff=False, **given)
    for hidden in (b"\x1b[31m", b"\xff", b"x\n" * 60_000):
        Path(src).write_bytes(hidden)
        assert "prepared" not in run("container_copy", check=True, expect="changed", **given)["diff"]


@pytest.mark.parametrize("is_b64", [False, True])
def test_content(is_b64: bool, run: Any, client: Any, container: str) -> None:
    given: dict[str, Any] = {"container": container, "container_path": "/srv/x", "mode": 0o600}
    action = "copy content to %s:/srv/x: " % container
    for data, cause in (("söme\n".encode(), "no such file"), (b"other\n" * is_b64, "content differs")):
        given["content"] = base64.b64encode(data).decode() if is_b64 else data.decode()
        done = four_ways(run, client, [action + cause], **given, **({"content_is_b64": True} if is_b64 else {}))
        assert read(client, container)[b"x"][1:4] == (0o600, 0, 0)
        assert read(client, container)[b"x"][5] == data
        # What may be secret is not shown.
        text = json.dumps(done)
        assert "prepared" not in text and "sha256" not in text and "other" not in text


def test_binary_content(run: Any, client: Any, container: str) -> None:
    data = bytes(range(256)) * 300
    given = {"content": base64.b64encode(data).decode(), "content_is_b64": True, "mode": 0o600}
    action = "copy content to %s:/srv/x: no such file" % container
    four_ways(run, client, [action], container=container, container_path="/srv/x", **given)
    assert read(client, container)[b"x"][5] == data


def test_force(run: Any, client: Any, container: str, src: str) -> None:
    given = {"container": container, "path": src, "container_path": "/srv/app.conf"}
    target = "copy %s to %s:/srv/app.conf: " % (src, container)
    four_ways(run, client, [target + "no such file"], force=False, **given)
    four_ways(run, client, [target + "force is true"], again=False, force=True, **given)
    Path(src).write_text("more", encoding="utf-8")
    run("container_copy", expect="ok", force=False, **given)
    assert read(client, container)[b"app.conf"][5] == b"one\ntwo\n"
    four_ways(run, client, [target + "force is true"], again=False, force=True, **given)
    assert read(client, container)[b"app.conf"][5] == b"more"
    # Whatever is there.
    inside(client, container, "/srv/link").symlink_to("nowhere")
    run("container_copy", expect="ok", force=False, container=container, path=src, container_path="/srv/link")


LINKS = [
    pytest.param("target", id="relative"),
    pytest.param("middle", id="by way of another"),
]


@pytest.mark.parametrize("target", LINKS)
def test_follow(target: str, run: Any, client: Any, container: str, src: str) -> None:
    inside(client, container, "/srv/link").symlink_to(target)
    inside(client, container, "/srv/middle").symlink_to("../srv/target")
    given = {"container": container, "path": src, "container_path": "/srv/link"}
    action = "copy %s to %s:%s: " % (src, container, "{}")
    done = four_ways(run, client, [action.format("/srv/target") + "no such file"], follow=True, **given)
    assert done["container_path"] == "/srv/target"
    found = read(client, container)
    assert (found[b"link"][0], found[b"target"][5]) == ("link", b"one\ntwo\n")
    done = four_ways(
        run,
        client,
        [
            action.format("/srv/link")
            + "type link → file, content (none) → %s, mode (none) → 0640, owner_id (none) → 0, group_id (none) → 0"
            % digest(b"one\ntwo\n")[:19]
        ],
        **given,
    )
    assert done["container_path"] == "/srv/link"
    assert read(client, container)[b"link"][0] == "file"


def test_local_follow(run: Any, client: Any, container: str, src: str, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("../" + tmp_path.name + "/app.conf")
    given = {"container": container, "path": str(link), "container_path": "/srv/link"}
    action = "copy %s to %s:/srv/link: " % (link, container)
    four_ways(run, client, [action + "no such file"], **given)
    assert read(client, container)[b"link"][5] == b"one\ntwo\n"
    cause = "type file → link, target (none) → ../%s/app.conf, owner_id (none) → 0, group_id (none) → 0" % tmp_path.name
    four_ways(run, client, [action + cause], local_follow=False, **given)
    found = read(client, container)[b"link"]
    assert (found[0], found[5]) == ("link", b"../%s/app.conf" % os.fsencode(tmp_path.name))
    link.unlink()
    # Engines before 28 refuse such a link elsewhere than at the root.
    link.symlink_to("../etc/passwd")
    cause = "target ../%s/app.conf → ../etc/passwd" % tmp_path.name
    four_ways(run, client, [action + cause], local_follow=False, **given)
    link.unlink()
    link.symlink_to("/nowhere")
    four_ways(run, client, [action + "target ../etc/passwd → /nowhere"], local_follow=False, **given)
    message = run("container_copy", expect="failed", **given)["msg"]
    assert "this link leads to nothing" in message


@pytest.mark.parametrize(
    ("user", "ids"),
    [
        ("5:6", (5, 6)),
        ("www", (33, 44)),
        ("7:staff", (7, 50)),
    ],
)
def test_the_user_of_the_container(
    user: str, ids: tuple[int, int], run: Any, client: Any, image: str, name: str, src: str
) -> None:
    client.create_container(image, ["sleep", "1000"], name=name, user=user)
    users = b"root:x:0:0::/:/bin/sh\nbroken\nwww:x:33:44::/:/bin/sh\n"
    files = [("passwd", {"content": users}), ("group", {"content": b"root:x:0:\nstaff:x:50:www\n"})]
    put(client, name, files, "/etc")
    given = {"container": name, "path": src, "container_path": "/etc/x"}
    assert run("container_copy", check=True, expect="changed", **given)["diff"]["after"]["owner_id"] == ids[0]
    run("container_copy", expect="changed", **given)
    run("container_copy", expect="ok", **given)
    assert archived(client, name, "/etc/x")[1:3] == ids


def test_a_user_that_the_container_does_not_have(run: Any, client: Any, image: str, name: str, src: str) -> None:
    for user, words in (
        ("nobody-here", "the user nobody-here of the container is not in"),
        ("1:gone", "the group gone"),
    ):
        client.create_container(image, ["true"], name=name + user[:1], user=user)
        given = {"container": name + user[:1], "path": src, "container_path": "/tmp/x"}
        for check in (True, False):
            message = run("container_copy", check=check, expect="failed", **given)["msg"]
            assert words in message and "Set owner_id and group_id" in message
        run("container_copy", expect="changed", owner_id=1, group_id=2, **given)


@pytest.mark.parametrize("state", ["created", "running", "paused", "exited"])
def test_states(state: str, run: Any, client: Any, image: str, name: str, src: str) -> None:
    client.create_container(image, ["sleep", "1000"], name=name)
    if state != "created":
        client.start(name)
    if state == "paused":
        client.pause(name)
    if state == "exited":
        client.kill(name)
    assert client.inspect_container(name)["State"]["Status"] == state
    given = {"container": name, "path": src, "container_path": "/etc/app.conf", "owner_id": 1, "group_id": 2}
    action = "copy %s to %s:/etc/app.conf: no such file" % (src, name)
    for check in (True, False):
        assert run("container_copy", check=check, expect="changed", **given)["actions"] == [action]
    run("container_copy", expect="ok", **given)
    assert archived(client, name, "/etc/app.conf") == (0o640, 1, 2, b"one\ntwo\n")
    assert client.inspect_container(name)["State"]["Status"] == state
    if state == "running":
        shown = client.exec_start(client.exec_create(name, ["cat", "/etc/app.conf"])["Id"])
        assert shown == b"one\ntwo\n"


def test_remote_src(run: Any, client: Any, container: str, src: str) -> None:
    given = {"container": container, "container_path": "/srv/x"}
    four_ways(
        run,
        client,
        ["copy %s to %s:/srv/x: no such file" % (src, container)],
        remote_src=False,
        path=src,
        **given,
    )
    message = run("container_copy", expect="failed", remote_src=False, path=src + ".gone", **given)["msg"]
    assert "With remote_src false it is the controller's file that is meant" in message


def test_by_id_and_by_alias(run: Any, client: Any, container: str, src: str) -> None:
    found = client.inspect_container(container)["Id"]
    done = run("container_copy", expect="changed", name=found[:12], src=src, container_path="//srv//./x")
    assert done["actions"] == ["copy %s to %s:/srv/x: no such file" % (src, container)]
    run("container_copy", expect="ok", name="/" + container, src=src, container_path="/srv/x")


def test_a_container_that_is_not_there(run: Any, name: str, src: str, tmp_path: Path) -> None:
    given = {"container": name, "container_path": "/srv/x"}
    message = run("container_copy", expect="failed", path=src, **given)["msg"]
    assert message.startswith("Cannot copy %s to %s:/srv/x: there is no such container." % (src, name))
    done = run("container_copy", check=True, expect="changed", warnings=True, path=src, **given)
    assert done["actions"] == ["copy %s to %s:/srv/x: no such file" % (src, name)]
    done = run("container_copy", check=True, expect="changed", warnings=True, path=str(tmp_path), **given)
    assert done["actions"] == ["copy %s to %s:/srv/x: no such directory" % (tmp_path, name)]


def test_a_decimal_mode_is_warned_of(run: Any, container: str, src: str) -> None:
    given = {"container": container, "path": src, "container_path": "/srv/x", "mode": "0644"}
    done = run("container_copy", check=True, warnings=True, **given)
    assert done["diff"]["after"]["mode"] == "1204"
    assert "set mode_parse to modern" in done["warnings"][0]


@pytest.fixture(scope="module")
def odd(client: Any, image: str) -> Iterator[str]:
    """A container with all kinds of places, whose root file system is read-only."""
    name = "t-odd-" + os.urandom(4).hex()
    config = client.create_host_config(
        read_only=True,
        tmpfs={"/tmpfs": ""},
        binds=["%s-v:/v" % name, "%s-ro:/ro:ro" % name, "%s-v2:/tmpfs/seen" % name],
    )
    client.start(client.create_container(image, ["sleep", "1000"], name=name, host_config=config, volumes=["/v"]))
    links = [
        ("to-tmpfs", {"type": tarfile.SYMTYPE, "linkname": "/tmpfs"}),
        ("to-shm", {"type": tarfile.SYMTYPE, "linkname": "/dev/shm"}),
        ("loop", {"type": tarfile.SYMTYPE, "linkname": "loop"}),
        ("file", {"content": b"x"}),
        ("here", {"type": tarfile.SYMTYPE, "linkname": "directory"}),
        ("directory", {"type": tarfile.DIRTYPE}),
        ("fifo", {"type": tarfile.FIFOTYPE}),
    ]
    put(client, name, links, "/v")
    yield name
    client.remove_container(name, force=True, v=True)
    for suffix in ("v", "ro", "v2"):
        client.remove_volume("%s-%s" % (name, suffix))


REFUSED = [
    ("/gone/x", {}, "the directory /gone does not exist in the container. Create it first"),
    ("/v/file/x", {}, "the engine can't follow the path /v/file/x"),
    ("/v/loop", {}, "the engine can't follow the path /v/loop"),
    ("/v/loop", {"follow": True}, "the engine can't follow the path /v/loop"),
    ("/v/directory", {}, "/v/directory is a directory in the container. Give the whole path of the file, for example"),
    ("/v/here", {"follow": True}, "/v/directory is a directory in the container"),
    ("/v", {}, "/v is a directory in the container"),
    ("/ro/x", {}, "/ro is mounted read-only"),
    ("/etc/x", {}, "root file system is read-only"),
    ("/tmpfs/x", {}, "/tmpfs/x is below /tmpfs, a tmpfs, and the engine sees nothing of what is in it"),
    ("/v/to-tmpfs/x", {}, "a tmpfs, and the engine sees nothing of what is in it"),
    ("/dev/shm/x", {}, "/dev/shm/x is below /dev, which the kernel makes"),
    ("/v/to-shm/x", {}, "/dev/shm is below /dev, which the kernel makes"),
    ("/proc/1/comm", {}, "which the kernel makes"),
]


@pytest.mark.parametrize(("path", "options", "words"), REFUSED)
def test_what_the_container_has_no_room_for(
    path: str, options: dict[str, Any], words: str, run: Any, client: Any, odd: str, src: str
) -> None:
    before = read(client, odd, "/v")
    for check in (True, False):
        result = run(
            "container_copy", check=check, expect="failed", container=odd, path=src, container_path=path, **options
        )
        assert words in result["msg"], result["msg"]
        assert result["msg"].startswith("Cannot copy %s to %s:%s: " % (src, odd, path))
    assert read(client, odd, "/v") == before


def test_where_there_is_room(run: Any, client: Any, odd: str, src: str) -> None:
    for path in ("/v/x", "/tmpfs/seen/x", "/v/here/y", "/v/fifo", "/v/file"):
        for check in (True, False):
            run("container_copy", check=check, expect="changed", container=odd, path=src, container_path=path)
        run("container_copy", expect="ok", container=odd, path=src, container_path=path)
        assert read(client, odd, path)[b""][5] == b"one\ntwo\n"


def test_a_file_that_is_mounted(run: Any, client: Any, image: str, name: str, src: str, tmp_path: Path) -> None:
    (tmp_path / "host").write_text("host", encoding="utf-8")
    config = client.create_host_config(binds=["%s:/mounted" % (tmp_path / "host")])
    client.create_container(image, ["sleep", "1000"], name=name, host_config=config)
    client.start(name)
    for path in ("/mounted", "/etc/hosts", "/etc/resolv.conf"):
        for check in (True, False):
            given = {"container": name, "path": src, "container_path": path}
            message = run("container_copy", check=check, expect="failed", **given)["msg"]
            assert "%s is mounted in the container, and can't be replaced" % path in message
    (tmp_path / "host").write_bytes(Path(src).read_bytes())
    (tmp_path / "host").chmod(0o640)
    run("container_copy", expect="ok", container=name, path=src, container_path="/mounted")


# --- Trees ---

ODD_NAMES = (b"\xff\xfe", b"a\nb", b"-rf", b" ", "söme 港".encode(), b"n" * 255, b"*")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with all that can be copied."""
    root = tmp_path / "site"
    for name in ("", "conf", "conf/inner", "empty", "d" * 200):
        (root / name).mkdir(mode=0o755)
    for name in ("index", "conf/a", "conf/inner/b", "d" * 200 + "/" + "f" * 200):
        (root / name).write_text(name, encoding="utf-8")
        (root / name).chmod(0o644)
    (root / "conf" / "inner").chmod(0o750)
    (root / "conf" / "a").chmod(0o4711)
    return root


def local(root: Path) -> dict[bytes, tuple[Any, ...]]:
    """Of a tree of this host what a container is to have of it: type, mode, content or target."""
    found = {}
    for name in every(os.fsencode(root)):
        path = Path(os.fsdecode(os.path.join(os.fsencode(root), name)))
        status = path.lstat()
        content: bytes = os.fsencode(os.readlink(path)) if path.is_symlink() else b""
        if stat.S_ISREG(status.st_mode):
            content = path.read_bytes()
        found[name] = (KINDS[stat.S_IFMT(status.st_mode)], stat.S_IMODE(status.st_mode), content)
    return found


def copied(client: Any, container: str, path: str = "/srv/site") -> dict[bytes, tuple[Any, ...]]:
    """The same of a container."""
    return {
        name: (kind, mode, content)
        for name, (kind, mode, _uid, _gid, _time, content) in read(client, container, path).items()
        if name
    }


def test_a_tree(run: Any, client: Any, container: str, tree: Path) -> None:
    given = {"container": container, "path": str(tree), "container_path": "/srv/site", "owner_id": 1, "group_id": 2}
    action = "copy %s to %s:/srv/site: " % (tree, container)
    done = four_ways(run, client, [action + "no such directory"], **given)
    assert copied(client, container) == local(tree)
    assert all(entry[2:4] == (1, 2) for name, entry in read(client, container, "/srv/site").items())
    assert done["copied"] == len(local(tree)) + 1
    assert done["diff"]["after"]["conf/a"] == {"content": "6 bytes", "mode": "4711", "owner_id": 1, "group_id": 2}

    # The directory itself is the container's own: its attributes are no difference.
    inside(client, container, "/srv/site").chmod(0o700)
    (tree / "conf" / "a").write_text("CONF/A", encoding="utf-8")
    (tree / "conf" / "inner").chmod(0o700)
    (tree / "new").mkdir()
    (tree / "new").chmod(0o755)
    (tree / "new" / "x").write_text("x", encoding="utf-8")
    (tree / "new" / "x").chmod(0o600)
    os.chown(inside(client, container, "/srv/site/index"), 9, 2)
    causes = "conf/a (content), conf/inner (mode 0750 → 0700), index (owner_id 9 → 1), new (missing), new/x (missing)"
    if os.geteuid() == 0:
        (tree / "conf" / "a").chmod(0o4711)
    done = four_ways(run, client, [action + causes], **given)
    assert done["copied"] == 5
    assert done["diff"]["before"]["index"] == {"owner_id": 9}
    assert "-conf/a" in done["diff"]["prepared"] and "+CONF/A" in done["diff"]["prepared"]
    assert copied(client, container) == local(tree)
    assert read(client, container, "/srv/site")[b""][1] == 0o700

    # What the container has besides stays, and is not looked at.
    inside(client, container, "/srv/site/conf/more").write_text("more", encoding="utf-8")
    run("container_copy", expect="ok", **given)


def test_names_and_links(run: Any, client: Any, container: str, tree: Path) -> None:
    for name in ODD_NAMES:
        Path(os.fsdecode(os.path.join(os.fsencode(tree), name))).write_bytes(name)
    (tree / "hard").hardlink_to(tree / "index")
    for name, target in (
        ("up", "../../etc"),
        ("out", "/etc/passwd"),
        ("gone", "nowhere"),
        ("self", "self"),
        ("in", "conf"),
    ):
        (tree / name).symlink_to(target)
    given = {"container": container, "path": str(tree), "container_path": "/srv/site", "local_follow": False}
    action = "copy %s to %s:/srv/site: " % (tree, container)
    four_ways(run, client, [action + "no such directory"], **given)
    assert copied(client, container) == local(tree)
    # A link that the container has is replaced, and nothing is written where it leads.
    for name in ("index", "conf/a"):
        inside(client, container, "/srv/site/" + name).unlink()
        inside(client, container, "/srv/site/" + name).symlink_to("../../../etc/passwd")
    hard = inside(client, container, "/srv/site/hard")
    hard.unlink()
    hard.hardlink_to(inside(client, container, "/srv/site/gone2")) if hard.with_name("gone2").exists() else None
    passwd = inside(client, container, "/etc/passwd").read_bytes()
    done = run("container_copy", expect="changed", **given)
    assert done["copied"] == 3
    assert copied(client, container) == local(tree)
    assert inside(client, container, "/etc/passwd").read_bytes() == passwd
    # Hard links of the container are files like others.
    for name in ("index", "hard"):
        (tree / name).write_text("same", encoding="utf-8")
    inside(client, container, "/srv/site/hard").unlink()
    inside(client, container, "/srv/site/index").write_text("same", encoding="utf-8")
    inside(client, container, "/srv/site/hard").hardlink_to(inside(client, container, "/srv/site/index"))
    run("container_copy", expect="ok", **given)


def test_links_that_are_followed(run: Any, client: Any, container: str, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "x").write_text("x", encoding="utf-8")
    (tree / "to-directory").symlink_to(tmp_path / "else")
    (tree / "to-file").symlink_to("conf/a")
    (tmp_path / "link").symlink_to("site")
    given = {"container": container, "path": str(tmp_path / "link"), "container_path": "/srv/site"}
    four_ways(run, client, ["copy %s to %s:/srv/site: no such directory" % (tmp_path / "link", container)], **given)
    found = copied(client, container)
    assert found[b"to-directory/x"][2] == b"x" and found[b"to-file"][2] == b"conf/a"
    assert not [name for name, entry in found.items() if entry[0] == "link"]


def test_exclude(run: Any, client: Any, container: str, tree: Path) -> None:
    for name in ("x.log", "conf/y.log", "cache", "conf/cache"):
        (tree / name).write_text("x", encoding="utf-8")
    given = {"container": container, "path": str(tree), "container_path": "/srv/site"}
    given["exclude"] = ["*.log", "/cache", "conf/inner", "d" * 200]
    four_ways(run, client, ["copy %s to %s:/srv/site: no such directory" % (tree, container)], **given)
    assert sorted(copied(client, container)) == [b"conf", b"conf/a", b"conf/cache", b"empty", b"index"]
    given.update(exclude=["*"], container_path="/srv/nothing")
    four_ways(run, client, ["copy %s to %s:/srv/nothing: no such directory" % (tree, container)], **given)


def test_a_file_with_more_content_than_its_size(run: Any, client: Any, container: str, tmp_path: Path) -> None:
    """As those that the kernel makes: an empty file would be copied without a word."""
    given = {"container": container, "container_path": "/srv/x"}
    for check in (True, False):
        failed = run("container_copy", check=check, expect="failed", path="/proc/version", **given)
        assert "/proc/version has more content than the 0 bytes of its size" in failed["msg"]
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "link").symlink_to("/proc/version")
    failed = run("container_copy", expect="failed", path=str(tmp_path / "tree"), **given)
    assert "/proc/version has more content than the 0 bytes of its size" in failed["msg"]
    assert copied(client, container, PLACE) == {}


def test_links_that_lead_nowhere(run: Any, client: Any, container: str, tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to("nothing")
    (tmp_path / "loop").symlink_to("loop")
    given = {"container": container, "container_path": "/srv/x"}
    for name, words in (("gone", "this link leads to nothing"), ("loop", "this link leads to itself")):
        failed = run("container_copy", expect="failed", path=str(tmp_path / name), **given)
        assert words + ". Set local_follow to false" in failed["msg"]
        inside = run(
            "container_copy", expect="failed", path=str(tmp_path), exclude=["gone", "loop"][name == "gone"], **given
        )
        assert "the link %s leads to" % (tmp_path / name) in inside["msg"]


def test_mode_and_force_of_a_tree(run: Any, client: Any, container: str, tree: Path) -> None:
    given = {"container": container, "path": str(tree), "container_path": "/srv/site", "exclude": ["d*"]}
    target = "copy %s to %s:/srv/site: " % (tree, container)
    four_ways(run, client, [target + "no such directory"], mode=0o600, **given)
    found = copied(client, container)
    assert {entry[1] for entry in found.values() if entry[0] == "file"} == {0o600}
    assert found[b"conf/inner"][1] == 0o750
    # Only what is not there.
    inside(client, container, "/srv/site/index").unlink()
    four_ways(run, client, [target + "index (missing)"], force=False, **given)
    causes = (
        "conf (force is true), conf/a (mode 0600 → 4711), conf/inner (force is true), "
        "conf/inner/b (mode 0600 → 0644), empty (force is true), index (force is true)"
    )
    four_ways(run, client, [target + causes], again=False, force=True, **given)
    assert copied(client, container)[b"conf/a"][1] == 0o4711


@pytest.fixture
def removing(client: Any, container: str) -> str:
    """A container that has all programs with which something is removed."""
    for program in ("rmdir", "xargs"):
        inside(client, container, "/bin/" + program).symlink_to("busybox")
    return container


def test_delete(run: Any, client: Any, removing: str, tree: Path) -> None:
    container = removing
    given = {"container": container, "path": str(tree), "container_path": "/srv/site"}
    run("container_copy", **given)
    there = inside(client, container, "/srv/site")
    for name in ("more", "more/inner", "conf/kept", "conf/kept/inner"):
        (there / name).mkdir()
    for name in ("more/x", "more/inner/y", "conf/z", "conf/kept/inner/x.log"):
        (there / name).write_text("x", encoding="utf-8")
    for odd in ODD_NAMES:
        Path(os.fsdecode(os.path.join(os.fsencode(there), odd))).write_bytes(odd)
    (there / "link").symlink_to("/etc")
    (there / "conf" / "a").unlink()
    given.update(delete=True, exclude=["*.log"])
    run("container_copy", expect="changed", check=True, **given)
    actions = run("container_copy", check=True, **given)["actions"]
    assert actions[0] == "copy %s to %s:/srv/site: conf/a (missing)" % (tree, container)
    assert actions[1].startswith("remove %s:/srv/site/ " % container) and "13 in all: " in actions[1]
    done = four_ways(run, client, actions, **given)
    assert (done["copied"], done["removed"]) == (1, 13)
    found = copied(client, container)
    assert {name for name in found if name not in local(tree)} == {
        b"conf/kept",
        b"conf/kept/inner",
        b"conf/kept/inner/x.log",
    }
    assert (inside(client, container, "/etc") / "passwd").exists()
    done = run("container_copy", expect="changed", **{**given, "exclude": []})
    assert done["actions"] == [
        "remove %s:/srv/site/conf/kept and 2 more: not in %s, 3 in all: conf/kept, conf/kept/inner, "
        "conf/kept/inner/x.log" % (container, tree)
    ]
    assert copied(client, container) == local(tree)
    # Only a running container can remove something.
    (there / "more").write_text("x", encoding="utf-8")
    client.pause(container)
    for check in (True, False):
        message = run("container_copy", check=check, expect="failed", **given)["msg"]
        assert "/srv/site/more would have to be removed, which is only possible in a running container" in message
    client.unpause(container)


def test_a_container_without_the_programs(run: Any, client: Any, container: str, tree: Path) -> None:
    given = {"container": container, "path": str(tree), "container_path": "/srv/site", "delete": True}
    run("container_copy", **given)
    inside(client, container, "/srv/site/more").mkdir()
    message = run("container_copy", expect="failed", **given)["msg"]
    assert "It was to remove more in the container with the program rmdir." in message
    inside(client, container, "/srv/site/more").rmdir()
    run("container_copy", expect="ok", **given)


def test_what_is_in_the_way(run: Any, client: Any, removing: str, tree: Path) -> None:
    container = removing
    there = inside(client, container, "/srv/site")
    for name in ("", "index", "index/inner"):
        (there / name).mkdir()
    (there / "index" / "x").write_text("x", encoding="utf-8")
    (there / "conf").write_text("x", encoding="utf-8")
    given = {"container": container, "path": str(tree), "container_path": "/srv/site"}
    before = read(client, container)
    for check in (True, False):
        message = run("container_copy", check=check, expect="failed", **given)["msg"]
        assert "a directory on one side and something else on the other: conf, index. Set delete to true" in message
    assert read(client, container) == before
    actions = run("container_copy", check=True, delete=True, **given)["actions"]
    assert "in the way of what is copied, 4 in all: conf, index, index/inner, index/x" in actions[0]
    four_ways(run, client, actions, delete=True, **given)
    assert copied(client, container) == local(tree)


def test_where_a_tree_can_not_go(run: Any, client: Any, container: str, tree: Path) -> None:
    inside(client, container, "/srv/file").write_text("x", encoding="utf-8")
    inside(client, container, "/srv/link").symlink_to("../etc")
    for path, words in (
        ("/srv/file", "/srv/file is a file, and a directory is to be copied"),
        ("/srv/link", "/srv/link is a symbolic link, and a directory is to be copied. Set follow to true"),
        ("/dev", "/dev, which the kernel makes"),
    ):
        for check in (True, False):
            given = {"container": container, "path": str(tree), "container_path": path}
            assert words in run("container_copy", check=check, expect="failed", **given)["msg"]
    done = run("container_copy", path=str(tree), container=container, container_path="/srv/link/", follow=True)
    assert done["container_path"] == "/etc"
    assert (inside(client, container, "/etc") / "conf" / "a").exists()


# --- Failures, and large files ---


def test_a_file_that_changes_meanwhile(
    engine: Any, client: Any, container: str, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is seen when the archive is made, before anything is sent."""
    arguments = {"docker_host": engine.url, "container": container, "path": str(tree), "container_path": "/srv/site"}
    real = _container_copy.plan_copy
    inside(client, container, "/srv/site").mkdir()

    def spoil(path: Path, data: str) -> None:
        def plan_and_spoil(*given: Any) -> Any:
            plan = real(*given)
            if data:
                path.write_text(data, encoding="utf-8")
            else:
                path.unlink()
            return plan

        monkeypatch.setattr(_container_copy, "plan_copy", plan_and_spoil)

    before = read(client, container)
    for data, words in (("CONF/B", "changed while it was read. Nothing was copied."), ("", "can't be read")):
        spoil(tree / "conf" / "inner" / "b", data)
        result = _task.call(_registry.task("container_copy"), arguments)
        assert words in result["msg"] and "conf/inner/b" in result["msg"], result
        assert read(client, container) == before


def test_what_a_failure_leaves(
    engine: Any, client: Any, container: str, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine fails in the middle: a directory came into being where a file is to be."""
    arguments = {"docker_host": engine.url, "container": container, "path": str(tree), "container_path": "/srv/site"}
    there = inside(client, container, "/srv/site")
    there.mkdir()
    (there / "index").write_text("old", encoding="utf-8")
    real = _container_copy.plan_copy

    def plan_and_spoil(*given: Any) -> Any:
        plan = real(*given)
        (there / "index").unlink()
        (there / "index").mkdir()
        return plan

    monkeypatch.setattr(_container_copy, "plan_copy", plan_and_spoil)
    message = _task.call(_registry.task("container_copy"), arguments)["msg"]
    assert "cannot overwrite directory" in message
    assert "What is there now: 7 of 8 entries were copied. Missing or incomplete: index." in message
    monkeypatch.setattr(_container_copy, "plan_copy", real)
    (there / "index").rmdir()
    assert _task.call(_registry.task("container_copy"), arguments)["copied"] == 1
    assert copied(client, container) == local(tree)


def test_no_room_for_the_archive(run: Any, client: Any, container: str, src: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(tempfile, "tempdir", src + ".gone")
    message = run("container_copy", expect="failed", container=container, path=src, container_path="/srv/x")["msg"]
    assert "the archive to send can't be written to %s.gone" % src in message and "TMPDIR" in message
    assert b"x" not in read(client, container)


def test_memory_does_not_grow_with_the_file(engine: Any, client: Any, container: str, tmp_path: Path) -> None:
    """150 MB, in a process of its own: sent, read again, and compared."""
    path, size = tmp_path / "big", 150 * 2**20
    with open(path, "wb") as file:
        file.truncate(size)
    program = (
        "import json, sys\n"
        "from memory import peak\n"
        "from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry\n"
        "from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task\n"
        "task, arguments = _registry.task('container_copy'), json.loads(sys.argv[1])\n"
        "_task.call(task, {**arguments, 'path': __file__, 'container_path': '/srv/small'})\n"
        "before = peak()\n"
        "results = [_task.call(task, arguments), _task.call(task, arguments)]\n"
        "changed = [result.get('msg') or result['changed'] for result in results]\n"
        "print(json.dumps({'changed': changed, 'grown': peak() - before}))\n"
    )
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    arguments = {"docker_host": engine.url, "path": str(path), "container": container, "container_path": "/srv/big"}
    done = subprocess.run(
        [sys.executable, str(tmp_path / "program.py"), json.dumps(arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])},
        check=True,
        capture_output=True,
        text=True,
    )
    said = json.loads(done.stdout)
    assert said["changed"] == [True, False]
    assert said["grown"] < 20_000, "%d KiB more memory" % said["grown"]
    assert inside(client, container, "/srv/big").stat().st_size == size


def test_on_the_command_line(play: Any, ansible: Any, client: Any, container: str, src: str) -> None:
    line = "container=%s src=%s container_path=/srv/x mode=0600 mode_parse=modern" % (container, src)
    played = play(["ansible", "localhost", "-m", "wharf.docker.container_copy", "-a", line, "--diff"])
    assert played.results[0]["result"]["actions"] == ["copy %s to %s:/srv/x: no such file" % (src, container)]
    assert "+one" in played.output
    given = {"container": container, "path": src, "container_path": "/srv/x", "mode": 0o600}
    ansible("container_copy", expect="ok", **given)
    played = play(
        ["ansible", "localhost", "-m", "wharf.docker.container_copy", "-a"]
        + [json.dumps({"container": container, "content": "the password", "mode": 384, "container_path": "/srv/x"})]
        + ["--diff", "-vvv"]
    )
    assert played.results[0]["result"]["changed"] and "the password" not in played.output
