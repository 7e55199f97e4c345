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

  --build DIR     built with ENABLE_FUZZING, or without for the engine random
                  (default: build/fuzz of this tree)
  --engine NAME   libfuzzer; random: a driver without feedback; exhaustive:
                  all that is small, fuzz_crash only
                  (default: libfuzzer)
  --seeds N       try the seeds 1 to N (default: 5)
  --cpu SECONDS   of each try (default: 60)
  --runs N        inputs of each try, at most (default: no limit but --cpu)
  --jobs N        bugs at a time (default: one for each processor)
  --timestamps    the median of the CPU seconds until it was found, too
  --help

A line for each bug: in how many tries it was found, and by which clause.

Exit status: 0 each was found in each try; 1 some were not; 2 usage.
END
}

usage_error() {
    echo "find.sh: $*; see --help" >&2
    exit 2
}

# ---- Planting ---------------------------------------------------------------

# The command that compiled the reference in the build, of one line of JSON.
command_of_build() {
    sed -n 's,^ *"command": "\(.*fuzz_iut.*ref/hdr\.c\)".*,\1,p' \
        "$build/compile_commands.json" | sed 's/\\\(.\)/\1/g' | head -n 1
}

# compile OBJECTS TREE SOURCE COMMAND...
compile() {
    objects=$1
    tree=$2
    source=$3
    shift 3
    (cd "$tree" && "$@" -c -o "$objects/$(basename "$source" .c).o" "$source")
}

sources_of() {
    (cd "$1" && ls ref/*.c) | grep -v '^ref/cli'
}

compile_base() {
    mkdir -p "$work/base"
    for source in $(sources_of "$root"); do
        compile "$work/base" "$root" "$source" "$@"
    done
}

# plant MUTANT COMMAND...: makes MUTANT.so.
plant() {
    mutant=$1
    shift
    tree=$work/$mutant
    mkdir -p "$tree/ref" "$tree/o"
    cp "$root"/ref/*.[ch] "$tree/ref"
    patch -s -p1 -d "$tree" \
        <"$root/conformance/mutants/$mutant.patch" >"$tree/log" 2>&1 || return
    sed -n 's,^+++ b/\([^[:blank:]]*\).*,\1,p' \
        "$root/conformance/mutants/$mutant.patch" >"$tree/touched"
    ! grep -q '\.h$' "$tree/touched" || sources_of "$tree" >"$tree/touched"
    cp "$work"/base/*.o "$tree/o"
    while read -r source; do
        compile "$tree/o" "$tree" "$source" "$@" </dev/null \
            >>"$tree/log" 2>&1 || return
    done <"$tree/touched"
    "$@" -shared -o "$work/$mutant.so" "$tree"/o/*.o -pthread \
        >>"$tree/log" 2>&1
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
            -len_control=0 -artifact_prefix="$work/$mutant." -timeout=10 \
            >"$work/$mutant.out" 2>&1
        ;;
    random)
        "$build/fuzz/${target}_random" --seed "$1" --runs "$runs" \
            --max-len "$most" >"$work/$mutant.out" 2>&1
        ;;
    exhaustive)
        "$build/fuzz/${target}_exhaustive" >"$work/$mutant.out" 2>&1
        ;;
    esac
}

# try SEED: appends the CPU seconds to the list, if it was found.
try() {
    FUZZ_SHIM=$work/$mutant.so
    ASAN_OPTIONS=malloc_context_size=2:quarantine_size_mb=4
    export FUZZ_SHIM ASAN_OPTIONS
    (
        run_target "$1" || :
        times >"$work/$mutant.times"
    ) 2>/dev/null || :
    rm -f "$work/$mutant".crash-* "$work/$mutant".oom-* \
        "$work/$mutant".leak-* "$work/$mutant".timeout-*
    found_by=$(sed -n 's/^BROKEN *\([A-Z]*-[0-9]*\):.*/\1/p' \
        "$work/$mutant.out" | head -n 1)
    [ -n "$found_by" ] || found_by=$(sed -n \
        's/^SUMMARY: \([A-Za-z]*Sanitizer: [^ ]*\).*/\1/p' \
        "$work/$mutant.out" | head -n 1)
    [ -n "$found_by" ] || return 0
    tail -n 1 "$work/$mutant.times" |
        tr 'ms' '  ' | awk '{ printf "%.2f\n", $1 * 60 + $2 + $3 * 60 + $4 }' \
        >>"$work/$mutant.found"
    echo "$found_by" >"$work/$mutant.by"
}

# median FILE
median() {
    sort -n "$1" | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'
}

# seek MUTANT TARGET COMMAND...
seek() {
    mutant=$1
    target=$2
    shift 2
    : >"$work/$mutant.found"
    echo - >"$work/$mutant.by"
    if plant "$mutant" "$@"; then
        seed=1
        while [ "$seed" -le "$seeds" ]; do
            try "$seed"
            seed=$((seed + 1))
        done
    else
        echo 'cannot be planted' >"$work/$mutant.by"
    fi
    n=$(($(wc -l <"$work/$mutant.found")))
    verdict=found
    [ "$n" -eq "$seeds" ] || verdict=MISSED
    time=
    [ -z "$timestamps" ] || [ "$n" -eq 0 ] ||
        time="  $(median "$work/$mutant.found") s"
    printf '%-6s  %-12s  %-55s  %d of %d  %s%s\n' "$verdict" "$target" \
        "$mutant" "$n" "$seeds" "$(cat "$work/$mutant.by")" "$time" \
        >"$work/$mutant.answer"
    rm -rf "${work:?}/$mutant" "$work/$mutant.so"
}

# Takes bugs until none is left.  Whoever makes the directory has it.
worker() {
    while read -r mutant target; do
        if mkdir "$work/taken/$mutant" 2>/dev/null; then
            seek "$mutant" "$target" "$@" </dev/null
        fi
    done <"$work/bugs"
}

# The reference itself must hold, or what is found says nothing.
reference_holds() {
    mutant=reference
    "$@" -shared -o "$work/reference.so" "$work/base"/*.o -pthread
    all_runs=$runs
    runs=20000
    # shellcheck disable=SC2013 # names without blanks
    for target in $(cut -d' ' -f2 "$work/bugs" | sort -u); do
        : >"$work/reference.found"
        try 1
        [ ! -s "$work/reference.found" ] || {
            cat "$work/reference.out"
            echo "find.sh: $target finds something in the reference" >&2
            return 1
        }
        grep -qE 'DONE|runs' "$work/reference.out" || {
            cat "$work/reference.out"
            echo "find.sh: $target does not run" >&2
            return 1
        }
    done
    runs=$all_runs
}

find_all() {
    compile_base "$@"
    reference_holds "$@" || exit 1
    mkdir "$work/taken"
    n=0
    workers=
    while [ "$n" -lt "$jobs" ]; do
        worker "$@" &
        workers="$workers $!"
        n=$((n + 1))
    done
    wait
    while read -r mutant _; do
        cat "$work/$mutant.answer"
    done <"$work/bugs" >"$work/table"
    awk '
        { print; n[$1]++ }
        END {
            printf "%d bugs: %d found, %d missed\n", NR, n["found"],
                n["MISSED"]
            exit n["found"] == NR ? 0 : 1
        }
    ' "$work/table"
}

# ---- What is asked for ------------------------------------------------------

# select_bugs PATTERN...
select_bugs() {
    grep -v '^#' "$here/bugs.tsv" | while read -r mutant target; do
        [ $# -gt 0 ] || echo "$mutant $target"
        for pattern; do
            # shellcheck disable=SC2254 # they are patterns
            case $mutant in $pattern) echo "$mutant $target" && break ;; esac
            # shellcheck disable=SC2254
            case $target in $pattern) echo "$mutant $target" && break ;; esac
        done
    done
}

# use_flags COMMAND...: goes on with the compiler and the flags of the build.
use_flags() {
    n=$#
    while [ "$n" -gt 0 ]; do
        case $1 in
        -c) ;;
        -o) shift && n=$((n - 1)) ;;
        -W* | *ref/hdr.c) ;;
        *) set -- "$@" "$1" ;;
        esac
        shift
        n=$((n - 1))
    done
    find_all "$@" -w
}

is_number() {
    case $2 in '' | *[!0-9]* | 0*) usage_error "$1 wants a number" ;; esac
}

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
build=$root/build/fuzz
engine=libfuzzer
seeds=5
cpu=60
runs=2000000000
timestamps=
jobs=$(getconf _NPROCESSORS_ONLN)
while [ $# -gt 0 ]; do
    case $1 in
    --help) usage && exit 0 ;;
    --build | --engine | --seeds | --cpu | --runs | --jobs)
        [ $# -gt 1 ] || usage_error "$1 wants a value"
        case $1 in
        --build) build=$2 ;;
        --engine) engine=$2 ;;
        --seeds) is_number "$1" "$2" && seeds=$2 ;;
        --cpu) is_number "$1" "$2" && cpu=$2 ;;
        --runs) is_number "$1" "$2" && runs=$2 ;;
        --jobs) is_number "$1" "$2" && jobs=$2 ;;
        esac
        shift
        ;;
    --timestamps) timestamps=yes ;;
    -*) usage_error "no option '$1'" ;;
    *) break ;;
    esac
    shift
done
case $engine in libfuzzer | random | exhaustive) ;; *) usage_error "no engine '$engine'" ;; esac
build=$(cd "$build" 2>/dev/null && pwd) || usage_error "no build there"
[ -f "$build/compile_commands.json" ] ||
    usage_error "no compile_commands.json in $build"
work=$(mktemp -d "${TMPDIR:-/tmp}/addcow-find.XXXXXX")
trap 'rm -rf "$work"' EXIT
workers=
# shellcheck disable=SC2086 # they are numbers
trap 'kill $workers 2>/dev/null; exit 1' HUP INT TERM
select_bugs "$@" >"$work/bugs"
[ -s "$work/bugs" ] || usage_error "no bug matches"
command=$(command_of_build)
[ -n "$command" ] || usage_error "the reference is not in $build"
eval "use_flags $command"
