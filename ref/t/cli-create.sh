#!/bin/sh
# SPDX-License-Identifier: MIT
#
# addcow create: what it makes, and what it refuses with nothing changed.

. "${0%/*}/lib.sh"

create() {
    addcow create --backing base.raw --image disk.raw "$@"
}

inputs() {
    rm -rf ./* && seq 1 9999 >base.raw && truncate -s 590336 disk.raw &&
        keep base.raw disk.raw
}

# Byte for byte the entry file of the specification's example, without its
# bits.
as_the_example() {
    inputs && silent 0 create new && unchanged &&
        { printf 'ADD_COW\377\0\0\0\1base.raw'; head -c 1016 /dev/zero
          printf disk.raw; head -c 1518 /dev/zero; } >want && cmp new want
}

without_backing() {
    inputs && silent 0 addcow create --no-backing --image disk.raw new &&
        head -c 1036 new | tail -c 1024 >field &&
        head -c 1024 /dev/zero | cmp - field &&
        status 0 addcow read new && cmp out disk.raw
}

# Names are relative to the directory of the new file, and stored as given.
names() {
    inputs && mkdir sub && mv base.raw sub && cp disk.raw sub/disk.raw &&
        silent 0 create sub/new && grep -aq base.raw sub/new &&
        fails 1 './base.raw: no such file [CRT-4]' create ./new &&
        [ ! -e new ] &&
        silent 0 addcow create --backing sub/base.raw \
            --image "$PWD/disk.raw" new &&
        status 0 addcow info --header new &&
        same out "add-cow file   \"new\"
image file     \"$PWD/disk.raw\"
backing file   \"sub/base.raw\""
}

missing_files() {
    inputs && fails 1 'none: no such file [CRT-1]' \
        addcow create --no-backing --image none new &&
        fails 1 'none: no such file [CRT-4]' \
            addcow create --backing none --image disk.raw new &&
        fails 1 'none/new: no such file' \
            addcow create --backing "$PWD/base.raw" \
            --image "$PWD/disk.raw" none/new && [ ! -e new ] && unchanged
}

stated_size() {
    inputs && silent 0 create --size 590336 new && rm new &&
        fails 2 'disk.raw: offset 590336: the length of the image file is '\
'not the stated size [CRT-6]' create --size 576K new &&
        fails 2 'disk.raw: offset 590336: the length of the image file is '\
'not the stated size [CRT-6]' create --size 0 new &&
        [ ! -e new ] && unchanged
}

no_sector() {
    inputs && truncate -s 1000 disk.raw && fails 2 'disk.raw: offset 1000: '\
'the length of the image file is not a multiple of 512 [CRT-17]' create new &&
        [ ! -e new ]
}

existing_target() {
    inputs && echo precious >new && keep new &&
        fails 1 'new: the file exists' create new && unchanged &&
        silent 0 create --replace new && addcow check new &&
        create other && cmp new other && create --replace brandnew
}

wrong_names() {
    inputs && fails 2 'new: the name of the image file is empty [CRT-15]' \
        addcow create --backing base.raw new &&
        fails 2 'new: the name of the image file is empty [CRT-15]' \
            addcow create --backing base.raw --image= new &&
        fails 2 'new: either name a backing file or ask for none [CRT-16]' \
            addcow create --image disk.raw new &&
        fails 2 'new: either name a backing file or ask for none [CRT-16]' \
            addcow create --image disk.raw --backing '' new &&
        fails 2 'new: either name a backing file or ask for none [CRT-16]' \
            create --no-backing new &&
        fails 2 "new: a name is reserved for protocols: it has a ':' before \
its first '/' [NAM-8]" addcow create --image a:b --no-backing new &&
        [ ! -e new ] && unchanged
}

# 1023 bytes are a name, 1024 are not.
long_names() {
    long=$(yes ./ | head -n 507 | tr -d '\n')/disk.raw
    inputs && [ ${#long} -eq 1023 ] &&
        silent 0 addcow create --no-backing --image "$long" new &&
        addcow read new | cmp - disk.raw && rm new &&
        fails 2 'new: a name is longer than 1023 bytes [CRT-14]' \
            addcow create --no-backing --image "./$long" new && [ ! -e new ]
}

# An input is never replaced, however it is called.
target_is_input() {
    image='the add-cow file would replace its image file [CRT-7]'
    backing='the add-cow file would replace its backing file [CRT-7]'
    inputs && ln -s disk.raw symbolic && ln base.raw hard &&
        fails 2 "disk.raw: $image" create --replace disk.raw &&
        fails 2 "./disk.raw: $image" create --replace ./disk.raw &&
        fails 2 "symbolic: $image" create --replace symbolic &&
        fails 2 "hard: $backing" create --replace hard &&
        fails 1 'disk.raw: the file exists' create disk.raw &&
        fails 2 'disk.raw: it would be its own backing file [NAM-11]' \
            addcow create --image disk.raw --backing symbolic new &&
        unchanged && [ ! -e new ]
}

special_files() {
    inputs && mkdir dir && mkfifo fifo && ln -s /dev/null device || return
    for name in dir fifo device; do
        fails 1 "$name: the file cannot be opened, or is no regular file" \
            addcow create --no-backing --image "$name" new &&
            fails 1 "$name: the file cannot be opened, or is no regular file" \
                addcow create --backing "$name" --image disk.raw new &&
            fails 1 "$name: the file cannot be opened, or is no regular file" \
                addcow create --replace --backing "$PWD/base.raw" \
                --image "$PWD/disk.raw" "$name" || return
    done
    [ ! -e new ] && unchanged
}

# Inputs need not be writable; a directory that is not refuses.
permissions() {
    inputs && chmod 444 base.raw disk.raw && mkdir open closed &&
        chmod 777 open && chmod 555 closed || return
    no_root create --backing ../base.raw --image ../disk.raw open/new &&
        addcow check open/new && unchanged &&
        fails 1 'closed/new: the file may not be written' no_root create \
            --backing ../base.raw --image ../disk.raw closed/new &&
        [ ! -e closed/new ]
}

# A file that cannot grow to its length: nothing stays.
limit() {
    inputs && truncate -s 100G disk.raw || return
    (ulimit -f 2 && status 1 create new) && grep -q '^addcow: new: ' err &&
        [ ! -e new ]
}

check 'the example of the specification' as_the_example
check 'without a backing file' without_backing
check 'names' names
check 'missing files' missing_files
check 'a stated size' stated_size
check 'an image file that is no whole sectors' no_sector
check 'an existing target' existing_target
check 'wrong names' wrong_names
check 'long names' long_names
check 'a target that is an input' target_is_input
check 'special files' special_files
check 'permissions' permissions
check 'a target that cannot grow' limit
finish
