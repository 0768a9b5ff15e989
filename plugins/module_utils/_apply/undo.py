# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a failure half way leaves things as they were: the undo stack."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Callable, List, Optional, Tuple, Type

from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    EngineError,
    Failure,
)


class Undo:
    """The ways back, newest last. As a context: a failure inside goes them all, and says how that went."""

    def __init__(self) -> None:
        self._ways: List[Tuple[str, Callable[[], Any]]] = []
        self.restored = ""

    def push(self, words: str, way: Callable[[], Any]) -> None:
        """``words`` say what ``way`` does ("start web again"), for the message when it fails.

        A way that returns False found nothing to do.
        """
        self._ways.append((words, way))

    def drop(self) -> None:
        """The newest way back is none any more."""
        self._ways.pop()

    def forget(self) -> None:
        """From here on there is no way back."""
        self._ways.clear()

    def __enter__(self) -> Undo:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], _trace: Optional[TracebackType]
    ) -> None:
        if error is None:
            return
        done, left = self._go_back()
        if isinstance(error, Failure):
            if left:
                error.message += " Not everything could be undone: %s" % " ".join(left)
            elif done:
                error.message += " " + (self.restored or "What had been done was undone.")

    def _go_back(self) -> Tuple[int, List[str]]:
        done, left = 0, []
        while self._ways:
            words, way = self._ways.pop()
            try:
                if way() is not False:
                    done += 1
            except Failure as failure:
                left.append("could not %s (%s)" % (words, failure.message))
                if isinstance(failure, EngineError) and not failure.status and self._ways:
                    # The engine is away. What is half undone must stay so: a later run sees it, and ends it.
                    rest = ", ".join(words for words, _way in reversed(self._ways))
                    left.append("It is still to be done: %s." % rest)
                    self._ways.clear()
        return done, left
