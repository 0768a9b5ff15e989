# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A private, throw-away Docker engine, which neither reads nor touches anything of the host's engine, if there is one.

It has its own data, socket, configuration, network namespace, mount namespace and control group. Three processes take
part: the *owner* (the caller of ``start``), the *keeper*, which the owner starts, and the engine, which the keeper
starts. The keeper reads a pipe from the owner. When the pipe ends, because the owner stops the engine or has died for
whatever reason, the keeper ends the engine and all processes it started, and removes its directory.

As a command: ``private_engine.py run [--version V] [--store S] -- COMMAND...`` starts an engine, runs COMMAND with
DOCKER_HOST set and inside the engine's network namespace, and exits with COMMAND's code.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import dataclasses
import fcntl
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "engines"

# The available engines. "20.10" stands for the installed one of the distribution, whatever its version; the others are
# packages of a Debian suite, unpacked into a directory of the cache. "podman" is not a Docker engine: see
# private_podman.py.
INSTALLED = "20.10"
SUITES: Mapping[str, str] = {"26.1": "trixie", "28.5": "forky"}
PODMAN = "podman"
VERSIONS = (INSTALLED, *SUITES, PODMAN)
STORES = ("overlay2", "containerd")

START_SECONDS = 30.0
STOP_SECONDS = 15.0
LONGEST_SOCKET_PATH = 107  # bytes: sun_path in <sys/un.h>, without its closing zero
LOG_LINES = 25

# <sched.h>, <sys/mount.h>, <sys/prctl.h>
CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWNET = 0x00020000, 0x02000000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def start(directory: str | os.PathLike[str] | None = None, version: str = INSTALLED, store: str = "overlay2") -> Engine:
    """Start an engine and wait until it answers. Call ``stop`` for each engine or, better, use ``running``.

    ``directory`` then belongs to the engine and is removed with it; None creates a new one. EngineError: the engine
    does not start, with the last lines of its log.
    """
    if version not in VERSIONS:
        raise EngineError("There is no engine %r: choose one of %s." % (version, ", ".join(VERSIONS)))
    if store not in STORES:
        raise EngineError("There is no image store %r: choose one of %s." % (store, ", ".join(STORES)))
    _refuse_unfit_host()
    root = unpacked(version) if version in SUITES else None
    path = Path(tempfile.mkdtemp(prefix="wharf-engine-") if directory is None else directory).resolve()
    path.mkdir(mode=0o711, parents=True, exist_ok=True)
    path.chmod(0o711)
    sock = path / "s.sock"
    if len(os.fsencode(sock)) > LONGEST_SOCKET_PATH:
        raise EngineError(
            "The path of the engine's socket would be too long: %s. Choose a directory nearer to the root." % sock
        )
    keeper = subprocess.Popen(
        [
            sys.executable,
            __file__,
            "keep",
            str(path),
            PODMAN if version == PODMAN else store,
            *([str(root)] if root else []),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        answer = keeper.stdout.readline() if keeper.stdout else b""
    except BaseException:
        _release(keeper)
        raise
    if not answer:
        _release(keeper)
        raise EngineError("The keeper of the private engine ended at once.")
    told = json.loads(answer)
    if "error" in told:
        _release(keeper)
        raise EngineError(told["error"])
    return Engine("unix://%s" % sock, told["pid"], path, version, store, path / "log", keeper)


def stop(engine: Engine) -> None:
    """End the engine and all it started, and remove its directory. Calling it twice is not an error."""
    _release(engine.keeper)


def take_down(engine: Engine) -> None:
    """End the engine and its containers, as a shutdown of the host does; its directory stays, for ``bring_up``."""
    _tell(engine, b"down\n")


def bring_up(engine: Engine) -> Engine:
    """Start an engine again after ``take_down``, with the same containers, images, networks and volumes."""
    return dataclasses.replace(engine, pid=_tell(engine, b"up\n")["pid"])


@contextlib.contextmanager
def running(
    directory: str | os.PathLike[str] | None = None, version: str = INSTALLED, store: str = "overlay2"
) -> Iterator[Engine]:
    """An engine for the duration of a ``with`` block."""
    engine = start(directory, version, store)
    try:
        yield engine
    finally:
        stop(engine)


class EngineError(Exception):
    """Why there is no private engine, and how to get one."""


@dataclass(frozen=True)
class Engine:
    """A running engine. ``pid`` is that of its daemon, ``version`` the requested one, a name in VERSIONS."""

    url: str
    pid: int
    directory: Path
    version: str
    store: str
    logfile: Path
    keeper: subprocess.Popen[bytes]

    def enter(self, argv: Sequence[str]) -> list[str]:
        """``argv``, extended to run in the engine's network namespace, where published ports are reachable."""
        return ["nsenter", "--net=/proc/%d/ns/net" % self.pid, *argv]


def die_with_parent() -> None:
    """For ``preexec_fn``: the process gets SIGTERM when the thread that started it ends, even by SIGKILL."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def tail(path: Path, lines: int = LOG_LINES) -> str:
    """The last lines of a log."""
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


# --- the owner ---


def _refuse_unfit_host() -> None:
    """Raise EngineError with what this host lacks for an engine."""
    if os.geteuid() != 0:
        raise EngineError("A private engine needs root: run this as root, for example with sudo.")
    missing = [name for name in ("ip", "nsenter") if shutil.which(name) is None]
    if missing:
        raise EngineError("A private engine needs the command %s: run tools/setup.sh engine." % " and ".join(missing))
    mounts = Path("/proc/mounts").read_text(encoding="utf-8")
    if not re.search(r"^\S+ /sys/fs/cgroup(/\S+)? cgroup2? ", mounts, re.MULTILINE):
        raise EngineError(
            "No control groups are mounted under /sys/fs/cgroup, so no engine can run containers here. "
            "Mount them, for example with the package cgroupfs-mount, or use another machine."
        )


def _tell(engine: Engine, order: bytes) -> dict[str, Any]:
    keeper = engine.keeper
    if keeper.stdin is None or keeper.stdout is None:
        raise EngineError("This engine has no keeper that could be told anything.")
    keeper.stdin.write(order)
    keeper.stdin.flush()
    told: dict[str, Any] = json.loads(keeper.stdout.readline() or b'{"error": "The keeper ended."}')
    if "error" in told:
        raise EngineError(told["error"])
    return told


def _release(keeper: subprocess.Popen[bytes]) -> None:
    """Close the pipe that the keeper reads, and wait until it has tidied up. An interruption is delayed until then."""
    interruption: BaseException | None = None
    for stream in (keeper.stdin, keeper.stdout):
        if stream is not None:
            stream.close()
    while True:
        try:
            keeper.wait(START_SECONDS + STOP_SECONDS)
            break
        except subprocess.TimeoutExpired:
            keeper.kill()
        except KeyboardInterrupt as error:
            interruption = error
    if interruption is not None:
        raise interruption


# --- the keeper ---


def _keep(directory: Path, store: str, root: Path | None) -> int:
    """Start the engine, print its pid, obey the lines on stdin, and leave nothing behind at the end."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # SIGTERM ends the keeper just as the end of the pipe does.
    ended, end = os.pipe()
    os.set_blocking(end, False)
    signal.signal(signal.SIGTERM, lambda number, frame: os.write(end, b"."))
    group = "/wharf-%s-%d" % (re.sub(r"[^A-Za-z0-9]+", "-", directory.name).strip("-"), os.getpid())

    argv = [__file__, "become", str(directory), store, group, *([str(root)] if root else [])]
    if store == PODMAN:
        argv = [str(Path(__file__).with_name("private_podman.py")), str(directory), group]

    def begin() -> subprocess.Popen[bytes]:
        with (directory / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )

    def tell(told: dict[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(told), flush=True)

    daemon = begin()
    try:
        error = _wait_for_answer(daemon, directory, store, [0, ended])
        tell({"error": error} if error else {"pid": daemon.pid})
        # However the owner ends, its end closes the pipe.
        while not error and 0 in select.select([0, ended], [], [])[0] and (order := os.read(0, 10)):
            if order == b"down\n":
                _end(daemon, directory, group)
                tell({})
            else:
                daemon = begin()
                error = _wait_for_answer(daemon, directory, store, [0, ended])
                tell({"error": error} if error else {"pid": daemon.pid})
    finally:
        _end(daemon, directory, group)
        _remove_control_groups(group)
        shutil.rmtree(directory, ignore_errors=True)
        if directory.exists():
            print("Could not remove all of %s." % directory, file=sys.stderr)
    return 0


def _wait_for_answer(daemon: subprocess.Popen[bytes], directory: Path, store: str, ends: Sequence[int]) -> str:
    """ "" once the engine answers, or else why it never will."""
    limit = time.monotonic() + START_SECONDS
    while True:
        if select.select(ends, [], [], 0)[0]:
            return "The start of the private engine was broken off."
        code = daemon.poll()
        if code is not None:
            return "The private engine ended at its start with code %d. Its log ends:\n%s" % (
                code,
                tail(directory / "log"),
            )
        if _ask(directory / "s.sock", "/_ping") == b"OK":
            break
        if time.monotonic() > limit:
            return "The private engine did not answer within %d seconds. Its log ends:\n%s" % (
                START_SECONDS,
                tail(directory / "log"),
            )
        time.sleep(0.05)
    if store == "containerd" and b"io.containerd.snapshotter" not in _ask(directory / "s.sock", "/info"):
        return "This engine has no containerd image store: take a newer one (--version 28.5)."
    return ""


def _ask(sock: Path, path: str) -> bytes:
    """The body of the engine's answer; empty if its status is not 200."""
    answer = b""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        try:
            connection.connect(str(sock))
            connection.sendall(b"GET %s HTTP/1.0\r\n\r\n" % path.encode())
            while chunk := connection.recv(65536):
                answer += chunk
        except OSError:
            return b""
    head, _blank, body = answer.partition(b"\r\n\r\n")
    return body if b" 200 " in head.split(b"\r\n")[0] else b""


def _end(daemon: subprocess.Popen[bytes], directory: Path, group: str) -> None:
    """End the engine, its containers, its containerd and its shims."""
    # A frozen process does not react to signals.
    for state in Path("/sys/fs/cgroup/freezer", group.strip("/")).glob("**/freezer.state"):
        with contextlib.suppress(OSError):
            state.write_text("THAWED", encoding="ascii")
    own = _mount_namespace(daemon.pid)
    if daemon.poll() is None:
        daemon.terminate()
    limit = time.monotonic() + STOP_SECONDS
    while daemon.poll() is None and time.monotonic() < limit:
        # Containers get no time to stop by themselves: nothing of theirs is kept. The engine itself ends the processes
        # in its own mount namespace, its shims and its containerd.
        for pid in _inhabitants(directory):
            if _mount_namespace(pid) != own:
                _kill(pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            daemon.wait(0.05)
    if daemon.poll() is None:
        daemon.kill()
        daemon.wait()
    limit = time.monotonic() + STOP_SECONDS
    while (left := list(_inhabitants(directory))) and time.monotonic() < limit:
        for pid in left:
            _kill(pid)
        time.sleep(0.02)


def _inhabitants(directory: Path) -> Iterator[int]:
    """The processes in other mount namespaces that have something of ``directory`` mounted.

    These are the engine (its directory is mounted onto itself), its containerd, its shims and its containers: the file
    system of each container is below the directory, and so are its hosts and resolv.conf.
    """
    here = _mount_namespace(os.getpid())
    name = re.compile(rb"[ =:,]%s[/ ,:]" % re.escape(os.fsencode(directory)))
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        pid = int(entry)
        namespace = _mount_namespace(pid)
        if not namespace or namespace == here:
            continue
        with contextlib.suppress(OSError):
            if name.search(Path("/proc/%d/mountinfo" % pid).read_bytes()):
                yield pid


def _mount_namespace(pid: int) -> str:
    try:
        return os.readlink("/proc/%d/ns/mnt" % pid)
    except OSError:
        return ""


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _remove_control_groups(group: str) -> None:
    """The engine's group exists in each hierarchy of version 1, or in the single one of version 2."""
    top = Path("/sys/fs/cgroup")
    for place in (top, *top.iterdir()):
        directory = place / group.strip("/")
        if directory.is_dir():
            for path, _directories, _files in os.walk(directory, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(path)


# --- the engine, before it is one ---


def _become(directory: Path, store: str, group: str, root: Path | None) -> int:
    """Leave the host's namespaces, and become the engine."""
    if os.getppid() == 1:
        return 1  # The keeper died before this process had asked to be ended with it.
    leave_namespaces()
    for name in ("data", "exec"):
        (directory / name).mkdir(exist_ok=True)
    mount(directory, directory, flags=MS_BIND | MS_REC)
    if root is None:
        # An engine uses a containerd that it finds at the usual address, looks for plugins in /run/docker, and keeps a
        # key in /etc/docker: mounts hide those of the host.
        for place in ("/run/containerd", "/run/docker", "/etc/docker"):
            Path(place).mkdir(exist_ok=True)
            mount("tmpfs", place, "tmpfs")
    else:
        _enter_root(root, directory)
    (directory / "daemon.json").write_text(
        json.dumps({"features": {"containerd-snapshotter": store == "containerd"}}), encoding="utf-8"
    )
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DOCKER_", "CONTAINERD_", "LISTEN_", "NOTIFY_", "LD_"))
    }
    environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    arguments = [
        "dockerd",
        "--config-file=%s" % (directory / "daemon.json"),
        "--data-root=%s" % (directory / "data"),
        "--exec-root=%s" % (directory / "exec"),
        "--pidfile=%s" % (directory / "pid"),
        "--host=unix://%s" % (directory / "s.sock"),
        "--group=%d" % os.getegid(),
        "--exec-opt=native.cgroupdriver=cgroupfs",
        "--cgroup-parent=%s" % group,
    ]
    if store == "overlay2":
        arguments.append("--storage-driver=overlay2")
    try:
        os.execvpe("dockerd", arguments, environment)
    except FileNotFoundError:
        print("There is no dockerd here. Run tools/setup.sh engine, which installs the distribution's.", flush=True)
        return 127


def leave_namespaces() -> None:
    """Give this process its own mount and network namespaces."""
    unshare(CLONE_NEWNS | CLONE_NEWNET)
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def _enter_root(root: Path, directory: Path) -> None:
    """Make ``root`` the root of this mount namespace: programs come from it, files that containers get from the host.

    The root is a new file system in memory, so whatever an engine writes into /etc or /run stays private as well.
    """
    new = directory / "root"
    new.mkdir()
    mount("tmpfs", new, "tmpfs")
    for entry in root.iterdir():
        if entry.is_symlink():
            (new / entry.name).symlink_to(os.readlink(entry))
    shutil.copytree(root / "etc", new / "etc", symlinks=True)
    (new / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n", encoding="utf-8")
    (new / "etc" / "group").write_text("root:x:0:\n", encoding="utf-8")
    for name in ("run", "root", "var/lib", "opt", "etc/docker"):
        (new / name).mkdir(parents=True, exist_ok=True)
    shown: list[tuple[str | Path, str | Path]] = [(name, name) for name in ("/proc", "/sys", "/dev")]
    shown.append((root / "usr", "/usr"))
    # Tests mount files of the directory for temporary files into containers. The engine's own directory comes last: it
    # may be inside that one.
    shown += [(tempfile.gettempdir(), tempfile.gettempdir()), (directory, directory)]
    for source, target in shown:
        place = new / str(target).lstrip("/")
        place.mkdir(parents=True, exist_ok=True)
        mount(source, place, flags=MS_BIND | MS_REC)
    old = new / ".host"
    old.mkdir()
    _call(_libc.pivot_root, os.fsencode(new), os.fsencode(old))
    os.chdir("/")
    unmount("/.host")
    Path("/.host").rmdir()


def unshare(namespaces: int) -> None:
    _call(_libc.unshare, namespaces)


def mount(source: str | Path, target: str | Path, kind: str = "", flags: int = 0) -> None:
    _call(_libc.mount, os.fsencode(source), os.fsencode(target), kind.encode() or None, flags, None)


def unmount(target: str | Path) -> None:
    """Unmount lazily: the mount disappears at once, and processes that still use it keep it."""
    _call(_libc.umount2, os.fsencode(target), MNT_DETACH)


def _call(function: ctypes._NamedFuncPointer, *arguments: object) -> None:
    """Call a function of the C library. OSError if it does not return 0."""
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, "%s(%s): %s" % (function.__name__, arguments, os.strerror(number)))


# --- engines from packages of another suite ---


def unpacked(version: str) -> Path:
    """The directory with the programs of that version, downloaded first if it is missing. EngineError: what to do."""
    place = CACHE / version
    root = place / "root"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.is_dir():
            _download(SUITES[version], version, place)
            _unpack(place, root)
    return root


def _download(suite: str, version: str, place: Path) -> None:
    """Download the packages of an engine and all their dependencies into ``place``/apt/cache/archives."""
    source = _debian_source()
    apt = place / "apt"
    shutil.rmtree(apt, ignore_errors=True)
    for name in ("state/lists/partial", "cache/archives/partial"):
        (apt / name).mkdir(parents=True)
    (apt / "status").touch()
    signed = "Signed-By: %s\n" % source["signed-by"] if "signed-by" in source else ""
    (apt / "debian.sources").write_text(
        "Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n%s" % (source["uris"], suite, signed), encoding="utf-8"
    )
    options = {
        "Dir::Etc::SourceList": apt / "debian.sources",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State": apt / "state",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt / "cache",
        "APT::Sandbox::User": "root",
        "APT::Get::List-Cleanup": "false",
    }
    command = ["apt-get", "--quiet", "--yes"]
    for name, value in options.items():
        command += ["--option", "%s=%s" % (name, value)]
    wanted = ["docker.io", "containerd", "runc", "iptables", "tini"]
    print("Downloading the engine %s from Debian %s (once) ..." % (version, suite), file=sys.stderr, flush=True)
    for action in (["update"], ["install", "--download-only", "--no-install-recommends", *wanted]):
        done = subprocess.run(
            command + action, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode != 0:
            raise EngineError(
                "The engine %s could not be downloaded from Debian %s at %s:\n%s\n"
                "See that this machine reaches its package mirror (apt-get update), and try again; or take the engine "
                "that is installed (--version %s)."
                % (version, suite, source["uris"], done.stdout.decode(errors="replace")[-1500:], INSTALLED)
            )


def _debian_source() -> dict[str, str]:
    """The uris and signed-by of the source of this machine's Debian packages. EngineError if there is none."""
    directory = Path("/etc/apt")
    for path in sorted(directory.glob("sources.list.d/*.sources")):
        for paragraph in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
            text = re.sub(r"^#.*\n?", "", paragraph, flags=re.MULTILINE)
            fields = {
                name.lower(): re.sub(r"\s+", " ", value).strip()
                for name, value in re.findall(r"^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)", text, re.MULTILINE)
            }
            enabled = fields.get("enabled", "yes").lower() not in ("no", "false", "0")
            if enabled and _is_debian(fields.get("uris", ""), fields.get("suites", ""), fields.get("components", "")):
                fields["uris"] = fields["uris"].split()[0]
                if "BEGIN PGP" in fields.get("signed-by", ""):
                    del fields["signed-by"]
                return fields
    for path in [directory / "sources.list", *sorted(directory.glob("sources.list.d/*.list"))]:
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
            found = re.match(r"deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<rest>.*)", line)
            if found and _is_debian(found["uri"], found["suite"], found["rest"]):
                signed = re.search(r"signed-by=(\S+)", found["options"] or "")
                return {"uris": found["uri"], **({"signed-by": signed[1]} if signed else {})}
    raise EngineError(
        "The engines %s are packages of Debian, and this machine has no Debian mirror in /etc/apt. Take the engine "
        "that is installed (--version %s), or use a Debian machine." % (" and ".join(SUITES), INSTALLED)
    )


def _is_debian(uris: str, suites: str, components: str) -> bool:
    """Whether a source is the main Debian archive, neither security updates nor another vendor."""
    return bool(re.search(r"/debian/?(\s|$)", uris)) and "main" in components.split() and "-security" not in suites


def _unpack(place: Path, root: Path) -> None:
    """Unpack the packages in ``place`` into ``root``, which only exists once it is complete."""
    new = place / "root.new"
    shutil.rmtree(new, ignore_errors=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (new / "usr" / name).mkdir(parents=True)
        (new / name).symlink_to("usr/" + name)
    for package in sorted((place / "apt" / "cache" / "archives").glob("*.deb")):
        # tar, unlike dpkg -x, has an option to follow the links above.
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as data:
            subprocess.run(["tar", "-x", "--keep-directory-symlink", "-C", str(new)], stdin=data.stdout, check=True)
        if data.returncode != 0:
            raise EngineError("The package %s is broken: remove %s and try again." % (package, place))
    for name in ("iptables", "ip6tables"):
        for suffix in ("", "-save", "-restore"):
            link = new / "usr" / "sbin" / (name + suffix)
            link.unlink(missing_ok=True)
            link.symlink_to("xtables-nft-multi")
    (new / "etc").mkdir(exist_ok=True)
    new.rename(root)
    shutil.rmtree(place / "apt")


# --- the command ---


def _run(argv: Sequence[str], version: str, store: str) -> int:
    """Run ``argv`` with an engine. Returns its exit code, 128 and more if a signal ended it."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    with running(version=version, store=store) as engine:
        command = subprocess.Popen(
            engine.enter(argv), env={**os.environ, "DOCKER_HOST": engine.url}, preexec_fn=die_with_parent
        )
        try:
            code = command.wait()
        finally:
            _finish(command)
    return code if code >= 0 else 128 - code


def _finish(command: subprocess.Popen[bytes]) -> None:
    """Make sure that the command has ended: after an interruption it may still be at work, or not have noticed it."""
    if command.poll() is None:
        command.terminate()
        try:
            command.wait(10)
        except subprocess.TimeoutExpired:
            command.kill()
            command.wait()


def main() -> int:
    arguments = sys.argv[1:]
    if arguments[:1] == ["keep"]:
        return _keep(Path(arguments[1]), arguments[2], Path(arguments[3]) if arguments[3:] else None)
    if arguments[:1] == ["become"]:
        return _become(Path(arguments[1]), arguments[2], arguments[3], Path(arguments[4]) if arguments[4:] else None)
    parser = argparse.ArgumentParser(description="A private, throw-away Docker engine.")
    commands = parser.add_subparsers(dest="what", required=True)
    run = commands.add_parser("run", help="run a command beside an engine of its own")
    run.add_argument("--version", choices=VERSIONS, default=INSTALLED, help="%s: the one installed" % INSTALLED)
    run.add_argument("--store", choices=STORES, default="overlay2", help="where the engine keeps images")
    run.add_argument("command", nargs="+", metavar="COMMAND")
    download = commands.add_parser("download", help="get the programs of an engine that is not installed")
    download.add_argument("version", choices=tuple(SUITES))
    chosen = parser.parse_args()
    try:
        if chosen.what == "download":
            print(unpacked(chosen.version))
            return 0
        return _run(chosen.command, chosen.version, chosen.store)
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
