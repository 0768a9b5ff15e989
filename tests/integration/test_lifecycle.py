# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook of a container's life, and the demo that plays it, as a person runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def everything(client: Any) -> dict[str, list[str]]:
    """All objects of the engine by their ids or names."""
    return {
        "containers": sorted(found["Id"] for found in client.containers(all=True)),
        "networks": sorted(found["Id"] for found in client.networks()),
        "volumes": sorted(found["Name"] for found in client.volumes()["Volumes"] or []),
        "images": sorted(found["Id"] for found in client.images(all=True)),
    }


TABLE = (
    "Import an archive as an image                  change     changed    unchanged  import wharf-demo/base:latest",
    "update wharf-demo-web: memory 64m → 128m",
    "recreate wharf-demo-web: env GREETING",
    "the old container is back and serves the page",
    "changed: /tmp/started",
    "pause wharf-demo-web: state running → paused",
)


def demo(engine: Any, url: str) -> subprocess.CompletedProcess[str]:
    """Run the demo as ``make demo`` does, beside an engine that is at ``url``."""
    return subprocess.run(
        engine.enter([sys.executable, str(ROOT / "tools" / "demo.py")]),
        env={**os.environ, "DOCKER_HOST": url},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_demo_on_an_engine_that_was_there(engine: Any, client: Any, image: str) -> None:
    """Twice in a row; what is foreign survives, and nothing of the demo stays."""
    foreign = client.create_container(image, ["true"], name="foreign-container", volumes=["/data"])["Id"]
    client.start(foreign)
    client.wait(foreign)
    client.create_network("foreign-network")
    client.create_volume("foreign-volume")
    before = everything(client)
    for _time in range(2):
        done = demo(engine, engine.url)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Found an engine at %s" % engine.url in done.stdout
        assert [line for line in TABLE if line not in done.stdout] == []
        assert everything(client) == before


def test_demo_leaves_a_foreign_object_of_its_name_alone(engine: Any, client: Any, image: str) -> None:
    found = client.create_container(image, ["true"], name="wharf-demo-web")["Id"]
    done = demo(engine, engine.url)
    assert done.returncode != 0
    assert "without its label" in done.stderr
    assert client.inspect_container("wharf-demo-web")["Id"] == found


def test_demo_without_an_engine(engine: Any) -> None:
    """It says so, and starts one of its own."""
    done = demo(engine, "unix:///nonexistent/docker.sock")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing answers at unix:///nonexistent/docker.sock" in done.stdout
    assert "A replacement that fails" in done.stdout
