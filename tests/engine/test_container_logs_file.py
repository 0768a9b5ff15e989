# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_logs with dest: what is in the file, which differences count, and that nothing else is touched."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from places import ALICE, MALLORY, OPEN, PRECIOUS, ROOT, STICKY, put, reached_by_all, shared, snapshot

HERE = Path(__file__).resolve().parent
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z"
OTHER = 65534  # nobody
SCRIPT = "echo one; sleep 0.3; echo 'größer €' >&2; sleep 0.3; echo three; sleep 0.3; printf end >&2"
WHOLE = "one\ngrößer €\nthree\nend"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
on_the_host = pytest.mark.one_engine("it is about files where Ansible runs")


def create(client: Any, image: str, name: str, script: str, **options: Any) -> str:
    """Run a container to its end. Returns its id."""
    host = client.create_host_config(**options.pop("host", {}))
    found = client.create_container(image, ["sh", "-c", script], name=name, host_config=host, **options)["Id"]
    client.start(found)
    client.wait(found)
    return str(found)


@pytest.fixture(scope="module")
def web(client: Any, image: str) -> Iterator[str]:
    """A container for tests that only read its log: four lines, by turns on stdout and stderr."""
    create(client, image, "log-of-web", SCRIPT)
    yield "log-of-web"
    client.remove_container("log-of-web")


@pytest.fixture
def dest(tmp_path: Path) -> str:
    return str(tmp_path / "web.log")


def state(path: str) -> Any:
    """The state of a file's directory: names, contents, attributes, and times except the access time."""
    found = sorted((entry, entry.lstat()) for entry in Path(path).parent.iterdir())
    return [
        (
            entry.name,
            entry.read_bytes() if entry.is_file() else b"",
            (of.st_mode, of.st_ino, of.st_uid, of.st_gid, of.st_size, of.st_mtime_ns, of.st_ctime_ns),
        )
        for entry, of in found
    ]


def four_ways(run: Any, actions: list[str], **options: Any) -> dict[str, Any]:
    """Check mode predicts the change and touches nothing; afterwards there is nothing to do. Returns the result."""
    dest = options["dest"]
    before = state(dest)
    foreseen = run("container_logs", check=True, expect="changed", **options)
    assert state(dest) == before
    done = run("container_logs", expect="changed", **options)
    assert done == foreseen
    assert done["actions"] == actions
    after = state(dest)
    for check in (False, True):
        again = run("container_logs", check=check, expect="ok", **options)
        assert again == {**done, "changed": False, "actions": [], "steps": [], "diff": {"before": {}, "after": {}}}
    assert state(dest) == after
    assert not [found for found in os.listdir(Path(dest).parent) if "wharf-" in found]
    content = Path(dest).read_bytes()
    assert done["size"] == len(content)
    assert done["lines"] == content.count(b"\n") + (not content.endswith((b"\n",)) and bool(content))
    assert done["checksum"] == hashlib.sha256(content).hexdigest()
    assert done["mode"] == "%04o" % stat.S_IMODE(os.stat(dest).st_mode)
    return dict(done)


def new(name: str, dest: str) -> list[str]:
    return ["write log of %s to %s: no such file" % (name, dest)]


def test_a_new_file(run: Any, client: Any, web: str, dest: str) -> None:
    done = four_ways(run, new(web, dest), name=web, dest=dest)
    data = WHOLE.encode()
    assert Path(dest).read_bytes() == data
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    assert done["diff"] == {
        "before": {},
        "after": {"content": digest, "size": len(data), "lines": 4, "mode": "0600"},
    }
    assert set(done) == {
        *("changed", "actions", "steps", "diff", "file", "container", "size", "lines", "checksum", "mode"),
    }, "and not the text"
    container_id = client.inspect_container(web)["Id"]
    assert done["container"] == {"id": container_id, "name": web}
    assert done["file"] == dest and done["mode"] == "0600"
    assert run("container_logs", expect="ok", container=container_id[:12], dest=dest)["container"]["name"] == web


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"stderr": False}, "one\nthree\n"),
        ({"stdout": False}, "größer €\nend"),
        ({"tail": 2}, "three\nend"),
        ({"tail": 0}, ""),
        ({"since": "2001-01-01"}, WHOLE),
        ({"since": "2100-01-01"}, ""),
        ({"until": "2001-01-01"}, ""),
        ({"until": "2100-01-01", "stderr": False, "tail": 1}, None),
    ],
    ids=str,
)
def test_parts_of_a_log(options: dict[str, Any], text: str | None, run: Any, web: str, dest: str) -> None:
    """The same part as without dest; the engine decides what the last lines are if only one stream is read."""
    result = run("container_logs", name=web, **options)
    done = four_ways(run, new(web, dest), name=web, dest=dest, **options)
    written = Path(dest).read_text(encoding="utf-8")
    assert text is None or written == text
    assert sorted(written) == sorted(result["stdout"] + result["stderr"])
    assert done["lines"] == len(written.splitlines())


def test_since_and_until(run: Any, web: str, dest: str) -> None:
    run("container_logs", name=web, dest=dest, timestamps=True)
    lines = Path(dest).read_text(encoding="utf-8").split("\n")
    assert all(re.match(STAMP + " ", line) for line in lines)
    assert [line.partition(" ")[2] for line in lines] == WHOLE.split("\n")
    times = [line.partition(" ")[0] for line in lines]
    os.unlink(dest)
    four_ways(run, new(web, dest), name=web, dest=dest, since=times[1], until=times[2])
    assert Path(dest).read_text(encoding="utf-8") == "größer €\nthree\n"


@pytest.mark.parametrize("tty", [False, True])
@pytest.mark.parametrize("driver", ["json-file", "local"])
def test_timestamps(driver: str, tty: bool, run: Any, client: Any, image: str, name: str, dest: str) -> None:
    """Each line has one time at its beginning, also a long one. If the other stream interrupts it, it gets a second."""
    script = (
        "zeros() { head -c $1 /dev/zero | tr '\\0' x; }; zeros 40000; echo; sleep 0.2; zeros 20000; sleep 0.2; "
        "echo other >&2; sleep 0.2; echo rest"
    )
    create(client, image, name, script, tty=tty, host={"log_config": {"type": driver}})
    four_ways(run, new(name, dest), name=name, dest=dest, timestamps=True)
    lines = Path(dest).read_text(encoding="utf-8").replace("\r", "").rstrip("\n").split("\n")
    found = [re.fullmatch("(%s) (.*)" % STAMP, line) for line in lines]
    assert all(found), [line[:100] for line in lines]
    texts = [line[2] for line in found if line]
    whole = "x" * 20000 + "other"
    assert texts == ["x" * 40000, *([whole] if tty else ["x" * 16384, "other"]), "rest" if tty else "x" * 3616 + "rest"]


def test_a_terminal(run: Any, client: Any, image: str, name: str, dest: str) -> None:
    create(client, image, name, "echo out; sleep 0.1; echo err >&2", tty=True)
    four_ways(run, new(name, dest), name=name, dest=dest)
    assert Path(dest).read_bytes() == b"out\r\nerr\r\n"


@pytest.mark.parametrize("driver", ["json-file", "local"])
def test_it_is_what_docker_logs_writes(
    driver: str, run: Any, engine: Any, client: Any, image: str, name: str, dest: str
) -> None:
    """Bytes that are no text, empty lines, and long lines."""
    script = "for n in 1 2 3; do echo; head -c 50000 /bin/busybox; echo; done; printf '\\001\\000\\000\\000'"
    create(client, image, name, script, host={"log_config": {"type": driver}})
    four_ways(run, new(name, dest), name=name, dest=dest)
    command = ["docker", "-H", engine.url, "logs", name]
    assert Path(dest).read_bytes() == subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def test_it_never_ran(run: Any, client: Any, image: str, name: str, dest: str) -> None:
    client.create_container(image, ["true"], name=name)
    done = four_ways(run, new(name, dest), name=name, dest=dest)
    assert (done["size"], done["lines"]) == (0, 0)


def test_it_still_writes(run: Any, client: Any, image: str, name: str, dest: str) -> None:
    """It ends although the container never stops, and each line is whole."""
    client.create_container(
        image, ["sh", "-c", "while :; do echo noise; sleep 0.001; done"], name=name, stop_signal="KILL"
    )
    client.start(name)
    run("container_logs", name=name, wait_for="noise")
    done = run("container_logs", expect="changed", name=name, dest=dest)
    again = run("container_logs", expect="changed", name=name, dest=dest)
    client.kill(name)
    assert again["size"] > done["size"] > 0
    assert "size %d → %d" % (done["size"], again["size"]) in again["actions"][0]
    assert set(Path(dest).read_text(encoding="utf-8").split("\n")) == {"noise", ""}


@pytest.mark.parametrize(
    ("data", "causes", "diff"),
    [
        (b"", "size 0 → %d, lines 0 → 4", {"size": 0, "lines": 0}),
        (WHOLE.encode() + b"\n", "size %d → %d", {"size": len(WHOLE.encode()) + 1}),
        (WHOLE.encode().swapcase(), "", {}),
        (b"\0" * 3_000_000, "size 3000000 → %d, lines 1 → 4", {"size": 3_000_000, "lines": 1}),
    ],
    ids=["empty", "longer", "other letters", "much"],
)
@on_the_host
def test_another_file_is_replaced(
    data: bytes, causes: str, diff: dict[str, int], run: Any, web: str, dest: str
) -> None:
    Path(dest).write_bytes(data)
    os.chmod(dest, 0o600)
    size = len(WHOLE.encode())
    old, new_one = (hashlib.sha256(text).hexdigest() for text in (data, WHOLE.encode()))
    content = "content sha256:%s → sha256:%s" % (old[:12], new_one[:12])
    counts = causes % ((size + 1, size) if causes.count("%d") == 2 else (size,) if causes else ())
    action = "write log of %s to %s: %s" % (web, dest, ", ".join(filter(None, [content, counts])))
    done = four_ways(run, [action], name=web, dest=dest)
    assert done["diff"]["before"] == {"content": "sha256:" + old, **diff}
    assert Path(dest).read_text(encoding="utf-8") == WHOLE


@on_the_host
@pytest.mark.parametrize(("given", "number"), [("0644", 0o644), (0o640, 0o640), ("u=rw,g=r,o=", 0o640)])
def test_mode(given: Any, number: int, run: Any, web: str, dest: str) -> None:
    four_ways(run, new(web, dest), name=web, dest=dest, mode=given)
    os.chmod(dest, 0o604)
    os.utime(dest, (1, 1))
    inode = os.stat(dest).st_ino
    done = four_ways(run, ["change %s: mode 0604 → %04o" % (dest, number)], name=web, dest=dest, mode=given)
    assert done["diff"] == {"before": {"mode": "0604"}, "after": {"mode": "%04o" % number}}
    found = os.stat(dest)
    assert (stat.S_IMODE(found.st_mode), found.st_ino, found.st_mtime) == (number, inode, 1)


@as_root
@on_the_host
def test_owner_and_group(run: Any, web: str, dest: str) -> None:
    options = {"name": web, "dest": dest}
    four_ways(run, new(web, dest), owner="nobody", group=str(OTHER), **options)
    # Without these options the file keeps its owner and group, even if it is replaced.
    run("container_logs", expect="changed", tail=1, **options)
    assert (os.stat(dest).st_uid, os.stat(dest).st_gid) == (OTHER, OTHER)
    actions = ["change %s: owner nobody → root, group nogroup → root" % dest]
    four_ways(run, actions, owner="root", group="0", tail=1, **options)


@on_the_host
def test_a_link_stays(run: Any, web: str, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    link, target = tmp_path / "web.log", tmp_path / "far" / "real.log"
    link.symlink_to("far/real.log")
    run("container_logs", expect="changed", name=web, dest=str(link))
    assert link.is_symlink() and target.read_text(encoding="utf-8") == WHOLE
    run("container_logs", expect="ok", name=web, dest=str(link))


def refused(run: Any, dest: Path, *words: str, **options: Any) -> None:
    """Refused in check mode and for real, and nothing is touched."""
    before = snapshot(dest.parent)
    for check in (True, False):
        failed = run("container_logs", check=check, expect="failed", dest=str(dest), **options)
        for word in words:
            assert word in failed["msg"]
        assert snapshot(dest.parent) == before


@as_root
@on_the_host
@pytest.mark.parametrize(("mode", "owner"), [(STICKY, ROOT), (OPEN, ROOT), (STICKY, ALICE)])
@pytest.mark.parametrize("kind", ["file", "link", "dangling link", "hard link"])
def test_traps_of_another_user(kind: str, mode: int, owner: int, run: Any, web: str, tmp_path: Path) -> None:
    """In a directory like /tmp neither a file of others gets the log, nor a link leads it elsewhere."""
    directory = shared(reached_by_all(tmp_path), mode, owner)
    dest, target = directory / "web.log", tmp_path / "precious"
    target.write_bytes(PRECIOUS)
    os.chown(target, MALLORY, MALLORY)
    if kind == "file":
        put(dest, MALLORY)
    elif kind == "hard link":
        os.link(target, dest)
    else:
        dest.symlink_to(target if kind == "link" else tmp_path / "not-there")
        os.chown(dest, MALLORY, MALLORY, follow_symlinks=False)
    what = "the symbolic link %s" if "link" in kind and kind != "hard link" else "the file %s"
    tried = "Cannot write the log of the container %s to %s: " % (web, dest)
    refused(run, dest, tried, what % dest, "it may have been put there", name=web)
    assert target.read_bytes() == PRECIOUS and not (tmp_path / "not-there").exists()


@on_the_host
@pytest.mark.parametrize("kind", ["directory", "fifo", "below a file", "no directory"])
def test_what_is_not_a_file(kind: str, run: Any, web: str, tmp_path: Path) -> None:
    dest = tmp_path / "place" / "web.log"
    if kind != "no directory":
        dest.parent.mkdir()
    if kind == "directory":
        dest.mkdir()
    elif kind == "fifo":
        os.mkfifo(dest)
    elif kind == "below a file":
        dest.write_bytes(b"x")
        dest = dest / "web.log"
    words = {"directory": "it is a directory", "fifo": "not a regular file", "below a file": "is not a directory"}
    for check in (True, False):
        failed = run("container_logs", check=check, expect="failed", name=web, dest=str(dest))
        assert words.get(kind, "does not exist on the host where the task runs") in failed["msg"]


def test_no_container(run: Any, tmp_path: Path) -> None:
    """In check mode an earlier task would create it: the keys are the same, and unknown values are null."""
    options = {"name": "no-such-container", "dest": str(tmp_path / "x.log")}
    failed = run("container_logs", expect="failed", **options)
    assert failed["msg"].startswith(
        "Cannot write the log of the container no-such-container to %s: there is no such container." % options["dest"]
    )
    for there in (False, True):
        if there:
            Path(options["dest"]).write_text("old\n", encoding="utf-8")
        foreseen = run("container_logs", check=True, expect="changed", warnings=True, **options)
        assert foreseen["warnings"] == [
            "There is no container no-such-container. In check mode, it is assumed that an earlier task would create "
            "it."
        ]
        assert foreseen["container"] == {"id": None, "name": "no-such-container"}
        assert [foreseen[key] for key in ("size", "lines", "checksum")] == [None] * 3
        assert (foreseen["file"], foreseen["mode"]) == (options["dest"], "0600")
    assert foreseen["diff"]["after"]["content"] == "not known yet"


@pytest.mark.parametrize("driver", ["none", "syslog"])
def test_no_log(driver: str, run: Any, client: Any, image: str, name: str, tmp_path: Path) -> None:
    config = {"syslog-address": "udp://127.0.0.1:5514", "cache-disabled": "true"} if driver == "syslog" else {}
    create(client, image, name, "echo ready", host={"log_config": {"type": driver, "config": config}})
    dest = put(tmp_path / "web.log", os.geteuid())
    words = "the engine keeps no log of it: log driver %s. Run it with another log driver" % driver
    refused(run, dest, "Cannot read the log of the container %s: " % name, words, name=name)


def test_a_container_that_is_removed_before(
    run: Any, client: Any, image: str, name: str, tmp_path: Path, just_before: Any
) -> None:
    create(client, image, name, "echo ready")
    dest = put(tmp_path / "web.log", os.geteuid())
    just_before("/logs", lambda: client.remove_container(name, force=True))
    before = snapshot(tmp_path, dest)
    failed = run("container_logs", expect="failed", name=name, dest=str(dest))
    assert "No such container" in failed["msg"]
    assert snapshot(tmp_path, dest) == before


def test_secrets_are_in_the_file_and_not_in_the_result(run: Any, image: str, name: str, dest: str) -> None:
    """The file is a copy of the log: nothing is masked in it, whatever secret_patterns says."""
    secret = "correct-horse-battery"
    env = {"env": {"API_TOKEN": secret}, "env_secret": {"PIN": "735173517351"}}
    command = ["sh", "-c", "echo $API_TOKEN $PIN"]
    run("container_run", name=name, image=image, command=command, detach=False, **env)
    for patterns in (["*TOKEN*"], []):
        done = run("container_logs", name=name, dest=dest, secret_patterns=patterns)
        assert Path(dest).read_text(encoding="utf-8") == "%s 735173517351\n" % secret
        assert secret not in json.dumps(done) and "735173517351" not in json.dumps(done)


def test_calls(run: Any, calls: Any, web: str, dest: str) -> None:
    for check in (True, False):
        with calls() as made:
            result = run("container_logs", check=check, name=web, dest=dest, api_version="1.41")
        found = result["container"]["id"]
        assert made == ["GET /containers/%s/json" % web, "GET /containers/%s/logs" % found]


def test_constant_memory(run: Any, engine: Any, client: Any, image: str, name: str, dest: str) -> None:
    """20 MB of lines of 1000 bytes, written, compared, and foreseen."""
    create(client, image, name, "yes %s | head -n 20000" % ("x" * 999))
    program = (
        "import json, sys\n"
        "sys.path.insert(0, %r)\n"
        "from memory import peak\n"
        "from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry\n"
        "from ansible_collections.wharf.docker.plugins.module_utils._flow import task\n"
        "given = json.loads(sys.argv[1])\n"
        "task.call(registry.task('container_logs'), {**given, 'tail': 10, 'dest': given['dest'] + '.small'})\n"
        "before = peak()\n"
        "results = [task.call(registry.task('container_logs'), given, check_mode=check) for check in (1, 0, 0)]\n"
        "print(json.dumps([peak() - before, *((one['changed'], one['size']) for one in results)]))\n"
    ) % str(HERE)
    given = json.dumps({"docker_host": engine.url, "name": name, "dest": dest})
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program, given], env=environment, stdout=subprocess.PIPE, check=True)
    grown, *results = json.loads(done.stdout)
    assert results == [[True, 20_000_000], [True, 20_000_000], [False, 20_000_000]]
    assert grown < 8 * 1024, "%d KiB more" % grown
