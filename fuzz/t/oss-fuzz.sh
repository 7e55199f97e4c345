#!/bin/sh
# SPDX-License-Identifier: MIT
#
# oss-fuzz.sh - oss-fuzz/build.sh in an environment as OSS-Fuzz gives it, with
# nothing else of this one, for each sanitizer, for its coverage reports, and
# with an engine that is a library, AFL++'s; then what OSS-Fuzz's own check of
# a build looks at: every target is there with its seeds, dictionary and
# options, starts, is instrumented, and runs on its seeds.

# shellcheck source=fuzz/t/lib.sh
. "${0%/*}/lib.sh"
fuzz=$root/fuzz

# prepare NAME FLAGS COMPILER ENGINE: the environment of the base image, where
# the compilers are on the path.
prepare() {
    name=$1
    OUT=$work/$1/out
    mkdir -p "$work/$1/src" "$OUT" "$work/$1/work"
    ln -sfn "$(dirname "$fuzz")" "$work/$1/src/add-cow"
    flags="-O1 -fno-omit-frame-pointer -gline-tables-only"
    flags="$flags -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION $2"
    flags=$(echo "$flags" | tr -s ' \n' ' ')
    set -- "CC=$3" "CXX=$3++" "LIB_FUZZING_ENGINE=$4"
    env -i HOME="$work" PATH="$PATH" LC_ALL=C "$@" CFLAGS="$flags" \
        CXXFLAGS="$flags" SRC="$work/$name/src" OUT="$OUT" \
        WORK="$work/$name/work" ARCHITECTURE=x86_64 FUZZING_LANGUAGE=c \
        AFL_QUIET=1 sh -eu "$fuzz/oss-fuzz/build.sh"
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

# The regions that were run are counted.
is_measured() {
    LLVM_PROFILE_FILE=$work/profile "$OUT/$1" -runs=0 "$work/seeds" &&
        objdump -h "$OUT/$1" | grep -q __llvm_covmap && [ -s "$work/profile" ]
}

replays_seeds() {
    objdump -t "$OUT/$1" | grep -q __afl_ && "$OUT/$1" "$work/seeds"/*
}

# Whatever the engine is.
check_files() {
    for file in "$1" "$1.dict" "$1.options" "$1_seed_corpus.zip"; do
        check "$name: $file" test -s "$OUT/$file"
    done
}

check_target() {
    check_files "$1"
    case $name in
    address | undefined)
        check "$name: $1 starts and is instrumented" is_instrumented "$1"
        ;;
    esac
    case $name in
    afl) check "$name: $1 is instrumented, holds on its seeds" \
        replays_seeds "$1" ;;
    *) check "$name: $1 holds on its seeds" holds_on_seeds "$1" ;;
    esac
    [ "$name" != coverage ] ||
        check "$name: $1 is measured" is_measured "$1"
}

each_target() {
    for source in "$fuzz"/fuzz_*.c; do
        check_target "$(basename "$source" .c)"
    done
}

# As its Dockerfile of base-builder has them.
undefined=array-bounds,bool,builtin,enum,function,integer-divide-by-zero,null
undefined=$undefined,object-size,return,returns-nonnull-attribute,shift
undefined=$undefined,signed-integer-overflow,unreachable,vla-bound,vptr

check 'address: build.sh' prepare address "-fsanitize=address
    -fsanitize-address-use-after-scope -fsanitize=fuzzer-no-link" \
    clang -fsanitize=fuzzer
each_target
check 'undefined: build.sh' prepare undefined \
    "-fsanitize=$undefined,unsigned-integer-overflow
    -fno-sanitize-recover=$undefined -fsanitize=fuzzer-no-link" \
    clang -fsanitize=fuzzer
each_target
check 'coverage: build.sh' prepare coverage "-fprofile-instr-generate
    -fcoverage-mapping -pthread -Wl,--no-as-needed -Wl,-ldl -Wl,-lm
    -Wno-unused-command-line-argument" clang -fsanitize=fuzzer
each_target
afl=$(command -v afl-clang-fast)
check 'afl: build.sh' prepare afl -fsanitize=address afl-clang-fast \
    "${afl%/bin/*}/lib/afl/libAFLDriver.a"
each_target
finish
