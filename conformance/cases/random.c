/* SPDX-License-Identifier: MIT
 *
 * random.c - chapters 7 to 9 of the specification: long random workloads on
 * one handle and over several, against the ideal disk.  The seed is that of
 * the run; a list of operations that fails is told as short as it can be.
 *
 * Deliberately missing: requests at the same time (concurrent.c), resizes
 * (chapter 12).
 */
#include "all.h"
#include "steps/flushes.h"
#include "steps/guest.h"

#include <inttypes.h>
#include <stdio.h>

#define HOST ADDCOW_CAP_HOST
#define WRITE ADDCOW_CAP_WRITE
#define THROUGH (ADDCOW_CAP_WRITE | ADDCOW_CAP_WRITETHROUGH)
#define EVERYTHING \
    (OP_READ | OP_WRITE | OP_ZEROS | OP_FLUSH | OP_REOPEN | OP_DISCARD)

static const uint64_t some[] = {1, 2, 7, 8, 10, END_OF_LIST};

/* ---- Mixed operations --------------------------------------------------- */

enum shape { ODD_END, WHOLE, NO_BACKING, SHORT_BACKING, ONE_SECTOR, LARGE };

static const struct image_recipe shapes[] = {
    [ODD_END] = {.image_size = 21 * CLUSTER + 3 * SECTOR + 77,
                 .backing_size = 19 * CLUSTER + 700,
                 .set = some},
    [WHOLE] = {.image_size = 16 * CLUSTER,
               .backing_size = 40 * CLUSTER,
               .set = some},
    [NO_BACKING] = {.image_size = 12 * CLUSTER + SECTOR,
                    .no_backing = 1,
                    .set = some},
    [SHORT_BACKING] = {.image_size = 12 * CLUSTER + SECTOR,
                       .backing_size = CLUSTER / 2 + 1,
                       .set = some},
    [ONE_SECTOR] = {.image_size = SECTOR, .backing_size = 2 * SECTOR},
    [LARGE] = {.image_size = 3 * 32 * GIB + 5 * SECTOR,
               .backing_size = 2 * 32 * GIB + 100,
               .set = some}};

static void mixed(struct env *env, const struct conf_case *self)
{
    struct workload w = {.recipe = shapes[self->arg],
                         .kinds = EVERYTHING,
                         .n_ops = 150,
                         .max_len = 3 * CLUSTER,
                         .flags = write_flags(self),
                         .sectors_only = choice_of(env, "IMPL-2") != 'a'};

    run_workload(env, "WR-2", &w);
}

static void reading(struct env *env, const struct conf_case *self)
{
    struct workload w = {.recipe = shapes[self->arg],
                         .kinds = OP_READ | OP_REOPEN,
                         .n_ops = 150,
                         .max_len = 5 * CLUSTER,
                         .sectors_only = choice_of(env, "IMPL-2") != 'a'};

    run_workload(env, "RD-3", &w);
}

/* ---- With a host that fails now and then -------------------------------- */

#define DISK_SIZE (21 * CLUSTER + 3 * SECTOR)

#define N_OPS 10

/* What is done on a handle, and a host call in it that fails. */
struct round {
    uint32_t flags;
    struct fault fault;
    struct {
        enum workload_op_kind kind;
        size_t len;
        uint64_t offset;
    } ops[N_OPS];
};

static struct fault some_fault(struct env *env)
{
    static const enum event_kind kinds[] = {EV_READ, EV_WRITE, EV_FLUSH,
                                            EV_ANY};
    static const int results[] = {ADDCOW_IO, ADDCOW_NO_SPACE,
                                  ADDCOW_NO_MEMORY};

    return (struct fault){.kind = kinds[rng_below(env, 4)],
                          .result = results[rng_below(env, 3)],
                          .nth = 1 + rng_below(env, 6),
                          .n_sectors = (size_t)rng_below(env, 4)};
}

static void think(struct env *env, struct round *r)
{
    static const enum workload_op_kind kinds[] = {OP_READ, OP_FLUSH, OP_ZEROS,
                                                  OP_WRITE, OP_WRITE};

    r->fault = some_fault(env);
    for (size_t i = 0; i < N_OPS; i++) {
        r->ops[i].len = (size_t)((1 + rng_below(env, 300)) * SECTOR);
        r->ops[i].offset = rng_below(env, DISK_SIZE / SECTOR - 300) * SECTOR;
        r->ops[i].kind = kinds[rng_below(env, 5)];
    }
}

/* One operation, whatever comes of it. */
static void operate(struct env *env, struct img *img, const struct round *r,
                    size_t i)
{
    size_t len = r->ops[i].len;
    uint64_t offset = r->ops[i].offset;

    if (r->ops[i].kind == OP_READ)
        (void)img_read(img, case_alloc(env, len), len, offset);
    else if (r->ops[i].kind == OP_FLUSH)
        (void)img_flush(img);
    else if (r->ops[i].kind == OP_ZEROS)
        (void)write_zeros(img, len, offset);
    else
        (void)write_new(img, len, offset);
}

/* After the fault: the guest's view on this handle, and on a new one. */
static void perform(struct env *env, const void *arg, const uint8_t *off)
{
    const struct round *r = arg;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = DISK_SIZE,
                                           .backing_size = 19 * CLUSTER + 700,
                                           .set = some});
    img = open_image(env, r->flags);
    put_fault(env, &r->fault);
    for (size_t i = 0; i < N_OPS; i++)
        if (!off[i])
            operate(env, img, r, i);
    clear_faults(env);
    expect_guest_all(img, "WR-15");
    (void)img_close(img);
    expect_bit_order(img, "FLS-1");
    img = open_image(env, 0);
    expect_some_version(env, "WR-15", img, DISK_SIZE, 0);
    must_close(img);
}

static void tell(char *out, size_t size, const void *arg, const uint8_t *off)
{
    const struct round *r = arg;
    size_t n = (size_t)snprintf(
        out, size, "opening; then %s %" PRIu64 " of the host fails with %s",
        r->fault.kind == EV_ANY ? "call" : event_kind_name(r->fault.kind),
        r->fault.nth, class_name(r->fault.result));

    for (size_t i = 0; i < N_OPS && n < size; i++) {
        if (off[i])
            continue;
        if (r->ops[i].kind == OP_FLUSH)
            n += (size_t)snprintf(out + n, size - n, "; flush");
        else
            n += (size_t)snprintf(
                out + n, size - n, "; %s %zu %s at %" PRIu64,
                r->ops[i].kind == OP_READ ? "read" : "write", r->ops[i].len,
                r->ops[i].kind == OP_ZEROS ? "zeros" : "bytes",
                r->ops[i].offset);
    }
}

static void faulty(struct env *env, const struct conf_case *self)
{
    struct round r = {.flags = write_flags(self)};
    struct list list = {
        .n = N_OPS, .perform = perform, .tell = tell, .arg = &r};

    for (unsigned round = 0; round < 8; round++) {
        think(env, &r);
        run_list(env, &list);
    }
}

const struct conf_case cases_random[] = {
    {"random/reads", "Random reads of a disk with an odd end", "RD-3", 0,
     .run = reading, .arg = ODD_END},
    {"random/reads-without-backing", "Random reads without a backing file",
     "RD-3", 0, .run = reading, .arg = NO_BACKING},
    {"random/reads-over-short-backing",
     "Random reads over a short backing file", "RD-3", 0, .run = reading,
     .arg = SHORT_BACKING},
    {"random/reads-of-a-large-disk", "Random reads of a disk of three tables",
     "RD-3", 0, .run = reading, .arg = LARGE},
    {"random/mixed", "Random operations on a disk with an odd end", "WR-2",
     WRITE, .run = mixed, .arg = ODD_END},
    {"random/mixed-under-writethrough",
     "Random operations on a disk with an odd end under writethrough", "WR-2",
     THROUGH, .run = mixed, .arg = ODD_END},
    {"random/mixed-on-whole-clusters",
     "Random operations on a disk of whole clusters", "WR-2", WRITE,
     .run = mixed, .arg = WHOLE},
    {"random/mixed-without-backing",
     "Random operations without a backing file", "WR-2", WRITE, .run = mixed,
     .arg = NO_BACKING},
    {"random/mixed-over-short-backing",
     "Random operations over a short backing file", "WR-2", WRITE,
     .run = mixed, .arg = SHORT_BACKING},
    {"random/mixed-over-short-backing-under-writethrough",
     "Random operations over a short backing file under writethrough", "WR-2",
     THROUGH, .run = mixed, .arg = SHORT_BACKING},
    {"random/mixed-on-one-sector", "Random operations on a disk of one sector",
     "WR-2", WRITE, .run = mixed, .arg = ONE_SECTOR},
    {"random/mixed-on-a-large-disk",
     "Random operations on a disk of three tables", "WR-2", WRITE,
     .run = mixed, .arg = LARGE},
    {"random/mixed-on-a-large-disk-under-writethrough",
     "Random operations on a disk of three tables under writethrough", "WR-2",
     THROUGH, .run = mixed, .arg = LARGE},
    {"random/faults", "Random operations on a host that fails now and then",
     "WR-15 FLS-1", HOST | WRITE | CASE_BOTH, .run = faulty},
    {"random/faults-under-writethrough",
     "Random operations under writethrough on a host that fails now and then",
     "WR-15 FLS-1", HOST | THROUGH | CASE_BOTH, .run = faulty},
    {0}};
