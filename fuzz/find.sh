#!/bin/sh
# SPDX-License-Identifier: MIT
#
# find.sh - do the fuzzers find what is planted?
#
# Each bug is a mutant of the reference, of conformance/mutants, with the
# target that has to find it; bugs.tsv lists them.  The mutant is a shared
# shim that the target loads (FUZZ_SHIM), and the target starts from nothing:
# with the corpus most would be found by reading it.
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH

usage() {
    cat <<'END'
usage: sh find.sh [OPTION...] [PATTERN...]

Plants the bugs whose mutant or target matches a PATTERN; without one, all.

  --build DIR     built with ENABLE_FUZZING, by clang or afl-clang-fast;
                  without it for the engines that are none
                  (default: build/fuzz, build/afl or build/release)
  --engine NAME   libfuzzer; afl: AFL++; random: a driver without feedback;
                  exhaustive: all that is small, fuzz_crash only
                  (default: libfuzzer)
  --seeds N       try the seeds 1 to N (default: 5)
  --cpu SECONDS   of each try (default: 60; with afl, of the clock)
  --runs N        inputs of each try, at most (default: no limit but --cpu)
  --jobs N        bugs at a time (default: one for each processor)
  --timestamps    the median of the seconds until it was found, too, and at
                  the end one of all bugs of a target; of CPU time, the start
                  included, but with afl of the clock since it began
  --help

A line for each bug: in how many tries it was found, and by which clause.

Exit status: 0 each was found in each try; 1 some were not; 2 usage.
END
}

# ---- Planting ---------------------------------------------------------------

# link_target OBJECTS: as the build does, but for the implementation.
link_target() {
    line=$(sed -e "s, libfuzz_iut\.a, $1/*.o,g" \
        -e "s, -o $target , -o '$work/$bug.program' ," \
        "$build/fuzz/CMakeFiles/$target.dir/link.txt")
    (cd "$build/fuzz" && eval "$line")
}

# join OBJECTS COMMAND...: a shared shim; for AFL++, which cannot watch what
# is loaded later, the target with it.
join() {
    objects=$1
    shift
    if [ "$engine" = afl ]; then
        link_target "$objects"
    else
        "$@" -shared -o "$work/$bug.so" "$objects"/*.o -pthread
    fi
}

# ---- Finding ----------------------------------------------------------------

# run_target SEED: ends with a status that is not 0 if the target finds
# something or the time is over.
run_target() {
    # shellcheck disable=SC3045 # dash has it, and bash
    ulimit -t "$cpu"
    most=$(sh "$here/max-len.sh" "$target")
    case $engine in
    libfuzzer)
        "$build/fuzz/$target" -seed="$1" -max_len="$most" -runs="$runs" \
            -len_control=0 -artifact_prefix="$work/$bug." -timeout=10 \
            >"$work/$bug.out" 2>&1
        ;;
    random)
        "$build/fuzz/${target}_random" --seed "$1" --runs "$runs" \
            --max-len "$most" >"$work/$bug.out" 2>&1
        ;;
    afl) run_afl "$1" >"$work/$bug.out" 2>&1 ;;
    exhaustive)
        "$build/fuzz/${target}_exhaustive" >"$work/$bug.out" 2>&1
        ;;
    esac
}

# run_afl SEED: from one byte to the first finding, which is run again for
# its report.
run_afl() {
    rm -rf "$work/$bug.afl"
    mkdir -p "$work/$bug.afl/in"
    printf 0 >"$work/$bug.afl/in/0"
    unset AFL_CUSTOM_MUTATOR_LIBRARY
    case $target in
    fuzz_probe | fuzz_header | fuzz_open)
        export AFL_CUSTOM_MUTATOR_LIBRARY="$work/mutator.so"
        ;;
    fuzz_diff) export FUZZ_SHIM="$work/other.so" ;;
    esac
    "$work/$bug.program" "$work/$bug.afl/in/0" || return 0
    afl-fuzz -i "$work/$bug.afl/in" -o "$work/$bug.afl/out" -s "$1" \
        -V "$cpu" -E "$runs" -G "$most" -- "$work/$bug.program"
    for file in "$work/$bug.afl/out/default/crashes"/id*; do
        [ ! -f "$file" ] || {
            "$work/$bug.program" "$file"
            return 0
        }
    done
    sed -n 's,^execs_done *: *,runs: ,p' \
        "$work/$bug.afl/out/default/fuzzer_stats"
}

# The reference is the other implementation of fuzz_diff, not watched.
prepare_afl() {
    AFL_BENCH_UNTIL_CRASH=1
    AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
    AFL_NO_AFFINITY=1
    AFL_NO_UI=1
    AFL_QUIET=1
    AFL_SKIP_CPUFREQ=1
    export AFL_BENCH_UNTIL_CRASH AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES
    export AFL_NO_AFFINITY AFL_NO_UI AFL_QUIET AFL_SKIP_CPUFREQ
    clang -std=c11 -O2 -shared -fPIC -o "$work/mutator.so" \
        "$here/afl_mutator.c" "$here/mutator.c"
    # shellcheck disable=SC2046 # names without blanks
    (cd "$root" && clang -std=c11 -O2 -w -shared -fPIC -Iconformance \
        -D_FILE_OFFSET_BITS=64 -D_POSIX_C_SOURCE=200809L \
        -o "$work/other.so" $(sources_of "$root") -pthread)
}

# seconds: of the last try, until it found something.
seconds() {
    if [ "$engine" = afl ]; then
        find "$work/$bug.afl" -name 'id:*,time:*' -path '*/crashes/*' |
            sed 's/.*,time:\([0-9]*\).*/\1/' | sort -n |
            awk 'NR == 1 { ms = $1 } END { printf "%.2f\n", ms / 1000 }'
    else
        tail -n 1 "$work/$bug.times" | tr 'ms' '  ' |
            awk '{ printf "%.2f\n", $1 * 60 + $2 + $3 * 60 + $4 }'
    fi
}

# try SEED: appends the seconds to the list, if it was found.
try() {
    ASAN_OPTIONS=malloc_context_size=2:quarantine_size_mb=4
    ASAN_OPTIONS=$ASAN_OPTIONS:abort_on_error=1:symbolize=0
    export ASAN_OPTIONS
    unset FUZZ_SHIM
    [ "$engine" = afl ] || export FUZZ_SHIM="$work/$bug.so"
    (
        status=0
        run_target "$1" || status=$?
        [ "$status" -ne 139 ] || echo SUMMARY: SIGSEGV >>"$work/$bug.out"
        times >"$work/$bug.times"
    ) 2>/dev/null || :
    rm -f "$work/$bug".crash-* "$work/$bug".oom-* \
        "$work/$bug".leak-* "$work/$bug".timeout-*
    found_by=$(sed -n 's/^BROKEN *\([A-Z]*-[0-9]*\):.*/\1/p' \
        "$work/$bug.out" | head -n 1)
    [ -n "$found_by" ] || found_by=$(sed -n \
        's/^SUMMARY: \([A-Za-z]*[^/(]*[^ /(]\).*/\1/p' \
        "$work/$bug.out" | head -n 1)
    [ -n "$found_by" ] || return 0
    seconds >>"$work/$bug.found"
    echo "$found_by" >"$work/$bug.by"
}

# seek MUTANT TARGET COMMAND...: prints its line of the table.
seek() {
    mutant=$1
    target=$2
    bug=$mutant@$target
    shift 2
    : >"$work/$bug.found"
    echo - >"$work/$bug.by"
    patch=$root/conformance/mutants/$mutant.patch
    if why=$(plant "$patch" "$work/$bug" "$@") &&
        join "$work/$bug/o" "$@" >>"$work/$bug/log" 2>&1; then
        seed=1
        while [ "$seed" -le "$seeds" ]; do
            try "$seed"
            seed=$((seed + 1))
        done
    else
        echo "${why:-does not link}" >"$work/$bug.by"
    fi
    n=$(($(wc -l <"$work/$bug.found")))
    verdict=found
    [ "$n" -eq "$seeds" ] || verdict=MISSED
    time=
    [ -z "$timestamps" ] || [ "$n" -eq 0 ] ||
        time="  $(median "$work/$bug.found") s"
    printf '%-6s  %-12s  %-55s  %d of %d  %s%s\n' "$verdict" "$target" \
        "$mutant" "$n" "$seeds" "$(cat "$work/$bug.by")" "$time"
    rm -rf "${work:?}/$bug" "$work/$bug.so" "$work/$bug.program" \
        "$work/$bug.afl"
}

# The reference itself must hold, or what is found says nothing.
reference_holds() {
    bug=reference
    all_runs=$runs
    runs=20000
    # shellcheck disable=SC2013 # names without blanks
    for target in $(cut -d' ' -f2 "$work/bugs" | sort -u); do
        : >"$work/reference.found"
        join "$work/base" "$@"
        try 1
        [ ! -s "$work/reference.found" ] || {
            cat "$work/reference.out"
            echo "find.sh: $target finds something in the reference" >&2
            return 1
        }
        grep -qE '^#.*DONE|^runs: |^[0-9]+ runs' "$work/reference.out" || {
            cat "$work/reference.out"
            echo "find.sh: $target does not run" >&2
            return 1
        }
    done
    runs=$all_runs
}

# medians: of each target, over all of its bugs that were found each time.
medians() {
    cut -d' ' -f2 "$work/bugs" | sort -u | while read -r target; do
        awk -v t="$target" '$1 == "found" && $2 == t { print $(NF - 1) }' \
            "$work/table" >"$work/times"
        [ ! -s "$work/times" ] || printf '%-12s  %d bugs, median %s s\n' \
            "$target" "$(wc -l <"$work/times")" "$(median "$work/times")"
    done
}

find_all() {
    [ "$engine" != afl ] || prepare_afl
    compile_base "$@"
    reference_holds "$@" || exit 1
    for_each "$work/bugs" seek "$@" >"$work/table"
    awk '
        { print; n[$1]++ }
        END {
            printf "%d bugs: %d found, %d missed\n", NR, n["found"],
                n["MISSED"]
            exit n["found"] == NR ? 0 : 1
        }
    ' "$work/table" && all_found=0 || all_found=1
    [ -z "$timestamps" ] || medians
    return "$all_found"
}

# ---- What is asked for ------------------------------------------------------

# each_bug: a line for each bug and target, of which a bug may have several.
each_bug() {
    grep -v '^#' "$here/bugs.tsv" | while read -r mutant targets; do
        echo "$targets" | tr , '\n' | sed "s/^/$mutant /"
    done
}

# select_bugs PATTERN...
select_bugs() {
    each_bug | while read -r mutant target; do
        [ $# -gt 0 ] || echo "$mutant $target"
        for pattern; do
            # shellcheck disable=SC2254 # they are patterns
            case $mutant in $pattern) echo "$mutant $target" && break ;; esac
            # shellcheck disable=SC2254
            case $target in $pattern) echo "$mutant $target" && break ;; esac
        done
    done
}

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
# shellcheck source=conformance/mutants/plant.sh
. "$root/conformance/mutants/plant.sh"
build=
engine=libfuzzer
seeds=5
cpu=60
runs=2000000000
timestamps=
jobs=$(getconf _NPROCESSORS_ONLN)
read_options 'build engine seeds cpu runs jobs' timestamps "$@"
shift "$n_read"
need_number --seeds "$seeds"
need_number --cpu "$cpu"
need_number --runs "$runs"
need_number --jobs "$jobs"
case $engine in
libfuzzer | afl | random | exhaustive) ;;
*) usage_error "no engine '$engine'" ;;
esac
[ -n "$build" ] || case $engine in
libfuzzer) build=$root/build/fuzz ;;
afl) build=$root/build/afl ;;
*) build=$root/build/release ;;
esac
enter_build
work=$(mktemp -d "${TMPDIR:-/tmp}/addcow-find.XXXXXX")
trap 'rm -rf "$work"' EXIT
select_bugs "$@" >"$work/bugs"
[ -s "$work/bugs" ] || usage_error "no bug matches"
as_in_build find_all fuzz_iut
