#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A real file system on an add-cow image: a populated ext4 as the backing
# file, changed by debugfs on what "addcow read" gives, the sectors that
# differ put back by "addcow write", judged by e2fsck.  Then made larger, then
# flattened.  Needs e2fsprogs.

. "${0%/*}/lib.sh"

# Not everybody has the directory of these programs in the path.
PATH=$PATH:/usr/sbin:/sbin
# Nothing of the file system depends on the day or on chance, except times of
# change, which are the host's, and the order in which it lists a directory.
# No verdict depends on these.
export E2FSPROGS_FAKE_TIME=1334707200
export MKE2FS_CONFIG="$work/mke2fs.conf"
uuid=6a3c1d1e-0000-4000-8000-000000000001
cat >mke2fs.conf <<'END'
[defaults]
    base_features = sparse_super,filetype,resize_inode,dir_index,ext_attr
    blocksize = 1024
    inode_size = 256
    inode_ratio = 8192
[fs_types]
    ext4 = {
        features = has_journal,extent,flex_bg,metadata_csum,64bit,dir_nlink
    }
END

populate() {
    mkdir -p tree/etc tree/var/log tree/home &&
        echo guest >tree/etc/hostname && seq 1 200000 >tree/var/log/messages &&
        yes 'a line that goes' | head -n 9999 >tree/home/old &&
        i=0 && while [ "$i" -lt 100 ]; do
            echo "file $i" >"tree/home/$i" || return
            i=$((i + 1))
        done && find tree -exec touch -d @1334707200 {} +
}

make_base() {
    populate && mke2fs -q -t ext4 -U "$uuid" \
        -E "hash_seed=$uuid,lazy_itable_init=0,lazy_journal_init=0" \
        -d tree base.img 12M && e2fsck -fn base.img && keep base.img
}

make_image() {
    [ "$(wc -c <base.img)" -eq 12582912 ] &&
        yes old | head -c 12582912 >disk.raw &&
        addcow create --backing base.img --image disk.raw disk.add-cow &&
        addcow read disk.add-cow | cmp - base.img
}

# change_guest SCRIPT: debugfs does it to guest.img, what the guest sees.
change_guest() {
    rm -f guest.img && addcow read --output guest.img disk.add-cow &&
        cp guest.img before.img &&
        printf '%s\n' "$@" >script && debugfs -w -f script guest.img &&
        e2fsck -fn guest.img
}

# The runs of sectors in which the two files differ: first sector, count.
differences() {
    cmp -l before.img guest.img | awk '
        { sector = int(($1 - 1) / 512) }
        n && sector == first + n - 1 { next }
        n && sector == first + n { n++; next }
        n { print first, n }
        { first = sector; n = 1 }
        END { if (n) print first, n }'
}

# Those sectors alone go to the image.
put_back() {
    differences >runs
    while read -r first count; do
        dd if=guest.img bs=512 skip="$first" count="$count" 2>dd.log |
            addcow write --offset $((first * 512)) disk.add-cow || return
    done <runs
    [ "$(wc -l <runs)" -gt 3 ]
}

# After a round trip the image gives exactly the changed file system, which
# e2fsck finds clean, and the backing file has not changed.
judge_image() {
    addcow check disk.add-cow && rm -f after.img &&
        addcow read --output after.img disk.add-cow &&
        cmp after.img guest.img && e2fsck -fn after.img && unchanged
}

# holds PATH FILE: the file of that path in the guest is this one.
holds() {
    rm -f dumped && debugfs -R "dump $1 dumped" after.img && cmp dumped "$2"
}

# gone PATH
gone() {
    debugfs -R "stat $1" after.img 2>&1 | grep -q 'File not found'
}

first_change() {
    seq 1 100000 >new.txt && echo renamed >hostname &&
        change_guest 'rm /home/old' 'mkdir /srv' \
            'write new.txt /srv/new.txt' 'rm /etc/hostname' \
            'write hostname /etc/hostname' &&
        put_back && judge_image
}

first_files() {
    holds /srv/new.txt new.txt && holds /etc/hostname hostname &&
        holds /var/log/messages tree/var/log/messages &&
        holds /home/99 tree/home/99 && gone /home/old
}

# Over clusters that are allocated and others.
second_change() {
    echo second >second.txt &&
        change_guest 'rm /srv/new.txt' 'rm /var/log/messages' \
            'write second.txt /home/second' 'symlink /home/link second' &&
        put_back && judge_image
}

second_files() {
    holds /home/second second.txt && holds /etc/hostname hostname &&
        gone /srv/new.txt && gone /var/log/messages &&
        [ "$(debugfs -R 'stat /home/link' after.img |
            grep -c 'Fast link dest: "second"')" -eq 1 ]
}

# Most of it is still the backing file's.
partly_allocated() {
    addcow info --json disk.add-cow >shown
    allocated=$(sed -n 's/^  "allocated_clusters": \([0-9]*\),$/\1/p' shown)
    clusters=$(sed -n 's/^  "clusters": \([0-9]*\),$/\1/p' shown)
    echo "$allocated of $clusters"
    [ "$allocated" -gt 3 ] && [ "$allocated" -lt $((clusters / 2)) ]
}

# A larger disk, the file system grown into it: past the backing file's end.
larger() {
    addcow resize disk.add-cow 28M && rm -f guest.img &&
        addcow read --output guest.img disk.add-cow &&
        cp guest.img before.img && resize2fs guest.img &&
        e2fsck -fn guest.img && put_back && judge_image
}

# More than was free before.
third_files() {
    seq 1 4000000 | head -c 12000000 >big &&
        change_guest 'write big /home/big' && put_back && judge_image &&
        holds /home/big big && holds /home/second second.txt
}

# The raw file alone is the disk then.
flattened() {
    addcow flatten disk.add-cow && judge_image && cmp disk.raw guest.img &&
        rm disk.add-cow base.img && e2fsck -fn disk.raw
}

check 'a populated ext4 as the backing file' make_base
check 'an image over it gives its bytes' make_image
check 'files are changed' first_change
check 'the changed files are there' first_files
check 'files are changed again' second_change
check 'the files are there' second_files
check 'most clusters are still the backing file'"'"'s' partly_allocated
check 'a larger disk and file system' larger
check 'a file past the end of the backing file' third_files
check 'flattened, the raw file is the disk' flattened
finish
