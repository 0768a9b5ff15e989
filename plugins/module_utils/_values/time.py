# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Points in time: as tasks and the engine write them, in nanoseconds, and in the API's form. Pure.

The API's form is "seconds.nanoseconds".
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._values.limits import duration

SECOND = 10**9  # in nanoseconds
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
LAST = 253402300799  # the last second of the year 9999
FORM = "use for example 2026-01-31T08:00:00Z, 1769846400 or 10m"
DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9})\d*)?)?)?)?\s*([Zz]|[+-]\d\d:?\d\d)?"
)


def read(text: str) -> Optional[Tuple[datetime, int]]:
    """A date (with its zone, if the text has one) and the nanoseconds of its second; None: the text is not a date.

    Everything after the day may be missing. ValueError: there is no such date.
    """
    found = DATE.fullmatch(text)
    if found is None:
        return None
    *parts, fraction, zone = found.groups()
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    date = datetime(year, month, day, hour, minute, second, tzinfo=_zone(zone) if zone else None)
    return date, int((fraction or "").ljust(9, "0"))


def nanoseconds(date: datetime, fraction: int) -> int:
    """Nanoseconds since 1970. A date without a zone is in UTC."""
    aware = date if date.tzinfo else date.replace(tzinfo=timezone.utc)
    return (aware - EPOCH) // timedelta(seconds=1) * SECOND + fraction


def moment(value: str, now: float) -> str:
    """Seconds since 1970 of a date with or without a time and a zone (RFC 3339), of such seconds, or of a duration
    before ``now``. A date without a zone is in this host's time zone."""
    text = str(value).strip()
    if re.fullmatch(r"[0-9]+(?:\.[0-9]{1,9})?", text):
        seconds, _dot, fraction = text.partition(".")
        if int(seconds) > LAST:
            raise ValueError("%r is after the year 9999 (is it in milliseconds?): %s" % (value, FORM))
        return _written(int(seconds) * SECOND + int(fraction.ljust(9, "0")))
    if text[:4].isdigit() and text[4:5] == "-":
        return _written(_nanoseconds(text))
    if re.match(r"[0-9.]", text):
        try:
            return _written(max(int(now * SECOND) - duration(text), 0))
        except ValueError:
            pass
    negative = " is negative" if re.match(r"-[0-9.]", text) else " is not a valid point in time"
    raise ValueError("%r%s: %s" % (value, negative, FORM))


def before(value: str, seconds: int) -> str:
    """The time ``seconds`` before one that the engine wrote (RFC 3339), in the API's form."""
    return _written(max(_nanoseconds(value) - seconds * SECOND, 0))


def _nanoseconds(text: str) -> int:
    """Nanoseconds since 1970; a date without a zone is in this host's time zone."""
    try:
        found = read(text)
        if found is not None and found[0].tzinfo is None:
            found = found[0].astimezone(), found[1]
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError("%r is not a valid point in time (%s): %s" % (text, error, FORM)) from None
    if found is None:
        raise ValueError("%r is not a valid point in time: %s" % (text, FORM))
    since = nanoseconds(*found)
    if since < 0:
        raise ValueError("%r is before 1970: %s" % (text, FORM))
    return since


def _zone(text: str) -> timezone:
    if text in "Zz":
        return timezone.utc
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _written(since: int) -> str:
    return "%d.%09d" % divmod(since, SECOND)
