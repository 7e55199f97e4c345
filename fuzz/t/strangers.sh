#!/bin/sh
# SPDX-License-Identifier: MIT
#
# strangers.sh - no target accuses an honest implementation that goes another
# way than the reference: the first inputs of the driver without feedback, and
# those by which one was accused once.
#
#   sh strangers.sh            BUILD is a build without an engine
set -u
LC_ALL=C
export LC_ALL
failed=0

# shown TARGET SHIM OPTION...: the target finds nothing.
shown() {
    target=$1
    shim=$2
    shift 2
    FUZZ_SHIM=$BUILD/fakes/$shim.so "$BUILD/fuzz/${target}_random" \
        --seed 1 "$@" >log 2>&1 && return
    echo "$target accuses $shim:"
    cat log
    failed=1
}

# contrary WAY CHOICES TARGET: the same, with another way (fakes/contrary.c).
contrary() {
    CONTRARY_SHIM=$BUILD/fakes/stranger-eager.so CONTRARY_WAY=$1 \
        CONTRARY_CHOICES=$2 shown "$3" contrary --runs 2000
}

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2

# Writethrough is neither claimed nor asked for.
shown fuzz_crash stranger-eager-bits --first 517 --runs 1
# The cluster in which a disk ended before it grew is allocated, or not.
shown fuzz_diff stranger-eager --first 31 --runs 1

for target in fuzz_open fuzz_ops fuzz_crash fuzz_diff; do
    for shim in stranger-eager stranger-eager-bits stranger-through \
        stranger-latch stranger-unclear; do
        shown "$target" "$shim" --runs 2000
    done
    contrary sectors IMPL-2=b "$target"
done
# Who asks the host for the size fails when it does.
for target in fuzz_ops fuzz_crash fuzz_diff; do
    contrary asks IMPL-2=a "$target"
done
exit "$failed"
