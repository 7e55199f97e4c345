#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What reports say, and that they are the same for any number of jobs.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

run() {
    "$selftest" run --shim "$fakes/good.so" "$@"
}

same_for_any_jobs() {
    for format in human tap; do
        run -v --repeat 3 --format "$format" --jobs 1 >one 2>&1
        run -v --repeat 3 --format "$format" --jobs 7 >seven 2>&1
        [ -s one ] && cmp one seven || return
    done
}

failure_in_full() {
    run bad/fail >out
    says out 'FAIL   bad/fail' && says out 'clause    ONE-2 MUST reader' &&
        says out 'departs from the original driver' &&
        says out 'The second MUST follow at once.' &&
        says out 'expected  backing content' &&
        says out 'got       zeros\x0aand a line more' &&
        says out 'during    read 512 bytes at 65536' &&
        says out '| the implementation prints \x1b[1m this' &&
        says out 'evidence  conform-out/bad/fail' &&
        [ -f conform-out/bad/fail/recording.txt ]
}

# The command that a report prints does what it says.
command_reproduces() {
    run bad/fail >out
    command=$(sed -n 's/^ *again *//p' out)
    eval "$command" >again
    [ $? -eq 1 ] && cmp out again
}

quoted_command() {
    mkdir -p "it's here"
    cp "$fakes/good.so" "it's here/a shim.so"
    "$selftest" run --shim "it's here/a shim.so" --timeout 3.5 \
        --profile reader bad/fail >out
    eval "$(sed -n 's/^ *again *//p' out)" >again
    [ $? -eq 1 ] && cmp out again
}

seed_is_named() {
    run --seed 41 --repeat 2 bad/seed >out
    says out 'seed 41' && says out '--seed 42 bad/seed' &&
        says out 'FAIL   bad/seed (repetition 2)' &&
        says out 'PASS 1  FAIL 1'
}

all_nine() {
    run 'ok/*' 'other/*' >out
    says out 'Verdicts of 11 cases' && says out \
        'PASS 7  FAIL 0  CRASH 0  HANG 0  UNIMPL 0  NA 4  XFAIL 0  XPASS 0'\
'  ERROR 0' && says out 'NA     capability 2, storage 2'
}

not_verified() {
    run --profile full >out
    says out 'MUST clauses not verified (failed):' &&
        says out ' ONE-1 ONE-2 TWO-1' &&
        says out 'MUST clauses not verified (no case ran):' &&
        says out ' TWO-3'
}

chapter_lines() {
    run 'ok/*' other/open-again >out
    grep -qx 'ONE  *2 of 2' out && grep -qx 'TWO  *0 of 1' out &&
        grep -qx 'all  *2 of 3' out
}

# What the options leave out is said, whichever they are.
not_in_this_run() {
    run ok/pass >out && says out "1 of 1 cases passed; 16 of 17 are not in this" ||
        return
    for option in --shard=1/17 --clause=TWO-1 --skip=bad/\* --level=must \
        --source=review; do
        run "$option" >out
        says out " of 17 are not in this run" || return
    done
    for option in --crash=full --profile=reader --seed=3; do
        run "$option" >out
        ! grep "not in this run" out || return
    done
    run --repeat 2 ok/pass >out && says out "; 32 of 34 are not in this run"
}

quiet() {
    status 1 run -q bad/fail ok/pass && [ "$(wc -l <out)" -eq 2 ]
}

no_color() {
    run bad/fail >out
    ! grep -q "$(printf '\033')" out
}

color() {
    run --color always bad/fail >out
    grep -q "$(printf '\033\\[31;1m')FAIL" out
}

no_progress() {
    run ok/pass >out 2>err
    [ ! -s err ]
}

on_terminal() {
    TERM=xterm script -qec "$selftest run --shim $fakes/good.so bad/fail" \
        typescript </dev/null >screen
    grep -q "$(printf '\033\\[31;1m')FAIL" screen && says screen '1 of 1 cases'
}

on_terminal_without_color() {
    NO_COLOR=1 TERM=xterm script -qec \
        "$selftest run --shim $fakes/good.so bad/fail" typescript \
        </dev/null >screen
    says screen FAIL && ! grep -q "$(printf '\033\\[3')" screen
}

tap() {
    run --format tap ok/pass bad/fail bad/should other/na-storage >out
    [ "$(head -n 1 out)" = 'TAP version 13' ] && says out 'ok 1 - ok/pass' &&
        says out 'not ok 2 - bad/fail' && says out 'clause: "ONE-2"' &&
        says out 'not ok 3 - bad/should # TODO SHOULD' &&
        says out 'ok 4 - other/na-storage # SKIP NA: storage' &&
        [ "$(tail -n 1 out)" = '1..4' ]
}

# Version 14 has another first line, and nothing else.
tap_14() {
    run --format tap ok/pass bad/fail other/na-storage >thirteen
    run --format tap --tap-version 14 --tap beside ok/pass bad/fail \
        other/na-storage >fourteen
    [ "$(head -n 1 fourteen)" = 'TAP version 14' ] && cmp fourteen beside &&
        sed 1s/14/13/ fourteen | cmp - thirteen
}

tap_beside() {
    run --tap beside ok/pass >out && says out Verdicts &&
        run --format tap ok/pass >out && cmp beside out
}

fail_fast() {
    run --fail-fast --jobs 4 ok/pass bad/fail bad/should ok/directory-1 \
        'other/*' >out
    says out 'Not run 6' && says out 'PASS 2  FAIL 1' &&
        ! grep -q bad/should out
}

last_failed() {
    run --level may >out
    run --level may --last-failed >out
    says out 'Verdicts of 5 cases' && says out 'FAIL 3' &&
        says out 'UNIMPL 1' && says out 'ERROR 1' || return
    run ok/pass >out && usage_error 'no failure' run --last-failed
}

keeps_nothing() {
    rm -rf conform-out
    run --keep never bad/may --level may >out
    ! grep -q evidence out && [ ! -e conform-out/bad ]
}

keeps_all() {
    rm -rf conform-out
    run --keep always --out kept ok/pass >out
    [ -f kept/ok/pass/recording.txt ] && [ ! -e conform-out ]
}

passing_leaves_nothing() {
    rm -rf conform-out
    run ok/pass >out && [ ! -e conform-out ]
}

unwritable() {
    [ -c /dev/full ] || return 0
    run --keep never ok/pass >/dev/full 2>err
    [ $? -eq 2 ] && one_line err
}

check 'the same bytes for any number of jobs' same_for_any_jobs
check 'a failure in full' failure_in_full
check 'the command reproduces it' command_reproduces
check 'whatever the path' quoted_command
check 'the seed of a repetition is named' seed_is_named
check 'all nine verdicts and the denominator' all_nine
check 'clauses that were not verified' not_verified
check 'what is not in a run' not_in_this_run
check 'a line for each chapter' chapter_lines
check 'quiet' quiet
check 'no color in a pipe' no_color
check 'color on demand' color
check 'no progress in a pipe' no_progress
if command -v script >log; then
    check 'color and progress on a terminal' on_terminal
    check 'NO_COLOR on a terminal' on_terminal_without_color
fi
check 'TAP' tap
check 'TAP 14' tap_14
check 'TAP beside the other' tap_beside
check 'stop at the first failure' fail_fast
check 'the last failures again' last_failed
check 'nothing is kept' keeps_nothing
check 'all is kept' keeps_all
check 'a good run leaves nothing' passing_leaves_nothing
check 'a report that cannot be written' unwritable
check 'nothing is left in the temporary directory' test -z "$(ls "$TMPDIR")"
finish
