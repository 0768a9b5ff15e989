# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time limit of a task, its keyword ``timeout``: when it is over, the task ends with a failure like any other.

Ansible's own way to end it raises in its worker and nowhere else: a module would go on, and change what the play takes
for failed by then. So the module is told the limit, with an argument beside its options.
"""

from __future__ import annotations

import signal
from typing import Any, Callable, Dict, Optional

from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Ended
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import finished

Result = Dict[str, Any]


def within(seconds: float, left: Optional[float], run: Callable[[], Result]) -> Result:
    """The result of ``run``, which Ended ends when the ``seconds`` of its limit are over.

    ``left``: how many of them there still are; None: an alarm is set already.
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
