#!/bin/sh
# SPDX-License-Identifier: MIT
#
# coverage.sh - is there a line, a branch, a condition of the reference that
# nothing runs?
#
#   sh conformance/coverage.sh BUILD
#
# BUILD is a build with ENABLE_COVERAGE and ENABLE_MCDC, whose programs have
# run with LLVM_PROFILE_FILE=BUILD/profiles/%b-%m%c.profraw: a file for each
# program (%b), which all of its processes share (%m) from their start (%c),
# so that those count that were killed.
#
# Of the format core everything has to be covered: lines, branches both ways,
# and each condition has to have decided alone (MC/DC).  Of the command and of
# the files of the system, all lines.  There is no way to leave something out.
# Each gap is printed on a line of its own.  BUILD/coverage has the pages.
#
# Status 0, 1: a gap, or nothing was measured, 2: usage.
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
    echo 'usage: sh coverage.sh BUILD' >&2
    exit 2
fi
build=$(cd "$1" && pwd)
root=$(cd "$(dirname "$0")/.." && pwd)
out=$build/coverage
rm -rf "$out"
mkdir "$out"

# llvm-cov takes the first program without an option.
set --
for program in "$build"/shims/ref.so "$build"/bin/addcow \
    "$build"/bin/ref_*; do
    [ ! -f "$program" ] || set -- "$@" -object "$program"
done
shift
llvm-profdata-22 merge -o "$out/all.profdata" "$build"/profiles/*.profraw
set -- -instr-profile "$out/all.profdata" "$@"
llvm-cov-22 export -format=lcov "$@" >"$out/all.lcov"
llvm-cov-22 export "$@" >"$out/all.json"
llvm-cov-22 show -format=html -show-branches=count -show-mcdc \
    -output-dir="$out" "$@"

# lines LCOV: those that did not run.
lines() {
    sed -n 's,^SF:,,p; s/^\(DA:[0-9]*\),0$/\1/p' "$1" | awk -v root="$root/" '
        !/^DA:/ { file = substr($0, length(root) + 1); next }
        { sub("DA:", ""); print file ":" $0 ": the line does not run" }'
}

# The figures of each file, and what is missing of it.  A function in a header
# has a record in each file that includes it: these are summed.  The figures
# are the tool's own, the gaps are read from its records: either is enough to
# fail.
cat >"$out/judge.jq" <<'END'
def is_core: test("^ref/(cli/.*|posix\\.c)$") | not;
def place: .[0:2] | map(tostring) | join(":");
def sum(f): map(f) | add // 0;
def branches:
    .branches | group_by(.[0:4])[] | (.[0] | place) as $at
    | (if sum(.[4]) == 0 then "\($at): is never true" else empty end),
      (if sum(.[5]) == 0 then "\($at): is never false" else empty end);
def conditions:
    .mcdc_records | group_by(.[0:4])[] | (.[0] | place) as $at
    | map(map(select(type == "array"))[0])
    | transpose | to_entries[] | select(.value | any | not)
    | "\($at): condition \(.key + 1) never decides alone";
def figure: "\(.covered)/\(.count)";
def short: .covered < .count;

.data[0].files | map(.filename |= ltrimstr($root))
| map(select(.filename | startswith("ref/")))
| map(select(.summary.lines.count > 0)) as $files
| ($wanted - ($files | map(.filename)) | .[]
    | "gap \(.): nothing of this file was measured"),
  ($files | map(select(.filename | is_core))
    | select(sum(.summary.branches.count) == 0 or
             sum(.summary.mcdc.count) == 0)
    | "gap ref: no branch or no decision was measured"),
  ($files[] | .filename as $name | .summary as $sum
    | ($name | is_core) as $core
    | (if ($sum.lines | short) or
          ($core and ([$sum.branches, $sum.mcdc] | any(short)))
       then " short" else "" end) as $short
    | "file \($sum.lines | figure) \($sum.branches | figure
        ) \($sum.mcdc | figure) \($name)\($short)",
      (if $core then (branches, conditions) | "gap \($name):\(.)"
       else empty end))
END
(cd "$root" && ls ref/*.c ref/cli/*.c) | jq -R . | jq -s . >"$out/wanted.json"
jq -r --arg root "$root/" --slurpfile wanted "$out/wanted.json" \
    "\$wanted[0] as \$wanted | $(cat "$out/judge.jq")" \
    "$out/all.json" >"$out/verdict"

echo '       lines    branches  conditions'
sed -n 's/^file //p' "$out/verdict" | while read -r lines branches \
    conditions name; do
    printf '%12s%12s%12s  %s\n' "$lines" "$branches" "$conditions" "$name"
done
{ lines "$out/all.lcov"; sed -n 's/^gap //p' "$out/verdict"; } >"$out/gaps"
cat "$out/gaps"
[ ! -s "$out/gaps" ] && ! grep -q "^file .* short$" "$out/verdict"
