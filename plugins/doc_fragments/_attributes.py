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
    description: In check mode it reports what it would do, and changes nothing.
  diff_mode:
    description: In diff mode it returns what differs, before and after.
  idempotent:
    description:
      - Run a second time with the same options, it changes nothing and says so.
      - This holds as long as nobody else has changed the same things meanwhile.
"""

    # Every module of the collection belongs to the action group.
    ACTIONGROUP_DOCKER = r"""
options: {}
attributes:
  action_group:
    description: C(module_defaults) for C(group/wharf.docker.docker) hold for it.
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
      - It changes nothing in any mode.
  diff_mode:
    support: N/A
    details:
      - It changes nothing in any mode.
"""

    IDEMPOTENT_NOT_MODIFY_STATE = r"""
options: {}
attributes:
  idempotent:
    support: full
    details:
      - It changes nothing in any mode.
"""
