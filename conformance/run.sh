#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh - builds the conformance suite and runs it.
#
#   sh conformance/run.sh [--no-install] [OPTION...] [PATTERN...]
#
# Options and patterns are those of "addcow-conform run".  Without --shim the
# reference is judged.  Builds in build/, keeps evidence in build/conform-out
# unless --out says otherwise.  Relative paths are the caller's.  Ends with
# the runner's exit status; 2 if the suite could not be built.

set -u

suite=$(cd "$(dirname "$0")" && pwd) || exit 2
root=$(dirname "$suite")
build=$root/build

# shellcheck source=conformance/packages.sh
. "$suite/packages.sh"

# has OPTION ARGUMENT...: whether OPTION is among the arguments.
has() {
    option=$1
    shift
    for argument in "$@"; do
        case $argument in
        --) return 1 ;;
        "$option" | "$option"=*) return 0 ;;
        esac
    done
    return 1
}

# Quiet as long as it goes well.
build_all() {
    log=$build/run.log
    mkdir -p "$build" &&
        cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release \
            >"$log" 2>&1 &&
        cmake --build "$build" --parallel "$(getconf _NPROCESSORS_ONLN)" \
            >>"$log" 2>&1 && return
    cat "$log" >&2
    echo "run.sh: the build failed" >&2
    exit 2
}

install=yes
if [ "${1-}" = --no-install ]; then
    install=no
    shift
fi
# pkg-config and jansson are for "addcow-conform report".
need_packages $install cmake 'make|ninja-build' 'gcc|clang' libc6-dev \
    'pkg-config|pkgconf' libjansson-dev
build_all
has --out "$@" || set -- --out "$build/conform-out" "$@"
has --shim "$@" || set -- --shim "$build/shims/ref.so" "$@"
exec "$build/bin/addcow-conform" run "$@"
