# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine's API: connection options, ``connect()``, and one method a verb.

The only file that imports the Docker SDK and what the SDK brings along (requests, urllib3). The SDK finds the
transport (unix socket, TCP, TLS, ssh, named pipe); requests carry plain JSON both ways, so what the engine can do
does not depend on what a release of the SDK has an argument for.
API reference: https://docs.docker.com/reference/api/engine/
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Tuple
from urllib.parse import quote

from ansible.module_utils.common.parameters import env_fallback

from ansible_collections.wharf.docker.plugins.module_utils._errors import Failure

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._answer import Stream
    from ansible_collections.wharf.docker.plugins.module_utils._duplex import Duplex

DEFAULT_URL = "unix:///var/run/docker.sock"
OLDEST_SDK = (5, 0, 3)
OLDEST_API = (1, 41)
# The newest API whose documents the collection has been tried with: a newer engine is asked for this one.
NEWEST_API = (1, 51)

CONNECTION_OPTIONS: Dict[str, Dict[str, Any]] = {
    "docker_host": {"type": "str", "aliases": ["docker_url"], "fallback": (env_fallback, ["DOCKER_HOST"])},
    "tls_hostname": {"type": "str", "fallback": (env_fallback, ["DOCKER_TLS_HOSTNAME"])},
    "api_version": {
        "type": "str",
        "default": "auto",
        "aliases": ["docker_api_version"],
        "fallback": (env_fallback, ["DOCKER_API_VERSION"]),
    },
    "timeout": {"type": "int", "default": 60, "fallback": (env_fallback, ["DOCKER_TIMEOUT"])},
    "ca_path": {"type": "path", "aliases": ["ca_cert", "tls_ca_cert", "cacert_path"]},
    "client_cert": {"type": "path", "aliases": ["tls_client_cert", "cert_path"]},
    "client_key": {"type": "path", "aliases": ["tls_client_key", "key_path"]},
    "tls": {"type": "bool", "default": False, "fallback": (env_fallback, ["DOCKER_TLS"])},
    "use_ssh_client": {"type": "bool", "default": False},
    "validate_certs": {
        "type": "bool",
        "default": False,
        "aliases": ["tls_verify"],
        "fallback": (env_fallback, ["DOCKER_TLS_VERIFY"]),
    },
}


class EngineError(Failure):
    """An answer of the engine that is not a success; ``status`` is its HTTP status (0: there was no answer)."""

    def __init__(self, message: str, status: int = 0, answer: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.answer = answer


class EngineTimeout(EngineError):
    """There was no answer within the time that there was for it."""


class Engine:
    """One connection to one engine. Each method makes one call to the API.

    ``tried`` in each call says in plain words what the call is for ("create the container web"): errors begin with it.
    ``calls`` lists the calls made so far, as "GET /containers/web/json".
    """

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self.url = url
        self.version = OLDEST_API
        self.calls: List[str] = []
        # The inspect documents that a task has looked at, by their ids: it must not tell what is secret there.
        self.inspected: Dict[str, Any] = {}
        # What was learned of containers by their ids, and never changes (see _dependents.py).
        self.modes: Dict[str, Dict[str, Any]] = {}

    def negotiate(self) -> None:
        """Ask the engine which API it speaks. One call to ``/_ping``, whose answer carries the version in a header."""
        answer = self._request("GET", "/_ping", tried="reach the engine", versioned=False)
        self.version = min(_version(answer.headers.get("Api-Version", "")), NEWEST_API)
        if self.version < OLDEST_API:
            raise Failure(
                "The engine at %s speaks API %d.%d, but %d.%d is needed (Docker Engine 20.10 or newer)."
                % (self.url, *self.version, *OLDEST_API)
            )

    @property
    def timeout(self) -> float:
        """How many seconds an answer may take to begin: the option of this name."""
        return float(self._client.timeout)

    def close(self) -> None:
        """Give the connection back. The engine can't be used any more."""
        self._client.close()

    def get(
        self,
        path: str,
        *,
        tried: str,
        query: Optional[Mapping[str, Any]] = None,
        headers: Optional[Mapping[str, str]] = None,
        within: Optional[float] = None,
    ) -> Any:
        """The JSON document at ``path``. ``within``: the seconds there are for it, where they are less than timeout."""
        answer = self._request("GET", path, tried=tried, query=query, headers=headers, within=within)
        return self._inspect(answer.json())

    def credentials(self, image: str) -> Dict[str, str]:
        """The header with the stored credentials for the registry of an image; {} where there are none. No call."""
        from ansible_collections.wharf.docker.plugins.module_utils._engine_auth import credentials

        return credentials(_import_sdk(), image)

    def find(self, path: str, *, tried: str, within: Optional[float] = None) -> Optional[Dict[str, Any]]:
        """The JSON document at ``path``, or None where the engine says that there is none (404)."""
        answer = self._request("GET", path, tried=tried, accept=(404,), within=within)
        if answer.status_code != 404:
            return dict(self._inspect(answer.json()))
        return None

    def _inspect(self, document: Any) -> Any:
        if isinstance(document, dict) and "Id" in document:
            self.inspected[str(document["Id"])] = document
        return document

    def post(
        self,
        path: str,
        *,
        tried: str,
        query: Optional[Mapping[str, Any]] = None,
        body: Optional[Mapping[str, Any]] = None,
        accept: Tuple[int, ...] = (),
        patient: bool = False,
        within: Optional[float] = None,
    ) -> Dict[str, Any]:
        """The engine's answer to a POST with a JSON body ({} where it has none).

        ``accept``: further statuses that are no error (304: it was so already). ``patient``: no time limit.
        ``within``: as in ``get()``.
        """
        answer = self._request(
            "POST", path, tried=tried, query=query, body=body, accept=accept, patient=patient, within=within
        )
        return dict(answer.json()) if answer.content and answer.status_code < 300 else {}

    def delete(
        self,
        path: str,
        *,
        tried: str,
        query: Optional[Mapping[str, Any]] = None,
        accept: Tuple[int, ...] = (),
    ) -> None:
        """DELETE; ``accept`` as in ``post()``. Removing a large container takes long: no time limit."""
        self._request("DELETE", path, tried=tried, query=query, accept=accept, patient=True)

    def messages(
        self,
        path: str,
        *,
        tried: str,
        query: Mapping[str, Any],
        data: Optional[Iterable[bytes]] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> List[Dict[str, Any]]:
        """The messages of a long POST (pull, import); an ``errorDetail`` among them is raised.

        Those that tell how far something is are left out: there is no end to them.
        """
        answer = self._request(
            "POST", path, tried=tried, query=query, data=data, headers=headers, stream=True, patient=True
        )
        messages = []
        with answer:
            for line in answer.iter_lines():
                if not line:
                    continue
                message = json.loads(line)
                if "errorDetail" in message:
                    words = str(message["errorDetail"].get("message") or message.get("error") or message)
                    raise _refused(tried, 500, words)
                if not message.get("progressDetail"):
                    messages.append(message)
        return messages

    def head(
        self, path: str, *, tried: str, query: Optional[Mapping[str, Any]] = None, accept: Tuple[int, ...] = ()
    ) -> Tuple[int, Mapping[str, str]]:
        """The status and the headers of an answer without a body; ``accept`` as in ``post()``."""
        answer = self._request("HEAD", path, tried=tried, query=query, accept=accept)
        return int(answer.status_code), answer.headers

    def duplex(
        self,
        path: str,
        *,
        tried: str,
        body: Mapping[str, Any],
        to_send: bytes = b"",
        end: bool,
        within: Optional[float] = None,
    ) -> Duplex:
        """The raw connection of a POST that the engine turns into one: ``to_send`` goes out while output comes.

        ``end``: tell the engine afterwards that nothing more is sent. ``within``: as in ``stream()``. No time limit
        for what comes then; close it after use.
        """
        from ansible_collections.wharf.docker.plugins.module_utils._duplex import below

        headers = {"Connection": "Upgrade", "Upgrade": "tcp"}
        answer = self._request(
            "POST", path, tried=tried, body=body, headers=headers, stream=True, patient=True, within=within
        )
        return below(answer, to_send, end)

    def stream(
        self,
        method: str,
        path: str,
        *,
        tried: str,
        query: Optional[Mapping[str, Any]] = None,
        within: Optional[float] = None,
        idle: Optional[float] = None,
    ) -> Stream:
        """An answer whose body is read as it comes. Close it after use.

        ``within``: how many seconds there are until the answer begins (None: no limit); EngineTimeout after them.
        ``idle``: how many may pass until more of it comes (None: any time).
        """
        import urllib3

        from ansible_collections.wharf.docker.plugins.module_utils._answer import Stream, limit

        answer = self._request(method, path, tried=tried, query=query, stream=True, patient=True, within=within)
        if within != idle:
            limit(answer, idle)
        # What requests raises is an OSError, too.
        return Stream(answer, tried, (urllib3.exceptions.HTTPError, OSError), idle)

    def _request(
        self,
        method: str,
        path: str,
        *,
        tried: str,
        query: Optional[Mapping[str, Any]] = None,
        body: Optional[Mapping[str, Any]] = None,
        data: Optional[Iterable[bytes]] = None,
        headers: Optional[Mapping[str, str]] = None,
        accept: Tuple[int, ...] = (),
        versioned: bool = True,
        stream: bool = False,
        patient: bool = False,
        within: Optional[float] = None,
    ) -> Any:
        """``patient``: no time limit but ``within``, the seconds after which the answer must have begun.

        Without it, the shorter of the two counts: ``within``, or the option timeout.
        """
        import requests

        self.calls.append("%s %s" % (method, path))
        limits = [limit for limit in (within, None if patient else self._client.timeout) if limit is not None]
        # It may be over already, and 0 would be refused.
        limit: Optional[float] = max(min(limits), 0.001) if limits else None
        root = "%s/v%d.%d" % (self._client.base_url, *self.version) if versioned else self._client.base_url
        try:
            answer = self._client.request(
                method,
                root + path,
                params=_query(query),
                json=body,
                data=data,
                headers=headers,
                stream=stream,
                timeout=limit,
            )
        except requests.exceptions.Timeout:
            from ansible_collections.wharf.docker.plugins.module_utils._engine_words import late

            raise EngineTimeout(
                late(tried, self.url, limit or 0, "timeout" if limit == self._client.timeout else "")
            ) from None
        except (requests.exceptions.RequestException, OSError) as error:
            raise _unreachable(tried, self.url, error) from None
        if answer.status_code >= 300 and answer.status_code not in accept:
            from ansible_collections.wharf.docker.plugins.module_utils._engine_words import own_words

            raise _refused(tried, answer.status_code, own_words(answer))
        return answer


def connect(options: Mapping[str, Any]) -> Engine:
    """An engine that answers, from the connection options of a task.

    One call (``/_ping``), or none where ``api_version`` names a version.
    """
    url, tls = _address(options)
    client = _client(url, tls, options)
    engine = Engine(client, url)
    if options["api_version"] == "auto":
        engine.negotiate()
    else:
        engine.version = _version(options["api_version"])
    return engine


def sdk_problem() -> str:
    """Import the SDK. "" where it can be used, or else why not and what to do."""
    try:
        _import_sdk()
    except Failure as failure:
        return failure.message
    return ""


def segment(name: str) -> str:
    """``name`` as one part of a path of the API."""
    return quote(name, safe="")


def reference(name: str) -> str:
    """An image's name as parts of a path of the API: its slashes stay."""
    return quote(name, safe="/:@")


def _address(options: Mapping[str, Any]) -> Tuple[str, Any]:
    """Where the engine is (docker_host, DOCKER_HOST, docker context, default socket), and the context's TLS files."""
    if options["docker_host"]:
        return options["docker_host"], None
    context = os.environ.get("DOCKER_CONTEXT") or _current_context()
    if not context or context == "default":
        return DEFAULT_URL, None
    from ansible_collections.wharf.docker.plugins.module_utils._engine_tls import context_address

    return context_address(_import_sdk(), context)


def _current_context() -> str:
    folder = os.environ.get("DOCKER_CONFIG") or os.path.expanduser("~/.docker")
    try:
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            return str(json.load(file).get("currentContext") or "")
    except (OSError, ValueError, AttributeError):
        return ""


def _client(url: str, context_tls: Any, options: Mapping[str, Any]) -> Any:
    sdk = _import_sdk()
    tls = context_tls or False
    if not tls and (options["tls"] or options["validate_certs"]):
        from ansible_collections.wharf.docker.plugins.module_utils._engine_tls import tls_of_options

        tls = tls_of_options(sdk, url, options)
    try:
        client = sdk.APIClient(
            base_url=url,
            version="%d.%d" % OLDEST_API,  # Named here so that the SDK does not ask by itself; see negotiate().
            timeout=options["timeout"],
            tls=tls,
            use_ssh_client=options["use_ssh_client"],
        )
        # No proxy and no password file has a part in a socket: looking for them costs as much as many an answer.
        client.trust_env = not url.startswith("unix://")
        return client
    except (sdk.errors.DockerException, OSError, ValueError) as error:
        raise _unreachable("use the engine's address", url, error) from None
    except ImportError as error:
        raise Failure(
            "Cannot reach the engine at %s: a Python library is missing on this host (%s). Install it, "
            "or set use_ssh_client to true for ssh:// addresses." % (url, error)
        ) from None


def _import_sdk() -> Any:
    needed = "%d.%d.%d" % OLDEST_SDK
    try:
        import docker
        import docker.tls
    except ImportError as error:
        raise Failure(
            "The Docker SDK for Python, version %s or newer, is needed on this host for the Python interpreter %s, "
            "and can't be imported (%s). Install the package python3-docker, or run '%s -m pip install docker'."
            % (needed, sys.executable, error, sys.executable)
        ) from None
    found = tuple(int(part) for part in re.findall(r"\d+", docker.__version__)[:3])
    if found < OLDEST_SDK:
        raise Failure(
            "Version %s of the Docker SDK for Python is too old (interpreter %s): version %s or newer is needed. "
            "Upgrade the package python3-docker, or run '%s -m pip install --upgrade docker'."
            % (docker.__version__, sys.executable, needed, sys.executable)
        )
    return docker


def _refused(tried: str, status: int, words: str) -> EngineError:
    from ansible_collections.wharf.docker.plugins.module_utils._engine_words import advice, sentence

    return EngineError(
        "Cannot %s: the engine answered %d: %s%s" % (tried, status, sentence(words), advice(words, status, tried)),
        status,
        words,
    )


def _unreachable(tried: str, url: str, error: BaseException) -> EngineError:
    from ansible_collections.wharf.docker.plugins.module_utils._engine_words import unreachable

    return EngineError(unreachable(tried, url, error))


def _query(query: Optional[Mapping[str, Any]]) -> Optional[Dict[str, Any]]:
    """Query values as the API wants them: true and false in lower case, lists and filters as JSON."""
    if query is None:
        return None
    plain: Dict[str, Any] = {}
    for key, value in query.items():
        if isinstance(value, bool):
            plain[key] = "true" if value else "false"
        elif isinstance(value, dict):
            plain[key] = json.dumps(value)
        elif value is not None:
            plain[key] = value
    return plain


def _version(text: str) -> Tuple[int, int]:
    match = re.match(r"(\d+)\.(\d+)", text)
    return (int(match.group(1)), int(match.group(2))) if match else (0, 0)
