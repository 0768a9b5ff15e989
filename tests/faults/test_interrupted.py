# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A replacement that is interrupted by a signal or by the task's time limit, in both executions.

It is undone, and never continues after its task has failed or ended.
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

import cores
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# "make matrix" runs this with each release of ansible-core.
CORE = os.environ.get("CORES")
PROGRAMS = cores.programs(CORE) if CORE else Path(sys.executable).parent
PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: replaced
      wharf.docker.container_run:
        name: "{{ item }}"
        image: "{{ image }}"
        docker_host: "{{ docker_host }}"
        command: sleep 1000
        stop_signal: KILL
        restart_policy: always
        env: {N: "2"}
        # It does not become healthy, so that the replacement waits in its middle.
        healthcheck: {test: ["CMD", "false"], interval: 1s, retries: 1000}
        state: healthy
      loop: "{{ names }}"
      timeout: %d
"""
SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL", "restart_policy": "always"}
LIMIT, SECONDS = 90, 6
RESTORED = "The old container %s is back under its name and running; the new one is removed."
UNDONE = [{"": "running"}] * 2


def standing(client: Any, name: str) -> dict[str, str]:
    """Suffix → state: the container of this name, and other containers of its replacement."""
    found = client.containers(all=True, filters={"name": "^/%s([.]wharf-.*)?$" % name})
    return {one["Names"][0][1 + len(name) :]: one["State"] for one in found}


def until_it_waits(client: Any, name: str) -> None:
    limit = time.monotonic() + LIMIT
    while standing(client, name).get(".wharf-new") != "running":
        assert time.monotonic() < limit, "the replacement does not get to its middle: %s" % standing(client, name)
        time.sleep(0.05)


def interrupt(process: subprocess.Popen[bytes], what: str) -> None:
    """Send a signal to all processes of the group, as a terminal or a service manager does, or ("SIGINT alone") only to
    Ansible's first process, whose workers are then left behind.
    """
    name, _space, alone = what.partition(" ")
    (os.kill if alone else os.killpg)(process.pid, getattr(signal, name))


@pytest.mark.parametrize("execution", ("direct", "module"))
@pytest.mark.parametrize(
    "what", ("SIGINT", "SIGINT alone", "SIGTERM", "SIGTERM alone", "SIGHUP", "SIGHUP alone", "SIGKILL alone", "timeout")
)
def test_interrupted(
    execution: str, what: str, engine: Any, client: Any, run: Any, image: str, name: str, tmp_path: Path
) -> None:
    names = [name, name + "-next"]
    spec = {"docker_host": engine.url, "image": image, **SLEEP, "env": {"N": "1"}}
    old = [run("container_run", name=one, **spec)["container"]["Id"] for one in names]
    playbook, variables = tmp_path / "playbook.yml", tmp_path / "variables.json"
    playbook.write_text(PLAYBOOK % (SECONDS if what == "timeout" else 0), encoding="utf-8")
    variables.write_text(json.dumps({"names": names, "image": image, "docker_host": engine.url}), encoding="utf-8")
    process = subprocess.Popen(
        [str(PROGRAMS / "ansible-playbook"), "-i", "localhost,", "-c", "local", "-e", "@%s" % variables, str(playbook)],
        env={
            **{key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")},
            "ANSIBLE_HOME": str(tmp_path / "home"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
            "ANSIBLE_PYTHON_INTERPRETER": str(PROGRAMS / "python"),
            "WHARF_DOCKER_EXECUTION": execution,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        # A shell's background job ignores SIGINT, and so would all of its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        until_it_waits(client, name)
        if what != "timeout":
            interrupt(process, what)
        output = process.communicate(timeout=LIMIT)[0].decode(errors="replace")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    assert process.returncode != 0, output
    if what == "timeout":
        # The output says how each replacement ended, and by now it has ended.
        told = "Timed out after %d seconds, the time limit (timeout) of the task. %s" % (SECONDS, RESTORED)
        assert all('"msg": "%s"' % (told % one) in output for one in names), output
    limit = time.monotonic() + (0 if what == "timeout" else 10)
    while [standing(client, one) for one in names] != UNDONE:
        assert time.monotonic() < limit, (client.containers(all=True, filters={"name": name}), output)
        time.sleep(0.1)
    # Nothing is at work any more, not even on the next container.
    time.sleep(1)
    found = [client.inspect_container(one) for one in names]
    assert [standing(client, one) for one in names] == UNDONE
    assert [one["Id"] for one in found] == old
    assert {one["HostConfig"]["RestartPolicy"]["Name"] for one in found} == {"always"}
    for one in names:
        run("container_run", name=one, **spec, expect="ok")
