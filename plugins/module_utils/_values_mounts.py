# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shorthand of what is put into a container's file system: volumes, mounts, tmpfs and devices.

Pure, but for one thing: a source such as ``~/data`` or ``./data`` becomes an absolute path. A parse function returns
the normal value, ``*_to_api`` the Engine API's form of it, and ``*_from_api`` reads that (or None) back. A wrong value
is a ValueError that says what is wrong and which form is right; the caller puts the option's name in front.
"""

from __future__ import annotations

import os
import posixpath
import re
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils import _values as values

PROPAGATION = ("shared", "rshared", "slave", "rslave", "private", "rprivate")
# The engine takes at most one mode of each group.
MODE_GROUPS = (("ro", "rw"), ("z", "Z"), ("cached", "consistent", "delegated"), PROPAGATION, ("nocopy",))
MODES = tuple(mode for group in MODE_GROUPS for mode in group)

VOLUME_NAME = r"[a-zA-Z0-9][a-zA-Z0-9_.-]+"
VOLUME_FORM = "use /target, name:/target, /source:/target or one of the last two with modes such as :ro"

# Sub-options of a mount that only some types have.
MOUNT_TYPES = {
    "propagation": ("bind",),
    "non_recursive": ("bind",),
    "create_mountpoint": ("bind",),
    "no_copy": ("volume",),
    "labels": ("volume",),
    "volume_driver": ("volume",),
    "volume_options": ("volume",),
    "tmpfs_size": ("tmpfs",),
    "tmpfs_mode": ("tmpfs",),
    "tmpfs_options": ("tmpfs",),
    "read_only_non_recursive": ("bind",),
    "read_only_force_recursive": ("bind",),
    "subpath": ("volume", "image"),
}

DEVICE_FORM = "use /dev/source, /dev/source:/dev/target or /dev/source:/dev/target:rwm"


def volumes(value: List[str]) -> List[str]:
    """Sorted "/target", "name:/target[:modes]" and "/source:/target[:modes]", without the mode "rw"."""
    result: Dict[str, str] = {}
    for given in value:
        parts = given.split(":")
        if len(parts) > 3 or "" in parts:
            raise ValueError(f"volume {given!r} is not of a known form: {VOLUME_FORM}")
        target = _target(parts[1] if len(parts) > 1 else parts[0], f"volume {given!r}", VOLUME_FORM)
        _once(result, target)
        if len(parts) == 1:
            result[target] = target
            continue
        source = _volume_source(parts[0], given)
        modes = _modes(parts[2], source, given) if len(parts) == 3 else []
        result[target] = ":".join([source, target, *([",".join(modes)] if modes else [])])
    return sorted(result.values())


def volumes_to_api(normal: List[str]) -> Tuple[List[str], Dict[str, Dict[str, Any]]]:
    """(Binds, Volumes): what has a source, and the targets of anonymous volumes."""
    binds = [volume for volume in normal if ":" in volume]
    return binds, {volume: {} for volume in normal if ":" not in volume}


def volumes_from_api(binds: Optional[List[str]], api_volumes: Optional[Mapping[str, Any]]) -> List[str]:
    """The normal value of Binds and Volumes; an anonymous volume whose target a bind has too is left out."""
    result = {}
    for target in api_volumes or {}:
        result[_clean(target)] = _clean(target)
    for bind in binds or []:
        source, _colon, rest = bind.partition(":")
        target, _colon, words = rest.partition(":")
        target = _clean(target)
        modes = sorted({mode for mode in words.split(",") if mode not in ("", "rw")})
        source = _clean(source) if source.startswith("/") else source
        result[target] = ":".join([source, target, *([",".join(modes)] if modes else [])])
    return sorted(result.values())


def mounts(value: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """The API's Mount objects, sorted by Target, with only what is given: nothing that is false, zero or empty."""
    result: Dict[str, Dict[str, Any]] = {}
    for given in value:
        target = _target(given["target"], f"mount {given['target']!r}", "use an absolute path in the container")
        _once(result, target)
        result[target] = _mount(target, given)
    return [result[target] for target in sorted(result)]


def mounts_from_api(api: Optional[List[Dict[str, Any]]]) -> List[Dict[str, Any]]:
    """The Mount objects of HostConfig.Mounts, sorted by Target, without what is false, zero or empty."""
    result = []
    for entry in api or []:
        mount = {**entry, "Target": _clean(entry["Target"])}
        if entry.get("Type") == "bind" and entry.get("Source"):
            mount["Source"] = _clean(entry["Source"])
        result.append(_filled(mount))
    return sorted(result, key=lambda mount: str(mount["Target"]))


def tmpfs(value: List[str]) -> Dict[str, str]:
    """Target → options of "/target" and "/target:size=64m,mode=1777"."""
    result: Dict[str, str] = {}
    for given in value:
        path, _colon, options = given.partition(":")
        target = _target(path, f"tmpfs {given!r}", "use /target or /target:options such as /run:size=64m,mode=1777")
        _once(result, target)
        result[target] = options
    return result


def tmpfs_from_api(api: Optional[Mapping[str, str]]) -> Dict[str, str]:
    """Target → options of HostConfig.Tmpfs."""
    return {_clean(target): options for target, options in (api or {}).items()}


def devices(value: List[str]) -> List[str]:
    """Sorted "host:container:permissions" of "host", "host:container", "host:permissions" and all three."""
    result: Dict[str, str] = {}
    for given in value:
        parts = given.split(":")
        if len(parts) == 2 and not parts[1].startswith("/"):
            parts.insert(1, parts[0])
        if len(parts) > 3 or "" in parts:
            raise ValueError(f"device {given!r} is not of a known form: {DEVICE_FORM}")
        source = parts[0]
        target = parts[1] if len(parts) > 1 else source
        permissions = parts[2] if len(parts) > 2 else "rwm"
        if not source.startswith("/") or not target.startswith("/"):
            raise ValueError(f"device {given!r} has a path that is not absolute: {DEVICE_FORM}")
        if not set(permissions) <= set("rwm"):
            raise ValueError(f"device {given!r} has the permissions {permissions!r}: use letters of rwm")
        device = "%s:%s:%s" % (_clean(source), _clean(target), _permissions(permissions))
        if result.get(_clean(target), device) != device:
            _once(result, _clean(target))
        result[_clean(target)] = device
    return sorted(result.values())


def devices_to_api(normal: List[str]) -> List[Dict[str, str]]:
    """[{"PathOnHost", "PathInContainer", "CgroupPermissions"}]."""
    parts = [device.split(":") for device in normal]
    return [{"PathOnHost": host, "PathInContainer": inside, "CgroupPermissions": may} for host, inside, may in parts]


def devices_from_api(api: Optional[List[Dict[str, str]]]) -> List[str]:
    """Sorted "host:container:permissions"."""
    return sorted(
        "%s:%s:%s"
        % (
            _clean(entry["PathOnHost"]),
            _clean(entry.get("PathInContainer") or entry["PathOnHost"]),
            _permissions(entry.get("CgroupPermissions") or ""),
        )
        for entry in api or []
    )


def duplicate_target(
    volumes_normal: List[str], mounts_normal: List[Dict[str, Any]], tmpfs_normal: Mapping[str, str]
) -> Optional[str]:
    """The first target that two of the three have, None where each has its own."""
    taken = {volume.split(":")[1] if ":" in volume else volume for volume in volumes_normal}
    for target in [*(mount["Target"] for mount in mounts_normal), *tmpfs_normal]:
        if target in taken:
            return str(target)
        taken.add(target)
    return None


def _clean(path: str) -> str:
    """The path as the engine reads it: it drops "//", "/." and "/.." by their letters, without following links."""
    return re.sub(r"^//", "/", posixpath.normpath(path)) if path else ""


def _target(path: str, what: str, form: str) -> str:
    if not path.startswith("/"):
        raise ValueError(f"{what} has the target {path!r}, which is not absolute: {form}")
    target = _clean(path)
    if target == "/":
        raise ValueError(f"{what} has the target '/': the engine mounts nothing there, use a folder below it")
    return target


def _once(taken: Mapping[str, Any], target: str) -> None:
    if target in taken:
        raise ValueError(f"target {target!r} is given twice")


def _volume_source(source: str, given: str) -> str:
    """A path or the name of a volume."""
    if source[0] in "~.":
        path = os.path.expanduser(source)
        if path.startswith("~"):
            raise ValueError(f"volume {given!r} names the home of a user that is not known: use an absolute path")
        source = os.path.abspath(path)
    if source.startswith("/"):
        return _clean(source)
    if not re.fullmatch(VOLUME_NAME, source):
        raise ValueError(
            f"volume {given!r} has the source {source!r}: use an absolute path, one that begins with ~/ or ./, or a "
            "volume's name (a letter or digit first, then letters, digits, '_', '.' and '-')"
        )
    return source


def _modes(words: str, source: str, given: str) -> List[str]:
    modes = set(words.split(","))
    for mode in sorted(modes):
        if mode not in MODES:
            raise ValueError(f"volume {given!r} has the unknown mode {mode!r}: use some of {', '.join(MODES)}")
    for group in MODE_GROUPS:
        chosen = [mode for mode in group if mode in modes]
        if len(chosen) > 1:
            raise ValueError(
                f"volume {given!r} has the modes {' and '.join(chosen)}, which exclude each other: use one"
            )
    for mode in sorted(modes & {"nocopy"} if source.startswith("/") else modes & set(PROPAGATION)):
        other = "volume that has a name" if mode == "nocopy" else "folder of the host"
        raise ValueError(f"volume {given!r} has the mode {mode}: it is for a {other}, leave it out")
    return sorted(modes - {"rw"})


def _mount(target: str, given: Mapping[str, Any]) -> Dict[str, Any]:
    kind = given.get("type") or "volume"
    for option, kinds in MOUNT_TYPES.items():
        if given.get(option) is not None and kind not in kinds:
            raise ValueError(f"mount {target!r} of type {kind} can't have {option}: it is for type {kinds[0]}")
    bind = {
        "Propagation": given.get("propagation"),
        "NonRecursive": given.get("non_recursive"),
        "CreateMountpoint": given.get("create_mountpoint"),
        "ReadOnlyNonRecursive": given.get("read_only_non_recursive"),
        "ReadOnlyForceRecursive": given.get("read_only_force_recursive"),
    }
    if bind["ReadOnlyNonRecursive"] and bind["ReadOnlyForceRecursive"]:
        raise ValueError(f"mount {target!r} has two ways to be read-only below its source: use one")
    volume = {
        "NoCopy": given.get("no_copy"),
        "Labels": values.labels(given.get("labels") or {}),
        "DriverConfig": {
            "Name": given.get("volume_driver"),
            "Options": values.strings(given.get("volume_options") or {}),
        },
        "Subpath": _subpath(target, given.get("subpath")) if kind == "volume" else "",
    }
    return _filled(
        {
            "Target": target,
            "Source": _mount_source(target, kind, given.get("source")),
            "Type": kind,
            "ReadOnly": given.get("read_only"),
            "Consistency": given.get("consistency"),
            "BindOptions": bind,
            "VolumeOptions": volume,
            "TmpfsOptions": {
                "SizeBytes": _size(given["tmpfs_size"]) if given.get("tmpfs_size") is not None else 0,
                "Mode": _mode(target, given["tmpfs_mode"]) if given.get("tmpfs_mode") is not None else 0,
                "Options": _tmpfs_options(given.get("tmpfs_options") or []),
            },
            "ImageOptions": {"Subpath": _subpath(target, given.get("subpath")) if kind == "image" else ""},
        }
    )


def _subpath(target: str, path: Optional[str]) -> str:
    if path and (path.startswith("/") or ".." in path.split("/")):
        raise ValueError(f"mount {target!r} has the subpath {path!r}: use a relative path without '..'")
    return path or ""


def _tmpfs_options(given: List[Mapping[str, Any]]) -> List[List[str]]:
    """[["noexec"], ["uid", "1000"]] of a list of dictionaries; an empty value is none."""
    pairs = [pair for entry in given for pair in entry.items()]
    return [[str(name)] if value in (None, "") else [str(name), str(value)] for name, value in pairs]


def too_new(mounts: List[Mapping[str, Any]], version: Tuple[int, int]) -> List[str]:
    """What mounts have that this API does not, in words."""
    found = set()
    for mount in mounts:
        for name, since, has in (
            ("read_only_non_recursive", (1, 44), "ReadOnlyNonRecursive" in mount.get("BindOptions", {})),
            ("read_only_force_recursive", (1, 44), "ReadOnlyForceRecursive" in mount.get("BindOptions", {})),
            ("subpath", (1, 45), "Subpath" in mount.get("VolumeOptions", {})),
            ("tmpfs_options", (1, 46), "Options" in mount.get("TmpfsOptions", {})),
            ("type image", (1, 48), mount["Type"] == "image"),
        ):
            if has and since > version:
                found.add("mounts.%s needs API %d.%d" % (name, *since))
    return sorted(found)


def _mount_source(target: str, kind: str, source: Optional[str]) -> str:
    if kind == "tmpfs":
        if source:
            raise ValueError(f"mount {target!r} of type tmpfs can't have source: leave it out")
        return ""
    if not source:
        if kind != "volume":
            what = "name of an image" if kind == "image" else "path on the engine's host"
            raise ValueError(f"mount {target!r} of type {kind} needs source: the {what}")
        return ""
    if kind == "bind":
        if not source.startswith("/"):
            raise ValueError(f"mount {target!r} has the source {source!r}, which is not absolute: use an absolute path")
        return _clean(source)
    if kind == "volume" and not re.fullmatch(VOLUME_NAME, source):
        raise ValueError(
            f"mount {target!r} has the source {source!r}: use a volume's name, or the type bind for a path"
        )
    return source


def _size(value: Any) -> int:
    from ansible_collections.wharf.docker.plugins.module_utils._values_limits import size

    return size(value)


def _mode(target: str, value: Any) -> int:
    """Permissions in octal digits."""
    found = re.fullmatch(r"(?:0o)?([0-7]{1,5})", str(value).strip())
    if found is None or int(found.group(1), 8) > 0o7777:
        raise ValueError(f"mount {target!r} has the mode {value!r}: use octal digits in quotes such as '1777'")
    return int(found.group(1), 8)


def _filled(document: Mapping[str, Any]) -> Dict[str, Any]:
    """Without what is false, zero or empty, but with all labels and driver options: an empty one is one too."""
    result = {}
    for key, given in document.items():
        value = _filled(given) if isinstance(given, dict) and key not in ("Labels", "Options") else given
        if value:
            result[key] = value
    return result


def _permissions(letters: str) -> str:
    return "".join(letter for letter in "rwm" if letter in letters)
