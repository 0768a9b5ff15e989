# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection of another name, which leads to this host all the same."""

from __future__ import annotations

from ansible.plugins.connection import local

DOCUMENTATION = r"""
name: elsewhere
short_description: This host, as if it were another one
description:
  - What the connection P(ansible.builtin.local#connection) does, for tests.
"""


class Connection(local.Connection):
    transport = "elsewhere"
