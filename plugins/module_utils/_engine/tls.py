# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker contexts and TLS: what a connection needs unless it is to a local socket."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import sentence


def context_address(sdk: Any, context: str) -> Tuple[str, Any]:
    """The address of the engine of a docker context, and the context's TLS files."""
    found = sdk.ContextAPI.get_context(context)
    if found is None:
        raise Failure(
            "The docker context %r is not known on this host. List the known ones with 'docker context ls', "
            "or set docker_host." % context
        )
    return found.Host, found.TLSConfig


def tls_of_options(sdk: Any, url: str, options: Mapping[str, Any]) -> Any:
    """The TLS files and checks that the connection options specify."""
    directory = os.environ.get("DOCKER_CERT_PATH")
    files = {}
    for option, name in (("ca_path", "ca.pem"), ("client_cert", "cert.pem"), ("client_key", "key.pem")):
        files[option] = options[option] or (os.path.join(directory, name) if directory else None)
    arguments: Dict[str, Any] = {"verify": options["validate_certs"]}
    if files["client_cert"] and files["client_key"]:
        arguments["client_cert"] = (files["client_cert"], files["client_key"])
    if files["ca_path"] and options["validate_certs"]:
        arguments["ca_cert"] = files["ca_path"]
    if options["tls_hostname"]:
        if int(sdk.__version__.partition(".")[0]) >= 7:
            raise Failure(
                "tls_hostname can't be used with version 7 or newer of the Docker SDK for Python: leave it out."
            )
        arguments["assert_hostname"] = options["tls_hostname"]
    try:
        return sdk.tls.TLSConfig(**arguments)
    except sdk.errors.TLSParameterError as error:
        raise Failure("Cannot use TLS with the engine at %s: %s" % (url, sentence(str(error)))) from None
