#!/bin/sh
# SPDX-License-Identifier: MIT
#
# addcow read: what it gives, where it puts it, and what it never writes over.

. "${0%/*}/lib.sh"

# The guest sees backing, zeros, and in cluster 3 and from 8 on the image.
mixed() {
    rm -rf ./* && new_image && poke disk.add-cow 2560 '\010\003' &&
        for range in '3 1' '8 2'; do
            dd if=disk.raw of=guest.raw bs=65536 skip="${range% *}" \
                seek="${range% *}" count="${range#* }" conv=notrunc \
                2>dd.log || return
        done && keep base.raw disk.raw disk.add-cow guest.raw
}

whole() {
    mixed && status 0 addcow read disk.add-cow && cmp out guest.raw &&
        silent 0 addcow read --output new disk.add-cow && cmp new guest.raw &&
        unchanged
}

# part OFFSET LENGTH
part() {
    tail -c +$(($1 + 1)) guest.raw | head -c "$2" >want &&
        status 0 addcow read --offset "$1" --length "$2" disk.add-cow &&
        cmp out want &&
        addcow read --offset "$1" --length "$2" --force --output got \
            disk.add-cow && cmp got want
}

parts() {
    mixed && part 0 1 && part 511 2 && part 65535 65537 && part 0 590336 &&
        part 399999 2 && part 196607 65538 && part 590335 1 && part 1 0 &&
        part 590336 0 && part 524287 2 && tail -c 513 guest.raw >want &&
        status 0 addcow read --offset 589823 disk.add-cow && cmp out want
}

past_the_end() {
    line='disk.add-cow: the range passes the virtual size'
    for range in '590336 1' '590337 0' '0 590337' '1 590336'; do
        fails 2 "$line" addcow read --offset "${range% *}" \
            --length "${range#* }" --output none disk.add-cow &&
            [ ! -e none ] || return
    done
}

# Longer than the pieces that are copied, and sparse.
large() {
    truncate -s 64M large.raw && poke large.raw 5000000 X &&
        truncate -s 3000001 large.base &&
        addcow create --backing large.base --image large.raw large &&
        seq 1 300000 | addcow write --offset 7000000 large &&
        silent 0 addcow read --output large.out large &&
        truncate -s 64M large.want && seq 1 300000 |
        dd of=large.want bs=1000000 seek=7 conv=notrunc 2>dd.log &&
        cmp large.out large.want &&
        [ "$(du -k large.out | cut -f 1)" -lt 9999 ]
}

existing_output() {
    mixed && echo precious >new && keep new && fails 1 \
        'new: the file exists (--force writes over it)' \
        addcow read --output new disk.add-cow && unchanged &&
        ln -s nowhere dangling && fails 1 \
        'dangling: the file exists (--force writes over it)' \
        addcow read --output dangling disk.add-cow && [ ! -e nowhere ] &&
        head -c 900000 /dev/zero | tr '\0' x >new &&
        silent 0 addcow read --force --output new disk.add-cow &&
        cmp new guest.raw && silent 0 addcow read --output brandnew --force \
        disk.add-cow && cmp brandnew guest.raw
}

# However an input is called, and through standard output, too.
never_an_input() {
    mixed && ln -s base.raw symbolic && ln disk.raw hard &&
        ln disk.add-cow hard.add-cow &&
        mkdir sub && cp disk.add-cow sub &&
        ln -s "$PWD/base.raw" sub/base.raw &&
        ln -s "$PWD/disk.raw" sub/disk.raw || return
    for name in 'symbolic backing' 'base.raw backing' './disk.raw image' \
        'hard image' 'disk.add-cow add-cow' 'hard.add-cow add-cow'; do
        fails 2 "${name% *}: it is the ${name#* } file" \
            addcow read --force --output "${name% *}" disk.add-cow &&
            unchanged || return
    done
    fails 2 'base.raw: it is the backing file' \
        addcow read --force --output base.raw sub/disk.add-cow || return
    for name in base.raw disk.raw disk.add-cow; do
        addcow read disk.add-cow 2>err 1<>"$name"
        [ $? -eq 2 ] && grep -q '^addcow: standard output: it is the ' err &&
            unchanged || return
    done
}

# Devices by links alone: a program that is broken removes these.
outputs_that_fail() {
    mixed && ln -s /dev/full full && ln -s /dev/null null &&
        fails 1 'full: No space left on device' \
        addcow read --force --output full disk.add-cow &&
        fails 1 'no/new: No such file or directory' \
            addcow read --output no/new disk.add-cow &&
        fails 1 '.: the file exists (--force writes over it)' \
            addcow read --output . disk.add-cow &&
        fails 1 '.: Is a directory' \
            addcow read --force --output . disk.add-cow &&
        silent 0 addcow read --force --output null disk.add-cow &&
        mkdir closed && chmod 555 closed &&
        fails 1 'closed/new: Permission denied' \
            no_root read --output closed/new disk.add-cow && unchanged
}

# What could not be made whole does not stay.
no_half_file() {
    mixed && (ulimit -f 200 &&
        fails 1 'new: File too large' addcow read --output new disk.add-cow) &&
        [ ! -e new ] && unchanged
}

check 'the whole disk' whole
check 'parts of it' parts
check 'past the end' past_the_end
check 'a large disk, written sparsely' large
check 'an output that exists' existing_output
check 'an output that is an input' never_an_input
check 'outputs that fail' outputs_that_fail
check 'no half file stays' no_half_file
finish
