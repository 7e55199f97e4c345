#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What appendix A leaves to an implementation: whoever does as it declares
# passes, and each wrong declaration is a failure of its own clause.  The
# reference goes the first way at each point; the stranger goes others; a
# fake changes what they declare, and the ways that neither goes.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

conform=$BUILD/bin/addcow-conform
reference=$BUILD/shims/ref.so
stranger=$fakes/stranger.so

# runs STATUS SHIM WAY CHOICES ARGUMENT...: the SHIM, made to go the WAY and
# to declare the CHOICES, ends so.
runs() {
    CONTRARY_SHIM=$2
    CONTRARY_WAY=$3
    CONTRARY_CHOICES=$4
    export CONTRARY_SHIM CONTRARY_WAY CONTRARY_CHOICES
    want=$1
    shift 4
    status "$want" "$conform" run --keep never --shim "$fakes/contrary.so" \
        --level may "$@"
}

# A declaration that is wrong: cases of its clause fail, and no other.
wrong() {
    runs 1 "$1" "$2" "$3" 'impl/*' || return
    clause=${3%=*}
    sed -n 's/^ *clause *\([^ ]*\).*/\1/p' out | sort -u >failed
    [ "$(cat failed)" = "$clause" ] && return
    echo "failed: $(cat failed)"
    return 1
}

# right SHIM WAY CHOICES PATTERN...: with the declaration and without one.
right() {
    shim=$1
    way=$2
    choices=$3
    shift 3
    runs 0 "$shim" "$way" "$choices" --crash none "$@" &&
        runs 0 "$shim" "$way" '' --crash none "$@"
}

# What a choice lets be is not for want of a capability.
left_by_choice() {
    runs 0 "$stranger" "" "" "rsz/*" --crash none --tap na.tap \
        --junit na.xml --json na.json &&
        grep -q "^NA     capability [0-9]*, storage [0-9]*, choice [1-9]" \
            out && grep -q "# SKIP NA: choice$" na.tap &&
        grep -q "message=\"NA: choice\"" na.xml &&
        grep -q "\"reason\": \"choice\"" na.json &&
        grep -q "\"na_choice\": [1-9]" na.json
}

for point in 1 2 4 5 7; do
    check "the reference goes way a at IMPL-$point" \
        runs 0 "$reference" '' "IMPL-$point=a" 'impl/*'
    check 'and not way b' wrong "$reference" '' "IMPL-$point=b"
done
for point in 1 3 4 5 7; do
    check "the stranger goes way b at IMPL-$point" \
        runs 0 "$stranger" '' "IMPL-$point=b" 'impl/*'
    check 'and not way a' wrong "$stranger" '' "IMPL-$point=a"
done
check 'way b at IMPL-3 permits, and asks for nothing' \
    runs 0 "$reference" '' IMPL-3=b 'impl/*'
check 'whole sectors only' right "$stranger" sectors IMPL-2=b '*'
check 'are not way a at IMPL-2' wrong "$stranger" sectors IMPL-2=a
check 'growth and shrinking are not growth' wrong "$reference" '' IMPL-6=b
check 'nor shrinking' wrong "$reference" '' IMPL-6=c
check 'growth only' right "$stranger" grows IMPL-6=b \
    'rsz/*' 'err/*' 'impl/*'
check 'is not both' wrong "$stranger" grows IMPL-6=a
check 'nor shrinking' wrong "$stranger" grows IMPL-6=c
check 'shrinking only' right "$stranger" shrinks IMPL-6=c \
    'rsz/*' 'err/*' 'impl/*'
check 'is not both' wrong "$stranger" shrinks IMPL-6=a
check 'nor growth' wrong "$stranger" shrinks IMPL-6=b
check 'what a choice lets be is NA by choice' left_by_choice
finish
