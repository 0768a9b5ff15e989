#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: volume_export
short_description: Export the content of a volume to a tar archive
version_added: 1.0.0
description:
  - Writes the content of a volume to a tar archive, whether containers use the volume or not. The paths in the archive
    are relative to the root of the volume. Its first entry is the root itself, with its owner and permissions.
  - No image is required. The module creates a helper container from an empty image, and removes both in the end. The
    container is never started. Volumes of other drivers than V(local) are mounted for as long as the content is read.
  - It changes nothing if the archive already has this content and this compression. To find out, it reads the whole
    volume in every run.
  - The archive has what the engine sends, which are all files, directories, links, devices and pipes, with owners,
    permissions, times in seconds, and file capabilities. Sockets and other extended attributes are missing. Sparse
    files are complete, with zeros in their holes. Relative symbolic links that lead out of the volume are in the
    archive, but M(wharf.docker.volume_import) does not accept them.
  - If containers write to the volume at the same time, the archive is not the state of one moment. Stop or pause them
    first, for example with M(wharf.docker.container_state), or use the database's own backup.
  - The new archive is written to a temporary file in the same directory, and replaces O(dest) only when it is complete
    and on the disk. If anything fails before, the temporary file is removed, and O(dest) is unchanged. There has to be
    space for a second archive, also in a run that changes nothing.
  - A run that is killed leaves a file C(.NAME.wharf-....tmp) in the directory of O(dest), and on the engine a container
    and an image C(wharf-volume-...). The next run with the same O(dest) removes the file. The next run of this module
    on this engine removes the container and the image, and reports it in RV(actions). If they belong to another host's
    run, they are removed when they are older than a day.
  - In a directory that other users can write to, such as C(/tmp), a file or symbolic link of another user is refused,
    as in M(wharf.docker.container_export).
  - Volumes of any size take a constant amount of memory.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
    details:
      - Reads the whole volume too, but writes nothing. The helper container is created and removed for that as well.
      - If the volume does not exist, the module assumes that an earlier task would create it. It warns, and reports
        that the archive would be written. Unknown values are V(null).
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  name:
    description:
      - The name of the volume.
    type: str
    required: true
    aliases:
      - volume
      - volume_name
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
      - Quote octal digits. Note that a volume can contain secrets.
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
  - module: wharf.docker.volume
  - module: wharf.docker.container_export
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line:
# ansible localhost -m wharf.docker.volume_export -a "name=data dest=/srv/backup/data.tar.gz"

- name: Export the content of a volume
  wharf.docker.volume_export:
    name: data
    dest: /srv/backup/data.tar.gz

- name: Export group-readable, at high compression
  wharf.docker.volume_export:
    name: data
    dest: /srv/backup/data.tar.zst
    compression_level: 19
    mode: "0640"
    owner: backup
    group: staff

- name: Check whether the archive is still up to date
  wharf.docker.volume_export:
    name: data
    dest: /srv/backup/data.tar.gz
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
    - "export data to /srv/data.tar.gz: content sha256:9a7d4e7a8e3c → sha256:0c1f5a6de0b2, compression none → gzip"
steps:
  description:
    - The single steps of RV(actions). Each has its C(action), such as V(create) or V(stop), its C(target) and its
      C(causes).
  returned: success
  type: list
  elements: dict
  sample:
    - action: export
      target: data to /srv/data.tar.gz
      causes:
        - compression none → gzip
archive:
  description:
    - The path of the archive, as in O(dest).
  returned: success, or if the task fails after the volume was found
  type: str
  sample: /srv/data.tar.gz
volume:
  description:
    - The volume, as shown by C(docker volume inspect). Empty in check mode if there is no volume.
  returned: success, or if the task fails after the volume was found
  type: dict
  sample:
    CreatedAt: "2026-03-02T09:30:01Z"
    Driver: local
    Labels: {"com.example.team": "web"}
    Mountpoint: /var/lib/docker/volumes/data/_data
    Name: data
    Options: null
    Scope: local
compression:
  description:
    - The compression of the archive.
  returned: success, or if the task fails after the volume was found
  type: str
  sample: gzip
digest:
  description:
    - The SHA-256 of the uncompressed archive.
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
from ansible_collections.wharf.docker.plugins.module_utils._tasks import volume_export as _volume_export


def main() -> None:
    run_module(_volume_export.TASK)


if __name__ == "__main__":
    main()
