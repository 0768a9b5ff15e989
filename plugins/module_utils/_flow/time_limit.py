# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time limit of a task, its keyword ``timeout``: when it has passed, the task fails like any other.

Ansible enforces the limit only in its worker: a module would go on making changes after the play has treated the task
as failed. So the module gets the limit as an argument in addition to its options.
"""

from __future__ import annotations

import signal
from typing import Any, Callable, Dict, Optional

from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Ended
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import finished

Result = Dict[str, Any]


def within(seconds: float, left: Optional[float], run: Callable[[], Result]) -> Result:
    """The result of ``run``, or a failure if it takes longer than ``seconds``; Ended interrupts it.

    ``left``: how many of the seconds are left; None: an alarm is already set.
    """

    def over(_number: int, _frame: Any) -> None:
        raise Ended(
            "Timed out after %g seconds, the time limit (timeout) of the task." % seconds,
            timedout={"period": seconds},
        )

    former = signal.signal(signal.SIGALRM, over)
    try:
        try:
            if left is not None:
                signal.setitimer(signal.ITIMER_REAL, max(left, 0.001))
            return run()
        finally:
            if left is not None:
                signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, former)
    except Ended as ended:
        return finished({"changed": False, "failed": True, "msg": ended.message, **ended.facts})
