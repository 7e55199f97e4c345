#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Failures that are known, and statements, which have none.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

run() {
    "$selftest" run --shim "$fakes/good.so" --keep never "$@"
}

# waive LINE...: a file of waivers; blanks between the first four fields.
waive() {
    for line in "$@"; do
        echo "$line" | sed 's/ /\t/;s/ /\t/;s/ /\t/;s/ /\t/'
    done >waivers
}

signature_of() {
    run "$1" | sed -n 's/^ *signature *//p'
}

waived() {
    waive "bad/fail FAIL $known 99.0 a known fault"
    status 0 run --waivers waivers ok/pass bad/fail --tap tap &&
        says out 'XFAIL 1' && says tap '# TODO waived until 99.0: a known' ||
        return
    status 1 run --waivers waivers ok/pass bad/fail bad/unimplemented
}

passes() {
    waive "ok/pass FAIL $known 99.0 a known fault"
    status 4 run --waivers waivers ok/pass ok/choice && says out 'XPASS 1' &&
        says out 'it passes' && says out 'waivers are stale'
}

# other_failure SIGNATURE
other_failure() {
    waive "bad/fail FAIL $1 99.0 a known fault"
    status 4 run --waivers waivers ok/pass bad/fail &&
        says out "another failure is waived: $1" && says out "$known"
}

# What is waived is the clause, the check and the kind of what was seen: the
# number that is got differs from seed to seed.
other_words() {
    waive 'bad/seed FAIL -/number/more 99.0 a known fault'
    for seed in 2 1004; do
        status 0 run --waivers waivers ok/pass bad/seed --seed "$seed" &&
            says out 'XFAIL 1' || return
    done
}

of_1_0() {
    waive "bad/fail FAIL ONE-1:0badcafe 99.0 a known fault" \
        "bad/should FAIL ONE-2:deadbeef 99.0 a known fault"
    status 0 run --waivers waivers ok/pass bad/fail bad/should \
        --write-waivers new && one_line err &&
        says err 'waivers:1: and 1 more: a signature of 1.0' &&
        says out 'XFAIL 2' && ! grep -q 'ONE-2:' new &&
        status 0 run --waivers new ok/pass bad/fail bad/should &&
        says out 'XFAIL 2' && [ ! -s err ]
}

other_verdict() {
    waive "bad/fail CRASH $known 99.0 a known fault"
    status 4 run --waivers waivers ok/pass bad/fail &&
        says out 'waived for CRASH, not FAIL'
}

over() {
    waive "bad/fail FAIL $known 0.9 a known fault"
    status 4 run --waivers waivers ok/pass bad/fail &&
        says out 'waived until 0.9'
}

errors_are_not_waived() {
    waive "bad/error FAIL $known 99.0 a known fault"
    status 3 run --waivers waivers ok/pass bad/error
}

not_run() {
    waive "bad/fail FAIL $known 99.0 a known fault"
    status 0 run --waivers waivers ok/pass
}

withdrawn() {
    waive "bad/contradicted FAIL $known 99.0 a known fault" \
        "bad/fail FAIL $known 99.0 a known fault"
    status 0 run --waivers waivers ok/pass bad/fail && one_line err &&
        says err 'waivers:1: case bad/contradicted was withdrawn in 1.1' &&
        says out 'XFAIL 1'
}

# written and read again, with a reason by hand.
written() {
    status 1 run ok/pass bad/fail bad/unimplemented --write-waivers new &&
        usage_error 'new:2: say why' run --waivers new &&
        sed -i '/^[^#]/s/$/because/' new &&
        status 0 run ok/pass bad/fail bad/unimplemented --waivers new \
            --write-waivers newer && says out 'XFAIL 2' && cmp new newer
}

# As other systems and other times write.
odd_file() {
    printf 'bad/fail\tFAIL\t%s\t99.0\tbekannt f\374r uns\r\n' "$known" \
        >waivers &&
        status 0 run --waivers waivers ok/pass bad/fail --tap tap &&
        grep -q ' f\\xfcr uns$' tap
}

# refused TEXT LINE...
refused() {
    text=$1
    shift
    waive "$@"
    usage_error "waivers:$text" run --waivers waivers
}

bad_signatures() {
    for signature in abc ONE-2:abc ONE-2:0123456g ONE-2/bytes ONE-2/ \
        /bytes/zeros ONE-2//zeros ONE-2/bytes/ ONE-2/bytes/a/b; do
        refused "1: this is no signature" \
            "bad/fail FAIL $signature 99.0 x" || return
    done
}

# long_line BYTES: a comment, and after it a newline.
long_line() {
    awk -v n="$1" 'BEGIN { printf "#%*s\n", n - 1, "" }'
}

# As long as a line may be.
longest_line() {
    long_line 65535 >waivers &&
        status 0 run --waivers waivers ok/pass
}

bad_file() {
    refused '1: no such case' "bad/no FAIL $known 99.0 x" &&
        refused '1: no such case' "bad/* FAIL $known 99.0 x" &&
        refused '1: the verdict' "bad/fail PASS $known 99.0 x" &&
        bad_signatures &&
        refused "1: 'until'" "bad/fail FAIL $known 2026-12-31 x" &&
        refused '1: say why' "bad/fail FAIL $known 99.0 " &&
        refused '2: not five' '# comment' "bad/fail FAIL" &&
        refused '2: this case' "bad/fail FAIL $known 99.0 x" \
            "bad/fail FAIL $known 99.0 x" &&
        printf 'bad/fail\tFAIL\t%s\t99.0\twhy\0 x\n' "$known" >waivers &&
        usage_error 'waivers:1: there is a NUL' run --waivers waivers &&
        long_line 65536 >waivers &&
        usage_error 'waivers:1: it is longer' run --waivers waivers &&
        usage_error 'No such file' run --waivers none
}

statement() {
    status 3 run --profile full --statement s && says s 'UNKNOWN: the suite' &&
        says s 'power cuts      named' && grep -q 'TWO-3 *MUST *no case' s &&
        grep -q 'ONE-1 *MUST *failed' s
}

all_na() {
    status 3 "$selftest" run --shim "$fakes/good.so" --keep never \
        --profile reader --statement s &&
        ! grep -q TWO-1 s && status 3 run --statement s &&
        ! grep -q TWO-1 s
}

no_statement() {
    rm -f s
    usage_error 'some cases only' run --statement s ok/pass &&
        usage_error 'stop at the first' run --fail-fast --statement s &&
        usage_error 'shards' run --shard 1/2 --statement s &&
        usage_error 'left out' run --level must --statement s &&
        waive "bad/fail FAIL $known 99.0 x" &&
        usage_error waivers run --waivers waivers --statement s &&
        [ ! -e s ] || return
    run --json part.json ok/pass >out
    usage_error 'some cases only' "$selftest" report --statement s part.json &&
        [ ! -e s ]
}

known=$(signature_of bad/fail)
check 'a failure has a signature' test "$known" = ONE-2/bytes/zeros
check 'a waived failure is no failure' waived
check 'a waived case that passes is stale' passes
check 'of another clause' other_failure ONE-1/bytes/zeros
check 'of another check' other_failure ONE-2/guest/zeros
check 'of something else seen' other_failure ONE-2/bytes/other
check 'of another clause, by 1.0' other_failure TWO-1:00000000
check 'the same failure in other words' other_words
check 'signatures of 1.0 hold, and are replaced' of_1_0
check 'another verdict is stale' other_verdict
check 'a waiver whose version has come is stale' over
check 'an ERROR is not waived' errors_are_not_waived
check 'a waiver of a case that did not run' not_run
check 'a waiver of a case that was withdrawn is only noted' withdrawn
check 'waivers are written, reasons are not' written
check 'a bad file' bad_file
check 'the longest line' longest_line
check 'lines and letters of other systems' odd_file
check 'a statement' statement
check 'a statement names the clauses that apply' all_na
check 'no statement of less than a whole run' no_statement
finish
