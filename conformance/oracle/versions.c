/* SPDX-License-Identifier: MIT
 *
 * versions.c - the ideal disk: which versions each sector has, and what
 * version 0 is.
 */
#include "base/memory.h"
#include "oracle_impl.h"

#include <stdlib.h>
#include <string.h>

struct oracle *oracle_new(uint64_t size)
{
    struct oracle *o = mem_new(1, sizeof(*o));

    o->size = size / SECTOR_LEN * SECTOR_LEN;
    o->first_size = o->base_end = o->durable_end = o->size;
    o->lost_end = UINT64_MAX;
    o->clock = 1; /* version 0 is settled at 1, before any operation */
    o->image = store_new();
    o->backing = store_new();
    o->initial = store_new();
    o->written = store_new();
    o->n_slots = 16;
    o->slots = mem_new(o->n_slots, sizeof(struct group *));
    return o;
}

void oracle_free(struct oracle *o)
{
    if (!o)
        return;
    for (size_t i = 0; o->n_groups && i < o->n_slots; i++)
        mem_free(o->slots[i]);
    while (o->sectors) {
        struct sector *next = o->sectors->next;

        if (o->sectors->versions != o->sectors->first)
            mem_free(o->sectors->versions);
        mem_free(o->sectors);
        o->sectors = next;
    }
    while (o->pending) {
        struct pending *next = o->pending->next;

        mem_free(o->pending);
        o->pending = next;
    }
    while (o->blobs) {
        struct blob *next = o->blobs->next;

        mem_free(o->blobs);
        o->blobs = next;
    }
    store_free(o->image);
    store_free(o->backing);
    store_free(o->initial);
    store_free(o->written);
    mem_free(o->slots);
    mem_free(o);
}

struct oracle *oracle_clone(const struct oracle *o)
{
    struct oracle *copy = mem_copy(o, sizeof(*o));

    copy->image = store_clone(o->image);
    copy->backing = store_clone(o->backing);
    copy->initial = store_clone(o->initial);
    copy->written = store_clone(o->written);
    copy->slots = mem_new(copy->n_slots, sizeof(struct group *));
    return copy;
}

void oracle_set_files(struct oracle *o, const struct store *image,
                      const struct store *backing)
{
    store_free(o->image);
    store_free(o->backing);
    o->image = image ? store_clone(image) : store_new();
    o->backing = backing ? store_clone(backing) : store_new();
}

void oracle_set_allocated(struct oracle *o, uint64_t cluster)
{
    set_flag(o->initial, cluster, 1);
}

void oracle_set_all_allocated(struct oracle *o)
{
    o->all_allocated = true;
}

void oracle_allow_extra(struct oracle *o)
{
    o->allow_extra = true;
}

uint64_t oracle_backing_len(const struct oracle *o)
{
    return store_size(o->backing);
}

uint64_t oracle_now(const struct oracle *o)
{
    return o->clock;
}

bool oracle_was_resized(const struct oracle *o)
{
    return o->was_resized;
}

uint64_t oracle_size(const struct oracle *o)
{
    return o->size;
}

/* ---- Content of version 0 */

void oracle_read_first(const struct oracle *o, uint8_t *out, size_t len,
                       uint64_t offset)
{
    if (offset >= o->first_size)
        memset(out, 0, len);
    else
        store_read(first_store(o, offset / CLUSTER_LEN), out, len, offset);
}

void oracle_read_base(const struct oracle *o, uint8_t *out, size_t len,
                      uint64_t offset)
{
    size_t n = len;

    if (offset >= o->base_end)
        n = 0;
    else if (o->base_end - offset < n)
        n = (size_t)(o->base_end - offset);
    oracle_read_first(o, out, n, offset);
    memset(out + n, 0, len - n);
}

uint8_t *oracle_new_bytes(struct oracle *o, size_t len)
{
    struct blob *b = mem_raw(sizeof(*b) + len);

    b->next = o->blobs;
    o->blobs = b;
    return b->bytes;
}

/* What a sector that nobody wrote holds: in the store FROM itself, if it is
 * there in one piece. */
static const uint8_t *base_bytes(struct oracle *o, const struct store *from,
                                 uint64_t offset)
{
    const uint8_t *bytes = NULL;
    uint8_t *copy;

    if (offset < o->first_size && offset + SECTOR_LEN <= o->base_end)
        bytes = store_view(from, SECTOR_LEN, offset);
    if (bytes)
        return bytes;
    copy = oracle_new_bytes(o, SECTOR_LEN);
    oracle_read_base(o, copy, SECTOR_LEN, offset);
    return copy;
}

/* ---- The table of sectors */

/* Moves the groups into a new table. */
static void rehash(struct oracle *o, size_t n_slots)
{
    struct group **old = o->slots;
    size_t n_old = o->n_slots;

    o->slots = mem_new(n_slots, sizeof(struct group *));
    o->n_slots = n_slots;
    for (size_t i = 0; i < n_old; i++)
        if (old[i])
            o->slots[slot_of(o, old[i]->number)] = old[i];
    mem_free(old);
}

struct group *oracle_touch_group(struct oracle *o, uint64_t number)
{
    struct group *g = o->slots[slot_of(o, number)];

    if (g)
        return g;
    if (2 * (o->n_groups + 1) >= o->n_slots)
        rehash(o, 2 * o->n_slots);
    g = mem_new(1, sizeof(*g));
    g->number = number;
    o->slots[slot_of(o, number)] = g;
    o->n_groups++;
    return g;
}

struct version *oracle_add_version(struct sector *s)
{
    struct version *v;

    if (s->versions == s->first && s->n_versions == N_FIRST) {
        s->versions = mem_grow(NULL, &s->room, N_FIRST + 1, sizeof(*v));
        memcpy(s->versions, s->first, sizeof(s->first));
    } else if (s->versions != s->first) {
        s->versions =
            mem_grow(s->versions, &s->room, s->n_versions + 1, sizeof(*v));
    }
    v = &s->versions[s->n_versions++];
    memset(v, 0, sizeof(*v));
    return v;
}

struct sector *oracle_touch(struct oracle *o, struct group *g,
                            const struct store *from, uint64_t number)
{
    struct sector *s = g->sectors[number % GROUP_LEN];
    struct version *v;

    if (s)
        return s;
    s = mem_raw(sizeof(*s));
    s->next = o->sectors;
    o->sectors = s;
    s->number = number;
    s->n_versions = s->room = s->lo = 0;
    s->is_loose = false;
    s->lost = number * SECTOR_LEN >= o->lost_end ? o->lost : 0;
    s->versions = s->first;
    v = oracle_add_version(s);
    v->bytes = base_bytes(o, from, number * SECTOR_LEN);
    v->settled = 1;
    v->ok = true;
    g->sectors[number % GROUP_LEN] = s;
    o->n_sectors++;
    return s;
}

void oracle_each_sector(const struct oracle *o,
                        void (*visit)(void *arg, struct sector *s), void *arg)
{
    for (struct sector *s = o->sectors; s; s = s->next)
        visit(arg, s);
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

struct list {
    uint64_t *numbers;
    size_t n;
};

static void list_number(void *arg, struct sector *s)
{
    struct list *l = arg;

    l->numbers[l->n++] = s->number;
}

void oracle_each_touched(const struct oracle *o,
                         void (*visit)(void *arg, uint64_t sector), void *arg)
{
    struct list l = {mem_new(o->n_sectors, sizeof(*l.numbers)), 0};

    oracle_each_sector(o, list_number, &l);
    qsort(l.numbers, l.n, sizeof(*l.numbers), ascending);
    for (size_t i = 0; i < l.n; i++)
        visit(arg, l.numbers[i]);
    mem_free(l.numbers);
}

uint64_t oracle_lo(const struct oracle *o, uint64_t sector)
{
    const struct sector *s = find_sector(o, sector);

    return s ? s->lo : 0;
}

uint64_t oracle_hi(const struct oracle *o, uint64_t sector)
{
    const struct sector *s = find_sector(o, sector);

    return s ? s->n_versions - 1 : 0;
}
