/* SPDX-License-Identifier: MIT
 *
 * memory_recycle.c - the allocator of the fuzzers: a freed block is kept for
 * the next of its size.  It does not look for mistakes of the suite.
 */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Blocks are of 64 bytes, 80, 96, 112, and of these times powers of two: four
 * sizes to a power, so that a page of a store is not laid out at a multiple of
 * 8 KiB like every other, where they drive each other out of the cache. */
enum { UNIT = 16, N_KINDS = 4 * 44, BLOCK_HEAD = 16, SLAB_LEN = 1 << 20 };

struct block {
    size_t kind;        /* 4 * power + quarter */
    struct block *next; /* while it is free */
};

static struct block *spare[N_KINDS];
static char *slab;
static size_t slab_left;

static size_t len_of(size_t kind)
{
    return (size_t)UNIT * (4 + kind % 4) << kind / 4;
}

static size_t kind_for(size_t len)
{
    size_t units = (len + BLOCK_HEAD - 1) / UNIT;
    size_t power;

    if (units < 4)
        return 0;
    power = 61 - (size_t)__builtin_clzll(units);
    return 4 * power + (units >> power) - 4 + 1;
}

static struct block *new_block(size_t kind)
{
    size_t len = len_of(kind);
    struct block *b;

    if (len > SLAB_LEN / 4)
        return mem_checked(malloc(len));
    if (slab_left < len) {
        slab = mem_checked(malloc(SLAB_LEN));
        slab_left = SLAB_LEN;
    }
    b = (struct block *)(void *)slab;
    slab += len;
    slab_left -= len;
    return b;
}

void *mem_raw(size_t len)
{
    size_t kind = kind_for(len);
    struct block *b = spare[kind];

    if (b)
        spare[kind] = b->next;
    else
        b = new_block(kind);
    __builtin_prefetch(spare[kind]); /* its next is wanted soon */
    b->kind = kind;
    return (char *)b + BLOCK_HEAD;
}

void mem_free(void *p)
{
    struct block *b;

    if (!p)
        return;
    b = (struct block *)(void *)((char *)p - BLOCK_HEAD);
    b->next = spare[b->kind];
    spare[b->kind] = b;
}

void *mem_resize(void *p, size_t len)
{
    struct block *b;
    void *q;

    if (!p)
        return mem_raw(len);
    b = (struct block *)(void *)((char *)p - BLOCK_HEAD);
    if (kind_for(len) <= b->kind)
        return p;
    q = mem_raw(len);
    memcpy(q, p, len_of(b->kind) - BLOCK_HEAD);
    mem_free(p);
    return q;
}

void *mem_new(size_t n, size_t len)
{
    return memset(mem_raw(n * len), 0, n * len);
}
