# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the steps of an import do: import an archive as an image, and remove the temporary names of imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator, Mapping, Optional, Type

from ansible_collections.wharf.docker.plugins.module_utils._archive import unchecked_images as _unfinished
from ansible_collections.wharf.docker.plugins.module_utils._archive.atomic_file import Hashed
from ansible_collections.wharf.docker.plugins.module_utils._archive.compression import CHUNK, StreamError, plain_chunks
from ansible_collections.wharf.docker.plugins.module_utils._archive.imported_image import (
    Import,
    RemoveName,
    Wanted,
    cause_of,
    changed_meanwhile,
    differences,
)
from ansible_collections.wharf.docker.plugins.module_utils._archive.imported_image import Source as SourceOf
from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import Content
from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_image
from ansible_collections.wharf.docker.plugins.module_utils._engine.again import again
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine, reference
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import EngineError, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor, Operation


def _import(executor: Executor, step: Import) -> None:
    """Import under a temporary name, check that the image has the content that was sent, and only then move the tag.

    A failing import can leave a broken image, and move the given tag to it.
    """
    engine, wanted, content = executor.engine, step.wanted, step.content
    name = "%s:%s" % (_unfinished.new_name(), _unfinished.TAG)
    executor.restored = "Nothing of it stays, and the name %s is untouched." % wanted.name
    executor.push(RemoveName(name, step.causes))
    source = Source(wanted.src, content)
    query = {
        "fromSrc": "-",
        # Podman accepts a tag only here.
        "repo": name,
        "message": wanted.message,
        "changes": list(wanted.instructions),
    }
    try:
        engine.messages(
            "/images/create",
            tried="import %s as %s" % (wanted.src, wanted.name),
            query=query,
            data=source,
            headers={"Content-Type": "application/x-tar"},
        )
    except EngineError:
        if source.sent:
            source.refuse_change(wanted)
        raise
    source.refuse_change(wanted)
    image = engine.get("/images/%s/json" % reference(name), tried="look at the image %s" % name)
    _refuse_other_image(wanted, content, image)
    _give_name(executor, step, image["Id"])
    executor.created[wanted.name] = image["Id"]
    executor.forget()
    try:
        _remove_name(engine, name)
    except Failure as failure:
        executor.warnings.append(
            "The image %s is imported, but has a further name: %s" % (wanted.name, failure.message)
        )


def _give_name(executor: Executor, step: Import, image_id: str) -> None:
    """Move the name to the image, even if another task moves it at the same time.

    The containerd image store removes a name and adds it again, so that two tasks get into each other's way, and one
    that fails in between leaves no image with this name.
    """
    engine, wanted = executor.engine, step.wanted
    path, tried = "/images/%s/tag" % reference(image_id), "give the imported image the name %s" % wanted.name
    query = {"repo": wanted.repository, "tag": wanted.tag}
    try:
        again(lambda: engine.post(path, tried=tried, query=query), lambda error: "already exists" in error.answer)
    except EngineError as error:
        if error.status:
            executor.restored = "Nothing of it stays, and %s." % _what_became_of(engine, wanted.name, step.previous)
        raise


def _what_became_of(engine: Engine, name: str, previous: Optional[str]) -> str:
    try:
        image = find_image(engine, name)
    except Failure as failure:
        return "what became of the name %s is not known: %s" % (name, failure.message.rstrip("."))
    named = image["Id"] if image else None
    if named == previous:
        return "the name %s is untouched" % name
    return "the name %s has changed since the task began: it is that of %s" % (name, named or "no image")


def look_at(engine: Engine, name: str, image_id: Optional[str]) -> Optional[Mapping[str, Any]]:
    """The imported image; or the image with this name, if another task has moved the name and the first is removed."""
    image = find_image(engine, image_id) if image_id else None
    if image is not None:
        return image
    path, tried = "/images/%s/json" % reference(name), "look at the image %s" % name
    try:
        # The containerd image store moves a name by taking it away first.
        found: Mapping[str, Any] = again(lambda: engine.get(path, tried=tried), lambda error: error.status == 404, 1)
    except EngineError as error:
        if error.status != 404:
            raise
        return None
    return found


class Source:
    """Reads the archive again to send it: always as many bytes as at first, whatever happened to the file.

    A change of the file is reported afterwards: an engine that loses its client in the middle of a body continues with
    what it has received, after the client has cleaned up. If the length of a body is known (requests calls ``len()``),
    an engine's early refusal can be read with every release of urllib3 from 1.26 on; for a chunked body only with newer
    releases.
    """

    def __init__(self, path: str, content: Content) -> None:
        self._content = content
        self._hashed = Hashed(plain_chunks(path))
        self._error: Optional[BaseException] = None
        self.sent = False

    def __len__(self) -> int:
        return self._content.size

    def __iter__(self) -> Iterator[bytes]:
        left = self._content.size
        try:
            for chunk in self._hashed:
                if not left:
                    break
                yield chunk[:left]
                left -= min(left, len(chunk))
        except (OSError, StreamError) as error:
            self._error = error
        while left > 0:
            yield bytes(min(left, CHUNK))
            left -= min(left, CHUNK)
        self.sent = True

    def refuse_change(self, wanted: SourceOf) -> None:
        """Failure if the bytes that were sent differ from the first reading."""
        whole = self._hashed.size >= self._content.size and self._hashed.digest == self._content.digest
        if whole and self._error is None:
            return
        raise changed_meanwhile(wanted, " (%s)" % self._error if self._error is not None else "")


def _refuse_other_image(wanted: Wanted, content: Content, image: Mapping[str, Any]) -> None:
    found = differences(wanted, content.digest, image)
    if found:
        raise Failure(
            "The engine made another image of %s than requested: %s. Write the instruction in changes in a plainer "
            "way." % (wanted.src, ", ".join(cause_of(difference) for difference in found))
        )


def _remove_left(executor: Executor, step: RemoveName) -> None:
    """Remove a temporary name. If a killed import left it, a failure is only a warning: it is not this task's."""
    if executor.going_back:
        _remove_name(executor.engine, step.target, force=True)
        return
    try:
        _remove_name(executor.engine, step.target)
    except Failure as failure:
        executor.warnings.append(failure.message)


def _remove_name(engine: Engine, name: str, force: bool = False) -> None:
    """Remove the name; with its last name, the image is removed as well. No error if it does not exist."""
    engine.delete(
        "/images/%s" % reference(name),
        tried="remove the image %s" % name,
        query={"force": force, "noprune": not force},
        accept=(404,),
    )


OPERATIONS: Mapping[Type[Step], Operation] = {Import: _import, RemoveName: _remove_left}
