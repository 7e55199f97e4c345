#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The requirements of an edition are frozen once it is published: no case of
# them vanishes but into withdrawn.tsv, and none is added.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

LC_ALL=C
export LC_ALL
conform=$BUILD/bin/addcow-conform
cases=$here/../cases
tab=$(printf '\t')

# The editions, oldest first, and the one that is in force.
editions=$(for list in "$cases"/requirements-*.txt; do
    edition=${list##*requirements-}
    echo "${edition%.txt}"
done | sort -t . -k 1,1n -k 2,2n)
current=$("$conform" version | sed -n 's/.* \([0-9]*\.[0-9]*\)\.[0-9]*.*/\1/p')

# id, version, clause and reason of what was withdrawn; its ids.
sed 1d "$cases/withdrawn.tsv" >withdrawn
cut -f 1 withdrawn >gone
"$conform" list --level may | cut -f 1 | sort >now

# none FILE WORDS: nothing is in it.
none() {
    [ ! -s "$1" ] && return
    echo "$2:"
    cat "$1"
    return 1
}

sorted() {
    for edition in $editions; do
        sort -uc "$cases/requirements-$edition.txt" || return
    done
    sort -uc gone
}

# published EDITION SUM LENGTH: as cksum sees its list.
published() {
    cksum <"$cases/requirements-$1.txt" >sum
    echo "$2 $3" | cmp - sum
}

# Of two editions, one after the other: what left the list is withdrawn.
follows() {
    before=
    for edition in $editions; do
        list=$cases/requirements-$edition.txt
        awk -F "$tab" -v v="$edition" '$2 == v { print $1 }' withdrawn >left
        if [ "$before" ]; then
            comm -23 "$before" "$list" | comm -3 - left >odd
            none odd "between the lists and withdrawn.tsv of $edition" ||
                return
        else
            none left "withdrawn in the first edition" || return
        fi
        before=$list
    done
}

# A list names nothing that was withdrawn before, or in, its edition.
not_both() {
    for edition in $editions; do
        awk -F "$tab" -v v="$edition" '
            function order(s,    n) { split(s, n, "."); return n[1] * 1000 + n[2] }
            order($2) <= order(v) { print $1 }' withdrawn |
            comm -12 - "$cases/requirements-$edition.txt" >both
        none both "withdrawn, and required by $edition" || return
    done
}

# Four fields; a version, a clause and a reason.
form() {
    [ "$(head -n 1 "$cases/withdrawn.tsv")" = \
        "id${tab}version${tab}clause${tab}reason" ] || return
    awk -F "$tab" 'NF != 4 || $2 !~ /^[0-9]+\.[0-9]+$/ || length($4) < 10 ||
        length($1) > 127 || length($2) > 15 || length($3) > 15' \
        withdrawn >odd
    none odd 'no lines of withdrawn.tsv' || return
    cut -f 3 withdrawn | while read -r clause; do
        grep -q "^\[$clause\]" "$here/../../spec/add-cow.txt" && continue
        echo "withdrawn.tsv: no such clause: $clause"
    done >odd
    none odd 'clauses'
}

gone_is_gone() {
    comm -12 gone now >odd
    none odd 'withdrawn, and still a case'
}

each_is_a_case() {
    comm -23 "$cases/requirements-$current.txt" now >odd
    none odd "requirements of $current without a case" && [ -s now ]
}

each_case_is_in() {
    comm -13 "$cases/requirements-$current.txt" now >odd
    none odd "cases that $current does not require; until its release:
addcow-conform list --level may | cut -f 1 | sort"
}

check 'the lists are sorted, each id once' sorted
check 'the list of 1.0 is as it was published' published 1.0 760861313 45292
check 'what left a list is withdrawn' follows
check 'what is withdrawn is in no list' not_both
check 'what is withdrawn has version, clause and reason' form
check 'what is withdrawn is not a case' gone_is_gone
check 'each requirement is a case' each_is_a_case
check 'each case is a requirement' each_case_is_in
finish
