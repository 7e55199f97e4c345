#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What README.md says of CI does what it says.

# The functions that "check" calls are not seen to be called.
# shellcheck disable=SC2317
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

root=$here/../..
PATH=$BUILD/bin:$PATH

# The block of sh in README.md; there is one.
awk '/^```sh$/ { on = 1; n++; next } /^```/ { on = 0 } on
     END { print n + 0 >"n-blocks" }' "$root/README.md" >ci.sh

one_block() {
    [ "$(cat n-blocks)" = 1 ] && [ -s ci.sh ]
}

# shows PATTERN: the lines of a block in README.md that begin with it.
shows() {
    grep "^    $1" "$root/README.md" | sed 's/^    //'
}

# as SHIM: it is mycow.so.
as() {
    cp "$BUILD/$1" mycow.so
}

# With a shim that has nothing to waive.
passes() {
    as shims/template.so && shows '# case' >waivers.tsv &&
        status 0 sh ./ci.sh && [ -s junit.xml ] && [ -s page.html ] &&
        tail -n 1 out >joined
}

same_as_one_run() {
    addcow-conform run --shim ./mycow.so --waivers waivers.tsv --quiet \
        --html whole.html >whole
    tail -n 1 whole | cmp - joined && cmp whole.html page.html
}

fails() {
    as fakes/null-zeros.so && status 1 sh ./ci.sh
}

# No report is made of the parts that an earlier run has left.
ends_at_once() {
    as fakes/abi-2.so && rm -f junit.xml && status 2 sh ./ci.sh &&
        [ ! -e junit.xml ]
}

# Without its first line: a part of another shim is still there.
refuses_old_parts() {
    shows "# case" >waivers.tsv && as fakes/null-zeros.so &&
        status 1 sh ./ci.sh &&
        mv part-3.json part-4.json && sed "/^rm /d" ci.sh >no-rm.sh &&
        ! cmp -s ci.sh no-rm.sh && as shims/template.so &&
        status 2 sh ./no-rm.sh && says err part-4.json &&
        status 0 sh ./ci.sh
}

waives() {
    shows '# case' >waivers.tsv && shows 'hdr/magic' >>waivers.tsv &&
        [ "$(wc -l <waivers.tsv)" -eq 2 ] &&
        status 0 addcow-conform run --shim ./mycow.so --keep never \
            --waivers waivers.tsv hdr/magic-byte-0 hdr/file-of-2560-bytes &&
        says out 'XFAIL 1'
}

traces() {
    shows 'HDR-3' >want && [ "$(wc -l <want)" -eq 1 ] || return
    shows 'clause.level' >>want
    status 0 addcow-conform trace --tree "$root" &&
        [ "$(grep -cxFf want out)" -eq 2 ]
}

check 'there is one block of sh' one_block
check 'it passes with a shim that is right' passes
check 'what was joined is what one run reports' same_as_one_run
check 'it fails with one that is not' fails
check 'the waiver is one' waives
check 'it ends with 2 if the shim cannot be loaded' ends_at_once
check 'it refuses parts of another run' refuses_old_parts
check 'the lines of trace are its own' traces
finish
