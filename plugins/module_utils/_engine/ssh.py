# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An engine behind ssh://, reached with the program ssh alone.

The SDK has this too, with three faults: it needs the library paramiko all the same, it overrules the port in ssh's own
configuration, and what ssh says of an error is lost. What runs here is what the docker client runs. The program's
stdin and stdout are one end of a pair of sockets, so that to the rest it is a connection like any other, with time
limits and two directions that end on their own.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
import threading
from typing import Any, List
from urllib.parse import urlsplit

from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import SshError

REMOTE_COMMAND = "docker system dial-stdio"
# How long ssh has to end by itself, in seconds, when it was told to, or when its connection is gone.
GRACE = 5


def command(url: str) -> List[str]:
    """What to run for an address. Only what the address says is an argument: the rest is in ssh's configuration."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit("ssh:"), None
    if not parts.hostname or parts.password or parts.path.strip("/") or parts.query or parts.fragment:
        raise Failure(
            "docker_host is not a valid address for ssh. Write it as ssh://host, ssh://user@host or "
            "ssh://user@host:port; keys and everything else belong in ssh's own configuration."
        )
    # urlsplit() has the host in lower case, but ssh's configuration may name it otherwise.
    host = parts.netloc.rpartition("@")[2]
    host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    argv = ["ssh"]
    argv += ["-l", parts.username] if parts.username else []
    argv += ["-p", str(port)] if port else []
    return [*argv, "--", host, REMOTE_COMMAND]


class Program:
    """One process of ssh, and this side's end of its connection: ``socket``."""

    def __init__(self, argv: List[str]) -> None:
        self._messages = tempfile.TemporaryFile()  # noqa: SIM115  # It is read when the program has ended.
        self.socket, other = socket.socketpair()
        try:
            # In a session of its own it has no terminal to ask for a password at, and no part in an interrupt.
            self.process = subprocess.Popen(
                argv, stdin=other.fileno(), stdout=other.fileno(), stderr=self._messages, start_new_session=True
            )
        except OSError as error:
            self.socket.close()
            self._messages.close()
            raise SshError("the program ssh cannot be run: %s" % error.strerror) from None
        finally:
            other.close()

    def ended(self) -> bool:
        return self.process.poll() is not None

    def words(self) -> str:
        """How it ended and what it said; "" where it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE)
        if not self.ended():
            return ""
        self._messages.seek(0)
        said = self._messages.read().decode("utf-8", "replace").strip()
        return "ssh ended with exit code %d%s" % (self.process.returncode, said and ": " + said)

    def end(self) -> None:
        """Let it go. Its connection must be closed by then."""
        self.process.terminate()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._messages.close()


class Programs:
    """The processes of one client: a connection is closed while its answer is still read, so they outlive it."""

    def __init__(self, argv: List[str]) -> None:
        self._argv = argv
        self._lock = threading.Lock()
        self._running: List[Program] = []

    def start(self) -> Program:
        program = Program(self._argv)
        with self._lock:
            for ended in [program for program in self._running if program.ended()]:
                self._running.remove(ended)
                ended.end()
            self._running.append(program)
        return program

    def end(self) -> None:
        while self._running:
            self._running.pop().end()


def client_of(sdk: Any, url: str, version: str, timeout: int) -> Any:
    """The SDK's client of the engine at ``url``: the one for a socket, with other connections."""
    unix = sdk.transport.unixconn
    programs = Programs(command(url))

    class Connection(unix.UnixHTTPConnection):  # type: ignore[misc,name-defined]  # An argument.
        def connect(self) -> None:
            self.program = programs.start()
            self.sock = self.program.socket
            self.sock.settimeout(self.timeout)

        def getresponse(self, *arguments: Any, **named: Any) -> Any:
            try:
                return super().getresponse(*arguments, **named)
            except socket.timeout:
                raise
            except OSError as error:
                raise SshError(self.program.words() or str(error)) from None

    class Pool(unix.UnixHTTPConnectionPool):  # type: ignore[misc,name-defined]  # An argument.
        def _new_conn(self) -> Any:
            return Connection(self.base_url, self.socket_path, self.timeout)

    class Adapter(unix.UnixHTTPAdapter):  # type: ignore[misc,name-defined]  # An argument.
        def get_connection(self, url: str, proxies: Any = None) -> Any:
            with self.pools.lock:
                pool = self.pools.get(url)
                if pool is None:
                    pool = self.pools[url] = Pool(url, self.socket_path, self.timeout, maxsize=self.max_pool_size)
            return pool

        def close(self) -> None:
            super().close()
            programs.end()

    client = sdk.APIClient(base_url="unix:///ssh", version=version, timeout=timeout)
    client.mount(client.base_url, Adapter("http+unix:///ssh", timeout))
    return client
