/* SPDX-License-Identifier: MIT
 *
 * power.h - the engine of power cuts (crash/crash.h) for cases: from a
 * scenario to a verdict.
 *
 * The workload runs on storage of the engine's own, not on that of the case:
 * nothing of it is in the recording.
 */
#ifndef ADDCOW_POWER_H
#define ADDCOW_POWER_H

#include "crash/crash.h"
#include "env/env.h"

#include <stdbool.h>

#define POWER_MAX_OPS 24

/* The files, all of them durable, and how the image is opened. */
struct scenario {
    uint64_t image_len;   /* bytes; full of TAG_OLD */
    uint64_t backing_len; /* full of TAG_BACKING; 0: no backing file */
    const uint64_t *set;  /* clusters whose bits are 1, by END_OF_LIST */
    uint32_t flags;       /* of open, besides WRITE */
    bool is_new;          /* there is no add-cow file */
    uint64_t old_len;     /* with IS_NEW: one of another image is there */
    /* Of a long disk: what is looked at, and filled; see crash_setup. */
    struct crash_span spans[CRASH_MAX_SPANS];
    struct crash_op ops[POWER_MAX_OPS]; /* ended by CRASH_END */
};

struct power;

/* The engine for the files of S; lives until the case ends.  LIMITS may be
 * null. */
struct power *power_open(struct env *env, const struct scenario *s,
                         const struct crash_limits *limits);

/* Decides OPS, workload number INDEX of the case, opened with FLAGS besides
 * WRITE.  A violation is the case's failure: of the clause that it breaks, if
 * the case names it, or else of the case's first.  A workload that the case
 * need not look at is passed over: see case_options. */
void power_run(struct power *p, uint64_t index, const struct crash_op *ops,
               uint32_t flags);

/* As power_run(), for a long workload of at most POWER_MAX_LONG operations.  A
 * failure is reported with the fewest operations that still fail. */
#define POWER_MAX_LONG 64
void power_run_long(struct power *p, uint64_t index,
                    const struct crash_op *ops, uint32_t flags);

/* As power_run(), for what the shim did to the storage of the case; see
 * crash_run_record(). */
void power_run_record(struct power *p, uint64_t index,
                      const struct crash_call *calls, size_t n_calls,
                      uint32_t flags);

/* Leaves the figures out of the report: the host calls of requests in flight
 * at once come in an order that may differ from run to run, and a report may
 * not. */
void power_hide_figures(struct power *p);

/* Counts the operations that were no-ops, for cases that need none to be. */
uint64_t power_n_declined(const struct power *p);

/* A scenario with one workload, its own. */
void power_decide(struct env *env, const struct scenario *s,
                  const struct crash_limits *limits);

#endif
