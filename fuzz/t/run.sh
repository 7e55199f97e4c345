#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh - a target with libFuzzer, from its seeds on, for a number of inputs.
#
#   sh run.sh PROGRAM RUNS [SEED]
set -eu

fuzz=$(cd "$(dirname "$0")/.." && pwd)
program=$1
runs=$2
seed=${3:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sh "$fuzz/seeds.sh" "${program##*/}" "$work/seeds"
ASAN_OPTIONS=malloc_context_size=2:quarantine_size_mb=4:${ASAN_OPTIONS-}
export ASAN_OPTIONS
most=$(sh "$fuzz/max-len.sh" "${program##*/}")
"$program" -runs="$runs" -seed="$seed" -max_len="$most" \
    -dict="$fuzz/addcow.dict" -artifact_prefix="$work/" "$work/seeds" \
    >"$work/log" 2>&1 || {
    tail -n 60 "$work/log"
    for file in "$work"/crash-* "$work"/leak-* "$work"/oom-*; do
        [ ! -f "$file" ] || od -A d -t x1z "$file"
    done
    exit 1
}
grep 'DONE' "$work/log"
