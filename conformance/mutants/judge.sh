#!/bin/sh
# SPDX-License-Identifier: MIT
#
# judge.sh - does the suite see it when a clause is broken?
#
# A mutant is a patch of the reference that breaks one clause, the one that
# its name begins with.  Each is built and shown to the suite: first to the
# cases of its clause, and if these are silent, to all.  A case that fails
# for another reason than the clause has not seen the mutant.
#
# Deliberately missing: mutants made by a program.  Those here are faults
# that somebody would commit.
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH

usage() {
    cat <<'END'
usage: sh judge.sh [OPTION...] [PATTERN...]

Judges the mutants whose name or clause matches a PATTERN; without one, all.

  --build DIR     a configured build with its runner built, whose compiler and
                  flags are taken (default: build/release of this tree,
                  or build where that is not there)
  --mutants DIR   where the patches are (default: beside this script)
  --jobs N        mutants at a time (default: one for each processor)
  --cc COMMAND    another compiler than that build's
  --only-build    show them to no case: which are dead?
  --unnamed       they need not name a clause: seen is what any case sees
  --timestamps    how many seconds each took, too
  --help

A line for each mutant: verdict, name, clause, the case that saw it.

  killed      a case of the clause failed in a check of the clause; or ended in
              a crash or a hang, and the patch says "Ends in a crash." (a hang)
  crashed     likewise, and the patch does not say so: what it meant to break
              was not what was seen
  by-another  only cases or checks of other clauses failed
  silent      no case failed
  seen        with --unnamed: some case failed
  built       with --only-build: not dead
  dead        the patch does not apply or compile, or changes no object code

Exit status: 0 all are killed, seen or built; 1 some are not, or the reference
fails itself; 2 usage.
END
}

# ---- Building ---------------------------------------------------------------

# build NAME COMMAND...: makes NAME.so, or says why not.
build() {
    name=$1
    shift
    plant "$patches/$name.patch" "$work/$name" "$@" || return
    "$@" -shared -o "$out/$name.so" "$work/$name"/o/*.o -pthread \
        >>"$work/$name/log" 2>&1 || {
        echo "does not link"
        return 1
    }
}

# ---- Judging ----------------------------------------------------------------

# show NAME OPTION...: runs cases on the mutant; what they report is in the
# file report of its tree.
# Fails if there is none, as where no case names the clause.
show() {
    name=$1
    shift
    tree=$work/$name
    status=0
    (cd "$tree" && "$runner" run --shim "$out/$name.so" --timeout 2 --jobs 1 \
        --keep never --format tap "$@" >report 2>log) || status=$?
    [ "$status" -ne 2 ]
}

# culprit NAME CLAUSE: the first case in the report that failed and was
# charged to CLAUSE; that crashed or hung, where CLAUSE is "crashed"; any that
# failed, where it is "".  What is an error of the suite has seen nothing.
culprit() {
    awk -v clause="$2" '
        function value(line) {
            sub(/^[^"]*"/, "", line)
            sub(/"$/, "", line)
            return line
        }
        /^(not )?ok / {
            id = $0
            sub(/^[^-]* - /, "", id)
            sub(/ .*/, "", id)
            charged = verdict = ""
        }
        /^  verdict: / { verdict = value($0) }
        /^  clause: / { charged = value($0) }
        /^  \.\.\.$/ {
            crashed = verdict == "CRASH" || verdict == "HANG"
            seen = clause == "" || (charged == clause && !crashed) ||
                (clause == "crashed" && crashed)
            if (verdict != "ERROR" && seen) {
                print id
                exit
            }
        }
    ' "$work/$1/report"
}

# ends_early NAME: it is meant to.
ends_early() {
    grep -Eq 'Ends in a (crash|hang)\.' "$patches/$1.patch"
}

# verdict NAME CLAUSE: prints it, and who saw the mutant.
verdict() {
    other=
    # Most are seen by the first case that fails; the others are given all
    # cases of the clause.
    for haste in --fail-fast ''; do
        show "$1" --clause "$2" ${haste:+"$haste"} || break
        killer=$(culprit "$1" "$2")
        [ -n "$killer" ] || ! ends_early "$1" ||
            killer=$(culprit "$1" crashed)
        if [ -n "$killer" ]; then
            echo "killed $killer"
            return
        fi
        other=$(culprit "$1" "")
        [ -n "$other" ] || break
    done
    killer=$(culprit "$1" crashed)
    if [ -n "$killer" ]; then
        echo "crashed $killer"
        return
    fi
    if [ -z "$other" ]; then
        show "$1" --fail-fast || {
            echo "dead cannot be loaded"
            return
        }
        other=$(culprit "$1" "")
    fi
    if [ -n "$other" ]; then
        echo "by-another $other"
    else
        echo "silent -"
    fi
}

# glance NAME: prints whether any case sees it.
glance() {
    show "$1" --strict --fail-fast || {
        echo "dead cannot be loaded"
        return
    }
    killer=$(culprit "$1" "")
    if [ -n "$killer" ]; then
        echo "seen $killer"
    else
        echo "silent -"
    fi
}

# judge NAME COMMAND...: prints its line of the table.
judge() {
    name=$1
    clause=$(clause_of "$name") || clause=-
    began=$(date +%s)
    if ! why=$(build "$@"); then
        answer="dead $why"
    elif [ -n "$only_build" ]; then
        answer="built -"
    elif [ -n "$unnamed" ]; then
        answer=$(glance "$name")
    else
        answer=$(verdict "$name" "$clause")
    fi
    seconds=
    [ -z "$timestamps" ] || seconds="  $(($(date +%s) - began)) s"
    printf '%-10s  %-54s  %-6s  %s%s\n' "${answer%% *}" "$name" "$clause" \
        "${answer#* }" "$seconds"
    rm -rf "${work:?}/$name"
}

# ---- What is asked for ------------------------------------------------------

# clause_of NAME: HDR-7 of HDR-7-padding-not-looked-at.
clause_of() {
    expr "$1" : '\([A-Z]*-[0-9]*\)-'
}

# select_mutants PATTERN...: their names, in an order of their own.
select_mutants() {
    for file in "$patches"/*.patch; do
        name=$(basename "$file" .patch)
        clause=$(clause_of "$name") || [ -n "$unnamed" ] || continue
        [ $# -gt 0 ] || echo "$name"
        for pattern; do
            # shellcheck disable=SC2254 # they are patterns
            case $name in $pattern) echo "$name" && break ;; esac
            # shellcheck disable=SC2254
            case $clause in $pattern) echo "$name" && break ;; esac
        done
    done | sort -t- -k1,1 -k2,2n -k3
}

# The reference itself must pass where the mutants are to fail.
reference_passes() {
    clauses=$(sed 's/^\([A-Z]*-[0-9]*\)-.*/\1/' "$work/names" | sort -u |
        paste -sd, -)
    [ -z "$unnamed" ] || clauses=
    status=0
    (cd "$work" && "$runner" run --shim "$work/base.so" --jobs "$jobs" \
        --keep never ${clauses:+--clause "$clauses"} \
        >reference.log 2>&1) || status=$?
    case $status in 0 | 2) return ;; esac
    cat "$work/reference.log"
    echo "judge.sh: the reference itself fails" >&2
    return 1
}

# judge_all COMMAND...: of the build, but at -O1 and with another compiler, if
# one was named.
judge_all() {
    compiler=${cc:-$1}
    shift
    set -- "$compiler" "$@" -O1 -g0
    compile_base "$@"
    "$@" -shared -o "$work/base.so" "$work/base"/*.o -pthread
    [ -n "$only_build" ] || reference_passes || exit 1
    for_each "$work/names" judge "$@" >"$work/table"
    awk -v unnamed="$unnamed" '
        { print; n[$1]++ }
        END {
            printf "%d mutants: ", NR
            if ("built" in n)
                printf "%d built, ", n["built"]
            else if (unnamed)
                printf "%d seen, %d silent, ", n["seen"], n["silent"]
            else
                printf "%d killed, %d crashed, %d by-another, %d silent, ",
                    n["killed"], n["crashed"], n["by-another"], n["silent"]
            printf "%d dead\n", n["dead"]
            exit n["killed"] + n["seen"] + n["built"] == NR ? 0 : 1
        }
    ' "$work/table"
}

mutants=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$mutants/../.." && pwd)
# shellcheck source=conformance/mutants/plant.sh
. "$mutants/plant.sh"
# What test.sh builds, or else what run.sh does.
build=$root/build/release
[ -e "$build/CMakeCache.txt" ] || build=$root/build
jobs=$(getconf _NPROCESSORS_ONLN)
timestamps=
cc=
only_build=
unnamed=
read_options 'build mutants jobs cc' 'timestamps only-build unnamed' "$@"
shift "$n_read"
need_number --jobs "$jobs"
enter_build
patches=$(cd "$mutants" 2>/dev/null && pwd) || usage_error "no mutants there"
runner=$build/bin/addcow-conform
[ -x "$runner" ] || usage_error "no runner in $build"
out=$build/mutants
mkdir -p "$out"
work=$(mktemp -d "${TMPDIR:-/tmp}/addcow-mutants.XXXXXX")
trap 'rm -rf "$work"' EXIT
select_mutants "$@" >"$work/names"
[ -s "$work/names" ] || usage_error "no mutant matches"
as_in_build judge_all
