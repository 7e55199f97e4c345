/* SPDX-License-Identifier: MIT
 *
 * content.c - contents of sectors, in blocks that never move, found by hash.
 */
#include "content.h"
#include "base/memory.h"
#include "base/mix.h"

#include <string.h>

enum { LEN = 512, PER_BLOCK = 512, N_WORDS = LEN / 8 };

struct contents {
    uint8_t **blocks;
    size_t block_room;
    uint64_t *hashes; /* of each content */
    size_t hash_room;
    uint32_t *table; /* open addressing: number + 1; 0: free */
    size_t mask;
    uint32_t n;
};

/* Four lanes side by side: this is where much of the time goes. */
static uint64_t hash_of(const uint8_t *data)
{
    uint64_t lanes[4] = {1, 2, 3, 4};
    uint64_t words[N_WORDS];

    memcpy(words, data, LEN);
    for (size_t i = 0; i < N_WORDS; i += 4)
        for (size_t k = 0; k < 4; k++) {
            lanes[k] =
                (lanes[k] ^ words[i + k]) * UINT64_C(0x9fb21c651e98df25);
            lanes[k] ^= lanes[k] >> 29;
        }
    return mix(lanes[0] + mix(lanes[1] + mix(lanes[2] + mix(lanes[3]))));
}

const uint8_t *contents_at(const struct contents *c, uint32_t id)
{
    return c->blocks[id / PER_BLOCK] + (size_t)(id % PER_BLOCK) * LEN;
}

uint64_t contents_hash(const struct contents *c, uint32_t id)
{
    return c->hashes[id];
}

static void enter(struct contents *c, uint32_t id)
{
    size_t at = (size_t)c->hashes[id] & c->mask;

    while (c->table[at])
        at = (at + 1) & c->mask;
    c->table[at] = id + 1;
}

static void grow_table(struct contents *c)
{
    mem_free(c->table);
    c->mask = c->mask * 2 + 1;
    c->table = mem_new(c->mask + 1, sizeof(*c->table));
    for (uint32_t id = 0; id < c->n; id++)
        enter(c, id);
}

static uint32_t add(struct contents *c, const uint8_t *data, uint64_t hash)
{
    uint32_t id = c->n;
    size_t n_blocks = id / PER_BLOCK + 1;

    if (id % PER_BLOCK == 0) {
        c->blocks =
            mem_grow(c->blocks, &c->block_room, n_blocks, sizeof(*c->blocks));
        c->blocks[n_blocks - 1] = mem_new(PER_BLOCK, LEN);
    }
    c->hashes =
        mem_grow(c->hashes, &c->hash_room, (size_t)id + 1, sizeof(uint64_t));
    memcpy(c->blocks[id / PER_BLOCK] + (size_t)(id % PER_BLOCK) * LEN, data,
           LEN);
    c->hashes[id] = hash;
    c->n++;
    if ((size_t)c->n * 2 > c->mask)
        grow_table(c);
    else
        enter(c, id);
    return id;
}

uint32_t contents_put(struct contents *c, const uint8_t *data)
{
    uint64_t hash = hash_of(data);
    size_t at = (size_t)hash & c->mask;

    for (; c->table[at]; at = (at + 1) & c->mask) {
        uint32_t id = c->table[at] - 1;

        if (c->hashes[id] == hash && !memcmp(contents_at(c, id), data, LEN))
            return id;
    }
    return add(c, data, hash);
}

uint32_t contents_patch(struct contents *c, uint32_t id, const uint8_t *data,
                        size_t at, size_t len)
{
    uint8_t whole[LEN];

    if (len == LEN)
        return contents_put(c, data);
    memcpy(whole, contents_at(c, id), LEN);
    memcpy(whole + at, data, len);
    return contents_put(c, whole);
}

static uint32_t put_part(struct contents *c, const uint8_t *data, size_t len)
{
    uint8_t whole[LEN] = {0};

    memcpy(whole, data, len);
    return contents_put(c, whole);
}

uint32_t contents_cut(struct contents *c, uint32_t id, size_t len)
{
    if (id == 0 || len >= LEN)
        return id;
    return len ? put_part(c, contents_at(c, id), len) : 0;
}

uint32_t contents_tokens(struct contents *c, size_t n)
{
    uint64_t words[N_WORDS];
    uint64_t state = UINT64_C(0x746f6b656e73);
    uint8_t data[LEN];
    uint32_t first = c->n;

    while (n--) {
        for (size_t i = 0; i < N_WORDS; i++)
            words[i] = mix_next(&state);
        memcpy(data, words, LEN);
        add(c, data, hash_of(data));
    }
    return first;
}

struct contents *contents_new(void)
{
    static const uint8_t zeros[LEN];
    struct contents *c = mem_new(1, sizeof(*c));

    c->mask = 1023;
    c->table = mem_new(c->mask + 1, sizeof(*c->table));
    contents_put(c, zeros);
    return c;
}

void contents_free(struct contents *c)
{
    if (!c)
        return;
    for (size_t i = 0; i * PER_BLOCK < c->n; i++)
        mem_free(c->blocks[i]);
    mem_free(c->blocks);
    mem_free(c->hashes);
    mem_free(c->table);
    mem_free(c);
}
