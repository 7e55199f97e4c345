#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Images that every command refuses, with one line, and no file changed.

. "${0%/*}/lib.sh"

# refused STATUS LINE: by every command that opens an image; check may print
# the line as a finding.
refused() {
    keep base.raw disk.raw disk.add-cow || return
    for command in 'info' 'map' 'read' 'read --output new' 'write' \
        'write --writethrough' 'flatten'; do
        # shellcheck disable=SC2086
        fails "$1" "$2" addcow $command disk.add-cow && unchanged &&
            [ ! -e new ] || return
    done
    fails "$1" "$2" addcow resize disk.add-cow 1M && unchanged &&
        status "$1" addcow check disk.add-cow && unchanged
}

# poked OFFSET BYTES STATUS LINE
poked() {
    new_image && poke disk.add-cow "$1" "$2" &&
        refused "$3" "disk.add-cow: $4"
}

magic() {
    poked 7 '\0' 3 \
        'offset 0: not an add-cow file: the magic is missing [HDR-2]' &&
        poked 0 'ACOW' 3 \
            'offset 0: not an add-cow file: the magic is missing [HDR-2]'
}

version() {
    poked 11 '\002' 3 'offset 8: the version of the format is not 1 [HDR-3]' &&
        poked 8 '\001\0\0\0' 3 \
            'offset 8: the version of the format is not 1 [HDR-3]'
}

padding() {
    poked 21 x 3 \
        'offset 21: a byte after the end of a name is not zero [HDR-7]' &&
        poked 2059 x 3 \
            'offset 2059: a byte after the end of a name is not zero [HDR-7]'
}

reserved() {
    for at in 2060 2559; do
        poked "$at" x 3 \
            "offset $at: a reserved byte of the header is not zero [HDR-8]" ||
            return
    done
}

no_nul() {
    poked 12 "$(yes x | head -n 1024 | tr -d '\n')" 3 \
        'offset 12: a name field contains no NUL [HDR-6]'
}

no_image_name() {
    poked 1036 '\0\0\0\0\0\0\0\0' 3 \
        'offset 1036: the image_file field is empty [HDR-9]'
}

colon() {
    poked 12 'nbd:x\0\0\0' 3 'offset 12: the name of the backing file is '\
'reserved for protocols [NAM-6]' && poked 1036 'a:b/c\0\0\0' 3 \
        'offset 1036: the name of the image file is reserved for protocols '\
'[NAM-6]'
}

short() {
    new_image && truncate -s 2559 disk.add-cow && refused 3 'disk.add-cow: '\
'offset 2559: the file ends inside the header of 2560 bytes [HDR-5]' &&
        new_image && truncate -s 2561 disk.add-cow && refused 3 \
        'disk.add-cow: offset 2561: the file ends inside the bitmap [BMP-7]'
}

empty() {
    new_image && : >disk.add-cow && refused 3 \
        'disk.add-cow: offset 0: not an add-cow file: the magic is missing '\
'[HDR-2]'
}

missing() {
    new_image && poke disk.add-cow 1036 none.raw &&
        refused 1 'none.raw: no such file [NAM-14]' &&
        new_image && poke disk.add-cow 12 none.raw &&
        refused 1 'none.raw: no such file [NAM-15]'
}

# Directories, FIFOs that nobody writes to, devices: without waiting.
special() {
    mkdir -p a.dir && rm -f a.fifo && mkfifo a.fifo &&
        ln -sf /dev/zero a.zero || return
    for name in a.dir a.fifo a.zero; do
        for field in 12 1036; do
            new_image && poke disk.add-cow "$field" "$name\\0\\0\\0" &&
                refused 1 \
                    "$name: the file cannot be opened, or is no regular file" ||
                return
        done
        fails 1 "$name: the file cannot be opened, or is no regular file" \
            addcow info "$name" || return
    done
}

# The same file twice, by another spelling and by links.
same_file() {
    rm -f base.sym base.hrd && ln -s disk.raw base.sym &&
        ln -s disk.add-cow self.sym || return
    for name in ./disk.raw base.sym; do
        new_image && poke disk.add-cow 12 "$name" && refused 3 \
            'disk.add-cow: image file and backing file are the same file '\
'[NAM-10]' || return
    done
    new_image && rm -f base.hrd && ln disk.raw base.hrd &&
        poke disk.add-cow 12 base.hrd && refused 3 \
        'disk.add-cow: image file and backing file are the same file '\
'[NAM-10]' &&
        new_image && poke disk.add-cow 12 'self.sym' && refused 3 \
        'disk.add-cow: it is its own backing file [NAM-10]' &&
        new_image && poke disk.add-cow 1036 'self.sym' && refused 3 \
        'disk.add-cow: it is its own image file [NAM-10]'
}

# Symbolic links that lead in a circle.
circle() {
    ln -s circle.b circle.a && ln -s circle.a circle.b && new_image &&
        poke disk.add-cow 12 circle.a &&
        refused 1 'circle.a: the file cannot be opened, or is no regular file'
}

# A backing file that looks like an image is raw bytes, and none that it names
# is opened.
raw_backing() {
    new_image && cp disk.add-cow base.raw && truncate -s 64K base.raw &&
        status 0 addcow read --length 64K disk.add-cow && cmp out base.raw
}

# SEC-2: the names can be seen, and forbidden, before they are opened.
confined() {
    new_image && mkfifo open.fifo && mkdir -p sub && mv disk.add-cow sub ||
        return
    for name in ../x /nowhere a/../../b ..; do
        poke sub/disk.add-cow 1036 "$name\\0\\0\\0\\0\\0\\0\\0" || return
        for command in info 'info --header' map check read write flatten; do
            # shellcheck disable=SC2086
            fails 3 "sub/disk.add-cow: the name \"$name\" leads out of the \
directory [SEC-2]" addcow $command --confined sub/disk.add-cow || return
        done
    done
    status 0 addcow info --header sub/disk.add-cow || return
    new_image && poke disk.add-cow 12 '/etc/motd' && fails 3 'disk.add-cow: '\
'the name "/etc/motd" leads out of the directory [SEC-2]' \
        addcow resize --confined disk.add-cow 1M || return
    for name in ./base.raw ...a a..b; do
        new_image && cp base.raw "$name.x" && mv "$name.x" "$name" &&
            poke disk.add-cow 12 "$name\\0\\0\\0\\0" &&
            status 0 addcow read --confined disk.add-cow || return
    done
}

# CI runs as root, to whom permissions do not apply.
permissions() {
    new_image && chmod 444 disk.raw base.raw disk.add-cow &&
        keep disk.raw base.raw disk.add-cow &&
        status 0 no_root read disk.add-cow && cmp out guest.raw &&
        status 0 no_root check disk.add-cow || return
    for command in write flatten; do
        fails 1 'disk.add-cow: the file may not be written' \
            no_root "$command" disk.add-cow || return
    done
    chmod 666 disk.add-cow &&
        fails 1 'disk.raw: the file may not be written' \
            no_root write disk.add-cow && chmod 000 base.raw &&
        fails 1 'base.raw: the file may not be read' \
            no_root info disk.add-cow && chmod 644 base.raw && unchanged
}

# One writer at a time; the first holds the image open until its input ends.
# It has it open by the time it reads: a FIFO holds less than what is sent.
locked() {
    new_image && rm -f held && mkfifo held || return
    "$ADDCOW" write disk.add-cow <held &
    writer=$!
    exec 3>held
    head -c 590336 /dev/zero >&3
    fails 1 'disk.add-cow: the file is locked by another writer' \
        addcow write disk.add-cow
    locked=$?
    exec 3>&-
    wait "$writer" && [ "$locked" -eq 0 ] && silent 0 addcow write disk.add-cow
}

check 'a wrong magic' magic
check 'another version' version
check 'bytes after a name' padding
check 'reserved bytes' reserved
check 'a name without an end' no_nul
check 'no image file' no_image_name
check 'a colon' colon
check 'a short file' short
check 'an empty file' empty
check 'missing files' missing
check 'directories, FIFOs, devices' special
check 'the same file twice' same_file
check 'links in a circle' circle
check 'a backing file that looks like an image' raw_backing
check '--confined' confined
check 'permissions' permissions
check 'a second writer' locked
finish
