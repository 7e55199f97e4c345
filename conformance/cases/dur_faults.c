/* SPDX-License-Identifier: MIT
 *
 * dur_faults.c - chapter 10, Power cut, on a host that fails: in each scenario
 * that has a name each call of the host fails, once or from then on, what
 * failed is made again, and what the host was asked to do is cut at each
 * point.
 *
 * What fails once is made up for at once; what fails for good, when all else
 * has been tried and the host is well again.  An implementation that fails for
 * ever after a failed flush passes (FLS-10): nothing else is durable then.
 *
 * Deliberately missing: a host that withdraws a length that it has shown;
 * what is read on the handle that met the fault, and the classes of errors;
 * see faults.c and faults_calls.c.
 */
#include "all.h"
#include "steps/recorded.h"
#include "steps/scenarios.h"

#include <stdbool.h>

#define NEEDS                                                            \
    (ADDCOW_CAP_WRITE | ADDCOW_CAP_HOST | CASE_CRASH(CRASH_LEVEL_FULL) | \
     CASE_REFUSES)
#define NEEDS_THROUGH (NEEDS | ADDCOW_CAP_WRITETHROUGH)
#define NEEDS_RESIZE (NEEDS | ADDCOW_CAP_RESIZE)
#define NEEDS_CREATE (NEEDS | ADDCOW_CAP_CREATE)

/* Calls of the host in one scenario, at most. */
#define MAX_CALLS 1000

static const struct fault faults[] = {
    {.kind = EV_ANY, .result = ADDCOW_IO},
    {.kind = EV_ANY, .result = ADDCOW_IO, .for_good = 1},
    {.kind = EV_ANY, .result = ADDCOW_NO_MEMORY},
    {.kind = EV_WRITE, .result = ADDCOW_NO_SPACE, .n_sectors = 1},
    {.kind = EV_WRITE,
     .result = ADDCOW_NO_SPACE,
     .n_sectors = 1,
     .for_good = 1},
    {.kind = EV_SET_SIZE, .result = ADDCOW_NO_SPACE},
    {.kind = EV_FLUSH, .result = ADDCOW_IO, .drop = 1},
};
#define N_FAULTS (sizeof(faults) / sizeof(faults[0]))

struct run {
    struct recorded done;
    const struct fault *fault;
    uint64_t n_hit; /* faults, before the run */
    struct crash_op missed[POWER_MAX_OPS];
    size_t n_missed;
};

static bool is_hit(const struct run *r)
{
    return n_faults_hit(r->done.env) > r->n_hit;
}

/* A request that failed had a reason. */
static int judged(struct run *r, const struct crash_op *op, int result)
{
    if (!is_hit(r) && op->kind != CRASH_RESIZE && result != ADDCOW_RANGE &&
        (result != ADDCOW_INVALID || takes_bytes(r->done.env)))
        expect_ok(r->done.env, "WR-13", result);
    return result;
}

static int perform(struct run *r, const struct crash_op *op)
{
    struct recorded *done = &r->done;
    int result = ADDCOW_OK;

    if (!done->img && op->kind != CRASH_CREATE)
        result = recorded_open(done);
    if (result == ADDCOW_OK)
        result = recorded_do(done, op);
    return judged(r, op, result);
}

/* A create that failed may have left a file. */
static struct crash_op made_again(const struct crash_op *op)
{
    struct crash_op again = *op;

    if (op->kind == CRASH_CREATE)
        again.len = 1;
    return again;
}

/* OP has failed. */
static void make_up(struct run *r, const struct crash_op *op)
{
    struct crash_op again = made_again(op);

    if (r->fault->for_good) {
        r->missed[r->n_missed++] = again;
        return;
    }
    clear_faults(r->done.env);
    if (op->kind != CRASH_REOPEN && op->kind != CRASH_CLOSE &&
        op->kind != CRASH_KILL)
        (void)perform(r, &again);
}

static void finish(struct run *r)
{
    static const struct crash_op flush = {CRASH_FLUSH, 0, 0};

    clear_faults(r->done.env);
    for (size_t i = 0; i < r->n_missed; i++)
        (void)perform(r, &r->missed[i]);
    (void)perform(r, &flush);
}

/* The scenario with the fault at call NTH.  Returns whether it was met. */
static bool run_with(struct run *r, struct env *env, const struct scenario *s,
                     const struct fault *fault, uint64_t nth)
{
    struct fault at = *fault;

    at.nth = nth;
    recorded_begin(&r->done, env, s);
    r->fault = fault;
    r->n_hit = n_faults_hit(env);
    r->n_missed = 0;
    if (!s->is_new)
        expect_ok(env, "WR-13", recorded_open(&r->done));
    put_fault(env, &at);
    for (const struct crash_op *op = s->ops; op->kind != CRASH_END; op++)
        if (perform(r, op) != ADDCOW_OK)
            make_up(r, op);
    finish(r);
    recorded_end(&r->done);
    return is_hit(r);
}

/* Whether F is for S: lengths are not taken back. */
static bool is_for(const struct fault *f, const struct scenario *s)
{
    for (const struct crash_op *op = s->ops; op->kind != CRASH_END; op++)
        if (f->drop && (op->kind == CRASH_RESIZE || op->kind == CRASH_CREATE))
            return false;
    return true;
}

/* Workload number F * MAX_CALLS + NTH is that with fault F at call NTH. */
static void each_call_fails(struct env *env, const struct conf_case *self)
{
    const struct scenario *s = &scenarios[self->arg];
    struct power *p = power_open(env, s, NULL);
    struct run *r = case_alloc(env, sizeof(*r));
    uint64_t n_runs = 0;

    for (size_t f = 0; f < N_FAULTS; f++) {
        uint64_t nth = 1;

        while (is_for(&faults[f], s) && nth < MAX_CALLS &&
               run_with(r, env, s, &faults[f], nth)) {
            power_run_record(p, f * MAX_CALLS + nth++, r->done.calls,
                             r->done.n, s->flags);
            n_runs++;
        }
        expect_true(env, "WR-13", "the work takes fewer than 1000 calls",
                    nth < MAX_CALLS);
    }
    expect_that(env, "WR-13", "some call of the host can fail", n_runs > 0,
                "the work made no such call");
}

#define ROW(name, clause, needs, scenario, words)                           \
    {                                                                       \
        "dur/any-call-fails-" name,                                         \
            "Whichever host call fails, and then the power: " words,        \
            clause " WR-13", needs, .run = each_call_fails, .arg = scenario \
    }

const struct conf_case cases_dur_faults[] = {
    ROW("flushed-writes", "DUR-9 DUR-12", NEEDS, FLUSHED, "flushed writes"),
    ROW("overwrites", "DUR-10 DUR-9", NEEDS, OVERWRITTEN, "overwrites"),
    ROW("parts-of-sectors", "DUR-10 DUR-9", NEEDS, SUB_SECTOR,
        "writes to parts of sectors"),
    ROW("old-bytes", "DUR-11 DUR-9", NEEDS, PARTIAL,
        "writes to parts of clusters"),
    ROW("torn-copy", "DUR-11 DUR-9", NEEDS, TORN_COPY, "copies of clusters"),
    ROW("neighbours", "DUR-12 DUR-9", NEEDS, NEIGHBOURS, "neighbours"),
    ROW("one-byte", "DUR-16 DUR-9", NEEDS, ONE_BYTE, "two bits of one byte"),
    ROW("stale-copy", "DUR-16 DUR-9", NEEDS, STALE_COPY,
        "a bitmap that is written back"),
    ROW("two-bitmap-sectors", "DUR-9 DUR-12", NEEDS, TWO_SECTORS,
        "two sectors of the bitmap"),
    ROW("closed-images", "DUR-9 DUR-16", NEEDS, CLOSED,
        "images that are closed"),
    ROW("process-ended", "DUR-21 DUR-9", NEEDS, KILLED, "processes that end"),
    ROW("short-backing-file", "DUR-11 DUR-9", NEEDS, SHORT_BACKING,
        "a short backing file"),
    ROW("no-backing-file", "DUR-11 DUR-9", NEEDS, NO_BACKING,
        "no backing file"),
    ROW("tail", "DUR-11 DUR-9", NEEDS, TAIL, "a short last cluster"),
    ROW("zeros", "DUR-9 DUR-11", NEEDS, ZEROED, "writes of zeros"),
    ROW("partial-writes-made-again", "DUR-15 DUR-11", NEEDS, COPIED_AGAIN,
        "a copy that is made again"),
    ROW("writethrough", "DUR-9 DUR-10", NEEDS_THROUGH, THROUGH,
        "writethrough"),
    ROW("writethrough-over-allocated", "DUR-9 DUR-10", NEEDS_THROUGH,
        THROUGH_ZEROS, "writethrough over allocated clusters"),
    ROW("all-bits", "DUR-9 DUR-11", NEEDS, ALL_BITS, "the last bits of all"),
    ROW("created", "DUR-13 DUR-18", NEEDS_CREATE, CREATED,
        "an image that is made"),
    ROW("created-and-grown", "DUR-13 DUR-19", NEEDS_CREATE | NEEDS_RESIZE,
        CREATED_GROWN, "an image that is made and grown"),
    ROW("created-and-grown-by-a-byte", "DUR-13 DUR-19",
        NEEDS_CREATE | NEEDS_RESIZE, CREATED_GROWN_BYTE,
        "an image that is made and grown by a byte of the bitmap"),
    ROW("created-and-shrunk", "DUR-13 DUR-19", NEEDS_CREATE | NEEDS_RESIZE,
        CREATED_SHRUNK, "an image that is made and shrunk"),
    ROW("growth", "DUR-19 DUR-9", NEEDS_RESIZE, GROWN, "growth"),
    ROW("growth-of-an-odd-image-file", "DUR-19 DUR-9", NEEDS_RESIZE, GROWN_ODD,
        "growth of an image file that ends inside a sector"),
    ROW("growth-of-the-bitmap", "DUR-19 DUR-9", NEEDS_RESIZE, GROWN_BYTE,
        "growth by a byte of the bitmap"),
    ROW("growth-with-pending-writes", "DUR-19 DUR-9", NEEDS_RESIZE,
        GROWN_PENDING, "growth with writes pending"),
    ROW("growth-under-writethrough", "DUR-19 DUR-9",
        NEEDS_RESIZE | NEEDS_THROUGH, GROWN_THROUGH,
        "growth under writethrough"),
    ROW("shrinking", "DUR-19 DUR-9", NEEDS_RESIZE, SHRUNK, "shrinking"),
    ROW("shrinking-under-writethrough", "DUR-19 DUR-9",
        NEEDS_RESIZE | NEEDS_THROUGH, SHRUNK_THROUGH,
        "shrinking under writethrough"),
    ROW("shrinking-and-growth", "DUR-19 DUR-9", NEEDS_RESIZE, SHRUNK_GROWN,
        "growth after shrinking"),
    ROW("shrinking-and-growth-in-one-byte", "DUR-19 DUR-16", NEEDS_RESIZE,
        SHRUNK_GROWN_BYTE,
        "shrinking and growth inside one byte of the bitmap"),
    {0}};
