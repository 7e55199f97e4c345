#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Mistakes that authors of shims make: each ends in words that name it and
# say where to read.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

conform=$BUILD/bin/addcow-conform

# Words of a report may be broken between lines.
flat() {
    tr -s ' \n' '  ' <out >flat
}

# told WHAT WHERE SHIM CASE: a failure whose report says WHAT and WHERE.
told() {
    own "$3" && status 1 "$conform" run --keep never --timeout 2 \
        --shim "$work/$3.so" "$4" && flat && says flat "$1" &&
        says flat "$2" && says flat addcow_shim &&
        nothing_left "$3"
}

# refused TEXT SHIM: in one line that leads to the header.
refused() {
    own "$2" && usage_error "$1" "$conform" run --keep never --timeout 1 \
        --shim "$work/$2.so" && says err 'see addcow_shim.h' &&
        nothing_left "$2"
}

# The template itself makes none of them.
right() {
    status 0 "$conform" run --keep never --shim "$BUILD/shims/template.so" &&
        ! grep -q ' hint ' out
}

kept_in_json() {
    status 1 "$conform" run --keep never --json a.json \
        --shim "$fakes/mistake-sectors.so" hdr/good-header-opens
    says a.json '"hint": "sizes, lengths and offsets are in bytes'
}

check 'no mistake' right
check 'no symbol' refused 'exports no addcow_shim_get' no-symbol
check 'no table' refused 'null pointer' mistake-no-table
check 'another ABI' refused 'ABI 2' abi-2
check 'a size in nothing known' refused '4 bytes' tiny
check 'a size of nonsense' refused 'a size of' mistake-millions
check 'a member that is null' refused 'member read' no-read
check 'no name' refused 'its name' no-name
check 'a claim without a member' refused 'claims WRITE' claims
check 'a choice that is not offered' refused 'IMPL-1=z' mistake-no-choice
check 'a crash while loading' refused SEGV loads-crash
check 'a hang while loading' refused 'does not come to an end' loads-hang
check 'a capability that is not kept' told 'a capability that is claimed' \
    '"Capabilities"' mistake-not-kept map/each-cluster
check 'another choice than declared' told 'does not do what its shim' \
    'struct addcow_choice' mistake-wrong-choice \
    impl/when-the-backing-file-is-opened
check 'a size in sectors' told 'in bytes, never in sectors' \
    'law of arguments' mistake-sectors hdr/good-header-opens
check 'swapped arguments' told 'the arguments are out, len, offset' \
    'law of arguments' mistake-swapped hdr/good-header-opens
check 'a positive errno' told 'neither a count of bytes nor errno' \
    '"Results"' positive hdr/good-header-opens
check 'a negative errno' told 'translate errno' '"Results"' \
    minus-errno hdr/good-header-opens
check 'minus one' told 'translate errno' '"Results"' \
    mistake-minus-one hdr/magic-byte-0
check 'a count of bytes' told 'neither a count of bytes' '"Results"' \
    mistake-length rd/one-sector
check 'a short read as success' told '0 means all LEN bytes' \
    'law of arguments' mistake-short hdr/good-header-opens
check 'a read that is cut at the end' told 'refused whole, not cut' \
    'read in struct' mistake-clipped siz/image-file-of-512-bytes
check 'a file left open' told 'closed before the call returns' \
    'struct addcow_host' mistake-leak rd/one-sector
check 'files opened without the host' told 'opened by the host' '"HOST"' \
    mistake-own-files hdr/good-header-opens
check 'one class for all' told 'claims CLASSES' '"CLASSES"' \
    mistake-no-class hdr/version-0
check 'one image in a variable' told 'share nothing' 'open in struct' \
    mistake-one-image lim/eight-images
check 'a crash' told 'does not end the process' '"The life of a run"' \
    crash hdr/good-header-opens
check 'a hang' told 'each call returns' '"Concurrency"' \
    hangs hdr/good-header-opens
check 'a double free in close' told 'gives everything back, once' \
    'close in struct' mistake-double-free rd/one-sector
check 'a write past the buffer' told 'LEN bytes at OUT, none past' 'read in struct' \
    mistake-whole-sectors 'rd/511-bytes'
check 'the hint is in JSON' kept_in_json
finish
