# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dockerfile instructions that describe an image (CMD, ENV, ...), and the image configuration that they result in.

Pure. They are read here as the engine reads them, quotes, escapes and variables included, so that a task knows before
anything is sent whether an image already has this configuration. What can't be predicted is refused.
Reference: https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import json
import posixpath
import re
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._values import limits

SHELL = ["/bin/sh", "-c"]
_SPACES = re.compile(r"[\t\v\f\r ]+")


def split(changes: Any) -> List[str]:
    """The instructions in ``changes``: text with one instruction per line, or a list of such texts.

    Text that is a JSON list counts as a list. A line that ends with a backslash continues on the next; empty lines and
    comments are left out, as in a Dockerfile.
    """
    if changes is None:
        return []
    if isinstance(changes, str) and changes.lstrip().startswith("["):
        try:
            changes = json.loads(changes)
        except ValueError:
            raise ValueError("the text begins like a JSON list, but is none") from None
    if not isinstance(changes, (str, list)):
        raise ValueError("it is neither a string nor a list of strings: %r" % (changes,))
    texts = changes if isinstance(changes, list) else [changes]
    instructions = []
    for text in texts:
        if not isinstance(text, str):
            raise ValueError("each instruction is a string, but one is %r" % (text,))
        instructions += _lines(text)
    return instructions


def configuration(instructions: List[str]) -> Dict[str, Any]:
    """The image configuration ("Config") that results from the instructions, without empty values.

    ValueError: which instruction can't be used, and why.
    """
    config: Dict[str, Any] = {}
    for number, instruction in enumerate(instructions, 1):
        word, _space, rest = _SPACES.sub(" ", instruction, count=1).partition(" ")
        read = _READ.get(word.upper())
        if read is None:
            raise ValueError(
                "%s is not an instruction for the configuration of an image; there are %s"
                % (word, ", ".join(sorted(_READ)))
            )
        try:
            if not rest.strip():
                raise ValueError("it has no value")
            read(config, rest.strip())
        except ValueError as error:
            raise ValueError("instruction %d, %s: %s" % (number, word.upper(), error)) from None
    return {key: value for key, value in config.items() if value}


def plain_path(path: str) -> str:
    """An absolute path without "..", "." and double slashes: some engines convert a WORKDIR to it, some don't."""
    return "/" + posixpath.normpath(path).lstrip("/")


def _lines(text: str) -> List[str]:
    lines: List[str] = []
    begun: Optional[str] = None
    for line in text.split("\n"):
        if line.lstrip().startswith("#") or not line.strip():
            continue
        continues = re.search(r"\\[ \t\r]*$", line)
        part = line[: continues.start()] if continues else line
        begun = part.lstrip() if begun is None else begun + part
        if not continues:
            lines.append(begun.strip())
            begun = None
    if begun is not None and begun.strip():
        lines.append(begun.strip())
    return lines


def _cmd(config: Dict[str, Any], rest: str) -> None:
    config["Cmd"] = _command(rest, SHELL)


def _entrypoint(config: Dict[str, Any], rest: str) -> None:
    config["Entrypoint"] = _command(rest, SHELL)


def _env(config: Dict[str, Any], rest: str) -> None:
    variables = _variables(config)
    env = config.setdefault("Env", [])
    for name, value in _pairs("ENV", rest, variables):
        names = [entry.partition("=")[0] for entry in env]
        if name in names:
            env[names.index(name)] = "%s=%s" % (name, value)
        else:
            env.append("%s=%s" % (name, value))


def _label(config: Dict[str, Any], rest: str) -> None:
    config.setdefault("Labels", {}).update(_pairs("LABEL", rest, _variables(config)))


def _expose(config: Dict[str, Any], rest: str) -> None:
    _no_flags(rest)
    ports = config.setdefault("ExposedPorts", {})
    for word in _SPACES.split(_expanded(rest, _variables(config)).strip()):
        match = re.match(r"(\d+)(?:-(\d+))?(?:/(tcp|udp|sctp))?$", word, re.IGNORECASE)
        first, last = (int(match.group(1)), int(match.group(2) or match.group(1))) if match else (0, 0)
        if match is None or not 1 <= first <= last <= 65535:
            raise ValueError("%r is not a valid port: it is 80, 80/udp or 8000-8010" % word)
        for port in range(first, last + 1):
            ports["%d/%s" % (port, (match.group(3) or "tcp").lower())] = {}


def _healthcheck(config: Dict[str, Any], rest: str) -> None:
    check: Dict[str, Any] = {}
    while rest.startswith("--"):
        flag, _space, rest = _SPACES.sub(" ", rest, count=1).partition(" ")
        name, equals, value = flag[2:].partition("=")
        if name == "retries" and value.isdigit() and int(value) > 0:
            check["Retries"] = int(value)
        elif name in _DURATIONS and equals:
            check[_DURATIONS[name]] = _duration(name, value)
        else:
            raise ValueError(
                "%s is none of --interval=, --timeout=, --start-period=, --start-interval= and --retries=" % flag
            )
        rest = rest.strip()
    kind, _space, command = _SPACES.sub(" ", rest, count=1).partition(" ")
    if kind.upper() == "NONE" and not command and not check:
        config["Healthcheck"] = {"Test": ["NONE"]}
    elif kind.upper() == "CMD" and command.strip():
        command = command.strip()
        words = _json_words(command)
        if words == []:
            raise ValueError("the command is empty")
        check["Test"] = ["CMD-SHELL", command] if words is None else ["CMD", *words]
        config["Healthcheck"] = {key: value for key, value in check.items() if value}
    else:
        raise ValueError("it is HEALTHCHECK CMD with a command, or HEALTHCHECK NONE alone")


def _onbuild(config: Dict[str, Any], rest: str) -> None:
    word = rest.split(None, 1)[0].upper()
    if word in ("ONBUILD", "FROM", "MAINTAINER"):
        raise ValueError("%s can't follow ONBUILD" % word)
    config.setdefault("OnBuild", []).append(rest)


def _stop_signal(config: Dict[str, Any], rest: str) -> None:
    _no_flags(rest)
    config["StopSignal"] = _expanded(rest, _variables(config))


def _user(config: Dict[str, Any], rest: str) -> None:
    _no_flags(rest)
    config["User"] = _expanded(rest, _variables(config))


def _volume(config: Dict[str, Any], rest: str) -> None:
    _no_flags(rest)
    words = _json_words(rest)
    variables = _variables(config)
    volumes = config.setdefault("Volumes", {})
    for word in _SPACES.split(rest) if words is None else words:
        path = _expanded(word, variables).strip()
        if not path:
            raise ValueError("a path is empty")
        volumes[path] = {}
    if words == []:
        raise ValueError("it has no path")


def _workdir(config: Dict[str, Any], rest: str) -> None:
    _no_flags(rest)
    path = _expanded(rest, _variables(config))
    if not path:
        raise ValueError("the path is empty")
    config["WorkingDir"] = plain_path(posixpath.join("/", config.get("WorkingDir", ""), path))


def _command(rest: str, shell: List[str]) -> List[str]:
    _no_flags(rest)
    words = _json_words(rest)
    return [*shell, rest] if words is None else words


def _json_words(rest: str) -> Optional[List[str]]:
    """The words of the JSON form (["a", "b"]); None: it is the shell form."""
    if not rest.startswith("["):
        return None
    try:
        words = json.loads(rest)
    except ValueError:
        if rest.endswith("]"):
            # The engine would run this text in a shell, which is never intended.
            raise ValueError("it looks like a JSON list but is none: its words stand in double quotes") from None
        return None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError("a JSON list has only text in it, in double quotes")
    return words


def _pairs(word: str, rest: str, variables: Mapping[str, str]) -> List[Tuple[str, str]]:
    """(name, value) of ENV and LABEL (NAME=VALUE ..., or NAME VALUE). No error shows a value: it may be secret."""
    _no_flags(rest)
    words = _words(rest)
    raw = [item.split("=", 1) for item in words] if "=" in words[0] else [_SPACES.split(rest, 1)]
    if any(len(pair) < 2 for pair in raw):
        raise ValueError("it is %s NAME=VALUE ..., and a value with spaces stands in quotes" % word)
    pairs = [(_expanded(name, variables), _expanded(value, variables)) for name, value in raw]
    if not all(name for name, _value in pairs):
        raise ValueError("a name is empty")
    return pairs


def _words(text: str) -> List[str]:
    """The words of a text, split at spaces outside quotes; they keep quotes and backslashes."""
    words, word, quote, at = [], "", "", 0
    while at < len(text):
        char = text[at]
        if not quote and char.isspace():
            if word:
                words.append(word)
            word = ""
        elif char == "\\" and quote != "'":
            word += text[at : at + 2] if at + 1 < len(text) else ""
            at += 1
        else:
            if char == quote:
                quote = ""
            elif not quote and char in "'\"":
                quote = char
            word += char
        at += 1
    return [*words, word] if word else words


def _expanded(text: str, variables: Mapping[str, str]) -> str:
    """``text`` without its quotes and backslashes, and with the values of variables; unset ones are empty."""
    out, quote, at = [], "", 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif char == "\\" and quote != "'":
            following = text[at : at + 1]
            if not quote or following in ('"', "$", "\\"):
                out.append(following)
                at += 1
            elif following:
                out.append(char)
        elif char == "$" and quote != "'":
            value, at = _variable(text, at, variables)
            out.append(value)
        else:
            out.append(char)
    if quote:
        raise ValueError("the quote %s has no end" % quote)
    return "".join(out)


def _variable(text: str, at: int, variables: Mapping[str, str]) -> Tuple[str, int]:
    """The value of the variable whose name begins at ``at``, after its "$", and the position after the variable."""
    match = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*)").match(text, at)
    if match is not None:
        return variables.get(match.group(1) or match.group(2), ""), match.end()
    following = text[at : at + 1]
    if following == "{" or following.isalnum() or following in tuple("@*#?-$!"):
        raise ValueError(
            "of variables there are $NAME and ${NAME}, set by an ENV before; another form stands for nothing that "
            "can be foreseen: write the value, or \\$ for the sign itself"
        )
    return "$", at


def _variables(config: Mapping[str, Any]) -> Dict[str, str]:
    """The variables that the earlier instructions have set."""
    pairs = (entry.partition("=") for entry in config.get("Env", []))
    return {name: value for name, _sign, value in pairs}


def _duration(name: str, text: str) -> int:
    """Nanoseconds of a duration such as 1m30s. The engine requires units, and at least 1 ms."""
    try:
        nanoseconds = limits.duration(text)
    except ValueError as error:
        raise ValueError("--%s: %s" % (name, error)) from None
    if nanoseconds < 10**6 or text.isdigit():
        raise ValueError("--%s: %r is not a valid duration of 1ms or more, such as 1m30s" % (name, text))
    return nanoseconds


def _no_flags(rest: str) -> None:
    if rest.startswith("--"):
        raise ValueError("%s: it has no flags" % _SPACES.split(rest)[0])


_DURATIONS = {
    "interval": "Interval",
    "timeout": "Timeout",
    "start-period": "StartPeriod",
    "start-interval": "StartInterval",
}

_READ: Mapping[str, Callable[[Dict[str, Any], str], None]] = {
    "CMD": _cmd,
    "ENTRYPOINT": _entrypoint,
    "ENV": _env,
    "EXPOSE": _expose,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _label,
    "ONBUILD": _onbuild,
    "STOPSIGNAL": _stop_signal,
    "USER": _user,
    "VOLUME": _volume,
    "WORKDIR": _workdir,
}
