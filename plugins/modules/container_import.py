#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_import
short_description: Import a tar archive as an image
version_added: 1.0.0
description:
  - Imports a file system from a tar archive as an image with one layer, as C(docker import) does, for example an
    archive of M(wharf.docker.container_export) or C(docker export).
  - It imports nothing if the image O(repository):O(tag) already has this content and this configuration. To find out,
    it reads the whole archive in every run. The uncompressed content is compared, so compressing the archive again
    changes nothing, while packing the same files again often results in another archive (times and order).
  - Nothing is sent before the archive is known to be complete, from its first header to the mark at its end. The engine
    itself would accept an archive that is cut off between two members.
  - The archive is imported under a temporary name, C(wharf-import-...). O(repository):O(tag) is moved to the new image
    only when the image is known to be correct. If anything fails before, the new image is removed and the name is not
    moved. Only a run that is killed can leave a temporary name behind.
  - The next run of the module on this engine removes such a name, also if it imports nothing, and reports it in
    RV(actions). It keeps a name while its import may still be running. This can be detected for imports of the same
    host. A name that belongs to another host's import is removed if its image is older than an hour.
  - Archives of images are not accepted, whether they were written by C(docker save) or have the OCI layout. The engine
    would import them as a file system. Use C(docker load) or M(community.docker.docker_image_load) instead.
  - An image that had the name before is kept, without that name, as with C(docker import). RV(previous_image) is its
    ID. Containers that were created from it still use it.
  - Archives of any size take a constant amount of memory.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
    details:
      - Reads and checks the archive too, but sends nothing.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  src:
    description:
      - The tar archive, uncompressed or compressed with gzip, bzip2, xz or zstd. The compression is detected from the
        content, whatever the name.
      - Engines can't unpack archives that GNU tar writes with C(--sparse), C(--label), C(--multi-volume) and
        C(--incremental), unless it is used with C(--format=pax). Such an archive is not accepted, and the error names
        the option.
      - Zstd requires the Python library C(zstandard) on the host that the task runs on, or Python 3.14 or newer.
    type: path
    required: true
  remote_src:
    description:
      - With V(true), O(src) is a file on the host that the task runs on.
      - With V(false), it is a file on the controller. In this release the task has to run on the controller then (with
        a local connection, or delegated to C(localhost)). If it runs on another host, copy the file there first.
    type: bool
    default: true
  repository:
    description:
      - The name of the image, for example V(myapp) or V(localhost:5000/team/myapp).
      - It can include the tag (V(myapp:1)) if O(tag) is not given.
    type: str
    required: true
  tag:
    description:
      - The tag of the image.
      - If not given, it is the tag in O(repository), or else V(latest).
    type: str
  changes:
    description:
      - The configuration of the image, as Dockerfile instructions. C(CMD), C(ENTRYPOINT), C(ENV), C(EXPOSE),
        C(HEALTHCHECK), C(LABEL), C(ONBUILD), C(STOPSIGNAL), C(USER), C(VOLUME) and C(WORKDIR) are supported.
        C(STOPSIGNAL) requires Docker Engine 23 (API 1.42) or newer.
      - A list of strings, or one string with an instruction on each line. A string is never split at commas, so
        C(CMD ["/bin/sh", "-c", "date"]) works on the command line too.
      - The image has exactly this configuration. Without this option it has none.
      - C($NAME) and C(${NAME}) are variables from an earlier C(ENV). The engine uses an empty value for variables that
        are not set. Other forms, such as C(${NAME:-value}), are not accepted, since their result can't be predicted.
      - The order of variables and labels is ignored when configurations are compared.
    type: raw
  commit_message:
    description:
      - The comment in the image's history, as C(docker import --message) sets it. The name C(message) is accepted too.
      - If not given or empty, the engine writes its own comment, and any comment of an existing image matches.
    type: str
  max_size:
    description:
      - The maximum size of the uncompressed archive, in bytes or with a unit of 1024 (V(500m), V(2g)). The holes of
        sparse files count, since the engine fills them.
      - If the archive is larger, the task fails, and nothing is sent to the engine. Set this for archives from others.
        A small compressed file can fill a disk when it is unpacked.
      - If not given, there is no limit.
    type: str
seealso:
  - module: wharf.docker.container_run
  - module: community.docker.docker_image_load
  - name: docker import
    description: The corresponding docker command.
    link: https://docs.docker.com/reference/cli/docker/image/import/
  - name: Dockerfile reference
    description: The instructions of O(changes).
    link: https://docs.docker.com/reference/dockerfile/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line:
# ansible localhost -m wharf.docker.container_import -a "src=/srv/base.tar repository=base changes='CMD [\"/bin/sh\"]'"

- name: Import a root file system
  wharf.docker.container_import:
    src: /srv/images/rootfs.tar.gz
    repository: base

- name: Import with a tag and a configuration
  wharf.docker.container_import:
    src: /srv/images/web.tar.xz
    repository: registry.example.com/team/web
    tag: "1.4"
    changes:
      - CMD ["httpd", "-f", "-p", "8080"]
      - ENV PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8
      - EXPOSE 8080
      - USER 1000:1000
      - WORKDIR /srv
      - LABEL org.opencontainers.image.title="The web server"
    commit_message: Release 1.4
  register: web

- name: Limit the size of an archive from others
  wharf.docker.container_import:
    src: /srv/incoming/rootfs.tar.xz
    repository: incoming
    max_size: 2g

- name: Give the configuration as text
  wharf.docker.container_import:
    src: /srv/images/db.tar
    repository: db:16
    changes: |
      ENTRYPOINT ["/usr/local/bin/start"]
      VOLUME /var/lib/db
      HEALTHCHECK --interval=10s --retries=3 CMD /usr/local/bin/ready

- name: Import an archive of the controller on the engine of another host
  wharf.docker.container_import:
    src: files/rootfs.tar
    remote_src: false
    repository: base
    docker_host: ssh://admin@host.example.com
  delegate_to: localhost
"""

RETURN = r"""
actions:
  description:
    - What was done, or in check mode would be done, in this order, each with its cause. Empty if nothing changes.
  returned: success
  type: list
  elements: str
  sample:
    - 'import base:latest: content sha256:9a7d4e7a8e3c → sha256:0c1f5a6de0b2, cmd ["/bin/sh"] → ["/bin/bash"]'
steps:
  description:
    - The single steps of RV(actions). Each has its C(action), such as V(create) or V(stop), its C(target) and its
      C(causes).
  returned: success
  type: list
  elements: dict
  sample:
    - action: import
      target: base:latest
      causes:
        - no such image
image:
  description:
    - The image, as shown by C(docker image inspect).
    - In check mode and if the task fails, the image that has the name now; empty if there is no such image.
  returned: success, or if the task fails after the engine was asked
  type: dict
  sample:
    Id: sha256:5f2b8e5c0e9a4cf5a8d6f4be0cd4d2a5a0a3cc1d8b3b8b6f5a3b5b8b3e1f0a9c
    RepoTags:
      - base:latest
image_id:
  description:
    - The ID of the image; V(null) in check mode if there is no image with this name yet.
    - Each import results in another ID, even for the same content.
  returned: success, or if the task fails after the engine was asked
  type: str
  sample: sha256:5f2b8e5c0e9a4cf5a8d6f4be0cd4d2a5a0a3cc1d8b3b8b6f5a3b5b8b3e1f0a9c
digest:
  description:
    - The SHA-256 of the uncompressed archive, which is the digest of the image's only layer.
  returned: success, or if the task fails after the archive was read
  type: str
  sample: sha256:0c1f5a6de0b2f8a3e4d5c6b7a8990a1b2c3d4e5f60718293a4b5c6d7e8f90a1b
size:
  description:
    - The size of the uncompressed archive, in bytes.
  returned: success, or if the task fails after the archive was read
  type: int
  sample: 3145728
previous_image:
  description:
    - The ID of the image that had the name before, if the name was moved (in check mode, would be moved) from it.
    - V(null) if there was no such image, or if nothing changed.
  returned: success
  type: str
  sample: sha256:1d2c3b4a59687786958493a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2
"""

from ansible_collections.wharf.docker.plugins.module_utils._flow.module import run_module
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_import as _container_import


def main() -> None:
    run_module(_container_import.TASK)


if __name__ == "__main__":
    main()
