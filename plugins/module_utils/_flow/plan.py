# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan: the steps of a task, each with its causes, and the differences that explain them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterable, List, NamedTuple, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference

if TYPE_CHECKING:
    from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Step


class Plan(NamedTuple):
    """What a task is going to do; empty if nothing. ``differences`` explain it as a diff."""

    steps: Tuple[Step, ...] = ()
    differences: Tuple[Difference, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.steps)

    def actions(self) -> List[str]:
        """The messages about the steps, for the result's ``actions``."""
        return [line for step in self.steps for line in step.lines()]

    def single_steps(self) -> List[Dict[str, Any]]:
        """The single steps in their order, each with ``action``, ``target`` and ``causes``."""
        return [
            {"action": one.action, "target": one.target, "causes": list(one.causes)}
            for step in self.steps
            for one in step.single()
            if one.action
        ]

    def diff(self) -> Dict[str, Any]:
        """Ansible's diff: the values before and after of each option that differs; None is left out."""
        found = self.differences
        return {
            "before": {difference.option: difference.before for difference in found if difference.before is not None},
            "after": {difference.option: difference.after for difference in found if difference.after is not None},
        }


def joined(plans: Iterable[Plan]) -> Plan:
    """One plan of several, in their order."""
    plans = tuple(plans)
    return Plan(
        tuple(step for plan in plans for step in plan.steps),
        tuple(difference for plan in plans for difference in plan.differences),
    )
