#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The cases on reading, writing, flushing and on requests in flight together
# pass on an implementation whose requests really run at the same time, and
# catch each of its four ways to be broken.

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

check 'nothing is wrong with the good one' good
check 'the table as it is now, not as it was' caught live-table \
    concurrent/write-during-the-image-flush
check 'two flushes with a copy each' caught stale-bits \
    concurrent/bits-of-two-flushes
check 'two copies of one cluster' caught lost-copy \
    concurrent/writes-to-one-cluster-during-its-copy
check 'allocated before its data is there' caught early-mark \
    concurrent/read-during-a-write
check 'power cut: the table as it is now' caught live-table \
    dur/acknowledged-while-a-flush-runs
check 'power cut: two flushes with a copy each' caught stale-bits \
    dur/two-flushes-in-flight
check 'power cut: the same under writethrough' caught stale-bits \
    dur/in-flight-under-writethrough
check 'power cut: allocated before its data is there' caught early-mark \
    dur/in-flight-on-one-byte
finish
