#!/bin/sh
# SPDX-License-Identifier: MIT
#
# fuzz.sh - builds a target and fuzzes with it.
#
#   sh fuzz/fuzz.sh TARGET SECONDS [libfuzzer|afl] [OPTION...]
#
# TARGET is fuzz_header, fuzz_open, ...; OPTIONs go to the engine.  What has
# been learnt and what was found stays in build/fuzz-work/TARGET, and the next
# run goes on from there.  With AFL++ a second process with cmplog helps the
# main one; see README.md for more machines.
#
# Environment: FUZZ_IUT, a static library to fuzz in place of the reference;
# FUZZ_SHIM, a shared shim to fuzz instead of what was linked.
#
# Status 0: nothing was found; 1: something was; 2: usage, or no engine.
set -u

usage() {
    echo "usage: sh fuzz.sh TARGET SECONDS [libfuzzer|afl] [OPTION...]" >&2
    exit 2
}

fail() {
    echo "fuzz.sh: $*" >&2
    exit 2
}

here=$(cd "$(dirname "$0")" && pwd) || exit 2
root=$(dirname "$here")
if [ "${1-}" = --help ]; then
    sed -n '4,/^set/s/^# \{0,1\}//p' "$0"
    exit 0
fi
[ $# -ge 2 ] || usage
target=$1
seconds=$2
engine=${3:-libfuzzer}
if [ $# -ge 3 ]; then shift 3; else shift 2; fi
[ -f "$here/$target.c" ] || fail "no target '$target'"
case $seconds in '' | *[!0-9]*) usage ;; esac
work=$root/build/fuzz-work/$target
most=$(sh "$here/max-len.sh" "$target")
mkdir -p "$work/corpus" "$work/found"
: >"$work/begun"

# Small inputs, small quarantine: both make it faster, and no find worse.
quick=malloc_context_size=2:quarantine_size_mb=4
quick=$quick:thread_local_quarantine_size_kb=64

# build DIRECTORY COMPILER OPTION...
build() {
    directory=$1
    compiler=$2
    shift 2
    command -v "$compiler" >/dev/null || fail "no $compiler"
    {
        cmake -S "$root" -B "$directory" -DCMAKE_C_COMPILER="$compiler" \
            -DENABLE_FUZZING=ON -DBUILD_TESTING=OFF \
            -DFUZZ_IUT="${FUZZ_IUT-}" "$@" &&
            cmake --build "$directory" --parallel --target "$target"
    } >"$work/build.log" 2>&1 || {
        cat "$work/build.log" >&2
        fail "the build fails"
    }
}

found_now() {
    find "$work/found" -type f -newer "$work/begun"
}

# Whether something was found by this run; sets n to how much.
n_found() {
    n=$(($(found_now | wc -l)))
    [ "$n" -gt 0 ]
}

with_libfuzzer() {
    build "$root/build/libfuzzer" clang
    sh "$here/seeds.sh" "$target" "$work/seeds"
    program=$root/build/libfuzzer/fuzz/$target
    ASAN_OPTIONS=$quick:${ASAN_OPTIONS-} "$program" -seed="$(date +%s)" \
        -max_total_time="$seconds" -max_len="$most" -entropic=0 \
        -dict="$here/addcow.dict" -artifact_prefix="$work/found/" \
        -print_final_stats=1 "$@" "$work/corpus" "$work/seeds" ||
        n_found || fail "libFuzzer did not run"
}

build_afl() {
    AFL_QUIET=1
    export AFL_QUIET
    build "$root/build/afl" afl-clang-fast -DFUZZ_SANITIZERS=
    AFL_LLVM_CMPLOG=1 build "$root/build/afl-cmplog" afl-clang-fast \
        -DFUZZ_SANITIZERS=
}

# run_afl NAME OPTION...: one process.
run_afl() {
    name=$1
    shift
    afl-fuzz -i "$work/seeds" -o "$work/afl" -V "$seconds" \
        -G "$most" "$@" >"$work/afl-$name.log" 2>&1
}

# AFL++ may end without the child of a persistent program, which then is
# stopped for ever.
end_stopped() {
    for process in /proc/[0-9]*; do
        exe=$(readlink "$process/exe" 2>/dev/null) || continue
        case $exe in
        "$program" | "$root/build/afl-cmplog/fuzz/$target")
            kill -9 "${process#/proc/}" 2>/dev/null
            ;;
        esac
    done
}

with_afl() {
    build_afl
    program=$root/build/afl/fuzz/$target
    sh "$here/seeds.sh" "$target" "$work/seeds"
    AFL_SKIP_CPUFREQ=1
    AFL_TRY_AFFINITY=1
    AFL_NO_UI=1
    AFL_AUTORESUME=1
    AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
    export AFL_SKIP_CPUFREQ AFL_TRY_AFFINITY AFL_NO_UI AFL_AUTORESUME
    export AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES
    case $target in
    fuzz_probe | fuzz_header | fuzz_open)
        clang -std=c11 -O2 -shared -fPIC -o "$work/mutator.so" \
            "$here/afl_mutator.c" "$here/mutator.c" ||
            fail "the mutator does not build"
        export AFL_CUSTOM_MUTATOR_LIBRARY="$work/mutator.so"
        ;;
    esac
    run_afl cmplog -S cmplog -c "$root/build/afl-cmplog/fuzz/$target" "$@" \
        -- "$program" &
    run_afl main -M main "$@" -- "$program" ||
        tail -n 20 "$work/afl-main.log" >&2
    wait
    end_stopped
    grep -E '^(execs_done|execs_per_sec|corpus_count|stability|saved_crashes)' \
        "$work/afl/main/fuzzer_stats" || fail "AFL++ did not run"
    cp "$work"/afl/*/crashes/id* "$work/found/" 2>/dev/null || :
}

case $engine in
libfuzzer) with_libfuzzer "$@" ;;
afl) with_afl "$@" ;;
*) usage ;;
esac
n_found || exit 0
found_now | head -n 10 | while read -r file; do
    echo "again    ${FUZZ_SHIM:+FUZZ_SHIM=$FUZZ_SHIM }$program $file"
done
echo "$n inputs in $work/found"
echo "one by one: ${FUZZ_SHIM:+FUZZ_SHIM=$FUZZ_SHIM }${FUZZ_IUT:+FUZZ_IUT=$FUZZ_IUT }sh $here/keep.sh FILE $target"
exit 1
