#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_exec
short_description: Run a command in a running container
version_added: 1.0.0
description:
  - Runs a command in a container, as C(docker exec) does, and returns its exit code and output.
  - With O(creates) and O(removes), the command only runs if a path in the container is missing, or exists. The engine
    itself is queried for the path, without running anything in the container.
  - The exit code is in RV(rc). If it is not 0, the task fails, unless C(failed_when) overrides this.
  - The task fails if the command can't be started, for example because the container is not running or does not have
    the program.
  - Options have the same names and meaning as in P(community.docker.docker_container_exec#module).
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
    details:
      - Checks the paths of O(creates) and O(removes), and reports whether the command would run, without running it.
      - If the container does not exist, the module assumes that an earlier task would create it. It warns, and reports
        that the command would run.
  diff_mode:
    support: none
    details:
      - What a command changes is unknown. The diff is empty.
  idempotent:
    support: partial
    details:
      - Only with O(creates) or O(removes). Without them the command runs every time.
options:
  container:
    description:
      - The name or the ID of the container. It must be running.
    type: str
    required: true
    aliases:
      - name
  argv:
    description:
      - The program and its arguments, as a list. No quoting is needed.
      - Exactly one of O(argv) and O(command) is required. O(command) does not accept a list.
    type: list
    elements: str
  command:
    description:
      - The program and its arguments, as a string that is split into words as a shell does it.
      - No shell is run. For variables, patterns and redirection, run a shell, as in V(sh -c 'echo "$HOME"').
      - The command is shown in RV(actions). Pass secrets in O(env) or O(stdin), which are not shown.
    type: str
  chdir:
    description:
      - The directory in the container to run the command in (C(docker exec --workdir)). It must be an absolute path.
      - If not given, it is the container's working directory.
    type: str
  creates:
    description:
      - A path in the container. If it exists, the command is not run.
      - A relative path is relative to O(chdir), or else to the container's working directory. A symbolic link exists
        even if its target does not. Patterns such as V(/data/*.db) are not accepted.
      - Files in volumes are found. The engine can't see the content of a tmpfs, and what is below C(/proc), C(/sys) and
        C(/dev). The task fails if the path leads there, since the answer is unknown without running something.
    type: str
  removes:
    description:
      - A path in the container. If it does not exist, the command is not run.
      - The same rules as for O(creates) apply.
    type: str
  detach:
    description:
      - Whether to start the command without waiting for it (C(docker exec --detach)).
      - RV(exec_id) is returned instead of the output and the exit code.
      - It can't be used with O(stdin) and O(wait_timeout). O(max_output) is ignored.
    type: bool
    default: false
  env:
    description:
      - Environment variables for the command, in addition to those of the container (C(docker exec --env)).
      - Values must be strings. Quote values that YAML would convert, such as V("1") and V("yes").
      - The module returns them in no result. Ansible itself shows the options of a task when run with C(-vvv).
    type: dict
  max_output:
    description:
      - The maximum size of each of RV(stdout) and RV(stderr), for example V(64k) or V(1m). A number without a unit is
        bytes.
      - If there is more output, its end is returned. RV(stdout_cut) and RV(stderr_cut) have the number of bytes that
        are left out.
      - If not given, all output is returned, and kept in memory until then.
    type: str
  privileged:
    description:
      - Whether to give the command all privileges on the engine's host (C(docker exec --privileged)).
    type: bool
    default: false
  stdin:
    description:
      - The command's stdin, of any size, followed by the end of input.
      - With O(tty=true) it is typed at the terminal, followed by Control-D. A terminal accepts at most 4095 bytes in a
        line, and interprets some characters.
      - If not given or empty, the command has no stdin, and reads the end of its input at once.
      - An engine can lose the end of the input of a command that reads nothing else (observed with Docker 28). Then the
        command waits for it forever. O(wait_timeout) protects against this and all other commands that do not end.
    type: str
  stdin_add_newline:
    description:
      - Whether to append a newline to O(stdin).
    type: bool
    default: true
  strip_empty_ends:
    description:
      - Whether to remove newlines from the end of RV(stdout) and RV(stderr).
    type: bool
    default: true
  tty:
    description:
      - Whether to run the command in a terminal (C(docker exec --tty)).
      - A terminal has a single stream. All output of the command is in RV(stdout), with C(\r\n) at the end of lines,
        together with the typed O(stdin).
    type: bool
    default: false
  user:
    description:
      - The user to run the command as (C(docker exec --user)), for example V(nobody), V(1000) or V(1000:1000).
      - If not given, it is the container's user.
    type: str
  wait_timeout:
    description:
      - How many seconds the command may take. V(0) and less mean no limit, which is the default.
      - The limit also applies if the engine itself does not respond. Without it, the engine has O(timeout) seconds to
        begin its response.
      - When the time is over, the task fails, and the command and the processes that it has started are sent
        C(SIGTERM), and C(SIGKILL) five seconds later if needed. The output until then is in RV(stdout) and RV(stderr).
      - The engine's API can't end a command. This is done with a second command in the container, which needs C(sh) and
        C(cat) there. It runs as the same user, and finds the processes by the environment variable C(WHARF_EXEC), which
        the module sets for the command. If that is impossible, the command continues to run. The task reports why, and
        RV(pid) is the command's process ID on the engine's host.
    type: float
  secret_patterns:
    description:
      - Shell patterns for the names of the container's environment variables and labels whose values are masked in the
        output and in errors, in upper or lower case. A pattern that begins with V(!) excludes names again.
      - Values of at least 12 characters are masked. Shorter ones are only masked in the form C(NAME=value), since later
        tasks may work with the output. Passwords in URLs are masked too.
      - The values of O(env) are not masked in the output, since the task itself has them.
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
  - module: wharf.docker.container_run
  - module: wharf.docker.container_state
  - module: community.docker.docker_container_exec
  - name: docker exec
    description: The corresponding docker command.
    link: https://docs.docker.com/reference/cli/docker/container/exec/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line:
# ansible localhost -m wharf.docker.container_exec -a "container=web command='nginx -s reload'"

- name: Reload the configuration of a web server
  wharf.docker.container_exec:
    container: web
    command: nginx -s reload

- name: Initialise a database once
  wharf.docker.container_exec:
    container: db
    argv:
      - initialise
      - --data
      - /var/lib/db
    creates: /var/lib/db/VERSION
    user: db

- name: Pass input and a secret to a command
  wharf.docker.container_exec:
    container: db
    command: psql --username app
    stdin: "{{ lookup('ansible.builtin.file', 'schema.sql') }}"
    env:
      PGPASSWORD: "{{ app_password }}"
    wait_timeout: 300

- name: Accept another exit code
  wharf.docker.container_exec:
    container: web
    command: grep -q ready /srv/state
  register: ready
  changed_when: false
  failed_when: ready.rc not in [0, 1]

- name: Use a shell
  wharf.docker.container_exec:
    container: web
    command: sh -c 'rm -f "$CACHE"/*.tmp'
    removes: /var/cache/web

- name: Get the end of a long output
  wharf.docker.container_exec:
    container: web
    command: cat /var/log/web.log
    max_output: 64k
  register: log
  changed_when: false

- name: Start a command in the background
  wharf.docker.container_exec:
    container: web
    command: warm-up --all
    detach: true
"""

RETURN = r"""
actions:
  description:
    - What was done, or in check mode would be done, in this order, each with its cause. Empty if nothing changes.
    - The cause is the command, without O(env) and O(stdin).
  returned: always
  type: list
  elements: str
  sample:
    - "exec web: nginx -s reload"
steps:
  description:
    - The single steps of RV(actions). Each has its C(action), such as V(create) or V(stop), its C(target) and its
      C(causes).
  returned: always
  type: list
  elements: dict
  sample:
    - action: exec
      target: web
      causes:
        - nginx -s reload
rc:
  description:
    - The exit code of the command.
    - V(0) in check mode, and if the command was not run because of O(creates) or O(removes).
    - V(126) or V(127), as with C(docker exec), if the command could not be started, also with O(detach=true).
    - V(null) if the command was not ended after O(wait_timeout).
  returned: O(detach=false), or if the command could not be started
  type: int
  sample: 0
stdout:
  description:
    - The standard output of the command.
  returned: O(detach=false)
  type: str
  sample: It works
stderr:
  description:
    - The standard error output of the command.
  returned: O(detach=false)
  type: str
  sample: ""
stdout_cut:
  description:
    - How many bytes are left out at the beginning of RV(stdout) because of O(max_output).
  returned: O(detach=false)
  type: int
  sample: 0
stderr_cut:
  description:
    - How many bytes are left out at the beginning of RV(stderr) because of O(max_output).
  returned: O(detach=false)
  type: int
  sample: 0
exec_id:
  description:
    - The engine's ID of the command; V(null) if it was not run.
  returned: O(detach=true)
  type: str
  sample: 249d9e3075655baf705ed8f40488c5e9434049cf3431976f1bfdb73741c574c5
msg:
  description:
    - Why the command was not run, why the task failed, or the exit code if it is not 0.
  returned: in these cases
  type: str
  sample: "It was not run: /var/lib/db/VERSION is there."
timed_out:
  description:
    - V(true) if the command took longer than O(wait_timeout).
  returned: if the command took longer than O(wait_timeout)
  type: bool
  sample: true
pid:
  description:
    - The process ID of the command on the engine's host if it is still running there, or V(null).
  returned: if the command took longer than O(wait_timeout)
  type: int
  sample: 4711
"""

from ansible_collections.wharf.docker.plugins.module_utils._flow.module import run_module
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_exec as _container_exec


def main() -> None:
    run_module(_container_exec.TASK)


if __name__ == "__main__":
    main()
