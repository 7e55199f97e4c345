#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A shim that cannot be driven is named in one line, with status 2.

# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

# refused TEXT SHIM [OPTION...]: by run and by shim-check alike.
refused() {
    text=$1
    shim=$2
    shift 2
    usage_error "$text" "$selftest" run --keep never --timeout 0.3 \
        --shim "$shim" "$@" &&
        usage_error "$text" "$selftest" shim-check --timeout 0.3 \
            --shim "$shim" "$@"
}

shows_itself() {
    status 0 "$selftest" shim-check --shim "$BUILD/shims/template.so" &&
        says out 'claims    HOST CLASSES' && says out 'IMPL-1=a' &&
        says out 'name      template'
}

no_escapes() {
    status 0 "$selftest" shim-check --shim "$fakes/good.so" &&
        says out '1\x09of\x1b[1m none'
}

# A shim with a sanitizer, under a runner without.
with_sanitizer() {
    "${CC:-cc}" -fsanitize=address -fPIC -shared -I "$here/.." \
        "$here/../fakes/fake.c" -o asan.so &&
        refused "LD_PRELOAD=" ./asan.so
}

preloaded() {
    runtime=$("${CC:-cc}" -print-file-name=libasan.so)
    status 0 env LD_PRELOAD="$runtime" ASAN_OPTIONS=detect_leaks=1 \
        "$selftest" run --keep never --shim ./asan.so other/open
}

with_threads() {
    "${CC:-cc}" -fsanitize=thread -fPIC -shared -I "$here/.." \
        "$here/../fakes/fake.c" -o tsan.so &&
        refused "ThreadSanitizer" ./tsan.so && says err libtsan.so
}

# This sanitizer puts off the handlers of signals.
threads_preloaded() {
    runtime=$("${CC:-cc}" -print-file-name=libtsan.so)
    status 0 timeout -k 5 60 env LD_PRELOAD="$runtime" \
        "$selftest" run --keep never --shim ./tsan.so other/open
}

plain_gcc() {
    ! grep -q '^ADDCOW_SANITIZE:STRING=.' "$BUILD/CMakeCache.txt" &&
        "${CC:-cc}" --version | grep -qi 'gcc\|free software'
}

echo 'int x;' >text
printf 'ab' >short

check 'a missing file' refused 'No such file' ./none.so
check 'a directory' refused 'not a shared object' .
check 'a text file' refused 'not a shared object' ./text
check 'a very short file' refused 'not a shared object' ./short
check 'a program' refused '' "$selftest"
check 'no symbol' refused 'addcow_shim_get' "$fakes/no-symbol.so"
check 'another ABI' refused 'ABI 2' "$fakes/abi-2.so"
check 'a tiny table' refused '4 bytes' "$fakes/tiny.so"
check 'no name' refused 'name' "$fakes/no-name.so"
check 'no read' refused 'member read' "$fakes/no-read.so"
check 'a claim without its member' refused 'claims WRITE' "$fakes/claims.so"
check 'a crash while loading' refused 'SEGV' "$fakes/loads-crash.so"
check 'an exit while loading' refused 'status 0' "$fakes/loads-exit.so"
check 'its parent is stopped while loading' refused 'SIGSTOP' \
    "$fakes/loads-stops-parent.so"
check 'a hang while loading' refused 'end' "$fakes/loads-hang.so"
# No clause of the format speaks of flags of the interface, so no case does;
# this holds the shims of the project to what the header says of them.
cat >flags.c <<'END'
#include "addcow_shim.h"
#include <dlfcn.h>
#include <string.h>

int main(int argc, char **argv)
{
    struct addcow_open_args open = {sizeof(open), 0x80000000u, "none"};
    struct addcow_create_args create = {
        .size = sizeof(create), .flags = 0x80000000u, .name = "none",
        .image_name = "image", .backing_name = "backing"};
    void *file = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
    void *symbol = file ? dlsym(file, "addcow_shim_get") : NULL;
    const struct addcow_shim *(*get)(void);
    void *image;

    if (!symbol)
        return 2;
    memcpy(&get, &symbol, sizeof(get));
    if (get()->open(&image, NULL, &open) != ADDCOW_UNIMPLEMENTED)
        return 1;
    return get()->create &&
           get()->create(NULL, &create) != ADDCOW_UNIMPLEMENTED;
}
END

refuse_unknown_flags() {
    "${CC:-cc}" -I "$here/.." -o flags flags.c -ldl || return
    for shim in shims/ref.so shims/template.so fakes/stranger.so; do
        ./flags "$BUILD/$shim" || {
            echo "$shim: status $?"
            return 1
        }
    done
    ! ./flags "$fakes/null-zeros.so" && ! ./flags "$fakes/good.so"
}

check 'an option for a shim without' refused 'no such key' \
    "$fakes/good.so" --shim-opt a=b
check 'an unknown key' refused 'no such key' \
    "$fakes/options.so" --shim-opt mood=good
check 'a bad value' refused 'refuses the value' \
    "$fakes/options.so" --shim-opt mode=bad
check 'a result that is none' refused 'returned 22' \
    "$fakes/options.so" --shim-opt mode=odd
check 'an option without value' refused 'KEY=VALUE' \
    "$fakes/options.so" --shim-opt mode
check 'a good option' status 0 "$selftest" run --keep never \
    --shim "$fakes/options.so" --shim-opt mode=good other/open
if plain_gcc; then
    check 'a shim built with ASan' with_sanitizer
    check 'as the message says' preloaded
    check 'a shim built with TSan' with_threads
    check 'as that message says' threads_preloaded
fi
check 'flags that nobody knows are not implemented' refuse_unknown_flags
check 'shim-check shows what a shim says' shows_itself
check 'what a shim says does not steer the terminal' no_escapes
check 'nothing is left' test -z "$(ls "$TMPDIR")"
finish
