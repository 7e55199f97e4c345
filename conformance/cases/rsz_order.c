/* SPDX-License-Identifier: MIT
 *
 * rsz_order.c - chapter 12, Resize: the order of lengths, bits and flushes,
 * judged from the recording; what is durable; what a failing host leaves.
 *
 * Deliberately missing: power cuts, which are in dur.c.
 */
#include "all.h"
#include "steps/media.h"
#include "steps/resize.h"

#include <stdbool.h>

#define NEEDS (RESIZER | ADDCOW_CAP_HOST)
#define MAX_CALLS 500 /* of one resize, before a test gives up */

/* A disk that ends inside cluster 4, and a backing file that reaches into
 * cluster 12. */
#define OLD_SIZE (4 * CLUSTER + 512)
#define NEW_SIZE (20 * CLUSTER)
#define LOW_SIZE (2 * CLUSTER + 512)
#define BACKING_SIZE (12 * CLUSTER + 700)

static const uint64_t set_bits[] = {0, 3, END_OF_LIST};

static struct oracle *put_image(struct env *env, uint64_t image_len)
{
    return make_image(env, &(struct image_recipe){.image_size = image_len,
                                                  .backing_size = BACKING_SIZE,
                                                  .set = set_bits});
}

/* ---- RSZ-6: the image file grows last ----------------------------------- */

/* Whether the backing file shows in CLUSTER at OLD_SIZE and beyond. */
static bool must_hide(uint64_t cluster)
{
    return (cluster + 1) * CLUSTER > OLD_SIZE &&
           cluster * CLUSTER < BACKING_SIZE;
}

static void check_addcow_is_ready(struct env *env, const struct content *c)
{
    uint64_t cluster, n = clusters_of(NEW_SIZE);

    expect_true(env, "RSZ-6",
                "the add-cow file's durable length suffices for the new size",
                c->len >= HEADER_LEN + bitmap_len_of(NEW_SIZE));
    for (cluster = 0; cluster < n; cluster++)
        if (must_hide(cluster))
            expect_u64(env, "RSZ-6",
                       "durable bit of a cluster that the backing file "
                       "reaches, when the image file grows",
                       (uint64_t)content_bit(c, cluster), 1);
}

/* ARG is the length of the image file. */
static void image_grows_last(struct env *env, const struct conf_case *self)
{
    struct media m;
    struct img *img;
    size_t i, end;

    put_image(env, self->arg);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    media_init(&m, env);
    resize_or_na(env, img, NEW_SIZE);
    end = n_events(env);
    for (i = m.image.next; i < end; i++) {
        media_until(&m, i + 1);
        if (m.image.visible.len == NEW_SIZE)
            break;
    }
    expect_true(env, "RSZ-6", "the image file's length was set", i < end);
    check_addcow_is_ready(env, &m.addcow.durable);
    must_close(img);
}

/* ---- RSZ-7: bits of clusters that were there before --------------------- */

static bool touches(const struct event *e, uint64_t cluster)
{
    return e->offset < (cluster + 1) * CLUSTER &&
           e->offset + e->len > cluster * CLUSTER;
}

/* The data of CLUSTER, written from event FIRST on, was flushed before its
 * bit was. */
static void check_bit_after_data(struct env *env, uint64_t cluster,
                                 size_t first)
{
    size_t i, data = NO_EVENT;
    size_t bit = event_of_bit(env, ADDCOW_NAME, cluster, first);

    expect_true(env, "RSZ-7", "the bit of the cluster was written",
                bit != NO_EVENT);
    for (i = first; i < bit; i++) {
        const struct event *e = event_at(env, i);

        if (e->kind == EV_WRITE && event_is(env, e, IMAGE_NAME) &&
            touches(e, cluster))
            data = i;
    }
    expect_true(env, "RSZ-7",
                "a flush of the image file lies between the cluster's data "
                "and its bit",
                flush_between(env, IMAGE_NAME, data, bit) != NO_EVENT);
}

static void tail_bit_after_data(struct env *env, const struct conf_case *self)
{
    struct img *img;
    size_t first;

    put_image(env, self->arg);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    first = n_events(env);
    resize_or_na(env, img, NEW_SIZE);
    must_flush(img);
    check_bit_after_data(env, 4, first);
    must_close(img);
}

static void pending_bits_after_data(struct env *env,
                                    const struct conf_case *self)
{
    struct img *img;
    size_t first;

    put_image(env, OLD_SIZE);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    first = n_events(env);
    must_write(img, 512, CLUSTER);
    must_write(img, CLUSTER, 2 * CLUSTER);
    resize_or_na(env, img, self->arg);
    must_flush(img);
    check_bit_after_data(env, 1, first);
    if (self->arg >= 3 * CLUSTER)
        check_bit_after_data(env, 2, first);
    must_close(img);
}

/* ---- RSZ-8: bits go after the image file's end -------------------------- */

/* Whether NOW has lost a bit or a byte of the bitmap that OLD had. */
static bool lost_bits(const struct content *now, const struct content *old)
{
    size_t i, end = (size_t)(HEADER_LEN + bitmap_len_of(OLD_SIZE));

    if (now->len < end)
        return true;
    for (i = HEADER_LEN; i < end; i++)
        if (old->data[i] & ~now->data[i])
            return true;
    return false;
}

/* The event at which the image file became shorter; NO_EVENT: not yet. */
static size_t cut_before(struct env *env, size_t first, size_t end)
{
    size_t i, cut = NO_EVENT;

    for (i = first; i < end; i++) {
        const struct event *e = event_at(env, i);

        if (e->kind == EV_SET_SIZE && e->result == ADDCOW_OK &&
            e->size < e->old_size && event_is(env, e, IMAGE_NAME))
            cut = i;
    }
    return cut;
}

static void bits_go_last(struct env *env, const struct conf_case *self)
{
    struct media m;
    struct content old;
    struct img *img;
    size_t i, first, cut, end;

    put_image(env, OLD_SIZE);
    set_bit_of(env, ADDCOW_NAME, 4, 1);
    old = content_get(env, ADDCOW_NAME);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    media_init(&m, env);
    first = n_events(env);
    resize_or_na(env, img, self->arg);
    must_close(img);
    end = n_events(env);
    cut = cut_before(env, first, end);
    expect_true(env, "RSZ-8", "the image file was cut", cut != NO_EVENT);
    for (i = first; i < end; i++) {
        media_until(&m, i + 1);
        if (lost_bits(&m.addcow.visible, &old)) {
            expect_true(env, "RSZ-8",
                        "the image file's new length was flushed before a "
                        "bit went",
                        cut < i && flush_between(env, IMAGE_NAME, cut, i) !=
                                       NO_EVENT);
            break;
        }
    }
}

/* ---- RSZ-11: durability ------------------------------------------------- */

/* What is durable now, in CUT_DIR, is the disk of IMG. */
static void check_durable(struct env *env, struct media *m, struct img *img)
{
    struct img *cut;

    media_until(m, n_events(env));
    media_put(m, KEEP_NOTHING);
    cut = must_open(env, CUT_IMAGE, 0);
    img_track(cut, oracle_of(img));
    expect_u64(env, "RSZ-11", "durable virtual size", img_size(cut),
               img_size(img));
    expect_guest_all(cut, "RSZ-11");
    must_close(cut);
}

static void durable_after_flush(struct env *env, const struct conf_case *self)
{
    struct media m;
    struct img *img;

    put_image(env, OLD_SIZE);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    media_init(&m, env);
    must_write(img, 512, CLUSTER);
    resize_or_na(env, img, self->arg);
    must_flush(img);
    check_durable(env, &m, img);
    must_close(img);
}

static void durable_on_return(struct env *env, const struct conf_case *self)
{
    struct media m;
    struct img *img;

    put_image(env, OLD_SIZE);
    img = open_image(env, ADDCOW_OPEN_WRITE | ADDCOW_OPEN_WRITETHROUGH);
    media_init(&m, env);
    must_write(img, 512, CLUSTER);
    resize_or_na(env, img, self->arg);
    check_durable(env, &m, img);
    must_close(img);
}

static void durable_after_close(struct env *env, const struct conf_case *self)
{
    struct media m;
    struct oracle *o = put_image(env, OLD_SIZE);
    struct img *img;

    img = open_image(env, ADDCOW_OPEN_WRITE);
    media_init(&m, env);
    resize_or_na(env, img, self->arg);
    must_close(img);
    img = open_image(env, 0);
    img_track(img, o);
    check_durable(env, &m, img);
    must_close(img);
}

/* ---- RSZ-13, RSZ-15: the host fails ------------------------------------- */

/* Which size a resize FROM one TO another that failed has left, seen from
 * IMG. */
static void check_size(struct env *env, struct img *img, uint64_t from,
                       uint64_t to)
{
    uint64_t size = img_size(img);

    expect_u64(env, "RSZ-13", "virtual size, by the image file's length", size,
               file_size(env, IMAGE_NAME) / SECTOR * SECTOR);
    expect_true(env, "RSZ-13", "the virtual size is the old or the new one",
                size == from || size == to);
}

static void judge_failed(struct env *env, struct img *img, struct oracle *o,
                         uint64_t to)
{
    uint64_t from = oracle_size(o);

    check_size(env, img, from, to);
    if (img_size(img) != oracle_size(o))
        oracle_resize(o, img_size(img));
    expect_guest_all(img, "RSZ-10");
    img_close(img);
    img = open_image(env, 0);
    img_track(img, o);
    check_size(env, img, from, to);
    expect_guest_all(img, "RSZ-10");
    must_close(img);
}

/* One resize under FAULT.  Returns 0 if it did not fire. */
static bool fails_once(struct env *env, const struct conf_case *self,
                       const struct fault *fault, uint64_t image_len)
{
    struct oracle *o;
    struct img *img;
    int result;

    new_world(env);
    o = put_image(env, image_len);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    put_fault(env, fault);
    result = img_set_size(img, self->arg);
    clear_faults(env);
    if (n_faults_hit(env) == 0) {
        must_close(img);
        return false;
    }
    if (result == ADDCOW_OK)
        expect_u64(env, "RSZ-13", "virtual size after a resize", img_size(img),
                   self->arg);
    judge_failed(env, img, o, self->arg);
    return true;
}

static void any_call_fails(struct env *env, const struct conf_case *self,
                           struct fault fault, uint64_t image_len)
{
    struct img *img;

    put_image(env, image_len);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    resize_or_na(env, img, self->arg);
    must_close(img);
    for (fault.nth = 1; fault.nth < MAX_CALLS; fault.nth++)
        if (!fails_once(env, self, &fault, image_len))
            break;
    expect_true(env, "RSZ-13", "a resize makes from 1 to 499 host calls",
                fault.nth > 1 && fault.nth < MAX_CALLS);
}

static void call_fails(struct env *env, const struct conf_case *self)
{
    any_call_fails(env, self,
                   (struct fault){.kind = EV_ANY, .result = ADDCOW_IO},
                   OLD_SIZE);
}

static void call_fails_odd(struct env *env, const struct conf_case *self)
{
    any_call_fails(env, self,
                   (struct fault){.kind = EV_ANY, .result = ADDCOW_IO},
                   OLD_SIZE + 188);
}

static void call_fails_at_a_byte(struct env *env, const struct conf_case *self)
{
    any_call_fails(env, self,
                   (struct fault){.kind = EV_ANY, .result = ADDCOW_IO},
                   8 * CLUSTER);
}

static void calls_fail_for_good(struct env *env, const struct conf_case *self)
{
    any_call_fails(
        env, self,
        (struct fault){.kind = EV_ANY, .result = ADDCOW_IO, .for_good = 1},
        OLD_SIZE);
}

/* No length of the file TEXT can be changed, nor a byte unless LENGTH_ONLY. */
static void refuse_change(struct env *env, const struct conf_case *self,
                          int length_only)
{
    struct fault fault = {.kind = EV_SET_SIZE,
                          .name = self->text,
                          .result = ADDCOW_NO_SPACE,
                          .for_good = 1};
    struct img *img;
    int result;

    put_image(env, OLD_SIZE);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    put_fault(env, &fault);
    fault.kind = EV_WRITE;
    if (!length_only)
        put_fault(env, &fault);
    result = img_set_size(img, self->arg);
    clear_faults(env);
    if (result == ADDCOW_OK && length_only) {
        expect_lengths(env, "RSZ-15", self->arg); /* by writes, then */
    } else {
        expect_refused(env, "RSZ-15", result, ADDCOW_NO_SPACE, ADDCOW_IO,
                       ADDCOW_OTHER, ADDCOW_INVALID, ADDCOW_UNIMPLEMENTED, 0);
    }
    img_close(img);
}

static void length_does_not_change(struct env *env,
                                   const struct conf_case *self)
{
    refuse_change(env, self, 1);
}

static void file_does_not_change(struct env *env, const struct conf_case *self)
{
    refuse_change(env, self, 0);
}

#define WRITETHROUGH_NEEDS (NEEDS | ADDCOW_CAP_WRITETHROUGH)

const struct conf_case cases_rsz_order[] = {
    {"rsz/image-file-grows-last",
     "The image file grows after the bitmap's length and bits are flushed",
     "RSZ-6", NEEDS, .run = image_grows_last, .arg = OLD_SIZE},
    {"rsz/odd-image-file-grows-last",
     "An image file with an odd tail grows after the bitmap is flushed",
     "RSZ-6", NEEDS, .run = image_grows_last, .arg = OLD_SIZE + 188},
    {"rsz/bit-of-the-tail-cluster-after-its-data",
     "The tail cluster's bit becomes 1 after its data was flushed", "RSZ-7",
     NEEDS, .run = tail_bit_after_data, .arg = OLD_SIZE},
    {"rsz/pending-bits-after-their-data",
     "Growth writes bits that are pending after their data was flushed",
     "RSZ-7", NEEDS, .run = pending_bits_after_data, .arg = NEW_SIZE},
    {"rsz/bits-go-after-the-cut-is-flushed",
     "Shrinking clears bits after the image file's new length is flushed",
     "RSZ-8", NEEDS, .run = bits_go_last, .arg = LOW_SIZE},
    {"rsz/bits-go-last-at-nothing",
     "Shrinking to 0 cuts the bitmap after the image file is flushed", "RSZ-8",
     NEEDS, .run = bits_go_last},
    {"rsz/growth-durable-after-flush",
     "Growth is durable after the next flush", "RSZ-11", NEEDS,
     .run = durable_after_flush, .arg = NEW_SIZE},
    {"rsz/shrinking-durable-after-flush",
     "Shrinking is durable after the next flush", "RSZ-11", NEEDS,
     .run = durable_after_flush, .arg = LOW_SIZE},
    {"rsz/growth-durable-after-close", "Growth is durable after close",
     "RSZ-11", NEEDS, .run = durable_after_close, .arg = NEW_SIZE},
    {"rsz/shrinking-durable-after-close", "Shrinking is durable after close",
     "RSZ-11", NEEDS, .run = durable_after_close, .arg = LOW_SIZE},
    {"rsz/growth-durable-on-return",
     "Growth is durable on return under writethrough", "RSZ-11",
     WRITETHROUGH_NEEDS, .run = durable_on_return, .arg = NEW_SIZE},
    {"rsz/shrinking-durable-on-return",
     "Shrinking is durable on return under writethrough", "RSZ-11",
     WRITETHROUGH_NEEDS, .run = durable_on_return, .arg = LOW_SIZE},
    {"rsz/growth-fails-at-any-call",
     "Whichever host call fails, growth leaves the old or the new size",
     "RSZ-13 RSZ-10", NEEDS | CASE_REFUSES, .run = call_fails,
     .arg = NEW_SIZE},
    {"rsz/growth-inside-a-cluster-fails-at-any-call",
     "Whichever host call fails, growth by a sector leaves either size",
     "RSZ-13 RSZ-10", NEEDS | CASE_REFUSES, .run = call_fails,
     .arg = OLD_SIZE + 512},
    {"rsz/growth-of-an-odd-image-fails-at-any-call",
     "Whichever host call fails, growth of an odd image leaves either size",
     "RSZ-13 RSZ-10", NEEDS | CASE_REFUSES, .run = call_fails_odd,
     .arg = NEW_SIZE},
    {"rsz/growth-at-a-bitmap-byte-fails-at-any-call",
     "Whichever host call fails, growth by whole bytes of bitmap leaves "
     "either size",
     "RSZ-13 RSZ-10", NEEDS | CASE_REFUSES, .run = call_fails_at_a_byte,
     .arg = NEW_SIZE},
    {"rsz/shrinking-fails-at-any-call",
     "Whichever host call fails, shrinking leaves the old or the new size",
     "RSZ-13 RSZ-10", NEEDS | CASE_REFUSES, .run = call_fails,
     .arg = LOW_SIZE},
    {"rsz/growth-fails-for-good",
     "Where the host fails for good, growth leaves the old or the new size",
     "RSZ-13 RSZ-10", NEEDS | CASE_REFUSES, .run = calls_fail_for_good,
     .arg = NEW_SIZE},
    {"rsz/shrinking-fails-for-good",
     "Where the host fails for good, shrinking leaves either size",
     "RSZ-13 RSZ-10", NEEDS | CASE_REFUSES, .run = calls_fail_for_good,
     .arg = LOW_SIZE},
    {"rsz/image-file-does-not-grow",
     "Growth that the image file refuses is an error", "RSZ-15",
     NEEDS | CASE_REFUSES, .run = length_does_not_change, .arg = NEW_SIZE,
     .text = IMAGE_NAME},
    {"rsz/image-file-does-not-shrink",
     "Shrinking that the image file refuses is an error", "RSZ-15",
     NEEDS | CASE_REFUSES, .run = length_does_not_change, .arg = LOW_SIZE,
     .text = IMAGE_NAME},
    {"rsz/add-cow-file-does-not-grow",
     "Growth that the add-cow file refuses is an error", "RSZ-15",
     NEEDS | CASE_REFUSES, .run = file_does_not_change, .arg = NEW_SIZE,
     .text = ADDCOW_NAME},
    {0}};
