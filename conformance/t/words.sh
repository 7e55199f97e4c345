#!/bin/sh
# SPDX-License-Identifier: MIT
#
# words.sh - turns of phrase that stop an English reader become fewer.
#
#   sh conformance/t/words.sh            as a test
#   sh conformance/t/words.sh --lower    writes lower counts into words.tsv
#
# words.tsv has a line for each: how often it may occur, its name, and an
# extended regular expression, which matches whole words, in either case unless
# it has a capital letter.  Comments, messages and documents are searched.
# More than the count is an error, and so is less: the count follows it down.
#
# Deliberately missing: the specification, whose clauses change with an
# edition only; licences; the corpus; the code of a mutant.

# shellcheck source=conformance/t/tap.sh
. "${0%/*}/tap.sh"

cat >places.awk <<'AWK'
# What is said in a line of C: comments and texts.
function of_c(line,    said, token) {
    while (line != "") {
        if (in_comment) {
            if (!match(line, /\*\//))
                return said line
            said = said substr(line, 1, RSTART - 1) " "
            in_comment = 0
        } else {
            if (!match(line, /"([^"\\]|\\.)*"|'([^'\\]|\\.)+'|\/\*/))
                return said
            token = substr(line, RSTART, RLENGTH)
            if (token == "/*")
                in_comment = 1
            else if (token ~ /^"/)
                said = said substr(token, 2, RLENGTH - 2) " "
        }
        line = substr(line, RSTART + RLENGTH)
    }
    return said
}

# What is said in a line of PATH.
function said(path, line) {
    if (path ~ /\.[ch]$/)
        line = of_c(line)
    else if (path ~ /\.patch$/ && (diff = diff || line ~ /^--- /))
        line = ""
    sub(/^[ \t]*(#+|\*)?[ \t]+/, "", line)
    gsub(/[ \t]+/, " ", line)
    return line
}

# Prints the places of phrase I that begin in TEXT, which NEXT follows.
function find(i, text, following,    rest, at, len) {
    len = length(text) + 1
    rest = " " text " " following " "
    if (pattern[i] !~ /[A-Z]/)
        rest = tolower(rest)
    while (match(rest, "[^A-Za-z_](" pattern[i] ")[^A-Za-z_]")) {
        at += RSTART
        if (at > len)
            return
        print name[i] "\t" file ":" line_of ": " text
        rest = substr(rest, RSTART + RLENGTH - 1)
        at += RLENGTH - 2
    }
}

# The line before is complete: this one follows it.
function flush_line(following,    i) {
    if (before != "")
        for (i = 1; i <= n; i++)
            find(i, before, following)
}

what == "phrases" {
    name[++n] = $2
    pattern[n] = $3
    next
}

FNR == 1 {
    flush_line("")
    in_comment = diff = 0
    before = ""
    file = FILENAME
}

{
    text = said(FILENAME, $0)
    flush_line(text)
    before = text
    line_of = FNR
}

END {
    flush_line("")
}
AWK

# documents TREE: the files that are searched; without git, all but build*.
documents() {
    (
        cd "$1" || exit
        git ls-files 2>/dev/null | grep . || find . -path './build*' -prune \
            -o -path ./.git -prune -o -type f -print | sed 's,^\./,,'
    ) | grep -E '\.(c|h|sh|md|txt|cmake|patch)$' |
        grep -Ev '^(spec/(add-cow|changes)\.txt|corpus/v/.*|conformance/t/words\.sh)$' |
        grep -Ev '/(requirements-[0-9.]*txt|tests/compat-.*)$'
}

# count TREE: the file places has a line for each place, and counts a line for
# each phrase: its count, what is allowed, its name, its expression.
count() {
    documents "$1" >list
    grep -v '^#' "$1/conformance/t/words.tsv" >phrases
    (
        cd "$1" || exit
        # Names of documents have no blanks.
        # shellcheck disable=SC2046
        awk -F '\t' -f "$work/places.awk" what=phrases "$work/phrases" \
            what=text $(cat "$work/list")
    ) >places || return
    awk -F '\t' -v OFS='\t' '
        NR == FNR { n[$1]++; next }
        { print n[$2] + 0, $1, $2, $3 }' places phrases >counts
}

# no_more TREE: the counts are those of words.tsv.
no_more() {
    count "$1" || return
    while IFS=$(printf '\t') read -r is may name _; do
        if [ "$is" -gt "$may" ]; then
            echo "\"$name\": $is, not $may.  Say it otherwise, in one of:"
            awk -F '\t' -v name="$name" '$1 == name { print "  " $2 }' places
        elif [ "$is" -lt "$may" ]; then
            echo "\"$name\": only $is, not $may.  Well done; to keep it so:" \
                "sh conformance/t/words.sh --lower"
        fi
    done <counts >complaints
    cat complaints
    [ ! -s complaints ] && [ -s counts ]
}

# lower TREE: writes what is less.
lower() {
    count "$1" || return
    {
        grep '^#' "$1/conformance/t/words.tsv"
        awk -F '\t' -v OFS='\t' '{ print $1 < $2 ? $1 : $2, $3, $4 }' counts
    } >lowered
    cat lowered >"$1/conformance/t/words.tsv"
}

if [ "${1-}" = --lower ]; then
    lower "$here/../.."
    exit
fi

# ---- Planted words ----------------------------------------------------------

# fresh: a tree with two places of the first phrase and none of the second.
fresh() {
    rm -rf tree
    mkdir -p tree/conformance/t tree/spec tree/conformance/mutants
    printf '# Counts.\n2\tfoo\tfoo( bar)?\n0\tBaz\tBaz\n' \
        >tree/conformance/t/words.tsv
    printf '/* A Foo, foolish,\n * foo */ int foo = 1; /* baz */\n' \
        >tree/a.c
    echo 'foo Baz' >tree/spec/add-cow.txt
    printf 'A word.\n--- a\n+++ b\n+/* foo Baz */\n' \
        >tree/conformance/mutants/HDR-1-x.patch
}

# planted FILE LINE COMPLAINT: with LINE in FILE.
planted() {
    fresh
    echo "$2" >>"tree/$1"
    ! no_more tree && grep -qF "$3" complaints
}

fewer() {
    fresh
    sed 's/A Foo/A/' tree/a.c >a.c && mv a.c tree/a.c
    ! no_more tree && grep -q '"foo": only 1, not 2' complaints
}

lowered() {
    fewer && lower tree && no_more tree &&
        grep -q "^1$(printf '\t')foo" tree/conformance/t/words.tsv
}

never_raised() {
    planted a.c '/* foo */' 'foo' && lower tree && ! no_more tree
}

check 'no phrase is more frequent, or less, than words.tsv says' \
    no_more "$here/../.."
fresh
check 'so in a tree in which words are planted' no_more tree
check 'one more in a comment' \
    planted a.c '/* the foo */' '  a.c:3: the foo'
check 'in a message' planted a.c 'f("foo");' '"foo": 3, not 2'
check 'in a script' planted a.sh '# foo' '  a.sh:1: foo'
check 'in a document' planted a.md 'Is Baz.' '"Baz": 1, not 0'
check 'over two lines' planted a.txt "$(printf '# foo\n#   bar')" \
    '  a.txt:1: foo'
check 'in the head of a mutant' \
    planted conformance/mutants/HDR-2.patch 'foo' '"foo": 3, not 2'
check 'twice in a line' planted a.md 'foo foo' '"foo": 4, not 2'
check 'one less' fewer
check 'which is written down' lowered
check 'but never one more' never_raised
finish
