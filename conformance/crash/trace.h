/* SPDX-License-Identifier: MIT
 *
 * trace.h - what the host was asked to do, and when guest calls began and
 * ended, in the terms of the engine: contents of whole sectors.
 *
 * A version of a sector is a snapshot of what was visible after a write, not
 * a patch of bytes.
 */
#ifndef ADDCOW_CRASH_TRACE_H
#define ADDCOW_CRASH_TRACE_H

#include "medium.h"

enum step_kind {
    STEP_WRITE, /* sectors, and perhaps the size with them */
    STEP_SIZE,
    STEP_FLUSH,
    STEP_LOST, /* a flush that failed */
    STEP_BEGIN,
    STEP_END
};

struct step {
    enum step_kind kind;
    unsigned file;
    int unsure;     /* the write failed: old or new */
    int back;       /* STEP_LOST: what was pending is gone from view, and the
                       size is what it went back to */
    size_t call;    /* of BEGIN and END: number of the guest call */
    uint64_t first; /* sector */
    size_t n;       /* sectors */
    size_t ids;     /* where their numbers stand in the pool */
    uint64_t size;  /* of the file afterwards */
    uint64_t began; /* clock */
    uint64_t ended;
};

struct trace {
    struct step *steps;
    size_t n_steps;
    size_t step_room;
    uint32_t *pool;
    size_t n_pool;
    size_t pool_room;
    uint64_t clock;
};

void trace_clear(struct trace *t);
void trace_finish(struct trace *t);

/* Adds a step that began at BEGAN and ended at ENDED.  M shows what is visible
 * after it; with UNSURE, what would be had the write not failed. */
void trace_write(struct trace *t, const struct medium *m, unsigned file,
                 uint64_t offset, size_t len, uint64_t began, uint64_t ended,
                 int unsure);
/* With UNSURE, what a write that failed made of the size. */
void trace_size(struct trace *t, const struct medium *m, unsigned file,
                uint64_t began, uint64_t ended, int unsure);
void trace_flush(struct trace *t, unsigned file, uint64_t began,
                 uint64_t ended);
/* A flush that failed. */
void trace_lost(struct trace *t, const struct medium *m, unsigned file,
                uint64_t began, uint64_t ended, int back);
void trace_call(struct trace *t, enum step_kind kind, size_t call,
                uint64_t at);

#endif
