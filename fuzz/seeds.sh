#!/bin/sh
# SPDX-License-Identifier: MIT
#
# seeds.sh - the seeds of a target, in a directory: what stands in the tree
# for it, and the add-cow files of the corpus for the targets that read such.
#
#   sh fuzz/seeds.sh TARGET DIRECTORY
set -eu

[ $# -eq 2 ] || {
    echo "usage: sh seeds.sh TARGET DIRECTORY" >&2
    exit 2
}
here=$(cd "$(dirname "$0")" && pwd)
corpus=$here/../corpus
tab=$(printf '\t')
mkdir -p "$2"

case $1 in
fuzz_probe | fuzz_header) most=2560 ;;
fuzz_open) most=1048576 ;;
*) most= ;;
esac
while [ -n "$most" ] && IFS=$tab read -r id _ _ _ _ _ _ _ entry _; do
    [ ! -f "$corpus/$entry" ] ||
        head -c "$most" "$corpus/$entry" >"$2/$id"
done <"$corpus/MANIFEST.tsv"
for kept in seeds regressions; do
    for file in "$here/$kept/$1"/*; do
        [ ! -f "$file" ] || cp "$file" "$2/"
    done
done
