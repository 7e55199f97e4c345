# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# lib.sh - what the shell tests share: TAP, a directory of one's own, and the
# exit status that a program must have.
#
#   . "${0%/*}/lib.sh"
#   check 'what must hold' command...
#   finish
#
# A command of check runs in this shell, with its output in the file "log",
# which is shown if it fails.  BUILD names the build directory.

set -u
: "${BUILD:?names the build directory}"
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
export LC_ALL=C
unset NO_COLOR CDPATH

# shellcheck disable=SC2034
here=$(cd "${0%/*}" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/addcow-t.XXXXXX") || exit 1
trap 'cd / && rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1
mkdir tmp
TMPDIR=$work/tmp
export TMPDIR

# Used by the tests.
# shellcheck disable=SC2034
selftest=$BUILD/bin/conform-selftest
# shellcheck disable=SC2034
fakes=$BUILD/fakes

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

# one_line FILE: it has exactly one, which says something.
one_line() {
    [ "$(wc -l <"$1")" -eq 1 ] && [ "$(wc -c <"$1")" -gt 20 ] && return
    echo "not one line: $1"
    cat "$1"
    return 1
}

# says FILE TEXT: TEXT, no pattern, is in it.
says() {
    grep -qF -e "$2" "$1" && return
    echo "'$2' is not in $1:"
    cat "$1"
    return 1
}

# usage_error TEXT COMMAND...: status 2, one line that says TEXT, nothing on
# standard output.
usage_error() {
    text=$1
    shift
    status 2 "$@" && one_line err && says err "$text" && [ ! -s out ]
}

# own FAKE: a copy of it in our directory, so that no other test runs it.
own() {
    [ -e "$1.so" ] || cp "$fakes/$1.so" .
}

# nothing_left FAKE: no process that was started with our copy runs on, and no
# temporary file is there.
nothing_left() {
    if pgrep -f -- "$work/$1.so" >left; then
        echo "still there:"
        cat left
        return 1
    fi
    [ -z "$(ls "$TMPDIR")" ] && return
    echo "in the temporary directory: $(ls "$TMPDIR")"
    return 1
}

finish() {
    echo "1..$n"
    [ "$failed" -eq 0 ] && [ "$n" -gt 0 ]
    exit
}
