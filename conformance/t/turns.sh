#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Requests that are in flight together are made in the same order in each run:
# the reports and the recordings of the host's calls are the same, byte for
# byte, of an implementation with one lock for all, of one whose requests
# really run at the same time, and of two that fail.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

# record DIRECTORY JOBS OPTION...: what a run says and keeps.
record() {
    mkdir "$1"
    (
        cd "$1" || exit
        jobs=$2
        shift 2
        "$BUILD/bin/addcow-conform" run --keep always --out kept \
            --json run.json --jobs "$jobs" "$@" 'concurrent/*-bits' \
            'dur/in-flight-*' >human 2>&1
    )
}

# same_each_time STATUS OPTION...: four runs end with it, and keep the same.
same_each_time() {
    ending=$1
    shift
    rm -rf first next
    status "$ending" record first 1 "$@" &&
        status 0 test -s first/kept/dur/in-flight-on-one-byte/recording.txt ||
        return
    for jobs in 1 2 4; do
        status "$ending" record next "$jobs" "$@" &&
            status 0 diff -r first next || return
        rm -r next
    done
}

threaded=$fakes/threaded.so
check 'one lock for all' same_each_time 0 --shim "$BUILD/shims/ref.so"
check 'requests at the same time' same_each_time 0 --shim "$threaded"
check 'one that copies a cluster twice' same_each_time 1 \
    --shim "$threaded" --shim-opt break=lost-copy
check 'one that marks too early' same_each_time 1 \
    --shim "$threaded" --shim-opt break=early-mark
finish
