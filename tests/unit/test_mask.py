# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masking secrets, as tables: which names are secret, and which parts of a value are masked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._flow import mask as _mask
from ansible_collections.wharf.docker.plugins.module_utils._flow.mask import Mask, for_core
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import SECRET_PATTERNS, without_secrets

ROOT = Path(__file__).resolve().parents[2]
DEFAULT = SECRET_PATTERNS["default"]
M = "********"
LABEL = "wharf.docker.masked"
NOTE = _mask.note(["A"], ["W?RT"])
KEY = "-----BEGIN KEY-----\nMIIEowIBAAKCAQEA\nx7f\n-----END KEY-----\n"


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("DB_PASSWORD", True),
        ("MYSQL_ROOT_PASSWORD", True),
        ("password", True),
        ("com.example.db-password", True),
        ("PASSWORD1", True),
        ("REDIS_PASS", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("SECRET_KEY_BASE", True),
        ("SSH_KEY", True),
        ("API_KEY_2", True),
        ("GITHUB_TOKEN", True),
        ("DB_PASSWORD_FILE", False),
        ("PATH", False),
        ("KEYBOARD", False),
        ("COMPASS", False),
        ("", False),
    ],
)
def test_names_by_default(name: str, secret: bool) -> None:
    assert Mask(DEFAULT).is_secret(name) is secret


@pytest.mark.parametrize(
    ("patterns", "given", "name", "secret"),
    [
        ([], {}, "DB_PASSWORD", False),
        ([], {"PIN": "1234"}, "PIN", True),
        ([], {"PIN": "1234"}, "pin", False),
        (["!PIN"], {"PIN": "1234"}, "PIN", True),
        (["pin"], {}, "PIN", True),
        (["P?N"], {}, "PIN", True),
        (["P?N"], {}, "PINS", False),
        (["P[AI]N"], {}, "pan", True),
        (["*", "!PUBLIC_*"], {}, "PUBLIC_URL", False),
        (["*", "!PUBLIC_*"], {}, "URL", True),
        ([" PIN "], {}, "PIN", True),
    ],
)
def test_names(patterns: Any, given: Any, name: str, secret: bool) -> None:
    assert Mask(patterns, given).is_secret(name) is secret


# given secrets, the options or a container, a value, the masked value
TEXTS: list[tuple[dict[str, Any], Any, Any, Any]] = [
    ({}, {}, "nothing", "nothing"),
    # As the value of its name: always.
    ({"A": "1"}, {}, {"Env": ["A=1", "B=1", "PATH=/bin:1"]}, {"Env": ["A=" + M, "B=1", "PATH=/bin:1"]}),
    ({}, {}, {"Env": ["TOKEN=1", "NONE"]}, {"Env": ["TOKEN=" + M, "NONE"]}),
    ({}, {}, {"Env": ["TOKEN=a=b"]}, {"Env": ["TOKEN=" + M]}),
    ({}, {}, {"Env": ["TOKEN=", "TOKEN"]}, {"Env": ["TOKEN=", "TOKEN"]}),
    ({}, {}, {"Env": None, "Labels": None}, {"Env": None, "Labels": None}),
    ({}, {}, {"Labels": {"a.token": "1", "b": "1"}}, {"Labels": {"a.token": M, "b": "1"}}),
    ({}, {}, {"env": {"TOKEN": 7, "B": 7, "C_TOKEN": None}}, {"env": {"TOKEN": M, "B": 7, "C_TOKEN": None}}),
    ({}, {}, {"deep": [{"x": {"Env": ["TOKEN=1"]}}]}, {"deep": [{"x": {"Env": ["TOKEN=" + M]}}]}),
    ({}, {}, {"env_secret": {"A": "1", "B": ""}}, {"env_secret": {"A": M, "B": ""}}),
    ({}, {}, {"env_secret": "A", "env": "A=1 B"}, {"env_secret": M, "env": M}),
    (
        {},
        {},
        {"env_secret": ["A=1", {"B": "2"}], "env": [{"B": "2"}]},
        {"env_secret": ["A=" + M, M], "env": [{"B": "2"}]},
    ),
    ({}, {}, {"TOKEN": "1", "token": "1"}, {"TOKEN": "1", "token": "1"}),
    # In other text: long secrets, anywhere.
    ({"A": "correct-horse"}, {}, ["xcorrect-horsex", 1, None, True], ["x%sx" % M, 1, None, True]),
    ({"A": "correct-horse"}, {}, ("correct-horse",), [M]),
    ({"A": "correct-horse"}, {}, {"Env": ["URL=db://u:correct-horse@db"]}, {"Env": ["URL=db://u:%s@db" % M]}),
    ({}, {"Env": ["TOKEN=correct-horse"]}, "of correct-horse.", "of %s." % M),
    ({}, {"labels": {"token": "correct-horse"}}, "of correct-horse.", "of %s." % M),
    ({"A": 1234567890123}, {}, "12345678901234", M + "4"),
    ({"A": "correct-horse", "B": "correct-horse-battery"}, {}, "correct-horse-battery", M),
    # Shorter secrets, as a separate word.
    ({"A": "1234"}, {}, "pin 1234, id 123456, a1234", "pin %s, id 123456, a1234" % M),
    ({"A": "hunter2"}, {}, "hunter2 hunter22 'hunter2' =hunter2", "%s hunter22 '%s' =%s" % (M, M, M)),
    ({"A": "hunter2"}, {}, r"said: 'a\nhunter2\n'", r"said: 'a\n%s\n'" % M),
    ({"A": "$hunt"}, {}, "x$hunt $hunter", "x%s $hunter" % M),
    ({"A": "hunt$"}, {}, "hunt$x", M + "x"),
    # Secrets that are too short or too common, nowhere.
    ({"A": "123"}, {}, "123", "123"),
    ({"A": True, "B": None, "C": ""}, {}, "True None", "True None"),
    ({}, {"Env": ["TOKEN=12345"]}, "12345", "12345"),
    ({}, {"Env": ["TOKEN=123456"]}, "123456", M),
    (
        {},
        {"Env": ["DB_PASSWORD=postgres"], "Image": "postgres:17"},
        "postgres of postgres:17",
        "postgres of postgres:17",
    ),
    ({}, {"env": {"DB_PASSWORD": "postgres"}, "name": ["postgres", "b"]}, "postgres", "postgres"),
    ({"DB_PASSWORD": "postgres"}, {"Image": "postgres:17"}, "postgres", M),
    # Quoted or escaped by others.
    ({"A": 'qu"ote\\s'}, {}, 'a qu"ote\\s, "qu\\"ote\\\\s"', 'a %s, "%s"' % (M, M)),
    ({"A": "it's\tso"}, {}, repr("it's\tso"), '"%s"' % M),
    ({"A": "Straße\n"}, {}, json.dumps("Straße") + "Straße", '"%s"%s' % (M, M)),
    ({"A": KEY}, {}, KEY, M + "\n"),
    ({"A": KEY}, {}, "MIIEowIBAAKCAQEA\nx7f\n-----END KEY-----", "%s\nx7f\n%s" % (M, M)),
    ({"A": "  correct-horse  "}, {}, "correct-horse", M),
    # As a program prints its environment, however short.
    ({"A": "1"}, {"Env": ["TOKEN=12"]}, "A=1 A=12 BA=1 TOKEN=12;", "A=%s A=12 BA=1 TOKEN=%s;" % (M, M)),
    # A password in a URL, anywhere.
    ({}, {}, {"Env": ["U=postgres://u:p@h/db"]}, {"Env": ["U=postgres://u:%s@h/db" % M]}),
    (
        {},
        {},
        {"Labels": {"u": "redis://:p@h"}, "Cmd": ["x", "amqp://u:p@h"]},
        {"Labels": {"u": "redis://:%s@h" % M}, "Cmd": ["x", "amqp://u:%s@h" % M]},
    ),
    (
        {},
        {},
        "jdbc:postgresql://u:p@h, 'http://a:b@c' \"ssh+git://x:y@z\"",
        "jdbc:postgresql://u:%s@h, 'http://a:%s@c' \"ssh+git://x:%s@z\"" % (M, M, M),
    ),
    ({}, {}, "http://u:p@ss:w@rd!$&@h:80/x@y?z@", "http://u:%s@h:80/x@y?z@" % M),
    ({}, {}, "http://u:p/a?s#s@h/x", "http://u:%s@h/x" % M),
    ({}, {}, "http://u:it's@h", "http://u:%s@h" % M),
    ({}, {}, "http://u:8080@h http://DOMAIN\\u:p@h", "http://u:%s@h http://DOMAIN\\u:%s@h" % (M, M)),
    ({}, {}, "mongodb://u:p@h1:27017,h2:27017/db", "mongodb://u:%s@h1:27017,h2:27017/db" % M),
    ({}, {}, '{"a": "http://u:p@h", "b": "x@y"}', '{"a": "http://u:%s@h", "b": "x@y"}' % M),
    ({}, {}, r"http://u:p@h\nx@y", r"http://u:%s@h\nx@y" % M),
    *(
        ({}, {}, text, text)
        for text in (
            "http://h:80/a@b",
            "http://h:80?a@b",
            "http://u@h",
            "ssh://git@h:22/x",
            "http://u:@h",
            "http://[::1]:80/a@b",
            '["http://h:8080","x@y"]',
            "127.0.0.1:5000/a@sha256:0123",
            "u:p@h",
            "http:// a:b@c",
        )
    ),
    ({"A": "postgres://u:p@h"}, {}, "of postgres://u:p@h", "of " + M),
    ({}, {"Env": ["U=http://u:hunter2@h"]}, "hunter2 hunter22", M + " hunter22"),
    ({}, {"env": {"U": "http://u:correct%20horse@h"}}, "correct horse", M),
    ({}, {"Env": ["U=http://u:p@h"], "Image": "p"}, "p", "p"),
    # The note of secrets in a container's label.
    (
        {},
        {},
        [{"Env": ["A=1", "WORT=2", "B=3"], "Labels": {LABEL: NOTE, "wort": "4"}}, {"Env": ["A=1", "WORT=2"]}],
        [{"Env": ["A=" + M, "WORT=" + M, "B=3"], "Labels": {LABEL: NOTE, "wort": M}}, {"Env": ["A=1", "WORT=2"]}],
    ),
    ({}, {"Env": ["A=1234", "WORT=123456"], "Labels": {LABEL: NOTE}}, "1234, 123456", "%s, %s" % (M, M)),
    *(
        ({}, {}, {"Env": ["A=1"], "Labels": {LABEL: text}}, {"Env": ["A=1"], "Labels": {LABEL: text}})
        for text in ("", "no", "[]", "7", '{"names": "A"}', '{"patterns": {"A": 1}}', '{"names": [1, null, {}]}')
    ),
    # A diff shows that a value has changed.
    (
        {},
        {},
        {"diff": {"before": {"env": {"TOKEN": "1", "B": "1"}}, "after": {"env": {"TOKEN": "2", "B": "2"}}}},
        {"diff": {"before": {"env": {"TOKEN": M, "B": "1"}}, "after": {"env": {"TOKEN": _mask.OTHER, "B": "2"}}}},
    ),
    (
        {},
        {},
        {"diff": {"before": {"env": {}}, "after": {"env": {"TOKEN": "2"}, "labels": {"token": "3"}}}},
        {"diff": {"before": {"env": {}}, "after": {"env": {"TOKEN": M}, "labels": {"token": M}}}},
    ),
    (
        {},
        {},
        {
            "before": {"c": ["a", "http://u:p@h"], "w": {"x": "http://u:p@h"}},
            "after": {"c": ["a", "http://u:q@h"], "w": {"x": "http://u:q@h", "y": 1}},
        },
        {
            "before": {"c": ["a", "http://u:%s@h" % M], "w": {"x": "http://u:%s@h" % M}},
            "after": {
                "c": ["a", "http://u:%s@h (another value)" % M],
                "w": {"x": "http://u:%s@h (another value)" % M, "y": 1},
            },
        },
    ),
    ({}, {}, {"diff": {"before": {"env": None}, "after": {}}}, {"diff": {"before": {"env": None}, "after": {}}}),
]


@pytest.mark.parametrize(("given", "known", "value", "masked"), TEXTS)
def test_masked(given: Any, known: Any, value: Any, masked: Any) -> None:
    mask = Mask(DEFAULT, given)
    mask.learn(known)
    assert mask.masked(value) == masked


@pytest.mark.parametrize(
    ("given", "patterns", "text"),
    [
        ([], [], ""),
        ({"B": "1", "A": "2"}, [], '{"names": ["A", "B"]}'),
        ([], ["W*", "!W"], '{"patterns": ["W*", "!W"]}'),
        (["A"], ["W*"], '{"names": ["A"], "patterns": ["W*"]}'),
    ],
)
def test_what_is_noted(given: Any, patterns: Any, text: str) -> None:
    assert _mask.note(given, patterns) == text


@pytest.mark.parametrize(
    ("arguments", "value", "masked"),
    [
        ({"shortest": 12}, "hunter2 TOKEN=hunter2 correct-horse", "hunter2 TOKEN=%s %s" % (M, M)),
        ({"guesses": False}, "hunter2 correct-horse http://u:p@h", "hunter2 correct-horse http://u:p@h"),
        ({"guesses": False, "given": {"A": "hunter2"}}, "hunter2", M),
    ],
)
def test_how_much_is_guessed(arguments: Any, value: str, masked: str) -> None:
    mask = Mask(DEFAULT if arguments.get("guesses", True) else [], **arguments)
    mask.learn({"Env": ["TOKEN=hunter2", "A_TOKEN=correct-horse", "WORT=no"], "Labels": {LABEL: NOTE}})
    assert mask.masked(value) == masked


def test_what_is_learnt_later_counts() -> None:
    mask = Mask(DEFAULT)
    assert mask.masked("correct-horse") == "correct-horse"
    mask.learn([{"Config": {"Env": ["TOKEN=correct-horse"]}}])
    assert mask.masked("correct-horse") == M


@pytest.mark.parametrize(
    ("values", "given", "left"),
    [
        ({"1", "true", "correct-horse"}, {"A": "1", "B": "true", "C": "correct-horse"}, {"correct-horse"}),
        ({"1234567890123"}, {"A": 1234567890123}, set()),
        ({"1", "2"}, {"A": "1"}, {"2"}),
        ({"1"}, None, {"1"}),
        ({"A=1"}, "A=1", {"A=1"}),
        (set(), {}, set()),
    ],
)
def test_what_core_may_mask(values: Any, given: Any, left: Any) -> None:
    assert for_core(values, given) == left


@pytest.mark.parametrize(
    ("params", "seen", "masked"),
    [
        ({}, [], False),
        ({"env": {"A_TOKEN": "x"}}, [], False),
        ({"secret_patterns": []}, [{"Env": ["A_TOKEN=x"]}], False),
        ({"secret_patterns": DEFAULT}, [{"Env": ["A=x"]}, None], False),
        ({"secret_patterns": DEFAULT}, [{"Env": ["A_TOKEN=x"]}], True),
        ({"secret_patterns": DEFAULT, "env": {"a_token": "x"}}, [], True),
        ({"secret_patterns": DEFAULT, "labels": {"a_token": "x"}}, [], True),
        ({"secret_patterns": "*TOKEN*,*PIN*", "env": {"a_token": "x"}}, [], True),
        ({"secret_patterns": ["A?"], "env": {"a1": "x"}}, [], True),
        ({"secret_patterns": ["*"], "env": {"a1": "x"}}, [], True),
        ({"env_secret": {"A": "x"}}, [], True),
        ({"command": "http://u@h:80 http://h:80 a@b"}, [], False),
        ({"command": "http://u:p@h"}, [], True),
        ({"docker_host": "unix:///s.sock", "command": "a@b"}, [], False),
        ({}, [{"x": ["http://u:p@h"]}], True),
        ({"secret_patterns": []}, [{"x": ["http://u:p@h"]}], False),
        ({"secret_patterns": []}, [{"Config": {"Labels": {LABEL: NOTE}}}], True),
        ({}, [{"Config": {"Labels": {LABEL: NOTE}}}], True),
    ],
)
def test_a_run_without_secrets_imports_no_mask(params: Any, seen: Any, masked: bool) -> None:
    """Nor because of the names of the options themselves, which look like those of secrets."""
    program = (
        "import json, sys\n"
        "from ansible_collections.wharf.docker.plugins.module_utils._flow.task import without_secrets\n"
        "params, seen = json.loads(sys.argv[1])\n"
        "without_secrets(params, params)\n"
        "without_secrets(params, {'container': {}}, seen)\n"
        "print(any(name.endswith('._flow.mask') for name in sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps([params, seen])],
        env={"PYTHONPATH": str(ROOT / ".cache" / "collections")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == str(masked), done.stderr


def test_a_result_without_secrets_is_as_it_was() -> None:
    result = {"container": {"Config": {"Env": ["A=1"]}}}
    assert without_secrets({"secret_patterns": DEFAULT}, result) is result


def test_the_log_of_a_host(tmp_path: Path) -> None:
    """Ansible logs a module's options on the host where it runs. A fake journal replaces that of the host."""
    journal = tmp_path / "systemd"
    journal.mkdir()
    (journal / "__init__.py").touch()
    (journal / "daemon.py").write_text("def booted():\n    return True\n", encoding="utf-8")
    (journal / "journal.py").write_text(
        "import json, os\nsendv = None\ndef send(**fields):\n"
        "    with open(os.environ['JOURNAL'], 'a', encoding='utf-8') as file:\n"
        "        file.write(json.dumps(fields) + '\\n')\n",
        encoding="utf-8",
    )
    arguments = {
        "name": "web",
        "env": {"DB_PASSWORD": "tiger", "MODE": "tigers"},
        "env_secret": {"PIN": "abc", "OTHER": "correct-horse"},
        "command": "log in with correct-horse",
        "docker_host": "unix://%s/none.sock" % tmp_path,
    }
    done = subprocess.run(
        [sys.executable, "-m", "ansible_collections.wharf.docker.plugins.modules.container_run"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
        env={
            **os.environ,
            "PYTHONPATH": "%s:%s" % (ROOT / ".cache/collections", tmp_path),
            "JOURNAL": str(tmp_path / "log"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    result = json.loads(done.stdout)
    logged = (tmp_path / "log").read_text(encoding="utf-8")
    assert "cannot connect" in result["msg"]
    assert result["invocation"]["module_args"]["env"] == {"DB_PASSWORD": M, "MODE": "tigers"}
    assert result["invocation"]["module_args"]["env_secret"] == {"PIN": M, "OTHER": M}
    assert result["invocation"]["module_args"]["command"] == "log in with " + M
    fields = json.loads(logged)
    assert "Invoked with name=web" in fields["MESSAGE"]
    assert fields["ENV"] == str({"DB_PASSWORD": M, "MODE": "tigers"}) and fields["ENV"] in fields["MESSAGE"]
    assert "'tiger'" not in logged and "correct-horse" not in logged and "abc" not in logged


def test_two_notes() -> None:
    """A container that takes over variables of another one has the names and patterns of both notes."""
    one, other = _mask.note(["A", "B"], ["*KEY*"]), _mask.note(["B", "C"], ["X*", "*KEY*"])
    assert _mask.joined(one, other) == _mask.note(["A", "B", "C"], ["*KEY*", "X*"])
    assert _mask.joined("", other) == other
    assert _mask.joined(one, "no note") == one
    assert _mask.joined("", "") == ""
