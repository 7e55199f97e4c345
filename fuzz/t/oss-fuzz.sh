#!/bin/sh
# SPDX-License-Identifier: MIT
#
# oss-fuzz.sh - oss-fuzz/build.sh in an environment as OSS-Fuzz gives it, for
# each sanitizer; then what OSS-Fuzz's own check of a build looks at: every
# target is there with its seeds, dictionary and options, starts, is
# instrumented, and runs on its seeds.
set -u
LC_ALL=C
export LC_ALL

fuzz=$(cd "$(dirname "$0")/.." && pwd) || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0
n=0

# check WHAT COMMAND...
check() {
    what=$1
    shift
    n=$((n + 1))
    if "$@" >"$work/log" 2>&1; then
        echo "ok      $what"
    else
        echo "FAILED  $what"
        tail -n 20 "$work/log"
        failed=$((failed + 1))
    fi
}

# prepare SANITIZER: the environment of the base image.
prepare() {
    SRC=$work/$1/src OUT=$work/$1/out WORK=$work/$1/work
    mkdir -p "$SRC" "$OUT" "$WORK"
    ln -sfn "$(dirname "$fuzz")" "$SRC/add-cow"
    CC=clang CXX=clang++ LIB_FUZZING_ENGINE=-fsanitize=fuzzer
    CFLAGS="-O1 -fno-omit-frame-pointer -gline-tables-only
        -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION $2 -fsanitize=fuzzer-no-link"
    CFLAGS=$(echo "$CFLAGS" | tr -s ' \n' ' ')
    CXXFLAGS=$CFLAGS
    SANITIZER=$1 FUZZING_ENGINE=libfuzzer ARCHITECTURE=x86_64
    export SRC OUT WORK CC CXX CFLAGS CXXFLAGS LIB_FUZZING_ENGINE
    export SANITIZER FUZZING_ENGINE ARCHITECTURE
}

# Its counters are listed, and more than a handful.
is_instrumented() {
    "$OUT/$1" -runs=1 >"$work/started" 2>&1 || return
    counters=$(sed -n 's/^INFO: Loaded .* (\([0-9]*\) inline.*/\1/p' \
        "$work/started")
    cat "$work/started"
    [ "${counters:-0}" -ge 100 ]
}

holds_on_seeds() {
    rm -rf "$work/seeds"
    mkdir "$work/seeds" && unzip -q "$OUT/$1_seed_corpus.zip" \
        -d "$work/seeds" || return
    [ -n "$(ls "$work/seeds")" ] &&
        "$OUT/$1" -runs=0 -dict="$OUT/$1.dict" "$work/seeds"
}

check_target() {
    for file in "$1" "$1.dict" "$1.options" "$1_seed_corpus.zip"; do
        check "$SANITIZER: $file" test -s "$OUT/$file"
    done
    check "$SANITIZER: $1 starts and is instrumented" is_instrumented "$1"
    check "$SANITIZER: $1 holds on its seeds" holds_on_seeds "$1"
}

for sanitizer in address undefined; do
    case $sanitizer in
    address) prepare address '-fsanitize=address
        -fsanitize-address-use-after-scope' ;;
    undefined) prepare undefined '-fsanitize=undefined
        -fno-sanitize-recover=undefined' ;;
    esac
    check "$sanitizer: build.sh" sh -eu "$fuzz/oss-fuzz/build.sh"
    for source in "$fuzz"/fuzz_*.c; do
        check_target "$(basename "$source" .c)"
    done
done
echo "$n checks, $failed failed"
[ "$failed" -eq 0 ]
