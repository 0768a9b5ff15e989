# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_logs: options that are refused without asking an engine."""

from __future__ import annotations

from typing import Any

import pytest

MOMENT = "use for example 2026-01-31T08:00:00Z, 1769846400 or 10m."
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"tail": -1}, "tail: '-1' is negative: use for example 100, or all."),
    ({"tail": "ten"}, "tail: 'ten' is not a valid number of lines: use for example 100, or all."),
    ({"tail": ""}, "tail: '' is not a valid number of lines: use for example 100, or all."),
    ({"tail": 1.5}, "tail: '1.5' is not a valid number of lines: use for example 100, or all."),
    (
        {"since": "yesterday"},
        "since: 'yesterday' is not a valid point in time: " + MOMENT,
    ),
    ({"since": "1769846400000"}, "since: '1769846400000' is after the year 9999 (is it in milliseconds?): " + MOMENT),
    ({"until": "9" * 30}, "until: '%s' is after the year 9999 (is it in milliseconds?): %s" % ("9" * 30, MOMENT)),
    ({"until": "-10m"}, "until: '-10m' is negative: " + MOMENT),
    ({"stdout": False, "stderr": False}, "Give stdout or stderr, or both: with neither there is nothing to read."),
    (
        {"wait_for": "ready ("},
        "wait_for: 'ready (' is not a valid regular expression of Python: missing ), unterminated subpattern at "
        "position 6.",
    ),
    (
        {"wait_for": "x", "until": "10m"},
        "until can't be given together with wait_for: wait_timeout says how long to wait.",
    ),
    (
        {"wait_for": "x", "wait_timeout": -1},
        "wait_timeout: -1 is not a valid time to wait: give seconds, or 0 for no limit.",
    ),
    (
        {"wait_for": "x", "wait_timeout": "nan"},
        "wait_timeout: nan is not a valid time to wait: give seconds, or 0 for no limit.",
    ),
    ({"max_output": "much"}, "max_output: size 'much' is not a number with a unit: use for example 512k, 64m or 1g."),
    ({"max_output": 0}, "max_output: it is 0, and nothing would be kept: give for example 64k, or leave it out."),
    ({"mode": "0644"}, "mode is only used together with dest, the file that the log is written to."),
    ({"owner": "root"}, "owner is only used together with dest, the file that the log is written to."),
    ({"group": "root"}, "group is only used together with dest, the file that the log is written to."),
    ({"dest": "x", "wait_for": "x"}, "wait_for can't be given together with dest. Wait in a task of its own."),
    (
        {"dest": "x", "max_output": "1m"},
        "max_output can't be given together with dest. A file may be of any size: use tail or since for a part of the "
        "log.",
    ),
    ({"dest": ""}, "dest: '' is not the path of a file. Give one such as /srv/web.log."),
    ({"dest": "/srv/"}, "dest: '/srv/' is not the path of a file. Give one such as /srv/web.log."),
    ({"dest": "a\0b"}, "dest: 'a\\x00b' is not the path of a file. Give one such as /srv/web.log."),
    ({"dest": "x", "mode": "rw"}, "mode: 'rw' is not a valid file mode. Give one such as '0600' or 'u=rw,g=r'."),
    (
        {"dest": "x", "owner": "no-such-user"},
        "owner: there is no user 'no-such-user' on the host where the task runs. Give a name that it has, or a number.",
    ),
    ({"dest": "x", "tail": -1}, "tail: '-1' is negative: use for example 100, or all."),
    ({"name": "a b"}, "name: "),
    ({"name": ""}, "name: "),
]


@pytest.mark.parametrize(("options", "words"), WRONG, ids=lambda value: str(value)[:40])
def test_wrong_values(options: dict[str, Any], words: str, refused: Any) -> None:
    message = refused("container_logs", **{"name": "web", **options})
    assert message == words or (words == "name: " and message.startswith(words))
