# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# lib.sh - what the shell tests of the fuzzers share: the tree's root, a
# directory of one's own and a copy of the tree in it, so that nothing is
# written into this one.
#
#   . "${0%/*}/lib.sh"
#   copy_rooms fuzz ref
#   check 'what must hold' command...
#   finish
#
# A command of check runs in this shell; its output is shown if it fails.

set -u
export LC_ALL=C
unset CDPATH

root=$(cd "${0%/*}/../.." && pwd) || exit 2
work=$(mktemp -d "${TMPDIR:-/tmp}/addcow-fuzz-t.XXXXXX") || exit 2
trap 'cd / && rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
copy=$work/copy
failed=0
n=0

# copy_rooms NAME...: of the root, into $copy.
copy_rooms() {
    mkdir "$copy" || exit 2
    for room; do
        cp -R "$root/$room" "$copy/" || exit 2
    done
}

# check WHAT COMMAND...: COMMAND must succeed.
check() {
    what=$1
    shift
    n=$((n + 1))
    if "$@" >"$work/log" 2>&1; then
        echo "ok      $what"
    else
        echo "FAILED  $what"
        tail -n 30 "$work/log"
        failed=$((failed + 1))
    fi
}

# status WANTED COMMAND...: COMMAND must end with exactly this status.
status() {
    wanted=$1
    shift
    "$@"
    got=$?
    echo "status $got, $wanted was expected"
    [ "$got" -eq "$wanted" ]
}

# finish: the last command of a test.
finish() {
    echo "$n checks, $failed failed"
    [ "$failed" -eq 0 ] && [ "$n" -gt 0 ]
}
