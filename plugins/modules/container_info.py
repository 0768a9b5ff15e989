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
  - Tells what containers there are, and what each of them is and does, as C(docker ps), C(docker inspect),
    C(docker port), C(docker top), C(docker diff) and C(docker stats) do.
  - The containers are named, or those that run, or those that pass some filters.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
  - wharf.docker._attributes.INFO_MODULE
  - wharf.docker._attributes.IDEMPOTENT_NOT_MODIFY_STATE
options:
  name:
    description:
      - The names of the containers, running or not. An id does too, in full or at least its first 12 characters.
      - A name that the engine does not have is no error, see RV(missing).
      - Can't be given together with O(filters). If neither is given, it is about all containers that run, or about all
        with O(all=true).
    type: list
    elements: str
  filters:
    description:
      - The containers that pass all these filters of C(docker ps).
      - The filters are V(ancestor), V(before), V(exited), V(expose), V(health), V(id), V(is-task), V(label), V(name),
        V(network), V(publish), V(since), V(status) and V(volume). Each has a value or a list of values.
      - V(label) can be a dictionary too. One label of it without a value (V(null)) has to be there, with any value.
      - A container passes with any one of the values of a list, but has to have all the labels of V(label).
      - The engine takes V(name) for a regular expression that may match a part of the name. V(^web$) is exactly C(web).
    type: dict
  all:
    description:
      - With V(true), containers that don't run count too. The filter V(status) looks at them in any case.
      - With O(name) it makes no difference.
    type: bool
    default: false
  size:
    description:
      - With V(true), each container has C(SizeRw), the bytes of its writable layer, and C(SizeRootFs), those of its
        whole file system. The engine has to count them, which can take long.
    type: bool
    default: false
  processes:
    description:
      - With V(true), each container has RV(containers[].processes).
    type: bool
    default: false
  ps_args:
    description:
      - The options of C(ps) for O(processes). It is the C(ps) of the engine's host, which needs a column C(PID).
    type: str
    default: -ef
  changes:
    description:
      - With V(true), each container has RV(containers[].changes).
    type: bool
    default: false
  stats:
    description:
      - With V(true), each container has RV(containers[].stats).
      - What it uses of the CPU is told from two readings, one second apart. That second passes once, for all containers
        together.
    type: bool
    default: false
  previous:
    description:
      - With V(true), each container has RV(containers[].previous) and RV(containers[].given_up), the containers that
        replacements kept beside it. See O(wharf.docker.container_run#module:keep_previous).
    type: bool
    default: false
  format:
    description:
      - What is told of each container. With V(full), it is all that C(docker inspect) shows.
      - With V(brief), it is the columns of C(docker ps), and what is asked for with O(size), O(processes), O(changes),
        O(stats) and O(previous).
    type: str
    choices:
      - full
      - brief
    default: full
  secret_patterns:
    description:
      - Shell patterns of the names of environment variables and labels whose values are masked in RV(containers), in
        upper or lower case, such as V(*PASSWORD*). Names that match a pattern beginning with V(!) are taken out again.
      - Where such a value stands in other text, it is masked from 6 characters on. Passwords in URLs are masked too.
      - The variables in O(wharf.docker.container_run#module:env_secret) are masked in any case, and so are names that
        match the patterns given to M(wharf.docker.container_run) when it created the container.
      - V([]) masks nothing but the variables in O(wharf.docker.container_run#module:env_secret).
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
    description: The filters, and what they mean.
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

- name: Look at one container
  wharf.docker.container_info:
    name: web
  register: web

- name: Say where it listens
  ansible.builtin.debug:
    msg: "{{ web.container.ports | map(attribute='host_port') | list }}"
  when: web.exists

- name: The names of all containers that run
  wharf.docker.container_info:
  register: running

- name: Say them
  ansible.builtin.debug:
    msg: "{{ running.containers | map(attribute='Name') | map('regex_replace', '^/', '') | list }}"

- name: What is unhealthy or has failed
  wharf.docker.container_info:
    filters:
      label:
        app: shop
      status: exited
      exited: [1, 137]

- name: What a container wrote outside its volumes, and how much
  wharf.docker.container_info:
    name: web
    changes: true
    size: true

- name: The processes of two containers
  wharf.docker.container_info:
    name:
      - web
      - db
    processes: true
    ps_args: -o pid,user,etime,args

- name: What the containers of an application use
  wharf.docker.container_info:
    filters:
      label: app=shop
    stats: true
  register: shop

- name: Say how much memory that is
  ansible.builtin.debug:
    msg: "{{ shop.containers | map(attribute='stats.memory_usage') | sum | ansible.builtin.human_readable }}"
"""

RETURN = r"""
actions:
  description:
    - Always empty, since it changes nothing.
  returned: success
  type: list
  elements: str
  sample: []
steps:
  description:
    - The single steps of RV(actions). Always empty, since it changes nothing.
  returned: success
  type: list
  elements: dict
  sample: []
containers:
  description:
    - Each container as C(docker inspect) shows it, in the order of O(name) or else by name, with these keys more.
    - With O(format=brief), each has C(name), C(id) (its first 12 characters), C(image), C(command), C(created),
      C(status) (the state, such as V(running)), C(health) (V(null) without a health check), C(ports), C(networks) (the
      names) and, with O(size=true), C(size) (the bytes of its writable layer) instead.
    - If O(name) has one name, RV(container) has the container instead.
  returned: success, unless O(name) has one name
  type: list
  elements: dict
  contains:
    ports:
      description:
        - The published ports of a container that runs.
      returned: always
      type: list
      elements: dict
      contains:
        container_port:
          description: The port of the container, and its protocol.
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
        - The processes, each with the columns of C(ps). Empty for a container that does not run.
        - Each process id is that of the engine's host, and the columns depend on O(ps_args).
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
        - What differs in the container's file system from its image. What is in volumes does not count.
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
        - The containers that this one and those before it replaced, as far as they are kept, the last one first.
      returned: O(previous=true)
      type: list
      elements: dict
      contains:
        Id:
          description: The id.
          type: str
          sample: 3f2a91c7e0b4d5a69788c1b2e3f4051627384950a1b2c3d4e5f60718293a4b5c
        name:
          description: The name.
          type: str
          sample: web.wharf-previous-1
        image:
          description: The image, by the name that the container was made from.
          type: str
          sample: nginx:1.27
        state:
          description: The state, which is C(exited) or C(created).
          type: str
          sample: exited
    given_up:
      description:
        - The container in whose place the previous one was brought back, with the keys of RV(containers[].previous).
      returned: O(previous=true)
      type: dict
      sample: {}
    stats:
      description:
        - What the container uses, as C(docker stats) counts it. Empty for a container that does not run.
      returned: O(stats=true)
      type: dict
      contains:
        cpu_percent:
          description: How much of a CPU it used within the second. V(100) is one CPU, so that it can be more.
          type: float
          sample: 12.5
        memory_usage:
          description: The bytes of memory, without the cache of files that has not been used of late.
          type: int
          sample: 25165824
        memory_limit:
          description: The bytes of memory that it may use; without a limit of its own, the memory of the engine's host.
          type: int
          sample: 67108864
        memory_percent:
          description: How much of the limit it uses.
          type: float
          sample: 37.5
        network_rx:
          description: The bytes that came in through all its networks since it started. V(0) with the host's network.
          type: int
          sample: 10240
        network_tx:
          description: The bytes that went out through all its networks since it started.
          type: int
          sample: 2048
        block_read:
          description: The bytes that it read from block devices.
          type: int
          sample: 4096
        block_write:
          description: The bytes that it wrote to block devices.
          type: int
          sample: 0
        pids:
          description: How many processes and threads it has.
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
    - The names in O(name) that the engine does not have.
  returned: success
  type: list
  elements: str
  sample: []
exists:
  description:
    - Whether there is such a container.
  returned: O(name) has one name
  type: bool
  sample: true
container:
  description:
    - The container, with the keys of RV(containers); V(null) if there is none.
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
