# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task whose process kills itself right after one of the calls that change something on the engine.

Usage: dies_after.py MODULE NUMBER, with the arguments as JSON on stdin. Call NUMBER (from 1 on) is the last one that
the engine gets, whether it refuses it or not. A process that needs fewer calls prints its result.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from ansible_collections.wharf.docker.plugins.module_utils import _engine, _registry, _task, _wait

MOMENT = 0.2  # It is a matter of steps here: how long a container has to stay up is not.


def main(module: str, last: int) -> None:
    request = _engine.Engine._request
    made = 0

    def counted(engine: _engine.Engine, method: str, path: str, **rest: Any) -> Any:
        nonlocal made
        try:
            return request(engine, method, path, **rest)
        finally:
            made += method in ("POST", "DELETE", "PUT") and not path.endswith("/wait")
            if made == last:
                os.kill(os.getpid(), signal.SIGKILL)

    _wait.MOMENT = MOMENT
    _engine.Engine._request = counted  # type: ignore[method-assign]
    print(json.dumps(_task.call(_registry.task(module), json.load(sys.stdin))))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
