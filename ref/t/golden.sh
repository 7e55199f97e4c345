#!/bin/sh
# SPDX-License-Identifier: MIT
#
# golden.sh PROGRAM: the golden figures, measured on the original driver: an
# add-cow file over 8 GiB, new and after four writes, byte for byte.
set -u
program=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
n=0
failed=0

# ok WORDS GOT WANT
ok() {
    n=$((n + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1: got $2, expected $3"
        failed=1
    fi
}

sum() {
    sha256sum <"$dir/golden.add-cow" | cut -d ' ' -f 1
}

# bytes OFFSET COUNT
bytes() {
    od -An -tx1 -j "$1" -N "$2" "$dir/golden.add-cow" | tr -d ' \n'
}

echo 1..7
truncate -s 8G "$dir/ubuntu.img" "$dir/test.raw" || exit 1
"$program" "$dir" create
ok 'create succeeds' $? 0
ok 'new: length' "$(wc -c <"$dir/golden.add-cow" | tr -d ' ')" 18944
ok 'new: sha256' "$(sum)" \
    b18851019ab1494984d29e088113da6e3e9d6146b91123753601c67c2c8e0500
"$program" "$dir" write
ok 'writes succeed' $? 0
ok 'written: first bits' "$(bytes 2560 2)" 8101
ok 'written: last bits' "$(bytes 18943 2)" 80
ok 'written: sha256' "$(sum)" \
    30091de67c81e511be3005e15e73b5ef7ad3c83a8cdba4292b25093dec87936c
exit "$failed"
