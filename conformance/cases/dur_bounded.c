/* SPDX-License-Identifier: MIT
 *
 * dur_bounded.c - chapter 10, Power cut: all workloads of up to three
 * operations of an alphabet of sixteen, in both cache modes: 16 + 16^2 + 16^3
 * each.
 *
 * A batch is the workloads that begin with one operation: 1 + 16 + 16^2.
 */
#include "all.h"
#include "steps/alphabet.h"

#define NEEDS \
    (ADDCOW_CAP_WRITE | ADDCOW_CAP_HOST | CASE_CRASH(CRASH_LEVEL_BOUNDED))
#define MAX_OPS 3

static const unsigned powers[] = {1, N_LETTERS, N_LETTERS *N_LETTERS};

/* Workload number INDEX of those of N operations that begin with FIRST. */
static void spell(struct crash_op *out, unsigned first, unsigned n,
                  unsigned index)
{
    uint64_t size = alphabet_files.image_len;

    out[0] = alphabet_op(&size, first);
    for (unsigned i = 1; i < n; i++)
        out[i] = alphabet_op(&size, index / powers[n - 1 - i] % N_LETTERS);
    out[n] = (struct crash_op){CRASH_END, 0, 0};
}

static void batch(struct env *env, const struct conf_case *self,
                  uint32_t flags)
{
    struct crash_limits limits = {.brute_work = 1u << 13};
    struct power *p = power_open(env, &alphabet_files, &limits);
    struct crash_op ops[MAX_OPS + 1];
    uint64_t index = 0;

    for (unsigned n = 1; n <= MAX_OPS; n++)
        for (unsigned i = 0; i < powers[n - 1]; i++) {
            spell(ops, (unsigned)self->arg, n, i);
            power_run(p, index++, ops, flags);
        }
}

static void writeback(struct env *env, const struct conf_case *self)
{
    batch(env, self, 0);
}

static void writethrough(struct env *env, const struct conf_case *self)
{
    batch(env, self, ADDCOW_OPEN_WRITETHROUGH);
}

#define ROW(mode, number, caps, first, words)                                \
    {                                                                        \
        "dur/bounded-" #mode "-" number,                                     \
            "All workloads of up to three operations that begin with " words \
            ", " #mode,                                                      \
            "DUR-9 DUR-10 DUR-11", NEEDS | (caps), .run = mode, .arg = first \
    }
#define ROWS(mode, caps)                                          \
    ROW(mode, "01", caps, 0, "the whole of cluster 0"),           \
        ROW(mode, "02", caps, 1, "the whole of cluster 1"),       \
        ROW(mode, "03", caps, 2, "the whole of cluster 8"),       \
        ROW(mode, "04", caps, 3, "a sector"),                     \
        ROW(mode, "05", caps, 4, "1000 bytes at an odd offset"),  \
        ROW(mode, "06", caps, 5, "2 KiB across two clusters"),    \
        ROW(mode, "07", caps, 6, "two whole clusters"),           \
        ROW(mode, "08", caps, 7, "half a cluster and the next"),  \
        ROW(mode, "09", caps, 8, "the last sector"),              \
        ROW(mode, "10", caps, 9, "three sectors"),                \
        ROW(mode, "11", caps, 10, "the end of the backing file"), \
        ROW(mode, "12", caps, 11, "zeros"),                       \
        ROW(mode, "13", caps, 12, "a flush"),                     \
        ROW(mode, "14", caps, 13, "a close"),                     \
        ROW(mode, "15", caps, 14, "a shrink"),                    \
        ROW(mode, "16", caps, 15, "a growth")

const struct conf_case cases_dur_bounded[] = {
    ROWS(writeback, 0), ROWS(writethrough, ADDCOW_CAP_WRITETHROUGH), {0}};
