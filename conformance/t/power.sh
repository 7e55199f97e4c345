#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Power cuts in the runner: which workloads are run, what is said of how their
# states were decided, witnesses and what they lead to, and what comes after a
# crash of the implementation.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

toys=$fakes/power.so
addcow=$BUILD/bin/addcow
stale='toy=bits written back from a stale copy'

run() {
    "$BUILD/bin/addcow-conform" run --shim "$toys" --seed 1 "$@"
}

none() {
    status 5 run --keep never --crash none 'dur/*' &&
        grep -q ', crash [1-9]' out && says out 'PASS 0' &&
        says out 'nothing was verified'
}

named() {
    status 0 run --keep never 'dur/*' &&
        grep -q '^Power  [1-9][0-9]* workloads' out &&
        ! grep -q sampled out
}

# 16 + 16^2 + 16^3 in each of two modes, and no other.
bounded() {
    status 0 run --keep never --crash bounded 'dur/bounded-*' &&
        says out "Power  $((2 * (16 + 16 * 16 + 16 * 16 * 16))) workloads"
}

same_bytes() {
    status 0 run --keep never -v --jobs 1 'dur/*' && mv out one &&
        status 0 run --keep never -v --jobs 4 'dur/*' && cmp one out
}

# witness: that of the last failure.
witness() {
    sed -n 's/^ *witness *//p' out | head -n 1
}

red() {
    status 1 run --out kept --shim-opt "$stale" dur/one-byte &&
        says out 'clause    DUR-' && says out 'Workload: ' &&
        says out 'survived' && says out "replay 'dur/one-byte#0@" &&
        [ -n "$(witness)" ] && [ -s kept/dur/one-byte/test.add-cow ]
}

replayed() {
    status 1 run --keep never --shim-opt "$stale" --replay "$(witness)" &&
        says out 'FAIL   dur/one-byte' && says out 'Workload: ' &&
        states_nothing_else
}

# states_nothing_else: of clauses and of the numbers of points.
states_nothing_else() {
    says out 'one state alone' &&
        ! grep -e 'not verified' -e '^Clauses' -e '^Verdicts' \
            -e 'points' out
}

# What is wrong with one implementation need not be with another.
replayed_right() {
    status 1 run --keep never --shim-opt "$stale" dur/one-byte &&
        w=$(witness) &&
        status 0 run --out again --keep always --replay "$w" &&
        says out 'as it may be' && states_nothing_else &&
        [ -s again/dur/one-byte/test.add-cow ]
}

# no_witness WITNESS: it names nothing that there is.
no_witness() {
    status 2 run --keep never --replay "dur/$1" &&
        says out 'no state of this case'
}

# sums: in the file report each point was decided in one way.
sums() {
    awk -F "[:, ]+" '
        /"points": / { left = $3 }
        /"(brute|tokens|lazy|sampled)": / { left -= $3 }
        /"sampled": / { bad += left != 0; cases++ }
        END { exit bad || cases < 40 }' report
}

# told: for each case, in words, as JSON and on the page.
told() {
    status 0 "$BUILD/bin/addcow-conform" run --keep never -v --json report \
        --html page --shim "$BUILD/shims/ref.so" 'dur/*' &&
        cases=$(grep -c '^PASS  *dur/' out) &&
        [ "$(grep -c '^ *decided ' out)" -eq "$cases" ] &&
        [ "$(grep -cE '^   "(power|decided)": ' report)" -eq "$cases" ] &&
        [ "$(grep -c '^<br><small>' page)" -eq "$cases" ] && sums
}

# told_whole: what a request made again fails on is shrunk like any other
# state, and the witness names all of it.
told_whole() {
    status 1 run --keep never --shim-opt \
        'toy=data that is there already is not allocated' \
        dur/writes-made-again && w=$(witness) &&
        status 0 test "$w" = 'dur/writes-made-again#0@2:i0.1' &&
        status 1 run --keep never --shim-opt \
            'toy=data that is there already is not allocated' --replay "$w" &&
        status 0 test "$(witness)" = "$w"
}

# kept_are_images: the command of the reference can look at what is kept.
kept_are_images() {
    status 1 run --out kept --shim-opt "$stale" dur/one-byte &&
        status 0 "$addcow" check kept/dur/one-byte/test.add-cow &&
        says out '0 errors' &&
        status 1 run --out kept --shim-opt 'toy=a header before its bitmap' \
            dur/create-cut-with-a-longer-bitmap &&
        status 3 "$addcow" check \
            kept/dur/create-cut-with-a-longer-bitmap/test.add-cow &&
        says out 'HDR-9'
}

# shrunk: of forty operations a few are told, and these alone replay.
shrunk() {
    status 1 run --keep never --crash full --shim-opt "$stale" \
        dur/random-writeback && grep -q 'random-writeback#0/[0-9.]*@' out ||
        return
    w=$(witness)
    kept=${w#*/} kept=${kept#*/} kept=${kept%@*}
    [ "$(echo "$kept" | tr . '\n' | wc -l)" -le 4 ] &&
        sed -n '/^ *got /,/^ *witness /p' out >told &&
        status 1 run --keep never --shim-opt "$stale" --crash full \
            --replay "$w" &&
        sed -n '/^ *got /,/^ *witness /p' out >retold && cmp told retold
}

# The third of 273 workloads crashes, and so does each process after it.
goes_on() {
    status 1 run --keep never --crash bounded --shim-opt crash=30 \
        dur/bounded-writeback-04 && says out 'CRASH' &&
        says out 'SIGABRT' && grep -q '^Power  2[0-9][0-9] workloads' out
}

check '--crash none: no verdict of a case that cuts the power' none
check '--crash named is the default' named
check '--crash bounded: as many workloads as the formula says' bounded
check 'the same bytes, however many jobs' same_bytes
check 'a failure has a witness, in words and as files' red
check 'a witness replays' replayed
check 'a witness on a right implementation' replayed_right
while read -r w; do
    check "a witness of no state: $w" no_witness "$w"
done <<'EOF'
one-byte#
one-byte#0@nonsense
one-byte#0@1:a5.99
one-byte#0@1:i18446744073709551615.1
one-byte#0@1:i769.1,i769.1
one-byte#0@1:as7
one-byte#0@1:-~99:-
one-byte#0@9999:-
one-byte#1@1:-
any-call-fails-overwrites#99999@1:-
one-byte#0/0@1:-
random-writeback#0/3.3@1:-
random-writeback#0/40@1:-
EOF
check 'a witness of a case without power cuts' status 2 run --keep never \
    --replay 'hdr/good-header-opens#0@1:-'
check 'what fails when it is done again is shrunk' told_whole
check 'addcow check can look at what is kept' kept_are_images
check 'a long workload is told by a few operations' shrunk
check 'each report says how the states of each case were decided' told
check 'after a crash a batch goes on' goes_on
finish
