#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sweep.sh - of the sizes no change goes unseen but in what only the command
# calls; and what no case sees is told.

. "${0%/*}/lib.sh"

sweep=$here/../mutants/sweep.sh

# Where the line after the one that begins with TEXT stands in siz.c.
within() {
    awk -v text="$1" 'index($0, text) == 1 { print NR + 2 }' \
        "$here/../../ref/siz.c"
}

only_getters() {
    for name in addcow_clusters addcow_bitmap_len addcow_backing_len; do
        echo "silent  ref/siz.c:$(within "uint64_t $name(")  return 0;"
    done >want
    grep '^silent' out | cmp - want
}

check 'some changes are silent' status 1 sh "$sweep" --build "$BUILD" siz.c
check 'they are in three getters of the command' only_getters
check 'the others are seen' says out '27 mutants: 24 seen, 3 silent, 0 dead'
check 'a file that is none' status 2 sh "$sweep" --build "$BUILD" none.c
check 'no such option' status 2 sh "$sweep" --none
check 'help' status 0 sh "$sweep" --help
finish
