#!/usr/bin/env bash
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs the file of this directory that a target of ansible-test is named after: target.sh NAME
#
# The tests bring their own Ansible, so what ansible-test has set for the one that it has chosen is taken away.

set -euo pipefail
cd "$(dirname "$0")/../.."

for name in $(compgen -e); do
    case $name in
        ANSIBLE_* | PYTHON* | INJECTOR_*) unset "$name" ;;
    esac
done
# These directories have programs of the names that Ansible's own have.
PATH=$(tr ':' '\n' <<<"$PATH" | grep -v -e '/injector$' -e '/ansible-test-[^/]*$' -e '/python-[^/]*-ansible$' | paste -sd ':')
export PATH

exec make playbook-test TESTS="tests/integration/test_$1.py"
