# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a process in a container reads from a terminal, and which paths of a container an engine can see. Pure."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Optional

# Missing from the engine's view of a container's files: the kernel provides it only inside the running container.
KERNEL = ("/proc", "/sys", "/dev")


def typed(stdin: bytes) -> bytes:
    """The input to a terminal from which a program reads ``stdin`` and then its end: Control-D at a line's beginning.

    In the middle of a line the first Control-D only submits that line.
    """
    return stdin + (b"\x04" if not stdin or stdin.endswith(b"\n") else b"\x04\x04")


def hidden_by(path: str, mounts: Mapping[str, bool]) -> Optional[str]:
    """The directory below which the engine does not see ``path`` as the container does; None: it sees it.

    ``mounts``: mount point → whether that is a tmpfs. The innermost one counts: the engine sees a volume below a tmpfs.
    """
    places = {**dict.fromkeys(KERNEL, True), **mounts}
    around = [place for place in places if path == place or path.startswith(place.rstrip("/") + "/")]
    visible = [place for place in around if not places[place]]
    hidden = [place for place in around if places[place] and place != path]
    innermost = max(hidden, key=len, default=None)
    if innermost is None or len(innermost) < len(max(visible, key=len, default="")):
        return None
    return innermost


def mounts_of(container: Mapping[str, Any]) -> Dict[str, bool]:
    """The mount points of an inspected container, and whether each is a tmpfs."""
    found = {str(mount["Destination"]): mount.get("Type") == "tmpfs" for mount in container.get("Mounts") or []}
    found.update(dict.fromkeys(container["HostConfig"].get("Tmpfs") or {}, True))
    return {place.rstrip("/") or "/": tmpfs for place, tmpfs in found.items()}


class HiddenError(ValueError):
    """The engine can't see whether a path exists."""

    def __init__(self, path: str, place: str) -> None:
        what = "which the kernel makes" if place in KERNEL else "a tmpfs"
        super().__init__("%s is below %s, %s" % (path, place, what))


def is_there(path: str, mounts: Mapping[str, bool], look: Callable[[str], Optional[str]]) -> bool:
    """Whether a container has ``path``, which is absolute. HiddenError: the engine can't see that.

    ``look`` asks the engine: None if nothing is there, else the target of a link ("": not a link). The engine follows
    links on the way to a path, which may lead to a place it can't see. If that is possible, each directory on the way
    is checked.
    """
    _refuse_hidden(path, mounts)
    found = look(path) is not None
    if found and not any(mounts.values()):
        return True
    done, rest = "", path.strip("/").split("/")
    while len(rest) > 1:
        done, rest = "%s/%s" % (done, rest[0]), rest[1:]
        target = look(done)
        if target is None:
            return False
        if target:
            done = target.rstrip("/")
            _refuse_hidden("/".join([done, *rest]), mounts)
    return found


def _refuse_hidden(path: str, mounts: Mapping[str, bool]) -> None:
    place = hidden_by(path, mounts)
    if place is not None:
        raise HiddenError(path, place)
