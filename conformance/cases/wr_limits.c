/* SPDX-License-Identifier: MIT
 *
 * wr_limits.c - chapter 8 of the specification: what a write must not do, what
 * it should not cost, and discard.
 *
 * Deliberately missing: a host that fails (wr_fail.c).
 */
#include "all.h"
#include "steps/guest.h"

#include <stdbool.h>
#include <string.h>

#define HOST ADDCOW_CAP_HOST
#define WRITE ADDCOW_CAP_WRITE
#define DISCARD (ADDCOW_CAP_WRITE | ADDCOW_CAP_DISCARD)

static struct oracle *small_image(struct env *env)
{
    static const uint64_t set[] = {1, 2, END_OF_LIST};

    return make_image(env,
                      &(struct image_recipe){.image_size = SMALL_SIZE,
                                             .backing_size = 8 * CLUSTER + 100,
                                             .set = set});
}

/* The bitmap, the image file up to the virtual size and the backing file are
 * as they were at S.  Padding of the add-cow file (BMP-10) is no effect, nor
 * is what reading in between allocated (IMPL-3 b). */
static void expect_no_effect(struct env *env, const char *clause,
                             struct snapshot *s, const uint8_t *bitmap,
                             uint64_t size)
{
    expect_unchanged(env, clause, s, BACKING_NAME);
    if (choice_of(env, "IMPL-3") != 'a')
        return;
    expect_bytes(env, clause, "bitmap", get_bitmap(env, size), bitmap,
                 (size_t)bitmap_len_of(size));
    expect_unchanged(env, clause, s, IMAGE_NAME);
}

/* ---- WR-11, WR-12: the end of the disk ---------------------------------- */

/* The image file has ARG bytes. */
static void write_past_end(struct env *env, const struct conf_case *self)
{
    struct snapshot *s;
    struct img *img;
    uint8_t *bitmap;
    int result;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = 20 * CLUSTER});
    bitmap = get_bitmap(env, self->arg);
    s = take_snapshot(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    result = write_new(img, self->len, self->offset);
    expect_refused(
        env, "WR-11", result, ADDCOW_RANGE,
        must_serve(env, self->len, self->offset) ? 0 : ADDCOW_INVALID, 0);
    expect_guest_all(img, "WR-11");
    must_close(img);
    expect_no_effect(env, "WR-11", s, bitmap, self->arg);
    img = open_image(env, 0);
    expect_guest_all(img, "WR-11");
    must_close(img);
}

static void write_up_to_end(struct env *env, const struct conf_case *self)
{
    struct img *img;

    small_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_write(env, "WR-11", img, (size_t)self->arg, SMALL_SIZE - self->arg);
    img = reopen(env, img, 0);
    expect_guest_all(img, "WR-11");
    must_close(img);
}

static void write_nothing(struct env *env, const struct conf_case *self)
{
    uint64_t size = self->text ? 0 : SMALL_SIZE;
    struct snapshot *s;
    struct img *img;
    uint8_t *bitmap;

    make_image(env, &(struct image_recipe){.image_size = size,
                                           .backing_size = 20 * CLUSTER});
    bitmap = get_bitmap(env, size);
    s = take_snapshot(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_ok(env, "WR-12", write_new(img, 0, self->arg));
    expect_guest_all(img, "WR-12");
    must_close(img);
    expect_no_effect(env, "WR-12", s, bitmap, size);
}

/* ---- WR-19: discard ----------------------------------------------------- */

/* The oracle accepts each sector of the range as it was, or as zeros. */
static void discards(struct env *env, const struct conf_case *self)
{
    struct oracle *o = small_image(env);
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);
    size_t len = self->len;
    int result;

    must_write(img, 2 * CLUSTER, 4 * CLUSTER);
    result = img_discard(img, len, self->offset);
    if (must_serve(env, len, self->offset))
        expect_ok(env, "WR-19", result);
    else
        expect_ok_or_refused(env, "WR-19", result, ADDCOW_INVALID, 0);
    expect_guest_all(img, "WR-19");
    must_flush(img);
    expect_guest_twice(env, "WR-19", img);
    expect_bitmap(env, "WR-17", ADDCOW_NAME, o);
}

static void written_after_discard(struct env *env,
                                  const struct conf_case *self)
{
    struct img *img;

    (void)self;
    small_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, CLUSTER, 4 * CLUSTER);
    expect_ok(env, "WR-19", img_discard(img, 3 * CLUSTER, 3 * CLUSTER));
    must_write(img, SECTOR, 4 * CLUSTER + SECTOR);
    must_write(img, SECTOR, 3 * CLUSTER + SECTOR);
    expect_guest_twice(env, "WR-19", img);
}

static void discard_past_end(struct env *env, const struct conf_case *self)
{
    struct img *img;

    small_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, 4 * CLUSTER);
    expect_refused(env, "WR-11", img_discard(img, self->len, self->offset),
                   ADDCOW_RANGE, 0);
    expect_guest_twice(env, "WR-19", img);
}

/* ---- WR-20: the backing file -------------------------------------------- */

static void every_operation(struct env *env, struct img *img)
{
    must_write(img, SECTOR, 0);
    must_write(img, 2 * CLUSTER, 3 * CLUSTER + SECTOR);
    must_flush(img);
    if (has_cap(env, ADDCOW_CAP_DISCARD))
        (void)img_discard(img, CLUSTER, 6 * CLUSTER);
    must_write(img, SECTOR, 9 * CLUSTER);
}

static void backing_is_kept(struct env *env, const struct conf_case *self)
{
    struct snapshot *s;
    struct img *img;

    (void)self;
    small_image(env);
    s = take_snapshot(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    every_operation(env, img);
    expect_guest_all(img, "WR-20");
    must_close(img);
    expect_unchanged(env, "WR-20", s, BACKING_NAME);
}

static void backing_read_only(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    small_image(env);
    set_read_only(env, BACKING_NAME, 1);
    img = expect_open(env, "WR-20", ADDCOW_OPEN_WRITE);
    every_operation(env, img);
    expect_guest_all(img, "WR-20");
    must_close(img);
}

static bool ends_in(const char *path, const char *name)
{
    size_t a = strlen(path);
    size_t b = strlen(name);

    return a >= b && strcmp(path + a - b, name) == 0;
}

static void backing_is_opened_for_reading(struct env *env,
                                          const struct conf_case *self)
{
    struct img *img;
    size_t mark;
    int tried = 0;

    (void)self;
    small_image(env);
    mark = n_events(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    every_operation(env, img);
    must_close(img);
    for (size_t i = mark; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (e->kind == EV_OPEN && (e->flags & ADDCOW_FILE_WRITE) &&
            ends_in(e->text, BACKING_NAME))
            tried = 1;
    }
    expect_that(env, "WR-20", "the backing file is never opened for writing",
                !tried, "it was");
    expect_u64(env, "WR-20", "writes to the backing file",
               host_calls(env, EV_WRITE, BACKING_NAME, mark), 0);
}

/* ---- WR-21: opened for reading only ------------------------------------- */

static void write_read_only(struct env *env, const struct conf_case *self)
{
    size_t len = self->len;
    uint64_t offset = self->offset;
    int outside = offset + len > SMALL_SIZE;
    struct snapshot *s;
    struct img *img;
    int other = outside ? ADDCOW_RANGE : 0;

    small_image(env);
    s = take_snapshot(env);
    img = open_image(env, 0);
    if (!must_serve(env, len, offset))
        expect_refused(env, "WR-21", write_new(img, len, offset),
                       ADDCOW_READ_ONLY, ADDCOW_INVALID, other, 0);
    else
        expect_refused(env, "WR-21", write_new(img, len, offset),
                       ADDCOW_READ_ONLY, other, 0);
    expect_guest_all(img, "WR-21");
    must_close(img);
    expect_nothing_changed(env, "WR-21", s);
}

/* ---- WR-22: the image file's length ------------------------------------- */

static void length_is_kept(struct env *env, const struct conf_case *self)
{
    uint64_t size = self->arg / SECTOR * SECTOR;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = 20 * CLUSTER});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, size - SECTOR);
    expect_u64(env, "WR-22", "length of the image file",
               file_size(env, IMAGE_NAME), self->arg);
    must_write(img, SECTOR, 0);
    must_flush(img);
    must_close(img);
    expect_u64(env, "WR-22", "length of the image file",
               file_size(env, IMAGE_NAME), self->arg);
    img = open_image(env, 0);
    expect_u64(env, "WR-22", "virtual size", img_size(img), size);
    must_close(img);
}

/* Not even for a while: the power may be cut then. */
static void length_never_changes(struct env *env, const struct conf_case *self)
{
    struct img *img;
    size_t mark;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = SMALL_SIZE + 100,
                                           .backing_size = 20 * CLUSTER});
    mark = n_events(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, 9 * CLUSTER);
    must_write(img, 2 * SECTOR, 9 * CLUSTER - SECTOR);
    must_close(img);
    expect_u64(env, "WR-22", "length of the image file",
               file_size(env, IMAGE_NAME), SMALL_SIZE + 100);
    for (size_t i = mark; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (!event_is(env, e, IMAGE_NAME))
            continue;
        if (e->kind == EV_WRITE)
            expect_that(env, "WR-22", "no write extends the image file",
                        e->offset + e->len <= SMALL_SIZE + 100, "a %s",
                        event_words(env, i));
        if (e->kind == EV_SET_SIZE)
            expect_u64(env, "WR-22", "length that is set", e->size,
                       SMALL_SIZE + 100);
    }
}

/* ---- WR-5, WR-8: cost --------------------------------------------------- */

static void whole_cluster_cost(struct env *env, const struct conf_case *self)
{
    struct img *img;
    size_t mark;

    small_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    mark = n_events(env);
    must_write(img, self->len, self->offset);
    must_flush(img);
    expect_u64(env, "WR-5", "reads of the backing file",
               host_calls(env, EV_READ, BACKING_NAME, mark), 0);
    must_close(img);
}

static void known_cluster_cost(struct env *env, const struct conf_case *self)
{
    struct img *img;
    size_t mark;

    small_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, self->arg * CLUSTER);
    must_flush(img);
    mark = n_events(env);
    must_write(img, SECTOR, self->arg * CLUSTER + SECTOR);
    expect_u64(env, "WR-8", "reads of the add-cow file",
               host_calls(env, EV_READ, ADDCOW_NAME, mark), 0);
    expect_u64(env, "WR-8", "writes to the add-cow file",
               host_calls(env, EV_WRITE, ADDCOW_NAME, mark), 0);
    must_close(img);
}

const struct conf_case cases_wr_limits[] = {
    {"wr/whole-cluster-reads-no-backing",
     "A write of a whole cluster reads nothing of the backing file", "WR-5",
     HOST | WRITE, .run = whole_cluster_cost, .offset = 3 * CLUSTER,
     .len = 65536},
    {"wr/three-whole-clusters-read-no-backing",
     "A write of three whole clusters reads nothing of the backing file",
     "WR-5", HOST | WRITE, .run = whole_cluster_cost, .offset = 3 * CLUSTER,
     .len = 3 * 65536},
    {"wr/known-cluster-costs-no-bitmap",
     "A second write to a cluster asks nothing of the add-cow file", "WR-8",
     HOST | WRITE, .run = known_cluster_cost, .arg = 4},
    {"wr/cluster-allocated-before-costs-no-bitmap",
     "A second write to a cluster that was allocated at open asks nothing",
     "WR-8", HOST | WRITE, .run = known_cluster_cost, .arg = 1},

    {"wr/refused-at-the-end", "A sector at the virtual size is refused",
     "WR-11", WRITE | CASE_REFUSES, .run = write_past_end, .arg = SMALL_SIZE,
     .offset = SMALL_SIZE, .len = SECTOR},
    {"wr/refused-over-the-end",
     "A write over the virtual size is refused whole", "WR-11",
     WRITE | CASE_REFUSES, .run = write_past_end, .arg = SMALL_SIZE,
     .offset = SMALL_SIZE - SECTOR, .len = 2 * SECTOR},
    {"wr/refused-over-the-end-from-whole-clusters",
     "Clusters before the virtual size are not written in part", "WR-11",
     WRITE | CASE_REFUSES, .run = write_past_end, .arg = SMALL_SIZE,
     .offset = SMALL_SIZE - 2 * CLUSTER, .len = 3 * CLUSTER},
    {"wr/refused-one-byte-at-the-end",
     "One byte at the virtual size is refused", "WR-11", WRITE | CASE_REFUSES,
     .run = write_past_end, .arg = SMALL_SIZE, .offset = SMALL_SIZE, .len = 1},
    {"wr/refused-two-bytes-over-the-end",
     "Two bytes over the virtual size are refused", "WR-11",
     WRITE | CASE_REFUSES, .run = write_past_end, .arg = SMALL_SIZE,
     .offset = SMALL_SIZE - 1, .len = 2},
    {"wr/refused-disk-and-a-sector", "The disk and a sector more are refused",
     "WR-11", WRITE | CASE_REFUSES, .run = write_past_end, .arg = SMALL_SIZE,
     .len = SMALL_SIZE + SECTOR},
    {"wr/refused-at-4-gib-of-a-small-disk",
     "A sector at 4 GiB of a small disk is refused", "WR-11",
     WRITE | CASE_REFUSES, .run = write_past_end, .arg = SMALL_SIZE,
     .offset = 4 * GIB, .len = SECTOR},
    {"wr/refused-where-the-sum-wraps",
     "A write whose end passes 2^64 by a sector is refused", "WR-11",
     WRITE | CASE_REFUSES, .run = write_past_end, .arg = SMALL_SIZE,
     .offset = UINT64_MAX - SECTOR + 1, .len = 2 * SECTOR},
    {"wr/refused-where-the-sum-is-2-to-the-64",
     "A write whose end is 2^64 is refused", "WR-11", WRITE | CASE_REFUSES,
     .run = write_past_end, .arg = SMALL_SIZE,
     .offset = UINT64_MAX - SECTOR + 1, .len = SECTOR},
    {"wr/refused-where-the-sum-wraps-into-the-disk",
     "A write whose end wraps into the disk is refused", "WR-11",
     WRITE | CASE_REFUSES, .run = write_past_end, .arg = SMALL_SIZE,
     .offset = UINT64_MAX - CLUSTER + 1, .len = 4 * CLUSTER},
    {"wr/refused-at-2-to-the-63", "A sector at 2^63 is refused", "WR-11",
     WRITE | CASE_REFUSES, .run = write_past_end, .arg = SMALL_SIZE,
     .offset = UINT64_C(1) << 63, .len = SECTOR},
    {"wr/refused-on-an-empty-disk", "A sector of an empty disk is refused",
     "WR-11", WRITE | CASE_REFUSES, .run = write_past_end, .len = SECTOR},
    {"wr/refused-nothing-beyond-the-end",
     "A write of zero bytes beyond the virtual size is refused", "WR-11",
     WRITE | CASE_REFUSES, .run = write_past_end, .arg = SMALL_SIZE,
     .offset = SMALL_SIZE + SECTOR},
    {"wr/refused-in-the-odd-tail",
     "The image file's tail that is no sector is refused", "WR-11",
     WRITE | CASE_REFUSES, .run = write_past_end, .arg = 3 * CLUSTER + 511,
     .offset = 3 * CLUSTER, .len = SECTOR},
    {"wr/last-sector-before-the-end", "The last sector is written", "WR-11",
     WRITE, .run = write_up_to_end, .arg = SECTOR},
    {"wr/last-byte-before-the-end", "The last byte is written", "WR-11", WRITE,
     .run = write_up_to_end, .arg = 1},
    {"wr/all-up-to-the-end", "The whole disk is written", "WR-11", WRITE,
     .run = write_up_to_end, .arg = SMALL_SIZE},
    {"wr/nothing-at-the-start", "A write of zero bytes at 0 has no effect",
     "WR-12", WRITE, .run = write_nothing},
    {"wr/nothing-inside", "A write of zero bytes inside has no effect",
     "WR-12", WRITE, .run = write_nothing, .arg = 3 * CLUSTER},
    {"wr/nothing-at-the-end",
     "A write of zero bytes at the virtual size has no effect", "WR-12", WRITE,
     .run = write_nothing, .arg = SMALL_SIZE},
    {"wr/nothing-on-an-empty-disk",
     "A write of zero bytes to an empty disk has no effect", "WR-12", WRITE,
     .run = write_nothing, .text = "empty"},

    {"wr/discard-one-cluster", "A discarded cluster is as it was or zeros",
     "WR-19 WR-17", DISCARD, .run = discards, .offset = 4 * CLUSTER,
     .len = 65536},
    {"wr/discard-one-sector", "A discarded sector is as it was or zeros",
     "WR-19 WR-17", DISCARD, .run = discards, .offset = 4 * CLUSTER + SECTOR,
     .len = 512},
    {"wr/discard-part-of-a-sector",
     "A part of a sector is discarded or the request refused", "WR-19 WR-17",
     DISCARD, .run = discards, .offset = 4 * CLUSTER + 100, .len = 1000},
    {"wr/discard-allocated-before",
     "Discarded clusters do not show the backing file again", "WR-19 WR-17",
     DISCARD, .run = discards, .offset = CLUSTER, .len = 2 * 65536},
    {"wr/discard-unallocated",
     "A discarded unallocated cluster never shows old bytes", "WR-19 WR-17",
     DISCARD, .run = discards, .offset = 7 * CLUSTER, .len = 65536},
    {"wr/discard-unallocated-in-part",
     "A sector of an unallocated cluster may be discarded", "WR-19 WR-17",
     DISCARD, .run = discards, .offset = 7 * CLUSTER + SECTOR, .len = 512},
    {"wr/discard-over-both-states",
     "A discard over both states keeps the bytes beside it", "WR-19 WR-17",
     DISCARD, .run = discards, .offset = 2 * CLUSTER + SECTOR,
     .len = 3 * 65536},
    {"wr/discard-last-cluster", "The clipped cluster may be discarded",
     "WR-19 WR-17", DISCARD, .run = discards, .offset = 9 * CLUSTER,
     .len = 512},
    {"wr/discard-whole-disk", "The whole disk may be discarded", "WR-19 WR-17",
     DISCARD, .run = discards, .len = SMALL_SIZE},
    {"wr/discard-nothing", "A discard of zero bytes has no effect",
     "WR-19 WR-17", DISCARD, .run = discards, .offset = 4 * CLUSTER},
    {"wr/written-after-discard", "What is written after a discard stays",
     "WR-19", DISCARD, .run = written_after_discard},
    {"wr/discard-refused-at-the-end",
     "A discard at the virtual size is refused without effect", "WR-11 WR-19",
     DISCARD | CASE_REFUSES, .run = discard_past_end, .offset = SMALL_SIZE,
     .len = 512},
    {"wr/discard-refused-over-the-end",
     "A discard over the virtual size is refused without effect",
     "WR-11 WR-19", DISCARD | CASE_REFUSES, .run = discard_past_end,
     .offset = 4 * CLUSTER, .len = 6 * 65536},

    {"wr/backing-is-kept", "No operation changes the backing file", "WR-20",
     WRITE, .run = backing_is_kept},
    {"wr/backing-read-only", "A read-only backing file does not matter",
     "WR-20", WRITE, .run = backing_read_only},
    {"wr/backing-is-opened-for-reading",
     "The backing file is never opened for writing", "WR-20", HOST | WRITE,
     .run = backing_is_opened_for_reading},

    {"wr/read-only-unallocated",
     "A write to an image opened for reading only is refused", "WR-21",
     WRITE | CASE_REFUSES, .run = write_read_only, .len = 512},
    {"wr/read-only-allocated",
     "A write to an allocated cluster, reading only, is refused", "WR-21",
     WRITE | CASE_REFUSES, .run = write_read_only, .offset = CLUSTER,
     .len = 65536},
    {"wr/read-only-one-byte", "One byte, reading only, is refused", "WR-21",
     WRITE | CASE_REFUSES, .run = write_read_only, .offset = 700, .len = 1},
    {"wr/read-only-last-sector", "The last sector, reading only, is refused",
     "WR-21", WRITE | CASE_REFUSES, .run = write_read_only,
     .offset = SMALL_SIZE - SECTOR, .len = 512},
    {"wr/read-only-at-the-end",
     "A write out of range, reading only, is refused", "WR-21",
     WRITE | CASE_REFUSES, .run = write_read_only, .offset = SMALL_SIZE,
     .len = 512},

    {"wr/length-is-kept",
     "A write to the clipped cluster leaves the image file's length", "WR-22",
     WRITE, .run = length_is_kept, .arg = 9 * CLUSTER + SECTOR},
    {"wr/length-is-kept-one-sector",
     "A disk of one sector leaves the image file's length", "WR-22", WRITE,
     .run = length_is_kept, .arg = SECTOR},
    {"wr/length-is-kept-513", "An image file of 513 bytes keeps its length",
     "WR-22", WRITE, .run = length_is_kept, .arg = 513},
    {"wr/length-is-kept-odd", "A length that is no multiple of 512 is kept",
     "WR-22", WRITE, .run = length_is_kept, .arg = 2 * CLUSTER + SECTOR + 1},
    {"wr/length-is-kept-of-whole-clusters", "Whole clusters keep their length",
     "WR-22", WRITE, .run = length_is_kept, .arg = 2 * CLUSTER},
    {"wr/length-never-changes",
     "The image file's length does not change in between", "WR-22",
     HOST | WRITE, .run = length_never_changes},
    {0}};
