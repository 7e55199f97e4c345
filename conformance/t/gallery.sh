#!/bin/sh
# SPDX-License-Identifier: MIT
#
# gallery.sh - the suite and the fuzzers accuse no honest stranger.  Each of
# cmake/strangers.cmake is right by a clause named there; what it fails
# of a SHOULD is the price of its way, listed in fakes/gallery.tsv, and no
# other.
#
#   sh gallery.sh         power cuts of the named workloads; of two strangers
#                         all; 20,000 inputs of each fuzz target on some
#   sh gallery.sh long    all power cuts of all, 200,000 inputs on each

# shellcheck source=conformance/t/lib.sh
. "${0%/*}/lib.sh"

conform=$BUILD/bin/addcow-conform
strangers=$(cat "$fakes/strangers.txt") || exit 1
targets='fuzz_probe fuzz_header fuzz_open fuzz_ops fuzz_crash fuzz_diff'

# One that latches and copies nothing up, and one that goes on and does.
cut='plodder uncut'
fuzzed='eager latch sectors'
inputs=20000
if [ "${1-}" = long ]; then
    cut=$strangers
    fuzzed=$strangers
    inputs=200000
fi

# listed NAME: what it fails, a case and a clause a line, tabs between.
listed() {
    sed -n "s/^$1	//p" "$here/../fakes/gallery.tsv"
}

failed_cases() {
    awk '/^[A-Z]+  / { id = $2 }
        id && $1 == "clause" { print id "\t" $2; id = "" }' "$1"
}

# Ten seconds are short for a case whose checks look at thousands of writes.
is_not_accused() {
    stranger=$1
    shift
    status 0 "$conform" run --shim "$fakes/stranger-$stranger.so" --timeout 60 \
        --keep never --level may "$@" || return
    grep -E '^(CRASH|HANG|UNIMPL|XFAIL|XPASS|ERROR)  ' out && return 1
    failed_cases out | sort >complaints
    listed "$stranger" | sort >expected
    diff expected complaints
}

finds_nothing() {
    FUZZ_SHIM=$fakes/stranger-$1.so
    export FUZZ_SHIM
    status 0 "$BUILD/fuzz/$2_random" --seed 1 --runs "$inputs" --max-len 80
    result=$?
    unset FUZZ_SHIM
    return "$result"
}

each_of_the_list_is_there() {
    for name in $(grep -v '^#' "$here/../fakes/gallery.tsv" | cut -f 1) $cut \
        $fuzzed; do
        case " $(echo "$strangers" | tr '\n' ' ') " in
        *" $name "*) ;;
        *) echo "no stranger $name" && return 1 ;;
        esac
    done
}

check 'each stranger that is named is one' each_of_the_list_is_there
for name in $strangers; do
    crash=named
    case " $(echo "$cut" | tr '\n' ' ') " in *" $name "*) crash=full ;; esac
    check "$name fails no MUST with --crash $crash, of SHOULD what is listed" \
        is_not_accused "$name" --crash "$crash"
done
for name in $fuzzed; do
    for target in $targets; do
        check "$target finds nothing about $name" finds_nothing "$name" \
            "$target"
    done
done
echo '# processor time, of this shell and of what it ran:'
times >cpu
sed 's/^/#   /' cpu
finish
