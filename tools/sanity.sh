#!/usr/bin/env bash
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs "ansible-test sanity" on what git tracks or would track: sanity.sh [OPTION OR FILE...]
#
# All tests run with the Python of .venv; the compile and import tests also run with each installed Python version that
# ansible-core supports. With CORE=2.21 in the environment, that release of ansible-core is used instead of the one in
# .venv.

set -euo pipefail
cd "$(dirname "$0")/.."

BIN=$PWD/.venv/bin
if [ -n "${CORE:-}" ]; then
    BIN=$(PYTHONPATH=tools "$BIN"/python -c 'import cores, sys; print(cores.programs(sys.argv[1]))' "$CORE")
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/wharf-sanity-XXXXXX")
bootstraps=()
trap 'rm -rf "$work" "${bootstraps[@]}"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# A copy: ansible-test derives the collection from the directory's path, and asks git for the files of a directory in a
# repository, which lists none of an ignored directory.
copy=$work/ansible_collections/wharf/docker
mkdir -p "$copy" "$work/bin"
if git rev-parse --git-dir >/dev/null 2>&1; then
    git ls-files -z --cached --others --exclude-standard
else
    find . \( -name .cache -o -name .venv -o -name __pycache__ -o -path ./tests/output \) -prune -o -type f -print0
fi |
    while IFS= read -r -d '' file; do
        # A tracked file may have been removed.
        if [ -e "$file" ] || [ -L "$file" ]; then printf '%s\0' "$file"; fi
    done |
    tar --create --null --files-from=- | tar --extract --directory="$copy"

# The interpreters: from PATH, and from pyenv, whose own commands of these names only work if a version is selected.
versions=$("$BIN"/python -c '
from ansible_test._util.target.common.constants import CONTROLLER_PYTHON_VERSIONS, REMOTE_ONLY_PYTHON_VERSIONS
print(*REMOTE_ONLY_PYTHON_VERSIONS, *CONTROLLER_PYTHON_VERSIONS)')
controller=$("$BIN"/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
targets=()
found=()
lacking=()
for version in $versions; do
    for python in \
        $(type -ap "python$version" || true) \
        "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python \
        "$("$BIN"/python -c 'import sys; print(sys._base_executable)')"; do
        if [ "$("$python" -c 'import ensurepip, sys, venv; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$version" ]; then
            ln -s "$(readlink -f "$python")" "$work/bin/python$version"
            targets+=(--target-python "$version")
            found+=("$version")
            continue 2
        fi
    done
    lacking+=("$version")
done

# ansible-test downloads a script that installs pip into its environments. This one does the same with ensurepip and
# pip's configured index; it is only written if there is none yet, and is removed at the end.
for pip in $("$BIN"/python -c '
import pathlib, re
from ansible_test._internal import python_requirements
text = pathlib.Path(python_requirements.__file__).read_text(encoding="utf-8")
print(*sorted(set(re.findall(r"""pip=.([0-9][0-9.]*)""", text))))'); do
    bootstrap=$HOME/.ansible/test/cache/get_pip_${pip//./_}.py
    if [ ! -e "$bootstrap" ]; then
        mkdir -p "$(dirname "$bootstrap")"
        bootstraps+=("$bootstrap")
        cat >"$bootstrap" <<'PYTHON'
import os
import subprocess
import sys

# In a separate process: ensurepip removes pip's settings from its environment.
environment = {name: value for name, value in os.environ.items() if name != "GET_PIP"}
subprocess.run([sys.executable, "-m", "ensurepip"], env=environment, stdout=subprocess.DEVNULL, check=True)
words = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install"] + words, env=environment))
PYTHON
    fi
done

skipped=()
skip() {
    skipped+=(--skip-test "$1")
    printf 'Skipped: %s, %s.\n' "$1" "$2"
}
skip pslint "there is no PowerShell in this collection"
command -v shellcheck >/dev/null || skip shellcheck "the program of that name is not installed"
printf 'Python: %s.\n' "${found[*]}"
if [ ${#lacking[@]} -gt 0 ]; then
    printf 'Not found, so not tried: %s.\n' "${lacking[*]}"
fi

# The output of pip while it fills the environments, which are kept for the next run, is not worth a hundred lines.
cd "$copy"
env PATH="$work/bin:$BIN:$PATH" \
    "$BIN"/ansible-test sanity --color no --controller "origin:python=venv/$controller" \
    "${targets[@]}" "${skipped[@]}" "$@" 2>&1 |
    sed -u -E -e '/^(Looking in |Collecting |Processing |Installing collected |Successfully |Using cached |WARNING: Location )/d' \
        -e '/^ +(Downloading|Preparing|Using cached|Attempting|Found existing|Uninstalling|Successfully|━)/d'
