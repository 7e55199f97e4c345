#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Each invalid vector has one defect and no other: undone, the reference opens
# the image and reads what its recipe says; as it is, the reference refuses it.

# The functions are called by name, through check.
# shellcheck disable=SC2317

. "${0%/*}/lib.sh"

corpus=$here/../../corpus
reader=$BUILD/bin/addcow
n_vectors=$(sed 1d "$corpus/MANIFEST.tsv" | wc -l)

undone() {
    status 0 "$BUILD/bin/addcow-conform" corpus build --corpus "$corpus" --undo \
        --out good && cp "$corpus/check.sh" good
}

all_valid() {
    [ "$(cut -f 2 good/MANIFEST.tsv | grep -c '^valid$')" -eq \
        "$(cut -f 2 "$corpus/MANIFEST.tsv" | grep -c '^valid$\|^invalid$')" ]
}

accepted() {
    status 0 sh good/check.sh "$reader" read &&
        says out "$n_vectors of $n_vectors right"
}

# One file of an invalid vector differs, or is gone; of the others none.
one_file_differs() {
    awk -F '\t' 'NR > 1 { print $1, $2 }' "$corpus/MANIFEST.tsv" |
        while read -r id result; do
            want=0
            [ "$result" = invalid ] && want=1
            got=$(diff -rq "good/v/$id" "$corpus/v/$id" | wc -l)
            [ "$got" -eq "$want" ] || echo "$id: $got files differ"
        done >differing
    cat differing
    [ ! -s differing ]
}

check 'the vectors are built without their defects' undone
check 'none of them is invalid then' all_valid
check 'the reference accepts every one' accepted
check 'one file differs where there is a defect' one_file_differs
finish
