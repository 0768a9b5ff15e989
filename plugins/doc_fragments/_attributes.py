# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the attributes of modules mean. Private to the collection.

A module takes the fragment ``_attributes`` and says for each attribute how far it holds; the other fragments here say
so for modules that have it in common, and come after it.
"""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: In check mode, reports what it would do without changing anything.
  diff_mode:
    description: In diff mode, returns the differences, before and after.
  idempotent:
    description:
      - When run again with the same options, it changes nothing and reports no change.
      - This assumes that the same objects were not changed in the meantime.
"""

    # Every module of the collection belongs to the action group.
    ACTIONGROUP_DOCKER = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/wharf.docker.docker) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - wharf.docker.docker
      - docker
"""

    # For modules that only read.
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module never changes anything.
  diff_mode:
    support: N/A
    details:
      - This module never changes anything.
"""

    IDEMPOTENT_NOT_MODIFY_STATE = r"""
options: {}
attributes:
  idempotent:
    support: full
    details:
      - This module never changes anything.
"""
