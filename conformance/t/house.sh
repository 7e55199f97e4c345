#!/bin/sh
# SPDX-License-Identifier: MIT
#
# house.sh - the rooms of the house are in order: what may include what, where
# files lie, how long files and functions are, and which allocator is used.
# Each rule is seen to fail in a small tree in which one mistake is planted.
#
# Looks at the files that git knows; without git, at all but build*.

# shellcheck source=conformance/t/tap.sh
. "${0%/*}/tap.sh"

root=$here/../..

# ---- The rules --------------------------------------------------------------

# A room a line, then those whose files it may include: these, and whatever
# they may include themselves; after "only", nothing else.  Each room names
# earlier ones alone, so no circle can be written down.
rooms() {
    cat <<'END'
conformance
conformance/base conformance
conformance/data conformance/base
conformance/disk conformance/data
conformance/oracle conformance/data
conformance/mount conformance/disk
conformance/crash conformance/disk conformance/oracle
conformance/foreign conformance/crash
conformance/env conformance/mount conformance/foreign
conformance/cases/steps conformance/env
conformance/cases conformance/cases/steps
conformance/run conformance/env
conformance/report conformance/run
conformance/vectors conformance/base
conformance/commands conformance/report conformance/vectors
conformance/shims only conformance
conformance/fakes/stranger only conformance
conformance/fakes/toys only conformance
conformance/fakes only conformance conformance/fakes/toys
conformance/tests/compat-1.0 only
conformance/tests conformance/cases conformance/commands conformance/fakes
conformance/bench conformance/cases
ref only conformance
ref/cli only ref
ref/tests ref
fuzz conformance/disk conformance/oracle
fuzz/tests fuzz conformance/crash
END
}

# The folders of the root, and the files that lie in conformance/ itself.
folders='.ci .clusterfuzzlite conformance corpus findings fuzz ref spec'
own='CMakeLists.txt addcow_shim.h coverage.sh packages.sh run.sh test.sh'

# They allocate with base/memory.h.  A fuzzer, whose allocator is another, links
# some of them.
linked='conformance/(data|disk|oracle|crash|env)/'

cat >rules.awk <<'RULES'
function room(path) {
    return sub("/[^/]*$", "", path) ? path : "."
}

# The file that FROM, in the folder IN, means by NAME; "" if there is none.
function file_of(name, folder,    top) {
    top = folder
    sub("/.*", "", top)
    if ((folder "/" name) in is_file)
        return folder "/" name
    if ((top "/" name) in is_file)
        return top "/" name
    return ("conformance/" name) in is_file ? "conformance/" name : ""
}

function may_hold(path) {
    if (path ~ /^ref\/(cli\/)?[^\/]*$/)
        return 300
    return path ~ /^conformance\/cases\/[^\/]*\.c$/ ? 600 : 500
}

# The line without comments and texts.
function code(line,    start) {
    gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
    if (in_comment && !sub(/^.*\*\//, "", line))
        return ""
    in_comment = 0
    gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, "", line)
    if (start = index(line, "/*")) {
        in_comment = 1
        line = substr(line, 1, start - 1)
    }
    return line
}

BEGIN {
    n = split(folders, names, " ")
    for (i = 1; i <= n; i++)
        is_folder[names[i]]
    n = split(own, names, " ")
    for (i = 1; i <= n; i++)
        is_own["conformance/" names[i]]
}

what == "rooms" {
    known[$1]
    reach[$1, $1]
    for (i = 2; i <= NF; i++) {
        if ($i == "only")
            continue
        if (!($i in known))
            print "rooms: " $1 " names " $i ", no earlier room"
        reach[$1, $i]
        if ($2 != "only")
            for (other in known)
                if (($i, other) in reach)
                    reach[$1, other]
    }
    next
}

what == "files" {
    is_file[$0]
    top = $0
    if (sub("/.*", "", top) && !(top in is_folder) && !named[top]++)
        print top ": no folder of the root"
    if ($0 ~ /^conformance\/[^\/]*$/ && !($0 in is_own))
        print $0 ": belongs into a room"
    if ($0 ~ /\.[ch]$/ && !(room($0) in known))
        print $0 ": a room without a rule"
    next
}

FNR == 1 {
    in_comment = opened = 0
}

{
    lines[FILENAME] = FNR
}

/^#include "/ {
    split($0, part, "\"")
    file = file_of(part[2], room(FILENAME))
    if (!file)
        print FILENAME ":" FNR ": there is no file " part[2]
    else if (!((room(FILENAME), room(file)) in reach))
        print FILENAME ":" FNR ": may not include " file
}

FILENAME ~ "^" linked && code($0) ~ /(^|[^_a-zA-Z0-9])free *\(/ {
    print FILENAME ":" FNR ": free() where mem_free() is meant"
}

/^[{]/ {
    opened = FNR
}

/^[}]/ && opened {
    len = FNR - opened + 1
    if (len > 45)
        print FILENAME ":" opened ": a function of " len " lines"
    n_of[len]++
    n_functions++
    if (len > longest)
        longest = len
    opened = 0
}

END {
    for (file in lines)
        if (lines[file] > may_hold(file))
            print file ": " lines[file] " lines, not " may_hold(file)
    for (median = 0; 2 * below < n_functions; below += n_of[median])
        median++
    print n_functions " functions, median " median " lines, longest " \
        longest >figures
    if (median > 12)
        print "the median function has " median " lines"
}
RULES

# files_of TREE
files_of() {
    (
        cd "$1" || exit
        git ls-files 2>/dev/null | grep . || find . -path './build*' -prune \
            -o -path ./.git -prune -o -type f -print | sed 's,^\./,,'
    )
}

# in_order TREE: complains of what is not.
in_order() {
    rooms >list-of-rooms
    files_of "$1" | sort >list-of-files
    (
        cd "$1" || exit
        # Names of sources have no blanks.
        # shellcheck disable=SC2046
        awk -v folders="$folders" -v own="$own" -v linked="$linked" \
            -v figures="$work/figures" -f "$work/rules.awk" \
            what=rooms "$work/list-of-rooms" \
            what=files "$work/list-of-files" what=code \
            $(grep '\.[ch]$' "$work/list-of-files") || echo "awk has failed"
    ) >complaints
    sort complaints
    [ ! -s complaints ]
}

# ---- Planted mistakes -------------------------------------------------------

# put FILE LINE...: into the tree.
put() {
    file=tree/$1
    mkdir -p "${file%/*}"
    shift
    printf '%s\n' "$@" >>"$file"
}

# A line of code a hundred times.
hundred() {
    yes "$1" | head -n 100
}

# A tree in which everything is in order, up to the limits.
fresh() {
    rm -rf tree
    put conformance/addcow_shim.h '#define SHIM'
    put conformance/base/text.h '#include "addcow_shim.h"'
    put conformance/disk/disk.h '#include "base/text.h"'
    put conformance/disk/disk.c '#include "disk.h"' '/* as free() does */' \
        'int f(void)' '{' '    return mem_free("free()");' '}' \
        'int e(void)' '{' '}' 'int h(void)' '{' '}'
    put conformance/cases/steps/guest.h '#include "disk/disk.h"'
    put conformance/cases/all.h '#include "steps/guest.h"'
    put conformance/cases/rd.c '#include "steps/guest.h"' \
        "$(hundred 1)" "$(hundred 2)" "$(hundred 3)" "$(hundred 4)" \
        "$(hundred 5)" "$(hundred 6 | head -n 99)"
    put conformance/run/run.h '#include "base/text.h"'
    put conformance/run/run.c '#include "run.h"' 'int g(void)' '{' \
        "$(hundred '    g();' | head -n 43)" '}'
    put conformance/tests/toy.h '#include "cases/steps/guest.h"'
    put ref/addcow.h '#include "addcow_shim.h"' "$(hundred 1)" \
        "$(hundred 2)" "$(hundred 3 | head -n 99)"
    put ref/cli/cli.h '#include "addcow.h"'
    put fuzz/play.c '#include "disk/disk.h"'
    put spec/add-cow.txt 'A sector is 512 bytes.'
    put build/x.c '#include "none.h"'
    put README.md 'words'
}

# planted WHAT COMPLAINT FILE LINE...: with these lines more in FILE.
planted() {
    title=$1
    complaint=$2
    shift 2
    fresh
    put "$@"
    check "$title" complains "$complaint"
}

# complains LINE: it is the only complaint.
complains() {
    ! in_order tree && [ "$(cat complaints)" = "$1" ]
}

check 'this house is in order' in_order "$root"
sed 's/^/# /' figures
fresh
check 'so is the tree in which mistakes are planted' in_order tree

planted 'an arrow upward' \
    'conformance/disk/disk.c:13: may not include conformance/run/run.h' \
    conformance/disk/disk.c '#include "run/run.h"'
planted 'an arrow between rooms side by side' \
    'conformance/run/run.h:2: may not include conformance/cases/all.h' \
    conformance/run/run.h '#include "cases/all.h"'
planted 'a test is included' \
    'conformance/run/run.h:2: may not include conformance/tests/toy.h' \
    conformance/run/run.h '#include "tests/toy.h"'
planted 'a shim that includes what is of the suite' \
    'conformance/shims/mine.c:1: may not include conformance/base/text.h' \
    conformance/shims/mine.c '#include "base/text.h"'
planted 'a toy, likewise' \
    'conformance/fakes/toys/toy.c:1: may not include conformance/base/text.h' \
    conformance/fakes/toys/toy.c '#include "base/text.h"'
planted 'the suite includes what is of the reference' \
    'conformance/run/run.h:2: there is no file addcow.h' \
    conformance/run/run.h '#include "addcow.h"'
planted 'the reference includes what is of the suite' \
    'ref/hdr.c:1: may not include conformance/base/text.h' \
    ref/hdr.c '#include "base/text.h"'
planted 'the reference includes what is of its command' \
    'ref/hdr.c:1: may not include ref/cli/cli.h' \
    ref/hdr.c '#include "cli/cli.h"'
planted 'the command includes the interface of shims' \
    'ref/cli/cli.h:2: may not include conformance/addcow_shim.h' \
    ref/cli/cli.h '#include "addcow_shim.h"'
planted 'a fuzzer includes the runner' \
    'fuzz/play.c:2: may not include conformance/run/run.h' \
    fuzz/play.c '#include "run/run.h"'
planted 'a file that is not there' \
    'fuzz/play.c:2: there is no file none.h' fuzz/play.c '#include "none.h"'
planted 'a room without a rule' \
    'conformance/attic/old.c: a room without a rule' \
    conformance/attic/old.c 'int old;'
planted 'a file of no room' 'conformance/notes.txt: belongs into a room' \
    conformance/notes.txt 'words'
planted 'another folder of the root' 'tools: no folder of the root' \
    tools/lint.sh 'exit'
planted 'free() in a room that a fuzzer links' \
    'conformance/disk/disk.c:13: free() where mem_free() is meant' \
    conformance/disk/disk.c 'void h(void) { free (0); } /* free() */'
planted 'a file of more than 500 lines' \
    'conformance/run/run.h: 502 lines, not 500' conformance/run/run.h \
    "$(yes | head -n 501)"
planted 'a long file of the reference' 'ref/addcow.h: 301 lines, not 300' \
    ref/addcow.h 'int more;'
planted 'a long table of cases' 'conformance/cases/rd.c: 601 lines, not 600' \
    conformance/cases/rd.c 'int more;'
planted 'a long function' 'fuzz/play.c:3: a function of 46 lines' \
    fuzz/play.c 'int h(void)' '{' "$(yes '    h();' | head -n 44)" '}'

# Functions of 13 lines until they are the most.
long_median() {
    fresh
    for i in 1 2 3 4; do
        put fuzz/play.c "int f$i(void)" '{' \
            "$(yes '    h();' | head -n 11)" '}'
    done
    complains 'the median function has 13 lines'
}

# A rule that would allow a circle.
circle() {
    fresh
    eval "$(printf 'rooms() {\ncat <<END\n%s\nEND\n}' "$(rooms |
        sed 's,^conformance/base .*,& conformance/run,')")"
    complains 'rooms: conformance/base names conformance/run, no earlier room'
}

check 'many functions that are long' long_median
check 'a rule that allows a circle' circle
finish
