/* SPDX-License-Identifier: MIT
 *
 * siz_large.c - chapter 6, Sizes: no number wraps, and none is cut to fewer
 * bits.
 *
 * Deliberately missing: the least sizes that all support (lim.c).
 */
#include "all.h"
#include "steps/guest.h"
#include "steps/refuse.h"

/* A disk of 8 TiB whose cluster ARG is allocated: the sectors on its edges,
 * which any cut to 32 bits would find elsewhere. */
static void far_read(struct env *env, const struct conf_case *self)
{
    const uint64_t set[] = {self->arg, END_OF_LIST};
    uint64_t begin = self->arg * CLUSTER;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 8 * TIB,
                                           .backing_size = 8 * TIB,
                                           .set = set});
    img = open_image(env, 0);
    expect_guest(img, "SIZ-6", 2 * SECTOR, begin - SECTOR);
    expect_guest(img, "SIZ-6", 2 * SECTOR, begin + CLUSTER - SECTOR);
    expect_guest(img, "SIZ-6", SECTOR, 0);
}

static void far_write(struct env *env, const struct conf_case *self)
{
    uint64_t begin = self->arg * CLUSTER;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 8 * TIB,
                                           .backing_size = 8 * TIB});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, begin);
    must_write(img, SECTOR, 0);
    must_close(img);
    expect_u64(env, "SIZ-6", "length of the image file",
               file_size(env, IMAGE_NAME), 8 * TIB);
    expect_bit(env, "SIZ-6", ADDCOW_NAME, self->arg, 1);
    img = open_image(env, 0);
    expect_guest(img, "SIZ-6", CLUSTER, begin);
    expect_guest(img, "SIZ-6", CLUSTER, begin - CLUSTER);
    expect_guest(img, "SIZ-6", CLUSTER, 0);
}

/* The image may be larger than is supported.  Returns null if it is refused
 * for that. */
static struct img *open_if_supported(struct env *env, uint32_t flags)
{
    struct img *img = NULL;
    int result = img_open(env, &img, ADDCOW_NAME, flags);

    expect_ok_or_refused(env, "SIZ-6", result, ADDCOW_RANGE, ADDCOW_NO_MEMORY,
                         ADDCOW_NO_SPACE, ADDCOW_OTHER, 0);
    return img;
}

/* Of an image of ARG bytes nothing is lost. */
static void huge(struct env *env, const struct conf_case *self)
{
    uint64_t n_clusters = clusters_of(self->arg);
    const uint64_t set[] = {n_clusters - 1, END_OF_LIST};
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = CLUSTER + 700,
                                           .set = set});
    img = open_if_supported(env, 0);
    if (!img)
        return;
    expect_u64(env, "SIZ-6", "virtual size", img_size(img), self->arg);
    expect_guest(img, "SIZ-6", SECTOR, 0);
    expect_guest(img, "SIZ-6", CLUSTER, CLUSTER);
    expect_guest(img, "SIZ-6", SECTOR, self->arg - CLUSTER - SECTOR);
    expect_guest(img, "SIZ-6", SECTOR, self->arg - SECTOR);
    expect_no_sector(env, "SIZ-6", img, self->arg);
}

static void huge_write(struct env *env, const struct conf_case *self)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = CLUSTER + 700});
    img = open_if_supported(env, ADDCOW_OPEN_WRITE);
    if (!img)
        return;
    must_write(img, SECTOR, self->arg - SECTOR);
    must_write(img, SECTOR, 0);
    must_close(img);
    expect_bit(env, "SIZ-6", ADDCOW_NAME, clusters_of(self->arg) - 1, 1);
    img = open_image(env, 0);
    expect_guest(img, "SIZ-6", SECTOR, self->arg - SECTOR);
    expect_guest(img, "SIZ-6", CLUSTER, 0);
}

/* Offsets from which a request of any length would wrap: ARG. */
static void wrapping_offset(struct env *env, const struct conf_case *self)
{
    uint8_t *cluster = case_alloc(env, CLUSTER);
    struct img *img;

    good_image(env);
    img = open_image(env, 0);
    expect_no_sector(env, "SIZ-6", img, self->arg);
    expect_refused(env, "SIZ-6", img_read(img, cluster, CLUSTER, self->arg),
                   ADDCOW_RANGE, 0);
    expect_guest_all(img, "SIZ-6");
}

static void wrapping_write(struct env *env, const struct conf_case *self)
{
    struct snapshot *before;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .backing_size = 3 * CLUSTER,
                                           .set_all = 1});
    before = take_snapshot(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_refused(env, "SIZ-6", write_new(img, CLUSTER, self->arg),
                   ADDCOW_RANGE, 0);
    must_close(img);
    expect_unchanged(env, "SIZ-6", before, IMAGE_NAME);
}

/* A short bitmap must not pass because its length, cut to fewer bits, does:
 * ARG is a virtual size whose L is a multiple of 2^32. */
static void wrapping_bitmap(struct env *env, const struct conf_case *self)
{
    static const int refusals[] = {ADDCOW_CORRUPT,   ADDCOW_RANGE,
                                   ADDCOW_NO_MEMORY, ADDCOW_NO_SPACE,
                                   ADDCOW_OTHER,     0};

    make_image(env, &(struct image_recipe){.backing_size = CLUSTER});
    resize_file(env, ADDCOW_NAME, HEADER_LEN + SECTOR);
    resize_file(env, IMAGE_NAME, self->arg);
    refuse_open(env, "SIZ-6", ADDCOW_NAME, refusals);
}

#define WRITE ADDCOW_CAP_WRITE
#define LAST_SECTOR_OF_ALL UINT64_C(0xfffffffffffffe00)
#define HALF UINT64_C(0x8000000000000000) /* 2^63 */

const struct conf_case cases_siz_large[] = {
    {"siz/read-at-2-gib", "Offsets of 2^31 are read where they are", "SIZ-6",
     0, .run = far_read, .arg = 32768},
    {"siz/read-at-4-gib", "Offsets of 2^32 are read where they are", "SIZ-6",
     0, .run = far_read, .arg = 65536},
    {"siz/read-at-1-tib", "Sectors of number 2^31 are read where they are",
     "SIZ-6", 0, .run = far_read, .arg = 16777216},
    {"siz/read-at-2-tib", "Sectors of number 2^32 are read where they are",
     "SIZ-6", 0, .run = far_read, .arg = 33554432},
    {"siz/read-at-4-tib", "Offsets of 2^42 are read where they are", "SIZ-6",
     0, .run = far_read, .arg = 67108864},
    {"siz/write-at-2-gib", "Offsets of 2^31 are written where they are",
     "SIZ-6", WRITE, .run = far_write, .arg = 32768},
    {"siz/write-at-4-gib", "Offsets of 2^32 are written where they are",
     "SIZ-6", WRITE, .run = far_write, .arg = 65536},
    {"siz/write-at-2-tib", "Sectors of number 2^32 are written where they are",
     "SIZ-6", WRITE, .run = far_write, .arg = 33554432},
    {"siz/disk-of-2-to-the-45", "A disk of 2^45 bytes is whole or refused",
     "SIZ-6", CASE_BOTH, .run = huge, .arg = UINT64_C(1) << 45},
    {"siz/disk-of-2-to-the-48",
     "A disk of 2^48 bytes, 2^32 clusters, is whole or refused", "SIZ-6",
     CASE_BOTH, .run = huge, .arg = UINT64_C(1) << 48},
    {"siz/disk-of-2-to-the-51",
     "A disk of 2^51 bytes, 2^32 bytes of bitmap, is whole or refused",
     "SIZ-6", CASE_BOTH, .run = huge, .arg = (UINT64_C(1) << 51) + CLUSTER},
    {"siz/disk-of-2-to-the-62", "A disk of 2^62 bytes is whole or refused",
     "SIZ-6", CASE_BOTH, .run = huge, .arg = UINT64_C(1) << 62},
    {"siz/disk-of-2-to-the-63-less-a-sector",
     "A disk of 2^63 - 512 bytes is whole or refused", "SIZ-6", CASE_BOTH,
     .run = huge, .arg = HALF - SECTOR},
    {"siz/write-to-a-disk-of-2-to-the-48",
     "A disk of 2^48 bytes is written at both ends, or refused", "SIZ-6",
     WRITE, .run = huge_write, .arg = UINT64_C(1) << 48},
    {"siz/write-to-a-disk-of-2-to-the-63-less-a-sector",
     "A disk of 2^63 - 512 bytes is written at both ends, or refused", "SIZ-6",
     WRITE, .run = huge_write, .arg = HALF - SECTOR},
    {"siz/offset-of-4-gib-in-a-small-disk", "An offset of 2^32 is not 0",
     "SIZ-6", CASE_REFUSES, .run = wrapping_offset, .arg = 4 * GIB},
    {"siz/offset-of-2-tib-in-a-small-disk",
     "An offset of 2^41 is not sector 0", "SIZ-6", CASE_REFUSES,
     .run = wrapping_offset, .arg = 2 * TIB},
    {"siz/offset-of-2-to-the-63", "An offset of 2^63 is not negative", "SIZ-6",
     CASE_REFUSES, .run = wrapping_offset, .arg = HALF},
    {"siz/offset-that-wraps",
     "Offset and length of more than 2^64 do not wrap", "SIZ-6", CASE_REFUSES,
     .run = wrapping_offset, .arg = LAST_SECTOR_OF_ALL},
    {"siz/write-offset-of-4-gib-in-a-small-disk",
     "A write to an offset of 2^32 does not reach 0", "SIZ-6",
     WRITE | CASE_REFUSES, .run = wrapping_write, .arg = 4 * GIB},
    {"siz/write-offset-that-wraps", "A write over 2^64 does not reach 0",
     "SIZ-6", WRITE | CASE_REFUSES, .run = wrapping_write,
     .arg = LAST_SECTOR_OF_ALL},
    {"siz/bitmap-length-of-2-to-the-32",
     "A bitmap of 2^32 bytes is not one of 0 bytes", "SIZ-6", CASE_BOTH,
     .run = wrapping_bitmap, .arg = UINT64_C(1) << 51},
    {"siz/clusters-of-2-to-the-32", "2^32 clusters are not 0 clusters",
     "SIZ-6", CASE_BOTH, .run = wrapping_bitmap, .arg = UINT64_C(1) << 48},
    {"siz/sectors-of-2-to-the-32", "2^32 sectors are not 0 sectors", "SIZ-6",
     CASE_BOTH, .run = wrapping_bitmap, .arg = UINT64_C(1) << 41},
    {"siz/clusters-of-2-to-the-47-less-one",
     "A size close to 2^63 does not wrap when it is rounded up", "SIZ-6",
     CASE_BOTH, .run = wrapping_bitmap, .arg = HALF - SECTOR},
    {0}};
