#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_info
short_description: List and inspect containers
version_added: 1.0.0
description:
  - Lists and inspects containers, as C(docker ps), C(docker inspect), C(docker port), C(docker top), C(docker diff) and
    C(docker stats) do.
  - Containers are selected by name or by filters. By default they are all running containers.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
  - wharf.docker._attributes.INFO_MODULE
  - wharf.docker._attributes.IDEMPOTENT_NOT_MODIFY_STATE
options:
  name:
    description:
      - The names of the containers, running or not. IDs are accepted too, with at least their first 12 characters.
      - A container that does not exist is not an error, see RV(missing).
      - Mutually exclusive with O(filters). If neither is given, all running containers are returned, or all containers
        with O(all=true).
    type: list
    elements: str
  filters:
    description:
      - Containers that match all these filters of C(docker ps).
      - The filters are V(ancestor), V(before), V(exited), V(expose), V(health), V(id), V(is-task), V(label), V(name),
        V(network), V(publish), V(since), V(status) and V(volume). Each has a value or a list of values.
      - V(label) can also be a dictionary. A label with the value V(null) must exist, with any value.
      - A container matches if it matches any value of a list, but it must have all the labels in V(label).
      - The engine interprets V(name) as a regular expression that can match a part of the name. V(^web$) matches only
        C(web).
    type: dict
  all:
    description:
      - Whether to include containers that are not running. With the filter V(status) they are always included.
      - Makes no difference with O(name).
    type: bool
    default: false
  size:
    description:
      - Whether to return the sizes of each container, C(SizeRw) (the bytes of its writable layer) and C(SizeRootFs)
        (the bytes of its whole file system). The engine has to calculate them, which can take long.
    type: bool
    default: false
  processes:
    description:
      - Whether to return RV(containers[].processes) of each container.
    type: bool
    default: false
  ps_args:
    description:
      - The options of C(ps) for O(processes). The C(ps) of the engine's host is used, and its output must have the
        column C(PID).
    type: str
    default: -ef
  changes:
    description:
      - Whether to return RV(containers[].changes) of each container.
    type: bool
    default: false
  stats:
    description:
      - Whether to return RV(containers[].stats) of each container.
      - CPU usage is calculated from two readings, one second apart. The task takes this second only once, for all
        containers together.
    type: bool
    default: false
  previous:
    description:
      - Whether to return RV(containers[].previous) and RV(containers[].given_up) of each container, the containers that
        its replacements have kept. See O(wharf.docker.container_run#module:keep_previous).
    type: bool
    default: false
  format:
    description:
      - What to return of each container.
      - V(full) - everything that C(docker inspect) shows.
      - V(brief) - the columns of C(docker ps), and what is requested with O(size), O(processes), O(changes), O(stats)
        and O(previous).
    type: str
    choices:
      - full
      - brief
    default: full
  secret_patterns:
    description:
      - Shell patterns for the names of environment variables and labels whose values are masked in RV(containers), in
        upper or lower case, such as V(*PASSWORD*). A pattern that begins with V(!) excludes names again.
      - Such a value is also masked in other text, from 6 characters on. Passwords in URLs are masked too.
      - Variables in O(wharf.docker.container_run#module:env_secret) are always masked, and so are names that match the
        patterns given to M(wharf.docker.container_run) when it created the container.
      - V([]) masks only the variables in O(wharf.docker.container_run#module:env_secret).
    type: list
    elements: str
    default:
      - "*PASSWORD*"
      - "*PASSWD*"
      - "*PASSPHRASE*"
      - "*_PASS"
      - "*SECRET*"
      - "*TOKEN*"
      - "*CREDENTIAL*"
      - "*APIKEY*"
      - "*API_KEY*"
      - "*_KEY"
      - "!*_FILE"
seealso:
  - module: wharf.docker.container_state
  - module: wharf.docker.container_run
  - name: docker ps
    description: The filters and their meaning.
    link: https://docs.docker.com/reference/cli/docker/container/ls/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line:
# ansible localhost -m wharf.docker.container_info
# ansible all -m wharf.docker.container_info -a "name=web processes=true"
# ansible all -m wharf.docker.container_info -a "filters=label=app=shop all=true"
# ansible all -m wharf.docker.container_info -a "stats=true"
# ansible all -m wharf.docker.container_info -a "all=true format=brief"

- name: Get one container
  wharf.docker.container_info:
    name: web
  register: web

- name: Show its published ports
  ansible.builtin.debug:
    msg: "{{ web.container.ports | map(attribute='host_port') | list }}"
  when: web.exists

- name: Get all running containers
  wharf.docker.container_info:
  register: running

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ running.containers | map(attribute='Name') | map('regex_replace', '^/', '') | list }}"

- name: Find failed containers of an application
  wharf.docker.container_info:
    filters:
      label:
        app: shop
      status: exited
      exited: [1, 137]

- name: Get the changes and the size of a container's writable layer
  wharf.docker.container_info:
    name: web
    changes: true
    size: true

- name: List the processes of two containers
  wharf.docker.container_info:
    name:
      - web
      - db
    processes: true
    ps_args: -o pid,user,etime,args

- name: Get the resource usage of an application's containers
  wharf.docker.container_info:
    filters:
      label: app=shop
    stats: true
  register: shop

- name: Show how much memory they use
  ansible.builtin.debug:
    msg: "{{ shop.containers | map(attribute='stats.memory_usage') | sum | ansible.builtin.human_readable }}"
"""

RETURN = r"""
actions:
  description:
    - Always empty, since the module changes nothing.
  returned: success
  type: list
  elements: str
  sample: []
steps:
  description:
    - Always empty, since the module changes nothing.
  returned: success
  type: list
  elements: dict
  sample: []
containers:
  description:
    - The containers as shown by C(docker inspect), with additional keys, in the order of O(name), or else sorted by
      name.
    - With O(format=brief), each has C(name), C(id) (the first 12 characters), C(image), C(command), C(created),
      C(status) (the state, such as V(running)), C(health) (V(null) without a health check), C(ports), C(networks) (the
      names) and, with O(size=true), C(size) (the bytes of its writable layer) instead.
    - If O(name) has one name, RV(container) is returned instead.
  returned: success, unless O(name) has one name
  type: list
  elements: dict
  contains:
    ports:
      description:
        - The published ports of a running container.
      returned: always
      type: list
      elements: dict
      contains:
        container_port:
          description: The port of the container, with its protocol.
          type: str
          sample: 80/tcp
        host_ip:
          description: The address of the host.
          type: str
          sample: 0.0.0.0
        host_port:
          description: The port of the host.
          type: int
          sample: 8080
    processes:
      description:
        - The processes, each with the columns of C(ps). Empty for a container that is not running.
        - Process IDs are those of the engine's host, and the columns depend on O(ps_args).
      returned: O(processes=true)
      type: list
      elements: dict
      sample:
        - UID: root
          PID: "4711"
          PPID: "4690"
          C: "0"
          STIME: "08:15"
          TTY: "?"
          TIME: "00:00:00"
          CMD: httpd -f
    changes:
      description:
        - The differences between the container's file system and its image, without volumes.
      returned: O(changes=true)
      type: list
      elements: dict
      contains:
        path:
          description: The path in the container.
          type: str
          sample: /etc/hosts
        kind:
          description: V(modified), V(added) or V(deleted).
          type: str
          sample: modified
    previous:
      description:
        - The previous containers that are kept, the latest one first.
      returned: O(previous=true)
      type: list
      elements: dict
      contains:
        Id:
          description: The ID.
          type: str
          sample: 3f2a91c7e0b4d5a69788c1b2e3f4051627384950a1b2c3d4e5f60718293a4b5c
        name:
          description: The name.
          type: str
          sample: web.wharf-previous-1
        image:
          description: The name of the image that the container was created from.
          type: str
          sample: nginx:1.27
        state:
          description: The state, which is C(exited) or C(created).
          type: str
          sample: exited
    given_up:
      description:
        - The container that was given up when the previous one was rolled back to, with the keys of
          RV(containers[].previous).
      returned: O(previous=true)
      type: dict
      sample: {}
    stats:
      description:
        - The resource usage of the container, as in C(docker stats). Empty for a container that is not running.
      returned: O(stats=true)
      type: dict
      contains:
        cpu_percent:
          description: The CPU usage during the second. V(100) is one CPU, so the value can be higher.
          type: float
          sample: 12.5
        memory_usage:
          description: The memory usage in bytes, without file cache that has not been used recently.
          type: int
          sample: 25165824
        memory_limit:
          description: The memory limit in bytes; without a limit, the memory of the engine's host.
          type: int
          sample: 67108864
        memory_percent:
          description: The memory usage in percent of the limit.
          type: float
          sample: 37.5
        network_rx:
          description: The bytes received in all its networks since it started. V(0) with the host's network.
          type: int
          sample: 10240
        network_tx:
          description: The bytes sent in all its networks since it started.
          type: int
          sample: 2048
        block_read:
          description: The bytes read from block devices.
          type: int
          sample: 4096
        block_write:
          description: The bytes written to block devices.
          type: int
          sample: 0
        pids:
          description: The number of processes and threads.
          type: int
          sample: 3
  sample:
    - Id: 1c4e5f2f3b7a1c0d5a9f0b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e
      Name: /web
      State:
        Status: running
        Running: true
      ports:
        - container_port: 80/tcp
          host_ip: 0.0.0.0
          host_port: 8080
missing:
  description:
    - The names in O(name) that do not exist.
  returned: success
  type: list
  elements: str
  sample: []
exists:
  description:
    - Whether the container exists.
  returned: O(name) has one name
  type: bool
  sample: true
container:
  description:
    - The container, with the keys of RV(containers); V(null) if it does not exist.
  returned: O(name) has one name
  type: dict
  sample:
    Id: 1c4e5f2f3b7a1c0d5a9f0b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e
    Name: /web
    State:
      Status: running
      Running: true
    ports: []
"""

from ansible_collections.wharf.docker.plugins.module_utils._flow.module import run_module
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_info as _container_info


def main() -> None:
    run_module(_container_info.TASK)


if __name__ == "__main__":
    main()
