# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making and removing the helper container of a volume: see _archive/helper_containers.py.

Looking at the content needs it too, so that it is made in check mode as well. Nothing of it stays.
"""

from __future__ import annotations

import contextlib
import io
from types import TracebackType
from typing import TYPE_CHECKING, List, Mapping, Optional, Type

from ansible_collections.wharf.docker.plugins.module_utils._apply.interruption import interruption
from ansible_collections.wharf.docker.plugins.module_utils._archive import helper_containers as _helpers
from ansible_collections.wharf.docker.plugins.module_utils._archive.helper_containers import RemoveHelper
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine, reference, segment
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Ended, Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._apply.executor import Executor, Operation


class Helper:
    """A context, in which there is a helper container that has the ``volume``; its id is ``id``.

    Afterwards it is removed, whatever happens. ``to_the_end``: a signal waits until then. ``warnings`` gets what could
    not be removed where the task succeeds.
    """

    def __init__(
        self,
        engine: Engine,
        volume: str,
        tried: str,
        warnings: List[str],
        read_only: bool = True,
        to_the_end: bool = False,
    ) -> None:
        self.id = ""
        self.engine = engine
        self._volume = volume
        self._tried = tried
        self._warnings = warnings
        self._read_only = read_only
        self._to_the_end = to_the_end
        self._name = _helpers.new_name()
        self._signals = interruption()

    def __enter__(self) -> Helper:
        self._signals.enter()
        with contextlib.ExitStack() as failed:
            failed.push(self.__exit__)
            self._make()
            if not self._to_the_end:
                self._signals.open()
            failed.pop_all()
        return self

    def __exit__(
        self, _kind: Optional[Type[BaseException]], error: Optional[BaseException], _trace: Optional[TracebackType]
    ) -> None:
        self._signals.close()
        try:
            remove(self.engine, self._name)
        except Failure as failure:
            left = "The helper container %s may be left: %s The next run removes it." % (self._name, failure.message)
            if isinstance(error, (Failure, Ended)):
                error.message += " " + left
            else:
                self._warnings.append(left)
        self._signals.leave(error)

    def _make(self) -> None:
        image = _helpers.image_of(self._name)
        tried = "%s: it needs a helper container, and it is not possible to " % self._tried
        self.engine.messages(
            "/images/create",
            tried=tried + "import an empty image for it",
            # Podman takes a tag only from "repo".
            query={"fromSrc": "-", "repo": image},
            data=io.BytesIO(bytes(1024)),
            headers={"Content-Type": "application/x-tar"},
        )
        created = self.engine.post(
            "/containers/create",
            tried=tried + "create it",
            query={"name": self._name},
            body=_helpers.body(image, self._volume, self._read_only),
        )
        self.id = str(created["Id"])
        self._refuse_new_volume(image)

    def _refuse_new_volume(self, image: str) -> None:
        """The engine makes a volume that is not there: then somebody has removed it since the task looked at it."""
        path = "/volumes/%s" % segment(self._volume)
        volume = self.engine.find(path, tried="look at the volume %s" % self._volume)
        if volume is not None and (volume.get("Labels") or {}).get(_helpers.MADE) != image:
            return
        if volume is not None:
            remove(self.engine, self._name)
            self.engine.delete(path, tried="remove the volume %s, which the engine made" % self._volume, accept=(404,))
        raise Failure("Cannot %s: the volume was removed meanwhile. Run the task again." % self._tried)


def remove(engine: Engine, name: str) -> None:
    """Remove the helper container of this name, and its image. No error if it does not exist."""
    engine.delete(
        "/containers/%s" % segment(name),
        tried="remove the helper container %s" % name,
        query={"force": True, "v": False},
        accept=(404,),
    )
    image = _helpers.image_of(name)
    engine.delete(
        "/images/%s" % reference(image), tried="remove the image %s" % image, query={"force": True}, accept=(404,)
    )


def _remove_left(executor: Executor, step: RemoveHelper) -> None:
    """What a task that was killed left: its failure is none of this one's."""
    try:
        remove(executor.engine, step.target)
    except Failure as failure:
        executor.warnings.append(failure.message)


OPERATIONS: Mapping[Type[Step], Operation] = {RemoveHelper: _remove_left}
