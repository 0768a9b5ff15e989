#!/usr/bin/env bash
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Installs what the tests, the checks and the demo need. What is installed already is left alone.
#
#   tools/setup.sh           .venv with the Python packages of tests/requirements.txt, and the collection's link tree
#   tools/setup.sh engine    what a private engine needs, from the distribution (Debian, Ubuntu); no service is started
#   tools/setup.sh podman    the same for a private Podman
#   tools/setup.sh busybox   only a static busybox, of which the demo and the tests make a small image
#   tools/setup.sh demo      only what the demo needs: ansible-core and the Docker SDK. Prints the Python to run it
#                            with: that of .venv if it exists, or else that of .cache/demo
#   tools/setup.sh demo-engine   what a private engine for the demo needs

set -euo pipefail
cd "$(dirname "$0")/.."

# .venv is never created with its own Python, even if it is active.
PATH=:$PATH:
PATH=${PATH//:"$PWD/.venv/bin":/:}
PATH=${PATH#:} PATH=${PATH%:}

VENV=.venv
LINK=.cache/collections/ansible_collections/wharf/docker

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Run a command as root, or say which command has to be run as root.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        fail "This needs root. Run it yourself, and try again:" $'\n' "   sudo $*"
    fi
}

# The packages of "$@" that are not installed.
missing() {
    local package
    for package; do
        if ! dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed; then
            printf '%s\n' "$package"
        fi
    done
}

# Install packages without starting or enabling a service: meanwhile a policy-rc.d forbids it.
install_packages() {
    if ! command -v apt-get >/dev/null; then
        fail "These packages of Debian or Ubuntu are missing, and there is no apt-get here: $*. Install what answers to them."
    fi
    if [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
        fail "Packages are missing, and installing them needs root. Run this yourself, and try again:" $'\n' "   sudo apt-get install $*"
    fi
    # A line for each package shows the progress. Errors are shown as they are.
    # shellcheck disable=SC2016 # the inner shell is to expand it
    as_root env DEBIAN_FRONTEND=noninteractive bash -euo pipefail -c '
        policy=/usr/sbin/policy-rc.d aside=/usr/sbin/policy-rc.d.wharf
        back() {
            rm -f "$policy"
            if [ -e "$aside" ] || [ -L "$aside" ]; then mv "$aside" "$policy"; fi
        }
        if [ -e "$aside" ] || [ -L "$aside" ]; then
            :   # An earlier run was cut off: what it put aside is the original.
        elif [ -e "$policy" ] || [ -L "$policy" ]; then
            mv "$policy" "$aside"
        fi
        trap back EXIT
        trap "exit 130" INT
        trap "exit 143" TERM HUP
        printf "#!/bin/sh\nexit 101\n" >"$policy"
        chmod 755 "$policy"
        # A unit that existed before keeps its state.
        fresh=
        for unit in docker.service docker.socket containerd.service docker-registry.service \
            podman.service podman.socket podman-auto-update.service podman-auto-update.timer podman-restart.service; do
            [ -e "/lib/systemd/system/$unit" ] || [ -e "/etc/systemd/system/$unit" ] || fresh="$fresh $unit"
        done
        export APT_LISTCHANGES_FRONTEND=none NEEDRESTART_MODE=l
        apt-get --quiet --yes -o DPkg::Lock::Timeout=300 update
        apt-get --quiet --yes -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"
        if command -v systemctl >/dev/null; then
            for unit in $fresh; do
                systemctl --quiet disable "$unit" 2>/dev/null || true
            done
        fi
    ' bash "$@" </dev/null | sed -u -n -E 's/^(Need to get .*|Setting up [^ ]+).*/      \1/p'
}

engine() {
    demo_engine docker-registry openssh-client
}

demo_engine() {
    local wanted=(busybox-static iptables iproute2 util-linux "$@")
    # Any engine will do, whoever packaged it: the distribution's is only installed if there is none.
    if ! command -v dockerd >/dev/null && [ ! -x /usr/sbin/dockerd ]; then
        wanted+=(docker.io)
    fi
    install_missing "${wanted[@]}"
}

podman() {
    # crun starts containers, catatonit is the init process of containers with init, netavark creates networks,
    # aardvark-dns resolves the names in them.
    local wanted=(busybox-static iptables iproute2 util-linux crun catatonit netavark aardvark-dns)
    if ! type -P podman >/dev/null; then
        wanted+=(podman)
    fi
    install_missing "${wanted[@]}"
}

# Install the missing packages of "$@", or say what is missing.
install_missing() {
    local packages=()
    if command -v dpkg-query >/dev/null; then
        mapfile -t packages < <(missing "$@")
    fi
    if [ ${#packages[@]} -gt 0 ]; then
        say "Installing from the distribution, without starting any service: ${packages[*]}"
        install_packages "${packages[@]}"
    fi
}

busybox() {
    local path
    path=$(command -v busybox || true)
    # A dynamically linked one does not run in an image that contains nothing else.
    if [ -n "$path" ] && ! LC_ALL=C ldd "$path" >/dev/null 2>&1; then
        return
    fi
    say "Installing from the distribution: busybox-static"
    install_packages busybox-static
}

# Print words as they arrive, in lines of at most 80 columns.
in_lines() {
    local word column=0
    while read -r word; do
        if ((column + ${#word} > 73)); then
            printf '\n'
            column=0
        fi
        ((column > 0)) || printf '     '
        printf ' %s' "$word"
        column=$((column + ${#word} + 1))
    done
    ((column == 0)) || printf '\n'
}

# What a virtual environment was built from: it is recreated when this changes.
fingerprint() {
    python3 -c 'import sys; print(sys.version, sys.prefix)'
    cat "$1"
}

# Whether the virtual environment $1 matches the requirements in $2.
is_current() {
    command -v python3 >/dev/null && [ "$(cat "$1/.stamp" 2>/dev/null)" = "$(fingerprint "$2" | sha256sum | cut -d' ' -f1)" ]
}

# Create the virtual environment $1 with the packages of the file $2; $3 says how long this takes.
virtual_environment() {
    local venv=$1 requirements=$2
    command -v python3 >/dev/null || fail "There is no python3 here. Install it: apt-get install python3 python3-venv"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        fail "python3 is $(python3 -V 2>&1), and ansible-core needs Python 3.10 or newer. Put a newer python3 first in PATH."
    if is_current "$venv" "$requirements"; then
        return
    fi
    say "[1/3] virtual environment in $venv"
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        install_packages python3-venv
    fi
    rm -rf "$venv"
    mkdir -p .cache
    python3 -m venv "$venv"
    say "[2/3] Python packages of $requirements ($3)"
    # A word for each package shows the progress. Complaints of pip are in a file.
    if ! "$venv"/bin/python -m pip install --disable-pip-version-check --no-input --progress-bar off \
        -r "$requirements" 2>.cache/pip.errors |
        sed -u -n -E -e 's/^Collecting ([A-Za-z0-9._-]+).*/\1/p' -e 's/^Installing .*/(installing)/p' | in_lines; then
        cat .cache/pip.errors >&2
        fail "The Python packages could not be installed: see above. Does this machine reach its package index?"
    fi
    local version
    version=$("$venv"/bin/ansible --version)
    say "[3/3] ${version%%$'\n'*}, ready"
    fingerprint "$requirements" | sha256sum | cut -d' ' -f1 >"$venv/.stamp"
}

demo() {
    if ! is_current "$VENV" tests/requirements.txt; then
        VENV=.cache/demo
        virtual_environment "$VENV" tests/requirements-demo.txt "half a minute"
    fi
    link_tree
}

link_tree() {
    mkdir -p "$(dirname "$LINK")"
    ln -sfn "$PWD" "$LINK"
}

case ${1-} in
    '')
        virtual_environment "$VENV" tests/requirements.txt "a minute or two"
        link_tree
        ;;
    demo)
        demo >&2
        printf '%s\n' "$VENV/bin/python"
        ;;
    engine | demo-engine | podman | busybox)
        "${1/-/_}"
        ;;
    *)
        fail "Usage: tools/setup.sh [engine | podman | busybox | demo | demo-engine]"
        ;;
esac
