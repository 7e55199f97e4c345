/* SPDX-License-Identifier: MIT
 *
 * impl.c - appendix A: what an implementation declares is held against it.
 *
 * At a point that is not declared either behaviour is accepted, the same one
 * both times.
 */
#include "all.h"
#include "steps/flushes.h"
#include "steps/resize.h"

#include <stdbool.h>
#include <string.h>

#define WRITER ADDCOW_CAP_WRITE
#define WRITER_HOST (ADDCOW_CAP_WRITE | ADDCOW_CAP_HOST)

/* SEEN is the behaviour at POINT, AGAIN that of a second time. */
static void expect_choice(struct env *env, const char *point, char seen,
                          char again)
{
    char declared = choice_of(env, point);

    if (declared)
        expect_that(env, point, "choice: what the shim declares",
                    seen == declared, "choice (%c), declared is (%c)", seen,
                    declared);
    expect_that(env, point, "choice: the same each time", again == seen,
                "choice (%c), and (%c) the second time", seen, again);
}

/* ---- IMPL-1, IMPL-4: when the backing file is missing ------------------- */

/* How an image without its backing file opens; cluster 1 is allocated. */
static char open_without_backing(struct env *env)
{
    struct img *img;
    uint8_t buf[512];
    int result = img_open(env, &img, ADDCOW_NAME, 0);

    if (result != ADDCOW_OK) {
        expect_refused(env, "IMPL-1", result, ADDCOW_NOT_FOUND, 0);
        return 'a';
    }
    expect_refused(env, "IMPL-1", img_read(img, buf, sizeof(buf), 0),
                   ADDCOW_NOT_FOUND, 0);
    must_close(img);
    return 'b';
}

static void backing_opened(struct env *env, const struct conf_case *self)
{
    static const uint64_t set[] = {1, END_OF_LIST};
    char seen, again;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .backing_size = 3 * CLUSTER,
                                           .set = set});
    remove_file(env, BACKING_NAME);
    seen = open_without_backing(env);
    again = open_without_backing(env);
    expect_choice(env, "IMPL-1", seen, again);
}

static char open_complete(struct env *env)
{
    struct img *img;
    int result = img_open(env, &img, ADDCOW_NAME, 0);

    if (result != ADDCOW_OK) {
        expect_refused(env, "IMPL-4", result, ADDCOW_NOT_FOUND, 0);
        return 'a';
    }
    expect_guest_all(img, "IMPL-4");
    must_close(img);
    return 'b';
}

static void complete_image(struct env *env, const struct conf_case *self)
{
    char seen, again;

    make_image(env, &(struct image_recipe){.image_size = self->arg,
                                           .backing_size = 3 * CLUSTER,
                                           .set_all = 1});
    remove_file(env, BACKING_NAME);
    seen = open_complete(env);
    again = open_complete(env);
    expect_choice(env, "IMPL-4", seen, again);
}

/* ---- IMPL-2: the unit of requests --------------------------------------- */

static char read_odd(struct env *env, struct img *img, size_t len,
                     uint64_t offset)
{
    uint8_t buf[CLUSTER];
    int result = img_read(img, buf, len, offset);

    if (result != ADDCOW_OK) {
        expect_refused(env, "IMPL-2", result, ADDCOW_INVALID, 0);
        return 'b';
    }
    expect_guest(img, "IMPL-2", len, offset);
    return 'a';
}

static struct img *open_for_units(struct env *env, uint32_t flags)
{
    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .backing_size = 2 * CLUSTER + 700});
    return open_image(env, flags);
}

static void unit_of_reads(struct env *env, const struct conf_case *self)
{
    struct img *img = open_for_units(env, 0);
    char seen;

    (void)self;
    seen = read_odd(env, img, 1, 0);
    expect_choice(env, "IMPL-2", seen, read_odd(env, img, 511, 512));
    expect_choice(env, "IMPL-2", seen, read_odd(env, img, 512, 1));
    expect_choice(env, "IMPL-2", seen, read_odd(env, img, 513, CLUSTER - 1));
    expect_guest(img, "IMPL-2", 512, CLUSTER - 512);
    must_close(img);
}

static char write_odd(struct env *env, struct img *img, size_t len,
                      uint64_t offset)
{
    int result = write_new(img, len, offset);

    if (result != ADDCOW_OK)
        expect_refused(env, "IMPL-2", result, ADDCOW_INVALID, 0);
    return result == ADDCOW_OK ? 'a' : 'b';
}

static void unit_of_writes(struct env *env, const struct conf_case *self)
{
    struct img *img = open_for_units(env, ADDCOW_OPEN_WRITE);
    char seen;

    (void)self;
    seen = write_odd(env, img, 1, 0);
    expect_choice(env, "IMPL-2", seen, write_odd(env, img, 511, 512));
    expect_choice(env, "IMPL-2", seen, write_odd(env, img, 512, 1));
    expect_choice(env, "IMPL-2", seen, write_odd(env, img, 513, CLUSTER - 1));
    expect_ok(env, "IMPL-2", write_new(img, 512, CLUSTER - 512));
    expect_guest_all(img, "IMPL-2");
    must_close(img);
}

/* ---- IMPL-3: clusters that no request wrote ----------------------------- */

static void unwritten_clusters(struct env *env, const struct conf_case *self)
{
    struct img *img;
    uint64_t c, n_extra = 0;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = 9 * CLUSTER,
                                           .backing_size = 5 * CLUSTER});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_guest_all(img, "IMPL-3");
    must_write(img, 512, 4 * CLUSTER + 512);
    must_flush(img);
    expect_guest_all(img, "IMPL-3");
    must_close(img);
    for (c = 0; c < 9; c++)
        n_extra += c != 4 && bit_of(env, ADDCOW_NAME, c);
    if (choice_of(env, "IMPL-3") == 'a')
        expect_u64(env, "IMPL-3", "clusters allocated that no request wrote",
                   n_extra, 0);
    img = open_image(env, 0);
    expect_guest_all(img, "IMPL-3");
    must_close(img);
}

/* Where clusters are copied unasked, the order is that of any write. */
static void order_of_copies(struct env *env, const struct conf_case *self)
{
    struct img *img;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = 9 * CLUSTER,
                                           .backing_size = 5 * CLUSTER});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    expect_guest_all(img, "IMPL-3");
    must_flush(img);
    must_close(img);
    expect_bit_order(img, "IMPL-3");
}

/* ---- IMPL-5: after a failed flush --------------------------------------- */

#define N_FLUSHED 9 /* clusters */

/* The one whose bit the failed flush is about: late, because those before it
 * may have been copied up by the open (IMPL-3 b). */
#define FAILED_CLUSTER UINT64_C(7)

/* A write, and the flush that it needs unless it has failed: one of the two
 * meets the fault.  What succeeds all the same has made good what the fault
 * may have cost. */
static void write_and_flush(struct env *env, struct img *img, const char *file)
{
    uint64_t offset = FAILED_CLUSTER * CLUSTER;
    int result = write_new(img, 512, offset);
    size_t failed;

    expect_ok_or_refused(env, "IMPL-5", result, ADDCOW_IO, 0);
    if (result == ADDCOW_OK)
        result = img_flush(img);
    expect_ok_or_refused(env, "IMPL-5", result, ADDCOW_IO, 0);
    failed = failed_flush(env, file, 0);
    expect_true(env, "IMPL-5", "a write and a flush flush both files",
                failed != NO_EVENT);
    if (result == ADDCOW_OK && strcmp(file, IMAGE_NAME) == 0)
        expect_made_good(env, "IMPL-5", file, failed, CLUSTER, offset);
    else if (result == ADDCOW_OK)
        expect_made_good(env, "IMPL-5", file, failed, 1, HEADER_LEN);
}

/* 1 if RESULT, of a request after the failed flush, is a success, else 0. */
static unsigned goes_on(struct env *env, int result)
{
    expect_ok_or_refused(env, "IMPL-5", result, ADDCOW_IO, ADDCOW_NO_SPACE,
                         ADDCOW_OTHER, 0);
    return result == ADDCOW_OK;
}

/* How many of the writes of a cluster each succeed. */
static unsigned all_go_on(struct env *env, struct img *img)
{
    unsigned n = 0;

    for (uint64_t c = 0; c < N_FLUSHED; c++)
        n += goes_on(env, write_new(img, CLUSTER, c * CLUSTER));
    return n;
}

/* The flush that fails is not the first of the handle: what an earlier handle
 * left could not be written again.  Then all that the guest can see is, twice:
 * a write that flushes may have to wait for those of other clusters.  After
 * that nothing holds back who goes on where it is allowed. */
static char after_failed_flush(struct env *env, const char *file)
{
    unsigned n_first, n_then;
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = N_FLUSHED * CLUSTER,
                                           .backing_size = 5 * CLUSTER});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_flush(img);
    put_fault(env, &(struct fault){
                       .kind = EV_FLUSH, .name = file, .result = ADDCOW_IO});
    write_and_flush(env, img, file);
    clear_faults(env);
    n_first = all_go_on(env, img);
    n_then = all_go_on(env, img) + goes_on(env, img_flush(img));
    expect_true(env, "IMPL-5",
                "after a failed flush every write and flush fails, or none "
                "once all was written again",
                n_then == (n_first ? N_FLUSHED + 1 : 0));
    expect_guest_all(img, "IMPL-5");
    img_close(img);
    return n_first ? 'b' : 'a';
}

/* TEXT is the file whose flush fails. */
static void flush_fails(struct env *env, const struct conf_case *self)
{
    char seen = after_failed_flush(env, self->text);

    expect_choice(env, "IMPL-5", seen, after_failed_flush(env, self->text));
}

/* ---- IMPL-6: resizes that are offered ----------------------------------- */

/* Whether a resize of an image of three clusters to SIZE is offered. */
static bool is_offered(struct env *env, uint64_t size)
{
    struct img *img;
    int result;

    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .backing_size = 5 * CLUSTER});
    img = open_image(env, ADDCOW_OPEN_WRITE);
    result = img_set_size(img, size);
    if (result != ADDCOW_OK)
        expect_refused(env, "IMPL-6", result, ADDCOW_OTHER, ADDCOW_INVALID,
                       ADDCOW_UNIMPLEMENTED, 0);
    must_close(img);
    return result == ADDCOW_OK;
}

static void resizes_offered(struct env *env, const struct conf_case *self)
{
    char choice = choice_of(env, "IMPL-6");
    uint64_t grows = (uint64_t)is_offered(env, 4 * CLUSTER);
    uint64_t shrinks = (uint64_t)is_offered(env, 2 * CLUSTER);

    (void)self;
    expect_u64(env, "IMPL-6", "growth is carried out, the second time",
               (uint64_t)is_offered(env, 4 * CLUSTER), grows);
    expect_u64(env, "IMPL-6", "shrinking is carried out, the second time",
               (uint64_t)is_offered(env, 2 * CLUSTER), shrinks);
    if (choice) {
        expect_u64(env, "IMPL-6", "growth is carried out", grows,
                   choice != 'c');
        expect_u64(env, "IMPL-6", "shrinking is carried out", shrinks,
                   choice != 'b');
    }
}

/* ---- IMPL-7: a write of nothing ----------------------------------------- */

static char write_nothing(struct env *env, struct img *img, uint64_t offset)
{
    int result = img_write(img, "", 0, offset);

    if (result == ADDCOW_OK)
        return 'a';
    expect_refused(env, "IMPL-7", result, ADDCOW_READ_ONLY, 0);
    return 'b';
}

static void empty_write(struct env *env, const struct conf_case *self)
{
    struct img *img;
    char seen;

    (void)self;
    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .backing_size = CLUSTER});
    img = open_image(env, 0);
    seen = write_nothing(env, img, 0);
    expect_choice(env, "IMPL-7", seen, write_nothing(env, img, CLUSTER));
    expect_choice(env, "IMPL-7", seen, write_nothing(env, img, 3 * CLUSTER));
    must_close(img);
}

const struct conf_case cases_impl[] = {
    {"impl/when-the-backing-file-is-opened",
     "The backing file is opened when it was declared to be", "IMPL-1",
     CASE_REFUSES, .run = backing_opened},
    {"impl/unit-of-reads", "Reads have the unit that was declared", "IMPL-2",
     0, .run = unit_of_reads},
    {"impl/unit-of-writes", "Writes have the unit that was declared", "IMPL-2",
     WRITER, .run = unit_of_writes},
    {"impl/clusters-that-no-request-wrote",
     "Clusters that no request wrote become allocated only where declared",
     "IMPL-3", WRITER, .run = unwritten_clusters},
    {"impl/order-of-unasked-copies",
     "Clusters that no request wrote become allocated after their data",
     "IMPL-3", WRITER_HOST, .run = order_of_copies},
    {"impl/complete-image-without-its-backing-file",
     "An image with all bits 1 opens without its backing file as declared",
     "IMPL-4", CASE_BOTH, .run = complete_image, .arg = 9 * CLUSTER},
    {"impl/complete-image-with-a-clipped-cluster",
     "An image with N bits 1 and others 0 opens without backing as declared",
     "IMPL-4", CASE_BOTH, .run = complete_image, .arg = 10 * CLUSTER + 512},
    {"impl/after-a-failed-flush-of-the-image-file",
     "After a failed flush of the image file requests fail or go on as "
     "declared",
     "IMPL-5", WRITER_HOST | CASE_REFUSES, .run = flush_fails,
     .text = IMAGE_NAME},
    {"impl/after-a-failed-flush-of-the-add-cow-file",
     "After a failed flush of the add-cow file requests fail or go on as "
     "declared",
     "IMPL-5", WRITER_HOST | CASE_REFUSES, .run = flush_fails,
     .text = ADDCOW_NAME},
    {"impl/resizes-offered", "The resizes that were declared are offered",
     "IMPL-6", RESIZER, .run = resizes_offered},
    {"impl/write-of-nothing-read-only",
     "A write of zero bytes to an image open for reading ends as declared",
     "IMPL-7", WRITER, .run = empty_write},
    {0}};
