/* SPDX-License-Identifier: MIT
 *
 * fls_order.c - chapter 9 of the specification: the order of data, flush,
 * bits, flush, judged from the recording; and parts of the bitmap that are
 * held in memory and given up.
 *
 * Deliberately missing: requests at the same time (concurrent.c).
 */
#include "all.h"
#include "steps/flushes.h"
#include "steps/guest.h"

#define HOST ADDCOW_CAP_HOST
#define WRITE ADDCOW_CAP_WRITE
#define THROUGH (ADDCOW_CAP_WRITE | ADDCOW_CAP_WRITETHROUGH)
#define TABLE_SPAN (32 * GIB) /* of the disk, by 64 KiB of bitmap */

/* What must hold of the recording and the files once IMG is closed. */
static void expect_in_order(struct env *env, const char *clause,
                            struct img *img)
{
    expect_bit_order(img, clause);
    expect_flush_covers(img, clause);
    expect_all_durable(env, clause, 0);
    expect_bitmap(env, clause, ADDCOW_NAME, oracle_of(img));
}

/* ---- FLS-1 -------------------------------------------------------------- */

static void one_write(struct env *env, const struct conf_case *self)
{
    struct img *img;

    mixed_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, self->len, self->offset);
    must_flush(img);
    must_close(img);
    expect_in_order(env, "FLS-1", img);
}

static void one_write_through(struct env *env, const struct conf_case *self)
{
    struct img *img;

    mixed_image(env);
    img = open_image(env, BOTH_FLAGS);
    must_write(img, self->len, self->offset);
    must_close(img);
    expect_in_order(env, "FLS-1", img);
}

static void without_backing(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = MIXED_SIZE,
                                           .no_backing = 1});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, 3 * CLUSTER + SECTOR);
    must_write(img, SECTOR, 20 * CLUSTER);
    must_close(img);
    expect_in_order(env, "FLS-1", img);
}

/* A bit is pending and its neighbour in the byte is made 1 and flushed. */
static void neighbour_after_flush(struct env *env,
                                  const struct conf_case *self)
{
    struct img *img;

    (void)self;
    mixed_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_flush(img);
    must_write(img, SECTOR, 3 * CLUSTER);
    must_flush(img);
    must_write(img, SECTOR, 4 * CLUSTER);
    must_write(img, SECTOR, 3 * CLUSTER + SECTOR);
    must_flush(img);
    must_write(img, 3 * CLUSTER, 5 * CLUSTER + SECTOR);
    must_close(img);
    expect_in_order(env, "FLS-1", img);
}

/* Every cluster of a disk in an order of its own, a flush now and then. */
static void every_cluster(struct env *env, const struct conf_case *self)
{
    uint64_t size = 67 * CLUSTER + 5 * SECTOR;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = size,
                                           .backing_size = 60 * CLUSTER + 1});
    img = open_image(env, (uint32_t)self->arg);
    for (uint64_t i = 0; i < 68; i++) {
        uint64_t c = i * 29 % 68;

        must_write(img, SECTOR, c * CLUSTER + c % 5 * SECTOR);
        if (rng_below(env, 6) == 0)
            must_flush(img);
    }
    must_close(img);
    expect_in_order(env, "FLS-1", img);
}

static void order_over_handles(struct env *env, const struct conf_case *self)
{
    struct oracle *o = mixed_image(env);

    (void)self;
    for (uint64_t i = 0; i < 4; i++) {
        struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

        img_track(img, o);
        must_write(img, SECTOR, (3 + i) * CLUSTER);
        must_write(img, SECTOR, (14 + i) * CLUSTER);
        must_close(img);
        expect_in_order(env, "FLS-1", img);
    }
}

/* ---- FLS-13: more tables than are held ---------------------------------- */

static struct img *open_tables(struct env *env, uint64_t n_tables,
                               uint32_t flags)
{
    uint64_t size = n_tables * TABLE_SPAN;

    make_image(
        env, &(struct image_recipe){.image_size = size, .backing_size = size});
    return open_image(env, flags);
}

static uint64_t in_table(uint64_t table, uint64_t cluster)
{
    return table * TABLE_SPAN + cluster * CLUSTER;
}

static void expect_guest_tables(struct env *env, struct img *img,
                                uint64_t n_tables)
{
    (void)env;
    for (uint64_t t = 0; t < n_tables; t++)
        expect_guest(img, "FLS-13", 2 * CLUSTER, in_table(t, 0));
}

/* One cluster in each of ARG tables, then another of each. */
static void tables_in_turn(struct env *env, const struct conf_case *self)
{
    struct img *img = open_tables(env, self->arg, write_flags(self));

    for (uint64_t t = 0; t < self->arg; t++)
        must_write(img, SECTOR, in_table(t, 0));
    for (uint64_t t = 0; t < self->arg; t += 5)
        must_write(img, SECTOR, in_table(t, 1));
    if (write_flags(self) == ADDCOW_OPEN_WRITE)
        must_flush(img);
    expect_all_durable(env, "FLS-5", 0);
    must_close(img);
    expect_in_order(env, "FLS-13", img);
}

/* Eviction by reads, with a table that is dirty. */
static void evicted_by_reads(struct env *env, const struct conf_case *self)
{
    struct img *img = open_tables(env, self->arg, ADDCOW_OPEN_WRITE);

    must_write(img, SECTOR, in_table(0, 0));
    must_write(img, SECTOR, in_table(1, 7));
    for (uint64_t t = 2; t < self->arg; t++)
        expect_guest(img, "FLS-13", SECTOR, in_table(t, 3));
    expect_guest(img, "FLS-13", 2 * CLUSTER, in_table(0, 0));
    must_write(img, SECTOR, in_table(0, 1));
    must_flush(img);
    expect_all_durable(env, "FLS-5", 0);
    must_close(img);
    expect_in_order(env, "FLS-13", img);
}

/* What was flushed and written for an eviction is no reason to omit the
 * flush of what came after. */
static void overwritten_after_eviction(struct env *env,
                                       const struct conf_case *self)
{
    struct img *img = open_tables(env, self->arg, ADDCOW_OPEN_WRITE);
    size_t mark;

    for (uint64_t t = 0; t < self->arg; t++)
        must_write(img, SECTOR, in_table(t, 0));
    mark = n_events(env);
    must_write(img, SECTOR, in_table(0, 0) + SECTOR);
    must_write(img, SECTOR, in_table(1, 0) + SECTOR);
    must_flush(img);
    expect_flushed(env, "FLS-11", IMAGE_NAME, mark);
    expect_all_durable(env, "FLS-11", 0);
    must_close(img);
    expect_in_order(env, "FLS-13", img);
}

static void tables_at_random(struct env *env, const struct conf_case *self)
{
    uint64_t n = self->arg;
    struct img *img = open_tables(env, n, ADDCOW_OPEN_WRITE);

    for (unsigned i = 0; i < 150; i++) {
        uint64_t offset = in_table(rng_below(env, n), rng_below(env, 2));

        if (rng_below(env, 3) == 0)
            expect_guest(img, "FLS-13", SECTOR, offset);
        else
            must_write(img, SECTOR, offset + rng_below(env, 128) * SECTOR);
        if (rng_below(env, 40) == 0)
            must_flush(img);
    }
    img = reopen(env, img, 0);
    expect_guest_tables(env, img, n);
    must_close(img);
    expect_in_order(env, "FLS-13", img);
}

/* ---- FLS-19: nothing to flush ------------------------------------------- */

static void reading_only(struct env *env, const struct conf_case *self)
{
    struct snapshot *s;
    struct img *img;

    (void)self;
    mixed_image(env);
    s = take_snapshot(env);
    img = open_image(env, 0);
    expect_ok(env, "FLS-19", img_flush(img));
    expect_guest_all(img, "FLS-19");
    expect_ok(env, "FLS-19", img_flush(img));
    must_close(img);
    expect_nothing_changed(env, "FLS-19", s);
}

const struct conf_case cases_fls_order[] = {
    {"fls/order-of-a-sector",
     "The bit of a cluster written in part follows a flush of its data",
     "FLS-1", HOST | WRITE, .run = one_write, .offset = 4 * CLUSTER + SECTOR,
     .len = 512},
    {"fls/order-of-a-cluster",
     "The bit of a cluster written whole follows a flush of its data", "FLS-1",
     HOST | WRITE, .run = one_write, .offset = 4 * CLUSTER, .len = 65536},
    {"fls/order-of-a-run",
     "The bits of a run follow a flush of all of its data", "FLS-1",
     HOST | WRITE, .run = one_write, .offset = 4 * CLUSTER - SECTOR,
     .len = 4 * 65536},
    {"fls/order-over-a-byte-boundary",
     "The bits of clusters 7 and 8 follow a flush of their data", "FLS-1",
     HOST | WRITE, .run = one_write, .offset = 8 * CLUSTER - SECTOR,
     .len = 1024},
    {"fls/order-where-the-backing-file-ends",
     "The bit of a cluster filled up with zeros follows a flush of them",
     "FLS-1", HOST | WRITE, .run = one_write,
     .offset = 18 * CLUSTER + 9 * SECTOR, .len = 512},
    {"fls/order-of-the-last-cluster",
     "The bit of the clipped cluster follows a flush of its data", "FLS-1",
     HOST | WRITE, .run = one_write, .offset = 20 * CLUSTER + SECTOR,
     .len = 512},
    {"fls/order-through-a-sector",
     "The order holds for a sector under writethrough", "FLS-1",
     HOST | THROUGH, .run = one_write_through, .offset = 4 * CLUSTER + SECTOR,
     .len = 512},
    {"fls/order-through-a-run", "The order holds for a run under writethrough",
     "FLS-1", HOST | THROUGH, .run = one_write_through,
     .offset = 4 * CLUSTER - SECTOR, .len = 4 * 65536},
    {"fls/order-without-backing",
     "The zeros of an image without backing are flushed before the bit",
     "FLS-1", HOST | WRITE, .run = without_backing},
    {"fls/order-of-neighbours",
     "A bit written before does not let its neighbour go first", "FLS-1",
     HOST | WRITE, .run = neighbour_after_flush},
    {"fls/order-of-every-cluster",
     "The order holds for every cluster of a disk", "FLS-1", HOST | WRITE,
     .run = every_cluster, .arg = ADDCOW_OPEN_WRITE},
    {"fls/order-of-every-cluster-through",
     "The order holds for every cluster under writethrough", "FLS-1",
     HOST | THROUGH, .run = every_cluster, .arg = BOTH_FLAGS},
    {"fls/order-over-handles", "The order holds on each of several handles",
     "FLS-1", HOST | WRITE, .run = order_over_handles},

    {"fls/seventeen-tables",
     "Bits of 17 tables of 64 KiB follow a flush of their data",
     "FLS-13 FLS-5", HOST | WRITE, .run = tables_in_turn, .arg = 17},
    {"fls/thirty-three-tables",
     "Bits of 33 tables of 64 KiB follow a flush of their data",
     "FLS-13 FLS-5", HOST | WRITE, .run = tables_in_turn, .arg = 33},
    {"fls/sixty-five-tables",
     "Bits of 65 tables of 64 KiB follow a flush of their data",
     "FLS-13 FLS-5", HOST | WRITE, .run = tables_in_turn, .arg = 65},
    {"fls/thirty-three-tables-through",
     "33 tables of 64 KiB are in order under writethrough", "FLS-13 FLS-5",
     HOST | THROUGH, .run = tables_in_turn, .arg = 33},
    {"fls/tables-evicted-by-reads",
     "Pending bits that reads push out follow a flush of their data",
     "FLS-13 FLS-5", HOST | WRITE, .run = evicted_by_reads, .arg = 66},
    {"fls/overwrite-after-eviction",
     "An overwrite of a cluster whose bit was given up is flushed",
     "FLS-13 FLS-11", HOST | WRITE, .run = overwritten_after_eviction,
     .arg = 20},
    {"fls/overwrite-after-eviction-of-many",
     "An overwrite after 66 tables is flushed", "FLS-13 FLS-11", HOST | WRITE,
     .run = overwritten_after_eviction, .arg = 66},
    {"fls/eighteen-tables-at-random",
     "Writes and reads all over 18 tables lose no bit", "FLS-13", HOST | WRITE,
     .run = tables_at_random, .arg = 18},
    {"fls/forty-tables-at-random",
     "Writes and reads all over 40 tables lose no bit", "FLS-13", HOST | WRITE,
     .run = tables_at_random, .arg = 40},

    {"fls/opened-for-reading-only",
     "A flush of an image opened for reading only succeeds", "FLS-19", WRITE,
     .run = reading_only},
    {0}};
