# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module execution: where every module begins and ends."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Set

# A module's process is short, and most of that time is spent on imports, whose objects stay. Garbage collection among
# them takes a twentieth of its time, so this file is the first one that a module imports.
gc.set_threshold(50_000, 20, 20)

from ansible.module_utils import basic  # noqa: E402
from ansible.module_utils.common.parameters import remove_values  # noqa: E402

from ansible_collections.wharf.docker.plugins.module_utils._flow.task import (  # noqa: E402
    TIME_LIMIT,
    Result,
    Task,
    finished,
    guarded,
    without_secrets,
)

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule
else:
    # The base class of Module is looked up when a module runs, not when this file is imported: a linter replaces
    # AnsibleModule with its own class, which checks the options and ends there. With the real class the task would run.
    AnsibleModule = object


class Module(AnsibleModule):  # type: ignore[misc]  # Core has no types.
    """A module that keeps the secrets in its options out of its result and out of its host's log."""

    task: Task
    argument_spec: Dict[str, Any]
    params: Dict[str, Any]
    no_log_values: Set[str]
    time_limit: Optional[List[float]]

    def exit_json(self, **facts: Any) -> Any:
        self._hide()
        return super().exit_json(**facts)

    def fail_json(self, msg: str, **facts: Any) -> Any:
        """Errors that Ansible itself finds in the options also come through here."""
        msg = without_secrets(self.params, msg)
        self._hide()
        return super().fail_json(**finished({**facts, "msg": msg}))

    def log(self, msg: str, log_args: Optional[Dict[str, Any]] = None) -> None:
        """Log the options with secrets masked: Ansible's no_log masks only whole options."""
        log_args = dict(log_args or {})
        for option, value in without_secrets(self.params, self.params).items():
            own = self.argument_spec.get(option, {}).get("no_log")
            if option in log_args and value != self.params[option] and not own:
                logged, log_args[option] = log_args[option], str(value)
                msg = msg.replace("%s=%s" % (option, logged), "%s=%s" % (option, value))
        super().log(msg, log_args=log_args)

    def _load_params(self) -> None:
        super()._load_params()
        # Ansible rejects arguments that are neither options nor its own.
        self.time_limit = self.params.pop(TIME_LIMIT, None)
        self.params = self.task.arguments(self.params)
        if basic.AnsibleModule.__module__ != basic.__name__:
            from ansible_collections.wharf.docker.plugins.module_utils._flow.templates import not_judged

            self.argument_spec = not_judged(self.argument_spec, self.params)

    def _hide(self) -> None:
        """Mask the options, which Ansible returns as ``invocation``."""
        given = self.params.get("env_secret")
        if given:
            from ansible_collections.wharf.docker.plugins.module_utils._flow.mask import for_core

            self.no_log_values = for_core(self.no_log_values, given)
        self.params = without_secrets(self.params, self.params)


def run_module(task: Task) -> None:
    """The body of every module's ``main()``."""
    module = type("Module", (Module, basic.AnsibleModule), {"task": task})(
        argument_spec=task.argument_spec(), supports_check_mode=True, **task.rules()
    )

    def run() -> Result:
        return guarded(task, module.params, module.check_mode, module._diff)

    if module.time_limit:
        from ansible_collections.wharf.docker.plugins.module_utils._flow.time_limit import within

        seconds, left = module.time_limit
        result = within(seconds, left, run)
    else:
        result = run()
    # Python's last collection, at exit, examines everything that is not frozen: another twentieth.
    gc.freeze()
    # Core masks secrets in what a module returns, but from 2.19 on not in its warnings.
    for words in result.pop("warnings", []):
        module.warn(remove_values(words, module.no_log_values))
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
