# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An engine behind ssh://, reached with the program ssh alone.

The SDK can do this too, with three faults: it still needs the library paramiko, it overrides the port in ssh's own
configuration, and ssh's error messages are lost. The command is the same as the docker client's. The program's
stdin and stdout are one end of a socket pair, so that the rest of the code sees an ordinary connection, with time
limits and two directions that end independently.
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
# How long to wait for ssh to end, in seconds, when it was terminated or its connection is closed.
GRACE = 5


def command(url: str) -> List[str]:
    """The command for an address. Only what is in the address is an argument: the rest is in ssh's configuration."""
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
    # urlsplit() converts the host to lower case, but ssh's configuration may spell it in another way.
    host = parts.netloc.rpartition("@")[2]
    host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    argv = ["ssh"]
    argv += ["-l", parts.username] if parts.username else []
    argv += ["-p", str(port)] if port else []
    return [*argv, "--", host, REMOTE_COMMAND]


class Program:
    """One process of ssh, and this side's end of its connection: ``socket``."""

    def __init__(self, argv: List[str]) -> None:
        self._messages = tempfile.TemporaryFile()  # noqa: SIM115  # It is read after the program has ended.
        self.socket, other = socket.socketpair()
        try:
            # In a separate session it has no terminal to ask for a password, and gets no interrupts.
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
        """How it ended and what it wrote to stderr; "" if it is still running."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE)
        if not self.ended():
            return ""
        self._messages.seek(0)
        said = self._messages.read().decode("utf-8", "replace").strip()
        return "ssh ended with exit code %d%s" % (self.process.returncode, said and ": " + said)

    def end(self) -> None:
        """End the program. Its connection must be closed first."""
        self.process.terminate()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._messages.close()


class Programs:
    """The processes of one client. They outlive their connections: one is closed while its answer is still read."""

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
    """The SDK's client for a socket, with connections through ssh to the engine at ``url``."""
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
