#!/bin/sh
# SPDX-License-Identifier: MIT
#
# keep.sh - a finding becomes a regression: made smaller, named by its hash,
# put where each build replays it.
#
#   sh fuzz/keep.sh FILE TARGET
#
# The finding must still be one: the target aborts on it.  Where clang is not
# there it is kept as it is.  Status 0: kept, and the last line names it; 1:
# the target finds nothing wrong with it; 2: usage.
set -u

if [ $# -ne 2 ] || [ ! -f "$1" ]; then
    echo "usage: sh keep.sh FILE TARGET" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd) || exit 2
root=$(dirname "$here")
target=$2
[ -f "$here/$target.c" ] || {
    echo "keep.sh: no target '$target'" >&2
    exit 2
}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cp "$1" "$work/input"

# build DIRECTORY OPTION...
build() {
    directory=$1
    shift
    {
        cmake -S "$root" -B "$directory" -DFUZZ_IUT="${FUZZ_IUT-}" "$@" &&
            cmake --build "$directory" --parallel --target "$target"
    } >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        exit 2
    }
}

# is_finding FILE
is_finding() {
    ! "$program" "$1" >"$work/report" 2>&1
}

if command -v clang >/dev/null; then
    build "$root/build/libfuzzer" -DCMAKE_C_COMPILER=clang \
        -DENABLE_FUZZING=ON -DBUILD_TESTING=OFF
    program=$root/build/libfuzzer/fuzz/$target
else
    build "$root/build/replay" -DBUILD_TESTING=OFF
    program=$root/build/replay/fuzz/$target
fi
is_finding "$work/input" || {
    echo "keep.sh: $target finds nothing wrong with $1" >&2
    exit 1
}
grep -E '^(BROKEN|what|ERROR|SUMMARY)' "$work/report"
if command -v clang >/dev/null; then
    "$program" -minimize_crash=1 -runs=20000 \
        -exact_artifact_path="$work/smaller" "$work/input" \
        >/dev/null 2>&1 || :
    if [ -s "$work/smaller" ] && is_finding "$work/smaller"; then
        mv "$work/smaller" "$work/input"
    fi
fi
sum=$(sha256sum <"$work/input")
kept=$here/regressions/$target/$(echo "$sum" | cut -c1-16)
mkdir -p "${kept%/*}" && cp "$work/input" "$kept" || exit 2
echo "${kept#"$root/"}"
