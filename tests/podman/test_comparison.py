# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The comparison table of README.md: its claims about containers.podman, tested with the Podman of these tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import comparison
import docker.errors
import peer


def test_what_a_task_does(
    engine: Any, image: str, name: str, client: Any, play: Callable[..., Any], tmp_path: Path
) -> None:
    program = tmp_path / "podman"
    program.write_text(
        '#!/bin/sh\nunset DOCKER_CONFIG\nexec podman --remote --url %s "$@"\n' % engine.url, encoding="utf-8"
    )
    program.chmod(0o755)

    def look() -> dict[str, Any] | None:
        try:
            return dict(client.inspect_container(name))
        except docker.errors.NotFound:
            return None

    options = {"name": name, "image": image, "command": "'sleep 1000'", "stop_timeout": "1", "executable": str(program)}
    found = comparison.tried(
        "containers.podman.podman_container",
        options,
        lambda argv: play(argv, ANSIBLE_COLLECTIONS_PATH=str(peer.collections())),
        look,
    )
    assert {line: comparison.CLAIMS[line]["containers.podman"] for line in found} == found
