# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of a plan: each is one call of the engine's API, or one wait, with its target and its causes. Pure.

_apply/executor.py carries them out. The classes of the steps are in _container/steps.py, and for other objects in
_objects and _archive; what each does on the engine is in _apply.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Iterator, Tuple

BEFORE = "before"
AFTER = "after"
BY_ITSELF = "by itself"


@dataclass(frozen=True)
class Step:
    """One action on ``target``, because of ``causes``.

    ``back``: the steps that undo it, in their order. They can be carried out whether the action was done or not.
    """

    ACTION: ClassVar[str] = ""
    # When its undo steps are put on the undo stack: before it is carried out, if it may have been done although the
    # engine's answer says otherwise or never came; after it; or when the function that carries it out does it.
    WAY_BACK: ClassVar[str] = AFTER

    target: str
    causes: Tuple[str, ...]

    @property
    def action(self) -> str:
        return self.ACTION

    @property
    def back(self) -> Tuple[Step, ...]:
        return ()

    def text(self) -> str:
        return "%s %s: %s" % (self.action, self.target, ", ".join(self.causes))

    def words(self) -> str:
        """The action, for "could not ..."."""
        return "%s %s" % (self.action, self.target)

    def lines(self) -> Iterator[str]:
        """The text of the step for ``actions``; for a series also the texts of the ``apart`` series within it."""
        yield self.text()

    def single(self) -> Iterator[Step]:
        """The single steps that it consists of."""
        yield self


@dataclass(frozen=True)
class Series(Step):
    """Several steps that are reported as one: the replacement of a container, for example.

    ``steps``: in their order. ``apart``: if one of them fails, only the steps of this series are undone, the steps
    around it continue, and the failure is reported at the end, after the words ``incomplete`` of the enclosing series.
    ``restored``: the message if it fails and is undone. ``container``: the id of the container that undoing restores;
    ``restored`` is only reported if that container is as it ``was`` (running, paused or stopped) and has its name.
    ``gone``: the message if there is no such container. ``unfinished``: the message if a step fails after the point of
    no return.
    """

    verb: str
    steps: Tuple[Step, ...]
    apart: bool = False
    container: str = ""
    was: str = ""
    restored: str = ""
    gone: str = ""
    unfinished: str = ""
    incomplete: str = ""

    @property
    def action(self) -> str:
        return self.verb

    def lines(self) -> Iterator[str]:
        yield self.text()
        for step in self.steps:
            if isinstance(step, Series) and step.apart:
                yield from step.lines()

    def single(self) -> Iterator[Step]:
        for step in self.steps:
            yield from step.single()
