/* SPDX-License-Identifier: MIT
 *
 * bmp_len.c - chapter 5, COW bitmap: how long the add-cow file is, and what
 * follows the bit of the last cluster.
 */
#include "all.h"
#include "steps/guest.h"
#include "steps/refuse.h"

#include <string.h>

#define TABLE 524288 /* clusters whose bits are 64 KiB of bitmap */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- Length ------------------------------------------------------------- */

/* The image file has ARG bytes, a multiple of 512. */
static void created_length(struct env *env, const struct conf_case *self)
{
    struct addcow_create_args args = {.size = sizeof(args),
                                      .name = ADDCOW_NAME,
                                      .image_name = IMAGE_NAME,
                                      .backing_name = BACKING_NAME};

    put_file(env, IMAGE_NAME, self->arg);
    put_file(env, BACKING_NAME, CLUSTER);
    expect_ok(env, "BMP-5", shim_create(env, &args));
    expect_u64(env, "BMP-5", "length of the add-cow file",
               file_size(env, ADDCOW_NAME),
               HEADER_LEN + bitmap_len_of(self->arg));
}

/* LEN bytes that are not zero, as a file that NAME grows by. */
static void put_junk(struct env *env, const char *name, size_t len)
{
    uint8_t *junk = case_alloc(env, len);

    memset(junk, 0xff, len);
    put_bytes(env, name, junk, len, file_size(env, name));
}

/* ARG bytes of ones follow the bitmap of nine clusters. */
static void longer_file(struct env *env, const struct conf_case *self)
{
    static const uint64_t set[] = {1, 8, END_OF_LIST};
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 9 * CLUSTER,
                                           .backing_size = 9 * CLUSTER,
                                           .set = set});
    put_junk(env, ADDCOW_NAME, self->arg);
    img = expect_open(env, "BMP-6", 0);
    expect_u64(env, "BMP-6", "virtual size", img_size(img), 9 * CLUSTER);
    expect_guest_all(img, "BMP-6");
}

static void longer_file_is_written(struct env *env,
                                   const struct conf_case *self)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 9 * CLUSTER,
                                           .backing_size = 9 * CLUSTER});
    put_junk(env, ADDCOW_NAME, self->arg);
    img = expect_open(env, "BMP-6", ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, 8 * CLUSTER);
    must_close(img);
    img = open_image(env, 0);
    expect_guest_all(img, "BMP-6");
}

/* The bitmap of ARG clusters lacks its last byte.  Its bits are all 1, as far
 * as they are there: no missing bit can be taken for one that does not
 * matter. */
static void bitmap_cut(struct env *env, const struct conf_case *self)
{
    make_image(env, &(struct image_recipe){.image_size = self->arg * CLUSTER,
                                           .backing_size = CLUSTER,
                                           .set_all = self->arg < 100,
                                           .cut_len = 1});
    refuse_open(env, "BMP-7", ADDCOW_NAME, corrupt);
}

static void bitmap_absent(struct env *env, const struct conf_case *self)
{
    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = CLUSTER});
    resize_file(env, ADDCOW_NAME, HEADER_LEN);
    refuse_open(env, "BMP-7", ADDCOW_NAME, corrupt);
}

/* The image file was made longer than the bitmap has bits for. */
static void outgrown(struct env *env, const struct conf_case *self)
{
    make_image(env, &(struct image_recipe){.image_size = 8 * CLUSTER,
                                           .backing_size = CLUSTER,
                                           .set_all = 1});
    resize_file(env, IMAGE_NAME, self->arg);
    refuse_open(env, "BMP-7", ADDCOW_NAME, corrupt);
}

/* A bitmap of exactly L bytes is long enough. */
static void bitmap_whole(struct env *env, const struct conf_case *self)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = CLUSTER});
    img = expect_accepted(env, "BMP-7", 0);
    expect_u64(env, "BMP-7", "virtual size", img_size(img), self->arg);
}

/* ---- Bits beyond the last cluster --------------------------------------- */

/* An image of ARG clusters and a sector: the last one is clipped.  The bits
 * after it are 1; its own is ALLOCATED. */
static struct oracle *stray_bits(struct env *env, uint64_t n_whole,
                                 int allocated)
{
    const uint64_t set[] = {allocated ? n_whole : END_OF_LIST, END_OF_LIST};
    struct oracle *o;

    o = make_image(
        env, &(struct image_recipe){.image_size = n_whole * CLUSTER + SECTOR,
                                    .backing_size = (n_whole + 9) * CLUSTER,
                                    .set = set});
    for (uint64_t c = n_whole + 1; c % 8; c++)
        set_bit_of(env, ADDCOW_NAME, c, 1);
    return o;
}

static void stray_bits_are_ignored(struct env *env,
                                   const struct conf_case *self)
{
    struct img *img;

    stray_bits(env, self->arg, 0);
    img = expect_open(env, "BMP-8", 0);
    expect_u64(env, "BMP-8", "virtual size", img_size(img),
               self->arg * CLUSTER + SECTOR);
    expect_guest_all(img, "BMP-8");
    must_close(img);
    stray_bits(env, self->arg, 1);
    img = open_image(env, 0);
    expect_guest_all(img, "BMP-8");
}

static void stray_bits_of_no_cluster(struct env *env,
                                     const struct conf_case *self)
{
    struct img *img;

    (void)self;
    make_image(env, &(struct image_recipe){.backing_size = CLUSTER});
    put_junk(env, ADDCOW_NAME, SECTOR);
    img = expect_open(env, "BMP-8", 0);
    expect_u64(env, "BMP-8", "virtual size", img_size(img), 0);
}

/* The map, where there is one, must not be misled either. */
static void stray_bits_in_the_map(struct env *env,
                                  const struct conf_case *self)
{
    uint64_t size = self->arg * CLUSTER + SECTOR;
    uint32_t state = 99;
    uint64_t len = 0;
    struct img *img;

    stray_bits(env, self->arg, 0);
    img = open_image(env, 0);
    expect_ok(env, "BMP-8", img_map(img, &len, &state, SECTOR, size - SECTOR));
    expect_u64(env, "BMP-8", "length of the run", len, SECTOR);
    expect_u64(env, "BMP-8", "state of the last cluster", state, 0);
}

/* No bit at N or beyond may have become 1: neither in the last byte nor in
 * bytes by which the file was padded. */
static void expect_no_stray_bits(struct env *env, const struct oracle *o,
                                 uint64_t n_clusters)
{
    uint64_t last = (file_size(env, ADDCOW_NAME) - HEADER_LEN) * 8;

    expect_bitmap(env, "BMP-9", ADDCOW_NAME, o);
    for (uint64_t c = n_clusters; c < last; c++)
        expect_bit(env, "BMP-9", ADDCOW_NAME, c, 0);
}

/* Everything is written at once, ARG clusters and a sector. */
static void write_sets_no_stray_bits(struct env *env,
                                     const struct conf_case *self)
{
    size_t size = (size_t)(self->arg * CLUSTER + SECTOR);
    struct oracle *o;
    struct img *img;

    o = make_image(env, &(struct image_recipe){.image_size = size,
                                               .backing_size = CLUSTER});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, size, 0);
    must_flush(img);
    expect_no_stray_bits(env, o, self->arg + 1);
    must_write(img, SECTOR, size - SECTOR);
    must_close(img);
    expect_no_stray_bits(env, o, self->arg + 1);
}

/* ---- What a writer makes of the length ---------------------------------- */

static uint64_t longest(uint64_t size)
{
    return (HEADER_LEN + bitmap_len_of(size) + SECTOR - 1) / SECTOR * SECTOR;
}

/* Ones right after the bitmap would show in a growth of the image. */
static void expect_padding_of_zeros(struct env *env, const char *clause,
                                    uint64_t from)
{
    static const uint8_t zeros[SECTOR];
    uint8_t padding[SECTOR];
    uint64_t end = file_size(env, ADDCOW_NAME);
    uint64_t len = end > from ? least(end - from, SECTOR) : 0;

    get_bytes(env, ADDCOW_NAME, padding, len, from);
    expect_bytes(env, clause, "bytes after the bitmap", padding, zeros, len);
}

/* The first and the last cluster of an image of ARG bytes are written, in
 * three turns. */
static void padded_at_most(struct env *env, const struct conf_case *self)
{
    uint64_t bitmap_end = HEADER_LEN + bitmap_len_of(self->arg);
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = CLUSTER});
    for (int turn = 0; turn < 3; turn++) {
        img = open_image(env, ADDCOW_OPEN_WRITE);
        must_write(img, SECTOR, 0);
        must_write(img, SECTOR, self->arg - SECTOR);
        must_flush(img);
        must_close(img);
        expect_true(env, "BMP-10",
                    "the add-cow file has at most 2560 + L "
                    "bytes, rounded up to a sector",
                    file_size(env, ADDCOW_NAME) <= longest(self->arg));
        expect_padding_of_zeros(env, "BMP-11", bitmap_end);
    }
}

/* No write of the host ever brought other bytes, not even for a while. */
static void only_zeros_behind(struct env *env, const struct conf_case *self)
{
    uint64_t end = HEADER_LEN + bitmap_len_of(self->arg);
    struct img *img;

    need_simulated(env);
    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = CLUSTER});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, self->arg - SECTOR);
    must_close(img);
    for (size_t i = 0; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (e->kind != EV_WRITE || !event_is(env, e, ADDCOW_NAME))
            continue;
        for (size_t k = 0; k < e->len; k++)
            if (e->offset + k >= end)
                expect_u64(env, "BMP-11", "byte written behind the bitmap",
                           e->data[k], 0);
        expect_true(env, "BMP-10", "no write passes the last sector",
                    e->offset + e->len <= longest(self->arg));
    }
    expect_padding_of_zeros(env, "BMP-11", end);
}

/* A longer file stays as long, and what follows the bitmap stays. */
static void tail_is_kept(struct env *env, const struct conf_case *self)
{
    uint64_t end = HEADER_LEN + 1;
    uint8_t *want = case_alloc(env, self->arg);
    uint8_t *got = case_alloc(env, self->arg);
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 5 * CLUSTER,
                                           .backing_size = CLUSTER});
    put_junk(env, ADDCOW_NAME, self->arg);
    get_bytes(env, ADDCOW_NAME, want, self->arg, end);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, 5 * CLUSTER, 0);
    must_flush(img);
    must_write(img, SECTOR, 0);
    must_close(img);
    expect_true(env, "BMP-12", "the add-cow file is as long as before",
                file_size(env, ADDCOW_NAME) >= end + self->arg);
    get_bytes(env, ADDCOW_NAME, got, self->arg, end);
    expect_bytes(env, "BMP-12", "bytes after the bitmap", got, want,
                 self->arg);
}

/* A file that is longer than the limit need not become shorter, but must not
 * become longer. */
static void long_file_grows_no_more(struct env *env,
                                    const struct conf_case *self)
{
    struct img *img;
    uint64_t before;

    make_image(env, &(struct image_recipe){.image_size = 5 * CLUSTER,
                                           .backing_size = CLUSTER,
                                           .add_len = self->arg});
    before = file_size(env, ADDCOW_NAME);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, 5 * CLUSTER, 0);
    must_close(img);
    expect_true(env, "BMP-10", "the add-cow file is no longer than before",
                file_size(env, ADDCOW_NAME) <= before);
}

#define CREATE ADDCOW_CAP_CREATE
#define WRITE ADDCOW_CAP_WRITE

const struct conf_case cases_bmp_len[] = {
    {"bmp/created-for-0-bytes", "A bitmap of no clusters has no byte", "BMP-5",
     CREATE, .run = created_length},
    {"bmp/created-for-512-bytes", "A sector has a bitmap of 1 byte", "BMP-5",
     CREATE, .run = created_length, .arg = 512},
    {"bmp/created-for-524288-bytes", "8 clusters have a bitmap of 1 byte",
     "BMP-5", CREATE, .run = created_length, .arg = 524288},
    {"bmp/created-for-524800-bytes",
     "8 clusters and a sector have a bitmap of 2 bytes", "BMP-5", CREATE,
     .run = created_length, .arg = 524800},
    {"bmp/created-for-589824-bytes", "9 clusters have a bitmap of 2 bytes",
     "BMP-5", CREATE, .run = created_length, .arg = 589824},
    {"bmp/created-for-8-mib", "8 MiB have an add-cow file of 2576 bytes",
     "BMP-5", CREATE, .run = created_length, .arg = 8 * MIB},
    {"bmp/created-for-8-gib", "8 GiB have an add-cow file of 18944 bytes",
     "BMP-5", CREATE, .run = created_length, .arg = 8 * GIB},
    {"bmp/created-for-5-tib", "5 TiB have an add-cow file of 10488320 bytes",
     "BMP-5", CREATE, .run = created_length, .arg = 5 * TIB},
    {"bmp/one-byte-too-long", "One byte after the bitmap is ignored", "BMP-6",
     0, .run = longer_file, .arg = 1},
    {"bmp/padded-to-a-sector", "An add-cow file padded to 3072 bytes is good",
     "BMP-6", 0, .run = longer_file, .arg = 510},
    {"bmp/longer-than-a-sector", "An add-cow file of 3073 bytes is good",
     "BMP-6", 0, .run = longer_file, .arg = 511},
    {"bmp/longer-by-a-mib", "A MiB of ones after the bitmap is ignored",
     "BMP-6", 0, .run = longer_file, .arg = MIB},
    {"bmp/one-byte-too-long-is-written",
     "An image with one byte after the bitmap is written and reopens", "BMP-6",
     WRITE, .run = longer_file_is_written, .arg = 1},
    {"bmp/longer-by-a-mib-is-written",
     "An image with a MiB after the bitmap is written and reopens", "BMP-6",
     WRITE, .run = longer_file_is_written, .arg = MIB},
    {"bmp/one-cluster-without-its-byte",
     "The bitmap of one cluster lacks its only byte", "BMP-7", CASE_REFUSES,
     .run = bitmap_cut, .arg = 1},
    {"bmp/eight-clusters-without-their-byte",
     "The bitmap of eight clusters lacks its only byte", "BMP-7", CASE_REFUSES,
     .run = bitmap_cut, .arg = 8},
    {"bmp/nine-clusters-with-one-byte",
     "The bitmap of nine clusters lacks its second byte", "BMP-7",
     CASE_REFUSES, .run = bitmap_cut, .arg = 9},
    {"bmp/bitmap-cut-at-a-sector",
     "A bitmap that ends with a sector of the file lacks a byte", "BMP-7",
     CASE_REFUSES, .run = bitmap_cut, .arg = 4097},
    {"bmp/bitmap-cut-at-a-table",
     "The bitmap of 32 GiB and a cluster lacks its last byte", "BMP-7",
     CASE_REFUSES, .run = bitmap_cut, .arg = TABLE + 1},
    {"bmp/bitmap-absent-for-a-sector",
     "An image of one sector has no bitmap at all", "BMP-7", CASE_REFUSES,
     .run = bitmap_absent, .arg = 512},
    {"bmp/bitmap-absent-for-1-gib", "An image of 1 GiB has no bitmap at all",
     "BMP-7", CASE_REFUSES, .run = bitmap_absent, .arg = GIB},
    {"bmp/image-outgrew-the-bitmap-by-a-sector",
     "An image file of eight clusters was made longer by a sector", "BMP-7",
     CASE_REFUSES, .run = outgrown, .arg = 8 * CLUSTER + SECTOR},
    {"bmp/image-outgrew-the-bitmap-by-far",
     "An image file of eight clusters was made 1 GiB long", "BMP-7",
     CASE_REFUSES, .run = outgrown, .arg = GIB},
    {"bmp/bitmap-of-exactly-one-byte", "Eight clusters need one byte", "BMP-7",
     0, .run = bitmap_whole, .arg = 8 * CLUSTER},
    {"bmp/bitmap-of-exactly-two-bytes",
     "Eight clusters and a sector need two bytes", "BMP-7", 0,
     .run = bitmap_whole, .arg = 8 * CLUSTER + SECTOR},
    {"bmp/bitmap-of-exactly-a-table", "32 GiB need 65536 bytes", "BMP-7", 0,
     .run = bitmap_whole, .arg = 32 * GIB},
    {"bmp/stray-bits-after-one-cluster",
     "Bits 1 to 7 of an image of one cluster are ignored", "BMP-8", 0,
     .run = stray_bits_are_ignored},
    {"bmp/stray-bits-after-nine-clusters",
     "Bits 9 to 15 of an image of nine clusters are ignored", "BMP-8", 0,
     .run = stray_bits_are_ignored, .arg = 8},
    {"bmp/stray-bit-after-fifteen-clusters",
     "Bit 15 of an image of fifteen clusters is ignored", "BMP-8", 0,
     .run = stray_bits_are_ignored, .arg = 14},
    {"bmp/stray-bits-without-clusters",
     "An image of size 0 ignores whatever bits follow the header", "BMP-8", 0,
     .run = stray_bits_of_no_cluster},
    {"bmp/stray-bits-in-the-map",
     "A map of the last cluster is not misled by bits beyond it", "BMP-8",
     ADDCOW_CAP_MAP, .run = stray_bits_in_the_map, .arg = 8},
    {"bmp/write-to-one-cluster-sets-no-stray-bits",
     "Writing an image of one clipped cluster sets one bit", "BMP-9", WRITE,
     .run = write_sets_no_stray_bits},
    {"bmp/write-to-eight-clusters-sets-no-stray-bits",
     "Writing an image of eight clusters sets no ninth bit", "BMP-9", WRITE,
     .run = write_sets_no_stray_bits, .arg = 7},
    {"bmp/write-to-nine-clusters-sets-no-stray-bits",
     "Writing an image of nine clusters sets no tenth bit", "BMP-9", WRITE,
     .run = write_sets_no_stray_bits, .arg = 8},
    {"bmp/one-byte-is-padded-at-most-to-a-sector",
     "A bitmap of 1 byte is padded with zeros, to 3072 bytes at most",
     "BMP-10 BMP-11", WRITE, .run = padded_at_most, .arg = 3 * CLUSTER},
    {"bmp/bitmap-of-512-bytes-is-not-padded",
     "A bitmap of 512 bytes ends with its sector", "BMP-10 BMP-11", WRITE,
     .run = padded_at_most, .arg = 4096 * CLUSTER},
    {"bmp/bitmap-of-513-bytes-is-padded-at-most-to-a-sector",
     "A bitmap of 513 bytes is padded with zeros, to 3584 bytes at most",
     "BMP-10 BMP-11", WRITE, .run = padded_at_most, .arg = 4097 * CLUSTER},
    {"bmp/bitmap-of-a-table-and-a-byte-is-padded-at-most-to-a-sector",
     "A bitmap of 65537 bytes is padded with zeros to a sector at most",
     "BMP-10 BMP-11", WRITE, .run = padded_at_most,
     .arg = (TABLE + 1) * CLUSTER},
    {"bmp/nothing-but-zeros-is-written-behind-one-byte",
     "No write puts anything but zeros behind a bitmap of 1 byte",
     "BMP-11 BMP-10", WRITE | ADDCOW_CAP_HOST, .run = only_zeros_behind,
     .arg = 3 * CLUSTER},
    {"bmp/nothing-but-zeros-is-written-behind-513-bytes",
     "No write puts anything but zeros behind a bitmap of 513 bytes",
     "BMP-11 BMP-10", WRITE | ADDCOW_CAP_HOST, .run = only_zeros_behind,
     .arg = 4097 * CLUSTER},
    {"bmp/padded-file-grows-no-more",
     "A file that was padded to 3072 bytes does not grow", "BMP-10", WRITE,
     .run = long_file_grows_no_more, .arg = 511},
    {"bmp/long-file-grows-no-more",
     "A file that is longer than a writer may make it does not grow", "BMP-10",
     WRITE, .run = long_file_grows_no_more, .arg = 1000},
    {"bmp/byte-after-the-bitmap-is-kept",
     "The byte right after the bitmap stays as it was", "BMP-12", WRITE,
     .run = tail_is_kept, .arg = 1},
    {"bmp/rest-of-the-sector-is-kept",
     "The rest of the bitmap's last sector stays as it was", "BMP-12", WRITE,
     .run = tail_is_kept, .arg = 511},
    {"bmp/bytes-far-after-the-bitmap-are-kept",
     "Sectors after the bitmap stay as they were", "BMP-12", WRITE,
     .run = tail_is_kept, .arg = 5000},
    {0}};
