/* SPDX-License-Identifier: MIT
 *
 * pending.h - what may be on the storage at a point of a trace.
 *
 * For each of the two writable files: a durable prefix, for each sector the
 * versions written since, and the sizes since.  Each version knows in which
 * epoch it was written, that is after which change of size: a sector cannot
 * be newer than a cut that did not take place, and what was cut off does not
 * come back.
 *
 * disk/replay.h says the same of a recording, in bytes; this is its faster
 * twin.  A point has up to 2^16 states of the add-cow file, each asks for the
 * choices of each sector, and here these are numbers of contents that are kept
 * from point to point.  tests/test_roads.c holds the two together.
 */
#ifndef ADDCOW_CRASH_PENDING_H
#define ADDCOW_CRASH_PENDING_H

#include "trace.h"

#define N_WRITABLE 2 /* F_ADDCOW, F_IMAGE */

struct pending_version {
    uint32_t id;
    uint32_t next; /* 0: the newest */
    size_t epoch;  /* index of the size, counted from the first of all */
    uint64_t ended;
    uint8_t unsure; /* failed: may never have happened */
    uint8_t lost;   /* by a failed flush: a later one does not cover it */
};

struct pending_size {
    uint64_t size;
    uint64_t ended;
    uint8_t unsure; /* as above */
    uint8_t lost;
    uint8_t back; /* a failed flush put it back: what was lost before it, if
                     it is the one that survived, has never happened */
};

struct pending_file {
    uint32_t *head; /* of each sector: its oldest pending version; 0: none */
    uint32_t *tail;
    size_t room;
    uint64_t *sectors; /* those that have pending versions */
    size_t n_sectors;
    size_t sector_room;
    struct pending_size *sizes; /* the durable one, and those since */
    size_t n_sizes;
    size_t size_room;
    size_t first_epoch; /* of sizes[0] */
};

struct pending {
    struct medium durable;
    struct medium visible; /* for what a failed flush puts back */
    struct pending_file files[N_WRITABLE];
    struct pending_version *versions; /* number 0 is not used */
    size_t n_versions;
    size_t version_room;
    int cut_early;
    uint32_t *choices; /* scratch */
    size_t choice_room;
};

/* BASE is durable, and nothing is pending. */
void pending_start(struct pending *p, const struct medium *base,
                   int cut_early);
void pending_finish(struct pending *p);

/* Takes the next step. */
void pending_step(struct pending *p, const struct trace *t,
                  const struct step *s);

/* The contents that SECTOR of FILE may have if size number K (from 0, the
 * durable one) is the one that survived: *OUT, each once, the durable one
 * first, valid until the next call.  Returns how many, at least 1. */
size_t pending_choices(struct pending *p, const uint32_t **out, unsigned file,
                       uint64_t sector, size_t k);

/* Makes FILE of M the durable one with size number K. */
void pending_base(const struct pending *p, struct medium *m, unsigned file,
                  size_t k);

#endif
