# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What container_run reads from files of the managed host and from secrets."""

from __future__ import annotations

import json
import os
from typing import Any, Callable, Dict, Mapping, Optional

from ansible_collections.wharf.docker.plugins.module_utils._values import core as _values


def with_files(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters with the contents of ``env_file`` and ``label_file``; ``env`` and ``labels`` take precedence."""
    given: Dict[str, Any] = {}
    for option, below, parse in (
        ("env_file", "env", lambda text: _values.env_file(text, os.environ)),
        ("label_file", "labels", _values.label_file),
    ):
        paths = [path for path in params[option] or [] if path]
        if paths:
            found: Dict[str, Any] = {}
            for path in paths:
                found.update(_of_file(option, path, parse))
            given[below] = {**found, **(params[below] or {})}
    if any(str(word).startswith("seccomp=") for word in params["security_opts"] or []):
        given["security_opts"] = [_with_profile(str(word)) for word in params["security_opts"]]
    return {**params, **given} if given else params


def _with_profile(word: str) -> str:
    """An entry of security_opts, with the content of the file that seccomp=FILE names, as the engine expects it."""
    name, _equals, path = word.partition("=")
    if name != "seccomp" or path in ("unconfined", "builtin", "") or path.startswith("{"):
        return word

    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:
            profile = json.load(file)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError("security_opts: can't read %s on this host: %s" % (path, error)) from None
    except ValueError as error:
        raise ValueError("security_opts: %s has no profile of seccomp in JSON: %s" % (path, error)) from None
    return "seccomp=" + json.dumps(profile, separators=(",", ":"))


def _of_file(option: str, path: str, parse: Callable[[str], Dict[str, str]]) -> Dict[str, str]:
    try:
        with open(path, encoding="utf-8") as file:
            return parse(file.read())
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError("%s: can't read %s on this host: %s" % (option, path, error)) from None
    except ValueError as error:
        raise ValueError("%s: %s: %s" % (option, path, error)) from None


def with_secrets(params: Mapping[str, Any], given: Optional[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The parameters with ``env_secret``, which takes precedence over files. ``given``: the option ``env``."""
    secret = params["env_secret"]
    if not secret:
        return params
    both = sorted(str(name) for name in set(secret) & set(given or {}))
    if both:
        raise ValueError("env and env_secret: both have %s. Give each variable once" % ", ".join(both))
    try:
        _values.environment(secret)
    except ValueError as error:
        raise ValueError("env_secret: %s" % error) from None
    return {**params, "env": {**(params["env"] or {}), **secret}}
