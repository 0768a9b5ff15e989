# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Points in time, in the formats of tasks and of the engine."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._values.time import before, moment

NOW = 1_800_000_000.5


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set a local time zone: one hour east, two in summer."""
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1769846400", "1769846400.000000000"),
        ("1769846400.25", "1769846400.250000000"),
        ("1769846400.000000001", "1769846400.000000001"),
        ("0", "0.000000000"),
        ("10m", "1799999400.500000000"),
        ("1h30m", "1799994600.500000000"),
        ("1.5s", "1799999999.000000000"),
        (" 10s ", "1799999990.500000000"),
        ("1000000h", "0.000000000"),
        ("2026-01-31T08:00:00Z", "1769846400.000000000"),
        ("2026-01-31t08:00:00z", "1769846400.000000000"),
        ("2026-01-31 08:00:00+00:00", "1769846400.000000000"),
        ("2026-01-31T08:00:00.123456789Z", "1769846400.123456789"),
        ("2026-01-31T08:00:00.5Z", "1769846400.500000000"),
        ("2026-01-31T09:30:00+01:30", "1769846400.000000000"),
        ("2026-01-31T07:00:00-0100", "1769846400.000000000"),
        ("2026-01-31T08:00Z", "1769846400.000000000"),
        ("2026-01-31T08Z", "1769846400.000000000"),
        ("2026-01-31Z", "1769817600.000000000"),
        ("2026-01-31T09:00:00", "1769846400.000000000"),
        ("2026-01-31", "1769814000.000000000"),
        ("2026-07-31T10:00:00", "1785484800.000000000"),
    ],
)
def test_moment(value: str, seconds: str, zone: None) -> None:
    assert moment(value, NOW) == seconds


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "'' is not a valid point in time: use for example"),
        ("yesterday", "'yesterday' is not a valid point in time"),
        ("-10m", "'-10m' is negative"),
        ("-5", "'-5' is negative"),
        ("10 minutes", "'10 minutes' is not a valid point in time"),
        ("10x", "'10x' is not a valid point in time"),
        ("2026-13-01", r"'2026-13-01' is not a valid point in time \(month must be in"),
        ("2026-02-30T00:00:00Z", r"is not a valid point in time \(day "),
        ("2026-01-31T25:00:00Z", r"is not a valid point in time \(hour must be in"),
        ("2026-01-31T08:00:00+99:00", "is not a valid point in time"),
        ("2026-01-31T08:00:00 CET", "is not a valid point in time"),
        ("1969-01-01", "'1969-01-01' is before 1970"),
        ("0000-01-01", "is not a valid point in time"),
    ],
)
def test_wrong_moment(value: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        moment(value, NOW)


@pytest.mark.parametrize(
    ("value", "seconds", "result"),
    [
        ("2026-01-31T08:00:00.000000005Z", 1, "1769846399.000000005"),
        ("2026-01-31T08:00:00.11392571Z", 0, "1769846400.113925710"),
        ("2026-01-31T10:00:00.5+02:00", 0, "1769846400.500000000"),
        ("1970-01-01T00:00:00Z", 5, "0.000000000"),
    ],
)
def test_before(value: str, seconds: int, result: str) -> None:
    assert before(value, seconds) == result


def test_before_nothing() -> None:
    with pytest.raises(ValueError, match="'' is not a valid point in time"):
        before("", 1)
