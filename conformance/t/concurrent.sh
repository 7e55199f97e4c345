#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The cases on reading, writing, flushing and on requests in flight together
# pass on an implementation whose requests really run at the same time, and
# catch each of its ways to be broken. Each case of power cuts with requests in
# flight has a broken one of its own.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

run() {
    "$BUILD/bin/addcow-conform" run --keep never --shim "$fakes/threaded.so" \
        "$@"
}

good() {
    status 0 run 'rd/*' 'wr/*' 'fls/*' 'concurrent/*' 'random/*' \
        'dur/*'
}

# caught HOW CASE: CASE fails.
caught() {
    status 1 run --shim-opt "break=$1" "$2"
}

# By which case of power cuts each is shown, and which clause it breaks.
cat >in_flight <<'EOF'
early-mark dur/in-flight-on-one-byte DUR-11
lost-copy dur/in-flight-on-one-cluster DUR-9
live-table dur/acknowledged-while-a-flush-runs DUR-11
live-bytes dur/arrives-while-bits-are-written DUR-11
late-clean dur/arrives-while-bits-are-flushed DUR-9
stale-bits dur/two-flushes-in-flight DUR-9
joined dur/in-flight-under-writethrough DUR-9
EOF

# in_flight_cases: those that need requests in flight.
in_flight_cases() {
    sed -n 's/.*{"\(dur\/[^"]*\)".*/\1/p' "$here/../cases/dur_flight.c"
}

# all_in_flight: each has one row, with a way of its own.
all_in_flight() {
    in_flight_cases | sort >want
    cut -d " " -f 2 in_flight | sort >have
    status 0 diff want have && [ -s want ] &&
        [ -z "$(cut -d " " -f 1 in_flight | sort | uniq -d)" ]
}

# caught_by_cut HOW CASE CLAUSE: CASE fails, of CLAUSE.
caught_by_cut() {
    caught "$1" "$2" && says out "clause    $3"
}

check 'nothing is wrong with the good one' good
check 'the table as it is now, not as it was' caught live-table \
    concurrent/write-during-the-image-flush
check 'two flushes with a copy each' caught stale-bits \
    concurrent/bits-of-two-flushes
check 'two copies of one cluster' caught lost-copy \
    concurrent/writes-to-one-cluster-during-its-copy
check 'allocated before its data is there' caught early-mark \
    concurrent/read-during-a-write
check 'power cut: each case has a broken one of its own' all_in_flight
while read -r how case clause; do
    check "power cut: $how, shown by $case" \
        caught_by_cut "$how" "$case" "$clause"
done <in_flight
finish
