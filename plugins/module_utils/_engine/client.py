# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine's API: connection options, ``connect()``, and one method per verb.

The only file that imports the Docker SDK and its dependencies (requests, urllib3). The SDK provides the transport (unix
socket, TCP, TLS, ssh, named pipe); requests and answers are plain JSON, so the features of the engine do not depend on
the arguments that a release of the SDK supports.
API reference: https://docs.docker.com/reference/api/engine/
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Tuple, cast
from urllib.parse import quote

from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.wharf.docker.plugins.module_utils._engine.documents import document, document_class, strange
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import EngineError, EngineTimeout, Failure

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._engine.hijack import Duplex
    from ansible_collections.wharf.docker.plugins.module_utils._engine.response import Stream

DEFAULT_URL = "unix:///var/run/docker.sock"
OLDEST_SDK = (5, 0, 3)
OLDEST_API = (1, 41)
# The newest API that the collection has been tested with: newer engines are used with this version.
NEWEST_API = (1, 51)

# GETs whose answer is a list; all others return an object.
_LISTS = re.compile("/(containers/json|images/json|networks|containers/[^/]+/changes)")


def from_environment(*names: str) -> str:
    """The value of the first of these variables that is set and not empty: Ansible can't unset a variable."""
    for name in names:
        if os.environ.get(name):
            return os.environ[name]
    raise AnsibleFallbackNotFound


CONNECTION_OPTIONS: Dict[str, Dict[str, Any]] = {
    "docker_host": {"type": "str", "aliases": ["docker_url"], "fallback": (from_environment, ["DOCKER_HOST"])},
    "tls_hostname": {"type": "str", "fallback": (from_environment, ["DOCKER_TLS_HOSTNAME"])},
    "api_version": {
        "type": "str",
        "default": "auto",
        "aliases": ["docker_api_version"],
        "fallback": (from_environment, ["DOCKER_API_VERSION"]),
    },
    "timeout": {"type": "int", "default": 60, "fallback": (from_environment, ["DOCKER_TIMEOUT"])},
    "ca_path": {"type": "path", "aliases": ["ca_cert", "tls_ca_cert", "cacert_path"]},
    "client_cert": {"type": "path", "aliases": ["tls_client_cert", "cert_path"]},
    "client_key": {"type": "path", "aliases": ["tls_client_key", "key_path"]},
    "tls": {"type": "bool", "default": False, "fallback": (from_environment, ["DOCKER_TLS"])},
    "use_ssh_client": {"type": "bool", "default": False},
    "validate_certs": {
        "type": "bool",
        "default": False,
        "aliases": ["tls_verify"],
        "fallback": (from_environment, ["DOCKER_TLS_VERIFY"]),
    },
    "debug": {"type": "bool", "default": False},
}


class Engine:
    """One connection to one engine. Each method makes one call to the API.

    ``tried`` in each call names its purpose ("create the container web"), for the beginning of error messages.
    ``calls`` lists the calls made so far, as "GET /containers/web/json".
    """

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self.url = url
        self.version = OLDEST_API
        self.calls: List[str] = []
        # The inspect documents that a task has read, by their ids: their secrets must be masked in its result.
        self.inspected: Dict[str, Any] = {}
        # Warnings about the way this engine is connected to.
        self.warnings: List[str] = []
        # Whether its answers so far came from Podman, which supports Docker's API in addition to its own.
        self.podman = False
        # Facts about containers, by their ids, that never change (see _replacement/dependents.py).
        self.modes: Dict[str, Dict[str, Any]] = {}

    def negotiate(self) -> None:
        """Find out the engine's API version. One call to ``/_ping``, whose answer has the version in a header."""
        answer = self._request("GET", "/_ping", tried="reach the engine", versioned=False)
        if answer.content.strip() != b"OK" or not answer.headers.get("Api-Version"):
            raise strange("reach the engine", self.url, 'it is not "OK" with a version of the API', answer)
        self.version = min(_version(answer.headers.get("Api-Version", "")), NEWEST_API)
        if self.version < OLDEST_API:
            raise Failure(
                "The engine at %s speaks API %d.%d, but %d.%d is needed (Docker Engine 20.10 or newer)."
                % (self.url, *self.version, *OLDEST_API)
            )

    @property
    def timeout(self) -> float:
        """How many seconds an answer may take to begin: the option ``timeout``."""
        return float(self._client.timeout)

    def close(self) -> None:
        """Close the connection. The engine can't be used afterwards."""
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
        """The JSON document at ``path``. ``within``: a time limit in seconds, if shorter than the option timeout."""
        answer = self._request("GET", path, tried=tried, query=query, headers=headers, within=within)
        if not _LISTS.fullmatch(path):
            return self._inspect(self._object(answer, tried))
        # Without changes there is null instead of a list.
        kinds = (list, type(None)) if path.endswith("/changes") else (list,)
        return document(answer.content, tried, self.url, kinds, answer)

    def credentials(self, image: str) -> Dict[str, str]:
        """The header with the stored credentials for the registry of an image; {} if there are none. No call."""
        from ansible_collections.wharf.docker.plugins.module_utils._engine.credentials import credentials

        return credentials(_import_sdk(), image)

    def find(self, path: str, *, tried: str, within: Optional[float] = None) -> Optional[Dict[str, Any]]:
        """The JSON document at ``path``, None if the engine answers 404."""
        answer = self._request("GET", path, tried=tried, accept=(404,), within=within)
        return None if answer.status_code == 404 else self._inspect(self._object(answer, tried))

    def _inspect(self, found: Dict[str, Any]) -> Dict[str, Any]:
        if "Id" in found:
            self.inspected[str(found["Id"])] = found
        return found

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
        """The engine's answer to a POST with a JSON body; {} if it is empty (for Podman also "OK" or a line break).

        ``accept``: further statuses that are not errors (304: nothing to do). ``patient``: no time limit.
        ``within``: as in ``get()``.
        """
        answer = self._request(
            "POST", path, tried=tried, query=query, body=body, accept=accept, patient=patient, within=within
        )
        if answer.content.strip() not in (b"", b"OK") and answer.status_code < 300:
            return self._object(answer, tried)
        return document_class(tried, self.url)()

    def put_archive(self, path: str, *, tried: str, query: Mapping[str, Any], data: Iterable[bytes]) -> None:
        """PUT of an uncompressed tar archive. There is no time limit for unpacking it."""
        headers = {"Content-Type": "application/x-tar"}
        answer = self._request("PUT", path, tried=tried, query=query, data=data, headers=headers, patient=True)
        if not answer.headers.get("Api-Version"):
            raise strange(tried, self.url, "it names no version of the API", answer)

    def delete(
        self,
        path: str,
        *,
        tried: str,
        query: Optional[Mapping[str, Any]] = None,
        accept: Tuple[int, ...] = (),
    ) -> None:
        """DELETE; ``accept`` as in ``post()``. Removing a large container takes long: no time limit.

        Afterwards a GET verifies the removal: a proxy in between may have answered with success.
        """
        answer = self._request("DELETE", path, tried=tried, query=query, accept=accept, patient=True)
        # An image's digest may still be found through another name of the image.
        if answer.status_code < 300 and "@" not in path:
            inspected = path + "/json" * path.startswith(("/containers/", "/images/"))
            if self.find(inspected, tried=tried + " for good") is not None:
                raise strange(tried, self.url, "it says that this is done, and it is not", answer)

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

        Progress messages are left out: their number is unlimited.
        """
        answer = self._request(
            "POST", path, tried=tried, query=query, data=data, headers=headers, stream=True, patient=True
        )
        messages: List[Dict[str, Any]] = []
        stream = self._stream(answer, tried)
        try:
            for message in stream.documents():
                if "errorDetail" in message:
                    detail = message["errorDetail"]
                    words = (detail.get("message") if isinstance(detail, dict) else "") or message.get("error")
                    raise _refused(tried, 500, str(words or message))
                if not message.get("progressDetail"):
                    messages.append(message)
        finally:
            stream.close()
        return messages

    def head(
        self, path: str, *, tried: str, query: Optional[Mapping[str, Any]] = None, accept: Tuple[int, ...] = ()
    ) -> Tuple[int, Mapping[str, str]]:
        """The status and the headers of an answer without a body; ``accept`` as in ``post()``."""
        answer = self._request("HEAD", path, tried=tried, query=query, accept=accept)
        if answer.status_code < 300 and not answer.headers.get("Api-Version"):
            raise strange(tried, self.url, "it names no version of the API", answer)
        return int(answer.status_code), answer.headers

    def in_header(self, headers: Mapping[str, str], name: str, *, tried: str) -> Dict[str, Any]:
        """The JSON object in a header of an answer, in base64."""
        import base64

        try:
            text = base64.b64decode(headers.get(name) or "", validate=True)
        except ValueError:
            text = b""
        return cast("Dict[str, Any]", document(text, tried, self.url))

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
        """The raw connection that the engine upgrades a POST to: ``to_send`` is sent while output is received.

        ``end``: afterwards, signal the end of input to the engine. ``within``: as in ``stream()``. The output has no
        time limit; close the connection after use.
        """
        from ansible_collections.wharf.docker.plugins.module_utils._engine.hijack import below

        headers = {"Connection": "Upgrade", "Upgrade": "tcp"}
        answer = self._request(
            "POST", path, tried=tried, body=body, headers=headers, stream=True, patient=True, within=within
        )
        # The engine answers 200 if it does not see the request to upgrade, and means the same.
        if not str(answer.headers.get("Content-Type")).startswith("application/vnd.docker."):
            answer.close()
            raise strange(tried, self.url, "the connection is not upgraded", answer)
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
        """A response stream. Close it after use.

        ``within``: the time limit in seconds for the answer's beginning (None: no limit), after which EngineTimeout is
        raised. ``idle``: the maximum number of seconds between two parts of it (None: no limit).
        """
        from ansible_collections.wharf.docker.plugins.module_utils._engine.response import limit

        # Otherwise the engine packs the archive of a container's files with gzip, which takes it several times as long.
        headers = {"Accept-Encoding": "identity"}
        answer = self._request(
            method, path, tried=tried, query=query, headers=headers, stream=True, patient=True, within=within
        )
        if within != idle:
            limit(answer, idle)
        return self._stream(answer, tried, idle)

    def _stream(self, answer: Any, tried: str, idle: Optional[float] = None) -> Stream:
        import urllib3

        from ansible_collections.wharf.docker.plugins.module_utils._engine.response import Stream

        # The exceptions of requests are OSErrors, too.
        return Stream(answer, tried, self.url, (urllib3.exceptions.HTTPError, OSError), idle)

    def _object(self, answer: Any, tried: str) -> Dict[str, Any]:
        return cast("Dict[str, Any]", document(answer.content, tried, self.url, answer=answer))

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
        """``patient``: no time limit except ``within``, the seconds in which the answer must begin.

        Otherwise the shorter one of ``within`` and the option timeout applies.
        """
        import requests

        self.calls.append("%s %s" % (method, path))
        limits = [limit for limit in (within, None if patient else self._client.timeout) if limit is not None]
        # The limit may have passed already, and 0 is not allowed.
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
                # An engine never redirects, and credentials must not be sent to another server.
                allow_redirects=False,
            )
        except requests.exceptions.Timeout:
            from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import late

            raise EngineTimeout(
                late(tried, self.url, limit or 0, "timeout" if limit == self._client.timeout else "")
            ) from None
        except (requests.exceptions.RequestException, OSError) as error:
            from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import is_late, late

            if limit is not None and is_late(error):
                raise EngineTimeout(late(tried, self.url, limit, "" if patient else "timeout")) from None
            raise _unreachable(tried, self.url, error) from None
        self.podman = "Libpod-Api-Version" in answer.headers
        if answer.status_code >= 300:
            self._refuse(answer, tried, accept)
        return answer

    def _refuse(self, answer: Any, tried: str, accept: Tuple[int, ...]) -> None:
        """Raise an engine's refusal, unless its status is in ``accept``."""
        from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import between, own_words

        accepted = answer.status_code in accept
        # Only an engine's own refusal is information about its objects; a proxy in between may refuse instead.
        foreign = between(answer, accepted)
        if foreign:
            raise strange(tried, self.url, foreign, answer)
        if not accepted:
            raise _refused(tried, answer.status_code, own_words(answer))


def connect(options: Mapping[str, Any]) -> Engine:
    """Connect to the engine of these connection options: one call (``/_ping``), none if ``api_version`` is given."""
    url, tls = _address(options)
    client = _client(url, tls, options)
    engine = Engine(client, url)
    engine.warnings += _unprotected(client)
    with contextlib.ExitStack() as failed:
        failed.callback(engine.close)
        if options["api_version"] == "auto":
            engine.negotiate()
        else:
            engine.version = _version(options["api_version"])
        failed.pop_all()
    return engine


def sdk_problem() -> str:
    """Import the SDK. "" if it can be used, or else the reason and what to do."""
    try:
        _import_sdk()
    except Failure as failure:
        return failure.message
    return ""


def segment(name: str) -> str:
    """``name`` as one segment of an API path."""
    return quote(name, safe="")


def reference(name: str) -> str:
    """An image's name as a part of an API path: its slashes stay."""
    return quote(name, safe="/:@")


def _address(options: Mapping[str, Any]) -> Tuple[str, Any]:
    """The engine's address (docker_host, DOCKER_HOST, docker context, default socket), and the context's TLS files."""
    if options["docker_host"]:
        return options["docker_host"], None
    context = os.environ.get("DOCKER_CONTEXT") or _current_context()
    if not context or context == "default":
        return DEFAULT_URL, None
    from ansible_collections.wharf.docker.plugins.module_utils._engine.tls import context_address

    return context_address(_import_sdk(), context)


def _current_context() -> str:
    directory = os.environ.get("DOCKER_CONFIG") or os.path.expanduser("~/.docker")
    try:
        with open(os.path.join(directory, "config.json"), encoding="utf-8") as file:
            return str(json.load(file).get("currentContext") or "")
    except (OSError, ValueError, AttributeError):
        return ""


def _client(url: str, context_tls: Any, options: Mapping[str, Any]) -> Any:
    sdk = _import_sdk()
    tls = context_tls or False
    if not tls and (options["tls"] or options["validate_certs"]):
        from ansible_collections.wharf.docker.plugins.module_utils._engine.tls import tls_of_options

        tls = tls_of_options(sdk, url, options)
    oldest = "%d.%d" % OLDEST_API  # Given so that the SDK does not ask for it itself; see negotiate().
    try:
        if url.lower().startswith("ssh://") and options["use_ssh_client"]:
            from ansible_collections.wharf.docker.plugins.module_utils._engine.ssh import client_of

            client = client_of(sdk, url, oldest, options["timeout"])
        else:
            client = sdk.APIClient(base_url=url, version=oldest, timeout=options["timeout"], tls=tls)
    except (sdk.errors.DockerException, OSError, ValueError) as error:
        if "paramiko" not in str(error):
            raise _unreachable("use the engine's address", url, error) from None
        raise Failure(
            "Cannot reach the engine at %s: the Python library paramiko is missing on this host. Set use_ssh_client "
            "to true to use the program ssh instead, or install paramiko." % url
        ) from None
    except ImportError as error:
        raise Failure(
            "Cannot reach the engine at %s: a Python library is missing on this host (%s). Install it, "
            "or set use_ssh_client to true for ssh:// addresses." % (url, error)
        ) from None
    # The environment must provide neither certificates, which would override the task's options (REQUESTS_CA_BUNDLE,
    # CURL_CA_BUNDLE), nor proxies, nor a password file (.netrc).
    client.trust_env = False
    if client.base_url.startswith("http+docker://"):
        # The SDK keeps connections to a socket, or by ssh, per path; share them among all paths, as with TCP.
        adapter = client.get_adapter(client.base_url)
        pool_for = adapter.get_connection
        adapter.get_connection = lambda _url, proxies=None: pool_for(client.base_url, proxies)
    return client


def _unprotected(client: Any) -> List[str]:
    if not client.base_url.startswith(("http://", "https://")):
        return []
    import urllib3

    from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import unprotected

    # Python's own warning would appear in the output of each process that connects.
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return unprotected(client.base_url, bool(client.verify))


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
    from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import advice, sentence

    return EngineError(
        "Cannot %s: the engine answered %d: %s%s" % (tried, status, sentence(words), advice(words, status, tried)),
        status,
        words,
    )


def _unreachable(tried: str, url: str, error: BaseException) -> EngineError:
    from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import unreachable

    return EngineError(unreachable(tried, url, error))


def _query(query: Optional[Mapping[str, Any]]) -> Optional[Dict[str, Any]]:
    """Query values as the API requires them: true and false in lower case, filters as JSON."""
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
