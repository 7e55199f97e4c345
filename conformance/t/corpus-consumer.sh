#!/bin/sh
# SPDX-License-Identifier: MIT
#
# corpus/check.sh, the consumer of the corpus in sh alone: with a right
# reader, with programs that know nothing of the format (their scores are
# what any score must be compared with), with broken ones.

# The functions are called by name, through check; programs are quoted.
# shellcheck disable=SC2317,SC2016

. "${0%/*}/lib.sh"

corpus=$here/../../corpus
n_vectors=$(sed 1d "$corpus/MANIFEST.tsv" | wc -l)
n_invalid=$(awk -F '\t' '$2 == "invalid"' "$corpus/MANIFEST.tsv" | wc -l)
n_impl=$(awk -F '\t' '$2 == "impl"' "$corpus/MANIFEST.tsv" | wc -l)

# scores EXIT RIGHT READER...: check.sh ends with EXIT and counts RIGHT.
scores() {
    exit_status=$1
    score="$2 of $n_vectors right"
    shift 2
    status "$exit_status" sh "$corpus/check.sh" "$@" &&
        [ "$(tail -n 1 out)" = "$score" ] && return
    echo "wanted: $score"
    tail -n 3 out
    return 1
}

# A program of so many lines, which are its arguments.
program() {
    name=$1
    shift
    { echo '#!/bin/sh'; printf '%s\n' "$@"; } >"$name" && chmod +x "$name"
}

right_reader() {
    scores 0 "$n_vectors" "$BUILD/bin/addcow" read && [ "$(wc -l <out)" -eq 1 ]
}

# Refuses what is invalid as the right one does, reads one byte too few.
one_byte_short() {
    program short "\"$BUILD/bin/addcow\" read \"\$1\" >tmp/all || exit 1" \
        'head -c -1 tmp/all'
    status 1 sh "$corpus/check.sh" ./short && says out 'wrong: example '
}

# Accepts one thing that is invalid.
lax_reader() {
    program lax 'case $1 in */hdr-reserved-last-byte/*) exit 0 ;; esac' \
        "exec \"$BUILD/bin/addcow\" read \"\$1\""
    scores 1 $((n_vectors - 1)) ./lax &&
        says out 'wrong: hdr-reserved-last-byte (invalid): exit 0'
}

# /bin/cat refuses the file that is missing, and nothing else.
cat_reader() {
    scores 1 1 /bin/cat
}

# Who refuses everything is right about all that is invalid or a choice.
false_reader() {
    scores 1 $((n_invalid + n_impl)) /bin/false
}

true_reader() {
    n_empty=$(awk -F '\t' '$2 == "valid" && $7 == 0' "$corpus/MANIFEST.tsv" |
        wc -l)
    scores 1 "$n_empty" /bin/true
}

# Gives the image file's bytes, as if there were no bitmap.
image_reader() {
    program image 'cat "${1%/*}/disk.raw"'
    status 1 sh "$corpus/check.sh" ./image
}

# A crash is never a refusal.
crashing_reader() {
    program crash 'kill -s SEGV $$'
    scores 1 0 ./crash
}

missing_reader() {
    scores 1 0 ./no-such-program
}

# An empty manifest verifies nothing, a missing one cannot be used.
empty_manifest() {
    mkdir -p empty && cp "$corpus/check.sh" empty &&
        head -n 1 "$corpus/MANIFEST.tsv" >empty/MANIFEST.tsv &&
        status 5 sh empty/check.sh /bin/false && says out '0 of 0 right' &&
        : >empty/MANIFEST.tsv && status 5 sh empty/check.sh /bin/false
}

missing_manifest() {
    mkdir -p none && cp "$corpus/check.sh" none &&
        status 2 sh none/check.sh /bin/false
}

no_arguments() {
    status 2 sh "$corpus/check.sh" && says err usage
}

leaves_nothing() {
    [ -z "$(ls tmp)" ]
}

unchanged() {
    (cd "$corpus" && sha256sum -c --quiet SHA256SUMS)
}

# The README shows the whole script, indented by four blanks.
as_in_readme() {
    awk '/^    #!\/bin\/sh$/ { on = 1 } on && /^[^ ]/ { exit } on' \
        "$corpus/README.md" | sed 's/^    //' |
        sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >shown
    diff shown "$corpus/check.sh"
}

at_most_25_lines() {
    [ "$(wc -l <"$corpus/check.sh")" -le 25 ]
}

check 'a right reader is right about every vector' right_reader
rm -f tmp/*
check 'a reader that loses the last byte is caught' one_byte_short
rm -f tmp/*
check 'a reader that accepts one invalid vector is caught' lax_reader
check '/bin/cat' cat_reader
echo "# /bin/cat: $(tail -n 1 out)"
check '/bin/false' false_reader
echo "# /bin/false: $(tail -n 1 out)"
check '/bin/true' true_reader
echo "# /bin/true: $(tail -n 1 out)"
check 'a program that prints disk.raw' image_reader
echo "# a program that prints disk.raw: $(tail -n 1 out)"
check 'a program that crashes' crashing_reader
echo "# a program that crashes: $(tail -n 1 out)"
check 'a program that does not exist' missing_reader
check 'an empty manifest' empty_manifest
check 'a missing manifest' missing_manifest
check 'no arguments' no_arguments
check 'no file is left behind' leaves_nothing
check 'the corpus is as it was' unchanged
check 'the README shows this very script' as_in_readme
check 'the script has at most 25 lines' at_most_25_lines
finish
