#!/bin/sh
# SPDX-License-Identifier: MIT
#
# test.sh - builds and tests everything.
#
#   sh conformance/test.sh [--no-install] [core|all|GROUP...]
#
# core     what a contributor needs before each commit; the default: builds
#          with gcc and clang, all tests under ASan and UBSan, the suite on
#          the reference under valgrind
# lint     shellcheck, clang-format, and phrases that become fewer
# readme   each command of README.md works after its first one
# mutants  each mutant of the reference is found
# crash    the engine of power cuts proves itself; its model is verified
# coverage no line, branch or condition of the reference is left untested
# web      the page of a report in a browser
# proof    contracts of the reference are proved, and not with faults
# fuzz     the fuzzers find what is planted, and nothing else
# long     the gallery of strangers: all power cuts, and more inputs
# all      every group but long, which its last lines name
#
# Nothing is skipped in a group that was asked for: a missing tool is a
# failure.  The last line counts the tests.  Status 0, 1: a test failed, 2:
# usage, or missing packages.

set -u

groups='core lint readme mutants crash coverage web proof fuzz'
beyond=long # what all leaves out
suite=$(cd "$(dirname "$0")" && pwd) || exit 2
root=$(dirname "$suite")
jobs=$(getconf _NPROCESSORS_ONLN)
passed=0
failed=0
cd "$root" || exit 2

# shellcheck source=conformance/packages.sh
. "$suite/packages.sh"

packages_of() {
    case $1 in
    core)
        echo cmake make gcc g++ clang check libc6-dev valgrind \
            gdb e2fsprogs procps bsdutils pkg-config libjansson-dev \
            libxml2-utils perl jq util-linux
        ;;
    lint) echo shellcheck clang-format git ;;
    readme)
        echo cmake make gcc clang libc6-dev patch pkg-config libjansson-dev
        ;;
    long) echo cmake make gcc ;;
    mutants) echo cmake make gcc clang patch ;;
    crash) echo cmake make gcc check libc6-dev spin ;;
    coverage)
        echo cmake make clang-22 llvm-22 libclang-rt-22-dev check libc6-dev \
            e2fsprogs jq util-linux
        ;;
    web) echo cmake make gcc patch pkg-config libjansson-dev chromium ;;
    proof) echo frama-c-base why3 z3 cvc4 jq ;;
    fuzz) echo cmake make clang llvm afl++ zip unzip patch ;;
    esac
}

# The package with the sanitizers of the clang that is installed, if they are
# not: its name has the version, and Ubuntu 22.04 has another one.
sanitizers_of_clang() {
    runtime=$(clang -print-resource-dir)/lib/linux
    [ -e "$runtime/libclang_rt.asan-$(uname -m).a" ] && return
    major=$(clang -dumpversion | sed 's/\..*//')
    if apt-cache show "libclang-rt-$major-dev" >/dev/null 2>&1; then
        echo "libclang-rt-$major-dev"
    else
        echo "libclang-common-$major-dev"
    fi
}

# step WHAT COMMAND...: a test of its own, counted.
step() {
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        echo "ok      $what"
    else
        failed=$((failed + 1))
        echo "FAILED  $what"
        false
    fi
}

# quietly COMMAND...: its output is shown only if it fails.
quietly() {
    mkdir -p build
    "$@" >build/test.log 2>&1 && return
    cat build/test.log
    return 1
}

build_preset() {
    quietly cmake --preset "$1" && quietly cmake --build --preset "$1" \
        --parallel "$jobs"
}

# count_tests LOG: adds what ctest says to the sums.
count_tests() {
    sum=$(sed -n 's/^.*% tests passed, \([0-9]*\) tests failed out of /\1 /p' \
        "$1")
    bad=${sum% *}
    all=${sum#* }
    [ -n "$sum" ] || { bad=1; all=1; echo "no test ran"; }
    passed=$((passed + all - bad))
    failed=$((failed + bad))
}

# run_tests PRESET OPTION...: options of ctest that select tests.
run_tests() {
    preset=$1
    shift
    (cd "build/$preset" && ctest "$@" --no-tests=error --output-on-failure \
        -j "$jobs") >"build/$preset/ctest.log" 2>&1
    grep -v '^ *Start \|^Test project\|^$' "build/$preset/ctest.log"
    count_tests "build/$preset/ctest.log"
}

# suite PRESET OPTION...: on the reference, as an ordinary user of it runs it,
# without the power cuts, which try the suite more than the reference.
suite() {
    preset=$1
    shift
    quietly "$@" "build/$preset/bin/addcow-conform" run --keep never \
        --shim "build/$preset/shims/ref.so" --crash none --timeout 100
}

# Leaks are no errors here: a case may end with images open.
suite_under_valgrind() {
    suite release valgrind -q --error-exitcode=99 --leak-check=no --vgdb=no
}

group_core() {
    # shellcheck disable=SC2046
    need_packages $install $(sanitizers_of_clang)
    # Whatever has no label of another group.
    step 'build/asan' build_preset asan &&
        run_tests asan -LE '^(mutants|crash|plain|coverage|web|readme)$'
    step 'build/asan-clang' build_preset asan-clang &&
        run_tests asan-clang \
            -LE '^(mutants|crash|plain|coverage|web|shell|readme)$' &&
        step "the suite on the reference under clang's sanitizers" \
            suite asan-clang
    step 'build/release' build_preset release &&
        run_tests release -L '^plain$' &&
        step 'the suite on the reference under valgrind' suite_under_valgrind
}

# The files of ours that match; none is a failure, never a success.
sources() {
    files=$(git ls-files -- "$@") && [ -n "$files" ] || files=no-such-file
    echo "$files"
}

# Words are names of our own files: no blanks in them.
# shellcheck disable=SC2046
group_lint() {
    step 'shellcheck' shellcheck $(sources '*.sh')
    step 'clang-format' clang-format --dry-run --Werror \
        $(sources '*.c' '*.h')
    step 'no phrase that stops a reader is new' \
        quietly sh conformance/t/words.sh
}

group_readme() {
    # shellcheck disable=SC2046
    need_packages $install $(sanitizers_of_clang)
    step 'build/release' build_preset release &&
        run_tests release -L '^readme$'
}

group_mutants() {
    step 'build/release' build_preset release &&
        run_tests release -L '^mutants$'
}

group_crash() {
    # The search of the model learns nothing from sanitizers.
    step 'build/asan' build_preset asan &&
        run_tests asan -L '^crash$' -E '/model$'
    step 'build/release' build_preset release &&
        step 'spin' quietly command -v spin &&
        run_tests release -L '^crash$'
}

suite_on_reference() {
    quietly "$1/bin/addcow-conform" run --shim "$1/shims/ref.so" \
        --keep never
}

# What ran is counted in a file for each program; see coverage.sh.
group_coverage() {
    build=$root/build/coverage
    step 'build/coverage' build_preset coverage || return
    run_tests coverage -L '^coverage$'
    rm -rf "$build/profiles"
    LLVM_PROFILE_FILE=$build/profiles/%b-%m%c.profraw
    export LLVM_PROFILE_FILE
    run_tests coverage -R '^(ref/t(ests)?/|conformance/t(ests)?/corpus)'
    step 'the suite on the reference' suite_on_reference "$build"
    unset LLVM_PROFILE_FILE
    step 'nothing of the reference is left untested' \
        sh conformance/coverage.sh "$build"
}

group_web() {
    step 'build/release' build_preset release &&
        run_tests release -L '^web$'
}

group_proof() {
    step 'the contracts of the reference are proved' sh ref/proof/prove.sh
    step 'none is proved of a function with a fault' \
        quietly sh ref/proof/broken.sh
}

group_fuzz() {
    # shellcheck disable=SC2046
    need_packages $install $(sanitizers_of_clang)
    step 'build/fuzz' build_preset fuzz && run_tests fuzz -L '^fuzz$'
}

# Too much for each commit.
group_long() {
    step 'build/release' build_preset release &&
        step 'no stranger is accused, whatever power is cut' quietly \
            env BUILD="$root/build/release" sh "$suite/t/gallery.sh" long
}

usage() {
    echo "test.sh: no group '$1'; groups: all $groups $beyond" >&2
    exit 2
}

install=yes
if [ "${1-}" = --no-install ]; then
    install=no
    shift
fi
[ $# -gt 0 ] || set -- core
left_out=
if [ "$*" = all ]; then
    eval "set -- $groups"
    left_out=$beyond
fi
for group in "$@"; do
    case " $groups $beyond " in
    *" $group "*) ;;
    *) usage "$group" ;;
    esac
done
for group in "$@"; do
    # shellcheck disable=SC2046
    need_packages $install $(packages_of "$group")
done
for group in "$@"; do
    "group_$group"
done
[ -z "$left_out" ] || echo "not run: group $left_out"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
