# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shorthand for what is added to a container's file system: volumes, mounts, tmpfs and devices.

Pure, with one exception: a source such as ``~/data`` or ``./data`` becomes an absolute path. A parse function returns
the normalised value, ``*_to_api`` the Engine API's form of it, and ``*_from_api`` reads that back (None: not set). An
invalid value is a ValueError that says what is wrong and which form is valid; the caller puts the option's name in
front.
"""

from __future__ import annotations

import os
import posixpath
import re
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._values import core as values

PROPAGATION = ("shared", "rshared", "slave", "rslave", "private", "rprivate")
# The engine accepts at most one mode of each group.
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

# The engine's defaults for a mount.
MOUNT_DEFAULTS: Dict[str, Any] = {"Propagation": "rprivate", "Consistency": "default", "Mode": 0o1777, "Name": "local"}
# The label with which the engine marks an anonymous volume.
ANONYMOUS = "com.docker.volume.anonymous"
# The options with which the engine mounts a tmpfs by default → their opposites.
TMPFS_OPPOSITES = {
    "rw": "ro",
    "noexec": "exec",
    "nosuid": "suid",
    "nodev": "dev",
    "async": "sync",
    "rprivate": "propagation",
    "defaults": "defaults",
}

DEVICE_FORM = "use /dev/source, /dev/source:/dev/target or /dev/source:/dev/target:rwm"


def volumes(value: List[str]) -> List[str]:
    """Sorted "/target", "name:/target:modes" and "/source:/target:modes" as given; without modes they get "rw"."""
    result: Dict[str, str] = {}
    for given in value:
        parts = given.split(":")
        if len(parts) > 3 or "" in parts:
            raise ValueError(f"volume {given!r} is not of a known form: {VOLUME_FORM}")
        target = _target(parts[1] if len(parts) > 1 else parts[0], f"volume {given!r}", VOLUME_FORM)
        _once(result, target)
        if len(parts) == 1:
            result[target] = given
            continue
        source = _volume_source(parts[0], given)
        if len(parts) == 3:
            _check_modes(parts[2], source, given)
        result[target] = ":".join([source, parts[1], parts[2] if len(parts) == 3 else "rw"])
    return sorted(result.values())


def volumes_to_api(normal: List[str]) -> Tuple[List[str], Dict[str, Dict[str, Any]]]:
    """(Binds, Volumes): the volumes with a source, and the targets of anonymous volumes."""
    binds = [volume for volume in normal if ":" in volume]
    return binds, {volume: {} for volume in normal if ":" not in volume}


def volumes_from_api(binds: Optional[List[str]], api_volumes: Optional[Mapping[str, Any]]) -> List[str]:
    """The normalised value of Binds and Volumes."""
    return [*(api_volumes or {}), *(binds or [])]


def volumes_compared(normal: List[str]) -> List[str]:
    """Sorted volumes with their paths cleaned, without the default modes.

    An anonymous volume is left out if another volume has the same target.
    """
    result = {}
    binds, anonymous = volumes_to_api(normal)
    for target in anonymous:
        result[_clean(target)] = _clean(target)
    for bind in binds:
        source, _colon, rest = bind.partition(":")
        target, _colon, words = rest.partition(":")
        target = _clean(target)
        modes = sorted({mode for mode in words.split(",") if mode not in ("", "rw", "rprivate")})
        source = _clean(source) if source.startswith("/") else source
        result[target] = ":".join([source, target, *([",".join(modes)] if modes else [])])
    return sorted(result.values())


def volumes_from_compared(normal: List[str]) -> List[str]:
    """Sorted "container" and "container:modes", without the mode "rw"."""
    result = set()
    for given in normal:
        container, _colon, words = given.lstrip("/").partition(":")
        modes = sorted({mode for mode in words.split(",") if mode not in ("", "rw")})
        result.add(":".join([container, *([",".join(modes)] if modes else [])]))
    return sorted(result)


def mounts(value: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """The API's Mount objects, sorted by Target, with all that is given, even if it is false, zero or empty."""
    result: Dict[str, Dict[str, Any]] = {}
    for given in value:
        target = _target(given["target"], f"mount {given['target']!r}", "use an absolute path in the container")
        _once(result, target)
        result[target] = _mount(given["target"], given)
    return [result[target] for target in sorted(result)]


def mounts_to_api(normal: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """Without what is false, zero or empty."""
    return [_filled(mount) for mount in normal]


def mounts_from_api(api: Optional[List[Dict[str, Any]]]) -> List[Dict[str, Any]]:
    """The Mount objects of HostConfig.Mounts, sorted by Target, without what is false, zero or empty."""
    return sorted((_filled(entry) for entry in api or []), key=lambda mount: _clean(mount["Target"]))


def mounts_compared(normal: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """The same mounts, with their paths cleaned, and with empty values instead of the engine's defaults."""
    return [_compared(mount) for mount in normal]


def with_nothing(observed: List[Dict[str, Any]], wanted: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """The ``observed`` mounts, with the false, zero and empty values of ``wanted``, which the engine leaves out."""
    by_target = {mount["Target"]: mount for mount in wanted}
    return [_with_nothing(_filled(mount), by_target.get(mount["Target"], {})) for mount in observed]


def tmpfs(value: List[str]) -> Dict[str, str]:
    """Target → options of "/target" and "/target:size=64m,mode=1777"."""
    result: Dict[str, str] = {}
    targets: Dict[str, str] = {}
    for given in value:
        path, _colon, options = given.partition(":")
        target = _target(path, f"tmpfs {given!r}", "use /target or /target:options such as /run:size=64m,mode=1777")
        _once(targets, target)
        targets[target] = result[path] = options
    return result


def tmpfs_compared(normal: Mapping[str, str]) -> Dict[str, str]:
    """Target, cleaned → options, sorted, each once (the last one counts), without the defaults."""
    return {_clean(target): _tmpfs_compared(options) for target, options in normal.items()}


def devices(value: List[str]) -> List[str]:
    """Sorted "host:container:permissions" of "host", "host:container", "host:permissions" and all three, as given."""
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
        device = "%s:%s:%s" % (source, target, permissions)
        if _device(result.get(_clean(target), device)) != _device(device):
            _once(result, _clean(target))
        result[_clean(target)] = device
    return sorted(result.values())


def devices_to_api(normal: List[str]) -> List[Dict[str, str]]:
    """[{"PathOnHost", "PathInContainer", "CgroupPermissions"}]."""
    parts = [device.split(":") for device in normal]
    return [{"PathOnHost": host, "PathInContainer": inside, "CgroupPermissions": may} for host, inside, may in parts]


def devices_from_api(api: Optional[List[Dict[str, str]]]) -> List[str]:
    """Sorted "host:container:permissions"."""
    keys = ("PathOnHost", "PathInContainer", "CgroupPermissions")
    return [":".join(entry.get(key) or "" for key in keys) for entry in api or []]


def devices_compared(normal: List[str]) -> List[str]:
    """Sorted devices with their paths cleaned, and the permissions in the order of "rwm"."""
    return sorted(_device(device) for device in normal)


def duplicate_target(
    volumes_normal: List[str], mounts_normal: List[Dict[str, Any]], tmpfs_normal: Mapping[str, str]
) -> Optional[str]:
    """The first target that is given twice in the three options; None: all targets differ."""
    taken = {_clean(volume.split(":")[1] if ":" in volume else volume) for volume in volumes_normal}
    for target in map(_clean, [*(mount["Target"] for mount in mounts_normal), *tmpfs_normal]):
        if target in taken:
            return str(target)
        taken.add(target)
    return None


def _clean(path: str) -> str:
    """The path in the engine's form: "//", "/." and "/.." are resolved as text, without following links."""
    return re.sub(r"^//", "/", posixpath.normpath(path)) if path else ""


def _target(path: str, what: str, form: str) -> str:
    if not path.startswith("/"):
        raise ValueError(f"{what} has the target {path!r}, which is not absolute: {form}")
    target = _clean(path)
    if target == "/":
        raise ValueError(f"{what} has the target '/': the engine mounts nothing there, use a directory below it")
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
    if not source.startswith("/") and not re.fullmatch(VOLUME_NAME, source):
        raise ValueError(
            f"volume {given!r} has the source {source!r}: use an absolute path, one that begins with ~/ or ./, or a "
            "volume's name (a letter or digit first, then letters, digits, '_', '.' and '-')"
        )
    return source


def _check_modes(words: str, source: str, given: str) -> None:
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
        other = "volume that has a name" if mode == "nocopy" else "directory of the host"
        raise ValueError(f"volume {given!r} has the mode {mode}: it is for a {other}, leave it out")


def _mount(target: str, given: Mapping[str, Any]) -> Dict[str, Any]:
    kind = given.get("type") or "volume"
    for option, kinds in MOUNT_TYPES.items():
        if given.get(option) is not None and kind not in kinds:
            raise ValueError(f"mount {target!r} of type {kind} can't have {option}: it is for type {kinds[0]}")
    if given.get("read_only_non_recursive") and given.get("read_only_force_recursive"):
        raise ValueError(f"mount {target!r} has two ways to be read-only below its source: use one")
    subpath = _subpath(target, given.get("subpath"))
    mount = {
        "Target": target,
        "Source": _mount_source(target, kind, given.get("source")),
        "Type": kind,
        "ReadOnly": given.get("read_only"),
        "Consistency": given.get("consistency"),
        "BindOptions": {
            "Propagation": given.get("propagation"),
            "NonRecursive": given.get("non_recursive"),
            "CreateMountpoint": given.get("create_mountpoint"),
            "ReadOnlyNonRecursive": given.get("read_only_non_recursive"),
            "ReadOnlyForceRecursive": given.get("read_only_force_recursive"),
        },
        "VolumeOptions": {
            "NoCopy": given.get("no_copy"),
            "Labels": _names(target, given, "labels", values.labels),
            "DriverConfig": {
                "Name": given.get("volume_driver"),
                "Options": _names(target, given, "volume_options", values.strings),
            },
            "Subpath": subpath if kind == "volume" else None,
        },
        "TmpfsOptions": {
            "SizeBytes": _given(given.get("tmpfs_size"), _size),
            "Mode": _given(given.get("tmpfs_mode"), lambda mode: _mode(target, mode)),
            "Options": _given(given.get("tmpfs_options"), _tmpfs_options),
        },
        "ImageOptions": {"Subpath": subpath if kind == "image" else None},
    }
    return _said(mount)


def _names(target: str, given: Mapping[str, Any], option: str, parse: Callable[[Any], Any]) -> Any:
    try:
        return _given(given.get(option), parse)
    except ValueError as error:
        raise ValueError(f"mount {target!r}: {option}: {error}") from None


def _given(value: Any, parse: Callable[[Any], Any]) -> Any:
    return None if value is None else parse(value)


def _said(document: Mapping[str, Any]) -> Dict[str, Any]:
    """Without None, and without parts that are empty then; labels and driver options are whole values."""
    result = {}
    for key, given in document.items():
        part = isinstance(given, dict) and key not in ("Labels", "Options")
        value = _said(given) if part else given
        if value is not None and (value or not part):
            result[key] = value
    return result


def _compared(mount: Mapping[str, Any]) -> Dict[str, Any]:
    """One mount as the engine understands it: with empty values instead of its defaults."""
    result: Dict[str, Any] = {
        key: _compared(value) if isinstance(value, dict) else value for key, value in mount.items()
    }
    for key, default in MOUNT_DEFAULTS.items():
        if result.get(key) == default:
            result[key] = type(default)()
    for key in ("Target", "Source"):
        if str(result.get(key) or "").startswith("/"):
            result[key] = _clean(result[key])
    if isinstance(result.get("Options"), list):
        result["Options"] = sorted(result["Options"])
    if isinstance(result.get("Labels"), dict):
        result["Labels"].pop(ANONYMOUS, None)
    return result


def _with_nothing(observed: Mapping[str, Any], wanted: Mapping[str, Any]) -> Dict[str, Any]:
    result = dict(observed)
    for key, value in wanted.items():
        if isinstance(value, dict):
            result[key] = _with_nothing(observed.get(key) or {}, value)
        elif not value:
            result.setdefault(key, value)
    return result


def _subpath(target: str, path: Optional[str]) -> Optional[str]:
    if path and (path.startswith("/") or ".." in path.split("/")):
        raise ValueError(f"mount {target!r} has the subpath {path!r}: use a relative path without '..'")
    return path


def _tmpfs_options(given: List[Mapping[str, Any]]) -> List[List[str]]:
    """[["noexec"], ["uid", "1000"]] of a list of dictionaries; an empty value is left out."""
    pairs = [pair for entry in given for pair in entry.items()]
    return [[str(name)] if value in (None, "") else [str(name), str(value)] for name, value in pairs]


def too_new(mounts: List[Mapping[str, Any]], version: Tuple[int, int]) -> List[str]:
    """Messages: what is given in mounts that this API version does not support."""
    found = set()
    for mount in mounts:
        for name, since, has in (
            ("read_only_non_recursive", (1, 44), mount.get("BindOptions", {}).get("ReadOnlyNonRecursive")),
            ("read_only_force_recursive", (1, 44), mount.get("BindOptions", {}).get("ReadOnlyForceRecursive")),
            ("subpath", (1, 45), mount.get("VolumeOptions", {}).get("Subpath")),
            ("tmpfs_options", (1, 46), mount.get("TmpfsOptions", {}).get("Options")),
            ("type image", (1, 48), mount["Type"] == "image"),
        ):
            if has and since > version:
                found.add("mounts.%s needs API %d.%d" % (name, *since))
    return sorted(found)


def _mount_source(target: str, kind: str, source: Optional[str]) -> Optional[str]:
    if kind == "tmpfs":
        if source:
            raise ValueError(f"mount {target!r} of type tmpfs can't have source: leave it out")
        return None
    if not source:
        if kind != "volume":
            what = "name of an image" if kind == "image" else "path on the engine's host"
            raise ValueError(f"mount {target!r} of type {kind} needs source: the {what}")
        return source
    if kind == "bind" and not source.startswith("/"):
        raise ValueError(f"mount {target!r} has the source {source!r}, which is not absolute: use an absolute path")
    if kind == "volume" and not re.fullmatch(VOLUME_NAME, source):
        raise ValueError(
            f"mount {target!r} has the source {source!r}: use a volume's name, or the type bind for a path"
        )
    return source


def _size(value: Any) -> int:
    from ansible_collections.wharf.docker.plugins.module_utils._values.limits import size

    return size(value) if value != "" else 0


def _mode(target: str, value: Any) -> int:
    """Permissions in octal digits; an empty word leaves them to the kernel."""
    if value == "":
        return 0
    found = re.fullmatch(r"(?:0o)?([0-7]{1,5})", str(value).strip())
    if found is None or int(found.group(1), 8) > 0o7777:
        raise ValueError(f"mount {target!r} has the mode {value!r}: use octal digits in quotes such as '1777'")
    return int(found.group(1), 8)


def _filled(document: Mapping[str, Any]) -> Dict[str, Any]:
    """Without what is false, zero or empty; but with all labels and driver options, whose empty values count."""
    result = {}
    for key, given in document.items():
        value = _filled(given) if isinstance(given, dict) and key not in ("Labels", "Options") else given
        if value:
            result[key] = value
    return result


def _device(device: str) -> str:
    host, inside, letters = device.split(":")
    permissions = "".join(letter for letter in "rwm" if letter in letters)
    return "%s:%s:%s" % (_clean(host), _clean(inside or host), permissions)


def _tmpfs_compared(options: str) -> str:
    chosen: Dict[str, str] = {}
    for option in filter(None, options.split(",")):
        name, equals, value = option.partition("=")
        if not equals:
            # Of two options that exclude each other, such as exec and noexec, one is the default, and is left out.
            chosen[TMPFS_OPPOSITES.get(name, name)] = "" if name in TMPFS_OPPOSITES else name
        else:
            chosen[name] = "%s=%s" % (name, _tmpfs_value(name, value))
    return ",".join(chosen[name] for name in sorted(chosen) if chosen[name])


def _tmpfs_value(name: str, value: str) -> str:
    """Sizes in bytes, and the mode without leading zeros."""
    if name == "mode":
        return value.lstrip("0") or "0"
    found = re.fullmatch("([0-9]+)([kmg])", value.lower())
    if name not in ("size", "nr_blocks", "nr_inodes") or found is None:
        return value
    return str(int(found.group(1)) << {"k": 10, "m": 20, "g": 30}[found.group(2)])
