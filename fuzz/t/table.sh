#!/bin/sh
# SPDX-License-Identifier: MIT
#
# table.sh - the decision table says of each vector of the corpus what the
# manifest says.  BUILD is the build directory.
set -u
LC_ALL=C
export LC_ALL

corpus=$(cd "$(dirname "$0")/../../corpus" && pwd) || exit 2
judged=$BUILD/fuzz/fuzz-judged
tab=$(printf '\t')
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
n=0
wrong=0

# expected RESULT CLASSES: one a line, sorted.
expected() {
    case $1 in
    valid) echo success ;;
    invalid) echo "$2" | tr , '\n' ;;
    impl) echo "success,$2" | tr , '\n' ;;
    esac | sort
}

# make_links FLAGS: what does not stand in the tree.
make_links() {
    IFS=,
    for link in ${1#-}; do
        how=-f
        case $link in ln-s=*) how=-s ;; esac
        link=${link#*=}
        ln $how "${link%%=*}" "$(printf %b "${link#*=}")" || return
    done
}

while IFS=$tab read -r id result classes _ _ flags _ _ entry _; do
    [ "$id" != id ] || continue
    n=$((n + 1))
    mkdir -p "$work/v" && cp -R "$corpus/v/$id" "$work/v" || exit 2
    (cd "$work/v/$id" && make_links "$flags") || exit 2
    expected "$result" "$classes" >"$work/expected"
    "$judged" "$work/$entry" | sort >"$work/got"
    cmp -s "$work/expected" "$work/got" && continue
    wrong=$((wrong + 1))
    echo "$id: expected $(paste -sd' ' "$work/expected")," \
        "got $(paste -sd' ' "$work/got")"
done <"$corpus/MANIFEST.tsv"
echo "$n vectors, $wrong wrong"
[ "$n" -gt 0 ] && [ "$wrong" -eq 0 ]
