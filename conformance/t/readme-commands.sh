#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every command of README.md, run in order in a copy of the tree, with what its
# first command built and nothing else; and commands that programs print, as
# somebody pastes them.
#
# The table below has each command with the status that it must have.  What
# would take too long, or wants what a reader has in place of ours, has a line
# with what is run instead.  A command that is missing here, or there, fails.

# The functions that "check" calls are not seen to be called.
# shellcheck disable=SC2317
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

root=$(cd "$here/../.." && pwd)
tree=$work/tree

# "STATUS COMMAND", then perhaps "< COMMAND", which comes before, and
# "> COMMAND", which is run instead.
cat >table <<'END'
0 sh conformance/run.sh
2 sh conformance/test.sh
> sh conformance/test.sh none
0 cc -shared -fPIC -I conformance -o mycow.so glue.c -L/opt/mycow/lib -Wl,-rpath,/opt/mycow/lib -lmycow
> cc -shared -fPIC -I conformance -I mycow -o mycow.so glue.c -L"$PWD/mycow" -Wl,-rpath,"$PWD/mycow" -lmycow
1 sh conformance/run.sh --shim ./mycow.so
1 sh ./ci.sh
< printf '# case\tverdict\tsignature\tuntil\treason\n' >waivers.tsv
0 addcow-conform report --html matrix.html mycow.json null-*.json
< for s in mycow.so build/fakes/null-*.so; do name=$(basename "$s" .so); addcow-conform run -q --keep never --shim "./$s" --json "$name.json" 'hdr/*' 'rd/*'; done
1 addcow-conform run --shim ./mycow.so --crash bounded --statement mycow.txt
0 addcow-conform trace | grep -E '^(clause|HDR-3)'
0 sh corpus/check.sh READER [ARGUMENT...]
> sh corpus/check.sh addcow read
0 FUZZ_SHIM=$PWD/mycow.so sh fuzz/fuzz.sh fuzz_open 60
> FUZZ_SHIM=$PWD/build/shims/template.so sh fuzz/fuzz.sh fuzz_open 1
END

# ---- The tree ---------------------------------------------------------------

# What git knows; without git, all but what was built.
files() {
    cd "$root" || return
    git ls-files 2>/dev/null | grep . ||
        find . -type f ! -path './build*' ! -path './.git/*'
}

copy() {
    mkdir "$tree" && files | tar -cf files.tar -C "$root" -T - &&
        tar -xf files.tar -C "$tree"
}

# The imagined library, and the text of README.md that a reader would save.
prepare() {
    mkdir "$tree/mycow" && cp "$here/../tests/mycow.h" "$tree/mycow" &&
        ${CC:-cc} -shared -fPIC -o "$tree/mycow/libmycow.so" \
            "$here/../tests/mycow.c" &&
        block c >"$tree/glue.c" && block sh >"$tree/ci.sh" &&
        [ -s "$tree/glue.c" ] && [ -s "$tree/ci.sh" ]
}

# block LANGUAGE: the lines between its fences.
block() {
    awk -v fence="^\`\`\`$1\$" '$0 ~ fence { on = 1; next }
         /^```/ { on = 0 } on' "$root/README.md"
}

# ---- The commands -----------------------------------------------------------

# A line each: what is indented after a dollar, with its continuations, and
# the block of sh.
commands() {
    awk '/^```sh$/ { print "sh ./ci.sh" }
         more { sub(/^ */, "") }
         more || sub(/^    \$ /, "") {
             more = sub(/\\$/, "")
             printf "%s%s", $0, more ? "" : "\n"
         }' "$root/README.md"
}

table_has_all() {
    commands >there
    sed -n 's/^[0-9] //p' table >here
    [ -s there ] && diff there here
}

# the_row COMMAND KIND: what the table has below it, by the first byte.
the_row() {
    COMMAND=$1 KIND=$2 awk '
        /^[0-9] / { on = substr($0, 3) == ENVIRON["COMMAND"]; next }
        on && substr($0, 1, 1) == ENVIRON["KIND"] { print substr($0, 3) }' \
        table
}

in_tree() {
    (cd "$tree" && env PATH="$tree/build/bin:$PATH" sh -c "$1")
}

# works STATUS COMMAND
works() {
    instead=$(the_row "$2" '>')
    before=$(the_row "$2" '<')
    [ -z "$before" ] || in_tree "$before" >before.log 2>&1
    status "$1" in_tree "${instead:-$2}"
}

# ---- What is printed --------------------------------------------------------

# pasted STATUS COMMAND: each of its lines "again" ends with STATUS.
pasted() {
    want_again=$1
    in_tree "$2" >printed 2>&1
    sed -n 's/^ *again:* *//p' printed |
        sed "s,--shim FILE,--shim build/shims/ref.so,; s,--out DIR,--out made," \
            >lines
    [ -s lines ] || { cat printed; return 1; }
    while read -r line; do
        status "$want_again" in_tree "$line" || return
    done <lines
}

# The first case, clause, vector and mutant that are not run, or not shown,
# unless somebody asks for them.
explained() {
    in_tree "addcow-conform list --level may" >cases
    for level in MAY SHOULD MUST; do
        id=$(awk -F '\t' -v level="$level" '$2 == level { print $1; exit }' cases)
        [ -n "$id" ] && pasted 0 "addcow-conform explain $id" || return
    done
    in_tree "addcow-conform list --crash bounded" >bounded
    id=$(cut -f 1 bounded | grep '/bounded-' | head -n 1)
    [ -n "$id" ] && pasted 0 "addcow-conform explain $id" &&
        pasted 0 'addcow-conform explain HDR-8' &&
        pasted 0 'addcow-conform explain hdr-plain'
}

explained_mutant() {
    pasted 0 'addcow-conform explain HDR-3-version-0-accepted' &&
        grep -q '^killed' out
}

check 'a copy of the tree' copy
check 'the table has each command, in order, and no other' table_has_all
check 'what a reader has' prepare
grep '^[0-9] ' table >rows
while read -r want_row command <&3; do
    case $command in
    FUZZ_SHIM*)
        if ! command -v clang >log; then
            n=$((n + 1))
            echo "ok $n - $command # SKIP clang is not here"
            continue
        fi
        ;;
    esac
    instead=$(the_row "$command" '>')
    check "$want_row: $command${instead:+ (as: $instead)}" \
        works "$want_row" "$command"
done 3<rows
check 'a failure, again' pasted 1 \
    'addcow-conform run --shim ./mycow.so hdr/good-header-opens'
check 'a failure of run.sh, again' pasted 1 \
    'sh conformance/run.sh --shim ./mycow.so hdr/good-header-opens'
check 'what explain prints' explained
check 'what explain prints of a mutant' explained_mutant
finish
