#!/bin/sh
# SPDX-License-Identifier: MIT
#
# coverage.sh - the gate of the coverage sees each kind of gap, planted in a
# toy of a reference, and passes the toy without one.

# The functions are called by name, through check.
# shellcheck disable=SC2317

. "${0%/*}/lib.sh"

# A core, a command and a header; the part of the core that counts runs in a
# child that is killed.
mkdir toy toy/ref toy/conformance toy/build toy/build/bin
cp "$here/../coverage.sh" toy/conformance/
cat >toy/ref/head.h <<'END'
static inline int least(int a, int b)
{
    return a < b ? a : b;
}
END
cat >toy/ref/core.c <<'END'
#include "head.h"
int core(int a, int b);
int core(int a, int b)
{
    if (a && b)
        return least(a, b);
    return 0;
}
END
cat >toy/ref/other.c <<'END'
#include "head.h"
int other(int a);
int other(int a)
{
    return least(a, 1);
}
END
mkdir toy/ref/cli
cat >toy/ref/cli/main.c <<'END'
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int core(int a, int b);
int other(int a);
int main(void)
{
    if (fork() == 0) {
        core(1, 2);
        core(2, 1);
        core(1, 0);
        core(0, 1);
        other(0);
        kill(getpid(), SIGKILL);
    }
    return wait(NULL) < 0;
}
END

# The flags are those of the build.
flags='-fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc
    -fprofile-continuous -fprofile-update=atomic'

# judge STATUS: of the tree "now".
judge() {
    want=$1
    # Words are meant to be split.
    # shellcheck disable=SC2086
    (cd now && clang-22 $flags -Wl,--build-id -o build/bin/ref_toy \
        ${sources:-"$PWD"/ref/*.c "$PWD"/ref/cli/*.c} &&
        LLVM_PROFILE_FILE=build/profiles/%b-%m%c.profraw \
            build/bin/ref_toy) &&
        status "$want" sh now/conformance/coverage.sh now/build
}

# changed SED FILE: the toy, with this done to FILE.
changed() {
    rm -rf now && cp -r toy now && sed "$1" "toy/$2" >"now/$2" &&
        ! cmp -s "toy/$2" "now/$2"
}

# gaps SED FILE LINE...: so changed, these are the gaps, and no others.
gaps() {
    changed "$1" "$2" || return
    shift 2
    printf '%s\n' "$@" >wanted
    judge 1 && sed '1,/^ .*  ref\/other\.c/d' out | grep -v '^ ' >got
    cmp wanted got && return
    cat out
    return 1
}

whole() {
    rm -rf now && cp -r toy now && judge 0 && says out ' 5/5         4/4         2/2  ref/core.c' &&
        [ -s now/build/coverage/index.html ]
}

branch() {
    gaps 's/return 0/return a > 5 ? 1 : 0/' ref/core.c \
        'ref/core.c:7:12: is never true'
}

line_of_the_core() {
    gaps '/return 0/i\    if (a > 5)\
        return 9;' ref/core.c 'ref/core.c:8: the line does not run' \
        'ref/core.c:7:9: is never true'
}

condition() {
    gaps '/core(0, 1)/d' ref/cli/main.c 'ref/core.c:5:9: is never false' \
        'ref/core.c:5:9: condition 1 never decides alone'
}

header() {
    gaps 's/a < b ?/b < 7 \&\& a < b ?/' ref/head.h \
        'ref/head.h:3:12: is never false' \
        'ref/head.h:3:12: condition 1 never decides alone'
}

branch_of_the_command() {
    changed 's/return wait/return getpid() < 0 || wait/' ref/cli/main.c && judge 0
}

line_of_the_command() {
    gaps '/return wait/i\    if (getpid() < 0)\
        return 9;' ref/cli/main.c 'ref/cli/main.c:18: the line does not run'
}

left_out() {
    changed 's/other(0)/other/' ref/cli/main.c && cp toy/ref/core.c now/ref/new.c &&
        sources="$work/now/ref/core.c $work/now/ref/other.c
            $work/now/ref/cli/main.c" && judge 1
    result=$?
    sources=
    says out 'ref/new.c: nothing of this file was measured' &&
        [ "$result" -eq 0 ]
}

no_decision() {
    gaps 's/if (a && b)/if (a)/' ref/core.c \
        'ref: no branch or no decision was measured'
}

no_profile() {
    rm -rf now && cp -r toy now && judge 0 && rm -r now/build/profiles &&
        ! sh now/conformance/coverage.sh now/build >/dev/null 2>&1
}

usage() {
    status 2 sh "$here/../coverage.sh" &&
        status 2 sh "$here/../coverage.sh" nowhere
}

check 'a whole toy' whole
check 'a branch of the core' branch
check 'a line of the core' line_of_the_core
check 'a condition of the core' condition
check 'a condition of a header' header
check 'a branch of the command may be missing' branch_of_the_command
check 'a line of the command may not' line_of_the_command
check 'a file that no program has' left_out
check 'nothing that decides' no_decision
check 'no profile' no_profile
check 'usage' usage
finish
