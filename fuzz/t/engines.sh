#!/bin/sh
# SPDX-License-Identifier: MIT
#
# engines.sh - fuzz.sh with each engine: the reference holds, one that is
# broken is found out, and keep.sh makes a regression of what was found.
#
# All in a copy of the tree.

# shellcheck source=fuzz/t/lib.sh
. "${0%/*}/lib.sh"

# With AFL++ and libFuzzer alike it is the number of inputs that ends a run,
# never the clock.
holds_with_afl() {
    sh "$copy/fuzz/fuzz.sh" fuzz_header 100000 afl -E 20000 &&
        grep -q '^stability *: 100' \
            "$copy/build/fuzz-work/fuzz_header/afl/main/fuzzer_stats"
}

holds_with_libfuzzer() {
    sh "$copy/fuzz/fuzz.sh" fuzz_open 100000 libfuzzer -runs=20000
}

# No target takes a shim that is not instrumented for one that does nothing.
holds_as_it_is() {
    "${CC:-cc}" -std=c11 -shared -fPIC -I "$copy/conformance" \
        -o "$work/template.so" "$copy/conformance/shims/template.c" || return
    for source in "$copy"/fuzz/fuzz_*.c; do
        target=${source##*/}
        FUZZ_SHIM=$work/template.so sh "$copy/fuzz/fuzz.sh" "${target%.c}" \
            100000 libfuzzer -runs=5000 || return
    done
}

# The last command that fuzz.sh names ends as the run did.
shows_it_again() {
    sed -n 's/^again *\(.*found\)/\1/p' found | tail -n 1 >again
    ! sh again >report 2>&1 && grep '^BROKEN' report
}

# Breaks the reference of the copy as a mutant does.
plant() {
    patch -s -F0 -p1 -d "$copy" <"$copy/conformance/mutants/$1.patch"
}

find_it() {
    status 1 sh "$copy/fuzz/fuzz.sh" fuzz_header 100000 "$@" &&
        mv out found
}

keep_it() {
    found=$(find "$copy/build/fuzz-work/fuzz_header/found" -type f |
        head -n 1)
    sh "$copy/fuzz/keep.sh" "$found" fuzz_header &&
        [ "$(find "$copy/fuzz/regressions/fuzz_header" -type f | wc -l)" -gt \
            "$n_kept" ]
}

copy_rooms CMakeLists.txt conformance corpus fuzz ref spec
mkdir -p "$copy/fuzz/regressions/fuzz_header"
n_kept=$(find "$copy/fuzz/regressions/fuzz_header" -type f | wc -l)

check 'libFuzzer: the reference holds' holds_with_libfuzzer
check 'AFL++: the reference holds, and runs are stable' holds_with_afl
check 'a shim that is not instrumented: it holds' holds_as_it_is
plant HDR-8-last-reserved-byte-not-looked-at
check 'libFuzzer finds a byte that is not looked at' \
    find_it libfuzzer -runs=1000000
check 'which is shown again' shows_it_again
check 'which becomes a regression' keep_it
rm -rf "$copy/build/fuzz-work/fuzz_header"
check 'AFL++ finds it' find_it afl -E 200000
check 'which is shown again' shows_it_again
check 'an unknown target is a usage error' \
    status 2 sh "$copy/fuzz/fuzz.sh" fuzz_nothing 1
check 'an unknown engine is one' \
    status 2 sh "$copy/fuzz/fuzz.sh" fuzz_header 1 none
check 'what is no finding is not kept' \
    status 2 sh "$copy/fuzz/keep.sh" /nowhere fuzz_header
finish
