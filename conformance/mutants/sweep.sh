#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sweep.sh - what could be changed in the reference without the suite's
# noticing?
#
# Where judge.sh asks about the faults that somebody would commit, this tries
# all small ones, hundreds of them, and says which nobody saw.  Many of these
# make no difference that the specification knows of; each of the others is a
# case that is missing.  To tell them apart is work for a person.
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH

usage() {
    cat <<'END'
usage: sh sweep.sh [--build DIR] [--jobs N] [FILE...]

Changes each FILE of the reference, such as rsz.c, in one place at a time, and
shows it to the suite; without one, all that belong to a chapter, which takes
an hour.

  --build DIR     a configured build with its runner built (default:
                  build/release of this tree)
  --jobs N        changes at a time (default: one for each processor)
  --help

A line for each change that no case saw: the place, and what stands there now.

Exit status: 0 each was seen; 1 some were not; 2 usage.
END
}

# The new line of the patch NAME.
place_of() {
    awk -v name="$1" '
        /^\+\+\+ / { path = substr($2, 3) }
        /^@@/ { line = substr($2, 2) }
        /^\+[^+]/ {
            sub(/^\+ */, "")
            printf "silent  %s:%d  %s\n", path, line, $0
        }' "$work/changes/$1.patch"
}

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
# What test.sh builds, or else what run.sh does.
build=$root/build/release
[ -e "$build/CMakeCache.txt" ] || build=$root/build
jobs=$(getconf _NPROCESSORS_ONLN)
# shellcheck source=conformance/mutants/plant.sh
. "$here/plant.sh"
read_options 'build jobs' '' "$@"
shift "$n_read"
[ $# -gt 0 ] || set -- hdr.c nam.c open.c bits.c bmp.c cache.c siz.c request.c \
    rd.c wr.c fls.c crt.c rsz.c map.c chk.c err.c file.c
work=$(mktemp -d "${TMPDIR:-/tmp}/addcow-sweep.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/changes"
for file; do
    [ -f "$root/ref/$file" ] || usage_error "no $file in the reference"
    awk -v name="${file%.c}" -v path="ref/$file" -v out="$work/changes" \
        -f "$here/changes.awk" "$root/ref/$file"
done
status=0
sh "$here/judge.sh" --unnamed --build "$build" --jobs "$jobs" \
    --mutants "$work/changes" >"$work/table" || status=$?
[ "$status" -lt 2 ] || exit 2
sed -n 's/^silent  *\([^ ]*\) .*/\1/p' "$work/table" |
    while read -r name; do
        place_of "$name"
    done | sort -t: -k1,1 -k2,2n
tail -n 1 "$work/table"
! grep -q '^silent' "$work/table"
