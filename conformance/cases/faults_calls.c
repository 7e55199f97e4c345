/* SPDX-License-Identifier: MIT
 *
 * faults_calls.c - chapters 7, 11 to 15 of the specification: whichever call
 * of the host fails while an image is opened, read, mapped, checked, made or
 * resized, the call returns the class of the fault or the right answer, no
 * file stays open, and the same call works once the host does.
 *
 * The world sees to the files: a refused open and a create or check that
 * leaves one open fails the case, charged to its first clause.
 *
 * Deliberately missing: writes and flushes (faults.c); what stands under the
 * name after a create that failed at each call of the host with IO
 * (crt_order.c).
 */
#include "all.h"
#include "steps/create.h"
#include "steps/flushes.h"
#include "steps/guest.h"
#include "steps/refuse.h"
#include "steps/resize.h"

#include <stdbool.h>
#include <string.h>

#define HOST ADDCOW_CAP_HOST
#define WRITE ADDCOW_CAP_WRITE
#define MAX_CALLS 100000 /* of one piece of work, before a test gives up */
#define EACH_CALL 64     /* that many fail one by one, then some of the rest */

#define DISK_SIZE (12 * CLUSTER + 3 * SECTOR)
#define BACKING_SIZE (11 * CLUSTER + 700)

static const uint64_t set_bits[] = {1, 2, 10, END_OF_LIST};
#define N_SET 3

static struct oracle *used_image(struct env *env)
{
    return make_image(env, &(struct image_recipe){.image_size = DISK_SIZE,
                                                  .backing_size = BACKING_SIZE,
                                                  .set = set_bits});
}

/* ---- What fails --------------------------------------------------------- */

/* One piece of work under a fault: returns whether the fault was met. */
typedef void work_fn(struct env *env, const struct conf_case *self,
                     const struct fault *fault);

static bool meets(struct env *env, const struct conf_case *self, work_fn *work,
                  struct fault fault, uint64_t nth)
{
    new_world(env);
    fault.nth = nth;
    work(env, self, &fault);
    clear_faults(env);
    return n_faults_hit(env) > 0;
}

/* Runs WORK with the fault at its first call, its second, and so on; of many
 * calls, of a sector each say, fewer and fewer are tried. */
static void each_call(struct env *env, const struct conf_case *self,
                      work_fn *work, struct fault fault)
{
    const char *clause;
    uint64_t nth = 1;

    while (nth < MAX_CALLS && meets(env, self, work, fault, nth))
        nth += 1 + nth / EACH_CALL;
    clause = main_clause(env);
    expect_true(env, clause, "the work comes to an end", nth < MAX_CALLS);
    if (fault.kind == EV_ANY)
        expect_that(env, clause, "some call of the host can fail", nth > 1,
                    "the work made no such call");
}

/* The kinds of fault, once and for good. */
static void each_fault(struct env *env, const struct conf_case *self,
                       work_fn *work, int with_space)
{
    static const int results[] = {ADDCOW_IO, ADDCOW_NO_MEMORY};

    for (int good = 0; good < 2; good++) {
        struct fault f = {.kind = EV_ANY, .for_good = good};

        for (unsigned i = 0; i < 2; i++) {
            f.result = results[i];
            each_call(env, self, work, f);
        }
        if (!with_space)
            continue;
        f.result = ADDCOW_NO_SPACE;
        f.kind = EV_SET_SIZE;
        each_call(env, self, work, f);
        f.kind = EV_WRITE;
        each_call(env, self, work, f);
        f.n_sectors = 1;
        each_call(env, self, work, f);
        f = (struct fault){
            .kind = EV_FLUSH, .result = ADDCOW_IO, .for_good = good};
        each_call(env, self, work, f);
    }
}

/* ---- Open --------------------------------------------------------------- */

static void try_open(struct env *env, const struct conf_case *self,
                     const struct fault *fault)
{
    struct oracle *o = used_image(env);
    struct snapshot *before = take_snapshot(env);
    uint64_t len = file_size(env, ADDCOW_NAME);
    uint32_t flags = (uint32_t)self->arg;
    struct img *img = NULL;
    int result;

    put_fault(env, fault);
    result = img_open(env, &img, ADDCOW_NAME, flags);
    clear_faults(env);
    expect_ok_or_refused(env, "ERR-2", result, ADDCOW_IO, fault->result, 0);
    if (flags == 0)
        expect_nothing_changed(env, "RD-9", before);
    else if (result != ADDCOW_OK)
        expect_padding_alone(env, "BMP-11", before, ADDCOW_NAME, len);
    if (result != ADDCOW_OK)
        img = open_image(env, flags);
    img_track(img, o);
    expect_u64(env, "ERR-2", "virtual size", img_size(img), DISK_SIZE);
    expect_guest_all(img, "ERR-2");
    must_close(img);
}

static void opening(struct env *env, const struct conf_case *self)
{
    each_fault(env, self, try_open, 0);
}

/* ---- Read --------------------------------------------------------------- */

static void try_read(struct env *env, const struct conf_case *self,
                     const struct fault *fault)
{
    struct oracle *o = used_image(env);
    struct img *img = open_image(env, 0);
    uint8_t *data = case_alloc(env, 3 * CLUSTER);
    struct mismatch m;
    int result;

    (void)self;
    put_fault(env, fault);
    result = img_read(img, data, 3 * CLUSTER, 9 * CLUSTER - SECTOR);
    clear_faults(env);
    expect_ok_or_refused(env, "ERR-2", result, ADDCOW_IO, fault->result, 0);
    if (result == ADDCOW_OK &&
        !oracle_check(o, &m, data, 3 * CLUSTER, 9 * CLUSTER - SECTOR))
        fail_as(env, "RD-8", CHECK_GUEST, m.kind,
                "an error, or the right bytes", "%s, at guest offset %llu",
                m.got, (unsigned long long)m.offset);
    expect_guest_all(img, "RD-7");
    must_close(img);
}

static void reading(struct env *env, const struct conf_case *self)
{
    each_fault(env, self, try_read, 0);
}

/* ---- Map ---------------------------------------------------------------- */

/* The answer for the byte at OFFSET, if there is one, is right. */
static int map_at(struct env *env, struct img *img, uint64_t offset,
                  uint32_t want)
{
    uint64_t len = 0;
    uint32_t state = ~want;
    int result = img_map(img, &len, &state, DISK_SIZE - offset, offset);

    if (result == ADDCOW_OK) {
        expect_that(env, "MAP-1", "a length of a byte at least", len > 0,
                    "a length of 0 bytes");
        expect_u64(env, "MAP-1", "the cluster is allocated (1) or not (0)",
                   state & ADDCOW_MAP_ALLOCATED, want);
    }
    return result;
}

static void try_map(struct env *env, const struct conf_case *self,
                    const struct fault *fault)
{
    struct img *img;
    int result;

    (void)self;
    used_image(env);
    img = open_image(env, 0);
    put_fault(env, fault);
    result = map_at(env, img, 10 * CLUSTER, ADDCOW_MAP_ALLOCATED);
    clear_faults(env);
    expect_ok_or_refused(env, "ERR-2", result, ADDCOW_IO, fault->result, 0);
    expect_ok(env, "MAP-1",
              map_at(env, img, 10 * CLUSTER, ADDCOW_MAP_ALLOCATED));
    expect_ok(env, "MAP-1", map_at(env, img, 4 * CLUSTER, 0));
    must_close(img);
}

/* The bit is not known until it has been asked for: some implementations
 * read all bits at open, and no call of the host is left to fail. */
static void mapping(struct env *env, const struct conf_case *self)
{
    static const int results[] = {ADDCOW_IO, ADDCOW_NO_MEMORY};

    for (unsigned i = 0; i < 4; i++) {
        struct fault f = {
            .kind = EV_READ, .result = results[i & 1], .for_good = i > 1};

        each_call(env, self, try_map, f);
    }
}

/* ---- Check -------------------------------------------------------------- */

static void try_check(struct env *env, const struct conf_case *self,
                      const struct fault *fault)
{
    struct addcow_check_result found;
    int result;

    (void)self;
    used_image(env);
    put_fault(env, fault);
    result = shim_check(env, &found, ADDCOW_NAME);
    clear_faults(env);
    expect_ok_or_refused(env, "ERR-2", result, ADDCOW_IO, fault->result, 0);
    if (result == ADDCOW_OK && !found.errors) {
        expect_u64(env, "CHK-4", "clusters", found.clusters,
                   clusters_of(DISK_SIZE));
        expect_u64(env, "CHK-4", "allocated clusters", found.allocated, N_SET);
    }
    expect_ok(env, "CHK-2", shim_check(env, &found, ADDCOW_NAME));
    expect_u64(env, "CHK-2", "errors", found.errors, 0);
}

static void checking(struct env *env, const struct conf_case *self)
{
    each_fault(env, self, try_check, 0);
}

/* ---- Create ------------------------------------------------------------- */

#define OLD_TARGET_LEN 9000

/* What the name leads to after a create that failed: nothing with the
 * magic, or the old file whole, or, if nothing could be undone or the new one
 * could not be closed, that one whole. */
static void judge_target(struct env *env, struct snapshot *before,
                         const struct fault *fault, int replaces)
{
    uint8_t first[SECTOR];
    uint8_t header[HEADER_LEN];

    if (!has_magic(env, ADDCOW_NAME)) {
        expect_true(env, "CRT-13", "the target is without the magic", 1);
        return;
    }
    header_build(header, IMAGE_NAME, BACKING_NAME);
    get_bytes(env, ADDCOW_NAME, first, SECTOR, 0);
    if ((fault->for_good || closed_in_vain(env, ADDCOW_NAME)) &&
        !memcmp(first, header, SECTOR))
        expect_new_image(env, "CRT-13", ADDCOW_NAME, IMAGE_NAME, BACKING_NAME,
                         DISK_SIZE);
    else if (replaces)
        expect_unchanged(env, "CRT-13", before, ADDCOW_NAME);
    else
        expect_true(env, "CRT-13", "the target is without the magic", 0);
}

static void try_create(struct env *env, const struct conf_case *self,
                       const struct fault *fault)
{
    int replaces = self->arg != 0;
    struct addcow_create_args args =
        create_args(replaces ? ADDCOW_CREATE_REPLACE : 0);
    struct snapshot *before;
    int result;

    put_inputs(env, DISK_SIZE, BACKING_SIZE);
    if (file_exists(env, ADDCOW_NAME))
        remove_file(env, ADDCOW_NAME);
    if (replaces)
        put_old_target(env, OLD_TARGET_LEN);
    before = take_snapshot(env);
    put_fault(env, fault);
    result = shim_create(env, &args);
    clear_faults(env);
    expect_ok_or_refused(env, "ERR-2", result, ADDCOW_IO, fault->result, 0);
    if (result == ADDCOW_OK)
        expect_new_image(env, "CRT-13", ADDCOW_NAME, IMAGE_NAME, BACKING_NAME,
                         DISK_SIZE);
    else
        judge_target(env, before, fault, replaces);
    args.flags |= ADDCOW_CREATE_REPLACE;
    must_create(env, "CRT-13", &args);
    expect_new_image(env, "CRT-13", ADDCOW_NAME, IMAGE_NAME, BACKING_NAME,
                     DISK_SIZE);
}

static void creating(struct env *env, const struct conf_case *self)
{
    each_fault(env, self, try_create, 1);
}

/* ---- Resize ------------------------------------------------------------- */

/* The virtual size is the old or the new one, by the image file's length, and
 * the guest's bytes are as they were, zeros where the disk has grown.  After a
 * close that FAILED what was not durable may be lost. */
static void judge_size(struct env *env, struct img *img, struct oracle *o,
                       uint64_t to, int failed)
{
    uint64_t size = img_size(img);

    expect_u64(env, "RSZ-13", "virtual size, by the image file's length", size,
               file_size(env, IMAGE_NAME) / SECTOR * SECTOR);
    expect_true(env, "RSZ-13", "the virtual size is the old or the new one",
                size == DISK_SIZE || size == to);
    if (size != oracle_size(o))
        oracle_resize(o, size);
    if (failed)
        expect_some_version(env, "RSZ-13", img, (size_t)size, 0);
    else
        expect_guest_all(img, "RSZ-13");
}

static int resize_under_fault(struct env *env, struct img *img,
                              const struct fault *fault, uint64_t to)
{
    int result;

    put_fault(env, fault);
    result = img_set_size(img, to);
    clear_faults(env);
    expect_ok_or_refused(env, "ERR-2", result, ADDCOW_IO, fault->result,
                         ADDCOW_OTHER, ADDCOW_UNIMPLEMENTED, 0);
    if (result == ADDCOW_OK)
        expect_lengths(env, "RSZ-15", to);
    return result;
}

/* A write is pending when the resize comes. */
static void try_resize(struct env *env, const struct conf_case *self,
                       const struct fault *fault)
{
    struct oracle *o = used_image(env);
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);
    int again, failed;

    must_write(img, SECTOR, CLUSTER / 2);
    (void)resize_under_fault(env, img, fault, self->arg);
    judge_size(env, img, o, self->arg, 0);
    again = img_set_size(img, self->arg);
    expect_ok_or_refused(env, "ERR-2", again, ADDCOW_IO, ADDCOW_NO_SPACE,
                         ADDCOW_OTHER, ADDCOW_UNIMPLEMENTED, 0);
    if (again == ADDCOW_OK)
        expect_lengths(env, "RSZ-15", self->arg);
    judge_size(env, img, o, self->arg, 0);
    failed = img_close(img) != ADDCOW_OK;
    img = open_image(env, 0);
    img_track(img, o);
    judge_size(env, img, o, self->arg, failed);
    must_close(img);
}

static void resizing(struct env *env, const struct conf_case *self)
{
    struct img *img;

    used_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    resize_or_na(env, img, self->arg);
    must_close(img);
    each_fault(env, self, try_resize, 1);
}

#define RESIZES \
    "RSZ-15 RSZ-13 ERR-2", HOST | RESIZER | CASE_REFUSES, .run = resizing

const struct conf_case cases_faults_calls[] = {
    {"err/any-call-of-an-open-fails",
     "Whichever host call of an open fails, its class is told and no file is "
     "left open",
     "ERR-4 ERR-2 RD-9", HOST | CASE_REFUSES, .run = opening},
    {"err/any-call-of-an-open-for-writing-fails",
     "Whichever host call of an open for writing fails, its class is told and "
     "no file is left open",
     "ERR-4 ERR-2 BMP-11", HOST | WRITE | CASE_REFUSES, .run = opening,
     .arg = ADDCOW_OPEN_WRITE},
    {"rd/any-call-of-a-read-fails",
     "Whichever host call of a read fails, it is an error or right bytes, and "
     "the next read is served",
     "RD-8 RD-7 ERR-2", HOST | CASE_REFUSES, .run = reading},
    {"map/any-call-of-a-map-fails",
     "Whichever host read of a map fails, it is an error or the right state",
     "MAP-1 ERR-2", HOST | ADDCOW_CAP_MAP | CASE_REFUSES, .run = mapping},
    {"chk/any-call-of-a-check-fails",
     "Whichever host call of a check fails, it is an error or the right count",
     "CHK-4 CHK-2 ERR-2", HOST | ADDCOW_CAP_CHECK | CASE_REFUSES,
     .run = checking},
    {"crt/any-fault-of-a-create",
     "Whichever host call of a create fails, of any cause, no torn image is "
     "left and no file is open",
     "CRT-13 ERR-4 ERR-2", HOST | ADDCOW_CAP_CREATE | CASE_REFUSES,
     .run = creating},
    {"crt/any-fault-of-a-replacing-create",
     "Whichever host call of a create fails, of any cause, the old image is "
     "whole or gone",
     "CRT-13 ERR-4 ERR-2", HOST | ADDCOW_CAP_CREATE | CASE_REFUSES,
     .run = creating, .arg = 1},
    {"rsz/any-fault-of-growth",
     "Whichever host call of growth fails, of any cause, either size is whole",
     RESIZES, .arg = 20 * CLUSTER},
    {"rsz/any-fault-of-growth-inside-a-cluster",
     "Whichever host call of growth by a sector fails, either size is whole",
     RESIZES, .arg = DISK_SIZE + SECTOR},
    {"rsz/any-fault-of-shrinking",
     "Whichever host call of shrinking fails, of any cause, either size is "
     "whole",
     RESIZES, .arg = 2 * CLUSTER + SECTOR},
    {0}};
