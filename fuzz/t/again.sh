#!/bin/sh
# SPDX-License-Identifier: MIT
#
# again.sh - what the drivers without an engine find in a broken shim is shown
# again, word for word, by the command that the report ends with; and so it is
# by a replay of the input.
#
#   sh again.sh BROKEN.so      BUILD is a build without an engine
set -u
LC_ALL=C
export LC_ALL

FUZZ_SHIM=$1
export FUZZ_SHIM
fuzz=$BUILD/fuzz
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0

# reports COMMAND...: ends in a report, which has all of its parts.
reports() {
    ! "$@" 2>"$work/report" >&2 || return
    sed -n 's/^again *//p' "$work/report" >"$work/again"
    grep -v '^again' "$work/report" >"$work/what"
    grep -q '^BROKEN  *[A-Z]*-[0-9]*: ' "$work/report" &&
        grep -q '^what ' "$work/report" && [ -s "$work/again" ]
}

# try NAME COMMAND...
try() {
    echo "== $1"
    shift
    if reports "$@" && cp "$work/what" "$work/first" &&
        reports sh "$work/again" && cmp "$work/first" "$work/what"; then
        cat "$work/report"
    else
        cat "$work/report"
        echo FAILED
        failed=1
    fi
}

for target in fuzz_open fuzz_ops fuzz_crash fuzz_diff; do
    try "$target" "$fuzz/${target}_random" --max-len 96 --keep "$work/input"
    try "$target, replayed" "$fuzz/$target" "$work/input"
done
try exhaustive "$fuzz/fuzz_crash_exhaustive" --ops 1
exit "$failed"
