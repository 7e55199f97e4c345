# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# lib.sh - what the shell tests of the fuzzers share, beside TAP (tap.sh): the
# tree's root, and a copy of the tree, so that nothing is written into it.

# shellcheck source=conformance/t/tap.sh
. "${0%/*}/../../conformance/t/tap.sh"

root=$(cd "$here/../.." && pwd) || exit 2
copy=$work/copy

# copy_rooms NAME...: of the root, into $copy.
copy_rooms() {
    mkdir "$copy" || exit 2
    for room; do
        cp -R "$root/$room" "$copy/" || exit 2
    done
}
