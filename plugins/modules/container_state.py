#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_state
short_description: Start, stop, restart, kill, pause, rename or remove containers that exist
version_added: 1.0.0
description:
  - Brings containers that exist into a state, as C(docker start), C(docker stop), C(docker restart), C(docker kill),
    C(docker pause), C(docker unpause), C(docker wait), C(docker rename) and C(docker rm) do. It needs no image and no
    description of the container.
  - The containers are named, or chosen by filters, or they are all that the engine has. Several are worked on at the
    same time, and the steps of each are done in their order.
  - Whatever is known to be impossible is told before anything is touched, for all containers, such as a name that does
    not exist, pausing a container that does not run, or a new name that is taken.
  - What fails later for one container leaves the others alone. The task fails then, names each container that failed
    with its reason, and says what was done. That is not undone.
  - To create a container, or to change what it is made of, use M(wharf.docker.container_run).
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
    details:
      - It waits for nothing, so that whether a container becomes healthy, ends, or stays up remains open.
      - If a container does not exist, it is assumed that an earlier task would create it. The task warns, and is
        changed. The states V(absent) and V(rolled_back) are exceptions.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - The state V(restarted), and V(killed) with another signal than V(KILL), change something in every run.
options:
  name:
    description:
      - The names of the containers. An id does too, in full or at least its first 12 characters.
      - A name that the engine does not have is an error, except with O(state=absent) and in check mode.
      - An empty list is no container, so that nothing is done.
      - Exactly one of O(name), O(filters) and O(all) must be given.
    type: list
    elements: str
  filters:
    description:
      - The containers that pass all these filters of C(docker ps), running or not.
      - The filters are V(ancestor), V(before), V(exited), V(expose), V(health), V(id), V(is-task), V(label), V(name),
        V(network), V(publish), V(since), V(status) and V(volume). Each has a value or a list of values.
      - V(label) can be a dictionary too. One label of it without a value (V(null)) has to be there, with any value.
      - A container passes with any one of the values of a list, but has to have all the labels of V(label).
      - The engine takes V(name) for a regular expression that may match a part of the name. V(^web$) is exactly C(web).
      - No container at all is no error.
    type: dict
  all:
    description:
      - All containers of the engine, running or not.
    type: bool
    default: false
  state:
    description:
      - V(started) starts a container that does not run and unpauses one that is paused. It fails, with the last lines
        of the container's log, if the container has ended by then with an exit code other than V(0), or is being
        restarted again and again.
      - V(stopped) asks the process to end, and kills it after O(stop_timeout). A paused container is unpaused before,
        since its process could not answer.
      - V(restarted) stops and starts a container that runs, paused or not, and starts one that does not run.
      - V(killed) sends O(signal) to a container that runs.
      - V(paused) freezes the processes of a container that runs. One that does not run is an error.
      - V(unpaused) wakes them up. A container that runs is left alone, and one that does not run is an error.
      - V(healthy) does the same as V(started), and waits until the health check says that the container is healthy. It
        fails as soon as that can't be any more. A container without a health check is an error.
      - V(exited) waits until a container has ended by itself, and returns its exit code. It changes nothing. A
        container that was never started is an error, and one that its restart policy restarts has not ended.
      - V(absent) removes a container and waits until it is gone. One that runs is stopped first, see also O(force). A
        name that the engine does not have is right already.
      - V(rolled_back) brings back the container that was replaced last, under its name and running, with its restart
        policy. The option O(wharf.docker.container_run#module:keep_previous) has to have kept it. It has to become
        healthy, or without a health check stay up for a second. Where it does not, all is as it was. The other one is
        kept, stopped, as C(NAME.wharf-new), by which the next run sees that nothing is to be done. The next
        replacement removes that one. It needs O(name). Other containers that use the one that is given up, such as its
        network, are cut off. A warning and RV(dependents) name them.
      - At least one of O(state) and O(new_name) must be given.
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
      - Renames the container, before O(state) is seen to. It needs O(name) with one name, and can't go with
        O(state=absent) or O(state=rolled_back).
      - If there is no container O(name) but one with the new name, that one is taken to be renamed already.
      - If there are both, it is an error.
    type: str
  signal:
    description:
      - The signal that O(state=killed) sends, as a name (V(HUP), V(SIGHUP)) or as a number.
      - With V(KILL), a container that does not run is right already. With any other it is an error.
      - What the process does upon another signal is its own affair. It may end or not, and the task does not wait for
        it (O(state=exited) does).
      - Such a signal is sent in every run and always a change. A container that is paused gets it when it is unpaused.
    type: str
    default: KILL
  stop_timeout:
    description:
      - How many seconds the states V(stopped), V(restarted) and V(absent) give a process to end before it is killed.
        V(-1) is without a limit.
      - If it is not given, it is what the container was created with, or else what the engine has (10 seconds).
    type: int
  force:
    description:
      - With V(true), O(state=absent) kills a container that runs, instead of stopping it before it is removed.
    type: bool
    default: false
  volumes:
    description:
      - With V(true), O(state=absent) removes the container's anonymous volumes too.
    type: bool
    default: false
  wait_timeout:
    description:
      - How many seconds the states V(healthy), V(exited), V(absent) and V(rolled_back) wait for one container before
        the task fails, and how long any state waits for another task that replaces it or rolls it back.
        V(0) is without a limit.
      - It is not how long one answer of the engine may take, which is O(timeout).
    type: float
    default: 300
  parallel:
    description:
      - How many containers are worked on at the same time.
    type: int
    default: 8
  secret_patterns:
    description:
      - Shell patterns of the names of environment variables and labels whose values are masked in RV(containers) and in
        errors, as with M(wharf.docker.container_run). Passwords in URLs are masked too.
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
  - module: wharf.docker.container_run
  - module: wharf.docker.container_info
  - name: docker container
    description: The commands this module stands for.
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

- name: Have a server read its configuration again
  wharf.docker.container_state:
    name: web
    state: killed
    signal: HUP

- name: Stop several, with half a minute to end
  wharf.docker.container_state:
    name:
      - web
      - worker
    state: stopped
    stop_timeout: 30

- name: Freeze a database while its volume is copied
  wharf.docker.container_state:
    name: db
    state: paused

- name: Start what belongs to the shop, and go on when it is healthy
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

- name: See to it that the job was successful
  ansible.builtin.assert:
    that: job.exit_code == 0
  when: not ansible_check_mode

- name: Put a container aside
  wharf.docker.container_state:
    name: web
    new_name: web-before-upgrade
    state: stopped

- name: Remove the ended containers of a test, with their anonymous volumes
  wharf.docker.container_state:
    filters:
      label:
        - test
      status:
        - created
        - exited
    state: absent
    volumes: true

- name: Remove all containers at once
  wharf.docker.container_state:
    all: true
    state: absent
    force: true
"""

RETURN = r"""
actions:
  description:
    - What was done, or in check mode what would be done, with its causes. Container by container, in the order in which
      they are named (or by their names, with O(filters) and O(all)).
    - If the task fails, what had been done.
  returned: success, or failure after something was done
  type: list
  elements: str
  sample:
    - "unpause web: state paused → running"
    - "stop web: state running → exited"
steps:
  description:
    - The single steps of RV(actions), in their order.
    - Each has its C(action), such as V(create) or V(stop), its C(target), and its C(causes).
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
    - The containers as C(docker inspect) shows them after the task; in check mode, as they are.
    - Those that are gone are left out.
    - If the task fails and O(name) has one name, RV(container) alone has the container.
  returned: always, unless the engine could not be asked
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
    - The container, if O(name) has one name. Empty if it is gone.
  returned: O(name) has one name, unless the engine could not be asked
  type: dict
  sample:
    Id: 1c4e5f2f3b7a1c0d5a9f0b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e
    Name: /web
    State:
      Status: exited
      ExitCode: 0
dependents:
  description:
    - The other containers that use the one that is given up. Each has a C(name), says C(by) which of its options it
      does (see M(wharf.docker.container_run)), and whether it is C(running).
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
    - The exit code of the container; V(null) if it has not ended, such as in check mode.
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
