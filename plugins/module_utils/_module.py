# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module face: the one place where a module begins and ends."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values

from ansible_collections.wharf.docker.plugins.module_utils._task import Task, guarded


def run_module(task: Task) -> None:
    """What ``main()`` of every module does."""
    module = AnsibleModule(argument_spec=task.argument_spec(), supports_check_mode=True, **task.rules())
    result = guarded(task, module.params, module.check_mode, module._diff)
    # Core masks secrets in what a module returns, from 2.19 on not in what it warns of.
    for words in result.pop("warnings", []):
        module.warn(remove_values(words, module.no_log_values))
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
