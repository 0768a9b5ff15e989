#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_copy
short_description: Copy files and directories into a container, or out of it
version_added: 1.0.0
description:
  - Copies a file, a directory with all that is in it, or a given text into a container, as C(docker cp) does. With
    O(direction=from), copies a file or a directory of a container to the host that the task runs on. The container can
    be running, paused, stopped or created.
  - Copies only what differs in type, content, mode, owner or group, or in the target of a symbolic link. Modification
    times are not compared. If nothing differs, nothing is sent or written. Nothing is run in the container to find that
    out.
  - The options of M(community.docker.docker_container_copy_into) have the same names and meanings, so that tasks can be
    moved by changing the name of the module.
  - O(container_path), or O(path) with O(direction=from), is always the path of the copy itself. Other than with
    C(docker cp), a directory is not copied to a directory of the same name inside it.
  - Everything to be copied is read first, and checked. If a file changes meanwhile or can't be read, or if the
    connection breaks, nothing is copied.
  - Into a container, the engine then replaces file by file, without a way to keep the old ones. If it fails in the
    middle, the error lists what was copied and what is incomplete. Running the task again completes the copy.
  - To the host, each file is written under a temporary name in its directory, and renamed when it is complete. A task
    that is killed leaves a complete file under each name, old or new; the next one that writes there removes its
    temporary file.
  - Files of any size take a constant amount of memory. What is copied needs room in the directory for temporary files
    on the host that the task runs on (the environment variable E(TMPDIR)), except for a single file from a container.
  - Hard links are copied as separate files. Extended attributes are not copied, and holes of sparse files are filled.
    Device files, FIFOs and sockets are not accepted; of a directory in a container, the engine leaves out the sockets.
  - With O(direction=from), nothing in the container can lead outside of O(path). Files are opened below a directory
    that is kept open, and no symbolic link at or below O(path) is followed, even if somebody changes it meanwhile. In
    directories that others may write to, such as C(/tmp), a file, a link or a directory of another user at O(path) is
    refused. The setuid and setgid bits of a container are not copied.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Shows the text of files up to 100 KiB if it is text before and after. The text of O(content) is not shown.
  idempotent:
    support: partial
    details:
      - With O(force=true), everything is copied each time.
options:
  container:
    description:
      - The name or ID of the container.
    type: str
    required: true
    aliases:
      - name
  direction:
    description:
      - With V(into), O(path) or O(content) is copied to O(container_path) in the container.
      - With V(from), O(container_path) in the container is copied to O(path) on the host that the task runs on.
    type: str
    choices: [into, from]
    default: into
  container_path:
    description:
      - The absolute path of the copy in the container. Its directory must exist in the container.
      - With O(direction=from), the absolute path of the file, directory or symbolic link to copy.
      - If a directory is copied and O(container_path) is there already, it keeps its own mode and owner.
      - A path in a C(tmpfs), C(/dev), C(/proc) or C(/sys) is not accepted, since the engine does not see what the
        container sees there. A file that is mounted in the container by itself can't be replaced.
    type: str
    required: true
  path:
    description:
      - The file or directory to copy.
      - With O(direction=from), the path of the copy. Its directory must exist. If it is a directory already, it keeps
        its own mode and owner, and what is only there stays.
      - One of O(path) and O(content) is required.
    type: path
    aliases:
      - src
  remote_src:
    description:
      - With V(true), O(path) is a file or directory on the host that the task runs on.
      - With V(false), it is on the controller. In this release the task has to run on the controller then (with a local
        connection, or delegated to C(localhost)). If it runs on another host, copy the file there first.
      - V(false) is not accepted with O(direction=from). M(ansible.builtin.fetch) brings the copy to the controller.
    type: bool
    default: true
  content:
    description:
      - The content of the file to be written. Requires O(mode). Only for O(direction=into).
      - Ansible masks it in all output. For a short text, this may also mask other parts of the result.
    type: str
  content_is_b64:
    description:
      - With V(true), O(content) is Base64, and is decoded before it is used. Use this for binary content.
    type: bool
    default: false
  owner_id:
    description:
      - The number of the user that everything copied belongs to. Requires O(group_id).
      - If not given, it is the user that the container runs as. A name is looked up in the container's C(/etc/passwd).
      - With O(direction=from), it is a user of the host; by default that of the task. The numbers
        that the container has are not used. Only C(root) can give files to another user.
    type: int
  group_id:
    description:
      - The number of the group that everything copied belongs to. Requires O(owner_id).
      - If not given, it is the group that the container runs as, or with O(direction=from), that of the task.
    type: int
  mode:
    description:
      - The mode of the file, or of all files in a directory. Directories have the mode that they have in O(path), or
        with O(direction=from), in the container.
      - If not given, it is the mode of each file in O(path). With O(direction=from), it is the mode in the container
        without the setuid and setgid bits, whatever the umask is.
      - How it is read depends on O(mode_parse).
    type: raw
  mode_parse:
    description:
      - How O(mode) is read.
    type: str
    choices:
      legacy:
        - A number. A string is read as a decimal number, so that V("0644") is not the mode 0644. The task
          warns of that.
      modern:
        - A string is read as an octal number, as M(ansible.builtin.copy) does. Numbers are accepted, too.
      octal_string_only:
        - A string, which is read as an octal number.
    default: legacy
  follow:
    description:
      - With V(true), if O(container_path) is a symbolic link in the container, the copy is made where it leads.
      - With V(false), such a link is replaced by a copied file. A directory can't replace it.
      - With O(direction=from) and V(true), if O(container_path) is a symbolic link, what it leads to is copied. With
        V(false), the link itself is copied.
    type: bool
    default: false
  local_follow:
    description:
      - With V(true), symbolic links in O(path), or O(path) itself, are copied as what they lead to.
      - With V(false), they are copied as symbolic links.
      - It has no effect with O(direction=from). Symbolic links of a container are copied as they are, and may lead
        anywhere on the host. A symbolic link at O(path) is replaced by a copied file; a directory can't replace it.
    type: bool
    default: true
  force:
    description:
      - With V(true), everything is copied, whether it differs or not.
      - With V(false), only what does not exist in the container, or with O(direction=from) on the host, is copied.
      - If not given, what differs is copied.
    type: bool
  exclude:
    description:
      - Patterns of files and directories that are neither copied nor removed. Only for a directory.
      - A pattern without a slash, such as V(*.log), matches a name at any depth. A pattern with a slash, such as
        V(/cache) or V(data/*.db), matches a path relative to O(path), or with O(direction=from) to
        O(container_path). What is inside a matching directory is excluded, too.
    type: list
    elements: str
    default: []
  delete:
    description:
      - With V(true), files and directories below O(container_path) that are not in O(path) are removed from the
        container. Only for a directory O(path), and not with O(direction=from).
      - To remove something, the container must be running, and must have the programs C(rm) and C(rmdir), which are run
        as its user C(root). Names that are not UTF-8 also require C(xargs).
      - Also allows a directory to be replaced by a file, or a file by a directory.
    type: bool
    default: false
seealso:
  - module: wharf.docker.container_exec
  - module: wharf.docker.container_export
  - module: ansible.builtin.fetch
  - module: community.docker.docker_container_copy_into
  - name: docker cp
    description: The corresponding docker command.
    link: https://docs.docker.com/reference/cli/docker/container/cp/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line:
# ansible localhost -m wharf.docker.container_copy -a "container=web src=/srv/web.conf container_path=/etc/web.conf"

- name: Copy a file
  wharf.docker.container_copy:
    container: web
    path: /srv/web.conf
    container_path: /etc/web.conf

- name: Copy a file with its mode and owner
  wharf.docker.container_copy:
    container: web
    path: /srv/start.sh
    container_path: /bin/start
    owner_id: 0
    group_id: 0
    mode: "0755"
    mode_parse: modern

- name: Write a file from a template
  wharf.docker.container_copy:
    container: web
    content: "{{ lookup('ansible.builtin.template', 'site.conf.j2') }}"
    container_path: /etc/site.conf
    mode: "0640"
    mode_parse: modern
  register: config

- name: Restart the container if the file changed
  wharf.docker.container_state:
    name: web
    state: restarted
  when: config is changed

- name: Bring a directory up to date
  wharf.docker.container_copy:
    container: web
    path: /srv/site
    container_path: /var/www/site
    exclude:
      - "*.tmp"
      - /uploads
    delete: true

- name: Give a container its first settings, and leave them alone afterwards
  wharf.docker.container_copy:
    container: db
    path: /srv/db.conf
    container_path: /etc/db.conf
    force: false

- name: Copy a file from a container to the host
  wharf.docker.container_copy:
    container: web
    container_path: /etc/passwd
    path: /srv/backup/passwd
    direction: from
    mode: "0600"
    mode_parse: modern

- name: Bring a copy of a container's directory up to date
  wharf.docker.container_copy:
    container: web
    container_path: /var/www/site
    path: /srv/backup/site
    direction: from
    exclude:
      - /uploads
"""

RETURN = r"""
actions:
  description:
    - What was done, or in check mode would be done, in this order, each with its cause. Empty if nothing changes.
  returned: success
  type: list
  elements: str
  sample:
    - 'copy /srv/app.conf to web:/etc/app.conf: content sha256:9a7d4e7a8e3c → sha256:0c1f5a6de0b2, mode 0644 → 0640'
steps:
  description:
    - The single steps of RV(actions). Each has its C(action), such as V(create) or V(stop), its C(target) and its
      C(causes).
  returned: success
  type: list
  elements: dict
  sample:
    - action: copy
      target: /srv/app.conf to web:/etc/app.conf
      causes:
        - no such file
container:
  description:
    - The container.
  returned: success
  type: dict
  contains:
    id:
      description: The ID; V(null) in check mode if there is no such container yet.
      type: str
      returned: success
      sample: 0f3a5b7c9d1e2f40516273849506172839405162738495061728394051627384
    name:
      description: The name.
      type: str
      returned: success
      sample: web
container_path:
  description:
    - The path in the container. It is not O(container_path) if O(follow=true) and that is a symbolic link.
  returned: success
  type: str
  sample: /etc/app.conf
copied:
  description:
    - How many files, directories and symbolic links were copied, or in check mode would be copied.
    - With O(direction=from), V(null) in check mode if there is no such container yet.
  returned: success
  type: int
  sample: 1
removed:
  description:
    - How many files, directories and symbolic links were removed, or in check mode would be removed.
  returned: success
  type: int
  sample: 0
"""

from ansible_collections.wharf.docker.plugins.module_utils._flow.module import run_module
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_copy as _container_copy


def main() -> None:
    run_module(_container_copy.TASK)


if __name__ == "__main__":
    main()
