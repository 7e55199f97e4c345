/* SPDX-License-Identifier: MIT
 *
 * memory.c - what is made of the four functions of an allocator.
 */
#include "memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *mem_checked(void *p)
{
    if (p)
        return p;
    fputs("addcow-conform: out of memory\n", stderr);
    exit(3);
}

void *mem_grow(void *p, size_t *room, size_t wanted, size_t len)
{
    size_t n = *room ? *room : 16;

    if (wanted <= *room)
        return p;
    while (n < wanted)
        n *= 2;
    *room = n;
    return mem_resize(p, n * len);
}

void *mem_copy(const void *data, size_t len)
{
    if (!data)
        return NULL;
    return memcpy(mem_raw(len), data, len);
}

char *mem_string(const char *s)
{
    return s ? mem_copy(s, strlen(s) + 1) : NULL;
}

void mem_move(void *to, const void *from, size_t len)
{
    memcpy(to, from, len);
}

char *mem_format(const char *format, ...)
{
    va_list args;
    char *out;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    out = mem_new((size_t)len + 1, 1);
    va_start(args, format);
    vsnprintf(out, (size_t)len + 1, format, args);
    va_end(args);
    return out;
}
