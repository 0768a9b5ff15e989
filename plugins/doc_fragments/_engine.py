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
      - Where the engine listens, for example V(unix:///var/run/docker.sock), V(tcp://192.0.2.23:2376) or
        V(ssh://admin@host.example.com).
      - If it is not given, the environment variable E(DOCKER_HOST) is used. If that is not set, the docker context
        is used, which is the one that E(DOCKER_CONTEXT) names, or else the C(currentContext) of the docker client's
        C(config.json) (in the folder that E(DOCKER_CONFIG) names, or else in C(~/.docker)). If there is none, it is
        V(unix:///var/run/docker.sock).
      - A context may bring its own TLS files. They are used together with its address.
    type: str
    aliases:
      - docker_url
  tls_hostname:
    description:
      - The name that the engine's certificate has to be for, where it is not the name in O(docker_host).
      - If it is not given, the environment variable E(DOCKER_TLS_HOSTNAME) is used.
      - Version 7 and newer of the Docker SDK for Python can't do this any more. With one of these the task fails
        where O(tls_hostname) is given and TLS is used.
    type: str
  api_version:
    description:
      - The version of the API to speak with the engine, for example V(1.43).
      - With V(auto), it is the newest one that both the engine and this collection know.
      - If it is not given, the environment variable E(DOCKER_API_VERSION) is used.
    type: str
    default: auto
    aliases:
      - docker_api_version
  timeout:
    description:
      - How many seconds to wait for the engine's answer to one call.
      - Calls that may well take long have no limit, such as pulling an image, stopping or removing a container, and
        reading the output of a process.
      - If it is not given, the environment variable E(DOCKER_TIMEOUT) is used.
    type: int
    default: 60
  ca_path:
    description:
      - The file with the certificate of the authority that signed the engine's certificate. It is used where
        O(validate_certs=true).
      - If it is not given and the environment variable E(DOCKER_CERT_PATH) is set, the file C(ca.pem) in that folder
        is used.
    type: path
    aliases:
      - ca_cert
      - tls_ca_cert
      - cacert_path
  client_cert:
    description:
      - The file with the client's certificate. It is used together with O(client_key).
      - If it is not given and the environment variable E(DOCKER_CERT_PATH) is set, the file C(cert.pem) in that folder
        is used.
    type: path
    aliases:
      - tls_client_cert
      - cert_path
  client_key:
    description:
      - The file with the key of the client's certificate.
      - If it is not given and the environment variable E(DOCKER_CERT_PATH) is set, the file C(key.pem) in that folder
        is used.
    type: path
    aliases:
      - tls_client_key
      - key_path
  tls:
    description:
      - Whether to encrypt the connection to a C(tcp://) address without checking who answers, which is warned about. To
        have that checked as well, use O(validate_certs).
      - If it is not given, the environment variable E(DOCKER_TLS) is used.
    type: bool
    default: false
  use_ssh_client:
    description:
      - Whether C(ssh://) addresses are reached with the program C(ssh), which reads its usual configuration. It can
        ask for nothing, so that it needs a key without a passphrase, or an agent. If not, the Python library paramiko
        is needed.
    type: bool
    default: false
  validate_certs:
    description:
      - Whether to encrypt the connection to a C(tcp://) address and to check the engine's certificate.
      - If it is not given, the environment variable E(DOCKER_TLS_VERIFY) is used.
    type: bool
    default: false
    aliases:
      - tls_verify
  debug:
    description:
      - This option is taken because the modules of community.docker have it. It has no effect.
    type: bool
    default: false
requirements:
  - Docker SDK for Python >= 5.0.3
  - Docker Engine API >= 1.41 (Docker Engine 20.10 or newer)
notes:
  - The environment variables are those of the module's process on the managed host. C(environment) of a task or a play
    sets them. They are E(DOCKER_HOST), E(DOCKER_CONTEXT), E(DOCKER_CONFIG), E(DOCKER_API_VERSION), E(DOCKER_TIMEOUT),
    E(DOCKER_TLS), E(DOCKER_TLS_VERIFY), E(DOCKER_TLS_HOSTNAME) and E(DOCKER_CERT_PATH). One that is empty counts as not
    set.
  - Nothing else of the environment has a part in the connection to the engine, such as a proxy (C(HTTPS_PROXY)), a
    bundle of certificates (E(REQUESTS_CA_BUNDLE)) or a C(.netrc) file.
  - A C(tcp://) address of another host without TLS is warned about, since anyone who reaches it controls that host.
  - A play can set the connection for all modules of the collection at once, with C(module_defaults) for
    C(group/wharf.docker.docker).
"""
