#!/bin/sh
# SPDX-License-Identifier: MIT
#
# bars.sh - each bar of bars.tsv is nine tenths of the share that the README
# tells, rounded down to a tenth of a per cent, and each share has one.

# shellcheck source=fuzz/t/lib.sh
. "${0%/*}/lib.sh"

# nine_tenths README: the bars that its table asks for.
nine_tenths() {
    awk -F '|' '
        function bar(share) {
            sub(/ *%.*/, "", share)
            return sprintf("%.1f", int(share * 9 + 0.001) / 10)
        }
        /^\| `fuzz_.*%.*%/ {
            gsub(/[` ]/, "", $2)
            print "libfuzzer\t" $2 "\t" bar($4)
            print "afl\t" $2 "\t" bar($5)
        }' "$1" | sort
}

bars_agree() {
    nine_tenths "$root/fuzz/README.md" >want
    grep -v '^#' "$root/fuzz/bars.tsv" | sort >have
    [ "$(wc -l <want)" -eq 8 ] && diff want have
}

check 'bars are nine tenths of what was measured' bars_agree
finish
