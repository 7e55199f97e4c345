#!/bin/sh
# SPDX-License-Identifier: MIT
#
# layout.sh TREE: the numbers of the reference, and those of its contracts,
# are the ones that the specification gives in its table and its terms.
set -u
spec=$1/spec/add-cow.txt
code=$1/ref/hdr.c
shared=$1/ref/internal.h
contract=$1/ref/judge.h
n=0
failed=0

# ok WORDS GOT WANT: GOT is of the reference, WANT of the specification.
ok() {
    n=$((n + 1))
    if [ -n "$3" ] && [ "$2" = "$3" ]; then
        echo "ok $n - $1: $2"
    else
        echo "not ok $n - $1: got $2, expected $3"
        failed=1
    fi
}

# first FIELD: the first byte of it, by the table of chapter 3.
first() {
    sed -n "s/^ *\([0-9]*\) - .* $1  .*/\1/p" "$spec"
}

# constant NAME
constant() {
    sed -n "s/.*$1 *=* *\([0-9]\{1,\}\)u*[,[:blank:]]*.*/\1/p" \
        "$code" "$shared" "$2" | head -n 1
}

# in_header BEFORE: the number that follows in the contract's words of a
# header.
in_header() {
    sed -n '/predicate is_header/,/\*\//p' "$contract" | tr -d '\n' |
        sed -n "s/.*$1\([0-9]*\).*/\1/p"
}

# bytes: those of standard input, written 0x41 or 41, in one line.
bytes() {
    tr -s '{},; \n' '\n' | sed -n 's/^\(0x\)*\([0-9A-F][0-9A-F]\)$/\2/p' |
        tr '\n' ' '
}

header=$1/ref/addcow.h
magic=$(sed -n 's/^ *0 - 7 .* magic //p' "$spec" | bytes)
ok 'magic' "$(sed -n '/magic\[8\] =/,/;/p' "$code" | bytes)" "$magic"
ok 'magic in the contract' \
    "$(sed -n '/predicate has_magic/,/;/p' "$contract" | bytes)" "$magic"
ok 'version' "$(constant VERSION_AT "$code")" "$(first version)"
ok 'version in the contract' \
    "$(sed -n 's|.*big_endian(head + \([0-9]*\)).*|\1|p' "$contract")" \
    "$(first version)"
ok 'backing_file' "$(constant BACKING_AT "$code")" "$(first backing_file)"
ok 'backing_file in the contract' \
    "$(in_header 'is_version_1.*2560 && *is_field(head, ')" \
    "$(first backing_file)"
ok 'image_file' "$(constant IMAGE_AT "$code")" "$(first image_file)"
ok 'image_file in the contract' "$(in_header 'is_field(head, ')" \
    "$(first image_file)"
ok 'reserved' "$(constant RESERVED_AT "$code")" "$(first reserved)"
ok 'reserved in the contract' "$(in_header 'zeros(head, ')" \
    "$(first reserved)"
ok 'bitmap' "$(constant HEADER_LEN "$shared")" "$(first 'COW bitmap')"
ok 'bitmap in the contract' "$(in_header 'len >= ')" "$(first 'COW bitmap')"
ok 'sector' "$(constant SECTOR_LEN "$shared")" \
    "$(sed -n 's/.*A sector is \([0-9]*\) bytes.*/\1/p' "$spec")"
ok 'cluster' "$(constant CLUSTER_LEN "$shared")" \
    "$(sed -n 's/.*A cluster is \([0-9]*\) bytes.*/\1/p' "$spec")"
ok 'cluster in the contract' \
    "$(sed -n 's|.*ceil(size, \([0-9]*\)).*|\1|p' "$shared")" \
    "$(sed -n 's/.*A cluster is \([0-9]*\) bytes.*/\1/p' "$spec")"
ok 'longest name' "$(constant ADDCOW_NAME_MAX "$header")" \
    "$(sed -n 's/.*before its first NUL: 1 to \([0-9]*\) bytes.*/\1/p' \
        "$spec")"
echo "1..$n"
exit "$failed"
