#!/bin/sh
# SPDX-License-Identifier: MIT
#
# learn.sh - what fuzz.sh has learnt goes into the tree, as little of it as
# there can be: the inputs that reach what the seeds do not.
#
#   sh fuzz/learn.sh TARGET
#
# The inputs that stood in fuzz/seeds/TARGET compete again.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
target=${1-}
program=$root/build/libfuzzer/fuzz/$target
learnt=$root/build/fuzz-work/$target
if [ -z "$target" ] || [ ! -x "$program" ] || [ ! -d "$learnt/corpus" ]; then
    echo "usage: sh learn.sh TARGET, after sh fuzz.sh TARGET SECONDS" >&2
    exit 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/old" "$work/seeds" "$here/seeds/$target"
mv "$here/seeds/$target"/* "$work/old/" 2>/dev/null || :
sh "$here/seeds.sh" "$target" "$work/seeds"
ls "$work/seeds" >"$work/before"
# shellcheck disable=SC2046 # AFL++ may not have run: no word then
"$program" -merge=1 "$work/seeds" "$work/old" "$learnt/corpus" \
    $(find "$learnt" -type d -name queue) >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    exit 1
}
for file in "$work/seeds"/*; do
    name=${file##*/}
    grep -qx -e "$name" "$work/before" || {
        sum=$(sha256sum <"$file")
        cp "$file" "$here/seeds/$target/$(echo "$sum" | cut -c1-16)"
    }
done
find "$here/seeds/$target" -type f | wc -l
