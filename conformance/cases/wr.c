/* SPDX-License-Identifier: MIT
 *
 * wr.c - chapter 8 of the specification: what a write does.
 *
 * Deliberately missing: what it must not do (wr_limits.c), a host that fails
 * (wr_fail.c), requests at the same time (concurrent.c), and the order in
 * which things reach the host (chapter 9).
 */
#include "all.h"
#include "steps/guest.h"

#include <stdbool.h>

#define HOST ADDCOW_CAP_HOST
#define WRITE ADDCOW_CAP_WRITE
#define THROUGH (ADDCOW_CAP_WRITE | ADDCOW_CAP_WRITETHROUGH)
#define TABLE UINT64_C(524288) /* clusters in 64 KiB of bitmap */

static void expect_touched_bits(struct env *env, const char *clause,
                                size_t len, uint64_t offset)
{
    for (uint64_t c = offset / CLUSTER; c <= (offset + len - 1) / CLUSTER; c++)
        expect_bit(env, clause, ADDCOW_NAME, c, 1);
}

/* ---- WR-1, WR-2, WR-9: one write ---------------------------------------- */

static void one_write(struct env *env, const struct conf_case *self)
{
    struct oracle *o = mixed_image(env);
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);
    size_t len = self->len;
    uint64_t offset = self->offset;

    if (!expect_write(env, "WR-2", img, len, offset))
        return;
    expect_read(env, "WR-2", img, len, offset);
    must_flush(img);
    expect_touched_bits(env, "WR-1", len, offset);
    expect_bitmap(env, "WR-1", ADDCOW_NAME, o);
    expect_guest_all(img, "WR-9");
    img = reopen(env, img, 0);
    expect_guest_all(img, "WR-2");
    must_close(img);
}

static void allocated_by_close(struct env *env, const struct conf_case *self)
{
    struct oracle *o = mixed_image(env);
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

    must_write(img, self->len, self->offset);
    must_close(img);
    expect_touched_bits(env, "WR-1", self->len, self->offset);
    expect_bitmap(env, "WR-1", ADDCOW_NAME, o);
}

static void allocated_by_writethrough(struct env *env,
                                      const struct conf_case *self)
{
    struct oracle *o = mixed_image(env);
    struct img *img =
        open_image(env, ADDCOW_OPEN_WRITE | ADDCOW_OPEN_WRITETHROUGH);

    must_write(img, self->len, self->offset);
    expect_touched_bits(env, "WR-1", self->len, self->offset);
    expect_bitmap(env, "WR-1", ADDCOW_NAME, o);
    must_close(img);
}

/* Two clusters from ARG on are written with one request, in parts. */
static void far_write(struct env *env, const struct conf_case *self)
{
    uint64_t size = (self->arg + 2) * CLUSTER;
    uint64_t offset = self->arg * CLUSTER - SECTOR;
    struct oracle *o = make_image(
        env, &(struct image_recipe){.image_size = size, .backing_size = size});
    struct img *img = open_huge(env, ADDCOW_OPEN_WRITE);

    must_write(img, 2 * SECTOR, offset);
    must_flush(img);
    expect_touched_bits(env, "WR-1", 2 * SECTOR, offset);
    expect_bitmap(env, "WR-1", ADDCOW_NAME, o);
    img = reopen(env, img, 0);
    expect_guest(img, "WR-2", 2 * SECTOR, offset);
    expect_guest(img, "WR-9", 2 * CLUSTER, (self->arg - 1) * CLUSTER);
    must_close(img);
}

static void sixteen_mib(struct env *env, const struct conf_case *self)
{
    struct oracle *o =
        make_image(env, &(struct image_recipe){.image_size = 17 * MIB + SECTOR,
                                               .backing_size = 17 * MIB});
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

    (void)self;
    must_write(img, 16 * MIB, MIB / 2 + SECTOR);
    must_flush(img);
    expect_bitmap(env, "WR-1", ADDCOW_NAME, o);
    expect_guest_all(img, "WR-2");
    must_close(img);
}

static void written_twice(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    mixed_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, 4 * SECTOR, 4 * CLUSTER);
    must_write(img, 2 * SECTOR, 4 * CLUSTER + SECTOR);
    expect_guest_all(img, "WR-2");
    must_flush(img);
    must_write(img, 4 * SECTOR, 4 * CLUSTER + 3 * SECTOR);
    expect_guest_twice(env, "WR-2", img);
}

/* Once every bit is 1 the image file alone is the disk. */
static void image_file_alone(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    mixed_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    for (uint64_t offset = 0; offset < MIXED_SIZE; offset += CLUSTER)
        must_write(img, SECTOR, offset);
    must_close(img);
    for (uint64_t c = 0; c <= 20; c++)
        expect_complete(env, "WR-2", img, c);
}

/* ---- WR-3, WR-4: what the write does not cover -------------------------- */

static void completed(struct env *env, const struct conf_case *self)
{
    const char *clause = main_clause(env);
    uint64_t last = (self->offset + self->len - 1) / CLUSTER;
    struct img *img;

    mixed_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    if (!expect_write(env, clause, img, self->len, self->offset))
        return;
    must_flush(img);
    for (uint64_t c = self->offset / CLUSTER; c <= last; c++)
        expect_complete(env, clause, img, c);
    must_close(img);
}

/* A backing file of ARG bytes, UINT64_MAX for none, under cluster 0. */
static void completed_over_short_backing(struct env *env,
                                         const struct conf_case *self)
{
    int absent = self->arg == UINT64_MAX;
    struct img *img;

    make_image(env,
               &(struct image_recipe){.image_size = 2 * CLUSTER,
                                      .no_backing = absent,
                                      .backing_size = absent ? 0 : self->arg});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, 4 * SECTOR);
    expect_guest_all(img, "WR-4");
    must_flush(img);
    expect_complete(env, "WR-4", img, 0);
    expect_guest_all(img, "WR-4");
    must_close(img);
}

/* Two writes to one cluster before the flush: the second must not bring the
 * backing file's bytes back over the first. */
static void completed_once(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    mixed_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, 5 * CLUSTER + 3 * SECTOR);
    must_write(img, SECTOR, 5 * CLUSTER + 9 * SECTOR);
    must_write(img, SECTOR, 5 * CLUSTER);
    must_flush(img);
    expect_complete(env, "WR-3", img, 5);
    must_close(img);
}

/* ---- WR-6, WR-7: allocated clusters ------------------------------------- */

/* The bits are as they were BEFORE, but for those of clusters that another
 * reason than the write may have allocated meanwhile (IMPL-3 b). */
static void expect_bits_kept(struct env *env, const uint8_t *before)
{
    const uint8_t *now = get_bitmap(env, MIXED_SIZE);
    bool may_copy = choice_of(env, "IMPL-3") != 'a';

    for (uint64_t c = 0; c < 8 * bitmap_len_of(MIXED_SIZE); c++) {
        unsigned was = before[c / 8] >> c % 8 & 1;
        unsigned is = now[c / 8] >> c % 8 & 1;

        if (was || c >= clusters_of(MIXED_SIZE) || !may_copy)
            expect_u64(env, "WR-6", "bit that the write does not change", is,
                       was);
    }
}

static void bitmap_is_kept(struct env *env, const struct conf_case *self)
{
    struct img *img;
    uint8_t *before;

    mixed_image(env);
    set_bit_of(env, ADDCOW_NAME, 23, 1); /* beyond the last cluster */
    before = get_bitmap(env, MIXED_SIZE);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    if (!expect_write(env, "WR-6", img, self->len, self->offset))
        return;
    must_flush(img);
    expect_bits_kept(env, before);
    must_close(img);
    expect_bits_kept(env, before);
}

static void image_is_kept(struct env *env, const struct conf_case *self)
{
    uint64_t last = (self->offset + self->len - 1) / CLUSTER;
    struct snapshot *s;
    struct img *img;

    mixed_image(env);
    s = take_snapshot(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    if (!expect_write(env, "WR-7", img, self->len, self->offset))
        return;
    must_close(img);
    expect_complete(env, "WR-7", img, self->offset / CLUSTER);
    expect_complete(env, "WR-7", img, last);
    if (choice_of(env, "IMPL-3") == 'a') /* else others may be copied */
        expect_unchanged_except(env, "WR-7", s, IMAGE_NAME, self->len,
                                self->offset);
}

/* ---- WR-10, WR-17: bits ------------------------------------------------- */

/* A sector of cluster ARG is written, or with a TEXT all of it. */
static void other_bits(struct env *env, const struct conf_case *self)
{
    uint64_t size = 64 * CLUSTER;
    const uint64_t set[] = {0, 9, 18, 27, 36, 45, 54, 63, END_OF_LIST};
    struct oracle *o = make_image(
        env, &(struct image_recipe){
                 .image_size = size, .backing_size = size, .set = set});
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

    must_write(img, self->text ? CLUSTER : SECTOR, self->arg * CLUSTER);
    must_close(img);
    expect_bit(env, "WR-17", ADDCOW_NAME, self->arg, 1);
    for (size_t i = 0; set[i] != END_OF_LIST; i++)
        expect_bit(env, "WR-17", ADDCOW_NAME, set[i], 1);
    expect_bitmap(env, "WR-10", ADDCOW_NAME, o);
}

static void bits_stay(struct env *env, const struct conf_case *self)
{
    struct oracle *o = mixed_image(env);
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

    (void)self;
    expect_ok(env, "WR-17", write_zeros(img, CLUSTER, CLUSTER));
    must_flush(img);
    expect_bit(env, "WR-17", ADDCOW_NAME, 1, 1);
    must_write(img, 8 * CLUSTER, 0);
    must_flush(img);
    expect_ok(env, "WR-17", write_zeros(img, MIXED_SIZE, 0));
    must_close(img);
    for (uint64_t c = 0; c <= 20; c++)
        expect_bit(env, "WR-17", ADDCOW_NAME, c, 1);
    expect_bitmap(env, "WR-17", ADDCOW_NAME, o);
}

/* No host write, not one that is overwritten later, shows a bit as 0 that
 * was 1 before. */
static void bits_never_flicker(struct env *env, const struct conf_case *self)
{
    size_t len = (size_t)bitmap_len_of(MIXED_SIZE);
    uint8_t *bits, *now;
    struct img *img;
    size_t mark;

    (void)self;
    mixed_image(env);
    bits = get_bitmap(env, MIXED_SIZE);
    mark = n_events(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    for (uint64_t c = 0; c <= 20; c += 3) {
        must_write(img, SECTOR, c * CLUSTER);
        must_flush(img);
    }
    must_close(img);
    now = get_bitmap(env, MIXED_SIZE);
    for (size_t i = 0; i < len; i++)
        expect_that(env, "WR-17", "no bit is 0 that was 1",
                    (bits[i] & ~now[i]) == 0,
                    "one of clusters %zu to %zu is 0", 8 * i, 8 * i + 7);
    for (size_t i = mark; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        if (e->kind != EV_WRITE || !event_is(env, e, ADDCOW_NAME))
            continue;
        for (size_t k = 0; k < e->n_applied; k++) {
            uint64_t at = e->offset + k - HEADER_LEN;

            if (e->offset + k < HEADER_LEN || at >= len)
                continue;
            expect_that(env, "WR-17", "no bit goes back to 0",
                        (bits[at] & ~e->data[k]) == 0,
                        "one of clusters %llu to %llu does",
                        (unsigned long long)(8 * at),
                        (unsigned long long)(8 * at + 7));
            bits[at] = e->data[k];
        }
    }
}

/* ---- WR-18: zeros are data ---------------------------------------------- */

static void zeros_are_data(struct env *env, const struct conf_case *self)
{
    struct oracle *o = mixed_image(env);
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);
    size_t len = self->len;
    uint64_t offset = self->offset;

    expect_ok(env, "WR-18", write_zeros(img, len, offset));
    expect_zeros(img, "WR-18", len, offset);
    must_flush(img);
    expect_touched_bits(env, "WR-18", len, offset);
    expect_image_file(env, "WR-18", img, len, offset);
    img = reopen(env, img, 0);
    expect_zeros(img, "WR-18", len, offset);
    expect_guest_all(img, "WR-18");
    must_close(img);
    expect_bitmap(env, "WR-18", ADDCOW_NAME, o);
}

static void zeros_without_backing(struct env *env,
                                  const struct conf_case *self)
{
    struct img *img;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .no_backing = 1});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_ok(env, "WR-18", write_zeros(img, CLUSTER, CLUSTER));
    must_close(img);
    expect_bit(env, "WR-18", ADDCOW_NAME, 1, 1);
    expect_complete(env, "WR-18", img, 1);
}

#define ONE_WRITE "WR-1 WR-2 WR-9", WRITE, .run = one_write

const struct conf_case cases_wr[] = {
    {"wr/first-byte", "One byte at 0 allocates cluster 0", ONE_WRITE,
     .len = 1},
    {"wr/511-bytes", "511 bytes at 0 are written", ONE_WRITE, .len = 511},
    {"wr/one-sector", "512 bytes at 0 are written", ONE_WRITE, .len = 512},
    {"wr/513-bytes", "513 bytes at 511 are written", ONE_WRITE, .offset = 511,
     .len = 513},
    {"wr/65535-bytes", "All but the last byte of a cluster is written",
     ONE_WRITE, .offset = 3 * CLUSTER, .len = 65535},
    {"wr/one-cluster", "A whole cluster is written", ONE_WRITE,
     .offset = 3 * CLUSTER, .len = 65536},
    {"wr/65537-bytes", "A cluster and one byte allocate two clusters",
     ONE_WRITE, .offset = 3 * CLUSTER, .len = 65537},
    {"wr/a-clusters-last-byte", "The last byte of a cluster is written",
     ONE_WRITE, .offset = 4 * CLUSTER - 1, .len = 1},
    {"wr/two-bytes-in-two-clusters",
     "Two bytes over a boundary allocate two clusters", ONE_WRITE,
     .offset = 4 * CLUSTER - 1, .len = 2},
    {"wr/cluster-7", "A sector of cluster 7 sets the last bit of a byte",
     ONE_WRITE, .offset = 7 * CLUSTER + SECTOR, .len = 512},
    {"wr/cluster-8", "A sector of cluster 8 sets the first bit of a byte",
     ONE_WRITE, .offset = 8 * CLUSTER + SECTOR, .len = 512},
    {"wr/clusters-7-and-8", "A write over clusters 7 and 8 sets two bytes",
     ONE_WRITE, .offset = 8 * CLUSTER - SECTOR, .len = 1024},
    {"wr/inside-an-allocated-cluster", "A sector of an allocated cluster",
     ONE_WRITE, .offset = CLUSTER + 5 * SECTOR, .len = 512},
    {"wr/from-unallocated-to-allocated",
     "A write reaches from an unallocated into an allocated cluster",
     ONE_WRITE, .offset = SECTOR, .len = 65536},
    {"wr/from-allocated-to-unallocated",
     "A write reaches from an allocated into an unallocated cluster",
     ONE_WRITE, .offset = 2 * CLUSTER + SECTOR, .len = 65536},
    {"wr/around-an-allocated-cluster",
     "A write covers an allocated cluster between unallocated ones", ONE_WRITE,
     .offset = 10 * CLUSTER - SECTOR, .len = 65536 + 1024},
    {"wr/where-the-backing-file-ends",
     "A sector over the end of the backing file", ONE_WRITE,
     .offset = 18 * CLUSTER + SECTOR, .len = 512},
    {"wr/beyond-the-backing-file", "A sector past the backing file's end",
     ONE_WRITE, .offset = 19 * CLUSTER + SECTOR, .len = 512},
    {"wr/last-cluster", "The first sector of the clipped last cluster",
     ONE_WRITE, .offset = 20 * CLUSTER, .len = 512},
    {"wr/whole-last-cluster", "The clipped last cluster is written whole",
     ONE_WRITE, .offset = 20 * CLUSTER, .len = 1536},
    {"wr/last-byte", "The last byte of the disk is written", ONE_WRITE,
     .offset = MIXED_SIZE - 1, .len = 1},
    {"wr/whole-disk", "The whole disk is written with one request", ONE_WRITE,
     .len = MIXED_SIZE},
    {"wr/twice-in-one-cluster", "Later writes to a cluster show", "WR-2",
     WRITE, .run = written_twice},
    {"wr/sixteen-mib", "16 MiB are written with one request", "WR-1 WR-2",
     WRITE, .run = sixteen_mib},
    {"wr/above-4-gib", "A write over 4 GiB allocates two clusters",
     "WR-1 WR-2 WR-9", WRITE, .run = far_write, .arg = 4 * GIB / CLUSTER},
    {"wr/across-the-table-boundary",
     "A write over clusters 524287 and 524288 allocates both",
     "WR-1 WR-2 WR-9", WRITE, .run = far_write, .arg = TABLE},
    {"wr/above-2-tib", "A write over 2 TiB allocates two clusters",
     "WR-1 WR-2 WR-9", WRITE, .run = far_write, .arg = 2 * TIB / CLUSTER},
    {"wr/near-8-tib", "A write at the end of 8 TiB allocates two clusters",
     "WR-1 WR-2 WR-9", WRITE, .run = far_write, .arg = 8 * TIB / CLUSTER - 2},
    {"wr/near-2-to-the-62", "A write near 2^62 allocates two clusters",
     "WR-1 WR-2 WR-9", HOST | WRITE, .run = far_write,
     .arg = (UINT64_C(1) << 46) - 2},
    {"wr/allocated-by-close", "A close makes the bit of a write 1", "WR-1",
     WRITE, .run = allocated_by_close, .offset = 7 * CLUSTER, .len = 1024},
    {"wr/two-allocated-by-close", "A close makes the bits of two clusters 1",
     "WR-1", WRITE, .run = allocated_by_close, .offset = 8 * CLUSTER - SECTOR,
     .len = 1024},
    {"wr/last-cluster-allocated-by-close",
     "A close makes the bit of the clipped cluster 1", "WR-1", WRITE,
     .run = allocated_by_close, .offset = 20 * CLUSTER + SECTOR, .len = 512},
    {"wr/allocated-by-writethrough",
     "The bit of a write is 1 when it returns under writethrough", "WR-1",
     THROUGH, .run = allocated_by_writethrough, .offset = 7 * CLUSTER,
     .len = 1024},
    {"wr/two-allocated-by-writethrough",
     "The bits of a write are 1 when it returns under writethrough", "WR-1",
     THROUGH, .run = allocated_by_writethrough, .offset = 8 * CLUSTER - SECTOR,
     .len = 1024},
    {"wr/image-file-alone",
     "The image file is the disk once every cluster was written", "WR-2",
     WRITE, .run = image_file_alone},

    {"wr/rest-of-the-head",
     "The rest of a cluster whose head is written comes from the backing file",
     "WR-3", WRITE, .run = completed, .offset = 3 * CLUSTER, .len = 512},
    {"wr/rest-around-the-middle",
     "The rest around a sector comes from the backing file", "WR-3", WRITE,
     .run = completed, .offset = 3 * CLUSTER + 60 * SECTOR, .len = 512},
    {"wr/rest-of-the-end",
     "The rest of a cluster whose end is written comes from the backing file",
     "WR-3", WRITE, .run = completed, .offset = 4 * CLUSTER - SECTOR,
     .len = 512},
    {"wr/rest-around-one-byte",
     "The rest around one byte comes from the backing file", "WR-3", WRITE,
     .run = completed, .offset = 3 * CLUSTER + 1000, .len = 1},
    {"wr/rest-of-65535-bytes",
     "The one byte that a write leaves comes from the backing file", "WR-3",
     WRITE, .run = completed, .offset = 3 * CLUSTER + 1, .len = 65535},
    {"wr/rest-of-two-clusters",
     "Two clusters written in part are completed from the backing file",
     "WR-3", WRITE, .run = completed, .offset = 4 * CLUSTER - SECTOR,
     .len = 1024},
    {"wr/rest-at-both-ends-of-a-run",
     "The ends of a run of clusters are completed from the backing file",
     "WR-3", WRITE, .run = completed, .offset = 4 * CLUSTER - SECTOR,
     .len = 3 * 65536},
    {"wr/rest-of-two-writes",
     "What an earlier write put into a cluster is not filled again", "WR-3",
     WRITE, .run = completed_once},
    {"wr/zeros-where-the-backing-ends-in-a-sector",
     "Zeros are written from the backing file's last byte on", "WR-4", WRITE,
     .run = completed, .offset = 18 * CLUSTER + 40 * SECTOR, .len = 512},
    {"wr/zeros-beside-the-backings-end",
     "Zeros are written over old bytes in the sector where backing ends",
     "WR-4", WRITE, .run = completed, .offset = 18 * CLUSTER, .len = 512},
    {"wr/zeros-beyond-the-backing",
     "Zeros are written around a sector past the backing file's end", "WR-4",
     WRITE, .run = completed, .offset = 19 * CLUSTER + SECTOR, .len = 512},
    {"wr/zeros-in-the-last-cluster",
     "Zeros are written around a sector of the clipped cluster", "WR-4", WRITE,
     .run = completed, .offset = 20 * CLUSTER + SECTOR, .len = 512},
    {"wr/zeros-without-backing",
     "Zeros are written around a sector without a backing file", "WR-4", WRITE,
     .run = completed_over_short_backing, .arg = UINT64_MAX},
    {"wr/zeros-over-an-empty-backing",
     "Zeros are written around a sector over an empty backing file", "WR-4",
     WRITE, .run = completed_over_short_backing},
    {"wr/zeros-over-one-byte-of-backing",
     "Zeros are written from the second byte on", "WR-4", WRITE,
     .run = completed_over_short_backing, .arg = 1},
    {"wr/zeros-over-backing-that-ends-in-the-write",
     "Zeros are written behind a write over the backing file's end", "WR-4",
     WRITE, .run = completed_over_short_backing, .arg = 4 * SECTOR + 100},
    {"wr/zeros-over-511-bytes-of-backing",
     "Zeros are written from byte 511 on", "WR-4", WRITE,
     .run = completed_over_short_backing, .arg = 511},
    {"wr/zeros-over-65535-bytes-of-backing",
     "A zero is written over a cluster's last byte", "WR-4", WRITE,
     .run = completed_over_short_backing, .arg = 65535},
    {"wr/no-zeros-over-65536-bytes-of-backing",
     "A backing file that ends with the cluster leaves no zeros", "WR-4",
     WRITE, .run = completed_over_short_backing, .arg = 65536},

    {"wr/bitmap-is-kept",
     "A sector of an allocated cluster leaves the bitmap as it was", "WR-6",
     WRITE, .run = bitmap_is_kept, .offset = CLUSTER + SECTOR, .len = 512},
    {"wr/bitmap-is-kept-by-two-clusters",
     "A write over two allocated clusters leaves the bitmap as it was", "WR-6",
     WRITE, .run = bitmap_is_kept, .offset = 2 * CLUSTER - SECTOR,
     .len = 1024},
    {"wr/bitmap-is-kept-by-a-byte",
     "A byte of an allocated cluster leaves the bitmap as it was", "WR-6",
     WRITE, .run = bitmap_is_kept, .offset = 10 * CLUSTER + 77, .len = 1},
    {"wr/bitmap-is-kept-by-a-whole-cluster",
     "A write up to the end of an allocated cluster leaves the bitmap", "WR-6",
     WRITE, .run = bitmap_is_kept, .offset = 10 * CLUSTER, .len = 65536},
    {"wr/image-is-kept-around-a-sector",
     "The image file changes in the written sector alone", "WR-7", WRITE,
     .run = image_is_kept, .offset = CLUSTER + SECTOR, .len = 512},
    {"wr/image-is-kept-around-a-byte",
     "The image file changes in the written byte alone", "WR-7", WRITE,
     .run = image_is_kept, .offset = CLUSTER + 1000, .len = 1},
    {"wr/image-is-kept-around-513-bytes",
     "The image file changes in the 513 written bytes alone", "WR-7", WRITE,
     .run = image_is_kept, .offset = CLUSTER + 511, .len = 513},
    {"wr/image-is-kept-around-a-cluster",
     "The image file changes in the written cluster alone", "WR-7", WRITE,
     .run = image_is_kept, .offset = 10 * CLUSTER, .len = 65536},
    {"wr/image-is-kept-around-two-clusters",
     "The image file changes in the written range of two clusters alone",
     "WR-7", WRITE, .run = image_is_kept, .offset = CLUSTER + SECTOR,
     .len = 65536},

    {"wr/other-bits-of-the-first-byte",
     "A write to cluster 1 changes no other bit", "WR-10 WR-17", WRITE,
     .run = other_bits, .arg = 1},
    {"wr/other-bits-beside-cluster-7",
     "A write to cluster 7 changes no other bit", "WR-10 WR-17", WRITE,
     .run = other_bits, .arg = 7},
    {"wr/other-bits-beside-cluster-8",
     "A write to cluster 8 changes no other bit", "WR-10 WR-17", WRITE,
     .run = other_bits, .arg = 8},
    {"wr/other-bits-of-the-last-byte",
     "A write to cluster 62 changes no other bit", "WR-10 WR-17", WRITE,
     .run = other_bits, .arg = 62},
    {"wr/other-bits-beside-a-whole-cluster",
     "A write of the whole of cluster 4 changes no other bit", "WR-10 WR-17",
     WRITE, .run = other_bits, .arg = 4, .text = "whole"},
    {"wr/bits-stay", "Bits that are 1 stay 1 under data and zeros", "WR-17",
     WRITE, .run = bits_stay},
    {"wr/bits-never-go-back", "No host write shows a bit as 0 that was 1",
     "WR-17", HOST | WRITE, .run = bits_never_flicker},

    {"wr/zeros-of-a-whole-cluster",
     "Zeros over an unallocated cluster allocate it", "WR-18", WRITE,
     .run = zeros_are_data, .offset = 3 * CLUSTER, .len = 65536},
    {"wr/zeros-of-a-sector", "A sector of zeros allocates its cluster",
     "WR-18", WRITE, .run = zeros_are_data, .offset = 3 * CLUSTER + SECTOR,
     .len = 512},
    {"wr/zeros-of-an-allocated-cluster",
     "Zeros over an allocated cluster read as zeros", "WR-18", WRITE,
     .run = zeros_are_data, .offset = CLUSTER, .len = 65536},
    {"wr/zeros-beyond-the-backing-file",
     "Zeros where zeros were read allocate the cluster", "WR-18", WRITE,
     .run = zeros_are_data, .offset = 19 * CLUSTER, .len = 65536},
    {"wr/zeros-of-the-last-cluster",
     "Zeros over the clipped cluster allocate it", "WR-18", WRITE,
     .run = zeros_are_data, .offset = 20 * CLUSTER, .len = 1536},
    {"wr/zeros-of-three-clusters", "Zeros over three clusters allocate them",
     "WR-18", WRITE, .run = zeros_are_data, .offset = 4 * CLUSTER - SECTOR,
     .len = 65536 + 1024},
    {"wr/zeros-of-an-image-without-backing",
     "Zeros allocate a cluster of an image without a backing file", "WR-18",
     WRITE, .run = zeros_without_backing},
    {0}};
