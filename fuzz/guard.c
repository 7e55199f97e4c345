/* SPDX-License-Identifier: MIT
 *
 * guard.c - the memory that the implementation hands to its host.
 *
 * Deliberately missing: anything where ASan is not linked.
 */
#include "guard.h"
#include "fuzz.h"

/* ASan's: the first byte of the range that may not be used, or null. */
__attribute__((weak)) void *__asan_region_is_poisoned(void *start, size_t len);

static struct addcow_host behind;

static void look(const char *what, const void *start, size_t len)
{
    if (len && __asan_region_is_poisoned &&
        __asan_region_is_poisoned((void *)(uintptr_t)start, len))
        fuzz_fail(NULL, "host %s of %zu bytes: not all are the caller's", what,
                  len);
}

static int guarded_read(void *ctx, struct addcow_file *file, void *out,
                        size_t len, uint64_t offset)
{
    look("read", out, len);
    return behind.read(ctx, file, out, len, offset);
}

static int guarded_write(void *ctx, struct addcow_file *file, const void *data,
                         size_t len, uint64_t offset)
{
    look("write", data, len);
    return behind.write(ctx, file, data, len, offset);
}

void guard(struct addcow_host *out, const struct addcow_host *host)
{
    behind = *host;
    *out = *host;
    out->read = guarded_read;
    out->write = guarded_write;
}
