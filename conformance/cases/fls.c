/* SPDX-License-Identifier: MIT
 *
 * fls.c - chapter 9 of the specification: what a flush and a close do.
 *
 * Deliberately missing: order and eviction (fls_order.c), a host that fails
 * (fls_fail.c), and flushes beside writes (concurrent.c).
 */
#include "all.h"
#include "steps/flushes.h"
#include "steps/guest.h"

#define HOST ADDCOW_CAP_HOST
#define WRITE ADDCOW_CAP_WRITE
#define THROUGH (ADDCOW_CAP_WRITE | ADDCOW_CAP_WRITETHROUGH)
#define TABLE UINT64_C(524288) /* clusters in 64 KiB of bitmap */

/* ---- FLS-3: the data of a write ----------------------------------------- */

static void data_at_once(struct env *env, const struct conf_case *self)
{
    struct img *img;

    mixed_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, self->len, self->offset);
    expect_image_file(env, "FLS-3", img, self->len, self->offset);
    must_close(img);
}

/* ---- FLS-4: writethrough ------------------------------------------------ */

/* The host is asked for nothing more after the write returned. */
static void through(struct env *env, const struct conf_case *self)
{
    struct oracle *o = mixed_image(env);
    struct img *img = open_image(env, BOTH_FLAGS);
    size_t mark = n_events(env);

    must_write(img, self->len, self->offset);
    expect_all_durable(env, "FLS-4", mark);
    expect_flushed(env, "FLS-4", IMAGE_NAME, mark);
    expect_bitmap(env, "FLS-4", ADDCOW_NAME, o);
    expect_image_file(env, "FLS-4", img, self->len, self->offset);
    must_close(img);
    expect_bit_order(img, "FLS-1");
}

static void through_twice(struct env *env, const struct conf_case *self)
{
    struct oracle *o = mixed_image(env);
    struct img *img = open_image(env, BOTH_FLAGS);
    size_t mark;

    (void)self;
    for (unsigned i = 0; i < 4; i++) {
        mark = n_events(env);
        must_write(img, SECTOR, 4 * CLUSTER + i * 3 * SECTOR);
        expect_flushed(env, "FLS-4", IMAGE_NAME, mark);
        expect_all_durable(env, "FLS-4", 0);
        expect_bitmap(env, "FLS-4", ADDCOW_NAME, o);
    }
    must_close(img);
}

static void through_zeros(struct env *env, const struct conf_case *self)
{
    struct oracle *o = mixed_image(env);
    struct img *img = open_image(env, BOTH_FLAGS);

    (void)self;
    expect_ok(env, "FLS-4", write_zeros(img, CLUSTER, 4 * CLUSTER));
    expect_all_durable(env, "FLS-4", 0);
    expect_bitmap(env, "FLS-4", ADDCOW_NAME, o);
    must_close(img);
}

/* ---- FLS-5: flush ------------------------------------------------------- */

static void flushed(struct env *env, const struct conf_case *self)
{
    struct oracle *o = mixed_image(env);
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

    must_write(img, self->len, self->offset);
    must_flush(img);
    expect_all_durable(env, "FLS-5", 0);
    expect_bitmap(env, "FLS-5", ADDCOW_NAME, o);
    expect_image_file(env, "FLS-5", img, self->len, self->offset);
    must_close(img);
    expect_flush_covers(img, "FLS-5");
}

static void many_flushes(struct env *env, const struct conf_case *self)
{
    struct oracle *o = mixed_image(env);
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

    (void)self;
    for (uint64_t c = 0; c <= 20; c++) {
        must_write(img, SECTOR, c * CLUSTER);
        if (c % 3 != 0)
            continue;
        must_flush(img);
        expect_all_durable(env, "FLS-5", 0);
        expect_bitmap(env, "FLS-5", ADDCOW_NAME, o);
    }
    must_close(img);
    expect_flush_covers(img, "FLS-5");
    expect_bitmap(env, "FLS-5", ADDCOW_NAME, o);
}

static void flush_over_the_table_boundary(struct env *env,
                                          const struct conf_case *self)
{
    uint64_t size = (TABLE + 2) * CLUSTER;
    struct oracle *o = make_image(
        env, &(struct image_recipe){.image_size = size, .backing_size = size});
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

    (void)self;
    must_write(img, 2 * SECTOR, TABLE * CLUSTER - SECTOR);
    must_flush(img);
    expect_all_durable(env, "FLS-5", 0);
    expect_bit(env, "FLS-5", ADDCOW_NAME, TABLE - 1, 1);
    expect_bit(env, "FLS-5", ADDCOW_NAME, TABLE, 1);
    expect_bitmap(env, "FLS-5", ADDCOW_NAME, o);
    must_close(img);
}

/* ---- FLS-11: no flush is omitted ---------------------------------------- */

/* An allocated cluster is no excuse. */
static void overwrite_is_flushed(struct env *env, const struct conf_case *self)
{
    struct img *img;
    size_t mark;

    mixed_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_flush(img);
    if (self->arg)
        must_write(img, SECTOR, self->arg * CLUSTER);
    must_flush(img);
    mark = n_events(env);
    must_write(img, SECTOR, (self->arg ? self->arg : 1) * CLUSTER);
    must_flush(img);
    expect_flushed(env, "FLS-11", IMAGE_NAME, mark);
    expect_all_durable(env, "FLS-11", 0);
    must_close(img);
}

/* Cluster 1 is overwritten in a handle whose first flush is done.  *MARK is
 * the event that follows that flush. */
static struct img *overwrite(struct env *env, uint32_t flags, size_t *mark)
{
    struct img *img;

    mixed_image(env);
    img = open_image(env, flags);
    must_flush(img);
    *mark = n_events(env);
    must_write(img, SECTOR, CLUSTER);
    return img;
}

static void overwrite_is_flushed_by_close(struct env *env,
                                          const struct conf_case *self)
{
    size_t mark;

    (void)self;
    must_close(overwrite(env, ADDCOW_OPEN_WRITE, &mark));
    expect_flushed(env, "FLS-11", IMAGE_NAME, mark);
    expect_all_durable(env, "FLS-14", 0);
}

static void overwrite_is_flushed_through(struct env *env,
                                         const struct conf_case *self)
{
    size_t mark;
    struct img *img = overwrite(env, BOTH_FLAGS, &mark);

    (void)self;
    expect_flushed(env, "FLS-11", IMAGE_NAME, mark);
    expect_all_durable(env, "FLS-11", 0);
    must_close(img);
}

/* ---- FLS-12, FLS-17: cost ----------------------------------------------- */

/* What was written may be written again by a flush or a close, which then
 * has something to flush. */
static void idle_flush(struct env *env, const struct conf_case *self)
{
    struct img *img;
    size_t mark;

    (void)self;
    mixed_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, 0);
    must_flush(img);
    mark = n_events(env);
    must_flush(img);
    must_close(img);
    expect_no_idle_flush(env, "FLS-12", IMAGE_NAME, mark);
    expect_no_idle_flush(env, "FLS-12", ADDCOW_NAME, mark);
}

static void no_bits_no_flush(struct env *env, const struct conf_case *self)
{
    size_t mark;
    struct img *img = overwrite(env, ADDCOW_OPEN_WRITE, &mark);

    (void)self;
    must_flush(img);
    expect_no_idle_flush(env, "FLS-12", ADDCOW_NAME, mark);
    must_close(img);
}

/* What the writes flushed for themselves does not count. */
static void one_flush_each(struct env *env, const struct conf_case *self)
{
    uint64_t size = 33 * GIB;
    struct img *img;
    size_t mark;

    make_image(
        env, &(struct image_recipe){.image_size = size, .backing_size = size});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_flush(img);
    for (uint64_t i = 0; i < 12; i++)
        must_write(img, SECTOR, i * self->arg * CLUSTER);
    mark = n_events(env);
    must_flush(img);
    expect_true(env, "FLS-17", "one flush of the image file is enough",
                host_calls(env, EV_FLUSH, IMAGE_NAME, mark) <= 1);
    expect_true(env, "FLS-17", "one flush of the add-cow file is enough",
                host_calls(env, EV_FLUSH, ADDCOW_NAME, mark) <= 1);
    expect_all_durable(env, "FLS-5", 0);
    must_close(img);
}

/* ---- FLS-14, FLS-15: close ---------------------------------------------- */

static void close_flushes(struct env *env, const struct conf_case *self)
{
    struct oracle *o = mixed_image(env);
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

    must_write(img, self->len, self->offset);
    expect_ok(env, "FLS-14", img_close(img));
    expect_all_durable(env, "FLS-14", 0);
    expect_bitmap(env, "FLS-14", ADDCOW_NAME, o);
    expect_bit_order(img, "FLS-1");
    img = open_image(env, 0);
    img_track(img, o);
    expect_guest_all(img, "FLS-14");
    must_close(img);
}

static void close_after_flush(struct env *env, const struct conf_case *self)
{
    struct oracle *o = mixed_image(env);
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

    (void)self;
    must_write(img, SECTOR, 0);
    must_flush(img);
    must_write(img, SECTOR, 4 * CLUSTER);
    must_write(img, SECTOR, SECTOR);
    expect_ok(env, "FLS-14", img_close(img));
    expect_all_durable(env, "FLS-14", 0);
    expect_bitmap(env, "FLS-14", ADDCOW_NAME, o);
}

static void close_closes(struct env *env, const struct conf_case *self)
{
    struct img *img;

    mixed_image(env);
    for (unsigned i = 0; i < 3; i++) {
        size_t opened = 0;
        size_t mark = n_events(env);

        img = open_image(env, (uint32_t)self->arg);
        expect_guest(img, "FLS-15", CLUSTER, 0);
        if (self->arg)
            must_write(img, SECTOR, i * 5 * CLUSTER);
        expect_ok(env, "FLS-15", img_close(img));
        for (size_t k = mark; k < n_events(env); k++) {
            const struct event *e = event_at(env, k);

            opened += e->kind == EV_OPEN && e->result == ADDCOW_OK;
        }
        expect_u64(env, "FLS-15", "files closed of those opened",
                   host_calls(env, EV_CLOSE, NULL, mark), opened);
    }
}

/* ---- FLS-16: the first flush -------------------------------------------- */

/* ARG: 1, after an overwrite; 2, after a read. */
static void first_flush(struct env *env, const struct conf_case *self)
{
    struct img *img;
    size_t mark;

    mixed_image(env);
    mark = n_events(env);
    img = open_image(env, write_flags(self));
    if (self->arg == 1)
        must_write(img, SECTOR, CLUSTER);
    if (self->arg == 2)
        expect_guest(img, "FLS-16", CLUSTER, 0);
    expect_ok(env, "FLS-16", img_flush(img));
    expect_flushed(env, "FLS-16", IMAGE_NAME, mark);
    expect_flushed(env, "FLS-16", ADDCOW_NAME, mark);
    must_close(img);
}

static void first_flush_is_a_close(struct env *env,
                                   const struct conf_case *self)
{
    struct img *img;
    size_t mark;

    mixed_image(env);
    mark = n_events(env);
    img = open_image(env, write_flags(self));
    expect_ok(env, "FLS-14", img_close(img));
    expect_flushed(env, "FLS-14", IMAGE_NAME, mark);
    expect_flushed(env, "FLS-16", ADDCOW_NAME, mark);
}

static void first_flush_of_each_handle(struct env *env,
                                       const struct conf_case *self)
{
    struct img *img;
    size_t mark;

    (void)self;
    mixed_image(env);
    for (unsigned i = 0; i < 3; i++) {
        mark = n_events(env); /* an open may flush, too */
        img = open_image(env, ADDCOW_OPEN_WRITE);
        must_flush(img);
        expect_flushed(env, "FLS-16", IMAGE_NAME, mark);
        expect_flushed(env, "FLS-16", ADDCOW_NAME, mark);
        must_close(img);
    }
}

/* ---- FLS-18: bits that share a byte or a sector ------------------------- */

/* CLUSTER and its neighbours are written and flushed one by one. */
static void neighbours(struct env *env, const struct conf_case *self)
{
    uint64_t size = 8200 * CLUSTER;
    struct oracle *o = make_image(
        env, &(struct image_recipe){.image_size = size, .backing_size = size});
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

    for (uint64_t c = self->arg; c < self->arg + 4; c++) {
        must_write(img, SECTOR, c * CLUSTER);
        must_flush(img);
        expect_bitmap(env, "FLS-18", ADDCOW_NAME, o);
    }
    img = reopen(env, img, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, (self->arg + 5) * CLUSTER);
    must_close(img);
    expect_bitmap(env, "FLS-18", ADDCOW_NAME, o);
}

/* Bits of one byte, two made 1 before a flush and two after. */
static void one_byte_in_turns(struct env *env, const struct conf_case *self)
{
    struct oracle *o = mixed_image(env);
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

    (void)self;
    must_write(img, SECTOR, 7 * CLUSTER);
    must_write(img, SECTOR, 0);
    must_flush(img);
    must_write(img, SECTOR, 5 * CLUSTER);
    must_write(img, SECTOR, 15 * CLUSTER);
    must_flush(img);
    must_write(img, SECTOR, 3 * CLUSTER);
    must_close(img);
    expect_bitmap(env, "FLS-18", ADDCOW_NAME, o);
}

const struct conf_case cases_fls[] = {
    {"fls/data-at-once-to-an-unallocated-cluster",
     "The data of a write is in the image file when it returns", "FLS-3",
     WRITE, .run = data_at_once, .offset = 4 * CLUSTER + SECTOR, .len = 512},
    {"fls/data-at-once-to-an-allocated-cluster",
     "The data of an overwrite is in the image file when it returns", "FLS-3",
     WRITE, .run = data_at_once, .offset = CLUSTER + SECTOR, .len = 512},

    {"fls/through-a-sector", "A sector is durable under writethrough",
     "FLS-4 FLS-1", HOST | THROUGH, .run = through,
     .offset = 4 * CLUSTER + SECTOR, .len = 512},
    {"fls/through-a-cluster", "A whole cluster is durable under writethrough",
     "FLS-4 FLS-1", HOST | THROUGH, .run = through, .offset = 4 * CLUSTER,
     .len = 65536},
    {"fls/through-two-clusters",
     "Two clusters in part are durable under writethrough", "FLS-4 FLS-1",
     HOST | THROUGH, .run = through, .offset = 8 * CLUSTER - SECTOR,
     .len = 1024},
    {"fls/through-an-allocated-cluster",
     "An overwrite is durable under writethrough", "FLS-4 FLS-1",
     HOST | THROUGH, .run = through, .offset = CLUSTER + SECTOR, .len = 512},
    {"fls/through-both-states",
     "A write over both states is durable under writethrough", "FLS-4 FLS-1",
     HOST | THROUGH, .run = through, .offset = 2 * CLUSTER + SECTOR,
     .len = 2 * 65536},
    {"fls/through-the-last-cluster",
     "The clipped cluster is durable under writethrough", "FLS-4 FLS-1",
     HOST | THROUGH, .run = through, .offset = 20 * CLUSTER + SECTOR,
     .len = 512},
    {"fls/through-again-and-again",
     "Each of several writes to a cluster is durable under writethrough",
     "FLS-4", HOST | THROUGH, .run = through_twice},
    {"fls/through-zeros", "Zeros are durable under writethrough", "FLS-4",
     HOST | THROUGH, .run = through_zeros},

    {"fls/flush-a-sector", "A flush makes a sector durable", "FLS-5",
     HOST | WRITE, .run = flushed, .offset = 4 * CLUSTER + SECTOR, .len = 512},
    {"fls/flush-a-cluster", "A flush makes a whole cluster durable", "FLS-5",
     HOST | WRITE, .run = flushed, .offset = 4 * CLUSTER, .len = 65536},
    {"fls/flush-an-overwrite", "A flush makes an overwrite durable", "FLS-5",
     HOST | WRITE, .run = flushed, .offset = CLUSTER + SECTOR, .len = 512},
    {"fls/flush-both-states", "A flush makes a write over both states durable",
     "FLS-5", HOST | WRITE, .run = flushed, .offset = 2 * CLUSTER + SECTOR,
     .len = 2 * 65536},
    {"fls/flush-the-last-cluster", "A flush makes the clipped cluster durable",
     "FLS-5", HOST | WRITE, .run = flushed, .offset = 20 * CLUSTER,
     .len = 512},
    {"fls/flush-again-and-again", "Each flush makes durable what came before",
     "FLS-5", HOST | WRITE, .run = many_flushes},
    {"fls/flush-over-the-table-boundary",
     "A flush makes clusters 524287 and 524288 durable", "FLS-5", HOST | WRITE,
     .run = flush_over_the_table_boundary},

    {"fls/overwrite-of-a-cluster-allocated-at-open",
     "A flush after an overwrite flushes the image file", "FLS-11",
     HOST | WRITE, .run = overwrite_is_flushed},
    {"fls/overwrite-of-a-cluster-allocated-since",
     "A flush after an overwrite of a new cluster flushes the image file",
     "FLS-11", HOST | WRITE, .run = overwrite_is_flushed, .arg = 4},
    {"fls/overwrite-then-close",
     "A close after an overwrite flushes the image file", "FLS-11 FLS-14",
     HOST | WRITE, .run = overwrite_is_flushed_by_close},
    {"fls/overwrite-under-writethrough",
     "An overwrite under writethrough flushes the image file", "FLS-11",
     HOST | THROUGH, .run = overwrite_is_flushed_through},

    {"fls/idle-flush-costs-nothing",
     "A flush with nothing written since the last flushes no file", "FLS-12",
     HOST | WRITE, .run = idle_flush},
    {"fls/no-bits-no-flush-of-the-add-cow-file",
     "A flush after an overwrite does not flush the add-cow file", "FLS-12",
     HOST | WRITE, .run = no_bits_no_flush},
    {"fls/one-flush-for-twelve-clusters",
     "Twelve pending clusters cost one flush of each file", "FLS-17 FLS-5",
     HOST | WRITE, .run = one_flush_each, .arg = 3},
    {"fls/one-flush-for-two-tables",
     "Pending clusters of two tables cost one flush of each file",
     "FLS-17 FLS-5", HOST | WRITE, .run = one_flush_each, .arg = 48000},

    {"fls/close-flushes-a-sector", "A close makes a sector durable",
     "FLS-14 FLS-1", HOST | WRITE, .run = close_flushes,
     .offset = 4 * CLUSTER + SECTOR, .len = 512},
    {"fls/close-flushes-two-clusters", "A close makes two clusters durable",
     "FLS-14 FLS-1", HOST | WRITE, .run = close_flushes,
     .offset = 8 * CLUSTER - SECTOR, .len = 1024},
    {"fls/close-flushes-the-last-cluster",
     "A close makes the clipped cluster durable", "FLS-14 FLS-1", HOST | WRITE,
     .run = close_flushes, .offset = 20 * CLUSTER + SECTOR, .len = 512},
    {"fls/close-after-flush",
     "A close makes durable what came after the last flush", "FLS-14",
     HOST | WRITE, .run = close_after_flush},
    {"fls/close-closes", "A close of a writer closes every file", "FLS-15",
     HOST | WRITE, .run = close_closes, .arg = ADDCOW_OPEN_WRITE},
    {"fls/close-of-a-reader-closes", "A close of a reader closes every file",
     "FLS-15", HOST | WRITE, .run = close_closes},

    {"fls/first-flush", "The first flush flushes both files", "FLS-16",
     HOST | WRITE, .run = first_flush},
    {"fls/first-flush-after-an-overwrite",
     "The first flush after an overwrite flushes both files", "FLS-16",
     HOST | WRITE, .run = first_flush, .arg = 1},
    {"fls/first-flush-after-a-read",
     "The first flush after a read flushes both files", "FLS-16", HOST | WRITE,
     .run = first_flush, .arg = 2},
    {"fls/first-flush-is-a-close", "A close as first flush flushes both files",
     "FLS-16 FLS-14", HOST | WRITE, .run = first_flush_is_a_close},
    {"fls/first-flush-is-a-close-under-writethrough",
     "A close under writethrough as first flush flushes both files",
     "FLS-14 FLS-16", HOST | THROUGH, .run = first_flush_is_a_close},
    {"fls/first-flush-of-each-handle",
     "The first flush of each handle flushes both files", "FLS-16",
     HOST | WRITE, .run = first_flush_of_each_handle},
    {"fls/first-flush-under-writethrough",
     "The first flush under writethrough flushes both files", "FLS-16",
     HOST | THROUGH, .run = first_flush},

    {"fls/neighbours-in-the-first-byte",
     "Bits of the first byte come one by one", "FLS-18", WRITE,
     .run = neighbours},
    {"fls/neighbours-over-a-byte-boundary",
     "Bits of clusters 6 to 9 come one by one", "FLS-18", WRITE,
     .run = neighbours, .arg = 6},
    {"fls/neighbours-over-a-sector-boundary",
     "Bits over a boundary of sectors come one by one", "FLS-18", WRITE,
     .run = neighbours, .arg = 4094},
    {"fls/one-byte-in-turns", "Bits of one byte come in several flushes",
     "FLS-18", WRITE, .run = one_byte_in_turns},
    {0}};
