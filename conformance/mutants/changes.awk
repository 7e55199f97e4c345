# SPDX-License-Identifier: MIT
#
# changes.awk - every small change of a source of the reference, each as a
# patch: a comparison turned or moved by one, a sum or a test the other way, a
# branch that is always or never taken, a statement left out, an error lost.
#
#   awk -v name=rsz -v path=ref/rsz.c -v out=DIR -f changes.awk ref/rsz.c
#
# Deliberately missing: changes that need to understand what they change.
# Lines are as clang-format leaves them, and no more of C is known here.

# Nothing in a string or a comment is changed.
function is_code(line, at) {
    line = substr(line, 1, at - 1)
    return line !~ /\/[*\/]/ && gsub(/"/, "", line) % 2 == 0
}

function change(to,    file) {
    if (to == $0 || (NR, to) in made)
        return
    made[NR, to] = 1
    file = sprintf("%s/%s-%d-%d.patch", out, name, NR, ++n_made[NR])
    printf "--- a/%s\n+++ b/%s\n@@ -%d +%d @@\n-%s\n+%s\n", path, path, NR,
        NR, $0, to > file
    close(file)
}

# Each place of WHAT, a regular expression, becomes TO.
function each(what, to,    before, rest, at) {
    before = ""
    rest = $0
    while (match(rest, what)) {
        at = length(before) + RSTART
        if (is_code($0, at))
            change(substr($0, 1, at - 1) to substr(rest, RSTART + RLENGTH))
        before = before substr(rest, 1, RSTART + RLENGTH - 1)
        rest = substr(rest, RSTART + RLENGTH)
    }
}

function is_closed(text,    left) {
    left = gsub(/\(/, "", text)
    return left == gsub(/\)/, "", text)
}

function operators() {
    each(" < ", " <= ")
    each(" <= ", " < ")
    each(" > ", " >= ")
    each(" >= ", " > ")
    each(" == ", " != ")
    each(" != ", " == ")
    each(" && ", " || ")
    each(" [|][|] ", " \\&\\& ")
    each(" [+] ", " - ")
    each(" - ", " + ")
    each(" % ", " / ")
    each(" / ", " % ")
    each(" [+-] 1", "")
    each(" [+]= ", " = ")
    each("true", "false")
    each("false", "true")
}

function branch(    head, test, tail) {
    if ($0 !~ /^ +(if|while) \(.*\)( \{)?$/ || !is_closed($0))
        return
    head = $0
    sub(/\(.*/, "", head)
    tail = $0 ~ / \{$/ ? " {" : ""
    test = substr($0, length(head) + 1)
    sub(/ \{$/, "", test)
    change(head "(!" test ")" tail)
    change(head "(0 && " test ")" tail)
    if (head ~ /if/)
        change(head "(1 || " test ")" tail)
}

function statement(    indent) {
    if ($0 !~ /;$/ || !is_closed($0))
        return
    indent = $0
    sub(/[^ ].*/, "", indent)
    if ($0 ~ /^ +return [^;]*;$/)
        change(indent "return 0;")
    else if ($0 ~ /^ +int result = [a-z_]+\(.*;$/)
        change(indent "int result = ADDCOW_OK;")
    else if ($0 !~ keeps)
        change(indent ";")
}

BEGIN {
    keeps = "^ +(return|break|continue|case|struct|const|static|unsigned|" \
        "enum|uint[0-9]+_t|size_t|int|bool|char|\\.)"
}

# Comments and contracts; the head of a function.
/^ *\/\*/ { inside = 1 }
inside { inside = $0 !~ /\*\//; next }
/^#|^ *\/\/|^[^ ]/ { next }
{
    operators()
    branch()
    statement()
}
