/* SPDX-License-Identifier: MIT
 *
 * err.c - chapter 15, Errors: the classes of refusals, and files that are
 * missing or may not be written.
 *
 * Deliberately missing: rows of the table that are the point of a clause of
 * another chapter; several defects at once (err_defects.c); the text of a
 * message.
 */
#include "all.h"
#include "steps/guest.h"
#include "steps/refuse.h"

#include <string.h>

static const int denied[] = {ADDCOW_READ_ONLY, ADDCOW_IO, ADDCOW_OTHER, 0};

static void wrong_version(struct env *env)
{
    put_byte(env, ADDCOW_NAME, 2, 11);
}

/* ---- Classes ------------------------------------------------------------ */

static void magic_alone(struct env *env, const struct conf_case *self)
{
    static const int classes[] = {ADDCOW_CORRUPT, ADDCOW_NOT_ADDCOW, 0};

    good_image(env);
    resize_file(env, ADDCOW_NAME, self->arg);
    refuse_open(env, "ERR-2", ADDCOW_NAME, classes);
}

static void short_version(struct env *env, const struct conf_case *self)
{
    static const int classes[] = {ADDCOW_VERSION, ADDCOW_CORRUPT, 0};

    good_image(env);
    wrong_version(env);
    resize_file(env, ADDCOW_NAME, self->arg);
    refuse_open(env, "ERR-2", ADDCOW_NAME, classes);
}

static void read_out_of_range(struct env *env, const struct conf_case *self)
{
    (void)self;
    good_image(env);
    expect_no_sector(env, "ERR-2", open_image(env, 0), GOOD_SIZE);
}

static void write_out_of_range(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    good_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_refused(env, "ERR-2", write_new(img, SECTOR, GOOD_SIZE),
                   ADDCOW_RANGE, 0);
}

static void write_to_read_only(struct env *env, const struct conf_case *self)
{
    struct snapshot *before;
    struct img *img;

    (void)self;
    good_image(env);
    before = take_snapshot(env);
    img = open_image(env, 0);
    expect_refused(env, "ERR-2", write_new(img, SECTOR, 0), ADDCOW_READ_ONLY,
                   0);
    expect_refused(env, "ERR-2", write_new(img, SECTOR, GOOD_SIZE),
                   ADDCOW_READ_ONLY, ADDCOW_RANGE, 0);
    must_close(img);
    expect_nothing_changed(env, "ERR-2", before);
}

/* TEXT cannot be opened at all. */
static void access_denied(struct env *env, const struct conf_case *self)
{
    good_image(env);
    set_unreadable(env, self->text, 1);
    if (strcmp(self->text, BACKING_NAME) != 0)
        refuse_open(env, "ERR-2", ADDCOW_NAME, denied);
    else
        refuse_backing(env, "ERR-2", ADDCOW_NAME, 0, denied);
}

/* The host refuses to read TEXT with IO (ARG 0) or NO_MEMORY. */
static void host_read_fails(struct env *env, const struct conf_case *self)
{
    uint64_t offset = strcmp(self->text, IMAGE_NAME) ? 0 : CLUSTER;
    int result = self->arg ? ADDCOW_NO_MEMORY : ADDCOW_IO;
    uint8_t sector[SECTOR];
    struct img *img;

    need_simulated(env);
    good_image(env);
    img = open_image(env, 0);
    put_fault(env, &(struct fault){.kind = EV_READ,
                                   .name = self->text,
                                   .result = result,
                                   .for_good = 1});
    expect_refused(env, "ERR-2", img_read(img, sector, SECTOR, offset),
                   ADDCOW_IO, self->arg ? ADDCOW_NO_MEMORY : 0, 0);
}

/* The host refuses to open TEXT with IO (ARG 0) or NO_MEMORY. */
static void host_open_fails(struct env *env, const struct conf_case *self)
{
    static const int io[] = {ADDCOW_IO, 0};
    static const int memory[] = {ADDCOW_NO_MEMORY, ADDCOW_IO, 0};

    need_simulated(env);
    good_image(env);
    put_fault(env, &(struct fault){.kind = EV_OPEN,
                                   .name = self->text,
                                   .result = self->arg ? ADDCOW_NO_MEMORY
                                                       : ADDCOW_IO,
                                   .for_good = 1});
    refuse_open(env, "ERR-2", ADDCOW_NAME, self->arg ? memory : io);
}

/* The host refuses to write the image file with IO (ARG 0) or NO_SPACE.  An
 * implementation that holds data back says so at the flush. */
static void host_write_fails(struct env *env, const struct conf_case *self)
{
    struct img *img;
    int result;

    need_simulated(env);
    good_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    put_fault(
        env, &(struct fault){.kind = EV_WRITE,
                             .name = IMAGE_NAME,
                             .result = self->arg ? ADDCOW_NO_SPACE : ADDCOW_IO,
                             .for_good = 1});
    result = write_new(img, SECTOR, CLUSTER);
    if (result == ADDCOW_OK)
        result = img_flush(img);
    expect_refused(env, "ERR-2", result, ADDCOW_IO,
                   self->arg ? ADDCOW_NO_SPACE : 0, 0);
}

/* The write or the flush meets the fault. */
static void after_a_failed_flush(struct env *env, const struct conf_case *self)
{
    struct img *img;
    int result;

    need_simulated(env);
    good_image(env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    put_fault(env, &(struct fault){.kind = EV_FLUSH,
                                   .name = self->text,
                                   .result = ADDCOW_IO});
    result = write_new(img, SECTOR, 0);
    expect_ok_or_refused(env, "ERR-2", result, ADDCOW_IO, 0);
    if (result == ADDCOW_OK)
        expect_ok_or_refused(env, "ERR-2", img_flush(img), ADDCOW_IO, 0);
    expect_true(env, "ERR-2", "a write and a flush flush both files",
                n_faults_hit(env) > 0);
    expect_ok_or_refused(env, "ERR-2", write_new(img, SECTOR, 0), ADDCOW_IO,
                         ADDCOW_NO_SPACE, ADDCOW_OTHER, 0);
    expect_ok_or_refused(env, "ERR-2", img_flush(img), ADDCOW_IO,
                         ADDCOW_NO_SPACE, ADDCOW_OTHER, 0);
}

/* ---- Files that are missing or may not be written ----------------------- */

/* The image's other files are there. */
static void no_add_cow_file(struct env *env, const struct conf_case *self)
{
    good_image(env);
    remove_file(env, ADDCOW_NAME);
    put_symlink(env, "dangling", "nothing-here");
    refuse_open(env, "ERR-5", self->text, not_found);
}

static void may_not_write(struct env *env, const struct conf_case *self)
{
    struct img *img;
    struct snapshot *before;

    good_image(env);
    before = take_snapshot(env);
    set_read_only(env, self->text, 1);
    expect_open_refused(env, "ERR-6", ADDCOW_NAME, ADDCOW_OPEN_WRITE,
                        ADDCOW_READ_ONLY, ADDCOW_IO, ADDCOW_OTHER, 0);
    expect_nothing_changed(env, "ERR-6", before);
    img = expect_accepted(env, "ERR-6", 0);
    must_close(img);
    set_read_only(env, self->text, 0);
    img = expect_accepted(env, "ERR-6", ADDCOW_OPEN_WRITE);
}

/* The backing file need not be writable. */
static void may_not_write_backing(struct env *env,
                                  const struct conf_case *self)
{
    struct img *img;

    (void)self;
    good_image(env);
    set_read_only(env, BACKING_NAME, 1);
    img = expect_accepted(env, "ERR-6", ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, 0);
    must_close(img);
    img = open_image(env, 0);
    expect_guest_all(img, "ERR-6");
}

#define CLASSES ADDCOW_CAP_CLASSES
#define HOST ADDCOW_CAP_HOST
#define WRITE ADDCOW_CAP_WRITE

const struct conf_case cases_err[] = {
    {"err/file-of-8-bytes", "The magic alone is CORRUPT or NOT_ADDCOW",
     "ERR-2", CLASSES | CASE_REFUSES, .run = magic_alone, .arg = 8},
    {"err/file-of-11-bytes", "Eleven bytes are CORRUPT or NOT_ADDCOW", "ERR-2",
     CLASSES | CASE_REFUSES, .run = magic_alone, .arg = 11},
    {"err/version-2-in-12-bytes",
     "Version 2 in a file of 12 bytes is VERSION or CORRUPT", "ERR-2",
     CLASSES | CASE_REFUSES, .run = short_version, .arg = 12},
    {"err/version-2-in-2559-bytes",
     "Version 2 in a file of 2559 bytes is VERSION or CORRUPT", "ERR-2",
     CLASSES | CASE_REFUSES, .run = short_version, .arg = 2559},
    {"err/read-out-of-range", "A read out of range is RANGE", "ERR-2",
     CLASSES | CASE_REFUSES, .run = read_out_of_range},
    {"err/write-out-of-range", "A write out of range is RANGE", "ERR-2",
     CLASSES | WRITE | CASE_REFUSES, .run = write_out_of_range},
    {"err/write-to-a-read-only-image",
     "A write to a read-only image is READ_ONLY, out of range or RANGE",
     "ERR-2", CLASSES | WRITE | CASE_REFUSES, .run = write_to_read_only},
    {"err/add-cow-file-unreadable",
     "An add-cow file that may not be read is READ_ONLY, IO or OTHER", "ERR-2",
     CLASSES | CASE_REFUSES, .run = access_denied, .text = ADDCOW_NAME},
    {"err/image-file-unreadable",
     "An image file that may not be read is READ_ONLY, IO or OTHER", "ERR-2",
     CLASSES | CASE_REFUSES, .run = access_denied, .text = IMAGE_NAME},
    {"err/backing-file-unreadable",
     "A backing file that may not be read is READ_ONLY, IO or OTHER", "ERR-2",
     CLASSES | CASE_REFUSES, .run = access_denied, .text = BACKING_NAME},
    {"err/host-fails-to-read-the-image-file",
     "An input error of the image file is IO", "ERR-2",
     CLASSES | HOST | CASE_REFUSES, .run = host_read_fails,
     .text = IMAGE_NAME},
    {"err/host-fails-to-read-the-backing-file",
     "An input error of the backing file is IO", "ERR-2",
     CLASSES | HOST | CASE_REFUSES, .run = host_read_fails,
     .text = BACKING_NAME},
    {"err/host-has-no-memory-to-read",
     "A host without memory for a read is NO_MEMORY or IO", "ERR-2",
     CLASSES | HOST | CASE_REFUSES, .run = host_read_fails, .arg = 1,
     .text = IMAGE_NAME},
    {"err/host-fails-to-open-the-add-cow-file",
     "An error at opening the add-cow file is IO", "ERR-2",
     CLASSES | HOST | CASE_REFUSES, .run = host_open_fails,
     .text = ADDCOW_NAME},
    {"err/host-fails-to-open-the-image-file",
     "An error at opening the image file is IO", "ERR-2",
     CLASSES | HOST | CASE_REFUSES, .run = host_open_fails,
     .text = IMAGE_NAME},
    {"err/host-has-no-memory-to-open",
     "A host without memory to open the image file is NO_MEMORY or IO",
     "ERR-2", CLASSES | HOST | CASE_REFUSES, .run = host_open_fails, .arg = 1,
     .text = IMAGE_NAME},
    {"err/host-fails-to-write", "An output error of the image file is IO",
     "ERR-2", CLASSES | HOST | WRITE | CASE_REFUSES, .run = host_write_fails},
    {"err/host-has-no-space", "A full host is NO_SPACE or IO", "ERR-2",
     CLASSES | HOST | WRITE | CASE_REFUSES, .run = host_write_fails, .arg = 1},
    {"err/after-a-failed-flush-of-the-image-file",
     "After a failed flush of the image file requests are IO, NO_SPACE or "
     "OTHER",
     "ERR-2", CLASSES | HOST | WRITE | CASE_REFUSES,
     .run = after_a_failed_flush, .text = IMAGE_NAME},
    {"err/after-a-failed-flush-of-the-add-cow-file",
     "After a failed flush of the add-cow file requests are IO, NO_SPACE or "
     "OTHER",
     "ERR-2", CLASSES | HOST | WRITE | CASE_REFUSES,
     .run = after_a_failed_flush, .text = ADDCOW_NAME},
    {"err/no-add-cow-file",
     "An add-cow file that does not exist is NOT_FOUND, and not made", "ERR-5",
     CASE_REFUSES, .run = no_add_cow_file, .text = ADDCOW_NAME},
    {"err/add-cow-file-is-a-dangling-link",
     "An add-cow file that is a dangling link is NOT_FOUND, and not made",
     "ERR-5", CASE_REFUSES, .run = no_add_cow_file, .text = "dangling"},
    {"err/add-cow-file-in-no-directory",
     "An add-cow file in a directory that is missing is NOT_FOUND", "ERR-5",
     CASE_REFUSES, .run = no_add_cow_file,
     .text = "no-directory/" ADDCOW_NAME},
    {"err/add-cow-file-may-not-be-written",
     "An image whose add-cow file may not be written opens for reading only",
     "ERR-6", WRITE | CASE_REFUSES, .run = may_not_write, .text = ADDCOW_NAME},
    {"err/image-file-may-not-be-written",
     "An image whose image file may not be written opens for reading only",
     "ERR-6", WRITE | CASE_REFUSES, .run = may_not_write, .text = IMAGE_NAME},
    {"err/backing-file-need-not-be-written",
     "An image whose backing file may not be written opens for writing",
     "ERR-6", WRITE, .run = may_not_write_backing},
    {0}};
