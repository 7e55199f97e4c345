/* SPDX-License-Identifier: MIT
 *
 * rd.c - chapter 7 of the specification: reading.
 *
 * Deliberately missing: sizes and short backing files for their own sake
 * (chapter 6), and the files that reading needs (chapter 4).
 */
#include "all.h"
#include "steps/guest.h"

#include <string.h>

#define HOST ADDCOW_CAP_HOST
#define WRITE ADDCOW_CAP_WRITE
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

/* ---- The same far out --------------------------------------------------- */

/* Cluster ARG is allocated, and its neighbours are not. */
static void far_allocated(struct env *env, const struct conf_case *self)
{
    const uint64_t set[] = {self->arg, END_OF_LIST};
    uint64_t size = (self->arg + 2) * CLUSTER;
    struct img *img;

    make_image(env, &(struct image_recipe){
                        .image_size = size, .backing_size = size, .set = set});
    img = open_huge(env, 0);
    expect_guest(img, "RD-1", CLUSTER, self->arg * CLUSTER);
    expect_guest(img, "RD-2", CLUSTER, (self->arg - 1) * CLUSTER);
    expect_guest(img, "RD-2", CLUSTER, (self->arg + 1) * CLUSTER);
    must_close(img);
}

/* One request over cluster ARG, allocated, and both of its neighbours. */
static void far_mixture(struct env *env, const struct conf_case *self)
{
    const uint64_t set[] = {self->arg, END_OF_LIST};
    uint64_t size = (self->arg + 2) * CLUSTER;
    struct img *img;

    make_image(env, &(struct image_recipe){
                        .image_size = size, .backing_size = size, .set = set});
    img = open_image(env, 0);
    expect_read(env, "RD-3", img, 3 * CLUSTER, (self->arg - 1) * CLUSTER);
    must_close(img);
}

/* ---- RD-3: ranges over a mixture ---------------------------------------- */

#define MIXED_SIZE (20 * CLUSTER + 3 * SECTOR)

static void mixed_image(struct env *env)
{
    static const uint64_t set[] = {1, 2, 5, 7, 10, 20, END_OF_LIST};

    make_image(env, &(struct image_recipe){.image_size = MIXED_SIZE,
                                           .backing_size = 18 * CLUSTER + 700,
                                           .set = set});
}

static void read_range(struct env *env, const struct conf_case *self)
{
    struct img *img;

    mixed_image(env);
    img = open_image(env, 0);
    expect_read(env, "RD-3", img, self->len, self->offset);
    must_close(img);
}

static void read_every_state_change(struct env *env,
                                    const struct conf_case *self)
{
    struct img *img;

    (void)self;
    mixed_image(env);
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

static void read_past_end(struct env *env, const struct conf_case *self)
{
    const struct end_of_disk *e = end_of_disk(env, self->text);
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = e->image_size,
                                           .backing_size = 20 * CLUSTER});
    img = open_image(env, 0);
    expect_range(env, img, e->len, e->offset);
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

/* ---- RD-7, RD-8: the host refuses --------------------------------------- */

#define DISK_SIZE (256 * MIB)
#define FAR_AWAY (128 * MIB)

static void failing_image(struct env *env)
{
    static const uint64_t set[] = {1, 2, FAR_AWAY / CLUSTER, END_OF_LIST};

    make_image(env, &(struct image_recipe){.image_size = DISK_SIZE,
                                           .backing_size = DISK_SIZE,
                                           .set = set});
}

static void refuse_reads(struct env *env, const char *name, int result,
                         int for_good)
{
    put_fault(env, &(struct fault){.kind = EV_READ,
                                   .name = name,
                                   .result = result,
                                   .for_good = for_good});
}

/* All reads of the file TEXT fail, then none; ARG is what the host says. */
static void failing_reads(struct env *env, const struct conf_case *self)
{
    int host = self->arg ? ADDCOW_NO_MEMORY : ADDCOW_IO;
    struct img *img;

    failing_image(env);
    img = open_image(env, 0);
    refuse_reads(env, self->text, host, 1);
    expect_read_or_refusal(env, "RD-8", img, 4 * CLUSTER, 0, ADDCOW_IO, host);
    expect_read_or_refusal(env, "RD-8", img, SECTOR, 0, ADDCOW_IO, host);
    clear_faults(env);
    expect_read(env, "RD-7", img, 4 * CLUSTER, 0);
    expect_read(env, "RD-7", img, SECTOR, FAR_AWAY);
    must_close(img);
}

/* The same with one read of the host that fails. */
static void failing_read_once(struct env *env, const struct conf_case *self)
{
    struct img *img;

    failing_image(env);
    img = open_image(env, 0);
    refuse_reads(env, self->text, ADDCOW_IO, 0);
    expect_read_or_refusal(env, "RD-7", img, 4 * CLUSTER, 0, ADDCOW_IO, 0);
    expect_read(env, "RD-7", img, 4 * CLUSTER, 0);
    expect_read(env, "RD-7", img, SECTOR, FAR_AWAY);
    must_close(img);
}

/* One sector of the file TEXT, at ARG, cannot be read.  Requests that are
 * far from it go on; how far a reader reads ahead is its own affair. */
static void bad_sector(struct env *env, const struct conf_case *self)
{
    uint64_t first = self->arg / CLUSTER * CLUSTER;
    struct img *img;

    failing_image(env);
    img = open_image(env, 0);
    put_fault(env, &(struct fault){.kind = EV_READ,
                                   .name = self->text,
                                   .result = ADDCOW_IO,
                                   .for_good = 1,
                                   .len = SECTOR,
                                   .offset = self->arg});
    expect_read_or_refusal(env, "RD-8", img, SECTOR, self->arg, ADDCOW_IO, 0);
    expect_read_or_refusal(env, "RD-8", img, CLUSTER, first, ADDCOW_IO, 0);
    expect_read(env, "RD-7", img, CLUSTER, FAR_AWAY);
    expect_read(env, "RD-7", img, CLUSTER, FAR_AWAY + CLUSTER);
    clear_faults(env);
    expect_read(env, "RD-7", img, CLUSTER, first);
    must_close(img);
}

/* What a failed read of the bitmap leaves in memory must not reach it. */
static void failed_bitmap_read(struct env *env, const struct conf_case *self)
{
    static const uint64_t set[] = {0, 1, 2, 3, 4, 5, 6, END_OF_LIST};
    struct oracle *o =
        make_image(env, &(struct image_recipe){.image_size = 16 * CLUSTER,
                                               .backing_size = 16 * CLUSTER,
                                               .set = set});
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);
    uint8_t *data = case_alloc(env, SECTOR);

    (void)self;
    refuse_reads(env, ADDCOW_NAME, ADDCOW_IO, 1);
    (void)img_read(img, data, SECTOR, 0);
    (void)write_new(img, SECTOR, 7 * CLUSTER);
    clear_faults(env);
    expect_write(env, "RD-7", img, SECTOR, 7 * CLUSTER);
    must_flush(img);
    must_close(img);
    expect_bitmap(env, "RD-7", ADDCOW_NAME, o);
}

/* The same where other parts of the bitmap have to make room: ARG parts of
 * 64 KiB are read, then the next cannot be. */
static void failed_table_read(struct env *env, const struct conf_case *self)
{
    uint64_t size = (self->arg + 1) * TABLE * CLUSTER;
    uint64_t last = self->arg * TABLE * CLUSTER;
    const uint64_t set[] = {last / CLUSTER + 1, END_OF_LIST};
    struct img *img;

    make_image(env, &(struct image_recipe){
                        .image_size = size, .backing_size = size, .set = set});
    img = open_image(env, 0);
    for (uint64_t at = 0; at < last; at += TABLE * CLUSTER)
        expect_read(env, "RD-7", img, SECTOR, at);
    refuse_reads(env, ADDCOW_NAME, ADDCOW_IO, 1);
    expect_read_or_refusal(env, "RD-8", img, SECTOR, last, ADDCOW_IO, 0);
    clear_faults(env);
    expect_read(env, "RD-7", img, 2 * CLUSTER, last);
    for (uint64_t at = 0; at < last; at += TABLE * CLUSTER)
        expect_read(env, "RD-7", img, 2 * CLUSTER, at);
    must_close(img);
}

/* ---- RD-9, RD-10: reading only ------------------------------------------ */

static void reads_change_nothing(struct env *env, const struct conf_case *self)
{
    struct snapshot *s;
    struct img *img;

    mixed_image(env);
    resize_file(env, ADDCOW_NAME, HEADER_LEN + 3 + self->arg);
    set_bit_of(env, ADDCOW_NAME, 23, 1);
    s = take_snapshot(env);
    img = open_image(env, 0);
    expect_guest_all(img, "RD-9");
    must_close(img);
    expect_nothing_changed(env, "RD-9", s);
}

static void failed_reads_change_nothing(struct env *env,
                                        const struct conf_case *self)
{
    struct snapshot *s;
    struct img *img;
    uint8_t *data = case_alloc(env, 4 * CLUSTER);

    mixed_image(env);
    s = take_snapshot(env);
    img = open_image(env, 0);
    refuse_reads(env, self->text, ADDCOW_IO, 1);
    (void)img_read(img, data, 4 * CLUSTER, 0);
    clear_faults(env);
    must_close(img);
    expect_nothing_changed(env, "RD-9", s);
}

static void read_only_files(struct env *env, const struct conf_case *self)
{
    static const char *const names[] = {ADDCOW_NAME, IMAGE_NAME, BACKING_NAME};
    struct img *img;

    mixed_image(env);
    for (size_t i = 0; i < 3; i++) {
        if (!self->text || strcmp(self->text, names[i]) == 0)
            set_read_only(env, names[i], 1);
    }
    expect_ok(env, "RD-10", img_open(env, &img, ADDCOW_NAME, 0));
    expect_guest_all(img, "RD-10");
    must_close(img);
}

/* ---- RD-11, RD-12: cost ------------------------------------------------- */

static void expect_at_most(struct env *env, const char *clause,
                           const char *what, size_t got, size_t most)
{
    expect_true(env, clause, what, got <= most);
}

static void run_of_clusters(struct env *env, const struct conf_case *self)
{
    static const uint64_t set[] = {4, 5, 6, 7, END_OF_LIST};
    struct img *img;
    size_t mark;

    make_image(env,
               &(struct image_recipe){.image_size = 8 * CLUSTER,
                                      .backing_size = 8 * CLUSTER,
                                      .set_all = self->arg == 1,
                                      .set = self->arg == 2 ? set : NULL});
    img = open_image(env, 0);
    mark = n_events(env);
    expect_read(env, "RD-11", img, 8 * CLUSTER, 0);
    expect_at_most(env, "RD-11", "at most one read of the image file",
                   host_calls(env, EV_READ, IMAGE_NAME, mark), 1);
    expect_at_most(env, "RD-11", "at most one read of the backing file",
                   host_calls(env, EV_READ, BACKING_NAME, mark), 1);
    must_close(img);
}

static void reads_again(struct env *env, const struct conf_case *self)
{
    struct img *img;
    size_t mark;

    mixed_image(env);
    img = open_image(env, 0);
    expect_read(env, "RD-12", img, SECTOR, self->arg);
    mark = n_events(env);
    expect_read(env, "RD-12", img, SECTOR, self->arg);
    expect_true(env, "RD-12", "the host is asked for the bytes again",
                host_bytes(env, EV_READ, self->text, mark) >= SECTOR);
    must_close(img);
}

static void reads_what_it_wrote(struct env *env, const struct conf_case *self)
{
    struct img *img;
    size_t mark;

    mixed_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, self->arg);
    mark = n_events(env);
    expect_read(env, "RD-12", img, SECTOR, self->arg);
    expect_true(env, "RD-12", "the host is asked for the bytes",
                host_bytes(env, EV_READ, IMAGE_NAME, mark) >= SECTOR);
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
     "RD-5", CASE_REFUSES, .run = read_past_end, .text = "first"},
    {"rd/refused-over-the-end",
     "A read over the virtual size is refused whole", "RD-5", CASE_REFUSES,
     .run = read_past_end, .text = "straddle"},
    {"rd/refused-one-byte-at-the-end",
     "One byte at the virtual size is refused", "RD-5", CASE_REFUSES,
     .run = read_past_end, .text = "byte"},
    {"rd/refused-two-bytes-over-the-end",
     "Two bytes over the virtual size are refused", "RD-5", CASE_REFUSES,
     .run = read_past_end, .text = "byte-straddle"},
    {"rd/refused-disk-and-a-sector", "The disk and a sector more are refused",
     "RD-5", CASE_REFUSES, .run = read_past_end, .text = "all-and-more"},
    {"rd/refused-far-out", "A sector far beyond the virtual size is refused",
     "RD-5", CASE_REFUSES, .run = read_past_end, .text = "far"},
    {"rd/refused-at-4-gib-of-a-small-disk",
     "A sector at 4 GiB of a small disk is refused", "RD-5", CASE_REFUSES,
     .run = read_past_end, .text = "above-4-gib"},
    {"rd/refused-where-the-sum-wraps",
     "A read whose end passes 2^64 by a sector is refused", "RD-5",
     CASE_REFUSES, .run = read_past_end, .text = "wrap"},
    {"rd/refused-where-the-sum-is-2-to-the-64",
     "A read whose end is 2^64 is refused", "RD-5", CASE_REFUSES,
     .run = read_past_end, .text = "wrap-to-0"},
    {"rd/refused-where-the-sum-wraps-into-the-disk",
     "A read whose end wraps into the disk is refused", "RD-5", CASE_REFUSES,
     .run = read_past_end, .text = "wrap-inside"},
    {"rd/refused-at-the-last-of-64-bits",
     "One byte at offset 2^64 - 1 is refused", "RD-5", CASE_REFUSES,
     .run = read_past_end, .text = "last-byte-of-64-bits"},
    {"rd/refused-at-2-to-the-63", "A sector at 2^63 is refused", "RD-5",
     CASE_REFUSES, .run = read_past_end, .text = "negative"},
    {"rd/refused-over-2-to-the-63", "A read over 2^63 is refused", "RD-5",
     CASE_REFUSES, .run = read_past_end, .text = "below-negative"},
    {"rd/refused-on-an-empty-disk", "A sector of an empty disk is refused",
     "RD-5", CASE_REFUSES, .run = read_past_end, .text = "empty-disk"},
    {"rd/refused-nothing-beyond-the-end",
     "A read of zero bytes beyond the virtual size is refused", "RD-5",
     CASE_REFUSES, .run = read_past_end, .text = "nothing-beyond"},
    {"rd/refused-in-the-odd-tail",
     "The image file's tail that is no sector is refused", "RD-5",
     CASE_REFUSES, .run = read_past_end, .text = "odd-tail"},
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

    {"rd/again-after-a-failed-image-read",
     "A read that the image file failed once is right when made again", "RD-7",
     HOST | CASE_BOTH, .run = failing_read_once, .text = IMAGE_NAME},
    {"rd/again-after-a-failed-backing-read",
     "A read that the backing file failed once is right when made again",
     "RD-7", HOST | CASE_BOTH, .run = failing_read_once, .text = BACKING_NAME},
    {"rd/again-after-a-failed-bitmap-read",
     "A read that the bitmap failed once is right when made again", "RD-7",
     HOST | CASE_BOTH, .run = failing_read_once, .text = ADDCOW_NAME},
    {"rd/again-after-a-failed-read-of-the-twentieth-table",
     "A read that the bitmap failed once is right though others made room",
     "RD-7 RD-8", HOST | CASE_BOTH, .run = failed_table_read, .arg = 19},
    {"rd/failed-bitmap-read-loses-no-bit",
     "A failed read of the bitmap loses no bit of it", "RD-7",
     HOST | WRITE | CASE_BOTH, .run = failed_bitmap_read},
    {"rd/error-of-the-image-file",
     "A read fails while the image file cannot be read", "RD-8 RD-7",
     HOST | CASE_REFUSES, .run = failing_reads, .text = IMAGE_NAME},
    {"rd/error-of-the-backing-file",
     "A read fails while the backing file cannot be read", "RD-8 RD-7",
     HOST | CASE_REFUSES, .run = failing_reads, .text = BACKING_NAME},
    {"rd/error-of-the-bitmap",
     "A read fails, or is right, while the bitmap cannot be read", "RD-8 RD-7",
     HOST | CASE_REFUSES, .run = failing_reads, .text = ADDCOW_NAME},
    {"rd/no-memory-at-the-image-file",
     "A read fails while the host has no memory", "RD-8 RD-7",
     HOST | CASE_REFUSES, .run = failing_reads, .arg = 1, .text = IMAGE_NAME},
    {"rd/bad-sector-of-the-image-file",
     "A bad sector of the image file fails the reads of it alone", "RD-8 RD-7",
     HOST | CASE_BOTH, .run = bad_sector, .arg = CLUSTER + 7 * SECTOR,
     .text = IMAGE_NAME},
    {"rd/bad-last-sector-of-a-cluster",
     "A bad last sector of a cluster fails the reads of it alone", "RD-8 RD-7",
     HOST | CASE_BOTH, .run = bad_sector, .arg = 3 * CLUSTER - SECTOR,
     .text = IMAGE_NAME},
    {"rd/bad-sector-of-the-backing-file",
     "A bad sector of the backing file fails the reads of it alone",
     "RD-8 RD-7", HOST | CASE_BOTH, .run = bad_sector, .arg = 3 * CLUSTER,
     .text = BACKING_NAME},

    {"rd/reading-changes-nothing",
     "Opening for reading only, reading and closing changes no file", "RD-9",
     0, .run = reads_change_nothing},
    {"rd/reading-a-long-file-changes-nothing",
     "Reading an image with a long add-cow file changes no file", "RD-9", 0,
     .run = reads_change_nothing, .arg = 700},
    {"rd/failed-read-of-the-image-changes-nothing",
     "A read that the image file fails changes no file", "RD-9",
     HOST | CASE_BOTH, .run = failed_reads_change_nothing, .text = IMAGE_NAME},
    {"rd/failed-read-of-the-bitmap-changes-nothing",
     "A read that the bitmap fails changes no file", "RD-9", HOST | CASE_BOTH,
     .run = failed_reads_change_nothing, .text = ADDCOW_NAME},
    {"rd/read-only-files", "Three files that are read-only can be read",
     "RD-10", 0, .run = read_only_files},
    {"rd/read-only-add-cow-file", "A read-only add-cow file can be read",
     "RD-10", 0, .run = read_only_files, .text = ADDCOW_NAME},
    {"rd/read-only-image-file", "A read-only image file can be read", "RD-10",
     0, .run = read_only_files, .text = IMAGE_NAME},
    {"rd/read-only-backing-file", "A read-only backing file can be read",
     "RD-10", 0, .run = read_only_files, .text = BACKING_NAME},

    {"rd/one-request-for-allocated-clusters",
     "Eight allocated clusters cost one request to the host", "RD-11", HOST,
     .run = run_of_clusters, .arg = 1},
    {"rd/one-request-for-unallocated-clusters",
     "Eight unallocated clusters cost one request to the host", "RD-11", HOST,
     .run = run_of_clusters},
    {"rd/one-request-for-each-run", "Two runs cost one request each", "RD-11",
     HOST, .run = run_of_clusters, .arg = 2},
    {"rd/image-bytes-are-not-kept",
     "Bytes of the image file are asked for each time", "RD-12", HOST,
     .run = reads_again, .arg = CLUSTER, .text = IMAGE_NAME},
    {"rd/backing-bytes-are-not-kept",
     "Bytes of the backing file are asked for each time", "RD-12", HOST,
     .run = reads_again, .arg = 3 * CLUSTER, .text = BACKING_NAME},
    {"rd/written-bytes-are-not-kept",
     "Bytes that were written are asked for when they are read", "RD-12",
     HOST | WRITE, .run = reads_what_it_wrote, .arg = 8 * CLUSTER},
    {0}};
