#!/bin/sh
# SPDX-License-Identifier: MIT
#
# keep.sh - a finding becomes a regression: made smaller, named by its hash,
# put where each build replays it.  Or a vector of the corpus.
#
#   sh fuzz/keep.sh FILE TARGET
#   sh fuzz/keep.sh --vector ID FILE fuzz_header|fuzz_open
#
# The finding must still be one: the target aborts on it.  Where clang is not
# there it is kept as it is.  A vector is a recipe, corpus/recipes/ID.recipe;
# its comment is left to you.
#
# Environment: FUZZ_IUT and FUZZ_SHIM, as for fuzz.sh; FUZZ_BUILD, a build
# that is there already, with or without an engine.
#
# Status 0: kept, and the last line names it; 1: the target finds nothing
# wrong with it; 2: usage, or there is no such vector.
set -u

usage() {
    sed -n 's/^#   sh/usage: sh/p' "$0" >&2
    exit 2
}

fail() {
    echo "keep.sh: $2" >&2
    exit "$1"
}

# build DIRECTORY OPTION...
build() {
    directory=$1
    shift
    {
        cmake -S "$root" -B "$directory" -DFUZZ_IUT="${FUZZ_IUT-}" "$@" &&
            cmake --build "$directory" --parallel --target "$target" \
                fuzz_recipe
    } >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        exit 2
    }
    program=$directory/fuzz/$target
    recipe=$directory/fuzz/fuzz_recipe
}

# is_finding FILE.  A target that cannot even begin has found nothing.
is_finding() {
    status=0
    "$program" "$1" >"$work/report" 2>&1 || status=$?
    [ "$status" -ne 2 ] || fail 2 "$(sed -n 's/^fuzz: //p' "$work/report")"
    [ "$status" -ne 0 ]
}

make_smaller() {
    command -v clang >/dev/null || return 0
    "$program" -minimize_crash=1 -runs=20000 \
        -exact_artifact_path="$work/smaller" "$work/input" \
        >/dev/null 2>&1 || :
    if [ -s "$work/smaller" ] && is_finding "$work/smaller"; then
        mv "$work/smaller" "$work/input"
    fi
}

keep_regression() {
    make_smaller
    sum=$(sha256sum <"$work/input")
    kept=$here/regressions/$target/$(echo "$sum" | cut -c1-16)
    mkdir -p "${kept%/*}" && cp "$work/input" "$kept" || exit 2
    echo "${kept#"$root/"}"
}

# A vector shows that a file opens, and what is read, or that it is refused;
# not the class (without BMP-7 and HDR-9 that is all), nor what is told beside.
is_shown() {
    hidden='BMP-7|CHK|ERR-4|HDR-9|HDR-15|MAP|RD-5|RD-6'
    ! grep -qE "^BROKEN +($hidden)" "$work/report" || return 1
    ! grep -q '^what.* expected' "$work/report" ||
        grep -qE 'got success|expected .*success,|^what +read' "$work/report"
}

clause_of_report() {
    by=$(sed -n 's/^BROKEN *\([A-Z]*-[0-9]*\):.*/\1/p' "$work/report")
    echo "${by:-SEC-1}"
}

keep_vector() {
    kept=$root/corpus/recipes/$id.recipe
    [ ! -e "$kept" ] || fail 2 "there is a vector '$id' already"
    make_smaller
    is_finding "$work/input"
    is_shown || fail 2 'no vector: a file alone does not show this'
    for way in 0 1 2; do
        "$recipe" "$way" "$work/input" "$work/plain" >"$work/recipe" \
            2>"$work/why" || continue
        if is_finding "$work/plain" && is_shown; then
            sed "s/^clauses .*/clauses $(clause_of_report)/" "$work/recipe" \
                >"$kept" || exit 2
            echo "${kept#"$root/"}"
            return
        fi
    done
    [ ! -s "$work/why" ] || fail 2 "$(sed "s/^fuzz_recipe: //" "$work/why")"
    fail 2 'no vector: it takes more than one defect'
}

id=
if [ "${1-}" = --vector ]; then
    [ $# -eq 4 ] || usage
    id=$2
    shift 2
    case $2 in fuzz_header | fuzz_open) ;; *) usage ;; esac
    case $id in '' | *[!a-z0-9-]*) fail 2 "no id of a vector: '$id'" ;; esac
fi
if [ $# -ne 2 ] || [ ! -f "$1" ]; then usage; fi
here=$(cd "$(dirname "$0")" && pwd) || exit 2
root=$(dirname "$here")
target=$2
[ -f "$here/$target.c" ] || fail 2 "no target '$target'"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cp "$1" "$work/input" || exit 2
if [ -n "${FUZZ_BUILD-}" ]; then
    program=$FUZZ_BUILD/fuzz/$target
    recipe=$FUZZ_BUILD/fuzz/fuzz_recipe
elif command -v clang >/dev/null; then
    build "$root/build/libfuzzer" -DCMAKE_C_COMPILER=clang \
        -DENABLE_FUZZING=ON -DBUILD_TESTING=OFF
else
    build "$root/build/replay" -DBUILD_TESTING=OFF
fi
is_finding "$work/input" || fail 1 "$target finds nothing wrong with $1"
grep -E '^(BROKEN|what|ERROR|SUMMARY)' "$work/report"
if [ -n "$id" ]; then keep_vector; else keep_regression; fi
