#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_logs
short_description: Read the log of a container, write it to a file, or wait for a line in it
version_added: 1.0.0
description:
  - Reads the log of a container, running or not, as C(docker logs) does. Stdout and stderr are returned separately.
  - With O(wait_for), it follows the log until a line matches. It returns at once when a line matches, and fails at once
    when the container ends without such a line.
  - With O(dest), it writes the log to a file, as C(docker logs web > file) does, instead of returning it. The file can
    be of any size, and takes a constant amount of memory.
  - The new file is written to a temporary file in the same directory, and replaces O(dest) only when it is complete and
    on the disk. If anything fails before, the temporary file is removed, and O(dest) is unchanged. There has to be
    space for a second file, also in a run that changes nothing.
  - A run that is killed leaves a file C(.NAME.wharf-....tmp) in the directory of O(dest). The next run with the same
    O(dest) removes it.
  - In a directory that other users can write to, such as C(/tmp), a file of another user is not replaced, and a
    symbolic link of another user is not followed, as described for M(wharf.docker.container_export).
  - The engine only has a log if the container's logging driver stores it, or if the engine itself keeps a copy. With
    the logging driver C(none) there is nothing to read, and the task fails.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
    details:
      - With O(dest), it reads the whole log too, but writes nothing. Without it, this module never changes anything.
      - In check mode it does not wait for O(wait_for), since a container that check mode did not start never writes the
        line. It reads the existing log once, and does not fail if the line or the container is missing. RV(matched)
        shows whether the line was found.
      - If the container does not exist, the module assumes that an earlier task would create it. Without O(wait_for) it
        warns. With O(dest), it reports that the file would be written, and unknown values are V(null).
  diff_mode:
    support: full
    details:
      - With O(dest), the diff has the digest, the size and the number of lines of the file, and not its text. Without
        it, this module never changes anything.
  idempotent:
    support: full
    details:
      - With O(dest), the file is unchanged if it has this content. The log of a container that still writes is another
        one in each run. Without O(dest), this module never changes anything.
options:
  name:
    description:
      - The name of the container. IDs are accepted too, with at least their first 12 characters.
    type: str
    required: true
    aliases:
      - container
  tail:
    description:
      - How many of the last lines to read, or V(all). The engine counts a line of more than 16 KiB as several.
      - With O(wait_for), how many of the existing lines to search. V(0) waits for a new line.
    type: str
    default: all
  since:
    description:
      - Only read what was written at this time or later.
      - A date with a time (V(2026-01-31T08:00:00Z)), seconds since 1970 (V(1769846400), with up to nine decimals), or
        a duration before now (V(10m), V(1h30m)).
      - The time of a date, or a part of it, can be left out. A time without a zone is in the time zone of the host that
        the task runs on. Durations are calculated with that host's clock.
    type: str
  until:
    description:
      - Only read what was written at this time or before, in the format of O(since).
      - Mutually exclusive with O(wait_for).
    type: str
  timestamps:
    description:
      - Whether each line begins with the time at which it was written. A line that a process left without a line break
        gets one if another line follows.
    type: bool
    default: false
  stdout:
    description:
      - Whether to read stdout.
    type: bool
    default: true
  stderr:
    description:
      - Whether to read stderr.
    type: bool
    default: true
  max_output:
    description:
      - The maximum size of each of RV(stdout) and RV(stderr), for example V(64k) or V(1m) (units of 1024). The last
        bytes are returned. RV(stdout_cut) and RV(stderr_cut) have the number of bytes that are left out.
      - If not given, everything is returned. Set it to read a long log with little memory.
    type: str
  wait_for:
    description:
      - A Python regular expression. It can match any part of a line. Use V(^) and V($) for a whole line.
      - All lines of the streams selected with O(stdout) and O(stderr) are searched, including existing lines as
        selected with O(since) and O(tail). The time that O(timestamps) adds to a line is not searched.
      - If the container's restart policy restarts it, the task continues to wait.
    type: str
  wait_timeout:
    description:
      - How many seconds to wait for O(wait_for) before the task fails. V(0) means no limit.
      - The limit also applies if the engine does not respond. Without O(wait_for), each part of the engine's response
        may take O(timeout) seconds.
    type: float
    default: 60
  dest:
    description:
      - The path of a file to write the log to, on the host that the task runs on. Its directory must exist. The text is
        not returned then.
      - It has what the engine sends, byte for byte, with stdout and stderr in the order in which the engine stored
        them. Give O(stderr=false) for what C(docker logs web > file) writes, which is only stdout. O(tail), O(since),
        O(until) and O(timestamps) apply too.
      - With O(timestamps), each line begins with its time. C(docker logs -t) also repeats it in the middle of a line of
        more than 16 KiB. If the other stream interrupts such a line, it continues in a line of its own.
      - Nothing is masked in the file, whatever O(secret_patterns) says, since it is a copy of the log. Only its owner
        can read it, unless O(mode) says otherwise.
      - An existing file is replaced if it has another content. A symbolic link is kept, and its target is replaced.
      - Mutually exclusive with O(wait_for) and O(max_output).
    type: path
  mode:
    description:
      - The permissions of O(dest), as octal digits or symbolic as for C(chmod), for example V('0640') or V(u=rw,g=r).
      - A symbolic mode modifies the permissions of the existing file, or V('0600') if there is no file.
      - If not given, it is V('0600'). Quote octal digits.
    type: raw
  owner:
    description:
      - The user that owns O(dest), by name or number. Only root can change the owner.
      - If not given, a file that is replaced keeps its owner, and a new file belongs to the user that the task runs as.
        In a directory with the sticky bit that others can write to, the file always belongs to that user.
    type: str
  group:
    description:
      - The group of O(dest), by name or number.
      - If not given, a file that is replaced keeps its group, and the system chooses the group of a new file. In a
        directory with the sticky bit that others can write to, the system always chooses it.
    type: str
  secret_patterns:
    description:
      - Shell patterns for the names of the container's environment variables and labels whose values are masked in the
        output and in errors, in upper or lower case. A pattern that begins with V(!) excludes names again.
      - Nothing is masked in the file O(dest).
      - Values of at least 12 characters are masked. Shorter ones are only masked in the form C(NAME=value), since later
        tasks may work with the output. Passwords in URLs are masked too.
      - Variables in O(wharf.docker.container_run#module:env_secret) are always masked, if their values have at least 4
        characters.
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
  - module: wharf.docker.container_export
  - module: wharf.docker.container_run
  - module: wharf.docker.container_state
  - module: wharf.docker.container_info
  - name: docker logs
    description: The corresponding docker command.
    link: https://docs.docker.com/reference/cli/docker/container/logs/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line:
# ansible localhost -m wharf.docker.container_logs -a "name=web tail=100"
# ansible localhost -m wharf.docker.container_logs -a "name=db wait_for='ready to accept connections' wait_timeout=30"

- name: Read the log of the last ten minutes
  wharf.docker.container_logs:
    name: web
    since: 10m
    timestamps: true
  register: log

- name: Show what was written to stderr
  ansible.builtin.debug:
    var: log.stderr_lines

- name: Read the end of a long log
  wharf.docker.container_logs:
    name: web
    max_output: 64k

- name: Write a log to a file
  wharf.docker.container_logs:
    name: web
    dest: /srv/web.log
    timestamps: true

- name: Keep what was written to stdout today, readable for a group
  wharf.docker.container_logs:
    name: web
    dest: /srv/backup/web.log
    stderr: false
    since: 24h
    mode: "0640"
    group: adm

- name: Wait until the database is ready
  wharf.docker.container_logs:
    name: db
    wait_for: ready to accept connections
    wait_timeout: 30

- name: Wait until a server reports its port
  wharf.docker.container_logs:
    name: api
    stderr: false
    wait_for: 'listening on port (?P<port>\d+)'
  register: api

- name: Show the port
  ansible.builtin.debug:
    msg: "The port is {{ api.groupdict.port }}."
  when: api.matched
"""

RETURN = r"""
actions:
  description:
    - What was done, or in check mode would be done, in this order, each with its cause. Empty if nothing changes.
    - Always empty without O(dest).
  returned: success
  type: list
  elements: str
  sample:
    - "write log of web to /srv/web.log: content sha256:9a7d4e7a8e3c → sha256:0c1f5a6de0b2, size 310 → 372, lines 5 → 6"
steps:
  description:
    - The single steps of RV(actions). Each has its C(action), such as V(create) or V(stop), its C(target) and its
      C(causes).
  returned: success
  type: list
  elements: dict
  sample:
    - action: write
      target: log of web to /srv/web.log
      causes:
        - no such file
file:
  description:
    - The path of the file, as in O(dest).
  returned: O(dest) is given, also if the task fails after the container was found
  type: str
  sample: /srv/web.log
container:
  description:
    - The container's C(id) and C(name).
  returned: O(dest) is given, also if the task fails after the container was found
  type: dict
  sample:
    id: 8f3b1c2d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9
    name: web
size:
  description:
    - The size of the file, in bytes. In check mode, that of the file that would be written.
  returned: success, if O(dest) is given
  type: int
  sample: 372
lines:
  description:
    - The number of lines in the file, with an unfinished last one.
  returned: success, if O(dest) is given
  type: int
  sample: 6
checksum:
  description:
    - The SHA-256 of the file, as printed by C(sha256sum). In check mode, that of the file that would be written.
  returned: success, if O(dest) is given
  type: str
  sample: 0c1f5a6de0b2f8a3e4d5c6b7a8990a1b2c3d4e5f60718293a4b5c6d7e8f90a1b
mode:
  description:
    - The permissions of the file.
  returned: success, if O(dest) is given
  type: str
  sample: "0600"
stdout:
  description:
    - The standard output of the container. If the container has a terminal, all its output.
    - With O(wait_for), up to the line that matches.
  returned: success without O(dest), and if O(wait_for) fails
  type: str
  sample: "ready to accept connections\n"
stderr:
  description:
    - The standard error output of the container.
  returned: success without O(dest), and if O(wait_for) fails
  type: str
  sample: ""
stdout_cut:
  description:
    - How many bytes are left out at the beginning of RV(stdout) because of O(max_output).
  returned: O(max_output) is given
  type: int
  sample: 0
stderr_cut:
  description:
    - How many bytes are left out at the beginning of RV(stderr) because of O(max_output).
  returned: O(max_output) is given
  type: int
  sample: 1048576
matched:
  description:
    - Whether a line matches. It can be V(false) in check mode, and if the task fails.
  returned: O(wait_for) is given
  type: bool
  sample: true
line:
  description:
    - The line that matches, without its time and its line break; V(null) if no line matches.
  returned: O(wait_for) is given
  type: str
  sample: listening on port 8080
groups:
  description:
    - The groups of the regular expression. A group that matched nothing is V(null).
  returned: O(wait_for) is given
  type: list
  elements: str
  sample:
    - "8080"
groupdict:
  description:
    - The named groups of the regular expression.
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
