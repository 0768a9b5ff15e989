#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: volume_import
short_description: Import a tar archive as the content of a volume
version_added: 1.0.0
description:
  - Imports a tar archive, for example one of M(wharf.docker.volume_export), into a volume. If there is no such volume,
    it is created.
  - It imports nothing if the volume already has this content. To find out, it reads the archive and the volume in every
    run. Files, directories, links, devices and pipes are compared, with their contents, owners (by number),
    permissions, times in seconds, and file capabilities. The order of the archive does not matter. If the archive has
    an entry for its root (C(./)), the root directory of the volume is compared, too. Directories without an entry of
    their own are not compared.
  - Nothing is sent before the archive is known to be complete, from its first header to the mark at its end. An archive
    with absolute paths, with C(..), with entries below symbolic links, or with a path twice is not accepted. Engines
    don't unpack relative symbolic links that lead out of the volume, so such an archive is not accepted either. Setuid
    files, devices and absolute symbolic links are imported as they are. Import only archives that you trust.
  - After the import, the volume is read again. The task fails if its content is not that of the archive. Some engines
    don't keep everything. For example, Docker Engine 20.10 removes the setuid bit of files with several hard links.
    In-memory volumes keep nothing unless a running container uses them.
  - No image is required. The module creates a helper container from an empty image, and removes both in the end. The
    container is never started.
  - If anything fails, a volume that the task created is removed again. For an existing volume, the error reports what
    is left.
  - A run that is killed leaves a container and an image C(wharf-volume-...) on the engine, and with
    O(content=replace) also a volume. The next run of this module or M(wharf.docker.volume_export) on this engine
    removes the container and the image, the next run for the same volume removes the other volume, and RV(actions)
    reports it. If they belong to another host's run, they are removed when they are older than a day.
  - Files of any size take a constant amount of memory. The list of files takes about 250 bytes for each of them.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
    details:
      - Reads and checks the archive and the volume too, but sends nothing. The helper container is created and removed
        for that as well.
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
  name:
    description:
      - The name of the volume.
    type: str
    required: true
    aliases:
      - volume
      - volume_name
  content:
    description:
      - What to do with a volume that has other content. A volume without content is always filled.
      - V(refuse) - the task fails, and lists what differs.
      - V(add) - the archive is unpacked over it. Files of the volume that are not in the archive are kept. It fails
        before anything is changed if a directory would have to replace something else, or the other way round. Stop
        containers that use the volume first. If it fails midway, the volume can have a part of the archive.
      - V(replace) - the volume has exactly the content of the archive afterwards. B(Everything else in it is lost.) The
        archive is first imported into a temporary volume, which shows that the engine accepts it. Then the volume is
        removed, created with the same labels, and filled. This requires space for the content twice.
      - With V(replace), the task fails before anything is changed if a container has the volume, running or stopped, or
        if the volume has driver options or another driver than V(local), since the engine can't remove single files.
    type: str
    default: refuse
    choices:
      - add
      - refuse
      - replace
  driver:
    description:
      - The driver of the volume, if it is created (C(docker volume create --driver)). C(docker info) lists the
        available drivers.
    type: str
    default: local
  driver_options:
    description:
      - Options for the driver, if the volume is created (C(docker volume create --opt)). The driver V(local) has the
        options V(type), V(device), V(o) and V(size).
      - Numbers and booleans become strings.
      - The volume may have more options than these.
    type: dict
    default: {}
  labels:
    description:
      - Labels, if the volume is created (C(docker volume create --label)).
      - Numbers and booleans become strings.
      - The volume may have more labels than these.
    type: dict
  max_size:
    description:
      - The maximum size of the uncompressed archive, in bytes or with a unit of 1024 (V(500m), V(2g)). The holes of
        sparse files count, since the engine fills them.
      - If the archive is larger, the task fails, and nothing is sent to the engine. Set this for archives from others.
        A small compressed file can fill a disk when it is unpacked.
      - If not given, there is no limit.
    type: str
seealso:
  - module: wharf.docker.volume_export
  - module: wharf.docker.volume
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line:
# ansible localhost -m wharf.docker.volume_import -a "name=restored src=/srv/backup/data.tar.gz"

- name: Create a volume from an archive
  wharf.docker.volume_import:
    name: restored
    src: /srv/backup/data.tar.gz
    labels:
      com.example.team: web

- name: Reset a volume that no container has
  wharf.docker.volume_import:
    name: restored
    src: /srv/backup/data.tar.gz
    content: replace

- name: Add files to a volume, and limit their size
  wharf.docker.volume_import:
    name: restored
    src: /srv/backup/data.tar.gz
    content: add
    max_size: 2g
"""

RETURN = r"""
actions:
  description:
    - What was done, or in check mode would be done, in this order, each with its cause. Empty if nothing changes.
  returned: success
  type: list
  elements: str
  sample:
    - "create data: no volume of this name"
    - "import data of /srv/data.tar.gz: no volume of this name"
steps:
  description:
    - The single steps of RV(actions). Each has its C(action), such as V(create) or V(stop), its C(target) and its
      C(causes).
  returned: success
  type: list
  elements: dict
  sample:
    - action: import
      target: data of /srv/data.tar.gz
      causes:
        - the volume is empty
volume:
  description:
    - The volume after the task, as shown by C(docker volume inspect). In check mode and if the task fails, the volume
      before the task. Empty if there is no volume.
  returned: success, or if the task fails after the engine was asked
  type: dict
  sample:
    CreatedAt: "2026-03-02T09:30:01Z"
    Driver: local
    Labels: {"com.example.team": "web"}
    Mountpoint: /var/lib/docker/volumes/data/_data
    Name: data
    Options: null
    Scope: local
digest:
  description:
    - The SHA-256 of the uncompressed archive.
  returned: success, or if the task fails after the archive was read
  type: str
  sample: sha256:0c1f5a6de0b2f8a3e4d5c6b7a8990a1b2c3d4e5f60718293a4b5c6d7e8f90a1b
size:
  description:
    - The size of the uncompressed archive, in bytes.
  returned: success, or if the task fails after the archive was read
  type: int
  sample: 3145728
"""

from ansible_collections.wharf.docker.plugins.module_utils._flow.module import run_module
from ansible_collections.wharf.docker.plugins.module_utils._tasks import volume_import as _volume_import


def main() -> None:
    run_module(_volume_import.TASK)


if __name__ == "__main__":
    main()
