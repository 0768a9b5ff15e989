# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The direct execution of every module: the task runs inside Ansible's worker process, if that is equivalent.

If it is not, the module runs as any other: see ``why_not()``. The setting ``wharf_docker_execution`` overrides that.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import shutil
import signal
import sys
from typing import Any, Dict, Iterator, Mapping, Optional

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import module_loader
from ansible.utils.display import Display
from ansible.utils.vars import merge_hash

from ansible_collections.wharf.docker.plugins import module_utils
from ansible_collections.wharf.docker.plugins.module_utils._engine.cache import forget_engines, kept_engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import sdk_problem
from ansible_collections.wharf.docker.plugins.module_utils._flow.caller import watched
from ansible_collections.wharf.docker.plugins.module_utils._flow.json_safe import plain
from ansible_collections.wharf.docker.plugins.module_utils._flow.mask import for_core
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import (
    TIME_LIMIT,
    Result,
    Task,
    finished,
    guarded,
    without_secrets,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.time_limit import within
from ansible_collections.wharf.docker.plugins.module_utils._tasks.registry import TASKS

COLLECTION = "wharf.docker."
display = Display()

# Ansible reads no settings from the documentation of an action plugin, so they are declared here. They have no choices:
# a value may be a template, which is rendered after Ansible would have checked them.
EXECUTION = "execution"
EXECUTIONS = ("auto", "module", "direct")
SETTINGS: Dict[str, Dict[str, Any]] = {
    EXECUTION: {
        "description": ["Whether modules run inside Ansible or on their host."],
        "type": "str",
        "default": "auto",
        "env": [{"name": "WHARF_DOCKER_EXECUTION"}],
        "ini": [{"section": "wharf_docker", "key": EXECUTION}],
        "vars": [{"name": "wharf_docker_execution"}],
    },
}
PLUGIN = COLLECTION + "direct"
constants.config.initialize_plugin_configuration_definitions("action", PLUGIN, SETTINGS)

# Workers inherit these imports, even of files that tasks import only when needed. The SDK may be missing here, but not
# on a host.
for _found in pkgutil.walk_packages(module_utils.__path__, module_utils.__name__ + "."):
    importlib.import_module(_found.name)
SDK_PROBLEM = sdk_problem()

# How many seconds a module has, after the time limit of its task, to undo what it had begun and to report that.
PATIENCE = 30

# These affect a Python when it starts, or the libraries that it loads: too late for a running one.
AT_START = ("PYTHON", "LD_", "LC_", "LANG", "TZ")


class ActionModule(ActionBase):  # type: ignore[misc]
    """Runs the task of the module that the playbook names, as a direct execution or as a module execution."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
        result: Dict[str, Any] = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        name = self._module_name()
        wanted = self._execution(task_vars)
        environment: Dict[str, Any] = {}
        self._compute_environment_string(environment)
        arguments: Dict[str, Any] = {}
        reason = "it is requested" if wanted == "module" else self.why_not(task_vars, environment)
        if not reason:
            try:
                arguments = plain(self._task.args)
            except TypeError as error:
                reason = "its options can't be written as JSON (%s)" % error
        if reason and wanted == "direct":
            raise AnsibleActionFail(
                "wharf_docker_execution is direct, and %s can't run inside Ansible's own process: %s. "
                "Set wharf_docker_execution to auto, or change that." % (name, reason)
            )
        host = task_vars.get("inventory_hostname")
        if reason:
            display.vv("%s: module execution, since %s" % (name, reason), host=host)
            return dict(merge_hash(result, self._module_execution(name, task_vars)))
        display.vv(
            "%s: direct execution, since %s"
            % (name, "it is requested" if wanted == "direct" else "the module would run here, as this user"),
            host=host,
        )
        return {**result, **self._direct_execution(name, arguments, task_vars, environment)}

    def why_not(self, task_vars: Mapping[str, Any], environment: Mapping[str, Any]) -> str:
        """Why the direct execution would not be equivalent to the module execution; "" if it is."""
        if self._task.async_val:
            return "the task is asynchronous"
        if self._play_context.become or self._connection.become is not None:
            return "the task becomes another user"
        if type(self._connection).__module__ != "ansible.plugins.connection.local":
            return "the connection is %s, not local" % self._connection.transport
        if constants.config.get_config_value("DEFAULT_KEEP_REMOTE_FILES", variables=task_vars):
            return "the module's files are to be kept"
        early = sorted(name for name in environment if name.startswith(AT_START))
        if early:
            return "the task's environment has %s, which a program reads when it starts" % early[0]
        interpreter = self._interpreter(task_vars)
        if interpreter and not is_own(interpreter):
            return "another Python is requested, %s" % interpreter
        if SDK_PROBLEM and not interpreter:
            return "Ansible's own Python can't use the Docker SDK"
        return ""

    def _module_name(self) -> str:
        """The full name of the task's module; the task may use a short name, which ``collections`` resolve."""
        context = module_loader.find_plugin_with_context(self._task.action, collection_list=self._task.collections)
        return str(context.resolved_fqcn or self._task.action)

    def _execution(self, task_vars: Dict[str, Any]) -> str:
        value = constants.config.get_config_value(
            EXECUTION, plugin_type="action", plugin_name=PLUGIN, variables=task_vars
        )
        value = str(self._templar.template(value))
        if value not in EXECUTIONS:
            raise AnsibleActionFail("wharf_docker_execution is %r: give one of %s." % (value, ", ".join(EXECUTIONS)))
        return value

    def _interpreter(self, task_vars: Mapping[str, Any]) -> str:
        """The requested Python; "" if Ansible would discover one itself."""
        if self._task.delegate_to:
            task_vars = (task_vars.get("ansible_delegated_vars") or {}).get(self._task.delegate_to) or task_vars
        value = constants.config.get_config_value("INTERPRETER_PYTHON", variables=dict(task_vars))
        value = str(self._templar.template(value) or "").strip()
        return "" if value.startswith("auto") else value

    def _module_execution(self, name: str, task_vars: Dict[str, Any]) -> Dict[str, Any]:
        """Run the module as Ansible does if a module has no action plugin."""
        wrap_async = self._task.async_val and not self._connection.has_native_async
        if self._task.async_val:
            result: Dict[str, Any] = self._execute_module(module_name=name, task_vars=task_vars, wrap_async=wrap_async)
        else:
            left = signal.getitimer(signal.ITIMER_REAL)[0]
            limit = {TIME_LIMIT: [self._task.timeout, left]} if left else {}
            with watched(end_worker), patient(left, name):
                result = self._execute_module(
                    module_name=name, module_args={**self._task.args, **limit}, task_vars=task_vars
                )
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _direct_execution(
        self, name: str, arguments: Dict[str, Any], task_vars: Dict[str, Any], environment: Mapping[str, Any]
    ) -> Dict[str, Any]:
        task = TASKS[name[len(COLLECTION) :]]
        with surroundings(environment, self._loader.get_basedir()):
            result = run_task(task, name, arguments, self._task.check_mode, self._task.diff, self._task.timeout)
        # Core 2.21 and newer leave it out, unless it is requested.
        if constants.config.get_configuration_definition("INJECT_INVOCATION") and not constants.config.get_config_value(
            "INJECT_INVOCATION", variables=task_vars
        ):
            del result["invocation"]
        # Ansible completes a module's result in the same way.
        for stream in ("stdout", "stderr"):
            if stream in result and stream + "_lines" not in result:
                result[stream + "_lines"] = (result[stream] or "").splitlines()
        return result


def run_task(
    task: Task, name: str, arguments: Dict[str, Any], check_mode: bool, diff_mode: bool, limit: Optional[int] = None
) -> Dict[str, Any]:
    """Do what AnsibleModule does around a task: validation before it, warnings and masked values after it.

    ``limit``: the seconds after which Ansible's alarm comes.
    """
    arguments = task.arguments(arguments)
    validated = ArgumentSpecValidator(task.argument_spec(), **task.rules()).validate(arguments)
    params = {**arguments, **validated.validated_parameters}
    if validated.error_messages:
        words = validated.errors.msg
        if isinstance(validated.errors[0], UnsupportedError):
            words = "Unsupported parameters for (%s) module: %s" % (name, words)
        result = finished({"failed": True, "msg": without_secrets(params, words)})
    else:

        def run() -> Result:
            return guarded(task, params, check_mode, diff_mode, kept_engine)

        try:
            result = within(limit, None, run) if limit else run()
        except BaseException:
            forget_engines()
            raise
        if "timedout" in result:  # The alarm may have come in the middle of an answer.
            forget_engines()
        result.setdefault("changed", False)
    warnings = ["Both option {option} and its alias {alias} are set.".format(**pair) for pair in validated._warnings]
    warnings += result.pop("warnings", [])
    if warnings:
        result["warnings"] = warnings
    if validated._deprecations:
        result["deprecations"] = [
            {key: value for key, value in deprecation.items() if value is not None}
            for deprecation in validated._deprecations
        ]
    result["invocation"] = {"module_args": without_secrets(params, params)}
    result = dict(plain(result))
    no_log_values = for_core(validated._no_log_values, params.get("env_secret"))
    if not no_log_values:
        return result
    untouched = {key: value for key, value in result.items() if value is None or isinstance(value, bool)}
    return {**remove_values(result, no_log_values), **untouched}


def end_worker() -> None:
    """Ansible itself is gone: end this worker in the way that Ansible would have, and the module with it."""
    os.kill(os.getpid(), signal.SIGTERM)


@contextlib.contextmanager
def patient(left: float, name: str) -> Iterator[None]:
    """Let a module end by itself when its task's time limit is over, in ``left`` seconds (0: there is no limit).

    The module notices the limit itself, and then has to undo what it had begun. Without waiting for that, the task
    would fail while the module is still at work, and its outcome would be lost.
    """
    if not left:
        yield
        return
    former, is_over, given_up = signal.getsignal(signal.SIGALRM), False, False

    def over(number: int, frame: Any) -> None:
        nonlocal is_over, given_up
        if not is_over:
            is_over = True
            signal.alarm(PATIENCE)
        elif callable(former):
            given_up = True
            former(number, frame)

    signal.signal(signal.SIGALRM, over)
    try:
        yield
    finally:
        if is_over:
            signal.alarm(0)
        signal.signal(signal.SIGALRM, former)
        if given_up:
            display.warning(
                "%s has not ended %d seconds after the time limit of its task. It undoes what it had begun when it "
                "notices the limit; if it can't, the next task for the same object does." % (name, PATIENCE)
            )


@contextlib.contextmanager
def surroundings(environment: Mapping[str, Any], directory: str) -> Iterator[None]:
    """Set the environment and the directory that the process of a module would have."""
    before, here = dict(os.environ), os.getcwd()
    try:
        os.environ.update({name: str(value) for name, value in environment.items()})
        os.chdir(directory)
        yield
    finally:
        os.chdir(here)
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)


def is_own(interpreter: str) -> bool:
    """Whether a requested Python is the one running here.

    The same file is not enough: a virtual environment links to the Python that it was created with, but has other
    libraries.
    """
    path = shutil.which(interpreter)
    return path is not None and place(path) == OWN_PLACE


def place(path: str) -> tuple[str, str]:
    return os.path.realpath(os.path.dirname(os.path.abspath(path))), os.path.realpath(path)


OWN_PLACE = place(sys.executable)
