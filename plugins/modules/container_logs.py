#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_logs
short_description: Read what a container wrote, or wait until it writes a line
version_added: 1.0.0
description:
  - Reads the log of a container, running or not, as C(docker logs) does. Stdout and stderr are kept apart.
  - With O(wait_for), it follows the log until a line matches. It ends at once when there is such a line, and fails at
    once when the container ends without one.
  - The engine has a log only where the container's log driver keeps one, or where the engine itself keeps a copy. With
    the log driver C(none) there is nothing to read, and the task fails.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
  - wharf.docker._attributes.INFO_MODULE
  - wharf.docker._attributes.IDEMPOTENT_NOT_MODIFY_STATE
attributes:
  check_mode:
    support: full
    details:
      - It changes nothing in any mode.
      - With O(wait_for) it does not wait in check mode, since a container that check mode did not start never writes
        the line. It looks once at what is there, and does not fail where the line or the container is not there.
        RV(matched) says whether it was.
      - If the container does not exist, it is assumed that an earlier task would create it. Without O(wait_for) it
        warns.
options:
  name:
    description:
      - The name of the container. An id does too, in full or at least its first 12 characters.
    type: str
    required: true
    aliases:
      - container
  tail:
    description:
      - How many of the last lines are read, or V(all). The engine counts a line of more than 16 KiB as several.
      - With O(wait_for), of the lines that are there already, these are looked through. V(0) waits for a new line.
    type: str
    default: all
  since:
    description:
      - Only what was written at this time or later.
      - A date with a time (V(2026-01-31T08:00:00Z)), seconds since 1970 (V(1769846400), with up to nine decimals), or
        how long ago (V(10m), V(1h30m)).
      - Of a date, a time or a part of it may be left out. Without a zone, it is one of the time zone of the host where
        the task runs. How long ago is counted with that host's clock.
    type: str
  until:
    description:
      - Only what was written at this time or before, which is given as for O(since).
      - It can't be given together with O(wait_for).
    type: str
  timestamps:
    description:
      - With V(true), each line begins with the time at which it was written. A line that a process left without an end
        gets one if another one follows.
    type: bool
    default: false
  stdout:
    description:
      - Whether what the container wrote to stdout is read.
    type: bool
    default: true
  stderr:
    description:
      - Whether what the container wrote to stderr is read.
    type: bool
    default: true
  max_output:
    description:
      - How much of each of RV(stdout) and RV(stderr) is returned, for example V(64k) or V(1m) (units of 1024). The last
        bytes are kept. RV(stdout_cut) and RV(stderr_cut) say how many are missing.
      - Without it, all is returned. A long log needs little memory only with it.
    type: str
  wait_for:
    description:
      - A regular expression of Python. It may match any part of a line, so use V(^) and V($) for a whole one.
      - Each line of what O(stdout) and O(stderr) choose is looked at, those that are there already too, as far as
        O(since) and O(tail) choose them. A time in front of a line (O(timestamps)) is not looked at.
      - A container that is restarted by its restart policy is waited for further.
    type: str
  wait_timeout:
    description:
      - How many seconds O(wait_for) waits before the task fails. V(0) is without a limit.
      - It also holds if the engine does not answer. Without O(wait_for), each part of the engine's answer may take
        O(timeout) seconds.
    type: float
    default: 60
  secret_patterns:
    description:
      - Shell patterns of the names of the container's environment variables and labels whose values are masked in
        the output and in errors, in upper or lower case. Names that match a pattern beginning with V(!) are taken
        out again.
      - Such a value is masked from 12 characters on, and a shorter one only in the form C(NAME=value), since the output
        may be what a later task works with. Passwords in URLs are masked too.
      - The variables in O(wharf.docker.container_run#module:env_secret) are masked in any case, from 4 characters on.
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
  - module: wharf.docker.container_state
  - module: wharf.docker.container_info
  - name: docker logs
    description: The command this module stands for.
    link: https://docs.docker.com/reference/cli/docker/container/logs/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line:
# ansible localhost -m wharf.docker.container_logs -a "name=web tail=100"
# ansible localhost -m wharf.docker.container_logs -a "name=db wait_for='ready to accept connections' wait_timeout=30"

- name: Read what a container wrote in the last ten minutes
  wharf.docker.container_logs:
    name: web
    since: 10m
    timestamps: true
  register: log

- name: Show its errors
  ansible.builtin.debug:
    var: log.stderr_lines

- name: Read the end of a long log
  wharf.docker.container_logs:
    name: web
    max_output: 64k

- name: Wait until the database is ready
  wharf.docker.container_logs:
    name: db
    wait_for: ready to accept connections
    wait_timeout: 30

- name: Wait until a server says which port it has
  wharf.docker.container_logs:
    name: api
    stderr: false
    wait_for: 'listening on port (?P<port>\d+)'
  register: api

- name: Say it
  ansible.builtin.debug:
    msg: "The port is {{ api.groupdict.port }}."
  when: api.matched
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
stdout:
  description:
    - What the container wrote to stdout. Where it has a terminal, all that it wrote.
    - With O(wait_for), up to the line that matches.
  returned: success, and where O(wait_for) fails
  type: str
  sample: "ready to accept connections\n"
stderr:
  description:
    - What the container wrote to stderr.
  returned: success, and where O(wait_for) fails
  type: str
  sample: ""
stdout_cut:
  description:
    - How many bytes of stdout before RV(stdout) were left out.
  returned: O(max_output) is given
  type: int
  sample: 0
stderr_cut:
  description:
    - How many bytes of stderr before RV(stderr) were left out.
  returned: O(max_output) is given
  type: int
  sample: 1048576
matched:
  description:
    - Whether there is a line that matches. It can be V(false) in check mode, and where the task fails.
  returned: O(wait_for) is given
  type: bool
  sample: true
line:
  description:
    - The line that matches, without its time and its end; V(null) if there is none.
  returned: O(wait_for) is given
  type: str
  sample: listening on port 8080
groups:
  description:
    - What the groups of the regular expression matched, V(null) for one that matched nothing.
  returned: O(wait_for) is given
  type: list
  elements: str
  sample:
    - "8080"
groupdict:
  description:
    - What its named groups matched, by their names.
  returned: O(wait_for) is given
  type: dict
  sample:
    port: "8080"
exit_code:
  description:
    - The exit code of the container.
  returned: O(wait_for) fails because the container ended
  type: int
  sample: 1
"""

from ansible_collections.wharf.docker.plugins.module_utils._flow.module import run_module
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_logs as _container_logs


def main() -> None:
    run_module(_container_logs.TASK)


if __name__ == "__main__":
    main()
