#!/usr/bin/env bash
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes targets of the Makefile one after another, up to the first that fails: parts.sh MAKE TARGET[+TARGET]...
#
# Of two targets joined by "+", the second is made in the background while the first one, which mostly waits, is made.
# Its output is kept, and shown when both are done.

set -euo pipefail
cd "$(dirname "$0")/.."

make=$1
shift
summary=()
kept=$(mktemp -d "${TMPDIR:-/tmp}/wharf-parts-XXXXXX")
beside=

# The background target ends with this script, with all its processes: it has its own process group.
end() {
    if [ -n "$beside" ]; then
        kill -TERM -- "-$beside" 2>/dev/null || true
        wait "$beside" 2>/dev/null || true
    fi
    rm -rf "$kept"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

about() {
    sed -n "s/^$1:.*## //p" Makefile
}

heading() {
    printf '\n=== %s: %s ===\n' "$1" "$(about "$1")"
}

# Writes the exit code and the seconds to $kept/TARGET.
made() {
    local begin=$SECONDS code=0
    "$make" --no-print-directory "$1" || code=$?
    printf '%d %d\n' "$code" $((SECONDS - begin)) >"$kept/$1"
}

# ended TARGET [HOW]
ended() {
    local code seconds
    read -r code seconds <"$kept/$1"
    if [ "$code" -ne 0 ]; then
        printf '\n=== FAILED: %s, after %d s. To run it alone: make %s ===\n' "$1" "$seconds" "$1" >&2
        exit 1
    fi
    summary+=("$(printf '%-17s %4d s%s' "$1" "$seconds" "${2:-}")")
}

for parts; do
    part=${parts%%+*} other=
    heading "$part"
    if [ "$parts" != "$part" ]; then
        other=${parts#*+}
        printf '(Beside it: %s.)\n' "$other"
        set -m
        made "$other" </dev/null >"$kept/output" 2>&1 &
        beside=$!
        set +m
    fi
    made "$part"
    ended "$part"
    if [ -n "$other" ]; then
        wait "$beside"
        beside=
        heading "$other"
        cat "$kept/output"
        ended "$other" ", beside $part"
    fi
done

printf '\n=== All parts passed, in %d s ===\n' "$SECONDS"
printf '%s\n' "${summary[@]}"
