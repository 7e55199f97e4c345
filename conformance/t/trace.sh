#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What explain says of each kind of thing, and that the table of trace is the
# one that is kept.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

conform=$BUILD/bin/addcow-conform
root=$here/../..

explains() {
    id=$1
    shift
    status 0 "$conform" explain "$id" || return
    for text in "$@"; do
        says out "$text" || return
    done
}

unknown() {
    for id in HDR-0 hdr/none none-1 id '' conformance/report/report.css; do
        usage_error 'no clause, case' "$conform" explain "$id" || return
    done
}

# Every mutant and every vector there is.
explains_all() {
    for patch in "$root"/conformance/mutants/*.patch; do
        status 0 "$conform" explain "$patch" || return
    done
    sed 1d "$root/corpus/MANIFEST.tsv" | cut -f 1 >ids
    [ -s ids ] && while read -r id; do
        status 0 "$conform" explain "$id" || return
    done <ids
}

seven_columns() {
    status 0 "$conform" trace --tree "$root" &&
        awk -F '\t' 'NF != 7 { exit 1 }' out &&
        [ "$(wc -l <out)" -gt 100 ]
}

# A MUST clause has a place in the reference and a case, or untested.txt says
# why not.
no_gaps() {
    "$conform" trace --tree "$root" | awk -F '\t' '$2 == "MUST" &&
        ($3 == "-" || ($4 == "-" && $5 == "-")) { print $1 }' >gaps
    while read -r id; do
        grep -q "\\[\\{0,1\\}$id\\>" "$root/spec/untested.txt" || {
            echo "$id stands nowhere"
            return 1
        }
    done <gaps
}

# words ID: of the clause, in one line.
words() {
    "$conform" explain "$1" | awk 'NR > 1 && !/^    / { exit } NR > 1' | tr -s ' \n' '  '
}

# A refusal that a clause wants is shown.  What is refused or forbidden has no
# positive case of its own: that the rest works is another clause.  Whether
# the case of LIM-2 is refused is for the implementation to say.
both_kinds() {
    status 0 "$conform" trace --tree "$root" || return
    awk -F '\t' '$2 == "MUST" && $4 == "-" && $5 != "-" { print $1 }' out \
        >negative
    awk -F '\t' '$2 == "MUST" && $5 == "-" && $4 != "-" { print $1 }' out \
        >positive
    [ -s negative ] && [ -s positive ] || return
    while read -r id; do
        words "$id" | grep -Eq 'refus|fail|error|class|MUST NOT|answer VERSION' ||
            { echo "$id lacks a positive case" && return 1; }
    done <negative
    while read -r id; do
        [ "$id" = LIM-2 ] ||
            ! words "$id" | grep -Eq 'MUST (refuse|fail|(return|report) an err)' ||
            { echo "$id lacks a negative case" && return 1; }
    done <positive
}

snapshot() {
    status 0 "$conform" trace --check --tree "$root" && [ ! -s out ]
}

# A tree with this table as its snapshot.
tree_with() {
    rm -rf tree
    mkdir -p tree/conformance/cases tree/ref && cp "$root"/ref/*.c tree/ref &&
        cp table tree/conformance/cases/trace.tsv
}

snapshot_bites() {
    "$conform" trace --tree "$root" >whole
    # The dollar is sed's.
    # shellcheck disable=SC2016
    for edit in '5s/HDR/HDX/' '$d' '3d' '$a more'; do
        sed "$edit" whole >table
        tree_with && status 1 "$conform" trace --check --tree tree &&
            one_line err || return
    done
    cp whole table
    tree_with && status 0 "$conform" trace --check --tree tree &&
        rm tree/ref/hdr.c && status 1 "$conform" trace --check --tree tree
}

no_tree() {
    usage_error 'no sources' "$conform" trace --tree tmp &&
        usage_error 'takes no operand' "$conform" trace HDR-1
}

check 'a clause' explains HDR-3 'version field is not 1' 'case hdr/version-0' \
    'vector hdr-version-0' 'mutant HDR-3-version-0-accepted' '--clause HDR-3'
check 'a clause: why' explains TRM-12 'Question: is a crash'
check 'a case' explains hdr/version-0 'Version 0 is refused' HDR-3 \
    'again: addcow-conform run --shim FILE hdr/version-0'
check 'a vector' explains hdr-version-0 'result        invalid' VERSION \
    'corpus/recipes/hdr-version-0.recipe'
check 'a mutant' explains HDR-3-version-0-accepted '| -    if' HDR-3 \
    'judge.sh HDR-3-version-0-accepted'
check 'a mutant by its file' explains \
    conformance/mutants/HDR-3-version-0-accepted.patch 'what it changes'
check 'what is none of them' unknown
check 'all vectors and mutants' explains_all
check 'a table of seven columns' seven_columns
check 'no gaps' no_gaps
check 'cases of the kind that a clause wants' both_kinds
check 'it is the one that is kept' snapshot
check 'another one is seen' snapshot_bites
check 'no project there' no_tree
finish
