# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets of container_run, container_state and container_info: noticed when they change, and told nowhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}
M = "********"
# Both are looked for in everything that Ansible prints.
SECRET, OTHER = "correct-horse", "battery-staple"
KEY = "-----BEGIN KEY-----\nMIIEowIBAAKCAQEA\nq83vEjRWeJCrze8S\n-----END KEY-----"


@pytest.fixture(params=["module", "direct"])
def told(request: pytest.FixtureRequest, engine: Any, play: Callable[..., Any]) -> Callable[..., tuple[Any, str]]:
    """``told(module, check=False, **arguments)`` → the result, and all that Ansible prints at -vvv with --diff."""

    def run_module(module: str, check: bool = False, **arguments: Any) -> tuple[Any, str]:
        given = json.dumps({"docker_host": engine.url, **arguments})
        argv = ["ansible", "localhost", "-i", "localhost,", "-c", "local", "-m", "wharf.docker." + module, "-a", given]
        settings = {
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "WHARF_DOCKER_EXECUTION": request.param,
            "ANSIBLE_INJECT_INVOCATION": "true",
        }
        played = play([*argv, "--diff", "-vvv", *(["--check"] if check else [])], **settings)
        assert len(played.results) == 1, played.output
        assert "%s face" % request.param in played.output
        result = played.results[0]["result"]
        assert "module_args" in result["invocation"]
        return result, played.output + json.dumps(result, ensure_ascii=False)

    return run_module


def environment(document: Any) -> dict[str, str]:
    return dict(entry.split("=", 1) for entry in document["Config"]["Env"])


def test_env_secret(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP, "env": {"A": "1"}}
    one, two = {"env_secret": {"PIN": SECRET}}, {"env_secret": {"PIN": OTHER}}
    foreseen = run("container_run", check=True, expect="changed", **spec, **one)
    done = run("container_run", expect="changed", **spec, **one)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert done["diff"]["after"]["env"] == {"A": "1", "PIN": M}
    inspected = client.inspect_container(name)
    assert environment(inspected) == {"A": "1", "PIN": SECRET}
    assert not inspected["Config"]["Labels"]
    assert environment(done["container"]) == {"A": "1", "PIN": M}
    unchanged = run("container_run", expect="ok", **spec, **one)
    assert environment(unchanged["container"]) == {"A": "1", "PIN": M}

    foreseen = run("container_run", check=True, expect="changed", **spec, **two)
    done = run("container_run", expect="changed", **spec, **two)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    assert done["actions"] == ["recreate %s: env PIN" % name]
    assert done["diff"] == {"before": {"env": {"PIN": M}}, "after": {"env": {"PIN": M + " (another value)"}}}
    assert environment(client.inspect_container(name)) == {"A": "1", "PIN": OTHER}
    run("container_run", expect="ok", **spec, **two)


def test_env_secret_wins_over_a_file(run: Any, client: Any, image: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / "web.env"
    file.write_text("A=from the file\nTOKEN=of-the-file\nB=2\n", encoding="utf-8")
    spec = {"name": name, "image": image, **SLEEP, "env_file": str(file), "env_secret": {"A": SECRET}}
    done = run("container_run", expect="changed", **spec)
    assert environment(done["container"]) == {"A": M, "B": "2", "TOKEN": M}
    assert environment(client.inspect_container(name)) == {"A": SECRET, "B": "2", "TOKEN": "of-the-file"}
    run("container_run", expect="ok", **spec)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"env": {"A": "1", "B": "1"}, "env_secret": {"B": SECRET, "A": SECRET}},
            "env and env_secret: both have A, B.",
        ),
        ({"env_secret": {"A": 7}}, "env_secret: variable 'A' has a value that is not a string"),
        ({"env_secret": {"A=": SECRET}}, "env_secret: variable 'A=' has a wrong name"),
    ],
)
def test_wrong_secrets(options: Any, words: str, run: Any, client: Any, image: str, name: str) -> None:
    result = run("container_run", expect="failed", name=name, image=image, **options)
    assert "Cannot describe the container %s: %s" % (name, words) in result["msg"]
    assert not client.containers(all=True, filters={"name": name})


def test_secret_patterns(run: Any, client: Any, image: str, name: str) -> None:
    """Variables and labels, of the task and of the container, with the default and with other patterns."""
    spec = {
        "name": name,
        "image": image,
        **SLEEP,
        "env": {"DB_PASSWORD": "abc", "DB_PASSWORD_FILE": "/run/x", "WORD": "w1"},
        "labels": {"api_token": "def", "other": "ghi"},
    }
    done = run("container_run", expect="changed", **spec)
    assert environment(done["container"]) == {"DB_PASSWORD": M, "DB_PASSWORD_FILE": "/run/x", "WORD": "w1"}
    assert done["container"]["Config"]["Labels"] == {"api_token": M, "other": "ghi"}
    assert done["diff"]["after"]["labels"] == {"api_token": M, "other": "ghi"}
    # A container has them whether the task says so or not.
    started = run("container_run", expect="ok", name=name)
    assert environment(started["container"])["DB_PASSWORD"] == M
    changes = {"env": {"DB_PASSWORD": "xyz"}, "labels": {"api_token": "jkl", "other": "mno"}}
    foreseen = run("container_run", check=True, expect="changed", **{**spec, **changes})
    assert foreseen["actions"] == ["recreate %s: env DB_PASSWORD, labels api_token, other" % name]
    assert foreseen["diff"]["after"]["labels"] == {"api_token": M + " (another value)", "other": "mno"}

    plain = run("container_run", expect="ok", name=name, secret_patterns=[])
    assert environment(plain["container"])["DB_PASSWORD"] == "abc"
    words = run("container_run", check=True, expect="changed", **{**spec, **changes}, secret_patterns=["WO*D"])
    assert environment(words["container"]) == {"DB_PASSWORD": "abc", "DB_PASSWORD_FILE": "/run/x", "WORD": M}
    assert "labels.api_token def → jkl, labels.other ghi → mno" in words["actions"][0]


def test_short_and_plain_secrets_leave_the_rest_as_it_is(run: Any, ansible: Any, image: str, name: str) -> None:
    """Ansible itself would mask each "1" and each "true" in ids, names and numbers."""
    secret = {"A": "1", "B": "true", "C": "a", "D": "1000"}
    spec = {"name": name, "image": image, **SLEEP, "env_secret": secret, "memory": "64m"}
    done = ansible("container_run", expect="changed", diff=True, **spec)
    assert len(done["container"]["Id"]) == 64 and M not in done["container"]["Id"]
    assert done["container"]["Name"] == "/" + name
    assert done["container"]["HostConfig"]["Memory"] == 64 * 1024 * 1024
    assert done["actions"][0] == "create %s: no container of this name" % name
    assert environment(done["container"]) == dict.fromkeys(secret, M)
    assert done["container"]["Config"]["Cmd"] == ["sleep", M], "a value of four characters, alone"
    ansible("container_run", expect="ok", **spec)


def test_the_image_and_the_name_stay_readable(run: Any, client: Any, image: str, name: str) -> None:
    """A password that is the image's name as well is no secret, and masking the name would tell the password."""
    spec = {"name": name, "image": image, **SLEEP, "env": {"DB_PASSWORD": name, "DB_NAME": name}}
    done = run("container_run", expect="changed", **spec)
    assert done["container"]["Name"] == "/" + name
    assert done["actions"] == [
        "create %s: no container of this name" % name,
        "start %s: state created → running" % name,
    ]
    assert environment(done["container"]) == {"DB_PASSWORD": M, "DB_NAME": name}


SPEC: dict[str, Any] = {
    "env": {"DB_PASSWORD": OTHER, "URL": "db://me:%s@db" % OTHER},
    "env_secret": {"PIN": SECRET, "KEY": KEY},
    "labels": {"com.example.token": OTHER},
    "stop_signal": "KILL",
}
LOOP = 'echo $PIN of $DB_PASSWORD; echo "$KEY"; '


def silent(words: str) -> None:
    """Nothing of a secret is in ``words``."""
    for secret in (SECRET, OTHER, "MIIEowIBAAKCAQEA", "q83vEjRWeJCrze8S"):
        assert secret not in words, words[max(0, words.index(secret) - 200) : words.index(secret) + 50]


def test_nothing_is_told(told: Any, client: Any, image: str, name: str) -> None:
    """All ways through the module, at -vvv and with --diff."""
    spec = {"name": name, "image": image, "command": "sleep 1000", **SPEC}
    foreseen, words = told("container_run", check=True, **spec)
    silent(words)
    done, words = told("container_run", **spec)
    silent(words)
    assert done["changed"] and (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    unchanged, words = told("container_run", **spec)
    silent(words)
    assert not unchanged["changed"]
    assert environment(unchanged["container"])["URL"] == "db://me:%s@db" % M
    assert environment(client.inspect_container(name))["PIN"] == SECRET
    # What was in the container is no less secret than what comes.
    changed = {
        **spec,
        "env_secret": {"PIN": "another-horse", "KEY": "another-key"},
        "env": {"DB_PASSWORD": "another-staple"},
    }
    changed["labels"] = {"com.example.token": "another-token"}
    for check in (True, False):
        replaced, words = told("container_run", check=check, **changed)
        silent(words)
        assert "another-" not in words
        assert replaced["actions"][0] == "recreate %s: env DB_PASSWORD, KEY, PIN, labels com.example.token" % name
    for module, more in (("container_state", {"state": "stopped"}), ("container_run", {"state": "absent"})):
        result, words = told(module, name=name, **more)
        assert result["changed"]
        assert password_of(result) in (M, None)
    assert not client.containers(all=True, filters={"name": name})


def password_of(result: Any) -> Any:
    return environment(result["container"])["DB_PASSWORD"] if result["container"] else None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        # The process's own words, and those of its check.
        ({"command": ["sh", "-c", LOOP + "exit 3"], "detach": False}, "Its last lines: %s of %s" % (M, M)),
        (
            {"command": ["sh", "-c", LOOP + "exit 3"], "state": "healthy", "healthcheck": {"test": "true"}},
            "exit code 3. Its last lines: %s of %s" % (M, M),
        ),
        (
            {
                "command": ["sh", "-c", LOOP + "sleep 1000"],
                "state": "healthy",
                "healthcheck": {"test": "echo no $PIN; exit 1", "interval": "100ms", "retries": 1},
            },
            "Its last check ended with 1: no %s." % M,
        ),
        # The engine's.
        ({"command": ["/%s" % SECRET]}, "/%s" % M),
        ({"user": SECRET}, "unable to find user %s" % M),
        ({"image": "%s:%s" % (SECRET, "1"), "pull": "never"}, "the image %s:1" % M),
        # The collection's, and Ansible's.
        ({"env": {"DB_PASSWORD": OTHER, "PIN": "1"}}, "both have PIN"),
        ({"memory": OTHER}, "memory:"),
        ({"env_secret": OTHER}, "env_secret"),
        ({"colour": "red"}, "Unsupported parameters"),
    ],
    ids=["stdout", "ended", "unhealthy", "command", "user", "image", "both", "value", "type", "unknown"],
)
def test_errors_tell_nothing(options: Any, said: str, told: Any, image: str, name: str) -> None:
    result, words = told("container_run", **{"name": name, "image": image, **SPEC, **options})
    assert said in result["msg"]
    silent(words)


def test_a_replacement_that_fails_tells_nothing(told: Any, run: Any, client: Any, image: str, name: str) -> None:
    run("container_run", name=name, image=image, command="sleep 1000", **SPEC)
    broken = {"command": ["sh", "-c", LOOP + "exit 3"]}
    result, words = told("container_run", name=name, image=image, **{**SPEC, **broken})
    assert "is back under its name and running" in result["msg"] and "%s of %s" % (M, M) in result["msg"]
    silent(words)
    # A task that names none of the secrets: they are what the container has.
    _result, words = told("container_run", name=name, command=["sh", "-c", LOOP + "exit 3"], env=SPEC["env"])
    assert OTHER not in words


def test_container_state(told: Any, run: Any, client: Any, image: str, name: str) -> None:
    """Its secrets are those of the container."""
    env = {"DB_PASSWORD": SECRET}
    client.create_container(image, ["sh", "-c", "echo $DB_PASSWORD; exit 3"], name=name, environment=env)
    result, words = told("container_state", name=name, state="started")
    assert "Its last lines: %s" % M in result["msg"]
    assert environment(result["containers"][0]) == {"DB_PASSWORD": M}
    silent(words)
    plain = run("container_state", expect="failed", name=name, state="started", secret_patterns=[])
    assert "Its last lines: %s" % SECRET in plain["msg"]


def test_container_info(run: Any, client: Any, image: str, name: str) -> None:
    """Who asks for a container is told what it has, unless the task says otherwise."""
    client.create_container(image, "sleep 1", name=name, environment={"DB_PASSWORD": SECRET, "A": "1"})
    assert environment(run("container_info", name=name)["container"]) == {"DB_PASSWORD": SECRET, "A": "1"}
    masked = run("container_info", name=name, secret_patterns=["*PASSWORD*"])
    assert environment(masked["container"]) == environment(masked["containers"][0]) == {"DB_PASSWORD": M, "A": "1"}


def test_an_unchanged_run_asks_the_engine_no_more(run: Any, calls: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", **spec)
    with calls() as without:
        run("container_run", expect="ok", **spec)
    run("container_run", **{**spec, **SPEC})
    with calls() as made:
        run("container_run", expect="ok", **{**spec, **SPEC})
    assert made == without
