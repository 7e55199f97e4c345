/* SPDX-License-Identifier: MIT
 *
 * rd_host.c - chapter 7 of the specification: what a read asks of the host,
 * reads that the host fails, and that no file changes.
 *
 * Deliberately missing: what a read returns (rd.c).
 */
#include "all.h"
#include "steps/guest.h"

#include <string.h>

#define HOST ADDCOW_CAP_HOST
#define WRITE ADDCOW_CAP_WRITE
#define TABLE UINT64_C(524288) /* clusters in 64 KiB of bitmap */

static const uint64_t mixture[] = {1, 2, 5, 7, 10, 20, END_OF_LIST};

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

/* One read of the file TEXT fails. */
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

/* What a failed read of the bitmap leaves in memory must not reach it.  After
 * a write that failed another may be refused (WR-28). */
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
    expect_ok_or_refused(env, "RD-7", write_new(img, SECTOR, 7 * CLUSTER),
                         ADDCOW_IO, ADDCOW_OTHER, 0);
    must_flush(img);
    must_close(img);
    expect_bitmap(env, "RD-7", ADDCOW_NAME, o);
}

/* As failed_bitmap_read(), where other parts of the bitmap have to make room:
 * ARG parts of 64 KiB are read, then the next cannot be. */
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

    mixed_image_of(env, mixture);
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

    mixed_image_of(env, mixture);
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

    mixed_image_of(env, mixture);
    for (size_t i = 0; i < 3; i++) {
        if (!self->text || strcmp(self->text, names[i]) == 0)
            set_read_only(env, names[i], 1);
    }
    img = expect_open(env, "RD-10", 0);
    expect_guest_all(img, "RD-10");
    must_close(img);
}

/* ---- RD-13: opened for reading only --------------------------------------
 */

static void opens_for_reading(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    mixed_image_of(env, mixture);
    img = open_image(env, 0);
    expect_guest_all(img, "RD-3");
    must_close(img);
    for (size_t i = 0; i < n_events(env); i++) {
        const struct event *e = event_at(env, i);

        expect_true(env, "RD-13", "each file is opened for reading only",
                    e->kind != EV_OPEN || !(e->flags & ADDCOW_FILE_WRITE));
    }
}

/* ---- RD-11, RD-12: cost ------------------------------------------------- */

/* At most one read of the file NAME from event MARK on. */
static void expect_one_read(struct env *env, const char *what,
                            const char *name, size_t mark)
{
    size_t n = host_calls(env, EV_READ, name, mark);

    expect_that(env, "RD-11", what, n <= 1, "%zu reads of %s", n, name);
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
    expect_one_read(env, "at most one read of the image file", IMAGE_NAME,
                    mark);
    expect_one_read(env, "at most one read of the backing file", BACKING_NAME,
                    mark);
    must_close(img);
}

static void reads_again(struct env *env, const struct conf_case *self)
{
    struct img *img;
    size_t mark;

    mixed_image_of(env, mixture);
    img = open_image(env, 0);
    expect_read(env, "RD-12", img, SECTOR, self->arg);
    mark = n_events(env);
    expect_read(env, "RD-12", img, SECTOR, self->arg);
    expect_that(env, "RD-12", "the host is asked for the bytes again",
                host_bytes(env, EV_READ, self->text, mark) >= SECTOR,
                "fewer than 512 bytes were read");
    must_close(img);
}

static void reads_what_it_wrote(struct env *env, const struct conf_case *self)
{
    struct img *img;
    size_t mark;

    mixed_image_of(env, mixture);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, self->arg);
    mark = n_events(env);
    expect_read(env, "RD-12", img, SECTOR, self->arg);
    expect_that(env, "RD-12", "the host is asked for the bytes",
                host_bytes(env, EV_READ, IMAGE_NAME, mark) >= SECTOR,
                "fewer than 512 bytes were read");
    must_close(img);
}

const struct conf_case cases_rd_host[] = {
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
    {"rd/read-only-opens-no-file-for-writing",
     "An image opened for reading only has no file opened for writing",
     "RD-13 RD-3", HOST, .run = opens_for_reading},
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
