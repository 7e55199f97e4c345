#!/bin/sh
# SPDX-License-Identifier: MIT
#
# spec/clauses.sh: the check names every mistake that it is for, and a lock is
# refused unless the change is on record.
#
# In a scratch tree stand the spec of this tree and rooms made from the list
# of its clauses, in which nothing is missing.  Each test plants one mistake
# there and wants it named.

# The functions that "check" calls are not seen to be called.
# shellcheck disable=SC2317
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

root=$here/../..
base=$work/base
tree=$work/tree

# edit FILE SED-SCRIPT, in the scratch tree.  A script that changes nothing
# ends the test: it would plant no mistake.
edit()
{
    sed "$2" "$tree/$1" >"$work/edited"
    if cmp -s "$work/edited" "$tree/$1"; then
        echo "Bail out! nothing to edit in $1: $2"
        exit 1
    fi
    cp "$work/edited" "$tree/$1"
}

fresh()
{
    rm -rf "$tree"
    cp -R "$base" "$tree"
}

# The script in the scratch tree.
clauses()
{
    sh "$tree/spec/clauses.sh" "$@"
}

# complains LINE [--spec]: the check ends with 1 and a line that begins so.
complains()
{
    line=$1
    shift
    status 1 clauses check "$@" && awk -v line="$line" '
        index($0, line) == 1 { found = 1 } END { exit !found }' out && return
    echo "no line begins with: $line"
    return 1
}

# planted TITLE LINE FILE SED-SCRIPT: in a fresh tree, a mistake that is named.
planted()
{
    fresh
    edit "$3" "$4"
    check "$1" complains "$2"
}

make_base()
{
    mkdir -p "$base/conformance/cases" "$base/conformance/mutants" \
        "$base/ref" "$base/corpus" || exit 1
    cp -R "$root/spec" "$base/spec" || exit 1
    [ -f "$base/spec/clauses.lock" ] ||
        sh "$base/spec/clauses.sh" lock --all || exit 1
    sh "$base/spec/clauses.sh" list >"$work/list" || exit 1
    awk '/^[A-Z]/ { print $1 }' "$base/spec/untested.txt" >"$work/untested"
    awk -F '\t' 'BEGIN { print "#define BY_MACRO \"HDR-4\"" }
        NR == FNR { skip[$1] = 1; next }
        $2 ~ /^(MUST|SHOULD)$/ && !($1 in skip) {
            printf "    {\"gen/%s\", \"A title, of \\\"%s\\\"\",\n" \
                   "     %s, 0, run},\n", tolower($1), $1,
                   $1 == "HDR-4" ? "BY_MACRO" : "\"" $1 "\""
        }' "$work/untested" "$work/list" >"$base/conformance/cases/g.c"
    awk -F '\t' '$2 == "MUST" { print "/* " $1 " */" }' "$work/list" \
        >"$base/ref/g.c"
    printf 'id\tresult\tclass\tlevel\tclauses\nv\tvalid\t-\tMUST\tHDR-1\n' \
        >"$base/corpus/MANIFEST.tsv"
    awk -F '\t' 'NR == FNR { skip[$1] = 1; next }
        $2 == "MUST" && !($1 in skip) { print $1 }' \
        "$work/untested" "$work/list" | while read -r id; do
        : >"$base/conformance/mutants/$id-planted.patch"
    done
}

passes()
{
    status 0 clauses check "$@" && one_line out && [ ! -s err ]
}

test_whole()
{
    fresh
    check "a whole tree passes, with one line" passes
    rm -rf "$tree/conformance" "$tree/ref" "$tree/corpus"
    check "the spec's own files pass alone" passes --spec
}

test_clause_lines()
{
    spec=spec/add-cow.txt
    planted "a malformed clause line" "$spec: HDR-2: malformed" \
        $spec 's/^\[HDR-2\].*/[HDR-2]   MUST/'
    planted "a clause that is indented" "$spec: HDR-2: malformed" \
        $spec 's/^\[HDR-2\]/ &/'
    planted "words that are not indented" "$spec: HDR-2: line " \
        $spec '/^\[HDR-2\]/{n
s/^ *//
}'
    planted "a doubled ID" "$spec: HDR-2: stands twice" \
        $spec 's/^\[HDR-3\]/[HDR-2]/'
    planted "a gap in a chapter" "$spec: HDR-4: not in sequence: HDR-3" \
        $spec '/^\[HDR-3\]/,/^$/d'
    planted "an unknown chapter" "$spec: HDX-3: no chapter" \
        $spec 's/^\[HDR-3\]/[HDX-3]/'
    planted "a chapter out of order" "$spec: HDR-99: its chapter" \
        $spec 's/^\[RD-1\]/[HDR-99]/'
    planted "a chapter that is missing" "$spec: RD-1: the chapter SIZ" \
        $spec '/^\[SIZ-/,/^$/d'
    planted "an unknown level" "$spec: HDR-2: unknown level \"SHALL\"" \
        $spec 's/^\(\[HDR-2\] *\)MUST/\1SHALL/'
    planted "an unknown class" "$spec: HDR-2: unknown class \"driver\"" \
        $spec 's/^\(\[HDR-2\] *MUST *\)reader/\1driver/'
    planted "a requirement on nobody" "$spec: HDR-2: unknown class \"-\"" \
        $spec 's/^\(\[HDR-2\] *MUST *\)reader/\1-/'
    planted "an unknown source" "$spec: HDR-2: unknown source \"rumour\"" \
        $spec 's/^\(\[HDR-2\] *MUST *reader *\)text/\1rumour/'
}

test_keywords()
{
    spec=spec/add-cow.txt
    planted "a MUST without the word" "$spec: HDR-2: its words lack MUST" \
        $spec '/^\[HDR-2\]/s/A reader MUST/A reader must/'
    planted "a SHOULD without the word" "$spec: RD-11: its words lack SHOULD" \
        $spec '/^\[RD-11\]/s/A reader SHOULD/A reader should/'
    planted "a MAY without the word" "$spec: FLS-2: its words lack MAY" \
        $spec '/^\[FLS-2\]/s/A writer MAY/A writer may/'
    planted "two requirements in a clause" "$spec: HDR-2: 2 keywords" \
        $spec '/^\[HDR-2\]/s/A reader/A MUST reader/'
    planted "a requirement in a definition" "$spec: TRM-5: a DEF with" \
        $spec '/^\[TRM-5\]/s/A sector is/A sector MUST be/'
    planted "a reference to no clause" "$spec: HDR-99: no such clause" \
        $spec 's/^\(A name is the bytes\)/\1 (HDR-99)/'
}

# shellcheck disable=SC2016 # sed's $, the last line
test_notes()
{
    planted "a decided clause without a reason" \
        "spec/rationale.txt: HDR-11: no reason" \
        spec/rationale.txt 's/^\[HDR-11\] *//'
    planted "a departing clause without its driver" \
        "spec/drivers.txt: HDR-5: departs" \
        spec/drivers.txt 's/^\[HDR-5\] *//'
    planted "a reason for no clause" \
        "spec/rationale.txt: HDR-99: no such clause" \
        spec/rationale.txt 's/^\[HDR-11\]/& [HDR-99]/'
    planted "a driver for no clause" \
        "spec/drivers.txt: HDR-99: no such clause" \
        spec/drivers.txt 's/^\[HDR-5\]/& [HDR-99]/'
    planted "two reasons for a clause" \
        "spec/rationale.txt: HDR-11: stands in two" \
        spec/rationale.txt 's/^\[HDR-5\]/& [HDR-11]/'
    planted "untested: no such clause" \
        "spec/untested.txt: HDR-99: no such clause" \
        spec/untested.txt 's/^SEC-3/HDR-99/'
    planted "untested: a clause of a chapter that is always tested" \
        "spec/untested.txt: HDR-2: a MUST of this chapter" \
        spec/untested.txt 's/^SEC-3/HDR-2/'
    planted "untested: no reason" "spec/untested.txt: CRT-1: not a clause" \
        spec/untested.txt '$a\
CRT-1'
    planted "untested: seven MUST clauses" \
        "spec/untested.txt: -: 7 MUST clauses" \
        spec/untested.txt '$a\
CRT-1  x\
CRT-2  x\
CRT-3  x\
CRT-4  x\
CRT-5  x'
    planted "untested: what a case shows" \
        "spec/untested.txt: CRT-1: a case names it" spec/untested.txt '$a\
CRT-1  x'
    planted "a line that is too long" "spec/drivers.txt: -: line 1 is longer" \
        spec/drivers.txt '1s/.*/&&&/'
    fresh
    rm "$tree/spec/rationale.txt"
    check "no reasons at all" complains "spec/rationale.txt: -: missing"
}

test_cases()
{
    cases=conformance/cases/g.c
    planted "a MUST without a case" \
        "conformance/cases: HDR-2: no case" $cases '/"gen\/hdr-2"/,/run/d'
    planted "a SHOULD without a case" \
        "conformance/cases: RD-11: no case" $cases '/"gen\/rd-11"/,/run/d'
    planted "a clause named in a check only" \
        "conformance/cases: HDR-2: no case" $cases '/"gen\/hdr-2"/,/run/c\
    expect(env, "HDR-2", 0);'
    planted "a case for no clause" "$cases: HDR-99: no such clause" \
        $cases 's/"HDR-2"/"HDR-99"/'
    planted "a case that names no clause by way of a macro" \
        "$cases: HDR-99: no such clause, in the case gen/hdr-4" \
        $cases '1s/HDR-4/HDR-99/'
    planted "a case without a clause" "$cases: -: the case gen/hdr-2 names" \
        $cases 's/"HDR-2"/""/'
    planted "a case with four clauses" "$cases: HDR-5: the fourth clause" \
        $cases 's/"HDR-2"/"HDR-2 HDR-3 HDR-4 HDR-5"/'
    fresh
    rm "$tree/$cases"
    check "no cases at all" complains "conformance/cases: HDR-2: no case"
}

test_rooms()
{
    planted "a MUST that the reference does not cite" \
        "ref: HDR-2: no file" ref/g.c '/HDR-2 /d'
    planted "a reference that cites no clause" \
        "ref/g.c: HDR-99: no such clause" ref/g.c 's/HDR-2 /HDR-99 /'
    planted "a vector for no clause" \
        "corpus/MANIFEST.tsv: HDR-99: no such clause" \
        corpus/MANIFEST.tsv 's/HDR-1$/HDR-99/'
    planted "a vector without a clause" "corpus/MANIFEST.tsv: -: v names" \
        corpus/MANIFEST.tsv 's/HDR-1$/-/'
    fresh
    rm -r "$tree/ref" "$tree/corpus" "$tree/conformance"
    check "no reference at all" complains "ref: HDR-2: no file"
    check "no corpus at all" complains "corpus/MANIFEST.tsv: -: missing"
    check "no mutants at all" complains "conformance/mutants: HDR-2: no mutant"
    fresh
    rm "$tree"/conformance/mutants/HDR-2-*.patch
    check "a clause without a mutant" \
        complains "conformance/mutants: HDR-2: no mutant"
    fresh
    : >"$tree/conformance/mutants/HDR-99-x.patch"
    check "a mutant of no clause" \
        complains "conformance/mutants/HDR-99-x.patch: HDR-99: no such"
}

# new_edition NAME WORDS, on top of changes.txt
new_edition()
{
    { printf '%s\n---\n\n%s\n\n\n' "$1" "$2"
      cat "$tree/spec/changes.txt"; } >"$work/changes"
    cp "$work/changes" "$tree/spec/changes.txt"
}

test_lock()
{
    spec=spec/add-cow.txt
    lock=spec/clauses.lock
    planted "words that changed" "$lock: HDR-2: the words changed" \
        $spec '/^\[HDR-2\]/s/A reader/Each reader/'
    check "no lock of a change that changes.txt does not name" \
        status 1 clauses lock HDR-2
    new_edition 1.1 'HDR-2: each.'
    check "no lock of another clause by the way" status 1 clauses lock HDR-3
    check "a lock of a change that changes.txt names" \
        status 0 clauses lock HDR-2
    check "which the check then takes" passes --spec
    new_edition 1.2 Nothing.
    check "no lock for what an older edition changed" \
        status 1 clauses lock HDR-2
    check "no first lock over a lock" status 1 clauses lock --all
    planted "a mark that changed" "$lock: HDR-5: the words changed" \
        $spec '/^\[HDR-5\]/s/ departs / /'
    planted "a clause that is gone" "$lock: SEC-4: a clause is gone" \
        $spec '/^\[SEC-4\]/,/^$/d'
    planted "a clause that is not locked" "$lock: HDR-2: not locked" \
        $lock '/^HDR-2 /d'
    fresh
    edit $spec '/^\[HDR-2\]/s/A reader/A  reader/'
    check "white space is not words" passes --spec
    fresh
    rm "$tree/$lock"
    check "no lock at all" complains "$lock: -: missing"
}

six_columns()
{
    status 0 clauses list && awk -F '\t' '
        NF != 6 || $1 !~ /^[A-Z]+-[0-9]+$/ { exit 1 }' out
}

shows_all()
{
    status 0 clauses show HDR-5 && says out '[HDR-5]   MUST' &&
        says out rationale.txt && says out drivers.txt &&
        says out 'case: gen/hdr-5' && says out 'ref: ref/g.c:'
}

test_use()
{
    fresh
    check "list gives six columns" six_columns
    check "show gives words, reasons, drivers, cases, reference" shows_all
    check "help" status 0 clauses --help
    check "a command is missing" usage_error missing clauses
    check "an unknown command" usage_error unknown clauses wrong
    for arguments in show 'check --all' lock 'list x'; do
        # shellcheck disable=SC2086 # several arguments
        check "wrong arguments: $arguments" \
            usage_error other clauses $arguments
    done
    check "show knows the clause" usage_error HDR-99 clauses show HDR-99
    check "lock knows the clause" usage_error HDR-99 clauses lock HDR-99
}

make_base
test_whole
test_clause_lines
test_keywords
test_notes
test_cases
test_rooms
test_lock
test_use
finish
