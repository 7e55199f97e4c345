/* SPDX-License-Identifier: MIT
 *
 * fls_fail.c - chapter 9 of the specification: flushes that fail.
 *
 * After one an implementation may fail for ever (FLS-10): that passes each of
 * these cases.  A success is taken only if the recording bears it out.
 *
 * Deliberately missing: the media after a power cut.
 */
#include "all.h"
#include "steps/flushes.h"
#include "steps/guest.h"

#include <stdbool.h>

#define HOST ADDCOW_CAP_HOST
#define WRITE ADDCOW_CAP_WRITE
#define THROUGH (ADDCOW_CAP_WRITE | ADDCOW_CAP_WRITETHROUGH)
#define TABLE_SPAN (32 * GIB) /* of the disk, by 64 KiB of bitmap */

#define DISK_SIZE (20 * CLUSTER + 3 * SECTOR)
#define HUGE_SIZE (70 * TABLE_SPAN)
#define FRESH UINT64_C(4)     /* an unallocated cluster that is written */
#define ALLOCATED UINT64_C(1) /* one that is overwritten */
#define OTHER UINT64_C(6)     /* an unallocated one that is written later */

static struct oracle *image_of(struct env *env, uint64_t size)
{
    static const uint64_t set[] = {ALLOCATED, 2, 10, 13, END_OF_LIST};

    return make_image(env, &(struct image_recipe){.image_size = size,
                                                  .backing_size = size - 100,
                                                  .set = set});
}

static void fail_flush(struct env *env, const char *name, int result, int drop,
                       int for_good)
{
    put_fault(env, &(struct fault){.kind = EV_FLUSH,
                                   .name = name,
                                   .result = result,
                                   .drop = drop,
                                   .for_good = for_good});
}

/* Whether RESULT, of a flush or a close, met the fault of the file NAME that
 * was put at mark HIT; then it is a refusal.  A writer that had made all
 * durable earlier, at each write say, needs no flush: it does not meet it, or
 * may pass over it. */
static bool met_fault(struct env *env, const char *clause, const char *name,
                      int result, uint64_t hit, int class)
{
    bool is_met = n_faults_hit(env) > hit;

    if (is_met && (result != ADDCOW_OK ||
                   flush_was_needed(env, name, failed_flush(env, name, 0)))) {
        expect_refused(env, clause, result, ADDCOW_IO, class, 0);
        return true;
    }
    expect_ok(env, clause, result);
    expect_all_durable(env, clause, 0);
    return false;
}

/* ---- FLS-6: a flush that fails says so ---------------------------------- */

enum before { NOTHING, OVERWRITE, NEW_CLUSTER, RUN_OF_CLUSTERS };

static void write_before(struct img *img, uint64_t what)
{
    if (what == OVERWRITE)
        must_write(img, SECTOR, ALLOCATED * CLUSTER);
    if (what == NEW_CLUSTER)
        must_write(img, SECTOR, FRESH * CLUSTER + SECTOR);
    if (what == RUN_OF_CLUSTERS)
        must_write(img, 4 * CLUSTER, FRESH * CLUSTER + SECTOR);
}

/* An image with something to flush. */
static struct img *open_written(struct env *env, uint64_t what)
{
    struct img *img;

    image_of(env, DISK_SIZE);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    write_before(img, what);
    return img;
}

/* A flush of IMG fails as the one of the file NAME does, with RESULT. */
static void expect_flush_fails(struct env *env, struct img *img,
                               const char *name, int result)
{
    uint64_t hit = n_faults_hit(env);

    fail_flush(env, name, result, 0, 0);
    met_fault(env, "FLS-6", name, img_flush(img), hit,
              result == ADDCOW_IO ? 0 : result);
    (void)img_close(img);
}

/* ARG: what is written before; TEXT: the file whose flush fails. */
static void flush_fails(struct env *env, const struct conf_case *self)
{
    expect_flush_fails(env, open_written(env, self->arg), self->text,
                       ADDCOW_IO);
}

static void flush_finds_no_space(struct env *env, const struct conf_case *self)
{
    expect_flush_fails(env, open_written(env, NEW_CLUSTER), self->text,
                       ADDCOW_NO_SPACE);
}

static void every_flush_fails(struct env *env, const struct conf_case *self)
{
    struct img *img = open_written(env, NEW_CLUSTER);
    uint64_t hit = n_faults_hit(env);

    fail_flush(env, self->text, ADDCOW_IO, 0, 1);
    if (!met_fault(env, "FLS-6", self->text, img_flush(img), hit, 0)) {
        met_fault(env, "FLS-14", self->text, img_close(img), hit, 0);
        return;
    }
    for (unsigned i = 0; i < 3; i++)
        expect_failing(env, "FLS-6", self->text, img_flush(img));
    expect_failing(env, "FLS-14", self->text, img_close(img));
}

/* As flush_fails(), after a flush that succeeded. */
static void later_flush_fails(struct env *env, const struct conf_case *self)
{
    struct img *img;

    image_of(env, DISK_SIZE);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, OTHER * CLUSTER);
    must_flush(img);
    write_before(img, self->arg);
    expect_flush_fails(env, img, self->text, ADDCOW_IO);
}

static void write_through_fails(struct env *env, const struct conf_case *self)
{
    struct img *img;

    image_of(env, DISK_SIZE);
    img = open_image(env, BOTH_FLAGS);
    must_flush(img);
    fail_flush(env, self->text, ADDCOW_IO, 0, 1);
    expect_refused(env, "FLS-4", write_new(img, SECTOR, self->arg * CLUSTER),
                   ADDCOW_IO, 0);
    (void)img_close(img);
}

/* A flush on a host of which a write of bits has failed: it may fail, once
 * that has happened, with CLASS or for that reason.  If it succeeds and
 * IS_WRITTEN, cluster FRESH is allocated durably. */
static void flush_bits(struct env *env, struct img *img, int class,
                       bool is_written)
{
    int result = img_flush(img);

    if (n_faults_hit(env) == 0)
        expect_ok(env, "FLS-5", result);
    expect_ok_or_refused(env, "FLS-5", result, ADDCOW_IO, class,
                         ADDCOW_NO_SPACE, ADDCOW_OTHER, 0);
    if (result != ADDCOW_OK)
        return;
    if (is_written)
        expect_bit(env, "FLS-5", ADDCOW_NAME, FRESH, 1);
    expect_all_durable(env, "FLS-5", 0);
}

/* The bits themselves cannot be written: by the flush, or by the write, where
 * it does not leave them to the flush.  Then it is made again. */
static void bits_fail(struct env *env, const struct conf_case *self)
{
    int class = self->arg ? ADDCOW_NO_SPACE : ADDCOW_IO;
    struct img *img;
    int result;

    image_of(env, DISK_SIZE);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    put_fault(env, &(struct fault){.kind = EV_WRITE,
                                   .name = ADDCOW_NAME,
                                   .result = class});
    result = write_new(img, SECTOR, FRESH * CLUSTER);
    if (n_faults_hit(env) == 0)
        expect_ok(env, "FLS-5", result);
    expect_ok_or_refused(env, "FLS-5", result, ADDCOW_IO, class, 0);
    flush_bits(env, img, class, result == ADDCOW_OK);
    if (result != ADDCOW_OK)
        result = write_new(img, SECTOR, FRESH * CLUSTER);
    flush_bits(env, img, class, result == ADDCOW_OK);
    img = reopen(env, img, 0);
    expect_some_version(env, "FLS-5", img, CLUSTER, FRESH * CLUSTER);
    must_close(img);
}

/* ---- FLS-14, FLS-15: a close that fails --------------------------------- */

/* The handle is gone whatever its close returned: the image opens again. */
static void expect_gone(struct env *env, struct oracle *o, uint32_t flags)
{
    struct img *img;

    clear_faults(env);
    img = expect_open(env, "FLS-15", flags);
    img_track(img, o);
    expect_some_version(env, "FLS-15", img, DISK_SIZE, 0);
    must_close(img);
}

static void close_fails(struct env *env, const struct conf_case *self)
{
    struct img *img = open_written(env, self->arg);
    uint64_t hit = n_faults_hit(env);

    fail_flush(env, self->text, ADDCOW_IO, 0, 1);
    met_fault(env, "FLS-14", self->text, img_close(img), hit, 0);
    expect_gone(env, oracle_of(img), ADDCOW_OPEN_WRITE);
}

/* The host fails to close the file TEXT. */
static void host_close_fails(struct env *env, const struct conf_case *self)
{
    struct oracle *o = image_of(env, DISK_SIZE);
    struct img *img = open_image(env, ADDCOW_OPEN_WRITE);

    must_write(img, SECTOR, FRESH * CLUSTER);
    put_fault(env, &(struct fault){.kind = EV_CLOSE,
                                   .name = self->text,
                                   .result = ADDCOW_IO});
    expect_ok_or_refused(env, "FLS-15", img_close(img), ADDCOW_IO, 0);
    expect_gone(env, o, 0);
}

/* ---- FLS-7, FLS-8, FLS-9: what follows ---------------------------------- */

enum next {
    FLUSH_AGAIN,
    CLOSE,
    REWRITE_SECTOR, /* what the guest wrote, and no more of the cluster */
    REWRITE_CLUSTERS,
    WRITE_ELSEWHERE,
    WALK_THE_TABLES
};

/* The TEXT of a case: the host shows the old content after the failed flush.
 */
#define DROPPED "dropped"

/* A request after a failed flush may succeed or fail for that reason. */
static int tried(struct env *env, const char *clause, int result)
{
    expect_ok_or_refused(env, clause, result, ADDCOW_IO, ADDCOW_NO_SPACE,
                         ADDCOW_OTHER, 0);
    return result;
}

static void walk(struct env *env, const char *clause, struct img *img)
{
    for (uint64_t t = 1; t < 68; t++) {
        if (tried(env, clause, write_new(img, SECTOR, t * TABLE_SPAN)) != 0)
            return;
    }
}

/* The size of the disk on which NEXT is done. */
static uint64_t size_for(uint64_t next)
{
    return next == WALK_THE_TABLES ? HUGE_SIZE : DISK_SIZE;
}

static void go_on(struct env *env, const char *clause, struct img *img,
                  uint64_t next)
{
    if (next == REWRITE_SECTOR) {
        tried(env, clause, write_new(img, SECTOR, FRESH * CLUSTER + SECTOR));
        tried(env, clause, write_new(img, SECTOR, ALLOCATED * CLUSTER));
    }
    if (next == REWRITE_CLUSTERS) {
        tried(env, clause, write_new(img, CLUSTER, FRESH * CLUSTER));
        tried(env, clause, write_new(img, CLUSTER, ALLOCATED * CLUSTER));
    }
    if (next == WRITE_ELSEWHERE)
        tried(env, clause, write_new(img, SECTOR, OTHER * CLUSTER));
    if (next == WALK_THE_TABLES)
        walk(env, clause, img);
}

/* The flush of the file NAME fails, and ARG comes next.  JUDGE looks at the
 * recording after each success: is all there again?  Returns the image,
 * closed; null if no flush was needed. */
static struct img *go_on_after(struct env *env, const struct conf_case *self,
                               const char *clause, const char *name,
                               void (*judge)(struct env *env, size_t failed))
{
    struct img *img;
    uint64_t hit;
    size_t failed;

    image_of(env, size_for(self->arg));
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_write(img, SECTOR, FRESH * CLUSTER + SECTOR);
    must_write(img, SECTOR, ALLOCATED * CLUSTER);
    hit = n_faults_hit(env);
    fail_flush(env, name, ADDCOW_IO, self->text != NULL, 0);
    if (!met_fault(env, clause, name, img_flush(img), hit, 0)) {
        must_close(img);
        return NULL;
    }
    failed = failed_flush(env, name, 0);
    go_on(env, clause, img, self->arg);
    if (self->arg != CLOSE && tried(env, clause, img_flush(img)) == ADDCOW_OK)
        judge(env, failed);
    if (tried(env, clause, img_close(img)) == ADDCOW_OK)
        judge(env, failed);
    return img;
}

static void judge_data(struct env *env, size_t failed)
{
    expect_made_good(env, "FLS-8", IMAGE_NAME, failed, CLUSTER,
                     FRESH * CLUSTER);
    expect_made_good(env, "FLS-8", IMAGE_NAME, failed, SECTOR,
                     ALLOCATED * CLUSTER);
}

static void after_the_image_file(struct env *env, const struct conf_case *self)
{
    struct img *img = go_on_after(env, self, "FLS-8", IMAGE_NAME, judge_data);

    if (!img)
        return;
    expect_held_back(env, "FLS-7", FRESH, size_for(self->arg),
                     failed_flush(env, IMAGE_NAME, 0));
    img = open_again(env, img, 0);
    expect_some_version(env, "FLS-7", img, CLUSTER, FRESH * CLUSTER);
    expect_some_version(env, "FLS-8", img, CLUSTER, ALLOCATED * CLUSTER);
    must_close(img);
}

/* Overwrites alone: no bit is pending, and yet no flush may succeed. */
static void after_an_overwrite(struct env *env, const struct conf_case *self)
{
    struct img *img;
    uint64_t hit;
    size_t failed;

    image_of(env, DISK_SIZE);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_flush(img);
    must_write(img, 2 * SECTOR, ALLOCATED * CLUSTER);
    hit = n_faults_hit(env);
    fail_flush(env, IMAGE_NAME, ADDCOW_IO, self->text != NULL, 0);
    if (!met_fault(env, "FLS-8", IMAGE_NAME, img_flush(img), hit, 0))
        return;
    failed = failed_flush(env, IMAGE_NAME, 0);
    if (self->arg == REWRITE_SECTOR)
        tried(env, "FLS-8", write_new(img, SECTOR, ALLOCATED * CLUSTER));
    if (self->arg == REWRITE_CLUSTERS)
        tried(env, "FLS-8", write_new(img, CLUSTER, ALLOCATED * CLUSTER));
    if (tried(env, "FLS-8", img_flush(img)) == ADDCOW_OK)
        expect_made_good(env, "FLS-8", IMAGE_NAME, failed, 2 * SECTOR,
                         ALLOCATED * CLUSTER);
    img = reopen(env, img, 0);
    expect_some_version(env, "FLS-8", img, CLUSTER, ALLOCATED * CLUSTER);
    must_close(img);
}

static void judge_bit(struct env *env, size_t failed)
{
    expect_made_good(env, "FLS-9", ADDCOW_NAME, failed, 1,
                     HEADER_LEN + FRESH / 8);
    expect_bit(env, "FLS-9", ADDCOW_NAME, FRESH, 1);
    expect_nothing_pending(env, "FLS-9", IMAGE_NAME, 0);
}

static void after_the_add_cow_file(struct env *env,
                                   const struct conf_case *self)
{
    struct img *img = go_on_after(env, self, "FLS-9", ADDCOW_NAME, judge_bit);

    if (!img)
        return;
    img = open_again(env, img, 0);
    expect_some_version(env, "FLS-9", img, CLUSTER, FRESH * CLUSTER);
    expect_some_version(env, "FLS-9", img, CLUSTER, ALLOCATED * CLUSTER);
    must_close(img);
}

/* The image file fails while a table is given up, and for good. */
static void eviction_fails(struct env *env, const struct conf_case *self)
{
    struct img *img;
    int result = ADDCOW_OK;

    image_of(env, HUGE_SIZE);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_flush(img);
    fail_flush(env, self->text, ADDCOW_IO, 0, 1);
    for (uint64_t t = 0; t < 68 && result == ADDCOW_OK; t++)
        result = tried(env, "FLS-6",
                       write_new(img, SECTOR, t * TABLE_SPAN + CLUSTER * 3));
    expect_failing(env, "FLS-6", self->text, img_flush(img));
    clear_faults(env);
    (void)img_close(img);
    expect_bit_order(img, "FLS-1");
}

const struct conf_case cases_fls_fail[] = {
    {"fls/image-flush-fails", "A flush fails if the image file's does",
     "FLS-6", HOST | WRITE | CASE_REFUSES, .run = flush_fails,
     .arg = NEW_CLUSTER, .text = IMAGE_NAME},
    {"fls/image-flush-fails-for-a-run",
     "A flush of several clusters fails if the image file's does", "FLS-6",
     HOST | WRITE | CASE_REFUSES, .run = flush_fails, .arg = RUN_OF_CLUSTERS,
     .text = IMAGE_NAME},
    {"fls/image-flush-fails-for-an-overwrite",
     "A flush of an overwrite fails if the image file's does", "FLS-6",
     HOST | WRITE | CASE_REFUSES, .run = flush_fails, .arg = OVERWRITE,
     .text = IMAGE_NAME},
    {"fls/image-flush-fails-with-nothing-written",
     "The first flush fails if the image file's does", "FLS-6",
     HOST | WRITE | CASE_REFUSES, .run = flush_fails, .arg = NOTHING,
     .text = IMAGE_NAME},
    {"fls/add-cow-flush-fails", "A flush fails if the add-cow file's does",
     "FLS-6", HOST | WRITE | CASE_REFUSES, .run = flush_fails,
     .arg = NEW_CLUSTER, .text = ADDCOW_NAME},
    {"fls/add-cow-flush-fails-with-nothing-written",
     "The first flush fails if the add-cow file's does", "FLS-6",
     HOST | WRITE | CASE_REFUSES, .run = flush_fails, .arg = NOTHING,
     .text = ADDCOW_NAME},
    {"fls/image-flush-finds-no-space",
     "A flush fails if the image file finds no space", "FLS-6",
     HOST | WRITE | CASE_REFUSES, .run = flush_finds_no_space,
     .text = IMAGE_NAME},
    {"fls/add-cow-flush-finds-no-space",
     "A flush fails if the add-cow file finds no space", "FLS-6",
     HOST | WRITE | CASE_REFUSES, .run = flush_finds_no_space,
     .text = ADDCOW_NAME},
    {"fls/later-image-flush-fails", "A later flush fails if the image's does",
     "FLS-6", HOST | WRITE | CASE_REFUSES, .run = later_flush_fails,
     .arg = NEW_CLUSTER, .text = IMAGE_NAME},
    {"fls/later-image-flush-fails-for-an-overwrite",
     "A later flush of an overwrite fails if the image's does", "FLS-6",
     HOST | WRITE | CASE_REFUSES, .run = later_flush_fails, .arg = OVERWRITE,
     .text = IMAGE_NAME},
    {"fls/later-add-cow-flush-fails",
     "A later flush fails if the add-cow file's does", "FLS-6",
     HOST | WRITE | CASE_REFUSES, .run = later_flush_fails, .arg = NEW_CLUSTER,
     .text = ADDCOW_NAME},
    {"fls/every-image-flush-fails",
     "No flush succeeds while the image file's fail", "FLS-6 FLS-14",
     HOST | WRITE | CASE_REFUSES, .run = every_flush_fails,
     .text = IMAGE_NAME},
    {"fls/every-add-cow-flush-fails",
     "No flush succeeds while the add-cow file's fail", "FLS-6 FLS-14",
     HOST | WRITE | CASE_REFUSES, .run = every_flush_fails,
     .text = ADDCOW_NAME},
    {"fls/through-image-flush-fails",
     "A write under writethrough fails if the image file's flush does",
     "FLS-4", HOST | THROUGH | CASE_REFUSES, .run = write_through_fails,
     .arg = FRESH, .text = IMAGE_NAME},
    {"fls/through-add-cow-flush-fails",
     "A write under writethrough fails if the add-cow file's flush does",
     "FLS-4", HOST | THROUGH | CASE_REFUSES, .run = write_through_fails,
     .arg = FRESH, .text = ADDCOW_NAME},
    {"fls/through-overwrite-flush-fails",
     "An overwrite under writethrough fails if the image's flush does",
     "FLS-4", HOST | THROUGH | CASE_REFUSES, .run = write_through_fails,
     .arg = ALLOCATED, .text = IMAGE_NAME},
    {"fls/bits-fail", "A flush fails if its bits cannot be written", "FLS-5",
     HOST | WRITE | CASE_REFUSES, .run = bits_fail},
    {"fls/bits-find-no-space", "A flush fails if its bits find no space",
     "FLS-5", HOST | WRITE | CASE_REFUSES, .run = bits_fail, .arg = 1},
    {"fls/eviction-finds-the-image-file-failing",
     "Bits that are given up do not go before a failed flush", "FLS-6 FLS-1",
     HOST | WRITE | CASE_REFUSES, .run = eviction_fails, .text = IMAGE_NAME},
    {"fls/eviction-finds-the-add-cow-file-failing",
     "A flush after bits were given up fails if the add-cow file's does",
     "FLS-6 FLS-1", HOST | WRITE | CASE_REFUSES, .run = eviction_fails,
     .text = ADDCOW_NAME},

    {"fls/close-fails-with-the-image-file",
     "A close returns the error of the image file's flush", "FLS-15 FLS-14",
     HOST | WRITE | CASE_REFUSES, .run = close_fails, .arg = NEW_CLUSTER,
     .text = IMAGE_NAME},
    {"fls/close-fails-with-the-image-file-for-an-overwrite",
     "A close after an overwrite returns the error of the flush",
     "FLS-15 FLS-14", HOST | WRITE | CASE_REFUSES, .run = close_fails,
     .arg = OVERWRITE, .text = IMAGE_NAME},
    {"fls/close-fails-with-the-add-cow-file",
     "A close returns the error of the add-cow file's flush", "FLS-15 FLS-14",
     HOST | WRITE | CASE_REFUSES, .run = close_fails, .arg = NEW_CLUSTER,
     .text = ADDCOW_NAME},
    {"fls/close-fails-to-close-the-add-cow-file",
     "The handle is gone though the host failed to close the add-cow file",
     "FLS-15", HOST | WRITE, .run = host_close_fails, .text = ADDCOW_NAME},
    {"fls/close-fails-to-close-the-image-file",
     "The handle is gone though the host failed to close the image file",
     "FLS-15", HOST | WRITE, .run = host_close_fails, .text = IMAGE_NAME},
    {"fls/close-fails-to-close-the-backing-file",
     "The handle is gone though the host failed to close the backing file",
     "FLS-15", HOST | WRITE, .run = host_close_fails, .text = BACKING_NAME},

    {"fls/pending-bit-after-failure-flush",
     "A flush after the image file's failed writes no pending bit",
     "FLS-7 FLS-8", HOST | WRITE | CASE_REFUSES, .run = after_the_image_file,
     .arg = FLUSH_AGAIN},
    {"fls/pending-bit-after-failure-dropped",
     "A flush after the image file dropped its data writes no pending bit",
     "FLS-7 FLS-8", HOST | WRITE | CASE_REFUSES, .run = after_the_image_file,
     .text = DROPPED},
    {"fls/pending-bit-after-failure-close",
     "A close after the image file's flush failed writes no pending bit",
     "FLS-7 FLS-8", HOST | WRITE | CASE_REFUSES, .run = after_the_image_file,
     .arg = CLOSE},
    {"fls/pending-bit-after-failure-close-dropped",
     "A close after the image file dropped its data writes no pending bit",
     "FLS-7 FLS-8", HOST | WRITE | CASE_REFUSES, .run = after_the_image_file,
     .arg = CLOSE, .text = DROPPED},
    {"fls/pending-bit-after-rewriting-a-sector",
     "Rewriting what the guest wrote does not free the bit of its cluster",
     "FLS-7 FLS-8", HOST | WRITE | CASE_REFUSES, .run = after_the_image_file,
     .arg = REWRITE_SECTOR},
    {"fls/pending-bit-after-rewriting-a-sector-dropped",
     "Rewriting a sector of dropped data does not free the bit", "FLS-7 FLS-8",
     HOST | WRITE | CASE_REFUSES, .run = after_the_image_file,
     .arg = REWRITE_SECTOR, .text = DROPPED},
    {"fls/pending-bit-after-rewriting-all",
     "After all was written again a flush may succeed, if it is true",
     "FLS-7 FLS-8", HOST | WRITE | CASE_BOTH, .run = after_the_image_file,
     .arg = REWRITE_CLUSTERS},
    {"fls/pending-bit-after-rewriting-all-dropped",
     "After dropped data was written again a flush may succeed", "FLS-7 FLS-8",
     HOST | WRITE | CASE_BOTH, .run = after_the_image_file,
     .arg = REWRITE_CLUSTERS, .text = DROPPED},
    {"fls/pending-bit-after-a-write-elsewhere",
     "A write to another cluster does not free a pending bit", "FLS-7 FLS-8",
     HOST | WRITE | CASE_REFUSES, .run = after_the_image_file,
     .arg = WRITE_ELSEWHERE},
    {"fls/pending-bit-after-a-write-elsewhere-dropped",
     "A write elsewhere after dropped data does not free a pending bit",
     "FLS-7 FLS-8", HOST | WRITE | CASE_REFUSES, .run = after_the_image_file,
     .arg = WRITE_ELSEWHERE, .text = DROPPED},
    {"fls/pending-bit-given-up-after-failure",
     "A pending bit that is pushed out after a failed flush is not written",
     "FLS-7 FLS-8", HOST | WRITE | CASE_REFUSES, .run = after_the_image_file,
     .arg = WALK_THE_TABLES},
    {"fls/overwrite-after-failure",
     "No flush succeeds after the flush of an overwrite failed", "FLS-8",
     HOST | WRITE | CASE_REFUSES, .run = after_an_overwrite,
     .arg = FLUSH_AGAIN},
    {"fls/overwrite-after-failure-dropped",
     "No flush succeeds after an overwrite was dropped", "FLS-8",
     HOST | WRITE | CASE_REFUSES, .run = after_an_overwrite, .text = DROPPED},
    {"fls/overwrite-after-failure-rewritten-in-part",
     "No flush succeeds after half of an overwrite was made again", "FLS-8",
     HOST | WRITE | CASE_REFUSES, .run = after_an_overwrite,
     .arg = REWRITE_SECTOR, .text = DROPPED},
    {"fls/overwrite-after-failure-rewritten",
     "A flush may succeed after an overwrite was made again", "FLS-8",
     HOST | WRITE | CASE_BOTH, .run = after_an_overwrite,
     .arg = REWRITE_CLUSTERS, .text = DROPPED},

    {"fls/bit-after-add-cow-failure-flush",
     "A flush after the add-cow file's failed writes the bit again", "FLS-9",
     HOST | WRITE | CASE_REFUSES, .run = after_the_add_cow_file,
     .arg = FLUSH_AGAIN},
    {"fls/bit-after-add-cow-failure-dropped",
     "A flush after the bit was dropped writes it again", "FLS-9",
     HOST | WRITE | CASE_REFUSES, .run = after_the_add_cow_file,
     .text = DROPPED},
    {"fls/bit-after-add-cow-failure-close",
     "A close after the add-cow file's flush failed writes the bit again",
     "FLS-9", HOST | WRITE | CASE_REFUSES, .run = after_the_add_cow_file,
     .arg = CLOSE},
    {"fls/bit-after-add-cow-failure-close-dropped",
     "A close after the bit was dropped writes it again", "FLS-9",
     HOST | WRITE | CASE_REFUSES, .run = after_the_add_cow_file, .arg = CLOSE,
     .text = DROPPED},
    {"fls/bit-after-add-cow-failure-rewritten",
     "A cluster written again is not taken for allocated", "FLS-9",
     HOST | WRITE | CASE_BOTH, .run = after_the_add_cow_file,
     .arg = REWRITE_CLUSTERS, .text = DROPPED},
    {"fls/bit-after-add-cow-failure-write-elsewhere",
     "A bit written later does not stand for the one that was dropped",
     "FLS-9", HOST | WRITE | CASE_REFUSES, .run = after_the_add_cow_file,
     .arg = WRITE_ELSEWHERE, .text = DROPPED},
    {"fls/bit-after-add-cow-failure-given-up",
     "A bit that was dropped is written though its table is given up", "FLS-9",
     HOST | WRITE | CASE_REFUSES, .run = after_the_add_cow_file,
     .arg = WALK_THE_TABLES},
    {0}};
