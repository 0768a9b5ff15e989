#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_import
short_description: Make an image of a tar archive
version_added: 1.0.0
description:
  - Imports a file system from a tar archive as an image of one layer, as C(docker import) does, for example an archive
    that C(docker export) made of a container.
  - It imports nothing where the image O(repository):O(tag) already has this content and this configuration. The
    archive is read whole in every run to know that. What counts is its uncompressed content, so that compressing it
    anew changes nothing, while packing the same files anew often makes another archive (times and order).
  - Nothing is sent before the archive is known to be whole, from its first header to the mark at its end. An engine
    itself takes an archive that is cut off between two of its members.
  - The archive is imported under a name of its own, C(wharf-import-...), and O(repository):O(tag) is moved to the new
    image only when that is known to be what was asked for. If anything goes wrong before, the new image is removed and
    the name stays where it is. Only a run that is killed can leave such a name behind.
  - The next run of the module on this engine removes such a name, also if it imports nothing, and reports it in
    RV(actions). It leaves a name alone while the import that it belongs to may still be running. It can see that for
    imports of the same host. A name that another host's import uses is removed if its image is older than an hour.
  - An archive of images is refused, whether C(docker save) wrote it or it has the OCI layout. An engine would take
    it for a file system. Use C(docker load) or M(community.docker.docker_image_load) instead.
  - An image that had the name before is kept, without that name, as C(docker import) does. RV(previous_image) is its
    id. Containers that were made of it still use it.
  - The archive may be of any size. It takes a constant amount of memory.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
    details:
      - It reads and checks the archive too, and sends nothing.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  src:
    description:
      - The tar archive, as it is or compressed with gzip, bzip2, xz or zstd. How it is compressed is told by its
        content, whatever its name.
      - Engines can't unpack what GNU tar writes with C(--sparse), C(--label), C(--multi-volume) and C(--incremental),
        unless it is given C(--format=pax) too. Such an archive is refused, and the message names the option.
      - Zstd needs the Python library C(zstandard) where the task runs, or Python 3.14 and newer.
    type: path
    required: true
  remote_src:
    description:
      - With V(true), O(src) is a file on the host where the task runs.
      - With V(false), it is a file of the controller. In this release the task looks for it where it runs, so that it
        has to run on the controller (with a local connection, or delegated to C(localhost)). Where it runs on another
        host, copy the file there first.
    type: bool
    default: true
  repository:
    description:
      - The name of the image, for example V(myapp) or V(localhost:5000/team/myapp).
      - It may have the tag in it (V(myapp:1)) if O(tag) is not given.
    type: str
    required: true
  tag:
    description:
      - The tag of the image.
      - If it is not given, it is the one in O(repository), or else V(latest).
    type: str
  changes:
    description:
      - The image's configuration, as Dockerfile instructions. There are C(CMD), C(ENTRYPOINT), C(ENV), C(EXPOSE),
        C(HEALTHCHECK), C(LABEL), C(ONBUILD), C(STOPSIGNAL), C(USER), C(VOLUME) and C(WORKDIR).
        An engine takes C(STOPSIGNAL) from Docker Engine 23 on (API 1.42).
      - A list of strings, or one string with an instruction on each line. A string is never split at its commas, so
        that C(CMD ["/bin/sh", "-c", "date"]) can be given on the command line too.
      - The image has this configuration and no other. Without this option it has none.
      - C($NAME) and C(${NAME}) are variables that an C(ENV) before has set. The engine takes one that is not set for
        empty. Another form, such as C(${NAME:-value}), is refused, since what becomes of it can't be foreseen.
      - The order of variables and labels does not matter when configurations are compared.
    type: raw
  message:
    description:
      - The comment in the image's history.
      - If it is not given or empty, the engine writes its own, and any comment that the image has is right.
    type: str
  max_size:
    description:
      - The most that the archive may be when it is uncompressed, in bytes or with a unit (V(500m), V(2g)). Units are
        those of 1024. The holes of sparse files count, as an engine fills them.
      - A larger archive is refused, and nothing is sent to the engine. Set it for an archive that comes from others. A
        small compressed file can fill a disk when it is unpacked.
      - If it is not given, there is no limit.
    type: str
seealso:
  - module: wharf.docker.container_run
  - module: community.docker.docker_image_load
  - name: docker import
    description: The command this module stands for.
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

- name: An image of a root file system
  wharf.docker.container_import:
    src: /srv/images/rootfs.tar.gz
    repository: base

- name: With a tag, and with a configuration
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
    message: Release 1.4
  register: web

- name: An archive that somebody else made
  wharf.docker.container_import:
    src: /srv/incoming/rootfs.tar.xz
    repository: incoming
    max_size: 2g

- name: The configuration as text
  wharf.docker.container_import:
    src: /srv/images/db.tar
    repository: db:16
    changes: |
      ENTRYPOINT ["/usr/local/bin/start"]
      VOLUME /var/lib/db
      HEALTHCHECK --interval=10s --retries=3 CMD /usr/local/bin/ready

- name: An archive of the controller, for the engine of another host
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
    - What was done, or in check mode what would be done, with its causes.
  returned: success
  type: list
  elements: str
  sample:
    - 'import base:latest: content sha256:9a7d4e7a8e3c → sha256:0c1f5a6de0b2, cmd ["/bin/sh"] → ["/bin/bash"]'
steps:
  description:
    - The single steps of RV(actions), in their order.
    - Each has its C(action), such as V(create) or V(stop), its C(target), and its C(causes).
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
    - The image as C(docker image inspect) shows it.
    - In check mode and if the task fails, the image that has the name now; empty if there is none.
  returned: success, or if the task fails after the engine was asked
  type: dict
  sample:
    Id: sha256:5f2b8e5c0e9a4cf5a8d6f4be0cd4d2a5a0a3cc1d8b3b8b6f5a3b5b8b3e1f0a9c
    RepoTags:
      - base:latest
image_id:
  description:
    - The image's id; V(null) in check mode if there is no image of this name yet.
    - Each import makes another id, of the same content too.
  returned: success, or if the task fails after the engine was asked
  type: str
  sample: sha256:5f2b8e5c0e9a4cf5a8d6f4be0cd4d2a5a0a3cc1d8b3b8b6f5a3b5b8b3e1f0a9c
digest:
  description:
    - The SHA-256 of the uncompressed archive. It is the digest of the image's only layer.
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
    - The id of the image that had the name before, where the name was moved away from it (in check mode, would be).
    - It is V(null) if there was none, or if nothing changed.
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
