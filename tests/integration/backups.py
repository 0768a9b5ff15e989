# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the role backup share: plays that run it, and what is in its directories."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import yaml

ROLE = Path(__file__).resolve().parents[2] / "roles" / "backup"
PLAY = """---
- name: Back up
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Role
      ansible.builtin.include_role:
        name: wharf.docker.backup
    - name: Result
      ansible.builtin.debug:
        var: backup_result
"""
DATED = re.compile(r"-\d{8}T\d{6}Z\.tar(\.gz|\.xz|\.zst)?")


def plays(*steps: dict[str, Any] | str) -> str:
    """One play with several steps: the role with variables, or a command in a container ("web: echo 1 > /note").

    The result of step 2 is that of the task "Result 2"; a role that fails does not end the play.
    """
    tasks: list[dict[str, Any]] = []
    for number, step in enumerate(steps):
        if isinstance(step, str):
            container, _colon, command = step.partition(": ")
            arguments = {"container": container, "argv": ["sh", "-c", command]}
            tasks.append({"name": "Command %d" % number, "wharf.docker.container_exec": arguments})
            continue
        role = {"name": "Role", "ansible.builtin.include_role": {"name": "wharf.docker.backup"}, "vars": step}
        shown = {"name": "Result %d" % number, "ansible.builtin.debug": {"var": "backup_result"}}
        told = {"name": "Failed %d" % number, "ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}}
        tasks.append({"name": "Step", "block": [role], "rescue": [told], "always": [shown]})
    return "---\n" + yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}])


def note(path: Path) -> str:
    """The content of the file "note" in an archive, of a container or a volume."""
    with tarfile.open(path) as archive:
        [name] = [name for name in archive.getnames() if name in ("note", "./note")]
        file = archive.extractfile(name)
        assert file is not None
        return file.read().decode().strip()


def dated(directory: Path) -> list[Path]:
    """The dated archives in the directory of a container or volume, the oldest first."""
    found = [
        path for path in directory.glob(directory.name + "-*") if DATED.fullmatch(path.name[len(directory.name) :])
    ]
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def tree(directory: Path) -> dict[str, Any]:
    """Everything below a directory: modes, times (not of directories: temporary files change these) and content."""
    if not directory.exists():
        return {}
    return {
        str(path.relative_to(directory)): (
            os.lstat(path).st_mode,
            os.lstat(path).st_mtime_ns if not path.is_dir() else 0,
            os.lstat(path).st_ino,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in [directory, *sorted(directory.rglob("*"))]
    }


def changes(played: Any) -> int:
    return int(played.stats["localhost"]["changed"])


def result(played: Any, kind: str = "containers", task: str = "Result") -> dict[str, Any]:
    return dict(played.result(task)["backup_result"][kind])


def failure(played: Any) -> str:
    found = [entry["result"].get("msg", "") for entry in played.results if entry["status"] == "failed"]
    assert found, played.output
    return str(found[-1])


def checked(directory: Path) -> None:
    """Assert that there is a checksum for each dated archive, and that sha256sum confirms it."""
    names = [path.name + ".sha256" for path in dated(directory)]
    done = subprocess.run(["sha256sum", "-c", *names], cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.count(": OK\n") == len(names) > 0, done.stdout + done.stderr
