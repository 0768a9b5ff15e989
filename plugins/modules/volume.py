#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: volume
short_description: Create, remake or remove a volume
version_added: 1.0.0
description:
  - Makes sure that a volume is there as described, or that there is none of its name, as C(docker volume create) and
    C(docker volume rm) do.
  - The engine can't change a volume. One with another driver, other options or other labels than described is left as
    it is, with a warning, unless O(recreate) says otherwise.
  - A volume that a container uses, running or stopped, is neither removed nor made anew. The task fails, and names the
    containers.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
    details:
      - Only the engine knows whether it has the driver and takes its options.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - With O(recreate=always), a volume that is there is made anew in every run.
options:
  volume_name:
    description:
      - The volume's name.
    type: str
    required: true
    aliases:
      - name
  state:
    description:
      - V(present) is a volume of this name, see also O(recreate).
      - V(absent) is no volume of this name. Its data is lost.
    type: str
    default: present
    choices:
      - absent
      - present
  driver:
    description:
      - What keeps the data, as C(docker volume create --driver). C(docker info) lists the drivers that the engine has.
    type: str
    default: local
  driver_options:
    description:
      - Options for the driver, as C(docker volume create --opt). Those of the driver V(local) are V(type), V(device),
        V(o) and V(size).
      - Numbers, V(true) and V(false) are given to the driver as text.
      - The volume may have more options than these.
    type: dict
    default: {}
  labels:
    description:
      - Labels of the volume, as C(docker volume create --label).
      - Numbers, V(true) and V(false) become text.
      - The volume may have more labels than these.
    type: dict
  recreate:
    description:
      - When a volume that is there is removed and made anew. B(All its data is lost then).
      - V(never) leaves it as it is. A warning says what is not as described.
      - V(options-changed) makes it anew if O(driver), O(driver_options) or O(labels) differ. What the task does not
        give stays as it was, such as further labels.
      - V(always) makes it anew in every run.
      - The new description is tried before the old volume is removed, by creating another volume for a moment.
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
    description: The command this module stands for.
    link: https://docs.docker.com/reference/cli/docker/volume/create/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# The same from the command line:
#   ansible localhost -m wharf.docker.volume -a "name=data"

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

- name: Have an empty cache in memory, as described, whatever was in it
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
  description: What was done, or would be done in check mode, each with its cause. Empty where nothing is to be done.
  returned: success
  type: list
  elements: str
  sample:
    - "create data: no volume of this name"
steps:
  description:
    - The single steps of RV(actions), in their order.
    - Each has its C(action), such as V(create) or V(stop), its C(target), and its C(causes).
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
    - What C(docker volume inspect) says of the volume after the task, or before it in check mode. Empty where there is
      none.
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
