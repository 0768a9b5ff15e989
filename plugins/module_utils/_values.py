# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shorthand of options that are a word, a number or a small list: what a task says → the value that is compared.

Pure. A parse function returns the normal value. Where the Engine API has another form, ``*_to_api`` makes it from the
normal value, and ``*_from_api`` reads it (or None) back. A wrong value is a ValueError that says what is wrong and
which form is right; the caller puts the option's name in front. Values that may be secret stand in no error.
"""

from __future__ import annotations

import math
import re
import shlex
from typing import Any, Dict, List, Mapping, Optional, Tuple

# Patterns stand here as text: compiling those that a task does not need would cost each run some milliseconds.

# The engine counts bytes and nanoseconds in signed numbers of 64 bits.
LARGEST = 2**63 - 1

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

SIGNALS = (
    *("HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM"),
    *("TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF"),
    *("WINCH", "IO", "PWR", "SYS"),
)
SIGNAL_ALIASES = {"CLD": "CHLD", "IOT": "ABRT", "POLL": "IO", "UNUSED": "SYS"}
# The real-time signals as the engine names them: 34 to 49 counted from the lowest, 50 to 64 from the highest.
REAL_TIME_SIGNALS = (
    *("RTMIN", *("RTMIN+%d" % number for number in range(1, 16))),
    *(*("RTMAX-%d" % number for number in range(14, 0, -1)), "RTMAX"),
)

CONTAINER_NAME = r"[a-zA-Z0-9][a-zA-Z0-9_.-]+"

IMAGE_ID = r"(?:sha256:)?[0-9a-f]{64}"
DOMAIN = (
    r"(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)"
    r"(?::[0-9]+)?"
)
REPOSITORY = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*"
TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
DIGEST = r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}"


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


def command(value: Any) -> List[str]:
    """The words of a command: a string is split as a shell does, in a list numbers become strings."""
    if isinstance(value, str):
        try:
            return shlex.split(value)
        except ValueError:
            form = "close it, or use a list"
            raise ValueError(f"command {value!r} has a quote or a backslash that nothing closes: {form}") from None
    if not isinstance(value, list):
        raise ValueError(f"command {value!r} is neither a string nor a list of strings")
    return [_argument(element) for element in value]


def environment(value: Mapping[Any, Any]) -> Dict[str, str]:
    """Variables of the environment: names and strings. No error shows a value."""
    result: Dict[str, str] = {}
    for name, text in value.items():
        if not isinstance(name, str):
            raise ValueError(f"variable {name!r} has a name that is not a string: quote it")
        if not name or "=" in name or "\0" in name:
            raise ValueError(f"variable {name!r} has a wrong name: use one that is not empty, without '=' and NUL")
        if not isinstance(text, str):
            raise ValueError(f"variable {name!r} has a value that is not a string: quote the value")
        if "\0" in text:
            raise ValueError(f"variable {name!r} has a value with a NUL in it: no process can have such a variable")
        result[str(name)] = str(text)
    return result


def environment_to_api(normal: Mapping[str, str]) -> List[str]:
    """["NAME=value"], sorted by name."""
    return ["%s=%s" % (name, normal[name]) for name in sorted(normal)]


def environment_from_api(api: Optional[List[str]]) -> Dict[str, str]:
    """Names and values of ["NAME=value"]; an entry without "=" has the value ""."""
    parts = [entry.partition("=") for entry in api or []]
    return {name: text for name, _separator, text in parts}


def env_file(text: str, environ: Mapping[str, str]) -> Dict[str, str]:
    """The variables of a file as ``docker run --env-file`` reads it: NAME=value, taken literally, and # comments.

    A NAME alone has its value from ``environ``, and is left out where that has none. An error has the number of the
    line and nothing of the line itself: it may be secret.
    """
    result = {}
    # Only newlines end a line: str.splitlines would also end it at a form feed or at U+2028 inside a value.
    for number, whole in enumerate((text[1:] if text.startswith("\ufeff") else text).split("\n"), 1):
        line = (whole[:-1] if whole.endswith("\r") else whole).lstrip()
        if not line or line.startswith("#"):
            continue
        name, separator, literal = line.partition("=")
        if not name:
            raise ValueError(f"line {number}: there is no name before '=': use NAME=value")
        if re.search(r"\s", name):
            raise ValueError(f"line {number}: there is white space in the name of the variable: use NAME=value")
        if separator:
            result[name] = literal
        elif name in environ:
            result[name] = environ[name]
    return result


def labels(value: Mapping[Any, Any]) -> Dict[str, str]:
    """Names and strings: booleans become "true" and "false", numbers strings, None becomes ""."""
    result = {}
    for name, given in value.items():
        if isinstance(name, bool) or not isinstance(name, (str, int)) or name == "":
            raise ValueError(f"key {name!r} is not a name: use a string that is not empty, and quote it")
        if given is None:
            text = ""
        elif isinstance(given, bool):
            text = "true" if given else "false"
        elif isinstance(given, (str, int, float)):
            text = str(given)
        else:
            kind = type(given).__name__
            raise ValueError(f"the value of {name!r} is a {kind}: use a string, a number, true or false")
        result[str(name)] = text
    return result


def strings(value: Mapping[Any, Any]) -> Dict[str, str]:
    """Names and strings (sysctls, options of a driver): the same rule as for labels."""
    return labels(value)


def capabilities(value: Optional[List[str]]) -> List[str]:
    """Sorted names without "CAP_": of an option, and of what ``docker inspect`` has (None: none)."""
    result = set()
    for given in value or []:
        name = str(given).strip().upper()
        name = name[4:] if name.startswith("CAP_") else name
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            raise ValueError(f"capability {given!r} is not a name: use for example NET_ADMIN or ALL")
        result.add(name)
    return sorted(result)


def ulimits(value: List[str]) -> List[str]:
    """Sorted "name:soft:hard" of "name=soft:hard", "name:soft:hard" and "name:both"; -1 is no limit."""
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

    Without a test the health check is off, or with ``test_cli_compatible`` the image's. The engine takes a zero for
    "not given", so that it is left out.
    """
    result: Dict[str, Any] = {}
    test = value.get("test")
    if test is not None and test != "" and test != []:
        result["Test"] = _health_test(test)
    elif not value.get("test_cli_compatible"):
        result["Test"] = ["NONE"]
    off = result.get("Test") == ["NONE"]
    for option, key in HEALTHCHECK_DURATIONS.items():
        if value.get(option) is not None:
            time = duration(value[option])
            if 0 < time < 10**6:
                raise ValueError(f"duration {value[option]!r} is less than 1ms: the engine takes none so short")
            if time and not off:
                result[key] = time
    retries = value.get("retries")
    if retries is not None:
        if retries < 0:
            raise ValueError(f"retries {retries!r} is negative: use 0 or more")
        if retries and not off:
            result["Retries"] = retries
    return result


def healthcheck_from_api(api: Optional[Mapping[str, Any]]) -> Dict[str, Any]:
    """What is set of a health check: no zeros, nothing empty."""
    return {key: entry for key, entry in (api or {}).items() if entry}


def cpus(value: Any) -> int:
    """Thousand millionths of a CPU (NanoCpus) of a number of CPUs such as 1.5."""
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


def user(value: str) -> str:
    """A user, as given: the engine looks it up in the image."""
    return value


def signal_name(value: Any) -> str:
    """The signal of Linux as "SIGTERM" or "SIGRTMIN+3": of a name in any case, with or without SIG, or of a number."""
    name = str(value).strip().upper()
    name = name[3:] if name.startswith("SIG") else name
    if re.fullmatch(r"[0-9]{1,2}", str(value).strip()):
        number = int(name)
        if 1 <= number <= 31:
            return "SIG" + SIGNALS[number - 1]
        if 34 <= number <= 64:
            return "SIG" + REAL_TIME_SIGNALS[number - 34]
    name = SIGNAL_ALIASES.get(name, name)
    if name not in SIGNALS and name not in REAL_TIME_SIGNALS:
        raise ValueError(f"signal {value!r} is unknown: use for example SIGTERM, HUP or 15")
    return "SIG" + name


def container_name(value: str) -> str:
    """The name of a container, without the "/" that the engine puts in front."""
    name = value[1:] if value.startswith("/") else value
    if not re.fullmatch(CONTAINER_NAME, name):
        raise ValueError(
            f"name {value!r} is not a container's: use at least two characters, a letter or digit first, then letters, "
            "digits, '_', '.' and '-'"
        )
    return name


def image_reference(value: str) -> Tuple[str, str]:
    """(repository as given, tag or digest) of an image's name; without either the tag is "latest".

    The digest wins where a name has both: so does the engine.
    """
    form = "use for example nginx:1.29, registry.example.com:5000/team/app:v2 or nginx@sha256:..."
    if re.fullmatch(IMAGE_ID, value):
        raise ValueError(f"image {value!r} is an id, not a name: {form}")
    rest, at, digest = value.partition("@")
    if at and not re.fullmatch(DIGEST, digest):
        raise ValueError(f"image {value!r} has a wrong digest: use sha256: and 64 hexadecimal digits")
    head, slash, last = rest.rpartition("/")
    last, colon, tag = last.partition(":")
    repository = head + slash + last
    if colon and not re.fullmatch(TAG, tag):
        raise ValueError(
            f"image {value!r} has a wrong tag: use letters, digits, '_', '.' and '-', up to 128, not '.' or '-' first"
        )
    domain, path = _domain_and_path(repository)
    if path != path.lower():
        raise ValueError(f"image {value!r} has capital letters in its repository: use small ones")
    if not re.fullmatch(REPOSITORY, path) or (domain and not re.fullmatch(DOMAIN, domain)):
        raise ValueError(f"image {value!r} is not the name of an image: {form}")
    return repository, digest or tag or "latest"


def is_image_id(value: str) -> bool:
    """Whether it is a full id, with or without "sha256:". A shorter hexadecimal word may as well be a name."""
    return re.fullmatch(IMAGE_ID, value) is not None


def same_image_name(first: str, second: str) -> bool:
    """Whether two names mean the same: "busybox" is "docker.io/library/busybox:latest"."""
    if first == second:
        return True
    try:
        return _full_name(first) == _full_name(second)
    except ValueError:
        # An id, or what the engine shows of an image without a name.
        return False


def _times(whole: str, fraction: Optional[str], unit: int) -> int:
    """``whole.fraction`` times ``unit``, rounded down; in whole numbers, as floats lose the last digits."""
    digits = fraction or ""
    scale: int = 10 ** len(digits)
    return int(whole + digits) * unit // scale


def _argument(element: Any) -> str:
    if isinstance(element, bool) or not isinstance(element, (str, int, float)):
        raise ValueError(f"element {element!r} of the command is not a string: quote it")
    return str(element)


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


def _domain_and_path(repository: str) -> Tuple[str, str]:
    """The first part is a registry where it has a dot or a colon, or is localhost."""
    first, slash, rest = repository.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return first, rest
    return "", repository


def _full_name(name: str) -> Tuple[str, str, str]:
    repository, tag = image_reference(name)
    domain, path = _domain_and_path(repository)
    if domain in ("", "docker.io", "index.docker.io"):
        domain = "docker.io"
        path = path if "/" in path else "library/" + path
    return domain, path, tag
