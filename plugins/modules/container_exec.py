#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_exec
short_description: Run a command in a container that runs
version_added: 1.0.0
description:
  - Runs a command in a container, as C(docker exec) does, and returns its exit code and what it wrote.
  - With O(creates) and O(removes) it runs only where a path in the container is not there, or is. The engine itself
    is asked for that, and nothing is run in the container.
  - The exit code is in RV(rc). Ansible takes the task for failed where it is not 0, unless C(failed_when) says
    otherwise.
  - The task fails if the command can't be started, for example because the container does not run or does not have the
    program.
  - Options have the names and the meaning they have in P(community.docker.docker_container_exec#module).
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
    details:
      - It looks for the paths of O(creates) and O(removes), says whether the command would be run, and runs nothing.
      - If the container does not exist, it is assumed that an earlier task would create it. The task warns, and says
        that the command would be run.
  diff_mode:
    support: none
    details:
      - What a command changes can't be known. The diff is empty.
  idempotent:
    support: partial
    details:
      - Only with O(creates) or O(removes). Without them the command is run each time.
options:
  container:
    description:
      - The name or the id of the container. It has to be running.
    type: str
    required: true
    aliases:
      - name
  argv:
    description:
      - The program and its arguments, as a list. No quoting is needed.
      - Exactly one of O(argv) and O(command) is needed. A list is given here, not with O(command).
    type: list
    elements: str
  command:
    description:
      - The program and its arguments, as a string that is split into words as a shell does it.
      - No shell is run. For variables, patterns and redirection, run one, as in V(sh -c 'echo "$HOME"').
      - The command is shown in RV(actions). Give secrets with O(env) or O(stdin), which are not.
    type: str
  chdir:
    description:
      - The folder in the container to run the command in, C(docker exec --workdir). It is an absolute path.
      - If it is not given, it is the container's working directory.
    type: str
  creates:
    description:
      - A path in the container. Where it is there, the command is not run.
      - A relative path is below O(chdir), or else below the container's working directory. A link is there even if what
        it leads to is not. A pattern such as V(/data/*.db) is refused.
      - Files in volumes are seen. The engine does not see what is in a tmpfs, and below C(/proc), C(/sys) and C(/dev).
        Where a path leads there, the task fails, as nobody could tell without running something.
    type: str
  removes:
    description:
      - A path in the container. Where it is not there, the command is not run.
      - The same rules as for O(creates) hold for it.
    type: str
  detach:
    description:
      - Whether to start the command and not wait for it, C(docker exec --detach).
      - RV(exec_id) is returned then, in the place of what the command wrote and its exit code.
      - It can't be used with O(stdin) and O(wait_timeout). O(max_output) has no meaning with it.
    type: bool
    default: false
  env:
    description:
      - Environment variables for the command, beside those of the container, C(docker exec --env).
      - Values must be strings. Quote those that YAML takes for something else, such as V("1") and V("yes").
      - They are in no result of this module. Ansible itself shows a task's options where it is run with C(-vvv).
    type: dict
  max_output:
    description:
      - How much of each of RV(stdout) and RV(stderr) is returned at most, for example V(64k) or V(1m). A number without
        a unit is bytes.
      - Of more than that, the end is returned. How much was left out is in RV(stdout_cut) and RV(stderr_cut).
      - If it is not given, everything is returned, and kept in memory until then.
    type: str
  privileged:
    description:
      - Whether to give the command all the rights of the engine's host, C(docker exec --privileged).
    type: bool
    default: false
  stdin:
    description:
      - What the command reads on its stdin. It may be large. After it, the command reads the end of the input.
      - With O(tty=true) it is typed at the terminal, with Control-D at the end. A terminal takes at most 4095 bytes a
        line, and gives some characters a meaning of their own.
      - If it is not given or empty, the command has no stdin, and reads the end of its input at once.
      - An engine can lose the end of the input of a command that reads nothing but that (Docker 28 was seen to), and
        then the command waits for it for ever. O(wait_timeout) protects against that, as against all that does not end.
    type: str
  stdin_add_newline:
    description:
      - Whether to add a line break to O(stdin).
    type: bool
    default: true
  strip_empty_ends:
    description:
      - Whether to remove line breaks from the end of RV(stdout) and RV(stderr).
    type: bool
    default: true
  tty:
    description:
      - Whether the command runs at a terminal, C(docker exec --tty).
      - A terminal has one stream. Everything that the command writes is in RV(stdout) then, with C(\r\n) at the end of
        lines, together with what is typed with O(stdin).
    type: bool
    default: false
  user:
    description:
      - The user to run the command as, C(docker exec --user), for example V(nobody), V(1000) or V(1000:1000).
      - If it is not given, it is the container's user.
    type: str
  wait_timeout:
    description:
      - How many seconds the command may take. V(0) and less mean no limit, as if it is not given.
      - It also holds if the engine itself does not answer. Without it, the engine has O(timeout) seconds for the
        beginning of its answer.
      - Where it takes longer, the task fails, and the command and the processes it has started are sent C(SIGTERM), and
        C(SIGKILL) five seconds later if need be. Its output until then is in RV(stdout) and RV(stderr).
      - The API of an engine can't end a command. It is done with a second command in the container, which needs C(sh)
        and C(cat) there. It runs as the same user, and finds the processes by an environment variable C(WHARF_EXEC)
        that the command is given for that. Where that is not possible, the command runs on. The task says why, and has
        in RV(pid) which process of the engine's host it is.
    type: float
  secret_patterns:
    description:
      - Shell patterns of the names of the container's environment variables and labels whose values are masked in
        the output and in errors, in upper or lower case. Names that match a pattern beginning with V(!) are taken
        out again.
      - Such a value is masked from 12 characters on, and a shorter one only in the form C(NAME=value), since the output
        may be what a later task works with. Passwords in URLs are masked too.
      - The values of O(env) are left in the output, since the task itself gave them.
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
  - module: community.docker.docker_container_exec
  - name: docker exec
    description: The command this module stands for.
    link: https://docs.docker.com/reference/cli/docker/container/exec/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line:
# ansible localhost -m wharf.docker.container_exec -a "container=web command='nginx -s reload'"

- name: Have a web server read its configuration again
  wharf.docker.container_exec:
    container: web
    command: nginx -s reload

- name: Make a database once
  wharf.docker.container_exec:
    container: db
    argv:
      - initialise
      - --data
      - /var/lib/db
    creates: /var/lib/db/VERSION
    user: db

- name: Give a command its input, and a secret
  wharf.docker.container_exec:
    container: db
    command: psql --username app
    stdin: "{{ lookup('ansible.builtin.file', 'schema.sql') }}"
    env:
      PGPASSWORD: "{{ app_password }}"
    wait_timeout: 300

- name: Take one exit code for success
  wharf.docker.container_exec:
    container: web
    command: grep -q ready /srv/state
  register: ready
  changed_when: false
  failed_when: ready.rc not in [0, 1]

- name: Use what a shell can do
  wharf.docker.container_exec:
    container: web
    command: sh -c 'rm -f "$CACHE"/*.tmp'
    removes: /var/cache/web

- name: Look at the end of a long output
  wharf.docker.container_exec:
    container: web
    command: cat /var/log/web.log
    max_output: 64k
  register: log
  changed_when: false

- name: Start something and leave it to itself
  wharf.docker.container_exec:
    container: web
    command: warm-up --all
    detach: true
"""

RETURN = r"""
actions:
  description:
    - What was done, or in check mode what would be done. It has the command, without O(env) and O(stdin).
  returned: always
  type: list
  elements: str
  sample:
    - "exec web: nginx -s reload"
steps:
  description:
    - The single steps of RV(actions), in their order.
    - Each has its C(action), such as V(create) or V(stop), its C(target), and its C(causes).
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
    - It is V(0) in check mode and if the command was not run because of O(creates) or O(removes).
    - If the command could not be started, it is that of C(docker exec), V(126) or V(127), also with O(detach=true).
    - It is V(null) if the command was not ended after O(wait_timeout).
  returned: O(detach=false), or if the command could not be started
  type: int
  sample: 0
stdout:
  description:
    - What the command wrote to its stdout.
  returned: O(detach=false)
  type: str
  sample: It works
stderr:
  description:
    - What the command wrote to its stderr.
  returned: O(detach=false)
  type: str
  sample: ""
stdout_cut:
  description:
    - How many bytes of the beginning of the command's stdout are left out because of O(max_output).
  returned: O(detach=false)
  type: int
  sample: 0
stderr_cut:
  description:
    - How many bytes of the beginning of the command's stderr are left out because of O(max_output).
  returned: O(detach=false)
  type: int
  sample: 0
exec_id:
  description:
    - The id under which the engine knows the command; V(null) if it was not run.
  returned: O(detach=true)
  type: str
  sample: 249d9e3075655baf705ed8f40488c5e9434049cf3431976f1bfdb73741c574c5
msg:
  description:
    - Why the command was not needed, why the task failed, or which exit code other than 0 there was.
  returned: if there is something to say
  type: str
  sample: "It was not run: /var/lib/db/VERSION is there."
timed_out:
  description:
    - That the command took longer than O(wait_timeout).
  returned: if it did
  type: bool
  sample: true
pid:
  description:
    - The process id of the command on the engine's host if it still runs there after O(wait_timeout), or V(null).
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
