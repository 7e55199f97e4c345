#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What implementations of nothing score: a percentage means little without
# them.  Each fails, and none has more MUST clauses verified than the bound.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

conform=$BUILD/bin/addcow-conform

# score SHIM: runs it; sets its cases passed and failed, its MUST clauses
# verified, and of how many.
score() {
    status 1 "$conform" run --keep never --shim "$fakes/$1.so" || return
    # shellcheck disable=SC2046
    set -- $(sed -n 's/^PASS \([0-9]*\)  FAIL \([0-9]*\) .*/\1 \2/p
        s/^all  *\([0-9]*\) of \([0-9]*\) .*/\1 \2/p' out)
    [ $# -eq 4 ] || return
    verified=$1 clauses=$2 passed=$3 wrong=$4
}

# fails SHIM BOUND: with a verdict on each case, and few clauses verified.
fails() {
    score "$1" && says out 'CRASH 0  HANG 0  UNIMPL 0' &&
        says out 'ERROR 0' && [ "$wrong" -gt "$passed" ] &&
        [ "$verified" -gt 0 ] && [ "$verified" -le "$2" ] && return
    tail -n 8 out
    return 1
}

row() {
    printf '# %-14s %6s %6s   %s of %s\n' "$@"
}

printf '# %-14s passed failed   MUST clauses verified\n' ''
while read -r shim bound; do
    check "$shim fails, $bound MUST clauses verified at most" \
        fails "$shim" "$bound"
    row "$shim" "${passed:-?}" "${wrong:-?}" "${verified:-?}" "${clauses:-?}"
done <<'END'
null-refuse 16
null-zeros 8
null-backing 22
null-image 20
END
finish
