# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shorthand for limits and times: sizes, durations, CPUs, ulimits, capabilities, and the health check.

Pure. A parse function returns the normalised value. If the Engine API has another form, ``*_to_api`` returns that, and
``*_from_api`` reads it back (None: not set). An invalid value is a ValueError that says what is wrong and which form is
valid; the caller puts the option's name in front.
"""

from __future__ import annotations

import csv
import json
import math
import re
from typing import Any, Callable, Dict, List, Mapping, Optional, Set

from ansible_collections.wharf.docker.plugins.module_utils._values.core import command

# Patterns are text here: compiling patterns that a task does not need would cost each run some milliseconds.

# The engine counts bytes and nanoseconds in signed numbers of 64 bits.
LARGEST = 2**63 - 1
# A wait of so many seconds (thirty years) or more has no limit: system calls refuse much larger values.
FOREVER = 1e9

SIZE = r"([0-9]+)(?:\.([0-9]+))? ?(?:b|([kmgtp])(?:i?b)?)?"
SIZE_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4, "p": 1024**5}

DURATION_PART = r"([0-9]+)(?:\.([0-9]*))?(h|ms|m|s|us|\u00b5s|\u03bcs|ns)"
NANOSECONDS = {
    "h": 3600 * 10**9,
    "m": 60 * 10**9,
    "s": 10**9,
    "ms": 10**6,
    "us": 10**3,
    "\u00b5s": 10**3,
    "\u03bcs": 10**3,
    "ns": 1,
}

# The names that getrlimit(2) of Linux knows.
ULIMITS = (
    *("core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio"),
    *("rttime", "sigpending", "stack"),
)
ULIMIT = r"([A-Za-z]+)[=:](-?[0-9]+)(?::(-?[0-9]+))?"

HEALTHCHECK_DURATIONS = {
    "interval": "Interval",
    "timeout": "Timeout",
    "start_period": "StartPeriod",
    "start_interval": "StartInterval",
}

CPUSET = r"[0-9]+(?:-[0-9]+)?(?:,[0-9]+(?:-[0-9]+)?)*"


def size(value: Any, unlimited: bool = False) -> int:
    """Bytes of "512k", "64m", "1.5g" (units of 1024) or of a number; with ``unlimited`` also -1, "unlimited" → -1."""
    text = str(value).strip()
    if unlimited and text.lower() in ("unlimited", "-1"):
        return -1
    form = "use for example 512k, 64m or 1g" + (", or unlimited" if unlimited else "")
    found = None if isinstance(value, bool) else re.fullmatch(SIZE, text, re.IGNORECASE)
    if found is None:
        if re.fullmatch(r"-[0-9].*", text):
            raise ValueError(f"size {value!r} is negative: {form}")
        raise ValueError(f"size {value!r} is not a number with a unit: {form}")
    whole, fraction, unit = found.groups()
    result = _times(whole, fraction, SIZE_UNITS[(unit or "").lower()])
    if result > LARGEST:
        raise ValueError(f"size {value!r} is more than the engine can count: {form}")
    return result


def duration(value: Any) -> int:
    """Nanoseconds of "1h2m3s", "1m30s", "1.5s", "500ms", "10us", "100ns" or "0"."""
    form = "use for example 500ms, 30s or 1m30s"
    text = str(value).strip()
    if text == "0":
        return 0
    if text.startswith("-"):
        raise ValueError(f"duration {value!r} is negative: {form}")
    if re.fullmatch(r"[0-9]+(?:\.[0-9]*)?", text):
        raise ValueError(f"duration {value!r} has no unit: {form}")
    position, result = 0, 0
    while position < len(text):
        part = re.compile(DURATION_PART).match(text, position)
        if part is None:
            break
        whole, fraction, unit = part.groups()
        result += _times(whole, fraction, NANOSECONDS[unit])
        position = part.end()
    if position < len(text) or not text:
        raise ValueError(f"duration {value!r} is not made of numbers with units: {form}")
    if result > LARGEST:
        raise ValueError(f"duration {value!r} is more than the engine can count: {form}")
    return result


def capabilities(value: List[str]) -> List[str]:
    """The names as given, sorted; except that "CAP_ALL" becomes "ALL", the only form that the engine accepts."""
    for given in value:
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", _capability(given)):
            raise ValueError(f"capability {given!r} is not a name: use for example NET_ADMIN or ALL")
    names = {str(given).strip() for given in value}
    return sorted({"ALL" if name.upper() == "CAP_ALL" else name for name in names})


def capabilities_compared(normal: List[str]) -> List[str]:
    """Sorted names in capitals, without "CAP_"."""
    return sorted({_capability(name) for name in normal})


def security_options(normal: List[str]) -> List[str]:
    """Sorted options in one spelling: "name=value", and "no-new-privileges" alone if it is true.

    The engine also accepts ":" instead of "=", if an option has no "=".
    """
    result = set()
    for option in normal:
        name, _separator, value = option.partition("=" if "=" in option else ":")
        if name == "no-new-privileges" and value.lower() in ("", "1", "t", "true"):
            value = ""
        elif name == "no-new-privileges" and value.lower() in ("0", "f", "false"):
            value = "false"
        result.add("%s=%s" % (name, value) if value else name)
    return sorted(result)


def device_cgroup_rules(value: List[str]) -> List[str]:
    """Rules as given. An invalid one is refused by the engine only when the container starts."""
    for given in value:
        if not re.fullmatch(r"\s*[acb]\s+(\d+|\*):(\d+|\*)\s+[rwm]{1,3}\s*", given, re.ASCII):
            raise ValueError(f"rule {given!r} is not of a known form: use for example c 1:3 rwm or b 8:* r")
    return list(value)


def device_rules(normal: List[str]) -> List[str]:
    """Rules such as "c 1:3 rwm", with the letters in this order."""
    parts = [rule.split() for rule in normal]
    return [" ".join([*rule[:-1], "".join(letter for letter in "rwm" if letter in rule[-1])]) for rule in parts if rule]


def ulimits(value: List[str]) -> List[str]:
    """Sorted "name:soft:hard" of "name=soft:hard", "name:soft:hard" and "name:both"; -1: no limit."""
    result: Dict[str, str] = {}
    for given in value:
        found = re.fullmatch(ULIMIT, str(given).strip())
        if found is None:
            raise ValueError(
                f"ulimit {given!r} is not a name with one or two numbers: use for example nofile=1024:2048"
            )
        name, soft, hard = found.group(1).lower(), int(found.group(2)), int(found.group(3) or found.group(2))
        if name not in ULIMITS:
            raise ValueError(f"ulimit {given!r} has an unknown name: use one of {', '.join(ULIMITS)}")
        if soft < -1 or hard < -1:
            raise ValueError(f"ulimit {given!r} has a negative number: use -1 for no limit")
        if hard != -1 and (soft > hard or soft == -1):
            raise ValueError(f"ulimit {given!r} has a soft limit above the hard one: use {name}=soft:hard")
        if name in result:
            raise ValueError(f"ulimit {name!r} is given twice: use one {name}=soft:hard")
        result[name] = "%s:%d:%d" % (name, soft, hard)
    return sorted(result.values())


def ulimits_to_api(normal: List[str]) -> List[Dict[str, Any]]:
    """[{"Name", "Soft", "Hard"}]."""
    parts = [entry.split(":") for entry in normal]
    return [{"Name": name, "Soft": int(soft), "Hard": int(hard)} for name, soft, hard in parts]


def ulimits_from_api(api: Optional[List[Dict[str, Any]]]) -> List[str]:
    """Sorted "name:soft:hard"."""
    return sorted("%s:%d:%d" % (entry["Name"].lower(), entry["Soft"], entry["Hard"]) for entry in api or [])


def healthcheck(value: Mapping[str, Any]) -> Dict[str, Any]:
    """The API's Test, Interval, Timeout, Retries, StartPeriod and StartInterval (nanoseconds), as far as given.

    Without a test the health check is off, or with ``test_cli_compatible`` the image's. A zero leaves the choice to
    the image and the engine, as an empty word does.
    """
    result: Dict[str, Any] = {}
    test = value.get("test")
    if test not in (None, "", [], [""]):
        result["Test"] = _health_test(test)
    elif not value.get("test_cli_compatible"):
        result["Test"] = ["NONE"]
    off = result.get("Test") == ["NONE"]
    for option, key in HEALTHCHECK_DURATIONS.items():
        if value.get(option) is not None:
            try:
                time = duration(value[option]) if value[option] != "" else 0
            except ValueError as error:
                raise ValueError(f"{option}: {error}") from None
            if 0 < time < 10**6:
                raise ValueError(
                    f"{option}: duration {value[option]!r} is less than 1ms: the engine takes none so short"
                )
            if not off:
                result[key] = time
    retries = value.get("retries")
    if retries is not None:
        if retries < 0:
            raise ValueError(f"retries {retries!r} is negative: use 0 or more")
        if not off:
            result["Retries"] = retries
    return result


def healthcheck_to_api(normal: Mapping[str, Any]) -> Dict[str, Any]:
    """Without zeros, which mean "not given" to the engine."""
    return {key: entry for key, entry in normal.items() if entry}


def healthcheck_from_api(api: Optional[Mapping[str, Any]]) -> Dict[str, Any]:
    """A health check without zero and empty values; without a test it is off."""
    return {"Test": ["NONE"], **{key: entry for key, entry in (api or {}).items() if entry}}


def with_zeros(observed: Mapping[str, Any], wanted: Mapping[str, Any]) -> Dict[str, Any]:
    """``observed``, with the zeros of ``wanted`` that it leaves out."""
    return {**{key: entry for key, entry in wanted.items() if not entry}, **observed}


def cpus(value: Any) -> int:
    """NanoCpus (billionths of a CPU) of a number of CPUs such as 1.5."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"number of CPUs {value!r} is not a number: use for example 0.5 or 2")
    if value < 0:
        raise ValueError(f"number of CPUs {value!r} is negative: use for example 0.5 or 2")
    return round(value * 10**9)


def cpuset(value: str) -> str:
    """A set of CPUs or memory nodes such as "0-3" or "1,3"; "" is all of them."""
    text = value.strip()
    form = "use for example 0-3 or 1,3"
    if text and not re.fullmatch(CPUSET, text):
        raise ValueError(f"set {value!r} is not made of numbers and ranges: {form}")
    for part in text.split(","):
        first, _separator, last = part.partition("-")
        if last and int(first) > int(last):
            raise ValueError(f"set {value!r} has a range that ends before it begins: {form}")
    return text


def cpuset_compared(normal: str) -> str:
    """Each number by itself, in order: "0,1" of "0-1" and of "1,0"."""
    numbers: Set[int] = set()
    for part in normal.split(",") if normal else []:
        first, _separator, last = part.partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    return ",".join(str(number) for number in sorted(numbers))


def swappiness(value: int) -> int:
    """From 0 to 100; -1 leaves it to the kernel."""
    if not -1 <= value <= 100:
        raise ValueError(f"swappiness {value} is not valid: use 0 to 100, or -1 for the kernel's own")
    return value


def device_bytes(value: List[Mapping[str, Any]]) -> List[str]:
    """Sorted "path:bytes per second" of devices with a rate such as "1mb"."""
    return _of_devices(value, "rate", size)


def device_operations(value: List[Mapping[str, Any]]) -> List[str]:
    """Sorted "path:operations per second" of devices with a rate."""
    return _of_devices(value, "rate", _positive)


def device_rates_to_api(normal: List[str]) -> List[Dict[str, Any]]:
    """[{"Path", "Rate"}]."""
    return [{"Path": path, "Rate": int(rate)} for path, _colon, rate in (one.rpartition(":") for one in normal)]


def device_rates_from_api(api: Optional[List[Dict[str, Any]]]) -> List[str]:
    """Sorted "path:rate", without rates of zero, which set no limit."""
    return sorted("%s:%d" % (entry["Path"], entry["Rate"]) for entry in api or [] if entry["Rate"])


def with_zero_rates(observed: List[str], wanted: List[str]) -> List[str]:
    """``observed``, with the zeros of ``wanted`` for devices that it leaves out, since they have no limit."""
    limited = {entry.rpartition(":")[0] for entry in observed}
    zeros = {entry for entry in wanted if entry.endswith(":0") and entry.rpartition(":")[0] not in limited}
    return sorted({*observed, *zeros})


def device_weights(value: List[Mapping[str, Any]]) -> List[str]:
    """Sorted "path:weight" of devices with a weight from 10 to 1000."""
    return _of_devices(value, "weight", _weight)


def device_weights_to_api(normal: List[str]) -> List[Dict[str, Any]]:
    """[{"Path", "Weight"}]."""
    return [{"Path": path, "Weight": int(weight)} for path, _colon, weight in (one.rpartition(":") for one in normal)]


def device_weights_from_api(api: Optional[List[Dict[str, Any]]]) -> List[str]:
    """Sorted "path:weight"."""
    return sorted("%s:%d" % (entry["Path"], entry["Weight"]) for entry in api or [])


def device_requests(value: List[Mapping[str, Any]]) -> List[str]:
    """Sorted JSON of each request in the API's form, without what is not given."""
    found = []
    for given in value:
        count, ids = given.get("count"), [str(one) for one in given.get("device_ids") or []]
        if count is not None and ids:
            raise ValueError("a request has both count and device_ids: give one of them")
        names = [[str(one) for one in choice] for choice in given.get("capabilities") or []]
        found.append(_request(str(given.get("driver") or ""), count or 0, ids, names, given.get("options") or {}))
    return sorted(found)


def device_requests_to_api(normal: List[str]) -> List[Dict[str, Any]]:
    """[{"Driver", "Count", "DeviceIDs", "Capabilities", "Options"}], None for ids and options that are not given."""
    found = [dict(json.loads(one)) for one in normal]
    return [{**one, "DeviceIDs": one["DeviceIDs"] or None, "Options": one["Options"] or None} for one in found]


def device_requests_from_api(api: Optional[List[Dict[str, Any]]]) -> List[str]:
    """Sorted JSON of each request."""
    return sorted(
        _request(
            entry.get("Driver") or "",
            entry.get("Count") or 0,
            entry.get("DeviceIDs") or [],
            entry.get("Capabilities") or [],
            entry.get("Options") or {},
        )
        for entry in api or []
    )


def gpus(value: str) -> List[str]:
    """The device request of "all", "2", "device=0", or "driver=nvidia,count=2,\"capabilities=compute,utility\""."""
    form = 'use for example all, 2, device=0 or "driver=nvidia,count=2"'
    driver, count, ids, options = "", 0, [], {}  # type: str, int, List[str], Dict[str, str]
    names = ["gpu"]
    for field in next(csv.reader([value.strip()]), []):
        key, equals, text = field.partition("=")
        if not equals:
            key, text = "count", field
        if key == "count":
            if text != "all" and not re.fullmatch("[0-9]+", text):
                raise ValueError(f"gpus {value!r} has no number of devices: {form}")
            count = -1 if text == "all" else int(text)
        elif key == "device":
            ids = text.split(",")
        elif key == "driver":
            driver = text
        elif key == "capabilities":
            names = sorted({*text.split(","), "gpu"})
        elif key == "options":
            options = dict(part.partition("=")[::2] for part in text.split(","))
        else:
            raise ValueError(f"gpus {value!r} has {key!r}, which is unknown: {form}")
    if count and ids:
        raise ValueError(f"gpus {value!r} has a number and names of devices: give one of them")
    if not count and not ids:
        count = 1
    return [_request(driver, count, ids, [names], options)]


def _request(driver: str, count: int, ids: List[str], names: List[List[str]], options: Mapping[str, Any]) -> str:
    document = {
        "Driver": driver,
        "Count": count,
        "DeviceIDs": sorted(ids),
        "Capabilities": sorted(sorted(choice) for choice in names),
        "Options": {str(key): str(value) for key, value in options.items()},
    }
    return json.dumps(document, sort_keys=True)


def _of_devices(value: List[Mapping[str, Any]], what: str, parse: Callable[[Any], int]) -> List[str]:
    found: Dict[str, int] = {}
    for given in value:
        path = given["path"]
        if not path.startswith("/"):
            raise ValueError(f"device {path!r} is not a valid path: use for example /dev/sda")
        if path in found:
            raise ValueError(f"device {path!r} is given twice: give it one {what}")
        try:
            found[path] = parse(given[what])
        except ValueError as error:
            raise ValueError(f"device {path!r}: {error}") from None
    return sorted("%s:%d" % pair for pair in found.items())


def _positive(value: int) -> int:
    if value < 0:
        raise ValueError(f"rate {value} is negative: use 0 or more")
    return value


def _weight(value: int) -> int:
    if value and not 10 <= value <= 1000:
        raise ValueError(f"weight {value} is not valid: use 10 to 1000, or 0 for none")
    return value


def _capability(given: Any) -> str:
    name = str(given).strip().upper()
    return name[4:] if name.startswith("CAP_") else name


def _times(whole: str, fraction: Optional[str], unit: int) -> int:
    """``whole.fraction`` times ``unit``, rounded down; in whole numbers, as floats lose the last digits."""
    digits = fraction or ""
    scale: int = 10 ** len(digits)
    return int(whole + digits) * unit // scale


def _health_test(test: Any) -> List[str]:
    form = "use a string, or a list that begins with NONE, CMD or CMD-SHELL"
    if isinstance(test, str):
        return ["CMD-SHELL", test]
    if not isinstance(test, list):
        raise ValueError(f"test {test!r} is neither a string nor a list: {form}")
    words = command(test)
    if words[0] not in ("NONE", "CMD", "CMD-SHELL"):
        raise ValueError(f"test {test!r} begins with {words[0]!r}: {form}")
    if (words[0] == "NONE") != (len(words) == 1):
        raise ValueError(f"test {test!r} has the wrong number of words: NONE stands alone, CMD and CMD-SHELL do not")
    return words
