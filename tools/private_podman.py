# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Podman as a private engine: the distribution's Podman, serving its Docker-compatible API.

It is the version "podman" of tools/private_engine.py, whose keeper starts this file. It leaves the host's namespaces
and becomes ``podman system service``. The service keeps everything in the engine's directory; file systems in memory
hide the places that it uses regardless of its options. Nothing of the host's Podman, if there is one, is read or
touched.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

from private_engine import CLONE_NEWCGROUP, MS_BIND, MS_REC, leave_namespaces, mount, unmount, unshare

# Podman keeps names of networks, locks, sockets and a cache here, whatever its options say.
COVERED = ("/dev/shm", "/run/containers", "/run/crun", "/run/libpod", "/run/lock", "/run/netns", "/var/lib/containers")

# Podman gives containers a million open files and four million processes, which some hosts don't allow even root.
CONFIGURATION = """[containers]
log_driver = "k8s-file"
default_ulimits = ["nofile=%d:%d", "nproc=%d:%d"]

[network]
network_backend = "netavark"
"""


def become(directory: Path, group: str) -> int:
    """Leave the host's namespaces, and become the service. Returns an exit code if that is impossible."""
    if os.getppid() == 1:
        return 1  # The keeper died before this process had asked to be ended with it.
    leave_namespaces()
    for name in ("data", "exec", "tmp", "networks"):
        (directory / name).mkdir(exist_ok=True)
    mount(directory, directory, flags=MS_BIND | MS_REC)
    _enter_control_groups(group.strip("/"))
    for place in COVERED:
        Path(place).mkdir(parents=True, exist_ok=True)
        mount("tmpfs", place, "tmpfs")
    settings = {
        "containers.conf": CONFIGURATION
        % (*_allowed(resource.RLIMIT_NOFILE, 20000), *_allowed(resource.RLIMIT_NPROC, 30000)),
        "storage.conf": '[storage]\ndriver = "overlay"\ngraphroot = %s\nrunroot = %s\n'
        % tuple(json.dumps(str(directory / name)) for name in ("data", "exec")),
        "registries.conf": "",
    }
    for name, text in settings.items():
        (directory / name).write_text(text, encoding="utf-8")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CONTAINER", "DOCKER_", "LISTEN_", "LD_", "NOTIFY_", "PODMAN_", "REGISTRY_", "XDG_"))
    }
    environment.update(
        PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        TMPDIR=str(directory / "tmp"),
        CONTAINERS_CONF=str(directory / "containers.conf"),
        CONTAINERS_STORAGE_CONF=str(directory / "storage.conf"),
        CONTAINERS_REGISTRIES_CONF=str(directory / "registries.conf"),
    )
    arguments = [
        "podman",
        "--root=%s" % (directory / "data"),
        "--runroot=%s" % (directory / "exec"),
        "--tmpdir=%s" % (directory / "tmp"),
        "--network-config-dir=%s" % (directory / "networks"),
        "--cgroup-manager=cgroupfs",
        "--events-backend=file",
        "system",
        "service",
        "--time=0",
        "unix://%s" % (directory / "s.sock"),
    ]
    try:
        os.execvpe("podman", arguments, environment)
    except FileNotFoundError:
        print("There is no podman here. Run tools/setup.sh podman, which installs the distribution's.", flush=True)
        return 127


def _enter_control_groups(group: str) -> None:
    """Make the group the root of each hierarchy of version 1: Podman has no option for the place of its own groups.

    With version 2 its empty groups stay behind.
    """
    top = Path("/sys/fs/cgroup")
    # crun can't work with both versions; version 2 is of no use if all controllers are in version 1.
    if (top / "unified" / "cgroup.controllers").exists():
        unmount(top / "unified")
    for place in [place for place in top.iterdir() if not place.is_symlink() and (place / "tasks").exists()]:
        own = place / group
        own.mkdir(exist_ok=True)
        if (place / "cpuset.cpus").exists():
            for name in ("cpuset.cpus", "cpuset.mems"):
                (own / name).write_text((place / name).read_text(encoding="ascii"), encoding="ascii")
            # Its child groups inherit both values. Without them no process can run in a group.
            (own / "cgroup.clone_children").write_text("1", encoding="ascii")
        (own / "cgroup.procs").write_text("0", encoding="ascii")
        mount(own, place, flags=MS_BIND)
    unshare(CLONE_NEWCGROUP)


def _allowed(limit: int, most: int) -> tuple[int, int]:
    """The values that this process may set a limit to, soft and hard: ``most`` at most."""
    hard = resource.getrlimit(limit)[1]
    allowed = most if hard == resource.RLIM_INFINITY else min(hard, most)
    return allowed, allowed


if __name__ == "__main__":
    sys.exit(become(Path(sys.argv[1]), sys.argv[2]))
