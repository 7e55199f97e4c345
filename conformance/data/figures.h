/* SPDX-License-Identifier: MIT
 *
 * figures.h - how many states of the storage were decided, and how: the
 * figures that the engine of power cuts counts and that reports print.
 */
#ifndef ADDCOW_FIGURES_H
#define ADDCOW_FIGURES_H

#include <stddef.h>
#include <stdint.h>

/* How a point was decided; crash.h explains the methods. */
enum crash_method {
    CRASH_BRUTE,
    CRASH_TOKENS,
    CRASH_LAZY,
    CRASH_SAMPLED,
    CRASH_N_METHODS
};

/* A number that may be larger than any integer: exact up to INT64_MAX. */
struct crash_count {
    uint64_t exact; /* 0 if it does not fit */
    double log2;    /* of the number, which is at least 1; else undefined */
};

struct crash_report {
    uint64_t n_workloads;
    uint64_t n_points;
    uint64_t by[CRASH_N_METHODS]; /* points that were decided so */
    struct crash_count states;    /* of all points, by the closed form */
    uint64_t n_executions;        /* the implementation opened a medium */
    uint64_t n_redone;            /* requests made again after a cut */
    uint64_t n_declined;          /* operations that were no-ops */
    uint64_t n_not_opaque;        /* points where tokens were dropped */
    uint64_t n_violations;        /* with CRASH_ALL, else 0 or 1 */
    uint64_t busy_ns;             /* spent in the implementation, if timed */
    unsigned methods; /* as bits, where the figures are not told and are 0 */
};

struct crash_count count_from(uint64_t n);
void count_multiply(struct crash_count *n, uint64_t by);
/* "123456" or "2^1116.03". */
void crash_count_text(char *out, size_t size, const struct crash_count *n);
void crash_count_add(struct crash_count *n, const struct crash_count *more);
void crash_report_add(struct crash_report *r, const struct crash_report *more);

#endif
