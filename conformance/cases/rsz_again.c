/* SPDX-License-Identifier: MIT
 *
 * rsz_again.c - chapter 12, Resize: a resize after another one, or after a
 * flush that failed, and growth while the backing file is missing.
 *
 * Deliberately missing: media other than the one on which nothing survived
 * that had not been flushed.
 */
#include "all.h"
#include "steps/guest.h"
#include "steps/media.h"
#include "steps/resize.h"

#define NEEDS (RESIZER | ADDCOW_CAP_HOST)

#define OLD_SIZE (8 * CLUSTER) /* a byte of the bitmap */
#define SMALLER (4 * CLUSTER)
#define LARGER (16 * CLUSTER)  /* two bytes */
#define LARGEST (24 * CLUSTER) /* three */

static const struct image_recipe long_backing = {.image_size = OLD_SIZE,
                                                 .backing_size = LARGEST};

/* ---- RSZ-7: new bits while a shrink is pending -------------------------- */

/* The bits of the clusters that a shrink to SMALLER cuts off, as a number. */
static unsigned bits_beyond(const struct content *addcow)
{
    unsigned bits = 0;

    for (uint64_t c = SMALLER / CLUSTER; c < OLD_SIZE / CLUSTER; c++)
        bits = bits << 1 | content_bit(addcow, c);
    return bits;
}

static void bits_wait_for_a_shrink(struct env *env,
                                   const struct conf_case *self)
{
    struct media m;
    struct img *img;

    (void)self;
    make_image(env, &long_backing);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_flush(img);
    media_init(&m, env);
    resize_or_na(env, img, SMALLER);
    resize_or_na(env, img, OLD_SIZE);
    for (size_t i = m.image.next; i < n_events(env); i++) {
        unsigned before = bits_beyond(&m.addcow.visible);

        media_until(&m, i + 1);
        expect_true(env, "RSZ-7",
                    "no bit of a new cluster becomes 1 while a power cut "
                    "could still bring back the larger disk",
                    !(bits_beyond(&m.addcow.visible) & ~before) ||
                        m.image.durable.len <= SMALLER);
    }
    must_close(img);
}

/* ---- FLS-8: a length that was not flushed ------------------------------- */

static void length_is_set_again(struct env *env, const struct conf_case *self)
{
    uint64_t size = OLD_SIZE - SECTOR;
    struct media m;
    struct img *img;
    int result;

    (void)self;
    make_image(env, &long_backing);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    must_flush(img);
    media_init(&m, env);
    resize_or_na(env, img, size);
    put_fault(env, &(struct fault){.kind = EV_FLUSH,
                                   .name = IMAGE_NAME,
                                   .result = ADDCOW_IO});
    result = img_flush(img);
    if (result != ADDCOW_OK) /* else the resize has flushed it by itself */
        result = img_flush(img);
    expect_ok_or_refused(env, "FLS-8", result, ADDCOW_IO, ADDCOW_NO_SPACE,
                         ADDCOW_OTHER, 0);
    media_until(&m, n_events(env));
    if (result == ADDCOW_OK)
        expect_u64(env, "FLS-8", "durable length of the image file",
                   m.image.durable.len, size);
    (void)img_close(img);
}

/* ---- RSZ-16: growth after a growth that failed -------------------------- */

/* Grows an image to LARGEST, but the flush of the add-cow file fails.  M
 * begins before.  NA if growth is not offered, or succeeds all the same. */
static void grow_in_vain(struct env *env, struct media *m)
{
    struct img *img;
    int result;

    make_image(env, &long_backing);
    media_init(m, env);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    put_fault(env, &(struct fault){.kind = EV_FLUSH,
                                   .name = ADDCOW_NAME,
                                   .result = ADDCOW_IO});
    result = img_set_size(img, LARGEST);
    if (n_faults_hit(env) == 0 || result == ADDCOW_OK)
        skip_na(env, NA_CHOICE);
    expect_refused(env, "RSZ-16", result, ADDCOW_IO, ADDCOW_NO_SPACE,
                   ADDCOW_OTHER, 0);
    (void)img_close(img);
    clear_faults(env);
}

/* ARG: the size of the growth that succeeds. */
static void grown_again(struct env *env, const struct conf_case *self)
{
    struct media m;
    struct img *img;

    grow_in_vain(env, &m);
    img = open_image(env, ADDCOW_OPEN_WRITE);
    resize_or_na(env, img, self->arg);
    must_close(img);
    media_until(&m, n_events(env));
    expect_true(env, "RSZ-16",
                "the durable add-cow file has 2560 + L bytes or more",
                m.addcow.durable.len >= HEADER_LEN + bitmap_len_of(self->arg));
    for (uint64_t c = OLD_SIZE / CLUSTER; c < self->arg / CLUSTER; c++)
        expect_true(env, "RSZ-16",
                    "the bits of new clusters that the backing file reaches "
                    "are durable",
                    content_bit(&m.addcow.durable, c));
}

/* ---- RSZ-5: growth while the backing file is missing -------------------- */

#define KEPT "kept"

static const uint64_t the_middle[] = {1, END_OF_LIST};
static const struct image_recipe complete = {
    .image_size = 3 * CLUSTER, .backing_size = 9 * CLUSTER, .set_all = 1};
static const struct image_recipe incomplete = {
    .image_size = 3 * CLUSTER, .backing_size = 9 * CLUSTER, .set = the_middle};

/* DATA: the image.  Where it does not open without its backing file, there is
 * nothing to grow (IMPL-1, IMPL-4). */
static void backing_is_missing(struct env *env, const struct conf_case *self)
{
    struct img *img;
    int result;

    make_image(env, self->data);
    copy_file(env, KEPT, BACKING_NAME);
    remove_file(env, BACKING_NAME);
    if (img_open(env, &img, ADDCOW_NAME, ADDCOW_OPEN_WRITE) != ADDCOW_OK)
        skip_na(env, NA_CHOICE);
    result = img_set_size(img, 6 * CLUSTER);
    expect_ok_or_refused(env, "RSZ-5", result, ADDCOW_NOT_FOUND, ADDCOW_OTHER,
                         ADDCOW_INVALID, ADDCOW_UNIMPLEMENTED, 0);
    must_close(img);
    copy_file(env, BACKING_NAME, KEPT);
    img = open_again(env, img, 0);
    expect_guest_all(img, "RSZ-5");
    must_close(img);
}

const struct conf_case cases_rsz_again[] = {
    {"rsz/new-bits-wait-for-a-shrink",
     "Bits of new clusters wait until the shrink before is durable", "RSZ-7",
     NEEDS, .run = bits_wait_for_a_shrink},
    {"fls/pending-length-after-failure",
     "A length whose flush failed is set again before a flush succeeds",
     "FLS-8", NEEDS | CASE_BOTH, .run = length_is_set_again},
    {"rsz/growth-after-one-whose-flush-failed",
     "A growth relies on nothing of a growth that failed", "RSZ-16",
     NEEDS | CASE_BOTH, .run = grown_again, .arg = LARGEST},
    {"rsz/smaller-growth-after-one-whose-flush-failed",
     "Nor does a growth to less than the one that failed", "RSZ-16",
     NEEDS | CASE_BOTH, .run = grown_again, .arg = LARGER},
    {"rsz/complete-image-grows-without-its-backing-file",
     "A missing backing file does not show in the growth when it is back",
     "RSZ-5", RESIZER | CASE_BOTH, .run = backing_is_missing,
     .data = &complete},
    {"rsz/image-grows-without-its-backing-file",
     "Neither does one that would be opened at first use", "RSZ-5",
     RESIZER | CASE_BOTH, .run = backing_is_missing, .data = &incomplete},
    {0}};
