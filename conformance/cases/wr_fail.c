/* SPDX-License-Identifier: MIT
 *
 * wr_fail.c - chapter 8 of the specification: writes on a host that fails.
 *
 * A writer may hold data back until the flush (FLS-3 is a SHOULD): then it is
 * the flush that fails.
 *
 * Deliberately missing: flushes that fail (fls_fail.c).
 */
#include "all.h"
#include "steps/flushes.h"
#include "steps/guest.h"

#include <stdbool.h>

#define HOST ADDCOW_CAP_HOST
#define WRITE ADDCOW_CAP_WRITE
#define THROUGH (ADDCOW_CAP_WRITE | ADDCOW_CAP_WRITETHROUGH)

#define DISK_SIZE (12 * CLUSTER + 3 * SECTOR)
#define OTHER UINT64_C(7) /* a cluster that is written and flushed before */

static struct oracle *small_image(struct env *env)
{
    static const uint64_t set[] = {1, 2, 10, END_OF_LIST};

    return make_image(
        env, &(struct image_recipe){.image_size = DISK_SIZE,
                                    .backing_size = 11 * CLUSTER + 700,
                                    .set = set});
}

/* An open image with something durable in it. */
static struct img *open_used(struct env *env, uint32_t flags)
{
    struct img *img;

    small_image(env);
    img = open_image(env, flags);
    must_write(img, SECTOR, OTHER * CLUSTER);
    must_flush(img);
    return img;
}

/* ---- WR-13, WR-15: what fails ------------------------------------------- */

struct failing {
    struct fault fault;
    size_t len; /* of the write that meets it */
    uint64_t offset;
};

#define IMAGE_FAULT .kind = EV_WRITE, .name = IMAGE_NAME, .for_good = 1
#define BACKING_FAULT .kind = EV_READ, .name = BACKING_NAME, .for_good = 1

static const struct failing overwrite = {
    .fault = {IMAGE_FAULT, .result = ADDCOW_IO},
    .len = 4 * SECTOR,
    .offset = CLUSTER + 3 * SECTOR};
static const struct failing part = {
    .fault = {IMAGE_FAULT, .result = ADDCOW_IO},
    .len = SECTOR,
    .offset = 4 * CLUSTER + SECTOR};
static const struct failing whole = {
    .fault = {IMAGE_FAULT, .result = ADDCOW_IO},
    .len = CLUSTER,
    .offset = 4 * CLUSTER};
static const struct failing run = {.fault = {IMAGE_FAULT, .result = ADDCOW_IO},
                                   .len = 4 * CLUSTER,
                                   .offset = 3 * CLUSTER + SECTOR};
static const struct failing last_cluster = {
    .fault = {IMAGE_FAULT, .result = ADDCOW_IO},
    .len = SECTOR,
    .offset = 12 * CLUSTER};
static const struct failing no_space_overwrite = {
    .fault = {IMAGE_FAULT, .result = ADDCOW_NO_SPACE, .n_sectors = 1},
    .len = 4 * SECTOR,
    .offset = CLUSTER};
static const struct failing no_space_part = {
    .fault = {IMAGE_FAULT, .result = ADDCOW_NO_SPACE, .n_sectors = 2},
    .len = 4 * SECTOR,
    .offset = 4 * CLUSTER + SECTOR};
static const struct failing no_space_run = {
    .fault = {IMAGE_FAULT, .result = ADDCOW_NO_SPACE, .n_sectors = 100},
    .len = 4 * CLUSTER,
    .offset = 3 * CLUSTER + SECTOR};
static const struct failing no_memory = {
    .fault = {IMAGE_FAULT, .result = ADDCOW_NO_MEMORY},
    .len = SECTOR,
    .offset = 4 * CLUSTER};
static const struct failing short_write = {
    .fault = {IMAGE_FAULT, .result = ADDCOW_IO, .n_sectors = 3},
    .len = 8 * SECTOR,
    .offset = CLUSTER + 3 * SECTOR};
static const struct failing one_sector = {
    .fault = {IMAGE_FAULT, .result = ADDCOW_IO, .len = SECTOR,
              .offset = 5 * CLUSTER + 9 * SECTOR},
    .len = 3 * CLUSTER,
    .offset = 4 * CLUSTER};
static const struct failing fill = {
    .fault = {IMAGE_FAULT, .result = ADDCOW_IO, .len = SECTOR,
              .offset = 4 * CLUSTER + 9 * SECTOR},
    .len = SECTOR,
    .offset = 4 * CLUSTER + SECTOR};
static const struct failing copy = {
    .fault = {BACKING_FAULT, .result = ADDCOW_IO},
    .len = SECTOR,
    .offset = 4 * CLUSTER + SECTOR};
static const struct failing copy_one_sector = {
    .fault = {BACKING_FAULT, .result = ADDCOW_IO, .len = SECTOR,
              .offset = 5 * CLUSTER - SECTOR},
    .len = SECTOR,
    .offset = 4 * CLUSTER + SECTOR};
static const struct failing copy_of_a_run = {
    .fault = {BACKING_FAULT, .result = ADDCOW_IO},
    .len = 2 * CLUSTER,
    .offset = 3 * CLUSTER + SECTOR};

/* The write fails, or the flush that should have made it durable. */
static int write_or_flush_fails(struct env *env, struct img *img,
                                const struct failing *f)
{
    int result = write_new(img, f->len, f->offset);

    expect_ok_or_refused(env, "WR-13", result, ADDCOW_IO, f->fault.result, 0);
    if (result == ADDCOW_OK)
        expect_refused(env, "WR-13", img_flush(img), ADDCOW_IO,
                       f->fault.result, ADDCOW_OTHER, 0);
    return result;
}

/* The guest's bytes before and after the range. */
static void expect_outside(struct img *img, const struct failing *f)
{
    uint64_t end = f->offset + f->len;

    expect_guest(img, "WR-9", f->offset, 0);
    expect_guest(img, "WR-9", DISK_SIZE - end, end);
}

static void write_fails(struct env *env, const struct conf_case *self)
{
    const struct failing *f = self->data;
    struct img *img = open_used(env, ADDCOW_OPEN_WRITE);

    put_fault(env, &f->fault);
    write_or_flush_fails(env, img, f);
    clear_faults(env);
    expect_outside(img, f);
    expect_guest_all(img, "WR-15");
    img = reopen(env, img, 0);
    expect_some_version(env, "WR-15", img, DISK_SIZE, 0);
    expect_guest(img, "WR-9", CLUSTER, OTHER * CLUSTER);
    expect_guest(img, "WR-9", CLUSTER, 0);
    must_close(img);
}

static void write_through_fails(struct env *env, const struct conf_case *self)
{
    const struct failing *f = self->data;
    struct img *img = open_used(env, BOTH_FLAGS);

    put_fault(env, &f->fault);
    expect_refused(env, "WR-13", write_new(img, f->len, f->offset), ADDCOW_IO,
                   f->fault.result, 0);
    clear_faults(env);
    expect_outside(img, f);
    expect_guest_all(img, "WR-15");
    img = reopen(env, img, 0);
    expect_some_version(env, "WR-15", img, DISK_SIZE, 0);
    expect_guest(img, "WR-9", CLUSTER, OTHER * CLUSTER);
    must_close(img);
}

/* A cluster that cannot be completed keeps its bit at 0. */
static void uncopied_stays_unallocated(struct env *env,
                                       const struct conf_case *self)
{
    const struct failing *f = self->data;
    struct img *img = open_used(env, ADDCOW_OPEN_WRITE);

    put_fault(env, &f->fault);
    write_or_flush_fails(env, img, f);
    (void)img_flush(img);
    (void)img_close(img);
    expect_bit(env, "WR-3", ADDCOW_NAME, f->fault.offset / CLUSTER, 0);
}

/* The request has its effect when it is made again and the host serves it. */
static void made_again(struct env *env, const struct conf_case *self)
{
    const struct failing *f = self->data;
    struct img *img = open_used(env, ADDCOW_OPEN_WRITE);
    int again;

    put_fault(env, &f->fault);
    if (write_or_flush_fails(env, img, f) == ADDCOW_OK)
        return; /* a flush has failed */
    clear_faults(env);
    again = write_new(img, f->len, f->offset);
    expect_ok_or_refused(env, "WR-15", again, ADDCOW_IO, ADDCOW_OTHER, 0);
    expect_guest_all(img, "WR-15");
    if (again != ADDCOW_OK)
        return;
    must_flush(img);
    img = reopen(env, img, 0);
    expect_guest_all(img, "WR-15");
    must_close(img);
}

/* ---- WR-14: every request returns --------------------------------------- */

/* A little of everything.  Returns the number of requests that failed. */
static unsigned some_requests(struct env *env, struct img *img)
{
    uint8_t *data = case_alloc(env, 2 * CLUSTER);
    unsigned failed = 0;

    failed += write_new(img, SECTOR, 4 * CLUSTER + SECTOR) != ADDCOW_OK;
    failed += write_new(img, SECTOR, CLUSTER) != ADDCOW_OK;
    failed += write_new(img, 2 * CLUSTER, 8 * CLUSTER + SECTOR) != ADDCOW_OK;
    failed += img_read(img, data, 2 * CLUSTER, CLUSTER) != ADDCOW_OK;
    failed += img_flush(img) != ADDCOW_OK;
    failed += write_new(img, SECTOR, 12 * CLUSTER) != ADDCOW_OK;
    return failed;
}

static void host_is_gone(struct env *env, const struct conf_case *self)
{
    struct img *img = open_used(env, write_flags(self));
    unsigned failed = 0;

    put_fault(env, &(struct fault){.kind = (enum event_kind)self->arg,
                                   .result = ADDCOW_IO,
                                   .for_good = 1});
    for (unsigned i = 0; i < 5; i++)
        failed += some_requests(env, img);
    failed += img_close(img) != ADDCOW_OK;
    expect_that(env, "WR-14", "requests return, some with an error",
                failed > 0, "each was a success");
    clear_faults(env);
    img = open_again(env, img, 0);
    expect_some_version(env, "WR-15", img, DISK_SIZE, 0);
    must_close(img);
}

/* Call number K of the host fails, once or for good.  Returns whether there
 * was such a call. */
static bool call_fails(struct env *env, uint64_t k, uint32_t flags,
                       int for_good)
{
    struct img *img;
    uint64_t hit;

    new_world(env);
    img = open_used(env, flags);
    put_fault(env, &(struct fault){.kind = EV_ANY,
                                   .nth = k,
                                   .result = ADDCOW_IO,
                                   .for_good = for_good});
    (void)some_requests(env, img);
    hit = n_faults_hit(env);
    clear_faults(env);
    expect_guest_all(img, "WR-15");
    (void)img_close(img);
    img = open_again(env, img, 0);
    expect_some_version(env, "WR-15", img, DISK_SIZE, 0);
    expect_guest(img, "WR-9", CLUSTER, OTHER * CLUSTER);
    must_close(img);
    return hit > 0;
}

static void each_call_fails(struct env *env, const struct conf_case *self)
{
    uint32_t flags = write_flags(self);
    uint64_t k = 1;

    while (k < 60 && call_fails(env, k, flags, self->arg != 0))
        k++;
    expect_that(env, "WR-14", "some call of the host can fail", k > 1,
                "the work made no such call");
}

/* ---- WR-16: the host is full -------------------------------------------- */

/* The write at AT fails for space, thrice, and succeeds when there is some. */
static void full_then_not(struct env *env, const struct conf_case *self,
                          size_t n_sectors)
{
    struct img *img = open_used(env, write_flags(self));
    size_t len = self->len;
    uint64_t offset = self->offset;
    int result;

    put_fault(env, &(struct fault){.kind = EV_WRITE,
                                   .name = IMAGE_NAME,
                                   .result = ADDCOW_NO_SPACE,
                                   .n_sectors = n_sectors,
                                   .for_good = 1});
    for (unsigned i = 0; i < 3; i++) {
        result = write_new(img, len, offset);
        expect_ok_or_refused(env, "WR-16", result, ADDCOW_NO_SPACE, ADDCOW_IO,
                             0);
        if (result == ADDCOW_OK)
            return; /* held back: this write has not failed */
        expect_guest_all(img, "WR-15");
    }
    clear_faults(env);
    expect_ok(env, "WR-16", write_new(img, len, offset));
    expect_guest_all(img, "WR-16");
    expect_ok(env, "WR-16", img_flush(img));
    expect_bitmap(env, "WR-16", ADDCOW_NAME, oracle_of(img));
    img = reopen(env, img, 0);
    expect_guest_all(img, "WR-16");
    must_close(img);
}

static void full(struct env *env, const struct conf_case *self)
{
    full_then_not(env, self, 0);
}

static void full_after_a_sector(struct env *env, const struct conf_case *self)
{
    full_then_not(env, self, 1);
}

static void full_after_a_cluster(struct env *env, const struct conf_case *self)
{
    full_then_not(env, self, 128);
}

/* ARG bytes are free, for any file; then there is space. */
static void little_space(struct env *env, const struct conf_case *self)
{
    struct img *img = open_used(env, ADDCOW_OPEN_WRITE);
    int result;

    set_free_space(env, self->arg);
    result = write_new(img, 3 * CLUSTER, 3 * CLUSTER + SECTOR);
    expect_ok_or_refused(env, "WR-16", result, ADDCOW_NO_SPACE, ADDCOW_IO, 0);
    set_free_space(env, UINT64_MAX);
    if (result == ADDCOW_OK)
        return; /* held back */
    expect_guest_all(img, "WR-15");
    expect_ok(env, "WR-16", write_new(img, 3 * CLUSTER, 3 * CLUSTER + SECTOR));
    expect_ok(env, "WR-16", img_flush(img));
    img = reopen(env, img, 0);
    expect_guest_all(img, "WR-16");
    must_close(img);
}

#define WRITE_FAILS \
    "WR-13 WR-15 WR-9", HOST | WRITE | CASE_REFUSES, .run = write_fails
#define THROUGH_FAILS                                  \
    "WR-13 WR-15 WR-9", HOST | THROUGH | CASE_REFUSES, \
        .run = write_through_fails

const struct conf_case cases_wr_fail[] = {
    {"wr/error-of-an-overwrite", "An overwrite that the host refuses fails",
     WRITE_FAILS, .data = &overwrite},
    {"wr/error-of-a-part", "A write to part of a cluster fails with the host",
     WRITE_FAILS, .data = &part},
    {"wr/error-of-a-cluster", "A write of a whole cluster fails with the host",
     WRITE_FAILS, .data = &whole},
    {"wr/error-of-a-run", "A write of several clusters fails with the host",
     WRITE_FAILS, .data = &run},
    {"wr/error-of-the-last-cluster",
     "A write to the clipped cluster fails with the host", WRITE_FAILS,
     .data = &last_cluster},
    {"wr/error-of-one-sector",
     "A write that the host refuses for one sector fails", WRITE_FAILS,
     .data = &one_sector},
    {"wr/error-of-the-fill",
     "A write fails if the rest of its cluster cannot be written", WRITE_FAILS,
     .data = &fill},
    {"wr/no-space-for-an-overwrite", "An overwrite fails without space",
     WRITE_FAILS, .data = &no_space_overwrite},
    {"wr/no-space-for-a-part", "A write to part of a cluster fails of space",
     WRITE_FAILS, .data = &no_space_part},
    {"wr/no-space-for-a-run", "A write of several clusters fails of space",
     WRITE_FAILS, .data = &no_space_run},
    {"wr/no-memory", "A write fails while the host has no memory", WRITE_FAILS,
     .data = &no_memory},
    {"wr/short-write", "A write that the host carries out in part fails",
     WRITE_FAILS, .data = &short_write},
    {"wr/error-of-the-copy", "A write fails if the copy cannot be read",
     WRITE_FAILS, .data = &copy},
    {"wr/error-of-a-sector-of-the-copy",
     "A write fails if a sector of the copy cannot be read", WRITE_FAILS,
     .data = &copy_one_sector},
    {"wr/error-of-the-copies-of-a-run",
     "A write fails if the copies at its ends cannot be read", WRITE_FAILS,
     .data = &copy_of_a_run},
    {"wr/through-error-of-an-overwrite",
     "An overwrite under writethrough fails with the host", THROUGH_FAILS,
     .data = &overwrite},
    {"wr/through-error-of-a-part",
     "A write to part of a cluster under writethrough fails with the host",
     THROUGH_FAILS, .data = &part},
    {"wr/through-error-of-a-run",
     "A write of several clusters under writethrough fails with the host",
     THROUGH_FAILS, .data = &run},
    {"wr/through-error-of-the-fill",
     "A write under writethrough fails if the rest of its cluster cannot be",
     THROUGH_FAILS, .data = &fill},
    {"wr/through-no-space", "A write under writethrough fails of space",
     THROUGH_FAILS, .data = &no_space_run},
    {"wr/through-error-of-the-copy",
     "A write under writethrough fails if the copy cannot be read",
     THROUGH_FAILS, .data = &copy},
    {"wr/uncopied-stays-unallocated",
     "A cluster whose backing file has a bad sector is not made allocated",
     "WR-3 WR-13", HOST | WRITE | CASE_BOTH, .run = uncopied_stays_unallocated,
     .data = &copy_one_sector},

    {"wr/again-after-an-error-of-an-overwrite",
     "An overwrite that failed may be made again", "WR-15 WR-13",
     HOST | WRITE | CASE_BOTH, .run = made_again, .data = &overwrite},
    {"wr/again-after-an-error-of-a-part",
     "A write to part of a cluster that failed may be made again",
     "WR-15 WR-13", HOST | WRITE | CASE_BOTH, .run = made_again,
     .data = &part},
    {"wr/again-after-a-short-write",
     "A write that was carried out in part may be made again", "WR-15 WR-13",
     HOST | WRITE | CASE_BOTH, .run = made_again, .data = &short_write},
    {"wr/again-after-an-error-of-the-copy",
     "A write whose copy could not be read may be made again", "WR-15 WR-13",
     HOST | WRITE | CASE_BOTH, .run = made_again, .data = &copy},

    {"wr/no-read-works", "Every request returns while no read works",
     "WR-14 WR-15", HOST | WRITE | CASE_REFUSES, .run = host_is_gone,
     .arg = EV_READ},
    {"wr/no-write-works", "Every request returns while no write works",
     "WR-14 WR-15", HOST | WRITE | CASE_REFUSES, .run = host_is_gone,
     .arg = EV_WRITE},
    {"wr/no-flush-works", "Every request returns while no flush works",
     "WR-14 WR-15", HOST | WRITE | CASE_REFUSES, .run = host_is_gone,
     .arg = EV_FLUSH},
    {"wr/nothing-works", "Every request returns while the host does nothing",
     "WR-14 WR-15", HOST | WRITE | CASE_REFUSES, .run = host_is_gone,
     .arg = EV_ANY},
    {"wr/through-no-write-works",
     "Every request returns under writethrough while no write works",
     "WR-14 WR-15", HOST | THROUGH | CASE_REFUSES, .run = host_is_gone,
     .arg = EV_WRITE},
    {"wr/through-nothing-works",
     "Every request returns under writethrough while the host does nothing",
     "WR-14 WR-15", HOST | THROUGH | CASE_REFUSES, .run = host_is_gone,
     .arg = EV_ANY},
    {"wr/each-call-fails-once",
     "Whichever call of the host fails, each sector is old or new",
     "WR-14 WR-15 WR-9", HOST | WRITE | CASE_BOTH, .run = each_call_fails},
    {"wr/each-call-fails-for-good",
     "From whichever call on the host fails, each sector is old or new",
     "WR-14 WR-15 WR-9", HOST | WRITE | CASE_REFUSES, .run = each_call_fails,
     .arg = 1},
    {"wr/through-each-call-fails-once",
     "Under writethrough, whichever call fails, each sector is old or new",
     "WR-14 WR-15 WR-9", HOST | THROUGH | CASE_BOTH, .run = each_call_fails},
    {"wr/through-each-call-fails-for-good",
     "Under writethrough, from whichever call on, each sector is old or new",
     "WR-14 WR-15 WR-9", HOST | THROUGH | CASE_REFUSES, .run = each_call_fails,
     .arg = 1},

    {"wr/full-for-an-overwrite",
     "An overwrite succeeds when the host has space again", "WR-16 WR-15",
     HOST | WRITE | CASE_BOTH, .run = full, .offset = CLUSTER, .len = 1024},
    {"wr/full-for-a-part",
     "A write to part of a cluster succeeds when there is space again",
     "WR-16 WR-15", HOST | WRITE | CASE_BOTH, .run = full,
     .offset = 4 * CLUSTER + SECTOR, .len = 512},
    {"wr/full-after-a-sector",
     "A write that got one sector far succeeds when there is space again",
     "WR-16 WR-15", HOST | WRITE | CASE_BOTH, .run = full_after_a_sector,
     .offset = 4 * CLUSTER + SECTOR, .len = 2048},
    {"wr/full-after-a-sector-of-a-cluster",
     "A whole cluster that got one sector far succeeds when there is space",
     "WR-16 WR-15", HOST | WRITE | CASE_BOTH, .run = full_after_a_sector,
     .offset = 4 * CLUSTER, .len = 65536},
    {"wr/full-in-a-run",
     "A write of several clusters succeeds when there is space again",
     "WR-16 WR-15", HOST | WRITE | CASE_BOTH, .run = full_after_a_cluster,
     .offset = 3 * CLUSTER + SECTOR, .len = 3 * 65536},
    {"wr/full-for-the-last-cluster",
     "A write to the clipped cluster succeeds when there is space again",
     "WR-16 WR-15", HOST | WRITE | CASE_BOTH, .run = full,
     .offset = 12 * CLUSTER, .len = 1024},
    {"wr/full-under-writethrough",
     "A write under writethrough succeeds when there is space again",
     "WR-16 WR-15", HOST | THROUGH | CASE_BOTH, .run = full,
     .offset = 4 * CLUSTER + SECTOR, .len = 512},
    {"wr/no-byte-free", "A write succeeds after the host had no byte free",
     "WR-16 WR-15", HOST | WRITE | CASE_BOTH, .run = little_space},
    {"wr/one-sector-free", "A write succeeds after the host had a sector free",
     "WR-16 WR-15", HOST | WRITE | CASE_BOTH, .run = little_space,
     .arg = SECTOR},
    {"wr/a-cluster-free", "A write succeeds after the host had 64 KiB free",
     "WR-16 WR-15", HOST | WRITE | CASE_BOTH, .run = little_space,
     .arg = CLUSTER},
    {"wr/two-clusters-free",
     "A write succeeds after the host had 128 KiB and a sector free",
     "WR-16 WR-15", HOST | WRITE | CASE_BOTH, .run = little_space,
     .arg = 2 * CLUSTER + SECTOR},
    {0}};
