# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task container_export: write a container's file system to a tar archive (``docker export``).

An engine exports the same container as the same bytes each time, but does not report their digest beforehand. So each
run reads the export once, into a temporary file that is discarded if the archive already has this content.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass, replace
from typing import Any, Callable, ContextManager, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple, Union

from ansible_collections.wharf.docker.plugins.module_utils._archive.atomic_file import AtomicFile, Hashed
from ansible_collections.wharf.docker.plugins.module_utils._archive.compression import (
    CHUNK,
    GZIP,
    LEVELS,
    NONE,
    XZ,
    ZSTD,
    MissingLibraryError,
    StreamError,
    compression,
    packed,
    packer,
    unpacked,
)
from ansible_collections.wharf.docker.plugins.module_utils._archive.destination import Place, find_place, unwritable
from ansible_collections.wharf.docker.plugins.module_utils._archive.export_steps import ChangeFile, WriteArchive
from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import (
    Archive,
    ArchiveError,
    Content,
    read_archive,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import (
    ASSUMED,
    find_container,
    not_found,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.status import own_name
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine, segment
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan, joined
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Call, Result, Task
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values

AUTO = "auto"
OPTIONS: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True, "aliases": ["container"]},
    "dest": {"type": "path", "required": True},
    "compression": {"type": "str", "default": AUTO, "choices": [AUTO, NONE, GZIP, XZ, ZSTD]},
    "compression_level": {"type": "int"},
    "mode": {"type": "raw", "default": "0600"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
}

# The compression for the endings of dest. Bzip2 can be read here, but is not written.
ENDINGS: Tuple[Tuple[Tuple[str, ...], str], ...] = (
    ((".gz", ".tgz"), GZIP),
    ((".xz", ".txz"), XZ),
    ((".zst", ".tzst"), ZSTD),
)
NOT_WRITTEN = (".bz2", ".tbz", ".tbz2", ".lz4", ".lzma", ".zip", ".7z", ".Z")
# The mode that a symbolic mode is applied to if there is no file yet.
NEW_FILE = 0o600
# The differences that need a new file; the others are attributes of the existing one.
_CONTENT, _COMPRESSION = "content", "compression"
# What sends the archive, for as long as the context lasts.
Source = Callable[[], ContextManager[Iterator[bytes]]]
NOTHING = Plan()


@dataclass(frozen=True)
class Wanted:
    """The archive that a task describes. ``mode`` is a number, or symbolic as for chmod.

    None: the compression's default level; the owner and group of the existing file. ``container`` is a volume with
    ``kind`` "volume".
    """

    container: str
    dest: str
    compression: str
    level: Optional[int]
    mode: Union[int, str]
    uid: Optional[int]
    gid: Optional[int]
    kind: str = "container"

    @property
    def tried(self) -> str:
        return "export the %s %s to %s" % (self.kind, self.container, self.dest)


@dataclass(frozen=True)
class Before:
    """The existing file at dest. ``wrong``: why it is not a valid archive; "" also if ``digest`` can't be determined.

    ``inode`` identifies it. ``foreign``: it belongs to another user, or has further names elsewhere that others may
    have created, so that its attributes are left unchanged.
    """

    digest: str
    wrong: str
    compression: str
    mode: int
    uid: int
    gid: int
    inode: Tuple[int, int] = (0, 0)
    foreign: bool = False


def run(call: Call) -> Result:
    wanted = normalise(call.params)
    known: Dict[str, Any] = {}
    try:
        with find_place(wanted.dest, wanted.uid, wanted.tried) as place:
            return _run(call, wanted, place, known)
    except Failure as failure:
        failure.facts = {**known, **failure.facts}
        raise


def _run(call: Call, wanted: Wanted, place: Place, known: Dict[str, Any]) -> Result:
    """The result; ``known`` collects the facts that are known so far."""
    tried = wanted.tried
    container = find_container(call.engine, wanted.container)
    if container is None and not call.check_mode:
        raise not_found(call.engine, wanted.container, tried)
    if place.is_owned_anew(wanted.uid):
        wanted = replace(wanted, uid=os.geteuid())
    # Not "dest": if a result has this key, AnsibleModule overwrites size and mode with those of the file.
    known.update(archive=wanted.dest, compression=wanted.compression)
    before = read_before(place, tried)
    if container is None:
        call.warnings.append(ASSUMED % wanted.container)
        known["container"] = {"id": None, "name": wanted.container}
        return foreseen(call, wanted, before, known)
    call.about = own_name(container)
    known["container"] = {"id": container["Id"], "name": own_name(container)}
    path = "/containers/%s/export" % segment(container["Id"])
    return export(
        call,
        replace(wanted, container=own_name(container)),
        place,
        before,
        known,
        lambda: exported(call.engine, path, tried),
    )


def foreseen(call: Call, wanted: Wanted, before: Optional[Before], known: Mapping[str, Any]) -> Result:
    """The result in check mode where what is exported is assumed to be created by an earlier task."""
    plan = plan_export(wanted.container, wanted, before, Content("not known yet", 0, 0))
    unknown = dict.fromkeys(("digest", "size", "archive_size", "checksum"))
    return call.report(plan, **known, **unknown, mode=octal(mode_of(wanted, before)))


def export(
    call: Call,
    wanted: Wanted,
    place: Place,
    before: Optional[Before],
    known: Mapping[str, Any],
    source: Source,
    cleared: Plan = NOTHING,
) -> Result:
    """The result of an export of what ``source`` sends. ``cleared``: the plan that comes before this one."""
    tried = wanted.tried
    if call.check_mode:
        with source() as chunks, told(tried, place):
            content = read_archive(chunks)
        plan = joined([cleared, plan_export(wanted.container, wanted, before, content)])
        file = None
    else:
        file = AtomicFile(place.path, place.descriptor)
        try:
            content, plan = _export(call, wanted, place, before, file, source, cleared)
        except Failure as failure:
            if not file.committed:
                failure.message += " The file that is there is untouched." if before else " No file was created."
            raise
    writes = any(isinstance(step, WriteArchive) for step in plan.steps)
    size, checksum = (
        _checked(place, tried) if not writes else (file.size, file.checksum) if file is not None else (None, None)
    )
    digests = {"digest": content.digest, "size": content.size, "archive_size": size, "checksum": checksum}
    return call.report(plan, **known, **digests, mode=octal(mode_of(wanted, before)))


def normalise(params: Mapping[str, Any]) -> Wanted:
    """Normalise the task's options. Failure: a value is invalid; reported before anything is read or requested."""
    try:
        name = values.container_name(params["name"])
    except ValueError as error:
        raise Failure("name: %s." % str(error).rstrip(".")) from None
    return normal_file(params, name)


def normal_file(params: Mapping[str, Any], name: str, kind: str = "container") -> Wanted:
    """``normalise()`` of what is not the name. ``kind``: of what is exported."""
    dest = params["dest"]
    if not dest or dest.endswith("/") or "\0" in dest:
        raise Failure("dest: %r is not the path of a file. Give one such as /srv/web.tar.gz." % dest)
    form = _compression(dest, params["compression"])
    level = params["compression_level"]
    if level is not None:
        if form not in LEVELS:
            raise Failure("compression_level: the archive is not compressed. Leave it out, or set compression.")
        weakest, _usual, strongest = LEVELS[form]
        if not weakest <= level <= strongest:
            raise Failure(
                "compression_level: %d is not a valid level of %s. Give one from %d to %d."
                % (level, form, weakest, strongest)
            )
    try:
        packer(form, level)
    except MissingLibraryError as error:
        raise Failure("compression: %s" % error) from None
    uid, gid = _id("owner", params["owner"]), _id("group", params["group"])
    return Wanted(name, dest, form, level, _normal_mode(params["mode"]), uid, gid, kind)


def read_before(place: Place, tried: str) -> Optional[Before]:
    """The existing file at dest, read to its end; None if there is none."""
    if place.attributes is None:
        return None
    digest = wrong = ""
    try:
        with open(place.open_file(), "rb") as file:
            found = os.fstat(file.fileno())
            form = compression(file.read(10))
            file.seek(0)
            digest = read_archive(unpacked(file)).digest
    except (StreamError, ArchiveError) as error:
        wrong = str(error)
    except MissingLibraryError:
        pass  # The library of the wanted compression is available: so this file has another one, and is replaced.
    except OSError as error:
        raise unreadable(tried, error) from None
    return before_of(place, found, digest, wrong, form)


def before_of(place: Place, found: os.stat_result, digest: str, wrong: str = "", form: str = NONE) -> Before:
    """The existing file with these attributes and this content."""
    foreign = place.owned_anew and (found.st_uid != os.geteuid() or found.st_nlink > 1)
    inode = (found.st_dev, found.st_ino)
    return Before(digest, wrong, form, stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, inode, foreign)


def unreadable(tried: str, error: OSError) -> Failure:
    return Failure(
        "Cannot %s: the file that is there can't be read: %s. Use become, or remove it."
        % (tried, error.strerror or error)
    )


def plan_export(container: str, wanted: Wanted, before: Optional[Before], content: Content) -> Plan:
    """One step; no step if the archive matches. Pure."""
    found = differences(wanted, before, content.digest)
    if not found:
        return Plan()
    causes = ("no such file",) if before is None else tuple(cause(difference) for difference in found)
    if before is None or before.foreign or any(one.option in (_CONTENT, _COMPRESSION) for one in found):
        step: Step = WriteArchive("%s to %s" % (container, wanted.dest), causes, mode_of(wanted, before))
    else:
        step = ChangeFile(wanted.dest, causes, mode_of(wanted, before), wanted.uid, wanted.gid, before.inode)
    return Plan((step,), tuple(found))


def differences(wanted: Wanted, before: Optional[Before], digest: str) -> List[Difference]:
    """The differences between the file at dest and the described archive. ``before`` None: there is no file."""
    found = []
    if before is None:
        found += [Difference(_CONTENT, None, digest), Difference(_COMPRESSION, None, wanted.compression)]
    else:
        if before.wrong:
            found.append(Difference(_CONTENT, "no archive (it %s)" % before.wrong, digest))
        elif before.digest and before.digest != digest:
            found.append(Difference(_CONTENT, before.digest, digest))
        if before.compression != wanted.compression:
            found.append(Difference(_COMPRESSION, before.compression, wanted.compression))
    mode = mode_of(wanted, before)
    if before is None or before.mode != mode:
        found.append(Difference("mode", None if before is None else octal(before.mode), octal(mode)))
    if wanted.uid is not None and (before is None or before.uid != wanted.uid):
        found.append(
            Difference("owner", None if before is None else _name("owner", before.uid), _name("owner", wanted.uid))
        )
    if wanted.gid is not None and (before is None or before.gid != wanted.gid):
        found.append(
            Difference("group", None if before is None else _name("group", before.gid), _name("group", wanted.gid))
        )
    return found


def _export(
    call: Call,
    wanted: Wanted,
    place: Place,
    before: Optional[Before],
    file: AtomicFile,
    source: Source,
    cleared: Plan,
) -> Tuple[Content, Plan]:
    """Write the export to ``file``, and move it into place if that is planned."""
    from ansible_collections.wharf.docker.plugins.module_utils._apply.archives import operations
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor

    tried = wanted.tried
    with told(tried, place), file:
        give(file, wanted, before, place, tried)
        with source() as chunks:
            hashed, archive = Hashed(chunks), Archive()
            # What is not compressed is hashed once, by the file.
            plain = wanted.compression == NONE
            followed = _followed(chunks if plain else hashed, archive)
            for piece in packed(followed, packer(wanted.compression, wanted.level)):
                file.write(piece)
        digest, size = ("sha256:" + file.checksum, file.size) if plain else (hashed.digest, hashed.size)
        content = Content(digest, size, archive.members)
        plan = joined([cleared, plan_export(wanted.container, wanted, before, content)])
        with Executor(call.engine, operations(file, place)) as executor:
            executor.carry_out(plan)
        call.warnings += executor.warnings
        return content, plan


@contextlib.contextmanager
def exported(
    engine: Engine, path: str, tried: str, query: Optional[Mapping[str, Any]] = None
) -> Iterator[Iterator[bytes]]:
    """The bytes of the archive that the engine answers."""
    stream = engine.stream("GET", path, tried=tried, query=query)
    try:
        yield stream.chunks(CHUNK)
    finally:
        stream.close()


def _followed(chunks: Iterable[bytes], archive: Archive) -> Iterator[bytes]:
    """The chunks of an archive, checked to be complete. An engine that can't read on ends its answer as usual."""
    for chunk in chunks:
        archive.feed(chunk)
        yield chunk
    archive.finish()


@contextlib.contextmanager
def told(tried: str, place: Place) -> Iterator[None]:
    """Turn the errors inside into failures."""
    try:
        yield
    except ArchiveError as error:
        raise Failure("Cannot %s: what the engine sent %s. Look at the engine's log." % (tried, error)) from None
    except OSError as error:
        raise unwritable(tried, error, place.directory) from None


def give(file: AtomicFile, wanted: Wanted, before: Optional[Before], place: Place, tried: str) -> None:
    """Set the new file's owner and group: as requested, or else those of the file that it replaces, if allowed."""
    kept = before if not place.owned_anew else None
    uid = wanted.uid if wanted.uid is not None else kept.uid if kept is not None else -1
    gid = wanted.gid if wanted.gid is not None else kept.gid if kept is not None else -1
    try:
        file.give(uid, gid)
    except PermissionError as error:
        raise Failure(
            "Cannot %s: this user can't give the file to %s: %s. Use become, or set owner and group to this user's own."
            % (tried, _owners(uid, gid), error.strerror)
        ) from None


def _checked(place: Place, tried: str) -> Tuple[int, str]:
    """The size and the checksum of the existing file."""
    import hashlib

    sha256, size = hashlib.sha256(), 0
    try:
        with open(place.open_file(), "rb") as file:
            for chunk in iter(lambda: file.read(CHUNK), b""):
                sha256.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise Failure("Cannot %s: the file can't be read: %s." % (tried, error.strerror or error)) from None
    return size, sha256.hexdigest()


def _compression(dest: str, wanted: str) -> str:
    if wanted != AUTO:
        return wanted
    for endings, name in ENDINGS:
        if dest.lower().endswith(endings):
            return name
    if dest.endswith(NOT_WRITTEN):
        raise Failure(
            "compression: an archive can't be compressed as the ending of %s says. Use .gz, .xz or .zst, or set "
            "compression." % dest
        )
    return NONE


def _normal_mode(value: Any) -> Union[int, str]:
    """The option ``mode``: a number, or a valid symbolic mode."""
    mode: Any = value
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            mode = int(value, 8)
    if isinstance(mode, int) and not isinstance(mode, bool):
        if not 0 <= mode <= 0o7777:
            raise Failure("mode: %r is not a valid file mode. Give one such as '0600'." % (value,))
        if isinstance(value, int) and mode & stat.S_ISVTX:
            # 600 without a leading zero: this bit has no effect on a file, so it can't be meant.
            raise Failure("mode: %d is the octal number %o. Write it with quotes: '0%d'." % (value, value, value))
        return mode
    try:
        if not isinstance(mode, str) or not any(sign in mode for sign in "+-="):
            raise ValueError(mode)
        _applied_mode(mode, NEW_FILE)
    except ValueError:
        raise Failure("mode: %r is not a valid file mode. Give one such as '0600' or 'u=rw,g=r'." % (value,)) from None
    return mode


def _applied_mode(mode: str, before: int) -> int:
    """Apply a symbolic mode as Ansible's own modules do."""
    from types import SimpleNamespace

    from ansible.module_utils.basic import AnsibleModule

    return int(AnsibleModule._symbolic_mode_to_octal(SimpleNamespace(st_mode=stat.S_IFREG | before), mode))


def mode_of(wanted: Wanted, before: Optional[Before]) -> int:
    if isinstance(wanted.mode, int):
        return wanted.mode
    return _applied_mode(wanted.mode, NEW_FILE if before is None else before.mode)


def _id(option: str, value: Optional[str]) -> Optional[int]:
    """The number of a user or group, from its name or number."""
    import grp
    import pwd

    if value is None:
        return None
    if value.isascii() and value.isdigit():
        if int(value) < 2**32 - 1:
            return int(value)
    else:
        with contextlib.suppress(KeyError, ValueError):
            return pwd.getpwnam(value).pw_uid if option == "owner" else grp.getgrnam(value).gr_gid
    raise Failure(
        "%s: there is no %s %r on the host where the task runs. Give a name that it has, or a number."
        % (option, "user" if option == "owner" else "group", value)
    )


def _name(option: str, number: int) -> str:
    """The name of a user or group, or its number if it has no name."""
    import grp
    import pwd

    try:
        return pwd.getpwuid(number).pw_name if option == "owner" else grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _owners(uid: int, gid: int) -> str:
    words = ["the user %s" % _name("owner", uid)] * (uid >= 0) + ["the group %s" % _name("group", gid)] * (gid >= 0)
    return " and ".join(words)


def octal(mode: int) -> str:
    return "%04o" % mode


def cause(difference: Difference) -> str:
    if difference.option == _CONTENT:
        return "content %s → %s" % (_short(difference.before), _short(difference.after))
    return difference.cause()


def _short(digest: str) -> str:
    return digest[: len("sha256:") + 12] if digest.startswith("sha256:") else digest


TASK = Task(name="container_export", options=OPTIONS, run=run)
