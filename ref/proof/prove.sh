#!/bin/sh
# SPDX-License-Identifier: MIT
#
# prove.sh - proves what the contracts in the sources of the reference say.
#
# Frama-C alone cannot be the judge: it succeeds with goals that are not
# proved, and with none at all.  Here each goal has to be proved, and each
# function has to have as many as goals.txt says, so that a contract cannot
# get lost.
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH

usage() {
    cat <<'END'
usage: sh prove.sh [OPTION...] [FUNCTION...]

Proves the functions that are named, or all of goals.txt.

  --ref DIR      the sources (default: those beside this script)
  --seconds N    the provers' time for one goal (default: 120)
  --quick        one prover, one second: for what is known to be false
  --count        print goals.txt as it would have to be
  --help

Exit status: 0 all is proved; 1 it is not; 2 usage, or a tool is missing.
END
}

usage_error() {
    echo "prove.sh: $*; see --help" >&2
    exit 2
}

# The lines of goals.txt of the functions that are asked for.
wanted() {
    grep -v '^#' "$here/goals.txt" | grep -E " ($functions) "
}

# join WORD...: with commas, as the options of Frama-C want them.
join() {
    echo "$*" | tr ' ' ','
}

# analyse FILE PROVERS SECONDS OPTION...: makes FILE.json.  No unsigned
# number may wrap and no conversion may change a value, though C allows both.
analyse() {
    file=$1
    provers=$2
    limit=$3
    shift 3
    frama-c -machdep gcc_x86_64 -cpp-extra-args="-I$conformance" \
        -warn-unsigned-overflow -warn-unsigned-downcast \
        -warn-signed-downcast -wp -wp-rte -wp-cache none \
        -wp-session "$file.session" -wp-report-json "$file.json" \
        -wp-prover "$provers" -wp-timeout "$limit" "$@" "$ref/$file"
}

# rows FILE: of FILE.json: file, function, number of goals, of those proved.
rows() {
    jq -r --arg file "$1" '
        [(."wp:functions" // {} | to_entries[]),
         (."wp:axiomatics" // {} | .[] | {key: "@lemma", value: .})] | .[] |
        [$file, .key, (.value."wp:section"."wp:main" |
            .total, .valid // 0)] | join(" ")' "$1.json"
}

# prove FILE: what one prover finds at once, and then the rest with both.
prove() {
    # Names of functions have no blanks.
    # shellcheck disable=SC2046
    names=$(join $(wanted | sed -n "s/^$1 \([a-z][a-z0-9_]*\) .*/\1/p"))
    : >"$1.found"
    if [ -n "$names" ]; then
        analyse "$1" cvc4 "$first" -wp-fct "$names" >"$1.log" 2>&1 || return 1
        rows "$1" >"$1.rows"
        [ "$quick" = no ] || { mv "$1.rows" "$1.found" && return 0; }
        awk '$3 == $4' "$1.rows" >>"$1.found"
        # shellcheck disable=SC2046
        names=$(join $(awk '$3 != $4 { print $2 }' "$1.rows"))
    fi
    # What the second attempt says counts.
    : >"$1.log"
    if [ -n "$names" ]; then
        analyse "$1" cvc4,z3 "$seconds" -wp-fct "$names" >"$1.log" 2>&1 ||
            return 1
        rows "$1" >>"$1.found"
    fi
    wanted | grep -q "^$1 @lemma " || return 0
    analyse "$1" cvc4,z3 "$seconds" -wp-prop @lemma >>"$1.log" 2>&1 ||
        return 1
    rows "$1" >>"$1.found"
}

# Each line of goals.txt against what was found of it.
compare() {
    wanted | while read -r file name goals; do
        line=$(grep "^$file $name " found) || line="$file $name 0 0"
        total=$(echo "$line" | cut -d ' ' -f 3)
        proved=$(echo "$line" | cut -d ' ' -f 4)
        [ "$proved" = "$total" ] ||
            echo "$file: $name: $((total - proved)) of $total goals not proved"
        [ "$total" = "$goals" ] ||
            echo "$file: $name: $total goals, $goals in goals.txt"
    done
}

here=$(cd "$(dirname "$0")" && pwd)
ref=$here/..
conformance=$here/../../conformance
seconds=120
first=2
quick=no
count=no
functions=
while [ $# -gt 0 ]; do
    case $1 in
    --help) usage && exit 0 ;;
    --count) count=yes ;;
    --quick)
        quick=yes
        first=1
        ;;
    --ref | --seconds)
        [ $# -gt 1 ] || usage_error "$1 needs a value"
        case $1 in
        --ref) ref=$(cd "$2" && pwd) || usage_error "no directory '$2'" ;;
        --seconds) seconds=$2 ;;
        esac
        shift
        ;;
    -*) usage_error "no option '$1'" ;;
    *)
        grep -q "^[^#]* $1 " "$here/goals.txt" ||
            usage_error "no function '$1' in goals.txt"
        functions="$functions${functions:+|}$1"
        ;;
    esac
    shift
done
functions=${functions:-.*}
for tool in frama-c why3 z3 cvc4 jq; do
    command -v "$tool" >/dev/null 2>&1 || usage_error "$tool is missing"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
WHY3CONFIG=$work/why3.conf
export WHY3CONFIG
why3 config detect >why3.log 2>&1 || { cat why3.log >&2; exit 2; }
files=$(wanted | cut -d ' ' -f 1 | sort -u)
for file in $files; do
    prove "$file" || : >"$file.failed" &
done
wait
for file in $files; do
    cat "$file.found" >>found
done
[ "$count" = no ] || { cut -d ' ' -f 1-3 found | sort; exit 0; }
compare >differences
cat differences
sed -n 's/^\[wp\] \[.*\] Goal typed_\([^ ]*\).*/\1 &/p' ./*.log |
    grep -v ' : Valid' | sed 's/ .*//; s/^/not proved: /'
for file in $files; do
    [ ! -e "$file.failed" ] || cat "$file.log"
done
awk '{ total += $3; proved += $4 }
    END { printf "Proved goals: %d / %d\n", proved, total }' found
[ ! -s differences ]
