#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The corpus is what its recipes make, and "corpus check" says so of nothing
# else: each mistake is planted in a copy and must be named.

# The functions are called by name, through check.
# shellcheck disable=SC2317

. "${0%/*}/lib.sh"

root=$here/../..
tool=$BUILD/bin/addcow-conform
tab=$(printf "\t")

# A corpus of four vectors, to be copied and spoiled.
mkdir -p base/recipes
for id in example hdr-version-2 nam-percent siz-0; do
    cp "$root/corpus/recipes/$id.recipe" base/recipes
done
"$tool" corpus build --corpus base --out base || exit 1

# A fresh copy of it, in the directory c.
fresh() {
    rm -rf c && cp -R base c
}

# wrong TEXT: the copy is not right; TEXT says where.
wrong() {
    status 1 "$tool" corpus check c && says err "$1"
}

# malformed TEXT: the copy cannot be judged; one line begins with TEXT.
malformed() {
    status 2 "$tool" corpus check c && one_line err && says err "$1"
}

right_as_it_is() {
    status 0 "$tool" corpus check "$root/corpus" && [ ! -s err ] &&
        says out ' valid, '
}

same_bytes_again() {
    status 0 "$tool" corpus build --corpus "$root/corpus" --out again &&
        diff -r again/v "$root/corpus/v" &&
        cmp again/MANIFEST.tsv "$root/corpus/MANIFEST.tsv" &&
        cmp again/SHA256SUMS "$root/corpus/SHA256SUMS"
}

one_vector() {
    status 0 "$tool" corpus build --corpus "$root/corpus" --out one example &&
        diff -r one/v/example "$root/corpus/v/example" &&
        [ "$(find one -type f | wc -l)" -eq 3 ]
}

prints_manifest() {
    status 0 "$tool" corpus manifest "$root/corpus" &&
        cmp out "$root/corpus/MANIFEST.tsv"
}

sums_by_another_hand() {
    (cd "$root/corpus" && sha256sum -c --quiet --strict SHA256SUMS) &&
        [ "$(find "$root/corpus/v" -type f | wc -l)" -eq \
            "$(wc -l <"$root/corpus/SHA256SUMS")" ]
}

small_enough() {
    len=$(find "$root/corpus" -type f -exec cat {} + | wc -c)
    echo "$len bytes"
    [ "$len" -le 8388608 ]
}

enough_vectors() {
    [ "$(wc -l <"$root/corpus/MANIFEST.tsv")" -gt 100 ]
}

# A second hand at the pattern: 32 bytes a line, tag and offset.
pattern_by_another_hand() {
    awk 'BEGIN {
        for (at = 0; at < 590336; at += 32)
            printf "%-10s %020d\n", "image", at
    }' | cmp - "$root/corpus/v/example/disk.raw"
}

clauses_exist() {
    sed -n 's/^\[\([A-Z]*-[0-9]*\)\].*/\1/p' "$root/spec/add-cow.txt" >ids
    cut -f 5 "$root/corpus/MANIFEST.tsv" | sed 1d | tr ',' '\n' |
        sort -u >named
    [ -s named ] && ! grep -vxFf ids named
}

byte_changed() {
    fresh && printf x | dd of=c/v/example/base.raw bs=1 seek=77 \
        conv=notrunc 2>/dev/null && wrong c/v/example/base.raw
}

byte_longer() {
    fresh && printf x >>c/v/example/base.raw && wrong c/v/example/base.raw
}

file_missing() {
    fresh && rm c/v/example/base.raw && wrong c/v/example/base.raw
}

file_added() {
    fresh && echo x >c/v/example/more && wrong c/v/example/more
}

vector_added() {
    fresh && mkdir c/v/another && echo x >c/v/another/more &&
        wrong c/v/another/more
}

sum_changed() {
    fresh && sed -i 's/^[0-9a-f]/g/' c/SHA256SUMS && wrong c/SHA256SUMS
}

manifest_changed() {
    fresh && sed -i '3s/1\.0/1.1/' c/MANIFEST.tsv && wrong c/MANIFEST.tsv:3:
}

manifest_line_missing() {
    fresh && sed -i '$d' c/MANIFEST.tsv && wrong c/MANIFEST.tsv:
}

manifest_columns() {
    fresh && sed -i "4s/${tab}[^${tab}]*\$//" c/MANIFEST.tsv &&
        malformed c/MANIFEST.tsv:4:
}

manifest_empty_column() {
    fresh && sed -i "5s/$tab-$tab/${tab}${tab}/" c/MANIFEST.tsv &&
        malformed c/MANIFEST.tsv:5:
}

manifest_result() {
    fresh && sed -i "5s/${tab}[a-z]*${tab}/${tab}good$tab/" c/MANIFEST.tsv &&
        malformed c/MANIFEST.tsv:5:
}

manifest_head() {
    fresh && sed -i 1d c/MANIFEST.tsv && malformed c/MANIFEST.tsv:1:
}

manifest_cut() {
    fresh && printf x >>c/MANIFEST.tsv && malformed c/MANIFEST.tsv:
}

manifest_empty() {
    fresh && : >c/MANIFEST.tsv && malformed c/MANIFEST.tsv:
}

manifest_missing() {
    fresh && rm c/MANIFEST.tsv && malformed c/MANIFEST.tsv:
}

no_recipes() {
    fresh && rm c/recipes/* && status 5 "$tool" corpus check c && one_line err
}

# recipe EDIT LINE: the recipe spoiled by the sed script EDIT is malformed at
# that line.  Its steps: 1 to 6 say what it is, 8 base.raw, 9 disk.raw, 10 the
# header, 11 the bitmap, 12 the guest, 14 the defect.
recipe() {
    fresh && sed "$1" "$root/corpus/recipes/hdr-version-2.recipe" \
        >c/recipes/hdr-version-2.recipe &&
        malformed "c/recipes/hdr-version-2.recipe:$2:"
}

# unproven EDIT TEXT: so spoiled it is well formed, but not what it claims.
unproven() {
    fresh && sed "$1" "$root/corpus/recipes/hdr-version-2.recipe" \
        >c/recipes/hdr-version-2.recipe &&
        status 1 "$tool" corpus build --corpus c --out spoiled && one_line err &&
        says err "c/recipes/hdr-version-2.recipe: $2" && [ ! -e spoiled ]
}

check 'the corpus is what its recipes make' right_as_it_is
check 'the recipes make the same bytes again' same_bytes_again
check 'one vector can be built alone' one_vector
check 'the manifest can be printed' prints_manifest
check 'sha256sum agrees with the sums, and they name every file' \
    sums_by_another_hand
check 'the corpus has at most 8 MiB' small_enough
check 'the corpus has more than 100 vectors' enough_vectors
check 'the pattern is the one that the README describes' \
    pattern_by_another_hand
check 'every clause that the manifest names exists' clauses_exist

check 'a byte that differs is found' byte_changed
check 'a byte too many is found' byte_longer
check 'a missing file is found' file_missing
check 'a file that no recipe makes is found' file_added
check 'a directory that no recipe makes is found' vector_added
check 'a sum that differs is found' sum_changed
check 'a line of the manifest that differs is found' manifest_changed
check 'a missing line of the manifest is found' manifest_line_missing

check 'manifest: a line with too few columns' manifest_columns
check 'manifest: an empty column' manifest_empty_column
check 'manifest: an unknown result' manifest_result
check 'manifest: no head' manifest_head
check 'manifest: a last line without end' manifest_cut
check 'manifest: empty' manifest_empty
check 'manifest: missing' manifest_missing
check 'no recipe at all: nothing was verified' no_recipes

check 'recipe: an unknown step' recipe '9s/file/flie/' 9
check 'recipe: too few words' recipe '9s/ image//' 9
check 'recipe: too many words' recipe '9s/$/ more/' 9
check 'recipe: no number' recipe '9s/1536/15x6/' 9
check 'recipe: a length over the limit' recipe '9s/1536/1048577/' 9
check 'recipe: a number that wraps' recipe '9s/1536/18446744073709551617/' 9
check 'recipe: a file made twice' recipe '9s/disk/base/' 9
check 'recipe: a file that no step made' recipe '11s/disk/dusk/' 11
check 'recipe: a name that is malformed' recipe '10s/base/\\xz0/' 10
check 'recipe: a name with a NUL' recipe '10s/base/\\x00/' 10
check 'recipe: a repetition without end' recipe '10s/base/{a*3/' 10
check 'recipe: a name longer than its field' recipe \
    '10s/base.raw/{a*1025}/' 10
check 'recipe: a cluster beyond the size' recipe '11s/0$/1/' 11
check 'recipe: half a byte' recipe '14s/00000002/0000000/' 14
check 'recipe: bytes that are none' recipe '14s/00000002/0000000g/' 14
check 'recipe: a defect beyond the end' recipe '14s/ 8 / 2561 /' 14
check 'recipe: a step after the defect' recipe '14p' 15
check 'recipe: an invalid vector without a defect' recipe '14d' 13
check 'recipe: a valid vector with a defect' recipe \
    '2s/invalid VERSION/valid/' 14
check 'recipe: an unknown result' recipe '2s/invalid/wrong/' 2
check 'recipe: an unknown class' recipe '2s/VERSION/VERSIONS/' 14
check 'recipe: an entry that no step makes' recipe '6s/disk/dusk/' 14
check 'recipe: no clauses' recipe '3d' 13
check 'recipe: two comments' recipe '1p' 2

check 'a defect that changes nothing is found' unproven \
    '14s/00000002/00000001/' 'the defect changes nothing'
check 'a defect that readers accept is found' unproven \
    '14s/.*/defect disk.raw 8 00000002/' 'the defect would be accepted'
check 'a defect of another class is found' unproven \
    '2s/VERSION/CORRUPT/' 'the defect is of another class'
check 'a second defect, in the good image, is found' unproven \
    '11s/$/\nbytes disk.add-cow 2060 01/' 'without its defect'
check 'a guest that would read something else is found' unproven \
    '12s/image/backing/' 'the guest would read something else'

check 'usage: no command' usage_error '(none)' "$tool" corpus
check 'usage: an unknown command' usage_error bake "$tool" corpus bake
check 'usage: build without --out' usage_error --out "$tool" corpus build
check 'usage: --out without a directory' usage_error --out \
    "$tool" corpus build --out
check 'usage: an unknown option' usage_error --fast "$tool" corpus build --fast
check 'usage: an unknown vector' usage_error no-such-vector \
    "$tool" corpus build --corpus "$root/corpus" --out none no-such-vector
check 'usage: two directories' usage_error check "$tool" corpus check a b
check 'a directory without recipes' usage_error none/recipes \
    "$tool" corpus check none
check 'help is help' status 0 "$tool" corpus --help
finish
