#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: prune
short_description: Remove containers, networks, volumes, images and build cache that are not used
version_added: 1.0.0
description:
  - Removes what is not used, as C(docker container prune), C(docker network prune), C(docker volume prune),
    C(docker image prune) and C(docker builder prune) do.
  - The list of what goes is made first, with a reason and a size for each object. Check mode and the diff show exactly
    this list, and a run removes exactly this list, object by object.
  - Containers go first, then networks, volumes, images and build cache. The list takes into account that a container
    that goes frees its networks, its volumes and its image.
  - Each object is looked at once more right before it is removed. One that is gone by then, or used, or is another one
    of the same name, or has other names, is left alone and told in RV(left).
  - An object that can't be removed for another reason fails the task after its kind; the kinds that follow are left
    alone, and the result tells what was removed until then.
  - Containers that run, are paused or restart are never removed. Neither is an image that a container uses which stays,
    running or not, nor any of its names; nor a volume that a container uses which stays; nor the networks C(bridge),
    C(host), C(none), C(ingress) and C(docker_gwbridge).
  - "The engine's own prunes also take the following, which this module keeps: networks that only stopped containers use
    (see O(networks_of_stopped)); containers that belong to a replacement (see
    O(containers_leftovers)); volumes with a name, where the engine is asked through an API up to 1.41; further
    names of an image that a container uses; names of an image that another image which stays was made of; parents of a
    removed image which the filters keep; networks of a swarm; and an object that has one but not all of several
    labels in the filter C(label!)."
  - The engine does not prune volumes that have another driver than C(local) or that have driver options. Neither does
    this module.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - A second run finds nothing, unless something became unused, or old enough for a filter C(until), in between.
      - Build cache stops being shared when the image that shares it goes, and with some engines when what was built on
        it goes. It is there for the next run then, unless O(builder_cache_all=true) takes it at once.
options:
  containers:
    description:
      - Whether to remove containers that are created and not started, exited or dead.
      - Their anonymous volumes stay, unless O(volumes=true) takes them.
    type: bool
    default: false
  containers_filters:
    description:
      - Which of the containers to remove. There are C(until), C(label) and C(label!).
      - "C(until): only those created before. A duration before now such as V(24h) or V(1h30m) (V(h), V(m) and V(s), no
        days), a time such as V(2026-01-31T12:00:00Z), or the seconds since 1970. Now is the engine's clock, and a time
        without a zone is in the engine's zone. A number without a unit is seconds since 1970, so that nothing is
        older than V(0), and V(0s) is now."
      - "C(label): only those with this label, as V(name) or V(name=value). Several are a list, or a dictionary; an
        object needs all of them. In a text the name has no white space and no comma, and is neither a number nor a
        boolean; in a dictionary it can have any characters but C(=), and V(null) stands for any value."
      - "C(label!): only those without this label, in the same forms. An object with any of several stays."
      - Filters of a kind that is not requested have no effect, and are warned about.
      - The engine tells the creation of a container and of an image to the second. What was created in the very second
        of C(until) stays.
    type: dict
  containers_leftovers:
    description:
      - Whether O(containers) takes the containers that belong to a replacement by M(wharf.docker.container_run).
        Those are the ones that O(wharf.docker.container_run#module:keep_previous) keeps (C(NAME.wharf-previous-1) and
        so on), those that are needed while a replacement runs and to recover one that was interrupted
        (C(NAME.wharf-old) and C(NAME.wharf-new)), and the one that a roll back gave up (C(NAME.wharf-new) too).
      - Without it they stay, and so do the networks that they use, also with O(networks_of_stopped=true).
      - Those that another task is at work on at that moment stay all the same. Of a task on another host, that is known
        until the time is over that it said it would take.
    type: bool
    default: false
  images:
    description:
      - Whether to remove images that no container uses. Without filters it is those without a name only.
      - An image stays as long as another image that was made of it stays.
    type: bool
    default: false
  images_filters:
    description:
      - Which of the images to remove. There are C(dangling), C(until), C(label) and C(label!).
      - "C(dangling): V(true), the default, takes only images without a tag; V(false) takes those with tags too, all
        their names included."
      - C(until), C(label) and C(label!) are as in O(containers_filters).
    type: dict
  networks:
    description:
      - Whether to remove networks that no container uses.
    type: bool
    default: false
  networks_filters:
    description:
      - Which of the networks to remove. There are C(until), C(label) and C(label!), as in O(containers_filters).
    type: dict
  networks_of_stopped:
    description:
      - Whether O(networks) takes networks that only stopped containers use. Such a container can't be started any more,
        until it is connected to another network.
      - C(docker network prune) takes them.
    type: bool
    default: false
  volumes:
    description:
      - Whether to remove volumes that no container uses, running or not. Without filters it is the anonymous ones only,
        whose name is 64 hexadecimal digits, or which the engine has marked as anonymous.
    type: bool
    default: false
  volumes_filters:
    description:
      - Which of the volumes to remove. There are C(all), C(label) and C(label!).
      - "C(all): with V(true) also volumes that have a name, on every engine."
      - C(label) and C(label!) are as in O(containers_filters). The engine knows no C(until) for volumes.
    type: dict
  builder_cache:
    description:
      - Whether to remove build cache that is not in use.
      - Without O(builder_cache_all=true) it is what no image shares. Each record is removed by a call of its own, those
        made last before those that they were made of.
    type: bool
    default: false
  builder_cache_all:
    description:
      - Whether O(builder_cache) takes all of the build cache that is not in use, also what images share.
    type: bool
    default: false
  builder_cache_filters:
    description:
      - Which of the build cache to remove. There are C(until), C(id), C(parent), C(type), C(description), C(inuse),
        C(shared) and C(private), one value each.
      - "C(until): only what was last used before, as in O(containers_filters). C(unused-for) is the same."
      - "C(id) is a regular expression; C(parent), C(type) and C(description) are whole texts as C(docker buildx du
        --verbose) shows them."
      - "C(shared) and its opposite C(private) are V(true) or V(false): shared with an image. So is C(inuse); what is in
        use is never removed."
    type: dict
  builder_cache_keep_storage:
    description:
      - How much build cache may stay, in the form C(<number>[<unit>]), for example V(10G). What was used longest ago
        goes first, until no more than this is left.
      - The units are V(B), V(K), V(M), V(G), V(T) and V(P), of 1024 each. Without a unit it is bytes.
      - What is shared with an image is not counted.
    type: str
seealso:
  - module: wharf.docker.container_state
  - name: docker system prune
    description: The command this module stands for.
    link: https://docs.docker.com/reference/cli/docker/system/prune/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line, to see what would go:
# ansible localhost -m wharf.docker.prune -a "containers=true images=true networks=true" --check --diff

- name: Remove containers created more than a day ago
  wharf.docker.prune:
    containers: true
    containers_filters:
      until: 24h

- name: Remove containers with one label, and without another
  wharf.docker.prune:
    containers: true
    containers_filters:
      label:
        - environment=test
        - temporary
      "label!": keep

- name: Remove everything that is not used, but no image or volume with a name
  wharf.docker.prune:
    containers: true
    networks: true
    volumes: true
    images: true
    builder_cache: true

- name: Remove images with names too, and volumes with names but for the ones to keep
  wharf.docker.prune:
    images: true
    images_filters:
      dangling: false
      until: 168h
    volumes: true
    volumes_filters:
      all: true
      "label!":
        backup: "true"
  register: pruned

- name: Keep ten gibibytes of build cache
  wharf.docker.prune:
    builder_cache: true
    builder_cache_all: true
    builder_cache_keep_storage: 10G

- name: Tell what is gone
  ansible.builtin.debug:
    msg: "{{ pruned.removed | map(attribute='name') | join(', ') }}: {{ pruned.space_reclaimed }} bytes"
"""

RETURN = r"""
actions:
  description:
    - What was removed, or in check mode what would be, with its reason and size. One line an object.
  returned: success
  type: list
  elements: str
  sample:
    - 'remove container web: exited (1.2 MB)'
    - 'remove image app:1, app:2: no container uses it (84.0 MB)'
steps:
  description:
    - The single steps of RV(actions), in their order.
    - Each has its C(action), such as V(create) or V(stop), its C(target), and its C(causes).
  returned: success
  type: list
  elements: dict
  sample:
    - action: remove
      target: container job
      causes:
        - exited
removed:
  description:
    - The same as data, in the order of removal.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: What it is, V(container), V(network), V(volume), V(image) or V(build cache).
      returned: success
      type: str
      sample: container
    id:
      description: Its id; of a volume its name.
      returned: success
      type: str
      sample: 5f2b8e5c0e9a4cf5a8d6f4be0cd4d2a5a0a3cc1d8b3b8b6f5a3b5b8b3e1f0a9c
    name:
      description: Its name; of an image all its names, or the beginning of its id if it has none.
      returned: success
      type: str
      sample: web
    reason:
      description: Why it goes.
      returned: success
      type: str
      sample: exited
    size:
      description:
        - The bytes that it takes; V(null) if it has no size, or the engine does not tell it.
        - Of an image it is what no other image shares. Layers that only removed images share are in no size.
      returned: success
      type: int
      sample: 1200000
left:
  description:
    - What was to be removed, and was gone, used or something else when its turn came. It is empty in check mode.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: As in RV(removed).
      returned: success
      type: str
      sample: network
    id:
      description: As in RV(removed).
      returned: success
      type: str
      sample: 0c1f5a6de0b2f8a3e4d5c6b7a8990a1b2c3d4e5f60718293a4b5c6d7e8f90a1b
    name:
      description: As in RV(removed).
      returned: success
      type: str
      sample: backend
    reason:
      description: Why it is still there, or not removed by this task.
      returned: success
      type: str
      sample: used by then by web
space_reclaimed:
  description:
    - The sum of the sizes in RV(removed), in bytes.
  returned: success
  type: int
  sample: 85200000
containers:
  description:
    - The ids of the containers that were removed.
  returned: O(containers=true)
  type: list
  elements: str
  sample:
    - 5f2b8e5c0e9a4cf5a8d6f4be0cd4d2a5a0a3cc1d8b3b8b6f5a3b5b8b3e1f0a9c
containers_space_reclaimed:
  description:
    - The bytes that they took, without their images and volumes.
  returned: O(containers=true)
  type: int
  sample: 1200000
images:
  description:
    - The ids of the images that were removed.
  returned: O(images=true)
  type: list
  elements: str
  sample:
    - sha256:1d2c3b4a59687786958493a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2
images_space_reclaimed:
  description:
    - The bytes that only they took. It can be more, where removed images shared layers.
  returned: O(images=true)
  type: int
  sample: 84000000
networks:
  description:
    - The ids of the networks that were removed.
  returned: O(networks=true)
  type: list
  elements: str
  sample: []
volumes:
  description:
    - The names of the volumes that were removed.
  returned: O(volumes=true)
  type: list
  elements: str
  sample: []
volumes_space_reclaimed:
  description:
    - The bytes that they took.
  returned: O(volumes=true)
  type: int
  sample: 0
builder_cache_caches_deleted:
  description:
    - The ids of the build cache that was removed.
  returned: O(builder_cache=true)
  type: list
  elements: str
  sample: []
builder_cache_space_reclaimed:
  description:
    - The bytes that it took.
  returned: O(builder_cache=true)
  type: int
  sample: 0
"""

from ansible_collections.wharf.docker.plugins.module_utils._flow.module import run_module
from ansible_collections.wharf.docker.plugins.module_utils._tasks import prune as _prune


def main() -> None:
    run_module(_prune.TASK)


if __name__ == "__main__":
    main()
