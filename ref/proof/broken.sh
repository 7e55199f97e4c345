#!/bin/sh
# SPDX-License-Identifier: MIT
#
# broken.sh - each contract can fail: with a fault in its function, of a kind
# that somebody would commit, prove.sh does not prove it.
#
# A function is proved by the contracts of those that it calls, not by their
# code, so one tree can hold many faults.  What is not proved in a second may
# only want more time: a function that wants it without a fault, too, gets it,
# and has to be proved then.
#
# Exit status: 0 each fault was found; 1 one was not.
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH

# A fault a line: the tree that it is in, the function that is proved, the
# file, the fault as sed commits it.
faults() {
    cat <<'END'
1 least internal.h s/a < b ? a : b/a > b ? a : b/
1 siz_clusters siz.c s/return size .*/return (size + CLUSTER_LEN - 1) \/ 65536;/
1 siz_bitmap_len siz.c s/uint64_t clusters =/uint32_t clusters = (uint32_t)/
1 siz_within siz.c s/offset <= size && len <= size - offset/offset + len <= size/
1 siz_virtual siz.c s/len - len % SECTOR_LEN/len/
1 siz_holds_bitmap siz.c s/- HEADER_LEN >= siz/- HEADER_LEN > siz/
1 bits_get bits.c s/>> bit % 8 & 1/>> (7 - bit % 8) \& 1/
1 bits_set bits.c s/1u << bit % 8/1u << bit % 7/
1 mark_table cache.c s/bit < first + count; bit++/bit <= first + count; bit++/
1 bits_count bits.c s/uint64_t bit = 0; bit < count/uint64_t bit = 1; bit < count/
1 is_dirty cache.c s/dirty_from < table->dirty_to;/dirty_from <= table->dirty_to;/
1 set_clean cache.c s/table->dirty_from = table->dirty_to = 0/table->dirty_from = 0/
1 widen cache.c s/byte >= table->dirty_to/byte > table->dirty_to/
1 find_cached cache.c s/if (image->tables.i..used && /if (/
1 begins_with_magic hdr.c s/i < sizeof(magic); i++/i < 7; i++/
1 load_version hdr.c s/at.0. . 256u + at.1./at[1] * 256u + at[0]/
1 probe hdr.c s/len >= VERSION_AT + 4/len >= VERSION_AT/
1 find_nonzero hdr.c s/at < end && !head/at + 1 < end \&\& !head/
1 judge_field hdr.c s/else if (stray != end)/else if (stray + 1 < end)/
1 judge_reserved hdr.c s/(head, RESERVED_AT, HEADER_LEN)/(head, 2061, HEADER_LEN)/
1 judge_names hdr.c s/hdr_is_protocol(head + BACKING_AT/hdr_is_protocol(head + IMAGE_AT/
1 hdr_judge hdr.c s/judge_field(findings, head, IMAGE_AT)/(void)0/
1 hdr_is_protocol hdr.c s/name.at. && name.at. != '\/' &&/name[at] \&\&/
2 siz_clusters internal.h s/CLUSTER_LEN 65536u/CLUSTER_LEN 65535u/
2 siz_virtual internal.h s/SECTOR_LEN 512u/SECTOR_LEN 4096u/
2 siz_holds_bitmap internal.h s/HEADER_LEN 2560u/HEADER_LEN 4096u/
2 begins_with_magic hdr.c s/0x5F,/0x5E,/
2 probe hdr.c s/VERSION_AT = 8/VERSION_AT = 9/
2 judge_names hdr.c s/BACKING_AT = 12/BACKING_AT = 16/
2 hdr_judge hdr.c s/IMAGE_AT = 1036/IMAGE_AT = 1040/
2 judge_reserved hdr.c s/RESERVED_AT = 2060/RESERVED_AT = 2061/
2 judge_field hdr.c s/NAME_FIELD = ADDCOW_NAME_MAX + 1/NAME_FIELD = 1023/
END
}

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
patience="--seconds 60"

# verdict WHAT COMMAND...
verdict() {
    what=$1
    shift
    if "$@"; then
        echo "ok      $what"
    else
        echo "FAILED  $what"
        failed=1
    fi
}

# commit FILE SED: the fault; it has to change something.
commit() {
    sed "$2" "$1" >"$work/changed"
    ! cmp -s "$work/changed" "$1" && mv "$work/changed" "$1"
}

# left SOURCES LIMIT FUNCTIONS: those of which something is not proved.
left() {
    [ -n "$3" ] || return 0
    # Options and names of functions have no blanks.
    # shellcheck disable=SC2086
    sh "$here/prove.sh" --ref "$1" $2 $3 >"$work/log" 2>&1 ||
        [ $? -eq 1 ] || cat "$work/log" >&2
    sed -n 's/^[a-z]*\.c: \([a-z0-9_]*\): .* goals not proved$/\1/p' \
        "$work/log"
}

# tree N: makes the tree with all its faults, and has it judged.
tree() {
    tree=$work/$1
    faults | sed -n "s/^$1 //p" >"$tree.faults"
    mkdir "$tree"
    cp "$here"/../*.[ch] "$tree"
    while read -r function file fault; do
        commit "$tree/$file" "$fault" ||
            verdict "$fault changes nothing in $function" false
    done <"$tree.faults"
    cut -d ' ' -f 1 "$tree.faults" >"$tree.all"
    left "$tree" --quick "$(grep -vxF "$slow" "$tree.all")" >"$tree.left"
    left "$tree" "$patience" "$(grep -xF "$slow" "$tree.all")" >>"$tree.left"
    while read -r function file fault; do
        verdict "$function: $fault" grep -qx "$function" "$tree.left"
    done <"$tree.faults"
}

# All that is proved has a fault here.
# shellcheck disable=SC2317
complete() {
    grep -v '^#\|@lemma' "$here/goals.txt" | cut -d ' ' -f 2 | sort \
        >"$work/proved"
    faults | cut -d ' ' -f 2 | sort -u | cmp -s - "$work/proved"
}

# Without its words a contract has fewer goals, and all of them are proved.
# shellcheck disable=SC2317
lost() {
    mkdir "$work/lost"
    cp "$here"/../*.[ch] "$work/lost"
    commit "$work/lost/internal.h" '/ensures TRM_8/d' || return
    ! sh "$here/prove.sh" --ref "$work/lost" siz_clusters >"$work/log" 2>&1 &&
        grep -q 'siz_clusters: [0-9]* goals, [0-9]* in goals.txt' "$work/log"
}

slow=$(left "$here/.." --quick "$(faults | cut -d ' ' -f 2 | sort -u)")
stuck=$(left "$here/.." "$patience" "$slow")
for function in $stuck; do
    verdict "$function without a fault" false
done
tree 1
tree 2
verdict 'a contract that is lost is missed' lost
verdict 'each function that is proved has a fault' complete
exit "$failed"
