# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for a state of a container. Each wait ends as soon as the outcome is known, and says why."""

from __future__ import annotations

import time
from typing import Any, Dict, Iterator, Optional

from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_container
from ansible_collections.wharf.docker.plugins.module_utils._container.logs import last_lines
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure

# How long a container that replaces a running one has to stay up, in seconds, before the old one is removed.
MOMENT = 1.0
# If the restart policy has started a container this often during the wait, it will not become healthy by itself.
RESTARTS = 3
STOP_SECONDS = 10  # how long the engine waits after a stop signal by default


def stays_up(engine: Engine, container_id: str, name: str) -> None:
    """Return when the container has been up for a moment; Failure as soon as it is not."""
    for document in _looks(engine, container_id, name, MOMENT):
        _fail_unless_up(engine, document, name)
        if document.get("RestartCount"):
            raise Failure(_ended(engine, document, name, "it ended and was restarted", False))


def becomes_healthy(engine: Engine, container_id: str, name: str, limit: float) -> Dict[str, Any]:
    """Return the inspect document once the health check says healthy. ``limit``: seconds; 0 or less: none."""
    restarts: Optional[int] = None
    document: Dict[str, Any] = {}
    for document in _looks(engine, container_id, name, limit if limit > 0 else None):
        _fail_unless_up(engine, document, name)
        health = document["State"].get("Health")
        if health is None:
            raise Failure(
                "The container %s has no health check, so it can't become healthy: give the option healthcheck, "
                "or wait for another state." % name
            )
        if health["Status"] == "healthy":
            return document
        if document["State"].get("Paused"):
            raise Failure("The container %s is paused, so that its health isn't checked: unpause it first." % name)
        # A pause ends the checks and sets "unhealthy" too, which means nothing, and stays until the next check.
        if health["Status"] == "unhealthy" and health.get("FailingStreak", 0) >= _retries(document):
            raise Failure("The container %s is unhealthy. %s" % (name, _last_check(engine, document)))
        restarts = document.get("RestartCount", 0) if restarts is None else restarts
        if document.get("RestartCount", 0) >= restarts + RESTARTS:
            raise Failure(_ended(engine, document, name, "it is restarted again and again", False))
    raise Failure(
        "The container %s did not become healthy within %g seconds. %s" % (name, limit, _last_check(engine, document))
    )


def exit_code(engine: Engine, container_id: str, name: str, limit: float) -> int:
    """The exit code of the container once it has ended. ``limit``: seconds; 0 or less: none."""
    for document in _looks(engine, container_id, name, limit if limit > 0 else None):
        if document["State"]["Status"] in ("exited", "dead"):
            return int(document["State"]["ExitCode"])
        if document["State"]["Status"] == "created":
            raise Failure("The container %s was never started, so there is no end to wait for: start it first." % name)
    raise Failure("The container %s did not end within %g seconds: it is still running." % (name, limit))


def has_ended(engine: Engine, container_id: str, limit: Optional[int]) -> Optional[int]:
    """None once the container has ended, or no longer exists; otherwise the ``limit`` in seconds that it had for that.

    ``limit`` None: as long as the engine waits for it after a stop signal.
    """
    pause, began = 0.01, time.monotonic()
    while True:
        document = find_container(engine, container_id)
        if document is None or document["State"]["Status"] in ("exited", "dead", "removing"):
            return None
        if limit is None:
            given = document["Config"].get("StopTimeout")
            limit = STOP_SECONDS if given is None else int(given)
        if time.monotonic() - began >= limit:
            return limit
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)


def is_down(engine: Engine, container_id: str) -> bool:
    """Whether a container that was stopped stays stopped; polls until that is known.

    Podman reports the end of a process before it frees the ports and addresses of its container, or restarts it. A
    process that was restarted may end in a moment, in which alone another stop has an effect: the pauses are short.
    """
    began = time.monotonic()
    while True:
        document = find_container(engine, container_id)
        status = "" if document is None else document["State"]["Status"]
        if status not in ("stopped", "stopping") or time.monotonic() - began > STOP_SECONDS:
            return bool(status != "running")
        time.sleep(0.01)


def _looks(engine: Engine, container_id: str, name: str, limit: Optional[float]) -> Iterator[Dict[str, Any]]:
    """Inspect documents, polled often at first and later once a second, until ``limit`` seconds are over."""
    pause, began = 0.05, time.monotonic()
    while True:
        document = find_container(engine, container_id)
        if document is None:
            raise Failure(
                "The container %s ended and is gone: its option auto_remove is set, or somebody removed it." % name
            )
        yield document
        left = None if limit is None else limit - (time.monotonic() - began)
        if left is not None and left <= 0:
            return
        time.sleep(pause if left is None else min(pause, left))
        pause = min(pause * 1.5, 1.0)


def _retries(document: Dict[str, Any]) -> int:
    """How many checks in a row have to fail before a container is unhealthy; the engine's default is 3."""
    return int((document["Config"].get("Healthcheck") or {}).get("Retries") or 3)


def _fail_unless_up(engine: Engine, document: Dict[str, Any], name: str) -> None:
    state = document["State"]
    if not state["Running"]:
        raise Failure(_ended(engine, document, name, "it is %s" % state["Status"]))


def _ended(engine: Engine, document: Dict[str, Any], name: str, what: str, code: bool = True) -> str:
    """``code``: its exit code is known; the engine forgets it when it starts a container again."""
    state = document["State"]
    text = "The container %s does not stay up: %s" % (name, what)
    if code:
        text += ", with exit code %s" % state.get("ExitCode")
    if state.get("Error"):
        text += " (%s)" % state["Error"]
    lines = last_lines(engine, document["Id"], bool(document["Config"].get("Tty")))
    return text + (". Its last lines: %s" % lines if lines else ". It wrote nothing.")


def _last_check(engine: Engine, document: Dict[str, Any]) -> str:
    checks = (document["State"].get("Health") or {}).get("Log") or []
    text = "No check has ended yet."
    if checks:
        said = str(checks[-1].get("Output", "")).strip()
        text = "Its last check ended with %s: %s." % (checks[-1].get("ExitCode"), said or "(no output)")
    lines = last_lines(engine, document["Id"], bool(document["Config"].get("Tty")))
    return text + (" Its last lines: %s" % lines if lines else "")
