#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The clauses of a specification: what is read, and what is refused at build
# time with file and line.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

script=$here/../cmake/clauses.cmake

convert() {
    cmake -DIN="$1" -DOUT=table.c -P "$script"
}

# refused LINE TEXT: a specification that contains TEXT is, at LINE.
refused() {
    printf '%b' "$2" >bad.txt
    status 1 convert bad.txt && says err "bad.txt:$1:"
}

reads_all() {
    status 0 convert "$here/../tests/selftest-spec.txt" &&
        [ "$(grep -c '^    {"' table.c)" -eq 8 ]
}

table_compiles() {
    status 0 convert "$here/../tests/selftest-spec.txt" &&
        "${CC:-cc}" -std=c11 -Wall -Wextra -Werror -fsyntax-only \
            -I "$here/.." table.c
}

# Dollars are meant.
# shellcheck disable=SC2016
keeps_odd_bytes() {
    printf '[A-1] MUST all text A; "b" \\ [c] ${d} # @e@.\n' >odd.txt
    status 0 convert odd.txt &&
        says table.c 'A; \"b\" \\ [c] ${d} # @e@.'
}

check 'all clauses are read' reads_all
check 'the table compiles' table_compiles
check 'bytes that mean something elsewhere' keeps_odd_bytes
check 'an unknown level' refused 1 '[A-1] WILL all text Words.\n'
check 'an unknown subject' refused 2 '\n[A-1] MUST cook text Words.\n'
check 'an unknown source' refused 1 '[A-1] MUST all rumour Words.\n'
check 'a missing source' refused 1 '[A-1] MUST all A reader.\n'
check 'a number that begins with 0' refused 1 '[A-01] MUST all text Words.\n'
check 'a small letter' refused 1 '[a-1] MUST all text Words.\n'
check 'no words' refused 2 '\n[A-1] MUST all text\n\n   none of its.\n'
check 'a doubled ID' refused 3 \
    '[A-1] MUST all text One.\n\n[A-1] MUST all text Two.\n'
check 'a MUST without subject' refused 1 '[A-1] MUST - text Words.\n'
check 'a MUST without source' refused 1 '[A-1] MUST all - Words.\n'
printf 'No clause at all.\n' >empty.txt
check 'no clause at all' status 1 convert empty.txt
check 'no file' status 1 convert missing.txt
finish
