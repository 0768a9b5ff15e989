#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_state
short_description: Start, stop, restart, kill, pause, rename or remove existing containers
version_added: 1.0.0
description:
  - Brings existing containers into a state, as C(docker start), C(docker stop), C(docker restart), C(docker kill),
    C(docker pause), C(docker unpause), C(docker wait), C(docker rename) and C(docker rm) do. It needs no image and no
    other options of the container.
  - Containers are selected by name, by filters, or all containers of the engine. Several containers are processed in
    parallel, and the steps of each container in order.
  - Everything that is known to be impossible is reported before anything is changed, for all containers. Examples are a
    name that does not exist, pausing a container that is not running, and a new name that is taken.
  - If something fails later for one container, the others are still processed. The task then fails, reports each failed
    container with its reason, and what was done. That is not undone.
  - To create a container, or to change its options, use M(wharf.docker.container_run).
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
    details:
      - It does not wait for anything. Whether a container becomes healthy, ends, or stays up is unknown.
      - If a container does not exist, the module assumes that an earlier task would create it. It warns, and reports a
        change. The states V(absent) and V(rolled_back) are exceptions.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - The state V(restarted), and V(killed) with another signal than V(KILL), are a change in every run.
options:
  name:
    description:
      - The names of the containers. IDs are accepted too, with at least their first 12 characters.
      - A container that does not exist is an error, except with O(state=absent) and in check mode.
      - An empty list means no container, so nothing is done.
      - Exactly one of O(name), O(filters) and O(all) is required.
    type: list
    elements: str
  filters:
    description:
      - Containers that match all these filters of C(docker ps), running or not.
      - The filters are V(ancestor), V(before), V(exited), V(expose), V(health), V(id), V(is-task), V(label), V(name),
        V(network), V(publish), V(since), V(status) and V(volume). Each has a value or a list of values.
      - V(label) can also be a dictionary. A label with the value V(null) must exist, with any value.
      - A container matches if it matches any value of a list, but it must have all the labels in V(label).
      - The engine interprets V(name) as a regular expression that can match a part of the name. V(^web$) matches only
        C(web).
      - It is not an error if no container matches.
    type: dict
  all:
    description:
      - All containers of the engine, running or not.
    type: bool
    default: false
  state:
    description:
      - The state of the containers after the task. At least one of O(state) and O(new_name) is required.
      - V(started) - start a container that is not running, and unpause a paused one. The task fails, with the last
        lines of the container's log, if the container has already ended with an exit code other than V(0), or is
        restarted again and again.
      - V(stopped) - stop a running container, and kill it after O(stop_timeout). A paused container is unpaused first,
        since its process could not react.
      - V(restarted) - stop and start a running or paused container, and start one that is not running.
      - V(killed) - send O(signal) to a running container.
      - V(paused) - pause a running container. A container that is not running is an error.
      - V(unpaused) - unpause a paused container. A running one is left alone. A container that is not running is an
        error.
      - V(healthy) - as V(started), and wait until the container is healthy. The task fails as soon as that is
        impossible. A container without a health check is an error.
      - V(exited) - wait until a container has ended by itself, and return its exit code. This changes nothing. A
        container that was never started is an error. A container that its restart policy restarts has not ended.
      - V(absent) - remove a container and wait until it is removed. A running container is stopped first, see also
        O(force). A container that does not exist is not an error.
      - V(rolled_back) - restore the container that was replaced last, under its name and running, with its restart
        policy. It requires O(name), and that O(wharf.docker.container_run#module:keep_previous) has kept the container.
        The container has to become healthy, or without a health check stay up for a second. If it does not, everything
        is restored as it was. The container that was given up is kept, stopped, as C(NAME.wharf-new). It shows the next
        run that there is nothing to do, and is removed by the next replacement. Other containers that use it, for
        example its network, are cut off. A warning and RV(dependents) list them.
    type: str
    choices:
      - started
      - stopped
      - restarted
      - killed
      - paused
      - unpaused
      - healthy
      - exited
      - absent
      - rolled_back
  new_name:
    description:
      - Rename the container, before O(state) is applied. It requires O(name) with one name, and can't be used with
        O(state=absent) or O(state=rolled_back).
      - If there is no container O(name) but one with the new name, the container counts as already renamed.
      - If both exist, it is an error.
    type: str
  signal:
    description:
      - The signal for O(state=killed), by name (V(HUP), V(SIGHUP)) or number.
      - With V(KILL), a container that is not running is not an error. With all other signals it is.
      - The process may react to another signal by ending, or not. The module does not wait for a reaction. Use
        O(state=exited) to wait for the end.
      - Other signals are sent in every run, and are always a change. A paused container receives the signal when it is
        unpaused.
    type: str
    default: KILL
  stop_timeout:
    description:
      - How many seconds a process has to end before it is killed, with the states V(stopped), V(restarted) and
        V(absent). V(-1) means no limit.
      - If not given, it is the value that the container was created with, or else the engine's default (10 seconds).
    type: int
  force:
    description:
      - Whether O(state=absent) kills a running container instead of stopping it before it is removed.
    type: bool
    default: false
  volumes:
    description:
      - Whether O(state=absent) also removes the container's anonymous volumes.
    type: bool
    default: false
  wait_timeout:
    description:
      - How many seconds the states V(healthy), V(exited), V(absent) and V(rolled_back) wait for one container before
        the task fails, and how long all states wait for another task that replaces the container or rolls it back.
        V(0) means no limit.
      - The limit for one response of the engine is O(timeout).
    type: float
    default: 300
  parallel:
    description:
      - How many containers to process in parallel.
    type: int
    default: 8
  secret_patterns:
    description:
      - Shell patterns for the names of environment variables and labels whose values are masked in RV(containers) and
        in errors, as in M(wharf.docker.container_run). Passwords in URLs are masked too.
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
  - module: wharf.docker.container_run
  - module: wharf.docker.container_info
  - name: docker container
    description: The corresponding docker commands.
    link: https://docs.docker.com/reference/cli/docker/container/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line:
# ansible localhost -m wharf.docker.container_state -a "name=web state=stopped"
# ansible all -m wharf.docker.container_state -a "name=web,db state=restarted stop_timeout=30"
# ansible all -m wharf.docker.container_state -a "filters=label=app=shop state=started"
# ansible all -m wharf.docker.container_state -a "filters='label=app=shop,status=exited' state=absent"

- name: Start a container
  wharf.docker.container_state:
    name: web
    state: started

- name: Send a signal to reload the configuration
  wharf.docker.container_state:
    name: web
    state: killed
    signal: HUP

- name: Stop several containers, with half a minute to end
  wharf.docker.container_state:
    name:
      - web
      - worker
    state: stopped
    stop_timeout: 30

- name: Pause a database while its volume is copied
  wharf.docker.container_state:
    name: db
    state: paused

- name: Start all containers of the shop, and wait until they are healthy
  wharf.docker.container_state:
    filters:
      label:
        app: shop
    state: healthy
    wait_timeout: 120

- name: Wait for the end of a job
  wharf.docker.container_state:
    name: nightly-report
    state: exited
    wait_timeout: 3600
  register: job

- name: Make sure that the job was successful
  ansible.builtin.assert:
    that: job.exit_code == 0
  when: not ansible_check_mode

- name: Stop a container, and keep it under another name
  wharf.docker.container_state:
    name: web
    new_name: web-before-upgrade
    state: stopped

- name: Remove the containers of a test that have ended, with their anonymous volumes
  wharf.docker.container_state:
    filters:
      label:
        - test
      status:
        - created
        - exited
    state: absent
    volumes: true

- name: Kill and remove all containers
  wharf.docker.container_state:
    all: true
    state: absent
    force: true
"""

RETURN = r"""
actions:
  description:
    - What was done, or in check mode would be done, in this order, each with its cause. Empty if nothing changes.
    - The steps of each container are together, in the order of O(name), or else sorted by name.
    - If the task fails, what was done until then.
  returned: success, or failure after something was done
  type: list
  elements: str
  sample:
    - "unpause web: state paused → running"
    - "stop web: state running → exited"
steps:
  description:
    - The single steps of RV(actions). Each has its C(action), such as V(create) or V(stop), its C(target) and its
      C(causes).
  returned: success, or failure after something was done
  type: list
  elements: dict
  sample:
    - action: stop
      target: web
      causes:
        - state running → exited
containers:
  description:
    - The containers after the task, as shown by C(docker inspect). In check mode, the containers before the task.
    - Removed containers are left out.
    - If the task fails and O(name) has one name, only RV(container) is returned.
  returned: always, unless the engine is unreachable
  type: list
  elements: dict
  sample:
    - Id: 1c4e5f2f3b7a1c0d5a9f0b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e
      Name: /web
      State:
        Status: exited
        ExitCode: 0
container:
  description:
    - The container, if O(name) has one name. Empty if it was removed.
  returned: O(name) has one name, unless the engine is unreachable
  type: dict
  sample:
    Id: 1c4e5f2f3b7a1c0d5a9f0b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e
    Name: /web
    State:
      Status: exited
      ExitCode: 0
dependents:
  description:
    - Other containers that use the container that is given up. Each has its C(name), C(by) (the options that refer to
      that container, see M(wharf.docker.container_run)), and whether it is C(running).
  returned: O(state=rolled_back), and there are such containers
  type: list
  elements: dict
  sample:
    - name: web-log
      by:
        - network_mode
      running: true
exit_codes:
  description:
    - The exit code of each container that ended.
  returned: O(state=exited)
  type: dict
  sample:
    nightly-report: 0
    nightly-backup: 2
exit_code:
  description:
    - The exit code of the container; V(null) if it has not ended, for example in check mode.
  returned: O(state=exited), and O(name) has one name
  type: int
  sample: 0
"""

from ansible_collections.wharf.docker.plugins.module_utils._flow.module import run_module
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_state as _container_state


def main() -> None:
    run_module(_container_state.TASK)


if __name__ == "__main__":
    main()
