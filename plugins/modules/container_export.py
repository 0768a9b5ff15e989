#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_export
short_description: Export a container's file system to a tar archive
version_added: 1.0.0
description:
  - Writes the file system of a container, running or not, to a tar archive, as C(docker export) does. Mount points of
    volumes and tmpfs are empty directories in it.
  - It changes nothing if the archive already has this content and this compression. To find out, it exports the
    container in every run. The engine creates the same archive of the same container each time, as long as no file in
    it changes. Another container of the same image results in another archive (some file times differ).
  - The new archive is written to a temporary file in the same directory, and replaces O(dest) only when it is complete
    and on the disk. If anything fails before, the temporary file is removed, and O(dest) is unchanged. There has to be
    space for a second archive, also in a run that changes nothing.
  - A run that is killed leaves a file C(.NAME.wharf-....tmp) in the directory of O(dest). The next run with the same
    O(dest) removes it.
  - In a directory that other users can write to, such as C(/tmp), a file of another user is not replaced, and a
    symbolic link of another user is not followed. The task fails, since someone may have put them there to get hold of
    the archive. The same applies to a directory of another user in a directory that everyone can write to. Files and
    links of root, of the directory's owner and of the user that the task runs as are accepted, and so is a file of the
    user O(owner).
  - Containers of any size take a constant amount of memory.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
    details:
      - Reads the whole export too, but writes nothing.
      - If the container does not exist, the module assumes that an earlier task would create it. It warns, and reports
        that the archive would be written. Unknown values are V(null).
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  name:
    description:
      - The name of the container, or at least the first 12 characters of its ID.
    type: str
    required: true
    aliases:
      - container
  dest:
    description:
      - The path of the archive, on the host that the task runs on. Its directory must exist.
      - An existing file is replaced if it is another archive, or not an archive. A symbolic link is kept, and its
        target is replaced.
    type: path
    required: true
  compression:
    description:
      - The compression of the archive.
      - V(auto) depends on the extension of O(dest). It is V(gzip) for C(.gz) and C(.tgz), V(xz) for C(.xz) and C(.txz),
        V(zstd) for C(.zst) and C(.tzst), and V(none) for others.
      - An archive with the same content and another compression is replaced.
      - V(zstd) requires the Python library C(zstandard) on the host that the task runs on, or Python 3.14 or newer.
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
      - The compression level, from V(1) to V(9) for gzip, V(0) to V(9) for xz, and V(1) to V(22) for zstd.
      - If not given, it is V(6) for gzip, V(3) for xz, and V(3) for zstd.
      - The highest levels need much memory. Xz needs 32 MB for level V(3), 94 MB for level V(6), and 674 MB for level
        V(9).
      - An existing archive is not replaced if only the level differs.
    type: int
  mode:
    description:
      - The permissions of the archive, as octal digits or symbolic as for C(chmod), for example V('0640') or
        V(u=rw,g=r).
      - A symbolic mode modifies the permissions of the existing file, or V('0600') if there is no file.
      - Quote octal digits. Note that a container's file system can contain secrets.
    type: raw
    default: "0600"
  owner:
    description:
      - The user that owns the archive, by name or number. Only root can change the owner.
      - If not given, a file that is replaced keeps its owner, and a new file belongs to the user that the task runs as.
        In a directory with the sticky bit that others can write to, the archive always belongs to that user.
    type: str
  group:
    description:
      - The group of the archive, by name or number.
      - If not given, a file that is replaced keeps its group, and the system chooses the group of a new file. In a
        directory with the sticky bit that others can write to, the system always chooses it.
    type: str
seealso:
  - module: wharf.docker.container_import
  - name: docker export
    description: The corresponding docker command.
    link: https://docs.docker.com/reference/cli/docker/container/export/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line:
# ansible localhost -m wharf.docker.container_export -a "name=web dest=/srv/web.tar.gz"

- name: Export the file system of a container
  wharf.docker.container_export:
    name: web
    dest: /srv/backup/web.tar.gz

- name: Export group-readable, at high compression
  wharf.docker.container_export:
    name: web
    dest: /srv/backup/web.tar.zst
    compression_level: 19
    mode: "0640"
    owner: backup
    group: staff
  register: web

- name: Import the archive as an image
  wharf.docker.container_import:
    src: "{{ web.archive }}"
    repository: web
    tag: backup

- name: Check whether the archive is still up to date
  wharf.docker.container_export:
    name: web
    dest: /srv/backup/web.tar.gz
  check_mode: true
  register: fresh
"""

RETURN = r"""
actions:
  description:
    - What was done, or in check mode would be done, in this order, each with its cause. Empty if nothing changes.
  returned: success
  type: list
  elements: str
  sample:
    - "export web to /srv/web.tar.gz: content sha256:9a7d4e7a8e3c → sha256:0c1f5a6de0b2, compression none → gzip"
steps:
  description:
    - The single steps of RV(actions). Each has its C(action), such as V(create) or V(stop), its C(target) and its
      C(causes).
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
    - The path of the archive, as in O(dest).
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
    - The compression of the archive.
  returned: success, or if the task fails after the container was found
  type: str
  sample: gzip
digest:
  description:
    - The SHA-256 of the uncompressed archive. In an image that is imported from it, this is the digest of the only
      layer.
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
    - The size of the archive on the disk, in bytes; V(null) in check mode if it would be written.
  returned: success
  type: int
  sample: 1048576
checksum:
  description:
    - The SHA-256 of the archive on the disk, as printed by C(sha256sum); V(null) in check mode if it would be written.
  returned: success
  type: str
  sample: 1d2c3b4a59687786958493a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2
mode:
  description:
    - The permissions of the archive.
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
