/* SPDX-License-Identifier: MIT
 *
 * rsz_shrink.c - chapter 12, Resize: shrinking, growth after it, and writes
 * that are pending.
 */
#include "all.h"
#include "steps/resize.h"

/* ---- Shrinking: RSZ-4, RSZ-9, RSZ-10 ------------------------------------ */

/* An image of ten clusters and a sector with a write in each cluster. */
#define WRITTEN_SIZE (10 * CLUSTER + 512)

static struct img *open_written(struct env *env, uint64_t backing_size)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = WRITTEN_SIZE,
                                           .backing_size = backing_size});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    for (uint64_t c = 0; c < clusters_of(WRITTEN_SIZE); c++)
        must_write(img, 512, c * CLUSTER);
    return img;
}

static void check_shrunk(struct img *img, struct env *env, uint64_t size)
{
    expect_u64(env, "RSZ-4", "virtual size", img_size(img), size);
    expect_lengths(env, "RSZ-4", size);
    expect_guest_all(img, "RSZ-10");
}

/* ARG is the new size. */
static void shrink(struct env *env, const struct conf_case *self)
{
    struct img *img = open_written(env, 20 * CLUSTER);

    must_flush(img);
    resize_or_na(env, img, self->arg);
    check_shrunk(img, env, self->arg);
    must_close(img);
    img = open_image(env, 0);
    check_shrunk(img, env, self->arg);
    must_close(img);
}

static void bits_are_cleared(struct env *env, const struct conf_case *self)
{
    struct img *img = open_written(env, 20 * CLUSTER);

    must_flush(img);
    resize_or_na(env, img, self->arg);
    must_close(img);
    for (uint64_t c = clusters_of(self->arg); c < 16; c++)
        expect_bit(env, "RSZ-9", ADDCOW_NAME, c, 0);
}

/* Of an add-cow file that is ARG bytes longer than its bitmap. */
static void bits_are_cleared_at_each_cut(struct env *env,
                                         const struct conf_case *self)
{
    for (uint64_t cut = 1; cut < 20; cut++) {
        struct img *img;

        make_image(env, &(struct image_recipe){.image_size = 20 * CLUSTER,
                                               .no_backing = 1,
                                               .set_all = 1,
                                               .add_len = self->arg});
        img = open_image(env, ADDCOW_OPEN_WRITE);
        resize_or_na(env, img, cut * CLUSTER);
        must_close(img);
        for (uint64_t c = cut; c < 20; c++)
            expect_bit(env, "RSZ-9", ADDCOW_NAME, c, 0);
        new_world(env);
    }
}

/* ---- Shrink, then grow: RSZ-5 ------------------------------------------- */

enum { FLUSHED = 1, REOPENED = 2 };

static struct img *reopen(struct env *env, struct img *img)
{
    must_close(img);
    return open_image(env, ADDCOW_OPEN_WRITE);
}

static void down_and_up(struct env *env, uint64_t low, unsigned between)
{
    struct img *img = open_written(env, 20 * CLUSTER);

    if (between & FLUSHED)
        must_flush(img);
    resize_or_na(env, img, low);
    if (between & REOPENED)
        img = reopen(env, img);
    resize_or_na(env, img, WRITTEN_SIZE + CLUSTER);
    expect_zeros_from(img, "RSZ-5", low);
    expect_guest_all(img, "RSZ-10");
    must_close(img);
    img = open_image(env, 0);
    expect_zeros_from(img, "RSZ-5", low);
    expect_guest_all(img, "RSZ-10");
    must_close(img);
}

/* ARG is the size between. */
static void down_and_up_flushed(struct env *env, const struct conf_case *self)
{
    down_and_up(env, self->arg, FLUSHED);
}

static void down_and_up_pending(struct env *env, const struct conf_case *self)
{
    down_and_up(env, self->arg, 0);
}

static void down_and_up_reopened(struct env *env, const struct conf_case *self)
{
    down_and_up(env, self->arg, FLUSHED | REOPENED);
}

/* ---- Pending writes and the same size: RSZ-10 --------------------------- */

/* ARG is the new size of an image with writes that were not flushed. */
static void pending_writes(struct env *env, const struct conf_case *self)
{
    struct img *img = open_written(env, 20 * CLUSTER);

    resize_or_na(env, img, self->arg);
    expect_guest_all(img, "RSZ-10");
    must_flush(img);
    must_close(img);
    img = open_image(env, 0);
    expect_u64(env, "RSZ-4", "virtual size", img_size(img), self->arg);
    expect_guest_all(img, "RSZ-10");
    must_close(img);
}

static void random_resizes(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = CLUSTER,
                                           .backing_size = CLUSTER});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    resize_or_na(env, img, 3 * CLUSTER);
    resize_or_na(env, img, CLUSTER);
    must_close(img);
    run_workload(
        env, "RSZ-10",
        &(struct workload){.recipe = {.image_size = 9 * CLUSTER + 1024,
                                      .backing_size = 12 * CLUSTER + 700},
                           .kinds = OP_READ | OP_WRITE | OP_ZEROS | OP_FLUSH |
                                    OP_REOPEN | OP_RESIZE,
                           .n_ops = 60,
                           .max_len = 3 * CLUSTER,
                           .max_size = 18 * CLUSTER,
                           .sectors_only = 1});
}

const struct conf_case cases_rsz_shrink[] = {
    {"rsz/shrink-by-a-sector", "Shrinking by one sector, the last cluster",
     "RSZ-4 RSZ-10", RESIZER, .run = shrink, .arg = 10 * CLUSTER},
    {"rsz/shrink-into-a-cluster", "Shrinking into the middle of a cluster",
     "RSZ-4 RSZ-10", RESIZER, .run = shrink, .arg = 9 * CLUSTER - 512},
    {"rsz/shrink-to-9-clusters", "Shrinking to one bit in the second byte",
     "RSZ-4 RSZ-10", RESIZER, .run = shrink, .arg = 9 * CLUSTER},
    {"rsz/shrink-to-8-clusters", "Shrinking to one whole bitmap byte",
     "RSZ-4 RSZ-10", RESIZER, .run = shrink, .arg = 8 * CLUSTER},
    {"rsz/shrink-to-7-clusters", "Shrinking to seven bits of a bitmap byte",
     "RSZ-4 RSZ-10", RESIZER, .run = shrink, .arg = 7 * CLUSTER},
    {"rsz/shrink-to-a-sector", "Shrinking to one sector", "RSZ-4 RSZ-10",
     RESIZER, .run = shrink, .arg = 512},
    {"rsz/shrink-to-nothing", "Shrinking to size 0", "RSZ-4 RSZ-10", RESIZER,
     .run = shrink},
    {"rsz/bits-cleared-inside-a-byte",
     "Shrinking clears the bits beyond within a bitmap byte", "RSZ-9", RESIZER,
     .run = bits_are_cleared, .arg = 5 * CLUSTER},
    {"rsz/bits-cleared-at-a-byte",
     "Shrinking to eight clusters clears the second bitmap byte", "RSZ-9",
     RESIZER, .run = bits_are_cleared, .arg = 8 * CLUSTER},
    {"rsz/bits-cleared-inside-a-cluster",
     "Shrinking into a cluster clears the bits of those after it", "RSZ-9",
     RESIZER, .run = bits_are_cleared, .arg = 4 * CLUSTER + 512},
    {"rsz/bits-cleared-at-each-cut",
     "Shrinking by another handle than the writer's clears the bits beyond",
     "RSZ-9", RESIZER, .run = bits_are_cleared_at_each_cut},
    {"rsz/bits-cleared-at-each-cut-of-a-longer-file",
     "So it does where more follows the bitmap", "RSZ-9", RESIZER,
     .run = bits_are_cleared_at_each_cut, .arg = 5000},

    {"rsz/shrink-then-grow-inside-a-byte",
     "Clusters cut off and grown again inside a bitmap byte read as zeros",
     "RSZ-5 RSZ-10", RESIZER, .run = down_and_up_flushed, .arg = 5 * CLUSTER},
    {"rsz/shrink-then-grow-inside-a-cluster",
     "Sectors cut off inside a cluster and grown again read as zeros",
     "RSZ-5 RSZ-10", RESIZER, .run = down_and_up_flushed,
     .arg = 5 * CLUSTER + 512},
    {"rsz/shrink-to-nothing-then-grow",
     "A disk cut to nothing and grown again reads as zeros", "RSZ-5 RSZ-10",
     RESIZER, .run = down_and_up_flushed},
    {"rsz/shrink-then-grow-pending",
     "Writes that were never flushed, cut off, do not come back",
     "RSZ-5 RSZ-10", RESIZER, .run = down_and_up_pending, .arg = 5 * CLUSTER},
    {"rsz/shrink-then-grow-pending-inside-a-cluster",
     "A pending write below the cut is kept, what was cut reads as zeros",
     "RSZ-5 RSZ-10", RESIZER, .run = down_and_up_pending,
     .arg = 5 * CLUSTER + 512},
    {"rsz/shrink-reopen-grow",
     "Clusters cut off, grown again by another handle, read as zeros",
     "RSZ-5 RSZ-10", RESIZER, .run = down_and_up_reopened, .arg = 5 * CLUSTER},
    {"rsz/shrink-by-a-byte-of-bits-reopen-grow",
     "A bitmap byte cut off, grown again by another handle, reads as zeros",
     "RSZ-5 RSZ-10", RESIZER, .run = down_and_up_reopened, .arg = 8 * CLUSTER},

    {"rsz/pending-writes-survive-growth",
     "Writes that are pending stay as they are under growth", "RSZ-10 RSZ-4",
     RESIZER, .run = pending_writes, .arg = 15 * CLUSTER},
    {"rsz/pending-writes-survive-shrinking",
     "Writes that are pending below the new size stay as they are",
     "RSZ-10 RSZ-4", RESIZER, .run = pending_writes,
     .arg = 7 * CLUSTER + 1024},
    {"rsz/same-size", "A resize to the virtual size changes nothing",
     "RSZ-10 RSZ-4", RESIZER, .run = pending_writes, .arg = WRITTEN_SIZE},
    {"rsz/random-resizes",
     "Random writes and resizes leave the guest's bytes as they must be",
     "RSZ-10", RESIZER, .run = random_resizes},
    {0}};
