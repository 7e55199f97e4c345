/* SPDX-License-Identifier: MIT
 *
 * mem.c - memory for the suite itself.
 */
#include "mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *p)
{
    if (!p) {
        fputs("addcow-conform: out of memory\n", stderr);
        abort();
    }
    return p;
}

void *mem_new(size_t n, size_t len)
{
    return checked(calloc(n ? n : 1, len ? len : 1));
}

void *mem_raw(size_t len)
{
    return checked(malloc(len ? len : 1));
}

void *mem_grow(void *p, size_t *room, size_t wanted, size_t len)
{
    size_t n = *room ? *room : 16;

    if (wanted <= *room)
        return p;
    while (n < wanted)
        n *= 2;
    *room = n;
    return checked(realloc(p, n * len));
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
