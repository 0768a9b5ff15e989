# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Control characters of containers and engines don't reach a terminal: not in a message, a warning, or an action."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.one_engine("it is about what the modules say")

# Clears the screen, renames the window, returns to the beginning of the line; and the same in C1.
EVIL = "\x1b[2J\x1b]0;evil\x07\r\x9b2J\x7f"
SHOWN = "\\x1b[2J\\x1b]0;evil\\x07\\x0d\\x9b2J\\x7f"
WRITE = r"printf 'a\033[2J\033]0;evil\007\r\302\2332J\177b\n'"


def texts(result: dict[str, Any]) -> list[str]:
    return [result.get("msg", ""), *result.get("warnings", []), *result.get("actions", [])]


def controls(text: str) -> list[str]:
    return [sign for sign in text if (ord(sign) < 0x20 and sign not in "\n\t") or 0x7F <= ord(sign) < 0xA0]


@pytest.fixture
def told(run: Any) -> Any:
    """``told(module, times, **options)`` → the result, with SHOWN ``times`` times and no control characters in it."""

    def tell(module: str, times: int | None, **options: Any) -> dict[str, Any]:
        result: dict[str, Any] = run(module, **{"expect": "any", "warnings": True, **options})
        everything = "\n".join(texts(result))
        assert not controls(everything), repr(everything)
        assert times is None or everything.count(SHOWN) == times, everything
        return result

    return tell


def test_last_lines(told: Any, run: Any, image: str, name: str) -> None:
    """The last lines of a container that exits, is unhealthy, or never writes the expected line."""
    spec = {"name": name, "image": image, "command": ["sh", "-c", WRITE + "; exit 3"]}
    ended = told("container_run", None, expect="failed", detach=False, **spec)
    assert r"a\x1b[2J\x1b]0;evil\x07" in ended["msg"]
    assert ended["stdout"] == "a%sb\n" % EVIL, "output is data"
    check = {"test": WRITE + "; exit 1", "interval": "50ms", "retries": 1}
    spec["command"] = ["sh", "-c", WRITE + " >&2; exec sleep 1000"]
    told("container_run", 2, expect="failed", state="healthy", healthcheck=check, recreate=True, **spec)
    waited = told("container_logs", 1, expect="failed", name=name, wait_for="ready", wait_timeout=0.5)
    assert waited["stdout"] + waited["stderr"] == "a%sb\n" % EVIL
    told("container_run", None, expect="failed", **{**spec, "command": ["/" + EVIL]})


def test_a_terminal(told: Any, client: Any, image: str, name: str) -> None:
    """Its lines end with CR LF, which becomes a line break."""
    command = ["sh", "-c", WRITE + "; echo c"]
    client.start(client.create_container(image, command, name=name, tty=True))
    client.wait(name)
    failed = told("container_logs", 1, expect="failed", name=name, wait_for="ready")
    assert failed["msg"].endswith("Its last lines: a%sb\nc" % SHOWN)
    assert failed["stdout"] == "a%sb\r\nc\r\n" % EVIL


def test_exec(told: Any, client: Any, image: str, name: str) -> None:
    client.start(client.create_container(image, ["sleep", "1000"], name=name))
    options = {"container": name}
    done = told("container_exec", 1, argv=["sh", "-c", "# %s\n%s" % (EVIL, WRITE)], **options)
    assert done["stdout"] == "a%sb" % EVIL
    assert "\n" in done["actions"][0]
    # The engine quotes some of it in the way of Go.
    told("container_exec", None, expect="failed", argv=["/" + EVIL], **options)
    for option in ({"chdir": "/" + EVIL}, {"user": EVIL}, {"user": EVIL, "detach": True}, {"creates": "/*" + EVIL}):
        told("container_exec", None, expect="failed", command="true", **option, **options)


def test_what_a_container_and_its_image_have(told: Any, client: Any, image: str, name: str) -> None:
    """Labels, variables, a command: as the cause of a change, in check mode and for real."""
    labels, env = {"l" + EVIL: "v" + EVIL}, {"A": EVIL}
    host = client.create_host_config(tmpfs={"/t": ""})
    client.create_container(image, ["x" + EVIL], name=name, labels=labels, environment=env, host_config=host)
    spec = {"name": name, "image": image, "labels": {"l" + EVIL: "w"}, "env": {"A": "b"}, "command": ["sleep", "9"]}
    for check in (True, False):
        changed = told("container_run", 3, check=check, expect="changed", stop_signal="KILL", **spec)
        assert changed["diff"]["before"]["labels"] == labels, "values in a diff are data, which Ansible escapes"
    told("container_run", 0, expect="ok", stop_signal="KILL", **spec)


def test_file_names(told: Any, client: Any, image: str, name: str) -> None:
    container = client.create_container(image, ["sh", "-c", 'touch "/tmp/$(%s)"; exec sleep 1000' % WRITE], name=name)
    client.start(container)
    while not client.diff(name):
        pass
    refused = told("container_run", 1, expect="failed", name=name, image=image, hostname="other", writable_layer="fail")
    assert "/tmp/a%sb" % SHOWN in refused["msg"]


@pytest.mark.parametrize("kind", ["network", "volume"])
def test_create_only_resources(kind: str, told: Any, run: Any, client: Any, name: str) -> None:
    run(kind, name=name, labels={"a": EVIL})
    changed = told(kind, 1, name=name, labels={"a": "b"}, check=True, expect="any")
    assert changed


def test_through_ansible(ansible: Any, play: Any, client: Any, image: str, name: str) -> None:
    """Both executions, and Ansible's output: for failures of a task, and for wrong options."""
    client.start(client.create_container(image, ["sh", "-c", WRITE + "; exit 3"], name=name))
    client.wait(name)
    failed = ansible("container_logs", expect="failed", name=name, wait_for="ready")
    assert SHOWN in failed["msg"] and EVIL in failed["stdout"]
    wrong = ansible("container_state", expect="failed", name=name, state=EVIL)
    assert SHOWN in wrong["msg"] and not controls(wrong["msg"])
    argv = ["ansible", "localhost", "-i", "localhost,", "-c", "local", "-m", "wharf.docker.container_logs", "-a"]
    output = play([*argv, "name=%s wait_for=ready tail=0" % name]).output
    assert "evil" in output and not controls(output)
