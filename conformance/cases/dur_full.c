/* SPDX-License-Identifier: MIT
 *
 * dur_full.c - chapter 10, Power cut: what takes longer.  Cut again while a
 * request is made again; zeros of a cut that land before the size; long
 * random workloads; flushes that fail and drop what was pending.
 */
#include "all.h"
#include "steps/alphabet.h"
#include "steps/recorded.h"

#include <string.h>

#define NEEDS \
    (ADDCOW_CAP_WRITE | ADDCOW_CAP_HOST | CASE_CRASH(CRASH_LEVEL_FULL))
#define NEEDS_THROUGH (NEEDS | ADDCOW_CAP_WRITETHROUGH)
#define N_RANDOM 20
#define RANDOM_OPS 40
#define N_OPS (RANDOM_OPS + 1)

#define BRUTE_WORK (1u << 13)

/* The DATA of a case. */
static const struct crash_limits as_bounded = {.brute_work = BRUTE_WORK};
static const struct crash_limits cut_again = {.brute_work = BRUTE_WORK,
                                              .flags = CRASH_DEPTH_2};
static const struct crash_limits cut_early = {.brute_work = BRUTE_WORK,
                                              .flags = CRASH_CUT_EARLY};

static uint32_t flags_of(const struct conf_case *self)
{
    return self->needs & ADDCOW_CAP_WRITETHROUGH ? ADDCOW_OPEN_WRITETHROUGH
                                                 : 0;
}

/* All workloads of three operations of which the first is letter ARG, with
 * limits other than those of the bounded ones. */
static void all_of_three(struct env *env, const struct conf_case *self)
{
    struct power *p = power_open(env, &alphabet_files, self->data);
    struct crash_op ops[4] = {{CRASH_END, 0, 0}};

    for (unsigned i = 0; i < N_LETTERS * N_LETTERS; i++) {
        uint64_t size = alphabet_files.image_len;

        ops[0] = alphabet_op(&size, (unsigned)self->arg);
        ops[1] = alphabet_op(&size, i / N_LETTERS % N_LETTERS);
        ops[2] = alphabet_op(&size, i % N_LETTERS);
        power_run(p, i, ops, flags_of(self));
    }
}

/* ---- Random ------------------------------------------------------------- */

static struct crash_op random_op(struct env *env, uint64_t *size)
{
    uint64_t limit = 2 * alphabet_files.image_len;
    uint64_t kind = rng_below(env, 16);
    struct crash_op op = {CRASH_WRITE, 0, 0};

    if (kind < 2)
        return alphabet_op(size, (unsigned)rng_below(env, 12));
    if (kind < 5)
        return (struct crash_op){CRASH_FLUSH, 0, 0};
    if (kind == 5)
        return (struct crash_op){rng_below(env, 2) ? CRASH_REOPEN : CRASH_KILL,
                                 0, 0};
    if (kind == 6 && *size > 4 * CLUSTER)
        return alphabet_op(size, 14);
    if (kind == 7 && *size < limit)
        return alphabet_op(size, 15);
    op.len = SECTOR * (1 + rng_below(env, kind == 8 ? 300 : 12));
    op.offset = SECTOR * rng_below(env, *size / SECTOR);
    if (op.offset + op.len > *size)
        op.len = *size - op.offset;
    return op;
}

static void random_workloads(struct env *env, const struct conf_case *self)
{
    struct power *p = power_open(env, &alphabet_files, self->data);
    struct crash_op ops[N_OPS];

    for (uint64_t i = 0; i < N_RANDOM; i++) {
        uint64_t size = alphabet_files.image_len;

        memset(ops, 0, sizeof(ops));
        for (size_t k = 0; k < RANDOM_OPS; k++)
            ops[k] = random_op(env, &size);
        power_run_long(p, i, ops, flags_of(self));
    }
}

/* ---- Flushes that fail -------------------------------------------------- */

#define N_CALLS 12

/* A cluster is written again after the flush that may fail. */
static const struct crash_op plan[N_CALLS] = {
    {CRASH_WRITE, 512, 0},
    {CRASH_FLUSH, 0, 0},
    {CRASH_WRITE, 1024, 1024},
    {CRASH_FLUSH, 0, 0},
    {CRASH_WRITE, CLUSTER, CLUSTER},
    {CRASH_FLUSH, 0, 0},
    {CRASH_WRITE, 512, CLUSTER + 512},
    {CRASH_FLUSH, 0, 0},
    {CRASH_WRITE, 512, 2 * CLUSTER},
    {CRASH_FLUSH, 0, 0},
    {CRASH_WRITE, CLUSTER, CLUSTER},
    {CRASH_FLUSH, 0, 0},
};

#define FLUSH_FAULT(file, call, is_dropped)                                   \
    {                                                                         \
        .kind = EV_FLUSH, .name = (file), .nth = (call), .result = ADDCOW_IO, \
        .drop = (is_dropped)                                                  \
    }

/* The first flush of each file fails, or the one after the first write to
 * cluster 1, and drops what was pending or does not. */
static const struct fault faults[] = {
    FLUSH_FAULT(IMAGE_NAME, 1, 0),  FLUSH_FAULT(IMAGE_NAME, 1, 1),
    FLUSH_FAULT(ADDCOW_NAME, 1, 0), FLUSH_FAULT(ADDCOW_NAME, 1, 1),
    FLUSH_FAULT(IMAGE_NAME, 3, 0),  FLUSH_FAULT(IMAGE_NAME, 3, 1),
    FLUSH_FAULT(ADDCOW_NAME, 2, 0), FLUSH_FAULT(ADDCOW_NAME, 2, 1),
};

/* ARG: the fault, and the number of the workload. */
static void failed_flush(struct env *env, const struct conf_case *self)
{
    struct power *p = power_open(env, &alphabet_files, &as_bounded);
    struct scenario s = alphabet_files;
    struct recorded *done = case_alloc(env, sizeof(*done));

    s.flags = flags_of(self);
    recorded_begin(done, env, &s);
    expect_ok(env, "DUR-9", recorded_open(done));
    put_fault(env, &faults[self->arg]);
    for (size_t i = 0; i < N_CALLS; i++)
        (void)recorded_do(done, &plan[i]);
    recorded_end(done);
    power_run_record(p, self->arg, done->calls, done->n, s.flags);
}

#define ALL(name, limits, first, words)                        \
    {                                                          \
        "dur/" name, words, "DUR-15 DUR-9 DUR-10", NEEDS,      \
            .run = all_of_three, .arg = first, .data = &limits \
    }
#define CUT_AGAIN(number, first)                                          \
    ALL("cut-again-" number, cut_again, first,                            \
        "Cut again while it is made again: all of three operations, the " \
        "first of them letter " number)
#define ROW(name, needs, number, words)                              \
    {                                                                \
        "dur/failed-flush-" name, words, "DUR-9 FLS-8 FLS-9", needs, \
            .run = failed_flush, .arg = number                       \
    }
#define FAILS(name, number, words)                                            \
    ROW(name, NEEDS, number, words), ROW(name "-writethrough", NEEDS_THROUGH, \
                                         number, words ", writethrough")

const struct conf_case cases_dur_full[] = {
    CUT_AGAIN("01", 0),
    CUT_AGAIN("02", 1),
    CUT_AGAIN("03", 2),
    CUT_AGAIN("04", 3),
    CUT_AGAIN("05", 4),
    CUT_AGAIN("06", 5),
    CUT_AGAIN("07", 6),
    CUT_AGAIN("08", 7),
    CUT_AGAIN("09", 8),
    CUT_AGAIN("10", 9),
    CUT_AGAIN("11", 10),
    CUT_AGAIN("12", 11),
    CUT_AGAIN("13", 12),
    CUT_AGAIN("14", 13),
    CUT_AGAIN("15", 14),
    CUT_AGAIN("16", 15),
    ALL("cut-early-shrink", cut_early, 14,
        "Zeros of a cut land before the size does; a shrink comes first"),
    ALL("cut-early-write", cut_early, 2,
        "Zeros of a cut land before the size does; a write comes first"),
    ALL("cut-early-growth", cut_early, 15,
        "Zeros of a cut land before the size does; a growth comes first"),
    {"dur/random-writeback", "Long random workloads", "DUR-9 DUR-10 DUR-12",
     NEEDS, .run = random_workloads, .data = &as_bounded},
    {"dur/random-writethrough", "Long random workloads, writethrough",
     "DUR-9 DUR-10 DUR-12", NEEDS_THROUGH, .run = random_workloads,
     .data = &as_bounded},
    {"dur/random-cut-early",
     "Long random workloads; zeros of a cut land before the size does",
     "DUR-9 DUR-10 DUR-12", NEEDS, .run = random_workloads,
     .data = &cut_early},
    {"dur/random-cut-again", "Long random workloads, cut again",
     "DUR-15 DUR-9 DUR-10", NEEDS, .run = random_workloads,
     .data = &cut_again},
    FAILS("image", 0, "The first flush of the image file fails"),
    FAILS("image-dropped", 1,
          "The first flush of the image file fails and drops its data"),
    FAILS("bitmap", 2, "The first flush of the add-cow file fails"),
    FAILS("bitmap-dropped", 3,
          "The first flush of the add-cow file fails and drops its bits"),
    FAILS("image-later", 4, "A later flush of the image file fails"),
    FAILS("image-later-dropped", 5,
          "A later flush of the image file fails and drops its data"),
    FAILS("bitmap-later", 6, "A later flush of the add-cow file fails"),
    FAILS("bitmap-later-dropped", 7,
          "A later flush of the add-cow file fails and drops its bits"),
    {0}};
