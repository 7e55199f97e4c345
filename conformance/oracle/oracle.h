/* SPDX-License-Identifier: MIT
 *
 * oracle.h - the ideal disk: which contents each sector may show.
 *
 * It knows nothing of copying clusters, of hosts or of files.  Its user
 * reports what the guest asked for and what the answer was; it says what the
 * guest may read.  A sector has versions, in the order of submission: version
 * 0 is what the disk held at first.  Some of them are possible now: one,
 * unless a write failed or is under way.  What was seen is settled, but not
 * after a write that failed: until it is written again a sector may change
 * between what it was and what it would have become (WR-15).  For power cuts
 * each sector also knows its newest durable version.
 *
 * versions.c keeps the versions, requests.c adds and settles them, reading.c
 * compares them with what was read.
 *
 * crash/allowed.h says the same at any moment of a workload that is over;
 * tests/test_roads_guest.c holds the two together.
 *
 * Memory grows with the sectors touched.  Deliberately missing: requests under
 * way at once that share part of a sector (whole sectors are fine).
 */
#ifndef ADDCOW_ORACLE_H
#define ADDCOW_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct oracle;
struct store;

/* A disk of SIZE bytes, zeros; SIZE is rounded down to a sector. */
struct oracle *oracle_new(uint64_t size);
void oracle_free(struct oracle *o);

/* A copy of a disk on which nothing was written yet. */
struct oracle *oracle_clone(const struct oracle *o);

/* Where version 0 comes from.  Both are copied (cheaply); null: none.
 * oracle_set_allocated(): CLUSTER shows the image file from the start. */
void oracle_set_files(struct oracle *o, const struct store *image,
                      const struct store *backing);
void oracle_set_allocated(struct oracle *o, uint64_t cluster);
void oracle_set_all_allocated(struct oracle *o);

uint64_t oracle_size(const struct oracle *o);
uint64_t oracle_backing_len(const struct oracle *o);
bool oracle_was_resized(const struct oracle *o);

/* The clock, which ticks at each begin and end. */
uint64_t oracle_now(const struct oracle *o);

/* A request of the guest.  begin returns its number, from 1; end says whether
 * it succeeded.  A range outside the disk has no effect. */
uint64_t oracle_write_begin(struct oracle *o, const void *data, size_t len,
                            uint64_t offset);
void oracle_write_end(struct oracle *o, uint64_t op, bool ok);

/* Each sector of the range may be what it was, or zeros. */
void oracle_discard(struct oracle *o, uint64_t len, uint64_t offset, bool ok);

/* What was acknowledged before begin is durable after an end that is ok. */
uint64_t oracle_flush_begin(struct oracle *o);
void oracle_flush_end(struct oracle *o, uint64_t op, bool ok);

/* The host has failed to flush a file: what is not durable now, a part that
 * the disk has gained included, may be read as anything until it is written
 * again, which a flush that succeeds attests (FLS-8), and its cluster may be
 * allocated or not. */
void oracle_lose(struct oracle *o);

/* The image is opened again: if something was lost and no flush has succeeded
 * since, each sector may be any version since its newest durable one.  What is
 * seen then is settled. */
void oracle_reopen(struct oracle *o);

/* What is cut off is gone; what is added is zeros. */
void oracle_resize(struct oracle *o, uint64_t size);

/* The power was cut, and the image is open again: each sector may be any
 * version since its newest durable one, and no cluster that was written is
 * known to be allocated.  What is seen then is settled. */
void oracle_restart(struct oracle *o);

/* Where data differs from all that may be read. */
struct mismatch {
    uint64_t offset;    /* of the first byte that is wrong */
    char expected[160]; /* in words */
    char got[160];
    const char *kind; /* of what was read: see pattern_kind() */
};

/* Whether LEN bytes at OFFSET, which were read as DATA, may be read.  If so,
 * settles what a power cut, a discard or a write under way left open; else
 * fills *OUT. */
bool oracle_check(struct oracle *o, struct mismatch *out, const void *data,
                  size_t len, uint64_t offset);

/* As oracle_check(), for a read that began at SINCE, see oracle_now(), while
 * other requests were under way: DATA may be what might be read at any time
 * since then.  Settles nothing. */
bool oracle_check_since(struct oracle *o, struct mismatch *out,
                        const void *data, size_t len, uint64_t offset,
                        uint64_t since);

/* The content that must be read.  False if some sector is open. */
bool oracle_expected(const struct oracle *o, void *out, size_t len,
                     uint64_t offset);

/* Whether STORE holds in the range what must be read there.  Open sectors are
 * not compared. */
bool oracle_same(const struct oracle *o, const struct store *store, size_t len,
                 uint64_t offset);

/* Whether 512 bytes are any version of SECTOR, from version 0 on. */
bool oracle_is_version(const struct oracle *o, const void *data,
                       uint64_t sector);

/* Whether they are a version no older than the newest durable one: what may be
 * found after a power cut. */
bool oracle_may_survive(const struct oracle *o, const void *data,
                        uint64_t sector);

/* Whether nobody wrote SECTOR, and STORE holds what was there at first, as is
 * known without reading the bytes.  False: it may hold that, or not. */
bool oracle_is_first_in(const struct oracle *o, const struct store *store,
                        uint64_t sector);

/* Whether each sector of DATA is some version, DATA being the whole CLUSTER,
 * clipped at the end of the disk. */
bool oracle_is_complete(const struct oracle *o, const void *data,
                        uint64_t cluster);

enum oracle_alloc { ALLOC_NO, ALLOC_MAYBE, ALLOC_YES };

/* Whether CLUSTER is allocated: YES if a write to it succeeded. */
enum oracle_alloc oracle_allocation(const struct oracle *o, uint64_t cluster);
/* Whether the N clusters from CLUSTER on, a multiple of 4096, are known to be
 * ALLOC_NO without looking at each.  False: they may be, or not. */
bool oracle_is_untouched(const struct oracle *o, uint64_t n, uint64_t cluster);
/* Whether a request went to any sector of CLUSTER. */
bool oracle_was_written(const struct oracle *o, uint64_t cluster);
/* From now on clusters that nobody wrote may be allocated as well. */
void oracle_allow_extra(struct oracle *o);

/* The sectors that were ever written, ascending: calls VISIT with each. */
void oracle_each_touched(const struct oracle *o,
                         void (*visit)(void *arg, uint64_t sector), void *arg);

/* Version numbers of SECTOR: newest durable, newest submitted. */
uint64_t oracle_lo(const struct oracle *o, uint64_t sector);
uint64_t oracle_hi(const struct oracle *o, uint64_t sector);

#endif
