#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What verdicts say.  Implementations that fail in many ways are shown to the
# suite; no text of their reports has a shape that only its authors can read,
# and a few exemplary verdicts are as they are written here.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

conform=$BUILD/bin/addcow-conform

# The texts are lines of the JSON: "expected" and "got".
cat >forbidden <<'END'
\[[0-9][0-9]*-[0-9][0-9]* t[0-9]
event [0-9]
it is not so
"expected": "[0-9][0-9]*"
"got": "-*[0-9][0-9]*"
"got": "result -*[0-9]
%[dsuz]
%ll
0x[0-9a-f]
with -[0-9]
is -[0-9]
sectors \([0-9][0-9]*\) to \1 of
\([A-Z_]* ([-0-9]*)\) or \1
"zeros or zeros
: ",*$
"/case/
as a character
END

# texts JSON: what its failures say.
texts() {
    grep -E '^   "(during|expected|got)": ' "$1"
}

# fails NAME SHIM PATTERN...: NAME.json is the report of a run that fails.
fails() {
    name=$1
    shim=$2
    shift 2
    status 1 "$conform" run --keep never --timeout 2 --shim "$shim" \
        --json "$name.json" --quiet "$@"
}

# plain NAME SHIM PATTERN...: it fails with texts of which none is forbidden.
plain() {
    fails "$@" || return
    texts "$1.json" >said
    [ -s said ] || return
    while read -r shape; do
        if grep -m 3 -e "$shape" said; then
            echo "is of the shape $shape"
            return 1
        fi
    done <forbidden
}

# verdict SHIM CASE: CASE fails; its clause, and the texts in the file want,
# are as expected.
verdict() {
    fails verdict "$fakes/$1.so" "$2" || return
    grep -E '^   "(clause|during|expected|got)": ' verdict.json |
        sed 's/^ *//; s/,$//' >got
    cmp want got && return
    cat got
    return 1
}

# The shapes themselves are found where they are.
shapes_are_found() {
    while read -r text; do
        grep -q -f forbidden <<END || { echo "passes: $text"; return 1; }
$text
END
    done <<'END'
   "got": "cluster 3:    [202-203 t0] write file 103 h4 len 1: result 0"
   "got": "was written at event 12, after the failed flush at event 11"
   "got": "it is not so"
   "expected": "97"
   "got": "98"
   "got": "result -1012"
   "got": "it is refused with -1004"
   "expected": "refused with IO (-1008) or IO (-1008)"
   "got": "The power went at a write of sectors 5 to 5 of the image file"
   "during": "close "/case/test.add-cow""
   "got": "%zu bytes at 0x7f12"
   "got": "OTHER (-1012), after (seed 1): "
END
}

check 'the shapes are found' shapes_are_found
for fake in null-refuse null-zeros null-image mistake-sectors mistake-leak \
    threaded; do
    check "$fake fails in plain words" plain "$fake" "$fakes/$fake.so"
done

cat >want <<'END'
"clause": "ERR-7"
"during": "open \"test.add-cow\" for writing"
"expected": "success, as no row of chapter 15 refuses it"
"got": "before the case could begin: OTHER (-1012)"
END
check 'a good image that is refused breaks ERR-7' \
    verdict null-refuse hdr/unchanged-by-writes

cat >want <<'END'
"clause": "HDR-3"
"during": "get the size of \"test.add-cow\""
"expected": "virtual size: 196608 bytes"
"got": "virtual size: 384 bytes"
END
check 'a number has its unit' verdict mistake-sectors hdr/good-header-opens

cat >want <<'END'
"clause": "IMPL-1"
"during": "open \"test.add-cow\""
"expected": "choice: what the shim declares"
"got": "choice (a), declared is (b)"
END
check 'a choice is a letter' verdict mistake-wrong-choice \
    impl/when-the-backing-file-is-opened

cat >want <<'END'
"clause": "CHK-3"
"during": "check \"test.add-cow\""
"expected": "a warning is reported"
"got": "no warning"
END
check 'what is missing is named' verdict null-zeros chk/bit-just-beyond
finish
