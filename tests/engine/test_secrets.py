# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets of container_run, container_state and container_info: changes are noticed, and values are never shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sampled

pytestmark = pytest.mark.one_engine("it is about what the modules say")

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}
M = "********"
LABEL = "wharf.docker.masked"
# Neither may occur in Ansible's output.
SECRET, OTHER = "correct-horse", "battery-staple"
KEY = "-----BEGIN KEY-----\nMIIEowIBAAKCAQEA\nq83vEjRWeJCrze8S\n-----END KEY-----"


@pytest.fixture(params=["module", "direct"])
def told(request: pytest.FixtureRequest, engine: Any, play: Callable[..., Any]) -> Callable[..., tuple[Any, str]]:
    """``told(module, check=False, **arguments)`` → the result, and all output of Ansible at -vvv with --diff."""

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
        assert "%s execution" % request.param in played.output
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
    assert inspected["Config"]["Labels"] == {LABEL: '{"names": ["PIN"]}'}
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
    # Those of the container are masked even if the task does not give them.
    started = run("container_run", expect="ok", name=name)
    assert environment(started["container"])["DB_PASSWORD"] == M
    changes = {"env": {**spec["env"], "DB_PASSWORD": "xyz"}, "labels": {"api_token": "jkl", "other": "mno"}}
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
    """A password that equals the image's name is not secret, and masking the name would reveal the password."""
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
    """Assert that no part of a secret is in ``words``."""
    for secret in (SECRET, OTHER, "MIIEowIBAAKCAQEA", "q83vEjRWeJCrze8S"):
        assert secret not in words, words[max(0, words.index(secret) - 200) : words.index(secret) + 50]


def test_nothing_is_told(told: Any, client: Any, image: str, name: str) -> None:
    """All paths through the module, at -vvv and with --diff."""
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
    # The old values in the container are as secret as the new ones.
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
        # Output of the process, and of its health check.
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
        # Messages of the engine.
        ({"command": ["/%s" % SECRET]}, "/%s" % M),
        ({"user": SECRET}, "unable to find user %s" % M),
        ({"image": "%s:%s" % (SECRET, "1"), "pull": "never"}, "the image %s:1" % M),
        # Messages of the collection, and of Ansible.
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
    # A task without any of the secrets: they are those of the container.
    _result, words = told("container_run", name=name, command=["sh", "-c", LOOP + "exit 3"], env=SPEC["env"])
    assert OTHER not in words


def test_container_state(told: Any, run: Any, client: Any, image: str, name: str) -> None:
    """The secrets are those of the container."""
    env = {"DB_PASSWORD": SECRET}
    client.create_container(image, ["sh", "-c", "echo $DB_PASSWORD; exit 3"], name=name, environment=env)
    result, words = told("container_state", name=name, state="started")
    assert "Its last lines: %s" % M in result["msg"]
    assert environment(result["container"]) == {"DB_PASSWORD": M}
    silent(words)
    plain = run("container_state", expect="failed", name=name, state="started", secret_patterns=[])
    assert "Its last lines: %s" % SECRET in plain["msg"]


def test_container_info(run: Any, client: Any, image: str, name: str) -> None:
    """It masks like the others, unless the task gives other patterns."""
    client.create_container(image, "sleep 1", name=name, environment={"DB_PASSWORD": SECRET, "A": "1"})
    assert environment(run("container_info", name=name)["container"]) == {"DB_PASSWORD": M, "A": "1"}
    plain = run("container_info", name=name, secret_patterns=[])
    assert environment(plain["container"]) == {"DB_PASSWORD": SECRET, "A": "1"}
    masked = run("container_info", name=[name, name + "-no"], secret_patterns=["A"])
    assert environment(masked["containers"][0]) == {"DB_PASSWORD": SECRET, "A": M}


def test_a_container_says_which_of_its_variables_are_secret(run: Any, client: Any, image: str, name: str) -> None:
    """Its label informs later tasks. A missing label or one with more names is not a difference."""
    spec = {"name": name, "image": image, **SLEEP, "env": {"WORT": OTHER, "HOST": "h"}, "labels": {"a": "1"}}
    client.create_container(image, ["sleep", "1000"], name=name, environment={"PIN": SECRET, "HOST": "h"})
    secret = {"env_secret": {"PIN": SECRET}}
    strict = {"comparisons": {"labels": "strict", "env": "strict"}}
    run("container_run", name=name, expect="ok", state="present", env={"HOST": "h"}, labels={}, **secret, **strict)
    assert not client.inspect_container(name)["Config"]["Labels"]

    run("container_run", expect="changed", **spec, **secret, **strict, secret_patterns=["*WORT*"])
    noted = {LABEL: '{"names": ["PIN"], "patterns": ["*WORT*"]}', "a": "1"}
    assert {**client.inspect_container(name)["Config"]["Labels"]}.items() >= noted.items()
    for other in ({}, {"secret_patterns": []}, {"secret_patterns": ["HOST"]}):
        run("container_run", expect="ok", **spec, **secret, **strict, **other)
    run("container_run", expect="ok", **{**spec, "env": {**spec["env"], "PIN": SECRET}}, **strict)

    info = run("container_info", name=name)
    assert environment(info["container"]) == {"PIN": M, "WORT": M, "HOST": "h"}
    assert info["container"]["Config"]["Labels"][LABEL] == noted[LABEL]
    assert environment(run("container_info", name=name, secret_patterns=["HOST"])["container"]) == {
        "PIN": M,
        "WORT": M,
        "HOST": M,
    }
    plain = run("container_info", name=name, secret_patterns=[])["container"]
    assert environment(plain) == {"PIN": M, "WORT": OTHER, "HOST": "h"}
    # They are secret in that container only.
    client.create_container(image, ["true"], name=name + "-2", environment={"PIN": "1234", "WORT": "5678"})
    both = run("container_info", name=[name, name + "-2"])["containers"]
    assert environment(both[1]) == {"PIN": "1234", "WORT": "5678"}


def test_who_is_made_again_for_another_keeps_its_note(run: Any, client: Any, image: str, name: str) -> None:
    run("container_run", name=name, image=image, **SLEEP)
    user = {"name": name + "-user", "image": image, **SLEEP, "network_mode": "container:" + name}
    run("container_run", **user, env_secret={"PIN": SECRET})
    run("container_run", name=name, image=image, **SLEEP, hostname="another", dependents="restart", warnings=True)
    assert client.inspect_container(name + "-user")["Config"]["Labels"][LABEL] == '{"names": ["PIN"]}'
    assert environment(run("container_info", name=name + "-user")["container"]) == {"PIN": M}


def test_output_is_data(run: Any, image: str, name: str) -> None:
    """Short words in output stay, if they are secret only by the names of their variables."""
    env = {"DB_PASSWORD": "wordpress", "API_TOKEN": OTHER}
    words = "echo wordpress $API_TOKEN $PIN; env | grep _"
    run(
        "container_run",
        name=name,
        image=image,
        env=env,
        env_secret={"PIN": "7351"},
        command=["sh", "-c", words + "; read x"],
        tty=True,
    )
    run("container_logs", name=name, wait_for="TOKEN")
    given = {"container": name, "argv": ["sh", "-c", "echo $A_TOKEN"], "env": {"A_TOKEN": SECRET}}
    assert run("container_exec", **given)["stdout"] == SECRET, "the task itself gave it"
    for module, options in (
        ("container_exec", {"container": name, "argv": ["sh", "-c", words]}),
        ("container_logs", {"name": name}),
    ):
        said = run(module, expect="any", **options)["stdout"].split()
        assert said[:3] == ["wordpress", M, M]
        assert {"DB_PASSWORD=" + M, "API_TOKEN=" + M} <= set(said)
        said = run(module, expect="any", secret_patterns=[], **options)["stdout"].split()
        assert said[:3] == ["wordpress", OTHER, M]
        assert "DB_PASSWORD=wordpress" in said


URL = "postgres://shop:%s@db/shop"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"env": {"DATABASE_URL": URL % SECRET}}, URL),
        ({"labels": {"url": URL % SECRET}}, URL),
        ({"command": ["sh", "-c", "exit 3", URL % SECRET], "detach": False}, URL),
        ({"command": ["sh", "-c", "echo %s; exit 3" % (URL % SECRET)], "detach": False}, "Its last lines: " + URL),
        ({"command": ["/" + URL % SECRET]}, URL),
        ({"env": {"http_proxy": "http://u:p/%s@proxy:3128" % SECRET}}, "http://u:%s@proxy:3128"),
        ({"image": "https://u:%s@registry.example.com/base" % SECRET}, "https://u:%s@registry.example.com/base"),
        ({"memory": URL % SECRET}, URL),
        ({"healthcheck": URL % SECRET}, URL),
    ],
    ids=["env", "labels", "command", "output", "program", "proxy", "image", "value", "type"],
)
def test_passwords_in_urls(options: Any, said: str, told: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, "command": ["true"], **options}
    for check in (True, False):
        result, words = told("container_run", check=check, **spec)
        silent(words)
    assert said % M in json.dumps(result)


def test_another_password_in_a_url(told: Any, run: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, "stop_signal": "KILL"}
    run("container_run", **spec, command=["sh", "-c", "sleep 1000", URL % SECRET], env={"U": URL % SECRET})
    changed, words = told(
        "container_run", **spec, command=["sh", "-c", "sleep 1000", URL % OTHER], env={"U": URL % OTHER}
    )
    silent(words)
    assert changed["diff"]["before"]["env"] == {"U": URL % M}
    assert changed["diff"]["after"]["env"] == {"U": URL % M + " (another value)"}
    assert changed["diff"]["after"]["command"] == ["sh", "-c", "sleep 1000", URL % M + " (another value)"]
    plain = run("container_info", name=name, secret_patterns=[])["container"]
    assert environment(plain) == {"U": URL % OTHER}


PLAY = """
- hosts: localhost
  gather_facts: false
  ignore_errors: true
  collections: [wharf.docker]
  tasks:
    - {container_run: "{{ spec }}", check_mode: true}
    - container_run: "{{ spec }}"
    - container_run: "{{ spec }}"
    - {container_state: {name: "{{ name }}", state: healthy}}
    - {container_run: {name: "{{ name }}", memory: 64m}}
    - {container_run: "{{ spec | combine({'hostname': 'another', 'keep_previous': 1}) }}"}
    - {container_state: {name: "{{ name }}", state: rolled_back}}
    - {container_state: {name: "{{ name }}", state: "{{ item }}"}, loop: [paused, unpaused, started, restarted]}
    - {container_state: {name: "{{ name }}", state: exited, wait_timeout: 0.1}}
    - {container_state: {name: "{{ name }}", state: killed, signal: WINCH}}
    - {container_state: {name: "{{ name }}", new_name: "{{ name }}-x"}}
    - {container_state: {name: "{{ name }}-x", new_name: "{{ name }}"}}
    - {container_state: {name: ["{{ name }}", "{{ name }}-fails"], state: started}}
    - {container_info: {name: "{{ name }}", changes: true, stats: true, size: true, previous: true}}
    - {container_info: {name: "{{ name }}", processes: true}}
    - {container_info: {all: true, format: brief, size: true}}
    - {container_info: {all: true, secret_patterns: ["*WORT*", "*TOKEN*", "*PASS*"]}}
    - {container_copy: {container: "{{ name }}", content: "{{ word }}", container_path: /tmp/x, mode: 384}, diff: true}
    - {container_copy: {container: "{{ name }}", content: "{{ word }}x", container_path: /tmp/x, mode: 384}, diff: true}
    - {container_exec: {container: "{{ name }}", command: env}}
    - {container_exec: {container: "{{ name }}", command: "sh -c 'set; echo $PIN $DATABASE_URL >&2; exit 3'"}}
    - {container_exec: {container: "{{ name }}", command: "true", env: {MY_TOKEN: "{{ word }}"}}}
    - {container_exec: {container: "{{ name }}", command: env}, check_mode: true}
    - {container_logs: {name: "{{ name }}"}}
    - {container_logs: {name: "{{ name }}", wait_for: never, wait_timeout: 0.1}}
    - {container_export: {name: "{{ name }}", dest: "{{ directory }}/x.tar"}}
    - {container_import: {src: "{{ directory }}/x.tar", repository: "{{ name }}", changes: ["ENV U={{ url }}"]}}
    - {network: {name: "{{ name }}", labels: {url: "{{ url }}"}}}
    - {network: {name: "{{ name }}", labels: {url: "{{ url }}/"}}}
    - {volume: {name: "{{ name }}", labels: {url: "{{ url }}"}, driver_options: {type: "{{ url }}"}}}
    - {prune: {containers: true, images: true, containers_filters: {"label!": "u={{ url }}"}}, check_mode: true}
    - {network: {name: "{{ name }}", state: absent}}
    - {volume: {name: "{{ name }}", state: absent}}
    - {container_state: {name: ["{{ name }}", "{{ name }}-fails"], state: stopped}}
    - {container_run: {name: "{{ name }}", image: "{{ spec.image }}", command: "/nowhere"}}
    - {container_run: {name: "{{ name }}", state: absent}}
    - {container_state: {name: "{{ name }}-fails", state: absent}}
"""


@pytest.mark.parametrize("execution", sampled.some(["module", "direct"], 1))
def test_no_module_tells_a_secret(
    execution: str, play: Any, engine: Any, run: Any, client: Any, image: str, name: str, tmp_path: Path
) -> None:
    """Each secret begins with "marker", and only the first tasks know of them.

    The playbook contains none of them, since Ansible shows its failing lines.
    """
    script = "set; echo $PIN $API_TOKEN $KENNWORT $DATABASE_URL; "
    spec = {
        "name": name,
        "image": image,
        "command": ["sh", "-c", script + "exec sleep 1000", "http://u:marker-of-command@h"],
        "stop_signal": "KILL",
        "env": {
            "API_TOKEN": "marker-of-a-name",
            "KENNWORT": "marker-of-a-pattern",
            "DATABASE_URL": "postgres://u:marker-of-a-url@h/db",
            "http_proxy": "http://u:marker%20of@proxy:3128",
        },
        "env_secret": {"PIN": "marker-of-env-secret", "SHORT": "marker"},
        "secret_patterns": ["*TOKEN*", "*WORT*"],
        "labels": {"com.example.token": "marker-of-a-label", "com.example.url": "redis://:marker-of-redis@h"},
        "healthcheck": {"test": script + "true", "interval": "1s"},
    }
    # If it has ended already, a warning has its last lines.
    run("container_run", warnings=True, **{**spec, "name": name + "-fails", "command": ["sh", "-c", script + "exit 3"]})
    playbook, variables = tmp_path / "secrets.yml", tmp_path / "secrets.json"
    playbook.write_text(PLAY, encoding="utf-8")
    given = {
        "name": name,
        "spec": spec,
        "word": "marker-of-a-task",
        "url": "http://u:marker-of-a-task@h",
        "directory": str(tmp_path),
    }
    variables.write_text(json.dumps(given), encoding="utf-8")
    argv = ["ansible-playbook", "-i", "localhost,", "-c", "local", "-e", "@%s" % variables, str(playbook)]
    played = play([*argv, "--diff", "-vvv"], WHARF_DOCKER_EXECUTION=execution, ANSIBLE_INJECT_INVOCATION="true")
    assert played.code == 0, played.output
    assert len(played.results) == PLAY.count("\n    - "), played.output
    for entry in played.results:
        words = json.dumps(entry, ensure_ascii=False)
        assert "marker" not in words, words[max(0, words.index("marker") - 400) :][:500]
    assert "marker" not in played.output, played.output[max(0, played.output.index("marker") - 400) :][:500]


def test_an_unchanged_run_asks_the_engine_no_more(run: Any, calls: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP}
    run("container_run", **spec)
    with calls() as without:
        run("container_run", expect="ok", **spec)
    run("container_run", **{**spec, **SPEC})
    with calls() as made:
        run("container_run", expect="ok", **{**spec, **SPEC})
    assert made == without
