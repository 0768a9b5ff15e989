# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that reach their engine by ssh, in both ways of the SDK.

``program``: the SDK runs the command ssh, replaced by one that leads to the engine. ``library``: it uses paramiko, with
a server that has its own keys. In both cases the SDK imports paramiko, hence the tasks run in a separate process.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import packages

ROOT = Path(__file__).resolve().parents[2]
COMMAND = b"docker system dial-stdio"
WAYS = ("program", "library")
USER = "somebody"


def library() -> Path:
    """The directory with paramiko."""
    return packages.fetched("ssh")


def tasks(way: str, engine: str, directory: Path, calls: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Run ``calls`` (modules and their options). Returns for each ``result``, ``seconds``, and remaining ``threads``.

    ``directory`` becomes the home directory of their user.
    """
    environment = {key: value for key, value in os.environ.items() if key != "SSH_AUTH_SOCK"}
    environment |= {"HOME": str(directory), "PYTHONPATH": os.pathsep.join([str(library()), *sys.path])}
    with contextlib.ExitStack() as stack:
        if way == "program":
            program = directory / "ssh"
            script = "#!/bin/sh\nexec %s %s %s 2>/dev/null\n"
            program.write_text(script % (sys.executable, Path(__file__).with_name("through.py"), engine))
            program.chmod(0o755)
            environment["PATH"] = "%s:%s" % (directory, environment["PATH"])
            address = "ssh://%s@engine.example" % USER
        else:
            port = stack.enter_context(server(engine, directory, environment))
            address = "ssh://%s@127.0.0.1:%d" % (USER, port)
        common = {"docker_host": address, "use_ssh_client": way == "program"}
        done = subprocess.run(
            [sys.executable, __file__],
            env=environment,
            input=json.dumps([(module, {**common, **given}) for module, given in calls]),
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    return list(json.loads(done.stdout))


@contextlib.contextmanager
def server(engine: str, directory: Path, environment: dict[str, str]) -> Iterator[int]:
    """Run an ssh server whose only command leads to the engine. Yields its port."""
    command = [sys.executable, __file__, engine, str(directory)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def _run_tasks() -> None:
    """Runs in the process of the tasks."""
    from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
    from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

    outcomes = []
    for module, given in json.load(sys.stdin):
        began = time.monotonic()
        result = _task.call(_registry.task(module), given)
        ended = time.monotonic()
        # A thread of paramiko takes a moment to end.
        while threading.active_count() > 1 and time.monotonic() < ended + 3:
            time.sleep(0.01)
        outcomes.append({"result": result, "seconds": ended - began, "threads": threading.active_count() - 1})
    print(json.dumps(outcomes))


def _serve(engine: str, directory: Path) -> None:
    """Runs in the process of the server. Writes the keys of both sides to where the user's client looks for them."""
    import paramiko

    host_key, user_key = paramiko.ECDSAKey.generate(), paramiko.ECDSAKey.generate()

    class Server(paramiko.ServerInterface):
        def get_allowed_auths(self, username: str) -> str:
            return "publickey"

        def check_auth_publickey(self, username: str, key: Any) -> int:
            known = username == USER and key == user_key
            return int(paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED)

        def check_channel_request(self, kind: str, chanid: int) -> int:
            return int(paramiko.OPEN_SUCCEEDED)

        def check_channel_exec_request(self, channel: Any, command: bytes) -> bool:
            if command != COMMAND:
                return False
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(engine.removeprefix("unix://"))
            threading.Thread(target=_up, args=(channel, connection), daemon=True).start()
            threading.Thread(target=_down, args=(channel, connection), daemon=True).start()
            return True

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        place = directory / ".ssh"
        place.mkdir(mode=0o700)
        user_key.write_private_key_file(str(place / "id_ecdsa"))
        known = "[127.0.0.1]:%d %s %s\n" % (port, host_key.get_name(), host_key.get_base64())
        (place / "known_hosts").write_text(known, encoding="utf-8")
        print(port, flush=True)
        while True:
            transport = paramiko.Transport(listener.accept()[0])
            transport.add_server_key(host_key)
            # With an event it doesn't wait here until the negotiation with the client is done.
            transport.start_server(event=threading.Event(), server=Server())


def _up(channel: Any, engine: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := channel.recv(65536):
            engine.sendall(chunk)
        engine.shutdown(socket.SHUT_WR)


def _down(channel: Any, engine: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := engine.recv(65536):
            channel.sendall(chunk)
        channel.send_exit_status(0)
    channel.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _serve(sys.argv[1], Path(sys.argv[2]))
    else:
        _run_tasks()
