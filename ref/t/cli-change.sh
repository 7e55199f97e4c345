#!/bin/sh
# SPDX-License-Identifier: MIT
#
# addcow resize and flatten.

. "${0%/*}/lib.sh"

fresh() {
    rm -rf ./* && new_image && keep base.raw
}

length() {
    [ "$(wc -c <"$1")" -eq "$2" ]
}

# What is new is zeros, though the backing file goes on.
grow() {
    fresh && seq 1 300000 >base.raw && keep base.raw &&
        head -c 590336 base.raw >guest.raw &&
        silent 0 addcow resize disk.add-cow 1M && unchanged &&
        length disk.raw 1048576 && truncate -s 1M guest.raw &&
        guest_is guest.raw
}

# Old bytes beyond the end do not come back.
shrink() {
    fresh && silent 0 addcow resize --shrink disk.add-cow 64K &&
        length disk.raw 65536 && length disk.add-cow 2561 &&
        head -c 65536 base.raw >guest.raw && guest_is guest.raw &&
        silent 0 addcow resize disk.add-cow 590336 &&
        truncate -s 590336 guest.raw && guest_is guest.raw && unchanged
}

no_shrink_by_accident() {
    fresh && keep disk.raw disk.add-cow && fails 2 'disk.add-cow: that would '\
'cut off the end of the disk (--shrink does)' \
        addcow resize disk.add-cow 512K && unchanged
}

same_size() {
    fresh && keep disk.raw disk.add-cow base.raw &&
        silent 0 addcow resize disk.add-cow 590336 && unchanged &&
        guest_is guest.raw
}

to_nothing() {
    fresh && silent 0 addcow resize --shrink disk.add-cow 0 &&
        length disk.raw 0 && : >guest.raw && guest_is guest.raw
}

wrong_sizes() {
    fresh && keep disk.raw disk.add-cow &&
        fails 2 'disk.add-cow: the size is not a multiple of 512 [RSZ-3]' \
            addcow resize disk.add-cow 590337 &&
        fails 2 'disk.add-cow: the size is above 2^63 - 512 [LIM-2]' \
            addcow resize disk.add-cow 0x8000000000000000 &&
        fails 2 'x\x1b: not a number below 2^64' \
            addcow resize disk.add-cow "$(printf 'x\033')" && unchanged
}

# More than the host gives: nothing has changed.
too_large() {
    fresh && (ulimit -f 4096 &&
        status 1 addcow resize disk.add-cow 1G) && cat err &&
        grep -q '^addcow: disk.*: the length cannot be changed$' err &&
        length disk.raw 590336 && guest_is guest.raw
}

# The image file alone is the disk; the other two may go.
flatten() {
    fresh && printf new | addcow write --offset 70000 disk.add-cow &&
        poke guest.raw 70000 new && silent 0 addcow flatten disk.add-cow &&
        unchanged && cmp disk.raw guest.raw && guest_is guest.raw &&
        addcow map disk.add-cow >shown && [ "$(sed 1d shown | tr -s ' ')" = \
        ' 0 590336 image' ] && keep disk.raw disk.add-cow &&
        silent 0 addcow flatten disk.add-cow && unchanged
}

flatten_nothing() {
    fresh && : >disk.raw && rm disk.add-cow && addcow create --no-backing \
        --image disk.raw disk.add-cow && silent 0 addcow flatten disk.add-cow
}

# The host is full on the way: the image is as good as before.
flatten_full() {
    fresh && truncate -s 0 disk.raw && truncate -s 590336 disk.raw || return
    (ulimit -f 500 && status 1 addcow flatten disk.add-cow)
    # shellcheck disable=SC2181
    [ $? -eq 0 ] && grep -q '^addcow: disk.raw: offset .*: no space' err &&
        guest_is guest.raw && silent 0 addcow flatten disk.add-cow &&
        cmp disk.raw guest.raw
}

check 'growth' grow
check 'shrinking, and growth again' shrink
check 'no shrinking by accident' no_shrink_by_accident
check 'the same size' same_size
check 'to nothing' to_nothing
check 'wrong sizes' wrong_sizes
check 'a size that the host does not give' too_large
check 'flatten' flatten
check 'flatten an empty disk' flatten_nothing
check 'flatten on a host that is full' flatten_full
finish
