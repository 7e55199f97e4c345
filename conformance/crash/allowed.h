/* SPDX-License-Identifier: MIT
 *
 * allowed.h - what the guest may read of each sector, at any time.
 *
 * A version is a content that a sector had after a prefix of the requests
 * that touch it.  It may be read after a power cut from when its request was
 * submitted until a newer one is durable: until an operation that makes
 * things durable has succeeded that was submitted when the newer one had been
 * acknowledged.  All of this is known once the workload has run, so that a
 * version is an interval of the clock.
 *
 * The virtual size has versions of the same kind.  A content that was cut off
 * may not be read with a later size.
 *
 * oracle/ says the same of the requests up to now.  They stay two: the engine
 * asks about any earlier moment once the workload has run, millions of times
 * and by number, while the oracle is asked as the case goes on and settles
 * what it has seen.  A fault of one would acquit what the other convicts;
 * tests/test_roads_guest.c holds them together.
 */
#ifndef ADDCOW_CRASH_ALLOWED_H
#define ADDCOW_CRASH_ALLOWED_H

#include "content.h"
#include "spans.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guest_version {
    uint32_t id;
    uint32_t next;    /* an older one; 0: none */
    uint32_t epoch;   /* number of the size under which it came */
    uint64_t born;    /* clock */
    uint64_t gone;    /* readers see a newer one; 0: they may see this */
    uint64_t dropped; /* nor may it survive; UINT64_MAX: it may */
};

struct guest_size {
    uint64_t size;
    uint64_t born, gone, dropped;
    bool never; /* see guest_resize_never() */
};

struct guest {
    struct contents *contents;
    const struct spans *spans; /* what is looked at */
    const uint32_t *first;     /* version 0 of N_FIRST of these; then zeros */
    size_t n_first;
    uint32_t *head; /* the newest version; 0: version 0 alone */
    size_t room;
    uint64_t *touched;
    size_t n_touched;
    size_t touched_room;
    struct guest_version *versions; /* number 0 is not used */
    size_t n_versions;
    size_t version_room;
    struct guest_size *sizes;
    size_t n_sizes;
    size_t size_room;
    int cut_early; /* zeros of a cut may be there before the size is */
};

/* Version 0 of the sectors of SPANS is FIRST, of a disk of SIZE bytes; both
 * kept by the caller. */
void guest_start(struct guest *g, struct contents *contents,
                 const struct spans *spans, const uint32_t *first,
                 size_t n_first, uint64_t size);
void guest_finish(struct guest *g);

/* A request of the guest.  THROUGH: it is durable when it has succeeded. */
void guest_write_begin(struct guest *g, uint64_t at, const uint8_t *data,
                       uint64_t len, uint64_t offset);
void guest_write_end(struct guest *g, uint64_t began, uint64_t at,
                     uint64_t len, uint64_t offset, int ok, int through);
/* It was declined: nothing was changed. */
void guest_write_undo(struct guest *g, uint64_t began, uint64_t at);
void guest_resize_begin(struct guest *g, uint64_t at, uint64_t size);
/* DECLINED: nothing was changed. */
void guest_resize_end(struct guest *g, uint64_t at, int ok, int through,
                      int declined);
/* The newest one failed, and readers see the size before it: it has cut
 * nothing off.  That size may survive nevertheless. */
void guest_resize_never(struct guest *g);
/* The size that readers see, if no resize is under way. */
uint64_t guest_newest_size(const struct guest *g);
/* What was acknowledged before BEGAN is durable at AT. */
void guest_durable(struct guest *g, uint64_t began, uint64_t at);
/* The handle is gone, and what the next one sees of what is not durable yet is
 * unknown: each version may be the current one. */
void guest_doubt(struct guest *g);
/* At AT sector S was seen to hold ID, which nothing but a new request
 * changes. */
void guest_settle(struct guest *g, uint64_t at, uint64_t sector, uint32_t id);

/* The sizes that may be seen at AT: nonzero if SIZE is one.  *EPOCHS: which
 * ones, as bits (bit 63 stands for all from 63 on). */
bool guest_size_allowed(const struct guest *g, uint64_t *epochs, uint64_t at,
                        uint64_t size);
bool guest_allowed(const struct guest *g, uint64_t at, uint64_t epochs,
                   uint64_t sector, uint32_t id);
/* Whether SECTOR was ever written or resized, and whether ID is a version of
 * it at all: for telling what is wrong. */
bool guest_touched(const struct guest *g, uint64_t sector);
bool guest_is_version(const struct guest *g, uint64_t sector, uint32_t id);
uint32_t guest_first(const struct guest *g, uint64_t sector);
/* Some content that may be read at AT, for messages: the Nth, or -1. */
int64_t guest_nth(const struct guest *g, uint64_t at, uint64_t sector,
                  size_t n);

#endif
