# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of the connection options, which every module has.

Private to the collection. The options themselves are CONNECTION_OPTIONS in module_utils/_engine/client.py.
"""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  docker_host:
    description:
      - The address of the engine, for example V(unix:///var/run/docker.sock), V(tcp://192.0.2.23:2376) or
        V(ssh://admin@host.example.com).
      - If not given, the environment variable E(DOCKER_HOST) is used. If that is not set either, the docker context is
        used. This is the context in E(DOCKER_CONTEXT), or else the C(currentContext) in the docker client's
        C(config.json) (in the directory E(DOCKER_CONFIG), or else in C(~/.docker)). If there is no context, it is
        V(unix:///var/run/docker.sock).
      - A context can have its own TLS files, which are used together with its address.
    type: str
    aliases:
      - docker_url
  tls_hostname:
    description:
      - The name that the engine's certificate must have, if it is not the name in O(docker_host).
      - If not given, the environment variable E(DOCKER_TLS_HOSTNAME) is used.
      - Version 7 and newer of the Docker SDK for Python no longer support this. With these, the task fails if
        O(tls_hostname) is given and TLS is used.
    type: str
  api_version:
    description:
      - The version of the engine's API to use, for example V(1.43).
      - With V(auto), it is the newest version that both the engine and this collection support.
      - If not given, the environment variable E(DOCKER_API_VERSION) is used.
    type: str
    default: auto
    aliases:
      - docker_api_version
  timeout:
    description:
      - How many seconds to wait for the engine's response to one call.
      - Calls that can take long have no limit, such as pulling an image, stopping or removing a container, and reading
        the output of a process.
      - If not given, the environment variable E(DOCKER_TIMEOUT) is used.
    type: int
    default: 60
  ca_path:
    description:
      - The file with the CA certificate to verify the engine's certificate with. Used with O(validate_certs=true).
      - If not given and the environment variable E(DOCKER_CERT_PATH) is set, the file C(ca.pem) in that directory is
        used.
    type: path
    aliases:
      - ca_cert
      - tls_ca_cert
      - cacert_path
  client_cert:
    description:
      - The file with the client's certificate. Used together with O(client_key).
      - If not given and the environment variable E(DOCKER_CERT_PATH) is set, the file C(cert.pem) in that directory is
        used.
    type: path
    aliases:
      - tls_client_cert
      - cert_path
  client_key:
    description:
      - The file with the key of the client's certificate.
      - If not given and the environment variable E(DOCKER_CERT_PATH) is set, the file C(key.pem) in that directory is
        used.
    type: path
    aliases:
      - tls_client_key
      - key_path
  tls:
    description:
      - Whether to encrypt the connection to a C(tcp://) address without verifying the engine's certificate, which
        causes a warning. To verify it as well, use O(validate_certs).
      - If not given, the environment variable E(DOCKER_TLS) is used.
    type: bool
    default: false
  use_ssh_client:
    description:
      - Whether to connect to C(ssh://) addresses with the program C(ssh) and its usual configuration. It can't prompt,
        so it needs a key without a passphrase, or an agent. Otherwise the Python library paramiko is required.
    type: bool
    default: false
  validate_certs:
    description:
      - Whether to encrypt the connection to a C(tcp://) address and verify the engine's certificate.
      - If not given, the environment variable E(DOCKER_TLS_VERIFY) is used.
    type: bool
    default: false
    aliases:
      - tls_verify
  debug:
    description:
      - No effect. Accepted for compatibility with the modules of community.docker.
    type: bool
    default: false
requirements:
  - Docker SDK for Python >= 5.0.3
  - Docker Engine API >= 1.41 (Docker Engine 20.10 or newer)
notes:
  - The environment variables are read from the module's process on the managed host. C(environment) of a task or a play
    sets them. They are E(DOCKER_HOST), E(DOCKER_CONTEXT), E(DOCKER_CONFIG), E(DOCKER_API_VERSION), E(DOCKER_TIMEOUT),
    E(DOCKER_TLS), E(DOCKER_TLS_VERIFY), E(DOCKER_TLS_HOSTNAME) and E(DOCKER_CERT_PATH). An empty variable counts as not
    set.
  - Nothing else in the environment influences the connection to the engine, such as a proxy (C(HTTPS_PROXY)), a
    certificate bundle (E(REQUESTS_CA_BUNDLE)) or a C(.netrc) file.
  - A C(tcp://) address of another host without TLS causes a warning, since anyone who can reach it controls that host.
  - To set the connection for all modules of the collection in a play, use C(module_defaults) for
    C(group/wharf.docker.docker).
"""
