#!/bin/sh
# SPDX-License-Identifier: MIT
#
# bench.sh - how fast each target is, as a share of one that does nothing.
#
# A target and an empty one run in turn with the same flags, length, seed of
# the engine and seeds (which the empty one, to which they are all alike, would
# forget without -keep_seed), five times; what counts is the CPU time, of the
# medians, less that of the start: in it the empty target would take a hundred
# thousand inputs, so a short run would flatter the others.  With AFL++ it is
# the time on the clock: nothing else should run.
#
# The empty target is given what the other is: where that one has mutator.c,
# it has, too, for to make an input is the engine's work, and the implementation
# is linked, whose counters the engine clears and reads after each input.  So
# the share is of what the engine does by itself, and what it does with the
# counters that a target has moved counts as the target's.
# Beside them: what an input of these very runs does, from FUZZ_COUNTS.
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH

usage() {
    cat <<'END'
usage: sh bench.sh [--build DIR] [--afl DIR] [--rounds N] [--seconds N]
                   [--bars] [TARGET...]

  --build DIR    built with ENABLE_FUZZING (default: build/fuzz of this tree)
  --afl DIR      the same with afl-clang-fast, for lines of AFL++
  --rounds N     how often each is run (default: 5)
  --seconds N    how long each run is to take, about (default: 2)
  --bars         fail where a target is slower than bars.tsv promises

Exit status: 0; 1 a bar was missed; 2 usage.
END
}

# bar_of TARGET: what bars.tsv promises, 0 if nothing.
bar_of() {
    awk -F '\t' -v engine="$engine" -v target="$1" '
        $1 == engine && $2 == target { bar = $3 }
        END { print bar + 0 }' "$here/bars.tsv"
}

with_libfuzzer() {
    "$build/fuzz/$1" -seed=1 -runs="$2" -max_len="$most" -keep_seed=1 \
        -len_control=0 -entropic=0 -artifact_prefix="$work/" "$work/corpus"
}

seconds_of_libfuzzer() {
    tail -n 1 "$work/times" |
        tr 'ms' '  ' | awk '{ print $1 * 60 + $2 + $3 * 60 + $4 }'
}

# AFL++ kills what it has watched, and nobody hears how long that ran.
seconds_of_afl() {
    awk -F ': *' '{ sub(/ +$/, "", $1); value[$1] = $2 }
        END { print value["execs_done"] / value["execs_per_sec"] }' \
        "$work/afl/default/fuzzer_stats"
}

with_afl() {
    env -u ASAN_OPTIONS afl-fuzz -s 1 -E "$2" -G "$most" \
        -i "$work/corpus" -o "$work/afl" -- "$afl/fuzz/$1"
}

# empty_of TARGET: the empty target that makes inputs in the same way.
empty_of() {
    case $engine/$1 in
    libfuzzer/fuzz_probe | libfuzzer/fuzz_header | libfuzzer/fuzz_open)
        echo fuzz_empty_mutated
        ;;
    *) echo fuzz_empty ;;
    esac
}

# run TARGET PROGRAM RUNS: prints the seconds.
run() {
    cp -R "$work/seeds/$1" "$work/corpus"
    (
        "with_$engine" "$2" "$3" >"$work/out" 2>&1 || {
            tail -n 30 "$work/out" >&2
            exit 1
        }
        times >"$work/times"
        "seconds_of_$engine"
    )
    rm -rf "$work/corpus" "$work/afl"
}

# The seconds that PROGRAM takes to start and to run its seeds.
start_of() {
    if [ "$engine" = afl ]; then echo 0; else run "$1" "$2" 1; fi
}

# runs_of TARGET PROGRAM START: how many inputs it takes in $seconds.
runs_of() {
    cpu=$(run "$1" "$2" 50000)
    awk -v cpu="$cpu" -v start="$3" -v seconds="$seconds" 'BEGIN {
        cpu -= start
        print int(50000 * seconds / (cpu > 0.01 ? cpu : 0.01))
    }'
}

# measure TARGET: a line of the table.
measure() {
    target=$1
    most=$(sh "$here/max-len.sh" "$target")
    empty=$(empty_of "$target")
    start_empty=$(start_of "$target" "$empty")
    start=$(start_of "$target" "$target")
    n_empty=$(runs_of "$target" "$empty" "$start_empty")
    n=$(runs_of "$target" "$target" "$start")
    : >"$work/empty"
    : >"$work/target"
    round=0
    while [ "$round" -lt "$rounds" ]; do
        run "$target" "$empty" "$n_empty" >>"$work/empty"
        run "$target" "$target" "$n" >>"$work/target"
        round=$((round + 1))
    done
    counts=$(sed -n 's/^counts: //p' "$work/out") # of the last run
    awk -v engine="$engine" -v target="$target" -v bar="$(bar_of "$target")" \
        -v cpu="$(median "$work/target")" -v n="$n" -v n_empty="$n_empty" \
        -v empty="$(median "$work/empty")" -v counts="$counts" \
        -v start="$start" -v start_empty="$start_empty" 'BEGIN {
            cpu -= start
            empty -= start_empty
            share = 100 * (n / cpu) / (n_empty / empty)
            split(counts, c, " ")
            beside = c[1] ? sprintf("%7.1f  %9.0f", c[2] / c[1], c[3] / c[1]) \
                          : sprintf("%7s  %9s", "", "")
            printf "%-9s  %-11s  %9d  %9d  %6.1f %%  %5s  %s  %s\n",
                engine, target, n / cpu, n_empty / empty, share,
                (bar == 0 ? "-" : bar), beside,
                (bar == 0 || share >= bar ? "ok" : "SLOW")
        }'
}

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=conformance/mutants/plant.sh
. "$here/../conformance/mutants/plant.sh"
engine=
most= # the longest input that the target looks at
build=$(dirname "$here")/build/fuzz
rounds=5
seconds=2
bars=
afl=
read_options 'build afl rounds seconds' bars "$@"
shift "$n_read"
need_number --rounds "$rounds"
enter_build
[ $# -gt 0 ] || set -- fuzz_probe fuzz_header fuzz_open fuzz_ops fuzz_crash \
    fuzz_diff
[ -x "$build/fuzz/fuzz_empty_mutated" ] ||
    usage_error "no fuzz_empty_mutated in $build"
[ -z "$afl" ] || [ -x "$afl/fuzz/fuzz_empty" ] ||
    usage_error "no fuzz_empty in $afl"
# The quarantine costs by its size, and inputs are small.
ASAN_OPTIONS=malloc_context_size=0:quarantine_size_mb=1:detect_leaks=0
ASAN_OPTIONS=$ASAN_OPTIONS:thread_local_quarantine_size_kb=64
FUZZ_COUNTS=1
export ASAN_OPTIONS FUZZ_COUNTS
AFL_SKIP_CPUFREQ=1 AFL_TRY_AFFINITY=1 AFL_NO_UI=1
AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
export AFL_SKIP_CPUFREQ AFL_TRY_AFFINITY AFL_NO_UI
export AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES
work=$(mktemp -d "${TMPDIR:-/tmp}/addcow-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
cat <<'END'
                        inputs a    empty       share    bar    requests  bytes
engine     target       second      target               (%)    an input  compared
END
for target; do
    sh "$here/seeds.sh" "$target" "$work/seeds/$target"
    printf 0 >"$work/seeds/$target/0"
    for engine in libfuzzer ${afl:+afl}; do
        measure "$target"
    done
done | tee "$work/table"
[ -z "$bars" ] || ! grep -q SLOW "$work/table"
