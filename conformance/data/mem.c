/* SPDX-License-Identifier: MIT
 *
 * mem.c - memory for the suite itself.
 */
#include "mem.h"

#include <stdint.h>
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

#ifdef MEM_RECYCLE

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
        return checked(malloc(len));
    if (slab_left < len) {
        slab = checked(malloc(SLAB_LEN));
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

static void *resize(void *p, size_t len)
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

#else

void *mem_raw(size_t len)
{
    return checked(malloc(len ? len : 1));
}

void mem_free(void *p)
{
    free(p);
}

static void *resize(void *p, size_t len)
{
    return checked(realloc(p, len));
}

void *mem_new(size_t n, size_t len)
{
    return checked(calloc(n ? n : 1, len ? len : 1));
}

#endif

void *mem_grow(void *p, size_t *room, size_t wanted, size_t len)
{
    size_t n = *room ? *room : 16;

    if (wanted <= *room)
        return p;
    while (n < wanted)
        n *= 2;
    *room = n;
    return resize(p, n * len);
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
