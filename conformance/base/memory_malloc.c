/* SPDX-License-Identifier: MIT
 *
 * memory_malloc.c - the allocator of the runner and of the cases: malloc().
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "memory.h"

#include <stdlib.h>
#include <sys/mman.h>

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

void *mem_shared(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return mem_checked(p == MAP_FAILED ? NULL : p);
}
