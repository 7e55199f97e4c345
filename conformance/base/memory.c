/* SPDX-License-Identifier: MIT
 *
 * memory.c - allocation that does not fail.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static void *checked(void *p)
{
    if (p)
        return p;
    fputs("addcow-conform: out of memory\n", stderr);
    exit(3);
}

void *memory_new(size_t n, size_t size)
{
    return checked(calloc(n ? n : 1, size));
}

char *memory_format(const char *format, ...)
{
    va_list args;
    char *out;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    out = memory_new((size_t)len + 1, 1);
    va_start(args, format);
    vsnprintf(out, (size_t)len + 1, format, args);
    va_end(args);
    return out;
}

void *memory_shared(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return checked(p == MAP_FAILED ? NULL : p);
}
