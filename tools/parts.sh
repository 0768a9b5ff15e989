#!/usr/bin/env bash
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes targets of the Makefile one after another, up to the first that fails: parts.sh MAKE TARGET...

set -euo pipefail
cd "$(dirname "$0")/.."

make=$1
shift
summary=()

about() {
    sed -n "s/^$1:.*## //p" Makefile
}

for part; do
    printf '\n=== %s: %s ===\n' "$part" "$(about "$part")"
    begin=$SECONDS
    code=0
    "$make" --no-print-directory "$part" || code=$?
    if [ "$code" -ne 0 ]; then
        printf '\n=== FAILED: %s, after %d s. To run it alone: make %s ===\n' "$part" $((SECONDS - begin)) "$part" >&2
        exit 1
    fi
    summary+=("$(printf '%-15s %4d s' "$part" $((SECONDS - begin)))")
done

printf '\n=== All parts passed, in %d s ===\n' "$SECONDS"
printf '%s\n' "${summary[@]}"
