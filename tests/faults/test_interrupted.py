# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A replacement that is interrupted by a signal or by the task's time limit, through both ways of execution.

Either it is undone, or it is left to the next run, and the task says so. It never goes on after its task has failed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from leftovers import standing

ROOT = Path(__file__).resolve().parent.parent.parent
PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: replaced
      wharf.docker.container_run: "{{ spec }}"
      timeout: %d
"""
SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL", "restart_policy": "always"}
# It does not become healthy, so that the replacement waits in its middle.
WAITS = {
    "env": {"N": "2"},
    "healthcheck": {"test": ["CMD", "false"], "interval": "1s", "retries": 1000},
    "state": "healthy",
}
LIMIT = 90


def until_it_waits(client: Any, name: str) -> None:
    limit = time.monotonic() + LIMIT
    while standing(client, name).get(".wharf-new") != "running":
        assert time.monotonic() < limit, "the replacement does not get to its middle: %s" % standing(client, name)
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("face", "what"), [("direct", "SIGTERM"), ("direct", "timeout"), ("module", "SIGINT"), ("module", "SIGTERM")]
)
def test_interrupted(
    face: str, what: str, engine: Any, client: Any, run: Any, image: str, name: str, tmp_path: Path
) -> None:
    spec = {"docker_host": engine.url, "name": name, "image": image, **SLEEP}
    old = run("container_run", **spec, env={"N": "1"})["container"]["Id"]
    playbook, variables = tmp_path / "playbook.yml", tmp_path / "variables.json"
    playbook.write_text(PLAYBOOK % (4 if what == "timeout" else 0), encoding="utf-8")
    variables.write_text(json.dumps({"spec": {**spec, **WAITS}}), encoding="utf-8")
    argv = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", "-c", "local"]
    process = subprocess.Popen(
        [*argv, "-e", "@%s" % variables, str(playbook)],
        env={
            **{key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")},
            "ANSIBLE_HOME": str(tmp_path / "home"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "WHARF_DOCKER_EXECUTION": face,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        until_it_waits(client, name)
        if what != "timeout":
            # As a terminal does it, or a service manager: all processes of the group get it.
            os.killpg(process.pid, getattr(signal, what))
        output = process.communicate(timeout=LIMIT)[0].decode(errors="replace")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert process.returncode != 0, output
    # A process of the task that outlives ansible-playbook is still to end.
    limit = time.monotonic() + 10
    while (left := standing(client, name)) != {"": "running"} and time.monotonic() < limit:
        time.sleep(0.1)
    found = client.inspect_container(name) if "" in left else None
    undone = left == {"": "running"} and found is not None and found["Id"] == old
    if undone:
        assert found["HostConfig"]["RestartPolicy"]["Name"] == "always"
    else:
        assert name + ".wharf-" in output, "%s is left, and nothing says so:\n%s" % (left, output)
        assert set(left) <= {".wharf-old", ".wharf-new"}, left
    # The next run finds what it needs, and nothing else is at work any more.
    run("container_run", expect=None, **spec, env={"N": "1"})
    time.sleep(1)
    assert standing(client, name) == {"": "running"}
    assert client.inspect_container(name)["Id"] == old
