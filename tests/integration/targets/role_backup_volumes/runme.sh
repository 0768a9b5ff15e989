#!/usr/bin/env bash
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eu
exec "$ANSIBLE_COLLECTIONS_PATH/ansible_collections/wharf/docker/tests/integration/target.sh" "${PWD##*/}"
