#!/bin/sh
# SPDX-License-Identifier: MIT
#
# vector.sh - keep.sh makes a vector of what was found in a broken reference:
# the corpus takes it, the reference is right about it, and the broken one is
# not.
#
# All in a copy of the tree.  BUILD is a build without an engine.

# shellcheck source=fuzz/t/lib.sh
. "${0%/*}/lib.sh"

# compile OUT OPTION_OR_SOURCE...
compile() {
    out=$1
    shift
    (cd "$work/mutant" && "${CC:-cc}" -std=c11 -w -D_FILE_OFFSET_BITS=64 \
        -D_POSIX_C_SOURCE=200809L -DADDCOW_VERSION_TEXT='"0"' -fPIC \
        -Iref -Iconformance -o "$out" "$@" -pthread)
}

# plant MUTANT: a shim and a command.
plant() {
    rm -rf "$work/mutant"
    mkdir "$work/mutant"
    cp -R "$copy/ref" "$work/mutant" &&
        ln -s "$copy/conformance" "$work/mutant/conformance" &&
        patch -s -F0 -p1 -d "$work/mutant" \
            <"$copy/conformance/mutants/$1.patch" || return
    library=$(cd "$work/mutant" && echo ref/*.c)
    command=$(cd "$work/mutant" && echo ref/cli/*.c)
    # shellcheck disable=SC2086 # names without blanks
    compile "$work/mutant.so" -shared $library &&
        compile "$work/mutant/addcow" \
            ${library% ref/shim.c*} ${library#*ref/shim.c} $command
}

# find_bug TARGET: with the driver without feedback.
find_bug() {
    ! FUZZ_SHIM=$work/mutant.so "$BUILD/fuzz/$1_random" --runs 1000000 \
        --max-len 2561 --keep "$work/found"
}

# keep STATUS ID TARGET
keep() {
    FUZZ_SHIM=$work/mutant.so FUZZ_BUILD=$BUILD status "$1" \
        sh "$copy/fuzz/keep.sh" --vector "$2" "$work/found" "$3"
}

# leave_one ID: a corpus of that vector alone.
leave_one() {
    mkdir -p "$work/one/v"
    cp "$copy/corpus/check.sh" "$work/one" &&
        cp -R "$copy/corpus/v/$1" "$work/one/v" &&
        awk -F '\t' -v id="$1" 'NR == 1 || $1 == id' \
            "$copy/corpus/MANIFEST.tsv" >"$work/one/MANIFEST.tsv"
}

# is_taken ID
is_taken() {
    "$BUILD/bin/addcow-conform" corpus build --corpus "$copy/corpus" \
        --out "$copy/corpus" &&
        "$BUILD/bin/addcow-conform" corpus check "$copy/corpus" &&
        leave_one "$1" &&
        sh "$work/one/check.sh" "$BUILD/bin/addcow" read
}

# sees ID: the broken reference is wrong about it, and ends properly.
sees() {
    sh "$work/one/check.sh" "$work/mutant/addcow" read >"$work/score"
    cat "$work/score"
    grep -q "^wrong: $1 (.*): exit [0-9]\$" "$work/score"
}

# becomes_a_vector MUTANT TARGET ID
becomes_a_vector() {
    check "$1 is planted" plant "$1"
    check 'it is found' find_bug "$2"
    check 'it becomes a recipe' keep 0 "$3" "$2"
    check 'the corpus takes it, the reference is right about it' is_taken "$3"
    check 'the broken one is not' sees "$3"
}

copy_rooms conformance corpus fuzz ref
becomes_a_vector HDR-8-last-reserved-byte-not-looked-at fuzz_header found-1
becomes_a_vector BMP-8-bits-beyond-the-disk-refused fuzz_open found-2
becomes_a_vector RD-1-backing-file-wins-where-it-has-bytes fuzz_open found-3
check 'an id that is taken is refused' keep 2 found-3 fuzz_open
check 'a target of another kind is refused' keep 2 found-4 fuzz_ops
check 'a wrong class is planted' plant ERR-3-fields-judged-before-the-version
check 'it is found' find_bug fuzz_header
check 'a wrong class is no vector' keep 2 found-4 fuzz_header
rm "$work/mutant.so"
check 'nothing can be found in a shim that is not there' \
    keep 2 found-4 fuzz_header
finish
