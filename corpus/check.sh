#!/bin/sh
# usage: sh check.sh READER [ARGUMENT...]   READER writes what the guest
# reads from the add-cow file, its last argument, to standard output.
[ $# -gt 0 ] || { sed -n 2,3p "$0" >&2; exit 2; }
here=$(dirname "$0") right=0 n=0 tab=$(printf '\t')
[ -r "$here/MANIFEST.tsv" ] && tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
while IFS=$tab read -r id result _ _ _ flags _ sum entry _; do
    [ "$id" != id ] || continue
    mkdir -p "$tmp/v" && cp -R "$here/v/$id" "$tmp/v" || exit 2
    (IFS=,; cd "$tmp/v/$id" && for link in ${flags#-}; do
        case $link in ln-s=*) how=-s ;; *) how=-f ;; esac; link=${link#*=}
        ln $how "${link%%=*}" "$(printf %b "${link#*=}")" || exit
    done) || exit 2
    "$@" "$tmp/$entry" </dev/null >"$tmp/out" 2>/dev/null; status=$?
    got=$(sha256sum <"$tmp/out") n=$((n + 1))
    case $status in 0) got=${got%% *} ;;
    12[6-9] | 1[3-9]? | 2??) got=crash ;; *) got=refused ;; esac
    case $result-$got in
    "valid-$sum" | "impl-$sum" | impl-refused | invalid-refused)
        right=$((right + 1)) ;;
    *) echo "wrong: $id ($result): exit $status" ;; esac
done <"$here/MANIFEST.tsv"
echo "$right of $n right"; [ $n -gt 0 ] || exit 5; [ $right -eq $n ]
