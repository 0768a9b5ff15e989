# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Points in time as people and the engine write them, and as the API takes them: "seconds.nanoseconds". Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from ansible_collections.wharf.docker.plugins.module_utils._values import duration

NANO = 10**9
FORM = "use for example 2026-01-31T08:00:00Z, 1769846400 or 10m"
DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9})\d*)?)?)?)?\s*([Zz]|[+-]\d\d:?\d\d)?"
)


def moment(value: str, now: float) -> str:
    """Seconds since 1970 of a date with or without a time and a zone (RFC 3339), of such seconds, or of a duration
    before ``now``. A date without a zone is one of this host's time zone."""
    text = str(value).strip()
    if re.fullmatch(r"[0-9]+(?:\.[0-9]{1,9})?", text):
        seconds, _dot, fraction = text.partition(".")
        return _written(int(seconds) * NANO + int(fraction.ljust(9, "0")))
    if text[:4].isdigit() and text[4:5] == "-":
        return _written(_nanoseconds(text))
    if re.match(r"[0-9.]", text):
        try:
            return _written(max(int(now * NANO) - duration(text), 0))
        except ValueError:
            pass
    negative = " is negative" if re.match(r"-[0-9.]", text) else " is no point in time"
    raise ValueError("%r%s: %s" % (value, negative, FORM))


def before(value: str, seconds: int) -> str:
    """``seconds`` before a time that the engine wrote (RFC 3339), as the API takes it."""
    return _written(max(_nanoseconds(value) - seconds * NANO, 0))


def _nanoseconds(text: str) -> int:
    found = DATE.fullmatch(text)
    if found is None:
        raise ValueError("%r is no point in time: %s" % (text, FORM))
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        date = datetime(int(year), int(month), int(day), tzinfo=_zone(zone or "Z"))
        date = date.replace(hour=int(hour or 0), minute=int(minute or 0), second=int(second or 0))
        if zone is None:
            date = date.replace(tzinfo=None).astimezone()
        whole = (date - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(seconds=1)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError("%r is no point in time (%s): %s" % (text, error, FORM)) from None
    if whole < 0:
        raise ValueError("%r is before 1970: %s" % (text, FORM))
    return whole * NANO + int((fraction or "").ljust(9, "0"))


def _zone(text: str) -> timezone:
    if text in "Zz":
        return timezone.utc
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _written(nanoseconds: int) -> str:
    return "%d.%09d" % divmod(nanoseconds, NANO)
