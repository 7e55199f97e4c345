#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Which cases the filters select; what list, explain, version print; and the
# one rule for titles.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

conform=$BUILD/bin/addcow-conform

# ids FILTER...: what is selected, in one line.
ids() {
    "$selftest" list "$@" | cut -f 1 | tr '\n' ' '
}

# selects WANT FILTER...
selects() {
    want=$1
    shift
    got=$(ids "$@")
    [ "$got" = "$want " ] || { echo "got '$got', not '$want '"; false; }
}

format() {
    status 0 "$selftest" list bad/fail || return
    printf 'bad/fail\tMUST\ttext\tONE-1 ONE-2\tfails\n' | cmp - out &&
        [ ! -s err ]
}

five_fields() {
    status 0 "$selftest" list --level may &&
        awk -F '\t' 'NF != 5 { exit 1 }' out
}

# A title is a sentence: a capital or a number begins it, no stop ends it.
titles() {
    "$conform" list --level may | cut -f 1,5 >titles
    grep -v '	[A-Z0-9].*[^.]$' titles >wrong
    [ ! -s wrong ] && [ -s titles ] && return
    echo 'titles that are no sentences:'
    cat wrong
    return 1
}

explain_clause() {
    status 0 "$selftest" explain TWO-1 ONE-2 &&
        says out 'A writer MUST write.' &&
        says out 'departs from the original driver' &&
        says out 'case ok/write: needs WRITE' &&
        says out 'The second MUST follow at once. And go on'
}

explain_case() {
    status 0 "$selftest" explain bad/fail && says out 'backslashes \ too.' &&
        says out ONE-2
}

explain_withdrawn() {
    status 0 "$selftest" explain bad/contradicted &&
        says out 'bad/contradicted: a case that was withdrawn in 1.1' &&
        says out 'ONE-2  MUST reader' &&
        says out 'reason: the clause allows what it refused'
}

version() {
    status 0 "$selftest" version &&
        says out ', shim ABI 1, 8 clauses, 18 cases'
}

check 'a case is a line of five fields' format
check 'all are' five_fields
check 'a title is a sentence without a full stop' titles
check 'a star crosses the slash' selects 'bad/may' --level may '*m*y'
check 'patterns add up' selects 'ok/pass bad/fail' ok/pass --run bad/fail
check '--skip takes away' selects 'ok/write ok/host' 'ok/*' \
    --skip 'ok/directory*' --skip ok/pass --skip ok/choice
check '--clause by any clause of a case' selects \
    'bad/fail other/open-again' --clause ONE-2
check '--clause with several' selects 'ok/write bad/should' \
    --clause TWO-1,ONE-3
check '--source by the first clause' selects 'bad/should' --source review
check '--source with several' selects 'ok/write bad/should' \
    --source review,driver
check '--level must: also choices' selects 'ok/choice bad/fail' \
    --level must ok/choice bad/fail bad/should bad/may
check 'the default level' selects 'ok/choice bad/fail bad/should' \
    ok/choice bad/fail bad/should bad/may
check '--level may' selects 'bad/should bad/may' \
    --level may bad/should bad/may
check '--profile reader' selects 'ok/pass ok/host' --profile reader \
    ok/pass ok/host ok/write
check '--profile writer' selects 'ok/pass ok/write' --profile writer \
    ok/pass ok/write
check 'explain a clause' explain_clause
check 'explain a case' explain_case
check 'explain a case that was withdrawn' explain_withdrawn
check 'version' version
finish
