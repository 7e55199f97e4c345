# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# packages.sh - finding and installing the Debian packages that a script
# needs.  Where dpkg-query is missing nothing is known, and nothing done.

# find_missing PACKAGE...: sets missing to those that are not installed.
# "a|b" is satisfied by either; the first is the one to install.
find_missing() {
    missing=
    command -v dpkg-query >/dev/null 2>&1 || return 0
    for wanted in "$@"; do
        found=
        for package in $(echo "$wanted" | tr '|' ' '); do
            state=$(dpkg-query -W -f '${db:Status-Status}' \
                "$package" 2>/dev/null)
            [ "$state" = installed ] && found=$package
        done
        [ -n "$found" ] || missing="$missing ${wanted%%|*}"
    done
    missing=${missing# }
}

# name_missing: one line for each of missing, with its size on disk.
name_missing() {
    for package in $missing; do
        size=$(apt-cache show --no-all-versions "$package" 2>/dev/null |
            sed -n 's/^Installed-Size: //p')
        echo "missing package: $package (${size:-?} kB installed)" >&2
    done
}

# agreed: the user says yes on the terminal.
agreed() {
    [ -t 0 ] && [ -t 2 ] || return 1
    printf 'install them with sudo? [y/N] ' >&2
    read -r answer
    [ "$answer" = y ] || [ "$answer" = yes ]
}

# install_missing: as root at once, with sudo after a yes.
install_missing() {
    if [ "$(id -u)" -eq 0 ]; then
        as_root=
    elif command -v sudo >/dev/null 2>&1 && agreed; then
        as_root=sudo
    else
        return 1
    fi
    # Words are meant to be split: a list, and a command or none.
    # shellcheck disable=SC2086
    $as_root apt-get update >&2 &&
        $as_root apt-get install -y --no-install-recommends $missing >&2
}

# need_packages INSTALL PACKAGE...: all are there afterwards, or the script
# ends with status 2.  INSTALL is "yes", or "no": name them only.
need_packages() {
    may_install=$1
    shift
    find_missing "$@"
    [ -n "$missing" ] || return 0
    name_missing
    if [ "$may_install" = yes ]; then
        install_missing && return 0
    fi
    echo "install them: apt-get install $missing" >&2
    exit 2
}
