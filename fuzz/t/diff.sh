#!/bin/sh
# SPDX-License-Identifier: MIT
#
# diff.sh - two implementations that agree, by random inputs; one that is
# broken is found out by the other.
#
#   sh diff.sh PROGRAM AGREES.so BROKEN.so
set -eu

program=$1
agrees=$2
broken=$3
log=$(mktemp)
trap 'rm -f "$log"' EXIT

"$program" --runs 3000 --max-len 80
FUZZ_SHIM=$agrees "$program" --runs 3000 --max-len 80
if FUZZ_SHIM=$broken "$program" --runs 3000 --max-len 80 2>"$log"; then
    echo "diff.sh: $broken goes unnoticed"
    exit 1
fi
grep '^BROKEN' "$log"
