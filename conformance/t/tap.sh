# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# tap.sh - what every shell test begins with: TAP, a directory of its own, and
# the exit status that a program must have.  The lib.sh of each folder adds
# what its programs need:
#
#   . "${0%/*}/lib.sh"
#   check 'what must hold' command...
#   finish
#
# A command of check runs in this shell, in the directory $work, with its
# output in the file "log", which is shown if it fails.
#
# The reference's tests have it from here because it knows nothing of the
# format: it runs what it is given and reports the status.  Nothing that
# decides whether an answer is right belongs here.

set -u
export LC_ALL=C
unset NO_COLOR CDPATH
case ${BUILD-} in '' | /*) ;; *) BUILD=$PWD/$BUILD ;; esac

# shellcheck disable=SC2034 # used by the tests
here=$(cd "${0%/*}" && pwd) || exit 1
work=$(mktemp -d "${TMPDIR:-/tmp}/addcow-t.XXXXXX") || exit 1
trap 'cd / && rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1

n=0
failed=0

# check WHAT COMMAND...: COMMAND must succeed.
check() {
    what=$1
    shift
    n=$((n + 1))
    if "$@" >log 2>&1; then
        echo "ok $n - $what"
    else
        echo "not ok $n - $what"
        failed=$((failed + 1))
        sed 's/^/# /' log
    fi
}

# status WANT COMMAND...: COMMAND must end with exactly this status.  Its
# output is in the files out and err.
status() {
    want=$1
    shift
    "$@" >out 2>err </dev/null
    got=$?
    [ "$got" -eq "$want" ] && return
    echo "status $got, not $want: $*"
    cat out err
    return 1
}

finish() {
    echo "1..$n"
    [ "$failed" -eq 0 ] && [ "$n" -gt 0 ]
    exit
}
