# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# lib.sh - what the shell tests of the suite share, beside TAP (tap.sh): the
# programs of the build, which BUILD names, and what they print.

: "${BUILD:?names the build directory}"

# shellcheck source=conformance/t/tap.sh
. "${0%/*}/tap.sh"

mkdir tmp
TMPDIR=$work/tmp
export TMPDIR

# Used by the tests.
# shellcheck disable=SC2034
selftest=$BUILD/bin/conform-selftest
# shellcheck disable=SC2034
fakes=$BUILD/fakes

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
