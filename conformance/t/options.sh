#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The command line: what is wrong ends in one line and status 2; --help helps.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

good=$fakes/good.so

run() {
    "$selftest" run --shim "$good" --keep never "$@"
}

help_names_all() {
    status 0 "$selftest" run --help || return
    for o in shim shim-opt clause run skip profile source level strict crash \
        replay timeout jobs seed repeat fail-fast last-failed in-process gdb \
        valgrind keep out format tap tap-version junit json html statement waivers \
        write-waivers shard color timestamps verbose quiet help; do
        says out "--$o" || return
    done
}

help_of_each() {
    for c in run list explain shim-check report trace version; do
        status 0 "$selftest" "$c" --help && says out "usage: " &&
            [ ! -s err ] || return
    done
}

no_command() {
    status 2 "$selftest" && says err usage &&
        usage_error "no command 'walk'" "$selftest" walk
}

to_a_full_place() {
    "$selftest" list >/dev/full 2>err
    [ $? -eq 2 ] && one_line err
}

check 'no command, or an unknown one' no_command
check 'what cannot be written' to_a_full_place
check '--help of the program' status 0 "$selftest" --help
check '--help of each command' help_of_each
check '--help names every option' help_names_all
check 'no shim' usage_error '--shim' "$selftest" run
check 'unknown option' usage_error '--colour' run --colour
check 'unknown letter' usage_error '-z' run -qz
check 'missing value' usage_error 'needs a value' run --seed
check 'a value where none belongs' usage_error 'takes no value' run --strict=1
check 'no abbreviations' usage_error '--prof' run --prof reader
check 'a bad number' usage_error 'no number' run --jobs 2x
check 'no jobs at all' usage_error 'at least 1' run --jobs 0
check 'a number too large' usage_error 'no number' \
    run --seed 18446744073709551616
check 'a seed that JSON does not take' usage_error 'larger than' \
    run --seed 9223372036854775807
check 'a negative number' usage_error 'no number' run --seed -1
check 'a bad time' usage_error 'seconds' run --timeout soon
check 'no time' usage_error 'seconds' run --timeout 0
check 'an unknown profile' usage_error 'none of reader|writer|full' \
    run --profile all
check 'an unknown source' usage_error 'source' run --source text,rumour
check 'an unknown level' usage_error 'level' run --level will
check 'an unknown number of power cuts' usage_error 'crash' \
    run --crash some
check 'a witness that is none' usage_error 'witness' run --replay 5
check 'a witness of no case' usage_error "no case 'x/y'" run --replay 'x/y#0@1:-'
check 'a witness of a case without any' usage_error 'cuts no power' \
    run --replay 'ok/pass#0@1:-'
check 'all power cuts' status 0 run --crash full ok/pass
check 'no power cuts' status 0 run --crash none ok/pass
check 'a pattern that matches nothing' usage_error "'nope'" run nope
check 'a chapter without its star' usage_error "'ok/*'" run ok
check 'a skip that matches nothing' usage_error "'nope'" run --skip nope
check 'a --run that matches nothing' usage_error "'nope'" run --run nope
check 'a clause that does not exist' usage_error 'ONE-9' run --clause ONE-9
check 'a clause without a case' usage_error 'TWO-3' run --clause TWO-3
check 'filters that leave nothing' usage_error 'no case' \
    run --source driver ok/pass
check 'an operand too many' usage_error 'no operand' \
    "$selftest" shim-check --shim "$good" more
check 'the last failures of no run' usage_error 'no failure' \
    run --last-failed --out nowhere
check 'an option after --' usage_error "'--strict'" run -- --strict
check '--tap into nowhere' usage_error '--tap' run --tap no/where ok/pass
check 'two cases for a debugger' usage_error 'one case' \
    run --in-process 'ok/d*'
check 'explain without an ID' usage_error 'explain' "$selftest" explain
check 'explain with an unknown ID' usage_error 'HDR-1' \
    "$selftest" explain HDR-1
check 'an --out that cannot be made' usage_error '/dev/null/x' "$selftest" run \
    --shim "$good" --out /dev/null/x ok/pass
finish
