#!/bin/sh
# SPDX-License-Identifier: MIT
#
# An implementation that was written from the specification alone, and that
# goes another way wherever it may, fails no MUST.  What it fails of SHOULD is
# the price of a bitmap in memory whole; it is named here, and no other.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

conform=$BUILD/bin/addcow-conform

cat >price <<'END'
lim/memory-to-open-8-tib
lim/opening-8-tib-reads-little
lim/opening-a-bitmap-over-1-mib-reads-little
END

passes() {
    shim=$1
    shift
    status 0 "$conform" run --keep never --shim "$fakes/$shim.so" "$@" &&
        cp out "report-$shim"
}

# Each verdict but PASS and NA is a FAIL that does not count.
pays_the_price_alone() {
    grep -E '^(FAIL|CRASH|HANG|UNIMPL|XFAIL|XPASS|ERROR)  ' "report-$1" |
        grep -Ev '\((SHOULD|later than the requirements): does not count\)$' &&
        return 1
    sed -n 's/^FAIL *\([^ ]*\) .*/\1/p' "report-$1" >failed
    LC_ALL=C sort failed | cmp - price
}

# Requests in flight together, which it does not claim, are all that it was
# not asked for.
verifies_the_rest() {
    ! grep 'not verified (failed)' "report-$1" || return 1
    sed -n '/no storage that shows it/,/^$/p' "report-$1" |
        grep -o '[A-Z]*-[0-9]*' >rest
    [ "$(cat rest)" = WR-23 ] && return
    cat rest
    return 1
}

behaves_as_declared() {
    status 0 "$conform" run --keep never --level may \
        --shim "$fakes/stranger.so" 'impl/*' && says out 'FAIL 0'
}

check 'the stranger passes' passes stranger
check 'it fails what it must pay for' pays_the_price_alone stranger
check 'it has each MUST verified but for concurrency' \
    verifies_the_rest stranger
check 'it passes without a declaration' passes stranger-silent --crash none
check 'at the same price' pays_the_price_alone stranger-silent
check 'it goes the ways that it declares' behaves_as_declared
echo '# what it fails of SHOULD:'
sed 's/^/#   /' price
finish
