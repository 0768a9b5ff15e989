# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module execution with the SDK of distributions, with one that is too old, and without any."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.one_engine("it is about Python packages of a host")

SLEEP = {"command": ["sleep", "1000"], "stop_signal": "KILL"}


def interpreter(directory: Path, *packages: str) -> str:
    """A Python in a new environment with just these packages."""
    venv.create(directory, with_pip=False, symlinks=True)
    python = str(directory / "bin" / "python")
    if packages:
        site = subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-warn-conflicts", "--target", site, *packages],
            check=True,
        )
    return python


@pytest.fixture(scope="session")
def oldest(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The SDK of Debian 12 and Ubuntu 24.04, with a matching release of requests."""
    return interpreter(tmp_path_factory.mktemp("oldest"), "docker==5.0.3", "requests==2.28.1", "urllib3==1.26.12")


def test_the_oldest_sdk(oldest: str, ansible_module: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, **SLEEP, "memory": "64m", "python": oldest}
    foreseen = ansible_module("container_run", check=True, diff=True, expect="changed", **spec)
    done = ansible_module("container_run", diff=True, expect="changed", **spec)
    assert (done["actions"], done["diff"]) == (foreseen["actions"], foreseen["diff"])
    ansible_module("container_run", expect="ok", **spec)
    ansible_module("container_run", expect="changed", **{**spec, "memory": "128m"})
    ansible_module("container_run", expect="changed", **{**spec, "memory": "128m", "env": {"A": "1"}})
    once = {"name": name + "-once", "image": image, "detach": False, "command": "echo Hello", "python": oldest}
    assert ansible_module("container_run", expect="changed", **once)["stdout"] == "Hello\n"


def test_no_sdk(tmp_path: Path, ansible_module: Any, name: str) -> None:
    python = interpreter(tmp_path / "none")
    result = ansible_module("container_run", expect="failed", name=name, state="absent", python=python)
    assert "The Docker SDK for Python, version 5.0.3 or newer, is needed on this host" in result["msg"]
    assert "%s -m pip install docker" % python in result["msg"]


def test_an_sdk_that_is_too_old(tmp_path: Path, ansible_module: Any, name: str) -> None:
    python = interpreter(tmp_path / "old", "docker==4.4.4", "requests==2.28.1", "urllib3==1.26.12")
    result = ansible_module("container_run", expect="failed", name=name, state="absent", python=python)
    assert "Version 4.4.4 of the Docker SDK for Python is too old" in result["msg"]


def test_module_and_process_give_the_same(ansible_module: Any, run: Any, image: str, name: str) -> None:
    """The same tasks in module execution and in this process: results are the same, key by key."""
    steps: list[dict[str, Any]] = [
        {"image": image, **SLEEP},
        {"image": image, **SLEEP},
        {"image": image, **SLEEP, "memory": "64m"},
        {"image": image, **SLEEP, "memory": "64m", "env": {"A": "1"}},
        {"image": image, **SLEEP, "memory": "64m", "env": {"A": 1}},
        {"image": image, **SLEEP, "published_ports": ["80:80:80:80"]},
        {"state": "stopped"},
        {"state": "absent"},
    ]
    for step in steps:
        one = run("container_run", expect="any", name=name + "-1", **step)
        other = ansible_module("container_run", diff=True, expect="any", name=name + "-1x", **step)
        assert sorted(one) == sorted(set(other) | ({"exception"} & set(one)))
        for key in ("changed", "failed", "msg", "actions", "diff", "rc", "stdout", "stderr"):
            first = str(one.get(key)).replace(name + "-1", "NAME")
            second = str(other.get(key)).replace(name + "-1x", "NAME")
            assert first == second, key
