# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exceptions that a task raises on purpose."""

from __future__ import annotations

from typing import Any


class Failure(Exception):
    """The failure of a task that can't do what it is to do.

    ``message`` names the object, the action, the engine's answer and what to do. ``facts`` are further keys of the
    task's result (``rc``, ``stdout``, ``container``, ...).
    """

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class EngineError(Failure):
    """An unsuccessful answer of the engine; ``status`` is its HTTP status (0: there was no answer)."""

    def __init__(self, message: str, status: int = 0, answer: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.answer = answer


class EngineTimeout(EngineError):
    """There was no answer within the time limit."""


class Busy(Exception):
    """Another task is at work on the same object: this one waits for it and begins again.

    ``half_made``: the id of the container that the other task is creating; "" if there is nothing to wait for.
    """

    def __init__(self, half_made: str = "") -> None:
        super().__init__(half_made)
        self.half_made = half_made


class Ended(BaseException):
    """The task has to end early, because of a signal or of its time limit. What it had begun is undone.

    A BaseException, so that error handlers do not catch it. ``message`` and ``facts``: as in Failure.
    """

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts
