/* SPDX-License-Identifier: MIT
 *
 * sec.c - chapter 17, Security: a length that a hostile image claims costs
 * nothing before it is checked.
 *
 * Deliberately missing: the clauses that other chapters hold (probing, names,
 * identity, special files, numbers that wrap); chains of images, which need a
 * caller that states a format.
 */
#include "all.h"
#include "env/env.h"
#include "steps/footprint.h"
#include "steps/refuse.h"

static const int refusals[] = {ADDCOW_CORRUPT,  ADDCOW_RANGE, ADDCOW_NO_MEMORY,
                               ADDCOW_NO_SPACE, ADDCOW_OTHER, 0};

/* A good image, then one with a short bitmap: what an implementation sets up
 * once is set up. */
static void warm_up(struct env *env)
{
    struct img *img;

    make_image(env, &(struct image_recipe){.image_size = 3 * CLUSTER,
                                           .backing_size = CLUSTER});
    img = open_image(env, 0);
    expect_guest_all(img, "SEC-1");
    must_close(img);
    resize_file(env, ADDCOW_NAME, HEADER_LEN);
    refuse_open(env, "SEC-1", ADDCOW_NAME, refusals);
}

/* The image file has ARG bytes and the bitmap, of 16 MiB or more, lacks its
 * last byte, or, with a TEXT, all. */
static void put_short(struct env *env, const struct conf_case *self)
{
    uint64_t len = HEADER_LEN + bitmap_len_of(self->arg) - 1;

    make_image(env, &(struct image_recipe){.backing_size = CLUSTER});
    resize_file(env, ADDCOW_NAME, self->text ? HEADER_LEN : len);
    resize_file(env, IMAGE_NAME, self->arg);
}

/* Half of 16 MiB is more than any fixed amount that opening may need. */
#define A_LOT (8 * MIB)

static void short_bitmap_is_not_read(struct env *env,
                                     const struct conf_case *self)
{
    size_t first;
    uint64_t n;

    need_simulated(env);
    put_short(env, self);
    first = n_events(env);
    refuse_open(env, "SEC-1", ADDCOW_NAME, refusals);
    n = host_bytes(env, EV_READ, ADDCOW_NAME, first);
    expect_that(env, "SEC-1", "opening asks the host for less than 8 MiB",
                n < A_LOT, "%llu bytes asked for", (unsigned long long)n);
}

static void no_memory_for_short_bitmap(struct env *env,
                                       const struct conf_case *self)
{
    uint64_t before;

    if (!footprint_peak())
        skip_na(env, "storage");
    warm_up(env);
    put_short(env, self);
    before = footprint_peak();
    expect_open_refused(env, "SEC-1", ADDCOW_NAME, 0, refusals[0], refusals[1],
                        refusals[2], refusals[3], refusals[4], 0);
    expect_that(env, "SEC-1", "opening needs less than 8 MiB of memory",
                footprint_peak() < before + A_LOT, "it needs more");
}

const struct conf_case cases_sec[] = {
    {"sec/bitmap-of-16-mib-that-lacks-a-byte-is-not-read",
     "A bitmap of 16 MiB that lacks a byte is refused without reading it",
     "SEC-1", ADDCOW_CAP_HOST | CASE_REFUSES, .run = short_bitmap_is_not_read,
     .arg = 8 * TIB},
    {"sec/bitmap-of-16-mib-that-is-absent-is-not-read",
     "A bitmap of 16 MiB that is absent is refused without reading it",
     "SEC-1", ADDCOW_CAP_HOST | CASE_REFUSES, .run = short_bitmap_is_not_read,
     .arg = 8 * TIB, .text = "absent"},
    {"sec/bitmap-of-8-tib-that-is-absent-is-not-read",
     "A bitmap of 8 TiB that is absent is refused without reading it", "SEC-1",
     ADDCOW_CAP_HOST | CASE_REFUSES, .run = short_bitmap_is_not_read,
     .arg = UINT64_C(1) << 62, .text = "absent"},
    {"sec/no-memory-for-16-mib-that-lack-a-byte",
     "A bitmap of 16 MiB that lacks a byte is refused without memory for it",
     "SEC-1", CASE_REFUSES, .run = no_memory_for_short_bitmap, .arg = 8 * TIB},
    {"sec/no-memory-for-16-mib-that-are-absent",
     "A bitmap of 16 MiB that is absent is refused without memory for it",
     "SEC-1", CASE_REFUSES, .run = no_memory_for_short_bitmap, .arg = 8 * TIB,
     .text = "absent"},
    {"sec/no-memory-for-1-gib-that-is-absent",
     "A bitmap of 1 GiB that is absent is refused without memory for it",
     "SEC-1", CASE_REFUSES, .run = no_memory_for_short_bitmap,
     .arg = 512 * TIB, .text = "absent"},
    {0}};
