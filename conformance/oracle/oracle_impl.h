/* SPDX-License-Identifier: MIT
 *
 * oracle_impl.h - what the parts of the ideal disk share: how it is kept.
 *
 * The sectors that were ever written are in one list; a hash table of their
 * clusters finds them.  The versions of a sector are in the order of
 * submission, each with the clock at which it came and at which it went.  What
 * is asked for each sector of a request is inline: fuzzers spend much of their
 * time here.
 */
#ifndef ADDCOW_ORACLE_IMPL_H
#define ADDCOW_ORACLE_IMPL_H

#include "data/store.h"
#include "oracle.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECTOR_LEN 512
#define CLUSTER_LEN UINT64_C(65536)

struct version {
    const uint8_t *bytes; /* a sector; see struct blob */
    uint64_t op;          /* that submitted it; 0: version 0 */
    uint64_t settled;     /* clock of that op's end; 0: under way */
    bool ok;              /* that op succeeded */
    uint64_t gone;        /* clock since when it cannot be read; 0: it can */
};

/* Content that versions point to.  It lives as long as the oracle. */
struct blob {
    struct blob *next;
    uint8_t bytes[];
};

enum { N_FIRST = 3, GROUP_LEN = CLUSTER_LEN / SECTOR_LEN };

/* A sector that was ever written.  versions[0] is what was there at first. */
struct sector {
    struct sector *next; /* of all, newest first */
    uint64_t number;
    struct version *versions; /* FIRST, or more */
    size_t n_versions;
    size_t room;
    size_t lo; /* newest durable version */
    /* A write failed, and none since has settled what it left: what is read
     * may change from one version to another (WR-15). */
    bool is_loose;
    uint64_t lost; /* clock since when nobody knows what is read; 0: known */
    struct version first[N_FIRST];
};

/* The sectors of a cluster, null where nobody wrote. */
struct group {
    uint64_t number;
    struct sector *sectors[GROUP_LEN];
};

/* A write or discard under way. */
struct pending {
    struct pending *next;
    uint64_t op;
    uint64_t offset;
    uint64_t len;
};

struct oracle {
    uint64_t size;
    uint64_t first_size; /* before any resize */
    uint64_t base_end;   /* the smallest size ever: zeros from there on */
    struct store *image;
    struct store *backing;
    struct store *initial; /* a byte for each cluster: allocated at first */
    struct store *written; /* a byte for each cluster: enum oracle_alloc */
    bool all_allocated;
    bool allow_extra;
    bool was_resized;
    uint64_t durable_end; /* the smallest size since a flush succeeded */
    uint64_t lost; /* clock of the newest loss that no flush made good; or 0 */
    uint64_t lost_end; /* what lay at durable_end then was lost as well */
    uint64_t clock;
    struct pending *pending;
    struct group **slots; /* hash table, a power of two */
    size_t n_slots;
    size_t n_groups;
    struct sector *sectors;
    size_t n_sectors;
    struct blob *blobs;
};

/* ---- versions.c */

/* The group NUMBER, made if need be. */
struct group *oracle_touch_group(struct oracle *o, uint64_t number);

/* The sector NUMBER of the group G, with version 0 if it is new.  FROM is the
 * first_store() of its cluster. */
struct sector *oracle_touch(struct oracle *o, struct group *g,
                            const struct store *from, uint64_t number);

/* A new version of S, the newest; all of it is 0 yet. */
struct version *oracle_add_version(struct sector *s);

/* Calls VISIT with each sector that was ever written, in no order. */
void oracle_each_sector(const struct oracle *o,
                        void (*visit)(void *arg, struct sector *s), void *arg);

/* Memory for LEN bytes of content, which live as long as the oracle. */
uint8_t *oracle_new_bytes(struct oracle *o, size_t len);

/* What was in a range within one cluster before any operation: zeros beyond
 * the size of then, which no part of a file ever showed. */
void oracle_read_first(const struct oracle *o, uint8_t *out, size_t len,
                       uint64_t offset);

/* What such a range reads as now if nobody wrote there: what was ever cut off
 * is zeros. */
void oracle_read_base(const struct oracle *o, uint8_t *out, size_t len,
                      uint64_t offset);

/* ---- Once a sector */

/* These stores have no background: each byte stands in one piece. */
static inline unsigned get_flag(const struct store *s, uint64_t cluster)
{
    return *store_view(s, 1, cluster);
}

static inline void set_flag(struct store *s, uint64_t cluster, unsigned value)
{
    uint8_t byte = (uint8_t)value;

    store_write(s, &byte, 1, cluster);
}

static inline size_t slot_of(const struct oracle *o, uint64_t number)
{
    uint64_t h = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    size_t i = (size_t)(h >> 32) & (o->n_slots - 1);

    while (o->slots[i] && o->slots[i]->number != number)
        i = (i + 1) & (o->n_slots - 1);
    return i;
}

/* The group of the sector NUMBER; null if nobody wrote to any sector of it. */
static inline const struct group *group_of(const struct oracle *o,
                                           uint64_t number)
{
    return o->slots[slot_of(o, number / GROUP_LEN)];
}

static inline struct sector *find_sector(const struct oracle *o,
                                         uint64_t number)
{
    const struct group *g = group_of(o, number);

    return g ? g->sectors[number % GROUP_LEN] : NULL;
}

static inline bool shows_image(const struct oracle *o, uint64_t cluster)
{
    return o->all_allocated || get_flag(o->initial, cluster);
}

/* Where CLUSTER was read from before any operation. */
static inline const struct store *first_store(const struct oracle *o,
                                              uint64_t cluster)
{
    return shows_image(o, cluster) ? o->image : o->backing;
}

/* The part of a request that lies in the sector at OFFSET. */
static inline size_t sector_part(uint64_t len, uint64_t offset)
{
    uint64_t room = SECTOR_LEN - offset % SECTOR_LEN;

    return (size_t)(len < room ? len : room);
}

#endif
