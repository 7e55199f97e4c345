/* SPDX-License-Identifier: MIT
 *
 * rd.c - chapter 7 of the specification: what a read returns.
 *
 * Deliberately missing: what it asks of the host (rd_host.c), sizes and short
 * backing files for their own sake (chapter 6), and the files that reading
 * needs (chapter 4).
 */
#include "all.h"
#include "steps/guest.h"

#define HOST ADDCOW_CAP_HOST
#define TABLE UINT64_C(524288) /* clusters in 64 KiB of bitmap */

/* ---- RD-1, RD-2: one cluster that differs from all others --------------- */

static void small_image(struct env *env, const uint64_t *set)
{
    make_image(env, &(struct image_recipe){.image_size = SMALL_SIZE,
                                           .backing_size = 10 * CLUSTER,
                                           .set = set});
}

static void one_allocated(struct env *env, const struct conf_case *self)
{
    const uint64_t set[] = {self->arg, END_OF_LIST};
    struct img *img;

    small_image(env, set);
    img = open_image(env, 0);
    expect_guest(img, "RD-1", self->arg == 9 ? SECTOR : CLUSTER,
                 self->arg * CLUSTER);
    expect_guest_all(img, "RD-2");
    must_close(img);
}

static void one_unallocated(struct env *env, const struct conf_case *self)
{
    uint64_t set[11];
    size_t n = 0;
    struct img *img;

    for (uint64_t c = 0; c < 10; c++) {
        if (c != self->arg)
            set[n++] = c;
    }
    set[n] = END_OF_LIST;
    small_image(env, set);
    img = open_image(env, 0);
    expect_guest(img, "RD-2", self->arg == 9 ? SECTOR : CLUSTER,
                 self->arg * CLUSTER);
    expect_guest_all(img, "RD-1");
    must_close(img);
}

/* ---- RD-1, RD-2, RD-3: far out ------------------------------------------ */

/* A disk that ends with the neighbour of CLUSTER, which alone is allocated. */
static void far_image(struct env *env, uint64_t cluster)
{
    const uint64_t set[] = {cluster, END_OF_LIST};
    uint64_t size = (cluster + 2) * CLUSTER;

    make_image(env, &(struct image_recipe){
                        .image_size = size, .backing_size = size, .set = set});
}

/* Cluster ARG is allocated, and its neighbours are not. */
static void far_allocated(struct env *env, const struct conf_case *self)
{
    struct img *img;

    far_image(env, self->arg);
    img = open_huge(env, 0);
    expect_guest(img, "RD-1", CLUSTER, self->arg * CLUSTER);
    expect_guest(img, "RD-2", CLUSTER, (self->arg - 1) * CLUSTER);
    expect_guest(img, "RD-2", CLUSTER, (self->arg + 1) * CLUSTER);
    must_close(img);
}

/* One request over cluster ARG and both of its neighbours. */
static void far_mixture(struct env *env, const struct conf_case *self)
{
    struct img *img;

    far_image(env, self->arg);
    img = open_image(env, 0);
    expect_read(env, "RD-3", img, 3 * CLUSTER, (self->arg - 1) * CLUSTER);
    must_close(img);
}

/* ---- RD-3: ranges over a mixture ---------------------------------------- */

static const uint64_t mixture[] = {1, 2, 5, 7, 10, 20, END_OF_LIST};

static void read_range(struct env *env, const struct conf_case *self)
{
    struct img *img;

    mixed_image_of(env, mixture);
    img = open_image(env, 0);
    expect_read(env, "RD-3", img, self->len, self->offset);
    must_close(img);
}

static void read_every_state_change(struct env *env,
                                    const struct conf_case *self)
{
    struct img *img;

    (void)self;
    mixed_image_of(env, mixture);
    img = open_image(env, 0);
    for (uint64_t c = 1; c <= 20; c++)
        expect_read(env, "RD-3", img, 2 * SECTOR, c * CLUSTER - SECTOR);
    must_close(img);
}

static void read_sixteen_mib(struct env *env, const struct conf_case *self)
{
    static const uint64_t set[] = {0, 3, 4, 100, 255, END_OF_LIST};
    struct img *img;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = 16 * MIB,
                                           .backing_size = 15 * MIB + 100,
                                           .set = set});
    img = open_image(env, 0);
    expect_read(env, "RD-3", img, 16 * MIB, 0);
    must_close(img);
}

/* ---- RD-4: no backing file ---------------------------------------------- */

static void without_backing(struct env *env, const struct conf_case *self)
{
    static const uint64_t set[] = {1, END_OF_LIST};
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = SMALL_SIZE,
                                           .no_backing = 1,
                                           .set = set});
    img = open_image(env, 0);
    if (expect_read(env, "RD-4", img, self->len, self->offset) &&
        self->offset / CLUSTER != 1)
        expect_zeros(img, "RD-4", SECTOR, self->offset / SECTOR * SECTOR);
    expect_guest_all(img, "RD-4");
    must_close(img);
}

/* ---- RD-5, RD-6: the end of the disk ------------------------------------ */

/* A read of LEN bytes at OFFSET is refused; LEN and OFFSET as they are. */
static void expect_range(struct env *env, struct img *img, size_t len,
                         uint64_t offset)
{
    uint8_t *data = case_alloc(env, len);
    int result = img_read(img, data, len, offset);

    if (must_serve(env, len, offset))
        expect_refused(env, "RD-5", result, ADDCOW_RANGE, 0);
    else
        expect_refused(env, "RD-5", result, ADDCOW_RANGE, ADDCOW_INVALID, 0);
}

/* The image file has ARG bytes. */
static void read_past_end(struct env *env, const struct conf_case *self)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = 20 * CLUSTER});
    img = open_image(env, 0);
    expect_range(env, img, self->len, self->offset);
    expect_guest_all(img, "RD-5");
    must_close(img);
}

static void read_to_end(struct env *env, const struct conf_case *self)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = SMALL_SIZE,
                                           .backing_size = 20 * CLUSTER});
    img = open_image(env, 0);
    expect_read(env, "RD-5", img, (size_t)self->arg, SMALL_SIZE - self->arg);
    must_close(img);
}

static void read_nothing(struct env *env, const struct conf_case *self)
{
    uint8_t byte = 0;
    struct img *img;

    make_image(
        env, &(struct image_recipe){.image_size = self->text ? 0 : SMALL_SIZE,
                                    .backing_size = CLUSTER});
    img = open_image(env, 0);
    expect_ok(env, "RD-6", img_read(img, &byte, 0, self->arg));
    must_close(img);
}

const struct conf_case cases_rd[] = {
    {"rd/allocated-first-cluster",
     "The first cluster, allocated, reads from the image file", "RD-1 RD-2", 0,
     .run = one_allocated},
    {"rd/allocated-cluster-7",
     "Cluster 7, the last of a byte, allocated, reads from the image file",
     "RD-1 RD-2", 0, .run = one_allocated, .arg = 7},
    {"rd/allocated-cluster-8",
     "Cluster 8, the first of a byte, allocated, reads from the image file",
     "RD-1 RD-2", 0, .run = one_allocated, .arg = 8},
    {"rd/allocated-last-cluster",
     "The last cluster, clipped and allocated, reads from the image file",
     "RD-1 RD-2", 0, .run = one_allocated, .arg = 9},
    {"rd/allocated-above-4-gib",
     "An allocated cluster at 4 GiB reads from the image file", "RD-1 RD-2", 0,
     .run = far_allocated, .arg = 4 * GIB / CLUSTER},
    {"rd/allocated-before-the-table-boundary",
     "Cluster 524287, allocated, reads from the image file", "RD-1 RD-2", 0,
     .run = far_allocated, .arg = TABLE - 1},
    {"rd/allocated-after-the-table-boundary",
     "Cluster 524288, allocated, reads from the image file", "RD-1 RD-2", 0,
     .run = far_allocated, .arg = TABLE},
    {"rd/allocated-above-2-tib",
     "An allocated cluster at 2 TiB reads from the image file", "RD-1 RD-2", 0,
     .run = far_allocated, .arg = 2 * TIB / CLUSTER},
    {"rd/allocated-near-2-to-the-62",
     "An allocated cluster near 2^62 reads from the image file", "RD-1 RD-2",
     HOST, .run = far_allocated, .arg = (UINT64_C(1) << 46) - 2},
    {"rd/unallocated-first-cluster",
     "The first cluster, unallocated, reads from the backing file",
     "RD-2 RD-1", 0, .run = one_unallocated},
    {"rd/unallocated-cluster-7",
     "Cluster 7, unallocated, reads from the backing file", "RD-2 RD-1", 0,
     .run = one_unallocated, .arg = 7},
    {"rd/unallocated-cluster-8",
     "Cluster 8, unallocated, reads from the backing file", "RD-2 RD-1", 0,
     .run = one_unallocated, .arg = 8},
    {"rd/unallocated-last-cluster",
     "The last cluster, clipped and unallocated, reads from the backing file",
     "RD-2 RD-1", 0, .run = one_unallocated, .arg = 9},

    {"rd/first-byte", "The first byte of the disk can be read alone", "RD-3",
     0, .run = read_range, .len = 1},
    {"rd/511-bytes", "511 bytes at 0 can be read", "RD-3", 0,
     .run = read_range, .len = 511},
    {"rd/one-sector", "512 bytes at 0 can be read", "RD-3", 0,
     .run = read_range, .len = 512},
    {"rd/513-bytes", "513 bytes at 511 can be read", "RD-3", 0,
     .run = read_range, .offset = 511, .len = 513},
    {"rd/two-bytes-over-a-sector-boundary",
     "Two bytes over a boundary of sectors can be read", "RD-3", 0,
     .run = read_range, .offset = 3 * CLUSTER + 511, .len = 2},
    {"rd/two-bytes-over-a-change-of-state",
     "Two bytes read from the backing file and the image file", "RD-3", 0,
     .run = read_range, .offset = CLUSTER - 1, .len = 2},
    {"rd/two-bytes-over-a-change-back",
     "Two bytes read from the image file and the backing file", "RD-3", 0,
     .run = read_range, .offset = 3 * CLUSTER - 1, .len = 2},
    {"rd/65535-bytes", "65535 bytes over a change of state can be read",
     "RD-3", 0, .run = read_range, .offset = CLUSTER / 2, .len = 65535},
    {"rd/one-cluster", "65536 bytes at a cluster's start can be read", "RD-3",
     0, .run = read_range, .offset = CLUSTER, .len = 65536},
    {"rd/65537-bytes", "65537 bytes at a cluster's start can be read", "RD-3",
     0, .run = read_range, .offset = 2 * CLUSTER, .len = 65537},
    {"rd/one-cluster-from-a-clusters-last-byte",
     "65536 bytes that begin at a cluster's last byte can be read", "RD-3", 0,
     .run = read_range, .offset = 5 * CLUSTER - 1, .len = 65536},
    {"rd/clusters-7-and-8", "A read over clusters 7 and 8 takes two states",
     "RD-3", 0, .run = read_range, .offset = 7 * CLUSTER, .len = 2 * CLUSTER},
    {"rd/into-the-backing-files-end",
     "A read over the end of the backing file ends in zeros", "RD-3", 0,
     .run = read_range, .offset = 18 * CLUSTER, .len = CLUSTER + SECTOR},
    {"rd/last-byte", "The last byte of the disk can be read alone", "RD-3", 0,
     .run = read_range, .offset = MIXED_SIZE - 1, .len = 1},
    {"rd/last-two-clusters",
     "A read reaches from a whole cluster into the clipped one", "RD-3", 0,
     .run = read_range, .offset = 19 * CLUSTER, .len = CLUSTER + 3 * SECTOR},
    {"rd/whole-disk", "The whole disk can be read with one request", "RD-3", 0,
     .run = read_range, .len = MIXED_SIZE},
    {"rd/every-change-of-state",
     "Two sectors over each boundary of clusters can be read", "RD-3", 0,
     .run = read_every_state_change},
    {"rd/sixteen-mib", "16 MiB over a mixture can be read with one request",
     "RD-3", 0, .run = read_sixteen_mib},
    {"rd/mixture-above-4-gib", "A mixture at 4 GiB reads with one request",
     "RD-3", 0, .run = far_mixture, .arg = 4 * GIB / CLUSTER},
    {"rd/across-the-table-boundary",
     "A mixture over clusters 524286 to 524288 reads with one request", "RD-3",
     0, .run = far_mixture, .arg = TABLE - 1},
    {"rd/mixture-after-the-table-boundary",
     "A mixture over clusters 524287 to 524289 reads with one request", "RD-3",
     0, .run = far_mixture, .arg = TABLE},

    {"rd/no-backing-zeros",
     "An unallocated cluster reads as zeros without a backing file", "RD-4", 0,
     .run = without_backing, .len = CLUSTER},
    {"rd/no-backing-one-byte", "One byte reads as zero without a backing file",
     "RD-4", 0, .run = without_backing, .offset = 3 * CLUSTER + 513, .len = 1},
    {"rd/no-backing-last-cluster",
     "The clipped last cluster reads as zeros without a backing file", "RD-4",
     0, .run = without_backing, .offset = 9 * CLUSTER, .len = SECTOR},
    {"rd/no-backing-beside-an-allocated-cluster",
     "Without a backing file only unallocated clusters read as zeros", "RD-4",
     0, .run = without_backing, .offset = CLUSTER - SECTOR,
     .len = CLUSTER + 2 * SECTOR},

    {"rd/refused-at-the-end", "A sector at the virtual size is refused",
     "RD-5", CASE_REFUSES, .run = read_past_end, .arg = SMALL_SIZE,
     .offset = SMALL_SIZE, .len = SECTOR},
    {"rd/refused-over-the-end",
     "A read over the virtual size is refused whole", "RD-5", CASE_REFUSES,
     .run = read_past_end, .arg = SMALL_SIZE, .offset = SMALL_SIZE - SECTOR,
     .len = 2 * SECTOR},
    {"rd/refused-one-byte-at-the-end",
     "One byte at the virtual size is refused", "RD-5", CASE_REFUSES,
     .run = read_past_end, .arg = SMALL_SIZE, .offset = SMALL_SIZE, .len = 1},
    {"rd/refused-two-bytes-over-the-end",
     "Two bytes over the virtual size are refused", "RD-5", CASE_REFUSES,
     .run = read_past_end, .arg = SMALL_SIZE, .offset = SMALL_SIZE - 1,
     .len = 2},
    {"rd/refused-disk-and-a-sector", "The disk and a sector more are refused",
     "RD-5", CASE_REFUSES, .run = read_past_end, .arg = SMALL_SIZE,
     .len = SMALL_SIZE + SECTOR},
    {"rd/refused-far-out", "A sector far beyond the virtual size is refused",
     "RD-5", CASE_REFUSES, .run = read_past_end, .arg = SMALL_SIZE,
     .offset = SMALL_SIZE + 100 * MIB, .len = SECTOR},
    {"rd/refused-at-4-gib-of-a-small-disk",
     "A sector at 4 GiB of a small disk is refused", "RD-5", CASE_REFUSES,
     .run = read_past_end, .arg = SMALL_SIZE, .offset = 4 * GIB,
     .len = SECTOR},
    {"rd/refused-where-the-sum-wraps",
     "A read whose end passes 2^64 by a sector is refused", "RD-5",
     CASE_REFUSES, .run = read_past_end, .arg = SMALL_SIZE,
     .offset = UINT64_MAX - SECTOR + 1, .len = 2 * SECTOR},
    {"rd/refused-where-the-sum-is-2-to-the-64",
     "A read whose end is 2^64 is refused", "RD-5", CASE_REFUSES,
     .run = read_past_end, .arg = SMALL_SIZE,
     .offset = UINT64_MAX - SECTOR + 1, .len = SECTOR},
    {"rd/refused-where-the-sum-wraps-into-the-disk",
     "A read whose end wraps into the disk is refused", "RD-5", CASE_REFUSES,
     .run = read_past_end, .arg = SMALL_SIZE,
     .offset = UINT64_MAX - CLUSTER + 1, .len = 4 * CLUSTER},
    {"rd/refused-at-the-last-of-64-bits",
     "One byte at offset 2^64 - 1 is refused", "RD-5", CASE_REFUSES,
     .run = read_past_end, .arg = SMALL_SIZE, .offset = UINT64_MAX, .len = 1},
    {"rd/refused-at-2-to-the-63", "A sector at 2^63 is refused", "RD-5",
     CASE_REFUSES, .run = read_past_end, .arg = SMALL_SIZE,
     .offset = UINT64_C(1) << 63, .len = SECTOR},
    {"rd/refused-over-2-to-the-63", "A read over 2^63 is refused", "RD-5",
     CASE_REFUSES, .run = read_past_end, .arg = SMALL_SIZE,
     .offset = (UINT64_C(1) << 63) - SECTOR, .len = 2 * SECTOR},
    {"rd/refused-on-an-empty-disk", "A sector of an empty disk is refused",
     "RD-5", CASE_REFUSES, .run = read_past_end, .len = SECTOR},
    {"rd/refused-nothing-beyond-the-end",
     "A read of zero bytes beyond the virtual size is refused", "RD-5",
     CASE_REFUSES, .run = read_past_end, .arg = SMALL_SIZE,
     .offset = SMALL_SIZE + SECTOR},
    {"rd/refused-in-the-odd-tail",
     "The image file's tail that is no sector is refused", "RD-5",
     CASE_REFUSES, .run = read_past_end, .arg = 3 * CLUSTER + 511,
     .offset = 3 * CLUSTER, .len = SECTOR},
    {"rd/last-sector", "The last sector is served", "RD-5", 0,
     .run = read_to_end, .arg = SECTOR},
    {"rd/last-byte-before-the-end", "The last byte is served", "RD-5", 0,
     .run = read_to_end, .arg = 1},
    {"rd/all-up-to-the-end", "The whole disk is served", "RD-5", 0,
     .run = read_to_end, .arg = SMALL_SIZE},

    {"rd/nothing-at-the-start", "A read of zero bytes at 0 succeeds", "RD-6",
     0, .run = read_nothing},
    {"rd/nothing-inside", "A read of zero bytes within the disk succeeds",
     "RD-6", 0, .run = read_nothing, .arg = 3 * CLUSTER},
    {"rd/nothing-at-the-end",
     "A read of zero bytes at the virtual size succeeds", "RD-6", 0,
     .run = read_nothing, .arg = SMALL_SIZE},
    {"rd/nothing-on-an-empty-disk",
     "A read of zero bytes of an empty disk succeeds", "RD-6", 0,
     .run = read_nothing, .text = "empty"},
    {0}};
