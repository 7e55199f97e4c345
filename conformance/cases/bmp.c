/* SPDX-License-Identifier: MIT
 *
 * bmp.c - chapter 5, COW bitmap: which bit is whose.
 *
 * A bit that is read in the wrong place shows old bytes of the image file or
 * hides them, and the oracle tells these from the backing file's; a bit that
 * is written in the wrong place stands in the file.
 *
 * Deliberately missing: the bitmap's length and what lies behind the last
 * cluster (bmp_len.c), when bits are written (fls_order.c).
 */
#include "all.h"
#include "env/env.h"

#define TABLE 524288 /* clusters whose bits are 64 KiB of bitmap */

/* ---- Which bit ---------------------------------------------------------- */

/* An image of N_CLUSTERS of which CLUSTER alone is allocated. */
static struct img *image_with_bit(struct env *env, uint64_t n_clusters,
                                  uint64_t cluster, uint32_t flags)
{
    const uint64_t set[] = {cluster, END_OF_LIST};

    make_image(env,
               &(struct image_recipe){.image_size = n_clusters * CLUSTER,
                                      .backing_size = n_clusters * CLUSTER,
                                      .set = set});
    return open_image(env, flags);
}

/* The sectors on both sides of both ends of the cluster that is allocated. */
static void one_bit_covers(struct env *env, const struct conf_case *self)
{
    struct img *img = image_with_bit(env, self->arg + 2, self->arg, 0);
    uint64_t begin = self->arg * CLUSTER;

    if (begin)
        expect_guest(img, "BMP-2", SECTOR, begin - SECTOR);
    expect_guest(img, "BMP-2", SECTOR, begin);
    expect_guest(img, "BMP-2", CLUSTER, begin);
    expect_guest(img, "BMP-2", SECTOR, begin + CLUSTER - SECTOR);
    expect_guest(img, "BMP-2", SECTOR, begin + CLUSTER);
}

/* The clusters whose bits share a byte with that of CLUSTER, those of the
 * bytes beside it, and both ends. */
static void expect_neighbours(struct img *img, const char *clause,
                              uint64_t cluster)
{
    uint64_t size = img_size(img);
    uint64_t byte = cluster / 8 * 8;
    uint64_t first = byte < 8 ? 0 : byte - 8;

    for (uint64_t c = first; c < byte + 16 && c * CLUSTER < size; c++)
        expect_guest(img, clause, SECTOR, c * CLUSTER);
    expect_guest(img, clause, SECTOR, 0);
    expect_guest(img, clause, SECTOR, size - SECTOR);
}

static void bit_is_read(struct env *env, const struct conf_case *self)
{
    struct img *img = image_with_bit(env, self->arg + 10, self->arg, 0);

    expect_neighbours(img, "BMP-3", self->arg);
}

/* The bit of CLUSTER is 1 and, where the implementation declares that it
 * allocates nothing else (IMPL-3), every other bit is 0. */
static void expect_one_bit(struct env *env, const char *clause,
                           const struct oracle *o, uint64_t cluster)
{
    uint64_t bitmap_len = bitmap_len_of(oracle_size(o));
    uint8_t *want = case_alloc(env, bitmap_len);
    uint8_t *got = case_alloc(env, bitmap_len);

    expect_bit(env, clause, ADDCOW_NAME, cluster, 1);
    expect_bitmap(env, clause, ADDCOW_NAME, o);
    if (choice_of(env, "IMPL-3") != 'a')
        return;
    want[cluster / 8] = (uint8_t)(1u << cluster % 8);
    get_bytes(env, ADDCOW_NAME, got, bitmap_len, HEADER_LEN);
    expect_bytes(env, clause, "bitmap", got, want, bitmap_len);
}

/* A write to the last sector of the cluster sets its bit and no other. */
static void bit_is_written(struct env *env, const struct conf_case *self)
{
    uint64_t size = (self->arg + 10) * CLUSTER;
    struct oracle *o;
    struct img *img;

    o = make_image(env, &(struct image_recipe){.image_size = size,
                                               .backing_size = CLUSTER});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, (self->arg + 1) * CLUSTER - SECTOR);
    must_flush(img);
    expect_one_bit(env, "BMP-3", o, self->arg);
    must_close(img);
    expect_one_bit(env, "BMP-3", o, self->arg);
    img = open_image(env, 0);
    expect_neighbours(img, "BMP-3", self->arg);
}

/* A write over the edge before the cluster sets two bits. */
static void two_bits_are_written(struct env *env, const struct conf_case *self)
{
    struct oracle *o = make_image(
        env, &(struct image_recipe){.image_size = (self->arg + 10) * CLUSTER,
                                    .backing_size = CLUSTER});
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

    must_write(img, 2 * SECTOR, self->arg * CLUSTER - SECTOR);
    must_flush(img);
    expect_bit(env, "BMP-2", ADDCOW_NAME, self->arg - 1, 1);
    expect_bit(env, "BMP-2", ADDCOW_NAME, self->arg, 1);
    expect_bitmap(env, "BMP-3", ADDCOW_NAME, o);
}

/* The worked example of the specification, appendix C. */
static struct oracle *example(struct env *env, const uint64_t *set)
{
    return make_image(env, &(struct image_recipe){.image_name = "disk.raw",
                                                  .backing_name = "base.raw",
                                                  .image_size = 590336,
                                                  .backing_size = 590336,
                                                  .set = set});
}

static void example_is_read(struct env *env, const struct conf_case *self)
{
    static const uint64_t set[] = {0, 8, 9, END_OF_LIST};
    struct img *img;

    (void)self;
    example(env, set);
    expect_u64(env, "BMP-3", "first byte of the bitmap",
               get_byte(env, ADDCOW_NAME, HEADER_LEN), 0x01);
    expect_u64(env, "BMP-3", "second byte of the bitmap",
               get_byte(env, ADDCOW_NAME, HEADER_LEN + 1), 0x03);
    img = open_image(env, 0);
    expect_guest_all(img, "BMP-3");
}

/* Other clusters may be allocated where that is not declared otherwise. */
static void example_is_written(struct env *env, const struct conf_case *self)
{
    unsigned mask = choice_of(env, "IMPL-3") == 'a' ? 0xff : 0x01;
    struct img *img;

    (void)self;
    example(env, NULL);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, 0);
    must_write(img, CLUSTER + SECTOR, 8 * CLUSTER);
    must_close(img);
    expect_u64(env, "BMP-3", "first byte of the bitmap",
               get_byte(env, ADDCOW_NAME, HEADER_LEN) & mask, 0x01);
    expect_u64(env, "BMP-3", "second byte of the bitmap",
               get_byte(env, ADDCOW_NAME, HEADER_LEN + 1) & 0x03u, 0x03);
}

/* ---- Holes -------------------------------------------------------------- */

/* The image file is one hole of ARG clusters; its first and last bit are 1. */
static void hole_under_a_bit(struct env *env, const struct conf_case *self)
{
    const uint64_t set[] = {0, self->arg - 1, END_OF_LIST};
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg * CLUSTER,
                                           .backing_size = self->arg * CLUSTER,
                                           .set = set});
    put_file(env, IMAGE_NAME, self->arg * CLUSTER);
    img = open_image(env, 0);
    expect_zeros(img, "BMP-4", CLUSTER, 0);
    expect_zeros(img, "BMP-4", CLUSTER, (self->arg - 1) * CLUSTER);
}

/* Data in the image file under a bit that is 0 does not make it 1. */
static void data_under_no_bit(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = 2 * CLUSTER,
                                           .no_backing = 1});
    img = open_image(env, 0);
    expect_zeros(img, "BMP-4", 2 * CLUSTER, 0);
}

#define WRITE ADDCOW_CAP_WRITE

const struct conf_case cases_bmp[] = {
    {"bmp/bit-of-cluster-0-covers", "One bit stands for bytes 0 to 65535",
     "BMP-2", 0, .run = one_bit_covers},
    {"bmp/bit-of-cluster-1-covers", "One bit stands for bytes 65536 to 131071",
     "BMP-2", 0, .run = one_bit_covers, .arg = 1},
    {"bmp/bit-of-cluster-8-covers",
     "The first bit of the second byte stands for 65536 bytes", "BMP-2", 0,
     .run = one_bit_covers, .arg = 8},
    {"bmp/bit-of-cluster-65536-covers",
     "One bit stands for 65536 bytes at 4 GiB", "BMP-2", 0,
     .run = one_bit_covers, .arg = 65536},
    {"bmp/write-over-the-edge-of-cluster-1",
     "A write over offset 65536 makes the bits on both sides 1", "BMP-2 BMP-3",
     WRITE, .run = two_bits_are_written, .arg = 1},
    {"bmp/write-over-the-edge-of-cluster-8",
     "A write over the edge of two bytes of bitmap makes a bit of each 1",
     "BMP-2 BMP-3", WRITE, .run = two_bits_are_written, .arg = 8},
    {"bmp/write-over-the-edge-of-two-sectors-of-bitmap",
     "A write over the edge of two sectors of the add-cow file sets both bits",
     "BMP-2 BMP-3", WRITE, .run = two_bits_are_written, .arg = 4096},
    {"bmp/write-over-the-edge-of-two-tables",
     "A write over 32 GiB makes the bits on both sides 1", "BMP-2 BMP-3",
     WRITE, .run = two_bits_are_written, .arg = TABLE},
    {"bmp/reads-bit-of-cluster-0", "Cluster 0 is bit 0 of byte 2560", "BMP-3",
     0, .run = bit_is_read},
    {"bmp/reads-bit-of-cluster-1", "Cluster 1 is bit 1 of byte 2560", "BMP-3",
     0, .run = bit_is_read, .arg = 1},
    {"bmp/reads-bit-of-cluster-4", "Cluster 4 is bit 4 of byte 2560", "BMP-3",
     0, .run = bit_is_read, .arg = 4},
    {"bmp/reads-bit-of-cluster-7", "Cluster 7 is bit 7 of byte 2560", "BMP-3",
     0, .run = bit_is_read, .arg = 7},
    {"bmp/reads-bit-of-cluster-8", "Cluster 8 is bit 0 of byte 2561", "BMP-3",
     0, .run = bit_is_read, .arg = 8},
    {"bmp/reads-bit-of-cluster-15", "Cluster 15 is bit 7 of byte 2561",
     "BMP-3", 0, .run = bit_is_read, .arg = 15},
    {"bmp/reads-bit-of-cluster-4095", "Cluster 4095 is bit 7 of byte 3071",
     "BMP-3", 0, .run = bit_is_read, .arg = 4095},
    {"bmp/reads-bit-of-cluster-4096", "Cluster 4096 is bit 0 of byte 3072",
     "BMP-3", 0, .run = bit_is_read, .arg = 4096},
    {"bmp/reads-bit-of-cluster-65535", "Cluster 65535 is bit 7 of byte 10751",
     "BMP-3", 0, .run = bit_is_read, .arg = 65535},
    {"bmp/reads-bit-of-cluster-65536", "Cluster 65536 is bit 0 of byte 10752",
     "BMP-3", 0, .run = bit_is_read, .arg = 65536},
    {"bmp/reads-bit-of-cluster-524287",
     "Cluster 524287 is bit 7 of byte 68095", "BMP-3", 0, .run = bit_is_read,
     .arg = TABLE - 1},
    {"bmp/reads-bit-of-cluster-524288",
     "Cluster 524288 is bit 0 of byte 68096", "BMP-3", 0, .run = bit_is_read,
     .arg = TABLE},
    {"bmp/reads-bit-of-cluster-33554432",
     "Cluster 33554432, at 2 TiB, is bit 0 of byte 4196864", "BMP-3", 0,
     .run = bit_is_read, .arg = 33554432},
    {"bmp/writes-bit-of-cluster-0",
     "A write to cluster 0 sets bit 0 of byte 2560 alone", "BMP-3", WRITE,
     .run = bit_is_written},
    {"bmp/writes-bit-of-cluster-1",
     "A write to cluster 1 sets bit 1 of byte 2560 alone", "BMP-3", WRITE,
     .run = bit_is_written, .arg = 1},
    {"bmp/writes-bit-of-cluster-7",
     "A write to cluster 7 sets bit 7 of byte 2560 alone", "BMP-3", WRITE,
     .run = bit_is_written, .arg = 7},
    {"bmp/writes-bit-of-cluster-8",
     "A write to cluster 8 sets bit 0 of byte 2561 alone", "BMP-3", WRITE,
     .run = bit_is_written, .arg = 8},
    {"bmp/writes-bit-of-cluster-4095",
     "A write to cluster 4095 sets bit 7 of byte 3071 alone", "BMP-3", WRITE,
     .run = bit_is_written, .arg = 4095},
    {"bmp/writes-bit-of-cluster-4096",
     "A write to cluster 4096 sets bit 0 of byte 3072 alone", "BMP-3", WRITE,
     .run = bit_is_written, .arg = 4096},
    {"bmp/writes-bit-of-cluster-524287",
     "A write to cluster 524287 sets bit 7 of byte 68095 alone", "BMP-3",
     WRITE, .run = bit_is_written, .arg = TABLE - 1},
    {"bmp/writes-bit-of-cluster-524288",
     "A write to cluster 524288 sets bit 0 of byte 68096 alone", "BMP-3",
     WRITE, .run = bit_is_written, .arg = TABLE},
    {"bmp/reads-the-worked-example",
     "The image of appendix C: clusters 0, 8 and 9 are bytes 01 03", "BMP-3",
     0, .run = example_is_read},
    {"bmp/writes-the-worked-example",
     "Writes to clusters 0, 8 and 9 give the bytes 01 03 of appendix C",
     "BMP-3", WRITE, .run = example_is_written},
    {"bmp/hole-under-a-bit", "A hole in the image file under a 1 is zeros",
     "BMP-4", 0, .run = hole_under_a_bit, .arg = 3},
    {"bmp/hole-under-a-bit-at-4-gib",
     "A hole under a 1 is zeros beyond 4 GiB, too", "BMP-4", 0,
     .run = hole_under_a_bit, .arg = 65538},
    {"bmp/data-under-no-bit",
     "Data in the image file under a 0 is not the guest's", "BMP-4", 0,
     .run = data_under_no_bit},
    {0}};
