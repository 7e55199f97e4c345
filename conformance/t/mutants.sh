#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mutants.sh - the judge of mutants tells each of its verdicts, by mutants
# that are planted.

. "${0%/*}/lib.sh"

judge=$here/../mutants/judge.sh
ref=$here/../../ref
mkdir planted

# plant NAME FILE SED: a patch that does to FILE of the reference what SED
# does.
plant() {
    sed "$3" "$ref/$2" >changed
    ! cmp -s "$ref/$2" changed || echo "# $1 changes nothing"
    diff -u "$ref/$2" changed | sed "1s,.*,--- a/ref/$2,
        2s,.*,+++ b/ref/$2," >"planted/$1.patch"
}

# judged STATUS OPTION...: the judge ends so, and the table is in out.
judged() {
    want=$1
    shift
    status "$want" sh "$judge" --build "$BUILD" --mutants planted "$@"
}

# is VERDICT NAME
is() {
    grep -q "^$1  *$2 " out && return
    echo "no $1 of $2:"
    cat out
    return 1
}

plant HDR-2-seen hdr.c 's/!begins_with_magic(head, len)/0/'
plant HDR-3-of-siz siz.c 's/len - len % SECTOR_LEN/len/'
plant HDR-4-silent hdr.c 's/the magic is missing/no magic/'
plant HDR-5-comment hdr.c '2s/.*/ * Another comment./'
plant HDR-6-syntax hdr.c 's/^int addcow_probe/int int addcow_probe/'
plant HDR-7-header internal.h 's/HEADER_LEN 2560u/HEADER_LEN 2559u/'
cat >planted/HDR-8-old.patch <<'END'
--- a/ref/hdr.c
+++ b/ref/hdr.c
@@ -1,3 +1,3 @@
 these lines
-were never
+are not
 there
END
plant HDR-9-near hdr.c 's/!begins_with_magic(head, len)/0/'
sed '/^ /{s/.*/ another line/;:rest
n;b rest
}' planted/HDR-9-near.patch >near
mv near planted/HDR-9-near.patch
plant WR-9-hang wr.c 's/^    image->raw_dirty = true;$/    while (len) ;/'
plant RD-1-crash rd.c 's/^    unsigned char \*at = out;$/&  at[-1000000] = 1;/'
plant RD-1-unexpected rd.c 's/^    unsigned char \*at = out;$/&  at[-1000000] = 1;/'
for ends in 'crash RD-1-crash' 'hang WR-9-hang'; do
    patch=planted/${ends#* }.patch
    echo "Ends in a ${ends%% *}." | cat - "$patch" >with-words
    mv with-words "$patch"
done
plant RD-2-of-rd-1 rd.c 's/if (allocated)/if (allocated \&\& !len)/'

check 'a mutant that is seen' judged 0 HDR-2
check 'is told, with its case' \
    eval 'is killed HDR-2-seen && says out " HDR-2   hdr/magic-byte-0"'
check 'all mutants' judged 1 --jobs 2
check 'one that is not seen is silent' is silent HDR-4-silent
check 'one that only cases of other clauses see' is by-another HDR-3-of-siz
check 'nor is the failure of a check of another clause its own' \
    is by-another RD-2-of-rd-1
check 'another comment is no mutant' is dead HDR-5-comment
check 'nor is what does not compile' is dead HDR-6-syntax
check 'nor is what does not apply' is dead HDR-8-old
check 'nor is one whose place is guessed' is dead HDR-9-near
check 'a header is compiled into all' is killed HDR-7-header
check 'a hang in a case of the clause counts' is killed WR-9-hang
check 'so does a crash' is killed RD-1-crash
check 'but not one that nobody meant' is crashed RD-1-unexpected
check 'the sum' says out \
    '12 mutants: 4 killed, 1 crashed, 2 by-another, 1 silent, 4 dead'
mv out first
check 'all, one by one' judged 1 --jobs 1
check 'come to the same' cmp first out

check 'without cases' judged 1 --only-build
check 'the same are dead' says out '12 mutants: 8 built, 4 dead'
check 'those that are not seen as well' is built HDR-4-silent
check 'another compiler' status 127 sh "$judge" --build "$BUILD" \
    --mutants planted --cc ./no-such-compiler

check 'a pattern of clauses' judged 0 'HDR-[27]'
check 'selects' says out '2 mutants: 2 killed'
check 'what matches nothing is a usage error' \
    usage_error 'no mutant' sh "$judge" --build "$BUILD" 'XYZ-*'
check 'an unknown option is one' usage_error "'--x'" sh "$judge" --x
check 'no jobs are one' usage_error '--jobs' sh "$judge" --jobs 0
check 'no build is one' usage_error 'no build' sh "$judge" --build /nowhere
check 'help' status 0 sh "$judge" --help
finish
