# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task container_copy wants: its options, with all that is wrong in them refused."""

from __future__ import annotations

import base64
import errno
import os
import posixpath
import stat
import time
from dataclasses import dataclass, replace
from typing import Any, Dict, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._archive.copied import (
    DIRECTORY,
    FILE,
    exclusion,
)
from ansible_collections.wharf.docker.plugins.module_utils._archive.tree import (
    Source,
    source_of_content,
    unreadable,
    walk,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values

OPTIONS: Dict[str, Dict[str, Any]] = {
    "container": {"type": "str", "required": True, "aliases": ["name"]},
    "container_path": {"type": "str", "required": True},
    "path": {"type": "path", "aliases": ["src"]},
    "remote_src": {"type": "bool", "default": True},
    "content": {"type": "str", "no_log": True},
    "content_is_b64": {"type": "bool", "default": False},
    "owner_id": {"type": "int"},
    "group_id": {"type": "int"},
    "mode": {"type": "raw"},
    "mode_parse": {"type": "str", "choices": ["legacy", "modern", "octal_string_only"], "default": "legacy"},
    "follow": {"type": "bool", "default": False},
    "local_follow": {"type": "bool", "default": True},
    "force": {"type": "bool"},
    "exclude": {"type": "list", "elements": "str", "default": []},
    "delete": {"type": "bool", "default": False},
    "direction": {"type": "str", "choices": ["into", "from"], "default": "into"},
}

# The largest file, in bytes, whose text a diff shows, as with Ansible's own modules; and all such text together.
SMALL = 104448
ALL_TEXT = 1024 * 1024
# The largest number of a user or group: the kernel keeps the one after it for itself.
_LARGEST_ID = 2**32 - 2


@dataclass(frozen=True)
class Wanted:
    """A copy: of what, to where, and as whose. ``path``: "" if the content is given by the task."""

    container: str
    container_path: str
    path: str
    content: Optional[bytes]
    ids: Optional[Tuple[int, int]]
    mode: Optional[int]
    follow: bool
    local_follow: bool
    remote_src: bool
    force: Optional[bool]
    exclude: Tuple[str, ...]
    removes: bool
    warning: str = ""

    @property
    def secret(self) -> bool:
        """Whether what is copied may be shown to nobody: ``content`` is an option that Ansible keeps from logs."""
        return self.content is not None

    @property
    def what(self) -> str:
        return self.path if self.content is None else "the given content"

    @property
    def tried(self) -> str:
        return "copy %s to %s:%s" % (self.what, self.container, self.container_path)


def normalise(params: Mapping[str, Any]) -> Wanted:
    """What the task wants. Failure: a value that is wrong, before anything is read or asked."""
    try:
        container = values.container_name(params["container"])
    except ValueError as error:
        raise Failure("container: %s." % str(error).rstrip(".")) from None
    if params["path"] is not None and (not params["path"] or "\0" in params["path"]):
        raise Failure("path: %r is not a valid path. Give one such as /srv/app.conf." % params["path"])
    content = _content(params)
    mode, warning = _mode(params["mode"], params["mode_parse"])
    for option in ("owner_id", "group_id"):
        if params[option] is not None and not 0 <= params[option] <= _LARGEST_ID:
            raise Failure("%s: %d is not a valid number. Give one from 0 on." % (option, params[option]))
    for pattern in params["exclude"]:
        if not pattern.strip("/"):
            raise Failure("exclude: %r matches nothing. Give patterns such as *.log or cache/tmp." % pattern)
    return Wanted(
        container=container,
        container_path=_container_path(params["container_path"]),
        path=params["path"] or "",
        content=content,
        ids=None if params["owner_id"] is None else (params["owner_id"], params["group_id"]),
        mode=mode,
        follow=params["follow"],
        local_follow=params["local_follow"],
        remote_src=params["remote_src"],
        force=params["force"],
        exclude=tuple(params["exclude"]),
        removes=params["delete"],
        warning=warning,
    )


def read_sources(wanted: Wanted) -> Dict[str, Source]:
    """What is to be copied, as it is on this host. Failure: it can't be read, or can't be copied."""
    if wanted.content is not None:
        found = {"": source_of_content(wanted.content, int(time.time()))}
    else:
        _refuse_missing(wanted)
        found = walk(os.fsencode(wanted.path), wanted.local_follow, exclusion(wanted.exclude), wanted.tried)
    kind = found[""].entry.kind
    for option, given in (("exclude", wanted.exclude), ("delete", wanted.removes)):
        if given and kind != DIRECTORY:
            raise Failure("%s: %s is not a directory. Leave the option out." % (option, wanted.what))
    if kind != DIRECTORY and (wanted.container_path == "/" or wanted.container_path.endswith("/")):
        raise Failure(
            "container_path: %s is the path of a directory, and %s is not a directory. Give the whole path of the file "
            "in the container." % (wanted.container_path, wanted.what)
        )
    return found


def with_attributes(sources: Mapping[str, Source], ids: Tuple[int, int], mode: Optional[int]) -> Dict[str, Source]:
    """The sources with the owner and the mode that they get in the container."""
    return {
        name: replace(
            source,
            entry=replace(
                source.entry,
                uid=ids[0],
                gid=ids[1],
                mode=mode if mode is not None and source.entry.kind == FILE else source.entry.mode,
            ),
        )
        for name, source in sources.items()
    }


def _refuse_missing(wanted: Wanted) -> None:
    tried = "Cannot %s" % wanted.tried
    try:
        os.stat(wanted.path, follow_symlinks=wanted.local_follow)
    except FileNotFoundError:
        if os.path.islink(wanted.path):
            raise Failure(
                "%s: this link leads to nothing. Set local_follow to false to copy the link itself." % tried
            ) from None
        if wanted.remote_src:
            raise Failure(
                "%s: there is no such file on the host where the task runs. Copy it there first." % tried
            ) from None
        raise Failure(
            "%s: there is no such file on the host where the task runs. With remote_src false it is the controller's "
            "file that is meant, and the task sees it only when it runs there (connection local): delegate the task "
            "to localhost, or copy the file to the host first and set remote_src to true." % tried
        ) from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Failure(
                "%s: this link leads to itself. Set local_follow to false to copy the link itself." % tried
            ) from None
        raise unreadable(wanted.tried, os.fsencode(wanted.path), error) from None


def _content(params: Mapping[str, Any]) -> Optional[bytes]:
    text = params["content"]
    if text is None:
        if params["content_is_b64"]:
            raise Failure("content_is_b64: there is no content. Give content, or leave the option out.")
        return None
    if not params["content_is_b64"]:
        return bytes(text.encode("utf-8", "surrogateescape"))
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise Failure(
            "content: it is not valid Base64 (%s). Encode it, for example with the filter b64encode, or set "
            "content_is_b64 to false." % error
        ) from None


def _container_path(path: str) -> str:
    if not path.startswith("/"):
        raise Failure("container_path: %r is not an absolute path. Give one that begins with a slash." % path)
    if "\0" in path or ".." in path.split("/"):
        raise Failure("container_path: %r has a NUL or '..' in it. Give the path without it." % path)
    plain = "/" + posixpath.normpath(path).lstrip("/")
    return plain + "/" if path.endswith(("/", "/.")) and plain != "/" else plain


def _mode(value: Any, parse: str) -> Tuple[Optional[int], str]:
    """The mode of files, and what to warn of."""
    if value is None:
        return None, ""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    warning = ""
    try:
        if parse == "octal_string_only" and not isinstance(value, str):
            raise ValueError("it is not a string")
        if parse == "legacy":
            if not is_number and not isinstance(value, str):
                raise ValueError("it is not a number")
            mode = int(value)
            if isinstance(value, str) and value.startswith("0") and mode:
                warning = (
                    "mode: the string '%s' was read as a decimal number, which is the mode %04o. If the mode %s is "
                    "meant, set mode_parse to modern." % (value, mode, value)
                )
        else:
            if not is_number and not isinstance(value, str):
                raise ValueError("it is neither a string nor a number")
            mode = value if is_number else int(value, 8)
    except ValueError:
        raise Failure(
            "mode: %r is not a valid file mode with mode_parse %s. Give one such as '0644' with mode_parse modern."
            % (value, parse)
        ) from None
    if not 0 <= mode <= stat.S_IMODE(0o7777):
        raise Failure("mode: %r is not a valid file mode. Give one such as '0644' with mode_parse modern." % (value,))
    return mode, warning
