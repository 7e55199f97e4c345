/* SPDX-License-Identifier: MIT
 *
 * wr_discard.c - chapters 8 and 9 of the specification: a discard is held to
 * what writes are held to.  It may change nothing; what it does change is
 * ordered, flushed and refused as a write is.
 *
 * Deliberately missing: what the guest reads after a discard (wr_limits.c).
 */
#include "all.h"
#include "steps/guest.h"

#define HOST ADDCOW_CAP_HOST
#define DISCARD (ADDCOW_CAP_WRITE | ADDCOW_CAP_DISCARD)

static const uint64_t some[] = {1, 2, END_OF_LIST};

static struct oracle *small_image(struct env *env)
{
    return make_image(env, &(struct image_recipe){.image_size = SMALL_SIZE,
                                                  .backing_size = SMALL_SIZE,
                                                  .set = some});
}

/* The first flush of a handle covers both files anyway (FLS-16): it comes
 * before the discard. */
static struct img *open_and_flush(struct env *env)
{
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

    must_flush(img);
    return img;
}

/* ---- FLS-1, FLS-5, FLS-11 ----------------------------------------------- */

static void in_order(struct env *env, const struct conf_case *self)
{
    struct img *img;

    small_image(env);
    img = open_and_flush(env);
    expect_ok(env, "FLS-5", img_discard(img, self->len, self->offset));
    must_flush(img);
    must_close(img);
    expect_bit_order(img, "FLS-1");
    expect_flush_covers(img, "FLS-5");
    img = open_image(env, 0);
    expect_guest_all(img, "FLS-1");
    must_close(img);
}

/* ---- WR-11, WR-12, WR-21 ------------------------------------------------ */

/* The guest reads what it did, also when the image is opened again. */
static void expect_same(struct env *env, struct img *img, const char *clause)
{
    expect_guest_all(img, clause);
    must_close(img);
    img = open_image(env, 0);
    expect_guest_all(img, clause);
    must_close(img);
}

/* The image file has ARG bytes. */
static void past_end(struct env *env, const struct conf_case *self)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = 20 * CLUSTER});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_refused(
        env, "WR-11", img_discard(img, self->len, self->offset), ADDCOW_RANGE,
        must_serve(env, self->len, self->offset) ? 0 : ADDCOW_INVALID, 0);
    expect_same(env, img, "WR-11");
}

static void nothing(struct env *env, const struct conf_case *self)
{
    struct img *img;

    small_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_ok(env, "WR-12", img_discard(img, 0, self->arg));
    expect_same(env, img, "WR-12");
}

static void read_only(struct env *env, const struct conf_case *self)
{
    struct snapshot *s;
    struct img *img;

    small_image(env);
    s = take_snapshot(env);
    img = open_image(env, 0);
    expect_refused(env, "WR-21", img_discard(img, self->len, self->offset),
                   ADDCOW_READ_ONLY, 0);
    expect_guest_all(img, "WR-21");
    must_close(img);
    expect_nothing_changed(env, "WR-21", s);
}

/* ---- WR-19: what is zero already ---------------------------------------- */

/* Without a backing file the discarded clusters are zeros before and after;
 * their bits may be 0 or 1. */
static void zeros_discarded(struct env *env, const struct conf_case *self)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = SMALL_SIZE,
                                           .no_backing = 1,
                                           .set = some});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_ok(env, "WR-19", img_discard(img, self->len, self->offset));
    expect_guest_all(img, "WR-19");
    must_close(img);
    expect_bitmap(env, "WR-19", ADDCOW_NAME, oracle_of(img));
    img = open_again(env, img, 0);
    expect_guest_all(img, "WR-19");
    must_close(img);
}

/* ---- IMPL-7: a discard of nothing, opened for reading only -------------- */

static char discard_nothing(struct env *env, struct img *img, uint64_t offset)
{
    int result = img_discard(img, 0, offset);

    if (result == ADDCOW_OK)
        return 'a';
    expect_refused(env, "IMPL-7", result, ADDCOW_READ_ONLY, 0);
    return 'b';
}

static void nothing_read_only(struct env *env, const struct conf_case *self)
{
    char declared = choice_of(env, "IMPL-7");
    struct img *img;
    char seen;

    (void)self;
    small_image(env);
    img = open_image(env, 0);
    seen = discard_nothing(env, img, 0);
    expect_true(env, "IMPL-7", "a discard of zero bytes ends as was declared",
                !declared || declared == seen);
    expect_true(env, "IMPL-7", "it ends in one way at every offset",
                discard_nothing(env, img, SMALL_SIZE) == seen);
    must_close(img);
}

const struct conf_case cases_wr_discard[] = {
    {"fls/discard-of-an-allocated-cluster",
     "What a discard changes of allocated clusters is flushed", "FLS-5 FLS-1",
     HOST | DISCARD, .run = in_order, .offset = CLUSTER, .len = 2 * 65536},
    {"fls/discard-of-unallocated-clusters",
     "Bits that a discard makes 1 follow its data", "FLS-1 FLS-5",
     HOST | DISCARD, .run = in_order, .offset = 3 * CLUSTER, .len = 3 * 65536},
    {"fls/discard-of-the-disk", "So do those of the whole disk", "FLS-1 FLS-5",
     HOST | DISCARD, .run = in_order, .len = SMALL_SIZE},

    {"wr/discard-refused-disk-and-a-sector",
     "A discard of the disk and a sector more is refused", "WR-11",
     DISCARD | CASE_REFUSES, .run = past_end, .arg = SMALL_SIZE,
     .len = SMALL_SIZE + SECTOR},
    {"wr/discard-refused-nothing-beyond-the-end",
     "A discard of zero bytes beyond the virtual size is refused", "WR-11",
     DISCARD | CASE_REFUSES, .run = past_end, .arg = SMALL_SIZE,
     .offset = SMALL_SIZE + SECTOR},
    {"wr/discard-refused-where-the-sum-wraps",
     "A discard whose end passes 2^64 is refused", "WR-11",
     DISCARD | CASE_REFUSES, .run = past_end, .arg = SMALL_SIZE,
     .offset = UINT64_MAX - SECTOR + 1, .len = 2 * SECTOR},
    {"wr/discard-refused-where-the-sum-is-2-to-the-64",
     "A discard whose end is 2^64 is refused", "WR-11", DISCARD | CASE_REFUSES,
     .run = past_end, .arg = SMALL_SIZE, .offset = UINT64_MAX - SECTOR + 1,
     .len = SECTOR},
    {"wr/discard-refused-where-the-sum-wraps-into-the-disk",
     "A discard whose end wraps into the disk is refused", "WR-11",
     DISCARD | CASE_REFUSES, .run = past_end, .arg = SMALL_SIZE,
     .offset = UINT64_MAX - CLUSTER + 1, .len = 4 * CLUSTER},

    {"wr/discard-of-nothing-at-the-start",
     "A discard of zero bytes at 0 succeeds", "WR-12", DISCARD,
     .run = nothing},
    {"wr/discard-of-nothing-at-the-end",
     "A discard of zero bytes at the virtual size succeeds", "WR-12", DISCARD,
     .run = nothing, .arg = SMALL_SIZE},

    {"wr/discard-read-only",
     "A discard of an image opened for reading only is refused", "WR-21",
     DISCARD | CASE_REFUSES, .run = read_only, .offset = 4 * CLUSTER,
     .len = 65536},
    {"wr/discard-read-only-of-an-allocated-cluster",
     "So is one of an allocated cluster", "WR-21", DISCARD | CASE_REFUSES,
     .run = read_only, .offset = CLUSTER, .len = 512},

    {"wr/discard-of-zeros-without-a-backing-file",
     "A discard of what is zero already changes nothing", "WR-19", DISCARD,
     .run = zeros_discarded, .offset = 3 * CLUSTER, .len = 3 * 65536},
    {"impl/discard-of-nothing-read-only",
     "A discard of zero bytes, opened for reading, ends as declared", "IMPL-7",
     DISCARD, .run = nothing_read_only},
    {0}};
