# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of a plan: each is one call of the engine's API, or one wait, and says on what and why. Pure.

_apply/executor.py carries them out. The classes that say what a step does are in _container/steps.py, and for other
objects in _objects and _archive; what each does on the engine stands in _apply.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Iterator, Tuple

BEFORE = "before"
AFTER = "after"
BY_ITSELF = "by itself"


@dataclass(frozen=True)
class Step:
    """One thing that is done to ``target``, because of ``causes``.

    ``back``: the steps that lead back from it, in their order. They can be carried out whether it was done or not.
    """

    ACTION: ClassVar[str] = ""
    # When its way back goes onto the undo stack: before it is carried out, if it may have been done although the
    # engine's answer says otherwise or never came; after it; or when what carries it out says so.
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
        """What it does, for "could not ..."."""
        return "%s %s" % (self.action, self.target)

    def lines(self) -> Iterator[str]:
        """The text of the step, as ``actions`` tells it; of a series also that of those within that stand apart."""
        yield self.text()

    def single(self) -> Iterator[Step]:
        """The single steps of which it consists."""
        yield self


@dataclass(frozen=True)
class Series(Step):
    """Several steps that are one thing for people: the replacement of a container, for example.

    ``steps``: in their order. ``apart``: if one of them fails, those of this series are undone, what stands around it
    goes on, and the failure is reported at the end, after the words ``incomplete`` of the series that it is in.
    ``restored``: what is told if it fails and is undone. ``container``: the id of the container that is brought back
    then, of which that is told if it is as it ``was`` (running, paused or stopped) and has its name; ``gone``: what is
    told if there is no such container. ``unfinished``: what is told if a step fails after the point of no return.
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
