#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The hexdump of appendix C is the entry file of the vector "example".

# The functions are called by name, through check.
# shellcheck disable=SC2317

. "${0%/*}/lib.sh"

root=$here/../..
entry=$root/corpus/v/example/disk.add-cow

# The dump in the specification, without its margin and the text at the right.
awk '/^Appendix C/ { on = 1 }
    /^Appendix D/ { on = 0 }
    on && /^  ([0-9a-f]* |\*|[0-9a-f]*$)/ {
        sub(/ *\|.*/, "")
        gsub(/  +/, " ")
        sub(/^ /, "")
        print
    }' "$root/spec/add-cow.txt" >shown

# The same from the bytes, with od and no program of ours.
od -A x -t x1 "$entry" |
    sed -e 's/^\([0-9a-f]\{6\}\)\( \|$\)/00\1\2/' >dumped

dump_is_there() {
    [ "$(grep -c "^[0-9a-f]" shown)" -ge 8 ] &&
        [ "$(grep -c '^\*$' shown)" -ge 2 ]
}

dump_is_equal() {
    diff shown dumped
}

# The words before the dump: sizes, names and the clusters' bits.
words_are_true() {
    [ "$(wc -c <"$entry")" -eq 2562 ] &&
        [ "$(wc -c <"${entry%/*}/disk.raw")" -eq 590336 ] &&
        [ -f "${entry%/*}/base.raw" ] &&
        grep -q '^An image of 590336 bytes' "$root/spec/add-cow.txt"
}

check 'the appendix shows a dump' dump_is_there
check 'the dump is that of the vector' dump_is_equal
check 'the sizes are those of the appendix' words_are_true
finish
