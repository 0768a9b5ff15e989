# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of these tests is a private Podman, whatever the environment says; everything else is as with Docker."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import private_engine
import pytest


@pytest.fixture(scope="session")
def engine() -> Iterator[private_engine.Engine]:
    with private_engine.running(version=private_engine.PODMAN) as found:
        yield found


@pytest.fixture
def checked(client: Any) -> Callable[[str], contextlib.AbstractContextManager[None]]:
    """``with checked(NAME):`` the health check of the container is run continuously.

    Podman leaves the schedule of health checks to systemd, which may be missing here.
    """

    @contextlib.contextmanager
    def check(name: str) -> Iterator[None]:
        over = threading.Event()

        def check_on() -> None:
            while not over.wait(0.2):
                client.get("%s/v4.0.0/libpod/containers/%s/healthcheck" % (client.base_url, name))

        thread = threading.Thread(target=check_on)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    return check
