/* SPDX-License-Identifier: MIT
 *
 * memory_malloc.c - the allocator of the runner and of the cases: malloc().
 */
#include "memory.h"

#include <stdlib.h>

void *mem_raw(size_t len)
{
    return mem_checked(malloc(len ? len : 1));
}

void *mem_new(size_t n, size_t len)
{
    return mem_checked(calloc(n ? n : 1, len ? len : 1));
}

void *mem_resize(void *p, size_t len)
{
    return mem_checked(realloc(p, len ? len : 1));
}

void mem_free(void *p)
{
    free(p);
}
