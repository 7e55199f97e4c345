#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The exit status of a run, the first that applies: 2, 3, 1, 5, 0.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

run() {
    "$selftest" run --shim "$fakes/good.so" --keep never "$@"
}

check 'all passed: 0' status 0 run 'ok/*'
check 'a MUST case failed: 1' status 1 run ok/pass bad/fail
check 'a case answered unimplemented: 1' status 1 run bad/unimplemented
check 'a SHOULD case failed, another passed: 0' status 0 run ok/pass bad/should
check 'the same, strictly: 1' status 1 run --strict ok/pass bad/should
check 'a MAY case failed: 0' status 0 run --strict --level may ok/pass bad/may
check 'an ERROR: 3, whatever else' status 3 run bad/fail bad/error ok/pass
check 'all NA: 5' status 5 run 'other/na-*'
check 'nothing but a SHOULD failure: 5' status 5 run bad/should
check 'only a case later than the requirements failed: 0' \
    status 0 run --seed 2 ok/pass bad/seed
check 'a case failed that is a requirement since this edition: 1' \
    status 1 run --seed 2 ok/pass new/in-1-1
check 'two failures are no count: 1' status 1 run bad/fail bad/unimplemented
check 'a crash: 1' status 1 "$selftest" run --keep never \
    --shim "$fakes/crash.so" other/open
check 'a hang: 1' status 1 "$selftest" run --keep never --timeout 0.1 \
    --shim "$fakes/hangs.so" other/open
check 'a required capability that is not claimed: 1' \
    status 1 run --profile writer ok/write
check 'one that is not required: 5' status 5 run ok/write
nowhere() {
    touch inway
    usage_error "Not a directory" "$selftest" run --shim "$fakes/good.so" \
        --out inway/kept ok/pass
}

# A case that was withdrawn: clear when it is asked for, of no matter when it is
# left out.
withdrawn() {
    usage_error "case 'bad/contradicted' was withdrawn in 1.1 (ONE-2): the" \
        run bad/contradicted &&
        usage_error 'was withdrawn' run ok/pass 'bad/contra*' &&
        status 0 run 'ok/*' --skip bad/contradicted && says err withdrawn
}

check 'a case that was withdrawn: 2' withdrawn
check 'evidence that cannot be kept: 2' nowhere

# A command that the build could not have says what it needs.
bare=$BUILD/bin/conform-without-jansson
check 'report without jansson: 2' \
    usage_error 'install libjansson-dev' "$bare" report run.json
check 'it is listed all the same' sh -c "'$bare' --help | grep -q '^  report'"
finish
