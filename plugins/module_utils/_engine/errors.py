# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one exception that a task raises on purpose."""

from __future__ import annotations

from typing import Any


class Failure(Exception):
    """What a task ends with when it can't do what was asked.

    ``message`` names the object, what was tried, what the engine answered and what to do.
    ``facts`` are further keys of the task's result (``rc``, ``stdout``, ``container``, ...).
    """

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class EngineError(Failure):
    """An answer of the engine that is not a success; ``status`` is its HTTP status (0: there was no answer)."""

    def __init__(self, message: str, status: int = 0, answer: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.answer = answer


class EngineTimeout(EngineError):
    """There was no answer within the time that there was for it."""


class Busy(Exception):
    """Another task is at work on what this one is about: it waits for that one, and begins anew.

    ``half_made``: the id of the container that the other one is making; "" if there is nothing to wait for.
    """

    def __init__(self, half_made: str = "") -> None:
        super().__init__(half_made)
        self.half_made = half_made


class Ended(BaseException):
    """The task has to end before it is done: by a signal, or because its time is over. What it had begun is undone.

    What handles errors must not take it for one. ``message`` and ``facts``: as in Failure.
    """

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts
