# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task container_import: create an image from the file system in a tar archive (``docker import``).

Whether there is something to do is known without sending the archive: the engine identifies an image's layer by the
SHA-256 of the uncompressed archive, and the instructions are converted to a configuration here as the engine does it.
"""

from __future__ import annotations

import os
import stat
from typing import Any, Callable, Dict, Iterable, Iterator, Mapping, Optional, Sequence, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._archive import unchecked_images as _unfinished
from ansible_collections.wharf.docker.plugins.module_utils._archive.compression import (
    MissingLibraryError,
    StreamError,
    plain_chunks,
)
from ansible_collections.wharf.docker.plugins.module_utils._archive.imported_image import (
    Import,
    RemoveName,
    Source,
    Wanted,
    cause_of,
    changed_meanwhile,
    differences,
)
from ansible_collections.wharf.docker.plugins.module_utils._archive.root_filesystem import Use
from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import ArchiveError, Content, read_archive
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_image
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    Failure,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import Call, Result, Task
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values
from ansible_collections.wharf.docker.plugins.module_utils._values import instructions as _instructions
from ansible_collections.wharf.docker.plugins.module_utils._values import limits

OPTIONS: Dict[str, Dict[str, Any]] = {
    "src": {"type": "path", "required": True},
    "remote_src": {"type": "bool", "default": True},
    "repository": {"type": "str", "required": True},
    "tag": {"type": "str"},
    "changes": {"type": "raw"},
    "commit_message": {"type": "str"},
    "max_size": {"type": "str"},
}


def run(call: Call) -> Result:
    wanted = normalise(call.params)
    call.about = wanted.name
    known: Dict[str, Any] = {}
    try:
        return _run(call, wanted, known)
    except Failure as failure:
        failure.facts = {**known, **failure.facts}
        raise


def _run(call: Call, wanted: Wanted, known: Dict[str, Any]) -> Result:
    """The result; ``known`` collects the facts that are known so far."""
    content = read_source(wanted, bool(call.params["remote_src"]))
    known.update(digest=content.digest, size=content.size)
    image = find_image(call.engine, wanted.name)
    known.update(_told(image))
    left = _unfinished.left_names(call.engine)
    plan = plan_import(wanted, content, image, call.engine.version, left)
    previous = next((step.previous for step in plan.steps if isinstance(step, Import)), None)
    if not call.check_mode and plan.changed:
        from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor
        from ansible_collections.wharf.docker.plugins.module_utils._apply.images import OPERATIONS, look_at

        with Executor(call.engine, OPERATIONS) as executor:
            executor.carry_out(plan)
        call.warnings += executor.warnings
        known.update(_told(look_at(call.engine, wanted.name, executor.created.get(wanted.name))))
    return call.report(plan, **known, previous_image=previous)


def _told(image: Optional[Mapping[str, Any]]) -> Dict[str, Any]:
    return {"image": image or {}, "image_id": image["Id"] if image else None}


def normalise(params: Mapping[str, Any]) -> Wanted:
    """Normalise the task's options. Failure: a value is invalid; reported before anything is read or requested."""
    try:
        repository, tag = _name(params["repository"], params["tag"])
    except ValueError as error:
        raise Failure("repository: %s." % str(error).rstrip(".")) from None
    try:
        instructions = _instructions.split(params["changes"])
        config = _instructions.configuration(instructions)
    except ValueError as error:
        raise Failure("changes: %s." % str(error).rstrip(".")) from None
    try:
        most = None if params["max_size"] is None else limits.size(params["max_size"])
    except ValueError as error:
        raise Failure("max_size: %s." % error) from None
    if most == 0:
        raise Failure("max_size: it is 0, and nothing could be imported: give for example 2g, or leave it out.")
    return Wanted(params["src"], repository, tag, tuple(instructions), config, params["commit_message"] or None, most)


def read_source(wanted: Wanted, remote_src: bool) -> Content:
    """Read the archive to its end. Failure: it is not complete, or an engine can't make an image of it."""
    use = Use()
    content = read_whole(wanted, remote_src, use, lambda chunks: read_archive(chunks, use.see))
    _refuse_other_use(wanted, use)
    return content


def read_whole(wanted: Source, remote_src: bool, use: Use, read: Callable[[Iterable[bytes]], Content]) -> Content:
    """What ``read`` makes of the archive's bytes. Failure: what is wrong with the file."""
    _refuse_wrong_file(wanted, remote_src)
    try:
        before = os.stat(wanted.src)
        content = read(_limited(wanted, plain_chunks(wanted.src), use))
        after = os.stat(wanted.src)
    except (StreamError, ArchiveError) as error:
        raise Failure(
            "Cannot import %s as %s: the file %s. Give a whole tar archive." % (wanted.src, wanted.name, error)
        ) from None
    except MissingLibraryError as error:
        raise Failure("Cannot import %s as %s: %s" % (wanted.src, wanted.name, error)) from None
    except OSError as error:
        raise _unreadable(wanted, error) from None
    if (before.st_ino, before.st_size, before.st_mtime_ns) != (after.st_ino, after.st_size, after.st_mtime_ns):
        raise changed_meanwhile(wanted)
    return content


def plan_import(
    wanted: Wanted,
    content: Content,
    image: Optional[Mapping[str, Any]],
    api: Tuple[int, int],
    left: Sequence[str] = (),
) -> Plan:
    """A step for each name in ``left``, and one for the image if it does not match. Pure.

    ``api``: the engine's API version. ``left``: the names that killed imports left.
    """
    steps: Tuple[Step, ...] = tuple(RemoveName(name, (_unfinished.CAUSE,)) for name in left)
    cleared = (Difference("unfinished", list(left), []),) if left else ()
    found = differences(wanted, content.digest, image)
    if not found:
        return Plan(steps, cleared)
    if "StopSignal" in wanted.config and api < (1, 42):
        raise Failure(
            "changes: this engine can't take STOPSIGNAL for an image that is imported; Docker Engine 23 or newer "
            "(API 1.42) can. Leave it out, and set stop_signal where a container is run."
        )
    causes = ("no such image",) if image is None else tuple(cause_of(difference) for difference in found)
    step = Import(wanted.name, causes, wanted, content, image["Id"] if image is not None else None)
    return Plan((*steps, step), (*cleared, *found))


def _name(repository: str, tag: Optional[str]) -> Tuple[str, str]:
    """(repository, tag) from the two options."""
    if "@" in repository:
        raise ValueError("%r has a digest, which an import can't choose: give a name such as myapp" % repository)
    name, named_tag = values.image_reference(repository)
    if name == "sha256":
        raise ValueError("%r is how the id of an image begins: choose another name" % repository)
    has_tag = name != repository
    if tag is None:
        return name, named_tag
    if not tag:
        raise ValueError("the tag is empty: give one such as latest, or leave it out")
    if has_tag and named_tag != tag:
        raise ValueError("it has the tag %r, and the option tag is %r: give the tag once" % (named_tag, tag))
    return values.image_reference("%s:%s" % (name, tag))


def _refuse_wrong_file(wanted: Source, remote_src: bool) -> None:
    tried = "Cannot import %s as %s" % (wanted.src, wanted.name)
    try:
        mode = os.stat(wanted.src).st_mode
    except FileNotFoundError:
        if remote_src:
            raise Failure(
                "%s: there is no such file on the host where the task runs. Copy it there first." % tried
            ) from None
        raise Failure(
            "%s: there is no such file on the host where the task runs. With remote_src false it is the controller's "
            "file that is meant, and the task sees it only when it runs there (connection local): delegate the task "
            "to localhost, or copy the file to the host first and set remote_src to true." % tried
        ) from None
    except OSError as error:
        raise _unreadable(wanted, error) from None
    if stat.S_ISDIR(mode):
        raise Failure("%s: it is a directory. Give a tar archive of it." % tried)
    if not stat.S_ISREG(mode):
        raise Failure("%s: it is not a regular file, and it has to be read twice. Give a file." % tried)


def _limited(wanted: Source, chunks: Iterable[bytes], use: Use) -> Iterator[bytes]:
    """The chunks of an archive. Failure: it is larger than max_size, as a tar or after unpacking."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if wanted.max_size is not None and size > wanted.max_size:
            break
        yield chunk
        if wanted.max_size is not None and use.unpacked > wanted.max_size:
            break
    else:
        return
    raise too_large(wanted)


def too_large(wanted: Source) -> Failure:
    return Failure(
        "Cannot import %s as %s: it is larger than max_size (%s bytes) when it is uncompressed. Give a larger max_size "
        "if you trust the file. Nothing was sent to the engine." % (wanted.src, wanted.name, wanted.max_size)
    )


def _refuse_other_use(wanted: Wanted, use: Use) -> None:
    tried = "Cannot import %s as %s: the file" % (wanted.src, wanted.name)
    if use.images:
        kind, further = "an archive of images as docker save writes it", ""
        if use.images == "oci":
            kind = "an archive of images in the OCI layout"
            further = (
                " An engine without the containerd image store can't load it: there, copy the image with "
                "'skopeo copy oci-archive:FILE docker-daemon:NAME:TAG'."
            )
        raise Failure(
            "%s is %s, not of a file system: an image made of it would have manifests and layers as its files. Load it "
            "with 'docker load -i %s' or the module community.docker.docker_image_load.%s"
            % (tried, kind, wanted.src, further)
        )
    if use.refused:
        raise Failure("%s %s." % (tried, use.refused))


def _unreadable(wanted: Source, error: OSError) -> Failure:
    return Failure(
        "Cannot import %s as %s: the file can't be read on the host where the task runs: %s. Use become, or change its "
        "permissions, if this user may not read it." % (wanted.src, wanted.name, error.strerror or error)
    )


TASK = Task(name="container_import", options=OPTIONS, run=run, other_names={"message": "commit_message"})
