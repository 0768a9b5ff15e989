#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_export
short_description: Write a container's file system to a tar archive
version_added: 1.0.0
description:
  - Writes the file system of a container, running or not, to a tar archive, as C(docker export) does. Mount points of
    volumes and tmpfs are empty folders in it.
  - It changes nothing where the archive has this content and this compression already. The container is exported in
    every run to know that. The engine makes the same archive of the same container each time, as long as no file in it
    changes. Another container of the same image makes another archive (some times of files differ).
  - The new archive is written beside O(dest) and takes its place only when it is whole and on the disk. If anything
    goes wrong before, it is removed, and the file at O(dest) stays as it was. So there has to be room for a second
    archive, also in a run that changes nothing.
  - A run that is killed leaves a file C(.NAME.wharf-....tmp) in the folder of O(dest). The next run for the same
    O(dest) removes it.
  - In a folder that others than its owner may write to, such as C(/tmp), a file that belongs to another user is not
    replaced, and a symbolic link that belongs to another user is not followed. The task fails, since they may have been
    put there to get hold of the archive. The same holds for a folder of another user in a folder that everybody may
    write to. Files and links of root, of the folder's owner and of the user that the task runs as are not refused, nor
    is a file of the user that O(owner) names.
  - The container may be of any size. It takes a constant amount of memory.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
    details:
      - It reads the whole export too, and writes nothing.
      - If the container does not exist, it is assumed that an earlier task would create it. The task warns, and says
        that the archive would be made. What can't be known of it is V(null).
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  name:
    description:
      - The container's name or id (at least its first 12 characters).
    type: str
    required: true
    aliases:
      - container
  dest:
    description:
      - The archive's path, on the host where the task runs. Its folder has to exist.
      - A file that is there is replaced if it is another archive, or none. A symbolic link stays, and the file that it
        leads to is replaced.
    type: path
    required: true
  compression:
    description:
      - How the archive is compressed.
      - With V(auto), the ending of O(dest) says it. That is V(gzip) for C(.gz) and C(.tgz), V(xz) for C(.xz) and
        C(.txz), V(zstd) for C(.zst) and C(.tzst), and V(none) for others.
      - An archive with the same content and another compression is replaced.
      - Zstd needs the Python library C(zstandard) where the task runs, or Python 3.14 and newer.
    type: str
    default: auto
    choices:
      - auto
      - none
      - gzip
      - xz
      - zstd
  compression_level:
    description:
      - How hard it is compressed, from V(1) to V(9) for gzip, V(0) to V(9) for xz, V(1) to V(22) for zstd.
      - If it is not given, it is V(6) for gzip, V(3) for xz, and V(3) for zstd.
      - The highest levels take much memory. Xz takes 32 MB for level V(3), 94 MB for level V(6), and 674 MB for level
        V(9).
      - Another level alone does not make another archive of one that is there.
    type: int
  mode:
    description:
      - The permissions of the archive, as a number in octal digits or symbolic as for C(chmod), for example V('0640')
        or V(u=rw,g=r).
      - A symbolic mode changes the permissions of the file that is there, or V('0600') where there is none.
      - Write a number with quotes, and remember that a container's file system may hold secrets.
    type: raw
    default: "0600"
  owner:
    description:
      - The user that owns the archive, by name or number. Only root can give files away.
      - If it is not given, a file that is replaced keeps its owner, and a new one is owned by the user that the task
        runs as. In a folder with the sticky bit that others may write to, it is owned by that user in any case.
    type: str
  group:
    description:
      - The group of the archive, by name or number.
      - If it is not given, a file that is replaced keeps its group, and the system chooses that of a new one. In a
        folder with the sticky bit that others may write to, the system always chooses it.
    type: str
seealso:
  - module: wharf.docker.container_import
  - name: docker export
    description: The command this module stands for.
    link: https://docs.docker.com/reference/cli/docker/container/export/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line:
# ansible localhost -m wharf.docker.container_export -a "name=web dest=/srv/web.tar.gz"

- name: The file system of a container
  wharf.docker.container_export:
    name: web
    dest: /srv/backup/web.tar.gz

- name: For a group of people, packed hard
  wharf.docker.container_export:
    name: web
    dest: /srv/backup/web.tar.zst
    compression_level: 19
    mode: "0640"
    owner: backup
    group: staff
  register: web

- name: Make an image of it
  wharf.docker.container_import:
    src: "{{ web.archive }}"
    repository: web
    tag: backup

- name: See whether the archive is still what the container has
  wharf.docker.container_export:
    name: web
    dest: /srv/backup/web.tar.gz
  check_mode: true
  register: fresh
"""

RETURN = r"""
actions:
  description:
    - What was done, or in check mode what would be done, with its causes.
  returned: success
  type: list
  elements: str
  sample:
    - "export web to /srv/web.tar.gz: content sha256:9a7d4e7a8e3c → sha256:0c1f5a6de0b2, compression none → gzip"
steps:
  description:
    - The single steps of RV(actions), in their order.
    - Each has its C(action), such as V(create) or V(stop), its C(target), and its C(causes).
  returned: success
  type: list
  elements: dict
  sample:
    - action: export
      target: web to /srv/web.tar.gz
      causes:
        - compression none → gzip
archive:
  description:
    - The archive's path, as given in O(dest).
  returned: success, or if the task fails after the container was found
  type: str
  sample: /srv/web.tar.gz
container:
  description:
    - The container's C(id) and C(name).
  returned: success, or if the task fails after the container was found
  type: dict
  sample:
    id: 8f3b1c2d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9
    name: web
compression:
  description:
    - How the archive is compressed.
  returned: success, or if the task fails after the container was found
  type: str
  sample: gzip
digest:
  description:
    - The SHA-256 of the uncompressed archive. An image that is made of it has this as the digest of its only layer.
  returned: success
  type: str
  sample: sha256:0c1f5a6de0b2f8a3e4d5c6b7a8990a1b2c3d4e5f60718293a4b5c6d7e8f90a1b
size:
  description:
    - The size of the uncompressed archive, in bytes.
  returned: success
  type: int
  sample: 3145728
archive_size:
  description:
    - The size of the archive as it is on the disk, in bytes; V(null) in check mode if it would be written.
  returned: success
  type: int
  sample: 1048576
checksum:
  description:
    - The SHA-256 of the archive as it is on the disk, as C(sha256sum) prints it; V(null) in check mode if it would be
      written.
  returned: success
  type: str
  sample: 1d2c3b4a59687786958493a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2
mode:
  description:
    - The archive's permissions.
  returned: success
  type: str
  sample: "0600"
"""

from ansible_collections.wharf.docker.plugins.module_utils._flow.module import run_module
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_export as _container_export


def main() -> None:
    run_module(_container_export.TASK)


if __name__ == "__main__":
    main()
