#!/bin/sh
# SPDX-License-Identifier: MIT
#
# addcow write: from standard input and from files, and what it refuses.

. "${0%/*}/lib.sh"

# fresh: a new image, and the length of its data in new.bin.
fresh() {
    rm -rf ./* && new_image && keep base.raw
}

# bits HEX: those are the bytes of the bitmap.
bits() {
    [ "$(od -An -tx1 -j 2560 -N 2 disk.add-cow | tr -d ' ')" = "$1" ] && return
    od -tx1 -j 2560 disk.add-cow
    return 1
}

# change OFFSET: new.bin is written there, to the image and to guest.raw.
change() {
    addcow write --offset "$1" disk.add-cow <new.bin &&
        dd if=new.bin of=guest.raw bs=1 seek="$1" conv=notrunc 2>dd.log &&
        guest_is guest.raw && unchanged
}

pieces() {
    fresh && printf x >new.bin && change 0 && bits 0100 &&
        change 65535 && bits 0100 && change 65536 && bits 0300 &&
        change 590335 && bits 0302 && seq 1 300 >new.bin &&
        change 399990 && bits 4302 && change 524000 && bits c303
}

whole_disk() {
    fresh && seq 1 200000 | head -c 590336 >new.bin && change 0 && bits ff03
}

nothing() {
    fresh && keep base.raw disk.raw disk.add-cow && : >new.bin && change 0 &&
        change 590336 && bits 0000 && unchanged
}

from_a_file() {
    fresh && seq 1 9999 >new.bin &&
        silent 0 addcow write --offset 1K --input new.bin disk.add-cow &&
        dd if=new.bin of=guest.raw bs=1K seek=1 conv=notrunc 2>dd.log &&
        guest_is guest.raw && unchanged
}

# The standard input may be a file that was read from before.
from_the_middle() {
    fresh && seq 1 200000 >long && { dd bs=1000 count=900 of=first 2>dd.log &&
        addcow write disk.add-cow; } <long && tail -c +900001 long >new.bin &&
        dd if=new.bin of=guest.raw bs=1K conv=notrunc 2>dd.log &&
        guest_is guest.raw
}

# Each piece is durable; the result is the same.
writethrough() {
    fresh && seq 1 50000 >new.bin &&
        addcow write --writethrough --offset 5 disk.add-cow <new.bin &&
        dd if=new.bin of=guest.raw bs=1 seek=5 conv=notrunc 2>dd.log &&
        guest_is guest.raw && bits 1f00
}

# In pieces as small as the sender likes.
slow_pipe() {
    fresh && seq 1 30000 >new.bin &&
        dd if=new.bin bs=7 2>dd.log | addcow write disk.add-cow &&
        dd if=new.bin of=guest.raw bs=1K conv=notrunc 2>dd.log &&
        guest_is guest.raw
}

# A file that does not fit is known before anything is written.
too_long() {
    line='disk.add-cow: the range passes the virtual size; nothing was written'
    fresh && keep disk.raw disk.add-cow && head -c 590337 /dev/zero >long &&
        fails 2 "$line" addcow write --input long disk.add-cow &&
        fails 2 "$line" addcow write --offset 1K --input long disk.add-cow &&
        fails 2 "$line" addcow write --offset 590337 disk.add-cow &&
        fails 2 "$line" addcow write --offset 0xffffffffffffffff \
            disk.add-cow && unchanged && printf x >new.bin &&
        fails 2 "$line" addcow write --offset 590336 --input new.bin \
            disk.add-cow && unchanged
}

# From a pipe, the piece that does not fit is refused whole.
pipe_too_long() {
    fresh && keep disk.raw disk.add-cow || return
    head -c 590337 /dev/zero | addcow write disk.add-cow 2>err
    [ $? -eq 2 ] && unchanged && same err \
        'addcow: disk.add-cow: the range passes the virtual size [WR-11]' ||
        return
    truncate -s 3M big.raw &&
        addcow create --no-backing --image big.raw big || return
    yes | head -c 5M | addcow write --offset 1K big 2>err
    [ $? -eq 2 ] && same err \
'addcow: big: the range passes the virtual size [WR-11]
addcow: 2097152 bytes were written before that' &&
        [ "$(addcow read big | tr -d '\0' | wc -c)" -eq 2097152 ]
}

# A file of the image is no input, unless it is the backing file.
input_is_image() {
    fresh && ln -s disk.raw symbolic && ln disk.add-cow hard &&
        keep disk.raw disk.add-cow base.raw &&
        fails 2 'disk.raw: it is the image file' \
            addcow write --input disk.raw disk.add-cow &&
        fails 2 'symbolic: it is the image file' \
            addcow write --input symbolic disk.add-cow &&
        fails 2 'hard: it is the add-cow file' \
            addcow write --input hard disk.add-cow || return
    addcow write disk.add-cow <disk.raw 2>err
    [ $? -eq 2 ] && unchanged &&
        same err 'addcow: standard input: it is the image file' &&
        silent 0 addcow write --input base.raw disk.add-cow &&
        guest_is guest.raw
}

inputs_that_fail() {
    fresh && keep disk.raw disk.add-cow base.raw &&
        fails 1 'none: No such file or directory' \
            addcow write --input none disk.add-cow &&
        fails 1 '.: Is a directory' addcow write --input . disk.add-cow &&
        unchanged
}

# The disk of the host is full on the way: what was acknowledged stays, and
# the write succeeds once there is space.
full_host() {
    truncate -s 4M thin.raw && truncate -s 8M thin.base && rm -f thin &&
        addcow create --backing thin.base --image thin.raw thin &&
        yes | head -c 4M >new.bin || return
    (ulimit -f 4096 && addcow write --input new.bin thin 2>err)
    [ $? -eq 1 ] &&
        grep -q '^addcow: thin.raw: offset 2097152: no space' err &&
        addcow check thin && addcow write --input new.bin thin &&
        addcow read thin | cmp - new.bin
}

# Killed in the middle: the image is one that opens.
killed() {
    fresh && rm -f held && mkfifo held || return
    "$ADDCOW" write disk.add-cow <held &
    writer=$!
    exec 3>held
    head -c 300000 /dev/zero >&3
    kill -9 "$writer"
    exec 3>&-
    wait "$writer" 2>/dev/null
    guest_is guest.raw && silent 0 addcow write disk.add-cow
}

check 'pieces' pieces
check 'the whole disk' whole_disk
check 'nothing' nothing
check 'from a file' from_a_file
check 'from the middle of a file' from_the_middle
check '--writethrough' writethrough
check 'from a slow pipe' slow_pipe
check 'a file that is too long' too_long
check 'a pipe that is too long' pipe_too_long
check 'an input that is a file of the image' input_is_image
check 'inputs that fail' inputs_that_fail
check 'a host that is full' full_host
check 'a writer that is killed' killed
finish
