# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The private engine of these tests: it is private, and nothing of it is left, however its owner ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import private_engine
import pytest

pytestmark = pytest.mark.one_engine("it is about the private engine itself, and starts many")

TOOL = Path(private_engine.__file__)
DEFAULT_SOCKETS = ("/run/docker.sock", "/var/run/docker.sock")


def test_it_is_private(engine: Any, client: Any) -> None:
    assert engine.url == "unix://%s" % (engine.directory / "s.sock")
    assert (engine.directory / "s.sock").is_socket()
    assert not any(engine.url.endswith(path) for path in DEFAULT_SOCKETS)
    for namespace in ("net", "mnt"):
        assert os.readlink("/proc/%d/ns/%s" % (engine.pid, namespace)) != os.readlink("/proc/self/ns/" + namespace)
    info = client.info()
    assert info["DockerRootDir"].startswith(str(engine.directory))
    assert str(engine.directory) not in Path("/proc/self/mountinfo").read_text()


def test_its_containerd_is_its_own(engine: Any) -> None:
    found = [
        (entry / "cmdline").read_bytes()
        for entry in Path("/proc").glob("[0-9]*")
        if re.search(r"^Name:\tcontainerd$(?s:.*)^PPid:\t%d$" % engine.pid, status(entry), re.MULTILINE)
    ]
    assert len(found) == 1
    assert os.fsencode(engine.directory) in found[0]


def test_it_is_the_one_that_was_asked_for(engine: Any, client: Any) -> None:
    version, info = client.version(), client.info()
    if engine.version != private_engine.INSTALLED:
        assert version["Version"].startswith(engine.version + ".")
    containerd_store = "io.containerd.snapshotter" in json.dumps(info["DriverStatus"])
    assert containerd_store == (engine.store == "containerd")
    if not containerd_store:
        assert info["Driver"] == "overlay2"


def test_no_test_means_the_default_engine() -> None:
    assert not Path(os.environ["DOCKER_HOST"].removeprefix("unix://")).exists()


def test_the_image(client: Any, image: str) -> None:
    config = client.inspect_image(image)["Config"]
    assert config["Cmd"] == ["sh"]


def test_a_published_port_is_in_the_namespace(engine: Any, client: Any, image: str, name: str) -> None:
    config = client.create_host_config(port_bindings={80: 18980})
    client.create_container(image, ["httpd", "-f", "-h", "/var/www"], name=name, ports=[80], host_config=config)
    client.start(name)
    code = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:18980/', timeout=10).read().decode())"
    done = subprocess.run(engine.enter([sys.executable, "-c", code]), stdout=subprocess.PIPE, check=True, timeout=60)
    assert done.stdout.decode().strip() == "It works"
    with pytest.raises(OSError):
        urllib.request.urlopen("http://127.0.0.1:18980/", timeout=10)


def test_a_container_gets_files_of_a_test(client: Any, image: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "word").write_text("hello")
    config = client.create_host_config(binds=["%s:/given" % tmp_path], init=True)
    client.create_container(
        image, ["sh", "-c", "cat /given/word; echo bye > /given/answer"], name=name, host_config=config
    )
    client.start(name)
    assert client.wait(name)["StatusCode"] == 0
    assert client.logs(name) == b"hello"
    assert (tmp_path / "answer").read_text() == "bye\n"


def test_the_registry(client: Any, image: str, registry: str, name: str) -> None:
    reference = "%s/%s" % (registry, name)
    client.tag(image, reference, "1")
    pushed = [json.loads(line) for line in client.push(reference, tag="1").splitlines()]
    assert not [line for line in pushed if "error" in line]
    client.remove_image(reference + ":1")
    client.pull(reference, tag="1")
    assert client.inspect_image(reference + ":1")["RepoTags"]


# One test leaves objects, and the next one must not see them.
def test_left_behind(client: Any, image: str) -> None:
    client.create_network("left-behind")
    client.create_volume("left-behind")
    client.tag(image, "left-behind", "1")
    client.create_container(image, ["sleep", "1000"], name="left-behind")
    client.start("left-behind")
    client.pause("left-behind")


def test_nothing_is_left_behind(client: Any, image: str) -> None:
    left = [client.containers(all=True), client.networks(), client.volumes(), client.images()]
    assert "left-behind" not in json.dumps(left)
    assert client.inspect_image(image)


def test_both_ways_to_run_a_task_agree(
    run: Callable[..., Any], ansible: Callable[..., Any], client: Any, image: str, name: str
) -> None:
    spec = {"name": name, "image": image, "command": ["sleep", "1000"], "stop_signal": "KILL"}
    foreseen = run("container_run", check=True, expect="changed", **spec)
    assert ansible("container_run", check=True, diff=True, expect="changed", **spec) == foreseen
    assert client.containers(all=True, filters={"name": name}) == []
    ansible("container_run", expect="changed", **spec)
    here = run("container_run", expect="ok", **spec)
    assert ansible("container_run", diff=True, expect="ok", **spec) == here
    here = run("container_run", expect="failed", **{**spec, "image": "no/such:image", "pull": "never"})
    there = ansible("container_run", diff=True, expect="failed", **{**spec, "image": "no/such:image", "pull": "never"})
    assert there == here


def test_a_playbook(playbook: Callable[..., Any], engine: Any, name: str) -> None:
    played = playbook(
        """
        - hosts: localhost
          gather_facts: false
          tasks:
            - name: Seen
              ansible.builtin.debug:
                msg: "{{ docker_host }} {{ word }}"
            - name: Nothing there
              wharf.docker.container_run:
                name: nobody-here
                state: absent
              register: nothing
        """,
        word=name,
    )
    assert played.result("Seen")["msg"] == "%s %s" % (engine.url, name)
    assert played.result("Nothing there")["changed"] is False
    assert played.stats["localhost"]["ok"] == 2
    assert playbook("- hosts: localhost\n  tasks:\n    - fail:\n", expect="failed").stats["localhost"]["failures"] == 1


# --- nothing is left ---


# Run by the owner of an engine: it starts a container with restart policy "always", and writes ids to a file.
COMMAND = """
import os, sys, time, docker
archive, told, end = sys.argv[1:]
client = docker.APIClient(base_url=os.environ["DOCKER_HOST"], version="auto")
client.import_image(archive, repository="base", tag="latest")
config = client.create_host_config(restart_policy={"Name": "always"})
client.create_container("base", ["sleep", "1000"], name="web", host_config=config)
client.start("web")
pid = client.inspect_container("web")["State"]["Pid"]
with open(told + ".new", "w") as file:
    file.write("%d %d %s" % (os.getpid(), pid, os.environ["DOCKER_HOST"]))
os.rename(told + ".new", told)
if end == "exit":
    sys.exit(3)
time.sleep(1000)
"""


@pytest.mark.parametrize("end", ["exit", "SIGINT", "SIGTERM", "SIGKILL"])
def test_nothing_stays(end: str, engine: Any, rootfs_tar: Path, tmp_path: Path) -> None:
    """The owner ends by itself, by Ctrl-C, by kill, or without a chance to react; a container is running."""
    told = tmp_path / "told"
    options = ["--version", engine.version, "--store", engine.store]
    command_line = [sys.executable, "-c", COMMAND, str(rootfs_tar), str(told), end]
    owner = subprocess.Popen(
        [sys.executable, str(TOOL), "run", *options, "--", *command_line],
        # A shell makes its background processes ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        wait_until(told.exists, 60)
        command, container, url = told.read_text().split()
        directory = Path(url.removeprefix("unix://")).parent
        if end != "exit":
            assert Path("/proc/" + container).exists()
            assert inhabitants(directory)
            owner.send_signal(getattr(signal, end))
        code = owner.wait(60)
    finally:
        owner.kill()
        owner.wait()
    assert code == {"exit": 3, "SIGINT": 130, "SIGTERM": 143, "SIGKILL": -9}[end]
    wait_until(lambda: not directory.exists(), 30)
    wait_until(lambda: not inhabitants(directory), 10)
    wait_until(lambda: not Path("/proc/" + command).exists(), 10)
    assert not Path("/proc/" + container).exists()
    assert not list(Path("/sys/fs/cgroup").glob("wharf-%s-*" % directory.name))
    assert not list(Path("/sys/fs/cgroup").glob("*/wharf-%s-*" % directory.name))
    assert str(directory) not in Path("/proc/self/mountinfo").read_text()


def test_a_killed_keeper_takes_the_engine_along(engine: Any) -> None:
    other = private_engine.start(version=engine.version, store=engine.store)
    try:
        other.keeper.kill()
        wait_until(lambda: not Path("/proc/%d" % other.pid).exists(), 30)
        wait_until(lambda: not inhabitants(other.directory), 10)
    finally:
        private_engine.stop(other)
        shutil.rmtree(other.directory)


def test_why_it_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(private_engine.EngineError, match=r"no engine '9\.9'"):
        private_engine.start(version="9.9")
    with pytest.raises(private_engine.EngineError, match="too long"):
        private_engine.start(tmp_path / ("x" * 100))
    if os.environ.get("ENGINE", private_engine.INSTALLED) == private_engine.INSTALLED:
        directory = tmp_path / "engine"
        directory.mkdir()
        (directory / "data").write_text("a file in the way")
        with pytest.raises(private_engine.EngineError, match=r"(?s)ended at its start.*Its log ends"):
            private_engine.start(directory)
        assert not directory.exists()


def wait_until(true: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "it did not come true within %d seconds" % seconds
        time.sleep(0.05)


def status(entry: Path) -> str:
    """The kernel's status of a process; empty if it has ended."""
    try:
        return (entry / "status").read_text()
    except OSError:
        return ""


def inhabitants(directory: Path) -> list[str]:
    """Command lines of other processes that name the directory or have something below it mounted."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line, mounts = (entry / "cmdline").read_bytes(), (entry / "mountinfo").read_bytes()
            except OSError:
                continue
            if re.search(re.escape(os.fsencode(directory)) + rb"(?![\w-])", line + mounts):
                found.append(line.replace(b"\0", b" ").decode(errors="replace"))
    return found
