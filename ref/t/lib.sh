# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# lib.sh - what the tests of the addcow command share, beside TAP (tap.sh): the
# program, which ADDCOW names, and images to work on.

: "${ADDCOW:?names the addcow program}"
case $ADDCOW in /*) ;; *) ADDCOW=$PWD/$ADDCOW ;; esac
umask 022

# shellcheck source=conformance/t/tap.sh
. "${0%/*}/../../conformance/t/tap.sh"

# addcow ARG...: the program under test, never for long.
addcow() {
    timeout 60 "$ADDCOW" "$@"
}

# silent WANT COMMAND...: as status, and nothing is printed.
silent() {
    status "$@" && [ ! -s out ] && [ ! -s err ] && return
    echo "not silent: $*"
    cat out err
    return 1
}

# fails WANT LINE COMMAND...: status WANT, nothing on standard output, and
# just this line on standard error.
fails() {
    line=$2
    want_status=$1
    shift 2
    status "$want_status" "$@" || return
    [ ! -s out ] && [ "$(cat err)" = "addcow: $line" ] && return
    printf 'wanted: addcow: %s\ngot:    ' "$line"
    cat out err
    return 1
}

# same FILE TEXT: the file holds the text, lines apart at the end.
same() {
    [ "$(cat "$1")" = "$2" ] && return
    echo "$1 is:"
    cat "$1"
    printf 'wanted:\n%s\n' "$2"
    return 1
}

# poke FILE OFFSET BYTES: writes BYTES, as printf has them, into the file.
poke() {
    # shellcheck disable=SC2059
    printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>dd.log
}

sums() {
    sha256sum "$@" | cut -d ' ' -f 1
}

# keep FILE... / unchanged: the files are as they were when kept.
keep() {
    sha256sum "$@" >kept
}
unchanged() {
    sha256sum -c --quiet kept
}

# The image of the specification's example, 590336 bytes: nine clusters and a
# sector.  disk.raw is full of old bytes, base.raw ends inside cluster 6 and
# inside a sector.  guest.raw is what the guest sees.
new_image() {
    rm -f base.raw disk.raw disk.add-cow guest.raw &&
        seq 1 200000 | head -c 400000 >base.raw &&
        yes old | head -c 590336 >disk.raw &&
        addcow create --backing base.raw --image disk.raw disk.add-cow &&
        cp base.raw guest.raw && truncate -s 590336 guest.raw
}

# guest_is FILE: that is what the guest sees, and the image is clean.
guest_is() {
    addcow check disk.add-cow && addcow read disk.add-cow | cmp - "$1"
}

# no_root ARG...: the program as a user to whom permissions apply, from where
# that user can reach it.
no_root() {
    cp "$ADDCOW" "$work/program" && chmod 755 "$work" || return
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups \
            "$work/program" "$@"
    else
        "$work/program" "$@"
    fi
}
