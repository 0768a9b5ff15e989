# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action plugins. Ansible imports this package when it parses a task, before it forks its workers.

Everything imported here exists in every worker: nothing is compiled or imported a second time, however many tasks run.
"""

from __future__ import annotations

from ansible_collections.wharf.docker.plugins.action import direct

__all__ = ["direct"]
