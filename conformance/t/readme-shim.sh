#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The shim in README.md compiles, is as short as it is said to be, and works
# over a library such as it imagines.

# The functions that "check" calls are not seen to be called.
# shellcheck disable=SC2317
# shellcheck source=lib.sh
. "${0%/*}/lib.sh"

root=$here/../..
flags="-std=c11 -Wall -Wextra -Werror -fPIC -fvisibility=hidden"

# The blocks of C in README.md; there is one.
awk '/^```c$/ { on = 1; n++; next } /^```/ { on = 0 } on
     END { print n + 0 >"n-blocks" }' "$root/README.md" >glue.c

# The library that it imagines.
cp "$here/../tests/mycow.h" "$here/../tests/mycow.c" .

# A caller: the line of the first call that came out wrong is its status.
cat >caller.c <<'END'
#include "addcow_shim.h"
#define WANT(what) do { if (!(what)) return __LINE__; } while (0)
int main(void)
{
    struct addcow_open_args args = {sizeof(args), ADDCOW_OPEN_WRITE, "disk"};
    struct addcow_open_args none = {sizeof(none), 0, "none"};
    struct addcow_open_args through = {sizeof(through), 3, "disk"};
    const struct addcow_shim *s = addcow_shim_get();
    void *image;
    uint64_t size;
    char byte = 0;

    WANT(s->size == sizeof(*s) && s->abi == ADDCOW_SHIM_ABI);
    WANT(s->capabilities == ADDCOW_CAP_WRITE);
    WANT(s->open(&image, 0, &none) == ADDCOW_NOT_FOUND);
    WANT(s->open(&image, 0, &through) == ADDCOW_UNIMPLEMENTED);
    WANT(s->open(&image, 0, &args) == ADDCOW_OK);
    WANT(s->get_size(image, &size) == ADDCOW_OK && size == 1000);
    WANT(s->write(image, "x", 1, 999) == ADDCOW_OK);
    WANT(s->read(image, &byte, 1, 999) == ADDCOW_OK && byte == 'x');
    WANT(s->read(image, &byte, 1, 1000) == ADDCOW_RANGE);
    WANT(s->write(image, "x", 1, 1000) == ADDCOW_RANGE);
    WANT(s->flush(image) == ADDCOW_IO);
    WANT(s->close(image) == ADDCOW_OK);
    return 0;
}
END

compile() {
    # shellcheck disable=SC2086 # several flags
    ${CC:-cc} $flags -I. -I"$root/conformance" "$@"
}

short() {
    n_lines=$(wc -l <glue.c)
    echo "$n_lines lines"
    [ "$n_lines" -gt 0 ] && [ "$n_lines" -le 60 ]
}

whole() {
    ! grep -n '@@' "$root/README.md"
}

check 'README.md has no gap that waits for real output' whole
check 'README.md has one block of C' grep -qx 1 n-blocks
check 'it has at most 60 lines' short
check 'it compiles without a warning' compile -c -o glue.o glue.c
check 'it makes a shared object' compile -shared -o mycow.so glue.c
check 'it links with the library' \
    compile -o caller caller.c glue.c mycow.c
check 'calls go through it' status 0 ./caller

finish
