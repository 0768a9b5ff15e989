# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main flow of each module on Podman: check mode, done, and done again."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# The default ulimits of this Podman differ from those of other installations: see tools/private_podman.py.
ULIMITS = ["nofile:100:200", "nproc:1000:2000"]
SLEEP = ["sh", "-c", "trap 'exit 0' TERM; echo up; while :; do sleep 0.1; done"]


@pytest.fixture
def does(run: Any) -> Callable[..., dict[str, Any]]:
    """``does(module, **arguments)``: make a change that check mode predicts, and that a second run does not repeat."""

    def flow(module: str, again: str = "ok", **arguments: Any) -> dict[str, Any]:
        foreseen = run(module, check=True, expect="changed", **arguments)
        done = run(module, expect="changed", **arguments)
        assert done["actions"] == foreseen["actions"]
        assert done["diff"] == foreseen["diff"]
        assert bool(run(module, check=True, expect=again, **arguments)["actions"]) is (again == "changed")
        assert bool(run(module, expect=again, **arguments)["actions"]) is (again == "changed")
        return dict(done)

    return flow


@pytest.fixture
def web(run: Any, image: str, name: str) -> str:
    """The name of a running container, which has written a line, and exits on SIGTERM."""
    run("container_run", name=name, image=image, command=SLEEP, ulimits=ULIMITS)
    run("container_logs", name=name, wait_for="up", wait_timeout=20)
    return name


def states(client: Any, name: str) -> str:
    return str(client.inspect_container(name)["State"]["Status"])


def test_container_run(does: Any, run: Any, client: Any, image: str, name: str, checked: Any) -> None:
    """Many options of a container, each kind of comparison, and all changes from the first run to the removal."""
    run("network", name=name, ipam_config=[{"subnet": "10.77.0.0/24"}])
    spec: dict[str, Any] = {
        "name": name,
        "image": image,
        "command": SLEEP,
        "hostname": "web",
        "env": {"A": "1", "TERM": "dumb"},
        "labels": {"app": "web"},
        "ports": ["127.0.0.1:18080:80", "18081:81", "82"],
        "volumes": [name + "-data:/data", "/etc:/host:ro", "/anonymous", "/tmp:/shared:rprivate,z"],
        "mounts": [
            {"target": "/more", "source": name + "-more", "read_only": True},
            {"target": "/usr", "source": "/usr", "type": "bind", "propagation": "rslave"},
            {"target": "/fast", "type": "tmpfs", "tmpfs_size": "1m", "tmpfs_mode": "0700"},
        ],
        "tmpfs": ["/run:size=1m", "/plain"],
        "memory": "64m",
        "cpus": 0.5,
        "restart_policy": "unless-stopped",
        "ulimits": ULIMITS,
        "networks": [{"name": name, "ipv4_address": "10.77.0.7", "aliases": ["www"]}, {"name": "bridge"}],
        "healthcheck": {"test": "true", "interval": "1s", "timeout": "2s", "retries": 5},
        "stop_timeout": 5,
        "sysctls": {"net.ipv4.ip_forward": 0},
        "cap_drop": ["ALL"],
        "capabilities": ["NET_BIND_SERVICE", "SYS_TIME"],
        "security_opts": ["no-new-privileges"],
        "user": "0:0",
        "working_dir": "/tmp/",
        "devices": ["/dev/null:/dev/one:r"],
        "dns_servers": ["10.77.0.1"],
        "etc_hosts": {"db": "10.77.0.8"},
        "init": True,
        "oom_score_adj": 100,
        "shm_size": "1m",
        "network_mode": name,
    }
    with checked(name):
        does("container_run", **spec, state="healthy")
    run("container_run", expect="ok", **spec, comparisons={"*": "strict"})
    first = client.inspect_container(name)
    networks = first["NetworkSettings"]["Networks"]
    assert (set(networks), networks[name]["IPAddress"]) == ({name, "podman"}, "10.77.0.7")
    assert {volume["Name"] for volume in client.volumes()["Volumes"]} >= {name + "-data", name + "-more"}

    # A limit that other engines change live needs a new container here, which can be undone.
    spec["memory"] = "96m"
    with checked(name + ".wharf-new"):
        changed = does("container_run", **spec)
    assert changed["actions"] == ["recreate %s: memory 64m → 96m" % name]
    second = client.inspect_container(name)
    assert second["Id"] != first["Id"]
    assert {mount["Name"] for mount in second["Mounts"] if mount["Destination"] == "/anonymous"} == {
        mount["Name"] for mount in first["Mounts"] if mount["Destination"] == "/anonymous"
    }
    failed = run("container_run", expect="failed", **{**spec, "command": ["false"], "healthcheck": {"test": ["NONE"]}})
    assert "The old container %s is back under its name and running" % name in failed["msg"]
    assert (client.inspect_container(name)["Id"], states(client, name)) == (second["Id"], "running")
    run("container_run", expect="ok", **spec)
    does("container_run", name=name, state="stopped")
    run("container_run", expect="ok", **{**spec, "state": "present"})
    does("container_run", name=name, state="absent")
    assert client.containers(all=True) == []


def test_a_command_to_its_end(run: Any, client: Any, image: str, name: str) -> None:
    spec = {"name": name, "image": image, "detach": False, "cleanup": True}
    done = run("container_run", **spec, command=["echo", "hello"])
    assert (done["rc"], done["stdout"]) == (0, "hello\n")
    failed = run("container_run", expect="failed", **spec, command=["sh", "-c", "echo why >&2; exit 3"])
    assert (failed["rc"], failed["stderr"]) == (3, "why\n")
    assert client.containers(all=True) == []


def test_networks_of_a_container_that_runs(does: Any, run: Any, client: Any, web: str, image: str) -> None:
    for number in (1, 2):
        run("network", name="%s-%d" % (web, number), ipam_config=[{"subnet": "10.77.%d.0/24" % number}])
    before = client.inspect_container(web)["Id"]
    spec: dict[str, Any] = {"name": web, "image": image, "command": SLEEP, "comparisons": {"networks": "strict"}}
    both = [
        {"name": "bridge"},
        {"name": web + "-1", "ipv4_address": "10.77.1.9", "aliases": ["a"]},
        {"name": web + "-2"},
    ]
    assert does("container_run", **spec, networks=both)["actions"][0].startswith("connect " + web)
    assert does("container_run", **spec, networks=both[:2])["actions"][0].startswith("disconnect " + web)
    both[1]["ipv4_address"] = "10.77.1.10"
    does("container_run", **spec, networks=both[:2])
    found = client.inspect_container(web)
    assert (found["Id"], found["NetworkSettings"]["Networks"][web + "-1"]["IPAddress"]) == (before, "10.77.1.10")
    # The default network has two names and an id.
    for word in ("bridge", "podman", client.inspect_network("bridge")["Id"][:12]):
        run("container_run", expect="ok", name=web, networks=[{"name": word}])
    does("container_run", name=web, state="absent")


def test_an_old_container_comes_back(does: Any, run: Any, client: Any, web: str, image: str) -> None:
    first = client.inspect_container(web)["Id"]
    spec = {"name": web, "image": image, "command": SLEEP, "restart_policy": "always", "ulimits": ULIMITS}
    does("container_run", **spec, keep_previous=1)
    back = run("container_state", expect="changed", name=web, state="rolled_back")
    assert back["changed"]
    assert (client.inspect_container(web)["Id"], states(client, web)) == (first, "running")


def test_an_undo_beside_a_crash_loop(run: Any, client: Any, image: str, name: str) -> None:
    """Podman restarts the new container over and over; it has to free the fixed address for the old one."""
    run("network", name=name, ipam_config=[{"subnet": "10.78.0.0/24"}])
    spec: dict[str, Any] = {
        "name": name,
        "image": image,
        "ulimits": ULIMITS,
        "restart_policy": "unless-stopped",
        "networks": [{"name": name, "ipv4_address": "10.78.0.7"}],
    }
    run("container_run", command=SLEEP, **spec)
    old = client.inspect_container(name)["Id"]
    for _round in range(3):
        failed = run("container_run", expect="failed", command=["false"], **spec)
        assert "The old container %s is back under its name and running" % name in failed["msg"]
        assert client.inspect_container(name)["Id"] == old
        assert states(client, name) == "running"
    run("container_state", name=name, state="absent")


def test_container_state(does: Any, run: Any, client: Any, web: str, image: str, checked: Any) -> None:
    def state(wanted: str, now: str, again: str = "ok", **options: Any) -> None:
        does("container_state", again, name=web, state=wanted, **options)
        assert states(client, web) == now

    state("paused", "paused")
    state("unpaused", "running")
    state("restarted", "running", "changed")
    run("container_state", name=web, state="paused")
    state("stopped", "exited")
    state("started", "running")
    state("killed", "running", "changed", signal="USR1")
    state("killed", "exited")
    assert run("container_state", expect="ok", name=web, state="exited")["exit_codes"] == {web: 137}
    run("container_state", expect="changed", name=web, new_name=web + "-2")
    assert run("container_state", expect="changed", name=web + "-2", state="absent")
    run("container_state", expect="ok", name=web + "-2", state="absent")
    failed = run("container_state", expect="failed", name=web, state="started")
    assert "no container %s" % web in failed["msg"]

    run("container_run", name=web, image=image, command=SLEEP, healthcheck={"test": "true"}, ulimits=ULIMITS)
    with checked(web):
        run("container_state", expect="ok", name=web, state="healthy")
    run("container_run", name=web + "-none", image=image, command=SLEEP)
    failed = run("container_state", expect="failed", name=web + "-none", state="healthy")
    assert "has no health check" in failed["msg"]


def test_container_info(run: Any, web: str) -> None:
    found = run("container_info", name=web, stats=True, processes=True, changes=True)["container"]
    assert (found["Name"], found["State"]["Status"]) == ("/" + web, "running")
    assert "Health" not in found["State"]
    assert {limit["Name"] for limit in found["HostConfig"]["Ulimits"]} == {"nofile", "nproc"}
    assert run("container_info", name=web + "-none")["container"] is None
    assert [one["Name"] for one in run("container_info", filters={"status": "running"})["containers"]] == ["/" + web]


def test_container_logs(run: Any, web: str) -> None:
    assert run("container_logs", name=web)["stdout"] == "up\n"
    assert run("container_logs", name=web, tail=0)["stdout"] == ""
    stamped = run("container_logs", name=web, timestamps=True)["stdout"].rstrip("\n")
    assert stamped.endswith(" up")
    failed = run("container_logs", expect="failed", name=web, wait_for="never", wait_timeout=1)
    assert "1 second" in failed["msg"]


def test_container_logs_to_a_file(run: Any, web: str, tmp_path: Path) -> None:
    dest = tmp_path / "web.log"
    foreseen = run("container_logs", check=True, expect="changed", name=web, dest=str(dest))
    assert not dest.exists()
    assert run("container_logs", expect="changed", name=web, dest=str(dest)) == foreseen
    assert dest.read_bytes() == b"up\n"
    run("container_logs", expect="ok", name=web, dest=str(dest))
    run("container_logs", expect="changed", name=web, dest=str(dest), timestamps=True)
    assert dest.read_bytes().endswith(b" up\n") and dest.read_bytes() != b"up\n"


def test_container_exec(run: Any, client: Any, web: str) -> None:
    done = run(
        "container_exec", name=web, argv=["sh", "-c", "echo out; echo err >&2; cat; exit 3"], stdin="in", expect="any"
    )
    assert (done["rc"], done["stdout"], done["stderr"]) == (3, "out\nin", "err")
    for code in (126, 127, 0):
        ended = run("container_exec", name=web, command="sh -c 'exit %d'" % code, expect="any")
        assert (ended["rc"], ended["stdout"]) == (code, "")
    run("container_exec", expect="changed", name=web, command="touch /tmp/made", detach=True)
    run("container_exec", expect="changed", name=web, command="sh -c 'until test -e /tmp/made; do sleep 0.1; done'")
    for path, there in (("/tmp/made", True), ("/etc/passwd", True), ("/bin/sh", True), ("/nowhere", False)):
        run("container_exec", expect="ok" if there else "changed", name=web, command="true", creates=path)
        run("container_exec", expect="changed" if there else "ok", name=web, command="true", removes=path)
    run("container_exec", expect="changed", name=web, command="ln -s /nowhere /tmp/link")
    run("container_exec", expect="ok", name=web, command="true", creates="/tmp/link")
    failed = run("container_exec", expect="failed", name=web, command="nosuch")
    assert "executable file `nosuch` not found" in failed["msg"]
    assert "Check the command and its path" in failed["msg"]
    failed = run("container_exec", expect="failed", name=web, command="true", chdir="/nowhere")
    assert "Give a chdir that the container has." in failed["msg"]
    failed = run("container_exec", expect="failed", name=web, command="true", user="nobodyatall")
    assert "unable to find user nobodyatall" in failed["msg"]
    failed = run("container_exec", expect="failed", name=web, command="sleep 100", wait_timeout=1)
    assert "longer than 1 second" in failed["msg"]


def test_archives(does: Any, run: Any, client: Any, web: str, image: str, tmp_path: Path) -> None:
    """An export is imported, and the exported content of the image is the same."""
    archive, digest = tmp_path / "web.tar", hashlib.sha256()
    done = does("container_export", name=web, dest=str(archive))
    digest.update(archive.read_bytes())
    assert done["checksum"] == digest.hexdigest()
    with tarfile.open(archive) as tar:
        assert "etc/passwd" in tar.getnames()
    changes = ["CMD sleep 1", "ENV A=1", "LABEL b=2", "EXPOSE 80", "WORKDIR /tmp", "USER nobody"]
    spec = {"src": str(archive), "repository": web, "tag": "1.0", "changes": changes, "commit_message": "words"}
    done = does("container_import", **spec)
    assert client.inspect_image(web + ":1.0")["Id"] == done["image_id"]
    does("container_import", **{**spec, "changes": changes[:-1]})
    for instruction, why in (("HEALTHCHECK CMD true", "invalid instruction HEALTHCHECK"), ("ONBUILD RUN a", "onbuild")):
        failed = run("container_import", expect="failed", **{**spec, "tag": "2", "changes": [instruction]})
        assert why in failed["msg"]
        assert "Nothing of it stays" in failed["msg"]
    tags = [tag for found in client.images() for tag in found["RepoTags"] or [found["Id"]]]
    assert [tag for tag in tags if web in tag or "wharf-import" in tag] == ["docker.io/library/%s:1.0" % web]


def test_network(does: Any, run: Any, client: Any, web: str) -> None:
    spec: dict[str, Any] = {
        "name": web,
        "driver": "bridge",
        "labels": {"a": "1"},
        "internal": True,
        "ipam_config": [{"subnet": "10.77.3.0/24", "gateway": "10.77.3.254"}],
    }
    does("network", **spec)
    spec["labels"] = {"a": "2"}
    does("network", **spec)
    client.connect_container_to_network(web, web)
    assert web in run("network", expect="failed", **{**spec, "internal": False})["msg"]
    does("network", "changed", **{**spec, "internal": False}, force=True)
    assert web in client.inspect_container(web)["NetworkSettings"]["Networks"]
    failed = run("network", expect="failed", name=web + "-2", attachable=True)
    assert "discarded part of its description" in failed["msg"]
    does("network", name=web, state="absent", force=True)


def test_volume(does: Any, run: Any, client: Any, web: str, image: str) -> None:
    does("volume", name=web, labels={"a": "1"})
    does("volume", name=web, labels={"a": "2"}, recreate="options-changed")
    run("container_run", name=web + "-2", image=image, command=SLEEP, volumes=[web + ":/data"])
    assert web + "-2" in run("volume", expect="failed", name=web, state="absent")["msg"]
    run("container_run", name=web + "-2", state="absent")
    does("volume", name=web, state="absent")


@pytest.mark.parametrize("check", [True, False])
def test_content_of_volumes(check: bool, run: Any, client: Any, name: str, rootfs_tar: Path, tmp_path: Path) -> None:
    for module, arguments in (
        ("volume_import", {"src": str(rootfs_tar)}),
        ("volume_export", {"dest": str(tmp_path / "x.tar")}),
    ):
        message = run(module, check=check, expect="failed", name=name, **arguments)["msg"]
        assert "the engine is Podman" in message and "Run 'podman volume %s'" % module[len("volume_") :] in message
    assert client.volumes()["Volumes"] == [] and not list(tmp_path.iterdir())


def test_prune(does: Any, run: Any, client: Any, web: str, image: str, rootfs_tar: Path) -> None:
    run("container_run", name=web + "-2", image=image, command=["true"])
    run("container_state", name=web + "-2", state="exited")
    run("network", name=web)
    run("volume", name=web)
    client.create_volume()
    for message in ("one", "two"):
        run("container_import", src=str(rootfs_tar), repository=web, tag="1", commit_message=message)
    done = does("prune", containers=True, networks=True, volumes=True, volumes_filters={"all": True}, images=True)
    assert [found["Names"] for found in client.containers(all=True)] == [["/" + web]]
    assert sorted(network["Name"] for network in client.networks()) == ["bridge"]
    assert client.volumes()["Volumes"] == []
    assert len(done["containers"]) == 1
    run("prune", expect="ok", builder_cache=True)


@pytest.mark.parametrize("way", ["module", "direct"])
def test_as_ansible_runs_it(way: str, play: Any, image: str, name: str) -> None:
    arguments = {"name": name, "image": image, "command": SLEEP, "ulimits": ULIMITS}
    argv = ["ansible", "localhost", "-i", "localhost,", "-c", "local", "-m", "wharf.docker.container_run"]
    for changed in (True, False):
        played = play([*argv, "-a", json.dumps(arguments)], WHARF_DOCKER_EXECUTION=way)
        assert played.code == 0, played.output
        assert played.results[0]["result"]["changed"] is changed


def test_nothing_stays(engine: Any) -> None:
    """Places outside its directory that Podman uses regardless of its options are hidden: the host's are untouched."""
    hidden = {line.split()[4] for line in Path("/proc/%d/mountinfo" % engine.pid).read_text().splitlines()}
    assert {"/dev/shm", "/run/containers", "/run/crun", "/run/libpod", "/var/lib/containers"} <= hidden
    assert os.readlink("/proc/%d/ns/net" % engine.pid) != os.readlink("/proc/self/ns/net")


def test_container_copy(does: Any, run: Any, client: Any, web: str, tmp_path: Path) -> None:
    """A file, a text and a tree, with names of any bytes, and a link that leads out of it."""
    tree = tmp_path / "site"
    (tree / "conf").mkdir(parents=True)
    for name in (b"index", b"conf/a", b"\xff"):
        Path(os.fsdecode(os.path.join(os.fsencode(tree), name))).write_bytes(name)
    (tree / "link").symlink_to("../etc/passwd")
    given = {"container": web, "owner_id": 7, "group_id": 8}
    does("container_copy", path=str(tree / "index"), container_path="/etc/x", mode=0o640, **given)
    does("container_copy", content="x", container_path="/etc/x", mode=0o600, **given)
    done = does("container_copy", path=str(tree), container_path="/etc/site", local_follow=False, **given)
    assert done["copied"] == 6
    (tree / "conf" / "a").write_text("other", encoding="utf-8")
    done = does("container_copy", path=str(tree), container_path="/etc/site", local_follow=False, **given)
    assert done["copied"] == 1
    shown = run("container_exec", name=web, command="sh -c 'cat /etc/x /etc/site/conf/a; stat -c %a:%u:%g /etc/x'")
    assert shown["stdout"] == "xother600:7:8"
    failed = run("container_copy", expect="failed", path=str(tree / "conf"), container_path="/etc/x", **given)
    assert "/etc/x is a file, and a directory is to be copied" in failed["msg"]
    # Back to the host, a file, a tree with a hard link, and a link by itself.
    run("container_exec", name=web, command="ln /etc/site/index /etc/site/conf/hard")
    given = {"container": web, "direction": "from"}
    does("container_copy", path=str(tmp_path / "x"), container_path="/etc/x", **given)
    assert (tmp_path / "x").read_text(encoding="utf-8") == "x" and (tmp_path / "x").stat().st_mode & 0o777 == 0o600
    back = tmp_path / "back"
    done = does("container_copy", path=str(back), container_path="/etc/site", **given)
    assert done["copied"] == 7
    assert (back / "conf" / "hard").read_bytes() == b"index" and (back / "link").is_symlink()
    assert sorted(os.listdir(os.fsencode(back))) == sorted(os.listdir(os.fsencode(tree)))
    (back / "conf" / "a").write_text("mine", encoding="utf-8")
    assert does("container_copy", path=str(back), container_path="/etc/site", **given)["copied"] == 1
    failed = run("container_copy", expect="failed", path=str(tmp_path / "y"), container_path="/etc/site/link", **given)
    assert "Podman only copies what one leads to" in failed["msg"]
    run("container_exec", name=web, command="ln -s index /etc/site/to-index")
    does("container_copy", path=str(tmp_path / "y"), container_path="/etc/site/to-index", follow=True, **given)
    assert (tmp_path / "y").read_bytes() == b"index"
    failed = run("container_copy", expect="failed", path=str(back), container_path="/etc/none", **given)
    assert "there is no /etc/none in the container" in failed["msg"]
