# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_logs: what it reads, what it waits for and how long, and that it changes nothing."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import by_ssh
import pytest
from between import between

from ansible_collections.wharf.docker.plugins.module_utils._container import logs as _logs
from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z"


def create(client: Any, image: str, name: str, script: str, ended: bool = True, **options: Any) -> str:
    """Start a container that runs ``script``; with ``ended``, wait until it has ended. Returns its id."""
    host = client.create_host_config(**options.pop("host", {}))
    arguments = {"name": name, "host_config": host, "stop_signal": "KILL", **options}
    created = client.create_container(image, ["sh", "-c", script], **arguments)
    client.start(name)
    if ended:
        client.wait(name)
    return str(created["Id"])


def runs(client: Any, name: str) -> bool:
    """Whether the container still runs, so that its end can't have ended the wait."""
    return bool(client.inspect_container(name)["State"]["Running"])


def took(function: Any) -> tuple[Any, float]:
    began = time.monotonic()
    return function(), time.monotonic() - began


@pytest.mark.parametrize("check", [False, True])
def test_streams(check: bool, run: Any, client: Any, image: str, name: str) -> None:
    container_id = create(client, image, name, "echo out; echo err >&2; printf 'größer €'; exit 3")
    before = client.inspect_container(name)
    result = run("container_logs", check=check, expect="ok", name=name)
    assert (result["stdout"], result["stderr"]) == ("out\ngrößer €", "err\n")
    assert set(result) == {"changed", "actions", "steps", "diff", "stdout", "stderr"}
    assert (result["actions"], result["diff"]) == ([], {"before": {}, "after": {}})
    assert run("container_logs", check=check, container=container_id[:12]) == result
    only = run("container_logs", check=check, name=name, stderr=False)
    assert (only["stdout"], only["stderr"]) == ("out\ngrößer €", "")
    only = run("container_logs", check=check, name=name, stdout=False)
    assert (only["stdout"], only["stderr"]) == ("", "err\n")
    assert client.inspect_container(name) == before


def test_a_terminal(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "echo out; sleep 0.1; echo err >&2", tty=True)
    result = run("container_logs", name=name)
    assert (result["stdout"], result["stderr"]) == ("out\r\nerr\r\n", "")
    stamped = run("container_logs", name=name, timestamps=True, wait_for="^err$")
    assert re.fullmatch(r"%s out\r\n%s err\r\n" % (STAMP, STAMP), stamped["stdout"])
    assert stamped["line"] == "err"


def test_it_never_ran(run: Any, client: Any, image: str, name: str) -> None:
    client.create_container(image, ["true"], name=name)
    result = run("container_logs", expect="ok", name=name)
    assert (result["stdout"], result["stderr"]) == ("", "")
    failed = run("container_logs", expect="failed", name=name, wait_for="x")
    assert failed["msg"] == (
        "The container %s was never started (start it first), and wrote no line that matches 'x'. It wrote nothing."
        % name
    )


def test_tail(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "for n in 1 2 3 4; do echo $n; done")
    for tail, text in [
        ("all", "1\n2\n3\n4\n"),
        ("ALL", "1\n2\n3\n4\n"),
        (2, "3\n4\n"),
        ("1", "4\n"),
        (0, ""),
        (9, "1\n2\n3\n4\n"),
    ]:
        assert run("container_logs", expect="ok", name=name, tail=tail)["stdout"] == text


def test_since_and_until(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "echo one; sleep 1.2; echo two; sleep 1.2; echo three")
    lines = run("container_logs", name=name, timestamps=True)["stdout"].splitlines()
    assert [re.fullmatch(STAMP + " (.*)", line)[1] for line in lines] == ["one", "two", "three"]  # type: ignore[index]
    second = lines[1].partition(" ")[0]
    seconds = _seconds(second)
    for moment in (second, seconds, second.replace("T", " ").replace("Z", "+00:00")):
        assert run("container_logs", expect="ok", name=name, since=moment)["stdout"] == "two\nthree\n"
    for moment in (second, seconds):
        assert run("container_logs", expect="ok", name=name, until=moment)["stdout"] == "one\ntwo\n"
    assert run("container_logs", expect="ok", name=name, since=second, until=second)["stdout"] == "two\n"
    assert run("container_logs", name=name, since="1h")["stdout"] == "one\ntwo\nthree\n"
    assert run("container_logs", name=name, until="1h")["stdout"] == ""
    assert run("container_logs", name=name, since="1h", tail=1)["stdout"] == "three\n"


def _seconds(stamp: str) -> str:
    import calendar

    whole, _dot, fraction = stamp.rstrip("Z").partition(".")
    return "%d.%s" % (calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")), fraction)


def test_timestamps(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "echo out; echo err >&2")
    result = run("container_logs", expect="ok", name=name, timestamps=True)
    assert re.fullmatch(STAMP + " out\n", result["stdout"]) and re.fullmatch(STAMP + " err\n", result["stderr"])
    waited = run("container_logs", expect="ok", name=name, timestamps=True, wait_for="^(?:out|err)$")
    assert waited["line"] in ("out", "err")
    assert re.fullmatch(STAMP + " " + waited["line"] + "\n", waited["stdout"] or waited["stderr"])


def test_max_output(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "i=0; while [ $i -lt 2000 ]; do echo line $i ; i=$((i+1)); done; echo ende € >&2")
    whole = run("container_logs", expect="ok", name=name)
    assert "stdout_cut" not in whole
    cut = run("container_logs", expect="ok", name=name, max_output="1k")
    assert cut["stdout"] == whole["stdout"][-1024:] and cut["stdout"].endswith("line 1999\n")
    assert (cut["stdout_cut"], cut["stderr_cut"]) == (len(whole["stdout"]) - 1024, 0)
    few = run("container_logs", expect="ok", name=name, max_output=3)
    assert (few["stderr"], few["stderr_cut"]) == ("\n", len("ende €\n".encode()) - 1), "no half characters"
    waited = run("container_logs", expect="ok", name=name, max_output="20", wait_for="^line 1500$")
    assert waited["stdout"] == "line 1499\nline 1500\n" and waited["stdout_cut"] > 10_000


@pytest.mark.parametrize("check", [False, True])
def test_a_line_that_is_there(check: bool, run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "echo starting; echo 'port 8080 of api'; echo more; sleep 3000", ended=False)
    if check:
        run("container_logs", name=name, wait_for="more")
    pattern = r"port (\d+)(?: of (?P<what>\w+))?(x)?"
    result = run("container_logs", check=check, expect="ok", name=name, wait_for=pattern, wait_timeout=0)
    assert (result["matched"], result["line"]) == (True, "port 8080 of api")
    assert (result["groups"], result["groupdict"]) == (["8080", "api", None], {"what": "api"})
    assert (result["stdout"], result["stderr"]) == ("starting\nport 8080 of api\n", "")
    assert runs(client, name)
    client.kill(name)
    client.wait(name)
    assert run("container_logs", check=check, expect="ok", name=name, wait_for=pattern) == result


def test_a_line_that_comes(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "echo starting; sleep 1; echo ready >&2; sleep 3000", ended=False)
    result = run("container_logs", expect="ok", name=name, wait_for="^ready$", wait_timeout=0)
    assert (result["stdout"], result["stderr"], result["line"]) == ("starting\n", "ready\n", "ready")
    assert runs(client, name)
    # Only the selected part of the log counts.
    failed = run("container_logs", expect="failed", name=name, wait_for="^ready$", stderr=False, wait_timeout=0.5)
    assert failed["msg"] == (
        "The container %s wrote no line that matches '^ready$' within 0.5 seconds. Its last lines: starting" % name
    )
    assert (failed["matched"], failed["line"], failed["stdout"], failed["stderr"]) == (False, None, "starting\n", "")
    run("container_logs", expect="failed", name=name, wait_for="^ready$", tail=0, wait_timeout=0.5)
    run("container_logs", expect="failed", name=name, wait_for="^starting$", tail=1, wait_timeout=0.5)
    time.sleep(1.1)
    run("container_logs", expect="failed", name=name, wait_for="^ready$", since="1s", wait_timeout=0.5)
    run("container_logs", expect="ok", name=name, wait_for="^ready$", since="1h", wait_timeout=0.5)


def test_a_line_that_is_not_looked_at(run: Any, client: Any, image: str, name: str) -> None:
    """The last lines in a failure contain no matching line: that would contradict the message."""
    create(client, image, name, "echo one; echo ready; echo two; echo ready >&2; sleep 3000", ended=False)
    run("container_logs", expect="ok", name=name, wait_for="^ready$", stdout=False)
    looks = [
        ({"tail": 0}, "Its last lines: one\ntwo"),
        ({"since": time.time() + 60}, "Its last lines: one\ntwo"),
    ]
    for options, last in looks:
        failed = run("container_logs", expect="failed", name=name, wait_for="^ready$", wait_timeout=0.5, **options)
        assert failed["msg"] == (
            "The container %s wrote no line that matches '^ready$' within 0.5 seconds. A line of its log does match, "
            "and was not looked at: it came too late, or tail, since, stdout or stderr leave it out. %s" % (name, last)
        )
        everything = {**options, "wait_for": "one|two|ready", "wait_timeout": 0.5}
        failed = run("container_logs", expect="failed", name=name, **everything)
        assert failed["msg"].endswith("stdout or stderr leave it out."), "there is no other"
    client.kill(name)
    client.wait(name)
    failed = run("container_logs", expect="failed", name=name, wait_for="^ready$", tail=0)
    assert "ended with exit code 137" in failed["msg"] and failed["msg"].endswith(looks[0][1])


def test_a_line_of_the_stream_that_is_not_looked_at(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "echo ready >&2; echo two >&2; exit 1")
    failed = run("container_logs", expect="failed", name=name, wait_for="^ready$", stderr=False)
    assert "A line of its log does match, and was not looked at" in failed["msg"]
    assert failed["msg"].endswith("Its last lines: two")


@pytest.mark.parametrize("tty", [False, True])
@pytest.mark.parametrize("script", ["sleep 3000", "echo a; sleep 3000"])
def test_a_silent_container(script: str, tty: bool, run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, script, ended=False, tty=tty)
    threads = threading.active_count()
    failed, seconds = took(
        lambda: run("container_logs", expect="failed", name=name, wait_for="ready", wait_timeout=1.5, timeout=60)
    )
    assert seconds > 1.4 and runs(client, name)
    said = "Its last lines: a" if "echo" in script else "It wrote nothing."
    assert failed["msg"].endswith("no line that matches 'ready' within 1.5 seconds. " + said)
    assert threading.active_count() == threads, "nothing goes on reading"


def test_a_paused_container(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "while :; do echo x; sleep 0.1; done", ended=False)
    client.pause(name)
    failed = run("container_logs", expect="failed", name=name, wait_for="ready", wait_timeout=0.5)
    assert "within 0.5 seconds. It is paused: unpause it. Its last lines: x" in failed["msg"]
    client.unpause(name)


def test_a_container_that_never_stops_writing(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "while :; do echo noise; done", ended=False)
    options = {"wait_for": "ready", "wait_timeout": 1, "max_output": "100"}
    failed = run("container_logs", expect="failed", name=name, **options)
    assert runs(client, name)
    client.kill(name)
    assert failed["stdout"].count("\n") == 17 and failed["stdout_cut"] > 1000


@pytest.mark.parametrize("tty", [False, True])
def test_it_ends_first(tty: bool, run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "echo starting; sleep 1; echo 'no disk' >&2; exit 7", ended=False, tty=tty)
    # Without a time limit, so that only its end ends the wait.
    waiting = {"name": name, "wait_for": "ready", "wait_timeout": 0}
    failed = run("container_logs", expect="failed", **waiting)
    assert failed["msg"] == (
        "The container %s ended with exit code 7, and wrote no line that matches 'ready'. "
        "Its last lines: starting\nno disk" % name
    )
    assert (failed["exit_code"], failed["matched"]) == (7, False)
    assert failed["stdout"].startswith("starting")
    assert run("container_logs", expect="failed", tail=0, **waiting)["msg"] == failed["msg"]


def test_it_is_gone(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "echo a; sleep 1", ended=False, host={"auto_remove": True})
    failed = run("container_logs", expect="failed", name=name, wait_for="ready", wait_timeout=0)
    assert re.search("ended (with exit code 0|and is gone .*), and wrote no line that matches 'ready'", failed["msg"])
    assert failed["msg"].endswith("Its last lines: a")
    while client.containers(all=True, filters={"name": name}):
        time.sleep(0.05)


def test_the_last_line_has_no_end(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "echo a; printf 'all is ready'; exit 1")
    assert run("container_logs", expect="ok", name=name, wait_for="ready$")["line"] == "all is ready"


@pytest.mark.parametrize(
    ("driver", "tty", "text"),
    [("json-file", False, "abcdefgh"), ("json-file", True, "abcdefgh"), ("local", False, "äöüß€")],
)
def test_a_long_line(driver: str, tty: bool, text: str, run: Any, client: Any, image: str, name: str) -> None:
    """The engine stores it in several pieces, which may end within a character (json-file damages these)."""
    script = (
        "printf 'begin:x'; i=0; while [ $i -lt 4000 ]; do printf '%s'; i=$((i+1)); done; echo :end; sleep 3000" % text
    )
    create(client, image, name, script, ended=False, tty=tty, host={"log_config": {"type": driver}})
    pattern = "^begin:x((?:%s)+):end$" % text
    for timestamps in (False, True):
        options = {"wait_for": pattern, "wait_timeout": 20, "timestamps": timestamps}
        result = run("container_logs", expect="ok", name=name, **options)
        assert len(result["groups"][0]) == 4000 * len(text)
        said = result["stdout"].rstrip("\r\n")
        if timestamps:
            assert re.match(STAMP + " ", said)
            said = said.partition(" ")[2]
        assert said == result["line"]


@pytest.mark.parametrize("tty", [False, True])
@pytest.mark.parametrize("driver", ["json-file", "local"])
def test_times_of_long_lines(driver: str, tty: bool, run: Any, client: Any, image: str, name: str) -> None:
    """Each line has one time, however many pieces the engine stores; some lines are exactly as long as a piece."""
    sizes = [5, 16383, 16384, 16385, 32767, 32768, 40000, 100000]
    script = "for n in %s; do head -c $n /dev/zero | tr '\\0' x; echo; echo short; done" % " ".join(map(str, sizes))
    create(
        client,
        image,
        name,
        script + "; printf größer; head -c 16380 /dev/zero | tr '\\0' é; printf end",
        tty=tty,
        host={"log_config": {"type": driver}},
    )
    lines = []
    for options in ({}, {"wait_for": "end$"}, {"wait_for": "end$", "max_output": "10m"}):
        stamped = run("container_logs", expect="ok", name=name, timestamps=True, **options)["stdout"]
        lines = [re.fullmatch("(%s) (.*)" % STAMP, line) for line in re.split("\r?\n", stamped)]
        assert all(lines), [line[:100] for line in stamped.split("\n")]
        texts = [line[2] for line in lines if line]
        assert texts[:-1] == [text for size in sizes for text in ("x" * size, "short")]
        assert texts[-1].startswith("größer") and texts[-1].endswith("end")
    plain = run("container_logs", expect="ok", name=name)["stdout"]
    if driver == "json-file":
        assert re.sub("(?m)^%s " % STAMP, "", stamped) == plain


def test_times_of_a_terminal_through_a_proxy(engine: Any, run: Any, client: Any, image: str, name: str) -> None:
    """A proxy may split an answer into other chunks than the engine."""
    create(client, image, name, "head -c 100000 /dev/zero | tr '\\0' x; echo; echo end", tty=True)
    query = {"docker_host": engine.url, "name": name, "timestamps": True}
    direct = run("container_logs", **query)["stdout"]

    def cut_anew(answer: bytes) -> bytes:
        head, _blank, body = answer.partition(b"\r\n\r\n")
        text = b""
        while body:
            size, _end, body = body.partition(b"\r\n")
            text, body = text + body[: int(size, 16)], body[int(size, 16) + 2 :]
        chunks = [text[at : at + 10_007] for at in range(0, len(text), 10_007)] + [b""]
        return head + b"\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)

    with between(engine.url) as proxy:
        proxy.lie("/logs", cut_anew)
        assert run("container_logs", **{**query, "docker_host": proxy.url})["stdout"] == direct
    assert len(re.findall(STAMP, direct)) == 2


def test_a_failure_shows_little_of_a_long_line(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "head -c 100000 /dev/zero | tr '\\0' x; echo end; exit 1")
    for tail in ("all", 0):
        failed = run("container_logs", expect="failed", name=name, wait_for="ready", tail=tail)
        assert failed["msg"].endswith("xxxend") and len(failed["msg"]) < 3000


COUNTING = "n=$(cat /n 2>/dev/null || echo 0); n=$((n+1)); echo $n > /n; echo run $n; sleep %s; echo end $n >&2; exit 1"


@pytest.mark.parametrize("tty", [False, True])
@pytest.mark.parametrize("seconds", ["0.3", "0"])
def test_it_is_restarted(seconds: str, tty: bool, run: Any, client: Any, image: str, name: str) -> None:
    host = {"restart_policy": {"Name": "always"}}
    create(client, image, name, COUNTING % seconds, ended=False, host=host, tty=tty)
    result = run("container_logs", expect="ok", name=name, wait_for="^run 4$", wait_timeout=30)
    if not tty:
        assert result["stdout"] == "run 1\nrun 2\nrun 3\nrun 4\n", "each line once"
        # The fourth run ends right after this line: its output to stderr may already be there.
        assert result["stderr"] in ("end 1\nend 2\nend 3\n", "end 1\nend 2\nend 3\nend 4\n")
    failed = run("container_logs", expect="failed", name=name, wait_for="^run 1$", tail=0, wait_timeout=1)
    assert "within 1 seconds" in failed["msg"]


def test_it_is_restarted_until_its_policy_gives_up(run: Any, client: Any, image: str, name: str) -> None:
    host = {"restart_policy": {"Name": "on-failure", "MaximumRetryCount": 2}}
    create(client, image, name, COUNTING % "0.1", ended=False, host=host)
    failed = run("container_logs", expect="failed", name=name, wait_for="ready", wait_timeout=30)
    assert "ended with exit code 1, and wrote no line that matches 'ready'" in failed["msg"]
    assert (failed["stdout"], failed["stderr"]) == ("run 1\nrun 2\nrun 3\n", "end 1\nend 2\nend 3\n")


@pytest.mark.parametrize("options", [{}, {"wait_for": "ready"}])
def test_no_log(options: dict[str, Any], run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "echo ready", ended=False, host={"log_config": {"type": "none"}})
    failed = run("container_logs", expect="failed", name=name, **options)
    assert failed["msg"] == (
        "Cannot read the log of the container %s: the engine keeps no log of it: log driver none. Run it with another "
        "log driver, such as local or json-file." % name
    )


def test_a_driver_that_sends_it_elsewhere(run: Any, client: Any, image: str, name: str) -> None:
    config = {"syslog-address": "udp://127.0.0.1:5514"}
    create(client, image, name, "echo ready", host={"log_config": {"type": "syslog", "config": config}})
    assert run("container_logs", expect="ok", name=name)["stdout"] == "ready\n", "the engine keeps a copy"
    config["cache-disabled"] = "true"
    create(client, image, name + "b", "echo ready", host={"log_config": {"type": "syslog", "config": config}})
    failed = run("container_logs", expect="failed", name=name + "b", wait_for="ready")
    assert "the engine keeps no log of it: log driver syslog." in failed["msg"]


def test_the_driver_local(run: Any, client: Any, image: str, name: str) -> None:
    host = {"log_config": {"type": "local"}, "restart_policy": {"Name": "always"}}
    create(client, image, name, COUNTING % "0.2", ended=False, host=host)
    result = run("container_logs", expect="ok", name=name, wait_for="^run 3$")
    assert result["stdout"] == "run 1\nrun 2\nrun 3\n"


def test_check_mode_does_not_wait(run: Any, client: Any, image: str, name: str) -> None:
    nothing = {"matched": False, "line": None, "groups": [], "groupdict": {}, "stdout": "", "stderr": ""}
    forever = {"name": name, "wait_for": "ready", "wait_timeout": 0}
    result = run("container_logs", check=True, expect="ok", **forever)
    assert {key: result[key] for key in nothing} == nothing
    create(client, image, name, "echo starting; sleep 3000", ended=False)
    run("container_logs", name=name, wait_for="starting")
    result = run("container_logs", check=True, expect="ok", **forever)
    assert {key: result[key] for key in nothing} == {**nothing, "stdout": "starting\n"}
    assert runs(client, name)


@pytest.mark.parametrize("pattern", ["/logs", "/containers/"])
def test_an_engine_that_does_not_answer(
    pattern: str, engine: Any, run: Any, client: Any, image: str, name: str
) -> None:
    """No call takes longer than its option allows."""
    create(client, image, name, "echo a; sleep 3000", ended=False)
    with between(engine.url) as proxy:
        proxy.mute(pattern)
        options = {"docker_host": proxy.url, "name": name}
        for given in ({"wait_for": "ready", "wait_timeout": 1}, {"timeout": 1}, {"timeout": 1, "tail": 1}):
            failed, seconds = took(lambda given=given: run("container_logs", expect="failed", **options, **given))
            assert seconds >= 1
            assert "did not answer within 1 seconds" in failed["msg"]
        if pattern == "/logs":
            failed = run("container_logs", expect="failed", wait_for="ready", wait_timeout=0.5, **options)
            assert (failed["matched"], failed["line"], failed["stdout"]) == (False, None, "")


@pytest.mark.parametrize("tty", [False, True])
def test_an_answer_that_is_cut(tty: bool, engine: Any, run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "echo begun; echo b", tty=tty)
    with between(engine.url) as proxy:
        proxy.lie("/logs", lambda answer: answer[: answer.index(b"begun") + 3])
        options = {"docker_host": proxy.url, "name": name}
        for given in ({}, {"wait_for": "ready"}, {"timestamps": True}):
            failed = run("container_logs", expect="failed", **options, **given)
            assert failed["msg"].startswith("Cannot read the log of the container %s: " % name)
            assert "broke in the middle of its answer" in failed["msg"]


@pytest.mark.parametrize("tty", [False, True])
def test_an_answer_that_does_not_go_on(tty: bool, engine: Any, run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "echo begun; echo b", tty=tty)
    with between(engine.url) as proxy:
        proxy.stall("/logs", lambda answer: answer[: answer.index(b"begun") + 3])
        options = {"docker_host": proxy.url, "name": name}
        failed, seconds = took(lambda: run("container_logs", expect="failed", timeout=1, **options))
        assert seconds >= 1
        assert "the engine began to answer, and then nothing came for 1 seconds" in failed["msg"]
        waited, seconds = took(lambda: run("container_logs", expect="failed", wait_for="x", wait_timeout=1, **options))
        # The output so far is shown; it takes a few seconds to notice that no more comes.
        assert seconds >= 1
        assert "wrote no line that matches 'x' within 1 seconds." in waited["msg"]


@pytest.mark.parametrize("options", [{}, {"wait_for": "ready"}])
def test_no_container(options: dict[str, Any], run: Any, image: str, name: str) -> None:
    failed = run("container_logs", expect="failed", name=name, **options)
    assert failed["msg"] == (
        "Cannot read the log of the container %s: there is no such container. Check its name with the container_info "
        "module." % name
    )
    foreseen = run("container_logs", expect="ok", check=True, warnings=True, name=name)
    assert foreseen["warnings"] == [
        "There is no container %s. In check mode, it is assumed that an earlier task would create it." % name
    ]
    assert (foreseen["stdout"], foreseen["stderr"]) == ("", "")


def test_wait_timeout_zero(run: Any, client: Any, image: str, name: str) -> None:
    create(client, image, name, "sleep 1; echo ready; sleep 3000", ended=False)
    for limit in (0, "inf", 1e300, 1e10, 3e6):
        assert run("container_logs", expect="ok", name=name, wait_for="ready", wait_timeout=limit)["matched"] is True


def test_calls(run: Any, calls: Any, client: Any, image: str, name: str) -> None:
    container_id = create(client, image, name, "echo ready")
    for options in ({}, {"wait_for": "ready"}):
        with calls() as made:
            run("container_logs", name=name, api_version="1.41", **options)
        assert made == ["GET /containers/%s/json" % name, "GET /containers/%s/logs" % container_id]


def test_an_interrupted_read(engine: Any, run: Any, client: Any, image: str, name: str) -> None:
    """Following can be stopped at any moment, even during much output."""
    create(client, image, name, "while :; do echo noise; done", ended=False)
    options = _engine.CONNECTION_OPTIONS
    plain = {key: option.get("default") for key, option in options.items()}
    found = _engine.connect({**plain, "docker_host": engine.url})
    query = {"stdout": True, "follow": True}
    for taken in (0, 1, 500):
        stream = found.stream("GET", "/containers/%s/logs" % name, tried="read", query=query)
        following = _logs.Following(stream, tty=False)
        for _number in range(taken):
            assert following.next(10) is not None
        following.close()
        assert not following._thread.is_alive() and runs(client, name)
    found.close()
    client.kill(name)


@pytest.mark.parametrize("way", by_ssh.WAYS)
def test_a_silent_container_by_way_of_ssh(
    way: str, engine: Any, client: Any, image: str, name: str, tmp_path: Path
) -> None:
    """Neither a time limit nor a shutdown of a socket in this process affects such a connection."""
    create(client, image, name, "echo a; sleep 3000", ended=False)
    calls: list[dict[str, Any]] = [{"wait_for": "^a$"}, {"wait_for": "ready", "wait_timeout": 1.5}]
    given = [("container_logs", {"name": name, **call}) for call in calls]
    found, failed = by_ssh.tasks(way, engine.url, tmp_path, given)
    assert found["result"]["line"] == "a"
    assert "within 1.5 seconds. Its last lines: a" in failed["result"]["msg"]
    assert failed["seconds"] > 1.4 and failed["threads"] == 0 and runs(client, name)


def test_a_silent_container_with_tls(
    engine: Any, run: Any, client: Any, image: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # They override the client's options.
        monkeypatch.delenv(variable, raising=False)
    create(client, image, name, "echo a; sleep 3000", ended=False)
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=engine", "-days", "1"]
    files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(tmp_path / "key.pem")]
    files += ["-out", str(tmp_path / "cert.pem")]
    subprocess.run([*certificate, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=relay, args=(listening, context, engine.url.partition("://")[2]), daemon=True).start()
        url = "tcp://127.0.0.1:%d" % listening.getsockname()[1]
        trust = {"validate_certs": True, "ca_path": str(tmp_path / "cert.pem")}
        options = {"docker_host": url, "name": name, "wait_timeout": 1.5, **trust}
        assert run("container_logs", expect="ok", wait_for="^a$", **options)["line"] == "a"
        failed, seconds = took(lambda: run("container_logs", expect="failed", wait_for="ready", **options))
        listening.shutdown(socket.SHUT_RDWR)
    assert "within 1.5 seconds. Its last lines: a" in failed["msg"]
    assert seconds > 1.4 and runs(client, name)


def relay(listening: socket.socket, context: ssl.SSLContext, path: str) -> None:
    """Accept TLS connections, and relay them to the socket ``path``."""
    with contextlib.suppress(OSError):
        while True:
            plain, _address = listening.accept()
            threading.Thread(target=relay_one, args=(plain, context, path), daemon=True).start()


def relay_one(plain: socket.socket, context: ssl.SSLContext, path: str) -> None:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as engine:
        engine.connect(path)
        with context.wrap_socket(plain, server_side=True) as near:
            while True:
                ready = [near] if near.pending() else select.select([near, engine], [], [], 60)[0]
                for source in ready:
                    data = source.recv(65536)
                    if not data:
                        return
                    (engine if source is near else near).sendall(data)


def test_through_ansible(ansible: Any, run: Any, client: Any, image: str, name: str) -> None:
    """The module, run by Ansible, returns the same as the task in this process."""
    create(client, image, name, "echo starting; echo port 8080; echo err >&2; exit 3")
    options = {"name": name, "wait_for": r"port (?P<port>\d+)", "since": "1h"}
    here = run("container_logs", diff=False, expect="ok", **options)
    there = ansible("container_logs", expect="ok", **options)
    assert {key: there[key] for key in here if key != "stderr"} == {key: here[key] for key in here if key != "stderr"}
    failed = ansible("container_logs", expect="failed", name=name, wait_for="ready")
    assert "ended with exit code 3, and wrote no line that matches 'ready'" in failed["msg"]
    ansible("container_logs", expect="ok", check=True, name=name, wait_for="ready")


def test_ad_hoc(play: Any, client: Any, image: str, name: str) -> None:
    """The command lines of the documentation."""
    create(client, image, name, "echo starting; echo database is ready to accept connections")
    argv = ["ansible", "localhost", "-i", "localhost,", "-c", "local", "-m", "wharf.docker.container_logs", "-a"]
    found = play([*argv, "name=%s tail=1" % name]).results[0]["result"]
    assert found["stdout_lines"] == ["database is ready to accept connections"]
    found = play([*argv, "name=%s wait_for='ready to accept connections' wait_timeout=30" % name]).results[0]["result"]
    assert found["line"] == "database is ready to accept connections"
