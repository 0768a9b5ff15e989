#!/usr/bin/env bash
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Gets what the tests, the checks and the demo need. What is there already is left alone.
#
#   tools/setup.sh           .venv with the Python packages of tests/requirements.txt, and the collection's link tree
#   tools/setup.sh engine    what a private engine needs, from the distribution (Debian, Ubuntu); no service is started
#   tools/setup.sh podman    the same for a private Podman
#   tools/setup.sh busybox   a static busybox only, of which the demo and the tests make a small image

set -euo pipefail
cd "$(dirname "$0")/.."

# The Python that .venv is made with is never its own, even where it is active.
PATH=:$PATH:
PATH=${PATH//:"$PWD/.venv/bin":/:}
PATH=${PATH#:} PATH=${PATH%:}

VENV=.venv
STAMP=$VENV/.stamp
LINK=.cache/collections/ansible_collections/wharf/docker

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Run a command as root, or say which one.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        fail "This needs root. Run it yourself, and try again:" $'\n' "   sudo $*"
    fi
}

# The packages among "$@" that are not installed.
missing() {
    local package
    for package; do
        if ! dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed; then
            printf '%s\n' "$package"
        fi
    done
}

# Install packages without starting or enabling a service: a policy-rc.d that forbids it stands as long as this takes.
install_packages() {
    if ! command -v apt-get >/dev/null; then
        fail "These packages of Debian or Ubuntu are missing, and there is no apt-get here: $*. Install what answers to them."
    fi
    if [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
        fail "Packages are missing, and installing them needs root. Run this yourself, and try again:" $'\n' "   sudo apt-get install $*"
    fi
    # Each package is a line, so that one sees that something happens. Errors are shown as they are.
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
        # A unit that was there before keeps the state that it is in.
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
    local wanted=(busybox-static iptables iproute2 util-linux docker-registry openssh-client)
    # Any engine will do, whoever packaged it: only where there is none, the distribution's is taken.
    if ! command -v dockerd >/dev/null && [ ! -x /usr/sbin/dockerd ]; then
        wanted+=(docker.io)
    fi
    install_missing "${wanted[@]}"
}

podman() {
    # crun starts containers, catatonit is the init of those that ask for one, netavark makes networks, aardvark-dns
    # resolves the names in them.
    local wanted=(busybox-static iptables iproute2 util-linux crun catatonit netavark aardvark-dns)
    if ! type -P podman >/dev/null; then
        wanted+=(podman)
    fi
    install_missing "${wanted[@]}"
}

# Install those of the packages "$@" that are not there, or say what is missing.
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
    # A dynamically linked one is of no use in an image of its own.
    if [ -n "$path" ] && ! LC_ALL=C ldd "$path" >/dev/null 2>&1; then
        return
    fi
    say "Installing from the distribution: busybox-static"
    install_packages busybox-static
}

# What .venv was made of: it is made anew when this changes.
fingerprint() {
    python3 -c 'import sys; print(sys.version, sys.prefix)'
    cat tests/requirements.txt
}

virtual_environment() {
    command -v python3 >/dev/null || fail "There is no python3 here. Install it: apt-get install python3 python3-venv"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        fail "python3 is $(python3 -V 2>&1), and ansible-core needs Python 3.10 or newer. Put a newer python3 first in PATH."
    local wanted
    wanted=$(fingerprint | sha256sum | cut -d' ' -f1)
    if [ "$(cat "$STAMP" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    say "[1/3] virtual environment in $VENV"
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        install_packages python3-venv
    fi
    rm -rf "$VENV"
    python3 -m venv "$VENV"
    say "[2/3] Python packages of tests/requirements.txt (a minute or two)"
    # One sees that something happens: each package that is looked at is a line. All that pip says is in a file.
    mkdir -p .cache
    if ! "$VENV"/bin/python -m pip install --disable-pip-version-check --no-input --progress-bar off \
        -r tests/requirements.txt 2>.cache/pip.errors |
        sed -u -n -E -e 's/^Collecting ([A-Za-z0-9._-]+).*/      \1/p' -e 's/^Installing .*/      (installing)/p'; then
        cat .cache/pip.errors >&2
        fail "The Python packages could not be installed: see above. Does this machine reach its package index?"
    fi
    local version
    version=$("$VENV"/bin/ansible --version)
    say "[3/3] ${version%%$'\n'*}, ready"
    printf '%s\n' "$wanted" >"$STAMP"
}

link_tree() {
    mkdir -p "$(dirname "$LINK")"
    ln -sfn "$PWD" "$LINK"
}

case ${1-} in
    '')
        virtual_environment
        link_tree
        ;;
    engine | podman | busybox)
        "$1"
        ;;
    *)
        fail "Usage: tools/setup.sh [engine | podman | busybox]"
        ;;
esac
