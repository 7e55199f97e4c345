#!/bin/sh
# SPDX-License-Identifier: MIT
#
# clauses.sh - the clauses of add-cow.txt: listed, shown, checked, locked.
#
# The check ties the rooms together: a clause has a reason, a case, a line of
# the reference and a mutant, and its words do not change unnoticed.  It reads
# sources only and needs nothing to be built.  Deliberately missing: whether a
# case shows what it names; mutants answer that.
set -eu
LC_ALL=C
export LC_ALL

usage()
{
    cat <<'END'
usage: sh clauses.sh list             one clause a line: id, level, class,
                                      source, departs, first words (tabs)
       sh clauses.sh show ID          a clause, its reasons, what names it
       sh clauses.sh check [--spec]   is everything tied together?  With
                                      --spec only the files beside add-cow.txt
       sh clauses.sh lock ID...       take the changed words of clauses as they
                                      are; the newest edition in changes.txt
                                      must name them
       sh clauses.sh lock --all       the first lock, of all clauses

Exit: 0 success; 1 the check found faults, one a line, or a lock was refused;
2 usage.
END
}

# usage_error WORDS...
usage_error()
{
    echo "clauses.sh: $*; see --help" >&2
    exit 2
}

# Shared by the programs below.
# shellcheck disable=SC2016 # awk's $, not the shell's
awk_common='
BEGIN {
    n_chapters = split("TRM CNF HDR NAM BMP SIZ RD WR FLS DUR CRT RSZ MAP " \
                       "CHK ERR LIM SEC IMPL", chapter, " ")
    for (i = 1; i <= n_chapters; i++)
        number_of[chapter[i]] = i
}
function chapter_of(id) { sub(/-.*/, "", id); return id }
function complain(file, id, what) {
    print file ": " (id == "" ? "-" : id) ": " what
}
'

# each_id() calls found(), which its user defines, for each clause ID in TEXT.
awk_ids='
function each_id(text,    id, before, after) {
    before = ""
    while (match(text, /[A-Z]+-[0-9]+/)) {
        id = substr(text, RSTART, RLENGTH)
        if (RSTART > 1)
            before = substr(text, RSTART - 1, 1)
        after = substr(text, RSTART + RLENGTH, 1)
        if (before !~ /[A-Za-z0-9_-]/ && after !~ /[A-Za-z_]/)
            found(id)
        before = substr(id, length(id))
        text = substr(text, RSTART + RLENGTH)
    }
}
'

# parse: add-cow.txt to lines "C id level class source departs words" (tabs),
# and "E fault" for what is malformed.
parse()
{
    awk -v OFS="\t" "$awk_common"'
    function finish() {
        if (id == "")
            return
        gsub(/[ \t]+/, " ", words)
        print "C", id, level, class, source, departs, words
        id = ""
    }
    BEGIN { form = "^\\[[A-Z]+-[1-9][0-9]*\\] +[A-Za-z]+ +[a-z-]+ +[a-z]+ +." }
    function bad(what) { print "E\tspec/add-cow.txt: " label ": " what }
    function begin(line,    f, n, i) {
        finish()
        label = line
        sub(/\].*/, "", label)
        sub(/^[ \t]*\[?/, "", label)
        if (line !~ form) {
            bad("malformed clause line " NR)
            return
        }
        id = label
        n = split(line, f, /[ \t]+/)
        level = f[2]; class = f[3]; source = f[4]
        departs = f[5] == "departs" ? "departs" : "-"
        words = ""
        for (i = departs == "-" ? 5 : 6; i <= n; i++)
            words = words (words == "" ? "" : " ") f[i]
    }
    /^[ \t]*\[?[A-Z]+-[0-9]+\]/ { begin($0); next }
    /^[ \t]*$/ { finish(); next }
    id != "" && /^          [^ ]/ { words = words " " $0; next }
    id != "" { bad("line " NR " of a clause: indent by ten"); finish() }
    END { finish() }
    ' spec/add-cow.txt
}

# Sequence, vocabulary and keywords of the parsed clauses.
check_clauses()
{
    awk -F '\t' "$awk_common"'
    function has(set, word) { return index(" " set " ", " " word " ") > 0 }
    function keywords(words,    n, w) {
        while (sub(/\([^()]*\)/, "", words)) { }
        gsub(/[^A-Za-z]+/, " ", words)
        n = split(words, w, " ")
        n_must = n_should = n_may = 0
        for (i = 1; i <= n; i++) {
            n_must += w[i] == "MUST"
            n_should += w[i] == "SHOULD"
            n_may += w[i] == "MAY"
        }
        return n_must + n_should + n_may
    }
    function check_order(id,    c, n) {
        c = chapter_of(id)
        n = substr(id, length(c) + 2) + 0
        if (!(c in number_of))
            bad(id, "no chapter is called " c)
        else if (number_of[c] < at)
            bad(id, "its chapter comes after one that follows it")
        else if (number_of[c] > at + 1)
            bad(id, "the chapter " chapter[at + 1] " is missing before it")
        if (c in number_of && number_of[c] > at)
            at = number_of[c]
        if (id in seen)
            bad(id, "stands twice")
        else if (n != last[c] + 1)
            bad(id, "not in sequence: " c "-" (last[c] + 1) " is expected")
        seen[id] = 1
        if (n > last[c])
            last[c] = n
    }
    function check_vocabulary(id) {
        if (!has("MUST SHOULD MAY choice DEF", $3))
            bad(id, "unknown level \"" $3 "\"")
        if (!has("reader writer creator resizer checker all -", $4) ||
            ($4 == "-" && $3 != "DEF"))
            bad(id, "unknown class \"" $4 "\"")
        if (!has("text review driver decided", $5))
            bad(id, "unknown source \"" $5 "\"")
    }
    function check_keywords(id,    n) {
        n = keywords($7)
        if (($3 == "DEF" || $3 == "choice") && n > 0)
            bad(id, "a " $3 " with a keyword in capitals")
        if ($3 == "MUST" && !n_must || $3 == "SHOULD" && !n_should ||
            $3 == "MAY" && !n_may)
            bad(id, "its words lack " $3)
        else if (n > 1)
            bad(id, n " keywords: one requirement a clause")
    }
    function bad(id, what) { complain("spec/add-cow.txt", id, what) }
    {
        check_order($2)
        check_vocabulary($2)
        check_keywords($2)
    }
    END {
        while (at++ < n_chapters)
            bad("", "the chapter " chapter[at] " has no clause")
    }
    ' "$tmp/clauses"
}

# Every clause ID in FILE..., as lines "file, id" (tab).  Words that only look
# like an ID are known by name.
cites()
{
    awk "$awk_common$awk_ids"'
    function found(id) {
        if (id !~ /^(UTF|SHA|CRC|RFC|ISO|ABI)-/)
            print FILENAME "\t" id
    }
    /[A-Z]-[0-9]/ { each_id($0) }
    ' "$@" /dev/null
}

# Cites of clauses that do not exist; $1 is a list made by cites.
check_cites()
{
    awk -F '\t' "$awk_common"'
    NR == FNR { known[$2] = 1; next }
    !($2 in known) && !told[$0]++ { complain($1, $2, "no such clause") }
    ' "$tmp/clauses" "$1"
}

# Headings of rationale.txt and drivers.txt: lines of IDs in brackets at the
# line's start.  As "file, id" (tab).
headings()
{
    awk "$awk_common$awk_ids"'
    function found(id) { print FILENAME "\t" id }
    /^\[/ { match($0, /^(\[[A-Z]+-[0-9]+\] *)+/)
            each_id(substr($0, 1, RLENGTH)) }
    ' spec/rationale.txt spec/drivers.txt
}

check_headings()
{
    headings >"$tmp/headings"
    awk -F '\t' "$awk_common"'
    FILENAME == ARGV[1] { seen[$1, $2]++; next }
    {
        why = "spec/rationale.txt"
        who = "spec/drivers.txt"
        if (($5 != "text" || $6 == "departs") && !((why, $2) in seen))
            complain(why, $2, "no reason for a clause that is " $5)
        if (seen[why, $2] > 1)
            complain(why, $2, "stands in two headings")
        if ($6 == "departs" && !((who, $2) in seen))
            complain(who, $2, "departs, and no driver is described")
        if (seen[who, $2] > 1)
            complain(who, $2, "stands in two headings")
    }
    ' "$tmp/headings" "$tmp/clauses"
}

# Lines "ID  reason".  Few, and none where the format itself is at stake.
check_untested()
{
    awk "$awk_common"'
    function bad(id, what) { complain("spec/untested.txt", id, what) }
    FNR == NR { level[$2] = $3; next }
    /^#/ || /^ / || /^$/ { next }
    $1 !~ /^[A-Z]+-[0-9]+$/ || NF < 2 {
        bad($1, "not a clause and a reason"); next
    }
    seen[$1]++ { bad($1, "stands twice") }
    level[$1] == "MUST" {
        n_must++
        if (chapter_of($1) ~ /^(HDR|NAM|BMP|SIZ|RD|WR|FLS|DUR)$/)
            bad($1, "a MUST of this chapter is tested")
    }
    level[$1] ~ /^(DEF|MAY|choice)$/ { bad($1, "needs no case") }
    END { if (n_must > 6) bad("", n_must " MUST clauses, 6 at most") }
    ' "$tmp/clauses" spec/untested.txt
}

# Lines "ID hash" for what a clause says, white space folded.
hashes()
{
    rm -rf "$tmp/words"
    mkdir "$tmp/words"
    awk -F '\t' -v dir="$tmp/words/" '{
        file = dir $2
        print $3, $4, $5, $6, $7 >file
        close(file)
    }' "$tmp/clauses"
    (cd "$tmp/words" && sha256sum -- *) | awk '{ print $2, $1 }'
}

check_lock()
{
    if [ ! -f spec/clauses.lock ]; then
        echo "spec/clauses.lock: -: missing; see lock --all"
        return
    fi
    hashes >"$tmp/hashes"
    awk "$awk_common"'
    function bad(id, what) { complain("spec/clauses.lock", id, what) }
    FILENAME == ARGV[1] { now[$1] = $2; next }
    { if (seen[$1]++) bad($1, "stands twice")
      if (!($1 in now)) bad($1, "a clause is gone; IDs are for ever")
      else if (now[$1] != $2) bad($1, "the words changed, the lock did not") }
    END { for (id in now) if (!(id in seen)) bad(id, "not locked") }
    ' "$tmp/hashes" spec/clauses.lock
}

check_widths()
{
    awk 'function bad(what) { print FILENAME ": -: line " FNR " " what }
         length($0) > 79 { bad("is longer than 79") }
         /[ \t]$/ { bad("ends in white space") }
         /\t/ { bad("holds a tab") }' spec/*.txt
}

check_spec()
{
    check_clauses
    cites spec/*.txt >"$tmp/spec-cites"
    check_cites "$tmp/spec-cites"
    check_headings
    check_untested
    check_lock
    check_widths
}

# The tables of conformance/cases/*.c, as lines "file, case, clause" (tabs):
# a string like "hdr/version-2" right after a brace or ".id =", and the next
# string that is a list of clauses, by way of a macro or not.  A case without
# one has "-".
cases()
{
    for file in conformance/cases/*.c; do
        [ ! -f "$file" ] || awk -v file="$file" '
        BEGIN { list = "^[A-Z]+-[0-9]+( [A-Z]+-[0-9]+)*$" }
        function clauses(id, ids,    n, c, i) {
            n = split(ids, c, " ")
            for (i = 1; i <= n; i++)
                print file "\t" id "\t" c[i]
        }
        /\\$/ {
            while (sub(/\\$/, "") && (getline more) > 0)
                $0 = $0 " " more
        }
        /^#define [A-Z0-9_]+ +"[A-Z]+-[0-9][A-Z0-9 -]*"/ {
            split($0, part, "\"")
            macro[$2] = part[2]
            next
        }
        { gsub(/\\"/, ""); gsub(/\047"\047/, ""); text = text $0 "\n" }
        END {
            for (name in macro)
                gsub("[ \n]" name ",", " \"" macro[name] "\",", text)
            n = split(text, part, "\"")
            for (i = 2; i <= n; i += 2) {
                if (part[i] ~ /^[a-z]+(\/[a-z0-9^-]*[a-z0-9])+$/ &&
                    part[i - 1] ~ /([{]|[.]id *=)[ \n]*$/) {
                    if (id != "")
                        print file "\t" id "\t-"
                    id = part[i]
                } else if (id != "" && part[i] ~ list) {
                    clauses(id, part[i])
                    id = ""
                }
            }
            if (id != "")
                print file "\t" id "\t-"
        }' "$file"
    done
}

# Cases: each names one to three clauses that exist; each MUST and SHOULD is
# named by a case or stands in untested.txt, not both.
check_cases()
{
    cases >"$tmp/cases"
    awk -F '\t' "$awk_common"'
    FILENAME == ARGV[1] { level[$2] = $3; order[++n] = $2; next }
    FILENAME == ARGV[2] { split($0, f, " "); untested[f[1]] = 1; next }
    { tested[$3] = 1 }
    $3 == "-" { complain($1, "", "the case " $2 " names no clause"); next }
    !($3 in level) { complain($1, $3, "no such clause, in the case " $2) }
    ++n_of[$2] == 4 { complain($1, $3, "the fourth clause of the case " $2) }
    END {
        for (i = 1; i <= n; i++) {
            id = order[i]
            if (id in tested && id in untested)
                complain("spec/untested.txt", id, "a case names it")
            if (level[id] !~ /^(MUST|SHOULD)$/ || id in untested)
                continue
            if (!(id in tested))
                complain("conformance/cases", id, "no case names it")
        }
    }
    ' "$tmp/clauses" spec/untested.txt "$tmp/cases"
}

# Reference: each MUST is cited where it is fulfilled.
check_ref()
{
    set --
    for file in ref/*.c ref/*.h ref/cli/*.c ref/cli/*.h; do
        [ ! -f "$file" ] || set -- "$@" "$file"
    done
    cites "$@" >"$tmp/ref-cites"
    check_cites "$tmp/ref-cites"
    awk -F '\t' "$awk_common"'
    FILENAME == ARGV[1] { cited[$2] = 1; next }
    FILENAME == ARGV[2] { split($0, f, " "); untested[f[1]] = 1; next }
    $3 == "MUST" && !($2 in cited) && !($2 in untested) {
        complain("ref", $2, "no file of the reference cites it")
    }
    ' "$tmp/ref-cites" spec/untested.txt "$tmp/clauses"
}

# The fifth column of the corpus's manifest.
check_manifest()
{
    if [ ! -f corpus/MANIFEST.tsv ]; then
        echo "corpus/MANIFEST.tsv: -: missing"
        return
    fi
    awk -F '\t' "$awk_common$awk_ids"'
    function found(id) {
        n_found++
        if (!(id in known))
            complain("corpus/MANIFEST.tsv", id, "no such clause, in " $1)
    }
    NR == FNR { known[$2] = 1; next }
    /^#/ || $1 == "id" { next }
    { n_found = 0; each_id($5) }
    n_found == 0 { complain("corpus/MANIFEST.tsv", "", $1 " names no clause") }
    ' "$tmp/clauses" corpus/MANIFEST.tsv
}

# Mutants are called CLAUSE-what-goes-wrong.patch.
check_mutants()
{
    for file in conformance/mutants/*.patch; do
        [ ! -f "$file" ] || basename "$file" .patch
    done >"$tmp/mutants"
    awk -F '\t' "$awk_common"'
    FILENAME == ARGV[1] { level[$2] = $3; order[++n] = $2; next }
    FILENAME == ARGV[2] { split($0, f, " "); untested[f[1]] = 1; next }
    {
        match($0, /^[A-Z]+-[0-9]+/)
        id = substr($0, 1, RLENGTH)
        if (!(id in level))
            complain("conformance/mutants/" $0 ".patch", id, "no such clause")
        mutated[id] = 1
    }
    END {
        for (i = 1; i <= n; i++) {
            id = order[i]
            if (level[id] != "MUST" || id in untested || id in mutated)
                continue
            complain("conformance/mutants", id, "no mutant breaks it")
        }
    }
    ' "$tmp/clauses" spec/untested.txt "$tmp/mutants"
}

# One line, with what was counted.
summary()
{
    awk -F '\t' '
    { n[$3]++ }
    END { printf "%d clauses (%d MUST, %d SHOULD, %d MAY, %d choice, %d DEF)",
                 NR, n["MUST"], n["SHOULD"], n["MAY"], n["choice"], n["DEF"] }
    ' "$tmp/clauses"
    awk '/^[A-Z]/ { n++ } END { printf ", %d untested", n }' spec/untested.txt
    [ "$1" = all ] || { echo; return; }
    awk -F '\t' '!seen[$2]++ { n++ } END { printf ", %d cases", n }' \
        "$tmp/cases"
    awk -F '\t' '!seen[$2]++ { n++ } END { printf ", %d cited by ref", n }' \
        "$tmp/ref-cites"
    awk 'END { printf ", %d mutants\n", NR }' "$tmp/mutants"
}

# The files that everything else is held against.
check_presence()
{
    for file in rationale drivers changes untested; do
        [ -f "spec/$file.txt" ] || echo "spec/$file.txt: -: missing"
    done
}

# check all|spec
check()
{
    check_presence >"$tmp/faults"
    [ ! -s "$tmp/faults" ] || { cat "$tmp/faults"; exit 1; }
    sed -n 's/^E	//p' "$tmp/parsed" >"$tmp/faults"
    check_spec >>"$tmp/faults"
    if [ "$1" = all ]; then
        {
            check_cases
            check_ref
            check_manifest
            check_mutants
        } >>"$tmp/faults"
    fi
    if [ -s "$tmp/faults" ]; then
        cat "$tmp/faults"
        exit 1
    fi
    summary "$1"
}

list()
{
    cut -f 2-6 "$tmp/clauses" >"$tmp/left"
    cut -f 7 "$tmp/clauses" | cut -c 1-60 >"$tmp/right"
    paste "$tmp/left" "$tmp/right"
}

# The section of FILE with ID in its heading.  Two blank lines end it.
section()
{
    awk -v id="[$2]" '
    /^\[/ { if (!heading) shown = 0
            heading = 1
            if (index($0, id)) { shown = 1; $0 = kept $0 }
            else kept = kept $0 "\n" }
    !/^\[/ { heading = 0; kept = "" }
    /^$/ && last == "" { shown = 0 }
    { last = $0 }
    shown { text = text $0 "\n" }
    END { sub(/\n+$/, "\n", text)
          if (text != "") printf "\n--- %s\n\n%s", FILENAME, text }
    ' "$1"
}

show()
{
    grep -q "^C	$1	" "$tmp/parsed" ||
        usage_error "no such clause: $1"
    awk -v id="[$1]" 'index($0, id) == 1 { on = 1 } /^$/ { on = 0 } on' \
        spec/add-cow.txt
    section spec/rationale.txt "$1"
    section spec/drivers.txt "$1"
    sed -n "s/^$1  */untested: /p" spec/untested.txt
    cases | awk -F '\t' -v id="$1" '$3 == id { print "case: " $2 }'
    for file in ref/*.c ref/*.h ref/cli/*.c ref/cli/*.h; do
        [ ! -f "$file" ] || grep -nw -- "$1" "$file" /dev/null |
            cut -d : -f 1,2 | sed 's/^/ref: /'
    done
    for file in conformance/mutants/"$1"-*.patch; do
        [ ! -f "$file" ] || echo "mutant: $file"
    done
}

lock_all()
{
    if [ -f spec/clauses.lock ]; then
        echo "clauses.sh: spec/clauses.lock stands; lock clauses by ID" >&2
        exit 1
    fi
    hashes | sort_ids >"$tmp/lock"
    cp "$tmp/lock" spec/clauses.lock
}

# Lines that begin with an ID, in the order of the spec.
sort_ids()
{
    awk -v table="$tmp/clauses" '
    { line[$1] = $0 }
    END { while ((getline row <table) > 0) {
              split(row, f, "\t")
              if (f[2] in line) print line[f[2]]
          } }'
}

# Does the newest edition in changes.txt name the clause?  Editions are
# underlined headings, the newest first.
is_changed()
{
    awk -v id="$1" "$awk_common$awk_ids"'
    function found(i) { if (i == id) ok = 1 }
    /^---/ { n++ }
    n == 1 { each_id($0) }
    END { exit !ok }' spec/changes.txt
}

lock_some()
{
    for id in "$@"; do
        grep -q "^C	$id	" "$tmp/parsed" || usage_error "no such clause: $id"
        if ! is_changed "$id"; then
            echo "clauses.sh: $id: the newest edition in spec/changes.txt" \
                "does not name it" >&2
            exit 1
        fi
    done
    hashes >"$tmp/hashes"
    printf '%s\n' "$@" >"$tmp/wanted"
    awk 'FILENAME == ARGV[1] { wanted[$1] = 1; next }
         FILENAME == ARGV[2] { if ($1 in wanted) print; next }
         !($1 in wanted)' "$tmp/wanted" "$tmp/hashes" spec/clauses.lock |
        sort_ids >"$tmp/lock"
    cp "$tmp/lock" spec/clauses.lock
}

# prepare: the root of the tree, scratch space, the parsed clauses.
prepare()
{
    cd "$(dirname -- "$0")/.."
    [ -r spec/add-cow.txt ] || usage_error "no add-cow.txt beside this script"
    tmp=$(mktemp -d "${TMPDIR:-/tmp}/clauses.XXXXXX")
    trap 'rm -rf "$tmp"' EXIT
    trap 'exit 2' HUP INT TERM
    parse >"$tmp/parsed"
    sed -n '/^C	/p' "$tmp/parsed" >"$tmp/clauses"
}

main()
{
    case ${1-} in
    -h | --help) usage; exit 0 ;;
    list | show | check | lock) command=$1; shift ;;
    '') usage_error "a command is missing" ;;
    *) usage_error "unknown command: $1" ;;
    esac
    case $command,$#,${1-} in
    list,0,) prepare; list ;;
    show,1,*) prepare; show "$1" ;;
    check,0,) prepare; check all ;;
    check,1,--spec) prepare; check spec ;;
    lock,1,--all) prepare; lock_all ;;
    lock,[1-9]*,[A-Z]*) prepare; lock_some "$@" ;;
    *) usage_error "$command takes other arguments" ;;
    esac
}

main "$@"
