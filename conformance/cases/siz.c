/* SPDX-License-Identifier: MIT
 *
 * siz.c - chapter 6, Sizes: how large the disk is, and where the backing file
 * ends.
 *
 * Deliberately missing: large numbers (siz_large.c), an image file whose
 * length has changed (siz_changed.c), reads and writes out of range as such
 * (rd.c, wr.c), the least sizes that all support (lim.c).
 */
#include "all.h"
#include "steps/guest.h"

#include <string.h>

/* The disk has SIZE bytes: it says so, its last sector can be read, and no
 * sector after it. */
static void expect_size(struct env *env, const char *clause, struct img *img,
                        uint64_t size)
{
    expect_u64(env, clause, "virtual size", img_size(img), size);
    if (size)
        expect_guest(img, clause, SECTOR, size - SECTOR);
    expect_no_sector(env, clause, img, size);
}

/* The image opens for reading as a disk of SIZE bytes. */
static struct img *expect_disk(struct env *env, const char *clause,
                               uint64_t size)
{
    struct img *img = expect_open(env, clause, 0);

    expect_size(env, clause, img, size);
    return img;
}

/* ---- The virtual size --------------------------------------------------- */

/* The image file has ARG bytes. */
static void size_of_image(struct env *env, const struct conf_case *self)
{
    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = CLUSTER + 700});
    (void)expect_disk(env, "SIZ-1", self->arg / SECTOR * SECTOR);
}

/* The backing file has ARG bytes, the image file three clusters. */
static void size_not_of_backing(struct env *env, const struct conf_case *self)
{
    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .backing_size = self->arg});
    (void)expect_disk(env, "SIZ-1", 3 * CLUSTER);
}

/* ARG bytes follow the bitmap. */
static void size_not_of_bitmap(struct env *env, const struct conf_case *self)
{
    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .backing_size = 9 * CLUSTER,
                                           .add_len = self->arg});
    (void)expect_disk(env, "SIZ-1", 3 * CLUSTER);
}

/* Bits that are 1 up to the end of a long file. */
static void size_not_of_bits(struct env *env, const struct conf_case *self)
{
    uint8_t ones[SECTOR];

    (void)self;
    memset(ones, 0xff, sizeof(ones));
    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .backing_size = 9 * CLUSTER,
                                           .set_all = 1});
    put_bytes(env, ADDCOW_NAME, ones, SECTOR, HEADER_LEN);
    (void)expect_disk(env, "SIZ-1", 3 * CLUSTER);
}

/* ---- The tail of the image file ----------------------------------------- */

/* The image file has ARG bytes, no multiple of 512; every sector is written,
 * and once more when it is allocated. */
static void tail_is_left(struct env *env, const struct conf_case *self)
{
    uint64_t size = self->arg / SECTOR * SECTOR;
    size_t tail_len = (size_t)(self->arg - size);
    uint8_t before[SECTOR], after[SECTOR];
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = 3 * CLUSTER});
    get_bytes(env, IMAGE_NAME, before, tail_len, size);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    for (int turn = 0; turn < 2; turn++) {
        must_write(img, SECTOR, size - SECTOR);
        must_flush(img);
        must_write(img, (size_t)size, 0);
        must_flush(img);
    }
    expect_no_sector(env, "SIZ-2", img, size);
    must_close(img);
    expect_u64(env, "SIZ-2", "length of the image file",
               file_size(env, IMAGE_NAME), self->arg);
    get_bytes(env, IMAGE_NAME, after, tail_len, size);
    expect_bytes(env, "SIZ-2", "bytes at the virtual size and beyond", after,
                 before, tail_len);
}

/* A write whose last sector lies at the virtual size. */
static void tail_is_not_written(struct env *env, const struct conf_case *self)
{
    uint64_t size = self->arg / SECTOR * SECTOR;
    struct snapshot *before;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = 3 * CLUSTER,
                                           .set_all = 1});
    before = take_snapshot(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_refused(env, "SIZ-2", write_new(img, SECTOR, size), ADDCOW_RANGE,
                   0);
    expect_refused(env, "SIZ-2", write_new(img, 2 * SECTOR, size - SECTOR),
                   ADDCOW_RANGE, 0);
    must_close(img);
    expect_unchanged(env, "SIZ-2", before, IMAGE_NAME);
}

/* ---- No size at all ----------------------------------------------------- */

static void no_size(struct env *env, const struct conf_case *self)
{
    uint8_t nothing[1] = {0};
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = CLUSTER});
    expect_u64(env, "SIZ-3", "length of the add-cow file",
               file_size(env, ADDCOW_NAME), HEADER_LEN);
    img = expect_disk(env, "SIZ-3", 0);
    expect_ok(env, "SIZ-3", img_read(img, nothing, 0, 0));
    expect_ok(env, "SIZ-3", img_close(img));
}

static void no_size_without_backing(struct env *env,
                                    const struct conf_case *self)
{
    (void)self;
    make_image(env, &(struct image_recipe){.no_backing = 1});
    (void)expect_disk(env, "SIZ-3", 0);
}

static void no_size_for_writing(struct env *env, const struct conf_case *self)
{
    struct snapshot *before;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = CLUSTER});
    before = take_snapshot(env);
    img = expect_open(env, "SIZ-3", ADDCOW_OPEN_WRITE);
    expect_refused(env, "SIZ-3", write_new(img, SECTOR, 0), ADDCOW_RANGE, 0);
    expect_ok(env, "SIZ-3", img_flush(img));
    expect_ok(env, "SIZ-3", img_close(img));
    expect_unchanged(env, "SIZ-3", before, IMAGE_NAME);
}

/* ---- The end of the backing file ---------------------------------------- */

/* The backing file has ARG bytes, the image file three clusters and a sector;
 * everything is read at once, by sector round the end, and bytewise where the
 * unit allows it. */
static void past_backing(struct env *env, const struct conf_case *self)
{
    uint64_t end = self->arg;
    uint64_t sector = end / SECTOR * SECTOR;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER + SECTOR,
                                           .backing_size = end});
    img = open_image(env, 0);
    expect_guest_all(img, "SIZ-4");
    for (uint64_t at = sector < SECTOR ? 0 : sector - SECTOR;
         at <= sector + SECTOR && at < img_size(img); at += SECTOR)
        expect_guest(img, "SIZ-4", SECTOR, at);
    if (choice_of(env, "IMPL-2") != 'a')
        return;
    if (end)
        expect_guest(img, "SIZ-4", 2, end - 1);
    expect_guest(img, "SIZ-4", 1, end);
    if (end + 513 <= img_size(img))
        expect_guest(img, "SIZ-4", 513, end);
}

/* The backing file ends 700 bytes after ARG, which is 4 GiB or more, before
 * an allocated cluster. */
static void past_far_backing(struct env *env, const struct conf_case *self)
{
    uint64_t cluster = self->arg / CLUSTER;
    const uint64_t set[] = {cluster + 1, END_OF_LIST};
    struct img *img;

    make_image(env,
               &(struct image_recipe){.image_size = self->arg + 3 * CLUSTER,
                                      .backing_size = self->arg + 700,
                                      .set = set});
    img = open_image(env, 0);
    expect_guest(img, "SIZ-4", 2 * CLUSTER, self->arg);
    expect_guest(img, "SIZ-4", SECTOR, self->arg + SECTOR);
    expect_zeros(img, "SIZ-4", CLUSTER - 2 * SECTOR, self->arg + 2 * SECTOR);
    expect_zeros(img, "SIZ-4", CLUSTER, self->arg + 2 * CLUSTER);
}

/* One read of all, over allocated clusters before and after the end. */
static void past_backing_in_a_mixture(struct env *env,
                                      const struct conf_case *self)
{
    static const uint64_t set[] = {0, 2, 5, END_OF_LIST};
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 7 * CLUSTER,
                                           .backing_size = self->arg,
                                           .set = set});
    img = open_image(env, 0);
    expect_guest(img, "SIZ-4", 7 * CLUSTER, 0);
    expect_guest(img, "SIZ-4", 6 * CLUSTER, SECTOR);
}

/* The image file has ARG bytes, the backing file more. */
static void backing_is_longer(struct env *env, const struct conf_case *self)
{
    uint64_t size = self->arg / SECTOR * SECTOR;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = 5 * CLUSTER});
    img = open_image(env, 0);
    expect_guest_all(img, "SIZ-5");
    expect_u64(env, "SIZ-5", "virtual size", img_size(img), size);
    expect_no_sector(env, "SIZ-5", img, size);
    expect_no_sector(env, "SIZ-5", img, 4 * CLUSTER);
}

/* Copying up the clipped last cluster must not bring the rest of the backing
 * file's cluster into the image file. */
static void backing_is_longer_in_a_copy(struct env *env,
                                        const struct conf_case *self)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = 5 * CLUSTER});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, self->arg / CLUSTER * CLUSTER);
    must_close(img);
    expect_u64(env, "SIZ-5", "length of the image file",
               file_size(env, IMAGE_NAME), self->arg);
    img = open_image(env, 0);
    expect_guest_all(img, "SIZ-5");
    expect_no_sector(env, "SIZ-5", img, self->arg);
}

#define WRITE ADDCOW_CAP_WRITE

const struct conf_case cases_siz[] = {
    {"siz/image-file-of-512-bytes", "512 bytes are a disk of one sector",
     "SIZ-1", CASE_BOTH, .run = size_of_image, .arg = 512},
    {"siz/image-file-of-513-bytes", "513 bytes are a disk of one sector",
     "SIZ-1", CASE_BOTH, .run = size_of_image, .arg = 513},
    {"siz/image-file-of-1000-bytes", "1000 bytes are a disk of one sector",
     "SIZ-1", CASE_BOTH, .run = size_of_image, .arg = 1000},
    {"siz/image-file-of-65535-bytes", "65535 bytes are 127 sectors", "SIZ-1",
     CASE_BOTH, .run = size_of_image, .arg = 65535},
    {"siz/image-file-of-65536-bytes", "65536 bytes are one cluster", "SIZ-1",
     CASE_BOTH, .run = size_of_image, .arg = 65536},
    {"siz/image-file-of-65537-bytes", "65537 bytes are one cluster", "SIZ-1",
     CASE_BOTH, .run = size_of_image, .arg = 65537},
    {"siz/image-file-of-66048-bytes", "66048 bytes are a cluster and a sector",
     "SIZ-1", CASE_BOTH, .run = size_of_image, .arg = 66048},
    {"siz/image-file-of-524287-bytes", "524287 bytes are 1023 sectors",
     "SIZ-1", CASE_BOTH, .run = size_of_image, .arg = 524287},
    {"siz/image-file-of-524800-bytes",
     "524800 bytes are eight clusters and a sector", "SIZ-1", CASE_BOTH,
     .run = size_of_image, .arg = 524800},
    {"siz/image-file-of-a-byte-under-4-gib",
     "4 GiB less a byte are 8388607 sectors", "SIZ-1", CASE_BOTH,
     .run = size_of_image, .arg = 4 * GIB - 1},
    {"siz/image-file-of-4-gib", "4 GiB are not 0", "SIZ-1", CASE_BOTH,
     .run = size_of_image, .arg = 4 * GIB},
    {"siz/image-file-of-4-gib-and-a-sector",
     "4 GiB and a sector are not one sector", "SIZ-1", CASE_BOTH,
     .run = size_of_image, .arg = 4 * GIB + SECTOR},
    {"siz/image-file-of-2-tib", "2 TiB are 2^32 sectors", "SIZ-1", CASE_BOTH,
     .run = size_of_image, .arg = 2 * TIB},
    {"siz/image-file-of-2-tib-and-a-sector",
     "2 TiB and a sector are 2^32 + 1 sectors", "SIZ-1", CASE_BOTH,
     .run = size_of_image, .arg = 2 * TIB + SECTOR},
    {"siz/no-say-for-an-empty-backing-file",
     "The virtual size is the image file's over an empty backing file",
     "SIZ-1", CASE_BOTH, .run = size_not_of_backing},
    {"siz/no-say-for-a-shorter-backing-file",
     "The virtual size is the image file's over a shorter backing file",
     "SIZ-1", CASE_BOTH, .run = size_not_of_backing, .arg = CLUSTER},
    {"siz/no-say-for-a-longer-backing-file",
     "The virtual size is the image file's over a longer backing file",
     "SIZ-1", CASE_BOTH, .run = size_not_of_backing, .arg = 100 * CLUSTER},
    {"siz/no-say-for-a-longer-add-cow-file",
     "A longer bitmap makes no larger disk", "SIZ-1", CASE_BOTH,
     .run = size_not_of_bitmap, .arg = 100000},
    {"siz/no-say-for-bits",
     "Bits that are 1 beyond the last cluster make no larger disk", "SIZ-1",
     CASE_BOTH, .run = size_not_of_bits},

    {"siz/tail-of-1-byte-is-left",
     "A byte at the virtual size is not changed by writes", "SIZ-2",
     WRITE | CASE_BOTH, .run = tail_is_left, .arg = 2 * CLUSTER + 1},
    {"siz/tail-of-511-bytes-is-left",
     "511 bytes at the virtual size are not changed by writes", "SIZ-2",
     WRITE | CASE_BOTH, .run = tail_is_left, .arg = SECTOR + 511},
    {"siz/tail-inside-a-cluster-is-left",
     "The end of an odd image file inside a cluster is not changed", "SIZ-2",
     WRITE | CASE_BOTH, .run = tail_is_left, .arg = CLUSTER + SECTOR + 488},
    {"siz/tail-of-1-byte-is-not-written",
     "A write over the virtual size does not reach a byte there", "SIZ-2",
     WRITE | CASE_BOTH, .run = tail_is_not_written, .arg = 2 * CLUSTER + 1},
    {"siz/tail-of-511-bytes-is-not-written",
     "A write over the virtual size does not reach 511 bytes there", "SIZ-2",
     WRITE | CASE_BOTH, .run = tail_is_not_written,
     .arg = CLUSTER + SECTOR + 511},

    {"siz/no-bytes", "An image file of 0 bytes makes a disk of size 0",
     "SIZ-3", CASE_BOTH, .run = no_size},
    {"siz/one-byte", "An image file of 1 byte makes a disk of size 0", "SIZ-3",
     CASE_BOTH, .run = no_size, .arg = 1},
    {"siz/511-bytes", "An image file of 511 bytes makes a disk of size 0",
     "SIZ-3", CASE_BOTH, .run = no_size, .arg = 511},
    {"siz/no-bytes-and-no-backing-file",
     "A disk of size 0 may be without a backing file", "SIZ-3", CASE_BOTH,
     .run = no_size_without_backing},
    {"siz/no-bytes-for-writing",
     "A disk of size 0 opens for writing, flushes and closes", "SIZ-3",
     WRITE | CASE_BOTH, .run = no_size_for_writing},
    {"siz/511-bytes-for-writing",
     "511 bytes that are no sector are never written", "SIZ-3",
     WRITE | CASE_BOTH, .run = no_size_for_writing, .arg = 511},

    {"siz/backing-is-empty", "Zeros follow a backing file of 0 bytes", "SIZ-4",
     0, .run = past_backing},
    {"siz/backing-of-one-byte", "Zeros follow a backing file of 1 byte",
     "SIZ-4", 0, .run = past_backing, .arg = 1},
    {"siz/backing-of-511-bytes",
     "One zero ends the sector of a backing file of 511 bytes", "SIZ-4", 0,
     .run = past_backing, .arg = 511},
    {"siz/backing-ends-with-a-sector",
     "Zeros follow a backing file of 512 bytes", "SIZ-4", 0,
     .run = past_backing, .arg = 512},
    {"siz/backing-of-513-bytes", "Zeros follow a backing file of 513 bytes",
     "SIZ-4", 0, .run = past_backing, .arg = 513},
    {"siz/backing-ends-inside-a-sector",
     "Zeros follow a backing file of 700 bytes", "SIZ-4", 0,
     .run = past_backing, .arg = 700},
    {"siz/backing-ends-a-byte-before-a-cluster",
     "Zeros follow a backing file of 65535 bytes", "SIZ-4", 0,
     .run = past_backing, .arg = 65535},
    {"siz/backing-ends-with-a-cluster",
     "Zeros follow a backing file of 65536 bytes", "SIZ-4", 0,
     .run = past_backing, .arg = 65536},
    {"siz/backing-ends-a-byte-after-a-cluster",
     "Zeros follow a backing file of 65537 bytes", "SIZ-4", 0,
     .run = past_backing, .arg = 65537},
    {"siz/backing-ends-inside-a-cluster",
     "Zeros follow a backing file that ends with a sector of a cluster",
     "SIZ-4", 0, .run = past_backing, .arg = CLUSTER + 9 * SECTOR},
    {"siz/backing-ends-a-sector-before-the-disk",
     "Zeros are the last sector of the disk alone", "SIZ-4", 0,
     .run = past_backing, .arg = 3 * CLUSTER},
    {"siz/backing-ends-above-4-gib",
     "Zeros follow a backing file of 4 GiB and 700 bytes", "SIZ-4", 0,
     .run = past_far_backing, .arg = 4 * GIB},
    {"siz/backing-ends-above-2-tib",
     "Zeros follow a backing file of 2 TiB and 700 bytes", "SIZ-4", 0,
     .run = past_far_backing, .arg = 2 * TIB},
    {"siz/backing-ends-under-an-allocated-cluster",
     "A backing file that ends under a 1 does not end the disk", "SIZ-4", 0,
     .run = past_backing_in_a_mixture, .arg = 2 * CLUSTER + 700},
    {"siz/backing-ends-under-a-mixture",
     "One read passes the backing file's end and allocated clusters", "SIZ-4",
     0, .run = past_backing_in_a_mixture, .arg = 3 * CLUSTER + 700},

    {"siz/longer-backing-of-whole-clusters",
     "Clusters of the backing file beyond the virtual size are not shown",
     "SIZ-5", CASE_BOTH, .run = backing_is_longer, .arg = 3 * CLUSTER},
    {"siz/longer-backing-of-a-clipped-cluster",
     "The backing file does not show beyond a clipped cluster", "SIZ-5",
     CASE_BOTH, .run = backing_is_longer, .arg = CLUSTER + SECTOR},
    {"siz/longer-backing-of-an-odd-image-file",
     "The backing file does not show in the tail of an odd image file",
     "SIZ-5", CASE_BOTH, .run = backing_is_longer, .arg = CLUSTER + 700},
    {"siz/longer-backing-of-one-sector",
     "The backing file does not show beyond a disk of one sector", "SIZ-5",
     CASE_BOTH, .run = backing_is_longer, .arg = SECTOR},
    {"siz/longer-backing-is-copied-to-the-virtual-size",
     "A copy of the clipped last cluster ends at the virtual size", "SIZ-5",
     WRITE | CASE_BOTH, .run = backing_is_longer_in_a_copy,
     .arg = CLUSTER + 9 * SECTOR},
    {0}};
