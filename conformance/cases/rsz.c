/* SPDX-License-Identifier: MIT
 *
 * rsz.c - chapter 12, Resize: what growth leaves behind and what a resizer
 * refuses.
 *
 * Deliberately missing: order, durability and failures (rsz_order.c), power
 * cuts (dur.c).
 */
#include "all.h"
#include "steps/resize.h"

/* ---- Growth: RSZ-4, RSZ-5, RSZ-10 --------------------------------------- */

struct growth {
    uint64_t from;    /* length of the image file */
    uint64_t to;      /* the virtual size asked for */
    uint64_t backing; /* length of the backing file */
    const uint64_t *set;
    int no_backing;
    unsigned n_stale;  /* bits that are 1 from N on */
    uint64_t junk_len; /* bytes 0xff after the bitmap */
};

enum {
    BY_A_SECTOR,
    FROM_NOTHING,
    INTO_CLUSTER_7,
    INTO_CLUSTER_8,
    TAIL_LONGER,
    TAIL_ALLOCATED,
    BACKING_IN_TAIL,
    BACKING_IN_TAIL_SECTOR,
    BACKING_AT_S0,
    BACKING_SHORT,
    NO_BACKING,
    BACKING_REACHES,
    BACKING_IN_NEW_CLUSTER,
    ODD_TAIL,
    ODD_TAIL_ONE_SECTOR,
    ODD_TAIL_ALLOCATED,
    STALE_BITS,
    JUNK_AFTER_BITMAP,
    TABLE_BOUNDARY,
    SEVERAL_TABLES,
    TO_8_TIB,
    TO_2_TO_62
};

static const uint64_t first_two[] = {0, 1, END_OF_LIST};
static const uint64_t cluster_2[] = {2, END_OF_LIST};

#define LAST_OF_TABLE (32 * GIB - CLUSTER)

static const struct growth growths[] = {
    [BY_A_SECTOR] = {.from = 512, .to = 1024, .backing = CLUSTER},
    [FROM_NOTHING] = {.from = 0, .to = 512, .backing = CLUSTER},
    [INTO_CLUSTER_7] = {.from = 7 * CLUSTER,
                        .to = 8 * CLUSTER,
                        .backing = 9 * CLUSTER,
                        .set = first_two},
    [INTO_CLUSTER_8] = {.from = 8 * CLUSTER,
                        .to = 9 * CLUSTER,
                        .backing = 10 * CLUSTER,
                        .set = first_two},
    [TAIL_LONGER] = {.from = 2 * CLUSTER + 512,
                     .to = 3 * CLUSTER,
                     .backing = 3 * CLUSTER},
    [TAIL_ALLOCATED] = {.from = 2 * CLUSTER + 512,
                        .to = 3 * CLUSTER,
                        .backing = 3 * CLUSTER,
                        .set = cluster_2},
    [BACKING_IN_TAIL] = {.from = 2 * CLUSTER + 512,
                         .to = 5 * CLUSTER,
                         .backing = 2 * CLUSTER + 2048},
    [BACKING_IN_TAIL_SECTOR] = {.from = 2 * CLUSTER + 512,
                                .to = 5 * CLUSTER,
                                .backing = 2 * CLUSTER + 513},
    [BACKING_AT_S0] = {.from = 2 * CLUSTER + 512,
                       .to = 5 * CLUSTER,
                       .backing = 2 * CLUSTER + 512},
    [BACKING_SHORT] = {.from = 2 * CLUSTER + 512,
                       .to = 5 * CLUSTER,
                       .backing = 700},
    [NO_BACKING] = {.from = 2 * CLUSTER + 512,
                    .to = 5 * CLUSTER,
                    .no_backing = 1},
    [BACKING_REACHES] = {.from = 2 * CLUSTER + 512,
                         .to = 20 * CLUSTER + 512,
                         .backing = 18 * CLUSTER},
    [BACKING_IN_NEW_CLUSTER] = {.from = 2 * CLUSTER,
                                .to = 20 * CLUSTER,
                                .backing = 9 * CLUSTER + 1},
    [ODD_TAIL] = {.from = 2 * CLUSTER + 700,
                  .to = 4 * CLUSTER,
                  .backing = CLUSTER},
    [ODD_TAIL_ONE_SECTOR] = {.from = 2 * CLUSTER + 700,
                             .to = 2 * CLUSTER + 1024,
                             .backing = 5 * CLUSTER},
    [ODD_TAIL_ALLOCATED] = {.from = 2 * CLUSTER + 700,
                            .to = 4 * CLUSTER,
                            .backing = 5 * CLUSTER,
                            .set = cluster_2},
    [STALE_BITS] = {.from = 2 * CLUSTER + 512,
                    .to = 8 * CLUSTER,
                    .backing = 5 * CLUSTER,
                    .n_stale = 5},
    [JUNK_AFTER_BITMAP] = {.from = 8 * CLUSTER,
                           .to = 40 * CLUSTER,
                           .backing = 9 * CLUSTER,
                           .junk_len = 100},
    [TABLE_BOUNDARY] = {.from = LAST_OF_TABLE,
                        .to = 32 * GIB + 2 * CLUSTER,
                        .backing = 32 * GIB + CLUSTER},
    [SEVERAL_TABLES] = {.from = CLUSTER + 512,
                        .to = 100 * GIB,
                        .backing = 3 * CLUSTER},
    [TO_8_TIB] = {.from = CLUSTER + 512,
                  .to = 8 * TIB,
                  .backing = 3 * CLUSTER},
    [TO_2_TO_62] = {.from = CLUSTER + 512,
                    .to = UINT64_C(1) << 62,
                    .backing = 3 * CLUSTER}};

static void put_leftovers(struct env *env, const struct growth *g)
{
    uint64_t n = clusters_of(g->from);
    uint64_t offset = HEADER_LEN + bitmap_len_of(g->from);

    for (unsigned i = 0; i < g->n_stale; i++)
        set_bit_of(env, ADDCOW_NAME, n + i, 1);
    for (unsigned i = 0; i < g->junk_len; i++)
        put_byte(env, ADDCOW_NAME, 0xff, offset + i);
}

static void check_growth(struct img *img, struct env *env,
                         const struct growth *g)
{
    expect_u64(env, "RSZ-4", "virtual size", img_size(img), g->to);
    expect_lengths(env, "RSZ-4", g->to);
    expect_zeros_from(img, "RSZ-5", g->from / SECTOR * SECTOR);
    expect_guest_all(img, "RSZ-10");
}

static void grow(struct env *env, const struct conf_case *self)
{
    const struct growth *g = &growths[self->arg];
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = g->from,
                                           .backing_size = g->backing,
                                           .no_backing = g->no_backing,
                                           .set = g->set});
    put_leftovers(env, g);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    resize_or_na(env, img, g->to);
    check_growth(img, env, g);
    must_close(img);
    img = open_image(env, 0);
    check_growth(img, env, g);
    must_close(img);
}

/* A write into the grown area leaves zeros about it. */
static void grow_and_write(struct env *env, const struct conf_case *self)
{
    const struct growth *g = &growths[self->arg];
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = g->from,
                                           .backing_size = g->backing});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    resize_or_na(env, img, g->to);
    must_write(img, 1024, g->to - 2048);
    must_write(img, 512, g->from / SECTOR * SECTOR + 512);
    expect_guest_all(img, "RSZ-5");
    must_close(img);
    img = open_image(env, 0);
    expect_guest_all(img, "RSZ-5");
    must_close(img);
}

/* Growth in ARG steps of seven sectors. */
static void grow_in_steps(struct env *env, const struct conf_case *self)
{
    uint64_t i, size = CLUSTER - 1024;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = size,
                                           .backing_size = 4 * CLUSTER});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    for (i = 0; i < self->arg; i++) {
        size += 7 * SECTOR;
        resize_or_na(env, img, size);
        expect_lengths(env, "RSZ-4", size);
    }
    expect_zeros_from(img, "RSZ-5", CLUSTER - 1024);
    must_close(img);
    img = open_image(env, 0);
    expect_zeros_from(img, "RSZ-5", CLUSTER - 1024);
    must_close(img);
}

/* ---- Refusals: RSZ-2, RSZ-3, RSZ-12 ------------------------------------- */

static struct img *open_three_clusters(struct env *env, uint32_t flags)
{
    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .backing_size = 5 * CLUSTER});
    return open_image(env, flags);
}

/* A refused resize has changed nothing since S, not even IMG's size. */
static void expect_as_before(struct env *env, struct img *img,
                             struct snapshot *s)
{
    expect_nothing_changed(env, "RSZ-2", s);
    expect_u64(env, "RSZ-2", "virtual size", img_size(img), 3 * CLUSTER);
}

/* ARG is the size asked for of an image of three clusters. */
static void odd_size(struct env *env, const struct conf_case *self)
{
    struct img *img = open_three_clusters(env, ADDCOW_OPEN_WRITE);
    struct snapshot *s = take_snapshot(env);

    expect_resize_refused(env, "RSZ-3", img_set_size(img, self->arg),
                          ADDCOW_INVALID, self->arg > 3 * CLUSTER);
    expect_as_before(env, img, s);
    expect_guest_all(img, "RSZ-2");
    must_close(img);
}

static void odd_size_pending(struct env *env, const struct conf_case *self)
{
    struct img *img = open_three_clusters(env, ADDCOW_OPEN_WRITE);

    must_write(img, 1024, CLUSTER - 512);
    expect_resize_refused(env, "RSZ-3", img_set_size(img, self->arg),
                          ADDCOW_INVALID, self->arg > 3 * CLUSTER);
    expect_u64(env, "RSZ-2", "virtual size", img_size(img), 3 * CLUSTER);
    expect_guest_all(img, "RSZ-2");
    must_close(img);
    expect_lengths(env, "RSZ-2", 3 * CLUSTER);
    img = open_image(env, 0);
    expect_guest_all(img, "RSZ-2");
    must_close(img);
}

/* A size that no host can have. */
static void beyond_all_sizes(struct env *env, const struct conf_case *self)
{
    struct img *img = open_three_clusters(env, ADDCOW_OPEN_WRITE);
    struct snapshot *s = take_snapshot(env);

    expect_refused(env, "RSZ-2", img_set_size(img, self->arg), ADDCOW_RANGE,
                   ADDCOW_NO_MEMORY, ADDCOW_NO_SPACE, ADDCOW_OTHER,
                   ADDCOW_INVALID, ADDCOW_UNIMPLEMENTED, 0);
    expect_as_before(env, img, s);
    must_close(img);
}

static void read_only(struct env *env, const struct conf_case *self)
{
    struct img *img = open_three_clusters(env, 0);
    struct snapshot *s = take_snapshot(env);

    expect_resize_refused(env, "RSZ-12", img_set_size(img, self->arg),
                          ADDCOW_READ_ONLY, self->arg > 3 * CLUSTER);
    expect_as_before(env, img, s);
    must_close(img);
}

const struct conf_case cases_rsz[] = {
    {"rsz/size-of-1-byte", "A size of 1 byte is refused", "RSZ-3 RSZ-2",
     RESIZER | CASE_REFUSES, .run = odd_size, .arg = 1},
    {"rsz/size-of-511-bytes", "A size of 511 bytes is refused", "RSZ-3 RSZ-2",
     RESIZER | CASE_REFUSES, .run = odd_size, .arg = 511},
    {"rsz/size-of-513-bytes", "A size of 513 bytes is refused", "RSZ-3 RSZ-2",
     RESIZER | CASE_REFUSES, .run = odd_size, .arg = 513},
    {"rsz/a-byte-less", "A size one byte below the virtual size is refused",
     "RSZ-3 RSZ-2", RESIZER | CASE_REFUSES, .run = odd_size,
     .arg = 3 * CLUSTER - 1},
    {"rsz/a-byte-more", "A size one byte above the virtual size is refused",
     "RSZ-3 RSZ-2", RESIZER | CASE_REFUSES, .run = odd_size,
     .arg = 3 * CLUSTER + 1},
    {"rsz/a-byte-below-2-to-63", "A size of 2^63 - 1 bytes is refused",
     "RSZ-3 RSZ-2", RESIZER | CASE_REFUSES, .run = odd_size, .arg = INT64_MAX},
    {"rsz/refused-with-a-pending-write",
     "A refused resize leaves a write that is pending as it was",
     "RSZ-3 RSZ-2", RESIZER | CASE_REFUSES, .run = odd_size_pending,
     .arg = 4 * CLUSTER + 1},
    {"rsz/size-of-2-to-63", "A size of 2^63 bytes is refused", "RSZ-2",
     RESIZER | CASE_REFUSES, .run = beyond_all_sizes,
     .arg = UINT64_C(1) << 63},
    {"rsz/size-of-2-to-64-less-a-sector",
     "A size of 2^64 - 512 bytes is refused", "RSZ-2", RESIZER | CASE_REFUSES,
     .run = beyond_all_sizes, .arg = UINT64_MAX - 511},
    {"rsz/read-only-grown", "Growth of an image open for reading is refused",
     "RSZ-12 RSZ-2", RESIZER | CASE_REFUSES, .run = read_only,
     .arg = 4 * CLUSTER},
    {"rsz/read-only-shrunk", "Shrinking an image open for reading is refused",
     "RSZ-12 RSZ-2", RESIZER | CASE_REFUSES, .run = read_only,
     .arg = 2 * CLUSTER},

    {"rsz/grow-by-a-sector", "Growth by one sector inside cluster 0",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = BY_A_SECTOR},
    {"rsz/grow-from-nothing", "Growth from size 0 to one sector",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = FROM_NOTHING},
    {"rsz/grow-into-cluster-7", "Growth by the last bit of a bitmap byte",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = INTO_CLUSTER_7},
    {"rsz/grow-into-cluster-8", "Growth by the first bit of a bitmap byte",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = INTO_CLUSTER_8},
    {"rsz/grow-tail-cluster-backing-longer",
     "Growth inside an unallocated tail cluster hides a longer backing file",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = TAIL_LONGER},
    {"rsz/grow-tail-cluster-allocated",
     "Growth inside an allocated tail cluster reads as zeros",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = TAIL_ALLOCATED},
    {"rsz/backing-ends-inside-the-tail-cluster",
     "Growth hides a backing file that ends inside the tail cluster",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = BACKING_IN_TAIL},
    {"rsz/backing-ends-a-byte-past-the-size",
     "Growth hides a backing file that is one byte longer than the disk",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow,
     .arg = BACKING_IN_TAIL_SECTOR},
    {"rsz/backing-ends-at-the-size",
     "Growth over a backing file as long as the disk reads as zeros",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = BACKING_AT_S0},
    {"rsz/backing-shorter", "Growth over a short backing file reads as zeros",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = BACKING_SHORT},
    {"rsz/grow-without-backing-file",
     "Growth without a backing file reads as zeros, old bytes or none",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = NO_BACKING},
    {"rsz/backing-reaches-new-clusters",
     "Growth hides a backing file that reaches sixteen new clusters",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = BACKING_REACHES},
    {"rsz/backing-reaches-a-byte-of-a-new-cluster",
     "Growth hides a backing file with one byte in a new cluster",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow,
     .arg = BACKING_IN_NEW_CLUSTER},
    {"rsz/odd-image-length",
     "Growth hides what stood after the last whole sector",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = ODD_TAIL},
    {"rsz/odd-image-length-by-a-sector",
     "Growth by the sector that the odd tail begins reads as zeros",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = ODD_TAIL_ONE_SECTOR},
    {"rsz/odd-image-length-allocated",
     "Growth hides the odd tail in an allocated cluster", "RSZ-5 RSZ-4 RSZ-10",
     RESIZER, .run = grow, .arg = ODD_TAIL_ALLOCATED},
    {"rsz/stale-bits-beyond-the-last-cluster",
     "Growth over bits beyond the last cluster that are 1 reads as zeros",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = STALE_BITS},
    {"rsz/bytes-after-the-bitmap",
     "Growth over bytes after the bitmap reads as zeros", "RSZ-5 RSZ-4 RSZ-10",
     RESIZER, .run = grow, .arg = JUNK_AFTER_BITMAP},
    {"rsz/grow-across-the-table-boundary",
     "Growth across cluster 524288 with a backing file that reaches it",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = TABLE_BOUNDARY},
    {"rsz/grow-by-several-tables", "Growth to 100 GiB", "RSZ-5 RSZ-4 RSZ-10",
     RESIZER, .run = grow, .arg = SEVERAL_TABLES},
    {"rsz/grow-to-8-tib", "Growth to 8 TiB", "RSZ-5 RSZ-4 RSZ-10", RESIZER,
     .run = grow, .arg = TO_8_TIB},
    {"rsz/grow-to-2-to-62", "Growth to 2^62 bytes, or its refusal",
     "RSZ-5 RSZ-4 RSZ-10", RESIZER, .run = grow, .arg = TO_2_TO_62},
    {"rsz/write-into-grown-tail-cluster",
     "A write into a grown tail cluster leaves zeros about it", "RSZ-5",
     RESIZER, .run = grow_and_write, .arg = TAIL_LONGER},
    {"rsz/write-into-grown-clusters",
     "Writes into grown clusters leave zeros about them", "RSZ-5", RESIZER,
     .run = grow_and_write, .arg = BACKING_REACHES},
    {"rsz/write-after-odd-image-length",
     "Writes after growth of an odd image file leave zeros about them",
     "RSZ-5", RESIZER, .run = grow_and_write, .arg = ODD_TAIL},
    {"rsz/grow-in-small-steps", "Many growths by seven sectors read as zeros",
     "RSZ-5 RSZ-4", RESIZER, .run = grow_in_steps, .arg = 60},

    {0}};
