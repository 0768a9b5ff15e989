# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_exec: when it runs a command, its input and results, and how it ends a command that takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import by_ssh
import pytest
from between import Proxy, between
from through import through

from ansible_collections.wharf.docker.plugins.module_utils._apply import exec as _exec_run
from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine

NOTHING = {"rc": 0, "stdout": "", "stderr": "", "stdout_cut": 0, "stderr_cut": 0}


@pytest.fixture(scope="module")
def web(client: Any, image: str) -> Iterator[str]:
    """The name of a running container with a volume, a tmpfs, and a variable."""
    name = "exec-web"
    host = client.create_host_config(tmpfs={"/fast": ""}, binds={"exec-data": {"bind": "/data", "mode": "rw"}})
    client.create_container(
        image, ["sleep", "1000"], name=name, host_config=host, working_dir="/tmp", environment={"FROM": "container"}
    )
    client.start(name)
    yield name
    client.remove_container(name, force=True)
    client.remove_volume("exec-data")


def execs(client: Any, container: str) -> list[str]:
    """The ids of exec instances that the engine still lists for a container."""
    return list(client.inspect_container(container)["ExecIDs"] or [])


@pytest.fixture
def executed(run: Any, client: Any, web: str) -> Any:
    """``executed(**options)`` → the result. Check mode predicts it, and runs nothing; a second run does it again."""

    def execute(text: str, again: bool = True, **options: Any) -> dict[str, Any]:
        options = {"container": web, **options}
        known = set(execs(client, web))  # Commands of earlier tests may still run.
        foreseen = run("container_exec", check=True, expect="changed", **options)
        # Check mode must not even create an exec instance.
        assert set(execs(client, web)) <= known
        done = run("container_exec", expect="changed", **options)
        assert done["actions"] == foreseen["actions"] == ["exec %s: %s" % (web, text)]
        assert done["diff"] == foreseen["diff"] == {"before": {}, "after": {}}
        if again:
            second = run("container_exec", expect="changed", **options)
            for key in ("actions", "rc", "stdout", "stderr"):
                assert second.get(key) == done.get(key), key
        return dict(done)

    return execute


def test_command(executed: Any) -> None:
    """Split like in a shell; no shell is run."""
    done = executed("echo 'a  b' '$HOME' '*'", command="echo 'a  b' $HOME *")
    assert (done["rc"], done["stdout"], done["stderr"]) == (0, "a  b $HOME *", "")
    assert (done["stdout_cut"], done["stderr_cut"]) == (0, 0)


def test_argv(executed: Any) -> None:
    done = executed("echo 'a  b' ''", argv=["echo", "a  b", ""])
    assert done["stdout"] == "a  b "


def test_exit_codes(run: Any, web: str) -> None:
    """No exit code makes the task fail."""
    for code in (0, 1, 126, 127, 255):
        done = run("container_exec", container=web, argv=["sh", "-c", "echo out; echo err >&2; exit %d" % code])
        assert (done["rc"], done["stdout"], done["stderr"], done["changed"]) == (code, "out", "err", True)
    assert run("container_exec", container=web, argv=["sh", "-c", "kill -9 $$"])["rc"] == 137


def test_names(run: Any, client: Any, web: str) -> None:
    """By name, by id, and with the alias of the option. Actions always show the name."""
    found = client.inspect_container(web)["Id"]
    for given in ({"container": web}, {"container": "/" + web}, {"container": found}, {"name": found[:12]}):
        assert run("container_exec", command="true", **given)["actions"] == ["exec %s: true" % web]


def test_chdir(executed: Any, run: Any, web: str) -> None:
    assert executed("pwd", command="pwd", chdir="/var/www")["stdout"] == "/var/www"
    assert executed("pwd", command="pwd")["stdout"] == "/tmp"
    wrong = run("container_exec", expect="failed", container=web, command="pwd", chdir="/nowhere")
    assert "Cannot run pwd in the container exec-web: the engine answered: " in wrong["msg"]
    assert wrong["msg"].endswith("Give a chdir that the container has.")
    assert wrong["changed"] is False and "actions" not in wrong
    # The exit code of docker exec: 126 from older engines, 127 from newer ones.
    assert {**NOTHING, "rc": wrong["rc"]}.items() <= wrong.items() and wrong["rc"] in (126, 127)


def test_env(executed: Any, run: Any, web: str) -> None:
    """In addition to the container's variables; its values are not in the result."""
    show = ["sh", "-c", "test \"$SECRET\" = 'hush hush' && echo $FROM"]
    done = executed(
        "sh -c 'test \"$SECRET\" = '\"'\"'hush hush'\"'\"' && echo $FROM'", argv=show, env={"SECRET": "hush hush"}
    )
    assert done["stdout"] == "container"
    plain = run("container_exec", container=web, command="env", env={"A": "1=2", "B": ""})["stdout"].splitlines()
    assert {"A=1=2", "B=", "FROM=container"} <= set(plain)
    assert not [line for line in plain if line.startswith(_exec_run.MARK)], "only with a limit"
    wrong = run("container_exec", expect="failed", container=web, command="nosuch", env={"SECRET": "hush hush"})
    assert "hush" not in json.dumps(wrong)


def test_user(executed: Any, run: Any, web: str) -> None:
    assert executed("id -u", command="id -u", user="nobody")["stdout"] == "65534"
    assert executed("id", command="id", user="7:8")["stdout"].startswith("uid=7 gid=8")
    assert executed("id -u", command="id -u")["stdout"] == "0"
    for detach in (False, True):
        wrong = run("container_exec", expect="failed", container=web, command="id", user="ghost", detach=detach)
        facts = {"exec_id": None} if detach else NOTHING
        assert {**facts, "rc": 126}.items() <= wrong.items(), "on every engine, wherever it says so"
        assert wrong["changed"] is False
        assert wrong["msg"].startswith("Cannot run id in the container exec-web: the engine answered")
        assert "unable to find user ghost" in wrong["msg"]
        assert wrong["msg"].endswith("Correct the option user: give one that the image has, or a number.")


def test_privileged(run: Any, web: str) -> None:
    command = "grep CapEff /proc/self/status"
    plain = run("container_exec", container=web, command=command)
    done = run("container_exec", expect="any", container=web, command=command, privileged=True)
    if done.get("failed"):
        # An engine without all rights of its host can't grant them.
        assert "unable to apply caps: operation not permitted" in done["msg"]
        return
    assert int(done["stdout"].split()[1], 16) > int(plain["stdout"].split()[1], 16)


def test_stdin(executed: Any, run: Any, web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert executed("cat", command="cat", stdin="héllo")["stdout"] == "héllo"
    assert executed("wc -c", command="wc -c", stdin="")["stdout"] == "1"
    # Without the option, stdin is empty and already closed.
    assert run("container_exec", container=web, command="wc -c")["stdout"] == "0"


def test_an_empty_stdin_is_not_attached(run: Any, web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker 28 may lose the end of stdin. A process without an attached stdin reads the end at once."""
    bodies: list[Any] = []
    post = _engine.Engine.post

    def seen(engine: Any, path: str, **rest: Any) -> Any:
        bodies.append(rest["body"])
        return post(engine, path, **rest)

    monkeypatch.setattr(_engine.Engine, "post", seen)
    for options in ({}, {"stdin": "", "stdin_add_newline": False}):
        assert run("container_exec", container=web, command="wc -c", **options)["stdout"] == "0"
    run("container_exec", container=web, command="wc -c", stdin="")
    assert [body["AttachStdin"] for body in bodies] == [False, False, True]


def test_stdin_add_newline(executed: Any) -> None:
    assert executed("wc -c", command="wc -c", stdin="abc")["stdout"] == "4"
    assert executed("wc -c", command="wc -c", stdin="abc", stdin_add_newline=False)["stdout"] == "3"
    assert executed("wc -c", command="wc -c", stdin="", stdin_add_newline=False)["stdout"] == "0"


def test_a_process_that_answers_after_the_end_of_its_input(run: Any, web: str) -> None:
    argv = ["sh", "-c", "cat; sleep 0.3; echo more; echo wrong >&2; exit 5"]
    done = run("container_exec", container=web, argv=argv, stdin="abc")
    assert (done["rc"], done["stdout"], done["stderr"]) == (5, "abc\nmore", "wrong")


def test_strip_empty_ends(executed: Any) -> None:
    argv = ["printf", r"\n a \n\r\n\n"]
    text = r"printf '\n a \n\r\n\n'"
    assert executed(text, argv=argv)["stdout"] == "\n a "
    assert executed(text, argv=argv, strip_empty_ends=False)["stdout"] == "\n a \n\r\n\n"


def test_tty(executed: Any, run: Any, web: str) -> None:
    """A real terminal for all three streams; input is echoed as by a terminal."""
    argv = ["sh", "-c", "test -t 0 && test -t 1 && test -t 2 && echo yes; echo wrong >&2"]
    done = executed("sh -c 'test -t 0 && test -t 1 && test -t 2 && echo yes; echo wrong >&2'", argv=argv, tty=True)
    assert (done["rc"], done["stdout"], done["stderr"]) == (0, "yes\r\nwrong", "")
    assert executed("cat", again=False, command="cat", tty=True, stdin="hello")["stdout"] == "hello\r\nhello"
    for stdin in ("", "abc"):
        counted = run("container_exec", container=web, command="wc -c", tty=True, stdin=stdin, stdin_add_newline=False)
        assert counted["stdout"].endswith(str(len(stdin)))
    assert run("container_exec", container=web, argv=["sh", "-c", "test -t 0 || test -t 1"])["rc"] == 1


def test_detach(executed: Any, run: Any, client: Any, web: str) -> None:
    text = "sh -c 'sleep 0.5; echo done >/tmp/detached'"
    done = executed(text, again=False, command=text, detach=True)
    assert set(done) == {"changed", "actions", "steps", "diff", "exec_id"}
    assert client.exec_inspect(done["exec_id"])["Running"]
    limit = time.monotonic() + 10
    while client.exec_inspect(done["exec_id"])["Running"]:
        assert time.monotonic() < limit
        time.sleep(0.05)
    assert run("container_exec", container=web, command="cat /tmp/detached")["stdout"] == "done"
    foreseen = run("container_exec", check=True, container=web, command="true", detach=True)
    assert foreseen["exec_id"] is None and "rc" not in foreseen
    wrong = run("container_exec", expect="failed", container=web, command="nosuch", detach=True)
    assert "executable file not found" in wrong["msg"] and "Check the command" in wrong["msg"]
    assert wrong["rc"] in (126, 127) and wrong["exec_id"] is None


def test_check_mode_has_the_same_keys(run: Any, web: str) -> None:
    for options in ({}, {"detach": True}, {"max_output": "1k"}, {"stdin": "a"}, {"creates": "/etc/passwd"}):
        given = {"container": web, "command": "true", **options}
        assert set(run("container_exec", check=True, **given)) == set(run("container_exec", **given))


@pytest.mark.parametrize("command", ["[ -d /etc ]", "[ a = b ]", "[ a ]", "[ ]", "[[ a ]]", "[ -n a ] [b]", "["])
def test_a_command_that_begins_with_a_bracket(run: Any, web: str, command: str) -> None:
    """The program [ does not begin a list. The image of these tests does not have it."""
    done = run("container_exec", check=True, expect="changed", container=web, command=command)
    assert done["actions"][0].startswith("exec exec-web: %s" % ("'[['" if command.startswith("[[") else "'['"))


# --- creates and removes ---


def test_creates(run: Any, calls: Any, client: Any, web: str) -> None:
    options = {"container": web, "command": "touch /data/made", "creates": "/data/made"}
    foreseen = run("container_exec", check=True, expect="changed", **options)
    done = run("container_exec", expect="changed", **options)
    assert done["actions"] == foreseen["actions"]
    assert done["actions"] == ["exec exec-web: touch /data/made, /data/made is not there"]
    for check in (False, True):
        with calls() as made:
            skipped = run("container_exec", check=check, expect="ok", **options)
        assert skipped == {
            **NOTHING,
            "changed": False,
            "actions": [],
            "steps": [],
            "diff": {"before": {}, "after": {}},
            "msg": "It was not run: /data/made is there.",
        }
        # The container has a tmpfs, to which a link may lead: therefore the parent directory is checked as well.
        head = "HEAD /containers/%s/archive" % client.inspect_container(web)["Id"]
        assert made == ["GET /_ping", "GET /containers/exec-web/json", head, head]
    assert run("container_exec", expect="ok", detach=True, **options)["exec_id"] is None


def test_removes(run: Any, web: str) -> None:
    options = {"container": web, "command": "rm /data/old", "removes": "/data/old"}
    for check in (False, True):
        skipped = run("container_exec", check=check, expect="ok", **options)
        assert skipped["msg"] == "It was not run: /data/old is not there."
    run("container_exec", container=web, command="touch /data/old")
    done = run("container_exec", expect="changed", **options)
    assert done["actions"] == ["exec exec-web: rm /data/old, /data/old is there"]
    assert run("container_exec", expect="ok", **options)["rc"] == 0


def test_paths_that_are_relative(run: Any, client: Any, web: str, image: str, name: str) -> None:
    """Relative to chdir, or else to the container's working directory; without either it is an error."""
    run("container_exec", container=web, argv=["sh", "-c", "touch /tmp/here /var/www/there"])
    for path, chdir, there in (
        ("here", None, True),
        ("here", "/var/www", False),
        ("there", "/var/www", True),
        ("../www/./there", "/var/www", True),
        ("//tmp//here", None, True),
    ):
        expect = "ok" if there else "changed"
        run("container_exec", expect=expect, container=web, command="true", creates=path, chdir=chdir)
    client.start(client.create_container(image, ["sleep", "1000"], name=name))
    wrong = run("container_exec", expect="failed", container=name, command="true", creates="here")
    assert wrong["msg"].startswith("creates: here is a relative path, and neither the task nor the container says")
    assert run("container_exec", expect="ok", container=name, command="true", creates="etc", chdir="/")


def test_links(run: Any, web: str) -> None:
    """A link exists whatever its target; paths through a link are looked up in its target."""
    script = "ln -sn /nowhere /data/dangling; ln -sn /data /tmp/to-data; ln -sn /fast /tmp/to-fast; touch /data/file"
    script += "; ln -sn /tmp/to-fast /tmp/to-to-fast; ln -sn /tmp/circle /tmp/circle; touch /fast/file"
    run("container_exec", container=web, argv=["sh", "-c", script])
    for path, there in (
        ("/data/dangling", True),
        ("/data/dangling/file", False),
        ("/tmp/to-data/file", True),
        ("/tmp/to-data/none", False),
        ("/tmp/to-fast", True),
        ("/none/file", False),
    ):
        run("container_exec", expect="ok" if there else "changed", container=web, command="true", creates=path)
        run("container_exec", expect="changed" if there else "ok", container=web, command="true", removes=path)
    for path in ("/tmp/to-fast/file", "/tmp/to-to-fast/file"):
        wrong = run("container_exec", expect="failed", container=web, command="true", removes=path)
        assert "/fast/file is below /fast, a tmpfs" in wrong["msg"]
    for path in ("/tmp/circle", "/tmp/circle/file", "/data/file/file"):
        wrong = run("container_exec", expect="failed", container=web, command="true", creates=path)
        assert "the engine can't follow that path" in wrong["msg"]


@pytest.mark.parametrize("option", ["creates", "removes"])
@pytest.mark.parametrize("path", ["/fast/file", "/fast/none", "/proc/1", "/sys/kernel", "/dev/null", "/dev/shm/x"])
def test_paths_that_the_engine_does_not_see(run: Any, web: str, option: str, path: str) -> None:
    for check in (False, True):
        wrong = run("container_exec", check=check, expect="failed", container=web, command="true", **{option: path})
        assert wrong["msg"].startswith(
            "%s: whether the container exec-web has %s can't be determined: " % (option, path)
        )


def test_tmpfs_among_mounts(run: Any, client: Any, image: str, name: str) -> None:
    """A tmpfs mount over a directory of the image; and a volume below a tmpfs, which the engine can see."""
    import docker.types

    mounts = [
        docker.types.Mount("/etc", None, type="tmpfs"),
        docker.types.Mount("/etc/kept", name, type="volume"),
    ]
    host = client.create_host_config(mounts=mounts)
    client.start(client.create_container(image, ["sleep", "1000"], name=name, host_config=host))
    options = {"container": name, "command": "true"}
    assert "/etc, a tmpfs" in run("container_exec", expect="failed", creates="/etc/passwd", **options)["msg"]
    run("container_exec", expect="ok", creates="/etc", **options)
    run("container_exec", expect="ok", removes="/etc/kept/file", **options)
    run("container_exec", container=name, command="touch /etc/kept/file")
    run("container_exec", expect="ok", creates="/etc/kept/file", **options)


def test_paths_of_a_container_that_does_not_run(run: Any, calls: Any, client: Any, image: str, name: str) -> None:
    """If the command is skipped, the container need not run."""
    found = client.create_container(image, ["sleep", "1000"], name=name)["Id"]
    with calls() as made:
        run("container_exec", expect="ok", container=name, command="true", creates="/etc/passwd")
    assert made == ["GET /_ping", "GET /containers/%s/json" % name, "HEAD /containers/%s/archive" % found]
    wrong = run("container_exec", check=True, expect="failed", container=name, command="true", creates="/etc/none")
    assert "it is created. Start it first" in wrong["msg"]


# --- what goes wrong ---


def test_an_unknown_container(run: Any) -> None:
    wrong = run("container_exec", expect="failed", container="nobody-here", command="true")
    assert wrong["msg"] == (
        "Cannot run true in the container nobody-here: there is no such container. "
        "Check its name with the container_info module."
    )


@pytest.mark.parametrize(
    ("more", "keys", "causes"),
    [
        ({}, {"rc": 0, "stdout": "", "stderr": "", "stdout_cut": 0, "stderr_cut": 0}, "true"),
        ({"detach": True}, {"exec_id": None}, "true"),
        ({"creates": "/x", "removes": "y"}, {"rc": 0}, "true, /x is not there, y is there"),
    ],
)
def test_an_unknown_container_in_check_mode(more: Any, keys: Any, causes: str, run: Any) -> None:
    """It is assumed that an earlier task would create it."""
    options = {"container": "nobody-here", "command": "true", **more}
    foreseen = run("container_exec", check=True, expect="changed", warnings=True, **options)
    assert foreseen["warnings"] == [
        "There is no container nobody-here. In check mode, it is assumed that an earlier task would create it."
    ]
    assert foreseen["actions"] == ["exec nobody-here: %s" % causes]
    assert {key: foreseen[key] for key in keys} == keys


def test_a_container_that_does_not_run(run: Any, client: Any, image: str, name: str) -> None:
    client.create_container(image, ["sleep", "1000"], name=name)

    def words() -> str:
        seen = [
            run("container_exec", check=check, expect="failed", container=name, command="true", detach=detach)["msg"]
            for check in (True, False)
            for detach in (True, False)
        ]
        assert len(set(seen)) == 1
        return str(seen[0])

    assert words() == (
        "Cannot run true in the container %s: it is not running, it is created. Start it first, for example with the "
        "container_state module." % name
    )
    client.start(name)
    client.pause(name)
    assert "it is paused. Unpause it first" in words()
    client.unpause(name)
    client.kill(name)
    assert "it is exited. Start it first" in words()


def test_a_program_that_is_not_there(run: Any, client: Any, web: str) -> None:
    for options in ({}, {"tty": True}, {"stdin": "a"}, {"wait_timeout": 20}, {"max_output": "1k"}):
        wrong = run("container_exec", expect="failed", container=web, argv=["nosuch", "secret"], **options)
        assert wrong["msg"].startswith("Cannot run nosuch in the container exec-web: the engine answered: OCI runtime")
        assert "executable file not found" in wrong["msg"]
        assert wrong["msg"].endswith("Check the command and its path in the image.")
        assert wrong["rc"] in (126, 127)
        assert {**NOTHING, "rc": wrong["rc"]}.items() <= wrong.items()
        assert wrong["changed"] is False
        assert "secret" not in wrong["msg"]
    assert "permission denied" in run("container_exec", expect="failed", container=web, command="/etc")["msg"]


def test_a_container_that_ends_meanwhile(run: Any, client: Any, image: str, name: str) -> None:
    client.start(client.create_container(image, ["sleep", "1000"], name=name))
    timer = threading.Timer(0.7, lambda: client.kill(name))
    timer.start()
    done = run("container_exec", container=name, argv=["sh", "-c", "echo begun; exec sleep 100"])
    timer.join()
    assert (done["rc"], done["stdout"]) == (137, "begun")


@pytest.mark.parametrize(("seconds", "words"), [(4, "It runs on, as process "), (1, "It has ended with exit code 0.")])
def test_a_connection_that_is_cut(run: Any, engine: Any, web: str, seconds: int, words: str) -> None:
    """The result has the output so far, and what became of the command."""
    with through(engine.url) as way:
        timer = threading.Timer(0.7, way.cut)
        timer.start()
        argv = ["sh", "-c", "echo begun; exec sleep %d" % seconds]
        wrong = run("container_exec", expect="failed", docker_host=way.url, container=web, argv=argv)
        timer.join()
    assert "was lost: " in wrong["msg"] and words in wrong["msg"], wrong["msg"]
    assert wrong["changed"] is True and wrong["actions"]
    assert (wrong["stdout"], wrong["rc"]) == ("begun", None)


# --- large things ---


def test_large_input_and_output_at_once(run: Any, web: str) -> None:
    """10 MB each way: neither side waits for the other."""
    line = "0123456789" * 9 + "abcdefghi\n"
    text = line * 100_000
    done = run(
        "container_exec", container=web, command="cat", stdin=text, stdin_add_newline=False, strip_empty_ends=False
    )
    assert done["stdout"] == text
    assert run("container_exec", container=web, command="wc -c", stdin=text)["stdout"] == str(len(text) + 1)


def test_input_that_nobody_reads(run: Any, web: str) -> None:
    text = "x" * 5_000_000
    for argv, out in ((["true"], ""), (["head", "-c", "3"], "xxx"), (["sh", "-c", "exec <&-; sleep 0.3; echo a"], "a")):
        done = run("container_exec", container=web, argv=argv, stdin=text)
        assert (done["rc"], done["stdout"]) == (0, out)


def test_output_that_is_there_at_once(run: Any, web: str) -> None:
    """Output that arrives together with the engine's headers is not lost."""
    for _attempt in range(25):
        assert run("container_exec", container=web, command="echo hello")["stdout"] == "hello"


def test_a_process_that_leaves_another_behind(run: Any, client: Any, web: str) -> None:
    """The background process keeps the output open; the engine waits two seconds for it."""
    done = run("container_exec", container=web, argv=["sh", "-c", "sleep 3000 & echo begun; exit 3"])
    assert (done["rc"], done["stdout"]) == (3, "begun")
    assert "sleep 3000" in processes(client, web).values(), "it has not been waited for"


def test_a_process_that_closes_its_output(run: Any, web: str) -> None:
    done = run("container_exec", container=web, argv=["sh", "-c", "echo begun; exec >&- 2>&-; sleep 1; exit 4"])
    assert (done["rc"], done["stdout"]) == (4, "begun")


def test_max_output(executed: Any, run: Any, web: str) -> None:
    argv = ["sh", "-c", "seq 1 1000; seq 1 10 >&2"]
    text = "sh -c 'seq 1 1000; seq 1 10 >&2'"
    whole = executed(text, argv=argv, strip_empty_ends=False)
    done = executed(text, argv=argv, strip_empty_ends=False, max_output="1k")
    assert done["stdout"] == whole["stdout"][-1024:]
    assert done["stdout_cut"] == len(whole["stdout"]) - 1024
    assert (done["stderr"], done["stderr_cut"]) == (whole["stderr"], 0)
    none = executed(text, argv=argv, max_output="0")
    assert (none["stdout"], none["stdout_cut"], none["stderr_cut"]) == ("", len(whole["stdout"]), len(whole["stderr"]))
    letters = run("container_exec", container=web, argv=["printf", "aéé"], max_output="3")
    assert (letters["stdout"], letters["stdout_cut"]) == ("é", 3)


def test_max_output_bounds_memory(engine: Any, web: str) -> None:
    """200 MB, of which 1 MB is kept, in a new process."""
    program = (
        "import json, sys\n"
        "from memory import peak\n"
        "from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry\n"
        "from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task\n"
        "task, given = _registry.task('container_exec'), json.loads(sys.argv[1])\n"
        "_task.call(task, {**given, 'command': 'true'})\n"
        "before = peak()\n"
        "result = _task.call(task, {**given, 'command': 'dd if=/dev/zero bs=1M count=200', 'max_output': '1m'})\n"
        "grown = peak() - before\n"
        "print(json.dumps([result.get('msg'), result['rc'], len(result['stdout']), result['stdout_cut'], grown]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps({"docker_host": engine.url, "container": web})],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        capture_output=True,
        text=True,
    )
    message, code, kept, cut, grown = json.loads(done.stdout)
    assert (message, code, kept, cut) == (None, 0, 2**20, 199 * 2**20)
    assert grown < 12_000, "%d KiB more memory" % grown


# --- wait_timeout ---


def processes(client: Any, container: str) -> dict[int, str]:
    """The processes in a container, with their ids on the host. (An engine may have no ps to list them.)"""
    space = os.readlink("/proc/%d/ns/pid" % client.inspect_container(container)["State"]["Pid"])
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.readlink(path / "ns" / "pid") == space:
                found[int(path.name)] = (path / "cmdline").read_bytes().decode().rstrip("\0").replace("\0", " ")
    return found


def test_wait_timeout(executed: Any, run: Any, client: Any, web: str) -> None:
    """It is ended with all its child processes, and its output is returned."""
    assert executed("echo a", command="echo a", wait_timeout=30)["stdout"] == "a"
    for limit in (0, -1, "inf", "-inf", 1e300, 1e10, 3e6):
        assert run("container_exec", container=web, command="sleep 0.3", wait_timeout=limit)["rc"] == 0
    argv = ["sh", "-c", "echo begun; echo wrong >&2; sleep 3001 & sleep 3002"]
    for options in ({}, {"user": "nobody"}, {"stdin": "a"}):
        wrong = run("container_exec", expect="failed", container=web, argv=argv, wait_timeout=0.5, **options)
        assert wrong["msg"] == (
            "Cannot run sh in the container exec-web to its end: it took longer than 0.5 seconds. It was ended with "
            "SIGTERM. What it wrote until then is in stdout and stderr."
        )
        assert (wrong["rc"], wrong["stdout"]) == (143, "begun")
        assert wrong["stderr"].startswith("wrong")
        assert wrong["changed"] is True and wrong["timed_out"] is True and wrong["pid"] is None
        assert wrong["actions"] == ["exec exec-web: sh -c 'echo begun; echo wrong >&2; sleep 3001 & sleep 3002'"]
        assert not {"sleep 3001", "sleep 3002"} & set(processes(client, web).values())


def test_wait_timeout_with_a_terminal(run: Any, client: Any, web: str) -> None:
    wrong = run("container_exec", expect="failed", container=web, command="sleep 303", tty=True, wait_timeout=0.5)
    assert "It was ended with SIGTERM" in wrong["msg"]
    assert "sleep 303" not in processes(client, web).values()


def test_wait_timeout_and_a_process_that_does_not_mind_sigterm(
    run: Any, client: Any, web: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_exec_run, "GRACE", 1.0)
    argv = ["sh", "-c", "trap '' TERM; echo begun; while :; do sleep 0.2; done"]
    wrong = run("container_exec", expect="failed", container=web, argv=argv, wait_timeout=0.5)
    assert "It was ended with SIGKILL." in wrong["msg"]
    assert (wrong["rc"], wrong["stdout"]) == (137, "begun")
    assert not [found for found in processes(client, web).values() if "trap" in found]


def test_wait_timeout_while_output_does_not_stop(run: Any, web: str) -> None:
    argv = ["sh", "-c", "while :; do echo y; done"]
    wrong = run("container_exec", expect="failed", container=web, argv=argv, wait_timeout=0.5, max_output="4")
    assert "It was ended with SIGTERM" in wrong["msg"]
    assert wrong["stdout"] == "y\ny"
    assert wrong["stdout_cut"] > 0


def test_wait_timeout_after_the_output_is_closed(run: Any, web: str) -> None:
    argv = ["sh", "-c", "echo begun; exec >&- 2>&-; exec sleep 304"]
    wrong = run("container_exec", expect="failed", container=web, argv=argv, wait_timeout=0.5)
    assert "It was ended with SIGTERM" in wrong["msg"]
    assert (wrong["rc"], wrong["stdout"]) == (143, "begun")


def test_wait_timeout_where_nothing_can_end_it(run: Any, client: Any, name: str, tmp_path: Path) -> None:
    """The image of the container is one program without a shell: it keeps running, and the task reports that."""
    path = tmp_path / "sleepy.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(str(shutil.which("busybox", path="/bin:/usr/bin")), "sleep")
        for directory in ("dev", "proc", "sys"):
            member = tarfile.TarInfo(directory)
            member.type, member.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(member)
    run("container_import", src=str(path), repository=name)
    client.start(client.create_container(name, ["/sleep", "1000"], name=name))
    wrong = run("container_exec", expect="failed", container=name, argv=["/sleep", "305"], wait_timeout=0.5)
    pid = wrong["pid"]
    assert wrong["msg"] == (
        "Cannot run /sleep in the container %s to its end: it took longer than 0.5 seconds. It runs on, as process %d "
        "of the engine's host, since the container has no sh to end it with. End it there, or restart the container. "
        "What it wrote so far is in stdout and stderr." % (name, pid)
    )
    assert wrong["rc"] is None and wrong["changed"] is True and wrong["timed_out"] is True
    assert processes(client, name)[pid] == "/sleep 305"


def test_wait_timeout_and_a_process_that_is_not_found(run: Any, client: Any, web: str) -> None:
    """It has cleared its variables, by which it would be recognised: it keeps running."""
    argv = ["env", "-i", "/bin/sleep", "306"]
    wrong = run("container_exec", expect="failed", container=web, argv=argv, wait_timeout=0.5)
    assert "It runs on, as process %d of the engine's host, since from inside" % wrong["pid"] in wrong["msg"]
    assert processes(client, web)[wrong["pid"]] == "/bin/sleep 306"


# --- an engine that does not answer ---


@pytest.fixture
def proxy(engine: Any) -> Iterator[Proxy]:
    with between(engine.url) as found:
        yield found


def timed(run: Any, proxy: Proxy, web: str, **options: Any) -> tuple[dict[str, Any], float]:
    began = time.monotonic()
    wrong = run("container_exec", expect="failed", docker_host=proxy.url, container=web, **options)
    return wrong, time.monotonic() - began


@pytest.mark.parametrize("tty", [False, True])
def test_wait_timeout_while_the_answer_has_not_begun(tty: bool, run: Any, proxy: Proxy, client: Any, web: str) -> None:
    """The engine has started the command, and its answer does not arrive: the command is still ended."""
    proxy.lie("/exec/.*/start", lambda answer: answer)  # The proxy passes the answer on once it is complete.
    wrong, seconds = timed(run, proxy, web, command="sleep 311", wait_timeout=1, tty=tty)
    assert seconds >= 1
    assert "did not answer within 1 seconds" in wrong["msg"], wrong["msg"]
    assert wrong["timed_out"] is True and wrong["changed"] is True
    assert {"stdout", "stderr", "rc", "pid", "actions"} <= set(wrong)
    limit = time.monotonic() + 10
    while "sleep 311" in processes(client, web).values():
        assert time.monotonic() < limit
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("/exec/.*/start", "It has not been started so far."),
        ("/exec$", "Look at the engine's log."),
        ("POST|/exec/", "Look at the engine's log."),
        ("/exec/.*", "What became of it is not known."),
    ],
)
def test_wait_timeout_where_the_engine_never_answers(pattern: str, said: str, run: Any, proxy: Proxy, web: str) -> None:
    proxy.mute(pattern)
    wrong, seconds = timed(run, proxy, web, command="true", wait_timeout=1)
    assert seconds >= 1
    assert "Cannot run true in the container exec-web: the engine at unix://" in wrong["msg"]
    assert "did not answer within 1 seconds" in wrong["msg"] and said in wrong["msg"]
    assert (wrong["timed_out"], wrong["rc"], wrong["stdout"], wrong["pid"]) == (True, None, "", None)


def test_wait_timeout_where_not_even_the_container_is_found(run: Any, proxy: Proxy, web: str) -> None:
    proxy.mute("/containers/")
    wrong, seconds = timed(run, proxy, web, command="true", wait_timeout=1)
    assert seconds >= 1
    assert "Cannot look at the container exec-web: " in wrong["msg"] and wrong["changed"] is False


def test_wait_timeout_where_the_engine_stops_answering(run: Any, proxy: Proxy, web: str) -> None:
    """The output so far is returned."""
    argv = ["sh", "-c", "echo begun; exec >&- 2>&-; exec sleep 312"]
    proxy.mute("/exec/.*/json")
    wrong, seconds = timed(run, proxy, web, argv=argv, wait_timeout=1)
    assert seconds >= 1
    assert "took longer than 1 seconds" in wrong["msg"]
    assert (wrong["timed_out"], wrong["rc"], wrong["stdout"]) == (True, None, "begun")


@pytest.mark.parametrize("size", [1, 8, 9, 12])
def test_an_answer_that_is_cut(size: int, run: Any, proxy: Proxy, web: str) -> None:
    """Within a frame, this is noticed: a part of the output is not treated as all of it."""
    proxy.lie("/exec/.*/start", lambda answer: answer[: answer.index(b"\r\n\r\n") + 4 + size])
    wrong, _seconds = timed(run, proxy, web, command="echo hello")
    assert "was lost: it ended in the middle of the output. It has ended with exit code 0." in wrong["msg"]
    assert wrong["changed"] is True and wrong["stdout"] == "hello"[: max(0, size - 8)]


def test_a_process_that_ends_as_its_time_is_over(run: Any, web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has ended is not reported as running."""
    signal = _exec_run.Process._signal

    def late(*given: Any) -> str:
        time.sleep(1.5)
        return signal(*given)

    monkeypatch.setattr(_exec_run.Process, "_signal", late)
    wrong = run("container_exec", expect="failed", container=web, command="sleep 1", wait_timeout=0.3)
    assert "It ended by itself just then." in wrong["msg"] and wrong["rc"] == 0 and wrong["pid"] is None


@pytest.mark.parametrize("options", [{}, {"detach": True}, {"stdin": "a"}, {"tty": True}], ids=str)
def test_timeout(options: dict[str, Any], run: Any, proxy: Proxy, web: str) -> None:
    """Without wait_timeout it limits the time until an answer begins; the command itself may take longer."""
    proxy.mute("/exec/.*/start")
    wrong, seconds = timed(run, proxy, web, command="true", timeout=1, **options)
    assert seconds >= 1
    assert "did not answer within 1 seconds" in wrong["msg"] and "option timeout" in wrong["msg"]
    proxy.honest()
    done = run("container_exec", docker_host=proxy.url, container=web, command="sleep 1.5", timeout=1)
    assert done["rc"] == 0


# --- other ways to the engine ---


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """key.pem and cert.pem, for 127.0.0.1."""
    directory = tmp_path_factory.mktemp("tls")
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("There is no openssl here.")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
        + ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=directory,
        check=True,
        capture_output=True,
    )
    return directory


@contextlib.contextmanager
def a_way(kind: str, engine: Any, request: Any, monkeypatch: Any) -> Iterator[dict[str, Any]]:
    """The connection options for reaching the engine in another way than by its socket."""
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(variable, raising=False)
    context = None
    options: dict[str, Any] = {}
    if kind.startswith("tls"):
        directory = request.getfixturevalue("certificates")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(directory / "cert.pem", directory / "key.pem")
        context.maximum_version = ssl.TLSVersion.TLSv1_2 if kind == "tls1.2" else ssl.TLSVersion.TLSv1_3
        options = {"validate_certs": True, "ca_path": str(directory / "cert.pem")}
    with through(engine.url, context) as way:
        yield {"docker_host": way.url, **options}


@pytest.mark.parametrize("kind", ["tcp", "tls1.2", "tls1.3"])
def test_ways_to_the_engine(
    kind: str, engine: Any, web: str, run: Any, request: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_way(kind, engine, request, monkeypatch) as options:
        options["container"] = web
        assert run("container_exec", command="echo hello", **options)["stdout"] == "hello"
        assert run("container_exec", command="cat", stdin="hello", **options)["stdout"] == "hello"
        assert run("container_exec", command="cat", stdin="a", tty=True, **options)["stdout"] == "a\r\na"
        assert "not found" in run("container_exec", command="nosuch", expect="failed", **options)["msg"]
        text = ("0123456789" * 9 + "abcdefghi\n") * 30_000
        done = run("container_exec", command="cat", stdin=text, **options)
        assert done["stdout"] == text.rstrip("\n")
        # The input ends in the middle of a stream of output, of which nothing may be lost.
        argv = ["sh", "-c", "seq 1 50000 & cat >/dev/null; wait"]
        for _attempt in range(5):
            done = run("container_exec", argv=argv, stdin="a", **options)
            assert done["stdout"].splitlines() == [str(number) for number in range(1, 50001)]
        wrong = run("container_exec", command="sleep 307", wait_timeout=0.5, expect="failed", **options)
        assert "It was ended with SIGTERM" in wrong["msg"]


@pytest.mark.parametrize("way", by_ssh.WAYS)
def test_ssh(way: str, engine: Any, web: str, tmp_path: Path) -> None:
    calls = [
        {"command": "cat", "stdin": "hello"},
        {"command": "wc -c", "stdin": "0123456789" * 300_000, "stdin_add_newline": False},
        {"command": "seq 1 100000"},
        {"command": "cat", "stdin": "a", "tty": True},
        {"command": "sleep 309", "wait_timeout": 0.5},
    ]
    given = [("container_exec", {"container": web, **call}) for call in calls]
    results = [outcome["result"] for outcome in by_ssh.tasks(way, engine.url, tmp_path, given)]
    assert [result.get("stdout") for result in results[:2]] == ["hello", "3000000"], results[0]
    assert len(results[2]["stdout"].splitlines()) == 100_000
    assert results[3]["stdout"] == "a\r\na"
    assert "It was ended with SIGTERM" in results[4]["msg"]


# --- as Ansible runs it ---


def test_as_a_module(ansible: Any, web: str) -> None:
    options = {"container": web, "argv": ["sh", "-c", "cat; echo err >&2; exit 3"], "stdin": "a\nb"}
    assert ansible("container_exec", check=True, expect="changed", **options)["rc"] == 0
    # Ansible itself treats a result with a non-zero rc as failed.
    done = ansible("container_exec", expect="failed", **options)
    assert (done["rc"], done["stdout_lines"], done["stderr"]) == (3, ["a", "b"], "err")
    assert "The command sh in the container exec-web ended with exit code 3." in done["msg"]
    wrong = ansible("container_exec", expect="failed", container=web, command="sleep 308", wait_timeout=0.5)
    assert wrong["timed_out"] is True and wrong["rc"] == 143
    ansible("container_exec", expect="ok", container=web, command="true", creates="/etc/passwd")


def test_on_the_command_line(play: Any, web: str) -> None:
    line = "name=%s command='sh -c \"echo $FROM; cat\"' stdin=abc user=nobody env=A=1" % web
    played = play(["ansible", "localhost", "-m", "wharf.docker.container_exec", "-a", line])
    assert played.results[0]["result"]["stdout"] == "container\nabc", played.output
