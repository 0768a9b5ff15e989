#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: prune
short_description: Remove unused containers, networks, volumes, images and build cache
version_added: 1.0.0
description:
  - Removes unused objects, as C(docker container prune), C(docker network prune), C(docker volume prune),
    C(docker image prune) and C(docker builder prune) do.
  - The list of objects to remove is made beforehand, with a reason and a size for each one. Check mode and the diff
    show exactly this list, and a run removes exactly this list, object by object.
  - Containers are removed before networks, volumes, images and build cache. The list takes into account that removing a
    container frees its networks, its volumes and its image.
  - Each object is checked once more right before it is removed. An object that no longer exists, is used, is another
    one of the same name, or has other names by then is left alone, and reported in RV(left).
  - If an object can't be removed for another reason, the task fails after the objects of its kind. The kinds that
    follow are left alone, and the result lists what was removed until then.
  - Containers that are running, paused or restarting are never removed. Images, with all their names, and volumes are
    never removed while a remaining container uses them, running or not. The networks C(bridge), C(host), C(none),
    C(ingress) and C(docker_gwbridge) are never removed.
  - "The engine's own prune commands also remove the following objects, which this module keeps: networks that only
    stopped containers use (see O(networks_of_stopped)); containers that belong to a replacement (see
    O(containers_leftovers)); named volumes, with API 1.41 and older; additional names of an image that a container
    uses; names of an image that a remaining image was built from; parents of a removed image that the filters keep;
    networks of a swarm; and objects that have some but not all of several labels in the filter C(label!)."
  - Objects that another task of this collection has created for itself, such as the helper container of
    M(wharf.docker.volume_export), are kept until that task has ended. If it runs on another host, that can't be known,
    and they are always kept; the modules remove what killed tasks have left.
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
      - A second run finds nothing, unless an object became unused, or old enough for a filter C(until), in between.
      - Build cache is no longer shared after the image that shares it was removed, and with some engines after what was
        built on it was removed. The next run finds it then, unless O(builder_cache_all=true) removes it at once.
options:
  containers:
    description:
      - Whether to remove containers that were created and not started, have exited, or are dead.
      - Their anonymous volumes are kept, unless O(volumes=true) removes them.
    type: bool
    default: false
  containers_filters:
    description:
      - Filters for the containers to remove. C(until), C(label) and C(label!) are supported.
      - "C(until): only containers created before this time. It is a duration before now such as V(24h) or V(1h30m)
        (V(h), V(m) and V(s), no days), a time such as V(2026-01-31T12:00:00Z), or seconds since 1970. Now is the
        time of the engine's clock, and a time without a zone is in the engine's time zone. A number without a unit is
        seconds since 1970, so nothing is older than V(0), and V(0s) is now."
      - "C(label): only containers with this label, as V(name) or V(name=value). Several labels are a list, or a
        dictionary; an object must have all of them. In a string, the name can't contain whitespace or commas, and
        can't be a number or a boolean. In a dictionary it can have any characters except C(=), and V(null) means any
        value."
      - "C(label!): only containers without this label, in the same forms. An object with any of several labels is
        kept."
      - Filters for a kind of objects that is not selected have no effect, and cause a warning.
      - The engine reports the creation time of containers and images in whole seconds. An object created in the same
        second as C(until) is kept.
    type: dict
  containers_leftovers:
    description:
      - Whether O(containers) includes containers that belong to a replacement by M(wharf.docker.container_run). These
        are previous containers that O(wharf.docker.container_run#module:keep_previous) has kept
        (C(NAME.wharf-previous-1) and so on), containers needed during a replacement and to recover from an interrupted
        one (C(NAME.wharf-old) and C(NAME.wharf-new)), and containers that were given up by rolling back
        (C(NAME.wharf-new) too).
      - Otherwise they are kept, and so are the networks that they use, even with O(networks_of_stopped=true).
      - Containers that another task is working on are always kept. If that task runs on another host, this is only
        known for the time that it has announced.
    type: bool
    default: false
  images:
    description:
      - Whether to remove images that no container uses. By default only images without a name are removed, see
        O(images_filters).
      - An image is kept as long as an image that was built from it is kept.
    type: bool
    default: false
  images_filters:
    description:
      - Filters for the images to remove. C(dangling), C(until), C(label) and C(label!) are supported.
      - "C(dangling): V(true), the default, only removes images without a tag; V(false) also removes images with tags,
        with all their names."
      - C(until), C(label) and C(label!) are as in O(containers_filters).
    type: dict
  networks:
    description:
      - Whether to remove networks that no container uses.
    type: bool
    default: false
  networks_filters:
    description:
      - Filters for the networks to remove. C(until), C(label) and C(label!) are supported, as in O(containers_filters).
    type: dict
  networks_of_stopped:
    description:
      - Whether O(networks) includes networks that only stopped containers use. Such a container can't be started any
        more, until it is connected to another network.
      - C(docker network prune) removes them.
    type: bool
    default: false
  volumes:
    description:
      - Whether to remove volumes that no container uses, running or not. By default only anonymous volumes are removed,
        see O(volumes_filters). A volume is anonymous if its name is 64 hexadecimal digits, or if the engine has marked
        it as anonymous.
    type: bool
    default: false
  volumes_filters:
    description:
      - Filters for the volumes to remove. C(all), C(label) and C(label!) are supported.
      - "C(all): V(true) also removes named volumes, on every engine."
      - C(label) and C(label!) are as in O(containers_filters). The engine has no filter C(until) for volumes.
    type: dict
  builder_cache:
    description:
      - Whether to remove build cache that is not in use.
      - By default only cache that no image shares is removed, see O(builder_cache_all). Each record is removed by its
        own call, and records are removed before the records that they are based on.
    type: bool
    default: false
  builder_cache_all:
    description:
      - Whether O(builder_cache) removes all build cache that is not in use, including cache that images share.
    type: bool
    default: false
  builder_cache_filters:
    description:
      - Filters for the build cache to remove. C(until), C(id), C(parent), C(type), C(description), C(inuse), C(shared)
        and C(private) are supported, with one value each.
      - "C(until): only cache last used before this time, as in O(containers_filters). C(unused-for) is the same."
      - "C(id) is a regular expression; C(parent), C(type) and C(description) are the whole text as shown by
        C(docker buildx du --verbose)."
      - "C(shared), its opposite C(private), and C(inuse) are V(true) or V(false). Shared means shared with an image.
        Cache that is in use is never removed."
    type: dict
  builder_cache_keep_storage:
    description:
      - How much build cache to keep, in the form C(<number>[<unit>]), for example V(10G). The least recently used cache
        is removed, until no more than this is left.
      - The units are V(B), V(K), V(M), V(G), V(T) and V(P), of 1024 each. Without a unit it is bytes.
      - Cache that is shared with an image is not counted.
    type: str
seealso:
  - module: wharf.docker.container_state
  - name: docker system prune
    description: The corresponding docker command.
    link: https://docs.docker.com/reference/cli/docker/system/prune/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line, to see what would be removed:
# ansible localhost -m wharf.docker.prune -a "containers=true images=true networks=true" --check --diff

- name: Remove containers created more than a day ago
  wharf.docker.prune:
    containers: true
    containers_filters:
      until: 24h

- name: Remove containers with certain labels, and without another
  wharf.docker.prune:
    containers: true
    containers_filters:
      label:
        - environment=test
        - temporary
      "label!": keep

- name: Remove everything that is unused, except named images and volumes
  wharf.docker.prune:
    containers: true
    networks: true
    volumes: true
    images: true
    builder_cache: true

- name: Remove named images too, and named volumes without a certain label
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

- name: Show what was removed
  ansible.builtin.debug:
    msg: "{{ pruned.removed | map(attribute='name') | join(', ') }}: {{ pruned.space_reclaimed }} bytes"
"""

RETURN = r"""
actions:
  description:
    - What was done, or in check mode would be done, in this order, each with its cause. Empty if nothing changes.
    - The cause is the reason of the removal, followed by the size.
  returned: success
  type: list
  elements: str
  sample:
    - 'remove container web: exited (1.2 MB)'
    - 'remove image app:1, app:2: no container uses it (84.0 MB)'
steps:
  description:
    - The single steps of RV(actions). Each has its C(action), such as V(create) or V(stop), its C(target) and its
      C(causes).
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
    - The removed objects, in the order of removal. In check mode, the objects that would be removed.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of the object, V(container), V(network), V(volume), V(image) or V(build cache).
      returned: success
      type: str
      sample: container
    id:
      description: The ID of the object, or the name of a volume.
      returned: success
      type: str
      sample: 5f2b8e5c0e9a4cf5a8d6f4be0cd4d2a5a0a3cc1d8b3b8b6f5a3b5b8b3e1f0a9c
    name:
      description: The name of the object. For an image all its names, or the beginning of its ID if it has no name.
      returned: success
      type: str
      sample: web
    reason:
      description: Why it is removed.
      returned: success
      type: str
      sample: exited
    size:
      description:
        - The size in bytes; V(null) if the object has no size, or the engine does not report it.
        - For an image, the size of what no other image shares. Layers that only removed images share are in no size.
      returned: success
      type: int
      sample: 1200000
left:
  description:
    - Objects that were not removed, because they no longer existed, were used, or had changed when it was their turn.
      Empty in check mode.
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
      description: Why this task did not remove it.
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
    - The IDs of the removed containers.
  returned: O(containers=true)
  type: list
  elements: str
  sample:
    - 5f2b8e5c0e9a4cf5a8d6f4be0cd4d2a5a0a3cc1d8b3b8b6f5a3b5b8b3e1f0a9c
containers_space_reclaimed:
  description:
    - Their size in bytes, without their images and volumes.
  returned: O(containers=true)
  type: int
  sample: 1200000
images:
  description:
    - The IDs of the removed images.
  returned: O(images=true)
  type: list
  elements: str
  sample:
    - sha256:1d2c3b4a59687786958493a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2
images_space_reclaimed:
  description:
    - The size in bytes that only they used. More is freed if removed images shared layers.
  returned: O(images=true)
  type: int
  sample: 84000000
networks:
  description:
    - The IDs of the removed networks.
  returned: O(networks=true)
  type: list
  elements: str
  sample: []
volumes:
  description:
    - The names of the removed volumes.
  returned: O(volumes=true)
  type: list
  elements: str
  sample: []
volumes_space_reclaimed:
  description:
    - Their size in bytes.
  returned: O(volumes=true)
  type: int
  sample: 0
builder_cache_caches_deleted:
  description:
    - The IDs of the removed build cache.
  returned: O(builder_cache=true)
  type: list
  elements: str
  sample: []
builder_cache_space_reclaimed:
  description:
    - Its size in bytes.
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
