#!/bin/sh
# SPDX-License-Identifier: MIT
#
# One case in the runner's own process, alone and under tools.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

run() {
    "$selftest" run --shim "$fakes/good.so" --keep never "$@"
}

failing() {
    status 1 run --in-process bad/fail &&
        says out 'the implementation prints' && says out 'FAIL   bad/fail'
}

crashing() {
    "$selftest" run --in-process --keep never --shim "$fakes/abort.so" \
        other/open >out 2>err
    [ $? -eq 134 ]
}

na() {
    status 5 run --in-process ok/host && says out 'NA     ok/host (storage)'
}

plain_build() {
    ! grep -q '^ADDCOW_SANITIZE:STRING=.' "$BUILD/CMakeCache.txt"
}

under_valgrind() {
    status 0 run --valgrind ok/pass && says out 'PASS   ok/pass'
}

under_gdb() {
    "$selftest" run --gdb --keep never --shim "$fakes/good.so" ok/pass \
        >out 2>err <commands
    says out 'PASS   ok/pass' && says out 'exited normally'
}

printf 'set confirm off\nrun\nquit\n' >commands

check 'passing' status 0 run --in-process ok/pass
check 'failing' failing
check 'NA' na
check 'a bad shim' status 2 "$selftest" run --in-process \
    --shim "$fakes/abi-2.so" ok/pass
check 'nothing is left' test -z "$(ls "$TMPDIR")"
# After this one a working directory is, as in a debugger.
check 'crashing: the runner with it' crashing
# Sanitizers and these tools do not go together.
if plain_build && command -v valgrind >log; then
    check 'under valgrind' under_valgrind
fi
if plain_build && command -v gdb >log; then
    check 'under gdb' under_gdb
fi
finish
