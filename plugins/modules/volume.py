#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: volume
short_description: Create, recreate or remove a volume
version_added: 1.0.0
description:
  - Makes sure that a volume exists as described, or that no volume of its name exists, as C(docker volume create) and
    C(docker volume rm) do.
  - The engine can't change a volume. If its driver, options or labels differ from the task, the volume is left
    unchanged, with a warning, unless O(recreate) is set.
  - A volume that a container uses, running or stopped, is neither removed nor recreated. The task fails and lists the
    containers.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
    details:
      - Only the engine knows whether it has the driver and accepts its options.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - With O(recreate=always), an existing volume is recreated in every run.
options:
  volume_name:
    description:
      - The name of the volume.
    type: str
    required: true
    aliases:
      - name
  state:
    description:
      - V(present) - the volume exists. See also O(recreate).
      - V(absent) - no volume of this name exists. Its data is lost.
    type: str
    default: present
    choices:
      - absent
      - present
  driver:
    description:
      - The driver of the volume (C(docker volume create --driver)). C(docker info) lists the available drivers.
    type: str
    default: local
  driver_options:
    description:
      - Options for the driver (C(docker volume create --opt)). The driver V(local) has the options V(type), V(device),
        V(o) and V(size).
      - Numbers and booleans become strings.
      - The volume may have more options than these.
    type: dict
    default: {}
  labels:
    description:
      - Labels (C(docker volume create --label)).
      - Numbers and booleans become strings.
      - The volume may have more labels than these.
    type: dict
  recreate:
    description:
      - When to remove and recreate an existing volume. B(All its data is lost then).
      - V(never) - leave it unchanged. A warning lists the differences.
      - V(options-changed) - if O(driver), O(driver_options) or O(labels) differ. What the task does not give is kept,
        such as further labels.
      - V(always) - in every run.
      - The new options are tested before the old volume is removed, by creating another volume temporarily.
    type: str
    default: never
    choices:
      - always
      - never
      - options-changed
seealso:
  - module: wharf.docker.container_run
  - module: wharf.docker.network
  - name: docker volume create
    description: The corresponding docker command.
    link: https://docs.docker.com/reference/cli/docker/volume/create/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line:
# ansible localhost -m wharf.docker.volume -a "name=data"

- name: Create a volume
  wharf.docker.volume:
    name: data
    labels:
      com.example.team: web

- name: Create a volume on a file server
  wharf.docker.volume:
    name: media
    driver_options:
      type: nfs
      o: addr=nfs.example.com,rw
      device: ":/exports/media"

- name: Create an in-memory volume, and recreate it empty if its options differ
  wharf.docker.volume:
    name: cache
    driver_options:
      type: tmpfs
      device: tmpfs
      o: size=64m
    recreate: options-changed

- name: Remove a volume and its data
  wharf.docker.volume:
    name: data
    state: absent
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
steps:
  description:
    - The single steps of RV(actions). Each has its C(action), such as V(create) or V(stop), its C(target) and its
      C(causes).
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      target: data
      causes:
        - no volume of this name
volume:
  description:
    - The volume after the task, as shown by C(docker volume inspect). In check mode, the volume before the task.
    - Empty if there is no volume.
  returned: success
  type: dict
  sample:
    CreatedAt: "2026-03-02T09:30:01Z"
    Driver: local
    Labels: {"com.example.team": "web"}
    Mountpoint: /var/lib/docker/volumes/data/_data
    Name: data
    Options: null
    Scope: local
"""

from ansible_collections.wharf.docker.plugins.module_utils._flow.module import run_module
from ansible_collections.wharf.docker.plugins.module_utils._tasks import volume as _volume


def main() -> None:
    run_module(_volume.TASK)


if __name__ == "__main__":
    main()
