# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shorthand for words and small lists, which most tasks use: what a task gives → the value that is compared.

Pure. A parse function returns the normalised value. If the Engine API has another form, ``*_to_api`` returns that, and
``*_from_api`` reads it back (None: not set). An invalid value is a ValueError that says what is wrong and which form is
valid; the caller puts the option's name in front. No error shows a value that may be secret.
"""

from __future__ import annotations

import re
import shlex
from typing import Any, Dict, List, Mapping, Optional, Tuple

# Patterns are text here: compiling patterns that a task does not need would cost each run some milliseconds.

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

# Suffixes of the names of a replacement's containers, which follow the name of the replaced container.
NEW = ".wharf-new"  # the new container, until it takes the name; after a roll back, the given-up container
OLD = ".wharf-old"  # the old container, until it is removed
PREVIOUS = ".wharf-previous-"  # with a number: the replaced containers that are kept, 1 is the latest
TURN = ".wharf-turn"  # exists while a roll back is at work on the container; never runs
BESIDE = r"\.wharf-(new|old|turn|previous-[0-9]+)"

# How the names of the collection's own labels begin, in which it stores data; tasks neither give nor compare them.
OWN_LABELS = "wharf.docker."
VOLUMES_LABEL = OWN_LABELS + "volumes"  # the anonymous volumes that were taken over from a replaced container
MASKED_LABEL = OWN_LABELS + "masked"  # which of its variables and labels are secret, see note() in _flow/mask.py
# Keys of names with their values, in options and in inspect documents; all values of the last one are secret.
SECRET_PLACES = ("env", "labels", "Env", "Labels", "env_secret")

CONTAINER_NAME = r"[a-zA-Z0-9][a-zA-Z0-9_.-]+"

IMAGE_ID = r"(?:sha256:)?[0-9a-f]{64}"
DOMAIN = (
    r"(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)"
    r"(?::[0-9]+)?"
)
REPOSITORY = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*"
TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
DIGEST = r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}"


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
            form = "use '' for an empty one" if text is None else "quote it, or `| string` if it is a template"
            raise ValueError(f"variable {name!r} has a value that is not a string, but {_kind(text)}: {form}")
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

    A NAME alone gets its value from ``environ``, and is left out if that has none. An error shows the number of the
    line and nothing of the line itself, which may be secret.
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
            raise ValueError(f"line {number}: there is whitespace in the name of the variable: use NAME=value")
        if separator:
            result[name] = literal
        elif name in environ:
            result[name] = environ[name]
    return result


def label_file(text: str) -> Dict[str, str]:
    """The labels of a file as ``docker run --label-file`` reads it: NAME=value or NAME alone, and # comments."""
    result = {}
    for number, whole in enumerate(text.split("\n"), 1):
        line = (whole[:-1] if whole.endswith("\r") else whole).lstrip()
        if not line or line.startswith("#"):
            continue
        name, _separator, literal = line.partition("=")
        if not name or re.search(r"\s", name):
            raise ValueError(f"line {number}: it does not begin with the name of a label: use NAME=value")
        result[name] = literal
    return result


def labels(value: Mapping[Any, Any]) -> Dict[str, str]:
    """Names and strings. ValueError: a label that belongs to the collection."""
    result = strings(value)
    for name in result:
        if name.startswith(OWN_LABELS):
            raise ValueError(f"the name {name!r} begins with {OWN_LABELS}, which this collection keeps for itself")
    return result


def labels_from_api(api: Optional[Mapping[str, str]]) -> Dict[str, str]:
    """All labels except the collection's own, which make no difference."""
    return {name: text for name, text in (api or {}).items() if not name.startswith(OWN_LABELS)}


def strings(value: Mapping[Any, Any]) -> Dict[str, str]:
    """Names and strings (sysctls, options of a driver): "true" or "false" for a boolean, "" for None."""
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
            raise ValueError(f"the value of {name!r} is {_kind(given)}: use a string, a number, true or false")
        result[str(name)] = text
    return result


# Operating systems, which are valid as a platform alone, and other names of them and of architectures.
SYSTEMS = ("linux", "windows", "darwin", "freebsd", "netbsd", "openbsd", "solaris")
SYSTEM_ALIASES = {"macos": "darwin"}
ARCHITECTURES = {
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "i386": "386",
    "armhf": "arm/v7",
    "armel": "arm/v6",
    "amd64/v1": "amd64",
    "arm64/v8": "arm64",
    "arm64/8": "arm64",
    **{"arm/%d" % version: "arm/v%d" % version for version in (5, 6, 7, 8)},
}


def platform(value: str) -> str:
    """A platform in the engine's spelling: from os/architecture[/variant], or an OS or an architecture alone."""
    parts = value.strip().lower().split("/")
    if len(parts) > 3 or not all(re.fullmatch("[a-z0-9_.-]+", part) for part in parts):
        raise ValueError(f"platform {value!r} is not valid: use for example linux/arm64")
    parts[0] = SYSTEM_ALIASES.get(parts[0], parts[0])
    if len(parts) == 1 and parts[0] not in SYSTEMS:
        parts = ["linux", *parts]
    if len(parts) == 1:
        return parts[0]
    parts[1:2] = ARCHITECTURES.get(parts[1], parts[1]).split("/")
    architecture = "/".join(parts[1:])
    return "/".join([parts[0], ARCHITECTURES.get(architecture, architecture)])


def platform_of(image: Mapping[str, Any]) -> str:
    """The platform of an inspected image, such as linux/arm/v7, in the engine's spelling."""
    found = "/".join(str(image[key]) for key in ("Os", "Architecture", "Variant") if image.get(key))
    return platform(found) if found else ""


def is_for(image: Mapping[str, Any], platform: str) -> bool:
    """Whether an inspected image is for a platform, whose last parts may be left out."""
    return not platform or (platform_of(image) + "/").startswith(platform + "/")


def hostname(value: str) -> str:
    """A host name, as given. One too long for Linux is refused by the engine only when the container starts."""
    if len(value.encode()) > 64:
        raise ValueError(f"hostname {value!r} has {len(value.encode())} characters: Linux takes 64 at most")
    return value


def namespace(value: str, words: Tuple[str, ...], more: Tuple[str, ...] = ("container:", "ns:")) -> str:
    """The namespace that a container uses: one of the ``words``, or text that begins with one of ``more``.

    Some engines accept any word, and ignore it. Words that only Podman knows are included.
    """
    if value in ("", *words) or any(value.startswith(start) and value != start for start in more):
        return value
    raise ValueError(f"{value!r} is unknown: use {', '.join(words)} or container:NAME")


def ipc_mode(value: str) -> str:
    return namespace(value, ("host", "private", "shareable", "none"))


def host_mode(value: str) -> str:
    return namespace(value, ("host", "private"))


def userns_mode(value: str) -> str:
    return namespace(value, ("host", "private", "auto", "keep-id", "nomap"), ("container:", "ns:", "auto:", "keep-id:"))


def user(value: str) -> str:
    """A user, as given: the engine looks it up in the image."""
    return value


def signal_name(value: Any) -> str:
    """A Linux signal as "SIGTERM" or "SIGRTMIN+3": from a name in any case, with or without SIG, or from a number."""
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
    """(repository as given, tag or digest) of an image's name; the default is the tag "latest".

    If a name has both, the digest counts, as for the engine.
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
        raise ValueError(f"image {value!r} has upper-case letters in its repository: use lower case")
    if not re.fullmatch(REPOSITORY, path) or (domain and not re.fullmatch(DOMAIN, domain)):
        raise ValueError(f"image {value!r} is not the name of an image: {form}")
    return repository, digest or tag or "latest"


def is_image_id(value: str) -> bool:
    """Whether this is a full id, with or without "sha256:". A shorter hexadecimal word may also be a name."""
    return re.fullmatch(IMAGE_ID, value) is not None


def same_image_name(first: str, second: str) -> bool:
    """Whether two names mean the same: "busybox" is "docker.io/library/busybox:latest"."""
    if first == second:
        return True
    try:
        return _full_name(first) == _full_name(second)
    except ValueError:
        # An id, or what the engine shows for an image without a name.
        return False


def _kind(value: Any) -> str:
    """The type of a value, as YAML calls it."""
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    return "null" if value is None else "a %s" % type(value).__name__


def _argument(element: Any) -> str:
    if isinstance(element, bool) or not isinstance(element, (str, int, float)):
        raise ValueError(f"element {element!r} of the command is not a string: quote it")
    return str(element)


def _domain_and_path(repository: str) -> Tuple[str, str]:
    """The first part is a registry if it has a dot or a colon, or is localhost."""
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
