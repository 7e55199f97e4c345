#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What users of 1.0 have goes on working: a shim that was built then, its
# waivers, its reports.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

old=$here/../tests/compat-1.0
conform=$BUILD/bin/addcow-conform
cases='hdr/magic-byte-0 hdr/version-0 hdr/version-2 hdr/first-reserved-byte
    hdr/last-reserved-byte hdr/nul-at-the-end-of-each-field
    bmp/bit-of-cluster-0-covers chk/empty-file'

# run OPTION...: the shim of 1.0 shown to the cases of its report.
run() {
    # shellcheck disable=SC2086 # several cases
    "$conform" run --keep never --shim ./shim.so $cases "$@"
}

report() {
    "$conform" report "$@"
}

# by VERSION FILE: the report as an earlier version of the suite wrote it, which
# did not name the identity of the run.
by() {
    sed "s/\"version\": \"[0-9]*\.[0-9]*\.[0-9]*\"/\"version\": \"$1\"/
        /^  \"identity\": /,/^  \]/d" "$2"
}

selftest_run() {
    "$selftest" run --keep never --shim "$fakes/good.so" "$@"
}

header() {
    cksum <"$old/addcow_shim.h" >sum
    echo '205098565 15662' | cmp - sum
}

builds() {
    "${CC:-cc}" -std=c11 -Wall -Wextra -Werror -pedantic -shared -fPIC \
        -fvisibility=default -I "$old" -o shim.so "$old/shim.c"
}

# The verdict of each case, as in the report of then.
verdicts() {
    sed -n 's/^ *"id": "\(.*\)",$/\1/p;s/^ *"verdict": "\(.*\)",$/\1/p' "$1" |
        grep -E '^[a-z]+/|^[A-Z]+$'
}

shim_runs() {
    status 1 run --json now.json || return
    verdicts now.json >now
    verdicts "$old/run.json" >before
    [ "$(wc -l <before)" -eq 16 ] && cmp before now
}

waivers_hold() {
    status 0 run --waivers "$old/waivers.tsv" --write-waivers new &&
        says out 'XFAIL 6' && one_line err &&
        says err 'waivers.tsv:2: and 5 more: a signature of 1.0'
}

# With their reasons, and until then; what replaces them needs no note.
waivers_are_replaced() {
    cut -f 1,2,4,5 "$old/waivers.tsv" >kept
    cut -f 1,2,4,5 new | cmp - kept &&
        status 0 run --waivers new && says out 'XFAIL 6' && [ ! -s err ]
}

waivers_end() {
    sed 's/	2\.0	/	1.1	/' "$old/waivers.tsv" >ended
    status 4 run --waivers ended && says out 'it was waived until 1.1'
}

report_is_read() {
    status 1 report "$old/run.json" --json again.json --html page.html \
        --junit junit.xml --tap tap && says out 'suite   1.0.0' &&
        says out 'PASS 1  FAIL 4  CRASH 2' && says out 'HDR-8:39d616b1' &&
        says page.html '<dd>1.0.0</dd>' && says tap 'not ok 2' &&
        says junit.xml 'failures="6"' || return
    verdicts again.json >again
    verdicts "$old/run.json" | cmp - again
}

# The report stays one of 1.0, whoever hands it on.
report_is_handed_on() {
    says again.json '"version": "1.0.0"' &&
        says again.json '"signature": "HDR-8:39d616b1"' &&
        status 1 report again.json --json third.json && cmp again.json third.json
}

follows() {
    "$BUILD/tests/schema-check" "$here/../report/report-schema.json" \
        "$old/run.json" again.json now.json
}

beside() {
    status 0 report "$old/run.json" now.json --html both.html &&
        [ "$(grep -c '<dd>1.0.0</dd>' both.html)" -eq 1 ]
}

no_statement() {
    status 1 selftest_run ok/pass bad/fail --json all.json
    by 1.0.0 all.json | sed 's/"filtered": true/"filtered": false/' \
        >whole.json
    usage_error 'another version of the suite' "$selftest" report \
        --statement s whole.json && [ ! -e s ]
}

# Parts of one run, by two versions of the suite.
mixed() {
    for part in 1 2; do
        selftest_run --shard "$part/2" --json "part-$part.json" >out
    done
    by 1.0.0 part-1.json >old-1.json
    by 1.0.0 part-2.json >old-2.json
    by 1.0.1 part-2.json >odd-2.json
    status 3 "$selftest" report part-1.json part-2.json &&
        status 3 "$selftest" report old-1.json old-2.json &&
        usage_error 'is of another run than' \
            "$selftest" report old-1.json part-2.json &&
        usage_error 'is of another run than' \
            "$selftest" report old-1.json odd-2.json
}

later() {
    for version in 99.0.0 0.9.9; do
        by "$version" "$old/run.json" >other.json
        usage_error "another version" report other.json || return
    done
}

# A report of a case that was withdrawn since, first and amid others.
withdrawn() {
    status 1 selftest_run ok/pass bad/fail bad/seed --json all.json
    for id in ok/pass bad/fail bad/seed; do
        sed "s,\"id\": \"$id\",\"id\": \"bad/contradicted\"," all.json \
            >gone.json
        "$selftest" report gone.json --json again.json -v >out
        says out 'bad/contradicted' && says again.json bad/contradicted &&
            says out 'Verdicts of 3 cases' || return
    done
    sed 's,"id": "[a-z]*/[a-z]*","id": "bad/contradicted",' all.json >twice.json
    usage_error 'twice, or too late' "$selftest" report twice.json
}

check 'the header is the one of 1.0' header
check 'a shim of 1.0 builds' builds
check 'it runs, with the verdicts of then' shim_runs
check 'waivers of 1.0 hold, with a note' waivers_hold
check 'they are replaced' waivers_are_replaced
check 'they end when they said so' waivers_end
check 'a report of 1.0 is read' report_is_read
check 'it is handed on as it was' report_is_handed_on
check 'the schema goes on' follows
check 'runs of two versions side by side' beside
check 'no statement of a run of 1.0' no_statement
check 'parts by two versions are refused' mixed
check 'reports of other versions are refused' later
check 'a report of a case that was withdrawn' withdrawn
finish
